"""Each question is asked of the right people, on the right scale, in the agreed order."""

from __future__ import annotations

import pytest

from cxkit import library
from cxkit.errors import StudyError
from cxkit.study import BASES

LANGUAGES = ("id", "en")
STAGES = ["aware", "consider", "decide", "evaluate", "advocate"]

# -- batteries -------------------------------------------------------------------------------

# Each question: its battery, what it is answered with, and its base.
QUESTIONS = """
    scr_aware screening yes_no -
    scr_visited screening yes_no -
    scr_bought screening yes_no -
    scr_contacted screening yes_no -
    scr_staff screening yes_no -
    scr_chatbot screening yes_no -
    scr_event screening yes_no -
    ful_1 pyramid agreement buyers
    ful_2 pyramid agreement buyers
    tru_1 pyramid agreement experienced
    tru_2 pyramid agreement buyers
    res_1 pyramid agreement experienced
    res_2 pyramid agreement visitors
    onx_1 pyramid agreement visitors
    onx_2 pyramid agreement visitors
    onx_3 pyramid agreement visitors
    emo_1 pyramid agreement experienced
    emo_2 pyramid agreement experienced
    rch_consider stages yes_no aware
    rch_decide stages yes_no aware
    rch_evaluate stages yes_no aware
    rch_advocate_peer stages yes_no aware
    rch_advocate_brand stages yes_no aware
    stg_aware stages satisfaction -
    stg_consider stages satisfaction -
    stg_decide stages satisfaction -
    stg_evaluate stages satisfaction -
    stg_advocate stages satisfaction -
    evl_quality stages satisfaction -
    evl_service stages satisfaction -
    imp_consider_price stages importance -
    imp_consider_quality stages importance -
    imp_decide_price stages importance -
    imp_decide_quality stages importance -
    typ_product_1 types agreement users
    typ_product_2 types agreement users
    typ_environment_1 types agreement visitors
    typ_environment_2 types agreement visitors
    typ_after_1 types agreement buyers
    typ_after_2 types agreement buyers
    typ_service_1 types agreement served
    typ_service_2 types agreement served
    typ_event_1 types agreement attendees
    typ_event_2 types agreement attendees
    typ_event_3 types agreement attendees
    det_timeliness determinants agreement contacted
    det_completeness determinants agreement contacted
    det_expectation_met determinants agreement experienced
    det_follow_up determinants agreement contacted
    det_tone_of_voice determinants agreement experienced
    det_transaction_ease determinants agreement buyers
    det_operator determinants agreement served
    det_chatbot determinants agreement chatbot_users
    exp_fulfilment expectation agreement buyers
    exp_trust expectation agreement experienced
    exp_responsive_service expectation agreement experienced
    exp_online_experience expectation agreement visitors
    exp_emotional_connection expectation agreement experienced
    dis_fulfilment expectation against_expectation_5 buyers
    dis_trust expectation against_expectation_5 experienced
    dis_responsive_service expectation against_expectation_5 experienced
    dis_online_experience expectation against_expectation_5 visitors
    dis_emotional_connection expectation against_expectation_5 experienced
    out_satisfaction outcomes satisfaction experienced
    out_overall outcomes stars_5 experienced
    out_recommend outcomes recommend_0_10 experienced
    out_effort outcomes ease_7 contacted|buyers
    out_repurchase outcomes likelihood buyers
    out_stay outcomes likelihood buyers
    out_leave outcomes likelihood buyers
    out_loyal_price outcomes agreement buyers
    out_cross_sell outcomes interest_5 buyers
    wom_talked outcomes yes_no aware
    wom_tone outcomes wom_tone talked
    wom_recommended outcomes yes_no aware
    wom_warned outcomes yes_no aware
    wom_followed outcomes yes_no recommended
    rev_posted outcomes yes_no aware
    rev_tone outcomes rev_tone posted
    rev_stars outcomes stars_5 posted
    out_spend outcomes amount buyers
    inc_happened problems yes_no experienced
    inc_reported problems yes_no had_problem
    inc_resolved problems inc_resolved had_problem
    inc_handling problems satisfaction reported
    val_money value_for_cost agreement buyers
    val_time value_for_cost agreement experienced
    val_mind value_for_cost agreement experienced
    per_offers personal_fit agreement experienced
    per_known personal_fit agreement buyers
    chn_switch channels_in_step agreement multi_channel
    chn_same channels_in_step agreement multi_channel
    pro_awareness_source profile awareness_source aware
    pro_acquisition_channel profile acquisition_channel visitors
    pro_interaction_channel profile interaction_channel experienced
    pro_mode profile mode experienced
    pro_device profile device visitors
    pro_last_purchase profile last_purchase aware
    pro_industry profile industry -
    cmt_reason comments open experienced
    cmt_improve comments open experienced
    cmt_wish comments open experienced
"""
STATEMENTS = ("pyramid", "types", "determinants", "value_for_cost", "personal_fit")
SETS = {
    "scr_aware": "aware",
    "scr_visited": "visitors",
    "scr_bought": "buyers",
    "scr_contacted": "contacted",
    "scr_staff": "served",
    "scr_chatbot": "chatbot_users",
    "scr_event": "attendees",
    "rch_evaluate": "users",
    "wom_talked": "talked",
    "wom_recommended": "recommended",
    "rev_posted": "posted",
    "inc_happened": "had_problem",
    "inc_reported": "reported",
}


def write(folder, name, text):
    """A YAML file beside a study."""
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def all_questions() -> dict[str, dict]:
    """Every question of every battery of the library."""
    return {
        key: entry
        for name in library.batteries()
        for key, entry in library.battery(name)["questions"].items()
    }


def answered_with(entry: dict) -> str:
    """The scale, list or kind of answer of a question."""
    named = [entry[kind] for kind in ("scale", "answers", "vocabulary") if kind in entry]
    return named[0] if named else "open" if "open" in entry else "amount"


def base_of(entry: dict) -> str:
    """The base of a question; several are joined."""
    base = entry.get("base") or "-"
    return "|".join(base["any"]) if isinstance(base, dict) else base


def test_every_question_is_asked_with_its_answers_of_its_base():
    """What is asked of the wrong people, or on the wrong scale, is another question."""
    expected = sorted(line.split() for line in QUESTIONS.strip().splitlines())
    found = sorted(
        [key, entry["battery"], answered_with(entry), base_of(entry)]
        for key, entry in all_questions().items()
    )
    assert found == expected


def test_every_question_has_a_text_in_both_languages():
    """A question without words in one language could not be asked in it."""
    for key, entry in all_questions().items():
        assert set(entry["text"]) == set(LANGUAGES), key


def test_every_base_is_set_by_a_question_and_has_a_name():
    """A base that nobody can belong to leaves its questions without answers."""
    asked = all_questions()
    assert {key: entry["sets"] for key, entry in asked.items() if "sets" in entry} == SETS
    derived = library.questionnaire()["bases"]
    assert set(derived) == {"experienced", "users", "multi_channel"}
    used = {base for entry in asked.values() for base in base_of(entry).split("|")} - {"-"}
    assert used <= {*SETS.values(), *derived}
    assert used | set(SETS.values()) <= set(BASES)
    for language in LANGUAGES:
        assert used <= set(library.locale(language)["names"]["base"])


def test_who_answers_which_follow_up():
    """A tone needs something said, advice a recommendation; a warning is for all who know."""
    asked = all_questions()
    assert asked["wom_recommended"]["asked_of"] == {"rch_advocate_peer": "yes"}
    assert [key for key, entry in asked.items() if "asked_of" in entry] == ["wom_recommended"]
    assert asked["rev_stars"]["exit_answers"]["not_applicable"]["en"] == "I gave no stars"
    assert set(asked["wom_followed"]["exit_answers"]) == {"dont_know"}


def test_stages_are_rated_by_those_who_reached_them():
    """Not reached is not zero, and importance is paired in the same people."""
    asked = all_questions()
    for stage in STAGES:
        assert asked[f"stg_{stage}"]["reached"] == [stage]
    assert asked["evl_quality"]["reached"] == asked["evl_service"]["reached"] == ["evaluate"]
    importance = [entry for key, entry in asked.items() if key.startswith("imp_")]
    assert [entry["reached"] for entry in importance] == [["consider", "decide"]] * 4
    assert asked["imp_decide_price"]["pairs_with"] == "imp_consider_price"


def test_the_stages_battery_measures_what_the_journey_names():
    """The journey file and the battery speak of the same questions."""
    asked = all_questions()
    for stage in library.framework("journey")["stages"]:
        for key in (*stage["reached"], stage["rating"]):
            assert key == "scr_aware" or asked[key]["stage"] == stage["key"]


def test_higher_is_worse_only_where_it_is_said_and_nothing_is_reversed():
    """Likely to leave stays likely to leave: its scale rises, and the study is told."""
    asked = all_questions()
    worse = {key for key, entry in asked.items() if entry.get("higher_is") == "worse"}
    assert worse == {"out_leave", "wom_warned", "inc_happened"}
    assert library.scale("likelihood_5").direction == "up"
    assert library.outcomes()["leave"]["higher_is"] == "worse"
    assert {entry.get("keyed", "positive") for entry in asked.values()} == {"positive"}


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_offers_the_same_exit_answers(name):
    """Not experienced and don't know are no points of the scale; neutral is one."""
    for entry in library.battery(name)["questions"].values():
        assert set(entry["exit_answers"]) == {"not_experienced", "dont_know"}
        assert entry["intro"] == "int_core"


def test_only_money_may_be_refused():
    """`Prefer not to say` is offered for money and the like, not for opinions."""
    refusing = {key for key, entry in all_questions().items() if "refused" in entry["exit_answers"]}
    assert refusing == {"out_spend"}


def test_screening_offers_what_memory_does():
    """Screening and stages are answered yes, no, or I don't remember."""
    for key in ("scr_visited", "rch_consider"):
        entry = library.question(key)
        assert entry["choices"]["no"] == {"id": "Tidak", "en": "No"}
        assert list(entry["choices"]) == ["yes", "no"]
        assert set(entry["exit_answers"]) == {"dont_remember"}


def test_expectations_pair_with_one_statement_each():
    """The gap is taken against the paired statement, never against the level's mean."""
    battery = library.battery("expectation")
    pairs = {
        entry["level"]: entry["pairs_with"]
        for entry in battery["questions"].values()
        if "pairs_with" in entry
    }
    assert pairs == {
        "fulfilment": "ful_1",
        "trust": "tru_1",
        "responsive_service": "res_1",
        "online_experience": "onx_3",
        "emotional_connection": "emo_2",
    }
    items = library.framework("pyramid")["items"]
    for entry in battery["questions"].values():
        assert entry["base"] == items[pairs[entry["level"]]]["base"]
    assert battery["choose_one"] == ["expected", "direct"]
    assert battery["preferred"] == {"tracker": "direct"}
    intros = {entry["group"]: entry["intro"] for entry in battery["questions"].values()}
    assert intros == {"expected": "int_expect", "direct": "int_dis"}


def test_the_statements_turn_as_blocks_and_inside_them():
    """Levels rotate as blocks, statements inside; price and quality change places."""
    assert library.battery("pyramid")["groups"]["statements"]["rotate"] == {
        "blocks": True,
        "inside": True,
    }
    importance = library.battery("stages")["groups"]["importance"]
    assert importance["rotate"] == {"inside": True}
    assert [set(block) for block in importance["blocks"]] == [
        {"imp_consider_price", "imp_consider_quality"},
        {"imp_decide_price", "imp_decide_quality"},
    ]


def test_comments_are_followed_by_the_request_for_no_personal_data():
    """The reason is asked right after the score, and each comment says what not to write."""
    asked = library.battery("comments")["questions"]
    assert {entry["followed_by"] for entry in asked.values()} == {"int_private"}
    assert asked["cmt_reason"]["after"] == "out_recommend"
    assert asked["cmt_wish"]["optional"]


def test_several_channels_may_be_ticked_and_two_make_multi_channel():
    """Only the channels of interaction allow several answers."""
    asked = all_questions()
    assert [key for key, entry in asked.items() if entry.get("several")] == [
        "pro_interaction_channel"
    ]
    multi = library.questionnaire()["bases"]["multi_channel"]
    assert multi == {"question": "pro_interaction_channel", "at_least": 2}


def test_an_unknown_battery_or_question_is_refused_with_the_nearest():
    """A slip of the keyboard is answered with the word that was meant."""
    with pytest.raises(StudyError, match="battery 'outcome'") as caught:
        library.battery("outcome")
    assert "'outcomes'" in caught.value.hint
    with pytest.raises(StudyError, match="question 'wom_tones'") as caught:
        library.question("wom_tones")
    assert "'wom_tone'" in caught.value.hint


OWN_BATTERY = """
groups:
  delivery:
    scale: agreement
    exit_answers: [not_experienced]
    questions:
      own_1:
        base: buyers
        text: {id: "Kurir {brand} sopan.", en: "The {brand} courier is polite."}
"""


def test_a_battery_of_ones_own_is_one_file_beside_a_study(tmp_path):
    """Extension adds a file: its questions carry their own words."""
    write(tmp_path, "delivery", OWN_BATTERY)
    own = library.battery("delivery", tmp_path)["questions"]["own_1"]
    assert own["slots"] == ("brand",)
    assert own["exit_answers"] == {
        "not_experienced": {"id": "Belum pernah mengalami", "en": "I have not experienced this"}
    }


def test_every_problem_of_a_battery_is_told_at_once(tmp_path):
    """A check finds everything, then speaks once."""
    write(
        tmp_path,
        "delivery",
        "groups:\n  a:\n    questions:\n"
        "      one: {scale: agrement, text: {id: a, en: a}}\n"
        "      two: {answers: yes_no, vocabulary: mode, text: {id: a, en: a}}\n"
        "      three: {scale: stars_5, exit_answers: [dunno]}\n",
    )
    with pytest.raises(StudyError) as caught:
        library.battery("delivery", tmp_path)
    said = [problem.message for problem in caught.value.problems]
    assert said == [
        "question 'one' has an unknown scale 'agrement'",
        "question 'two' has answers and vocabulary",
        "question 'three' has no text",
        "question 'three' has an unknown exit answer 'dunno'",
    ]
    write(tmp_path, "delivery", "groups: none\n")
    with pytest.raises(StudyError, match="has no groups"):
        library.battery("delivery", tmp_path)


# -- the core questionnaire ------------------------------------------------------------------


def test_overall_questions_come_before_the_details():
    """The details would colour them; the order is part of the instrument."""
    order = library.questionnaire()["order"]
    asked = [step.get("battery") or next(iter(step)) for step in order]
    assert asked == [
        "text",
        "screening",
        "outcomes",
        "comments",
        "outcomes",
        "pyramid",
        "stages",
        "chosen",
        "comments",
        "profile",
        "text",
    ]
    assert [step["questions"] for step in order if "questions" in step][:3] == [
        ["out_recommend"],
        ["cmt_reason"],
        ["out_satisfaction"],
    ]
    assert (order[0]["text"], order[-1]["text"]) == ("int_consent", "end")


def test_the_core_asks_only_what_its_batteries_have():
    """A name in the order that no battery knows would be skipped in silence."""
    for step in library.questionnaire()["order"]:
        if "battery" in step:
            battery = library.battery(step["battery"])
            assert set(step.get("questions", ())) <= set(battery["questions"])
            assert set(step.get("groups", ())) <= set(battery["groups"])
        elif "text" in step:
            assert step["text"] in library.locale("id")["frame_texts"]


def test_the_core_has_five_profile_questions_and_says_how_long_it_is():
    """Six minutes are meant, more than ten are warned of."""
    core = library.questionnaire()
    profile = next(step for step in core["order"] if step.get("battery") == "profile")
    assert len(profile["questions"]) == 5
    assert core["minutes"] == {"core": 6, "warn_above": 10}


def test_every_slot_of_a_question_is_declared():
    """A slot that nothing fills would stay in the questionnaire."""
    declared = library.questionnaire()["slots"]
    asked = all_questions()
    used = {slot for entry in asked.values() for slot in entry["slots"]}
    assert used == set(declared) - {"minutes"}
    assert declared["ahead"] == {"required": "where_used"}
    assert declared["place"] == {"default_slot": "site"}
    holding = {key for key, entry in asked.items() if "ahead" in entry["slots"]}
    assert holding == {"out_repurchase", "out_stay", "out_leave"}
    assert {key for key, entry in asked.items() if "place" in entry["slots"]} == {
        "typ_environment_1",
        "typ_environment_2",
    }


# -- presets in the questionnaire ------------------------------------------------------------


@pytest.mark.parametrize("name", ["finance", "telecom"])
def test_a_service_is_kept_rather_than_bought_again(name):
    """Finance and telecom ask for keeping, not for buying again; buyers have applied."""
    asked = library.question("out_repurchase", preset=name)
    assert "tetap memakai layanan {brand}" in asked["text"]["id"]
    assert "keep using {brand}" in asked["text"]["en"]
    assert asked["slots"] == ("ahead", "brand")
    buyers = "has applied, opened or activated something in {period}"
    assert library.preset(name)["buyers"]["en"] == buyers
    assert "buy" not in library.question("scr_bought", preset=name)["text"]["en"]


@pytest.mark.parametrize("name", ["retail", "neutral"])
def test_goods_are_bought_again(name):
    """Elsewhere the question stays as it is."""
    assert "membeli lagi" in library.question("out_repurchase", preset=name)["text"]["id"]


def test_an_expectation_follows_its_pair_into_a_preset():
    """Same predicate as the statement it is paired with, or the gap compares two things."""
    shared = {"retail": "to match my order.", "finance": "to match what I applied for."}
    shared |= {"telecom": "to match the plan I chose.", "neutral": "to match my order."}
    for name, ending in shared.items():
        expected = library.question("exp_fulfilment", preset=name)["text"]["en"]
        asked = library.question("ful_1", preset=name)["text"]["en"]
        assert expected.endswith(ending)
        assert asked.endswith(ending.removeprefix("to match"))
