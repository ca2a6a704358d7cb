"""Do levels stack? Order violations of scores against what one overall impression would do.

The test behind `order`, on plain scores: `order_of`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cxkit.analysis import contrasts
from cxkit.analysis.intervals import Measure, estimate_of, t_quantile
from cxkit.analysis.joint import joint
from cxkit.analysis.ordering.corner import Corner, ceiling_interval, drawn_effects, span
from cxkit.analysis.ordering.guttman import ERRORS, h_fit, skips_none, violations
from cxkit.analysis.ordering.one_impression import OneImpression, one_impression
from cxkit.records import NAN, Comparison, Comparisons, Estimate, Estimates, Fit, Fits
from cxkit.weights import Design, moment, variance

__all__ = ["CUTS", "FEWER", "MAIN_CUT", "Order", "order_of"]

CUTS = (62.5, 75.0)
MAIN_CUT = 75.0
"""Scores from which a level is met: leaning to agreement, and agreeing on the whole (told).

With two or three five-point items these are the two places at which agreement can begin; a
higher cut would part those who agree from those who agree strongly, and is no place where a
level begins to be met.
"""

FEWER = 0.75
"""Violations must be clearly under this part of what one impression would produce.

One impression need not be normally distributed: with a skewed, two-humped or heavy-tailed one, or
a tenth of respondents giving one answer throughout, the ratio strays as far as 0.6 at one of
the cuts, but not under 0.8 at both. More than a tenth can bring it under at both; so it must be
under without them, too.
"""

_HALF = 0.5
"""Violations added to those counted before their logarithm, so that none at all can be judged."""

_NO_SKIP = Measure("skips_no_level", "share", "share")
_WITHOUT = Measure("upper_without_lower", "share", "share")
_SAME = Measure("same_score_throughout", "share", "share")
_MET = Measure("met", "share", "share")


@dataclass(frozen=True, eq=False)
class Order:
    """One reading of the order of a pyramid, tested: its verdict, and the numbers behind it.

    Attributes
    ----------
    reading : str
        Key of the reading (`list_as_drawn`).
    levels : tuple of str
        The levels, base first (`level:fulfilment`).
    verdict : Fit
        Name `order`, `of` the reading; verdict `consistent`, `contradicted` or `cannot_tell`;
        the value is the ratio at the main cut.
    why : str or None
        Why it cannot be told. With numbers: `one_impression` could produce them; there are clearly
        `fewer` violations than it would, but not clearly under `FEWER`; they are fewer only with
        those who have the `same_score` on all levels; or the levels are met together but the
        `direction` is open. Without: `not_measured` (a level has no
        question), `few_levels` (fewer than three), `few_respondents`, `no_spread` (a level that
        all or none meet at a cut).
    skips, errors, met, without : Estimates
        Shares of respondents who skip no level, and order violations a respondent, by `cut`;
        the share who meet each level at the main cut; and, of the upper one of two adjacent
        levels, the share who meet it `without` the lower.
    expected, ratios, h : Fits
        Violations under one impression, observed over expected, and Loevinger's H, one of each
        a cut (`of` is `reading:list_as_drawn|cut:75`).
    closest : Fits
        Observed over expected with the levels in the order of popularity.
    varied : Fits
        The same among those whose scores differ between levels, where that can be tested.
    same : Estimate or None
        The share of those whose scores do not: they have the same one on all levels.
    limits : Fits
        What was asked: `met_from`, the cuts (0-100), and `fewer_than`, the ratio to stay under.
    steps : Comparisons
        Upper minus lower: by how much more people meet the upper of two adjacent levels.
    necessity : Comparisons
        Of adjacent levels: d(lower to upper) minus d(upper to lower). They have no verdict of
        their own: what is judged is their mean.
    lead : Fit or None
        The mean of those differences (`necessity_lead`).
    skipped : tuple of str or None
        The adjacent pair (lower, upper) that contradicts the order most, if it is contradicted.
    """

    reading: str
    levels: tuple[str, ...]
    verdict: Fit
    why: str | None = None
    skips: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    errors: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    met: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    without: Estimates = dataclasses.field(default_factory=lambda: Estimates(()))
    expected: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    ratios: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    closest: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    varied: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    same: Estimate | None = None
    limits: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    h: Fits = dataclasses.field(default_factory=lambda: Fits(()))
    steps: Comparisons = dataclasses.field(default_factory=lambda: Comparisons(()))
    necessity: Comparisons = dataclasses.field(default_factory=lambda: Comparisons(()))
    lead: Fit | None = None
    skipped: tuple[str, str] | None = None


def order_of(
    scores: np.ndarray,
    levels: Sequence[str],
    design: Design,
    *,
    rules: contrasts.Rules | None = None,
    reading: str = "levels",
    wave: str | None = None,
    seed: int = 0,
) -> Order:
    """The order of 0-100 scores, shape (n_rows, k), base first, tested.

    Notes
    -----
    At each cut, violations are counted and held against those that one overall impression would
    produce with the same shares of scores (see `one_impression`). The interval of the ratio is
    linearised, on the logarithm with half a violation added; it carries what was estimated to
    find the expectation, and the sample design.

    The violations of an order follow from the shares who meet each level and from how many levels
    people meet, so observed minus expected is the same for every order: it says whether levels
    are met together more closely than one impression makes them. It is judged in the order of
    popularity, where a close pattern shows. Respondents who give one answer throughout meet all
    levels or none: from an eighth of them on, a halo can look as close as a pyramid. So the ratio
    is judged once more among those whose scores differ between levels. Which order it is, the
    shares tell: of two adjacent levels the lower must be met by more people. So

    - `consistent`: the ratio clearly under 3/4 at every cut, also where scores differ; every
      adjacent step clearly downward at the main cut (all must be, so each is tested at the full
      level); and the necessity differences, d(lower to upper) minus d(upper to lower), not below
      zero on the average of the steps (the interval of their mean).
    - `contradicted`: in the order of popularity the ratio is clearly under 3/4 at every cut, also
      where scores differ, and a step of the reading is clearly upward (any may be, so by Holm):
      people meet an upper level who do not meet the lower. Or the ratio is clearly over 4/3 at
      every cut.
    - `cannot_tell`: all else. One overall impression gives this verdict in nearly all samples.
    """
    rules = rules or contrasts.Rules()
    test = _Test(scores, tuple(levels), design, rules, reading, wave, seed)
    why = test.obstacle()
    if why is not None:
        return Order(reading, tuple(levels), test.verdict("cannot_tell", why=why), why)
    return test.order()


@dataclass(frozen=True, eq=False)
class _Test:
    """One reading on its way to a verdict."""

    scores: np.ndarray
    levels: tuple[str, ...]
    design: Design
    rules: contrasts.Rules
    reading: str
    wave: str | None
    seed: int

    @property
    def k(self) -> int:
        return len(self.levels)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Adjacent levels, lower first."""
        return list(zip(range(self.k - 1), range(1, self.k), strict=True))

    def met(self, cut: float) -> np.ndarray:
        """1 where a level is met, NaN for those who cannot be placed."""
        lacks = np.isnan(self.scores).any(axis=1)
        return np.where(lacks[:, None], np.nan, self.scores >= cut - 1e-9)

    def base(self) -> Any:
        """The moment that carries the bases."""
        return moment(self.scores.sum(axis=1), self.design)

    def obstacle(self) -> str | None:
        """Why there is nothing to test."""
        if self.k < 3:
            return "few_levels"
        has_any = ~np.isnan(self.scores) & (self.design.weight > 0)[:, None]
        if not has_any.any(axis=0).all() and has_any.any():
            return "not_measured"
        if self.base().n_eff < self.rules.min_base or self.design.df < 1:
            return "few_respondents"
        for cut in CUTS:
            shares = joint(self.met(cut), self.design).mean
            if np.any(shares < 1e-12) or np.any(shares > 1 - 1e-12):
                return "no_spread"
        return None

    def verdict(self, word: str, ratio: Fit | None = None, *, why: str | None = None) -> Fit:
        """The record of what may be concluded."""
        base = self.base()
        blank = Fit("order", NAN, verdict=word, method=_METHOD, of=f"reading:{self.reading}",
                    n=base.n, n_eff=base.n_eff, ci_level=self.rules.ci_level,
                    wave=self.wave)  # fmt: skip
        if ratio is None:
            flag = {"not_measured": "not_measured", "few_levels": "not_measured"}
            flags = ("no_answers",) if not base.n else (flag.get(why or "", "unreliable"),)
            return dataclasses.replace(blank, flags=flags)
        return dataclasses.replace(
            blank, value=ratio.value, ci_low=ratio.ci_low, ci_high=ratio.ci_high
        )

    def order(self) -> Order:
        as_read = list(range(self.k))
        expected, ratios = zip(*(self._against(cut, as_read) for cut in CUTS), strict=True)
        steps, (necessity, lead) = self._steps(), self._necessity()
        closest, varied = self.closest("errors_ratio_closest"), self._varied()
        word, why, skipped = self._judged(ratios, closest, varied, steps, lead)
        main = ratios[CUTS.index(MAIN_CUT)]
        context = self.rules.context
        return Order(
            reading=self.reading,
            levels=self.levels,
            verdict=self.verdict(word, main),
            why=why,
            skips=self._by_cut(_NO_SKIP, skips_none),
            errors=self._by_cut(ERRORS, violations),
            met=Estimates(
                [
                    self._estimate(_MET, column, level)
                    for level, column in zip(self.levels, self.met(MAIN_CUT).T, strict=True)
                ],
                context=context,
            ),
            without=self._without(),
            expected=Fits(expected, context=context),
            ratios=Fits(ratios, context=context),
            closest=Fits(closest, context=context),
            varied=Fits(varied, context=context),
            same=self._estimate(_SAME, self._is_same(), f"reading:{self.reading}"),
            limits=self._limits(),
            h=Fits(
                [
                    h_fit(self.met(cut), self.design, of=self._of(cut), seed=self.seed,
                          ci_level=self.rules.ci_level, wave=self.wave)
                    for cut in CUTS
                ],
                context=context,
            ),
            steps=steps,
            necessity=necessity,
            lead=lead,
            skipped=skipped,
        )  # fmt: skip

    # -- numbers

    @cached_property
    def model(self) -> OneImpression:
        """One overall impression behind these scores."""
        model = one_impression(self.scores, self.design)
        assert model is not None, "a level without spread was let through"
        return model

    def closest(self, name: str) -> list[Fit]:
        """Observed over expected violations in the order of popularity, at each cut."""
        found = (self._against(cut, self._popular(cut)) for cut in CUTS)
        return [dataclasses.replace(one, name=name) for _, one in found]

    def _is_same(self) -> np.ndarray:
        """1 with the same score on all levels, NaN for those who cannot be placed."""
        return np.where(
            np.isnan(self.scores).any(axis=1),
            np.nan,
            np.abs(self.scores - self.scores[:, :1]).max(axis=1) < 1e-9,
        )

    def _varied(self) -> list[Fit]:
        """`closest` among those whose scores differ; nothing where they cannot be tested."""
        is_same = self._is_same() == 1
        others = dataclasses.replace(self, scores=np.where(is_same[:, None], np.nan, self.scores))
        return [] if others.obstacle() else others.closest("errors_ratio_varied")

    def _estimate(self, measure: Measure, values: np.ndarray, of: str, **by: str) -> Estimate:
        return estimate_of(measure, moment(values, self.design), of=of, by=by, wave=self.wave,
                           ci_level=self.rules.ci_level)  # fmt: skip

    def _of(self, cut: float) -> str:
        return f"reading:{self.reading}|cut:{cut:g}"

    def _limits(self) -> Fits:
        base = self.base()
        bases: dict[str, Any] = {"n": base.n, "n_eff": base.n_eff, "wave": self.wave}
        made = [Fit("met_from", cut, of=self._of(cut), unit="score_100", **bases) for cut in CUTS]
        whole = f"reading:{self.reading}"
        made.append(Fit("fewer_than", FEWER, of=whole, unit="share", **bases))
        return Fits(made, context=self.rules.context)

    def _by_cut(self, measure: Measure, count: Any) -> Estimates:
        of = f"reading:{self.reading}"
        made = [self._estimate(measure, count(self.met(cut)), of, cut=f"{cut:g}") for cut in CUTS]
        return Estimates(made, context=self.rules.context)

    def _without(self) -> Estimates:
        """The share who meet the upper of two adjacent levels and not the lower."""
        met = self.met(MAIN_CUT)
        made = [
            self._estimate(_WITHOUT, met[:, upper] * (1 - met[:, lower]), self.levels[upper],
                           without=self.levels[lower].partition(":")[2])
            for lower, upper in self.pairs
        ]  # fmt: skip
        return Estimates(made, context=self.rules.context)

    def _against(self, cut: float, columns: Sequence[int]) -> tuple[Fit, Fit]:
        """Violations of an order under one impression at a cut, and observed over expected."""
        observed = moment(violations(self.met(cut)[:, columns]), self.design)
        expected = self.model.violations(columns, cut)
        level = self.rules.ci_level
        reach = t_quantile(level, self.design.df)
        half = reach * math.sqrt(expected.variance)
        blank = Fit("errors_one_impression", expected.estimate, method="one_impression_linearised",
                    of=self._of(cut), n=observed.n, n_eff=observed.n_eff, ci_level=level,
                    ci_low=max(expected.estimate - half, 0.0), ci_high=expected.estimate + half,
                    wave=self.wave)  # fmt: skip
        added = _HALF / observed.n_eff
        counted = observed.estimate + added
        influence = observed.influence / counted - expected.influence / expected.estimate
        spread = variance(influence, self.design) + added / observed.n_eff / counted**2
        centre = math.log(counted / expected.estimate)
        half = reach * math.sqrt(spread)
        ratio = observed.estimate / expected.estimate
        low, high = min(math.exp(centre - half), ratio), max(math.exp(centre + half), ratio)
        judged = dataclasses.replace(blank, name="errors_ratio", value=ratio, ci_low=low,
                                     ci_high=high, verdict=_word(low, high))  # fmt: skip
        return blank, judged

    def _steps(self) -> Comparisons:
        """How many more meet the upper of two adjacent levels than meet the lower."""
        met = self.met(MAIN_CUT)
        found = [
            contrasts.paired(_MET, met[:, upper], met[:, lower], self.design, of="levels",
                             names=(self.levels[upper], self.levels[lower]), wave=self.wave)
            for lower, upper in self.pairs
        ]  # fmt: skip
        return contrasts.corrected(found, self.rules)

    def _popular(self, cut: float) -> list[int]:
        """The levels from the most to the least met."""
        shares = joint(self.met(cut), self.design).mean
        return [int(one) for one in np.argsort(-shares, kind="stable")]

    def _necessity(self) -> tuple[Comparisons, Fit]:
        """d(lower to upper) minus d(upper to lower), of adjacent levels and on average."""
        lacks = np.isnan(self.scores).any(axis=1)
        columns = np.where(lacks[:, None], np.nan, self.scores).T
        corners = [
            Corner(columns[x], columns[y], self.design, span(columns[x]), span(columns[y]))
            for lower, upper in self.pairs
            for x, y in ((lower, upper), (upper, lower))
        ]
        drawn = drawn_effects(corners, seed=self.seed)
        base, level = self.base(), self.rules.ci_level
        made, along = [], []
        for place, (lower, upper) in enumerate(self.pairs):
            forth, back = corners[2 * place], corners[2 * place + 1]
            difference = forth.effect - back.effect
            along.append(drawn[2 * place] - drawn[2 * place + 1])
            low, high = ceiling_interval(difference, along[-1], level)
            made.append(
                Comparison("necessity", "levels", self.levels[lower], self.levels[upper],
                           difference, low, high, n_a=base.n, n_b=base.n, n_eff_a=base.n_eff,
                           n_eff_b=base.n_eff, ci_level=level, unit="share",
                           method="ce_fdh_bootstrap", wave=self.wave,
                           verdict="undecided")
            )  # fmt: skip
        mean = float(np.mean([one.difference for one in made]))
        low, high = ceiling_interval(mean, np.mean(along, axis=0), level)
        lead = Fit("necessity_lead", mean, low, high, method="ce_fdh_bootstrap", n=base.n,
                   of=f"reading:{self.reading}", n_eff=base.n_eff, ci_level=level, unit="share",
                   wave=self.wave)  # fmt: skip
        return Comparisons(made, context=self.rules.context), lead

    # -- judging

    def _judged(
        self,
        ratios: Sequence[Fit],
        closest: Sequence[Fit],
        varied: Sequence[Fit],
        steps: Comparisons,
        lead: Fit,
    ) -> tuple[str, str | None, tuple[str, str] | None]:
        """The verdict, why it cannot tell, and the pair that contradicts most."""
        words = {one.verdict for one in ratios}
        if words == {"more"}:
            return "contradicted", None, self._most_in_excess()
        if not _all_under(closest, FEWER) or not _all_under(varied, FEWER):
            why = "one_impression"
            if _all_under([*ratios, *closest], 1.0):
                why = "fewer" if _all_under(varied, 1.0) else "same_score"
            return "cannot_tell", why, None
        upward = [one for one in steps if one.is_clear and one.difference > 0]
        if upward:
            most = max(upward, key=lambda one: one.difference)
            return "contradicted", None, (most.b, most.a)
        alpha = 1 - self.rules.ci_level
        is_downward = all(one.difference < 0 and one.p < alpha for one in steps)
        if words == {"fewer"} and is_downward and not lead.ci_high < 0:
            return "consistent", None, None
        return "cannot_tell", "direction", None

    def _most_in_excess(self) -> tuple[str, str]:
        """The adjacent pair whose upper level is met without the lower most above expectation."""
        met = self.met(MAIN_CUT)
        excess = {}
        for lower, upper in self.pairs:
            found = moment(met[:, upper] * (1 - met[:, lower]), self.design).estimate
            made = self.model.violations([lower, upper], MAIN_CUT).estimate
            excess[lower, upper] = found - made
        lower, upper = max(excess, key=lambda pair: excess[pair])
        return self.levels[lower], self.levels[upper]


def _all_under(found: Sequence[Fit], limit: float) -> bool:
    """Whether all of some ratios, and at least one, are clearly under a limit."""
    return bool(found) and all(one.ci_high < limit for one in found)


def _word(low: float, high: float) -> str:
    """How many violations there are for what one impression would produce."""
    if high < FEWER:
        return "fewer"
    if high < 1:
        return "somewhat_fewer"
    return "more" if low > 1 / FEWER else "as_expected"


_METHOD = "one_impression_linearised"
