"""The plan of a batch: which reports, of whom, in which files, and under which keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from quick_study import (
    PARAMETERS,
    REGIONS,
    REPORTS,
    WAVES,
    lay_quick,
    write_quick_answers,
    write_quick_notebook,
)

from cxkit.answers import check
from cxkit.errors import StudyError
from cxkit.report.plan import Plan, planned
from cxkit.report.stems import slug, stem_of

RESERVED = ("con", "nul", "aux", "prn", "com1", "lpt1")
HOSTILE = (
    "A/B", "A B", "a b", "a\\b", "a:b", "A-B", "a-b", "a_b", "...", "..", ".", "-", "~",
    "Bali", "bali", "BALI", "bali ", "\N{PILE OF POO}", "\N{GRINNING FACE}", "é", "e\u0301", "e",
    "x" * 300, "x" * 299, "X" * 300, "*?\"<>|", "\x00", "\n", "Jawa Timur", *RESERVED,
)  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return lay_quick(tmp_path / "kedai")


def stems(plan: Plan) -> list[str]:
    return [one.stem for one in plan]


def keys(plan: Plan) -> dict[str, str]:
    return {one.stem: one.job.key for one in plan}


def said(refused: pytest.ExceptionInfo[StudyError]) -> str:
    return str(refused.value)


# -- which reports ---------------------------------------------------------------------------------


def test_a_plan_is_what_the_study_lists_in_its_order(study: Path) -> None:
    assert stems(planned(study)) == [
        f"kedai-quick-region-{region}-{wave}" for region in REGIONS for wave in WAVES
    ]


def test_a_report_is_told_its_group_and_its_wave(study: Path) -> None:
    first = planned(study).reports[0]
    assert (first.group, first.wave) == ({"region": "bali"}, "2025H1")
    assert first.job.parameters == {"wave": "2025H1", "group": "region=bali"}
    assert first.job.languages == ("id", "en")
    assert first.job.folder == study / "reports"
    assert first.job.record == study / "reports" / "kedai-batch" / f"{first.stem}.json"


def test_by_takes_the_place_of_the_list_and_several_combine(study: Path) -> None:
    plan = planned(study, by=["region", "channel"], notebook="quick")
    assert stems(plan) == [
        f"kedai-quick-region-{region}-channel-{channel}"
        for region in REGIONS
        for channel in ("email", "web")
    ]
    assert {one.wave for one in plan} == {None}
    assert plan.reports[0].job.parameters == {"group": "region=bali&channel=email"}


def test_a_notebook_without_by_is_one_report(study: Path) -> None:
    assert stems(planned(study, notebook="quick")) == ["kedai-quick"]


def test_a_wave_or_a_group_of_the_parameters_narrows_the_plan(study: Path) -> None:
    of_wave = planned(study, parameters={"wave": "2026H1"})
    assert stems(of_wave) == [f"kedai-quick-region-{region}-2026H1" for region in REGIONS]
    of_group = planned(study, by="wave", notebook="quick", parameters={"group": "region=java"})
    assert stems(of_group) == [f"kedai-quick-region-java-{wave}" for wave in WAVES]


def test_a_group_that_nobody_of_the_wave_belongs_to_is_left_out_and_told(study: Path) -> None:
    with (study / "answers.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"m{i},2026H2,moluccas,web,{i % 11}\n" for i in range(60))
    plan = planned(study)
    told = {(one.group["region"], one.wave): one.why_not for one in plan.left_out}
    assert told == {("moluccas", wave): "nobody" for wave in WAVES[:-1]}
    assert len(plan.to_make) == len(REGIONS) * len(WAVES) + 1


def test_a_group_too_small_to_be_told_of_is_left_out_and_told(study: Path) -> None:
    write_quick_answers(study, {"bali": 60, "java": 60, "papua": 60, "tiny": 4}, WAVES)
    left_out = {one.group["region"]: one.why_not for one in planned(study).left_out}
    assert left_out.get("tiny") == "privacy"


def test_depth_is_brief_for_groups_unless_said_otherwise(study: Path) -> None:
    parameters = PARAMETERS + 'depth: str = "full"\n'
    write_quick_notebook(study, parameters=parameters)

    def depths(**asked: str) -> set[object]:
        return {one.job.parameters.get("depth") for one in planned(study, **asked)}

    assert depths() == {"brief"}
    assert depths(depth="full") == {"full"}
    assert depths(by="wave", notebook="quick") == {None}
    (study / "study.yaml").write_text(
        (study / "study.yaml").read_text().replace("by: [region, wave]", "by: wave, depth: brief")
    )
    assert depths() == {"brief"}


# -- file names ------------------------------------------------------------------------------------


def test_no_two_groups_share_a_file_on_a_disk_that_tells_no_case() -> None:
    names = [stem_of("toko", "report", {"region": group}).casefold() for group in HOSTILE]
    assert len(set(names)) == len(HOSTILE)


def test_names_are_safe_and_short() -> None:
    for group in HOSTILE:
        for pair in ({"region": group}, {"region": group, "channel": group}):
            name = stem_of("toko", "report", pair, "2026H1")
            assert len(name) <= 100
            assert set(name) <= set("abcdefghijklmnopqrstuvwxyzH0123456789_-"), name
            assert name.partition(".")[0] not in RESERVED
            assert not name.endswith((".", " ", "-"))


def test_a_plain_key_is_its_own_name() -> None:
    assert [slug(key) for key in ("java", "a18_29", "con")] == ["java", "a18_29", "con"]
    waves = ("2026H1", "2026-11", "W3", "pre")
    assert [stem_of("s", "n", {}, wave).removeprefix("s-n-") for wave in waves] == list(waves)


def test_a_boundary_between_group_and_group_is_never_lost() -> None:
    one = stem_of("s", "n", {"region": "a-channel-b"})
    two = stem_of("s", "n", {"region": "a", "channel": "b"})
    assert one != two


def test_the_name_of_a_group_does_not_depend_on_other_groups(study: Path) -> None:
    write_quick_answers(study, {"A/B": 60, "java": 60, "papua": 60}, WAVES[-1:])
    alone = stems(planned(study))
    write_quick_answers(study, {"A/B": 60, "A B": 60, "a b": 60, "java": 60}, WAVES[-1:])
    together = stems(planned(study))
    assert len(set(together)) == 4
    assert set(alone) & set(together) == {
        stem_of("kedai", "quick", {"region": group}, WAVES[-1]) for group in ("A/B", "java")
    }


# -- keys ------------------------------------------------------------------------------------------


def test_a_key_is_the_same_in_another_folder(study: Path, tmp_path: Path) -> None:
    other = shutil.copytree(study, tmp_path / "elsewhere")
    assert keys(planned(study)) == keys(planned(other))


def test_every_report_has_a_key_of_its_own(study: Path) -> None:
    assert len(set(keys(planned(study)).values())) == len(REGIONS) * len(WAVES)


def test_a_new_wave_changes_no_key_of_the_waves_before(study: Path) -> None:
    write_quick_answers(study, dict.fromkeys(REGIONS, 60), WAVES[:-1])
    before = keys(planned(study))
    write_quick_answers(study, dict.fromkeys(REGIONS, 60), WAVES)
    after = keys(planned(study))
    assert {stem: after[stem] for stem in before} == before
    assert set(after) - set(before) == {f"kedai-quick-region-{one}-{WAVES[-1]}" for one in REGIONS}


def test_a_new_wave_changes_the_key_of_reports_of_the_latest_wave(study: Path) -> None:
    by_region = {"by": "region", "notebook": "quick"}
    write_quick_answers(study, dict.fromkeys(REGIONS, 60), WAVES[:-1])
    before = keys(planned(study, **by_region))
    write_quick_answers(study, dict.fromkeys(REGIONS, 60), WAVES)
    after = keys(planned(study, **by_region))
    assert not set(before.values()) & set(after.values())


def test_what_a_study_says_of_a_wave_is_a_matter_of_that_wave_and_later_ones(study: Path) -> None:
    file = study / "study.yaml"
    text = file.read_text(encoding="utf-8")
    plain = "".join(f"  {wave}:\n" for wave in WAVES)
    file.write_text(f"{text}waves:\n{plain}", encoding="utf-8")
    before = keys(planned(study))
    labelled = plain.replace("  2026H1:", "  2026H1: {label: {id: awal tahun, en: early}}")
    file.write_text(f"{text}waves:\n{labelled}", encoding="utf-8")
    after = keys(planned(study))
    changed = {stem.rpartition("-")[2] for stem in before if before[stem] != after[stem]}
    assert changed == {"2026H1", "2026H2"}


def test_what_an_earlier_wave_asked_otherwise_is_a_matter_of_later_waves_too(study: Path) -> None:
    """It decides whether they are compared."""
    file = study / "study.yaml"
    text = file.read_text(encoding="utf-8")
    plain = "".join(f"  {wave}:\n" for wave in WAVES)
    file.write_text(f"{text}waves:\n{plain}", encoding="utf-8")
    before = keys(planned(study))
    words = "{instrument: {wording: {recommend: {id: Mau?, en: Would you?}}}}"
    file.write_text(
        f"{text}waves:\n" + plain.replace("  2025H2:", f"  2025H2: {words}"), encoding="utf-8"
    )
    after = keys(planned(study))
    changed = {stem.rpartition("-")[2] for stem in before if before[stem] != after[stem]}
    assert changed == {"2025H2", "2026H1", "2026H2"}


@pytest.mark.parametrize(
    "line", ["min_base: 20", "mix: [region]", "disclosure: {sponsor: {id: Kami, en: We}}"]
)
def test_what_the_study_says_of_all_waves_changes_every_key(study: Path, line: str) -> None:
    before = keys(planned(study))
    with (study / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    after = keys(planned(study))
    assert not set(before.values()) & set(after.values())


def test_a_changed_answer_changes_its_wave_and_the_waves_after(study: Path) -> None:
    before = keys(planned(study))
    file = study / "answers.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    at = next(i for i, row in enumerate(rows) if ",2026H1,java," in row)
    rows[at] = rows[at].rpartition(",")[0] + ",10"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    after = keys(planned(study))
    changed = {stem.rpartition("-")[2] for stem in before if before[stem] != after[stem]}
    assert changed == {"2026H1", "2026H2"}


def test_the_notebook_its_parameters_and_the_languages_are_in_the_key(study: Path) -> None:
    before = keys(planned(study))
    assert not set(before.values()) & set(keys(planned(study, language="en")).values())
    parameters = PARAMETERS + "min_base: int | None = None\n"
    write_quick_notebook(study, parameters=parameters)
    other = keys(planned(study))
    assert not set(before.values()) & set(other.values())
    assert not set(other.values()) & set(keys(planned(study, parameters={"min_base": 5})).values())


def changed_notebook(study: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = study / "notebooks" / "quick.ipynb"
    nb = json.loads(file.read_text(encoding="utf-8"))
    change(nb)
    file.write_text(json.dumps(nb), encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: nb["metadata"].update(authors=[{"name": "I"}]),
        lambda nb: nb["cells"][1].update(id="another"),
        lambda nb: nb["cells"][1]["metadata"].update(tags=["mine"]),
    ],
    ids=["metadata", "cell id", "tag"],
)
def test_all_of_a_notebook_that_its_executed_copy_holds_is_in_the_key(
    study: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    before = keys(planned(study))
    changed_notebook(study, change)
    assert not set(before.values()) & set(keys(planned(study)).values())


@pytest.mark.filterwarnings("ignore:Cell is missing an id")
@pytest.mark.parametrize("minor", [4, 5])
def test_a_notebook_whose_cells_have_no_ids_has_the_same_key_at_every_call(
    study: Path, minor: int
) -> None:
    def change(nb: dict[str, Any]) -> None:
        nb["nbformat_minor"] = minor
        for cell in nb["cells"]:
            cell.pop("id", None)

    changed_notebook(study, change)
    assert keys(planned(study)) == keys(planned(study))


def test_what_is_noticed_of_the_answers_is_in_the_key_of_what_shows_it(study: Path) -> None:
    asked = {"notebook": "quick"}
    before = {**keys(planned(study)), **keys(planned(study, **asked))}
    with (study / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("exclusions: exclusions.csv\n")
    (study / "exclusions.csv").write_text(
        "respondent,wave,rule,decision,why\n0-0-0,2025H1,fast,,\n", encoding="utf-8"
    )
    after = {**keys(planned(study)), **keys(planned(study, **asked))}
    assert [stem for stem in before if before[stem] != after[stem]] == ["kedai-quick"]


def test_a_segment_that_nobody_belongs_to_is_named(study: Path) -> None:
    file = study / "study.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("segments: {") == 1
    file.write_text(text.replace("segments: {", "segments: {floor: {column: floor}, "))
    answers = next(study.glob("*.csv"))
    head, *rows = answers.read_text(encoding="utf-8").splitlines()
    answers.write_text("\n".join([head + ",floor", *(f"{row},  " for row in rows)]) + "\n")
    with pytest.raises(StudyError, match="no report to make") as refused:
        planned(study, by="floor")
    assert "belongs to a group of 'floor'" in said(refused)


def test_outputs_that_were_saved_with_a_notebook_are_not_in_the_key(study: Path) -> None:
    before = keys(planned(study))
    file = study / "notebooks" / "quick.ipynb"
    nb = json.loads(file.read_text(encoding="utf-8"))
    nb["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "42"}]
    nb["cells"][1]["execution_count"] = 7
    file.write_text(json.dumps(nb), encoding="utf-8")
    assert keys(planned(study)) == before


# -- what cannot be a plan -------------------------------------------------------------------------


def test_an_unknown_segment_is_refused_with_the_nearest(study: Path) -> None:
    with pytest.raises(StudyError, match="no segment 'regio'") as refused:
        planned(study, by="regio")
    assert "did you mean 'region'?" in said(refused)
    assert "wave" in str(refused.value.expected)


@pytest.mark.parametrize(
    ("missing", "asked"),
    [
        ("group", {"by": "region", "notebook": "quick"}),
        ("wave", {"by": "wave", "notebook": "quick"}),
        ("depth", {"depth": "brief", "notebook": "quick"}),
    ],
)
def test_a_notebook_that_cannot_be_told_is_refused(
    study: Path, missing: str, asked: dict[str, str]
) -> None:
    kept = [line for line in PARAMETERS.splitlines() if not line.startswith(missing)]
    write_quick_notebook(study, parameters="\n".join(kept))
    with pytest.raises(StudyError, match=f"no parameter '{missing}'") as refused:
        planned(study, **asked)
    assert "tagged 'parameters'" in said(refused)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"parameters": {"wave": "2031H1"}}, "the answers hold no '2031H1'"),
        ({"parameters": {"group": "region=mars"}}, "the answers hold no 'mars'"),
        ({"parameters": {"group": "planet=mars"}}, "no segment 'planet'"),
        ({"parameters": {"min_bse": "3"}}, "no parameter 'min_bse'"),
        ({"notebook": "quik"}, "no notebook 'quik'"),
        ({"depth": "deep"}, "no depth 'deep'"),
        ({"language": "jv"}, "no words for the language 'jv'"),
    ],
)
def test_a_slip_of_the_command_is_said(study: Path, asked: dict, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        planned(study, **asked)


def test_a_plan_of_nothing_is_refused(tmp_path: Path) -> None:
    none = lay_quick(tmp_path / "none", more="reports: []\n")
    with pytest.raises(StudyError, match="no report to make") as refused:
        planned(none)
    assert "--by" in said(refused)
    write_quick_answers(none, {"bali": 3}, ("2026H1",))
    with pytest.raises(StudyError, match="no report to make") as refused:
        planned(none, by="region", notebook="quick")
    assert "too few belong to the group" in said(refused)


def test_two_reports_that_would_be_one_file_are_refused(tmp_path: Path) -> None:
    twice = lay_quick(tmp_path / "twice", more="reports: [{notebook: quick}, {notebook: quick}]\n")
    with pytest.raises(StudyError, match="those of another report: 'kedai-quick'"):
        planned(twice)
    write_quick_notebook(twice, "index")
    with pytest.raises(StudyError, match="those of the index of reports"):
        planned(twice, notebook="index")


@pytest.mark.parametrize(
    ("reports", "code", "message"),
    [
        ("[{notebook: quik}]", "unknown_notebook", "there is no notebook 'quik'"),
        ("[{notebook: other/quick.ipynb}]", "unknown_notebook", "no notebook 'other/quick.ipynb'"),
        ("[{notebook: quick, by: regio}]", "unknown_segment", "unknown segment 'regio'"),
        ("[{notebook: quick, depth: deep}]", "unknown_value", "unknown value 'deep'"),
    ],
)
def test_a_slip_in_the_list_of_reports_is_found_by_check(
    tmp_path: Path, reports: str, code: str, message: str
) -> None:
    study = lay_quick(tmp_path / "slip", more=f"reports: {reports}\n")
    found = [one for one in check(study).errors if one.code == code]
    assert len(found) == 1
    assert message in found[0].message
    assert found[0].line == 13


def test_a_list_that_holds_waves_and_files_is_no_slip(tmp_path: Path) -> None:
    more = REPORTS.replace("quick,", "notebooks/quick.ipynb,")
    study = lay_quick(tmp_path / "file", more=more)
    assert not check(study).errors
    assert stems(planned(study))[0] == "kedai-quick-region-bali-2025H1"
