"""Answers in: files of answers read, checked and prepared, and the Survey that holds them.

Names are loaded when used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Problems": "problems",
    "Survey": "survey",
    "check": "problems",
    "load": "survey",
    "prepare": "cache",
    "rake": "weighting",
    "response_quality": "quality",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxkit.answers' has no attribute '{name}'")
    value = getattr(import_module(f"cxkit.answers.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
