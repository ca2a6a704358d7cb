"""Order violations, Loevinger's H, and the test of a pyramid against one overall impression."""

from __future__ import annotations

import dataclasses
import itertools
import math
import warnings

import numpy as np
import pytest
from halo import LEVELS, design, halo, of_impression, pyramid
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special

import cxkit as cx
from cxkit.analysis import guttman_errors, loevinger_h, necessary_condition, order
from cxkit.analysis.contrasts import Rules
from cxkit.analysis.order import order_of, pyramid_order
from cxkit.analysis.ordering.guttman import violations
from cxkit.analysis.ordering.one_impression import one_impression
from cxkit.errors import SurveyError
from cxkit.weights import Design, variance

FIVE = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]]
"""One of five meets the apex and nothing below: two violations."""

met = arrays.arrays(
    float, st.tuples(st.integers(4, 12), st.integers(2, 4)), elements=st.sampled_from([0.0, 1.0])
)


PAIRS = list(itertools.combinations(range(5), 2))


def order_in(scores: np.ndarray, how: Design | None = None, columns=range(5)) -> order.Order:
    """The order of some columns, base first."""
    chosen = list(columns)
    how = how or Design(np.ones(len(scores)))
    return order_of(scores[:, chosen], [LEVELS[i] for i in chosen], how)


# -- violations and H, worked by hand -------------------------------------------------------------


def test_violations_are_counted_in_pairs() -> None:
    """The fourth respondent meets level 3 without 1 and without 2; nobody else violates."""
    found = guttman_errors(FIVE)
    assert (found.estimate, found.n, found.metric) == (2 / 5, 5, "guttman_errors")
    assert guttman_errors([row[::-1] for row in FIVE]).estimate == (0 + 2 + 2 + 0 + 0) / 5


def test_weights_enter_violations_and_their_interval() -> None:
    """Weights 1 1 1 3 1: 6 violations in a weight of 7; Student's t with 4 degrees of freedom."""
    found = guttman_errors(FIVE, weight=[1, 1, 1, 3, 1])
    values, weight = np.array([0, 0, 0, 2, 0]), np.array([1, 1, 1, 3, 1])
    mean = 6 / 7
    influence = weight * (values - mean) / 7
    half = 2.7764451051977987 * math.sqrt(5 / 4 * (influence**2).sum())
    assert found.estimate == pytest.approx(mean, abs=1e-12)
    assert (found.ci_low, found.ci_high) == pytest.approx((mean - half, mean + half), abs=1e-9)


def test_h_is_one_minus_violations_over_those_of_independence() -> None:
    """Shares met .6 .4 .4: F = 0 + .2 + .2; E = .4 * .4 + .4 * .4 + .4 * .6 = .56."""
    assert loevinger_h(FIVE).value == pytest.approx(1 - 0.4 / 0.56, abs=1e-12)
    weighted = loevinger_h(FIVE, weight=[1, 1, 1, 3, 1])
    p1, p2, p3 = 3 / 7, 2 / 7, 4 / 7
    expected = p2 * (1 - p1) + p3 * (1 - p1) + p3 * (1 - p2)
    assert weighted.value == pytest.approx(1 - (3 / 7 + 3 / 7) / expected, abs=1e-12)


def test_h_of_levels_by_popularity_is_mokkens(rng) -> None:
    """Mokken: the sum of covariances over the largest that the shares met allow."""
    scores = of_impression(rng.standard_normal(400), rng)
    binary = (scores >= 75).astype(float)
    binary = binary[:, np.argsort(-binary.mean(axis=0))]
    p, covariance = binary.mean(axis=0), np.cov(binary.T, ddof=0)
    pairs = list(itertools.combinations(range(5), 2))
    largest = sum(min(p[i] * (1 - p[j]), p[j] * (1 - p[i])) for i, j in pairs)
    mokken = sum(covariance[i, j] for i, j in pairs) / largest
    found = loevinger_h(binary)
    assert found.value == pytest.approx(mokken, abs=1e-12)
    assert found.ci_low < mokken < found.ci_high


def test_a_perfect_scale_has_h_one_and_independence_has_none() -> None:
    perfect = np.tril(np.ones((6, 5)), -1)
    assert loevinger_h(perfect).value == pytest.approx(1.0, abs=1e-12)
    independent = np.array(list(itertools.product((0, 1), repeat=3)))
    assert loevinger_h(independent).value == pytest.approx(0.0, abs=1e-12)


@given(met)
def test_the_order_enters_violations_by_shares_met_alone(binary) -> None:
    """Sum of (j - 1) p_j minus the mean of S (S - 1) / 2: why no count of them can tell orders."""
    counted = binary.sum(axis=1)
    expected = (np.arange(binary.shape[1]) * binary.mean(axis=0)).sum()
    expected -= (counted * (counted - 1) / 2).mean()
    assert guttman_errors(binary).estimate == pytest.approx(expected, abs=1e-12)


def test_rows_without_all_levels_are_not_placed() -> None:
    with_gaps = [*FIVE, [1, None, 1], [None, 0, 1]]
    assert guttman_errors(with_gaps).n == loevinger_h(with_gaps).n == 5
    assert loevinger_h(with_gaps).value == pytest.approx(loevinger_h(FIVE).value, abs=1e-12)


def test_what_cannot_be_computed_says_why() -> None:
    assert loevinger_h([[1], [0]]).verdict == "few_levels"
    assert loevinger_h([[1, 1], [1, 1]]).verdict == "no_spread"
    assert loevinger_h([[None, 1]]).flags == ("no_answers",)
    assert guttman_errors([[None, 1]]).flags == ("no_answers",)
    with pytest.raises(SurveyError, match="neither 0 nor 1: 2"):
        loevinger_h([[1, 2], [0, 1]])


# -- one impression -------------------------------------------------------------------------------


def test_the_model_finds_the_loadings_that_made_the_answers(rng) -> None:
    """Scores rounded to nine steps, each in its own place: loadings within chance of .9 to .5."""
    truth = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    f = rng.standard_normal((40_000, 1))
    latent = truth * f + np.sqrt(1 - truth**2) * rng.standard_normal((40_000, 5))
    scores = 12.5 * np.clip(np.round(2 * latent + [5, 4, 6, 3, 5]), 0, 8)
    found = one_impression(scores, Design(np.ones(40_000)))
    assert found is not None
    assert found.loadings == pytest.approx(truth, abs=0.02)


def test_expected_violations_are_those_of_answers_drawn_from_the_model(rng) -> None:
    """A million people drawn with the loadings and shares of the model, counted."""
    scores = halo(2_000, rng)
    model = one_impression(scores, Design(np.ones(2_000)))
    assert model is not None
    f = rng.standard_normal((1_000_000, 1))
    latent = model.loadings * f + np.sqrt(1 - model.loadings**2) * rng.standard_normal((10**6, 5))
    below = (scores < 75).mean(axis=0)
    drawn = violations((latent > special.ndtri(below)).astype(float))
    error = drawn.std() / 1000
    assert model.violations(range(5), 75.0).estimate == pytest.approx(drawn.mean(), abs=5 * error)


def test_expected_violations_follow_every_share_as_small_steps_do(rng) -> None:
    """Influences by closed derivatives, against steps of a millionth in all that was estimated."""
    scores = halo(700, rng)
    model = one_impression(scores, Design(np.ones(700)))
    assert model is not None
    at = np.linspace(-9, 9, 4001)
    density = np.exp(-(at**2) / 2) / np.exp(-(at**2) / 2).sum()

    def expected(theta: np.ndarray, below: np.ndarray) -> float:
        loadings = dataclasses.replace(model, theta=theta).loadings[:, None]
        distance = special.ndtri(below)[:, None] - loadings * at
        unmet = special.ndtr(distance / np.sqrt(1 - loadings**2))
        return sum((unmet[i] * (1 - unmet[j])) @ density for i, j in PAIRS)

    theta, below = model.theta, (scores < 75).mean(axis=0)
    by_theta = [
        (expected(theta + one, below) - expected(theta - one, below)) / 2e-6
        for one in 1e-6 * np.eye(len(theta))
    ]
    by_share = [
        (expected(theta, below + one) - expected(theta, below - one)) / 2e-6
        for one in 1e-6 * np.eye(5)
    ]
    columns = [column == value for column in scores.T for value in np.unique(column)[:-1]]
    columns += [scores[:, i] * scores[:, j] for i, j in PAIRS]
    rows = (scores < 75) @ np.array(by_share) + np.column_stack(columns) @ np.array(by_theta)
    found = model.violations(range(5), 75.0)
    assert found.estimate == pytest.approx(expected(theta, below), abs=1e-9)
    assert found.influence == pytest.approx((rows - rows.mean()) / 700, abs=1e-8)


@pytest.mark.slow
def test_the_variance_of_the_ratio_is_that_of_repeated_studies() -> None:
    """The linearised variance carries the shares, the loadings and the counts alike."""
    logs, errors = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        how, scores = design(400, rng, 0.6), halo(400, rng)
        model = one_impression(scores, how)
        assert model is not None
        expected = model.violations(range(5), 75.0)
        counted = violations((scores >= 75).astype(float))
        observed = how.weight @ counted / how.weight.sum()
        own = how.weight * (counted - observed) / how.weight.sum() / observed
        logs.append(math.log(observed / expected.estimate))
        errors.append(variance(own - expected.influence / expected.estimate, how))
    assert np.mean(logs) == pytest.approx(0, abs=3 * np.std(logs) / math.sqrt(150))
    assert np.var(logs) == pytest.approx(np.mean(errors), rel=0.3)


# -- planted truth ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("cv", [0, 0.6])
@pytest.mark.parametrize("n", [300, 1200])
def test_one_impression_cannot_be_told_from_a_pyramid(n, cv) -> None:
    """Of 40 studies with a halo at most 2 may have a verdict, of 20 large ones 1; orders mixed."""
    told, studies = 0, 40 if n == 300 else 20
    for seed in range(studies):
        rng = np.random.default_rng(seed)
        how, scores = design(n, rng, cv), halo(n, rng)
        turned = (0, 3, 1, 2, 4) if seed % 2 else (4, 2, 1, 3, 0)
        told += order_in(scores, how, turned).verdict.verdict != "cannot_tell"
    assert told <= studies / 20


@pytest.mark.parametrize("ease", [-0.6, 0.0, 0.6, 1.2])
@pytest.mark.parametrize("shape", ["falling", "rising", "two_humped", "heavy_tailed", "flat"])
def test_one_impression_of_any_shape_cannot_be_told(shape, ease, rng) -> None:
    """Five thousand people whose impression is far from normal, on easy and on hard levels."""
    n = 5_000
    impression = {
        "falling": lambda: 1 - rng.exponential(size=n),
        "rising": lambda: rng.exponential(size=n) - 1,
        "two_humped": lambda: (
            np.where(rng.random(n) < 0.3, -1.4, 0.6) + 0.3 * rng.standard_normal(n)
        ),
        "heavy_tailed": lambda: rng.standard_t(4, n) / math.sqrt(2),
        "flat": lambda: (rng.random(n) - 0.5) * math.sqrt(12),
    }[shape]()
    scores = of_impression(impression, rng, 0.9, ease)
    turned = (0, 3, 1, 2, 4) if ease > 0 else (4, 2, 1, 3, 0)
    assert order_in(scores, columns=turned).verdict.verdict == "cannot_tell"


def test_a_tenth_who_give_one_answer_throughout_make_no_pyramid(rng) -> None:
    scores = halo(5_000, rng)
    straight = rng.random(5_000) < 0.1
    scores[straight] = rng.choice([25.0, 50.0, 75.0, 100.0], size=(int(straight.sum()), 1))
    assert order_in(scores).verdict.verdict == "cannot_tell"


@pytest.mark.parametrize(
    ("lines", "part"), [((50.0, 75.0, 75.0, 100.0), 0.35), ((50.0, 75.0), 0.2)]
)
def test_many_who_give_one_answer_throughout_are_found_out(lines, part, rng) -> None:
    """They meet all levels or none: the violations are too few for a halo, but not without them."""
    scores = of_impression(rng.standard_normal(4_000), rng, 0.9)
    straight = rng.random(4_000) < part
    scores[straight] = rng.choice(lines, size=(int(straight.sum()), 1))
    share = (np.ptp(scores, axis=1) < 1e-9).mean()
    for turned in (range(5), (4, 3, 2, 1, 0), (0, 1, 3, 2, 4)):
        found = order_in(scores, columns=turned)
        assert {one.verdict for one in found.closest} == {"fewer"}
        assert (found.verdict.verdict, found.why) == ("cannot_tell", "same_score")
        assert found.same.estimate == pytest.approx(share, abs=1e-12)
        assert min(one.value for one in found.varied) > 0.9
        assert {one.n for one in found.varied} == {round(4_000 * (1 - share))}


def test_the_share_with_one_score_throughout_is_weighted(rng) -> None:
    scores, weight = halo(300, rng), rng.uniform(0.3, 3, 300)
    scores[:50] = 75.0
    is_same = np.ptp(scores, axis=1) < 1e-9
    found = order_in(scores, Design(weight)).same
    assert found.estimate == pytest.approx(weight[is_same].sum() / weight.sum(), abs=1e-12)


def test_a_pyramid_with_many_who_agree_throughout_is_still_one(rng) -> None:
    """A quarter give the best answer to everything, and mean it."""
    scores = pyramid(1_000, rng)
    scores[:250] = 100.0
    found = order_in(scores)
    assert found.same.estimate >= 0.25
    assert found.verdict.verdict == "consistent"


def test_where_nearly_all_give_one_answer_throughout_nothing_can_be_told(rng) -> None:
    scores = pyramid(300, rng)
    scores[20:] = rng.choice([25.0, 50.0, 75.0, 100.0], size=(280, 1))
    found = order_in(scores)
    assert (found.verdict.verdict, found.why, len(found.varied)) == ("cannot_tell", "same_score", 0)


def test_fewer_violations_but_not_clearly_enough_are_told_apart(rng) -> None:
    """One in three climbs a pyramid, the others answer from one impression."""
    scores = np.vstack([pyramid(700, rng), halo(1_400, rng)])
    found = order_in(scores)
    assert all(one.ci_high < 1 for one in (*found.ratios, *found.closest, *found.varied))
    assert max(one.ci_high for one in found.closest) >= order.FEWER
    assert {one.verdict for one in found.closest} == {"somewhat_fewer"}
    assert (found.verdict.verdict, found.why) == ("cannot_tell", "fewer")
    assert order_in(halo(1_400, rng)).why == "one_impression"


def test_a_single_necessity_difference_has_no_verdict(rng) -> None:
    """Four of them, uncorrected: their mean is what is judged."""
    found = order_in(pyramid(1_000, rng, slip=0))
    assert any(one.ci_low > 0 for one in found.necessity)
    assert {one.verdict for one in found.necessity} == {"undecided"}
    differences = [one.difference for one in found.necessity]
    assert found.lead.value == pytest.approx(np.mean(differences), abs=1e-12)


@pytest.mark.parametrize("cv", [0, 0.6])
@pytest.mark.parametrize("n", [300, 1200])
def test_a_true_pyramid_is_consistent_and_its_reversal_contradicted(n, cv) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        how, scores = design(n, rng, cv), pyramid(n, rng)
        found = order_in(scores, how)
        assert (found.verdict.verdict, found.why) == ("consistent", None)
        turned = order_in(scores, how, (4, 3, 2, 1, 0))
        assert turned.verdict.verdict == "contradicted"
        lower, upper = turned.skipped
        assert LEVELS.index(lower) == LEVELS.index(upper) + 1


def test_the_base_at_the_top_is_named_as_the_contradiction(rng) -> None:
    """As the text reads the order: all others in place, the base last."""
    found = order_in(pyramid(600, rng), columns=(1, 2, 3, 4, 0))
    assert found.verdict.verdict == "contradicted"
    assert found.skipped == (LEVELS[4], LEVELS[0])
    (share,) = found.without.where(of=LEVELS[0], by_without="apex")
    (step,) = [one for one in found.steps if one.a == LEVELS[0]]
    met_base, met_apex = (found.met.only(of=LEVELS[i]).estimate for i in (0, 4))
    assert share.estimate >= step.difference == pytest.approx(met_base - met_apex, abs=1e-12)


def test_levels_met_together_with_no_first_one_have_no_direction(rng) -> None:
    """All or nothing, each level as often as the others: close together, and in no order."""
    good = rng.random(800) < 0.5
    shown = good[:, None] ^ (rng.random((800, 5)) < 0.04)
    high = rng.choice([75.0, 87.5, 100.0], size=shown.shape)
    scores = np.where(shown, high, rng.choice([0.0, 25.0, 50.0], size=shown.shape))
    found = order_in(scores)
    assert (found.verdict.verdict, found.why) == ("cannot_tell", "direction")


def test_a_pyramid_without_a_slip_has_no_violation_and_can_be_judged(rng) -> None:
    found = order_in(pyramid(200, rng, slip=0))
    assert [one.estimate for one in found.errors] == [0, 0]
    assert [one.estimate for one in found.skips] == [1, 1]
    assert [one.value for one in found.h] == pytest.approx([1, 1], abs=1e-12)
    assert found.verdict.verdict == "consistent"
    assert 0 == found.verdict.ci_low < found.verdict.ci_high < order.FEWER


def test_neither_h_nor_the_permutation_test_tells_a_halo_from_a_pyramid() -> None:
    """Under one impression all 120 orders have H from .36 to .40, and p is mostly below .05."""
    f = np.random.default_rng(1).standard_normal((200_000, 1))
    own = np.random.default_rng(2).standard_normal((200_000, 5))
    latent = 0.75 * f + math.sqrt(1 - 0.75**2) * own
    binary = (latent > special.ndtri(1 - np.array([0.56, 0.55, 0.54, 0.53, 0.52]))).astype(float)
    p, covariance = binary.mean(axis=0), np.cov(binary.T, ddof=0)
    of_orders = []
    for turned in itertools.permutations(range(5)):
        pairs = list(itertools.combinations(turned, 2))
        expected = sum(p[upper] * (1 - p[lower]) for lower, upper in pairs)
        of_orders.append(sum(covariance[pair] for pair in pairs) / expected)
    assert len(of_orders) == 120
    assert 0.35 < min(of_orders) < max(of_orders) < 0.40
    assert loevinger_h(binary[:2000]).ci_low > 0.3
    is_small = []
    for seed in range(15):
        scores = halo(300, np.random.default_rng(seed))
        for lower in range(4):
            found = necessary_condition(scores[:, lower], scores[:, lower + 1], n_permutations=99)
            is_small.append(found.p < 0.05)
    assert np.mean(is_small) > 0.7


# -- laws ------------------------------------------------------------------------------------------


def numbers(found: order.Order) -> list[float]:
    shelves = (found.errors, found.skips, found.met, found.expected, found.ratios, found.h)
    kept = [x for rows in shelves for one in rows for x in (one.estimate, one.ci_low, one.ci_high)]
    for one in (*found.steps, *found.necessity):
        kept += [one.difference, one.ci_low, one.ci_high]
    return kept


def test_only_ratios_of_weights_and_not_the_order_of_rows_matter(rng) -> None:
    scores, weight = halo(300, rng), rng.uniform(0.3, 3, 300)
    found = numbers(order_in(scores, Design(weight)))
    assert numbers(order_in(scores, Design(1000 * weight))) == pytest.approx(found, rel=1e-12)
    turned = rng.permutation(300)
    assert numbers(order_in(scores[turned], Design(weight[turned]))) == pytest.approx(
        found, rel=1e-9
    )
    equal = numbers(order_in(scores, Design(np.full(300, 7.0))))
    assert equal == pytest.approx(numbers(order_in(scores)), rel=1e-9)
    assert equal != pytest.approx(found, rel=1e-3)


def test_clusters_widen_the_interval_of_the_ratio(rng) -> None:
    """Each answer given four times over by one household is one answer, not four."""
    scores = halo(150, rng)
    four = np.repeat(scores, 4, axis=0)
    alone = order_in(scores).ratios[1]
    held = order_in(four, Design(np.ones(600), cluster=np.repeat(np.arange(150), 4))).ratios[1]
    blind = order_in(four).ratios[1]
    assert held.value == pytest.approx(alone.value, rel=1e-9)
    assert math.log(held.ci_high / held.ci_low) == pytest.approx(
        math.log(alone.ci_high / alone.ci_low), rel=0.02
    )
    assert blind.ci_high - blind.ci_low < 0.6 * (held.ci_high - held.ci_low)


# -- when there is nothing to tell ----------------------------------------------------------------


def test_why_there_is_no_verdict_is_said(rng) -> None:
    scores = halo(100, rng)
    assert order_in(scores, columns=(0, 1)).why == "few_levels"
    assert order_in(scores[:20]).why == "few_respondents"
    assert order_in(np.where(np.arange(5) == 2, np.nan, scores)).why == "not_measured"
    assert order_in(np.where(np.arange(5) == 2, 100.0, scores)).why == "no_spread"
    nobody = order_in(np.full((50, 5), np.nan))
    assert (nobody.why, nobody.verdict.flags) == ("few_respondents", ("no_answers",))
    for found in (order_in(scores[:20]), nobody):
        assert found.verdict.verdict == "cannot_tell"
        assert math.isnan(found.verdict.value)
        assert found.verdict.flags


def test_those_without_all_levels_cannot_be_placed(rng) -> None:
    """A hundred visitors who never bought count in the design, and change no number but n."""
    scores = pyramid(300, rng)
    visitors = np.where(np.arange(5) < 2, np.nan, halo(100, rng))
    alone, beside = order_in(scores), order_in(np.vstack([scores, visitors]))
    assert beside.verdict.n == 300
    assert [one.estimate for one in beside.errors] == pytest.approx(
        [one.estimate for one in alone.errors], abs=1e-12
    )
    assert [one.value for one in beside.ratios] == pytest.approx(
        [one.value for one in alone.ratios], rel=1e-9
    )


def test_levels_that_are_the_same_or_opposed_give_no_warning(rng) -> None:
    one = halo(200, rng)[:, [0]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for scores in (one.repeat(5, axis=1), np.hstack([one, 100 - one, one, 100 - one, one])):
            assert order_in(scores).verdict.verdict in ("consistent", "contradicted", "cannot_tell")


def test_a_higher_limit_for_bases_is_kept(rng) -> None:
    scores = pyramid(300, rng)
    found = order_of(scores, LEVELS, Design(np.ones(300)), rules=Rules(min_base=400))
    assert found.why == "few_respondents"


def test_the_readings_of_the_demo_are_both_order_in() -> None:
    survey = cx.load("demo", wave="2026H1")
    first, second = order.orders(survey)
    assert (first.reading, second.reading) == ("list_as_drawn", "text_sequence")
    assert first.levels[0] == second.levels[-1] == "level:fulfilment"
    placed = ~np.isnan(np.array([x.values for x in _measured(survey)])).any(axis=0) & survey.mask
    assert first.verdict.n == int((placed & (survey.weight > 0)).sum())
    assert [one.verdict for one in order.verdicts(survey) if one.name == "order"] == [
        one.verdict.verdict for one in (first, second)
    ]
    gap = [
        one.estimate - null.value for one, null in zip(first.errors, first.expected, strict=True)
    ]
    other = [
        one.estimate - null.value for one, null in zip(second.errors, second.expected, strict=True)
    ]
    assert gap == pytest.approx(other, abs=1e-9)
    with pytest.raises(SurveyError, match="unknown reading 'text_sequenc'"):
        pyramid_order(survey, "text_sequenc")


def _measured(survey):
    from cxkit.analysis import pyramid as levels

    return levels.measured(survey)


def test_an_order_is_a_value() -> None:
    made = order_in(halo(100, np.random.default_rng(1)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.why = None
