"""The response scale: its points, what their ends say, which side is best, exit answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, get_args

from cxkit.errors import StudyError, nearest
from cxkit.library.files import (
    LIBRARY,
    Text,
    in_every_language,
    languages,
    load_yaml,
    names_in,
    unknown,
)

__all__ = [
    "REASONS",
    "Reason",
    "Scale",
    "answer_scale",
    "answer_scales",
    "own_scale",
    "scale",
    "scales",
]

Reason = Literal[
    "not_applicable", "not_experienced", "dont_know", "dont_remember", "refused", "no_answer",
    "not_asked",
]  # fmt: skip
REASONS: tuple[str, ...] = get_args(Reason)
"""Why an answer may be missing; a code of a scale can stand for any of them."""

_OWN_KEYS = ("points", "labels", "low", "high", "direction", "missing", "family")


@dataclass(frozen=True)
class Scale:
    """A response scale: ordered codes, the labels of its ends, and which side is best.

    Parameters
    ----------
    points : int or sequence of numbers
        The codes that may be answered, rising; an integer k stands for 1 to k.
    low, high : str or dict of str
        What the lowest and the highest code say, in one wording or by language. Required: ends
        are never guessed.
    direction : {"up", "down"}, default "up"
        `up`: the highest code is the best answer; `down`: the lowest code is.
    labels : dict of sequences, optional
        The label of each point by language, in the order of the codes.
    missing : dict, optional
        Codes that are no points: code -> reason, one of `REASONS`.
    key : str, optional
        The name under which a study knows the scale.
    family : str, optional
        What is asked, such as `agreement`: words like "agree" are used for that family only.
    values : dict, optional
        How files write the points: word -> code.

    Raises
    ------
    StudyError
        If points do not rise, an end has no label, labels do not fit the points, the direction
        or a reason is unknown, or a code is both a point and an exit answer.

    Examples
    --------
    >>> Scale(5, "Strongly disagree", "Strongly agree").best(2)
    (4.0, 5.0)
    >>> Scale(5, "Excellent", "Poor", "down").best(2)
    (1.0, 2.0)
    """

    points: tuple[float, ...]
    low: Text = field(hash=False)
    high: Text = field(hash=False)
    direction: str = "up"
    labels: Mapping[str, tuple[str, ...]] | None = field(default=None, hash=False)
    missing: Mapping[float, str] = field(default_factory=dict, hash=False)
    key: str = ""
    family: str = ""
    values: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "points", _codes(self.points, self.key))
        put(self, "low", _text(self.low, "low", self.key))
        put(self, "high", _text(self.high, "high", self.key))
        put(self, "missing", {float(code): str(why) for code, why in self.missing.items()})
        if self.labels is not None:
            put(self, "labels", _labels(self.labels, len(self.points), self.key))
        self._check()

    def _check(self) -> None:
        if self.direction not in ("up", "down"):
            raise _refused(self.key, f"direction '{self.direction}'", "up or down")
        for code, why in self.missing.items():
            if why not in REASONS:
                raise StudyError(
                    f"scale '{self.key}' gives an unknown reason '{why}' for a missing answer",
                    expected="one of " + ", ".join(REASONS),
                    hint=nearest(why, REASONS),
                )
            if code in self.points:
                raise _refused(self.key, f"code {code:g} as a point and as '{why}'", "one of both")

    @property
    def minimum(self) -> float:
        """The lowest code, whichever side is best."""
        return self.points[0]

    @property
    def maximum(self) -> float:
        """The highest code, whichever side is best."""
        return self.points[-1]

    @property
    def midpoint(self) -> float:
        """The middle between the ends; a code only where the number of points is odd."""
        return (self.minimum + self.maximum) / 2

    def best(self, k: int) -> tuple[float, ...]:
        """The k best codes, in the order of the codes."""
        self._check_count(k)
        return self.points[-k:] if self.direction == "up" else self.points[:k]

    def worst(self, k: int) -> tuple[float, ...]:
        """The k worst codes, in the order of the codes."""
        self._check_count(k)
        return self.points[:k] if self.direction == "up" else self.points[-k:]

    def _check_count(self, k: int) -> None:
        if not 1 <= k <= len(self.points):
            raise _refused(self.key, f"a box of {k} answers", f"1 to {len(self.points)}")

    def bands(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """The points in at most five bands, worst first: (`l1`, codes) to (`l5`, codes).

        The halves are symmetric; the middle point of an odd scale is `l3`. The outermost fifth
        of the points (rounded) on either side is `l1` and `l5`, the rest of a half `l2` and `l4`.
        A scale of two or three points has no outer bands. Codes stand from worst to best.

        >>> [(band, len(codes)) for band, codes in scale("recommend_0_10").bands()]
        [('l1', 2), ('l2', 3), ('l3', 1), ('l4', 3), ('l5', 2)]
        """
        rising = self.points if self.direction == "up" else self.points[::-1]
        half = len(rising) // 2
        outer = round(len(rising) / 5) if half > 1 else 0
        cuts = {
            "l1": rising[:outer],
            "l2": rising[outer:half],
            "l3": rising[half : len(rising) - half],
            "l4": rising[len(rising) - half : len(rising) - outer],
            "l5": rising[len(rising) - outer :],
        }
        return tuple((band, codes) for band, codes in cuts.items() if codes)

    def labelled(self) -> Iterator[tuple[str, float]]:
        """Every label of a point, in any language, and how files write it, with its code.

        >>> dict(scale("agreement_5").labelled())["Neither agree nor disagree"]
        3.0
        """
        for code, end in ((self.minimum, self.low), (self.maximum, self.high)):
            for language, text in end.items():
                yield text, code
                yield self.offered(code, language), code
        for row in (self.labels or {}).values():
            yield from zip(row, self.points, strict=True)
        yield from self.values.items()

    def label(self, code: float, language: str) -> str:
        """What a point says: its label, an end's label, or the code itself."""
        if self.labels is not None:
            return self.labels[language][self.points.index(code)]
        ends = {self.minimum: self.low, self.maximum: self.high}
        return ends[code][language] if code in ends else f"{code:g}"

    def offered(self, code: float, language: str) -> str:
        """What respondents read of a point: where only the ends have labels, the code beside them.

        >>> scale("recommend_0_10").offered(10, "en")
        '10 (Extremely likely)'
        """
        label = self.label(code, language)
        is_told = self.labels is not None or label.startswith(f"{code:g}")
        return label if is_told else f"{code:g} ({label})"


def scales() -> tuple[str, ...]:
    """The names of the library's response scales."""
    return names_in("scales")


@lru_cache(maxsize=64)
def scale(name: str) -> Scale:
    """A response scale of the library by its name, such as `agreement_5`.

    Raises
    ------
    StudyError
        If the library has no such scale; it names those it has and the nearest.
    """
    if name not in scales():
        raise unknown("scale", name, scales())
    shape = load_yaml(LIBRARY / "scales" / f"{name}.yaml")
    words = {part: in_every_language("scales", name, part) for part in ("labels", "low", "high")}
    return own_scale(name, {**shape, **{part: text for part, text in words.items() if text}})


def answer_scales() -> tuple[str, ...]:
    """The lists of answers that have an order, and so can be read as a response scale."""
    return tuple(load_yaml(LIBRARY / "answer_scales.yaml"))


@lru_cache(maxsize=16)
def answer_scale(name: str) -> Scale:
    """A list of answers as a response scale, such as `yes_no` (0 for no, 1 for yes).

    Examples
    --------
    >>> answer_scale("wom_tone").label(3, "en")
    'Mostly good things'
    """
    if name not in answer_scales():
        raise unknown("scale", name, answer_scales())
    codes = {
        key: float(code) for key, code in load_yaml(LIBRARY / "answer_scales.yaml")[name].items()
    }
    said = [in_every_language("answers", name, key) or {} for key in codes]
    labels = {one: [text[one] for text in said] for one in languages()}
    made = own_scale(name, {"points": tuple(codes.values()), "labels": labels, "family": name})
    return replace(made, values=codes)


def own_scale(key: str, given: Mapping[str, Any], where: str | None = None) -> Scale:
    """A scale from the keys that a study file (or a file of the library) gives it.

    `points` and either `labels` (a list, or a list by language) or both `low` and `high` are
    required; `direction`, `missing` and `family` may be added.

    Examples
    --------
    >>> own = own_scale("own", {"points": 4, "low": "Poor", "high": "Good"})
    >>> [band for band, _ in own.bands()]
    ['l1', 'l2', 'l4', 'l5']
    """
    for word in given:
        if word not in _OWN_KEYS:
            raise StudyError(
                f"scale '{key}' has an unknown key '{word}'",
                where=where,
                expected="some of " + ", ".join(_OWN_KEYS),
                hint=nearest(word, _OWN_KEYS),
            )
    labels: Any = given.get("labels")
    if isinstance(labels, Sequence) and not isinstance(labels, str):
        labels = dict.fromkeys(languages(), labels)
    ends = {language: (row[0], row[-1]) for language, row in (labels or {}).items() if row}
    try:
        return Scale(
            points=given.get("points", ()),
            low=given.get("low") or {language: pair[0] for language, pair in ends.items()},
            high=given.get("high") or {language: pair[1] for language, pair in ends.items()},
            direction=given.get("direction", "up"),
            labels=labels,
            missing=given.get("missing") or {},
            key=key,
            family=given.get("family", ""),
        )
    except StudyError as error:
        error.where = error.where or where
        raise


def _codes(points: Any, key: str) -> tuple[float, ...]:
    if isinstance(points, int) and not isinstance(points, bool):
        points = range(1, points + 1)
    try:
        codes = tuple(float(point) for point in points)
    except (TypeError, ValueError) as error:
        raise _refused(key, f"points {points!r}", "a number of points, or their codes") from error
    if len(codes) < 2 or any(a >= b for a, b in pairwise(codes)):
        raise _refused(key, f"points {list(points)}", "at least two codes, rising")
    return codes


def _text(given: str | Text, end: str, key: str) -> Text:
    text = dict.fromkeys(languages(), given) if isinstance(given, str) else dict(given)
    if not text or not all(str(words).strip() for words in text.values()):
        raise StudyError(
            f"scale '{key}' does not say what its {end} end means",
            expected="labels, or low: and high:",
            hint="copy the words that respondents saw; ends are never guessed from the answers",
        )
    return _filled(text)


def _labels(
    given: Mapping[str, Sequence[str]], count: int, key: str
) -> Mapping[str, tuple[str, ...]]:
    rows = {language: tuple(str(one) for one in row) for language, row in given.items()}
    for language, row in rows.items():
        if len(row) != count:
            found = f"{len(row)} labels in '{language}' for {count} points"
            raise _refused(key, found, "a label for each point")
    return _filled(rows)


def _filled(by_language: dict[str, Any]) -> dict[str, Any]:
    """The same, with a language that was not given taking the words of the first that was."""
    first = next(iter(by_language.values()))
    return {**dict.fromkeys(languages(), first), **by_language}


def _refused(key: str, found: str, expected: str) -> StudyError:
    return StudyError(f"scale '{key}' has {found}", expected=expected)
