"""Older study files brought along: nothing but the schema changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxkit.errors import StudyError
from cxkit.study import examine
from cxkit.study.upgrade import upgrade

OLD = "# Toko Contoh, our tracker\n\nstudy: toko   # the key\nbrand: Toko Contoh\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study.yaml").write_text(OLD, encoding="utf-8")
    return tmp_path / "study.yaml"


def test_a_file_without_schema_gets_it_before_its_first_key(study: Path) -> None:
    done = upgrade(study)
    assert study.read_text(encoding="utf-8") == OLD.replace("study: toko", "cxkit: 1\nstudy: toko")
    assert done.steps == ("study.yaml: states its schema now (cxkit: 1)",)
    _, slips = examine(study)
    assert "cxkit" not in {one.column for one in slips}


def test_a_second_time_there_is_nothing_to_do(study: Path) -> None:
    upgrade(study)
    before = study.read_bytes()
    assert upgrade(study).steps == ()
    assert study.read_bytes() == before


@pytest.mark.parametrize(
    ("schema", "hint"), [("2", "newer"), ("true", "example"), ("one", "example"), ("-1", "example")]
)
def test_another_schema_is_refused_and_the_file_left_alone(
    study: Path, schema: str, hint: str
) -> None:
    study.write_text(f"cxkit: {schema}\n{OLD}", encoding="utf-8")
    with pytest.raises(StudyError, match="does not know") as refused:
        upgrade(study)
    assert hint in str(refused.value.hint)
    assert study.read_text(encoding="utf-8") == f"cxkit: {schema}\n{OLD}"


def test_the_shipped_demo_is_of_today() -> None:
    assert upgrade("demo").steps == ()
