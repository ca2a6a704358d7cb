"""Numbers: metrics on plain data, estimates and comparisons of a survey.

Names are loaded when used, so that importing one room does not pay for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "adjust_p": "contrasts",
    "bottom_box": "metrics",
    "ces": "metrics",
    "compare": "comparisons",
    "compare_groups": "group_tests",
    "cronbach_alpha": "reliability",
    "csat": "metrics",
    "detectable_difference": "planning",
    "effect_sizes": "effects",
    "effective_base": "metrics",
    "equivalence": "group_tests",
    "estimate": "estimates",
    "guttman_errors": "guttman",
    "htmt": "discriminant",
    "invariance": "comparability",
    "item_statistics": "reliability",
    "loevinger_h": "guttman",
    "mean_score": "metrics",
    "measurement_model": "structure",
    "necessary_condition": "necessity",
    "nps": "metrics",
    "ols": "regression",
    "ordinal_logit": "regression",
    "overall_test": "overall",
    "penalty_reward": "asymmetry",
    "relative_importance": "importance",
    "sample_size": "planning",
    "score_100": "metrics",
    "spearman_brown": "reliability",
    "top_box": "metrics",
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
