"""The data files beside a page: what its JSON publishes, in full, as CSV and as Parquet."""

from __future__ import annotations

import copy
import csv
import io
import json
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cxkit.records import Comparison, Estimate, Estimates, Fit
from cxkit.report.beside.data_files import UNITS, columns, data

SHELVES = ("estimates", "comparisons", "fits")
STEM = "toko_contoh-report"
TEXTS = {"metric", "name", "of", "a", "b", "wave", "unit", "method", "verdict", "correction"}


@pytest.fixture(scope="module")
def nb(demo_report: Path) -> Any:
    return nbformat.read(demo_report / f"{STEM}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def files(nb: Any) -> dict[str, bytes]:
    return data(nb, "id")


@pytest.fixture(scope="module")
def report(demo_report: Path) -> dict[str, Any]:
    return json.loads((demo_report / f"{STEM}.json").read_text(encoding="utf-8"))


def own_notebook(*records: Estimate) -> Any:
    """An executed notebook of one cell that shows estimates of a study of its own."""
    shown = Estimates(records, context={"key": "toko", "languages": ["en"]})
    output = nbformat.v4.new_output("execute_result", data=shown._repr_mimebundle_())
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])


def csv_rows(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def parquet(content: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(content))


@pytest.mark.parametrize("shelf", SHELVES)
def test_csv_holds_every_record_to_its_last_digit(files, report, shelf):
    rows = csv_rows(files[f".{shelf}.csv"])
    assert len(rows) == len(report[shelf]) > 100
    for row, one in zip(rows, report[shelf], strict=True):
        assert set(one) <= set(row)
        for name, told in row.items():
            value = one.get(name)
            if name == "flags":
                assert told.split() == value
            elif value is None:
                assert told == ""
            elif name in TEXTS or name.startswith("by_"):
                assert told.removeprefix("'") == value
            else:
                assert float(told) == value


@pytest.mark.parametrize("shelf", SHELVES)
def test_parquet_holds_every_record_to_its_last_digit(files, report, shelf):
    rows = parquet(files[f".{shelf}.parquet"]).to_pylist()
    names = set(rows[0])
    expected = [{name: one.get(name) for name in names} for one in report[shelf]]
    assert rows == expected


def test_columns_have_the_types_of_what_they_hold(files):
    schema = parquet(files[".comparisons.parquet"]).schema
    types = {name: schema.field(name).type for name in schema.names}
    assert types["n_a"] == types["n_b"] == pa.int64()
    assert types["difference"] == types["n_eff_a"] == types["p_adjusted"] == pa.float64()
    assert types["flags"] == pa.list_(pa.string())
    assert types["wave"] == types["verdict"] == pa.string()


@pytest.mark.parametrize("shelf", SHELVES)
def test_parquet_says_of_which_report_it_is_and_what_units_mean(files, report, shelf):
    metadata = parquet(files[f".{shelf}.parquet"]).schema.metadata
    assert metadata[b"cxkit.key"].decode() == report["manifest"]["key"]
    assert metadata[b"cxkit.study"] == b"toko_contoh"
    assert json.loads(metadata[b"cxkit.units"]) == UNITS
    assert {one["unit"] for one in report[shelf]} <= set(UNITS)


def test_labels_of_a_language_stand_nowhere(nb, files):
    assert data(nb, "en") == files


def test_a_hidden_number_is_missing_with_its_reason():
    hidden = Estimate("nps", "outcome:recommend", 31.7, 20.0, 43.4, n=25, n_eff=24.5)
    private = Estimate("nps", "outcome:recommend", 12.3, 1.0, 23.0, n=9, n_eff=9.0, wave="a")
    made = data(own_notebook(hidden, private), "en")
    rows = parquet(made[".estimates.parquet"]).to_pylist()
    assert [(one["estimate"], one["n"], one["flags"]) for one in rows] == [
        (None, 25, ["hidden_base"]),
        (None, None, ["hidden_privacy"]),
    ]
    text = made[".estimates.csv"].decode()
    assert not [one for one in ("31.7", "12.3", "43.4", "9.0") if one in text]


def test_a_shelf_without_a_record_is_a_file_with_its_columns():
    made = data(own_notebook(Estimate("nps", "outcome:recommend", 31.7, n=400, n_eff=400.0)), "en")
    for shelf, kind in (("comparisons", Comparison), ("fits", Fit)):
        names = [name for name in kind.__dataclass_fields__ if name != "by"]
        (line,) = made[f".{shelf}.csv"].decode("utf-8-sig").splitlines()
        assert line.split(",") == names == columns(shelf, [])
        table = parquet(made[f".{shelf}.parquet"])
        assert (table.num_rows, table.column_names) == (0, names)


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_text_that_a_spreadsheet_would_compute_is_defused_and_numbers_are_not(hostile):
    one = Estimate("nps", "outcome:x", -31.7, -40.0, -20.0, n=400, n_eff=400.0,
                   by={"region": hostile})  # fmt: skip
    made = data(own_notebook(one), "en")
    (row,) = csv_rows(made[".estimates.csv"])
    assert row["by_region"] == f"'{hostile}"
    assert row["estimate"] == "-31.7"
    (kept,) = parquet(made[".estimates.parquet"]).to_pylist()
    assert kept["by_region"] == hostile  # no spreadsheet computes a Parquet file


def test_csv_is_utf8_that_excel_knows_as_such(files):
    for shelf in SHELVES:
        content = files[f".{shelf}.csv"]
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\r\n") == content.count(b"\n")


def test_the_bytes_are_the_same_twice(nb, files):
    assert data(copy.deepcopy(nb), "id") == files
