"""Fixtures that all tests share, and the closing lines that count what was left out and why."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

PROJECT = Path(__file__).resolve().parent.parent
SHARED_DATA = PROJECT.parent / "shared" / "data"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What a test is that looks at real data with reference numbers: the closing lines count them.
WITNESS = "witness"
# Nothing but the page: no first-run chores, no look-ups of the browser maker's hosts.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
)


# The same examples on every machine, and no law judged by the clock.
hypothesis.settings.register_profile("kit", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("kit")


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded source of random answers: the same for every test, whatever ran before."""
    return np.random.default_rng(20260101)


@pytest.fixture(autouse=True)
def _relative_paths_start_at_the_working_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """`CXKIT_ROOT` is there for the kernels of the test run; tests see what a user sees."""
    monkeypatch.delenv("CXKIT_ROOT", raising=False)


@pytest.fixture
def no_warning() -> Iterator[None]:
    """No warning reaches the reader: each is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def oracle(request: pytest.FixtureRequest) -> dict[str, Any]:
    """R's numbers that the test module names in `ORACLE`."""
    return json.loads(request.module.ORACLE.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def project() -> Path:
    """The top folder of the clone."""
    return PROJECT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data with reference numbers that lies beside the clone."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no ../shared/data beside the clone")
    return SHARED_DATA


@pytest.fixture(scope="session")
def cxkit_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `cxkit` as a user would: `cxkit_command("run", "demo", cwd=..., python=...)`."""
    return _run_cxkit


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A folder that the first of all test processes fills, and the others find filled."""
    top = tmp_path_factory.getbasetemp()
    top = top.parent if "PYTEST_XDIST_WORKER" in os.environ else top

    def folder(name: str, fill: Callable[[Path], Any]) -> Path:
        done, part, begun, failed = (
            top / f"{name}{end}" for end in ("", ".part", ".begun", ".failed")
        )
        try:
            begun.mkdir()
        except FileExistsError:
            deadline = time.monotonic() + 300
            while not done.exists():
                if failed.exists() or time.monotonic() > deadline:
                    pytest.fail(f"another test process could not make {name}", pytrace=False)
                time.sleep(0.2)
            return done
        try:
            part.mkdir()
            fill(part)
        except BaseException:
            failed.touch()
            raise
        part.rename(done)
        return done

    return folder


@pytest.fixture(scope="session")
def demo_report(made_once: Callable[..., Path]) -> Path:
    """A folder with the demo's report as `cxkit run demo` makes it, in both languages."""
    spoken = ("--language", "id", "--language", "en")
    return made_once(
        "demo_report", lambda folder: _run_cxkit("run", "demo", *spoken, "-o", str(folder))
    )


@pytest.fixture(scope="session")
def real_report(shared_data: Path, made_once: Callable[..., Path]) -> Callable[[str], Any]:
    """The report of a real study of `tests/studies`, made when it is first asked for."""
    from real_studies import Report

    def report(study: str) -> Report:
        folder = made_once(f"{study}_report", lambda folder: Report.made(study, folder))
        return Report(study, folder)

    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium of the system, driven by playwright."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.skip("no Chromium on the PATH")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=list(CHROMIUM_ARGUMENTS)
        )
        yield browser
        browser.close()


def _run_cxkit(
    *arguments: str, python: str | os.PathLike[str] = sys.executable, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The finished command; one that fails fails the test, with what it said."""
    environment = {key: value for key, value in os.environ.items() if key != "CXKIT_ROOT"}
    done = subprocess.run(
        [os.fspath(python), "-m", "cxkit", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    if done.returncode:
        pytest.fail(
            f"cxkit {' '.join(arguments)} exited {done.returncode}\n{done.stdout}\n{done.stderr}",
            pytrace=False,
        )
    return done


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that side by side no process waits for one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    for item in items:
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.user_properties.append((WITNESS, item.path.stem.removeprefix("test_")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Count the witnesses on real data, and the tests left out by reason: no skip is silent."""
    passed = terminalreporter.stats.get("passed", ())
    witnesses = Counter(
        name for report in passed for kind, name in report.user_properties if kind == WITNESS
    )
    by_file = ", ".join(f"{name} {count}" for name, count in sorted(witnesses.items()))
    terminalreporter.write_line(f"witnesses on real data: {witnesses.total()} ({by_file})")
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"left out {count}: {reason}")
