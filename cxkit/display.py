"""How an object shows itself in a notebook: escaped HTML in the colours of the theme, no script.

`box` frames what is shown, `table` writes rows; both are for `_repr_html_` and `text/html`.
Colours are the roles of the page. Words and paper are JupyterLab's own where it says what they
are; where a notebook has another home (VS Code, a page of nbconvert), the box brings its paper
along, so that it can be read whatever lies around it.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from cxkit.library.theme import ON_A_STEP, kit_colours

__all__ = ["box", "dark_roles", "fold", "note", "records", "table"]

_OWN_OF_JUPYTER = ("ink", "paper")


def dark_roles() -> dict[str, str]:
    """The roles of the page in its dark scheme; in the light one, who uses a role names its colour.

    >>> "ink" in dark_roles()  # JupyterLab's own
    False
    """
    left_out = (*_OWN_OF_JUPYTER, *ON_A_STEP)
    return {role: one for role, one in kit_colours("dark").items() if role not in left_out}


def _roles(scheme: Mapping[str, str], roles: Mapping[str, str] | None = None) -> str:
    own = "".join(f"--{role}:{colour};" for role, colour in (roles or {}).items())
    return (
        f"{{--ink:var(--jp-content-font-color1,{scheme['ink']});"
        f"--paper:var(--jp-layout-color0,{scheme['paper']});{own}}}"
    )


@cache
def _style() -> str:
    """The style of a box, made when something is first shown."""
    light = kit_colours("light")
    in_dark = _roles(kit_colours("dark"), dark_roles())
    soft, line = (f"var(--{role},{light[role]})" for role in ("soft", "line"))
    return "".join(
        [
            ".cxkit",
            _roles(light),
            "[data-jp-theme-light=false] .cxkit,.vscode-dark .cxkit",
            in_dark,
            "@media(prefers-color-scheme:dark)"
            "{body:not([data-jp-theme-light],[class*=vscode]) .cxkit",
            f"{in_dark}}}",
            ".cxkit{background:var(--paper);color:var(--ink);font-variant-numeric:tabular-nums}",
            ".cxkit p{max-width:46rem;margin:.4em 0}",
            f".cxkit .note{{color:{soft};font-size:.9em}}",
            ".cxkit table{border-collapse:collapse;margin:.4em 0 .8em;font-size:.95em}",
            ".cxkit caption{padding:.3em 0;text-align:left;font-weight:600;white-space:nowrap}",
            f".cxkit table :is(th,td){{padding:.25em .75em;border-bottom:1px solid {line};"
            "text-align:right;vertical-align:top;font-weight:400;white-space:nowrap}",
            f".cxkit table thead th{{color:{soft};vertical-align:bottom}}",
            ".cxkit table .left:is(th,td){text-align:left;max-width:32em;white-space:pre-line}",
            ".cxkit .naming th{font-weight:600}",
            f".cxkit small{{margin-left:.4em;color:{soft};font-size:.9em}}",
            ".cxkit .drawing{max-width:49rem;margin:.6em 0}",
            ".cxkit svg{display:block;width:100%;height:auto;overflow:visible}",
        ]
    )


def box(*parts: str) -> str:
    """A frame around pieces of HTML, with the style that they need and that reaches no further."""
    return f'<div class="cxkit"><style>{_style()}</style>{"".join(parts)}</div>'


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    caption: str = "",
    words: Collection[str] = (),
) -> str:
    """A table of texts, escaped; a row's first cell names it.

    Parameters
    ----------
    columns : sequence of str
        The heads.
    rows : iterable of sequences
        A cell a column; a pair is a text and a quieter one behind it. A row without any cell but
        the first names those that follow.
    caption : str, optional
        What stands above.
    words : collection of str, optional
        The columns that hold words and begin at the left, as the first always does.

    Examples
    --------
    >>> table(["level", "n"], [["Trust & co", 30]]).partition("<tbody>")[2]
    '<tr><th scope="row" class="left">Trust &amp; co</th><td>30</td></tr></tbody></table>'
    """
    sides = [' class="left"' if not i or name in words else "" for i, name in enumerate(columns)]
    heads = _cells(columns, [f'th scope="col"{side}' for side in sides])
    tags = [("td" if i else 'th scope="row"') + side for i, side in enumerate(sides)]
    body = "".join(f"<tr{_kind(row)}>{_cells(row, tags)}</tr>" for row in rows)
    above = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{above}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def records(
    rows: Sequence[Mapping[str, str]], *, words: Collection[str] = (), once: Collection[str] = ()
) -> str:
    """Records of one kind as a table: no empty column, and what all of them share said once.

    Parameters
    ----------
    rows : sequence of mappings
        Column to text, the same columns in each.
    words : collection of str, optional
        The columns that hold words.
    once : collection of str, optional
        The columns that leave the table for a line below it when all rows agree.

    Examples
    --------
    >>> records([{"of": "x", "unit": "points"}], once=["unit"]).partition("</table>")[2]
    '<p class="note">unit points</p>'
    """
    if not rows:
        return note("no records")
    columns, shared = [], []
    for name in rows[0]:
        texts = {row[name] for row in rows}
        if texts == {""}:
            continue
        if name in once and len(texts) == 1:
            shared.append(f"{name} {texts.pop()}")
        else:
            columns.append(name)
    shown = table(columns, [[row[name] for name in columns] for row in rows], words=words)
    return shown + note(" · ".join(shared))


def fold(summary: str, inside: str) -> str:
    """A piece of HTML that is at hand but not in the way."""
    return f"<details><summary>{html.escape(summary)}</summary>{inside}</details>"


def note(text: str) -> str:
    """A quiet line."""
    return f'<p class="note">{html.escape(text)}</p>' if text else ""


def _kind(row: Sequence[object]) -> str:
    names_others = len(row) > 1 and all(cell == "" for cell in row[1:])
    return ' class="naming"' if names_others else ""


def _cells(texts: Sequence[object], tags: Sequence[str]) -> str:
    pairs = zip(texts, tags, strict=True)
    return "".join(f"<{tag}>{_words(text)}</{tag[:2]}>" for text, tag in pairs)


def _words(cell: object) -> str:
    if not isinstance(cell, tuple):
        return html.escape(str(cell))
    text, quiet = (html.escape(str(part)) for part in cell)
    return f"{text} <small>{quiet}</small>" if quiet else text
