"""What one notebook is handed: a wave and a group, with all that it has to know of the others."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxkit as cx
from cxkit.analysis import composition, response
from cxkit.analysis.links import links
from cxkit.analysis.multiverse import multiverse
from cxkit.analysis.order import orders
from cxkit.analysis.sight import sight
from cxkit.analysis.together import overall_change
from cxkit.answers import cache
from cxkit.answers import slices as of_slices
from cxkit.answers.answered import answered
from cxkit.answers.cache import SNAPSHOT, prepared, ready, snapshot
from cxkit.answers.group_text import group_text, read_group
from cxkit.answers.slices import slices
from cxkit.errors import StudyError, SurveyError
from cxkit.places import find_study
from cxkit.study import read_study
from cxkit.weights import Design, Unseen, moment, resampled_totals, variance

Row = dict[str, str]

FIRST, SECOND, LAST = "2025H1", "2025H2", "2026H1"
SECTIONS = ("who_answered", "scorecard", "change", "groups", "data_quality", "pyramid", "journey")


# -- studies -------------------------------------------------------------------------------------


def demo_rows() -> list[Row]:
    """Every second respondent of the demo."""
    with (find_study("demo").parent / "answers.csv").open(encoding="utf-8") as source:
        return list(csv.DictReader(source))[::2]


def lay(
    folder: Path, rows: list[Row], *, more: str = "", weight: bool = True, decisions: str = ""
) -> Path:
    """The demo's study over these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    text = find_study("demo").read_text(encoding="utf-8").replace("toko_contoh", "uji_coba")
    if not weight:
        text = "\n".join(line for line in text.splitlines() if not line.startswith("weight:"))
    if decisions:
        (folder / "exclusions.csv").write_text(
            "respondent,wave,rule,decision,why\n" + decisions, encoding="utf-8"
        )
        more += "exclusions: exclusions.csv\n"
    (folder / "study.yaml").write_text(f"{text}\n{more}", encoding="utf-8")
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as sink:
        table = csv.DictWriter(sink, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    _code(folder, {(row["respondent_id"], row["wave"]) for row in rows})
    return folder


def _code(folder: Path, rows: set[tuple[str, str]]) -> None:
    """The demo's coded comments of these respondents in these waves."""
    with (find_study("demo").parent / "coding.csv").open(encoding="utf-8-sig", newline="") as file:
        said = csv.DictReader(file)
        coded = [one for one in said if (one["respondent"], one["wave"]) in rows]
    with (folder / "coding.csv").open("w", encoding="utf-8", newline="") as sink:
        table = csv.DictWriter(sink, said.fieldnames or ())
        table.writeheader()
        table.writerows(coded)


def thinned(rows: list[Row]) -> list[Row]:
    """Without `other` in the second wave, and with seven of `sulawesi` in it."""
    left = 7
    kept = []
    for row in rows:
        if row["wave"] == SECOND and row["region"] == "other":
            continue
        if row["wave"] == SECOND and row["region"] == "sulawesi":
            left -= 1
            if left < 0:
                continue
        kept.append(row)
    return kept


def coming_back(rows: list[Row]) -> list[Row]:
    """With a third of each wave's respondents coming back, some of them in another region."""
    rng, by_wave = random.Random(4), {}
    for row in rows:
        by_wave.setdefault(row["wave"], []).append(row)
    for before, now in itertools.pairwise(sorted(by_wave)):
        again = rng.sample(by_wave[before], len(by_wave[before]) // 3)
        for old, row in zip(again, by_wave[now], strict=False):
            row["respondent_id"] = old["respondent_id"]
    return rows


def decided(rows: list[Row]) -> str:
    """Decisions on some respondents of the later waves."""
    words = itertools.cycle(("exclude", "exclude", "keep"))
    own = [row for row in rows if row["wave"] != FIRST][::11]
    return "".join(
        f"{row['respondent_id']},{row['wave']},fast,{word},looked at\n"
        for row, word in zip(own, words, strict=False)
    )


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Studies whose numbers rest on more than the group's own answers."""
    place = tmp_path_factory.mktemp("hard")
    rng = random.Random(3)
    again = coming_back(thinned(demo_rows()))
    clustered = coming_back(thinned(demo_rows()))
    for row in clustered:
        row["stratum"], row["area"] = f"s{len(row['region']) % 3}", str(rng.randint(0, 25))
    strata = thinned(demo_rows())
    for row in strata:
        row["stratum"] = f"s{len(row['region']) % 3}"
    sizes = "{s0: 900, s1: 2000, s2: 5000}"
    return {
        "panel": lay(place / "panel", again, decisions=decided(again)),
        "clusters": lay(
            place / "clusters", clustered, more="strata: stratum\ncluster: area\n", weight=False,
            decisions=decided(clustered),
        ),
        "strata": lay(place / "strata", strata, more=f"strata: stratum\npopulation: {sizes}\n"),
    }  # fmt: skip


# -- the text of a group -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ({"region": "java"}, "region=java"),
        ({"region": "java", "channel": "email"}, "region=java&channel=email"),
        ({"toko": "A&B 50%"}, "toko=A%26B 50%25"),
        ({"toko": "%26", "a=b": "c=d"}, "toko=%2526&a%3Db=c=d"),
        ({}, ""),
    ],
)
def test_a_group_is_read_back_from_its_text(group: dict[str, str], text: str) -> None:
    assert group_text(group) == text
    assert read_group(text) == group


@pytest.mark.parametrize("text", ["java", "region=", "=java", "region=a&region=b", "wave=2026H1"])
def test_a_text_that_names_no_group_is_refused(text: str) -> None:
    with pytest.raises(StudyError, match=r"group|region"):
        read_group(text)


# -- the same as where() -------------------------------------------------------------------------


def findings(survey: cx.Survey, section: str) -> Any:
    """A section as the page is handed it, without the digests of the inputs."""
    made = getattr(cx, section).findings(survey)._repr_mimebundle_()
    (plain,) = [one for key, one in made.items() if key.startswith("application/")]
    text = json.dumps(plain, sort_keys=True, default=str)
    found = json.loads(text)
    for one in (found, *found.get("findings", ())):
        one.get("context", {}).pop("inputs", None)
    assert len(text) > 1000
    return found


def unlike(a: Any, b: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two plain values differ; numbers by more than rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in {*a, *b}:
            yield from unlike(a.get(key, ...), b.get(key, ...), f"{path}/{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for at, pair in enumerate(zip(a, b, strict=True)):
            yield from unlike(*pair, f"{path}[{at}]")
    elif isinstance(a, float) and isinstance(b, float):
        if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9):
            yield path, a, b
    elif a != b:
        yield path, a, b


def chosen(whole: cx.Survey, wave: str | None, group: dict[str, str]) -> cx.Survey:
    found = whole.where(**group)
    return found if wave is None else found.where(wave=wave)


def assert_alike(study: str | Path, wave: str | None, text: str) -> None:
    """A slice says what the same choice of the whole says, in every section."""
    one, whole = cx.load(study, wave=wave, group=text), cx.load(study)
    two = chosen(whole, wave, read_group(text))
    for name in ("filters", "warnings", "n", "waves", "wave", "all_waves", "has_weight"):
        assert getattr(one, name) == getattr(two, name), name
    assert repr(one) == repr(two)
    assert one._repr_html_() == two._repr_html_()
    assert one.study.model_dump_json() == two.study.model_dump_json()
    own = list(two.frame)
    pd.testing.assert_frame_equal(
        one.frame[one.mask][own].reset_index(drop=True), two.frame[two.mask].reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(one.flag_rules, two.flag_rules)
    pd.testing.assert_frame_equal(one.exclusions, two.exclusions)
    assert one.responses.n == two.responses.n
    assert (one.with_excluded is None) == (two.with_excluded is None)
    contexts = [survey.latest.context() for survey in (one, two)]
    assert not list(unlike(*(json.loads(json.dumps(c | {"inputs": 0})) for c in contexts)))
    assert (one.previous is None) == (two.previous is None)
    if two.previous is not None:
        assert one.previous.n == two.previous.n
    for section in SECTIONS:
        made = [findings(survey, section) for survey in (one, two)]
        assert not list(unlike(*made)), section


@pytest.mark.parametrize(
    ("wave", "text"),
    [(LAST, "region=java"), (SECOND, "region=kalimantan&age=a18_29"), (None, "channel=email")],
)
def test_a_slice_says_what_the_same_choice_of_everybody_says(wave: str | None, text: str) -> None:
    assert_alike("demo", wave, text)


@pytest.mark.parametrize("kind", ["panel", "clusters", "strata"])
def test_a_slice_knows_how_everybody_was_drawn(hard: dict[str, Path], kind: str) -> None:
    """Who comes back in another group, whole clusters, strata and decisions change no number."""
    assert_alike(hard[kind], LAST, "region=sumatra")


@pytest.mark.parametrize(("wave", "region"), [(SECOND, "other"), (LAST, "sulawesi")])
def test_a_wave_in_which_nobody_of_the_group_answered(
    hard: dict[str, Path], wave: str, region: str
) -> None:
    assert_alike(hard["panel"], wave, f"region={region}")
    if region == "other":
        assert cx.load(hard["panel"], wave=wave, group="region=other").n == 0


def test_a_slice_holds_the_answers_of_its_group_alone(hard: dict[str, Path]) -> None:
    for study, text in (("demo", "region=java"), (hard["panel"], "region=sumatra")):
        held = cx.load(study, wave=SECOND, group=text).responses.frame
        told = held["segment:region"].dropna()
        assert set(told) == {text.partition("=")[2]}
        assert held["wave"].max() == SECOND
        other = held[held["segment:region"].isna()]
        assert other.filter(regex="^(item|outcome|rating|segment|comment):").isna().all(axis=None)
        assert (len(other) > 0) == (study != "demo")


@pytest.mark.parametrize(
    ("wave", "group"),
    [
        (None, {"region": "jawa"}),
        (None, {"regoin": "java"}),
        (None, {"buyers": "yes"}),
        ("2026H2", {"region": "java"}),
    ],
)
def test_what_is_unknown_is_told_as_where_tells_it(wave: str | None, group: dict[str, str]) -> None:
    with pytest.raises(SurveyError) as expected:
        chosen(cx.load("demo"), wave, group)
    with pytest.raises(SurveyError) as told:
        cx.load("demo", wave=wave, group=group_text(group))
    assert str(told.value) == str(expected.value)


def test_rows_are_read_from_many_pieces_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_ROWS_AT_ONCE", 50)
    folder = lay(tmp_path, demo_rows())
    whole = cx.load(folder).where(region="sulawesi")
    one = cx.load(folder, group="region=sulawesi")
    expected = whole.frame[whole.mask].reset_index(drop=True)
    pd.testing.assert_frame_equal(one.frame, expected)


# -- the arithmetic of what is not at hand -------------------------------------------------------


def test_a_domain_is_the_same_with_the_other_rows_as_counts(rng: np.random.Generator) -> None:
    n = 300
    weight, values = rng.uniform(0.5, 2, n), rng.integers(0, 11, n).astype(float)
    strata = np.array(["a", "b", "c"])[rng.integers(0, 3, n)]
    own = (rng.random(n) < 0.3) & (strata != "c")
    whole = Design(weight, strata, population={"a": 500, "b": 700, "c": 900})
    counts = {(key,): int((~own & (strata == key)).sum()) for key in "abc"}
    unseen = Unseen(counts, int((~own).sum()), weight.min(), weight.max())
    part = Design(weight[own], strata[own], None, whole.population, None, unseen)
    expected = moment(np.where(own, values, np.nan), whole)
    made = moment(values[own], part)
    for name in ("estimate", "n", "n_eff", "spread", "variance", "n_design", "df"):
        assert getattr(made, name) == pytest.approx(getattr(expected, name), rel=1e-12), name
    assert variance(made.influence, part) == pytest.approx(expected.variance, rel=1e-12)
    parts = (np.where(own, weight * values, 0.0))[:, None]
    drawn = resampled_totals(parts, whole, n_resamples=50, seed=1)
    again = resampled_totals(parts[own], part, n_resamples=50, seed=1)
    np.testing.assert_allclose(again, drawn, rtol=1e-12)


def test_units_that_come_back_are_linked_though_they_are_not_at_hand(
    rng: np.random.Generator,
) -> None:
    units = np.array([f"r{at}" for at in range(60)] * 2)
    wave = np.repeat(["w1", "w2"], 60)
    values, own = rng.normal(size=120), np.tile(np.arange(60) < 25, 2)
    whole = Design(np.ones(120), wave, panel=units)
    part = Design(
        np.ones(50), wave[own], None, None, units[own], Unseen({("w1", "w2"): 35}, 70, 1, 1)
    )
    influence = np.where(own, values, 0.0)
    assert part.df == whole.df
    assert variance(influence[own], part) == pytest.approx(variance(influence, whole), rel=1e-12)


# -- digests -------------------------------------------------------------------------------------


def planned(study: Path, by: list[str]) -> dict[tuple[str | None, str], Any]:
    return {(one.wave, group_text(one.group)): one for one in slices(read_study(study), by)}


@pytest.mark.parametrize(
    "by", [[], ["wave"], ["region"], ["region", "wave"], ["wave", "age", "region"]]
)
def test_a_plan_states_the_inputs_that_the_page_states(by: list[str]) -> None:
    found = slices(read_study("demo"), by)
    for one in found[:: max(len(found) // 6, 1)]:
        survey = cx.load("demo", wave=one.wave, group=group_text(one.group) or None)
        assert dict(one.inputs) == survey.latest.context()["inputs"]
        assert one.n == survey.latest.n


@pytest.mark.parametrize("kind", ["panel", "clusters"])
def test_a_plan_of_a_harder_study_states_the_same_inputs(hard: dict[str, Path], kind: str) -> None:
    found = slices(read_study(hard[kind]), ["region", "wave"])
    assert [one.why_not for one in found].count("nobody") == 1
    for one in found:
        survey = cx.load(hard[kind], wave=one.wave, group=group_text(one.group))
        assert dict(one.inputs) == survey.latest.context()["inputs"], one


def test_a_plan_is_in_the_order_of_the_study() -> None:
    regions = ["java", "sumatra", "kalimantan", "sulawesi", "other"]
    waves = [FIRST, SECOND, LAST]
    by_region = slices(read_study("demo"), ["region", "wave"])
    assert [(one.group["region"], one.wave) for one in by_region] == [
        *itertools.product(regions, waves)
    ]
    by_wave = slices(read_study("demo"), ["wave", "region"])
    assert [(one.wave, one.group["region"]) for one in by_wave] == [
        *itertools.product(waves, regions)
    ]
    with pytest.raises(StudyError, match="regoin"):
        slices(read_study("demo"), ["regoin"])


def changed(before: dict, after: dict) -> set[tuple[str | None, str]]:
    return {key for key, one in before.items() if dict(one.inputs) != dict(after[key].inputs)}


def test_a_corrected_answer_changes_what_rests_on_it_and_nothing_else(tmp_path: Path) -> None:
    rows = demo_rows()
    place = next(at for at, row in enumerate(rows) if row["wave"] == SECOND and row["ful_1"] == "4")
    before, all_before = (
        planned(lay(tmp_path / "a", rows), by) for by in (["region", "wave"], ["wave"])
    )
    rows[place]["ful_1"] = "2"
    after, all_after = (
        planned(lay(tmp_path / "b", rows), by) for by in (["region", "wave"], ["wave"])
    )
    text = f"region={rows[place]['region']}"
    assert changed(before, after) == {(SECOND, text), (LAST, text)}
    assert changed(all_before, all_after) == {(SECOND, ""), (LAST, "")}


def test_a_wave_that_is_appended_changes_no_finished_one(tmp_path: Path) -> None:
    rows = coming_back(demo_rows())
    earlier = [row for row in rows if row["wave"] != LAST]
    before = planned(lay(tmp_path / "a", earlier), ["region", "wave"])
    after = planned(lay(tmp_path / "b", rows), ["region", "wave"])
    lines = [(tmp_path / at / "coding.csv").read_text("utf-8").count("\n") for at in "ab"]
    assert lines[0] == 1 < lines[1], "comments are coded of the wave that is appended alone"
    assert len(after) == len(before) * 3 // 2
    assert not changed(before, after)


def test_a_decision_to_keep_is_part_of_what_a_page_rests_on(tmp_path: Path) -> None:
    rows = demo_rows()
    who = next(row for row in rows if row["wave"] == LAST and row["region"] == "java")
    line = f"{who['respondent_id']},{LAST},fast,keep,"
    before = planned(lay(tmp_path / "a", rows, decisions=line + "asked\n"), ["region", "wave"])
    after = planned(lay(tmp_path / "b", rows, decisions=line + "asked again\n"), ["region", "wave"])
    assert changed(before, after) == {(LAST, "region=java")}


def test_a_part_is_not_told_how_many_each_rule_flags_in_all() -> None:
    whole, part = cx.load("demo"), cx.load("demo", group="region=java")
    assert part.flag_rules["n_flagged"].isna().all()
    assert whole.flag_rules["n_flagged"].sum() > 0
    told = ["wave", "rule", "threshold", "n", "why_not"]
    pd.testing.assert_frame_equal(part.flag_rules[told], whole.flag_rules[told])


def test_what_slices_share_is_made_once_a_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    """120 slices of three waves ask three times what the study says, and once who is private."""
    asked: dict[str, int] = {"study": 0, "private": 0}

    def counted(name: str, made: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            asked[name] += 1
            return made(*arguments, **named)

        return call

    monkeypatch.setattr(of_slices, "study_inputs", counted("study", of_slices.study_inputs))
    of_frame = counted("private", of_slices.PrivateGroups.of_frame)
    monkeypatch.setattr(of_slices.PrivateGroups, "of_frame", of_frame)
    study = read_study("demo")
    made = dataclasses.replace(prepared(study), file=None)
    assert len(slices(study, ["region", "channel", "wave"], made=made)) == 120
    assert asked == {"study": 3, "private": 1}


# -- privacy -------------------------------------------------------------------------------------

LIMIT = 40
Printed = Callable[[cx.Survey, str | None], dict[str | None, float]]


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("private")
    return lay(place, thinned(demo_rows()), more=f"privacy: {{min_n: {LIMIT}}}\n")


def printed(survey: cx.Survey, segment: str | None) -> dict[str | None, float]:
    """The bases that a page prints of a segment's groups, of those that it does."""
    if segment is None:
        return {None: survey.n}
    context = survey.context()
    made = composition.respondents(survey, segment)
    shown = type(made)(made, context=context).published(min_base=0, warn_base=0)
    return {next(iter(one.by.values()), None): one.n for one in shown if not one.is_hidden}


def segments_of(survey: cx.Survey) -> list[str]:
    return [key for key in survey.study.segment_keys if len(survey.groups(key)) > 1]


def test_nobody_can_be_found_by_laying_the_pages_of_a_batch_side_by_side(private: Path) -> None:
    """What all pages print, as linear equations: no group under the limit is a solution of them."""
    whole = cx.load(private)
    for by, wave in itertools.product(("region", "channel"), (FIRST, SECOND, LAST)):
        found = {
            one.group[by]: cx.load(private, wave=wave, group=group_text(one.group))
            for one in slices(read_study(private), [by, "wave"])
            if one.wave == wave and one.why_not is None
        }
        everybody = whole.where(wave=wave)
        for other in segments_of(everybody):
            if other != by:
                _assert_unknown(everybody, found, by, other, printed)


def answers_printed(metric: str, of: str) -> Printed:
    """What a page prints of a measure: the bases of its groups, or under None of all in hand."""

    def bases(survey: cx.Survey, segment: str | None) -> dict[str | None, float]:
        made = cx.estimate(survey.latest, metric, of=of, by=segment)
        shown = made.published(min_base=0, warn_base=0)
        return {next(iter(one.by.values()), None): one.n for one in shown if not one.is_hidden}

    return bases


def silenced(rows: list[Row]) -> list[Row]:
    """Of `sumatra` eight told in the first wave whether they recommend; others often skip it."""
    left, kept = 8, []
    for place, row in enumerate(rows):
        is_named = row["wave"] == FIRST and row["region"] == "sumatra"
        left -= is_named
        if (is_named and left < 0) or (not is_named and place % 3 == 0):
            row = row | {"out_recommend": ""}
        kept.append(row)
    return kept


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("silent")
    return lay(place, silenced(demo_rows()), more=f"privacy: {{min_n: {LIMIT}}}\n")


def test_few_answers_to_a_question_cannot_be_found_over_the_pages_of_a_batch(silent: Path) -> None:
    """Sumatra is large, and its page is made; who of it recommends is told by no other page."""
    whole = cx.load(silent).where(wave=FIRST)
    found = {
        one.group["region"]: cx.load(silent, wave=FIRST, group=group_text(one.group))
        for one in slices(read_study(silent), ["region", "wave"])
        if one.wave == FIRST and one.why_not is None
    }
    for metric, of in (("nps", "outcome:recommend"), ("score_100", "level:trust")):
        bases = answers_printed(metric, of)
        told = {region for region, page in found.items() if None in bases(page, None)}
        if metric == "nps":
            assert {"sumatra"} < set(found) - told, "a second region keeps the eight unknown"
        assert told
        for other in segments_of(whole):
            if other not in ("region", "furthest_stage"):  # no NPS of how far people came
                _assert_unknown(whole, found, "region", other, bases, of)


def test_what_is_kept_of_private_groups_is_what_is_found_without(silent: Path) -> None:
    """The file beside the prepared answers says what there would be without it, and is mended."""
    group = "region=sumatra"
    first = cx.load(silent, wave=FIRST, group=group).context()["private"]
    (cache,) = {file.parent for file in silent.rglob("*.private")}
    assert any(of == "outcome:recommend" for *_, of in first)
    for spoil in ("unlink", "cut"):
        for file in cache.glob("*.private"):
            if spoil == "unlink":
                file.unlink()
            else:
                file.write_text(file.read_text(encoding="utf-8")[:-9], encoding="utf-8")
        assert cx.load(silent, wave=FIRST, group=group).context()["private"] == first


def _assert_unknown(
    whole: cx.Survey,
    pages: dict[str, cx.Survey],
    by: str,
    other: str,
    bases: Printed,
    of: str | None = None,
) -> None:
    """No small group follows from what is printed; people of no group are in no table."""
    rows = whole.mask if of is None else whole.mask & answered(whole.study, whole.frame)[of]
    own = whole.frame[rows][[f"segment:{by}", f"segment:{other}"]].fillna("-")
    sizes = own.value_counts()
    cells = list(sizes.index)
    told = [cells, *([c for c in cells if c[0] == one] for one in bases(whole, by))]
    told += [[c for c in cells if c[1] == one] for one in bases(whole, other)]
    for group, page in pages.items():
        told += [[c for c in cells if c[0] == group]] if None in bases(page, None) else []
        told += [[(group, one)] for one in bases(page, other)]
    _, lengths, axes = np.linalg.svd(np.array([[c in one for c in cells] for one in told], float))
    free = axes[int((lengths > 1e-9).sum()) :]
    wanted = [[cell] for cell in cells if "-" not in cell]
    for place in (0, 1):
        groups = {cell[place] for cell in cells} - {"-"}
        wanted += [[c for c in cells if c[place] == group] for group in groups]
    for members in wanted:
        if sum(sizes[cell] for cell in members) < LIMIT:
            unit = np.array([float(cell in members) for cell in cells])
            assert np.abs(free @ unit).max(initial=0) > 1e-9, (by, other, members)


def test_a_group_that_others_would_tell_of_is_left_out_too(private: Path) -> None:
    found = {
        one.group["region"]: one
        for one in slices(read_study(private), ["region", "wave"])
        if one.wave == SECOND
    }
    assert found["other"].why_not == "nobody"
    assert found["sulawesi"].why_not == "privacy"
    assert 0 < found["sulawesi"].n < LIMIT
    beside = [key for key, one in found.items() if one.why_not == "privacy" and one.n >= LIMIT]
    assert beside, "one region stays hidden so that nobody finds the seven"
    assert found["java"].why_not is None


def test_a_later_page_hides_the_wave_in_which_its_group_was_private(private: Path) -> None:
    found = slices(read_study(private), ["region", "wave"])
    hidden = [
        one.group["region"]
        for one in found
        if one.wave == SECOND and one.why_not == "privacy"
        and any(x.why_not is None and x.wave == LAST and x.group == one.group for x in found)
    ]  # fmt: skip
    assert hidden
    for region in hidden:
        survey = cx.load(private, wave=LAST, group=f"region={region}")
        context = survey.context()
        assert [SECOND, None, None, None] in context["private"]
        for section in ("who_answered", "scorecard", "change", "pyramid"):
            for one in findings(survey, section)["findings"]:
                records = one.get("records", {})
                for row in records.get("estimates", []):
                    if row.get("wave") == SECOND:
                        assert row.get("n") is None
                        assert row.get("estimate") is None
                        assert row["flags"] == ["hidden_privacy"]
                for row in records.get("comparisons", []):
                    if SECOND in f"{row['a']} {row['b']} {row.get('wave')}":
                        assert row.get("difference") is None
                        assert row.get("n_a") is None
                        assert row.get("n_b") is None
        three = cx.estimate(survey.so_far(), "nps", by="wave").published(min_base=0)
        assert [math.isnan(one.n) for one in three] == [False, True, False]


# -- snapshots -----------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return lay(tmp_path / "uji", demo_rows())


def test_a_snapshot_is_read_without_looking_at_the_answers(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_study(study)
    made = prepared(read)
    file = snapshot(read, prepared(read), tmp_path / "handed")
    assert file == (study / ".cxkit" / file.name)
    monkeypatch.setenv(SNAPSHOT, str(file))
    monkeypatch.setattr(cache, "_inputs", lambda study: pytest.fail("the inputs were read"))
    assert ready(read, tmp_path / "unused") == file.absolute()
    pd.testing.assert_frame_equal(cx.load(study).frame, made.frame)
    assert cx.load(study, min_base=50, group="region=java").study.min_base == 50


def test_a_snapshot_of_something_else_is_not_read(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = lay(tmp_path / "other", demo_rows()[:600])
    read = read_study(other)
    monkeypatch.setenv(SNAPSHOT, str(snapshot(read, prepared(read), tmp_path)))
    assert cx.load(study).n == len(demo_rows())
    text = (other / "study.yaml").read_text(encoding="utf-8")
    (other / "study.yaml").write_text(text.replace("ci_level: 0.95", "ci_level: 0.9"))
    seen = []
    inputs = cache._inputs
    monkeypatch.setattr(cache, "_inputs", lambda study: seen.append(study) or inputs(study))
    assert cx.load(other).n == 600
    assert seen
    monkeypatch.setenv(SNAPSHOT, str(tmp_path / "nothing.parquet"))
    assert cx.load(other).n == 600


def test_a_study_that_keeps_no_file_is_handed_in_one_that_others_cannot_read(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (study / ".cxkit").write_text("in the way", encoding="utf-8")
    read = read_study(study)
    made = prepared(read)
    assert made.file is None
    file = snapshot(read, made, tmp_path / "handed")
    assert file.parent == tmp_path / "handed"
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    expected = cx.load(study, wave=LAST, group="region=java")
    monkeypatch.setenv(SNAPSHOT, str(file))
    monkeypatch.setattr(cache, "_inputs", lambda study: pytest.fail("the inputs were read"))
    handed = cx.load(study, wave=LAST, group="region=java")
    pd.testing.assert_frame_equal(handed.frame, expected.frame)
    assert handed.context() == expected.context()


def test_two_processes_may_prepare_a_study_at_the_same_moment(study: Path) -> None:
    code = "import sys, cxkit as cx; print(cx.load(sys.argv[1]).n)"
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(study)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    told = [one.communicate(timeout=120)[0].decode().strip() for one in started]
    assert told == [str(len(demo_rows()))] * 2
    assert [one.suffix for one in (study / ".cxkit").iterdir()] == [".parquet"]


def test_what_a_process_that_was_killed_left_is_swept(study: Path) -> None:
    (study / ".cxkit").mkdir()
    gone = subprocess.run(
        [sys.executable, "-c", "from cxkit.files import owner; print(owner())"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (study / ".cxkit" / f"{gone}-x.parquet.part").write_bytes(b"half")
    cx.load(study)
    assert [one.suffix for one in (study / ".cxkit").iterdir()] == [".parquet"]


def test_a_group_that_the_study_lists_and_nobody_belongs_to_is_told(tmp_path: Path) -> None:
    rows = [row for row in demo_rows() if row["region"] != "kalimantan"]
    read = read_study(lay(tmp_path / "uji", rows))
    told = {one.group["region"]: (one.n, one.why_not) for one in slices(read, ["region"])}
    assert list(told) == ["java", "sumatra", "sulawesi", "other", "kalimantan"]
    assert told.pop("kalimantan") == (0, "nobody")
    assert all(n > 0 and why is None for n, why in told.values())
    assert not [one for one in slices(read, ["region", "age"]) if one.n == 0]


# -- what is made of several measures, of which one is private ------------------------------------


def few_of(rows: list[Row], region: str, column: str, n: int) -> list[Row]:
    """Of a region's first wave `n` answered a question."""
    kept = []
    for row in rows:
        if row["wave"] == FIRST and row["region"] == region and row[column].isdigit():
            n -= 1
            row = row if n >= 0 else row | {column: ""}
        kept.append(row)
    return kept


def hidden_of(study: Path, of: str) -> set[str]:
    """The regions whose page of the first wave may not tell a measure."""
    regions = cx.load(study).where(wave=FIRST).groups("region")
    pages = {one: cx.load(study, wave=FIRST, group=f"region={one}").context() for one in regions}
    told = {one: page.get("private", ()) for one, page in pages.items()}
    return {one for one, own in told.items() if [FIRST, None, None, of] in own}


def test_nothing_made_of_a_private_outcome_is_told(tmp_path: Path) -> None:
    """Kept unknown for the sake of another region, it is large: only privacy hides it."""
    rows = few_of(demo_rows(), "other", "out_recommend", 8)
    study = lay(tmp_path, rows)
    (beside,) = hidden_of(study, "outcome:recommend") - {"other"}
    page = cx.load(study, wave=FIRST, group=f"region={beside}")
    assert page.n > 50
    found, _ = multiverse(page)
    assert not {"F04", "F17", "F20"} & {one.key for one in found}
    assert not [one.of for one in sight(page) if "recommend" in one.of]
    assert links(page).why == "private"
    assert links(page).n != links(page).n
    assert not [one for one in links(page).shares.published() if not one.is_hidden]
    changed = overall_change(page, [("nps", "outcome:recommend"), ("csat", "outcome:satisfaction")])
    assert "recommend" not in changed.of
    missing = response.missing(page).published(min_base=0, warn_base=0)
    own = [one for one in missing if one.of == "outcome:recommend"]
    assert own
    assert not [one for one in own if one.by or not one.is_hidden]


def test_a_level_does_not_tell_its_private_item(tmp_path: Path) -> None:
    """Twice a level less the one item is the other: with that, the level is private too."""
    study = lay(tmp_path, few_of(demo_rows(), "other", "tru_1", 8))
    of_item = hidden_of(study, "item:tru_1")
    assert len(of_item) > 1
    assert of_item <= hidden_of(study, "level:trust")
    assert not of_item & hidden_of(study, "item:tru_2")
    page = cx.load(study, wave=FIRST, group="region=other")
    assert not [one for one in orders(page) if one.met is not None and len(one.met)]
    assert "level:trust" not in links(page).levels


def test_a_level_rests_on_those_who_have_every_level(tmp_path: Path) -> None:
    """Many have each level, and few all: whom the pages leave out of each is one number."""
    rows, own = [], itertools.count()
    for row in demo_rows():
        if row["wave"] == FIRST and row["region"] == "other" and row["scr_bought"] == "yes":
            place = next(own)
            gone = () if place < 8 else (("tru_1", "tru_2"), ("emo_1", "emo_2"))[place % 2]
            row = row | dict.fromkeys(gone, "")
        rows.append(row)
    assert next(own) > 30
    study = lay(tmp_path, rows)
    assert len(hidden_of(study, "level:trust")) > 1
    assert "other" in hidden_of(study, "level:trust")


def test_what_is_kept_is_read_by_nobody_who_cannot_read_the_answers(tmp_path: Path) -> None:
    study = lay(tmp_path, thinned(demo_rows()))
    (study / "answers.csv").chmod(0o600)
    cx.load(study, wave=FIRST, group="region=java").context()
    kept = [file for file in (study / ".cxkit").iterdir() if file.is_file()]
    assert {file.suffix for file in kept} == {".parquet", ".private"}
    assert {file.stat().st_mode & 0o077 for file in kept} == {0}
