"""Google Forms: a column a question, named by its text; the first tells when it was submitted.

As downloaded from Forms (zoned times, options joined by ";") or saved from its sheet (times in
the sheet's own form, options joined by ", "). Forms writes no codes, and no questionnaire file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cxkit.answers.platforms.exits import labelled_reasons
from cxkit.answers.platforms.headers import are_moments, column, has_options, kind_of, numbered
from cxkit.answers.platforms.layout import Layout, Question, Structure
from cxkit.answers.platforms.markup import bare
from cxkit.errors import StudyError

__all__ = ["LABEL", "STRUCTURES", "layout", "structure"]

LABEL = "Google Forms"
STRUCTURES: tuple[str, ...] = ()

_TIMESTAMP = frozenset(
    {
        "timestamp", "stempel waktu", "cap waktu", "cap masa", "zeitstempel", "marca temporal",
        "marca de tiempo", "horodateur", "carimbo de data/hora", "carimbo data/hora",
        "informazioni cronologiche", "tijdstempel", "tidsstämpel", "tidsstempel", "aikaleima",
        "sygnatura czasowa", "časová značka", "időbélyeg", "zaman damgası", "отметка времени",
        "позначка часу", "dấu thời gian", "ประทับเวลา",
        "タイムスタンプ", "타임스탬프", "时间戳记", "時間戳記",
        "طابع زمني", "חותמת זמן",
    }
)  # fmt: skip
"""What Forms calls its first column, in the languages of its users."""
_EMAIL = frozenset(
    {
        "email address", "email", "username", "alamat email", "nama pengguna", "e-mail-adresse",
        "nutzername", "dirección de correo electrónico", "nombre de usuario", "adresse e-mail",
        "nom d'utilisateur", "endereço de e-mail", "nome de usuário", "e-mailadres",
        "gebruikersnaam", "indirizzo email", "nome utente", "alamat e-mel", "メールアドレス",
    }
)  # fmt: skip
_SCORE = frozenset({"score", "total score", "skor", "skor total", "total skor", "punktzahl"})
_MARKS = frozenset({"score", "feedback", "skor", "masukan"})
"""What a quiz adds to a question, between brackets."""

_ZONED = re.compile(
    r"\d{4}/\d{2}/\d{2} \d{1,2}:\d{2}:\d{2}( \S+)? [A-Z]{2,5}([+\N{MINUS SIGN}-]\d{1,2}(:\d{2})?)?"
)
_SECONDS = re.compile(r"\d[:.]\d{2}[:.]\d{2}(\.\d+)?(?!\d)")
_ROW = re.compile(r"(?P<stem>.*\S)\s*\[(?P<row>[^\[\]]+)\]", re.DOTALL)
_POINTS = re.compile(r"\d+([.,]\d+)? / \d+")


def layout(head: Sequence[Sequence[str]], structure: Structure | None = None) -> Layout | None:
    """The layout of a Forms export; None where the first column is not its submission times.

    Told by the name of the first column and times in all its cells: in the form that only Forms
    writes, or, as its sheet writes them, beside names of columns that mostly are sentences.
    """
    if len(head) < 2 or not head[0] or head[0][0].strip().casefold() not in _TIMESTAMP:
        return None
    times = column(head[1:], 0)
    is_zoned = bool(times) and all(map(_ZONED.fullmatch, times))
    if not is_zoned and not (_are_times(times) and _are_sentences(head[0][1:])):
        return None
    names = numbered(head[0])
    grids = _grids(names)
    separators = (";",) if is_zoned else (", ", ";")
    questions = {names[0]: Question(bare(names[0]), kind="meta", role="ended")}
    for at, name in enumerate(names[1:], start=1):
        questions[name] = _question(name, column(head[1:], at), grids, separators)
    says = "zoned times of submission" if is_zoned else "times of submission, as its sheet has them"
    return Layout("google_forms", names, 1, questions, says)


def structure(file: Path) -> Structure:
    """Google Forms has no questionnaire file; whatever is named as one is refused."""
    raise StudyError(
        f"'{file.name}' cannot belong to a Google Forms export: Forms has no questionnaire file",
        expected="an export without answers.structure",
        hint="leave out answers.structure",
    )


def _are_times(cells: Sequence[str]) -> bool:
    """Whether all cells hold a day and a time with its seconds, as Forms records them."""
    return are_moments(cells) and all(map(_SECONDS.search, cells))


def _are_sentences(names: Sequence[str]) -> bool:
    """Whether most names are written as questions are: in more than one word."""
    told = [name.strip() for name in names if name.strip()]
    return bool(told) and 2 * sum(" " in name or "?" in name for name in told) > len(told)


def _grids(names: Sequence[str]) -> Mapping[str, str]:
    """The question of each column that is a row of a grid: several share what is outside [ ]."""
    stems = {name: found["stem"] for name in names if (found := _ROW.fullmatch(name))}
    counts = Counter(stems.values())
    return {name: stem for name, stem in stems.items() if counts[stem] > 1 or stem in names}


def _question(
    name: str, cells: Sequence[str], grids: Mapping[str, str], separators: Sequence[str]
) -> Question:
    said = name.casefold()
    if said in _EMAIL:
        return Question(bare(name), kind="meta", role="email")
    if said in _SCORE and cells and all(map(_POINTS.fullmatch, cells)):
        return Question(bare(name), kind="meta", role="other")
    asked = Question(bare(name))
    if name in grids:
        row = name[len(grids[name]) :].strip()[1:-1]
        asked = Question(bare(grids[name]), bare(row), group=bare(grids[name]))
        if row.strip().casefold() in _MARKS:
            return replace(asked, kind="meta", role="other")
    separator = next((one for one in separators if has_options(cells, one)), "")
    if separator:
        return replace(asked, kind="joined", separator=separator)
    kind = kind_of(cells)
    return replace(asked, kind=kind, reasons=labelled_reasons() if kind == "single" else {})
