"""How items are handed to workers and come back: a sliding window, and those who were lost.

When a worker is killed (by hand, by a machine short of memory) nobody knows which item did it:
every item in flight is suspect. The others go on; the suspects are tried last, one at a time, so
that an item that kills its worker again stands there alone, and no innocent one is blamed.
"""

from __future__ import annotations

import abc
import pickle
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from cxkit.errors import ReportError, brief

__all__ = ["Ended", "WorkerLost", "Workers", "answer"]

T = TypeVar("T")
R = TypeVar("R")

_LOOK = 5.0
"""Seconds without a result, after which workers are asked whether they are still there."""


class WorkerLost(ReportError):
    """The process that worked on an item ended without a word, each time."""


class Ended(SystemExit):
    """A worker was told to end: what it has in hand is put away on the way out."""


class Workers(abc.ABC):
    """Workers that take items side by side.

    Attributes
    ----------
    n : int
        How many there are.
    name : str
        What they are, for people: `2 processes`, `Dask at tcp://...: 8 workers`.
    """

    n: int
    name: str
    _tries_alone: int

    def results(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        *,
        name: Callable[[T], str] = str,
    ) -> Iterator[tuple[T, R | BaseException]]:
        """What `function` says of each item, as they finish.

        Parameters
        ----------
        function : callable
            Takes one item; importable by its name on every worker.
        items : iterable
            What travels; only as many as are in flight are asked for and held.
        name : callable, default str
            What an item is called in the message of a WorkerLost.

        Yields
        ------
        tuple
            The item, and the result or the exception that the function raised: that is an answer
            like another. WorkerLost for an item whose workers were lost, each of them.

        Raises
        ------
        ReportError
            If there is nobody left to work.
        """
        suspects = yield from self._together(function, items)
        if not suspects:
            return
        with self._one_at_a_time():
            for item in suspects:
                yield item, self._alone(function, item, name)

    def _together(
        self, function: Callable[[T], R], items: Iterable[T]
    ) -> Generator[tuple[T, R | BaseException], None, list[T]]:
        """The results of all that lost no worker; those in flight when one was lost."""
        coming, suspects = iter(items), list[T]()
        flying: dict[Future[bytes], T] = {}
        try:
            while True:
                while len(flying) < self._window():
                    for item in coming:
                        flying[self._submit(answer, function, item)] = item
                        break
                    else:
                        break
                if not flying:
                    return suspects
                for future in self._landed(flying):
                    item = flying.pop(future)
                    if self._is_lost(future):
                        suspects.append(item)
                    else:
                        yield item, _read(future)
        finally:
            if flying:
                self._take_back(flying)

    def _alone(
        self, function: Callable[[T], R], item: T, name: Callable[[T], str]
    ) -> R | BaseException:
        """The result of an item that has the workers for itself."""
        for attempt in range(self._tries_alone):
            future = self._submit(answer, function, item, 1 + attempt)
            try:
                self._landed([future])
            except BaseException:
                self._take_back([future])
                raise
            if not self._is_lost(future):
                return _read(future)
        return WorkerLost(
            "the worker that made it ended without a word, also with nothing else at work",
            where=brief(name(item), 80),
            expected="a worker that lives until the report is made",
            hint="it may have run out of memory: the system's log tells (dmesg, journalctl -k); "
            "give the machine more, or each report less (--memory)",
        )

    def _landed(self, flying: Iterable[Future[bytes]]) -> set[Future[bytes]]:
        """The futures that are done: one at least."""
        while not (done := wait(flying, _LOOK, FIRST_COMPLETED).done):
            self._look()
        return done

    # -- what each kind of workers knows of itself ----------------------------------------------

    @abc.abstractmethod
    def _window(self) -> int:
        """How many items may be in flight."""

    @abc.abstractmethod
    def _submit(self, call: Callable[..., bytes], *arguments: object) -> Future[bytes]:
        """Hand a call to the executor; to a new one where the workers of the last were lost."""

    @abc.abstractmethod
    def _take_back(self, futures: Iterable[Future[bytes]]) -> None:
        """Cancel what nobody waits for any more, where it has not begun."""

    @abc.abstractmethod
    def _is_lost(self, future: Future[bytes]) -> bool:
        """Whether it has no answer because a worker was lost."""

    @abc.abstractmethod
    def _one_at_a_time(self) -> AbstractContextManager[None]:
        """A block in which an item is handed out when the one before is done."""

    @abc.abstractmethod
    def _look(self) -> None:
        """ReportError where nobody is left to work and none will come."""


# -- what travels ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Raised:
    """An exception on its way."""

    error: BaseException


class _Kept:
    """Keeps what is raised in its block: for the caller it is an answer like another."""

    error: BaseException

    def __enter__(self) -> _Kept:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> bool:
        if error is not None:
            self.error = error
        return not isinstance(error, Ended)


def answer(function: Callable[[T], R], item: T, attempt: int = 0) -> bytes:
    """What `function` says of an item, or what it raises, as bytes that can be read elsewhere.

    An executor would lose its workers over an exception that cannot be read back. `attempt` sets
    one call apart from another where equal calls are made once.
    """
    del attempt
    with _Kept() as kept:
        return _packed(function(item))
    trace = "".join(traceback.format_exception(kept.error))
    kept.error.add_note(trace)
    with _Kept():
        return _packed(_Raised(kept.error))
    told = ReportError(
        f"{type(kept.error).__name__}: {brief(str(kept.error), 200)}",
        expected="an answer that can travel from one process to another",
    )
    told.add_note(trace)
    return _packed(_Raised(told))


def _packed(said: object) -> bytes:
    packed = pickle.dumps(said)
    pickle.loads(packed)
    return packed


def _read(future: Future[bytes]) -> Any:
    """The answer in a future that is done, or why there is none: the item could not travel."""
    error = future.exception()
    if error is not None:
        return error
    said = pickle.loads(future.result())
    return said.error if isinstance(said, _Raised) else said
