"""A notebook that failed, without anybody's answers: what is kept of it beside a report.

Code stays, with published findings and tables and the way to the error; printed text, frames,
pictures and what an error quotes do not, because each of them may hold a respondent's row.
"""

from __future__ import annotations

import re
from typing import Any

from cxkit.records import RECORDS_MIME
from cxkit.report.finding import FINDING_MIME

__all__ = ["NOT_KEPT", "without_answers"]

NOT_KEPT = "(not kept: it may hold answers of respondents)"
"""What stands in the place of an output or of the words of an error."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_OF_CODE = re.compile(r"Cell In\s?\[|Input In\s?\[|File [^<\n]*\.py")
_PLACE = re.compile(r"\s*(?:Cell In|Input In|File )")
_LINE = re.compile(r"-+|[\w.]+ +Traceback \(most recent call last\)|\s*The above exception .*|"
                   r"\s*During handling of .*", re.DOTALL)  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][\w.]*(?=:|\s*$)", re.ASCII)


def without_answers(nb: Any) -> Any:
    """An executed notebook without its outputs, but for published records and names of errors.

    Parameters
    ----------
    nb : nbformat notebook
        As far as it came; it is changed and returned.

    Returns
    -------
    nbformat notebook
        Every cell with its code. Findings and tables of published records stay; of an error its
        name and the lines of code on the way to it; of anything else a line that says so.

    Examples
    --------
    >>> import nbformat.v4 as v4
    >>> row = v4.new_output("stream", name="stdout", text="R-001 budi@contoh.co.id")
    >>> nb = v4.new_notebook(cells=[v4.new_code_cell("print(row)", outputs=[row])])
    >>> without_answers(nb).cells[0].outputs[0].text
    '(not kept: it may hold answers of respondents)'
    """
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [_kept(output) for output in cell.outputs]
    return nb


def _kept(output: Any) -> Any:
    import nbformat.v4

    if output.output_type == "error":
        output.evalue = NOT_KEPT
        output.traceback = [text for text in map(_way, output.traceback) if text]
        return output
    data = output.get("data", {})
    published = {key: data[key] for key in (FINDING_MIME, RECORDS_MIME) if key in data}
    if published:
        words = {key: data[key] for key in ("text/plain", "text/html") if key in data}
        output.data = {**words, **published}
        return output
    return nbformat.v4.new_output("stream", name="stdout", text=NOT_KEPT)


def _way(part: str) -> str:
    """A part of a traceback: lines of code as they are, of the words of an error its name."""
    plain = _COLOUR.sub("", part)
    if _LINE.fullmatch(plain) or _OF_CODE.match(plain):
        return part
    if _PLACE.match(plain):
        return plain.split("\n", 1)[0]
    name = _NAME.match(plain)
    return f"{name.group()}: {NOT_KEPT}" if name else ""
