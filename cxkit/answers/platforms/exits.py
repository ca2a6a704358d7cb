"""The kit's own words for giving no answer: what a label means that stands on no scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from cxkit import library
from cxkit.answers.alike import folded
from cxkit.library import REASONS

__all__ = ["labelled_reasons", "reason_of", "reasons_in"]


def reason_of(label: str) -> str:
    """Why there is no answer where a label is one of the kit's words for it; "" for any other.

    >>> reason_of("Tidak tahu"), reason_of("I’ve never had squash")
    ('dont_know', '')
    """
    return _known().get(folded(label), "")


def reasons_in(labels: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    """The reasons among some labels: by the label, and by its code where labels have codes."""
    pairs = labels.items() if isinstance(labels, Mapping) else [(label, label) for label in labels]
    found: dict[str, str] = {}
    for code, label in pairs:
        if reason := reason_of(label):
            found |= {code: reason, label: reason}
    return found


def labelled_reasons() -> dict[str, str]:
    """The kit's words for reasons as questionnaires and pages write them, in every language.

    An export of texts is read by them where no file says what its labels mean.
    """
    return dict(_written())


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """The kit's words for reasons without what differs between exports, and the keys."""
    written = {folded(label): key for label, key in _written()}
    return written | {folded(key): key for key in REASONS}


@lru_cache(maxsize=1)
def _written() -> tuple[tuple[str, str], ...]:
    """Each label that is offered or printed for a reason, or by one question, with the reason."""
    locales = [library.locale(language) for language in library.languages()]
    shelves = [shelf for one in locales for shelf in (one["exit_answers"], one["names"]["reason"])]
    written = {shelf[key]: key for shelf in shelves for key in REASONS if key in shelf}
    asked = (
        one for name in library.batteries() for one in library.battery(name)["questions"].values()
    )
    own = {
        text: reason
        for one in asked
        for reason, texts in one["exit_answers"].items()
        for text in texts.values()
    }
    return tuple((own | written).items())
