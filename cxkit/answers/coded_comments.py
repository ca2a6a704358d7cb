"""The file of comments that people coded, as it lies beside a study: rows of text, each a line.

What in it disagrees with the study, its codebook or its answers is told when answers are read.
What is coded of a later wave changes nothing that is said of an earlier one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cxkit.answers.readers import read_table
from cxkit.errors import Problem, StudyError, brief, nearest
from cxkit.library.files import beside_or_in_library, load_yaml
from cxkit.study.coding_entry import NO_THEME, PARTS, themes_in

__all__ = ["CodedFile", "digest_of_coded", "problems_of_coded", "read_coded"]

_COLUMNS = ("comment", "respondent", "wave", "part", "text", "themes")


@dataclass(frozen=True)
class CodedFile:
    """The rows of a file of coded comments, the line of each, and what its user calls it."""

    shown: str = ""
    rows: tuple[dict[str, str], ...] = ()
    lines: tuple[int, ...] = ()

    def until(self, last: str | None) -> CodedFile:
        """The rows on comments of a wave and of those before it; all where `last` is None."""
        kept = [at for at, row in enumerate(self.rows) if last is None or row["wave"] <= last]
        rows = tuple(self.rows[at] for at in kept)
        return CodedFile(self.shown, rows, tuple(self.lines[at] for at in kept))


def read_coded(study: Any) -> CodedFile:
    """The coded comments that a study names; no rows where it names no file.

    Raises
    ------
    StudyError
        If the file is no table with those columns: every problem of its form.
    """
    name = study.coding.coded
    if name is None:
        return CodedFile()
    shown = study.shown(name)
    table = read_table(study.folder / name, shown, _COLUMNS)
    slips = [one for one in table.problems if one.severity == "error" and one.code != "header_only"]
    lacking = [one for one in slips if one.code == "missing_column"]
    if lacking:
        slips = [one for one in slips if one not in lacking] + [_lacks(shown, lacking)]
    if slips:
        raise StudyError.of(slips)
    cells = [[_unquoted(text.strip()) for text in table.cells[key]] for key in _COLUMNS]
    rows = tuple(dict(zip(_COLUMNS, row, strict=True)) for row in zip(*cells, strict=True))
    return CodedFile(shown, rows, tuple(map(int, table.lines)))


def digest_of_coded(study: Any, last: str | None) -> dict[str, dict[str, str]]:
    """What reports of a wave rest on of the file: the digest of what is coded up to that wave.

    Empty where nothing is coded, so that a file that is begun for a later wave moves no report.
    """
    name = study.coding.coded
    if name is None or not (study.folder / name).is_file():
        return {}
    rows = [row for row in read_coded(study).until(last).rows if row["themes"]]
    told = json.dumps(rows, ensure_ascii=False, sort_keys=True)
    return {"coding": {name: hashlib.sha256(told.encode()).hexdigest()}} if rows else {}


def _lacks(shown: str, lacking: Iterable[Problem]) -> Problem:
    """That the file is no draft of coded comments, by the columns that it does not have."""
    return Problem(
        "missing_column",
        "the file of coded comments lacks " + ", ".join(str(one.column) for one in lacking),
        file=shown,
        line=1,
        expected="the columns " + ", ".join(_COLUMNS),
        hint="`cxkit comments draft` lays such a file down, for you to code",
    )


def _unquoted(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from taking it for a formula."""
    return cell.removeprefix("'")


def problems_of_coded(study: Any, respondent: Iterable[str], wave: Iterable[str]) -> list[Problem]:
    """Every problem of a study's coded comments, of their form and against its answers.

    Parameters
    ----------
    study : Study
        Names the file under `coding:`; a file that is not there is told with the study.
    respondent, wave : iterable of str, shape (n_rows,)
        Whose answers there are.
    """
    name = study.coding.coded
    if name is None or not (study.folder / name).is_file():
        return []
    try:
        file = read_coded(study)
    except StudyError as slip:
        return list(slip.problems)
    check = _Check(file, study, frozenset(zip(map(str, respondent), map(str, wave), strict=True)))
    return list(check.problems())


@dataclass(frozen=True)
class _Check:
    """A file of coded comments, and what it is held against."""

    file: CodedFile
    study: Any
    places: frozenset[tuple[str, str]]

    def problems(self) -> Iterator[Problem]:
        rows = [pair for pair in zip(self.file.rows, self.file.lines, strict=True)
                if pair[0]["themes"]]  # fmt: skip
        if not rows:
            yield Problem(
                "nothing_coded",
                "no comment of the file is coded yet, so it changes nothing",
                "warning",
                file=self.file.shown,
                column="themes",
                expected=f"themes of the codebook with ; between them, or {NO_THEME}",
            )
        seen: dict[tuple[str, ...], int] = {}
        themes = self._themes()
        for row, line in rows:
            yield from self._themes_of(row, line, themes)
            yield from self._place_of(row, line)
            place = (row["comment"], row["respondent"], row["wave"])
            if seen.setdefault(place, line) != line:
                said = f"the comment of respondent '{brief(row['respondent'])}' is coded twice"
                rest = f"one row a comment; the other is line {seen[place]}"
                yield self._slip("coded_twice", line, "respondent", said, rest)

    def _themes(self) -> tuple[str, ...]:
        """The keys of the codebook; none of one that needs mending, which is told elsewhere."""
        coding = self.study.coding
        try:
            file = beside_or_in_library(
                "codebooks", coding.codebook, self.study.folder, kind="codebook"
            )
            themes = load_yaml(file).get("themes")
        except StudyError:
            return ()
        return tuple(map(str, themes)) if isinstance(themes, Mapping) else ()

    def _themes_of(
        self, row: Mapping[str, str], line: int, themes: tuple[str, ...]
    ) -> Iterator[Problem]:
        known = (*themes, NO_THEME)
        for theme in themes_in(row["themes"]):
            if themes and theme not in known:
                said = f"a comment is coded '{brief(theme)}', which is no theme of the codebook"
                rest = f"one or more of {', '.join(known)}, with ; between them"
                hint = nearest(theme, known)
                yield self._slip("unknown_theme", line, "themes", said, rest, hint)

    def _place_of(self, row: Mapping[str, str], line: int) -> Iterator[Problem]:
        questions = self.study.comments
        if row["comment"] not in questions:
            said = f"the comment question is '{brief(row['comment'])}'"
            hint = nearest(row["comment"], questions)
            rest = "one of " + ", ".join(questions)
            yield self._slip("unknown_comment", line, "comment", said, rest, hint)
        if row["part"] not in PARTS:
            said = f"the part is '{brief(row['part'])}'"
            rest = "fit or check, as it was drawn"
            yield self._slip("unknown_part", line, "part", said, rest)
        if (row["respondent"], row["wave"]) not in self.places:
            who, wave = brief(row["respondent"]), brief(row["wave"])
            said = f"nobody called '{who}' answered in wave '{wave}', whose comment is coded"
            hint = "take the row out, if the answers of this respondent were taken out"
            yield self._slip("unknown_respondent", line, "respondent", said,
                             "a respondent of the answers", hint)  # fmt: skip

    def _slip(self, code: str, line: int, column: str, message: str, expected: str,
              hint: str | None = None) -> Problem:  # fmt: skip
        return Problem(code, message, file=self.file.shown, line=line, column=column, n=1,
                       expected=expected, hint=hint)  # fmt: skip
