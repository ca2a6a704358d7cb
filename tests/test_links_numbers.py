"""Links with an outcome: on whom, how sure, how they are named, and when there are none."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from pathlib import Path
from typing import Any

import linked
import numpy as np
import pytest
from real_studies import STUDIES

import cxkit as cx
from cxkit.analysis import cronbach_alpha, ols, ordinal_logit, relative_importance
from cxkit.analysis.joint import resampled_together
from cxkit.analysis.links import links
from cxkit.errors import SurveyError
from cxkit.records import Estimates
from cxkit.weights import Design

CLOSE = 1e-9
WEIGHT = "weight: weight\n"
NAMES = ("level:trust", "level:care", "level:speed")


pytestmark = pytest.mark.usefixtures("no_warning")


def scores_of(columns: dict[str, Any]) -> np.ndarray:
    """The 0-100 scores of the three levels, by hand."""
    return np.column_stack(
        [
            25 * (np.mean([columns[f"item:{item}"] for item in items], axis=0) - 1)
            for items in linked.LEVELS.values()
        ]
    )


def by_all_orders(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """LMG from its definition: the mean rise of R2 over all orders, each R2 by least squares."""
    k, found = x.shape[1], {}

    def r2(chosen: frozenset[int]) -> float:
        if chosen not in found:
            design = np.column_stack([np.ones(len(y)), x[:, sorted(chosen)]])
            residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
            found[chosen] = 1 - residual @ residual / ((y - y.mean()) ** 2).sum()
        return found[chosen]

    rises = np.zeros(k)
    orders = list(itertools.permutations(range(k)))
    for order in orders:
        for place, one in enumerate(order):
            before = frozenset(order[:place])
            rises[one] += r2(before | {one}) - r2(before)
    return rises / len(orders)


def column(table: Any, metric: str, name: str = "estimate") -> list[float]:
    return table.where(metric=metric)[name].tolist()


# -- numbers ---------------------------------------------------------------------------------------


def test_shares_ranks_and_slopes_are_those_of_plain_data(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng)
    made = links(linked.survey(tmp_path, columns))
    x, y = scores_of(columns), columns["outcome:recommend"]
    parts = by_all_orders(x, y)
    assert (made.outcome, made.levels, made.n, made.why) == ("outcome:recommend", NAMES, 500, None)
    assert column(made.parts, "lmg") == pytest.approx(parts.tolist(), abs=CLOSE)
    assert column(made.shares, "link_share") == pytest.approx(
        (parts / parts.sum()).tolist(), abs=CLOSE
    )
    assert made.r2.value == pytest.approx(parts.sum(), abs=CLOSE)
    plain = relative_importance(x, y, method="johnson")
    assert column(made.parts, "johnson") == pytest.approx(plain["estimate"].tolist(), abs=CLOSE)
    assert column(made.ranks, "rank") == [1, 2, 3]
    slopes, odds = ols(x / 10, y), ordinal_logit(x / 10, y)
    for name in ("estimate", "ci_low", "ci_high"):
        assert column(made.slopes, "slope", name) == pytest.approx(slopes[name].tolist(), rel=1e-9)
        assert column(made.slopes, "log_odds", name) == pytest.approx(odds[name].tolist(), rel=1e-7)
    assert made.r2_adjusted.value == pytest.approx(slopes.r2_adjusted.value, abs=CLOSE)
    high = (x >= 80).mean(axis=0)
    assert column(made.high, "share_high") == pytest.approx(high.tolist(), abs=CLOSE)


@pytest.mark.parametrize(
    ("study", "outcome"), [("mobi", "CUSL3"), ("mobi", "CUSA1"), ("satisfaction", "loy3")]
)
def test_shares_of_real_studies_are_those_of_all_orders(
    shared_data: Path, study: str, outcome: str
) -> None:
    survey = cx.load(STUDIES / study)
    (key,) = [one for one, what in survey.study.outcomes.items() if what.column == outcome]
    made = links(survey, key)
    scores = [
        np.mean([survey.values(f"item:{item}") for item in level.items], axis=0)
        for level in survey.study.framework.levels
        if f"level:{level.key}" in made.levels
    ]
    parts = by_all_orders(np.column_stack(scores), survey.values(f"outcome:{key}"))
    assert made.n == 250
    assert column(made.parts, "lmg") == pytest.approx(parts.tolist(), abs=CLOSE)


def test_the_correlations_of_levels_and_outcome_are_those_of_r(shared_data: Path) -> None:
    known = json.loads((shared_data / "mobi" / "expected.json").read_text(encoding="utf-8"))
    made = links(cx.load(STUDIES / "mobi"))
    assert made.moments is not None
    with_outcome = dict(zip(made.levels, made.moments.correlation[-1], strict=False))
    names = {"IMAG": "image", "CUEX": "expectation", "PERQ": "quality", "PERV": "value"}
    for construct, level in names.items():
        r = known["drivers_CUSL3_recommend"]["zero_order_r"][construct]
        assert with_outcome[f"level:{level}"] == pytest.approx(r, abs=CLOSE)


def test_only_those_with_all_levels_and_the_outcome_count(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 200)
    columns["item:b1"][:20] = columns["item:b2"][:20] = np.nan
    columns["outcome:recommend"][20:50] = np.nan
    made = links(linked.survey(tmp_path, columns))
    kept = {key: values[50:] for key, values in columns.items()}
    parts = by_all_orders(scores_of(kept), kept["outcome:recommend"])
    assert made.n == 150
    assert column(made.parts, "lmg") == pytest.approx(parts.tolist(), abs=CLOSE)
    for table in (made.shares, made.ranks, made.ahead, made.slopes, made.high):
        assert set(table["n"]) == {150}


def test_the_demo_shows_what_was_planted() -> None:
    """Planted per point of score: .5, .3, .3, .2 and none at all for online experience."""
    survey = cx.load("demo")
    made = links(survey)
    order = sorted(made.shares, key=lambda one: -one.estimate)
    assert order[0].of == "level:responsive_service"
    assert order[-1].of == "level:online_experience"
    assert "level:online_experience" not in made.tied
    assert made.n < survey.latest.n
    assert made.r2.wave == "2026H1"


def test_the_outcome_is_the_one_asked_for() -> None:
    survey = cx.load("demo", wave="2026H1")
    assert links(survey).outcome == links(survey, "outcome:recommend").outcome
    assert links(survey, "effort").outcome == "outcome:effort"
    with pytest.raises(SurveyError) as error:
        links(survey, "efort")
    assert error.value.hint == "did you mean 'effort'?"


def test_a_scale_that_falls_is_turned_round(tmp_path: Path, rng: Any) -> None:
    """Codes from 1 (best) to 5 (worst): the same links, and slopes that go up."""
    columns = linked.answers(rng)
    better = np.clip(np.round(columns["outcome:recommend"] / 2), 1, 5)
    scale = "scales: {graded: {points: 5, direction: DIRECTION, low: Low, high: High}}\n"
    outcome = "grade: {column: grade, metric: mean, scale: graded}"
    up, down = (
        links(
            linked.survey(
                tmp_path / direction,
                {**columns, "outcome:grade": answers},
                outcomes=outcome,
                more=scale.replace("DIRECTION", direction),
            )
        )
        for direction, answers in (("up", better), ("down", 6 - better))
    )
    assert up.slopes["estimate"].tolist() == pytest.approx(down.slopes["estimate"].tolist())
    assert up.shares["estimate"].tolist() == pytest.approx(down.shares["estimate"].tolist())
    assert up.slopes[0].estimate > 0


# -- how sure, and what is named -------------------------------------------------------------------


def test_a_level_is_named_first_only_when_it_ranks_first_in_most_resamples(
    tmp_path: Path, rng: Any
) -> None:
    clear = links(linked.survey(tmp_path / "clear", linked.answers(rng, links=(1.5, 0.2, 0))))
    assert clear.leader == "level:trust"
    assert clear.tied == ()
    assert clear.ranks.only(metric="chance_first", of="level:trust").estimate >= 0.80
    alike = linked.answers(np.random.default_rng(2), 150, links=(0.7, 0.7, 0.7))
    even = links(linked.survey(tmp_path / "even", alike))
    assert even.leader is None
    assert len(even.tied) >= 2
    chances = {one.of: one.estimate for one in even.ranks if one.metric == "chance_first"}
    assert list(even.tied) == sorted(even.tied, key=lambda of: -chances[of])
    assert {of for of, chance in chances.items() if chance >= 0.05} <= set(even.tied)


def test_chances_add_up(tmp_path: Path, rng: Any) -> None:
    made = links(linked.survey(tmp_path, linked.answers(rng)))
    assert sum(column(made.ranks, "chance_first")) == pytest.approx(1)
    for one in made.ahead:
        other = made.ahead.only(of=f"level:{one.by['than']}", by_than=one.of.partition(":")[2])
        assert one.estimate + other.estimate == pytest.approx(1)
    assert sum(made.shares["estimate"]) == pytest.approx(1)


def test_a_slope_that_runs_against_its_link_is_told(tmp_path: Path, rng: Any) -> None:
    """Care goes with recommending only because trust does: beside trust it takes away."""
    made = links(linked.survey(tmp_path, linked.answers(rng, 800, links=(2, -0.6, 0), common=0.8)))
    assert made.moments is not None
    assert made.moments.correlation[1, -1] > 0.1
    assert made.against == ("level:care",)
    for end, clear in ((-0.01, made.against), (0.0, ()), (0.01, ())):
        slopes = [dataclasses.replace(one, ci_high=end) for one in made.slopes]
        assert dataclasses.replace(made, slopes=Estimates(slopes)).clearly_against == clear


def test_a_level_that_nearly_all_rate_high_has_little_spread(tmp_path: Path, rng: Any) -> None:
    made = links(linked.survey(tmp_path, linked.answers(rng, shift=(0, 0, 2.4))))
    assert made.little_spread == ("level:speed",)
    assert made.high.only(of="level:speed").estimate >= 0.80
    for share, small in ((0.33, ("level:speed",)), (0.34, ())):  # an equal part is a third
        shares = [dataclasses.replace(one, estimate=share) for one in made.shares]
        assert dataclasses.replace(made, shares=Estimates(shares)).small_for_spread == small


def test_links_that_explain_little_are_weak(tmp_path: Path, rng: Any) -> None:
    weak = links(linked.survey(tmp_path / "weak", linked.answers(rng, links=(0.2, 0.1, 0))))
    strong = links(linked.survey(tmp_path / "strong", linked.answers(rng)))
    assert weak.weak
    assert weak.r2_adjusted.value < 0.10 < strong.r2_adjusted.value
    assert not strong.weak


def test_noise_in_a_small_sample_is_weak(tmp_path: Path) -> None:
    """Of 40 respondents any three levels explain some: R2 alone would name a level in half."""
    is_weak, by_r2 = [], []
    for seed in range(24):
        columns = linked.answers(np.random.default_rng(seed), 40, links=(0, 0, 0))
        found = links(linked.survey(tmp_path / str(seed), columns))
        is_weak.append(found.weak)
        by_r2.append(found.r2.value < 0.10)
    assert np.mean(is_weak) > 0.80
    assert np.mean(by_r2) < np.mean(is_weak) - 0.10


# -- equally reliable ------------------------------------------------------------------------------


def test_shares_at_equal_reliability_are_disattenuated_by_hand(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 800)
    made = links(linked.survey(tmp_path, columns))
    items = [[columns[f"item:{item}"] for item in own] for own in linked.LEVELS.values()]
    alpha = cronbach_alpha(np.column_stack(items[0])).value
    halves = [np.corrcoef(own)[0, 1] for own in items[1:]]
    reliability = np.array([alpha, *(2 * r / (1 + r) for r in halves), 1.0])
    observed = np.corrcoef(np.column_stack([scores_of(columns), columns["outcome:recommend"]]).T)
    freed = observed / np.sqrt(np.outer(reliability, reliability))
    np.fill_diagonal(freed, 1)
    apart = np.linalg.qr(np.column_stack([np.ones(50), rng.normal(size=(50, 4))]))[0][:, 1:]
    values = apart @ np.linalg.cholesky(freed).T  # answers with exactly these correlations
    parts = by_all_orders(values[:, :3], values[:, 3])
    assert made.equal_reliability["estimate"].tolist() == pytest.approx(
        (parts / parts.sum()).tolist(), abs=1e-8
    )
    assert {one.method for one in made.equal_reliability} == {"lmg_disattenuated_bootstrap"}
    for one in made.equal_reliability:
        assert one.ci_low < one.estimate < one.ci_high


def test_a_level_of_one_item_has_no_share_at_equal_reliability(tmp_path: Path, rng: Any) -> None:
    levels = {**linked.LEVELS, "speed": ("c1",)}
    columns = linked.answers(rng)
    del columns["item:c2"]
    made = links(linked.survey(tmp_path, columns, levels=levels))
    *others, single = made.equal_reliability
    assert math.isnan(single.estimate)
    assert single.flags == ("not_measured",)
    assert all(one.estimate > 0 and not one.flags for one in others)


def test_levels_that_cannot_be_freed_from_error_take_their_best_two_items(
    tmp_path: Path, rng: Any
) -> None:
    """One impression behind all: levels correlate as far as their error lets them."""
    columns = linked.answers(rng, 300, common=0.98, error=0.8)
    made = links(linked.survey(tmp_path, columns))
    assert {one.method for one in made.equal_reliability} == {"lmg_best_two_items_bootstrap"}
    items = [columns[f"item:{item}"] for item in linked.LEVELS["trust"]]
    pairs = list(itertools.combinations(range(3), 2))
    best = max(pairs, key=lambda pair: np.corrcoef([items[one] for one in pair])[0, 1])
    x = scores_of(columns)
    x[:, 0] = np.mean([items[one] for one in best], axis=0)
    parts = by_all_orders(x, columns["outcome:recommend"])
    assert made.equal_reliability["estimate"].tolist() == pytest.approx(
        (parts / parts.sum()).tolist(), abs=CLOSE
    )


# -- a rating of the whole -------------------------------------------------------------------------


def with_stars(columns: dict[str, Any], stars: np.ndarray) -> dict[str, Any]:
    return {**columns, "outcome:overall": np.clip(np.round(stars), 1, 5)}


def test_a_rating_of_the_whole_adds_what_two_models_differ_by(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng)
    y = columns["outcome:recommend"]
    columns = with_stars(columns, 3 + 0.3 * (y - 6) + rng.normal(size=500))
    made = links(linked.survey(tmp_path, columns, outcomes=linked.WHOLE))
    x, stars = scores_of(columns), columns["outcome:overall"]
    both = ols(np.column_stack([x, stars]), y).r2.value
    by_whole, by_levels = made.whole
    assert [one.name for one in made.whole] == ["r2_added_by_whole", "r2_added_by_levels"]
    assert by_whole.value == pytest.approx(both - ols(x, y).r2.value, abs=CLOSE)
    assert by_levels.value == pytest.approx(both - ols(stars, y).r2.value, abs=CLOSE)
    for one in made.whole:
        assert one.ci_low < one.value < one.ci_high
    assert len(links(linked.survey(tmp_path, columns, outcomes=linked.WHOLE), "overall").whole) == 0


def test_what_adds_nothing_is_not_said_to_add_something(tmp_path: Path) -> None:
    """Stars of pure chance: an increment is never negative, yet its interval holds zero."""
    held = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        columns = with_stars(linked.answers(rng, 200), 3 + rng.normal(size=200))
        made = links(linked.survey(tmp_path, columns, outcomes=linked.WHOLE))
        by_whole, by_levels = made.whole
        held += by_whole.ci_low == 0
        assert by_levels.ci_low > 0
    assert held >= 18


# -- no links --------------------------------------------------------------------------------------


def without(tmp_path: Path, why: str) -> Any:
    """A study in which links cannot be computed, for this reason."""
    columns = linked.answers(np.random.default_rng(3), 60)
    if why == "too_few":
        columns = {key: values[:4] for key, values in columns.items()}
    elif why == "no_spread":
        for item in linked.LEVELS["care"]:
            columns[f"item:{item}"][:] = 5
    elif why == "collinear":
        for one, other in zip(linked.LEVELS["care"], linked.LEVELS["speed"], strict=True):
            columns[f"item:{one}"] = columns[f"item:{other}"]
    elif why == "not_measured":
        columns["outcome:recommend"][:] = np.nan
    elif why == "single":
        return linked.survey(tmp_path, columns, levels={"trust": ("a1", "a2", "a3")})
    elif why == "made_of":
        columns["outcome:recommend"] = columns["item:b1"]
        two = {key: linked.LEVELS[key] for key in ("trust", "care")}
        outcomes = "recommend: {column: b1, metric: mean, scale: agreement_5}"
        return linked.survey(tmp_path, columns, levels=two, outcomes=outcomes)
    return linked.survey(tmp_path, columns)


@pytest.mark.parametrize(
    "why", ["not_measured", "single", "too_few", "no_spread", "collinear", "made_of"]
)
def test_without_links_records_are_flagged_and_say_why(tmp_path: Path, why: str) -> None:
    made = links(without(tmp_path, why))
    assert made.why == why
    assert made.r2.verdict == why
    assert made.leader is None
    records = [*made.shares, *made.parts, *made.ranks, *made.equal_reliability, *made.slopes]
    assert records
    for one in (*records, made.r2, made.r2_adjusted):
        assert math.isnan(one.estimate)
        assert one.flags


def test_a_level_made_of_the_outcome_is_left_out_and_named(shared_data: Path) -> None:
    made = links(cx.load(STUDIES / "mobi"))
    assert made.made_of == ("level:loyalty",)
    assert "level:loyalty" not in made.levels
    assert len(made.levels) == 6


def test_a_study_without_outcome_or_levels_has_no_links(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 50)
    made = links(linked.survey(tmp_path / "a", columns, outcomes=""))
    assert (made.why, made.outcome) == ("not_measured", "")
    empty = {key: np.full(50, np.nan) for key in columns}
    assert links(linked.survey(tmp_path / "b", empty)).why == "not_measured"
    assert links(linked.survey(tmp_path / "c", columns)).why is None


# -- laws ------------------------------------------------------------------------------------------


def numbers(made: Any) -> np.ndarray:
    tables = (made.shares, made.parts, made.ranks, made.ahead, made.equal_reliability, made.slopes)
    rows = [
        (one.estimate, one.ci_low, one.ci_high)
        for one in (*itertools.chain(*tables), made.r2, *made.whole)
    ]
    return np.array(rows)


def test_neither_order_nor_size_of_weights_nor_other_questions_matter(
    tmp_path: Path, rng: Any
) -> None:
    columns = with_stars(linked.answers(rng, 150), 3 + rng.normal(size=150))
    weight, rows = rng.uniform(0.3, 3, 150), rng.permutation(150)

    def made(name: str, by: float, order: Any = slice(None), outcomes: str = linked.WHOLE) -> Any:
        laid = {key: values[order] for key, values in {**columns, "weight": by * weight}.items()}
        return links(linked.survey(tmp_path / name, laid, outcomes=outcomes, more=WEIGHT))

    one = numbers(made("one", 1))
    assert not np.isnan(one[:, 0]).any()
    np.testing.assert_allclose(numbers(made("thousand", 1000)), one, rtol=1e-9)
    np.testing.assert_allclose(numbers(made("turned", 1, rows)), one, rtol=1e-9)
    alone = numbers(made("alone", 1, outcomes=linked.OUTCOMES))
    np.testing.assert_array_equal(alone, one[: len(alone)])


def test_weights_and_clusters_enter(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 200)
    plain = links(linked.survey(tmp_path / "plain", columns))
    heavy = {**columns, "weight": np.where(columns["item:a1"] > 3, 3.0, 1.0)}
    weighted = links(linked.survey(tmp_path / "heavy", heavy, more=WEIGHT))
    assert not np.isclose(weighted.shares["estimate"], plain.shares["estimate"]).any()
    assert weighted.n_eff < weighted.n == plain.n
    assert weighted.slopes[0].method == "linearised_t"
    assert plain.slopes[0].method == "ols_t"
    drawn = {**columns, "cluster": [f"k{i // 10}" for i in range(200)]}
    clustered = links(linked.survey(tmp_path / "drawn", drawn, more="cluster: cluster\n"))
    assert np.allclose(clustered.shares["estimate"], plain.shares["estimate"])
    assert not np.allclose(clustered.shares["ci_low"], plain.shares["ci_low"])


def test_blocks_that_are_drawn_together_are_the_same_resamples(rng: Any) -> None:
    """A part of the columns has the part of the moments, where all rows are complete."""
    values, design = rng.normal(size=(60, 4)), Design(rng.uniform(0.5, 2, 60))
    whole, part, empty = resampled_together(
        [values, values[:, [2, 0]], np.full((60, 1), np.nan)], design, n_resamples=50, seed=4
    )
    np.testing.assert_allclose(part.mean, whole.mean[:, [2, 0]], atol=1e-12)
    np.testing.assert_allclose(part.covariance[:, 0, 1], whole.covariance[:, 2, 0], atol=1e-12)
    assert empty.n == 0
    assert np.isnan(empty.mean).all()


def test_groups_can_be_looked_at_by_themselves() -> None:
    survey = cx.load("demo", wave="2026H1")
    java, all_of_them = links(survey.where(region="java")), links(survey)
    assert 50 < java.n < all_of_them.n
    assert java.shares["estimate"].sum() == pytest.approx(1)
