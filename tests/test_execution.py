"""One notebook within its limits, in a fresh kernel and in a forked one: each ends in words."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from cxkit.errors import ReportError, StudyError
from cxkit.report import kernels
from cxkit.report.execution import Limits, execute
from cxkit.report.failed import NOT_KEPT

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux holds a process to its memory")

CATCHES_INTERRUPTS = """\
import time
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""
HOLDS_THE_LOCK = "import re; re.match('(a*)*b', 'a' * 60)"
FILLS_UP = "rows = []\nwhile True: rows.append('a' * 10_000 + str(len(rows)))"
MANY_PRINTS = "while True: print('R-001 budi@contoh.co.id')"
ONE_DISPLAY = "from IPython.display import HTML; HTML('<b>' * 1_000_000)"

MEASURED = """\
import resource
from pathlib import Path
from cxkit.errors import ReportError
from cxkit.report.execution import execute

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

execute(Path("small/asked.ipynb"), {}, Path("study.yaml"))
before = peak()
try:
    execute(Path("large/asked.ipynb"), {}, Path("study.yaml"))
except ReportError as error:
    print(error.message, peak() - before, sep="|")
"""


@pytest.fixture(params=["fresh", pytest.param("forked", marks=linux)])
def fresh(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Each way to start a kernel; none of either is left when the test ends."""
    yield request.param == "fresh"
    kernels_left = [one for one in left_by(os.getpid()) if "kernels.server" not in one]
    assert not kernels_left


@pytest.fixture(scope="module", autouse=True)
def _no_server_is_left() -> Iterator[None]:
    yield
    kernels.close()
    assert not [one for one in left_by(os.getpid()) if "kernels.server" in one]


def left_by(parent: int) -> list[str]:
    """The command lines of ipykernels and fork servers that a process has."""
    lines = []
    for process in psutil.Process(parent).children():
        try:
            lines.append(" ".join(process.cmdline()) or process.status())
        except psutil.NoSuchProcess:
            continue
    return [line for line in lines if "kernel" in line or line == psutil.STATUS_ZOMBIE]


def notebook(folder: Path, *cells: str) -> Path:
    path = folder / "asked.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def outcome(folder: Path, *cells: str, fresh: bool, **limits: Any) -> Any:
    """The executed cells, or the error that told why there are none."""
    source = notebook(folder, *cells)
    study, failed = folder / "study.yaml", folder / "asked.failed.ipynb"
    try:
        made = execute(source, {}, study, failed, limits=Limits(**limits), fresh=fresh)
    except ReportError as error:
        return error
    assert not failed.exists()
    return made.cells


def kept(folder: Path) -> nbformat.NotebookNode:
    """The notebook that did not end well, as far as it came."""
    return nbformat.read(folder / "asked.failed.ipynb", as_version=4)


def test_a_notebook_within_its_limits_is_executed(tmp_path, fresh):
    cells = outcome(tmp_path, "x = 1", "x + 1", fresh=fresh, seconds=60, memory=2000, output=1)
    assert cells[1].outputs[0].data["text/plain"] == "2"


@pytest.mark.parametrize("cell", [CATCHES_INTERRUPTS, HOLDS_THE_LOCK], ids=["catches", "holds"])
def test_a_cell_that_does_not_end_is_ended(cell, tmp_path, fresh):
    """Whether it sleeps through an interrupt or computes where no signal is heard."""
    if not fresh:
        kernels.warm()
    began = time.monotonic()
    error = outcome(tmp_path, "1", cell, fresh=fresh, seconds=4)
    assert time.monotonic() - began < 10
    assert str(error).splitlines() == [
        "ReportError: notebook 'asked' took longer than 4 s",
        f"  where     asked.ipynb, cell 2: {cell.splitlines()[0]}",
        "  expected  done within 4 s, the start of its kernel included",
        "  try       allow it more time, or look for what does not end; open "
        f"{tmp_path / 'asked.failed.ipynb'} to see the notebook as far as it came, without answers",
    ]


def test_a_kernel_that_starts_too_late_is_ended(tmp_path, fresh):
    """There is no cell to name then, and no notebook worth keeping."""
    error = outcome(tmp_path, "1", fresh=fresh, seconds=0.01)
    assert error.message == "notebook 'asked' took longer than 0.01 s"
    assert error.where == "asked.ipynb"
    assert not (tmp_path / "asked.failed.ipynb").exists()


@linux
@pytest.mark.parametrize(
    "cell",
    ["rows = bytearray(10**10)", "import numpy as np; np.ones(10**10)", FILLS_UP],
    ids=["Python", "numpy", "until none is left"],
)
def test_a_cell_that_needs_too_much_memory_is_told_the_limit(cell, tmp_path, fresh):
    error = outcome(tmp_path, "1", cell, fresh=fresh, memory=600, seconds=60)
    assert error.message == "notebook 'asked' needed more memory than it may take"
    assert error.where == f"asked.ipynb, cell 2: {cell.splitlines()[0]}"
    assert error.expected == "at most 600 MB of data"
    assert kept(tmp_path).cells[-1].source == cell


def test_a_lack_of_memory_without_a_limit_is_an_error_like_any_other(tmp_path):
    error = outcome(tmp_path, "raise MemoryError", fresh=True)
    assert error.message == "cell 1 of notebook 'asked' failed: MemoryError"


@pytest.mark.parametrize(
    "cell",
    ["print('R-001 budi@contoh.co.id' * 100_000)", MANY_PRINTS, ONE_DISPLAY, "'R-001' * 10**6"],
    ids=["one print", "prints without end", "one display", "a result"],
)
def test_a_cell_that_shows_too_much_is_ended(cell, tmp_path, fresh):
    """What it showed may be answers: they are not kept."""
    error = outcome(tmp_path, "'before'", cell, fresh=fresh, output=1, seconds=60)
    assert error.message == "notebook 'asked' printed or showed more than 1 MB"
    assert error.where == f"asked.ipynb, cell 2: {cell.splitlines()[0]}"
    assert error.expected == "at most 1 MB from all of its cells"
    outputs = [output for one in kept(tmp_path).cells for output in one.get("outputs", ())]
    words = [output.get("text", NOT_KEPT) for output in outputs]
    assert set(words) == {NOT_KEPT}


def test_what_is_shown_is_counted_over_all_cells(tmp_path):
    cells = ["print('x' * 400_000)"] * 3
    error = outcome(tmp_path, *cells, fresh=True, output=1)
    assert (error.message, error.where) == (
        "notebook 'asked' printed or showed more than 1 MB",
        "asked.ipynb, cell 3: print('x' * 400_000)",
    )


@linux
def test_what_is_too_much_to_show_is_not_received(tmp_path):
    """A print of 200 MB does not pass through the memory of the process that waits for it."""
    for name, cell in {"small": "1", "large": "print('x' * 200_000_000)"}.items():
        (tmp_path / name).mkdir()
        notebook(tmp_path / name, cell)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    message, grown = done.stdout.strip().split("|")
    assert message == "notebook 'asked' printed or showed more than 50 MB"
    assert int(grown) < 60


@pytest.mark.parametrize(
    ("cell", "how"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
    ],
)
def test_a_kernel_that_dies_is_told_of_at_once(cell, how, tmp_path, fresh):
    error = outcome(tmp_path, "1", cell, fresh=fresh)
    assert error.message == f"the kernel of notebook 'asked' died ({how})"
    assert error.where == f"asked.ipynb, cell 2: {cell}"
    assert "memory" in error.hint
    assert kept(tmp_path).cells[-1].source == cell


def test_a_slip_of_the_study_stays_what_it_is(tmp_path, fresh):
    """Its notebook is not kept: there is nothing in it to be looked at."""
    slip = "from cxkit.errors import StudyError\nraise StudyError('no such wave', 'study.yaml')"
    source = notebook(tmp_path, slip)
    failed = tmp_path / "asked.failed.ipynb"
    with pytest.raises(StudyError, match="no such wave") as caught:
        execute(source, {}, tmp_path / "study.yaml", failed, fresh=fresh)
    assert caught.value.where == "study.yaml"
    assert not failed.exists()


def test_the_environment_of_this_process_is_as_it_was(tmp_path, fresh):
    before = dict(os.environ)
    outcome(tmp_path, "1 / 0", fresh=fresh)
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("limit", "where"),
    [
        ({"seconds": float("nan")}, "--timeout"),
        ({"seconds": float("inf")}, "--timeout"),
        ({"seconds": -1}, "--timeout"),
        ({"seconds": "soon"}, "--timeout"),
        ({"memory": 0}, "--memory"),
    ],
)
def test_a_limit_that_is_none_is_refused(limit, where):
    """Before anything runs, not by each report that cannot be held to it."""
    with pytest.raises(StudyError, match="cannot be held to") as refused:
        Limits(**limit)
    assert refused.value.where == where


def test_standard_output_is_kept_for_results(tmp_path, fresh, capfd):
    """What a cell prints is in the notebook; what other programs say for it is no result."""
    outcome(tmp_path, "import os; os.system('echo aloud')", fresh=fresh)
    assert capfd.readouterr() == ("", "aloud\n")
