"""Whether a page is what its study, notebook and versions give, and if not what differs and why.

The page says how it was made. The same notebook runs again into a scratch folder, and the two
pages are compared byte by byte; the page itself and its folder are never written to.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

from cxkit import __version__, places
from cxkit.errors import ReportError, StudyError, brief
from cxkit.report import provenance, scratch
from cxkit.report.changes import Change, changes, masked, restated
from cxkit.report.read_page import PrintedPage, read_page
from cxkit.study import Study, read_study

__all__ = ["Cause", "Verification", "verify"]

NOT_STATED = "not stated"
_CODE = {"cxkit": "the package", "notebook": "the notebook", "templates": "the templates"}
_STUDY = {"study": "what the study file says", "instrument": "the questions that were asked"}
_ANSWERS = {
    "answers": "the answers of {}",
    "everybody": "what the group was given of everybody in {}",
}
_COUNTED = {
    "number": ("number", "numbers"),
    "words": ("text", "texts"),
    "drawing": ("drawing", "drawings"),
    "markup": ("place in how it looks", "places in how it looks"),
    "order": ("order", "orders"),
    "appeared": ("place appeared", "places appeared"),
    "vanished": ("place vanished", "places vanished"),
}


@dataclass(frozen=True)
class Cause:
    """Why two pages differ: `data`, `parameters`, `versions`, `code`, or `page` (it was edited).

    `what` names it; `old` is what the page states, `new` what was found; None where neither says.
    """

    cause: str
    what: str
    old: str | None = None
    new: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """The cause as plain JSON values."""
        return {"cause": self.cause, "what": self.what, "old": self.old, "new": self.new}


@dataclass(frozen=True, repr=False)
class Verification:
    """What came of verifying a page; printed, it says so in words.

    `altered` says what of the page's manifest does not fit its own key, None if all does;
    `fielded` is the first and the last day of fieldwork, where the study says. `notebook` is the
    file of the notebook without outputs, None if it is no longer the one that made the page.
    """

    page: PrintedPage
    study: str
    identical: bool
    causes: tuple[Cause, ...] = ()
    changes: tuple[Change, ...] = ()
    altered: str | None = None
    fielded: tuple[str, str] | None = None
    notebook: bytes | None = None

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        made = self.page.made
        return {
            "identical": self.identical,
            "page": self.page.file.name,
            "sha256": self.page.sha256,
            "study": self.study,
            "notebook": made["notebook"],
            "parameters": made["parameters"],
            "language": self.page.language,
            "key": self.page.manifest["key"],
            "altered": self.altered,
            "causes": [one.to_dict() for one in self.causes],
            "changes": [one.to_dict() for one in self.changes],
        }

    def __str__(self) -> str:
        return "\n".join(_identical(self) if self.identical else _differs(self))

    __repr__ = __str__  # at the end of a cell, in the place of the page's own bytes


def verify(
    page: str | os.PathLike[str],
    *,
    study: str | os.PathLike[str] | None = None,
    notebook: str | None = None,
) -> Verification:
    """Make the report of a page again, and hold the page against it.

    Parameters
    ----------
    page : path
        The HTML file of a report: nothing else is needed of it, and it may have another name.
    study : path or "demo", optional
        The study. By default the demo, if the page is of it, or the folder above the page's own
        `reports`.
    notebook : str, optional
        The path of the notebook, where it lies neither with the study nor in the kit.

    Returns
    -------
    Verification
        `identical`, or every change with old and new and the causes; print it for the words.

    Raises
    ------
    StudyError, SurveyError
        If the file is no page that says how it was made, if it is of another study, or if the
        study needs mending.
    ReportError
        If the notebook does not run any more.

    Examples
    --------
    >>> verify("reports/toko_contoh-report.en.html").identical     # doctest: +SKIP
    True
    """
    path = places.root() / Path(page)
    old = read_page(path)
    _refuse_newer(old)
    asked = _study_of(old, path, study)
    name = notebook or _plain_name(old)
    with scratch.folder() as folder:
        again = _made_again(old, asked, name, folder)
    new, identical = again.page, old.content == again.page.content
    altered = _altered(old, new)
    found = [] if identical else changes(old, new) or list(_in_markup(old, new))
    return Verification(
        page=old,
        study=asked.key,
        identical=identical,
        causes=() if identical else tuple(_causes(old, new, altered)),
        changes=tuple(found),
        altered=altered,
        fielded=again.fielded,
        notebook=again.notebook if _code_of(old) == _code_of(new) else None,
    )


def _code_of(page: PrintedPage) -> object:
    """The digest of the notebook's cells."""
    return page.manifest["inputs"].get("code:notebook")


@dataclass(frozen=True)
class _Again:
    """What the same notebook gives now: the page, the days of fieldwork, the notebook itself."""

    page: PrintedPage
    fielded: tuple[str, str] | None
    notebook: bytes


# -- what to make again ------------------------------------------------------------------------


def _refuse_newer(page: PrintedPage) -> None:
    stated = str(page.manifest["versions"].get("cxkit", "0"))
    if _numbers(stated) > _numbers(__version__):
        raise StudyError(
            f"the page was made by cxkit {brief(stated)}, which is newer than this one",
            where=page.file.name,
            expected=f"cxkit {__version__} or older",
            hint="install the version that made it, and verify it there",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in re.findall(r"\d{1,9}", version)[:3])


def _study_of(page: PrintedPage, path: Path, asked: str | os.PathLike[str] | None) -> Study:
    """The study that was asked for, the demo, or the one that the page lies with."""
    study = read_study(asked if asked is not None else _home(page, path))
    stated = page.made.get("study")
    if stated not in (None, study.key):
        raise StudyError(
            f"the page is of the study '{brief(str(stated))}', not of '{study.key}'",
            where=page.file.name,
            expected="the study that the page was made from",
            hint="name it with --study",
        )
    return study


def _home(page: PrintedPage, path: Path) -> str | Path:
    if page.is_of_demo:
        return "demo"
    folder = path.absolute().parent
    if folder.name == "reports" and (folder.parent / "study.yaml").is_file():
        return folder.parent
    raise StudyError(
        f"it is not known where the study of '{page.file.name}' is",
        where=page.file.name,
        expected="a page in the folder reports of its study, or the study",
        hint="cxkit verify PAGE --study STUDY",
    )


def _plain_name(page: PrintedPage) -> str:
    """The notebook that the page names: a page may come from anywhere, and names no path."""
    name = str(page.made["notebook"])
    if not name or set(name) & set("/\\\0") or name.startswith(".") or name.endswith(".ipynb"):
        raise StudyError(
            "the page names no notebook",
            where=f"{page.file.name}: '{brief(name)}'",
            expected="a notebook of the study or of the kit, by its name",
        )
    return name


def _made_again(page: PrintedPage, study: Study, notebook: str, folder: Path) -> _Again:
    """The report of the page, made in `folder`."""
    from cxkit.report.notebook_file import read_notebook
    from cxkit.report.page import context_of
    from cxkit.report.run import run

    try:
        report = run(
            study.file,
            notebook,
            language=page.language,
            output=folder,
            parameters=page.made["parameters"],
        )
    except ReportError as error:
        error.hint = f"cxkit run STUDY --notebook {notebook} fails in the same way: mend it first"
        raise
    executed = report.notebook
    assert executed is not None, "a run writes the notebook that it executed"
    nb = read_notebook(executed, executed.name)
    fielded = context_of(nb).get("fielded")
    return _Again(read_page(report.paths[0]), tuple(fielded) if fielded else None, _unexecuted(nb))


def _unexecuted(nb: Any) -> bytes:
    """The file of a notebook without outputs, and without the values of its parameters."""
    from cxkit.report.notebook_file import lean_nbformat

    nb.cells = [one for one in nb.cells if one["id"] != "injected-parameters"]
    for one in nb.cells:
        if one.cell_type == "code":
            one.outputs, one.execution_count = [], None
    kept = ("kernelspec", "language_info")
    nb.metadata = {key: nb.metadata[key] for key in kept if key in nb.metadata}
    return (str(lean_nbformat().writes(nb)) + "\n").encode()


# -- why they differ ---------------------------------------------------------------------------


def _causes(old: PrintedPage, new: PrintedPage, altered: str | None) -> Iterator[Cause]:
    """Every part of how the two pages were made that is not the same."""
    found = [*_of_inputs(old, new), *_of_versions(old, new)]
    if old.is_of_demo != new.is_of_demo:
        names = ("the demo" if page.is_of_demo else "a study" for page in (old, new))
        found.append(Cause("parameters", "which study its command names", *names))
    yield from found
    if altered == "parameters":
        stated = json.dumps(old.made["parameters"], ensure_ascii=False, sort_keys=True)
        yield Cause(
            "parameters", "those it was made with are not those that it states", None, stated
        )
    elif not found:
        yield Cause("page", "it was edited after it was made: its manifest agrees in every part")


def _of_inputs(old: PrintedPage, new: PrintedPage) -> Iterator[Cause]:
    for name, before, after in _differing(old, new, "inputs"):
        kind, _, of = name.partition(":")
        if kind == "code":
            cause, told = "code", _CODE.get(of, of)
        elif kind in _STUDY:
            cause, told = "parameters", _STUDY[kind]
        else:
            cause, told = "data", _ANSWERS.get(kind, "{}").format(of or "all waves")
        yield Cause(cause, f"{told} ({name})", before, after)


def _of_versions(old: PrintedPage, new: PrintedPage) -> Iterator[Cause]:
    for name, before, after in _differing(old, new, "versions"):
        yield Cause("versions", name, before, after)


def _differing(old: PrintedPage, new: PrintedPage, part: str) -> Iterator[tuple[str, str, str]]:
    before, after = old.manifest[part], new.manifest[part]
    for name in sorted({*before, *after}):
        one, other = before.get(name, NOT_STATED), after.get(name, NOT_STATED)
        if one != other:
            yield name, one, other


def _altered(old: PrintedPage, new: PrintedPage) -> str | None:
    """Which part of the page's manifest does not fit its key, as far as that can be told.

    Where the key fits once a part is put back to what was found now, that part was altered; where
    all parts agree and the key does not fit, what is left are the parameters (or the key).
    """
    key, parameters = old.manifest["key"], old.made["parameters"]
    stated = {part: old.manifest[part] for part in ("inputs", "versions")}
    if not any(name.startswith("code:") for name in stated["inputs"]):
        return None  # of a version of the kit whose keys were made otherwise
    if provenance.key_of(stated, parameters) == key:
        return None
    for part in stated:
        if provenance.key_of({**stated, part: new.manifest[part]}, parameters) == key:
            return part
    return "parameters"


def _in_markup(old: PrintedPage, new: PrintedPage) -> Iterator[Change]:
    """The first line that differs, where nothing that is printed does; none but the manifest's."""
    before, after = (_lines(page) for page in (old, new))
    for one, other in zip_longest(before, after, fillvalue=(0, "")):
        if one[1] != other[1]:
            place = f"line {one[0] or other[0]} of the file"
            yield Change("markup", (place,), brief(one[1], 200), brief(other[1], 200))
            return


def _lines(page: PrintedPage) -> list[tuple[int, str]]:
    """The lines of a page with their numbers, without what they say of its manifest."""
    first, last = page.manifest_lines
    lines = enumerate(page.content.decode("utf-8").split("\n"), 1)
    said = restated(page)
    return [(n, masked(line.strip(), said)) for n, line in lines if not first <= n <= last]


# -- in words ----------------------------------------------------------------------------------


def _identical(one: Verification) -> Iterator[str]:
    made = one.page.made
    inputs = [name for name in one.page.manifest["inputs"] if not name.startswith("code:")]
    versions = one.page.manifest["versions"]
    yield f"identical: {one.page.file.name}"
    yield f"  page       {len(one.page.content):,} bytes, SHA-256 {one.page.sha256}"
    yield f"  held to    a new run of {_run(one)}"
    yield f"  rests on   {', '.join(inputs)}; package, notebook and templates"
    yield f"  made with  cxkit {versions.get('cxkit')}, Python {versions.get('python')}, " + (
        f"{len(versions)} versions in all"
    )
    yield f"  key        {one.page.manifest['key']}"
    if made.get("study") is None:
        yield "  note       the page does not name its study"


def _run(one: Verification) -> str:
    made = one.page.made
    parameters = " ".join(f"{key}={value}" for key, value in sorted(made["parameters"].items()))
    with_ = f" with {parameters}" if parameters else ""
    return f"{made['notebook']} on {one.study}{with_}, in {one.page.language}"


def _differs(one: Verification) -> Iterator[str]:
    yield f"differs: {one.page.file.name}"
    yield f"  held to    a new run of {_run(one)}"
    for cause in one.causes:
        yield f"  cause      {_said_of(cause)}"
    if _may_be_digested_otherwise(one.causes):
        yield "  note       the package computes the digests: another one may give others"
    if one.altered is not None:
        yield f"  altered    {_ALTERED[one.altered]}"
    yield f"  changed    {_counts(one.changes)}"
    for section, of_section in groupby(one.changes, key=lambda change: change.place[:2]):
        yield ""
        yield " > ".join(section) or "page"
        for change in of_section:
            if change.place[2:]:
                yield f"  {' > '.join(change.place[2:])}"
            yield f"    {_old_to_new(change)}"


def _may_be_digested_otherwise(causes: tuple[Cause, ...]) -> bool:
    """Whether digests of answers or study differ together with the code that computes them."""
    kinds = {one.cause for one in causes}
    is_other = any(one.what.endswith("(code:cxkit)") or one.what == "cxkit" for one in causes)
    return is_other and bool(kinds & {"data", "parameters"})


_ALTERED = {
    "inputs": "the digests that the page states do not fit its key, those found now do",
    "versions": "the versions that the page states do not fit its key, those found now do",
    "parameters": "what the page states of its making does not fit its key",
}


def _said_of(cause: Cause) -> str:
    told = f"{cause.cause}: {cause.what}"
    if cause.old is None:
        return told + (f" {cause.new}" if cause.new is not None else "")
    return f"{told}, {_brief_digest(cause.old)} -> {_brief_digest(cause.new or '')}"


def _brief_digest(text: str) -> str:
    return text[:12] if re.fullmatch(r"[0-9a-f]{64}", text) else brief(text)


def _counts(found: tuple[Change, ...]) -> str:
    counted = Counter(one.kind for one in found)
    told = [f"{n} {_COUNTED[kind][n != 1]}" for kind, n in counted.items()]
    return ", ".join(told) or "nothing that is printed: only the manifest differs"


def _old_to_new(change: Change) -> str:
    if change.kind == "appeared":
        return f"appeared: {brief(change.new or '', 200)}"
    if change.kind == "vanished":
        return f"vanished: {brief(change.old or '', 200)}"
    if change.old is None and change.new is None:
        return {"drawing": "lines and marks are drawn otherwise"}.get(
            change.kind, "looks or links otherwise"
        )
    return f"{brief(change.old or '', 400)} -> {brief(change.new or '', 400)}"
