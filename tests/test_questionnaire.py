"""The questionnaire asks the right people, in the agreed order, under the study's own columns."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from asked_study import AHEAD, laid_down
from click.testing import CliRunner

from cxkit import library
from cxkit.answers.questionnaire import FORMATS, Form, form_of, write
from cxkit.answers.questionnaire.conditions import All, Any, AtLeast, Blank, Condition, every, some
from cxkit.answers.questionnaire.made import notes_of
from cxkit.answers.questionnaire.minutes import reading
from cxkit.cli import cli
from cxkit.errors import StudyError
from cxkit.study import read_study

ALL = tuple(one for one in library.batteries() if one != "channels_in_step")

# The order that was agreed: screening, recommend and reason, satisfaction, the eleven, the stages,
# what could be better, five questions on the person.
CORE = """
    scr_aware scr_visited scr_bought scr_contacted scr_staff scr_chatbot scr_event
    out_recommend cmt_reason out_satisfaction
    ful_1 ful_2 tru_1 tru_2 res_1 res_2 onx_1 onx_2 onx_3 emo_1 emo_2
    rch_consider rch_decide rch_evaluate rch_advocate_peer rch_advocate_brand
    stg_aware stg_consider stg_decide stg_evaluate stg_advocate
    cmt_improve
    pro_awareness_source pro_acquisition_channel pro_interaction_channel pro_mode pro_device
"""
Answers = Mapping[str, object]


def holds(when: Condition | None, answers: Answers) -> bool:
    """Whether a condition holds for these answers, worked out the plain way."""
    match when:
        case None:
            return True
        case All(parts):
            return all(holds(part, answers) for part in parts)
        case Any(parts):
            return any(holds(part, answers) for part in parts)
        case Blank(question):
            return not answers.get(question)
        case AtLeast(question, n, beside):
            ticked = answers.get(question, ())
            assert isinstance(ticked, tuple)
            return len(set(ticked) - set(beside)) >= n
        case _:
            given = answers.get(when.question)
            return when.value in given if isinstance(given, tuple) else given == when.value


def asked_of(form: Form, **answers: object) -> set[str]:
    """The questions that a respondent with these answers is asked."""
    return {one.key for one in form.questions if holds(one.when, answers)}


def keys(form: Form) -> list[str]:
    return [one.key for one in form.questions]


# -- what is asked, in which order ------------------------------------------------------------


def test_the_core_comes_in_the_agreed_order(tmp_path: Path) -> None:
    assert keys(form_of(laid_down(tmp_path))) == CORE.split()


def test_a_chosen_battery_comes_between_the_stages_and_the_last_comment(tmp_path: Path) -> None:
    asked = keys(form_of(laid_down(tmp_path), batteries=["types"]))
    types = [key for key in asked if key.startswith("typ_")]
    assert len(types) == 11
    at = asked.index("stg_advocate") + 1
    assert asked[at : at + 11] == types
    assert asked[at + 11] == "cmt_improve"


def test_the_study_chooses_batteries_as_the_command_does(tmp_path: Path) -> None:
    study = laid_down(tmp_path / "a", "batteries: [types, stages.importance]\n")
    same = form_of(laid_down(tmp_path / "b"), batteries=["types", "stages.importance"])
    assert keys(form_of(study)) == keys(same)
    assert "imp_consider_price" in keys(same)
    assert "evl_quality" not in keys(same)


def test_what_the_study_maps_is_asked_without_its_battery(tmp_path: Path) -> None:
    more = "comments: {wish: cmt_wish}\n"
    more += "segments: {bought: {column: kapan, vocabulary: last_purchase}}\n"
    outcomes = "outcomes: {effort: {column: Q7, scale: ease_5, definition: mean}}"
    form = form_of(laid_down(tmp_path, more, outcomes=outcomes))
    assert form.question("out_effort").column == "Q7"
    assert form.question("out_effort").scale == "ease_5"
    assert form.question("pro_last_purchase").column == "kapan"
    assert keys(form).index("cmt_wish") == keys(form).index("cmt_improve") + 1


def test_a_question_is_asked_before_those_that_hang_on_it(tmp_path: Path) -> None:
    study = laid_down(tmp_path, AHEAD)
    form = form_of(study, batteries=library.batteries())
    order = keys(form)
    assert order.index("pro_interaction_channel") < order.index("chn_switch")
    assert order.index("rch_advocate_peer") < order.index("wom_recommended")
    assert len(order) == len(set(order))


def test_only_the_statements_that_the_study_names_are_asked(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, "items: {tru_1: Q1, onx_2: Q2}\n"))
    statements = [one for one in form.questions if one.purpose.startswith("level:")]
    assert [(one.key, one.column) for one in statements] == [("tru_1", "Q1"), ("onx_2", "Q2")]


def test_a_framework_of_the_studys_own_stands_in_the_place_of_the_eleven(tmp_path: Path) -> None:
    (tmp_path / "mutu.yaml").write_text(
        "key: mutu\nversion: 1\nkind: levels\ntitle: {id: Mutu, en: Quality}\n"
        "levels: [{key: rasa, label: {id: Rasa, en: Taste}, items: [rasa_1]}]\n"
        "items: {rasa_1: {base: buyers, text: {id: Kopi {brand} enak., "
        "en: The coffee of {brand} is good.}}}\n".replace(
            "Kopi {brand} enak.", "'Kopi {brand} enak.'"
        ).replace("The coffee of {brand} is good.", "'The coffee of {brand} is good.'"),
        encoding="utf-8",
    )
    form = form_of(
        laid_down(tmp_path, "items: {rasa_1: R1}\n", frameworks="frameworks: [mutu, journey]")
    )
    assert form.question("rasa_1").text["en"] == "The coffee of Kopi Kita is good."
    assert "ful_1" not in keys(form)
    assert keys(form)[keys(form).index("out_satisfaction") + 1] == "rasa_1"
    assert asked_of(form, scr_aware="yes", scr_bought="yes") >= {"rasa_1"}


@pytest.mark.parametrize(
    ("more", "asked"), [("", "exp_trust"), ("waves: {2026H1: , 2026H2: }\n", "dis_trust")]
)
def test_a_tracker_asks_expectation_the_short_way(tmp_path: Path, more: str, asked: str) -> None:
    form = form_of(laid_down(tmp_path, more), batteries=["expectation"])
    assert {"exp_trust", "dis_trust"} & set(keys(form)) == {asked}


def test_levels_turn_as_blocks_and_statements_inside(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path), batteries=["stages.importance"])
    ((turning, pages),) = form.rotations()
    assert turning == "pyramid"
    assert [[one.key for one in page.questions] for page in pages] == [
        ["ful_1", "ful_2"], ["tru_1", "tru_2"], ["res_1", "res_2"],
        ["onx_1", "onx_2", "onx_3"], ["emo_1", "emo_2"],
    ]  # fmt: skip
    assert all(page.is_shuffled for page in pages)
    price = [page for page in form.pages if page.questions[0].key.startswith("imp_")]
    assert [len(page.questions) for page in price] == [2, 2]
    assert all(page.is_shuffled and not page.turning for page in price)


# -- of whom ----------------------------------------------------------------------------------


def test_who_never_heard_of_the_brand_is_asked_no_more(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, AHEAD), batteries=library.batteries())
    assert asked_of(form, scr_aware="no") == {"scr_aware"}


def test_the_bases_are_those_that_were_agreed(tmp_path: Path) -> None:
    """Visitors, buyers and the experienced each get their own statements, as agreed."""
    form = form_of(laid_down(tmp_path))
    experienced = {"tru_1", "res_1", "emo_1", "emo_2"}
    visitors = {"res_2", "onx_1", "onx_2", "onx_3"}
    buyers = {"ful_1", "ful_2", "tru_2"}
    eleven = experienced | visitors | buyers

    def statements(**answers: object) -> set[str]:
        return asked_of(form, scr_aware="yes", **answers) & eleven

    assert statements() == set()
    assert statements(scr_visited="yes") == experienced | visitors
    assert statements(scr_bought="yes") == experienced | buyers
    assert statements(scr_contacted="yes") == experienced
    assert statements(scr_staff="yes", scr_bought="dont_remember") == experienced


def test_a_stage_is_rated_by_those_who_reached_it(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path), batteries=["stages"])
    reached = asked_of(form, scr_aware="yes", rch_consider="yes", rch_advocate_brand="yes")
    assert {"stg_aware", "stg_consider", "stg_advocate"} <= reached
    assert not {"stg_decide", "stg_evaluate", "imp_consider_price", "evl_quality"} & reached
    both = asked_of(form, scr_aware="yes", rch_consider="yes", rch_decide="yes")
    assert {"imp_consider_price", "imp_decide_quality"} <= both


def test_advice_and_channels_are_asked_of_the_right_people(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, AHEAD), batteries=library.batteries())
    aware = {"scr_aware": "yes"}
    assert "wom_recommended" not in asked_of(form, **aware)
    assert "wom_warned" in asked_of(form, **aware)
    assert "wom_recommended" in asked_of(form, **aware, rch_advocate_peer="yes")
    assert "wom_followed" in asked_of(form, **aware, wom_recommended="yes")
    one, two = ("email",), ("email", "phone")
    assert "chn_same" not in asked_of(form, **aware, pro_interaction_channel=one)
    assert "chn_same" not in asked_of(form, **aware, pro_interaction_channel=(*one, "unknown"))
    assert "chn_same" in asked_of(form, **aware, pro_interaction_channel=two)


def test_a_sum_that_is_left_empty_is_asked_its_reason(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, AHEAD), batteries=["outcomes"])
    buyer = {"scr_aware": "yes", "scr_bought": "yes"}
    assert "out_spend_why" in asked_of(form, **buyer)
    assert "out_spend_why" not in asked_of(form, **buyer, out_spend="50000")
    why = form.question("out_spend_why")
    assert [one.value for one in why.choices] == ["dont_remember", "refused"]


def test_the_bases_of_the_study_win(tmp_path: Path) -> None:
    more = (
        "items: {tru_1: {column: Q1, base: buyers}, onx_2: {column: Q2, base: members}}\n"
        "bases: {buyers: {column: beli, is: '1'}, members: {column: anggota}}\n"
    )
    study = laid_down(tmp_path, more)
    form = form_of(study)
    bought = form.question("scr_bought")
    assert bought.column == "beli"
    assert [one.value for one in bought.choices] == ["1", "0", "dont_remember"]
    aware = {"scr_aware": "yes"}
    assert "tru_1" not in asked_of(form, **aware, scr_visited="yes")
    assert "tru_1" in asked_of(form, **aware, scr_bought="1")
    assert "onx_2" in asked_of(form, **aware)
    told = write(tmp_path, "markdown", tmp_path / "q.md").notes
    assert any("'members'" in one and "onx_2 is put to everybody" in one for one in told)


def test_conditions_join_without_repeating_themselves() -> None:
    a, b = Blank("a"), Blank("b")
    assert every([a, None, a]) == a
    assert every([All((a, b)), b]) == All((a, b))
    assert some([a, Any((a, b))]) == Any((a, b))
    assert some([]) is None


# -- in which words ---------------------------------------------------------------------------


def test_no_slot_is_left_over_in_any_language(tmp_path: Path) -> None:
    study = laid_down(tmp_path, AHEAD)
    form = form_of(study, batteries=library.batteries())
    texts = [form.consent, form.end, *(page.intro for page in form.pages)]
    for one in form.questions:
        texts += [one.text, one.hint, *(choice.label for choice in one.choices)]
    for text in texts:
        for language, words in text.items():
            assert not re.search(r"[{}]", words), (language, words)
            assert words.strip() == words
            assert words
    assert form.question("ful_2").text["id"] == (
        "Apa yang saya minta dari Kopi Kita terlaksana sesuai waktu yang dijanjikan."
    )
    assert form.question("res_2").text["id"].startswith("Melalui situs Kopi Kita, ")


def test_a_slot_that_the_study_does_not_fill_is_named_with_its_questions(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        form_of(laid_down(tmp_path), batteries=["outcomes"])
    (problem,) = caught.value.problems
    assert problem.column == "ahead"
    assert problem.examples == ("out_repurchase", "out_stay", "out_leave")
    assert "6 bulan ke depan" in str(problem.hint)


def test_a_brand_with_braces_stays_as_it_is(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, brand="brand: 'Toko {period} 100%'"))
    assert "Toko {period} 100%?" in form.question("scr_aware").text["id"]


def test_braces_that_are_no_slot_are_told(tmp_path: Path) -> None:
    study = laid_down(tmp_path, "items: {tru_1: {column: Q1, label: 'Percaya {'}}\n")
    with pytest.raises(StudyError, match="'tru_1' has braces"):
        form_of(study)


def test_a_wave_asks_in_its_own_words(tmp_path: Path) -> None:
    more = (
        (
            "items: {tru_1: Q1, tru_2: Q2}\nstages: {consider: {rating: S2}}\n"
            "waves:\n  2026H1: {}\n  2026H2:\n    instrument:\n"
            "      wording: {tru_1: {id: Percaya {brand}., en: I trust {brand}.}, "
            "recommend: {id: Sarankan?, en: Recommend?}}\n"
            "      period: {id: tahun ini, en: this year}\n"
        )
        .replace("Percaya {brand}.", "'Percaya {brand}.'")
        .replace("I trust {brand}.", "'I trust {brand}.'")
    )
    study = laid_down(tmp_path, more)
    last, first = form_of(study), form_of(study, "2026H1")
    assert last.wave == "2026H2"
    assert last.question("tru_1").text["en"] == "I trust Kopi Kita."
    assert last.question("out_recommend").text["id"] == "Sarankan?"
    assert "this year" in last.question("scr_bought").text["en"]
    assert first.question("tru_1").text["en"].startswith("I am confident")
    assert "the last 6 months" in first.question("scr_bought").text["en"]
    assert last.instrument != first.instrument
    with pytest.raises(StudyError, match="no wave '2026H3'"):
        form_of(study, "2026H3")


def test_a_study_in_one_language_is_asked_in_it_alone(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, languages="languages: [en]", title="title: Kopi"))
    assert form.languages == ("en",)
    assert set(form.question("ful_1").text) == {"en"}
    assert set(form.question("ful_1").choices[0].label) == {"en"}


# -- with which answers -----------------------------------------------------------------------


def test_answers_outside_the_scale_have_codes_of_their_own(tmp_path: Path) -> None:
    statement = form_of(laid_down(tmp_path)).question("ful_1")
    assert [(one.value, one.code, one.is_reason) for one in statement.choices] == [
        ("1", "1", False), ("2", "2", False), ("3", "3", False), ("4", "4", False),
        ("5", "5", False), ("not_experienced", "96", True), ("dont_know", "97", True),
    ]  # fmt: skip


def test_a_scale_keeps_its_own_codes_for_missing_answers(tmp_path: Path) -> None:
    more = (
        "scales: {own: {points: 7, low: Buruk, high: Baik, direction: up, family: agreement,"
        " missing: {9: dont_know}}}\n"
    )
    form = form_of(laid_down(tmp_path, more, scale="scale: own"), batteries=["types"])
    own = [(one.value, one.code) for one in form.question("typ_product_1").choices]
    assert own[0] == ("1", "1")
    assert own[-2:] == [("not_experienced", "96"), ("9", "9")]
    assert form.question("typ_product_1").choices[0].label["id"] == "1 (Buruk)"
    assert form.question("stg_consider").scale == "satisfaction_7"


def test_a_reason_never_stands_on_a_point(tmp_path: Path) -> None:
    more = "scales: {wide: {points: 101, low: Buruk, high: Baik, direction: up}}\n"
    form = form_of(laid_down(tmp_path, more, scale="scale: wide"))
    for one in form.questions:
        codes = [choice.code for choice in one.choices]
        assert len(codes) == len(set(codes)), one.key
    assert form.question("ful_1").choice("dont_know").code == "997"


def test_segments_whose_values_the_study_names_are_asked_last(tmp_path: Path) -> None:
    age_ = "{column: umur, label: {id: Usia, en: Age}, values: {a: {id: Muda, en: Young}}}"
    more = f"segments: {{age: {age_}}}\n"
    form = form_of(laid_down(tmp_path, more))
    age = form.questions[-1]
    assert (age.column, age.text["id"], age.when) == ("umur", "Usia", None)
    assert [one.value for one in age.choices] == ["a", "refused"]


def test_two_questions_never_share_a_column(tmp_path: Path) -> None:
    study = laid_down(tmp_path, "comments: {reason: out_recommend}\n")
    with pytest.raises(StudyError, match="share the column 'out_recommend'"):
        form_of(study)


# -- how long ---------------------------------------------------------------------------------


def test_the_core_takes_about_six_minutes(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path))
    assert 5.5 <= form.minutes <= 6.5
    assert "sekitar 6 menit" in form.consent["id"]
    assert "about 6 minutes" in form.consent["en"]


def test_minutes_are_those_of_the_written_rule() -> None:
    """240 words a minute: twelve words take three seconds, in the language that needs more."""
    words = " ".join(["kata"] * 12)
    assert reading({"id": words, "en": "word"}) == 3.0


def test_a_long_questionnaire_warns_and_names_the_longest_batteries(tmp_path: Path) -> None:
    laid_down(tmp_path, AHEAD + f"batteries: [{', '.join(ALL)}]\n")
    told = write(tmp_path, "markdown", tmp_path / "q.md")
    assert told.form.minutes > 10
    ranked = sorted(told.form.seconds, key=lambda one: -told.form.seconds[one])
    assert f"longer than 10 minutes; the longest batteries: {ranked[0]} " in told.length
    laid_down(tmp_path / "core")
    assert "warning" not in write(tmp_path / "core", "markdown", tmp_path / "core.md").length


# -- its name ---------------------------------------------------------------------------------


def test_another_word_or_battery_is_another_questionnaire(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path / "a"))
    same = form_of(laid_down(tmp_path / "b"))
    assert form == same
    assert form.stamp == same.stamp
    other = form_of(laid_down(tmp_path / "c", brand="brand: Kopi Kami"))
    more = form_of(laid_down(tmp_path / "a"), batteries=["types"])
    assert len({form.stamp, other.stamp, more.stamp}) == 3
    assert form.instrument == more.instrument
    rerouted = dataclasses.replace(form.questions[0], when=Blank("ful_1"))
    page = dataclasses.replace(form.pages[0], questions=(rerouted,))
    assert dataclasses.replace(form, pages=(page, *form.pages[1:])).digest != form.digest


# -- the command ------------------------------------------------------------------------------


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_study_gives_the_same_bytes_and_says_of_what(tmp_path: Path, to: str) -> None:
    suffix = {"xlsform": ".xlsx", "limesurvey": ".lss", "qualtrics": ".txt", "markdown": ".md"}[to]
    one = write("demo", to, tmp_path / f"a{suffix}")
    two = write("demo", to, tmp_path / f"b{suffix}")
    assert [file.read_bytes() for file in one.files] == [file.read_bytes() for file in two.files]
    if to != "xlsform":
        told = "".join(file.read_text(encoding="utf-8") for file in one.files)
        assert one.form.instrument in told
        assert f"cxkit {one.form.version}" in told


def run(*words: object) -> tuple[int, str, str]:
    said = CliRunner().invoke(cli, ["questionnaire", *map(str, words)], standalone_mode=False)
    if said.exception is not None:
        raise said.exception
    return said.exit_code, said.stdout, said.stderr


def test_the_command_prints_files_on_stdout_and_minutes_on_stderr(tmp_path: Path) -> None:
    file = tmp_path / "demo.txt"
    code, out, err = run("demo", "--to", "qualtrics", "-o", file)
    assert code == 0
    assert out.split() == [str(file), str(tmp_path / "demo.by-hand.md")]
    # the core and three segments 41; statements 42 (11 types, 8 determinants, 10 expectations,
    # 6 of the stages, 3 of costs, 2 of fit, 2 of channels); outcomes 17 (5 intentions, 5 word of
    # mouth, 3 reviews, 4 problems); the other brand 7; what was paid, and why that is empty
    assert re.search(r"109 questions, about 13\.\d minutes", err)
    assert "warning: longer than 10 minutes" in err
    # everybody is asked scr_aware, region, age and birth_half
    assert "display logic of 105 questions by hand" in err
    assert "not asked, to be added to the export: weight, still_customer, months_observed" in err
    assert run("demo", "--to", "qualtrics", "-o", file, "-q")[2] == ""


Refusal = Callable[[Path], object]


@pytest.mark.parametrize(
    ("words", "message", "expected"),
    [
        (["--battery", "tipes"], "there is no battery 'tipes'", "types"),
        (["--battery", "stages.importances"], "no group 'importances'", "importance"),
        (["--wave", "2027H1"], "the study has no wave '2027H1'", "2026H1"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(
    tmp_path: Path, words: list[str], message: str, expected: str
) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        run("demo", "--to", "markdown", "-o", tmp_path / "q.md", *words)
    assert expected in str(caught.value.expected)
    assert str(caught.value.where).startswith("--")


def test_a_battery_that_the_study_misspells_is_told_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        laid_down(tmp_path, "batteries: [types, tipe]\n")
    assert "battery 'tipe'" in caught.value.message
    assert "study.yaml" in str(caught.value.where)


def test_a_battery_of_the_studys_own_is_asked(tmp_path: Path) -> None:
    (tmp_path / "rasa.yaml").write_text(
        "key: rasa\nversion: 1\nlabel: {id: Rasa, en: Taste}\ngroups:\n  all:\n"
        "    scale: satisfaction\n    exit_answers: [dont_know]\n    questions:\n"
        "      rasa_kopi: {base: buyers, text: {id: 'Seberapa puas Anda dengan rasa kopi {brand}?',"
        " en: 'How satisfied are you with the taste of {brand}?'}}\n",
        encoding="utf-8",
    )
    study = laid_down(tmp_path, "batteries: [rasa]\n")
    asked = form_of(study).question("rasa_kopi")
    assert asked.text["id"] == "Seberapa puas Anda dengan rasa kopi Kopi Kita?"
    assert asked.scale == "satisfaction_5"


def test_a_file_with_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no name for a questionnaire for LimeSurvey") as caught:
        write("demo", "limesurvey", tmp_path / "q.xml")
    assert caught.value.hint == "write -o q.lss"
    assert not (tmp_path / "q.xml").exists()


def test_the_demo_maps_what_it_asks() -> None:
    """Every column of answers that the demo maps is a question, or fixed, or added afterwards."""
    study = read_study("demo")
    form = form_of(study)
    asked = {one.column for one in form.questions} | set(form.fixed)
    asked |= {f"{one.column}/{choice.value}" for one in form.questions if one.kind == "several"
              for choice in one.choices}  # fmt: skip
    of_the_shop = {"still_customer", "months_observed"}
    assert set(study.columns) - asked == {"respondent_id", "weight", *of_the_shop}


def test_every_word_of_a_base_that_is_on_offer_leads_to_its_questions(tmp_path):
    """Who cannot remember counts as a buyer in this study, and is asked what buyers are asked."""
    base = "bases: {buyers: {column: scr_bought, is: [yes, dont_remember, perhaps]}}\n"
    form = form_of(laid_down(tmp_path, base))
    for answer in ("yes", "dont_remember", "no"):
        asked = asked_of(form, scr_aware="yes", scr_bought=answer)
        assert ("ful_1" in asked) == (answer != "no"), answer


@pytest.mark.parametrize(("word", "other"), [("no", "yes"), ("0", "1"), ("1", "0"), ("paid", "no")])
def test_a_base_with_a_word_of_its_own_has_another_for_no(tmp_path, word, other):
    base = f"bases: {{buyers: {{column: bought, is: '{word}'}}}}\n"
    question = form_of(laid_down(tmp_path, base)).question("scr_bought")
    assert [one.value for one in question.choices][:2] == [word, other]


def test_a_segment_in_the_column_of_another_question_is_refused(tmp_path):
    more = (
        "bases: {buyers: {column: region, is: west}}\n"
        "segments: {region: {values: {west: West, east: East}}}\n"
    )
    with pytest.raises(StudyError, match="segment 'region' and question 'scr_bought' share"):
        form_of(laid_down(tmp_path, more))


# -- beyond the core --------------------------------------------------------------------------

RIVAL = """
items: {ful_1: ful_1, ful_2: ful_2, onx_3: onx_3}
rival: {brand: Kopi Lain, items: {ful_1: b_ful_1, onx_3: b_onx_3}, outcomes: {recommend: b_rec}}
"""


def test_another_brand_is_asked_about_in_the_same_words_of_the_same_people(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, RIVAL))
    of_rival = [one for one in form.questions if one.battery == "rival"]
    assert [one.column for one in of_rival] == ["b_rec", "b_ful_1", "b_onx_3"]
    for one, key in zip(of_rival, ("out_recommend", "ful_1", "onx_3"), strict=True):
        own = form.question(key)
        assert one.text == {k: text.replace("Kita", "Lain") for k, text in own.text.items()}
        assert one.text != own.text
        assert (one.choices, one.when) == (own.choices, own.when)
    assert of_rival[1].text["en"] == "What I receive from Kopi Lain matches my order."
    page = next(page for page in form.pages if page.questions[0].column == "b_ful_1")
    assert page.intro["id"].startswith(
        "Pernyataan berikut berkaitan dengan pengalaman Anda dengan Kopi Lain"
    )
    assert page.key not in {one.key for _, pages in form.rotations() for one in pages}
    order = keys(form)
    assert order.index("stg_advocate") < order.index("rival_out_recommend")
    assert order[order.index("rival_onx_3") + 1] == "cmt_improve"


def test_another_brand_comes_after_chosen_batteries_that_need_the_channels(tmp_path: Path) -> None:
    """The question on channels moves before its battery, the rival's stay behind them all."""
    form = form_of(laid_down(tmp_path, RIVAL), batteries=["channels_in_step", "types"])
    order = keys(form)
    assert order.index("chn_same") < order.index("rival_out_recommend")
    assert order.index("typ_event_3") < order.index("rival_out_recommend")
    assert order[order.index("rival_onx_3") + 1] == "cmt_improve"


def test_a_wave_that_did_not_ask_about_the_other_brand_does_not(tmp_path: Path) -> None:
    files = (
        "answers: {2026H1: {path: a.csv, columns: {b_rec: null}}, 2026H2: {path: b.csv}}\n"
        "waves: {2026H1: , 2026H2: }"
    )
    study = laid_down(tmp_path, RIVAL, answers=files)
    assert "rival_out_recommend" not in keys(form_of(study, "2026H1"))
    assert "rival_out_recommend" in keys(form_of(study, "2026H2"))


def test_channels_are_asked_as_the_study_reads_them(tmp_path: Path) -> None:
    """The column, the answers and the base are the study's own; what hangs on them follows."""
    more = "bases: {visitors: {column: scr_visited, is: yes}}\n"
    asked = "channels: {column: Q9, base: visitors, labels: {kios: {id: Kios, en: Kiosk}, "
    asked += "wa: {id: WhatsApp, en: WhatsApp}}}\nitems: {chn_same: Q10}\n"
    study = laid_down(tmp_path, more + asked)
    form = form_of(study)
    question = form.question("pro_interaction_channel")
    assert (question.column, question.kind) == ("Q9", "several")
    assert [(one.value, one.label["en"]) for one in question.choices] == [
        ("kios", "Kiosk"), ("wa", "WhatsApp"),
    ]  # fmt: skip
    assert set(study.channel_columns.values()) == {f"Q9/{one.value}" for one in question.choices}
    who = {"scr_aware": "yes", "scr_bought": "yes"}
    assert "pro_interaction_channel" not in asked_of(form, **who)
    assert "pro_interaction_channel" in asked_of(form, **who, scr_visited="yes")
    assert "chn_same" not in asked_of(form, **who, pro_interaction_channel=("wa",))
    assert "chn_same" in asked_of(form, **who, pro_interaction_channel=("wa", "kios"))


def test_what_was_paid_is_asked_where_the_study_reads_it_in_the_questions_column(tmp_path) -> None:
    """A column of the shop's records is no question, and is told to be added."""
    value = "value: {{currency: IDR, observed: {{spend: {column}}}}}\n"
    base = "bases: {buyers: {column: scr_bought, is: yes}}\n"
    asked = laid_down(tmp_path / "a", base + value.format(column="out_spend"))
    form = form_of(asked)
    assert form.question("out_spend").kind == "amount"
    assert "out_spend" not in asked_of(form, scr_aware="yes")
    assert not [one for one in notes_of(asked, form) if "to be added" in one]
    records = laid_down(tmp_path / "b", base + value.format(column="revenue"))
    form = form_of(records)
    assert "out_spend" not in keys(form)
    assert "not asked, to be added to the export: revenue" in notes_of(records, form)


def test_a_stage_of_the_studys_own_gates_its_item(tmp_path: Path) -> None:
    """What the study says of who is asked wins over the library, here as when it is read."""
    more = "items: {evl_quality: {column: q, reached: [advocate]}, evl_service: s}\n"
    more += "stages: {advocate: {reached: rch_advocate_peer}}\n"
    form = form_of(laid_down(tmp_path, more))
    evaluated = asked_of(form, scr_aware="yes", rch_evaluate="yes")
    assert {"evl_quality", "evl_service"} & evaluated == {"evl_service"}
    advocated = asked_of(form, scr_aware="yes", rch_advocate_peer="yes")
    assert {"evl_quality", "evl_service"} & advocated == {"evl_quality"}
