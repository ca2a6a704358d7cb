"""Bad input is said, never passed on: a flagged record, or an error that tells what to try.

Every public function of `cxkit.analysis` meets every bad input that its kind of data can have.
No number is NaN without a flag or verdict beside it, and nothing is printed on stderr.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxkit as cx
from cxkit import analysis
from cxkit.errors import CxkitError, SurveyError
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


def gone(y: Any) -> np.ndarray:
    """1 for the lower answers and 0 for the others, missing where there is none."""
    told = np.asarray(y, dtype=float)
    return np.where(np.isnan(told), np.nan, told < 5)


def side(x: Any) -> np.ndarray:
    """Which side of three an answer lies on, missing where there is none."""
    told = np.asarray(x, dtype=float)
    return np.where(np.isnan(told), None, np.where(told > 3, "high", "low"))


Call = Callable[..., Any]
CALLS: dict[str, tuple[str, Call]] = {
    "adjust_p": ("p", lambda p: analysis.adjust_p(p, "holm")),
    "bottom_box": ("answers", lambda answers, **o: analysis.bottom_box(answers, scale=FIVE, **o)),
    "ceiling_cases": ("pairs", lambda x, y, **o: analysis.ceiling_cases(x, y, **o)),
    "ces": (
        "answers",
        lambda answers, **o: analysis.ces(answers, scale="ease_5", definition="mean", **o),
    ),
    "compare_groups": (
        "groups",
        lambda values, groups, **o: analysis.compare_groups(values, groups, **o),
    ),
    "correlation": ("pairs", lambda x, y, **o: analysis.correlation(x, y, **o)),
    "cronbach_alpha": ("items", lambda items, **o: analysis.cronbach_alpha(items, **o)),
    "csat": (
        "answers",
        lambda answers, **o: analysis.csat(answers, scale=FIVE, definition="top_2_box", **o),
    ),
    "detectable_difference": (
        "plans",
        lambda value, n: analysis.detectable_difference("mean", n=n, sd=value),
    ),
    "difference_reliability": (
        "pairs",
        lambda x, y, **o: analysis.difference_reliability(x, y, reliability=0.8, **o),
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
    "hazards_of_leaving": (
        "predictors",
        lambda x, y, **o: analysis.hazards_of_leaving(x, np.abs(y), gone(y), **o),
    ),
    "htmt": ("items", lambda items, **o: analysis.htmt(items, constructs(items), **o)),
    "invariance": (
        "items",
        lambda items, **o: analysis.invariance(items, constructs(items), halves(items), **o),
    ),
    "item_statistics": ("items", lambda items, **o: analysis.item_statistics(items, **o)),
    "kaplan_meier": ("pairs", lambda x, y, **o: analysis.kaplan_meier(np.abs(x), gone(y), **o)),
    "lifetime_value": ("plans", lambda value, n: analysis.lifetime_value(1.0, value, 0.1, n)),
    "loevinger_h": ("binary", lambda binary, **o: analysis.loevinger_h(binary, **o)),
    "mean_score": ("answers", lambda answers, **o: analysis.mean_score(answers, **o)),
    "measurement_model": (
        "items",
        lambda items, **o: analysis.measurement_model(items, constructs(items), **o),
    ),
    "cohen_kappa": ("pairs", lambda x, y, **o: analysis.cohen_kappa(x, y, **o)),
    "necessary_condition": ("pairs", lambda x, y, **o: analysis.necessary_condition(x, y, **o)),
    "nps": ("answers", lambda answers, **o: analysis.nps(answers, **o)),
    "odds_of_leaving": (
        "predictors",
        lambda x, y, **o: analysis.odds_of_leaving(x, gone(y), **o),
    ),
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
    "polynomial_gap": (
        "pairs",
        lambda x, y, **o: analysis.polynomial_gap(x, y, y, middle=3, **o),
    ),
    "precision": ("plans", lambda value, n: analysis.precision("mean", n=n, sd=value)),
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
    "transition_matrix": (
        "pairs",
        lambda x, y, **o: analysis.transition_matrix(side(x), side(y), states=["low", "high"], **o),
    ),
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


# -- the same on a whole survey --------------------------------------------------------------------

STUDY = """\
cxkit: 1
study: bad
title: Bad
brand: Toko
period: last year
languages: [en]
sample: {frame: customers, design: probability}
answers: {path: answers.csv}
respondent: id
frameworks: [pyramid]
scale: agreement_5
bases: {buyers: {column: bought}}
segments: {region: {column: region}}
items: {ful_1: a1, ful_2: a2, tru_1: b1, tru_2: b2, res_1: c1, res_2: c2, onx_1: d1, onx_2: d2,
        emo_1: e1, emo_2: e2}
outcomes: {recommend: {column: likely}}
seed: 11
"""
FEW = STUDY.replace("tru_1: b1, tru_2: b2, res_1: c1, res_2: c2, onx_1: d1, onx_2: d2,", "")
FEW = FEW.replace("\n        emo_1: e1, emo_2: e2}", "}")


def five_levels(n: int = 150) -> pd.DataFrame:
    """Two statements of each level, which have something in common, and what else is asked."""
    draw = rng()
    general = draw.normal(size=n)
    made = {}
    for letter in "abcde":
        level = general + draw.normal(size=n)
        for place in (1, 2):
            answer = np.clip(np.round(3 + 0.7 * level + 0.5 * draw.normal(size=n)), 1, 5)
            made[f"{letter}{place}"] = answer.astype(object)
    likely = np.clip(np.round(6 + 2 * general + draw.normal(size=n)), 0, 10)
    frame = pd.DataFrame(made).assign(likely=likely.astype(object), bought="yes")
    return frame.assign(region=np.array(["east", "west"], dtype=object)[np.arange(n) % 2])


SURVEYS: dict[str, tuple[str, Callable[[], pd.DataFrame]]] = {
    "one_item": (FEW.replace(", ful_2: a2,", ""), five_levels),
    "two_items_alone": (FEW.replace("ful_2: a2,", "ful_2: a2"), five_levels),
    "zero_variance": (STUDY, lambda: five_levels().assign(b1=4)),
    "zero_variance_of_a_level": (STUDY, lambda: five_levels().assign(b1=4, b2=4)),
    "zero_variance_of_outcome": (STUDY, lambda: five_levels().assign(likely=8)),
    "collinear": (STUDY, lambda: five_levels().assign(b1=lambda x: x.a1, b2=lambda x: x.a2)),
    "few_respondents": (STUDY, lambda: five_levels(12)),
    "one_respondent": (STUDY, lambda: five_levels(1)),
    "group_of_one": (
        STUDY,
        lambda: five_levels().assign(region=lambda x: ["south", *x.region.iloc[1:]]),
    ),
    "one_group": (STUDY, lambda: five_levels().assign(region="east")),
    "empty_column": (STUDY, lambda: five_levels().assign(b2=None)),
    "empty_outcome": (STUDY, lambda: five_levels().assign(likely=None)),
    "empty_category": (
        STUDY.replace("column: region}", "column: region, values: {north: north}}"),
        lambda: five_levels().assign(region=None),
    ),
    "nobody_bought": (STUDY, lambda: five_levels().assign(bought="no")),
    "outcome_among_items": (
        STUDY.replace("emo_2: e2", "emo_2: likely").replace(
            "recommend: {column: likely}",
            "satisfaction: {column: likely, scale: satisfaction_5, definition: mean}",
        ),
        lambda: five_levels().assign(likely=lambda x: x.e2),
    ),
    "outcome_defines_its_group": (STUDY.replace("column: region}", "column: likely}"), five_levels),
    "weights_of_zero": (STUDY + "weight: w\n", lambda: five_levels().assign(w=0)),
    "weight_on_few": (
        STUDY + "weight: w\n",
        lambda: five_levels().assign(w=(np.arange(150) < 4).astype(int)),
    ),
}


def linked(survey: Any) -> Any:
    return module("links").links(survey)


def module(name: str) -> Any:
    return import_module(f"cxkit.analysis.{name}")


ANALYSES: dict[str, Call] = {
    "asymmetry": lambda s: module("asymmetry").asymmetry(s, linked(s)),
    "compare": lambda s: analysis.compare(s, "nps", by="region"),
    "compare_levels": lambda s: analysis.compare(s, "score_100", of="levels", by="region"),
    "distinctness": lambda s: module("measurement").distinctness(s),
    "estimate": lambda s: analysis.estimate(s, "score_100", of="levels", by="region"),
    "floor_ceiling": lambda s: module("measurement").floor_ceiling(s),
    "invariance": lambda s: module("measurement").invariance(s, "region"),
    "item_statistics": lambda s: module("measurement").item_statistics(s),
    "links": lambda s: linked(s),
    "necessity": lambda s: module("necessity").necessity(s, linked(s)),
    "order": lambda s: module("order").pyramid_order(s),
    "priorities": lambda s: module("priorities").priorities(s, linked(s)),
    "reliability": lambda s: module("measurement").reliability(s),
    "structure": lambda s: module("measurement").structure(s),
}


@pytest.fixture(scope="module")
def survey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A study of bad answers, or the error with which it was refused."""
    study, answered = SURVEYS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    frame = answered()
    frame.insert(0, "id", [f"r{i:04d}" for i in range(len(frame))])
    frame.to_csv(folder / "answers.csv", index=False)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    try:
        return cx.load(folder)
    except CxkitError as error:
        return error


@pytest.mark.parametrize("name", [*ANALYSES, "measurement section", "links section"])
@pytest.mark.parametrize("survey", SURVEYS, indirect=True)
def test_bad_input_of_a_survey_is_said(survey: Any, name: str, capfd: Any) -> None:
    """What a check lets through is said by the numbers; what it does not is mended before."""
    if isinstance(survey, CxkitError):
        assert survey.problems or survey.expected or survey.hint
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if name in ANALYSES:
            assert outcome_of(ANALYSES[name], {"s": survey}) == []
        else:
            section = getattr(cx, name.removesuffix(" section"))
            assert "nan" not in str(section.findings(survey)._repr_mimebundle_()["text/html"])
    assert capfd.readouterr().err == ""
