"""What stands beside a page: asked for by name, made with the report, kept and removed with it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import get_args

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from quick_study import lay_light

import cxkit as cx
from cxkit import cli
from cxkit.__main__ import main
from cxkit.errors import ReportError, StudyError
from cxkit.files import remove_together, write_together
from cxkit.report import beside
from cxkit.report.batch import batch
from cxkit.report.batch_status import read_record
from cxkit.study.parts import DEPTHS, Form

REGIONS = {"bali": 60, "java": 60, "papua": 60}
LINE = "reports: [{{notebook: quick, by: region, beside: {forms}}}]\n"


@pytest.fixture(scope="module")
def executed(demo_report: Path) -> Path:
    (notebook,) = demo_report.glob("*.ipynb")
    return notebook


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three regions, whose reports have a workbook, data and figures beside them."""
    home = tmp_path_factory.mktemp("beside") / "kedai"
    lay_light(home, more=LINE.format(forms="[data, tables]"), regions=REGIONS, waves=("2026H1",))
    assert batch(home, workers=2, quiet=True).is_done
    return home


def names(folder: Path, *, but: tuple[str, ...] = (".jsonl",)) -> set[str]:
    """The files of a folder, by the end of their names after the first dot or hyphen."""
    found = (file for file in folder.rglob("*") if file.is_file() and file.suffix not in but)
    return {file.relative_to(folder).as_posix() for file in found}


def test_what_is_beside_comes_once_and_in_the_kits_order() -> None:
    assert beside.chosen(["pdf", "tables", "pdf"]) == ("tables", "pdf")
    assert beside.chosen("data") == ("data",)
    assert beside.chosen(None) == ()


def test_the_study_file_and_the_flags_name_the_same_forms_and_depths() -> None:
    """Each place spells them for itself: the flags cost no import of what a study is made of."""
    forms = tuple(beside.FORMS)
    assert get_args(Form) == forms
    for command in (cli.run, cli.batch, cli.render):
        flags = [one for one in command.params if one.name == "beside"]
        assert {one.flag_value: one.opts for one in flags} == {one: [f"--{one}"] for one in forms}
    for command in (cli.run, cli.batch):
        (depth,) = (one for one in command.params if one.name == "depth")
        assert tuple(depth.type.choices) == DEPTHS


def test_what_cannot_stand_beside_is_named_with_what_can() -> None:
    with pytest.raises(StudyError) as slip:
        beside.chosen(["table"])
    assert "table" in slip.value.message
    assert "tables" in str(slip.value.hint)


def test_rendering_again_writes_what_is_asked_for_and_tells_where(
    executed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pages first, then what stands beside them; data have no language and come once."""
    code = main(["render", str(executed), "--tables", "--data", "-l", "en", "-o", str(tmp_path)])
    told = [Path(line).name.removeprefix(executed.stem) for line in capsys.readouterr().out.split()]
    assert code == 0
    assert told[:2] == [".en.html", ".en.xlsx"]
    assert set(told[2:]) == {
        f".{shelf}.{kind}"
        for shelf in ("estimates", "comparisons", "fits")
        for kind in ("csv", "parquet")
    }
    assert {name.removeprefix(executed.stem) for name in names(tmp_path)} == set(told)


def test_a_page_is_the_same_whatever_stands_beside_it(executed: Path, tmp_path: Path) -> None:
    alone = cx.render(executed, output=tmp_path / "alone")
    with_figures = cx.render(executed, output=tmp_path / "both", beside="figures")
    for language, page in alone.pages.items():
        assert with_figures.pages[language].read_bytes() == page.read_bytes()
    kinds = {path.suffix for path in with_figures.beside}
    languages = {path.parent.name for path in with_figures.beside}
    assert (kinds, languages) == ({".svg", ".png"}, {"id", "en"})


def test_what_a_machine_lacks_is_said_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = ModuleType("lacking")
    module.needs = lambda: (_ for _ in ()).throw(ReportError("no browser"))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lacking", module)
    monkeypatch.setitem(beside.FORMS, "pdf", "lacking")
    with pytest.raises(ReportError, match="no browser"):
        cx.run("demo", output=tmp_path / "new", beside="pdf")
    assert not (tmp_path / "new").exists()


def test_each_report_of_a_batch_has_beside_it_what_its_line_says(study: Path) -> None:
    """The record names every file with its digest, so that a batch knows them to be whole."""
    found = names(study / "reports")
    for region in REGIONS:
        stem = f"kedai-quick-region-{region}"
        assert {f"{stem}.id.xlsx", f"{stem}.en.xlsx", f"{stem}.estimates.csv"} <= found
    plan = batch(study, quiet=True)
    assert set(plan.status.values()) == {"unchanged"}
    for one in plan.plan:
        record = read_record(one.job)
        assert record is not None
        assert {f"{one.stem}.id.xlsx", f"{one.stem}.estimates.parquet"} <= set(record["files"])


def test_a_workbook_that_was_lost_is_made_again(study: Path, tmp_path: Path) -> None:
    home = shutil.copytree(study, tmp_path / "kedai")
    lost = home / "reports" / "kedai-quick-region-java.en.xlsx"
    before = lost.read_bytes()
    lost.unlink()
    done = batch(home, quiet=True, workers=1)
    assert done.stems("made") == ["kedai-quick-region-java"]
    assert lost.read_bytes() == before


def test_asking_for_more_makes_the_reports_again(study: Path, tmp_path: Path) -> None:
    home = shutil.copytree(study, tmp_path / "kedai")
    done = batch(home, quiet=True, workers=2, beside="figures")
    assert set(done.status.values()) == {"made"}


def test_what_stood_beside_a_report_goes_with_it(study: Path, tmp_path: Path) -> None:
    """A group that became private takes its workbook and its data along, not only its page."""
    home = shutil.copytree(study, tmp_path / "kedai")
    file = home / "answers.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if ",bali," not in row] + [row for row in rows if ",bali," in row][
        :4
    ]
    file.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    done = batch(home, quiet=True, workers=1)
    assert "kedai-quick-region-bali" in done.withdrawn
    assert not [name for name in names(home / "reports") if "region-bali" in name]


def test_what_is_no_longer_asked_for_does_not_stay_beside_a_newer_page(
    study: Path, tmp_path: Path
) -> None:
    """Of another call it would tell another story, and nothing would take it along later."""
    home = shutil.copytree(study, tmp_path / "kedai")
    file = home / "study.yaml"
    said = file.read_text(encoding="utf-8")
    file.write_text(said.replace("[data, tables]", "[data]"), encoding="utf-8")
    batch(home, quiet=True, workers=2)
    found = names(home / "reports")
    assert not [name for name in found if name.endswith(".xlsx")]
    assert [name for name in found if name.endswith(".estimates.csv")]


def test_files_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    """The last cannot be: the first is as it was, and no folder is left for what is not there."""
    (tmp_path / "a.txt").write_text("before", encoding="utf-8")
    (tmp_path / "way").write_text("", encoding="utf-8")
    contents = {"a.txt": "after", "b-figures/en/f.svg": b"1", "way/c.txt": "2"}
    with pytest.raises(OSError):
        write_together(tmp_path, contents)
    assert names(tmp_path) == {"a.txt", "way"}
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "before"
    assert not (tmp_path / "b-figures").exists()
    del contents["way/c.txt"]
    write_together(tmp_path, contents)
    assert names(tmp_path) == {"a.txt", "way", "b-figures/en/f.svg"}
    remove_together(tmp_path, ["b-figures/en/f.svg", "gone/too.txt"])
    assert not (tmp_path / "b-figures").exists()


def test_a_place_that_is_taken_is_told_before_anything_is_written(
    executed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"{executed.stem}-figures").write_text("a file", encoding="utf-8")
    assert main(["render", str(executed), "--figures", "-l", "en", "-o", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "could not be written" in said.err
    assert names(tmp_path) == {f"{executed.stem}-figures"}


def test_the_name_of_a_finding_stays_in_the_folder_of_figures(tmp_path: Path) -> None:
    """A notebook may come from anywhere; its keys name files."""
    survey = cx.load("demo", wave="2026H1")
    found = cx.estimate(survey, "score_100", of="levels")
    own = cx.finding("../../../x y", found, figure="forest", say={"id": "{est}", "en": "{est}"})
    output = new_output("display_data", data=own._repr_mimebundle_())
    bad = tmp_path / "in" / "bad.ipynb"
    bad.parent.mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell("1", outputs=[output])]), bad)
    out = tmp_path / "deep" / "out"
    made = cx.render(bad, output=out, beside="figures", language="en")
    inside = (out / "bad-figures" / "en").resolve()
    assert [path.suffix for path in made.beside] == [".svg", ".png"]
    assert {path.resolve().parent for path in made.beside} == {inside}


@pytest.mark.parametrize(
    ("line", "place", "what"),
    [
        ("{notebook: quick, parameters: {wave: 2099H1}}", "reports[0]", "the answers hold no"),
        ("{notebook: quick, parameters: {wav: 2026H1}}", "reports[0]", "no parameter 'wav'"),
        ("{notebook: quick}, {notebook: quick}", "reports", "those of another report"),
    ],
)
def test_a_check_tells_what_a_batch_would_refuse(
    line: str, place: str, what: str, study: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(study, tmp_path / "kedai")
    file = home / "study.yaml"
    said = file.read_text(encoding="utf-8")
    assert not cx.check(home).errors
    file.write_text(said.replace(LINE.format(forms="[data, tables]"), f"reports: [{line}]\n"))
    (slip,) = cx.check(home).errors
    assert (slip.code, slip.column, slip.file) == ("bad_report", place, "kedai/study.yaml")
    assert slip.line
    assert what in slip.message


def test_a_check_tells_what_this_machine_cannot_put_beside(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("lacking")
    module.needs = lambda: (_ for _ in ()).throw(ReportError("no browser"))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lacking", module)
    monkeypatch.setitem(beside.FORMS, "tables", "lacking")
    (told,) = [one for one in cx.check(study) if one.code == "not_on_this_machine"]
    assert (told.severity, told.column) == ("warning", "reports[0].beside[1]")
    assert told.message == "no browser"


def test_a_finding_of_another_version_is_refused_in_words(executed: Path, tmp_path: Path) -> None:
    text = executed.read_text(encoding="utf-8")
    notebook = tmp_path / "other.ipynb"
    notebook.write_text(text.replace('"key": "F06"', '"key": "F99"'), encoding="utf-8")
    with pytest.raises(ReportError, match="no words for the finding 'F99"):
        cx.render(notebook, output=tmp_path / "pages")
    assert not (tmp_path / "pages").exists()
