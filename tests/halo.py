"""Answers with planted truth about the order of levels: one impression, or a true pyramid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxkit.weights import Design

__all__ = [
    "LEVELS",
    "design",
    "halo",
    "halo_answers",
    "of_impression",
    "pyramid",
    "pyramid_answers",
]

LEVELS = tuple(f"level:{name}" for name in ("base", "second", "third", "fourth", "apex"))
N_ITEMS = (2, 2, 2, 3, 2)
EASE = (0.5, 0.2, 0.0, 0.3, -0.4)
"""How much easier than the average each level is, in standard deviations."""

_STEPS = (-1.6, -0.9, -0.2, 0.8)


def scores(answers: Sequence[np.ndarray]) -> np.ndarray:
    """0-100 scores, a column a level, from five-point answers to the items of each."""
    return np.column_stack([25 * (one.mean(axis=1) - 1) for one in answers])


def halo_answers(
    impression: np.ndarray, rng: np.random.Generator, strength: float = 0.8, ease: float = 0.0
) -> list[np.ndarray]:
    """Answers of people who differ in one impression, chance aside; levels differ in ease."""
    own = rng.standard_normal((len(impression), len(N_ITEMS)))
    level = strength * impression[:, None] + np.sqrt(1 - strength**2) * own
    made = []
    for j, k in enumerate(N_ITEMS):
        seen = 0.8 * level[:, [j]] + 0.6 * rng.standard_normal((len(level), k))
        made.append(1.0 + sum((seen > step - EASE[j] - ease).astype(float) for step in _STEPS))
    return made


def of_impression(
    impression: np.ndarray, rng: np.random.Generator, strength: float = 0.8, ease: float = 0.0
) -> np.ndarray:
    """The scores of `halo_answers`."""
    return scores(halo_answers(impression, rng, strength, ease))


def halo(n: int, rng: np.random.Generator) -> np.ndarray:
    """Scores of `n` people under one normally distributed impression."""
    return of_impression(rng.standard_normal(n), rng)


def pyramid_answers(n: int, rng: np.random.Generator, slip: float = 0.05) -> list[np.ndarray]:
    """Answers where a level is met only by those who met the one below.

    People stand on every step, or on none, equally often. Met levels are answered 4 or 5, others
    1 to 3; a `slip` shows a level as it is not.
    """
    stands = rng.integers(0, len(N_ITEMS) + 1, n)[:, None] > np.arange(len(N_ITEMS))
    shown = stands ^ (rng.random(stands.shape) < slip)
    made = []
    for j, k in enumerate(N_ITEMS):
        high = rng.choice([4.0, 5.0], size=(n, k))
        low = rng.choice([1.0, 2.0, 3.0], size=(n, k), p=[0.2, 0.4, 0.4])
        made.append(np.where(shown[:, [j]], high, low))
    return made


def pyramid(n: int, rng: np.random.Generator, slip: float = 0.05) -> np.ndarray:
    """The scores of `pyramid_answers`."""
    return scores(pyramid_answers(n, rng, slip))


def design(n: int, rng: np.random.Generator, cv: float) -> Design:
    """Equal weights, or weights that vary with this coefficient and with nothing else."""
    return Design(rng.gamma(1 / cv**2, cv**2, n) if cv else np.ones(n))
