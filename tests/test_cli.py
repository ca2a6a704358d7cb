"""The front door: every command, its exit codes, and what it says when something needs mending."""

from __future__ import annotations

import csv
import importlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from test_broken import Broken, hostile_studies, name, refused_studies

from cxkit import __version__
from cxkit.__main__ import main
from cxkit.errors import ReportError, StudyError
from cxkit.places import shared
from cxkit.study import read_study

pytestmark = pytest.mark.slow

COMMANDS = (
    "new", "map", "questionnaire", "check", "exclusions", "run", "render", "simulate", "lab",
    "upgrade", "doctor", "batch", "clean", "verify", "train",
)  # fmt: skip
PRESETS = ("retail", "finance", "telecom", "neutral")
PROBLEM = {"code", "severity", "file", "line", "column", "n", "examples", "expected", "try"}
EARLIER = "an earlier page"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the cache of prepared answers, by its path from there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".cxkit" not in path.parts
    }


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


@dataclass(frozen=True)
class Said:
    """What a command answered: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def cxkit(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command as a user gives it, in this process."""

    def command(*arguments: object) -> Said:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        return Said(code, *capsys.readouterr())

    return command


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def is_refused(said: Said) -> bool:
    """Exit 2, nothing on stdout, words and no code on stderr."""
    return (said.code, said.out) == (2, "") and "Traceback" not in said.err and said.err != ""


# -- help ------------------------------------------------------------------------------------------


def test_help_lists_the_commands_and_says_what_a_study_is(cxkit: Callable[..., Said]) -> None:
    said = cxkit("--help")
    assert (said.code, said.err) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"(?m)^  {command} +\S", said.out), command
    assert "the word demo" in said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, cxkit: Callable[..., Said]) -> None:
    said = cxkit(command, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: cxkit {command}")
    options = re.findall(r"(?m)^  (-\S+.*)$", said.out)
    assert all(len(re.split(r" {2,}", one)) > 1 for one in options if len(one) < 25), said.out


def test_the_version_is_the_packages(cxkit: Callable[..., Said]) -> None:
    assert cxkit("--version").out == f"cxkit, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("rum", "demo"),
        ("run",),
        ("run", "demo", "--languag", "id"),
        ("simulate", "demo"),
        ("check",),
    ],
    ids=" ".join,
)
def test_a_mistyped_command_is_refused(
    arguments: tuple[str, ...], cxkit: Callable[..., Said]
) -> None:
    assert is_refused(cxkit(*arguments))


# -- exit codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            StudyError("item 'q7' is odd", "study.yaml:3", "an item", "look"),
            2,
            "StudyError: item 'q7' is odd",
        ),
        (ReportError("cell 3 failed"), 1, "ReportError: cell 3 failed"),
        (
            PermissionError(13, "Permission denied", "reports"),
            2,
            "StudyError: Permission denied: 'reports'",
        ),
        (KeyboardInterrupt(), 1, "stopped"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_exit_code_says_whose_turn_it_is(
    error: BaseException,
    code: int,
    line: str,
    cxkit: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.import_module("cxkit.report.run"), "run", raising(error))
    said = cxkit("run", "demo", "--quiet")
    assert (said.code, said.out) == (code, "")
    assert line in said.err.splitlines()
    assert "Traceback" not in said.err


def test_a_bug_of_ours_is_one_line_and_a_log(
    cxkit: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run_room = importlib.import_module("cxkit.report.run")
    monkeypatch.setattr(run_room, "run", raising(RuntimeError("an unforeseen\nmoon")))
    said = cxkit("run", "demo", "--quiet")
    assert (said.code, said.out) == (70, "")
    (line,) = said.err.splitlines()
    (log,) = tmp_path.glob("*.log")
    assert str(log) in line
    text = log.read_text(encoding="utf-8")
    assert f"cxkit {__version__}" in text
    assert "Traceback" in text
    assert "unforeseen" in text


def raising(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("arguments", "said_first", "try_this"),
    [
        (("run", "nowhere"), "there is no study at 'nowhere'", "cxkit new"),
        (("check", "nowhere"), "there is no study at 'nowhere'", "cxkit new"),
        (
            ("run", "demo", "-n", "reprot"),
            "there is no notebook 'reprot'",
            "did you mean 'report'?",
        ),
        (("run", "demo", "-l", "eng"), "no words for the language 'eng'", "did you mean 'en'?"),
        (("render", "nowhere.ipynb"), "there is no notebook at 'nowhere.ipynb'", None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_not_there_is_refused_with_what_could_be_meant(
    arguments: tuple[str, ...],
    said_first: str,
    try_this: str | None,
    cxkit: Callable[..., Said],
    elsewhere: Path,
) -> None:
    said = cxkit(*arguments)
    assert is_refused(said)
    shown = "\n".join(line for line in said.err.splitlines() if not line.startswith("running"))
    assert said_first in shown.splitlines()[0]
    assert "\n  expected  " in shown
    assert try_this is None or f"\n  try       {try_this}" in shown
    assert tree(elsewhere) == {}


# -- check, doctor, simulate -----------------------------------------------------------------------


def test_check_finds_nothing_to_mend_in_the_demo(cxkit: Callable[..., Said]) -> None:
    said = cxkit("check", "demo")
    assert (said.code, said.err) == (0, "")
    assert re.search(r"(?m)^0 errors, \d+ warnings?$", said.out)


@pytest.mark.parametrize(
    "study", ["demo", *refused_studies()], ids=lambda one: getattr(one, "place", one)
)
def test_check_as_json_is_a_list_of_problems(
    study: Any, cxkit: Callable[..., Said], tmp_path: Path
) -> None:
    said = cxkit("check", study.lay(tmp_path) if isinstance(study, Broken) else study, "--json")
    problems = json.loads(said.out)
    assert isinstance(problems, list)
    assert problems
    for one in problems:
        assert set(one) >= PROBLEM
        assert one["severity"] in ("error", "warning")
        assert isinstance(one["examples"], list)
        assert len(one["examples"]) <= 5
    errors = [one for one in problems if one["severity"] == "error"]
    assert said.code == (2 if errors else 0)
    if isinstance(study, Broken):
        assert [study.token in one["message"] for one in errors] == [True]


def test_check_shows_every_problem_at_once(cxkit: Callable[..., Said], tmp_path: Path) -> None:
    """Three slips in three places: three are named, not the first."""
    source = refused_studies()[name_of_refused("off_scale")].folder
    study = tmp_path / "study"
    shutil.copytree(source, study, ignore=shutil.ignore_patterns(".cxkit"))
    text = (study / "answers.csv").read_text(encoding="utf-8").splitlines()
    head = text[0].split(",")
    second = text[2].split(",")
    second[head.index("Q2")] = "9"
    second[0] = text[1].split(",")[0]
    text[2] = ",".join(second)
    (study / "answers.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    said = cxkit("check", study, "--json")
    codes = [one["code"] for one in json.loads(said.out) if one["severity"] == "error"]
    assert sorted(codes) == ["duplicate_respondent", "off_scale", "off_scale"]
    assert said.code == 2
    assert re.search(r"(?m)^3 errors", cxkit("check", study).out)
    run = cxkit("run", study, "-q")
    assert is_refused(run)
    assert "3 problems" in run.err.splitlines()[0]
    assert run.err.count("\n  where ") == 3


def name_of_refused(wanted: str) -> int:
    return [name(one) for one in refused_studies()].index(wanted)


def test_doctor_names_what_is_installed(cxkit: Callable[..., Said]) -> None:
    said = cxkit("doctor")
    assert (said.code, said.err) == (0, "")
    rows = dict(line.split(maxsplit=1) for line in said.out.splitlines())
    assert rows["cxkit"] == __version__
    assert rows["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"numpy", "pandas", "papermill", "machine", "kit", "--pptx", "--pdf"} <= set(rows)


def test_simulated_answers_follow_their_seed(cxkit: Callable[..., Said], tmp_path: Path) -> None:
    files = [tmp_path / f"{one}.csv" for one in "abc"]
    for file, seed in zip(files, (5, 5, 6), strict=True):
        said = cxkit("simulate", "demo", "-n", 40, "--seed", seed, "-o", file)
        assert said == Said(0, f"{file}\n", "")
    same, again, other = (file.read_bytes() for file in files)
    assert same == again != other
    rows = list(csv.DictReader(files[0].read_text(encoding="utf-8").splitlines()))
    waves = [row["wave"] for row in rows]
    assert {wave: waves.count(wave) for wave in waves} == dict.fromkeys(
        ("2025H1", "2025H2", "2026H1"), 40
    )


def test_nobody_cannot_be_simulated(cxkit: Callable[..., Said], tmp_path: Path) -> None:
    assert is_refused(cxkit("simulate", "demo", "-n", 0, "-o", tmp_path / "none.csv"))
    assert tree(tmp_path) == {}


# -- new, run, render ------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_a_new_study_has_nothing_to_mend(
    preset: str, cxkit: Callable[..., Said], elsewhere: Path
) -> None:
    folder = Path("Study of Mine")
    assert cxkit("new", folder, "--preset", preset) == Said(0, f"{folder}\n", "")
    assert set(tree(elsewhere)) == {
        f"{folder}/{one}"
        for one in (
            "study.yaml",
            "truth.yaml",
            "README.md",
            "answers.csv",
            "notebooks/trust_by_channel.ipynb",
        )
    }
    study = read_study(folder)
    assert (study.key, study.preset, study.simulated) == ("study_of_mine", preset, True)
    said = cxkit("check", folder, "--json")
    assert said.code == 0
    assert [one for one in json.loads(said.out) if one["severity"] == "error"] == []


def test_a_new_study_runs_at_once_and_in_silence(
    cxkit: Callable[..., Said], elsewhere: Path
) -> None:
    """With --quiet nothing is said but the paths of the pages, in the order asked for."""
    assert cxkit("new", "bank", "--preset", "finance").code == 0
    laid_down = tree(elsewhere)
    said = cxkit("run", "bank", "--quiet", "-l", "en", "-l", "id")
    assert (said.code, said.err) == (0, "")
    told = [Path(line) for line in said.out.splitlines()]
    assert [path.name for path in told] == ["bank-report.en.html", "bank-report.id.html"]
    for path in told:
        assert html.parse(path).findall(".//figure")
        assert path.resolve().parent == elsewhere / "bank" / "reports"
    written = set(tree(elsewhere)) - set(laid_down)
    assert written == {
        f"bank/reports/bank-report{end}" for end in (".en.html", ".id.html", ".json", ".ipynb")
    }
    assert "Finance" in told[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", ["retal", "banking"])
def test_an_unknown_preset_is_refused(
    preset: str, cxkit: Callable[..., Said], elsewhere: Path
) -> None:
    said = cxkit("new", "study", "--preset", preset)
    assert is_refused(said)
    assert all(one in said.err for one in PRESETS)
    assert not (elsewhere / "study").exists()


def test_a_new_study_never_overwrites(cxkit: Callable[..., Said], elsewhere: Path) -> None:
    (elsewhere / "mine").mkdir()
    (elsewhere / "mine" / "notes.txt").write_text("precious", encoding="utf-8")
    (elsewhere / "file").write_text("precious", encoding="utf-8")
    before = tree(elsewhere)
    for folder in ("mine", "file"):
        said = cxkit("new", folder)
        assert is_refused(said)
        assert f"'{folder}' holds something already" in said.err
        assert "\n  try       " in said.err
    assert tree(elsewhere) == before


def test_a_new_study_may_go_into_an_empty_folder(
    cxkit: Callable[..., Said], elsewhere: Path
) -> None:
    (elsewhere / "empty").mkdir()
    assert cxkit("new", "empty").code == 0
    assert (elsewhere / "empty" / "study.yaml").is_file()


def test_render_as_json_says_where_the_pages_are(
    cxkit: Callable[..., Said], demo_report: Path, tmp_path: Path
) -> None:
    executed = demo_report / "toko_contoh-report.ipynb"
    said = cxkit("render", executed, "--language", "en", "-o", tmp_path, "--json")
    assert (said.code, said.err) == (0, "")
    made = json.loads(said.out)
    assert made["pages"] == {"en": str(tmp_path / "toko_contoh-report.en.html")}
    assert list(tree(tmp_path)) == ["toko_contoh-report.en.html"]


# -- studies that are refused ----------------------------------------------------------------------


@pytest.mark.parametrize("broken", refused_studies(), ids=name)
def test_a_broken_study_is_refused_and_an_earlier_page_left_alone(
    broken: Broken, cxkit: Callable[..., Said], tmp_path: Path
) -> None:
    study = broken.lay(tmp_path)
    (study / "reports").mkdir()
    (study / "reports" / f"{study.name}-report.en.html").write_text(EARLIER, encoding="utf-8")
    before = tree(tmp_path)

    said = cxkit("run", study, "--quiet")

    assert is_refused(said)
    first, *rest = said.err.splitlines()
    assert re.match(r"(Study|Survey)Error: ", first)
    assert broken.token in first
    assert broken.place in rest[0]
    assert [line.split()[0] for line in rest] in (
        ["where", "expected"],
        ["where", "try"],
        ["where", "expected", "try"],
    )
    assert not re.search(r"\.py\b|pydantic|site-packages|0x[0-9a-f]{6}", said.err)
    assert tree(tmp_path) == before


# -- studies that are hostile ----------------------------------------------------------------------


@dataclass(frozen=True)
class Hostile:
    """A hostile study after a run: what was said, what was there before, its pages."""

    home: Path
    said: Said
    before: dict[str, bytes]
    pages: dict[str, Any]


@pytest.fixture(scope="module", params=hostile_studies(), ids=name)
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    home = tmp_path_factory.mktemp("hostile")
    study = home / "deep" / "deeper" / request.param.name
    shutil.copytree(request.param, study, ignore=shutil.ignore_patterns(".cxkit"))
    before = tree(home)
    capture = request.getfixturevalue("capture")
    said = capture("run", study, "--quiet", "--json", "-o", home / "out")
    pages = {path.suffixes[-2][1:]: html.parse(path) for path in (home / "out").glob("*.html")}
    return Hostile(home, said, before, pages)


@pytest.fixture(scope="module")
def capture() -> Callable[..., Said]:
    """The command for fixtures that last longer than one test."""
    import contextlib
    import io

    def command(*arguments: object) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(one) for one in arguments])
        return Said(code, out.getvalue(), err.getvalue())

    return command


def test_a_hostile_study_makes_its_report_and_says_so_as_json(hostile: Hostile) -> None:
    assert (hostile.said.code, hostile.said.err) == (0, "")
    made = json.loads(hostile.said.out)
    assert set(made) == {"pages", "json", "notebook", "beside", "seconds"}
    assert {Path(path) for path in made["pages"].values()} == set(
        (hostile.home / "out").glob("*.html")
    )
    assert Path(made["json"]).is_file()
    assert Path(made["notebook"]).is_file()
    assert set(made["pages"]) == set(hostile.pages) == {"id", "en"}


def test_a_hostile_study_writes_nothing_beside_its_report(hostile: Hostile) -> None:
    after = tree(hostile.home)
    assert {key: after[key] for key in hostile.before} == hostile.before
    written = after.keys() - hostile.before.keys()
    assert len(written) == 4
    assert {Path(path).parent.as_posix() for path in written} == {"out"}
    for path in written:
        assert re.fullmatch(r"out/\w+-report(\.(id|en)\.html|\.json|\.ipynb)", path)


def test_hostile_words_do_not_act_on_a_page(hostile: Hostile) -> None:
    for page in hostile.pages.values():
        tags = {one.tag for one in page.iter() if isinstance(one.tag, str)}
        assert not tags & {"script", "img", "iframe", "object", "embed", "form"}
        for element in page.iter():
            assert not [key for key in element.attrib if key.lower().startswith("on")]
        assert len(page.findall(".//style")) == 1
        assert page.xpath("//main/section/@id")[-1] == "methods"


def test_hostile_words_are_shown_as_they_are(hostile: Hostile) -> None:
    shown = {
        "script_tags": [
            "<script>alert('title')</script> & Co",
            "<script>alert('brand')</script>",
            "<script>alert('wave')</script>",
            "<script>alert('segment')</script>",
            "<img src=x onerror=alert('label')>",
            "{{ 7 * 7 }}",
        ],
        "path_group": ["../../etc"],
        "formula_cells": ['=HYPERLINK("http://example.org","Java")', "@SUM(1+1)*cmd|' /C calc'!A0"],
    }
    study = next(key for key in shown if f"deep/deeper/{key}/study.yaml" in hostile.before)
    for page in hostile.pages.values():
        text = words(page.find(".//body"))
        assert [one for one in shown[study] if one not in text] == []


def test_a_hostile_brand_stays_text_inside_its_drawings(hostile: Hostile) -> None:
    for page in hostile.pages.values():
        drawings = page.xpath("//figure//*[local-name()='svg']")
        assert drawings
        for drawing in drawings:
            kinds = {one.tag for one in drawing.iter() if isinstance(one.tag, str)}
            assert not kinds & {"script", "foreignobject", "foreignObject", "image", "a"}


def test_the_demo_is_the_kits_own(cxkit: Callable[..., Said], elsewhere: Path) -> None:
    """Checking it from anywhere writes nothing there."""
    assert cxkit("check", "demo").code == 0
    assert tree(elsewhere) == {}
    assert (shared("data/demo") / "study.yaml").is_file()
