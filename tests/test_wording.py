"""Numbers, waves, dates and lists in words: one value, and each language's own way to say it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit.library import languages
from cxkit.wording import Quantity, Words

LANGUAGES = languages()
OWN = {
    "brand": "Toko",
    "labels": {
        "level:trust": {"id": "Rasa percaya", "en": "Confidence"},
        "short:level:trust": {"id": "Percaya", "en": "Conf."},
        "item:own_1": {"id": "Saya suka {brand}.", "en": "I like {brand}."},
        "group:region=west": {"id": "Barat", "en": "West"},
        "segment:region": {"id": "Wilayah", "en": "Region"},
        "wave:2026H1": {"id": "Gelombang 3", "en": "Wave 3"},
    },
}


def words(language: str = "en", **context) -> Words:
    return Words(language, context)


def both(say) -> tuple[str, str]:
    """What Indonesian and English say."""
    return say(words("id")), say(words("en"))


# -- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "indonesian", "english"),
    [
        (1204, "count", "1.204", "1,204"),
        (1234567, "count", "1.234.567", "1,234,567"),
        (999, "count", "999", "999"),
        (3.4, "score_100", "3,4", "3.4"),
        (62.0, "score_100", "62,0", "62.0"),
        (100.0, "score_100", "100,0", "100.0"),
        (4.256, "scale", "4,26", "4.26"),
        (31.6, "points", "32", "32"),
        (-31.6, "points", "−32", "−32"),
        (-3.44, "score_100", "−3,4", "−3.4"),
        (0.624, "share", "62%", "62%"),
        (1.0, "share", "100%", "100%"),
        (0.0, "share", "0%", "0%"),
    ],
)
def test_a_number_is_written_as_its_language_writes_it(value, unit, indonesian, english) -> None:
    assert both(lambda one: one.number(value, unit)) == (indonesian, english)


@pytest.mark.parametrize("value", [44.75, 44.749999999, 44.750000001, 44.74999999951])
def test_the_last_bits_of_a_number_do_not_change_its_words(value) -> None:
    """Two processors may differ in the tenth decimal; readers see one number."""
    assert words().number(value, "score_100") == "44.8"
    assert words().number(-value, "score_100") == "−44.8"
    assert words().number(44.7499, "score_100") == "44.7"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.5, "points", "1"),
        (1.5, "points", "2"),
        (2.5, "points", "3"),
        (-0.5, "points", "−1"),
        (0.25, "score_100", "0.3"),
        (0.285, "share", "29%"),
        (0.565, "share", "57%"),
        (0.145, "share", "15%"),
    ],
)
def test_a_half_is_rounded_away_from_zero(value, unit, shown) -> None:
    """As people do it by hand; 100 times .285 is 28.499999999999996 to a computer."""
    assert words().number(value, unit) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(-0.0, "points", "0"), (-0.4, "points", "0"), (-0.04, "score_100", "0.0"),
     (-0.004, "share", "0%")],
)  # fmt: skip
def test_a_negative_number_that_rounds_to_zero_has_no_sign(value, unit, shown) -> None:
    assert words().number(value, unit) == shown
    assert words().signed(value, unit) == shown.rstrip("%")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(5.04, "points", "6"), (-5.0, "points", "5"), (3.01, "score_100", "3.1"),
     (3.1000000001, "score_100", "3.1"), (0.29, "share", "29"), (0.2901, "share", "30")],
)  # fmt: skip
def test_a_size_that_is_found_from_is_rounded_up(value, unit, shown) -> None:
    """A difference of 5 would not be found where only one of 5.04 is."""
    text = words().raised(value, unit)
    own = text.numbers["value"]
    assert text == shown
    assert own.value == pytest.approx(abs(value) * (100 if unit == "share" else 1))


def test_a_minus_is_a_minus_and_no_hyphen() -> None:
    shown = words().number(-7, "points")
    assert shown == "\u22127"
    assert "-" not in shown


def test_a_missing_number_says_nothing() -> None:
    for one in (None, math.nan):
        assert words().number(one, "points") == ""
        assert words().signed(one, "points") == ""
        assert words().size(one, "points") == ""
        assert words().raised(one, "points") == ""


@pytest.mark.parametrize(
    ("value", "unit", "signed", "size"),
    [
        (5.6, "score_100", "+5,6", "5,6"),
        (-5.9, "score_100", "−5,9", "5,9"),
        (0.0, "score_100", "0,0", "0,0"),
        (-11.4, "points", "−11", "11"),
        (0.112, "share", "+11", "11"),
        (-0.285, "share", "−29", "29"),
    ],
)
def test_a_difference_has_a_sign_and_that_of_shares_is_no_percentage(
    value, unit, signed, size
) -> None:
    indonesian = words("id")
    assert indonesian.signed(value, unit) == signed
    assert indonesian.size(value, unit) == size


def test_the_digits_may_be_chosen_and_are_still_rounded_once() -> None:
    assert words().number(2 / 3, "share", digits=1) == "66.7%"
    assert words("id").number(12.3456, "score_100", digits=0) == "12"
    assert words().hundred(0.6251, "share") == "63"


@pytest.mark.parametrize(
    ("level", "shown"), [(0.95, "95%"), (0.9, "90%"), (0.999, "99.9%"), (0.975, "97.5%")]
)
def test_an_interval_level_is_a_percentage(level, shown) -> None:
    assert words().level(level) == shown


# -- ranges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "unit", "indonesian", "english"),
    [
        ((60.94, 64.06), "score_100", "60,9 sampai 64,1", "60.9 to 64.1"),
        ((-3.44, 9), "score_100", "−3,4 sampai 9,0", "−3.4 to 9.0"),
        ((0.41, 0.52), "share", "41% sampai 52%", "41% to 52%"),
        ((-12, -4), "points", "−12 sampai −4", "−12 to −4"),
    ],
)
def test_a_range_is_written_in_words(ends, unit, indonesian, english) -> None:
    assert both(lambda one: one.range(*ends, unit)) == (indonesian, english)


def test_the_range_of_a_difference_has_signs() -> None:
    assert words().signed_range(-0.03, 0.09, "share") == "−3 to +9"
    assert words("id").signed_range(1.44, 9.06, "score_100") == "+1,4 sampai +9,1"


@given(*[st.floats(-1e4, 1e4)] * 2, st.sampled_from(["points", "score_100", "share", "scale"]))
def test_no_range_ever_holds_a_dash(low, high, unit) -> None:
    for language in LANGUAGES:
        one = words(language)
        said = one.range(low, high, unit) + one.signed_range(low, high, unit)
        assert not set(said) & set("-\u2010\u2011\u2012\u2013\u2014\u2015")


# -- counted nouns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "indonesian", "english"),
    [
        (0, "0 responden", "0 respondents"),
        (1, "1 responden", "1 respondent"),
        (2, "2 responden", "2 respondents"),
        (1204, "1.204 responden", "1,204 respondents"),
    ],
)
def test_respondents_are_counted(n, indonesian, english) -> None:
    assert both(lambda one: one.plural("respondents", n)) == (indonesian, english)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1.0, "points", "1 point"),
        (0.6, "points", "1 point"),
        (0.5, "points", "1 point"),
        (1.4, "points", "1 point"),
        (1.5, "points", "2 points"),
        (-1.0, "points", "1 point"),
        (0.01, "share", "1 percentage point"),
        (0.005, "share", "1 percentage point"),
        (0.11, "share", "11 percentage points"),
        (1.0, "score_100", "1.0 points"),
        (3.44, "score_100", "3.4 points"),
    ],
)
def test_the_size_of_a_change_takes_the_noun_of_the_number_that_is_printed(
    value, unit, shown
) -> None:
    """The plural follows the digits a reader sees: 0.5 prints as 1, and 1.0 is a plural."""
    assert Quantity(value, unit, words(), "size").counted("points") == shown


def test_points_of_a_share_are_percentage_points_in_both_languages() -> None:
    template = "{x:points}"
    said = both(lambda one: one.fill(template, x=Quantity(-0.05, "share", one, "size")))
    assert said == ("5 poin persen", "5 percentage points")


def test_a_share_of_every_hundred_takes_the_verb_of_what_is_printed() -> None:
    said = [
        words().fill("{x:have_compared}", x=Quantity(x, "share", words(), "hundred"))
        for x in (0.012, 0.005, 0.8)
    ]
    assert said == ["1 has compared it", "1 has compared it", "80 have compared it"]


# -- waves, dates, lists ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "indonesian", "english"),
    [
        ("2026H1", "Semester I 2026", "the first half of 2026"),
        ("2026H2", "Semester II 2026", "the second half of 2026"),
        ("2026Q2", "Triwulan II 2026", "the second quarter of 2026"),
        ("2026-11", "November 2026", "November 2026"),
        ("2026-05", "Mei 2026", "May 2026"),
        ("2026", "2026", "2026"),
        ("pilot", "pilot", "pilot"),
    ],
)
def test_a_wave_is_said_in_words(key, indonesian, english) -> None:
    assert both(lambda one: one.wave(key)) == (indonesian, english)
    assert both(lambda one: one.name(f"wave={key}")) == (indonesian, english)


@pytest.mark.parametrize(
    ("key", "indonesian", "english"),
    [("2026H1", "Sem. I 2026", "H1 2026"), ("2026Q4", "Triw. IV 2026", "Q4 2026"),
     ("2026-05", "Mei 2026", "May 2026"), ("pilot", "pilot", "pilot")],
)  # fmt: skip
def test_a_wave_has_a_short_form_for_columns(key, indonesian, english) -> None:
    assert both(lambda one: one.short(f"wave:{key}")) == (indonesian, english)


@pytest.mark.parametrize("key", ["2026-23", "2026-00", "2026H3", "2026-1"])
def test_a_wave_that_is_no_half_quarter_or_month_is_its_own_key(key) -> None:
    """Week 23 of 2026 is a wave like any other."""
    assert words().wave(key) == key
    assert words().short(f"wave:{key}") == key


def test_a_waves_own_label_is_its_name() -> None:
    assert [Words(one, OWN).wave("2026H1") for one in ("id", "en")] == ["Gelombang 3", "Wave 3"]
    assert Words("en", OWN).short("wave:2026H1") == "Wave 3"
    assert words().wave(None) == ""


@pytest.mark.parametrize(
    ("first", "last", "indonesian", "english"),
    [
        ("2026-03-02", "2026-03-02", "2 Maret 2026", "2 March 2026"),
        ("2026-03-02", "2026-03-20", "2 sampai 20 Maret 2026", "2 to 20 March 2026"),
        ("2026-03-30", "2026-04-02", "30 Maret sampai 2 April 2026", "30 March to 2 April 2026"),
        ("2025-12-30", "2026-01-02", "30 Desember 2025 sampai 2 Januari 2026",
         "30 December 2025 to 2 January 2026"),
        ("2025-03-02", "2026-03-20", "2 Maret 2025 sampai 20 Maret 2026",
         "2 March 2025 to 20 March 2026"),
    ],
)  # fmt: skip
def test_a_stretch_of_days_says_what_its_ends_do_not_share(
    first, last, indonesian, english
) -> None:
    assert both(lambda one: one.dates(first, last)) == (indonesian, english)


def test_days_stand_inside_a_sentence() -> None:
    one_day, several = ("2026-03-02",) * 2, ("2026-03-02", "2026-03-20")
    assert both(lambda one: one.in_days(*one_day)) == ("2 Maret 2026", "on 2 March 2026")
    assert both(lambda one: one.in_days(*several)) == (
        "2 sampai 20 Maret 2026",
        "from 2 to 20 March 2026",
    )


@pytest.mark.parametrize(
    ("parts", "indonesian", "english"),
    [
        ([], "", ""),
        (["A"], "A", "A"),
        (["A", "B"], "A dan B", "A and B"),
        (["A", "B", "C"], "A, B, dan C", "A, B and C"),
        (["A", "B", "C", "D"], "A, B, C, dan D", "A, B, C and D"),
    ],
)
def test_a_list_is_joined_in_words(parts, indonesian, english) -> None:
    assert both(lambda one: one.join(parts)) == (indonesian, english)


# -- names -----------------------------------------------------------------------------------------


def test_a_name_is_the_studys_own_label_before_the_locales() -> None:
    assert Words("id", {}).name("level:trust") == "Kepercayaan"
    assert Words("id", OWN).name("level:trust") == "Rasa percaya"
    assert Words("en", OWN).name("level:trust") == "Confidence"
    assert Words("en", OWN).short("level:trust") == "Conf."
    assert Words("en", OWN).name("region=west") == "West"
    assert Words("en", OWN).name("segment:region") == "Region"


def test_a_renamed_thing_loses_the_gloss_of_its_old_name() -> None:
    assert words().gloss("level:trust")
    assert Words("en", OWN).gloss("level:trust") == ""


def test_what_nobody_named_is_called_by_its_key() -> None:
    assert words().name("level:own_level") == "own_level"
    assert words().name("region=north") == "north"
    assert words().name("item:own_7") == "own_7"


def test_a_label_in_one_language_serves_them_all() -> None:
    context = {"labels": {"level:trust": {"id": "Rasa percaya"}}}
    assert Words("en", context).name("level:trust") == "Rasa percaya"
    assert words().text({"id": "judul"}) == "judul"
    assert words().text("title") == "title"
    assert words().text(None) == ""


@pytest.mark.parametrize(
    ("preset", "text", "short"),
    [
        ("retail", "The goods I receive from Toko match my order.", "Matches the order"),
        ("finance", "What I get from Toko matches what I applied for.", "Matches the application"),
        ("telecom", "The Toko service I use matches the plan I chose.", "Matches the plan"),
        (None, "What I receive from Toko matches my order.", "Matches the order"),
    ],
)
def test_a_preset_words_the_fulfilment_pair_in_its_own_way(preset, text, short) -> None:
    shop = Words("en", {"brand": "Toko", "preset": preset})
    assert shop.name("item:ful_1") == text
    assert shop.short("item:ful_1") == short


def test_a_preset_leaves_the_other_statements_alone() -> None:
    said = {Words("id", {"brand": "T", "preset": one}).name("item:emo_1") for one in
            ("retail", "finance", None)}  # fmt: skip
    assert said == {"Saya merasa sungguh-sungguh dipedulikan oleh T."}


def test_the_site_is_the_studys_else_the_languages_own() -> None:
    asked = "item:onx_2"
    assert "Toko website without" in Words("en", {"brand": "Toko"}).name(asked)
    app = Words("en", {"brand": "Toko", "site": {"id": "aplikasi", "en": "app"}})
    assert "Toko app without" in app.name(asked)


def test_a_group_of_a_vocabulary_has_the_vocabularys_label() -> None:
    context = {"segments": {"how": {"vocabulary": "acquisition_channel"}}}
    assert Words("en", context).name("group:how=paid_search") == "Paid search"
    assert Words("en", context).name("how=carrier_pigeon") == "carrier_pigeon"


# -- what comes from data stays as it is -----------------------------------------------------------


@pytest.mark.parametrize("hostile", ["{brand}", "{", "}", "{0}", "<b>x</b>", "%s", "{x!r}", "a:b"])
def test_braces_and_markup_in_data_stay_as_they_are(hostile) -> None:
    """Wording fills templates of the kit and of the researcher, never texts of the data."""
    own = {"brand": hostile, "labels": {"level:trust": {"en": hostile}}}
    one = Words("en", own)
    assert one.name("level:trust") == hostile
    assert one.name(f"region={hostile}") == hostile
    assert one.name(f"level:{hostile}") == hostile
    assert one.name("item:emo_1") == f"I feel genuinely cared for by {hostile}."
    assert one.fill("[{a}]", a=hostile) == f"[{hostile}]"
    assert one.wave(hostile) == hostile
    assert one.name(f"wave={hostile}") == hostile
    assert one.join([hostile, hostile]) == f"{hostile} and {hostile}"


@pytest.mark.parametrize("hostile", ["{brand}", "{", "{x!r}"])
def test_braces_in_the_name_of_a_wave_stay_in_its_short_form_too(hostile) -> None:
    assert words(brand="Toko").short(f"wave:{hostile}") == hostile


def test_the_studys_own_statements_are_not_filled_again() -> None:
    """A statement of the study's own is printed word for word, as respondents read it."""
    assert Words("en", OWN).name("item:own_1") == "I like {brand}."


def test_a_template_reaches_no_attribute_of_what_fills_it() -> None:
    with pytest.raises(KeyError):
        words().fill("{a.__class__}", a="x")
    with pytest.raises(KeyError):
        words().fill("{a[0]}", a="x")


def test_a_slot_without_a_value_is_our_own_mistake() -> None:
    with pytest.raises(KeyError, match="unheard_of"):
        words().fill("so many: {unheard_of}", n=1)
    with pytest.raises(KeyError, match="wave"):
        words().sentence("F04", "all", {"metric": "NPS"})


def test_every_study_slot_has_a_value_without_a_study() -> None:
    said = words().fill("{ci} {min_base} {warn_base} {min_n} {unit} {units} {Unit}")
    assert said == "95% 30 100 10 level levels Level"


def test_a_framework_brings_its_own_word_for_level() -> None:
    own = {"framework": {"unit": {"id": "dimensi", "en": "dimension"},
                         "units": {"id": "dimensi", "en": "dimensions"}}}  # fmt: skip
    assert Words("en", own).fill("{Unit}, {unit}, {units}") == "Dimension, dimension, dimensions"
    assert Words("id", own).fill("{unit}") == "dimensi"


# -- findings that are worded by kind and number ------------------------------------------------


@pytest.mark.parametrize(
    ("key", "indonesian", "english"),
    [
        ("phase:retention", "Bertahan", "Retention"),
        ("type:after_service", "Pengalaman setelah dilayani", "After-service experience"),
        ("determinant:chatbot_usefulness", "Kegunaan chatbot", "Chatbot usefulness"),
        ("outcome:leave", "niat beralih ke pilihan lain", "intention to switch to another option"),
        ("base:had_problem", "responden yang mengalami masalah", "respondents who had a problem"),
        ("battery:comments", "Komentar terbuka", "Open comments"),
    ],
)
def test_every_kind_of_thing_in_the_library_has_a_name(key, indonesian, english) -> None:
    assert both(lambda one: one.name(key)) == (indonesian, english)


def test_a_statement_of_a_battery_is_named_and_shortened_like_the_eleven() -> None:
    one = words("id", brand="Toko", place={"id": "gerai"})
    assert one.name("item:typ_environment_1") == "Tampilan gerai Toko enak dilihat."
    assert one.short("item:typ_environment_1") == "Tampilan enak dilihat"


def against_the_rest(language: str, unit: str, value: float, scale: float) -> str:
    """A group that is higher, with numbers of one unit."""
    one = words(language)
    slots = {name: Quantity(value / scale, unit, one) for name in ("est", "rest", "lo", "hi")}
    slots |= {"metric": "CSAT", "group": "Jawa", "diff": Quantity(6 / scale, unit, one)}
    return one.sentence("F15", "higher", slots)


def test_a_group_differs_in_points_or_in_percentage_points() -> None:
    """A difference of shares is no percentage, in either language."""
    assert "selisih 6 poin persen (" in against_the_rest("id", "share", 40, 100)
    assert "a difference of 6 percentage points (" in against_the_rest("en", "share", 40, 100)
    assert "selisih 6,0 poin (" in against_the_rest("id", "score_100", 40, 1)
    assert "a difference of 6.0 points (" in against_the_rest("en", "score_100", 40, 1)


@pytest.mark.parametrize(
    ("n", "indonesian", "english"),
    [
        (1, "; 1 jawaban ditandai untuk diperiksa.", "; 1 is flagged for review."),
        (3, "; 3 jawaban ditandai untuk diperiksa.", "; 3 are flagged for review."),
    ],
)
def test_flagged_answers_are_counted_with_their_verb(n, indonesian, english) -> None:
    said = both(lambda one: one.sentence("F03", "none", {"n_flagged": n}))
    assert said[0].endswith(indonesian)
    assert said[1].endswith(english)


def test_one_comment_is_counted_in_the_singular() -> None:
    slots = {"theme": "delivery", "share": "100%"}
    assert "in 1 comment is" in words().sentence("F28", "top", {"n": 1, **slots})
    assert "in 12 comments is" in words().sentence("F28", "top", {"n": 12, **slots})


def test_no_end_of_a_clear_difference_prints_as_zero():
    """A range from -3 to -0.2 leaves out zero, and says so; one that is not clear may touch it."""
    words = Words("en", {})
    assert words.signed_range(-0.03, -0.002, "share", is_clear=True) == "−3 to −0.2"
    assert words.signed_range(0.004, 2.04, "score_100", is_clear=True) == "0.0 to +2.0"
    assert words.signed_range(0.04, 2.04, "score_100", is_clear=True) == "+0.04 to +2.0"
    assert words.signed_range(-0.03, -0.002, "share") == "−3 to 0"
