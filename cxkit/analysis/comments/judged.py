"""What is known of a model as records: how often it is right, confusion, calibration, origin.

They follow from the model's card. Shares of a confusion matrix are of the comments that people
gave a label; comments are those that the model was judged on, not those of a survey.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cxkit.analysis.comments.accuracy import Accuracy
from cxkit.analysis.comments.classifier import Classifier
from cxkit.analysis.intervals import wilson_interval
from cxkit.records import Estimate, Estimates, Fit, Fits

__all__ = ["JUDGED", "calibration", "confusion", "measures", "origin", "ways_judged"]

JUDGED = ("held_out", "cross_validation")
"""How a model may have been judged, the most honest first."""

_WITH_RANGE = {"accuracy": "share", "macro_f1": "scale"}
_PLAIN = {"kappa": "scale", "guess": "share", "log_loss": "scale", "calibration_error": "scale"}


def ways_judged(model: Classifier) -> dict[str, Accuracy]:
    """What a model got right, by how it was judged: on comments held out, if there were any, first.

    >>> from cxkit.analysis.comments.classifier import shipped
    >>> list(ways_judged(shipped()))
    ['held_out', 'cross_validation']
    """
    known = {"held_out": model.held_out, "cross_validation": model.cross_validated}
    return {key: one for key, one in known.items() if one is not None}


def measures(model: Classifier) -> Fits:
    """Accuracy, macro-F1, kappa, log loss and calibration gap, `of` each way of judging.

    `guess` is what always the most frequent label would get right.
    """
    return Fits(one for key, told in ways_judged(model).items() for one in _measures(told, key))


def _measures(told: Accuracy, key: str) -> Iterator[Fit]:
    base: Mapping[str, Any] = {"of": f"judged:{key}", "n": told.n, "n_eff": float(told.n)}
    for name, unit in _WITH_RANGE.items():
        one = getattr(told, name)
        yield Fit(name, one.estimate, one.ci_low, one.ci_high, method=one.method, unit=unit, **base)
    for name, unit in _PLAIN.items():
        yield Fit(name, getattr(told, name), method="of_comments", unit=unit, **base)


def confusion(model: Classifier, kind: str) -> tuple[Estimates, Fits]:
    """What people called each comment, and what the model did; precision, recall, F1 of labels.

    Parameters
    ----------
    model : Classifier
        Is told of by the most honest way in which it was judged.
    kind : str
        What its labels are: `tone` or `theme`.

    Returns
    -------
    estimates : Estimates
        `of` the label that people gave, `by` the one that was `told`: the share of its comments.
    fits : Fits
        `precision`, `recall` and `f1` of each label.
    """
    told = next(iter(ways_judged(model).values()))
    cells, fits = [], []
    for row, one in zip(told.confusion, told.by_label, strict=True):
        of, n = _of(kind, one["label"]), sum(row)
        for label, count in zip(told.labels, row, strict=True):
            cells.append(_cell(of, {"told": _of(kind, label)}, count, n))
        fits += [Fit(name, one[name], method="of_comments", of=of, n=n, n_eff=float(n))
                 for name in ("precision", "recall", "f1")]  # fmt: skip
    return Estimates(cells), Fits(fits)


def _of(kind: str, label: str) -> str:
    return f"{kind}:{label}" if label != "none" else "label:none"


def _cell(of: str, by: Mapping[str, str], count: int, n: int) -> Estimate:
    base: Mapping[str, Any] = {"of": of, "by": by, "n": n, "n_eff": float(n), "unit": "share"}
    if not n:
        return Estimate("taken", estimate=float("nan"), flags=("no_answers",), **base)
    low, high = wilson_interval(count / n, n)
    return Estimate("taken", estimate=count / n, ci_low=low, ci_high=high, method="wilson", **base)


def calibration(model: Classifier) -> Estimates:
    """How sure the model was and how often it was right, by tenths of its probability.

    `probability` is the mean probability of the likeliest label, `right` the share in which that
    label is the one that people gave; `of` is `tenth:30` for 0.3 to 0.4.
    """
    found = []
    for one in next(iter(ways_judged(model).values())).bins:
        n = int(one["n"])
        of = f"tenth:{round(100 * one['low'])}"
        base: Mapping[str, Any] = {"of": of, "n": n, "n_eff": float(n), "unit": "share"}
        found.append(Estimate("probability", estimate=one["probability"], **base))
        ends: Mapping[str, Any] = {
            "ci_low": one["ci_low"],
            "ci_high": one["ci_high"],
            "method": "wilson",
        }
        found.append(Estimate("right", estimate=one["right"], **ends, **base))
    return Estimates(found)


def origin(model: Classifier) -> Fits:
    """How many comments it learned from, how many were left out, their languages, the copies."""
    card = model.card
    n = int(card["n"])
    base: Mapping[str, Any] = {"n": n, "n_eff": float(n), "method": "of_comments"}
    found = [
        Fit("learned", float(n), of="model", unit="count", **base),
        Fit("left_out", float(card["left_out"]), of="model", unit="count", **base),
    ]
    for key, count in card["languages"].items():
        found.append(Fit("learned", count / n, of=f"language:{key}", unit="share", **base))
    if card.get("held_out") is not None:
        seen = float(card["held_out_seen"])
        found.append(Fit("seen", seen, of="model", unit="count", **base))
    return Fits(found)
