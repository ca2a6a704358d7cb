"""Answer files as text, whatever they were saved as: CSV, Parquet, Excel, SPSS, archives.

Everything is read as text first and converted explicitly later, so that no reader guesses.
Nothing is dropped in silence: what cannot be read is a problem with its line. What a format
needs is loaded when a file of that format is read.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from cxkit.answers.platforms import DIALECTS, dialect
from cxkit.answers.readers.contents import content_of, what_to_try, words_for
from cxkit.answers.readers.table import Asked, Table, empty, refused
from cxkit.errors import Problem, StudyError, nearest

__all__ = ["Table", "read_table"]

Reader = Callable[[Path, Asked], Table]

_ENDINGS = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".csv.gz": "gzip",
    ".tsv.gz": "gzip",
    ".txt.gz": "gzip",
    ".parquet": "parquet",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".sav": "spss",
    ".zsav": "spss",
    ".lsa": "zip",
}
_WITHOUT_FORM = ("plain", "spss")
"""Platforms of which a study that names a questionnaire file is refused before."""


def read_table(
    file: Path,
    shown: str,
    wanted: Iterable[str] | None,
    *,
    sheet: str | None = None,
    platform: str | None = None,
    structure: Path | None = None,
    roles: frozenset[str] = frozenset(),
) -> Table:
    """The wanted columns of one file of answers, with every problem of its form.

    Parameters
    ----------
    file : Path
        Where it is.
    shown : str
        What its user calls it: problems carry this name.
    wanted : iterable of str, optional
        The columns to read, all if None; one that the file lacks is a `missing_column`.
    sheet : str, optional
        The sheet of a workbook; its only sheet that holds anything if not given.
    platform : str, optional
        The survey platform that exported it; recognised from its first rows if not given.
    structure : Path, optional
        The questionnaire file that belongs to the export.
    roles : frozenset of str, optional
        Columns of these roles, which the platform writes itself, are read along.
    """
    if structure is not None and structure.is_dir():
        return refused(
            "missing_structure",
            shown,
            f"the questionnaire '{structure.name}' is a folder",
            expected="the file that answers.structure names, from the study's folder",
            hint="name the file in it",
        )
    if structure is not None and not structure.is_file():
        return refused(
            "missing_structure",
            shown,
            f"there is no questionnaire file '{structure.name}'",
            expected="the file that answers.structure names, from the study's folder",
            hint=nearest(structure.name, _neighbours(structure)),
        )
    columns = None if wanted is None else tuple(dict.fromkeys(wanted))
    asked = Asked(shown, columns, sheet, platform, structure, roles)
    ending = _ending(file.name)
    try:
        content = content_of(file)
    except FileNotFoundError:
        return refused(
            "missing_file",
            shown,
            f"there is no file '{shown}'",
            expected="the file that answers.path names, from the study's folder",
            hint=nearest(file.name, _neighbours(file)),
        )
    except OSError as error:
        return _unreadable(shown, error)
    if ending is None and (label := _questionnaire_of(file)):
        return refused(
            "unknown_format",
            shown,
            f"'{file.name}' is a questionnaire of {label}, and holds no answers",
            expected="a file that ends in " + ", ".join(_ENDINGS),
            hint="name the export of the answers as answers.path, and this file as "
            "answers.structure",
        )
    if ending is None:
        return refused(
            "unknown_format",
            shown,
            f"'{file.name}' is not a kind of file that can be read",
            expected="a file that ends in " + ", ".join(_ENDINGS),
            hint=what_to_try(content),
        )
    kind = _ENDINGS[ending]
    if content == "empty":
        return empty(shown)
    if content != kind:
        return _misnamed(shown, ending, kind, content)
    try:
        return _with_form_told(_reader(kind)(file, asked), asked, kind)
    except OSError as error:
        return _unreadable(shown, error)
    except StudyError as error:
        return _no_structure(shown, error)


def _with_form_told(table: Table, asked: Asked, kind: str) -> Table:
    """A table with the problem of a questionnaire file that was named and is none of its."""
    form, is_archive = asked.structure, kind == "zip"
    is_used = table.platform in DIALECTS and not is_archive
    if form is None or not table.header or is_used or asked.platform in _WITHOUT_FORM:
        return table
    if is_archive:
        message = f"'{form.name}' is not read: the archive holds its own questionnaire"
        hint = "leave structure out"
    else:
        message = f"'{form.name}' belongs to no platform that this file could come from"
        hint = "leave structure out, or name the file as the platform exported it"
    told = Problem(
        "structure_of_none",
        message,
        file=table.shown,
        expected="structure beside an export of the same survey platform",
        hint=hint,
    )
    return replace(table, problems=(told, *table.problems))


def _no_structure(shown: str, error: StudyError) -> Table:
    """The refusal of an export whose questionnaire file cannot be read."""
    told = error.problems or (
        Problem(
            "unreadable_structure",
            error.message,
            file=error.where,
            expected=error.expected,
            hint=error.hint,
        ),
    )
    return Table(shown, problems=tuple(told))


def _misnamed(shown: str, ending: str, kind: str, content: str) -> Table:
    """The refusal of a file that holds something else than its name says."""
    if content == "protected":
        message = f"'{shown}' is locked with a password"
    else:
        message = f"'{shown}' ends in {ending} and holds {words_for(content)}"
    return refused(
        "protected" if content == "protected" else "wrong_content",
        shown,
        message,
        expected=words_for(kind) + (" without a password" if content == "protected" else ""),
        hint=what_to_try(content),
    )


def _questionnaire_of(file: Path) -> str:
    """The platform whose questionnaire files end as a file does; "" for none."""
    forms = (dialect(key) for key in DIALECTS)
    ending = file.suffix.lower()
    return next((one.LABEL for one in forms if ending and ending in one.STRUCTURES), "")


def _ending(name: str) -> str | None:
    known = sorted(_ENDINGS, key=len, reverse=True)
    return next((one for one in known if name.lower().endswith(one)), None)


def _reader(kind: str) -> Reader:
    """The reader of a kind of file, with the library that it needs."""
    if kind == "parquet":
        from cxkit.answers.readers.parquet import read_parquet

        return read_parquet
    if kind == "workbook":
        from cxkit.answers.readers.workbook import read_workbook

        return read_workbook
    if kind == "spss":
        from cxkit.answers.readers.spss import read_spss

        return read_spss
    if kind == "zip":
        from cxkit.answers.readers.archive import read_archive

        return read_archive
    from cxkit.answers.readers.text import read_text

    return functools.partial(read_text, is_packed=kind == "gzip")


def _neighbours(file: Path) -> list[str]:
    return sorted(one.name for one in file.parent.iterdir()) if file.parent.is_dir() else []


def _unreadable(shown: str, error: OSError) -> Table:
    message = f"'{shown}' cannot be read ({error.strerror or type(error).__name__})"
    return refused("unreadable", shown, message, hint="export the answers again")
