"""What was seen of people afterwards: who was still a customer, for how long, what they paid.

Hands out `value_of`, the canonical columns `value:retained`, `value:months` and `value:spend`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cxkit.answers import columns as convert
from cxkit.answers.rows import Rows
from cxkit.answers.teller import Teller
from cxkit.study import Study
from cxkit.study.parts import Condition

__all__ = ["value_of"]


def value_of(
    study: Study,
    rows: Rows,
    tell: Teller,
    made: Mapping[str, Any],
    membership: Callable[[Condition], np.ndarray],
) -> dict[str, np.ndarray]:
    """What a study's `value.observed` names, as numbers; nothing where it names nothing.

    `value:retained` is 1 or 0, `value:months` how long somebody was followed, `value:spend` an
    amount; NaN where it is not known, and for everybody outside of the base.
    """
    if study.value is None:
        return {}
    seen = study.value.observed
    found: dict[str, np.ndarray] = {}
    if seen.retained is not None and seen.retained.column in rows.cells:
        told = membership(seen.retained)
        found["value:retained"] = np.where(told < 0, np.nan, told)
        if (told >= 0).any() and not (told == 1).any():
            tell.of_study(
                "nobody_retained",
                "value.observed.retained",
                "nobody was still there when they were last looked at",
                "look at its column, and at the word that it is to hold",
            )
    for name, column in (("months", seen.months), ("spend", seen.spend)):
        if column is not None and column in rows.cells:
            found[f"value:{name}"] = _amounts(rows, tell, name, column)
    outside = _outside(seen.base, rows, made)
    return {name: np.where(outside, np.nan, values) for name, values in found.items()}


def _amounts(rows: Rows, tell: Teller, name: str, column: str) -> np.ndarray:
    values, slips = convert.numbers(rows.cells[column], column=column)
    tell.slips(column, slips)
    below = np.less(values, 0, where=~np.isnan(values), out=np.zeros(rows.n, dtype=bool))
    what = "were followed" if name == "months" else "paid"
    tell.where(
        "below_zero",
        column,
        below,
        f"column '{column}' says that some {what} less than nothing",
        expected="0 or more",
    )
    return np.where(below, np.nan, values)


def _outside(base: str, rows: Rows, made: Mapping[str, Any]) -> np.ndarray:
    member = made.get(f"base:{base}")
    return np.zeros(rows.n, dtype=bool) if member is None else ~np.asarray(member, dtype=bool)
