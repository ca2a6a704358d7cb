"""Every concept of the kit's sources is asked, can be named by a study, and is told in the report.

The concepts stand in `concepts.csv` as written by hand from the knowledge that the kit is to carry, not as the
library has them: what the library forgets is named as missing. A concept is found on the page of
the demo, in the section where it belongs, or as "not measured" on the page of a study that asks
nothing but the eleven statements.
"""

# ruff: noqa: E501 -- a claim stays on one line, so that both languages can be compared

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import html
from read_report import words

import cxkit as cx
from cxkit import library
from cxkit.answers import check
from cxkit.answers.questionnaire import form_of, write
from cxkit.study import read_study

LANGUAGES = ("id", "en")
UNMEASURED = {"id": "tidak diukur", "en": "not measured"}
BATTERIES = [
    "screening",
    "stages",
    "types",
    "determinants",
    "expectation",
    "outcomes",
    "problems",
    "value_for_cost",
    "personal_fit",
    "channels_in_step",
    "profile",
    "comments",
]


CONCEPTS = Path(__file__).parent / "concepts.csv"


@dataclass(frozen=True)
class Concept:
    """What is asked for it, in which section of the report it is told, and in which words.

    No section: anywhere. `not_measured`: in the line of what the eleven statements do not measure.
    """

    concept: str
    questions: str
    section: str
    id: str
    en: str


def concepts() -> list[Concept]:
    """The list, written by hand; words are patterns."""
    with CONCEPTS.open(encoding="utf-8", newline="") as file:
        return [Concept(**row) for row in csv.DictReader(file)]


TOLD = [one for one in concepts() if one.section != "not_measured"]
UNASKED = [one for one in concepts() if one.section == "not_measured"]

# -- what the sources claim, and where they disagree with themselves -----------------------------

CLAIMS = (
    # whose claim, its words in Indonesian, in English
    ("Statista", "60% merek", "60% of brands"),
    ("Zendesk", "74% setia", "74% are loyal"),
    ("Zendesk", "57% mengaitkan", "57% tie"),
    ("tidak disebutkan|not named", "lima kali biaya mempertahankan", "five times as much as keeping"),
    ("Forrester", "21% merek di Amerika Serikat", "21% of brands in the United States"),
    ("Harvard Business Review", "15% dari 1.100 eksekutif", "15% of 1,100 executives"),
    ("Harvard Business Review", "17% dari 1.100 eksekutif", "17% of 1,100 executives"),
    ("Epsilon", "80% mengharapkan", "80% expect"),
    ("tidak jelas|not clear", "39% tidak akan berbelanja", "39% will not spend"),
    ("Annex Cloud", "37% tidak mau membeli lagi", "37% never buy again"),
    ("Zendesk", "50% beralih", "50% switch"),
    ("tidak disebutkan|not named", "Seperempat pelanggan bisa hilang", "A quarter of customers can be lost"),
    ("tidak disebutkan|not named", "perbankan dan asuransi pada 1990-an", "banking and insurance in the 1990s"),
)  # fmt: skip
CLAIMED = {"id": "Diklaim oleh", "en": "Claimed by"}
UNCHECKED = {"id": "tidak diperiksa pada asalnya", "en": "not been checked at its origin"}
IN_A_SCENARIO = {"id": "memakai klaim", "en": "rests on a claim"}

INCONSISTENCIES = (
    ("enam tahap tetapi menguraikan lima", "six stages and describes five"),
    ("tiga alasan.*dua hal.*mendaftar tiga", "three reasons.*two points.*lists three"),
    ("online saja, kemudian sebagai pengalaman fisik", "online only, later as physical"),
    ("mencari, membeli, dan memakai.*tanpa tahap membeli", "searching, buying and using.*without one for buying"),
    ("dua “tujuan utama” yang berbeda", "two different “main goals”"),
    ("37%.*50%", "37%.*50%"),
)  # fmt: skip

TESTABLE = (
    ("Harga lebih penting saat memutuskan", "Price matters more when deciding"),
    ("Pelanggan yang tidak puas lebih berisiko", "A dissatisfied customer is a greater risk"),
    ("Orang hilang di antara satu tahap", "People are lost between one stage"),
    ("satu peralihan antartahap", "one hand-off between stages"),
    ("Tingkat atas piramida membutuhkan", "A higher level of the pyramid needs"),
)


# -- the pages -------------------------------------------------------------------------------------


class Lines:
    """What a page says, line by line, by section; a row of a table is a line."""

    def __init__(self, page: Any) -> None:
        self.language = page.get("lang")
        self.sections = {one.get("id"): list(self._of(one)) for one in page.xpath("//main/section")}

    def _of(self, section: Any) -> Iterator[str]:
        own = "self::p or self::h2 or self::h3 or self::figcaption or self::caption or self::dd"
        for one in section.xpath(f".//*[{own} or self::tr or self::summary or self::li]"):
            cells = one.xpath("./th | ./td")
            yield " ".join(map(words, cells)) if cells else words(one)

    def said(self, pattern: str, section: str = "") -> list[str]:
        """The lines that a pattern is found in, of one section or of all."""
        of = [section] if section else list(self.sections)
        among = chain.from_iterable(self.sections.get(key, ()) for key in of)
        return [line for line in among if re.search(pattern, line, re.IGNORECASE)]


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@cache
def lines_of(file: Path) -> Lines:
    return Lines(html.parse(file).getroot())


@pytest.fixture(scope="module")
def demo(demo_report: Path, language: str) -> Lines:
    """The page of the demo in one language: the one that all tests share."""
    return lines_of(next(demo_report.glob(f"*.{language}.html")))


ELEVEN = [
    "ful_1",
    "ful_2",
    "tru_1",
    "tru_2",
    "res_1",
    "res_2",
    "onx_1",
    "onx_2",
    "onx_3",
    "emo_1",
    "emo_2",
]
STUDY = """\
cxkit: 1
study: sebelas
title: {id: Sebelas pernyataan, en: The eleven statements}
brand: Kedai Rekaan
period: {id: 6 bulan terakhir, en: the last 6 months}
ahead: {id: 6 bulan ke depan, en: the next 6 months}
languages: [id, en]
sample: {frame: visitors, design: opt_in, population: unknown}
answers: {path: answers.csv, platform: plain}
respondent: respondent
scale: agreement_5
"""


def lay(folder: Path, study: str, columns: dict[str, Callable[[Random], str]], n: int) -> Path:
    """A study of invented answers, the same at every call."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    draw = Random(20261122)
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["respondent", *columns])
        for at in range(n):
            table.writerow([f"r{at}", *(answer(draw) for answer in columns.values())])
    return folder


@pytest.fixture(scope="module")
def eleven(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lines]:
    """The pages of a study that asks nothing but the eleven statements."""
    from thin_studies import executed_on

    from cxkit.report import page

    items = f"frameworks: [pyramid]\nitems: [{', '.join(ELEVEN)}]\n"
    items = items.replace("[ful", "{ful").replace("emo_2]", "emo_2}")
    items = re.sub(r"(\w{3}_\d)", r"\1: \1", items)
    answers = dict.fromkeys(ELEVEN, lambda draw: str(draw.randint(1, 5)))
    folder = lay(tmp_path_factory.mktemp("trace") / "eleven", STUDY + items, answers, 60)
    nb = executed_on(str(folder))
    return {one: Lines(html.document_fromstring(page.render(nb, one))) for one in LANGUAGES}


# -- the questionnaire -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The questionnaires that the kit writes for the demo with every battery: question -> text.

    Expectation is asked in one of two ways; the demo asks both.
    """
    folder = tmp_path_factory.mktemp("asked")
    written = write("demo", "markdown", folder / "demo.md", batteries=BATTERIES)
    text = "\n".join(file.read_text(encoding="utf-8") for file in written.files)
    return {one.key: text for one in written.form.questions} | {"": text}


def test_no_battery_is_missing_and_none_is_unknown():
    """The twelve modules beside the eleven statements, and no other."""
    assert {*library.batteries()} == {*BATTERIES, "pyramid"}


def test_every_concept_is_asked(asked):
    """Each question of a concept stands in the questionnaire, by its key."""
    missing = {
        one.concept: key for one in TOLD for key in one.questions.split() if key not in asked
    }
    assert missing == {}


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("arrival:direct", "Mengetik alamatnya atau membukanya langsung"),
        ("arrival:referral", "Mengeklik tautan di situs lain"),
        ("arrival:organic_search", "Mengeklik hasil pencarian yang bukan iklan"),
        ("arrival:paid_search", "Mengeklik iklan di hasil pencarian"),
        ("arrival:social", "Mengeklik tautan di media sosial"),
        ("arrival:email", "Mengeklik tautan di email"),
        ("arrival:display", "Mengeklik iklan bergambar di situs lain"),
        ("used:website", "Situs Toko Contoh"),
        ("used:self_service", "Pusat bantuan atau layanan mandiri"),
        ("used:forum", "Forum atau situs ulasan"),
        ("mode:online", "Hanya secara online"),
        ("mode:offline", "Hanya secara tatap muka"),
        ("mode:hybrid", "Keduanya"),
        ("device:tablet", "Tablet"),
        ("awareness:family", "Keluarga atau kerabat"),
        ("awareness:peers", "Teman atau rekan kerja"),
        ("awareness:media_ad", "Iklan di TV, radio, media cetak"),
        ("awareness:online_ad", "Iklan online"),
        ("awareness:social_post", "Unggahan di media sosial"),
        ("awareness:own_search", "Mencari sendiri"),
        ("awareness:seen_in_place", "Melihat langsung di gerai atau acara"),
    ],
)
def test_every_answer_of_the_lists_is_offered(asked, phrase, said):
    """A friend's word is an answer to where one first heard of the brand, never a `referral`."""
    assert said in asked[""], phrase


PRESETS = {
    "retail": ("Barang yang saya terima", "Ritel"),
    "finance": ("sesuai dengan yang saya ajukan", "Keuangan"),
    "telecom": ("sesuai dengan paket yang saya pilih", "Telekomunikasi"),
    "neutral": ("terlaksana sesuai waktu yang dijanjikan", "Netral"),
}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_words_the_fulfilment_pair_and_is_named_in_the_report(preset, tmp_path):
    """The changed pair is asked in its words, and the report says which preset was used."""
    import nbformat

    from cxkit.report.methods import methods_blocks
    from cxkit.wording import Words

    items = "{" + ", ".join(f"{key}: {key}" for key in ELEVEN) + "}"
    text = f"{STUDY}frameworks: [pyramid]\npreset: {preset}\nitems: {items}\n"
    folder = lay(tmp_path, text, dict.fromkeys(ELEVEN, lambda _: "4"), 3)
    study = read_study(folder)
    wording, named = PRESETS[preset]
    pair = [one.text["id"] for one in form_of(study).questions if one.key in ("ful_1", "ful_2")]
    assert any(wording in one for one in pair)
    told = Words("id", study.context())
    _, blocks = methods_blocks(nbformat.v4.new_notebook(), told)
    assert f"Preset yang dipakai: {named}." in json.dumps(blocks, ensure_ascii=False)


# -- the study -------------------------------------------------------------------------------------

SCHEMA = [
    "frameworks",
    "preset",
    "items",
    "outcomes",
    "stages",
    "bases",
    "segments",
    "channels",
    "rival",
    "comments",
    "coding",
    "value",
    "targets",
    "matters",
    "sample",
    "scale",
    "wave",
    "waves",
    "weight",
    "privacy",
    "actions",
]


def test_the_schema_of_a_study_has_a_place_for_each_kind_of_concept():
    """What an editor offers while a study is written."""
    folder = Path(library.__file__).parent / "schemas"
    known = json.loads((folder / "study.schema.json").read_text(encoding="utf-8"))["properties"]
    assert [one for one in SCHEMA if one not in known] == []


YES = ("scr_", "rch_", "wom_talked", "wom_recommended", "wom_warned", "wom_followed", "rev_posted",
       "inc_happened", "inc_reported")  # fmt: skip
LISTS = {
    "pro_awareness_source": ("awareness_source", "peers"),
    "pro_acquisition_channel": ("acquisition_channel", "referral"),
    "pro_mode": ("mode", "hybrid"),
    "pro_device": ("device", "phone"),
    "pro_last_purchase": ("last_purchase", "m3"),
    "pro_industry": ("industry", "finance"),
    "touched": ("touchpoint", "enquiry"),
}
TICKED = {"wom_tone": "mostly_good", "rev_tone": "neutral", "inc_resolved": "partly"}
BASES = {
    "aware": "scr_aware", "visitors": "scr_visited", "buyers": "scr_bought",
    "contacted": "scr_contacted", "served": "scr_staff", "chatbot_users": "scr_chatbot",
    "attendees": "scr_event",
}  # fmt: skip
ON_A_SCALE = ("typ_", "det_", "exp_", "dis_", "val_", "per_", "chn_", "imp_", "evl_")
OUTCOMES = ("out_", "wom_", "rev_", "inc_")


def whole_study() -> tuple[str, list[str]]:
    """A study that names every question of the concepts above, and its columns."""
    keys = sorted({key for one in TOLD for key in one.questions.split()} | {*ELEVEN, *LISTS})
    keys = sorted({*keys, "exp_fulfilment", "dis_fulfilment"} - {"pro_interaction_channel"})
    items = [key for key in keys if key in ELEVEN or key.startswith(ON_A_SCALE)]
    outcomes = [key for key in keys if key.startswith(OUTCOMES) and key != "out_spend"]
    lines = ["frameworks: [pyramid, journey, types, determinants]", "preset: neutral", "items:"]
    lines += [f"  {key}: {key}" for key in items]
    lines += ["bases:", *(f"  {base}: {{column: {key}, is: yes}}" for base, key in BASES.items())]
    lines += ["stages:", "  aware: {reached: scr_aware, rating: stg_aware}"]
    lines += [f"  {one}: {{reached: rch_{one}, rating: stg_{one}}}"
              for one in ("consider", "decide", "evaluate")]  # fmt: skip
    lines += [
        "  advocate: {reached: [rch_advocate_peer, rch_advocate_brand], rating: stg_advocate}"
    ]
    lines += ["outcomes:", *(f"  {key.removeprefix('out_')}: {defined(key)}" for key in outcomes)]
    lines += ["segments:"]
    lines += [f"  {key}: {{column: {key}, vocabulary: {of}}}" for key, (of, _) in LISTS.items()]
    lines += ["channels: {columns: {website: used_site, phone: used_phone}}"]
    lines += ["rival: {brand: Toko Lain, items: {res_1: b_res_1}}"]
    lines += ["comments: {reason: cmt_reason, improve: cmt_improve, wish: cmt_wish}"]
    lines += ["value: {currency: IDR, period: year, horizon: 3, observed: {retained: {column: stayed,"
              " is: yes}, after: 12, spend: out_spend, spend_months: 6, base: buyers}}"]  # fmt: skip
    also = ["used_site", "used_phone", "b_res_1", "stayed", "out_spend"]
    return STUDY + "\n".join(lines) + "\n", [*dict.fromkeys([*keys, *also])]


def defined(outcome: str) -> str:
    """A headline with the definition that it needs; any other outcome by its column alone."""
    more = {
        "out_satisfaction": "metric: csat, scale: satisfaction_5, definition: top_2_box",
        "out_effort": "metric: ces, scale: ease_7, definition: mean",
    }
    return f"{{column: {outcome}, {more[outcome]}}}" if outcome in more else outcome


def answer_to(key: str) -> str:
    """An answer that a question takes."""
    if key.startswith(YES) or key in ("used_site", "used_phone", "stayed"):
        return "yes"
    if key.startswith("cmt_"):
        return "cepat sampai"
    if key == "out_spend":
        return "150000"
    return TICKED.get(key) or (LISTS[key][1] if key in LISTS else "4")


def test_a_study_may_name_every_concept(tmp_path):
    """One file that names them all is checked without an error, and asks what it names."""
    text, columns = whole_study()
    folder = lay(tmp_path, text, {key: lambda _, key=key: answer_to(key) for key in columns}, 40)
    problems = check(folder)
    assert [one.message for one in problems.errors] == []
    named = set(read_study(folder).context()["asked"])
    own = {key for one in TOLD for key in one.questions.split()} - {"pro_interaction_channel"}
    assert own - named == set()


# -- the report ------------------------------------------------------------------------------------


def test_every_concept_is_told_in_the_report(demo, language):
    """In the section where it belongs; what the demo does not ask has its line."""
    missing = [
        f"{one.concept}: {getattr(one, language)!r} in section '{one.section or 'any'}'"
        for one in TOLD
        if not demo.said(getattr(one, language), one.section)
    ]
    assert missing == []


def test_what_the_eleven_statements_do_not_measure_is_said(eleven, language):
    """A page without a journey, a type or a problem names each as not measured."""
    page = eleven[language]
    missing = [
        one.concept
        for one in UNASKED
        if not any(UNMEASURED[language] in line for line in page.said(getattr(one, language)))
    ]
    assert missing == []


def test_every_claim_is_told_as_claimed_and_unchecked(demo, language):
    """Whose claim it is before it, that nobody checked it behind it; in no other place."""
    place = LANGUAGES.index(language) + 1
    for claim in CLAIMS:
        told = demo.said(re.escape(claim[place]), "methods")
        assert any(
            re.search(f"{CLAIMED[language]} [^:]*({claim[0]})", line)
            and UNCHECKED[language] in line
            for line in told
        ), claim
        everywhere = demo.said(re.escape(claim[place]))
        as_such = f"{CLAIMED[language]}|{IN_A_SCENARIO[language]}"
        assert [line for line in everywhere if not re.search(as_such, line)] == [], claim
        sections = {key for key in demo.sections if demo.said(re.escape(claim[place]), key)}
        assert sections <= {"methods", "value"}, claim


def test_the_claims_that_disagree_stand_side_by_side(demo, language):
    """37 % and 50 % for the same idea: one below the other, under a line that says so."""
    place = LANGUAGES.index(language) + 1
    lines = demo.sections["methods"]
    first, second = (
        next(at for at, line in enumerate(lines) if CLAIMED[language] in line and text in line)
        for text in (CLAIMS[9][place], CLAIMS[10][place])
    )
    assert second == first + 1
    assert {"id": "tidak sejalan", "en": "disagree"}[language] in lines[first - 1]


def test_a_page_of_another_survey_has_the_claims_and_uses_none(eleven, language):
    """Never a default: a study that asks for no scenario has every claim in one place only."""
    place = LANGUAGES.index(language) + 1
    for claim in CLAIMS:
        told = eleven[language].said(re.escape(claim[place]))
        assert len(told) == 1, claim
        assert CLAIMED[language] in told[0]


def test_every_inconsistency_of_the_sources_is_printed(demo, language):
    """On the page, where it is told how the report was made."""
    place = LANGUAGES.index(language)
    missing = [one[place] for one in INCONSISTENCIES if not demo.said(one[place], "methods")]
    assert missing == []


def test_what_a_survey_can_test_is_listed_with_where_it_is_tested(demo, language):
    """Beside the claims that nobody here can check stand those that this survey puts to the test."""
    place = LANGUAGES.index(language)
    missing = [one[place] for one in TESTABLE if not demo.said(one[place], "methods")]
    assert missing == []


def test_a_missing_concept_is_named(demo, language):
    """The search above can fail."""
    assert demo.said("a sixth stage|tahap keenam yang baru") == []
    assert not demo.said("Pengalaman di acara|Event experience", "problems")


def test_what_a_study_asks_follows_from_its_file(tmp_path):
    """The questions that it names a column of, and none beside them."""
    items = "{" + ", ".join(f"{key}: {key}" for key in ELEVEN) + "}"
    text = f"{STUDY}frameworks: [pyramid]\nitems: {items}\nsegments: {{city: {{}}}}\n"
    columns = dict.fromkeys([*ELEVEN, "city"], lambda _: "4")
    assert read_study(lay(tmp_path, text, columns, 3)).context()["asked"] == ELEVEN
    asked = set(cx.load("demo").study.context()["asked"])
    assert {"val_time", "typ_event_3", "scr_event", "pro_device", "out_spend"} <= asked
    assert asked.isdisjoint({"pro_mode", "pro_last_purchase", "cmt_wish", "out_overall"})
