"""The reading room: YAML files of the library (or beside a study) as plain data, read once."""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cxkit.errors import StudyError, nearest
from cxkit.library.locale_file import gaps

__all__ = [
    "FIRST",
    "LIBRARY",
    "Text",
    "beside_or_in_library",
    "in_every_language",
    "languages",
    "load_yaml",
    "locale",
    "names_in",
    "rows_in_every_language",
    "unknown",
]

LIBRARY = Path(__file__).resolve().parent
"""The folder that holds the library's files."""

Text = dict[str, str]
"""One text in several languages, by language code."""


def load_yaml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """A YAML 1.2 file as a plain dict: `no` stays a word, duplicate keys are refused.

    The file is read again only after it changed. The dict is shared between callers: read it,
    do not change it.

    Raises
    ------
    StudyError
        If there is no such file, it is not UTF-8 or not YAML, or it holds no mapping; the place
        is the file and the line.

    Examples
    --------
    >>> load_yaml(LIBRARY / "frameworks" / "journey.yaml")["kind"]
    'stages'
    """
    file = Path(path)
    if not file.is_file():
        beside = (one.name for one in file.parent.glob("*.yaml"))
        raise StudyError(
            f"there is no file '{file.name}'", where=str(file), hint=nearest(file.name, beside)
        )
    stamp = file.stat()
    return _load(file.resolve(), stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=64)
def _load(file: Path, _changed: int, _size: int) -> dict[str, Any]:
    if file.is_relative_to(LIBRARY) and (loader := _core_loader()) is not None:
        import yaml

        return dict(yaml.load(file.read_text(encoding="utf-8"), Loader=loader))
    try:
        data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise StudyError(
            f"'{file.name}' is not valid YAML: {error.problem}",
            where=f"{file}{line}",
            expected="key: value, with the same indentation for keys of one group",
        ) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise StudyError(
            f"'{file.name}' is not valid YAML: {error}", where=str(file), expected="UTF-8 text"
        ) from error
    if not isinstance(data, dict):
        raise StudyError(f"'{file.name}' holds no keys", where=str(file), expected="key: value")
    return data


@cache
def _core_loader() -> Any:
    """The C parser of PyYAML with YAML 1.2's core schema: the library is ours, and it is large.

    It reads what ruamel.yaml reads in a tenth of the time; a test holds the two against each
    other over every file. None where PyYAML was built without its C parser.
    """
    import yaml

    if not yaml.__with_libyaml__:
        return None

    class Core(yaml.CSafeLoader):
        """Scalars by the core schema: `no` and `on` stay words."""

    Core.yaml_implicit_resolvers = {}
    patterns = {
        "null": ("~|null|Null|NULL|", "~nN"),
        "bool": ("true|True|TRUE|false|False|FALSE", "tTfF"),
        "int": ("[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
        "float": (
            r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?",
            "-+.0123456789",
        ),
        "timestamp": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
    }
    for kind, (pattern, first) in patterns.items():
        tag, whole = f"tag:yaml.org,2002:{kind}", re.compile(f"(?:{pattern})$")
        Core.add_implicit_resolver(tag, whole, [*first, ""] if kind == "null" else list(first))
    return Core


def names_in(shelf: str) -> tuple[str, ...]:
    """The names of the files on a shelf of the library: `frameworks`, `scales`, `locales`."""
    return tuple(sorted(file.stem for file in (LIBRARY / shelf).glob("*.yaml")))


def beside_or_in_library(
    shelf: str, name: str, folder: str | os.PathLike[str] | None, *, kind: str
) -> Path:
    """The file of a name: `folder`/NAME.yaml if there is one, else that on the library's shelf.

    A name is a name and never a path.

    Raises
    ------
    StudyError
        If neither has it; it names those that the library has and the nearest.
    """
    beside = Path(folder) / f"{name}.yaml" if folder is not None else None
    if beside is not None and Path(name).name == name and beside.is_file():
        return beside
    if name not in names_in(shelf):
        raise unknown(kind, name, names_in(shelf), str(beside) if beside else None)
    return LIBRARY / shelf / f"{name}.yaml"


FIRST = "id"
"""The language that is written first: the others say what it says."""


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that the kit speaks, Indonesian first: one for each file of `locales`."""
    return tuple(sorted(names_in("locales"), key=lambda name: (name != FIRST, name)))


@lru_cache(maxsize=16)
def locale(language: str) -> dict[str, Any]:
    """Every word of one language, by key; read once, shared, do not change it.

    Raises
    ------
    StudyError
        If no locale of the library is of this language, or its file is not whole: every key and
        slot that it lacks, at once.
    """
    if language not in languages():
        raise unknown("language", language, languages())
    file = LIBRARY / "locales" / f"{language}.yaml"
    words = load_yaml(file)
    if language != FIRST and (problems := tuple(gaps(words, locale(FIRST), file))):
        raise StudyError.of(problems)
    return words


def in_every_language(*path: str) -> Text | None:
    """One text of the locales in each language, by its path of keys; None where one lacks it.

    >>> in_every_language("names", "level", "trust")
    {'id': 'Kepercayaan', 'en': 'Trust'}
    """
    found = {}
    for language in languages():
        node: Any = locale(language)
        for key in path:
            node = node.get(key) if isinstance(node, dict) else None
        if node is None:
            return None
        found[language] = node
    return found


def rows_in_every_language(*path: str) -> tuple[Text, ...]:
    """A list of texts of the locales, each in every language; nothing where there is none.

    >>> rows_in_every_language("frameworks", "journey", "provenance")[1]["en"]
    "The placing of pyramid statements at stages is this kit's proposal."
    """
    found: dict[str, Any] = in_every_language(*path) or {}
    return tuple(dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True))


def unknown(kind: str, name: str, known: tuple[str, ...], where: str | None = None) -> StudyError:
    """The error for a name that the library does not know, with the known ones and the nearest."""
    return StudyError(
        f"there is no {kind} '{name}'",
        where=where,
        expected="one of " + ", ".join(known),
        hint=nearest(name, known),
    )
