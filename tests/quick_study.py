"""A small study with a quick notebook of its own: reports of one finding, by region and wave."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from cxkit.answers import load
from cxkit.records import RECORDS_MIME, Estimate, Estimates

STUDY = """\
cxkit: 1
study: kedai
title: {id: Kedai, en: Shop}
brand: Kedai
period: {id: bulan lalu, en: last month}
languages: [id, en]
sample: {frame: customers, design: opt_in}
answers: {path: answers.csv}
respondent: id
wave: wave
outcomes: {recommend: {column: q}}
segments: {region: {column: region}, channel: {column: channel}}
"""
REPORTS = "reports: [{notebook: quick, by: [region, wave]}]\n"
REGIONS = ("bali", "java", "papua")
WAVES = ("2025H1", "2025H2", "2026H1", "2026H2")
CHANNELS = ("email", "web")
PARAMETERS = """\
study: str = "."
wave: str | None = None
group: str | None = None
"""
CELL = """\
import cxkit as cx
survey = cx.load(study, wave=wave, group=group)
cx.finding("nps", cx.estimate(survey, "nps"), say={"id": "{of}: {est}", "en": "{of}: {est}"})
"""


LIGHT_CELL = f"""\
import json, os
from pathlib import Path
from IPython.display import display
shown = json.loads(Path(os.environ["CXKIT_ROOT"], "shown.json").read_text(encoding="utf-8"))
shown["context"]["wave"] = shown["rows"][0]["wave"] = wave
shown["context"]["filters"] = [group.split("=")] if group else []
display({{"{RECORDS_MIME}": shown, "text/plain": f"{{group}} {{wave}}"}}, raw=True)
"""
"""Shows an estimate that was made before: a report that costs little but its kernel."""


def lay_light(folder: Path, **named: Any) -> Path:
    """The same study; its notebook shows what lies beside the study, and computes nothing."""
    lay_quick(folder, **{"cell": LIGHT_CELL, **named})
    one = Estimate("nps", "outcome:recommend", 12.5, 1.0, 24.0, n=60, n_eff=60.0, unit="points")
    made = Estimates([one], context=load(folder).latest.context())
    shown = made._repr_mimebundle_()[RECORDS_MIME]
    (folder / "shown.json").write_text(json.dumps(shown), encoding="utf-8")
    return folder


def lay_quick(
    folder: Path,
    *,
    more: str = REPORTS,
    regions: Mapping[str, int] | None = None,
    waves: tuple[str, ...] = WAVES,
    cell: str = CELL,
) -> Path:
    """A study in a folder: so many respondents a region and wave (60 if none), and its notebook."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY + more, encoding="utf-8")
    write_quick_answers(folder, regions or dict.fromkeys(REGIONS, 60), waves)
    write_quick_notebook(folder, cell=cell)
    return folder


def write_quick_notebook(
    folder: Path, name: str = "quick", *, cell: str = CELL, **named: str
) -> None:
    """A notebook of the study: its parameters, and one cell."""
    parameters = named.get("parameters", PARAMETERS)
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}), new_code_cell(cell)]
    for at, one in enumerate(cells):
        one["id"] = f"cell-{at}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, folder / "notebooks" / f"{name}.ipynb")


def write_quick_answers(folder: Path, regions: Mapping[str, int], waves: tuple[str, ...]) -> None:
    """Answers that differ from wave to wave and region to region, the same at every call."""
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "wave", "region", "channel", "q"])
        for w, wave in enumerate(waves):
            for r, (region, n) in enumerate(regions.items()):
                for i in range(n):
                    channel = CHANNELS[i % 2]
                    table.writerow([f"{w}-{r}-{i}", wave, region, channel, (i * 7 + w + r) % 11])
