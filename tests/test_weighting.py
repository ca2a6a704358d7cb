"""Weights of a study: each wave by itself, with those left out and with everybody, and the cost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_study import as_csv, lay_study

from cxkit.answers.weighting import WeightSummary, margin_columns, weights_of
from cxkit.errors import Problem
from cxkit.study import Study, examine, read_study

ORACLE = Path(__file__).parent / "oracles" / "weights.json"
RAKE = "weighting: {rake: {region: {west: 0.5, east: 0.5}}}\n"


def study_with(folder: Path, more: str) -> Study:
    (folder / "shop.csv").write_text(as_csv(), encoding="utf-8")
    return read_study(lay_study(folder, "shop.csv", more=more))


def people(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def codes(problems: tuple[Problem, ...], severity: str = "error") -> list[str]:
    return [one.code for one in problems if one.severity == severity]


def test_each_wave_is_raked_by_itself(tmp_path):
    study = study_with(tmp_path, RAKE)
    margins = people(region=["west", "west", "east", "east", "east", "west"])
    made = weights_of(study, margins, ["a", "a", "a", "b", "b", "b"])
    assert made.weight == pytest.approx([0.75, 0.75, 1.5, 0.75, 0.75, 1.5])
    assert made.weight_all is None
    assert [one.wave for one in made.summaries] == ["a", "b"]
    assert codes(made.problems) == []


def test_a_finished_wave_does_not_move_when_another_comes(tmp_path):
    study = study_with(tmp_path, RAKE)
    first = weights_of(study, people(region=["west", "west", "east"]), ["a"] * 3)
    both = weights_of(
        study, people(region=["west", "west", "east", "east", "west"]), ["a"] * 3 + ["b"] * 2
    )
    assert both.weight[:3].tolist() == first.weight.tolist()


def test_a_wave_may_have_shares_of_its_own(tmp_path):
    more = RAKE.replace("}}}", "}}, waves: {b: {rake: {region: {west: 0.2, east: 0.8}}}}}")
    study = study_with(tmp_path, more)
    made = weights_of(study, people(region=["west", "east"] * 2), ["a", "a", "b", "b"])
    assert made.weight == pytest.approx([1, 1, 0.4, 1.6])


def test_cell_weights_are_those_of_r(tmp_path, oracle):
    """R: postStratify."""
    cells = oracle["cells"]
    shares: dict[str, dict[str, float]] = {}
    for region, age, share in zip(cells["region"], cells["age"], cells["share"], strict=True):
        shares.setdefault(region, {})[age] = share
    told = json.dumps({"by": ["region", "age"], "shares": shares})
    study = study_with(tmp_path, f"weighting: {{cells: {told}, start: start}}\n")
    frame = pd.DataFrame(oracle["people"])
    assert margin_columns(study) == ("region", "age")
    made = weights_of(study, frame, ["w"] * len(frame), start=frame["start"])
    of_r = np.array(oracle["by_cells"])
    np.testing.assert_allclose(made.weight, of_r / of_r.mean(), rtol=1e-9)
    assert made.summaries[0].how == "cells"


def test_raked_and_trimmed_weights_of_a_study_are_those_of_r(tmp_path, oracle):
    known, told = oracle["trimmed"], json.dumps(oracle["margins"])
    trim = f"trim: {{low: {known['low']}, high: {known['high']}}}"
    study = study_with(tmp_path, f"weighting: {{rake: {told}, start: start, {trim}}}\n")
    frame = pd.DataFrame(oracle["people"])
    made = weights_of(study, frame, ["w"] * len(frame), start=frame["start"])
    np.testing.assert_allclose(made.weight, known["weight"], rtol=1e-8)
    (summary,) = made.summaries
    assert (summary.n_low, summary.n_high) == (31, 20)  # counted in R's weights
    assert (summary.smallest, summary.largest) == pytest.approx((known["low"], known["high"]))
    assert "51 trimmed" in next(one.message for one in made.problems if one.code == "weighted")


def test_limits_that_no_weights_can_meet_are_named(tmp_path):
    """One of ten is to be half: the mean weight of east must be 5."""
    study = study_with(tmp_path, RAKE.replace("}}}", "}}, trim: {high: 4}}"))
    made = weights_of(study, people(region=["west"] * 9 + ["east"]), ["w"] * 10)
    (problem,) = [one for one in made.problems if one.severity == "error"]
    assert problem.code == "rake_limits"
    assert "'east' in 'region' have to weigh 5 times the mean, and trim.high is 4" in (
        problem.message
    )
    assert problem.column == "weighting.rake.region"


def test_limits_that_no_weights_can_meet_are_seen_before_raking(tmp_path, rng, monkeypatch):
    """Start weights that all differ make every round long; a look at the groups is enough."""
    monkeypatch.setattr("cxkit.answers.weighting.raked", None)  # it is not called
    study = study_with(tmp_path, RAKE.replace("}}}", "}}, trim: {high: 4}}"))
    made = weights_of(
        study, people(region=["west"] * 9 + ["east"]), ["w"] * 10, start=rng.lognormal(size=10)
    )
    assert "rake_limits" in [one.code for one in made.problems]


def test_those_left_out_weigh_nothing_and_everybody_has_weights_too(tmp_path):
    study = study_with(tmp_path, RAKE)
    margins = people(region=["west", "west", "east", "east"])
    made = weights_of(study, margins, ["w"] * 4, kept=[True, True, True, False])
    assert made.weight == pytest.approx([0.75, 0.75, 1.5, 0])
    assert made.weight_all == pytest.approx([1, 1, 1, 1])
    assert (made.summaries[0].n, made.summaries_all[0].n) == (3, 4)


def test_without_weighting_the_kept_have_mean_one(tmp_path):
    study = study_with(tmp_path, "weight: w\n")
    made = weights_of(study, pd.DataFrame(index=range(3)), ["w"] * 3, start=[1, 3, 8],
                      kept=[True, True, False])  # fmt: skip
    assert made.weight == pytest.approx([0.5, 1.5, 0])
    assert made.weight_all == pytest.approx([0.25, 0.75, 2])
    assert made.summaries[0].how == "given"


def test_a_wave_of_which_nobody_is_kept_is_told(tmp_path):
    study = study_with(tmp_path, RAKE)
    made = weights_of(study, people(region=["west", "east"]), ["w", "w"], kept=[False, False])
    assert codes(made.problems) == ["nobody_kept"]


def test_that_everybody_has_no_weights_is_a_warning(tmp_path):
    """Only the one left out has no region."""
    study = study_with(tmp_path, RAKE)
    margins = people(region=["west", "east", None])
    made = weights_of(study, margins, ["w"] * 3, kept=[True, True, False])
    assert codes(made.problems) == []
    assert codes(made.problems, "warning") == ["weights_of_everybody"]
    assert made.weight_all is None


@pytest.mark.parametrize(
    ("weight", "light"),
    [
        ([0.5] * 50 + [1.5] * 50, "green"),  # Kish: 80 of 100
        ([0.1] * 50 + [1.9] * 50, "amber"),  # 2 / (0.01 + 3.61) = 55 %
        ([0.01] * 90 + [9.91] * 10, "red"),  # 1 / (0.9 * 0.0001 + 0.1 * 98.2) = 10 %
    ],
)
def test_low_efficiency_is_warned_of(tmp_path, weight, light):
    study = study_with(tmp_path, "weight: w\n")
    made = weights_of(study, pd.DataFrame(index=range(100)), ["w"] * 100, start=weight)
    (summary,) = made.summaries
    own = np.array(weight)
    assert summary.efficiency == pytest.approx(own.sum() ** 2 / (own**2).sum() / 100)
    assert summary.ratio == pytest.approx(max(weight) / min(weight))
    assert summary.light == light
    warned = [one for one in made.problems if one.code == "weighting_efficiency"]
    assert [light in one.message for one in warned] == ([] if light == "green" else [True])


def test_a_summary_of_nobody_is_empty():
    told = WeightSummary.of("w", np.array([]))
    assert (told.n, told.n_eff, told.efficiency) == (0, 0.0, 0.0)


def test_in_a_study_of_several_waves_the_wave_is_named(tmp_path):
    study = study_with(tmp_path, RAKE)
    made = weights_of(study, people(region=["west", "east", "west"]), ["a", "a", "b"])
    (problem,) = [one for one in made.problems if one.severity == "error"]
    assert problem.message.startswith("wave 'b': nobody answered")
    assert problem.file == study.shown()


# -- what the study file itself says


SLIPS = {
    "no shares": ("weighting: {trim: {high: 3}}", "no_targets", "weighting"),
    "rake and cells": (
        "weighting: {rake: {r: {a: 1.0}}, cells: {by: [r], shares: {a: 1.0}}}", "rake_and_cells",
        "weighting"),
    "cells on too few levels": (
        "weighting: {cells: {by: [r, s], shares: {a: {m: 0.5}, b: 0.5}}}", "cell_shares",
        "weighting.cells.shares"),
    "cells that do not add up": (
        "weighting: {cells: {by: [r], shares: {a: 0.5, b: 0.4}}}", "rake_shares",
        "weighting.cells.shares"),
    "cells by nothing": (
        "weighting: {cells: {by: [], shares: {a: 1.0}}}", "cell_shares", "weighting.cells.by"),
    "shares of a wave that do not add up": (
        "weighting: {rake: {r: {a: 1.0}}, waves: {w: {rake: {r: {a: 0.9}}}}}", "rake_shares",
        "weighting.waves.w.rake.r"),
    "a wave without shares": (
        "weighting: {waves: {w1: {rake: {r: {a: 1.0}}}}}\nwaves: {w1: , w2: }", "no_targets",
        "weighting.waves"),
    "an unknown wave": (
        "weighting: {rake: {r: {a: 1.0}}, waves: {w3: {rake: {r: {a: 1.0}}}}}\nwaves: {w1: }",
        "unknown_wave", "weighting.waves.w3"),
    "half a duration": ("quality: {duration: {start: begun}}", "duration_shape",
                        "quality.duration"),
    "a duration twice": ("quality: {duration: {column: took, end: done}}", "duration_shape",
                         "quality.duration"),
    "a score without a limit": ("quality: {bot_scores: {score: {}}}", "bot_score_limit",
                                "quality.bot_scores.score"),
    "a score with two limits": (
        "quality: {bot_scores: {score: {below: 0.5, above: 0.9}}}", "bot_score_limit",
        "quality.bot_scores.score"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "code", "key"), SLIPS.values(), ids=SLIPS)
def test_a_slip_in_what_prepares_the_answers_is_placed(tmp_path, more, code, key):
    (tmp_path / "shop.csv").write_text(as_csv(), encoding="utf-8")
    lay_study(tmp_path, "shop.csv", more=more + "\n")
    (slip,) = [one for one in examine(tmp_path)[1] if one.code == code]
    assert (slip.column, slip.severity) == (key, "error")
    assert slip.line == 14


@pytest.mark.parametrize(
    "more",
    [
        "weighting: {rake: {r: {a: 0.333, b: 0.333, c: 0.333}}}",
        "weighting: {waves: {w1: {rake: {r: {a: 1.0}}}, w2: {rake: {r: {a: 1.0}}}}}\n"
        "waves: {w1: , w2: }",
        "quality: {duration: {start: begun, end: done}, bot_scores: {score: {below: 0.5}}}",
        "quality: {duration: took}",
    ],
)
def test_what_agrees_is_accepted(tmp_path, more):
    (tmp_path / "shop.csv").write_text(as_csv(), encoding="utf-8")
    study = read_study(lay_study(tmp_path, "shop.csv", more=more + "\n"))
    assert study.weighting or study.quality.duration
