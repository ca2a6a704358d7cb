"""From files of answers to the canonical frame: columns, reasons, bases, waves, weights.

One respondent a row, sorted by wave and respondent. `canonical` reads, converts, and tells every
problem at once.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers import columns as convert
from cxkit.answers.coded_comments import problems_of_coded
from cxkit.answers.columns import Codes
from cxkit.answers.design import design_of
from cxkit.answers.fieldwork import days_of, waves_of
from cxkit.answers.groups_read import groups_by_text
from cxkit.answers.interviews import bot_scores_of, interviews_of
from cxkit.answers.privacy import masked_column, told_of_nobody
from cxkit.answers.quality import flags_of
from cxkit.answers.rows import Rows, read_rows
from cxkit.answers.spoilt import EXPECTED, HINT, is_day, said_of_days
from cxkit.answers.standing import Standing, respondents_of
from cxkit.answers.suspicions import Asked, suspicions
from cxkit.answers.teller import Teller
from cxkit.answers.texts import Texts
from cxkit.answers.value_seen import value_of
from cxkit.errors import Problem, StudyError, quoted
from cxkit.library import Scale, answer_scale
from cxkit.study import Study
from cxkit.study.channel_use import UNKNOWN
from cxkit.study.parts import Condition, Rival
from cxkit.study.shape import FURTHEST_STAGE, MULTI_CHANNEL
from cxkit.study.ways import ways_of

__all__ = ["Canonical", "canonical", "problems_of"]


@dataclass(frozen=True)
class Canonical:
    """The canonical frame, None where the answers need mending, every problem met, the rules.

    `rules` are those of response quality, as they were held against all (`Flags.rules`).
    """

    frame: pd.DataFrame | None
    problems: tuple[Problem, ...]
    rules: pd.DataFrame | None = None


def canonical(study: Study) -> Canonical:
    """Read and convert the answers of a study; nothing is dropped in silence.

    Columns: `respondent wave weight`, `date strata cluster` if declared, `item: outcome: rating:`
    codes, their `why:` reasons, `reached:` 1/0/NaN, `base:` true or false, `segment:` and
    `comment:` words (masked), `flag:` true, false or missing; `started finished duration
    status bot:` as far as they are told; `excluded`, `weight_all` where a decision leaves one out.
    """
    conversion, problems = _converted(study, is_kept=True)
    if conversion is None or any(one.severity == "error" for one in problems):
        return Canonical(None, tuple(problems))
    frame = conversion.frame()
    flags = flags_of(study, frame, bot_scores=bot_scores_of(study, frame))
    return Canonical(frame.assign(**flags.frame), tuple(problems), flags.rules)


def problems_of(study: Study) -> tuple[Problem, ...]:
    """Every problem that `canonical` meets, in little memory: no converted answer is kept."""
    return tuple(_converted(study, is_kept=False)[1])


def _converted(study: Study, *, is_kept: bool) -> tuple[_Conversion | None, list[Problem]]:
    rows, problems = read_rows(study)
    if rows is None:
        return None, told_of_nobody(problems)
    conversion = _Conversion(study, rows, Teller(study, rows), is_kept)
    conversion.convert()
    return conversion, told_of_nobody(problems + conversion.tell.problems)


# -- conversion --------------------------------------------------------------------------------

_SEVERAL = 2
"""So many channels make a respondent one who used several."""


@dataclass
class _Conversion:
    """The canonical columns of some rows, made one after another; problems gather on the way.

    Where these are not to be kept, only those stay that others are made from.
    """

    study: Study
    rows: Rows
    tell: Teller
    is_kept: bool
    made: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    misread: set[str] = field(default_factory=set)
    wave: Texts = field(init=False)
    n_channels: Any = 0

    def convert(self) -> None:
        """Make all columns, in the order in which their problems are told."""
        study, rows, tell = self.study, self.rows, self.tell
        if (date := days_of(study, rows, tell)) is not None:
            self.made["date"] = date
        self.wave = waves_of(study, rows, date, tell)
        self.made["wave"] = self.wave
        respondent = respondents_of(study, rows, self.wave, tell)
        self._keep("respondent", respondent)
        segments = self._segments()
        standing = Standing.of(study, rows, self.wave, respondent, segments, tell)
        for name, column in standing.columns().items():
            self._keep(name, column)
        self.made |= design_of(study, rows, self.wave, tell)
        self._channels()
        self._bases()
        self._stages()
        self._furthest_stage()
        self._answers()
        self._comments()
        tell.problems += problems_of_coded(study, respondent, self.wave)
        for name, seen in value_of(study, rows, tell, self.made, self._membership).items():
            self._keep(name, seen)
        for name, column in interviews_of(study, rows, tell, standing.is_settled).items():
            self._keep(name, column)
        self._suspicions()

    def _keep(self, name: str, column: Any) -> None:
        if self.is_kept:
            self.made[name] = column

    def frame(self) -> pd.DataFrame:
        """All canonical columns, sorted by wave and respondent."""
        columns = {name: _as_column(name, column) for name, column in self.made.items()}
        frame = pd.DataFrame({"respondent": columns["respondent"], **columns})
        order = np.lexsort((_ranks(frame["respondent"]), _ranks(frame["wave"])))
        return frame.iloc[order].reset_index(drop=True)

    # -- who may answer

    def _membership(self, condition: Condition) -> np.ndarray:
        column = condition.column
        if column not in self.rows.cells:
            return np.full(self.rows.n, -1, dtype=np.int8)
        values, slips = convert.membership(
            self.rows.cells[column],
            column=column,
            wanted=condition.words,
            mapped=self._mapped(column),
            codes=self._codes_of_yes.get(column),
        )
        if column not in self.misread:
            self.tell.slips(column, slips)
        self.misread |= {column} if slips else set()
        return values

    @cached_property
    def _codes_of_yes(self) -> dict[str, dict[float, str]]:
        """What numbers stand for in the columns that are read as yes and no on a scale as well."""
        words = {code: word for word, code in answer_scale("yes_no").values.items()}
        return {column: words for column, scale in self.study.scaled_columns if scale == "yes_no"}

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
        if key == MULTI_CHANNEL and self.study.has_multi_channel:
            member |= self.n_channels >= _SEVERAL
        if key in self.study.bases and (condition := self.study.bases[key].condition):
            member |= self._membership(condition) == 1
        return member

    def _stages(self) -> None:
        for key, stage in self.study.stages.items():
            if stage.reached:
                told = [self._membership(one) for one in stage.reached]
                anyone = np.logical_or.reduce([one == 1 for one in told])
                nobody = np.logical_and.reduce([one == 0 for one in told])
                reached = np.where(anyone, 1, np.where(nobody, 0, -1))
                self.made[f"reached:{key}"] = reached.astype(np.int8)
                for way, condition in ways_of(self.study, key).items():
                    self._keep(f"reached:{key}:{way}", told[stage.reached.index(condition)])

    def _furthest_stage(self) -> None:
        """The last stage that each respondent reached; none where it may have been a later one."""
        if not self.study.has_furthest_stage:
            return
        stages = self.study.reached_stages
        furthest = np.zeros(self.rows.n, dtype=np.int8)
        for place, key in enumerate(stages, start=1):
            reached = self.made[f"reached:{key}"]
            furthest[reached == 1] = place
            furthest[reached == -1] = 0
        self._keep(f"segment:{FURTHEST_STAGE}", Texts(furthest, _words("", *stages)))

    def _channels(self) -> None:
        """Which channels each respondent used, where the question was answered; several of them."""
        asked, study = self.study.channels, self.study
        if asked is None:
            return
        words = Condition.model_validate({"column": "-", "is": asked.words})
        told = {
            key: self._membership(words.model_copy(update={"column": column}))
            for key, column in study.channel_columns.items()
        }
        is_told = np.logical_or.reduce([one >= 0 for one in told.values()])
        for key, one in told.items():
            used = np.where(is_told, np.maximum(one, 0), -1).astype(np.int8)
            self._keep(f"channel:{key}", used)
        self.n_channels = np.sum([one == 1 for key, one in told.items() if key != UNKNOWN], axis=0)

    # -- answers on scales

    def _answers(self) -> None:
        study = self.study
        undeclared: dict[str, list[str]] = {}
        for key in study.item_keys:
            item = study.items[key]
            self._scaled(f"item:{key}", item.column, item.base, item.reached)
            if item.base and item.base not in study.base_keys:
                undeclared.setdefault(item.base, []).append(f"item '{key}'")
        for key, outcome in study.outcomes.items():
            self._scaled(f"outcome:{key}", outcome.column, outcome.base)
            if outcome.base and outcome.base not in study.base_keys:
                undeclared.setdefault(outcome.base, []).append(f"outcome '{key}'")
        for key, stage in study.stages.items():
            if stage.rating:
                self._scaled(f"rating:{key}", stage.rating, None, (key,))
        if study.rival is not None:
            self._of_rival(study.rival)
        for base, names in undeclared.items():
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            self.tell.of_study(
                "base_undeclared",
                f"bases.{base}",
                f"the study does not declare the base '{base}' of {names[0]}{more}: "
                "those who answered are taken for it",
                hint=f"add bases: {{{base}: {{column: ..., is: yes}}}}",
            )

    def _of_rival(self, rival: Rival) -> None:
        """What the same people answer of another brand, on the scales of the study's own."""
        shelves = (("item", rival.items), ("outcome", rival.outcomes))
        for kind, shelf in shelves:
            for key, column in shelf.items():
                self._scaled(f"rival:{kind}:{key}", column, None)

    def _scaled(self, of: str, column: str, base: str | None, stages: tuple[str, ...] = ()) -> None:
        if column not in self.rows.cells:
            return
        by_scale = self._by_scale(of)
        points = np.unique([point for scale, _ in by_scale for point in scale.points])
        at = np.full(self.rows.n, -1, dtype=np.int8)
        whys = np.zeros(self.rows.n, dtype=np.int8)
        for scale, rows in by_scale:
            read = self._codes(of, column, scale, rows)
            own = np.append(np.searchsorted(points, scale.points), -1).astype(np.int8)
            at[rows], whys[rows] = own[read.at[rows]], read.whys[rows]
        asked = self.rows.asked(column)
        whys[~asked] = convert.WHY["not_asked"]
        is_outside, reason = self._outside(base, stages, at)
        outside = " or ".join(
            [f"who did not reach stage {quoted(stages)}"] * bool(stages)
            + [f"outside the base '{base}'"] * (base is not None)
        )
        self.tell.where(
            "outside_base",
            column,
            is_outside & (at >= 0),
            f"{of.replace(':', ' ')} is answered by respondents {outside}; "
            "these answers are left out",
            severity="warning",
        )
        is_declared = (reason == convert.WHY["not_reached"]) | (base in self.study.base_keys)
        given_reason = is_outside & (is_declared | (whys == convert.WHY["no_answer"])) & asked
        at[is_outside] = -1
        whys[given_reason] = reason[given_reason]
        self._keep(of, np.append(points, np.nan)[at] if self.is_kept else None)
        self._keep(f"why:{of}", Texts(whys, _words(*convert.WHYS)))
        self._tell_spread(of, column, points, at)

    def _by_scale(self, of: str) -> list[tuple[Scale, np.ndarray]]:
        """The scales on which a question was asked, each with the rows of its waves."""
        found: dict[str, tuple[Scale, np.ndarray]] = {}
        for wave in sorted(self.wave.found()):
            try:
                scale = self.study.of_wave(wave).scale(of)
            except StudyError:
                continue
            before = found.get(scale.key)
            rows = self.wave == wave
            found[scale.key] = (scale, rows if before is None else before[1] | rows)
        return list(found.values())

    def _codes(self, of: str, column: str, scale: Scale, rows: np.ndarray) -> Codes:
        """What a column means on a scale; slips are told of `rows`, those of the scale's waves."""
        texts = self.rows.cells[column]
        mapped = self._mapped(column, scale.key)
        is_all = bool(rows.all())
        read, slips = convert.codes(
            texts if is_all else texts[rows], column=column, scale=scale, mapped=mapped
        )
        if not is_all:
            places = np.flatnonzero(rows)
            slips = [dataclasses.replace(one, rows=places[one.rows]) for one in slips]
            read = dataclasses.replace(read, texts=texts)
        self.tell.slips(column, slips)
        self.asked.append(Asked(of, read, None if is_all else rows))
        return read

    def _outside(
        self, base: str | None, stages: tuple[str, ...], at: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Who may not answer, and the place of the reason that this is for a missing answer."""
        outside = np.zeros(self.rows.n, dtype=bool)
        if base is not None:
            member = self.made.get(f"base:{base}")
            outside = at < 0 if member is None else ~np.asarray(member)
        why = np.where(outside, convert.WHY["not_applicable"], 0).astype(np.int8)
        for stage in stages:
            if (reached := self.made.get(f"reached:{stage}")) is not None:
                is_short = np.asarray(reached == 0)
                why[is_short] = convert.WHY["not_reached"]
                outside = outside | is_short
        return outside, why

    def _tell_spread(self, of: str, column: str, points: np.ndarray, at: np.ndarray) -> None:
        n = np.bincount(at + 1, minlength=len(points) + 1)[1:]
        named = of.replace(":", " ")
        if not n.any():
            everyone = np.ones(self.rows.n, dtype=bool)
            message = f"nobody answered {named}"
            self.tell.where("no_answers", column, everyone, message, severity="warning")
        elif n.sum() > 1 and np.count_nonzero(n) == 1:
            message = f"every answer to {named} is {points[n.argmax()]:g}"
            self.tell.where("constant", column, at >= 0, message, severity="warning")

    def _suspicions(self) -> None:
        """Scales that may be others than those declared."""
        aims = [f"outcome:{key}" for key in ("recommend", "satisfaction")]
        for found in suspicions(self.asked, aims):
            self.tell.of_study(found.code, found.key, found.message, found.hint)

    # -- words

    def _segments(self) -> dict[str, Texts]:
        """The groups of each segment, "" for none."""
        found: dict[str, Texts] = {}
        for key, segment in self.study.segments.items():
            column = str(segment.column)
            cells = self.rows.cells.get(column)
            if cells is None:
                continue
            meant = groups_by_text(self.study, key) | dict(self._mapped(column))
            groups = found[key] = convert.words(cells, mapped=meant)
            self._keep(f"segment:{key}", groups)
            self._tell_groups(key, column, groups)
        return found

    def _tell_groups(self, key: str, column: str, groups: Texts) -> None:
        self.tell.where(
            "no_group",
            column,
            groups == "",
            f"some respondents belong to no group of '{key}'",
            severity="warning",
        )
        known = self.study.segment_order(key)
        words = set(groups.found()) - {""}
        days = sorted(one for one in words if is_day(one, known))
        self.tell.where(
            "turned_to_dates",
            column,
            groups.among(days),
            said_of_days(column, quoted(days)),
            severity="error" if known else "warning",
            expected=EXPECTED,
            hint=HINT,
        )
        unlabelled = sorted(words - {*known, *days}) if known else []
        self.tell.where(
            "unlabelled_group",
            column,
            groups.among(unlabelled),
            f"the study gives the groups {quoted(unlabelled)} of '{key}' no label",
            severity="warning",
            expected="one of " + ", ".join(known),
        )

    def _comments(self) -> None:
        """What respondents wrote, without what would tell who they are."""
        for key, column in self.study.comments.items() if self.is_kept else ():
            if column in self.rows.cells:
                self.made[f"comment:{key}"] = masked_column(self.rows.cells[column])

    def _mapped(self, *owners: str) -> dict[str, str]:
        """What texts mean in a column: as its scale, its key and the column itself say."""
        mapped: dict[str, str] = {}
        for owner in reversed(owners):
            mapped |= self.study.text_answers.get(owner, {})
        return mapped


def _as_column(name: str, column: Any) -> Any:
    """A column of the frame: words as text, missing where blank; 1, 0 and NaN for stages."""
    if isinstance(column, Texts):
        words = pd.Series(column.array(), dtype="str")
        is_told = name in ("respondent", "wave") or name.startswith("why:")
        return words if is_told else words.where(words != "")
    if name.startswith(("reached:", "channel:")):
        return np.where(column < 0, np.nan, column)
    return pd.Series(column, dtype="str") if name == "excluded" else column


def _words(*words: str) -> np.ndarray:
    return np.array(words, dtype=object)


def _ranks(words: pd.Series) -> np.ndarray:
    """The place of each word in the order of texts."""
    return np.unique(words.to_numpy(dtype=object), return_inverse=True)[1]
