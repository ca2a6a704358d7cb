"""Weights that make the answers stand for a population: raked or by cells, in each wave alone.

`rake` is for plain frames, `weights_of` for a study; both tell what they did and what it cost.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxkit.answers.margins import Known, beyond_limits, labels_of, margins_of, not_met
from cxkit.answers.privacy import told_of_nobody
from cxkit.errors import Problem, SurveyError, brief, counted, nearest
from cxkit.records import AMBER, RED
from cxkit.study import Study
from cxkit.study.parts import Targets
from cxkit.weights import effective_base
from cxkit.weights.design import checked_weight
from cxkit.weights.raking import CLOSE, Raked, raked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "AMBER",
    "RED",
    "WeightSummary",
    "Weights",
    "margin_columns",
    "rake",
    "shares_of",
    "weights_of",
]


def rake(
    frame: pd.DataFrame,
    targets: Mapping[str, Mapping[Any, float]],
    *,
    start: ArrayLike | str | None = None,
) -> pd.Series:
    """Weights, mean 1, that give every variable its known shares.

    Parameters
    ----------
    frame : DataFrame, shape (n_respondents, n_columns)
        A respondent a row; the columns that `targets` names.
    targets : mapping of str to mapping
        Column -> value -> share, for every value that stands in the column. The shares of a
        column add up to 1 (up to rounding to three decimals: they are taken as parts of their
        sum). Whole numbers that add up to 10 or more are counts of people, and must count the
        same population in every column; between 90 and 110 only 100 itself is taken. Values are
        compared as text, whole numbers without decimals.
    start : array-like of float, shape (n_respondents,), or str, optional
        The weights to begin with, or the column that holds them; only their ratios matter, and
        a respondent of weight 0 keeps it. All alike if not given.

    Returns
    -------
    Series of float, shape (n_respondents,)
        On the index of `frame`, every share within 1e-6 of its target (mostly within 1e-12).

    Raises
    ------
    SurveyError
        With every problem at once: values that are missing, without a target, or with a target
        that is 0; targets of values that nobody has; shares that do not add up; targets that
        contradict each other. Where raking comes to no end, the share farthest from its target.

    Notes
    -----
    Iterative proportional fitting on the cells that respondents share. Checked against `rake` of
    R's survey 4.1 on the apistrat data, to 1e-9.

    References
    ----------
    .. [1] Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled
           frequency table when the expected marginal totals are known. Annals of Mathematical
           Statistics 11(4).

    Examples
    --------
    >>> people = pd.DataFrame({"region": ["west", "west", "west", "east"]})
    >>> rake(people, {"region": {"west": 0.5, "east": 0.5}}).round(4).tolist()
    [0.6667, 0.6667, 0.6667, 2.0]
    """
    people = pd.DataFrame(frame)
    columns = {name: _column(people, name) for name in _named(targets)}
    weight = _start_of(people, start)
    rows = np.flatnonzero(weight > 0)
    known = [
        Known(str(name), values.iloc[rows], dict(targets[name]), str(name))
        for name, values in columns.items()
    ]
    made, problems = _raked(known, weight[rows])
    if made is None:
        raise SurveyError.of(told_of_nobody(problems))
    found = np.zeros(len(people))
    found[rows] = made.weight * (len(people) / len(rows))
    return pd.Series(found, index=people.index, name="weight")


def _named(targets: Mapping[str, Mapping[Any, float]]) -> list[str]:
    """The columns whose shares are known."""
    is_known = isinstance(targets, Mapping) and all(
        isinstance(shares, (Mapping, pd.Series)) for shares in targets.values()
    )
    if not is_known:
        raise SurveyError(
            "the targets do not say which value is to have which share",
            expected="column -> value -> share, as {'region': {'west': 0.4, 'east': 0.6}}",
        )
    if not targets:
        raise SurveyError("there are no targets", expected="known shares of at least one column")
    return list(targets)


def _column(people: pd.DataFrame, name: str) -> pd.Series:
    """The one column of this name."""
    n = int(people.columns.isin([name]).sum())
    if n == 1:
        return people[name]
    raise SurveyError(
        f"{n} columns are called '{brief(str(name))}'"
        if n
        else f"there is no column '{brief(str(name))}'",
        expected="a name of one column" if n else "one of " + ", ".join(map(str, people.columns)),
        hint=None if n else nearest(str(name), map(str, people.columns)),
    )


def _start_of(people: pd.DataFrame, start: ArrayLike | str | None) -> np.ndarray:
    """The weights to begin with, one a row."""
    if not len(people):
        raise SurveyError("nobody is there to be weighted", expected="at least one respondent")
    if start is None:
        return np.ones(len(people))
    if isinstance(start, str):
        if start not in people.columns:
            raise SurveyError(
                f"there is no column '{brief(start)}' of weights to start from",
                expected="one of " + ", ".join(map(str, people.columns)),
            )
        start = people[start]
    is_other = isinstance(start, pd.Series) and not start.index.equals(people.index)
    weight = checked_weight(np.asarray(start))
    if is_other or len(weight) != len(people):
        raise SurveyError(
            "the weights to start from are of other rows"
            if is_other and len(weight) == len(people)
            else f"there are {len(weight)} weights to start from and {len(people)} respondents",
            expected="a weight for every respondent, in their order",
        )
    return weight / weight.max()  # only their ratios matter, and tiny ones do not vanish


def _raked(
    known: Sequence[Known], start: np.ndarray, low: float = 0.0, high: float = np.inf
) -> tuple[Raked | None, list[Problem]]:
    """Weights that meet all known shares; None, with every problem, where there are none."""
    margins, problems = margins_of(known)
    problems = problems or beyond_limits(margins, known, low, high)
    if problems:
        return None, problems
    made = raked(margins, start, low=low, high=high)
    problems = not_met(made, margins, known, low=low, high=high)
    return (None if problems else made), problems


# -- of a study ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class WeightSummary:
    """What the weights of one wave are like.

    Attributes
    ----------
    wave : str
        The wave.
    how : str
        `rake`, `cells`, `given` (a column of the answers) or `none`.
    by : tuple of str
        The variables whose shares are known.
    n : int
        The respondents of the wave.
    n_eff : float
        Kish's effective base.
    smallest, largest : float
        The smallest weight above 0 and the largest, where the mean is 1.
    rounds : int
        The rounds of raking.
    deviation : float
        The largest difference between a share and its target.
    n_low, n_high : int
        How many were trimmed: weights at the lowest and at the highest value allowed.
    """

    wave: str
    how: str
    by: tuple[str, ...]
    n: int
    n_eff: float
    smallest: float
    largest: float
    rounds: int = 0
    deviation: float = 0.0
    n_low: int = 0
    n_high: int = 0

    @classmethod
    def of(
        cls,
        wave: str,
        weight: np.ndarray,
        *,
        how: str = "given",
        by: Sequence[str] = (),
        made: Raked | None = None,
    ) -> WeightSummary:
        """The summary of these weights."""
        own = weight[weight > 0]
        ends = (float(own.min()), float(own.max())) if own.size else (0.0, 0.0)
        told = cls(wave, how, tuple(by), len(weight), effective_base(weight), *ends)
        if made is None:
            return told
        return dataclasses.replace(
            told, rounds=made.rounds, deviation=made.deviation, n_low=made.n_low, n_high=made.n_high
        )

    @property
    def efficiency(self) -> float:
        """The effective base over the base, 0 to 1."""
        return self.n_eff / self.n if self.n else 0.0

    @property
    def ratio(self) -> float:
        """The largest weight over the smallest."""
        return self.largest / self.smallest if self.smallest else math.inf

    @property
    def n_trimmed(self) -> int:
        """How many weights stand at a limit."""
        return self.n_low + self.n_high

    @property
    def light(self) -> str:
        """`green`, `amber` under 60 % efficiency, `red` under 40 %."""
        return "red" if self.efficiency < RED else "amber" if self.efficiency < AMBER else "green"


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a study's respondents, with what was left out and with everybody.

    Attributes
    ----------
    weight : numpy.ndarray of float, shape (n_rows,)
        Mean 1 over the kept rows of each wave, 0 for those left out.
    weight_all : numpy.ndarray of float, or None
        The same with everybody kept, missing in waves where no weights for everybody can be
        made; None where there is no other wave, or where nobody is left out.
    summaries, summaries_all : tuple of WeightSummary
        A summary a wave, of both.
    problems : tuple of Problem
        What needs mending or a look.
    """

    weight: np.ndarray
    weight_all: np.ndarray | None
    summaries: tuple[WeightSummary, ...]
    summaries_all: tuple[WeightSummary, ...]
    problems: tuple[Problem, ...]


def margin_columns(study: Study) -> tuple[str, ...]:
    """The segments and columns whose shares the weighting of a study knows, in its order."""
    return study.weighting.variables if study.weighting else ()


def weights_of(
    study: Study,
    margins: pd.DataFrame,
    waves: ArrayLike,
    *,
    start: ArrayLike | None = None,
    kept: ArrayLike | None = None,
) -> Weights:
    """The weights of all rows of a study, each wave by itself.

    Parameters
    ----------
    study : Study
        Says what shares are known (`weighting`), or has given weights (`weight`), or neither.
    margins : DataFrame, shape (n_rows, n_margins)
        The values of `margin_columns(study)`, missing or blank where there is none.
    waves : array-like of str, shape (n_rows,)
        The wave of each row.
    start : array-like of float, shape (n_rows,), optional
        The weights that are given (`weight`), or that the weighting starts from.
    kept : array-like of bool, shape (n_rows,), optional
        Which rows are kept; all if not given.

    Returns
    -------
    Weights
        Its problems are errors where shares cannot be met (its weights are then 1), warnings
        where the efficiency is low, notes of what was done.
    """
    wave = np.asarray(waves, dtype=object)
    begin = np.ones(len(wave)) if start is None else np.asarray(start, dtype=float)
    is_kept = np.ones(len(wave), dtype=bool) if kept is None else np.asarray(kept, dtype=bool)
    own = _Weighing(study, margins.reset_index(drop=True), wave, begin)
    weight, summaries, problems = own.of(is_kept)
    if is_kept.all():
        return Weights(weight, None, summaries, (), tuple(problems))
    if any(one.severity == "error" for one in problems):
        return Weights(weight, None, summaries, (), tuple(problems))
    everybody, summaries_all, slips = own.of(np.ones(len(wave), dtype=bool))
    if any(one.severity == "error" for one in slips):
        first = next(one for one in slips if one.severity == "error")
        problems.append(
            dataclasses.replace(
                first,
                code="weights_of_everybody",
                severity="warning",
                message="no results with everybody included: " + first.message,
            )
        )
        everybody[~np.isin(wave, [one.wave for one in summaries_all])] = np.nan
    made = None if np.isnan(everybody).all() else everybody
    return Weights(weight, made, summaries, summaries_all, tuple(problems))


@dataclass(frozen=True, eq=False)
class _Weighing:
    """The rows of a study that are to be weighted."""

    study: Study
    margins: pd.DataFrame
    wave: np.ndarray
    start: np.ndarray

    def of(self, kept: np.ndarray) -> tuple[np.ndarray, tuple[WeightSummary, ...], list[Problem]]:
        """The weights of those kept, 0 for others; a summary of each wave; what is to be told."""
        weight = np.zeros(len(self.wave))
        summaries, problems = [], []
        for wave in sorted(set(self.wave)):
            rows = np.flatnonzero((self.wave == wave) & kept)
            if not len(rows):
                slip = self._told(
                    "nobody_kept", wave, "decisions leave out everybody", "exclusions"
                )
                expected, hint = "somebody who is kept in every wave", "keep some, or drop the wave"
                problems.append(dataclasses.replace(slip, expected=expected, hint=hint))
                continue
            weight[rows], how, by, made, slips = self._of_wave(wave, rows)
            problems += slips
            if slips:
                continue
            told = WeightSummary.of(wave, weight[rows], how=how, by=by, made=made)
            summaries.append(told)
            problems += self._said(told)
        return weight, tuple(summaries), problems

    def _of_wave(
        self, wave: str, rows: np.ndarray
    ) -> tuple[np.ndarray, str, tuple[str, ...], Raked | None, list[Problem]]:
        weighting, start = self.study.weighting, _mean_one(self.start[rows])
        if weighting is None:
            return start, "given" if self.study.weight else "none", (), None, []
        targets = weighting.of(wave)
        how, by = "cells" if targets.cells else "rake", targets.by
        place = f"weighting.waves.{wave}" if wave in weighting.waves else "weighting"
        if not by:
            slip = self._told("no_targets", wave, "no shares are known to weight by", place)
            return start, how, by, None, [slip]
        trim = weighting.trim
        low = trim.low if trim else 0.0
        high = trim.high if trim and trim.high else np.inf
        known = _known_of(targets, self.margins.iloc[rows], place)
        own = np.flatnonzero(start > 0)
        made, slips = _raked([_one_of_rows(one, own) for one in known], start[own], low, high)
        if made is not None:
            start[own] = made.weight * (len(rows) / len(own))
        return start, how, by, made, [self._placed(wave, one) for one in slips]

    # -- telling

    def _prefix(self, wave: str) -> str:
        return f"wave '{wave}': " if len(set(self.wave)) > 1 else ""

    def _placed(self, wave: str, slip: Problem) -> Problem:
        return dataclasses.replace(
            slip, message=self._prefix(wave) + slip.message, file=self.study.shown()
        )

    def _told(self, code: str, wave: str, message: str, key: str) -> Problem:
        return self._placed(wave, Problem(code, message, column=key))

    def _said(self, told: WeightSummary) -> Iterator[Problem]:
        """What was done, as a note, and a warning where it cost much."""
        key = "weight" if told.how == "given" else "weighting"
        if told.how in ("rake", "cells"):
            trimmed = f", {told.n_trimmed} trimmed" if told.n_high or told.n_low else ""
            note = (
                f"weighted by {', '.join(told.by)}: weights from {told.smallest:.3g} to "
                f"{told.largest:.3g} (1 to {told.ratio:.3g}){trimmed}, efficiency "
                f"{told.efficiency:.0%}, every share within {CLOSE:g} of its target after "
                + counted(told.rounds, "round")
            )
            slip = Problem("weighted", note, "note", column=key, n=told.n)
            yield self._placed(told.wave, slip)
        if told.light != "green":
            limit = RED if told.light == "red" else AMBER
            slip = Problem(
                "weighting_efficiency",
                f"weighting efficiency is {told.efficiency:.0%}, under {limit:.0%} "
                f"({told.light}): {told.n} answers are worth {told.n_eff:.0f}",
                "warning",
                column=key,
                n=told.n,
                expected=f"an efficiency of {AMBER:.0%} or more",
                hint="join small groups with large weights, weight by fewer variables, or set "
                "weighting.trim"
                if key == "weighting"
                else "ask how the weights were made, and whether they can be trimmed",
            )
            yield self._placed(told.wave, slip)


def _mean_one(weight: np.ndarray) -> np.ndarray:
    """Weights with mean 1; all 1 where none is above zero."""
    largest = weight.max(initial=0.0)
    if not largest > 0 or not math.isfinite(largest):
        return np.ones(len(weight))
    share = weight / largest
    return share / (math.fsum(share) / len(share))


def _one_of_rows(known: Known, rows: np.ndarray) -> Known:
    """The known shares beside fewer rows."""
    return dataclasses.replace(known, values=known.values.iloc[rows])


def _known_of(targets: Targets, margins: pd.DataFrame, place: str) -> list[Known]:
    """The known shares of a study, or of a wave, beside the values of its rows."""
    if targets.cells is None:
        return [
            Known(name, margins[name], shares, f"{place}.rake.{name}")
            for name, shares in (targets.rake or {}).items()
        ]
    parts = [labels_of(margins[name]) for name in targets.cells.by]
    cells = parts[0].str.cat(parts[1:], sep=_BETWEEN) if len(parts) > 1 else parts[0]
    name = _BETWEEN.join(targets.cells.by)
    return [Known(name, cells, shares_of(targets.cells.shares), f"{place}.cells.shares")]


_BETWEEN = " / "


def shares_of(shares: Mapping[str, Any]) -> dict[str, Any]:
    """The shares of cells by their values, joined: `{"west / women": 0.2, ...}`.

    >>> shares_of({"west": {"women": 0.6, "men": 0.4}})
    {'west / women': 0.6, 'west / men': 0.4}
    """
    flat: dict[str, Any] = {}
    for key, share in shares.items():
        inner = shares_of(share) if isinstance(share, Mapping) else {"": share}
        flat |= {f"{key}{_BETWEEN}{rest}" if rest else str(key): one for rest, one in inner.items()}
    return flat
