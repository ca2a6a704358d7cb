"""A fork of the fork server, become the kernel that a fresh interpreter would be.

What a notebook could notice: modules that it has not imported are in `sys.modules` already, its
parent is the fork server and not the process that asked for it, and what Python reads only when it
starts (`sys.flags`, the hash seed) is as it was when the server started. Environment, working
folder, arguments, `sys.path`, open files, signals, session and sources of randomness are its own.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.report.kernels.wire import send

__all__ = ["be_kernel"]


def be_kernel(request: Mapping[str, Any], line: socket.socket, files: Sequence[int]) -> None:
    """Be the kernel of a request; say on `line` that it can be talked to; return when it is done.

    Parameters
    ----------
    request : mapping
        `arguments` of ipykernel, `env` and `cwd` of the process.
    line : socket
        To the client.
    files : sequence of int
        What is to be standard output and standard error.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _standard_files(*files)
    _environment(request["env"])
    os.chdir(request["cwd"])
    _randomness()
    _interpreter(request["arguments"])

    from ipykernel.kernelapp import IPKernelApp

    # Not the class's own default, which the server's environment made: its parent, as ever.
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(list(request["arguments"]))
    send(line, {"ready": os.getpid()})
    line.close()
    app.start()


def _standard_files(out: int, err: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(source, target)
        os.close(source)


def _environment(wanted: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(wanted)
    time.tzset()
    tempfile.tempdir = None


def _randomness() -> None:
    """As a process that has just started; Python's own `random` does so by itself in a fork."""
    if "numpy.random" in sys.modules:
        import numpy as np

        np.random.seed()


def _interpreter(arguments: Sequence[str]) -> None:
    """What `python -m ipykernel_launcher ARGUMENTS` would see; the kernel puts the folder back."""
    import importlib.util

    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin) if launcher else "ipykernel_launcher", *arguments]
    if sys.path[:1] == [""]:
        del sys.path[0]
