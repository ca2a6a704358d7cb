"""`survey.explore()`: choose a wave and groups in JupyterLab, and see what a report would say.

The widgets hold no number: each change asks `Choices` what may be told, and shows that. Native
lists, buttons and labels, so that keyboards reach and screen readers name all of it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cxkit import display
from cxkit.errors import CxkitError, StudyError
from cxkit.lab import telling
from cxkit.lab.as_report import list_report
from cxkit.lab.choice import TOPICS, Choice, Choices
from cxkit.report.run import languages_of
from cxkit.wording import Words

__all__ = ["Explorer", "explore"]

_EVERYBODY = ""
_ROWS = 6
_STYLE = (
    "<style>.cxkit-explorer{max-width:60rem}"
    ".cxkit-explorer .cxkit-picks{flex-flow:row wrap;align-items:flex-start;gap:.3rem .9rem;"
    "overflow:visible}"
    ".cxkit-explorer .cxkit-pick{flex-direction:column;align-items:stretch;width:9.6rem;"
    "height:auto;margin:0}"
    ".cxkit-explorer .cxkit-pick>label{width:auto;text-align:left;line-height:1.5;"
    "font-weight:600;color:var(--jp-content-font-color1)}"
    ".cxkit-explorer .cxkit-pick>select{flex:none;width:100%;height:auto;min-height:28px;"
    "font-size:var(--jp-content-font-size1)}"
    ".cxkit-explorer .widget-html-content{line-height:1.5}"
    ".cxkit-explorer pre{white-space:pre-wrap;user-select:all}</style>"
)


def explore(survey: Any, *, language: str | None = None) -> Explorer:
    """Look around in a survey in JupyterLab; `survey.explore()` is the same.

    Parameters
    ----------
    survey : Survey
        Whose answers; what it is filtered by stays as it is.
    language : str, optional
        The language to begin in; the study's first by default.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    StudyError
        If ipywidgets is not installed, or there are no words for the language.

    Examples
    --------
    >>> import cxkit as cx
    >>> explore(cx.load("demo"))
    Explorer of toko_contoh: 2026H1, everybody, pyramid
    """
    if importlib.util.find_spec("ipywidgets") is None:
        raise StudyError(
            "ipywidgets is not installed here",
            expected="the packages of the extra 'lab'",
            hint="pip install 'cxkit[lab]', and start JupyterLab again",
        )
    return Explorer(survey, languages_of(language, survey.study.languages)[0])


class Explorer:
    """The widgets of one survey, and what is chosen in them.

    Attributes
    ----------
    choices : Choices
        What can be chosen, and what is told of it.
    choice : Choice
        The wave and the groups that are chosen.
    topic : {"pyramid", "journey", "links"}
        What is looked at.
    language : str
        The language of all words.
    widget : ipywidgets.VBox
        All controls and the view.
    """

    def __init__(self, survey: Any, language: str) -> None:
        import ipywidgets as w

        self.choices = Choices(survey)
        self.choice = self.choices.first
        self.topic = TOPICS[0]
        self.language = language
        self._is_held = False
        self.controls = dict(self._made_controls(w))
        self.line, self.view, self.listed = w.HTML(), w.HTML(), w.HTML()
        picks = [one for key, one in self.controls.items() if key != "make"]
        self.hint = w.HTML()
        self.widget = w.VBox(
            [
                w.HTML(_STYLE, layout=w.Layout(display="none")),
                _classed(w.HBox(picks), "cxkit-picks"),
                self.hint,
                self.line,
                self.view,
                self.controls["make"],
                self.listed,
            ]
        )
        _classed(self.widget, "cxkit-explorer")
        self._word()
        self._tell()

    # -- controls ------------------------------------------------------------------------------

    def _made_controls(self, w: Any) -> Iterator[tuple[str, Any]]:
        """The controls by name, without words."""
        waves, segments = self.choices.waves, self.choices.segments
        show = w.Select(rows=len(TOPICS))
        yield "topic", self._pick(show, TOPICS, self.topic, self._topic_chosen)
        if len(waves) > 1:
            yield "wave", self._pick(w.Dropdown(), waves, self.choice.wave, self._wave_chosen)
        for key, groups in segments.items():
            values = (_EVERYBODY, *groups)
            box = w.SelectMultiple(rows=min(len(values), _ROWS))
            yield f"segment:{key}", self._pick(box, values, (_EVERYBODY,), self._groups_chosen(key))
        languages = dict.fromkeys([*self.choices.survey.study.languages, self.language])
        if len(languages) > 1:
            change = self._language_chosen
            yield "language", self._pick(w.Dropdown(), tuple(languages), self.language, change)
        make = w.Button(layout=w.Layout(width="auto", align_self="flex-start"))
        make.on_click(lambda _: self.make_report())
        yield "make", make

    def _pick(
        self, box: Any, values: tuple[str, ...], value: Any, change: Callable[[Any], None]
    ) -> Any:
        """A list to choose from, its name above it."""
        box.options, box.value = [(one, one) for one in values], value
        box.observe(lambda told: None if self._is_held else change(told), "value")
        return _classed(box, "cxkit-pick")

    def _wave_chosen(self, change: Any) -> None:
        self._choose(Choice(change.new, self.choice.groups))

    def _groups_chosen(self, segment: str) -> Callable[[Any], None]:
        def chosen(change: Any) -> None:
            groups = [one for one in change.new if one != _EVERYBODY]
            if _EVERYBODY in change.new and _EVERYBODY not in change.old:
                groups = []
            with self._held():
                change.owner.value = tuple(groups) or (_EVERYBODY,)
            self._choose(self.choice.with_groups(segment, groups))

        return chosen

    def _topic_chosen(self, change: Any) -> None:
        self.topic = change.new
        self._tell()

    def _language_chosen(self, change: Any) -> None:
        self.language = change.new
        self._word()
        self._tell()

    def _choose(self, choice: Choice) -> None:
        if choice != self.choice:
            self.choice = choice
            self.listed.value = ""
            self._tell()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """While the kit itself sets controls, nothing is chosen."""
        before, self._is_held = self._is_held, True
        try:
            yield
        finally:
            self._is_held = before

    # -- words ---------------------------------------------------------------------------------

    @property
    def words(self) -> Words:
        """The words of the chosen language, for the choice."""
        return Words(self.language, self.choices.chosen(self.choice).context())

    def _word(self) -> None:
        """Name all controls in the chosen language; what is chosen stays."""
        words = self.words
        heads = {
            "wave": words.ui("wave"),
            "language": telling.said(words, "language"),
            "topic": telling.said(words, "shows"),
            "make": telling.said(words, "make"),
        }
        with self._held():
            for name, box in self.controls.items():
                key = name if name in heads else f"segment:{name.partition(':')[2]}"
                box.description = heads.get(name) or words.heading(words.name(key))
                if name != "make":
                    value = box.value
                    box.options = [(self._label(name, one, words), one) for _, one in box.options]
                    box.value = value
        hint = telling.said(words, "several") if self.choices.segments else ""
        self.hint.value = display.box(display.note(hint))

    def _label(self, name: str, value: str, words: Words) -> str:
        if value == _EVERYBODY:
            return telling.said(words, "everybody")
        if name == "wave":
            return words.heading(words.wave(value))
        if name == "language":
            return str(Words(value, {}).locale["name"])
        if name == "topic":
            own = words.units if value == "pyramid" else telling.said(words, value)
            return words.heading(own)
        return words.heading(words.name(f"group:{name.partition(':')[2]}={value}"))

    # -- what is told --------------------------------------------------------------------------

    def _tell(self) -> None:
        """Show what is told of the choice; busy meanwhile, in words where it cannot be."""
        with self._busy(self.view):
            told = self.choices.told(self.choice, self.topic)
            words = Words(self.language, told.context)
            view = telling.view(told, words)
            self.line.value, self.view.value = telling.base_line(told, words), view

    def make_report(self) -> None:
        """List the report of the choice in the study file, and say what makes it."""
        with self._busy(self.listed):
            done = list_report(self.choices, self.choice)
            self.listed.value = telling.listed_box(done, self.words)

    @contextmanager
    def _busy(self, shown: Any) -> Iterator[None]:
        """Say that something is being computed, and on `shown` in words if it cannot be."""
        words = Words(self.language, self.choices.survey.study.context())
        before, busy = self.line.value, telling.busy_line(words)
        self.line.value = busy
        try:
            yield
        except CxkitError as error:
            shown.value = telling.error_box(error)
        except BaseException:
            shown.value = telling.failed_box(words)
            raise
        finally:
            if self.line.value == busy:
                self.line.value = "" if shown is self.view else before

    # -- how it shows itself -------------------------------------------------------------------

    def __repr__(self) -> str:
        groups = [f"{key}={'+'.join(own)}" for key, own in self.choice.groups] or ["everybody"]
        parts = [self.choice.wave or "", *groups, self.topic]
        return f"Explorer of {self.choices.survey.study.key}: {', '.join(filter(None, parts))}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """The widgets, and what they show just now for where there are none (a saved notebook)."""
        still = self.line.value + self.view.value
        return {
            **(self.widget._repr_mimebundle_() or {}),
            "text/plain": repr(self),
            "text/html": still,
        }


def _classed(widget: Any, name: str) -> Any:
    widget.add_class(name)
    return widget
