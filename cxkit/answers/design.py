"""The sample design as the answers tell it: strata, clusters, and the population drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cxkit.answers.rows import Rows
from cxkit.answers.teller import Teller
from cxkit.answers.texts import Texts
from cxkit.errors import counted, listed, quoted
from cxkit.study import Study
from cxkit.weights import Design

__all__ = ["design_of"]

_FEW_DF = 10
"""Below so many degrees of freedom the ranges of a clustered design are rough."""


def design_of(study: Study, rows: Rows, wave: Texts, tell: Teller) -> dict[str, Texts]:
    """The stratum and the cluster of each row, as far as the study declares them."""
    found = _Drawn(study, rows, wave, tell)
    found.read()
    return found.made


@dataclass
class _Drawn:
    """The rows of a study as they were drawn."""

    study: Study
    rows: Rows
    wave: Texts
    tell: Teller
    made: dict[str, Texts] = field(default_factory=dict)

    def read(self) -> None:
        """Strata and clusters, and whether they can carry a range."""
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
            self.made[key] = cells
        if self.made:
            self._degrees_of_freedom()
        self._population()

    def _degrees_of_freedom(self) -> None:
        """Whether each wave has sampling units enough to tell how far chance reaches."""
        for wave in sorted(self.wave.found()):
            members = self.wave == wave
            stratum, cluster = (
                None if key not in self.made else self.made[key][members].array()
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
        drawn = pd.DataFrame({"wave": self.wave.array()})
        drawn["unit"] = self.made["cluster"].array() if "cluster" in self.made else drawn.index
        if not isinstance(known, dict):
            sizes = drawn.groupby("wave")["unit"].nunique()
            self._tell_too_small("population", f"wave '{sizes.idxmax()}'", int(sizes.max()), known)
            return
        strata = self.made["strata"]
        lacking = sorted(set(strata.found()) - {"", *known})
        for stratum in known:
            if stratum not in strata.found():
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
            strata.among(lacking),
            f"the study gives no population for the strata {quoted(lacking)}",
            expected="one of " + listed(known),
            hint="add them to population",
        )
        drawn["stratum"] = strata.array()
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
