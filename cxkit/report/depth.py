"""How deep a report goes: all that the kit can tell, or what a small group can carry.

A brief report is one of many: of a region, a channel, a shop. It tells a manager where the group
stands. What takes many respondents, or is a question about the questionnaire and not about the
group, is told once, in the full report.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from cxkit import display
from cxkit.errors import nearest, one_of
from cxkit.library import locale as load_locale
from cxkit.report.finding import Findings
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
    "groups",
    "links",
    "priorities",
    "change",
    "measurement",
)
"""The sections of a report, as they follow each other on the page."""

_ANSWERS = ("scorecard", "pyramid", "journey", "links", "change")
"""The sections that answer the five questions of the summary, in their order."""

_LEFT_OUT = {
    "order": ("framework",),
    "level_by_stage": ("framework", "journey"),
    "groups": ("segments", "outcomes"),
    "links": ("framework", "outcomes"),
    "priorities": ("framework", "outcomes"),
    "measurement": ("framework",),
}
"""What a brief report leaves out, each with what a study must have asked for it to be missed.

`order` is a part of the section on the pyramid: whether its levels follow their order, and how
far they are one impression.
"""


def sections(survey: Any, *, depth: str = "full") -> Sections:
    """The sections of a report on a survey, each computed when it is first asked for.

    Parameters
    ----------
    survey : Survey
        What `cx.load` gave.
    depth : {"full", "brief"}, default "full"
        How deep the report goes. A brief one leaves out what takes many respondents, or is a
        question about the questionnaire: the order of the levels, levels by stage, groups, links,
        priorities and the quality of measurement.

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
    depth : {"full", "brief"}
        How deep the report goes.
    """

    def __init__(self, survey: Any, depth: str) -> None:
        self.survey = survey
        self.depth = depth

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
        if self.depth == "full":
            return ()
        asked = self._context
        return tuple(key for key, needs in _LEFT_OUT.items() if all(asked[need] for need in needs))

    @property
    def _context(self) -> dict[str, Any]:
        context: dict[str, Any] = self.survey.latest.context()
        return context

    def _is_told(self, section: str) -> bool:
        return self.depth == "full" or section not in _LEFT_OUT

    def _findings(self, section: str) -> Findings:
        if not self._is_told(section):
            return Findings((), context=self._context)
        findings: Callable[..., Findings]
        findings = import_module(f"cxkit.report.sections.{section}").findings
        if section == "pyramid":
            return findings(self.survey, is_tested=self._is_told("order"))
        if section == "summary":
            topics = [getattr(self, topic) for topic in _ANSWERS if self._is_told(topic)]
            return findings(self.survey, *topics, left_out=self.left_out)
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
