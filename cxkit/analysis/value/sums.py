"""Sums of what a relation is worth: lifetime value, what leaving costs, acquiring against keeping.

Every function takes numbers or arrays of one shape (the draws of a simulation) and returns the
same. Money in the study's currency, rates and amounts a period, shares from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.errors import SurveyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["LOSSES", "lifetime_value", "losses", "outcomes"]

LOSSES = ("payment", "replacement", "reputation", "cost_to_serve")
"""What a loss is made of: payments that end, those won in their place, those put off, service."""

_NEEDS = {
    "payment": ("margin", "spend"),
    "replacement": ("replaced", "acquire_cost"),
    "reputation": ("warned", "deterred", "margin", "spend"),
    "cost_to_serve": ("serve_cost",),
}
"""The inputs that each part of a loss is made of, beside those who leave."""


def lifetime_value(
    margin: ArrayLike, retention: ArrayLike, discount: ArrayLike, periods: int
) -> Any:
    """What one customer is worth from now on, over so many periods, discounted to now.

    Parameters
    ----------
    margin : float or array
        What is left of a period's payments, in money; negative where a customer costs more.
    retention : float or array, from 0 to 1
        The share who are still there a period later.
    discount : float or array, 0 or more
        How much less a period's delay makes money worth.
    periods : int
        How many periods are counted; the first is paid in full.

    Returns
    -------
    float or ndarray

    Raises
    ------
    SurveyError
        If a retention lies outside of 0 to 1, a discount is below 0, or no period is counted.

    Notes
    -----
    margin (1 + q + ... + q^(periods - 1)) with q = retention / (1 + discount): the finite form of
    margin (1 + d) / (1 + d - r) [1]_, which it nears as periods grow. With retention 1 and discount
    0 it is margin times periods; with retention 0 one period's margin.

    References
    ----------
    .. [1] Gupta, S. & Lehmann, D. R. (2003). Customers as assets. Journal of Interactive
           Marketing 17(1).

    Examples
    --------
    >>> round(float(lifetime_value(100, 0.8, 0.1, 5)), 2)
    292.06
    """
    kept, rate = np.asarray(retention, dtype=float), np.asarray(discount, dtype=float)
    for is_wrong, told, expected in (
        (not np.all((kept >= 0) & (kept <= 1)), "a retention outside of 0 to 1", "a share"),
        (not np.all(rate >= 0), "a discount below 0", "0 or more, such as 0.1"),
        (periods < 1, f"{periods} periods", "1 or more"),
    ):
        if is_wrong:
            raise SurveyError(f"a value over time was asked for with {told}", expected=expected)
    total = np.sum([(kept / (1 + rate)) ** t for t in range(periods)], axis=0)
    return np.asarray(margin, dtype=float) * total


def losses(given: Mapping[str, Any]) -> dict[str, Any]:
    """What those who leave in a period cost, by part; a part whose inputs lack is left out.

    Parameters
    ----------
    given : mapping of str to float or array
        Inputs by key; `customers` and `retention` at least.

    Returns
    -------
    dict
        `payment`: the margin on what they would have paid in one more period; `replacement`: what
        it costs to win others in the place of some; `reputation`: the margin on what those they
        put off would have paid; `cost_to_serve`: what each of them costs in service.

    Examples
    --------
    >>> made = losses({"customers": 1000, "retention": 0.75, "spend": 40.0, "margin": 0.5})
    >>> {part: float(amount) for part, amount in made.items()}
    {'payment': 5000.0}
    """
    lost = np.asarray(given["customers"]) * (1 - np.asarray(given["retention"]))
    found = {}
    for part in LOSSES:
        if all(key in given for key in _NEEDS[part]):
            each = np.prod([np.asarray(given[key], dtype=float) for key in _NEEDS[part]], axis=0)
            found[part] = lost * each
    return found


def outcomes(given: Mapping[str, Any], periods: int) -> dict[str, Any]:
    """All that follows from a set of inputs; what needs an input that lacks is left out.

    Parameters
    ----------
    given : mapping of str to float or array
        Inputs by key, `retention` among them.
    periods : int
        How many periods a value over time counts.

    Returns
    -------
    dict
        `lost` customers a period and `revenue_at_stake` (what they would have paid in one more);
        `loss` and its parts (`loss:payment`...); `periods_stayed` of the periods counted;
        `lifetime_value` of a customer, `all_value` of all of them; `point_worth`: what one more
        percentage point of retention adds to that; `new_value`: a new customer's less what winning
        one costs; `cost_ratio` of winning one to keeping one for a period; `payback` in periods
        without discount, NaN where a customer brings nothing in.
    """
    kept = np.asarray(given["retention"], dtype=float)
    customers, spend = np.asarray(given["customers"]), np.asarray(given["spend"])
    brings = spend * given["margin"] - given.get("keep_cost", 0.0)
    worth = lifetime_value(brings, kept, given["discount"], periods)
    more = np.minimum(kept + 0.01, 1.0)
    step = np.where(more > kept, (more - kept) / 0.01, 1.0)
    added = (lifetime_value(brings, more, given["discount"], periods) - worth) / step
    parts = losses(given)
    found = {
        "lost": customers * (1 - kept),
        "revenue_at_stake": customers * (1 - kept) * spend,
        **{f"loss:{part}": amount for part, amount in parts.items()},
        "loss": np.sum(list(parts.values()), axis=0),
        "periods_stayed": lifetime_value(1.0, kept, 0.0, periods),
        "brings": brings,
        "lifetime_value": worth,
        "all_value": customers * worth,
        "point_worth": customers * added,
    }
    if "acquire_cost" in given:
        cost = np.asarray(given["acquire_cost"], dtype=float)
        found["new_value"] = worth - cost
        found["payback"] = np.where(brings > 0, cost / np.where(brings > 0, brings, 1.0), np.nan)
        if "keep_cost" in given and np.all(np.asarray(given["keep_cost"]) > 0):
            found["cost_ratio"] = cost / given["keep_cost"]
    return found
