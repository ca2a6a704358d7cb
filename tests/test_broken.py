"""Tiny studies with one thing wrong each are refused by name and place; hostile ones are read.

A third kind is read and told: what may be right is no error, and is not passed over either.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from broken_files import MADE, put_answers

from cxkit.answers import check, load
from cxkit.errors import CxkitError
from cxkit.library import load_yaml

BROKEN = Path(__file__).resolve().parent / "broken"

REFUSED = (
    "alias_bomb", "column_on_two_scales", "columns_alike", "cut_spss", "day_of_no_wave",
    "day_of_two_readings", "days_in_two_orders", "decimal_commas", "duplicate_column",
    "duplicate_id", "duplicate_key", "empty_answers", "error_cell", "formula_without_value",
    "four_labels_on_five_points", "header_only", "labels_in_doubt", "long_column",
    "merged_answers", "merged_header", "missing_code_on_the_scale", "missing_period",
    "negative_weight", "nul_bytes", "off_scale", "protected_workbook", "question_texts_below",
    "quoted_lines", "scale_without_end_labels", "several_sheets", "stage_on_two_scales",
    "text_in_a_number", "title_above", "turned_labels", "two_delimiters", "two_header_rows",
    "two_header_rows_again", "unknown_framework", "unknown_stage", "unmapped_text",
    "wave_labels_sort_wrongly", "waves_share_days", "waves_sort_wrongly", "weight_not_a_number",
    "weights_zero_in_a_wave", "workbook_of_markup", "workbook_of_text", "wrong_delimiter",
)  # fmt: skip
TOLD = (
    "columns_drift", "four_points_as_five", "one_is_best", "one_item_turned", "user_missing",
    "wave_without_rows",
)  # fmt: skip
HOSTILE = ("formula_cells", "path_group", "script_tags")


@dataclass(frozen=True)
class Broken:
    """A study with something wrong: the culprit and the place that the message must hold.

    A study of which a warning is said, and that is read all the same, names the warning's code.
    """

    folder: Path
    token: str
    place: str
    code: str | None = None

    def lay(self, home: Path) -> Path:
        """A copy of the study in `home`, whole: with the answers that are made for it."""
        return lay(self.folder, home)


def lay(folder: Path, home: Path) -> Path:
    """A copy of a study in `home`, without its cache and with its answers."""
    copy = home / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".cxkit", "expected.yaml"))
    put_answers(folder.name, copy)
    return copy


def _broken_studies() -> list[Broken]:
    files = sorted(BROKEN.glob("*/expected.yaml"))
    return [Broken(file.parent, **load_yaml(file)) for file in files]


def refused_studies() -> list[Broken]:
    """The studies that must be refused, for tests of the package and of the command."""
    return [one for one in _broken_studies() if one.code is None]


def told_studies() -> list[Broken]:
    """The studies that are read, with a warning."""
    return [one for one in _broken_studies() if one.code is not None]


def hostile_studies() -> list[Path]:
    """The studies that must be read, and whose words must never act on a page or a path."""
    return sorted(
        file.parent
        for file in BROKEN.glob("*/study.yaml")
        if not (file.parent / "expected.yaml").exists()
    )


def name(study: Broken | Path) -> str:
    return (study.folder if isinstance(study, Broken) else study).name


def test_every_kind_of_broken_study_is_there():
    assert tuple(name(one) for one in refused_studies()) == REFUSED
    assert tuple(name(one) for one in told_studies()) == TOLD
    assert tuple(name(one) for one in hostile_studies()) == HOSTILE
    assert set(MADE) < {*REFUSED, *TOLD}


@pytest.mark.parametrize("broken", refused_studies(), ids=name)
def test_a_broken_study_is_refused_by_name_and_place(broken, tmp_path):
    errors = check(broken.lay(tmp_path)).errors
    assert len(errors) == 1, errors.table()
    assert broken.token in errors[0].message
    assert broken.place in errors[0].where
    assert errors[0].expected or errors[0].hint


@pytest.mark.parametrize("broken", refused_studies(), ids=name)
def test_loading_a_broken_study_speaks_in_words_and_not_in_code(broken, tmp_path):
    with pytest.raises(CxkitError) as caught:
        load(broken.lay(tmp_path))
    message = str(caught.value)
    assert broken.token in message.splitlines()[0]
    assert broken.place in message
    assert not any(word in message for word in ("Traceback", "pydantic", "site-packages", ".py"))
    assert str(tmp_path) not in message
    assert max(map(len, message.splitlines())) < 260


@pytest.mark.parametrize("broken", told_studies(), ids=name)
def test_what_may_be_right_is_read_and_told(broken, tmp_path):
    folder = broken.lay(tmp_path)
    found = check(folder)
    assert not found.errors, found.table()
    (told,) = (one for one in found if one.code == broken.code)
    assert broken.token in told.message
    assert broken.place in told.where
    survey = load(folder)
    assert survey.n
    assert told in survey.warnings


def test_the_alias_bomb_costs_no_time():
    start = time.perf_counter()
    check(BROKEN / "alias_bomb")
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("folder", hostile_studies(), ids=name)
def test_a_hostile_study_is_read_with_its_words_as_they_are(folder, tmp_path):
    copy = lay(folder, tmp_path)
    assert not check(copy).errors
    survey = load(copy)
    assert survey.n == 64
    assert min(survey.where(region=group).n for group in survey.groups("region")) == 32
    assert "<script>" not in survey._repr_html_()


def test_hostile_words_reach_wording_unchanged():
    context = load(BROKEN / "script_tags").study.context()
    assert context["brand"] == "<script>alert('brand')</script>"
    assert load(BROKEN / "path_group").groups("region") == ("../../etc", "java")


def test_a_cell_that_begins_like_a_formula_is_text():
    survey = load(BROKEN / "formula_cells")
    assert survey.groups("region") == (
        '=HYPERLINK("http://example.org","Java")',
        "@SUM(1+1)*cmd|' /C calc'!A0",
    )
    assert set(survey.frame["comment:reason"]) == {"=1+1", "+62 812"}
