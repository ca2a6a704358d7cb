"""A classifier of comments that was trained before: read from a file, asked for probabilities.

A model file is JSON: labels, what is taken of a text (`Ngrams`), one small number for each bucket
and label, and the model's card. It runs nothing when it is opened and holds no word of anybody.
Training one is `cxkit.analysis.comments.training`; asking it needs numpy and scipy alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from cxkit.analysis.comments.accuracy import Accuracy
from cxkit.analysis.comments.language import language
from cxkit.analysis.comments.ngrams import Ngrams
from cxkit.errors import StudyError
from cxkit.library.files import LIBRARY, unknown

__all__ = ["FEW", "SCHEMA", "Classifier", "quantised", "shipped"]

SCHEMA = "cxkit.classifier/1"

FEW = 30
"""A label with fewer different training comments than these is told with little certainty."""

_AT_ONCE = 2_000
"""So many comments are held as n-grams at a time."""
_MOST_LABELS = 200
_LEVELS = 127

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class Classifier:
    """What tells the label of a comment, with a probability for each label.

    Attributes
    ----------
    labels : tuple of str
        What a comment may be called, in alphabetical order.
    ngrams : Ngrams
        What is taken of a text.
    weights : array of int8, shape (ngrams.buckets, n_labels)
        In steps of `steps`: what a bucket adds to a label.
    steps, offsets : array of float, shape (n_labels,)
        The size of a step, and what a label starts from.
    tilt : array of float, shape (n_labels,)
        Added to the logarithm of the probabilities when one label is to be named, so that rare
        labels are named too; the probabilities stay as they are.
    card : mapping
        Where the model comes from, how it was chosen and what it gets right.

    Examples
    --------
    >>> from cxkit.analysis.comments.training import train
    >>> things = ("baju", "sepatu", "tas", "topi", "buku", "jam", "meja", "kursi")
    >>> texts = [f"{thing} {word}" for thing in things for word in ("bagus", "rusak")]
    >>> model = train(texts, ["good", "bad"] * 8, seed=1)
    >>> model.labels, model.named(["bagus sekali", "rusak parah", "5/5"])
    (('bad', 'good'), ['good', 'bad', None])
    """

    labels: tuple[str, ...]
    ngrams: Ngrams
    weights: Array
    steps: Array
    offsets: Array
    tilt: Array
    card: Mapping[str, Any]

    def probabilities(self, texts: Sequence[str | None], *, any_language: bool = False) -> Array:
        """The probability of each label for each comment, shape (n_texts, n_labels).

        Rows sum to 1. A row of NaN is a comment that cannot be read: it is missing, holds no letter
        (marks, digits, emoji alone), or is in a language that is none of `languages`, unless
        `any_language` asks for a guess all the same.
        """
        ready = [text if isinstance(text, str) else "" for text in texts]
        if not any_language:
            ready = [text if self.reads(text) else "" for text in ready]
        blocks = [ready[i : i + _AT_ONCE] for i in range(0, len(ready), _AT_ONCE)]
        made = [self._of_block(block) for block in blocks]
        return np.concatenate([np.empty((0, len(self.labels))), *made])

    def reads(self, text: str) -> bool:
        """Whether a comment is in a language of the training comments and holds a letter."""
        return self.reads_language(language(text))

    def reads_language(self, told: str) -> bool:
        """Whether it learned from comments in a language, as `language` tells it."""
        is_half = told == "mixed" and not {"id", "en"}.isdisjoint(self._languages)
        return told in self._languages or is_half

    def named(self, texts: Sequence[str | None]) -> list[str | None]:
        """One label for each comment; None for one that cannot be read."""
        return self.named_by(self.probabilities(texts))

    def named_by(self, probabilities: Any) -> list[str | None]:
        """One label for each row of probabilities, by the model's `tilt`; None for NaN."""
        table = np.asarray(probabilities, dtype=float).reshape(-1, len(self.labels))
        readable = ~np.isnan(table).any(axis=1)
        scores = np.log(np.clip(np.where(readable[:, None], table, 1.0), 1e-300, None)) + self.tilt
        best = scores.argmax(axis=1)
        return [self.labels[j] if is_read else None for j, is_read in zip(best, readable)]

    @cached_property
    def _languages(self) -> frozenset[str]:
        return frozenset(self.languages)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of at least one training comment in twenty, as `language` tells them.

        `other` stands for what that function does not recognise.
        """
        counts = self.card["languages"]
        return tuple(key for key, n in counts.items() if 20 * n >= sum(counts.values()))

    @property
    def cross_validated(self) -> Accuracy:
        """What it got right in cross-validation on its training comments."""
        return Accuracy.read(self.card["cross_validation"])

    @property
    def held_out(self) -> Accuracy | None:
        """What it got right on comments held out from all of training; None if there were none."""
        kept = self.card["held_out"]
        return None if kept is None else Accuracy.read(kept)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file that `write` makes."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The model file: the same model, the same bytes."""
        raw = np.ascontiguousarray(self.weights.T, dtype=np.int8).tobytes()
        kept = {
            "schema": SCHEMA,
            "labels": list(self.labels),
            "ngrams": {
                "bits": self.ngrams.bits,
                "words": self.ngrams.words,
                "letters": list(self.ngrams.letters),
            },
            "steps": [float(one) for one in self.steps],
            "offsets": [float(one) for one in self.offsets],
            "tilt": [float(one) for one in self.tilt],
            "card": self.card,
            "sha256": hashlib.sha256(raw).hexdigest(),
            "weights": base64.b85encode(zlib.compress(raw, 9)).decode(),
        }
        return json.dumps(kept, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the model file, whole or not at all."""
        from cxkit.files import ensure_writable, write_atomically

        file = Path(path)
        ensure_writable(file.parent)
        write_atomically(file, self.to_json())
        return file

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Classifier:
        """The classifier that a model file holds.

        Raises
        ------
        StudyError
            If there is no such file, it is damaged, of another kind, or of a newer version.
        """
        file = Path(path)
        return _read(file, _content(file))

    def _of_block(self, texts: Sequence[str]) -> Array:
        ngrams = self.ngrams.of(texts)
        scores = np.asarray(ngrams @ self._weights) * self.steps + self.offsets
        scores[np.diff(ngrams.indptr) == 0] = np.nan
        return special.softmax(scores, axis=1)

    @cached_property
    def _weights(self) -> Array:
        return self.weights.astype(float)


@lru_cache(maxsize=4)
def shipped(name: str = "tone_id") -> Classifier:
    """A model that the kit brings along: `tone_id`, the tone of Indonesian comments.

    Parameters
    ----------
    name : str
        A file of `library/models` without its ending. Its card lies beside it.

    Raises
    ------
    StudyError
        If the kit brings no model of that name.

    Examples
    --------
    >>> shipped().named(["pelayanannya ramah dan cepat", "barang rusak, kecewa"])
    ['positive', 'negative']
    """
    known = tuple(sorted(path.stem for path in (LIBRARY / "models").glob("*.json")))
    if name not in known:
        raise unknown("model", name, known)
    return Classifier.read(LIBRARY / "models" / f"{name}.json")


def quantised(weights: Array) -> tuple[Array, Array]:
    """Weights in whole steps from -127 to 127, and the size of a step for each label.

    Examples
    --------
    >>> whole, steps = quantised(np.array([[1.0, -0.5], [0.5, 0.25]]))
    >>> whole.tolist(), steps.round(4).tolist()
    ([[127, -127], [64, 64]], [0.0079, 0.0039])
    """
    steps = np.abs(weights).max(axis=0) / _LEVELS
    steps = np.where(steps > 0, steps, 1.0)
    return np.rint(weights / steps).astype(np.int8), steps


def _content(file: Path) -> Mapping[str, Any]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except OSError as slip:
        missing = isinstance(slip, FileNotFoundError)
        why = "there is no such file" if missing else slip.strerror
        raise _refused(file, f"the model '{file.name}' cannot be read: {why}") from slip
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as slip:
        raise _refused(file, f"'{file.name}' is not a model file, or a damaged one") from slip
    schema = kept.get("schema") if isinstance(kept, dict) else None
    if not isinstance(schema, str) or not schema.startswith("cxkit.classifier/"):
        raise _refused(file, f"'{file.name}' is a file of another kind, not a model of comments")
    if schema != SCHEMA:
        raise _refused(file, f"'{file.name}' is a model of another version: {schema}")
    return kept


def _read(file: Path, kept: Mapping[str, Any]) -> Classifier:
    """The classifier of a file's content; every part is held against the others first."""
    try:
        labels = tuple(kept["labels"])
        _check(2 <= len(labels) <= _MOST_LABELS and len(set(labels)) == len(labels))
        _check(all(isinstance(label, str) and label for label in labels))
        ngrams = _ngrams(kept["ngrams"])
        numbers = {key: _numbers(kept[key], len(labels)) for key in ("steps", "offsets", "tilt")}
        weights = _weights(kept["weights"], kept["sha256"], ngrams.buckets, len(labels))
        model = Classifier(labels, ngrams, weights, **numbers, card=kept["card"])
        _check(model.cross_validated.labels == labels)
        _check(len(model.languages) > 0)
        _check(model.held_out is None or model.held_out.n > 0)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error, zlib.error) as slip:
        raise _refused(file, f"the model '{file.name}' is damaged") from slip
    return model


def _ngrams(kept: Mapping[str, Any]) -> Ngrams:
    bits, words, letters = kept["bits"], kept["words"], tuple(kept["letters"])
    _check(all(isinstance(one, int) for one in (bits, words, *letters)) and len(letters) == 2)
    _check(8 <= bits <= 22 and 0 <= words <= 5 and 0 <= letters[0] <= letters[1] <= 10)
    return Ngrams(bits, words, letters)


def _numbers(kept: Sequence[float], size: int) -> Array:
    _check(len(kept) == size and all(math.isfinite(one) for one in kept))
    return np.array(kept, dtype=float)


def _weights(text: str, digest: str, buckets: int, size: int) -> Array:
    """The weights of a file, opened no further than they may be long."""
    raw = zlib.decompressobj().decompress(base64.b85decode(text), buckets * size + 1)
    _check(len(raw) == buckets * size and hashlib.sha256(raw).hexdigest() == digest)
    return np.frombuffer(raw, dtype=np.int8).reshape(size, buckets).T


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError("the parts of the file do not belong together")


def _refused(file: Path, message: str) -> StudyError:
    return StudyError(
        message,
        where=str(file),
        expected=f"a file that `cxkit train` wrote ({SCHEMA})",
        hint="train it again, or take another copy",
    )
