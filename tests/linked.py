"""Studies of three levels planted by hand, whose links with an outcome are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from planted import plant

STUDY = """\
sample: {frame: customers, design: probability}
frameworks: [three_levels]
scale: agreement_5
items: {ITEMS}
outcomes: {OUTCOMES}
seed: 7
"""
OUTCOMES = "recommend: {column: likely, metric: nps}"
WHOLE = OUTCOMES + ", overall: {column: stars, metric: mean, scale: stars_5}"
LEVELS = {"trust": ("a1", "a2", "a3"), "care": ("b1", "b2"), "speed": ("c1", "c2")}


def framework(levels: dict[str, tuple[str, ...]]) -> str:
    """The file of a framework with these levels and items."""
    lines = ["key: three_levels", "kind: levels", "levels:"]
    lines += [f"  - {{key: {k}, label: {k}, items: [{', '.join(v)}]}}" for k, v in levels.items()]
    lines += ["items:", *(f"  {one}: {{text: About {one}}}" for v in levels.values() for one in v)]
    return "\n".join(lines) + "\n"


def answers(
    rng: np.random.Generator,
    n: int = 500,
    *,
    links: tuple[float, ...] = (1.0, 0.5, 0.0),
    shift: tuple[float, ...] = (0.0, 0.0, 0.0),
    common: float = 0.5,
    noise: float = 1.5,
    error: float = 0.6,
) -> dict[str, np.ndarray]:
    """Answers to the items of three levels, and how likely they are to recommend.

    Levels have one impression in `common`; `links` are points of the outcome per standard
    deviation of each, `noise` what it has of its own, `error` what items have, and `shift`
    moves the answers about a level.
    """
    own = np.sqrt(1 - common) * rng.normal(size=(n, 3))
    true = np.sqrt(common) * rng.normal(size=(n, 1)) + own
    made = {}
    for place, items in enumerate(LEVELS.values()):
        for item in items:
            raw = 3.2 + shift[place] + 0.9 * true[:, place] + error * rng.normal(size=n)
            made[f"item:{item}"] = np.clip(np.round(raw), 1, 5)
    likely = 6.5 + true @ np.array(links) + noise * rng.normal(size=n)
    made["outcome:recommend"] = np.clip(np.round(likely), 0, 10)
    return made


def survey(
    folder: Path,
    columns: dict[str, Any],
    *,
    levels: dict[str, tuple[str, ...]] | None = None,
    outcomes: str = OUTCOMES,
    more: str = "",
) -> Any:
    """The study of these answers (`more` lines in its file)."""
    folder.mkdir(exist_ok=True)
    known = LEVELS if levels is None else levels
    items = ", ".join(f"{item}: {item}" for own in known.values() for item in own)
    text = STUDY.replace("ITEMS", items).replace("OUTCOMES", outcomes) + more
    return plant(folder, dict(columns), text, three_levels=framework(known))
