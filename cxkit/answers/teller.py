"""Problems gathered while answers are converted: each with its file, line, column and count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from cxkit.answers.columns import Slip
from cxkit.answers.rows import Rows
from cxkit.errors import Problem, brief
from cxkit.study import Study

__all__ = ["Teller"]


@dataclass
class Teller:
    """The problems of some rows of a study, as they are met."""

    study: Study
    rows: Rows
    problems: list[Problem] = field(default_factory=list)

    def slips(self, column: str, slips: Iterable[Slip]) -> None:
        """Tell what was met in some cells of a column."""
        for slip in slips:
            file, line = self.rows.place(slip.rows[0]) if len(slip.rows) else (None, None)
            self.problems.append(
                Problem(
                    slip.code,
                    slip.message,
                    severity=slip.severity,
                    file=file,
                    line=line,
                    column=brief(column, 60),
                    n=len(slip.rows),
                    examples=slip.texts[:5],
                    expected=slip.expected,
                    hint=slip.hint,
                )
            )

    def where(
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
        texts = () if cells is None else tuple(filter(None, cells[found].found(6)))
        self.slips(column, [Slip(code, message, found, texts, severity, expected, hint)])

    def of_study(
        self,
        code: str,
        key: str,
        message: str,
        hint: str | None = None,
        *,
        severity: str = "warning",
    ) -> None:
        """A problem about a key of the study file."""
        place = self.study.shown()
        self.problems.append(Problem(code, message, severity, file=place, column=key, hint=hint))
