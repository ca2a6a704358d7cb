"""The library is complete and true: frameworks, scales, questionnaire, and their loader."""

from __future__ import annotations

import itertools
import re

import pytest
from ruamel.yaml import YAML

from cxkit import library
from cxkit.errors import StudyError
from cxkit.library import Scale
from cxkit.library.files import LIBRARY

LANGUAGES = ("id", "en")
BASES = {
    "buyers": {"ful_1", "ful_2", "tru_2"},
    "experienced": {"tru_1", "res_1", "emo_1", "emo_2"},
    "visitors": {"res_2", "onx_1", "onx_2", "onx_3"},
}
STAGES = ["aware", "consider", "decide", "evaluate", "advocate"]


def write(folder, name, text):
    """A YAML file beside a study."""
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


# -- the pyramid -----------------------------------------------------------------------------


def test_the_pyramid_has_five_levels_from_fulfilment_to_emotional_connection():
    """The base comes first and the apex last, because figures are drawn in this order."""
    levels = [level["key"] for level in library.framework("pyramid")["levels"]]
    assert levels == [
        "fulfilment",
        "trust",
        "responsive_service",
        "online_experience",
        "emotional_connection",
    ]


def test_eleven_items_stand_in_the_level_that_their_key_names():
    """Two items a level, three for the online experience, each under its own prefix."""
    levels = library.framework("pyramid")["levels"]
    found = {level["key"]: level["items"] for level in levels}
    prefix = {key: {item.split("_")[0] for item in items} for key, items in found.items()}
    assert prefix == {
        "fulfilment": {"ful"},
        "trust": {"tru"},
        "responsive_service": {"res"},
        "online_experience": {"onx"},
        "emotional_connection": {"emo"},
    }
    assert [len(items) for items in found.values()] == [2, 2, 2, 3, 2]


def test_no_item_of_the_pyramid_is_reversed():
    """All eleven point one way; `onx_2` is negative in grammar only."""
    items = library.framework("pyramid")["items"]
    assert {entry["keyed"] for entry in items.values()} == {"positive"}


@pytest.mark.parametrize(("base", "items"), BASES.items())
def test_each_item_knows_who_may_answer_it(base, items):
    """The base is part of the item: the wrong one would turn not applicable into low."""
    found = library.framework("pyramid")["items"]
    assert {key for key, entry in found.items() if entry["base"] == base} == items


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_item_has_a_text_and_a_short_name(language):
    """An item without words in one language would break the page of that language."""
    words = library.locale(language)
    for key in library.framework("pyramid")["items"]:
        assert "{brand}" in words["items"][key]
        assert 3 <= len(words["item_short"][key]) <= 30


def test_both_readings_of_the_order_hold_the_same_five_levels():
    """The order is a hypothesis in two forms; the text's form puts fulfilment last."""
    pyramid = library.framework("pyramid")
    readings = pyramid["order_readings"]
    assert set(readings) == {"list_as_drawn", "text_sequence"}
    drawn = [level["key"] for level in pyramid["levels"]]
    assert readings[pyramid["default_order"]] == drawn
    assert sorted(readings["text_sequence"]) == sorted(drawn)
    assert readings["text_sequence"][-1] == readings["list_as_drawn"][0] == "fulfilment"


@pytest.mark.parametrize("name", library.files.names_in("frameworks"))
def test_no_framework_claims_to_be_validated(name):
    """The kit's statements are a working version, built from published sources."""
    printed = str(library.framework(name))
    assert not re.search(r"validated|tervalidasi|terbukti|\bproven\b", printed)
    for line in library.framework(name)["provenance"]:
        assert set(line) == set(LANGUAGES)


# -- the journey -----------------------------------------------------------------------------


def test_the_journey_has_five_stages_and_no_sixth():
    """The source announces six and describes five: five are kept, and it is said so."""
    journey = library.framework("journey")
    assert [stage["key"] for stage in journey["stages"]] == STAGES
    assert re.search(r"\bsix\b.*\bfive\b", journey["discrepancy"]["en"])
    assert re.search(r"\benam\b.*\blima\b", journey["discrepancy"]["id"])


def test_the_coverage_of_stages_holds_every_item_and_none_for_aware():
    """Coverage is ours: no statement measures `aware`, and no statement is forgotten."""
    journey = library.framework("journey")
    covered = set(itertools.chain.from_iterable(journey["coverage"].values()))
    assert set(journey["coverage"]) == set(library.framework("pyramid")["items"])
    assert covered == set(STAGES) - {"aware"}
    assert journey["coverage_origin"] == "ours"


def test_the_pyramid_names_its_sources_and_calls_itself_a_working_version():
    """The factors and the idea have their authors; the eleven statements are a working version."""
    printed = " ".join(line["en"] for line in library.framework("pyramid")["provenance"])
    assert "Christodoulides" in printed
    assert "2006" in printed
    assert "Chaffey" in printed
    assert "working version" in printed
    nature = {level["key"]: level["nature"] for level in library.framework("pyramid")["levels"]}
    assert nature == {
        "fulfilment": "rational",
        "trust": "mixed",
        "responsive_service": "rational",
        "online_experience": "rational",
        "emotional_connection": "emotional",
    }


# -- phases, types, determinants -------------------------------------------------------------


def test_the_phases_are_four_and_none_is_the_purchase():
    """The second source has no phase for buying, and none is invented."""
    phases = library.framework("phases")
    keys = [phase["key"] for phase in phases["stages"]]
    assert keys == ["discovery", "consideration", "retention", "advocacy"]
    assert phases["part"] == "phase"
    assert any("none for the purchase" in said["en"] for said in phases["inconsistencies"])


ITEMS_OF = {
    "types": {
        "product": ("typ_product_1 typ_product_2", "users"),
        "environment": ("typ_environment_1 typ_environment_2", "visitors"),
        "after_service": ("typ_after_1 typ_after_2", "buyers"),
        "service_social": ("typ_service_1 typ_service_2", "served"),
        "event": ("typ_event_1 typ_event_2 typ_event_3", "attendees"),
    },
    "determinants": {
        "timeliness": ("det_timeliness", "contacted"),
        "completeness": ("det_completeness", "contacted"),
        "expectation_met": ("det_expectation_met", "experienced"),
        "follow_up": ("det_follow_up", "contacted"),
        "tone_of_voice": ("det_tone_of_voice", "experienced"),
        "transaction_ease": ("det_transaction_ease", "buyers"),
        "operator_effectiveness": ("det_operator", "served"),
        "chatbot_usefulness": ("det_chatbot", "chatbot_users"),
    },
}


@pytest.mark.parametrize("name", ITEMS_OF)
def test_types_and_determinants_have_their_statements_and_bases(name):
    """An event is judged by those who attended, a chatbot by those who used it."""
    of = library.framework(name)
    assert [level["key"] for level in of["levels"]] == list(ITEMS_OF[name])
    for level in of["levels"]:
        items, base = ITEMS_OF[name][level["key"]]
        assert level["items"] == items.split()
        assert {of["items"][item]["base"] for item in level["items"]} == {base}


@pytest.mark.parametrize("name", ["types", "determinants"])
def test_no_statement_of_types_and_determinants_is_reversed(name):
    """All point one way, as the eleven do."""
    items = library.framework(name)["items"].values()
    assert {entry["keyed"] for entry in items} == {"positive"}


def test_what_is_called_loyalty_in_the_source_has_another_name_here():
    """After-service experience is not loyalty, which is measured on its own."""
    types = library.framework("types")
    assert types["source_names"]["after_service"]["en"] == "loyalty"
    names = [level["label"]["en"] for level in types["levels"]]
    assert names[2] == "After-service experience"


def test_the_eleven_statements_cover_the_types_only_in_part():
    """Without the battery nothing is known of after-service and of events."""
    coverage = library.framework("types")["coverage"]
    assert set(itertools.chain.from_iterable(coverage.values())) == {
        "product",
        "environment",
        "service_social",
    }
    assert {key for key, types in coverage.items() if types == ["environment"]} == {
        "onx_1",
        "onx_2",
        "onx_3",
    }


def test_determinants_and_further_drivers_are_told_apart():
    """The source names four as determinants and four elsewhere."""
    named = library.framework("determinants")["named_as"]
    assert named["determinant"] == ["timeliness", "completeness", "expectation_met", "follow_up"]
    assert named["driver"] == [
        "tone_of_voice",
        "transaction_ease",
        "operator_effectiveness",
        "chatbot_usefulness",
    ]


# -- frameworks of a user --------------------------------------------------------------------

OWN = """
kind: levels
levels:
  - {key: speed, label: {id: Kecepatan, en: Speed}, items: [own_1]}
items:
  own_1: {text: {id: Cepat., en: Fast.}}
"""


def test_a_framework_beside_a_study_wins_over_the_librarys(tmp_path):
    """Extension adds a file: the same name beside the study is the one that counts."""
    write(tmp_path, "pyramid", OWN)
    assert [one["key"] for one in library.framework("pyramid", tmp_path)["levels"]] == ["speed"]
    assert len(library.framework("pyramid")["levels"]) == 5


def test_an_own_framework_is_a_plain_list_with_every_item_described(tmp_path):
    """What a file leaves out has one meaning: a list, no base, positively keyed."""
    write(tmp_path, "own", OWN)
    own = library.framework("own", tmp_path)
    assert (own["key"], own["shape"]) == ("own", "list")
    assert own["items"]["own_1"]["base"] is None
    assert own["items"]["own_1"]["keyed"] == "positive"


def test_every_problem_of_a_framework_is_told_at_once(tmp_path):
    """A check finds everything, then speaks once."""
    write(
        tmp_path,
        "own",
        "kind: levels\nshape: circle\n"
        "levels:\n  - {key: speed, items: [own_1, own_1]}\n  - {key: calm, items: []}\n"
        "items: {own_1: {keyed: reverse}, own_9: {base: buyers}}\n",
    )
    with pytest.raises(StudyError) as caught:
        library.framework("own", tmp_path)
    places = {problem.column for problem in caught.value.problems}
    assert places >= {
        "shape",
        "levels.speed.label",
        "levels.calm.items",
        "items.own_1",
        "items.own_1.text",
        "items.own_1.keyed",
        "items.own_9",
    }


def test_an_unknown_framework_is_refused_with_the_nearest_name(tmp_path):
    """A slip of the keyboard is answered with the word that was meant."""
    with pytest.raises(StudyError) as caught:
        library.framework("pyramide", tmp_path)
    assert "pyramide" in caught.value.message
    assert "journey" in caught.value.expected
    assert "'pyramid'" in caught.value.hint


def test_a_framework_is_a_name_and_never_a_path(tmp_path):
    """A study cannot reach for files outside its folder by its framework's name."""
    write(tmp_path, "own", OWN)
    (tmp_path / "study").mkdir()
    with pytest.raises(StudyError):
        library.framework("../own", tmp_path / "study")


# -- reading YAML ----------------------------------------------------------------------------


def test_the_word_no_stays_a_word(tmp_path):
    """YAML 1.2: a screening answer `no` is not turned into False."""
    assert library.load_yaml(write(tmp_path, "a", "answer: no\n")) == {"answer": "no"}


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path):
    """The second of two equal keys would silently win."""
    with pytest.raises(StudyError, match="not valid YAML") as caught:
        library.load_yaml(write(tmp_path, "a", "one: 1\ntwo: 2\none: 3\n"))
    assert caught.value.where.endswith(":3")


def test_a_changed_file_is_read_again(tmp_path):
    """A researcher edits a framework and runs the cell again."""
    assert library.load_yaml(write(tmp_path, "a", "one: 1\n")) == {"one": 1}
    assert library.load_yaml(write(tmp_path, "a", "one: 10\n")) == {"one": 10}


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "", "just words\n"])
def test_a_file_without_keys_is_refused(tmp_path, text):
    """A list or a sentence is no framework."""
    with pytest.raises(StudyError, match="holds no keys"):
        library.load_yaml(write(tmp_path, "a", text))


# -- response scales -------------------------------------------------------------------------

BANDS = {
    2: ["", "1", "", "2", ""],
    3: ["", "1", "2", "3", ""],
    4: ["1", "2", "", "3", "4"],
    5: ["1", "2", "3", "4", "5"],
    6: ["1", "23", "", "45", "6"],
    7: ["1", "23", "4", "56", "7"],
}


@pytest.mark.parametrize(("count", "expected"), BANDS.items())
def test_bands_cut_a_scale_in_symmetric_halves(count, expected):
    """Only an odd scale has a middle, and both sides have bands of the same size."""
    bands = dict(Scale(count, "bad", "good").bands())
    cut = ["".join(f"{code:g}" for code in bands.get(f"l{i}", ())) for i in range(1, 6)]
    assert cut == expected


def test_bands_of_the_recommendation_scale_follow_the_outermost_fifth():
    """0 and 1, 2 to 4, the middle 5, 6 to 8, 9 and 10."""
    bands = dict(library.scale("recommend_0_10").bands())
    assert bands == {
        "l1": (0, 1),
        "l2": (2, 3, 4),
        "l3": (5,),
        "l4": (6, 7, 8),
        "l5": (9, 10),
    }


@pytest.mark.parametrize("count", range(2, 12))
def test_turning_a_scale_round_turns_its_bands_round(count):
    """Where code 1 is best, the strongest agreement is code 1."""
    up = dict(Scale(count, "bad", "good").bands())
    down = dict(Scale(count, "good", "bad", "down").bands())
    for band, codes in up.items():
        assert down[band] == tuple(count + 1 - code for code in codes)
    assert sorted(itertools.chain.from_iterable(up.values())) == list(range(1, count + 1))


def test_best_and_worst_follow_the_direction():
    """The best two of five are 4 and 5, or 1 and 2 where the scale runs down."""
    assert Scale(5, "bad", "good").best(2) == (4, 5)
    assert Scale(5, "bad", "good").worst(2) == (1, 2)
    assert Scale(5, "good", "bad", "down").best(2) == (1, 2)
    assert Scale(5, "good", "bad", "down").worst(1) == (5,)


@pytest.mark.parametrize("k", [0, 6, -1])
def test_a_box_larger_than_the_scale_is_refused(k):
    """Six best answers of five, or none, is a slip."""
    with pytest.raises(StudyError, match="box"):
        Scale(5, "bad", "good").best(k)


def test_codes_may_leave_gaps():
    """A scale of codes 1, 3 and 9 keeps its ends, whatever lies between."""
    scale = Scale((1, 3, 9), "bad", "good")
    assert (scale.minimum, scale.maximum, scale.best(1)) == (1, 9, (9,))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"points": 1, "low": "a", "high": "b"}, "points"),
        ({"points": [3, 2, 1], "low": "a", "high": "b"}, "points"),
        ({"points": "five", "low": "a", "high": "b"}, "points"),
        ({"low": "a", "high": "b"}, "points"),
        ({"points": 5}, "low end"),
        ({"points": 5, "low": "a"}, "high end"),
        ({"points": 5, "low": " ", "high": "b"}, "low end"),
        ({"points": 3, "labels": ["a", "b"]}, "2 labels"),
        ({"points": 5, "low": "a", "high": "b", "direction": "left"}, "direction"),
        ({"points": 5, "low": "a", "high": "b", "missing": {6: "dunno"}}, "dunno"),
        ({"points": 5, "low": "a", "high": "b", "missing": {5: "refused"}}, "code 5"),
        ({"points": 5, "low": "a", "high": "b", "label": "x"}, "'label'"),
    ],
)
def test_a_scale_that_leaves_something_to_guess_is_refused(given, said):
    """Points, ends, direction and exit answers are stated, never guessed."""
    with pytest.raises(StudyError, match=re.escape(said)):
        library.own_scale("own", given)


def test_labels_give_a_scale_its_ends():
    """A study that labels every point need not repeat the first and the last."""
    scale = library.own_scale("own", {"points": 3, "labels": {"id": ["a", "b", "c"]}})
    assert (scale.low["id"], scale.high["id"]) == ("a", "c")
    assert scale.label(2, "en") == "b"


def test_an_unknown_scale_is_refused_with_the_known_ones():
    """The library names what it has and what was probably meant."""
    with pytest.raises(StudyError) as caught:
        library.scale("agrement_5")
    assert "recommend_0_10" in caught.value.expected
    assert "'agreement_5'" in caught.value.hint


WORST = {
    "agreement": "Strongly disagree",
    "satisfaction": "Very dissatisfied",
    "ease": "Very difficult",
    "likelihood": "Very unlikely",
    "importance": "Very unimportant",
    "interest": "Very uninterested",
    "against_expectation": "Much worse than expected",
    "recommend": "Not at all likely",
    "stars": "1 star (very poor)",
}


@pytest.mark.parametrize("name", library.scales())
def test_library_scales_rise_from_worst_to_best(name):
    """Code 1 says the worst, the last code the best, in every scale of the library."""
    scale = library.scale(name)
    assert scale.direction == "up"
    assert scale.low["en"] == WORST[scale.family]
    assert scale.minimum == (0 if name == "recommend_0_10" else 1)


@pytest.mark.parametrize("name", library.scales())
def test_library_scales_have_a_label_for_each_point_in_both_languages(name):
    """Every point is labelled, or both ends are, and no label stands twice."""
    scale = library.scale(name)
    assert set(scale.low) == set(scale.high) == set(LANGUAGES)
    for language in LANGUAGES if scale.labels is not None else ():
        labels = scale.labels[language]
        assert len(set(labels)) == len(labels) == len(scale.points)


@pytest.mark.parametrize(
    "family", ["agreement", "satisfaction", "ease", "likelihood", "importance"]
)
def test_seven_points_keep_the_words_of_five(family):
    """1, 2, 6 and 7 say what 1, 2, 4 and 5 say; the middle moves to 4."""
    five, seven = library.scale(f"{family}_5"), library.scale(f"{family}_7")
    for language in LANGUAGES:
        kept = [seven.label(code, language) for code in (1, 2, 4, 6, 7)]
        assert kept == list(five.labels[language])


@pytest.mark.parametrize(
    "name",
    [path.relative_to(LIBRARY).as_posix() for path in sorted(LIBRARY.rglob("*.yaml"))],
)
def test_the_quick_reader_reads_what_the_strict_one_reads(name):
    """Duplicate keys, aliases and words such as `no` would be told apart by ruamel.yaml alone."""
    text = (LIBRARY / name).read_text(encoding="utf-8")
    strict = YAML(typ="safe", pure=True).load(text)
    assert spelt(library.load_yaml(LIBRARY / name)) == spelt(strict)


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("on", "on"), ("010", "010"), ("1:30", "1:30"), ("1_000", "1_000"),
     ("0.5", 0.5), ("-3", -3), ("~", None), ("true", True), ("1e3", 1000.0)],
)  # fmt: skip
def test_scalars_of_the_library_are_those_of_yaml_1_2(text, value, tmp_path, monkeypatch):
    monkeypatch.setattr("cxkit.library.files.LIBRARY", tmp_path)
    (tmp_path / "own.yaml").write_text(f"key: {text}\n", encoding="utf-8")
    assert spelt(library.load_yaml(tmp_path / "own.yaml")) == spelt({"key": value})


def spelt(value):
    """A value with the type of each part: 1 is not 1.0, and not True."""
    if isinstance(value, dict):
        return {key: spelt(one) for key, one in value.items()}
    return list(map(spelt, value)) if isinstance(value, list) else (type(value).__name__, value)
