"""The index of a batch: every report of it on one page, worst first.

Only records are read, never a report, so that a thousand reports are listed in a moment. No
statistic is computed: numbers, ranges and verdicts are those that each report publishes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from cxkit import library
from cxkit.records import NAMED_METRICS, Comparison, Estimate, wide_limit
from cxkit.report import tables
from cxkit.report.entries import Entry, Measure, entries, with_labels
from cxkit.report.index_csv import index_csv
from cxkit.report.sparkline import Scale, sparkline
from cxkit.wording import Words

__all__ = ["index", "index_csv"]

Row = dict[str, Any]


def index(records: Sequence[Mapping[str, Any]], language: str, context: Mapping[str, Any]) -> str:
    """The page that lists the reports of a batch in one language, as HTML text.

    Parameters
    ----------
    records : sequence of mapping
        A record each (`cxkit.record/1`), in the order of the plan, with status `done`, `failed`
        (its `reason` says what, where, expected, try) or `left_out` (its `reason` is `nobody` or
        `privacy`).
    language : str
        A key of `library/locales`.
    context : mapping
        What the study calls its things: `Study.context()`.

    Returns
    -------
    str
        One file without script or request; the same records give the same bytes. Its links are
        relative: pages, table of data and other languages lie beside it.

    Examples
    --------
    >>> "No report was planned." in index([], "en", {"key": "toko", "title": "Toko Contoh"})
    True
    """
    from cxkit.report.template import filled
    from cxkit.report.theme import theme_of

    words = Words(language, with_labels(context, records))
    page = _Index(entries(records, words), words).build()
    return filled("index.html.j2", ("report.css", "index.css"), page, theme_of(context))


class _Index:
    """The page being laid out."""

    def __init__(self, found: Sequence[Entry], words: Words) -> None:
        self.entries = found
        self.words = words
        self.said = words.locale["index"]
        self.done, self.failed, self.left_out = (
            [one for one in found if one.status == status]
            for status in ("done", "failed", "left_out")
        )
        self.ranked = _ranked(self.done)
        self.scales = {
            measure: Scale.of([one for entry in some for one in entry.by_wave])
            for measure, some in self.ranked.items()
        }
        self.headlines = [one.one for one in self.done if one.one is not None]
        self.changes = [one.change for one in self.done if one.change is not None]
        self.faults = self._faults()

    def build(self) -> Row:
        """Everything that the template prints."""
        words = self.words
        context = words.context
        title = words.text(context.get("title")) or words.ui("title")
        return {
            "lang": words.language,
            "title": self._say("page_title", title=title),
            "h1": title,
            "counted": self._counted(),
            "flag": words.note("note_simulated") if context.get("simulated") else None,
            "facts": list(self._facts()),
            "languages": self._languages(),
            "ui": words.locale["ui"],
            "said": self.said,
            "english": None if words.language == "en" else "en",
            "faults": self.faults,
            "question": self.said["list_question" if self.ranked else "plan_question"],
            "interval": words.ui("interval", ci=self._level),
            "leads": list(self._leads()),
            "groups": list(self._groups()),
            "notes": list(self._notes()),
            "csv": f"{context['key']}-index.csv",
            "orders": list(self._orders()),
            "foot": self._say("foot", version=_version()),
        }

    @property
    def _level(self) -> str:
        """The level of the intervals: that of the first headline, for a study has only one."""
        one = next(iter(self.headlines), None)
        return self.words.level(one.ci_level if one else self.words.context.get("ci_level", 0.95))

    def _say(self, key: str, **slots: object) -> str:
        return self.words.fill(self.said[key], **slots)

    # -- masthead --------------------------------------------------------------------------------

    def _counted(self) -> str:
        """How many reports there are of each kind, in a sentence."""
        if not self.entries:
            return str(self.said["nothing"])
        kinds = {"done": self.done, "failed": self.failed, "left_out": self.left_out}
        counts = [self.words.plural(f"reports_{kind}", len(some)) for kind, some in kinds.items()
                  if some]  # fmt: skip
        return self._say("counts", n=len(self.entries), list=self.words.join(counts))

    def _facts(self) -> Iterator[Row]:
        words = self.words
        if brand := words.context.get("brand"):
            yield _fact(words.ui("brand"), str(brand))
        if waves := sorted({one.wave for one in self.entries if one.wave}):
            few = len(waves) < 3
            told = words.join(map(words.wave, waves)) if few else words.plural("waves", len(waves))
            ends = f"{words.wave(waves[0])} {words.ui('to')} {words.wave(waves[-1])}"
            yield _fact(words.ui("wave"), words.heading(told), "" if few else ends)
        if keys := list(dict.fromkeys(key for one in self.entries for key in one.group)):
            groups = {tuple(one.group.items()) for one in self.entries if one.group}
            split = words.join([words.name(f"segment:{key}") for key in keys])
            yield _fact(self.said["by"], split, words.plural("groups", len(groups)))
        if self.ranked:
            names = [self._measure_name(measure)[0] for measure in self.ranked]
            yield _fact(self.said["headline"], words.join(names))

    def _languages(self) -> list[Row]:
        """The list in the other languages of its reports."""
        known = dict.fromkeys(key for one in self.entries for key in one.record["languages"])
        study = self.words.context["key"]
        return [
            {"lang": key, "name": _language(key), "href": _address(f"{study}-index.{key}.html")}
            for key in known
            if key != self.words.language
        ]

    # -- what failed -----------------------------------------------------------------------------

    def _faults(self) -> list[Row]:
        """Each reason once, with the reports that failed for it."""
        found: dict[tuple[str, ...], list[Entry]] = {}
        for one in self.failed:
            found.setdefault(tuple(one.reason.values()), []).append(one)
        return [
            {
                **some[0].reason,
                "id": f"failed-{at}",
                "reports": [self._link(one) for one in some],
                "count": self.words.plural("reports", len(some)),
                "stems": {one.stem for one in some},
            }
            for at, some in enumerate(found.values(), 1)
        ]

    # -- the list --------------------------------------------------------------------------------

    def _leads(self) -> Iterator[str]:
        """What the order says and what it does not; only verdicts that the reports publish."""
        if any(len(some) > 1 for some in self.ranked.values()):
            yield str(self.said["order"])
        if compared := _against_the_whole(self.done):
            below, above = (sum(one == side for one in compared) for side in (-1, 1))
            yield self._say("against_whole", **self._counts(a=below, b=above), n=len(compared))
        moved = [one.change for one in self.done if not math.isnan(one.changed)]
        if moved:
            roles = [tables.tone(one) for one in moved]
            counts = self._counts(a=roles.count("bad"), b=roles.count("good"))
            yield self._say("changes", **counts, k=len(moved))

    def _counts(self, **numbers: float) -> dict[str, object]:
        return {slot: self.words.count(n) for slot, n in numbers.items()}

    def _groups(self) -> Iterator[Row]:
        """The parts of the table: what failed, each measure from its lowest, what has no number."""
        said = self.said
        if self.failed:
            anchors = {stem: fault["id"] for fault in self.faults for stem in fault["stems"]}
            rows = [self._failed(one, anchors[one.stem]) for one in self.failed]
            yield _part(said["failed"], rows)
        for measure, some in self.ranked.items():
            yield self._of_measure(measure, some)
        if without := [one for one in self.done if one.measure is None]:
            without.sort(key=lambda one: one.by_name)
            rows = [self._without_number(one, said["no_headline"]) for one in without]
            yield _part(said["no_headlines"], rows)
        if self.left_out:
            rows = [self._without_number(one, self._why_not(one)) for one in self.left_out]
            yield _part(said["left_out"], rows)

    def _of_measure(self, measure: Measure, some: Sequence[Entry]) -> Row:
        scale = self.scales[measure]
        head, defined = self._measure_name(measure)
        small = ", ".join(filter(None, (defined, self.said["lowest_first"])))
        low, high = scale.ends(self.words) if scale else ("", "")
        said = self._say("scale", low=low, high=high) if scale else ""
        return _part(head, [self._done(entry, scale) for entry in some], small, said)

    def _measure_name(self, measure: Measure) -> tuple[str, str]:
        """What a measure is called, and how it is defined."""
        metric, of, _ = measure
        outcome = self.words.context.get("outcomes", {}).get(of.partition(":")[2], {})
        asked = {"metric": metric, "of": of, "definition": outcome.get("definition")}
        if of == "levels":
            return self.words.name(f"metric:{metric}"), ""
        return tables.measure_name(asked, self.words)

    def _link(self, one: Entry) -> Row:
        """How a report is called, and its page: in this language, else in the first it has."""
        here, languages = self.words.language, one.record["languages"]
        language = here if here in languages else next(iter(languages), None)
        is_there = one.status == "done" and language is not None
        return {
            "names": one.names,
            "small": " · ".join(one.beside),
            "href": _address(f"{one.stem}.{language}.html") if is_there else None,
            "hreflang": language if language != here else None,
            "status": self.said["statuses"][one.status],
        }

    def _done(self, one: Entry, scale: Scale | None) -> Row:
        words, change = self.words, one.change
        return {
            **self._link(one),
            "why": None,
            "anchor": None,
            "value": tables.value_cell(one.one, words),
            "change": self._no_change(one) if change is None else tables.change_cell(change, words),
            "base": tables.base_cell(one.one, words),
            "drawn": None if scale is None else _drawn(one, scale, words),
        }

    def _no_change(self, one: Entry) -> Row:
        is_first = len(one.by_wave) < 2
        said = self.words.ui("first_wave") if is_first else self.said["not_compared"]
        return tables.cell(said, tone="flat")

    def _failed(self, one: Entry, anchor: str) -> Row:
        what = one.reason["what"]
        row = self._without_number(one, what or self.said["no_reason"])
        return {**row, "anchor": anchor, "in_english": bool(what)}

    def _without_number(self, one: Entry, why: str) -> Row:
        return {**self._link(one), "why": why, "anchor": None, "in_english": False}

    def _why_not(self, one: Entry) -> str:
        return str(self.said["why"].get(one.why_not) or self.said["no_reason"])

    def _notes(self) -> Iterator[str]:
        """How to read the table; only of what is in it."""
        words = self.words
        drawn = list(filter(None, self.scales.values()))
        if drawn:
            zero = self.said["zero"] if any(one.holds_zero for one in drawn) else ""
            yield " ".join(filter(None, (self._say("drawing", ci=self._level), zero)))
        moved = sum(not math.isnan(one.changed) for one in self.done)
        if moved:
            yield str(self.said["signs"])
            yield self._say("by_chance", k=moved)
        shown: list[Estimate | Comparison] = [*self.headlines, *self.changes]
        flags = {flag for one in self.headlines for flag in one.flags}
        flags |= {flag for one in self.changes for flag in one.flags} - {"low_base"}  # no mark
        if flags & {"low_base", "hidden_base"}:
            yield words.note("note_low_base")
        if "hidden_privacy" in flags or any(one.why_not == "privacy" for one in self.left_out):
            yield words.note("note_privacy")
        for unit in sorted({one.unit for one in shown if "wide" in one.flags}):
            limit = words.count(wide_limit(unit))
            yield f"{tables.WIDE} {words.note('note_wide', limit=limit)}"

    # -- other orders ----------------------------------------------------------------------------

    def _orders(self) -> Iterator[Row]:
        """The same reports by name, by change and by size, as short lists of links."""
        if by_name := sorted(self.entries, key=lambda one: one.by_name):
            yield self._order("by_name", [("", by_name)], self._unless_done)
        parts = [(self._measure_name(measure)[0], _moved(some)) for measure, some in
                 self.ranked.items()]  # fmt: skip
        if len(parts) == 1:
            parts = [("", parts[0][1])]
        parts = [(head, some) for head, some in parts if some]
        if parts:
            yield self._order("by_change", parts, self._changed)
        sized = [(one.n, one) for one in self.done if one.n is not None]
        if sized:
            sized.sort(key=lambda pair: (-pair[0], pair[1].by_name))
            yield self._order("by_size", [("", [one for _, one in sized])], self._size)

    def _order(self, key: str, parts: Sequence[tuple[str, Sequence[Entry]]], beside: Any) -> Row:
        listed = [
            {"head": head, "links": [{**self._link(one), "cell": beside(one)} for one in some]}
            for head, some in parts
        ]
        return {"title": self.said[key], "parts": listed}

    def _unless_done(self, one: Entry) -> Row:
        said = "" if one.status == "done" else self.said["statuses"][one.status]
        return tables.cell(said, tone="flat")

    def _changed(self, one: Entry) -> Row:
        return {**tables.change_cell(one.change, self.words), "small": ""}

    def _size(self, one: Entry) -> Row:
        return tables.cell(self.words.count(one.n or 0), tone="flat")


def _ranked(done: Sequence[Entry]) -> dict[Measure, list[Entry]]:
    """The reports of each measure, the lowest first; those that may not be seen at the end."""
    found: dict[Measure, list[Entry]] = {}
    for one in done:
        if one.measure is not None:
            found.setdefault(one.measure, []).append(one)
    for some in found.values():
        some.sort(key=_from_the_lowest)
    known = {metric: at for at, metric in enumerate(NAMED_METRICS)}
    return dict(sorted(found.items(), key=lambda pair: (known.get(pair[0][0], 9), pair[0])))


def _moved(some: Sequence[Entry]) -> list[Entry]:
    """The reports whose change may be seen, the largest fall first."""
    moved = (one for one in some if not math.isnan(one.changed))
    return sorted(moved, key=lambda one: (one.changed, one.by_name))


def _from_the_lowest(one: Entry) -> tuple[Any, ...]:
    is_seen = not math.isnan(one.value)
    return (not is_seen, one.value if is_seen else 0.0, one.by_name)


def _against_the_whole(done: Sequence[Entry]) -> list[int]:
    """Where the interval of each group lies: -1 wholly below that of all respondents, 1 above.

    Of reports on groups whose batch has one on everybody, with the same measure of the same wave;
    an interval too wide for its direction to be relied on lies neither below nor above.
    """
    whole: dict[Any, Estimate] = {}
    for one in done:
        if one.one is not None and not one.group and not math.isnan(one.value):
            whole.setdefault((one.measure, one.wave), one.one)
    sides = []
    for one in done:
        of_all = whole.get((one.measure, one.wave))
        if of_all is None or one.one is None or not one.group or math.isnan(one.value):
            continue
        is_told = "wide" not in one.one.flags
        above, below = one.one.ci_low > of_all.ci_high, one.one.ci_high < of_all.ci_low
        sides.append(is_told * (above - below))
    return sides


def _drawn(one: Entry, scale: Scale, words: Words) -> Row | None:
    change = one.change
    return sparkline(
        one.by_wave,
        scale,
        words,
        wave=one.one.wave if one.one is not None else None,
        tone=tables.tone(change),
        is_broken=change is not None and "not_comparable" in change.flags,
    )


def _part(head: str, rows: Sequence[Row], small: str = "", scale: str = "") -> Row:
    return {"head": head, "small": small, "scale": scale, "rows": list(rows)}


def _fact(label: str, value: str, small: str = "") -> Row:
    return {"label": label, "value": value, "small": small}


def _address(file: str) -> str:
    """A file beside the page as a relative link: nothing in its name is read as an address."""
    return quote(file, safe="")


def _language(key: str) -> str:
    return str(library.locale(key)["name"])


def _version() -> str:
    from cxkit import __version__

    return __version__
