"""Scores of respondents: answers on any scale as 0-100, items of a level as one number a person.

`person_scores` works on plain data; `level_scores` and `level_items` on a survey, where an item
counts for those to whom it applies and comparisons rest on the same items (METHODS 19, 22.1).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from cxkit.errors import SurveyError, nearest
from cxkit.study import MIN_SHARE
from cxkit.study.instrument import PARTS, instrument

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cxkit.library import Scale

__all__ = [
    "Coded",
    "as_scale",
    "base_mask",
    "changed",
    "coded",
    "examples",
    "is_asked",
    "is_in_funnel",
    "is_reach_measured",
    "item_base",
    "item_scores",
    "item_scores_100",
    "items_in_common",
    "items_of",
    "level_items",
    "level_scores",
    "levels",
    "numbers",
    "on_scale",
    "part_scores",
    "parts",
    "person_scores",
    "reached",
    "rescaled",
    "scored_base",
    "scored_items",
    "scores_on",
    "stage_answers",
    "stages",
]

OUTSIDE = ("not_applicable", "not_asked", "not_experienced", "not_reached")
"""Reasons for missing that say the item does not apply to this person."""

MAX_DIFFERENCE_IN_BASE = 0.10
"""Groups whose shares of people to whom an item applies differ more are not compared on it."""


_FEW_POINTS, _FIRST_ROWS = 24, 5000
"""So few different answers, if the first rows show them all, are coded one after another."""

FUNNEL = ("reach", "conversion", "skipped")
"""Metrics of who gets how far, which only some samples can show."""

FIRST_STAGE = {"market": 0, "visitors": 2}
"""By sample frame, the place of the first stage of which reach and conversion can be shown."""


def person_scores(
    items: ArrayLike | pd.DataFrame,
    scale: str | Scale | Sequence[Scale],
    min_share: float = 0.5,
    *,
    applicable: ArrayLike | None = None,
) -> np.ndarray:
    """The 0-100 score of each respondent: the mean of the items answered, rescaled.

    Parameters
    ----------
    items : DataFrame or array-like of float or missing, shape (n_respondents, n_items)
        Answers; a single item may be given as shape (n_respondents,).
    scale : str, Scale, or a Scale for each item
        End points and direction of the answers.
    min_share : float, default 0.5
        The least share of applicable items that must be answered.
    applicable : array-like of bool, shape (n_respondents, n_items), optional
        Which items apply to whom; all to all if not given.

    Returns
    -------
    ndarray of float, shape (n_respondents,)
        0 (worst) to 100 (best), NaN for those who answered too few items.

    Examples
    --------
    >>> person_scores([[5, 4], [3, None], [None, None]], "agreement_5").tolist()
    [87.5, 50.0, nan]
    """
    answers = _as_matrix(items)
    if not 0 <= min_share <= 1:
        raise SurveyError(f"min_share is {min_share}", expected="a share from 0 to 1")
    scales = [as_scale(one) for one in _per_item(scale, answers.shape[1])]
    scores = [rescaled(answers[:, i], one) for i, one in enumerate(scales)]
    if not scores:
        return np.full(len(answers), np.nan)
    applies = None if applicable is None else list(np.asarray(applicable, dtype=bool).T)
    return _row_means(scores, min_share, applies)


def rescaled(answers: np.ndarray, scale: Scale) -> np.ndarray:
    """Answers as 0 (worst answer of the scale) to 100 (best); NaN stays NaN."""
    share = (on_scale(answers, scale) - scale.minimum) / (scale.maximum - scale.minimum)
    return 100 * (1 - share if scale.direction == "down" else share)


def as_scale(scale: str | Scale | Any) -> Scale:
    """The Scale of a library key, or the Scale itself."""
    if isinstance(scale, str):
        from cxkit import library

        return library.scale(scale)
    if not hasattr(scale, "points"):
        raise SurveyError(
            f"{scale!r} is not a response scale",
            expected="a key of the library such as 'agreement_5', or a Scale",
        )
    return scale


def on_scale(answers: np.ndarray, scale: Scale) -> np.ndarray:
    """The answers with the scale's exit codes as NaN; SurveyError names what is no point of it."""
    is_exit = np.isin(answers, list(scale.missing))
    given = np.where(is_exit, np.nan, answers)
    is_off = ~np.isnan(given) & ~np.isin(given, scale.points)
    if is_off.any():
        raise SurveyError(
            f"{int(is_off.sum())} answers lie off the scale: {examples(given[is_off])}",
            expected="one of " + ", ".join(f"{point:g}" for point in scale.points),
            hint="recode the answers, or mark exit codes as missing",
        )
    return given


def numbers(answers: ArrayLike) -> np.ndarray:
    """Answers as floats, NaN where missing; SurveyError for words and infinite values."""
    given = pd.Series(np.asarray(answers, dtype=object).ravel())
    as_numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    is_wrong = (np.isnan(as_numbers) & given.notna().to_numpy()) | np.isinf(as_numbers)
    if is_wrong.any():
        raise SurveyError(
            f"{int(is_wrong.sum())} answers are not numbers: {examples(given[is_wrong])}",
            expected="numbers, and missing answers as NaN or None",
        )
    return as_numbers


def examples(values: Any) -> str:
    """The commonest way to show what is wrong: at most five values, each with its count."""
    counts = pd.Series(values).value_counts(sort=False)
    counts = counts.sort_index(key=lambda keys: keys.astype(str))
    shown = [f"{_plain(value)} ({count})" for value, count in counts.head(5).items()]
    return ", ".join(shown) + (", ..." if len(counts) > 5 else "")


# -- scores of a survey ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Coded:
    """Answers of all rows as codes: code k stands for `points[k]`, NaN for no answer.

    A question has few answers and many respondents: what is done to the answers is done to the
    `points`. `tallies` keeps what was counted of the codes, for all that recodes them.
    """

    codes: np.ndarray
    points: np.ndarray
    tallies: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, values: np.ndarray) -> Coded:
        """The values of all rows as codes, 0 for no answer."""
        points = np.unique(values[:_FIRST_ROWS])
        points = points[~np.isnan(points)]
        if len(points) <= _FEW_POINTS:
            codes = np.zeros(len(values), dtype=np.uint8)
            for code, point in enumerate(points, start=1):
                codes += (values == point) * np.uint8(code)
            if np.count_nonzero(codes) == np.count_nonzero(~np.isnan(values)):
                return cls(codes, np.concatenate([[np.nan], points]))
        codes, points = pd.factorize(values, sort=True)
        small = np.min_scalar_type(len(points))
        return cls((codes + 1).astype(small), np.concatenate([[np.nan], points]))

    @functools.cached_property
    def values(self) -> np.ndarray:
        """The values of all rows, not to be written to."""
        values = self.points[self.codes]
        values.setflags(write=False)
        return values

    @property
    def is_answered(self) -> np.ndarray:
        """Which rows have an answer."""
        return self.codes > 0

    def among(self, mask: np.ndarray) -> Coded:
        """The answers of some rows, none of the others."""
        if not (self.is_answered & ~mask).any():
            return self
        return Coded(np.where(mask, self.codes, 0).astype(self.codes.dtype), self.points)

    def recoded(self, act: Callable[[np.ndarray], np.ndarray]) -> Coded:
        """The same codes for other points: what `act` makes of them."""
        return dataclasses.replace(self, points=act(self.points))


def coded(survey: Any, of: str) -> Coded:
    """The answers to a question (`item:KEY`, `outcome:KEY`, `reached:STAGE`) as codes."""
    return survey.once(("coded", of), lambda: Coded.of(survey.values(of)))


def levels(study: Any) -> dict[str, tuple[str, ...]]:
    """The levels of the study's framework, base first, each with the items that were asked."""
    if study.framework is None:
        return {}
    return {
        level.key: tuple(item for item in level.items if item in study.items)
        for level in study.framework.levels
    }


def parts(study: Any, kind: str) -> dict[str, tuple[str, ...]]:
    """The parts of a framework beside the levels (`type`, `determinant`), with the items asked."""
    if kind not in study.parts:
        return {}
    return {
        one.key: tuple(item for item in one.items if item in study.items)
        for one in study.parts[kind].levels
    }


def part_scores(
    survey: Any,
    kind: str,
    key: str,
    items: Iterable[str] | None = None,
    *,
    min_share: float = MIN_SHARE,
) -> np.ndarray:
    """The 0-100 score of every respondent on a part such as `type`, `product`; full length.

    Each item counts for those to whom it applies; there is no base that all parts share. `items`
    narrows the part to some of its items.
    """
    chosen = parts(survey.study, kind).get(key, ()) if items is None else tuple(items)
    if not chosen:
        return np.full(len(survey.mask), np.nan)
    scores = [item_scores_100(survey, item) for item in chosen]
    return _row_means(scores, min_share, [_applies(survey, item) for item in chosen])


def level_scores(
    survey: Any, level: str, items: Iterable[str] | None = None, *, min_share: float = MIN_SHARE
) -> np.ndarray:
    """The 0-100 score of every respondent on a level, NaN outside the base it is scored on.

    `items` narrows the level to some of its items (see `level_items`); `min_share` is the least
    share of those that apply that must be answered. Full length, not masked.
    """
    chosen = items_of(survey, level) if items is None else tuple(items)
    if not chosen:
        return np.full(len(survey.mask), np.nan)
    scores = [item_scores_100(survey, item) for item in chosen]
    person = _row_means(scores, min_share, [_applies(survey, item) for item in chosen])
    return np.where(scored_base(survey), person, np.nan)


def item_scores_100(survey: Any, item: str) -> np.ndarray:
    """The answers to one item as 0-100, reversed where the item is negatively keyed."""
    return item_scores(survey, item).values


def item_scores(survey: Any, item: str) -> Coded:
    """The answers to one item as codes that stand for 0-100 (see `item_scores_100`)."""
    scale = survey.study.scale(f"item:{item}")
    asked = survey.study.asked_by_framework(item)
    is_reversed = asked is not None and asked.keyed == "negative"

    def scored(points: np.ndarray) -> np.ndarray:
        scores = rescaled(points, scale)
        return 100 - scores if is_reversed else scores

    return coded(survey, f"item:{item}").recoded(scored)


def scored_base(survey: Any) -> np.ndarray:
    """Whom the levels are scored on: the framework's base, or everybody. Full length."""
    framework = survey.study.framework
    return base_mask(survey, framework.scored_on if framework else None)


def base_mask(survey: Any, base: str | None) -> np.ndarray:
    """Who belongs to a base; everybody where there is none, or the study does not declare it."""
    return survey.once(("base", base), lambda: _kept(_base_mask(survey, base)))


def _base_mask(survey: Any, base: str | None) -> np.ndarray:
    if base is None or not _has(survey, f"base:{base}"):
        return np.ones(len(survey.mask), dtype=bool)
    return survey.frame[f"base:{base}"].to_numpy(dtype=bool, copy=True)


def _has(survey: Any, column: str) -> bool:
    """Whether the frame has a column."""
    return column in survey.once("columns", lambda: frozenset(survey.frame.columns))


def _kept(values: np.ndarray) -> np.ndarray:
    """Values that a survey keeps for whoever asks again: not to be written to."""
    values.setflags(write=False)
    return values


def items_of(survey: Any, level: str) -> tuple[str, ...]:
    """The items of a level that the study asked; SurveyError for an unknown level."""
    known = levels(survey.study)
    if level not in known:
        raise SurveyError(
            f"unknown level '{level}'",
            expected="one of " + ", ".join(known) if known else "a study with a levels framework",
            hint=nearest(level, known),
        )
    return known[level]


def level_items(survey: Any, level: str, groups: Sequence[np.ndarray]) -> tuple[str, ...]:
    """The items on which a level may be compared between `groups`, masks of respondents.

    An item is common when each group has answers to it and it applies to about the same share
    of each group (within 10 percentage points, counted among those to whom any item of the
    level applies). Groups without an answer to any of the items are left out of the reckoning.
    """
    return _in_common(survey, items_of(survey, level), scored_base(survey), groups)


def scored_items(survey: Any, of: str) -> tuple[str, ...]:
    """The items that a score is made of (`level:trust`, `type:product`); none of anything else."""
    kind, _, key = of.partition(":")
    if kind == "level":
        return items_of(survey, key)
    return parts(survey.study, kind).get(key, ())


def items_in_common(survey: Any, of: str, groups: Sequence[np.ndarray]) -> tuple[str, ...]:
    """The items on which a score may be compared between `groups` (see `level_items`)."""
    kind, _, key = of.partition(":")
    if kind == "level":
        return level_items(survey, key, groups)
    return _in_common(survey, scored_items(survey, of), base_mask(survey, None), groups)


def scores_on(survey: Any, of: str, items: Iterable[str]) -> np.ndarray:
    """The 0-100 score of every respondent on some of the items of a level or part."""
    kind, _, key = of.partition(":")
    if kind == "level":
        return level_scores(survey, key, items)
    return part_scores(survey, kind, key, items)


def _in_common(
    survey: Any, items: tuple[str, ...], in_base: np.ndarray, groups: Sequence[np.ndarray]
) -> tuple[str, ...]:
    asked = {item: item_base(survey, item) for item in items}
    answered = {item: ~np.isnan(survey.values(f"item:{item}")) for item in items}
    anyone = np.logical_or.reduce([*asked.values()]) if items else in_base
    counted = [
        group & in_base & anyone
        for group in groups
        if any((group & in_base & answered[item]).any() for item in items)
    ]
    return tuple(item for item in items if _is_common(asked[item], answered[item], counted))


def changed(survey: Any, of: str, waves: Iterable[str]) -> tuple[str, ...]:
    """What is not the same in the questions behind `of` in all of these waves.

    Parts of the instrument (`wording`, `scale`, `order`, `intro`, `period`); none where every
    question that two waves asked was asked in the same way.
    """
    if not any(one.instrument.model_fields_set for one in survey.study.waves.values()):
        return ()
    kind, _, key = of.partition(":")
    questions = {
        "level": [f"item:{item}" for item in levels(survey.study).get(key, ())],
        "stage": [f"rating:{key}"],
        **{
            part: [f"item:{item}" for item in parts(survey.study, part).get(key, ())]
            for part in survey.study.parts
        },
    }.get(kind, [of])
    asked = [instrument(survey.study, wave) for wave in sorted(waves)]
    pairs = itertools.combinations(asked, 2)
    found = {part for one, other in pairs for part in one.changed(other, questions)}
    return tuple(part for part in PARTS if part in found)


def is_asked(survey: Any, of: str, wave: str) -> bool:
    """Whether a wave asked any question behind `of` (its file of answers may lack the column)."""
    columns = _columns(survey.study, of)
    return not columns or any(survey.study.is_asked(one, wave) for one in columns)


def _columns(study: Any, of: str) -> list[str]:
    """The columns of the questions behind `of`."""
    kind, _, key = of.partition(":")
    if kind == "level":
        return [study.items[item].column for item in levels(study).get(key, ())]
    if kind in study.parts:
        return [study.items[item].column for item in parts(study, kind).get(key, ())]
    if kind == "stage" and key in study.stages:
        stage = study.stages[key]
        return [*(one.column for one in stage.reached), *([stage.rating] if stage.rating else [])]
    shelf = {"item": study.items, "outcome": study.outcomes}.get(kind, {})
    return [shelf[key].column] if key in shelf else []


def item_base(survey: Any, item: str) -> np.ndarray:
    """Whom an item concerns: the base that the study or its framework names. Full length."""
    base = survey.study.items[item].base
    asked = survey.study.asked_by_framework(item)
    concerned = base_mask(survey, base or (asked.base if asked is not None else None))
    for stage in survey.study.items[item].reached:
        concerned = concerned & (reached(survey, stage) != 0)
    return concerned


# -- stages ---------------------------------------------------------------------------------------


def stages(study: Any) -> tuple[str, ...]:
    """The stages of the study's journey, in the customer's order."""
    return tuple(stage.key for stage in study.journey.stages) if study.journey else ()


def is_in_funnel(study: Any, metric: str, stage: str) -> bool:
    """Whether the sample can show this: who was lost before it began is not in a sample.

    A market sample shows every stage, one of visitors what comes after considering, one of
    customers none (DOMAIN 11). Nothing follows the last stage.
    """
    keys = stages(study)
    start = FIRST_STAGE.get(study.sample.frame)
    end = len(keys) if metric == "reach" else len(keys) - 1
    return start is not None and stage in keys[start:end]


def is_reach_measured(survey: Any, stage: str) -> bool:
    """Whether the survey asks who reached the stage."""
    return _has(survey, f"reached:{stage}")


def reached(survey: Any, stage: str) -> np.ndarray:
    """1 for those who reached a stage, 0 for those who did not, NaN where it is unknown."""
    if not is_reach_measured(survey, stage):
        return np.full(len(survey.mask), np.nan)
    return coded(survey, f"reached:{stage}").values


def stage_answers(survey: Any, metric: str, stage: str) -> Coded:
    """The 0 and 1 whose mean is a stage's `reach`, `conversion` or `skipped`, of all rows.

    Reach counts among those who know the brand: those who reached the first stage or any later
    one; where the first stage was not asked, the base `aware`; where neither was, it is unknown.
    In a sample of visitors it counts among them all. Conversion counts, among those who reached
    the stage, who reached the next or any later one; skipped, among those who reached any later
    stage, who had not reached this one.
    """
    keys = stages(survey.study)
    here, later = _whether(survey, stage), _any_of(survey, keys[keys.index(stage) + 1 :])
    if metric == "conversion":
        return _counted(here.yes, later)
    if metric == "skipped":
        return _counted(later.yes, _Whether(here.no, here.yes))
    if survey.study.sample.frame == "visitors":
        return _counted(base_mask(survey, "visitors"), here)
    if is_reach_measured(survey, keys[0]):
        knows = _any_of(survey, keys).yes
        return _counted(knows, here if stage != keys[0] else _Whether(knows, ~knows))
    is_declared = "aware" in survey.study.base_keys
    return _counted(base_mask(survey, "aware") & is_declared, here)


class _Whether(NamedTuple):
    """Who surely did, and who surely did not; of all others it is unknown."""

    yes: np.ndarray
    no: np.ndarray


def _whether(survey: Any, stage: str) -> _Whether:
    """Who reached a stage."""
    if not is_reach_measured(survey, stage):
        nobody = np.zeros(len(survey.mask), dtype=bool)
        return _Whether(nobody, nobody)
    answers = coded(survey, f"reached:{stage}")
    return survey.once(
        ("reached", stage),
        lambda: _Whether(*((answers.points == one)[answers.codes] for one in (1, 0))),
    )


def _any_of(survey: Any, keys: Sequence[str]) -> _Whether:
    """Who reached any of the stages; none who surely reached none of those that were asked."""
    known = [_whether(survey, stage) for stage in keys if is_reach_measured(survey, stage)]
    if not known:
        nobody = np.zeros(len(survey.mask), dtype=bool)
        return _Whether(nobody, nobody)
    return _Whether(
        np.logical_or.reduce([one.yes for one in known]),
        np.logical_and.reduce([one.no for one in known]),
    )


def _counted(among: np.ndarray, told: _Whether) -> Coded:
    """1 and 0 for those among whom it is counted, where it is known."""
    codes = (among & told.yes) * np.uint8(2) + (among & told.no)
    return Coded(codes, np.array([np.nan, 0.0, 1.0]))


def _is_common(asked: np.ndarray, answered: np.ndarray, groups: Sequence[np.ndarray]) -> bool:
    if not all((group & answered).any() for group in groups):
        return False
    shares = [asked[group].mean() for group in groups]
    return not shares or max(shares) - min(shares) <= MAX_DIFFERENCE_IN_BASE


def _applies(survey: Any, item: str) -> np.ndarray:
    """To whom an item applies: its base, less those who say it does not apply to them."""
    return survey.once(("applies", item), lambda: _kept(_whom_it_concerns(survey, item)))


def _whom_it_concerns(survey: Any, item: str) -> np.ndarray:
    why = f"why:item:{item}"
    is_answered = coded(survey, f"item:{item}").is_answered
    applies = item_base(survey, item) | is_answered
    if _has(survey, why):
        silent = np.flatnonzero(applies & ~is_answered)
        applies[silent] = ~survey.frame[why].iloc[silent].isin(OUTSIDE).to_numpy()
    return applies


def _row_means(
    scores: Sequence[np.ndarray], min_share: float, applicable: Sequence[np.ndarray] | None = None
) -> np.ndarray:
    """The mean of each row over the columns that have a score, if enough of them have."""
    answered = [~np.isnan(one) for one in scores]
    n_answered = sum(one.astype(np.int16) for one in answered)
    n_items = len(scores) if applicable is None else sum(one.astype(np.int16) for one in applicable)
    is_scored = (n_answered > 0) & (n_answered >= min_share * n_items)
    total = sum(np.where(has, one, 0.0) for has, one in zip(answered, scores, strict=True))
    return np.where(is_scored, total / np.maximum(n_answered, 1), np.nan)


def _as_matrix(items: ArrayLike | pd.DataFrame) -> np.ndarray:
    given = np.asarray(items, dtype=object)
    if given.ndim == 1:
        given = given.reshape(-1, 1) if given.size else given.reshape(0, 0)
    if given.ndim != 2:
        raise SurveyError("items have no rows and columns", expected="respondents by items")
    return numbers(given).reshape(given.shape)


def _per_item(scale: str | Scale | Sequence[Scale], n_items: int) -> list[Any]:
    return list(scale) if isinstance(scale, list | tuple) else [scale] * n_items


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
