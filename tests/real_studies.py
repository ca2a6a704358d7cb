"""Real studies for the tests: R's numbers beside them, their reports, intervals worked by hand."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import html
from scipy import stats

from cxkit.__main__ import main

STUDIES = Path(__file__).resolve().parent / "studies"
LANGUAGES = ("id", "en")
CLOSE = 1e-9


@dataclass(frozen=True)
class Report:
    """A study's report in both languages, as `cxkit run` made it."""

    study: str
    folder: Path

    @classmethod
    def made(cls, study: str, folder: Path) -> Report:
        assert main(["run", str(STUDIES / study), "-o", str(folder), "--quiet"]) == 0
        return cls(study, folder)

    @cached_property
    def json(self) -> dict[str, Any]:
        return json.loads((self.folder / f"{self.study}-report.json").read_text(encoding="utf-8"))

    def page(self, language: str) -> Any:
        return html.parse(self.folder / f"{self.study}-report.{language}.html").getroot()

    def only(self, metric: str, of: str, **more: Any) -> dict[str, Any]:
        """The one published estimate of a metric, without groups."""
        wanted = {"metric": metric, "of": of, **more}
        (one,) = [
            one
            for one in self.json["estimates"]
            if all(one.get(key) == value for key, value in wanted.items())
            and not any(key.startswith("by_") for key in one)
        ]
        return one


def expected_numbers(shared_data: Path, study: str) -> dict[str, Any]:
    """What R computed from the study's answers."""
    return json.loads((shared_data / study / "expected.json").read_text(encoding="utf-8"))


def copy_without(study: str, keys: tuple[str, ...], folder: Path, shared_data: Path) -> Path:
    """A copy of the study in `folder` whose file lacks some keys, each of them on one line."""
    for file in (STUDIES / study).glob("*.yaml"):
        lines = file.read_text(encoding="utf-8").splitlines()
        if file.name == "study.yaml":
            kept = [line for line in lines if line.split(":")[0] not in keys]
            assert len(kept) == len(lines) - len(keys)
            lines = [line.replace("../../../../shared/data", str(shared_data)) for line in kept]
        (folder / file.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


# -- pages -----------------------------------------------------------------------------------------


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def methods_of(page: Any) -> str:
    (section,) = page.xpath('//main/section[@id="methods"]')
    return words(section)


def said_outside_methods(page: Any) -> Iterator[str]:
    """Headings, leads, titles, notes and the sentences that stand for figures."""
    for element in page.xpath('//*[not(ancestor-or-self::section[@id="methods"])]'):
        if element.tag in ("h1", "h2", "h3", "figcaption", "caption", "summary", "title"):
            yield words(element)
        elif element.tag == "p" or element.get("role") == "img":
            yield element.get("aria-label") or words(element)


def left_over_slots(page: Any) -> list[str]:
    """Placeholders such as {brand} that nothing was put in."""
    told = "".join(page.xpath("//body//text()[not(ancestor::style)]"))
    return re.findall(r"\{[a-z_0-9]+\}", told)


# -- intervals by hand (METHODS 5, 6, 9) -----------------------------------------------------------


def n_design(n_rows: int, spread: float, se: float) -> float:
    """How many equally weighted answers would be as precise as a design with this error."""
    return n_rows / (n_rows - 1) * spread / se**2


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z = stats.norm.ppf(0.975)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return tuple((share + z**2 / (2 * n) + side * half) / (1 + z**2 / n) for side in (-1, 1))


def adjusted_wald(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """The 95 % interval of an NPS in points, 3/4 promoter and 3/4 detractor added."""
    up, down = (promoters * n + 0.75) / (n + 3), (detractors * n + 0.75) / (n + 3)
    half = stats.norm.ppf(0.975) * math.sqrt((up + down - (up - down) ** 2) / (n + 3))
    return 100 * (up - down - half), 100 * (up - down + half)


def student_t(mean: float, se: float, df: int) -> tuple[float, float]:
    """The 95 % interval of a mean."""
    half = stats.t.ppf(0.975, df) * se
    return mean - half, mean + half


def standard_error(one: Any, df: int) -> float:
    """The standard error behind a mean's 95 % interval."""
    return (one.ci_high - one.ci_low) / 2 / stats.t.ppf(0.975, df)
