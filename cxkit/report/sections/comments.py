"""What do they say themselves? (F28): themes, by whom, with which score, and quotations by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cxkit.analysis.comments import coding, quotes, themes, tone
from cxkit.analysis.contrasts import Leader
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    count,
    first_names,
    name,
    names,
    number,
)
from cxkit.report.sections.comment_models import of_model

__all__ = ["findings"]

_TOLD = 3
"""So many themes that differ are told with their numbers, others stand in the table."""

_QUOTED = 6
"""So many themes are quoted, the most frequent first."""


def findings(survey: Any) -> Findings:
    """For each comment question: who wrote, what about, with which score, in whose words."""
    now = survey.latest
    context = now.context()
    questions = list(now.study.comments)
    if not questions:
        what = {"what": name("what:comments")}
        missing = Finding("comments", "F32", "not_measured", what, context=context)
        return Findings([missing], context=context)
    found: list[Finding] = []
    for place, question in enumerate(questions):
        found += _of_question(now, question, context, is_first=not place)
    found += _coded_by_people(now, context)
    found += _models(now, found, context)
    if any(one.key == "themes" for one in found):
        found.append(_belonging(now, context))
    return Findings(found, context=context)


def _of_question(
    survey: Any, question: str, context: dict[str, Any], *, is_first: bool
) -> Iterator[Finding]:
    """All that is told of one question; of further ones their themes, folded."""
    states = Estimates(themes.states(survey, question), context=context).published()
    wrote = Estimates(themes.who_wrote(survey, question), context=context).published()
    asked = {"what": name(f"comment:{question}")}
    if not any(one.n or one.is_hidden for one in states):
        yield Finding("comments", "F28", "nobody", asked, context=context)
        return
    shares = Estimates(themes.shares(survey, question), context=context).published()
    yield _most_frequent(survey, question, states, shares, context, is_first=is_first)
    is_any_shown = _is_any_shown(shares)
    if is_any_shown:
        yield _themes(survey, question, shares, context, is_first=is_first)
    if is_any_shown and is_first:
        is_corrected = any(one.method == "wilson_double_sampling" for one in shares)
        yield from _by_score(survey, question, context, is_corrected=is_corrected)
    if is_any_shown:
        yield from _quoted(survey, question, shares, context, is_first=is_first)
    if is_first and next(one for one in wrote if not one.by).estimate != 0:
        yield _who(survey, question, wrote, context)
    yield _reading(survey, question, states, context, is_first=is_first)
    if is_any_shown and is_first:
        yield from _sounding(survey, question, context)


def _is_any_shown(rows: Estimates) -> bool:
    return any(one.n and not one.is_hidden for one in rows)


# -- themes -------------------------------------------------------------------------------------


def _most_frequent(
    survey: Any,
    question: str,
    states: Estimates,
    shares: Estimates,
    context: dict[str, Any],
    *,
    is_first: bool,
) -> Finding:
    """The theme that is clearly the most frequent, those that cannot be told apart, or why not."""
    asked = {"what": name(f"comment:{question}")}
    if not _is_any_shown(shares):
        variant, plus = _why_none(survey, question, states)
        return Finding("comments", "F28", variant, asked, estimates=states, plus=plus,
                       context=context)  # fmt: skip
    leader = themes.most_frequent(survey, question)
    known = [one for one in shares if one.estimate == one.estimate and one.estimate > 0]
    rows = Estimates(known, is_published=True)
    if not known or leader.first is None:
        return Finding("comments", "F28", "no_theme", asked, context=context)
    one = next(x for x in rows if _theme(x) == leader.first)
    slots: dict[str, Slot] = {"n": number(one, "n")}
    if leader.key is not None:
        slots |= {"theme": name(one.of), "share": number(one)}
        variant = "top" if is_first else "top_of"
    else:
        slots |= {"list": first_names(_of_tied(leader, rows)), "theme": name(one.of),
                  "share": number(one)}  # fmt: skip
        variant = "tie" if is_first else "tie_of"
    if not is_first:
        slots |= asked
    return Finding(
        "comments",
        "F28",
        variant,
        slots,
        estimates=rows,
        headline=number(one) if leader.key is not None else None,
        context=context,
    )


def _of_tied(leader: Leader, rows: Estimates) -> list[str]:
    """The themes that cannot be told apart, by their keys, the most frequent first."""
    return [one.of for one in rows if _theme(one) in leader.tied]


def _theme(one: Estimate | Comparison) -> str:
    return one.of.partition(":")[2].partition("@")[0]


def _why_none(
    survey: Any, question: str, states: Estimates
) -> tuple[str, list[tuple[str, dict[str, Slot]]]]:
    """Why no theme is counted: only signs, another language, or too few comments to read."""
    counted = themes.counts(survey, question)
    n_read = sum(counted[key] for key in ("theme", "general", "uncoded"))
    if all(one.is_hidden for one in states):
        return "few", []
    if not n_read and counted["unread"] and counted["unread"] >= counted["nothing"]:
        return "other_language", []
    return ("no_words", []) if not n_read else ("few", [])


def _themes(
    survey: Any, question: str, shares: Estimates, context: dict[str, Any], *, is_first: bool
) -> Finding:
    """The table of themes: share, score of those who mention, and where each belongs."""
    scores, against = themes.scores_by_theme(survey, question)
    unsaid = [one.of for one in shares if one.estimate == 0]
    said = [one for one in shares if one.of not in unsaid]
    shown = Estimates((one for one in scores if one.of not in unsaid), context=context).published()
    compared = Comparisons(against, context=context).published()
    outcome = themes.scored_by(survey)
    is_corrected = any(one.method == "wilson_double_sampling" for one in shares)
    by_model = survey.study.coding.model is not None
    notes: list[Any] = [("note_comments", {}),
                        ("note_themes_model" if by_model else "note_themes", {})]  # fmt: skip
    notes += [("note_unmentioned", {"list": names(unsaid)})] if unsaid else []
    notes += [("note_score_100", {})] if len(shown) else []
    notes += [("note_corrected", {})] if is_corrected else []
    return Finding(
        "comments",
        "themes",
        estimates=Estimates([*said, *shown], is_published=True),
        comparisons=compared,
        table="themes",
        title=("comments", "themes", {"what": name(f"comment:{question}")}),
        options={
            "outcome": outcome,
            "fold": not is_first,
            "subtitle": ["themes", {"name": f"outcome:{outcome}"}]
            if len(shown)
            else ["themes_only", {}],
        },
        notes=notes,
        context=context,
    )


def _belonging(survey: Any, context: dict[str, Any]) -> Finding:
    """Where each theme belongs; no number."""
    book = coding.book_of(survey.study)
    return Finding(
        "comments",
        "belongs",
        table="belongs",
        title=("comments", "belongs", {}),
        options={"parts": {one.key: list(one.parts) for one in book.themes}, "fold": True},
        context=context,
    )


# -- who writes, and how it was read --------------------------------------------------------------


def _who(survey: Any, question: str, wrote: Estimates, context: dict[str, Any]) -> Finding:
    """Who commented, against all who were asked, and by the score they gave."""
    whole = next(one for one in wrote if not one.by)
    if whole.is_hidden or not whole.n:
        return Finding("comments", "F28", "who_hidden", estimates=wrote, context=context)
    slots = {"share": number(whole), "n": number(whole, "n")}
    groups = [one for one in wrote if one.by and one.n and not one.is_hidden]
    return Finding(
        "comments",
        "F28",
        "who",
        slots,
        estimates=wrote,
        table="wrote" if groups else None,
        title=("comments", "who", {}) if groups else None,
        options={"subtitle": ["wrote", {}]} if groups else {},
        context=context,
    )


def _reading(
    survey: Any, question: str, states: Estimates, context: dict[str, Any], *, is_first: bool
) -> Finding:
    """In which languages they wrote, and how much of it the codebook reads."""
    spoken = Estimates(themes.languages(survey, question), context=context).published()
    rows = Estimates([*states, *spoken], is_published=True)
    has = {one.of.partition(":")[2].partition("@")[0]: one for one in states}
    covered, rest = has["theme"], has["uncoded"]
    is_any = covered.estimate > 0 or rest.estimate > 0  # of hidden ones neither
    is_shown = is_first and bool(covered.n) and is_any
    slots = {"share": number(covered), "rest": number(rest)} if is_shown else {}
    return Finding(
        "comments",
        "F28",
        "covered" if is_shown else "",
        slots,
        estimates=rows,
        table="reading",
        title=("comments", "reading", {"what": name(f"comment:{question}")}),
        options={"fold": True, "subtitle": ["reading", {}]},
        notes=[("note_languages", {})],
        context=context,
    )


# -- themes by score ------------------------------------------------------------------------------


def _by_score(
    survey: Any, question: str, context: dict[str, Any], *, is_corrected: bool
) -> Iterator[Finding]:
    """The themes that detractors clearly mention more, or less often than promoters."""
    made = themes.contrast_of_themes(survey, question)
    if not len(made):
        return
    compared = Comparisons(made, context=context).published()
    shares = Estimates(themes.by_score_group(survey, question), context=context).published()
    seen = [one for one in compared if one.verdict != "hidden"]
    if not seen:
        yield Finding("comments", "F28", "contrast_hidden", context=context)
        return
    clear = [one for one in seen if one.is_clear]
    for one in sorted(clear, key=lambda one: -abs(one.difference))[:_TOLD]:
        yield _contrast(one, shares, context)
    if not clear:
        rows = Comparisons(seen, is_published=True)
        yield Finding("comments", "F28", "none_clear", comparisons=rows, context=context)
    yield _drawn(seen, shares, context, n_clear=len(clear), is_corrected=is_corrected)


def _contrast(one: Comparison, shares: Estimates, context: dict[str, Any]) -> Finding:
    sides = {x.by["score_group"]: x for x in shares if x.of == one.of}
    d, p = sides["detractor"], sides["promoter"]
    more = one.difference > 0
    return Finding(
        "comments",
        "F28",
        "contrast" if more else "contrast_less",
        {"theme": name(one.of), "d": number(d), "p": number(p)},
        estimates=Estimates([d, p], is_published=True),
        comparisons=Comparisons([one], is_published=True),
        headline=number(one, "difference", "signed"),
        direction="bad" if more else "good",
        context=context,
    )


def _drawn(
    seen: list[Comparison],
    shares: Estimates,
    context: dict[str, Any],
    *,
    n_clear: int,
    is_corrected: bool,
) -> Finding:
    """All themes by score group, and the differences drawn."""
    order = sorted(seen, key=lambda one: -one.difference)
    title: tuple[str, str, dict[str, Slot]]
    title = ("comments", "contrast_none", {})
    notes: list[Any] = [("note_comments", {})]
    if is_corrected and all(one.method != "wilson_double_sampling" for one in shares):
        notes.append(("note_not_corrected", {"limit": count(themes.FEWEST_CHECKED)}))
    if n_clear:
        title = ("comments", "contrast", {"m": count(n_clear), "k": count(len(seen))})
    return Finding(
        "comments",
        "contrast",
        estimates=shares,
        comparisons=Comparisons(order, is_published=True),
        figure="forest",
        table="by_score",
        title=title,
        options={"better": "lower", "subtitle": ["contrast", {}]},
        notes=notes,
        context=context,
    )


# -- how they sound -------------------------------------------------------------------------------


def _sounding(survey: Any, question: str, context: dict[str, Any]) -> Iterator[Finding]:
    """How comments sound, by the score that was given, for those that the model reads."""
    read = tone.read_by_model(survey, question)
    covered = Estimates([read], context=context).published()[0]
    shares = Estimates(tone.tone_shares(survey, question), context=context).published()
    whole = {one.of.partition(":")[2]: one for one in shares if not one.by}
    only = Estimates([covered], is_published=True)
    if whole["positive"].is_hidden or covered.is_hidden or not covered.n:
        yield Finding("comments", "F28", "tone_few", estimates=only, context=context)
        return
    if not read.estimate > 0:
        spoken = {"list": names(["language:id", "language:mixed"]), "n": number(covered, "n")}
        yield Finding("comments", "F28", "tone_none", spoken, estimates=only, context=context)
        return
    slots = {
        "n": number(whole["positive"], "n"),
        "good": number(whole["positive"]),
        "middle": number(whole["neutral"]),
        "bad": number(whole["negative"]),
    }
    rest = {"share": number(covered), "n": number(covered, "n")}
    yield Finding(
        "comments",
        "F28",
        "tone",
        slots,
        plus=[("tone_read", rest)] if covered.estimate < 1 else [],
        estimates=Estimates([*shares, covered], is_published=True),
        context=context,
    )
    yield Finding(
        "comments",
        "sounds",
        estimates=shares,
        table="sounds",
        title=("comments", "sounds", {"what": name(f"comment:{question}")}),
        options={"fold": True, "subtitle": ["sounds", {}]},
        notes=[("note_comments", {}), ("note_sounds", {})],
        context=context,
    )
    if covered.estimate < 1:
        yield Finding(
            "comments",
            "tone_read",
            estimates=only,
            table="reading",
            title=("comments", "tone_read", {"what": name(f"comment:{question}")}),
            options={"fold": True, "subtitle": ["tone_read", {}]},
            context=context,
        )


# -- in their own words ---------------------------------------------------------------------------


def _quoted(
    survey: Any, question: str, shares: Estimates, context: dict[str, Any], *, is_first: bool
) -> Iterator[Finding]:
    """A comment of praise and one of complaint on each of the most frequent themes."""
    told = []
    used: set[str] = set()
    for one in list(shares)[:_QUOTED]:
        key = f"theme:{_theme(one)}"
        for way in ("good", "bad"):
            for said in quotes.quotes(survey, key, 3, comment=question, tone=way):
                if said.text not in used:
                    used.add(said.text)
                    told.append(_as_json(said, key))
                    break
    if not told:
        return
    limits: dict[str, Slot] = {
        "low": count(quotes.FEWEST_WORDS),
        "high": count(quotes.MOST_CHARACTERS),
    }
    yield Finding(
        "comments",
        "quotes",
        table="quotes",
        title=("comments", "quotes", {"what": name(f"comment:{question}")}),
        options={"quotes": told, "fold": not is_first},
        notes=[("note_quotes", limits)],
        context=context,
    )


def _as_json(said: quotes.Quote, key: str) -> dict[str, str]:
    return {
        "text": said.text,
        "theme": key,
        "tone": said.tone,
        "language": said.language,
        "group": said.group or "",
    }


# -- people and machine ---------------------------------------------------------------------------


def _coded_by_people(survey: Any, context: dict[str, Any]) -> Iterator[Finding]:
    """How far people and the codebook, or the model, agree on what people coded."""
    made = coding.agreement(survey)
    if not len(made):
        return
    fits = type(made)(made, context=context).published(min_base=0)
    whole = fits[0]
    by = "model" if survey.study.coding.model else "codebook"
    if whole.is_hidden or whole.value != whole.value:
        yield Finding("comments", "F28", "agreement_few", fits=fits, context=context)
        return
    slots = {
        "who": name(f"coder:{by}"),
        "est": number(whole),
        "lo": number(whole, "ci_low"),
        "hi": number(whole, "ci_high"),
        "n": number(whole, "n"),
    }
    yield Finding(
        "comments",
        "F28",
        "agreement",
        slots,
        fits=fits,
        table="agreement",
        title=("comments", "agreement", {"who": name(f"coder:{by}")}),
        options={"fold": True, "subtitle": ["agreement", {}]},
        notes=[("note_agreement", {}), *([("note_model", {})] if by == "model" else [])],
        context=context,
    )


def _models(survey: Any, found: list[Finding], context: dict[str, Any]) -> Iterator[Finding]:
    """What is known of each model that coded anything that is told here."""
    own = coding.model_of(survey.study)
    if own is not None and any(one.key == "themes" for one in found):
        yield from of_model(own, "model", "theme", context)
    if any(one.key == "sounds" for one in found):
        yield from of_model(tone.tone_model(), "tone", "tone", context)
