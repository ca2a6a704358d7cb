"""A group of respondents as one text, as parameters, file names and keys hold it."""

from __future__ import annotations

from collections.abc import Mapping

from cxkit.errors import StudyError

__all__ = ["group_text", "read_group"]

_SIGNS = {"%": "%25", "&": "%26", "=": "%3D"}


def group_text(group: Mapping[str, str]) -> str:
    """A group of each of some segments as one text, in their order.

    Examples
    --------
    >>> group_text({"region": "java", "channel": "bread & butter"})
    'region=java&channel=bread %26 butter'
    """
    return "&".join(
        f"{_told(segment, '%&=')}={_told(value, '%&')}" for segment, value in group.items()
    )


def read_group(text: str) -> dict[str, str]:
    """What `group_text` told; StudyError for a text that names no group.

    Examples
    --------
    >>> read_group("region=java&channel=bread %26 butter")
    {'region': 'java', 'channel': 'bread & butter'}
    """
    found: dict[str, str] = {}
    for part in text.split("&") if text else ():
        segment, sign, value = part.partition("=")
        key = _read(segment)
        if not key or not sign or not value:
            raise _slip(text, f"'{text}' names no group", None)
        if key == "wave":
            raise _slip(text, "a group is not chosen by its wave", f"wave: {_read(value)}")
        if key in found:
            raise _slip(text, f"'{text}' names two groups of '{key}'", "one group of each segment")
        found[key] = _read(value)
    return found


def _slip(text: str, message: str, hint: str | None) -> StudyError:
    return StudyError(
        message,
        where=f"group: {text}",
        expected="segment=group, several with & between: region=java&channel=email",
        hint=hint,
    )


def _told(word: str, signs: str) -> str:
    for sign in signs:
        word = word.replace(sign, _SIGNS[sign])
    return word


def _read(word: str) -> str:
    for sign, told in reversed(_SIGNS.items()):
        word = word.replace(told, sign)
    return word
