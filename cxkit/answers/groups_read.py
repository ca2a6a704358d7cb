"""What a segment's answers mean: the words of its questionnaire, told as the study's groups.

An export holds what respondents read ("Clicked a link on another website"), a study its own words
("referral"). Only exact texts count: those that the kit's questionnaire offers, the labels that are
printed, and the labels that the study gives its groups.
"""

from __future__ import annotations

from collections.abc import Iterator

from cxkit import library
from cxkit.study import Study

__all__ = ["groups_by_text"]


def groups_by_text(study: Study, key: str) -> dict[str, str]:
    """The texts that stand for a group of a segment: text -> group; one of two groups is left out.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> groups_by_text(read_study("demo"), "channel")["Clicked a link on social media"]
    'social'
    """
    segment = study.segments[key]
    found: dict[str, set[str]] = {}
    for group, text in _texts(study, key):
        found.setdefault(text, set()).add(group)
    own = {*segment.values, *(group for groups in found.values() for group in groups)}
    return {
        text: next(iter(groups))
        for text, groups in found.items()
        if len(groups) == 1 and text not in own
    }


def _texts(study: Study, key: str) -> Iterator[tuple[str, str]]:
    """Each group with a text that it has, in any language."""
    segment = study.segments[key]
    for group, label in segment.values.items():
        yield from ((group, text) for text in label.values())
    if segment.vocabulary in library.vocabularies():
        for group, parts in library.vocabulary(str(segment.vocabulary)).items():
            for text in (parts["answer"], parts["label"]):
                for words in (text or {}).values():
                    yield group, words.replace("{brand}", study.brand)
