"""How far a batch is: a bar on a terminal, plain lines where there is none."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import IO, Any

__all__ = ["Progress", "lasting"]

_STEP = 0.05
_PAUSE = 30.0


class Progress:
    """Counts reports as they are finished; says so on stderr, with rate and time left.

    Parameters
    ----------
    total : int
        How many there are to make.
    quiet : bool, default False
        Say nothing.
    stream : file, optional
        Where to; stderr if none. A bar if it is a terminal, else a line for every 5 % and after
        half a minute.
    """

    def __init__(self, total: int, *, quiet: bool = False, stream: IO[str] | None = None) -> None:
        self.total, self.done = total, 0
        self._stream = stream or sys.stderr
        self._began = self._told = time.monotonic()
        self._told_of = 0
        self._is_quiet = quiet or not total
        self._bar: Any = None
        if not self._is_quiet and self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit=" reports", file=self._stream, smoothing=0.1)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, failed: int = 0) -> None:
        """One more is finished; `failed` of all so far did not end well."""
        self.done += 1
        if self._bar is not None:
            if failed:
                self._bar.set_postfix_str(f"{failed} failed", refresh=False)
            self._bar.update()
        elif not self._is_quiet and self._is_time():
            print(self._line(failed), file=self._stream, flush=True)
            self._told, self._told_of = time.monotonic(), self.done

    def _is_time(self) -> bool:
        is_far = self.done - self._told_of >= self.total * _STEP
        return self.done == self.total or is_far or time.monotonic() - self._told > _PAUSE

    def _line(self, failed: int) -> str:
        seconds = max(time.monotonic() - self._began, 1e-9)
        rate = self.done / seconds
        left = lasting((self.total - self.done) / rate)
        parts = [f"{self.done} of {self.total} reports ({self.done / self.total:.0%})"]
        parts += [f"{rate * 60:.1f} a minute"]
        parts += [f"{left} left" if self.done < self.total else f"in {lasting(seconds)}"]
        return ", ".join([*parts, *([f"{failed} failed"] if failed else [])])


def lasting(seconds: float) -> str:
    """A time as people say it.

    >>> lasting(8.4), lasting(200), lasting(7300)
    ('8 s', '3 min', '2 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
