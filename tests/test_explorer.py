"""`survey.explore()`: what is told of a choice, what never is, and the report that it becomes."""

from __future__ import annotations

import itertools
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from quick_study import WAVES, lay_quick

import cxkit as cx
from cxkit.errors import StudyError, SurveyError
from cxkit.lab.choice import Choice, Choices
from cxkit.lab.explorer import Explorer
from cxkit.report import provenance
from cxkit.report.plan import planned

pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")

LINE = "# kept\nreports:   # in the order of the index\n  - {notebook: 'report'}  # all\n"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def demo() -> cx.Survey:
    return cx.load("demo")


@pytest.fixture
def explorer(demo: cx.Survey) -> Explorer:
    return demo.explore(language="en")


@pytest.fixture
def kedai(tmp_path: Path) -> Callable[..., cx.Survey]:
    """A study of its own: so many respondents a region and wave."""

    def laid(more: str = LINE, **regions: int) -> cx.Survey:
        folder = tmp_path / "kedai"
        sizes = regions or {"bali": 120, "java": 120}
        return cx.load(lay_quick(folder, more=more, regions=sizes, waves=WAVES[:2]))

    return laid


def words(html: str) -> str:
    """What is read of a piece of HTML, drawings by what they say."""
    text = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def pick(explorer: Explorer, **chosen: Any) -> None:
    """Choose as a hand does: the controls change, one after the other."""
    for key, value in chosen.items():
        if key in explorer.lists:
            explorer.lists[key].value = value
        else:
            for group, box in explorer.groups[key].items():
                box.value = group in value


def n_of(survey: cx.Survey, wave: str, **groups: list[str]) -> int:
    """How many rows of the answers there are, counted here."""
    frame = survey.frame
    rows = frame["wave"] == wave
    for key, own in groups.items():
        rows &= frame[f"segment:{key}"].isin(own)
    return int(rows.sum())


# -- what is told ----------------------------------------------------------------------------------


def test_it_opens_on_everybody_in_the_latest_wave(explorer: Explorer, demo: cx.Survey) -> None:
    assert repr(explorer) == "Explorer of toko_contoh: 2026H1, everybody, pyramid"
    n = n_of(demo, "2026H1")
    assert f"{n:,} respondents, effective base " in words(explorer.line.value)
    assert "All respondents" in words(explorer.line.value)
    assert "<svg" in explorer.view.value


def test_the_view_says_what_the_report_says_of_the_same_choice(
    explorer: Explorer, demo: cx.Survey
) -> None:
    """The sentence, its numbers and the figure's words, for each topic."""
    from cxkit.report.page import preview

    pick(explorer, region=("java",), wave="2025H2")
    chosen = cx.load("demo", wave="2025H2", group="region=java")
    sections = cx.sections(chosen, depth="full")
    brief = cx.sections(chosen, depth="brief")
    for topic, found in (
        ("pyramid", brief.pyramid), ("journey", sections.journey), ("links", sections.links)
    ):  # fmt: skip
        pick(explorer, topic=topic)
        assert words(explorer.view.value) == words(preview(found.to_dict(), "en")), topic


def test_the_base_follows_the_choice(explorer: Explorer, demo: cx.Survey) -> None:
    pick(explorer, region=("java", "sumatra"))
    n = n_of(demo, "2026H1", region=["java", "sumatra"])
    assert f"Java and Sumatra · {n} respondents, effective base" in words(explorer.line.value)
    pick(explorer, wave="2025H1")
    n = n_of(demo, "2025H1", region=["java", "sumatra"])
    assert f"{n} respondents" in words(explorer.line.value)


def test_without_a_tick_it_is_everybody_again(explorer: Explorer) -> None:
    before = explorer.line.value
    pick(explorer, region=("java", "sumatra"))
    assert explorer.choice.groups == (("region", ("java", "sumatra")),)
    pick(explorer, region=())
    assert explorer.choice.groups == ()
    assert explorer.line.value == before


def test_a_choice_is_computed_once(demo: cx.Survey) -> None:
    choices = Choices(demo)
    one = Choice("2026H1").with_groups("region", ["java"])
    assert choices.told(one, "pyramid") is choices.told(Choice("2026H1", one.groups), "pyramid")
    assert choices.told.cache_info().misses == 1


def test_words_change_with_the_language_and_the_choice_stays(explorer: Explorer) -> None:
    pick(explorer, region=("java",), topic="journey")
    before = explorer.choice
    english = explorer.lists["wave"].description
    pick(explorer, language="id")
    assert explorer.choice == before
    java = explorer.groups["region"]["java"]
    assert (java.value, java.description, java.tooltip) == (True, "Jawa", "Wilayah")
    assert (english, explorer.lists["wave"].description) == ("Wave", "Gelombang")
    assert "Jawa" in words(explorer.line.value)
    assert "basis efektif" in words(explorer.line.value)


def test_every_control_has_a_name_and_every_option_words(explorer: Explorer) -> None:
    for name, box in explorer.lists.items():
        assert box.description, name
        assert all(label for label, _ in box.options), name
    for boxes in explorer.groups.values():
        assert all(box.description and box.tooltip for box in boxes.values())
    assert explorer.make.description


def test_what_a_survey_is_filtered_by_is_fixed(demo: cx.Survey) -> None:
    java = demo.where(region="java", wave="2025H2").explore(language="en")
    assert "region" not in java.groups
    assert "wave" not in java.lists
    assert "Java" in words(java.line.value)


# -- what is never told ----------------------------------------------------------------------------


def test_too_few_are_hidden_with_their_base(kedai: Callable[..., cx.Survey]) -> None:
    survey = kedai(bali=120, java=120, papua=4, timor=60)
    explorer = survey.explore(language="en")
    pick(explorer, region=("papua",))
    assert "not shown" in words(explorer.view.value)
    assert "<svg" not in explorer.view.value
    assert not re.search(r"\d", words(explorer.view.value))
    assert "The base is not shown" in words(explorer.line.value)
    assert "respondents," not in words(explorer.line.value)


def test_a_base_too_small_to_be_precise_is_told_and_its_numbers_are_not(
    kedai: Callable[..., cx.Survey],
) -> None:
    explorer = kedai(bali=120, java=20).explore(language="en")
    pick(explorer, region=("java",))
    assert "20 respondents, effective base 20" in words(explorer.line.value)
    assert words(explorer.view.value).endswith("effective base 20, below the limit of 30.")


def test_nobody_is_said_to_be_nobody(kedai: Callable[..., cx.Survey]) -> None:
    survey = kedai(bali=120, java=120)
    frame = survey.frame
    frame.loc[frame["segment:region"] == "bali", "segment:channel"] = "web"
    explorer = cx.Survey.of(survey.study, frame).explore(language="en")
    pick(explorer, region=("bali",), channel=("email",))
    assert words(explorer.view.value) == "No respondent belongs to this choice."


def test_no_row_of_choices_leaves_over_anybody_who_is_hidden(
    kedai: Callable[..., cx.Survey],
) -> None:
    """Whatever sums and differences are taken of all that the explorer tells.

    A choice is a sum over cells of region by channel. That a small cell were known from choices
    that are told would mean that its unit vector lies in the span of theirs.
    """
    survey = kedai(bali=120, java=90, papua=7, timor=25, aceh=13)
    choices = Choices(survey)
    regions, channels = choices.segments["region"], choices.segments["channel"]
    cells = list(itertools.product(regions, channels))
    sizes = {(a, b): n_of(survey, WAVES[1], region=[a], channel=[b]) for a, b in cells}
    small = [cell for cell in cells if 0 < sizes[cell] < 10]
    told = []
    for own in itertools.product(subsets(regions), subsets(channels)):
        choice = Choice(WAVES[1])
        for segment, groups in zip(("region", "channel"), own, strict=True):
            choice = choice.with_groups(segment, groups)
        if choices.why_not(choice) in (None, "small"):
            a, b = (one or every for one, every in zip(own, (regions, channels), strict=True))
            told.append([float(x in a and y in b) for x, y in cells])
    assert small
    assert len(told) > 15
    assert any(3 < sum(one) < len(cells) for one in told)
    space = np.array(told).T
    secrets = [*map(cells.index, small)]
    for at in [*secrets, *(slice(2 * i, 2 * i + 2) for i, r in enumerate(regions) if r == "papua")]:
        unit = np.zeros(len(cells))
        unit[at] = 1.0
        found, *_ = np.linalg.lstsq(space, unit, rcond=None)
        assert np.abs(space @ found - unit).max() > 1e-6, cells[at]


def subsets(groups: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(len(groups) + 1):
        yield from itertools.combinations(groups, size)


def test_several_groups_are_told_where_each_of_them_is(kedai: Callable[..., cx.Survey]) -> None:
    """Everybody but the smallest is a sum of what is shown; with the smallest nothing is told."""
    choices = Choices(kedai(bali=120, java=90, papua=7, timor=25))
    of = Choice(WAVES[0]).with_groups
    assert choices.why_not(of("region", ["bali", "java"])) is None
    assert choices.why_not(of("region", ["bali", "papua"])) == "private"
    assert choices.why_not(of("region", ["bali", "java", "papua", "timor"])) == "private"
    assert choices.why_not(of("region", [])) is None


def test_a_table_by_groups_of_a_whole_shows_nothing(demo: cx.Survey) -> None:
    whole = demo.where(wave="2026H1", region="java").as_whole()
    shown = cx.estimate(whole, "nps", by="channel").published()
    assert {one.flags for one in shown} == {("hidden_privacy",)}
    assert not cx.estimate(whole, "nps").published()[0].is_hidden


def test_groups_cannot_be_chosen_where_it_is_not_known_what_is_private(demo: cx.Survey) -> None:
    """Of a part that was loaded alone, and of the members of a base."""
    for part in (cx.load("demo", group="region=java"), demo.where(buyers=True)):
        assert Choices(part).segments == {}


# -- busy, and in words where it fails -------------------------------------------------------------


def test_it_says_that_it_computes_until_it_has(explorer: Explorer) -> None:
    seen: list[str] = []
    explorer.line.observe(lambda change: seen.append(words(change.new)), "value")
    pick(explorer, region=("java",))
    assert seen[0] == "Computing."
    assert "respondents, effective base" in seen[-1]
    assert len(seen) == 2


def test_what_cannot_be_computed_is_said_inside(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise SurveyError("no <numbers>", expected="some", hint="look")

    monkeypatch.setattr(explorer.choices, "told", fails)
    pick(explorer, region=("java",))
    assert 'role="alert"' in explorer.view.value
    assert "no &lt;numbers&gt;" in explorer.view.value
    assert words(explorer.line.value) == ""


def test_a_slip_of_ours_is_said_and_not_swallowed(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer.choices, "told", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pick(explorer, region=("java",))
    assert "could not be made" in words(explorer.view.value)
    assert words(explorer.line.value) == ""


def test_without_ipywidgets_it_says_what_to_install(
    demo: cx.Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(StudyError, match=r"pip install 'cxkit\[lab\]'"):
        demo.explore()


def test_a_language_without_words_is_refused(demo: cx.Survey) -> None:
    with pytest.raises(StudyError, match="no words for the language 'xx'"):
        demo.explore(language="xx")


# -- as a report -----------------------------------------------------------------------------------


def test_a_choice_is_listed_in_the_study_file_and_batch_makes_it(
    kedai: Callable[..., cx.Survey],
) -> None:
    survey = kedai()
    file = survey.study.file
    before = file.read_text(encoding="utf-8")
    explorer = survey.explore(language="en")
    pick(explorer, wave=WAVES[0], region=("java",))
    explorer.make.click()
    added = f'  - {{notebook: report, parameters: {{wave: "{WAVES[0]}", group: "region=java"}}}}\n'
    assert file.read_text(encoding="utf-8") == before + added
    assert "added to study.yaml" in words(explorer.listed.value)
    assert f"cxkit batch {file.parent}" in words(explorer.listed.value)
    assert [one.stem for one in planned(file)] == [
        "kedai-report",
        f"kedai-report-region-java-{WAVES[0]}",
    ]
    assert planned(file).reports[1].why_not is None
    explorer.make.click()
    assert "already" in words(explorer.listed.value)
    assert file.read_text(encoding="utf-8") == before + added
    pick(explorer, region=())
    assert words(explorer.listed.value) == ""


@pytest.mark.parametrize(
    "listed",
    ["{by: [region, wave]}", "{by: wave, parameters: {group: region=java}}"],
)
def test_a_report_that_another_line_makes_is_not_listed_again(
    listed: str, kedai: Callable[..., cx.Survey]
) -> None:
    survey = kedai(more=f"reports: [{listed}]\n")
    before = survey.study.file.read_bytes()
    explorer = survey.explore(language="en")
    pick(explorer, region=("java",))
    explorer.make_report()
    assert "already" in words(explorer.listed.value)
    assert survey.study.file.read_bytes() == before


def test_the_demo_is_not_changed_and_a_command_is_told(explorer: Explorer, demo: cx.Survey) -> None:
    before = demo.study.file.read_bytes()
    pick(explorer, region=("java",), channel=("direct",))
    explorer.make_report()
    told = words(explorer.listed.value)
    assert "is not changed" in told
    assert "cxkit run demo -p wave=2026H1 -p 'group=region=java&channel=direct'" in told
    assert demo.study.file.read_bytes() == before


def test_what_no_report_can_be_about_is_said_and_nothing_is_written(
    kedai: Callable[..., cx.Survey], demo: cx.Survey
) -> None:
    survey = kedai(bali=120, java=120, papua=4, timor=60)
    before = survey.study.file.read_bytes()
    explorer = survey.explore(language="en")
    pick(explorer, region=("bali", "java"))
    explorer.make_report()
    assert "one group of each segment" in words(explorer.listed.value)
    pick(explorer, region=("papua",))
    explorer.make_report()
    assert "not shown" in words(explorer.listed.value)
    assert survey.study.file.read_bytes() == before
    narrowed = demo.where(buyers=True).explore(language="en")
    narrowed.make_report()
    assert "narrowed to" in words(narrowed.listed.value)


def test_a_study_file_that_is_broken_meanwhile_is_told_and_left(
    kedai: Callable[..., cx.Survey],
) -> None:
    survey = kedai()
    explorer = survey.explore(language="en")
    line = explorer.line.value
    survey.study.file.write_text("reports: [\n", encoding="utf-8")
    explorer.make_report()
    assert 'role="alert"' in explorer.listed.value
    assert survey.study.file.read_text(encoding="utf-8") == "reports: [\n"
    assert explorer.line.value == line
    assert "<svg" in explorer.view.value or "not" in words(explorer.view.value)


def test_a_fixed_group_that_is_not_there_is_refused_before_anything_runs(
    kedai: Callable[..., cx.Survey],
) -> None:
    survey = kedai(more="reports: [{notebook: report, parameters: {group: region=mars}}]\n")
    with pytest.raises(StudyError, match="the answers hold no 'mars'"):
        planned(survey.study)


@pytest.mark.parametrize("given", ["{depht: brief}", "{min_base: many}", "{study: demo}"])
def test_parameters_of_a_listed_report_are_those_of_its_notebook(
    given: str, kedai: Callable[..., cx.Survey]
) -> None:
    survey = kedai(more=f"reports: [{{notebook: report, parameters: {given}}}]\n")
    with pytest.raises(StudyError, match="parameter"):
        planned(survey.study)


def test_parameters_of_a_command_win_over_those_of_the_list(
    kedai: Callable[..., cx.Survey],
) -> None:
    survey = kedai(more="reports: [{notebook: report, parameters: {min_base: 40, wave: 2025H1}}]\n")
    (one,) = planned(survey.study, parameters={"min_base": "50"})
    assert one.job.parameters == {"wave": "2025H1", "min_base": 50}


# -- in notebooks that are kept --------------------------------------------------------------------


def test_a_kept_notebook_shows_the_view_and_names_no_widget(demo: cx.Survey) -> None:
    """Two runs leave the same bytes: what is drawn by chance lives as long as its kernel."""
    kept = []
    for _ in range(2):
        bundle = demo.explore()._repr_mimebundle_()
        assert bundle[WIDGET]["model_id"]
        output = nbformat.v4.new_output("execute_result", data=bundle, execution_count=1)
        nb = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("survey.explore()", outputs=[output], id="a")],
            metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {}}},
        )
        provenance.strip(nb, "name")
        kept.append(nbformat.writes(nb))
    assert kept[0] == kept[1]
    assert "widget" not in kept[0]
    assert "<svg" in kept[0]


def test_a_study_without_segments_and_frameworks_can_be_looked_at(tmp_path: Path) -> None:
    folder = lay_quick(tmp_path / "kedai", more="", regions={"bali": 60}, waves=WAVES[:1])
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    lines = [one for one in text.splitlines() if not one.startswith(("segments:", "wave:"))]
    (folder / "study.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.rmtree(folder / ".cxkit", ignore_errors=True)
    explorer = cx.load(folder).explore(language="en")
    assert (set(explorer.lists), explorer.groups) == ({"topic", "language"}, {})
    for topic in ("pyramid", "journey", "links"):
        pick(explorer, topic=topic)
        assert "not measured" in words(explorer.view.value), topic
    explorer.make_report()
    assert "already" in words(explorer.listed.value)
