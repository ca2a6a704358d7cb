"""One run: what it writes, that it writes the same again, and what it refuses to write."""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lxml import html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import cxkit as cx
from cxkit.__main__ import main
from cxkit.errors import StudyError, SurveyError
from cxkit.places import shared
from cxkit.report.failed import NOT_KEPT
from cxkit.report.notebook_file import find_notebook, read_notebook
from cxkit.report.provenance import strip

pytestmark = pytest.mark.slow

DEMO = shared("data/demo")
STEM = "toko_contoh-report"
WAVES = ("2025H1", "2025H2", "2026H1")
FILES = {f"{STEM}.id.html", f"{STEM}.en.html", f"{STEM}.json", f"{STEM}.ipynb"}
KEYS = [
    "comparisons", "estimates", "findings", "fits", "manifest",
    "notebook", "parameters", "schema", "study",
]  # fmt: skip

PARAMETERS = """\
study: str = "."                          # study folder
wave: str | None = None                   # wave to report on, all if none
"""
FINDINGS = """\
import cxkit as cx
survey = cx.load(study, wave=wave)
trust = cx.compare(survey, "score_100", of="level:trust", by="channel")
say = {"en": "{a} scores {difference} higher than {b}."}
say["id"] = "Skor {a} {difference} lebih tinggi daripada {b}."
"""
FIRST = 'cx.finding("trust_by_channel", trust, figure=cx.figures.forest, say=say)'
LAST = 'cx.finding("trust_of_last", trust, row=-3, figure="forest", say=say)'


def copy_of_demo(folder: Path) -> Path:
    """The demo's study, answers and coded comments as a study of one's own."""
    (folder / "notebooks").mkdir(parents=True)
    for name in ("study.yaml", "answers.csv", "coding.csv"):
        shutil.copyfile(DEMO / name, folder / name)
    return folder


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """A researcher's notebook: a parameters cell, then Markdown (`# ...`, `## ...`) and code."""
    made = [new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters else []
    made += [
        new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell) for cell in cells
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=made, metadata={"kernelspec": kernel}), path)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def read_json(folder: Path, stem: str = STEM) -> dict[str, Any]:
    return json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))


def without_methods(page: bytes) -> bytes:
    shorter, count = re.subn(rb'<section id="methods".*?</section>', b"", page, flags=re.S)
    assert count == 1
    return shorter


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


@dataclass(frozen=True)
class Own:
    """A researcher's own report: its study, its folder of results, pages by language, its JSON."""

    study: Path
    folder: Path
    pages: dict[str, Any]
    json: dict[str, Any]
    stem: str = "toko_contoh-trust"


def run_own(study: Path, folder: Path, *options: str) -> Own:
    assert main(["run", str(study), "-n", "trust", "-o", str(folder), "--quiet", *options]) == 0
    pages = {path.suffixes[-2][1:]: html.parse(path) for path in folder.glob("*.html")}
    return Own(study, folder, pages, read_json(folder, Own.stem))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with notebooks of its own: one that reports, and two that do not end well."""
    folder = copy_of_demo(tmp_path_factory.mktemp("own") / "study")
    shelf = folder / "notebooks"
    write_notebook(
        shelf / "trust.ipynb",
        "# Trust by channel\n\nWhy *trust* matters, & <b>how</b> it is read.",
        "## Does trust differ between channels?",
        FINDINGS,
        FIRST,
        "## And at the end of the list?\n\n- one point\n\n```\n# a comment in code\n```",
        LAST,
    )
    write_notebook(shelf / "report.ipynb", "# Mine", "1 + 1", "raise ValueError('no such luck')")
    write_notebook(
        shelf / "plain.ipynb",
        "import cxkit as cx",
        'cx.finding("nps", cx.estimate(cx.load("."), "nps"), say="{of}: {est}")',
        parameters="",
    )
    write_notebook(
        shelf / "lost.ipynb",
        "import cxkit as cx\nsurvey = cx.load(study, wave=wave)",
        'survey.where(region="jawa")',
    )
    return folder


@pytest.fixture(scope="module")
def own(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Own:
    folder = tmp_path_factory.mktemp("own_report")
    (folder / "toko_contoh-trust.failed.ipynb").write_text("of a run before", encoding="utf-8")
    return run_own(study, folder)


@pytest.fixture(scope="module")
def own_wave(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Own:
    folder = tmp_path_factory.mktemp("own_wave")
    return run_own(study, folder, "-p", "wave=2025H2", "--language", "en")


@pytest.fixture(scope="module")
def heavier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's report from weights that are a thousand times as large."""
    folder = copy_of_demo(tmp_path_factory.mktemp("heavier"))
    head, *rows = (DEMO / "answers.csv").read_text(encoding="utf-8").splitlines()
    column = head.split(",").index("weight")
    scaled = [head]
    for row in rows:
        cells = row.split(",")
        cells[column] = str(Decimal(cells[column]) * 1000)
        scaled.append(",".join(cells))
    (folder / "answers.csv").write_text("\n".join(scaled) + "\n", encoding="utf-8")
    assert main(["run", str(folder), "--quiet"]) == 0
    return folder / "reports"


# -- the same again --------------------------------------------------------------------------------


def test_a_run_writes_two_pages_a_json_and_a_notebook_and_nothing_else(demo_report: Path) -> None:
    assert set(contents(demo_report)) == FILES


def test_the_same_run_again_gives_the_same_bytes(demo_report: Path, tmp_path: Path) -> None:
    """In another process, from a warm cache, over what lies there already."""
    for name in FILES:
        (tmp_path / name).write_text("older", encoding="utf-8")
    assert main(["run", "demo", "--language", "id", "-l", "en", "-o", str(tmp_path), "-q"]) == 0
    assert contents(tmp_path) == contents(demo_report)


def test_another_working_folder_and_hash_seed_give_the_same_bytes(
    demo_report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cxkit_command: Any
) -> None:
    for name, value in {"PYTHONHASHSEED": "54321", "TZ": "Asia/Jakarta", "COLUMNS": "40"}.items():
        monkeypatch.setenv(name, value)
    done = cxkit_command("run", "demo", "-o", "there", cwd=tmp_path)
    assert contents(tmp_path / "there") == contents(demo_report)
    assert {Path(line).name for line in done.stdout.splitlines()} == {
        name for name in FILES if name.endswith(".html")
    }


def test_rendering_the_executed_notebook_gives_the_pages_of_the_run(
    demo_report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", str(demo_report / f"{STEM}.ipynb"), "-o", str(tmp_path)]) == 0
    pages = {name: page for name, page in contents(demo_report).items() if name.endswith(".html")}
    assert contents(tmp_path) == pages
    assert capsys.readouterr().out.split() == [
        str(tmp_path / f"{STEM}.{k}.html") for k in ("id", "en")
    ]


def test_only_the_ratios_of_weights_count_for_the_numbers(demo_report: Path, heavier: Path) -> None:
    before, after = read_json(demo_report), read_json(heavier)
    of_differences = ("difference", "ci_low", "ci_high", "effect")
    compared = 0
    for shelf in ("estimates", "comparisons", "fits"):
        assert len(before[shelf]) == len(after[shelf])
        for one, other in zip(before[shelf], after[shelf], strict=True):
            assert one.keys() == other.keys()
            for key, value in one.items():
                if isinstance(value, float):
                    # 12 digits are written, the last of them may fall on the other side; and a
                    # difference is as exact as the numbers of up to 100 that it is taken of
                    least = 1e-10 if key in of_differences else 1e-15
                    assert math.isclose(value, other[key], rel_tol=1e-11, abs_tol=least), (key, one)
                    compared += 1
                else:
                    assert value == other[key], (key, one)
    assert compared > 500


@pytest.mark.parametrize("language", ["id", "en"])
def test_only_the_ratios_of_weights_count_for_the_page(
    demo_report: Path, heavier: Path, language: str
) -> None:
    """The section on methods names the digest of the answers, which did change."""
    before, after = (
        (folder / f"{STEM}.{language}.html").read_bytes() for folder in (demo_report, heavier)
    )
    assert before != after
    assert without_methods(before) == without_methods(after)


# -- nothing of this machine -----------------------------------------------------------------------


def test_no_file_names_this_machine_or_an_address_in_memory(
    demo_report: Path, heavier: Path, own: Own, own_wave: Own
) -> None:
    here = {
        str(Path.home()),
        tempfile.gettempdir(),
        sys.prefix,
        sys.base_prefix,
        str(DEMO.parent.parent),
    }
    own_places = [rf"{re.escape(place)}[/\\]" for place in here - {"/"}]
    machine = re.compile(
        "|".join([*own_places, r"\b0x[0-9a-f]{6,}", r"file://", r"[A-Z]:\\\\Users"])
    )
    assert machine.search(f"<object at 0x7f3a2b1c4d50> in {tempfile.gettempdir()}/x")
    for folder in (demo_report, heavier, own.folder, own_wave.folder):
        for name, content in contents(folder).items():
            found = machine.search(content.decode("utf-8"))
            assert found is None, (name, found.group())


def test_the_executed_notebook_holds_no_times(demo_report: Path) -> None:
    nb = nbformat.read(demo_report / f"{STEM}.ipynb", as_version=4)
    assert "papermill" not in nb.metadata
    for cell in nb.cells:
        assert not {"papermill", "execution"} & set(cell.metadata)
    assert not re.search(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", json.dumps(nb))


# -- the report as data ----------------------------------------------------------------------------


@pytest.fixture(params=["demo", "own", "wave"])
def report(request: pytest.FixtureRequest, demo_report: Path) -> dict[str, Any]:
    """The JSON of the demo's report, of a researcher's own, and of one wave of it."""
    if request.param == "demo":
        return read_json(demo_report)
    own = request.getfixturevalue("own" if request.param == "own" else "own_wave")
    return dict(own.json)


def test_the_json_has_its_keys_in_order_and_says_whose_it_is(report: dict[str, Any]) -> None:
    assert list(report) == KEYS
    assert report["schema"] == "cxkit.report/1"
    assert report["study"] == "toko_contoh"
    assert list(report["manifest"]) == ["inputs", "key", "versions"]
    inputs = set(report["manifest"]["inputs"])
    assert {"instrument", "study", "answers:2025H1", "answers:2025H2"} <= inputs
    code = {"code:cxkit", "code:notebook", "code:templates"}
    assert inputs <= {"instrument", "study", *code, *(f"answers:{wave}" for wave in WAVES)}
    assert {"cxkit", "python", "numpy"} <= set(report["manifest"]["versions"])
    for one in report["findings"]:
        assert list(one) == ["key", "records", "slots", "variant"]


def test_the_json_is_sorted_and_holds_nothing_that_is_not_json(demo_report: Path) -> None:
    text = (demo_report / f"{STEM}.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    assert "NaN" not in text


def test_the_json_says_which_notebook_and_parameters_made_it(
    demo_report: Path, own: Own, own_wave: Own
) -> None:
    reports = [read_json(demo_report), own.json, own_wave.json]
    assert [(one["notebook"], one["parameters"]) for one in reports] == [
        ("report", {}),
        ("trust", {}),
        ("trust", {"wave": "2025H2"}),
    ]
    assert len({one["manifest"]["key"] for one in reports}) == 3


def test_a_record_has_every_column_and_stands_in_the_json_once(report: dict[str, Any]) -> None:
    columns = {
        "estimates": "metric of wave estimate ci_low ci_high ci_level n n_eff unit method flags",
        "comparisons": "metric of a b difference ci_low ci_high p p_adjusted correction effect"
        " n_a n_b method verdict flags",
        "fits": "name value ci_low ci_high verdict method",
    }
    for shelf, names in columns.items():
        rows = [json.dumps(row, sort_keys=True) for row in report[shelf]]
        assert len(rows) == len(set(rows))
        for row in report[shelf]:
            assert set(names.split()) <= set(row), shelf


def test_the_json_holds_published_values_only(report: dict[str, Any]) -> None:
    """Under 30 effective answers or 10 people nothing is said but the base."""
    hidden = {"hidden_base", "hidden_privacy"}
    for one in report["estimates"]:
        if hidden & set(one["flags"]):
            assert one["estimate"] is one["ci_low"] is one["ci_high"] is None
        elif one["n"]:
            assert one["n"] >= 10, one
            assert one["n_eff"] >= 30, one
    for one in report["comparisons"]:
        if hidden & set(one["flags"]):
            shown = {one[key] for key in ("difference", "ci_low", "ci_high", "p", "p_adjusted")}
            assert (shown, one["verdict"]) == ({None}, "hidden")
        else:
            assert min(one["n_a"], one["n_b"]) >= 10, one
            assert min(one["n_eff_a"], one["n_eff_b"]) >= 30, one


def test_a_wave_is_small_enough_for_something_to_be_hidden(own_wave: Own) -> None:
    """So that the law above has something to bite on."""
    assert {"hidden"} < {one["verdict"] for one in own_wave.json["comparisons"]}


def test_every_number_of_a_finding_stands_in_a_record_it_points_at(report: dict[str, Any]) -> None:
    checked = 0
    for one in report["findings"]:
        for slot in numbers_in(one["slots"]):
            position = one["records"][slot["from"]][slot["row"]]
            record = report[slot["from"]][position]
            assert slot["value"] == record[slot["field"]], (one["key"], slot)
            checked += 1
    assert checked >= 10


def test_a_finding_without_records_says_no_number(report: dict[str, Any]) -> None:
    for one in report["findings"]:
        if not any(one["records"].values()):
            assert not list(numbers_in(one["slots"]))


def numbers_in(part: Any) -> Iterator[dict[str, Any]]:
    """Every slot that prints a number, those inside lists of fragments too."""
    if isinstance(part, dict) and part.get("kind") == "number":
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from numbers_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from numbers_in(inner)


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "wav=2026H1",
            ["no parameter 'wav'", "one of wave, group, depth, min_base", "did you mean 'wave'?"],
        ),
        ("minbase=20", ["no parameter 'minbase'", "did you mean 'min_base'?"]),
        (
            "min_base=many",
            ["'min_base' cannot be 'many'", "report: min_base", "a whole number, or none"],
        ),
        ("min_base=20.5", ["'min_base' cannot be '20.5'", "a whole number"]),
        ("min_base", ["'min_base' has no value", "key=value"]),
        ("study=elsewhere", ["no parameter 'study'", "one of wave, group, depth, min_base"]),
    ],
)
def test_a_parameter_that_the_notebook_does_not_take_is_refused_and_nothing_written(
    given: str, said: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "demo", "-p", given, "-o", str(tmp_path / "reports")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [part for part in said if part not in err] == []
    assert "Traceback" not in err
    assert not (tmp_path / "reports").exists()


def test_run_from_python_refuses_the_same(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no parameter 'wav'") as caught:
        cx.run("demo", output=tmp_path / "reports", parameters={"wav": "2026H1"})
    assert caught.value.hint == "did you mean 'wave'?"
    assert not (tmp_path / "reports").exists()


# -- what does not end well ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def failed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report that failed, where an earlier one lies."""
    folder = tmp_path_factory.mktemp("failed")
    for name in FILES:
        (folder / name).write_text(f"earlier {name}", encoding="utf-8")
    assert main(["run", str(study), "-o", str(folder), "-q"]) == 1
    return folder


def test_a_failing_cell_leaves_an_earlier_report_as_it_was(failed: Path) -> None:
    for name in FILES:
        assert (failed / name).read_text(encoding="utf-8") == f"earlier {name}"
    assert set(contents(failed)) == FILES | {f"{STEM}.failed.ipynb"}


def test_a_failing_cell_leaves_the_notebook_as_far_as_it_came(failed: Path) -> None:
    """Its code and the name of the error; what a cell printed may hold a respondent's row."""
    nb = nbformat.read(failed / f"{STEM}.failed.ipynb", as_version=4)
    outputs = [output for cell in nb.cells for output in cell.get("outputs", ())]
    assert [one["text"] for one in outputs if one.output_type == "stream"] == [NOT_KEPT]
    assert [(one["ename"], one["evalue"]) for one in outputs if one.output_type == "error"] == [
        ("ValueError", NOT_KEPT)
    ]


def test_a_failing_cell_is_named_with_its_line_and_its_reason(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(study), "-o", str(tmp_path), "-q"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    first, *rest = err.splitlines()
    assert "notebook 'report' failed: ValueError" in first
    assert "raise ValueError('no such luck')" in rest[0]
    assert "no such luck" in rest[1]
    assert str(tmp_path / f"{STEM}.failed.ipynb") in err


def test_a_failed_notebook_goes_when_the_report_succeeds(own: Own) -> None:
    assert not (own.folder / "toko_contoh-trust.failed.ipynb").exists()


def test_a_slip_found_in_a_cell_reads_as_if_found_by_the_command(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(study), "-n", "lost", "-o", str(tmp_path / "reports"), "-q"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("SurveyError: the survey knows no group of 'region' 'jawa'\n")
    assert [line.split()[0] for line in err.splitlines()[1:]] == ["where", "expected", "try"]
    assert "one of java, sumatra, kalimantan, sulawesi, other" in err
    assert "did you mean 'java'?" in err
    assert "Traceback" not in err
    assert not (tmp_path / "reports").exists()


def test_a_notebook_without_findings_is_not_rendered(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = write_notebook(tmp_path / "plain.ipynb", "# No finding", "1 + 1")
    assert main(["render", str(plain), "-o", str(tmp_path / "pages")]) == 2
    err = capsys.readouterr().err
    assert "'" + str(plain) + "' holds no finding of cxkit" in err.splitlines()[0]
    assert all(f"\n  {name} " in err for name in ("where", "expected", "try"))
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"words",
        b"{}",
        b"[]",
        b"\x9b\x7f\xa7",
        b'{"cells": [], "metadata": {}, "nbformat": 99}',
    ],
    ids=["empty", "text", "object", "list", "bytes", "of the future"],
)
def test_what_is_no_notebook_is_refused_in_words(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.ipynb").write_bytes(content)
    assert main(["render", str(tmp_path / "odd.ipynb")]) == 2
    assert "is not a notebook" in capsys.readouterr().err.splitlines()[0]
    assert [path.name for path in tmp_path.iterdir()] == ["odd.ipynb"]


# -- whose notebook --------------------------------------------------------------------------------


def test_the_studys_own_notebook_wins_over_the_kits(study: Path, tmp_path: Path) -> None:
    assert find_notebook("report", study) == study / "notebooks" / "report.ipynb"
    assert find_notebook("report", tmp_path) == shared("notebooks") / "report.ipynb"
    assert find_notebook("30_pyramid", study) == shared("notebooks") / "30_pyramid.ipynb"


def test_a_notebook_that_was_run_under_the_kits_name_is_the_studys(failed: Path) -> None:
    nb = nbformat.read(failed / f"{STEM}.failed.ipynb", as_version=4)
    assert "# Mine" in [cell.source for cell in nb.cells]


def test_a_notebook_may_be_named_by_its_path(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study)
    assert find_notebook("notebooks/trust.ipynb", tmp_path) == study / "notebooks" / "trust.ipynb"


def test_an_unknown_notebook_is_refused_with_those_there_are(study: Path) -> None:
    with pytest.raises(StudyError, match="no notebook 'trst'") as caught:
        find_notebook("trst", study)
    assert caught.value.hint == "did you mean 'trust'?"
    there = sorted(
        {one.stem for one in shared("notebooks").glob("*.ipynb")} | {"lost", "plain", "trust"}
    )
    assert ", ".join(there) in str(caught.value.expected)


# -- a researcher's own report ---------------------------------------------------------------------


def test_a_researchers_notebook_becomes_a_page_in_both_languages(own: Own) -> None:
    stem = own.stem
    assert set(contents(own.folder)) == {
        f"{stem}.id.html", f"{stem}.en.html", f"{stem}.json", f"{stem}.ipynb",
    }  # fmt: skip
    assert {key: page.getroot().get("lang") for key, page in own.pages.items()} == {
        "id": "id",
        "en": "en",
    }


def test_its_own_headings_are_the_headings_of_the_page(own: Own) -> None:
    for page in own.pages.values():
        assert [words(one) for one in page.iter("h1")] == ["Trust by channel"]
        assert page.findtext(".//title") == "Trust by channel"
        *own_headings, _ = [words(one) for one in page.iter("h2")]
        assert own_headings == [
            "Does trust differ between channels?",
            "And at the end of the list?",
        ]


def test_its_markdown_is_printed_and_its_html_is_shown_as_text(own: Own) -> None:
    for page in own.pages.values():
        (deck,) = page.xpath('//header/*[@class="deck"]')
        assert words(deck) == "Why trust matters, & <b>how</b> it is read."
        assert [words(one) for one in deck.iter("em")] == ["trust"]
        prose = page.xpath('//*[@class="prose"]')
        assert [words(one) for part in prose for one in part.iter("li")] == ["one point"]
        assert [words(one) for part in prose for one in part.iter("pre")] == ["# a comment in code"]


def test_its_sentence_is_the_title_of_its_figure(own: Own) -> None:
    """The number is that of the first record; the name of each side is the vocabulary's."""
    first = own.json["comparisons"][0]
    assert (first["a"], first["b"]) == ("channel=direct", "channel!=direct")
    size = f"{abs(first['difference']):.1f}"
    said = {language: figure_titles(page)[0] for language, page in own.pages.items()}
    assert first["verdict"] == "no_evidence"
    higher = f"Direct scores {size} higher than all other respondents."
    assert said["en"] == f"{higher} This difference is not clear."
    higher = f"Skor Langsung {size.replace('.', ',')} lebih tinggi daripada semua responden lain."
    assert said["id"] == f"{higher} Selisih ini belum jelas."


def test_a_sentence_about_a_negative_difference_turns_round(own: Own, survey: Any) -> None:
    """The third row from the end is email against the rest, who score higher and come first."""
    last = cx.compare(survey, "score_100", of="level:trust", by="channel")[-3]
    assert (last.a, last.b) == ("channel=email", "channel!=email")
    assert last.difference < 0
    turned = own.json["findings"][1]["slots"]
    assert (turned["a"]["key"], turned["b"]["key"]) == (last.b, last.a)
    assert turned["difference"]["value"] == pytest.approx(-last.difference)
    assert turned["lo"]["value"] == pytest.approx(-last.ci_high)
    said = figure_titles(own.pages["en"])[1]
    turned_round = f"All other respondents scores {-last.difference:.1f} higher than Email. "
    assert said.startswith(turned_round)
    assert "not clear" in said


def test_its_page_ends_with_how_it_was_made(own: Own, own_wave: Own) -> None:
    for one in (own, own_wave):
        for page in one.pages.values():
            sections = page.xpath("//main/section/@id")
            assert sections[-1] == "methods"
            assert sections.count("methods") == 1
            command = words(page.xpath('//section[@id="methods"]//pre')[1])
            assert command.startswith("cxkit run STUDY --notebook trust")


def test_its_page_counts_everybody_its_numbers_rest_on(own: Own) -> None:
    """Groups that do not overlap cannot hold more people than the page says answered."""
    bases = {}
    for one in own.json["comparisons"]:
        bases |= {one["a"]: one["n_a"]}
    assert sum(bases.values()) <= stated_base(own.pages["en"])


def test_a_wave_asked_for_is_the_wave_reported_on(own: Own, own_wave: Own, survey: Any) -> None:
    wave = survey.where(wave="2025H2")
    expected = cx.compare(wave, "score_100", of="level:trust", by="channel").published()
    got = own_wave.json["comparisons"][: len(expected)]
    assert [{one["a"]: one["n_a"], one["b"]: one["n_b"]} for one in got] == [
        {one.a: one.n_a, one.b: one.n_b} for one in expected
    ]
    sizes = [abs(one["difference"]) for one in got if one["difference"] is not None]
    assert sizes == pytest.approx(
        [abs(one.difference) for one in expected if not math.isnan(one.difference)]
    )  # the row that is spoken of may be turned round
    assert got[0]["difference"] != own.json["comparisons"][0]["difference"]


def test_the_page_of_a_wave_says_which_and_how_it_was_asked_for(own_wave: Own, survey: Any) -> None:
    assert list(own_wave.pages) == ["en"]
    page = own_wave.pages["en"]
    facts = words(page.xpath('//dl[contains(@class, "about")]')[0])
    assert "the second half of 2025" in facts.lower()
    assert stated_base(page) == survey.where(wave="2025H2").n
    assert "-p wave=2025H2" in words(page.xpath('//section[@id="methods"]//pre')[1])


def test_a_notebook_without_parameters_runs_in_silence(
    study: Path, tmp_path: Path, cxkit_command: Any
) -> None:
    """What papermill thinks of it is its own matter: --quiet leaves stderr to errors."""
    done = cxkit_command("run", str(study), "-n", "plain", "-o", str(tmp_path), "-q", "-l", "en")
    assert done.stdout == f"{tmp_path / 'toko_contoh-plain.en.html'}\n"
    assert done.stderr == ""


def test_a_notebook_without_parameters_takes_none(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(study), "-n", "plain", "-o", str(tmp_path), "-p", "wave=2026H1"]) == 2
    assert "the notebook has no parameters cell" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_sentence_with_an_unknown_slot_is_refused_where_it_is_written(survey: Any) -> None:
    found = cx.compare(survey, "nps", by="device")
    with pytest.raises(SurveyError, match="diff") as caught:
        cx.finding("nps_by_device", found, say={"en": "{a} lies {diff} above {b}."})
    assert "difference" in str(caught.value)


def test_a_sentence_may_hold_every_slot_that_the_docstring_names(survey: Any) -> None:
    assert cx.finding.__doc__ is not None
    named = re.search(r"Slots (.+?) of comparisons, (.+?) of estimates", cx.finding.__doc__, re.S)
    assert named is not None
    compared = cx.compare(survey, "nps", by="device")
    estimated = cx.estimate(survey, "nps", by="device")
    for records, slots in zip((compared, estimated), named.groups(), strict=True):
        wanted = set(re.findall(r"\{(\w+)\}", slots))
        assert len(wanted) >= 4
        assert wanted <= set(cx.finding("nps", records).slots)


@pytest.fixture(scope="module")
def survey() -> Any:
    return cx.load("demo")


def figure_titles(page: Any) -> list[str]:
    return [words(one) for one in page.xpath('//figure/figcaption/*[@class="title"]')]


def stated_base(page: Any) -> int:
    """How many respondents the head of an English page says there are."""
    facts = words(page.xpath('//dl[contains(@class, "about")]')[0])
    return int(re.search(r"([\d,]+) respondents", facts).group(1).replace(",", ""))


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file lies where the folder should be."""
    (tmp_path / "taken").write_text("mine")
    assert main(["run", "demo", "-o", str(tmp_path / "taken"), "--quiet"]) == 2
    said = capsys.readouterr().err
    assert "nothing can be written" in said.splitlines()[0]
    assert "  expected" in said
    assert "  try" in said
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_notebook_that_names_no_kernel_runs_in_python(study: Path, tmp_path: Path) -> None:
    """As `nbformat.v4.new_notebook()` makes it: with parameters, and without metadata."""
    nb = nbformat.v4.new_notebook()
    parameters = nbformat.v4.new_code_cell('study: str = "."  # folder')
    parameters.metadata["tags"] = ["parameters"]
    shown = "import cxkit as cx\ncx.pyramid.findings(cx.load(study))"
    nb.cells = [parameters, nbformat.v4.new_code_cell(shown)]
    nbformat.write(nb, study / "notebooks" / "bare.ipynb")
    assert main(["run", str(study), "-n", "bare", "-o", str(tmp_path), "-l", "en", "-q"]) == 0
    assert "Responsive service" in (tmp_path / "toko_contoh-bare.en.html").read_text("utf-8")


@pytest.mark.parametrize("minor", [4, 5])
@pytest.mark.filterwarnings("ignore:Cell is missing an id")
def test_cells_without_ids_get_none_by_chance(tmp_path: Path, minor: int) -> None:
    file = tmp_path / "own.ipynb"
    nb = new_notebook(cells=[new_markdown_cell("one"), new_code_cell("2")])
    nb.nbformat_minor = minor
    plain = json.loads(nbformat.writes(nb))
    for cell in plain["cells"]:
        cell.pop("id", None)
    file.write_text(json.dumps(plain), encoding="utf-8")
    source = read_notebook(file, file.name)
    strip(nb, "own", {cell["id"] for cell in source.cells if "id" in cell})  # its ids are of chance
    assert [cell["id"] for cell in nb.cells] == ["cell-0", "cell-1"]
    assert [cell.get("id") for cell in source.cells] == {4: [None] * 2, 5: ["cell-0", "cell-1"]}[
        minor
    ]
