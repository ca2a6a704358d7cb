"""Channels: how people arrive, which they use, uneven levels, and nobody found by subtraction."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from test_sections import lay, say

import cxkit as cx
from cxkit.analysis import channels
from cxkit.analysis.spread import spread
from cxkit.report.finding import Finding, Findings
from cxkit.report.sections.channels import findings
from cxkit.report.shown import Shown
from cxkit.study.channel_use import by_number
from cxkit.suppression import suppressed_overlapping
from cxkit.wording import NO_BREAK, Words

CUSTOMERS = "sample: {frame: customers, design: opt_in}\n"
LEVELS = """\
frameworks: [pyramid]
scale: agreement_5
bases: {buyers: {column: bought}}
items: {ful_1: f1, tru_1: t1, res_1: r1}
"""
ARRIVAL = "segments: {source: {column: src, vocabulary: acquisition_channel}}\n"
USED = "channels: {columns: {website: c1, app: c2, phone: c3}}\n"
NPS = "outcomes: {recommend: {column: q}}\n"
STUDY = CUSTOMERS + LEVELS + ARRIVAL + USED

Columns = dict[str, list[Any]]


def ticked(*people: tuple[int, str]) -> Columns:
    """So many people with each pattern of answers to the three channels: `110`, or `---`."""
    words = {"1": "yes", "0": "no", "-": ""}
    rows = [pattern for n, pattern in people for _ in range(n)]
    made: Columns = {f"c{k + 1}": [words[row[k]] for row in rows] for k in range(3)}
    return made | {"q": [9] * len(rows)}


def rated(n: int, **own: Sequence[object]) -> Columns:
    """Answers of `n` buyers to the three levels, over and over; 4 and 5 unless given."""
    given = {"f1": [4, 5], "t1": [4, 5], "r1": [4, 5], **own}
    return {"bought": ["yes"] * n} | {
        key: [row[i % len(row)] for i in range(n)] for key, row in given.items()
    }


def arrived(*groups: tuple[str, int, Mapping[str, Sequence[int]]]) -> Columns:
    """People who came through each channel, with their answers to the levels, over and over."""
    made: Columns = {"src": []}
    for source, n, own in groups:
        made["src"] += [source] * n
        for key, column in rated(n, **own).items():
            made.setdefault(key, []).extend(column)
    return made


def one_of(found: Findings, key: str, at: int = 0) -> Finding:
    return [one for one in found if one.key == key][at]


def cells(found: Finding, language: str = "en") -> dict[str, list[str]]:
    """The rows of a finding's table: the texts of their cells by head."""
    made = Shown(found.to_dict(), Words(language, found.context)).table()
    return {row["head"]: [cell["text"] for cell in row["cells"]] for row in made["rows"]}


# -- which channels they use ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """200 buyers: 40 website only, 60 website and app, 20 all, 50 phone only, 20 none, 10 silent.

    Trust is 5 of 5 for those who used the phone only, 3 of 5 (50) for all others.
    """
    answers = ticked((40, "100"), (60, "110"), (20, "111"), (50, "001"), (20, "000"), (10, "---"))
    trust = [3] * 120 + [5] * 50 + [3] * 30
    folder = tmp_path_factory.mktemp("used")
    study = CUSTOMERS + LEVELS + USED
    return lay(folder, study, answers | rated(200, t1=trust))


def test_shares_are_of_those_who_answered_and_may_add_up_to_more_than_all(used) -> None:
    shares = {one.of: one for one in channels.usage(used).where(metric="share")}
    told = {of: round(one.estimate * 190) for of, one in shares.items()}
    assert told == {"channel:website": 120, "channel:app": 80, "channel:phone": 70}
    assert {one.n for one in shares.values()} == {190}
    users = channels.usage(used).where(metric="respondents")
    assert [one.n for one in users] == [120, 80, 70]


def test_people_are_counted_by_how_many_channels_they_used(used) -> None:
    found = {one.by["n_channels"]: one.estimate * 190 for one in channels.n_used(used)}
    expected = {"0": 20, "1": 90, "2": 60, "3": 20, "several": 80}
    assert found == pytest.approx(expected)


def test_not_remembering_is_no_channel() -> None:
    answers = {"app": np.array([1.0, 0.0]), "unknown": np.array([1.0, 1.0])}
    assert by_number(answers)["1"].tolist() == [1.0, 0.0]
    assert by_number({"unknown": np.ones(2)}) == {}


def test_a_person_counts_among_the_users_of_each_channel(used) -> None:
    """Trust: 50 for 20 of the phone's 70 users, 100 for the other 50."""
    scores = channels.levels_by_channel(used).where(of="level:trust")
    told = {one.by.get("interaction_channel"): (one.estimate, one.n) for one in scores}
    assert told == {
        None: (pytest.approx((150 * 50 + 50 * 100) / 200), 200),
        "website": (pytest.approx(50), 120),
        "app": (pytest.approx(50), 80),
        "phone": (pytest.approx((20 * 50 + 50 * 100) / 70), 70),
    }


def test_users_of_channels_are_not_tested_against_each_other(used) -> None:
    """The means of website and phone lie 36 points apart, and no letter says so."""
    found = findings(used)
    use = one_of(found, "F16")
    assert not len(use.comparisons)
    notes = Shown(use.to_dict(), Words("en", use.context)).notes()
    assert any("more than one column" in note for note in notes)
    assert cells(use)["Website"][:2] == ["63%", "120"]
    assert cells(use)["Total"][1:3] == ["190", "87.5"]


def test_the_channel_used_most_is_named_with_its_share(used) -> None:
    sentence = say(one_of(findings(used), "F16"))
    assert sentence.startswith("The channel used most to deal with Toko is Website: 63% of")
    assert "n = 190" in sentence
    assert "42% used two channels or more" in sentence


def test_two_channels_used_alike_are_a_tie(tmp_path: Path) -> None:
    """Website 110 and app 108 of 200 in the same people."""
    answers = ticked((60, "100"), (58, "010"), (50, "110"), (32, "001"))
    found = findings(lay(tmp_path, CUSTOMERS + NPS + USED, answers))
    assert one_of(found, "F16").variant == "most_used_tie"
    assert "Website and App cannot be told apart" in say(one_of(found, "F16"))


@pytest.mark.parametrize(
    ("study", "answers", "variant"),
    [
        (USED, ticked((80, "---")), "used_nobody"),
        (USED, ticked((80, "000")), "used_none"),
        ("channels: {columns: {website: c1}}\n", ticked((50, "100"), (30, "000")), "used_one"),
        (USED, ticked((4, "100"), (3, "010"), (2, "001")), "used_hidden"),
    ],
)
def test_what_cannot_be_compared_is_said_plainly(
    tmp_path: Path, study: str, answers: Columns, variant: str
) -> None:
    found = findings(lay(tmp_path, CUSTOMERS + NPS + study, answers))
    told = one_of(found, "F16")
    assert told.variant == variant
    for language in ("id", "en"):
        assert "{" not in say(told, language)


def test_weights_count_in_shares_and_not_in_numbers_of_people(tmp_path: Path) -> None:
    """Users weigh 3 and the others 1: 60 of 120 people, 3/4 of the weight."""
    answers = ticked((60, "100"), (60, "010")) | {"w": [3] * 60 + [1] * 60}
    survey = lay(tmp_path, CUSTOMERS + NPS + "weight: w\n" + USED, answers)
    website = channels.usage(survey).where(of="channel:website")
    assert website.only(metric="share").estimate == pytest.approx(0.75)
    assert website.only(metric="respondents").n == 60


def test_the_channels_of_the_demo_are_found_as_they_were_planted() -> None:
    """Every share within four standard errors of the truth, with every answer counted once."""
    study = Path(str(cx.load("demo").study.file)).parent
    planted = YAML(typ="safe").load((study / "truth.yaml").read_text("utf-8"))["further"][
        "channels"
    ]
    found = channels.usage(cx.load("demo"))
    for key, share in planted.items():
        users = found.only(of=f"channel:{key}", metric="respondents").n
        n = found.only(of=f"channel:{key}", metric="share").n
        assert abs(users / n - share) < 4 * math.sqrt(share * (1 - share) / n), key


# -- whether they are in step --------------------------------------------------------------------

IN_STEP = "scale: agreement_5\nitems: {chn_switch: x1, chn_same: x2}\n"


def test_users_of_several_channels_say_whether_they_are_in_step(tmp_path: Path) -> None:
    """100 of 160 used two channels: 80 agree that they can switch, 40 that all say the same."""
    answers = ticked((100, "110"), (60, "100"))
    answers |= {"x1": [5] * 80 + [2] * 20 + [1] * 60, "x2": [4] * 40 + [3] * 60 + [1] * 60}
    told = one_of(findings(lay(tmp_path, CUSTOMERS + IN_STEP + USED, answers)), "F16", 1)
    assert told.variant == "in_step"
    sentence = say(told)
    assert "Among respondents who used two or more channels, 80% agree with" in sentence
    assert "n = 100" in sentence
    assert "40% (" in sentence
    assert say(told, "id").startswith(
        "Di antara responden yang memakai dua saluran atau lebih, 80%"
    )


def test_nobody_who_used_several_is_said_so(tmp_path: Path) -> None:
    answers = ticked((60, "100"), (40, "010")) | {"x1": [4] * 100, "x2": [4] * 100}
    found = findings(lay(tmp_path, CUSTOMERS + IN_STEP + USED, answers))
    assert [one.variant for one in found if one.key == "F16"][-1] == "in_step_nobody"


# -- what was not asked --------------------------------------------------------------------------


def test_a_study_without_channels_says_so_once_beside_the_groups(tmp_path: Path) -> None:
    (told,) = findings(lay(tmp_path, CUSTOMERS + NPS, {"q": [9] * 40}))
    assert (told.section, told.key) == ("groups", "F32")
    assert "not measured" in say(told)


def test_each_part_that_was_not_asked_has_a_line(used) -> None:
    told = [one for one in findings(used) if one.key == "F32"]
    assert [one.slots["what"].key for one in told] == ["what:arrival", "what:in_step"]
    assert {one.section for one in told} == {"channels"}


# -- how people arrive ---------------------------------------------------------------------------

LOW, MIDDLE, HIGH = [2, 3], [3, 4], [4, 5]


def test_channels_of_arrival_are_counted_with_other_and_unknown(tmp_path: Path) -> None:
    sources = ["direct"] * 50 + ["email"] * 40 + ["other"] * 20 + ["unknown"] * 30 + [""] * 10
    survey = lay(tmp_path, CUSTOMERS + LEVELS + ARRIVAL, {"src": sources} | rated(150))
    told = one_of(findings(survey), "F16")
    rows = cells(told)
    people = {head: row[1] for head, row in rows.items()}
    assert people == {
        "Total": "140", "Direct": "50", "Email": "40", "Other": "20", "Unknown": "30",
    }  # fmt: skip
    notes = Shown(told.to_dict(), Words("en", told.context)).notes()
    told_notes = " ".join(notes).replace(NO_BREAK, " ")
    assert "10 respondents named no channel" in told_notes


def arrivals_of(folder: Path, *groups: tuple[str, int, Mapping[str, Sequence[int]]]) -> Finding:
    return one_of(findings(lay(folder, CUSTOMERS + LEVELS + ARRIVAL, arrived(*groups))), "F16")


def test_the_level_that_is_most_uneven_is_named_with_its_ends(tmp_path: Path) -> None:
    """Trust: 37.5, 62.5 and 87.5 by channel; the other levels 87.5 everywhere."""
    told = arrivals_of(
        tmp_path, ("direct", 80, {"t1": HIGH}), ("email", 80, {"t1": LOW}),
        ("social", 80, {"t1": MIDDLE}),
    )  # fmt: skip
    assert told.variant == "uneven"
    assert "most uneven across channels for Trust: from 37.5 in Email to 87.5 in Direct" in say(
        told
    )
    assert "Kepercayaan: dari 37,5 di Email sampai 87,5 di Langsung" in say(told, "id")


def test_levels_that_are_uneven_alike_are_not_ranked(tmp_path: Path) -> None:
    own = {"direct": HIGH, "email": LOW, "social": MIDDLE}
    told = arrivals_of(tmp_path, *((key, 80, {"t1": row, "r1": row}) for key, row in own.items()))
    assert told.variant == "tie"
    assert "for Trust and Responsive service, but it is not clear" in say(told)


def test_channels_alike_give_no_evidence(tmp_path: Path) -> None:
    told = arrivals_of(tmp_path, ("direct", 80, {}), ("email", 80, {}), ("social", 80, {}))
    assert told.variant == "none"


def test_one_channel_is_said_to_be_one(tmp_path: Path) -> None:
    told = arrivals_of(tmp_path, ("direct", 80, {}))
    assert told.variant == "one"
    assert "came through one channel, Direct" in say(told)


def test_small_channels_are_not_compared_and_are_named(tmp_path: Path) -> None:
    told = arrivals_of(
        tmp_path, ("direct", 80, {"t1": HIGH}), ("email", 80, {"t1": LOW}), ("social", 20, {})
    )
    assert told.variant == "uneven"
    assert "results for Social are not shown" in say(told)


@pytest.mark.parametrize(
    ("groups", "variant"),
    [
        ([("direct", 80, {}), ("email", 20, {})], "one_shown"),
        ([("direct", 20, {}), ("email", 20, {})], "hidden"),
        ([("", 80, {})], "nobody"),
    ],
)
def test_what_may_not_be_compared_is_said(tmp_path: Path, groups: Any, variant: str) -> None:
    told = arrivals_of(tmp_path, *groups)
    assert told.variant == variant
    for language in ("id", "en"):
        assert "{" not in say(told, language)


def test_other_and_unknown_are_no_ends(tmp_path: Path) -> None:
    """They differ most of all, and are no channel that one could speak of."""
    told = arrivals_of(
        tmp_path, ("direct", 80, {}), ("email", 80, {}), ("unknown", 80, {"t1": [1]}),
        ("other", 80, {"t1": [1]}),
    )  # fmt: skip
    assert told.variant == "none"


def test_channels_that_do_not_differ_are_seldom_called_uneven(rng) -> None:
    """The null: five levels that hang together, four channels; at most one sample in twenty."""
    n, n_samples, named = 240, 200, 0
    groups = np.repeat(np.arange(4), n // 4)
    for _ in range(n_samples):
        scores = rng.normal(size=(n, 1)) + rng.normal(size=(n, 5))
        means, covariance = means_of(scores, groups)
        made = spread(means, covariance)
        top = int(made.variance.argmax())
        p = [
            2 * (1 - 0.5 * (1 + math.erf(abs(d / se) / math.sqrt(2))))
            for d, se in (made.difference(top, j) for j in range(5) if j != top)
        ]
        named += all(one * (4 - rank) < 0.05 for rank, one in enumerate(sorted(p)))
    assert named / n_samples <= 0.05


# -- spread --------------------------------------------------------------------------------------


def means_of(scores: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The means by group of some measures in the same people, and their joint covariance."""
    k, m = scores.shape[1], groups.max() + 1
    means, covariance = np.empty((k, m)), np.zeros((k * m, k * m))
    for g in range(m):
        own = scores[groups == g]
        means[:, g] = own.mean(axis=0)
        at = np.arange(k) * m + g
        covariance[np.ix_(at, at)] = np.cov(own.T) / len(own)
    return means, covariance


def test_the_spread_leaves_out_what_chance_makes(rng) -> None:
    """True means 0, 1, 2 (variance 1) and 0, 0, 0; the average over samples hits both."""
    groups, truth = np.repeat(np.arange(3), 30), np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 0.0]])
    found, errors = [], []
    for _ in range(600):
        scores = truth.T[groups] + rng.normal(size=(90, 1)) + rng.normal(size=(90, 2))
        made = spread(*means_of(scores, groups))
        difference, error = made.difference(0, 1)
        found.append([*made.variance, difference])
        errors.append(error)
    mean, sd = np.mean(found, axis=0), np.std(found, axis=0)
    assert mean == pytest.approx([1, 0, 1], abs=4 * sd.max() / math.sqrt(600))
    assert np.mean(errors) == pytest.approx(sd[2], rel=0.1)


def test_the_spread_of_exact_means_is_their_variance() -> None:
    means = np.array([[10.0, 20.0, 60.0], [5.0, 5.0, 5.0]])
    made = spread(means, np.zeros((6, 6)))
    assert made.variance == pytest.approx([np.var([10, 20, 60], ddof=1), 0])
    assert made.difference(0, 1) == (pytest.approx(made.variance[0]), 0.0)


# -- nobody is found by subtraction --------------------------------------------------------------


def tells(shown: Sequence[np.ndarray], limit: int) -> bool:
    """Whether some sum of shown populations, each up to twice and with any sign, is of few."""
    people = np.array(shown, dtype=int)
    combined = (np.array(c) @ people for c in itertools.product(range(-2, 3), repeat=len(people)))
    return any(0 < (one != 0).sum() < limit for one in combined)


def test_no_combination_of_overlapping_groups_is_of_few_people(rng) -> None:
    """Against all combinations by hand: none of few remains, and no group is held back for less."""
    n_hidden = 0
    for k in range(120):
        n = int(rng.integers(20, 70))
        groups = [rng.random(n) < rng.choice([0.15, 0.5, 0.93]) for _ in range(3)]
        if k % 3 == 0:
            groups[2] = groups[0] ^ (rng.random(n) < 0.06)
        whole = np.ones(n, dtype=bool)
        hidden = suppressed_overlapping(whole, groups, 6)
        shown = [whole, *(one for i, one in enumerate(groups) if i not in hidden)]
        assert not tells(shown, 6)
        for i in hidden:
            assert tells([*shown, groups[i]], 6)
        n_hidden += len(hidden)
    assert n_hidden > 50


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ([(100, "110"), (50, "010"), (30, "001")], []),
        ([(100, "110"), (50, "010"), (4, "001"), (30, "000")], ["channel:phone"]),
        ([(96, "100"), (50, "101"), (4, "001")], ["channel:website"]),
        ([(60, "110"), (4, "100"), (60, "001")], ["channel:app"]),
        ([(60, "100"), (4, "000"), (56, "011")], ["channel:app", "channel:phone"]),
        ([(120, "111")], []),
    ],
    ids=["none", "few users", "few non-users", "nearly the same", "nearly a partition", "all"],
)
def test_a_channel_that_would_tell_of_few_people_is_hidden(
    tmp_path: Path, people: list[tuple[int, str]], hidden: list[str]
) -> None:
    n = sum(n for n, _ in people)
    survey = lay(tmp_path, CUSTOMERS + LEVELS + USED, ticked(*people) | rated(n))
    shares = channels.usage(survey).published().where(metric="share")
    assert [one.of for one in shares if "hidden_privacy" in one.flags] == hidden
    for one in channels.levels_by_channel(survey).published():
        if f"channel:{one.by.get('interaction_channel')}" in hidden:
            assert math.isnan(one.estimate)
            assert math.isnan(one.n)


def test_what_a_page_shows_of_channels_tells_of_no_few_people(tmp_path: Path) -> None:
    """All that the findings publish, as an attacker who adds and subtracts would use it."""
    people = [
        (70, "110"), (30, "111"), (25, "100"), (3, "010"), (22, "001"), (5, "011"), (2, "000"),
        (14, "101"),
    ]  # fmt: skip
    answers = ticked(*people)
    survey = lay(tmp_path, CUSTOMERS + LEVELS + USED, answers | rated(171))
    found = findings(survey)
    rows = [row for one in found for row in one.to_dict()["records"]["estimates"]]
    used = np.array([[word == "yes" for word in answers[f"c{k}"]] for k in (1, 2, 3)])
    n_used = used.sum(axis=0)
    names = {"website": used[0], "app": used[1], "phone": used[2], "several": n_used > 1}
    names |= {str(k): n_used == k for k in range(5)}
    shown = {
        key
        for row in rows
        if row.get("estimate") is not None and "hidden_privacy" not in row.get("flags", ())
        for field in ("by_interaction_channel", "by_n_channels")
        if (key := row.get(field)) is not None
    }
    told = [one for key, one in names.items() if key in shown and one.any()]
    assert len(told) > 1
    assert not tells([np.ones(171, dtype=bool), *told], 10)
    hidden = [row for row in rows if "hidden_privacy" in row.get("flags", ())]
    assert hidden
    assert all(row.get(key) is None for row in hidden for key in ("estimate", "n", "n_eff"))
    texts = json.dumps([one.to_dict() for one in found])
    assert "NaN" not in texts


# -- over the pages of a batch -------------------------------------------------------------------

REGIONS = "segments: {region: {column: region}}\n"


def test_few_users_in_one_group_cannot_be_found_over_the_pages_of_a_batch(tmp_path: Path) -> None:
    """Phone: 4 of java, 30 of bali, 60 of papua, 94 in all, so java and bali are not told."""
    answers = ticked((4, "101"), (76, "100"), (30, "101"), (50, "110"), (60, "011"), (40, "110"))
    answers |= {"region": ["java"] * 80 + ["bali"] * 80 + ["papua"] * 100} | rated(260)
    lay(tmp_path, CUSTOMERS + LEVELS + REGIONS + USED, answers)

    def hidden(group: str | None) -> list[str]:
        shares = channels.usage(cx.load(tmp_path, group=group)).published().where(metric="share")
        return [one.of for one in shares if "hidden_privacy" in one.flags]

    assert hidden(None) == []
    assert "channel:phone" in hidden("region=java")
    assert "channel:phone" in hidden("region=bali")
    assert "channel:phone" not in hidden("region=papua")


def test_few_non_users_are_as_private_as_few_users(tmp_path: Path) -> None:
    """Website: all but 4 of java, all but 30 of bali, half of papua use it."""
    answers = ticked(
        (60, "110"), (16, "100"), (4, "010"), (50, "110"), (30, "001"), (50, "110"), (50, "001")
    )
    answers |= {"region": ["java"] * 80 + ["bali"] * 80 + ["papua"] * 100} | rated(260)
    lay(tmp_path, CUSTOMERS + LEVELS + REGIONS + USED, answers)
    told = cx.load(tmp_path, group="region=bali")
    private = {one[3] for one in told.context().get("private", ())}
    assert "channel:website!" in private
    shares = channels.usage(told).published().where(of="channel:website")
    assert all("hidden_privacy" in one.flags for one in shares)


# -- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_sentence_title_note_and_table_is_worded(used, tmp_path: Path, language: str) -> None:
    answers = ticked((60, "110"), (50, "101"), (30, "000"), (5, "011")) | rated(145)
    answers |= {"src": (["direct"] * 80 + ["email"] * 65), "x1": [4] * 145, "x2": [2] * 145}
    study = STUDY.replace("res_1: r1}", "res_1: r1, chn_switch: x1, chn_same: x2}")
    for survey in (used, lay(tmp_path, study, answers)):
        for one in findings(survey):
            shown = Shown(one.to_dict(), Words(language, one.context))
            told = [shown.sentence, *shown.notes(), shown.title]
            if one.table:
                told.append(json.dumps(shown.table(), ensure_ascii=False, default=str))
            if one.figure:
                told.append(shown.alt())
            joined = " ".join(told).replace('{"', "").replace(": {}", "")
            assert "{unit" not in joined
            assert "interaction_channel" not in joined
            assert "n_channels" not in joined
            assert not any(word in joined for word in ("{list}", "{n}", "{share}", "{channel}"))
