"""Small studies of what respondents tell others, of their problems, and of two brands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from planted import TWO_LEVELS, plant

from cxkit.answers.survey import Survey

STUDY = """\
sample: {frame: market, design: probability}
frameworks: [two_levels]
scale: agreement_5
items: {a1: a1, a2: a2, b1: b1, b2: b2}
bases: {aware: {column: knows}, buyers: {column: bought}}
rival: {brand: Other Shop, items: {a1: x1, a2: x2, b1: y1}, outcomes: {recommend: xr}}
outcomes:
  recommend: recommend
"""
ASKED = (
    "stay", "leave", "loyal_price", "wom_talked", "wom_tone", "wom_recommended", "wom_warned",
    "wom_followed", "rev_posted", "rev_tone", "rev_stars", "inc_happened", "inc_reported",
    "inc_resolved", "inc_handling",
)  # fmt: skip
ITEMS = ("a1", "a2", "b1", "b2")


def told(
    folder: Path,
    n: int,
    *,
    study: str = STUDY,
    reached: dict[str, Any] | None = None,
    **columns: Any,
) -> Survey:
    """A survey of `n` people; outcomes and bases that are not given hold no answer, or everybody.

    Columns are named as the study names them: `wom_tone`, `a1`, `rival_a1`, `buyers`; `reached`
    says who reached a stage, or reached it in some way.
    """
    given = {key: np.asarray(one, dtype=float) for key, one in columns.items()}
    nothing = np.full(n, np.nan)
    asked = [key for key in ASKED if key in given]
    lines = study + "".join(f"  {key}: {key}\n" for key in asked)
    frame: dict[str, Any] = {
        f"base:{base}": given.pop(base, np.ones(n)).astype(bool) for base in ("aware", "buyers")
    }
    frame |= {f"item:{key}": given.pop(key, nothing) for key in ITEMS}
    frame |= {f"outcome:{key}": given.pop(key, nothing) for key in ("recommend", *asked)}
    if "rival:" in lines:
        for of in ("item:a1", "item:a2", "item:b1", "outcome:recommend"):
            frame[f"rival:{of}"] = given.pop(f"rival_{of.partition(':')[2]}", nothing)
    frame |= {f"reached:{way}": np.asarray(one, float) for way, one in (reached or {}).items()}
    assert not given, f"nothing is called {sorted(given)}"
    return plant(folder, frame, lines, two_levels=TWO_LEVELS)


def repeated(*counted: tuple[int, float]) -> np.ndarray:
    """(30, 1), (70, 0): thirty ones, then seventy zeros."""
    return np.concatenate([np.full(count, value, dtype=float) for count, value in counted])
