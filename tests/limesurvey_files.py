"""LimeSurvey files of an invented survey: the structure in each version, and its responses.

The field names and headings are written out, as the platform writes them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

SID, GID = "123", "7"
LANGUAGES = ("en", "id")

QUESTIONS = (
    # qid, code, type, other, english, indonesian
    ("10", "REC", "L", "N", "Would you <b>recommend</b> us?", "Anda akan merekomendasikan kami?"),
    ("11", "HOW", "!", "Y", "How did you hear of us?", "Dari mana Anda tahu?"),
    ("12", "WHY", "O", "N", "Best part?", "Bagian terbaik?"),
    ("13", "USE", "M", "Y", "Which do you use?", "Mana yang Anda pakai?"),
    ("14", "TOO", "P", "N", "Which others?", "Apa lagi?"),
    ("15", "SAT", "F", "N", "How satisfied [today]?", "Seberapa puas?"),
    ("16", "TWO", "1", "N", "Before and now", "Dulu dan kini"),
    ("17", "SAY", ";", "N", "Say more", "Ceritakan"),
    ("18", "SUM", ":", "N", "How many?", "Berapa?"),
    ("19", "KNO", "K", "N", "How much?", "Berapa banyak?"),
    ("20", "AGE", "N", "N", "Your age?", "Umur Anda?"),
    ("21", "OPE", "T", "N", "Anything else?", "Ada lagi?"),
    ("22", "YES", "Y", "N", "Are you a customer?", "Apakah Anda pelanggan?"),
    ("23", "GEN", "G", "N", "You are", "Anda"),
    ("24", "FIV", "5", "N", "Points", "Nilai"),
    ("25", "DAY", "D", "N", "When?", "Kapan?"),
    ("26", "RNK", "R", "N", "Rank these", "Urutkan"),
    ("27", "UNC", "C", "N", "Do you agree?", "Setujukah Anda?"),
    ("28", "INC", "E", "N", "Has it changed?", "Apakah berubah?"),
    ("29", "TEN", "B", "N", "From 1 to 10", "Dari 1 sampai 10"),
    ("30", "TXT", "X", "N", "Thank you", "Terima kasih"),
    ("31", "FIL", "|", "N", "A picture", "Gambar"),
)
"""One question of each type that differs in its columns or its answers."""

_ROWS = {"13": 2, "14": 1, "15": 2, "16": 1, "17": 1, "18": 1, "19": 1, "27": 1, "28": 1, "29": 1}
_ACROSS = {"17": 2, "18": 1}
_ANSWERS = {"10": 2, "11": 1, "12": 1, "15": 2, "26": 2}
_TEXTS = {
    "en": ("App", "Shop", "Left", "Right", "Good", "Bad", "Then", "Now"),
    "id": ("Aplikasi", "Toko", "Kiri", "Kanan", "Baik", "Buruk", "Dulu", "Kini"),
}

NAMES = (
    "REC", "HOW", "HOW[other]", "WHY", "WHY[comment]", "USE[SQ001]", "USE[SQ002]", "USE[other]",
    "TOO[SQ001]", "TOO[SQ001comment]", "SAT[SQ001]", "SAT[SQ002]", "TWO[SQ001][1]",
    "TWO[SQ001][2]", "SAY[SQ001_SX001]", "SAY[SQ001_SX002]", "SUM[SQ001_SX001]", "KNO[SQ001]",
    "AGE", "OPE", "YES", "GEN", "FIV", "DAY", "RNK[1]", "RNK[2]", "UNC[SQ001]", "INC[SQ001]",
    "TEN[SQ001]", "TXT", "FIL", "FIL[filecount]",
)  # fmt: skip
"""The headings of an export of codes, but for the platform's own columns."""

TEXTS = (
    "Would you recommend us?", "How did you hear of us?", "How did you hear of us? [Other]",
    "Best part?", "Best part? [Comment]", "Which do you use? [App]", "Which do you use? [Shop]",
    "Which do you use? [Other]", "Which others? [App]", "Which others? [App][Comment]",
    "How satisfied [today]? [App]", "How satisfied [today]? [Shop]",
    "Before and now [App][Then]", "Before and now [App][Now]", "Say more [App][Left]",
    "Say more [App][Right]", "How many? [App][Left]", "How much? [App]", "Your age?",
    "Anything else?", "Are you a customer?", "You are", "Points", "When?", "Rank these [Rank 1]",
    "Rank these [Rank 2]", "Do you agree? [App]", "Has it changed? [App]", "From 1 to 10 [App]",
    "Thank you", "A picture", "A picture [File count]",
)  # fmt: skip
"""The headings of an export of English texts."""

OWN = ("id", "submitdate", "lastpage", "startlanguage", "seed")
OWN_TEXTS = ("Response ID", "Date submitted", "Last page", "Start language", "Seed")

FIELDS = (
    "123X7X10", "123X7X11", "123X7X11other", "123X7X12", "123X7X12comment", "123X7X13SQ001",
    "123X7X13SQ002", "123X7X13other", "123X7X14SQ001", "123X7X14SQ001comment", "123X7X15SQ001",
    "123X7X15SQ002", "123X7X16SQ001#0", "123X7X16SQ001#1", "123X7X17SQ001_SX001",
    "123X7X17SQ001_SX002", "123X7X18SQ001_SX001", "123X7X19SQ001", "123X7X20", "123X7X21",
    "123X7X22", "123X7X23", "123X7X24", "123X7X25", "123X7X261", "123X7X262", "123X7X27SQ001",
    "123X7X28SQ001", "123X7X29SQ001", "123X7X30", "123X7X31", "123X7X31_filecount",
)  # fmt: skip
"""The same columns as the database calls them."""

Row = Mapping[str, str]


def lss(is_new: bool) -> str:
    """The structure as XML: texts in tables of their own, or a row a language as before 4."""
    base = [
        {"qid": qid, "parent_qid": "0", "sid": SID, "gid": GID, "type": kind, "title": code,
         "other": other, "mandatory": "Y" if code == "REC" else "N", "question_order": str(at),
         "relevance": 'REC.NAOK == "A1"' if code == "WHY" else "1"}
        for at, (qid, code, kind, other, _, _) in enumerate(QUESTIONS)
    ]  # fmt: skip
    asked = {row[0]: dict(zip(LANGUAGES, row[4:], strict=True)) for row in QUESTIONS}
    subs, told = _subquestions()
    answers, said = _answers()
    group = [{"gid": GID, "sid": SID, "group_order": "0"}]
    called = {GID: {"en": "All", "id": "Semua"}}
    tables: dict[str, Iterable[Row]] = {
        "surveys": [{"sid": SID, "language": "en", "additional_languages": "id"}],
        "surveys_languagesettings": [
            {"surveyls_language": "en", "surveyls_title": "A shop"},
            {"surveyls_language": "id", "surveyls_title": "Sebuah toko"},
        ],
        "question_attributes": [
            {"qid": "16", "attribute": f"dualscale_header{one}", "value": value, "language": lang}
            for lang, texts in _TEXTS.items()
            for one, value in zip("AB", texts[6:], strict=True)
        ],
    }
    if is_new:
        tables |= {
            "questions": base, "subquestions": subs, "answers": answers, "groups": group,
            "question_l10ns": _l10n("qid", "question", asked | told),
            "answer_l10ns": _l10n("aid", "answer", said),
            "group_l10ns": _l10n("gid", "group_name", called),
        }  # fmt: skip
    else:
        bare = [{key: value for key, value in row.items() if key != "aid"} for row in answers]
        tables |= {
            "questions": _spoken(base, [asked[row["qid"]] for row in base], "question"),
            "subquestions": _spoken(subs, [told[row["qid"]] for row in subs], "question"),
            "answers": _spoken(bare, [said[row["aid"]] for row in answers], "answer"),
            "groups": _spoken(group, [called[GID]], "group_name"),
        }
    spoken = "".join(f"<language>{one}</language>" for one in LANGUAGES)
    return _document("Survey", "606" if is_new else "359", spoken, map(_table, tables.items()))


def _subquestions() -> tuple[list[dict[str, str]], dict[str, dict[str, str]]]:
    rows, texts = [], {}
    for owners, mark, scale, first in ((_ROWS, "SQ", "0", 0), (_ACROSS, "SX", "1", 2)):
        for owner, n in owners.items():
            for at in range(n):
                qid = f"{owner}{scale}{at}"
                rows.append({"qid": qid, "parent_qid": owner, "title": f"{mark}00{at + 1}",
                             "scale_id": scale, "question_order": str(at)})  # fmt: skip
                texts[qid] = {one: _TEXTS[one][first + at] for one in LANGUAGES}
    return rows, texts


def _answers() -> tuple[list[dict[str, str]], dict[str, dict[str, str]]]:
    rows, texts = [], {}
    owners = [(qid, at, "0") for qid, n in _ANSWERS.items() for at in range(n)]
    owners += [("16", at, scale) for scale in "01" for at in range(2)]
    for owner, at, scale in owners:
        aid = f"{owner}{scale}{at}"
        rows.append({"aid": aid, "qid": owner, "code": f"A{at + 1}", "sortorder": str(at),
                     "scale_id": scale})  # fmt: skip
        texts[aid] = {one: _TEXTS[one][4 + at] for one in LANGUAGES}
    return rows, texts


def _l10n(key: str, text: str, texts: Mapping[str, Row]) -> list[Row]:
    return [
        {key: one, text: words, "language": language}
        for one, told in texts.items()
        for language, words in told.items()
    ]


def _spoken(rows: Sequence[Row], texts: Sequence[Row], name: str) -> list[Row]:
    return [
        {**row, name: words, "language": language}
        for row, told in zip(rows, texts, strict=True)
        for language, words in told.items()
    ]


def _table(named: tuple[str, Iterable[Row]]) -> str:
    name, rows = named
    return f"<{name}><rows>{''.join(map(_row, rows))}</rows></{name}>"


def _row(row: Row) -> str:
    cells = (f"<{key}>{escape(value)}</{key}>" for key, value in row.items())
    return f"<row>{''.join(cells)}</row>"


def _document(kind: str, version: str, spoken: str, parts: Iterable[str]) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<document><LimeSurveyDocType>{kind}'
        f"</LimeSurveyDocType><DBVersion>{version}</DBVersion><languages>{spoken}</languages>"
        f"{''.join(parts)}</document>"
    )


def lsr(rows: Iterable[Row], fields: Sequence[str], kind: str = "responses") -> str:
    """Responses (or times) as XML: a null is not there, names of elements are masked."""
    named = "".join(f"<fieldname>{one}</fieldname>" for one in fields)
    masked = (
        {("_" if key[0].isdigit() else "") + key.replace("#", "-"): value
         for key, value in row.items()}
        for row in rows
    )  # fmt: skip
    body = f"<fields>{named}</fields><rows>{''.join(map(_row, masked))}</rows>"
    return _document("Responses", "606", "", [f"<{kind}>{body}</{kind}>"])


def lsa(file: Path, members: Mapping[str, str]) -> Path:
    """An archive of some members."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file


def tsv() -> str:
    """A tab-separated structure of two questions: one language after the other."""
    rows = (
        ("class", "type/scale", "name", "relevance", "text", "help", "language", "mandatory",
         "other"),
        ("S", "", "language", "", "en", "", "", "", ""),
        ("S", "", "additional_languages", "", "id", "", "", "", ""),
        ("SL", "", "surveyls_title", "", "A shop", "", "en", "", ""),
        ("G", "1", "All", "1", "", "", "en", "", ""),
        ("Q", "F", "SAT", "1", "<p>How satisfied?</p>", "", "en", "Y", "N"),
        ("SQ", "0", "SQ001", "1", "App", "", "en", "", ""),
        ("A", "0", "A1", "", "Good", "", "en", "", ""),
        ("A", "0", "A2", "", "Don’t know", "", "en", "", ""),
        ("Q", "L", "HOW", "SAT_SQ001 == 1", "How did you hear?", "", "en", "N", "Y"),
        ("A", "0", "A1", "", "Friend", "", "en", "", ""),
        ("G", "1", "Semua", "1", "", "", "id", "", ""),
        ("Q", "F", "SAT", "1", "Seberapa puas?", "", "id", "Y", "N"),
        ("SQ", "0", "SQ001", "1", "Aplikasi", "", "id", "", ""),
        ("A", "0", "A1", "", "Baik", "", "id", "", ""),
        ("A", "0", "A2", "", "Tidak tahu", "", "id", "", ""),
        ("Q", "L", "HOW", "SAT_SQ001 == 1", "Dari mana Anda tahu?", "", "id", "N", "Y"),
        ("A", "0", "A1", "", "Teman", "", "id", "", ""),
    )  # fmt: skip
    return "".join("\t".join(row) + "\n" for row in rows)
