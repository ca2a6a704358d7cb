"""Both languages say the same things: same keys, same slots, no word of cause."""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale

from cxkit import library
from cxkit.wording import NO_BREAK, Quantity, Words

LANGUAGES = library.languages()
COMPUTED = ("findings", "titles", "subtitles", "alt", "notes", "fragments", "once", "verdicts")
RESPONDENTS_READ = (
    "items",
    "presets",
    "screening",
    "stages_reached",
    "stage_ratings",
    "evaluation",
    "importance",
    "outcomes",
    "problems",
    "profile",
    "comments",
    "answers",
    "vocabularies",
    "scales",
    "exit_answers",
    "exit_words",
    "frame_texts",
)
WHOM = {"pelanggan", "customer", "customers"}
AGREED = Path(__file__).parent / "agreed_words.csv"
"""The words that were agreed before they were built, copied from where they were agreed."""

# Every slot that a template may ask for; a new one is added here and in the code that fills it.
SLOTS_IN_USE = """
    brand site period ahead minutes ci min_base warn_base min_n unit Unit units All_units outcome
    est lo hi lo2 hi2 n n_eff prev diff down up share prob r2 conv top bottom max min
    k m low high limit limit_nps matter target efficiency population p q d c e a b x clear above
    below unclear published restated metric wave prev_wave level next stage from to from2 to2 item
    items group list what who max_level min_level max_stage min_stage max_label min_label top_item
    bottom_item missing middle name reason correction margins design frame mode framework preset
    scale points definition source dates title value low_code low_label high_code high_label
    column parts place number base year head last version python digest seed hint
    all_units n_excluded n_started n_flagged top_rule alt upper lower channel_min channel_max rest
    mde mix within better worse determinant good bad warned stay_solved stay_open theme scenario
    coefficient choice rows cols max_cell min_cell hidden first first_wave last_wave claim
    now before text stages metrics left segment
    cfi rmsea srmr share2 chance cut cut2 apex
    moment peers company both further same less_far
    horizon currency amount
    blocks by file rival channel
"""
SLOTS = set(SLOTS_IN_USE.split())
NOUN = {"unit": "noun", "Unit": "noun", "units": "noun"}

CAUSE = {
    "id": "menyebabkan|disebabkan|meningkatkan|ditingkatkan|berdampak|me[mn]g?pengaruhi"
    "|memengaruhi|dipengaruhi|pengaruh|mendorong|didorong|akibat|akibatnya|terbukti|membuktikan"
    "|signifikan|tidak berubah|tervalidasi|pelanggan",
    "en": "causes|caused|drives?|impacts?|effects?|leads? to|led to|boosts?|because of|proves?"
    "|proven|significant(?:ly)?|has not changed|validated|customers?",
}


def leaves(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Every text with its path; the forms of a plural count as one text."""
    if isinstance(node, dict) and path[:1] != ("plural",):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, dict) and len(path) < 2:
        for key, value in node.items():
            yield ".".join((*path, key)), value
    else:
        yield ".".join(path), node


def texts(language: str, *shelves: str) -> dict[str, str]:
    """The texts of some shelves (all of them, if none is named) by path."""
    words = library.locale(language)
    kept = {shelf: words[shelf] for shelf in shelves} if shelves else words
    return {path: text for path, text in leaves(kept) if isinstance(text, str)}


def slots(template: str) -> list[tuple[str, str]]:
    """The slots of a template in alphabetical order: name and noun."""
    found = string.Formatter().parse(template)
    return sorted((name, noun or "") for _, name, noun, _ in found if name is not None)


def asked(template: str) -> set[str]:
    """What a template wants filled; whether its noun is plural or capital is the language's own."""
    return {NOUN.get(name, name) for name, _ in slots(template)}


def lint(text: str, language: str) -> list[str]:
    """The words of cause in a text."""
    spoken = re.sub(r"\{[^}]*\}", " ", text)
    return re.findall(rf"\b(?:{CAUSE[language]})\b", spoken, re.IGNORECASE)


def said(language: str, path: str) -> str | None:
    """The text at a path of the locales; the labels of a scale as one text."""
    node: object = library.locale(language)
    for key in path.split("."):
        node = node.get(key) if isinstance(node, dict) else None
    return " | ".join(node) if isinstance(node, list) else node


def plainly(text: str, language: str) -> str:
    """A template as it was agreed: for five levels, recommendation, 95% ranges, plural nouns."""
    words = library.locale(language)
    unit, units = words["names"]["unit"]["level"], words["names"]["units"]["level"]
    every = words["fragments"]["all_units"]["n5"].format(unit=unit, units=units)

    def counted(found: re.Match[str]) -> str:
        return str(words["plural"][found[2]]["other"]).replace("{n}", f"{{{found[1]}}}")

    text = re.sub(r"\{(\w+):(\w+)\}", counted, text)
    filled = {"ci": "95%", "unit": unit, "Unit": unit.capitalize(), "units": units}
    filled |= {"all_units": every, "All_units": every[0].upper() + every[1:]}
    filled["outcome"] = words["names"]["outcome"]["recommend"]
    for slot, value in filled.items():
        text = text.replace(f"{{{slot}}}", value)
    return text.replace("\u2212", "-").replace("per cent", "percent")


def agreed() -> list[tuple[str, str, str]]:
    """What was agreed: path in the locales, language, text."""
    with AGREED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["path"], one, row[one]) for row in rows for one in ("id", "en") if row[one]]


def in_one_base(text: str) -> str:
    """An alt sentence with one slot for its base, whether that is a number or a range."""
    text = re.sub(r"\{n_min\} (sampai|to) \{n_max\}", "{n}", text)
    return text.replace("Bases {n}", "Base {n}")


def test_every_agreed_text_is_there():
    """No row of the tables of agreed words is forgotten, in either language."""
    rows = agreed()
    shelves = {path.partition(".")[0] for path, _, _ in rows}
    assert len(rows) > 1250
    assert shelves >= {"names", "short", "sections", "scales", "items", "findings", "glossary"}
    assert [(path, one) for path, one, _ in rows if said(one, path) is None] == []


def test_every_agreed_text_is_said_word_for_word():
    """Final wording is final: what respondents and readers see is what was agreed."""
    differing = {
        (path, language): (plainly(ours, language), text)
        for path, language, text in agreed()
        if (ours := said(language, path)) is not None
        and in_one_base(plainly(ours, language)) != in_one_base(plainly(text, language))
    }
    assert differing == {}


def test_a_changed_word_is_seen():
    """The comparison above would notice one word: it is not made to agree."""
    template = library.locale("en")["findings"]["F15"]["higher"]
    assert "a difference of {diff} points" in plainly(template, "en")
    assert plainly(template.replace("against", "to"), "en") != plainly(template, "en")


def test_both_languages_have_the_same_keys():
    """A key that one language lacks breaks that language's page."""
    indonesian, english = (
        {path for path, _ in leaves(library.locale(one))} for one in ("id", "en")
    )
    assert len(indonesian) > 500
    assert indonesian == english


def test_both_languages_use_the_same_slots_in_each_text():
    """A slot in one language only means a number that the other language hides."""
    english = texts("en")
    differing = {
        path: (slots(text), slots(english[path]))
        for path, text in texts("id").items()
        if asked(text) != asked(english[path])
    }
    assert differing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_is_a_known_name(language):
    """A misspelt slot would stay unfilled on the page."""
    unknown = {
        (path, name)
        for path, text in texts(language).items()
        for name, _ in slots(text)
        if name not in SLOTS
    }
    assert unknown == set()


def test_every_known_slot_is_used():
    """The list of slots holds no leftover, so it stays the contract it claims to be."""
    said = [text for language in LANGUAGES for text in texts(language).values()]
    used = {name for text in said for name, _ in slots(text)}
    assert used >= SLOTS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_counted_noun_has_the_plural_forms_of_its_language(language):
    """English needs one and other, Indonesian only other; a noun after a colon is in `plural`."""
    nouns = library.locale(language)["plural"]
    categories = set(Locale.parse(language).plural_form.tags) | {"other"}
    for noun, forms in nouns.items():
        assert set(forms) == categories, noun
        assert all(slots(form) == [("n", "")] for form in forms.values()), noun
    used = {noun for text in texts(language).values() for _, noun in slots(text) if noun}
    assert used <= set(nouns)


def test_one_respondent_is_counted_in_the_singular():
    """1 respondent, 2 respondents, 1.204 responden."""
    template = library.locale("en")["findings"]["F01"]["unweighted_no_dates"]
    assert "of 1 respondent," in Words("en", {}).fill(template, n=1)
    assert "of 2 respondents," in Words("en", {}).fill(template, n=2)
    template = library.locale("id")["findings"]["F01"]["unweighted_no_dates"]
    assert "jawaban 1.204 responden," in Words("id", {}).fill(template, n=1204)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_computed_sentence_uses_a_word_of_cause(language):
    """A survey shows what goes together; `customers` is said of a customer sample only."""
    allowed = {"findings.F02.customers_only"}
    found = {
        path: lint(text, language)
        for path, text in texts(language, *COMPUTED).items()
        if lint(text, language) and path not in allowed
    }
    assert found == {}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Customers rate trust highest."),
        ("id", "Pelanggan menilai kepercayaan paling tinggi."),
        ("en", "Trust drives recommendation."),
        ("en", "The change is significant."),
        ("en", "It rose because of the price."),
        ("id", "Kepercayaan mempengaruhi NPS."),
        ("id", "Kepercayaan memengaruhi NPS."),
        ("id", "Skor tidak berubah."),
    ],
)
def test_the_lint_finds_words_of_cause(language, sentence):
    """A lint that finds nothing anywhere would hold nothing away."""
    assert lint(sentence, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_claim_is_repeated_in_words_of_cause(language):
    """A claim is reported, and `customers` may be whom it speaks of; cause is not."""
    spoken = texts(language, "claims", "hypotheses", "about")
    found = {
        path: words
        for path, text in spoken.items()
        if (words := {one.lower() for one in lint(text, language)} - WHOM)
    }
    assert found == {}


@pytest.mark.parametrize("sentence", ["The effective base is 90.", "Driven tracks."])
def test_the_lint_leaves_other_words_alone(sentence):
    """`effective base` is a term of the report."""
    assert not lint(sentence, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_ranges_are_written_in_words(language):
    """A dash beside a negative number cannot be read."""
    for path, text in texts(language).items():
        assert not re.search(r"\}\s*[-\u2010-\u2015\u2212]\s*\{", text), path
        assert not re.search(r"[\u2012-\u2015]", text), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_level_of_an_interval_is_a_slot(language):
    """A study with 90% intervals must not print 95%."""
    assert [path for path, text in texts(language).items() if "95" in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_take_the_noun_of_the_framework(language):
    """A framework of a user's own brings its own word for level."""
    noun = library.locale(language)["names"]["unit"]["level"]
    for path, text in texts(language, "findings", "titles", "subtitles", "notes").items():
        if path != "notes.note_instrument":
            spoken = re.sub(r"\{[^}]*\}|tingkat kepercayaan", " ", text)
            assert not re.search(rf"\b{noun}s?\b", spoken, re.IGNORECASE), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_glossary_explains_every_term(language):
    """A term without a meaning helps nobody."""
    for key, entry in library.locale(language)["glossary"].items():
        assert set(entry) == {"term", "meaning"}, key
        assert all(part.strip() for part in entry.values()), key


def test_no_text_is_empty():
    """An empty text would leave a hole on the page."""
    for language in LANGUAGES:
        assert [path for path, text in texts(language).items() if not text.strip()] == []


def test_respondents_are_addressed_in_neutral_spoken_indonesian():
    """No double negation, no absolute, none of the words that sound like a form."""
    for path, text in texts("id", *RESPONDENTS_READ).items():
        assert not re.search(r"tidak pernah|selalu", text, re.IGNORECASE), path


def test_indonesian_is_neutral_and_spoken_everywhere():
    """Readers and respondents are spoken to alike; Anda has a capital."""
    avoided = r"\b(dapat|perlu|daring|luring|kompetitor|agen)\b"
    found = {
        path
        for path, text in texts("id").items()
        if re.search(avoided, text, re.IGNORECASE) or re.search(r"\banda\b", text)
    }
    assert found == {"sections.summary.question"}  # agreed as it is


def test_indonesian_is_no_english_in_disguise():
    """“Only just” is not “a moment ago”, nobody is alone but people; common slips of spelling."""
    slips = r"\b(baru saja|sendirian|dimana|diatas|dibawah|merubah|resiko|analisa|praktek)\b"
    found = {path for path, text in texts("id").items() if re.search(slips, text, re.IGNORECASE)}
    assert found == set()


def test_no_indonesian_finding_begins_with_a_count():
    """EYD: a number at the head of a sentence is a word, or stands elsewhere."""
    begun = {
        path: text
        for path, text in texts("id", "findings", "notes").items()
        for sentence in re.split(r"(?<=[.!?]) ", text)
        if re.match(r"\{(?:k|m)\b", sentence)
    }
    assert set(begun) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_grade_of_certainty_is_invented(language):
    """There are as many verdicts as there are rules, and no half ones."""
    half = r"hampir jelas|cenderung|\bmarginal|\bnearly clear|\btends? to"
    assert len(library.locale(language)["verdicts"]) == 8
    for path, text in texts(language, *COMPUTED, "ui", "methods").items():
        assert not re.search(half, text, re.IGNORECASE), path


def test_the_labels_of_scales_avoid_words_that_readers_place_differently():
    """`Mungkin` alone means maybe; `cukup` and `kurang` stand at different places."""
    avoided = library.load_yaml(library.files.LIBRARY / "ambiguous_labels.yaml")["avoided"]
    assert set(avoided) == {"Cukup", "Kurang", "Mungkin"}
    for name in library.scales():
        scale = library.scale(name)
        for label in (scale.labels or {}).get("id", ()):
            assert label.split()[0] not in avoided, label


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_report_section_has_a_name_and_a_question(language):
    """The page asks one question a section."""
    for key, section in library.locale(language)["sections"].items():
        assert set(section) == {"name", "question"}, key
        assert section["question"].endswith("?"), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_glosses_are_a_few_words(language):
    """They stand under a name in a narrow drawing."""
    for path, text in texts(language, "glosses").items():
        assert 2 <= len(text.split()) <= 5, path
        assert len(text) <= 40, path


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", library.files.names_in("frameworks"))
def test_every_part_of_a_framework_is_named_and_explained(name, language):
    """A name, a short one that fits an axis, and what it is about."""
    words, of = library.locale(language), library.framework(name)
    keys = [part["key"] for part in of[of["kind"]]]
    assert list(words["names"][of["part"]]) == keys
    assert list(words["short"][of["part"]]) == keys
    assert list(words["about"][of["part"]]) == keys
    assert max(len(short) for short in words["short"][of["part"]].values()) <= 16


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_has_a_short_name_that_fits_an_axis(language):
    """Statements of the pyramid and of every battery alike."""
    words = library.locale(language)
    rated = [*words["items"], *words["evaluation"], *words["importance"]]
    assert rated == list(words["item_short"])
    assert len(words["items"]) == 47
    assert len(set(words["item_short"].values())) == len(rated)
    assert all(3 <= len(short) <= 30 for short in words["item_short"].values())
    assert len(set(words["items"].values())) == 47


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_and_stage_has_all_its_names(language):
    """A name, a short name and a gloss for each."""
    words = library.locale(language)
    levels = [level["key"] for level in library.framework("pyramid")["levels"]]
    stages = [stage["key"] for stage in library.framework("journey")["stages"]]
    for shelf in (words["names"], words["short"], words["glosses"]):
        assert list(shelf["level"]) == levels
        assert list(shelf["stage"]) == stages


def test_every_exit_answer_has_a_printed_reason():
    """What a respondent ticks instead of a point is counted under a name."""
    for language in LANGUAGES:
        words = library.locale(language)
        assert set(words["exit_answers"]) <= set(words["names"]["reason"])
        assert set(library.REASONS) <= set(words["names"]["reason"])


def summary(language: str) -> list[str]:
    """The five sentences of an invented report."""
    words = Words(language, {"brand": "Toko Contoh"})

    def number(value: float, unit: str, style: str = "number") -> Quantity:
        return Quantity(value, unit, words, style)

    now, before = words.wave("2026H1"), words.wave("2025H2")
    service, emotion = (
        words.name("level:responsive_service"),
        words.name("level:emotional_connection"),
    )
    nps = {
        "metric": words.short("metric:nps"),
        "est": number(32, "points"),
        "lo": number(27, "points"),
        "hi": number(37, "points"),
        "n": number(1184, "count"),
        "wave": now,
        "target": number(40, "points"),
    }
    return [
        f"{words.sentence('F04', 'all', nps)} {words.sentence('F04', 'below_target', nps)}",
        words.sentence(
            "F06",
            "clear",
            {
                "level": service,
                "est": number(58.3, "score_100"),
                "lo": number(56.9, "score_100"),
                "hi": number(59.7, "score_100"),
                "diff": number(4.1, "score_100"),
                "next": emotion,
            },
        ),
        words.sentence(
            "F12",
            "clear",
            {
                "from": words.name("stage:decide"),
                "to": words.name("stage:evaluate"),
                "down": number(-6.2, "score_100", "size"),
                "lo": number(4.8, "score_100"),
                "hi": number(7.6, "score_100"),
                "n": number(702, "count"),
            },
        ),
        words.sentence("F17", "undecided", {"list": words.join([service, emotion])}),
        words.sentence(
            "F20",
            "no_evidence",
            {
                "metric": words.short("metric:nps"),
                "prev_wave": before,
                "down": number(-3, "points", "size"),
                "up": number(9, "points", "size"),
            },
        ),
    ]


def test_the_summary_reads_well_in_indonesian():
    """Five sentences as the design of the report words them."""
    assert [one.replace(NO_BREAK, " ") for one in summary("id")] == [
        "NPS Toko Contoh pada Semester I 2026 adalah 32 (rentang 95%: 27 sampai 37; n = 1.184)."
        " Angka ini jelas di bawah target 40.",
        "Tingkat yang paling lemah adalah Layanan yang tanggap, dengan skor 58,3 (56,9 sampai"
        " 59,7), 4,1 poin di bawah tingkat terlemah berikutnya, Ikatan emosional.",
        "Penilaian paling turun pada peralihan dari Memutuskan ke Menilai: 6,2 poin lebih rendah"
        " (4,8 sampai 7,6; n = 702 yang menjalani keduanya).",
        "Belum jelas tingkat mana yang paling erat berkaitan dengan kesediaan merekomendasikan:"
        " Layanan yang tanggap dan Ikatan emosional tidak bisa dibedakan. Ini kaitan, bukan sebab.",
        "Belum ada bukti bahwa NPS berubah sejak Semester II 2025: yang masih masuk akal adalah"
        " turun 3 poin sampai naik 9 poin.",
    ]


def test_the_summary_reads_well_in_english():
    """Five sentences as the design of the report words them."""
    assert [one.replace(NO_BREAK, " ") for one in summary("en")] == [
        "NPS for Toko Contoh in the first half of 2026 is 32 (95% range 27 to 37; n = 1,184)."
        " This is clearly below the target of 40.",
        "The weakest level is Responsive service, scoring 58.3 (56.9 to 59.7), 4.1 points below the"
        " next weakest, Emotional connection.",
        "Ratings drop most at the hand-off from Decide to Evaluate: 6.2 points lower (4.8 to 7.6;"
        " n = 702 who went through both).",
        "It is not clear which level goes most closely with willingness to recommend: Responsive"
        " service and Emotional connection cannot be told apart. This is association, not cause.",
        "There is no evidence that NPS has changed since the second half of 2025: anything from a"
        " fall of 3 points to a rise of 9 points remains plausible.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_template_leaves_no_slot_over(language):
    """Each text can be filled with the known slots, and nothing in braces remains."""
    words = Words(language, {"brand": "Toko Contoh"})
    known = {name: Quantity(2, "count", words) for name in SLOTS}
    for path, text in texts(language).items():
        if not path.startswith("plural."):
            assert "{" not in words.fill(text, **known), path
