"""How a figure is called: with records as a survey gives them, in the words of their study.

A figure's own function draws published records in words that it is handed. What a researcher
holds are tables of records: they are published here, told apart by their kind, and bring the
words of their study along.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ParamSpec, cast

from cxkit.errors import SurveyError
from cxkit.records import Comparison, Estimate
from cxkit.report.figures.drawing import Drawing
from cxkit.wording import Words

__all__ = ["OF_STUDY", "of_finding", "of_records"]

OF_STUDY: Any = None
"""Words that are not given: those of the records' study, in its first language."""

Asked = ParamSpec("Asked")


def of_records(draw: Callable[Asked, Drawing]) -> Callable[Asked, Drawing]:
    """The figure as it is called: see each figure for what it draws.

    Tables that are not published yet are published by the rules of their study; estimates and
    comparisons may stand in any order, or alone. The drawing knows the sentence that stands for
    it and the study it is of.
    """

    @functools.wraps(draw)
    def drawn(*tables: Any, words: Words | None = None, narrow: bool = False, **asked: Any) -> Any:
        given = [*tables, asked.pop("estimates", ()), asked.pop("comparisons", ())]
        records = list(_published(given, draw.__name__))
        estimates = [one for one in records if isinstance(one, Estimate)]
        comparisons = [one for one in records if isinstance(one, Comparison)]
        said = words if words is not None else _words_of([*given, *asked.values()])
        asked = {name: _as_published(one) for name, one in asked.items()}
        drawing = cast(Any, draw)(estimates, comparisons, words=said, narrow=narrow, **asked)
        drawing.is_of(
            said.context,
            functools.partial(_alt, draw.__name__, estimates, comparisons, words=said, **asked),
        )
        return drawing

    return cast("Callable[Asked, Drawing]", drawn)


def _alt(*records: Any, **asked: Any) -> str:
    from cxkit.report.figures.alt import alt  # which asks some figures how they name their rows

    return alt(*records, **asked)


def of_finding(finding: Any, *, language: str | None = None, narrow: bool = False) -> Drawing:
    """The drawing of a finding, as its page shows it.

    Parameters
    ----------
    finding : Finding
        One that has a figure, such as `cx.pyramid.findings(survey)[0]`.
    language : str, optional
        The language of the labels; the first of the study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.

    Raises
    ------
    SurveyError
        If it is no finding, or has no figure.

    Examples
    --------
    >>> import cxkit as cx
    >>> found = cx.pyramid.findings(cx.load("demo"), is_tested=False)
    >>> of_finding(found[0], language="en").title
    'Weakest level: Responsive service, 10.8 points below Emotional connection'
    """
    from cxkit.report.shown import Shown

    if not hasattr(finding, "figure"):
        raise SurveyError(
            f"a figure was asked for of a {type(finding).__name__}",
            expected="one finding",
            hint="`cx.pyramid.findings(survey)[0]` is the first of many",
        )
    if finding.figure is None:
        raise SurveyError(
            f"finding '{finding.key}' of section '{finding.section}' has no figure",
            expected="a finding with a figure",
            hint="`[one for one in findings if one.figure]` are those that have one",
        )
    spoken = language or _first_language(finding.context)
    return Shown(finding.to_dict(), Words(spoken, finding.context)).figure(narrow=narrow)


def _published(tables: Iterable[Any], figure: str) -> Iterator[Estimate | Comparison]:
    """The records of some tables as a reader may see them."""
    for table in tables:
        if not isinstance(table, Iterable):
            raise SurveyError(
                f"figure '{figure}' was given a {type(table).__name__}",
                expected="records, as `cx.estimate` and `cx.compare` return them",
            )
        for one in _as_published(table):
            if not isinstance(one, (Estimate, Comparison)):
                raise SurveyError(
                    f"figure '{figure}' was given {type(one).__name__!r} in a "
                    f"{type(table).__name__}",
                    expected="records, as `cx.estimate` and `cx.compare` return them",
                )
            yield one


def _as_published(table: Any) -> Any:
    """A table of records as a reader may see it; anything else as it is."""
    return table.published() if getattr(table, "is_published", True) is False else table


def _words_of(tables: Iterable[Any]) -> Words:
    """The words of the first table that knows its study; English where none does."""
    contexts = (getattr(table, "context", None) for table in tables)
    context: Mapping[str, Any] = next((one for one in contexts if one), {})
    return Words(_first_language(context), context)


def _first_language(context: Mapping[str, Any]) -> str:
    return str(next(iter(context.get("languages", ())), "en"))
