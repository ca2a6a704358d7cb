"""Planning: golden values by hand, R's power functions, the way back, and what is out of reach."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit.analysis import compare_groups, detectable_difference, effective_base, nps, sample_size
from cxkit.analysis.planning import precision
from cxkit.errors import SurveyError

ORACLE = Path(__file__).resolve().parent / "oracles" / "groups.json"
Z = 1.959963984540054 + 0.8416212335729143
EXPECTED = {
    "nps": {"promoters": 0.5, "detractors": 0.2},
    "share": {"share": 0.4},
    "mean": {"sd": 1.1},
    "score_100": {"sd": 24.0},
}
SIZES = {"nps": 12.0, "share": 0.1, "mean": 0.4, "score_100": 6.0}
every_metric = pytest.mark.parametrize("metric", EXPECTED)


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    return json.loads(ORACLE.read_text(encoding="utf-8"))["planning"]


# -- golden values --------------------------------------------------------------------------------


def test_answers_for_an_nps_are_worked_by_hand() -> None:
    """METHODS 6: n = s2 Z2/d2 - 3 with both groups' variances, .5 + .2 - .3^2 = .61 each."""
    n = 2 * 0.61 * Z**2 / 0.10**2 - 3
    assert n == pytest.approx(954.563, abs=1e-3)
    assert sample_size("nps", difference=10, **EXPECTED["nps"]).value == math.ceil(n) == 955


def test_three_tests_are_planned_at_the_first_step_of_holm() -> None:
    """Three groups are three pairs: z at 1 - .05/6 is 2.393980."""
    n = 2 * 0.61 * (2.3939797998185 + 0.8416212335729143) ** 2 / 0.10**2 - 3
    for options in ({"n_groups": 3}, {"n_tests": 3}):
        assert sample_size("nps", difference=10, **options, **EXPECTED["nps"]).value == math.ceil(n)


def test_answers_for_means_are_those_of_power_t_test(oracle: Any) -> None:
    one = sample_size("score_100", difference=3, sd=20)
    assert one.value == math.ceil(oracle["t_test"])
    assert (one.name, one.of, one.unit, one.method) == (
        "sample_size", "score_100", "count", "noncentral_t",
    )  # fmt: skip
    strict = sample_size("mean", difference=0.3, sd=1.2, power=0.9, n_groups=3)
    assert strict.value == math.ceil(oracle["t_test_strict_level"])
    back = detectable_difference("mean", n=100, sd=20)
    assert back.value == pytest.approx(oracle["t_test_delta"], abs=1e-6)


def test_answers_for_shares_are_those_of_power_prop_test(oracle: Any) -> None:
    one = sample_size("share", difference=0.05, share=0.5, power=0.9)
    assert one.value == math.ceil(oracle["two_shares"])
    back = detectable_difference("share", n=400, share=0.5)
    assert 0.5 + back.value == pytest.approx(oracle["two_shares_p2"], abs=1e-6)


def test_the_margin_of_an_nps_is_half_the_golden_interval() -> None:
    """60/25/15 of 100: 29.343111 to 58.035530 (METHODS 6)."""
    one = precision("nps", n=100, promoters=0.6, detractors=0.15)
    assert one.value == pytest.approx((58.035530 - 29.343111) / 2, abs=1e-6)


def test_the_margin_of_a_share_is_half_the_golden_interval() -> None:
    """45 of 60: .627679 to .842235 (METHODS 5)."""
    assert precision("share", n=60, share=0.75).value == pytest.approx(
        (0.842235 - 0.627679) / 2, abs=1e-6
    )


def test_the_margin_of_a_mean_has_students_quantile() -> None:
    assert precision("mean", n=25, sd=2).value == pytest.approx(2.0638985616280205 * 2 / 5)


def test_a_design_effect_and_a_population_are_worked_by_hand() -> None:
    """955 - .437 of a simple sample; 1.5 times as many; of 2,000 people n/(1 + n/2000)."""
    n = 2 * 0.61 * Z**2 / 0.10**2 - 3
    plan = {"difference": 10, **EXPECTED["nps"]}
    assert sample_size("nps", deff=1.5, **plan).value == math.ceil(1.5 * n)
    assert sample_size("nps", population=2000, **plan).value == math.ceil(n / (1 + n / 2000))


# -- laws -----------------------------------------------------------------------------------------


@every_metric
@given(
    times=st.floats(0.3, 2),
    power=st.sampled_from([0.5, 0.8, 0.95]),
    deff=st.sampled_from([1.0, 1.7]),
    population=st.sampled_from([None, 5000.0]),
    n_groups=st.integers(2, 5),
)
def test_the_way_back_leads_to_the_difference(
    metric: str, times: float, power: float, deff: float, population: float | None, n_groups: int
) -> None:
    """The answers found show the difference, and one fewer does not."""
    size = times * SIZES[metric]
    design = {"power": power, "deff": deff, "population": population, "n_groups": n_groups}
    options = {**EXPECTED[metric], **design}
    n = sample_size(metric, difference=size, **options).value
    assert detectable_difference(metric, n=n, **options).value <= size + 1e-9
    if n > 3:
        assert not detectable_difference(metric, n=n - 1, **options).value <= size - 1e-9


@every_metric
def test_the_margin_asked_for_is_reached_and_not_with_fewer(metric: str) -> None:
    margin = SIZES[metric] / 3
    n = sample_size(metric, margin=margin, **EXPECTED[metric]).value
    reached, fewer = (precision(metric, n=k, **EXPECTED[metric]).value for k in (n, n - 1))
    assert reached <= margin < fewer


@every_metric
def test_more_answers_show_smaller_differences(metric: str) -> None:
    found = [
        detectable_difference(metric, n=n, **EXPECTED[metric]).value for n in (80, 200, 1000, 9000)
    ]
    assert found == sorted(found, reverse=True)
    margins = [precision(metric, n=n, **EXPECTED[metric]).value for n in (80, 200, 1000, 9000)]
    assert margins == sorted(margins, reverse=True)


@every_metric
def test_a_census_leaves_nothing_to_chance(metric: str) -> None:
    whole = {"n": 300, "population": 300, **EXPECTED[metric]}
    assert detectable_difference(metric, **whole).value == 0
    assert precision(metric, **whole).value == 0


def test_what_was_planned_is_found_as_often_as_planned() -> None:
    """400 pairs of waves of the size planned for 15 points: some 80 % are clear."""
    n = int(sample_size("nps", difference=15, promoters=0.45, detractors=0.25).value)
    rng = np.random.default_rng(8)
    groups = np.repeat(["a", "b"], n)
    n_clear = 0
    for _ in range(400):
        low = rng.choice([10, 8, 2], n, p=[0.45, 0.30, 0.25])
        high = rng.choice([10, 8, 2], n, p=[0.525, 0.30, 0.175])
        n_clear += compare_groups(np.append(high, low), groups, metric="nps")[0].is_clear
    assert 300 <= n_clear <= 340


def test_a_margin_is_that_of_the_estimate_that_comes_of_it(rng: np.random.Generator) -> None:
    """With the answers divided by their effective base as the design effect, nearly so."""
    answers, weight = rng.choice([10, 8, 2], 2000, p=[0.5, 0.3, 0.2]), rng.uniform(0.3, 3, 2000)
    one = nps(answers, weight=weight)
    deff = 2000 / effective_base(weight)
    shares = {"promoters": 0.5, "detractors": 0.2}
    assert precision("nps", n=2000, deff=deff, **shares).value == pytest.approx(
        one.half_width, rel=0.05
    )


# -- what cannot be planned -----------------------------------------------------------------------


def test_what_is_out_of_reach_says_so() -> None:
    """Five answers cannot show a share of .9 to be lower than any other."""
    for one in (
        detectable_difference("share", n=5, share=0.9),
        detectable_difference("share", n=500, share=1.0),
        detectable_difference("mean", n=1, sd=1),
        detectable_difference("score_100", n=3, sd=49),
        sample_size("mean", difference=1e-6, sd=1),
    ):
        assert math.isnan(one.value)
        assert (one.verdict, one.flags) == ("out_of_reach", ("unreliable",))


def test_a_huge_difference_takes_two_answers_at_least() -> None:
    assert sample_size("nps", difference=190, **EXPECTED["nps"]).value == 2
    assert sample_size("mean", difference=1e6, sd=1).value == 2


@pytest.mark.parametrize(
    ("metric", "options", "said"),
    [
        ("np", {"difference": 5, "promoters": 0.5, "detractors": 0.2}, "unknown metric"),
        ("nps", {"difference": 5, "promoters": 0.5}, "planned from promoters and detractors"),
        ("mean", {"difference": 5, "sd": 1, "share": 0.5}, "planned from sd"),
        ("nps", {"promoters": 0.5, "detractors": 0.2}, "for a difference or for a margin"),
        ("mean", {"difference": 1, "margin": 1, "sd": 1}, "for a difference or for a margin"),
        ("mean", {"difference": 0, "sd": 1}, "the difference is 0"),
        ("mean", {"margin": math.nan, "sd": 1}, "the margin is nan"),
        ("mean", {"difference": 1, "sd": 0}, "no answers have these expectations"),
        ("nps", {"difference": 5, "promoters": 0.9, "detractors": 0.2}, "no answers have these"),
        ("nps", {"difference": 5, "promoters": 1.0, "detractors": 0.0}, "no answers have these"),
        ("share", {"difference": 0.3, "share": 0.8}, "a share of 0.8 cannot be 0.3 higher"),
        ("mean", {"difference": 1, "sd": 1, "power": 80}, "power is 80"),
        ("mean", {"difference": 1, "sd": 1, "deff": 0}, "the design of the plan"),
        ("mean", {"difference": 1, "sd": 1, "n_groups": 1}, "the design of the plan"),
        ("mean", {"difference": 1, "sd": 1, "ci_level": 95}, "ci_level is 95"),
    ],
)
def test_slips_are_told(metric: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(SurveyError, match=said):
        sample_size(metric, **options)


def test_more_answers_than_people_are_a_slip() -> None:
    with pytest.raises(SurveyError, match="smaller than the sample"):
        precision("mean", n=50, sd=1, population=40)
    with pytest.raises(SurveyError, match="there are 0 answers"):
        detectable_difference("mean", n=0, sd=1)
