"""Who is left out is decided by people: the table of decisions read, refused, drafted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_study import as_csv, lay_study

from cxkit.answers import load
from cxkit.answers.exclusions import COLUMNS, decided, draft_exclusions, read_exclusions
from cxkit.answers.quality import RULES, Flags
from cxkit.errors import StudyError
from cxkit.study import Study, read_study

HEAD = "respondent,wave,rule,decision,why\n"
PEOPLE = ["r1", "r2", "r3", "r1"]
WAVES = ["w1", "w1", "w1", "w2"]


def study_with(folder: Path, table: str | bytes | None, more: str = "") -> Study:
    """A study whose table of decisions says this; one that names no table for None."""
    (folder / "shop.csv").write_text(as_csv(), encoding="utf-8")
    if table is not None:
        raw = table if isinstance(table, bytes) else table.encode()
        (folder / "exclusions.csv").write_bytes(raw)
        more += "exclusions: exclusions.csv\n"
    return read_study(lay_study(folder, "shop.csv", more=more))


def flags(*told: str) -> Flags:
    """Flags as rules with blanks between, a respondent each."""
    frame = pd.DataFrame(
        {f"flag:{rule}": pd.array([rule in one.split() for one in told]) for rule in RULES}
    )
    return Flags(frame, pd.DataFrame())


def people() -> pd.DataFrame:
    return pd.DataFrame({"respondent": PEOPLE, "wave": WAVES})


# -- reading


def test_decisions_are_read_with_their_rule(tmp_path):
    table = HEAD + "r2,w1,fast,exclude,under a minute and one answer to all\nr3,w1,fast,keep,\n"
    read = read_exclusions(study_with(tmp_path, table))
    excluded, problems = decided(read, PEOPLE, WAVES)
    assert excluded.tolist() == ["", "fast", "", ""]
    assert problems == []
    assert read.table.to_dict("records")[0] == {
        "respondent": "r2", "wave": "w1", "rule": "fast", "decision": "exclude",
        "why": "under a minute and one answer to all",
    }  # fmt: skip


def test_a_study_without_a_table_leaves_nobody_out(tmp_path):
    excluded, problems = decided(read_exclusions(study_with(tmp_path, None)), PEOPLE, WAVES)
    assert (set(excluded), problems) == ({""}, [])


def test_the_wave_may_be_left_out_where_it_is_clear(tmp_path):
    table = "respondent;rule;decision;why\nr2;fast;exclude;checked by phone\n"
    excluded, problems = decided(read_exclusions(study_with(tmp_path, table)), PEOPLE, WAVES)
    assert excluded.tolist() == ["", "fast", "", ""]
    assert problems == []


def test_a_rule_of_ones_own_is_a_rule(tmp_path):
    read = read_exclusions(study_with(tmp_path, HEAD + "r2,,staff,exclude,works for us\n"))
    assert decided(read, PEOPLE, WAVES)[0].tolist() == ["", "staff", "", ""]


def test_an_empty_decision_waits_and_keeps(tmp_path):
    read = read_exclusions(study_with(tmp_path, HEAD + "r2,w1,fast,,\nr3,w1,fast,,\n"))
    excluded, (problem,) = decided(read, PEOPLE, WAVES)
    assert set(excluded) == {""}
    assert (problem.code, problem.severity, problem.n) == ("undecided", "warning", 2)


SLIPS = {
    "an unknown respondent": ("r9,w1,fast,exclude,why", "unknown_respondent", 2, "'r9'"),
    "not in that wave": ("r2,w2,fast,exclude,why", "unknown_respondent", 2, "in wave 'w2'"),
    "an unknown wave": ("r2,w7,fast,exclude,why", "unknown_wave", 2, "'w7'"),
    "an unknown decision": ("r2,w1,fast,delete,why", "unknown_decision", 2, "'delete'"),
    "no reason": ("r2,w1,fast,exclude,", "exclusion_without_reason", 2, "'r2'"),
    "a reason of blanks": ("r2,w1,fast,exclude,  ", "exclusion_without_reason", 2, "'r2'"),
    "no rule": ("r2,w1,,exclude,why", "exclusion_without_rule", 2, "'r2'"),
    "nobody": (",w1,fast,exclude,why", "exclusion_of_nobody", 2, "no respondent"),
    "both ways": ("r2,w1,fast,exclude,why\nr2,w1,straight,keep,", "two_decisions", 3, "line 2"),
    "both ways, the wave once unsaid": (
        "r2,w1,fast,exclude,why\nr2,,straight,keep,", "two_decisions", 3, "line 2"),
    "several waves": ("r1,,fast,exclude,why", "exclusion_without_wave", 2, "w1, w2"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "code", "line", "token"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_with_its_line(tmp_path, rows, code, line, token):
    read = read_exclusions(study_with(tmp_path, HEAD + rows + "\n"))
    _, (problem,) = decided(read, PEOPLE, WAVES)
    assert (problem.code, problem.line, problem.severity) == (code, line, "error")
    assert token in problem.message
    assert problem.expected
    assert problem.file is not None
    assert problem.file.endswith("exclusions.csv")


def test_every_slip_is_told_at_once(tmp_path):
    table = HEAD + "r9,w1,fast,exclude,why\nr2,w1,fast,exclude,\nr3,w1,fast,drop,\n"
    _, problems = decided(read_exclusions(study_with(tmp_path, table)), PEOPLE, WAVES)
    assert {one.code for one in problems} == {
        "unknown_respondent", "exclusion_without_reason", "unknown_decision",
    }  # fmt: skip


def test_a_table_without_its_columns_is_refused(tmp_path):
    read = read_exclusions(study_with(tmp_path, "respondent,decision\nr2,exclude\n"))
    assert {one.column for one in read.problems} == {"rule", "why"}


def test_a_table_that_is_not_there_is_told(tmp_path):
    study = study_with(tmp_path, HEAD)
    (tmp_path / "exclusions.csv").unlink()
    assert [one.code for one in read_exclusions(study).problems] == ["missing_file"]


# -- drafting


def test_a_draft_lists_the_flagged_without_deciding(tmp_path):
    study = study_with(tmp_path, None)
    path, n = draft_exclusions(study, people(), flags("fast straight", "", "unusual", "fast"))
    assert (path, n) == (tmp_path / "exclusions.csv", 3)
    assert path.read_text(encoding="utf-8").splitlines() == [
        "respondent,wave,rule,flags,decision,why",
        "r1,w1,fast,fast straight,,",
        "r3,w1,unusual,unusual,,",
        "r1,w2,fast,fast,,",
    ]
    read = read_exclusions(study.model_copy(update={"exclusions": path.name}))
    excluded, (problem,) = decided(read, PEOPLE, WAVES)
    assert set(excluded) == {""}
    assert problem.code == "undecided"


def test_a_draft_never_touches_what_stands_there(tmp_path):
    there = HEAD + 'r1,w1,fast,exclude,"looked at it, twice"\nr3,,fast,keep,fine'
    study = study_with(tmp_path, there)
    path, n = draft_exclusions(study, people(), flags("fast", "fast", "fast", "fast"))
    assert n == 2
    assert path.read_text(encoding="utf-8") == there + "\nr2,w1,fast,,\nr1,w2,fast,,\n"


def test_a_draft_made_twice_is_the_same(tmp_path):
    study = study_with(tmp_path, None)
    path, _ = draft_exclusions(study, people(), flags("fast", "", "", ""))
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert draft_exclusions(study, people(), flags("fast", "", "", "")) == (path, 0)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_a_draft_follows_the_form_of_the_table(tmp_path, encoding):
    """Another delimiter, other line ends, another order of columns, a spreadsheet's encoding."""
    there = "why;decision;respondent;rule\r\ncafé;keep;r2;fast\r\n".encode(encoding)
    study = study_with(tmp_path, there)
    path, n = draft_exclusions(study, people().iloc[:3], flags("", "fast", "long_run"))
    assert n == 1
    assert path.read_bytes() == there + b";;r3;long_run\r\n"


def test_a_table_that_needs_mending_is_not_added_to(tmp_path):
    there = HEAD + "r1,w1,fast,drop,\n"
    study = study_with(tmp_path, there)
    with pytest.raises(StudyError, match="'drop'"):
        draft_exclusions(study, people(), flags("fast", "fast", "", ""))
    assert (tmp_path / "exclusions.csv").read_text(encoding="utf-8") == there


def test_a_workbook_is_not_added_to(tmp_path):
    study = study_with(tmp_path, None).model_copy(update={"exclusions": "decisions.xlsx"})
    with pytest.raises(StudyError, match=r"decisions\.xlsx"):
        draft_exclusions(study, people(), flags("fast", "", "", ""))


def test_a_draft_leaves_no_other_file_behind(tmp_path):
    draft_exclusions(study_with(tmp_path, None), people(), flags("fast", "", "", ""))
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "exclusions.csv", "shop.csv", "study.yaml",
    ]  # fmt: skip


def test_a_decision_is_on_a_respondent_whatever_the_order_of_rows(tmp_path, rng):
    read = read_exclusions(study_with(tmp_path, HEAD + "r1,w2,fast,exclude,why\n"))
    order = rng.permutation(4)
    people_, waves = np.array(PEOPLE)[order], np.array(WAVES)[order]
    excluded, _ = decided(read, people_, waves)
    assert excluded.tolist() == ["fast" if at == 3 else "" for at in order]
    assert COLUMNS[0] == "respondent"


def test_a_decision_leaves_the_digest_of_other_waves(tmp_path):
    """One who is left out in the second wave changes nothing that rests on the first."""
    rows = [("respondent", "wave", "Q1", "Q2", "visited", "region")]
    rows += [(f"r{at}", f"w{1 + at % 2}", 1 + at % 5, 3, "yes", "Jawa") for at in range(20)]
    inputs = []
    for name, table in (("all", None), ("some", HEAD + "r3,w2,fast,exclude,asked\n")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "shop.csv").write_text(as_csv(rows), encoding="utf-8")
        more = "wave: wave\n"
        if table is not None:
            (folder / "exclusions.csv").write_text(table, encoding="utf-8")
            more += "exclusions: exclusions.csv\n"
        inputs.append(load(lay_study(folder, "shop.csv", more=more)).inputs)
    everybody, fewer = inputs
    assert everybody["w1"] == fewer["w1"]
    assert everybody["w2"] != fewer["w2"]
