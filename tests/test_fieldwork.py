"""When each row was answered, of which wave it is, and what was asked in that wave."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_study import as_csv, found, lay_study

from cxkit.answers import check, prepare
from cxkit.answers.dates import days
from cxkit.answers.texts import Texts
from cxkit.study.wave_order import sorted_wrongly


@pytest.fixture
def study(tmp_path):
    """Lays down a study of a file of answers, and gives its folder."""
    return functools.partial(lay_study, tmp_path)


# -- days ------------------------------------------------------------------------------------------


def told_days(*texts: str, order: str | None = None):
    values, slips = days(Texts.of(texts), column="day", order=order)
    return list(values), [slip.code for slip in slips]


def test_days_that_begin_with_the_year_need_no_order():
    texts = ("2026-03-02", "2026/3/2 12:38:43 PM GMT+8", "2026.12.31T23:59:00Z", "")
    assert told_days(*texts) == (["2026-03-02", "2026-03-02", "2026-12-31", ""], [])


def test_a_declared_order_is_followed_and_what_it_cannot_read_is_told():
    assert told_days("02/03/2026", "2/3/26", order="dmy") == (["2026-03-02"] * 2, [])
    assert told_days("02/03/2026", order="mdy") == (["2026-02-03"], [])
    assert told_days("26-03-02", order="ymd") == (["2026-03-02"], [])
    assert told_days("02/03/2026", order="ymd")[1] == ["not_a_date"]
    assert told_days("03/25/2026", order="dmy")[1] == ["date_orders"]
    assert told_days("31/02/2026", "kemarin", "45000", order="dmy")[1] == ["not_a_date"]


def test_an_order_is_taken_only_where_the_column_proves_it():
    assert told_days("02/03/2026", "25/03/2026") == (["2026-03-02", "2026-03-25"], ["date_order"])
    assert told_days("02-03-2026", "03-25-2026") == (["2026-02-03", "2026-03-25"], ["date_order"])
    assert told_days("02/03/2026", "04/05/2026")[1] == ["date_ambiguous"]
    assert told_days("25/03/2026", "03/25/2026")[1] == ["date_orders"]
    assert told_days("03/03/2026", "2026-03-04") == (["2026-03-03", "2026-03-04"], [])


@given(st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), min_size=1))
def test_a_day_that_was_written_in_a_declared_order_is_read_back(written):
    for order, form in (("dmy", "%d/%m/%Y"), ("mdy", "%m-%d-%Y"), ("ymd", "%Y.%m.%d")):
        texts = [day.strftime(form) for day in written]
        assert told_days(*texts, order=order) == ([day.isoformat() for day in written], [])


DATED = (
    "date: day\nwaves:\n  2025H2: {from: 2025-09-01, to: 2025-09-30}\n"
    "  2026H1: {from: 2026-03-01, to: 2026-03-31}\n"
)


def dated(folder: Path, *written: str) -> None:
    rows = [f"r{at},{at % 5 + 1},3,yes,{day}" for at, day in enumerate(written)]
    text = "\n".join(["respondent,Q1,Q2,visited,day", *rows]) + "\n"
    (folder / "a.csv").write_text(text, encoding="utf-8")


def test_the_day_tells_the_wave(study, tmp_path):
    dated(tmp_path, "30/09/2025", "01/09/2025", "31/03/2026", "01/03/2026 23:59")
    folder = study("a.csv", DATED)
    assert [one.code for one in check(folder) if one.severity == "error"] == []
    frame = prepare(folder).set_index("respondent")
    assert frame["wave"].to_dict() == {
        "r0": "2025H2", "r1": "2025H2", "r2": "2026H1", "r3": "2026H1"
    }  # fmt: skip
    assert frame["date"].to_dict()["r3"] == "2026-03-01"
    assert found(folder, "date_order").severity == "warning"


def test_a_row_without_a_wave_of_its_own_is_refused(study, tmp_path):
    dated(tmp_path, "2025-09-02", "", "2026-04-01", "2026-04-02")
    folder = study("a.csv", DATED)
    assert found(folder, "missing_wave").line == 3
    told = found(folder, "outside_waves")
    assert (told.line, told.n) == (4, 2)
    assert "'2026-04-01', '2026-04-02'" in told.message


def test_a_row_outside_the_dates_of_the_wave_that_it_names_is_told(study, tmp_path):
    (tmp_path / "a.csv").write_text(
        "respondent,Q1,Q2,visited,day,w\nr1,4,5,yes,2025-09-02,2025H2\n"
        "r2,3,4,yes,2025-09-03,2026H1\nr3,3,4,yes,2026-03-03,2026H1\n",
        encoding="utf-8",
    )
    told = found(study("a.csv", DATED + "wave: w\n"), "outside_wave")
    assert (told.severity, told.line, told.n) == ("warning", 3, 1)


def test_a_day_is_no_wave_where_the_waves_have_no_dates(study, tmp_path):
    dated(tmp_path, "2025-09-02", "2026-03-03")
    frame = prepare(study("a.csv", "date: {column: day, order: ymd}\n"))
    assert frame["wave"].tolist() == ["all", "all"]
    assert frame["date"].tolist() == ["2025-09-02", "2026-03-03"]


@pytest.mark.parametrize(
    ("keys", "pair"),
    [
        (["2026-9", "2026-10"], ("2026-9", "2026-10")),
        (["2026-09", "2026-10"], None),
        (["Q4 2025", "Q1 2026"], ("Q4 2025", "Q1 2026")),
        (["2025Q4", "2026Q1"], None),
        (["W1", "W2", "W10"], ("W2", "W10")),
        (["Mar2026", "Apr2026"], ("Mar2026", "Apr2026")),
        (["Mei2026", "Agustus2026"], ("Mei2026", "Agustus2026")),
        (["pilot", "2026H1", "2026H2"], None),
        (["after", "before"], None),
        (["b", "A"], None),
        ([], None),
    ],
)
def test_keys_of_waves_sort_as_time_does_or_are_told(keys, pair):
    assert sorted_wrongly(keys) == pair


def test_waves_that_come_as_files_sort_as_time_does_or_are_told(study, tmp_path):
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    files = "answers: {{{}: {{path: a.csv}}, {}: {{path: a.csv}}}}"
    told = found(study(files.format("2026-9", "2026-10")), "wave_order")
    assert told.column == "answers.2026-9"
    assert not check(study(files.format("2026-09", "2026-10"))).errors


# -- respondents and scales ------------------------------------------------------------------------


def test_respondents_are_numbered_within_their_wave(study, tmp_path):
    def numbered(n_later: int) -> pd.DataFrame:
        rows = [f"{at % 5 + 1},3,yes,2025H2" for at in range(9)]
        rows += [f"{at % 5 + 1},3,yes,2026H1" for at in range(n_later)]
        text = "\n".join(["Q1,Q2,visited,w", *rows]) + "\n"
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        return prepare(study("a.csv", "wave: w\n", respondent=""))

    few, many = numbered(3), numbered(120)
    assert few["respondent"].tolist() == [*"123456789", *"123"]
    pd.testing.assert_frame_equal(few[:9], many[:9])
    assert many["respondent"].tolist()[9:12] == ["001", "002", "003"]
    assert many["item:tru_1"].tolist()[9:14] == [1, 2, 3, 4, 5]


def test_a_wave_is_read_on_the_scale_that_it_asked(study, tmp_path):
    (tmp_path / "a.csv").write_text(
        "respondent,Q1,Q2,visited,w\nr1,7,5,yes,2025\nr2,6,4,yes,2025\nr1,5,4,yes,2026\n",
        encoding="utf-8",
    )
    waves = "wave: w\nwaves: {2025: {instrument: {scales: {tru_1: agreement_7}}}, 2026: }\n"
    folder = study("a.csv", waves)
    assert not check(folder).errors
    assert prepare(folder)["item:tru_1"].tolist() == [7, 6, 5]
    text = (tmp_path / "a.csv").read_text(encoding="utf-8").replace("r1,5,4", "r1,7,4")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    told = found(folder, "off_scale")
    assert (told.line, told.n) == (4, 1)
    assert "'agreement_5'" in told.message


# -- the design ------------------------------------------------------------------------------------


def drawn(folder: Path, n: int, n_clusters: int) -> None:
    rows = [f"r{at},{at % 5 + 1},3,yes,k{at % n_clusters},{'ab'[at % 2]}" for at in range(n)]
    text = "\n".join(["respondent,Q1,Q2,visited,k,s", *rows]) + "\n"
    (folder / "a.csv").write_text(text, encoding="utf-8")


def test_a_design_without_degrees_of_freedom_is_refused_and_a_few_are_told(study, tmp_path):
    drawn(tmp_path, 40, 2)
    told = found(study("a.csv", "cluster: k\nstrata: s\n"), "no_degrees_of_freedom")
    assert told.severity == "error"
    assert "wave 'all' has 2 clusters in 2 strata" in told.message
    assert "collect more clusters" in told.hint
    told = found(study("a.csv", "cluster: k\n"), "few_clusters")
    assert (told.severity, "2 clusters in 1 stratum" in told.message) == ("warning", True)
    drawn(tmp_path, 40, 11)
    assert not {"few_clusters", "no_degrees_of_freedom"} & {
        one.code for one in check(study("a.csv", "cluster: k\n"))
    }


def test_strata_and_their_populations_name_each_other(study, tmp_path):
    drawn(tmp_path, 40, 4)
    folder = study("a.csv", "strata: s\npopulation: {a: 900, c: 900}\n")
    assert "the strata 'b'" in found(folder, "population_of_stratum").message
    told = found(folder, "stratum_without_answers")
    assert (told.severity, told.column) == ("warning", "population.c")


def test_a_column_that_a_wave_lacks_may_not_have_been_asked_in_it(study, tmp_path):
    for name, columns in (("a", "respondent,Q1,Q2,visited"), ("b", "respondent,Q1,visited")):
        row = ",".join("r1" if one == "respondent" else "3" for one in columns.split(","))
        (tmp_path / f"{name}.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8")
    waves = "answers: {2025H2: {path: a.csv}, 2026H1: {path: b.csv}}\n"
    told = found(study(waves, ""), "missing_column")
    assert told.hint == "if wave '2026H1' did not ask it: answers.2026H1: columns: {res_1: }"
