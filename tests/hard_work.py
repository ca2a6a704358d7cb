"""Work for workers that goes wrong on purpose, and what is left of their processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

TESTS = Path(__file__).resolve().parent
IMPORTED_FROM = os.pathsep.join([str(TESTS), str(TESTS.parent)])


@dataclass(frozen=True)
class Piece:
    """A file to write: its number, its folder, and what befalls who writes it."""

    number: int
    folder: Path
    fate: str = ""

    @property
    def file(self) -> Path:
        return self.folder / f"{self.number}.txt"

    @property
    def text(self) -> str:
        return f"{self.number}\n" * (self.number + 1)

    @property
    def tries(self) -> list[int]:
        """The processes that began with it."""
        file = self.folder / f"{self.number}.tries"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def pieces(folder: Path, n: int, **fates: int) -> list[Piece]:
    """`pieces(folder, 9, killer=4)`: nine pieces of which number 4 kills its worker."""
    by_number = {number: fate for fate, number in fates.items()}
    return [Piece(number, folder, by_number.get(number, "")) for number in range(n)]


def write(piece: Piece) -> str:
    """Write the file of a piece, unless its fate is another."""
    with (piece.folder / f"{piece.number}.tries").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if piece.fate == "killer" or (piece.fate == "killed_once" and len(piece.tries) == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    piece.file.write_text(piece.text)
    return piece.file.name


def written(folder: Path) -> dict[str, str]:
    """Every finished file with its text."""
    return {file.name: file.read_text() for file in folder.glob("*.txt")}


def sleep_for_long(piece: Piece) -> None:
    """Begin, sleep longer than any test, and tidy up when told to end."""
    piece.file.write_text(str(os.getpid()))
    try:
        time.sleep(600)
    finally:
        piece.file.with_suffix(".tidied").write_text("")


class HalfRead(Exception):
    """An exception that is pickled and cannot be read back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def go_wrong(how: str) -> Any:
    """Raise or return what does not travel well."""
    if how == "raises":
        raise KeyError("no such stage")
    if how == "exits":
        sys.exit(3)
    if how == "unreadable":
        raise HalfRead(1, 2)
    return lambda: None


def note_process(folder: str) -> None:
    with Path(folder, "warmed").open("a") as file:
        file.write(f"{os.getpid()}\n")


def hold_scratch(piece: Piece) -> None:
    """Sleep with a scratch folder open, whose name is told."""
    from cxkit.report import scratch

    with scratch.folder() as place:
        piece.file.write_text(f"{os.getpid()} {place}")
        time.sleep(600)


def as_from_a_terminal() -> None:
    """Signals as a shell in front of somebody hands them on: a background job ignores some."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def script(text: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A Python script at work in a process group of its own, gone when the block ends."""
    running = subprocess.Popen(
        [sys.executable, "-c", text, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": IMPORTED_FROM},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=as_from_a_terminal if os.name == "posix" else None,
    )
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()


def wait_for(what: Any, seconds: float = 30.0) -> Any:
    """What `what()` says as soon as it says something."""
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return found


def below(pid: int) -> list[psutil.Process]:
    """The processes that a process started, and those that these did."""
    return psutil.Process(pid).children(recursive=True)


def left_of(processes: list[psutil.Process], seconds: float = 3.0) -> list[psutil.Process]:
    """Those that are still there after some seconds."""
    return psutil.wait_procs(processes, timeout=seconds)[1]


def spawned() -> list[psutil.Process]:
    """The worker processes that this very process started."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


def kill_spawned() -> int:
    """Kill every worker process that this very process started; how many there were."""
    found = spawned()
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return len(found)
