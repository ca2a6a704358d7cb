"""Worker processes: nothing is lost with a worker, nobody innocent is blamed, nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from pickle import PicklingError

import pytest
from hard_work import (
    TESTS,
    Piece,
    below,
    go_wrong,
    kill_spawned,
    left_of,
    note_process,
    pieces,
    script,
    sleep_for_long,
    spawned,
    wait_for,
    write,
    written,
)

from cxkit.errors import ReportError, StudyError
from cxkit.report.workers import WorkerLost, read_scheduler, same_files, workers
from cxkit.report.workers.scheduler import Local

ASLEEP = """
import sys
from pathlib import Path
import hard_work
from cxkit.report.workers import workers
if __name__ == "__main__":
    scheduler = sys.argv[3] or None
    work = getattr(hard_work, sys.argv[1])
    with workers(2, scheduler) as crew:
        list(crew.results(work, hard_work.pieces(Path(sys.argv[2]), 9)))
"""


def begun(folder: Path, n: int = 2) -> list[Path]:
    """The first files, once `n` workers are at work."""
    files = wait_for(lambda: found if len(found := list(folder.glob("*.txt"))) >= n else None)
    return wait_for(lambda: files if all(file.stat().st_size for file in files) else None)


# -- what comes back ---------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 3])
def test_any_number_of_workers_writes_the_same_files(tmp_path: Path, n: int) -> None:
    work = pieces(tmp_path, 12)
    with workers(n) as crew:
        told = dict(crew.results(write, work))
    assert told == {piece: f"{piece.number}.txt" for piece in work}
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(12)}
    assert all(len(piece.tries) == 1 for piece in work)


def test_it_says_what_works() -> None:
    with workers(1) as one, workers(2) as two:
        assert (one.n, one.name, two.n, two.name) == (1, "1 process", 2, "2 processes")


def test_workers_can_be_asked_again() -> None:
    with workers(2) as crew:
        assert dict(crew.results(abs, [-1, -2])) == {-1: 1, -2: 2}
        assert dict(crew.results(abs, [-3])) == {-3: 3}
        assert dict(crew.results(abs, [])) == {}


def test_what_a_function_raises_is_an_answer() -> None:
    with workers(2) as crew:
        told = dict(crew.results(go_wrong, ["raises", "exits", "unreadable", "lambda"]))
        assert dict(crew.results(abs, [-1])) == {-1: 1}
    assert isinstance(told["raises"], KeyError)
    assert told["raises"].args == ("no such stage",)
    assert "in go_wrong" in told["raises"].__notes__[0]
    assert isinstance(told["exits"], SystemExit)
    assert isinstance(told["unreadable"], ReportError)
    assert told["unreadable"].message == "HalfRead: 1 and 2"
    assert isinstance(told["lambda"], (AttributeError, PicklingError))
    assert "pickle" in str(told["lambda"])
    assert not any(isinstance(one, WorkerLost) for one in told.values())


def test_an_item_that_cannot_travel_is_its_own_answer() -> None:
    with workers(2) as crew:
        told = [answer for _, answer in crew.results(abs, [-1, lambda: None, -3])]
    assert sorted(one for one in told if isinstance(one, int)) == [1, 3]
    assert sum(isinstance(one, Exception) for one in told) == 1


def test_each_worker_warms_up_once(tmp_path: Path) -> None:
    with workers(2, warm=partial(note_process, str(tmp_path))) as crew:
        work = pieces(tmp_path, 20)
        list(crew.results(write, work))
        warmed = wait_for(
            lambda: found if len(found := (tmp_path / "warmed").read_text().split()) > 1 else None
        )
    assert len(warmed) == len(set(warmed)) == 2
    assert {str(pid) for piece in work for pid in piece.tries} <= set(warmed)


def test_a_thousand_items_are_held_a_few_at_a_time() -> None:
    """Items are asked for as they are needed, and none costs more than some milliseconds."""
    asked = done = most = 0

    def items():
        nonlocal asked
        for number in range(1000):
            asked += 1
            yield number

    with workers(2) as crew:
        list(crew.results(abs, range(4)))
        began = time.process_time()
        for item, answer in crew.results(abs, items()):
            assert answer == item
            most = max(most, asked - done)
            done += 1
        took = time.process_time() - began
    assert done == 1000
    assert most <= 3
    assert took < 5


# -- workers that are lost ---------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 5, 11])
def test_a_killed_worker_costs_another_attempt_and_no_more(tmp_path: Path, number: int) -> None:
    work = pieces(tmp_path, 12, killed_once=number)
    with workers(2) as crew:
        told = dict(crew.results(write, work))
    assert told == {piece: f"{piece.number}.txt" for piece in work}
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(12)}
    assert len(work[number].tries) == 2


@pytest.mark.parametrize("n", [1, 2])
def test_only_the_item_that_kills_is_blamed(tmp_path: Path, n: int) -> None:
    work = pieces(tmp_path, 9, killer=4)
    with workers(n) as crew:
        told = dict(crew.results(write, work, name=lambda piece: f"piece {piece.number}"))
        assert dict(crew.results(abs, [-1])) == {-1: 1}
    assert [piece.number for piece, one in told.items() if isinstance(one, WorkerLost)] == [4]
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(9) if k != 4}
    assert len(work[4].tries) == 3
    lost = told[work[4]]
    assert isinstance(lost, ReportError)
    assert lost.where == "piece 4"
    assert lost.expected
    assert "memory" in lost.hint


def test_all_workers_killed_at_once_are_replaced(tmp_path: Path) -> None:
    work = pieces(tmp_path, 12)
    with workers(3) as crew:
        results = crew.results(write, work)
        told = dict([next(results)])
        assert kill_spawned() >= 2
        told.update(results)
    assert told == {piece: f"{piece.number}.txt" for piece in work}
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(12)}


def test_workers_killed_as_they_start_are_replaced(tmp_path: Path) -> None:
    work = pieces(tmp_path, 6)
    with workers(2) as crew:
        assert kill_spawned() == 2
        assert len(dict(crew.results(write, work))) == 6
    assert written(tmp_path) == {f"{k}.txt": f"{k}\n" * (k + 1) for k in range(6)}


def test_workers_that_cannot_start_are_an_error_that_says_so(capfd: pytest.CaptureFixture) -> None:
    with pytest.raises(ReportError) as slip, workers(1, warm=partial(go_wrong, "raises")) as crew:
        list(crew.results(abs, [-1]))
    assert slip.value.message == "no worker process can start"
    assert "no such stage" in capfd.readouterr().err


def test_a_script_without_its_main_guard_is_told_so(tmp_path: Path) -> None:
    """A spawned process imports the script that spawns it."""
    script = tmp_path / "all_at_the_top.py"
    script.write_text(
        "from cxkit.report.workers import workers\n"
        "with workers(1) as crew:\n"
        "    print(list(crew.results(abs, [-1])))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "no worker process can start" in done.stderr
    assert 'if __name__ == "__main__":' in done.stderr


# -- nothing is left ---------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["error", "interrupt", "closed"])
def test_leaving_early_ends_what_is_at_work(tmp_path: Path, how: str) -> None:
    """Promptly, and what is at work may put away what it has in hand."""
    before = spawned()
    work = [Piece(0, tmp_path, "quick"), *pieces(tmp_path, 9)[1:]]
    slips = {"error": ValueError, "interrupt": KeyboardInterrupt, "closed": GeneratorExit}
    left = None

    def leave() -> None:
        nonlocal left
        with workers(2) as crew:
            results = crew.results(_quick_or_asleep, work)
            next(results)
            begun(tmp_path, 3)
            left = time.monotonic()
            if how == "closed":
                results.close()
            raise slips[how]

    with pytest.raises(slips[how]):
        leave()
    assert time.monotonic() - left < 3
    assert [one for one in spawned() if one not in before] == []
    assert len(list(tmp_path.glob("*.txt"))) == 3
    assert len(list(tmp_path.glob("*.tidied"))) == 2


def _quick_or_asleep(piece: Piece) -> None:
    if piece.fate == "quick":
        write(piece)
    else:
        sleep_for_long(piece)


def test_a_killed_parent_takes_its_workers_and_their_scratch_along(tmp_path: Path) -> None:
    with script(ASLEEP, "hold_scratch", tmp_path, "") as parent:
        places = [Path(file.read_text().split()[1]) for file in begun(tmp_path)]
        assert all(place.is_dir() for place in places)
        processes = below(parent.pid)
        assert len(processes) >= 2
        parent.kill()
        assert left_of(processes) == []
    assert not any(place.exists() for place in places)


def test_an_interrupt_of_all_ends_the_workers_without_a_word(tmp_path: Path) -> None:
    """Ctrl+C reaches every process of a terminal; the parent alone speaks."""
    with script(ASLEEP, "sleep_for_long", tmp_path, "") as parent:
        begun(tmp_path)
        processes = below(parent.pid)
        os.killpg(parent.pid, signal.SIGINT)
        _, said = parent.communicate(timeout=10)
        assert left_of(processes) == []
    assert said.count("KeyboardInterrupt") == 1
    assert len(list(tmp_path.glob("*.tidied"))) == 2


def test_an_interrupt_while_the_workers_start_is_as_quiet(tmp_path: Path) -> None:
    with script(ASLEEP, "sleep_for_long", tmp_path, "") as parent:
        wait_for(lambda: len(below(parent.pid)) >= 2)
        processes = below(parent.pid)
        os.killpg(parent.pid, signal.SIGINT)
        _, said = parent.communicate(timeout=10)
        assert left_of(processes) == []
    assert said.count("Traceback") == 1


def test_the_executor_of_the_pool_is_the_standard_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of ours stands between: what it is written against is concurrent.futures."""
    from cxkit.report.workers import pool

    made = []
    monkeypatch.setattr(
        pool,
        "ProcessPoolExecutor",
        lambda *args, **named: made.append(ProcessPoolExecutor(*args, **named)) or made[-1],
    )
    with workers(1) as crew:
        assert list(crew.results(abs, [-1])) == [(-1, 1)]
    assert len(made) == 1


# -- what is asked for -------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, -2])
def test_no_workers_are_refused(n: int) -> None:
    with pytest.raises(StudyError, match=f"{n} workers can make no report"), workers(n):
        pass


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("local:2", Local(2)),
        ("tcp://node7:8786", "tcp://node7:8786"),
        ("tls://10.0.0.5:8786", "tls://10.0.0.5:8786"),
        ("tcp://[::1]:8786", "tcp://[::1]:8786"),
        ("node7:8786", "tcp://node7:8786"),
        ("run/scheduler.json", Path("run/scheduler.json")),
    ],
)
def test_a_scheduler_is_a_cluster_here_an_address_or_a_file(text: str, asked: object) -> None:
    assert read_scheduler(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        *("local:0", "local:x", "local:", "local:-1", "local:²", "local", "", "node7"),
        *("tcp://node7", "tcp://node7:x", "tcp://node7:0", "tcp://node7:99999"),
        *("http://node7:8786", "a b:1"),
    ],
)
def test_what_is_no_scheduler_is_refused_before_anything_starts(text: str) -> None:
    with pytest.raises(StudyError) as slip, workers(2, text):
        pass
    assert slip.value.message == f"'{text}' is no scheduler"
    assert slip.value.where == "--scheduler"
    assert "tcp://host:port" in slip.value.expected
    assert "local:N" in slip.value.expected
    assert slip.value.hint


def test_without_dask_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import cxkit.report.workers as room

    monkeypatch.delitem(sys.modules, "cxkit.report.workers.cluster", raising=False)
    monkeypatch.delattr(room, "cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(StudyError, match="not installed") as slip, workers(2, "local:2"):
        pass
    assert "pip install 'cxkit[dask]'" in slip.value.hint


def test_files_that_are_not_the_same_everywhere_are_told(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text("title: here")
    check = same_files(study)
    check()
    study.write_text("title: there")
    with pytest.raises(StudyError, match="is another file there"):
        check()
    study.unlink()
    with pytest.raises(StudyError, match="cannot be read") as slip:
        check()
    assert slip.value.where == str(tmp_path)


def test_the_pool_costs_no_import_of_dask() -> None:
    text = "import sys, cxkit.report.workers.pool; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], cwd=TESTS).returncode == 0
