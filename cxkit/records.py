"""The three records that all results are made of: Estimate, Comparison, Fit, and their tables.

Records are unrounded values; a table of them shows itself rounded. `published()` is the one
place where small bases are blanked: only a published table may enter a finding or a page.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from cxkit import display
from cxkit.suppression import suppressed_cells

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AMBER",
    "FLAGS",
    "NAMED_METRICS",
    "RED",
    "VERDICTS",
    "Comparison",
    "Comparisons",
    "Estimate",
    "Estimates",
    "Fit",
    "Fits",
]

FLAGS = (
    "hidden_base",
    "hidden_privacy",
    "low_base",
    "no_answers",
    "not_applicable",
    "not_comparable",
    "not_measured",
    "not_reached",
    "unreliable",
    "wide",
)
"""What may be said beside a number, or instead of it."""

VERDICTS = ("clear", "clear_small", "no_evidence", "stable", "undecided", "hidden")
"""What a comparison may conclude."""

NAMED_METRICS = ("nps", "csat", "ces")
"""Metrics of outcomes that have a name of their own, in the order in which they are told."""

AMBER = 0.60
"""Weighting efficiency below which a study is warned..."""
RED = 0.40
"""... and below which its numbers rest on weights more than on answers (METHODS 22.10)."""

_OF_DIFFERENCE = ("difference", "ci_low", "ci_high", "p", "p_adjusted", "effect")
_HIDDEN = frozenset({"hidden_base", "hidden_privacy"})
_WIDE_HALF_WIDTH = {"points": 15.0, "score_100": 10.0}
"""Beyond this half-width an interval says little about direction: NPS and scores 0-100."""

NAN = math.nan
RECORDS_MIME = "application/vnd.cxkit.records.v1+json"


@dataclass(frozen=True)
class Estimate:
    """One number about some respondents, with its interval and its bases, unrounded.

    `of` says what was measured (`item:ful_1`, `level:trust`, `stage:decide`,
    `outcome:recommend`), `by` in which groups (`{"region": "west"}`), `wave` when.
    `unit` is `points` (NPS, -100 to 100), `score_100` (0 to 100), `share` (0 to 1) or `scale`
    (the points of the response scale). `n` counts answers, `n_eff` is Kish's effective base.
    A number that cannot be given is NaN, with the reason in `flags`; so are the bases of what
    privacy hides.

    Examples
    --------
    >>> Estimate("nps", "outcome:recommend", 30.0, -19.1, 65.2, n=10, n_eff=10.0)
    Estimate(30, ci=(-19.1, 65.2), n=10)
    """

    metric: str
    of: str
    estimate: float
    ci_low: float = NAN
    ci_high: float = NAN
    ci_level: float = 0.95
    n: float = 0
    n_eff: float = 0.0
    unit: str = "points"
    method: str = ""
    flags: tuple[str, ...] = ()
    wave: str | None = None
    by: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_hidden(self) -> bool:
        """Whether the number was blanked for its base or for privacy."""
        return bool(_HIDDEN & set(self.flags))

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.ci_high - self.ci_low) / 2

    def to_dict(self) -> dict[str, Any]:
        """The record as one flat row (`by_<segment>` for each segment)."""
        row = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "by"}
        groups = {f"by_{key}": value for key, value in self.by.items()}
        head = {"metric": self.metric, "of": self.of, **groups, "wave": self.wave}
        return {**head, **row}

    def __repr__(self) -> str:
        if math.isnan(self.estimate):
            base = "" if math.isnan(self.n) else f", n={self.n}"
            return f"Estimate(none: {', '.join(self.flags)}{base})"
        return (
            f"Estimate({_short(self.estimate)}, "
            f"ci=({_short(self.ci_low)}, {_short(self.ci_high)}), n={self.n})"
        )


@dataclass(frozen=True)
class Comparison:
    """The difference `a - b` of one measure between two groups, waves, levels or stages.

    `a` and `b` are keys (`region=west`, `wave=2026H1`, `level:trust`). `p` and the interval are
    dual: the interval, drawn at the level that `correction` leaves for this comparison, leaves
    out zero exactly when `p_adjusted` is below `1 - ci_level`. `effect` is a standardised
    difference where one is defined, NaN otherwise.
    """

    metric: str
    of: str
    a: str
    b: str
    difference: float
    ci_low: float = NAN
    ci_high: float = NAN
    p: float = NAN
    p_adjusted: float = NAN
    correction: str = "none"
    effect: float = NAN
    n_a: float = 0
    n_b: float = 0
    n_eff_a: float = 0.0
    n_eff_b: float = 0.0
    ci_level: float = 0.95
    unit: str = "points"
    method: str = ""
    verdict: str = "undecided"
    flags: tuple[str, ...] = ()
    wave: str | None = None

    @property
    def is_paired(self) -> bool:
        """Whether both sides are the same people, so that there is one base."""
        return self.method == "paired_t"

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero and is narrow enough to say the direction."""
        return self.verdict in ("clear", "clear_small")

    def __neg__(self) -> Comparison:
        """The same comparison seen from the other side."""
        return dataclasses.replace(
            self,
            a=self.b,
            b=self.a,
            difference=-self.difference,
            ci_low=-self.ci_high,
            ci_high=-self.ci_low,
            effect=-self.effect,
            n_a=self.n_b,
            n_b=self.n_a,
            n_eff_a=self.n_eff_b,
            n_eff_b=self.n_eff_a,
        )

    def to_dict(self) -> dict[str, Any]:
        """The record as one flat row."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}

    def __repr__(self) -> str:
        return (
            f"Comparison({self.a} - {self.b}: {_short(self.difference)}, "
            f"ci=({_short(self.ci_low)}, {_short(self.ci_high)}), {self.verdict})"
        )


@dataclass(frozen=True)
class Fit:
    """A quality of measurement or of a model (reliability, fit index, R2), with its interval.

    `of` says of what (`level:trust`), `verdict` what may be concluded, or why there is no value;
    `p` belongs to a test where the value is its statistic. `unit` is `scale` for plain numbers
    and `share` for parts of a whole (0 to 1).
    """

    name: str
    value: float
    ci_low: float = NAN
    ci_high: float = NAN
    verdict: str = ""
    method: str = ""
    of: str = ""
    n: float = 0
    n_eff: float = 0.0
    ci_level: float = 0.95
    p: float = NAN
    unit: str = "scale"
    flags: tuple[str, ...] = ()
    wave: str | None = None

    @property
    def estimate(self) -> float:
        """The value, by the name that it has in other records."""
        return self.value

    @property
    def is_hidden(self) -> bool:
        """Whether the value was blanked for its base or for privacy."""
        return bool(_HIDDEN & set(self.flags))

    def to_dict(self) -> dict[str, Any]:
        """The record as one flat row."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}


class _Records:
    """An immutable row of records of one kind; shows itself rounded, `.frame` is unrounded."""

    _kind: ClassVar[type]
    _shelf: ClassVar[str]

    def __init__(
        self,
        records: Iterable[Any],
        *,
        context: Mapping[str, Any] | None = None,
        is_published: bool = False,
    ) -> None:
        self._records = tuple(records)
        self.context = context or {}
        self.is_published = is_published

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], *, is_published: bool = False) -> Any:
        """The table whose `to_rows` are `rows`."""
        return cls((_from_row(cls._kind, row) for row in rows), is_published=is_published)

    def to_rows(self) -> list[dict[str, Any]]:
        """The records as plain JSON; what equals a record's default is left out, to be brief."""
        return [_brief(to_json(one.to_dict()), self._kind) for one in self]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: Any) -> Any:
        """The record in a row, a slice of the table, or a column by its name."""
        if isinstance(index, str):
            return self.frame[index]
        if isinstance(index, slice):
            return self._of(self._records[index])
        return self._records[index]

    def __add__(self, other: _Records) -> Any:
        both = self.is_published and other.is_published
        return type(self)((*self, *other), context=self.context, is_published=both)

    def _of(self, records: Iterable[Any]) -> Any:
        return type(self)(records, context=self.context, is_published=self.is_published)

    def _rules(self, given: Mapping[str, float | None]) -> tuple[float, float, int]:
        """The limits of publication: those given, else the study's, else the kit's."""
        rules = []
        for name, default in (("min_base", 30), ("warn_base", 100), ("min_n", 10)):
            chosen = given[name] if given[name] is not None else self.context.get(name)
            rules.append(default if chosen is None else chosen)
        return rules[0], rules[1], int(rules[2])

    def with_record(self, row: int, record: Any) -> Any:
        """The same table with another record in one row."""
        changed = list(self)
        changed[row] = record
        return self._of(changed)

    def where(self, **conditions: object) -> Any:
        """The records whose attributes (or groups, as `by_<segment>`) equal `conditions`."""
        kept = (
            record
            for record in self
            if all(record.to_dict().get(key) == value for key, value in conditions.items())
        )
        return self._of(kept)

    def only(self, **conditions: object) -> Any:
        """The single record that meets `conditions`; KeyError when there is none or several."""
        found = self.where(**conditions)
        if len(found) != 1:
            raise KeyError(f"{len(found)} records meet {conditions}")
        return found[0]

    @property
    def frame(self) -> pd.DataFrame:
        """The records as a table, a record a row, unrounded."""
        import pandas as pd

        if not self._records:
            return pd.DataFrame(columns=[f.name for f in dataclasses.fields(self._kind)])
        frame = pd.DataFrame([record.to_dict() for record in self])
        groups = [name for name in frame if name.startswith("by_")]
        head = [name for name in ("metric", "of", *groups, "wave") if name in frame]
        if self._kind is Estimate:
            return frame[head + [name for name in frame if name not in head]]
        return frame

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} records)\n{_rounded(self.frame)}"

    def _as_table(self) -> str:
        """The records as HTML: interval in one cell, what all of them share below the table."""
        frame = _rounded(self.frame)
        rows = [_for_the_eye(row) for row in frame.to_dict("records")]
        words = [name for name in frame if name in _IN_WORDS or name.startswith("by_")]
        return display.records(rows, words=words, once=_SAID_ONCE)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """What JupyterLab and the page show: published values only."""
        shown = self if self.is_published else self.published()
        return {
            "text/plain": repr(shown),
            "text/html": display.box(shown._as_table()),
            RECORDS_MIME: {
                "kind": self._shelf,
                "rows": shown.to_rows(),
                "context": to_json(self.context),
            },
        }

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Any:
        """The same records as a reader may see them; the limits default to the study's."""
        raise AssertionError("each kind of record knows what it hides")


class Estimates(_Records):
    """A table of estimates."""

    _kind = Estimate
    _shelf = "estimates"

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Estimates:
        """The same estimates with small bases blanked and marked: what a reader may see.

        An effective base under `min_base` blanks the number (`hidden_base`), one under
        `warn_base` marks it (`low_base`), a count under `min_n` blanks it and its bases for
        privacy (`hidden_privacy`), and with it as many further groups of its segment as it takes
        that nobody can be found by subtraction (`cxkit.suppression`). Groups that are private
        among the respondents themselves are so in every table. An interval wider than the rule
        for its unit is marked `wide`.
        """
        rules = self._rules({"min_base": min_base, "warn_base": warn_base, "min_n": min_n})
        private, is_unseen = self._private(rules[2]), _unseen(self.context)
        shown = [
            _hide(one, "hidden_privacy")
            if row in private or is_unseen(one.wave, one.of)
            else _publish(one, *rules)
            for row, one in enumerate(self)
        ]
        return Estimates(shown, context=self.context, is_published=True)

    def _private(self, min_n: int) -> set[int]:
        """The rows of groups that may not be shown, beside those that are too small themselves."""
        pooled = {(one.metric, one.of) for one in self if one.wave is None}
        cells = []
        for one in self:
            is_part = one.wave is not None and (one.metric, one.of) in pooled
            wave = {"wave": one.wave} if is_part else {}
            cells.append(_Cell(_family(one, wave), {**one.by, **wave}, one.wave, _count(one.n)))
        return _private_cells(cells, min_n, self.context)


class Comparisons(_Records):
    """A table of comparisons."""

    _kind = Comparison
    _shelf = "comparisons"

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Comparisons:
        """The same comparisons, blanked where either side may not be shown."""
        rules = self._rules({"min_base": min_base, "warn_base": warn_base, "min_n": min_n})
        suppressed = self._suppressed(rules)
        shown = [_publish_comparison(one, *rules, suppressed) for one in self]
        return Comparisons(shown, context=self.context, is_published=True)

    def _suppressed(self, rules: tuple[float, float, int]) -> set[tuple[object, ...]]:
        """The sides that are hidden, small ones and others beside them."""
        sides: dict[tuple[object, ...], float] = {}
        for one in self:
            sides |= {(*_measure(one), one.a): one.n_a, (*_measure(one), one.b): one.n_b}
        cells = [_side(side, n) for side, n in sides.items()]
        private, is_unseen = _private_cells(cells, rules[2], self.context), _unseen(self.context)
        return {
            side
            for row, side in enumerate(sides)
            if row in private or _is_unseen_side(is_unseen, *side[1:])
        }


class Fits(_Records):
    """A table of fits."""

    _kind = Fit
    _shelf = "fits"

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Fits:
        """The same fits, blanked where the effective base or the count is under its limit."""
        rules = self._rules({"min_base": min_base, "warn_base": warn_base, "min_n": min_n})
        is_unseen = _unseen(self.context)
        shown = [_publish_fit(one, *rules, is_private=is_unseen(one.wave, one.of)) for one in self]
        return Fits(shown, context=self.context, is_published=True)


def to_json(value: Any) -> Any:
    """A value as plain JSON: missing as null, 12 significant digits, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): to_json(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    if isinstance(value, float):
        return None if math.isnan(value) or math.isinf(value) else float(f"{value:.12g}")
    return value


def _brief(row: Mapping[str, Any], kind: type) -> dict[str, Any]:
    defaults = {f.name: to_json(f.default) for f in dataclasses.fields(kind)}
    return {key: value for key, value in row.items() if defaults.get(key, row) != value}


def _from_row(kind: type, row: Mapping[str, Any]) -> Any:
    known: dict[str, Any] = {}
    groups: dict[str, Any] = {}
    types = {f.name: f.type for f in dataclasses.fields(kind)}
    for key, value in row.items():
        if key.startswith("by_"):
            groups[key[3:]] = value
        else:
            known[key] = NAN if value is None and types[key] == "float" else value
    known["flags"] = tuple(known.get("flags") or ())
    return kind(**known, by=groups) if groups else kind(**known)


SHELVES = {"estimates": Estimates, "comparisons": Comparisons, "fits": Fits}
"""The tables of records by the name they have in a finding and in a report's JSON."""


def is_wide(ci_low: float, ci_high: float, unit: str) -> bool:
    """Whether an interval is too wide for its direction to be relied on (METHODS 22.9)."""
    limit = _WIDE_HALF_WIDTH.get(unit)
    return limit is not None and (ci_high - ci_low) / 2 > limit


def wide_limit(unit: str) -> float:
    """The full width beyond which an interval of this unit is `wide`."""
    return 2 * _WIDE_HALF_WIDTH[unit]


def _publish(one: Estimate, min_base: float, warn_base: float, min_n: int) -> Estimate:
    if one.n == 0:
        return one
    if one.n < min_n:
        return _hide(one, "hidden_privacy")
    if one.n_eff < min_base:
        return _hide(one, "hidden_base")
    flags = one.flags
    if one.n_eff < warn_base:
        flags = _with(flags, "low_base")
    if is_wide(one.ci_low, one.ci_high, one.unit):
        flags = _with(flags, "wide")
    return dataclasses.replace(one, flags=flags)


# -- privacy -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cell:
    """A group in a table: which others it adds up with, its groups, wave and size."""

    family: tuple[object, ...]
    by: Mapping[str, str]
    wave: str | None
    n: float


def _family(one: Estimate, wave: Mapping[str, str]) -> tuple[object, ...]:
    return one.metric, one.of, None if wave else one.wave, *sorted({**one.by, **wave})


def _measure(one: Comparison) -> tuple[object, ...]:
    return one.metric, one.of, one.wave


def _count(n: float) -> float:
    """A base as far as it is known."""
    return 0 if math.isnan(n) else n


def _side(side: tuple[object, ...], n: float) -> _Cell:
    """One side of a comparison (`region=west`, `region!=west`, `wave=2026H1`) as a group."""
    *measure, named = side
    parts = [part.partition("=") for part in str(named).split("&") if ":" not in part]
    by = {segment: group for segment, sign, group in parts if sign and "|" not in group}
    wave = by.pop("wave", None)
    chosen = measure[-1] if wave is None else wave
    family = (*measure, wave, *sorted(by))
    return _Cell(family, by, None if chosen is None else str(chosen), _count(n))


def unseen_waves(context: Mapping[str, Any]) -> frozenset[str | None]:
    """The waves of which no table may show anything: the group in hand is private in them.

    None stands for all in hand together.

    >>> unseen_waves({"private": [["2025H2"] + 3 * [None], ["2026H1", "age", "a18_29", None]]})
    frozenset({'2025H2'})
    """
    known = context.get("private", ())
    return frozenset(wave for wave, segment, _, of in known if segment is None and of is None)


def is_unseen(wave: str | None, of: str, context: Mapping[str, Any]) -> bool:
    """Whether no table may show a measure in a wave, or what is made of it and others.

    >>> study = {"private": [["2026H1", None, None, "outcome:recommend"]]}
    >>> is_unseen("2026H1", "target|nps|outcome:recommend", study)
    True
    """
    return _unseen(context)(wave, of)


_MADE_OF = {
    "reading": "level:", "model": "item:", "configural": "item:", "metric": "item:",
    "scalar": "item:",
}  # fmt: skip
"""Of what all of a kind are part of: the order of the levels, the model of all items."""


def _unseen(context: Mapping[str, Any]) -> Callable[[str | None, str], bool]:
    """What tells of a wave and a measure whether no table may show it (see `unseen_waves`)."""
    known = context.get("private", ())
    unseen = {(wave, of) for wave, segment, _, of in known if segment is None}
    if not unseen:
        return lambda wave, of: False

    def is_unseen(wave: str | None, of: str) -> bool:
        kind = _MADE_OF.get(of.partition("|")[0].partition(":")[0], "|")
        waves = {wave, *_waves_of(of)}
        measures = {None, of, *of.split("|"), of.replace("rating:", "stage:")}
        return any(at in waves and (one in measures or one.startswith(kind)) for at, one in unseen)

    return is_unseen


def _is_unseen_side(
    is_unseen: Callable[[str | None, str], bool], of: Any, wave: Any, side: Any
) -> bool:
    """Whether one side of a comparison is of a wave, or a measure, that no table may show."""
    waves = (wave, *_waves_of(side))
    return any(is_unseen(at, one) for at in waves for one in (of, *_measures_of(side)))


def _waves_of(side: str) -> list[str]:
    """The waves that one side of a comparison names: `wave=2026H1`, `mix=2025H2|wave=2026H1`."""
    parts = (part.partition("=") for part in side.replace("|", "&").split("&"))
    return [value for name, _, value in parts if name in ("wave", "mix")]


def _measures_of(side: str) -> list[str]:
    """The measures that one side of a comparison names: `level:trust`."""
    return [part for part in side.split("&") if ":" in part]


def is_private(side: str, wave: str | None, context: Mapping[str, Any], *, of: str) -> bool:
    """Whether one side of a comparison is a group that no table of the study may show, or its rest.

    `of` is the measure that is compared.

    >>> study = {"private": [["2026H1", "region", "bali", None]]}
    >>> is_private("region!=bali", "2026H1", study, of="level:trust")
    True
    """
    cell = _side((wave, side), 0)
    by = {segment.rstrip("!"): group for segment, group in cell.by.items()}
    known = context.get("private", ())
    if _is_unseen_side(_unseen(context), of, cell.wave, side):
        return True
    return any(
        at == cell.wave and by.get(segment) == group and measure in (None, of)
        for at, segment, group, measure in known
    )


def _private_cells(cells: Iterable[_Cell], min_n: int, context: Mapping[str, Any]) -> set[int]:
    """Positions of the groups that may not be shown, family by family.

    `region!` is the rest of a region: where the region is not shown, neither is its rest.
    """
    families: dict[tuple[object, ...], list[tuple[int, _Cell]]] = {}
    for row, cell in enumerate(cells):
        if cell.by:
            families.setdefault(cell.family, []).append((row, cell))
    known = [one for one in context.get("private", ()) if one[1] is not None]
    found = set()
    for (_, measure, *_), members in families.items():
        groups = [cell for _, cell in members]
        private = {
            ((segment + sign, group),)
            for wave, segment, group, of in known
            for sign in ("", "!")
            if wave == groups[0].wave and of in (None, measure)
        }
        hidden = suppressed_cells(
            [cell.by for cell in groups], [cell.n for cell in groups], min_n, private
        )
        found |= {members[place][0] for place in hidden}
    return found


def _publish_comparison(
    one: Comparison,
    min_base: float,
    warn_base: float,
    min_n: int,
    suppressed: set[tuple[object, ...]],
) -> Comparison:
    reason = None
    sides = {(one.metric, one.of, one.wave, side) for side in (one.a, one.b)}
    if min(one.n_a, one.n_b) == 0 and not sides & suppressed:
        return one
    if min(one.n_a, one.n_b) < min_n or sides & suppressed:
        reason = "hidden_privacy"
    elif min(one.n_eff_a, one.n_eff_b) < min_base:
        reason = "hidden_base"
    if reason:
        blank: dict[str, Any] = dict.fromkeys(_OF_DIFFERENCE, NAN)
        if reason == "hidden_privacy":
            blank |= dict.fromkeys(("n_a", "n_b", "n_eff_a", "n_eff_b"), NAN)
        flags = _why_hidden(tuple(flag for flag in one.flags if flag != "wide"), reason)
        return dataclasses.replace(one, verdict="hidden", flags=flags, **blank)
    if min(one.n_eff_a, one.n_eff_b) < warn_base:
        return dataclasses.replace(one, flags=_with(one.flags, "low_base"))
    return one


def _publish_fit(
    one: Fit, min_base: float, warn_base: float, min_n: int, *, is_private: bool = False
) -> Fit:
    if one.n == 0 and not is_private:
        return one
    n_eff = one.n_eff or one.n
    reason = "hidden_base" if n_eff < min_base else None
    if is_private or one.n < min_n:
        reason = "hidden_privacy"
    if reason:
        blank: dict[str, Any] = dict.fromkeys(("value", "ci_low", "ci_high", "p"), NAN)
        if reason == "hidden_privacy":
            blank |= {"n": NAN, "n_eff": NAN, "method": ""}
        blank["verdict"] = "hidden"
        return dataclasses.replace(one, flags=_why_hidden(one.flags, reason), **blank)
    if n_eff < warn_base:
        return dataclasses.replace(one, flags=_with(one.flags, "low_base"))
    return one


def _hide(one: Estimate, reason: str) -> Estimate:
    """A number blanked; for privacy its bases with it, and what else its answers showed."""
    blank: dict[str, Any] = dict.fromkeys(("estimate", "ci_low", "ci_high"), NAN)
    if reason == "hidden_privacy":
        blank |= dict.fromkeys(("n", "n_eff"), NAN)
    return dataclasses.replace(one, flags=_why_hidden(one.flags, reason), **blank)


def _why_hidden(flags: tuple[str, ...], reason: str) -> tuple[str, ...]:
    """The flags of what is hidden; where it is for privacy, that is all that is said of it."""
    return (reason,) if reason == "hidden_privacy" else _with(flags, reason)


def _with(flags: tuple[str, ...], flag: str) -> tuple[str, ...]:
    return tuple(sorted({*flags, flag}))


def _short(number: float) -> str:
    return f"{round(number, 9):.3g}" if abs(number) < 100 else f"{round(number, 9):.0f}"


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A table for the eye: each number with the digits that its unit needs."""
    shown = frame.copy()
    digits = [_DIGITS.get(unit, 1) for unit in shown["unit"]] if "unit" in shown else None
    for column in shown.columns:
        if column == "flags":
            shown[column] = [" ".join(flags) for flags in shown[column]]
        elif shown[column].dtype.kind == "f":
            own = _OWN_DIGITS.get(column)
            needed = [own] * len(shown) if own is not None or digits is None else digits
            pairs = zip(shown[column], needed, strict=True)
            shown[column] = [
                "" if math.isnan(x) else f"{x:.{3 if d is None else d}f}" for x, d in pairs
            ]
    return shown


def _for_the_eye(row: Mapping[str, Any]) -> dict[str, str]:
    """A rounded record as texts, both ends of its interval in one."""
    low, high = row["ci_low"], row["ci_high"]
    texts: dict[str, Any] = {}
    for key, value in row.items():
        if key == "ci_low":
            texts["interval"] = f"{low} to {high}" if low and high else low or high
        elif key != "ci_high":
            texts[key] = "" if value is None or value != value else str(value)
    return texts


_SAID_ONCE = ("metric", "wave", "unit", "ci_level", "method", "correction")
_IN_WORDS = (*_SAID_ONCE, "a", "b", "of", "verdict", "flags")
"""For the eye: what is said once where all records agree, and which fields hold words."""

_DIGITS = {"share": 3, "scale": 2, "count": 1}
_OWN_DIGITS = {
    "p": 4, "p_adjusted": 4, "ci_level": 2, "effect": 3, "n_eff": 1, "n": 0, "n_a": 0, "n_b": 0,
}  # fmt: skip
