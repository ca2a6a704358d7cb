"""What a study asks beyond the core: batteries, channels, another brand, and who is asked them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cxkit as cx
from cxkit import library
from cxkit.analysis import scoring
from cxkit.answers import check
from cxkit.answers.survey import Survey
from cxkit.errors import StudyError
from cxkit.study import Study, read_study

HEAD = """\
cxkit: 1
study: toko
title: Toko
brand: Toko
period: enam bulan
languages: [id, en]
sample: {frame: market, design: opt_in}
answers: {path: answers.csv}
"""
CORE = "frameworks: [pyramid]\nscale: agreement_5\n"
BASES = "bases: {visitors: {column: v}, buyers: {column: b}, aware: {column: k}}\n"
ITEM = "items: {ful_1: f}\n"


def laid(folder: Path, more: str) -> Study:
    """A study file of these lines, read."""
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(HEAD + more, encoding="utf-8")
    return read_study(folder)


def written(folder: Path, columns: Mapping[str, Sequence[object]]) -> None:
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows(zip(*columns.values(), strict=True))


def load(folder: Path, more: str, **columns: Sequence[object]) -> Survey:
    """The study with its answers, `_` for a slash in the name of a column."""
    laid(folder, more)
    written(folder, columns)
    return cx.load(folder)


def slips(folder: Path, more: str) -> list[str]:
    with pytest.raises(StudyError) as caught:
        laid(folder, more)
    return [one.message for one in caught.value.problems] or [caught.value.message]


def values(survey: Survey, of: str) -> list[float | None]:
    """The values of a question, None for no answer."""
    return [None if np.isnan(one) else float(one) for one in survey.values(of)]


# -- what the library says of a question -----------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "scale", "base", "reached"),
    [
        ("typ_event_1", "agreement_7", "attendees", ()),
        ("det_chatbot", "agreement_7", "chatbot_users", ()),
        ("exp_trust", "agreement_7", "experienced", ()),
        ("dis_fulfilment", "against_expectation_5", "buyers", ()),
        ("val_money", "agreement_7", "buyers", ()),
        ("per_offers", "agreement_7", "experienced", ()),
        ("chn_same", "agreement_7", "multi_channel", ()),
        ("evl_service", "satisfaction_7", None, ("evaluate",)),
        ("imp_decide_price", "importance_7", None, ("consider", "decide")),
        ("inc_handling", "satisfaction_7", "reported", ()),
    ],
)
def test_an_item_takes_scale_base_and_stages_from_the_library(
    tmp_path: Path, item: str, scale: str, base: str | None, reached: tuple[str, ...]
) -> None:
    """Of a family as many points as the study's own."""
    frameworks = "frameworks: [pyramid, types, determinants]\nscale: agreement_7\n"
    one = laid(tmp_path, f"{frameworks}items: {{ful_1: f, {item}: x}}\n").items[item]
    assert (one.scale, one.base, one.reached) == (scale, base, reached)


def test_what_the_file_says_of_an_item_wins(tmp_path: Path) -> None:
    stages = "stages: {aware: {reached: a}, decide: {reached: d}}\n"
    told = "items: {imp_decide_price: {column: x, scale: importance_5, base: buyers, "
    study = laid(tmp_path, CORE.replace("pyramid]", "pyramid, journey]") + BASES + stages + told
                 + "reached: [decide]}}\n")  # fmt: skip
    one = study.items["imp_decide_price"]
    assert (one.scale, one.base, one.reached) == ("importance_5", "buyers", ("decide",))


@pytest.mark.parametrize(
    ("outcome", "metric", "scale", "definition", "base"),
    [
        ("stay", "top_2_box", "likelihood_5", None, "buyers"),
        ("out_leave", "top_2_box", "likelihood_5", None, "buyers"),
        ("loyal_price", "top_2_box", "agreement_5", None, "buyers"),
        ("cross_sell", "top_2_box", "interest_5", None, "buyers"),
        ("overall", "mean", "stars_5", None, "experienced"),
        ("wom_talked", "share", "yes_no", "top_1_box", "aware"),
        ("wom_tone", "share", "wom_tone", "top_1_box", "talked"),
        ("wom_followed", "share", "yes_no", "top_1_box", "recommended"),
        ("rev_tone", "share", "rev_tone", "top_1_box", "posted"),
        ("rev_stars", "mean", "stars_5", None, "posted"),
        ("inc_resolved", "share", "inc_resolved", "top_1_box", "had_problem"),
        ("inc_handling", "score_100", "satisfaction_5", None, "reported"),
        ("recommend", "nps", "recommend_0_10", None, None),
    ],
)
def test_an_outcome_takes_what_it_is_measured_by_from_its_question(
    tmp_path: Path, outcome: str, metric: str, scale: str, definition: str, base: str
) -> None:
    one = laid(tmp_path, CORE + f"outcomes: {{{outcome}: x}}\n").outcomes[outcome]
    assert (one.metric, one.scale, one.definition, one.base) == (metric, scale, definition, base)


@pytest.mark.parametrize(
    "outcome",
    ["stay: {column: x, metric: top_2_box}", "overall: {column: x, metric: mean}",
     "satisfaction: x", "effort: {column: x, definition: mean}"],
)  # fmt: skip
def test_the_scale_of_an_outcome_with_a_metric_of_its_own_is_never_assumed(
    tmp_path: Path, outcome: str
) -> None:
    key = outcome.partition(":")[0]
    assert f"outcome '{key}' has no response scale" in slips(
        tmp_path, CORE + f"outcomes: {{{outcome}}}\n"
    )


def test_a_list_of_answers_has_no_points_to_choose(tmp_path: Path) -> None:
    study = laid(tmp_path, CORE + "outcomes: {wom_talked: {column: x, metric: mean}}\n")
    one = study.outcomes["wom_talked"]
    assert (one.metric, one.scale, one.definition) == ("mean", "yes_no", None)


@pytest.mark.parametrize("told", ["items: {exp_trust: x}", "outcomes: {loyal_price: x}"])
def test_a_statement_takes_the_studys_own_scale_and_no_other(tmp_path: Path, told: str) -> None:
    """Without `scale:` nobody has said how many points respondents saw."""
    (message,) = slips(tmp_path, f"frameworks: [pyramid]\n{told}\n")
    assert "has no response scale" in message


def test_intentions_and_reports_are_no_headlines_unless_measured_by_the_study(tmp_path) -> None:
    own = "stay: {column: y, metric: top_2_box, scale: likelihood_5}"
    study = laid(tmp_path, f"{CORE}{ITEM}outcomes: {{recommend: r, wom_talked: x, {own}}}\n")
    assert list(study.headlines) == ["recommend", "stay"]
    context = study.context()
    assert list(context["outcomes"]) == ["recommend", "stay"]
    assert list(context["further_outcomes"]) == ["wom_talked"]


def test_statements_are_those_of_the_levels(tmp_path: Path) -> None:
    frameworks = "frameworks: [pyramid, types]\nscale: agreement_5\n"
    study = laid(tmp_path, frameworks + "items: {val_money: m, typ_product_1: p, ful_1: f}\n")
    assert study.statements == ("ful_1",)
    assert study.item_keys == ("ful_1", "typ_product_1", "val_money")
    context = study.context()
    assert list(context["items"]) == ["ful_1"]
    assert list(context["further_items"]) == ["typ_product_1", "val_money"]
    assert context["parts"]["type"]["asked"]["product"] == ["typ_product_1"]
    assert context["parts"]["type"]["asked"]["event"] == []


@pytest.mark.parametrize(
    ("item", "known"), [("exp_thrust", "exp_trust"), ("out_stay", None), ("wom_talked", None)]
)
def test_an_item_that_no_battery_asks_is_refused(tmp_path: Path, item: str, known) -> None:
    """What has a place under outcomes is no item."""
    with pytest.raises(StudyError, match=f"unknown item '{item}'") as caught:
        laid(tmp_path, CORE + f"items: {{{item}: x}}\n")
    assert known is None or caught.value.hint == f"did you mean '{known}'?"


def test_a_study_without_levels_names_its_items_as_it_likes(tmp_path: Path) -> None:
    assert laid(tmp_path, "items: {q1: {column: x, scale: recommend_0_10}}\n").item_keys == ("q1",)


def test_a_stage_that_is_none_gates_nothing_and_is_refused(tmp_path: Path) -> None:
    told = "items: {evl_quality: {column: x, reached: [evaluated]}}\n"
    stages = "stages: {evaluate: {reached: e}}\n"
    with pytest.raises(StudyError, match="unknown stage 'evaluated'") as caught:
        laid(tmp_path, "frameworks: [pyramid, journey]\nscale: agreement_5\n" + stages + told)
    assert caught.value.hint == "did you mean 'evaluate'?"


# -- bases that follow from answers ----------------------------------------------------------------

TALK = BASES + ITEM + "outcomes: {wom_talked: t, wom_tone: w}\n"


def test_a_base_follows_from_the_answers_that_tell_it(tmp_path: Path) -> None:
    """Said by word, by label in either language, or by 1 and 0."""
    said = ["yes", "Ya", "Yes", "1", "1.0", "no", "Tidak", "0", ""]
    n = len(said)
    survey = load(tmp_path, CORE + TALK, f=[3] * n, v=["yes"] * n, b=["yes"] * n, k=["yes"] * n,
                  t=said, w=["equal"] * n)  # fmt: skip
    assert values(survey, "outcome:wom_talked") == [1, 1, 1, 1, 1, 0, 0, 0, None]
    assert survey.frame["base:talked"].tolist() == [True] * 5 + [False] * 4
    assert values(survey, "outcome:wom_tone") == [2] * 5 + [None] * 4
    assert survey.frame["why:outcome:wom_tone"].tolist()[5:] == ["not_applicable"] * 4


def test_a_base_that_no_question_needs_is_not_made(tmp_path: Path) -> None:
    without = laid(tmp_path, CORE + BASES + ITEM + "outcomes: {wom_talked: t}\n")
    assert "talked" not in without.base_keys
    assert "talked" in laid(tmp_path, CORE + TALK).base_keys


def test_a_base_that_the_study_declares_stays_as_it_is(tmp_path: Path) -> None:
    own = TALK.replace("bases: {", "bases: {talked: {column: spoke, is: often}, ")
    base = laid(tmp_path, CORE + own).bases["talked"]
    assert (base.column, base.words) == ("spoke", ("often",))


@pytest.mark.parametrize(
    ("ways", "column", "words", "parts"),
    [
        ("{column: used, is: [yes, maybe]}", "used", ("yes", "maybe"), ()),
        ("[used, tried]", None, (), ("buyers",)),
    ],
)
def test_users_are_those_of_the_one_way_to_evaluate_else_buyers(
    tmp_path: Path, ways: str, column: str | None, words: tuple[str, ...], parts
) -> None:
    journey = CORE.replace("pyramid]", "pyramid, journey]")
    journey += f"stages: {{evaluate: {{reached: {ways}}}}}\n"
    told = "items: {ful_1: f, val_money: {column: m, base: users}}\n"
    study = laid(tmp_path, journey + BASES + told)
    base = study.bases["users"]
    assert (base.column, base.any) == (column, parts)
    assert column is None or base.words == words


def test_who_had_a_problem_follows_from_what_happened(tmp_path: Path) -> None:
    told = "outcomes: {inc_happened: h, inc_reported: r, inc_resolved: s, inc_handling: g}\n"
    yes = ["yes"] * 4
    survey = load(tmp_path, CORE + BASES + ITEM + told, f=[3] * 4, v=yes, b=yes, k=yes,
                  h=["yes", "yes", "no", ""], r=["yes", "no", "yes", "yes"],
                  s=["solved", "partly", "open", "unsolved"], g=[5, 4, 3, 2])  # fmt: skip
    assert values(survey, "outcome:inc_resolved") == [4, 3, None, None]
    assert values(survey, "outcome:inc_handling")[:2] == [5, None]
    assert survey.frame["base:had_problem"].tolist() == [True, True, False, False]


# -- lists of answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", library.answer_scales())
def test_lists_of_answers_are_read_by_their_words_and_labels(tmp_path: Path, name: str) -> None:
    """Every answer as the kit writes it and as respondents read it, in both languages."""
    scale = library.answer_scale(name)
    words = library.load_yaml(
        Path(library.__file__).with_name("answer_scales.yaml")
    )[name]  # fmt: skip
    said = [
        text
        for word in words
        for text in (
            word,
            *library.in_every_language("answers", name, word).values(),
        )
    ]
    outcome = {"yes_no": "rev_posted"}.get(name, name)
    told = f"outcomes: {{{outcome}: {{column: x, base: visitors}}}}\n"
    survey = load(tmp_path, CORE + BASES + told, x=said, v=["yes"] * len(said),
                  b=["yes"] * len(said), k=["yes"] * len(said))  # fmt: skip
    per_word = len(said) // len(words)
    assert values(survey, f"outcome:{outcome}") == [
        float(code) for code in words.values() for _ in range(per_word)
    ]
    assert scale.points == tuple(sorted(map(float, words.values())))


def test_a_bare_code_of_a_list_is_refused(tmp_path: Path) -> None:
    """Which answer of a list a code is, the export does not say; the study can."""
    told = CORE + BASES + "outcomes: {wom_tone: {column: x, base: visitors}}\n"
    laid(tmp_path, told)
    columns = {"x": ["mostly_good", "2", "3"], **dict.fromkeys("vbk", ["yes"] * 3)}
    written(tmp_path, columns)
    (problem,) = check(tmp_path).errors
    assert (problem.code, problem.n, problem.examples) == ("unmapped_text", 2, ("2", "3"))
    assert "an answer of the list (mostly_bad, equal, mostly_good)" in str(problem.expected)
    assert problem.hint == "say what it stands for: text_answers: {x: {2: ANSWER}}"
    survey = load(tmp_path, told + "text_answers: {x: {2: mostly_bad, 3: 2}}\n", **columns)
    assert values(survey, "outcome:wom_tone") == [3, 1, 2]


# -- channels --------------------------------------------------------------------------------------

USED = CORE + "bases: {visitors: {column: v}}\nitems: {tru_1: f, chn_same: s}\n"
LABELS = "labels: {web: {id: Situs, en: Site}, app: {id: Aplikasi, en: App}, "
LABELS += "unknown: {id: Lupa, en: Forgot}}"
TICKS = {
    "web": ["yes", "no", "yes", "", ""],
    "app": ["yes", "yes", "", "", ""],
    "unknown": ["no", "yes", "", "", "yes"],
}


@pytest.mark.parametrize("way", ["a question", "columns"])
def test_channels_are_read_from_a_question_or_from_columns(tmp_path: Path, way: str) -> None:
    """Blank beside a tick is no; all blank is no answer; who forgot used no channel."""
    of = {"a question": "q/{}", "columns": "c_{}"}[way]
    named = (
        "column: q"
        if way == "a question"
        else f"columns: {{{', '.join(f'{key}: c_{key}' for key in TICKS)}}}"
    )
    more = f"{USED}channels: {{{named}, {LABELS}}}\n"
    columns = {of.format(key): ticks for key, ticks in TICKS.items()}
    survey = load(tmp_path, more, f=[4] * 5, s=[5] * 5, v=["yes"] * 5, **columns)
    assert survey.study.channel_keys == tuple(TICKS)
    assert values(survey, "channel:web") == [1, 0, 1, None, 0]
    assert values(survey, "channel:app") == [1, 1, 0, None, 0]
    assert survey.frame["base:multi_channel"].tolist() == [True, False, False, False, False]
    assert values(survey, "item:chn_same") == [5, None, None, None, None]


def test_a_column_of_a_channel_may_be_called_otherwise(tmp_path: Path) -> None:
    more = f"{USED}channels: {{column: q, columns: {{app: aplikasi}}, is: [1], {LABELS}}}\n"
    study = laid(tmp_path, more)
    assert list(study.channel_columns.values()) == ["q/web", "aplikasi", "q/unknown"]
    survey = load(tmp_path, more, f=[4, 4], s=[5, 5], v=["yes"] * 2,
                  **{"q/web": [1, 0], "aplikasi": [1, 1], "q/unknown": [0, 0]})  # fmt: skip
    assert values(survey, "channel:web") == [1, 0]
    assert survey.frame["base:multi_channel"].tolist() == [True, False]


def test_the_channels_of_the_library_are_known_by_its_vocabulary(tmp_path: Path) -> None:
    more = f"{USED}channels: {{column: q, vocabulary: interaction_channel}}\n"
    assert laid(tmp_path, more).channel_keys == tuple(library.vocabulary("interaction_channel"))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("{base: visitors}", "names neither a question nor columns"),
        ("{column: q}", "does not say which answers its question offers"),
        ("{column: q, vocabulary: interaction_chanel}", "vocabulary 'interaction_chanel'"),
        ("{columns: {web: c}, base: visitor}", "unknown base 'visitor'"),
    ],
)
def test_channels_that_say_too_little_are_refused(tmp_path: Path, told: str, message: str) -> None:
    assert any(message in one for one in slips(tmp_path, USED + f"channels: {told}\n"))


def late(n_blank: int, rows: Sequence[Sequence[str]], blank: Sequence[str]) -> list[list[str]]:
    """So many rows that were not asked yet, and then those that were."""
    return [[*blank] for _ in range(n_blank)] + [[*row] for row in rows]


KOBO = ("start", "end", "f", "s", "v", "q", "q/web", "q/app", "_id", "_uuid",
        "_submission_time", "_index")  # fmt: skip
_BEFORE = ["2026-03-01T10:00:00", "2026-03-01T10:05:00", "4", "5", "yes"]
_AFTER = ["1", "u1", "2026-03-01T10:05:00", "1"]


@pytest.mark.parametrize("n_blank", [0, 60])
def test_ticks_of_a_platform_are_found_however_late_they_begin(tmp_path: Path, n_blank) -> None:
    """A question that a later wave added is blank in all the rows that tell what a file is."""
    rows = late(
        n_blank,
        [[*_BEFORE, "web app", "1", "1", *_AFTER], [*_BEFORE, "app", "0", "1", *_AFTER]],
        [*_BEFORE, "", "", "", *_AFTER],
    )
    of = "labels: {web: {id: Situs, en: Site}, app: {id: Aplikasi, en: App}}"
    more = f"{USED}channels: {{column: q, {of}}}\n"
    survey = load(tmp_path, more, **{name: [row[at] for row in rows]
                                     for at, name in enumerate(KOBO)})  # fmt: skip
    assert values(survey, "channel:web") == [None] * n_blank + [1, 0]
    assert values(survey, "channel:app") == [None] * n_blank + [1, 1]


def test_several_answers_in_one_cell_are_found_however_late(tmp_path: Path) -> None:
    """Google Forms: which columns hold several options, only the cells can tell."""
    before = ["2026/03/01 10:00:00 AM GMT+7", "4", "5", "yes"]
    ticked = ["Situs;Aplikasi", "Aplikasi"] * 3
    rows = late(60, [[*before, one] for one in ticked], [*before, ""])
    of = "{column: Lewat apa?, columns: {web: Lewat apa?/Situs, app: Lewat apa?/Aplikasi}, "
    of += "labels: {web: {id: Situs, en: Site}, app: {id: Aplikasi, en: App}}}"
    names = ("Timestamp", "f", "s", "v", "Lewat apa?")
    survey = load(tmp_path, f"{USED}channels: {of}\n",
                  **{name: [row[at] for row in rows] for at, name in enumerate(names)})  # fmt: skip
    assert values(survey, "channel:web")[60:] == [1, 0] * 3
    assert values(survey, "channel:app")[60:] == [1] * 6


# -- another brand ---------------------------------------------------------------------------------

RIVAL = """
bases: {visitors: {column: v}}
outcomes: {recommend: {column: r, base: visitors}}
items: {tru_1: f}
rival: {brand: Toko Lain, items: {tru_1: xf}, outcomes: {recommend: xr}}
"""


def test_another_brand_is_read_on_the_scales_of_the_studys_own(tmp_path: Path) -> None:
    """By label too, and whether or not the person is of the base of the own question."""
    survey = load(tmp_path, CORE + RIVAL, f=[4, 4, 4], r=[9, 8, 7], v=["yes", "yes", "no"],
                  xf=["Sangat setuju", 2, 3], xr=[0, 10, ""])  # fmt: skip
    assert values(survey, "rival:item:tru_1") == [5, 2, 3]
    assert values(survey, "rival:outcome:recommend") == [0, 10, None]
    assert values(survey, "item:tru_1") == [4, 4, None]


def test_an_answer_on_another_brand_that_is_off_the_scale_is_refused(tmp_path: Path) -> None:
    laid(tmp_path, CORE + RIVAL)
    written(tmp_path, {"f": [4], "r": [9], "v": ["yes"], "xf": [7], "xr": [9]})
    (problem,) = check(tmp_path).errors
    assert (problem.code, problem.examples) == ("off_scale", ("7",))
    assert "column 'xf' holds '7', which is not on the scale 'agreement_5'" in problem.message


def test_a_wave_that_asked_on_another_scale_asked_the_rival_on_it_too(tmp_path: Path) -> None:
    waves = "wave: w\nwaves: {2025H1: {instrument: {scales: {tru_1: agreement_7}}}, 2025H2: }\n"
    survey = load(tmp_path, CORE + RIVAL + waves, w=["2025H1", "2025H2"], f=[7, 5], r=[9, 9],
                  v=["yes"] * 2, xf=[7, 5], xr=[9, 9])  # fmt: skip
    assert survey.frame["rival:item:tru_1"].tolist() == [7, 5]
    assert values(survey, "rival:item:tru_1") == values(survey, "item:tru_1") == [None, 5]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("{brand: B, items: {tru_2: x}}", "unknown item 'tru_2'"),
        ("{brand: B, outcomes: {satisfaction: x}}", "unknown outcome 'satisfaction'"),
        ("{brand: B}", "names no question"),
        ("{items: {tru_1: x}}", "brand"),
    ],
)
def test_a_rival_is_asked_what_the_study_asks_of_its_own(tmp_path, told, message) -> None:
    more = "\n".join(one for one in RIVAL.splitlines() if not one.startswith("rival"))
    assert any(message in one for one in slips(tmp_path, f"{CORE}{more}\nrival: {told}\n"))


# -- who is asked ----------------------------------------------------------------------------------

JOURNEY = """
frameworks: [pyramid, journey]
scale: agreement_5
bases: {visitors: {column: v}, buyers: {column: b}}
stages: {consider: {reached: c}, decide: {reached: d}, evaluate: {reached: e}}
"""


def reached(n: int, **told: Sequence[str]) -> dict[str, Any]:
    return {"f": [3] * n, "v": ["yes"] * n, "b": ["yes"] * n, "c": ["yes"] * n, "d": ["yes"] * n,
            "e": ["yes"] * n} | told  # fmt: skip


def test_an_item_is_answered_by_those_who_reached_all_its_stages(tmp_path: Path) -> None:
    """Who did not say whether a stage was reached may answer; the reason is told."""
    told = "items: {tru_1: f, imp_consider_price: i, evl_service: s}\n"
    survey = load(tmp_path, JOURNEY + told, i=[5, 4, 3, 2], s=[1, 2, 3, 4],
                  **reached(4, c=["yes", "no", "yes", "yes"], d=["yes", "yes", "no", ""],
                            e=["no", "yes", "yes", "yes"]))  # fmt: skip
    assert values(survey, "item:imp_consider_price") == [5, None, None, 2]
    assert values(survey, "item:evl_service") == [None, 2, 3, 4]
    whys = survey.frame["why:item:imp_consider_price"].tolist()
    assert whys == ["", "not_reached", "not_reached", ""]
    warned = [one for one in check(tmp_path) if one.code == "outside_base"]
    assert {one.n for one in warned if one.column == "i"} == {2}
    assert "did not reach stage" in warned[0].message


def test_a_base_beside_a_stage_gates_as_well(tmp_path: Path) -> None:
    told = "items: {tru_1: f, evl_service: {column: s, base: buyers}}\n"
    who = reached(4, e=["yes", "yes", "no", "no"], b=["yes", "no", "yes", "no"])
    survey = load(tmp_path, JOURNEY + told, s=[1, 2, 3, ""], **who)
    assert values(survey, "item:evl_service") == [1, None, None, None]
    assert survey.frame["why:item:evl_service"].tolist() == [
        "", "not_applicable", "not_reached", "not_reached",
    ]  # fmt: skip


# -- frameworks beside the first -------------------------------------------------------------------

PARTS = """
frameworks: [pyramid, types, determinants]
scale: agreement_5
bases:
  visitors: {column: v}
  buyers: {column: b}
  contacted: {column: c}
  attendees: {column: a}
items: {ful_1: f, typ_product_1: p1, typ_product_2: p2, typ_event_1: e1, typ_event_2: e2,
        typ_event_3: e3, det_timeliness: d1, det_transaction_ease: d2}
"""


def test_types_and_determinants_scored_by_hand(tmp_path: Path) -> None:
    """5 of 5 is 100, 1 is 0; half of a part's statements score it; only its own base is scored."""
    columns = {
        "f": [3, 3, 3, 3],
        "v": ["yes"] * 4,
        "b": ["yes", "yes", "yes", "no"],
        "c": ["yes", "no", "yes", "yes"],
        "a": ["yes", "yes", "yes", "no"],
        "p1": [5, 2, "", 4],
        "p2": [3, "", "", 4],
        "e1": [5, 5, 1, 5],
        "e2": ["", 3, "", 5],
        "e3": ["", 1, 2, 5],
        "d1": [1, 5, 4, 2],
        "d2": ["", 4, 5, 5],
    }
    survey = load(tmp_path, PARTS, **columns)

    def scored(kind: str, key: str) -> list[float | None]:
        found = scoring.part_scores(survey, kind, key)
        return [None if np.isnan(one) else float(one) for one in found]

    # users are buyers, where nothing says who tried it
    assert scored("type", "product") == [(100 + 50) / 2, 25.0, None, None]
    # one of three is too few; (100 + 50 + 0) / 3; two of three: (0 + 25) / 2; attended nothing
    assert scored("type", "event") == [None, 50.0, 12.5, None]
    assert scored("determinant", "timeliness") == [0.0, None, 75.0, 25.0]
    assert scored("determinant", "transaction_ease") == [None, 75.0, 100.0, None]
    event = cx.estimate(survey, "score_100", of="type:event").only()
    assert (event.n, event.estimate) == (2, pytest.approx(31.25))
    assert scoring.parts(survey.study, "type")["service_social"] == ()
    service = cx.estimate(survey, "score_100", of="type:service_social").only()
    assert service.flags == ("not_measured",)


def test_frameworks_of_the_same_kind_of_part_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "key: mine\nversion: 1\nkind: levels\npart: type\n"
        "levels: [{key: a, label: A, items: [a1]}]\nitems: {a1: {text: A}}\n",
        encoding="utf-8",
    )
    more = "frameworks: [pyramid, types, mine]\nscale: agreement_5\nitems: {ful_1: f}\n"
    assert any("are both frameworks of types" in one for one in slips(tmp_path, more))
