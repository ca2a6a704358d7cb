"""Real answers of 250 customers, under another framework than the kit's, against numbers from R."""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lxml import html
from measured_by_r import check_ratios, check_reliability
from scipy import stats

import cxkit as cx
from cxkit.analysis import cronbach_alpha, htmt, measurement

STUDY = Path(__file__).resolve().parent / "studies" / "mobi"
LANGUAGES = ("id", "en")
CONSTRUCTS = {
    "IMAG": "image",
    "CUEX": "expectation",
    "PERQ": "quality",
    "PERV": "value",
    "CUSA": "satisfaction",
    "CUSL": "loyalty",
}
CLOSE = 1e-9

pytestmark = pytest.mark.usefixtures("shared_data")


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, Any]:
    return json.loads((shared_data / "mobi" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers(shared_data: Path) -> dict[str, np.ndarray]:
    with (shared_data / "mobi" / "mobi.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {item: np.array([int(row[item]) for row in rows]) for item in rows[0]}


@pytest.fixture(scope="module")
def survey(shared_data: Path) -> Any:
    return cx.load(STUDY)


@pytest.fixture(scope="module")
def folder(real_report: Any) -> Path:
    """The study's report in both languages."""
    return real_report("mobi").folder


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "mobi-report.json").read_text(encoding="utf-8"))


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def page(folder: Path, language: str) -> Any:
    return html.parse(folder / f"mobi-report.{language}.html").getroot()


def by_of(records: Any) -> dict[str, Any]:
    return {one.of: one for one in records}


def only(report: dict[str, Any], metric: str, of: str) -> dict[str, Any]:
    (one,) = [one for one in report["estimates"] if (one["metric"], one["of"]) == (metric, of)]
    return one


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def said_outside_methods(page: Any) -> Iterator[str]:
    """Headings, leads, titles, notes and the sentences that stand for figures."""
    body = page.xpath('//*[not(ancestor-or-self::section[@id="methods"])]')
    for element in body:
        if element.tag in ("h1", "h2", "h3", "figcaption", "caption", "summary", "title"):
            yield words(element)
        elif element.tag == "p" or element.get("role") == "img":
            yield element.get("aria-label") or words(element)


# -- numbers ---------------------------------------------------------------------------------------


def test_means_and_sds_of_the_statements_are_those_of_r(survey: Any, expected: Any) -> None:
    means, sds = (by_of(cx.estimate(survey, metric, of="items")) for metric in ("mean", "sd"))
    assert len(means) == len(sds) == 24
    assert len(expected["item_stats"]) >= 23
    for item, known in expected["item_stats"].items():
        assert means[f"item:{item}"].n == known["n"] == 250
        assert means[f"item:{item}"].estimate == pytest.approx(known["mean"], abs=CLOSE)
        assert sds[f"item:{item}"].estimate == pytest.approx(known["sd"], abs=CLOSE)


def test_means_of_the_statements_stand_in_the_report(report: Any, expected: Any) -> None:
    for item, known in expected["item_stats"].items():
        assert only(report, "mean", f"item:{item}")["estimate"] == pytest.approx(
            known["mean"], abs=CLOSE
        )


def test_the_top_two_answers_on_satisfaction_are_those_of_r(
    survey: Any, report: Any, expected: Any
) -> None:
    known = expected["csat_top_box_CUSA1"]["ge9"]
    interval = known["ci95_wilson_pct"]
    (box,) = cx.estimate(survey, "top_2_box", of="item:CUSA1")
    csat = only(report, "csat", "outcome:satisfaction")
    for one in (box.to_dict(), csat):
        assert one["n"] == known["n"]
        assert 100 * one["estimate"] == pytest.approx(known["pct"], abs=CLOSE)
        assert 100 * one["ci_low"] == pytest.approx(interval["lower"], abs=CLOSE)
        assert 100 * one["ci_high"] == pytest.approx(interval["upper"], abs=CLOSE)


def test_nps_on_one_to_ten_and_its_interval_are_those_of_r(
    survey: Any, report: Any, expected: Any
) -> None:
    """A scale without a zero: 9-10 promote, 1-6 detract, nothing is moved."""
    known = expected["nps_from_CUSL3_as_is_1_10"]
    interval = known["ci95_adjusted_wald_rocks"]
    (nps,) = cx.estimate(survey, "nps")
    for one in (nps.to_dict(), only(report, "nps", "outcome:recommend")):
        assert one["n"] == known["n"]
        assert one["estimate"] == pytest.approx(known["nps"], abs=CLOSE)
        assert one["ci_low"] == pytest.approx(interval["lower"], abs=CLOSE)
        assert one["ci_high"] == pytest.approx(interval["upper"], abs=CLOSE)


def test_shares_of_promoters_passives_and_detractors_are_those_of_r(
    report: Any, expected: Any
) -> None:
    known = expected["nps_from_CUSL3_as_is_1_10"]
    shares = {
        json.dumps({k: v for k, v in one.items() if k.startswith("by_")}): one["estimate"]
        for one in report["estimates"]
        if (one["metric"], one["of"]) == ("share", "outcome:recommend")
    }
    assert sorted(shares.values()) == pytest.approx(
        sorted(known[f"pct_{group}"] / 100 for group in ("promoters", "passives", "detractors"))
    )


def test_scores_of_the_dimensions_are_those_of_r(survey: Any, report: Any, expected: Any) -> None:
    scores = by_of(cx.estimate(survey, "score_100", of="levels"))
    assert set(scores) == {f"level:{key}" for key in (*CONSTRUCTS.values(), "complaint_handling")}
    for construct, level in CONSTRUCTS.items():
        known = expected["ecsi_0_100"][construct]
        half = stats.t.ppf(0.975, 249) * known["sd"] / 250**0.5
        for one in (
            scores[f"level:{level}"].to_dict(),
            only(report, "score_100", f"level:{level}"),
        ):
            assert one["estimate"] == pytest.approx(known["mean"], abs=CLOSE)
            assert one["ci_low"] == pytest.approx(known["mean"] - half, abs=CLOSE)
            assert one["ci_high"] == pytest.approx(known["mean"] + half, abs=CLOSE)
            assert one["n"] == 250


def test_a_single_statement_is_scored_by_the_ends_of_its_scale(
    report: Any, answers: dict[str, np.ndarray]
) -> None:
    one = only(report, "score_100", "level:complaint_handling")
    assert one["estimate"] == pytest.approx((answers["CUSCO"].mean() - 1) / 9 * 100, abs=CLOSE)


# -- how well the statements measure ---------------------------------------------------------------

DIMENSIONS = {one: f"level:{level}" for one, level in CONSTRUCTS.items()}


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_reliability_and_item_statistics_are_those_of_psych(
    answers: dict[str, np.ndarray], expected: Any, construct: str
) -> None:
    check_reliability(pd.DataFrame(answers), expected["reliability"][construct])


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_reliability_of_a_dimension_goes_with_its_number_of_statements(
    survey: Any, expected: Any, construct: str
) -> None:
    """Alpha of three and more, Spearman-Brown of two: the scores are those on the answers."""
    known = expected["reliability"][construct]
    one = measurement.reliability(survey).only(of=DIMENSIONS[construct])
    told = known["alpha_raw_listwise"]
    if known["k"] == 2:
        told = known["spearman_brown_2item"]
        assert (one.name, one.method) == ("spearman_brown", "fisher_z")
    else:
        interval = known["alpha_feldt_ci95_listwise"]
        assert (one.name, one.method) == ("cronbach_alpha", "feldt_woodruff_salih")
        assert (one.ci_low, one.ci_high) == pytest.approx(
            (interval["lower"], interval["upper"]), abs=CLOSE
        )
    assert one.value == pytest.approx(told, abs=CLOSE)
    told = {"CUEX": "weak", "CUSL": "weak", "IMAG": "undecided"}
    assert one.verdict == told.get(construct, "good")


def test_published_alphas_are_the_standardised_ones(
    answers: dict[str, np.ndarray], expected: Any
) -> None:
    """Of the paper and of seminr, four digits and all of them."""
    frame = pd.DataFrame(answers)
    made = {
        one: cronbach_alpha(frame[expected["reliability"][one]["items"]], standardised=True).value
        for one in CONSTRUCTS
    }
    paper = {"IMAG": 0.723, "CUEX": 0.452, "PERQ": 0.877, "PERV": 0.824, "CUSA": 0.779}
    assert made == pytest.approx({**paper, "CUSL": 0.472}, abs=5e-4)
    for row in expected["published_fixtures"]["reliability_pls_composite_mode_A"]:
        assert made[SEMINR[row[""]]] == pytest.approx(float(row["alpha"]), abs=CLOSE)


def test_a_single_statement_has_no_reliability(survey: Any) -> None:
    one = measurement.reliability(survey).only(of="level:complaint_handling")
    assert math.isnan(one.value)
    assert (one.verdict, one.flags, one.n) == ("single_item", ("not_measured",), 250)


SEMINR = {"Image": "IMAG", "Expectation": "CUEX", "Value": "PERV", "Satisfaction": "CUSA"}


def test_ratios_of_all_pairs_are_those_of_semtools(
    answers: dict[str, np.ndarray], expected: Any
) -> None:
    constructs = {one: expected["reliability"][one]["items"] for one in CONSTRUCTS}
    check_ratios(pd.DataFrame(answers), constructs, expected["htmt"])


def test_ratios_are_those_that_seminr_published(
    answers: dict[str, np.ndarray], expected: Any
) -> None:
    constructs = {name: expected["reliability"][one]["items"] for name, one in SEMINR.items()}
    made = htmt(pd.DataFrame(answers), constructs)
    rows = {row[""]: row for row in expected["published_fixtures"]["htmt"]}
    assert len(made) == 6
    for one in made:
        a, b = one.of.split("|")
        assert one.value == pytest.approx(float(rows[a][b]), abs=CLOSE)


def test_dimensions_are_told_apart_by_the_same_ratios(survey: Any, expected: Any) -> None:
    """A single statement about complaints takes part, and nothing is concluded from it."""
    made = measurement.distinctness(survey)
    assert len(made) == 2 * 21
    for a, b in itertools.combinations(CONSTRUCTS, 2):
        one = made.only(name="htmt", of=f"{DIMENSIONS[a]}|{DIMENSIONS[b]}")
        assert one.value == pytest.approx(expected["htmt"]["hand"][a][b], abs=CLOSE)
        assert one.n == 250
    with_single = [one for one in made if "complaint_handling" in one.of]
    assert len(with_single) == 12
    assert {one.verdict for one in with_single} == {"single_item"}


# -- sentences -------------------------------------------------------------------------------------


def test_the_report_is_made_in_both_languages(folder: Path) -> None:
    made = {path.name for path in folder.iterdir()}
    assert made == {
        "mobi-report.id.html",
        "mobi-report.en.html",
        "mobi-report.json",
        "mobi-report.ipynb",
    }


def test_dimensions_are_said_not_to_be_told_apart_only_if_a_paired_test_cannot(
    report: Any, answers: dict[str, np.ndarray]
) -> None:
    scores = {level: dimension(answers, construct) for construct, level in CONSTRUCTS.items()}
    scores["complaint_handling"] = answers["CUSCO"].astype(float)
    lowest = min(scores, key=lambda level: scores[level].mean())
    assert lowest == "value"
    finding = next(one for one in report["findings"] if one["key"] == "F06")
    assert finding["variant"] == "tie"
    tied = [key.removeprefix("level:") for key in finding["slots"]["list"]["key"]]
    others = [level for level in scores if level != lowest]
    p = {level: stats.ttest_rel(scores[lowest], scores[level]).pvalue for level in others}
    in_order = sorted(others, key=p.__getitem__)
    clear = [
        level
        for i, level in enumerate(in_order)
        if all(p[other] * (len(others) - j) < 0.05 for j, other in enumerate(in_order[: i + 1]))
    ]
    assert tied[0] == lowest
    assert set(tied[1:]) == set(others) - set(clear)


def test_statements_are_said_not_to_be_told_apart_only_if_a_paired_test_cannot(
    report: Any, answers: dict[str, np.ndarray]
) -> None:
    """McNemar's exact test against the one with the fewest in the upper half, by Bonferroni."""
    upper = {item: values >= 6 for item, values in answers.items()}
    lowest = min(upper, key=lambda item: upper[item].mean())
    assert lowest == "CUSL2"
    alike = {lowest}
    for item in upper.keys() - {lowest}:
        more, fewer = (upper[item] & ~upper[lowest]).sum(), (~upper[item] & upper[lowest]).sum()
        if stats.binomtest(int(more), int(more + fewer)).pvalue * (len(upper) - 1) >= 0.05:
            alike.add(item)
    for finding in report["findings"]:
        if finding["key"] == "F09" and finding["variant"].endswith("_tie"):
            tied = {key.removeprefix("item:") for key in finding["slots"]["list"]["key"]}
            assert tied <= alike


def test_no_sentence_lists_more_names_than_can_be_read(report: Any) -> None:
    for finding in report["findings"]:
        for slot in finding["slots"].values():
            assert slot["kind"] != "names" or len(slot["key"]) <= 8, finding["key"]


def test_another_framework_is_not_called_a_pyramid(page: Any) -> None:
    said = list(said_outside_methods(page))
    assert len(said) > 30
    assert [one for one in said if re.search(r"pyramid|piramida", one, re.IGNORECASE)] == []


def test_another_framework_calls_its_parts_by_their_own_noun(page: Any, language: str) -> None:
    ours, own = {"id": ("tingkat", "dimensi"), "en": ("levels?", "dimensions?")}[language]
    said = list(said_outside_methods(page))
    assert [one for one in said if re.search(rf"\b{ours}\b", one, re.IGNORECASE)] == []
    assert len([one for one in said if re.search(rf"\b{own}\b", one, re.IGNORECASE)]) >= 4


def test_its_section_has_its_own_name_and_question(page: Any, language: str) -> None:
    (section,) = page.xpath('//main/section[@id="pyramid"]')
    name, question = {
        "id": ("Dimensi ECSI", "Dimensi mana yang dinilai paling tinggi dan paling rendah?"),
        "en": ("ECSI dimensions", "Which dimensions are rated highest and lowest?"),
    }[language]
    assert words(section[0]).endswith(name)
    assert words(section.find("h2")) == question


def test_a_study_without_waves_prints_no_key_for_the_one_it_has(page: Any) -> None:
    for cell in page.xpath("//td|//th"):
        assert words(cell) != "all"


def test_bases_are_said_to_differ_only_where_they_do(page: Any, language: str) -> None:
    """All 250 answered everything."""
    said = {"id": "Basis berbeda", "en": "Bases differ"}[language]
    assert said not in words(page)
    assert not re.search(r"\b250 (to|sampai) 250\b", " ".join(said_outside_methods(page)))


def test_what_was_not_asked_is_said_not_to_be_measured(page: Any, language: str) -> None:
    (journey,) = page.xpath('//main/section[@id="journey"]')
    said = {
        "id": "Perjalanan pelanggan tidak diukur: tidak ada pertanyaan tentang hal ini",
        "en": "The customer journey was not measured: the survey holds no question about it",
    }[language]
    assert said in words(journey)
    assert not journey.xpath(".//figure | .//table")


def dimension(answers: dict[str, np.ndarray], construct: str) -> np.ndarray:
    return np.mean(
        [values for item, values in answers.items() if item.startswith(construct)], axis=0
    )
