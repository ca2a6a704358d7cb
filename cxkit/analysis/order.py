"""Is it a pyramid in these data? Order violations against what one overall impression would do.

`loevinger_h` and `guttman_errors` describe 0/1 levels on plain data; `pyramid_order` tests a
reading of a framework's order on a survey and says what may be concluded.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import contrasts, estimates, pyramid, scoring
from cxkit.analysis.comparisons import rules_of
from cxkit.analysis.intervals import Measure, check_level, estimate_of, t_quantile
from cxkit.analysis.joint import joint, percentiles, resampled, seeded
from cxkit.analysis.metrics import Population, design_of
from cxkit.analysis.necessity import Corner, basic_interval, drawn_effects
from cxkit.analysis.one_impression import OneImpression, one_impression
from cxkit.errors import SurveyError, nearest
from cxkit.records import NAN, Comparison, Comparisons, Estimate, Estimates, Fit, Fits
from cxkit.weights import Design, moment, variance

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = [
    "CUTS",
    "FEWER",
    "MAIN_CUT",
    "Order",
    "guttman_errors",
    "loevinger_h",
    "order_of",
    "pyramid_order",
]

CUTS = (62.5, 75.0)
MAIN_CUT = 75.0
"""Scores from which a level is met: leaning to agreement, and agreeing on the whole (told).

With two or three five-point items these are the two places at which agreement can begin; a
higher cut would part those who agree from those who agree strongly, and is no place where a
level begins to be met.
"""

FEWER = 0.75
"""Violations must be clearly under this part of what one impression would produce.

One impression need not be normally distributed: with a skewed, two-humped or heavy-tailed one, or
a tenth of respondents giving one answer throughout, the ratio strays as far as 0.6 at one of
the cuts, but not under 0.8 at both.
"""

_HALF = 0.5
"""Violations added to those counted before their logarithm, so that none at all can be judged."""

_ERRORS = Measure("guttman_errors", "mean", "scale")
_NO_SKIP = Measure("skips_no_level", "share", "share")
_WITHOUT = Measure("upper_without_lower", "share", "share")
_MET = Measure("met", "share", "share")


@dataclass(frozen=True, eq=False)
class Order:
    """One reading of the order of a pyramid, tested: its verdict, and the numbers behind it.

    Attributes
    ----------
    reading : str
        Key of the reading (`list_as_drawn`).
    levels : tuple of str
        The levels, base first (`level:fulfilment`).
    verdict : Fit
        Name `order`, `of` the reading; verdict `consistent`, `contradicted` or `cannot_tell`;
        the value is the ratio at the main cut.
    why : str or None
        Why there are no numbers: `not_measured` (a level has no question), `few_levels` (fewer
        than three), `few_respondents`, `no_spread` (a level that all or none meet at a cut).
    skips, errors, met, without : Estimates
        Shares of respondents who skip no level, and order violations a respondent, by `cut`;
        the share who meet each level at the main cut; and, of the upper one of two adjacent
        levels, the share who meet it `without` the lower.
    expected, ratios, h : Fits
        Violations under one impression, observed over expected, and Loevinger's H, one of each
        a cut (`of` is `cut:75`).
    steps : Comparisons
        Upper minus lower: by how much more people meet the upper of two adjacent levels.
    necessity : Comparisons
        Of adjacent levels: d(lower to upper) minus d(upper to lower).
    skipped : tuple of str or None
        The adjacent pair (lower, upper) that contradicts the order most, if it is contradicted.
    """

    reading: str
    levels: tuple[str, ...]
    verdict: Fit
    why: str | None = None
    skips: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    errors: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    met: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    without: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    expected: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    ratios: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    h: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    steps: Comparisons = dataclasses.field(default_factory=lambda: Comparisons(()))
    necessity: Comparisons = dataclasses.field(default_factory=lambda: Comparisons(()))
    skipped: tuple[str, str] | None = None
