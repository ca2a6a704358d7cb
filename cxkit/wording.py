"""Numbers and findings in words, in one language: the only place where either is formatted.

`Words` joins a locale (`library/locales/`) with what a study calls its own things. A finding is
worded here when it is rendered, from its keys and slots, so one execution gives every language.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from cxkit.library import locale as load_locale

__all__ = ["MINUS", "NO_BREAK", "Number", "Printed", "Quantity", "Words", "printed"]

MINUS = "\u2212"
NO_BREAK = "\u00a0"

_DECIMALS = {"points": 0, "score_100": 1, "share": 0, "scale": 2, "count": 0, "money": 0}
_MAGNITUDES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_WAVE = re.compile(r"(?P<year>\d{4})(?P<part>H[12]|Q[1-4])")
_BASE = re.compile(r"\bn = (?=\S)")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Number(NamedTuple):
    """A number that a text prints: itself, its unit, the decimals that are shown of it.

    `is_signed` if a plus is printed too; `said` is what stands in its place (`<1%`), or around it
    (`{} respondents`), if something does.
    """

    value: float
    unit: str
    digits: int
    is_signed: bool = False
    said: str = ""


class Printed(str):
    """A text of the page that knows the numbers it prints: a workbook takes those.

    Cut, joined or put into another text it is no more than its letters.

    Attributes
    ----------
    phrase : str
        What it is: `number`, `range`, `list`, or the key of a phrase of the page.
    numbers : dict of str to Number
        The numbers by what they are in it: `value`, `low` and `high`, the slots of the phrase.

    Examples
    --------
    >>> words = Words("en", {})
    >>> words.number(44.749999999, "score_100").numbers["value"].value
    44.749999999
    >>> base = words.ui("n_is", n=words.count(1204))
    >>> base.phrase, base.numbers["n"].value
    ('n_is', 1204.0)
    """

    __slots__ = ("_parts", "phrase")

    phrase: str
    _parts: tuple[tuple[str, Number], ...]

    def __new__(
        cls, text: str, phrase: str = "", parts: tuple[tuple[str, Number], ...] = ()
    ) -> Printed:
        """A text, what it is, and the numbers in it by name."""
        made = super().__new__(cls, text)
        made.phrase, made._parts = phrase, parts
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return str(self), self.phrase, self._parts

    @property
    def numbers(self) -> dict[str, Number]:
        """The numbers by what they are in the text."""
        return dict(self._parts)

    @classmethod
    def of_number(cls, text: str, value: float, unit: str, digits: int, **more: Any) -> Printed:
        """The text of one number."""
        return cls(text, "number", (("value", Number(float(value), unit, digits, **more)),))

    @classmethod
    def of_parts(cls, text: str, phrase: str, parts: Mapping[str, object]) -> str:
        """A text that is made of others: a plain one, if none of them is a number."""
        numbers = tuple(
            (name, part._parts[0][1])
            for name, part in parts.items()
            if isinstance(part, Printed) and part.phrase == "number"
        )
        return cls(text, phrase, numbers) if numbers else text


class Words:
    """One language's words for one study.

    Parameters
    ----------
    language : str
        A key of `library/locales`, such as `id` or `en`.
    context : mapping
        What the study calls its things: `Study.context()`.

    Examples
    --------
    >>> Words("id", {}).number(44.749999999, "score_100")
    '44,8'
    >>> Words("en", {}).range(-3.44, 9, "score_100")
    '\u22123.4 to 9.0'
    """

    def __init__(self, language: str, context: Mapping[str, Any]) -> None:
        self.language = language
        self.context = context
        self.locale = load_locale(language)

    # -- names -------------------------------------------------------------------------------

    def name(self, key: str) -> str:
        """The printed name of `kind:key`: the study's own label, else the locale's, else the key.

        A side of a comparison (`region=west`, `region!=west`, `wave=2026H1`) is a name too.

        >>> Words("id", {}).name("level:trust")
        'Kepercayaan'
        """
        if key.startswith("mix="):
            return self._same_make_up(key)
        segment, sign, value = key.partition("=")
        if sign and segment.endswith("!"):
            return self.ui("rest")
        if sign and ":" not in segment:
            key = f"wave:{value}" if segment == "wave" else f"group:{key}"
        kind, _, word = key.partition(":")
        own = self.own(key)
        if own is not None:
            return own
        if kind == "wave":
            return self.wave(word)
        if kind == "group":
            return self._group(word)
        if kind == "channel":
            return self._group(f"interaction_channel={word}")
        if kind == "item":
            found = self._item(word, "text")
        elif kind == "section":
            found = self.locale["sections"][word]["name"]
        elif kind == "verdict":
            found = self.locale["verdicts"][word]
        elif kind == "segment":
            found = self._segment(word)
        else:
            found = self._of_comments(kind, word) or self.locale["names"].get(kind, {}).get(word)
        return self.fill(found) if isinstance(found, str) else word

    def _of_comments(self, kind: str, word: str) -> str | None:
        """A theme or state of the comments on a further question: `theme:price@improve`."""
        plain, sign, _ = word.partition("@")
        if not sign or kind not in ("theme", "language", "coding"):
            return None
        return self.name(f"{kind}:{plain}")

    def short(self, key: str) -> str:
        """A shorter name, for axes and narrow columns."""
        kind, _, word = key.partition(":")
        own = self.own(f"short:{key}")
        if own is not None:
            return own
        if kind == "wave":
            is_named = self.own(key) is not None or word == "all"
            return self.name(key) if is_named else self._wave(word, "short")
        if kind == "item" and self.own(key) is None:
            found = self._item(word, "short")
        elif kind == "group" and self._is_stage(word):
            return self.short(f"stage:{word.partition('=')[2]}")
        else:
            found = self.locale["short"].get(kind, {}).get(word)
        return self.fill(found) if isinstance(found, str) else self.name(key)

    def gloss(self, key: str) -> str:
        """A few words under a name, or nothing."""
        kind, _, word = key.partition(":")
        own = self.own(f"gloss:{key}")
        if own is not None or self.own(key) is not None:
            return own or ""
        return str(self.locale["glosses"].get(kind, {}).get(word, ""))

    def answers(self, scale: str, codes: Sequence[float]) -> str:
        """How the points of a scale are called: its label, its number, or a range of numbers."""
        if len(codes) > 1:
            return self.range(codes[0], codes[-1], "count")
        labels = self.locale["scales"].get(scale, {}).get("labels")
        if labels and scale not in self.context.get("own_scales", ()):
            points = self.context["scales"][scale]["points"]
            return str(labels[points.index(codes[0])])
        return self.own(f"answer:{scale}={codes[0]:g}") or self.count(codes[0])

    def own(self, key: str) -> str | None:
        """The study's own label of `key` in this language, else in its first language."""
        label = self.context.get("labels", {}).get(key)
        return None if label is None else self.text(label)

    @staticmethod
    def heading(text: str) -> str:
        """A word or phrase as it stands at the head of a row or column."""
        return text[:1].upper() + text[1:]

    def text(self, label: Mapping[str, str] | str | None) -> str:
        """One of a study's own texts in this language, else in its first language."""
        if not label:
            return ""
        if isinstance(label, str):
            return label
        languages = (self.language, *self.context.get("languages", ()), *label)
        return str(next(label[language] for language in languages if label.get(language)))

    def chosen(self) -> str:
        """The groups of whom a report tells, nothing where it tells of everybody.

        >>> Words("en", {"filters": [["device", "phone"], ["device", "tablet"]]}).chosen()
        'Phone and Tablet'
        """
        groups: dict[str, list[str]] = {}
        for key, value in self.context.get("filters", ()):
            is_base = value == "True" and key not in self.context["segments"]
            named = self.name(f"base:{key}" if is_base else f"group:{key}={value}")
            groups.setdefault(key, []).append(self.heading(named))
        return " · ".join(map(self.join, groups.values()))

    def study_title(self) -> str:
        """What a report of the study is called, with the groups of whom it tells."""
        title = self.text(self.context.get("title")) or self.ui("title")
        return f"{title}: {chosen}" if (chosen := self.chosen()) else title

    def _item(self, key: str, part: str) -> str | None:
        """A statement's `text` or `short`: the preset's where it changes the statement."""
        in_preset = self.locale["presets"].get(self.context.get("preset"), {}).get(key)
        if in_preset is not None:
            return str(in_preset[part])
        shelves = ("items", "evaluation", "importance") if part == "text" else ("item_short",)
        return next((self.locale[one][key] for one in shelves if key in self.locale[one]), None)

    def _is_stage(self, word: str) -> bool:
        """Whether a group is the people of one furthest stage, so that the stage names it."""
        segment = word.partition("=")[0]
        return segment == "furthest_stage" and segment not in self.context.get("segments", {})

    def _same_make_up(self, key: str) -> str:
        """A wave with the make-up of another: `mix=2025H2|wave=2026H1`."""
        held, _, shown = key.removeprefix("mix=").partition("|")
        names = {"wave": self.name(shown), "prev_wave": self.wave(held)}
        return self.ui("with_make_up_of", **names)

    def _segment(self, key: str) -> str | None:
        """What a segment without a label is called: as usual, or after its list of answers."""
        names = self.locale["names"]
        vocabulary = self.context.get("segments", {}).get(key, {}).get("vocabulary")
        found: str | None = names["segment"].get(key) or names["vocabulary"].get(vocabulary)
        return found

    def _group(self, word: str) -> str:
        segment, _, value = word.partition("=")
        declared = self.context.get("segments", {})
        if self._is_stage(word):
            return self.name(f"stage:{value}")
        own = self.own(f"channel:{value}") if segment == "interaction_channel" else None
        vocabulary = declared.get(segment, {}).get("vocabulary")
        if segment == "score_group" and segment not in declared:
            return str(self.locale["names"][segment].get(value, value))
        known = self.locale["vocabularies"].get(vocabulary or segment, {}).get(value)
        return own or (str(known["label"]) if known else value)

    # -- numbers -----------------------------------------------------------------------------

    def number(self, value: float | None, unit: str, *, digits: int | None = None) -> str:
        """A number as this language writes it, rounded once, here."""
        if value is None or math.isnan(value):
            return ""
        if unit == "money":
            return self.money(value)
        rounded = printed(value, unit, digits)
        text = self._decimal(abs(rounded))
        if unit == "share":
            text += "%"
        text = MINUS + text if rounded < 0 else text
        return Printed.of_number(text, value, unit, _places(unit, digits))

    def money(self, value: float) -> str:
        r"""An amount in the study's currency, with three figures: `Rp13,1 miliar`.

        >>> Words("en", {"value": {"currency": "IDR"}}).money(-13_127_290_000)
        '\u2212IDR\xa013.1\xa0billion'
        """
        from babel.numbers import get_currency_symbol

        currency = self.context.get("value", {}).get("currency", "")
        symbol = get_currency_symbol(currency, locale=self.language) if currency else ""
        figures = 2 - math.floor(math.log10(abs(value))) if value else 0
        size = round(abs(value), figures)
        unit, word = next((one for one in _MAGNITUDES if size >= one[0]), (1.0, ""))
        scaled = size / unit
        places = max(2 - math.floor(math.log10(scaled)), 0) if word else 2 * (0 < size < 100)
        amount = self._decimal(Decimal(repr(round(scaled, 8))).quantize(Decimal(1).scaleb(-places)))
        amount += f"{NO_BREAK}{self.locale['ui'][word]}" if word else ""
        form = str(self.locale["ui"]["money"])
        form = form if symbol[-1:].isalpha() else form.replace(NO_BREAK, "")
        text = (MINUS if value < 0 else "") + form.format(currency=symbol, amount=amount)
        around = form.format(currency=symbol, amount="{}")
        return Printed.of_number(text, value, "money", 0, said=around)

    def signed(self, value: float | None, unit: str, *, digits: int | None = None) -> str:
        """A difference with its sign; the unit of a difference of shares is the point."""
        if value is None or math.isnan(value):
            return ""
        if unit == "share":
            value, unit = value * 100, "points"
        text = self.number(value, unit, digits=digits)
        is_zero = not (text.strip("0,.") and value)
        shown = text if text.startswith(MINUS) or is_zero else f"+{text}"
        said = text.numbers["value"].said if isinstance(text, Printed) else ""
        places = _places(unit, digits)
        return Printed.of_number(shown, value, unit, places, is_signed=True, said=said)

    def size(self, value: float | None, unit: str) -> str:
        """The size of a difference without its sign, in points."""
        if value is None or math.isnan(value):
            return ""
        if unit == "share":
            value, unit = value * 100, "points"
        return self.number(abs(value), unit)

    def raised(self, value: float | None, unit: str) -> str:
        """The size of a difference rounded up: one that large is found, the one below is not."""
        if value is None or math.isnan(value):
            return ""
        value, unit = (value * 100, "points") if unit == "share" else (value, unit)
        digits = _places(unit)
        step = 10.0**-digits
        text = str(self.number(math.ceil(round(abs(value) / step, 6)) * step, unit))
        said = "" if text == self.number(abs(value), unit) else text
        return Printed.of_number(text, abs(value), unit, digits, said=said)

    def bound(self, value: float | None, unit: str) -> str:
        """The size of an end that is not zero: one decimal more where it would print as zero."""
        if value is None or math.isnan(value):
            return ""
        if unit == "share":
            value, unit = value * 100, "points"
        return self.number(abs(value), unit, digits=_until_seen(value, unit))

    def fine(self, value: float | None, unit: str) -> str:
        """A number with three decimals, as indices of fit are read."""
        return self.number(value, unit, digits=3)

    def range(self, low: float, high: float, unit: str, *, digits: int | None = None) -> str:
        """An interval in words (`41 to 52`), never with a dash."""
        return self.between(*(self.number(end, unit, digits=digits) for end in (low, high)))

    def signed_range(self, low: float, high: float, unit: str, *, is_clear: bool = False) -> str:
        """The interval of a difference in words, with signs; of a clear one no end is zero."""
        if not is_clear:
            return self.between(self.signed(low, unit), self.signed(high, unit))
        points, unit = (100.0, "points") if unit == "share" else (1.0, unit)
        ends = (points * end for end in (low, high))
        return self.between(*(self.signed(x, unit, digits=_until_seen(x, unit)) for x in ends))

    def between(self, low: str, high: str) -> str:
        """A range of two printed ends."""
        ends = {"low": low, "high": high}
        return Printed.of_parts(f"{low} {self.ui('to')} {high}", "range", ends)

    def count(self, value: float) -> str:
        """A number of people or answers."""
        return self.number(value, "count")

    @property
    def min_n(self) -> int:
        """The privacy limit of the study."""
        return int(self.context.get("min_n") or 10)

    def fewer(self) -> str:
        """A base that privacy hides: `fewer than 10`."""
        return self.ui("fewer", n=self.count(self.min_n))

    def base(self, n: float, n_eff: float) -> str:
        """A base, and what weights leave of it where that differs."""
        whole, effective = self.count(n), self.count(n_eff)
        if whole == effective:
            return self.ui("n_is", n=whole)
        return self.ui("base_sentence", n=whole, n_eff=effective)

    def hundred(self, value: float | None, unit: str) -> str:
        """A share as so many of every hundred."""
        return "" if value is None else self.count(value * 100)

    def chance(self, value: float | None, unit: str) -> str:
        """A chance read from resamples: cut and not rounded up to a rule, never 0% or 100%.

        >>> Words("en", {}).chance(1.0, "share")
        'more than 99%'
        """
        return self._uncertain(value, "less_than_1", "more_than_99")

    def chance_sign(self, value: float | None, unit: str) -> str:
        """The same in little room: `>99%`."""
        return self._uncertain(value, "under_1", "over_99")

    def _uncertain(self, value: float | None, least: str, most: str) -> str:
        if value is None or math.isnan(value):
            return ""
        percent = printed(value, "share", 6)
        if 1 <= percent <= 99:
            return self.number(math.floor(percent) / 100, "share")
        said = self.ui(least if percent < 1 else most)
        return Printed.of_number(said, value, "share", 0, said=said)

    def floored(self, value: float | None, unit: str) -> str:
        """A number cut to whole ones, so that 29.7 is seen to lie below 30."""
        return "" if value is None else self.number(math.floor(value), unit)

    def from_zero(self, value: float | None, unit: str) -> str:
        """A share that cannot lie below zero, though an unbiased estimate of it may."""
        return self.number(None if value is None else max(value, 0.0), unit)

    def level(self, ci_level: float) -> str:
        """An interval level as a percentage."""
        percent = round(ci_level * 100, 9)
        return self.number(ci_level, "share", digits=0 if percent == int(percent) else 1)

    def _decimal(self, value: Decimal) -> str:
        return _written(value, -int(value.as_tuple().exponent), self.language)

    # -- waves, dates, lists -------------------------------------------------------------------

    def wave(self, key: str | None) -> str:
        """A wave in words: its own label, or `2026H1` as a half-year, `2026-11` as a month.

        >>> Words("id", {}).wave("2026H1")
        'Semester I 2026'
        """
        if key is None:
            return ""
        own = self.own(f"wave:{key}")
        if own is not None:
            return own
        return self.ui("one_wave") if key == "all" else self._wave(key, "long")

    def _wave(self, key: str, length: str) -> str:
        if found := _WAVE.fullmatch(key):
            template = self.locale["waves"][length][found["part"].lower()]
            return str(template).format(year=found["year"])
        if _MONTH.fullmatch(key):
            from babel.dates import format_skeleton

            month = dt.date.fromisoformat(f"{key}-01")
            skeleton = "yMMMM" if length == "long" else "yMMM"
            return format_skeleton(skeleton, month, locale=self.language)
        return key

    def dates(self, first: str, last: str) -> str:
        """A stretch of days in words, never with a dash: `2 to 20 March 2026`."""
        opening, closing = self._ends(first, last)
        return f"{opening} {self.ui('to')} {closing}" if opening else closing

    def in_days(self, first: str, last: str) -> str:
        """The same stretch inside a sentence: `from 2 to 20 March 2026`."""
        opening, closing = self._ends(first, last)
        templates = self.locale["fragments"]["dates"]
        if not opening:
            return self.fill(templates["one_day"], **{"from": closing})
        return self.fill(templates["range"], **{"from": opening, "to": closing})

    def _ends(self, first: str, last: str) -> tuple[str, str]:
        """Where a stretch of days begins, as far as it differs from its end, and the end."""
        from babel.dates import format_date

        start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        where = self.language
        closing = format_date(end, "d MMMM y", locale=where)
        if start == end:
            return "", closing
        if start.year != end.year:
            return format_date(start, "d MMMM y", locale=where), closing
        same_month = start.month == end.month
        return format_date(start, "d" if same_month else "d MMMM", locale=where), closing

    def join(self, parts: Iterable[str]) -> str:
        """A list in words: `A`, `A and B`, `A, B and C`."""
        words = list(parts)
        if len(words) < 2:
            return "".join(words)
        joining = self.locale["lists"]
        if len(words) == 2:
            text = str(joining["two"]).format(a=words[0], b=words[1])
            return Printed.of_parts(text, "list", dict(zip("ab", words, strict=True)))
        head = str(joining["comma"]).join(words[:-1])
        return str(joining["many"]).format(head=head, last=words[-1])

    def plural(self, noun: str, n: float | Decimal, shown: str | None = None) -> str:
        """A counted noun in the form that this language uses for `n`.

        >>> Words("en", {}).plural("respondents", 1)
        '1 respondent'
        """
        from babel import Locale

        forms = self.locale["plural"][noun]
        category = Locale.parse(self.language).plural_form(-n if n < 0 else n)
        counted = shown or self.count(float(n))
        text = str(forms.get(category, forms["other"])).format(n=counted)
        return Printed.of_parts(text, noun, {"n": counted})

    # -- sentences -----------------------------------------------------------------------------

    def ui(self, key: str, **slots: object) -> str:
        """A word or phrase of the page itself."""
        return Printed.of_parts(self.fill(self.locale["ui"][key], **slots), key, slots)

    def subtitle(self, key: str, **slots: object) -> str:
        """What a figure or table measures, its unit and scale."""
        return self.fill(self.locale["subtitles"][key], **slots)

    def note(self, key: str, **slots: object) -> str:
        """A standing note."""
        return self.fill(self.locale["notes"][key], **slots)

    def sentence(self, key: str, variant: str, slots: Mapping[str, object]) -> str:
        """A finding in words."""
        return self.fill(self.locale["findings"][key][variant], **slots)

    def title(self, key: str, variant: str, slots: Mapping[str, object]) -> str:
        """The short title of a figure or table: its finding."""
        return self.fill(self.locale["titles"][key][variant], **slots)

    def alt(self, key: str, slots: Mapping[str, object]) -> str:
        """The sentence that stands for a drawing."""
        return self.fill(self.locale["alt"][key], **slots)

    def fill(self, template: str, **slots: object) -> str:
        """A template with its slots filled; a slot without a value is our own mistake."""
        text = _Formatter(self).vformat(template, (), {**self._study_slots, **slots})
        return _BASE.sub(f"n{NO_BREAK}={NO_BREAK}", text)

    @property
    def _outcome(self) -> str:
        """What the report asks links with: recommendation, else the study's first outcome."""
        outcomes = list(self.context.get("outcomes", {}))
        is_recommend = not outcomes or "recommend" in outcomes
        key = "recommend" if is_recommend else outcomes[0]
        known = self.locale["names"]["outcome"].get(key, key)
        return str(self.own(f"outcome:{key}") or known)

    @cached_property
    def _study_slots(self) -> dict[str, object]:
        context = self.context
        site = self.text(context.get("site")) or self.locale["defaults"]["site"]
        unit, units = self.unit, self.units
        return {
            "brand": context.get("brand", ""),
            "site": site,
            "place": self.text(context.get("place")) or site,
            "period": self.text(context.get("period")),
            "ahead": self.text(context.get("ahead")),
            "ci": self.level(context.get("ci_level", 0.95)),
            "min_base": self.count(context.get("min_base", 30)),
            "warn_base": self.count(context.get("warn_base", 100)),
            "min_n": self.count(context.get("min_n", 10)),
            "outcome": self._outcome,
            "unit": unit,
            "Unit": self.heading(unit),
            "units": units,
            "rival": context.get("rival") or "",
        }

    @property
    def unit(self) -> str:
        """What one part of the study's framework is called: level, or its own noun."""
        return self._of_framework("unit") or str(self.locale["names"]["unit"]["level"])

    @property
    def units(self) -> str:
        """The plural of `unit`."""
        own = self._of_framework("units") or self._of_framework("unit")
        return own or str(self.locale["names"]["units"]["level"])

    def _of_framework(self, part: str) -> str:
        """A word of the study's framework: the locale's for one of the library, or its own."""
        framework = self.context.get("framework", {})
        is_own = framework.get("key") in self.context.get("own_frameworks", {})
        known = {} if is_own else self.locale["frameworks"].get(framework.get("key"), {})
        return str(known.get(part) or self.text(framework.get(part)))


@lru_cache(maxsize=8192)
def _written(value: Decimal, places: int, language: str) -> str:
    """A number with so many decimals as a language writes it; pages hold the same ones often."""
    from babel.numbers import format_decimal

    pattern = "#,##0." + "0" * places if places else "#,##0"
    return format_decimal(value, pattern, locale=language, decimal_quantization=False)


def printed(value: float, unit: str, digits: int | None = None) -> Decimal:
    """The number that is printed: eight decimals kept, then rounded half up to those shown.

    44.749999999 and 44.75 print alike; shares become percentages.
    """
    scaled = float(value) * 100 if unit == "share" else float(value)
    exact = Decimal(repr(round(scaled, 8)))
    return exact.quantize(Decimal(1).scaleb(-_places(unit, digits)), ROUND_HALF_UP)


def _places(unit: str, digits: int | None = None) -> int:
    """How many decimals are printed: those asked for, else the unit's."""
    return _DECIMALS.get(unit, 1) if digits is None else digits


def _until_seen(value: float, unit: str) -> int:
    """The unit's decimals, one more where an end that is not zero would print as zero."""
    usual = _DECIMALS.get(unit, 1)
    is_lost = not printed(value, unit) and printed(value, unit, usual + 1)
    return usual + 1 if is_lost else usual


@dataclass(frozen=True)
class Quantity:
    """A number on its way into a sentence: `{n}` prints it, `{n:respondents}` with its noun."""

    value: float | None
    unit: str
    words: Words
    style: str = "number"

    def __str__(self) -> str:
        if self.value is None and self.unit == "count":
            return self.words.fewer()
        return str(getattr(self.words, self.style)(self.value, self.unit))

    def counted(self, noun: str) -> str:
        """The number with its noun; points of a share are percentage points."""
        if self.value is None:
            is_base = self.unit == "count"
            return self.words.plural(noun, self.words.min_n, self.words.fewer()) if is_base else ""
        shown: str = getattr(self.words, self.style)(self.value, self.unit)
        if self.unit == "share" and noun == "points":
            noun = "percentage_points"
            shown = shown.rstrip("%")
        return self.words.plural(noun, abs(printed(self.value, self.unit)), shown)


class _Formatter(string.Formatter):
    """Fills named slots only; a value is taken as it is, so braces in data stay braces."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec:
            return str(value)
        if not isinstance(value, Quantity):
            value = Quantity(value, "count", self.words)
        return value.counted(format_spec)
