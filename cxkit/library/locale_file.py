"""A language as a file: what its locale lacks, held against the one that is written first."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cxkit.errors import Problem, nearest

__all__ = ["gaps"]

_SAME = {"Unit": "unit", "units": "unit"}
"""Slots that stand for one another: whether a noun is plural or capital is the language's own."""


def gaps(words: Mapping[str, Any], model: Mapping[str, Any], file: Path) -> Iterator[Problem]:
    """What keeps a locale from being whole: keys that it lacks, texts whose slots are others.

    Where a whole shelf is missing, the shelf is named and not each text on it. Keys that the
    model does not have are no fault: nothing asks for them.

    Parameters
    ----------
    words, model : mapping
        The locale, and one that is known to be whole.
    file : Path
        Where the locale lies; the code of its language is the file's name.

    Examples
    --------
    >>> model = {"language": "id", "plural": {}, "ui": {"to": "{a} sampai {b}"}}
    >>> malay = {"language": "ms", "plural": {}, "ui": {"to": "{a} hingga"}}
    >>> [one.message for one in gaps(malay, model, Path("ms.yaml"))]
    ["'ui.to' lacks the slot {b}"]
    """
    if words.get("language") != file.stem:
        said = f"the locale calls itself '{words.get('language')}'"
        yield _problem(file, "language", said, f"language: {file.stem}")
    if not _is_known(file.stem):
        said = f"no language has the code '{file.stem}'"
        yield _problem(file, "language", said, "a code of CLDR, such as ms or jv")
    nouns = set(words.get("plural") or ())
    for path, own, other in _beside(words, model):
        if own is None or own == "":
            added = set(_shelf(words, path)) - set(_shelf(model, path))
            hint = nearest(path.rpartition(".")[2], added)
            yield _problem(file, path, f"'{path}' is missing", _shown(other), hint)
        else:
            yield from _faults(path, own, other, nouns, file)


def _is_known(code: str) -> bool:
    """Whether Babel has numerals, dates and plurals of a language (it is not loaded for that)."""
    babel = find_spec("babel")
    folder = Path(babel.origin or "").parent if babel is not None else Path()
    return (folder / "locale-data" / f"{code}.dat").is_file()


def _beside(words: Any, model: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    """Each text of the model with the locale's own at its place; of what is missing, the top.

    The forms of a plural are one text: which of them a language has is its own.
    """
    for key, other in model.items():
        own = words.get(key)
        is_shelf = isinstance(other, Mapping) and path != ("plural",)
        if is_shelf and isinstance(own, Mapping):
            yield from _beside(own, other, (*path, key))
        else:
            yield ".".join((*path, key)), own, other


def _shelf(words: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The shelf on which a text stands."""
    for key in path.split(".")[:-1]:
        words = words[key]
    return words


def _faults(path: str, own: Any, other: Any, nouns: set[str], file: Path) -> Iterator[Problem]:
    """What is wrong with a text that is there."""
    if path.startswith("plural."):
        if not isinstance(own, Mapping) or "other" not in own:
            yield _problem(file, path, f"'{path}' has no form 'other'", _shown(other))
    elif isinstance(other, Mapping):
        yield _problem(file, path, f"'{path}' holds no keys", _shown(other))
    elif isinstance(other, list):
        if not isinstance(own, list) or len(own) != len(other):
            yield _problem(file, path, f"'{path}' is no list of {len(other)}", _shown(other))
    elif isinstance(own, (Mapping, list)):
        yield _problem(file, path, f"'{path}' is no text", _shown(other))
    elif path != "language":
        yield from _slot_faults(path, str(own), str(other), nouns, file)


def _slot_faults(path: str, own: str, other: str, nouns: set[str], file: Path) -> Iterator[Problem]:
    if "{" not in own and "{" not in other:
        return
    try:
        has, counted = _slots(own)
    except ValueError as error:
        yield _problem(file, path, f"'{path}' has braces that are no slot: {error}", other)
        return
    wanted, _ = _slots(other)
    for missing in sorted(wanted - has):
        yield _problem(file, path, f"'{path}' lacks the slot {{{missing}}}", other)
    for added in sorted(has - wanted):
        yield _problem(file, path, f"'{path}' has a slot {{{added}}} that nothing fills", other)
    for noun in sorted(counted - nouns):
        said = f"'{path}' counts '{noun}', which is not under plural"
        yield _problem(file, path, said, f"plural.{noun}", nearest(noun, nouns))


def _slots(text: str) -> tuple[set[str], set[str]]:
    """The slots of a template, and the nouns that it counts with them."""
    found = [(name, noun) for _, name, noun, _ in string.Formatter().parse(text) if name]
    return {_SAME.get(name, name) for name, _ in found}, {noun for _, noun in found if noun}


def _shown(other: Any) -> str:
    """What the model has there."""
    if isinstance(other, Mapping):
        return f"{len(other)} keys: " + ", ".join(list(other)[:5])
    return " | ".join(map(str, other)) if isinstance(other, list) else str(other)


def _problem(
    file: Path, place: str, message: str, expected: str, hint: str | None = None
) -> Problem:
    return Problem(
        "bad_locale", message, file=str(file), column=place, expected=expected, hint=hint
    )
