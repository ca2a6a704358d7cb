"""What a part of a study's answers has to know of everybody, and who may not be told apart.

A report of one group holds the answers of that group alone. Beside them it is handed how many were
drawn, how each rule of response quality was held against all, and which groups stay private so
that nobody can be found when several reports are laid beside each other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.suppression import suppressed_cells
from cxkit.weights import Drawn

if TYPE_CHECKING:
    import pandas as pd

    from cxkit.study import Study

__all__ = ["Everybody", "PrivateGroups", "drawn_of", "row_digests", "units_of"]

USED, RESPONSES, EVERYBODY = "used", "responses", "everybody"
"""Those whom decisions leave in; all; all, where their weights are known."""

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
    drawn : mapping of str to Drawn
        How many were drawn: of those `used`, of all `responses`, and of `everybody` whose weights
        are known with nobody left out.
    """

    waves: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    rules: tuple[tuple[Any, ...], ...]
    drawn: Mapping[str, Drawn]

    @classmethod
    def of_frame(cls, study: Study, frame: pd.DataFrame, rules: pd.DataFrame) -> Everybody:
        """What the canonical frame of everybody tells."""
        segments = [str(name) for name in frame if str(name).startswith("segment:")]
        told = (tuple(row) for row in rules[list(_RULES)].itertuples(index=False, name=None))
        return cls(
            tuple(sorted(map(str, frame["wave"].unique()))),
            {
                name.partition(":")[2]: tuple(sorted(frame[name].dropna().unique()))
                for name in segments
            },
            tuple(told),
            dict(_drawn(study, frame)),
        )

    @cached_property
    def flag_rules(self) -> pd.DataFrame:
        """`Flags.rules` as it was made."""
        import pandas as pd

        return pd.DataFrame(self.rules, columns=list(_RULES))

    @cached_property
    def inputs(self) -> dict[str, str]:
        """The SHA-256 of what a part is handed of everybody in each wave.

        A wave that is added later changes none of an earlier one. How many each rule flags among
        all is no part of it: a part is not told that.
        """
        return {wave: self._digest(wave) for wave in self.waves}

    def _digest(self, wave: str) -> str:
        so_far = [one for one in self.waves if one <= wave]
        drawn = {
            name: {
                "units": [
                    [places, n]
                    for places, n in one.of(so_far).units.items()
                    if any(place[0] == wave for place in places)
                ],
                "rows": one.rows.get(wave),
            }
            for name, one in sorted(self.drawn.items())
            if wave in one.rows
        }
        if drawn.get(RESPONSES) == drawn.get(USED):
            drawn = {USED: drawn[USED]}
        rules = [row for row in _for_a_part(self.flag_rules).to_numpy().tolist() if row[0] == wave]
        told = json.dumps([drawn, rules], sort_keys=True, default=_missing_as_null)
        return hashlib.sha256(told.encode()).hexdigest()

    def counted_once(self) -> Everybody:
        """The same where everybody weighs 1."""
        drawn = {name: one.counted_once() for name, one in self.drawn.items()}
        return dataclasses.replace(self, drawn=drawn)

    # -- as plain JSON

    def plain(self) -> dict[str, Any]:
        """The same as plain JSON, missing numbers as null."""
        return {
            "waves": list(self.waves),
            "groups": {key: list(own) for key, own in self.groups.items()},
            "rules": [[_plain(one) for one in row] for row in self.rules],
            "drawn": {name: one.plain() for name, one in self.drawn.items()},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Everybody:
        """What `plain` told."""
        rules = (
            tuple(np.nan if one is None else one for one in row) for row in plain["rules"]
        )
        return cls(
            tuple(plain["waves"]),
            {key: tuple(own) for key, own in plain["groups"].items()},
            tuple(rules),
            {name: Drawn.from_plain(one) for name, one in plain["drawn"].items()},
        )


def rules_for_a_part(rules: pd.DataFrame) -> pd.DataFrame:
    """`Flags.rules` as a part of everybody is told it: the limits, not how many they flag.

    `n_assessed` stays where a limit is made from those assessed (a median); else it is missing,
    as `n_flagged` is: an answer that is corrected in one group moves no other group's report.
    """
    return _for_a_part(rules)


def _for_a_part(rules: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    n_assessed = rules["n_assessed"].astype("Int64").where(rules["median"].notna())
    n_flagged = pd.Series(pd.NA, index=rules.index, dtype="Int64")
    return rules.assign(n_assessed=n_assessed, n_flagged=n_flagged)


def _plain(value: Any) -> Any:
    """A number, a text or None: what JSON can hold."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and np.isnan(value) else value


def _missing_as_null(value: Any) -> Any:
    return None if value != value else str(value)
