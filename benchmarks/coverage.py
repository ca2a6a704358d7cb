"""How often the kit's 95 % intervals hold the truth: every method, every cell, as a table.

For each method and cell, studies are drawn from a population that is known, and the interval is
taken by the kit's own functions. Cells: n in {40, 200, 1200} x p in {.05, .5, .9} x weights
(none; of CV .6 that have nothing to do with the answers; and such that go along with them), 4,000
studies each. The answers, with p the share of the best answer:

    share        1 with chance p, else 0
    NPS          promoters p, detractors .4 (1 - p)
    mean         5 points: 1 and a binomial of 4, whose chance makes the share of 5 be p
    long tail    5 points: 5 with chance p, 4 to 1 with .4, .3, .2, .1 of the rest
    difference   a group like this against another of the same size whose p is .3
    paired       the same people on two items: half of them answer both alike

The long tail is more skewed than answers are; it shows where Student's t ends, and is no promise.
Weights are log-normal. Those that go along with the answers are 1.5 times larger for the best
answer; the sample then holds fewer of them, so that the weighted truth is the same. Reliability and
links do not depend on p: normal items with a known structure; methods that resample 2,000 times
are tried on fewer studies, as the table says. The seed is fixed.

    python benchmarks/coverage.py [--studies 4000] [--resampled 400] [-o benchmarks/coverage.md]
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxkit.analysis import cronbach_alpha, relative_importance, spearman_brown
from cxkit.analysis.contrasts import Contrast, contrast, paired
from cxkit.analysis.drivers.importance import lmg
from cxkit.analysis.intervals import Measure, estimate_of
from cxkit.weights import Design, Moment, moment

SEED = 20260101
SIZES, SHARES, WEIGHTS = (40, 200, 1200), (0.05, 0.5, 0.9), ("none", "independent", "related")
OTHER = 0.3
"""The p of the group that differences are taken against."""

CV = 0.6
FAVOUR = 1.5
"""How much more a respondent of the best answer weighs, where weights go along with answers."""

LEAST, LEAST_MEAN, MOST_MEAN = 0.92, 0.94, 0.96
"""What is promised: no cell below, and the mean of a method within."""

MIN_BASE = 30
"""A number on a smaller effective base is hidden in a report, unless its study says otherwise."""

SHARE, NET, MEAN = (
    Measure("share", "share", "share"),
    Measure("nps", "net", "points"),
    Measure("mean", "mean", "scale"),
)
KINDS = {"share": SHARE, "NPS": NET, "mean": MEAN, "long tail": MEAN}

LONG_TAIL = ", long tail"

REASONS = {
    "linearised_t": "Where nearly everybody gives the best answer, a sample that misses the few "
    "others has too high a mean and too small an error at once, and Student's t takes the two for "
    "independent. 40 answers at a CV of .6 are worth 29, a base that is not published.",
    "lmg_bootstrap": "The share of a middling predictor among 40 answers; so few studies cannot "
    "tell it apart from 92 %.",
}
"""Why a method falls short in some cells, by what its name holds."""

UNKNOWN = "No reason is known."

Interval = tuple[float, float]


@dataclass(frozen=True)
class Cell:
    """One line of the table."""

    method: str
    n: int
    p: float | None
    weights: str
    truth: float
    covered: float
    studies: int

    @property
    def place(self) -> str:
        """Where it stands."""
        p = "" if self.p is None else f"p = {self.p:g}, "
        return f"n = {self.n}, {p}weights {self.weights}"

    @property
    def is_published(self) -> bool:
        """Whether a report shows numbers on such a base."""
        n_eff = self.n if self.weights == "none" else self.n / (1 + CV**2)
        return n_eff >= MIN_BASE

    @property
    def row(self) -> str:
        """A line of the table; a star where it is below the least."""
        p = "" if self.p is None else f"{self.p:g}"
        mark = " *" if self.covered < LEAST else ""
        return (
            f"| {self.method} | {self.n} | {p} | {self.weights} | {self.truth:.4g} "
            f"| {_percent(self.covered)}{mark} | {self.studies} |"
        )


def main() -> int:
    """Draw, count and write the table; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=4000)
    parser.add_argument("--resampled", type=int, default=400)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_suffix(".md"))
    chosen = parser.parse_args()
    cells: list[Cell] = []
    for place, (n, p, weights) in enumerate(itertools.product(SIZES, SHARES, WEIGHTS)):
        rng = np.random.default_rng([SEED, place])
        cells += _answers(n, p, weights, chosen.studies, rng)
        print(f"n = {n}, p = {p}, weights {weights}", file=sys.stderr)
    for place, (n, weights) in enumerate(itertools.product(SIZES, WEIGHTS[:2])):
        rng = np.random.default_rng([SEED, 1000 + place])
        cells += _items(n, weights, chosen.studies, chosen.resampled, rng)
        print(f"n = {n}, weights {weights}: items", file=sys.stderr)
    told, is_kept = _told(cells)
    chosen.output.write_text(told, encoding="utf-8")
    print(told)
    return 0 if is_kept else 1


# -- answers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """The answers of a question, best first, and their chances in the population."""

    answers: np.ndarray
    chances: np.ndarray

    @classmethod
    def of(cls, kind: str, p: float) -> Question:
        """The question of a kind whose best answer has the share p."""
        rest, chance = 1 - p, p**0.25
        binomial = [math.comb(4, k) * chance**k * (1 - chance) ** (4 - k) for k in (4, 3, 2, 1, 0)]
        answers, chances = {
            "share": ([1, 0], [p, rest]),
            "NPS": ([1, 0, -1], [p, 0.6 * rest, 0.4 * rest]),
            "mean": ([5, 4, 3, 2, 1], binomial),
            "long tail": ([5, 4, 3, 2, 1], [p, *(rest * part for part in (0.4, 0.3, 0.2, 0.1))]),
        }[kind]
        return cls(np.array(answers, dtype=float), np.array(chances))

    @property
    def truth(self) -> float:
        """The mean answer of the population."""
        return float(self.answers @ self.chances)

    def drawn(
        self, n: int, weights: str, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The answers of `n` respondents, and their weights."""
        favour = np.where(np.arange(len(self.answers)) == 0, FAVOUR, 1.0)
        if weights != "related":
            favour = np.ones(len(self.answers))
        chances = self.chances / favour
        place = rng.choice(len(self.answers), n, p=chances / chances.sum())
        return self.answers[place], favour[place] * _weight(n, weights, rng)


def _weight(n: int, weights: str, rng: np.random.Generator) -> np.ndarray:
    sigma = math.sqrt(math.log1p(CV**2))
    return np.ones(n) if weights == "none" else rng.lognormal(0, sigma, n)


def _answers(
    n: int, p: float, weights: str, studies: int, rng: np.random.Generator
) -> Iterator[Cell]:
    """The cells of everything that is made of answers."""
    for kind, measure in KINDS.items():
        asked, other = Question.of(kind, p), Question.of(kind, OTHER)
        difference = asked.truth - other.truth
        truths = {
            measure.interval_method: asked.truth,
            _between(measure, n).method: difference,
        }
        if kind == "long tail":
            truths = {measure.interval_method: asked.truth}
        if kind == "mean":
            truths["paired_t"] = difference / 2
        held = dict.fromkeys(truths, 0)
        for _ in range(studies):
            for method, (low, high) in _intervals(kind, asked, other, n, weights, rng).items():
                held[method] += low <= truths[method] <= high
        tail = LONG_TAIL if kind == "long tail" else ""
        for method, truth in truths.items():
            named, covered = method + tail, held[method] / studies
            yield Cell(named, n, p, weights, measure.factor * truth, covered, studies)


def _intervals(
    kind: str,
    asked: Question,
    other: Question,
    n: int,
    weights: str,
    rng: np.random.Generator,
) -> dict[str, Interval]:
    """The intervals of one study, in the moment's own unit."""
    measure = KINDS[kind]
    values, weight = asked.drawn(n, weights, rng)
    made = estimate_of(measure, moment(values, Design(weight)))
    found = {made.method: (made.ci_low / measure.factor, made.ci_high / measure.factor)}
    if kind == "long tail":
        return found
    against, of_other = other.drawn(n, weights, rng)
    both = Design(np.concatenate([weight, of_other]))
    nobody = np.full(n, np.nan)
    a = moment(np.concatenate([values, nobody]), both)
    b = moment(np.concatenate([nobody, against]), both)
    between = contrast(measure, a, b, both)
    found[between.method] = between.interval(0.05)
    if kind == "mean":
        second = np.where(rng.random(n) < 0.5, values, other.drawn(n, "none", rng)[0])
        within = paired(measure, values, second, Design(weight))
        found[within.method] = within.interval(0.05)
    return found


def _between(measure: Measure, n: int) -> Contrast:
    """An empty difference, to know the name of its method."""
    nothing = Moment(math.nan, np.zeros(n), 0, 0.0)
    return contrast(measure, nothing, nothing, Design(np.ones(n)))


# -- items ----------------------------------------------------------------------------------------

_PREDICTORS = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])
_WITH_OUTCOME = np.array([0.6, 0.5, 0.4])


def _items(
    n: int, weights: str, studies: int, resampled: int, rng: np.random.Generator
) -> Iterator[Cell]:
    """The cells of reliability and of the shares of the link with an outcome."""
    alike = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    whole = np.block([[_PREDICTORS, _WITH_OUTCOME[:, None]], [_WITH_OUTCOME, np.ones(1)]])
    parts = lmg(whole[None])[0]
    truths = {"alpha": 0.75, "spearman_brown": 2 * 0.5 / 1.5}
    yield from _counted(
        n, weights, studies if weights == "none" else resampled, alike, rng, truths,
        lambda x, given: {
            (f"alpha, {one.method}", "alpha"): one
            for one in [cronbach_alpha(x, **given)]
        } | {
            (f"Spearman-Brown, {one.method}", "spearman_brown"): one
            for one in [spearman_brown(x[:, :2], **given)]
        },
    )  # fmt: skip
    truths = {f"share {place}": part / parts.sum() for place, part in enumerate(parts)}
    yield from _counted(
        n, weights, resampled, whole, rng, truths,
        lambda x, given: {
            (f"share of the link {place + 1}, {one.method}", f"share {place}"): one
            for place, one in enumerate(relative_importance(x[:, :3], x[:, 3], **given).shares)
        },
    )  # fmt: skip


def _counted(
    n: int,
    weights: str,
    studies: int,
    covariance: np.ndarray,
    rng: np.random.Generator,
    truths: Mapping[str, float],
    taken: Callable,
) -> Iterator[Cell]:
    held: dict[tuple[str, str], int] = {}
    root = np.linalg.cholesky(covariance)
    for number in range(studies):
        x = rng.normal(size=(n, len(root))) @ root.T
        given = {} if weights == "none" else {"weight": _weight(n, weights, rng)}
        for key, one in taken(x, {**given, "seed": number}).items():
            is_held = one.ci_low <= truths[key[1]] <= one.ci_high
            held[key] = held.get(key, 0) + is_held
    for (method, key), count in held.items():
        yield Cell(method, n, None, weights, truths[key], count / studies, studies)


# -- the table ------------------------------------------------------------------------------------


def _told(cells: list[Cell]) -> tuple[str, bool]:
    """The tables as Markdown, and whether every promise is kept or its breach has a reason."""
    methods = list(dict.fromkeys(one.method for one in cells))
    wholes = [_Whole.of(method, cells) for method in methods]
    low = [one for one in cells if one.covered < LEAST]
    short = [one for one in wholes if not one.is_kept]
    lines = [
        "# Coverage of the kit's 95 % intervals",
        "",
        *_what_was_drawn(),
        "Made by `make coverage` from a fixed seed.",
        "",
        "| method | cells | mean | simulation error | lowest | highest | mean of published bases |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(one.row for one in wholes),
        "",
        f"## Means outside {LEAST_MEAN:.0%} to {MOST_MEAN:.0%}",
        "",
        *([f"- {one.method}: {_percent(one.mean)}. {_reason(one)}" for one in short]),
        *([] if short else ["None."]),
        "",
        f"## Cells below {LEAST:.0%}",
        "",
        *(
            f"- {one.method}, {one.place}: {_percent(one.covered)}, by {one.studies} studies."
            for one in low
        ),
        *([] if low else ["None."]),
        "",
        *itertools.chain(*((reason, "") for reason in dict.fromkeys(map(_reason, low)))),
        "## Every cell",
        "",
        "| method | n | p | weights | truth | covered | studies |",
        "| --- | ---: | ---: | --- | ---: | ---: | ---: |",
        *(one.row for one in sorted(cells, key=lambda one: methods.index(one.method))),
    ]
    is_kept = all(_reason(one) != UNKNOWN for one in (*short, *low))
    return "\n".join(lines) + "\n", is_kept


@dataclass(frozen=True)
class _Whole:
    """A method over all its cells."""

    method: str
    covered: list[float]
    error: float
    published: list[float]

    @classmethod
    def of(cls, method: str, cells: list[Cell]) -> _Whole:
        """The cells of one method."""
        own = [one for one in cells if one.method == method]
        return cls(
            method,
            [one.covered for one in own],
            1.96 * math.sqrt(0.05 * 0.95 / sum(one.studies for one in own)),
            [one.covered for one in own if one.is_published],
        )

    @property
    def mean(self) -> float:
        """The mean coverage."""
        return sum(self.covered) / len(self.covered)

    @property
    def is_kept(self) -> bool:
        """Whether the mean lies where it was promised, but for the error of the simulation."""
        return LEAST_MEAN - self.error <= self.mean <= MOST_MEAN + self.error

    @property
    def row(self) -> str:
        """A line of the table."""
        shown = sum(self.published) / len(self.published)
        parts = (self.mean, self.error, min(self.covered), max(self.covered), shown)
        return f"| {self.method} | {len(self.covered)} | {' | '.join(map(_percent, parts))} |"


def _what_was_drawn() -> list[str]:
    """The program's own account of it, its list of answers as it stands."""
    told = (__doc__ or "").partition("\n\n")[2].rpartition("\n\n")[0]
    return [*told.splitlines(), ""]


def _reason(one: Cell | _Whole) -> str:
    return next((why for name, why in REASONS.items() if name in one.method.split(", ")), UNKNOWN)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    sys.exit(main())
