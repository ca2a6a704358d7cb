"""Invented exports in the shape of every platform: all questions of the kit, and decoys.

The header texts are the kit's own in one language, a brand filled in and edited as by hand; the
columns have names that say nothing. Every writer hands out which question each column asks.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mapping_pairs import BRAND, DECOYS, filled, hinted, numbered, spaced

from cxkit import library

N_ROWS = 60
STEMS = {
    "agreement": {
        "id": "Seberapa setuju Anda dengan setiap pernyataan berikut?",
        "en": "How much do you agree with each of the following statements?",
    },
    "against": {
        "id": "Dibandingkan dengan harapan Anda sebelumnya, bagaimana "
        f"{BRAND} dalam hal-hal berikut?",
        "en": f"Compared with what you expected beforehand, how is {BRAND} on the following?",
    },
}
EXITS = {"id": "Tidak tahu", "en": "Don't know"}


@dataclass(frozen=True)
class Asked:
    """One question of an invented survey: what it is (None: a decoy), and how it is answered."""

    key: str | None
    text: str
    stem: str = ""
    choices: Sequence[str] = ()
    codes: Sequence[str] = ()
    several: bool = False
    answers: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True)
class Export:
    """A file, what each of its columns asks, and which of them are decoys."""

    file: Path
    keys: Mapping[str, str]
    decoys: frozenset[str]
    structure: Path | None = None


def survey(language: str, seed: int, decoys: int = 40) -> list[Asked]:
    """All questions of the kit (retail) with answers, and decoys among them."""
    rng = random.Random(seed)
    asked = [
        _asked(key, one, language, rng)
        for name in library.batteries()
        for key, one in library.battery(name, preset="retail")["questions"].items()
    ]
    others = rng.sample(DECOYS, decoys)
    asked += [Asked(None, text, answers=_drawn(rng, "12345")) for text in others]
    return asked


def _asked(key: str, one: Mapping[str, Any], language: str, rng: random.Random) -> Asked:
    text = _edited(filled(one["text"][language], language), key, rng)
    stem = STEMS.get(str(one.get("scale", "")).partition("_")[0], {}).get(language, "")
    if "open" in one:
        words = [
            "Pengirimannya lama sekali bulan ini",
            "Sudah bagus semuanya, terima kasih",
            "Harga",
        ]
        return Asked(key, text, answers=[f"{rng.choice(words)} {at}" for at in range(N_ROWS)])
    if "amount" in one:
        return Asked(key, text, answers=[str(rng.randint(1, 90) * 10_000) for _ in range(N_ROWS)])
    if one.get("scale") == "recommend_0_10":
        points = [str(point) for point in range(11)]
        return Asked(key, text, choices=points, codes=points, answers=_drawn(rng, points))
    if one.get("scale") == "stars_5":
        points = list("12345")
        return Asked(key, text, choices=points, codes=points, answers=_drawn(rng, points))
    if "scale" in one:
        name = one["scale"] if one["scale"] in library.scales() else f"{one['scale']}_5"
        labels = list((library.scale(name).labels or {})[language])
        codes = [f"{point:g}" for point in library.scale(name).points]
        return Asked(key, text, stem, labels, codes, answers=_drawn(rng, labels, EXITS[language]))
    choices = [texts[language].format(brand=BRAND) for texts in one["choices"].values()]
    codes = [str(at) for at in range(1, len(choices) + 1)]
    is_several = bool(one.get("several"))
    answers = [";".join(rng.sample(choices, 2)) for _ in range(N_ROWS)] if is_several else None
    drawn = answers or _drawn(rng, choices)
    return Asked(key, text, "", choices, codes, is_several, answers=drawn)


def _edited(text: str, key: str, rng: random.Random) -> str:
    """A header as a hand leaves it: numbered, hinted, spaced or mistyped now and then."""
    edit = rng.choice([None, None, numbered, hinted, spaced, _capitals])
    return text if edit is None else edit(text, rng)


def _capitals(text: str, rng: random.Random) -> str:
    return text.replace("Anda", "anda").rstrip(".")


def _drawn(rng: random.Random, choices: Sequence[str], exit_answer: str = "") -> list[str]:
    """Answers of which every choice is one, some blank, some an exit answer."""
    drawn = [*choices, *(rng.choice(choices) for _ in range(N_ROWS - len(choices) - 2)), ""]
    drawn.append(exit_answer)
    rng.shuffle(drawn)
    return drawn


def _coded(one: Asked) -> list[str]:
    known = dict(zip(one.choices, one.codes, strict=True)) if one.codes else {}
    return [known.get(answer, answer) for answer in one.answers]


def _ticks(one: Asked, option: str, tick: str) -> list[str]:
    return [tick if option in answer.split(";") else "" for answer in one.answers]


def _write(file: Path, rows: Sequence[Sequence[str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return file


def _rows(columns: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(row) for row in zip(*columns, strict=True)]


def _days(clock: str = "2026-03-02 08:15:{:02d}") -> list[str]:
    return [clock.format(at) for at in range(N_ROWS)]


# -- the platforms ---------------------------------------------------------------------------------


def plain(folder: Path, language: str) -> Export:
    """A table headed by question texts, answers as labels."""
    keys: dict[str, str] = {}
    decoys, columns = set(), [["respondent_id", *(str(at) for at in range(N_ROWS))]]
    for one in survey(language, 11):
        name = " ".join(one.text.split())
        columns.append([name, *one.answers])
        if one.key is None:
            decoys.add(name)
        else:
            keys[name] = one.key
    return Export(_write(folder / "answers.csv", _rows(columns)), keys, frozenset(decoys))


def named(folder: Path, language: str) -> Export:
    """A table headed by the kit's own keys, answers as codes."""
    asked = [one for one in survey(language, 12, decoys=0) if not one.several]
    columns = [["respondent_id", *(str(at) for at in range(N_ROWS))]]
    columns += [[str(one.key), *_coded(one)] for one in asked]
    keys = {str(one.key): str(one.key) for one in asked}
    return Export(_write(folder / "answers.csv", _rows(columns)), keys, frozenset())


def qualtrics(folder: Path, language: str) -> Export:
    """Three header rows, choices as texts; a column for each option that could be ticked."""
    start, end = _days("2026-03-02 08:15:{:02d}"), _days("2026-03-02 08:25:{:02d}")
    own = {
        "StartDate": ("startDate", start), "EndDate": ("endDate", end),
        "Status": ("status", ["IP Address"] * N_ROWS),
        "IPAddress": ("ipAddress", ["192.0.2.1"] * N_ROWS),
        "Progress": ("progress", ["100"] * N_ROWS),
        "Duration (in seconds)": ("duration", [str(300 + at) for at in range(N_ROWS)]),
        "Finished": ("finished", ["True"] * N_ROWS),
        "RecordedDate": ("recordedDate", end),
        "ResponseId": ("_recordId", [f"R_{at:015d}" for at in range(N_ROWS)]),
        "RecipientEmail": ("recipientEmail", [f"a{at}@example.org" for at in range(N_ROWS)]),
        "UserLanguage": ("userLanguage", [language.upper()] * N_ROWS),
    }  # fmt: skip
    columns = [
        [name, name, json.dumps({"ImportId": ident}), *cells]
        for name, (ident, cells) in own.items()
    ]
    keys: dict[str, str] = {}
    decoys = set()
    for at, one in enumerate(survey(language, 13), 1):
        text = f"{one.stem} - {one.text}" if one.stem else one.text
        for n, option in enumerate(one.choices if one.several else [""], 1):
            name = f"Q{at}_{n}" if one.several else f"Q{at}"
            heading = f"{text} - Selected Choice - {option}" if option else text
            cells = _ticks(one, option, option) if option else one.answers
            ident = json.dumps({"ImportId": f"QID{at}_{n}" if option else f"QID{at}"})
            columns.append([name, heading, ident, *cells])
            if one.key is None:
                decoys.add(name)
            else:
                keys[name] = one.key
    return Export(_write(folder / "answers.csv", _rows(columns)), keys, frozenset(decoys))


def surveymonkey(folder: Path, language: str) -> Export:
    """A workbook with two header rows: stems over statements, "Response" under single questions."""
    import openpyxl

    start, end = _days("03/02/2026 08:15:{:02d}"), _days("03/22/2026 08:25:{:02d}")
    columns = [
        ["Respondent ID", "", *(str(5_379_192_392 + at) for at in range(N_ROWS))],
        ["Collector ID", "", *(["4242"] * N_ROWS)],
        ["Start Date", "", *start],
        ["End Date", "", *end],
        ["IP Address", "", *(["192.0.2.1"] * N_ROWS)],
        ["Email Address", "", *([""] * N_ROWS)],
    ]
    keys: dict[str, str] = {}
    decoys, last = set(), ""
    for one in survey(language, 14):
        own = " ".join(one.text.split())
        if one.several:
            for n, option in enumerate(one.choices):
                columns.append([own if n == 0 else "", option, *_ticks(one, option, option)])
                keys[f"{own}: {option}"] = str(one.key)
            last = ""
            continue
        if one.stem:
            columns.append([one.stem if one.stem != last else "", own, *one.answers])
            name, last = f"{one.stem}: {own}", one.stem
        else:
            columns.append([own, "Response", *one.answers])
            name, last = own, ""
        if one.key is None:
            decoys.add(name)
        else:
            keys[name] = one.key
    book = openpyxl.Workbook()
    for row in _rows(columns):
        book.active.append([cell or None for cell in row])
    file = folder / "answers.xlsx"
    book.save(file)
    return Export(file, keys, frozenset(decoys))


def google_forms(folder: Path, language: str) -> Export:
    """Question texts as column names, statements of a grid in brackets, options joined by ";"."""
    head = "Cap waktu" if language == "id" else "Timestamp"
    times = _days("2026/03/02 8:15:{:02d} AM GMT+7")
    columns = [[head, *times]]
    keys: dict[str, str] = {}
    decoys = set()
    for one in survey(language, 15):
        own = " ".join(one.text.split())
        name = f"{one.stem} [{own}]" if one.stem else own
        columns.append([name, *one.answers])
        if one.key is None:
            decoys.add(name)
        else:
            keys[name] = one.key
    return Export(_write(folder / "answers.csv", _rows(columns)), keys, frozenset(decoys))


def limesurvey(folder: Path, language: str) -> Export:
    """Headings of codes and texts; statements of an array behind their stem, Y where ticked."""
    end = _days("2026-03-02 08:25:{:02d}")
    columns = [
        ["id. Response ID", *(str(at + 1) for at in range(N_ROWS))],
        ["submitdate. Date submitted", *end],
        ["lastpage. Last page", *(["7"] * N_ROWS)],
        ["startlanguage. Start language", *([language] * N_ROWS)],
        ["seed. Seed", *(str(1_484_009_392 + at) for at in range(N_ROWS))],
        ["interviewtime. Total time", *(f"{300 + at}.5" for at in range(N_ROWS))],
    ]
    keys: dict[str, str] = {}
    decoys = set()
    for at, one in enumerate(survey(language, 16), 1):
        own = " ".join(one.text.split())
        if one.several:
            for n, option in enumerate(one.choices, 1):
                name = f"G01Q{at:03d}[SQ{n:03d}]"
                columns.append([f"{name}. {own} [{option}]", *_ticks(one, option, "Y")])
                keys[name] = str(one.key)
            continue
        name = f"G02Q01[SQ{at:03d}]" if one.stem else f"G01Q{at:03d}"
        heading = f"{name}. {one.stem} [{own}]" if one.stem else f"{name}. {own}"
        columns.append([heading, *one.answers])
        if one.key is None:
            decoys.add(name)
        else:
            keys[name] = one.key
    return Export(_write(folder / "answers.csv", _rows(columns)), keys, frozenset(decoys))


def kobo(folder: Path, language: str) -> Export:
    """Names behind groups, answers as the names of choices; the texts stand in the XLSForm."""
    import openpyxl

    questions, lists, keys = [], {}, {}
    decoys, columns = set(), []
    for at, one in enumerate(survey(language, 17), 1):
        name, shown = f"a{at}", f"part/a{at}"
        if one.choices:
            lists[name] = list(zip([f"c{code}" for code in one.codes], one.choices, strict=True))
            known = {label: code for code, label in lists[name]}
            kind = f"select_multiple {name}" if one.several else f"select_one {name}"
            cells = [
                " ".join(known.get(part, part) for part in answer.split(";")) if answer else ""
                for answer in one.answers
            ]
            cells = [cell if cell != EXITS[language] else "" for cell in cells]
        else:
            kind, cells = "text", list(one.answers)
        questions.append([kind, name, one.text])
        columns.append([shown, *cells])
        if one.key is None:
            decoys.add(shown)
        else:
            keys[shown] = one.key
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "survey"
    label = {"id": "label::Bahasa Indonesia (id)", "en": "label::English (en)"}[language]
    for row in [
        ["type", "name", label],
        ["begin_group", "part", "Part"],
        *questions,
        ["end_group"],
    ]:
        sheet.append(row)
    choices = book.create_sheet("choices")
    for row in [["list_name", "name", label]] + [
        [name, code, text] for name, rows in lists.items() for code, text in rows
    ]:
        choices.append(row)
    form = folder / "form.xlsx"
    book.save(form)
    own = [
        ["start", *_days("2026-03-02T08:15:{:02d}.000+07:00")],
        ["end", *_days("2026-03-02T08:25:{:02d}.000+07:00")],
    ]
    server = [
        ["_id", *(str(9000 + at) for at in range(N_ROWS))],
        ["_uuid", *(f"0000-{at:04d}" for at in range(N_ROWS))],
        ["_submission_time", *_days("2026-03-02T08:26:{:02d}")],
        ["_index", *(str(at + 1) for at in range(N_ROWS))],
    ]
    file = _write(folder / "answers.csv", _rows([*own, *columns, *server]))
    return Export(file, keys, frozenset(decoys), form)


def spss(folder: Path, language: str) -> Export:
    """Variable labels are the texts, value labels the choices."""
    import pandas as pd
    import pyreadstat

    data: dict[str, list[object]] = {"id": [float(at) for at in range(N_ROWS)]}
    labels, values, keys = {"id": "Respondent"}, {}, {}
    decoys = set()
    for at, one in enumerate(survey(language, 18), 1):
        if one.several:
            continue
        name = f"V{at}"
        exits = EXITS[language]
        if one.codes and any(not choice.isdigit() for choice in one.choices):
            coded = [cell if cell != exits else "99" for cell in _coded(one)]
            data[name] = [float(cell) if cell else float("nan") for cell in coded]
            pairs = zip(one.codes, one.choices, strict=True)
            values[name] = {float(code): text for code, text in pairs}
            values[name] |= {99.0: exits} if "99" in coded else {}
        elif all(cell.isdigit() for cell in one.answers if cell):
            data[name] = [float(cell) if cell else float("nan") for cell in one.answers]
        else:
            data[name] = list(one.answers)
        labels[name] = " ".join(one.text.split())[:255]
        if one.key is None:
            decoys.add(name)
        else:
            keys[name] = one.key
    file = folder / "answers.sav"
    pyreadstat.write_sav(
        pd.DataFrame(data), str(file), column_labels=labels, variable_value_labels=values
    )
    return Export(file, keys, frozenset(decoys))


PLATFORMS: dict[str, Callable[[Path, str], Export]] = {
    "plain": plain, "named": named, "qualtrics": qualtrics, "surveymonkey": surveymonkey,
    "google_forms": google_forms, "limesurvey": limesurvey, "kobo": kobo, "spss": spss,
}  # fmt: skip


def confirmed(text: str, replies: Mapping[str, str]) -> str:
    """A draft after its author has said every CONFIRM: by the key that stands before it."""
    lines = []
    for line in text.splitlines():
        code, _, comment = line.partition("  # ")
        if "CONFIRM" in code and not code.lstrip().startswith("#"):
            key = code.strip().partition(":")[0]
            code = code.replace("CONFIRM", replies[key])
        lines.append(f"{code}  # {comment}" if comment else code)
    return "\n".join(lines) + "\n"
