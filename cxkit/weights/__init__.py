"""The arithmetic of weights: the effective base, the sample design, linearised variance, resamples.

Every estimate of the kit is a `Moment`: a weighted mean with the influence of each row on it.
Influences add and subtract, so one variance formula serves means, shares, scores, differences
between groups, waves, paired levels and overlapping stages alike. What is a function of totals
is bootstrapped by `resampled_totals`.
"""

from cxkit.weights.design import Design, Unseen, effective_base
from cxkit.weights.drawn import Drawn
from cxkit.weights.moments import (
    Moment,
    Moments,
    Tally,
    covariance,
    covariance_matrix,
    moment,
    moments_by,
    tally,
    variance,
)
from cxkit.weights.resampling import N_RESAMPLES, resampled_totals

__all__ = [
    "N_RESAMPLES",
    "Design",
    "Drawn",
    "Moment",
    "Moments",
    "Tally",
    "Unseen",
    "covariance",
    "covariance_matrix",
    "effective_base",
    "moment",
    "moments_by",
    "resampled_totals",
    "tally",
    "variance",
]
