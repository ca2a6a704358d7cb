"""The framework: levels or stages as a file, from the library or from beside a study."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cxkit.errors import Problem, StudyError, nearest
from cxkit.library.files import (
    FIRST,
    LIBRARY,
    beside_or_in_library,
    in_every_language,
    load_yaml,
    locale,
    rows_in_every_language,
)

__all__ = ["framework"]

_KINDS = {"levels": "level", "stages": "stage"}
_SHAPES = ("pyramid", "list")
_KEYED = ("positive", "negative")


def framework(name: str, folder: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """A framework by its name: `folder`/NAME.yaml if there is one, else the library's.

    Each of its `levels` (or `stages`) has a `key`; each item of a framework of levels has
    a `base` (None where the file names none) and `keyed`. Labels and texts stand in the file or
    in the locales, as does where a framework of the library comes from. `part` says what one of
    them is called there (`level`, `stage`, `type`, ...); parts that are no levels or stages by
    name bring their labels along.

    Raises
    ------
    StudyError
        If no such framework is known (with the nearest name), or its file needs mending: every
        problem at once.

    Examples
    --------
    >>> [level["key"] for level in framework("pyramid")["levels"]][0]
    'fulfilment'
    """
    file = beside_or_in_library("frameworks", name, folder, kind="framework")
    given = load_yaml(file)
    problems = tuple(_problems(given, name, file))
    if problems:
        raise StudyError.of(problems)
    usual = _KINDS[given["kind"]]
    words = _words(name) if file.is_relative_to(LIBRARY) else {}
    made = {"key": name, "part": usual, **words, **given}
    if made["part"] != usual:
        made[made["kind"]] = [_labelled(part, made["part"]) for part in given[made["kind"]]]
    if made["kind"] == "levels":
        own = given.get("items") or {}
        listed = [key for level in given["levels"] for key in level["items"]]
        made["shape"] = given.get("shape", "list")
        made["items"] = {
            key: {"base": None, "keyed": "positive", **(own.get(key) or {})} for key in listed
        }
    return made


def _words(name: str) -> dict[str, Any]:
    """What the locales say of one of the library's own: texts and lists of texts, by language."""
    told = locale(FIRST)["frameworks"].get(name, {})
    return {
        word: (rows_in_every_language if isinstance(text, list) else in_every_language)(
            "frameworks", name, word
        )
        for word, text in told.items()
    }


def _labelled(part: dict[str, Any], kind: str) -> dict[str, Any]:
    """A part with its names, from its file or the locales."""
    words = {"label": ("names", kind, part["key"]), "short": ("short", kind, part["key"])}
    found = {word: in_every_language(*path) for word, path in words.items()}
    return {**{word: text for word, text in found.items() if text}, **part}


def _problems(given: dict[str, Any], name: str, file: Path) -> Iterator[Problem]:
    def problem(place: str, message: str, expected: str, hint: str | None = None) -> Problem:
        return Problem(
            "bad_framework", message, file=str(file), column=place, expected=expected, hint=hint
        )

    kind = given.get("kind")
    if kind not in _KINDS:
        yield problem("kind", f"framework '{name}' is of kind '{kind}'", "levels or stages")
        return
    if given.get("key", name) != name:
        yield problem("key", f"framework '{name}' calls itself '{given['key']}'", f"key: {name}")
    if given.get("shape", "list") not in _SHAPES:
        yield problem("shape", f"the shape is '{given['shape']}'", "pyramid or list")
    parts = given.get(kind)
    if not isinstance(parts, list) or not all(
        isinstance(part, dict) and part.get("key") for part in parts
    ):
        yield problem(kind, f"'{kind}' is no list of keys", f"{kind}: [{{key: ...}}, ...]")
        return
    one = str(given.get("part", _KINDS[kind]))
    seen: set[str] = set()
    for part in parts:
        key = part["key"]
        if key in seen:
            yield problem(f"{kind}.{key}", f"{one} '{key}' stands twice", f"each {one} once")
        seen.add(key)
        if not part.get("label") and in_every_language("names", one, key) is None:
            yield problem(
                f"{kind}.{key}.label", f"{one} '{key}' has no label", "label: {id: ..., en: ...}"
            )
    if kind == "levels":
        yield from _item_problems(given, problem)


def _item_problems(given: dict[str, Any], problem: Callable[..., Problem]) -> Iterator[Problem]:
    own = given.get("items") or {}
    listed: set[str] = set()
    for level in given["levels"]:
        items = level.get("items")
        if not isinstance(items, list) or not items:
            place = f"levels.{level['key']}.items"
            yield problem(place, f"level '{level['key']}' has no items", "items: [...]")
            continue
        for key in items:
            if key in listed:
                yield problem(f"items.{key}", f"item '{key}' is in two levels", "one level each")
            listed.add(key)
            entry = own.get(key) or {}
            if not entry.get("text") and in_every_language("items", key) is None:
                text = "text: {id: ..., en: ...}"
                yield problem(f"items.{key}.text", f"item '{key}' has no text", text)
            if entry.get("keyed", "positive") not in _KEYED:
                found = f"item '{key}' is keyed '{entry['keyed']}'"
                yield problem(f"items.{key}.keyed", found, "positive or negative")
    for key in own:
        if key not in listed:
            hint = nearest(key, listed)
            yield problem(f"items.{key}", f"item '{key}' is in no level", "listed once", hint)
