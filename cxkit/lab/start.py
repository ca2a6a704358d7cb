"""JupyterLab on a study: copies of the kit's notebooks to work in, and the start of JupyterLab.

A copy knows its study (`study: str = "."`, with `CXKIT_ROOT` set to the study's folder, as
`cxkit run` sets it), holds no output of the demo, and keeps the kit's cells tagged `guide`: what
a researcher adds to it is printed on the page, the kit's own talk is not.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cxkit import places
from cxkit.errors import StudyError
from cxkit.files import ensure_writable, write_atomically
from cxkit.report import provenance
from cxkit.report.execution import as_seen_from_kernel

__all__ = ["Copies", "ensure_installed", "home_of", "lay_copies", "start"]

FIRST = "00_start_here.ipynb"
"""The notebook that is open when JupyterLab starts."""

_OWN_FOLDER = "cxkit-demo"
_CHECKED = "# NBVAL_CHECK_OUTPUT\n"
_STUDY_LINE = re.compile(r'^study: str = "[^"\n]*"', re.MULTILINE)


@dataclass(frozen=True)
class Copies:
    """The notebooks in a study's folder after the kit's were laid beside them.

    `new` were laid now, `kept` are as the kit has them, `differing` have other cells than the
    kit's notebook of that name: edited by the researcher, or laid by an earlier version.
    """

    folder: Path
    new: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = {
            "new": self.new,
            "kept, as the kit has them": self.kept,
            "kept, not as the kit has them": self.differing,
        }
        lines = [f"{what}: {', '.join(names)}" for what, names in said.items() if names]
        return "\n".join(lines) or "the kit's own notebooks, where they lie"


def home_of(study_file: Path) -> Path:
    """The folder that JupyterLab opens: the study's own; for the demo the clone, or a new one.

    In a clone the demo's notebooks are the kit's own, where they lie. Installed, they are copied
    into `cxkit-demo` in the working folder, so that nothing mixes with a user's files.
    """
    if not places.is_demo(study_file):
        return study_file.parent
    return places.shared("notebooks").parent if places.is_clone() else places.root() / _OWN_FOLDER


def lay_copies(study_file: Path) -> Copies:
    """Lay the kit's notebooks into the study's `notebooks/`; nothing is ever overwritten.

    Raises
    ------
    StudyError
        If there is something to lay and the folder may not be written to.
    """
    folder, shelf = home_of(study_file) / "notebooks", places.shared("notebooks")
    if folder == shelf:
        return Copies(folder)
    texts = {
        path.name: _copy(path, as_seen_from_kernel(study_file))
        for path in sorted(shelf.glob("*.ipynb"))
    }
    here = [name for name in texts if os.path.lexists(folder / name)]
    new = [name for name in texts if name not in here]
    same = [name for name in here if _cells(_text(folder / name)) == _cells(texts[name])]
    if new:
        ensure_writable(folder, "open a study that is yours to change")
    for name in new:
        write_atomically(folder / name, texts[name])
    differing = [name for name in here if name not in same]
    return Copies(folder, tuple(new), tuple(same), tuple(differing))


def ensure_installed() -> None:
    """StudyError unless JupyterLab is there to be started."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise StudyError(
            "JupyterLab is not installed here",
            expected="the packages of the extra 'lab'",
            hint="pip install 'cxkit[lab]'; in a clone: make lab",
        )


def start(study_file: Path, options: Sequence[str] = ()) -> None:
    """Run JupyterLab on the study's folder until it is stopped, its first notebook open.

    It asks nothing of the network on its own (no news, no look for newer versions) unless the
    user's settings say so.

    Parameters
    ----------
    study_file : Path
        The study.yaml.
    options : sequence of str
        Further words for `jupyter lab`, such as `--no-browser`; they win over the kit's.
    """
    from jupyterlab.labapp import LabApp

    home = home_of(study_file)
    os.environ["CXKIT_ROOT"] = str(home)
    defaults = [str(places.shared("templates") / "lab"), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, defaults))
    if places.is_demo(study_file) and places.is_clone():
        _trust(home / "notebooks")
    opened = FIRST if (home / "notebooks" / FIRST).is_file() else ""
    own = (f"--ServerApp.root_dir={home}", f"--LabApp.default_url=/lab/tree/notebooks/{opened}")
    LabApp.launch_instance([*own, *options])


def _copy(notebook: Path, study: str) -> str:
    """A notebook of the kit for a study: its own default, no output and no mark of our tests."""
    nb = json.loads(notebook.read_text(encoding="utf-8"))
    own = f"study: str = {json.dumps(study, ensure_ascii=False)}"
    for cell in nb["cells"]:
        source = "".join(cell["source"]).removeprefix(_CHECKED)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if "parameters" in cell["metadata"].get("tags", ()):
            source = _STUDY_LINE.sub(lambda _: own, source)
        cell["source"] = source.splitlines(keepends=True)
    return provenance.dump(nb)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _cells(text: str) -> list[tuple[str, str]] | None:
    """The kind and words of every cell; None where there is no notebook to read."""
    try:
        return [(one["cell_type"], "".join(one["source"])) for one in json.loads(text)["cells"]]
    except (ValueError, KeyError, TypeError):
        return None


def _trust(folder: Path) -> None:
    """Let JupyterLab show the drawings that the kit's own notebooks were committed with."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for path in sorted(folder.glob("*.ipynb")):
        notary.sign(nbformat.read(path, as_version=4))
