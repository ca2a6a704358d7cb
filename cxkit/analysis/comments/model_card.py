"""The card of a classifier in words: where it comes from, what it gets right, where it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cxkit import library
from cxkit.analysis.comments.accuracy import Accuracy
from cxkit.analysis.comments.classifier import FEW, Classifier
from cxkit.wording import Words

__all__ = ["model_card", "model_cards", "summary"]

_LIMITS = ("kind", "people", "irony", "language", "share", "person", "guess")
_MEASURES = ("accuracy", "macro_f1", "kappa", "guess", "log_loss", "calibration_error")
_SHARES = {"accuracy", "guess"}
_OF_LABEL = ("n", "precision", "recall", "f1")
_OF_BIN = ("n", "probability", "share_right")


def model_cards(model: Classifier, name: str) -> str:
    """The card in every language of the kit, one below the other, as Markdown."""
    return "\n".join(model_card(model, name, language) for language in library.languages())


def model_card(model: Classifier, name: str, language: str) -> str:
    """The card of a classifier in one language, as Markdown.

    Parameters
    ----------
    model : Classifier
        What is told of.
    name : str
        What the model is called: the name of its file.
    language : str
        A language of the kit.

    Returns
    -------
    str
        Sections on where it comes from, how often it is right, what is taken for what, whether its
        probabilities hold, and its limits. Shares are percentages; macro-F1 and kappa have three
        decimals; ranges are 95 % intervals.
    """
    card = _Card(model, Words(language, {}))
    return "\n\n".join(card.blocks(name)) + "\n"


def summary(model: Classifier, language: str) -> str:
    """A line for each way in which a classifier was judged: accuracy and macro-F1, with intervals.

    Parameters
    ----------
    model : Classifier
        What is told of.
    language : str
        A language of the kit.
    """
    card = _Card(model, Words(language, {}))
    return "\n".join(card.lines())


class _Card:
    """One model in one language."""

    def __init__(self, model: Classifier, words: Words) -> None:
        self.model, self.words, self.card = model, words, model.card
        known = {"cross_validation": model.cross_validated, "held_out": model.held_out}
        self.judged: dict[str, Accuracy] = {k: one for k, one in known.items() if one is not None}

    def said(self, key: str, **slots: object) -> str:
        return self.words.fill(self.words.locale["model_card"][key], **slots)

    def blocks(self, name: str) -> Iterator[str]:
        yield f"# {self.said('title', name=name)}"
        yield self.said("what", n=self.words.count(self.model.ngrams.buckets))
        yield f"## {self.said('made')}"
        yield _table(("", ""), self.origin())
        yield f"## {self.said('right')}"
        yield _table(("", *map(self.said, self.judged)), self.measures())
        yield self.said_of_held_out()
        yield from self.tables()
        yield f"## {self.said('limits')}"
        yield "\n".join(f"- {line}" for line in self.limits())

    def lines(self) -> Iterator[str]:
        for key, one in self.judged.items():
            yield self.said(
                "summary",
                name=self.said(key),
                n=self.words.count(one.n),
                top=self.measure(one, "accuracy"),
                middle=self.measure(one, "macro_f1"),
                chance=self.percent(one.guess),
            )

    def origin(self) -> Iterator[tuple[str, ...]]:
        card, about = self.card, self.card["about"]
        yield self.said("comments"), self.words.count(card["n"])
        yield self.said("left_out"), self.words.count(card["left_out"])
        if "text" in about:
            yield self.said("columns"), f"{about['text']}, {about['label']}"
        for key in ("file", "source", "licence"):
            if about.get(key):
                yield self.said(key), str(about[key])
        if about.get("pooled"):
            yield self.said("pooled"), ", ".join(about["pooled"])
        yield self.said("languages"), self.languages()
        yield self.said("chosen_of"), self.words.count(len(card["tried"]))
        yield self.said("chosen"), self.setting(card["chosen"])
        yield self.said("folds"), self.words.count(card["folds"])
        yield self.said("temperature"), self.number(card["temperature"])
        yield self.said("tilt"), self.words.number(card["tilt"], "scale", digits=1)
        yield self.said("seed"), str(card["seed"])
        yield self.said("versions"), ", ".join(f"{k} {v}" for k, v in card["versions"].items())

    def languages(self) -> str:
        counts = self.card["languages"]
        shares = {key: n / sum(counts.values()) for key, n in counts.items()}
        names = self.words.locale["model_card"]["language_names"]
        return ", ".join(f"{names[key]} {self.percent(share)}" for key, share in shares.items())

    def setting(self, chosen: Mapping[str, Any]) -> str:
        low, high = chosen["letters"]
        strength = self.words.number(chosen["strength"], "scale", digits=1)
        return self.said("chosen_text", n=chosen["words"], lo=low, hi=high, est=strength)

    def measures(self) -> Iterator[tuple[str, ...]]:
        yield self.said("n"), *(self.words.count(one.n) for one in self.judged.values())
        for key in _MEASURES:
            yield self.said(key), *(self.measure(one, key) for one in self.judged.values())

    def measure(self, judged: Accuracy, key: str) -> str:
        found = getattr(judged, key)
        if isinstance(found, float):
            return self.percent(found) if key in _SHARES else self.number(found)
        written = self.percent if key in _SHARES else self.number
        span = self.words.between(written(found.ci_low), written(found.ci_high))
        return f"{written(found.estimate)} ({span})"

    def said_of_held_out(self) -> str:
        if "held_out" not in self.judged:
            return self.said("not_held_out")
        return self.said("held_out_seen", n=self.words.count(self.card["held_out_seen"]))

    def tables(self) -> Iterator[str]:
        for key, one in self.judged.items():
            yield f"## {self.said('confusion')} ({self.said(key)})"
            yield self.said("confusion_text")
            yield _table((self.said("label"), *one.labels), self.confusion(one))
            yield _table(tuple(map(self.said, ("label", *_OF_LABEL))), self.labels(one))
            yield f"## {self.said('calibration')} ({self.said(key)})"
            yield self.said("calibration_text")
            yield _table(("", *map(self.said, _OF_BIN)), self.bins(one))

    def confusion(self, judged: Accuracy) -> Iterator[tuple[str, ...]]:
        for label, row in zip(judged.labels, judged.confusion):
            yield label, *map(self.words.count, row)

    def labels(self, judged: Accuracy) -> Iterator[tuple[str, ...]]:
        for one in judged.by_label:
            numbers = (self.number(one[key]) for key in ("precision", "recall", "f1"))
            yield one["label"], self.words.count(one["n"]), *numbers

    def bins(self, judged: Accuracy) -> Iterator[tuple[str, ...]]:
        for one in judged.bins:
            low, high = (self.percent(one[key]) for key in ("low", "high"))
            right = self.words.between(self.percent(one["ci_low"]), self.percent(one["ci_high"]))
            yield (
                self.words.between(low, high),
                self.words.count(one["n"]),
                self.percent(one["probability"]),
                f"{self.percent(one['right'])} ({right})",
            )

    def limits(self) -> Iterator[str]:
        for key in _LIMITS:
            yield self.said(f"limit_{key}")
        few: Sequence[str] = self.card["few"]
        if few:
            yield self.said("limit_few", limit=FEW, list=", ".join(few))

    def percent(self, share: float) -> str:
        return self.words.number(share, "share")

    def number(self, value: float) -> str:
        return self.words.number(value, "scale", digits=3)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; a bar inside a cell does not end it."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(_cell(one) for one in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
