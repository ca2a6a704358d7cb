"""Changes over waves, raw and with the make-up held: by hand, by bootstrap, by simulation."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from waved import (
    BEFORE,
    BY_REGION,
    HEAD,
    MEAN,
    NOW,
    NPS,
    RECOMMEND,
    REGION,
    SCORE,
    asked,
    lay,
    planted,
    study_of,
)

import cxkit as cx
from cxkit.analysis import adjust_p, pyramid, trend
from cxkit.study import Study

TWO_LEVELS = """\
frameworks: [two_levels]
scale: agreement_5
items: {a1: a1, a2: a2, b1: b1, b2: b2}
matters: {score_100: 3}
"""
FRAMEWORK = """\
key: two_levels
kind: levels
levels:
  - {key: trust, label: Trust, items: [a1, a2]}
  - {key: care, label: Care, items: [b1, b2]}
items: {a1: {text: One}, a2: {text: Two}, b1: {text: Three}, b2: {text: Four}}
"""
LEVELS = [("score_100", "level:trust"), ("score_100", "level:care")]


@pytest.fixture
def by_region(tmp_path: Path) -> Study:
    return study_of(tmp_path, MEAN + BY_REGION)


@pytest.fixture
def of_levels(tmp_path: Path) -> Study:
    (tmp_path / "two_levels.yaml").write_text(FRAMEWORK, encoding="utf-8")
    return study_of(tmp_path, TWO_LEVELS + BY_REGION)


def cells(*sizes: tuple[str, str, int, list[int]]) -> dict[str, Any]:
    """Rows of (wave, region, how many, answers that repeat)."""
    rows = [
        (wave, region, answers[i % len(answers)])
        for wave, region, n, answers in sizes
        for i in range(n)
    ]
    wave, region, answers = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    return {
        "wave": wave,
        "segment:region": region,
        "outcome:score": answers.astype(float),
    }


def random_cells(rng: np.random.Generator, n: int = 300) -> dict[str, Any]:
    """Two waves of different make-up and different answers, some of them missing, weighted."""
    wave = np.repeat([BEFORE, NOW], n).astype(object)
    is_now = wave == NOW
    p_a = np.where(is_now, 0.3, 0.6)
    region = np.where(rng.random(2 * n) < p_a, "a", np.where(rng.random(2 * n) < 0.5, "b", "c"))
    centre = np.select([region == "a", region == "b"], [2.2, 3.4], 4.1) + 0.3 * is_now
    answers = np.clip(np.round(centre + rng.normal(0, 0.9, 2 * n)), 1, 5)
    answers[rng.random(2 * n) < 0.1] = np.nan
    return {
        "wave": wave,
        "segment:region": region.astype(object),
        "outcome:score": answers,
        "weight": rng.uniform(0.4, 2.5, 2 * n),
    }


def held_of(survey: Any, measure: tuple[str, str] = SCORE) -> tuple[Any, Any]:
    """The two rows of one measure: with the make-up held, and what the make-up leaves."""
    rows, _ = trend.held(survey, [measure])
    within, mix = rows
    assert within.a == mix.b == f"mix={BEFORE}|wave={NOW}"
    assert (within.b, mix.a) == (f"wave={BEFORE}", f"wave={NOW}")
    return within, mix


def raw_of(survey: Any, measure: tuple[str, str] = SCORE) -> Any:
    (raw,) = trend.changes(survey, [measure])
    return raw


def standard_error(one: Any, df: int) -> float:
    """The standard error behind the 95 % interval of a difference of means."""
    return (one.ci_high - one.ci_low) / 2 / stats.t.ppf(0.975, df)


def by_hand(
    columns: dict[str, Any], cell: np.ndarray, person: np.ndarray | None = None
) -> dict[str, float]:
    """T = sum of p_g m_g, one group at a time; V by summing influences within persons."""
    answers, weight = columns["outcome:score"], columns["weight"]
    n, given = len(answers), ~np.isnan(answers)
    now, before = columns["wave"] == NOW, columns["wave"] == BEFORE
    y = np.where(given, answers, 0.0)
    w_now, w_before = weight * (now & given), weight * (before & given)
    mean_now, mean_before = (w_now @ y) / w_now.sum(), (w_before @ y) / w_before.sum()
    share, mean = {}, {}
    for g in sorted(set(cell)):
        share[g] = w_before[cell == g].sum() / w_before.sum()
        mean[g] = (w_now * y)[cell == g].sum() / w_now[cell == g].sum()
    total = sum(share[g] * mean[g] for g in share)
    of_total, of_now, of_before = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        g = cell[i]
        of_total[i] = w_before[i] / w_before.sum() * (mean[g] - total)
        if w_now[i]:
            of_total[i] += share[g] * w_now[i] / w_now[cell == g].sum() * (y[i] - mean[g])
        of_now[i] = w_now[i] / w_now.sum() * (y[i] - mean_now)
        of_before[i] = w_before[i] / w_before.sum() * (y[i] - mean_before)

    def error(influence: np.ndarray) -> float:
        whose = np.arange(n) if person is None else person
        by_person: dict[Any, float] = {}
        for rows in (now, before):
            n_rows = rows.sum()
            centred = (influence - influence[rows].mean()) * math.sqrt(n_rows / (n_rows - 1))
            for i in np.flatnonzero(rows):
                by_person[whose[i]] = by_person.get(whose[i], 0.0) + centred[i]
        return math.sqrt(sum(value**2 for value in by_person.values()))

    return {
        "within": total - mean_before,
        "within_se": error(of_total - of_before),
        "mix": mean_now - total,
        "mix_se": error(of_now - of_total),
    }


# -- with the make-up held: numbers by hand --------------------------------------------------------


def test_a_change_by_hand(by_region: Study) -> None:
    """A quarter of before is `a` (mean 2), the rest `b` (mean 4); of now three quarters, b at 3.

    T = .25 x 2 + .75 x 3 = 2.75 against 3.5 before and 2.25 now. Variances within groups are 1;
    the answers of before about 3.5 + (m_g - T) leave 1 + .25 x .75^2 + .75 x .25^2 = 1.1875.
    """
    survey = planted(
        by_region,
        cells(
            (BEFORE, "a", 10, [1, 3]),
            (BEFORE, "b", 30, [3, 5]),
            (NOW, "a", 30, [1, 3]),
            (NOW, "b", 10, [2, 4]),
        ),
    )
    within, mix = held_of(survey)
    assert within.difference == pytest.approx(-0.75, abs=1e-12)
    assert mix.difference == pytest.approx(-0.5, abs=1e-12)
    assert raw_of(survey).difference == pytest.approx(-1.25, abs=1e-12)
    expected = math.sqrt(40 / 39 * (0.25**2 / 30 + 0.75**2 / 10) + 1.1875 / 39)
    assert standard_error(within, 78) == pytest.approx(expected, rel=1e-9)


def test_where_only_the_make_up_moved_the_error_is_that_within_groups(by_region: Study) -> None:
    """The closed form of exact post-stratification: what lies between groups drops out.

    Group means are the same in both waves, so that the change within is nothing; it is still
    known no better than V = n/(n-1) sum p_g^2 v_g / n_g now, and v / (n-1) before, allow.
    """
    survey = planted(
        by_region,
        cells(
            (BEFORE, "a", 10, [1, 3]),
            (BEFORE, "b", 30, [3, 5]),
            (NOW, "a", 30, [1, 3]),
            (NOW, "b", 10, [3, 5]),
        ),
    )
    within, mix = held_of(survey)
    assert within.difference == pytest.approx(0, abs=1e-12)
    assert mix.difference == pytest.approx(-1, abs=1e-12)
    expected = math.sqrt(40 / 39 * (0.25**2 / 30 + 0.75**2 / 10) + 1 / 39)
    assert standard_error(within, 78) == pytest.approx(expected, rel=1e-9)


def test_no_change_at_all_is_not_known_with_certainty(by_region: Study) -> None:
    """The same people's twins answer the same: no difference, and as wide a range as ever."""
    same = [("a", 40, [1, 2, 3, 4]), ("b", 60, [2, 3, 4, 5])]
    survey = planted(by_region, cells(*((w, *one) for w in (BEFORE, NOW) for one in same)))
    for one in (*held_of(survey), raw_of(survey)):
        assert one.difference == pytest.approx(0, abs=1e-12)
        assert one.ci_low < -0.05 < 0.05 < one.ci_high


def test_answers_that_do_not_vary_leave_no_room(by_region: Study) -> None:
    """Everybody says 4, then 5: no sampling error, and no noise of rounding taken for one."""
    survey = planted(
        by_region,
        cells(
            (BEFORE, "a", 7, [4]), (BEFORE, "b", 13, [4]), (NOW, "a", 11, [5]), (NOW, "b", 9, [5])
        ),
    )
    within, mix = held_of(survey)
    assert (within.difference, within.ci_low, within.ci_high) == pytest.approx((1, 1, 1), abs=1e-9)
    assert (mix.difference, mix.ci_low, mix.ci_high) == pytest.approx((0, 0, 0), abs=1e-9)
    assert not mix.is_clear


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weighted_answers_against_loops_over_groups(by_region: Study, seed: int) -> None:
    columns = random_cells(np.random.default_rng(seed))
    expected = by_hand(columns, columns["segment:region"])
    survey = planted(by_region, columns)
    within, mix = held_of(survey)
    assert within.difference == pytest.approx(expected["within"], rel=1e-10)
    assert mix.difference == pytest.approx(expected["mix"], rel=1e-10)
    assert standard_error(within, 598) == pytest.approx(expected["within_se"], rel=1e-9)
    assert standard_error(mix, 598) == pytest.approx(expected["mix_se"], rel=1e-9)
    total = within.difference + mix.difference
    assert total == pytest.approx(raw_of(survey).difference, rel=1e-10)


def test_buyers_and_segments_are_held_together(tmp_path: Path) -> None:
    """Every combination is a group; those who belong to no region are a group of their own."""
    study = study_of(tmp_path, MEAN + BY_REGION + "bases: {buyers: {column: bought}}\n")
    rng = np.random.default_rng(5)
    columns = random_cells(rng, n=500)
    buyers = rng.random(1000) < np.where(columns["wave"] == NOW, 0.7, 0.4)
    columns["segment:region"][rng.random(1000) < 0.08] = None
    region = pd.Series(columns["segment:region"], dtype="str")
    survey = planted(study, {**columns, "segment:region": region, "base:buyers": buyers})
    cell = np.array([f"{one} {bought}" for one, bought in zip(region, buyers, strict=True)])
    assert len(set(cell)) == 8
    expected = by_hand(columns, cell)
    rows, held_by = trend.held(survey, [SCORE])
    assert held_by == {"outcome:score": ["buyers", "region"]}
    assert rows[0].difference == pytest.approx(expected["within"], rel=1e-10)
    assert standard_error(rows[0], 998) == pytest.approx(expected["within_se"], rel=1e-9)


def test_a_grouping_that_one_wave_did_not_record_is_not_held(tmp_path: Path) -> None:
    """Those of no region before are everybody: to weigh now like them would be nonsense."""
    study = study_of(tmp_path, MEAN + BY_REGION + "bases: {buyers: {column: bought}}\n")
    rng = np.random.default_rng(6)
    columns = random_cells(rng, n=300)
    columns["segment:region"][columns["wave"] == BEFORE] = None
    buyers = rng.random(600) < 0.5
    region = pd.Series(columns["segment:region"], dtype="str")
    survey = planted(study, {**columns, "segment:region": region, "base:buyers": buyers})
    _, held_by = trend.held(survey, [SCORE])
    assert held_by == {"outcome:score": ["buyers"]}


def test_a_group_that_is_new_counts_for_nothing(by_region: Study) -> None:
    """Nobody of `c` was there before: with the make-up of before, they weigh nothing."""
    without = cells(
        (BEFORE, "a", 20, [1, 3]), (BEFORE, "b", 20, [3, 5]), (NOW, "a", 10, [2, 4]),
        (NOW, "b", 30, [3, 5]),
    )  # fmt: skip
    more = cells((NOW, "c", 15, [5]))
    columns = {key: np.concatenate([without[key], more[key]]) for key in without}
    within, _ = held_of(planted(by_region, columns))
    assert within.difference == pytest.approx(0.5 * 3 + 0.5 * 4 - 3, abs=1e-12)


# -- how sure: bootstrap and simulation ------------------------------------------------------------


def bootstrap(columns: dict[str, Any], n_draws: int, seed: int) -> np.ndarray:
    """T - mean of before in samples drawn anew from the rows of each wave."""
    rng = np.random.default_rng(seed)
    y, w, cell = columns["outcome:score"], columns["weight"], columns["segment:region"]
    given = ~np.isnan(y)
    y = np.where(given, y, 0.0)
    times = np.zeros((n_draws, len(y)))
    for wave in (BEFORE, NOW):
        rows = np.flatnonzero(columns["wave"] == wave)
        times[:, rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), n_draws)
    is_now = columns["wave"] == NOW
    now, before = times * (w * given * is_now), times * (w * given * ~is_now)
    held = sum(
        before[:, cell == g].sum(1) / before.sum(1)
        * (now[:, cell == g] @ y[cell == g]) / now[:, cell == g].sum(1)
        for g in sorted(set(cell))
    )  # fmt: skip
    return held - before @ y / before.sum(1)


def test_the_standard_error_is_that_of_a_bootstrap(by_region: Study) -> None:
    columns = random_cells(np.random.default_rng(11), n=400)
    within, _ = held_of(planted(by_region, columns))
    drawn = bootstrap(columns, 6000, seed=12)
    assert drawn.mean() == pytest.approx(within.difference, abs=0.02)
    assert standard_error(within, 798) == pytest.approx(drawn.std(ddof=1), rel=0.05)


def simulated(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Two samples of a population whose groups are a half and a half, then 1 to 3."""
    wave = np.repeat([BEFORE, NOW], n).astype(object)
    is_now = wave == NOW
    in_a = rng.random(2 * n) < np.where(is_now, 0.25, 0.5)
    high = np.select([in_a & is_now, in_a], [0.5, 0.3], np.where(is_now, 0.8, 0.9))
    return {
        "wave": wave,
        "segment:region": np.where(in_a, "a", "b").astype(object),
        "outcome:score": np.where(rng.random(2 * n) < high, 5.0, 1.0),
    }


def test_intervals_hold_the_truth_as_often_as_they_say(by_region: Study) -> None:
    """Within: .5 x 4 x (+.2) + .5 x 4 x (-.1) = +.2; make-up: .25 x 4 x (.8 - .5) = +.3."""
    n_seeds, found = 400, {"within": 0, "mix": 0}
    for seed in range(n_seeds):
        survey = planted(by_region, simulated(np.random.default_rng(seed), 150))
        within, mix = held_of(survey)
        found["within"] += within.ci_low < 0.2 < within.ci_high
        found["mix"] += mix.ci_low < 0.3 < mix.ci_high
    low, high = stats.binom.ppf([0.001, 0.999], n_seeds, 0.95)
    assert low <= found["within"] <= high
    assert low <= found["mix"] <= high


def test_intervals_of_an_nps_hold_the_truth_as_often_as_they_say(tmp_path: Path) -> None:
    """The same answers as promoters and detractors: +10 points within."""
    study = study_of(tmp_path, NPS + BY_REGION)
    n_seeds, n_held = 400, 0
    for seed in range(n_seeds):
        columns = simulated(np.random.default_rng(10_000 + seed), 150)
        answers = np.where(columns.pop("outcome:score") == 5, 10.0, 0.0)
        survey = planted(study, {**columns, "outcome:recommend": answers})
        within, _ = held_of(survey, RECOMMEND)
        n_held += within.ci_low < 10 < within.ci_high
    low, high = stats.binom.ppf([0.001, 0.999], n_seeds, 0.95)
    assert low <= n_held <= high


# -- what must not matter --------------------------------------------------------------------------


def numbers(survey: Any) -> list[float]:
    rows = [*trend.held(survey, [SCORE])[0], raw_of(survey)]
    return [
        x for one in rows for x in (one.difference, one.ci_low, one.ci_high, one.p, one.n_eff_a)
    ]


def test_weights_a_thousand_times_as_large_change_nothing(by_region: Study, rng: Any) -> None:
    columns = random_cells(rng)
    heavy = {**columns, "weight": columns["weight"] * 1000}
    assert numbers(planted(by_region, heavy)) == pytest.approx(
        numbers(planted(by_region, columns)), rel=1e-9
    )


def test_the_order_of_rows_changes_nothing(by_region: Study, rng: Any) -> None:
    columns = random_cells(rng)
    order = rng.permutation(600)
    turned = {key: values[order] for key, values in columns.items()}
    assert numbers(planted(by_region, turned)) == pytest.approx(
        numbers(planted(by_region, columns)), rel=1e-9
    )


def test_the_order_of_lines_in_the_file_changes_no_bit(tmp_path: Path, rng: Any) -> None:
    answers = asked(rng.integers(1, 6, 200), rng.integers(1, 6, 200))
    answers |= {"region": rng.choice(["a", "b"], 400), "id": [f"r{i:04d}" for i in range(400)]}
    order = rng.permutation(400)
    turned = {key: np.asarray(values)[order] for key, values in answers.items()}
    one = lay(tmp_path / "one", MEAN + BY_REGION, answers)
    other = lay(tmp_path / "other", MEAN + BY_REGION, turned)
    assert numbers(one) == numbers(other)


# -- respondents in both waves ---------------------------------------------------------------------


@pytest.fixture
def panel(by_region: Study, rng: Any) -> tuple[Any, Any, dict[str, Any], np.ndarray]:
    """The same answers as of strangers, and with the first hundred of each wave the same people."""
    columns = random_cells(rng, n=200)
    columns["outcome:score"][200:300] = columns["outcome:score"][:100]
    columns["segment:region"][200:300] = columns["segment:region"][:100]
    person = np.array([f"r{i:04d}" for i in range(400)], dtype=object)
    strangers = planted(by_region, {**columns, "respondent": person.copy()})
    person[200:300] = person[:100]
    return strangers, planted(by_region, {**columns, "respondent": person}), columns, person


def test_respondents_in_both_waves_count_once(panel: Any) -> None:
    """300 people in two strata; each person's two influences are summed before they are squared."""
    strangers, same, columns, person = panel
    expected = by_hand(columns, columns["segment:region"], person)
    within, mix = held_of(same)
    assert within.difference == pytest.approx(held_of(strangers)[0].difference, rel=1e-12)
    assert standard_error(within, 300 - 2) == pytest.approx(expected["within_se"], rel=1e-9)
    assert standard_error(mix, 300 - 2) == pytest.approx(expected["mix_se"], rel=1e-9)
    apart = by_hand(columns, columns["segment:region"])
    assert expected["within_se"] < 0.9 * apart["within_se"]


def test_how_many_came_back_is_counted_among_those_in_hand(panel: Any) -> None:
    strangers, same, columns, _ = panel
    (one,) = trend.returning(same)
    assert (one.of, one.n, one.estimate, one.wave) == ("sample:both_waves", 100, 100.0, NOW)
    assert len(trend.returning(strangers)) == 0
    in_a = int((columns["segment:region"][:100] == "a").sum())
    assert trend.returning(same.where(region="a"))[0].n == in_a


def test_nobody_comes_back_to_a_first_wave_or_without_names(tmp_path: Path) -> None:
    answers = asked([5, 4] * 30, [3, 4] * 30)
    survey = lay(tmp_path / "named", MEAN, answers)
    assert len(trend.returning(survey.where(wave=BEFORE))) == 0
    head = HEAD.replace("respondent: id\n", "")
    nameless = lay(tmp_path / "nameless", MEAN, asked([5, 4] * 30, [3, 4] * 30), head=head)
    assert len(trend.returning(nameless)) == 0


# -- what is held ----------------------------------------------------------------------------------


def three_groupings(tmp_path: Path, smallest: int) -> tuple[Any, dict[str, Any]]:
    """Buyers, region and age; the young buyers of `b` number `smallest` now, the others 20."""
    text = (
        MEAN + "segments: {age: {column: age}, region: {column: region}}\nmix: [region, age]\n"
        "bases: {buyers: {column: bought}}\n"
    )
    rows = [
        (wave, region, age, buys, 1.0 + (i + (age == "young")) % 5)
        for wave in (BEFORE, NOW)
        for region in "ab"
        for age in ("old", "young")
        for buys in (True, False)
        for i in range(smallest if (wave, region, age, buys) == (NOW, "b", "young", True) else 20)
    ]
    names = ("wave", "segment:region", "segment:age", "base:buyers", "outcome:score")
    kinds = (object, object, object, bool, float)
    columns = {
        key: np.array(values, dtype=kind)
        for key, values, kind in zip(names, zip(*rows, strict=True), kinds, strict=True)
    }
    return planted(study_of(tmp_path, text), columns), columns


@pytest.mark.parametrize(
    ("smallest", "held_by"), [(5, ["buyers", "region", "age"]), (4, ["buyers", "region"])]
)
def test_a_grouping_with_fewer_than_five_in_a_group_is_dropped_the_last_named_first(
    tmp_path: Path, smallest: int, held_by: list[str]
) -> None:
    survey, columns = three_groupings(tmp_path, smallest)
    rows, told = trend.held(survey, [SCORE])
    assert told == {"outcome:score": held_by}
    named = {"buyers": "base:buyers", "region": "segment:region", "age": "segment:age"}
    cell = np.array([" ".join(map(str, one)) for one in zip(*(columns[named[k]] for k in held_by))])
    expected = by_hand({**columns, "weight": np.ones(len(cell))}, cell)
    assert rows[0].difference == pytest.approx(expected["within"], rel=1e-10)


def test_a_grouping_that_is_too_small_by_itself_does_not_take_the_others_along(
    tmp_path: Path,
) -> None:
    """Three people of `c` are no reason to let go of age, which is named after it."""
    text = MEAN + "segments: {age: {column: age}, region: {column: region}}\nmix: [region, age]\n"
    region = ["a"] * 97 + ["c"] * 3
    columns = {
        "wave": np.repeat([BEFORE, NOW], 100).astype(object),
        "segment:region": np.array(region * 2, dtype=object),
        "segment:age": np.array(["old", "young"] * 100, dtype=object),
        "outcome:score": np.array([2.0, 4.0, 3.0, 5.0] * 50),
    }
    _, told = trend.held(planted(study_of(tmp_path, text), columns), [SCORE])
    assert told == {"outcome:score": ["age"]}


def test_a_grouping_that_is_the_same_for_all_is_dropped(tmp_path: Path) -> None:
    """All are buyers, as where levels are scored on buyers: nothing to hold."""
    study = study_of(tmp_path, MEAN + BY_REGION + "bases: {buyers: {column: bought}}\n")
    columns = random_cells(np.random.default_rng(3))
    survey = planted(study, {**columns, "base:buyers": np.ones(600, dtype=bool)})
    assert trend.held_equal(survey) == ("buyers", "region")
    rows, told = trend.held(survey, [SCORE])
    assert told == {"outcome:score": ["region"]}
    expected = by_hand(columns, columns["segment:region"])
    assert rows[0].difference == pytest.approx(expected["within"], rel=1e-10)


def test_a_grouping_that_is_the_same_for_all_who_answered_is_dropped(tmp_path: Path) -> None:
    """Only buyers were asked: whether somebody else is one plays no part."""
    study = study_of(tmp_path, MEAN + BY_REGION + "bases: {buyers: {column: bought}}\n")
    columns = random_cells(np.random.default_rng(4))
    survey = planted(study, {**columns, "base:buyers": ~np.isnan(columns["outcome:score"])})
    assert trend.held(survey, [SCORE])[1] == {"outcome:score": ["region"]}


@pytest.mark.parametrize("study", [MEAN + REGION, MEAN])
def test_without_a_make_up_to_hold_there_is_no_second_change(tmp_path: Path, study: str) -> None:
    columns = random_cells(np.random.default_rng(6))
    rows, told = trend.held(planted(study_of(tmp_path, study), columns), [SCORE])
    assert (len(rows), told) == (0, {})


def test_with_every_group_too_small_there_is_no_second_change(by_region: Study) -> None:
    small = cells((BEFORE, "a", 4, [1, 3]), (BEFORE, "b", 40, [3, 5]), (NOW, "a", 40, [1, 3]),
                  (NOW, "b", 40, [3, 5]))  # fmt: skip
    rows, told = trend.held(planted(by_region, small), [SCORE])
    assert (len(rows), told) == (0, {})


def test_a_first_wave_has_no_change(by_region: Study) -> None:
    survey = planted(by_region, random_cells(np.random.default_rng(6))).where(wave=BEFORE)
    assert len(trend.changes(survey, [SCORE])) == 0
    assert len(trend.held(survey, [SCORE])[0]) == 0
    assert trend.breaks(survey, [SCORE]) == {}


@pytest.mark.parametrize("n_now", [0, 1, 2])
def test_a_wave_of_hardly_anybody_gives_no_number_and_no_error(
    by_region: Study, n_now: int
) -> None:
    few = cells((BEFORE, "a", 40, [1, 3]), (BEFORE, "b", 40, [3, 5]), (NOW, "a", n_now, [1, 3]),
                (NOW, "b", 1, [4]))  # fmt: skip
    survey = planted(by_region, few).where(region="a")
    for one in trend.changes(survey, [SCORE]).published():
        assert math.isnan(one.difference) or one.verdict == "hidden"
    for one in trend.held(survey, [SCORE])[0].published():
        assert math.isnan(one.difference)


def test_the_base_of_a_change_with_the_make_up_held_is_that_of_its_own_weights(
    by_region: Study,
) -> None:
    """Five of `a` stand for half of before: 5 x 10 and 95 x .526 are worth 19 answers, not 100."""
    survey = planted(
        by_region,
        cells((BEFORE, "a", 50, [1, 3]), (BEFORE, "b", 50, [3, 5]), (NOW, "a", 5, [1, 3]),
              (NOW, "b", 95, [3, 5])),
    )  # fmt: skip
    within, _ = held_of(survey)
    weight = np.repeat([0.5 / 5, 0.5 / 95], [5, 95])
    assert within.n_eff_a == pytest.approx(weight.sum() ** 2 / (weight**2).sum())


# -- levels ----------------------------------------------------------------------------------------


def level_columns(rng: np.random.Generator, n: int = 250) -> dict[str, Any]:
    columns = random_cells(rng, n)
    columns.pop("outcome:score")
    trait = rng.normal(3.4, 0.8, 2 * n) + 0.25 * (columns["wave"] == NOW)
    for key in ("a1", "a2", "b1", "b2"):
        answers = np.clip(np.round(trait + rng.normal(0, 0.7, 2 * n)), 1, 5)
        answers[rng.random(2 * n) < 0.08] = np.nan
        columns[f"item:{key}"] = answers
    return columns


def test_levels_are_held_on_those_who_have_all_levels(of_levels: Study) -> None:
    columns = level_columns(np.random.default_rng(21))
    items = {key: 25 * (columns[f"item:{key}"] - 1) for key in ("a1", "a2", "b1", "b2")}
    scores = {
        level: pd.DataFrame({one: items[one] for one in keys}).mean(axis=1).to_numpy()
        for level, keys in (("trust", ("a1", "a2")), ("care", ("b1", "b2")))
    }
    has_all = ~np.isnan(scores["trust"]) & ~np.isnan(scores["care"])
    rows, told = trend.held(planted(of_levels, columns), LEVELS)
    assert told == {of: ["region"] for _, of in LEVELS}
    for row, level in zip(rows[:2], ("trust", "care"), strict=True):
        scored = {**columns, "outcome:score": np.where(has_all, scores[level], np.nan)}
        expected = by_hand(scored, columns["segment:region"])
        assert (row.of, row.n_a + row.n_b) == (f"level:{level}", int(has_all.sum()))
        assert row.difference == pytest.approx(expected["within"], rel=1e-9)
        error = expected["within_se"]
        assert row.p == pytest.approx(2 * stats.t.sf(abs(row.difference) / error, 498), rel=1e-6)


def test_levels_are_corrected_together_and_outcomes_are_not(tmp_path: Path) -> None:
    (tmp_path / "two_levels.yaml").write_text(FRAMEWORK, encoding="utf-8")
    study = study_of(tmp_path, TWO_LEVELS + BY_REGION + MEAN)
    rng = np.random.default_rng(22)
    columns = level_columns(rng) | {"outcome:score": rng.integers(1, 6, 500).astype(float)}
    survey = planted(study, columns)
    for rows in (trend.changes(survey, [SCORE, *LEVELS]), trend.held(survey, [SCORE, *LEVELS])[0]):
        within = [one for one in rows if one.b == f"wave={BEFORE}"]
        levels = [one for one in within if one.of.startswith("level:")]
        (outcome,) = [one for one in within if one.of == "outcome:score"]
        assert outcome.p_adjusted == outcome.p
        expected = adjust_p([one.p for one in levels], "holm")
        assert [one.p_adjusted for one in levels] == pytest.approx(list(expected))
        for one in within:
            assert (one.p_adjusted < 0.05) == (one.ci_low > 0 or one.ci_high < 0)


def test_measures_may_come_one_at_a_time(of_levels: Study) -> None:
    survey = planted(of_levels, level_columns(np.random.default_rng(23)))
    for take in (trend.changes, trend.over_waves):
        assert len(take(survey, iter(LEVELS))) == len(take(survey, LEVELS)) > 0


# -- where a measure stood, wave by wave -----------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> Any:
    return cx.load("demo")


@pytest.mark.parametrize("wave", ["2025H1", "2025H2", "2026H1"])
def test_over_waves_gives_what_each_wave_gives_by_itself(demo: Any, wave: str) -> None:
    """And not a wave after the one in hand, from whichever survey it is asked."""
    outcomes = [RECOMMEND, ("csat", "outcome:satisfaction"), ("ces", "outcome:effort")]
    levels = [("score_100", f"level:{key}") for key in demo.study.framework.level_keys]
    found = trend.over_waves(demo.where(wave=wave), [*outcomes, *levels])
    waves = [one for one in demo.all_waves if one <= wave]
    assert [one.wave for one in found.where(metric="nps")] == waves
    assert len(found) == len(waves) * 8
    for one in found:
        alone = cx.load("demo", wave=one.wave)
        is_level = one.of.startswith("level:")
        by_itself = pyramid.scores(alone) if is_level else cx.estimate(alone, one.metric, of=one.of)
        assert one == by_itself.only(of=one.of)


def test_over_waves_keeps_the_filters(demo: Any) -> None:
    in_java = demo.where(region="java", buyers=True)
    found = trend.over_waves(in_java, [RECOMMEND])
    expected = [cx.estimate(in_java.where(wave=wave), "nps")[0] for wave in demo.all_waves]
    assert list(found) == expected
    assert list(trend.over_waves(in_java.where(wave="2026H1"), [RECOMMEND])) == expected


def test_changes_are_the_comparisons_of_the_last_two_waves(demo: Any) -> None:
    last = demo.where(wave=["2025H2", "2026H1"])
    (expected,) = cx.compare(last, "nps", by="wave")
    for survey in (demo, demo.where(wave="2026H1"), last):
        (found,) = trend.changes(survey, [RECOMMEND])
        assert json.dumps(found.to_dict()) == json.dumps(expected.to_dict())


def test_a_wave_in_which_nobody_of_a_choice_answered_is_left_out(tmp_path: Path) -> None:
    answers = asked([5] * 30 + [4] * 30, [3, 4] * 30) | {"region": ["a"] * 60 + ["b"] * 60}
    survey = lay(tmp_path, MEAN + REGION, answers)
    found = trend.over_waves(survey.where(region="b"), [SCORE])
    assert [(one.wave, one.n) for one in found] == [(NOW, 60)]
    (change,) = trend.changes(survey.where(region="b"), [SCORE]) or [None]
    assert change is None or math.isnan(change.difference)


def test_a_customer_census_knows_its_change(tmp_path: Path) -> None:
    """Everybody of the population answered both times: no sampling error is left."""
    answers = asked([1, 3] * 30 + [3, 5] * 30, [2, 4] * 30 + [3, 5] * 30)
    answers |= {"region": (["a"] * 60 + ["b"] * 60) * 2}
    within, _ = held_of(lay(tmp_path, MEAN + BY_REGION + "population: 120\n", answers))
    assert within.difference == pytest.approx(0.5, abs=1e-12)
    assert (within.ci_low, within.ci_high) == pytest.approx((0.5, 0.5), abs=1e-9)
