"""Response quality: indices by hand and against R, planted carelessness found, nobody deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_study import as_csv, lay_study

from cxkit.answers import response_quality
from cxkit.answers.quality import RULES, flags_of
from cxkit.answers.quality.flags import WHY_NOT
from cxkit.errors import SurveyError
from cxkit.study import Study, read_study

ORACLE = Path(__file__).parent / "oracles" / "weights.json"
NAN = np.nan
KEYS = ("ful_1", "ful_2", "tru_1", "tru_2", "res_1", "res_2", "onx_1", "onx_2")


# -- indices


def answered(*rows: list[float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), dtype=float)


def test_indices_by_hand():
    told = response_quality(answered([5, 5, 4, 4, 4, 1], [3] * 6, [1, 2, 3, 4, 5, 5]))
    assert told["n_answered"].tolist() == [6, 6, 6]
    assert told["longest_run"].tolist() == [3, 6, 2]
    assert told["identical_share"].tolist() == pytest.approx([3 / 6, 1, 2 / 6])
    # 5 5 4 4 4 1: mean 23/6, squares 99 - 23^2/6 = 65/6, over 5
    assert told["within_sd"].tolist() == pytest.approx(
        [(65 / 6 / 5) ** 0.5, 0, (80 / 5 - 400 / 6 / 5) ** 0.5]
    )


def test_a_skipped_item_neither_breaks_a_run_nor_makes_it_longer():
    told = response_quality(answered([4, 4, NAN, 4, 4, 1], [4, 4, 4, NAN, NAN, NAN]))
    assert told["longest_run"].tolist()[0] == 4
    assert told["identical_share"].tolist()[0] == pytest.approx(4 / 5)


def test_fewer_than_four_answers_tell_nothing():
    told = response_quality(answered([5, 5, 5, NAN, NAN], [5, 5, 5, 5, NAN]))
    for index in ("longest_run", "identical_share", "within_sd"):
        assert told[index].isna().tolist() == [True, False]


@pytest.mark.parametrize("index", ["longest_run", "identical_share", "within_sd"])
def test_indices_are_those_of_r(oracle, index):
    told = response_quality(pd.DataFrame(oracle["items"], dtype=float))
    np.testing.assert_allclose(told[index], np.array(oracle[index], dtype=float), atol=1e-12)


def test_mahalanobis_is_that_of_r_on_complete_rows(oracle):
    """stats::mahalanobis, and chi-square with as many degrees of freedom as items."""
    told = response_quality(pd.DataFrame(oracle["items"], dtype=float))
    known = np.array(oracle["mahalanobis"], dtype=float)
    np.testing.assert_allclose(told["mahalanobis"], known, rtol=1e-9)
    np.testing.assert_allclose(told["mahalanobis_p"], np.array(oracle["p"], float), rtol=1e-9)
    assert np.isnan(known).any()


def test_mahalanobis_is_psychs_outlier(oracle):
    told = response_quality(pd.DataFrame(oracle["complete"]))
    np.testing.assert_allclose(told["mahalanobis"], oracle["outlier"], rtol=1e-9)


SINGULAR = {
    "three items": (3, lambda x: x, "fewer than 4 items"),
    "too few respondents": (12, lambda x: x, "10 respondents answered all 12 items"),
    "an item answered alike": (4, lambda x: x.assign(i1=3.0), "the same answer to 'i1'"),
    "an item twice": (4, lambda x: x.assign(i3=x["i2"]), "follow from"),
    "an item that is a sum": (4, lambda x: x.assign(i3=x["i0"] + x["i1"] - x["i2"]), "follow from"),
}


@pytest.mark.parametrize(("k", "change", "token"), SINGULAR.values(), ids=SINGULAR)
def test_why_no_distance_can_be_told_is_said(rng, k, change, token):
    items = change(pd.DataFrame(rng.normal(size=(10, k)), columns=[f"i{at}" for at in range(k)]))
    told = response_quality(items)
    assert told["mahalanobis"].isna().all()
    assert token in told.attrs["not_assessable"]["mahalanobis"]


def test_fast_is_under_a_third_of_the_median():
    """Durations 20 90 100 110 400: median 100, limit 33.3 seconds."""
    told = response_quality(np.zeros((6, 4)), duration=[20, 90, 100, 110, 400, None])
    assert told["fast"].tolist() == [True, False, False, False, False, pd.NA]
    assert told.attrs["fast"]["median"] == 100
    assert told.attrs["fast"]["limit"] == pytest.approx(100 / 3)
    half = response_quality(np.zeros((5, 4)), duration=[20, 60, 100, 110, 400], speed=0.7)
    assert half["fast"].tolist() == [True, True, False, False, False]


def test_durations_below_zero_are_unknown():
    told = response_quality(np.zeros((3, 4)), duration=[-5, np.inf, 100])
    assert told["duration"].isna().tolist() == [True, True, False]


def test_without_durations_speed_cannot_be_told():
    told = response_quality(np.zeros((3, 4)))
    assert told["fast"].isna().all()
    assert told.attrs["not_assessable"]["fast"] == "no durations are given"


def test_even_odd_is_refused_with_the_reason():
    with pytest.raises(SurveyError, match="a quarter of attentive respondents"):
        response_quality(np.zeros((3, 4)), even_odd=True)


def test_slips_are_named():
    with pytest.raises(SurveyError, match="item 'Q1' holds 'Agree'"):
        response_quality(pd.DataFrame({"Q1": ["Agree", 4], "Q2": [1, 2]}))
    with pytest.raises(SurveyError, match="2 durations and 3 respondents"):
        response_quality(np.zeros((3, 4)), duration=[1, 2])
    with pytest.raises(SurveyError, match="no numbers: 'soon'"):
        response_quality(np.zeros((2, 4)), duration=["soon", 3])


@pytest.mark.parametrize("speed", [0, -1, np.nan, np.inf])
def test_a_speed_that_is_no_share_is_refused(speed):
    with pytest.raises(SurveyError, match="speed is"):
        response_quality(np.zeros((3, 4)), duration=[1, 2, 3], speed=speed)


def test_durations_may_be_lengths_of_time_but_no_moments():
    took = pd.to_timedelta(["10s", "2min", None])
    told = response_quality(np.zeros((3, 4)), duration=took)
    assert told["duration"].tolist()[:2] == [10, 120]
    assert np.isnan(told["duration"].iloc[2])
    moments = pd.to_datetime(["2026-03-02", "2026-03-03"])
    with pytest.raises(SurveyError, match="2 durations are no numbers: '2026-03-02"):
        response_quality(np.zeros((2, 4)), duration=moments)


def test_moments_are_no_answers():
    dates = pd.DataFrame({name: pd.to_datetime(["2026-03-02"]) for name in "abcd"})
    with pytest.raises(SurveyError, match="item 'a' holds '2026-03-02"):
        response_quality(dates)


def test_no_items_and_answers_of_no_table():
    assert response_quality(pd.DataFrame(index=[3, 4]))["within_sd"].isna().tolist() == [True] * 2
    with pytest.raises(SurveyError, match="3 dimensions"):
        response_quality(np.ones((2, 2, 2)))


@given(st.lists(st.lists(st.integers(1, 5), min_size=5, max_size=5), min_size=7, max_size=30),
       st.integers(0, 1000))  # fmt: skip
def test_a_respondents_indices_do_not_depend_on_the_order_of_rows(rows, seed):
    items = pd.DataFrame(rows)
    order = np.random.default_rng(seed).permutation(len(items))
    told, again = response_quality(items), response_quality(items.iloc[order])
    pd.testing.assert_frame_equal(again, told.iloc[order], rtol=1e-6)


@given(st.lists(st.integers(1, 5), min_size=4, max_size=9))
def test_a_run_is_as_long_as_counting_says(row):
    best = max(
        end - start
        for start in range(len(row))
        for end in range(start + 1, len(row) + 1)
        if len(set(row[start:end])) == 1
    )
    told = response_quality([row])
    assert told["longest_run"].item() == best
    assert told["identical_share"].item() == max(map(row.count, row)) / len(row)


# -- flags of a study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("study")
    (folder / "shop.csv").write_text(as_csv(), encoding="utf-8")
    items = "items: {" + ", ".join(f"{key}: {key}" for key in KEYS) + "}"
    more = "quality: {bot_scores: {score: {below: 0.5}}}\n"
    return read_study(lay_study(folder, "shop.csv", more=more, items=items))


def canonical(items: np.ndarray, *, wave: Any = "w", **columns: Any) -> pd.DataFrame:
    """A canonical frame of these items."""
    n = len(items)
    frame = pd.DataFrame(
        {"respondent": [f"r{at:04d}" for at in range(n)], "wave": wave}
        | {f"item:{key}": own for key, own in zip(KEYS, items.T, strict=True)}
    )
    return frame.assign(**columns)


def honest(rng: np.random.Generator, n: int) -> np.ndarray:
    """Attentive answers to eight items on five points that go together."""
    level = rng.normal(size=(n, 1))
    return np.clip(np.round(3.4 + 0.8 * level + 0.8 * rng.normal(size=(n, len(KEYS)))), 1, 5)


def flagged(made: Any, rule: str) -> np.ndarray:
    return made.frame[f"flag:{rule}"].fillna(False).to_numpy(bool)


def test_planted_carelessness_is_found_at_these_rates(study, rng):
    """Straight lines, near straight lines, random answers, speed, copies: planted one by one."""
    n, planted = 1000, 40
    items = honest(rng, n)
    kinds = np.repeat(np.arange(6), planted)
    rows = {kind: np.flatnonzero(kinds == kind) for kind in range(6)}
    took = rng.lognormal(np.log(300), 0.35, n)
    started = np.arange(n) * 600.0
    items[rows[0]] = rng.integers(1, 6, (planted, 1))  # straight lines
    items[rows[1]] = rng.integers(2, 5, (planted, 1))
    items[rows[1], rng.integers(0, 8, planted)] += 1  # one answer beside the line
    items[rows[2]] = rng.choice([1, 5], (planted, 8))  # ends at random
    took[rows[3]] = rng.uniform(20, 80, planted)  # speeders
    source = rows[4] + 500
    items[rows[4]], started[rows[4]] = items[source], started[source] + 20  # sent twice
    score = rng.uniform(0.6, 1, n)
    score[rows[5]] = rng.uniform(0, 0.4, planted)  # bots
    frame = canonical(items, duration=took, started=started, **{"bot:score": score})
    made = flags_of(study, frame)
    rates = {
        rule: (flagged(made, rule)[rows[kind]].mean(), flagged(made, rule)[240:].mean())
        for kind, rule in enumerate(
            ("long_run", "little_spread", "unusual", "fast", "duplicate_answers", "bot_score")
        )
    }
    assert rates["long_run"][0] == 1
    assert rates["little_spread"][0] == 1
    assert rates["unusual"][0] > 0.85
    assert rates["fast"][0] > 0.95
    assert rates["bot_score"] == (1, 0)
    assert rates["duplicate_answers"][0] > 0.9  # one of a copy and its source is flagged
    assert rates["little_spread"][1] < 0.05  # honest lines of one answer among them
    assert all(rates[rule][1] < 0.02 for rule in rates if rule != "little_spread"), rates
    assert len(made.frame) == n


def test_an_honest_line_of_fives_is_flagged_and_stays(study):
    frame = canonical(np.vstack([np.full((1, 8), 5.0), np.tile([1.0, 5], (3, 4))]))
    made = flags_of(study, frame)
    assert flagged(made, "long_run").tolist() == [True, False, False, False]
    assert flagged(made, "straight").tolist() == [True, False, False, False]
    assert made.flagged.tolist() == ["long_run straight little_spread", "", "", ""]
    assert len(made.frame) == len(frame)


def test_the_limit_of_straight_answers_is_the_studys(study, rng):
    items = np.tile([4.0, 4, 4, 4, 4, 4, 4, 1], (3, 1))
    quality = study.quality.model_copy(update={"straight": 7 / 8})
    loose = study.model_copy(update={"quality": quality})
    assert not flagged(flags_of(study, canonical(items)), "straight").any()
    assert flagged(flags_of(loose, canonical(items)), "straight").all()


def test_items_that_do_not_apply_leave_the_pattern(study, rng):
    """Those who were not asked two items are compared on the six that they were asked."""
    items = honest(rng, 400)
    items[:100, 6:] = NAN
    items[0, :6] = [1, 5, 1, 5, 1, 5]
    why = pd.Series([*["not_applicable"] * 100, *[""] * 300])
    skipped = why.copy()
    skipped[50] = ""  # asked, and skipped
    frame = canonical(items, **{"why:item:onx_1": skipped, "why:item:onx_2": why})
    made = flags_of(study, frame)
    unusual = made.frame["flag:unusual"]
    assert unusual[0]
    assert unusual[:100].notna().sum() == 99
    assert pd.isna(unusual[50])
    complete = items[:, :6]
    off = complete[0] - complete.mean(axis=0)
    d2 = off @ np.linalg.inv(np.cov(complete.T)) @ off
    assert d2 > 22.458  # chi-square, df 6, p = .001 (a printed table)


def test_the_median_duration_is_that_of_the_wave(study):
    """Medians 100 and 400: 120 seconds are fast in the second wave only."""
    frame = canonical(
        np.zeros((6, 8)), wave=list("aaabbb"), duration=[100, 100, 120, 400, 400, 120]
    )
    made = flags_of(study, frame)
    assert flagged(made, "fast").tolist() == [False, False, False, False, False, True]
    told = made.rules.query("rule == 'fast'")
    assert told["median"].tolist() == [100, 400]
    assert told["threshold"].tolist() == pytest.approx([100 / 3, 400 / 3])


def test_a_wave_is_judged_by_itself(study, rng):
    items, took = honest(rng, 120), rng.uniform(50, 500, 120)
    first = flags_of(study, canonical(items[:60], wave="a", duration=took[:60]))
    both = flags_of(study, canonical(items, wave=["a"] * 60 + ["b"] * 60, duration=took))
    pd.testing.assert_frame_equal(both.frame[:60], first.frame)


def test_shuffling_respondents_changes_no_flag(study, rng):
    items = honest(rng, 200)
    items[3], items[9] = items[4], 5
    frame = canonical(items, duration=rng.uniform(20, 500, 200), started=np.arange(200) * 30.0)
    order = rng.permutation(200)
    made, again = flags_of(study, frame), flags_of(study, frame.iloc[order])
    pd.testing.assert_frame_equal(again.frame.sort_index(), made.frame)


def test_what_the_answers_do_not_hold_is_not_assessable(study):
    items = np.tile([1.0, 2, 3, 4, 5, 4, 3, 2], (5, 1))
    made = flags_of(study, canonical(items))
    told = made.rules.set_index("rule")["why_not"]
    assert told["fast"] == "no_duration"
    assert told["duplicate_answers"] == "no_start"
    assert told["duplicate_comment"] == "no_comments"
    assert told["bot_score"] == "no_bot_score"
    assert told["unusual"] == "few_complete"
    assert told["long_run"] == told["duplicate_id"] == ""
    assert made.frame["flag:fast"].isna().all()
    assert set(told) - {""} <= set(WHY_NOT)
    assert list(made.rules["rule"]) == list(RULES)


def test_the_first_row_of_a_respondent_is_not_a_copy(study):
    frame = canonical(np.zeros((4, 8)), wave=list("aaab")).assign(respondent=["x", "y", "x", "x"])
    made = flags_of(study, frame)
    assert flagged(made, "duplicate_id").tolist() == [False, False, True, False]


def test_equal_answers_hours_apart_are_no_copies(study, rng):
    items = honest(rng, 2)[[0, 0, 0]]
    items[:, 0], items[:, 1] = 1, 5
    moments = [
        "2026-03-02T10:00:00+07:00",
        "2026-03-02T10:00:59+07:00",
        "2026-03-02T14:00:00+07:00",
    ]
    made = flags_of(study, canonical(items, started=moments))
    assert flagged(made, "duplicate_answers").tolist() == [False, True, False]
    assert made.rules.set_index("rule").loc["duplicate_answers", "threshold"] == 60


def test_straight_lines_at_once_are_no_copies(study):
    made = flags_of(study, canonical(np.full((2, 8), 5.0), started=[0.0, 1.0]))
    assert made.frame["flag:duplicate_answers"].tolist() == [False, False]


def test_the_same_words_are_told_whatever_their_case(study):
    said = "Pengiriman lama sekali dan kurirnya marah"
    words = [said, f" {said.replace(' ', '  ').upper()}", "barang sesuai pesanan", None]
    words.insert(2, words[2])
    made = flags_of(study, canonical(np.zeros((5, 8)), **{"comment:reason": words}))
    assert made.frame["flag:duplicate_comment"].tolist() == [True, True, pd.NA, pd.NA, pd.NA]


@pytest.mark.parametrize("length", [0.0, 0.4])
def test_where_half_took_no_second_nobody_was_fast(study, length):
    items = np.tile([1.0, 2, 3, 4, 5, 4, 3, 2], (5, 1))
    made = flags_of(study, canonical(items, duration=np.array([length] * 4 + [300.0])))
    told = made.rules.set_index("rule").loc["fast"]
    assert (told["why_not"], told["n_assessed"]) == ("zero_duration", 0)
    assert made.frame["flag:fast"].isna().all()
