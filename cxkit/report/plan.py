"""The plan of a batch: which reports a study asks for, of which groups and waves, in which order.

A plan is made before anything runs. It names the file of each report, its key (the digest of all
that it depends on), and the groups that are left out with the reason.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxkit import places
from cxkit.errors import StudyError, listed, nearest
from cxkit.report import beside as forms
from cxkit.report import provenance
from cxkit.report.job import Job, Limits, Reason, head_of
from cxkit.report.notebook_file import find_notebook, read_notebook
from cxkit.report.parameters import read_parameters, typed
from cxkit.report.stems import stem_of
from cxkit.study import Study, read_study
from cxkit.study.parts import DEPTHS, ReportRun

if TYPE_CHECKING:
    from cxkit.answers.cache import Prepared
    from cxkit.answers.slices import Slice

__all__ = ["WHY", "Plan", "Planned", "planned", "records_folder"]

WHY = {
    "nobody": "nobody of the group took part in the wave",
    "privacy": "too few belong to the group, or it is hidden so that others stay hidden",
}
"""Why a group is left out, in words."""

_WAVE = "wave"
_MADE_BY_RUNNING = ("outputs", "execution_count")
_OF_OTHER_WAVES: Any = {
    "waves": True,
    "answers": True,
    "actions": True,
    "exclusions": True,
    "reports": True,
    "weighting": {"waves": True},
}
"""What a study says of single waves: the digests of a slice hold as much of it as concerns it."""


@dataclass(frozen=True)
class Planned:
    """One report of a plan.

    Attributes
    ----------
    job : Job
        How it is made.
    wave : str or None
        The wave that it is about, None for the latest.
    labels : mapping
        What the study calls the group and the wave, by language.
    why_not : {"nobody", "privacy"} or None
        Why it is left out, None if it is to be made.
    """

    job: Job
    wave: str | None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    why_not: str | None = None

    @property
    def stem(self) -> str:
        """The name of its files, without language and suffix."""
        return self.job.stem

    @property
    def group(self) -> Mapping[str, str]:
        """The segments and their groups that it is about; empty for all respondents."""
        return self.job.group

    @property
    def why(self) -> str | None:
        """Why it is left out, in words."""
        return None if self.why_not is None else WHY[self.why_not]

    def record(self, status: str, reason: str | Reason | None = None) -> dict[str, Any]:
        """The record of a report that is not there, in the form of those that are.

        `reason` is what, where, expected, try of one that `failed`, and `nobody` or `privacy` of
        one that is `left_out`.
        """
        return {
            **head_of(self.job),
            "files": {},
            "status": status,
            "headline": None,
            "by_wave": [],
            "change": None,
            "n": None,
            "n_eff": None,
            "labels": {name: dict(texts) for name, texts in self.labels.items()},
            "reason": reason,
        }


@dataclass(frozen=True)
class Plan:
    """The reports of one batch, in the order of the index.

    Attributes
    ----------
    study : Study
        The study they are about.
    folder : Path
        Where pages go; records, the log and the lock lie below or beside.
    languages : tuple of str
        The languages of the pages.
    reports : tuple of Planned
        What is to be made and what is left out.
    """

    study: Study
    folder: Path
    languages: tuple[str, ...]
    reports: tuple[Planned, ...]

    @property
    def records(self) -> Path:
        """The folder of the records, one JSON a report."""
        return records_folder(self.study, self.folder)

    @property
    def to_make(self) -> tuple[Planned, ...]:
        """The reports that are not left out."""
        return tuple(one for one in self.reports if one.why_not is None)

    @property
    def left_out(self) -> tuple[Planned, ...]:
        """The reports of groups that are left out."""
        return tuple(one for one in self.reports if one.why_not is not None)

    def __iter__(self) -> Iterator[Planned]:
        return iter(self.reports)

    def __len__(self) -> int:
        return len(self.reports)


def records_folder(study: Study, folder: Path) -> Path:
    """Where the records of a study's reports lie that are written to `folder`."""
    return folder / f"{study.key}-batch"


def planned(
    study: Study | str | os.PathLike[str],
    *,
    by: str | Sequence[str] = (),
    notebook: str | None = None,
    depth: str | None = None,
    parameters: Mapping[str, object] | None = None,
    language: str | Sequence[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    beside: str | Sequence[str] | None = None,
    limits: Limits | None = None,
    fresh_kernels: bool = False,
    made: Prepared | None = None,
) -> Plan:
    """The reports that a study asks for, or that `by` and `notebook` ask for.

    Parameters
    ----------
    study : Study, or path
        The study, its folder, its study.yaml, or the word `demo`.
    by : str or sequence of str, optional
        Segments, and the word `wave`: a report for each combination of their groups. With it (or
        with `notebook`) the study's own list of `reports` is not used.
    notebook : str, optional
        The notebook of each report; `report` if only `by` is given.
    depth : {"full", "brief", "board"}, optional
        For every report; by default what the study says, else brief for groups.
    parameters : mapping, optional
        Values for the parameters of every notebook, before those that the study's list gives.
        `wave` and `group` narrow the plan.
    language : str or sequence of str, optional
        The languages of the pages; the study's by default.
    output : path, optional
        The folder for the reports; `STUDY/reports` by default (the demo's: `reports`).
    beside : str or sequence of str, optional
        What is to stand beside the pages of each report, beyond what the study's list asks for.
    limits : Limits, optional
        What one report may take.
    fresh_kernels : bool, default False
        Whether every kernel starts from nothing.
    made : Prepared, optional
        The study's answers, where they are at hand.

    Returns
    -------
    Plan
        What is to be made, and what is left out and why; nothing is written.

    Raises
    ------
    StudyError, SurveyError
        If study, answers, notebooks or parameters need mending, or no report is left to make.

    Examples
    --------
    >>> for one in planned("demo", by="age"):
    ...     print(one.stem, dict(one.job.parameters))
    toko_contoh-report-age-a18_29 {'group': 'age=a18_29', 'depth': 'brief'}
    toko_contoh-report-age-a30_44 {'group': 'age=a30_44', 'depth': 'brief'}
    toko_contoh-report-age-a45_64 {'group': 'age=a45_64', 'depth': 'brief'}
    """
    from cxkit.answers.cache import prepared
    from cxkit.report.run import languages_of

    asked = study if isinstance(study, Study) else read_study(study)
    folder = Path(output) if output is not None else places.output_folder(asked.file)
    common = Job(
        study=asked.file,
        notebook=Path(),
        stem="",
        folder=folder.absolute(),
        parameters={},
        languages=languages_of(language, asked.languages),
        beside=forms.chosen(beside),
        limits=limits or Limits(),
        fresh_kernels=fresh_kernels,
        environment=provenance.environment(),
    )
    runs = [
        _Run(asked, one, parameters or {}, common)
        for one in _asked(asked, [by] if isinstance(by, str) else by or (), notebook, depth)
    ]
    made = made if made is not None else prepared(asked)
    reports = tuple(report for run in runs for report in run.reports(made))
    _refuse_shared_files(reports, f"{asked.key}-index")
    _refuse_none(asked, reports, [segment for run in runs for segment in run.segments])
    return Plan(asked, common.folder, common.languages, reports)


# -- what is asked for ---------------------------------------------------------------------------


def _asked(
    study: Study, by: Sequence[str], notebook: str | None, depth: str | None
) -> list[ReportRun]:
    """The study's list of reports, or the one line of it that a command asks for."""
    if depth is not None:
        _refuse_unknown_depth(depth, f"a report has no depth '{depth}'", "--depth")
    _refuse_unknown_segment(study, by, "--by")
    own = [_from_study(study, one) for one in study.reports]
    if by or notebook:
        segments = tuple(dict.fromkeys(by))
        own = [ReportRun(notebook=notebook or "report", by=segments)]
    if depth is not None:
        own = [one.model_copy(update={"depth": depth}) for one in own]
    return own


def _refuse_unknown_segment(study: Study, by: Iterable[str], where: str) -> None:
    known = [*study.segment_keys, _WAVE]
    for segment in by:
        if segment not in known:
            raise StudyError(
                f"there is no segment '{segment}'",
                where=where,
                expected="one of " + ", ".join(known),
                hint=nearest(segment, known),
            )


def _refuse_unknown_depth(depth: object, said: str, where: str) -> None:
    if depth not in DEPTHS:
        expected = "one of " + ", ".join(DEPTHS)
        raise StudyError(said, where, expected, nearest(str(depth), DEPTHS))


def _from_study(study: Study, run: ReportRun) -> ReportRun:
    """A line of the study's list; a notebook that is called by its file lies beside the study."""
    file = study.folder / run.notebook
    if run.notebook.endswith(".ipynb") and file.is_file():
        return run.model_copy(update={"notebook": str(file)})
    return run


class _Run:
    """One line of the list: a notebook, for each of some groups."""

    def __init__(
        self, study: Study, run: ReportRun, parameters: Mapping[str, object], common: Job
    ) -> None:
        self.study, self.run, self.common = study, run, common
        self.source = find_notebook(run.notebook, study.folder)
        self.nb = read_notebook(self.source, run.notebook)
        self.declared = read_parameters(self.nb.cells)
        self.declared.pop("study", None)
        given = {**run.parameters, **parameters}
        self.values = typed(given, self.declared, self.source.stem)
        self.narrow = self._narrowing()
        _refuse_unknown_segment(study, self.narrow, f"{self.source.stem}: group")
        self.by = tuple(dict.fromkeys([*run.by, *self.narrow]))
        self.labels = study.context()["labels"]
        self.says = _says(study, self.nb, self.source)
        self._refuse_deaf()
        self._settle_depth()

    def _narrowing(self) -> dict[str, str]:
        """The groups, and the wave, to which parameters narrow the plan."""
        from cxkit.answers.group_text import read_group

        group = self.values.pop("group", None)
        wave = self.values.pop(_WAVE, None)
        return {**(read_group(group) if group else {}), **({_WAVE: wave} if wave else {})}

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(one for one in self.by if one != _WAVE)

    def _refuse_deaf(self) -> None:
        """A notebook has to take what tells its reports apart."""
        needs = {_WAVE: [one for one in self.by if one == _WAVE], "group": self.segments}
        needs["depth"] = [self.run.depth] if self.run.depth else []
        for name, why in needs.items():
            if why and name not in self.declared:
                raise StudyError(
                    f"notebook '{self.source.stem}' has no parameter '{name}'",
                    where=f"{self.source.name}: parameters",
                    expected=f"a line  {_DECLARED[name]}  in its cell tagged 'parameters'",
                    hint=_TRY[name].format(by=listed(why)),
                )

    def _settle_depth(self) -> None:
        given = self.values.get("depth")
        is_ours = "depth" in self.declared and self.declared["depth"].default in DEPTHS
        if is_ours and given is not None:
            said = f"parameter 'depth' cannot be '{given}'"
            _refuse_unknown_depth(given, said, f"{self.source.stem}: depth")
        depth = self.run.depth or ("brief" if self.segments else None)
        if depth and "depth" in self.declared:
            self.values.setdefault("depth", depth)

    def reports(self, made: Prepared) -> Iterator[Planned]:
        """A report for each slice of the answers, in the study's order."""
        from cxkit.answers.slices import slices

        found = slices(self.study, self.by, made=made)
        kept = [one for one in found if self.narrow.items() <= _place(one).items()]
        if found and not kept:
            there = dict.fromkeys(
                ", ".join(_place(one)[key] for key in self.narrow) for one in found
            )
            raise StudyError(
                f"the answers hold no {_and(self.narrow.values())}",
                where=f"{self.source.stem}: {_and(self.narrow)}",
                expected="one of " + listed(there),
            )
        for one in kept:
            yield self._report(one, made)

    def _report(self, one: Slice, made: Prepared) -> Planned:
        from cxkit.answers.group_text import group_text

        values = dict(self.values)
        if one.group:
            values["group"] = group_text(one.group)
        if one.wave is not None:
            values[_WAVE] = one.wave
        depth = values.get("depth")
        stem = stem_of(self.study.key, self.source.stem, one.group, one.wave, depth)
        job = dataclasses.replace(
            self.common,
            notebook=self.source.resolve(),
            stem=stem,
            group=dict(one.group),
            beside=forms.chosen([*self.common.beside, *self.run.beside]),
            parameters={name: values[name] for name in self.declared if name in values},
            record=records_folder(self.study, self.common.folder) / f"{stem}.json",
        )
        job = dataclasses.replace(job, key=self._key(job, one.inputs, _warned(one, made)))
        return Planned(job, one.wave, self._labels(one), one.why_not)

    def _key(self, job: Job, inputs: Mapping[str, str], warned: object) -> str:
        """The digest of all that the report depends on: the same key, the same bytes."""
        depends_on = {
            "says": self.says,
            "inputs": dict(inputs),
            "warned": warned,
            "environment": job.environment,
            "parameters": dict(job.parameters),
            "languages": list(job.languages),
            "beside": list(job.beside),
            "stem": job.stem,
        }
        return provenance.digest(json.dumps(depends_on, sort_keys=True))

    def _labels(self, one: Slice) -> dict[str, dict[str, str]]:
        names = [f"segment:{segment}" for segment in one.group]
        names += [f"group:{segment}={value}" for segment, value in one.group.items()]
        names += [f"wave:{one.wave}"] if one.wave else []
        return {name: self.labels[name] for name in names if name in self.labels}


def _place(one: Slice) -> dict[str, str]:
    """The groups and the wave of a slice, by segment and under the word `wave`."""
    return {**one.group, **({_WAVE: one.wave} if one.wave else {})}


def _warned(one: Slice, made: Prepared) -> list[dict[str, object]]:
    """What was noticed of the answers, where the notebook is handed all of them and shows it."""
    is_whole = not one.group and one.wave is None
    return [problem.to_dict() for problem in made.warnings] if is_whole else []


def _says(study: Study, nb: Any, source: Path) -> str:
    """The digest of what a study and a notebook say, without what outputs and waves add to it."""
    cells = [{key: cell[key] for key in cell if key not in _MADE_BY_RUNNING} for cell in nb.cells]
    told = [study.model_dump_json(by_alias=True, exclude=_OF_OTHER_WAVES)]
    told += [one.model_dump_json() for one in study.frameworks_read]
    notebook = [source.stem, nb.get("nbformat_minor"), nb.metadata, cells]
    told.append(json.dumps(notebook, sort_keys=True))
    return provenance.digest(*told)


def _and(words: Iterable[str]) -> str:
    return " and ".join(f"'{word}'" for word in words)


_DECLARED = {
    "group": "group: str | None = None",
    "wave": "wave: str | None = None",
    "depth": 'depth: str = "full"',
}
_TRY = {
    "group": "reports by {by} tell the notebook which group they are about",
    "wave": "reports by wave tell the notebook which wave they are about",
    "depth": "leave depth out: the notebook has only one",
}


# -- what cannot be a plan -----------------------------------------------------------------------


def _refuse_shared_files(reports: Iterable[Planned], index: str) -> None:
    """Two reports of one name, on a disk that tells no case either, would be one file."""
    taken = {index.casefold()}
    for one in reports:
        if one.stem.casefold() in taken:
            other = "the index of reports" if one.stem == index else "another report"
            raise StudyError(
                f"the files of a report would be those of {other}: '{one.stem}'",
                where="reports",
                expected="each notebook, group and wave once, and no notebook called index",
                hint="take one of them out, or give one of the notebooks another name",
            )
        taken.add(one.stem.casefold())


def _refuse_none(study: Study, reports: Sequence[Planned], segments: Sequence[str]) -> None:
    if any(one.why_not is None for one in reports):
        return
    reasons = dict.fromkeys(WHY[one.why_not] for one in reports if one.why_not)
    raise StudyError(
        "there is no report to make",
        where=study.shown(),
        expected="at least one notebook, and a group that can be told of",
        hint=_why_none(list(reasons), segments),
    )


def _why_none(reasons: Sequence[str], segments: Sequence[str]) -> str:
    if reasons:
        return "all are left out: " + "; ".join(reasons)
    if segments:
        return f"nobody in the answers belongs to a group of {_and(dict.fromkeys(segments))}"
    return "list reports in the study file, or name a segment with --by"
