"""Tiny studies with one thing wrong each are refused by name and place; hostile ones are read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from cxkit.answers import check, load
from cxkit.errors import CxkitError
from cxkit.library import load_yaml

BROKEN = Path(__file__).resolve().parent / "broken"


@dataclass(frozen=True)
class Broken:
    """A study that must be refused: the culprit and the place that the message must hold."""

    folder: Path
    token: str
    place: str


def refused_studies() -> list[Broken]:
    """The studies that must be refused, for tests of the package and of the command."""
    return [
        Broken(file.parent, **load_yaml(file)) for file in sorted(BROKEN.glob("*/expected.yaml"))
    ]


def hostile_studies() -> list[Path]:
    """The studies that must be read, and whose words must never act on a page or a path."""
    return sorted(
        file.parent
        for file in BROKEN.glob("*/study.yaml")
        if not (file.parent / "expected.yaml").exists()
    )


def name(study: Broken | Path) -> str:
    return (study.folder if isinstance(study, Broken) else study).name


def test_there_are_eleven_refused_and_two_hostile_studies():
    assert [name(one) for one in refused_studies()] == [
        "alias_bomb",
        "duplicate_column",
        "duplicate_id",
        "duplicate_key",
        "empty_answers",
        "header_only",
        "negative_weight",
        "off_scale",
        "scale_without_end_labels",
        "unknown_framework",
        "unmapped_text",
    ]
    assert [name(one) for one in hostile_studies()] == ["path_group", "script_tags"]


@pytest.mark.parametrize("broken", refused_studies(), ids=name)
def test_a_broken_study_is_refused_by_name_and_place(broken):
    errors = check(broken.folder).errors
    assert len(errors) == 1, errors.table()
    assert broken.token in errors[0].message
    assert broken.place in errors[0].where
    assert errors[0].expected or errors[0].hint


@pytest.mark.parametrize("broken", refused_studies(), ids=name)
def test_loading_a_broken_study_speaks_in_words_and_not_in_code(broken):
    with pytest.raises(CxkitError) as caught:
        load(broken.folder)
    message = str(caught.value)
    assert broken.token in message.splitlines()[0]
    assert broken.place in message
    assert not any(word in message for word in ("Traceback", "pydantic", "site-packages", ".py"))
    assert str(BROKEN) not in message


def test_the_alias_bomb_costs_no_time():
    start = time.perf_counter()
    check(BROKEN / "alias_bomb")
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("folder", hostile_studies(), ids=name)
def test_a_hostile_study_is_read_with_its_words_as_they_are(folder):
    assert not check(folder).errors
    survey = load(folder)
    assert survey.n == 64
    assert min(survey.where(region=group).n for group in survey.groups("region")) == 32
    assert "<script>" not in survey._repr_html_()


def test_hostile_words_reach_wording_unchanged():
    context = load(BROKEN / "script_tags").study.context()
    assert context["brand"] == "<script>alert('brand')</script>"
    assert load(BROKEN / "path_group").groups("region") == ("../../etc", "java")
