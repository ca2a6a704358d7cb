"""A study's YAML as it was typed: plain values, the line of each, and its slips told by place.

YAML 1.2, so `no` stays a word. Keys stay as they were written (`2026-03` is a key, not a date).
Aliases, anchors and tags are refused from the event stream, before anything is composed.
Hands out `read_yaml`, `Marked`, `unknown` and `problems_of`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydantic
from ruamel.yaml import YAML, events, nodes
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cxkit.errors import CxkitError, Problem, StudyError, brief, nearest

__all__ = ["Marked", "key_path", "problems_of", "read_yaml", "unknown", "without_password"]

_CONSTRUCTOR = YAML(typ="safe", pure=True).constructor
_MAX_BYTES = 2_000_000
_MAX_DEPTH = 24
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("null", "bool", "int", "float", "timestamp", "str", "seq", "map")
)

_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}\.\d\d0")
"""A number with three decimals of which the last is 0: in much of the world, thousands."""

_LOGIN = re.compile(r"//[^\n]*@")
"""What stands before the host of a URL: a user and a password, which may hold any sign."""

_ONE_OF = {
    "bases": "base",
    "items": "item",
    "levels": "level",
    "outcomes": "outcome",
    "segments": "segment",
    "stages": "stage",
    "text_answers": "text answers of",
    "weighting": "weighting by",
}


@dataclass(frozen=True)
class Marked:
    """What a YAML file says (`value`) and on which line each key stands."""

    value: Any
    shown: str
    lines: dict[tuple[str, ...], int] = field(repr=False)

    def line(self, path: Sequence[object]) -> int | None:
        """The line of the longest part of `path` that the file has."""
        words = tuple(str(part) for part in path)
        while words and words not in self.lines:
            words = words[:-1]
        return self.lines.get(words)

    def has(self, path: Sequence[object]) -> bool:
        """Whether the file itself says something at `path`."""
        return tuple(str(part) for part in path) in self.lines

    def problem(self, code: str, path: Sequence[object], message: str, **more: Any) -> Problem:
        """A problem placed at `path` in this file, without a password that a URL there holds."""
        told: dict[str, Any] = {
            key: without_password(one) if isinstance(one, str) else one for key, one in more.items()
        }
        return Problem(
            code,
            without_password(message),
            file=self.shown,
            line=self.line(path),
            column=without_password(key_path(path)) or None,
            **told,
        )


def without_password(text: str) -> str:
    """A text for a message, without the user and the password of a URL in it.

    >>> without_password("postgresql://cx:secret@host/db")
    'postgresql://...@host/db'
    """
    return _LOGIN.sub("//...@", text)


def key_path(path: Sequence[object]) -> str:
    """A path of keys and positions as people write it: `items.q7.stage`, `reports[0].by`."""
    text = ""
    for part in path:
        if str(part).isdigit() and isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def read_yaml(file: Path, shown: str) -> Marked:
    """The plain content of one YAML file with its lines; StudyError with every slip of form.

    `shown` is the file's name as the user knows it: errors carry it, never a machine's path.
    """
    text = _text(file, shown)
    _refuse_indirection(text, shown)
    reader = YAML(typ="safe", pure=True)
    try:
        node = reader.compose(text)
    except YAMLError as error:
        raise _not_yaml(error, shown) from None
    marked = Marked(None, shown, {})
    slips: list[Problem] = []
    value = None if node is None else _plain(node, (), marked, slips)
    if slips:
        raise StudyError.of(slips)
    if not isinstance(value, dict):
        raise _slip("not_a_mapping", "the file holds no keys", shown, 1, "key: value pairs")
    return Marked(value, shown, marked.lines)


def unknown(
    marked: Marked, path: Sequence[object], kind: str, word: str, known: Iterable[str]
) -> Problem:
    """The entry at `path` names something unknown: said with the nearest known word."""
    words = list(known)
    top, *inner = [str(part) for part in path if not isinstance(part, int)]
    if inner and inner[0] != word:
        owner = f"{_ONE_OF.get(top, top)} '{inner[0]}' names an unknown {kind} '{word}'"
    else:
        owner = f"unknown {kind} '{word}'"
    return marked.problem(
        f"unknown_{kind.replace(' ', '_')}",
        path,
        owner,
        expected="one of " + ", ".join(words) if words else f"a {kind} that the study declares",
        hint=nearest(word, words),
    )


def problems_of(error: pydantic.ValidationError, marked: Marked, model: type) -> list[Problem]:
    """Every slip that pydantic found, in the kit's words and at its line."""
    return [
        _translate(one, marked, model)
        for one in _without_branches(error.errors(include_url=False), model)
    ]


# -- reading ---------------------------------------------------------------------------------


def _text(file: Path, shown: str) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise _slip(
            "unreadable", f"the file cannot be read ({error.strerror})", shown, None
        ) from None
    if len(raw) > _MAX_BYTES:
        raise _slip("too_long", "the file is too long for a study", shown, None, "at most 2 MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _slip("encoding", "the file is not UTF-8 text", shown, line, "UTF-8") from None


def _refuse_indirection(text: str, shown: str) -> None:
    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line = event.start_mark.line + 1
            if isinstance(event, events.AliasEvent):
                raise _refused("alias", f"*{event.anchor}", shown, line)
            if getattr(event, "anchor", None):
                raise _refused("anchor", f"&{event.anchor}", shown, line)
            if isinstance(event, (events.MappingStartEvent, events.SequenceStartEvent)):
                depth += 1
            elif isinstance(event, (events.MappingEndEvent, events.SequenceEndEvent)):
                depth -= 1
            if depth > _MAX_DEPTH:
                raise _slip("too_deep", "the file is nested too deeply", shown, line)
    except YAMLError as error:
        raise _not_yaml(error, shown) from None


def _refused(kind: str, token: str, shown: str, line: int) -> CxkitError:
    return _slip(
        "alias",
        f"the file uses the YAML {kind} '{token}'",
        shown,
        line,
        "every value written out where it is used",
        "copy the value to the place that needs it",
    )


def _not_yaml(error: YAMLError, shown: str) -> CxkitError:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    what = (error.problem if isinstance(error, MarkedYAMLError) else None) or "unreadable"
    return _slip(
        "not_yaml",
        f"the file is not YAML: {what}",
        shown,
        mark.line + 1 if mark else None,
        "key: value, with the same indentation for keys of one group",
    )


def _slip(
    code: str,
    message: str,
    shown: str,
    line: int | None,
    expected: str | None = None,
    hint: str | None = None,
) -> CxkitError:
    told = without_password(message)
    problem = Problem(code, told, file=shown, line=line, expected=expected, hint=hint)
    return StudyError.of([problem])


def _plain(node: Any, path: tuple[object, ...], marked: Marked, slips: list[Problem]) -> Any:
    line = node.start_mark.line + 1
    if isinstance(node, nodes.ScalarNode):
        node.value = _whole(node.value)
    marked.lines.setdefault(tuple(str(part) for part in path), line)
    if str(node.tag) not in _PLAIN_TAGS:
        slips.append(marked.problem("tag", path, f"the YAML tag '{node.tag}' is not used here"))
        return None
    if isinstance(node, nodes.MappingNode):
        return _plain_mapping(node, path, marked, slips)
    if isinstance(node, nodes.SequenceNode):
        return [_plain(one, (*path, at), marked, slips) for at, one in enumerate(node.value)]
    return _plain_scalar(node, path, marked, slips)


def _whole(text: str) -> str:
    r"""Characters that are written as two halves, as JSON does ("\ud83d\ude00"), made one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _plain_mapping(
    node: Any, path: tuple[object, ...], marked: Marked, slips: list[Problem]
) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, nodes.ScalarNode):
            place = {"file": marked.shown, "line": line, "expected": "a word"}
            slips.append(Problem("bad_key", "a key is a list", **place))
            continue
        word = _whole(key.value)
        here = (*path, word)
        if word in plain:
            first = marked.line(here)
            slips.append(
                Problem(
                    "duplicate_key",
                    f"the key '{without_password(word)}' stands twice",
                    file=marked.shown,
                    line=line,
                    column=without_password(key_path(here)),
                    expected=f"one '{without_password(word)}' (the first is on line {first})",
                    hint="remove one of them",
                )
            )
            continue
        marked.lines[tuple(str(part) for part in here)] = line
        plain[word] = _plain(value, here, marked, slips)
    return plain


def _plain_scalar(node: Any, path: tuple[object, ...], marked: Marked, slips: list[Problem]) -> Any:
    try:
        value = _CONSTRUCTOR.construct_object(node)
    except (ConstructorError, ValueError):
        message = f"'{node.value}' cannot be read"
        kind = "date" if str(node.tag).endswith(":timestamp") else None
        more = {"expected": _KINDS[kind]} if kind else {}
        slips.append(marked.problem("bad_value", path, message, **more))
        return None
    if isinstance(value, float) and not math.isfinite(value):
        message = f"'{node.value}' is no number to count with"
        slips.append(marked.problem("bad_value", path, message, expected="a number"))
    elif isinstance(value, float) and _THOUSANDS.fullmatch(node.value):
        whole = node.value.replace(".", "")
        slips.append(
            marked.problem(
                "thousands",
                path,
                f"'{node.value}' can be read as {value:g} and as {whole}",
                expected=f"{whole}, or {value:g}: a point stands before decimals only",
            )
        )
    return value.date() if isinstance(value, dt.datetime) else value


# -- pydantic's words into ours --------------------------------------------------------------

_KINDS = {
    "bool": "true or false",
    "date": "a date such as 2026-03-02",
    "dict": "key: value pairs",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "model": "key: value pairs",
    "string": "text",
    "tuple": "a list",
}
_KINDS_AT = {("population", "dict_type"): "a number for each stratum"}
"""What a group of keys is called where it holds one kind of thing."""
_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "too_long": ("max_length", "at most this many entries:"),
    "too_short": ("min_length", "at least this many entries:"),
}


def _without_branches(errors: Iterable[Any], model: type) -> list[Any]:
    """The slips, one where a value may be of several kinds: pydantic tells one for each kind.

    Of a value that may be a number or a group of keys, and is a group, its entries are told.
    """
    told: list[Any] = []
    of_several: dict[tuple[object, ...], list[Any]] = {}
    for one in errors:
        loc = [part for part in one["loc"] if part not in ("", "[key]")]
        path, several = _unbranched(model, loc)
        placed = one | {"loc": path}
        if several is None:
            told.append(placed)
        elif several not in of_several:
            of_several[several] = [placed]
            told.append(several)
        else:
            of_several[several].append(placed)
    whole: list[Any] = []
    for one in told:
        whole += [one] if isinstance(one, dict) else _one_of_several(one, of_several[one])
    return whole


def _one_of_several(path: tuple[object, ...], errors: list[Any]) -> list[Any]:
    """The slips of one value that may be of several kinds."""
    inside = [one for one in errors if len(one["loc"]) > len(path)]
    if inside:
        return inside
    expected = dict.fromkeys(
        _KINDS_AT.get((str(path[-1]), one["type"])) or _expected(one["type"], one.get("ctx", {}))
        or one.get("ctx", {}).get("expected", "another value")
        for one in errors
    )  # fmt: skip
    return [errors[0] | {"type": "several", "ctx": {}, "msg": ", or ".join(map(str, expected))}]


def _unbranched(
    model: Any, loc: Sequence[object]
) -> tuple[tuple[object, ...], tuple[object, ...] | None]:
    """A place without pydantic's names of kinds, and the value there that may be of several."""
    here: Any = model
    path: list[object] = []
    several = None
    for part in loc:
        kinds = _kinds(here)
        if len(kinds) > 1:
            several = tuple(path)
            here = next(
                (one for one in kinds if str(part).startswith(_container(one) or "-")), kinds[0]
            )
            continue
        path.append(part)
        here = _stepped(here, str(part))
    return tuple(path), several


def _kinds(annotation: Any) -> list[Any]:
    """The kinds of value that an annotation allows, without None."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [one for one in typing.get_args(annotation) if one is not type(None)]
    return [annotation]


def _container(annotation: Any) -> str | None:
    origin = typing.get_origin(annotation)
    return origin.__name__ if origin in (dict, tuple) else None


def _stepped(annotation: Any, key: str) -> Any:
    """What stands under `key`, its kinds still told apart; None below what has no keys."""
    (here,) = _kinds(annotation) if annotation is not None else (None,)
    if _container(here):
        return typing.get_args(here)[1 if typing.get_origin(here) is dict else 0]
    return _fields(here).get(key)


def _translate(error: Any, marked: Marked, model: type) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    path = [part for part in error["loc"] if part not in ("", "[key]")]
    last = str(path[-1]) if path else ""
    given = error.get("input")
    if kind == "extra_forbidden":
        known = _keys_of(model, path[:-1])
        return marked.problem(
            "unknown_key",
            path,
            f"unknown key '{last}'",
            expected="one of " + ", ".join(known) if known else None,
            hint=nearest(last, known) or "remove the key",
        )
    if kind == "missing":
        message = f"'{key_path(path)}' is missing"
        return marked.problem("missing_key", path, message, hint=f"add the key '{last}'")
    if kind == "literal_error":
        known = [word.strip("'\" ") for word in context["expected"].replace(" or ", ",").split(",")]
        return marked.problem(
            "unknown_value",
            path,
            f"unknown value '{given}' of '{key_path(path)}'",
            expected="one of " + ", ".join(known),
            hint=nearest(str(given), known),
        )
    if "expected" in context and "message" in context:
        return marked.problem(
            kind, path, context["message"], expected=context["expected"], hint=context.get("hint")
        )
    is_told = isinstance(given, bool) and kind == "string_type"
    return marked.problem(
        "bad_value",
        path,
        f"'{key_path(path)}' is {_given(given)}",
        expected=_expected(kind, context) or error["msg"],
        hint=_instead_of(given, path) if is_told else None,
    )


def _instead_of(given: bool, path: Sequence[object]) -> str:
    """What to write instead of true or false where a text is wanted."""
    if "is" in path[-2:]:
        return f"write {'yes' if given else 'no'}, or the text of the answers between quotes"
    return f'write "{str(given).lower()}" between quotes if that is the text'


def _expected(kind: str, context: dict[str, Any]) -> str | None:
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"{words} {context[name]}"
    return _KINDS.get(kind.split("_")[0])


def _given(value: object) -> str:
    """What was written, as a message calls it."""
    if value is None:
        return "empty"
    if isinstance(value, (dict, list, tuple)):
        return "a list" if not isinstance(value, dict) else "a group of keys"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    return f"'{brief(without_password(str(value)), 60)}'"


def _keys_of(model: Any, path: Sequence[object]) -> list[str]:
    """The keys that the model allows at `path`."""
    here: Any = model
    for part in path:
        here = _inside(here, str(part))
    return list(_fields(here))


def _fields(model: Any) -> dict[str, Any]:
    if not (isinstance(model, type) and issubclass(model, pydantic.BaseModel)):
        return {}
    return {one.alias or name: one.annotation for name, one in model.model_fields.items()}


def _inside(annotation: Any, key: str) -> Any:
    """What stands under `key` of a model, or in an entry of a dict or tuple."""
    if typing.get_origin(annotation) is None:
        return _bare(_fields(annotation).get(key))
    return _bare(typing.get_args(annotation)[1 if typing.get_origin(annotation) is dict else 0])


def _bare(annotation: Any) -> Any:
    """An annotation without Annotated and None."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return _bare(next(one for one in typing.get_args(annotation) if one is not type(None)))
    return annotation
