"""Priorities: in which quadrant each level lies, by the same resamples as scores and links."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import linked
import numpy as np
import pytest
from real_studies import STUDIES, expected_numbers

import cxkit as cx
from cxkit.analysis import estimates
from cxkit.analysis.conventions import QUADRANTS
from cxkit.analysis.drivers.importance import lmg
from cxkit.analysis.links import links
from cxkit.analysis.priorities import Priorities, priorities

TARGET = "targets: {score_100: 60}\n"


pytestmark = pytest.mark.usefixtures("no_warning")


def made(survey: Any) -> Priorities:
    return priorities(survey, links(survey))


def chance(found: Priorities, level: str, quadrant: str) -> float:
    return found.chances.only(of=f"level:{level}", by_quadrant=quadrant).estimate


def test_each_level_lies_where_it_was_planted(tmp_path: Path, rng: Any) -> None:
    """Trust low and linked, care high and linked, speed high and not linked."""
    columns = linked.answers(rng, 900, links=(1, 1, 0), shift=(-0.4, 0.9, 0.9), common=0.2)
    found = made(linked.survey(tmp_path, columns, more=TARGET))
    for level, quadrant in (("trust", "try_first"), ("care", "keep"), ("speed", "enough")):
        assert chance(found, level, quadrant) > 0.99
    assert found.first == found.possible == ("level:trust",)
    assert found.target == found.line.estimate == 60
    assert math.isnan(found.line.ci_low)
    assert found.line.method == "target"
    assert found.even == pytest.approx(1 / 3)


def test_a_low_level_without_a_link_is_watched(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 900, links=(1, 1, 0), shift=(0.9, 0.9, -0.4), common=0.2)
    found = made(linked.survey(tmp_path, columns, more=TARGET))
    assert chance(found, "speed", "watch") > 0.99
    assert found.first == found.possible == ()


def test_the_four_chances_add_up_to_one() -> None:
    found = made(cx.load("demo"))
    for level in {one.of for one in found.chances}:
        rows = found.chances.where(of=level)
        assert [one.by["quadrant"] for one in rows] == list(QUADRANTS)
        assert sum(one.estimate for one in rows) == pytest.approx(1)


def test_chances_are_counted_over_scores_and_shares_of_the_same_resamples() -> None:
    survey = cx.load("demo")
    linked_ = links(survey)
    found = priorities(survey, linked_)
    assert linked_.drawn is not None
    assert linked_.drawn_scores is not None
    parts = lmg(linked_.drawn.correlation)
    strong = parts / parts.sum(axis=1, keepdims=True) > 1 / 5
    low = linked_.drawn_scores < 70
    for place, level in enumerate(linked_.levels):
        by_hand = np.mean(low[:, place] & strong[:, place])
        assert chance(found, level.partition(":")[2], "try_first") == pytest.approx(by_hand)
    both_apart = np.mean(low, axis=0) * np.mean(strong, axis=0)
    assert not np.allclose([chance(found, of.partition(":")[2], "try_first")
                            for of in linked_.levels], both_apart, atol=1e-6)  # fmt: skip


def test_without_a_target_the_line_is_the_average_of_the_levels(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, shift=(-0.5, 0, 0.5))
    found = made(linked.survey(tmp_path, columns))
    scores = [one.estimate for one in found.scores]
    assert found.target is None
    assert found.line.estimate == pytest.approx(np.mean(scores))
    assert found.line.ci_low < found.line.estimate < found.line.ci_high
    spread = np.mean([one.half_width for one in found.scores])
    assert found.line.half_width < spread


def without_outcome(folder: Path, rng: Any) -> tuple[dict[str, Any], Any]:
    """Of 200 who have every level, the 50 who like trust least do not tell the outcome."""
    columns = linked.answers(rng, 200)
    columns["outcome:recommend"][np.argsort(of_trust(columns))[:50]] = np.nan
    return columns, linked.survey(folder, columns)


def of_trust(columns: dict[str, Any]) -> Any:
    return 25 * (np.mean([columns[f"item:{item}"] for item in ("a1", "a2", "a3")], axis=0) - 1)


def test_scores_rest_on_all_who_have_every_level(tmp_path: Path, rng: Any) -> None:
    """As the pyramid prints them; the shares on those who also have the outcome."""
    columns, survey = without_outcome(tmp_path, rng)
    found = made(survey)
    assert {one.n for one in found.scores} == {200}
    assert {one.n for one in (*found.shares, *found.chances)} == {150}
    every, told = of_trust(columns), ~np.isnan(columns["outcome:recommend"])
    assert found.scores[0].estimate == pytest.approx(every.mean())
    assert every[told].mean() > every.mean() + 5
    shown = estimates.estimate(survey, "score_100", of="level:trust")[0]
    assert shown.estimate == pytest.approx(found.scores[0].estimate)


def test_drawn_scores_rest_on_the_people_of_the_scores(tmp_path: Path, rng: Any) -> None:
    columns, survey = without_outcome(tmp_path, rng)
    drawn = links(survey).drawn_scores
    assert drawn is not None
    every = of_trust(columns)
    assert drawn.shape == (2000, 3)
    assert drawn[:, 0].mean() == pytest.approx(every.mean(), abs=0.3)
    assert drawn[:, 0].std() == pytest.approx(every.std(ddof=1) / np.sqrt(200), rel=0.1)


def test_scores_of_a_real_study_are_those_of_r(shared_data: Path) -> None:
    known = expected_numbers(shared_data, "mobi")["ecsi_0_100"]
    found = made(cx.load(STUDIES / "mobi"))
    for construct, level in {"IMAG": "image", "PERV": "value", "CUSA": "satisfaction"}.items():
        score = found.scores.only(of=f"level:{level}").estimate
        assert score == pytest.approx(known[construct]["mean"], abs=1e-9)


def test_levels_near_the_line_are_possible_and_not_sure(tmp_path: Path, rng: Any) -> None:
    """Three levels alike in score and link: none is sure to be the one."""
    columns = linked.answers(rng, 300, links=(0.6, 0.6, 0.6))
    found = made(linked.survey(tmp_path, columns))
    assert found.first == ()
    assert found.possible
    chances = [chance(found, of.partition(":")[2], "try_first") for of in found.possible]
    assert chances == sorted(chances, reverse=True)
    assert min(chances) >= 0.20


def test_without_links_there_are_no_priorities(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 60)
    columns["outcome:recommend"][:] = 8
    found = made(linked.survey(tmp_path, columns))
    assert found.why == "no_spread"
    assert (found.first, found.possible, len(found.chances)) == ((), (), 0)
    assert all(math.isnan(one.estimate) and one.flags for one in found.shares)
    assert math.isnan(found.line.estimate)
    assert found.line.flags
    nothing = made(linked.survey(tmp_path, columns, outcomes=""))
    assert nothing.why == "not_measured"
