"""In how many ways a stage can be reached: each way is a question of the stage's framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxkit.study.parts import Condition
    from cxkit.study.shape import Study

__all__ = ["ways_of"]


def ways_of(study: Study, stage: str) -> dict[str, Condition]:
    """The ways to have reached a stage, each with the condition of the study that tells it.

    A condition whose column is called as a question of the framework tells that question; where
    none is, and there are as many conditions as questions, they are told in the same order.
    Empty where the stage has a single way, or the study does not tell each of them.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> list(ways_of(read_study("demo"), "advocate"))
    ['rch_advocate_peer', 'rch_advocate_brand']
    """
    known = study.journey.stages if study.journey else ()
    asked = next((one.reached for one in known if one.key == stage), ())
    told = study.stages[stage].reached if stage in study.stages else ()
    if len(asked) < 2 or len(told) != len(asked):
        return {}
    by_name = {one.column: one for one in told if one.column in asked}
    if not by_name:
        return dict(zip(asked, told, strict=True))
    return {key: by_name[key] for key in asked} if len(by_name) == len(asked) else {}
