"""Simulated answers beyond the core: nothing that is added moves what was there before."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from cxkit.answers.simulate import simulate
from cxkit.library import load_yaml
from cxkit.places import shared
from cxkit.study import read_study

N = 240
STAGES = {
    "aware": ["scr_aware"],
    "consider": ["rch_consider"],
    "decide": ["rch_decide"],
    "evaluate": ["rch_evaluate"],
    "advocate": ["rch_advocate_peer", "rch_advocate_brand"],
}
STAYS = ["region", "age", "birth_half"]
"""The groups that a person stays in."""


def demo(folder: Path, **swaps: str) -> pd.DataFrame:
    """The demo simulated with patterns of its study file (`STUDY_`) or truth swapped for others."""
    return simulate(read_study(laid(folder, **swaps)), n=N)


def laid(folder: Path, **swaps: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("study.yaml", "truth.yaml"):
        text = (shared("data/demo") / name).read_text(encoding="utf-8")
        for of, pattern in swaps.items():
            found, _, put = pattern.partition(" => ")
            if of.startswith(name[:5]):
                text, n = re.subn(found, put, text)
                assert n, found
        (folder / name).write_text(text, encoding="utf-8")
    if (shared("data/demo") / "coding.csv").is_file():
        shutil.copy(shared("data/demo") / "coding.csv", folder)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return demo(tmp_path_factory.mktemp("whole"))


# -- nothing moves ---------------------------------------------------------------------------------

LEFT_OUT = {
    "a battery": r"(?m)^  (typ|exp|imp|per)_\w+: .*\n => ",
    "the channels and what hangs on them": r"(?m)^(channels: .*|  chn_\w+: .*)\n => ",
    "another brand": r"(?m)^rival:.*\n(  (brand|items|outcomes): .*\n)+ => ",
    "what sets bases": r"(?m)^  (wom|rev|inc)_\w+: \w+\n => ",
    "comments": r"(?m)^comments: .*\n => comments: {reason: cmt_reason}\n",
}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_what_is_added_moves_no_other_answer(
    what: str, tmp_path: Path, whole: pd.DataFrame
) -> None:
    """Every question draws its luck from a stream of its own; who is seen twice stays too."""
    more = {"study_value": r"(?m)^    problem: .*\n => "} if what == "what sets bases" else {}
    if what == "what sets bases":
        more["study_scenarios"] = (
            r"(?m)^    \w+:\n      label: .*\n      set: {churn: .*problem}}\n => "
        )
    without = demo(tmp_path, study_part=LEFT_OUT[what], **more)
    gone = set(whole) - set(without)
    assert gone
    assert set(without) < set(whole)
    same = [column for column in whole if column in set(without)]
    pd.testing.assert_frame_equal(without[same], whole[same])


def test_another_seed_moves_what_is_added(tmp_path: Path, whole: pd.DataFrame) -> None:
    """The streams hang on the seed; so the test above can fail."""
    study = read_study(laid(tmp_path))
    other = simulate(study, n=N, seed=5)
    for column in ("typ_product_1", "wom_talked", "b_tru_1", "pro_interaction_channel/website"):
        assert not other[column].equals(whole[column])


# -- who is asked ----------------------------------------------------------------------------------


def test_further_questions_are_asked_in_their_waves_and_of_their_bases(whole) -> None:
    now = whole[whole["wave"] == "2026H1"]
    before = whole[whole["wave"] != "2026H1"]
    further = ["typ_product_1", "wom_talked", "inc_happened", "b_tru_1", "scr_staff",
               "pro_interaction_channel/website", "cmt_reason"]  # fmt: skip
    assert (before[further] == "").all(axis=None)
    assert (now[further] != "").any().all()

    def asked(column: str) -> pd.Series:
        return now[column] != ""

    assert (now.loc[asked("wom_tone"), "wom_talked"] == "yes").all()
    assert (now.loc[asked("inc_resolved"), "inc_happened"] == "yes").all()
    assert (now.loc[asked("typ_event_1"), "scr_event"] == "yes").all()
    assert (now.loc[asked("det_chatbot"), "scr_chatbot"] == "yes").all()
    assert (now.loc[asked("wom_recommended"), "rch_advocate_peer"] == "yes").all()
    both = now.loc[asked("imp_decide_price"), ["rch_consider", "rch_decide"]]
    assert (both == "yes").all(axis=None)
    ticks = now.filter(like="pro_interaction_channel/")
    n_used = (ticks.drop(columns="pro_interaction_channel/unknown") == "yes").sum(axis=1)
    assert (n_used[asked("chn_switch")] > 1).all()
    assert not (ticks["pro_interaction_channel/unknown"] == "yes")[n_used > 0].any()


# -- the same people again -------------------------------------------------------------------------


def furthest(answers: pd.DataFrame) -> np.ndarray:
    """How many stages lie behind each: the place of the last one that was reached."""
    at = np.zeros(len(answers), dtype=int)
    for place, columns in enumerate(STAGES.values(), start=1):
        at[(answers[columns] == "yes").any(axis=1).to_numpy()] = place
    return at


def again(answers: pd.DataFrame) -> pd.DataFrame:
    """The people seen in a wave and in the one before: a row each, with both sides."""
    told = answers.assign(stage=furthest(answers))
    waves = [one for _, one in told.groupby("wave", sort=True)]
    pairs = [
        now.merge(then, on="respondent_id", suffixes=("", "_then"))
        for then, now in itertools.pairwise(waves)
    ]
    return pd.concat(pairs, ignore_index=True)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """A larger draw of the core alone, for shares."""
    folder = laid(tmp_path_factory.mktemp("panel"))
    return simulate(read_study(folder), n=900)


def test_a_person_answers_once_in_a_wave(seen: pd.DataFrame) -> None:
    assert not seen.duplicated(["wave", "respondent_id"]).any()
    assert again(seen)["respondent_id"].nunique() > 100


def test_who_is_seen_twice_is_of_the_same_groups(seen: pd.DataFrame) -> None:
    pairs = again(seen)
    for column in STAYS:
        assert (pairs[column] == pairs[f"{column}_then"]).all(), column


def test_a_fifth_was_one_stage_less_far_and_everybody_else_as_far(seen: pd.DataFrame) -> None:
    pairs = again(seen)
    moved = pairs["stage"] - pairs["stage_then"]
    assert set(moved) == {0, 1}
    could = pairs["stage"] > 1
    assert (moved[~could] == 0).all()
    n, n_moved = could.sum(), (moved[could] == 1).sum()
    low, high = binom.ppf([0.001, 0.999], n, 0.2)
    assert low <= n_moved <= high


def test_about_a_quarter_of_a_later_wave_was_seen_before(seen: pd.DataFrame) -> None:
    """Fewer than drawn: nobody of their groups and stage may be left."""
    n_later = (seen["wave"] != "2025H1").sum()
    share = len(again(seen)) / n_later
    assert 0.17 < share < 0.25 + 3 * np.sqrt(0.25 * 0.75 / n_later)


def test_who_is_seen_twice_answers_alike(seen: pd.DataFrame) -> None:
    """Found by the nearest mood: two strangers' answers would not go together."""
    pairs = again(seen)
    told = pairs[["out_recommend", "out_recommend_then"]].apply(pd.to_numeric, errors="coerce")
    assert told.corr().iloc[0, 1] > 0.25


def test_a_panel_changes_nobodys_answers(tmp_path: Path, whole: pd.DataFrame) -> None:
    """Only who they are: without a panel the same rows stand under ids of their own."""
    alone = demo(tmp_path, truth_panel=r"panel: {share: 0.25 => panel: {share: 0.0")
    assert not alone["respondent_id"].duplicated().any()
    assert whole["respondent_id"].duplicated().any()
    rest = [column for column in whole if column != "respondent_id"]
    assert sorted(map(tuple, alone[rest].to_numpy())) == sorted(map(tuple, whole[rest].to_numpy()))


# -- comments --------------------------------------------------------------------------------------


def sayable(languages: tuple[str, ...]) -> set[str]:
    """Everything that a comment in these languages can be: a phrase, or two of two themes."""
    phrases = load_yaml(shared("templates/study") / "phrases.yaml")
    said = {
        text
        for theme in phrases["themes"].values()
        for tone in ("good", "bad")
        for language in languages
        for text in theme[tone][language]
    }
    pairs = {f"{one}, {other}" for one in said for other in said}
    other = {text for language in languages for text in phrases["other"][language]}
    nothing = {text for text, of in phrases["nothing"].items() if of in (*languages, "any")}
    return said | pairs | other | nothing


@pytest.mark.parametrize(
    ("asked", "languages"),
    [("[id]", ("id",)), ("[en]", ("en",)), ("[id, en]", ("id", "en", "mixed"))],
)
def test_comments_are_written_in_the_languages_of_the_study(
    tmp_path: Path, asked: str, languages: tuple[str, ...]
) -> None:
    answers = demo(tmp_path, study_languages=rf"(?m)^languages: .*$ => languages: {asked}")
    identifiers = ["WA saya 0812-3456-7890", "email: pembeli@contoh.example"]
    known = sayable(languages)
    for column in ("cmt_reason", "cmt_improve"):
        comments = {text for text in answers[column] if text}
        plain = {text for text in comments if not any(one in text for one in identifiers)}
        assert len(plain) > 20
        assert plain <= known, plain - known


def test_every_language_of_the_demo_is_met(whole: pd.DataFrame) -> None:
    """So that the test above can fail: English and mixed comments stand in the demo."""
    only = {one: sayable((one,)) for one in ("id", "en", "mixed")}
    comments = [text for text in whole["cmt_reason"] if text]
    for language in only:
        others = set().union(*(only[one] for one in only if one != language))
        assert any(text in only[language] - others for text in comments), language
