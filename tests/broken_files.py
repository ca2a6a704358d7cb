"""Answers of broken studies that are no text: made when a test needs them, by the study's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

__all__ = ["MADE", "put_answers", "sav", "workbook"]

ROWS: list[list[Any]] = [["respondent", "Q1", "Q2"], ["r1", 4, 5], ["r2", 3, 2], ["r3", 5, 1]]
AGREEMENT = ("Sangat tidak setuju", "Tidak setuju", "Netral", "Setuju", "Sangat setuju")


def put_answers(study: str, folder: Path) -> None:
    """Write the answers of a study into its folder, if they are not kept there as text."""
    if study in MADE:
        MADE[study](folder)


def workbook(file: Path, *sheets: tuple[str, Sequence[Sequence[Any]]], merge: str = "") -> Path:
    """A workbook with these sheets, each a name and its rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if merge:
            sheet.merge_cells(merge)
    book.save(file)
    return file


def sav(file: Path, frame: pd.DataFrame, **told: Any) -> Path:
    """An SPSS file, with what it says of its columns."""
    pyreadstat.write_sav(frame, str(file), compress=file.suffix == ".zsav", **told)
    return file


def answered(*, n: int = 3, q1: Sequence[float] = (4, 3, 5)) -> pd.DataFrame:
    """The answers of some respondents to two questions."""
    return pd.DataFrame(
        {
            "respondent": [f"r{at}" for at in range(1, n + 1)],
            "Q1": [float(q1[at % len(q1)]) for at in range(n)],
            "Q2": [float(at % 5 + 1) for at in range(n)],
        }
    )


# -- workbooks ---------------------------------------------------------------------------------


def _book(folder: Path, rows: Sequence[Sequence[Any]], merge: str = "") -> None:
    workbook(folder / "answers.xlsx", ("Jawaban", rows), merge=merge)


def _protected_workbook(folder: Path) -> None:
    """The container that Office writes around a workbook with a password: its first sectors.

    A compound file's header, then a directory with the two streams of an encrypted package.
    """
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\3\0\xfe\xff\x09\0\x06\0"
    entries = [
        name.encode("utf-16-le").ljust(64, b"\0") + bytes(64)
        for name in ("Root Entry", "EncryptionInfo", "EncryptedPackage")
    ]
    (folder / "answers.xlsx").write_bytes(header.ljust(512, b"\0") + b"".join(entries) + bytes(512))


def _workbook_of_text(folder: Path) -> None:
    lines = [",".join(map(str, row)) for row in ROWS]
    (folder / "answers.xlsx").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _workbook_of_markup(folder: Path) -> None:
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in ROWS]
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    page = f"<html><body><table>{rows}</table></body></html>"
    (folder / "answers.xlsx").write_text(page, encoding="utf-8")


def _merged_header(folder: Path) -> None:
    _book(folder, [["respondent", "Q1", None], *ROWS[1:]], merge="B1:C1")


def _merged_answers(folder: Path) -> None:
    _book(folder, [*ROWS[:3], ["r3", None, 1]], merge="B3:B4")


def _formula_without_value(folder: Path) -> None:
    _book(folder, [*ROWS[:2], ["r2", 3, "=B3-1"], ROWS[3]])


def _error_cell(folder: Path) -> None:
    _book(folder, [*ROWS[:3], ["r3", 5, "#DIV/0!"]])


def _several_sheets(folder: Path) -> None:
    sheets = (("Gelombang 1", ROWS), ("Catatan", []), ("Gelombang 2", ROWS))
    workbook(folder / "answers.xlsx", *sheets)


# -- text and SPSS -----------------------------------------------------------------------------


def _nul_bytes(folder: Path) -> None:
    (folder / "answers.csv").write_bytes(b"respondent,Q1,Q2\nr1,4,5\nr2,\0\0,2\n")


def _cut_spss(folder: Path) -> None:
    file = sav(folder / "answers.sav", answered(n=400), row_compress=True)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def _labelled(folder: Path, labels: dict[int, str], **more: Any) -> None:
    q1 = more.pop("q1", (4, 3, 4))
    sav(folder / "answers.sav", answered(q1=q1), variable_value_labels={"Q1": labels}, **more)


def _turned_labels(folder: Path) -> None:
    _labelled(folder, dict(enumerate(reversed(AGREEMENT), start=1)))


def _four_labels(folder: Path) -> None:
    words = ("Tidak pernah", "Jarang", "Sering", "Selalu")
    _labelled(folder, dict(enumerate(words, start=1)))


def _missing_code_on_the_scale(folder: Path) -> None:
    _labelled(folder, {5: "Tidak tahu"}, missing_ranges={"Q1": [5]}, q1=(4, 5, 3))


def _user_missing(folder: Path) -> None:
    _labelled(folder, {9: "Lupa"}, missing_ranges={"Q1": [9]}, q1=(4, 9, 3))


MADE: dict[str, Callable[[Path], None]] = {
    "cut_spss": _cut_spss,
    "error_cell": _error_cell,
    "formula_without_value": _formula_without_value,
    "four_labels_on_five_points": _four_labels,
    "merged_answers": _merged_answers,
    "merged_header": _merged_header,
    "missing_code_on_the_scale": _missing_code_on_the_scale,
    "nul_bytes": _nul_bytes,
    "protected_workbook": _protected_workbook,
    "several_sheets": _several_sheets,
    "turned_labels": _turned_labels,
    "user_missing": _user_missing,
    "workbook_of_markup": _workbook_of_markup,
    "workbook_of_text": _workbook_of_text,
}
"""How the answers of a study are made, by its folder's name."""
