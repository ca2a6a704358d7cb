"""cxkit: from survey answers to a customer-experience report that can be checked.

The face of the kit: lazy names, so that importing it costs nothing until one is used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Study": "cxkit.study:Study",
    "StudyError": "cxkit.errors:StudyError",
    "Survey": "cxkit.answers:Survey",
    "SurveyError": "cxkit.errors:SurveyError",
    "batch": "cxkit.report.batch:batch",
    "change": "cxkit.report.sections.change",
    "channels": "cxkit.report.sections.channels",
    "check": "cxkit.report.checked:check",
    "comments": "cxkit.report.sections.comments",
    "compare": "cxkit.analysis:compare",
    "data_quality": "cxkit.report.sections.data_quality",
    "determinants": "cxkit.report.sections.determinants",
    "estimate": "cxkit.analysis:estimate",
    "explore": "cxkit.lab.explorer:explore",
    "figures": "cxkit.report.figures",
    "finding": "cxkit.report.finding:finding",
    "gaps": "cxkit.report.sections.gaps",
    "groups": "cxkit.report.sections.groups",
    "items": "cxkit.report.sections.items",
    "journey": "cxkit.report.sections.journey",
    "journey_map": "cxkit.report.sections.journey_map",
    "level_by_stage": "cxkit.report.sections.level_by_stage",
    "links": "cxkit.report.sections.links",
    "load": "cxkit.answers:load",
    "loyalty": "cxkit.report.sections.loyalty",
    "measurement": "cxkit.report.sections.measurement",
    "next_steps": "cxkit.report.sections.next",
    "priorities": "cxkit.report.sections.priorities",
    "problems": "cxkit.report.sections.problems",
    "pyramid": "cxkit.report.sections.pyramid",
    "render": "cxkit.report.run:render",
    "robustness": "cxkit.report.sections.robustness",
    "run": "cxkit.report.run:run",
    "scorecard": "cxkit.report.sections.scorecard",
    "sections": "cxkit.report.depth:sections",
    "summary": "cxkit.report.sections.summary",
    "types": "cxkit.report.sections.types",
    "value": "cxkit.report.sections.value",
    "verify": "cxkit.report.verify:verify",
    "who_answered": "cxkit.report.sections.who_answered",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxkit' has no attribute '{name}'")
    module, _, attribute = _HOMES[name].partition(":")
    value: Any = import_module(module)
    if attribute:
        value = getattr(value, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def _offer_completion() -> None:
    """In a notebook, let Tab know the words of the study that is in hand; elsewhere, nothing."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        import_module("cxkit.lab.completion").register(shell)


_offer_completion()
