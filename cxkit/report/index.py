"""The index of a batch: every report of it on one page, worst first, and as a table of data.

Only records are read, never a report, so that a thousand reports are listed in a moment. What
privacy left out has no number here; no statistic is computed, numbers and verdicts are those that
each report publishes.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cxkit import library
from cxkit.records import NAMED_METRICS, Comparison, Comparisons, Estimate, Estimates
from cxkit.report import tables
from cxkit.report.index_csv import index_csv
from cxkit.report.sparkline import Scale, sparkline
from cxkit.wording import Words

__all__ = ["index", "index_csv"]

Row = dict[str, Any]
Measure = tuple[str, str, str]
"""What is ranked together: metric, of, unit."""

_STATUSES = ("done", "failed", "left_out")
_REASON = ("what", "where", "expected", "try")


def index(
    records: Sequence[Mapping[str, Any]], language: str, context: Mapping[str, Any]
) -> str:
    """The page that lists the reports of a batch in one language, as HTML text.

    Parameters
    ----------
    records : sequence of mapping
        A record each (`cxkit.record/1`), in the order of the plan. Status `done`, `failed` (its
        `reason` says what, where, expected, try) or `left_out` (its `reason` is `nobody` or
        `privacy`). The same records give the same bytes.
    language : str
        A key of `library/locales`.
    context : mapping
        What the study calls its things: `Study.context()`.

    Returns
    -------
    str
        One file without script or request. Its links are relative: reports lie beside it.

    Examples
    --------
    >>> page = index([], "en", {"key": "toko", "title": "Toko Contoh"})
    >>> "No report was planned." in page
    True
    """
    from cxkit.report.page import template

    words = Words(language, _with_labels(context, records))
    return template("index.html.j2", "report.css", "index.css").render(
        page=_Index(records, words).build()
    )


def _with_labels(
    context: Mapping[str, Any], records: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The context with what the records call their groups beside what the study calls them."""
    labels: dict[str, Any] = {}
    for record in records:
        labels |= record.get("labels") or {}
    return {**context, "labels": labels | dict(context.get("labels") or {})}


@dataclass
class _Entry:
    """One report of the batch: its record as values, and how it is called here."""

    record: Mapping[str, Any]
    names: list[str]
    one: Estimate | None = None
    change: Comparison | None = None
    by_wave: Sequence[Estimate] = ()
    small: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.record["status"])

    @property
    def stem(self) -> str:
        return str(self.record["stem"])

    @property
    def wave(self) -> str | None:
        """The wave reported, as far as it is known."""
        stated = self.record.get("wave")
        return stated if stated or self.one is None else self.one.wave

    @property
    def measure(self) -> Measure | None:
        """What it is ranked by."""
        return None if self.one is None else (self.one.metric, self.one.of, self.one.unit)

    @property
    def is_shown(self) -> bool:
        """Whether there is a number that may be seen."""
        return self.one is not None and not self.one.is_hidden and not math.isnan(self.one.estimate)

    @property
    def changed(self) -> float:
        """How much the number changed; NaN where that is not known or not shown."""
        is_known = self.change is not None and self.change.verdict != "hidden"
        return self.change.difference if self.change is not None and is_known else math.nan

    @property
    def called(self) -> tuple[Any, ...]:
        """Where it stands by name: numbers in names count as numbers."""
        return (*map(_natural, (*self.names, *self.small)), self.stem)


def _entry(record: Mapping[str, Any], words: Words) -> _Entry:
    names = [_name(f"group:{key}={value}", words) for key, value in record["group"].items()]
    entry = _Entry(record, names or [words.ui("all_respondents")])
    if record["status"] != "done":
        return entry
    rows = [row for row in (record["headline"], *record["by_wave"]) if row is not None]
    estimates = list(Estimates.from_rows(rows, is_published=True))
    if record["headline"] is not None:
        entry.one = estimates.pop(0)
    if record["change"] is not None:
        entry.change = Comparisons.from_rows([record["change"]], is_published=True)[0]
    entry.by_wave = estimates
    return entry


def _name(key: str, words: Words) -> str:
    """How people call a group; a word for a name that nobody could see or click."""
    name = words.name(key)
    is_seen = any(unicodedata.category(letter)[0] not in "CZ" for letter in name)
    return name if is_seen else str(words.locale["index"]["no_name"])


def _natural(text: str) -> list[Any]:
    parts = re.split(r"(\d+)", text.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)]


class _Index:
    """The page being laid out."""

    def __init__(self, records: Sequence[Mapping[str, Any]], words: Words) -> None:
        self.words = words
        self.said = words.locale["index"]
        self.entries = [_entry(record, words) for record in records]
        self._tell_apart()
        kinds = {status: self._with(status) for status in _STATUSES}
        self.done, self.failed, self.left_out = kinds.values()
        self.measures = self._measures()
        self.ranked = {
            measure: sorted(
                (one for one in self.done if one.measure == measure), key=_from_the_lowest
            )
            for measure in self.measures
        }
        self.faults = self._faults()

    def _with(self, status: str) -> list[_Entry]:
        return [one for one in self.entries if one.status == status]

    def _measures(self) -> list[Measure]:
        found = {one.measure for one in self.done if one.measure is not None}
        known = {metric: at for at, metric in enumerate(NAMED_METRICS)}
        return sorted(found, key=lambda one: (known.get(one[0], len(known)), one))

    def _tell_apart(self) -> None:
        """Beside each name what differs between reports; its file where nothing else does."""
        waves = {one.wave for one in self.entries}
        notebooks = {one.record["notebook"] for one in self.entries}
        segments = {tuple(one.record["group"]) for one in self.entries if one.record["group"]}
        for one in self.entries:
            if len(segments) > 1 and one.record["group"]:
                names = (self.words.name(f"segment:{key}") for key in one.record["group"])
                one.small.append(", ".join(names))
            if len(waves) > 1 and one.wave:
                one.small.append(self.words.wave(one.wave))
            if len(notebooks) > 1:
                one.small.append(str(one.record["notebook"]))
        called = Counter((*one.names, *one.small) for one in self.entries)
        for one in self.entries:
            if called[(*one.names, *one.small)] > 1:
                one.small.append(one.stem)

    def build(self) -> Row:
        """Everything that the template prints."""
        words = self.words
        context = words.context
        title = words.text(context.get("title")) or words.ui("title")
        simulated = context.get("simulated")
        return {
            "lang": words.language,
            "title": self._say("page_title", title=title),
            "h1": title,
            "description": self._counted(),
            "deck": self._counted(),
            "flag": words.note("note_simulated") if simulated else None,
            "facts": list(self._facts()),
            "languages": self._languages(),
            "ui": words.locale["ui"],
            "said": self.said,
            "faults": self.faults,
            "fault_lang": None if words.language == "en" else "en",
            "leads": list(self._leads()),
            "groups": list(self._groups()),
            "notes": list(self._notes()),
            "csv": quote(f"{context['key']}-index.csv") if self.entries else None,
            "orders": list(self._orders()),
            "foot": self._foot(),
        }

    def _say(self, key: str, **slots: object) -> str:
        return self.words.fill(self.said[key], **slots)

    # -- masthead ----------------------------------------------------------------------------

    def _counted(self) -> str:
        """How many reports there are of each kind, in a sentence."""
        if not self.entries:
            return str(self.said["nothing"])
        kinds = (("done", self.done), ("failed", self.failed), ("left_out", self.left_out))
        counts = [self.words.plural(f"reports_{key}", len(some)) for key, some in kinds if some]
        return self._say("counts", n=len(self.entries), list=self.words.join(counts))

    def _facts(self) -> Iterator[Row]:
        words = self.words
        yield _fact(words.ui("brand"), str(words.context.get("brand") or ""))
        if waves := sorted({one.wave for one in self.entries if one.wave}):
            told = words.join(map(words.wave, waves)) if len(waves) < 4 else _ends(waves, words)
            yield _fact(words.ui("wave"), words.heading(told))
        keys = list(dict.fromkeys(key for one in self.entries for key in one.record["group"]))
        if keys:
            groups = {tuple(one.record["group"].items()) for one in self.entries}
            split = words.join([words.name(f"segment:{key}") for key in keys])
            yield _fact(self.said["by"], split, words.plural("groups", len(groups - {()})))
        if self.measures:
            names = [tables.measure_name(self._row(one), words)[0] for one in self.measures]
            yield _fact(self.said["headline"], words.join(names))

    def _languages(self) -> list[Row]:
        """This list in the other languages of its reports."""
        known = dict.fromkeys(key for one in self.entries for key in one.record["languages"])
        return [
            {
                "lang": key,
                "name": library.locale(key)["name"],
                "href": quote(f"{self.words.context['key']}-index.{key}.html"),
            }
            for key in known
            if key != self.words.language
        ]

    # -- what failed -------------------------------------------------------------------------

    def _faults(self) -> list[Row]:
        """Each reason once, with the reports that failed for it."""
        found: dict[tuple[str, ...], list[_Entry]] = {}
        for one in self.failed:
            told = one.record.get("reason") or {}
            reason = tuple(str(told.get(key) or "") for key in _REASON)
            found.setdefault(reason, []).append(one)
        return [
            {
                "id": f"failed-{at}",
                **dict(zip(_REASON, reason, strict=True)),
                "reports": [self._link(one) for one in some],
                "count": self.words.plural("reports", len(some)),
                "stems": {one.stem for one in some},
            }
            for at, (reason, some) in enumerate(found.items(), 1)
        ]

    # -- the list ----------------------------------------------------------------------------

    def _leads(self) -> Iterator[str]:
        """What the order says and what it does not; only verdicts that the reports publish."""
        if any(len(some) > 1 for some in self.ranked.values()):
            yield str(self.said["order"])
        below, above, known = self._against_the_whole()
        if known:
            yield self._say("against_whole", a=below, b=above, n=known)
        changes = [one.change for one in self.done if not math.isnan(one.changed)]
        if changes:
            fallen, risen = (
                sum(one.is_clear and one.difference * sign > 0 for one in changes if one)
                for sign in (-1, 1)
            )
            yield self._say("changes", k=len(changes), a=fallen, b=risen)

    def _against_the_whole(self) -> tuple[int, int, int]:
        """How many intervals lie wholly below, how many above that of all respondents; of how many.

        Only where the batch has a report on everybody with the same measure in the same wave.
        """
        whole: dict[Any, Estimate] = {}
        for one in self.done:
            if one.one is not None and one.is_shown and not one.record["group"]:
                whole.setdefault((one.measure, one.one.wave), one.one)
        below = above = known = 0
        for one in self.done:
            of_all = whole.get((one.measure, one.one.wave)) if one.one is not None else None
            if of_all is None or one.one is None or not one.is_shown or not one.record["group"]:
                continue
            is_told = "wide" not in one.one.flags
            known += 1
            below += is_told and one.one.ci_high < of_all.ci_low
            above += is_told and one.one.ci_low > of_all.ci_high
        return below, above, known

    def _groups(self) -> Iterator[Row]:
        """The parts of the table: what failed, each measure from its lowest, what has no number."""
        if self.failed:
            anchors = {stem: fault for fault in self.faults for stem in fault["stems"]}
            rows = [self._failed(one, anchors[one.stem]) for one in self.failed]
            yield {"head": self.said["failed"], "small": "", "scale": "", "rows": rows}
        for measure, some in self.ranked.items():
            yield self._of_measure(measure, some)
        without = [one for one in self.done if one.measure is None]
        if without:
            why = self.said["no_headline"]
            rows = [self._told(one, why) for one in sorted(without, key=lambda one: one.called)]
            yield {"head": self.said["no_headlines"], "small": "", "scale": "", "rows": rows}
        if self.left_out:
            rows = [self._told(one, self._why(one)) for one in self.left_out]
            yield {"head": self.said["left_out"], "small": "", "scale": "", "rows": rows}

    def _of_measure(self, measure: Measure, some: Sequence[_Entry]) -> Row:
        words = self.words
        scale = Scale.of([one for entry in some for one in entry.by_wave])
        head, defined = tables.measure_name(self._row(measure), words)
        small = ", ".join(filter(None, (defined, self.said["lowest_first"])))
        ends = self._say("scale", **dict(zip(("low", "high"), scale.ends(words), strict=True))) \
            if scale else ""
        rows = [self._done(entry, scale) for entry in some]
        return {"head": head, "small": small, "scale": ends, "rows": rows}

    def _row(self, measure: Measure) -> Row:
        metric, of, _ = measure
        outcome = self.words.context.get("outcomes", {}).get(of.partition(":")[2], {})
        return {"metric": metric, "of": of, "definition": outcome.get("definition")}

    def _link(self, one: _Entry) -> Row:
        """How a report is called, and where its page lies: in this language, else in another."""
        languages = one.record["languages"]
        language = self.words.language
        if language not in languages and languages:
            language = languages[0]
        is_there = one.status == "done" and bool(languages)
        return {
            "names": one.names,
            "small": " · ".join(one.small),
            "href": quote(f"{one.stem}.{language}.html") if is_there else None,
            "hreflang": language if language != self.words.language else None,
        }

    def _done(self, one: _Entry, scale: Scale | None) -> Row:
        words = self.words
        drawn = None
        if scale is not None:
            is_broken = one.change is not None and "not_comparable" in one.change.flags
            role = tables.tone(one.change)
            drawn = sparkline(
                one.by_wave, scale, words, wave=one.one.wave if one.one else None,
                tone=role, is_broken=is_broken,
            )  # fmt: skip
        return {
            **self._link(one),
            "status": self.said["statuses"]["done"],
            "value": tables.value_cell(one.one, words),
            "change": self._change(one),
            "base": tables.base_cell(one.one, words),
            "drawn": drawn,
        }

    def _change(self, one: _Entry) -> Row:
        if one.change is not None:
            return tables.change_cell(one.change, self.words)
        is_first = len(one.by_wave) < 2
        said = self.words.ui("first_wave") if is_first else self.said["not_compared"]
        return tables.cell("", said)

    def _failed(self, one: _Entry, fault: Mapping[str, Any]) -> Row:
        what = fault["what"] or self.said["no_reason"]
        lang = "en" if fault["what"] and self.words.language != "en" else None
        return {
            **self._told(one, what),
            "anchor": fault["id"],
            "why_lang": lang,
        }

    def _told(self, one: _Entry, why: str) -> Row:
        """A row without numbers, and why."""
        status = self.said["statuses"][one.status]
        return {**self._link(one), "status": status, "why": why, "kind": one.status}

    def _why(self, one: _Entry) -> str:
        reason = one.record.get("reason")
        return str(self.said["why"].get(reason) or self.said["no_reason"])

    def _notes(self) -> Iterator[str]:
        """How to read the table; only what is in it."""
        words = self.words
        shown = [one.one for one in self.done if one.one is not None]
        changes = [one.change for one in self.done if one.change is not None]
        waves = sorted({one.wave for entry in self.done for one in entry.by_wave if one.wave})
        if waves:
            level = words.level(shown[0].ci_level) if shown else words.level(0.95)
            yield self._say("drawing", ci=level)
        if any(not math.isnan(one.difference) for one in changes):
            yield str(self.said["signs"])
            yield self._say("by_chance", k=len(changes))
        flags = {flag for one in (*shown, *changes) for flag in one.flags}
        if flags & {"low_base", "hidden_base"}:
            yield words.note("note_low_base")
        if "hidden_privacy" in flags or any(
            one.record.get("reason") == "privacy" for one in self.left_out
        ):
            yield words.note("note_privacy")
        for unit in sorted({one.unit for one in (*shown, *changes) if "wide" in one.flags}):
            limit = words.count(wide_limit(unit))
            yield f"{tables.WIDE} {words.note('note_wide', limit=limit)}"

    # -- other orders ------------------------------------------------------------------------

    def _orders(self) -> Iterator[Row]:
        """The same reports by name, by change and by size, as short lists of links."""
        if not self.entries:
            return
        by_name = sorted(self.entries, key=lambda one: one.called)
        yield self._order("by_name", [("", [(one, self._beside_name(one)) for one in by_name])])
        by_change = []
        for measure, some in self.ranked.items():
            moved = sorted(
                (one for one in some if not math.isnan(one.changed)),
                key=lambda one: (one.changed, one.called),
            )
            if moved:
                head = tables.measure_name(self._row(measure), self.words)[0]
                listed = [(one, tables.change_cell(one.change, self.words)) for one in moved]
                by_change.append((head if len(self.ranked) > 1 else "", listed))
        if by_change:
            yield self._order("by_change", by_change)
        sized = [one for one in self.done if one.record.get("n") is not None]
        sized.sort(key=lambda one: (-one.record["n"], one.called))
        if sized:
            counted = [(one, tables.cell(self.words.count(one.record["n"]))) for one in sized]
            yield self._order("by_size", [("", counted)])

    def _beside_name(self, one: _Entry) -> Row:
        return tables.cell("" if one.status == "done" else self.said["statuses"][one.status])

    def _order(self, key: str, parts: Sequence[tuple[str, Sequence[tuple[_Entry, Row]]]]) -> Row:
        return {
            "title": self.said[key],
            "parts": [
                {"head": head, "items": [{**self._link(one), "cell": cell} for one, cell in some]}
                for head, some in parts
            ],
        }

    def _foot(self) -> list[str]:
        from cxkit import __version__

        said = [self._say("foot", version=__version__)]
        if self.words.context.get("simulated"):
            said.insert(0, self.words.note("note_simulated"))
        return said


def _from_the_lowest(one: _Entry) -> tuple[Any, ...]:
    """Numbers that may be seen first, the lowest of them first of all."""
    value = one.one.estimate if one.one is not None and one.is_shown else 0.0
    return (not one.is_shown, value, one.called)


def _fact(label: str, value: str, small: str = "") -> Row:
    return {"label": label, "value": value, "small": small}


def _ends(waves: Sequence[str], words: Words) -> str:
    return f"{words.wave(waves[0])} {words.ui('to')} {words.wave(waves[-1])}"
