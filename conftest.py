"""For nbval: what two runs of a committed notebook need not have in common.

Tables and printed text are compared. Drawn figures are not: their bytes hold the last bits of
floating point numbers, which differ between processors. What only the page reads is not either:
a committed notebook leaves it out. Its numbers are compared by the tests of the package.
"""

from __future__ import annotations

import pytest

_NOT_COMPARED = (
    "image/svg+xml",
    "application/vnd.cxkit.finding.v1+json",
    "application/vnd.cxkit.records.v1+json",
)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Extend nbval's list, which no option reaches."""
    if getattr(collector, "skip_compare", None) and collector.path.suffix == ".ipynb":
        collector.skip_compare += _NOT_COMPARED
