"""Notebooks as files: found by name, read, and refused in words when they are none."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cxkit import places
from cxkit.errors import StudyError, nearest

__all__ = ["find_notebook", "lean_nbformat", "read_notebook"]


def find_notebook(name: str, study_folder: Path) -> Path:
    """The notebook `name`: a path, the study's own, or the kit's."""
    if name.endswith(".ipynb") and (places.root() / name).is_file():
        return (places.root() / name).resolve()
    shelves = [study_folder / "notebooks", places.shared("notebooks")]
    for shelf in shelves:
        if (shelf / f"{name}.ipynb").is_file():
            return shelf / f"{name}.ipynb"
    known = sorted({one.stem for shelf in shelves for one in shelf.glob("*.ipynb")})
    raise StudyError(
        f"there is no notebook '{name}'",
        expected="one of " + ", ".join(known) + ", or the path of an .ipynb file",
        hint=nearest(name, known),
    )


def read_notebook(path: Path, shown: str) -> Any:
    """A notebook of format 4, or a StudyError for a file that is none."""
    nbformat = lean_nbformat()
    try:
        text = path.read_text(encoding="utf-8")
        version = json.loads(text)["nbformat"]
        nb = nbformat.reads(text, as_version=4)
        nbformat.validate(nb)
    except (KeyError, TypeError, ValueError, AttributeError, nbformat.ValidationError) as slip:
        raise StudyError(
            f"'{shown}' is not a notebook", where=shown, expected="a Jupyter notebook of format 4"
        ) from slip
    if version != 4:
        raise StudyError(
            f"'{shown}' is a notebook of format {version}",
            where=shown,
            expected="format 4",
            hint="open it in JupyterLab and save it again",
        )
    _name_cells(nb, json.loads(text)["cells"])
    return nb


def _name_cells(nb: Any, raw: list[dict[str, Any]]) -> None:
    """Cells that the file gives no id get that of their place, not one by chance."""
    for position, (cell, own) in enumerate(zip(nb.cells, raw, strict=True)):
        if "id" not in own and "id" in cell:
            cell["id"] = f"cell-{position}"


def lean_nbformat() -> Any:
    """nbformat, without the URI parsers that jsonschema would compile for nobody.

    Where JupyterLab is installed they cost every process 1.5 s (python-jsonschema/jsonschema
    issue 1428); they are left importable for others.
    """
    name = "rfc3987_syntax"
    is_ours = "nbformat" not in sys.modules and name not in sys.modules
    if is_ours:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import nbformat
    finally:
        if is_ours:
            del sys.modules[name]
    return nbformat
