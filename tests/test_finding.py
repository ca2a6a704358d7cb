"""Findings: values made of keys and published records, worded in any language when rendered."""

from __future__ import annotations

import json
import math
import re

import pytest

import cxkit as cx
from cxkit.errors import SurveyError
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report import finding as findings_module
from cxkit.report.finding import (
    FINDING_MIME,
    Finding,
    Findings,
    Slot,
    first_names,
    name,
    number,
    setting,
    slot_text,
)
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

SECTIONS = (
    "who_answered", "scorecard", "pyramid", "items", "journey", "summary", "data_quality",
)  # fmt: skip
LANGUAGES = ("id", "en")

# Words of cause and of proof: a survey shows what goes together.
BANNED = {
    "id": "menyebabkan|meningkatkan|berdampak|mempengaruhi|memengaruhi|pengaruh|mendorong|akibat"
    "|terbukti|membuktikan|signifikan|tidak berubah|pelanggan|tervalidasi",
    "en": "causes|caused|drives?|impacts?|effects?|leads? to|boosts?|because of|proves?|proven"
    "|significant(ly)?|has not changed|customers?|validated",
}


def an_estimate(value: float = 44.75, n: int = 400, **more) -> Estimate:
    shown = {"ci_low": value - 4, "ci_high": value + 4, "unit": "score_100", "n_eff": float(n)}
    return Estimate("score_100", "level:trust", value, n=n, **{**shown, **more})


def a_comparison(difference: float = 5.5, **more) -> Comparison:
    """West less east, with an interval of 4.5 either side."""
    ends = {"ci_low": difference - 4.5, "ci_high": difference + 4.5}
    bases = {"n_a": 400, "n_b": 300, "n_eff_a": 390.0, "n_eff_b": 290.0}
    shown = {**ends, **bases, "unit": "score_100", "verdict": "clear"}
    sides = {"a": "region=west", "b": "region=east"}
    return Comparison(
        "score_100", "level:trust", difference=difference, **{**sides, **shown, **more}
    )


def said(finding: Finding, language: str = "en") -> str:
    """The sentence of a finding, read back from its JSON as a page does."""
    bundle = json.loads(json.dumps(finding.to_dict(), allow_nan=False))
    words = Words(language, finding.context)
    return Shown(bundle, words).sentence.replace(NO_BREAK, " ")


def numbers_in(value) -> list:
    """Every number in a JSON value, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [found for one in value for found in numbers_in(one)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def dicts_in(value) -> list[dict]:
    """Every JSON object in a JSON value, however deep."""
    parts = list(value.values()) if isinstance(value, dict) else value
    inner = [one for part in parts for one in dicts_in(part)] if isinstance(parts, list) else []
    return [value, *inner] if isinstance(value, dict) else inner


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


@pytest.fixture(scope="module")
def sections(demo) -> dict[str, Findings]:
    """The findings of the demo's sections."""
    return {name: getattr(cx, name).findings(demo) for name in SECTIONS}


@pytest.fixture(scope="module")
def regions(demo) -> Comparisons:
    return cx.compare(demo.latest, "score_100", of="level:trust", by="region")


# -- only published numbers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shelf", "records"),
    [("estimates", Estimates([an_estimate()])), ("comparisons", Comparisons([a_comparison()]))],
)
def test_unpublished_records_are_refused(shelf, records) -> None:
    with pytest.raises(SurveyError, match="not published") as caught:
        Finding("pyramid", "F06", "single", **{shelf: records})
    assert "published()" in caught.value.expected
    assert Finding("pyramid", "F06", "single", **{shelf: records.published()})


def test_a_number_without_a_record_behind_it_is_our_own_mistake() -> None:
    shown = Estimates([an_estimate()]).published()
    loose = Finding("pyramid", "F06", "single", {"est": number(an_estimate(62.0))}, estimates=shown)
    with pytest.raises(AssertionError, match="F06"):
        loose.to_dict()


def test_an_equal_record_of_somewhere_else_is_not_the_record_behind_it() -> None:
    """Two groups may have the same number; the position must be that of the right one."""
    shown = Estimates([an_estimate(), an_estimate()]).published()
    one = Finding("pyramid", "F06", "single", {"est": number(shown[1])}, estimates=shown)
    assert one.to_dict()["slots"]["est"]["row"] == 1


def test_the_headline_and_further_sentences_rest_on_records_too() -> None:
    shown = Estimates([an_estimate()]).published()
    for part in (
        {"headline": number(an_estimate())},
        {"plus": [("small", {"matter": number(an_estimate())})]},
        {"title": ("pyramid", "single", {"est": number(an_estimate())})},
        {"notes": [("note_base", {"n": number(an_estimate(), "n")})]},
    ):
        with pytest.raises(AssertionError):
            Finding("pyramid", "F06", "", estimates=shown, **part).to_dict()


def test_a_setting_is_looked_up_in_the_study() -> None:
    one = Finding(
        "scorecard", "F04", "above_target", {"target": setting(["targets", "nps"], "points")},
        context={"targets": {"nps": 40.0}},
    )  # fmt: skip
    assert one.to_dict()["slots"]["target"]["value"] == 40.0
    assert said(one, "en") == "This is clearly above the target of 40."
    assert said(one, "id") == "Angka ini jelas di atas target 40."


# -- as JSON ---------------------------------------------------------------------------------------


def test_a_findings_json_is_what_its_parts_are() -> None:
    shown = Estimates([an_estimate(100 / 3, ci_high=math.nan)]).published()
    one = Finding(
        "pyramid",
        "F06",
        "single",
        {"level": name("level:trust"), "est": number(shown[0]), "n": number(shown[0], "n")},
        estimates=shown,
    )
    bundle = one.to_dict()
    assert bundle["slots"] == {
        "est": {"kind": "number", "from": "estimates", "row": 0, "field": "estimate",
                "style": "number", "unit": "score_100", "value": 33.3333333333},
        "level": {"kind": "name", "key": "level:trust"},
        "n": {"kind": "number", "from": "estimates", "row": 0, "field": "n",
              "style": "number", "unit": "count", "value": 400},
    }  # fmt: skip
    (row,) = bundle["records"]["estimates"]
    assert row["estimate"] == 33.3333333333
    assert row.get("ci_high") is None


def test_json_holds_no_nan_no_long_number_and_sorted_keys(sections) -> None:
    """What a notebook keeps differs only when a number does."""
    for found in sections.values():
        bundle = found._repr_mimebundle_()[FINDING_MIME]
        json.dumps(bundle, allow_nan=False)
        for value in numbers_in(bundle):
            assert float(f"{value:.12g}") == value
        for one in dicts_in(bundle):
            assert list(one) == sorted(one)


def test_the_same_survey_gives_the_same_json_twice(demo, sections) -> None:
    again = cx.scorecard.findings(demo).to_dict()
    assert json.dumps(again) == json.dumps(sections["scorecard"].to_dict())


def test_every_number_of_a_sentence_is_the_number_of_its_record(sections) -> None:
    for found in sections.values():
        for one in found.to_dict()["findings"]:
            for slot in dicts_in(one["slots"]):
                if slot.get("kind") == "number":
                    row = one["records"][slot["from"]][slot["row"]]
                    assert row[slot["field"]] == slot["value"]


# -- worded when rendered --------------------------------------------------------------------------


def test_one_value_is_worded_in_every_language() -> None:
    shown = Estimates([an_estimate(44.75, n=1204)]).published()[0]
    one = Finding(
        "pyramid",
        "F06",
        "single",
        {"level": name("level:trust"), "est": number(shown), "lo": number(shown, "ci_low"),
         "hi": number(shown, "ci_high"), "n": number(shown, "n")},
        estimates=Estimates([shown], is_published=True),
    )  # fmt: skip
    assert said(one, "en") == "Trust scores 44.8 (40.8 to 48.8; n = 1,204)."
    assert said(one, "id") == "Skor Kepercayaan adalah 44,8 (40,8 sampai 48,8; n = 1.204)."


def test_further_sentences_follow_the_first() -> None:
    change = a_comparison(-11.4, unit="points", a="wave=2026H1", b="wave=2025H2", ci_high=-4.6,
                          ci_low=-18.2)  # fmt: skip
    shown = Comparisons([change]).published()
    slots = {
        "metric": name("metric:nps"),
        "prev_wave": Slot("wave", "2025H2"),
        "down": number(shown[0], "difference", "size"),
        "prev": setting(["prev"], "points"),
        "est": setting(["est"], "points"),
        "lo": number(shown[0], "ci_high", "size"),
        "hi": number(shown[0], "ci_low", "size"),
    }
    one = Finding(
        "scorecard", "F20", "fall", slots, comparisons=shown,
        plus=[("small", {"matter": setting(["matter"], "points")})],
        context={"prev": 39.0, "est": 28.0, "matter": 20.0},
    )  # fmt: skip
    assert said(one) == (
        "Net Promoter Score (NPS) has fallen by 11 points since the second half of 2025, from 39"
        " to 28 (range of the fall: 5 to 18 points). The change is real but smaller than the 20"
        " points that this study treats as meaningful."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_of_the_demo_can_be_said(sections, language) -> None:
    """Sentence, title and notes: no slot left over, no gap where a number should stand."""
    n_sentences = 0
    for found in sections.values():
        words = Words(language, found.context)
        for one in found:
            shown = Shown(one.to_dict(), words)
            title = shown.title if one.title else ""
            n_sentences += bool(shown.sentence)
            for text in (shown.sentence, title, *shown.notes()):
                assert not re.search(r"[{}]|  |\( | \)|\bNone\b|\bnan\b", text), text
            assert bool(shown.sentence) == bool(one.variant)
    assert n_sentences >= 14


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_of_the_demo_speaks_of_causes(sections, language) -> None:
    for found in sections.values():
        words = Words(language, found.context)
        for one in found:
            shown = Shown(one.to_dict(), words)
            text = f"{shown.sentence} {shown.title if one.title else ''}"
            assert not re.search(rf"\b(?:{BANNED[language]})\b", text, re.IGNORECASE), text


def test_a_finding_shows_itself_as_html_and_as_json(sections) -> None:
    bundle = sections["scorecard"][0]._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", FINDING_MIME}
    assert bundle["text/plain"] == "Finding(scorecard: F04 all)"
    assert "Net Promoter Score" in bundle["text/html"]
    assert [one["key"] for one in bundle[FINDING_MIME]["findings"]] == ["F04"]


def test_findings_are_a_sequence_that_can_be_asked_by_key(sections) -> None:
    found = sections["scorecard"]
    assert found.get("F99", "F20") is found.get("F20")
    assert found.get("F99") is None
    assert [one.key for one in found[:2]] == ["F04", "F05"]
    assert isinstance(found[:2], Findings)
    assert found[:2].context is found.context


# -- a researcher's own finding --------------------------------------------------------------------

SAY = {
    "en": "{a} scores {difference} higher than {b} ({lo} to {hi}; n = {n} and {n_b}).",
    "id": "Skor {a} {difference} lebih tinggi daripada {b}.",
}


def of(*rows: Comparison, **context) -> Comparisons:
    return Comparisons(rows, context=context)


def test_a_researchers_sentence_is_filled_from_the_first_row() -> None:
    one = cx.finding("trust_by_region", of(a_comparison()), say=SAY)
    assert said(one) == "West scores 5.5 higher than east (+1.0 to +10.0; n = 400 and 300)."
    assert said(one, "id") == "Skor west 5,5 lebih tinggi daripada east."


def test_a_negative_difference_swaps_its_sides() -> None:
    """So that what the researcher wrote stays true."""
    one = cx.finding("trust_by_region", of(a_comparison(-5.5)), say=SAY)
    assert said(one) == "East scores 5.5 higher than west (+1.0 to +10.0; n = 300 and 400)."
    (row,) = one.to_dict()["records"]["comparisons"]
    assert (row["a"], row["b"], row["difference"]) == ("region=east", "region=west", 5.5)


def test_only_the_row_that_is_spoken_of_is_swapped() -> None:
    rows = of(a_comparison(-2.0, verdict="no_evidence"), a_comparison(-5.5))
    for row in (1, -1):
        one = cx.finding("trust_by_region", rows, say="{b} to {a}: {difference}", row=row)
        assert said(one) == "West to east: 5.5"
        assert [round(c.difference, 1) for c in one.comparisons] == [-2.0, 5.5]


def test_a_table_of_the_study_is_published_by_the_studys_rules() -> None:
    one = cx.finding("x", of(a_comparison(), min_base=350), say=SAY)
    assert one.variant == "hidden"
    assert all(part.is_published for part in (one.estimates, one.comparisons, one.fits))


@pytest.mark.parametrize(
    "records",
    [
        Comparisons([a_comparison(77.7, n_a=8, n_eff_a=8.0)]),
        Comparisons([a_comparison(-77.7, n_eff_b=29.0)]),
        Estimates([an_estimate(77.7, n=25)]),
        Estimates([an_estimate(77.7, n=5)]),
    ],
)
def test_a_hidden_result_is_said_to_be_hidden_and_is_nowhere(records) -> None:
    one = cx.finding("x", records, say="{n}", figure=cx.figures.forest)
    assert said(one, "en") == "This result is not shown: its base is too small."
    assert said(one, "id") == "Hasil ini tidak ditampilkan: basisnya terlalu kecil."
    bundle = one.to_dict()
    assert not {77.7, -77.7, 81.7, 73.7, 82.2, 73.2} & {
        round(value, 1) for value in numbers_in(bundle)
    }
    table = Shown(bundle, Words("en", {})).table()
    assert "77" not in json.dumps(table)
    assert any(cell["state"] == "none" for row in table["rows"] for cell in row["cells"])


@pytest.mark.parametrize(
    "record",
    [
        a_comparison(math.nan, flags=("not_comparable",), verdict="undecided"),
        an_estimate(math.nan, n=0, n_eff=0.0, flags=("not_measured",)),
        an_estimate(math.nan, n=0, n_eff=0.0, flags=("no_answers",)),
        an_estimate(math.nan, n=0, n_eff=0.0, flags=("not_applicable",)),
    ],
    ids=lambda one: one.flags[0],
)
def test_a_sentence_about_no_number_is_not_said(record) -> None:
    """`west scores  higher than east` would be a claim with a hole in it."""
    shelf = Comparisons if isinstance(record, Comparison) else Estimates
    slot = "{difference}" if isinstance(record, Comparison) else "{est}"
    one = cx.finding("x", shelf([record]), say=f"So much higher: {slot}.")
    assert "So much higher" not in said(one)
    assert said(one)


def test_a_finding_on_the_demo_speaks_of_the_demo(regions) -> None:
    """The first row, and another row that is negative, agree with the unrounded frame."""
    frame = regions.frame
    negative = int((frame["difference"] < 0).to_numpy().argmax())
    assert frame.loc[negative, "difference"] < 0
    for row in (0, negative):
        one = cx.finding("trust_by_region", regions, row=row, say="{a}|{b}|{difference}")
        a, b, rest = said(one).split("|")
        difference, _, doubt = rest.partition(" ")
        assert bool(doubt) == (frame.loc[row, "verdict"] != "clear")
        size = abs(frame.loc[row, "difference"])
        assert abs(float(difference) - size) <= 0.05 + 1e-9
        sides = [frame.loc[row, side] for side in ("a", "b")]
        if frame.loc[row, "difference"] < 0:
            sides.reverse()
        names = {"java": "Java", "sumatra": "Sumatra", "kalimantan": "Kalimantan",
                 "sulawesi": "Sulawesi", "other": "Other regions"}  # fmt: skip
        assert [a, b] == [names[side.removeprefix("region=")] for side in sides]


def test_an_estimate_has_a_sentence_of_its_own() -> None:
    rows = Estimates([an_estimate(), an_estimate(60.0)])
    say = "{of}: {est} ({lo} to {hi}; n = {n})."
    assert said(cx.finding("x", rows, say=say)) == "Trust: 44.8 (40.8 to 48.8; n = 400)."
    assert said(cx.finding("x", rows, say=say, row=1)) == "Trust: 60.0 (56.0 to 64.0; n = 400)."


def test_a_finding_may_only_show_and_say_nothing() -> None:
    one = cx.finding("x", of(a_comparison()), figure=cx.figures.forest)
    assert said(one) == ""
    assert one.figure == "forest"
    assert "<svg" in one._repr_mimebundle_()["text/html"]


def test_a_sentence_may_name_what_the_study_calls_its_own() -> None:
    one = cx.finding("x", of(a_comparison(), brand="Toko {n}"), say="{brand}: {n:answers}, {ci}")
    assert said(one) == "Toko {n}: 400 answers, 95%"


@pytest.mark.parametrize(
    ("row", "expected"), [(1, "a row from 0 to 0"), (7, "a row from 0 to 0"), (-2, "a row from")]
)
def test_a_row_that_is_not_there_is_refused(row, expected) -> None:
    with pytest.raises(SurveyError, match=f"row {row}") as caught:
        cx.finding("trust_by_region", of(a_comparison()), say=SAY, row=row)
    assert "trust_by_region" in caught.value.message
    assert expected in caught.value.expected


def test_a_finding_about_no_records_is_refused() -> None:
    with pytest.raises(SurveyError, match="0 records") as caught:
        cx.finding("x", of(), say=SAY)
    assert caught.value.expected == "some records"


@pytest.mark.parametrize(
    ("say", "culprit"),
    [("{diference}", "diference"), ("{est}", "est"), ("{a", "a"), ("{n:people}", "people")],
)
def test_a_sentence_that_cannot_be_filled_is_refused_when_it_is_written(say, culprit) -> None:
    """Not when the page is made, hours later: the researcher is told the slots there are."""
    with pytest.raises(SurveyError) as caught:
        cx.finding("trust_by_region", of(a_comparison()), say={"en": say})
    assert culprit in str(caught.value)
    assert caught.value.expected


def test_a_mistyped_slot_is_told_the_nearest() -> None:
    with pytest.raises(SurveyError) as caught:
        cx.finding("x", of(a_comparison()), say="{diference}")
    assert caught.value.hint == "did you mean 'difference'?"


def test_the_documented_slots_are_those_that_can_be_filled() -> None:
    text = " ".join(findings_module.finding.__doc__.split())
    slots = re.findall(r"\{([a-z_ }{]+)\}", re.search(r"Slots (.+?) taken from", text)[1])
    documented = {slot for group in slots for slot in re.split(r"[ {}]+", group)}
    assert documented == {"a", "b", "difference", "lo", "hi", "n", "n_b", "of", "est"}
    comparison = "{a} {b} {difference} {lo} {hi} {n} {n_b}"
    assert said(cx.finding("x", of(a_comparison()), say=comparison))
    assert said(cx.finding("x", Estimates([an_estimate()]), say="{of} {est} {lo} {hi} {n}"))


def test_markup_in_a_researchers_sentence_and_in_data_stays_text() -> None:
    hostile = a_comparison(a="region=<script>alert(1)</script>")
    one = cx.finding("x", of(hostile), say="<b>{a}</b>")
    html = one._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "<b>&lt;script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("records", "figure", "what"),
    [
        (None, None, "was given a NoneType"),
        ("survey", None, "was given a Survey"),
        ("records", "forrest", "'forrest'"),
        ("records", len, "'len'"),
        ("records", cx.figures.png, "'png'"),
        ("records", "drawn", "is a Drawing"),
    ],
)
def test_what_is_no_record_or_no_figure_is_refused_where_it_is_written(
    records: object, figure: object, what: str
) -> None:
    survey = cx.load("demo", wave="2026H1")
    found = cx.estimate(survey, "nps", by="device")
    held: dict[object, object] = {"survey": survey, "records": found}
    if figure == "drawn":
        figure = cx.figures.forest(found)
    with pytest.raises(SurveyError, match=what):
        cx.finding("mine", held.get(records), figure=figure)  # type: ignore[arg-type]


def test_a_figure_of_a_survey_is_refused() -> None:
    survey = cx.load("demo", wave="2026H1")
    with pytest.raises(SurveyError, match="'pyramid' was given a Survey"):
        cx.figures.pyramid(survey)
    with pytest.raises(SurveyError, match="a Findings"):
        cx.figures.of_finding(cx.pyramid.findings(survey, is_tested=False))


def test_a_long_list_names_the_first_and_counts_the_others() -> None:
    words = Words("en", {})
    stages = [f"stage:{one}" for one in ("aware", "consider", "decide", "evaluate", "advocate")]
    assert first_names(stages) == Slot("first_names", stages)
    told = [slot_text({"kind": "first_names", "key": keys}, words) for keys in (stages, stages * 2)]
    assert told[0] == "Aware, Consider, Decide, Evaluate and Advocate"
    assert told[1] == "Aware, Consider, Decide and 7 others"
