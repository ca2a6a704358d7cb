"""How comments sound, by the model that the kit ships: shares of positive, neutral and negative.

A share is the mean of the model's probabilities over the comments that it reads, of those who
commented and of nobody else (METHODS 22.12).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxkit.analysis import estimates
from cxkit.analysis.comments.classifier import Classifier, shipped
from cxkit.analysis.comments.coding import codes_of
from cxkit.analysis.comments.machine import probabilities_of
from cxkit.analysis.comments.themes import likely_share, score_groups
from cxkit.analysis.intervals import Measure, estimate_of
from cxkit.records import Estimate, Estimates

__all__ = ["MODEL", "SOUNDS", "read_by_model", "tone_model", "tone_shares"]

MODEL = "tone_id"
"""The model of the library that tells the tone: it learned from Indonesian reviews."""

SOUNDS = ("positive", "neutral", "negative")
"""How a comment may sound, as tables list it: the labels of the model."""

_SHARE = Measure("share", "share", "share")


def tone_model() -> Classifier:
    """The model that tells the tone.

    >>> sorted(tone_model().labels) == sorted(SOUNDS)
    True
    """
    return shipped(MODEL)


def tone_shares(survey: Any, question: str) -> Estimates:
    """The share of comments that sound positive, neutral and negative, then by score group.

    Parameters
    ----------
    survey : Survey
        Whose comments in hand, of the latest wave.
    question : str
        The key of the comment question.

    Returns
    -------
    Estimates
        `of` is `tone:positive` and so on, `by` the `score_group` where there is a score on 0-10;
        n counts the comments that the model reads. Means of probabilities: their range holds the
        draw of respondents and what remains open in each comment, not what the model gets wrong
        on comments unlike those it learned from.

    Examples
    --------
    >>> import cxkit as cx
    >>> told = tone_shares(cx.load("demo"), "reason")
    >>> round(sum(one.estimate for one in told if not one.by), 9)
    1.0
    """
    now = survey.latest
    found = _probabilities(now, question)
    groups: list[tuple[Mapping[str, str], np.ndarray]] = [({}, now.mask)]
    groups += [({"score_group": key}, now.mask & mask) for key, mask in score_groups(now).items()]
    labels = tone_model().labels
    return Estimates(
        [
            _share(now, f"tone:{key}", found[:, labels.index(key)], mask, by)
            for by, mask in groups
            for key in SOUNDS
        ],
        context=now.context(),
    )


def read_by_model(survey: Any, question: str) -> Estimate:
    """The share of comments that the model reads, of all that say something in words."""
    now = survey.latest
    codes = codes_of(now, question)
    is_read = ~np.isnan(_probabilities(now, question)).any(axis=1)
    is_said = codes.is_written & (codes.state != "nothing")
    return _share(now, "tone:read", np.where(is_said, is_read, np.nan), now.mask, {})


def _probabilities(survey: Any, question: str) -> np.ndarray:
    def made() -> np.ndarray:
        codes = codes_of(survey, question)
        read = [codes.book.coded(text) if text else None for text in codes.texts]
        return probabilities_of(tone_model(), codes.texts, read)

    found: np.ndarray = survey.once(("tone", question), made)
    return found


def _share(
    survey: Any, of: str, likely: np.ndarray, mask: np.ndarray, by: Mapping[str, str]
) -> Estimate:
    own = estimates.sample(survey, tuple(survey.waves))
    made = likely_share(own, likely.astype(float), mask)
    level, wave = survey.study.ci_level, survey.wave
    return estimate_of(_SHARE, made, of=of, ci_level=level, wave=wave, by=by)
