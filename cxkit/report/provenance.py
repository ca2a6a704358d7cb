"""How a report was made: what is stripped, the manifest, digests."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from cxkit import __version__, places
from cxkit.records import to_json

__all__ = [
    "code",
    "code_of_kit",
    "digest",
    "dump",
    "environment",
    "key_of",
    "manifest",
    "strip",
    "versions",
]

_NAMED = (
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "matplotlib",
    "pyarrow",
    "papermill",
    "mistune",
    "Babel",
    "Jinja2",
)


@cache
def versions() -> dict[str, str]:
    """What is installed, by name; Python and the machine's kind included."""
    found = {
        "cxkit": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    for name in _NAMED:
        try:
            found[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return dict(sorted(found.items()))


def digest(*parts: bytes | str) -> str:
    """The SHA-256 of some texts, as hexadecimal."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode() if isinstance(part, str) else part)
        total.update(b"\0")
    return total.hexdigest()


def manifest(nb: Any, source: Path, parameters: Mapping[str, object]) -> dict[str, Any]:
    """What is needed to make this report again, and the key that says whether it would differ."""
    from cxkit.report.page import context_of

    context = context_of(nb)
    inputs = {**context.get("inputs", {}), **code(nb)}
    stated = {"inputs": dict(sorted(inputs.items())), "versions": versions()}
    return {
        "study": context.get("key"),
        "notebook": source.stem,
        "parameters": to_json(dict(parameters)),
        "manifest": {**stated, "key": key_of(stated, parameters)},
    }


def key_of(stated: Mapping[str, Any], parameters: Mapping[str, object]) -> str:
    """The digest of what a report rests on: its inputs, versions and code, and its parameters."""
    return digest(dump(to_json(dict(stated))), dump(to_json(dict(parameters))))


def environment() -> str:
    """The digest of what has to be the same wherever reports of one batch are made."""
    return digest(dump({"versions": versions(), "code": code_of_kit()}))


def code(nb: Any) -> dict[str, str]:
    """The digests of all code that a report rests on: the kit's, and the notebook's cells.

    Values of parameters and outputs do not count.
    """
    cells = [cell.source for cell in nb.cells if "injected-parameters" not in _tags(cell)]
    return {**code_of_kit(), "code:notebook": digest(*cells)}


@cache
def code_of_kit() -> dict[str, str]:
    """The digests of the package with its library, and of the page's templates."""
    package = Path(places.__file__).parent
    return {
        "code:cxkit": _digest_of_files(package, (".py", ".yaml")),
        "code:templates": _digest_of_files(places.shared("templates") / "report", ()),
    }


_OF_OTHERS = ("_share/", "index.")
"""What lies in a wheel beside the package, and the templates of the list of reports."""


def _digest_of_files(folder: Path, suffixes: tuple[str, ...]) -> str:
    """One digest of the files below a folder, whatever else was installed into it."""
    named = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and (not suffixes or path.suffix in suffixes)
    }
    own = {name: path for name, path in named.items() if not name.startswith(_OF_OTHERS)}
    return digest(*(part for name in sorted(own) for part in (name, own[name].read_bytes())))


def _tags(cell: Any) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", ()))


def strip(nb: Any, stem: str, ids: Collection[str] | None = None) -> None:
    """Take out of an executed notebook what differs from run to run: times, paths, random ids.

    `ids` are those that its cells had before; where they are told, others were drawn by chance.
    """
    nb.metadata.pop("papermill", None)
    nb.metadata["title"] = stem
    nb.metadata.get("language_info", {}).pop("version", None)
    nb.metadata.pop("widgets", None)
    for position, cell in enumerate(nb.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in _tags(cell):
            cell["id"] = "injected-parameters"
        elif "id" not in cell or (ids is not None and cell["id"] not in ids):
            cell["id"] = f"cell-{position}"
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(_WIDGET, None)
            if output.get("output_type") == "stream":
                output["text"] = _FILE_OF_CELL.sub(r"cell-\1.py", output["text"])


_WIDGET = "application/vnd.jupyter.widget-view+json"
"""What names a widget by a number drawn by chance; it lives as long as its kernel."""

_FILE_OF_CELL = re.compile(r"[^\s\"']*ipykernel_\d+[/\\](\d+)\.py")
"""What a warning calls the cell that it comes from: its folder is named after a process."""


def dump(value: object) -> str:
    """JSON with sorted keys, a line at the end, and nothing that is not JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"
