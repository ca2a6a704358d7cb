"""Who is asked a question: conditions on earlier answers, in no platform's language.

A condition is read by each format in its own way: XPath, relevance equations, words. Hands out
the five kinds, `every` and `some` that join them, and `keys_of`, what a condition hangs on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["All", "Any", "AtLeast", "Blank", "Condition", "Is", "every", "keys_of", "some"]


@dataclass(frozen=True)
class Is:
    """The answer to `question` is `value`, or `value` was ticked."""

    question: str
    value: str


@dataclass(frozen=True)
class AtLeast:
    """At least `n` options of `question` were ticked, those of `beside` not counted."""

    question: str
    n: int
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blank:
    """`question` was left empty."""

    question: str


@dataclass(frozen=True)
class All:
    """Each of `parts` holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """At least one of `parts` holds."""

    parts: tuple[Condition, ...]


Condition = Is | AtLeast | Blank | All | Any


def every(parts: Iterable[Condition | None]) -> Condition | None:
    """All of the parts; None, which is everybody, where none of them asks for anything.

    >>> every([None, Is("scr_aware", "yes")])
    Is(question='scr_aware', value='yes')
    """
    asked = _once(part for part in parts if part is not None)
    flat = _once(one for part in asked for one in (part.parts if isinstance(part, All) else [part]))
    return None if not flat else flat[0] if len(flat) == 1 else All(flat)


def some(parts: Iterable[Condition | None]) -> Condition | None:
    """Any of the parts; None, which is everybody, as soon as one of them asks for nothing.

    >>> some([Is("scr_aware", "yes"), None]) is None
    True
    """
    given = list(parts)
    if not given or None in given:
        return None
    flat = _once(
        one
        for part in given
        if part is not None
        for one in (part.parts if isinstance(part, Any) else [part])
    )
    return flat[0] if len(flat) == 1 else Any(flat)


def keys_of(condition: Condition | None) -> tuple[str, ...]:
    """The questions that a condition hangs on, each once.

    >>> keys_of(Any((Is("scr_visited", "yes"), Is("scr_bought", "yes"))))
    ('scr_visited', 'scr_bought')
    """
    if condition is None:
        return ()
    if isinstance(condition, All | Any):
        return tuple(dict.fromkeys(key for part in condition.parts for key in keys_of(part)))
    return (condition.question,)


def _once(parts: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(dict.fromkeys(parts))
