"""Types of experience and qualities of an interaction: planted truth, nulls, words and tables."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import plant

from cxkit.analysis import compare, experience
from cxkit.answers.survey import Survey
from cxkit.report import figures
from cxkit.report.beside.deck.charts.findings import charts_of
from cxkit.report.finding import Finding
from cxkit.report.sections import determinants, types
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

NAN = math.nan
BASES = ("visitors", "buyers", "contacted", "served", "attendees", "chatbot_users")
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")
TYPES = {
    "typ_product_1": "buyers", "typ_product_2": "buyers",
    "typ_environment_1": "visitors", "typ_environment_2": "visitors",
    "typ_after_1": "buyers", "typ_after_2": "buyers",
    "typ_service_1": "served", "typ_service_2": "served",
    "typ_event_1": "attendees", "typ_event_2": "attendees", "typ_event_3": "attendees",
}  # fmt: skip
QUALITIES = {
    "det_timeliness": "contacted", "det_completeness": "contacted", "det_follow_up": "contacted",
    "det_operator": "served", "det_chatbot": "chatbot_users",
}  # fmt: skip
LEVELS = ("ful_1", "tru_1", "res_1", "onx_1", "emo_1")
STUDY = """\
sample: {frame: market, design: probability}
frameworks: [FRAMEWORKS]
scale: agreement_5
items: {ITEMS}
bases: {visitors: {column: b1}, buyers: {column: b2}, contacted: {column: b3},
        served: {column: b4}, attendees: {column: b5}, chatbot_users: {column: b6}}
segments: {region: {column: region}}
stages: {aware: {reached: r1}, consider: {reached: r2}, decide: {reached: r3},
         evaluate: {reached: r4}, advocate: {reached: r5}}
"""


def study_of(
    *items: str, frameworks: str = "pyramid, journey, types, determinants", more: str = ""
) -> str:
    listed = ", ".join(f"{item}: {item}" for item in items)
    return STUDY.replace("FRAMEWORKS", frameworks).replace("{ITEMS}", "{" + listed + "}") + more


def columns_of(
    n: int, answers: dict[str, Any], furthest: Any = "advocate", **bases: Any
) -> dict[str, Any]:
    """Answers by item, who is in which base (nobody if not told), and how far people came."""
    last = np.broadcast_to(np.asarray(furthest, dtype=object), n)
    far = np.array([STAGES.index(one) for one in last])
    columns = {f"base:{key}": np.zeros(n, bool) for key in BASES}
    columns |= {f"base:{key}": np.asarray(mask) for key, mask in bases.items()}
    columns |= {f"reached:{key}": (far >= at) * 1.0 for at, key in enumerate(STAGES)}
    columns |= {f"item:{key}": np.asarray(given, dtype=float) for key, given in answers.items()}
    columns["segment:furthest_stage"] = last.copy()
    columns["segment:region"] = np.where(np.arange(n) % 2, "west", "east").astype(object)
    return columns


def drawn(rng: np.random.Generator, n: int, means: dict[str, float], bases: dict[str, Any]) -> Any:
    """Answers on 1-5 around a mean per item, one mood a person, of those in the item's base."""
    mood = rng.normal(0, 0.6, n)
    whom = {**TYPES, **QUALITIES}
    return {
        item: np.where(
            bases.get(whom.get(item, "buyers"), np.zeros(n, bool)),
            np.clip(np.round(mean + mood + rng.normal(0, 0.7, n)), 1, 5),
            NAN,
        )
        for item, mean in means.items()
    }


def everyone(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Bases that overlap; nobody attended an event."""
    shares = {"visitors": 0.9, "buyers": 0.7, "contacted": 0.6, "served": 0.6, "chatbot_users": 0.4}
    return {key: rng.random(n) < share for key, share in shares.items()}


def said(one: Finding, language: str = "en") -> str:
    shown = Shown(one.to_dict(), Words(language, one.context))
    return shown.sentence.replace(NO_BREAK, " ")


def table_of(one: Finding, language: str = "en") -> dict[str, list[str]]:
    """The texts of a table by the head of each row; a row of bases after its part as `n of`."""
    rows, last = {}, ""
    for row in Shown(one.to_dict(), Words(language, one.context)).table()["rows"]:
        last, key = (last, f"n of {last}") if row["kind"] == "base" else (row["head"], row["head"])
        rows[key] = [str(cell["text"]) for cell in row["cells"]]
    return rows


def keys(found: Any) -> list[str]:
    return [one.key for one in found]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """Service is lowest of the types and timeliness of the qualities; nobody attended an event."""
    rng = np.random.default_rng(7)
    n = 700
    bases = everyone(rng, n)
    means = dict.fromkeys((*TYPES, *QUALITIES, *LEVELS), 3.7)
    means |= {"typ_service_1": 3.2, "typ_service_2": 3.2, "det_timeliness": 3.1}
    answers = drawn(rng, n, means, bases)
    furthest = rng.choice(STAGES, n)
    return plant(
        tmp_path_factory.mktemp("planted"),
        columns_of(n, answers, furthest, **bases),
        study_of(*means, more="matters: {score_100: 3}\n"),
    )


Make = Callable[..., Survey]


@pytest.fixture
def lay(tmp_path: Path) -> Make:
    """A survey of some answers by hand."""

    def made(answers: dict[str, Any], furthest: Any = "advocate", **told: Any) -> Survey:
        n = len(next(iter(answers.values())))
        bases = {key: told.pop(key) for key in BASES if key in told}
        columns = columns_of(n, answers, furthest, **bases)
        return plant(tmp_path, columns, study_of(*answers, **told))

    return made


# -- scores ---------------------------------------------------------------------------------------


def test_a_type_is_scored_on_those_to_whom_it_applies(lay: Make) -> None:
    """Product: 100, 50 and (one answer of two) 75 of three buyers; the fourth is none."""
    survey = lay(
        {"typ_product_1": [5, 3, 4, NAN], "typ_product_2": [5, 3, NAN, NAN],
         "typ_service_1": [NAN, NAN, 2, 1]},
        buyers=[True, True, True, False], served=[False, False, True, True],
    )  # fmt: skip
    found = {one.of: one for one in experience.scores(survey, "type")}
    assert (found["type:product"].estimate, found["type:product"].n) == (pytest.approx(75), 3)
    assert (found["type:service_social"].estimate, found["type:service_social"].n) == (12.5, 2)
    assert found["type:environment"].flags == ("not_measured",)


def test_an_event_that_nobody_attended_is_not_applicable(planted: Survey) -> None:
    event = experience.scores(planted, "type").only(of="type:event")
    assert (event.n, event.flags) == (0, ("not_applicable",))


def test_the_lowest_is_named_where_it_is_clear_within_people(planted: Survey) -> None:
    found = experience.lowest(planted, "type")
    assert found.key == "type:service_social"
    assert all(one.difference < 0 and one.correction == "holm" for one in found.comparisons)
    of = {key: experience._values(planted, one) for key, one in
          {one.of: one for one in experience._measured(planted, "type")}.items()}  # fmt: skip
    for one in found.comparisons:
        within = of[one.a] - of[one.b]
        both = ~np.isnan(within)
        assert one.n_a == one.n_b == both.sum()
        assert one.difference == pytest.approx(within[both].mean())


def test_where_all_are_alike_none_is_named(planted: Survey) -> None:
    """A null: the same mean everywhere, 60 samples; to name one takes several false differences."""
    rng = np.random.default_rng(3)
    named = 0
    for _ in range(60):
        n = 150
        bases = everyone(rng, n)
        answers = drawn(rng, n, dict.fromkeys(TYPES, 3.5), bases)
        columns = columns_of(n, answers, **bases)
        frame = planted.frame.iloc[:n].assign(**columns)
        named += experience.lowest(Survey(planted.study, frame), "type").key is not None
    assert named <= 5


def test_other_people_make_no_type_the_lowest(lay: Make) -> None:
    """The served are hard to please: 37.5 for service, yet they give their purchase 25.

    All others give it 75, so that product has the higher number, and service is not the lowest.
    """
    served = np.arange(120) < 40
    product = np.where(served, [[2], [2]], [[4], [4]])
    service = np.where(served, [[2], [3]], NAN)
    survey = lay(
        {"typ_product_1": product[0], "typ_product_2": product[1],
         "typ_service_1": service[0], "typ_service_2": service[1]},
        buyers=np.ones(120, bool), served=served,
    )  # fmt: skip
    found = experience.lowest(survey, "type")
    assert (found.first, found.key) == ("type:service_social", None)
    (one,) = found.comparisons
    assert one.difference == pytest.approx(37.5 - 25)
    first = types.findings(survey)[0]
    assert first.variant == "other_people"
    assert said(first).startswith(
        "The lowest type of experience is not named: Service and social experience does have the"
        " lowest score (37.5; n = 40), but among respondents who rated both, the lower score is"
        " that of Product experience. Each type of experience is rated by different people."
    )


def test_people_who_rated_only_one_cannot_say_which_is_lower(lay: Make) -> None:
    served = np.arange(100) < 50
    survey = lay(
        {"typ_product_1": np.where(served, NAN, 4), "typ_service_1": np.where(served, 2, NAN)},
        buyers=~served, served=served,
    )  # fmt: skip
    first = types.findings(survey)[0]
    assert first.variant == "few_both"
    assert "too few respondents also rated Product experience" in said(first)
    assert said(first, "id").startswith(
        "Jenis pengalaman yang paling rendah belum bisa disebut: skor Pengalaman dengan pelayanan"
        " dan petugas memang paling rendah (25,0; n = 50), tetapi terlalu sedikit responden yang"
        " juga menilai Pengalaman dengan produk."
    )


def test_only_the_latest_wave_counts(planted: Survey) -> None:
    n = len(planted.frame)
    wave = np.where(np.arange(n) < n // 2, "2025", "2026").astype(object)
    both = Survey(planted.study, planted.frame.assign(wave=wave))
    alone = both.where(wave="2026")
    found = experience.scores(both, "type").to_rows()
    assert found == experience.scores(alone, "type").to_rows()
    assert experience.lowest(both, "type").comparisons[0].wave == "2026"


# -- by stage, by group, beside the levels --------------------------------------------------------


def test_each_column_holds_those_who_came_that_far(lay: Make) -> None:
    """Product by stage: (5, 3) is 75 of those who decided, (1, 2) is 12.5 of those who use it."""
    survey = lay(
        {"typ_product_1": [5, 3, 1, 2], "typ_product_2": [5, 3, 1, 2]},
        furthest=["decide", "decide", "evaluate", "evaluate"], buyers=[True] * 4,
    )  # fmt: skip
    found = experience.by_stage(survey, "type")
    assert [(one.by["furthest_stage"], one.estimate) for one in found if one.n] == [
        ("decide", 75), ("evaluate", 12.5),
    ]  # fmt: skip


def test_columns_and_groups_are_compared_on_the_statements_in_common(lay: Make) -> None:
    """The second statement was answered in the west alone, by those who decided."""
    n = 80
    west = np.arange(n) % 2 == 1
    survey = lay(
        {"typ_product_1": np.full(n, 4), "typ_product_2": np.where(west, 1, NAN)},
        furthest=np.where(west, "decide", "evaluate"), buyers=np.ones(n, bool),
    )  # fmt: skip
    assert {one.estimate for one in experience.by_stage(survey, "type") if one.n} == {75}
    product = compare(survey, "score_100", of="type:product", by="region")
    assert product[0].difference == 0
    assert product.items == {"type:product": ("typ_product_1",)}


def test_without_a_statement_in_common_stages_are_not_compared(lay: Make) -> None:
    west = np.arange(80) % 2 == 1
    survey = lay(
        {"typ_product_1": np.where(west, NAN, 4), "typ_product_2": np.where(west, 1, NAN)},
        furthest=np.where(west, "decide", "evaluate"), buyers=np.ones(80, bool),
    )  # fmt: skip
    found = experience.by_stage(survey, "type").where(of="type:product")
    asked = [one for one in found if one.by["furthest_stage"] in ("decide", "evaluate")]
    assert {one.flags for one in asked} == {("not_comparable",)}


def test_correlations_are_those_of_people_who_have_both(planted: Survey) -> None:
    found = experience.with_levels(planted, "type")
    (one,) = (each for each in found if each.of == "type:product|level:trust")
    product = sum(planted.values(f"item:typ_product_{k}") for k in (1, 2))
    trust = np.where(planted.frame["base:buyers"], planted.values("item:tru_1"), NAN)
    both = ~np.isnan(product) & ~np.isnan(trust)
    assert one.n == both.sum()
    assert one.value == pytest.approx(np.corrcoef(product[both], trust[both])[0, 1])
    assert {each.of.partition("|")[2] for each in found} == {
        "level:fulfilment", "level:trust", "level:responsive_service", "level:online_experience",
        "level:emotional_connection",
    }  # fmt: skip


# -- what was asked -------------------------------------------------------------------------------


def test_coverage_tells_asked_in_part_touched_and_not_at_all(lay: Make) -> None:
    answers = dict.fromkeys(("ful_1", "onx_1", "typ_product_1"), np.full(40, 4.0))
    survey = lay({**answers, "typ_after_1": np.full(40, 3.0), "typ_after_2": np.full(40, 3.0)},
                 buyers=np.ones(40, bool), visitors=np.ones(40, bool))  # fmt: skip
    found = {one.of: one for one in experience.coverage(survey.study, "type")}
    assert {of: one.verdict for of, one in found.items()} == {
        "type:product": "partly", "type:environment": "touched", "type:after_service": "whole",
        "type:service_social": "none", "type:event": "none",
    }  # fmt: skip
    assert found["type:product"].touched_by == ("ful_1",)
    (told,) = [one for one in types.findings(survey) if one.key == "coverage"]
    assert table_of(told)["Environment experience"] == [
        "0 of 2", "Easy to search", "only touched by other statements, no score",
    ]  # fmt: skip
    assert table_of(told, "id")["Pengalaman di acara"] == [
        "0 dari 3", "tidak ada pertanyaannya", "tidak diukur",
    ]  # fmt: skip
    first = said(types.findings(survey)[0])
    assert "Asked with only some of the statements: Product experience." in first
    assert first.endswith(
        "Not measured: “Environment experience”, “Service and social experience” and “Event"
        " experience”."
    )


def test_bases_are_those_of_the_statements(planted: Survey, lay: Make) -> None:
    assert experience.base_of(planted.study, "type:service_social") == "served"
    assert experience.base_of(planted.study, "determinant:chatbot_usefulness") == "chatbot_users"


@pytest.mark.parametrize("section", [types, determinants])
def test_what_was_not_asked_is_a_line_among_the_gaps(lay: Make, section: Any) -> None:
    survey = lay({key: np.full(40, 4.0) for key in LEVELS}, frameworks="pyramid, journey",
                 buyers=np.ones(40, bool))  # fmt: skip
    (one,) = section.findings(survey)
    assert (one.section, one.key, one.variant) == ("gaps", "F32", "not_measured")
    if section is types:
        assert said(one) == (
            "Experience by type was not measured: the survey holds no question about it. The"
            " statements of the pyramid touch on “Product experience”, “Environment experience” and"
            " “Service and social experience” only in part, and say nothing of After-service"
            " experience and Event experience."
        )
    else:
        assert said(one, "id") == (
            "Mutu interaksi tidak diukur: tidak ada pertanyaan tentang hal ini dalam survei."
        )


def test_what_nobody_answered_in_the_latest_wave_has_no_score_now(planted: Survey) -> None:
    n = len(planted.frame)
    wave = np.where(np.arange(n) < n // 2, "2025", "2026").astype(object)
    asked = {key: planted.frame[f"item:{key}"].where(wave == "2025") for key in TYPES}
    frame = planted.frame.assign(wave=wave, **{f"item:{key}": one for key, one in asked.items()})
    first = types.findings(Survey(planted.study, frame))[0]
    assert first.variant == "nobody"
    before = types.findings(Survey(planted.study, frame).where(wave="2025"))[0]
    assert before.variant == "lowest_of"


def test_a_study_of_types_alone_holds_them_against_no_levels(lay: Make) -> None:
    answers = {"typ_product_1": np.arange(60) % 5 + 1, "typ_environment_1": np.full(60, 4.0)}
    survey = lay(answers, frameworks="types, journey", buyers=np.ones(60, bool),
                 visitors=np.ones(60, bool))  # fmt: skip
    assert len(experience.with_levels(survey, "type")) == 0
    assert keys(types.findings(survey)) == ["F24", "compared", "by_stage", "coverage"]


# -- what is said ---------------------------------------------------------------------------------


def test_the_lowest_type_is_said_with_its_base_and_the_nearest(planted: Survey) -> None:
    found = types.findings(planted)
    assert keys(found) == ["F24", "compared", "by_stage", "with_levels", "coverage"]
    score = found[0].estimates.only(of="type:service_social")
    words = Words("en", found[0].context)
    assert found[0].variant == "lowest_of"
    assert said(found[0]).startswith(
        "Of the types of experience measured, the lowest is Service and social experience:"
        f" {words.number(score.estimate, 'score_100')} ("
    )
    assert f"Base: respondents who have been served by staff, n = {score.n:.0f}." in said(found[0])
    nearest = min(found[0].comparisons, key=lambda one: -one.difference)
    gap = words.size(nearest.difference, "score_100")
    assert f"it scores {gap} points below {words.name(nearest.b)} (" in said(found[0])
    assert "Event experience cannot be rated: these data hold no event attendees." in said(found[0])
    assert "dalam data ini tidak ada peserta acara." in said(found[0], "id")


def test_the_lowest_quality_has_the_agreed_words_on_its_own_base_only(planted: Survey) -> None:
    first = determinants.findings(planted)[0]
    score = first.estimates.only(of="determinant:timeliness")
    est = Words("en", first.context).number(score.estimate, "score_100")
    assert first.variant == "lowest"
    assert said(first).startswith(
        f"Of the interaction qualities measured, the lowest is Timeliness ({est}; n ="
        f" {score.n:.0f} who contacted Toko)."
    )
    swapped = {"item:det_timeliness": planted.frame["item:det_follow_up"],
               "item:det_operator": planted.frame["item:det_operator"] - 1.0}  # fmt: skip
    lower = planted.frame.assign(**swapped).assign(
        **{"item:det_operator": lambda frame: frame["item:det_operator"].clip(lower=1)}
    )
    other = determinants.findings(Survey(planted.study, lower))[0]
    assert other.variant == "lowest_of"
    assert "the lowest is Effectiveness of staff conversation" in said(other)
    assert "Base: respondents who have been served by staff" in said(other)


def test_qualities_alike_are_tied_and_one_alone_is_compared_with_none(lay: Make) -> None:
    halves = np.arange(60) % 2
    survey = lay(
        {"det_timeliness": 3 + halves, "det_completeness": 4 - halves},
        contacted=np.ones(60, bool),
    )  # fmt: skip
    first = determinants.findings(survey)[0]
    assert first.variant == "tie"
    assert said(first).startswith(
        "No single interaction quality is clearly the lowest: Timeliness and Completeness cannot be"
        " told apart with these data."
    )
    alone = lay({"det_timeliness": 3 + halves}, contacted=np.ones(60, bool))
    first = determinants.findings(alone)[0]
    assert first.variant == "alone"
    assert said(first).startswith("Timeliness scores 62.5 (")
    assert "There is no other interaction quality to compare it with." in said(first)


def test_a_small_base_is_not_shown_and_takes_no_part(lay: Make) -> None:
    """Twelve used the chatbot, and rate it lowest; they may not be shown."""
    n, chatbot = 60, np.arange(60) < 12
    survey = lay(
        {"det_timeliness": 3 + np.arange(n) % 2, "det_completeness": np.full(n, 5.0),
         "det_chatbot": np.where(chatbot, 1, NAN)},
        contacted=np.ones(n, bool), chatbot_users=chatbot,
    )  # fmt: skip
    first = determinants.findings(survey)[0]
    assert (first.variant, experience.lowest(survey, "determinant").n_hidden) == ("lowest", 1)
    assert "Left out of the comparison, because the base is too small: Chatbot" in said(first)
    assert table_of(first)["Chatbot usefulness"][0] == "**"
    few = lay({"det_timeliness": np.full(12, 3.0)}, contacted=np.ones(12, bool))
    first = determinants.findings(few)[0]
    assert first.variant == "hidden"
    assert said(first, "id").startswith(
        "Skor per mutu interaksi tidak ditampilkan: basisnya terlalu kecil untuk Ketepatan waktu"
        " tanggapan."
    )


def test_nobody_in_any_base_has_no_score(lay: Make) -> None:
    survey = lay({"typ_event_1": np.full(40, NAN)}, attendees=np.zeros(40, bool))
    found = types.findings(survey)
    assert found[0].variant == "nobody"
    assert keys(found) == ["F24"]
    assert said(found[0]).startswith(
        "There are no scores by type of experience: nobody answered the statements. Event"
        " experience cannot be rated: these data hold no event attendees."
    )


# -- what is shown --------------------------------------------------------------------------------


def test_tables_hold_scores_with_their_own_bases(planted: Survey) -> None:
    found = {one.key: one for one in types.findings(planted)}
    rows = table_of(found["F24"])
    assert rows["Event experience"] == ["not applicable", "0", "Event attendees", "3 of 3"]
    service = found["F24"].estimates.only(of="type:service_social")
    assert rows["Service and social experience"][1:] == [
        f"{service.n:.0f}", "Respondents who have been served by staff", "2 of 2",
    ]  # fmt: skip
    stages = table_of(found["by_stage"])
    counted = [int(n) for n in stages["n of Service and social experience"]]
    assert sum(counted) == service.n
    assert "Event experience" not in stages
    beside = table_of(found["with_levels"], "id")
    assert list(beside) == [
        "Produk", "Lingkungan", "Setelah dilayani", "Pelayanan",
    ]  # fmt: skip
    assert all(len(cells) == 6 for cells in beside.values())


def test_slides_chart_types_as_they_chart_levels(planted: Survey) -> None:
    first = types.findings(planted)[0]
    (chart,) = charts_of(Shown(first.to_dict(), Words("en", first.context)))
    named = ["Product", "Environment", "After-service", "Service and social", "Event"]
    for category, name in zip(chart.categories, named, strict=True):
        assert str(category).startswith(f"{name} experience")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("narrow", [False, True])
def test_figures_draw_types_as_they_draw_levels(
    planted: Survey, language: str, narrow: bool
) -> None:
    for one in (*types.findings(planted), *determinants.findings(planted)):
        if one.figure is None:
            continue
        drawing = figures.of_finding(one, language=language, narrow=narrow)
        words = Words(language, one.context)
        told = " ".join(each.text for each in drawing.drawn if getattr(each, "text", ""))
        shown = [each for each in one.estimates if each.n and not each.is_hidden]
        assert shown
        for each in shown:
            assert words.number(each.estimate, each.unit) in told
        unit = words.name(f"units:{one.options['part']}")
        assert unit in Shown(one.to_dict(), words).alt()
