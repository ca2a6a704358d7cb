"""The committed notebooks: short conversations with a reader, executed, and the same again."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from test_sections import CSAT, CUSTOMERS, JOURNEY, MARKET, NPS, PYRAMID, lay, travelled, unrated

from cxkit.places import shared
from cxkit.report.notebooks import refresh
from cxkit.report.parameters import read_parameters

NOTEBOOKS = sorted(shared("notebooks").glob("*.ipynb"))
CHECKED = "# NBVAL_CHECK_OUTPUT"


def is_parameters(cell: Any) -> bool:
    return "parameters" in cell.metadata.get("tags", ())


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def nb(notebook: Path) -> Any:
    return nbformat.read(notebook, as_version=4)


@pytest.fixture
def code(nb: Any) -> list[Any]:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def test_the_kit_has_its_report_a_beginning_and_topics_to_walk_through() -> None:
    names = {path.stem for path in NOTEBOOKS}
    assert {"00_start_here", "10_data_quality", "20_measurement", "30_pyramid"} <= names
    topics = {"40_journey", "50_links", "60_groups_and_waves", "70_comments", "80_value"}
    assert {*topics, "report"} <= names


def test_the_first_notebook_names_all_the_others() -> None:
    nb = nbformat.read(shared("notebooks") / "00_start_here.ipynb", as_version=4)
    rows = re.findall(r"^\| `(\w+)` \|", nb.cells[-1].source, re.MULTILINE)
    assert rows == sorted(path.stem for path in NOTEBOOKS if path.stem != "00_start_here")


def test_a_notebook_is_small_enough_to_review(notebook: Path) -> None:
    assert notebook.stat().st_size < (400_000 if notebook.stem == "report" else 300_000)


def test_a_notebook_opens_with_a_title_and_its_parameters(nb: Any) -> None:
    title, parameters = nb.cells[:2]
    assert title.cell_type == "markdown"
    assert re.match(r"# \S.*\n\n\S", title.source)
    assert is_parameters(parameters)
    assert [cell for cell in nb.cells if is_parameters(cell)] == [parameters]


def test_every_parameter_is_typed_and_explained(nb: Any) -> None:
    declared = read_parameters(nb.cells)
    source = nb.cells[1].source
    assert {"study", "wave"} <= set(declared)
    assert len(declared) == len(source.splitlines())
    assert all(isinstance(node, ast.AnnAssign) for node in ast.parse(source).body)
    assert [name for name, one in declared.items() if not one.help] == []
    assert declared["study"].default == "demo"
    assert declared["wave"].default is None


def test_at_least_three_cells_have_their_output_checked(code: list[Any]) -> None:
    checked = [cell for cell in code if cell.source.startswith(CHECKED)]
    assert len(checked) >= 3
    assert all(cell.outputs for cell in checked)


def test_no_cell_escapes_the_check(nb: Any) -> None:
    for cell in nb.cells:
        assert not re.search(r"NBVAL_(IGNORE_OUTPUT|SKIP|RAISES_EXCEPTION)", cell.source)
        assert not [tag for tag in cell.metadata.get("tags", ()) if tag.startswith("nbval")]


def test_cells_are_short_and_leave_the_work_to_the_package(code: list[Any]) -> None:
    work = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda, ast.ListComp, ast.Try)
    for cell in code:
        if is_parameters(cell):
            continue
        lines = [line for line in cell.source.splitlines() if line != CHECKED]
        assert 1 <= len(lines) <= 5, cell.source
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, work)]


def test_every_heading_but_the_first_is_a_question(nb: Any) -> None:
    prose = [cell.source for cell in nb.cells if cell.cell_type == "markdown"]
    headings = [line for cell in prose for line in cell.splitlines() if line.startswith("#")]
    assert headings[0].startswith("# ")
    assert [line for line in headings[1:] if not re.fullmatch(r"## .+\?", line)] == []


def test_a_notebook_is_committed_as_run_from_top_to_bottom(code: list[Any]) -> None:
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        for output in cell.outputs:
            assert output.output_type in ("execute_result", "display_data"), cell.source
        is_shown = isinstance(ast.parse(cell.source).body[-1], ast.Expr)
        assert bool(cell.outputs) == is_shown, cell.source


def test_a_notebook_names_no_machine_and_no_time(notebook: Path, nb: Any) -> None:
    text = notebook.read_text(encoding="utf-8")
    assert not re.search(r"0x[0-9a-f]{6,}|/(?:tmp|home|root|Users)/|\d{4}-\d\d-\d\dT\d\d:", text)
    assert set(nb.metadata) <= {"cxkit", "kernelspec", "language_info", "title"}
    assert nb.metadata["language_info"] == {"name": "python"}


@pytest.mark.slow
def test_running_a_notebook_again_leaves_no_difference(tmp_path: Path) -> None:
    """As `make notebooks` runs them; on the topic notebook, the quicker of the two."""
    copy = tmp_path / "30_pyramid.ipynb"
    shutil.copyfile(shared("notebooks") / copy.name, copy)
    committed = nbformat.read(copy, as_version=4)
    assert not refresh(copy), "run `make notebooks` and look at the difference"
    assert nbformat.read(copy, as_version=4) == committed


@pytest.mark.slow
def test_a_notebook_that_changed_is_written_back(tmp_path: Path) -> None:
    """So that the test above can fail."""
    copy = tmp_path / "30_pyramid.ipynb"
    nb = nbformat.read(shared("notebooks") / copy.name, as_version=4)
    nb.cells = nb.cells[:3]  # title, parameters, imports: nothing to compute
    as_committed = nbformat.writes(nb) + "\n"
    nb.cells[2].execution_count = 7
    nbformat.write(nb, copy)
    assert refresh(copy)
    assert copy.read_text(encoding="utf-8") == as_committed


# -- on any other study ---------------------------------------------------------------------------

RECOMMENDED = {"q": [10] * 40 + [7] * 20 + [3] * 20}
SCORED = {"bought": ["yes"] * 80, "f1": [4, 5] * 40, "t1": [2, 3] * 40, "r1": [3, 4] * 40}
OTHERS = {
    "one_outcome_of_customers": (CUSTOMERS + NPS, RECOMMENDED),
    "levels_without_outcome": (CUSTOMERS + PYRAMID, SCORED),
    "satisfaction_of_few": (MARKET + CSAT, {"q": [3, 4] * 6}),
    "a_journey_alone": (
        MARKET + JOURNEY,
        travelled(60, *[[4, 5]] * 5, reached=[60, 50, 40, 20, 9]),
    ),
    "a_journey_without_ratings": tuple(
        one if isinstance(one, dict) else MARKET + one for one in unrated(60, 60, 50, 40, 20, 9)
    ),
}


def shown_by(notebook: Path, **parameters: Any) -> list[Any]:
    """What the cells of a notebook show, run in order in one name space as in a kernel."""
    names: dict[str, Any] = {}
    shown = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        *lines, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            lines, last = [*lines, last], None
        exec(compile(ast.Module(lines, []), "<cell>", "exec"), names)
        if is_parameters(cell):
            names |= parameters
        if last is not None:
            made = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            show = getattr(made, "_repr_mimebundle_", None) or made._repr_html_
            shown.append(show())
    return shown


@pytest.mark.parametrize("other", OTHERS)
def test_topics_run_to_the_end_on_a_study_without_their_subject(tmp_path, other: str) -> None:
    """No levels, no journey, no outcome, no segment, one wave, few people: said, never a crash."""
    lay(tmp_path, *OTHERS[other])
    others = ("30_pyramid", "40_journey", "50_links", "60_groups_and_waves", "90_figure_gallery")
    for name in ("00_start_here", "10_data_quality", "20_measurement", *others):
        assert all(shown_by(shared("notebooks") / f"{name}.ipynb", study=str(tmp_path)))


@pytest.mark.parametrize("by", ["region", "furthest_stage"])
def test_the_first_notebook_compares_what_it_is_asked_to(by: str) -> None:
    notebook = shared("notebooks") / "00_start_here.ipynb"
    records = [one for one in shown_by(notebook, wave="2025H1", by=by) if "text/html" in one]
    assert any(f"{by}=" in one["text/plain"] for one in records)
