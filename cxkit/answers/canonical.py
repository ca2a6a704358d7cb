"""From files of answers to the canonical frame: columns, reasons, bases, waves, weights.

One respondent a row, sorted by wave and respondent. `canonical` reads, converts, and tells every
problem at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers import columns as convert
from cxkit.answers.columns import Slip
from cxkit.answers.readers import Table, read_table
from cxkit.errors import Problem, StudyError
from cxkit.study import Study
from cxkit.study.parts import AnswerFile, Condition

__all__ = ["ALL", "Canonical", "canonical"]

ALL = "all"
"""The wave of a study that speaks of none."""


@dataclass(frozen=True)
class Canonical:
    """The canonical frame, None where the answers need mending, and every problem met."""

    frame: pd.DataFrame | None
    problems: tuple[Problem, ...]


def canonical(study: Study) -> Canonical:
    """Read and convert the answers of a study; nothing is dropped in silence.

    Columns: `respondent wave weight`, `strata cluster` if declared, `item: outcome: rating:`
    codes with their `why:` reasons, `reached:` 1/0/NaN, `base:` true or false, `segment:` and
    `comment:` words.
    """
    refused = _not_yet(study)
    tables = [_read(study, wave, file) for wave, file in study.answers.items()]
    problems = [*refused, *(one for table in tables for one in table.problems)]
    if not any(table.n_rows for table in tables):
        return Canonical(None, tuple(problems))
    rows = _Rows.of(study, tables)
    conversion = _Conversion(study, rows)
    frame = conversion.frame()
    problems += conversion.problems
    if any(one.severity == "error" for one in problems):
        return Canonical(None, tuple(problems))
    return Canonical(frame, tuple(problems))


def _not_yet(study: Study) -> list[Problem]:
    """What the study file may say and this version does not do: refused, never ignored."""
    asked = {
        "weighting": study.weighting is not None,
        "exclusions": study.exclusions is not None,
        "answers.platform": any(one.platform != "plain" for one in study.answers.values()),
    }
    instead = {
        "weighting": "give a weight column as 'weight'",
        "exclusions": "leave these respondents out of the answers",
        "answers.platform": "export the answers as plain CSV and say platform: plain",
    }
    return [
        Problem(
            "not_supported",
            f"'{key}' is not done by this version of cxkit",
            file=study.shown(),
            column=key,
            hint=instead[key],
        )
        for key, is_asked in asked.items()
        if is_asked
    ]


# -- files and rows ----------------------------------------------------------------------------


def _renamed(study: Study, file: AnswerFile) -> dict[str, str | None]:
    """The study's columns, each with the name that it has in this file (None: not asked)."""
    names: dict[str, str | None] = {column: column for column in study.columns}
    for key, column in file.columns.items():
        names[study.column_of(key) or key] = column
    return names


def _read(study: Study, wave: str, file: AnswerFile) -> Table:
    wanted = [name for name in _renamed(study, file).values() if name is not None]
    return read_table(study.folder / file.path, study.shown(file.path), wanted)


@dataclass(frozen=True)
class _Rows:
    """The rows of all files, one after the other, each with its place."""

    n: int
    cells: Mapping[str, np.ndarray]
    asked: Mapping[str, np.ndarray]
    wave: np.ndarray | None
    file: np.ndarray
    line: np.ndarray

    @classmethod
    def of(cls, study: Study, tables: list[Table]) -> _Rows:
        cells: dict[str, list[np.ndarray]] = {column: [] for column in study.columns}
        asked: dict[str, list[np.ndarray]] = {column: [] for column in study.columns}
        waves = []
        for (wave, file), table in zip(study.answers.items(), tables, strict=True):
            for column, name in _renamed(study, file).items():
                has = name is not None and name in table.cells
                blank = np.full(table.n_rows, "", dtype=object)
                cells[column].append(table.cells[name] if has and name else blank)
                asked[column].append(np.full(table.n_rows, name is not None))
            waves.append(np.full(table.n_rows, wave, dtype=object))
        in_any = {name for table in tables for name in table.cells}
        named = [_renamed(study, file) for file in study.answers.values()]
        return cls(
            n=sum(table.n_rows for table in tables),
            cells={
                column: np.concatenate(parts)
                for column, parts in cells.items()
                if any(names.get(column) in in_any for names in named)
            },
            asked={column: np.concatenate(parts) for column, parts in asked.items()},
            wave=np.concatenate(waves) if any(study.answers) else None,
            file=np.concatenate([np.full(one.n_rows, one.shown, dtype=object) for one in tables]),
            line=np.concatenate([one.lines for one in tables]),
        )


# -- conversion --------------------------------------------------------------------------------


@dataclass
class _Conversion:
    """The canonical columns of some rows, made one after another; problems gather on the way."""

    study: Study
    rows: _Rows
    problems: list[Problem] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """All canonical columns, sorted by wave and respondent."""
        self._waves()
        self._respondents()
        self._weights()
        self._design()
        self._bases()
        self._stages()
        self._answers()
        self._segments()
        self._comments()
        frame = pd.DataFrame({"respondent": self.made["respondent"], **self.made})
        order = np.lexsort((_ranks(frame["respondent"]), _ranks(frame["wave"])))
        return frame.iloc[order].reset_index(drop=True)

    # -- telling

    def _tell(self, column: str, slips: Iterable[Slip]) -> None:
        for slip in slips:
            self.problems.append(
                Problem(
                    slip.code,
                    slip.message,
                    severity=slip.severity,
                    file=str(self.rows.file[slip.rows[0]]) if len(slip.rows) else None,
                    line=int(self.rows.line[slip.rows[0]]) if len(slip.rows) else None,
                    column=column,
                    n=len(slip.rows),
                    examples=slip.texts[:5],
                    expected=slip.expected,
                    hint=slip.hint,
                )
            )

    def _tell_where(
        self,
        code: str,
        column: str,
        where: np.ndarray,
        message: str,
        *,
        severity: str = "error",
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        """One problem about the rows of `where`, with the texts that stand there; none if none."""
        found = np.flatnonzero(where)
        if not len(found):
            return
        cells = self.rows.cells.get(column)
        texts = () if cells is None else tuple(dict.fromkeys(text for text in cells[found] if text))
        slip = Slip(code, message, found, texts, severity, expected, hint)
        self._tell(column, [slip])

    def _tell_study(self, code: str, key: str, message: str, hint: str | None = None) -> None:
        place = self.study.shown()
        self.problems.append(Problem(code, message, "warning", file=place, column=key, hint=hint))

    # -- who and when

    def _waves(self) -> None:
        study, rows = self.study, self.rows
        if rows.wave is not None:
            wave = rows.wave
        elif study.wave is None or study.wave not in rows.cells:
            only = next(iter(study.waves)) if len(study.waves) == 1 else ALL
            wave = np.full(rows.n, only, dtype=object)
            if len(study.waves) > 1 and study.wave is None:
                self._tell_study(
                    "unused_wave",
                    "waves",
                    f"the study declares {len(study.waves)} waves and no wave column",
                    hint="add 'wave', the column that holds them",
                )
        else:
            mapped = self._mapped(study.wave)
            wave = np.array([mapped.get(text, text) for text in rows.cells[study.wave]], object)
            self._tell_where(
                "missing_wave",
                study.wave,
                wave == "",
                "some rows do not say which wave they belong to",
                expected="a wave in every row",
            )
            self._known_waves(study.wave, wave)
        for key in study.waves if study.wave or rows.wave is not None else ():
            if not (wave == key).any():
                message = f"nobody answered in wave '{key}'"
                self._tell_study("unused_wave", f"waves.{key}", message)
        self.made["wave"] = pd.Series(wave, dtype="str")

    def _known_waves(self, column: str, wave: np.ndarray) -> None:
        unknown = sorted(set(wave) - set(self.study.waves) - {""}) if self.study.waves else []
        for key in unknown:
            self._tell_where(
                "unknown_wave",
                column,
                wave == key,
                f"the answers hold a wave '{key}' that the study does not declare",
                expected="one of " + ", ".join(self.study.waves),
                hint="add it to 'waves', or correct the answers",
            )

    def _respondents(self) -> None:
        column = self.study.respondent
        if column is None or column not in self.rows.cells:
            width = len(str(self.rows.n))
            names = [f"{at:0{width}d}" for at in range(1, self.rows.n + 1)]
            self.made["respondent"] = pd.Series(names, dtype="str")
            return
        respondent = self.rows.cells[column]
        self._tell_where(
            "missing_respondent",
            column,
            respondent == "",
            "some rows do not say whose answers they are",
            expected="a respondent in every row",
        )
        key = pd.DataFrame({"wave": self.made["wave"], "respondent": respondent})
        again = key.duplicated().to_numpy() & (respondent != "")
        if again.any():
            repeated = tuple(dict.fromkeys(respondent[again]))
            self._tell_where(
                "duplicate_respondent",
                column,
                again,
                f"respondent '{repeated[0]}' answers more than once"
                + (f", and so do {len(repeated) - 1} more" if len(repeated) > 1 else ""),
                expected="one row a respondent in each wave",
                hint="keep one row of each, or give the answers a wave column",
            )
        self.made["respondent"] = pd.Series(respondent, dtype="str")

    def _weights(self) -> None:
        column = self.study.weight
        self.made["weight"] = np.ones(self.rows.n)
        if column is None or column not in self.rows.cells:
            return
        weight, slips = convert.numbers(self.rows.cells[column], column=column)
        self._tell(column, slips)
        self._tell_where(
            "missing_weight",
            column,
            self.rows.cells[column] == "",
            "some respondents have no weight",
            expected="a weight for every respondent",
            hint="weight 1 for all, or leave the weight out",
        )
        self._tell_where(
            "negative_weight",
            column,
            weight < 0,
            f"column '{column}' holds a weight below zero: {_first(weight[weight < 0])}",
            expected="weights above zero",
        )
        self._tell_where(
            "zero_weight",
            column,
            weight == 0,
            "some respondents weigh nothing",
            severity="warning",
            expected="weights above zero",
        )
        for wave in sorted(set(self.made["wave"])):
            members = (self.made["wave"] == wave).to_numpy()
            total = math.fsum(weight[members])
            if total == 0:
                self._tell_where(
                    "zero_weight", column, members, f"all weights of wave '{wave}' are zero"
                )
            elif math.isfinite(total):
                share = weight[members] / weight[members].max()
                self.made["weight"][members] = share / (math.fsum(share) / len(share))

    def _design(self) -> None:
        for key in ("strata", "cluster"):
            column = getattr(self.study, key)
            if column is None or column not in self.rows.cells:
                continue
            cells = self.rows.cells[column]
            self._tell_where(
                f"missing_{key}",
                column,
                cells == "",
                f"some respondents have no {key}",
                expected=f"a value of '{column}' for every respondent",
            )
            self.made[key] = pd.Series(cells, dtype="str")

    # -- who may answer

    def _membership(self, condition: Condition) -> np.ndarray:
        column = condition.column
        if column not in self.rows.cells:
            return np.full(self.rows.n, np.nan)
        values, slips = convert.membership(
            self.rows.cells[column],
            column=column,
            wanted=condition.words,
            mapped=self._mapped(column),
        )
        told = {(one.code, one.column) for one in self.problems}
        self._tell(column, [one for one in slips if (one.code, column) not in told])
        return values

    def _bases(self) -> None:
        members: dict[str, np.ndarray] = {}
        for key in self.study.base_keys:
            members[key] = self._base(key, ())
            if not members[key].any():
                message = f"nobody belongs to the base '{key}'"
                self._tell_study("empty_base", f"bases.{key}", message)
        self.made |= {f"base:{key}": member for key, member in members.items()}

    def _base(self, key: str, seen: tuple[str, ...]) -> np.ndarray:
        parts = [part for part in self.study.base_parts(key) if part not in seen]
        member = np.zeros(self.rows.n, dtype=bool)
        for part in parts:
            if part in self.study.base_keys:
                member |= self._base(part, (*seen, key))
        if key in self.study.bases and (condition := self.study.bases[key].condition):
            member |= self._membership(condition) == 1
        return member

    def _stages(self) -> None:
        for key, stage in self.study.stages.items():
            if stage.reached:
                told = np.column_stack([self._membership(one) for one in stage.reached])
                anyone = (told == 1).any(axis=1)
                nobody = (told == 0).all(axis=1)
                self.made[f"reached:{key}"] = np.where(anyone, 1.0, np.where(nobody, 0.0, np.nan))

    # -- answers on scales

    def _answers(self) -> None:
        study = self.study
        undeclared: dict[str, list[str]] = {}
        for key in study.item_keys:
            item = study.items[key]
            self._scaled(f"item:{key}", item.column, item.base)
            if item.base and item.base not in study.base_keys:
                undeclared.setdefault(item.base, []).append(f"item '{key}'")
        for key, outcome in study.outcomes.items():
            self._scaled(f"outcome:{key}", outcome.column, outcome.base)
            if outcome.base and outcome.base not in study.base_keys:
                undeclared.setdefault(outcome.base, []).append(f"outcome '{key}'")
        for key, stage in study.stages.items():
            if stage.rating:
                self._scaled(f"rating:{key}", stage.rating, None, stage=key)
        for base, names in undeclared.items():
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            self._tell_study(
                "base_undeclared",
                f"bases.{base}",
                f"the study does not declare the base '{base}' of {names[0]}{more}: "
                "those who answered are taken for it",
                hint=f"add bases: {{{base}: {{column: ..., is: yes}}}}",
            )

    def _scaled(self, of: str, column: str, base: str | None, stage: str | None = None) -> None:
        cells = self.rows.cells.get(column)
        try:
            scale = self.study.scale(of)
        except StudyError:
            return
        if cells is None:
            return
        mapped = self._mapped(column, scale.key)
        values, whys, slips = convert.codes(cells, column=column, scale=scale, mapped=mapped)
        self._tell(column, slips)
        whys = np.where(self.rows.asked[column], whys, "not_asked")
        is_outside, reason = self._outside(base, stage, values)
        self._tell_where(
            "outside_base",
            column,
            is_outside & ~np.isnan(values),
            f"{of.replace(':', ' ')} is answered by respondents "
            + (f"who did not reach stage '{stage}'" if stage else f"outside the base '{base}'")
            + "; these answers are left out",
            severity="warning",
        )
        is_declared = stage is not None or base in self.study.base_keys
        given_reason = is_outside & (is_declared | (whys == "no_answer")) & self.rows.asked[column]
        values = np.where(is_outside, np.nan, values)
        self.made[of] = values
        self.made[f"why:{of}"] = pd.Series(np.where(given_reason, reason, whys), dtype="str")
        self._tell_spread(of, column, values)

    def _outside(
        self, base: str | None, stage: str | None, values: np.ndarray
    ) -> tuple[np.ndarray, str]:
        """Who may not answer, and the reason that this is for a missing answer."""
        if stage is not None:
            reached = self.made.get(f"reached:{stage}")
            nobody = np.zeros(self.rows.n, dtype=bool)
            return (nobody if reached is None else np.asarray(reached == 0)), "not_reached"
        if base is None:
            return np.zeros(self.rows.n, dtype=bool), "not_applicable"
        if f"base:{base}" not in self.made:
            return np.isnan(values), "not_applicable"
        return ~np.asarray(self.made[f"base:{base}"]), "not_applicable"

    def _tell_spread(self, of: str, column: str, values: np.ndarray) -> None:
        answered = values[~np.isnan(values)]
        named = of.replace(":", " ")
        if not len(answered):
            everyone = np.ones(self.rows.n, dtype=bool)
            message = f"nobody answered {named}"
            self._tell_where("no_answers", column, everyone, message, severity="warning")
        elif len(answered) > 1 and (answered == answered[0]).all():
            message = f"every answer to {named} is {answered[0]:g}"
            self._tell_where("constant", column, ~np.isnan(values), message, severity="warning")

    # -- words

    def _segments(self) -> None:
        for key, segment in self.study.segments.items():
            column = str(segment.column)
            cells = self.rows.cells.get(column)
            if cells is None:
                continue
            groups = convert.words(cells, mapped=self._mapped(column))
            self.made[f"segment:{key}"] = groups
            self._tell_where(
                "no_group",
                column,
                groups.isna().to_numpy(),
                f"some respondents belong to no group of '{key}'",
                severity="warning",
            )
            known = self.study.segment_order(key)
            unlabelled = groups.notna() & ~groups.isin(known) if known else groups != groups
            names = ", ".join(f"'{name}'" for name in sorted(set(groups[unlabelled]))[:3])
            self._tell_where(
                "unlabelled_group",
                column,
                unlabelled.to_numpy(),
                f"the study gives the groups {names} of '{key}' no label",
                severity="warning",
                expected="one of " + ", ".join(known),
            )

    def _comments(self) -> None:
        for key, column in self.study.comments.items():
            if column in self.rows.cells:
                texts = self.rows.cells[column]
                self.made[f"comment:{key}"] = pd.Series(texts, dtype="str").where(texts != "")

    def _mapped(self, *owners: str) -> dict[str, str]:
        """What texts mean in a column: as its scale, its key and the column itself say."""
        mapped: dict[str, str] = {}
        for owner in reversed(owners):
            mapped |= self.study.text_answers.get(owner, {})
        return mapped


def _first(values: np.ndarray) -> str:
    return f"{values[0]:g}" if len(values) else ""


def _ranks(words: pd.Series) -> np.ndarray:
    """The place of each word in the order of texts."""
    return np.unique(words.to_numpy(dtype=object), return_inverse=True)[1]
