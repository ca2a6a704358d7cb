"""What respondents say, miss and are worth, in the demo: R's numbers, sums by hand, and laws.

`oracles/worth.R` reads the demo's answers by itself and knows nothing of the kit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxkit as cx
from cxkit.analysis import (
    channels,
    experience,
    gaps,
    loyalty,
    moves,
    problems,
    rival,
    within_stages,
)
from cxkit.analysis.comments import coding, themes
from cxkit.analysis.comments.agreement import cohen_kappa
from cxkit.analysis.differences.overall import wald_of_means
from cxkit.analysis.value.observed import observed
from cxkit.analysis.value.scenarios import worth
from cxkit.analysis.value.sums import outcomes

ORACLE = Path(__file__).parent / "oracles" / "worth.json"
DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
N, N_BEFORE = 1204, 1212
"""Rows of the last wave and of the wave before: the sampling units of their designs."""

Z = stats.norm.ppf(0.975)
CLOSE = 1e-8


@pytest.fixture(scope="module")
def demo() -> Any:
    return cx.load("demo")


# -- against R -------------------------------------------------------------------------------------


def told(found: Iterable[Any], key: Any) -> Iterator[tuple[str, Any]]:
    """The records that hold a number, each under R's name."""
    return ((key(one), one) for one in found if one.n and one.estimate == one.estimate)


def check(records: Iterable[tuple[str, Any]], oracle: dict[str, Any], n: int = N) -> None:
    """Estimates, bases and intervals: Wilson's with n_design for shares, else Student's t."""
    seen = 0
    for key, one in records:
        value, se, base = oracle[key]
        seen += 1
        assert one.n == base, key
        assert one.estimate == pytest.approx(value, abs=CLOSE), key
        if one.method == "wilson_design" and se:
            low, high = wilson(value, n / (n - 1) * value * (1 - value) / se**2)
        elif one.method == "linearised_t":
            half = stats.t.ppf(0.975, n - 1) * se
            low, high = value - half, value + half
        else:
            continue
        assert (one.ci_low, one.ci_high) == pytest.approx((low, high), abs=1e-7), key
    assert seen


def wilson(p: float, n: float) -> tuple[float, float]:
    half = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    low, high = ((p + Z**2 / (2 * n) + side * half) / (1 + Z**2 / n) for side in (-1, 1))
    return low, high


def check_differences(
    pairs: Iterable[tuple[str, Any]], oracle: dict[str, Any], factor: float = 1
) -> None:
    """Differences within people and their p-values, which are Holm's after correction."""
    found = [(oracle[key], one) for key, one in pairs]
    p = [2 * stats.t.sf(abs(value / se), N - 1) for (value, se, _), _ in found]
    order = np.argsort(p)
    in_order = np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1))
    holm = np.empty(len(p))
    holm[order] = np.minimum(in_order, 1)
    assert found
    for ((value, _, n), one), plain, corrected in zip(found, p, holm, strict=True):
        assert one.n_a == one.n_b == n
        assert one.difference == pytest.approx(factor * value, abs=1e-7)
        assert one.p == pytest.approx(plain, abs=1e-9)
        assert one.p_adjusted == pytest.approx(corrected, abs=1e-9)


def names_of(one: Any) -> str:
    return f"{one.a}|{one.b}"


@pytest.mark.parametrize(
    ("part", "first", "key"),
    [("type", "type:after_service", "type:after_service"),
     ("determinant", "determinant:follow_up", None)],
)  # fmt: skip
def test_parts_and_the_lowest_within_people(
    demo: Any, oracle: dict[str, Any], part: str, first: str, key: str | None
) -> None:
    """After-service is planted as the lowest type; follow-up and the chatbot are four apart."""
    check(told(experience.scores(demo, part), lambda one: one.of), oracle)
    found = experience.lowest(demo, part)
    assert (found.first, found.key) == (first, key)
    check_differences(((names_of(one), one) for one in found.comparisons), oracle)


def test_types_with_levels(demo: Any, oracle: dict[str, Any]) -> None:
    made = experience.with_levels(demo, "type")
    assert len(made) == 25
    for one in made:
        r, se, n = oracle[f"r:{one.of}"]
        half = stats.t.ppf(0.975, N - 1) * se / (1 - r**2)
        ends = [math.tanh(math.atanh(r) + side * half) for side in (-1, 1)]
        assert (one.n, one.value) == (n, pytest.approx(r, abs=CLOSE))
        assert [one.ci_low, one.ci_high] == pytest.approx(ends, abs=1e-7)


def test_gaps_direct_paired_and_between(demo: Any, oracle: dict[str, Any]) -> None:
    """Responsive service is planted to fall short most, in both ways of asking."""
    nets = gaps.direct(demo).where(metric="net")
    for key, one in told(nets, lambda one: one.of):
        assert (one.n, one.estimate) == (oracle[key][2], pytest.approx(oracle[key][0]))
    direct, widest = gaps.furthest_behind(demo), gaps.widest(demo)
    assert direct.key == "item:dis_responsive_service"
    assert widest.key == "level:responsive_service"
    check_differences(((names_of(one), one) for one in direct.comparisons), oracle)
    within = ((one.of.replace("level:", "gap:"), one) for one in gaps.paired(demo))
    check_differences(within, oracle)
    between = ((names_of(one).replace("level:", "gap:"), one) for one in widest.comparisons)
    check_differences(between, oracle)


def test_gaps_between_people(demo: Any, oracle: dict[str, Any]) -> None:
    """Reliability of a difference by hand in R; surfaces with R's errors, above 500 only."""
    for one in gaps.reliability(demo):
        level = one.of.partition("|")[0].removeprefix("level:")
        value, _, n = oracle[f"rho:{level}"]
        assert (one.n, one.value) == (n, pytest.approx(value, abs=CLOSE))
    made = gaps.surfaces(demo)
    assert made.pop("fulfilment").verdict == "too_few"
    for level, surface in made.items():
        for one in surface:
            value, se, n = oracle[f"{one.metric}:{level}"]
            assert (one.n, one.estimate) == (n, pytest.approx(value, abs=CLOSE))
            half = stats.t.ppf(0.975, N - 1 - 5) * se
            assert one.ci_high - one.estimate == pytest.approx(half, rel=1e-6)


def test_stages_from_within(demo: Any, oracle: dict[str, Any]) -> None:
    """Price matters more when deciding (planted); quality matters alike (planted null)."""
    short = {question: stage[0] + what[0] for (stage, what), question
             in within_stages.IMPORTANCE.items()}  # fmt: skip

    def key(one: Any) -> str:
        return "-".join(short[side.removeprefix("item:")] for side in (one.a, one.b))

    price, weighed = within_stages.price(demo), within_stages.weighed(demo)
    check_differences(((key(one), one) for one in price), oracle)
    check_differences(((key(one), one) for one in weighed), oracle)
    verdicts = {key(one): one.verdict for one in [*price, *weighed]}
    assert (verdicts["dp-cp"], verdicts["dq-cq"]) == ("clear", "no_evidence")
    check_differences([("evaluation", within_stages.evaluation(demo)[0])], oracle)
    ways = within_stages.ways(demo)
    check(told(ways, lambda one: one.of.replace("rch_advocate_", "")), oracle)


def test_moves_of_people_seen_twice(demo: Any, oracle: dict[str, Any]) -> None:
    """Wilson's interval on the weights of the wave before; a fifth were planted to come further."""
    made = [one for one in moves.directions(demo) if one.of != "move:less_far"]
    check(told(made, lambda one: one.of), oracle, N_BEFORE)
    check(
        told(
            moves.transitions(demo),
            lambda one: f"move:{one.by['before']}>{one.of.removeprefix('stage:')}",
        ),
        oracle,
        N_BEFORE,
    )


def test_channels(demo: Any, oracle: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    segment = channels.arrival(demo.study)
    made = channels.arrivals(demo)
    shares = made.where(metric="share")
    check(told(shares, lambda one: f"arrived:{one.by[segment]}"), oracle)
    levels = [one for one in made.where(metric="score_100")
              if one.by.get(segment, "direct") in ("direct", "social")]  # fmt: skip
    check(told(levels, lambda one: "@".join([one.of, *one.by.values()])), oracle)
    used = [one for one in channels.usage(demo).where(metric="share") if one.estimate]
    check(told(used, lambda one: one.of.replace("channel:", "used:")), oracle)
    several = channels.n_used(demo).where(by_n_channels=channels.SEVERAL)
    check(told(several, lambda one: "used:several"), oracle)
    tested: list[Any] = []

    def seen(*args: Any) -> Any:
        tested.append(wald_of_means(*args))
        return tested[-1]

    monkeypatch.setattr(channels, "wald_of_means", seen)
    uneven = channels.unevenness(demo)
    assert uneven.channels == ("direct", "organic_search", "paid_search", "social")
    assert (uneven.clear, uneven.most.key) == ((), None)
    for one, made_of in zip(uneven.spread, tested, strict=True):
        wald = oracle[one.of.replace("level:", "wald:")][0]
        assert made_of.value == pytest.approx(wald * (N - 1 - 3 + 1) / (N - 1))  # Hotelling's F
    # four channels: the unbiased variance of their means, none below zero
    for place, of in enumerate(one.of for one in uneven.spread):
        cells = uneven.estimates.where(of=of)
        means = np.array([one.estimate for one in cells])
        errors = [(one.ci_high - one.ci_low) / 2 / stats.t.ppf(0.975, N - 1) for one in cells]
        rough = np.var(means, ddof=1) - np.mean(np.square(errors))
        assert uneven.spread[place].value == pytest.approx(math.sqrt(max(rough, 0)), abs=0.05)


def test_what_was_told_meant_and_gone_through(demo: Any, oracle: dict[str, Any]) -> None:
    def answer(one: Any) -> str:
        return ":".join([one.of.removeprefix("outcome:"), *one.by.values()])

    spoken = [one for one in loyalty.word_of_mouth(demo) if not answer(one).startswith("rev_")]
    check(told(spoken, answer), oracle)
    done = [one for one in loyalty.said_and_done(demo) if "recommended" in one.of]
    check(told(done, lambda one: f"done:{one.by['answer']}"), oracle)
    unsure = loyalty.conditional(demo)
    check(told(unsure, lambda one: f"unsure:{one.by.get('answer', 'all')}"), oracle)
    check(told(loyalty.warners(demo), lambda one: f"warned:{one.by['base']}"), oracle)
    meant = loyalty.intentions(demo)
    check(told(meant, lambda one: one.of.replace("outcome:", "means:")), oracle)
    trouble = [one for one in problems.problems(demo) if "handling" not in one.of]
    check(told(trouble, answer), oracle)
    check(told(problems.stayers(demo), lambda one: f"stays:{one.by['problem']}"), oracle)


def test_two_groups_of_warners_by_hand(demo: Any, oracle: dict[str, Any]) -> None:
    """Agresti and Caffo: an answer more of each kind, with R's shares and errors."""
    centres, variances = [], []
    for side in ("buyers", "prospects"):
        p, se, _ = oracle[f"warned:{side}"]
        n = N / (N - 1) * p * (1 - p) / se**2
        pulled = (p * n + 1) / (n + 2)
        centres.append(pulled)
        variances.append(pulled * (1 - pulled) / (n + 2))
    (one,) = loyalty.warned(demo)
    z = (centres[0] - centres[1]) / math.sqrt(sum(variances))
    assert one.p == pytest.approx(2 * stats.norm.sf(abs(z)), rel=0.05)
    assert (one.verdict, round(one.difference, 3)) == ("clear", -0.148)


def test_two_brands(demo: Any, oracle: dict[str, Any]) -> None:
    """The rival is planted eight above on responsive service, five below on fulfilment."""
    levels = rival.levels(demo)
    check_differences(((one.of.replace("level:", "rival:"), one) for one in levels), oracle)
    clear = {one.of: one.difference > 0 for one in levels if one.is_clear}
    assert clear["level:fulfilment"]
    assert not clear["level:responsive_service"]
    nps, csat = rival.outcomes(demo)
    for one, name, factor in ((nps, "recommend", 100), (csat, "satisfaction", 1)):
        value, se, n = oracle[f"rival:{name}"]
        assert (one.n_a, one.difference) == (n, pytest.approx(factor * value))
        assert one.p == pytest.approx(2 * stats.t.sf(abs(value / se), N - 1))


def test_who_stays_and_what_goes_with_leaving(demo: Any, oracle: dict[str, Any]) -> None:
    """Two waves of people followed: survfit's curve, svyglm's ratios; service is planted."""
    seen = observed(demo)
    for one in seen.curve:
        share, se, _ = oracle[f"there:{one.by['month']}"]
        half = Z * se / share / abs(math.log(share))
        ends = [share ** math.exp(side * half) for side in (1, -1)]
        assert one.estimate == pytest.approx(share, abs=CLOSE)
        assert [one.ci_low, one.ci_high] == pytest.approx(ends, abs=2e-5)  # n / (n - 1)
    for one in seen.ratios:
        slope, se, n = oracle[one.of.replace("level:", "leaves:")]
        assert (one.n, math.log(one.estimate)) == (n, pytest.approx(slope, abs=1e-6))
        width = math.log(one.ci_high / one.ci_low) / 2
        assert width == pytest.approx(stats.t.ppf(0.975, 2270) * se, rel=2e-3)
    assert seen.clear == ("level:responsive_service",)


# -- sums by hand ----------------------------------------------------------------------------------


def sums(r: Any, spend: Any, **other: Any) -> dict[str, Any]:
    """What follows from the demo's inputs, written out."""
    one = {"margin": 0.22, "acquire": 95e3, "keep": 40e3, "serve": 30e3, "warned": 2,
           "put_off": 0.03, "replaced": 0.7, "discount": 0.11} | other  # fmt: skip
    lost, brings = 48000 * (1 - r), spend * one["margin"] - one["keep"]
    paid = spend * one["margin"]
    q = r / (1 + one["discount"])
    each = paid + one["replaced"] * one["acquire"] + one["warned"] * one["put_off"] * paid
    return {
        "revenue_at_stake": lost * spend,
        "loss:payment": lost * paid,
        "loss:replacement": lost * one["replaced"] * one["acquire"],
        "loss:reputation": lost * one["warned"] * one["put_off"] * paid,
        "loss:cost_to_serve": lost * one["serve"],
        "loss": lost * (each + one["serve"]),
        "lifetime_value": brings * (1 - q**5) / (1 - q),
        "all_value": 48000 * brings * (1 - q**5) / (1 - q),
        "periods_stayed": (1 - r**5) / (1 - r),
        "new_value": brings * (1 - q**5) / (1 - q) - one["acquire"],
        "payback": one["acquire"] / brings,
        "cost_ratio": one["acquire"] / one["keep"],
    }


def test_sums_scenarios_and_ends_of_the_demo(demo: Any, oracle: dict[str, Any]) -> None:
    made = worth(demo)
    r, spend = oracle["there:12"][0], oracle["spend"][0]
    for metric, value in sums(r, spend).items():
        assert made.only(metric).estimate == pytest.approx(value), metric
    kept, dear = sums(r + 0.05, spend), sums(r, spend, acquire=200e3)
    gone = sums(1 - 0.37 * oracle["inc_happened"][0], spend)
    for metric in ("revenue_at_stake", "loss", "all_value"):
        for name, after in (("keep_more", kept), ("costs_five_times", dear), ("never_again", gone)):
            assert made.only(metric, name).estimate == pytest.approx(after[metric])
            more = made.only(f"{metric}_more", name).estimate
            assert more == pytest.approx(after[metric] - sums(r, spend)[metric], abs=1)
    ends = {"margin": (0.16, 0.28), "acquire_cost": (60e3, 140e3), "warned": (1, 4)}
    for key, name in {"margin": "margin", "acquire_cost": "acquire", "warned": "warned"}.items():
        one = made.swings.only(of=f"input:{key}", by_output="loss")
        low, high = (sums(r, spend, **{name: end})["loss"] for end in ends[key])
        assert (one.ci_low, one.ci_high) == pytest.approx((low, high))


def test_ranges_of_the_demo_by_another_simulation(demo: Any, oracle: dict[str, Any]) -> None:
    """Normal for what was measured, triangular for what was said: the same ranges to 3 %."""
    rng, n = np.random.default_rng(5), 40_000
    r, spend = (rng.normal(*oracle[key][:2], n) for key in ("there:12", "spend"))
    drawn = sums(
        r, spend,
        **{name: rng.triangular(*ends, n) for name, ends in {
            "margin": (0.16, 0.22, 0.28), "acquire": (60e3, 95e3, 140e3),
            "keep": (25e3, 40e3, 60e3), "serve": (15e3, 30e3, 60e3), "warned": (1, 2, 4),
            "put_off": (0.01, 0.03, 0.06), "replaced": (0.5, 0.7, 0.9),
            "discount": (0.08, 0.11, 0.14)}.items()},
    )  # fmt: skip
    made = worth(demo)
    for metric in ("revenue_at_stake", "loss", "lifetime_value", "new_value", "payback"):
        one = made.only(metric)
        low, high = np.quantile(drawn[metric], (0.025, 0.975))
        assert (one.ci_low, one.ci_high) == pytest.approx((low, high), rel=0.03), metric


def test_money_in_another_unit_scales_money_and_nothing_else() -> None:
    given = {"customers": 900, "retention": 0.7, "spend": 300.0, "margin": 0.3, "discount": 0.1,
             "acquire_cost": 50.0, "keep_cost": 8.0, "serve_cost": 4.0, "replaced": 0.4,
             "warned": 2, "deterred": 0.05}  # fmt: skip
    money = {"spend", "acquire_cost", "keep_cost", "serve_cost"}
    one = outcomes(given, 4)
    more = outcomes({key: x * 1000 if key in money else x for key, x in given.items()}, 4)
    plain = {"lost", "periods_stayed", "payback", "cost_ratio"}
    for key, x in one.items():
        assert more[key] == pytest.approx(x * (1 if key in plain else 1000)), key


# -- laws ------------------------------------------------------------------------------------------

ASKED: tuple[Callable[[Any], Any], ...] = (
    lambda one: experience.scores(one, "type"),
    lambda one: experience.lowest(one, "determinant").comparisons,
    lambda one: experience.with_levels(one, "type"),
    gaps.direct,
    lambda one: gaps.widest(one).comparisons,
    within_stages.weighed,
    within_stages.ways,
    moves.directions,
    channels.arrivals,
    lambda one: channels.unevenness(one).spread,
    loyalty.word_of_mouth,
    loyalty.conditional,
    loyalty.warned,
    problems.problems,
    problems.staying,
    rival.levels,
)


def test_heavier_weights_and_another_order_of_rows_change_nothing(
    demo: Any, tmp_path: Path
) -> None:
    """A thousand times the weight, in rows that were shuffled: the same page."""
    table = pd.read_csv(DEMO / "answers.csv", dtype=str, keep_default_na=False)
    table["weight"] = [f"{1000 * float(one):.3f}" for one in table["weight"]]
    table.sample(frac=1, random_state=3).to_csv(tmp_path / "answers.csv", index=False)
    text = (DEMO / "study.yaml").read_text(encoding="utf-8").replace("coding: {", "#")
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    other = cx.load(tmp_path)
    for asked in ASKED:
        pairs = list(zip(asked(demo), asked(other), strict=True))
        assert pairs
        for one, same in pairs:
            for field, value in one.to_dict().items():
                found = same.to_dict()[field]
                is_number = isinstance(value, float)
                assert found == (pytest.approx(value, nan_ok=True) if is_number else value), field


# -- comments --------------------------------------------------------------------------------------


def test_shares_of_themes_are_those_of_double_sampling_by_hand(demo: Any) -> None:
    """Machine codes of all comments, plus what people found beyond them where they looked."""
    now, codes = demo.latest, coding.codes_of(demo.latest, "reason")
    table = pd.read_csv(DEMO / "coding.csv", dtype=str, encoding="utf-8-sig")
    by_hand = dict(zip(table["respondent"], table["themes"].str.split(r"[;,]\s*"), strict=True))
    wave = now.frame["wave"].to_numpy() == "2026H1"
    who = now.frame["respondent"].astype(str).to_numpy()[wave]
    weight, read = np.asarray(now.weight)[wave], codes.is_read[wave]
    coded = np.array([one in by_hand for one in who])
    assert coded.sum() == 200
    for one in themes.shares(demo, "reason"):
        theme = one.of.removeprefix("theme:")
        machine = codes.by_machine(theme)[wave]
        people = np.array([theme in by_hand.get(one, ()) for one in who], dtype=float)
        checked = read & coded
        off = np.average(people[checked] - machine[checked], weights=weight[checked])
        share = np.average(machine[read], weights=weight[read]) + off
        assert one.estimate == pytest.approx(max(share, 0))
        assert one.n == read.sum()


def test_codes_that_are_all_equal_have_a_range_all_the_same() -> None:
    """200 of 200 equal: at least 98.1 % of all are, by Wilson; a quarter of one code by chance."""
    one = cohen_kappa([1] * 50 + [0] * 150, [1] * 50 + [0] * 150)
    chance = 0.25**2 + 0.75**2
    assert (one.value, one.ci_high) == (1, 1)
    assert one.ci_low == pytest.approx((200 / (200 + Z**2) - chance) / (1 - chance))
