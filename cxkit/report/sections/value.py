"""What is it worth, if our assumptions hold? (F29)"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from cxkit import library
from cxkit.analysis.value.inputs import N_DRAWS, Figure
from cxkit.analysis.value.observed import Observation, observed
from cxkit.analysis.value.scenarios import TODAY, TOLD_OF, Worth, worth
from cxkit.analysis.value.sums import LOSSES
from cxkit.records import Estimate, Estimates
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    count,
    inside,
    name,
    names,
    number,
    periods,
    said,
)
from cxkit.report.sections.pyramid import downwards

__all__ = ["findings"]

Context = dict[str, Any]

_KEEPING = (
    "lifetime_value", "periods_stayed", "brings", "all_value", "point_worth", "new_value",
    "payback", "cost_ratio",
)  # fmt: skip


def findings(survey: Any) -> Findings:
    """The sums, with every input and its source; then who stayed and what goes with leaving."""
    now = survey.latest
    context = now.context()
    value = now.study.value
    if value is None:
        what = {"what": name("what:value")}
        missing = Finding("value", "F32", "not_analysed", what, context=context)
        return Findings([missing], context=context)
    found = list(_worth(worth(survey), context))
    if value.observed.retained is not None:
        found += _observed(observed(survey), survey.so_far().context(), context)
    return Findings(found, context=context)


# -- what was seen ---------------------------------------------------------------------------------


def _observed(seen: Observation, so_far: Context, context: Context) -> Iterator[Finding]:
    head = Estimates([seen.retained], context=so_far).published()
    yield _retained(head[0], seen, context)
    notes = [("note_value_observed", {"list": names(f"wave:{wave}" for wave in seen.waves)})]
    curve = Estimates(seen.curve, context=so_far).published()
    if any(one.n and not one.is_hidden for one in curve):
        yield Finding(
            "value",
            "retained",
            estimates=curve,
            table="value_retained",
            title=("value", "retained", {}),
            options={"subtitle": ["value_retained", {}], "fold": True},
            notes=notes,
            context=context,
        )
    if len(seen.ratios):
        ratios = Estimates(seen.ratios, context=so_far).published()
        yield _leaving(seen, downwards(ratios, context["framework"]), context)


def _retained(one: Estimate, seen: Observation, context: Context) -> Finding:
    value = context["value"]["observed"]
    slots: dict[str, Slot] = {"who": name(f"base:{value['base']}"), "m": count(seen.after)}
    rows = Estimates([one], is_published=True)
    if one.is_hidden:
        variant = "hidden"
    elif "not_measured" in one.flags:
        variant = "short"
    elif not one.n:
        variant = "nobody"
    else:
        variant = {1.0: "everybody", 0.0: "nobody_left"}.get(one.estimate, "told")
        slots |= {"lo": number(one, "ci_low"), "hi": number(one, "ci_high")}
        slots |= {"est": number(one), "n": number(one, "n")}
    is_told = variant in ("told", "everybody", "nobody_left")
    return Finding(
        "value",
        "value_retained",
        variant,
        slots,
        estimates=rows,
        headline=number(one) if is_told else None,
        notes=[],
        context=context,
    )


def _leaving(seen: Observation, rows: Estimates, context: Context) -> Finding:
    """What clearly goes with leaving, or that nothing does; the ratios of all as a table."""
    shown = [one for one in rows if not math.isnan(one.estimate)]
    clear = [one for one in shown if one.of in seen.clear]
    below, above = ([one for one in clear if (one.estimate < 1) == way] for way in (True, False))
    plus: list[tuple[str, dict[str, Slot]]] = []
    slots: dict[str, Slot] = {}
    if not shown:
        methods = {one.method for one in rows}
        variant = "no_spread" if "no_spread" in methods else "not_computed"
        variant = "hidden" if any(one.is_hidden for one in rows) else variant
    elif not clear:
        variant = "none"
    else:
        told = [("lower", below), ("higher", above)]
        (variant, slots), *plus = [
            (way, {"list": names(one.of for one in some)}) for way, some in told if some
        ]
    is_odds = any(one.metric == "odds_ratio" for one in rows)
    return Finding(
        "value",
        "value_leaving",
        variant,
        slots,
        estimates=rows,
        plus=plus,
        table="value_leaving" if shown else None,
        title=("value", "leaving", {}) if shown else None,
        options={
            "clear": list(seen.clear),
            "subtitle": ["value_odds" if is_odds else "value_leaving", {}],
        },
        notes=[("note_value_ratio", {})] if shown else [],
        context=context,
    )


# -- the sums --------------------------------------------------------------------------------------


def _worth(made: Worth, context: Context) -> Iterator[Finding]:
    if made.why == "not_stated":
        what = {"what": name("what:value")}
        yield Finding("value", "F32", "not_analysed", what, context=context)
        return
    if made.why is not None:
        slots = {"list": names(f"input:{key}" for key in made.lacking)} if made.lacking else {}
        yield Finding("value", "value_lacking", made.why, slots, context=context)
        return
    rows = made.records.published()
    swings = made.swings.published()
    yield _at_stake(rows, context)
    yield _scenarios(made, rows, context)
    yield _swing("loss", rows, swings, context)
    yield _losses(rows, context)
    yield _one_person(rows, context)
    yield _swing("lifetime_value", rows, swings, context)
    yield _inputs(made, rows, context)


def _of(rows: Estimates, metric: str) -> Estimate | None:
    """A number of things as they are."""
    found = rows.where(metric=metric, of=f"scenario:{TODAY}")
    return found[0] if len(found) else None


def _at_stake(rows: Estimates, context: Context) -> Finding:
    one = _of(rows, "revenue_at_stake")
    assert one is not None
    own = Estimates([one], is_published=True)
    slots = {"scenario": name(f"scenario:{TODAY}"), **_with_ends(one)}
    variant = "all" if "lo" in slots else "point"
    slots = {key: slot for key, slot in slots.items() if key != "est" or variant == "point"}
    return Finding(
        "value", "F29", variant, slots, estimates=own, headline=number(one), context=context
    )


def _with_ends(one: Estimate) -> dict[str, Slot]:
    """A sum and, where any of its inputs has a range, its ends."""
    if math.isnan(one.ci_low):
        return {"est": number(one)}
    return {"est": number(one), "lo": number(one, "ci_low"), "hi": number(one, "ci_high")}


def _scenarios(made: Worth, rows: Estimates, context: Context) -> Finding:
    """All scenarios beside each other; what rests on a claim says so below."""
    told = ("revenue_at_stake", "loss", "all_value")
    kept = [one for one in rows if one.metric.removesuffix("_more") in told]
    notes: list[tuple[str, dict[str, Slot]]] = [("note_scenario", {})]
    for key, changed in made.changed.items():
        for figure in changed.values():
            if figure.claim is not None:
                claim = library.claims()[figure.claim]
                slots = {"scenario": name(f"scenario:{key}"), "claim": said(claim["text"])}
                notes.append(("note_value_claim", slots))
                notes.append(("note_claim", {"source": said(claim["by"])}))
    notes.append(("note_value_simulation", {"k": count(N_DRAWS), "seed": said(_seed(context))}))
    notes += _rests_on(kept)
    return Finding(
        "value",
        "scenarios",
        estimates=Estimates(kept, is_published=True),
        table="value_scenarios",
        title=("value", "scenarios", {}),
        options={
            "scenarios": [TODAY, *made.changed],
            "today": TODAY,
            "subtitle": ["value_scenarios", {"name": f"per:{context['value']['period']}"}],
        },
        notes=notes,
        context=context,
    )


def _rests_on(rows: Sequence[Estimate]) -> list[tuple[str, dict[str, Slot]]]:
    """The smallest base among the inputs that the survey measured; nothing where it did not."""
    return [("note_value_base", {"n": number(rows[0], "n")})] if rows and rows[0].n else []


def _seed(context: Context) -> dict[str, str]:
    """The seed, whose digits are not to be grouped, in every language."""
    return dict.fromkeys(library.languages(), str(context["seed"]))


def _losses(rows: Estimates, context: Context) -> Finding:
    metrics = ("loss", *(f"{kind}:{part}" for kind in ("loss", "loss_share") for part in LOSSES))
    own = [one for metric in metrics if (one := _of(rows, metric)) is not None]
    return Finding(
        "value",
        "losses",
        estimates=Estimates(own, is_published=True),
        table="value_losses",
        title=("value", "losses", {}),
        options={
            "subtitle": ["value_losses", {"name": f"per:{context['value']['period']}"}],
            "fold": True,
        },
        notes=[("note_value_loss", {}), *_rests_on(own)],
        context=context,
    )


def _one_person(rows: Estimates, context: Context) -> Finding:
    """What one person is worth, and what winning one costs against keeping one."""
    own = {metric: one for metric in _KEEPING if (one := _of(rows, metric)) is not None}
    worth_of, horizon = own["lifetime_value"], _horizon(context)
    slots = {"horizon": horizon, **_with_ends(worth_of)}
    variant = "told" if worth_of.estimate >= 0 else "negative"
    lost = _of(rows, "lost")
    stayed = own["periods_stayed"].estimate
    plus: list[tuple[str, dict[str, Slot]]] = []
    if lost is not None and lost.estimate == 0:
        plus.append(("nobody_leaves", {"horizon": horizon}))
    elif stayed == 1 and context["value"]["horizon"] > 1:
        plus.append(("everybody_leaves", {}))
    if "payback" in own and math.isnan(own["payback"].estimate):
        plus.append(("never", {}))
    if (ratio := own.get("cost_ratio")) is not None:
        ends = _with_ends(ratio)
        told = {"a": ends.pop("est"), "name": _per(context)}
        told |= {f"{end}2": slot for end, slot in ends.items()}
        plus.append(("ratio" if ends else "ratio_point", told))
    return Finding(
        "value",
        "value_worth",
        variant if "lo" in slots else f"{variant}_point",
        slots,
        estimates=Estimates(own.values(), is_published=True),
        plus=plus,
        headline=number(worth_of),
        direction="bad" if worth_of.estimate < 0 else "flat",
        table="value_keeping",
        title=("value", "keeping", {}),
        options={
            "period": context["value"]["period"],
            "subtitle": ["value_keeping", {}],
        },
        notes=[
            ("note_value_lifetime", {}),
            ("note_value_people", {}),
            *_rests_on([worth_of]),
        ],
        context=context,
    )


def _swing(output: str, rows: Estimates, swings: Estimates, context: Context) -> Finding:
    """The tornado of one sum; for the loss, the sentence about its largest swing."""
    assert output in TOLD_OF
    own = [one for one in swings if one.by["output"] == output]
    keys = {one.of for one in own}
    ends = [one for one in rows if one.metric == "input" and one.of in keys]
    ends = [one for one in ends if one.by["scenario"] == TODAY]
    slots: dict[str, Slot] = {}
    if output == "loss" and own:
        low, high = sorted(("ci_low", "ci_high"), key=lambda end: getattr(own[0], end))
        slots = {"what": inside(own[0].of), "name": _per(context)}
        slots |= {"lo": number(own[0], low), "hi": number(own[0], high)}
    return Finding(
        "value",
        "value_largest" if slots else f"swing_{output}",
        "told" if slots else "",
        slots,
        estimates=Estimates([*own, *ends], is_published=True),
        figure="tornado" if own else None,
        table="value_swings",
        title=("value", f"swing_{output}", {}),
        options={"subtitle": ["value_swings", {}], "name": f"worth:{output}"},
        notes=_rests_on(own),
        context=context,
    )


def _inputs(made: Worth, rows: Estimates, context: Context) -> Finding:
    """Every input with its ends and its source, those of the scenarios after the others."""
    given: list[tuple[str, Figure]] = [(TODAY, one) for one in made.inputs.values()]
    given += [(key, one) for key, own in made.changed.items() for one in own.values()]
    kept = [one for one in rows if one.metric == "input"]
    plus = context["value"]["scenarios"]
    sources = [
        {
            "kind": one.kind,
            "source": dict(one.source or {}),
            "claim": one.claim,
            "times": one.times,
            "is_shifted": scenario != TODAY and one.key in plus[scenario]["plus"],
        }
        for scenario, one in given
    ]
    is_stated = any(one.kind == "stated" for _, one in given)
    cut = dict.fromkeys(f"scenario:{scenario}" for scenario, one in given if one.is_cut)
    notes: list[tuple[str, dict[str, Slot]]] = [("note_value_stated", {})] if is_stated else []
    notes += [("note_value_cut", {"list": names(cut)})] if cut else []
    return Finding(
        "value",
        "inputs",
        estimates=Estimates(kept, is_published=True),
        table="value_inputs",
        title=("value", "inputs", {}),
        options={"today": TODAY, "sources": sources, "subtitle": ["value_inputs", {}]},
        notes=notes,
        context=context,
    )


def _per(context: Context) -> Slot:
    return name(f"per:{context['value']['period']}")


def _horizon(context: Context) -> Slot:
    return periods(context["value"]["horizon"], context["value"]["period"])
