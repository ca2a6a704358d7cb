"""One notebook through papermill: the kernel's settings, and what went wrong in words."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxkit import places
from cxkit.errors import ReportError, StudyError, SurveyError
from cxkit.files import write_atomically
from cxkit.report import scratch
from cxkit.report.kernels.forks import SETTINGS
from cxkit.report.notebook_file import lean_nbformat

__all__ = ["Limits", "as_seen_from_kernel", "execute"]

_STARTS = 3
_LONGEST_SOCKET = 95
"""Systems cut the names of sockets after some hundred bytes; a number follows ours."""


@dataclass(frozen=True)
class Limits:
    """What one report may take.

    Parameters
    ----------
    seconds : float, optional
        By the clock, the start of its kernel included; no end if none.
    memory : int, optional
        MB of the kernel's own data, where the system can hold it to that; no limit if none.
    output : int, default 50
        MB that the cells of its notebook may print and show.
    """

    seconds: float | None = None
    memory: int | None = None
    output: int = 50

    def __post_init__(self) -> None:
        _refuse_limit(self.seconds, "--timeout", "seconds")
        _refuse_limit(self.memory, "--memory", "MB")


def _refuse_limit(limit: object, where: str, unit: str) -> None:
    is_number = isinstance(limit, int | float) and not isinstance(limit, bool)
    if limit is not None and not (is_number and 0 < limit < math.inf):  # type: ignore[operator]
        raise StudyError(
            f"a report cannot be held to '{limit}' {unit}",
            where=where,
            expected=f"more than 0 {unit}, or none for no limit",
        )


def as_seen_from_kernel(study_file: Path) -> str:
    """The study as the notebook reads it: the kernel's root is the study's folder."""
    if places.is_demo(study_file):
        return "demo"
    return "." if study_file.name == "study.yaml" else study_file.name


def execute(
    source: Path,
    values: Mapping[str, object],
    study_file: Path,
    failed: Path | None = None,
    *,
    limits: Limits | None = None,
    snapshot: Path | None = None,
    fresh: bool = True,
) -> Any:
    """A notebook, executed with parameters in a kernel of its own.

    Parameters
    ----------
    source : Path
        The notebook.
    values : mapping
        Its parameters.
    study_file : Path
        The study it is about: its folder is where the kernel's relative paths start.
    failed : Path, optional
        Where to keep a notebook that did not end well, without answers.
    limits : Limits
        What it may take.
    snapshot : Path, optional
        Prepared answers that it reads in the place of preparing them again.
    fresh : bool, default True
        A kernel that starts from nothing; else one forked from a warm process where the system
        can.

    Returns
    -------
    nbformat notebook
        With its outputs.

    Raises
    ------
    StudyError, SurveyError
        As a cell raised them.
    ReportError
        If a cell fails, the kernel dies, or a limit is reached.
    """
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError

    from cxkit.report.kernels.engine import DIED, Stopped

    limits = limits or Limits()
    until = None if limits.seconds is None else time.monotonic() + limits.seconds
    with scratch.folder() as own:
        target = own / source.name
        for attempt in range(_STARTS):
            try:
                with _kernel_settings(study_file.parent, own, snapshot):
                    return papermill.execute_notebook(
                        str(source),
                        str(target),
                        dict(values),
                        engine_name="cxkit",
                        limits=limits,
                        until=until,
                        is_forked=not fresh,
                        folder=own,
                        **_kernel_of(source),
                        progress_bar=False,
                        request_save_on_cell_execute=False,
                        autosave_cell_every=0,
                        config=_channel(own),
                    )
            except papermill.PapermillExecutionError as error:
                raise _cell_failed(error, source, limits, target, failed) from None
            except Stopped as stop:
                if stop.reason == DIED and attempt < _STARTS - 1:
                    continue  # another process may have taken its ports
                raise _stopped(stop.reason, stop.detail, source, limits) from None
            except CellTimeoutError as error:
                raise ReportError(str(error).splitlines()[0], where=source.name) from None
            except NoSuchKernel as error:
                raise ReportError(
                    f"there is no Jupyter kernel '{error.name}' here",
                    where=source.name,
                    expected="the python3 kernel of ipykernel",
                    hint="cxkit doctor lists what is installed",
                ) from None
            except RuntimeError as error:
                if "Kernel didn't respond" not in str(error) or attempt == _STARTS - 1:
                    raise
        raise AssertionError("the last start either answers or raises")


def _channel(own: Path) -> Any:
    """Talk to the kernel over sockets of our own, not over ports that others can race or read."""
    from traitlets.config import Config

    told = {"connection_file": str(own / "kernel.json")}
    sockets = str(own / "kernel")
    if os.name == "posix" and len(os.fsencode(sockets)) < _LONGEST_SOCKET:
        told |= {"transport": "ipc", "ip": sockets}
    return Config({"KernelManager": told})


def _kernel_of(source: Path) -> dict[str, str]:
    """Python's kernel for a notebook that names none."""
    metadata = json.loads(source.read_text(encoding="utf-8"))["metadata"]
    if "kernelspec" in metadata and "language_info" in metadata:
        return {}
    return {"kernel_name": "python3", "language": "python"}


@contextlib.contextmanager
def _kernel_settings(study_folder: Path, own: Path, snapshot: Path | None) -> Iterator[None]:
    """The environment that the kernel inherits: one thread, one hash seed, the study's root."""
    from cxkit.answers.cache import SNAPSHOT

    places_of_run = {"CXKIT_ROOT": str(study_folder), "JUPYTER_RUNTIME_DIR": str(own)}
    settings: dict[str, str | None] = {**SETTINGS, **places_of_run}
    settings[SNAPSHOT] = str(snapshot) if snapshot is not None else None
    before = {key: os.environ.get(key) for key in settings}
    papers = logging.getLogger("papermill")
    was_disabled, papers.disabled = papers.disabled, True  # our own errors say what went wrong
    _set(settings)
    try:
        yield
    finally:
        papers.disabled = was_disabled
        _set(before)


def _set(settings: Mapping[str, str | None]) -> None:
    for key, value in settings.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value


def _cell_failed(
    error: Any, source: Path, limits: Limits, target: Path, failed: Path | None
) -> Exception:
    """A cell that failed, or in which the kernel was stopped, as an error of ours."""
    from cxkit.answers.privacy import masked
    from cxkit.report.kernels.engine import STOPPED

    slips = {"StudyError": StudyError, "SurveyError": SurveyError}
    if error.ename in slips:
        slip = slips[error.ename].parse(str(error.evalue))
        slip.where = slip.where or f"{source.name}, cell {error.exec_count}"
        return slip
    kept = _kept(target, failed)
    where = f"{source.name}, cell {error.exec_count}: {_first_line(error.source)}"
    if error.ename in STOPPED:
        return _stopped(error.ename, error.evalue, source, limits, where, kept)
    if limits.memory is not None and _needed_memory(error):
        return ReportError(
            f"notebook '{source.stem}' needed more memory than it may take",
            where=where,
            expected=f"at most {limits.memory} MB of data",
            hint=_also("allow it more, or hand it a smaller slice of the answers", kept),
        )
    return ReportError(
        f"cell {error.exec_count} of notebook '{source.stem}' failed: {error.ename}",
        where=where,
        expected=masked(_first_line(error.evalue)) or None,
        hint=kept,
    )


def _stopped(
    reason: str,
    detail: str,
    source: Path,
    limits: Limits,
    where: str | None = None,
    kept: str | None = None,
) -> ReportError:
    """A kernel that reached a limit or died, as an error of ours."""
    from cxkit.report.kernels.engine import TOO_LONG, TOO_MUCH

    name, expected = f"notebook '{source.stem}'", None
    if reason == TOO_LONG:
        what = f"{name} took longer than {limits.seconds:g} s"
        expected = f"done within {limits.seconds:g} s, the start of its kernel included"
        hint = "allow it more time, or look for what does not end"
    elif reason == TOO_MUCH:
        what = f"{name} printed or showed more than {limits.output} MB"
        expected = f"at most {limits.output} MB from all of its cells"
        hint = "show what was found, not the answers that it was found in"
    else:
        what = f"the kernel of {name} died" + (f" ({detail})" if detail else "")
        if limits.memory is not None:
            expected = f"alive to the end, with at most {limits.memory} MB of data"
        hint = "it may have run out of memory: try a smaller slice of the answers"
    return ReportError(what, where or source.name, expected, _also(hint, kept))


def _needed_memory(error: Any) -> bool:
    """Whether a cell failed because there was no memory left, whoever says so."""
    texts = ("MemoryError", "Cannot allocate memory", "Unable to allocate", "malloc of size")
    return any(text in f"{error.ename} {error.evalue}" for text in texts)


def _kept(target: Path, failed: Path | None) -> str | None:
    """Keep the notebook as far as it came, not its rows; where it is, in words."""
    from cxkit.report.failed import without_answers

    if failed is None or not target.is_file():
        return None
    nbformat = lean_nbformat()
    partial = without_answers(nbformat.read(target, as_version=4))
    write_atomically(failed, nbformat.writes(partial) + "\n")
    return f"open {failed} to see the notebook as far as it came, without answers"


def _also(hint: str, kept: str | None) -> str:
    return f"{hint}; {kept}" if kept else hint


def _first_line(text: str) -> str:
    return next((line.strip() for line in str(text).splitlines() if line.strip()), "")
