"""What can be chosen in a survey, and what is told of a choice: findings, a base, or why neither.

A choice is one wave and, of each segment, some groups or everybody. Everything that is told of it
is published, by the rules of a report of the same groups: several groups together are told where
each of them is, so that no row of choices leaves over anybody whom reports hide. Hands out
`Choice`, `Choices` and `Told`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

from cxkit.answers.fieldwork import ALL

__all__ = ["TOPICS", "Choice", "Choices", "Told"]

TOPICS = ("pyramid", "journey", "links")
"""The sections of a report that can be looked at, in their order."""

_KEPT = 64
"""So many views are kept, so that going back costs nothing."""


@dataclass(frozen=True)
class Choice:
    """A wave (None where the survey has only one) and, by segment, the groups; everybody if none.

    >>> Choice("2026H1").with_groups("region", ["java", "bali"]).groups
    (('region', ('java', 'bali')),)
    """

    wave: str | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def with_groups(self, segment: str, groups: Any) -> Choice:
        """The same with these groups of a segment, everybody if none."""
        chosen = {**dict(self.groups), segment: tuple(groups)}
        return Choice(self.wave, tuple((key, own) for key, own in chosen.items() if own))


@dataclass(frozen=True)
class Told:
    """What may be told of a choice.

    Attributes
    ----------
    why_not : {"nobody", "private", "small"} or None
        Why nothing is shown; None where something is.
    context : mapping
        What is needed to word it: names, base and effective base.
    findings : mapping
        The findings of one topic as a cell shows them; empty where nothing is shown.
    """

    why_not: str | None
    context: Mapping[str, Any]
    findings: Mapping[str, Any] = field(default_factory=dict)


class Choices:
    """All that can be chosen in a survey.

    Parameters
    ----------
    survey : Survey
        Whose answers they are. What it is filtered by is fixed and not chosen again. Groups can be
        chosen where what is private of them is known: not of a part of the answers that was
        loaded alone, nor of the members of a base.

    Attributes
    ----------
    waves : tuple of str
        The waves in hand.
    segments : mapping of str to tuple of str
        The groups in hand of each segment that has several, in the study's order.
    """

    def __init__(self, survey: Any) -> None:
        self.survey = survey
        self.waves: tuple[str, ...] = survey.waves
        is_known = survey.everybody is None and set(survey.filters) <= set(
            survey.study.segment_keys
        )
        free = [key for key in survey.study.segments if is_known and key not in survey.filters]
        found = {key: survey.groups(key) for key in free}
        self.segments = {key: own for key, own in found.items() if len(own) > 1}
        self._surveys = lru_cache(maxsize=2)(self._chosen)
        self.told = lru_cache(maxsize=_KEPT)(self._told)

    @property
    def first(self) -> Choice:
        """Everybody in the latest wave."""
        return Choice(self.waves[-1] if self.waves and self.waves != (ALL,) else None)

    def chosen(self, choice: Choice) -> Any:
        """The survey of a choice, told as a whole."""
        return self._surveys(choice)

    def _chosen(self, choice: Choice) -> Any:
        asked: dict[str, Any] = {key: list(own) for key, own in choice.groups}
        if choice.wave is not None:
            asked["wave"] = choice.wave
        return self.survey.where(**asked).as_whole()

    def why_not(self, choice: Choice) -> str | None:
        """Why nothing of a choice is shown: `nobody`, `private` or `small`; None where it is."""
        context = self.chosen(choice).context()
        if context["n"] is None:
            return "private"
        if not context["n"]:
            return "nobody"
        return "small" if context["n_eff"] < context["min_base"] else None

    def _told(self, choice: Choice, topic: str) -> Told:
        """What is told of a choice on a topic; kept, so that going back costs nothing."""
        survey = self.chosen(choice)
        context = survey.context()
        if why_not := self.why_not(choice):
            return Told(why_not, context)
        findings = import_module(f"cxkit.report.sections.{topic}").findings
        options = {"is_tested": False} if topic == "pyramid" else {}
        return Told(None, context, findings(survey, **options).to_dict())
