"""Finding: what a reader meets, as a value made of keys and records, worded when rendered.

A finding holds no sentence. It names a template (`key`, `variant`), fills its slots from
published records or from settings of the study, and may name a figure and a table. As the last
expression of a cell it shows itself: HTML for JupyterLab and JSON for the page.
"""

from __future__ import annotations

import dataclasses
import math
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cxkit.errors import SurveyError, nearest
from cxkit.library import locale as load_locale
from cxkit.records import (
    SHELVES,
    Comparison,
    Comparisons,
    Estimate,
    Estimates,
    Fit,
    Fits,
    to_json,
)
from cxkit.wording import Quantity, Words, printed

__all__ = [
    "FINDING_MIME",
    "Finding",
    "Findings",
    "Slot",
    "all_units",
    "coefficients",
    "count",
    "dates",
    "finding",
    "first_names",
    "fragments",
    "handoffs",
    "inside",
    "member",
    "members",
    "name",
    "names",
    "number",
    "periods",
    "rating_of",
    "said",
    "setting",
    "short",
    "slot_text",
    "wave",
]

FINDING_MIME = "application/vnd.cxkit.finding.v1+json"

Record = Estimate | Comparison | Fit
_NONE = Estimates((), is_published=True)
_NO_DIFFERENCE = Comparisons((), is_published=True)
_NO_FIT = Fits((), is_published=True)
_BLANKS = (
    "hidden_base",
    "hidden_privacy",
    "no_answers",
    "not_applicable",
    "not_comparable",
    "not_measured",
    "not_reached",
)
_OF_STUDY = frozenset({"brand", "site", "period", "ci", "min_base"})


@dataclass(frozen=True)
class Slot:
    """What fills one `{slot}` of a template: a record's number, a name, or a study's setting."""

    kind: str
    key: Any = None
    record: Record | None = None
    style: str = "number"
    unit: str | None = None

    @property
    def records(self) -> list[Record]:
        """The records behind it, those of slots inside it too."""
        own = [self.record] if self.record is not None else []
        parts = self.key if isinstance(self.key, (list, tuple)) else ()
        inner = [one for part in parts for one in (part if isinstance(part, tuple) else (part,))]
        return own + [r for one in inner if isinstance(one, Slot) for r in one.records]


def number(record: Record, field_name: str = "estimate", style: str = "number") -> Slot:
    """A record's number, worded by the method of `Words` that `style` names.

    `number`, `signed`, `size` (no sign), `raised` (rounded up), `bound`, `hundred`, `floored` or
    `from_zero` (none below zero).
    """
    if isinstance(record, Fit) and field_name == "estimate":
        field_name = "value"  # as the record's column is called, which the slot points at
    return Slot("number", field_name, record, style)


def name(key: str) -> Slot:
    """The printed name of a key such as `level:trust`."""
    return Slot("name", key)


def member(key: str) -> Slot:
    """A group of a segment with the segment beside it: `Java (Region)`."""
    return Slot("member", key)


def members(keys: Iterable[str]) -> Slot:
    """Several groups, each with its segment, joined as a list in words."""
    return Slot("members", list(keys))


def inside(key: str) -> Slot:
    """A name that begins with a capital only at the head of a sentence, inside one."""
    return Slot("inside", key)


def short(key: str) -> Slot:
    """A shorter name, where a sentence stands beside others about the same thing."""
    return Slot("short", key)


def names(keys: Iterable[str]) -> Slot:
    """Several printed names, joined as a list in words."""
    return Slot("names", list(keys))


def first_names(keys: Iterable[str]) -> Slot:
    """Several printed names; of a long list the first ones, and how many others there are."""
    return Slot("first_names", list(keys))


def wave(key: str) -> Slot:
    """A wave in words."""
    return Slot("wave", key)


def dates(first: str, last: str) -> Slot:
    """A stretch of days in words."""
    return Slot("dates", [first, last])


def count(n: int) -> Slot:
    """A number of records or things, counted here."""
    return Slot("count", n)


def fragments(parts: Iterable[tuple[str, str, Slot]]) -> Slot:
    """A list of pieces such as `80 have compared it`: shelf, key and number of each.

    The key is that of a stage, or a whole one (`level:trust`).
    """
    return Slot("fragments", list(parts))


def coefficients(parts: Iterable[tuple[str, str, Slot, Slot, Slot]]) -> Slot:
    """A list of coefficients: of what, which one, its value and both ends of its range."""
    return Slot("coefficients", list(parts))


def all_units(k: int) -> Slot:
    """All parts of the framework together: `all five levels`."""
    return Slot("all_units", k)


def handoffs(parts: Iterable[tuple[str, str, Slot]]) -> Slot:
    """A list of hand-offs: earlier stage, later stage and size of each."""
    return Slot("handoffs", list(parts))


def periods(n: int, period: str) -> Slot:
    """So many periods of a study's sums, with their noun: `5 years`."""
    return Slot("periods", [n, period])


def setting(path: Sequence[str], unit: str) -> Slot:
    """A number that the study declares (a target, what matters), by its path in the context."""
    return Slot("setting", list(path), unit=unit)


def said(text: Mapping[str, str]) -> Slot:
    """A text of the study's own, by language."""
    return Slot("said", dict(text))


def rating_of(stage: str) -> Slot:
    """The rating of a stage, as something that may not have been measured."""
    return Slot("rating_of", stage)


@dataclass(frozen=True)
class Finding:
    """One thing the report says, with the records it rests on.

    Parameters
    ----------
    section, key, variant : str
        Where it stands, which question it answers (`F06`), which rule fired (`clear`).
    slots : mapping of str to Slot
        What fills the template.
    estimates, comparisons, fits : published tables of records
        All that the finding shows or says; anything unpublished is refused.
    headline : Slot, optional
        The number that stands large beside it in the summary.
    direction : {"good", "bad", "flat"}
        The verdict's colour role.
    plus : sequence of (variant, slots)
        Further sentences of the same template.
    figure, table : str, optional
        A function of `cxkit.report.figures` and of `cxkit.report.tables`.
    options : mapping
        What the figure and the table need to know beside the records (orders, roles).
    title : (key, variant, slots), optional
        The title of figure or table.
    notes : sequence of (key, slots)
        Standing notes printed below.
    say : mapping of language to template, optional
        A researcher's own sentence, instead of `key` and `variant`.
    proof : str, optional
        The section whose figure or table proves it (summary only).
    context : mapping
        What is needed to word it in any language: names, settings, bases.
    """

    section: str
    key: str
    variant: str = ""
    slots: Mapping[str, Slot] = field(default_factory=dict)
    estimates: Estimates = _NONE
    comparisons: Comparisons = _NO_DIFFERENCE
    fits: Fits = _NO_FIT
    headline: Slot | None = None
    direction: str = "flat"
    plus: Sequence[tuple[str, Mapping[str, Slot]]] = ()
    figure: str | None = None
    table: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    title: tuple[str, str, Mapping[str, Slot]] | None = None
    notes: Sequence[tuple[str, Mapping[str, Slot]]] = ()
    say: Mapping[str, str] | None = None
    proof: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for shelf in SHELVES:
            if not getattr(self, shelf).is_published:
                raise SurveyError(
                    f"finding '{self.key}' was given {shelf} that are not published",
                    expected=f"{shelf}.published(), so that small bases are blanked",
                )

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values, its records beside it."""
        value = {
            "section": self.section,
            "key": self.key,
            "variant": self.variant,
            "slots": self._slots(self.slots),
            "records": {shelf: getattr(self, shelf).to_rows() for shelf in sorted(SHELVES)},
            "headline": self._slot(self.headline) if self.headline else None,
            "direction": self.direction,
            "plus": [[variant, self._slots(slots)] for variant, slots in self.plus],
            "figure": self.figure,
            "table": self.table,
            "options": to_json(self.options),
            "title": [*self.title[:2], self._slots(self.title[2])] if self.title else None,
            "notes": [[key, self._slots(slots)] for key, slots in self.notes],
            "say": dict(self.say) if self.say else None,
            "proof": self.proof,
        }
        return dict(to_json(value))

    def only_what_it_says(self) -> Finding:
        """The same finding with the records that its sentence speaks of, and no others."""
        slots = [*self.slots.values(), *(one for _, more in self.plus for one in more.values())]
        named = [record for slot in (*slots, self.headline) if slot for record in slot.records]
        return dataclasses.replace(
            self,
            estimates=Estimates((x for x in self.estimates if x in named), is_published=True),
            comparisons=Comparisons((x for x in self.comparisons if x in named), is_published=True),
            fits=Fits((x for x in self.fits if x in named), is_published=True),
        )

    def _slots(self, slots: Mapping[str, Slot]) -> dict[str, Any]:
        return {key: self._slot(slot) for key, slot in sorted(slots.items())}

    def _slot(self, slot: Slot) -> dict[str, Any]:
        if slot.kind == "number":
            shelf, row = self._find(slot.record)
            value = getattr(slot.record, str(slot.key))
            unit = getattr(slot.record, "unit", "scale")
            return {
                "kind": "number",
                "from": shelf,
                "row": row,
                "field": slot.key,
                "style": slot.style,
                "unit": "count" if str(slot.key).startswith("n") else unit,
                "value": to_json(value),
            }
        if slot.kind == "setting":
            value = self.context
            for step in slot.key:
                value = value[step]
            return {"kind": "setting", "path": slot.key, "unit": slot.unit, "value": value}
        return {"kind": slot.kind, "key": self._plain(slot.key)}

    def _plain(self, key: Any) -> Any:
        """A slot's key as JSON: slots inside it too."""
        if isinstance(key, Slot):
            return self._slot(key)
        return [self._plain(one) for one in key] if isinstance(key, (list, tuple)) else key

    def _find(self, record: Record | None) -> tuple[str, int]:
        for shelf in SHELVES:
            for row, one in enumerate(getattr(self, shelf)):
                if one is record:
                    return shelf, row
        raise AssertionError(f"finding {self.key}: a slot's number has no record behind it")

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return Findings([self], context=self.context)._repr_mimebundle_()

    def __repr__(self) -> str:
        return f"Finding({self.section}: {self.key} {self.variant})"


class Findings(Sequence[Finding]):
    """Several findings of one survey; shows itself in JupyterLab and hands the page its JSON."""

    def __init__(self, findings: Iterable[Finding], *, context: Mapping[str, Any]) -> None:
        self._findings = tuple(findings)
        self.context = context

    def __getitem__(self, index: Any) -> Any:
        found = self._findings[index]
        return Findings(found, context=self.context) if isinstance(index, slice) else found

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def get(self, *keys: str) -> Finding | None:
        """The first finding with one of these keys, in the order of the keys."""
        for key in keys:
            for one in self:
                if one.key == key:
                    return one
        return None

    def to_dict(self) -> dict[str, Any]:
        """The findings and what is needed to word them, as plain JSON values."""
        return {
            "context": to_json(self.context),
            "findings": [one.to_dict() for one in self],
        }

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from cxkit.report.page import preview

        bundle = self.to_dict()
        return {
            "text/plain": "\n".join(repr(one) for one in self),
            "text/html": preview(bundle),
            FINDING_MIME: bundle,
        }


def finding(
    key: str,
    records: Estimates | Comparisons,
    *,
    figure: Callable[..., Any] | str | None = None,
    say: Mapping[str, str] | str | None = None,
    row: int = 0,
    section: str | None = None,
) -> Finding:
    """A researcher's own finding from estimates or comparisons.

    Parameters
    ----------
    key : str
        Its name on the page (an anchor), such as `trust_by_channel`.
    records : Estimates or Comparisons
        What `cx.estimate` or `cx.compare` returned; published here by the study's rules.
    figure : function of `cx.figures` or its name, optional
        How to draw the records.
    say : mapping of language to sentence, or one sentence, optional
        Slots `{a} {b} {difference} {lo} {hi} {n} {n_b}` of comparisons, `{of} {est} {lo} {hi}
        {n}` of estimates, taken from the record that `row` names. A negative difference
        swaps a and b, so that "a scores higher than b" stays true.
    row : int, default 0
        Which record the sentence speaks of.
    section : str, optional
        The section of the page it stands in; its own by default.

    Returns
    -------
    Finding
        Shows itself as the last expression of a cell.

    Raises
    ------
    SurveyError
        If `records` is no table of records, is empty or holds no such row, `figure` is no figure of
        `cx.figures`, or `say` has a slot that is not known.

    Notes
    -----
    A sentence about a difference that is not clear is followed by words that say so. Slots of
    the study (`{brand} {site} {period} {ci} {min_base}`) may be used too, and `{n:respondents}`
    prints a number with its noun in the form that the language uses.

    Examples
    --------
    >>> import cxkit as cx
    >>> survey = cx.load("demo", wave="2026H1")
    >>> trust = cx.compare(survey, "score_100", of="level:trust", by="region")
    >>> cx.finding("trust_by_region", trust, say="{a} scores {difference} higher than {b}.")
    Finding(trust_by_region: trust_by_region own)
    """
    if not isinstance(records, (Estimates, Comparisons)):
        raise SurveyError(
            f"finding '{key}' was given a {type(records).__name__}",
            expected="records, as `cx.estimate` and `cx.compare` return them",
        )
    if not -len(records) <= row < len(records):
        raise SurveyError(
            f"finding '{key}' speaks of row {row}, but there are {len(records)} records",
            expected=f"a row from 0 to {len(records) - 1}" if len(records) else "some records",
        )
    shown = records.published()
    subject = shown[row]
    if isinstance(subject, Comparison) and subject.difference < 0:
        subject = -subject
        shown = shown.with_record(row, subject)
    own = {"und": say} if isinstance(say, str) else say
    slots = _own_slots(subject)
    for template in (own or {}).values():
        _check_slots(key, template, slots)
    return Finding(
        section or key,
        key,
        (_why_blank(subject) or "own") if own else "",
        slots,
        estimates=shown if isinstance(shown, Estimates) else _NONE,
        comparisons=shown if isinstance(shown, Comparisons) else _NO_DIFFERENCE,
        figure=None if figure is None else _figure_named(key, figure),
        table="records",
        options={"subject": row % len(records)},
        title=None if own else ("numbers", "records", {}),
        say=own,
        context=records.context,
    )


def _figure_named(key: str, figure: Any) -> str:
    """The name of a figure of `cx.figures`; SurveyError for anything else."""
    from cxkit.report.figures import OPTIONS

    named = figure if isinstance(figure, str) else str(getattr(figure, "__name__", ""))
    if named in OPTIONS:
        return named
    given = f"'{named}'" if named else f"a {type(figure).__name__}"
    is_drawn = hasattr(figure, "is_of")
    raise SurveyError(
        f"the figure of finding '{key}' is {given}",
        where="figure",
        expected="one of " + ", ".join(f"cx.figures.{one}" for one in OPTIONS),
        hint="name the figure and do not call it: figure=cx.figures.forest"
        if is_drawn
        else nearest(named, OPTIONS),
    )


def _check_slots(key: str, template: str, slots: Mapping[str, Slot]) -> None:
    """Refuse a sentence whose slots nothing can fill, before it is too late to say so."""
    try:
        read = string.Formatter().parse(template)
        parts = [(slot, noun) for _, slot, noun, _ in read if slot is not None]
    except ValueError as slip:
        raise SurveyError(
            f"the sentence of finding '{key}' cannot be read: {slip}",
            where=template,
            expected="slots in braces, such as {n}; a brace itself is written {{ or }}",
        ) from None
    nouns = load_locale("en")["plural"]
    for _, noun in parts:
        if noun and noun not in nouns:
            raise SurveyError(
                f"the sentence of finding '{key}' counts an unknown noun '{noun}'",
                where=template,
                expected="one of " + ", ".join(sorted(nouns)),
                hint=nearest(noun, nouns),
            )
    for slot in sorted({slot for slot, _ in parts} - set(slots) - _OF_STUDY):
        raise SurveyError(
            f"the sentence of finding '{key}' has an unknown slot '{{{slot}}}'",
            where=template,
            expected="one of " + ", ".join(sorted(slots)),
            hint=nearest(slot, slots),
        )


def _why_blank(record: Record) -> str:
    """The flag that says why a record has no number; nothing if it has one."""
    number = getattr(record, "difference", None)
    number = getattr(record, "estimate", number)
    if number is None or not math.isnan(number):
        return ""
    flag = next((flag for flag in record.flags if flag in _BLANKS), "unreliable")
    return "hidden" if flag.startswith("hidden") else flag


def _own_slots(record: Record) -> dict[str, Slot]:
    if isinstance(record, Comparison):
        return {
            "a": name(record.a),
            "b": name(record.b),
            "difference": number(record, "difference", "size"),
            "lo": number(record, "ci_low", "signed"),
            "hi": number(record, "ci_high", "signed"),
            "n": number(record, "n_a"),
            "n_b": number(record, "n_b"),
        }
    return {
        "of": name(record.of),
        "est": number(record, "estimate"),
        "lo": number(record, "ci_low"),
        "hi": number(record, "ci_high"),
        "n": number(record, "n"),
    }


def slot_text(slot: Mapping[str, Any], words: Words) -> Quantity | str:
    """A slot of a finding's JSON on its way into a sentence."""
    kind = slot["kind"]
    if kind == "number":
        return Quantity(slot["value"], slot["unit"], words, slot["style"])
    if kind == "setting":
        return Quantity(slot["value"], slot["unit"], words)
    key = slot["key"]
    if kind == "names":
        return words.join(_apart([_quoted(one, words) for one in key], words))
    if kind == "first_names":
        return _first_names([_quoted(one, words) for one in key], words)
    if kind == "member":
        return _member(key, words)
    if kind == "members":
        return words.join(_member(one, words) for one in key)
    if kind == "periods":
        return words.plural(f"periods_{key[1]}", key[0])
    if kind == "wave":
        return words.wave(key)
    if kind == "dates":
        return words.in_days(*key)
    if kind == "rating_of":
        return words.fill(words.locale["names"]["what"]["stage"], stage=words.name(key))
    if kind == "said":
        return words.text(key)
    if kind == "short":
        return words.short(key)
    if kind == "inside":
        return words.name(key)[:1].lower() + words.name(key)[1:]
    if kind == "count":
        return Quantity(key, "count", words)
    if kind == "fragments":
        return words.join(_fragment(shelf, part, x, words) for shelf, part, x in key)
    if kind == "handoffs":
        return words.join(_handoff(earlier, later, size, words) for earlier, later, size in key)
    if kind == "coefficients":
        return words.join(_coefficient(part, words) for part in key)
    if kind == "all_units":
        every = words.locale["fragments"]["all_units"]
        return words.fill(every.get(f"n{key}", every["other"]))
    return _in_sentence(key, words)


def _member(key: str, words: Words) -> str:
    segment = key.partition("=")[0].removesuffix("!")
    return words.ui("group_of", group=words.name(key), segment=words.name(f"segment:{segment}"))


_MOST_NAMED, _NAMED_OF_MORE = 5, 3
"""So many names are told in full; of more only the first ones, and the number of the others."""


def _first_names(names: list[str], words: Words) -> str:
    if len(names) > _MOST_NAMED:
        others = words.ui("others_named", n=words.count(len(names) - _NAMED_OF_MORE))
        names = [*_apart(names[:_NAMED_OF_MORE], words), others]
        return words.join(names)
    return words.join(_apart(names, words))


def _apart(names: list[str], words: Words) -> list[str]:
    """Names of a list, in quotation marks where one of them reads like a list itself."""
    joined = words.join(["", ""]).strip()
    marks = (words.locale["lists"]["comma"], f" {joined} ")
    is_plain = len(names) < 2 or not any(mark in name for name in names for mark in marks)
    return names if is_plain else [_between_quotes(name) for name in names]


def _between_quotes(name: str) -> str:
    return name if name.startswith("\u201c") else f"\u201c{name}\u201d"


def _quoted(key: str, words: Words) -> str:
    """A name in a list; a statement stands in quotation marks, so that its end is seen."""
    said = _in_sentence(key, words)
    return f"\u201c{said}\u201d" if key.startswith("item:") else said


def _in_sentence(key: str, words: Words) -> str:
    """A name inside a sentence; a statement lends its words without its full stop."""
    return words.name(key).rstrip(".") if key.startswith("item:") else words.name(key)


def _fragment(shelf: str, part: str, x: Mapping[str, Any], words: Words) -> str:
    """A piece of a list such as `80 have compared it`, or `80 have reached Trial`."""
    pieces = words.locale["fragments"][shelf]
    named = words.name(part if ":" in part else f"stage:{part}")
    piece = pieces.get(part, pieces["other"])
    return words.fill(piece, x=slot_text(x, words), stage=named, name=named)


def _coefficient(part: Sequence[Any], words: Words) -> str:
    """One coefficient with its range, in words."""
    of, metric, *numbers = part
    est, lo, hi = (slot_text(one, words) for one in numbers)
    told = {"name": words.name(of), "coefficient": words.name(f"metric:{metric}")}
    return words.fill(words.locale["fragments"]["coefficient"], est=est, lo=lo, hi=hi, **told)


def _handoff(earlier: str, later: str, size: Mapping[str, Any], words: Words) -> str:
    stated = {"from": words.name(earlier), "to": words.name(later)}
    pieces = words.locale["fragments"]["handoff"]
    if not printed(size["value"], size["unit"]):
        return words.fill(pieces["plain"], **stated)
    falls = size["value"] < 0
    piece = pieces["drop" if falls else "rise"]
    return words.fill(piece, **stated, **{"down" if falls else "up": slot_text(size, words)})
