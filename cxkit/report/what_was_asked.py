"""What the kit can ask, what a study asked of it, and what therefore was not measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cxkit import library
from cxkit.report.tables import cell, row
from cxkit.wording import Words

__all__ = ["coverage", "placed"]

Row = dict[str, Any]

_OBSERVED = "observed"
"""In the place of a question: what only a column of the study's own tells."""


def coverage(words: Words) -> Iterator[Row]:
    """The rows of a table of everything that can be asked, under what it belongs to.

    The batteries, the outcomes of each goal, the parts of what an experience costs, the
    touchpoints of a purchase, the lists of answers, and the comments: each asked in full, in part,
    or not.
    """
    for title, rows in _groups(words):
        yield row(title, [cell(), cell()], "level")
        for name, questions in rows:
            yield row(words.heading(name), _told(questions, words), "item")


def placed(words: Words) -> Iterator[Row]:
    """The rows of a table of stages and of the statements of the pyramid that speak of each."""
    asked = words.context.get("items", {})
    of = library.framework("journey")["coverage"]
    for stage in library.framework("journey")["stages"]:
        items = [key for key, stages in of.items() if stage["key"] in stages and key in asked]
        listed = words.heading(words.join(words.short(f"item:{key}") for key in items))
        told = cell(listed) if items else cell(words.name("covers:none"), state="none")
        yield row(words.name(f"stage:{stage['key']}"), [told])


# -- what there is to ask --------------------------------------------------------------------------


def _groups(words: Words) -> Iterator[tuple[str, list[tuple[str, Sequence[str]]]]]:
    """What belongs together: a title, and what stands below it with the questions that ask it."""
    yield words.ui("batteries_of_the_kit"), [*_batteries(words)]
    outcomes = library.outcomes()
    of_goals: set[str] = set()
    for goal in library.goals().values():
        of_goals |= set(goal["outcomes"])
        title = words.ui("goal_of_sources", name=words.text(goal["label"]))
        yield title, _outcomes(goal["outcomes"], words)
    rest = [key for key in outcomes if key not in of_goals and key != "value_for_cost"]
    yield words.ui("other_outcomes"), _outcomes(rest, words)
    costs = library.costs().values()
    yield (
        words.heading(words.name("outcome:value_for_cost")),
        [(words.text(one["label"]), [one["question"]]) for one in costs],
    )
    touched = library.touchpoints().values()
    yield (
        words.ui("touchpoints_of_purchase"),
        [(words.text(one["label"]), one["questions"]) for one in touched],
    )
    lists = {key: one["vocabulary"] for key, one in _profile().items() if "vocabulary" in one}
    yield (
        words.ui("lists_of_answers"),
        [(words.name(f"vocabulary:{listed}"), [key]) for key, listed in lists.items()],
    )
    own_words = library.battery("comments")
    yield (
        words.text(own_words["label"]),
        [(words.name(key.replace("cmt_", "comment:")), [key]) for key in own_words["questions"]],
    )


def _batteries(words: Words) -> Iterator[tuple[str, Sequence[str]]]:
    known = library.batteries()
    for name in (one for one in words.locale["names"]["battery"] if one in known):
        given = library.battery(name)
        groups = [[key for key, one in given["questions"].items() if one["group"] == group]
                  for group in given["groups"]]  # fmt: skip
        if "choose_one" in given:  # one way of asking is enough
            keys = max(groups, key=lambda own: len(_asked(own, words)))
        else:
            keys = [key for own in groups for key in own]
        yield words.text(given["label"]), keys


def _profile() -> dict[str, Any]:
    questions: dict[str, Any] = library.battery("profile")["questions"]
    return questions


def _outcomes(keys: Iterable[str], words: Words) -> list[tuple[str, Sequence[str]]]:
    known = library.outcomes()
    return [(words.name(f"outcome:{key}"), _questions(key, known)) for key in keys]


def _questions(key: str, known: dict[str, dict[str, Any]]) -> Sequence[str]:
    """The questions of an outcome, or of its parts; what is only observed has none."""
    one = known[key]
    if one.get("needs") == "column":
        return [_OBSERVED]
    if parts := one.get("parts"):
        return [question for part in parts for question in _questions(part, known)]
    questions: Sequence[str] = one["questions"]
    return questions


# -- what was asked --------------------------------------------------------------------------------


def _told(questions: Sequence[str], words: Words) -> list[dict[str, Any]]:
    """Asked in full, in part, or not at all, and how many of how many questions."""
    n = len(_asked(questions, words))
    if not n:
        return [cell(words.name("covers:none"), state="none"), cell()]
    verdict = "whole" if n == len(questions) else "partly"
    counted = words.ui("n_of", n=words.count(n), base=words.count(len(questions)))
    if list(questions) == [_OBSERVED]:
        return [cell(words.name("measures:observed")), cell()]
    return [cell(words.name(f"covers:{verdict}")), cell(counted)]


def _asked(questions: Iterable[str], words: Words) -> list[str]:
    asked = {*words.context.get("asked", ())}
    if (words.context.get("value") or {}).get("observed", {}).get("retained"):
        asked.add(_OBSERVED)
    return [key for key in questions if key in asked]
