"""How well items measure their constructs, held against psych and semTools (R) for real studies.

R's alphas and intervals are listwise here and Feldt's with (n - 1)(k - 1), as psych's `alpha.ci`
makes them. R also gives pairwise alphas, which the kit does not offer: they belong to no sample.
"""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd
import pytest

from cxkit.analysis import cronbach_alpha, htmt, item_statistics, spearman_brown

CLOSE = 1e-9


def answers_of(survey: Any, items: list[str]) -> pd.DataFrame:
    """The answers of a survey to some items, as plain data."""
    return pd.DataFrame({item: survey.values(f"item:{item}") for item in items})


def check_reliability(answers: pd.DataFrame, known: dict[str, Any]) -> None:
    """Alpha, its interval, what each item adds, and Spearman-Brown of two: those of psych."""
    own = answers[known["items"]]
    raw, standardised = cronbach_alpha(own), cronbach_alpha(own, standardised=True)
    interval = known["alpha_feldt_ci95_listwise"]
    assert (raw.n, len(own.columns)) == (known["n_listwise"], known["k"])
    assert raw.value == pytest.approx(known["alpha_raw_listwise"], abs=CLOSE)
    assert raw.ci_low == pytest.approx(interval["lower"], abs=CLOSE)
    assert raw.ci_high == pytest.approx(interval["upper"], abs=CLOSE)
    assert raw.method == "feldt_woodruff_salih"
    assert standardised.value == pytest.approx(known["alpha_std_listwise"], abs=CLOSE)
    if "spearman_brown_2item" in known:
        two = spearman_brown(own)
        assert two.value == pytest.approx(known["spearman_brown_2item"], abs=CLOSE)
    if "item" in known:
        check_items(own, known)


def check_items(own: pd.DataFrame, known: dict[str, Any]) -> None:
    """Each item's correlation with the rest, alpha without it, and the mean correlation."""
    made = item_statistics(own)
    mean_r = made.only(name="inter_item_r")
    assert mean_r.value == pytest.approx(known["average_interitem_r_listwise"], abs=CLOSE)
    assert set(own.columns) == set(known["item"])
    for item, told in known["item"].items():
        rest = made.only(name="item_rest_r", of=item)
        assert rest.value == pytest.approx(told["item_rest_r"], abs=CLOSE)
        dropped = made.only(name="alpha_if_dropped", of=item)
        if told["alpha_if_dropped"] is None:
            assert dropped.verdict == "single_item"
        else:
            assert dropped.value == pytest.approx(told["alpha_if_dropped"], abs=CLOSE)


def check_ratios(answers: pd.DataFrame, constructs: dict[str, Any], known: dict[str, Any]) -> None:
    """HTMT of all pairs by hand and by semTools, HTMT2 by semTools (of absolute correlations)."""
    for kind, sources in {"htmt": ("hand", "semTools"), "htmt2": ("semTools_htmt2",)}.items():
        made = {one.of: one for one in htmt(answers, constructs, kind=kind)}
        assert set(made) == {"|".join(pair) for pair in itertools.combinations(constructs, 2)}
        for source, (of, one) in itertools.product(sources, made.items()):
            a, b = of.split("|")
            assert one.value == pytest.approx(known[source][a][b], abs=CLOSE)
            assert one.ci_low < one.value < one.ci_high
