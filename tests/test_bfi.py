"""Answers of 2,800 people to 25 statements, seven worded the other way, against numbers from R.

Left out, because the kit does not offer them: pairwise alphas, omega of a single factor outside
a joint model, skewness and kurtosis.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from measured_by_r import CLOSE, check_ratios, check_reliability
from real_studies import expected_numbers

from cxkit.analysis import cronbach_alpha, htmt, item_statistics

SCALES = {scale: [f"{scale}{i}" for i in range(1, 6)] for scale in "ACENO"}

pytestmark = pytest.mark.usefixtures("shared_data")


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, Any]:
    return expected_numbers(shared_data, "bfi")


@pytest.fixture(scope="module")
def as_asked(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "bfi" / "bfi.csv")


@pytest.fixture(scope="module")
def answers(as_asked: pd.DataFrame, expected: dict[str, Any]) -> pd.DataFrame:
    """The answers with the statements worded the other way turned round."""
    turned = expected["reverse_keyed"]
    assert len(turned) == 7
    return as_asked.assign(**{item: 7 - as_asked[item] for item in turned})


@pytest.mark.parametrize("scale", SCALES)
def test_reliability_and_item_statistics_are_those_of_psych(
    answers: pd.DataFrame, expected: dict[str, Any], scale: str
) -> None:
    known = expected["reliability"][scale]
    assert known["items"] == SCALES[scale]
    check_reliability(answers, known)


@pytest.mark.parametrize("scale", SCALES)
def test_alpha_is_listwise_and_not_pairwise(
    answers: pd.DataFrame, expected: dict[str, Any], scale: str
) -> None:
    """Two alphas of the same answers, apart by up to .003: the base says which one it is."""
    known = expected["reliability"][scale]
    one = cronbach_alpha(answers[SCALES[scale]])
    assert one.n == known["n_listwise"] < known["n_any"]
    assert abs(one.value - known["alpha_raw_pairwise_psych"]) > 1e-4


def test_ratios_of_all_pairs_are_those_of_semtools(
    answers: pd.DataFrame, expected: dict[str, Any]
) -> None:
    check_ratios(answers, SCALES, expected["htmt"])


def test_traits_are_told_apart(answers: pd.DataFrame) -> None:
    assert {one.verdict for one in htmt(answers, SCALES)} == {"distinct"}


def test_a_statement_that_was_not_turned_round_shows_itself(
    as_asked: pd.DataFrame, expected: dict[str, Any]
) -> None:
    """As they were asked, those worded the other way run against the rest."""
    for scale in "ACEO":
        made = item_statistics(as_asked[SCALES[scale]])
        turned = set(expected["reverse_keyed"]) & set(SCALES[scale])
        against = {one.of for one in made if one.name == "item_rest_r" and one.value < 0}
        assert against >= turned or against == set(SCALES[scale]) - turned
        raw = cronbach_alpha(as_asked[SCALES[scale]]).value
        assert raw < expected["reliability"][scale]["alpha_raw_listwise"] - 10 * CLOSE
