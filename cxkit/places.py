"""Where things lie: the kit's own notebooks, templates and demo, and a user's study."""

from __future__ import annotations

import os
from pathlib import Path

from cxkit.errors import StudyError

__all__ = ["find_study", "is_demo", "output_folder", "root", "shared"]

_PACKAGE = Path(__file__).resolve().parent
_STUDY_FILE = "study.yaml"


def shared(name: str) -> Path:
    """The kit's `notebooks`, `templates` or `data/demo`, in a clone or in an installed wheel."""
    clone = _PACKAGE.parent
    if (clone / "pyproject.toml").is_file() and (clone / "notebooks").is_dir():
        return clone / name
    return _PACKAGE / "_share" / name


def is_clone() -> bool:
    """Whether the kit runs from a clone (and may write beside its own files)."""
    return shared("notebooks").parent == _PACKAGE.parent


def root() -> Path:
    """The folder that relative paths start from: `CXKIT_ROOT` if set, else the working folder."""
    return Path(os.environ.get("CXKIT_ROOT") or Path.cwd())


def find_study(study: str | os.PathLike[str]) -> Path:
    """The study file that `study` names: a folder, a study.yaml, or the word `demo`."""
    if str(study) == "demo":
        return shared("data/demo") / _STUDY_FILE
    path = root() / Path(study)
    file = path / _STUDY_FILE if path.is_dir() else path
    if not file.is_file():
        raise StudyError(
            f"there is no study at '{study}'",
            where=str(study),
            expected="a folder that holds study.yaml, a study.yaml, or the word demo",
            hint="did you mean '..'?"
            if (path.parent / _STUDY_FILE).is_file()
            else "cxkit new DIR lays down a study that runs at once",
        )
    return file.resolve()


def is_demo(study_file: Path) -> bool:
    """Whether this is the shipped demo study."""
    return study_file.resolve() == (shared("data/demo") / _STUDY_FILE).resolve()


def output_folder(study_file: Path) -> Path:
    """Where a study's reports go: `STUDY/reports`, the demo's to the top-level `reports`."""
    if not is_demo(study_file):
        return study_file.parent / "reports"
    return (_PACKAGE.parent if is_clone() else root()) / "reports"
