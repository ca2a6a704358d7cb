"""A PostgreSQL server of the test's own: a free port, a temporary folder, stopped at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_USER = "postgres"


def _programs() -> Path | None:
    """The folder of the server's programs: on the path, or where Debian keeps them."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return kept[-1].parent if kept else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """The SQLAlchemy URL of a running server; the test is left out where there is no PostgreSQL."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    owner = {"user": _USER, "group": _USER, "extra_groups": []} if is_root else {}
    folder = Path(tempfile.mkdtemp(prefix="cx-pg-"))
    if is_root:
        shutil.chown(folder, _USER, _USER)
    port = _free_port()

    def run(*words: str) -> None:
        subprocess.run(words, check=True, capture_output=True, cwd=folder, **owner)

    data, log = str(folder / "data"), str(folder / "log")
    server = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = str(programs / "pg_ctl")
    try:
        run(str(programs / "initdb"), "-D", data, "-U", "cx", "-A", "trust", "-E", "UTF8", "-N")
        # The server keeps what it is given as output open: a file, never a pipe of ours.
        started = [control, "-D", data, "-l", log, "-o", server, "-w", "-t", "60", "start"]
        subprocess.run(
            started,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            **owner,
        )
        try:
            yield f"postgresql+psycopg://cx:secret@127.0.0.1:{port}/postgres"
        finally:
            run(control, "-D", data, "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
