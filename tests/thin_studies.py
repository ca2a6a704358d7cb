"""Thin studies: what a survey may lack, each a frozen small study with invented answers.

`python tests/thin_studies.py` writes the answers of each, the same at every call; with `--said`
it also renews what the pages of each say.
"""

from __future__ import annotations

import ast
import csv
import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import nbformat
from lxml import html

THIN = Path(__file__).resolve().parent / "studies" / "thin"
REPORT = Path(__file__).resolve().parents[1] / "notebooks" / "report.ipynb"
LANGUAGES = ("id", "en")
LATER, BOTH = ("2026H1",), ("2025H2", "2026H1")

REACHED = ("aware", "visited", "consider", "decide", "bought", "evaluate", "advocate")
ONWARD = (0.95, 0.9, 0.9, 0.85, 0.95, 0.9, 0.6)
"""How many of those at one step go on to the next."""
LEVELS = {"ful": 0.8, "tru": 0.5, "res": -0.4, "onx": 0.2, "emo": -0.1}
ITEMS = tuple(f"{level}_{k}" for level in LEVELS for k in range(1, 4 if level == "onx" else 3))
RATED = ("aware", "consider", "decide", "evaluate", "advocate")


@dataclass(frozen=True)
class Lay:
    """How the answers of a study are made."""

    n: int = 150
    waves: tuple[str, ...] = LATER
    columns: tuple[str, ...] = ("region", "device", *REACHED, *ITEMS)
    rated: tuple[str, ...] = RATED
    empty: tuple[str, ...] = ()
    outlets: int = 0

    def rows(self, seed: int) -> Iterator[dict[str, str]]:
        """Respondents one after another, with every column of the file."""
        draw = Random(seed)
        for wave in self.waves:
            for number in range(self.n):
                told = answers_of(draw, self.outlets)
                row = {"respondent": f"{wave}-{number:04d}", "wave": wave} | told
                keep = ("respondent", *self.kept)
                yield {key: "" if key in self.empty else row[key] for key in keep}

    @property
    def kept(self) -> tuple[str, ...]:
        ratings = tuple(f"stg_{stage}" for stage in self.rated)
        outlet = ("outlet",) if self.outlets else ()
        return ("wave", *outlet, *self.columns, *ratings, "recommend", "satisfaction")


def answers_of(draw: Random, outlets: int) -> dict[str, str]:
    """What one respondent answers; questions that do not concern them stay empty."""
    mood = sum(draw.random() for _ in range(4)) - 2
    told = {
        "region": pick(draw, {"java": 0.5, "bali": 0.35, "other": 0.15}),
        "device": pick(draw, {"phone": 0.6, "computer": 0.4}),
        "outlet": f"Gerai {int(outlets * draw.random() ** 1.7) + 1:02d}",
    }
    goes_on = True
    for step, share in zip(REACHED, ONWARD, strict=True):
        goes_on = draw.random() < share and goes_on
        told[step] = "yes" if goes_on else "no"
    for item in ITEMS:
        answer = point(draw, mood + LEVELS[item[:3]], 5)
        told[item] = answer if told["bought"] == "yes" else ""
    for place, stage in enumerate(RATED):
        answer = point(draw, mood + 0.5 - 0.3 * place, 5)
        told[f"stg_{stage}"] = answer if told[stage] == "yes" else ""
    told["recommend"] = str(int(point(draw, mood + 0.6, 11)) - 1)
    told["satisfaction"] = point(draw, mood + 0.3, 5)
    return told


def pick(draw: Random, shares: Mapping[str, float]) -> str:
    at = draw.random()
    for value, share in shares.items():
        at -= share
        if at < 0:
            return value
    return value


def point(draw: Random, leaning: float, points: int) -> str:
    """An answer from 1 to so many points; a leaning of 0 is the middle."""
    middle = (points + 1) / 2
    answer = middle + (leaning + 1.6 * (draw.random() - 0.5)) * points / 3.2
    return str(min(max(round(answer), 1), points))


_NO_STAGES: dict[str, Any] = {
    "columns": ("region", "device", "aware", "visited", "bought", *ITEMS), "rated": (),
}  # fmt: skip
_STAGES = tuple(f"stg_{stage}" for stage in RATED)
_LONG = Lay(
    waves=BOTH,
    columns=("region", "consider", "decide", "evaluate", *ITEMS[:6]),
    rated=("consider", "decide", "evaluate"),
)

STUDIES: dict[str, Lay] = {
    "one_wave": Lay(),
    "no_segments": Lay(waves=BOTH, columns=(*REACHED, *ITEMS)),
    "no_outcomes": Lay(waves=BOTH),
    "no_journey": Lay(waves=BOTH, **_NO_STAGES),
    "no_framework": Lay(waves=BOTH, columns=("region", "device", *REACHED)),
    "only_outcome": Lay(columns=(), rated=()),
    "customers_only": Lay(waves=BOTH),
    "twelve_respondents": Lay(n=12),
    "everybody_hidden": Lay(n=9),
    "single_items": Lay(**_NO_STAGES | {"columns": (
        "region", "device", "aware", "visited", "bought", *(f"{level}_1" for level in LEVELS),
    )}),
    "empty_journey": Lay(empty=("consider", "decide", "evaluate", "advocate", *_STAGES)),
    "empty_pyramid": Lay(empty=ITEMS),
    "empty_outcome": Lay(empty=("recommend",)),
    "forty_groups": Lay(n=1000, columns=("bought", "ful_1", "tru_1", "res_1"), rated=(),
                        outlets=40),
    "long_labels": _LONG,
    "long_words": _LONG,
}  # fmt: skip
"""The studies by the name of their folder."""


def answers(name: str) -> str:
    """The file of a study's answers."""
    rows = list(STUDIES[name].rows(seed=20260701 + list(STUDIES).index(name)))
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


# -- their pages -----------------------------------------------------------------------------------


def executed(name: str) -> Any:
    """The report notebook of a thin study, executed here."""
    return executed_on(str(THIN / name))


@cache
def executed_on(study: str) -> Any:
    """The kit's report notebook of a study, executed here: what its cells show, as JSON."""
    from cxkit.records import RECORDS_MIME
    from cxkit.report.finding import FINDING_MIME, Findings
    from cxkit.report.notebook_file import read_notebook

    nb, space = read_notebook(REPORT, REPORT.name), {}
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        shown = value_of(cell.source, space)
        if "parameters" in cell.metadata.get("tags", ()):
            space["study"] = study
        data = {}
        if isinstance(shown, Findings):  # not as a notebook shows them: drawings take long
            data = {FINDING_MIME: shown.to_dict()}
        elif hasattr(shown, "_repr_mimebundle_"):
            bundle = shown._repr_mimebundle_()
            data = {kind: bundle[kind] for kind in bundle if kind == RECORDS_MIME}
        cell.outputs = [nbformat.v4.new_output("display_data", data=data)] if data else []
    return nb


def value_of(source: str, space: dict[str, Any]) -> Any:
    """What a cell shows: its statements executed, its last expression's value."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), space)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None


@cache
def page_of(name: str, language: str) -> str:
    """The page of a study in a language."""
    from cxkit.report import page

    return page.render(executed(name), language)


def text_of(element: Any) -> str:
    """The words of an element, in one line; what is drawn is none."""
    told = element.xpath(".//text()[not(ancestor::*[local-name()='svg'])]")
    return " ".join("".join(told).split())


_SAID = (
    ".//*[self::h1 or self::h2 or self::h3 or self::figcaption or self::caption or self::summary"
    " or @class='deck' or @class='lead' or @class='none' or contains(@class, 'verdict')"
    " or (self::p and contains(../@class, 'box'))]"
)


def said(name: str, language: str) -> str:
    """What a page says in headings, findings and titles, a line each, its numbers masked."""
    page = html.document_fromstring(page_of(name, language))
    lines = []
    for section in page.xpath("//header | //main/section[not(@id='methods')]"):
        lines.append(f"[{section.get('id') or 'head'}]")
        lines += [re.sub(r"\d[\d.,]*\d|\d", "#", text_of(one)) for one in section.xpath(_SAID)]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Write the answers, and what the pages say if asked."""
    for name in STUDIES:
        (THIN / name / "answers.csv").write_text(answers(name), encoding="utf-8")
        for language in LANGUAGES if "--said" in arguments else ():
            file = THIN / name / f"said.{language}.txt"
            file.write_text(said(name, language), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
