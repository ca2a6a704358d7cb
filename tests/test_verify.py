"""Verifying a page: identical, or every number that changed with old and new, and the cause."""

from __future__ import annotations

import csv
import html
import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from quick_study import WAVES, lay_quick, write_quick_notebook

import cxkit as cx
from cxkit.__main__ import main
from cxkit.errors import ReportError, StudyError
from cxkit.report import provenance
from cxkit.report.changes import Change
from cxkit.report.read_page import read_page
from cxkit.report.run import Report, render
from cxkit.report.verify import Verification, verify

pytestmark = pytest.mark.slow

PARAMETERS = """\
study: str = "."
wave: str | None = None
min_base: int | None = None
"""
CELL = """\
import cxkit as cx
survey = cx.load(study, wave=wave, min_base=min_base)
cx.finding("nps", cx.estimate(survey, "nps"), say={"id": "{of}: {est}", "en": "{of}: {est}"})
"""
MORE = """\
waves: {2025H1: {from: 2025-03-03, to: 2025-03-21}, 2025H2: {from: 2025-09-01, to: 2025-09-19},
  2026H1: {from: 2026-03-02, to: 2026-03-20}, 2026H2: {from: 2026-09-01, to: 2026-09-18}}
"""
BY_REGION = 'cx.estimate(survey, "nps", by=["wave", "region"])'
PAGE = "kedai-quick.en.html"


def lay(folder: Path) -> Path:
    """The small study, whose notebook has one finding and a table of groups."""
    lay_quick(folder, more=MORE)
    write_quick_notebook(folder, cell=CELL, parameters=PARAMETERS)
    file = folder / "notebooks" / "quick.ipynb"
    nb = nbformat.read(file, as_version=4)
    nb.cells.append(new_code_cell(BY_REGION, id="by-region"))
    nbformat.write(nb, file)
    return folder


def run(study: Path, *options: str) -> Path:
    assert main(["run", str(study), "-n", "quick", "--quiet", *options]) == 0
    return study / "reports"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study with its report: made once for all tests."""
    study = lay(tmp_path_factory.mktemp("verify") / "kedai")
    run(study)
    return study


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(made, tmp_path / "kedai"))


@pytest.fixture
def unchanged(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rerun that gives what lies there, without a kernel."""

    def run_again(study: Path, notebook: str, *, language: str, output: Path, **_: Any) -> Report:
        names = [f"kedai-quick.{end}" for end in (f"{language}.html", "json", "ipynb")]
        page, data, executed = (
            Path(shutil.copyfile(made / "reports" / name, output / name)) for name in names
        )
        return Report({language: page}, data, executed)

    monkeypatch.setattr("cxkit.report.run.run", run_again)


def edited(page: Path, old: str, new: str) -> Path:
    """The page with one place of its text changed by hand."""
    text = page.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    return page


def restated(page: Path, change: Callable[[dict[str, Any]], object], *, fits: bool) -> Path:
    """The page with another manifest, and a key that fits it or the one it had."""
    text = page.read_text(encoding="utf-8")
    begin = text.index("<code>", text.index('id="methods-manifest"')) + len("<code>")
    end = text.index("</code>", begin)
    made = json.loads(html.unescape(text[begin:end]))
    change(made)
    if fits:
        stated = {name: part for name, part in made["manifest"].items() if name != "key"}
        made["manifest"]["key"] = provenance.key_of(stated, made["parameters"])
    page.write_text(text[:begin] + html.escape(provenance.dump(made)) + text[end:], "utf-8")
    return page


def causes(found: Verification) -> list[tuple[str, str]]:
    return [(one.cause, one.what) for one in found.causes]


def numbers(found: Verification) -> list[Change]:
    return [one for one in found.changes if one.kind == "number"]


# -- identical -------------------------------------------------------------------------------------


def test_a_page_that_was_renamed_and_mailed_is_verified_by_itself(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page alone, elsewhere, in the language that is not the study's first."""
    page = tmp_path / "from the mail.html"
    shutil.copyfile(made / "reports" / PAGE, page)
    before = sorted(path.name for path in (made / "reports").iterdir())
    assert main(["verify", str(page), "--study", str(made), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "identical: from the mail.html"
    assert "answers:2026H2" in said
    assert [path.name for path in tmp_path.iterdir()] == [page.name]
    assert sorted(path.name for path in (made / "reports").iterdir()) == before


@pytest.mark.usefixtures("unchanged")
def test_the_study_is_found_above_the_reports_of_the_page(study: Path) -> None:
    found = verify(study / "reports" / "kedai-quick.id.html")
    assert (found.identical, found.study, found.page.language) == (True, "kedai", "id")
    assert found.to_dict()["causes"] == found.to_dict()["changes"] == []


# -- one of each cause -----------------------------------------------------------------------------


def test_one_answer_is_a_cause_in_the_data_of_its_wave(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One 10 of papua's last wave becomes a 0."""
    rows = list(csv.reader((study / "answers.csv").open(encoding="utf-8")))
    papua = [row for row in rows if row[1:3] == [WAVES[-1], "papua"]]
    expected = [nps_of(papua)]
    next(row for row in papua if row[4] == "10")[4] = "0"
    expected.append(nps_of(papua))
    with (study / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    assert main(["verify", str(study / "reports" / PAGE), "--json", "-q"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["identical"]
    assert [one["cause"] for one in found["causes"]] == ["data"]
    assert "answers:2026H2" in found["causes"][0]["what"]
    assert found["altered"] is None
    cells = [one for one in found["changes"] if "papua, the second half of 2026" in one["place"]]
    assert len(cells) == 1
    printed = [re.match(r"−?\d+", cells[0][key]) for key in ("old", "new")]
    assert [int(one[0].replace("−", "-")) for one in printed if one] == expected
    assert not [one for one in found["changes"] if "java" in one["place"]]
    assert {one["kind"] for one in found["changes"]} <= {"number", "drawing"}


def nps_of(rows: list[list[str]]) -> int:
    """Promoters less detractors, of 100 respondents."""
    answers = [int(row[4]) for row in rows]
    balance = sum(one >= 9 for one in answers) - sum(one <= 6 for one in answers)
    return round(100 * balance / len(answers))


def test_another_setting_of_the_study_is_a_cause_in_the_parameters(study: Path) -> None:
    """Groups of 60 are hidden under a least base of 80."""
    with (study / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("min_base: 80\n")
    found = verify(study / "reports" / PAGE)
    assert causes(found) == [("parameters", "what the study file says (study)")]
    hidden = [one for one in numbers(found) if "java" in " ".join(one.place)]
    assert len(hidden) == len(WAVES)
    assert {str(one.new).partition("**")[0].strip() for one in hidden} == {"not shown"}


def test_parameters_that_a_page_was_not_made_with_are_told(study: Path) -> None:
    """Made with a least base of 80, and 30 written into the manifest afterwards."""
    page = run(study, "-p", "min_base=80", "-l", "en") / PAGE
    restated(page, lambda made: made["parameters"].update(min_base=30), fits=False)
    found = verify(page)
    assert {cause for cause, _ in causes(found)} == {"parameters"}
    assert found.altered == "parameters"
    assert found.causes[-1].new == '{"min_base": 30}'
    assert numbers(found)
    assert "does not fit its key" in str(found)
    assert repr(found) == str(found)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("fits", [True, False], ids=["made so", "altered"])
def test_another_version_is_a_cause_that_names_the_package(study: Path, fits: bool) -> None:
    """Nothing printed is another: only the manifest differs, and that is said."""
    page = study / "reports" / PAGE
    restated(page, lambda made: made["manifest"]["versions"].update(pandas="2.9.9"), fits=fits)
    found = verify(page)
    now = provenance.versions()["pandas"]
    assert [one.to_dict() for one in found.causes] == [
        {"cause": "versions", "what": "pandas", "old": "2.9.9", "new": now}
    ]
    assert found.altered == (None if fits else "versions")
    assert found.changes == ()
    assert "only the manifest differs" in str(found)


def test_another_notebook_is_a_cause_in_the_code(study: Path) -> None:
    """The notebook says a sentence more, and shows its table by channel."""
    file = study / "notebooks" / "quick.ipynb"
    nb = nbformat.read(file, as_version=4)
    nb.cells[-1].source = BY_REGION.replace("region", "channel")
    nbformat.write(nb, file)
    found = verify(study / "reports" / PAGE)
    assert causes(found) == [("code", "the notebook (code:notebook)")]
    heads = [(one.kind, one.old, one.new) for one in found.changes if one.place[-1] == "column"]
    assert ("words", "Region", "channel") in heads
    assert found.notebook is None


@pytest.mark.usefixtures("unchanged")
def test_another_template_is_a_cause_in_the_code(study: Path) -> None:
    page = study / "reports" / PAGE
    inputs = {"code:templates": "0" * 64}
    restated(page, lambda made: made["manifest"]["inputs"].update(inputs), fits=True)
    edited(page, "color:", "colour:")
    found = verify(page)
    assert causes(found) == [("code", "the templates (code:templates)")]
    assert [(one.kind, one.place) for one in found.changes] == [("markup", ("style sheet",))]


@pytest.mark.usefixtures("unchanged")
def test_all_causes_are_named(study: Path) -> None:
    def change(made: dict[str, Any]) -> None:
        made["manifest"]["versions"] |= {"numpy": "1.0", "ghost": "3"}
        made["manifest"]["inputs"] |= {"answers:2026H1": "1" * 64, "code:cxkit": "2" * 64}
        made["manifest"]["inputs"] |= {"everybody:2026H1": "3" * 64}
        del made["manifest"]["inputs"]["code:templates"]

    page = restated(study / "reports" / PAGE, change, fits=True)
    found = verify(page)
    assert {one.cause for one in found.causes} == {"data", "versions", "code"}
    told = {one.what: (one.old, one.new) for one in found.causes}
    assert "what the group was given of everybody in 2026H1 (everybody:2026H1)" in told
    assert told["ghost"] == ("3", "not stated")
    assert "the package computes the digests" in str(found)
    assert told["the templates (code:templates)"][0] == "not stated"


# -- pages that were edited ------------------------------------------------------------------------


ROW = "Net Promoter Score (NPS), {region}, the first half of 2025"


def row_of(text: str, region: str) -> str:
    """The first row of a region in the page's text."""
    at = text.index(f">{region}<")
    begin = text.rindex("<tr", 0, at)
    return text[begin : text.index("</tr>", begin) + len("</tr>")]


@pytest.mark.usefixtures("unchanged")
def test_a_number_that_was_edited_is_named_with_its_place(study: Path) -> None:
    page = study / "reports" / PAGE
    text = page.read_text("utf-8")
    bali = row_of(text, "bali")
    (shown,) = re.findall(r">(−\d+)<span", bali)
    page.write_text(text.replace(bali, bali.replace(f">{shown}<", ">99<")), "utf-8")
    found = verify(page)
    assert [cause for cause, _ in causes(found)] == ["page"]
    (change,) = found.changes
    assert change.kind == "number"
    assert change.place[0] == "1 Nps"
    assert change.place[-2:] == (ROW.format(region="bali"), "Value 95% range")
    assert str(change.old) == str(change.new).replace(shown, "99", 1)


@pytest.mark.usefixtures("unchanged")
def test_a_label_that_was_edited_changes_words_and_no_number(study: Path) -> None:
    found = verify(edited(study / "reports" / PAGE, ">bali<", ">Balinese<"))
    assert [(one.kind, one.old, one.new) for one in found.changes] == [
        ("words", "Balinese", "bali")
    ]


@pytest.mark.usefixtures("unchanged")
def test_rows_that_vanish_appear_or_move_make_no_change_of_their_neighbours(study: Path) -> None:
    page = study / "reports" / PAGE
    text = page.read_text("utf-8")
    bali, java = row_of(text, "bali"), row_of(text, "java")

    def changed(other: str) -> Change:
        page.write_text(other, "utf-8")
        (change,) = verify(page).changes
        return change

    gone = changed(text.replace(bali, "", 1))
    assert (gone.kind, gone.place[-1]) == ("appeared", ROW.format(region="bali"))
    more = changed(text.replace(bali, bali + bali.replace("bali", "bari"), 1))
    assert (more.kind, more.place[-1]) == ("vanished", ROW.format(region="bari"))
    moved = changed(text.replace(bali, "\0").replace(java, bali).replace("\0", java))
    assert moved.kind == "order"
    assert moved.old.index("java") < moved.old.index("bali")
    assert moved.new.index("bali") < moved.new.index("java")


@pytest.mark.usefixtures("unchanged")
def test_what_is_not_printed_is_named_by_its_line(study: Path) -> None:
    page = edited(study / "reports" / PAGE, '<div class="page columns">', '<div class="page">')
    (change,) = verify(page).changes
    assert change.kind == "markup"
    assert re.fullmatch(r"line \d+ of the file", change.place[0])
    assert change.old == '<div class="page">'


# -- pages that cannot be verified -----------------------------------------------------------------


def refused(page: Path, **options: Any) -> StudyError:
    with pytest.raises(StudyError) as caught:
        verify(page, **options)
    assert caught.value.expected
    return caught.value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no page of cxkit"),
        (b"\xff\xfe\x00not text", "no page of cxkit"),
        (b"<!DOCTYPE html><html><body><p>Mine</p></body></html>", "no page of cxkit"),
        (b"<html>" + b"<div>" * 100_000, "no page of cxkit"),
        (b"<!DOCTYPE html><html><body><p>Mine", "cut off"),
    ],
    ids=["empty", "not text", "another page", "deep", "half of one"],
)
def test_a_file_that_is_no_page_of_ours_is_refused(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(content)
    assert said in refused(page).message
    assert main(["verify", str(page), "-q"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_page_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no page at" in refused(tmp_path / "none.html").message
    assert "no page at" in refused(tmp_path).message


@pytest.mark.parametrize("share", [0.5, 0.97, 0.9999])
def test_a_page_that_was_cut_off_is_refused(study: Path, share: float) -> None:
    page = study / "reports" / PAGE
    content = page.read_bytes()
    page.write_bytes(content[: int(len(content) * share)])
    assert "cut off" in refused(page).message


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.pop("manifest"),
        lambda made: made["manifest"].pop("key"),
        lambda made: made["manifest"].update(inputs=["a", "b"]),
        lambda made: made["manifest"]["versions"].update(numpy=2),
        lambda made: made.update(notebook=None),
        lambda made: made.update(parameters=[]),
    ],
    ids=["none", "no key", "a list", "a number", "no notebook", "no parameters"],
)
def test_a_manifest_of_another_shape_is_refused(
    study: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    page = restated(study / "reports" / PAGE, change, fits=False)
    assert "cannot be read" in refused(page).message


def test_a_manifest_that_is_no_json_is_refused(study: Path) -> None:
    page = edited(study / "reports" / PAGE, "&#34;parameters&#34;:", "&#34;parameters&#34;")
    assert "cannot be read" in refused(page).message


def test_a_page_of_a_notebook_that_says_nothing_of_its_making_is_refused(study: Path) -> None:
    file = study / "reports" / "kedai-quick.ipynb"
    nb = nbformat.read(file, as_version=4)
    del nb.metadata["cxkit"]
    nbformat.write(nb, file)
    (page,) = render(file, language="en")
    assert "does not say how it was made" in refused(page).message


def test_a_page_of_a_newer_kit_is_refused(study: Path) -> None:
    versions = {"cxkit": "99.1.0"}
    page = restated(
        study / "reports" / PAGE,
        lambda made: made["manifest"]["versions"].update(versions),
        fits=True,
    )
    assert "newer" in refused(page).message


def test_a_page_of_another_study_is_refused(study: Path) -> None:
    assert "of the study 'kedai', not of 'toko_contoh'" in refused(
        study / "reports" / PAGE, study="demo"
    ).message  # fmt: skip


def test_a_page_whose_study_is_not_known_asks_for_it(made: Path, tmp_path: Path) -> None:
    page = Path(shutil.copy(made / "reports" / PAGE, tmp_path))
    assert refused(page).hint == "cxkit verify PAGE --study STUDY"


@pytest.mark.parametrize("name", ["../quick", "/tmp/quick", "x/quick.ipynb", "quick.ipynb", ""])
def test_a_page_names_no_path_of_a_notebook_to_run(study: Path, name: str) -> None:
    """A page may come from anybody: what it runs is the study's or the kit's."""
    page = restated(study / "reports" / PAGE, lambda made: made.update(notebook=name), fits=True)
    assert "names no notebook" in refused(page).message


def test_a_parameter_that_the_notebook_does_not_have_is_refused(study: Path) -> None:
    page = restated(
        study / "reports" / PAGE, lambda made: made["parameters"].update(study="/"), fits=True
    )
    assert "no parameter 'study'" in refused(page).message


def test_a_language_without_words_is_refused(study: Path) -> None:
    page = edited(study / "reports" / PAGE, '<html lang="en">', '<html lang="tlh">')
    assert "tlh" in refused(page).message


def test_a_notebook_that_does_not_run_any_more_is_told(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook that did not end well lay in a scratch folder: the hint names it no more."""

    def fail(*_: object, **__: object) -> None:
        raise ReportError("cell 3 of notebook 'quick' failed", hint="open scratch/x.ipynb")

    monkeypatch.setattr("cxkit.report.run.run", fail)
    assert main(["verify", str(study / "reports" / PAGE), "-q"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "cell 3 of notebook 'quick' failed" in said.err
    assert "cxkit run STUDY --notebook quick" in said.err
    assert "scratch" not in said.err


# -- what the page says of it ----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_says_how_to_make_it_again_and_how_to_verify_it(made: Path, language: str) -> None:
    page = read_page(made / "reports" / f"kedai-quick.{language}.html")
    methods = next(part for part in page.whole.parts if part.name == "methods")
    commands = [part.text for part in methods.parts if part.kind == "pre.command"]
    assert commands == [
        "cxkit verify PAGE.html --study STUDY",
        "cxkit run STUDY --notebook quick",
    ]
    assert page.made["study"] == "kedai"


def test_the_command_of_a_group_is_one_that_a_shell_takes(study: Path) -> None:
    file = study / "reports" / "kedai-quick.ipynb"
    group = "region=java&channel=e'mail $HOME"
    nb = nbformat.read(file, as_version=4)
    nb.metadata["cxkit"]["parameters"] = {"group": group, "depth": "brief"}
    nbformat.write(nb, file)
    (page,) = render(file, language="en")
    *_, option, value = shlex.split(read_page(page).command)
    assert (option, value) == ("-p", f"group={group}") or f"group={group}" in shlex.split(
        read_page(page).command
    )


def tables(page: Path) -> list[Any]:
    """The tables of a page, as they are read."""

    def below(part: Any) -> Any:
        for one in part.parts:
            if one.kind == "table":
                yield one
            yield from below(one)

    return list(below(read_page(page).whole))


def test_the_face_of_the_kit_verifies(made: Path) -> None:
    assert cx.verify is verify
