"""File names of reports: safe on every disk, short, and the same tomorrow.

A name depends on nothing but what the report is about, never on which other groups there are. What
a key loses on the way to a name (a slash, capitals, an emoji, its 300th character) is made good by
a digest of the key, so that no two groups share a file, on disks that tell no case either.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

__all__ = ["BOARD", "LONGEST", "slug", "stem_of", "summed_up"]

BOARD = "board"
"""The depth of the version for the board, and the end of its files' names."""

LONGEST = 100
"""Characters that the name of a report has at most."""
_LONGEST_SLUG = 40
_DIGITS = 8
_NUMBERED = re.compile(r"\d.*|[A-Za-z]\d{1,2}")
"""Waves that are called by a number: `2026H1`, `W3`. Their letters are capitals."""


def stem_of(
    study: str,
    notebook: str,
    group: Mapping[str, str],
    wave: str | None = None,
    depth: object = None,
) -> str:
    """The name of a report's files, without language and suffix; at most 100 characters.

    Parameters
    ----------
    study : str
        The study's key.
    notebook : str
        The notebook's name.
    group : mapping of str
        The segments and their groups that the report is about, in the order of the plan.
    wave : str, optional
        The wave, where the plan has reports for several.
    depth : str, optional
        How deep the report goes: the version for the board lies beside the report that it sums up.

    Examples
    --------
    >>> stem_of("toko", "report", {"region": "java"}, "2026H1")
    'toko-report-region-java-2026H1'
    >>> stem_of("toko", "report", {"region": "A/B"}), stem_of("toko", "report", {"region": "a b"})
    ('toko-report-region-a-b-998d3ed8', 'toko-report-region-a-b-c8687a08')
    """
    parts = [f"{slug(segment)}-{slug(value)}" for segment, value in group.items()]
    parts += [] if wave is None else [slug(wave, capitals=bool(_NUMBERED.fullmatch(wave)))]
    parts += [BOARD] if depth == BOARD else []
    stem = "-".join([study, notebook, *parts])
    if len(stem) <= LONGEST:
        return stem
    return f"{stem[: LONGEST - _DIGITS - 1].rstrip('-. ')}-{_digest(stem)}"


def summed_up(stem: str) -> str | None:
    """The name of the report that the version for the board sums up; None where it is not known.

    >>> summed_up("toko-report-region-java-board")
    'toko-report-region-java'
    """
    is_whole = stem.endswith(f"-{BOARD}") and len(stem) < LONGEST
    return stem.removesuffix(f"-{BOARD}") if is_whole else None


def slug(key: str, *, capitals: bool = False) -> str:
    """A key as part of a file's name: letters in one case, digits, `_`; a digest if it lost any.

    >>> slug("java"), slug("Jawa Timur"), slug("2026-11", capitals=True)
    ('java', 'jawa-timur-6a374988', '2026-11')
    """
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    plain = plain.upper() if capitals else plain.lower()
    kept = "[^A-Z0-9_.-]+" if capitals else "[^a-z0-9_]+"
    safe = re.sub(kept, "-", plain)[:_LONGEST_SLUG].strip("-.")
    if safe == key and (capitals or "-" not in key) and key:
        return key
    return "-".join(part for part in (safe, _digest(key)) if part)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
