"""The same work on a Dask cluster: of this machine, and of workers that somebody started."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from pickle import PicklingError

import psutil
import pytest
from hard_work import (
    IMPORTED_FROM,
    Piece,
    below,
    go_wrong,
    kill_spawned,
    left_of,
    pieces,
    script,
    sleep_for_long,
    spawned,
    wait_for,
    write,
    written,
)
from test_workers import ASLEEP, begun

from cxkit.errors import ReportError, StudyError
from cxkit.report.workers import WorkerLost, same_files, workers

pytest.importorskip("distributed", reason="Dask is not installed")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch):
    """The module that knows Dask, patient for a second only."""
    from cxkit.report.workers import cluster

    monkeypatch.setattr(cluster, "_CONNECT", 1.0)
    monkeypatch.setattr(cluster, "_NO_WORKERS", 1.0)
    return cluster


# -- a cluster of this machine -----------------------------------------------------------------


@pytest.fixture(scope="module")
def local() -> Iterator:
    """One cluster of two workers for the tests that break nothing which does not mend."""
    with workers(5, "local:2") as crew:
        yield crew


def test_a_cluster_here_has_the_workers_that_were_asked_for(local) -> None:
    assert local.n == 2
    assert local.name.startswith("Dask at tcp://127.0.0.1:")
    assert local.name.endswith(": 2 workers")


def test_it_writes_the_same_files(local, tmp_path: Path) -> None:
    work = pieces(tmp_path, 12)
    assert dict(local.results(write, work)) == {piece: f"{piece.number}.txt" for piece in work}
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(12)}
    assert all(len(piece.tries) == 1 for piece in work)


def test_what_a_function_raises_is_an_answer_here_too(local) -> None:
    told = dict(local.results(go_wrong, ["raises", "exits", "unreadable", "lambda"]))
    assert isinstance(told["raises"], KeyError)
    assert isinstance(told["exits"], SystemExit)
    assert isinstance(told["unreadable"], ReportError)
    assert isinstance(told["lambda"], (AttributeError, PicklingError))
    assert "in go_wrong" in told["raises"].__notes__[0]


@pytest.mark.parametrize("number", [0, 5, 11])
def test_a_killed_worker_is_replaced(local, tmp_path: Path, number: int) -> None:
    work = pieces(tmp_path, 12, killed_once=number)
    assert dict(local.results(write, work)) == {piece: f"{piece.number}.txt" for piece in work}
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(12)}
    assert len(work[number].tries) == 2


def test_only_the_item_that_kills_is_blamed_here_too(
    local, tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    """And Dask's own lines about lost workers stay out of the way."""
    work = pieces(tmp_path, 9, killer=4)
    told = dict(local.results(write, work, name=lambda piece: f"piece {piece.number}"))
    assert [piece.number for piece, one in told.items() if isinstance(one, WorkerLost)] == [4]
    assert told[work[4]].where == "piece 4"
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(9) if k != 4}
    assert len(work[4].tries) == 4
    assert capfd.readouterr() == ("", "")


def test_all_workers_may_be_killed_at_once(local, tmp_path: Path) -> None:
    work = pieces(tmp_path, 12)
    results = local.results(write, work)
    told = dict([next(results)])
    assert kill_spawned() >= 2
    told.update(results)
    assert told == {piece: f"{piece.number}.txt" for piece in work}


def test_workers_killed_as_they_start_are_replaced(
    local, tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    """Also where a nanny of Dask gives up."""
    work = pieces(tmp_path, 6)
    until = time.monotonic() + 2
    while time.monotonic() < until:
        kill_spawned()
        time.sleep(0.05)
    assert len(dict(local.results(write, work))) == 6
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(6)}
    assert capfd.readouterr() == ("", "")


def test_items_are_asked_for_as_they_are_needed(local) -> None:
    asked = done = most = 0

    def items():
        nonlocal asked
        for number in range(300):
            asked += 1
            yield number

    for item, answer in local.results(abs, items()):
        assert answer == item
        most = max(most, asked - done)
        done += 1
    assert done == 300
    assert most <= 100


def test_leaving_early_ends_its_workers(tmp_path: Path) -> None:
    before = spawned()

    def leave() -> None:
        with workers(1, "local:2") as crew:
            results = crew.results(_quick_or_asleep, [Piece(0, tmp_path), Piece(1, tmp_path, "z")])
            next(results)
            begun(tmp_path)
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        leave()
    assert time.monotonic() - began < 10
    assert [one for one in spawned() if one not in before] == []


def _quick_or_asleep(piece: Piece) -> None:
    if piece.fate:
        sleep_for_long(piece)
    else:
        write(piece)


def test_a_killed_parent_takes_its_cluster_along(tmp_path: Path) -> None:
    with script(ASLEEP, "sleep_for_long", tmp_path, "local:2") as parent:
        begun(tmp_path)
        processes = below(parent.pid)
        assert len(processes) >= 2
        parent.kill()
        assert left_of(processes) == []


# -- workers that somebody started -------------------------------------------------------------


@contextlib.contextmanager
def dask(*arguments: object, preload: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`dask ARGUMENTS` as a user types it, gone when the block ends."""
    more = [] if preload is None else ["--preload", str(preload)]
    running = subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, arguments), *more],
        env={**os.environ, "PYTHONPATH": IMPORTED_FROM},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        tree = [running.pid and psutil.Process(running.pid)] if running.poll() is None else []
        tree += [child for one in tree for child in one.children(recursive=True)]
        for one in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        running.wait()


@contextlib.contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The scheduler file of `dask scheduler`, and its process."""
    file = folder / "scheduler.json"
    quiet = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard")
    with dask("scheduler", "--scheduler-file", file, *quiet) as running:
        yield str(file), running


def worker(file: str, folder: Path, *more: object, preload: str = "", threads: int = 1):
    """`dask worker --nthreads 1`; `preload` is Python that it runs first."""
    first = None
    if preload:
        first = folder / f"preload_{abs(hash(preload))}.py"
        first.write_text(preload)
    place = ("--local-directory", folder, "--no-dashboard", "--no-nanny")
    wanted = ("--scheduler-file", file, "--nthreads", threads, *place, *more)
    return dask("worker", *wanted, preload=first)


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with two workers, started by hand: its scheduler file."""
    folder = tmp_path_factory.mktemp("by_hand")
    with (
        scheduler(folder) as (file, _),
        worker(file, folder, "--name", "one"),
        worker(file, folder, "--name", "two"),
    ):
        _wait_for_workers(file, 2)
        yield file


def _wait_for_workers(file: str, n: int) -> None:
    import distributed

    wait_for(Path(file).is_file)
    with distributed.Client(scheduler_file=file, set_as_default=False) as client:
        client.wait_for_workers(n, timeout=60)


def _address(file: str) -> str:
    import json

    return str(json.loads(Path(file).read_text())["address"])


def test_workers_started_by_hand_write_the_same_files(by_hand: str, tmp_path: Path) -> None:
    work = pieces(tmp_path, 12)
    with workers(5, by_hand) as crew:
        assert (crew.n, crew.name) == (2, f"Dask at {_address(by_hand)}: 2 workers")
        told = dict(crew.results(write, work))
    assert told == {piece: f"{piece.number}.txt" for piece in work}
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(12)}
    assert len({pid for piece in work for pid in piece.tries}) == 2


def test_an_address_does_as_well_as_the_file(by_hand: str) -> None:
    with workers(5, _address(by_hand)) as crew:
        assert dict(crew.results(abs, [-1, -2])) == {-1: 1, -2: 2}


def test_the_workers_of_somebody_stay_when_the_work_is_done_or_broken_off(
    by_hand: str, tmp_path: Path
) -> None:
    def leave() -> None:
        with workers(5, by_hand) as crew:
            next(crew.results(write, pieces(tmp_path, 400)))
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        leave()
    with workers(5, by_hand) as crew:
        assert crew.n == 2
    n = len(written(tmp_path))
    time.sleep(0.5)
    assert n == len(written(tmp_path)) < 200


def test_files_that_a_worker_does_not_find_are_told_with_its_name(
    by_hand: str, tmp_path: Path
) -> None:
    study = tmp_path / "study.yaml"
    study.write_text("title: here")
    with workers(5, by_hand, check=same_files(study)) as crew:
        assert crew.n == 2
    check = same_files(study)
    study.unlink()
    with pytest.raises(StudyError) as slip, workers(5, by_hand, check=check):
        pass
    assert slip.value.message.startswith("worker tcp://127.0.0.1:")
    assert f" on {socket.gethostname()}: '{study}' cannot be read" in slip.value.message
    assert "disk that all machines share" in slip.value.hint


OTHER_VERSION = """
from cxkit.report import provenance
versions = {**provenance.versions(), "pandas": "2.2.0"}
provenance.versions = lambda: versions
"""
OTHER_CODE = """
from cxkit.report import provenance
provenance.environment = lambda: "other code"
"""
WITHOUT_CXKIT = """
import sys
sys.modules["cxkit"] = None
"""


@pytest.mark.parametrize(
    ("preload", "told"),
    [
        pytest.param(
            OTHER_VERSION, f"has pandas 2.2.0, here is {metadata.version('pandas')}", id="version"
        ),
        pytest.param(OTHER_CODE, "has other code of cxkit under the same version", id="code"),
        pytest.param(WITHOUT_CXKIT, "cannot load cxkit", id="none"),
    ],
)
def test_a_worker_that_would_make_another_report_is_refused(
    by_hand: str, tmp_path: Path, preload: str, told: str
) -> None:
    with worker(by_hand, tmp_path, preload=preload):
        _wait_for_workers(by_hand, 3)
        with pytest.raises(StudyError) as slip, workers(5, by_hand):
            pass
    assert slip.value.message.startswith("worker tcp://127.0.0.1:")
    assert told in slip.value.message
    assert slip.value.where == f"--scheduler {by_hand}"
    assert "requirements.lock" in slip.value.hint


def test_a_worker_of_several_threads_is_refused(by_hand: str, tmp_path: Path) -> None:
    with worker(by_hand, tmp_path, threads=3):
        _wait_for_workers(by_hand, 3)
        with pytest.raises(StudyError, match="has 3 threads") as slip, workers(5, by_hand):
            pass
    assert "--nthreads 1 --nworkers 3" in slip.value.hint


def test_a_killed_worker_of_somebody_costs_no_item(by_hand: str, tmp_path: Path) -> None:
    work = pieces(tmp_path, 12, killed_once=3)
    with worker(by_hand, tmp_path), worker(by_hand, tmp_path):
        _wait_for_workers(by_hand, 4)
        one_more = [Piece(99, tmp_path)]
        with workers(5, by_hand) as crew:
            assert crew.n == 4
            told = dict(crew.results(write, [*work, *one_more]))
    assert told == {piece: f"{piece.number}.txt" for piece in [*work, *one_more]}


def test_without_workers_or_scheduler_the_work_ends_with_a_word(cluster, tmp_path: Path) -> None:
    """First without any worker, then with one that goes, at last without the scheduler."""
    cluster._CONNECT = 10.0
    with scheduler(tmp_path) as (file, running):
        with pytest.raises(StudyError, match="has no worker after 1 seconds") as slip:
            workers(5, file).__enter__()
        assert "dask worker tcp://127.0.0.1:" in slip.value.hint
        cluster._NO_WORKERS = 30.0
        with worker(file, tmp_path) as one, workers(5, file) as crew:
            results = crew.results(_quick_or_asleep, [Piece(0, tmp_path), Piece(1, tmp_path, "z")])
            next(results)
            begun(tmp_path)
            cluster._NO_WORKERS = 0.0
            one.kill()
            with pytest.raises(ReportError, match="all workers are gone") as lost:
                next(results)
            assert "what is done is not made twice" in lost.value.hint
            results = crew.results(write, [Piece(7, tmp_path)])
            threading.Timer(0.5, running.kill).start()
            with pytest.raises(ReportError, match="the scheduler is gone"):
                next(results)


@pytest.mark.parametrize("who", ["nobody", "a mute", "a web server"])
def test_a_scheduler_that_is_not_there_is_told_soon(cluster, who: str) -> None:
    with socket.socket() as other, ThreadingHTTPServer(("127.0.0.1", 0), _Web) as web:
        other.bind(("127.0.0.1", 0))
        if who == "a mute":
            other.listen()
        threading.Thread(target=web.serve_forever).start()
        port = web.server_port if who == "a web server" else other.getsockname()[1]
        address = f"tcp://127.0.0.1:{port}"
        began = time.monotonic()
        with pytest.raises(StudyError) as slip, workers(2, address):
            pass
        assert time.monotonic() - began < 10
        web.shutdown()
    assert slip.value.message == f"no Dask scheduler answers at {address}"
    assert slip.value.where == "--scheduler"
    assert "local:N" in slip.value.expected
    assert slip.value.hint


class _Web(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the log is not what is looked at."""


def test_a_scheduler_file_that_is_none_is_told(cluster, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    for text in (None, "{}", "not JSON"):
        if text is not None:
            file.write_text(text)
        with pytest.raises(StudyError, match="names no scheduler") as slip, workers(2, str(file)):
            pass
        assert f"--scheduler-file {file}" in slip.value.hint


def test_a_worker_that_cannot_warm_up_is_told(tmp_path: Path) -> None:
    warm = partial(go_wrong, "raises")
    with pytest.raises(StudyError, match="no such stage"), workers(1, "local:1", warm=warm):
        pass
