"""What stands beside a page: asked for by name, made with the report, kept and removed with it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from quick_study import lay_light

import cxkit as cx
from cxkit.__main__ import main
from cxkit.errors import ReportError, StudyError
from cxkit.report import beside
from cxkit.report.batch import batch
from cxkit.report.batch_status import read_record

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
