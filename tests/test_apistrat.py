"""A probability sample with weights, strata and known populations, against R's survey package.

Schools, not customers: a witness of the sample design. Means go through `cxkit.analysis`, the two
yes-or-no facts through the study file. R's normal intervals follow from its standard errors; the
kit's (Student, Wilson) are compared through those standard errors. Left out, because the kit does
not compute them: totals, ratios, quantiles, design effects, logit intervals, raking and
post-stratification, svyglm. svyttest and the chi-square of Rao and Scott are in test_overall.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_studies import (
    CLOSE,
    STUDIES,
    copy_without,
    expected_numbers,
    n_design,
    standard_error,
    student_t,
    wilson,
)

import cxkit as cx
from cxkit.analysis import effective_base, mean_score

POPULATION = {"E": 4421, "H": 755, "M": 1018}
N = 200

pytestmark = pytest.mark.usefixtures("shared_data")


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, Any]:
    return expected_numbers(shared_data, "apistrat")


@pytest.fixture(scope="module")
def schools(shared_data: Path) -> dict[str, np.ndarray]:
    """The columns of the file, numbers as floats."""
    file = shared_data / "apistrat" / "apistrat.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    made = {name: np.array([row[name] for row in rows], dtype=object) for name in rows[0]}
    numbers = ("api00", "api99", "enroll", "pw", "fpc")
    return made | {name: made[name].astype(float) for name in numbers}


@pytest.fixture(scope="module")
def survey(shared_data: Path) -> Any:
    return cx.load(STUDIES / "apistrat")


def test_the_study_file_holds_the_population_of_the_data(schools: Any, survey: Any) -> None:
    assert {
        stratum: int(schools["fpc"][schools["stype"] == stratum][0]) for stratum in POPULATION
    } == POPULATION
    assert dict(survey.study.population) == POPULATION


def test_the_effective_base_is_kishs_of_r(schools: Any, survey: Any, expected: Any) -> None:
    known = expected["kish"]["n_eff"]
    assert effective_base(schools["pw"]) == pytest.approx(known, abs=CLOSE)
    assert effective_base(survey.weight) == pytest.approx(known, abs=CLOSE)


@pytest.mark.parametrize(
    ("design", "parts"),
    [
        ("svymean", ("weight", "strata", "population")),
        ("svymean_no_fpc", ("weight", "strata")),
        ("svymean_weights_only", ("weight",)),
    ],
)
def test_means_and_standard_errors_of_three_designs_are_those_of_r(
    schools: Any, expected: Any, design: str, parts: tuple[str, ...]
) -> None:
    given = {"weight": schools["pw"], "strata": schools["stype"], "population": POPULATION}
    df = N - 3 if "strata" in parts else N - 1
    for name, known in expected[design].items():
        one = mean_score(schools[name], **{part: given[part] for part in parts})
        assert one.n == N
        assert one.estimate == pytest.approx(known["est"], rel=CLOSE)
        assert standard_error(one, df) == pytest.approx(known["se"], rel=CLOSE)


def test_the_unweighted_mean_is_that_of_r(schools: Any, expected: Any) -> None:
    known = expected["unweighted"]["api00"]
    one = mean_score(schools["api00"])
    assert one.estimate == pytest.approx(known["mean"], rel=CLOSE)
    assert standard_error(one, N - 1) == pytest.approx(known["se"], rel=CLOSE)


def test_means_by_type_of_school_are_those_of_r(schools: Any, expected: Any) -> None:
    """Domains: all 200 rows make the design."""
    for stype, known in expected["svyby_stype"].items():
        one = mean_score(
            np.where(schools["stype"] == stype, schools["api00"], np.nan),
            weight=schools["pw"],
            strata=schools["stype"],
            population=POPULATION,
        )
        assert one.estimate == pytest.approx(known["api00"], rel=CLOSE)
        assert standard_error(one, N - 3) == pytest.approx(known["se"], rel=CLOSE)


def test_the_design_of_the_study_file_is_that_of_r(
    survey: Any, schools: Any, expected: Any
) -> None:
    """The weights, strata and populations that the kit read make R's standard error."""
    rows = {name: at for at, name in enumerate(schools["cds"])}
    order = [rows[name] for name in survey.frame["respondent"]]
    known = expected["svymean"]["api00"]
    one = mean_score(
        schools["api00"][order],
        weight=survey.weight,
        strata=survey.strata,
        population=survey.study.population,
    )
    interval = student_t(known["est"], known["se"], N - 3)
    assert (one.ci_low, one.ci_high) == pytest.approx(interval, rel=CLOSE)


@pytest.mark.parametrize(
    ("outcome", "known_as"), [("target_met", "sch.wideYes"), ("award", "awardsYes")]
)
def test_shares_and_their_standard_errors_are_those_of_r(
    survey: Any, expected: Any, outcome: str, known_as: str
) -> None:
    known = expected["proportions"][known_as]
    (one,) = cx.estimate(survey, "share", of=f"outcome:{outcome}")
    share = known["est"]
    assert one.n == N
    assert one.estimate == pytest.approx(share, abs=CLOSE)
    implied = wilson(share, n_design(N, share * (1 - share), known["se"]))
    assert (one.ci_low, one.ci_high) == pytest.approx(implied, abs=CLOSE)


def test_the_finite_population_and_the_strata_each_narrow_the_interval(
    survey: Any, tmp_path: Path, shared_data: Path
) -> None:
    """The same shares, drawn from endless strata, or without strata: wider."""
    (finite,) = cx.estimate(survey, "share", of="outcome:target_met")
    width = finite.ci_high - finite.ci_low
    for keys in (("population",), ("strata", "population")):
        folder = tmp_path / keys[0]
        folder.mkdir()
        study = copy_without("apistrat", keys, folder, shared_data)
        (one,) = cx.estimate(cx.load(study), "share", of="outcome:target_met")
        assert one.estimate == pytest.approx(finite.estimate, abs=CLOSE)
        assert one.ci_high - one.ci_low > width + CLOSE
        width = one.ci_high - one.ci_low


def test_a_share_that_is_fixed_by_the_strata_has_no_error(survey: Any, expected: Any) -> None:
    """The type of school is the stratum: its share is known, as R says."""
    assert expected["proportions"]["stypeE"]["se"] == 0
    stype = survey.frame["segment:stype"].to_numpy(dtype=object)
    one = mean_score((stype == "E") * 1.0, weight=survey.weight, strata=survey.strata)
    assert one.estimate == pytest.approx(expected["proportions"]["stypeE"]["est"], abs=CLOSE)
    assert one.ci_high - one.ci_low == pytest.approx(0, abs=CLOSE)
