"""The wheel carries all the kit needs, and works where there is no clone."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SHARED = ("notebooks", "templates", "data/demo")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this clone, as a release would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    _finished(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, PROJECT
    )
    return next(folder.glob("cxkit-*.whl"))


@pytest.fixture(scope="module")
def carried(wheel):
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The python of an environment that holds the core lock and the wheel, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # `pip --python` serves an environment without a pip of its own; byte code is made on use
    install = ["-m", "pip", "--python", python, "install", "--quiet", "--no-compile", "--no-deps"]
    lock = PROJECT / "requirements.lock"
    _finished(sys.executable, *install, "--require-hashes", "--requirement", lock)
    _finished(sys.executable, *install, "--no-index", wheel)
    return python


@pytest.mark.parametrize("name", SHARED)
def test_the_wheel_carries_what_the_kit_looks_up(carried, name):
    """Each file of the clone's `notebooks`, `templates` and `data/demo`, under `cxkit/_share`."""
    ours = {
        f"cxkit/_share/{path.relative_to(PROJECT).as_posix()}"
        for path in (PROJECT / name).rglob("*")
        if path.is_file() and not _is_left_behind(path)
    }
    assert ours
    assert ours <= carried


def test_the_wheel_carries_the_library_and_the_type_marker(carried):
    knowledge = {
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "cxkit/library").rglob("*")
        if path.is_file() and not _is_left_behind(path)
    }
    assert {path.rpartition(".")[2] for path in knowledge} >= {"yaml", "json", "md"}
    assert knowledge | {"cxkit/py.typed"} <= carried


def test_the_wheel_carries_no_tests_and_nothing_left_behind(carried):
    tops = {name.partition("/")[0] for name in carried}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cxkit"}
    assert not {name for name in carried if _is_left_behind(Path(name))}


@pytest.mark.slow
def test_a_new_study_runs_where_only_the_wheel_is_installed(installed, cxkit_command, tmp_path):
    """`cxkit new s && cxkit run s`, in a folder that has nothing to do with the clone."""
    cxkit_command("new", "s", python=installed, cwd=tmp_path)
    done = cxkit_command("run", "s", python=installed, cwd=tmp_path)
    _has_pages(done, tmp_path, tmp_path / "s" / "reports")


@pytest.mark.slow
def test_the_demo_runs_where_only_the_wheel_is_installed(installed, cxkit_command, tmp_path):
    """An installed kit writes the demo's report beside the user, not into itself."""
    done = cxkit_command("run", "demo", python=installed, cwd=tmp_path)
    _has_pages(done, tmp_path, tmp_path / "reports")


@pytest.mark.slow
def test_the_installed_kit_is_the_one_that_ran(installed, tmp_path):
    """The environment holds a copy: nothing leads back to the clone."""
    code = "import cxkit.places as p; print(p.shared('notebooks'))"
    notebooks = _finished(installed, "-c", code, cwd=tmp_path).stdout.strip()
    assert Path(notebooks).is_relative_to(installed.parent.parent)


def _is_left_behind(path: Path) -> bool:
    return bool({"__pycache__", ".cxkit", ".ipynb_checkpoints", ".DS_Store"} & set(path.parts))


def _has_pages(done: subprocess.CompletedProcess[str], cwd: Path, folder: Path) -> None:
    told = [cwd / line for line in done.stdout.splitlines()]
    pages = [path for path in told if path.suffix == ".html"]
    assert pages
    assert all(path.parent == folder for path in pages)
    assert all("</html>" in path.read_text(encoding="utf-8") for path in pages)


def _finished(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = [os.fspath(word) if isinstance(word, Path) else str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=600)
    if done.returncode:
        pytest.fail(f"{' '.join(words)}\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done
