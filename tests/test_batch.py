"""A batch: it makes what is missing, tells what failed, and leaves alone what is unchanged."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from quick_study import (
    LIGHT_CELL,
    lay_light,
    lay_quick,
    write_quick_answers,
    write_quick_notebook,
)

import cxkit as cx
from cxkit.__main__ import main
from cxkit.errors import StudyError
from cxkit.files import PART, owner
from cxkit.report.batch import Batch, batch
from cxkit.report.batch_log import BatchLog
from cxkit.report.batch_status import read_record
from cxkit.report.job import RECORD, Job
from cxkit.report.leftovers import clean, sweep
from cxkit.report.lock import locked
from cxkit.report.plan import Plan
from cxkit.report.progress import Progress

REGIONS = {"bali": 60, "java": 60}
WAVES = ("2025H1", "2025H2")
MORE = "reports: [{notebook: quick, by: [region, wave]}, {notebook: quick, by: region}]\n"
FIXED = [f"kedai-quick-region-{region}-{wave}" for region in REGIONS for wave in WAVES]
LATEST = [f"kedai-quick-region-{region}" for region in REGIONS]
SUFFIXES = (".id.html", ".en.html", ".json", ".ipynb")
CODE = 'if group == "region=java":\n    raise ValueError("no such luck")\n'


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def cxkit(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command as a user gives it, in this process."""

    def command(*arguments: object) -> Said:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        return Said(code, *capsys.readouterr())

    return command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two regions and two waves, with a report of each pair and of each region."""
    study = tmp_path_factory.mktemp("batch") / "kedai"
    return lay_light(study, more=MORE, regions=REGIONS, waves=WAVES)


@pytest.fixture(scope="module")
def first(home: Path) -> Batch:
    """The first batch of that study."""
    return batch(home, workers=2, quiet=True, fresh_kernels=True)


@pytest.fixture
def made(home: Path, first: Batch, tmp_path: Path) -> Path:
    """That study after its first batch, to be changed."""
    assert first.is_done, first.troubles
    return shutil.copytree(home, tmp_path / "kedai")


def files(study: Path, *, but: str = ".jsonl") -> dict[str, bytes]:
    folder = study / "reports"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != but
    }


def times(study: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (study / "reports").glob("kedai-quick*")}


def events(study: Path) -> list[dict[str, Any]]:
    log = study / "reports" / "kedai-batch.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def statuses(done: Batch) -> dict[str, str]:
    return {one.stem: done.status[one.stem] for one in done.plan}


# -- the first time --------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_report_of_the_plan_is_there_with_its_record(first: Batch, home: Path) -> None:
    assert statuses(first) == dict.fromkeys([*FIXED, *LATEST], "made")
    names = {f"{stem}{suffix}" for stem in [*FIXED, *LATEST] for suffix in SUFFIXES}
    names |= {f"kedai-batch/{stem}.json" for stem in [*FIXED, *LATEST]}
    names |= {"kedai-index.id.html", "kedai-index.en.html", "kedai-index.csv"}
    assert set(files(home)) == names | {"kedai-batch/.lock"}
    record = json.loads(files(home)[f"kedai-batch/{FIXED[1]}.json"])
    assert record["group"] == {"region": "bali"}
    assert (record["wave"], record["status"]) == ("2025H2", "done")
    assert set(record["files"]) == {f"{FIXED[1]}{suffix}" for suffix in SUFFIXES}


@pytest.mark.slow
def test_the_index_and_its_table_list_every_report(first: Batch, home: Path) -> None:
    page = first.index["en"].read_text(encoding="utf-8")
    for stem in [*FIXED, *LATEST]:
        assert f'href="{stem}.en.html"' in page
    rows = list(csv.DictReader(io.StringIO(first.csv.read_text(encoding="utf-8-sig"))))
    assert len(rows) == len(FIXED) + len(LATEST)


@pytest.mark.slow
def test_the_log_tells_what_happened_when(first: Batch, home: Path) -> None:
    told = events(home)
    assert [one["event"] for one in told] == ["started", *["report"] * 6, "finished"]
    assert (told[0]["planned"], told[0]["to_make"], told[0]["unchanged"]) == (6, 6, 0)
    for one in told[1:-1]:
        assert one["status"] == "made"
        assert set(one["seconds"]) == {"read", "kernel", "cells", "page", "write", "all"}
        assert one["worker"] != os.getpid()
    assert [one["at"] for one in told] == sorted(one["at"] for one in told)


# -- again -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_unchanged_is_not_made_again(made: Path) -> None:
    before, then = files(made), times(made)
    done = batch(made, quiet=True)
    assert set(statuses(done).values()) == {"unchanged"}
    assert (files(made), times(made)) == (before, then)


@pytest.mark.slow
def test_what_was_lost_or_touched_is_made_again_as_it_was(made: Path) -> None:
    before, folder = files(made), made / "reports"
    (folder / f"{FIXED[0]}.en.html").unlink()
    (folder / f"{FIXED[1]}.json").write_text("{}", encoding="utf-8")
    (folder / "kedai-batch" / f"{FIXED[2]}.json").write_text("{half a rec", encoding="utf-8")
    done = batch(made, quiet=True, fresh_kernels=True)
    assert done.stems("made") == FIXED[:3]
    assert files(made) == before


@pytest.mark.slow
def test_a_new_wave_runs_its_own_reports_and_those_of_the_latest_wave(made: Path) -> None:
    before = files(made)
    write_quick_answers(made, REGIONS, (*WAVES, "2026H1"))
    done = batch(made, workers=2, quiet=True, fresh_kernels=True)
    new = [f"kedai-quick-region-{region}-2026H1" for region in REGIONS]
    assert sorted(done.stems("made")) == sorted([*new, *LATEST])
    assert sorted(done.stems("unchanged")) == sorted(FIXED)
    after = files(made)
    for stem in FIXED:
        assert after[f"{stem}.id.html"] == before[f"{stem}.id.html"]


@pytest.mark.slow
def test_force_makes_the_same_bytes_again(made: Path) -> None:
    before = files(made)
    done = batch(made, by="region", notebook="quick", force=True, quiet=True)
    assert done.stems("made") == LATEST
    for name, text in files(made).items():
        if name.startswith(tuple(LATEST)):
            assert text == before[name]


@pytest.mark.slow
def test_reports_of_an_earlier_plan_are_told_and_stay(made: Path) -> None:
    before = set(files(made))
    done = batch(made, by="region", notebook="quick", quiet=True)
    assert sorted(done.earlier) == sorted(FIXED)
    assert "4 reports of an earlier plan left as found" in done.summary
    assert set(files(made)) == before


@pytest.mark.slow
def test_a_group_that_is_left_out_by_now_leaves_no_page_behind(made: Path) -> None:
    write_quick_answers(made, {"bali": 60, "java": 60, "papua": 60}, WAVES)
    assert batch(made, by="region", notebook="quick", quiet=True, fresh_kernels=True).is_done
    write_quick_answers(made, {"bali": 60, "java": 60, "papua": 9}, WAVES)
    done = batch(made, by="region", notebook="quick", quiet=True, fresh_kernels=True)
    gone = ("kedai-quick-region-bali", "kedai-quick-region-papua")
    assert done.withdrawn == gone == tuple(one.stem for one in done.plan.left_out)
    left = [name for name in files(made) if any(f"{stem}." in name for stem in gone)]
    assert left == []
    assert [one["stem"] for one in events(made) if one["event"] == "removed"] == list(gone)
    assert "2 reports removed" in done.summary
    again = batch(made, by="region", notebook="quick", quiet=True, fresh_kernels=True)
    assert again.withdrawn == ()


# -- what fails ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_report_that_fails_stops_no_other_and_is_told(
    made: Path, cxkit: Callable[..., Said]
) -> None:
    write_quick_notebook(made, cell=CODE + LIGHT_CELL)
    said = cxkit("batch", made, "--json", "-w", "2", "--quiet", "--fresh-kernels")
    assert said.code == 1
    told = json.loads(said.out)
    assert (told["planned"], told["made"], told["failed"]) == (6, 3, 3)
    failed = [one for one in told["reports"] if one["status"] == "failed"]
    assert {one["group"]["region"] for one in failed} == {"java"}
    assert all("ValueError" in one["reason"]["what"] for one in failed)
    assert said.err.count("ReportError: cell 3 of notebook 'quick' failed") == 1
    assert "kedai-quick-region-java-2025H1, " in said.err
    assert "no such luck" in Path(told["index"]["en"]).read_text(encoding="utf-8")
    write_quick_notebook(made, cell=LIGHT_CELL)
    again = cxkit("batch", made, "--quiet", "-w", "2", "--fresh-kernels")
    assert again.code == 0
    assert not list((made / "reports").glob("*.failed.ipynb"))


@pytest.mark.slow
def test_a_template_that_fails_is_told_and_the_next_call_completes(made: Path) -> None:
    broken = made.parent / "clone"
    project = Path(cx.__file__).parent.parent
    for name in ("cxkit", "templates", "notebooks", "data/demo"):
        shutil.copytree(
            project / name, broken / name, ignore=shutil.ignore_patterns("__pycache__", ".cxkit")
        )
    shutil.copy(project / "pyproject.toml", broken)
    template = broken / "templates" / "report" / "page.html.j2"
    template.write_text(template.read_text(encoding="utf-8") + "{{ nobody.knows }}")
    before = files(made)
    words = [sys.executable, "-m", "cxkit", "batch", str(made), "-w", "2", "--json"]
    words += ["--fresh-kernels", "--by", "region", "--notebook", "quick"]
    done = subprocess.run(
        words, cwd=broken, env={**os.environ, "PYTHONPATH": str(broken)}, capture_output=True
    )
    told = json.loads(done.stdout)
    assert (done.returncode, told["failed"]) == (1, 2), done.stderr
    assert b"'nobody' is undefined" in done.stderr
    assert b"Traceback" not in done.stderr
    assert {name: files(made)[name] for name in before if "index" not in name} == {
        name: text for name, text in before.items() if "index" not in name
    }
    assert batch(made, quiet=True, fresh_kernels=True).is_done
    assert files(made) == before


# -- before it runs --------------------------------------------------------------------------------


def test_a_dry_run_prints_the_plan_and_makes_nothing(
    tmp_path: Path, cxkit: Callable[..., Said]
) -> None:
    sizes = {"bali": 60, "java": 70, "papua": 3}
    study = lay_quick(tmp_path / "kedai", more=MORE, regions=sizes, waves=WAVES)
    said = cxkit("batch", study, "--dry-run")
    assert said.code == 0
    assert "to make    kedai-quick-region-java-2025H1\n" in said.out
    assert "left out   kedai-quick-region-papua: too few belong to the group" in said.out
    assert said.out.splitlines()[-1].startswith("9 reports: ")
    told = json.loads(cxkit("batch", study, "--dry-run", "--json").out)
    assert told["planned"] == 9
    assert {one["status"] for one in told["reports"]} == {"to_make", "left_out"}
    assert not (study / "reports").exists()


@pytest.mark.slow
def test_a_dry_run_tells_what_is_unchanged(made: Path, cxkit: Callable[..., Said]) -> None:
    (made / "reports" / f"{FIXED[0]}.id.html").unlink()
    said = cxkit("batch", made, "--dry-run")
    assert f"to make    {FIXED[0]}" in said.out
    assert f"unchanged  {FIXED[1]}" in said.out
    assert said.out.endswith("6 reports: 1 to make, 5 unchanged\n")


def test_a_second_batch_is_told_who_is_at_work(tmp_path: Path, cxkit: Callable[..., Said]) -> None:
    study = lay_quick(tmp_path / "kedai", regions=REGIONS, waves=WAVES)
    records = study / "reports" / "kedai-batch"
    records.mkdir(parents=True)
    with locked(records):
        said = cxkit("batch", study)
        refused = cxkit("clean", study)
    assert (said.code, said.out) == (2, "")
    assert f"process {os.getpid()} on" in said.err
    assert refused.code == 2
    assert cxkit("clean", study).code == 0
    assert (records / ".lock").read_text() == ""


def test_what_cannot_be_done_ends_with_2(tmp_path: Path, cxkit: Callable[..., Said]) -> None:
    study = lay_quick(tmp_path / "kedai", more=MORE, regions=REGIONS, waves=WAVES)
    for options in (["--timeout", "nan"], ["-o", tmp_path / ("y" * 300)]):
        said = cxkit("batch", study, *options)
        assert (said.code, said.out) == (2, ""), said.err
    for few in (0, -2):
        with pytest.raises(StudyError, match="side by side"):
            batch(study, workers=few)
    assert not (study / "reports").exists()


def test_a_plan_of_nothing_ends_with_2(tmp_path: Path, cxkit: Callable[..., Said]) -> None:
    study = lay_quick(tmp_path / "kedai", more="reports: []\n", regions=REGIONS, waves=WAVES)
    said = cxkit("batch", study)
    assert (said.code, said.out) == (2, "")
    assert "there is no report to make" in said.err
    assert not (study / "reports").exists()


def test_long_names_of_reports_are_told_apart() -> None:
    stems = [f"kedai-report-region-java-age-a18_29-channel-{one}" for one in ("email", "social")]
    done = Batch(Plan(*[None] * 2, (), ()), {}, {one: {"what": "no"} for one in stems})  # type: ignore[arg-type]
    assert ", ".join(stems) in done.troubles


def test_a_record_has_its_segments_in_the_order_of_the_plan(tmp_path: Path) -> None:
    """Its file has them by the alphabet; a list of reports names all of them in one order."""
    file = tmp_path / "record.json"
    group = {"region": "java", "channel": "email"}
    job = Job(Path("s"), Path("n"), "kedai", tmp_path, {}, ("id",), group=group, record=file)
    told = {"schema": RECORD, "status": "done", "group": group}
    file.write_text(json.dumps(told, sort_keys=True), encoding="utf-8")
    record = read_record(job)
    assert record is not None
    assert list(record["group"].items()) == [("region", "java"), ("channel", "email")]


# -- progress and log ------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_plain_lines_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Progress(200, stream=stream) as progress:
        for at in range(200):
            progress.step(failed=at // 100)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 20
    assert lines[0].startswith("10 of 200 reports (5%), ")
    assert lines[0].endswith(" left")
    assert lines[-1].startswith("200 of 200 reports (100%), ")
    assert lines[-1].endswith(", 1 failed")


def test_progress_is_a_bar_on_a_terminal_and_nothing_when_quiet() -> None:
    stream = Terminal()
    with Progress(3, stream=stream) as progress:
        progress.step()
    assert "1/3" in stream.getvalue()
    silent = Terminal()
    with Progress(3, quiet=True, stream=silent) as progress:
        progress.step()
    assert silent.getvalue() == ""


def test_a_log_goes_on_after_a_line_that_was_cut(tmp_path: Path) -> None:
    file = tmp_path / "kedai-batch.jsonl"
    BatchLog(file).add("started", planned=1)
    with file.open("a", encoding="utf-8") as log:
        log.write('{"event": "repo')
    BatchLog(file).add("started", planned=2)
    first, cut, second = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["planned"] == 1
    assert cut == '{"event": "repo'
    assert json.loads(second)["planned"] == 2


# -- what killed runs left -------------------------------------------------------------------------


def gone() -> str:
    """A process that has ended, as files that it was writing name it."""
    code = "from cxkit.files import owner; print(owner())"
    return subprocess.check_output([sys.executable, "-c", code], text=True).strip()


def test_only_what_nobody_is_writing_any_more_is_swept(tmp_path: Path) -> None:
    dead, alive = gone(), owner()
    elsewhere = "ffffff-" + dead.partition("-")[2]
    names = {who: tmp_path / f".page.id.html.{who}.abc{PART}" for who in (dead, alive, elsewhere)}
    own = tmp_path / f"notes{PART}"
    for path in (*names.values(), own):
        path.write_text("half a pa")
    assert names[dead] in sweep(tmp_path)
    assert [path.exists() for path in (*names.values(), own)] == [False, True, True, True]


def test_clean_takes_the_cache_and_leavings_and_nothing_else(tmp_path: Path) -> None:
    study = lay_quick(tmp_path / "kedai", regions=REGIONS, waves=WAVES)
    cx.load(study)
    reports = study / "reports"
    reports.mkdir()
    (reports / "kedai-report.id.html").write_text("a page")
    (reports / f".kedai-report.id.html.{gone()}.abc{PART}").write_text("half a pa")
    kept = {path for path in study.rglob("*") if path.is_file() and path.suffix != PART}
    kept = {path for path in kept if ".cxkit" not in path.parts}
    done = clean(study)
    assert {path for path in study.rglob("*") if path.is_file()} == kept
    assert str(done).startswith(f"removed {study / '.cxkit'} (1 file, 0.")
    assert "1 remainder of runs that were killed" in str(done)
    assert str(clean(study)) == "nothing to remove"
