"""How well a survey measures its levels: planted answers, arithmetic by hand, plain functions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted import plant
from real_studies import wilson

from cxkit.analysis import cronbach_alpha, htmt, item_statistics, measurement, spearman_brown
from cxkit.errors import SurveyError

CLOSE = 1e-9
N = 300
FRAMEWORK = """\
key: four_levels
kind: levels
scored_on: buyers
levels:
  - {key: trust, label: Trust, items: [a1, a2, a3]}
  - {key: care, label: Care, items: [b1, b2]}
  - {key: speed, label: Speed, items: [c1]}
  - {key: joy, label: Joy, items: [d1, d2]}
items:
  a1: {text: One}
  a2: {text: Two}
  a3: {text: Three, keyed: negative}
  b1: {text: Four}
  b2: {text: Five}
  c1: {text: Six}
  d1: {text: Seven}
  d2: {text: Eight}
"""
STUDY = """\
sample: {frame: customers, design: probability}
frameworks: [four_levels]
scale: agreement_5
items: {a1: a1, a2: a2, a3: a3, b1: b1, b2: b2, c1: c1}
segments: {region: {column: region}}
bases: {buyers: {column: bought}}
seed: 7
"""


pytestmark = pytest.mark.usefixtures("no_warning")


def answered(rng: np.random.Generator, n: int = N) -> dict[str, Any]:
    """Columns of a survey: trust and care go together, a3 is worded the other way, few do not buy.

    The first 20 left b2 out, the last 30 did not buy and agree with everything.
    """
    trust = rng.standard_normal(n)
    care = 0.6 * trust + 0.8 * rng.standard_normal(n)

    def item(construct: np.ndarray) -> np.ndarray:
        return np.clip(np.round(3.4 + 0.9 * construct + 0.7 * rng.standard_normal(n)), 1, 5)

    columns = {"a1": item(trust), "a2": item(trust), "a3": 6 - item(trust)}
    columns |= {"b1": item(care), "b2": item(care), "c1": item(care)}
    for one in columns.values():
        one[-30:] = 5.0
    columns["b2"][:20] = np.nan
    made: dict[str, Any] = {f"item:{key}": one for key, one in columns.items()}
    made["base:buyers"] = np.arange(n) < n - 30
    made["segment:region"] = pd.array(np.where(np.arange(n) % 2, "east", "west"), dtype="string")
    return made


@pytest.fixture
def columns(rng: np.random.Generator) -> dict[str, Any]:
    return answered(rng)


@pytest.fixture
def survey(columns: dict[str, Any], tmp_path: Path) -> Any:
    return plant(tmp_path, columns, STUDY, four_levels=FRAMEWORK)


@pytest.fixture
def buyers(columns: dict[str, Any]) -> pd.DataFrame:
    """The answers of those who are scored, a3 turned round, as plain data."""
    frame = pd.DataFrame({key: columns[f"item:{key}"] for key in ("a1", "a2", "a3", "b1", "b2")})
    frame["a3"] = 6 - frame["a3"]
    return frame[columns["base:buyers"]]


def numbers(fit: Any) -> list[float]:
    return [fit.value, fit.ci_low, fit.ci_high]


# -- reliability -----------------------------------------------------------------------------------


def test_alpha_is_that_of_the_scored_with_items_turned_round(
    survey: Any, buyers: pd.DataFrame
) -> None:
    """Those outside the base are rows of the design without a say; scores are 25 (answer - 1)."""
    one = measurement.reliability(survey).only(of="level:trust")
    plain = cronbach_alpha(buyers[["a1", "a2", "a3"]])
    assert numbers(one) == pytest.approx(numbers(plain), abs=CLOSE)
    assert (one.name, one.n, one.verdict, one.wave) == ("cronbach_alpha", 270, "good", "2026")


def test_two_items_have_spearman_brown_of_those_who_answered_both(
    survey: Any, buyers: pd.DataFrame
) -> None:
    one = measurement.reliability(survey).only(of="level:care")
    assert numbers(one) == pytest.approx(numbers(spearman_brown(buyers[["b1", "b2"]])), abs=CLOSE)
    assert (one.name, one.n) == ("spearman_brown", 250)


def test_each_level_has_a_record_and_a_reason_where_there_is_no_number(survey: Any) -> None:
    made = measurement.reliability(survey)
    assert [one.of for one in made] == ["level:trust", "level:care", "level:speed", "level:joy"]
    single, unasked = made[2], made[3]
    assert (single.verdict, single.flags, single.n) == ("single_item", ("not_measured",), 270)
    assert (unasked.verdict, unasked.flags, unasked.n) == ("not_measured", ("not_measured",), 0)
    assert np.isnan([single.value, unasked.value]).all()


def test_an_item_that_nobody_in_the_wave_answered_is_no_item_of_it(
    columns: dict[str, Any], buyers: pd.DataFrame, tmp_path: Path
) -> None:
    gone = {**columns, "item:a2": np.full(N, np.nan), "item:c1": np.full(N, np.nan)}
    made = measurement.reliability(plant(tmp_path, gone, STUDY, four_levels=FRAMEWORK))
    trust, speed = made.only(of="level:trust"), made.only(of="level:speed")
    assert trust.name == "spearman_brown"
    assert trust.value == pytest.approx(spearman_brown(buyers[["a1", "a3"]]).value, abs=CLOSE)
    assert (speed.verdict, speed.flags) == ("no_answers", ("no_answers",))


def test_only_the_latest_wave_in_hand_is_looked_at(
    columns: dict[str, Any], rng: np.random.Generator, tmp_path: Path
) -> None:
    first, second = columns, answered(rng)
    both = {key: np.concatenate([first[key], second[key]]) for key in first}
    both["segment:region"] = pd.array(both["segment:region"], dtype="string")
    both["wave"] = np.repeat(np.array(["2025", "2026"], dtype=object), N)
    (tmp_path / "both").mkdir()
    survey = plant(tmp_path / "both", both, STUDY, four_levels=FRAMEWORK)
    alone = plant(tmp_path, first, STUDY, four_levels=FRAMEWORK)
    for made, wave in ((survey.where(wave="2025"), "2025"), (survey, "2026")):
        one = measurement.reliability(made).only(of="level:trust")
        assert (one.wave, one.n) == (wave, 270)
        is_first = wave == "2025"
        same = measurement.reliability(alone).only(of="level:trust").value
        assert (abs(one.value - same) < CLOSE) == is_first


def test_groups_in_hand_are_domains_of_the_wave(survey: Any, buyers: pd.DataFrame) -> None:
    east = buyers.iloc[np.arange(270) % 2 == 1]
    one = measurement.reliability(survey.where(region="east")).only(of="level:trust")
    plain = cronbach_alpha(east[["a1", "a2", "a3"]])
    assert numbers(one) == pytest.approx(numbers(plain), abs=CLOSE)
    assert one.n == 135


def test_weights_enter_and_the_bootstrap_takes_over(
    columns: dict[str, Any], buyers: pd.DataFrame, tmp_path: Path
) -> None:
    weight = np.linspace(0.5, 2, N)
    weighted = plant(tmp_path, {**columns, "weight": weight}, STUDY, four_levels=FRAMEWORK)
    one = measurement.reliability(weighted).only(of="level:trust")
    plain = cronbach_alpha(buyers[["a1", "a2", "a3"]], weight=weight[:270])
    assert one.value == pytest.approx(plain.value, abs=CLOSE)
    assert one.n_eff == pytest.approx(plain.n_eff, abs=CLOSE)
    assert one.method == "bootstrap"
    assert one.ci_low == pytest.approx(plain.ci_low, abs=0.02)
    again = measurement.reliability(weighted).only(of="level:trust")
    assert numbers(again) == numbers(one)


def test_item_statistics_are_those_of_each_level(survey: Any, buyers: pd.DataFrame) -> None:
    made = measurement.item_statistics(survey)
    assert {one.of for one in made} == {f"item:{key}" for key in ("a1", "a2", "a3", "b1", "b2")}
    plain = item_statistics(buyers[["a1", "a2", "a3"]])
    for key in ("a1", "a2", "a3"):
        for name in ("item_rest_r", "alpha_if_dropped"):
            one = made.only(name=name, of=f"item:{key}")
            assert one.value == pytest.approx(plain.only(name=name, of=key).value, abs=CLOSE)


# -- floor and ceiling -----------------------------------------------------------------------------


def test_floor_and_ceiling_are_counted_on_those_who_have_all_levels(
    survey: Any, buyers: pd.DataFrame, columns: dict[str, Any]
) -> None:
    """A score needs half of the items: those who left b2 out are scored on b1."""
    made = measurement.floor_ceiling(survey)
    means = {
        "trust": buyers[["a1", "a2", "a3"]].mean(axis=1),
        "care": buyers[["b1", "b2"]].mean(axis=1),
        "speed": pd.Series(columns["item:c1"][:270]),
    }
    for level, mean in means.items():
        for metric, end in (("floor", 1), ("ceiling", 5)):
            one = made.only(metric=metric, of=f"level:{level}")
            share = (mean == end).mean()
            assert (one.n, one.unit, one.method) == (270, "share", "wilson_design")
            assert one.estimate == pytest.approx(share, abs=CLOSE)
    ceiling = made.only(metric="ceiling", of="level:speed")
    assert ceiling.estimate > 0.05
    n_design = N / (N - 1) * share_variance(columns, ceiling.estimate)
    assert (ceiling.ci_low, ceiling.ci_high) == pytest.approx(
        wilson(ceiling.estimate, n_design), abs=CLOSE
    )


def share_variance(columns: dict[str, Any], share: float) -> float:
    """p (1 - p) over the variance of a share among 270 of 300 rows, by linearisation."""
    is_there = columns["item:c1"][:270] == 5
    influence = np.append((is_there - share) / 270, np.zeros(30))
    return share * (1 - share) / (N / (N - 1) * (influence**2).sum())


def test_a_level_that_was_not_asked_has_no_floor(survey: Any) -> None:
    for metric in ("floor", "ceiling"):
        one = measurement.floor_ceiling(survey).only(metric=metric, of="level:joy")
        assert math.isnan(one.estimate)
        assert one.flags == ("not_measured",)


# -- distinctness ----------------------------------------------------------------------------------


def test_pairs_of_levels_are_told_apart_on_those_who_answered_all(
    survey: Any, buyers: pd.DataFrame, columns: dict[str, Any]
) -> None:
    made = measurement.distinctness(survey)
    whole = buyers.assign(c1=columns["item:c1"][:270])
    constructs = {"trust": ["a1", "a2", "a3"], "care": ["b1", "b2"], "speed": ["c1"]}
    for kind in ("htmt", "htmt2"):
        for plain in htmt(whole, constructs, kind=kind):
            of = "|".join(f"level:{level}" for level in plain.of.split("|"))
            one = made.only(name=kind, of=of)
            assert one.value == pytest.approx(plain.value, abs=CLOSE)
            assert (one.n, one.verdict) == (250, plain.verdict)
    assert len(made) == 6
    assert made.only(name="htmt", of="level:trust|level:care").verdict == "distinct"
    assert made.only(name="htmt", of="level:trust|level:speed").verdict == "single_item"


def test_one_level_has_nothing_to_be_told_apart_from(
    columns: dict[str, Any], tmp_path: Path
) -> None:
    alone = STUDY.replace(", b1: b1, b2: b2, c1: c1", "")
    survey = plant(tmp_path, columns, alone, four_levels=FRAMEWORK)
    assert len(measurement.distinctness(survey)) == 0


# -- structure and invariance ----------------------------------------------------------------------


def test_the_model_of_levels_leaves_single_items_out(survey: Any) -> None:
    model = measurement.structure(survey)
    assert model is not None
    assert list(model.constructs) == ["level:trust", "level:care"]
    assert list(model.loadings.index) == [f"item:{key}" for key in ("a1", "a2", "a3", "b1", "b2")]
    assert (model.n, model.df) == (250, 4)
    assert (model.loadings["loading"] > 0.4).all()


@pytest.mark.parametrize("kept", ["items: {c1: c1}", "items: {b1: b1, b2: b2, c1: c1}"])
def test_levels_that_no_model_can_be_made_of_have_none(
    columns: dict[str, Any], tmp_path: Path, kept: str
) -> None:
    lines = [kept if line.startswith("items") else line for line in STUDY.splitlines()]
    survey = plant(tmp_path, columns, "\n".join(lines) + "\n", four_levels=FRAMEWORK)
    assert measurement.structure(survey) is None
    assert len(measurement.invariance(survey, "region")) == 0


def test_levels_are_compared_between_groups_on_items_asked_of_all(
    columns: dict[str, Any], tmp_path: Path
) -> None:
    """Five items of two levels leave 4 degrees of freedom a group, four items 1."""
    west = np.asarray(columns["segment:region"] == "west")
    gone = {**columns, "item:a2": np.where(west, np.nan, columns["item:a2"])}
    for planted, df in ((columns, 8), (gone, 2)):
        survey = plant(tmp_path, planted, STUDY, four_levels=FRAMEWORK)
        made = measurement.invariance(survey, "region")
        assert made.only(name="df", of="configural").value == df
        assert {(one.n, one.wave) for one in made} == {(250, "2026")}


def test_one_group_is_compared_with_nothing(survey: Any) -> None:
    assert len(measurement.invariance(survey.where(region="east"), "region")) == 0


def test_an_unknown_segment_is_refused(survey: Any) -> None:
    with pytest.raises(SurveyError, match="unknown segment 'regio'"):
        measurement.invariance(survey, "regio")


def test_a_study_without_levels_has_nothing_to_measure(
    columns: dict[str, Any], tmp_path: Path
) -> None:
    none = "\n".join(line for line in STUDY.splitlines() if not line.startswith("frameworks"))
    survey = plant(tmp_path, columns, none + "\n")
    assert len(measurement.reliability(survey)) == 0
    assert len(measurement.item_statistics(survey)) == 0
    assert len(measurement.floor_ceiling(survey)) == 0
    assert len(measurement.distinctness(survey)) == 0
    assert measurement.structure(survey) is None


def test_nobody_in_hand_gives_reasons_and_no_numbers(survey: Any) -> None:
    nobody = survey.where(region="east")
    nobody = nobody.where(region="west")
    assert {one.verdict for one in measurement.reliability(nobody)} == {
        "no_answers",
        "not_measured",
    }
    assert len(measurement.distinctness(nobody)) == 0
    assert measurement.structure(nobody) is None
