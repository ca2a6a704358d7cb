"""The log of a batch: a line of JSON for each thing that happened, and when.

The only file of a batch that knows a clock. Calls follow each other in one file; a line that a
killed run left half-written stays alone on its line.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

__all__ = ["BatchLog"]


class BatchLog:
    """A file that lines are added to.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = BatchLog(Path(folder) / "toko-batch.jsonl")
    ...     log.add("started", planned=3)
    ...     json.loads(log.file.read_text())["planned"]
    3
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._is_whole = False

    def add(self, event: str, **told: Any) -> None:
        """Add a line: the event, when it was (UTC), and what is told of it."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": now, "event": event, **told}, ensure_ascii=False)
        with self.file.open("ab+") as file:
            start = "" if self._is_whole or _ends_whole(file) else "\n"
            file.write(f"{start}{line}\n".encode())
        self._is_whole = True


def _ends_whole(file: Any) -> bool:
    """Whether the last line, if there is one, came to its end."""
    if file.seek(0, 2) == 0:
        return True
    file.seek(-1, 2)
    return bool(file.read(1) == b"\n")
