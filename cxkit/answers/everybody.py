"""What a part of a study's answers has to know of everybody.

A report of one group holds the answers of that group alone. Beside them it is handed how many were
drawn, how each rule of response quality was held against all, and which groups are private.
Hands out `Everybody`, `Part`, and the digests of rows that tell whether a report is still right.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.weights import Drawn

if TYPE_CHECKING:
    import pandas as pd

    from cxkit.study import Study

__all__ = [
    "EVERYBODY", "RESPONSES", "USED", "Everybody", "Part", "Private", "digest_beside",
    "digest_of_rows", "is_used", "row_digests", "rules_for_a_part", "units_of",
]  # fmt: skip

USED, RESPONSES, EVERYBODY = "used", "responses", "everybody"
"""Those whom decisions leave in; all; all, in the waves where their weights are known."""

Private = tuple[str, str | None, str | None, str | None]
"""A wave, a segment and its group that no table may show; without a segment the wave itself.

With a measure (`outcome:recommend`) as the fourth, no table of that measure.
"""

Decision = Mapping[str, str]

_RULES = (
    "wave", "rule", "threshold", "unit", "median", "n", "n_assessed", "n_flagged", "why_not",
)  # fmt: skip


@dataclass(frozen=True)
class Everybody:
    """What is known of all respondents of a study without their answers.

    Attributes
    ----------
    waves : tuple of str
        Every wave of the answers, sorted.
    groups : mapping of str to tuple of str
        The groups that the answers hold of each segment, sorted.
    rules : tuple of tuples
        The rows of `Flags.rules`.
    decisions : tuple of mappings
        The decisions on respondents, as `Exclusions.table` has them.
    drawn : mapping of str to Drawn
        How many were drawn: of those `used`, and where a decision leaves somebody out of all
        `responses`, and of `everybody` whose weight without decisions is known.
    """

    waves: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    rules: tuple[tuple[Any, ...], ...]
    decisions: tuple[Decision, ...]
    drawn: Mapping[str, Drawn]

    @classmethod
    def of_frame(
        cls, study: Study, frame: pd.DataFrame, rules: pd.DataFrame, decisions: pd.DataFrame
    ) -> Everybody:
        """What the canonical frame of everybody tells, with its flags and the decisions on it."""
        segments = [str(name) for name in frame if str(name).startswith("segment:")]
        of_rules = rules[list(_RULES)].itertuples(index=False, name=None)
        return cls(
            waves=tuple(sorted(map(str, frame["wave"].unique()))),
            groups={
                name.partition(":")[2]: tuple(sorted(frame[name].dropna().unique()))
                for name in segments
            },
            rules=tuple(tuple(map(_plain, row)) for row in of_rules),
            decisions=tuple(decisions.to_dict("records")),
            drawn=dict(_drawn(study, frame)),
        )

    @cached_property
    def flag_rules(self) -> pd.DataFrame:
        """`Flags.rules`."""
        import pandas as pd

        made = pd.DataFrame(self.rules, columns=list(_RULES))
        return made.astype({"threshold": float, "median": float})

    def digest(self, wave: str) -> str:
        """The SHA-256 of what a part is handed of everybody in a wave.

        A wave that is added later changes none of an earlier one.
        """
        if wave not in self._digests:
            self._digests[wave] = self._digest(wave)
        return self._digests[wave]

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {}

    def _digest(self, wave: str) -> str:
        so_far = [one for one in self.waves if one <= wave]
        told = {name: _told(one.of(so_far), wave) for name, one in self.drawn.items()}
        drawn = {name: one for name, one in told.items() if name == USED or one != told[USED]}
        rules = rules_for_a_part(self.flag_rules)
        rows = rules[rules["wave"] == wave].astype(object)
        plain = rows.where(rows.notna(), None).to_numpy().tolist()
        return _sha256(json.dumps([drawn, plain], sort_keys=True).encode())

    def counted_once(self) -> Everybody:
        """The same where everybody weighs 1."""
        drawn = {name: one.counted_once() for name, one in self.drawn.items()}
        return dataclasses.replace(self, drawn=drawn)

    # -- as plain JSON

    def plain(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {
            "waves": list(self.waves),
            "groups": {key: list(own) for key, own in self.groups.items()},
            "rules": [list(row) for row in self.rules],
            "decisions": [dict(one) for one in self.decisions],
            "drawn": {name: one.plain() for name, one in self.drawn.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Everybody:
        """What `plain` told."""
        return cls(
            tuple(plain["waves"]),
            {key: tuple(own) for key, own in plain["groups"].items()},
            tuple(map(tuple, plain["rules"])),
            tuple(plain["decisions"]),
            {name: Drawn.from_plain(one) for name, one in plain["drawn"].items()},
        )


@dataclass(frozen=True)
class Part:
    """That a survey holds a part of everybody, and what it is handed of the others.

    `view` says of whom: those `used`, all `responses`, or `everybody`.
    """

    everybody: Everybody
    private: tuple[Private, ...] = ()
    view: str = USED

    @property
    def drawn(self) -> Drawn:
        """How many were drawn of those in view."""
        return self.everybody.drawn.get(self.view, self.everybody.drawn[USED])

    def digest(self, wave: str) -> str:
        """The SHA-256 of all that this part is handed of everybody in a wave."""
        return digest_beside(self.everybody.digest(wave), self.private, wave)

    def counted_once(self) -> Part:
        """The same where everybody weighs 1."""
        return dataclasses.replace(self, everybody=self.everybody.counted_once())


def digest_beside(everybody: str, private: Sequence[Private], wave: str) -> str:
    """The digest of what a part knows of everybody in a wave, with the groups private to it."""
    own = sorted([part or "" for part in one] for at, *one in private if at == wave)
    return _sha256(json.dumps([everybody, own]).encode())


def rules_for_a_part(rules: pd.DataFrame) -> pd.DataFrame:
    """`Flags.rules` as a part of everybody is told it: the limits, not how many they flag in all.

    `n_assessed` stays where a limit is made from those assessed (a median), so that an answer
    which is corrected in one group changes the reports of no other.
    """
    import pandas as pd

    n_assessed = rules["n_assessed"].astype("Int64").where(rules["median"].notna())
    n_flagged = pd.Series(pd.NA, index=rules.index, dtype="Int64")
    return rules.assign(n_assessed=n_assessed, n_flagged=n_flagged)


# -- how all were drawn ----------------------------------------------------------------------------


def is_used(frame: pd.DataFrame) -> np.ndarray:
    """Which rows decisions leave in; all where nothing was decided."""
    if "excluded" not in frame.columns:
        return np.ones(len(frame), dtype=bool)
    return (frame["excluded"] == "").to_numpy(bool)


def units_of(study: Study, frame: pd.DataFrame) -> np.ndarray | None:
    """The sampling unit of every row, the same in every wave; None where each row is one."""
    if "cluster" in frame.columns:
        stratum = frame["strata"].astype(str) if "strata" in frame.columns else ""
        return np.asarray(stratum + " " + frame["cluster"].astype(str), dtype=object)
    if study.respondent is None:
        return None
    return frame["respondent"].to_numpy(dtype=object)


def _drawn(study: Study, frame: pd.DataFrame) -> Iterator[tuple[str, Drawn]]:
    weight = frame["weight"].to_numpy(dtype=float)
    if "excluded" not in frame.columns:
        yield USED, _drawn_of(study, frame, weight)
        return
    kept = is_used(frame)
    yield USED, _drawn_of(study, frame[kept], weight[kept])
    yield RESPONSES, _drawn_of(study, frame, weight)
    if "weight_all" in frame.columns:
        of_all = frame["weight_all"].to_numpy(dtype=float)
        is_known = ~np.isnan(of_all)
        yield EVERYBODY, _drawn_of(study, frame[is_known], of_all[is_known])


def _drawn_of(study: Study, frame: pd.DataFrame, weight: np.ndarray) -> Drawn:
    wave = frame["wave"].to_numpy(dtype=object)
    has_strata = "strata" in frame.columns
    stratum = frame["strata"].to_numpy(dtype=object) if has_strata else np.full(len(frame), "")
    return Drawn.of_rows(wave, stratum, units_of(study, frame), weight)


def _told(drawn: Drawn, wave: str) -> list[Any]:
    """What is known of the units of a wave, and in which waves before they were too."""
    units = [
        [[list(place) for place in places], n]
        for places, n in drawn.units.items()
        if any(place[0] == wave for place in places)
    ]
    return [units, list(drawn.rows.get(wave, ()))]


# -- digests ---------------------------------------------------------------------------------------


def row_digests(frame: pd.DataFrame, decisions: Sequence[Decision] = ()) -> np.ndarray:
    """A digest of what each row says: answers, reasons, weight, flags, and decisions on it.

    Returns
    -------
    numpy.ndarray of uint64, shape (n_rows,)
        Columns in which a row says nothing, and questions that nobody of its wave answered, are
        no part of it, so that rows keep their digests when another wave brings new columns.
    """
    import pandas as pd

    waves, _ = pd.factorize(frame["wave"])
    found = np.zeros(len(frame), dtype=np.uint64)
    decided = _decided(frame, decisions)
    columns = [(str(name), frame[name]) for name in frame]
    columns += [("decided", pd.Series(decided, index=frame.index))] if decided is not None else []
    for name, column in columns:
        is_told = column.notna().to_numpy(bool)
        if name in ("excluded", "decided"):
            is_told = (column != "").to_numpy(bool)
        elif name.startswith("why:"):
            asked = _waves_of(frame[name.removeprefix("why:")].notna().to_numpy(bool), waves)
            is_told = ~column.isin(("", "not_asked")).to_numpy(bool) & asked
        elif name == "weight_all":
            is_told = is_told & _waves_of((frame["excluded"] != "").to_numpy(bool), waves)
        own = pd.util.hash_pandas_object(column, index=False).to_numpy(np.uint64)
        known = hashlib.sha256(name.encode()).digest()
        first, second = np.frombuffer(known[:16], dtype="<u8")
        found += np.where(is_told, (own ^ first) * (second | np.uint64(1)), np.uint64(0))
    return found


def _waves_of(rows: np.ndarray, waves: np.ndarray) -> np.ndarray:
    """All rows of the waves that some rows are of; `waves` as numbers."""
    return np.asarray(np.bincount(waves[rows], minlength=waves.max(initial=0) + 1)[waves] > 0)


def _decided(frame: pd.DataFrame, decisions: Sequence[Decision]) -> np.ndarray | None:
    """What was decided on each row, as one text; None where nothing was decided at all."""
    if not decisions:
        return None
    told: dict[tuple[str, str], str] = {}
    for one in decisions:
        key = (one["respondent"], one["wave"])
        words = [one["rule"], one["decision"], one["why"]]
        told[key] = told.get(key, "") + json.dumps(words)
    pairs = zip(frame["respondent"], frame["wave"], strict=True)
    texts = (told.get((who, ""), "") + told.get((who, wave), "") for who, wave in pairs)
    return np.array(list(texts), dtype=object)


def digest_of_rows(digests: np.ndarray) -> str:
    """The SHA-256 of rows, from their digests in order."""
    return _sha256(np.ascontiguousarray(digests, dtype="<u8").tobytes())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> Any:
    """A number, a text or None: what JSON can hold."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and np.isnan(value) else value
