"""A new study: the kit's template laid down in a folder, with simulated answers to run on."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from cxkit import library, places
from cxkit.errors import StudyError, nearest

__all__ = ["key_of", "lay_down"]

_FILES = ("study.yaml", "truth.yaml", "README.md", "notebooks/trust_by_channel.ipynb")


def lay_down(folder: str | os.PathLike[str], preset: str = "retail") -> Path:
    """Lay down a study that runs at once on simulated answers; nothing is overwritten.

    Parameters
    ----------
    folder : path
        Where the study is to be; made if it is not there, refused if it holds anything.
    preset : str, default "retail"
        Which words the fulfilment statements take.

    Returns
    -------
    Path
        The new study.yaml.

    Raises
    ------
    StudyError
        If the folder holds something already, or the preset is unknown.
    """
    from cxkit.answers.simulate import write

    home = places.root() / Path(folder)
    _refuse_occupied(home, str(folder))
    _refuse_unknown(preset)
    home.mkdir(parents=True, exist_ok=True)
    template = places.shared("templates/study")
    for name in _FILES:
        (home / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(template / name, home / name)
    file = home / "study.yaml"
    text = file.read_text(encoding="utf-8")
    text = _replaced(text, "study", key_of(home.name))
    file.write_text(_replaced(text, "preset", preset), encoding="utf-8", newline="\n")
    write(file)
    return file


def _refuse_occupied(home: Path, shown: str) -> None:
    if home.is_dir() and not any(home.iterdir()):
        return
    if home.exists():
        raise StudyError(
            f"'{shown}' holds something already",
            where=shown,
            expected="a folder that is empty or not there yet",
            hint="choose another name; nothing is ever overwritten",
        )


def _refuse_unknown(preset: str) -> None:
    known = library.presets()
    if preset not in known:
        raise StudyError(
            f"unknown preset '{preset}'",
            where="--preset",
            expected="one of " + ", ".join(known),
            hint=nearest(preset, known),
        )


def key_of(name: str) -> str:
    """A folder's name as the key of a study: small letters, digits, - and _."""
    return re.sub(r"[^a-z0-9_-]+", "_", name.lower()).strip("_-") or "my_study"


def _replaced(text: str, key: str, value: str) -> str:
    """The study file with the value of one top-level key replaced, its comment kept."""
    return re.sub(rf"^{key}: \S+", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
