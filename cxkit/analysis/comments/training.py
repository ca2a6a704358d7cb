"""Training a classifier of comments: a few settings tried by cross-validation, the best one kept.

The setting with the smallest loss of probability is taken, its probabilities are made to mean what
they say (temperature), and how far rare labels are favoured when one label is named is chosen by
macro-F1. All of it looks at the training comments alone. Needs scikit-learn (`cxkit[comments]`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy import optimize, sparse, special

from cxkit.analysis.comments.accuracy import Accuracy, accuracy_of, macro_f1
from cxkit.analysis.comments.classifier import FEW, Classifier, quantised
from cxkit.analysis.comments.language import LANGUAGES, language
from cxkit.analysis.comments.ngrams import Ngrams, cleaned, has_words
from cxkit.errors import StudyError, SurveyError, counted, listed, quoted

__all__ = ["SETTINGS", "Setting", "needs", "train"]

N_FOLDS = 5
TILTS = (0.0, 0.5, 1.0)

Array = np.ndarray[Any, np.dtype[Any]]
Labelled = tuple[Sequence[str | None], Sequence[str | None]]


@dataclass(frozen=True)
class Setting:
    """One way of training: what is taken of a text, and how freely its n-grams may speak.

    `strength` is the inverse of the ridge penalty of the logistic regression.
    """

    words: int = 2
    letters: tuple[int, int] = (2, 5)
    strength: float = 1.6
    bits: int = 17

    @property
    def ngrams(self) -> Ngrams:
        """What is taken of a text."""
        return Ngrams(self.bits, self.words, self.letters)


SETTINGS = tuple(
    Setting(words, strength=strength) for words in (1, 2) for strength in (0.4, 1.6, 6.4)
)
"""What is tried if nothing else is asked for."""


@dataclass(frozen=True)
class _Comments:
    """Labelled comments that can be read, and what was left out of them."""

    texts: list[str]
    codes: Array
    labels: tuple[str, ...]
    copies: Array
    left_out: int

    @property
    def n_labels(self) -> int:
        return len(self.labels)

    @property
    def prior(self) -> Array:
        return np.bincount(self.codes, minlength=self.n_labels) / len(self.codes)

    @property
    def different(self) -> dict[str, int]:
        """Comments of each label without those that say the same as an earlier one."""
        _, first = np.unique(self.copies, return_index=True)
        counts = np.bincount(self.codes[first], minlength=self.n_labels)
        return {label: int(n) for label, n in zip(self.labels, counts)}


@dataclass(frozen=True)
class _Tried:
    """One setting in cross-validation: its scores for comments that it had not seen."""

    setting: Setting
    scores: Array
    temperature: float
    log_loss: float

    @property
    def probabilities(self) -> Array:
        return special.softmax(self.scores / self.temperature, axis=1)


def train(
    texts: Sequence[str | None],
    labels: Sequence[str | None],
    *,
    seed: int = 20260101,
    held_out: Labelled | None = None,
    settings: Sequence[Setting] = SETTINGS,
    about: Mapping[str, Any] | None = None,
) -> Classifier:
    """A classifier of comments, chosen by cross-validation.

    Parameters
    ----------
    texts : sequence of str, shape (n,)
        Comments. One that is missing or holds no letter is left out and counted.
    labels : sequence of str, shape (n,)
        What people called each comment; one without a label is left out and counted.
    seed : int
        Of the folds and of the interval of macro-F1: same comments, same seed, same model.
    held_out : (texts, labels), optional
        Comments that choose nothing: they are judged once, when the model is made.
    settings : sequence of Setting
        What is tried.
    about : mapping, optional
        What the card says of the comments: `file`, `text`, `label`, `source`, `licence`.

    Returns
    -------
    Classifier
        Its `card` tells every setting tried, both accuracies and its limits.

    Raises
    ------
    SurveyError
        If nothing is left to learn from, there is only one label, a label has only one comment
        (or the same one several times), or a held-out label was never trained.
    StudyError
        If scikit-learn is not installed.

    Notes
    -----
    Multinomial logistic regression with a ridge penalty on hashed n-grams [2]_, each kind scaled
    to length 1 and weighted by the logarithm of how rare it is. Folds are dealt within labels, and
    comments that read the same stay in one fold. The temperature minimises the log loss of the
    cross-validated scores [1]_, with aims that are never quite certain [3]_. One
    label is named by p / prior**tilt.

    References
    ----------
    .. [1] Guo, C. et al. (2017). On calibration of modern neural networks. ICML.
    .. [2] Weinberger, K. et al. (2009). Feature hashing for large scale multitask learning. ICML.
    .. [3] Platt, J. (1999). Probabilistic outputs for support vector machines. In Advances in
           large margin classifiers.

    Examples
    --------
    >>> things = ("baju", "sepatu", "tas", "topi", "buku", "jam", "meja", "kursi")
    >>> texts = [f"{thing} datang {word}" for thing in things for word in ("cepat", "lambat")]
    >>> model = train(texts, ["praise", "complaint"] * 8)
    >>> model.cross_validated.accuracy.estimate
    1.0
    """
    needs()
    comments = _readable(texts, labels)
    n_folds = _n_folds(comments)
    rest = None if held_out is None else _held_out(*held_out, comments.labels)
    fold = _dealt(comments, n_folds, seed)
    tried = list(_all_tried(comments, fold, n_folds, settings))
    best = min(tried, key=lambda one: one.log_loss)
    tilt = _tilt(best.probabilities, comments)
    cross_validated = _judged(best.probabilities, comments, tilt, seed)
    said = Counter(map(language, comments.texts))
    card: dict[str, Any] = {
        "about": dict(about or {}),
        "n": len(comments.texts),
        "n_of_label": dict(zip(comments.labels, np.bincount(comments.codes).tolist())),
        "different": comments.different,
        "left_out": comments.left_out,
        "languages": {key: said[key] for key in LANGUAGES if said[key]},
        "few": [label for label, n in comments.different.items() if n < FEW],
        "tried": [{**asdict(one.setting), "log_loss": one.log_loss} for one in tried],
        "chosen": asdict(best.setting),
        "temperature": best.temperature,
        "tilt": tilt,
        "folds": n_folds,
        "seed": seed,
        "versions": {name: version(name) for name in ("numpy", "scipy", "scikit-learn")},
        "cross_validation": cross_validated.to_dict(),
        "held_out": None,
    }
    model = _made(comments, best, tilt, card)
    if rest is not None:
        card["held_out"] = _asked(model, rest, seed).to_dict()
        card["held_out_seen"] = len(
            {cleaned(text) for text in rest.texts} & {cleaned(text) for text in comments.texts}
        )
    return model


def needs() -> None:
    """StudyError that says what to install, where scikit-learn is not."""
    if find_spec("sklearn") is None:
        raise StudyError(
            "training needs the package scikit-learn, which is not installed",
            expected="the extra `comments` of cxkit",
            hint="pip install 'cxkit[comments]'",
        )


def _readable(texts: Sequence[str | None], labels: Sequence[str | None]) -> _Comments:
    if len(texts) != len(labels):
        raise SurveyError(
            f"there are {counted(len(texts), 'comment')} and {counted(len(labels), 'label')}",
            expected="a label for each comment",
        )
    kept = [
        (text, label.strip())
        for text, label in zip(texts, labels)
        if isinstance(text, str) and has_words(text) and isinstance(label, str) and label.strip()
    ]
    if not kept:
        raise SurveyError(
            "there is no comment to learn from",
            expected="comments that hold a word, each with a label",
            hint="look at the columns that were named",
        )
    names = tuple(sorted({label for _, label in kept}))
    place = {label: j for j, label in enumerate(names)}
    said: dict[str, int] = {}
    copies = [said.setdefault(cleaned(text), len(said)) for text, _ in kept]
    codes = np.array([place[label] for _, label in kept])
    return _Comments(
        [text for text, _ in kept], codes, names, np.array(copies), len(texts) - len(kept)
    )


def _n_folds(comments: _Comments) -> int:
    """How many folds the rarest label allows; SurveyError where it allows none."""
    if comments.n_labels < 2:
        raise SurveyError(
            f"all comments have the label '{comments.labels[0]}'",
            expected="two labels or more",
        )
    if comments.n_labels > 200:
        raise SurveyError(
            f"there are {comments.n_labels} different labels",
            expected="at most 200: a label is a word of a list, not free text",
            hint="look at the column that was named for labels",
        )
    lone = [label for label, n in comments.different.items() if n < 2]
    if lone:
        raise SurveyError(
            f"{counted(len(lone), 'label')} with only one comment to learn from: {quoted(lone)}",
            expected="two different comments or more of each label; thirty are few",
            hint="code more comments, or join the label with another",
        )
    return min(N_FOLDS, *comments.different.values())


def _held_out(
    texts: Sequence[str | None], labels: Sequence[str | None], known: tuple[str, ...]
) -> _Comments:
    rest = _readable(texts, labels)
    strange = [label for label in rest.labels if label not in known]
    if strange:
        raise SurveyError(
            f"held-out comments have labels that were not trained: {quoted(strange)}",
            expected="only " + listed(known),
            hint="leave those comments out, or add such comments to the training file",
        )
    place = np.array([known.index(label) for label in rest.labels])
    return _Comments(rest.texts, place[rest.codes], known, rest.copies, rest.left_out)


def _dealt(comments: _Comments, n_folds: int, seed: int) -> Array:
    """The fold of each comment: dealt round within each label, copies of a comment together."""
    rng = np.random.default_rng(seed)
    _, first = np.unique(comments.copies, return_index=True)
    fold = np.empty(len(first), dtype=int)
    begin = 0
    for label in range(comments.n_labels):
        own = rng.permutation(np.flatnonzero(comments.codes[first] == label))
        fold[own] = (begin + np.arange(len(own))) % n_folds
        begin += len(own)
    return fold[comments.copies]


def _all_tried(
    comments: _Comments, fold: Array, n_folds: int, settings: Sequence[Setting]
) -> Iterator[_Tried]:
    ngrams: Ngrams | None = None
    for setting in settings:
        if setting.ngrams != ngrams:
            ngrams = setting.ngrams
            taken = ngrams.of(comments.texts)
        scores = np.empty((len(comments.texts), comments.n_labels))
        for k in range(n_folds):
            rest, own = fold != k, fold == k
            weights, offsets = _fitted(taken[rest], comments.codes[rest], comments, setting)
            scores[own] = taken[own] @ weights + offsets
        yield _Tried(setting, scores, *_temperature(scores, comments.codes))


def _fitted(
    taken: sparse.csr_matrix, codes: Array, comments: _Comments, setting: Setting
) -> tuple[Array, Array]:
    """What each bucket adds to each label, shape (buckets, n_labels), and where labels start."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # scikit-learn brings it along

    used = np.unique(taken.indices)
    own = taken[:, used]
    rarity = np.log((1 + len(codes)) / (1 + np.bincount(own.indices, minlength=len(used)))) + 1
    model = LogisticRegression(C=setting.strength, max_iter=1_000, tol=1e-3)
    with threadpool_limits(limits=1):  # the sums are small: threads wait for each other
        model.fit(own @ sparse.diags(rarity), codes)
    slopes, starts = model.coef_, model.intercept_
    if len(slopes) == 1:  # two labels: one slope, shared out
        slopes, starts = np.vstack([-slopes, slopes]) / 2, np.array([-starts[0], starts[0]]) / 2
    weights = np.zeros((taken.shape[1], comments.n_labels))
    weights[np.ix_(used, model.classes_)] = slopes.T * rarity[:, None]
    offsets = np.full(comments.n_labels, starts.min() - 5.0)
    offsets[model.classes_] = starts
    return weights, offsets


def _temperature(scores: Array, codes: Array) -> tuple[float, float]:
    """The temperature that loses least probability, and the mean log loss with it.

    What is aimed at is never quite certain: of n comments with a label, (n + 1) / (n + 2) of the
    probability, as Platt has it, so that a few comments without a slip do not make a model sure.
    """
    rows, n_labels = np.arange(len(codes)), scores.shape[1]
    doubt = 1 / (np.bincount(codes)[codes] + 2)
    aims = np.repeat(doubt[:, None] / (n_labels - 1), n_labels, axis=1)
    aims[rows, codes] = 1 - doubt

    def cooled(log_temperature: float) -> Array:
        return np.asarray(special.log_softmax(scores / np.exp(log_temperature), axis=1))

    def loss(log_temperature: float) -> float:
        return float(-(aims * cooled(log_temperature)).sum(axis=1).mean())

    found = optimize.minimize_scalar(loss, bounds=(-2.5, 2.5), method="bounded")
    return float(np.exp(found.x)), float(-cooled(found.x)[rows, codes].mean())


def _tilt(probabilities: Array, comments: _Comments) -> float:
    """How far rare labels are favoured when one is named: the best macro-F1, ties to the least."""

    def judged(tilt: float) -> float:
        counts = np.zeros((comments.n_labels, comments.n_labels))
        np.add.at(counts, (comments.codes, _told(probabilities, comments, tilt)), 1)
        return round(float(macro_f1(counts)), 9)

    return max(TILTS, key=lambda tilt: (judged(tilt), -tilt))


def _told(probabilities: Array, comments: _Comments, tilt: float) -> Array:
    return np.asarray((np.log(probabilities) - tilt * np.log(comments.prior)).argmax(axis=1))


def _judged(probabilities: Array, comments: _Comments, tilt: float, seed: int) -> Accuracy:
    places = comments.codes, _told(probabilities, comments, tilt)
    given, named = ([comments.labels[j] for j in of] for of in places)
    return accuracy_of(given, probabilities, comments.labels, named=named, seed=seed)


def _made(comments: _Comments, best: _Tried, tilt: float, card: Mapping[str, Any]) -> Classifier:
    """The chosen setting on all comments, its temperature worked into its weights."""
    ngrams = best.setting.ngrams
    taken = ngrams.of(comments.texts)
    weights, offsets = _fitted(taken, comments.codes, comments, best.setting)
    whole, steps = quantised(weights / best.temperature)
    return Classifier(
        comments.labels,
        ngrams,
        whole,
        steps,
        offsets / best.temperature,
        -tilt * np.log(comments.prior),
        card,
    )


def _asked(model: Classifier, rest: _Comments, seed: int) -> Accuracy:
    probabilities = model.probabilities(rest.texts, any_language=True)
    given = [rest.labels[j] for j in rest.codes]
    named = model.named_by(probabilities)
    return accuracy_of(given, probabilities, model.labels, named=named, seed=seed)
