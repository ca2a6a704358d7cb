"""Is it a pyramid in these data? Order violations against what one overall impression would do.

`pyramid_order` tests a reading of a framework's order on a survey and says what may be concluded;
`order_of` does the same for any scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cxkit.analysis import estimates, pyramid
from cxkit.analysis.comparisons import rules_of
from cxkit.analysis.joint import seeded
from cxkit.analysis.ordering.stacking import CUTS, FEWER, MAIN_CUT, Order, order_of
from cxkit.errors import SurveyError, one_of
from cxkit.records import Fits, is_unseen

__all__ = [
    "CUTS",
    "FEWER",
    "MAIN_CUT",
    "Order",
    "order_of",
    "orders",
    "pyramid_order",
    "verdicts",
]


def pyramid_order(survey: Any, reading: str | None = None) -> Order:
    """One reading of the framework's order, tested on the latest wave in hand.

    Parameters
    ----------
    survey : Survey
        The respondents in hand; those with all levels are placed, others are not placeable.
    reading : str, optional
        A key of the framework's `order_readings`; the default order if none.

    Returns
    -------
    Order
        Verdict `consistent`, `contradicted` or `cannot_tell`; never more than that.

    Raises
    ------
    SurveyError
        If the framework states no order, or not this one.

    Notes
    -----
    See `order_of`.

    Examples
    --------
    >>> import cxkit as cx
    >>> pyramid_order(cx.load("demo", wave="2026H1"), "text_sequence").verdict.verdict
    'cannot_tell'
    """
    now = survey.latest
    framework = now.study.framework
    readings = framework.order_readings if framework is not None else {}
    if not readings:
        raise SurveyError(
            "the study's framework states no order of levels",
            where=now.study.shown(),
            expected="a framework with order_readings, such as pyramid",
        )
    chosen = framework.default_order if reading is None else reading
    one_of(chosen, readings, "reading")
    return _tested(now, chosen, pyramid.measured(now))


def orders(survey: Any) -> list[Order]:
    """Every reading of the framework's order, tested, the default one first; none for a list."""
    framework = survey.latest.study.framework
    if framework is None or framework.shape != "pyramid":
        return []
    now = survey.latest
    readings = sorted(framework.order_readings, key=lambda one: one != framework.default_order)
    scored = pyramid.measured(now) if readings else []
    return [_tested(now, reading, scored) for reading in readings]


def verdicts(survey: Any) -> Fits:
    """What may be concluded of every reading, with the ratios and H behind it, as one table."""
    rows = [
        row for one in orders(survey) for row in (one.verdict, *one.expected, *one.ratios, *one.h)
    ]
    return Fits(rows, context=survey.latest.context())


def _tested(now: Any, reading: str, scored: Sequence[estimates.Measured]) -> Order:
    """One reading of the levels `scored` in a wave."""
    own = estimates.sample(now, tuple(now.waves))
    hidden = {one.of for one in scored if is_unseen(now.wave, one.of, now.context())}
    found = {
        one.of: np.where(now.mask & (one.of not in hidden), one.values, np.nan)[own.rows]
        for one in scored
    }
    levels = [f"level:{key}" for key in now.study.framework.order_readings[reading]]
    return order_of(
        np.column_stack([found[level] for level in levels]),
        levels,
        own.design,
        rules=rules_of(now, "share"),
        reading=reading,
        wave=now.wave,
        seed=seeded(now.study.seed, f"order:{reading}"),
    )
