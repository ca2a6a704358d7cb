"""An export read, matched, and its draft written beside it (or elsewhere), never over a file."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cxkit import places
from cxkit.answers.exports import Export, read_export
from cxkit.answers.mapping.draft import Source, StudyDraft
from cxkit.answers.mapping.matching import Column, Matches, Verdict
from cxkit.answers.new import key_of
from cxkit.answers.platforms import DIALECTS
from cxkit.answers.privacy import told_of_nobody
from cxkit.errors import Problem, StudyError, SurveyError, counted, nearest
from cxkit.study.file import read_yaml
from cxkit.study.to_confirm import open_questions

__all__ = ["Mapped", "draft_study"]

_WITH_SHEETS = (".xlsx", ".xlsm")
_STATUSES = {
    "mapped": "mapped",
    "proposed": "proposed, to be confirmed",
    "recognised": "questions of the kit that no line of the draft can read",
    "left_out": "left out (of the platform, or personal data)",
    "unknown": "not recognised",
}


@dataclass(frozen=True)
class Mapped:
    """What came of an export: the draft, a verdict on every column, and what is open.

    Attributes
    ----------
    draft : Path
        The study file that was written, as it was named.
    verdicts : mapping of str to Verdict
        Every column of the export, in the order of the file.
    open : tuple of Problem
        The values that the researcher has to say.
    notes : tuple of str
        What is to be known of the file, such as letters that were read in an older encoding.
    brand : str
        The brand that was given or read; "" if neither.
    """

    draft: Path
    platform: str
    says: str
    n_rows: int
    brand: str
    verdicts: Mapping[str, Verdict]
    open: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many columns became what; all columns are in it."""
        found = Counter(one.status for one in self.verdicts.values())
        return {status: found[status] for status in _STATUSES}

    def summary(self) -> str:
        """The draft's path, how many columns became what, and what is open."""
        told = f" ({self.says})" if self.says else ""
        lines = [str(self.draft), f"{self.platform}{told}: {counted(self.n_rows, 'row')}"]
        n = len(self.verdicts)
        lines.append(f"{counted(n, 'column')}:")
        lines += [f"{n:>6}  {_STATUSES[status]}" for status, n in self.counts.items() if n]
        if self.open:
            lines.append(f"{counted(len(self.open), 'value')} to say (CONFIRM):")
            lines += [f"        line {one.line}: {one.column}" for one in self.open]
        return "\n".join([*lines, *self.notes])

    def to_json(self) -> str:
        """The same as JSON with sorted keys."""
        columns = [
            {
                "column": one.column,
                "status": one.status,
                "key": one.guess.key if one.guess else None,
                "confidence": one.guess.confidence if one.guess else None,
                "why": one.guess.said if one.guess else one.why,
            }
            for one in self.verdicts.values()
        ]
        told = {
            "draft": str(self.draft),
            "platform": self.platform,
            "says": self.says,
            "n_rows": self.n_rows,
            "brand": self.brand,
            "counts": self.counts,
            "columns": columns,
            "open": [{"line": one.line, "key": one.column} for one in self.open],
            "notes": list(self.notes),
        }
        return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True)


def draft_study(
    export: str | os.PathLike[str],
    output: str | os.PathLike[str] = "study.yaml",
    *,
    platform: str | None = None,
    structure: str | os.PathLike[str] | None = None,
    sheet: str | None = None,
    brand: str = "",
) -> Mapped:
    """Draft a study file from an export: what is sure is mapped, the rest left to be confirmed.

    Parameters
    ----------
    export : path
        A file of answers that the kit can read.
    output : path
        The study file to write (in a folder: FOLDER/study.yaml); never overwritten.
    platform, structure, sheet : optional
        As `answers` of a study file has them; recognised from the file if not given.
    brand : str
        The brand that the questions name; read from them if empty.

    Returns
    -------
    Mapped
        The draft's path, a verdict on every column, and the values still to be said.

    Raises
    ------
    StudyError
        If there is no such export, or the output is there already.
    SurveyError
        If the export cannot be read.
    """
    source, target = places.root() / Path(export), places.root() / Path(output)
    shown = Path(output)
    if target.is_dir():
        target, shown = target / "study.yaml", shown / "study.yaml"
    _refuse(source, str(export), target, str(shown))
    if sheet is not None and source.suffix.lower() not in _WITH_SHEETS:
        raise StudyError(
            f"'{export}' has no sheets, and '{sheet}' is asked for",
            where=str(export),
            expected="a sheet of a workbook (.xlsx)",
            hint="leave sheet out",
        )
    form = None if structure is None else places.root() / Path(structure)
    read = read_export(source, platform=platform, structure=form, sheet=sheet)
    slips = [one for one in read.problems if one.severity == "error"]
    if slips:
        raise SurveyError.of(told_of_nobody(slips))
    if form is not None and read.platform not in DIALECTS:
        raise StudyError(
            f"'{form.name}' belongs to no platform that '{read.shown}' could come from",
            where=read.shown,
            expected="a questionnaire file of the platform that exported the answers",
            hint="leave structure out, or say the platform of the export",
        )
    if not read.columns:
        raise SurveyError(f"'{read.shown}' has no columns", expected="a row of column names")
    draft = drafted(read, source, target.parent, form, sheet or "", brand)
    text = draft.text
    _write(target, text, str(shown))
    opened = open_questions(read_yaml(target, str(shown)))
    return Mapped(
        shown,
        read.platform,
        read.says,
        read.n_rows,
        draft.brand,
        draft.statuses,
        tuple(opened),
        tuple(one.message for one in told_of_nobody(read.problems) if one.severity == "warning"),
    )


def drafted(
    read: Export, source: Path, folder: Path, structure: Path | None, sheet: str, brand: str
) -> StudyDraft:
    """The draft of a study file that is to lie in `folder`."""
    columns = [Column(name, asked, read.cells[name]) for name, asked in read.columns.items()]
    told = Source(
        key=key_of(source.name.partition(".")[0]),
        path=_from(source, folder),
        platform=read.platform,
        says=read.says,
        n_rows=read.n_rows,
        structure=_from(structure, folder) if structure else "",
        sheet=sheet,
    )
    return StudyDraft(Matches(columns, brand), told)


def _from(file: Path, folder: Path) -> str:
    """A file's path from a folder; as it is where no relative path leads there."""
    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return file.resolve().as_posix()


def _write(target: Path, text: str, shown: str) -> None:
    """A new file, in a new folder if there is none."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise StudyError(
            f"'{shown}' cannot be written ({error.strerror or type(error).__name__})",
            where=f"-o {shown}",
            expected="a place where files can be written",
            hint="name another place with -o",
        ) from error


def _refuse(source: Path, export: str, target: Path, shown: str) -> None:
    if source.is_dir():
        raise StudyError(
            f"'{export}' is a folder",
            where=export,
            expected="the file of answers that the platform exported",
            hint="name the file in it",
        )
    if not source.exists():
        known = [one.name for one in source.parent.iterdir()] if source.parent.is_dir() else []
        raise StudyError(
            f"there is no file '{export}'",
            where=export,
            expected="the file of answers that the platform exported",
            hint=nearest(source.name, known),
        )
    if target.exists():
        raise StudyError(
            f"'{shown}' is there already",
            where=f"-o {shown}",
            expected="a name that is free; nothing is ever overwritten",
            hint="name another file with -o, or move this one away",
        )
