"""The list of a batch: worst first, nothing shown that is hidden, the same for a thousand."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from batch_records import (
    CONTEXT,
    comparison,
    estimate,
    failed,
    left_out,
    many,
    mixed,
    nps,
    record,
)
from bs4 import BeautifulSoup
from test_browser import AXE, LOOKS, NARROWEST, PHONE

from cxkit.report.headline import headline_of
from cxkit.report.index import index, index_csv

LANGUAGES = ("id", "en")
CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
NUMBER = re.compile(r"\d")


def soup_of(records, language="en", context=CONTEXT):
    return BeautifulSoup(index(records, language, context), "html.parser")


def said(element) -> str:
    return " ".join(element.get_text(" ").split())


def rows(soup):
    """The rows of reports in the table, by the name that heads them."""
    found = soup.select("table.reports tbody tr:not(.level)")
    return {said(row.th.find("bdi")): row for row in found}


def cells(row) -> list[str]:
    return [said(cell) for cell in row.find_all("td")]


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


# The headline of a report


def report(*estimates, comparisons=()):
    return {"estimates": list(estimates), "comparisons": list(comparisons)}


NOTEBOOK = {**CONTEXT, "wave": "2026H1", "filters": [["region", "java"]], "n": 480, "n_eff": 450.5}


def test_the_headline_is_the_outcome_that_the_scorecard_puts_first():
    """NPS before satisfaction, whichever the study declares or the report shows first."""
    csat = estimate(0.7, metric="csat", of="outcome:satisfaction", unit="share")
    told = headline_of(report(csat, estimate(34.0)), NOTEBOOK)
    assert told["headline"] == estimate(34.0)
    assert (told["n"], told["n_eff"]) == (480, 450.5)
    assert headline_of(report(csat), NOTEBOOK)["headline"] == csat


def test_a_group_within_the_report_and_a_target_are_no_headline():
    """Only what is told of all respondents of the report, and was measured."""
    part = estimate(99.0, by_channel="email")
    target = estimate(40.0, method="target")
    told = headline_of(report(part, target, estimate(34.0)), NOTEBOOK)
    assert told["headline"]["estimate"] == 34.0
    assert headline_of(report(part, target), NOTEBOOK)["headline"] is None


def test_every_wave_is_told_once_earliest_first():
    told = headline_of(
        report(estimate(34.0), estimate(30.0, "2025H1"), estimate(31.0, "2025H2"), estimate(1.0)),
        NOTEBOOK,
    )
    assert [row["estimate"] for row in told["by_wave"]] == [30.0, 31.0, 34.0]


def test_what_a_report_hides_its_record_hides():
    """A later table that would show it is not asked."""
    told = headline_of(report(estimate(None), estimate(34.0)), NOTEBOOK)
    assert told["headline"]["estimate"] is None
    assert 34.0 not in [row["estimate"] for row in told["by_wave"]]


def test_the_change_is_the_one_as_it_stands():
    """Not against the rest, not with another make-up, not of an earlier wave."""
    raw = comparison(3.0, "no_evidence")
    others = [
        comparison(9.0, "clear", a="region=java", b="region!=java"),
        comparison(9.0, "clear", a="wave=2026H1", b="mix=2025H2|wave=2026H1"),
        comparison(9.0, "clear", a="wave=2025H2", b="wave=2025H1"),
        comparison(9.0, "clear", metric="csat", of="outcome:satisfaction"),
    ]
    told = headline_of(report(estimate(34.0), comparisons=[*others, raw]), NOTEBOOK)
    assert told["change"] == raw
    assert headline_of(report(estimate(34.0), comparisons=others), NOTEBOOK)["change"] is None


def test_a_study_without_outcomes_leads_with_all_levels_or_with_nothing():
    bare = {**NOTEBOOK, "outcomes": {}}
    trust = estimate(60.0, metric="score_100", of="level:trust")
    together = estimate(61.0, metric="score_100", of="levels")
    assert headline_of(report(trust, together), bare)["headline"] == together
    assert headline_of(report(trust), bare)["headline"] is None
    alone = {**bare, "framework": {"levels": ["trust"]}}
    assert headline_of(report(trust), alone)["headline"] == trust


def test_names_travel_with_the_record():
    """A group of a vocabulary is written out; what has no name of its own brings none."""
    context = {**NOTEBOOK, "filters": [["region", "java"], ["channel", "email"], ["x", "y"]]}
    labels = headline_of(report(estimate(34.0)), context)["labels"]
    assert labels["group:region=java"] == {"id": "Jawa", "en": "Java"}
    assert labels["group:channel=email"]["en"] == "Email"
    assert labels["segment:region"]["en"] == "Region"
    assert not [key for key in labels if key.startswith("group:x")]


@pytest.mark.slow
def test_the_headline_of_the_demo_is_what_its_page_says(demo_report):
    """From the JSON that a run writes; the numbers are those that the page prints."""
    told = json.loads((demo_report / "toko_contoh-report.json").read_text(encoding="utf-8"))
    context = {"outcomes": {"recommend": {"metric": "nps"}}, "wave": "2026H1", "languages": ["en"]}
    found = headline_of(told, context)
    assert [row["wave"] for row in found["by_wave"]] == ["2025H1", "2025H2", "2026H1"]
    assert found["change"]["b"] == "wave=2025H2"
    shown = rows(soup_of([record("x", {"region": "java"}, **{**found, "n": 5})]))["Java"]
    page = BeautifulSoup((demo_report / "toko_contoh-report.en.html").read_text(), "html.parser")
    first = page.select_one("#summary-1")
    number, interval = cells(shown)[0].split(" ", 1)
    assert said(first.select_one(".big b")) == number
    assert interval in said(first.select_one(".evidence"))


# The order


def test_the_worst_comes_first(language):
    found = rows(soup_of([nps("a", 30.0), nps("b", -5.0), nps("c", 12.0)], language))
    assert list(found) == ["b", "c", "a"]


def test_what_failed_comes_first_and_what_is_left_out_last():
    soup = soup_of(mixed())
    heads = [said(row.th) for row in soup.select("tr.level")]
    assert heads[0] == "Failed"
    assert heads[-1] == "Left out"
    order = list(rows(soup))
    assert set(order[:3]) == {"papua", "maluku", "banten"}
    assert order[-2:] == ["jambi", "lampung"]


def test_measures_are_never_sorted_together():
    """A score of 61 and an NPS of 20 share no scale: each stands under its own heading."""
    score = {"metric": "score_100", "of": "level:trust", "unit": "score_100"}
    csat = {"metric": "csat", "of": "outcome:satisfaction", "unit": "share"}
    soup = soup_of(
        [
            record("s", {"region": "s"}, headline=estimate(15.0, **score)),
            nps("a", 30.0),
            record("c", {"region": "c"}, headline=estimate(0.7, **csat)),
            nps("b", 10.0),
        ]
    )
    groups = [
        (said(body.find("tr")), [said(row.th.find("bdi")) for row in body.find_all("tr")[1:]])
        for body in soup.select("table.reports tbody")
    ]
    assert [names for _, names in groups] == [["b", "a"], ["c"], ["s"]]
    assert groups[0][0].startswith("Net Promoter Score")
    assert "two" in groups[1][0].lower() or "box" in groups[1][0].lower()


def test_other_orders_are_by_name_by_change_and_by_size():
    """Numbers in names count as numbers; the largest fall first; the largest group first."""
    batch = [
        nps("Cabang 10", 1.0, change=comparison(4.0, "no_evidence"), n=50),
        nps("Cabang 2", 2.0, change=comparison(-9.0, "clear"), n=70),
        nps("aceh", 3.0, change=comparison(None, "hidden"), n=60),
        left_out("bali", "privacy"),
    ]
    listed = [
        [said(link.find("bdi")) for link in order.select("li")]
        for order in soup_of(batch).select("details.order")
    ]
    assert listed == [
        ["aceh", "bali", "Cabang 2", "Cabang 10"],
        ["Cabang 2", "Cabang 10"],
        ["Cabang 2", "aceh", "Cabang 10"],
    ]


# What a row says


def test_a_row_says_number_range_base_and_change(language):
    made = nps("java", 40.0, 30.0, 12.0, change=comparison(-18.0, "clear"))
    row = rows(soup_of([made], language))["Jawa" if language == "id" else "Java"]
    to = "sampai" if language == "id" else "to"
    value, change, _, base, status = cells(row)
    assert value == f"12 2 {to} 22"
    assert change == f"▼ {'jelas' if language == 'id' else 'clear'} −18 −23 {to} −13"
    assert base == "400"
    assert status == ("selesai" if language == "id" else "done")


@pytest.mark.parametrize(
    ("difference", "verdict", "sign", "tone"),
    [
        (18.0, "clear", "▲", "good"),
        (-3.0, "clear_small", "▼", "bad"),
        (-30.0, "undecided", "·", "flat"),
        (-30.0, "no_evidence", "·", "flat"),
        (1.0, "stable", "·", "flat"),
    ],
)
def test_colour_comes_with_a_verdict_only(difference, verdict, sign, tone):
    row = rows(soup_of([nps("a", 1.0, 2.0, change=comparison(difference, verdict))]))["a"]
    cell = row.find_all("td")[1]
    assert tone in cell["class"]
    assert said(cell.select_one(".sign")) == sign
    assert row.select_one("svg circle:last-child")["class"] == [tone]


def test_a_small_base_is_marked_and_a_smaller_one_hidden():
    low = estimate(10.0, n=80, flags=["low_base", "wide"])
    hidden = estimate(None, n=21)
    private = estimate(None, n=None, flags=["hidden_privacy"])
    soup = soup_of(
        [
            record("low", {"region": "low"}, headline=low),
            record("few", {"region": "few"}, headline=hidden),
            record("private", {"region": "private"}, headline=private),
        ]
    )
    found = rows(soup)
    assert said(found["low"].select_one(".slot")) == "*†"
    assert cells(found["few"])[0] == "not shown ** n = 21"
    assert cells(found["private"])[0] == "not shown **"
    assert not NUMBER.search(" ".join(cells(found["private"])))
    notes = " ".join(map(said, soup.select("p.note")))
    assert "Effective base below 100" in notes
    assert "fewer than 10 answers" in notes


def test_what_is_left_out_has_a_reason_and_no_number(language):
    """Whatever a record may hold: how few they are is nobody's business."""
    soup = soup_of(
        [nps("a", 1.0), left_out("bali", "privacy"), left_out("riau", "nobody")], language
    )
    found = rows(soup)
    why, status = cells(found["bali"])
    assert "recognised" in why or "dikenali" in why
    assert status == ("tidak dibuat" if language == "id" else "left out")
    assert "nobody" in cells(found["riau"])[0] or "tidak ada responden" in cells(found["riau"])[0]
    for row in (found["bali"], found["riau"]):
        assert not NUMBER.search(said(row))
        assert row.find("a") is None


def test_each_fault_is_told_once_with_the_reports_that_it_concerns(language):
    soup = soup_of(mixed(), language)
    boxes = soup.select(".box.fail")
    assert [said(box.h3) for box in boxes] == [
        "cell 7 failed",
        "the notebook took longer than 60 seconds",
    ]
    assert [said(one) for one in boxes[0].select("li > bdi")] == ["papua", "maluku"]
    told = [said(one) for one in boxes[0].find_all("dd")[:2]]
    assert told == ["report.ipynb, cell 7", "look"]
    assert boxes[0].h3.get("lang") == (None if language == "en" else "en")
    for name in ("papua", "banten"):
        target = rows(soup)[name].select_one("td a")["href"]
        assert soup.select_one(target)["id"] == target[1:]


def test_a_fault_of_many_reports_is_folded():
    same = [failed(f"r{k}", what="out of memory") for k in range(40)]
    (box,) = soup_of(same).select(".box.fail")
    assert len(box.select("details li")) == 40
    assert said(box.summary).startswith("40 reports")


def test_a_batch_without_numbers_asks_for_no_order(language):
    heads = [said(one) for one in soup_of([failed("a", what="x")], language).select("h2")]
    assert not [one for one in heads if "lowest" in one or "terendah" in one or "rendah" in one]


def test_counts_are_told_in_words():
    decks = {one: said(soup_of(mixed(), one).select_one(".deck")) for one in LANGUAGES}
    assert decks == {
        "id": "Dari 16 laporan yang direncanakan, 11 selesai, 3 gagal, dan 2 tidak dibuat.",
        "en": "Of 16 planned reports, 11 are done, 3 failed and 2 were left out.",
    }
    assert said(soup_of([nps("a", 1.0)]).select_one(".deck")) == "Of 1 planned report, 1 is done."


def test_an_empty_batch_is_said_to_be_empty(language):
    soup = soup_of([], language)
    assert said(soup.select_one(".deck")).startswith(("No report", "Tidak ada laporan"))
    assert soup.find("table") is None


def test_ranges_are_held_against_the_report_on_everybody():
    """20 with 10 to 30: below are ranges that end under 10, above those that begin over 30."""
    whole = record("all", {}, headline=estimate(20.0))
    batch = [nps("a", -1.0), nps("b", 0.0), nps("c", 40.5), nps("d", 55.0), nps("e", 20.0)]
    wide = nps("f", -90.0)
    wide["headline"] = {**wide["headline"], "flags": ["wide"]}
    other_wave = record("g", {"region": "g"}, headline=estimate(-50.0, "2025H1"))
    leads = " ".join(map(said, soup_of([whole, *batch, wide, other_wave]).select("p.lead")))
    assert "lower in 1 and higher in 2 of 6 reports on a group" in leads
    without = " ".join(map(said, soup_of(batch).select("p.lead")))
    assert "higher in" not in without


def test_changes_are_counted_by_their_verdicts():
    soup = soup_of(mixed())
    leads = " ".join(map(said, soup.select("p.lead")))
    assert "fell clearly in 1 and rose clearly in 1 of 4 reports" in leads
    assert "4 comparisons" in " ".join(map(said, soup.select("p.note")))


def test_names_are_those_that_people_use(language):
    two = record("x", {"region": "java", "channel": "email"}, headline=estimate(1.0))
    everybody = record("y", {}, headline=estimate(2.0))
    names = [[said(one) for one in row.th.find_all("bdi")][:2] for row in
             soup_of([two, everybody], language).select("tbody tr:not(.level)")]  # fmt: skip
    if language == "id":
        assert names == [["Jawa", "Email"], ["Semua responden"]]
    else:
        assert names == [["Java", "Email"], ["All respondents"]]


def test_reports_of_one_name_are_told_apart():
    """By wave, by notebook, and where nothing else differs by the file."""
    waves = [
        nps("java", 1.0, wave=wave) | {"stem": f"toko-{wave}"} for wave in ("2025H2", "2026H1")
    ]
    twice = [nps("bali", 1.0), nps("bali", 2.0) | {"stem": "toko-bali-2"}]
    found = [said(row.th) for row in soup_of([*waves, *twice]).select("tbody tr:not(.level)")]
    assert len(set(found)) == 4
    assert sum("second half of 2025" in one for one in found) == 1
    assert sum("toko-bali-2" in one for one in found) == 1


def test_a_name_that_nobody_can_see_is_still_a_link():
    (row,) = rows(soup_of([nps(" \u200b", 1.0)])).values()
    assert said(row.th.a) == "(no name)"


# The small drawings


def drawn(soup, name):
    return rows(soup)[name].select_one("td.waves svg")


def coordinates(path) -> list[list[tuple[int, int]]]:
    """The strokes of a path, each as its points."""
    strokes = path["d"].removeprefix("M").split("M")
    return [
        [tuple(map(int, point)) for point in re.findall(r"(\d+) (\d+)", stroke)]
        for stroke in strokes
    ]


def test_all_drawings_share_one_scale():
    """The same number lies equally high in every row, a higher one above a lower one."""
    soup = soup_of([nps("a", 0.0, 20.0, 40.0), nps("b", 40.0, 0.0, 20.0)])
    (first,), (second,) = (coordinates(drawn(soup, name).select_one(".line")) for name in "ab")
    assert [x for x, _ in first] == [x for x, _ in second]
    by_value = dict(zip((0, 20, 40), (y for _, y in first), strict=True))
    assert [y for _, y in second] == [by_value[40], by_value[0], by_value[20]]
    assert by_value[40] < by_value[20] < by_value[0]
    assert by_value[20] - by_value[40] == pytest.approx(by_value[0] - by_value[20], abs=1)


def test_the_band_holds_the_interval_around_the_line():
    soup = soup_of([nps("a", 0.0, 20.0, 40.0)])
    (line,) = coordinates(drawn(soup, "a").select_one(".line"))
    (band,) = coordinates(drawn(soup, "a").select_one(".band"))
    upper, lower = band[:3], band[3:][::-1]
    for (x, y), (x_up, above), (x_down, below) in zip(line, upper, lower, strict=True):
        assert x == x_up == x_down
        assert above < y < below
        assert y - above == pytest.approx(below - y, abs=1)


def test_a_hidden_wave_is_a_gap():
    """Neither drawn nor told; its neighbours stand alone."""
    soup = soup_of([nps("a", 10.0, None, 30.0), nps("b", 10.0, 20.0, 30.0)])
    svg = drawn(soup, "a")
    assert svg.select_one(".line") is None
    assert len(coordinates(svg.select_one(".stem"))) == 2
    assert len(svg.find_all("circle")) == 2
    assert svg["aria-label"] == "H1 2025: 10, H2 2025: not shown, H1 2026: 30"


def test_a_line_stops_where_waves_are_not_compared():
    apart = comparison(None, "undecided", flags=["not_comparable"])
    soup = soup_of([nps("a", 10.0, 20.0, 30.0, change=apart)])
    (stroke,) = coordinates(drawn(soup, "a").select_one(".line"))
    assert len(stroke) == 2
    assert len(coordinates(drawn(soup, "a").select_one(".stem"))) == 1


def test_a_report_without_any_number_to_show_has_no_drawing():
    soup = soup_of([nps("a", None, None, None), nps("b", 1.0, 2.0, 3.0)])
    assert drawn(soup, "a") is None


def test_one_wide_range_does_not_press_all_others_flat():
    wide = estimate(0.0, ci_low=-90.0, ci_high=90.0, flags=["wide"])
    some = [nps("a", 0.0, 20.0, 40.0)]
    alone, beside = (
        coordinates(drawn(soup_of(batch), "a").select_one(".line"))
        for batch in (some, [*some, record("w", {"region": "w"}, headline=wide, by_wave=[wide])])
    )
    assert alone == beside


# What stands in a page whatever the data say


def test_nothing_from_data_becomes_markup(language):
    names = ['"><script>alert(1)</script>', '" onmouseover="x', "<b>", "{{ 7 * 7 }}", "&amp;"]
    batch = [
        *(nps(name, float(k)) for k, name in enumerate(names)),
        failed("<i>a</i>", what="<script>1</script>", where='"><b>', **{"try": "<a href=x>"}),
        left_out("<u>", "privacy"),
    ]
    soup = soup_of(batch, language, {**CONTEXT, "title": "<h1>", "brand": "<script>"})
    assert not soup.find_all(["script", "i", "u"])
    assert not [tag for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert set(names) <= set(rows(soup))


def test_links_lead_to_files_beside_the_page():
    """Percent-encoded, so that no file name becomes another address."""
    stems = ["toko-a b", "toko-50%", "toko-é#1?x", "javascript:alert(1)", "..", "//host/x"]
    batch = [nps(stem, float(k)) | {"stem": stem} for k, stem in enumerate(stems)]
    links = [row.th.a["href"] for row in soup_of(batch).select("tbody tr:not(.level)")]
    assert [unquote(link) for link in links] == [f"{stem}.en.html" for stem in stems]
    assert not [link for link in links if ":" in link or link.startswith("//")]


def test_a_page_in_another_language_is_said_to_be_one():
    batch = [nps("a", 1.0, languages=["en"]), nps("b", 2.0)]
    found = rows(soup_of(batch, "id"))
    assert (found["a"].a["href"], found["a"].a.get("hreflang")) == ("toko-a.en.html", "en")
    assert (found["b"].a["href"], found["b"].a.get("hreflang")) == ("toko-b.id.html", None)


def test_names_of_another_direction_stand_apart():
    soup = soup_of(mixed())
    row = rows(soup)["مدينة 12"]
    assert row.th.a.bdi is not None
    assert [child.name for child in row.th.a.children] == ["bdi"]


def test_the_page_keeps_what_every_page_keeps(language):
    text = index(mixed(), language, CONTEXT)
    soup = BeautifulSoup(text, "html.parser")
    assert soup.html["lang"] == language
    assert soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"] == CSP
    assert not soup.find_all(["script", "iframe", "form", "object"])
    assert not re.search(r"url\(|@import", soup.style.get_text())
    levels = [int(head.name[1]) for head in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert "{" not in soup.body.get_text().replace("{{ 7 * 7 }}", "")
    assert not re.search(r"\b\d{1,2}:\d{2}\b", soup.body.get_text())


def test_the_same_records_give_the_same_bytes():
    """In another process with another hash seed too."""
    code = (
        "import hashlib, sys; sys.path.insert(0, 'tests')\n"
        "from batch_records import CONTEXT, mixed\n"
        "from cxkit.report.index import index, index_csv\n"
        "text = index(mixed(), 'id', CONTEXT) + index_csv(mixed(), CONTEXT)\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_thousand_reports_are_ten_times_as_large_as_a_hundred():
    """Nothing of all reports is told for each report; the page stays one that a browser opens."""
    few, all_of_them = many(100), many(1000)
    sizes = [len(index(some, "en", CONTEXT).encode()) for some in (few, all_of_them)]
    assert sizes[1] < 11 * sizes[0]
    assert sizes[1] < 2_000_000


# The table of data


def table(records, context=CONTEXT):
    text = index_csv(records, context)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_table_has_a_row_a_report_with_unrounded_numbers():
    value = 12.345678901234
    made = nps("java", 40.0, value, change=comparison(-18.000000001, "clear"))
    first, second = table([made, nps("bali", 3.0)])
    assert float(first["estimate"]) == value
    assert float(first["change_difference"]) == -18.000000001
    assert (first["ci_low"], first["change_verdict"]) == (repr(value - 10), "clear")
    assert (first["group_region"], first["label_region_id"]) == ("java", "Jawa")
    assert (first["page_en"], first["status"]) == ("toko-java.en.html", "done")
    assert (second["label_region_en"], second["change_difference"]) == ("bali", "")


def test_the_table_hides_what_the_page_hides():
    """No number beside what is not done or left out, and none that was blanked."""
    batch = [left_out("bali", "privacy"), failed("riau", what="x"), nps("aceh", None)]
    left, broken, hidden = table(batch)
    assert (left["why_not"], broken["what"]) == ("privacy", "x")
    for row in (left, broken):
        assert not NUMBER.search("".join(row.values()))
    assert (hidden["estimate"], hidden["flags"], hidden["n"]) == ("", "hidden_base", "400")


@pytest.mark.parametrize(
    "name",
    ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1", "−1"],
)
def test_no_spreadsheet_computes_a_name(name):
    (row,) = table([nps(name, -3.0)])
    assert row["group_region"] == row["label_region_en"] == f"'{name}"
    assert row["estimate"] == "-3.0"


def test_the_table_opens_in_pandas_as_it_was_written():
    import pandas as pd

    batch = mixed()
    frame = pd.read_csv(io.BytesIO(index_csv(batch, CONTEXT).encode()))
    assert list(frame.columns[:2]) == ["status", "why_not"]
    assert len(frame) == len(batch)
    shown = [one["headline"]["estimate"] for one in batch if one["headline"]]
    assert frame.loc[frame["metric"].notna(), "estimate"].fillna(-999).tolist() == [
        -999 if value is None else value for value in shown
    ]


def test_an_empty_batch_has_a_table_with_names_only():
    assert len(index_csv([]).splitlines()) == 1


# In a browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    for language in LANGUAGES:
        text = index([*mixed(), *many(20)], language, CONTEXT)
        (folder / f"{language}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def open_index(chromium, pages):
    contexts = []

    def opened(language, look):
        context = chromium.new_context(offline=True, **look)
        contexts.append(context)
        page = context.new_page()
        page.goto((pages / f"{language}.html").as_uri(), wait_until="load")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(open_index, language, look):
    """WCAG 2.2 A and AA and axe's best practices, with all that unfolds unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(open_index(language, LOOKS[look]), options=AXE)
    checked = {rule["id"] for rule in results.response["passes"]}
    assert {"color-contrast", "target-size", "html-has-lang"} <= checked
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["375 px", "320 px"])
def test_a_phone_scrolls_one_way_only(open_index, language, viewport):
    """Long names wrap; the table scrolls in a box of its own."""
    page = open_index(language, {"viewport": viewport})
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.slow
def test_a_row_is_not_turned_round_by_a_name(open_index):
    """The name of a group may run right to left: its row's cells stand as in every row."""
    page = open_index("en", LOOKS["light"])
    lefts = page.evaluate(
        """() => [...document.querySelectorAll('.reports tbody tr:not(.level)')]
            .filter(row => row.cells.length === 6)
            .map(row => [...row.cells].map(cell => cell.getBoundingClientRect().left))"""
    )
    assert len(lefts) > 10
    assert all(row == sorted(row) for row in lefts)
    assert len({tuple(row) for row in lefts}) == 1
