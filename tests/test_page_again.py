"""A page is what its notebook says, whatever the process made before it and how it was warmed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import test_figures
from matplotlib.figure import Figure

from cxkit.report import figures, page, template
from cxkit.report.figures import inline
from cxkit.report.figures.drawing import Drawing

ONE_PAGE = """
import hashlib, sys
import nbformat
from cxkit.report import page
page.warm() if "warm" in sys.argv else None
nb = nbformat.read(sys.argv[1], as_version=4)
print(hashlib.sha256(page.render(nb, sys.argv[2]).encode()).hexdigest())
"""


def digest(path: Path, language: str) -> str:
    import nbformat

    made = page.render(nbformat.read(path, as_version=4), language)
    return hashlib.sha256(made.encode()).hexdigest()


def alone(path: Path, language: str, *warm: str) -> str:
    """The digest of a page that a process of its own makes, under another hash seed."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_PAGE, str(path), language, *warm],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def other(demo_report: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same report of a shop with another name, other labels and another limit."""
    (own,) = demo_report.glob("*.ipynb")
    nb = json.loads(own.read_text(encoding="utf-8"))
    told = json.dumps(nb, ensure_ascii=False)
    told = told.replace("Toko Contoh", "Warung Lain").replace('"min_n": 10', '"min_n": 12')
    path = tmp_path_factory.mktemp("other") / "other.ipynb"
    path.write_text(told, encoding="utf-8")
    return path


def test_pages_made_after_each_other_are_those_of_fresh_processes(
    demo_report: Path, other: Path
) -> None:
    (own,) = demo_report.glob("*.ipynb")
    here = [digest(own, "id"), digest(other, "en"), digest(own, "en"), digest(own, "id")]
    assert here == [alone(own, "id"), alone(other, "en", "warm"), alone(own, "en"), here[0]]
    assert len(set(here)) == 3


def test_warming_draws_nothing_and_leaves_every_setting() -> None:
    code = (
        "import matplotlib\n"
        "from matplotlib.figure import Figure\n"
        "before = dict(matplotlib.rcParams)\n"
        "Figure.__init__ = lambda *_, **__: 1 / 0\n"
        "from cxkit.report import page\n"
        "page.warm()\n"
        "page.warm()\n"
        "assert dict(matplotlib.rcParams) == before\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True)


def test_importing_the_page_costs_no_numbers() -> None:
    """Whoever only renders needs neither pandas nor scipy."""
    code = (
        "import sys\n"
        "from cxkit.report import page\n"
        "page.warm()\n"
        "print(*sorted({'pandas', 'scipy', 'statsmodels'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_template_that_changes_is_read_again(tmp_path: Path) -> None:
    """The compiled templates of a process are not older than their files."""
    file = tmp_path / "page.html.j2"
    file.write_text("one", encoding="utf-8")
    assert template.environment(tmp_path).get_template(file.name).render() == "one"
    file.write_text("two", encoding="utf-8")
    os.utime(file, (1, 1))
    assert template.environment(tmp_path).get_template(file.name).render() == "two"


# -- drawings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_written_by_marks_is_what_matplotlib_draws(narrow: bool) -> None:
    for name, drawing in test_figures.everything(test_figures.Id, narrow=narrow).items():
        assert drawing.is_of_marks
        assert figures.svg(drawing, name) == inline._of_file(drawing, name)


def test_every_kind_of_mark_is_written_as_matplotlib_draws_it() -> None:
    drawing = Drawing(343)
    drawing.bar(10.125, 10, 50.333333, 30.3, "band", name="one")
    drawing.bar(60, 10, 80, 30.3, "band", name="two")
    drawing.area([(1, 1), (3, 4), (5, 6.66666)], "data", alpha=0.22)
    drawing.pill(10, 50, 60, 58, "good")
    drawing.line([(0, 0), (10, 20.5), (20, 1e-9)], weight=2, dashed=True)
    drawing.line([(5, 0), (10, 20.5)], "bad", weight=1.5)
    drawing.dot(30.333, 40, "bad", radius=3.4)
    drawing.ring(30, 80)
    drawing.hatch(100, 10, 140, 40)
    drawing.words(10, 100, "a < b & c", bold=True, halo="wash", name="words")
    drawing.words(10, 100, "more", follows=True, role="soft", size=12)
    drawing.words(171.5, 120, "middle", anchor="middle", role="good-ink")
    drawing.words(343, 140, "end", anchor="end", size=20, bold=True)
    drawing.words(10, 140, "rim", halo="paper")
    drawing.finish(150.5)
    assert figures.svg(drawing, "d") == inline._of_file(drawing, "d")


def test_what_somebody_puts_into_a_drawing_is_drawn() -> None:
    drawing = Drawing(343)
    drawing.bar(0, 0, 10, 10, "good")
    drawing.finish(100)
    assert "mine" not in figures.svg(drawing, "d")
    Figure.text(drawing, 0.5, 0.5, "mine")
    assert not drawing.is_of_marks
    assert "mine" in figures.svg(drawing, "d")
