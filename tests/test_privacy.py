"""What identifies a person is masked in their words, and named where a column holds it."""

from __future__ import annotations

import itertools
import json
import random
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from private_words import CLEAN, FORMATS, PARTS, SENTENCES
from test_suppression import ONE, lay, notebook, published, respondents

import cxkit as cx
from cxkit.__main__ import main
from cxkit.answers.platforms import Question
from cxkit.answers.privacy import (
    MARKS,
    direct_identifiers,
    identifiers,
    masked,
    masked_column,
    read_as,
    told_of_nobody,
)
from cxkit.answers.privacy.columns import personal_kind
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, brief
from cxkit.places import find_study
from cxkit.report.failed import NOT_KEPT, without_answers
from cxkit.study import read_study

# -- what is found ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "written"), FORMATS, ids=[one for _, one in FORMATS])
def test_an_identifier_is_masked_wherever_it_stands(kind: str, written: str) -> None:
    """Alone, in brackets, after a comma without a blank, between numbers, among emoji."""
    for sentence in SENTENCES:
        text = sentence.format(written)
        said = masked(text)
        assert kind in [found for found, _, _ in identifiers(text)], text
        rest = re.sub(r"\[.*?\]", "", said).lower()
        secret = written.lower()
        for word in PARTS:
            secret = secret.replace(word, " ")
        tell_tale = [part for part in re.findall(r"\w{4,}", secret) if part not in sentence]
        assert not [part for part in tell_tale if part in rest], said
        assert len(re.sub(r"\D", "", rest)) <= len(re.sub(r"\D", "", sentence)), said
        assert masked(said) == said


def test_there_are_many_forms_of_each_kind() -> None:
    kinds = [kind for kind, _ in FORMATS]
    assert len({one for _, one in FORMATS}) >= 80
    assert set(kinds) == set(MARKS)
    assert kinds.count("phone") >= 40
    assert kinds.count("email") >= 20


@pytest.mark.parametrize("text", CLEAN)
def test_prices_dates_orders_and_versions_stay(text: str) -> None:
    assert identifiers(text) == []
    assert masked(text) == text


def test_the_stretch_that_is_found_is_that_of_the_text_as_written() -> None:
    """Emoji digits are three characters each, full-width ones a single one."""
    written = "0\ufe0f\u20e38\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e33456789\uff10"
    text = f"\U0001f642 telp {written}!"
    ((kind, start, end),) = identifiers(text)
    assert (kind, text[start:end]) == ("phone", written)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://toko.example/reset?token=x1", "https://toko.example/[...]"),
        ("http://budi:rahasia@toko.example/", "http://[...]@toko.example/"),
        ("lihat https://toko.example/bantuan.", "lihat https://toko.example/bantuan."),
        ("wa.me/6281234567890", "wa.me/[...]"),
        ("0812-3456-7890 atau a@b.co", "[telepon/phone] atau [email]"),
        ("0812-3456-7890, 2 hari", "[telepon/phone], 2 hari"),
        ("column 'q' holds 'budi@contoh.co.id'", "column 'q' holds '[email]'"),
        ("https://bit.ly/3xYzAbC rusak", "https://bit.ly/[...] rusak"),
        ("resi 3174012345670001, bukan 3174012345670002",
         "resi 3174012345670001, bukan [nomor/number]"),
    ],
)  # fmt: skip
def test_of_a_link_the_host_stays_and_of_a_sentence_the_rest(text: str, said: str) -> None:
    assert masked(text) == said


@pytest.mark.parametrize("text", ["Budi Santoso dari Jalan Mawar 12", "Ibu Mawar ramah sekali"])
def test_names_of_people_and_streets_are_not_masked(text: str) -> None:
    """No rule tells Mawar from mawar; the page says so."""
    assert masked(text) == text


@given(st.text(max_size=80))
def test_any_text_is_masked_once_and_for_all(text: str) -> None:
    found = identifiers(text)
    assert all(0 <= start < end <= len(text) for _, start, end in found)
    assert all(one[2] <= other[1] for one, other in itertools.pairwise(found))
    assert masked(masked(text)) == masked(text)


@given(st.integers(0, 2**31), st.sampled_from(["", " ", "-", ".", " - ", "/"]), st.booleans())
def test_every_mobile_number_is_found_however_it_is_grouped(seed, sign, is_abroad) -> None:
    chance = random.Random(seed)
    digits = "8" + str(chance.randint(1, 9))
    digits += "".join(str(chance.randint(0, 9)) for _ in range(chance.randint(8, 9)))
    parts, rest = [digits[:3]], digits[3:]
    while rest:
        size = chance.randint(3, 4) if len(rest) > 5 else len(rest)
        parts, rest = [*parts, rest[:size]], rest[size:]
    written = ("+62 " if is_abroad else "0") + sign.join(parts)
    assert not re.search(r"\d", masked(f"hubungi {written} segera")), written


def test_a_column_is_masked_word_by_word_in_its_own_kind() -> None:
    words = ["baik", "a@b.co", "baik"]
    assert masked_column(Texts.of(words)).array().tolist() == ["baik", "[email]", "baik"]
    assert masked_column(words) == ["baik", "[email]", "baik"]
    assert masked_column(np.array(words, dtype=object)).tolist() == ["baik", "[email]", "baik"]
    series = pd.Series([*words, None], dtype="str", index=[3, 1, 2, 0])
    shown = masked_column(series)
    assert shown.tolist()[:3] == ["baik", "[email]", "baik"]
    assert shown.isna().tolist() == [False, False, False, True]
    assert shown.index.tolist() == [3, 1, 2, 0]
    assert series.tolist()[1] == "a@b.co"


# -- real comments ---------------------------------------------------------------------------------


def real_comments(shared_data: Path) -> list[str]:
    """1,000 comments, 200 of each source, drawn with a fixed seed."""
    reviews = shared_data / "reviews_id"
    sources = [
        pd.read_csv(reviews / "casa_train.csv")["sentence"],
        pd.read_csv(reviews / "hoasa_train.csv")["review"],
        pd.read_csv(reviews / "prdect_dev.csv")["Customer Review"],
        pd.read_csv(reviews / "smsa_train.csv.gz")["text"],
        pd.read_csv(shared_data / "comments_en" / "airline_comments_dev.csv.gz")["text"],
    ]
    return [
        text
        for source in sources
        for text in source.dropna().astype(str).sample(200, random_state=20260101)
    ]


def test_at_most_one_real_comment_in_fifty_is_touched(shared_data: Path) -> None:
    """Those that are, hold an account, a number or an address of somebody."""
    comments = real_comments(shared_data)
    touched = [text for text in comments if identifiers(text)]
    assert len(comments) == 1000
    assert len(touched) <= 20
    assert all(re.search(r"@\w|\d{5}|pin :", text) for text in touched)


# -- columns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("nama", "names"), ("Nama Lengkap", "names"), ("first_name", "names"),
        ("RecipientLastName", "names"), ("Siapa nama Anda?", "names"),
        ("email", "e-mail addresses"), ("RecipientEmail", "e-mail addresses"),
        ("Alamat surel Anda", "e-mail addresses"), ("no_hp", "telephone numbers"),
        ("No. WA", "telephone numbers"), ("Nomor telepon", "telephone numbers"),
        ("phone", "telephone numbers"), ("alamat", "addresses"),
        ("Alamat rumah lengkap", "addresses"), ("NIK", "identity numbers"),
        ("No KTP", "identity numbers"), ("Tanggal lahir", "dates of birth"),
        ("date_of_birth", "dates of birth"), ("IPAddress", "internet addresses"),
        ("ip", "internet addresses"), ("LocationLatitude", "places on the map"),
        ("_geolocation", "places on the map"), ("device_id", "device numbers"),
        ("token", "invitation tokens"), ("username", "names of accounts"),
        ("nama_toko", ""), ("Nama produk yang dibeli", ""), ("alamat situs", ""),
        ("wave", ""), ("usia", ""), ("plat", ""), ("kota", ""), ("Q1_1", ""), ("status", ""),
        ("Apakah Anda pernah dihubungi lewat email oleh kami?", ""), ("brand name", ""),
    ],
)  # fmt: skip
def test_a_column_is_known_by_its_words_in_both_languages(name: str, kind: str) -> None:
    assert personal_kind(name, None)[0] == kind


@pytest.mark.parametrize(
    ("name", "question", "values", "kind"),
    [
        ("Q7", None, ["a@b.co", "c@d.co", "tidak ada"], "e-mail addresses"),
        ("Q7", None, ["3201010101900001", "3171234101850003"], "identity numbers"),
        ("kode", None, ["1234567890", "1234567891"], ""),
        ("phone", None, ["1", "0"], ""),
        ("email", None, ["yes", "no"], ""),
        ("Q1_email", Question("Saluran", kind="several"), [], ""),
        ("Q2", Question("Nomor HP Anda"), [], "telephone numbers"),
        ("V5", Question(role="ip"), [], "internet addresses"),
        ("Q3", Question("", translations={"id": ("Nama lengkap", "")}), [], "names"),
        ("lat", None, ["-6.2", "-6.9175"], "places on the map"),
    ],
)
def test_its_values_its_role_and_its_wording_count(name, question, values, kind) -> None:
    assert personal_kind(name, question, values)[0] == kind


STUDY = """\
cxkit: 1
study: toko
title: Toko
brand: Toko
period: enam bulan
languages: [id]
sample: {frame: market, design: opt_in}
respondent: email
segments: {who: {column: nama}, region: {}}
comments: {reason: c, reach: hp}
outcomes: {recommend: {column: q, metric: nps}}
answers: {path: answers.csv}
"""


def test_what_check_is_to_tell_of_an_export(tmp_path: Path) -> None:
    """Mapped columns with what to do, the others in one note; and no value of any."""
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    study = read_study(tmp_path)
    names = ["email", "nama", "region", "q", "c", "hp", "IPAddress", "Tanggal lahir", "weight"]
    samples = {
        "email": ["rahasia@contoh.co"], "nama": ["Budi Rahasia", "Rina Rahasia"],
        "region": ["Jawa"], "q": ["9"], "c": ["hubungi rahasia@contoh.co segera, ini penting"],
        "hp": ["0812-3456-7890", "0857-2727-2786"],
    }  # fmt: skip
    found = direct_identifiers(names, {}, samples, mapped=read_as(study), file="answers.csv")
    assert [(one.severity, one.code, one.column, one.n) for one in found] == [
        ("warning", "personal_respondent", "email", None),
        ("warning", "personal_segment", "nama", None),
        ("warning", "personal_comment", "hp", None),
        ("note", "personal_data", None, 2),
    ]
    assert found[-1].examples == ("IPAddress", "Tanggal lahir")
    assert "2 columns of personal data" in found[-1].message
    assert all(one.hint for one in found)
    told = json.dumps([one.to_dict() for one in found])
    assert "ahasia" not in told
    assert "3456" not in told


def test_groups_that_are_addresses_are_refused_because_pages_name_groups() -> None:
    mapped = {"toko": ("segments.toko",)}
    (found,) = direct_identifiers(["toko"], {}, {"toko": ["a@b.co", "c@d.co"]}, mapped=mapped)
    assert (found.severity, found.code) == ("error", "personal_segment")


# -- nothing of a person on a page -----------------------------------------------------------------

CANARY = "K4n4r1"


def with_canaries() -> list[dict[str, object]]:
    """Answers whose ids and comments can be told from anything else."""
    rows = respondents(ONE) + respondents(ONE, "2025H1")
    for k, row in enumerate(rows):
        row["id"] = f"{CANARY}-{k:04d}"
        row["c"] = f"hubungi {CANARY}{k}@contoh.co.id atau 0812-77{k:02d}-{k:04d}"
    return rows


def test_no_id_and_no_address_of_a_respondent_reaches_what_is_published(tmp_path: Path) -> None:
    """Page in both languages, JSON, executed notebook with every record in it."""
    survey = lay(tmp_path, with_canaries())
    for kind, text in published(notebook(survey)).items():
        assert CANARY.lower() not in text.lower(), kind
        assert "contoh.co.id" not in text, kind
        assert not re.search(r"0812-77", text), kind


def test_comments_are_masked_when_answers_are_prepared(tmp_path: Path) -> None:
    survey = lay(tmp_path, with_canaries())
    comments = survey.frame["comment:reason"].dropna()
    assert len(comments) > 100
    assert set(comments) == {"hubungi [email] atau [telepon/phone]"}


def test_the_page_says_what_is_masked_and_what_is_not(tmp_path: Path) -> None:
    texts = published(notebook(lay(tmp_path, with_canaries())))
    assert "Names of people and postal addresses are not masked" in texts["en"]
    assert "Nama orang dan alamat rumah tidak disamarkan" in texts["id"]


def test_the_demo_report_holds_no_id_of_a_respondent(demo_report: Path) -> None:
    ids = sorted(set(cx.load("demo").frame["respondent"]))
    texts = [path.read_text(encoding="utf-8") for path in sorted(demo_report.iterdir())]
    assert len(ids) > 1000
    assert len(texts) >= 4
    found = re.compile("|".join(rf"\b{re.escape(one)}\b" for one in ids if not one.isdigit()))
    assert not [path for path in texts if found.search(path)]


def test_the_demo_report_holds_no_identifier_that_is_in_its_comments(demo_report: Path) -> None:
    """A telephone number and an address are planted there, and the report quotes comments."""
    answers = (find_study("demo").parent / "answers.csv").read_text(encoding="utf-8")
    texts = {path.name: path.read_text(encoding="utf-8") for path in demo_report.iterdir()}
    assert any("In their own words" in text for text in texts.values())
    for secret in ("0812-3456-7890", "pembeli@contoh.example"):
        assert secret in answers
        assert not [name for name, text in texts.items() if secret in text]


# -- problems that quote cells ---------------------------------------------------------------------

MAIL, PHONE, NIK = "tono.canary@contoh.co.id", "0812-5555-4444", "3174014502908888"
TOLD = ("tono", "canary", "5555", "4444", "31740145")


def changed(tmp_path: Path, column: str, value: str, more: str = "", rows: int = 1) -> Path:
    """A study of which some cells of a column hold what they should not."""
    answers = [dict(row) for row in respondents(ONE)]
    for row in answers:
        row.setdefault("w", "1")
    for row in answers[5 : 5 + rows]:
        row[column] = value
    lay(tmp_path, respondents(ONE))
    frame = pd.DataFrame(answers)
    frame.to_csv(tmp_path / "answers.csv", index=False)
    study = tmp_path / "study.yaml"
    study.write_text(study.read_text(encoding="utf-8") + more, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("column", "value", "code", "more", "rows"),
    [
        ("q", MAIL, "unmapped_text", "", 1),
        ("q", PHONE, "unmapped_text", "", 1),
        ("q", NIK, "off_scale", "", 1),
        ("q", f"hubungi saya {PHONE} ya", "unmapped_text", "", 1),
        ("q", f"Saya minta dihubungi di alamat {MAIL}", "unmapped_text", "", 1),
        ("w", MAIL, "not_a_number", "weight: w\n", 1),
        ("id", MAIL, "duplicate_respondent", "", 2),
    ],
)  # fmt: skip
def test_what_a_cell_tells_of_a_person_is_in_no_problem(
    tmp_path: Path, capsys, column, value, code, more, rows
) -> None:
    """Table, JSON and the error of `load`; the line still leads to the cell."""
    study = changed(tmp_path, column, value, more, rows)
    found = [one for one in cx.check(study) if one.code == code]
    assert found
    assert all(one.line is not None for one in found)
    for words in (["check", str(study)], ["check", str(study), "--json"]):
        main(words)
        said = "".join(capsys.readouterr())
        assert not [part for part in TOLD if part in said], said
        assert re.search(r"\[(email|telepon|NIK)", said), said
    with pytest.raises(cx.SurveyError) as caught:
        cx.load(study)
    assert not [part for part in TOLD if part in str(caught.value)]


def test_a_brief_id_of_a_respondent_stays_in_a_problem() -> None:
    uuid = "123e4567-e89b-12d3-a456-426614174000"
    ids = ("r00012", uuid, "1029384756", MAIL, "081255554444")
    (said,) = told_of_nobody(
        [Problem("x", f"{ids[0]} or {uuid}", "note", "a.csv", 3, "surel a@b.co", 5, ids)]
    )
    assert said.message == f"r00012 or {uuid}"
    assert said.examples == ("r00012", uuid, "1029384756", "[email]", "[telepon/phone]")
    assert (said.severity, said.file, said.line, said.column, said.n) == (
        "note", "a.csv", 3, "surel a@b.co", 5,
    )  # fmt: skip


def test_an_address_that_a_message_had_no_room_for_is_masked_as_well() -> None:
    cell = f"Saya minta dihubungi lewat {MAIL} saja"
    one = Problem("x", f"holds '{brief(cell)}'", examples=(cell,), hint=f"not '{brief(MAIL, 20)}'")
    (said,) = told_of_nobody([one])
    assert "tono" not in f"{said.message} {said.hint} {said.examples}"
    assert (said.message, said.hint) == (
        "holds 'Saya minta dihubungi lewat [email] saja'",
        "not '[email]...'",
    )
    (cut,) = told_of_nobody([Problem("x", "holds 'di 0812 5555 44...'")])
    assert cut.message == "holds 'di [telepon/phone]...'"


def test_what_to_try_is_left_as_it_is_to_be_written() -> None:
    one = Problem("x", "m", expected="one of 1 to 5", hint="say: text_answers: {PIN: {3: refused}}")
    assert told_of_nobody([one]) == [one]


# -- a notebook that failed ------------------------------------------------------------------------


def failing(folder: Path) -> Path:
    """A study with a notebook of its own that looks at rows, and then fails over one of them."""
    lay(folder, with_canaries())
    shelf = folder / "notebooks"
    shelf.mkdir()
    v4 = nbformat.v4
    sources = [
        "study: str = '.'",
        "import cxkit as cx\nsurvey = cx.load(study)\nrow = survey.frame.iloc[0]",
        "print(row.to_dict())",
        "survey.frame.head()",
        "row['respondent']",
        "import sys; print(row['respondent'], file=sys.stderr)",
        "cx.estimate(survey, 'nps', by='wave')",
        "def mean(text):\n    try:\n        return float(text)\n"
        "    except ValueError as slip:\n        raise KeyError(text + ' a@b.co') from slip",
        "mean(row['respondent'])",
    ]
    cells = [v4.new_code_cell(one) for one in sources]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(v4.new_notebook(cells=cells), shelf / "rows.ipynb")
    return folder


def test_a_failed_notebook_keeps_its_code_and_loses_its_rows(tmp_path: Path, capsys) -> None:
    """Printed rows, frames, texts, what the error quotes: gone; published records: kept."""
    study = failing(tmp_path / "study")
    assert main(["run", str(study), "--notebook", "rows", "-o", str(tmp_path / "out"), "-q"]) == 1
    (kept,) = (tmp_path / "out").glob("*.failed.ipynb")
    text = kept.read_text(encoding="utf-8")
    assert CANARY not in text
    nb = nbformat.read(kept, as_version=4)
    outputs = [one for cell in nb.cells for one in cell.get("outputs", ())]
    (error,) = (one for one in outputs if one.output_type == "error")
    assert (error.ename, error.evalue) == ("KeyError", NOT_KEPT)
    way = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert f"ValueError: {NOT_KEPT}" in way
    assert "mean(row['respondent'])" in way
    assert sum(one.get("text") == NOT_KEPT for one in outputs) == 4
    assert sum("application/vnd.cxkit.records.v1+json" in one.get("data", {}) for one in outputs)
    assert "def mean(text)" in text
    err = capsys.readouterr().err
    assert "a@b.co" not in err
    assert "[email]" in err


def test_of_text_that_was_evaluated_no_line_is_kept() -> None:
    """A syntax error quotes what it could not read."""
    traceback = ["  File <string>:1\n    R-001 budi\n          ^\nSyntaxError: invalid syntax\n"]
    error = nbformat.v4.new_output(
        "error", ename="SyntaxError", evalue="R-001", traceback=traceback
    )
    cell = nbformat.v4.new_code_cell("eval(text)", outputs=[error])
    (kept,) = without_answers(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
    assert "R-001" not in json.dumps(kept)
    assert kept.traceback == ["  File <string>:1"]
