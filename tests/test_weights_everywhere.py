"""Weights enter every number, only their ratios matter, and the order of rows never does.

The public functions of `cxkit.analysis` are walked by name: a new one fails here until it has an
example below. What works on a whole survey is tried on a study whose weights change.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxkit as cx
from cxkit import analysis
from cxkit.records import Comparison, Comparisons, Estimate, Estimates, Fit, Fits

N = 240
CLOSE = 1e-12
"""Relative: what rounding may do, and no more."""

SMALL = 1e-2
"""A number below this is a difference of larger ones, whose rounding it has."""

NUMBERS = "estimate value difference ci_low ci_high p p_adjusted effect n_eff n_eff_a n_eff_b"
MAIN = ("estimate", "value", "difference")


def answers() -> SimpleNamespace:
    """Two constructs of three and two items, outcomes that go with them, and groups."""
    rng = np.random.default_rng(20260101)
    trust = rng.normal(size=N)
    care = 0.5 * trust + rng.normal(size=N)
    items = {
        name: np.clip(np.round(3 + 0.7 * level + 0.7 * rng.normal(size=N)), 1, 5)
        for name, level in (("a1", trust), ("a2", trust), ("a3", trust), ("b1", care), ("b2", care))
    }
    likely = np.clip(np.round(6 + 1.2 * trust + 1.2 * care + 1.5 * rng.normal(size=N)), 0, 10)
    return SimpleNamespace(
        items=pd.DataFrame(items),
        scores=pd.DataFrame({"trust": trust, "care": care, "other": rng.normal(size=N)}),
        met=pd.DataFrame({"low": trust > -1, "middle": trust + care > 0, "high": care > 1}) * 1.0,
        likely=likely,
        groups=np.array(["east", "north", "west"])[rng.integers(0, 3, N)],
        weights=(rng.uniform(0.3, 3, N), rng.uniform(0.3, 3, N)),
    )


DATA = answers()
CONSTRUCTS = {"trust": ["a1", "a2", "a3"], "care": ["b1", "b2"]}

Call = Callable[..., Any]
EXAMPLES: dict[str, Call] = {
    "bottom_box": lambda d, **o: analysis.bottom_box(d.items.a1, scale="agreement_5", **o),
    "ceiling_cases": lambda d, **o: analysis.ceiling_cases(d.items.a1, d.likely, **o),
    "ces": lambda d, **o: analysis.ces(d.items.a1, scale="ease_5", definition="mean", **o),
    "compare_groups": lambda d, **o: analysis.compare_groups(d.likely, d.groups, **o),
    "correlation": lambda d, **o: analysis.correlation(d.scores.trust, d.likely, **o),
    "cronbach_alpha": lambda d, **o: analysis.cronbach_alpha(d.items[["a1", "a2", "a3"]], **o),
    "csat": lambda d, **o: analysis.csat(
        d.items.a1, scale="satisfaction_5", definition="top_2_box", **o
    ),
    "difference_reliability": lambda d, **o: analysis.difference_reliability(
        d.items.a1, d.items.b1, reliability=(0.8, 0.7), **o
    ),
    "effect_sizes": lambda d, **o: analysis.effect_sizes(d.likely, d.groups, **o),
    "equivalence": lambda d, **o: analysis.equivalence(d.likely, d.groups, matter=1, **o),
    "guttman_errors": lambda d, **o: analysis.guttman_errors(d.met, **o),
    "htmt": lambda d, **o: analysis.htmt(d.items, CONSTRUCTS, **o),
    "invariance": lambda d, **o: analysis.invariance(d.items, CONSTRUCTS, d.groups, **o),
    "item_statistics": lambda d, **o: analysis.item_statistics(d.items, **o),
    "loevinger_h": lambda d, **o: analysis.loevinger_h(d.met, **o),
    "mean_score": lambda d, **o: analysis.mean_score(d.items.a1, **o),
    "measurement_model": lambda d, **o: analysis.measurement_model(d.items, CONSTRUCTS, **o),
    "necessary_condition": lambda d, **o: analysis.necessary_condition(d.items.a1, d.likely, **o),
    "nps": lambda d, **o: analysis.nps(d.likely, **o),
    "ols": lambda d, **o: analysis.ols(d.scores, d.likely, **o),
    "hazards_of_leaving": lambda d, **o: analysis.hazards_of_leaving(
        d.scores, d.items.b1, d.likely < 6, **o
    ),
    "kaplan_meier": lambda d, **o: analysis.kaplan_meier(d.items.b1, d.likely < 6, **o),
    "odds_of_leaving": lambda d, **o: analysis.odds_of_leaving(d.scores, d.likely < 6, **o),
    "cohen_kappa": lambda d, **o: analysis.cohen_kappa(d.items.a1, d.items.a2, **o),
    "ordinal_logit": lambda d, **o: analysis.ordinal_logit(d.scores, d.likely, **o),
    "overall_test": lambda d, **o: analysis.overall_test(d.likely, d.groups, **o),
    "penalty_reward": lambda d, **o: analysis.penalty_reward(
        d.likely, d.scores, low=-0.5, high=0.5, **o
    ),
    "polynomial_gap": lambda d, **o: analysis.polynomial_gap(
        d.items.a1, d.items.b1, d.likely, middle=3, min_base=0, **o
    ),
    "relative_importance": lambda d, **o: analysis.relative_importance(d.scores, d.likely, **o),
    "score_100": lambda d, **o: analysis.score_100(d.items, scale="agreement_5", **o),
    "spearman_brown": lambda d, **o: analysis.spearman_brown(d.items[["b1", "b2"]], **o),
    "top_box": lambda d, **o: analysis.top_box(d.items.a1, scale="agreement_5", **o),
    "transition_matrix": lambda d, **o: analysis.transition_matrix(
        np.where(d.items.a1 > 3, "high", "low"),
        np.where(d.items.a2 > 3, "high", "low"),
        states=["low", "high"],
        **o,
    ),
}
"""How each function that takes `weight` is called on `DATA`."""

WITHOUT_WEIGHT = {
    "adjust_p": "p-values in, p-values out",
    "compare": "works on a survey, which carries its weights: see below",
    "lifetime_value": "a sum of numbers, with no respondent behind it",
    "detectable_difference": "plans a study that has no answers yet",
    "effective_base": "takes the weights themselves: see test_metrics",
    "estimate": "works on a survey, which carries its weights: see below",
    "precision": "plans a study that has no answers yet",
    "sample_size": "plans a study that has no answers yet",
}
"""Public functions without a `weight`, and why."""

OF_EXTREMES = {"ceiling_cases", "necessary_condition"}
"""A ceiling lies on the outermost answers, whatever they weigh: the effective base alone moves."""

NOT_WEIGHED = (
    *("df", "rank", "n_groups"),  # counts
    *("chance_ahead", "chance_first", "chance_quadrant"),  # what resamples hardly ever show
    *("met_from", "fewer_than"),  # settings
    "necessity",  # of a ceiling, as above
)
"""How records begin whose number other weights may leave as it is."""


def weighted() -> list[str]:
    """The public functions that take weights, found by their signatures."""
    functions = {name: getattr(analysis, name) for name in analysis.__all__}
    return sorted(
        name
        for name, function in functions.items()
        if callable(function)
        and "weight" in inspect.signature(function).parameters
        and name not in WITHOUT_WEIGHT
    )


def in_order(data: SimpleNamespace, rows: np.ndarray) -> SimpleNamespace:
    """The same respondents in another order."""
    turned = {key: _taken(value, rows) for key, value in vars(data).items()}
    return SimpleNamespace(**turned)


def _taken(value: Any, rows: np.ndarray) -> Any:
    if isinstance(value, tuple):
        return tuple(_taken(one, rows) for one in value)
    return value.iloc[rows].reset_index(drop=True) if hasattr(value, "iloc") else value[rows]


# -- what a result says ----------------------------------------------------------------------------


def numbers(result: Any, only: tuple[str, ...] = tuple(NUMBERS.split())) -> np.ndarray:
    """Every number of a result, in order: of records, tables of them, frames and their holders."""
    return np.array([value for _, value in _walked(result, only)], dtype=float)


def names(result: Any, only: tuple[str, ...] = tuple(NUMBERS.split())) -> list[str]:
    return [name for name, _ in _walked(result, only)]


def _walked(result: Any, only: tuple[str, ...], path: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(result, (Estimate, Comparison, Fit)):
        named = getattr(result, "metric", "") or getattr(result, "name", "")
        head = ".".join(filter(None, (path, result.of, named)))
        for field in dataclasses.fields(result):
            if field.name in only:
                yield f"{head}.{field.name}", getattr(result, field.name)
    elif isinstance(result, (Estimates, Comparisons, Fits, list, tuple)):
        for i, one in enumerate(result):
            yield from _walked(one, only, f"{path}[{i}]")
    elif isinstance(result, (pd.DataFrame, pd.Series)):
        for i, value in enumerate(np.ravel(result.to_numpy())):
            yield from _walked(value, only, f"{path}[{i}]")
    elif isinstance(result, np.ndarray):
        for i, value in enumerate(result.ravel()):
            yield from _walked(value, only, f"{path}[{i}]")
    elif isinstance(result, Mapping):
        for key in sorted(result, key=str):
            yield from _walked(result[key], only, f"{path}.{key}")
    elif dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            yield from _walked(getattr(result, field.name), only, f"{path}.{field.name}")
    elif isinstance(result, (float, np.floating)):
        yield path, float(result)


def words(result: Any) -> list[Any]:
    """What records conclude: verdicts and flags."""
    if isinstance(result, (Estimate, Comparison, Fit)):
        return [getattr(result, "verdict", ""), result.flags]
    if isinstance(result, (Estimates, Comparisons, Fits, list, tuple)):
        return [said for one in result for said in words(one)]
    if dataclasses.is_dataclass(result):
        fields = dataclasses.fields(result)
        return [said for one in fields for said in words(getattr(result, one.name))]
    return []


def estimates(result: Any) -> dict[str, float]:
    """The numbers of a result's records by name, those that cannot be given left out."""
    found = {}
    for name, value in _walked(result, MAIN):
        of, _, field = name.rpartition(".")
        is_record = field in MAIN and not of.rpartition(".")[2].startswith(NOT_WEIGHED)
        if is_record and not np.isnan(value):
            found[name] = value
    return found


def unmoved(one: Any, other: Any) -> list[str]:
    """The estimates that two results have in common, unless at the end of their range."""
    left, right = estimates(one), estimates(other)
    shared = left.keys() & right.keys()
    assert shared
    is_same = {what: abs(left[what] - right[what]) <= 1e-9 * abs(left[what]) for what in shared}
    return [what for what in left if is_same.get(what) and left[what] not in (0, 1)]


def same(one: Any, other: Any, close: float = CLOSE) -> None:
    """Two results agree in every number and conclusion; the message names what does not."""
    assert names(one) == names(other)
    assert words(one) == words(other)
    left, right = numbers(one), numbers(other)
    size = np.maximum(np.abs(left), np.abs(right))
    apart = np.abs(left - right) > close * np.maximum(size, SMALL)
    apart |= np.isnan(left) != np.isnan(right)
    differing = {
        name: (a, b)
        for name, a, b, is_apart in zip(names(one), left, right, apart, strict=True)
        if is_apart
    }
    assert not differing


# -- functions over plain data ---------------------------------------------------------------------


def test_every_public_function_is_tried() -> None:
    """A function that is new needs an example, or a reason for having no weights."""
    assert set(EXAMPLES) == set(weighted())
    assert set(analysis.__all__) - set(EXAMPLES) == set(WITHOUT_WEIGHT)


@pytest.mark.parametrize("name", EXAMPLES)
def test_other_weights_give_other_estimates(name: str) -> None:
    """Each estimate of a table by itself: one that left the weights out would stay the same."""
    one, other = (EXAMPLES[name](DATA, weight=weight) for weight in DATA.weights)
    if name in OF_EXTREMES:
        assert not np.allclose(numbers(one), numbers(other), equal_nan=True)
    else:
        assert unmoved(one, other) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_only_the_ratios_of_weights_matter(name: str) -> None:
    weight = DATA.weights[0]
    same(EXAMPLES[name](DATA, weight=weight), EXAMPLES[name](DATA, weight=1000 * weight))


@pytest.mark.parametrize("name", EXAMPLES)
def test_equal_weights_equal_no_weights(name: str) -> None:
    same(EXAMPLES[name](DATA, weight=np.full(N, 2.5)), EXAMPLES[name](DATA))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_order_of_rows_moves_nothing(name: str) -> None:
    """Not even where the interval comes from resamples: these are tied to what the rows hold."""
    turned = in_order(DATA, np.random.default_rng(7).permutation(N))
    one = EXAMPLES[name](DATA, weight=DATA.weights[0], seed=3)
    same(one, EXAMPLES[name](turned, weight=turned.weights[0], seed=3))


@pytest.mark.parametrize("name", EXAMPLES)
def test_who_weighs_nothing_moves_no_estimate(name: str) -> None:
    """A row of weight zero stays in the design; what it answered does not count."""
    weight = DATA.weights[0].copy()
    weight[:40] = 0
    other = SimpleNamespace(**vars(DATA))
    other.items, other.likely = DATA.items.copy(), DATA.likely.copy()
    other.scores = DATA.scores.copy()
    other.scores.iloc[:40] = 9.0
    other.met = DATA.met.copy()
    other.met.iloc[:40] = 0.0
    other.items.iloc[:40] = 1.0
    other.likely[:40] = 0.0
    one, two = (EXAMPLES[name](data, weight=weight) for data in (DATA, other))
    left, right = estimates(one), estimates(two)
    assert left.keys() == right.keys()
    assert list(left.values()) == pytest.approx(list(right.values()), rel=1e-6)


# -- functions over a survey -----------------------------------------------------------------------

STUDY = """\
cxkit: 1
study: weighted
title: Weighted
brand: Toko
period: last year
languages: [en]
sample: {frame: customers, design: probability}
answers: {path: answers.csv}
respondent: id
frameworks: [pyramid]
scale: agreement_5
bases: {buyers: {column: bought}}
items:
  {ful_1: a1, ful_2: a2, tru_1: b1, tru_2: b2, res_1: c1, res_2: c2, onx_1: d1, onx_2: d2,
   emo_1: e1, emo_2: e2}
outcomes: {recommend: {column: likely}}
segments: {region: {column: groups}, half: {column: half}}
seed: 11
"""

SURVEYS: dict[str, Call] = {
    "compare": lambda s: analysis.compare(s, "score_100", of="levels", by="region"),
    "compare_nps": lambda s: analysis.compare(s, "nps", by="region"),
    "estimate": lambda s: analysis.estimate(s, "score_100", of="levels", by="region"),
    "estimate_nps": lambda s: analysis.estimate(s, "nps"),
    "asymmetry": lambda s: module("asymmetry").asymmetry(s, linked(s)),
    "links": lambda s: linked(s),
    "measurement.distinctness": lambda s: module("measurement").distinctness(s),
    "measurement.floor_ceiling": lambda s: module("measurement").floor_ceiling(s),
    "measurement.invariance": lambda s: module("measurement").invariance(s, "half"),
    "measurement.item_statistics": lambda s: module("measurement").item_statistics(s),
    "measurement.reliability": lambda s: module("measurement").reliability(s),
    "measurement.structure": lambda s: module("measurement").structure(s),
    "order": lambda s: module("order").pyramid_order(s),
    "priorities": lambda s: module("priorities").priorities(s, linked(s)),
    "pyramid.scores": lambda s: module("pyramid").scores(s),
    "pyramid.weakest": lambda s: module("pyramid").weakest(s).comparisons,
}
"""How each analysis of a whole survey is called."""


def module(name: str) -> Any:
    return import_module(f"cxkit.analysis.{name}")


def linked(survey: Any) -> Any:
    return module("links").links(survey)


def of_levels() -> pd.DataFrame:
    """Two items of each of five levels that have half of their variance in common."""
    rng = np.random.default_rng(5)
    general = rng.normal(size=N) + (DATA.likely - DATA.likely.mean()) / 4
    items = {}
    for letter in "abcde":
        level = general + rng.normal(size=N)
        for place in (1, 2):
            answer = 3.3 + 0.6 * level + 0.5 * rng.normal(size=N)
            items[f"{letter}{place}"] = np.clip(np.round(answer), 1, 5)
    return pd.DataFrame(items)


def laid(folder: Path, weight: np.ndarray | None, rows: np.ndarray | None = None) -> Any:
    """The study with these weights, its rows in this order, loaded as a user's would be."""
    folder.mkdir()
    frame = of_levels().assign(likely=DATA.likely, groups=DATA.groups, bought="yes")
    frame["half"] = np.where(np.arange(N) % 2, "odd", "even")
    frame.insert(0, "id", [f"r{i:04d}" for i in range(N)])
    text = STUDY
    if weight is not None:
        frame["w"] = weight
        text += "weight: w\n"
    frame = frame if rows is None else frame.iloc[rows]
    frame.to_csv(folder / "answers.csv", index=False)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return cx.load(folder)


@pytest.fixture(scope="module")
def surveys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One study under several weights, and one in another order of rows."""
    home = tmp_path_factory.mktemp("weighted")
    one, other = DATA.weights
    return {
        "one": laid(home / "one", one),
        "other": laid(home / "other", other),
        "thousand": laid(home / "thousand", 1000 * one),
        "equal": laid(home / "equal", np.full(N, 2.5)),
        "none": laid(home / "none", None),
        "shuffled": laid(home / "shuffled", one, np.random.default_rng(7).permutation(N)),
    }


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_is_weighted_in_every_analysis(name: str, surveys: dict[str, Any]) -> None:
    """Other weights give other estimates; their size and the order of rows change nothing."""
    made = {key: SURVEYS[name](survey) for key, survey in surveys.items()}
    assert unmoved(made["one"], made["other"]) == []
    same(made["one"], made["thousand"])
    same(made["one"], made["shuffled"])
    same(made["equal"], made["none"])
