"""20,000 answers about airline services, 0 for "does not apply", against numbers from R.

Left out, because the kit does not compute them: medians, skewness and kurtosis; omega of
single groups; what goes with satisfaction (LMG, Johnson, logistic regression). R's Wald and
Clopper-Pearson intervals of the satisfied share are not what the kit prints. Tests between classes
and genders are in test_group_tests, test_overall and test_effects.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measured_by_r import answers_of, check_reliability
from real_studies import CLOSE, STUDIES, expected_numbers, standard_error, wilson

import cxkit as cx
from cxkit.analysis import measurement

GROUPS = {"ONLINE": "online", "CABIN": "cabin", "SERVICE": "service"}
N = 20_000

pytestmark = pytest.mark.usefixtures("shared_data")


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, Any]:
    return expected_numbers(shared_data, "airline")


@pytest.fixture(scope="module")
def survey(shared_data: Path) -> Any:
    return cx.load(STUDIES / "airline")


def test_zeros_do_not_apply_and_leave_the_base(survey: Any, expected: Any) -> None:
    assert survey.n == expected["n_rows"] == N
    for item, n in expected["zero_means_not_applicable"].items():
        assert survey.missing(f"item:{item}") == ({"not_applicable": n} if n else {})


def test_those_to_whom_all_fourteen_apply_are_those_of_r(survey: Any, expected: Any) -> None:
    answers = np.column_stack([survey.values(f"item:{item}") for item in expected["items"]])
    assert answers.shape == (N, 14)
    assert np.isfinite(answers).all(axis=1).sum() == expected["n_complete_items"]


def test_means_and_sds_of_the_statements_are_those_of_r(survey: Any, expected: Any) -> None:
    means, sds = (cx.estimate(survey, metric, of="items") for metric in ("mean", "sd"))
    assert len(means) == len(expected["item_stats_zero_as_missing"]) == 14
    for item, known in expected["item_stats_zero_as_missing"].items():
        mean, sd = (of.only(of=f"item:{item}") for of in (means, sds))
        assert mean.n == sd.n == known["n"]
        assert mean.estimate == pytest.approx(known["mean"], abs=CLOSE)
        assert sd.estimate == pytest.approx(known["sd"], abs=CLOSE)


def test_the_satisfied_share_and_its_interval_are_those_of_r(survey: Any, expected: Any) -> None:
    """Two words in the file, a scale of two points: satisfied, or not."""
    known = expected["satisfied"]
    interval = known["ci95_wilson_pct"]
    (one,) = cx.estimate(survey, "csat")
    assert one.n == known["n"] == N
    assert one.estimate == pytest.approx(known["k"] / N, abs=CLOSE)
    assert 100 * one.ci_low == pytest.approx(interval["lower"], abs=CLOSE)
    assert 100 * one.ci_high == pytest.approx(interval["upper"], abs=CLOSE)


@pytest.mark.parametrize("segment", ["class", "type_of_travel", "customer_type", "gender"])
def test_the_satisfied_share_by_segment_is_that_of_r(
    survey: Any, expected: Any, segment: str
) -> None:
    shares, n = expected["satisfied_pct_by"][segment], expected["n_by"][segment]
    by_group = cx.estimate(survey, "csat", by=segment)
    assert {one.by[segment] for one in by_group} == set(shares)
    for one in by_group:
        group = one.by[segment]
        assert one.n == n[group]
        assert 100 * one.estimate == pytest.approx(shares[group], abs=CLOSE)
        assert (one.ci_low, one.ci_high) == pytest.approx(
            wilson(shares[group] / 100, n[group]), abs=CLOSE
        )


def test_seat_comfort_by_class_is_that_of_r(survey: Any, expected: Any) -> None:
    """Domains of one sample: (n - 1)/n of the group's plain variance, times N/(N - 1)."""
    known = expected["seat_comfort_by_class"]
    means, sds = (
        cx.estimate(survey, metric, of="item:seat_comfort", by="class") for metric in ("mean", "sd")
    )
    assert len(means) == 3
    for one in means:
        group = one.by["class"]
        n, sd = known["n"][group], known["sd"][group]
        assert one.n == n
        assert one.estimate == pytest.approx(known["mean"][group], abs=CLOSE)
        assert standard_error(one, N - 1) == pytest.approx(
            sd * math.sqrt(N / (N - 1) * (n - 1)) / n, abs=CLOSE
        )
        assert sds.only(by_class=group).estimate == pytest.approx(sd, abs=CLOSE)


def test_classes_differ_in_seat_comfort_where_they_do_in_r(survey: Any, expected: Any) -> None:
    known = expected["seat_comfort_by_class"]["pairwise_welch"]
    pairs = {
        " vs ".join(side.removeprefix("class=") for side in (one.a, one.b)): one
        for one in cx.compare(survey, "mean", of="item:seat_comfort", by="class")
    }
    for pair, told in known.items():
        forth, back = pair, " vs ".join(reversed(pair.split(" vs ")))
        one = pairs[forth] if forth in pairs else -pairs[back]
        assert one.difference == pytest.approx(told["diff"], abs=CLOSE)
        assert one.is_clear == (told["p_holm"] < 0.05)


def test_scores_of_the_three_groups_are_those_of_r(survey: Any, expected: Any) -> None:
    """A statement that does not apply to someone is no gap: the others make the score."""
    means, sds = (cx.estimate(survey, metric, of="levels") for metric in ("score_100", "sd"))
    for group, level in GROUPS.items():
        known = expected["scales"][group]["score_mean_of_available"]
        mean, sd = (of.only(of=f"level:{level}") for of in (means, sds))
        assert mean.estimate == pytest.approx(25 * (known["mean"] - 1), abs=CLOSE)
        assert sd.estimate == pytest.approx(25 * known["sd"], abs=CLOSE)


@pytest.mark.parametrize("group", GROUPS)
def test_reliability_of_the_three_groups_is_that_of_psych(
    survey: Any, expected: Any, group: str
) -> None:
    """Listwise: someone to whom a statement does not apply says nothing of how well it measures."""
    known = expected["scales"][group]
    check_reliability(answers_of(survey, known["items"]), known)
    one = measurement.reliability(survey).only(of=f"level:{GROUPS[group]}")
    interval = known["alpha_feldt_ci95_listwise"]
    assert (one.verdict, one.n) == ("good", known["n_listwise"])
    assert (one.value, one.ci_low, one.ci_high) == pytest.approx(
        (known["alpha_raw_listwise"], interval["lower"], interval["upper"]), abs=CLOSE
    )
