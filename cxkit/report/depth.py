"""How deep a report goes: all that the kit can tell, what a small group can carry, or one page.

A brief report is one of many: of a region, a channel, a shop. It tells a manager where the group
stands. What takes many respondents, or is a question about the questionnaire and not about the
group, is told once, in the full report. The version for the board is one page: the same five
answers as in the full report, and two figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from cxkit import display
from cxkit.errors import nearest, one_of
from cxkit.library import locale as load_locale
from cxkit.report.finding import Finding, Findings
from cxkit.study.parts import DEPTHS

__all__ = ["Sections", "sections"]

_SECTIONS = (
    "summary",
    "who_answered",
    "scorecard",
    "pyramid",
    "items",
    "journey",
    "level_by_stage",
    "journey_map",
    "groups",
    "channels",
    "links",
    "priorities",
    "change",
    "gaps",
    "types",
    "determinants",
    "loyalty",
    "problems",
    "comments",
    "value",
    "measurement",
    "robustness",
    "next",
)
"""The sections of a report, as they follow each other on the page."""

_ANSWERS = ("scorecard", "pyramid", "journey", "links", "change")
"""The sections that answer the five questions of the summary, in their order."""

_OF_LOYALTY = (
    *(f"further_outcomes.{key}" for key in ("stay", "leave", "repurchase", "loyal_price")),
    *(f"further_outcomes.{key}" for key in ("wom_talked", "wom_tone", "wom_warned", "rev_posted")),
    *(f"further_items.{key}" for key in ("val_money", "val_time", "val_mind")),
    *(f"further_items.{key}" for key in ("per_offers", "per_known")),
    "rival",
)
"""What the section on loyalty tells, any of which a study may have asked."""

_LEFT_OUT = {
    "order": ("framework",),
    "level_by_stage": ("framework", "journey"),
    "journey_map": ("journey",),
    "groups": ("segments", "outcomes"),
    "channels": ("channels",),
    "links": ("framework", "outcomes"),
    "priorities": ("framework", "outcomes"),
    "gaps": ("gaps",),
    "types": ("parts.type",),
    "determinants": ("parts.determinant",),
    "loyalty": ("|".join(_OF_LOYALTY),),
    "problems": ("further_outcomes.inc_happened|further_outcomes.inc_resolved",),
    "comments": ("comments",),
    "value": ("value",),
    "measurement": ("framework",),
    "robustness": ("outcomes",),
    "next": ("planned",),
}
"""What a brief report leaves out, each with what a study must have asked for it to be missed.

`order` is a part of the section on the pyramid: whether its levels follow their order, and how
far they are one impression.
"""

_NOT_FOR_THE_BOARD = {
    "who_answered": (),
    "scorecard": ("outcomes",),
    "order": ("framework",),
    "items": ("framework",),
    **_LEFT_OUT,
    "change": ("previous",),
}
"""What the version for the board leaves out, in the same way. Its two figures are no sections."""

_FOR_THE_BOARD = {"pyramid": "pyramid", "journey": "journey", "change": "trend"}
"""The figures that the board sees, by their section; the trend where there is no journey."""


def sections(survey: Any, *, depth: str = "full") -> Sections:
    """The sections of a report on a survey, each computed when it is first asked for.

    Parameters
    ----------
    survey : Survey
        What `cx.load` gave.
    depth : {"full", "brief", "board"}, default "full"
        How deep the report goes. A brief one leaves out what takes many respondents, or is a
        question about the questionnaire: the order of the levels, levels by stage, groups, links,
        priorities, the quality of measurement, how firm the findings are, and the steps that the
        study plans. `board` is one page: the five answers of the
        full report, the figure of the levels, and that of the journey or the trend.

    Returns
    -------
    Sections
        An attribute for each section; one that is left out holds no finding.

    Raises
    ------
    SurveyError
        If there is no such depth; it names the nearest.

    Examples
    --------
    >>> import cxkit as cx
    >>> survey = cx.load("demo").where(region="sulawesi")
    >>> brief = sections(survey, depth="brief")
    >>> brief.scorecard.get("F04")
    Finding(scorecard: F04 all)
    >>> len(brief.links)
    0
    """
    one_of(depth, DEPTHS, "depth")
    return Sections(survey, depth)


class Sections:
    """What `cx.sections` gives: `.summary`, `.pyramid`, ..., each the findings of its topic.

    Attributes
    ----------
    survey : Survey
        Whose answers they are.
    depth : {"full", "brief", "board"}
        How deep the report goes.
    """

    def __init__(self, survey: Any, depth: str) -> None:
        self.survey = survey
        self.depth = depth
        self._topics: dict[str, Findings] = {}

    def __getattr__(self, name: str) -> Findings:
        if name not in _SECTIONS:
            hint = nearest(name, _SECTIONS)
            said = f"a report has no section '{name}'"
            raise AttributeError(f"{said}: {hint}" if hint else said)
        found = self._findings(name)
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *_SECTIONS})

    @property
    def left_out(self) -> tuple[str, ...]:
        """What this report leaves out of what the study asked, in the order of the page."""
        missed: Mapping[str, tuple[str, ...]]
        missed = {"full": {}, "brief": _LEFT_OUT, "board": _NOT_FOR_THE_BOARD}[self.depth]
        asked = self._context
        return tuple(
            key
            for key, needs in sorted(missed.items(), key=lambda one: _place(one[0]))
            if all(_is_asked(asked, need) for need in needs)
        )

    @property
    def _context(self) -> dict[str, Any]:
        context: dict[str, Any] = self.survey.latest.context()
        return context

    def _is_told(self, section: str) -> bool:
        if self.depth == "board":
            return section == "summary" or section in _FOR_THE_BOARD
        return self.depth == "full" or section not in _LEFT_OUT

    def _findings(self, section: str) -> Findings:
        """What the report tells of a section; for the board as findings of one page."""
        if self.depth != "board":
            return self._topic(section) if self._is_told(section) else self._nothing
        found = self._topic(section) if section == "summary" else self._drawn(section)
        return Findings(found, context={**self._nothing.context, "depth": self.depth})

    @property
    def _nothing(self) -> Findings:
        return Findings((), context=self._context)

    def _drawn(self, section: str) -> Iterator[Finding]:
        """The finding of a section whose figure the board sees."""
        from cxkit.report.sections import change

        if section == "change" and any(self._drawn("journey")):
            return
        if section in _FOR_THE_BOARD:
            figure = _FOR_THE_BOARD[section]
            shown = [one for one in self._topic(section) if one.figure == figure and _is_seen(one)]
            yield from map(change.compact, shown) if section == "change" else shown

    def _topic(self, section: str) -> Findings:
        """All that the findings of a section say, computed once."""
        if section not in self._topics:
            self._topics[section] = self._computed(section)
        return self._topics[section]

    def _computed(self, section: str) -> Findings:
        findings: Callable[..., Findings]
        findings = import_module(f"cxkit.report.sections.{section}").findings
        if section == "pyramid":
            return findings(self.survey, is_tested=self.depth == "full")
        if section == "summary":
            is_linked = self.depth == "board" or self._is_told("links")
            topics = [self._topic(one) for one in _ANSWERS if one != "links" or is_linked]
            return findings(self.survey, *topics, depth=self.depth, left_out=self.left_out)
        return findings(self.survey)

    # -- how they show themselves --------------------------------------------------------------

    def __repr__(self) -> str:
        told = ", ".join(filter(self._is_told, _SECTIONS))
        return f"Sections of a {self.depth} report: {told}"

    def _repr_html_(self) -> str:
        names = load_locale("en")["sections"]
        rows = [(f".{key}", names[key]["question"]) for key in _SECTIONS if self._is_told(key)]
        caption = f"Sections of a {self.depth} report"
        table = display.table(("section", "asks"), rows, caption=caption, words=("asks",))
        return display.box(table)


def _is_asked(asked: Mapping[str, Any], need: str) -> bool:
    """Whether a study asked for something of its context: `journey`, or inside it `parts.type`.

    Of several, parted by `|`, any is enough.
    """
    if "|" in need:
        return any(_is_asked(asked, one) for one in need.split("|"))
    found: Any = asked
    for step in need.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return bool(found)


def _is_seen(one: Finding) -> bool:
    """Whether there is any number to draw."""
    return any(record.n and not record.is_hidden for record in one.estimates)


def _place(key: str) -> int:
    """Where a section stands on the page; the order of the levels belongs to the pyramid."""
    return _SECTIONS.index("pyramid" if key == "order" else key)
