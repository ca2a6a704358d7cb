"""The demo study: reproducible to the byte, its planted effects found, its nulls left alone."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cxkit.analysis import compare, estimate, journey, pyramid
from cxkit.answers import Survey, check, load
from cxkit.answers.simulate import Population
from cxkit.places import shared
from cxkit.study import read_study

DEMO = shared("data/demo")
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")
HEADLINES = (
    ("nps", "outcome:recommend"),
    ("csat", "outcome:satisfaction"),
    ("ces", "outcome:effort"),
    ("score_100", "levels"),
)


@pytest.fixture(scope="module")
def survey() -> Survey:
    return load("demo")


@pytest.fixture(scope="module")
def latest(survey: Survey) -> Survey:
    return survey.where(wave="2026H1")


@pytest.fixture(scope="module")
def people() -> Population:
    return Population(read_study("demo"))


@pytest.fixture(scope="module")
def unweighted(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """The demo as someone would see it who forgot the weights."""
    folder = tmp_path_factory.mktemp("unweighted")
    for name in ("answers.csv", "coding.csv"):
        shutil.copyfile(DEMO / name, folder / name)
    lines = (DEMO / "study.yaml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("weight:")]
    (folder / "study.yaml").write_text("\n".join(kept), encoding="utf-8")
    return load(folder)


# -- the files -------------------------------------------------------------------------------------


def test_the_answers_are_the_truth_and_its_seed_byte_by_byte(tmp_path: Path) -> None:
    """Whatever the hash seed and the folder."""
    script = "import sys; from cxkit.answers.simulate import write; write('demo', path=sys.argv[1])"
    written = tmp_path / "again.csv"
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    command = [sys.executable, "-c", script, str(written)]
    subprocess.run(command, check=True, cwd=tmp_path, env=environment)
    assert written.read_bytes() == (DEMO / "answers.csv").read_bytes()


def test_the_demo_says_everywhere_that_it_is_synthetic() -> None:
    assert read_study("demo").simulated
    for name in ("study.yaml", "README.md"):
        assert "synthetic" in (DEMO / name).read_text(encoding="utf-8").lower()
    assert (DEMO / "answers.csv").stat().st_size < 2**20


def test_the_demo_has_nothing_to_mend_and_uses_every_kind_of_answer(survey: Survey) -> None:
    assert not check("demo").errors
    text = (DEMO / "answers.csv").read_text(encoding="utf-8")
    for word in ("yes", "no", "dont_remember", "dont_know", "not_experienced", "refused"):
        assert f",{word}," in text
    reasons = set(np.unique(survey.frame.filter(like="why:").to_numpy()))
    assert reasons >= {"not_applicable", "not_experienced", "dont_know", "refused", "no_answer"}


# -- what is planted -------------------------------------------------------------------------------


def test_nps_falls_for_real_in_the_last_wave(survey: Survey, people: Population) -> None:
    change = compare(survey, "nps").only(a="wave=2026H1")
    assert change.verdict == "clear"
    assert change.ci_high < 0
    exact = people.change("nps", "outcome:recommend", "2026H1", "2025H2").difference
    assert exact == pytest.approx(-12, abs=0.5)
    assert change.ci_low < exact < change.ci_high


def test_responsive_service_is_weakest_and_falls(survey: Survey, people: Population) -> None:
    assert pyramid.weakest(survey).key == "level:responsive_service"
    assert [one.of for one in pyramid.change(survey) if one.is_clear] == [
        "level:responsive_service"
    ]
    exact = people.change("score_100", "level:responsive_service", "2026H1", "2025H2").difference
    assert exact == pytest.approx(-6.8, abs=0.1)


def test_kalimantan_is_lower_on_fulfilment(latest: Survey, people: Population) -> None:
    rest = compare(latest, "score_100", "level:fulfilment", by="region", against="rest")
    clear = [one for one in rest if one.is_clear and one.difference < 0]
    assert [one.a for one in clear] == ["region=kalimantan"]
    args = ("score_100", "level:fulfilment", "2026H1", "region", "kalimantan")
    assert people.against_rest(*args).difference == pytest.approx(-10.9, abs=0.1)


def test_most_are_lost_after_considering(survey: Survey, people: Population) -> None:
    assert journey.leak(survey).key == "stage:consider"
    exact = {stage: people.value("conversion", f"stage:{stage}") for stage in STAGES[:-1]}
    assert min(exact, key=exact.get) == "consider"


def test_ratings_drop_most_from_deciding_to_evaluating(survey: Survey, people: Population) -> None:
    assert journey.worst_handoff(survey).key == "stage:evaluate"
    drops = {one.a: one for one in journey.handoffs(survey)}
    for exact in people.handoffs("2026H1"):
        drawn = drops[exact.a]
        assert (drawn.metric, drawn.of, drawn.b) == (exact.metric, exact.of, exact.b)
        assert drawn.ci_low < exact.difference < drawn.ci_high


# -- what is null ----------------------------------------------------------------------------------


def test_the_half_of_the_year_of_birth_differs_in_nothing(
    survey: Survey, latest: Survey, people: Population
) -> None:
    for (metric, of), some in itertools.product(HEADLINES, (survey, latest)):
        assert not [one for one in compare(some, metric, of, by="birth_half") if one.is_clear]
    for metric, of in people.headlines():
        here = people.against_rest(metric, of, "2026H1", "birth_half", "first")
        assert here.difference == pytest.approx(0, abs=1e-9)


def test_only_the_mix_changed_between_the_first_two_waves(
    survey: Survey, unweighted: Survey, people: Population
) -> None:
    """Weights mend it; without them NPS seems to rise."""
    for metric, of in HEADLINES:
        changes = compare(survey, metric, of).where(wave="2025H2")
        assert not [one for one in changes if one.is_clear]
    seeming = compare(unweighted, "nps").only(wave="2025H2")
    assert seeming.verdict == "clear"
    assert seeming.difference > 5

    careless = Population(people.study, is_weighted=False)
    args = ("outcome:recommend", "2025H2", "2025H1")
    assert careless.change("nps", *args).difference == pytest.approx(10.6, abs=0.1)
    for metric, of in people.headlines():
        assert people.change(metric, of, "2025H2", "2025H1").difference == pytest.approx(0)


def test_ratings_fall_within_people_while_stage_means_rise(
    latest: Survey, people: Population
) -> None:
    """Survivorship: the happier go further. In truth and in the answers drawn from it."""
    falls = [one.difference for one in people.handoffs("2026H1")]
    means = [people.value("score_100", f"stage:{stage}") for stage in STAGES]
    assert max(falls) < -1.5
    assert falls.index(min(falls)) == STAGES.index("decide")
    assert min(np.diff(means)) > 0.5

    ratings = {stage: latest.values(f"rating:{stage}")[latest.mask] for stage in STAGES}
    drawn = [np.nanmean(ratings[b] - ratings[a]) for a, b in itertools.pairwise(STAGES)]
    assert max(drawn) < 0
    shown = [one.estimate for one in estimate(latest, "score_100", "stages")]
    assert min(np.diff(shown)) > 0


def test_trust_and_online_experience_tie(latest: Survey, people: Population) -> None:
    trust, online = (
        people.value("score_100", f"level:{level}", "2026H1")
        for level in ("trust", "online_experience")
    )
    assert trust == pytest.approx(online, abs=1e-5)
    drawn = [
        estimate(latest, "score_100", f"level:{level}")[0]
        for level in ("trust", "online_experience")
    ]
    assert drawn[0].ci_low < drawn[1].estimate < drawn[0].ci_high
