"""A batch that is killed, stopped or without room: the next call completes it, byte by byte."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from hard_work import as_from_a_terminal
from quick_study import lay_light

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="kill -9 is a matter of POSIX systems"),
]

KILLS = 20
VICTIMS = ("parent", "worker", "kernel", "all")
SOON = 15.0
"""Seconds within which whatever was left alone has to have ended."""


class Night:
    """A batch in a folder and with a place for temporary files of its own."""

    def __init__(self, study: Path, place: Path) -> None:
        self.study, self.reports, self.temp = study, place / "reports", place / "temp"
        self.temp.mkdir(parents=True)

    def start(self, *options: str) -> subprocess.Popen[str]:
        """The command of this night, with two workers."""
        words = [sys.executable, "-m", "cxkit", "batch", str(self.study), "-o", str(self.reports)]
        return subprocess.Popen(
            [*words, "--workers", "2", *options],
            env={**os.environ, "TMPDIR": str(self.temp)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=as_from_a_terminal,
        )

    def call(self, *options: str) -> tuple[int, str, str]:
        started = self.start(*options)
        out, err = started.communicate(timeout=300)
        return started.returncode, out, err

    def processes(self) -> list[psutil.Process]:
        """Every process that lives with this night's place for temporary files."""
        found = []
        for one in psutil.process_iter():
            try:
                is_ours = one.environ().get("TMPDIR") == str(self.temp)
                if is_ours and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def files(self) -> dict[str, bytes]:
        """What lies in the folder of reports, but the log, which knows the clock."""
        return {
            path.relative_to(self.reports).as_posix(): path.read_bytes()
            for path in sorted(self.reports.rglob("*"))
            if path.is_file() and path.suffix != ".jsonl"
        }

    def assert_tidy(self) -> None:
        """Soon nothing is alive, and nothing temporary lies about."""
        until = time.monotonic() + SOON
        while self.processes() and time.monotonic() < until:
            time.sleep(0.1)
        assert [one.cmdline() for one in self.processes()] == []
        assert [path.name for path in self.temp.iterdir()] == []


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("faults") / "kedai"
    return lay_light(home, regions={"bali": 60, "java": 60})


@pytest.fixture(scope="module")
def undisturbed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Night, float]:
    """A night in which nothing happened, and how long it took."""
    night = Night(study, tmp_path_factory.mktemp("undisturbed"))
    began = time.monotonic()
    code, _, err = night.call()
    seconds = time.monotonic() - began
    assert code == 0, err
    assert len(night.files()) == 8 * 5 + 4  # pages, JSON, notebook, record; index, table, lock
    night.assert_tidy()
    return night, seconds


@pytest.fixture
def nights(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Night]]:
    """Nights to be disturbed; none of their processes outlives the test."""
    made: list[Night] = []

    def lay() -> Night:
        made.append(Night(study, tmp_path_factory.mktemp("n")))
        return made[-1]

    yield lay
    for night in made:
        for one in night.processes():
            one.kill()


def kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    if "ipykernel" in words or "cxkit.report.kernels" in words:
        return "kernel"
    return "worker" if "multiprocessing" in words and "spawn_main" in words else "other"


def victims(parent: int, whom: str) -> list[int]:
    """Whom to kill: one kernel or worker if there is one by now, else the parent."""
    try:
        below = psutil.Process(parent).children(recursive=True)
        if whom == "all":
            return [parent, *(one.pid for one in below)]
        chosen = [one.pid for one in below if kind(one) == whom]
    except psutil.NoSuchProcess:
        return []
    return chosen[:1] or [parent]


def test_killed_at_any_moment_the_next_call_ends_byte_identical(
    undisturbed: tuple[Night, float], nights: Callable[[], Night]
) -> None:
    whole, seconds = undisturbed
    rng = np.random.default_rng(6)
    moments = (np.arange(KILLS) + rng.uniform(size=KILLS)) / KILLS * seconds
    for at, moment in enumerate(rng.permutation(moments)):
        night, whom = nights(), VICTIMS[at % len(VICTIMS)]
        started = night.start(*(["--fresh-kernels"] if at // len(VICTIMS) % 2 else []))
        time.sleep(moment)
        for one in victims(started.pid, whom):
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        started.communicate(timeout=300)
        code, _, err = night.call()
        assert code == 0, err
        assert night.files() == whole.files(), f"{whom} killed after {moment:.2f} s"
        night.assert_tidy()
        shutil.rmtree(night.reports)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_tidies_up_and_says_how_to_go_on(
    number: signal.Signals, undisturbed: tuple[Night, float], nights: Callable[[], Night]
) -> None:
    night = nights()
    started = night.start("--quiet", "--fresh-kernels")
    log = night.reports / "kedai-batch.jsonl"
    while not (log.is_file() and '"status": "made"' in log.read_text(encoding="utf-8")):
        assert started.poll() is None, started.communicate()
        time.sleep(0.05)
    started.send_signal(number)
    out, err = started.communicate(timeout=60)
    assert (started.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert "the same command goes on there" in err
    night.assert_tidy()
    assert not list(night.reports.rglob(".*.part"))
    assert log.read_text(encoding="utf-8").splitlines()[-1].count('"stopped"') == 1
    assert night.call()[0] == 0
    assert night.files() == undisturbed[0].files()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB, mounted for the test."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_and_with_room_the_next_call_completes(
    undisturbed: tuple[Night, float], nights: Callable[[], Night], small_disk: Path
) -> None:
    night = nights()
    night.reports = small_disk / "reports"
    code, out, err = night.call("--quiet")
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert "No space left on device" in err
    assert str(small_disk) in err
    assert "the same command again" in err
    assert not list(night.reports.rglob(".*.part"))
    night.assert_tidy()
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    assert night.call()[0] == 0
    assert night.files() == undisturbed[0].files()


def test_a_folder_that_is_read_only_is_said_before_anything_runs(
    nights: Callable[[], Night], small_disk: Path
) -> None:
    night = nights()
    night.reports = small_disk / "reports"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, out, err = night.call()
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert "nothing can be written" in err
    assert "-o" in err
    night.assert_tidy()
