"""The section on measurement: what is said of each level, of the joint model, and of groups."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from planted import LEVELS, TWO_LEVELS, plant

import cxkit as cx
from cxkit.analysis import measurement as numbers
from cxkit.analysis.reliability import graded
from cxkit.records import Estimate, Estimates, Fit, Fits
from cxkit.report.finding import Findings
from cxkit.report.measurement_tables import fit_facts
from cxkit.report.page import render
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

ORDER = ("fulfilment", "trust", "responsive_service", "online_experience", "emotional_connection")
IMPROPER = ("latent_not_positive_definite", "negative_variance")
WITHOUT_NUMBERS = (
    "collinear",
    "no_answers",
    "no_spread",
    "not_converged",
    "not_identified",
    "too_few",
)
LANGUAGES = ("id", "en")


@pytest.fixture(scope="module")
def demo() -> Any:
    return cx.load("demo").latest


# -- numbers made by hand --------------------------------------------------------------------------


def coefficient(level: str, value: float, verdict: str = "", **more: Any) -> Fit:
    """Spearman-Brown of a level, or alpha of the one with three statements; 0.05 either side."""
    named = "cronbach_alpha" if level == "online_experience" else "spearman_brown"
    ends = {"ci_low": value - 0.05, "ci_high": value + 0.05, "n": 400, "n_eff": 380.0}
    verdict = verdict or graded((ends["ci_low"], ends["ci_high"]), 0.7)
    return Fit(named, value, verdict=verdict, of=f"level:{level}", **{**ends, **more})


def coefficients(*values: float) -> list[Fit]:
    return [coefficient(level, value) for level, value in zip(ORDER, values, strict=True)]


def pair(a: str, b: str, value: float, verdict: str = "distinct") -> Fit:
    ends = {"ci_low": value - 0.1, "ci_high": value + 0.1, "n": 390, "n_eff": 370.0}
    return Fit("htmt", value, verdict=verdict, of=f"level:{a}|level:{b}", **ends)


def model(verdict: str = "good", **more: Any) -> SimpleNamespace:
    """A measurement model of the five levels with indices of fit, if the verdict allows any."""
    has_indices = verdict not in WITHOUT_NUMBERS
    flags = () if verdict in ("good", "poor") else ("unreliable",)
    whole = {"verdict": verdict, "of": "model", "n": 390, "n_eff": 370.0, "flags": flags}

    def of(value: float) -> float:
        return value if has_indices else math.nan

    indices = [
        Fit("chi2", of(72.04), p=of(0.0002), **whole),
        Fit("df", of(34), **whole),
        Fit("cfi", of(0.981), **whole),
        Fit("tli", of(0.969), **whole),
        Fit("srmr", of(0.03), **whole),
        Fit("rmsea", of(0.042), of(0.029), of(0.056), ci_level=0.9, **whole),
    ]
    names = [f"level:{level}" for level in ORDER]
    quality = [
        Fit(name, math.nan if flags else 0.61, verdict=verdict, of=level, n=390, flags=flags)
        for level in names
        for name in ("cr", "ave")
    ]
    loading = {"loading": [0.83], "ci_low": [0.78], "ci_high": [0.88]}
    made = {
        "constructs": dict.fromkeys(names, ()),
        "verdict": verdict,
        "concerns": (),
        "method": "ml",
        "n": 390,
        "n_eff": 370.0,
        "loadings": pd.DataFrame(loading, index=["item:tru_1"]),
        "latent_correlations": pd.DataFrame(np.full((5, 5), 0.44), index=names, columns=names),
        "fits": Fits([*indices, *quality]),
    }
    return SimpleNamespace(**{**made, **more})


def steps(configural: str = "good", metric: str = "holds", scalar: str = "holds") -> list[Fit]:
    """Three steps of invariance under these verdicts."""
    made = {"configural": configural, "metric": metric, "scalar": scalar}
    tests = [
        Fit("chi2_difference", 18.76, p=0.0944, of=step, verdict=made[step], n=390, n_eff=370.0)
        for step in ("metric", "scalar")
    ]
    return tests + [
        Fit(name, value, of=step, verdict=verdict, n=390, n_eff=370.0)
        for step, verdict in made.items()
        for name, value in (("chi2", 50.0), ("cfi", 0.97), ("rmsea", 0.05), ("delta_cfi", -0.004))
    ]


@pytest.fixture
def told(demo: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Findings]:
    """The section under numbers of one's own."""

    def make(
        reliability: Iterable[Fit] = (),
        pairs: Iterable[Fit] = (),
        structure: Any = None,
        groups: Iterable[Fit] = (),
    ) -> Findings:
        own = {
            "reliability": lambda survey: Fits(reliability or coefficients(*[0.8] * 5)),
            "distinctness": lambda survey: Fits(pairs),
            "structure": lambda survey: structure,
            "invariance": lambda survey, by: Fits(groups),
            "item_statistics": lambda survey: Fits(
                [Fit("item_rest_r", 0.55, 0.5, 0.6, of="item:tru_1", n=400, n_eff=380.0)]
            ),
            "floor_ceiling": lambda survey: Estimates(
                [Estimate(metric, "level:trust", 0.25, n=400, n_eff=380.0, unit="share")
                 for metric in ("floor", "ceiling")]
            ),
        }  # fmt: skip
        for name, function in own.items():
            monkeypatch.setattr(numbers, name, function)
        return cx.measurement.findings(demo)

    return make


def shown(findings: Findings, language: str = "en") -> list[Shown]:
    words = Words(language, findings.context)
    return [Shown(one, words) for one in findings.to_dict()["findings"]]


def lead(findings: Findings, language: str = "en") -> str:
    """Everything that the section says, in order."""
    said = " ".join(one.sentence for one in shown(findings, language) if one.sentence)
    return said.replace(NO_BREAK, " ")


def table(findings: Findings, name: str, language: str = "en") -> dict[str, Any]:
    (one,) = [one for one in shown(findings, language) if one.finding["table"] == name]
    return one.table()


def texts(built: dict[str, Any], head: str) -> list[str]:
    (row,) = [row for row in built["rows"] if row["head"] == head]
    return [cell["text"] for cell in row["cells"]]


# -- each level ------------------------------------------------------------------------------------


def test_levels_that_are_all_consistent_are_told_by_the_range_of_their_coefficients(told) -> None:
    found = told(coefficients(0.81, 0.76, 0.88, 0.79, 0.77))
    assert lead(found) == (
        "The five levels are measured consistently: the coefficients run from 0.76 for Trust to "
        "0.88 for Responsive service."
    )
    assert lead(found, "id") == (
        "Kelima tingkat diukur secara konsisten: koefisiennya dari 0,76 untuk Kepercayaan sampai "
        "0,88 untuk Layanan yang tanggap."
    )


def test_one_weak_level_is_named_with_its_coefficient_and_range(told) -> None:
    found = told(coefficients(0.8, 0.61, 0.8, 0.8, 0.8))
    assert lead(found).endswith(
        "Trust is not measured consistently (Spearman-Brown = 0.61; 0.56 to 0.66), so read its "
        "statements one by one."
    )
    said = "Kepercayaan kurang konsisten diukur (Spearman-Brown = 0,61; 0,56 sampai 0,66), jadi "
    assert said in lead(found, "id")
    assert shown(found)[0].title == "Not measured consistently: Trust"


def test_several_weak_levels_each_keep_their_coefficient(told) -> None:
    found = told(coefficients(0.8, 0.61, 0.8, 0.55, 0.8))
    assert (
        "Not measured consistently: Trust (Spearman-Brown = 0.61; 0.56 to 0.66) and Online "
        "experience (Cronbach's alpha = 0.55; 0.50 to 0.60), so read their statements one by one."
    ) in lead(found)
    assert (
        "Yang kurang konsisten diukur: Kepercayaan (Spearman-Brown = 0,61; 0,56 sampai 0,66) dan "
        "Pengalaman online (alfa Cronbach = 0,55; 0,50 sampai 0,60), jadi baca"
    ) in lead(found, "id")


def test_a_level_on_both_sides_of_the_line_is_not_judged(told) -> None:
    found = told(coefficients(0.8, 0.72, 0.8, 0.8, 0.8))
    assert lead(found).endswith(
        "It is not clear whether the consistency of Trust reaches 0.70 (Spearman-Brown = 0.72; "
        "0.67 to 0.77); read small differences in its score with care."
    )
    assert (
        "Belum jelas apakah konsistensi Kepercayaan mencapai 0,70 (Spearman-Brown = 0,72; 0,67 "
        "sampai 0,77); baca selisih kecil pada skornya dengan hati-hati."
    ) in lead(found, "id")
    assert "Trust" not in shown(found)[0].title


def test_two_levels_on_both_sides_keep_their_ranges_and_more_are_told_together(told) -> None:
    two = told(coefficients(0.8, 0.72, 0.8, 0.68, 0.8))
    assert (
        "the consistency of Trust (Spearman-Brown = 0.72; 0.67 to 0.77) and Online experience "
        "(Cronbach's alpha = 0.68; 0.63 to 0.73) reaches 0.70; read"
    ) in lead(two)
    three = told(coefficients(0.8, 0.72, 0.66, 0.68, 0.8))
    assert (
        "the consistency of Trust, Responsive service and Online experience reaches 0.70 "
        "(coefficients 0.66 to 0.72); read"
    ) in lead(three)
    assert "(koefisiennya dari 0,66 sampai 0,72); baca" in lead(three, "id")


def test_no_title_speaks_of_levels_that_are_not_clear_as_if_they_were(told) -> None:
    all_five = told(coefficients(0.7, 0.72, 0.66, 0.68, 0.71))
    assert shown(all_five)[0].title.startswith("Not clear whether measured consistently: Ful")
    assert shown(all_five, "id")[0].title.startswith("Konsistensi pengukuran belum jelas: Pem")
    both = told(coefficients(0.8, 0.61, 0.66, 0.8, 0.8))
    assert [both[0].variant, *(variant for variant, _ in both[0].plus)] == ["weak", "undecided"]
    assert shown(both)[0].title == "Not measured consistently: Trust"


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("single_item", "Trust has a single statement, so its consistency cannot be computed."),
        ("no_spread", "The consistency of Trust cannot be computed from these answers."),
        ("no_answers", "The consistency of Trust cannot be computed from these answers."),
        ("too_few", "The consistency of Trust cannot be judged: there are too few respondents."),
        ("negative", "The statements of Trust run against each other, so the score cannot be"),
    ],
)
def test_a_level_without_a_coefficient_says_why(told, verdict: str, expected: str) -> None:
    flags = ("not_measured",) if verdict == "single_item" else ("unreliable",)
    nothing = coefficient("trust", math.nan, verdict, flags=flags)
    rest = [one for one in coefficients(*[0.8] * 5) if one.of != "level:trust"]
    found = told([rest[0], nothing, *rest[1:]])
    assert expected in lead(found)
    assert "nan" not in lead(found)
    cells = texts(table(found, "measurement"), "Trust")
    assert cells[1] == "cannot be computed"


def test_a_level_on_a_small_base_is_hidden_and_marked(told) -> None:
    small = coefficient("trust", 0.42, n=25, n_eff=25.0)
    rest = [one for one in coefficients(*[0.8] * 5) if one.of != "level:trust"]
    found = told([*rest, small])
    assert "The consistency of Trust is not shown because the base is too small." in lead(found)
    assert "0.42" not in json.dumps(found.to_dict())
    assert texts(table(found, "measurement"), "Trust")[1] == "**"
    assert any(note.startswith("* Effective base") for note in shown(found)[0].notes())


def test_a_study_without_levels_says_so(tmp_path: Path) -> None:
    outcome = (
        "sample: {frame: customers, design: probability}\noutcomes: {recommend: {column: q}}\n"
    )
    survey = plant(tmp_path, {"outcome:recommend": [9.0] * 40}, outcome)
    (one,) = shown(cx.measurement.findings(survey))
    assert one.sentence.endswith("was not measured: the survey holds no question about it.")


# -- the table -------------------------------------------------------------------------------------


def test_the_table_stands_as_the_pyramid_does(told) -> None:
    pairs = [pair("trust", "fulfilment", 0.62), pair("trust", "online_experience", 0.44)]
    built = table(told(pairs=pairs, structure=model()), "measurement")
    assert [row["head"] for row in built["rows"]][:2] == [
        "Emotional connection",
        "Online experience",
    ]
    assert [row["small"] for row in built["rows"]][:2] == [
        "2 statements, Spearman-Brown",
        "3 statements, Cronbach's alpha",
    ]
    heads = ["Level", "Consistency, drawn", "Consistency", "n", "CR", "AVE", "Largest HTMT"]
    assert [one["label"] for one in built["columns"]] == [
        *heads, "At floor", "At ceiling", "Verdict",
    ]  # fmt: skip
    (trust,) = [row for row in built["rows"] if row["head"] == "Trust"]
    largest = trust["cells"][5]
    assert (largest["text"], largest["small"]) == ("0.62", "Fulfilment")
    ends = ["25%", "25%", "adequate"]
    assert texts(built, "Trust") == ["", "0.80", "400", "0.61", "0.61", "0.62", *ends]


def test_the_line_of_the_drawn_scale_lies_at_its_place(told) -> None:
    built = table(told(coefficients(0.8, 0.6, 0.8, 0.8, 0.8)), "measurement")
    assert built["columns"][1]["scale"] == {
        "left": "0.4", "middle": "0.7", "right": "1.0", "zero": 50.0,
    }  # fmt: skip
    rails = {row["head"]: row["cells"][0]["rail"] for row in built["rows"]}
    assert (rails["Trust"]["low"], rails["Trust"]["at"], rails["Trust"]["high"]) == (
        pytest.approx(25), pytest.approx(33.33), pytest.approx(41.67),
    )  # fmt: skip
    assert {rail["tone"] for head, rail in rails.items() if head != "Trust"} == {"flat"}


def test_a_coefficient_below_the_scale_moves_its_end_to_zero(told) -> None:
    built = table(told(coefficients(0.8, 0.3, 0.8, 0.8, 0.8)), "measurement")
    assert built["columns"][1]["scale"]["left"] == "0.0"
    assert built["columns"][1]["scale"]["zero"] == 70.0
    (trust,) = [row for row in built["rows"] if row["head"] == "Trust"]
    assert trust["cells"][0]["rail"]["at"] == pytest.approx(30)


def test_only_a_weak_level_is_coloured_and_never_by_colour_alone(told) -> None:
    built = table(told(coefficients(0.8, 0.6, 0.8, 0.8, 0.8)), "measurement", "id")
    verdicts = {row["head"]: row["cells"][-1] for row in built["rows"]}
    weak = verdicts.pop("Kepercayaan")
    assert (weak["text"], weak["sign"], weak["tone"]) == ("di bawah 0,70", "▼", "bad")
    assert {(one["text"], one["sign"], one["tone"]) for one in verdicts.values()} == {
        ("memadai", "✓", "")
    }


@pytest.mark.parametrize(("language", "said"), [("id", "belum jelas"), ("en", "not clear")])
def test_what_is_not_clear_has_no_colour(told, language: str, said: str) -> None:
    built = table(told(coefficients(*[0.72] * 5)), "measurement", language)
    last = {
        (one["text"], one["sign"], one["tone"]) for one in (r["cells"][-1] for r in built["rows"])
    }
    assert last == {(said, "·", "")}
    assert {row["cells"][0]["rail"]["tone"] for row in built["rows"]} == {"flat"}


def test_a_statement_that_runs_against_its_level_is_marked(told, demo, monkeypatch) -> None:
    told()
    against = Fit("item_rest_r", -0.2, -0.3, -0.1, "negative", of="item:tru_1", n=400, n_eff=400.0,
                  flags=("unreliable",))  # fmt: skip
    alone = Fit("alpha_if_dropped", math.nan, verdict="single_item", of="item:tru_1", n=400,
                n_eff=400.0, flags=("not_measured",))  # fmt: skip
    monkeypatch.setattr(numbers, "item_statistics", lambda survey: Fits([against, alone]))
    found = cx.measurement.findings(demo)
    built = table(found, "statements")
    (row,) = [row for row in built["rows"] if row["cells"][0]["text"] and row["kind"] == "item"]
    assert (row["cells"][0]["text"], row["cells"][0]["sign"]) == ("−0.20", "▼")
    assert row["cells"][1]["text"] == ""


# -- the joint model -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_fits_is_told_with_its_indices(told, language: str) -> None:
    found = told(structure=model())
    sentence = lead(found, language)
    assert {
        "en": "A model with 5 separate but linked levels fits the answers.",
        "id": "Model dengan 5 tingkat yang terpisah tetapi saling berkaitan cocok dengan jawaban "
        "responden.",
    }[language] in sentence
    (strip,) = [one for one in shown(found, language) if one.options.get("facts")]
    cfi = fit_facts(strip.fits, Words(language, {}))[1]["value"]
    assert cfi.startswith({"en": "0.981", "id": "0,981"}[language])


def test_a_model_that_fits_badly_is_told_so(told) -> None:
    assert "linked levels does not fit the answers well." in lead(told(structure=model("poor")))
    assert "kurang cocok dengan jawaban" in lead(told(structure=model("poor")), "id")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", [*IMPROPER, *WITHOUT_NUMBERS])
def test_a_model_that_failed_says_what_why_and_what_to_try(told, verdict, language) -> None:
    found = told(structure=model(verdict, concerns=("level:trust", "level:fulfilment")))
    words = [one for one in shown(found, language) if one.options.get("box")]
    (box,) = words
    failed, attempt, involved = {
        "en": ("Failed: ", "What to try: ", "Involved: Trust and Fulfilment."),
        "id": ("Gagal: ", "Yang bisa dicoba: ", "Yang terlibat: Kepercayaan dan Pemenuhan janji."),
    }[language]
    assert box.title.startswith(failed)
    if verdict == "latent_not_positive_definite":
        assert box.title.endswith(involved.partition(": ")[2].rstrip("."))
        assert involved not in box.notes()
    else:
        assert box.notes()[1] == involved
    assert box.notes()[-1].startswith(attempt)
    assert box.finding["variant"] == ""
    assert "{" not in lead(found, language)


@pytest.mark.parametrize("verdict", [*IMPROPER, *WITHOUT_NUMBERS])
def test_a_model_that_failed_prints_no_coefficient(told, verdict: str) -> None:
    """Composite reliability, AVE, loadings and latent correlations; its indices only if it has."""
    found = told(pairs=[pair("trust", "fulfilment", 0.62)], structure=model(verdict))
    kept = {
        fit["name"]: fit for one in found.to_dict()["findings"] for fit in one["records"]["fits"]
    }
    assert not kept.keys() & {"cr", "ave", "loading", "latent_correlation"}
    assert "0.83" not in json.dumps(found.to_dict())
    facts = [one for one in shown(found) if one.options.get("facts")]
    assert bool(fit_facts(facts[0].fits, Words("en", {}))[0]["value"]) is (verdict in IMPROPER)


def test_a_model_of_some_levels_names_them(told) -> None:
    some = model(constructs={"level:trust": (), "level:fulfilment": ()})
    assert "A model that treats Trust and Fulfilment as separate" in lead(told(structure=some))


def test_a_model_on_a_small_base_is_not_told(told) -> None:
    small = model()
    small.fits = Fits(dataclasses.replace(one, n=25, n_eff=25.0) for one in small.fits)
    found = told(structure=small)
    assert "The fit of the joint model is not shown because the base is too small." in lead(found)
    assert "0.981" not in json.dumps(found.to_dict())


def test_the_indices_stand_with_their_references(told) -> None:
    facts = fit_facts(model().fits, Words("id", {}))
    assert [(one["label"], one["value"], one["small"]) for one in facts] == [
        ("χ² (34)", "72,0", "p < 0,001"),
        ("CFI, TLI", "0,981; 0,969", "CFI: acuan 0,95 atau lebih"),
        ("RMSEA", "0,042", "rentang 90% 0,029 sampai 0,056; acuan 0,06 atau kurang"),
        ("SRMR", "0,030", "acuan 0,08 atau kurang"),
    ]


# -- levels apart, and groups ----------------------------------------------------------------------


def test_levels_that_can_all_be_told_apart_name_the_closest_two(told) -> None:
    pairs = [pair("trust", "fulfilment", 0.62), pair("trust", "online_experience", 0.44)]
    assert (
        "Each level can be told from every other; the closest are Trust and Fulfilment "
        "(HTMT = 0.62; 0.52 to 0.72)."
    ) in lead(told(pairs=pairs))


def test_levels_of_which_some_cannot_be_told_apart_are_counted(told) -> None:
    pairs = [
        pair("trust", "fulfilment", 0.95, "not_distinct"),
        pair("trust", "online_experience", 0.44),
        pair("trust", "emotional_connection", 0.9, "close"),
        pair("trust", "responsive_service", 0.99, "single_item"),
    ]
    said = lead(told(pairs=pairs), "id")
    assert (
        "Dari 3 pasangan tingkat yang bisa diuji, 1 jelas bisa dibedakan. Yang paling berdekatan, "
        "Kepercayaan dan Pemenuhan janji, tidak bisa dibedakan (HTMT = 0,95; 0,85 sampai 1,05)."
    ) in said


@pytest.mark.parametrize(
    ("verdict", "language", "expected"),
    [
        ("close", "en", "The closest are Trust and Fulfilment; it is not clear whether they can be "
         "told apart (HTMT = 0.95; 0.85 to 1.05)."),
        ("close", "id", "Yang paling berdekatan adalah Kepercayaan dan Pemenuhan janji; belum jelas"
         " apakah keduanya bisa dibedakan (HTMT = 0,95; 0,85 sampai 1,05)."),
        ("distinct", "en", "The closest, Trust and Fulfilment, can still be told apart"),
        ("not_distinct", "en", "The closest, Trust and Fulfilment, cannot be told apart"),
    ],
)  # fmt: skip
def test_the_closest_pair_is_told_with_its_own_verdict(told, verdict, language, expected) -> None:
    """As its row in the table says; beside another pair that is not clear."""
    pairs = [
        pair("trust", "fulfilment", 0.95, verdict),
        pair("trust", "emotional_connection", 0.9, "close"),
    ]
    said = lead(told(pairs=pairs), language)
    assert expected in said
    none = {"en": "none can clearly be told apart.", "id": "tidak satu pun jelas bisa dibedakan."}
    assert (none[language] in said) is (verdict != "distinct")


def test_a_scale_that_means_the_same_in_groups_is_folded_away(told) -> None:
    found = told(groups=steps())
    (one,) = [one for one in shown(found) if one.finding["table"] == "invariance"]
    assert one.title == "Region: no sign that the scale means something else in these groups"
    assert one.options["fold"]
    assert one.sentence == ""
    told_of = texts(one.table(), "Loadings too (metric)")
    assert told_of[:3] == ["no sign of a difference", "0.970", "−0.004"]
    test = one.table()["rows"][1]["cells"][-1]
    assert (test["text"], test["small"]) == ("18.8", "p = 0.094")


def test_groups_that_are_not_clear_are_not_spoken_against(told) -> None:
    found = told(groups=steps(scalar="undecided"))
    assert "does not mean quite the same" not in lead(found)
    assert shown(found)[-1].title == (
        "Region: not clear whether the scale means the same in all groups"
    )
    assert shown(found, "id")[-1].title.endswith("belum jelas apakah makna skala setara di semua "
                                                 "kelompok")  # fmt: skip
    assert texts(shown(found)[-1].table(), "Intercepts too (scalar)")[0] == "not clear"


@pytest.mark.parametrize("scalar", ["holds", "does_not_hold"])
def test_steps_of_a_model_that_does_not_fit_are_not_judged(told, scalar: str) -> None:
    found = told(groups=steps("poor", "holds", scalar))
    one = shown(found)[-1]
    assert one.title == "Region: the model itself does not fit well, so sameness cannot be judged"
    assert one.sentence == ""
    assert [row["cells"][0]["text"] for row in one.table()["rows"]] == [
        "does not fit well", "not clear", "not clear",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "title"),
    [
        ({"scalar": "does_not_hold"}, "Region: intercepts are not the same in all groups"),
        (
            {"metric": "does_not_hold", "scalar": "does_not_hold"},
            "Region: loadings are not the same in all groups",
        ),
        (
            {"metric": "undecided", "scalar": "does_not_hold"},
            "Region: intercepts are not the same in all groups",
        ),
    ],
)
def test_a_scale_that_does_not_is_said_before_anything_is_compared(told, verdicts, title) -> None:
    found = told(groups=steps(**verdicts))
    assert "The scale does not mean quite the same in all groups of Region" in lead(found)
    assert title == shown(found)[-1].title


def test_groups_that_cannot_be_tried_are_named_in_a_box(told) -> None:
    found = told(groups=steps("too_few", "too_few", "too_few"))
    (box,) = [one for one in shown(found, "id") if one.options.get("box")]
    assert box.title == "Gagal: kesetaraan pengukuran antarkelompok tidak bisa diuji"
    assert box.notes()[0].startswith("Tidak bisa diuji menurut Wilayah, Usia, ")
    folded = [bool(one.options.get("fold")) for one in shown(found)]
    assert folded == sorted(folded)


# -- on the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_strip_box_and_folded_tables(told, language: str) -> None:
    from lxml import html

    pairs = [pair("trust", "fulfilment", 0.62)]
    found = told(pairs=pairs, structure=model(IMPROPER[0]), groups=steps())
    output = new_output("display_data", data=found._repr_mimebundle_())
    page = html.fromstring(render(new_notebook(cells=[new_code_cell(outputs=[output])]), language))
    (section,) = page.xpath('//section[@id="measurement"]')
    assert len(section.xpath('.//dl[contains(@class, "strip")]/div')) == 4
    assert len(section.xpath('.//div[@class="box fail"]')) == 1
    assert len(section.xpath('.//details[@class="appendix"]')) == 3
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert len(section.xpath('.//tbody//*[local-name()="svg"]')) == 5
    methods = page.xpath('string(//section[@id="methods"])')
    assert {"en": "Quality of measurement", "id": "Mutu pengukuran"}[language] in methods


def test_the_demo_is_told_from_its_own_numbers(demo: Any) -> None:
    """Consistent are levels whose whole range lies above .70, and no other is called so."""
    found = cx.measurement.findings(demo)
    names = Words("en", demo.context()).name
    made = numbers.reliability(demo)
    clear = [one.of for one in made if one.ci_low >= 0.7]
    both = [one for one in made if one.ci_low < 0.7 <= one.ci_high]
    assert len(clear) == 1
    assert len(both) == 4
    assert shown(found)[0].title == f"Consistency is clear for 1 of 5 levels: {names(clear[0])}"
    assert lead(found).startswith(f"Only {names(clear[0])} is clearly measured consistently (")
    assert all(texts(table(found, "measurement"), names(one.of))[-1] == "not clear" for one in both)
    assert len(shown(found)) == 5
    assert [one.variant for one in found][:2] == ["good_only", "model_good"]


def test_why_fewer_compare_levels_is_said_where_they_are_fewer(told) -> None:
    why = "This base is smaller because a single unanswered statement leaves a respondent out."
    pairs = [pair("trust", "fulfilment", 0.62)]
    assert why in " ".join(shown(told(pairs=pairs))[0].notes())
    as_many = [dataclasses.replace(one, n=400) for one in pairs]
    notes = " ".join(shown(told(pairs=as_many))[0].notes())
    assert why not in notes
    assert "Comparisons between levels rest on buyers who answered every statement" in notes


def test_a_level_of_one_statement_and_two_alone_are_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    likes = rng.normal(size=80)
    made = {f"item:{item}": np.clip(np.round(3 + likes + rng.normal(size=80)), 1, 5)
            for item in ("a1", "a2", "b1")}  # fmt: skip
    study = LEVELS.replace(", b2: b2", "")
    base = {"base:buyers": np.ones(80, bool), "segment:region": ["west"] * 80}
    survey = plant(tmp_path, {**base, **made}, study, two_levels=TWO_LEVELS)
    found = cx.measurement.findings(survey)
    assert "Care has a single statement, so its consistency cannot be computed." in lead(found)
    assert not [one for one in found if one.variant.startswith("model")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_mobi_is_a_model_that_fits_badly(shared_data: Path, language: str) -> None:
    """R finds latent covariances that are not positive definite: said, and no CR or AVE."""
    from lxml import html

    expected = json.loads((shared_data / "mobi" / "expected.json").read_text(encoding="utf-8"))
    survey = cx.load(Path(__file__).resolve().parent / "studies" / "mobi").latest
    found = cx.measurement.findings(survey)
    said = [one.variant for one in found]
    assert "model_latent_not_positive_definite" in said
    kept = {fit["name"] for one in found.to_dict()["findings"] for fit in one["records"]["fits"]}
    assert not kept & {"cr", "ave", "omega", "loading", "latent_correlation"}
    words = Words(language, found.context)
    alpha = expected["reliability"]["CUEX"]["alpha_raw_listwise"]
    output = new_output("display_data", data=found._repr_mimebundle_())
    page = html.fromstring(render(new_notebook(cells=[new_code_cell(outputs=[output])]), language))
    (section,) = page.xpath('//section[@id="measurement"]')
    assert words.number(alpha, "scale") in section.text_content()
    assert section.xpath('.//div[@class="box fail"]')
