"""Simulated answers: exact values behind them, intervals that cover, every kind of study."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cxkit import analysis
from cxkit.answers import check, load
from cxkit.answers.new import lay_down
from cxkit.answers.simulate import Population, expected, simulate, write
from cxkit.answers.truth import Truth, load_truth, read_truth
from cxkit.errors import StudyError
from cxkit.places import shared
from cxkit.study import Study, read_study

WAVES = ("2025H1", "2025H2", "2026H1")
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")
FLAT = """
seed: 1
n: {other: 500}
items: {means: {other: 75}, mood: 0, level: 0, noise: 0.001}
outcomes:
  recommend: {mean: 95, mood: 0, noise: 0.001}
  other: {mean: 62.5, mood: 0, noise: 0.001}
ratings: {first: 75, fall: 25, mood: 0, noise: 0.001}
reach:
  first: {go: 0.8}
  other: {go: 0.5, skip: 0.5}
bases:
  visitors: {furthest: {evaluate: 0.5, advocate: 0.5}}
  buyers: {furthest: {evaluate: 0.5, advocate: 0.5}, within: visitors}
  other: {share: 0.5}
"""
OWN_STUDY = """
cxkit: 1
study: clinic
title: Clinic
brand: Clinic
period: the last year
languages: [en]
sample: {frame: customers, design: census}
frameworks: [care]
answers: {path: answers.csv, platform: plain}
scale: care_4
scales:
  care_4: {points: 4, low: Very good, high: Very poor, direction: down, missing: {9: dont_know}}
items: {clean: q1, kind: q2, fast: q3}
bases: {patients: {column: q0, is: [1]}}
segments: {ward: {values: {a: A, b: B}}}
outcomes: {recommend: q4}
"""
OWN_FRAMEWORK = """
key: care
kind: levels
levels:
  - {key: place, label: Place, items: [clean]}
  - {key: people, label: People, items: [kind, fast]}
items:
  clean: {text: Clean, short: Clean}
  kind: {base: patients, text: Kind, short: Kind}
  fast: {base: patients, text: Fast, short: Fast}
"""


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study("demo")


@pytest.fixture(scope="module")
def people(study: Study) -> Population:
    return Population(study)


@pytest.fixture(scope="module")
def many(study: Study) -> pd.DataFrame:
    """Simulated answers of 201,000 respondents."""
    return simulate(study, n=67_000, seed=5)


@pytest.fixture
def clinic(tmp_path: Path) -> Study:
    (tmp_path / "study.yaml").write_text(OWN_STUDY, encoding="utf-8")
    (tmp_path / "care.yaml").write_text(OWN_FRAMEWORK, encoding="utf-8")
    return read_study(tmp_path)


def with_truth(folder: Path, text: str) -> Truth:
    file = folder / "truth.yaml"
    file.write_text(text, encoding="utf-8")
    return load_truth(file)


def numbers(answers: pd.DataFrame, column: str) -> np.ndarray:
    return pd.to_numeric(answers[column], errors="coerce").to_numpy(dtype=float)


# -- the exact values ------------------------------------------------------------------------------


def standard_error(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    answered = ~np.isnan(values)
    w, y = weight[answered], values[answered]
    mean = np.average(y, weights=w)
    return mean, np.sqrt((w**2 * (y - mean) ** 2).sum()) / w.sum()


def observed(answers: pd.DataFrame, people: Population) -> Iterator[tuple[str, float, np.ndarray]]:
    """What is measured, its exact value in this wave, and each respondent's share in it."""
    wave = answers["wave"].iloc[0]
    kalimantan = (answers["region"] == "kalimantan").to_numpy()
    buyers = (answers["scr_bought"] == "yes").to_numpy()

    recommend = numbers(answers, "out_recommend")
    score = 100.0 * (recommend >= 9) - 100.0 * (recommend <= 6)
    nps = np.where(np.isnan(recommend), np.nan, score)
    yield "nps", people.value("nps", "outcome:recommend", wave), nps
    groups = {"region": ("kalimantan",)}
    of_group = people.value("nps", "outcome:recommend", wave, groups)
    yield "nps in Kalimantan", of_group, np.where(kalimantan, nps, np.nan)

    satisfied = numbers(answers, "out_satisfaction")
    csat = np.where(np.isnan(satisfied), np.nan, satisfied >= 4)
    yield "csat", people.value("csat", "outcome:satisfaction", wave), csat
    effort = numbers(answers, "out_effort")
    yield "ces", people.value("ces", "outcome:effort", wave), effort

    for item in people.study.statements:
        answer = numbers(answers, item)
        yield item, people.value("mean", f"item:{item}", wave), answer
        bottom = np.where(np.isnan(answer), np.nan, answer <= 2)
        yield f"{item} low", people.value("bottom_2_box", f"item:{item}", wave), bottom

    for level, items in people.plan.levels.items():
        scores = (np.column_stack([numbers(answers, item) for item in items]) - 1) * 25
        count = (~np.isnan(scores)).sum(axis=1)
        person = np.nansum(scores, axis=1) / np.maximum(count, 1)
        person[~buyers | (2 * count < len(items))] = np.nan
        yield level, people.value("score_100", f"level:{level}", wave), person

    reached = {stage: (answers[f"rch_{stage}"] == "yes") for stage in STAGES[1:4]}
    reached["aware"] = answers["scr_aware"] == "yes"
    advocate = [f"rch_advocate_{whom}" for whom in ("peer", "brand")]
    reached["advocate"] = (answers[advocate] == "yes").any(axis=1)
    for at, stage in enumerate(STAGES):
        came = np.where(reached["aware"], reached[stage], np.nan).astype(float)
        yield f"reach {stage}", people.value("reach", f"stage:{stage}"), came
        rating = (numbers(answers, f"stg_{stage}") - 1) * 25
        yield f"rating {stage}", people.value("score_100", f"stage:{stage}", wave), rating
        if stage != "advocate":
            later = np.any([reached[one] for one in STAGES[at + 1 :]], axis=0)
            went_on = np.where(reached[stage], later, np.nan).astype(float)
            yield f"from {stage}", people.value("conversion", f"stage:{stage}"), went_on
            following = STAGES[at + 1]
            lost = (numbers(answers, f"stg_{following}") - 1) * 25 - rating
            yield f"hand-off from {stage}", people.handoff(stage, following, wave), lost


def test_a_large_sample_meets_the_exact_values(many: pd.DataFrame, people: Population) -> None:
    """Answers missing at random leave every expectation where it is: integrals say the same."""
    distance = {}
    for wave, answers in many.groupby("wave"):
        weight = numbers(answers, "weight")
        for name, exact, values in observed(answers, people):
            mean, error = standard_error(np.asarray(values, dtype=float), weight)
            if error:
                distance[f"{wave} {name}"] = abs(mean - exact) / error
    assert len(distance) > 120
    assert max(distance.values()) < 4, max(distance, key=distance.get)
    assert 0.01 < np.mean([one > 1.96 for one in distance.values()]) < 0.10


def test_95_percent_intervals_miss_the_truth_about_5_percent_of_the_time(
    people: Population, tmp_path: Path
) -> None:
    """Counted over the whole road from CSV to estimate, within 99% binomial bounds."""
    planted = [
        ("nps", "outcome:recommend"),
        ("csat", "outcome:satisfaction"),
        ("ces", "outcome:effort"),
        ("score_100", "level:fulfilment"),
        ("score_100", "level:responsive_service"),
        ("mean", "item:emo_1"),
        ("top_2_box", "item:onx_1"),
        ("bottom_2_box", "item:res_2"),
        ("reach", "stage:decide"),
        ("conversion", "stage:evaluate"),
        ("score_100", "stage:aware"),
    ]
    exact = {(m, of, wave): people.value(m, of, wave) for m, of in planted for wave in WAVES}
    missed = []
    for seed in range(1, 5):
        shutil.copyfile(shared("data/demo") / "truth.yaml", tmp_path / "truth.yaml")
        asked = (shared("data/demo") / "study.yaml").read_text(encoding="utf-8")
        asked = re.sub(r"(?m)^coding: .*\n", "", asked)  # nobody coded these answers
        (tmp_path / "study.yaml").write_text(asked, encoding="utf-8")
        write(tmp_path, n=500, seed=seed)
        survey = load(tmp_path)
        for metric, of in planted:
            for one in analysis.estimate(survey, metric, of, by="wave"):
                truth = exact[metric, of, one.wave]
                missed.append(not one.ci_low <= truth <= one.ci_high)
    few, many = binom.ppf([0.005, 0.995], len(missed), 0.05)
    assert len(missed) == 132
    assert few <= sum(missed) <= many


def test_values_worked_by_hand(study: Study, tmp_path: Path) -> None:
    """Without mood and luck everybody gives the same answer, and stages are tossed coins."""
    people = Population(study, with_truth(tmp_path, FLAT))
    assert people.value("mean", "item:ful_1", WAVES[0]) == pytest.approx(4)
    assert people.value("score_100", "level:trust", WAVES[0]) == pytest.approx(75)
    assert people.value("nps", "outcome:recommend", WAVES[0]) == pytest.approx(100)
    # 62.5 lies between the third and the fourth of five answers: half say each
    assert people.value("csat", "outcome:satisfaction", WAVES[0]) == pytest.approx(0.5)
    # decide: 1/2 consider, of whom 1/2; 1/2 skip, of whom 1/2
    assert people.value("reach", "stage:decide") == pytest.approx(0.5)
    # from aware: 1/2 consider; of the others 1/2 decide
    assert people.value("conversion", "stage:aware") == pytest.approx(0.75)
    assert people.handoff("aware", "consider") == pytest.approx(-25)


def test_expected_names_the_records_of_a_report(study: Study) -> None:
    estimates, comparisons = expected(study)
    before, nps = (
        next(one for one in estimates if one.metric == "nps" and one.wave == wave and not one.by)
        for wave in WAVES[1:]
    )
    change = comparisons.only(metric="nps", a="wave=2026H1")
    assert nps.unit == "points"
    assert change.b == "wave=2025H2"
    assert change.difference == pytest.approx(nps.estimate - before.estimate)
    fall = comparisons.only(of="handoff", b="stage:decide", wave="2026H1")
    assert (fall.a, fall.unit) == ("stage:evaluate", "score_100")
    group = comparisons.only(of="level:fulfilment", a="region=kalimantan", wave="2026H1")
    assert group.b == "region!=kalimantan"
    assert not estimates.frame["estimate"].isna().any()


# -- the draw --------------------------------------------------------------------------------------


def test_same_seed_same_answers(study: Study) -> None:
    once, again, other = (simulate(study, n=50, seed=seed) for seed in (3, 3, 4))
    assert once.equals(again)
    assert not once.equals(other)


def test_weights_are_population_over_sample_and_recover_the_population(
    many: pd.DataFrame, people: Population
) -> None:
    weight = numbers(many, "weight")
    for wave in WAVES:
        here = (many["wave"] == wave).to_numpy()
        assert weight[here].mean() == pytest.approx(1, abs=0.02)
        for key in ("region", "age"):
            for value, share in people.plan.segments[key].population.items():
                held = (many.loc[here, key] == value).to_numpy(dtype=float)
                mean, error = standard_error(held, weight[here])
                assert abs(mean - share) < 4 * error
    first = many.iloc[0]
    by_hand = 1.0
    for key in ("region", "age"):
        plant = people.plan.segments[key]
        by_hand *= plant.population[first[key]] / plant.sample["2025H1"][first[key]]
    assert float(first["weight"]) == pytest.approx(by_hand, abs=1e-6)


def test_nobody_is_asked_what_they_cannot_know(many: pd.DataFrame) -> None:
    unaware = many[many["scr_aware"] == "no"]
    assert (unaware[["scr_visited", "rch_consider", "out_recommend", "stg_aware"]] == "").all(
        axis=None
    )
    bought = many["scr_bought"] == "yes"
    assert (many.loc[~bought, "ful_1"] == "not_asked").all()
    assert (many.loc[~bought, ["tru_2", "out_effort"]] == "").all(axis=None)
    assert (many.loc[bought, "scr_visited"] == "yes").all()
    assert (many.loc[bought, "rch_evaluate"] == "yes").all()
    assert (many.loc[many["rch_decide"] == "no", "stg_decide"] == "").all()
    skipped = (many["rch_consider"] == "no") & (many["rch_decide"] == "yes")
    assert 0.05 < skipped.mean() < 0.2


def test_answers_go_missing_at_the_planted_rates(many: pd.DataFrame, study: Study) -> None:
    rates = read_truth(study).missing.items
    asked = many.loc[many["scr_bought"] == "yes", "tru_2"]
    for reason, rate in rates.items():
        word = "" if reason == "no_answer" else reason
        error = np.sqrt(rate * (1 - rate) / len(asked))
        assert abs((asked == word).mean() - rate) < 4 * error


# -- every kind of study ---------------------------------------------------------------------------


def test_a_study_of_its_own_kind_runs_on_the_neutral_truth(clinic: Study) -> None:
    """No journey, no waves, no weights, a scale that falls, reasons written as codes."""
    answers = simulate(clinic, n=60_000, seed=1)
    assert list(answers.columns) == ["ward", "q0", "q1", "q2", "q3", "q4"]
    assert set(answers["ward"]) == {"a", "b"}
    assert set(answers["q0"]) == {"0", "1"}
    assert set(answers["q2"]) == {"1", "2", "3", "4", "9", ""}
    assert (answers.loc[answers["q0"] == "0", "q2"] == "").all()
    people = Population(clinic)
    kind = numbers(answers.replace("9", ""), "q2")
    mean, error = standard_error(kind, np.ones(len(kind)))
    assert abs(people.value("mean", "item:kind") - mean) < 4 * error
    assert people.value("score_100", "item:kind") == pytest.approx(
        100 * (4 - people.value("mean", "item:kind")) / 3
    )
    write(clinic.folder, n=80, seed=1)
    assert load(clinic).n == 80


@pytest.mark.parametrize("preset", ["retail", "finance", "telecom", "neutral"])
def test_a_new_study_runs_at_once(preset: str, tmp_path: Path) -> None:
    file = lay_down(tmp_path / "Toko Baru", preset)
    survey = load(file)
    assert (survey.study.key, survey.study.preset) == ("toko_baru", preset)
    assert survey.study.simulated
    assert not check(file).errors
    assert analysis.estimate(survey, "nps", by="wave")[0].n > 300


def test_a_new_study_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="holds something already"):
        lay_down(tmp_path)
    with pytest.raises(StudyError, match="unknown preset 'retial'"):
        lay_down(tmp_path / "new", "retial")
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


# -- slips -----------------------------------------------------------------------------------------


def test_a_slip_in_the_truth_file_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="unknown key 'moood'") as raised:
        with_truth(tmp_path, FLAT.replace("mood: 0, level", "moood: 0, level"))
    assert "truth.yaml:" in str(raised.value)


def test_a_shift_of_something_unknown_is_refused(study: Study, tmp_path: Path) -> None:
    shift = "shifts: [{where: {regoin: java}, of: [all], by: 1}]"
    with pytest.raises(StudyError, match="names 'regoin'") as raised:
        Population(study, with_truth(tmp_path, FLAT + shift))
    assert "did you mean 'region'?" in str(raised.value)
