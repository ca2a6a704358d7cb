"""Execute a notebook on a study and render it: one report, its pages, JSON and notebook."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from cxkit import places
from cxkit.errors import StudyError, nearest
from cxkit.files import ensure_writable
from cxkit.report import beside as forms
from cxkit.report import scratch
from cxkit.report.job import Job, Report, make, refuse_without_findings, with_beside, written
from cxkit.report.notebook_file import find_notebook, read_notebook
from cxkit.report.parameters import read_parameters, typed
from cxkit.report.stems import stem_of

__all__ = ["Report", "languages_of", "render", "run"]


def run(
    study: str | os.PathLike[str],
    notebook: str = "report",
    *,
    language: str | Sequence[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, object] | None = None,
    beside: str | Sequence[str] | None = None,
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
    beside : str or sequence of str, optional
        What is to stand beside the pages: `tables` (a workbook), `data` (CSV and Parquet),
        `figures` (SVG and PNG), `pptx` (a deck), `pdf`.

    Returns
    -------
    Report
        Paths of the pages, of the report JSON, of the executed notebook and of what is beside.

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
    from cxkit.answers.cache import ready
    from cxkit.study import read_study

    began = time.perf_counter()
    asked = read_study(study)
    source = find_notebook(notebook, asked.folder)
    declared = read_parameters(read_notebook(source, notebook).cells)
    declared.pop("study", None)
    chosen = typed(parameters or {}, declared, source.stem)
    languages = languages_of(language, asked.languages)
    wanted = forms.chosen(beside)
    forms.ensure_possible(wanted)
    group = _group_of(chosen)
    with scratch.folder() as own:
        job = Job(
            study=asked.file,
            notebook=source,
            stem=stem_of(asked.key, source.stem, group, depth=chosen.get("depth")),
            folder=Path(output) if output is not None else places.output_folder(asked.file),
            parameters=chosen,
            languages=languages,
            group=group,
            beside=wanted,
            snapshot=ready(asked, own),
            fresh_kernels=True,
        )
        prepared = time.perf_counter() - began
        report = make(job)
    report.seconds["read"] += prepared
    report.seconds["all"] += prepared
    return report


def _group_of(parameters: Mapping[str, object]) -> dict[str, str]:
    """The group that a report is about; none where the parameter `group` means something else."""
    from cxkit.answers.group_text import read_group

    try:
        return read_group(str(parameters.get("group") or ""))
    except StudyError:
        return {}


def render(
    executed: str | os.PathLike[str],
    *,
    language: str | Sequence[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    beside: str | Sequence[str] | None = None,
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
    beside : str or sequence of str, optional
        What is to stand beside the pages, as in `run`.

    Returns
    -------
    Report
        Paths of the pages and of what is beside.

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
    nb = read_notebook(path, str(executed))
    from cxkit.report import page

    refuse_without_findings(nb, str(executed))
    languages = languages_of(language, page.context_of(nb)["languages"])
    wanted = forms.chosen(beside)
    forms.ensure_possible(wanted)
    folder = Path(output) if output is not None else path.parent
    contents = with_beside(nb, languages, path.stem, wanted)
    ensure_writable(folder)
    written(folder, contents)
    paths = [folder / name for name in contents]
    pages = dict(zip(languages, paths, strict=False))
    return Report(pages, beside=tuple(paths[len(languages) :]))


def languages_of(asked: str | Sequence[str] | None, of_study: Sequence[str]) -> tuple[str, ...]:
    """The languages asked for, the study's if none; StudyError for one without words."""
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
    return tuple(dict.fromkeys(chosen))
