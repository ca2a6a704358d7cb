"""Numbers of the comments: who wrote, in what language, about what, and with which score.

All of them are of the latest wave in hand. A share of a theme is of the comments that were read;
where people coded some comments that the machine did not learn from, the share is corrected by
what they found there, and its interval holds the uncertainty of both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cxkit.analysis import contrasts, estimates, scoring
from cxkit.analysis.comments.codebook import STATES, TONES
from cxkit.analysis.comments.coding import Codes, codes_of
from cxkit.analysis.comments.language import LANGUAGES
from cxkit.analysis.comparisons import rules_of
from cxkit.analysis.contrasts import Contrast, Leader
from cxkit.analysis.estimates import Measured, Sample
from cxkit.analysis.intervals import Measure, estimate_of
from cxkit.analysis.privacy import overlapping, parts_of_a_whole, unseen, without_sides
from cxkit.records import Comparisons, Estimate, Estimates
from cxkit.weights import Moment, moment, variance

__all__ = [
    "FEWEST_CHECKED",
    "SCORE_GROUPS",
    "by_score_group",
    "contrast_of_themes",
    "counts",
    "languages",
    "likely_share",
    "most_frequent",
    "score_groups",
    "scored_by",
    "scores_by_theme",
    "shares",
    "states",
    "tones",
    "who_wrote",
]

SCORE_GROUPS = {"detractor": (0.0, 6.0), "passive": (7.0, 8.0), "promoter": (9.0, 10.0)}
"""Who recommends how, by the answer on 0-10."""

FEWEST_CHECKED = 30
"""From so many comments coded by people, in hand, shares of themes are corrected by them."""

_SHARE = Measure("share", "share", "share")
_SCORE = Measure("score_100", "mean", "score_100")


# -- who wrote, and what became of it --------------------------------------------------------------


def counts(survey: Any, question: str) -> dict[str, int]:
    """How many texts in hand are in each state, unweighted: `theme general uncoded unread nothing`.

    >>> import cxkit as cx
    >>> sorted(counts(cx.load("demo").latest, "reason"))
    ['general', 'nothing', 'theme', 'uncoded', 'unread']
    """
    now = survey.latest
    state = codes_of(now, question).state[now.mask]
    return {key: int((state == key).sum()) for key in STATES}


_SCORES = ("nps", "csat", "ces", "score_100", "mean")
"""Metrics of headlines that comments can be set against, the first the most wanted."""


def scored_by(survey: Any) -> str | None:
    """The outcome that comments are set against: a 0-10 one, else the first headline score."""
    headlines = survey.study.headlines
    named = [key for metric in _SCORES for key in headlines
             if headlines[key].metric == metric]  # fmt: skip
    return next(iter(named), None)


def who_wrote(survey: Any, question: str) -> Estimates:
    """The share who commented, among all who were asked and by what they gave as a score.

    Asked are those who had to do with the brand (base `experienced`, where the study has one).
    `of` is `wrote:QUESTION`; groups of the score are `score_group`.
    """
    now = survey.latest
    codes = codes_of(now, question)
    wrote = np.isin(codes.state, ("theme", "general", "uncoded", "unread"))
    asked = _asked(now) | wrote
    measured = Measured(f"wrote:{question}", _SHARE, np.where(asked, wrote.astype(float), np.nan))
    own = _sample(now)
    return Estimates(
        [_estimate(now, own.moment(measured, mask), measured, by)
         for by, mask in _groups(now, asked)],
        context=now.context(),
    )  # fmt: skip


def _asked(survey: Any) -> np.ndarray:
    if "experienced" not in survey.study.base_keys:
        return np.ones(len(survey.mask), dtype=bool)
    found: np.ndarray = np.asarray(scoring.base_mask(survey, "experienced"), dtype=bool)
    return found


def _groups(survey: Any, among: np.ndarray) -> list[tuple[dict[str, str], np.ndarray]]:
    """Everybody in hand, then the groups of the score where there is one on 0-10."""
    found: list[tuple[dict[str, str], np.ndarray]] = [({}, survey.mask & among)]
    found += [({"score_group": key}, survey.mask & among & mask)
              for key, mask in score_groups(survey).items()]  # fmt: skip
    return found


def score_groups(survey: Any) -> dict[str, np.ndarray]:
    """Detractors, passives and promoters as masks of all rows; {} without a score on 0-10."""
    key = scored_by(survey)
    if key is None or survey.study.outcomes[key].metric != "nps":
        return {}
    score = survey.values(f"outcome:{key}")
    return {name: (score >= low) & (score <= high) for name, (low, high) in SCORE_GROUPS.items()}


def languages(survey: Any, question: str) -> Estimates:
    """The share of texts in each language, those without words included."""
    now = survey.latest
    codes = codes_of(now, question)

    def is_in(key: str) -> np.ndarray:
        return np.where(codes.is_written, codes.language == key, np.nan)

    return _parts(now, question, is_in, LANGUAGES, "language")


def states(survey: Any, question: str) -> Estimates:
    """The share of texts with a theme, with a general judgement, without any, unread, empty."""
    now = survey.latest
    return _parts(now, question, codes_of(now, question).is_in, STATES, "coding")


def tones(survey: Any, question: str, theme: str) -> Estimates:
    """How those who mention a theme speak of it: shares of good, bad, both and unclear."""
    now = survey.latest
    codes = codes_of(now, question)
    tone = codes.tone(theme)

    def is_in(key: str) -> np.ndarray:
        return np.where(tone != "", tone == key, np.nan)

    return _parts(now, question, is_in, TONES, f"tone:{theme}")


def _parts(
    survey: Any,
    question: str,
    is_in: Callable[[str], np.ndarray],
    known: Sequence[str],
    kind: str,
) -> Estimates:
    """The share of each of several parts; `is_in` says how likely each row is in one."""
    own = _sample(survey)
    found = []
    for key in known:
        one = Measured(f"{kind}:{key}{_at(survey, question)}", _SHARE, is_in(key))
        made = likely_share(own, one.values, survey.mask)
        found.append(_estimate(survey, made, one, {}))
    return Estimates(found, context=survey.context())


# -- themes ----------------------------------------------------------------------------------------


def shares(survey: Any, question: str) -> Estimates:
    """The share of each theme among the comments that were read, the most frequent first.

    A comment has as many themes as it speaks of, so shares do not add up to 1. A share that was
    corrected by what people coded has method `wilson_double_sampling`.

    Notes
    -----
    With machine codes v of all comments and people's codes h of those drawn for checking:
    mean(v) + mean(h - v), the difference estimator of double sampling [1]_; both means share
    rows, and their influences are added before the variance is taken. Comments that a model
    learnt from count as people coded them, and are not corrected. What a model says is the
    probability of a theme, and the share its mean.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling Techniques, 3rd ed., chapter 12. Wiley.
    """
    now = survey.latest
    codes, own = codes_of(now, question), _sample(now)
    found = [_share(now, codes, own, key, now.mask, {}) for key in codes.book.keys]
    order = sorted(found, key=lambda one: (-_known(one.estimate), one.of))
    return Estimates(order, context=now.context())


def most_frequent(survey: Any, question: str) -> Leader:
    """The theme with the largest share, named only if clear against every other (Holm).

    Within the same comments; themes that nobody mentions are no candidates. Nothing to name where
    too few comments were read.
    """
    now = survey.latest
    codes, own = codes_of(now, question), _sample(now)
    rules = rules_of(now, "share")
    moments = {key: _moment(codes, own, key, now.mask) for key in codes.book.keys}
    shown = {
        key: made.estimate
        for key, made in moments.items()
        if made.estimate > 0 and estimates.is_shown(now, made, f"theme:{key}")
    }

    def against(first: str, other: str) -> Contrast:
        return contrasts.contrast(
            _SHARE, moments[first], moments[other], own.design, of="themes",
            names=(f"theme:{first}", f"theme:{other}"), wave=now.wave,
        )  # fmt: skip

    return contrasts.leader(shown, against, rules, is_highest=True)


def by_score_group(survey: Any, question: str) -> Estimates:
    """The share of each theme among the comments of detractors, passives and promoters.

    Corrected by what people coded in all groups, or in none: never one against another that is
    not.
    """
    now = survey.latest
    codes, own, groups = codes_of(now, question), _sample(now), score_groups(now)
    alike = _may_correct(now, codes)
    found = [
        _share(now, codes, own, key, now.mask & mask, {"score_group": group}, alike)
        for key in codes.book.keys
        for group, mask in groups.items()
    ]
    return Estimates(found, context=now.context())


def contrast_of_themes(survey: Any, question: str) -> Comparisons:
    """Each theme's share among detractors minus its share among promoters, Holm over the themes.

    Themes that nobody in these groups mentions are no tests and are left out. Empty without a
    score on 0-10; blank where either group is not told, for itself or beside the passives.
    """
    now = survey.latest
    groups = score_groups(now)
    if not groups:
        return Comparisons((), context=now.context())
    codes, own = codes_of(now, question), _sample(now)
    names = ("score_group=detractor", "score_group=promoter")
    sides = [now.mask & groups[one] for one in ("detractor", "promoter")]
    alike = _may_correct(now, codes)
    made = []
    for key in codes.book.keys:
        is_said = codes.has(key)
        if not any((is_said[mask] > 0).any() for mask in sides):
            continue
        a, b = (_moment(codes, own, key, mask, alike) for mask in sides)
        made.append(
            contrasts.contrast(
                _SHARE,
                a,
                b,
                own.design,
                of=f"theme:{key}{_at(now, question)}",
                names=names,
                wave=now.wave,
            )
        )
    counts = [int((now.mask & codes.is_read & mask).sum()) for mask in groups.values()]
    hidden = parts_of_a_whole(counts, now.study.privacy.min_n)
    found = contrasts.corrected(made, rules_of(now, "share"))
    return without_sides(found, {f"score_group={[*groups][place]}" for place in hidden})


def scores_by_theme(survey: Any, question: str) -> tuple[Estimates, Comparisons]:
    """The mean score of those who mention each theme, and its difference to other commenters.

    By a model, those mention a theme for whom it is the likeliest. On 0-100 of the score's scale.
    The difference is to all whose comment was read and does not mention the theme, corrected by
    Holm over the themes. Both empty without a score. A theme that all but a few mention, or all
    but a few of those of another theme, is hidden with the few.
    """
    now = survey.latest
    key = scored_by(now)
    if key is None:
        nothing = now.context()
        return Estimates((), context=nothing), Comparisons((), context=nothing)
    codes, own = codes_of(now, question), _sample(now)
    (score,) = estimates.measured(now, "score_100", f"outcome:{key}")
    found, made = [], []
    for theme in codes.book.keys:
        is_said = codes.names(theme)
        one = Measured(f"theme:{theme}{_at(now, question)}", _SCORE, score.values)
        mentions, others = (own.moment(one, now.mask & (is_said == told)) for told in (1, 0))
        found.append(_estimate(now, mentions, one, {}))
        if not mentions.n:
            continue
        names = (one.of, "others:theme")
        made.append(
            contrasts.contrast(
                _SCORE, mentions, others, own.design, of=one.of, names=names, wave=now.wave
            )
        )
    context = now.context()
    whole = now.mask & codes.is_read & ~np.isnan(score.values)
    said = {one.of: codes.has(theme) == 1 for one, theme in zip(found, codes.book.keys)}
    hidden = overlapping(whole, said, now.study.privacy.min_n)
    compared = contrasts.corrected(made, rules_of(now, "score_100", context=context))
    return (
        Estimates((unseen(one) if one.of in hidden else one for one in found), context=context),
        without_sides(compared, hidden),
    )


# -- their parts -----------------------------------------------------------------------------------


def _sample(survey: Any) -> Sample:
    return estimates.sample(survey, tuple(survey.waves))


def _share(
    survey: Any,
    codes: Codes,
    own: Sample,
    theme: str,
    mask: np.ndarray,
    by: Mapping[str, str],
    may_correct: bool = True,
) -> Estimate:
    of = f"theme:{theme}{_at(survey, codes.question)}"
    one = Measured(of, _SHARE, codes.has(theme))
    made = _estimate(survey, _moment(codes, own, theme, mask, may_correct), one, by)
    is_corrected = may_correct and _is_corrected(codes, mask)
    return dataclasses.replace(made, method="wilson_double_sampling") if is_corrected else made


def _is_corrected(codes: Codes, mask: np.ndarray) -> bool:
    """Whether enough comments in hand were coded by people that the machine never saw."""
    checked = mask & codes.is_check & codes.is_read
    return int(checked.sum()) >= FEWEST_CHECKED and not checked[mask & codes.is_read].all()


def _may_correct(survey: Any, codes: Codes) -> bool:
    """Whether people checked all comments of each group of the score, or enough of them."""
    for mask in score_groups(survey).values():
        read = survey.mask & mask & codes.is_read
        if not (_is_corrected(codes, read) or codes.is_check[read].all()):
            return False
    return True


def _moment(
    codes: Codes, own: Sample, theme: str, mask: np.ndarray, may_correct: bool = True
) -> Moment:
    """The share of a theme among comments read, corrected where people checked enough of them."""
    people = codes.has(theme)
    if not (may_correct and _is_corrected(codes, mask)):
        return likely_share(own, people, mask)
    machine = codes.by_machine(theme)
    is_known = (codes.by == "people") & (~codes.is_check | np.isnan(machine))
    values = np.where(is_known, people, machine)
    whole = own.moment(Measured(theme, _SHARE, values), mask)
    off = np.where(mask & codes.is_check, people - machine, np.nan)[own.rows]
    rest = moment(off, own.design)
    is_used = mask & codes.is_read
    weight = own.design.weight
    left = float(weight[(is_used & ~is_known)[own.rows]].sum() / weight[is_used[own.rows]].sum())
    share = min(max(whole.estimate + left * rest.estimate, 0.0), 1.0)
    influence = whole.influence + left * rest.influence
    found = dataclasses.replace(whole, estimate=share, influence=influence)
    return _of_share(found, variance(influence, own.design), own)


def likely_share(own: Sample, likely: np.ndarray, mask: np.ndarray) -> Moment:
    """The mean of probabilities as a share, no more precise than if people had coded.

    Parameters
    ----------
    own : Sample
        The sample of the survey.
    likely : numpy.ndarray of float, shape (n_rows,)
        How likely each comment is so, 0 to 1; NaN leaves the base. Where all are 0 or 1, it is
        the share that it seems.
    mask : numpy.ndarray of bool, shape (n_rows,)
        Whose comments.

    Notes
    -----
    The variance of the mean of p, to which the sum of w^2 p (1 - p) / (sum of w)^2 is added: what
    each comment is remains open, and the variance of the codes is that of p plus the mean of
    p (1 - p).
    """
    found = own.moment(Measured("likely", _SHARE, likely), mask)
    p = np.where(mask, likely, np.nan)[own.rows]
    open_part = np.where(np.isnan(p), 0.0, p * (1 - p))
    if not found.n or not open_part.any():
        return found
    weight = np.where(np.isnan(p), 0.0, own.design.weight)
    noise = float((weight**2 * open_part).sum() / weight.sum() ** 2)
    return _of_share(found, found.variance + noise, own)


def _of_share(found: Moment, var: float, own: Sample) -> Moment:
    """A moment of a share with another variance, and the base that belongs to it."""
    spread, n_design = found.estimate * (1 - found.estimate), found.n_design
    if spread > 0 and var > 0:
        drawn = own.design.n_drawn
        n_design = drawn / max(drawn - 1, 1) * spread / var
    return dataclasses.replace(found, spread=spread, variance=var, n_design=n_design)


def _estimate(survey: Any, made: Moment, one: Measured, by: Mapping[str, str]) -> Estimate:
    return estimate_of(
        one.measure, made, of=one.of, ci_level=survey.study.ci_level, wave=survey.wave, by=by
    )


def _at(survey: Any, question: str) -> str:
    """What tells the themes of further questions from those of the first: `@improve`."""
    return "" if question == next(iter(survey.study.comments)) else f"@{question}"


def _known(value: float) -> float:
    return value if value == value else -1.0
