"""What the sources say and what the kit makes of it: outcomes, goals, claims, what disagrees."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cxkit.errors import Problem, StudyError, nearest
from cxkit.library.files import (
    FIRST,
    LIBRARY,
    Text,
    beside_or_in_library,
    in_every_language,
    languages,
    load_yaml,
    locale,
    names_in,
    rows_in_every_language,
)
from cxkit.library.framework_file import framework

__all__ = [
    "about",
    "claims",
    "costs",
    "crosswalk",
    "goals",
    "hypotheses",
    "inconsistencies",
    "outcome_metric",
    "outcomes",
    "touchpoints",
]

_MATCHES = ("exact", "broad")


def about(key: str) -> Text | None:
    """What a part of a framework is about, by language; None where nothing is recorded.

    >>> about("type:after_service")["en"]
    'what happens after being served; more than the minimum'
    """
    kind, _, part = key.partition(":")
    return in_every_language("about", kind, part)


def outcomes() -> dict[str, dict[str, Any]]:
    """What an experience is meant to end in: outcome -> its questions and proposed metric.

    `measures` says what an answer is: a judgement, a stated intention, what respondents report of
    themselves, or observed behaviour, which needs a column of the study's own.

    Examples
    --------
    >>> outcomes()["leave"]["higher_is"], outcomes()["leave"]["measures"]
    ('worse', 'intention')
    >>> outcomes()["loyalty"]["composite"]
    'none'
    """
    return _labelled(load_yaml(LIBRARY / "outcomes.yaml")["outcomes"], "outcome")


def outcome_metric(key: str) -> str:
    """The metric that is proposed for an outcome, or for a single question on a scale.

    >>> outcome_metric("stay"), outcome_metric("imp_decide_price")
    ('top_2_box', 'score_100')
    """
    entry = load_yaml(LIBRARY / "outcomes.yaml")["outcomes"].get(key, {})
    return str(entry.get("metric", "mean" if key == "rev_stars" else "score_100"))


def goals() -> dict[str, dict[str, Any]]:
    """The goals that the sources name, each with its outcomes; none comes first.

    >>> list(goals())
    ['retain_customers', 'reviews_and_recommendation']
    """
    return _labelled(load_yaml(LIBRARY / "outcomes.yaml")["goals"], "goal")


def costs() -> dict[str, dict[str, Any]]:
    """The parts of what an experience costs a customer, each with its question.

    >>> list(costs())
    ['monetary', 'material', 'non_material']
    """
    return _labelled(load_yaml(LIBRARY / "outcomes.yaml")["costs"], "cost")


def touchpoints() -> dict[str, dict[str, Any]]:
    """Where customer and brand meet in a purchase, each with the `questions` that touch it.

    Which questions they are is this kit's proposal: it says what is covered, and makes no score.

    >>> touchpoints()["review"]["questions"]
    ['rev_posted', 'rev_tone', 'rev_stars']
    """
    told = load_yaml(LIBRARY / "touchpoints.yaml")["touchpoints"]
    return {
        key: {**entry, "label": in_every_language("vocabularies", "touchpoint", key, "label")}
        for key, entry in told.items()
    }


def _labelled(shelf: dict[str, dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {
        key: {**entry, "label": in_every_language("names", kind, key)}
        for key, entry in shelf.items()
    }


def claims() -> dict[str, dict[str, Any]]:
    """Figures quoted by the source articles: shown as claimed, never a benchmark or a default.

    claim -> `figure` and `unit` (both may be absent), `source` (absent where the article names
    none), `attribution` (`named`, `unclear` or `none`), `disagrees_with`, and by language the
    `text` of the claim and how it is `said`, with whose claim it is (`by`).

    Examples
    --------
    >>> claims()["expects_personal"]["said"]["en"]
    'Claimed by Epsilon: 80% expect a personalised experience.'
    >>> claims()["never_buys_again"]["disagrees_with"]
    'switches_after_one'
    """
    told = load_yaml(LIBRARY / "claims.yaml")["claims"]
    return {key: _claim(key, entry) for key, entry in told.items()}


def _claim(key: str, entry: dict[str, Any]) -> dict[str, Any]:
    text, by, said = {}, {}, {}
    for language in languages():
        words = locale(language)
        text[language] = words["claims"][key]
        by[language] = _claimed_by(entry, words)
        frame = words["fragments"]["claimed"]
        said[language] = frame.format(source=by[language], claim=text[language])
    return {**entry, "text": text, "by": by, "said": said}


def _claimed_by(entry: dict[str, Any], words: dict[str, Any]) -> str:
    if "source" not in entry:
        return str(words["claim_sources"][entry["attribution"]])
    return f"{entry['source']} ({entry['year']})" if "year" in entry else str(entry["source"])


def hypotheses() -> dict[str, dict[str, Any]]:
    """What the sources hold and a researcher can test, each with the finding that tells.

    `section` is the part of the report that has it, `form` whose wording of the test it is.

    >>> hypotheses()["price_at_decide"]["finding"]
    'F13'
    """
    told = load_yaml(LIBRARY / "claims.yaml")["hypotheses"]
    return {
        key: {**entry, "text": in_every_language("hypotheses", key)} for key, entry in told.items()
    }


def inconsistencies() -> tuple[dict[str, Any], ...]:
    """Where the sources disagree with themselves: `of` which file, and a text by language.

    `of` is a framework, `outcomes` or `claims`.

    Examples
    --------
    >>> [one["of"] for one in inconsistencies() if "37%" in one["text"]["en"]]
    ['claims']
    """
    kept = {name: framework(name).get("inconsistencies", ()) for name in names_in("frameworks")}
    for name in locale(FIRST)["inconsistencies"]:
        kept[name] = rows_in_every_language("inconsistencies", name)
    return tuple({"of": name, "text": dict(text)} for name, told in kept.items() for text in told)


def crosswalk(
    name: str = "journey_phases", folder: str | os.PathLike[str] | None = None
) -> dict[str, Any]:
    """How the parts of two frameworks match: `folder`/NAME.yaml if there is one, else ours.

    Returns
    -------
    dict
        `from` and `to` name the frameworks; `pairs`: a part of each, and whether they `match`
        `exact` or `broad`; `unmatched`: what one of them holds and the other does not; `origin`.

    Raises
    ------
    StudyError
        If no such crosswalk is known, or it names a part that its framework does not have: every
        problem at once.

    Examples
    --------
    >>> [pair["from"] for pair in crosswalk()["pairs"] if pair["match"] == "broad"]
    ['decide']
    """
    file = beside_or_in_library("crosswalks", name, folder, kind="crosswalk")
    given = load_yaml(file)
    problems = tuple(_pair_problems(given, file, folder))
    if problems:
        raise StudyError.of(problems)
    unmatched = [_with_words(name, part) for part in given.get("unmatched") or ()]
    return {**given, "key": name, "unmatched": unmatched}


def _with_words(name: str, part: dict[str, Any]) -> dict[str, Any]:
    """A part without a match, with what the locales say of it where its file says nothing."""
    about = in_every_language("crosswalks", name, part["part"])
    return {**({"about": about} if about else {}), **part}


def _pair_problems(
    given: dict[str, Any], file: Path, folder: str | os.PathLike[str] | None
) -> Iterator[Problem]:
    def problem(place: str, message: str, known: tuple[str, ...], found: object) -> Problem:
        expected, hint = "one of " + ", ".join(known), nearest(str(found), known)
        return Problem(
            "bad_crosswalk", message, file=str(file), column=place, expected=expected, hint=hint
        )

    sides = {side: framework(str(given.get(side)), folder) for side in ("from", "to")}
    parts = {side: tuple(part["key"] for part in of[of["kind"]]) for side, of in sides.items()}
    for at, pair in enumerate(given.get("pairs") or ()):
        for side, known in parts.items():
            if pair.get(side) not in known:
                said = f"'{given[side]}' has no '{pair.get(side)}'"
                yield problem(f"pairs[{at}].{side}", said, known, pair.get(side))
        if pair.get("match") not in _MATCHES:
            said = f"a pair matches '{pair.get('match')}'"
            yield problem(f"pairs[{at}].match", said, _MATCHES, pair.get("match"))
