"""A report listed in a study file by program: everything that was typed stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from cxkit.errors import StudyError
from cxkit.study import report_entry
from cxkit.study.parts import ReportRun
from cxkit.study.report_entry import add_report

ENTRY = ReportRun(parameters={"wave": "2026H1", "group": "region=java&channel=e-mail"})
PLAIN = {
    "notebook": "report",
    "parameters": {"wave": "2026H1", "group": "region=java&channel=e-mail"},
}
FULL = [{"notebook": "report"}]
"""What a study without a list reports."""

FILES = {
    "one line": "a: 1\nreports: [{notebook: report}, {notebook: report, by: region}]   # c\nb: 2\n",
    "several lines": "reports: [\n  {notebook: a},   # one\n  {notebook: b},   # two\n]\n# end\n",
    "below each other": (
        "reports:   # all of them\n  - notebook: report   # the first\n    by: [region,\n"
        "       channel]\n  # between\n  - {notebook: b}  # d\n\n# behind\nb:\n  - 'q'\n"
    ),
    "not indented": 'reports:\n- {notebook: a, depth: "brief"} # c\n# z\ny: 1\n',
    "empty": "x: [1,   2]\nreports: []  # none\n",
    "none": 'x: |\n  a\n\n  b\ny: "2"   # c\n\n# end\n',
    "no line end": "x: 1\nreports:\n  - notebook: a",
    "lines of Windows": "x: 1\r\nreports:\r\n  - {notebook: a}\r\ny: 2\r\n",
    "a mark before all": "\ufeffx: 1\nreports: [{notebook: a}]\n",
    "an end": "x: 1\n...\n",
    "as JSON": '{"x": 1, "y": [2]}\n',
}


def lay(folder: Path, text: str) -> Path:
    file = folder / "study.yaml"
    file.write_bytes(text.encode())
    return file


def read(text: str) -> dict[str, object]:
    """As another reader of YAML sees it."""
    return YAML(typ="rt").load(text.removeprefix("\ufeff"))


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_an_entry_is_added_and_every_other_character_stays(text: str, tmp_path: Path) -> None:
    """What is new is one piece: before and behind it stands the file as it was."""
    file = lay(tmp_path, text)
    assert add_report(file, ENTRY)
    after = file.read_bytes().decode()
    before = read(text)
    assert read(after) == {**before, "reports": [*before.get("reports", FULL), PLAIN]}
    same = next(i for i in range(len(after)) if after[i] != (text + "\0")[i])
    new = len(after) - len(text)
    assert any(
        after[:i] + after[i + new :] in (text, text + "\n")
        or after[:i] + after[i + new - 1 :] == text
        for i in range(max(same - 3, 0), same + 1)
    )
    assert after.count("\r\n") == after.count("\n") or "\r" not in text


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_the_same_entry_is_not_added_twice(text: str, tmp_path: Path) -> None:
    file = lay(tmp_path, text)
    assert add_report(file, ENTRY)
    once = file.read_bytes()
    assert not add_report(file, ENTRY)
    assert file.read_bytes() == once


def test_an_entry_that_is_typed_in_another_way_is_the_same(tmp_path: Path) -> None:
    text = (
        "reports:\n  - parameters:\n      group: 'region=java&channel=e-mail'\n"
        '      wave: "2026H1"\n'
    )
    file = lay(tmp_path, text)
    assert not add_report(file, ENTRY)
    assert file.read_text(encoding="utf-8") == text


def test_words_that_yaml_would_take_for_something_else_stay_texts(tmp_path: Path) -> None:
    file = lay(tmp_path, "x: 1\n")
    entry = ReportRun(parameters={"wave": "2026", "group": 'a="yes", {b}: #c'})
    add_report(file, entry)
    assert read(file.read_text(encoding="utf-8"))["reports"][1]["parameters"] == entry.parameters


@pytest.mark.parametrize("wrong", ["x: 1\n", "reports: [", 'x: "1"\nreports: []\n'])
def test_what_would_say_something_else_is_not_written(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should a list ever be written in a way that is not foreseen: the line is told instead."""
    monkeypatch.setattr(report_entry, "_with_entry", lambda *_: wrong)
    file = lay(tmp_path, "x: 1\n")
    with pytest.raises(StudyError, match="cannot be added to") as refused:
        add_report(file, ENTRY)
    assert read(f"- {refused.value.hint.partition(': ')[2]}") == [PLAIN]
    assert file.read_text(encoding="utf-8") == "x: 1\n"


def test_a_file_that_is_no_yaml_is_refused_and_left(tmp_path: Path) -> None:
    file = lay(tmp_path, "reports: [\n")
    with pytest.raises(StudyError, match="not YAML"):
        add_report(file, ENTRY)
    assert file.read_text(encoding="utf-8") == "reports: [\n"


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    add_report(lay(tmp_path, "x: 1\n"), ENTRY)
    assert [one.name for one in tmp_path.iterdir()] == ["study.yaml"]


@pytest.mark.parametrize(
    "said", ["reports:\n", "reports: ~\n", "reports: report\n", "reports: {a: b}\n"]
)
def test_what_is_no_list_is_told_and_left_as_it_is(said: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(f"a: 1\n{said}", encoding="utf-8")
    with pytest.raises(StudyError, match="cannot be added to") as slip:
        add_report(file, ENTRY)
    assert "region=java" in str(slip.value.hint)
    assert file.read_text(encoding="utf-8") == f"a: 1\n{said}"


def test_a_read_only_study_file_is_left_as_it_is(tmp_path: Path) -> None:
    """Its folder may be written to: a file moved to its place would not ask."""
    file = tmp_path / "study.yaml"
    file.write_text("a: 1\n", encoding="utf-8")
    file.chmod(0o444)
    with pytest.raises(StudyError, match="read-only"):
        add_report(file, ENTRY)
    assert file.read_text(encoding="utf-8") == "a: 1\n"


def test_a_study_file_keeps_its_rights_and_its_place(tmp_path: Path) -> None:
    real = tmp_path / "shared.yaml"
    real.write_text("a: 1\n", encoding="utf-8")
    real.chmod(0o600)
    link = tmp_path / "study.yaml"
    link.symlink_to(real)
    assert add_report(link, ENTRY)
    assert link.is_symlink()
    assert "region=java" in real.read_text(encoding="utf-8")
    assert real.stat().st_mode & 0o777 == 0o600
