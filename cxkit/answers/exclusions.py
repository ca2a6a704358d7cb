"""Who is left out: a table of decisions, respondent by respondent, that a person writes.

Rules only flag. What `exclusions.csv` says is read by `read_exclusions`, held against the answers
by `decided`, and drafted from flags by `draft_exclusions`, which never touches a decision.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from cxkit.answers.interviews import bot_scores_of
from cxkit.answers.privacy import told_of_nobody
from cxkit.answers.quality import RULES, Flags, flags_of
from cxkit.answers.readers import read_table
from cxkit.errors import Problem, StudyError, brief, counted, listed, nearest, quoted
from cxkit.places import is_demo
from cxkit.study import Study

__all__ = [
    "COLUMNS", "DECISIONS", "FILE", "LISTED", "Exclusions", "decided", "decisions_as_table",
    "draft_exclusions", "list_flagged", "read_exclusions",
]  # fmt: skip

COLUMNS = ("respondent", "wave", "rule", "decision", "why")
"""The columns of the table of decisions; `wave` may be left out, others may be added."""

DECISIONS = ("exclude", "keep")

LISTED = ("preview", "spam", "unfinished", *RULES)
"""Why a draft lists a respondent: what the platform says of a response, then the flags."""

FILE = "exclusions.csv"
"""Where decisions are drafted for a study that does not name a file."""

_NOTES = "flags"
"""The column of a draft that holds every rule that flagged a respondent."""


@dataclass(frozen=True)
class Exclusions:
    """Decisions as they stand in the file, each with its line, and what needs mending.

    Attributes
    ----------
    shown : str
        The file, as its user knows it.
    rows : tuple of dict
        For each row `COLUMNS` as text, "" where blank.
    lines : tuple of int
        The line of each row.
    problems : tuple of Problem
        Slips of the file itself.
    """

    shown: str = FILE
    rows: tuple[dict[str, str], ...] = ()
    lines: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def table(self) -> pd.DataFrame:
        """The rows with a decision: `respondent wave rule decision why`."""
        return decisions_as_table([row for row in self.rows if row["decision"]])

    def settles(self, respondent: Iterable[str], waves: Iterable[str]) -> np.ndarray:
        """Whether there is a decision on each row, by its respondent and its wave."""
        told = {(row["respondent"], row["wave"]) for row in self.rows if row["decision"]}
        pairs = zip(respondent, waves, strict=True)
        return np.array([not told.isdisjoint({(a, b), (a, "")}) for a, b in pairs], dtype=bool)


def decisions_as_table(rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Decisions as `Exclusions.table` has them."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS), dtype="str")


def read_exclusions(study: Study) -> Exclusions:
    """The decisions that a study names, with every slip of their form and its line.

    Returns
    -------
    Exclusions
        Empty where the study names no file. A row without a decision is one of a draft: it stays
        among `rows` and decides nothing.
    """
    if study.exclusions is None:
        return Exclusions()
    shown = study.shown(study.exclusions)
    table = read_table(study.folder / study.exclusions, shown, COLUMNS)
    slips = [
        one
        for one in table.problems
        if not (one.code == "missing_column" and one.column == "wave") and one.code != "header_only"
    ]
    n = table.n_rows
    cells = {
        name: [text.strip() for text in table.cells[name]] if name in table.cells else [""] * n
        for name in COLUMNS
    }
    rows = tuple(dict(zip(COLUMNS, row, strict=True)) for row in zip(*cells.values(), strict=True))
    read = Exclusions(shown, rows, tuple(map(int, table.lines)))
    if any(one.severity == "error" for one in slips):
        return Exclusions(shown, problems=tuple(slips))
    return Exclusions(shown, read.rows, read.lines, (*slips, *_slips(read)))


def _slips(read: Exclusions) -> Iterable[Problem]:
    """Decisions that are none, that lack a reason or that contradict each other."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for row, line in zip(read.rows, read.lines, strict=True):
        who, decision = row["respondent"], row["decision"]
        if not any(row.values()):
            continue
        if not who:
            yield _slip(read, "exclusion_of_nobody", line, "respondent",
                        "a row names no respondent", "a respondent in every row")  # fmt: skip
            continue
        if not decision:
            continue
        if decision not in DECISIONS:
            yield _slip(
                read, "unknown_decision", line, "decision",
                f"the decision on respondent '{brief(who)}' is '{brief(decision)}'",
                "one of " + ", ".join(DECISIONS), nearest(decision, DECISIONS),
            )  # fmt: skip
            continue
        if decision == "exclude":
            yield from _unsaid(read, row, line)
        place = (who, row["wave"])
        earlier, other = first.setdefault(place, (line, decision))
        if other != decision:
            yield _two_decisions(read, row, line, earlier, other)


def _two_decisions(
    read: Exclusions, row: dict[str, str], line: int, earlier: int, other: str
) -> Problem:
    return _slip(
        read,
        "two_decisions",
        line,
        "decision",
        f"respondent '{brief(row['respondent'])}' is to be decided both ways: {other} in line "
        f"{earlier}, {row['decision']} in line {line}",
        "one decision on a respondent in a wave",
        "remove one of the two lines",
    )


def _unsaid(read: Exclusions, row: dict[str, str], line: int) -> Iterable[Problem]:
    """An exclusion says by which rule, and why."""
    who = brief(row["respondent"])
    if not row["rule"]:
        yield _slip(
            read, "exclusion_without_rule", line, "rule",
            f"the exclusion of respondent '{who}' names no rule",
            "one of " + ", ".join(LISTED) + ", or a word of your own",
        )  # fmt: skip
    if not row["why"]:
        yield _slip(
            read, "exclusion_without_reason", line, "why",
            f"the exclusion of respondent '{who}' gives no reason",
            "a reason for every exclusion", "say what was looked at besides the flag",
        )  # fmt: skip


def _slip(
    read: Exclusions,
    code: str,
    line: int,
    column: str,
    message: str,
    expected: str,
    hint: str | None = None,
) -> Problem:
    return Problem(
        code, message, file=read.shown, line=line, column=column, n=1, expected=expected, hint=hint
    )


# -- beside the answers --------------------------------------------------------------------------


def decided(
    read: Exclusions, respondent: Sequence[str], waves: Sequence[str]
) -> tuple[np.ndarray, list[Problem]]:
    """The rule by which each row is left out, and what needs mending.

    Parameters
    ----------
    read : Exclusions
        The decisions.
    respondent, waves : sequence of str, shape (n_rows,)
        Whose row it is, and of which wave.

    Returns
    -------
    excluded : ndarray of str, shape (n_rows,)
        The rule's word, "" for a row that is kept.
    problems : list of Problem
        Those of the file, decisions on people who did not answer, and how many wait.
    """
    excluded = np.full(len(respondent), "", dtype=object)
    problems = list(read.problems)
    if not read.rows:
        return excluded, problems
    places: dict[str, dict[str, list[int]]] = {}
    named = {row["respondent"] for row in read.rows}
    for at, (who, wave) in enumerate(zip(respondent, waves, strict=True)):
        if who in named:
            places.setdefault(who, {}).setdefault(wave, []).append(at)
    known_waves = sorted(set(waves))
    by_place: dict[tuple[str, str], tuple[int, str]] = {}
    for row, line in zip(read.rows, read.lines, strict=True):
        who, decision = row["respondent"], row["decision"]
        if not who or decision not in DECISIONS:
            continue
        of_wave, slip = _wave_of(read, row, line, places.get(who, {}), known_waves)
        if slip is not None:
            problems.append(slip)
            continue
        earlier, other = by_place.setdefault((who, of_wave), (line, decision))
        if other != decision:
            slip = _two_decisions(read, row, line, earlier, other)
            problems += [slip] if slip not in problems else []
        elif decision == "exclude":
            for at in places[who][of_wave]:
                excluded[at] = excluded[at] or row["rule"]
    problems += _waiting(read)
    return excluded, problems


def _wave_of(
    read: Exclusions,
    row: dict[str, str],
    line: int,
    places: dict[str, list[int]],
    known_waves: Sequence[str],
) -> tuple[str, Problem | None]:
    """The wave that a row speaks of, or why it speaks of none."""
    who, wave = brief(row["respondent"]), row["wave"]
    if wave and wave not in known_waves:
        return "", _slip(
            read, "unknown_wave", line, "wave", f"the answers have no wave '{brief(wave)}'",
            "one of " + listed(known_waves), nearest(wave, known_waves),
        )  # fmt: skip
    if not places or (wave and wave not in places):
        where = f" in wave '{wave}'" if wave and places else ""
        return "", _slip(
            read, "unknown_respondent", line, "respondent",
            f"nobody called '{who}' answered{where}",
            "a respondent of the answers"
            + (f", who answered in {quoted(sorted(places))}" if places else ""),
        )  # fmt: skip
    if not wave and len(places) > 1:
        return "", _slip(
            read, "exclusion_without_wave", line, "wave",
            f"respondent '{who}' answered in {counted(len(places), 'wave')} "
            f"({listed(sorted(places))}), and the row names none",
            "a wave for those who answered in several",
        )  # fmt: skip
    return wave or next(iter(places)), None


_WAITING = "wait for a decision, and are kept"


def _waiting(read: Exclusions) -> Iterable[Problem]:
    """How many rows of a draft wait for a decision."""
    lines = [
        line
        for row, line in zip(read.rows, read.lines, strict=True)
        if row["respondent"] and not row["decision"]
    ]
    if lines:
        yield Problem(
            "undecided",
            f"{counted(len(lines), 'respondent')} in the table "
            + ("waits for a decision, and is kept" if len(lines) == 1 else _WAITING),
            severity="warning",
            file=read.shown,
            line=lines[0],
            column="decision",
            n=len(lines),
            expected="one of " + ", ".join(DECISIONS),
        )


# -- drafting ------------------------------------------------------------------------------------


def draft_exclusions(study: Study, frame: pd.DataFrame, flags: Flags) -> tuple[Path, int]:
    """Add those who are flagged to a study's table of decisions, each with an empty decision.

    So are responses that the platform calls a test or spam, and those that were not finished.

    Parameters
    ----------
    study : Study
        Its `exclusions` say where the table is, else `exclusions.csv` beside the study file.
    frame : DataFrame
        The canonical frame, everybody in it.
    flags : Flags
        What `flags_of` made of it.

    Returns
    -------
    path : Path
        The table.
    n : int
        How many respondents were added. Those who stand in the table are left as they stand:
        rows are only added at its end, and a table that would gain none is not touched.

    Raises
    ------
    StudyError
        If the table there is needs mending, or is no text file.
    """
    name = study.exclusions or FILE
    path, shown = study.folder / name, study.shown(name)
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise StudyError(
            f"rows cannot be added to '{shown}'",
            where=study.shown(),
            expected="exclusions: a file that ends in .csv",
            hint="save the table as CSV, and name that file",
        )
    there = Exclusions(shown)
    if path.exists():
        there = read_exclusions(study.model_copy(update={"exclusions": name}))
        if any(one.severity == "error" for one in there.problems):
            slips = [one for one in there.problems if one.severity == "error"]
            raise StudyError.of(told_of_nobody(slips))
    known = {(row["respondent"], row["wave"]) for row in there.rows}
    flagged = _to_look_at(frame, flags)
    rows: list[dict[str, str]] = []
    for who, wave, rules in zip(frame["respondent"], frame["wave"], flagged, strict=True):
        if rules and not {(who, wave), (who, "")} & known:
            known.add((who, wave))
            told = {"respondent": who, "wave": wave, "rule": rules.split()[0], _NOTES: rules}
            rows.append({key: str(text) for key, text in told.items()})
    if rows or not path.exists():
        _append(path, rows)
    return path, len(rows)


def _to_look_at(frame: pd.DataFrame, flags: Flags) -> Sequence[str]:
    """Every word of `LISTED` that holds for each row, with a blank between."""
    told = [np.full(len(frame), "", dtype=object)]
    if "status" in frame:
        told.append(frame["status"].fillna("").to_numpy(dtype=object))
    if "finished" in frame:
        is_finished = frame["finished"].astype("boolean").fillna(True).to_numpy(bool)
        told.append(np.where(is_finished, "", "unfinished"))
    told.append(flags.flagged.to_numpy(dtype=object))
    return [" ".join(filter(None, words)) for words in zip(*told, strict=True)]


@dataclass(frozen=True)
class Listed:
    """What `list_flagged` did: the table, how many it gained, how many rows wait in it, advice."""

    path: Path
    n_added: int
    n_waiting: int
    notes: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The table, and how many respondents were added to it."""
        return f"{self.path}: {counted(self.n_added, 'respondent')} added"


def list_flagged(study: Study | str | os.PathLike[str]) -> Listed:
    """List in a study's table of decisions those who are flagged, for a person to decide.

    Decisions that stand there are left as they are; run again, only those are added who are not
    there yet.

    Raises
    ------
    StudyError, SurveyError
        With every problem of the study, its answers or the table; and for the demo, whose folder
        is the kit's own.
    """
    from cxkit.answers.survey import load

    survey = load(study)
    own = survey.study
    if is_demo(own.file):
        raise StudyError(
            "nothing is decided on the respondents of the demo",
            where=own.shown(),
            expected="a study of your own",
            hint="cxkit new FOLDER lays one down",
        )
    frame = survey.responses.frame
    flags = flags_of(own, frame, bot_scores=bot_scores_of(own, frame))
    path, n_added = draft_exclusions(own, frame, flags)
    read = read_exclusions(own.model_copy(update={"exclusions": own.exclusions or FILE}))
    n_waiting = sum(bool(row["respondent"]) and not row["decision"] for row in read.rows)
    return Listed(path, n_added, n_waiting, tuple(_advice(own, path, n_waiting)))


def _advice(study: Study, path: Path, n_waiting: int) -> Iterable[str]:
    """What is left to do."""
    if n_waiting:
        each = "waits" if n_waiting == 1 else "wait"
        yield (
            f"{counted(n_waiting, 'respondent')} {each} for a decision: write "
            f"{' or '.join(DECISIONS)} in the column decision, and why; all are kept until then"
        )
    if study.exclusions is None:
        yield f"{study.shown()} does not name the table yet; add: exclusions: {path.name}"
    if study.respondent is None:
        yield (
            f"{study.shown()} names no column of respondents, so rows are known by their number: "
            "name it under respondent before deciding"
        )


def _append(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """The table with more rows at its end: what stands there keeps its bytes."""
    before = path.read_bytes() if path.exists() else b""
    header, delimiter = [*COLUMNS[:3], _NOTES, *COLUMNS[3:]], ","
    encoding, ending = "utf-8", "\n"
    if before.strip():
        encoding = "utf-8" if _is_utf8(before) else "cp1252"
        first = before.decode(encoding).lstrip("\ufeff").splitlines()[0]
        delimiter = max(",;\t", key=first.count)
        header = next(csv.reader([first], delimiter=delimiter))
        ending = "\r\n" if b"\r\n" in before else "\n"
    text = io.StringIO(newline="")
    writer = csv.DictWriter(
        text, [one.strip() for one in header], delimiter=delimiter, lineterminator=ending,
        extrasaction="ignore", restval="",
    )  # fmt: skip
    if not before.strip():
        writer.writeheader()
    elif not before.endswith(b"\n"):
        text.write(ending)
    writer.writerows(rows)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.write_bytes(before + text.getvalue().encode(encoding))
    made.replace(path)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
