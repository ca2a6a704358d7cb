"""A column of a Qualtrics export: what its import id, its name, its text and its answers tell.

Where a questionnaire file says nothing, the columns of a question are looked at together: what
their texts share is the question, what differs is the row or the choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cxkit.answers.platforms.exits import labelled_reasons
from cxkit.answers.platforms.headers import column, is_number, kind_of
from cxkit.answers.platforms.layout import Question
from cxkit.answers.platforms.markup import bare

__all__ = ["SEEN", "Column", "Family", "families_of", "import_id", "own_role"]

SEEN = "-99"
"""The code of a question that was seen and left unanswered."""
_ROLES = {
    "startdate": "started",
    "enddate": "ended",
    "recordeddate": "recorded",
    "status": "status",
    "ipaddress": "ip",
    "progress": "progress",
    "duration": "duration",
    "durationinseconds": "duration",
    "finished": "finished",
    "recordid": "respondent",
    "responseid": "respondent",
    "responseset": "other",
    "responsesetid": "other",
    "name": "name",
    "recipientlastname": "last_name",
    "recipientfirstname": "first_name",
    "recipientemail": "email",
    "emailaddress": "email",
    "externalreference": "reference",
    "externaldatareference": "reference",
    "locationlatitude": "latitude",
    "locationlongitude": "longitude",
    "locationaccuracy": "other",
    "distributionchannel": "channel",
    "userlanguage": "language",
    "qlanguage": "language",
    "qrecaptchascore": "bot_score",
    "qrelevantidfraudscore": "bot_score",
    "qduplicatescore": "duplicate_score",
    "qrelevantidduplicatescore": "duplicate_score",
    "qrelevantidduplicate": "other",
    "qrelevantidlaststartdate": "other",
    "qballotboxstuffing": "other",
    "qduplicaterespondent": "other",
    "qtotalduration": "other",
}
"""What Qualtrics writes itself: import ids, names, and the words of the older second row."""
_LABELS = {
    "finished": {"1": "True", "0": "False"},
    "status": {
        "0": "IP Address",
        "1": "Survey Preview",
        "2": "Survey Test",
        "4": "Imported",
        "8": "Spam",
        "9": "Survey Preview Spam",
        "12": "Imported Spam",
        "16": "Offline",
        "17": "Offline Survey Preview",
    },
}
_IMPORT = re.compile(r"""\{\s*["']ImportId["']\s*:\s*["'](?P<id>[^"']*)["']""")
_CHOICE = re.compile(r"""["']choiceId["']\s*:\s*["'](?P<id>[^"']*)["']""")
_ASKED = re.compile(
    r"(?P<loop>\d+_)?(?P<question>QID\d+(?:#\d+)?)(?P<rest>([-_]-?x?\d+)*)(?P<end>.*)"
)
_ITSELF = re.compile(
    r"_(DO|NPS_GROUP|BROWSER|VERSION|OS|RESOLUTION|FIRST_CLICK|LAST_CLICK|PAGE_SUBMIT|CLICK_COUNT"
    r"|FILE_ID|FILE_NAME|FILE_SIZE|FILE_TYPE|TOPICS?|SENTIMENT\w*)(_.*)?|_TEXT_[0-9a-f]{6,}.*"
)
"""What Qualtrics adds to a question by itself: orders, times, devices, topics of texts."""
_APART = re.compile(r"(FL|BL|SC)_\w+|SC\d+")
"""Import ids of what belongs to no question: orders of blocks, scores."""
_NUMBERED = re.compile(r"V\d+")
"""Names of Qualtrics's own columns in the older form."""
_CHOSEN, _WRITTEN = " - Selected Choice", " - Text"
_FEWEST_TICKED = 5


def import_id(cell: str) -> str:
    """The import id that a cell of the third row holds; "" where it is none."""
    found = _IMPORT.match(cell)
    return found["id"] if found else ""


def own_role(name: str) -> str:
    """The role of one of Qualtrics's own columns, by its name or import id; "" for any other."""
    said = re.sub(r"^(panel|location)-", "", name, flags=re.IGNORECASE)
    return _ROLES.get(re.sub(r"[^a-z]", "", said.casefold()), "")


@dataclass(frozen=True)
class Column:
    """One column: its name, text and import id, and the first answers in it."""

    at: int
    name: str
    text: str
    ids: str
    rows: Sequence[Sequence[str]]

    @cached_property
    def imported(self) -> str:
        """Its import id; "" where the file has none."""
        return import_id(self.ids)

    @cached_property
    def choice(self) -> str:
        """The choice whose ticking it tells, where its import id names one."""
        found = _CHOICE.search(self.ids)
        return found["id"] if found else ""

    @cached_property
    def role(self) -> str:
        """What Qualtrics writes in it, if it is one of Qualtrics's own."""
        if self.imported:
            return own_role(self.imported)
        return own_role(self.name) or (
            own_role(self.text) if _NUMBERED.fullmatch(self.name) else ""
        )

    @cached_property
    def is_own(self) -> bool:
        """Whether Qualtrics writes it, of the response or beside a question."""
        is_beside = _ITSELF.fullmatch(self.end) or _APART.fullmatch(self.imported)
        return bool(self.role or is_beside)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What Qualtrics's own codes in it mean."""
        return _LABELS.get(self.role, {})

    @cached_property
    def key(self) -> re.Match[str] | None:
        """The question, row and choice of its import id."""
        return _ASKED.fullmatch(self.imported)

    @cached_property
    def question(self) -> str:
        """The question that it belongs to: its import id, else the beginning of its name."""
        if self.key:
            return (self.key["loop"] or "") + self.key["question"]
        return "" if self.imported else self.name.partition("_")[0]

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The numbers of its row and its choice."""
        told = re.findall(r"[-_](-?x?\d+)", self.key["rest"]) if self.key else []
        return (*told, *([self.choice] if self.choice else []))

    @cached_property
    def id(self) -> str:
        """Question, row and choice as a .qsf counts them."""
        return "_".join((self.key["question"], *self.parts)) + self.end if self.key else ""

    @cached_property
    def row(self) -> str:
        """The row of a matrix in which several choices can be ticked; "" in other questions."""
        return self.parts[0] if len(self.parts) > 1 else ""

    @cached_property
    def end(self) -> str:
        """What its import id adds to the question: _TEXT, _DO."""
        return self.key["end"] if self.key else ""

    @cached_property
    def cells(self) -> list[str]:
        """The first answers that are none of Qualtrics's own codes."""
        return [cell for cell in column(self.rows, self.at) if cell != SEEN]


# -- the columns of one question ----------------------------------------------------------------


def families_of(columns: Sequence[Column]) -> Mapping[str, Family]:
    """The columns that respondents filled in, by the question that they belong to."""
    found: dict[str, list[Column]] = {}
    for one in columns:
        if one.name and one.question and not one.is_own:
            found.setdefault(one.question, []).append(one)
    return {question: Family(one) for question, one in found.items()}


@dataclass(frozen=True)
class Family:
    """The columns of one question."""

    columns: Sequence[Column]

    def question(self, one: Column) -> Question:
        """What a column asks as far as its text, its import id and its first answers tell."""
        stem, part = self._stem_and_part(one)
        group = one.question if len(self.columns) > 1 else ""
        if one.end == "_TEXT" or (not one.imported and one.name.endswith("_TEXT")):
            kind = "number" if one.cells and all(map(is_number, one.cells)) else "open"
            return Question(stem, part, kind, group=group, reasons={SEEN: "no_answer"})
        if one.choice or self._ticked[one.row]:
            group = "_".join((one.question, one.row)) if one.row else one.question
            return Question(stem, part, "several", group=group, reasons={SEEN: "no_answer"})
        kind = kind_of(one.cells)
        reasons = {SEEN: "no_answer"} | (labelled_reasons() if kind == "single" else {})
        return Question(stem, part, kind, group=group, reasons=reasons)

    @cached_property
    def _rows(self) -> Mapping[str, list[Column]]:
        """The columns of each row; all of them under "" where the question has no rows."""
        rows: dict[str, list[Column]] = {}
        for one in self.columns:
            rows.setdefault(one.row, []).append(one)
        return rows

    @cached_property
    def _ticked(self) -> Mapping[str, bool]:
        """Whether the columns of each row tell which options were ticked."""
        return {
            row: _are_ticked([one for one in fellows if not one.end])
            for row, fellows in self._rows.items()
        }

    @cached_property
    def _stem(self) -> str:
        """What the texts of all columns begin with; "" where they share nothing."""
        return _shared({one.text for one in self.columns if one.text})

    @cached_property
    def _row_stems(self) -> Mapping[str, str]:
        """What the texts of each row begin with."""
        texts = {row: {one.text for one in told} for row, told in self._rows.items()}
        return {row: _shared(one) if row else "" for row, one in texts.items()}

    def _stem_and_part(self, one: Column) -> tuple[str, str]:
        """The question and the option or statement that a text joins with a hyphen."""
        text, stem = one.text.removesuffix(_CHOSEN), self._stem
        part = text[len(stem) :].removesuffix(_WRITTEN) if text.startswith(stem) and stem else ""
        if not part:
            return bare(text), ""
        asked, own = bare(_without_hyphen(stem)), self._row_stems[one.row]
        if stated := bare(_without_hyphen(own[len(stem) :])):
            return f"{asked}: {stated}", bare(text[len(own) :])
        return asked, bare(part)


def _are_ticked(fellows: Sequence[Column]) -> bool:
    """Whether the first answers of some columns tell that each stands for an option.

    Nothing but 1 stands in them (or nothing but its own option in each), in some rows one of
    them is blank beside another that is not, and five respondents at least ticked something.
    """
    if len(fellows) < 2:
        return False
    answered = [[_at(row, one.at) for one in fellows] for row in fellows[0].rows]
    answered = [[cell for cell in cells if cell not in ("", SEEN)] for cells in answered]
    given = [cells for cells in answered if cells]
    if len(given) < _FEWEST_TICKED or all(len(cells) == len(fellows) for cells in given):
        return False
    is_ones = all(cell == "1" for cells in given for cell in cells)
    return is_ones or all(map(_tells_itself, fellows))


def _tells_itself(one: Column) -> bool:
    """Whether a column's answers are the option that its text ends with."""
    return all(len(cell) > 1 and one.text.endswith(cell) for cell in one.cells)


def _at(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""


def _shared(texts: set[str]) -> str:
    """The beginning that texts share, up to and with the last hyphen that parts it from others."""
    if len(texts) < 2:
        return ""
    first, last = min(texts), max(texts)
    n = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    begun = first[:n]
    if (spaced := begun.rfind(" - ")) >= 0:
        return begun[: spaced + 3]
    after = [match.end() for match in re.finditer(r"[?!.:]\s*-", begun)]
    return begun[: after[-1]] if after else begun[: begun.rfind("-") + 1]


def _without_hyphen(text: str) -> str:
    return re.sub(r"\s*-\s*$", "", text)
