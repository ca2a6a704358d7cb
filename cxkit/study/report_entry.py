"""One more entry under `reports:` of a study file; every other character stays as it was typed.

The new text is put where the file's own list ends, and the file is written only if it then says
what it said before and the entry. Hands out `add_report`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML, nodes

from cxkit.errors import StudyError
from cxkit.files import rewrite
from cxkit.study.file import read_yaml
from cxkit.study.parts import ReportRun

__all__ = ["add_report"]

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def add_report(study_file: Path, entry: ReportRun) -> bool:
    r"""List a report in a study file, atomically; comments, order and quoting stay.

    Parameters
    ----------
    study_file : Path
        The study.yaml.
    entry : ReportRun
        The report; what equals its default is not written.

    Returns
    -------
    bool
        Whether it was added; not where the list holds it already.

    Raises
    ------
    StudyError
        If the file is no YAML or may not be written, or its list cannot be added to by program.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "study.yaml"
    ...     _ = file.write_text("reports: [{notebook: report}]   # all\n")
    ...     added = add_report(file, ReportRun(notebook="report", by=("region",)))
    ...     added, file.read_text()
    (True, 'reports: [{notebook: report}, {notebook: report, by: [region]}]   # all\n')
    """
    said = _plain(study_file)
    wanted = {"notebook": entry.notebook, **entry.model_dump(mode="json", exclude_defaults=True)}
    listed = said.get("reports", [{"notebook": "report"}])
    runs = _runs(listed)
    if runs is None:
        raise _cannot_be_added_to(study_file, wanted)
    if entry in runs:
        return False
    text = study_file.read_bytes().decode("utf-8")
    mark, bare = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    made = mark + _with_entry(bare, _flow(wanted))
    if _read_back(made, study_file.name) != {**said, "reports": [*listed, wanted]}:
        raise _cannot_be_added_to(study_file, wanted)
    rewrite(study_file, made, "copy the study to a folder of your own")
    return True


def _runs(listed: Any) -> list[ReportRun] | None:
    """The reports of a list; None where it is none, or holds what is no report."""
    if not isinstance(listed, list):
        return None
    try:
        return [ReportRun.model_validate(one) for one in listed]
    except ValidationError:
        return None


def _cannot_be_added_to(study_file: Path, wanted: dict[str, Any]) -> StudyError:
    return StudyError(
        f"the list of reports in '{study_file.name}' cannot be added to",
        where=f"{study_file.name}: reports",
        expected="a list of reports, each with its notebook",
        hint=f"add this entry yourself: {_flow(wanted)}",
    )


def _plain(file: Path) -> dict[str, Any]:
    """What a study file says; StudyError where it is no YAML."""
    return dict(read_yaml(file, file.name).value)


def _read_back(text: str, name: str) -> dict[str, Any]:
    """What a study file of this text would say; nothing where it would be none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(text.encode())
        try:
            return _plain(file)
        except StudyError:
            return {}


def _flow(value: Any) -> str:
    """Plain values on one line of YAML; texts that are no plain word stand in quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    is_word = isinstance(value, str) and value.isidentifier() and value.isascii()
    is_kept = is_word and not isinstance(YAML(typ="safe", pure=True).load(value), bool | None)
    return value if is_kept else json.dumps(value, ensure_ascii=False)


def _with_entry(text: str, entry: str) -> str:
    """The text of a study file with one more entry at the end of its list of reports."""
    root = YAML(typ="safe", pure=True).compose(text)
    found = next((value for key, value in root.value if key.value == "reports"), None)
    if found is None:
        whole = f"[{{notebook: report}}, {entry}]"
        if root.flow_style:
            return _after(text, root.value[-1][1].end_mark.index, f", reports: {whole}")
        lines = ["reports:", "  - {notebook: report}", f"  - {entry}"]
        return _below(text, root, lines)
    if found.flow_style:
        if not found.value:
            return _after(text, found.start_mark.index + 1, entry)
        return _after(text, found.value[-1].end_mark.index, f", {entry}")
    return _below(text, found, [" " * found.start_mark.column + f"- {entry}"])


def _after(text: str, index: int, more: str) -> str:
    return text[:index] + more + text[index:]


def _below(text: str, node: Any, lines: list[str]) -> str:
    """The text with lines below the last one that a node stands on."""
    end = "\r\n" if "\r\n" in text else "\n"
    whole = text.splitlines(keepends=True)
    at = _last_line(node) + 1
    if not whole[at - 1].endswith("\n"):
        whole[at - 1] += end
    return "".join([*whole[:at], *(line + end for line in lines), *whole[at:]])


def _last_line(node: Any) -> int:
    """The line on which the last character of a node stands, comments below it left aside."""
    if isinstance(node, nodes.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(map(_last_line, last if isinstance(last, tuple) else [last]))
    end = node.end_mark
    is_below = end.column == 0 and end.line > node.start_mark.line
    return int(end.line - is_below)
