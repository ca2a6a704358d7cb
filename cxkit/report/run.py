"""Execute a notebook on a study and render it: one report, its pages, JSON and notebook."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxkit import places
from cxkit.errors import ReportError, StudyError, SurveyError, nearest
from cxkit.report import provenance
from cxkit.report.parameters import read_parameters, typed

__all__ = ["Report", "as_seen_from_kernel", "execute", "find_notebook", "render", "run"]

_KERNEL_SETTINGS = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
_STARTS = 3


@dataclass
class Report:
    """What one run made: the pages by language, the JSON, the executed notebook, the seconds.

    Iterating over it gives the paths of the pages.
    """

    pages: dict[str, Path]
    json: Path | None = None
    notebook: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def paths(self) -> list[Path]:
        """Every page, in the order of the languages asked for."""
        return list(self.pages.values())

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.pages)

    def __repr__(self) -> str:
        return "\n".join(str(path) for path in self.paths)


def run(
    study: str | os.PathLike[str],
    notebook: str = "report",
    *,
    language: str | Sequence[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> Report:
    """One report of a study: execute a notebook and render its pages.

    Parameters
    ----------
    study : path or "demo"
        A folder, a study.yaml, or the word demo.
    notebook : str, default "report"
        A notebook of the study's `notebooks/`, else of the kit; or the path of one.
    language : str or sequence of str, optional
        The languages of the pages; the study's languages by default.
    output : path, optional
        The folder for the report; `STUDY/reports` by default (the demo's: `reports`).
    parameters : mapping, optional
        Values for the notebook's parameters.

    Returns
    -------
    Report
        Paths of the pages, of the report JSON and of the executed notebook.

    Raises
    ------
    StudyError, SurveyError
        If study, answers or parameters need mending; nothing is written then.
    ReportError
        If a cell fails; an earlier report is left as it was.

    Examples
    --------
    >>> run("demo", language=["id", "en"]).paths                   # doctest: +SKIP
    [PosixPath('reports/toko_contoh-report.id.html'), ...]
    """
    from cxkit.answers.cache import ensure_prepared
    from cxkit.study import read_study

    started = time.perf_counter()
    asked = read_study(study)
    source = find_notebook(notebook, asked.folder)
    nb = _read(source, notebook)
    declared = read_parameters(nb.cells)
    takes_study = declared.pop("study", None) is not None
    chosen = typed(parameters or {}, declared, source.stem)
    languages = _languages(language, asked.languages)
    ensure_prepared(asked)
    folder = Path(output) if output is not None else places.output_folder(asked.file)
    stem = f"{asked.key}-{source.stem}"
    values = {"study": as_seen_from_kernel(asked.file), **chosen} if takes_study else chosen
    provenance.ensure_writable(folder)
    read = time.perf_counter()

    executed = execute(source, values, asked.file, folder / f"{stem}.failed.ipynb")
    ran = time.perf_counter()
    cells = sum(cell.metadata.get("papermill", {}).get("duration") or 0 for cell in executed.cells)
    provenance.strip(executed, stem)
    _refuse_without_findings(executed, source.name)
    executed.metadata["cxkit"] = {
        **executed.metadata.get("cxkit", {}),
        **provenance.manifest(executed, source, chosen),
    }
    report = _write(executed, languages, folder, stem)
    (folder / f"{stem}.failed.ipynb").unlink(missing_ok=True)
    done = time.perf_counter()
    report.seconds = {
        "read": read - started,
        "cells": cells,
        "kernel": ran - read - cells,
        "page": done - ran,
        "all": done - started,
    }
    return report


def render(
    executed: str | os.PathLike[str],
    *,
    language: str | Sequence[str] | None = None,
    output: str | os.PathLike[str] | None = None,
) -> Report:
    """The pages of an executed notebook, without running it again.

    Parameters
    ----------
    executed : path
        Any notebook whose outputs hold findings or tables of cxkit.
    language : str or sequence of str, optional
        The languages of the pages; the study's by default.
    output : path, optional
        Where to put them; beside the notebook by default.

    Returns
    -------
    Report
        Paths of the pages.

    Raises
    ------
    StudyError
        If the file is no notebook, or none of its cells shows a finding or a table of cxkit.

    Examples
    --------
    >>> render("reports/toko_contoh-report.ipynb").paths           # doctest: +SKIP
    [PosixPath('reports/toko_contoh-report.id.html'), ...]
    """
    path = places.root() / Path(executed)
    if not path.is_file():
        raise StudyError(
            f"there is no notebook at '{executed}'", expected="an executed .ipynb file"
        )
    nb = _read(path, str(executed))
    from cxkit.report import page

    _refuse_without_findings(nb, str(executed))
    context = page.context_of(nb)
    folder = Path(output) if output is not None else path.parent
    return _write_pages(nb, _languages(language, context["languages"]), folder, path.stem)


def _refuse_without_findings(nb: Any, shown: str) -> None:
    from cxkit.report import page

    if not page.context_of(nb):
        raise StudyError(
            f"'{shown}' holds no finding of cxkit",
            where=shown,
            expected="an executed notebook whose cells show findings or estimates",
            hint="execute it (cxkit run STUDY --notebook NAME), and end a cell with what it found: "
            "cx.pyramid.findings(survey)",
        )


def _read(path: Path, shown: str) -> Any:
    """A notebook of format 4, or a StudyError for a file that is none."""
    nbformat = _nbformat()
    try:
        text = path.read_text(encoding="utf-8")
        version = json.loads(text)["nbformat"]
        nb = nbformat.reads(text, as_version=4)
        nbformat.validate(nb)
    except (KeyError, TypeError, ValueError, AttributeError, nbformat.ValidationError) as slip:
        raise StudyError(
            f"'{shown}' is not a notebook", where=shown, expected="a Jupyter notebook of format 4"
        ) from slip
    if version != 4:
        raise StudyError(
            f"'{shown}' is a notebook of format {version}",
            where=shown,
            expected="format 4",
            hint="open it in JupyterLab and save it again",
        )
    return nb


def find_notebook(name: str, study_folder: Path) -> Path:
    """The notebook `name`: a path, the study's own, or the kit's."""
    if name.endswith(".ipynb") and (places.root() / name).is_file():
        return (places.root() / name).resolve()
    shelves = [study_folder / "notebooks", places.shared("notebooks")]
    for shelf in shelves:
        if (shelf / f"{name}.ipynb").is_file():
            return shelf / f"{name}.ipynb"
    known = sorted({one.stem for shelf in shelves for one in shelf.glob("*.ipynb")})
    raise StudyError(
        f"there is no notebook '{name}'",
        expected="one of " + ", ".join(known) + ", or the path of an .ipynb file",
        hint=nearest(name, known),
    )


def _languages(asked: str | Sequence[str] | None, of_study: Sequence[str]) -> list[str]:
    from cxkit.library import languages as known

    chosen = [asked] if isinstance(asked, str) else list(asked or of_study)
    for language in chosen:
        if language not in known():
            raise StudyError(
                f"there are no words for the language '{language}'",
                where="--language",
                expected="one of " + ", ".join(known()),
                hint=nearest(language, known()),
            )
    return list(dict.fromkeys(chosen))


def as_seen_from_kernel(study_file: Path) -> str:
    """The study as the notebook reads it: the kernel's root is the study's folder."""
    if places.is_demo(study_file):
        return "demo"
    return "." if study_file.name == "study.yaml" else study_file.name


def execute(
    source: Path, values: Mapping[str, object], study_file: Path, failed: Path | None = None
) -> Any:
    """The notebook `source`, executed with parameters; `failed` keeps one that did not end well."""
    import tempfile

    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    with tempfile.TemporaryDirectory(prefix="cxkit-") as scratch:
        target = Path(scratch) / source.name
        for attempt in range(_STARTS):
            try:
                with _kernel_settings(study_file.parent, scratch):
                    return papermill.execute_notebook(
                        str(source),
                        str(target),
                        dict(values),
                        **_kernel_of(source),
                        progress_bar=False,
                        request_save_on_cell_execute=False,
                        autosave_cell_every=0,
                        shutdown_kernel="immediate",
                        **_channel(scratch),
                    )
            except papermill.PapermillExecutionError as error:
                raise _cell_failed(error, source, target, failed) from None
            except DeadKernelError:
                raise ReportError(
                    f"the kernel of notebook '{source.stem}' died",
                    where=source.name,
                    hint="it may have run out of memory: try a smaller slice of the answers",
                ) from None
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


def _channel(scratch: str) -> dict[str, Any]:
    """Talk to the kernel over sockets of our own, not over ports that others can race or read."""
    from traitlets.config import Config

    if os.name != "posix":
        return {}
    own = {"transport": "ipc", "ip": os.path.join(scratch, "kernel")}
    return {"config": Config({"KernelManager": own})}


def _kernel_of(source: Path) -> dict[str, str]:
    """Python's kernel for a notebook that names none."""
    metadata = json.loads(source.read_text(encoding="utf-8"))["metadata"]
    if "kernelspec" in metadata and "language_info" in metadata:
        return {}
    return {"kernel_name": "python3", "language": "python"}


@contextlib.contextmanager
def _kernel_settings(study_folder: Path, scratch: str) -> Iterator[None]:
    """The environment that the kernel inherits: one thread, one hash seed, the study's root."""
    own = {"CXKIT_ROOT": str(study_folder), "JUPYTER_RUNTIME_DIR": scratch}
    settings = {**_KERNEL_SETTINGS, **own}
    before = {key: os.environ.get(key) for key in settings}
    papers = logging.getLogger("papermill")
    was_disabled, papers.disabled = papers.disabled, True  # our own errors say what went wrong
    os.environ.update(settings)
    try:
        yield
    finally:
        papers.disabled = was_disabled
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _cell_failed(error: Any, source: Path, target: Path, failed: Path | None) -> Exception:
    """A failing cell as an error of ours; the notebook as far as it came is kept, not its rows."""
    from cxkit.answers.privacy import masked
    from cxkit.report.failed import without_answers

    slips = {"StudyError": StudyError, "SurveyError": SurveyError}
    if error.ename in slips:
        slip = slips[error.ename].parse(str(error.evalue))
        slip.where = slip.where or f"{source.name}, cell {error.exec_count}"
        return slip
    kept = None
    if failed is not None and target.is_file():
        nbformat = _nbformat()
        partial = without_answers(nbformat.read(target, as_version=4))
        provenance.write_atomically(failed, nbformat.writes(partial) + "\n")
        kept = f"open {failed} to see the notebook as far as it came, without answers"
    return ReportError(
        f"cell {error.exec_count} of notebook '{source.stem}' failed: {error.ename}",
        where=f"{source.name}, cell {error.exec_count}: {_first_line(error.source)}",
        expected=masked(_first_line(error.evalue)) or None,
        hint=kept,
    )


def _first_line(text: str) -> str:
    return next((line.strip() for line in str(text).splitlines() if line.strip()), "")


def _write(nb: Any, languages: Sequence[str], folder: Path, stem: str) -> Report:
    import nbformat

    from cxkit.report import page

    report = _write_pages(nb, languages, folder, stem)
    report.notebook = folder / f"{stem}.ipynb"
    provenance.write_atomically(report.notebook, nbformat.writes(nb) + "\n")
    report.json = folder / f"{stem}.json"
    provenance.write_atomically(report.json, provenance.dump(page.report_json(nb)))
    return report


def _write_pages(nb: Any, languages: Sequence[str], folder: Path, stem: str) -> Report:
    """Render every language before the first is written: a report is whole or not there."""
    from cxkit.report import page

    texts = {language: page.render(nb, language) for language in languages}
    provenance.ensure_writable(folder)
    pages = {}
    for language, text in texts.items():
        pages[language] = folder / f"{stem}.{language}.html"
        provenance.write_atomically(pages[language], text)
    return Report(pages)


def _nbformat() -> Any:
    """nbformat, without the URI parsers that jsonschema would compile for nobody.

    Where JupyterLab is installed they cost every process 1.5 s (python-jsonschema/jsonschema
    issue 1428); they are left importable for others.
    """
    name = "rfc3987_syntax"
    is_ours = "nbformat" not in sys.modules and name not in sys.modules
    if is_ours:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import nbformat
    finally:
        if is_ours:
            del sys.modules[name]
    return nbformat
