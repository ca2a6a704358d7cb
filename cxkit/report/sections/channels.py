"""Through which channels, and where is experience uneven? (F16)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cxkit.analysis import channels
from cxkit.analysis.channels import IN_STEP, INTERACTION, N_CHANNELS, SEVERAL, Unevenness
from cxkit.records import Estimate, Estimates
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    first_names,
    name,
    names,
    number,
    setting,
)
from cxkit.report.sections.pyramid import drawing_order
from cxkit.study.channel_use import UNKNOWN

__all__ = ["findings"]

Context = dict[str, Any]
Said = tuple[str, dict[str, Slot]]


def findings(survey: Any) -> Findings:
    """How people arrive, which channels they use, the levels in each, and whether all is in step.

    One line in the section on groups where nothing of this was asked.
    """
    now = survey.latest
    context = now.context()
    parts = {
        "arrival": channels.arrival(now.study) is not None,
        "interaction": bool(now.study.channel_keys),
        "in_step": any(key in now.study.items for key in IN_STEP),
    }
    if not any(parts.values()):
        return Findings([_missing("channels", context, "groups")], context=context)
    tell = {"arrival": _arrival, "interaction": _interaction, "in_step": _in_step}
    found: list[Finding] = []
    for part, is_asked in parts.items():
        found += tell[part](now, context) if is_asked else [_missing(part, context)]
    return Findings(found, context=context)


def _missing(what: str, context: Context, section: str = "channels") -> Finding:
    slots = {"what": name(f"what:{what}")}
    return Finding(section, "F32", "not_measured", slots, context=context)


# -- how people arrive ---------------------------------------------------------------------------


def _arrival(now: Any, context: Context) -> Iterator[Finding]:
    """Where experience is most uneven, the channels with their scores, and how far they differ."""
    segment = str(channels.arrival(now.study))
    shown = Estimates(channels.arrivals(now), context=context).published()
    uneven = channels.unevenness(now).published()
    keys = _keys(shown, segment)
    levels, drawn = _levels(shown, context), _drawn(shown, segment)
    variant, slots, plus = _unevenly(uneven, shown, segment, context)
    lacking = channels.unanswered(now)
    yield Finding(
        "channels",
        "F16",
        variant,
        slots,
        estimates=shown + _with(uneven.estimates, lacking),
        comparisons=uneven.extremes,
        plus=plus,
        direction="flat",
        figure="heat_map" if drawn else None,
        table="channels",
        title=("numbers", "arrival" if levels else "arrival_shares", {}),
        options={
            "by": segment,
            "columns": drawn,
            "channels": keys,
            "levels": levels,
            "rows": levels,
            "share": "came_through",
            "subtitle": ["by_channel" if levels else "channel_shares", {}],
        },
        notes=_notes_of_arrival(lacking, has_scores=bool(levels)),
        context=context,
    )
    if len(uneven.spread):
        yield Finding(
            "channels",
            "spread",
            estimates=uneven.estimates,
            comparisons=uneven.extremes,
            fits=uneven.spread,
            table="channel_spread",
            title=("numbers", "channel_spread", {}),
            options={"fold": True},
            notes=[("note_channel_spread", {})],
            context=context,
        )


def _with(shown: Estimates, one: Estimate | None) -> Estimates:
    """The scores that were compared, and how many named no channel, which is no secret."""
    return Estimates([*shown, *([one] if one is not None else [])], is_published=True)


def _notes_of_arrival(lacking: Estimate | None, *, has_scores: bool) -> list[Any]:
    notes: list[Any] = [("note_arrival", {})]
    if lacking is not None and lacking.n:
        notes.append(("note_no_channel", {"n": number(lacking, "n")}))
    return [*notes, ("note_score_100", {})] if has_scores else notes


def _unevenly(
    uneven: Unevenness, shown: Estimates, segment: str, context: Context
) -> tuple[str, dict[str, Slot], list[Said]]:
    """What is said of the levels over the channels of arrival, and what has to be added."""
    counts = [one for one in shown if one.metric == "respondents" and one.n != 0]
    if not counts:
        return "nobody", {}, []
    if len(counts) == 1:
        return "one", {"channel": name(f"{segment}={counts[0].by[segment]}")}, []
    if not _levels(shown, context):
        return "no_scores", {}, []
    scores = [one for one in shown if one.metric == "score_100" and one.by]
    if all("not_comparable" in one.flags for one in scores if one.n):
        return ("not_comparable" if any(one.n for one in scores) else "hidden"), {}, []
    if not uneven.channels:
        only = dict.fromkeys(one.by[segment] for one in scores if one.n and not one.is_hidden)
        if len(only) != 1:
            return "hidden", {}, []
        return "one_shown", {"channel": name(f"{segment}={next(iter(only))}")}, []
    variant, slots, plus = _of_levels(uneven, segment)
    unseen = [key for key in _keys(shown, segment) if key not in uneven.channels]
    hidden = [key for key in unseen if _is_hidden(scores, segment, key)]
    if hidden:
        plus.append(("shown_only", {"list": names(f"{segment}={key}" for key in hidden)}))
    return variant, slots, plus


def _of_levels(uneven: Unevenness, segment: str) -> tuple[str, dict[str, Slot], list[Said]]:
    clear, n_levels = uneven.clear, len(uneven.spread)
    if not clear:
        one = uneven.spread[0].of
        return ("none_level", {"level": name(one)}, []) if n_levels == 1 else ("none", {}, [])
    if uneven.most.key not in clear or n_levels == 1:
        if len(clear) > 1:
            return "tie", {"list": names(clear)}, []
        return "alone", *_ends(uneven, clear[0], segment)
    return "uneven", *_ends(uneven, str(uneven.most.key), segment)


def _ends(uneven: Unevenness, of: str, segment: str) -> tuple[dict[str, Slot], list[Said]]:
    """A level at its lowest and its highest channel."""
    one = uneven.extremes.only(of=of)
    scores = uneven.estimates.where(of=of)
    sides = {
        end: scores.only(**{f"by_{segment}": side.partition("=")[2]})
        for end, side in (("max", one.a), ("min", one.b))
    }
    slots = {"level": name(of)}
    for end, score in sides.items():
        slots |= {end: number(score), f"channel_{end}": name(f"{segment}={score.by[segment]}")}
    small = {"matter": setting(["matters", one.metric], one.unit)}
    return slots, [("small", small)] if one.verdict == "clear_small" else []


def _is_hidden(scores: Sequence[Estimate], segment: str, key: str) -> bool:
    own = [one for one in scores if one.by[segment] == key and one.n != 0]
    return bool(own) and all(one.is_hidden for one in own)


# -- which channels they use ---------------------------------------------------------------------


def _interaction(now: Any, context: Context) -> Iterator[Finding]:
    """Which channel is used most, the levels among the users of each, and how many are used."""
    used = Estimates(channels.usage(now), context=context).published()
    scores = Estimates(channels.levels_by_channel(now), context=context).published()
    n_used = Estimates(channels.n_used(now), context=context).published()
    if not _is_answered(used):
        yield Finding("channels", "F16", "used_nobody", estimates=used, context=context)
        return
    levels, drawn = _levels(scores, context), _drawn(scores, INTERACTION)
    keys = _keys(used, INTERACTION)
    variant, slots, more = _most_used(now, used, n_used)
    several = n_used.where(**{f"by_{N_CHANNELS}": SEVERAL})
    yield Finding(
        "channels",
        "F16",
        variant,
        slots,
        estimates=used + scores + several,
        plus=[*more, *_private(used)],
        figure="heat_map" if drawn else None,
        table="channels",
        title=("numbers", "channel_use" if levels else "channel_shares", {}),
        options={
            "by": INTERACTION,
            "columns": drawn,
            "channels": keys,
            "levels": levels,
            "rows": levels,
            "share": "used_it",
            "subtitle": ["by_channel" if levels else "channel_shares", {}],
        },
        notes=_notes_of_use(used, scores, drawn),
        context=context,
    )
    if len(n_used) > 1:
        yield Finding(
            "channels",
            N_CHANNELS,
            estimates=n_used,
            table="n_channels",
            title=("numbers", "n_channels", {}),
            options={"subtitle": ["channel_shares", {}]},
            context=context,
        )


def _is_answered(used: Estimates) -> bool:
    """Whether anybody answered; what privacy hides was."""
    return any(one.n != 0 for one in used.where(metric="share"))


def _notes_of_use(used: Estimates, scores: Estimates, drawn: Sequence[str]) -> list[Any]:
    notes: list[Any] = [("note_overlap", {})]
    if any("hidden_privacy" in one.flags for one in used):
        notes.append(("note_few_non_users", {}))
    small = [one.by[INTERACTION] for one in scores if one.by and "hidden_base" in one.flags]
    if small := [key for key in dict.fromkeys(small) if key not in drawn]:
        notes.append(("note_not_drawn", {"list": names(f"channel:{key}" for key in small)}))
    if drawn:
        notes += [("note_channel_users", {}), ("note_score_100", {})]
    return notes


def _most_used(
    now: Any, used: Estimates, n_used: Estimates
) -> tuple[str, dict[str, Slot], list[Said]]:
    """Which channel is used most, and how many people used several."""
    shares = {one.of: one for one in used.where(metric="share")}
    bands = {one.by[N_CHANNELS]: one for one in n_used}
    told = [one for one in shares.values() if not one.is_hidden]
    if not told:
        return "used_hidden", {}, []
    if all(one.estimate == 0 for one in shares.values()):
        return "used_none", {"n": number(told[0], "n")}, []
    more: list[Said] = []
    several = bands.get(SEVERAL)
    if several is not None and not several.is_hidden and len(shares) > 1:
        more = [("several", {"share": number(several), **_range(several)})]
    leader = channels.most_used(now)
    if len(shares) == 1:
        (one,) = told
        return "used_one", {"channel": name(one.of), **_told(one)}, []
    if leader.key is not None:
        one = shares[leader.key]
        return "most_used", {"channel": name(one.of), **_told(one)}, more
    if leader.tied:
        return "most_used_tie", {"list": first_names(leader.tied)}, more
    return "used_hidden", {}, more


def _private(used: Estimates) -> list[Said]:
    """The channels of which nothing is told."""
    hidden = [one for one in used.where(metric="share") if "hidden_privacy" in one.flags]
    return [("private", {"list": names(one.of for one in hidden)})] if hidden else []


# -- whether channels are in step ----------------------------------------------------------------


def _in_step(now: Any, context: Context) -> Iterator[Finding]:
    """What those who used several channels say of moving between them."""
    shown = Estimates(channels.in_step(now), context=context).published()
    items = {key: now.study.items[key] for key in IN_STEP if key in now.study.items}
    tops = [shown.only(of=f"item:{key}", metric="top_box_half") for key in items]
    scale = next(iter(items.values())).scale
    is_agreement = context["scales"][scale].get("family") == "agreement"
    variant = "in_step" if is_agreement else "in_step_scale"
    bands = [
        {"key": band, "scale": scale, "codes": list(codes)}
        for band, codes in now.study.known_scales[scale].bands()
    ]
    said = [one for one in tops if one.n and not one.is_hidden]
    if not said:
        why = "in_step_hidden" if any(one.n != 0 for one in tops) else "in_step_nobody"
        yield Finding("channels", "F16", why, estimates=shown, context=context)
        return
    first, *others = said
    who = items[first.of.partition(":")[2]].base or "everyone"
    yield Finding(
        "channels",
        "F16",
        variant,
        {"who": name(f"base:{who}"), **_agreed(first)},
        estimates=shown,
        plus=[(f"{variant}_more", _agreed(one)) for one in others],
        figure="likert",
        table="likert",
        title=("numbers", "in_step", {}),
        options={
            "bands": bands,
            "order": [{"level": None, "items": list(items)}],
            "agreement": is_agreement,
            "subtitle": [
                "likert" if any(one["key"] == "l3" for one in bands) else "likert_even",
                {},
            ],
        },
        context=context,
    )


def _agreed(one: Estimate) -> dict[str, Slot]:
    return {"item": name(one.of), "share": number(one), **_range(one), "n": number(one, "n")}


# -- their parts ---------------------------------------------------------------------------------


def _told(one: Estimate) -> dict[str, Slot]:
    return {"est": number(one), **_range(one), "n": number(one, "n")}


def _range(one: Estimate) -> dict[str, Slot]:
    return {"lo": number(one, "ci_low", "bound"), "hi": number(one, "ci_high", "bound")}


def _keys(shown: Estimates, by: str) -> list[str]:
    """The channels in the order of the records."""
    return list(dict.fromkeys(one.by[by] for one in shown if by in one.by))


def _drawn(shown: Estimates, by: str) -> list[str]:
    """The channels in which any score may be shown; not to remember is none."""
    scores = [one for one in shown.where(metric="score_100") if one.by.get(by, UNKNOWN) != UNKNOWN]
    return list(
        dict.fromkeys(one.by[by] for one in scores if one.n and one.estimate == one.estimate)
    )


def _levels(shown: Estimates, context: Mapping[str, Any]) -> list[str]:
    """The levels that anybody was asked about, base first; none without scores."""
    asked = {one.of for one in shown if one.metric == "score_100" and one.n != 0}
    order = drawing_order(context["framework"]) if context["framework"] else []
    return [key for key in order if f"level:{key}" in asked]
