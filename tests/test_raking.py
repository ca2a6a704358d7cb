"""Raking: known shares met or the worst one named, against R's survey and as a set of laws."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_studies import expected_numbers

from cxkit.answers import rake
from cxkit.errors import SurveyError
from cxkit.weights.raking import Margin, raked

ORACLE = Path(__file__).parent / "oracles" / "weights.json"
CLOSE = 1e-9


@pytest.fixture(scope="module")
def people(oracle: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(oracle["people"])


def shares(weight: pd.Series, values: pd.Series) -> pd.Series:
    return weight.groupby(values).sum() / weight.sum()


def refused(frame: pd.DataFrame, targets: Any, **more: Any) -> SurveyError:
    with pytest.raises(SurveyError) as caught:
        rake(frame, targets, **more)
    return caught.value


# -- witnesses


@pytest.mark.parametrize(("start", "key"), [("start", "raked"), (None, "raked_from_ones")])
def test_raked_weights_are_those_of_r(people, oracle, start, key):
    made = rake(people, oracle["margins"], start=start)
    of_r = np.array(oracle[key])
    np.testing.assert_allclose(made, of_r / of_r.mean(), rtol=CLOSE)


def test_weights_raked_within_limits_are_those_of_r(people, oracle):
    """R: calibrate(calfun = "raking") with bounds on the weights themselves."""
    margins = [
        Margin(name, tuple(wanted), pd.Index(list(wanted)).get_indexer(people[name]),
               np.array(list(wanted.values())))
        for name, wanted in oracle["margins"].items()
    ]  # fmt: skip
    known = oracle["trimmed"]
    made = raked(margins, people["start"].to_numpy(), low=known["low"], high=known["high"])
    of_r = np.array(known["weight"])
    np.testing.assert_allclose(made.weight, of_r, rtol=1e-8)
    assert made.n_low == (of_r < known["low"] + 1e-6).sum() > 0
    assert made.n_high == (of_r > known["high"] - 1e-6).sum() > 0


@pytest.mark.parametrize(("key", "start"), [("rake", "pw"), ("rake_equal_start", None)])
def test_schools_are_raked_as_r_rakes_them(shared_data, key, start):
    schools = pd.read_csv(shared_data / "apistrat" / "apistrat.csv")
    expected = expected_numbers(shared_data, "apistrat")
    made = rake(schools, expected["rake"]["margins"], start=start)
    own = expected[key]
    of_r = (schools["stype"] + "|" + schools["sch.wide"]).map(own["weight_by_cell"])
    np.testing.assert_allclose(made, of_r * len(schools) / own["kish"]["sum_w"], rtol=CLOSE)
    mean = np.average(schools["api00"], weights=made)
    assert mean == pytest.approx(own["svymean"]["api00"]["est"], rel=CLOSE)


def test_post_stratified_schools_have_the_mean_of_r(shared_data):
    schools = pd.read_csv(shared_data / "apistrat" / "apistrat.csv")
    expected = expected_numbers(shared_data, "apistrat")
    made = rake(schools, {"stype": expected["rake"]["margins"]["stype"]}, start="pw")
    of_r = expected["poststratify_stype"]["svymean"]["api00"]["est"]
    assert np.average(schools["api00"], weights=made) == pytest.approx(of_r, rel=CLOSE)


def test_two_groups_by_hand():
    """Three of west and one of east, half and half: 0.5 / 0.75 and 0.5 / 0.25."""
    frame = pd.DataFrame({"region": ["west"] * 3 + ["east"]}, index=list("abcd"))
    made = rake(frame, {"region": {"west": 0.5, "east": 0.5}})
    assert made.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2], rel=1e-12)
    assert list(made.index) == list("abcd")


# -- laws


@st.composite
def problems(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, dict[str, float]], np.ndarray]:
    """People with every combination of two to four values of two or three variables."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=2, max_size=3))
    names = "abc"[: len(sizes)]
    grid = np.stack(np.meshgrid(*map(range, sizes), indexing="ij"), -1).reshape(-1, len(sizes))
    copies = draw(
        st.lists(st.integers(1, 4), min_size=len(grid), max_size=len(grid))
    )  # every cell has somebody
    frame = pd.DataFrame(np.repeat(grid, copies, axis=0), columns=list(names)).astype(str)
    part = st.integers(1, 9)
    targets = {}
    for name, size in zip(names, sizes, strict=True):
        parts = draw(st.lists(part, min_size=size, max_size=size))
        targets[name] = {str(at): own / sum(parts) for at, own in enumerate(parts)}
    start = draw(st.lists(part, min_size=len(frame), max_size=len(frame)))
    return frame, targets, np.array(start, dtype=float)


@given(problems())
def test_every_share_is_met_and_the_mean_is_one(problem):
    frame, targets, start = problem
    made = rake(frame, targets, start=start)
    assert made.mean() == pytest.approx(1, abs=1e-12)
    assert (made > 0).all()
    for name, wanted in targets.items():
        got = shares(made, frame[name])
        assert max(abs(got[value] - share) for value, share in wanted.items()) <= 1e-9


@given(problems(), st.integers(0, 10_000))
def test_shuffling_rows_shuffles_weights(problem, seed):
    frame, targets, start = problem
    order = np.random.default_rng(seed).permutation(len(frame))
    made = rake(frame, targets, start=start)
    again = rake(frame.iloc[order], targets, start=start[order])
    assert again.tolist() == made.iloc[order].tolist()


@given(problems())
def test_the_size_of_start_weights_does_not_matter(problem):
    frame, targets, start = problem
    made = rake(frame, targets, start=start)
    np.testing.assert_allclose(rake(frame, targets, start=start * 1000), made, rtol=1e-10)


@given(problems())
def test_raking_twice_changes_nothing(problem):
    frame, targets, start = problem
    made = rake(frame, targets, start=start)
    np.testing.assert_allclose(rake(frame, targets, start=made), made, rtol=1e-8)


@given(problems())
def test_shares_that_are_there_already_leave_everybody_equal(problem):
    frame = problem[0]
    targets = {name: frame[name].value_counts(normalize=True).to_dict() for name in frame}
    np.testing.assert_allclose(rake(frame, targets), 1.0, rtol=1e-9)


@given(problems())
def test_weights_within_limits_are_the_nearest_to_the_start(problem):
    """Within the limits log(weight / start) is a sum of one number a margin's value (Lagrange)."""
    frame, targets, start = problem
    free = rake(frame, targets, start=start)
    low, high = 0.9 * free.min() + 0.1, 0.9 * free.max() + 0.1
    margins = [
        Margin(name, tuple(wanted), frame[name].astype(int).to_numpy(),
               np.array(list(wanted.values())))
        for name, wanted in targets.items()
    ]  # fmt: skip
    made = raked(margins, start, low=low, high=high)
    if not made.is_close:
        return  # limits that no weights can meet: said by `is_close`
    assert made.weight.min() >= low * (1 - 1e-12)
    assert made.weight.max() <= high * (1 + 1e-12)
    inner = (made.weight > low * (1 + 1e-6)) & (made.weight < high * (1 - 1e-6))
    x = pd.get_dummies(frame[inner]).to_numpy(float)
    moved = np.log(made.weight[inner] / start[inner])
    if inner.sum():
        fit = np.linalg.lstsq(x, moved, rcond=None)[0]
        np.testing.assert_allclose(x @ fit, moved, atol=1e-5)


def test_counts_of_people_are_shares(people, oracle):
    margins = oracle["margins"]
    counts = {
        name: {value: round(1000 * share) for value, share in wanted.items()}
        for name, wanted in margins.items()
    }
    np.testing.assert_allclose(rake(people, counts), rake(people, margins), rtol=1e-9)


def test_numbers_and_texts_name_the_same_value():
    frame = pd.DataFrame({"age": [1.0, 1.0, 2.0]})
    by_number = rake(frame, {"age": {1: 0.5, 2: 0.5}})
    by_text = rake(frame, {"age": {"1": 0.5, "2": 0.5}})
    assert by_number.tolist() == by_text.tolist() == pytest.approx([0.75, 0.75, 1.5])


def test_a_respondent_of_no_weight_keeps_none_and_needs_no_target():
    frame = pd.DataFrame({"region": ["west", "west", "east", None]})
    made = rake(frame, {"region": {"west": 0.5, "east": 0.5}}, start=[1, 1, 1, 0])
    assert made.tolist() == pytest.approx([1, 1, 2, 0])


def test_fifty_thousand_respondents_take_no_time(rng):
    n = 50_000
    frame = pd.DataFrame({name: rng.integers(0, 6, n) for name in "abcde"})
    wanted = dict(enumerate([0.05, 0.1, 0.15, 0.2, 0.2, 0.3]))
    begin = perf_counter()
    rake(frame, dict.fromkeys("abcde", wanted), start=rng.random(n) + 0.5)
    assert perf_counter() - begin < 2


# -- what cannot be met is named


FRAME = pd.DataFrame({"region": ["west"] * 6 + ["east"] * 4, "sex": ["f", "m"] * 5})
HALF = {"west": 0.5, "east": 0.5}

SLIPS = {
    "nobody of a target": (
        {"region": {"west": 0.5, "east": 0.3, "north": 0.2}}, "rake_nobody", "north (wanted 0.2"),
    "a group without a target": ({"region": {"west": 1.0}}, "rake_no_target", "east (4)"),
    "a target of 0": ({"region": {"west": 1.0, "east": 0.0}}, "rake_zero", "east (4)"),
    "shares below 1": ({"region": {"west": 0.5, "east": 0.4}}, "rake_shares", "0.9"),
    "shares above 1": ({"region": {"west": 0.7, "east": 0.4}}, "rake_shares", "1.1"),
    "percents that lack a group": ({"region": {"west": 56, "east": 40}}, "rake_shares", "96"),
    "percents with decimals": ({"region": {"west": 56.5, "east": 43.5}}, "rake_shares", "100"),
    "a share below 0": ({"region": {"west": 1.2, "east": -0.2}}, "rake_shares", "east: -0.2"),
    "a share that is none": ({"region": {"west": "half", "east": 0.5}}, "rake_shares", "half"),
    "no shares": ({"region": {}}, "rake_shares", "no targets"),
    "two spellings": ({"sex": {1: 0.5, "1": 0.5}}, "rake_shares", "two targets for '1'"),
    "counts of two populations": (
        {"region": {"west": 500, "east": 500}, "sex": {"f": 510, "m": 500}}, "rake_totals",
        "1010 in 'sex'"),
}  # fmt: skip


@pytest.mark.parametrize(("targets", "code", "token"), SLIPS.values(), ids=SLIPS)
def test_a_target_that_does_not_fit_is_named(targets, code, token):
    error = refused(FRAME, targets)
    assert [one.code for one in error.problems] == [code]
    assert token in error.problems[0].message
    assert error.problems[0].expected


def test_missing_values_are_counted():
    frame = FRAME.assign(region=[None, " ", *FRAME["region"][2:]])
    error = refused(frame, {"region": HALF})
    assert (error.problems[0].code, error.problems[0].n) == ("rake_missing", 2)


def test_every_problem_is_told_at_once():
    error = refused(FRAME, {"region": {"west": 0.5, "north": 0.5}, "sex": {"f": 0.5, "m": 0.6}})
    codes = {one.code for one in error.problems}
    assert codes == {"rake_nobody", "rake_no_target", "rake_shares"}


def test_targets_that_contradict_each_other_are_named():
    """Everybody of p is of u: half of all cannot be p where 30 % are u."""
    frame = pd.DataFrame({"a": list("ppqqqq"), "b": list("uuuvww")})
    error = refused(frame, {"a": {"p": 0.5, "q": 0.5}, "b": {"u": 0.3, "v": 0.3, "w": 0.4}})
    assert error.problems[0].code == "rake_apart"
    assert "'p' in 'a' (target 0.5) is of 'u' in 'b' (target 0.3)" in error.problems[0].message


def test_targets_that_would_weigh_somebody_nothing_are_named():
    """Everybody of p is of u, and both are to be 30 %: nothing is left for q of u."""
    frame = pd.DataFrame({"a": list("ppqqqq"), "b": list("uuuvww")})
    error = refused(frame, {"a": {"p": 0.3, "q": 0.7}, "b": {"u": 0.3, "v": 0.3, "w": 0.4}})
    assert error.problems[0].code == "rake_apart"


def test_where_no_pair_contradicts_the_worst_share_is_named():
    """Cells on a ring of three variables: every pair can be met, all three cannot."""
    rows = [("0", "0", "1"), ("0", "1", "0"), ("1", "0", "0"), ("1", "1", "1")]
    frame = pd.DataFrame(rows, columns=list("abc"))
    wanted = {"0": 0.9, "1": 0.1}
    error = refused(frame, dict.fromkeys("abc", wanted))
    (problem,) = error.problems
    assert problem.code == "rake_not_met"
    assert "wants a share of" in problem.message
    assert "rounds" in problem.message


@pytest.mark.parametrize(
    ("start", "token"),
    [
        ([1.0] * 9, "9 weights"),
        ([-1.0] + [1.0] * 9, "negative"),
        ([np.nan] + [1.0] * 9, "missing"),
        ([0.0] * 10, "zero"),
        ("wieght", "wieght"),
        (pd.Series(1.0, index=range(5, 15)), "other rows"),
    ],
)
def test_start_weights_that_cannot_be_are_refused(start, token):
    assert token in str(refused(FRAME, {"region": HALF}, start=start))


def test_an_unknown_column_is_named_with_the_nearest():
    assert "did you mean 'region'" in str(refused(FRAME, {"regoin": HALF}))


def test_nobody_and_no_targets_are_refused():
    assert "nobody" in str(refused(FRAME.iloc[:0], {"region": HALF}))
    assert "no targets" in str(refused(FRAME, {}))


def test_targets_of_another_form_are_told_what_is_expected():
    for targets in (None, {"region": [0.5, 0.5]}, [("region", HALF)]):
        assert "value -> share" in str(refused(FRAME, targets))


def test_targets_may_be_a_series():
    as_series = rake(FRAME, {"region": pd.Series(HALF)})
    np.testing.assert_array_equal(as_series, rake(FRAME, {"region": HALF}))


def test_two_columns_of_one_name_are_told():
    twice = pd.concat([FRAME, FRAME], axis=1)
    assert "2 columns are called 'region'" in str(refused(twice, {"region": HALF}))


def test_tiny_start_weights_count_by_their_ratios():
    start = np.linspace(1, 2, len(FRAME))
    tiny = rake(FRAME, {"region": HALF}, start=start * 1e-300 * 1e-8)
    np.testing.assert_allclose(tiny, rake(FRAME, {"region": HALF}, start=start), rtol=1e-9)
