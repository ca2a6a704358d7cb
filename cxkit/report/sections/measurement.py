"""How far can these numbers be trusted? (F30)"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cxkit.analysis import measurement as quality
from cxkit.analysis.reliability import GOOD
from cxkit.analysis.scoring import levels
from cxkit.records import Estimates, Fit, Fits
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    all_units,
    coefficients,
    count,
    name,
    names,
    number,
)
from cxkit.report.sections.pyramid import drawing_order

__all__ = ["findings"]

Said = tuple[str, dict[str, Slot]]
Asked = Mapping[str, Sequence[str]]

_WITHOUT_NUMBER = ("no_answers", "empty_item", "no_spread", "not_measured")
"""Why there is no coefficient, though the level has statements enough."""

_FITTING = ("good", "poor", "saturated")
"""Verdicts of a model whose coefficients may be read."""

_INDICES = ("chi2", "df", "cfi", "tli", "rmsea", "srmr")


def findings(survey: Any) -> Findings:
    """How consistently each level is measured, how the levels fit together, and the numbers."""
    now = survey.latest
    context = now.context()
    asked = _asked(now, context)
    if not asked:
        what = {"what": name("what:levels")}
        missing = Finding("measurement", "F32", "not_measured", what, context=context)
        return Findings([missing], context=context)
    found_for = quality.reliability(now).published()
    consistency = Fits((one for one in found_for if one.of in asked), is_published=True)
    pairs = quality.distinctness(now).published()
    model = quality.structure(now)
    in_model = Fits(() if model is None else model.fits, context=context).published()
    found = [_consistency(now, asked, consistency, pairs, in_model, context)]
    if model is not None and len(model.constructs) > 1:
        found += _model(in_model, model, asked, context)
    folded = _statements(now, asked, model, context)
    if len(pairs):
        folded.append(_told_apart(pairs, consistency, model, context))
    is_shown = any(not one.is_hidden for one in consistency)
    if is_shown and (meaning := _same_meaning(now, context)) is not None:
        (folded if meaning.options.get("fold") else found).append(meaning)
    return Findings([*found, *folded], context=context)


def _asked(now: Any, context: Mapping[str, Any]) -> dict[str, list[str]]:
    """The statements of each level that has any, in the order in which a table is read."""
    of_level = levels(now.study)
    order = reversed(drawing_order(context["framework"])) if context["framework"] else ()
    return {
        f"level:{level}": [f"item:{item}" for item in of_level[level]]
        for level in order
        if of_level.get(level)
    }


# -- consistency ----------------------------------------------------------------------------------


def _consistency(
    now: Any, asked: Asked, consistency: Fits, pairs: Fits, in_model: Fits, context: dict[str, Any]
) -> Finding:
    first, *more = _said(consistency, len(asked))
    of_levels = [one for one in in_model if one.name in ("cr", "ave") and one.value == one.value]
    return Finding(
        "measurement",
        "F30",
        *first,
        estimates=Estimates(quality.floor_ceiling(now), context=context).published(),
        fits=Fits([*consistency, *of_levels, *pairs], context=context, is_published=True),
        plus=more,
        table="measurement",
        title=("measurement", *_title(consistency, len(asked))),
        options={"levels": _pairs(asked), "line": GOOD, "subtitle": ["measurement", {}]},
        notes=_notes(consistency, pairs, of_levels, context),
        context=context,
    )


def _said(consistency: Fits, k: int) -> list[Said]:
    """Which levels are measured consistently, which are not, and of which it cannot be said."""
    by: dict[str, list[Fit]] = {}
    for one in consistency:
        by.setdefault("hidden" if one.is_hidden else _kind(one.verdict), []).append(one)
    weak, undecided = by.get("weak", []), by.get("undecided", [])
    said = _weak(weak) + _undecided(undecided)
    if not (weak and undecided):
        said = _consistent(by.get("good", []), k, is_all_clear=not undecided) + said
    if "negative" in by:
        said.append(("against", _list(by["negative"])))
    if "too_few" in by:
        said.append(("few", _list(by["too_few"])))
    if single := by.get("single_item"):
        said.append(("single" if len(single) == 1 else "single_several", _list(single)))
    if "without" in by:
        said.append(("without", _list(by["without"])))
    if "hidden" in by:
        said.append(("hidden", _list(by["hidden"])))
    return said


def _kind(verdict: str) -> str:
    return "without" if verdict in _WITHOUT_NUMBER else verdict


def _list(fits: Iterable[Fit]) -> dict[str, Slot]:
    return {"list": names(one.of for one in fits)}


def _consistent(good: Sequence[Fit], k: int, *, is_all_clear: bool) -> list[Said]:
    if not good:
        return []
    low, high = (pick(good, key=lambda one: one.value) for pick in (min, max))
    ends = {"min": number(low), "max": number(high)}
    if len(good) == 1:
        return [("good" if is_all_clear else "good_only", _coefficient(good[0]))]
    if len(good) == k:
        named = {"min_level": name(low.of), "max_level": name(high.of)}
        return [("all_good", {"All_units": all_units(k), **ends, **named})]
    return [("good_several" if is_all_clear else "good_only_several", _list(good) | ends)]


def _weak(weak: Sequence[Fit]) -> list[Said]:
    if not weak:
        return []
    if len(weak) == 1:
        return [("weak", _coefficient(weak[0]))]
    return [("weak_several", {"list": _coefficients(weak)})]


def _undecided(several: Sequence[Fit]) -> list[Said]:
    """The levels whose interval lies on both sides of the line; many without their intervals."""
    if not several:
        return []
    if len(several) == 1:
        return [("undecided", _coefficient(several[0]))]
    if len(several) > _FEW:
        low, high = (pick(several, key=lambda one: one.value) for pick in (min, max))
        return [("undecided_many", _list(several) | {"min": number(low), "max": number(high)})]
    return [("undecided_several", {"list": _coefficients(several)})]


_FEW = 2
"""Up to so many levels are told with their intervals; those of more stand in the table alone."""


def _coefficients(several: Iterable[Fit]) -> Slot:
    return coefficients(
        (one.of, one.name, number(one), number(one, "ci_low"), number(one, "ci_high"))
        for one in several
    )


def _coefficient(one: Fit) -> dict[str, Slot]:
    return {
        "level": name(one.of),
        "coefficient": name(f"metric:{one.name}"),
        "est": number(one),
        "lo": number(one, "ci_low"),
        "hi": number(one, "ci_high"),
    }


def _title(consistency: Fits, k: int) -> Said:
    told = {verdict: [one for one in consistency if one.verdict == verdict] for verdict in _TOLD}
    if told["weak"]:
        return "weak", _list(told["weak"])
    if len(told["good"]) == k > 1:
        return "all_good", {"All_units": all_units(k)}
    if told["good"] and told["undecided"]:
        return "good_some", _list(told["good"]) | {"m": count(len(told["good"])), "k": count(k)}
    first = next((verdict for verdict in ("good", "undecided") if told[verdict]), None)
    return (first, _list(told[first])) if first else ("plain", {})


_TOLD = ("good", "weak", "undecided")


def _notes(
    consistency: Fits, pairs: Fits, of_levels: Sequence[Fit], context: Mapping[str, Any]
) -> list[Any]:
    who = _who(context)
    bases = sorted(_shown(consistency), key=lambda one: one.n)
    notes: list[Any] = []
    if bases and bases[0].n == bases[-1].n:
        stated = {"n": number(bases[0], "n"), "n_eff": number(bases[0], "n_eff")}
        notes.append(("note_measured", {"who": who, **stated}))
    elif bases:
        ends = {"low": number(bases[0], "n"), "high": number(bases[-1], "n")}
        notes.append(("note_measured_range", {"who": who, **ends}))
    notes.append(("note_consistency", {}))
    if of_levels:
        notes.append(("note_model_coefficients", {}))
    if len(pairs):
        notes += [("note_htmt", {}), *_base_of_pairs(pairs, consistency, context)]
    notes.append(("note_ends", {}))
    if context["framework"].get("key") == "pyramid":
        notes.append(("note_instrument", {}))
    return notes


def _base_of_pairs(pairs: Fits, consistency: Fits, context: Mapping[str, Any]) -> list[Any]:
    """Whom comparisons of levels rest on, and that they are fewer than those of a level."""
    if not pairs[0].n or "hidden_privacy" in pairs[0].flags:
        return []
    largest = max((one.n for one in _shown(consistency)), default=0)
    key = "note_whole_fewer" if pairs[0].n < largest else "note_whole_base"
    return [(key, {"who": _who(context), "n": number(pairs[0], "n")})]


def _shown(consistency: Fits) -> list[Fit]:
    return [one for one in consistency if one.n and "hidden_privacy" not in one.flags]


def _who(context: Mapping[str, Any]) -> Slot:
    return name(f"base:{context['framework'].get('scored_on') or 'everyone'}")


# -- the joint model ------------------------------------------------------------------------------


def _model(in_model: Fits, model: Any, asked: Asked, context: dict[str, Any]) -> list[Finding]:
    """What the joint model says: its indices, or why none of its coefficients is reported."""
    indices = [one for one in in_model if one.name in _INDICES]
    chi2 = next(one for one in indices if one.name == "chi2")
    verdict = "hidden" if chi2.is_hidden else model.verdict
    shown = [one for one in indices if one.value == one.value]
    is_whole = len(model.constructs) == len(asked)
    every = all_units(len(asked)) if is_whole else names(model.constructs)
    slots = {"all_units": every, "n": number(chi2, "n"), "k": count(len(asked))}
    slots["list"] = names(_inseparable(model))
    part = "_some" if verdict in ("good", "poor") and not is_whole else ""
    told = Finding(
        "measurement",
        "F30",
        f"model_{verdict}{part}",
        slots,
        fits=Fits(indices, context=context, is_published=True),
        options={"facts": True},
        notes=[("note_fit", {"n": number(chi2, "n")})] if shown else [],
        context=context,
    )
    return [told] if verdict in (*_FITTING, "hidden") else [told, _failed(model, context)]


def _failed(model: Any, context: dict[str, Any]) -> Finding:
    """Why a model failed, what it concerns, and what to try."""
    notes: list[Any] = [(f"model_{model.verdict}", {})]
    if model.concerns and model.verdict != "latent_not_positive_definite":
        notes.append(("model_concerns", {"list": names(model.concerns)}))
    return Finding(
        "measurement",
        "model",
        title=("model", model.verdict, {"list": names(_inseparable(model))}),
        options={"box": True},
        notes=[*notes, (f"try_{model.verdict}", {})],
        context=context,
    )


def _inseparable(model: Any) -> Sequence[str]:
    """The levels that a model without a proper solution does not keep apart: all, if unknown."""
    several: Sequence[str] = model.concerns if len(model.concerns) > 1 else list(model.constructs)
    return several


# -- the numbers behind ---------------------------------------------------------------------------


def _statements(now: Any, asked: Asked, model: Any, context: dict[str, Any]) -> list[Finding]:
    made = [*_loadings(model), *quality.item_statistics(now)]
    if not made:
        return []
    finding = Finding(
        "measurement",
        "statements",
        fits=Fits(made, context=context).published(),
        table="statements",
        title=("numbers", "statements", {}),
        options={"fold": True, "levels": _pairs(asked)},
        context=context,
    )
    return [finding]


def _told_apart(pairs: Fits, consistency: Fits, model: Any, context: dict[str, Any]) -> Finding:
    linked = Fits(_latent_correlations(model), context=context).published()
    return Finding(
        "measurement",
        "F30",
        *_distinct(pairs),
        plus=_closest(pairs),
        fits=Fits([*pairs, *linked], context=context, is_published=True),
        table="distinctness",
        title=("numbers", "distinctness", {}),
        options={"fold": True},
        notes=[("note_htmt", {}), *_base_of_pairs(pairs, consistency, context)],
        context=context,
    )


def _distinct(pairs: Fits) -> Said:
    """How many pairs of levels can be told apart; the two that are closest, if that says all."""
    known = _known(pairs)
    if not known:
        return "", {}
    m = sum(one.verdict == "distinct" for one in known)
    if m == len(known):
        return "distinct_all", _pair(_nearest(known))
    if len(known) == 1:
        return "distinct_not", _pair(_nearest(known))
    return ("distinct_some" if m else "distinct_none"), {"k": count(len(known)), "m": count(m)}


def _closest(pairs: Fits) -> list[Said]:
    """What is said of the two closest levels, where some of several are not told apart."""
    known = _known(pairs)
    if len(known) < 2 or all(one.verdict == "distinct" for one in known):
        return []
    nearest = _nearest(known)
    return [(f"closest_{nearest.verdict}", _pair(nearest))]


def _known(pairs: Fits) -> list[Fit]:
    return [one for one in pairs.where(name="htmt") if one.verdict in _APART]


def _nearest(known: Sequence[Fit]) -> Fit:
    return max(known, key=lambda one: one.value)


def _pair(one: Fit) -> dict[str, Slot]:
    level, other = one.of.split("|")
    return {**_coefficient(one), "level": name(level), "next": name(other)}


_APART = ("distinct", "close", "not_distinct")


# -- the same meaning in each group ----------------------------------------------------------------


def _same_meaning(now: Any, context: dict[str, Any]) -> Finding | None:
    """Whether the scale means something else in groups of the first segment that can bear it."""
    failed: list[str] = []
    for segment in now.study.segments:
        found = quality.invariance(now, segment).published()
        whole = {one.of: one for one in found if one.name == "chi2"}
        if not whole:
            continue
        if whole[_STEPS[0]].verdict in ("good", "poor"):
            return _invariance(segment, found, failed, context)
        failed.append(segment)
    if not failed:
        return None
    return Finding(
        "measurement",
        "invariance",
        title=("invariance", "failed", {}),
        options={"box": True},
        notes=[_not_tried(failed), ("try_invariance", {})],
        context=context,
    )


def _invariance(
    segment: str, found: Fits, failed: Sequence[str], context: dict[str, Any]
) -> Finding:
    verdicts = {one.of: one.verdict for one in found if one.name == "chi2"}
    broken = next((step for step in _STEPS if verdicts[step] == "does_not_hold"), None)
    told = broken or ("holds" if verdicts[_STEPS[-1]] == "holds" else "undecided")
    if verdicts[_STEPS[0]] == "poor":
        broken, told = None, "poor"
    what = {"what": name(f"segment:{segment}")}
    return Finding(
        "measurement",
        "F30",
        "not_invariant" if broken else "",
        what,
        fits=Fits((one for one in found if one.of in _STEPS), context=context, is_published=True),
        table="invariance",
        title=("invariance", told, what),
        options={"fold": True, "steps": list(_STEPS)},
        notes=[("note_invariance", {}), *([_not_tried(failed)] if failed else [])],
        context=context,
    )


def _not_tried(segments: Sequence[str]) -> tuple[str, dict[str, Slot]]:
    return "note_not_tried", {"list": names(f"segment:{one}" for one in segments)}


_STEPS = ("configural", "metric", "scalar")
"""What is held equal in all groups: which statements belong together, loadings, intercepts."""


# -- numbers of the model as records ---------------------------------------------------------------


def _loadings(model: Any) -> Iterator[Fit]:
    """The standardised loadings of a model that may be read."""
    if model is None or model.verdict not in _FITTING:
        return
    for item, one in model.loadings.iterrows():
        ends = float(one["ci_low"]), float(one["ci_high"])
        yield _of_model(model, "loading", str(item), float(one["loading"]), *ends)


def _latent_correlations(model: Any) -> Iterator[Fit]:
    if model is None or model.verdict not in _FITTING:
        return
    constructs = list(model.latent_correlations.columns)
    for i, a in enumerate(constructs):
        for b in constructs[i + 1 :]:
            value = float(model.latent_correlations.loc[a, b])
            yield _of_model(model, "latent_correlation", f"{a}|{b}", value)


def _of_model(
    model: Any, named: str, of: str, value: float, low: float = math.nan, high: float = math.nan
) -> Fit:
    bases = {"n": model.n, "n_eff": model.n_eff}
    return Fit(named, value, low, high, model.verdict, model.method, of, **bases)


def _pairs(asked: Asked) -> list[Any]:
    return [[of, list(items)] for of, items in asked.items()]
