"""The layout of the page: an executed notebook's blocks in order, worded, for the template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cxkit.errors import ReportError
from cxkit.records import RECORDS_MIME, Estimate, Fit
from cxkit.report import measurement_tables, tables
from cxkit.report.finding import FINDING_MIME
from cxkit.report.methods import methods_blocks
from cxkit.report.prose import markdown, markdown_parts
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Quantity, Words

__all__ = ["GUIDE", "Page", "is_guide"]

GUIDE = "guide"
"""The tag of the kit's own cells: they talk to the analyst, not to the reader of the page."""

_PICTURES = ("image/png", "image/jpeg")
_STORY = ("pyramid", "journey")
_PROOFS = ("figure", "table")
_IN_A_LIST = {"pyramid": "levels", "level_by_stage": "levels_by_stage"}
"""Sections that speak of the pyramid, and what stands in for each where levels are a list."""

_UNITS = {"points": "points", "score_100": "of_100"}
_SHARES = {"conversion": "went_on", "link_share": "of_the_link"}
"""What a per cent is of, by its metric."""

_SAID_INSTEAD = {
    ("F06", "hidden"): "not_shown",
    ("F17", "collinear"): "not_computed",
    ("F17", "made_of"): "not_computed",
    ("F17", "no_spread"): "not_computed",
    ("F17", "single"): "not_computed",
    ("F17", "too_few"): "not_computed",
    ("F20", "hidden"): "not_shown",
    ("F20", "no_previous"): "first_wave",
    ("F20", "not_asked_before"): "not_measured",
    ("F32", "not_analysed"): "not_analysed",
    ("F32", "not_measured"): "not_measured",
    ("F33", "hidden"): "not_shown",
    ("F33", "no_answers"): "no_answers",
    ("F06", "nobody"): "no_answers",
    ("F33", "hidden_privacy"): "not_shown",
    ("F22", "instrument"): "not_comparable",
    ("F22", "instrument_several"): "not_comparable",
}
"""What a summary finding without a number says in its place."""

_VERDICTS = _SAID_INSTEAD | {
    ("F04", "above_target"): "above_target",
    ("F04", "below_target"): "below_target",
    ("F04", "cannot_tell"): "target_unclear",
    ("F06", "clear"): "weakest",
    ("F06", "tie"): "no_weakest",
    ("F11", "clear"): "worst_loss",
    ("F11", "some_hidden"): "not_shown",
    ("F11", "tie"): "no_weakest",
    ("F12", "clear"): "worst_handoff",
    ("F12", "lowest"): "no_clear_difference",
    ("F12", "some_hidden"): "not_shown",
    ("F12", "tie"): "no_weakest",
    ("F12", "tie_mixed"): "no_weakest",
    ("F17", "one_first"): "closest_link",
    ("F17", "undecided"): "no_weakest",
    ("F17", "weak_model"): "weak_link",
    ("F20", "fall"): "fallen",
    ("F20", "no_evidence"): "no_clear_change",
    ("F20", "rise"): "risen",
    ("F20", "stable"): "stable",
    ("F20", "undecided"): "too_wide",
}
"""The verdict over a summary finding, by its key and variant."""


class _Drawn:
    """A drawing that is made when it is printed: what stands beside a page may need none."""

    def __init__(self, shown: Shown, anchor: str, size: str) -> None:
        self._shown, self._anchor, self._size = shown, anchor, size

    def __html__(self) -> str:
        return self._shown.drawing(self._anchor, self._size)


class Page:
    """The page being laid out: sections in order, figures and tables numbered as they come."""

    def __init__(self, nb: Any, words: Words) -> None:
        self.nb = nb
        self.words = words
        self.context = words.context
        self.sections: list[dict[str, Any]] = []
        self.numbers = {"figure": 0, "table": 0}
        self.heading: str | None = None
        self.proofs: dict[str, tuple[str, str]] = {}
        self.folded: set[str] = set()
        self.titles: list[str] = []
        self.deck: Markup | None = None

    def build(self) -> dict[str, Any]:
        """Everything that the template prints; what rests on a finding names it under `shown`."""
        for cell in self.nb.cells:
            self._cell(cell)
        self._methods()
        for section in self.sections:
            self._say_unseen(section)
        self._link_proofs()
        words = self.words
        heading = self.heading or words.study_title()
        for number, section in enumerate(self.sections, 1):
            section["number"] = number
        return {
            "lang": words.language,
            "title": heading,
            "h1": heading,
            "description": self._description(heading),
            "kind": words.ui("kind"),
            "flag": words.note("note_simulated") if self.context.get("simulated") else None,
            "deck": self.deck or " ".join(self.titles[:2]),
            "facts": self._facts(),
            "ui": words.locale["ui"],
            "contents": [
                {key: section[key] for key in ("id", "number", "name")} for section in self.sections
            ],
            "sections": self.sections,
            "foot": self._foot(),
        }

    # -- cells ---------------------------------------------------------------------------------

    def _cell(self, cell: Any) -> None:
        if cell.cell_type == "markdown" and not is_guide(cell):
            self._prose(cell.source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if FINDING_MIME in data:
                for finding in data[FINDING_MIME]["findings"]:
                    self._finding(Shown(finding, self.words))
            elif is_guide(cell):
                continue  # what it shows besides is for the analyst; the page has findings
            elif RECORDS_MIME in data:
                self._records(data[RECORDS_MIME])
            else:
                self._picture(data, output.get("metadata", {}))

    def _prose(self, source: str) -> None:
        """The researcher's Markdown: a first-level heading names the page, others its sections."""
        for part in markdown_parts(source):
            head, _, body = part.partition("\n")
            if head.startswith("# ") and self.heading is None:
                self.heading = head[2:].strip()
                body = self._take_deck(body)
            elif head.startswith(("# ", "## ")):
                self._open(head.lstrip("# ").strip())
            else:
                body = part
            if body.strip():
                self._here()["blocks"].append({"type": "prose", "html": markdown(body)})

    def _take_deck(self, body: str) -> str:
        """A single paragraph under the title becomes the deck; what is left of the text."""
        html = str(markdown(body)).strip()
        if html.count("<p>") != 1 or not (html.startswith("<p>") and html.endswith("</p>")):
            return body
        self.deck = Markup(html[3:-4])
        return ""

    def _finding(self, shown: Shown) -> None:
        _refuse_unknown(shown.finding, self.words)
        section = self._section_for(shown.finding)
        if section["key"] == "summary":
            self._summarise(section, shown)
            return
        own = shown.finding["say"] is not None
        if shown.sentence and not own:
            self._say(section, shown.sentence)
        anchor = f"{section['id']}-{_anchor(shown.finding['key'])}"
        if shown.options.get("box"):
            self._box(section, shown)
        elif shown.blank:
            self._leave_out(section, shown)
        elif shown.options.get("facts"):
            self._indices(section, shown)
        elif shown.finding["figure"]:
            self._figure(section, shown, anchor)
        elif shown.options.get("fold"):
            self._fold(section, shown, anchor)
        elif shown.finding["table"]:
            self._table(section, shown, anchor)
        elif own:
            self._say(section, shown.sentence)

    def _say(self, section: dict[str, Any], sentence: str) -> None:
        """A sentence: it opens its section until a proof stands open there, then it stays below."""
        if any(block["type"] in _PROOFS for block in section["blocks"]):
            section["blocks"].append({"type": "lead", "text": sentence})
        else:
            section["lead"].append(sentence)

    def _leave_out(self, section: dict[str, Any], shown: Shown) -> None:
        """What holds no number to show is not drawn: its sentence says why, else a line does."""
        if shown.finding["say"] is not None:
            self._say(section, shown.sentence)
        elif not shown.sentence and shown.finding["title"] is not None:
            section["unseen"].append(shown)

    def _figure(self, section: dict[str, Any], shown: Shown, anchor: str) -> None:
        numbered = self._number("figure")
        anchor = _unique(anchor, self.proofs)
        table = shown.table() if shown.finding["table"] else None
        if table is not None:
            caption = f"{numbered}: {self.words.ui('numbers_behind')}"
            table.update(caption=caption, id=f"{anchor}-table")
        section["blocks"].append(
            {
                "type": "figure",
                "id": anchor,
                "number": numbered,
                "title": shown.title,
                "sub": self._sub(shown),
                "alt": shown.alt(),
                "wide": _Drawn(shown, anchor, "wide"),
                "narrow": _Drawn(shown, anchor, "narrow"),
                "notes": shown.notes(),
                "table": table,
                "sheet": _Drawn(shown, anchor, "sheet") if shown.options.get("sheet") else None,
                "shown": shown,
            }
        )
        self._remember(section, shown, anchor, numbered)

    def _fold(self, section: dict[str, Any], shown: Shown, anchor: str) -> None:
        """A table that is at hand but not in the way: closed on screen, open on paper."""
        anchor = _unique(anchor, {*self.proofs, *self.folded})
        self.folded.add(anchor)
        table = shown.table()
        table.update(caption=shown.title, id=f"{anchor}-table")
        block: dict[str, Any] = {"type": "table", "id": f"{anchor}-block", "table": table}
        block |= {"number": "", "title": "", "sub": "", "notes": shown.notes(), "shown": shown}
        fold = {"type": "appendix", "id": anchor, "title": shown.title, "blocks": [block]}
        section["blocks"].append(fold)

    def _indices(self, section: dict[str, Any], shown: Shown) -> None:
        """The indices of a model in a strip, if it has any."""
        if facts := measurement_tables.fit_facts(shown.fits, self.words):
            section["blocks"].append({"type": "strip", "facts": facts})
        section["blocks"] += [{"type": "note", "text": note} for note in shown.notes()]

    def _box(self, section: dict[str, Any], shown: Shown) -> None:
        """What failed, why, and what to try."""
        box = {"type": "box", "title": shown.title, "paragraphs": shown.notes(), "tone": "fail"}
        section["blocks"].append(box)

    def _table(self, section: dict[str, Any], shown: Shown, anchor: str) -> None:
        numbered = self._number("table")
        anchor = _unique(anchor, self.proofs)
        table = shown.table()
        table.update(caption=shown.title, id=f"{anchor}-table")
        section["blocks"].append(
            {
                "type": "table",
                "id": anchor,
                "number": numbered,
                "title": shown.title,
                "sub": self._sub(shown),
                "table": table,
                "notes": shown.notes(),
                "shown": shown,
            }
        )
        self._remember(section, shown, anchor, numbered)

    def _remember(self, section: dict[str, Any], shown: Shown, anchor: str, numbered: str) -> None:
        self.proofs[anchor] = (section["key"], numbered)
        if shown.finding["title"] is not None and shown.finding["figure"] in _STORY:
            self.titles.append(shown.title.rstrip(".") + ".")

    def _records(self, bundle: Mapping[str, Any]) -> None:
        shown = Shown.table_of(bundle, self.words)
        self._table(self._here(), shown, f"{self._here()['id']}-table")

    def _picture(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        for kind in _PICTURES:
            if kind in data:
                picture = "".join(str(data[kind]).split())
                alt = metadata.get(kind, {}).get("alt") or metadata.get("alt")
                block = {
                    "type": "image",
                    "src": f"data:{kind};base64,{picture}",
                    "alt": alt or self.words.ui("picture_without_words"),
                }
                self._here()["blocks"].append(block)
                return

    # -- sections ------------------------------------------------------------------------------

    def _section_for(self, finding: Mapping[str, Any]) -> dict[str, Any]:
        key = finding["section"]
        if key not in self.words.locale["sections"]:
            return self._here(finding["key"])
        for section in self.sections:
            if section["key"] == key:
                return section
        framework = self.context.get("framework", {})
        journey = self.context.get("journey", {})
        own = {"pyramid": framework, "journey": journey}.get(key, {})
        is_pyramid = framework.get("shape") == "pyramid" or not self.context
        names = self.words.locale["sections"][key if is_pyramid else _IN_A_LIST.get(key, key)]
        return self._open(
            self.words.text(own.get("section")) or self.words.fill(names["name"]),
            self.words.text(own.get("question")) or self.words.fill(names["question"]),
            key,
        )

    def _here(self, name: str | None = None) -> dict[str, Any]:
        """The section that is open, or a new one."""
        if self.sections:
            return self.sections[-1]
        return self._open((name or self.words.ui("results")).replace("_", " ").capitalize())

    def _open(self, name: str, question: str | None = None, key: str = "") -> dict[str, Any]:
        used = {section["id"] for section in self.sections}
        section = {
            "key": key,
            "id": _unique(_anchor(key) if key else _slug(name), used),
            "name": name,
            "question": question or name,
            "lead": [],
            "blocks": [],
            "unseen": [],
        }
        self.sections.append(section)
        return section

    def _say_unseen(self, section: dict[str, Any]) -> None:
        """Which figures and tables are not drawn, and why; a title that says so may lead."""
        by_reason: dict[str, list[str]] = {}
        for shown in section["unseen"]:
            if shown.finding["title"][1] not in ("hidden", "nobody"):
                by_reason.setdefault(shown.blank, []).append(shown.title)
            elif not section["lead"]:
                section["lead"].append(f"{shown.title}.")
        for why, titles in by_reason.items():
            text = self.words.note(f"note_unseen_{why}", list="; ".join(titles))
            section["blocks"].append({"type": "note", "text": text})

    def _methods(self) -> None:
        names = self.words.locale["sections"]["methods"]
        section = self._open(
            self.words.fill(names["name"]), self.words.fill(names["question"]), "methods"
        )
        lead, blocks = methods_blocks(self.nb, self.words)
        section["lead"] += lead
        section["blocks"] += blocks

    # -- summary -------------------------------------------------------------------------------

    def _summarise(self, section: dict[str, Any], shown: Shown) -> None:
        finding = shown.finding
        if finding["options"].get("box"):
            box = next((b for b in section["blocks"] if b["type"] == "box"), None)
            if box is None:
                title = self.words.ui("cannot_answer")
                box = {"type": "box", "title": title, "paragraphs": [], "tone": ""}
                section["blocks"].append(box)
            box["paragraphs"].append(shown.sentence)
            return
        blocks = section["blocks"]
        if not blocks or blocks[0]["type"] != "findings":
            blocks.insert(0, {"type": "findings", "items": []})
        blocks[0]["items"].append(self._summary_item(shown, len(blocks[0]["items"]) + 1))

    def _summary_item(self, shown: Shown, position: int) -> dict[str, Any]:
        finding, words = shown.finding, self.words
        role = finding["direction"]
        item = {
            "id": f"summary-{position}",
            "big": "",
            "unit": "",
            "rail": None,
            "tone": role,
            "sign": tables.SIGNS[role],
            "verdict": self._verdict(shown),
            "sentence": shown.sentence,
            "evidence": "",
            "proof": finding["proof"],
            "is_empty": (finding["key"], finding["variant"]) in _SAID_INSTEAD,
            "shown": shown,
        }
        head = finding["headline"]
        if head is None:
            return item
        record = getattr(shown, head["from"])[head["row"]]
        is_difference = head["from"] == "comparisons"
        if is_difference:
            item["big"] = words.signed(record.difference, record.unit)
            item["unit"] = words.ui("percentage_points" if record.unit == "share" else "points")
            item["rail"] = tables.difference_rail(record, words, role)
            lo, hi = (words.signed(end, record.unit) for end in (record.ci_low, record.ci_high))
            n, n_eff = record.n_a, record.n_eff_a
        else:
            item["big"] = words.number(record.estimate, record.unit) + tables.mark(record)
            item["unit"] = _unit(record, words)
            item["rail"] = tables.rail(record, words, None, role)
            lo, hi = (words.number(end, record.unit) for end in (record.ci_low, record.ci_high))
            n, n_eff = record.n, record.n_eff
        base = words.base(n, n_eff)
        if is_difference and record.a.startswith("wave="):
            base = words.ui("n_against", a=words.count(n), b=words.count(record.n_b))
        item["evidence"] = words.ui("evidence", lo=lo, hi=hi, base=base)
        return item

    def _verdict(self, shown: Shown) -> str:
        finding, words = shown.finding, self.words
        variants = [variant for variant, _ in finding["plus"]] + [finding["variant"]]
        for variant in variants:
            if key := _VERDICTS.get((finding["key"], variant)):
                return words.ui(key)
        return words.ui("no_target") if finding["key"] == "F04" else ""

    def _link_proofs(self) -> None:
        """Point each summary finding at the figure or table that proves it."""
        for section in self.sections:
            for block in section["blocks"]:
                for item in block.get("items", ()):
                    item["proof"] = self._proof(item["proof"])

    def _proof(self, key: str | None) -> dict[str, str] | None:
        anchors = [anchor for anchor in self.proofs if key and anchor == key]
        anchors += [anchor for anchor, (section, _) in self.proofs.items() if section == key]
        if not anchors:
            return None
        section, numbered = self.proofs[anchors[0]]
        name = next(one["name"] for one in self.sections if one["key"] == section)
        text = self.words.ui("proof_link", place=f"{numbered}, {name}")
        return {"href": f"#{anchors[0]}", "text": text}

    # -- masthead ------------------------------------------------------------------------------

    def _number(self, kind: str) -> str:
        self.numbers[kind] += 1
        numbered = self.words.ui(f"{kind}_number", number=self.numbers[kind])
        return numbered.replace(" ", NO_BREAK)

    def _sub(self, shown: Shown) -> str:
        if shown.finding["say"] is not None:
            return shown.evidence
        stated = shown.options.get("subtitle")
        if stated is None:
            return ""
        key, slots = stated
        named = {slot: self.words.name(of) for slot, of in slots.items()}
        middle = [band["label"] for band in shown.options.get("bands", ()) if band["key"] == "l3"]
        items = [item for group in shown.options.get("order", ()) if "items" in group
                 for item in group["items"]]  # fmt: skip
        said = "".join(middle).lower()
        if not any(map(str.isalpha, said)):
            said = self.words.ui("midpoint")
        return self.words.subtitle(key, k=len(items), middle=said, **named)

    def _description(self, heading: str) -> str:
        words, wave = self.words, self.context.get("wave")
        n = Quantity(self.context.get("n", 0), "count", words)
        if wave and wave != "all":
            return words.ui("description", title=heading, wave=words.wave(wave), n=n)
        return words.ui("description_no_wave", title=heading, n=n)

    def _facts(self) -> list[dict[str, str]]:
        words, context = self.words, self.context
        previous = context.get("previous")
        fielded = context.get("fielded")
        sample = context.get("sample", {})
        return [
            _fact(
                words.ui("brand"), str(context.get("brand", "")), words.text(context.get("site"))
            ),
            _fact(
                words.ui("wave"),
                words.heading(words.join(map(words.wave, context.get("in_hand") or ["all"]))),
                words.ui("compared_with", wave=words.wave(previous)) if previous else "",
            ),
            _fact(
                words.ui("segment"),
                words.chosen() or words.ui("all_respondents"),
                "" if context.get("filters") else words.ui("no_filter"),
            ),
            _fact(
                words.ui("base"),
                Quantity(context.get("n", 0), "count", words).counted("respondents"),
                words.ui("effective", n_eff=words.count(context.get("n_eff", 0)))
                if context.get("has_weight") and context.get("n")
                else "",
            ),
            _fact(
                words.ui("fieldwork"),
                words.dates(*fielded) if fielded else words.ui("not_stated"),
                words.text(sample.get("mode")),
            ),
        ]

    def _foot(self) -> list[str]:
        from cxkit import __version__

        said = [self.words.ui("foot", version=__version__)]
        if self.context.get("simulated"):
            said.insert(0, self.words.note("note_simulated"))
        return said


def _unit(record: Estimate | Fit, words: Words) -> str:
    """The few words beside a big number: its unit, or what a per cent is of."""
    if record.unit != "share" or isinstance(record, Fit):
        return words.ui(_UNITS[record.unit]) if record.unit in _UNITS else ""
    known = _SHARES.get(record.metric)
    return words.ui(known) if known else words.short(f"metric:{record.metric}")


def is_guide(cell: Mapping[str, Any]) -> bool:
    """Whether a cell guides the analyst: of those tagged `guide` the page prints findings only."""
    return GUIDE in cell.get("metadata", {}).get("tags", ())


def _fact(label: str, value: str, small: str) -> dict[str, str]:
    return {"label": label, "value": value, "small": small}


def _anchor(key: str) -> str:
    """A key as the name of a place on the page and of a file: a notebook may come from anywhere."""
    return re.sub(r"[^\w-]+", "-", key.lower()).strip("-") or "finding"


def _refuse_unknown(finding: Mapping[str, Any], words: Words) -> None:
    """ReportError for a finding without words: of a newer cxkit, or of a damaged notebook."""
    key, variant = finding["key"], finding["variant"]
    if finding["say"] is None and variant and variant not in words.locale["findings"].get(key, ()):
        raise ReportError(
            f"this version of cxkit has no words for the finding '{key} {variant}'",
            where=f"section '{finding['section']}'",
            expected="a notebook that this version executed",
            hint="execute it again: cxkit run STUDY --notebook NAME",
        )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def _unique(wanted: str, used: Any) -> str:
    name, number = wanted, 2
    while name in used:
        name, number = f"{wanted}-{number}", number + 1
    return name
