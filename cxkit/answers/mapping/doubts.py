"""What a column's answers say against its being a question of the kit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from cxkit import library
from cxkit.answers.mapping.facts import Facts
from cxkit.answers.platforms import Question
from cxkit.answers.platforms.exits import reason_of

__all__ = [
    "doubts_of_answers",
    "doubts_of_scale",
    "doubts_of_stem",
    "doubts_of_words",
    "families_in",
    "families_of_answers",
    "family_of",
]

_FAMILIES = {
    "agreement": r"setuju|agree",
    "satisfaction": r"puas|satisf",
    "importance": r"penting|importan",
    "likelihood": r"kemungkinan|\bmungkin|likel",
    "ease": r"mudah|sulit|\beas[ye]|difficult",
    "expectation": r"harap|expect",
    "interest": r"tertarik|interest",
    "frequency": r"seberapa sering|how often|selalu|always|jarang|rarely|sometimes|kadang",
    "stars": r"bintang|\bstars?\b",
}
_NAMED = {"recommend": "likelihood", "against": "expectation"}
_NEGATION = re.compile(r"\b(?:tidak|bukan|belum|not|never|least|paling tidak|disagree)\b")
_BOTH_WAYS = re.compile(
    r"\b(?:atau|or|dan|and|sangat|strongly)\s+(?:sangat\s+|strongly\s+)?(?:tidak|bukan|belum|not|disagree)\b"
)
"""A stem that offers both ways: *setuju atau tidak setuju*, *agree or disagree*."""
_OF_OTHERS = re.compile(
    r"\b(?:pesaing|kompetitor|competitors?|teman|friends?|atasan|bayangkan|imagine|seandainya"
    r"|idealnya|ideal(?:ly)?)\b"
)
"""A stem that asks about another company or in another's place."""
_LOW_FOR_TEN = 7
"""No respondent above it: the numbers are those of a shorter scale than 0 to 10."""
_YES_NO = {"ya", "yes", "tidak", "no", "y", "n", "iya"}
_MANY = 40
"""So many different answers are none of a list..."""
_POINTS = 12
"""... and so many different numbers no scale of points, 0-10 with an exit code included."""
_FEW = 20


def families_in(text: str) -> set[str]:
    """What a text asks for, or an answer speaks of: agreement, satisfaction, importance...

    >>> families_in("How important is each of these?")
    {'importance'}
    """
    line = text.casefold()
    return {name for name, words in _FAMILIES.items() if re.search(words, line)}


def family_of(asked: Mapping[str, Any]) -> str:
    """What a question of the kit asks for; "" where it is answered with words of its own."""
    stem = str(asked.get("scale", "")).partition("_")[0]
    return _NAMED.get(stem, stem)


def families_of_answers(question: Question, facts: Facts) -> set[str]:
    """What a column's answers (or their labels) speak of."""
    return {family for label in _labels(question, facts) for family in families_in(label)}


def doubts_of_stem(asked: Mapping[str, Any], stem: str, answered: set[str]) -> Iterator[str]:
    """Where what comes before a statement asks for something else than the kit does.

    `answered` is what the answers speak of.
    """
    own, found = family_of(asked), families_in(stem)
    if own and found and own not in found:
        yield f"what comes before it asks for {' and '.join(sorted(found))}, not {own}"
    if _NEGATION.search(_BOTH_WAYS.sub(" ", stem.casefold())):
        yield "what comes before it holds a negation"
    if other := _OF_OTHERS.search(stem.casefold()):
        yield f"what comes before it speaks of '{other[0]}'"
    if asked.get("intro") == "int_dis" and "expectation" not in found | answered:
        yield "nothing before it asks for a comparison with what was expected"


def doubts_of_words(asked: Mapping[str, Any], line: str, wording: str) -> Iterator[str]:
    """Where a header speaks of importance, satisfaction... and the kit's wording does not."""
    own, found = family_of(asked), families_in(line) - families_in(wording)
    if found and own not in found:
        yield f"it asks for {' and '.join(sorted(found))}"


def doubts_of_answers(asked: Mapping[str, Any], question: Question, facts: Facts) -> Iterator[str]:
    """Where the answers, or their labels, cannot be those of the question."""
    if facts.is_days:
        yield "it holds days"
        return
    labels = _labels(question, facts)
    if question.kind == "several" or asked.get("several"):
        return
    if "scale" in asked:
        yield from _doubts_of_points(asked, labels, facts)
    elif "open" in asked:
        if facts.n >= _FEW and facts.is_numbers:
            yield "it holds numbers, and the kit asks for words"
        elif facts.n >= 2 * _FEW and facts.n_different <= 3:
            yield f"it holds {facts.n_different} different texts, and the kit asks for words"
    elif "amount" not in asked:
        yield from _doubts_of_choices(asked, labels, facts)


def doubts_of_scale(asked: Mapping[str, Any], question: Question, facts: Facts) -> Iterator[str]:
    """Where the answers are words that stand on no scale of the kit."""
    labels = {one for one in _labels(question, facts) if not reason_of(one)}
    if "scale" in asked and labels and not any(map(_is_of_a_scale, labels)):
        yield "its answers are words of no scale of the kit"


def _is_of_a_scale(label: str) -> bool:
    """Whether a label, in small letters, stands on some scale, there or at another place."""
    return (
        label in _words_of_scales() or bool(families_in(label)) or bool(library.label_places(label))
    )


@lru_cache(maxsize=1)
def _words_of_scales() -> frozenset[str]:
    """The labels of the kit's scales and their abbreviations, in small letters."""
    scales = map(library.scale, library.scales())
    labels = [text for scale in scales for text, _ in scale.labelled()]
    return frozenset(one.casefold() for one in (*labels, *library.label_abbreviations()))


def _labels(question: Question, facts: Facts) -> set[str]:
    """What is answered, in words and small letters; reasons left out."""
    given = [label for code, label in question.labels.items() if code not in question.reasons]
    if not given:
        cells = list(facts.counts)[: 2 * _MANY]
        mark = question.separator
        given = [part for cell in cells for part in cell.split(mark)] if mark else cells
    return {label.casefold().strip() for label in given if re.search(r"[^\W\d_]", label)}


def _doubts_of_points(asked: Mapping[str, Any], labels: set[str], facts: Facts) -> Iterator[str]:
    own = family_of(asked)
    found = {family for label in labels for family in families_in(label)}
    if labels and labels <= _YES_NO:
        yield "it is answered yes or no"
    elif own and found and own not in found and own != "expectation":
        yield f"its answers speak of {' and '.join(sorted(found))}, not of {own}"
    if facts.is_own_words or (not facts.is_numbers and facts.n_different > _MANY):
        yield "it holds respondents' own words"
    elif facts.is_numbers and len(facts.numbers) > _POINTS:
        yield f"it holds {len(facts.numbers)} different numbers"
    elif facts.is_numbers and any(x != int(x) for x in facts.numbers):
        yield "it holds fractions"
    elif (
        asked["scale"] == "recommend_0_10"
        and facts.is_numbers
        and (facts.share_within(0, 10) < 0.95 or (facts.n >= _FEW and facts.high <= _LOW_FOR_TEN))
    ):
        yield f"its numbers go from {facts.low:g} to {facts.high:g}, not from 0 to 10"


def _doubts_of_choices(asked: Mapping[str, Any], labels: set[str], facts: Facts) -> Iterator[str]:
    choices = {
        text.casefold().replace("{brand}", "").strip()
        for texts in asked.get("choices", {}).values()
        for text in texts.values()
    }
    if facts.is_own_words or facts.n_different > _MANY:
        yield f"it holds {facts.n_different} different answers"
    elif asked.get("answers") == "yes_no" and _of_scales(labels):
        yield "it is answered on a scale, and not yes or no"
    if choices and labels and asked.get("answers") != "yes_no":
        alike = _resembling(labels, choices)
        if alike < 0.3:
            yield "its answers are not those that the kit offers"


def _of_scales(labels: Iterable[str]) -> bool:
    """Whether answers speak of agreement, satisfaction and the like."""
    found = {family for one in labels for family in families_in(one)}
    return bool(found - {"likelihood", "expectation"})


def _resembling(labels: Iterable[str], choices: Iterable[str]) -> float:
    """The share of the labels that resemble one of the choices (letters, order of words aside)."""
    from rapidfuzz import fuzz, process

    known, offered = list(labels), list(choices)
    alike = [
        process.extractOne(one, offered, scorer=fuzz.token_sort_ratio, score_cutoff=75)
        for one in known
    ]
    return sum(one is not None for one in alike) / len(known)
