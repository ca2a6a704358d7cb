"""Bad input is said, never passed on: a flagged record, or an error that tells what to try.

Every public function of `cxkit.analysis` meets every bad input that its kind of data can have.
No number is NaN without a flag or verdict beside it, and nothing is printed on stderr.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxkit import analysis
from cxkit.errors import SurveyError
from cxkit.records import Comparison, Comparisons, Estimate, Estimates, Fit, Fits

N = 120
Given = dict[str, Any]
"""What a function is given: its data by name, and options such as `weight`."""


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def answers(n: int = N) -> np.ndarray:
    return rng().integers(1, 6, n).astype(float)


def items(n: int = N, k: int = 6) -> pd.DataFrame:
    """Items i1, i2, ... of two constructs in turn, from 1 to 5."""
    draw = rng()
    latent = draw.normal(size=(n, 2))
    made = {
        f"i{j + 1}": np.clip(np.round(3 + 0.8 * latent[:, j % 2] + 0.6 * draw.normal(size=n)), 1, 5)
        for j in range(k)
    }
    return pd.DataFrame(made)


def scores(n: int = N) -> pd.DataFrame:
    return pd.DataFrame(rng().normal(size=(n, 3)), columns=["trust", "care", "speed"])


def outcome(n: int = N) -> np.ndarray:
    """0 to 10, and going with the scores."""
    x = scores(n)
    return np.clip(np.round(6 + 2 * x.trust + x.care + rng().normal(size=n)), 0, 10).to_numpy()


def groups(n: int = N) -> np.ndarray:
    return np.array(["east", "north", "west"], dtype=object)[np.arange(n) % 3]


def blank(values: Any, rows: Any = slice(None), column: str | None = None) -> Any:
    """A copy with these answers missing."""
    copy = values.copy()
    if column is None:
        copy[rows] = np.nan
    else:
        copy.loc[copy.index[rows], column] = np.nan
    return copy


def turned(values: pd.DataFrame) -> pd.DataFrame:
    """Everybody misses one answer: each row another column, so that nobody is complete."""
    holes = np.arange(len(values))[:, None] % values.shape[1] == np.arange(values.shape[1])
    return values.mask(holes)


# -- bad input, by the kind of data that a function takes ------------------------------------------

OF_ANSWERS: dict[str, Callable[[], Given]] = {
    "nobody": lambda: {"answers": np.array([])},
    "one_respondent": lambda: {"answers": np.array([4.0])},
    "empty_column": lambda: {"answers": np.full(N, np.nan)},
    "zero_variance": lambda: {"answers": np.full(N, 4.0)},
    "weights_of_zero": lambda: {"answers": answers(), "weight": np.zeros(N)},
    "weight_on_one": lambda: {"answers": answers(), "weight": np.eye(N)[0]},
    "weight_where_nobody_answered": lambda: {
        "answers": blank(answers(), slice(0, 5)),
        "weight": np.arange(N) < 5,
    },
}

OF_ITEMS: dict[str, Callable[[], Given]] = {
    "one_item": lambda: {"items": items(k=1)},
    "two_items_alone": lambda: {"items": items(k=2)},
    "zero_variance": lambda: {"items": items().assign(i1=4.0)},
    "zero_variance_everywhere": lambda: {"items": items() * 0 + 4},
    "collinear": lambda: {"items": items().assign(i3=lambda x: x.i1)},
    "all_collinear": lambda: {"items": pd.DataFrame({f"i{j}": answers() for j in range(1, 7)})},
    "opposed": lambda: {"items": items().assign(i3=lambda x: 6 - x.i1)},
    "few_respondents": lambda: {"items": items(4)},
    "one_respondent": lambda: {"items": items(1)},
    "nobody": lambda: {"items": items(2).iloc[:0]},
    "empty_column": lambda: {"items": blank(items(), column="i2")},
    "nothing_answered": lambda: {"items": items() * np.nan},
    "nobody_complete": lambda: {"items": turned(items())},
    "weights_of_zero": lambda: {"items": items(), "weight": np.zeros(N)},
    "weight_on_one": lambda: {"items": items(), "weight": np.eye(N)[0]},
    "weight_on_two": lambda: {"items": items(), "weight": np.eye(N)[0] + np.eye(N)[1]},
}

OF_GROUPS: dict[str, Callable[[], Given]] = {
    "group_of_one": lambda: {"values": outcome(), "groups": np.r_[["alone"], groups()[1:]]},
    "groups_of_one": lambda: {"values": outcome(), "groups": np.arange(N).astype(str)},
    "two_of_one": lambda: {"values": np.array([3.0, 9.0]), "groups": np.array(["a", "b"])},
    "one_group": lambda: {"values": outcome(), "groups": np.full(N, "east", dtype=object)},
    "empty_column": lambda: {"values": np.full(N, np.nan), "groups": groups()},
    "empty_category": lambda: {
        "values": outcome(),
        "groups": pd.Categorical(groups(), categories=["east", "north", "west", "south"]),
    },
    "group_without_answers": lambda: {
        "values": blank(outcome(), groups() == "east"),
        "groups": groups(),
    },
    "no_groups": lambda: {"values": outcome(), "groups": np.full(N, None)},
    "nobody": lambda: {"values": np.array([]), "groups": np.array([], dtype=object)},
    "zero_variance": lambda: {"values": np.full(N, 7.0), "groups": groups()},
    "zero_variance_in_groups": lambda: {
        "values": np.where(groups() == "east", 3.0, 8.0),
        "groups": groups(),
    },
    "outcome_defines_its_group": lambda: {
        "values": outcome(),
        "groups": np.where(outcome() >= 7, "high", "low"),
    },
    "weights_of_zero": lambda: {
        "values": outcome(),
        "groups": groups(),
        "weight": np.zeros(N),
    },
    "group_without_weight": lambda: {
        "values": outcome(),
        "groups": groups(),
        "weight": (groups() != "east").astype(float),
    },
}

OF_PREDICTORS: dict[str, Callable[[], Given]] = {
    "one_predictor": lambda: {"x": scores()[["trust"]], "y": outcome()},
    "two_predictors": lambda: {"x": scores()[["trust", "care"]], "y": outcome()},
    "zero_variance": lambda: {"x": scores().assign(care=1.0), "y": outcome()},
    "zero_variance_of_outcome": lambda: {"x": scores(), "y": np.full(N, 7.0)},
    "collinear": lambda: {"x": scores().assign(speed=lambda x: x.trust + x.care), "y": outcome()},
    "nearly_collinear": lambda: {
        "x": scores().assign(speed=lambda x: x.trust + 1e-9 * x.care),
        "y": outcome(),
    },
    "outcome_among_predictors": lambda: {"x": scores().assign(care=outcome()), "y": outcome()},
    "few_respondents": lambda: {"x": scores(3), "y": np.array([2.0, 5.0, 9.0])},
    "one_respondent": lambda: {"x": scores(1), "y": np.array([7.0])},
    "nobody": lambda: {"x": scores(2).iloc[:0], "y": np.array([])},
    "empty_column": lambda: {"x": blank(scores(), column="care"), "y": outcome()},
    "empty_outcome": lambda: {"x": scores(), "y": np.full(N, np.nan)},
    "nobody_complete": lambda: {"x": turned(scores()), "y": outcome()},
    "empty_category": lambda: {"x": scores(), "y": np.where(outcome() == 6, 7.0, outcome())},
    "two_categories": lambda: {"x": scores(), "y": (outcome() > 6) * 10.0},
    "separated": lambda: {"x": scores(), "y": (scores().trust > 0).to_numpy() * 10.0},
    "weights_of_zero": lambda: {"x": scores(), "y": outcome(), "weight": np.zeros(N)},
    "weight_on_one": lambda: {"x": scores(), "y": outcome(), "weight": np.eye(N)[0]},
    "weight_on_few": lambda: {"x": scores(), "y": outcome(), "weight": np.arange(N) < 4},
}

OF_PAIRS: dict[str, Callable[[], Given]] = {
    "zero_variance": lambda: {"x": np.full(N, 4.0), "y": outcome()},
    "zero_variance_of_outcome": lambda: {"x": answers(), "y": np.full(N, 7.0)},
    "outcome_itself": lambda: {"x": outcome(), "y": outcome()},
    "opposed": lambda: {"x": -outcome(), "y": outcome()},
    "one_respondent": lambda: {"x": np.array([4.0]), "y": np.array([7.0])},
    "nobody": lambda: {"x": np.array([]), "y": np.array([])},
    "empty_column": lambda: {"x": np.full(N, np.nan), "y": outcome()},
    "empty_outcome": lambda: {"x": answers(), "y": np.full(N, np.nan)},
    "nobody_complete": lambda: {
        "x": blank(answers(), slice(0, 60)),
        "y": blank(outcome(), slice(60, N)),
    },
    "empty_category": lambda: {"x": np.where(answers() == 3, 4.0, answers()), "y": outcome()},
    "weights_of_zero": lambda: {"x": answers(), "y": outcome(), "weight": np.zeros(N)},
    "weight_on_one": lambda: {"x": answers(), "y": outcome(), "weight": np.eye(N)[0]},
}


def met(n: int = N) -> pd.DataFrame:
    """Who meets the levels of a pyramid, base first."""
    latent = rng().normal(size=n)
    return pd.DataFrame({f"l{j}": (latent + rng().normal(size=n) > j - 1) * 1.0 for j in range(3)})


OF_BINARY: dict[str, Callable[[], Given]] = {
    "one_item": lambda: {"binary": met()[["l0"]]},
    "two_items_alone": lambda: {"binary": met()[["l0", "l1"]]},
    "zero_variance": lambda: {"binary": met().assign(l1=1.0)},
    "zero_variance_everywhere": lambda: {"binary": met() * 0 + 1},
    "collinear": lambda: {"binary": met().assign(l1=lambda x: x.l0)},
    "one_respondent": lambda: {"binary": met(1)},
    "nobody": lambda: {"binary": met(2).iloc[:0]},
    "empty_column": lambda: {"binary": blank(met(), column="l1")},
    "nobody_complete": lambda: {"binary": turned(met())},
    "not_binary": lambda: {"binary": met() + 1},
    "weights_of_zero": lambda: {"binary": met(), "weight": np.zeros(N)},
    "weight_on_one": lambda: {"binary": met(), "weight": np.eye(N)[0]},
}

OF_P: dict[str, Callable[[], Given]] = {
    "nobody": lambda: {"p": np.array([])},
    "off_the_scale": lambda: {"p": np.array([0.01, 1.4])},
    "one": lambda: {"p": np.array([0.01])},
}

OF_WEIGHTS: dict[str, Callable[[], Given]] = {
    "nobody": lambda: {"weight": np.array([])},
    "weights_of_zero": lambda: {"weight": np.zeros(N)},
    "negative": lambda: {"weight": np.array([1.0, -1.0])},
    "missing": lambda: {"weight": np.array([1.0, np.nan])},
    "one": lambda: {"weight": np.array([2.0])},
}

OF_PLANS: dict[str, Callable[[], Given]] = {
    "no_spread": lambda: {"value": 0.0, "n": 100},
    "negative": lambda: {"value": -1.0, "n": 100},
    "nothing": lambda: {"value": math.nan, "n": 100},
    "nobody": lambda: {"value": 1.0, "n": 0},
}

KINDS: dict[str, dict[str, Callable[[], Given]]] = {
    "answers": OF_ANSWERS,
    "items": OF_ITEMS,
    "groups": OF_GROUPS,
    "predictors": OF_PREDICTORS,
    "pairs": OF_PAIRS,
    "binary": OF_BINARY,
    "p": OF_P,
    "weights": OF_WEIGHTS,
    "plans": OF_PLANS,
}


def constructs(table: pd.DataFrame) -> dict[str, list[str]]:
    """The items of `items`, dealt to the two constructs that they measure."""
    return {"odd": list(table.columns[::2]), "even": list(table.columns[1::2])}


def halves(table: pd.DataFrame) -> np.ndarray:
    """Two groups that take turns."""
    return np.array(["a", "b"], dtype=object)[np.arange(len(table)) % 2]


Call = Callable[..., Any]
CALLS: dict[str, tuple[str, Call]] = {
    "adjust_p": ("p", lambda p: analysis.adjust_p(p, "holm")),
    "bottom_box": ("answers", lambda answers, **o: analysis.bottom_box(answers, scale=FIVE, **o)),
    "ces": (
        "answers",
        lambda answers, **o: analysis.ces(answers, scale="ease_5", definition="mean", **o),
    ),
    "compare_groups": (
        "groups",
        lambda values, groups, **o: analysis.compare_groups(values, groups, **o),
    ),
    "cronbach_alpha": ("items", lambda items, **o: analysis.cronbach_alpha(items, **o)),
    "csat": (
        "answers",
        lambda answers, **o: analysis.csat(answers, scale=FIVE, definition="top_2_box", **o),
    ),
    "detectable_difference": (
        "plans",
        lambda value, n: analysis.detectable_difference("mean", n=n, sd=value),
    ),
    "effect_sizes": (
        "groups",
        lambda values, groups, **o: analysis.effect_sizes(values, groups, **o),
    ),
    "effective_base": ("weights", lambda weight: analysis.effective_base(weight)),
    "equivalence": (
        "groups",
        lambda values, groups, **o: analysis.equivalence(values, groups, matter=1, **o),
    ),
    "guttman_errors": ("binary", lambda binary, **o: analysis.guttman_errors(binary, **o)),
    "htmt": ("items", lambda items, **o: analysis.htmt(items, constructs(items), **o)),
    "invariance": (
        "items",
        lambda items, **o: analysis.invariance(items, constructs(items), halves(items), **o),
    ),
    "item_statistics": ("items", lambda items, **o: analysis.item_statistics(items, **o)),
    "loevinger_h": ("binary", lambda binary, **o: analysis.loevinger_h(binary, **o)),
    "mean_score": ("answers", lambda answers, **o: analysis.mean_score(answers, **o)),
    "measurement_model": (
        "items",
        lambda items, **o: analysis.measurement_model(items, constructs(items), **o),
    ),
    "necessary_condition": ("pairs", lambda x, y, **o: analysis.necessary_condition(x, y, **o)),
    "nps": ("answers", lambda answers, **o: analysis.nps(answers, **o)),
    "ols": ("predictors", lambda x, y, **o: analysis.ols(x, y, **o)),
    "ordinal_logit": ("predictors", lambda x, y, **o: analysis.ordinal_logit(x, y, **o)),
    "overall_test": (
        "groups",
        lambda values, groups, **o: analysis.overall_test(values, groups, **o),
    ),
    "penalty_reward": (
        "predictors",
        lambda x, y, **o: analysis.penalty_reward(y, x, low=-0.5, high=0.5, **o),
    ),
    "relative_importance": (
        "predictors",
        lambda x, y, **o: analysis.relative_importance(x, y, **o),
    ),
    "sample_size": (
        "plans",
        lambda value, n: analysis.sample_size("mean", difference=n / 100, sd=value),
    ),
    "score_100": ("items", lambda items, **o: analysis.score_100(items, scale=FIVE, **o)),
    "spearman_brown": ("items", lambda items, **o: analysis.spearman_brown(items.iloc[:, :2], **o)),
    "top_box": ("answers", lambda answers, **o: analysis.top_box(answers, scale=FIVE, **o)),
}
"""The kind of data that each public function takes, and how it is called on it."""

FIVE = "agreement_5"
OF_SURVEYS = {"compare", "estimate"}
"""Public functions that take a survey, which was checked when it was read."""

CELLS = [(name, bad) for name, (kind, _) in CALLS.items() for bad in KINDS[kind]]


# -- what is said ----------------------------------------------------------------------------------


def bare(result: Any) -> Iterator[str]:
    """Numbers that are missing without a word why."""
    if isinstance(result, (Estimate, Comparison, Fit)):
        number = getattr(result, "difference", None)
        number = result.estimate if number is None else number
        verdict = getattr(result, "verdict", "")
        if math.isnan(number) and not result.flags and verdict in ("", "undecided"):
            yield repr(result)
        if math.isinf(number):
            yield repr(result)
    elif isinstance(result, (Estimates, Comparisons, Fits, list, tuple)):
        for one in result:
            yield from bare(one)
    elif isinstance(result, Mapping):
        for one in result.values():
            yield from bare(one)
    elif dataclasses.is_dataclass(result):
        is_told = any(getattr(result, said, "") for said in ("verdict", "verdicts", "why"))
        for field in dataclasses.fields(result):
            value = getattr(result, field.name)
            if not is_told or isinstance(value, (Estimates, Comparisons, Fits)):
                yield from bare(value)
    elif isinstance(result, (pd.DataFrame, pd.Series, np.ndarray)):
        values = np.ravel(np.asarray(result))
        if values.dtype.kind == "f" and np.isnan(values).any():
            yield f"{np.isnan(values).sum()} of {values.size} values"
    elif isinstance(result, float) and math.isnan(result):
        yield "a value"


@pytest.mark.parametrize(("name", "bad"), CELLS)
def test_bad_input_is_said(name: str, bad: str, capfd: pytest.CaptureFixture[str]) -> None:
    kind, call = CALLS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = outcome_of(call, KINDS[kind][bad]())
    assert said == []
    assert capfd.readouterr().err == ""


def outcome_of(call: Call, given: Given) -> list[str]:
    """What is wrong with a result, or with the error that stands in its place."""
    try:
        return list(bare(call(**given)))
    except SurveyError as error:
        return [] if error.expected or error.hint else [f"nothing to try: {error}"]


def test_every_public_function_meets_bad_input() -> None:
    """A function that is new is called above, on the kind of data that it takes."""
    assert set(CALLS) | OF_SURVEYS == set(analysis.__all__)


@pytest.mark.parametrize(
    "result",
    [
        Fit("cronbach_alpha", math.nan),
        Estimates([Estimate("mean", "answers", math.nan)]),
        np.array([1.0, np.nan]),
        {"share": math.nan},
        Fit("r2", math.inf, verdict="good"),
    ],
)
def test_a_bare_number_is_seen(result: Any) -> None:
    """The search above can fail: it finds what it looks for."""
    assert list(bare(result))
    said = Fit("cronbach_alpha", math.nan, verdict="no_spread")
    assert not list(bare(Fits([said])))
