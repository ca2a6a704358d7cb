"""One finding in one language: its sentence, title, drawing, table and notes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparison, Comparisons, Estimate, Estimates, Fit, Fits, wide_limit
from cxkit.report import (
    answered_tables,
    channel_tables,
    comment_tables,
    experience_tables,
    further_tables,
    gap_tables,
    journey_tables,
    links_tables,
    loyalty_tables,
    measurement_tables,
    model_tables,
    order_tables,
    quality_tables,
    rated_tables,
    robustness_tables,
    step_tables,
    tables,
    value_tables,
)
from cxkit.report.crosstable import said_below
from cxkit.report.finding import Finding, name, slot_text
from cxkit.report.tables import WIDE
from cxkit.wording import Words

__all__ = ["TABLES", "Shown"]

TABLES = {
    "agreement": comment_tables.agreement,
    "belongs": comment_tables.belongs,
    "by_score": comment_tables.by_score,
    "quotes": comment_tables.quotes,
    "reading": comment_tables.reading,
    "sounds": comment_tables.sounds,
    "themes": comment_tables.themes,
    "wrote": comment_tables.wrote,
    "against_rest": tables.against_rest,
    "ahead": links_tables.ahead,
    "answered": answered_tables.answered,
    "asked": loyalty_tables.asked,
    "asymmetry": links_tables.asymmetry,
    "base_table": answered_tables.base_table,
    "brands": loyalty_tables.brands,
    "by_kind": loyalty_tables.by_kind,
    "change": tables.change,
    "coverage": experience_tables.coverage,
    "channel_spread": channel_tables.channel_spread,
    "channels": channel_tables.channels,
    "decisions": quality_tables.decisions,
    "directions": journey_tables.directions,
    "disclosure": answered_tables.disclosure,
    "distinctness": measurement_tables.distinctness,
    "durations": quality_tables.durations,
    "evaluation": journey_tables.evaluation,
    "flags": quality_tables.flags,
    "funnel": answered_tables.funnel,
    "further_changes": further_tables.further_changes,
    "gaps_direct": gap_tables.gaps_direct,
    "gaps_paired": gap_tables.gaps_paired,
    "gaps_surface": gap_tables.gaps_surface,
    "general": order_tables.general,
    "groups": tables.groups,
    "handoffs": tables.handoffs,
    "headlines": robustness_tables.headlines,
    "importance": journey_tables.importance,
    "invariance": measurement_tables.invariance,
    "journey": tables.journey,
    "journey_map": journey_tables.journey_map,
    "kinds": answered_tables.kinds,
    "level_by_stage": tables.level_by_stage,
    "likert": tables.likert,
    "links": links_tables.links,
    "margins": quality_tables.margins,
    "measurement": measurement_tables.measurement,
    "model_calibration": model_tables.calibration,
    "model_card": model_tables.card,
    "model_confusion": model_tables.confusion,
    "model_right": model_tables.right,
    "moves": journey_tables.moves,
    "n_channels": channel_tables.n_channels,
    "necessity": links_tables.necessity,
    "next_steps": step_tables.next_steps,
    "order": order_tables.order,
    "phases": journey_tables.phases,
    "parts": experience_tables.parts,
    "parts_by_stage": experience_tables.parts_by_stage,
    "priorities": links_tables.priorities,
    "pyramid": tables.pyramid,
    "rated": rated_tables.rated,
    "records": tables.records,
    "scorecard": tables.scorecard,
    "sensitivity": quality_tables.sensitivity,
    "sight": robustness_tables.sight,
    "skips": quality_tables.skips,
    "statements": measurement_tables.statements,
    "trend": tables.trend,
    "value_inputs": value_tables.inputs,
    "value_keeping": value_tables.keeping,
    "value_leaving": value_tables.leaving,
    "value_losses": value_tables.losses,
    "value_retained": value_tables.retained,
    "value_scenarios": value_tables.scenarios,
    "value_swings": value_tables.swings,
    "waves": answered_tables.waves,
    "ways": robustness_tables.ways,
    "ways_to_advocate": journey_tables.ways_to_advocate,
    "with_levels": experience_tables.with_levels,
    "weighted": answered_tables.weighted,
    "weights": quality_tables.weights,
}
"""What builds each table, by the name that a finding gives it."""


_IN_WORDS = ("decisions", "disclosure", "quotes", "belongs", "model_card")
"""Tables that tell something even where none of their numbers may be shown."""


class Shown:
    """One finding in one language."""

    def __init__(self, finding: Mapping[str, Any], words: Words) -> None:
        self.finding = finding
        self.words = words
        rows = finding["records"]
        self.estimates = Estimates.from_rows(rows["estimates"], is_published=True)
        self.comparisons = Comparisons.from_rows(rows["comparisons"], is_published=True)
        self.fits = Fits.from_rows(rows["fits"], is_published=True)
        self.options = dict(finding["options"])
        if len(self.fits):
            self.options["fits"] = self.fits
        if "bands" in self.options:
            self.options["bands"] = [
                {**band, "label": words.answers(band["scale"], band["codes"])}
                for band in self.options["bands"]
            ]

    @classmethod
    def table_of(cls, bundle: Mapping[str, Any], words: Words) -> Shown:
        """Records that a cell showed by themselves, as a finding that is only a table."""
        beside = {"estimates": bundle["estimates"]} if "estimates" in bundle else {}
        segment = bundle.get("options", {}).get("segment")
        title = ("groups", "records", {"what": name(f"segment:{segment}")})
        if segment is None:
            title = ("numbers", "records", {})
        bare = Finding("", "table", table="records", title=title).to_dict()
        rows = {**bare["records"], **beside, bundle["kind"]: bundle["rows"]}
        return cls({**bare, "records": rows, "options": bundle.get("options", {})}, words)

    def slots(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """The slots of a template, on their way into its sentence."""
        return {key: slot_text(slot, self.words) for key, slot in slots.items()}

    @property
    def sentence(self) -> str:
        """What it says, with the sentences that follow; nothing for one that only shows."""
        finding, words = self.finding, self.words
        if finding["say"] is not None:
            if finding["variant"] == "hidden":
                return words.ui("hidden_result")
            if finding["variant"] != "own":
                return words.heading(words.ui(finding["variant"])) + "."
            own = words.fill(words.text(finding["say"]), **self.slots(finding["slots"]))
            return " ".join(filter(None, (words.heading(own), self._own_verdict)))
        if not finding["variant"]:
            return ""
        said = [words.sentence(finding["key"], finding["variant"], self.slots(finding["slots"]))]
        said += [
            words.sentence(finding["key"], variant, self.slots(slots))
            for variant, slots in finding["plus"]
        ]
        return " ".join(map(words.heading, said))

    @property
    def _own_verdict(self) -> str:
        """What a researcher's sentence about a difference may not leave out."""
        if not len(self.comparisons):
            return ""
        verdict = self.comparisons[self.finding["options"]["subject"]].verdict
        return "" if verdict == "clear" else self.words.ui(f"own_{verdict}")

    @property
    def evidence(self) -> str:
        """How sure a researcher's own sentence is: range, bases and verdict of its record."""
        words, subject = self.words, self.finding["options"].get("subject", 0)
        if len(self.comparisons):
            one = self.comparisons[subject]
            if one.difference != one.difference:
                return ""
            lo, hi = (words.signed(end, one.unit) for end in (one.ci_low, one.ci_high))
            base = words.ui("n_against", a=words.count(one.n_a), b=words.count(one.n_b))
            said = words.ui("evidence", lo=lo, hi=hi, base=base)
            return f"{said} · {words.name(f'verdict:{one.verdict}')}"
        one = self.estimates[subject]
        if one.is_hidden or not one.n:
            return ""
        lo, hi = (words.number(end, one.unit) for end in (one.ci_low, one.ci_high))
        base = words.base(one.n, one.n_eff)
        return words.ui("evidence", lo=lo, hi=hi, base=base)

    @property
    def blank(self) -> str:
        """Why none of its records holds a number to show, "" where one does or there are none.

        `base` (too few to be precise), `privacy` (too few to be told), `answers` (nobody), or
        `numbers` (not to be computed from these answers).
        """
        rows = [*self.estimates, *self.comparisons, *self.fits]
        if not rows and self.options.get("hidden"):
            return "privacy"  # groups that are left out whole
        if not rows or any(map(_is_seen, rows)) or self.finding["table"] in _IN_WORDS:
            return ""
        flags = {flag for one in rows for flag in one.flags}
        for flag, why in (("hidden_base", "base"), ("hidden_privacy", "privacy")):
            if flag in flags:
                return why
        bases = (one.n_a if isinstance(one, Comparison) else one.n for one in rows)
        return "numbers" if any(bases) else "answers"

    @property
    def title(self) -> str:
        """The title of its figure or table."""
        if self.finding["title"] is None:
            return self.sentence
        key, variant, slots = self.finding["title"]
        return self.words.heading(self.words.title(key, variant, self.slots(slots)))

    def table(self) -> dict[str, Any]:
        """Its numbers as a table."""
        build = TABLES[self.finding["table"]]
        return build(self.estimates, self.comparisons, self.options, self.words)

    def figure(self, *, narrow: bool = False, is_sheet: bool = False) -> Any:
        """Its drawing (a `figures.Drawing`) with its title; `is_sheet`: for a sheet of paper."""
        from cxkit.report import figures

        draw = getattr(figures, self.finding["figure"])
        drawn = draw(
            self.estimates,
            self.comparisons,
            words=self.words,
            narrow=narrow,
            **({"is_sheet": True} if is_sheet else {}),
            **self._figure_options(),
        )
        drawn.title = self.title
        return drawn

    def drawing(self, key: str, size: str) -> str:
        """Its drawing as SVG text: `wide`, `narrow` for a phone, or `sheet` for one of paper."""
        from cxkit.report import figures

        drawn = self.figure(narrow=size == "narrow", is_sheet=size == "sheet")
        return figures.svg(drawn, f"{key}-{size}")

    def alt(self) -> str:
        """The sentence that stands for the drawing."""
        from cxkit.report import figures

        return figures.alt(
            self.finding["figure"],
            self.estimates,
            self.comparisons,
            words=self.words,
            **self._figure_options(),
        )

    def _figure_options(self) -> dict[str, Any]:
        from cxkit.report import figures

        asked = figures.OPTIONS[self.finding["figure"]]
        return {name: self.options[name] for name in asked if name in self.options}

    def notes(self) -> list[str]:
        """The standing notes below it, and those that its records' flags ask for."""
        words = self.words
        said = [words.note(key, **self.slots(slots)) for key, slots in self.finding["notes"]]
        if "against" in self.options:
            said[:0] = said_below(self.estimates, self.comparisons, self.options, words)
        numbers = [one for one in self.estimates if one.metric != "respondents"]
        shown = [*numbers, *self.comparisons, *self.fits]
        flags = {flag for one in shown for flag in one.flags}
        if flags & {"low_base", "hidden_base"}:
            said.append(words.note("note_low_base"))
        if "hidden_privacy" in flags:
            said.append(words.note("note_privacy"))
        marked = numbers if "against" in self.options else shown  # letters have a note of their own
        for unit in sorted({one.unit for one in marked if "wide" in one.flags}):
            said.append(f"{WIDE} {words.note('note_wide', limit=words.count(wide_limit(unit)))}")
        return [words.heading(one) for one in said]


def _is_seen(record: Estimate | Comparison | Fit) -> bool:
    """Whether a record holds a number that tells something: not blanked, not true by definition."""
    if isinstance(record, Comparison):
        return not math.isnan(record.difference)
    if isinstance(record, Fit):
        return not math.isnan(record.value)
    if record.metric == "respondents":  # a count needs no precision
        return record.n > 0 and "hidden_privacy" not in record.flags
    return not math.isnan(record.estimate) and record.method != "by_definition"
