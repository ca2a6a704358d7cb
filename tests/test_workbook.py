"""The workbook beside a page: every number of the page in it, as a number, and none besides."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import math
import re
import shutil
import subprocess
import sys
import zipfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from openpyxl.utils.escape import unescape

from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report import page
from cxkit.report.beside.data_files import data
from cxkit.report.beside.workbook.book import tables
from cxkit.report.beside.workbook.grid import grid_of, parts_of
from cxkit.report.beside.workbook.sheet import number_format, sheet_name, stored
from cxkit.report.finding import FINDING_MIME
from cxkit.wording import Number, Printed, Words

LANGUAGES = ("id", "en")
STEM = "toko_contoh-report"
OF_LANGUAGE = {
    "id": re.compile(r"[−+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[−+-]?\d+(?:,\d+)?"),
    "en": re.compile(r"[−+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[−+-]?\d+(?:\.\d+)?"),
}
"""How a number is printed in each language."""
CURRENCY = r"(?:Rp|IDR\s)(?=\d)"
"""What stands before an amount of money."""


@pytest.fixture(scope="module")
def nb(demo_report: Path) -> Any:
    return nbformat.read(demo_report / f"{STEM}.ipynb", as_version=4)


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def files(nb: Any) -> dict[str, bytes]:
    """The demo's workbook in both languages."""
    return {one: tables(nb, one)[f".{one}.xlsx"] for one in LANGUAGES}


@pytest.fixture(scope="module")
def book(files: dict[str, bytes], language: str) -> Any:
    return openpyxl.load_workbook(io.BytesIO(files[language]))


@pytest.fixture(scope="module")
def report(demo_report: Path) -> dict[str, Any]:
    return json.loads((demo_report / f"{STEM}.json").read_text(encoding="utf-8"))


# -- reading a page and a workbook by means of the tests' own ------------------------------------


def printed_numbers(text: str, language: str) -> list[Decimal]:
    """The numbers of a printed text; `2026H1` and the like are names."""
    thousands, point = (".", ",") if language == "id" else (",", ".")
    found = OF_LANGUAGE[language].findall(re.sub(rf"\b\d{{4}}[HQ]\d\b|{CURRENCY}", "", text))
    plain = (one.replace(thousands, "").replace(point, ".").replace("−", "-") for one in found)
    return [Decimal(one) for one in plain]


def shown(cell: Any, rounding: str = ROUND_HALF_UP) -> str:
    """A cell as a spreadsheet shows it, by a reading of its format that is the tests' own."""
    value, form = cell.value, cell.number_format
    if value is None or isinstance(value, str):
        return value or ""
    sections = form.split(";")
    section = sections[1] if value < 0 and len(sections) > 1 else sections[0]
    if len(sections) > 2 and value == 0:
        section = sections[2]
    parts = re.fullmatch(r'([+-]?)("[^"]*")?([^"]*)("[^"]*")?', section).groups()
    sign, before, section, after = (part or "" for part in parts)
    if not section:
        return before.strip('"')
    is_percent = section.endswith("%")
    digits = len(section.rstrip("%").partition(".")[2])
    exact = Decimal(repr(value)) * (100 if is_percent else 1)
    size = abs(exact).quantize(Decimal(1).scaleb(-digits), rounding)
    sign = sign or ("-" if value < 0 and len(sections) == 1 else "")
    grouped = f"{size:,}" if "#," in section else str(size)
    return sign + before.strip('"') + grouped + ("%" if is_percent else "") + after.strip('"')


def shown_numbers(cell: Any, language: str) -> list[Decimal]:
    """The numbers that one cell shows; words in it are of the language, numbers of none."""
    if isinstance(cell.value, str):
        return printed_numbers(cell.value, language)
    if re.search(CURRENCY.replace(r"(?=\d)", ""), cell.number_format):
        return [in_three_figures(Decimal(repr(cell.value)))]
    is_said = re.fullmatch('"[^"]*"', cell.number_format)
    return printed_numbers(shown(cell), language if is_said else "en")


def in_three_figures(amount: Decimal) -> Decimal:
    """The number that a page prints of money: `Rp13,1 miliar` of 13,127,290,000."""
    size = round(amount, 2 - amount.adjusted()) if amount else amount
    return size / next((one for one in (10**12, 10**9, 10**6) if abs(size) >= one), 1)


def page_of(demo_report: Path, language: str) -> Any:
    """The page without drawings and without what only a screen reader says."""
    root = html.parse(demo_report / f"{STEM}.{language}.html").getroot()
    for one in root.xpath("//svg | //*[@class='unseen']"):
        one.drop_tree()
    return root


def plain(node: Any) -> str:
    return " ".join(node.text_content().split())


def page_sections(root: Any) -> Iterator[tuple[str, Any]]:
    """The sections of a page by the name that stands over each."""
    for section in root.xpath("//main/section"):
        (name,) = section.xpath("./p[@class='name']")
        number = name.find("b")
        yield " ".join((number.tail or "").split()), section


def sheet_rows(sheet: Any) -> list[tuple[str, list[Any]]]:
    """The rows of a sheet: what names each, and its cells."""
    rows = ((row[0], list(row)) for row in sheet.iter_rows())
    return [(" ".join(str(head.value or "").split()), cells) for head, cells in rows]


def sheet_of(book: Any, name: str) -> Any:
    """The sheet of a section: its name as far as a sheet can have it."""
    return next(one for one in book.worksheets if is_named(one.title, name))


def is_named(sheet: str, section: str) -> bool:
    """Whether a sheet has a section's name: its beginning, a dash for each sign that Excel bars."""
    return re.sub(r"[\[\]:*?/\\]", "-", section)[:31].strip("' ") == sheet


# -- all that the page prints --------------------------------------------------------------------


def test_every_number_of_every_table_stands_in_its_row(demo_report, book, language):
    """Row by row, in the page's order; what is measured is there as a number, as it is shown."""
    checked = 0
    for name, section in page_sections(page_of(demo_report, language)):
        rows = iter(sheet_rows(sheet_of(book, name)))
        for row in section.xpath(".//tbody/tr"):
            heads = row.xpath("./th")  # a row that goes on with the one above has none
            small = heads[0].find("small") if heads else None
            told = " ".join((heads[0].text or "").split()) if heads else ""
            wanted = Counter(
                n for td in row.xpath("./td") for n in printed_numbers(plain(td), language)
            )
            found = next(
                (
                    cells
                    for key, cells in rows
                    if key == told and (key or any(cell.value for cell in cells))
                ),
                None,
            )
            assert found is not None, (name, told)
            cells = [cell for cell in found[1:] if cell.value is not None]
            if row.get("class") == "base" and small is not None:
                key, below = next(rows)
                if key == plain(small):  # the effective bases are a row of their own
                    cells += [cell for cell in below[1:] if cell.value is not None]
            there = Counter(n for cell in cells for n in shown_numbers(cell, language))
            assert not wanted - there, (name, told, wanted - there)
            numbers = [cell for cell in cells if not isinstance(cell.value, str)]
            there = Counter(n for cell in numbers for n in shown_numbers(cell, language))
            measured = row.xpath("./td[contains(@class, 'right')]")
            wanted = Counter(n for td in measured for n in printed_numbers(plain(td), language))
            assert not wanted - there, ("as numbers", name, told, wanted - there)
            checked += wanted.total()
    assert checked > 1500


def test_the_five_answers_stand_with_number_range_and_bases(demo_report, book, language):
    root = page_of(demo_report, language)
    rows = dict(sheet_rows(book.worksheets[1]))
    items = root.xpath("//ol[@class='findings']/li")
    assert len(items) == 5
    for item in items:
        cells = rows[plain(item.find(".//h3"))][1:]
        big = " ".join(map(plain, item.xpath(".//p[@class='big']/b")))
        evidence = " ".join(map(plain, item.xpath(".//p[@class='evidence']")))
        level = len(printed_numbers(evidence, language)) and 1  # the level of the range comes first
        wanted = printed_numbers(big, language) + printed_numbers(evidence, language)[level:]
        there = [
            n for cell in cells if cell.value is not None for n in shown_numbers(cell, language)
        ]
        assert not Counter(wanted) - Counter(there), plain(item)


def test_titles_notes_and_leads_stand_as_on_the_page(demo_report, book, language):
    for name, section in page_sections(page_of(demo_report, language)):
        texts = {" ".join(head.split()) for head, _ in sheet_rows(sheet_of(book, name))}
        for one in section.xpath("./h2 | ./p[@class='lead'] | .//p[@class='note']"):
            assert plain(one) in texts, (name, plain(one))
        for one in section.xpath(".//figcaption | .//caption[.//*[@class='title']]"):
            said = one.xpath(".//*[@class='number'] | .//*[@class='title']")
            assert " ".join(map(plain, said)) in texts, (name, plain(one))


def test_the_sheets_are_named_as_the_sections(demo_report, book, language):
    sections = [name for name, _ in page_sections(page_of(demo_report, language))]
    names = book.sheetnames
    assert len(names) == len(sections) + 2
    assert all(is_named(sheet, name) for name, sheet in zip(sections, names[1:-1], strict=True))
    assert names[0] == {"id": "Tentang", "en": "About"}[language]
    assert names[-1] == {"id": "Semua angka", "en": "All numbers"}[language]


def test_the_first_sheet_says_what_a_reader_must_know(demo_report, book, language):
    root = page_of(demo_report, language)
    first = book.worksheets[0]
    cells = [cell for row in first.iter_rows() for cell in row if cell.value is not None]
    swapped = str.maketrans(",.", ".,") if language == "id" else {}  # an office of that language
    said = " ".join(
        shown(cell) if isinstance(cell.value, str) else shown(cell).translate(swapped)
        for cell in cells
    )
    for one in root.xpath("//dl[@class='facts about']//dd/text() | //p[@class='flag']"):
        text = one if isinstance(one, str) else plain(one)
        assert " ".join(text.split()) in said
    assert "cxkit verify" in said
    assert [cell.value for cell in cells if "1,204" in shown(cell)] == [1204]
    links = [cell.hyperlink.location for cell in cells if cell.hyperlink]
    assert len(links) == len(book.sheetnames) - 1
    places = [link.rpartition("!")[0] for link in links]  # 'In respondents'' words'
    assert [one[1:-1].replace("''", "'") for one in places] == book.sheetnames[1:]


# -- nothing but what is published ---------------------------------------------------------------


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def test_no_number_stands_in_it_that_is_not_published(nb, report, book):
    """Records, and what findings state beside them (targets, cuts); a chance is cut down."""
    records = [report[shelf] for shelf in ("estimates", "comparisons", "fits")]
    ends = ("difference", "ci_low", "ci_high")
    records.append(  # from the other side: how far others lie above the lowest
        [
            {"unit": one["unit"]} | {key: -one[key] for key in ends if one[key] is not None}
            for one in report["comparisons"]
        ]
    )
    bundles = [o["data"].get(FINDING_MIME) for cell in nb.cells for o in cell.get("outputs", ())]
    stated = [one["options"] for bundle in filter(None, bundles) for one in bundle["findings"]]
    context = page.context_of(nb)
    known = set(numbers_in(records)) | set(numbers_in(stated)) | {0.0}
    known |= {float(context["n"]), float(context["n_eff"])}
    ways = [(one["name"], one["verdict"]) for one in report["fits"]]
    known |= {float(n) for n in Counter(ways).values()}  # in how many ways a finding holds
    known |= {float(n) for n in Counter(name for name, _ in ways).values()}
    shares = [one for shelf in records for one in shelf if one["unit"] == "share"]
    known |= {100 * x for x in numbers_in(shares)}  # percentage points
    known |= {math.floor(100 * x + 1e-6) / 100 for x in numbers_in(shares)}
    order = sorted(known)

    def is_known(value: float) -> bool:
        at = bisect_left(order, value)
        near = order[max(at - 1, 0) : at + 1]
        return any(math.isclose(value, x, rel_tol=1e-7, abs_tol=1e-7) for x in near)

    cells = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row]
    numbers = [c for c in cells if isinstance(c.value, (int, float))]
    assert len(numbers) > 5000
    assert [c.coordinate for c in numbers if not is_known(float(c.value))] == []


def test_the_last_sheet_holds_every_record_in_full(report, book):
    rows = list(book.worksheets[-1].iter_rows(min_row=4, values_only=True))
    head, *lines = rows
    assert len(lines) == sum(len(report[shelf]) for shelf in ("estimates", "comparisons", "fits"))
    made = [dict(zip(head, line, strict=True)) for line in lines]
    values = {"estimates": "estimate", "comparisons": "difference", "fits": "value"}
    expected = [(shelf, one) for shelf in values for one in report[shelf]]
    for row, (shelf, one) in zip(made, expected, strict=True):
        assert (row["of"] or "", row["wave"]) == (one["of"], one["wave"])
        pairs = [("value", values[shelf]), ("ci_low", "ci_low"), ("ci_high", "ci_high")]
        side = "_a" if shelf == "comparisons" else ""
        pairs += [("n", f"n{side}"), ("n_eff", f"n_eff{side}")]
        for name, field in pairs:
            want = one[field]
            assert row[name] == (None if want is None else pytest.approx(want, rel=1e-7, abs=1e-8))
        assert (row["flags"] or "").split() == one["flags"]


def own_notebook(records: Any, **context: Any) -> Any:
    """An executed notebook of one cell that shows records."""
    shown_as = type(records)(records, context={"key": "toko", "languages": ["en"], **context})
    data = shown_as._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", data=data)
    cell = nbformat.v4.new_code_cell("records", outputs=[output])
    return nbformat.v4.new_notebook(cells=[cell])


def a_score(value: float, n: int, group: str) -> Estimate:
    ends = {"ci_low": value - 2, "ci_high": value + 2, "n_eff": float(n), "unit": "score_100"}
    return Estimate("score_100", "level:trust", value, n=n, by={"region": group}, **ends)


def test_hidden_stays_hidden():
    """Under the base rule its base stands, under the privacy rule nothing; a word says why."""
    records = Estimates([a_score(61.23, 400, "a"), a_score(77.77, 25, "b"), a_score(88.88, 9, "c")])
    made = openpyxl.load_workbook(io.BytesIO(tables(own_notebook(records), "en")[".en.xlsx"]))
    cells = [c for sheet in made.worksheets for row in sheet.iter_rows() for c in row]
    seen = {c.value for c in cells}
    assert 61.23 in seen
    assert not {77.77, 88.88, 75.77, 79.77, 86.88, 90.88, 9} & seen
    rows = {cells[1].value: cells for _, cells in sheet_rows(made.worksheets[1])}
    assert [c.value for c in rows["b"]].count("** not shown") == 1
    assert not [c.value for c in rows["c"] if isinstance(c.value, (int, float))]


def test_a_difference_of_shares_is_told_in_points_and_a_zero_has_no_sign():
    change = Comparison("csat", "outcome:s", "region=a", "region=b", 0.0449, -0.0004, 0.09,
                        n_a=400, n_b=300, n_eff_a=400.0, n_eff_b=300.0, unit="share")  # fmt: skip
    made = openpyxl.load_workbook(
        io.BytesIO(tables(own_notebook(Comparisons([change])), "en")[".en.xlsx"])
    )
    row = next(cells for head, cells in sheet_rows(made.worksheets[1]) if "against" in head)
    assert [shown(c) for c in row[1:] if isinstance(c.value, (int, float))] == [
        "+4", "0", "+9", "400", "300",
    ]  # fmt: skip
    assert row[1].value == pytest.approx(4.49)


# -- what a spreadsheet could do with it ---------------------------------------------------------

HOSTILE = {
    "brand": '=HYPERLINK("http://example.org","x")',
    "group": "+1+1",
    "wave": "@SUM(A1:A9)",
    "item": "-2+3",
    "level": "\t=1+1",
    "title": "\r=cmd|' /C calc'!A0",
}


def defaced(nb: Any) -> Any:
    """The demo with names that a spreadsheet would compute."""
    made = copy.deepcopy(nb)
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            bundle = output.get("data", {}).get(FINDING_MIME)
            if bundle is None:
                continue
            context = bundle["context"]
            context["brand"] = context["title"] = HOSTILE["brand"]
            context.setdefault("labels", {}).update(
                {
                    "group:region=java": {"id": HOSTILE["group"]},
                    "wave:2026H1": {"id": HOSTILE["wave"]},
                    "item:ful_1": {"id": HOSTILE["item"]},
                    "level:trust": {"id": HOSTILE["level"]},
                    "level:fulfilment": {"id": HOSTILE["title"]},
                }
            )
    return made


def test_no_cell_is_a_formula_whatever_things_are_called(nb):
    content = tables(defaced(nb), "id")[".id.xlsx"]
    made = openpyxl.load_workbook(io.BytesIO(content))
    cells = [c for sheet in made.worksheets for row in sheet.iter_rows() for c in row]
    assert {c.data_type for c in cells} <= {"s", "n"}
    texts = [c for c in cells if isinstance(c.value, str)]
    for hostile in HOSTILE.values():
        begins = hostile.strip()
        own = [c for c in texts if unescape(c.value).strip().startswith(begins)]
        assert own, hostile
        assert all(c.quotePrefix for c in own if not c.hyperlink), hostile
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        sheets = [archive.read(one) for one in names if one.startswith("xl/worksheets/")]
    assert not any(b"<f>" in one or b"<f " in one for one in sheets)
    assert not [one for one in names if "vba" in one.casefold() or "external" in one.casefold()]


@given(st.lists(st.text(max_size=60), max_size=12))
def test_names_of_sheets_are_such_as_a_spreadsheet_takes(wanted):
    used: list[str] = []
    for one in wanted:
        used.append(sheet_name(one, used))
    assert len({one.casefold() for one in used}) == len(used)
    for name in used:
        assert 1 <= len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name == name.strip("' ")
        assert name.casefold() != "history"


def test_a_very_long_text_is_cut_and_a_long_name_is_kept(nb):
    made = copy.deepcopy(nb)
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            if FINDING_MIME in output.get("data", {}):
                context = output["data"][FINDING_MIME]["context"]
                context.setdefault("labels", {})["level:trust"] = {"en": "trust " * 50}
                context["site"] = {"en": "x" * 40_000}
    read = openpyxl.load_workbook(io.BytesIO(tables(made, "en")[".en.xlsx"]))
    texts = [c.value for s in read.worksheets for row in s.iter_rows() for c in row
             if isinstance(c.value, str)]  # fmt: skip
    assert max(map(len, texts)) == 32_767
    assert any(one.startswith("trust " * 50) for one in texts)


# -- the same input, the same bytes --------------------------------------------------------------

AGAIN = """\
import hashlib, sys, nbformat
from cxkit.report.beside.data_files import data
from cxkit.report.beside.workbook.book import tables
nb = nbformat.read(sys.argv[1], as_version=4)
made = {**tables(nb, "id"), **data(nb, "id")}
print(*(f"{name}={hashlib.sha256(made[name]).hexdigest()}" for name in sorted(made)))
"""


def test_the_bytes_are_the_same_twice_and_under_another_hash_seed(demo_report, nb, files):
    assert tables(nb, "id")[".id.xlsx"] == files["id"]
    here = {".id.xlsx": files["id"], **data(nb, "id")}
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, str(demo_report / f"{STEM}.ipynb")],
        env={"PYTHONHASHSEED": "7", "PATH": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    digests = [f"{name}={hashlib.sha256(here[name]).hexdigest()}" for name in sorted(here)]
    assert done.stdout.split() == digests


def test_no_clock_is_in_the_file_its_date_is_the_last_day_of_fieldwork(files):
    with zipfile.ZipFile(io.BytesIO(files["en"])) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"<dcterms:\w+[^>]*>([^<]*)", core)) == {"2026-03-20T00:00:00Z"}


def test_pages_are_the_same_whether_texts_know_their_numbers_or_not(nb, monkeypatch):
    """A page prints the letters: it would be the same were they nothing more."""

    def letters(_: type, text: str, *__: object, **___: object) -> str:
        return str(text)

    written = page.render(nb, "id")
    monkeypatch.setattr(Printed, "__new__", letters)
    assert not isinstance(Words("id", {}).count(3), Printed)
    assert page.render(nb, "id") == written


# -- numbers and cells ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "form"),
    [
        (Number(62.04, "score_100", 1), "#,##0.0"),
        (Number(0.421, "share", 0), "0%"),
        (Number(0.0123, "share", 1), "0.0%"),
        (Number(1204.0, "count", 0), "#,##0"),
        (Number(-3.4, "points", 1, is_signed=True), "+#,##0.0;-#,##0.0;#,##0.0"),
        (Number(-0.2, "points", 0, is_signed=True), "#,##0;#,##0"),
        (Number(0.0004, "scale", 3, said="below 0.001"), '"below 0.001"'),
    ],
)
def test_a_number_is_shown_by_its_unit(one, form):
    assert number_format(one) == form


@given(st.floats(-200, 200), st.sampled_from(["points", "score_100", "share", "scale"]))
def test_a_spreadsheet_rounds_to_what_the_page_prints(value, unit):
    """Half is rounded up on the page; from what is stored the spreadsheet gets there too."""
    words = Words("en", {})
    text = words.number(value, unit)
    one = text.numbers["value"]

    class Cell:
        value = stored(one)
        number_format = number_format(one)

    assert printed_numbers(shown(Cell), "en") == printed_numbers(text, "en")


def test_a_text_is_copied_with_its_numbers():
    text = Words("en", {}).range(60, 64, "score_100")
    again = copy.deepcopy(text)
    assert (again, again.phrase, again.numbers) == (text, "range", text.numbers)


def test_bases_and_second_numbers_have_columns_of_their_own():
    from cxkit.report.tables import cell, column, row, table

    words = Words("en", {})
    told = words.ui("n_of", n=words.count(12), base=words.count(979))
    share = cell(words.number(0.012, "share", digits=1), told)
    assert {key: one.value for key, one in parts_of(share).items()} == {
        "value": 0.012, "n": 12, "base": 979,
    }  # fmt: skip
    base = cell(words.count(955), words.ui("effective", n_eff=words.count(891.2)))
    grid = grid_of(
        table([column("Measure", align="left"), column("n")], [row("NPS", [base])]), words
    )
    assert grid.heads[1].parts == ("n", "Effective n")


# -- LibreOffice ---------------------------------------------------------------------------------

_AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,true,false,false,-1"


@pytest.mark.slow
def test_libreoffice_opens_it_and_shows_the_same(files, tmp_path):
    """Another program's reading of every sheet, cell by cell (slow: it starts an office)."""
    if shutil.which("localc") is None:
        pytest.skip("no LibreOffice Calc on the PATH")
    file = tmp_path / "demo.xlsx"
    file.write_bytes(files["en"])
    own = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = ["soffice", own, "--headless", "--convert-to", _AS_SHOWN, "--outdir"]
    subprocess.run(
        [*command, str(tmp_path), str(file)], check=True, capture_output=True, timeout=240
    )
    compared, sheets = 0, openpyxl.load_workbook(file).worksheets
    for sheet in sheets:
        (export,) = [
            one for one in tmp_path.glob("demo-*.csv") if one.stem == f"demo-{sheet.title}"
        ]
        with export.open(encoding="utf-8", newline="") as text:
            rows = list(csv.reader(text))
        for cells, read in zip(sheet.iter_rows(), rows, strict=False):
            for cell, told in zip(cells, read, strict=False):
                if isinstance(cell.value, (int, float)):
                    wanted = {shown(cell)}
                    if sheet is sheets[-1]:  # no page prints its halves: either way is right
                        wanted.add(shown(cell, ROUND_HALF_DOWN))
                    assert told in wanted, (sheet.title, cell.coordinate)
                    compared += 1
    assert compared > 5000
