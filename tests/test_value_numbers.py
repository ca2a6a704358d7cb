"""What a relation is worth: by hand, against R and published examples, planted truth, nulls."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import value_study as shop
from scipy import stats

import cxkit as cx
from cxkit.analysis.value.inputs import N_DRAWS, figures
from cxkit.analysis.value.leaving import hazards_of_leaving, odds_of_leaving
from cxkit.analysis.value.observed import observed
from cxkit.analysis.value.scenarios import TODAY, worth
from cxkit.analysis.value.sums import lifetime_value, losses, outcomes
from cxkit.analysis.value.survival import kaplan_meier, survival_curve
from cxkit.answers.problems import check
from cxkit.errors import StudyError, SurveyError
from cxkit.weights import Design, variance

R = json.loads((Path(__file__).parent / "oracles" / "value.json").read_text(encoding="utf-8"))

# Remission under 6-MP, in weeks, 1 for a relapse: Freireich et al. (1963), Blood 21, 699-716; the
# curve as printed in Kleinbaum & Klein, Survival Analysis, chapter 2.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [1] * 9 + [0] * 12
PRINTED = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}


def witness() -> dict[str, Any]:
    """The data of tests/oracles/value.R, made from the same formulas."""
    i = np.arange(1, 161)
    strata = np.where(i <= 80, "a", "b")
    return {
        "x": np.column_stack([np.sin(i), np.cos(1.7 * i)]),
        "weight": 0.5 + (i % 4) / 2,
        "strata": strata,
        "cluster": np.array([f"{s}{k}" for s, k in zip(strata, i % 16, strict=True)]),
        "months": 1 + (i * 7) % 12,
        "left": (np.sin(i) + np.cos(3 * i) > 0.3).astype(int),
        "i": i,
    }


W = witness()
DRAWN = {key: W[key] for key in ("weight", "strata", "cluster")}


# -- who is still there ----------------------------------------------------------------------------


def test_the_curve_of_a_textbook_is_found() -> None:
    made = kaplan_meier(WEEKS, RELAPSED)
    found = {int(one.by["month"]): round(one.estimate, 4) for one in made}
    assert found == PRINTED
    assert [one.n for one in made] == [21, 17, 15, 12, 11, 7, 6]


def test_greenwood_s_errors_of_the_textbook_are_found() -> None:
    """0.0764 at 6 weeks, 0.1346 at 23; ours have N / (N - 1) over all of the sample."""
    curve = survival_curve(WEEKS, RELAPSED, Design(np.ones(21)))
    se = [
        s * math.sqrt(variance(i, curve.design))
        for s, i in zip(curve.shares, curve.influence.T, strict=True)
    ]
    printed = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert np.array(se) / math.sqrt(21 / 20) == pytest.approx(printed, abs=6e-5)


def test_the_curve_agrees_with_r_weighted_or_not() -> None:
    simple = kaplan_meier(W["months"], W["left"])
    assert [one.estimate for one in simple] == pytest.approx(R["km"]["share"], abs=1e-12)
    assert [one.ci_low for one in simple] == pytest.approx(R["km"]["low"], abs=5e-4)
    curve = survival_curve(W["months"], W["left"], Design(W["weight"]))
    assert curve.shares == pytest.approx(R["km_weighted"]["share"], abs=1e-12)
    se = [
        s * math.sqrt(variance(i, curve.design))
        for s, i in zip(curve.shares, curve.influence.T, strict=True)
    ]
    ours = np.array(se) / math.sqrt(160 / 159)
    assert ours == pytest.approx(R["km_weighted"]["se"], rel=1e-6)


def test_without_anybody_lost_from_sight_the_curve_is_a_share() -> None:
    left = np.array([1] * 13 + [0] * 37)
    one = kaplan_meier(np.where(left == 1, 4, 12), left, at=[12])[0]
    assert one.estimate == pytest.approx(37 / 50)


def test_intervals_cover_the_planted_share() -> None:
    """Half are followed for six months only; 95% intervals hold the truth about as often."""
    rng = np.random.default_rng(5)
    truth, hits = 0.95**12, 0
    for _ in range(300):
        month, until = rng.geometric(0.05, 200), np.where(np.arange(200) % 2, 12, 6)
        one = kaplan_meier(np.minimum(month, until), month <= until, at=[12])[0]
        hits += one.ci_low <= truth <= one.ci_high
    assert 0.91 <= hits / 300 <= 0.985


@pytest.mark.parametrize(("left", "share"), [(0, 1.0), (1, 0.0)])
def test_when_nobody_or_everybody_leaves_the_interval_is_not_a_point(
    left: int, share: float
) -> None:
    one = kaplan_meier([12] * 40, [left] * 40, at=[12])[0]
    assert one.estimate == share
    assert one.ci_high - one.ci_low > 0.05


def test_a_month_that_nobody_was_followed_to_has_no_number() -> None:
    one = kaplan_meier([3, 4, 5], [0, 1, 0], at=[12])[0]
    assert math.isnan(one.estimate)
    assert one.flags == ("not_measured",)


@pytest.mark.parametrize(
    ("months", "left"), [([1, 2], [0, 2]), ([-1, 2], [0, 1]), ([1, 2, 3], [0, 1])]
)
def test_what_cannot_be_is_refused(months: list[float], left: list[float]) -> None:
    with pytest.raises(SurveyError):
        kaplan_meier(months, left)


# -- what goes with leaving ------------------------------------------------------------------------


def slopes(made: Any, df: float) -> tuple[np.ndarray, np.ndarray]:
    """Log ratios, and their errors from the intervals."""
    log = np.log([one.estimate for one in made])
    t = stats.norm.ppf(0.975) if math.isinf(df) else stats.t.ppf(0.975, df)
    return log, (np.log([one.ci_high for one in made]) - log) / t


@pytest.mark.parametrize(
    ("key", "given", "df"),
    [
        ("logit", {}, math.inf),
        ("logit_weighted", {"weight": W["weight"]}, 157),
        ("logit_design", DRAWN, 28),
        ("grouped", {}, math.inf),
        ("grouped_design", DRAWN, 28),
    ],
)
def test_ratios_and_their_errors_agree_with_r(key: str, given: dict[str, Any], df: float) -> None:
    if key.startswith("logit"):
        made = odds_of_leaving(W["x"], W["left"], **given)
    else:
        made = hazards_of_leaving(W["x"], W["months"], W["left"], **given)
    log, se = slopes(made, df)
    assert log == pytest.approx(R[key]["slope"], abs=1e-5)
    assert se == pytest.approx(R[key]["se"], rel=3e-5)


def test_grouped_times_are_near_to_cox_s_own_model() -> None:
    """R's coxph on the same months without ties; statsmodels' PHReg agrees with it."""
    from statsmodels.duration.hazard_regression import PHReg

    exact = W["months"] + W["i"] / 1000
    log, _ = slopes(hazards_of_leaving(W["x"], W["months"], W["left"]), math.inf)
    cox = PHReg(exact, W["x"], W["left"], ties="efron").fit().params
    assert cox == pytest.approx(R["cox"]["slope"], abs=1e-6)
    assert log == pytest.approx(cox, abs=0.05)


@pytest.mark.parametrize("left", [0, 1])
def test_where_all_stayed_or_all_left_nothing_goes_with_it(left: int) -> None:
    made = odds_of_leaving(W["x"], np.full(160, left))
    assert {one.method for one in made} == {"no_spread"}
    assert all(math.isnan(one.estimate) and one.flags for one in made)


def test_a_predictor_that_parts_them_perfectly_is_said() -> None:
    made = odds_of_leaving(np.arange(40.0), np.arange(40) > 20)
    assert made[0].method == "separated"


# -- sums by hand ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("margin", "retention", "discount", "periods", "expected"),
    [
        (100, 0.5, 0.0, 3, 175.0),  # 100 + 50 + 25
        (100, 0.8, 0.1, 2, 100 + 80 / 1.1),
        (100, 1.0, 0.0, 4, 400.0),
        (100, 0.0, 0.2, 9, 100.0),
        (-20, 0.5, 0.0, 2, -30.0),
    ],
)
def test_a_lifetime_value_is_the_sum_of_its_periods(
    margin: float, retention: float, discount: float, periods: int, expected: float
) -> None:
    assert float(lifetime_value(margin, retention, discount, periods)) == pytest.approx(expected)


def test_many_periods_near_the_closed_form() -> None:
    """margin (1 + d) / (1 + d - r), of Gupta and Lehmann."""
    assert float(lifetime_value(50, 0.8, 0.12, 400)) == pytest.approx(50 * 1.12 / 0.32)


@pytest.mark.parametrize(("retention", "discount"), [(1.2, 0.1), (-0.1, 0.1), (0.8, -0.01)])
def test_a_rate_that_cannot_be_is_refused(retention: float, discount: float) -> None:
    with pytest.raises(SurveyError):
        lifetime_value(100, retention, discount, 5)


BY_HAND = {
    "customers": 1000.0, "retention": 0.8, "spend": 200.0, "margin": 0.25, "discount": 0.1,
    "acquire_cost": 60.0, "keep_cost": 10.0, "replaced": 0.5, "warned": 2.0, "deterred": 0.05,
    "serve_cost": 4.0,
}  # fmt: skip


def test_a_loss_is_split_by_hand() -> None:
    """200 leave; each pays 200 at a margin of a quarter, and warns two, of whom 5% stay away."""
    made = {part: float(amount) for part, amount in losses(BY_HAND).items()}
    assert made == pytest.approx(
        {"payment": 10_000, "replacement": 6_000, "reputation": 1_000, "cost_to_serve": 800}
    )


def test_a_part_without_its_inputs_is_left_out_and_not_nothing() -> None:
    given = {key: one for key, one in BY_HAND.items() if key not in ("warned", "serve_cost")}
    assert set(losses(given)) == {"payment", "replacement"}


def test_all_that_follows_by_hand() -> None:
    made = {key: float(one) for key, one in outcomes(BY_HAND, 2).items()}
    worth_of = 40 * (1 + 0.8 / 1.1)
    assert made["lost"] == pytest.approx(200)
    assert made["revenue_at_stake"] == pytest.approx(40_000)
    assert made["loss"] == pytest.approx(17_800)
    assert made["lifetime_value"] == pytest.approx(worth_of)
    assert made["point_worth"] == pytest.approx(1000 * 40 * 0.01 / 1.1)
    assert made["new_value"] == pytest.approx(worth_of - 60)
    assert made["cost_ratio"] == pytest.approx(6)
    assert made["payback"] == pytest.approx(1.5)


def test_what_brings_nothing_in_is_never_paid_back() -> None:
    made = outcomes({**BY_HAND, "keep_cost": 60.0}, 2)
    assert float(made["lifetime_value"]) < 0
    assert math.isnan(float(made["payback"]))


# -- a survey --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Any:
    measured = {"retention": "{measured: retained}", "spend": "{measured: spend}"}
    measured["problem"] = "{measured: 'outcome:inc_happened'}"
    scenarios = """\
  scenarios:
    more: {label: More stay, plus: {retention: 0.05}}
    dearer:
      label: Five times
      set: {acquire_cost: {claim: acquiring_costs_more, times: keep_cost}}
    claimed: {label: Claimed, set: {churn: {claim: never_buys_again, times: problem}}}
"""
    value = shop.block(measured, observed=shop.OBSERVED, scenarios=scenarios)
    return cx.load(shop.lay(tmp_path_factory.mktemp("kedai"), value))


def test_what_was_seen_reaches_the_survey(survey: Any) -> None:
    table = shop.answers()
    assert np.nansum(survey.values("value:retained")) == (table["still"] == "yes").sum()
    assert np.nansum(survey.values("value:months")) == table["months"].sum()
    assert np.nansum(survey.values("value:spend")) == table["spend"].sum()


def test_what_was_planted_is_found_and_nothing_else(survey: Any) -> None:
    seen = observed(survey)
    assert seen.clear == ("level:fulfilment",)
    found = {one.of: one for one in seen.ratios}
    truth = math.exp(-0.4 * 10 / 25)  # a point of the answer is 25 points of the score
    assert found["level:fulfilment"].ci_low < truth < found["level:fulfilment"].ci_high
    table = shop.answers()
    by_hand = kaplan_meier(table["months"], table["still"] == "no", at=[12], weight=table["weight"])
    assert seen.retained.estimate == pytest.approx(by_hand[0].estimate)


def test_a_null_is_called_clear_about_as_often_as_it_may() -> None:
    """No level goes with leaving: the family of five is wrong once in twenty studies at most."""
    rng = np.random.default_rng(2)
    clear = 0
    for _ in range(12):
        x, month = rng.normal(size=(150, 5)), rng.geometric(0.05, 150)
        made = hazards_of_leaving(x, np.minimum(month, 12), month <= 12)
        log, se = slopes(made, math.inf)
        clear += min(2 * stats.norm.sf(abs(log / se))) < 0.05 / 5
    assert clear <= 3  # of 12 draws of 5%, more than 3 come twice in 1000


def test_sums_start_from_the_middle_and_the_draws_hold_it(survey: Any) -> None:
    made = worth(survey)
    retained = observed(survey).retained.estimate
    spend = 2 * np.average(shop.answers()["spend"], weights=shop.answers()["weight"])
    assert made.inputs["spend"].centre == pytest.approx(spend)
    at_stake = made.only("revenue_at_stake")
    assert at_stake is not None
    assert at_stake.estimate == pytest.approx(1000 * (1 - retained) * spend)
    assert at_stake.ci_low < at_stake.estimate < at_stake.ci_high
    assert at_stake.n == min(
        made.inputs[key].measure.n for key in ("retention", "spend", "problem")
    )  # type: ignore[union-attr]


def test_a_measured_input_is_drawn_as_precisely_as_it_was_measured(survey: Any) -> None:
    one = worth(survey).inputs["retention"]
    low, high = np.quantile(one.draws, [0.025, 0.975])
    assert (low, high) == pytest.approx((one.low, one.high), abs=0.01)
    spend = worth(survey).inputs["spend"]
    assert np.quantile(spend.draws, [0.025, 0.975]) == pytest.approx(
        (spend.low, spend.high), rel=0.02
    )
    assert len(spend.draws) == N_DRAWS


def test_scenarios_change_what_they_say_and_nothing_else(survey: Any) -> None:
    made = worth(survey)
    now, more, claimed = (made.only("lost", key) for key in (TODAY, "more", "claimed"))
    assert now
    assert more
    assert claimed
    assert now.estimate - more.estimate == pytest.approx(1000 * 0.05)
    assert claimed.estimate == pytest.approx(1000 * 0.37 * made.inputs["problem"].centre)
    ratio = made.only("cost_ratio", "dearer")
    assert ratio is not None
    assert ratio.estimate == pytest.approx(5)
    difference = made.only("revenue_at_stake_more", "dearer")
    assert difference is not None
    assert difference.estimate == 0


def test_swings_are_the_sums_at_the_ends_of_one_input(survey: Any) -> None:
    made = worth(survey)
    middle = {key: one.centre for key, one in made.inputs.items()}
    swing = made.swings.only(of="input:margin", by_output="loss")
    ends = [outcomes({**middle, "margin": end}, 3)["loss"] for end in (0.2, 0.3)]
    assert (swing.ci_low, swing.ci_high) == pytest.approx(tuple(map(float, ends)))
    sizes = [abs(one.ci_high - one.ci_low) for one in made.swings.where(by_output="loss")]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) > 2


def test_the_same_study_gives_the_same_draws_and_no_input_moves_another(survey: Any) -> None:
    inputs = survey.study.value.inputs
    both = figures(survey, inputs), figures(survey, {"margin": inputs["margin"]})
    assert np.array_equal(both[0]["margin"].draws, both[1]["margin"].draws)


def test_an_intention_counts_only_through_its_calibration(tmp_path: Path) -> None:
    stated = (
        "{stated: stay, calibration: {intend: {value: 0.9}, others: {value: 0.4}, source: bank}}"
    )
    held = cx.load(shop.lay(tmp_path, shop.block({"retention": stated})))
    table = shop.answers()
    says = np.average(table["out_stay"] == 5, weights=table["weight"])
    one = worth(held).inputs["retention"]
    assert one.centre == pytest.approx(0.9 * says + 0.4 * (1 - says))
    assert one.kind == "stated"
    assert one.low < one.centre < one.high


# -- what does not agree ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"margin": "{value: -0.1, source: x}"}, "every sale loses money"),
        ({"discount": "{value: -0.02, source: x}"}, "later money would be worth more"),
        ({"retention": "{value: 80, source: x}"}, "it is a share"),
        ({"spend": "{low: 9, value: 5, high: 10, source: x}"}, "runs from 9 to 5 to 10"),
        ({"spend": "{low: 4, value: 5, source: x}"}, "one end only"),
        ({"spend": "{value: 5}"}, "where its figure comes from"),
        ({"spend": "{value: 5, source: ' '}"}, "where its figure comes from"),
        ({"spend": None}, "does not say spend"),
        ({"churn": "{value: 0.2, source: x}"}, "how many stay and how many leave"),
        ({"retention": "{stated: stay}"}, "it is no probability"),
        ({"retention": "{measured: 'outcome:stay'}"}, "what people say they will do"),
        ({"churn": "{claim: never_buys_again}", "retention": None}, "a claim that nobody has"),
        ({"margin": "{value: 0.2, measured: spend, source: x}"}, "told in 2 ways"),
        ({"spend": "{measured: spend}"}, "nothing called 'spend' was measured"),
        ({"customers": "{value: 48.000, source: x}"}, "'48.000' can be read as 48 and as 48000"),
        ({"spend": "{low: 1, value: 1.250, high: 2, source: x}"}, "as 1.25 and as 1250"),
        ({"customers": "{value: 48.125, source: x}"}, "people are counted whole"),
        ({"customers": "{value: .inf, source: x}"}, "'.inf' is no number to count with"),
        ({"spend": "{value: .nan, source: x}"}, "'.nan' is no number to count with"),
        ({"spend": "{value: 1e999, source: x}"}, "'1e999' is no number to count with"),
    ],
)
def test_a_slip_in_an_input_is_said(
    inputs: dict[str, str | None], told: str, tmp_path: Path
) -> None:
    with pytest.raises(StudyError, match=told):
        shop.read(tmp_path, shop.block(inputs))


def test_a_period_must_be_that_which_was_observed(tmp_path: Path) -> None:
    observed = "  observed: {retained: still, after: 6}\n"
    with pytest.raises(StudyError, match="after 6 months, and a period has 12"):
        shop.read(tmp_path, shop.block({"retention": "{measured: retained}"}, observed=observed))


@pytest.mark.parametrize(
    ("key", "by", "told"),
    [
        ("retention", 0.3, "takes 'retention' from 0.8 to 1.1"),
        ("discount", -0.5, "takes 'discount' from 0.1 to -0.4"),
        ("customers", -1000, "takes 'customers' from 1000 to 0"),
    ],
)
def test_a_scenario_is_not_cut_to_what_can_be(
    key: str, by: float, told: str, tmp_path: Path
) -> None:
    """A shift beyond what an input can be is refused: its sums would be of another shift."""
    shift = f"{{label: {{id: Lain, en: Other}}, plus: {{{key}: {by}}}}}"
    with pytest.raises(StudyError, match=re.escape(told)):
        shop.read(tmp_path, shop.block(scenarios=f"  scenarios:\n    other: {shift}\n"))


def test_a_word_that_nobody_holds_is_told_of_those_who_stayed(tmp_path: Path) -> None:
    observed = "  observed: {retained: {column: still, is: customer}}\n"
    folder = shop.lay(tmp_path, shop.block(observed=observed))
    told = {one.code: one.severity for one in check(folder)}
    assert told["nobody_retained"] == "warning"


def test_amounts_below_nothing_are_told_of_the_answers(tmp_path: Path) -> None:
    table = shop.answers(40)
    table.loc[3, "spend"] = -5
    folder = shop.lay(tmp_path, shop.block(observed=shop.OBSERVED), table)
    with pytest.raises((StudyError, SurveyError), match="less than nothing"):
        cx.load(folder)
