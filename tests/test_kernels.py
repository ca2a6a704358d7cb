"""Forked kernels: as good as fresh ones, ended with whoever they run for, and never in the way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from cxkit.places import shared
from cxkit.report import kernels, provenance
from cxkit.report.execution import execute
from cxkit.report.kernels import forks, provisioner, wire
from cxkit.report.kernels.manager import Manager

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux")

PORTRAIT = """\
import json, locale, logging, os, resource, signal, sys
shown = {
    "arguments": [os.path.basename(sys.argv[0]), *sys.argv[1:2], *sys.argv[3:]],
    "path": sys.path,
    "folder": os.getcwd(),
    "main": sys.modules["__main__"].__dict__ is globals(),
    "environment": {key: os.environ[key] for key in os.environ if key != "JUPYTER_RUNTIME_DIR"},
    "signals": {one.name: str(signal.getsignal(one)).split(" at ")[0] for one in signal.Signals},
    "limits": [resource.getrlimit(getattr(resource, one)) for one in dir(resource) if "RLIM" in one
               and one.startswith("RLIMIT")],
    "flags": [str(sys.flags), hash("a"), locale.getlocale(), sys.__stdout__.encoding],
    "leader": [os.getsid(0), os.getpgid(0)] == [os.getpid()] * 2,
    "input": sys.__stdin__.read(),
    "root": [str(one) for one in logging.root.handlers],
    "shell": str(type(get_ipython())) + get_ipython().history_manager.hist_file,
}
import matplotlib, numpy, pandas, pyarrow
shown["matplotlib"] = {key: str(matplotlib.rcParams[key]) for key in matplotlib.rcParams}
shown["numpy"] = str(numpy.get_printoptions())
shown["pandas"] = [str(pandas.get_option(f"display.{one}")) for one in ("max_columns", "width")]
shown["arrow"] = [pyarrow.default_memory_pool().backend_name, pyarrow.cpu_count()]
print(json.dumps(shown, sort_keys=True))
"""
SHOWN = (
    "import matplotlib.pyplot as plt; plt.plot([1, 3, 2]);",
    "import pandas as pd; pd.DataFrame({'column ' * 5 + str(i): [i] for i in range(12)})",
    "print(pd.DataFrame({'column ' * 5 + str(i): [i] for i in range(12)}))",
    "import cxkit as cx; survey = cx.load('demo')",
    "trust = cx.compare(survey, 'score_100', of='level:trust', by='channel')",
    "cx.finding('trust', trust, figure=cx.figures.forest, say='{a} {difference} {b}')",
)
CHANCE = (
    "import random, uuid, numpy as np; "
    "print(random.random(), np.random.random(), uuid.uuid4(), sep=', ')"
)
SLEEPERS = """\
import os, subprocess, sys, time
subprocess.Popen(["sleep", "997"])
subprocess.Popen(["sleep", "997"], process_group=0)
subprocess.run([sys.executable, "-c", "import subprocess as s;"
                "s.Popen(['sleep', '997'], start_new_session=True)"])
open("pids", "w").write(f"{os.getppid()} {os.getpid()}")
time.sleep(997)
"""
CLIENT = """\
import sys
from pathlib import Path
from cxkit.report.execution import execute
execute(Path("asked.ipynb"), {}, Path("study.yaml"), fresh=False)
"""


@pytest.fixture(scope="module", autouse=True)
def _server_ends_with_the_tests() -> Iterator[None]:
    yield
    kernels.close()


def notebook(folder: Path, *cells: str) -> Path:
    path = folder / "asked.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def run(source: Path, *, fresh: bool = False, **values: object) -> nbformat.NotebookNode:
    """An executed notebook, stripped of times and places as those beside a report are."""
    made = execute(source, values, shared("data/demo/study.yaml"), fresh=fresh)
    provenance.strip(made, "asked")
    return made


def texts(made: nbformat.NotebookNode) -> list[str]:
    """What each cell printed, or showed as its result."""
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    return [output.get("text") or output.data["text/plain"] for output in outputs]


def test_a_warning_names_its_cell_the_same_each_time(tmp_path: Path) -> None:
    """Its file lies in a folder that is named after the kernel's process."""
    source = notebook(tmp_path, "import warnings; warnings.warn('look out')")
    first, second = (texts(run(source)) for _ in range(2))
    assert first == second
    assert re.match(r"cell-\d+\.py:1: UserWarning: look out", first[0])


def server_of(folder: Path) -> psutil.Process:
    """The fork server, as a kernel forked of it sees its parent."""
    parent = psutil.Process(int(texts(run(notebook(folder, "import os; os.getppid()")))[0]))
    assert "kernels.server" in " ".join(parent.cmdline())
    return parent


def is_true_within(seconds: float, question: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if question():
            return True
        time.sleep(0.05)
    return False


# -- as good as fresh ------------------------------------------------------------------------------


def test_a_forked_kernel_is_as_a_fresh_one(tmp_path):
    source = notebook(tmp_path, PORTRAIT)
    fresh, forked = (json.loads(texts(run(source, fresh=way))[0]) for way in (True, False))
    assert forked == fresh


def test_a_forked_kernel_shows_the_same_bytes(tmp_path):
    """A figure of matplotlib's, tables as HTML and as text, a finding: fresh and twice forked."""
    source = notebook(tmp_path, *SHOWN)
    ways = [nbformat.writes(run(source, fresh=way)) for way in (False, True, False)]
    assert "image/png" in ways[1]
    assert "application/vnd.cxkit.finding.v1+json" in ways[1]
    assert ways[0] == ways[1] == ways[2]


@pytest.mark.slow
def test_the_report_of_the_demo_is_the_same():
    """Everything that a report imports and draws: forked before and after a fresh one."""
    source = shared("notebooks/report.ipynb")
    ways = (False, True, False)
    made = {nbformat.writes(run(source, fresh=way, study="demo")) for way in ways}
    assert len(made) == 1


@pytest.mark.slow
def test_a_report_imports_little_that_is_not_there(tmp_path):
    """What the cells of the report import beyond what the server has: no library, no room."""
    show = "import sys; print(*sorted(sys.modules))"
    nb = nbformat.read(shared("notebooks/report.ipynb"), as_version=4)
    nb.cells.append(new_code_cell(show))
    nbformat.write(nb, tmp_path / "asked.ipynb")
    after = texts(run(tmp_path / "asked.ipynb", study="demo"))[-1].split()
    before = texts(run(notebook(tmp_path, show)))[0].split()
    assert len(set(after) - set(before)) < 20


def test_chance_differs_from_fork_to_fork(tmp_path):
    source = notebook(tmp_path, CHANCE)
    first, second = (texts(run(source))[0].strip("()").split(", ") for _ in range(2))
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_settings_of_the_user_are_read_when_a_kernel_starts(tmp_path, monkeypatch):
    """The start-up files of IPython, with the server that is there already."""
    server = server_of(tmp_path)
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "mine.py").write_text("greeting = 'selamat pagi'")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    made = run(notebook(tmp_path, "greeting", "import os; os.getppid()"))
    assert texts(made) == ["'selamat pagi'", str(server.pid)]


def test_what_a_kernel_says_below_python_reaches_the_terminal(tmp_path, capfd):
    run(notebook(tmp_path, "import os; os.write(2, b'a word from C\\n');"))
    assert "a word from C" in capfd.readouterr().err


# -- the server ------------------------------------------------------------------------------------


def test_the_server_has_no_thread_but_the_allocators(tmp_path):
    server = server_of(tmp_path)
    names = [
        Path(f"/proc/{server.pid}/task/{thread.id}/comm").read_text().strip()
        for thread in server.threads()
        if thread.id != server.pid
    ]
    assert set(names) <= {"jemalloc_bg_thd"}


def test_the_server_holds_no_file_open(tmp_path):
    assert not server_of(tmp_path).open_files()


def test_one_server_forks_all_kernels_until_the_environment_changes(tmp_path, monkeypatch):
    first = server_of(tmp_path)
    monkeypatch.setenv("CXKIT_SNAPSHOT", "of one report")
    assert server_of(tmp_path) == first
    monkeypatch.setenv("PANDAS_WISH", "something that a library may read when it is imported")
    assert server_of(tmp_path) != first
    assert not first.is_running()


def test_a_server_that_was_started_early_is_the_one_that_forks(tmp_path):
    before = server_of(tmp_path)
    kernels.close()
    assert not before.is_running()
    kernels.warm()
    early = {one.pid for one in psutil.Process().children()}
    assert server_of(tmp_path).pid in early


def test_a_server_that_was_killed_is_started_again(tmp_path):
    first = server_of(tmp_path)
    first.kill()
    assert server_of(tmp_path) != first


def test_two_that_send_on_one_line_never_cut_into_each_other():
    """The fork server and a kernel do: each message arrives whole, whatever the other says."""
    ours, theirs = socket.socketpair()
    n = 2000

    def say(name: str) -> None:
        for at in range(n):
            wire.send(theirs, {name: at})

    ours.settimeout(30)
    with ours, theirs, ThreadPoolExecutor(2) as pool:
        said = [pool.submit(say, name) for name in ("server", "kernel")]
        told = [wire.receive(ours)[0] for _ in range(2 * n)]
        for one in said:
            one.result()
    assert [one["kernel"] for one in told if "kernel" in one] == list(range(n))
    assert [one["server"] for one in told if "server" in one] == list(range(n))


@pytest.mark.parametrize("is_late", [False, True])
def test_a_server_may_say_who_a_kernel_is_after_the_kernel_is_ready(is_late):
    """A server that has to wait its turn between the fork and its word about it."""
    channel, of_server = socket.socketpair()
    server = object.__new__(forks._Server)
    server._channel = channel
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    def serve() -> None:
        _, files = wire.receive(of_server)
        line, pidfd = socket.socket(fileno=files[0]), os.pidfd_open(sleeper.pid)
        words = [({"pid": sleeper.pid}, [pidfd]), ({"ready": sleeper.pid}, [])]
        for message, sent in reversed(words) if is_late else words:
            wire.send(line, message, sent)
        for one in (pidfd, *files[1:]):
            os.close(one)
        lines.append(line)

    async def asked() -> forks.Forked:
        kernel = await server.fork({"arguments": []})
        await asyncio.wait_for(kernel.ready(), 10)
        return kernel

    lines: list[socket.socket] = []
    try:
        with ThreadPoolExecutor(2) as pool, channel, of_server:
            serving = pool.submit(serve)
            kernel = pool.submit(lambda: asyncio.run(asked())).result(30)
            serving.result(30)
            assert kernel.pid == sleeper.pid
            assert kernel.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
        for line in lines:
            line.close()
    assert kernel.wait(10) == -signal.SIGKILL


def test_a_server_that_does_not_start_is_no_failure(tmp_path, monkeypatch, caplog):
    """The kernel starts the stock way, as all after it, and the log says so once."""
    kernels.close()
    monkeypatch.setattr(forks, "_why_not", None)
    monkeypatch.setattr(forks, "_CALL", "raise SystemExit(3)")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            made = run(notebook(tmp_path, "import os; os.getppid()"))
            assert texts(made) == [str(os.getpid())]
    assert [one.getMessage() for one in caplog.records if "cxkit" in one.name] == [
        "kernels start the stock way: the fork server does not answer (EOFError)"
    ]


@pytest.mark.parametrize(
    ("cmd", "arguments"),
    [
        ([sys.executable, "-m", "ipykernel_launcher", "-f", "c.json"], ["-f", "c.json"]),
        ([sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "c"],
         ["-f", "c"]),
        ([sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "c.json"], None),
        ([sys.executable, "-m", "xeus_python", "-f", "c.json"], None),
        (["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "c.json"], None),
        (["R", "--slave", "-e", "IRkernel::main()"], None),
    ],
)  # fmt: skip
def test_only_the_ipykernel_of_this_interpreter_is_forked(cmd, arguments):
    assert provisioner.arguments_of_ipykernel(cmd) == arguments


# -- the provisioner -------------------------------------------------------------------------------


def with_a_kernel(folder: Path, act: Callable[[Manager, Any], Awaitable[None]]) -> None:
    """A forked kernel of Jupyter's own making: its manager, and channels that are ready."""

    async def _run() -> None:
        manager = Manager(kernel_name="python3", transport="ipc", ip=str(folder / "kernel"))
        manager.is_forked = True
        manager.connection_file = str(folder / "kernel.json")
        await manager.start_kernel()
        channels = manager.client()
        try:
            channels.start_channels()
            await channels.wait_for_ready(timeout=30)
            await act(manager, channels)
        finally:
            await manager.shutdown_kernel(now=True)
            channels.stop_channels()
        assert not manager.has_kernel

    with ThreadPoolExecutor(1) as aside:  # the browser's tests leave a loop running in this thread
        aside.submit(asyncio.run, _run()).result()


def test_a_running_cell_can_be_interrupted(tmp_path):
    async def act(manager: Manager, channels: Any) -> None:
        asked = channels.execute("import time; print('here', flush=True); time.sleep(60)")
        while (await channels.get_iopub_msg(timeout=10))["msg_type"] != "stream":
            pass
        await manager.interrupt_kernel()
        reply = await channels.get_shell_msg(timeout=10)
        while reply["parent_header"]["msg_id"] != asked:
            reply = await channels.get_shell_msg(timeout=10)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert await manager.is_alive()

    with_a_kernel(tmp_path, act)


def test_a_kernel_can_be_restarted(tmp_path):
    async def act(manager: Manager, channels: Any) -> None:
        assert isinstance(manager.provisioner, provisioner.ForkedProvisioner)
        before = await manager.provisioner.get_provisioner_info()
        assert (before["pid"], before["pgid"]) == (manager.pid, manager.pid)
        await channels.execute("kept = 1", reply=True, timeout=10)
        await manager.restart_kernel(now=True)
        assert manager.pid != before["pid"]
        assert not psutil.pid_exists(before["pid"])
        await channels.wait_for_ready(timeout=30)
        reply = await channels.execute("kept", reply=True, timeout=10)
        assert reply["content"]["ename"] == "NameError"

    with_a_kernel(tmp_path, act)


@pytest.mark.parametrize("how", ["asked", "terminated", "killed"])
def test_how_a_kernel_ended_is_told(how, tmp_path):
    async def act(manager: Manager, channels: Any) -> None:
        process = manager.provisioner.process
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        if how == "asked":
            await manager.request_shutdown()
        elif how == "terminated":
            await manager.provisioner.terminate()
        else:
            await manager.provisioner.kill()
        await asyncio.wait_for(manager.gone(), 10)
        ended = {"asked": 0, "terminated": -signal.SIGTERM, "killed": -signal.SIGKILL}[how]
        assert process.wait() == process.poll() == process.returncode == ended

    with_a_kernel(tmp_path, act)


# -- nothing is left -------------------------------------------------------------------------------


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder of a name that is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        yield Path(folder)


def _sleepers() -> set[int]:
    return {
        one.pid for one in psutil.process_iter(["cmdline"]) if "997" in (one.info["cmdline"] or ())
    }


@pytest.mark.parametrize("killed", ["group of the client", "server", "kernel"])
def test_nothing_outlives_a_kill(killed, tmp_path, scratch):
    """No server, kernel, process that a kernel started, socket or folder; no zombie."""
    with _client(tmp_path, scratch) as client:
        pids = tmp_path / "pids"
        assert is_true_within(60, lambda: pids.is_file() and len(pids.read_text().split()) == 2)
        server, kernel = map(int, pids.read_text().split())
        sleepers = _sleepers()
        assert len(sleepers) == 3
        # What a killed server cannot end: what left the group of its kernel.
        strays = {pid for pid in sleepers if os.getpgid(pid) != kernel and killed == "server"}
        try:
            if killed == "group of the client":
                os.killpg(client.pid, signal.SIGKILL)
            else:
                os.kill({"server": server, "kernel": kernel}[killed], signal.SIGKILL)
            client.wait(30)
            gone = {server, kernel, *sleepers} - strays
            assert is_true_within(10, lambda: not any(map(psutil.pid_exists, gone)))
        finally:
            for pid in strays:
                os.kill(pid, signal.SIGKILL)
    assert not list(scratch.iterdir())
    if killed != "group of the client":
        said = (tmp_path / "said").read_text()
        assert "the kernel of notebook 'asked' died (signal 9)" in said


@contextlib.contextmanager
def _client(folder: Path, scratch: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process, leader of a group, that runs a notebook which sleeps and starts others that do."""
    notebook(folder, SLEEPERS)
    with (folder / "said").open("w") as said:
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(scratch)},
            stderr=said,
            start_new_session=True,
        )
    try:
        yield client
    finally:
        client.kill()
        client.wait()


def _in_a_daemon(source: str, answer: Any) -> None:
    made = run(Path(source))
    answer.send((texts(made), os.getpid()))


def test_kernels_are_forked_in_a_daemonic_process(tmp_path):
    """As the workers of Dask are, which may have no children by way of multiprocessing."""
    source = notebook(tmp_path, "import os, psutil; psutil.Process().parent().ppid()")
    ours, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    worker = spawn.Process(target=_in_a_daemon, args=(str(source), theirs), daemon=True)
    worker.start()
    assert ours.poll(60)
    (grandparent,), pid = ours.recv()
    worker.join(30)
    assert int(grandparent) == pid
    with contextlib.suppress(psutil.NoSuchProcess):
        assert not [one for one in psutil.Process().children() if "kernels.server" in str(one)]
