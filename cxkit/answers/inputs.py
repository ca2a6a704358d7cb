"""What the numbers of some waves rest on: digests of the study, its questions and the answers.

A wave that is added later changes nothing that is said of those before it. Hands out `inputs_of`,
`study_inputs` and `told_until`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cxkit.answers.coded_comments import digest_of_coded
from cxkit.study import Study, instrument

__all__ = ["inputs_of", "study_inputs", "told_until"]


def inputs_of(
    of_study: Mapping[str, str], told: Mapping[str, str], last: str | None
) -> dict[str, str]:
    """The digests of all that numbers rest on: of the study, and of the waves up to the last."""
    own = {key: one for key, one in told.items() if last is None or key.partition(":")[2] <= last}
    return dict(sorted({**of_study, **own}.items()))


def study_inputs(
    study: Study, last: str | None, context: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """The digests of what a study says and asks up to a wave; `context` where it is at hand.

    What an earlier wave asked otherwise counts with what the study says: it decides whether the
    wave is compared.
    """
    context = told_until(study, last) if context is None else context
    if last is None:
        return {"study": _digest(context)}
    asked = instrument(study, last).digest
    earlier = {wave: instrument(study, wave).digest for wave in _waves_before(study, last)}
    otherwise = {wave: one for wave, one in earlier.items() if one != asked}
    return {"study": _digest([context, otherwise] if otherwise else context), "instrument": asked}


def _waves_before(study: Study, last: str) -> list[str]:
    named = {*study.waves, *study.answers} - {""}  # one source of all waves is called so
    return sorted(wave for wave in named if wave < last)


def told_until(study: Study, last: str | None) -> dict[str, Any]:
    """A study's context without what came after the last wave in hand: waves, labels, actions.

    Nor does it hold what was published of the last wave: a report does not restate itself. Of
    the comments that people coded it holds the digest of those up to that wave.
    """
    context = study.context()
    later = {key for key in context["waves"] if last is not None and key > last}
    waves = {key: one for key, one in context["waves"].items() if key not in later}
    if last in waves:
        waves[last] = waves[last] | {"published": {}, "restated": None}
    unsaid = {f"wave:{key}" for key in later}
    labels = {key: label for key, label in context["labels"].items() if key not in unsaid}
    end = waves.get(last or "", {}).get("to")
    actions = [one for one in context["actions"] if end is not None and one["date"] <= end]
    told = context | {"waves": waves, "labels": labels, "actions": actions}
    coding = context.get("coding", {}) | digest_of_coded(study, last).get("coding", {})
    told |= {"coding": dict(sorted(coding.items()))} if coding else {}
    planned = _planned(context, last)
    return told | ({"planned": planned} if planned else {})


def _planned(context: Mapping[str, Any], last: str | None) -> list[dict[str, Any]]:
    """The actions planned in the light of the last wave in hand, by date.

    An action that names no wave belongs to the last that ended before it: so a step that is added
    after a later wave changes nothing that is said of an earlier one. In a study that dates no
    wave, nothing is before or after, and all of them are planned.
    """
    ends = {key: one["to"] for key, one in context["waves"].items() if one.get("to")}

    def answered(action: Mapping[str, Any]) -> str | None:
        before = [key for key, end in ends.items() if end < action["date"]]
        return action.get("wave") or max(before, default=None if ends else last)

    found = [one for one in context["actions"] if answered(one) == last and last is not None]
    return sorted(found, key=lambda one: one["date"])


def _digest(plain: object) -> str:
    told = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
