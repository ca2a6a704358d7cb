"""SPSS as a platform of its own: every figure that R's haven reads, through an export's columns."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from cxkit.answers.exports import Export, read_export

FILES = ("sample.sav", "sample_missing.sav")
KINDS = {
    "character": "open", "Date": "date", "POSIXt": "date", "difftime": "date",
}  # fmt: skip
"""What haven calls a variable without labels, and what the kit calls it."""


@pytest.fixture(scope="module", params=FILES)
def known(request: pytest.FixtureRequest, shared_data: Path) -> tuple[Export, dict[str, Any]]:
    folder = shared_data / "spss"
    told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return read_export(folder / request.param), told[request.param]


def is_missing(export: Export, name: str, cell: str) -> bool:
    """Whether an answer is blank, or in a range that the file calls missing."""
    if cell == "":
        return True
    return any(low <= float(cell) <= high for low, high in export.columns[name].missing)


# -- the real samples --------------------------------------------------------------------------


def test_the_file_is_recognised_and_whole(known: tuple[Export, dict[str, Any]]) -> None:
    export, told = known
    assert (export.platform, export.problems) == ("spss", ())
    assert export.n_rows == told["n_rows"]
    assert list(export.columns) == list(told["variables"])
    assert len(export.columns) == told["n_cols"]


def test_labels_of_variables_and_values_are_those_of_haven(
    known: tuple[Export, dict[str, Any]],
) -> None:
    export, told = known
    for name, one in told["variables"].items():
        asked = export.columns[name]
        assert asked.text == one["label"], name
        assert dict(asked.labels) == one.get("value_labels", {}), name
        kind = "single" if "value_labels" in one else KINDS.get(one["class"], "")
        assert asked.kind == kind, name


def test_missing_codes_and_ranges_are_those_of_haven(
    known: tuple[Export, dict[str, Any]],
) -> None:
    export, told = known
    for name, one in told["variables"].items():
        ranges = {(code, code) for code in one.get("user_missing_values", ())}
        if "user_missing_range" in one:
            ranges.add(tuple(one["user_missing_range"]))
        assert set(export.columns[name].missing) == ranges, name


def test_missing_answers_are_as_many_as_haven_counts(
    known: tuple[Export, dict[str, Any]],
) -> None:
    """A blank text is an answer to haven, and none to the kit: the one difference."""
    export, told = known
    for name, one in told["variables"].items():
        cells = list(export.cells[name])
        n_blank = cells.count("")
        n_missing = sum(is_missing(export, name, cell) for cell in cells)
        if one["class"] == "character":
            assert one["n_missing_system_only"] == one["n_missing_incl_user"] == 0
            continue
        assert n_blank == one["n_missing_system_only"], name
        assert n_missing == one["n_missing_incl_user"], name


def test_means_and_first_values_are_those_of_haven(known: tuple[Export, dict[str, Any]]) -> None:
    export, told = known
    for name, one in told["variables"].items():
        cells = list(export.cells[name])
        assert cells[0] == one["first"], name
        if "mean_excl_missing" in one:
            numbers = [float(cell) for cell in cells if not is_missing(export, name, cell)]
            mean = math.fsum(numbers) / len(numbers)
            assert mean == pytest.approx(one["mean_excl_missing"], abs=1e-12), name


# -- an invented file of the same shape --------------------------------------------------------


@pytest.fixture
def export(tmp_path: Path) -> Export:
    frame = pd.DataFrame(
        {
            "sat": [1.0, 5.0, 9.0, None],
            "age": [20.0, 31.0, 998.0, 999.0],
            "why": ["a", "b", "", "c"],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "shop.sav"),
        column_labels={"sat": "How satisfied?", "age": "Your age"},
        variable_value_labels={"sat": {1: "Tidak puas", 5: "Puas", 9: "Tidak tahu"}},
        missing_ranges={"sat": [9], "age": [{"lo": 998, "hi": 999}]},
    )
    return read_export(tmp_path / "shop.sav")


def test_a_file_tells_its_questions_labels_and_missing_codes(export: Export) -> None:
    assert (export.platform, export.n_rows) == ("spss", 4)
    satisfied, age = export.columns["sat"], export.columns["age"]
    assert (satisfied.text, satisfied.kind) == ("How satisfied?", "single")
    assert dict(satisfied.labels) == {"1": "Tidak puas", "5": "Puas", "9": "Tidak tahu"}
    assert satisfied.missing == ((9, 9),)
    assert age.missing == ((998, 999),)
    assert export.columns["why"].kind == "open"
    assert list(export.cells["sat"]) == ["1", "5", "9", ""]


def test_an_spss_file_is_no_export_of_another_platform(tmp_path: Path) -> None:
    """Whatever its variables are called: its own form says what it is."""
    frame = pd.DataFrame({name: [1.0, 2.0] for name in ("id", "submitdate", "lastpage")})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"))
    assert read_export(tmp_path / "a.sav").platform == "spss"
