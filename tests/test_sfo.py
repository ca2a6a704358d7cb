"""Passengers of an airport in two weighted waves with drifting columns, against numbers from R.

R's survey package gives estimates and standard errors of three designs: unweighted, weighted, and
weighted in strata. Standard errors are compared through the intervals that they imply by hand
(METHODS 5, 6, 9); R's own intervals are the normal ones, which the kit does not print for shares
and the NPS. Left out, because the kit does not compute them: R's design effects, what
goes with satisfaction and recommendation, Wald and Clopper-Pearson. Tests between boarding areas
and strata are in test_group_tests, test_overall and test_effects.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_studies import (
    CLOSE,
    STUDIES,
    adjusted_wald,
    copy_without,
    expected_numbers,
    n_design,
    standard_error,
    student_t,
    wilson,
)

import cxkit as cx
from cxkit.analysis import effective_base

WAVES = ("2014", "2017")
EASE = {"Q13GETRATE": "get_there", "Q14FIND": "find_way", "Q14PASSTHRU": "screening"}

pytestmark = pytest.mark.usefixtures("shared_data")


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, Any]:
    return expected_numbers(shared_data, "sfo")


@pytest.fixture(scope="module")
def survey(shared_data: Path) -> Any:
    """As the study file says: weighted, in strata."""
    return cx.load(STUDIES / "sfo")


@pytest.fixture(scope="module")
def weighted(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("weighted")
    return cx.load(copy_without("sfo", ("strata",), folder, shared_data))


@pytest.fixture(scope="module")
def unweighted(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("unweighted")
    return cx.load(copy_without("sfo", ("weight", "strata"), folder, shared_data))


@pytest.fixture(params=WAVES)
def wave(request: pytest.FixtureRequest) -> str:
    return request.param


def the_only(estimates: Any) -> Any:
    (one,) = estimates
    return one


# -- two files, one survey -------------------------------------------------------------------------


def test_both_files_are_read_with_their_rows_and_weights(
    survey: Any, expected: Any, wave: str
) -> None:
    known = expected[wave]
    here = survey.where(wave=wave)
    assert here.n == known["n_rows"] == known["n_weight_ok"]
    weight = survey.weight[here.mask]
    assert weight.mean() == pytest.approx(1, abs=CLOSE)
    assert effective_base(weight) == pytest.approx(known["kish"]["n_eff"], rel=CLOSE)


def test_boarding_areas_come_from_either_column(survey: Any, wave: str) -> None:
    assert survey.where(wave=wave).groups("area") == tuple("ABCDEFG")


def test_waves_are_compared_as_different_people(survey: Any, expected: Any) -> None:
    """RESPNUM starts from 1 in each wave: the variances of R's two waves add, nothing is paired."""
    then, now = (expected[wave]["Q7ALL"]["weighted_mean_stratified"]["CSAT"] for wave in WAVES)
    change = the_only(cx.compare(survey, "mean", of="outcome:satisfaction", by="wave"))
    df = sum(expected[wave]["n_rows"] - 3 for wave in WAVES)
    assert change.difference == pytest.approx(now["est"] - then["est"], abs=CLOSE)
    assert standard_error(change, df) == pytest.approx(np.hypot(now["se"], then["se"]), abs=CLOSE)


def test_what_was_not_asked_in_a_wave_is_said_so(survey: Any) -> None:
    before = survey.where(wave="2014")
    assert before.missing("outcome:recommend") == {"not_asked": 2818}
    assert the_only(cx.estimate(before, "nps")).flags == ("not_measured",)


def test_blanks_and_never_used_are_reasons_and_not_answers(
    survey: Any, expected: Any, wave: str
) -> None:
    here = survey.where(wave=wave)
    for item, known in expected[wave]["Q7_items"].items():
        why = here.missing(f"item:{item}")
        assert set(why) == {"no_answer", "not_experienced"}
        assert why["not_experienced"] == known["n_never_used"]
        assert here.n - sum(why.values()) == known["n"]


def test_blank_answers_are_coded_in_three_ways(survey: Any) -> None:
    """0 in 2014, the word Blank in 2017, 11 on the recommendation."""
    counts = {wave: survey.where(wave=wave).missing("outcome:satisfaction") for wave in WAVES}
    assert counts == {"2014": {"no_answer": 111, "not_experienced": 30}, "2017": {"no_answer": 143}}
    assert survey.where(wave="2017").missing("outcome:recommend") == {"no_answer": 85}


# -- ratings ---------------------------------------------------------------------------------------


def test_means_and_sds_of_the_facilities_are_those_of_r(
    unweighted: Any, expected: Any, wave: str
) -> None:
    here = unweighted.where(wave=wave)
    means, sds = (cx.estimate(here, metric, of="items") for metric in ("mean", "sd"))
    assert len(expected[wave]["Q7_items"]) == 14
    for item, known in expected[wave]["Q7_items"].items():
        mean, sd = (of.only(of=f"item:{item}") for of in (means, sds))
        assert mean.n == known["n"]
        assert mean.estimate == pytest.approx(known["mean"], abs=CLOSE)
        assert sd.estimate == pytest.approx(known["sd"], abs=CLOSE)


def test_satisfaction_unweighted_is_that_of_r(unweighted: Any, expected: Any, wave: str) -> None:
    known = expected[wave]["Q7ALL"]["unweighted"]
    interval = known["top2"]["ci95_wilson_pct"]
    here = unweighted.where(wave=wave)
    mean, sd = (
        the_only(cx.estimate(here, metric, of="outcome:satisfaction")) for metric in ("mean", "sd")
    )
    assert (mean.n, sd.n) == (known["n"], known["n"])
    assert (mean.estimate, sd.estimate) == pytest.approx((known["mean"], known["sd"]), abs=CLOSE)
    csat = the_only(cx.estimate(here, "csat"))
    assert csat.estimate == pytest.approx(known["top2"]["k"] / known["n"], abs=CLOSE)
    assert 100 * csat.ci_low == pytest.approx(interval["lower"], abs=CLOSE)
    assert 100 * csat.ci_high == pytest.approx(interval["upper"], abs=CLOSE)
    answers = here.values("outcome:satisfaction")[here.mask]
    codes, counts = np.unique(answers[np.isfinite(answers)], return_counts=True)
    assert {f"{code:g}": n for code, n in zip(codes, counts, strict=True)} == known["distribution"]


def test_weighted_satisfaction_and_its_standard_error_are_those_of_r(
    weighted: Any, expected: Any, wave: str
) -> None:
    known, n_rows = expected[wave]["Q7ALL"], expected[wave]["n_rows"]
    here = weighted.where(wave=wave)
    mean = the_only(cx.estimate(here, "mean", of="outcome:satisfaction"))
    told = known["weighted_mean"]["CSAT"]
    assert mean.estimate == pytest.approx(told["est"], abs=CLOSE)
    assert standard_error(mean, n_rows - 1) == pytest.approx(told["se"], abs=CLOSE)
    (told,) = known["weighted_top2"].values()
    share = told["est"]
    csat = the_only(cx.estimate(here, "csat"))
    assert csat.estimate == pytest.approx(share, abs=CLOSE)
    implied = wilson(share, n_design(n_rows, share * (1 - share), told["se"]))
    assert (csat.ci_low, csat.ci_high) == pytest.approx(implied, abs=CLOSE)


def test_strata_change_the_standard_error_of_satisfaction_as_in_r(
    survey: Any, expected: Any, wave: str
) -> None:
    told = expected[wave]["Q7ALL"]["weighted_mean_stratified"]["CSAT"]
    n_rows = expected[wave]["n_rows"]
    mean = the_only(cx.estimate(survey.where(wave=wave), "mean", of="outcome:satisfaction"))
    interval = student_t(told["est"], told["se"], n_rows - 3)
    assert mean.estimate == pytest.approx(told["est"], abs=CLOSE)
    assert (mean.ci_low, mean.ci_high) == pytest.approx(interval, abs=CLOSE)


@pytest.mark.parametrize("question", EASE)
def test_ease_of_the_way_through_the_airport_is_that_of_r(
    unweighted: Any, expected: Any, question: str
) -> None:
    known = expected["2017"]["ease_CES_like"][question]
    interval = known["easy_top2"]["ci95_wilson_pct"]
    mean, sd, easy = (
        the_only(cx.estimate(unweighted.latest, metric, of=f"stage:{EASE[question]}"))
        for metric in ("mean", "sd", "top_2_box")
    )
    assert mean.n == easy.n == known["n"]
    assert (mean.estimate, sd.estimate) == pytest.approx((known["mean"], known["sd"]), abs=CLOSE)
    assert 100 * easy.estimate == pytest.approx(known["easy_top2"]["pct"], abs=CLOSE)
    assert 100 * easy.ci_low == pytest.approx(interval["lower"], abs=CLOSE)
    assert 100 * easy.ci_high == pytest.approx(interval["upper"], abs=CLOSE)


# -- recommendation --------------------------------------------------------------------------------


def shares_of(known: Any) -> tuple[float, float]:
    """The weighted shares of promoters and detractors."""
    promoters, detractors = (told["est"] / 100 for told in known["weighted_pct"].values())
    return promoters, detractors


def is_like(one: Any, known: Any) -> None:
    """An unweighted NPS, with the interval of three answers added."""
    interval = known["ci95_adjusted_wald_rocks"]
    assert one.n == known["n"]
    assert one.estimate == pytest.approx(known["nps"], abs=CLOSE)
    assert one.ci_low == pytest.approx(interval["lower"], abs=CLOSE)
    assert one.ci_high == pytest.approx(interval["upper"], abs=CLOSE)


def test_nps_unweighted_is_that_of_r(unweighted: Any, expected: Any) -> None:
    known = expected["2017"]["NPS"]
    here = unweighted.latest
    is_like(the_only(cx.estimate(here, "nps")), known["unweighted"])
    answers = here.values("outcome:recommend")[here.mask]
    codes, counts = np.unique(answers[np.isfinite(answers)], return_counts=True)
    assert {f"{code:g}": n for code, n in zip(codes, counts, strict=True)} == known["distribution"]
    mean = the_only(cx.estimate(here, "mean", of="outcome:recommend"))
    assert mean.estimate == pytest.approx(known["unweighted"]["mean"], abs=CLOSE)


def test_nps_by_time_and_by_boarding_area_unweighted_is_that_of_r(
    unweighted: Any, expected: Any
) -> None:
    known = expected["2017"]["NPS"]
    for segment, told in (
        ("time", known["by_strata_unweighted"]),
        ("area", known["by_boarding_area_unweighted"]),
    ):
        by_group = cx.estimate(unweighted.latest, "nps", by=segment)
        assert {one.by[segment] for one in by_group} == set(told)
        for one in by_group:
            is_like(one, told[one.by[segment]])


def test_weighted_nps_and_its_standard_error_are_those_of_r(
    weighted: Any, survey: Any, expected: Any
) -> None:
    """Without strata and with them."""
    known, n_rows = expected["2017"]["NPS"], expected["2017"]["n_rows"]
    up, down = shares_of(known)
    spread = up + down - (up - down) ** 2
    for of, told in ((weighted, known["weighted"]), (survey, known["weighted_stratified"])):
        nps = the_only(cx.estimate(of.latest, "nps"))
        assert nps.estimate == pytest.approx(told["S"]["est"], abs=CLOSE)
        implied = adjusted_wald(up, down, n_design(n_rows, spread, told["S"]["se"] / 100))
        assert (nps.ci_low, nps.ci_high) == pytest.approx(implied, abs=CLOSE)


def test_weighted_nps_by_time_and_its_standard_errors_are_those_of_r(
    weighted: Any, expected: Any
) -> None:
    """Domains of the whole wave, as R's svyby; the spread of a group from its own answers."""
    n_rows = expected["2017"]["n_rows"]
    known = expected["2017"]["NPS"]["by_strata_weighted"]
    here = weighted.latest
    answers, weight = here.values("outcome:recommend"), here.weight
    group = here.frame["segment:time"].to_numpy(dtype=object)
    for one in cx.estimate(here, "nps", by="time"):
        told = known[one.by["time"]]["S"]
        assert one.estimate == pytest.approx(told["est"], abs=CLOSE)
        own = here.mask & (group == one.by["time"]) & np.isfinite(answers)
        up, down = (
            weight[own & of].sum() / weight[own].sum() for of in (answers >= 9, answers <= 6)
        )
        spread = up + down - (up - down) ** 2
        implied = adjusted_wald(up, down, n_design(n_rows, spread, told["se"] / 100))
        assert (one.ci_low, one.ci_high) == pytest.approx(implied, abs=CLOSE)
