"""Headlines in every reasonable way: which hold, which do not, and the choice that is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import linked
import numpy as np
import pandas as pd
import pytest
from planted import HEAD, plant

import cxkit as cx
from cxkit.analysis import journey, pyramid, trend
from cxkit.analysis.conventions import choices_of
from cxkit.analysis.links import links
from cxkit.analysis.multiverse import (
    MOST_WAYS,
    Multiverse,
    _chosen,
    _product,
    multiverse,
)
from cxkit.answers.survey import Survey
from cxkit.records import Fit, Fits
from cxkit.study import read_study

STUDY = """\
sample: {frame: customers, design: probability}
outcomes: {recommend: {column: likely, metric: nps}}
targets: {nps: 20}
weight: weight
seed: 7
"""


def only(survey: Survey, key: str) -> Multiverse:
    """The multiverse of one finding."""
    (found,) = (one for one in multiverse(survey)[0] if one.key == key)
    return found


def likely(promoters: int, detractors: int) -> np.ndarray:
    """Answers of so many promoters and detractors."""
    return np.array([10.0] * promoters + [2.0] * detractors)


@pytest.fixture(scope="module")
def demo() -> Survey:
    """The shipped study."""
    return cx.load("demo")


# -- planted ------------------------------------------------------------------------------------


def test_a_finding_far_from_its_target_holds_in_every_way(tmp_path: Path, rng: Any) -> None:
    weight = rng.uniform(0.5, 1.5, 400)
    survey = plant(tmp_path, {"outcome:recommend": likely(100, 300), "weight": weight}, STUDY)
    found = only(survey, "F04")
    assert (found.said, found.k, found.m, found.breaking) == ("below_target", 2, 2, None)
    assert found.reference == 20


def test_a_finding_that_hangs_on_weights_names_them(tmp_path: Path, rng: Any) -> None:
    answers = likely(250, 250)
    weight = np.where(answers == 10, 1.8, 0.2) + rng.uniform(0, 0.05, 500)
    columns = {"outcome:recommend": answers, "weight": weight, "flag:fast": rng.random(500) < 0.2}
    found = only(plant(tmp_path, columns, STUDY), "F04")
    assert found.said == "above_target"
    assert found.choices["weights"] == ("given", "none", "trimmed")
    assert (found.breaking, found.then) == (("weights", "none"), "below_target")


def test_a_finding_that_hangs_on_flagged_answers_names_them(tmp_path: Path, rng: Any) -> None:
    columns = {
        "outcome:recommend": likely(250, 250),
        "weight": rng.uniform(0.9, 1.1, 500),
        "flag:fast": np.arange(500) >= 330,
    }
    found = only(plant(tmp_path, columns, STUDY), "F04")
    assert (found.said, found.k, found.m) == ("below_target", 2, 4)
    assert (found.breaking, found.then) == (("answers", "without_any"), "above_target")


def test_a_finding_that_hangs_on_the_exclusions_names_them(tmp_path: Path, rng: Any) -> None:
    (tmp_path / "study.yaml").write_text(HEAD + STUDY, encoding="utf-8")
    answers = likely(300, 300)
    frame = pd.DataFrame(
        {
            "respondent": [f"r{i:04d}" for i in range(600)],
            "wave": np.full(600, "2026", dtype=object),
            "outcome:recommend": answers,
            "weight": 1.0,
            "weight_all": 1.0,
            "excluded": np.where(np.arange(600) >= 400, "fast", ""),
        }
    )
    frame.to_csv(tmp_path / "answers.csv", index=False)
    found = only(Survey.of(read_study(tmp_path), frame), "F04")
    assert (found.said, found.k, found.m) == ("above_target", 1, 2)
    assert (found.breaking, found.then) == (("answers", "everybody"), "below_target")


def test_a_finding_that_hangs_on_the_missing_rule_names_it(tmp_path: Path, rng: Any) -> None:
    """Care is the weakest of all; among those who answered everything, trust is."""
    columns = linked.answers(rng, 600, shift=(0.0, -1.2, 0.4))
    skipped = np.arange(600) >= 200
    columns["item:a1"] = np.where(skipped, columns["item:a1"], 1.0)
    columns["item:a2"] = np.where(skipped, columns["item:a2"], 1.0)
    columns["item:a3"] = np.where(skipped, columns["item:a3"], 1.0)
    columns["item:c1"] = np.where(skipped, np.nan, columns["item:c1"])
    found = only(linked.survey(tmp_path, columns), "F06")
    assert found.said == "clear|level:care"
    assert (found.breaking, found.then) == (("missing", "all"), "clear|level:trust")
    own = next(one for one in found.fits if choices_of(one.of)["missing"] == "all")
    assert own.n == 200
    assert own.value < 0  # care is no longer below the nearest other level


def test_shuffled_levels_have_no_weakest_in_any_way(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 400, links=(0.6, 0.6, 0.6))
    items = [name for name in columns if name.startswith("item:")]
    drawn = rng.permuted(np.column_stack([columns[name] for name in items]), axis=1)
    columns |= {name: drawn[:, place] for place, name in enumerate(items)}
    columns["flag:fast"] = rng.random(400) < 0.2
    found = only(linked.survey(tmp_path, columns), "F06")
    assert (found.said, found.k) == ("tie", found.m)
    assert found.m >= 2


def test_a_way_that_a_few_people_make_is_not_taken(tmp_path: Path, rng: Any) -> None:
    few = np.arange(400) < 6
    columns = {
        "outcome:recommend": likely(100, 300),
        "weight": np.ones(400),
        "flag:fast": few,
    }
    survey = plant(tmp_path, columns, STUDY)
    found, alone = multiverse(survey)
    assert found == []
    assert alone == ["F04"]


def test_weights_that_few_have_are_not_told_apart(tmp_path: Path) -> None:
    weight = np.ones(400)
    weight[:6] = 1.5
    columns = {"outcome:recommend": likely(100, 300), "weight": weight}
    assert multiverse(plant(tmp_path, columns, STUDY)) == ([], ["F04"])


def test_without_a_target_the_headline_stays_within_its_range(tmp_path: Path, rng: Any) -> None:
    columns = {"outcome:recommend": likely(250, 250), "flag:fast": np.arange(500) >= 330}
    study = STUDY.replace("targets: {nps: 20}\n", "").replace("weight: weight\n", "")
    found = only(plant(tmp_path, columns, study), "F04")
    assert (found.said, found.reference) == ("inside", None)
    assert found.then == "above_range"


def test_a_dozen_respondents_leave_nothing_to_try(tmp_path: Path) -> None:
    columns = {"outcome:recommend": likely(6, 6), "weight": np.ones(12)}
    assert multiverse(plant(tmp_path, columns, STUDY)) == ([], [])


def test_a_change_is_taken_with_other_top_boxes(tmp_path: Path, rng: Any) -> None:
    """The two best answers do not change; the best alone falls."""
    before = np.repeat([5.0, 4.0, 2.0], [200, 100, 200])
    after = np.repeat([5.0, 4.0, 2.0], [100, 200, 200])
    study = """\
sample: {frame: customers, design: probability}
outcomes: {happy: {column: happy, metric: csat, scale: satisfaction_5, definition: top_2_box}}
seed: 7
"""
    columns = {
        "outcome:happy": np.concatenate([before, after]),
        "wave": np.repeat(["2025", "2026"], 500).astype(object),
    }
    found = only(plant(tmp_path, columns, study), "F20")
    assert found.choices == {"box": ("2", "1")}
    assert (found.said, found.breaking, found.then) == ("no_evidence", ("box", "1"), "fall")


# -- as in the report ---------------------------------------------------------------------------


def test_the_first_way_is_the_report(demo: Survey) -> None:
    """Every finding starts from the number and verdict that the report has."""
    now = demo.latest
    made = {one.key: one for one in multiverse(demo)[0]}
    assert list(made) == ["F04", "F06", "F12", "F17", "F20"]
    nps = cx.estimate(now, "nps").only()
    first = {key: one.fits[0] for key, one in made.items()}
    assert (first["F04"].value, first["F04"].ci_low) == (nps.estimate, nps.ci_low)
    weakest = pyramid.weakest(now)
    assert first["F06"].verdict == f"clear|{weakest.key}"
    assert first["F06"].value == -weakest.comparisons[0].difference
    worst = journey.worst_handoff(now)
    drop = journey.handoffs(now).only(a=worst.key)
    assert first["F12"].verdict == f"clear|{drop.b}|{drop.a}"
    assert (first["F12"].value, first["F12"].ci_high) == (drop.difference, drop.ci_high)
    shares = links(now).shares
    assert first["F17"].value == max(one.estimate for one in shares)
    change = trend.changes(now, [("nps", "outcome:recommend")]).only()
    assert (first["F20"].value, first["F20"].ci_low) == (change.difference, change.ci_low)
    base = (first["F20"].n, first["F20"].n_eff)
    assert base in {(change.n_a, change.n_eff_a), (change.n_b, change.n_eff_b)}


def test_ways_are_the_report_on_other_answers(demo: Survey) -> None:
    """Without weights means everybody counts once; all of a level means nothing unanswered."""
    now = demo.latest
    made = {one.key: one for one in multiverse(demo)[0]}
    plain = cx.estimate(now.counted_once(), "nps").only()
    own = _way(made["F04"], answers="used", weights="none")
    assert own.value == pytest.approx(plain.estimate)
    whole = pyramid.weakest(now, min_share=1.0)
    assert _way(made["F06"], answers="used", missing="all", weights="given").n == (
        whole.comparisons[0].n_a
    )


def _way(one: Multiverse, **choices: str) -> Fit:
    return next(fit for fit in one.fits if choices_of(fit.of) == choices)


def test_the_same_seed_gives_the_same_ways(demo: Survey) -> None:
    once, again = ([one.fits.to_rows() for one in multiverse(cx.load("demo"))[0]] for _ in range(2))
    assert once == again


# -- counting -----------------------------------------------------------------------------------


def test_too_many_ways_are_tried_one_by_one_and_in_part() -> None:
    choices = dict.fromkeys("vwxyz", ("own", "b", "c"))
    every = _product(choices)
    tried = _chosen(every, choices, 3)
    assert (len(every), len(tried)) == (3**5, MOST_WAYS)
    assert set(tried[0].values()) == {"own"}
    single = [one for one in tried if sum(value != "own" for value in one.values()) == 1]
    assert len(single) == 10
    assert tried == _chosen(every, choices, 3)
    assert tried != _chosen(every, choices, 4)


def made_of(verdicts: dict[tuple[str, str], str]) -> Multiverse:
    """Two kinds of choice with these verdicts."""
    fits = [
        Fit("F06", 1.0, verdict=verdict, of=f"F06|weights={one}|missing={two}", n=100)
        for (one, two), verdict in verdicts.items()
    ]
    choices = {"weights": ("given", "none"), "missing": ("half", "all")}
    return Multiverse("F06", "levels", Fits(fits), choices)


def test_the_choice_is_named_that_alone_changes_most() -> None:
    made = made_of(
        {
            ("given", "half"): "a",
            ("none", "half"): "a",
            ("given", "all"): "b",
            ("none", "all"): "a",
        }
    )
    assert (made.k, made.m, made.breaking, made.then) == (3, 4, ("missing", "all"), "b")


def test_of_two_choices_that_only_together_change_none_is_named() -> None:
    """With either of them by itself the finding is what it was."""
    made = made_of(
        {
            ("given", "half"): "a",
            ("none", "half"): "a",
            ("given", "all"): "a",
            ("none", "all"): "b",
        }
    )
    assert (made.k, made.breaking, made.then) == (3, None, "")


def test_what_a_finding_becomes_is_what_it_is_with_that_choice_alone() -> None:
    """With others beside it, the finding becomes something else more often."""
    fits = [
        Fit("F06", 1.0, verdict=verdict, of=f"F06|weights={one}|missing={two}", n=100)
        for one, two, verdict in [
            ("given", "half", "a"), ("given", "all", "a"), ("given", "any", "a"),
            ("none", "half", "b"), ("none", "all", "c"), ("none", "any", "c"),
        ]
    ]  # fmt: skip
    choices = {"weights": ("given", "none"), "missing": ("half", "all", "any")}
    made = Multiverse("F06", "levels", Fits(fits), choices)
    assert (made.breaking, made.then) == (("weights", "none"), "b")


def test_without_any_flag_is_without_those_flagged_in_the_wave_before(
    tmp_path: Path, rng: Any
) -> None:
    """A rule that flags nobody now still flags twenty before: the change is told without them."""
    is_before = np.arange(800) < 400
    columns = {
        "outcome:recommend": rng.choice([10.0, 8.0, 2.0], 800),
        "wave": np.where(is_before, "2025", "2026").astype(object),
        "weight": np.ones(800),
        "flag:fast": np.arange(800) % 20 == 0,
        "flag:straight": is_before & (np.arange(800) % 20 == 1),
    }
    found = only(plant(tmp_path, columns, STUDY), "F20")
    assert [one.n for one in found.fits] == [400, 360]
