"""`cxkit lab`: copies that know their study and overwrite nothing; what objects show in a cell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lxml import html

import cxkit as cx
from cxkit import display, places
from cxkit.__main__ import main
from cxkit.answers import Problems
from cxkit.errors import Problem
from cxkit.lab import start as lab
from cxkit.places import shared
from cxkit.records import Estimate, Estimates, Fits
from cxkit.report import page
from cxkit.report.notebook_file import find_notebook
from cxkit.report.parameters import read_parameters
from cxkit.report.theme import read_theme

KIT = sorted(path.name for path in shared("notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study as `cxkit new` lays it down; not to be changed."""
    home = tmp_path_factory.mktemp("lab") / "mine"
    assert main(["new", str(home)]) == 0
    return home


@pytest.fixture
def study(laid_down: Path, tmp_path: Path) -> Path:
    """The folder of a study with nothing in it but its files."""
    home = tmp_path / "mine"
    home.mkdir()
    for file in laid_down.iterdir():
        if file.is_file():
            (home / file.name).write_bytes(file.read_bytes())
    return home


@pytest.fixture
def same_environment() -> Iterator[None]:
    """Puts the environment back that starting JupyterLab changes."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, same_environment: None) -> list[list[str]]:
    """What JupyterLab would have been started with, instead of starting it."""
    labapp = pytest.importorskip("jupyterlab.labapp", reason="JupyterLab is not installed")
    calls: list[list[str]] = []
    monkeypatch.setattr(labapp.LabApp, "launch_instance", calls.append)
    return calls


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Exit code, stdout and stderr of a command."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        return main([str(one) for one in arguments]), *capsys.readouterr()

    return command


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def sources(nb: Any) -> list[str]:
    return [cell.source for cell in nb.cells]


# -- copies ----------------------------------------------------------------------------------------


def test_every_notebook_of_the_kit_is_laid_beside_the_study(study: Path) -> None:
    copies = lab.lay_copies(study / "study.yaml")
    assert copies.folder == study / "notebooks"
    assert copies.new == tuple(KIT)
    assert (copies.kept, copies.differing) == ((), ())
    assert sorted(path.name for path in copies.folder.iterdir()) == KIT


@pytest.mark.parametrize("name", KIT)
def test_a_copy_is_the_kits_notebook_on_this_study_without_the_demos_numbers(
    name: str, study: Path
) -> None:
    """Same cells, ids and tags; only the study's default and the marks of our tests differ."""
    copies = lab.lay_copies(study / "study.yaml")
    kits, copy = read(shared("notebooks") / name), read(copies.folder / name)
    nbformat.validate(copy)
    assert read_parameters(copy.cells)["study"].default == "."
    assert [cell.id for cell in copy.cells] == [cell.id for cell in kits.cells]
    assert [cell.metadata for cell in copy.cells] == [cell.metadata for cell in kits.cells]
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count is not None] == []
    marks = [text.replace("# NBVAL_CHECK_OUTPUT\n", "") for text in sources(kits)]
    marks = [text.replace('study: str = "demo"', 'study: str = "."') for text in marks]
    assert sources(copy) == marks


def test_a_notebook_that_is_there_is_never_overwritten(study: Path) -> None:
    """Neither one that was edited, nor what is no notebook, nor a link that leads nowhere."""
    folder = study / "notebooks"
    folder.mkdir()
    (folder / "report.ipynb").write_text("mine", encoding="utf-8")
    (folder / "30_pyramid.ipynb").symlink_to(study / "elsewhere.ipynb")
    copies = lab.lay_copies(study / "study.yaml")
    assert copies.differing == ("30_pyramid.ipynb", "report.ipynb")
    assert (folder / "report.ipynb").read_text(encoding="utf-8") == "mine"
    assert (folder / "30_pyramid.ipynb").is_symlink()
    assert not (study / "elsewhere.ipynb").exists()
    assert {*copies.new, *copies.differing} == set(KIT)


def test_the_second_time_says_which_copies_are_not_the_kits_any_more(study: Path) -> None:
    """A cell that was added counts; outputs and counters of a run do not."""
    folder = lab.lay_copies(study / "study.yaml").folder
    run, edited = folder / "report.ipynb", folder / "30_pyramid.ipynb"
    nb = read(run)
    nb.cells[2].execution_count = 7
    nbformat.write(nb, run)
    nb = read(edited)
    nb.cells.append(nbformat.v4.new_markdown_cell("My own words"))
    nbformat.write(nb, edited)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    copies = lab.lay_copies(study / "study.yaml")
    assert (copies.new, copies.differing) == ((), ("30_pyramid.ipynb",))
    assert set(copies.kept) == set(KIT) - {"30_pyramid.ipynb"}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_copy_names_a_study_file_of_another_name(study: Path) -> None:
    file = (study / "study.yaml").rename(study / "telco.yaml")
    copies = lab.lay_copies(file)
    declared = read_parameters(read(copies.folder / "report.ipynb").cells)
    assert declared["study"].default == "telco.yaml"


def test_a_run_takes_the_studys_copy_before_the_kits(study: Path) -> None:
    assert find_notebook("report", study) == shared("notebooks") / "report.ipynb"
    lab.lay_copies(study / "study.yaml")
    assert find_notebook("report", study) == study / "notebooks" / "report.ipynb"


def test_the_demo_of_a_clone_is_worked_on_where_it_lies() -> None:
    demo = places.find_study("demo")
    assert lab.home_of(demo) == shared("notebooks").parent
    copies = lab.lay_copies(demo)
    assert copies == lab.Copies(shared("notebooks"))
    assert "the kit's own" in str(copies)


def test_the_demo_of_an_installed_kit_gets_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(places, "is_clone", lambda: False)
    copies = lab.lay_copies(places.find_study("demo"))
    assert copies.folder == tmp_path / "cxkit-demo" / "notebooks"
    assert copies.new == tuple(KIT)
    assert read_parameters(read(copies.folder / "report.ipynb").cells)["study"].default == "demo"


# -- the command -----------------------------------------------------------------------------------


def test_copy_only_says_what_it_laid_and_starts_nothing(
    study: Path, said: Callable[..., tuple[int, str, str]], started: list[list[str]]
) -> None:
    code, out, err = said("lab", study, "--copy-only")
    assert (code, out) == (0, f"{study / 'notebooks'}\n")
    assert err == f"new: {', '.join(KIT)}\n"
    (study / "notebooks" / "report.ipynb").write_text("{}", encoding="utf-8")
    (study / "notebooks" / "30_pyramid.ipynb").unlink()
    code, _, err = said("lab", study, "--copy-only")
    assert code == 0
    new, kept, differing = err.splitlines()
    assert new == "new: 30_pyramid.ipynb"
    assert differing == "kept, not as the kit has them: report.ipynb"
    assert kept.startswith("kept, as the kit has them: ")
    assert said("lab", study, "--copy-only", "--quiet")[2] == ""
    assert started == []


def test_jupyterlab_starts_on_the_study_with_the_first_notebook_open(
    study: Path, said: Callable[..., tuple[int, str, str]], started: list[list[str]]
) -> None:
    assert said("lab", study, "--", "--no-browser", "--port", "8899")[0] == 0
    (words,) = started
    assert f"--ServerApp.root_dir={study}" in words
    assert words[-3:] == ["--no-browser", "--port", "8899"]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in words
    assert os.environ["CXKIT_ROOT"] == str(study)


def test_what_jupyterlab_reads_besides_comes_before_a_users_own_folders(
    study: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    lab.start(study / "study.yaml")
    kits, mine = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    settings = json.loads(
        (Path(kits) / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8")
    )
    (own,) = settings.values()
    assert mine == "mine"
    assert own == {"fetchNews": "false", "checkForUpdates": False}


def test_without_a_study_it_is_the_one_in_the_working_folder_or_the_demo(
    study: Path,
    said: Callable[..., tuple[int, str, str]],
    started: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(study)
    assert said("lab", "--copy-only")[1] == f"{study / 'notebooks'}\n"
    monkeypatch.chdir(study.parent)
    assert said("lab", "--copy-only")[1] == f"{shared('notebooks')}\n"
    monkeypatch.chdir(study)
    assert said("lab", "--", "--no-browser")[0] == 0
    assert f"--ServerApp.root_dir={study}" in started[0]
    assert started[0][-1] == "--no-browser"


def test_without_jupyterlab_nothing_is_laid_and_it_says_what_to_install(
    study: Path, said: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    code, out, err = said("lab", study)
    assert (code, out) == (2, "")
    assert err.startswith("StudyError: JupyterLab is not installed here\n")
    assert "pip install 'cxkit[lab]'" in err
    assert not (study / "notebooks").exists()


@pytest.mark.parametrize("place", ["a file", "a folder that may not be written to"])
def test_a_place_that_takes_no_copies_is_refused_in_words(
    place: str, study: Path, said: Callable[..., tuple[int, str, str]]
) -> None:
    if place == "a file":
        (study / "notebooks").write_text("", encoding="utf-8")
    elif os.name != "posix" or os.geteuid() == 0:
        pytest.skip("this user may write everywhere")
    else:
        (study / "notebooks").mkdir(mode=0o500)
    code, out, err = said("lab", study, "--copy-only")
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert str(study / "notebooks") in err
    assert "\n  try " in err


def test_a_study_that_is_not_there_is_refused(
    tmp_path: Path, said: Callable[..., tuple[int, str, str]]
) -> None:
    code, _, err = said("lab", tmp_path / "nobody", "--copy-only")
    assert code == 2
    assert "there is no study" in err
    assert not (tmp_path / "nobody").exists()


def test_help_says_where_copies_lie_and_how_words_reach_jupyter(
    said: Callable[..., tuple[int, str, str]],
) -> None:
    _, out, _ = said("lab", "--help")
    told = " ".join(out.split())
    for words in ("STUDY/notebooks", "never overwritten", "cxkit-demo", "-- --no-browser"):
        assert words in told, words


def test_a_run_loads_nothing_of_jupyterlab() -> None:
    code = (
        "import sys, cxkit.cli, cxkit.report.run, cxkit.lab.start, cxkit.report.page\n"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'jupyterlab', 'tornado'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# -- whose words are printed -----------------------------------------------------------------------


def test_every_cell_of_the_kit_is_tagged_as_a_guide() -> None:
    for name in KIT:
        untagged = [
            cell.id
            for cell in read(shared("notebooks") / name).cells
            if "guide" not in cell.metadata.tags
        ]
        assert untagged == [], name


def a_copy_with_words_of_its_own() -> Any:
    """A copy as a researcher leaves it: the kit's cells and own ones, each with words and table."""
    survey = cx.load("demo", wave="2026H1")
    tables = {
        "kits": cx.estimate(survey, "nps"),
        "own": cx.estimate(survey, "score_100", of="level:trust"),
    }
    new = nbformat.v4
    cells = []
    for whose, table in tables.items():
        data = table._repr_mimebundle_()
        output = new.new_output("execute_result", data=data, execution_count=1)
        cells += [
            new.new_markdown_cell(f"## Words of {whose}?\n\nBody of {whose}."),
            new.new_code_cell("table", outputs=[output], execution_count=1),
        ]
    for cell in cells[:2]:
        cell.metadata["tags"] = ["guide"]
    return new.new_notebook(cells=cells)


def test_a_page_prints_the_researchers_words_and_tables_and_not_the_kits() -> None:
    nb = a_copy_with_words_of_its_own()
    text = page.render(nb, "en")
    assert "Words of own?" in text
    assert "Body of own." in text
    assert "of kits" not in text
    (table,) = html.document_fromstring(text).xpath("//main/section[1]//table")
    assert "Trust" in table.text_content()
    assert [one["of"] for one in page.report_json(nb)["estimates"]] == ["level:trust"]


@pytest.mark.slow
def test_a_copy_runs_on_its_study_and_prints_what_was_added(
    study: Path, cxkit_command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """From another folder, and as JupyterLab runs it: the kernel in the notebook's folder."""
    copy = lab.lay_copies(study / "study.yaml").folder / "30_pyramid.ipynb"
    nb = read(copy)
    nb.cells.append(nbformat.v4.new_markdown_cell("## My own question?\n\nMy own answer."))
    nbformat.write(nb, copy)
    done = cxkit_command("run", str(study), "--notebook", "30_pyramid", cwd=study.parent)
    for printed in done.stdout.splitlines():
        text = Path(printed).read_text(encoding="utf-8")
        assert "My own question?" in text
        assert "My own answer." in text
        assert "How do the statements score?" not in text

    parameters = next(cell.source for cell in nb.cells if "parameters" in cell.metadata.tags)
    code = f"{parameters}\nimport cxkit as cx\nprint(cx.load(study).study.file)"
    interactive = subprocess.run(
        [sys.executable, "-c", code],
        cwd=copy.parent,
        env={**os.environ, "CXKIT_ROOT": str(study)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert interactive.stdout.strip() == str((study / "study.yaml").resolve())


# -- a question of one's own ----------------------------------------------------------------------


def test_a_new_study_brings_a_question_of_ones_own(laid_down: Path) -> None:
    """It knows its study, holds no output, and `cxkit lab` lays the kit's notebooks beside it."""
    own = laid_down / "notebooks" / "trust_by_channel.ipynb"
    nb = read(own)
    nbformat.validate(nb)
    assert [cell for cell in nb.cells if cell.get("outputs")] == []
    declared = read_parameters(nb.cells)
    assert {name: one.default for name, one in declared.items()} == {"study": ".", "wave": None}
    assert find_notebook("trust_by_channel", laid_down) == own
    assert nb.metadata.kernelspec.name == "python3"
    before = own.read_bytes()
    copies = lab.lay_copies(laid_down / "study.yaml")
    assert own.name not in (*copies.new, *copies.kept, *copies.differing)
    assert own.read_bytes() == before


@pytest.mark.slow
def test_a_question_of_ones_own_becomes_a_page_in_every_language(
    laid_down: Path, tmp_path: Path, cxkit_command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Markdown as it was written, the sentence in the language of the page, and every number."""
    done = cxkit_command(
        "run", str(laid_down), "--notebook", "trust_by_channel", "-o", str(tmp_path)
    )
    pages = {path.suffixes[0][1:]: html.parse(str(path)) for path in map(Path, done.stdout.split())}
    said = {"id": "lebih tinggi daripada", "en": "higher than"}
    own = read(laid_down / "notebooks" / "trust_by_channel.ipynb").cells
    heads = [re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE) for cell in own[1:]]
    paragraph = own[3].source.rpartition("\n")[2]
    assert set(pages) == set(said)
    for language, words in said.items():
        text = " ".join(pages[language].getroot().text_content().split())
        assert all(head in text for some in heads for head in some)
        assert paragraph in text
        assert words in text
        assert "This notebook is yours" not in text
        rows = pages[language].xpath("//main//table//tbody/tr")
        assert len(rows) > 10
        assert len(pages[language].xpath("//main//figure")) >= 1


# -- how objects show themselves -------------------------------------------------------------------


def objects() -> dict[str, str]:
    """Everything that a cell may end in, as the HTML it shows."""
    survey = cx.load("demo", wave="2026H1")
    numbers = cx.estimate(survey, "nps", by="region")
    differences = cx.compare(survey, "score_100", of="level:trust", by="region")
    shown = {
        "survey": survey._repr_html_(),
        "problems": cx.check("demo")._repr_html_(),
        "estimates": numbers._repr_mimebundle_()["text/html"],
        "comparisons": differences._repr_mimebundle_()["text/html"],
        "fits": Fits([])._repr_mimebundle_()["text/html"],
        "findings": cx.pyramid.findings(survey)._repr_mimebundle_()["text/html"],
    }
    own = cx.finding("x", differences, figure=cx.figures.forest)
    return shown | {"finding": own._repr_mimebundle_()["text/html"]}


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    return objects()


def test_every_object_shows_itself_in_one_box_without_script(shown: dict[str, str]) -> None:
    for name, text in shown.items():
        box = html.fragment_fromstring(text)
        assert (box.tag, box.get("class")) == ("div", "cxkit"), name
        assert not box.xpath(".//script | .//@onclick | .//@onload | .//link"), name
        assert "http" not in re.sub(r"http://www\.w3\.org/\d{4}/\w+", "", text), name


def test_the_style_reaches_nothing_outside_the_box() -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", display.box(), re.S)
    rules = re.findall(
        r"([^{}]+)\{[^{}]*\}", style.replace("@media(prefers-color-scheme:dark){", "")
    )
    selectors = [one for rule in rules for one in re.split(r",(?![^()]*\))", rule)]
    assert len(selectors) > 10
    assert [one for one in selectors if not re.search(r"(^|\s)\.cxkit\b", one)] == []


def test_dark_roles_are_those_of_the_page() -> None:
    light, dark = read_theme().light, read_theme().dark
    for role, colour in display.dark_roles().items():
        assert dark[role] == colour, role
    assert set(cx.figures.ROLES) - set(display.dark_roles()) == {"ink", "paper"}
    (style,) = re.findall(r"<style>(.*?)</style>", display.box(), re.S)
    for scheme in (light, dark):
        for role, own in (("ink", "content-font-color1"), ("paper", "layout-color0")):
            assert f"--{role}:var(--jp-{own},{scheme[role]})" in style


def test_a_figure_in_a_cell_says_in_words_what_it_shows(shown: dict[str, str]) -> None:
    (drawing,) = html.fragment_fromstring(shown["findings"]).xpath(".//*[@role='img']")
    assert drawing.xpath("./*[local-name()='svg']")
    assert len(drawing.get("aria-label")) > 80


def test_what_all_records_share_is_said_once_below_the_table(shown: dict[str, str]) -> None:
    table, note = html.fragment_fromstring(shown["estimates"]).xpath(".//table | .//p")
    heads = [one.text for one in table.xpath("./thead//th")]
    own = [head for head in heads if head != "flags"]
    assert own == ["of", "by_region", "estimate", "interval", "n", "n_eff"]
    assert "metric nps" in note.text
    assert "ci_level 0.95" in note.text
    assert len(table.xpath("./tbody/tr")) == len(cx.load("demo").groups("region"))


def test_records_that_differ_in_their_metric_say_it_in_each_row() -> None:
    rows = [Estimate("nps", "outcome:x", 30.04, 20.0, 40.0, n=400, n_eff=400.0)]
    rows += [Estimate("csat", "outcome:x", 0.5, n=400, n_eff=400.0, unit="share")]
    table = html.fragment_fromstring(Estimates(rows)._repr_mimebundle_()["text/html"])
    cells = [[one.text or "" for one in row] for row in table.xpath(".//tbody/tr")]
    assert cells == [
        ["nps", "outcome:x", "30.0", "20.0 to 40.0", "400", "400.0", "points"],
        ["csat", "outcome:x", "0.500", "", "400", "400.0", "share"],
    ]


def test_no_records_are_said_to_be_none(shown: dict[str, str]) -> None:
    assert "no records" in shown["fits"]


def test_problems_show_what_where_expected_and_try() -> None:
    one = Problem(
        "off_scale",
        "answers <b>off</b> the scale",
        file="answers.csv",
        line=3,
        column="Q1",
        n=2,
        examples=("<script>", "9"),
        expected="1 to 5",
        hint="look",
    )
    text = Problems([one])._repr_html_()
    cells = html.fragment_fromstring(text).xpath(".//tbody/tr/*")
    assert [cell.text for cell in cells] == [
        "error",
        "off_scale",
        "answers.csv:3: Q1",
        "answers <b>off</b> the scale\nexpected 1 to 5\ntry look",
        "2",
        "<script>, 9",
    ]
    assert "<script>" not in text
    assert "1 error, 0 warnings" in text
    assert "<table" not in Problems([])._repr_html_()
