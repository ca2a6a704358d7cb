"""What a truth file plants beyond the core: batteries, channels, another brand, comments, records.

Each of these draws its luck from a stream of its own, named by its question: a battery that is
added to a study moves no other answer.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Comments", "Further", "Left", "Panel", "Question", "Spend"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Part):
    """A question on a scale: its mean and spreads in points, and the luck of levels in it.

    Yes and no are the ends of a scale as well: yes where the latent answer is above 50.
    """

    mean: float
    mood: float = 14
    noise: float = 12
    levels: dict[str, float] = {}


class Member(_Part):
    """A base: a share of those who belong to another one."""

    share: float
    within: str


class Rival(_Part):
    """Another brand: how many points above the study's own, and how alike the answers are."""

    above: dict[str, float] = {}
    noise: float = 15


class Panel(_Part):
    """Of each later wave, the share that was asked in the wave before as well.

    They are found among those of the same groups whose mood is nearest; `forward` is the share
    who were one stage less far then, everybody else stood at the same stage.
    """

    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    forward: Annotated[float, Field(ge=0, le=1)] = 0.0


class Spend(_Part):
    """Amounts spent: lognormal around a median; `by` adds to the logarithm for each point."""

    base: str | None = None
    median: float
    spread: float
    by: dict[str, float] = {}
    at: float = 60
    missing: float = 0.0


class Left(_Part):
    """Who left within how many months: a hazard a month at a score of `at`, and its slopes.

    `until` says how long each wave was followed; `months` is the column of months; another
    `stream` is other luck.
    """

    base: str | None = None
    months: str
    until: dict[str, int]
    hazard: float
    slopes: dict[str, float] = {}
    at: float = 60
    stream: int = 0


class Comments(_Part):
    """Comments drawn from a file of phrases: who writes, about which theme, in which language.

    The file stands beside the study, or is the kit's own. A theme of a level is met more often by
    those who score it low (`salience`), and praised or blamed by that score; the `blamed` themes
    are met so many times more often by those in a bad mood.
    """

    file: str = "phrases.yaml"
    share: float
    detractors: float = 0.0
    languages: dict[str, float]
    salience: float = 0.03
    weights: dict[str, float] = {}
    blamed: dict[str, float] = {}
    nothing: float = 0.04
    other: float = 0.08
    two: float = 0.3
    identifiers: Annotated[tuple[str, ...], BeforeValidator(tuple)] = ()


class Further(_Part):
    """All of it; `waves` are those that asked, all where none is named."""

    waves: tuple[str, ...] = ()
    questions: dict[str, Question] = {}
    other: Question = Question(mean=62)
    bases: dict[str, Member] = {}
    channels: dict[str, float] = {}
    rival: Rival = Rival()
    panel: Panel = Panel()
    spend: dict[str, Spend] = {}
    left: dict[str, Left] = {}
    comments: dict[str, Comments] = {}
