"""Moves between stages over waves, in people seen twice; and the stages as phases.

Part of the section on the journey: `findings(survey)` is called by it.
"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import moves
from cxkit.library import crosswalk
from cxkit.records import Estimates
from cxkit.report.finding import Finding, Slot, number, said, wave

__all__ = ["findings", "phases"]

_OTHER = {"journey": "phases", "phases": "journey"}
_PART = {"journey": "stage", "phases": "phase"}


def findings(survey: Any) -> list[Finding]:
    """Who came further since the wave before; that nobody was seen twice, where that is so.

    Nothing where there is no earlier wave, or the study tells no furthest stage. Told of everybody
    alone: who of one group was seen twice are few, and the reports of the other groups beside the
    whole would tell of fewer still.
    """
    now = survey.latest
    context = now.context()
    before = now.previous
    if before is None or not before.waves or not now.study.has_furthest_stage or now.filters:
        return []
    waves = {"prev_wave": wave(before.waves[-1]), "wave": wave(str(now.wave))}
    seen = moves.seen_twice(now)
    if seen is None or not seen.n:
        variant = "no_respondent" if now.study.respondent is None else "nobody"
        return [Finding("journey", "moves", variant, waves, context=context)]
    told = Estimates(moves.directions(now), context=context).published()
    matrix = moves.transitions(now).published()
    further, same, less_far = told
    if further.is_hidden:
        return [Finding("journey", "moves", "hidden", waves, estimates=told, context=context)]
    slots: dict[str, Slot] = {
        **waves,
        "further": number(further),
        "same": number(same),
        "less_far": number(less_far),
        "n": number(further, "n"),
    }
    found = Finding(
        "journey",
        "moves",
        "seen",
        slots,
        estimates=Estimates([*told, *matrix], context=context, is_published=True),
        table="moves",
        title=("numbers", "moves", waves),
        options={"stages": list(seen.stages), "subtitle": ["moves", {}]},
        notes=[("note_moves", {"prev_wave": waves["prev_wave"]}), ("note_less_far", {})],
        context=context,
    )
    ways = Finding(
        "journey",
        "directions",
        estimates=told,
        table="directions",
        title=("numbers", "directions", waves),
        options={"subtitle": ["directions", {}], "fold": True},
        context=context,
    )
    return [found, ways]


def phases(survey: Any, ratings: Estimates) -> Finding | None:
    """The stages of the study beside the parts of the other model, with how well they match."""
    study = survey.study
    key = study.journey.key if study.journey else ""
    if key not in _OTHER or not any(one.n for one in ratings):
        return None
    known = crosswalk("journey_phases", study.folder)
    own, other = ("from", "to") if known["from"] == key else ("to", "from")
    part = _PART[_OTHER[key]]
    pairs = [
        {"stage": pair[own], "part": f"{part}:{pair[other]}", "match": pair["match"]}
        for pair in known["pairs"]
    ]
    beside = [one for one in known["unmatched"] if one.get("about")]
    return Finding(
        "journey",
        "phases",
        estimates=ratings,
        table="phases",
        title=("numbers", "phases" if key == "journey" else "stages_of_phases", {}),
        options={"pairs": pairs, "kind": part, "order": list(study.journey.stage_keys),
                 "subtitle": ["phases", {}], "fold": True},
        notes=[*(("note_unmatched", {"text": said(one["about"])}) for one in beside),
               ("note_crosswalk", {})],
        context=survey.latest.context(),
    )  # fmt: skip
