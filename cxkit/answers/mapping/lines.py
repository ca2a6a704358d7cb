"""Lines of a YAML file with comments; texts of strangers are quoted."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping

__all__ = ["commented", "flow", "line", "one_line", "quoted"]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "nan", "inf"}
_COMMENT_AT = 42


def quoted(text: str) -> str:
    """A text as YAML writes it: plain where no reader could take it for something else.

    >>> quoted("Q3_1"), quoted("01"), quoted("Puas? #1")
    ('Q3_1', '"01"', '"Puas? #1"')
    """
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS_OF_YAML:
        return text
    return "".join(_escaped(sign) for sign in json.dumps(text, ensure_ascii=False))


def _escaped(sign: str) -> str:
    """A sign that shows nothing by itself (direction marks, control signs) as its code."""
    if sign != " " and unicodedata.category(sign)[0] in "CZ":
        code = ord(sign)
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return sign


def one_line(text: str, width: int = 90) -> str:
    """A text for a comment: on one line, without signs that show nothing, cut at `width`."""
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= width else shown[: width - 3].rstrip() + "..."


def flow(values: Mapping[str, object] | Iterable[object]) -> str:
    """A mapping or a list on one line.

    >>> flow({"id": "situs", "en": "website"}), flow([1.0, 2.5, "a b"])
    ('{id: situs, en: website}', '[1, 2.5, "a b"]')
    """
    if isinstance(values, Mapping):
        return "{" + ", ".join(f"{quoted(key)}: {_value(one)}" for key, one in values.items()) + "}"
    return "[" + ", ".join(map(_value, values)) + "]"


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else quoted(str(value))


def line(text: str, comment: str = "") -> str:
    """A line with what is to be said of it behind it."""
    return f"{text:<{_COMMENT_AT - 2}}  # {one_line(comment, 200)}" if comment else text


def commented(lines: Iterable[str], indent: int = 0) -> list[str]:
    """The same lines, taken out by a comment sign: without it they stand as they should."""
    gap = " " * indent
    return [f"{gap}# {one.removeprefix(gap)}" for one in lines]
