"""SPSS files through a study file: values, labels and missing codes as R's haven reads them.

Left out: dates, times and the text variable, which no question of a study reads here; the labels
and formats of variables are tested with the readers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from real_studies import CLOSE, STUDIES, copy_without, expected_numbers

import cxkit as cx
from cxkit.answers import check

OUTCOMES = {"mynum": "number", "mylabl": "sex", "myord": "order"}
FILES = ("sample_missing.sav", "sample.sav")

pytestmark = pytest.mark.usefixtures("shared_data")


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> dict[str, Any]:
    return expected_numbers(shared_data, "spss")


@pytest.fixture(scope="module", params=FILES)
def file(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def study(file: str, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, reading the file with codes for missing answers or the one without."""
    folder = copy_without("spss", (), tmp_path_factory.mktemp("spss"), shared_data)
    made = folder / "study.yaml"
    text = made.read_text(encoding="utf-8").replace(FILES[0], file)
    made.write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def survey(study: Path) -> Any:
    return cx.load(study)


def test_all_rows_are_read(survey: Any, file: str, expected: Any) -> None:
    assert survey.n == expected[file]["n_rows"]


@pytest.mark.parametrize("variable", OUTCOMES)
def test_means_without_missing_codes_are_those_of_haven(
    survey: Any, file: str, expected: Any, variable: str
) -> None:
    """Codes that the file calls missing, single ones and a range, are no answers."""
    known = expected[file]["variables"][variable]
    (mean,) = cx.estimate(survey, "mean", of=f"outcome:{OUTCOMES[variable]}")
    assert mean.n == expected[file]["n_rows"] - known["n_missing_incl_user"]
    assert mean.estimate == pytest.approx(known["mean_excl_missing"], abs=CLOSE)
    missing = survey.missing(f"outcome:{OUTCOMES[variable]}")
    assert sum(missing.values()) == known["n_missing_incl_user"]


def test_the_first_value_is_that_of_haven(survey: Any, file: str, expected: Any) -> None:
    for variable, outcome in OUTCOMES.items():
        first = survey.values(f"outcome:{outcome}")[0]
        assert first == float(expected[file]["variables"][variable]["first"])


def test_a_segment_goes_by_the_labels_of_the_file(
    study: Path, file: str, expected: Any, tmp_path: Path
) -> None:
    """The same variable as a segment: words, and nobody under a missing code."""
    text = study.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("  sex:")]
    assert len(kept) == len(text.splitlines()) - 1
    own = tmp_path / "study.yaml"
    own.write_text("\n".join([*kept, "segments: {sex: mylabl}", ""]), encoding="utf-8")
    known = expected[file]["variables"]["mylabl"]
    survey = cx.load(own)
    assert survey.groups("sex") == ("Female", "Male")
    assert "unlabelled_group" not in {one.code for one in check(own)}
    sex = survey.frame["segment:sex"]
    assert sex.isna().sum() == known["n_missing_incl_user"]
    code = {label: float(code) for code, label in known["value_labels"].items()}
    assert sex.dropna().map(code).mean() == pytest.approx(known["mean_excl_missing"], abs=CLOSE)


def test_every_missing_code_that_was_met_is_told_and_nothing_else(shared_data: Path) -> None:
    problems = check(STUDIES / "spss")
    assert len(problems.errors) == 0
    told = [(one.code, one.examples) for one in problems if one.code == "user_missing"]
    assert sorted(told) == [
        ("user_missing", ("-1",)),
        ("user_missing", ("-1",)),
        ("user_missing", ("-1",)),
        ("user_missing", ("-3",)),
        ("user_missing", ("2500",)),
    ]
    assert {one.code for one in problems} == {"user_missing"}


def test_seven_rows_are_too_few_to_publish(survey: Any) -> None:
    for outcome in OUTCOMES.values():
        (one,) = cx.estimate(survey, "mean", of=f"outcome:{outcome}").published()
        assert "hidden_privacy" in one.flags
        assert one.estimate != one.estimate
