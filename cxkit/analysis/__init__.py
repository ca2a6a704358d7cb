"""Numbers: metrics on plain data, estimates and comparisons of a survey.

Names are loaded when used, so that importing one room does not pay for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "adjust_p": "contrasts",
    "bottom_box": "metrics",
    "ceiling_cases": "necessity",
    "ces": "metrics",
    "cohen_kappa": "comments.agreement",
    "compare": "comparisons",
    "compare_groups": "differences.group_tests",
    "correlation": "correlations",
    "cronbach_alpha": "reliability",
    "csat": "metrics",
    "detectable_difference": "planning",
    "difference_reliability": "expectations.difference",
    "effect_sizes": "differences.effects",
    "effective_base": "metrics",
    "equivalence": "differences.group_tests",
    "estimate": "estimates",
    "guttman_errors": "ordering.guttman",
    "hazards_of_leaving": "value.leaving",
    "htmt": "discriminant",
    "invariance": "structure.comparability",
    "item_statistics": "reliability",
    "kaplan_meier": "value.survival",
    "lifetime_value": "value.sums",
    "loevinger_h": "ordering.guttman",
    "mean_score": "metrics",
    "measurement_model": "structure.model",
    "necessary_condition": "necessity",
    "nps": "metrics",
    "odds_of_leaving": "value.leaving",
    "ols": "drivers.regression",
    "ordinal_logit": "drivers.regression",
    "overall_test": "differences.overall",
    "penalty_reward": "asymmetry",
    "polynomial_gap": "expectations.surface",
    "precision": "planning",
    "relative_importance": "drivers.importance",
    "sample_size": "planning",
    "score_100": "metrics",
    "spearman_brown": "reliability",
    "top_box": "metrics",
    "transition_matrix": "moves",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxkit.analysis' has no attribute '{name}'")
    value = getattr(import_module(f"cxkit.analysis.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
