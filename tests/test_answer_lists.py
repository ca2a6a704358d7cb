"""Lists of answers hold what they are to hold, and say what may mislead."""

from __future__ import annotations

import pytest

from cxkit import library
from cxkit.errors import StudyError

LANGUAGES = ("id", "en")


def test_an_unknown_preset_or_vocabulary_is_refused_with_the_nearest():
    """Names in a study file are checked against what there is."""
    with pytest.raises(StudyError, match="preset 'retial'") as caught:
        library.preset("retial")
    assert "'retail'" in caught.value.hint
    with pytest.raises(StudyError, match="vocabulary"):
        library.vocabulary("channels")


def test_a_friends_word_is_never_called_referral():
    """A referral is a link on another site; a friend's word is `peers`."""
    assert "peers" not in library.vocabulary("acquisition_channel")
    assert "referral" not in library.vocabulary("awareness_source")
    assert "website" in library.vocabulary("acquisition_channel")["referral"]["answer"]["en"]


@pytest.mark.parametrize("name", library.vocabularies())
def test_each_value_of_a_vocabulary_has_an_answer_and_a_label(name):
    """What respondents chose and what a table prints exist in both languages."""
    values = library.vocabulary(name)
    assert {"other", "unknown"} <= set(values)
    for texts in values.values():
        assert set(texts["answer"]) == set(texts["label"]) == set(LANGUAGES)


# -- lists of answers ------------------------------------------------------------------------

VOCABULARIES = {
    "awareness_source": "family peers media_ad online_ad social_post own_search seen_in_place",
    "acquisition_channel": "direct referral organic_search paid_search social email display",
    "interaction_channel": "website app marketplace social email chat_human chat_bot phone"
    " in_person self_service forum",
    "mode": "online offline hybrid",
    "device": "phone computer tablet",
    "last_purchase": "d30 m3 m6 m12 older never",
    "industry": "retail finance telecom",
    "touchpoint": "search enquiry transaction review",
}


def test_the_vocabularies_hold_what_they_are_to_hold():
    """Every list ends in other and unknown, which are counted."""
    assert set(library.vocabularies()) == set(VOCABULARIES)
    for name, values in VOCABULARIES.items():
        assert list(library.vocabulary(name)) == [*values.split(), "other", "unknown"]


def test_every_industry_has_a_preset():
    """The industries that the kit knows are those it has words for."""
    industries = set(library.vocabulary("industry")) - {"other", "unknown"}
    assert industries < set(library.presets())


def test_the_trap_of_referral_is_told_where_it_is():
    """Whoever reads the list reads the trap."""
    note = library.vocabulary("acquisition_channel")["referral"]["note"]
    assert "peers" in note["en"]
    assert "peers" in note["id"]
    assert "referral" in library.vocabulary("awareness_source")["peers"]["note"]["en"]


def test_what_is_offered_and_what_is_printed_are_two_texts():
    """Seven reasons a respondent may give or the file may tell; four only the routing knows."""
    reasons = library.reasons()
    assert set(library.REASONS) < set(reasons)
    offered = {reason for reason, texts in reasons.items() if texts["offered"]}
    assert offered == {
        "not_applicable",
        "not_experienced",
        "dont_know",
        "dont_remember",
        "refused",
    }
    assert all(set(texts["printed"]) == set(LANGUAGES) for texts in reasons.values())
    assert reasons["dont_remember"]["offered"]["en"] == "I don't remember"
    assert reasons["dont_remember"]["printed"]["en"] == "Don't remember"


def test_ambiguous_labels_have_more_than_one_place():
    """No label is placed by dictionary alone."""
    labels = library.ambiguous_labels()
    assert set(labels) == {"Kurang setuju", "Ragu-ragu", "Cukup setuju", "Cukup puas"}
    assert 2 in labels["Kurang setuju"]["places"][4]
    assert 3 in labels["Kurang setuju"]["places"][5]
    short = library.label_abbreviations()
    assert list(short) == ["STS", "TS", "KS", "RR", "N", "CS", "S", "SS"]
    kept = set(library.scale("agreement_5").labels["id"])
    assert {label for label in short.values() if label not in labels} == kept
