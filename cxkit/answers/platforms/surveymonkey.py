"""SurveyMonkey: two header rows, the question over its first column, the option under it.

The columns of the respondents come first, blank in the second row. A question of one column has
"Response" there; one of several columns has its options or statements. SurveyMonkey gives no
questionnaire file, so what a column holds is told by its options and by the first answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cxkit.answers.platforms.exits import labelled_reasons
from cxkit.answers.platforms.headers import are_moments, column, has_options, kind_of, numbered
from cxkit.answers.platforms.layout import Layout, Question, Structure
from cxkit.answers.platforms.markup import bare
from cxkit.errors import StudyError

__all__ = ["LABEL", "STRUCTURES", "layout", "structure"]

LABEL = "SurveyMonkey"
STRUCTURES: tuple[str, ...] = ()

_RESPONDENT = ("respondent id", "respondentid", "id responden")
_ROLES = {
    **dict.fromkeys(_RESPONDENT, "respondent"),
    "collector id": "channel",
    "collectorid": "channel",
    "id kolektor": "channel",
    "start date": "started",
    "startdate": "started",
    "date created": "started",
    "tanggal mulai": "started",
    "end date": "ended",
    "enddate": "ended",
    "date modified": "ended",
    "tanggal selesai": "ended",
    "tanggal berakhir": "ended",
    "ip address": "ip",
    "alamat ip": "ip",
    "email address": "email",
    "alamat email": "email",
    "first name": "first_name",
    "nama depan": "first_name",
    "last name": "last_name",
    "lastname": "last_name",
    "nama belakang": "last_name",
    "language": "language",
    "bahasa": "language",
    "response status": "finished",
    "status": "finished",
    "tags": "other",
}
_CUSTOM = ("custom data", "customdata", "data khusus")
_FEWEST = 3
"""So many of its own columns show that a file is SurveyMonkey's."""

_CHOSEN = ("response", "respons", "tanggapan", "jawaban")
_WRITTEN = ("open-ended response", "respons terbuka", "tanggapan terbuka", "jawaban terbuka")
_OTHER = ("other", "lainnya", "lain-lain", "please specify", "please explain", "sebutkan")


def layout(head: Sequence[Sequence[str]], structure: Structure | None = None) -> Layout | None:
    """The layout of a SurveyMonkey export; None where its own columns do not come first."""
    own = _own(head[0]) if head else {}
    if len(own) < _FEWEST or not _is_respondent(head[0]):
        return None
    width = max(map(len, head[:2]))
    tops, subs = (_wide(row, width) for row in (head[0], head[1] if len(head) > 1 else ()))
    if any(subs[at] for at in own):
        return _without_options(tops, own, head[1:])
    rows = head[2:]
    asked = [at for at in range(len(tops)) if at not in own]
    names = numbered(_name(tops, subs, own))
    questions = {names[at]: _respondents(tops[at], role) for at, role in own.items()}
    runs = _runs(tops, subs, asked)
    groups = numbered(bare(tops[run[0]]) for run in runs)
    for run, group in zip(runs, groups, strict=True):
        found = _Asked(run, group, tops, subs, rows).questions()
        questions |= {names[at]: one for at, one in found}
    ordered = {name: questions[name] for name in names if name in questions}
    says = "two header rows, questions over options"
    return Layout("surveymonkey", names, 2, ordered, says)


def structure(file: Path) -> Structure:
    """SurveyMonkey has no questionnaire file; whatever is named as one is refused."""
    raise StudyError(
        f"'{file.name}' cannot belong to a SurveyMonkey export: "
        "SurveyMonkey has no questionnaire file",
        expected="an export without answers.structure",
        hint="leave out answers.structure",
    )


# -- the first columns --------------------------------------------------------------------------


def _own(tops: Sequence[str]) -> dict[int, str]:
    """Where SurveyMonkey's own columns are, and what they are: they come before the questions."""
    own: dict[int, str] = {}
    for at, top in enumerate(tops):
        said = top.strip().casefold()
        role = "other" if said.startswith(_CUSTOM) else _ROLES.get(said)
        if role is None:
            break
        own[at] = role
    return own


def _is_respondent(tops: Sequence[str]) -> bool:
    return tops[0].strip().casefold() in _RESPONDENT


def _wide(row: Sequence[str], width: int) -> list[str]:
    return [*(cell.strip() for cell in row), *[""] * width][:width]


def _respondents(top: str, role: str) -> Question:
    return Question(bare(top), kind="meta", role=role)


def _without_options(
    tops: Sequence[str], own: dict[int, str], rows: Sequence[Sequence[str]]
) -> Layout | None:
    """The layout where answers follow the first row: the options are lost."""
    moments = [at for at, role in own.items() if role in ("started", "ended")]
    if not any(are_moments(column(rows, at)) for at in moments):
        return None
    names = numbered(tops)
    if "" in names:
        first = tops.index("")
        after = next((top for top in reversed(tops[:first]) if top), "")
        problem = (
            "the second header row of the SurveyMonkey export is gone: "
            f"{tops.count('')} columns have no name, the first of them after '{after}'"
        )
        return Layout("surveymonkey", names, 1, {}, "its own columns", (problem,))
    questions = {names[at]: _respondents(tops[at], role) for at, role in own.items()}
    for at in range(len(own), len(tops)):
        kind = kind_of(column(rows, at))
        reasons = labelled_reasons() if kind == "single" else {}
        questions[names[at]] = Question(bare(tops[at]), kind=kind, reasons=reasons)
    says = "its own columns; the second header row is gone"
    return Layout("surveymonkey", names, 1, questions, says)


# -- the questions ------------------------------------------------------------------------------


def _runs(tops: Sequence[str], subs: Sequence[str], asked: Sequence[int]) -> list[list[int]]:
    """The columns of each question: its text stands over the first, or over each of them."""
    runs: list[list[int]] = []
    for at in asked:
        is_first = not runs or (tops[at] and (tops[at] != tops[at - 1] or _is_whole(subs[at])))
        if is_first:
            runs.append([at])
        else:
            runs[-1].append(at)
    return runs


def _is_whole(sub: str) -> bool:
    """Whether the second row says that the column is the whole question."""
    return sub.casefold() in ("", *_CHOSEN, *_WRITTEN)


def _name(tops: Sequence[str], subs: Sequence[str], own: dict[int, str]) -> Iterator[str]:
    """The name of each column: the question, and its option where it has one."""
    question = ""
    for at, (top, sub) in enumerate(zip(tops, subs, strict=True)):
        question = top or ("" if at in own else question)
        yield question if at in own or _is_whole(sub) else f"{question}: {sub}"


@dataclass(frozen=True)
class _Asked:
    """One question: its columns, and the first answers in them."""

    at: Sequence[int]
    group: str
    tops: Sequence[str]
    subs: Sequence[str]
    rows: Sequence[Sequence[str]]

    def questions(self) -> Iterator[tuple[int, Question]]:
        """What each of its columns asks."""
        text = bare(self.tops[self.at[0]])
        group = self.group if len(self.at) > 1 else ""
        is_ticked = self._are_ticks()
        answers = [cell for cells in self._options.values() for cell in cells]
        stated = "open" if self._are_own_words() else kind_of(answers)
        for at in self.at:
            kind, separator = self._whole(at) if _is_whole(self.subs[at]) else (stated, "")
            part = "" if _is_whole(self.subs[at]) else bare(self.subs[at])
            if at in self._options and is_ticked:
                kind = "several"
            elif part and at not in self._options:
                kind = "open"
            reasons = labelled_reasons() if kind == "single" else {}
            yield at, Question(text, part, kind, "", group, reasons=reasons, separator=separator)

    @cached_property
    def _options(self) -> dict[int, list[str]]:
        """The columns that stand for options or statements, not for other words; their answers."""
        told = [at for at in self.at if not _is_whole(self.subs[at])]
        return {
            at: column(self.rows, at)
            for at in told
            if not any(word in self.subs[at].casefold() for word in _OTHER)
        }

    def _whole(self, at: int) -> tuple[str, str]:
        """The kind of a column that is a whole question, and what joins its options."""
        cells, sub = column(self.rows, at), self.subs[at].casefold()
        if sub in _WRITTEN:
            return "open", ""
        if has_options(cells, ", "):
            return "joined", ", "
        kind = kind_of(cells)
        return (kind if kind in ("number", "date") or not sub else "single"), ""

    def _are_ticks(self) -> bool:
        """Whether each column holds its own option, or its place among them, and nothing else."""
        filled = {at: set(cells) for at, cells in self._options.items() if cells}
        if not filled:
            return False
        if all(cells == {self.subs[at]} for at, cells in filled.items()):
            return True
        places = {at: {str(place)} for place, at in enumerate(self.at, start=1)}
        return len(filled) > 1 and all(cells == places[at] for at, cells in filled.items())

    def _are_own_words(self) -> bool:
        """Whether the columns are boxes to write in: no answer comes twice in any of them."""
        filled = [cells for cells in self._options.values() if cells]
        n_cells = sum(map(len, filled))
        is_new = all(len(set(cells)) == len(cells) for cells in filled)
        return (
            n_cells > 2 * len(filled)
            and is_new
            and not all(cell.isdecimal() for cells in filled for cell in cells)
        )
