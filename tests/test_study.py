"""A study file is read whole, or refused with every slip, each with its line."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from cxkit import library
from cxkit.errors import Problem, StudyError
from cxkit.study import REASONS, Framework, examine, read_study, study_schema

TESTS = Path(__file__).resolve().parent
SCHEMA = TESTS.parent / "cxkit" / "library" / "schemas" / "study.schema.json"

HEAD = """\
cxkit: 1
study: toko
title: {id: Toko, en: Shop}
brand: Toko
period: {id: 6 bulan terakhir, en: the last 6 months}
languages: [id, en]
sample: {frame: market, design: opt_in}
frameworks: [pyramid, journey]
answers: {path: answers.csv}
scale: agreement_5
items: {ful_1: Q1, ful_2: Q2}
"""
END = HEAD.count("\n")


@pytest.fixture
def study_file(tmp_path):
    """Writes a study.yaml and gives its path."""

    def write(text: str, name: str = "study.yaml") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / "study.yaml"

    return write


def slips(path) -> list[Problem]:
    with pytest.raises(StudyError) as caught:
        read_study(path)
    return list(caught.value.problems)


def only(path) -> Problem:
    found = slips(path)
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


# -- what is read --------------------------------------------------------------------------------


def test_the_words_yes_and_no_stay_words(study_file):
    study = read_study(study_file(HEAD + "bases: {buyers: {column: bought, is: yes}}\n"))
    assert study.bases["buyers"].words == ("yes",)


def test_a_lone_column_stands_for_an_item_an_outcome_a_base_and_a_stage(study_file):
    text = HEAD + "outcomes: {recommend: Q9}\nbases: {buyers: 7}\nstages: {aware: {reached: S1}}\n"
    study = read_study(study_file(text))
    assert study.items["ful_1"].column == "Q1"
    assert (study.outcomes["recommend"].column, study.outcomes["recommend"].metric) == ("Q9", "nps")
    assert study.bases["buyers"].column == "7"
    assert [one.column for one in study.stages["aware"].reached] == ["S1"]
    assert study.stages["aware"].reached[0].words == ("yes",)


def test_items_take_the_scale_of_the_study_and_the_base_of_the_framework(study_file):
    study = read_study(study_file(HEAD.replace("ful_1: Q1", "ful_1: {column: Q1, base: aware}")))
    assert study.items["ful_1"].scale == "agreement_5"
    assert study.items["ful_1"].base == "aware"
    assert study.items["ful_2"].base == "buyers"
    assert study.scale("item:ful_2").points == (1, 2, 3, 4, 5)


def test_ratings_of_stages_are_satisfaction_with_as_many_points_as_the_study_uses(study_file):
    text = HEAD.replace("agreement_5", "agreement_7") + "stages: {aware: {rating: S1}}\n"
    assert read_study(study_file(text)).scale("rating:aware").key == "satisfaction_7"


def test_experienced_is_anyone_of_the_declared_bases_it_is_made_of(study_file):
    study = read_study(study_file(HEAD + "bases: {buyers: b, visitors: v, aware: a}\n"))
    assert study.base_keys == ("buyers", "visitors", "aware", "experienced")
    assert set(study.base_parts("experienced")) == {"visitors", "buyers"}


def test_wave_keys_stay_as_they_were_typed_and_dates_are_dates(study_file):
    text = HEAD + "wave: wave\nwaves: {2026-03: {from: 2026-03-02, to: 2026-03-20}, 2026-11: }\n"
    study = read_study(study_file(text))
    assert list(study.waves) == ["2026-03", "2026-11"]
    assert study.waves["2026-03"].start == dt.date(2026, 3, 2)


def test_one_text_stands_for_every_language(study_file):
    study = read_study(study_file(HEAD.replace("{id: Toko, en: Shop}", "Toko & Co")))
    assert study.title == {"id": "Toko & Co", "en": "Toko & Co"}


def test_a_framework_beside_the_study_wins_over_the_library(study_file):
    study_file(
        "key: pyramid\nkind: levels\nlevels:\n  - {key: trust, items: [ful_1, ful_2]}\n"
        "items: {ful_1: {text: Aman}, ful_2: {text: {id: Yakin, en: Sure}}}\n",
        "pyramid.yaml",
    )
    study = read_study(study_file(HEAD))
    assert study.framework.level_keys == ("trust",)
    assert study.context()["labels"]["item:ful_2"] == {"id": "Yakin", "en": "Sure"}
    assert "pyramid.yaml" in study.input_files


def test_later_keys_are_read_in_their_shape(study_file):
    text = HEAD + (
        "weighting: {rake: {region: {java: 0.56, other: 0.44}}}\n"
        "strata: st\ncluster: cl\npopulation: 5000\nexclusions: out.csv\ncomments: {reason: Q10}\n"
        "actions: [{date: 2026-01-31, owner: ops, level: trust, what: {id: Baru, en: New}}]\n"
        "text_answers: {Q1: {Setuju sekali: 5, N/A: not_applicable}}\n"
        "segments: {region: {values: {java: {id: Jawa, en: Java}}}}\nprivacy: {min_n: 12}\n"
        "simulated: true\nreports: [{notebook: report, by: region}]\n"
    )
    study = read_study(study_file(text))
    assert study.weighting.rake["region"]["java"] == 0.56
    assert study.actions[0].date == dt.date(2026, 1, 31)
    assert study.text_answers["Q1"] == {"Setuju sekali": "5", "N/A": "not_applicable"}
    assert study.privacy.min_n == 12
    assert study.segments["region"].column == "region"
    assert study.reports[0].by == ("region",)
    assert study.known_population == 5000


def test_answers_may_be_a_file_for_each_wave(study_file):
    old, new = (
        "answers: {path: answers.csv}",
        (
            "answers:\n  2025H1: {path: a.csv}\n"
            "  2025H2: {path: b.csv, columns: {ful_1: q1, ful_2: }}"
        ),
    )
    study = read_study(study_file(HEAD.replace(old, new)))
    assert list(study.answers) == ["2025H1", "2025H2"]
    assert study.answers["2025H2"].columns == {"ful_1": "q1", "ful_2": None}


def test_a_study_does_not_change(study_file):
    study = read_study(study_file(HEAD))
    with pytest.raises(ValidationError):
        study.min_base = 5


def test_the_context_is_plain_json_with_what_wording_needs(study_file):
    text = HEAD + (
        "targets: {nps: 40}\nsimulated: true\nwave: w\nwaves: {2026H1: {label: Awal}}\n"
        "outcomes: {recommend: {column: Q9, label: {id: Saran, en: Advice}}}\n"
        "segments: {region: {label: {id: Wilayah, en: Region}, values: {java: Jawa}}}\n"
    )
    context = json.loads(json.dumps(read_study(study_file(text)).context()))
    assert context["key"] == "toko"
    assert context["brand"] == "Toko"
    assert context["targets"] == {"nps": 40.0}
    assert context["framework"]["shape"] == "pyramid"
    assert context["items"]["ful_1"] == {
        "scale": "agreement_5",
        "base": "buyers",
        "level": "fulfilment",
        "keyed": "positive",
    }
    labels = context["labels"]
    assert labels["outcome:recommend"]["en"] == "Advice"
    assert labels["segment:region"]["id"] == "Wilayah"
    assert labels["group:region=java"]["en"] == "Jawa"
    assert labels["wave:2026H1"]["en"] == "Awal"
    assert "level:trust" not in labels
    assert not any(key.startswith("answer:") for key in labels)  # the library words its scales


# -- slips ---------------------------------------------------------------------------------------

SLIPS = {
    "an unknown key": ("min_bse: 30", "unknown_key", END + 1, "min_bse", "min_base"),
    "a missing word": ("segments: {r: {colum: x}}", "unknown_key", END + 1, "colum", "column"),
    "an unknown item": ("items: {ful_3: Q1}", "unknown_item", 11, "ful_3", "ful_"),
    "an unknown scale": ("scale: agrement_5", "unknown_scale", 10, "agrement_5", "agreement_5"),
    "an unknown framework": ("frameworks: [piramid]", "unknown_framework", 8, "piramid", "pyramid"),
    "an unknown frame": ("sample: {frame: markt, design: opt_in}", "unknown_value", 7, "markt",
                         "market"),
    "an unknown language": ("languages: [id, fr]", "unknown_language", 6, "fr", "en"),
    "an unknown preset": ("preset: retial", "unknown_preset", END + 1, "retial", "retail"),
    "an unknown base": ("items: {ful_1: {column: Q1, base: buyer}}", "unknown_base", 11, "buyer",
                        "buyers"),
    "an unknown vocabulary": ("segments: {c: {vocabulary: acquisition_chanel}}",
                              "unknown_vocabulary", END + 1, "acquisition_chanel",
                              "acquisition_channel"),
    "an unknown stage": ("stages: {considr: {reached: x}}", "unknown_stage", END + 1, "considr",
                         "consider"),
    "an unknown metric": ("targets: {nsp: 40}", "unknown_value", END + 1, "nsp", "nps"),
    "an unknown segment": ("reports: [{notebook: report, by: regio}]", "unknown_segment", END + 1,
                           "regio", "wave"),
    "no scale": ("outcomes: {satisfaction: {column: Q8, definition: mean}}", "no_scale", END + 1,
                 "satisfaction", "scale"),
    "no definition": ("outcomes: {satisfaction: {column: Q8, scale: satisfaction_5}}",
                      "no_definition", END + 1, "satisfaction", "top_2_box"),
    "a definition that is none": (
        "outcomes: {effort: {column: Q8, scale: ease_7, definition: top_box}}",
        "unknown_definition", END + 1, "top_box", "top_2_box"),
    "a box as wide as the scale": (
        "outcomes: {effort: {column: Q8, scale: ease_5, definition: top_5_box}}",
        "unknown_definition", END + 1, "top_5_box", "mean"),
    "no metric": ("outcomes: {mood: {column: Q8, scale: likelihood_5}}", "no_metric", END + 1,
                  "mood", "nps"),
    "an NPS on five points": ("outcomes: {recommend: {column: Q9, scale: likelihood_5}}",
                              "nps_scale", END + 1, "likelihood_5", "recommend_0_10"),
    "a wave that ends before it starts": (
        "waves: {2026H1: {from: 2026-03-20, to: 2026-03-02}}", "wave_dates", END + 1, "2026H1",
        "from"),
    "waves that sort against their dates": (
        "waves: {w10: {from: 2026-06-01}, w9: {from: 2026-01-01}}", "wave_order", END + 1, "w9",
        "sort"),
    "shares that do not add up": ("weighting: {rake: {region: {a: 0.5, b: 0.4}}}", "rake_shares",
                                  END + 1, "0.9", "1"),
    "two items on one column": ("items: {ful_1: Q1, ful_2: Q1}", "column_twice", 11, "Q1",
                                "column"),
    "a text that leads off the scale": ("text_answers: {Q1: {Baik: 6}}", "text_off_scale",
                                        END + 1, "6", "not_applicable"),
    "an exit code that is a point": (
        "scales: {own: {points: 5, direction: up, low: a, high: b, missing: {5: refused}}}",
        "scale_missing", END + 1, "5", "number"),
    "a scale without direction": ("scales: {own: {points: 5, low: a, high: b}}", "missing_key",
                                  END + 1, "direction", "direction"),
    "too few labels": (
        "scales: {own: {points: 5, direction: up, labels: {id: [a, b], en: [a, b, c, d, e]}}}",
        "scale_labels", END + 1, "2 labels", "5 labels"),
    "a text without a language": ("site: {id: situs}", "bad_value", END + 1, "'en'", "id, en"),
    "a number that is none": ("min_base: many", "bad_value", END + 1, "many", "whole number"),
    "a base in a circle": ("bases: {a: {any: [b]}, b: {any: [a]}}", "base_circle", END + 1, "a",
                           "conditions"),
    "an older or newer schema": ("cxkit: 2", "unknown_value", 1, "2", "1"),
    "a wrong time zone": ("timezone: Asia/Jakata", "unknown_time_zone", END + 1, "Asia/Jakata",
                          "Asia/Jakarta"),
    "items of a framework that is not named": (
        "items: {ful_1: Q1, typ_event_1: Q2, typ_event_2: Q3}", "framework_of_item", 11,
        "and 1 more", "types]"),
    "an outcome of the kit misspelt": ("outcomes: {wom_toned: Q9}", "no_metric", END + 1,
                                       "wom_toned", "did you mean 'wom_tone'?"),
    "the study's own brand as its rival": (
        "rival: {brand: toko, items: {ful_1: Q9}}", "rival_brand", END + 1, "itself",
        "another brand"),
    "a rival asked what is not asked of the brand": (
        "rival: {brand: Lain, items: {tru_1: Q9}}", "unknown_item", END + 1, "tru_1", "ful_1"),
    "channels without a question": ("channels: {vocabulary: interaction_channel}",
                                    "channels_shape", END + 1, "neither", "columns"),
    "a warning under the limit": ("warn_base: 10", "warn_base", END + 1, "10", "min_base"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "code", "at", "token", "way_out"), SLIPS.values(), ids=SLIPS)
def test_a_slip_names_the_culprit_its_line_and_a_way_out(
    study_file, line, code, at, token, way_out
):
    key = line.split(":")[0]
    kept = [one for one in HEAD.splitlines() if not one.startswith(f"{key}:")]
    lines = [line if one.startswith(f"{key}:") else one for one in HEAD.splitlines()]
    text = "\n".join(lines if len(kept) < len(lines) else [*lines, line]) + "\n"
    found = [one for one in slips(study_file(text)) if one.code == code]
    assert found, [str(one) for one in slips(study_file(text))]
    first = found[0]
    assert first.line == at
    assert first.file.endswith("study.yaml")
    assert token in first.message + first.where
    assert way_out in f"{first.expected} {first.hint}"


def test_an_unknown_stage_of_an_item_reads_as_the_style_page_shows_it(study_file):
    text = HEAD.replace("ful_1: Q1", "ful_1: {column: Q1, stage: considr}")
    assert str(only(study_file(text))).splitlines() == [
        "item 'ful_1' names an unknown stage 'considr'",
        f"  where     {study_file(text).parent.name}/study.yaml:11: items.ful_1.stage",
        "  expected  one of aware, consider, decide, evaluate, advocate",
        "  try       did you mean 'consider'?",
    ]


def test_what_may_be_named_is_listed_once(study_file):
    expected = str(only(study_file(HEAD.replace("ful_2:", "typ_produk_1:"))).expected)
    known = expected.removeprefix("one of ").split(", ")
    assert "typ_product_1" in known
    assert len(known) == len(set(known))


def test_every_slip_comes_at_once_in_one_error(study_file):
    text = HEAD.replace("market", "markt") + "min_bse: 1\nitems2: 3\n"
    assert {one.column for one in slips(study_file(text))} == {"sample.frame", "min_bse", "items2"}
    text = HEAD + "min_bse: 1\npreset: retial\nreports: [{by: regio}]\n"
    assert {one.code for one in slips(study_file(text))} == {
        "unknown_key",
        "unknown_preset",
        "unknown_segment",
    }


def test_what_is_wrong_already_is_not_told_again_by_what_names_it(study_file):
    text = HEAD.replace("scale: agreement_5", "scale: own") + "scales: {own: {points: 5}}\n"
    assert {one.column for one in slips(study_file(text))} == {"scales.own.direction"}


def test_a_study_with_one_wrong_key_is_still_given_without_it(study_file):
    study, problems = examine(study_file(HEAD + "min_bse: 1\n"))
    assert study.items["ful_1"].column == "Q1"
    assert [one.code for one in problems] == ["unknown_key"]


def test_a_missing_key_says_where_it_belongs(study_file):
    problem = only(study_file(HEAD.replace("brand: Toko\n", "")))
    assert (problem.code, problem.column) == ("missing_key", "brand")


def test_slips_of_a_framework_beside_the_study_are_placed_in_its_file(study_file):
    study_file("key: own\nkind: levels\nlevels:\n  - {key: a, label: A, items: [x]}\n", "own.yaml")
    problem = only(study_file(HEAD.replace("[pyramid, journey]", "[own]").replace(
        "items: {ful_1: Q1, ful_2: Q2}", "items: {x: Q1}")))  # fmt: skip
    assert problem.file.endswith("own.yaml")
    assert "'x'" in problem.message


def test_a_character_that_json_wrote_in_two_halves_is_one(study_file):
    """As in a study file that a program wrote; half of one is nothing that could be printed."""
    study = read_study(study_file(HEAD.replace("brand: Toko", 'brand: "\\ud83d\\ude00 \\ud83d"')))
    assert study.brand == "\N{GRINNING FACE} \N{REPLACEMENT CHARACTER}"


def test_a_framework_file_may_not_use_aliases(study_file):
    study_file("key: &k own\nkind: levels\nlevels: [{key: *k}]\n", "own.yaml")
    found = slips(study_file(HEAD.replace("[pyramid, journey]", "[own]")))
    assert [(one.code, one.line) for one in found] == [("alias", 1)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2\n", "duplicate_key"),
        ("a: &x 1\nb: 2\n", "alias"),
        ("a: *x\n", "alias"),
        ("a: !!python/object:os.system ls\n", "tag"),
        ("a: [1\nb: 2\n", "not_yaml"),
        ("- a\n- b\n", "not_a_mapping"),
        ("", "not_a_mapping"),
        ("[" * 100 + "]" * 100, "too_deep"),
        ("? [a, b]\n: 1\n", "bad_key"),
        ("a: 2026-13-45\n", "bad_value"),
        ("a: 1\n---\nb: 2\n", "not_yaml"),
    ],
)
def test_a_file_of_another_form_is_refused(study_file, text, code):
    assert only(study_file(text)).code == code


def test_a_study_file_that_is_not_utf_8_is_refused_with_its_line(study_file, tmp_path):
    path = study_file("")
    path.write_bytes(HEAD.encode() + "site: caf\xe9\n".encode("latin-1"))
    assert (only(path).code, only(path).line) == ("encoding", END + 1)


def test_an_alias_bomb_is_refused_at_once(study_file):
    bomb = "a: &a [x, x]\n" + "".join(
        f"b{at}: &b{at} [{', '.join([f'*b{at - 1}' if at else '*a'] * 9)}]\n" for at in range(40)
    )
    start = time.perf_counter()
    assert only(study_file(bomb)).code == "alias"
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("toko", "toko/study.yaml"), ("toko/study.yaml", "toko/study.yaml"), ("./toko", "toko/")],
)
def test_the_place_is_the_file_as_it_was_typed(tmp_path, monkeypatch, typed, shown):
    (tmp_path / "toko").mkdir()
    (tmp_path / "toko" / "study.yaml").write_text(HEAD + "min_bse: 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert only(typed).where.startswith(shown)


def test_no_machine_path_is_told(study_file):
    error = "\n".join(map(str, slips(study_file(HEAD + "min_bse: 1\n"))))
    assert str(study_file(HEAD).parent.parent) not in error


def test_a_study_that_is_not_there_is_a_study_error(tmp_path):
    with pytest.raises(StudyError, match="no study at"):
        read_study(tmp_path / "nowhere")


# -- contracts -----------------------------------------------------------------------------------


def test_reading_a_study_imports_neither_pandas_nor_numpy():
    code = (
        "import sys, cxkit.study as s; s.read_study('demo');"
        "print({'pandas', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_reasons_are_those_of_the_library():
    assert (*library.REASONS, "not_reached") == REASONS


@pytest.mark.parametrize("name", library.files.names_in("frameworks"))
def test_each_framework_of_the_library_fits_its_shape(name):
    assert Framework.model_validate(library.framework(name)).key == name


def test_the_exported_schema_is_current():
    """Renew it with: python -m cxkit.study > cxkit/library/schemas/study.schema.json."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == study_schema()


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("study", ["tests/studies/mobi", "data/demo", "tests/broken/script_tags"])
def test_studies_fit_the_exported_schema(study):
    text = (TESTS.parent / study / "study.yaml").read_text(encoding="utf-8")
    jsonschema.validate(_plain(YAML(typ="safe", pure=True).load(text)), study_schema())


def test_the_exported_schema_refuses_what_the_reader_refuses():
    plain = YAML(typ="safe", pure=True).load(HEAD)
    for slip in ({"min_bse": 3}, {"min_base": "many"}, {"sample": {"frame": "markt"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(plain | slip, study_schema())


# -- figures and words out of place ----------------------------------------------------------------


@pytest.mark.parametrize("given", ["6194.5", "[3]", "yes"])
def test_a_population_of_no_kind_is_one_slip_in_plain_words(study_file, given):
    told = only(study_file(HEAD + f"population: {given}\n"))
    assert told.column == "population"
    assert told.expected == "a whole number, or a number for each stratum"


def test_a_population_of_strata_is_told_by_its_stratum(study_file):
    told = only(study_file(HEAD + "strata: s\npopulation: {a: 900, b: 5.5}\n"))
    assert (told.column, told.expected) == ("population.b", "a whole number")


def test_true_is_no_answer_and_yes_is(study_file):
    told = only(study_file(HEAD + "bases: {buyers: {column: b, is: true}}\n"))
    assert told.hint.startswith("write yes")


@pytest.mark.parametrize("key", ["wave", "mix", "buyers"])
def test_a_segment_is_not_called_like_a_side_of_a_comparison(study_file, key):
    told = only(study_file(HEAD + f"bases: {{buyers: b}}\nsegments: {{{key}: m}}\n"))
    assert (told.code, told.column) == ("segment_key", f"segments.{key}")


@pytest.mark.parametrize(
    ("more", "place", "hint"),
    [
        ("targets: {csat: 72}", "targets.csat", "write 0.72 for 72 %"),
        ("targets: {score_100: 101}", "targets.score_100", None),
        ("targets: {nps: -101}", "targets.nps", None),
        ("matters: {reach: 2}", "matters.reach", "write 0.02 for 2 %"),
        ("waves: {2025: {published: {nps: 410}}}\noutcomes: {recommend: Q9}",
         "waves.2025.published.nps", None),
    ],
)  # fmt: skip
def test_a_figure_out_of_its_metrics_unit_is_refused(study_file, more, place, hint):
    told = only(study_file(HEAD + more + "\n"))
    assert (told.code, told.column, told.hint) == ("out_of_unit", place, hint)


def test_figures_at_their_limits_and_means_on_a_scale_are_taken(study_file):
    more = "targets: {csat: 4.2, nps: -100, score_100: 100, share: 1}\n"
    outcome = "outcomes: {satisfaction: {column: Q9, scale: satisfaction_5, definition: mean}}\n"
    assert examine(study_file(HEAD + more + outcome))[1] == []


def test_an_nps_that_looks_like_a_share_is_told(study_file):
    _, (told,) = examine(study_file(HEAD + "targets: {nps: 0.41}\nmatters: {nps: 0.5}\n"))
    assert (told.code, told.severity, told.column) == (
        "written_as_a_share",
        "warning",
        "targets.nps",
    )
