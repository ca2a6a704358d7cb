"""`survey.explore()`: choose a wave and groups in JupyterLab, and see what a report would say.

The widgets hold no number: each change asks `Choices` what may be told, and shows that. All of it
is chosen with Tab and Space: other keys are commands of JupyterLab wherever nothing is typed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from cxkit import display
from cxkit.errors import CxkitError, StudyError, SurveyError
from cxkit.lab import telling
from cxkit.lab.as_report import list_report
from cxkit.lab.choice import TOPICS, Choice, Choices
from cxkit.report.run import languages_of
from cxkit.wording import Words

__all__ = ["Explorer", "explore"]

_STYLE = (
    "<style>.cxkit-explorer{max-width:60rem}"
    ".cxkit-explorer .cxkit-picks{flex-flow:row wrap;align-items:flex-start;gap:.4rem 1.6rem;"
    "overflow:visible}"
    ".cxkit-explorer .cxkit-pick{flex-direction:column;width:auto;height:auto;margin:0}"
    ".cxkit-explorer .cxkit-pick>.widget-label{width:auto;text-align:left;line-height:1.5;"
    "height:auto;margin:0}.cxkit-explorer .cxkit-head{margin:0}"
    ".cxkit-explorer :is(.cxkit-pick>.widget-label,.cxkit-head){font-weight:600;"
    "color:var(--jp-content-font-color1)}"
    ".cxkit-explorer .cxkit-groups{max-height:9.6rem;overflow:auto;width:auto;margin:0;"
    "padding:2px}.cxkit-explorer .cxkit-groups label{display:flex;align-items:center}"
    ".cxkit-explorer .cxkit-groups .widget-checkbox{width:auto;height:auto;margin:0}"
    ".cxkit-explorer .cxkit-pick :is(label,.widget-radio-box label){line-height:1.6;height:auto}"
    ".cxkit-explorer .cxkit-pick .widget-radio-box{margin:0 0 0 2px;height:auto}"
    ".cxkit-explorer :is(input,button):focus-visible{outline:2px solid var(--jp-brand-color1);"
    "outline-offset:1px}"
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
    SurveyError
        If it is no survey.
    StudyError
        If ipywidgets is not installed, or there are no words for the language.

    Examples
    --------
    >>> import cxkit as cx
    >>> explore(cx.load("demo"))
    Explorer of toko_contoh: 2026H1, everybody, pyramid
    """
    if not hasattr(survey, "study"):
        raise SurveyError(
            f"nobody can look around in a {type(survey).__name__}",
            expected="a survey",
            hint='cx.explore(cx.load("demo"))',
        )
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
    lists : mapping of str to ipywidgets.RadioButtons
        What one is chosen of: `topic`, `wave`, `language`, where there are several.
    groups : mapping of str to mapping of str to ipywidgets.Checkbox
        The groups to tick, by segment; everybody where none is.
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
        self.line, self.view, self.listed, self.hint = (w.HTML() for _ in range(4))
        self.lists = dict(self._made_lists(w))
        self.groups = dict(self._made_groups(w))
        self._heads = {key: _classed(w.HTML(), "cxkit-head") for key in self.groups}
        self.make = w.Button(layout=w.Layout(width="auto", align_self="flex-start"))
        self.make.on_click(lambda _: self.make_report())
        self.widget = self._laid_out(w)
        self._word()
        self._tell()

    # -- controls ------------------------------------------------------------------------------

    def _made_lists(self, w: Any) -> Iterator[tuple[str, Any]]:
        """What one is chosen of, by name and without words yet."""
        waves = self.choices.waves
        languages = dict.fromkeys([*self.choices.survey.study.languages, self.language])
        for name, values, value, change in (
            ("topic", TOPICS, self.topic, self._topic_chosen),
            ("wave", waves, self.choice.wave, self._wave_chosen),
            ("language", tuple(languages), self.language, self._language_chosen),
        ):
            if len(values) > 1:
                options = [(one, one) for one in values]
                yield name, self._observed(w.RadioButtons(options=options, value=value), change)

    def _made_groups(self, w: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """A box to tick for each group of each segment, without words yet."""
        layout, style = w.Layout(width="auto"), {"description_width": "initial"}
        for segment, groups in self.choices.segments.items():
            change = self._groups_chosen(segment)
            yield (
                segment,
                {
                    one: self._observed(
                        w.Checkbox(indent=False, layout=layout, style=style), change
                    )
                    for one in groups
                },
            )

    def _observed(self, box: Any, change: Callable[[Any], None]) -> Any:
        """A control that acts when a hand changes it, and not when the kit does."""
        box.observe(lambda told: None if self._is_held else change(told), "value")
        return box

    def _laid_out(self, w: Any) -> Any:
        picks = {name: _classed(box, "cxkit-pick") for name, box in self.lists.items()}
        for key, boxes in self.groups.items():
            ticks = _classed(w.VBox(list(boxes.values())), "cxkit-groups")
            picks[key] = _classed(w.VBox([self._heads[key], ticks]), "cxkit-pick")
        order = ["topic", "wave", *self.groups, "language"]
        row = w.HBox([picks[name] for name in order if name in picks])
        return _classed(
            w.VBox(
                [
                    w.HTML(_STYLE, layout=w.Layout(display="none")),
                    _classed(row, "cxkit-picks"),
                    self.hint,
                    self.line,
                    self.view,
                    self.make,
                    self.listed,
                ]
            ),
            "cxkit-explorer",
        )

    def _wave_chosen(self, change: Any) -> None:
        self._choose(Choice(change.new, self.choice.groups))

    def _groups_chosen(self, segment: str) -> Callable[[Any], None]:
        def chosen(_: Any) -> None:
            groups = [one for one, box in self.groups[segment].items() if box.value]
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
        }
        with self._held():
            for name, box in self.lists.items():
                value, box.description = box.value, heads[name]
                box.options = [(self._label(name, one, words), one) for _, one in box.options]
                box.value = value
        for segment, boxes in self.groups.items():
            head = words.heading(words.name(f"segment:{segment}"))
            self._heads[segment].value = escape(head)
            for group, box in boxes.items():
                box.description = words.heading(words.name(f"group:{segment}={group}"))
                box.tooltip = head
        self.make.description = telling.said(words, "make")
        self.hint.value = display.box(
            display.note(telling.said(words, "none_chosen") if self.groups else "")
        )

    def _label(self, name: str, value: str, words: Words) -> str:
        if name == "wave":
            return words.heading(words.wave(value))
        if name == "language":
            return str(Words(value, {}).locale["name"])
        return words.heading(words.units if value == "pyramid" else telling.said(words, value))

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
