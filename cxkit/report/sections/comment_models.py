"""What is known of a model that coded comments: how often it is right, on what, and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cxkit.analysis.comments import judged
from cxkit.analysis.comments.classifier import FEW, Classifier
from cxkit.records import Estimates, Fits
from cxkit.report.finding import Finding, Slot, count, name, number

__all__ = ["of_model"]

_TOLD_OF = ("file", "source", "licence")

_LEVEL = 95
"""The level in per cent of the ranges on a model's card, whatever a study's is."""


def of_model(
    model: Classifier, coder: str, kind: str, context: dict[str, Any]
) -> Iterator[Finding]:
    """A sentence, then four folded tables: accuracy, confusion, calibration, origin and limits.

    `coder` is what the page calls the model (`coder:NAME`), `kind` what its labels are.
    """
    who: dict[str, Slot] = {"who": name(f"coder:{coder}")}
    yield _right(model, who, context)
    told = name(f"judged:{next(iter(judged.ways_judged(model)))}")
    cells, of_labels = judged.confusion(model, kind)
    yield Finding(
        "comments",
        "model_confusion",
        estimates=Estimates(cells, context=context).published(min_base=0),
        fits=Fits(of_labels, context=context).published(min_base=0),
        table="model_confusion",
        title=("comments", "model_confusion", who | {"text": told}),
        options={"fold": True},
        notes=[("note_model_confusion", {})],
        context=context,
    )
    yield Finding(
        "comments",
        "model_calibration",
        estimates=Estimates(judged.calibration(model), context=context).published(min_base=0),
        table="model_calibration",
        title=("comments", "model_calibration", who | {"text": told}),
        options={"fold": True},
        notes=[("note_model_calibration", {"k": count(_LEVEL)})],
        context=context,
    )
    yield _card(model, kind, who, context)


def _right(model: Classifier, who: dict[str, Slot], context: dict[str, Any]) -> Finding:
    """How often it is right, where anything may be said of so few comments."""
    fits = Fits(judged.measures(model), context=context).published(min_base=0)
    way = fits[0].of
    found = {one.name: one for one in fits if one.of == way}
    top = found["accuracy"]
    slots = who | {
        "n": number(top, "n"),
        "share": number(top),
        "lo": number(top, "ci_low"),
        "hi": number(top, "ci_high"),
        "prob": number(found["guess"]),
        "est": number(found["macro_f1"]),
    }
    return Finding(
        "comments",
        "F28",
        "" if top.is_hidden else f"right_{way.partition(':')[2]}",
        {} if top.is_hidden else slots,
        plus=[] if top.is_hidden or top.ci_low > found["guess"].value else [("right_unclear", {})],
        fits=fits,
        table="model_right",
        title=("comments", "model_right", who),
        options={"fold": True},
        notes=[("note_model_right", {"k": count(_LEVEL)})],
        context=context,
    )


def _card(model: Classifier, kind: str, who: dict[str, Slot], context: dict[str, Any]) -> Finding:
    """Where it comes from, and where it ends."""
    about = model.card["about"]
    rare = {"few": model.card["few"], "pooled": about.get("pooled", ())}
    labels = {
        key: [f"{kind}:{one}" if one != "none" else "label:none" for one in several]
        for key, several in rare.items()
    }
    return Finding(
        "comments",
        "model_card",
        fits=Fits(judged.origin(model), context=context).published(min_base=0),
        table="model_card",
        title=("comments", "model_card", who),
        options={
            "fold": True,
            "about": {key: str(about[key]) for key in _TOLD_OF if about.get(key)},
            "limit": FEW,
            **labels,
        },
        context=context,
    )
