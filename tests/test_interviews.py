"""When interviews began and ended, in the forms that platforms write: lengths by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from small_study import lay_study

from cxkit.answers import check, prepare
from cxkit.answers.dates import moment

HEAD = "respondent,Q1,Q2,visited,region,begun,done\n"
LENGTH = "quality: {duration: {start: begun, end: done}}\n"


def lengths(folder: Path, pairs: list[tuple[str, str]], more: str = "") -> list[float]:
    """The durations of interviews with these ends, as the kit reads them."""
    rows = [f'r{at},4,{at % 5 + 1},yes,Jawa,"{a}","{b}"' for at, (a, b) in enumerate(pairs)]
    (folder / "a.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    frame = prepare(lay_study(folder, "a.csv", more=LENGTH + more))
    if "duration" not in frame:
        return []
    return frame["duration"].astype(float).tolist()


@pytest.mark.parametrize(
    ("start", "end", "took"),
    [
        ("03/25/2025 05:28:53 PM", "03/25/2025 05:31:00 PM", 127),
        ("25/03/2025 17:28:53", "25/03/2025 17:31:00", 127),
        ("25/03/2025 23:59:00", "26/03/2025 00:01:00", 120),
        ("25.03.2025, 17:28", "25.03.2025, 17:31", 180),
        ("2025/03/05 5:28:53 PM GMT+7", "2025/03/05 5:31:00 PM GMT+7", 127),
        ("2025-03-05 17:28:53 GMT+7", "2025-03-05T10:31:00Z", 127),
        ("2025-03-05 17:28:53 WIB", "2025-03-05 18:31:00 WITA", 127),
        ("2025-03-05 17:28:53", "2025-03-05 17:31:00", 127),
        ("03/05/2025 11:58:00 AM", "03/05/2025 12:01:00 PM", 180),
    ],
)
def test_the_length_between_two_moments(tmp_path: Path, start: str, end: str, took: float) -> None:
    assert lengths(tmp_path, [(start, end)] * 3) == [took] * 3


def test_an_order_that_nothing_proves_tells_no_length_over_several_days(tmp_path: Path) -> None:
    pairs = [
        ("03/05/2025 10:00:00", "03/05/2025 10:02:00"),
        ("03/05/2025 10:00:00", "04/05/2025 10:00:00"),
    ]
    found = lengths(tmp_path, pairs)
    assert found[0] == 120
    assert np.isnan(found[1])
    assert "started" not in prepare(tmp_path)
    proven = [*pairs, ("25/05/2025 10:00:00", "25/05/2025 10:00:30")]
    assert lengths(tmp_path, proven) == [120, 86_400, 30]
    assert prepare(tmp_path)["started"].iloc[0].month == 5


def test_a_zone_is_ahead_of_utc_by_its_sign() -> None:
    told = moment("2025/03/05 5:28:53 PM GMT+7", "dmy")
    assert told is not None
    assert told.astimezone(dt.UTC) == dt.datetime(2025, 3, 5, 10, 28, 53, tzinfo=dt.UTC)
    assert moment("03/05/2025 10:00", "mdy") == dt.datetime(2025, 3, 5, 10, tzinfo=dt.UTC)
    assert moment("soon", "mdy") is None
    assert moment("13/13/2025 10:00", "mdy") is None


def test_moments_of_surveymonkey_have_the_month_first(tmp_path: Path) -> None:
    head = (
        "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,"
        "Last Name,Custom Data 1,respondent,Q1,Q2,visited,region\n"
        ",,,,,,,,,Response,Response,Response,Response,Response\n"
    )
    when = "03/05/2025 11:58:00 PM,03/06/2025 12:01:00 AM"
    rows = [f"{at},7,{when},,,,,,r{at},4,{at + 2},yes,Jawa\n" for at in range(1, 4)]
    (tmp_path / "a.csv").write_text(head + "".join(rows), encoding="utf-8")
    folder = lay_study(tmp_path, "a.csv")
    assert not check(folder).errors
    frame = prepare(folder)
    assert frame["duration"].tolist() == [180.0] * 3
    assert frame["started"].dt.month.tolist() == [3] * 3


# -- two languages in one column -------------------------------------------------------------------


@pytest.mark.parametrize(("n_second", "is_told"), [(0, False), (2, False), (3, True), (60, True)])
def test_a_column_in_two_languages_is_told_and_its_values_stay(
    tmp_path: Path, n_second: int, is_told: bool
) -> None:
    words = ["Strongly agree"] * n_second + ["Sangat setuju"] * (100 - n_second)
    rows = [f"r{at},{word},4,yes,Jawa\n" for at, word in enumerate(words)]
    text = "respondent,Q1,Q2,visited,region\n" + "".join(rows)
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    folder = lay_study(tmp_path, "a.csv")
    told = [one for one in check(folder) if one.code == "two_languages"]
    assert len(told) == is_told
    assert (prepare(folder)["item:tru_1"] == 5).all()
    if is_told:
        (one,) = told
        assert (one.severity, one.column, one.n) == ("note", "Q1", min(n_second, 100 - n_second))
        assert set(one.examples) == {f"en: {n_second}", f"id: {100 - n_second}"}
