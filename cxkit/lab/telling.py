"""What the explorer says, as HTML in one language: its base, its findings, errors, reports."""

from __future__ import annotations

from html import escape

from cxkit import display
from cxkit.errors import CxkitError
from cxkit.lab.as_report import Listed
from cxkit.lab.choice import Told
from cxkit.report.page import preview
from cxkit.wording import Quantity, Words

__all__ = [
    "base_line", "busy_line", "error_box", "failed_box", "listed_box", "said", "view",
]  # fmt: skip

_KEY = "explore"


def said(words: Words, key: str, **slots: object) -> str:
    """A text of the explorer."""
    return words.fill(words.locale["explore"][key], **slots)


def base_line(told: Told, words: Words) -> str:
    """Wave, groups, base and effective base of a choice, on one line that is read out."""
    context = told.context
    wave = context.get("wave")
    where = words.heading(words.wave(wave)) if wave and wave != "all" else ""
    who = words.chosen() or words.ui("all_respondents")
    return _line(" · ".join(filter(None, (where, who))), _base(told, words))


def busy_line(words: Words) -> str:
    """The same line while something is being computed."""
    return _line(said(words, "busy"), "")


def _line(what: str, base: str) -> str:
    shown = f"<b>{escape(what)}</b>" + (f" · {escape(base)}" if base else "")
    return display.box(f'<p role="status">{shown}</p>')


def _base(told: Told, words: Words) -> str:
    n, n_eff = told.context["n"], told.context["n_eff"]
    if n is None:
        return said(words, "no_base")
    return said(words, "base", n=Quantity(n, "count", words), n_eff=words.count(n_eff))


def view(told: Told, words: Words) -> str:
    """The findings on a choice, or why nothing is shown of it."""
    if told.why_not is None:
        return preview(told.findings, words.language, key=_KEY)
    slots = (
        {"n_eff": words.floored(told.context["n_eff"], "count")} if told.why_not == "small" else {}
    )
    return display.box(f"<p>{escape(said(words, told.why_not, **slots))}</p>")


def listed_box(done: Listed, words: Words) -> str:
    """What became of the wish for a report, and the command that makes it."""
    slots: dict[str, object] = {"file": done.file}
    if done.what == "narrowed":
        slots = {"list": words.chosen()}
    elif done.what == "small":
        slots = {"n_eff": words.floored(words.context["n_eff"], "count")}
    text = f'<p role="status">{escape(said(words, done.what, **slots))}</p>'
    return display.box(text + (f"<pre>{escape(done.command)}</pre>" if done.command else ""))


def error_box(error: CxkitError) -> str:
    """An error in words: what, where, expected, try."""
    return display.box(f'<pre role="alert">{escape(str(error))}</pre>')


def failed_box(words: Words) -> str:
    """That something went wrong which is no slip of the user."""
    return display.box(f'<p role="alert">{escape(said(words, "failed"))}</p>')
