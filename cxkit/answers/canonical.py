"""From files of answers to the canonical frame: columns, reasons, bases, waves, weights.

One respondent a row, sorted by wave and respondent. `canonical` reads, converts, and tells every
problem at once.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers import columns as convert
from cxkit.answers.fieldwork import days_of, waves_of
from cxkit.answers.groups_read import groups_by_text
from cxkit.answers.rows import Rows, read_rows
from cxkit.answers.spoilt import EXPECTED, HINT, is_day, is_rounded, said_of_days
from cxkit.answers.suspicions import Asked, suspicions
from cxkit.answers.teller import Teller
from cxkit.errors import Problem, StudyError, counted, listed, quoted
from cxkit.library import Scale
from cxkit.study import Study
from cxkit.study.parts import Condition
from cxkit.study.shape import FURTHEST_STAGE
from cxkit.weights import Design

__all__ = ["Canonical", "canonical"]

_FEW_DF = 10
"""Below so many degrees of freedom the ranges of a clustered design are rough."""


@dataclass(frozen=True)
class Canonical:
    """The canonical frame, None where the answers need mending, and every problem met."""

    frame: pd.DataFrame | None
    problems: tuple[Problem, ...]


def canonical(study: Study) -> Canonical:
    """Read and convert the answers of a study; nothing is dropped in silence.

    Columns: `respondent wave weight`, `date strata cluster` if declared, `item: outcome: rating:`
    codes with their `why:` reasons, `reached:` 1/0/NaN, `base:` true or false, `segment:` and
    `comment:` words.
    """
    rows, slips = read_rows(study)
    problems = list(slips)
    if rows is None:
        return Canonical(None, tuple(problems))
    conversion = _Conversion(study, rows, Teller(study, rows))
    frame = conversion.frame()
    problems += conversion.tell.problems
    if any(one.severity == "error" for one in problems):
        return Canonical(None, tuple(problems))
    return Canonical(frame, tuple(problems))


# -- conversion --------------------------------------------------------------------------------


@dataclass
class _Conversion:
    """The canonical columns of some rows, made one after another; problems gather on the way."""

    study: Study
    rows: Rows
    tell: Teller
    made: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    misread: set[str] = field(default_factory=set)

    def frame(self) -> pd.DataFrame:
        """All canonical columns, sorted by wave and respondent."""
        self._when()
        self._respondents()
        self._weights()
        self._design()
        self._bases()
        self._stages()
        self._furthest_stage()
        self._answers()
        self._segments()
        self._comments()
        self._suspicions()
        frame = pd.DataFrame({"respondent": self.made["respondent"], **self.made})
        order = np.lexsort((_ranks(frame["respondent"]), _ranks(frame["wave"])))
        return frame.iloc[order].reset_index(drop=True)

    # -- who and when

    def _when(self) -> None:
        date = days_of(self.study, self.rows, self.tell)
        if date is not None:
            self.made["date"] = date
        self.made["wave"] = waves_of(self.study, self.rows, date, self.tell)

    def _respondents(self) -> None:
        column = self.study.respondent
        if column is None or column not in self.rows.cells:
            self.made["respondent"] = _numbered(self.made["wave"])
            return
        respondent = self.rows.cells[column]
        self.tell.where(
            "missing_respondent",
            column,
            respondent == "",
            "some rows do not say whose answers they are",
            expected="a respondent in every row",
        )
        self.tell.where(
            "rounded_ids",
            column,
            np.array([is_rounded(text) for text in respondent], dtype=bool),
            "a spreadsheet rounded the ids of respondents",
            expected="ids as the survey platform exported them",
            hint=HINT,
        )
        key = pd.DataFrame({"wave": self.made["wave"], "respondent": respondent})
        again = key.duplicated().to_numpy() & (respondent != "")
        if again.any():
            repeated = tuple(dict.fromkeys(respondent[again]))
            self.tell.where(
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
        self.tell.slips(column, slips)
        self.tell.where(
            "missing_weight",
            column,
            self.rows.cells[column] == "",
            "some respondents have no weight",
            expected="a weight for every respondent",
            hint="weight 1 for all, or leave the weight out",
        )
        self.tell.where(
            "negative_weight",
            column,
            weight < 0,
            f"column '{column}' holds a weight below zero: {_first(weight[weight < 0])}",
            expected="weights above zero",
        )
        self.tell.where(
            "zero_weight",
            column,
            weight == 0,
            "some respondents weigh nothing",
            severity="warning",
            expected="weights above zero",
        )
        self.made["weight"] = self._with_mean_one(weight, column)

    def _with_mean_one(self, weight: np.ndarray, column: str) -> np.ndarray:
        """Weights with mean 1 within each wave; 1 in a wave without a weight above zero."""
        made = np.ones(self.rows.n)
        for wave in sorted(set(self.made["wave"])):
            members = (self.made["wave"] == wave).to_numpy()
            total = math.fsum(weight[members])
            if total == 0:
                self.tell.where(
                    "zero_weight",
                    column,
                    members,
                    f"all weights of wave '{wave}' are zero",
                    expected="weights above zero",
                    hint="correct the weights of this wave, or leave the weight out",
                )
            elif math.isfinite(total):
                share = weight[members] / weight[members].max()
                made[members] = share / (math.fsum(share) / len(share))
        return made

    def _design(self) -> None:
        for key in ("strata", "cluster"):
            column = getattr(self.study, key)
            if column is None or column not in self.rows.cells:
                continue
            cells = self.rows.cells[column]
            self.tell.where(
                f"missing_{key}",
                column,
                cells == "",
                f"some respondents have no {key}",
                expected=f"a value of '{column}' for every respondent",
            )
            self.made[key] = pd.Series(cells, dtype="str")
        if "strata" in self.made or "cluster" in self.made:
            self._degrees_of_freedom()
        self._population()

    def _degrees_of_freedom(self) -> None:
        """Whether each wave has sampling units enough to tell how far chance reaches."""
        for wave in sorted(set(self.made["wave"])):
            members = (self.made["wave"] == wave).to_numpy()
            stratum, cluster = (
                None if key not in self.made else self.made[key][members].to_numpy(dtype=object)
                for key in ("strata", "cluster")
            )
            df = Design(np.ones(int(members.sum())), stratum, cluster).df
            n_strata = 1 if stratum is None else len(set(stratum))
            units = "rows" if cluster is None else "clusters"
            what = f"wave '{wave}' has {df + n_strata} {units} in {counted(n_strata, 'stratum')}"
            what = what.replace("stratums", "strata")
            key = "strata" if cluster is None else "cluster"
            if df < 1:
                self.tell.of_study(
                    "no_degrees_of_freedom",
                    key,
                    f"{what}: no range can be computed",
                    f"leave {key} out, or collect more {units}",
                    severity="error",
                )
            elif df < _FEW_DF and cluster is not None:
                self.tell.of_study(
                    "few_clusters",
                    key,
                    f"{what}: its ranges are rough",
                    "collect more clusters, or read the ranges as rough",
                )

    def _population(self) -> None:
        """Whether the population that the study gives can be what was drawn from."""
        known = self.study.population
        if known is None or (isinstance(known, dict) and "strata" not in self.made):
            return
        drawn = pd.DataFrame({"wave": self.made["wave"]})
        drawn["unit"] = self.made.get("cluster", drawn.index)
        if not isinstance(known, dict):
            sizes = drawn.groupby("wave")["unit"].nunique()
            self._tell_too_small("population", f"wave '{sizes.idxmax()}'", int(sizes.max()), known)
            return
        drawn["stratum"] = self.made["strata"]
        lacking = sorted(set(drawn["stratum"]) - {"", *known})
        for stratum in known:
            if not (drawn["stratum"] == stratum).any():
                self.tell.of_study(
                    "stratum_without_answers",
                    f"population.{stratum}",
                    f"the study gives a population for the stratum '{stratum}', "
                    "and nobody of it answered",
                    "correct its name, or say that the answers stand for the other strata only",
                )
        self.tell.where(
            "population_of_stratum",
            str(self.study.strata),
            ((drawn["stratum"] != "") & ~drawn["stratum"].isin(known)).to_numpy(),
            f"the study gives no population for the strata {quoted(lacking)}",
            expected="one of " + listed(known),
            hint="add them to population",
        )
        sizes = drawn.groupby(["wave", "stratum"])["unit"].nunique()
        for stratum, n in sizes.groupby("stratum").max().items():
            if stratum in known:
                key = f"population.{stratum}"
                self._tell_too_small(key, f"stratum '{stratum}'", int(n), known[str(stratum)])

    def _tell_too_small(self, key: str, what: str, n: int, size: int) -> None:
        if n > size:
            units = "clusters" if "cluster" in self.made else "rows"
            message = f"{what} has {n} {units}, and a population of {size}"
            hint = f"give the number of {units} that there were to draw from"
            self.tell.of_study("population_too_small", key, message, hint, severity="error")

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
        if column not in self.misread:
            self.tell.slips(column, slips)
        self.misread |= {column} if slips else set()
        return values

    def _bases(self) -> None:
        members: dict[str, np.ndarray] = {}
        for key in self.study.base_keys:
            members[key] = self._base(key, ())
            if not members[key].any():
                message = f"nobody belongs to the base '{key}'"
                hint = "look at its column, and at the words that it is to hold"
                self.tell.of_study("empty_base", f"bases.{key}", message, hint)
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

    def _furthest_stage(self) -> None:
        """The last stage that each respondent reached; NA where it may have been a later one."""
        if not self.study.has_furthest_stage:
            return
        furthest = np.full(self.rows.n, None, dtype=object)
        for key in self.study.reached_stages:
            reached = self.made[f"reached:{key}"]
            furthest[reached == 1] = key
            furthest[np.isnan(reached)] = None
        self.made[f"segment:{FURTHEST_STAGE}"] = pd.Series(furthest, dtype="str")

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
            self.tell.of_study(
                "base_undeclared",
                f"bases.{base}",
                f"the study does not declare the base '{base}' of {names[0]}{more}: "
                "those who answered are taken for it",
                hint=f"add bases: {{{base}: {{column: ..., is: yes}}}}",
            )

    def _scaled(self, of: str, column: str, base: str | None, stage: str | None = None) -> None:
        if column not in self.rows.cells:
            return
        values = np.full(self.rows.n, np.nan)
        whys = np.full(self.rows.n, "", dtype=object)
        for scale, rows in self._by_scale(of):
            values[rows], whys[rows] = self._codes(of, column, scale, rows)
        whys = np.where(self.rows.asked[column], whys, "not_asked")
        is_outside, reason = self._outside(base, stage, values)
        self.tell.where(
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

    def _by_scale(self, of: str) -> list[tuple[Scale, np.ndarray]]:
        """The scales on which a question was asked, each with the rows of its waves."""
        waves = self.made["wave"].to_numpy(dtype=object)
        found: dict[str, tuple[Scale, np.ndarray]] = {}
        for wave in sorted(set(waves)):
            try:
                scale = self.study.of_wave(wave).scale(of)
            except StudyError:
                continue
            before = found.get(scale.key)
            rows = waves == wave
            found[scale.key] = (scale, rows if before is None else before[1] | rows)
        return list(found.values())

    def _codes(
        self, of: str, column: str, scale: Scale, rows: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The codes on one scale of the answers in `rows`, and why others are missing."""
        texts = self.rows.cells[column][rows]
        mapped = self._mapped(column, scale.key)
        values, whys, slips = convert.codes(texts, column=column, scale=scale, mapped=mapped)
        places = np.flatnonzero(rows)
        self.tell.slips(column, [dataclasses.replace(one, rows=places[one.rows]) for one in slips])
        everyone = np.full(self.rows.n, np.nan)
        everyone[rows] = values
        self.asked.append(Asked(of, scale, everyone))
        return values, whys

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
            self.tell.where("no_answers", column, everyone, message, severity="warning")
        elif len(answered) > 1 and (answered == answered[0]).all():
            message = f"every answer to {named} is {answered[0]:g}"
            self.tell.where("constant", column, ~np.isnan(values), message, severity="warning")

    def _suspicions(self) -> None:
        """Scales that may be others than those declared."""
        aims = [f"outcome:{key}" for key in ("recommend", "satisfaction")]
        for found in suspicions(self.asked, aims):
            self.tell.of_study(found.code, found.key, found.message, found.hint)

    # -- words

    def _segments(self) -> None:
        for key, segment in self.study.segments.items():
            column = str(segment.column)
            cells = self.rows.cells.get(column)
            if cells is None:
                continue
            meant = groups_by_text(self.study, key) | dict(self._mapped(column))
            groups = convert.words(cells, mapped=meant)
            self.made[f"segment:{key}"] = groups
            self.tell.where(
                "no_group",
                column,
                groups.isna().to_numpy(),
                f"some respondents belong to no group of '{key}'",
                severity="warning",
            )
            known = self.study.segment_order(key)
            days = [one for one in groups.dropna().unique() if is_day(one, known)]
            spoilt = groups.isin(days)
            self.tell.where(
                "turned_to_dates",
                column,
                spoilt.to_numpy(),
                said_of_days(column, quoted(sorted(days))),
                severity="error" if known else "warning",
                expected=EXPECTED,
                hint=HINT,
            )
            unlabelled = groups.notna() & ~groups.isin(known) & ~spoilt & bool(known)
            names = quoted(sorted(set(groups[unlabelled])))
            self.tell.where(
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


def _numbered(wave: pd.Series) -> pd.Series:
    """Numbers for the rows of each wave, as text: those of one wave do not depend on another."""
    number = wave.groupby(wave).cumcount() + 1
    width = wave.map(wave.value_counts()).astype(str).str.len()
    pairs = zip(number, width, strict=True)
    return pd.Series([f"{at:0{size}d}" for at, size in pairs], dtype="str")


def _first(values: np.ndarray) -> str:
    return f"{values[0]:g}" if len(values) else ""


def _ranks(words: pd.Series) -> np.ndarray:
    """The place of each word in the order of texts."""
    return np.unique(words.to_numpy(dtype=object), return_inverse=True)[1]
