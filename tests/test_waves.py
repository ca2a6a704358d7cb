"""A finished wave never moves; how its rows were drawn is allowed for, each wave by itself."""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from waved import (
    BEFORE,
    BY_REGION,
    MEAN,
    NOW,
    NPS,
    asked,
    lay,
    notes,
    write,
)

import cxkit as cx
from cxkit.__main__ import main
from cxkit.analysis.comments import coding
from cxkit.answers.survey import Survey
from cxkit.places import shared
from cxkit.wording import Words

DEMO = shared("data/demo")
LAST = "2026H1"
FINISHED = "2025H2"
SECTIONS = (
    "who_answered", "scorecard", "pyramid", "items", "journey", "level_by_stage", "groups",
    "change",
)  # fmt: skip


# -- appending a wave ------------------------------------------------------------------------------


def demo_rows() -> list[dict[str, str]]:
    with (DEMO / "answers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def upside_down(folder: Path, rows: Sequence[Mapping[str, object]], text: str) -> str:
    """All answers in one file, the later waves first: where rows stand tells nothing."""
    as_csv(folder / "answers.csv", sorted(rows, key=lambda row: str(row["wave"]), reverse=True))
    return text


def below(folder: Path, rows: Sequence[Mapping[str, object]], text: str) -> str:
    """All answers in one file, the later waves below the earlier."""
    as_csv(folder / "answers.csv", rows)
    return text


def nameless(folder: Path, rows: Sequence[Mapping[str, object]], text: str) -> str:
    """No column says who answered."""
    return unnamed(below(folder, rows, text))


def unnamed(text: str) -> str:
    """Without who answered, so that nobody can code a comment as theirs."""
    text = text.replace("respondent: respondent_id\n", "")
    text, n_coded = re.subn(r"^coding: .*\n", "", text, flags=re.MULTILINE)
    assert n_coded == 1
    return text


def file_a_wave(folder: Path, rows: Sequence[Mapping[str, object]], text: str) -> str:
    """A file for each wave, the latest named first."""
    waves = sorted({str(row["wave"]) for row in rows}, reverse=True)
    for wave in waves:
        of_wave = [row for row in rows if row["wave"] == wave]
        as_csv(
            folder / f"{wave}.csv",
            [{k: v for k, v in row.items() if k != "wave"} for row in of_wave],
        )
    files = "\n".join(f"  {wave}: {{path: {wave}.csv}}" for wave in waves)
    return text.replace("wave: wave\n", "").replace(
        "answers: {path: answers.csv, platform: plain}\n", f"answers:\n{files}\n"
    )


def nameless_file_a_wave(folder: Path, rows: Sequence[Mapping[str, object]], text: str) -> str:
    return unnamed(file_a_wave(folder, rows, text))


LAYOUTS = (upside_down, nameless, file_a_wave, nameless_file_a_wave)


def copy_of_demo(
    folder: Path, layout: Callable[..., str], waves: Sequence[str], n: int | None = None
) -> Path:
    """The demo's study of some of its waves, and of the first `n` respondents of each.

    Before the last wave was asked, nobody had planned the steps that answer it.
    """
    folder.mkdir(parents=True)
    rows = [
        row for wave in waves for row in [row for row in demo_rows() if row["wave"] == wave][:n]
    ]
    text = (DEMO / "study.yaml").read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    unsaid = tuple(f"  {wave}:" for wave in ("2025H1", "2025H2", "2026H1") if wave not in waves)
    text = "".join(line for line in lines if not unsaid or not line.startswith(unsaid))
    if LAST not in waves:
        text, n_steps = re.subn(r"  - date: 2026-06.*?(?=\n\n)", "", text, flags=re.DOTALL)
        assert n_steps == 1
    as_csv(folder / "coding.csv", coded_of(rows))
    text = layout(folder, rows, text)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def coded_of(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """What is coded of these respondents, the last wave first: the demo's own, and 20 as if of
    the finished wave.
    """
    with (DEMO / "coding.csv").open(encoding="utf-8-sig", newline="") as file:
        coded = list(csv.DictReader(file))
    here = {(row["respondent_id"], row["wave"]) for row in rows}
    then = [row["respondent_id"] for row in rows if row["wave"] == FINISHED][:20]
    own = [one for one in coded if (one["respondent"], one["wave"]) in here]
    assert bool(own) == any(row["wave"] == LAST for row in rows)
    planted = zip(coded, then, strict=False)
    return own + [one | {"respondent": who, "wave": FINISHED} for one, who in planted]


def plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@pytest.fixture(params=LAYOUTS, ids=lambda layout: layout.__name__)
def grown(request: Any, tmp_path: Path) -> tuple[Survey, Survey]:
    """The same finished wave, before another was appended and after: 900 rows, then 1,350."""
    earlier = copy_of_demo(tmp_path / "before", request.param, ("2025H1", FINISHED), 450)
    later = copy_of_demo(tmp_path / "after", request.param, ("2025H1", FINISHED, LAST), 450)
    return cx.load(earlier, wave=FINISHED), cx.load(later, wave=FINISHED)


def test_appending_a_wave_changes_no_word_of_an_earlier_context(
    grown: tuple[Survey, Survey],
) -> None:
    """Nor of its digests: the study as it was told, the answers, the instrument."""
    earlier, later = (survey.context() for survey in grown)
    assert later == earlier
    assert plain(later) == plain(earlier)


@pytest.mark.parametrize("section", SECTIONS)
def test_appending_a_wave_changes_no_byte_of_an_earlier_finding(
    grown: tuple[Survey, Survey], section: str
) -> None:
    earlier, later = (getattr(cx, section).findings(one).to_dict()["findings"] for one in grown)
    assert plain(later) == plain(earlier)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_digest_of_answers_tells_whether_they_moved(
    tmp_path: Path, layout: Callable[..., str]
) -> None:
    """One answer of the finished wave changed: its digest alone differs."""
    one = copy_of_demo(tmp_path / "one", layout, ("2025H1", FINISHED), 60)
    other = shutil.copytree(one, tmp_path / "other")
    path = next(p for p in sorted(other.glob("*.csv")) if p.stem in ("answers", FINISHED))
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    row = next(r for r in rows if r.get("wave", FINISHED) == FINISHED and r["out_recommend"] == "8")
    row["out_recommend"] = "7"
    as_csv(path, rows)
    said, now = (cx.load(folder, wave=FINISHED).context()["inputs"] for folder in (one, other))
    assert {key for key in said if said[key] != now[key]} == {f"answers:{FINISHED}"}


def test_the_digest_of_what_is_coded_is_that_of_the_waves_so_far(tmp_path: Path) -> None:
    """Codes of the last wave leave the finished one as it was; its own, coded otherwise, do not."""
    waves = ("2025H1", FINISHED, LAST)
    one = copy_of_demo(tmp_path / "one", upside_down, waves, 450)
    for wave, moved in ((LAST, [LAST]), (FINISHED, [FINISHED, LAST])):
        other = shutil.copytree(one, tmp_path / f"coded otherwise in {wave}")
        rows = list(csv.DictReader((one / "coding.csv").read_text("utf-8").splitlines()))
        row = next(row for row in rows if row["wave"] == wave and row["themes"] != "none")
        row["themes"] = "none"
        as_csv(other / "coding.csv", rows)
        told = [[cx.load(at, wave=key).context() for key in waves] for at in (one, other)]
        pairs = list(zip(waves, *told, strict=True))
        assert "coding" not in told[0][0]
        assert [key for key, a, b in pairs if a.get("coding") != b.get("coding")] == moved
        assert [key for key, a, b in pairs if a["inputs"] != b["inputs"]] == moved
    agreed = {key: coding.agreement(cx.load(one, wave=key)) for key in waves}
    by_hand = len(rows)
    assert [agreed[key][0].n if agreed[key] else 0 for key in waves] == [0, 20, by_hand]


def test_an_action_after_the_wave_in_hand_does_not_enter(tmp_path: Path) -> None:
    """The demo's one action is of December 2025; the wave in hand ended in September."""
    for waves in (("2025H1", FINISHED), ("2025H1", FINISHED, LAST)):
        folder = copy_of_demo(tmp_path / str(len(waves)), upside_down, waves, 60)
        assert cx.load(folder, wave=FINISHED).context()["actions"] == []
    assert [one["date"] for one in cx.load(folder).context()["actions"]] == ["2025-12-01"]


def test_a_question_reworded_in_an_appended_wave_leaves_the_earlier_report_as_it_was(
    tmp_path: Path,
) -> None:
    """The study file now says how the earlier waves put it: the same words as ever."""
    words = "{id: Kata lama, en: Older words}"
    item = f"{{column: q, scale: agreement_5, label: {words}}}"
    old = f"frameworks: [pyramid]\nitems: {{tru_1: {item}}}\n"
    then = f"{{instrument: {{wording: {{tru_1: {words}}}}}}}"
    new = old.replace("lama", "baru").replace("Older", "Newer")
    rng = np.random.default_rng(5)
    columns = {"w": np.repeat(["2025H1", FINISHED, LAST], 60), "q": rng.integers(1, 6, 180)}
    first = {key: values[:120] for key, values in columns.items()}
    earlier = lay(tmp_path / "a", old + f"waves: {{2025H1: {{}}, {FINISHED}: {{}}}}\n", first)
    later = lay(
        tmp_path / "b",
        new + f"waves: {{2025H1: {then}, {FINISHED}: {then}, {LAST}: {{}}}}\n",
        columns,
    ).where(wave=FINISHED)
    assert plain(later.context()) == plain(earlier.where(wave=FINISHED).context())
    told = plain(cx.change.findings(later).to_dict())
    assert told == plain(cx.change.findings(earlier).to_dict())


def test_a_scale_first_used_in_an_appended_wave_does_not_enter_an_earlier_report(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(5)
    columns = {"w": np.repeat(["2025H1", FINISHED, LAST], 60), "q": rng.integers(1, 6, 180)}
    first = {key: values[:120] for key, values in columns.items()}
    then = "{instrument: {scales: {score: satisfaction_5}}}"
    new = MEAN.replace("satisfaction_5", "satisfaction_7")
    earlier = lay(tmp_path / "a", MEAN + f"waves: {{2025H1: {{}}, {FINISHED}: {{}}}}\n", first)
    later = lay(
        tmp_path / "b",
        new + f"waves: {{2025H1: {then}, {FINISHED}: {then}, {LAST}: {{}}}}\n",
        columns,
    ).where(wave=FINISHED)
    assert plain(later.context()) == plain(earlier.where(wave=FINISHED).context())


def test_a_question_first_asked_in_an_appended_wave_leaves_the_digests_of_earlier_answers(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(5)
    columns = {"w": np.repeat(["2025H1", FINISHED, LAST], 60), "q": rng.integers(0, 11, 180)}
    first = {key: values[:120] for key, values in columns.items()}
    more = columns | {"c": [""] * 120 + [5] * 60}
    new = MEAN.replace("column: q", "column: c").replace(
        "outcomes:\n", "outcomes:\n  recommend: {column: q, metric: nps}\n"
    )
    earlier = lay(tmp_path / "a", NPS, first).where(wave=FINISHED).context()["inputs"]
    later = lay(tmp_path / "b", new, more).where(wave=FINISHED).context()["inputs"]
    for wave in ("2025H1", FINISHED):
        assert later[f"answers:{wave}"] == earlier[f"answers:{wave}"]


@pytest.mark.slow
def test_appending_a_wave_changes_no_byte_of_an_earlier_report(tmp_path: Path) -> None:
    """Pages, JSON and executed notebook of the kit's own report, on the demo cut short."""
    made = []
    for waves in (("2025H1", FINISHED), ("2025H1", FINISHED, LAST)):
        folder = copy_of_demo(tmp_path / str(len(waves)) / "study", below, waves, 400)
        arguments = ["run", str(folder), "-p", f"wave={FINISHED}", "--quiet"]
        assert main(arguments) == 0
        reports = folder / "reports"
        made.append({path.name: path.read_bytes() for path in sorted(reports.iterdir())})
    assert set(made[0]) == {
        f"toko_contoh-report.{end}" for end in ("id.html", "en.html", "json", "ipynb")
    }
    for name, bytes_before in made[0].items():
        assert made[1][name] == bytes_before, name
    told = json.loads(made[0]["toko_contoh-report.json"])
    assert {one["wave"] for one in told["estimates"] if one.get("wave")} == {"2025H1", FINISHED}
    assert LAST.encode() not in b"".join(made[0].values())


# -- how rows were drawn ---------------------------------------------------------------------------


def spread(one: Any, df: float) -> float:
    """The standard error behind a 95 % interval of a mean or of a difference of means."""
    return (one.ci_high - one.ci_low) / 2 / stats.t.ppf(0.975, df)


@pytest.fixture
def draw(tmp_path: Path, rng: np.random.Generator) -> Callable[..., tuple[Any, Any]]:
    """A study of 100 + 140 answers with `more` in its file, and its columns."""
    answers = asked(rng.integers(1, 6, 100), rng.integers(1, 6, 140))
    answers["st"] = ["x"] * 40 + ["y"] * 60 + ["x"] * 90 + ["y"] * 50
    answers["cl"] = [f"{i // 5}" for i in range(240)]
    answers["region"] = rng.choice(["a", "b"], 240)
    columns = {key: np.asarray(values) for key, values in answers.items()}

    def make(more: str = "", sample: str = "") -> tuple[Any, Any]:
        text = f"sample: {{frame: customers, design: probability{sample}}}\n"
        folder = write(tmp_path / "drawn", text + MEAN + BY_REGION + more, columns)
        return cx.load(folder), columns

    return make


def by_wave(survey: Survey) -> tuple[Any, Any]:
    before, now = cx.estimate(survey, "csat", by="wave")
    return before, now


def simple_error(answers: np.ndarray, population: float = math.inf) -> float:
    n = len(answers)
    return math.sqrt((1 - n / population) * answers.var(ddof=1) / n)


def stratified_error(
    answers: np.ndarray, stratum: np.ndarray, population: Mapping[str, float] | None = None
) -> float:
    """Of the plain mean, whose strata weigh as they fell: V = sum (n_h/n)^2 (1-f_h) s_h^2 / n_h,
    where s_h is taken about the stratum's own mean."""
    total = 0.0
    for key in np.unique(stratum):
        own = answers[stratum == key]
        fraction = 0.0 if population is None else len(own) / population[key]
        total += (len(own) / len(answers)) ** 2 * (1 - fraction) * own.var(ddof=1) / len(own)
    return math.sqrt(total)


def test_a_population_of_one_number_allows_for_the_part_drawn(draw: Any) -> None:
    survey, columns = draw("population: 400\n")
    for one, wave in zip(by_wave(survey), (BEFORE, NOW), strict=True):
        own = columns["q"][columns["w"] == wave].astype(float)
        assert spread(one, len(own) - 1) == pytest.approx(simple_error(own, 400), rel=1e-9)


def test_a_change_has_the_errors_of_both_waves_each_with_its_own_part_drawn(draw: Any) -> None:
    """f is 100/400 before and 140/400 now."""
    survey, columns = draw("population: 400\n")
    (change,) = cx.compare(survey, "csat", by="wave")
    before, now = (columns["q"][columns["w"] == wave].astype(float) for wave in (BEFORE, NOW))
    expected = math.hypot(simple_error(before, 400), simple_error(now, 400))
    assert spread(change, 240 - 2) == pytest.approx(expected, rel=1e-9)


def test_strata_and_their_populations(draw: Any) -> None:
    population = {"x": 200, "y": 900}
    survey, columns = draw("strata: st\npopulation: {x: 200, y: 900}\n")
    errors = []
    for one, wave in zip(by_wave(survey), (BEFORE, NOW), strict=True):
        rows = columns["w"] == wave
        expected = stratified_error(
            columns["q"][rows].astype(float), columns["st"][rows], population
        )
        assert spread(one, rows.sum() - 2) == pytest.approx(expected, rel=1e-9)
        errors.append(expected)
    (change,) = cx.compare(survey, "csat", by="wave")
    assert spread(change, 240 - 4) == pytest.approx(math.hypot(*errors), rel=1e-9)


def test_strata_without_a_population(draw: Any) -> None:
    survey, columns = draw("strata: st\n")
    for one, wave in zip(by_wave(survey), (BEFORE, NOW), strict=True):
        rows = columns["w"] == wave
        expected = stratified_error(columns["q"][rows].astype(float), columns["st"][rows])
        assert spread(one, rows.sum() - 2) == pytest.approx(expected, rel=1e-9)


def cluster_error(
    answers: np.ndarray, cluster: np.ndarray, stratum: np.ndarray, population: float = math.inf
) -> float:
    """Influences summed within clusters, centred within strata; f = clusters drawn of all."""
    influence = (answers - answers.mean()) / len(answers)
    drawn = len(np.unique(cluster))
    total = 0.0
    for key in np.unique(stratum):
        sums = np.array(
            [influence[cluster == one].sum() for one in np.unique(cluster[stratum == key])]
        )
        total += len(sums) * sums.var(ddof=1)
    return math.sqrt(total * (1 - drawn / population))


@pytest.mark.parametrize("has_strata", [False, True])
@pytest.mark.parametrize("population", [None, 60])
def test_clusters(draw: Any, has_strata: bool, population: int | None) -> None:
    """A population counts what was drawn: 20 and 28 clusters of 60."""
    more = "cluster: cl\n" + ("strata: st\n" if has_strata else "")
    more += f"population: {population}\n" if population else ""
    survey, columns = draw(more)
    stratum = columns["st"] if has_strata else np.full(240, "")
    errors = []
    for one, wave in zip(by_wave(survey), (BEFORE, NOW), strict=True):
        rows = columns["w"] == wave
        expected = cluster_error(
            columns["q"][rows].astype(float), columns["cl"][rows], stratum[rows],
            population or math.inf,
        )  # fmt: skip
        df = len(np.unique(columns["cl"][rows])) - (2 if has_strata else 1)
        assert spread(one, df) == pytest.approx(expected, rel=1e-9)
        errors.append(expected)
    (change,) = cx.compare(survey, "csat", by="wave")
    df = 48 - (4 if has_strata else 2)
    assert spread(change, df) == pytest.approx(math.hypot(*errors), rel=1e-9)


def test_a_population_of_clusters_by_stratum(draw: Any) -> None:
    """18 clusters of x answered now, with 90 rows: all 18 that there are."""
    survey, columns = draw("cluster: cl\nstrata: st\npopulation: {x: 18, y: 100}\n")
    rows = columns["w"] == NOW
    answers, clusters = columns["q"][rows].astype(float), columns["cl"][rows]
    influence = (answers - answers.mean()) / len(answers)
    total = 0.0
    for key, population in (("x", 18), ("y", 100)):
        own = columns["st"][rows] == key
        sums = [influence[own & (clusters == one)].sum() for one in np.unique(clusters[own])]
        drawn = len(sums)
        total += (1 - drawn / population) * drawn * np.var(sums, ddof=1)
    now = by_wave(survey)[1]
    assert spread(now, 28 - 2) == pytest.approx(math.sqrt(total), rel=1e-9)


def test_clusters_of_many_sizes_in_strata_are_drawn_in_one_part(tmp_path: Path, rng: Any) -> None:
    """60 of 100 shops, 50 of them with one answer and 10 with fifty: f is .6 for all of them."""
    n = 550
    answers = asked(rng.integers(1, 6, n), rng.integers(1, 6, n))
    shops = [f"x{i}" for i in range(50)] + [f"y{i // 50}" for i in range(500)]
    answers["cl"] = [f"{one}-{wave}" for wave in (1, 2) for one in shops]
    answers["st"] = (["x"] * 50 + ["y"] * 500) * 2
    survey = lay(tmp_path, MEAN + "strata: st\ncluster: cl\npopulation: 100\n", answers)
    errors = [spread(one, 60 - 2) for one in by_wave(survey)]
    columns = {key: np.asarray(values) for key, values in answers.items()}
    rows = columns["w"] == BEFORE
    expected = cluster_error(
        columns["q"][rows].astype(float), columns["cl"][rows], columns["st"][rows], 100
    )
    assert errors[0] == pytest.approx(expected, rel=1e-9)
    (change,) = cx.compare(survey, "csat", by="wave")
    assert spread(change, 120 - 4) == pytest.approx(math.hypot(*errors), rel=1e-9)


@pytest.mark.parametrize(("population", "counts"), [(2000, False), (1999, True), (150, True)])
def test_the_population_of_the_sample_counts_where_more_than_a_twentieth_answered(
    draw: Any, population: int, counts: bool
) -> None:
    """100 of 2,000 are a twentieth; the rule looks at each wave by itself (140 are more)."""
    survey, columns = draw(sample=f", population: {population}")
    for one, wave in zip(by_wave(survey), (BEFORE, NOW), strict=True):
        own = columns["q"][columns["w"] == wave].astype(float)
        applies = counts or wave == NOW
        expected = simple_error(own, population if applies else math.inf)
        assert spread(one, len(own) - 1) == pytest.approx(expected, rel=1e-9)
    (change,) = cx.compare(survey, "csat", by="wave")
    before, now = (columns["q"][columns["w"] == wave].astype(float) for wave in (BEFORE, NOW))
    of_before = simple_error(before, population if counts else math.inf)
    expected = math.hypot(of_before, simple_error(now, population))
    assert spread(change, 240 - 2) == pytest.approx(expected, rel=1e-9)


def test_a_population_of_the_study_always_counts(draw: Any) -> None:
    survey, columns = draw("population: 100000\n", sample=", population: 150")
    own = columns["q"][columns["w"] == BEFORE].astype(float)
    assert spread(by_wave(survey)[0], 99) == pytest.approx(simple_error(own, 100_000), rel=1e-9)
    assert survey.context()["sample"]["population"] == 100_000


def test_the_rows_of_the_wave_count_and_not_those_in_hand(draw: Any) -> None:
    """A group is a domain of its wave: the part drawn is that of all."""
    survey, columns = draw("population: 400\n")
    rows = columns["w"] == BEFORE
    answers = columns["q"][rows].astype(float)
    in_a = columns["region"][rows] == "a"
    (one,) = cx.estimate(survey.where(wave=BEFORE, region="a"), "csat")
    influence = np.where(in_a, answers - answers[in_a].mean(), 0) / in_a.sum()
    expected = math.sqrt((1 - 100 / 400) * 100 / 99 * (influence**2).sum())
    assert spread(one, 99) == pytest.approx(expected, rel=1e-9)


def test_everybody_asked_leaves_no_sampling_error(draw: Any) -> None:
    survey, _ = draw("population: 140\n")
    before, now = by_wave(survey)
    assert before.ci_low < before.estimate < before.ci_high
    assert (now.ci_low, now.ci_high) == pytest.approx((now.estimate, now.estimate))


def test_respondents_who_come_back_and_a_population(tmp_path: Path, rng: Any) -> None:
    """60 of 100 and 100 are the same people: V = (1 - f)(V_b + V_n - 2 sum of their products)."""
    first, second = rng.integers(1, 6, 100), rng.integers(1, 6, 100)
    second[:60] = np.clip(first[:60] + rng.integers(-1, 2, 60), 1, 5)
    answers = asked(first, second)
    answers["id"] = [*range(100), *range(60), *range(200, 240)]
    survey = lay(tmp_path, MEAN + "population: 400\n", answers)
    (change,) = cx.compare(survey, "csat", by="wave")
    d_before, d_now = ((one - one.mean()) / 100 for one in (first, second))
    scale = 100 / 99 * (1 - 100 / 400)
    both = (d_before[:60] * d_now[:60]).sum()
    expected = math.sqrt(scale * ((d_before**2).sum() + (d_now**2).sum() - 2 * both))
    assert spread(change, 140 - 2) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("strata: st\npopulation: {x: 5000}\n", "y"),
        ("population: 90\n", "90"),
        ("strata: st\npopulation: {x: 5000, y: 55}\n", "y"),
    ],
)
def test_a_population_that_cannot_be_is_told_before_anything_is_computed(
    draw: Any, more: str, word: str
) -> None:
    """100 and 140 answered, 60 and 50 of them in `y`: a problem among all the others."""
    with pytest.raises(cx.SurveyError) as caught:
        draw(more)
    (told,) = caught.value.problems
    assert word in f"{told.message} {told.expected}"


def test_a_population_by_stratum_needs_strata(draw: Any) -> None:
    with pytest.raises(cx.StudyError) as caught:
        draw("population: {x: 5000, y: 100}\n")
    assert [(one.code, one.column) for one in caught.value.problems] == [
        ("population_by_stratum", "population")
    ]


# -- waves that differ in how they were taken ------------------------------------------------------


def test_what_differs_between_waves_is_said_below_the_figure(tmp_path: Path) -> None:
    waves = (
        f"waves:\n  {BEFORE}: {{mode: {{id: wawancara telepon, en: telephone}}, season: sama}}\n"
        f"  {NOW}: {{mode: {{id: panel daring, en: online panel}}, season: sama,"
        " source: Panel X}\n"
    )
    survey = lay(tmp_path, MEAN + waves, asked([5, 4] * 60, [3, 4] * 60))
    told = [one for one in notes(cx.change.findings(survey)) if "differs" in one]
    assert told == [
        "The way the data were collected differs between the waves: telephone in the second half"
        " of 2025, online panel in the first half of 2026."
    ]
    told = [one for one in notes(cx.change.findings(survey), "id") if "berbeda" in one]
    assert told == [
        "Cara pengumpulan data berbeda antargelombang: wawancara telepon pada Semester II 2025,"
        " panel daring pada Semester I 2026."
    ]


def test_a_wave_taken_in_another_mode_than_the_study_says_is_told(tmp_path: Path) -> None:
    """The study's own mode is that of every wave that says nothing else."""
    sample = "sample: {frame: customers, design: probability, mode: panel}\n"
    waves = f"waves:\n  {BEFORE}: {{}}\n  {NOW}: {{mode: telephone}}\n"
    survey = cx.load(write(tmp_path, sample + MEAN + waves, asked([5, 4] * 60, [3, 4] * 60)))
    told = [one for one in notes(cx.change.findings(survey)) if "differs" in one]
    assert len(told) == 1
    assert "panel in the second half" in told[0]
    assert "telephone in the first half" in told[0]


# -- the command -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_locked_question_is_on_the_page_with_its_reason(tmp_path: Path) -> None:
    """The demo cut short, whose trust was asked in other words the wave before."""
    folder = copy_of_demo(tmp_path / "study", upside_down, ("2025H1", FINISHED, LAST), 400)
    file = folder / "study.yaml"
    then = "instrument: {wording: {tru_1: {id: Kata lama, en: Older words}}}}"
    text = file.read_text(encoding="utf-8")
    changed = text.replace("to: 2025-09-19}", f"to: 2025-09-19, {then}")
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    assert main(["run", str(folder), "--quiet"]) == 0
    pages = {
        language: (folder / "reports" / f"toko_contoh-report.{language}.html").read_text("utf-8")
        for language in ("id", "en")
    }
    assert (
        "Trust is not compared with the second half of 2025 because the wording changed."
        in (pages["en"])
    )
    assert (
        "Kepercayaan tidak dibandingkan dengan Semester II 2025 karena kata-katanya berubah."
        in (pages["id"])
    )
    told = json.loads((folder / "reports" / "toko_contoh-report.json").read_text("utf-8"))
    trust = [
        one for one in told["comparisons"]
        if one["of"] == "level:trust" and one["a"].startswith(("wave=", "mix="))
    ]  # fmt: skip
    assert trust
    for one in trust:
        assert one["difference"] is None
        assert one["p"] is None
        assert "not_comparable" in one["flags"]
    assert all("Older words" not in page for page in pages.values())
    words = Words("en", cx.load(folder, wave=FINISHED).context())
    assert words.name("item:tru_1") == "Older words"
