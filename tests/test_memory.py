"""`check` takes as much memory as the columns that a study maps ask for, not as the file does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no size of a child"),
]


@pytest.fixture(scope="module")
def memory(project: Path) -> ModuleType:
    """`benchmarks/memory.py`, which lays down a study of any size and measures a check of it."""
    spec = importlib.util.spec_from_file_location("memory", project / "benchmarks" / "memory.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["memory"] = made
    spec.loader.exec_module(made)
    return made


def test_what_a_check_takes_grows_with_the_mapped_columns(
    memory: ModuleType, tmp_path: Path
) -> None:
    """By at most 2.5 times their size as int8 or category, and hardly with the rest of the file."""
    taken, mapped, size = [], [], []
    for megabytes in (10, 100):
        folder = tmp_path / str(megabytes)
        folder.mkdir()
        laid = memory.lay(folder, megabytes * memory.MEGABYTE)
        taken.append(memory.checked(folder)[0])
        mapped.append(laid.mapped)
        size.append(laid.bytes_written)
    grown = taken[1] - taken[0]
    assert grown <= memory.TIMES * (mapped[1] - mapped[0])
    assert grown < 0.5 * (size[1] - size[0])
    assert taken[1] <= memory.SLACK * memory.MEGABYTE
