"""What prepares the answers, in agreement with itself: weighting, quality, exclusions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from cxkit.study.parts import Cells, Targets
from cxkit.study.shape import Study

__all__ = ["ROUNDED", "slips"]

ROUNDED = 0.0015
"""Shares that are rounded to three decimals may miss 1 by so much; they are taken as parts."""

Slip = tuple[str, tuple[str, ...], str, str, str | None]
"""Code, path of keys, message, what was expected, what to try."""


def slips(study: Study) -> Iterator[Slip]:
    """What does not agree in the keys that prepare the answers of a study."""
    yield from _weighting(study)
    yield from _quality(study)


def _weighting(study: Study) -> Iterator[Slip]:
    weighting, path = study.weighting, ("weighting",)
    if weighting is None:
        return
    if study.weight is not None:
        yield (
            "weight_twice",
            path,
            "weights are given twice: a column 'weight' and 'weighting'",
            "one of them",
            "name a weight to start from as weighting.start",
        )
    if not _has_targets(weighting) and not weighting.waves:
        yield _no_targets(path, "'weighting' knows no shares to weight by")
    lacking = [key for key in study.waves if not _has_targets(weighting.of(key))]
    if lacking and weighting.waves:
        message = f"'weighting' knows no shares for wave '{lacking[0]}'"
        yield _no_targets((*path, "waves"), message)
    yield from _targets(weighting, path)
    for key, targets in weighting.waves.items():
        yield from _targets(targets, (*path, "waves", key))


def _has_targets(targets: Targets) -> bool:
    return bool(targets.rake or targets.cells)


def _no_targets(path: tuple[str, ...], message: str) -> Slip:
    hint = "add the shares of the population, or leave 'weighting' out"
    return "no_targets", path, message, "rake: {region: {west: 0.4, east: 0.6}}, or cells", hint


def _targets(targets: Targets, path: tuple[str, ...]) -> Iterator[Slip]:
    if targets.rake and targets.cells:
        yield (
            "rake_and_cells",
            path,
            "shares are given twice: of single variables (rake) and of cells",
            "one of rake and cells",
            "keep the cells if everybody's cell is known, else rake",
        )
    for column, shares in (targets.rake or {}).items():
        yield from _sum((*path, "rake", column), f"'{column}'", list(shares.values()))
    if targets.cells:
        yield from _cells(targets.cells, (*path, "cells"))


def _cells(cells: Cells, path: tuple[str, ...]) -> Iterator[Slip]:
    if not cells.by or len(set(cells.by)) < len(cells.by):
        yield (
            "cell_shares",
            (*path, "by"),
            "cells are made by no variable" if not cells.by else "a variable makes the cells twice",
            "by: [region, age], each variable once",
            None,
        )
        return
    depth, found = " then ".join(cells.by), list(_leaves(cells.shares, (), len(cells.by)))
    wrong = [".".join(place) for place, share in found if share is None]
    if wrong:
        yield (
            "cell_shares",
            (*path, "shares"),
            f"the shares of '{wrong[0]}' are not given by {depth}",
            f"{len(cells.by)} levels of keys ({depth}), then a share of 0 to 1",
            None,
        )
        return
    shares = [share for _, share in found if share is not None]
    yield from _sum((*path, "shares"), f"the cells of {depth}", shares)


def _leaves(
    shares: Mapping[str, Any], place: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], float | None]]:
    """Every cell with its share; None where it is no share, or stands on another level."""
    for key, one in shares.items():
        own = (*place, str(key))
        if isinstance(one, Mapping) and len(own) < depth:
            yield from _leaves(one, own, depth)
        else:
            is_number = isinstance(one, (int, float)) and not isinstance(one, bool)
            is_share = is_number and len(own) == depth and 0 <= one <= 1
            yield own, float(one) if is_share else None


def _sum(path: tuple[str, ...], whose: str, shares: list[float]) -> Iterator[Slip]:
    total = math.fsum(shares)
    if abs(total - 1) > ROUNDED:
        yield (
            "rake_shares",
            path,
            f"the shares of {whose} add up to {total:g}",
            "shares of 0 to 1 that add up to 1",
            None,
        )


def _quality(study: Study) -> Iterator[Slip]:
    duration, path = study.quality.duration, ("quality", "duration")
    if duration is not None and (duration.column is not None) == bool(
        duration.start and duration.end
    ):
        yield (
            "duration_shape",
            path,
            "a duration is a column of its own, or a start and an end",
            "{column: seconds_spent, unit: seconds} or {start: started, end: ended}",
            None,
        )
    elif duration is not None and duration.column and (duration.start or duration.end):
        yield (
            "duration_shape",
            path,
            "a duration is given twice: as a column and by its start or end",
            "{column: seconds_spent, unit: seconds} or {start: started, end: ended}",
            None,
        )
    for column, score in study.quality.bot_scores.items():
        if (score.below is None) == (score.above is None):
            yield (
                "bot_score_limit",
                ("quality", "bot_scores", column),
                f"the bot score '{column}' has "
                + ("no limit" if score.below is None else "two limits"),
                "{below: 0.5} where a low score marks a bot, {above: 30} where a high one does",
                None,
            )
