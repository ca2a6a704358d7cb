"""A browser of the machine that prints a page: found, started with a profile of its own, ended.

Any Chromium will do: Chromium, Google Chrome, Microsoft Edge, or what CXKIT_BROWSER names.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from cxkit.errors import ReportError, StudyError

__all__ = ["VARIABLE", "browser", "printed_page"]

VARIABLE = "CXKIT_BROWSER"
"""The environment variable that names a browser."""

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "%ProgramFiles%\\Google\\Chrome\\Application\\chrome.exe",
    "%ProgramFiles(x86)%\\Google\\Chrome\\Application\\chrome.exe",
    "%LocalAppData%\\Google\\Chrome\\Application\\chrome.exe",
    "%ProgramFiles(x86)%\\Microsoft\\Edge\\Application\\msedge.exe",
)
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
    "--no-pdf-header-footer",
)
"""Nothing but the page: no chores, no host is looked up, a tagged PDF with bookmarks."""

_TIMEOUT = 120.0
_GRACE = 5.0


def browser() -> str:
    """The path of a browser that can print a page.

    Raises
    ------
    StudyError
        If there is none; it says what to install.
    """
    asked = os.environ.get(VARIABLE)
    if asked:
        found = shutil.which(asked)
        if found is None:
            raise StudyError(
                f"the browser that {VARIABLE} names cannot be started",
                where=asked,
                expected="the path or the name of Chromium, Google Chrome or Microsoft Edge",
            )
        return found
    named = filter(None, map(shutil.which, _NAMES))
    placed = (path for path in map(os.path.expandvars, _PLACES) if os.access(path, os.X_OK))
    found = next(named, None) or next(placed, None)
    if found is None:
        raise StudyError(
            "a PDF needs a browser to print the page, and none was found",
            where="beside: pdf",
            expected="Chromium, Google Chrome or Microsoft Edge",
            hint=f"install one (apt install chromium), or name one: {VARIABLE}=/path/of/chrome",
        )
    return found


def printed_page(html: str, *, timeout: float = _TIMEOUT) -> bytes:
    """A page as the browser prints it, as the bytes of a PDF.

    Parameters
    ----------
    html : str
        The page, whole: nothing else is read, and nothing is asked of the network.
    timeout : float
        Seconds after which the browser is ended.

    Raises
    ------
    StudyError
        If there is no browser.
    ReportError
        If the browser fails, or does not end in time.
    """
    program = browser()
    with tempfile.TemporaryDirectory(prefix="cxkit-", ignore_cleanup_errors=True) as folder:
        page, paper = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html, encoding="utf-8")
        command = [
            program,
            *_FLAGS,
            *(("--no-sandbox",) if _is_confined() else ()),
            f"--user-data-dir={Path(folder, 'profile')}",
            f"--print-to-pdf={paper}",
            page.as_uri(),
        ]
        _run(command, folder, timeout)
        if not paper.is_file() or not paper.stat().st_size:
            raise ReportError(
                "the browser printed nothing",
                where=program,
                expected="a browser that may write to the folder for temporary files",
                hint=f"try another one: {VARIABLE}=/path/of/chrome",
            )
        return paper.read_bytes()


def _is_confined() -> bool:
    """Whether the browser's own sandbox cannot work: for root, and inside a container."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root or any(map(os.path.exists, ("/.dockerenv", "/run/.containerenv")))


def _run(command: list[str], folder: str, timeout: float) -> None:
    """Run the browser to its end; whatever happens, neither it nor a child of it stays behind."""
    with _started(command, folder) as process:
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ReportError(
                f"the browser did not print the page in {timeout:g} seconds",
                where=command[0],
                hint="make the report again when the machine has less to do",
            ) from None
    if code:
        raise ReportError(
            f"the browser failed with code {code}",
            where=command[0],
            hint=f"try another one: {VARIABLE}=/path/of/chrome",
        )


@contextlib.contextmanager
def _started(command: list[str], folder: str) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            start_new_session=sys.platform != "win32",
        )
    except OSError as error:
        raise StudyError(
            f"the browser cannot be started: {error.strerror}",
            where=command[0],
            expected="Chromium, Google Chrome or Microsoft Edge",
        ) from None
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
        for one in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
