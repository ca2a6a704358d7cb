"""`cxkit map`: from an unknown export to a draft that, once confirmed, has nothing to mend."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from mapped_exports import N_ROWS, PLATFORMS, confirmed
from mapping_pairs import BRAND, DECOYS

import cxkit as cx
from cxkit import answers, library
from cxkit.answers.mapping import Mapped, draft_study
from cxkit.answers.mapping.lines import quoted
from cxkit.cli import cli
from cxkit.errors import StudyError, SurveyError
from cxkit.study import read_study
from cxkit.study.file import read_yaml

REPLIES = {
    "title": "Pengalaman pelanggan Toko Melati",
    "brand": BRAND,
    "period": "{id: 6 bulan terakhir, en: the last 6 months}",
    "scale": "stars_5",
}


def table(folder: Path, columns: Mapping[str, Sequence[object]], name: str = "export.csv") -> Path:
    """A CSV file with these columns."""
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out)
        write.writerow(columns)
        write.writerows(zip(*columns.values(), strict=True))
    return file


def read(mapped: Mapped, folder: Path) -> str:
    return (folder / mapped.draft.name).read_text(encoding="utf-8")


def sure(mapped: Mapped) -> dict[str, str]:
    """The columns that are surely something, and what."""
    return {
        name: one.guess.key
        for name, one in mapped.verdicts.items()
        if one.guess and one.guess.is_sure
    }


def errors(folder: Path) -> list[str]:
    return [f"{one.code}: {one.message}" for one in answers.check(folder / "study.yaml").errors]


# -- every question of the kit, on every platform, in both languages -------------------------------


@pytest.fixture(scope="module", params=[f"{p}-{lang}" for p in PLATFORMS for lang in ("id", "en")])
def mapped_export(request, tmp_path_factory):
    platform, _, language = request.param.partition("-")
    folder = tmp_path_factory.mktemp(f"{platform}_{language}")
    export = PLATFORMS[platform](folder, language)
    made = draft_study(export.file, folder / "study.yaml", structure=export.structure)
    return platform, folder, export, made


def test_every_question_of_the_kit_is_surely_recognised(mapped_export) -> None:
    _, _, export, mapped = mapped_export
    assert len(set(export.keys.values())) >= 101
    found = sure(mapped)
    assert {name: found.get(name) for name in export.keys} == dict(export.keys)


def test_no_decoy_is_sure(mapped_export) -> None:
    _, _, export, mapped = mapped_export
    assert not {name: key for name, key in sure(mapped).items() if name in export.decoys}


def test_every_column_has_a_place_in_the_draft(mapped_export) -> None:
    _, folder, export, mapped = mapped_export
    text = read(mapped, folder)
    assert {*export.keys, *export.decoys} <= set(mapped.verdicts)
    assert [name for name in mapped.verdicts if quoted(name) not in text] == []
    assert sum(mapped.counts.values()) == len(mapped.verdicts)


def test_the_confirmed_draft_has_nothing_to_mend(mapped_export) -> None:
    """The author says what is CONFIRM, and takes away no comment sign: all is mapped."""
    platform, folder, _, _ = mapped_export
    draft = folder / "study.yaml"
    text = draft.read_text(encoding="utf-8")
    made = _named(text) if platform == "named" else confirmed(text, REPLIES)
    draft.write_text(made, encoding="utf-8")
    assert errors(folder) == []
    study = read_study(draft)
    assert study.brand == BRAND
    assert set(study.statements) == set(study.framework.item_keys)
    assert set(study.item_keys) == set(library.further_items()) - {"inc_handling"}
    assert set(study.parts) == {"type", "determinant"}
    assert len(study.reached_stages) == 5
    lists = {key for key, one in library.asked_on_a_scale().items()
             if one["battery"] in ("outcomes", "problems")
             and one["scale"] in library.answer_scales()}  # fmt: skip
    assert len(lists) == 10
    told = set() if platform == "named" else lists
    assert set(study.outcomes) == {
        "recommend", "satisfaction", "overall", "effort", "repurchase", "stay", "leave",
        "loyal_price", "cross_sell", "rev_stars", "inc_handling", *told,
    }  # fmt: skip
    assert {*study.headlines} == {"recommend", "satisfaction", "overall", "effort"}
    ticked = platform not in ("plain", "named", "spss")
    channels = library.vocabulary("interaction_channel") if ticked else ()
    assert study.channel_keys == tuple(channels)
    assert set(study.comments) == {"reason", "improve", "wish"}
    if ticked and folder.name.endswith("en0"):
        _answers_come_out(folder)
    draft.write_text(text, encoding="utf-8")


_SCALES = {
    "overall": "stars_5", "satisfaction": "satisfaction_5", "effort": "ease_7",
    "repurchase": "likelihood_5", "stay": "likelihood_5", "leave": "likelihood_5",
    "loyal_price": "agreement_5", "cross_sell": "interest_5", "rev_stars": "stars_5",
    "inc_handling": "satisfaction_5",
}  # fmt: skip
_FAMILIES = {"dis": "against_expectation_5", "imp": "importance_5", "evl": "satisfaction_5"}


def _named(text: str) -> str:
    """Codes without labels: the author says every scale, and that 1 is yes and 2 is no."""
    lines, part, key = [], "", ""
    for line in text.splitlines():
        code, mark, comment = line.partition("  # ")
        if code and not code.startswith((" ", "#")):
            part = code.partition(":")[0]
        elif code.startswith("  ") and not code.startswith("   "):
            key = code.strip().partition(":")[0]
        if "CONFIRM" in code and not code.lstrip().startswith("#"):
            said = {**REPLIES, "scale": "agreement_5"}.get(code.partition(":")[0], "")
            if part == "outcomes":
                said = _SCALES[key]
            elif part == "stages":
                said = "satisfaction_5" if "scale" in code else "1"
            elif part == "items":
                said = _FAMILIES[key.partition("_")[0]]
            elif part == "bases":
                said = "1"
            code = code.replace("CONFIRM", said)
        lines.append(code + mark + comment)
    return "\n".join(lines) + "\n"


def _answers_come_out(folder: Path) -> None:
    """What was ticked and said stands as it was invented: two channels each, every answer."""
    survey = cx.load(folder)
    used = np.vstack([survey.values(f"channel:{key}") for key in survey.study.channel_keys])
    assert (used.sum(axis=0) == 2).all()
    for key, points in {"wom_tone": 3, "rev_tone": 3, "inc_resolved": 4, "wom_warned": 2}.items():
        column = f"outcome:{key}"
        asked = survey.frame[column].notna()
        assert survey.frame.loc[asked, column].nunique() == points, key
        whys = set(survey.frame.loc[~asked, f"why:{column}"])
        assert whys <= {"no_answer", "not_applicable", "dont_know"}, key


def test_what_an_answer_of_a_list_is_stays_open_where_nothing_tells(tmp_path: Path) -> None:
    """1 and 0 are yes and no; 1 and 2, or a list in numbers, only the researcher can say."""
    ten = range(60)
    columns: dict[str, Sequence[object]] = {
        "id": ten, "wom_talked": [0, 1] * 30, "wom_warned": [1, 2] * 30,
        "wom_tone": [1, 2, 3] * 20, "inc_happened": ["Ya", "Tidak", "Tidak tahu"] * 20,
        "ful_1": AGREE * 12,
    }  # fmt: skip
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml", brand="Kopi Kita")
    confirm(tmp_path, "period: CONFIRM", "period: 2026")
    assert errors(tmp_path) == []
    survey = cx.load(tmp_path)
    assert set(survey.study.outcomes) == {"wom_talked", "inc_happened"}
    assert survey.values("outcome:wom_talked")[:2].tolist() == [0, 1]
    whys = survey.frame["why:outcome:inc_happened"].value_counts().to_dict()
    assert whys["dont_know"] == 20
    assert {name: one.status for name, one in mapped.verdicts.items()} == {
        "id": "mapped", "wom_talked": "mapped", "inc_happened": "mapped", "ful_1": "mapped",
        "wom_warned": "proposed", "wom_tone": "proposed",
    }  # fmt: skip
    text = read(mapped, tmp_path)
    assert "which answer is '1', '2'" in text
    for old, new in [("  # wom_warned:", "  wom_warned:"), ("  # wom_tone:", "  wom_tone:")]:
        confirm(tmp_path, old, new)
    assert {one.partition(":")[0] for one in errors(tmp_path)} == {"off_scale", "unmapped_text"}
    said = "text_answers: {wom_warned: {1: yes, 2: no}, wom_tone: {1: mostly_good, 2: equal, "
    confirm(tmp_path, "\noutcomes:", f"\n{said}3: mostly_bad}}}}\noutcomes:")
    assert errors(tmp_path) == []
    assert cx.load(tmp_path).values("outcome:wom_warned")[:2].tolist() == [1, 0]


def test_statements_of_other_families_name_their_scale(tmp_path: Path) -> None:
    """What respondents saw is never guessed: numbers leave it open, labels tell it."""
    labels = list((library.scale("against_expectation_5").labels or {})["en"])
    columns: dict[str, Sequence[object]] = {
        "id": range(60), "ful_1": AGREE * 12, "typ_product_1": AGREE * 12,
        "exp_trust": [1, 2, 3, 4, 5] * 12, "dis_trust": labels * 12, "evl_service": [1, 2, 3] * 20,
    }  # fmt: skip
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml", brand="Kopi Kita")
    value = read_yaml(tmp_path / "study.yaml", "study.yaml").value
    assert value["frameworks"] == ["pyramid", "types"]
    assert value["scale"] == "agreement_5"
    assert value["items"] == {
        "ful_1": "ful_1",
        "typ_product_1": "typ_product_1",
        "exp_trust": {"column": "exp_trust", "scale": "CONFIRM"},
        "dis_trust": {"column": "dis_trust", "scale": "against_expectation_5"},
        "evl_service": {"column": "evl_service", "scale": "CONFIRM"},
    }
    assert {one.column for one in mapped.open} >= {
        "items.exp_trust.scale", "items.evl_service.scale",
    }  # fmt: skip


def test_what_a_draft_cannot_place_says_where_it_would_be_read(tmp_path: Path) -> None:
    text = "In the last 6 months, in which ways have you dealt with Kopi Kita?"
    ticked = ["Kopi Kita website;Phone", "Phone;Email"] * 30
    columns = {"id": range(60), "ful_1": AGREE * 12, "out_spend": range(1000, 61000, 1000),
               text: ticked}  # fmt: skip
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml", brand="Kopi Kita")
    assert mapped.counts["recognised"] == 2
    (spend,) = (one for one in read(mapped, tmp_path).splitlines() if "out_spend" in one)
    assert spend.startswith("#   ")
    assert "value: {currency: IDR, observed: {spend: COLUMN}}" in spend
    assert f'#   "{text}"' in read(mapped, tmp_path)
    assert read_yaml(tmp_path / "study.yaml", "study.yaml").value.get("channels") is None


def test_statements_of_types_alone_are_their_own_framework(tmp_path: Path) -> None:
    columns = {"id": range(60), "typ_product_1": AGREE * 12, "typ_after_1": AGREE * 12,
               "typ_event_1": AGREE * 12, "det_follow_up": AGREE * 12}  # fmt: skip
    draft_study(table(tmp_path, columns), tmp_path / "study.yaml", brand="Kopi Kita")
    value = read_yaml(tmp_path / "study.yaml", "study.yaml").value
    assert value["frameworks"] == ["types", "determinants"]
    confirm(tmp_path, "period: CONFIRM", "period: 2026")
    assert errors(tmp_path) == []


# -- what the draft says ---------------------------------------------------------------------------

ITEMS = {
    "ful_1": "What I receive from Kopi Kita matches my order.",
    "tru_1": "I am confident that Kopi Kita protects my personal data.",
    "res_1": "Kopi Kita is responsive to its customers' needs.",
    "emo_1": "I feel genuinely cared for by Kopi Kita.",
}
AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]


def asked(answered: Sequence[object], **more: Sequence[object]) -> dict[str, Sequence[object]]:
    return {
        "respondent_id": range(len(answered)),
        **dict.fromkeys(ITEMS.values(), answered),
        "In the last 3 months, have you bought from Kopi Kita?": ["Yes", "No"] * 30,
        **more,
    }


def test_a_draft_without_an_open_question_passes_at_once(tmp_path: Path) -> None:
    export = table(tmp_path, asked(AGREE * 12))
    mapped = draft_study(export, tmp_path / "study.yaml")
    assert mapped.open == ()
    assert "CONFIRM" not in _said(read(mapped, tmp_path))
    assert errors(tmp_path) == []
    study = read_study(tmp_path / "study.yaml")
    assert (study.brand, study.scale_key, study.preset) == ("Kopi Kita", "agreement_5", "neutral")
    assert study.period == {"id": "3 bulan terakhir", "en": "the last 3 months"}
    assert study.items["tru_1"].column == ITEMS["tru_1"]


def _said(text: str) -> str:
    """A study file without its comments."""
    return "\n".join(line.partition("#")[0] for line in text.splitlines())


def test_numbers_without_labels_leave_the_scale_to_be_said(tmp_path: Path) -> None:
    """1 to 5 may be any scale of five points, or the seen part of a longer one."""
    mapped = draft_study(table(tmp_path, asked([1, 2, 3, 4, 5] * 12)), tmp_path / "study.yaml")
    assert [one.column for one in mapped.open] == ["scale"]
    text = read(mapped, tmp_path)
    assert "agreement_" not in _said(text)
    assert [one.partition(":")[0] for one in errors(tmp_path)] == ["to_confirm"]
    confirm(tmp_path, "scale: CONFIRM", "scale: agreement_5")
    assert errors(tmp_path) == []


def confirm(folder: Path, old: str, new: str) -> None:
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_scale_of_which_a_point_is_missing_is_not_proposed(tmp_path: Path) -> None:
    """Four of five labels may be a scale of four points."""
    mapped = draft_study(table(tmp_path, asked([*AGREE[:2], *AGREE[3:]] * 15)), tmp_path)
    assert "scales.agreement_asked.points" in [one.column for one in mapped.open]


AGREEMENT = ["Saya yakin Kopi Kita melindungi data pribadi saya."]
SATISFACTION = ["Secara keseluruhan, seberapa puas Anda dengan Kopi Kita?"]
LIKELIHOOD = [
    "Seberapa besar kemungkinan Anda tetap menjadi pelanggan Kopi Kita dalam 6 bulan ke depan?"
]


@pytest.mark.parametrize(
    ("texts", "words", "places"),
    [
        (AGREEMENT, ["Tidak setuju", "Kurang setuju", "Setuju", "Sangat setuju"], "2 of 4"),
        (AGREEMENT, ["STS", "TS", "N", "S", "SS"], "1 of 5"),
        (SATISFACTION, ["Tidak puas", "Biasa saja", "Cukup puas", "Puas"], "3 of 4"),
        (LIKELIHOOD, ["Tidak", "Ragu-ragu", "Mungkin", "Ya"], "2 or 3 of 4"),
    ],
)
def test_ambiguous_labels_are_proposed_and_never_placed(
    texts: list[str], words: list[str], places: str, tmp_path: Path
) -> None:
    export = table(tmp_path, {"id": range(60), **dict.fromkeys(texts, (words * 60)[:60])})
    mapped = draft_study(export, tmp_path / "study.yaml", brand="Kopi Kita")
    assert texts[0] in sure(mapped)
    text = read(mapped, tmp_path)
    assert read_yaml(tmp_path / "study.yaml", "study.yaml").value.get("text_answers") is None
    lines = [line for line in text.splitlines() if line.startswith("#") and "confirm" in line]
    assert all(any(word in line for line in lines) for word in words)
    assert any(places in line for line in lines)
    assert [one.column for one in mapped.open if one.column and one.column.endswith(".points")]


def test_a_proposal_stands_once_its_comment_sign_is_gone(tmp_path: Path) -> None:
    """Reworded questions are proposed; the author takes the signs away, and nothing is to mend."""
    columns = {
        "id": range(60),
        **dict.fromkeys(ITEMS.values(), AGREE * 12),
        "I feel genuinely and truly loved by Kopi Kita.": AGREE * 12,
        "Have you ever compared Kopi Kita with some other brands?": ["Yes", "No"] * 30,
        "Have you ever bought from Kopi Kita?": ["Yes", "No"] * 30,
        "How happy or satisfied are you with Kopi Kita all in all?": SATISFIED * 12,
    }
    del columns[ITEMS["emo_1"]]
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml")
    assert mapped.counts["proposed"] >= 3
    draft = tmp_path / "study.yaml"
    lines = [uncommented(line) for line in draft.read_text(encoding="utf-8").splitlines()]
    said = "\n".join(lines).replace("period: CONFIRM", "period: 2026")
    draft.write_text(said + "\n", encoding="utf-8")
    assert errors(tmp_path) == []
    study = read_study(draft)
    found = sum(one.status in ("mapped", "proposed") for one in mapped.verdicts.values())
    assert len(study.columns) == found


SATISFIED = [
    "Very dissatisfied", "Dissatisfied", "Neither satisfied nor dissatisfied", "Satisfied",
    "Very satisfied",
]  # fmt: skip


def uncommented(line: str) -> str:
    """A line of the draft without its comment sign, where a key or an entry stands behind it."""
    return re.sub(r"^( *)# ( *(?:[a-z]\w*:( |$)|- ))", r"\1\2", line)


def test_proposed_codes_once_confirmed_pass(tmp_path: Path) -> None:
    words = ["Sangat tidak setuju", "Tidak setuju", "Kurang setuju", "Setuju"]
    texts = ["Saya yakin Kopi Kita melindungi data pribadi saya.",
             "Kopi Kita tanggap terhadap kebutuhan pelanggannya."]  # fmt: skip
    export = table(tmp_path, {"id": range(40), **dict.fromkeys(texts, words * 10)})
    draft_study(export, tmp_path / "study.yaml")
    for old, new in [
        ("period: CONFIRM", "period: 2026"), ("points: CONFIRM", "points: 4"),
        ("low: CONFIRM", "low: Sangat tidak setuju"), ("high: CONFIRM", "high: Setuju"),
        ("direction: CONFIRM", "direction: up"), ("# text_answers:", "text_answers:"),
        ("#   agreement_asked:", "  agreement_asked:"),
    ]:  # fmt: skip
        confirm(tmp_path, old, new)
    lines = []
    for line in (tmp_path / "study.yaml").read_text(encoding="utf-8").splitlines():
        for code, word in enumerate(words, 1):
            if line.startswith((f'#     "{word}"', f"#     {word}:")):
                line = f'    "{word}": {code}'
        lines.append(line)
    (tmp_path / "study.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert errors(tmp_path) == []


def test_a_falling_scale_of_a_file_of_codes_keeps_its_direction(tmp_path: Path) -> None:
    """SPSS: 1 is Strongly agree; codes, labels and direction are the file's."""
    import pandas as pd
    import pyreadstat

    file = tmp_path / "codes.sav"
    names = {f"v{at}": text for at, text in enumerate(ITEMS.values())}
    data = pd.DataFrame(dict.fromkeys(names, [1.0, 2.0, 3.0, 4.0, 5.0] * 12))
    falling = {float(code): label for code, label in enumerate(reversed(AGREE), 1)}
    pyreadstat.write_sav(
        data, str(file), column_labels=names, variable_value_labels=dict.fromkeys(names, falling)
    )
    draft_study(file, tmp_path / "study.yaml", brand="Kopi Kita")
    confirm(tmp_path, "period: CONFIRM", "period: 2026")
    assert errors(tmp_path) == []
    scale = read_study(tmp_path / "study.yaml").scale("item:tru_1")
    assert (scale.direction, scale.label(1, "en")) == ("down", "Strongly agree")


def test_reasons_among_the_answers_are_taken_as_such(tmp_path: Path) -> None:
    export = table(tmp_path, asked([*AGREE, "Don't know"] * 10))
    draft_study(export, tmp_path / "study.yaml")
    assert errors(tmp_path) == []
    assert read_study(tmp_path / "study.yaml").text_answers["agreement_5"] == {
        "Don't know": "dont_know"
    }


def test_columns_of_weight_wave_date_and_duration_are_told(tmp_path: Path) -> None:
    columns = asked(
        AGREE * 12,
        weight=[0.5, 1.5] * 30,
        wave=["2025H2", "2026H1"] * 30,
        tanggal=["2026-03-02"] * 60,
        durasi_detik=range(200, 260),
        nama=[f"Orang ke-{at}" for at in range(60)],
        Email=[f"a{at}@example.org" for at in range(60)],
    )
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml")
    study = read_study(tmp_path / "study.yaml")
    assert (study.respondent, study.weight, study.wave) == ("respondent_id", "weight", "wave")
    assert study.date
    assert study.date.column == "tanggal"
    assert study.quality.duration
    assert study.quality.duration.column == "durasi_detik"
    left_out = [name for name, one in mapped.verdicts.items() if one.status == "left_out"]
    assert left_out == ["nama", "Email"]
    assert errors(tmp_path) == []


def test_a_weight_whose_mean_is_not_one_is_left_to_be_confirmed(tmp_path: Path) -> None:
    export = table(tmp_path, asked(AGREE * 12, weight=[55, 70] * 30))
    mapped = draft_study(export, tmp_path / "study.yaml")
    assert mapped.verdicts["weight"].status == "proposed"
    assert "# weight: weight" in read(mapped, tmp_path)


@pytest.mark.parametrize("values", [range(11), [0, 10]])
def test_numbers_from_0_to_10_alone_are_no_recommendation(
    values: Sequence[int], tmp_path: Path
) -> None:
    export = table(tmp_path, {"Q1": (list(values) * 30)[:60], "Q2": ["a", "b"] * 30})
    mapped = draft_study(export, tmp_path / "study.yaml")
    assert [one.status for one in mapped.verdicts.values()] == ["unknown", "unknown"]


def test_a_recommendation_that_is_answered_yes_or_no_is_not_sure(tmp_path: Path) -> None:
    text = "How likely are you to recommend Kopi Kita to family, friends or colleagues?"
    mapped = draft_study(table(tmp_path, {"id": range(40), text: ["Yes", "No"] * 20}), tmp_path)
    one = mapped.verdicts[text]
    assert one.status == "proposed"
    assert one.guess
    assert "answered yes or no" in one.guess.said


def test_two_columns_that_ask_the_same_are_both_left_to_be_confirmed(tmp_path: Path) -> None:
    columns = asked(AGREE * 12)
    columns[f"Q9. {ITEMS['tru_1']}"] = AGREE * 12
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml")
    assert "tru_1" not in sure(mapped).values()
    said = [one.guess.said for one in mapped.verdicts.values() if one.status == "proposed"]
    assert len(said) == 1
    assert "so is Q9." in said[0]


def test_the_brand_that_is_given_wins(tmp_path: Path) -> None:
    """Two brands asked about alike: none is taken for the study's, until it is said which."""
    columns: dict[str, Sequence[object]] = {"id": range(60)}
    for brand in ("Kopi Kita", "Teh Kami Punya"):
        columns |= {text.replace("Kopi Kita", brand): AGREE * 12 for text in ITEMS.values()}
    export = table(tmp_path, columns)
    mapped = draft_study(export, tmp_path / "both.yaml")
    assert mapped.brand == ""
    assert not set(ITEMS) & set(sure(mapped).values())
    one = draft_study(export, tmp_path / "one.yaml", brand="Teh Kami Punya")
    found = {name: key for name, key in sure(one).items() if key in ITEMS}
    assert sorted(found.values()) == sorted(ITEMS)
    assert all("Teh Kami Punya" in name for name in found)


RECOMMEND = "How likely are you to recommend Kopi Kita to a friend or colleague?"


@pytest.mark.parametrize(("top", "status"), [(5, "proposed"), (7, "proposed"), (10, "mapped")])
def test_a_recommendation_on_a_shorter_scale_is_no_nps(
    top: int, status: str, tmp_path: Path
) -> None:
    """Nobody promotes on 1 to 5: the NPS of it would be -100."""
    cells = [str(at % top + 1) for at in range(60)]
    mapped = draft_study(table(tmp_path, {"id": range(60), RECOMMEND: cells}), tmp_path)
    assert mapped.verdicts[RECOMMEND].status == status


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Saya merasa sungguh-sungguh dipedulikan oleh atasan saya.", ""),
        ("I feel genuinely cared for by my manager.", ""),
        ("Jika Anda hanya bisa memperbaiki satu hal, apa yang sebaiknya diperbaiki?", ""),
        ("How likely are you to recommend Acme as an employer to friends and family?", ""),
        ("Saya merasa sungguh-sungguh dipedulikan oleh My Republic.", "My Republic"),
    ],
)
def test_persons_and_phrases_are_no_brand(text: str, name: str, tmp_path: Path) -> None:
    mapped = draft_study(table(tmp_path, {"id": range(60), text: AGREE * 12}), tmp_path)
    assert mapped.brand == name
    assert (text in sure(mapped)) == bool(name)


@pytest.mark.parametrize(
    "stem",
    ["Competitor X", "Bayangkan Anda atasan di sana", "How would your friends answer?"],
)
def test_a_statement_about_others_is_left_to_be_confirmed(stem: str, tmp_path: Path) -> None:
    text = f"{stem}: {ITEMS['tru_1']}"
    mapped = draft_study(table(tmp_path, {"id": range(60), text: AGREE * 12}), tmp_path)
    assert mapped.verdicts[text].status == "proposed"


def test_a_name_of_the_kit_over_other_answers_is_left_to_be_confirmed(tmp_path: Path) -> None:
    """Own names, but words of no scale; a reason beside codes is none of them."""
    columns = {key: ["1", "5", "Tidak tahu"] * 20 for key in ("tru_1", "tru_2", "ful_1", "ful_2")}
    columns["res_1"] = ["red", "blue", "green"] * 20
    found = sure(draft_study(table(tmp_path, columns), tmp_path))
    assert sorted(found) == ["ful_1", "ful_2", "tru_1", "tru_2"]


def test_items_that_were_not_answered_alike_are_told(tmp_path: Path) -> None:
    texts = list(ITEMS.values())
    columns = {"id": range(60), texts[0]: [1, 2, 3, 4] * 15, texts[1]: [5, 6, 7] * 20}
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml")
    text = read(mapped, tmp_path)
    assert "Not all are answered alike" in text
    assert "numbers up to 4" in text
    assert "numbers up to 7" in text


def test_what_a_column_asks_stands_beside_its_name(tmp_path: Path) -> None:
    rows = [
        ["StartDate", "Status", "Finished", "ResponseId", "Q9"],
        ["Start Date", "Response Type", "Finished", "Response ID", "Which team do you support?"],
        ["2026-03-02 10:00:00", "0", "1", "R_0123456789abcde", "Persib"],
    ]
    file = tmp_path / "export.csv"
    file.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    mapped = draft_study(file, tmp_path / "study.yaml")
    assert '#   Q9   "Which team do you support?" (one text' in read(mapped, tmp_path)


def test_an_export_of_nothing_known_is_drafted_and_says_so(tmp_path: Path) -> None:
    columns = {"v1": [3, 4], "v2": ["a", "b"]}
    mapped = draft_study(table(tmp_path, columns), tmp_path / "study.yaml")
    assert mapped.counts == {
        "mapped": 0, "proposed": 0, "recognised": 0, "left_out": 0, "unknown": 2,
    }  # fmt: skip
    assert "No question of the kit was recognised" in read(mapped, tmp_path)
    assert "nothing_measured" in " ".join(errors(tmp_path))


HOSTILE = [
    "Puas? #1: 'ya' \"tidak\"", "{a: 1}", "&anchor *alias", "- list", "yes", "null", "007",
    "2026-03-02", "\N{SMILING FACE WITH SMILING EYES} senang?", "\u202eمرحبا", "a\tb", "!tag",
    "% x", "CONFIRM", "Saya yakin\nKopi Kita melindungi data pribadi saya.", "x" * 300, "{brand}",
    "@at",
]  # fmt: skip


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    """Names that YAML would read otherwise: the draft is valid, and accounts for each."""
    export = table(tmp_path, {name: ["1", "2"] for name in HOSTILE})
    mapped = draft_study(export, tmp_path / "study.yaml")
    text = read(mapped, tmp_path)
    assert read_yaml(tmp_path / "study.yaml", "study.yaml").value["study"] == "export"
    assert len(mapped.verdicts) == len(HOSTILE)
    assert all(quoted(name) in text for name in mapped.verdicts)
    assert "\u202e" not in text


def test_thousands_of_columns_take_seconds(tmp_path: Path) -> None:
    import time

    names = [f"{at}. {DECOYS[at % len(DECOYS)]}" for at in range(2000)]
    export = table(tmp_path, {name: [1, 2, 3] for name in names})
    start = time.perf_counter()
    mapped = draft_study(export, tmp_path / "study.yaml", brand=BRAND)
    assert len(mapped.verdicts) == 2000
    assert time.perf_counter() - start < 30


# -- files and folders -----------------------------------------------------------------------------


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    export = table(tmp_path, asked(AGREE * 12))
    (tmp_path / "study.yaml").write_text("mine: true\n", encoding="utf-8")
    with pytest.raises(StudyError, match="is there already") as refused:
        draft_study(export, tmp_path / "study.yaml")
    assert refused.value.hint
    assert (tmp_path / "study.yaml").read_text(encoding="utf-8") == "mine: true\n"


def test_a_draft_elsewhere_finds_its_answers(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    export = table(tmp_path / "exports", asked(AGREE * 12))
    mapped = draft_study(export, tmp_path / "studies" / "kopi" / "study.yaml")
    home = tmp_path / "studies" / "kopi"
    assert read_study(home).answers[""].path == "../../exports/export.csv"
    assert mapped.draft == home / "study.yaml"
    assert errors(home) == []


def test_a_folder_as_output_gets_a_study_file(tmp_path: Path) -> None:
    mapped = draft_study(table(tmp_path, asked(AGREE * 12)), tmp_path)
    assert mapped.draft == tmp_path / "study.yaml"


@pytest.mark.parametrize(
    ("name", "said"), [("exprt.csv", "did you mean 'export.csv'"), (".", "folder")]
)
def test_what_is_no_export_is_refused(name: str, said: str, tmp_path: Path) -> None:
    table(tmp_path, asked(AGREE * 12))
    with pytest.raises(StudyError) as refused:
        draft_study(tmp_path / name, tmp_path / "study.yaml")
    assert said in str(refused.value)
    assert not (tmp_path / "study.yaml").exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02PK", b"a,a\n1,2\n"])
def test_an_export_that_cannot_be_read_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(content)
    with pytest.raises(SurveyError):
        draft_study(tmp_path / "export.csv", tmp_path / "study.yaml")
    assert not (tmp_path / "study.yaml").exists()


def test_the_export_is_left_as_it_was(tmp_path: Path) -> None:
    export = table(tmp_path, asked(AGREE * 12))
    before = export.read_bytes()
    draft_study(export, tmp_path / "study.yaml")
    assert export.read_bytes() == before


# -- the command -----------------------------------------------------------------------------------


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    export = table(tmp_path, asked(AGREE * 12))
    with pytest.raises(StudyError, match="cannot be written"):
        draft_study(export, export / "study.yaml")


def test_a_questionnaire_file_that_belongs_to_nothing_is_refused(tmp_path: Path) -> None:
    export = table(tmp_path, asked(AGREE * 12))
    (tmp_path / "shop.qsf").write_text('{"SurveyEntry": {"a": 1}, "SurveyElements": []}', "utf-8")
    with pytest.raises(SurveyError, match="belongs to no platform"):
        draft_study(export, tmp_path / "study.yaml", structure=tmp_path / "shop.qsf")


def test_letters_in_an_older_encoding_are_told(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes("id,kota\n1,café\n2,b\n".encode("cp1252"))
    mapped = draft_study(tmp_path / "export.csv", tmp_path / "study.yaml")
    assert any("Windows-1252" in one for one in mapped.notes)
    assert mapped.notes[0] in mapped.summary()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(cli, ["map", *words], catch_exceptions=True)


def test_the_command_counts_what_became_of_the_columns(run, tmp_path: Path) -> None:
    table(tmp_path, asked(AGREE * 12))
    said = run("export.csv", "-o", "neu/study.yaml")
    assert said.exit_code == 0
    assert said.stdout.splitlines()[0] == str(Path("neu/study.yaml"))
    assert "6 columns" in said.stdout
    assert "6  mapped" in said.stdout


def test_the_command_reads_the_sheet_that_is_named(run, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["notes"])
    sheet = book.create_sheet("answers")
    for row in (["id", ITEMS["tru_1"]], *([at, 4] for at in range(20))):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert "20 rows" in run("a.xlsx", "--sheet", "answers").stdout
    assert "sheet: answers" in (tmp_path / "study.yaml").read_text(encoding="utf-8")
    table(tmp_path, asked(AGREE * 12))
    refused = run("export.csv", "--sheet", "answers", "-o", "other.yaml")
    assert "has no sheets" in str(refused.exception)


def test_the_command_as_json_accounts_for_every_column(run, tmp_path: Path) -> None:
    table(tmp_path, asked([1, 2, 3, 4, 5] * 12, extra=["x"] * 60))
    told = json.loads(run("export.csv", "--json", "--brand", "Kopi Kita").stdout)
    assert told["draft"] == "study.yaml"
    assert told["counts"] == {
        "mapped": 6, "proposed": 0, "recognised": 0, "left_out": 0, "unknown": 1,
    }  # fmt: skip
    assert [one["column"] for one in told["columns"]][-1] == "extra"
    assert [one["key"] for one in told["open"]] == ["scale"]
    by_column = {one["column"]: one for one in told["columns"]}
    assert by_column[ITEMS["tru_1"]]["confidence"] == 100


# -- real exports ----------------------------------------------------------------------------------

# What each column truly is, labelled by hand from the READMEs of the data: what may be sure, and
# what may be proposed. Every other column must be neither.
REAL = {
    "qualtrics/qualtrics_modern_de.csv": (
        {"ResponseId": "respondent", "StartDate": "started", "EndDate": "ended",
         "RecordedDate": "recorded", "Duration (in seconds)": "duration", "Finished": "finished"},
        {},
    ),
    "qualtrics/qualtrics_legacy_2header.csv": (
        {"V1": "respondent", "V8": "started", "V9": "ended", "V10": "finished"}, {},
    ),
    "qualtrics/no_basis_for_evaluation.csv": (
        {"ResponseID": "respondent", "StartDate": "started", "EndDate": "ended",
         "Finished": "finished"}, {},
    ),
    "surveymonkey/survey_monkey_output.xlsx": (
        {"Respondent ID": "respondent", "Start Date": "started", "End Date": "ended"}, {},
    ),
    "google_forms/starbucks_malaysia.csv": (
        {"Timestamp": "ended"},
        {"1. Your Gender": "gender", "2. Your Age": "age",
         "4. What is your annual income?": "income"},
    ),
    "limesurvey/colors.lsa": ({"id": "respondent", "submitdate": "finished"}, {}),
    "spss/sample.sav": ({}, {}),
    "spss/sample_missing.sav": ({}, {}),
    "sfo/sfo_2014.csv.gz": (
        {"RESPNUM": "respondent", "WEIGHT": "weight"},
        {"STRATA": "strata", "Q7ALL": "out_satisfaction", "Q18AGE": "age", "Q19GENDER": "gender",
         "Q20INCOME": "income"},
    ),
    "sfo/sfo_2017.csv.gz": (
        {"RESPNUM": "respondent", "WEIGHT": "weight"},
        {"STRATA": "strata", "Q7ALL": "out_satisfaction", "NETPRO": "out_recommend",
         "Q19AGE": "age", "Q20GENDER": "gender", "Q21INCOME": "income", "Q17CITY": "city"},
    ),
    "apistrat/apistrat.csv": ({}, {}),
    "mobi/mobi.csv": ({}, {}),
    "satisfaction/satisfaction.csv": ({}, {"gender": "gender"}),
    "airline/airline.csv.gz": (
        {"id": "respondent"},
        {"Gender": "gender", "Age": "age", "satisfaction": "out_satisfaction"},
    ),
    "bfi/bfi.csv": (
        {"respondent": "respondent"},
        {"gender": "gender", "education": "education", "age": "age"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_no_column_of_a_real_export_is_mapped_wrongly(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    """Sure and proposed are what a reader of the data's description would map, and no more."""
    mapped = draft_study(shared_data / name, tmp_path / "study.yaml")
    expected_sure, expected_proposed = REAL[name]
    proposed = {
        column: one.guess.key
        for column, one in mapped.verdicts.items()
        if one.guess and not one.guess.is_sure
    }
    assert sure(mapped) == expected_sure
    assert proposed == expected_proposed
    text = read(mapped, tmp_path)
    assert [column for column in mapped.verdicts if quoted(column) not in text] == []
    assert read_yaml(tmp_path / "study.yaml", "study.yaml").value["cxkit"] == 1


def test_the_questionnaires_file_is_named_in_the_draft(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "qualtrics"
    draft_study(
        folder / "no_basis_for_evaluation.csv",
        tmp_path / "study.yaml",
        structure=folder / "no_basis_for_evaluation.qsf",
    )
    said = read_yaml(tmp_path / "study.yaml", "study.yaml").value["answers"]
    assert said["structure"].endswith("qualtrics/no_basis_for_evaluation.qsf")


def test_rows_of_the_invented_exports_are_all_there(tmp_path: Path) -> None:
    export = PLATFORMS["qualtrics"](tmp_path, "id")
    assert draft_study(export.file, tmp_path / "study.yaml").n_rows == N_ROWS
