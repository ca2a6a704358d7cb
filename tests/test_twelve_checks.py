"""What an insights manager asks of a report before it goes on: twelve checks, on whole pages.

On the demo, and on real studies where their data lie beside the project. A page is read as it
was written to disk (`read_report`), bases and earlier figures are counted anew from the answers.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from read_report import Number, Page, numbers
from real_studies import STUDIES
from ruamel.yaml import YAML

import cxkit as cx
from cxkit.places import shared

pytestmark = pytest.mark.slow

DEMO = shared("data/demo")
REAL = ("mobi", "satisfaction", "airline", "sfo")
LANGUAGES = ("id", "en")
NOW, BEFORE = "2026H1", "2025H2"


class Report:
    """A study's report: its pages, its JSON, and what its study file says."""

    def __init__(self, folder: Path, study: Path) -> None:
        self.pages = {key: Page(next(folder.glob(f"*.{key}.html"))) for key in LANGUAGES}
        self.json = json.loads(next(folder.glob("*.json")).read_text(encoding="utf-8"))
        self.study = YAML(typ="safe").load(study / "study.yaml")


@pytest.fixture(scope="module")
def demo(demo_report: Path) -> Report:
    return Report(demo_report, DEMO)


@pytest.fixture(scope="module", params=("demo", *REAL))
def report(request: pytest.FixtureRequest) -> Report:
    if request.param == "demo":
        return request.getfixturevalue("demo")
    made = request.getfixturevalue("real_report")(request.param)
    return Report(made.folder, STUDIES / request.param)


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, report: Report) -> Page:
    return report.pages[request.param]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """The demo's answers as they lie in their file, every cell a text."""
    return pd.read_csv(DEMO / "answers.csv", dtype=str, keep_default_na=False)


# -- 1. the summary alone -------------------------------------------------------------------------

WITHOUT_NUMBER = {
    "en": "not measured|cannot be told apart|not clear|not analysed|cannot be computed"
    "|no earlier wave|first wave|explain only|not shown|almost one",
    "id": "tidak diukur|tidak bisa dibedakan|belum jelas|belum dianalisis|tidak bisa dihitung"
    "|gelombang pertama|hanya menjelaskan|tidak ditampilkan|hampir satu",
}


def test_the_summary_answers_each_question_with_a_proved_number_or_says_why_not(page: Page) -> None:
    answers = page.answers()
    assert len(answers) == 5
    for one in answers:
        assert one.verdict
        if one.big:
            assert "n = " in one.evidence
            assert len(numbers(one.evidence, page.language)) >= 3
            assert one.proof in page.ids
        else:
            said = f"{one.verdict} {one.sentence}".lower()
            assert re.search(WITHOUT_NUMBER[page.language], said), said


def test_the_summary_names_the_weakest_level_that_the_scores_name(page: Page) -> None:
    """The lowest in the table of levels, where one is named; several of them, where none is."""
    weakest, table = page.answers()[1], page.tables("pyramid")[0]
    scores = {
        row[0]: first.size for row in table.rows if (first := table.first_number(row)) is not None
    }
    levels = {name: score for name, score in scores.items() if name in weakest.sentence}
    if weakest.big:
        assert numbers(weakest.big, page.language)[0].size == min(scores.values())
        assert min(scores, key=scores.__getitem__) in levels
    else:
        assert min(scores.values()) in levels.values()
        assert len(levels) > 1


def test_the_summary_tells_the_change_that_the_tables_show(demo: Report) -> None:
    for page in demo.pages.values():
        ends = {"en": r"from (\d+) to (\d+)", "id": r"dari (\d+) menjadi (\d+)"}[page.language]
        told = re.search(ends, page.answers()[4].sentence).groups()
        row = page.tables("change")[0].row("Net Promoter Score")
        *_, before, _, now, _ = row
        assert (before.split()[0], now.split()[0]) == told


# -- 2. every number in prose is in a table, with its base ---------------------------------------

# What is no result: names of scales, of levels of confidence, days, targets, counts of parts.
NO_RESULT = {
    "en": [
        r"\b0-100\b",
        r"\d+% (?:confidence )?ranges?",
        r"\d+ (?:to \d+ )?[A-Z][a-z]+ 20\d\d",
        r"(?:half of|H[12]) 20\d\d",
        r"[Oo]f every 100",
        r"scores from 0 to 100",
        r"0 \(worst\) to 100 \(best\)",
        r"targets? of [\d.,]+%?",
        r"[\d.]+ of 100\b(?= *$)",
        r"reaches \d\.\d+",
        r"^Base: .*",
        r"they add up to 100%",
        r"(?:in|on|for) \d+ of (?:the )?\d+ [a-z]+",
        r"(?:List of|for|over|by|of|Below it) \d+ [a-z]+(?: [a-z]+){0,2}(?= with|\.|,| by| over|:)",
        r"in the last \d+ months",
        r"after \d+ months",
        r"^Over \d+ years",
        r"; \d+ clear\.$",
        r"with \d+ separate",
        r"\d+ (?:cells|measures|stages|levels|statements|waves|pairs|steps|ways|of them)",
        r"in (?:at least )?\d+ of 100 tries",
        r"Of the \d+ pairs",
        r"that can be tested, \d+",
        r"clearly (?:risen|fallen)[^.]*? \d+(?=[,.])",
        r"conversion between[^.]*",
    ],
    "id": [
        r"\b0-100\b",
        r"[Rr]entang \d+%",
        r"\d+ (?:sampai \d+ )?[A-Z][a-z]+ 20\d\d",
        r"Sem(?:ester|\.) I+ 20\d\d",
        r"[Dd]ari setiap 100",
        r"0 \(terburuk\) sampai 100 \(terbaik\)",
        r"target [\d.,]+%?",
        r"dari 100\b(?= *$)",
        r"mencapai \d,\d+",
        r"^Basis: .*",
        r"jumlahnya 100%",
        r"(?:Daftar|untuk|dengan) \d+ [a-z]+(?: [a-z]+)?(?= dengan|\.|,| menurut| pada| yang|:)",
        r"dalam \d+ bulan terakhir",
        r"setelah \d+ bulan",
        r"^Selama \d+ tahun",
        r"; \d+ jelas\.$",
        r"pada \d+ dari \d+ [a-z]+",
        r"\d+ (?:sel|ukuran|tahap|tingkat|pernyataan|gelombang|pasangan|langkah|di antaranya)\b",
        r"\d+ cara analisis",
        r"pada (?:sedikitnya )?\d+ dari 100 percobaan",
        r"\d+ jelas (?:naik|turun)",
        r"Dari \d+ pasangan",
        r"yang bisa diuji, \d+",
        r"jelas (?:naik|turun)[^.]*? \d+(?=[,.])",
        r"kelanjutan antara[^.]*",
    ],
}
IN_QUOTES = r"“[^”]*”"


def results(text: str, page: Page) -> Iterator[tuple[str, list[Number]]]:
    """Each sentence of a text with the results that it states."""
    names = [rf"\b{re.escape(one)}\b" for one in page.names_with_digits]
    for sentence in re.split(r"(?<=[.!?]) (?=[A-Z“])", text):
        left = sentence
        for pattern in (IN_QUOTES, *NO_RESULT[page.language], *names):
            left = re.sub(pattern, "_", left)
        if found := numbers(left, page.language):
            yield sentence, found


def test_any_number_in_prose_is_in_a_table_with_its_base(page: Page, report: Report) -> None:
    """All numbers of a sentence in one table of its section, beside the base they rest on."""
    missing, checked = [], 0
    waves = report.study.get("waves", {})
    own = [one["note"][page.language] for one in waves.values() if one and "note" in one]
    plain = "|".join(rf"\b{one}\b" for one in waves) or "$^"
    for section, text in page.prose():
        for one in own:  # said by the study, not by its numbers
            text = text.replace(one, "")
        text = re.sub(plain, "_", text)
        tables = [one for one in page.tables(section) if one.has_bases]
        for sentence, stated in results(text, page):
            checked += len(stated)
            if not any(all(one.is_in(table.numbers) for one in stated) for table in tables):
                missing.append((section, sentence))
    assert checked > 30
    assert missing == []


def test_a_number_that_no_table_holds_is_missed(demo: Report) -> None:
    """So that the test above can fail."""
    page = demo.pages["en"]
    for text in ("NPS is 23 (19 to 30).", "65% of those went on (60% to 67%; n = 930)."):
        ((_, stated),) = results(text, page)
        for section in ("scorecard", "journey"):
            assert not any(
                all(one.is_in(table.numbers) for one in stated) for table in page.tables(section)
            )


def test_what_is_counted_in_a_title_is_what_its_table_shows(page: Page) -> None:
    """`Clear changes in 3 of 8 measures`: as many rows, and as many marked as clear."""
    counted = {"en": r"(\d+) of (\d+) measures", "id": r"(\d+) dari (\d+) ukuran"}[page.language]
    for section in set(page.sections) & {"scorecard", "groups"}:
        for table in page.tables(section):
            if not (told := re.search(counted, table.caption)):
                continue
            clear, rows = table.clear_rows()
            assert (clear, rows) == tuple(map(int, told.groups())), table.caption


# -- 3. each base is the right people -------------------------------------------------------------

LEVELS = {
    "Emotional connection": ["emo_1", "emo_2"],
    "Online experience": ["onx_1", "onx_2", "onx_3"],
    "Responsive service": ["res_1", "res_2"],
    "Trust": ["tru_1", "tru_2"],
    "Fulfilment": ["ful_1", "ful_2"],
}
STAGES = {
    "Aware": ["scr_aware"],
    "Consider": ["rch_consider"],
    "Decide": ["rch_decide"],
    "Evaluate": ["rch_evaluate"],
    "Advocate": ["rch_advocate_peer", "rch_advocate_brand"],
}
OUTCOMES = {
    "Net Promoter Score (NPS)": "out_recommend",
    "Customer satisfaction (CSAT)": "out_satisfaction",
    "Ease of doing business (CES)": "out_effort",
}
DOES_NOT_APPLY = ["not_asked", "not_experienced", "not_applicable"]


@pytest.fixture(scope="module")
def now(answers: pd.DataFrame) -> pd.DataFrame:
    return answers[answers["wave"] == NOW]


@pytest.fixture(scope="module")
def english(demo: Report) -> Page:
    return demo.pages["en"]


def answered(frame: pd.DataFrame, *columns: str) -> pd.Series:
    """Who gave an answer on the scale to all of some questions."""
    return frame[list(columns)].apply(lambda one: one.str.fullmatch(r"\d+")).all(axis=1)


def has_all_levels(frame: pd.DataFrame) -> pd.Series:
    """Buyers who answered at least half of what applies to them, of every level."""
    has = frame["scr_bought"] == "yes"
    for items in LEVELS.values():
        given = frame[items].apply(lambda one: one.str.fullmatch(r"\d+")).sum(axis=1)
        applies = (~frame[items].isin(DOES_NOT_APPLY)).sum(axis=1)
        has &= (given > 0) & (given >= applies / 2)
    return has


def first(cell: str) -> int:
    """The base in a cell, before its effective base."""
    return int(cell.split()[0].replace(",", ""))


def test_scores_rest_on_buyers_and_outcomes_on_those_who_have_dealt_with_the_brand(
    english: Page, now: pd.DataFrame
) -> None:
    bases = english.table("scorecard", "Value", "n").column("n")
    dealt = (now[["scr_visited", "scr_bought", "scr_contacted"]] == "yes").any(axis=1)
    for name, column in OUTCOMES.items():
        (base,) = [cell for head, cell in bases.items() if head.startswith(name)]
        asked = now["scr_bought"] == "yes" if column == "out_effort" else dealt
        assert first(base) == (asked & answered(now, column)).sum()
    for name in LEVELS:
        assert first(bases[name]) == has_all_levels(now).sum()


def test_links_rest_on_those_who_have_levels_and_outcome(english: Page, now: pd.DataFrame) -> None:
    n = (has_all_levels(now) & answered(now, "out_recommend")).sum()
    for section in ("links", "priorities"):
        bases = english.tables(section)[0].column("n")
        assert set(map(first, bases.values())) == {n}


def test_statements_rest_on_those_who_answered_them(english: Page, now: pd.DataFrame) -> None:
    items = list(itertools.chain(*LEVELS.values()))
    bases = [one for one in english.tables("items")[0].column("n").values() if one]
    assert [first(one) for one in bases] == [answered(now, item).sum() for item in items]


def test_the_journey_rests_on_those_who_know_the_brand(english: Page, now: pd.DataFrame) -> None:
    """Reach on all of them, a rating on those who got to its stage, a hand-off on both."""
    aware = now["scr_aware"] == "yes"
    reached = {key: aware & (now[how] == "yes").any(axis=1) for key, how in STAGES.items()}
    rated = {key: reached[key] & answered(now, f"stg_{key.lower()}") for key in STAGES}
    table = english.table("journey", "Reach", "Rating")
    assert {first(row[2]) for row in table.rows} == {aware.sum()}
    assert [first(row[-1]) for row in table.rows] == [rated[key].sum() for key in STAGES]
    onward = [first(row[4]) for row in table.rows[:-1]]
    assert onward == [reached[key].sum() for key in list(STAGES)[:-1]]
    both = [(rated[a] & rated[b]).sum() for a, b in itertools.pairwise(STAGES)]
    hands = english.table("journey", "Hand-off").column("n who went through both")
    assert [first(one) for one in hands.values()] == both


def test_a_column_of_the_heat_map_holds_those_whose_furthest_stage_it_is(
    english: Page, now: pd.DataFrame
) -> None:
    left = has_all_levels(now) & (now["scr_aware"] == "yes")
    furthest = {}
    for key, how in reversed(STAGES.items()):
        here = left & (now[how] == "yes").any(axis=1)
        furthest[key], left = here.sum(), left & ~here
    (table,) = [one for one in english.tables("level_by_stage") if "Aware" in one.heads]
    assert dict(zip(table.heads[1:], map(first, table.row("n")[1:]), strict=True)) == furthest


def test_a_column_of_groups_holds_the_members_of_its_group(
    english: Page, now: pd.DataFrame
) -> None:
    """NPS, CSAT, CES and the levels, each on its own base, group by group."""
    table = english.tables("groups")[0]
    keys = ["java", "sumatra", "kalimantan", "sulawesi", "other"]
    people = [
        *(answered(now, column) for column in OUTCOMES.values()),
        has_all_levels(now),
    ]
    counted = [[has.sum(), *(has & (now["region"] == key) for key in keys)] for has in people]
    expected = [[n, *(group.sum() for group in rest)] for n, *rest in counted]
    bases = [row[1:] for row in table.rows if row[0].startswith("n")]
    assert [[first(cell) for cell in row] for row in bases] == expected


def test_the_model_rests_on_those_who_answered_everything(english: Page, now: pd.DataFrame) -> None:
    items = itertools.chain(*LEVELS.values())
    n = ((now["scr_bought"] == "yes") & answered(now, *items)).sum()
    assert f"Joint model: n = {n}" in " ".join(english.said("measurement"))


@pytest.mark.parametrize("study", REAL)
def test_statements_of_real_studies_rest_on_the_answers_in_their_files(
    study: str, real_report: Callable[[str], Any], shared_data: Path
) -> None:
    """Zero and six are no answers at an airport, zero is none in an aeroplane."""
    file = {"airline": "airline.csv.gz", "sfo": "sfo_2017.csv.gz"}.get(study, f"{study}.csv")
    read = pd.read_csv(shared_data / study / file)
    told = Report(real_report(study).folder, STUDIES / study)
    asked = [one if isinstance(one, str) else one["column"] for one in told.study["items"].values()]
    low, high = {"airline": (1, 5), "sfo": (1, 5), "mobi": (1, 10)}.get(study, (0, 10))
    given = read[asked].apply(pd.to_numeric, errors="coerce")
    expected = ((given >= low) & (given <= high)).sum()
    bases = [one for one in told.pages["en"].tables("items")[0].column("n").values() if one]
    assert sorted(map(first, bases)) == sorted(expected)


# -- 4. sample, dates, exclusions -----------------------------------------------------------------

FIELDED = {
    "toko_contoh": {"en": "2 to 20 March 2026", "id": "2 sampai 20 Maret 2026"},
    "sfo": {"en": "5 to 30 May 2017", "id": "5 sampai 30 Mei 2017"},
}
FRAMES = {
    "customers": {"en": "already customers", "id": "sudah menjadi pelanggan"},
    "opt_in": {"en": "not drawn at random", "id": "bukan dipilih secara acak"},
    "unknown": {"en": "does not say how", "id": "tidak bisa dipastikan"},
}
EXCLUDED = {
    "en": "No responses were excluded|were set aside|whether any response",
    "id": "Tidak ada jawaban yang dikeluarkan|tidak dipakai|tidak diperiksa",
}


def test_sample_dates_and_exclusions_are_told_before_any_result(page: Page, report: Report) -> None:
    told = " ".join(page.leads("who_answered"))
    language, sample = page.language, report.study["sample"]
    (n,) = {one.get("n") for one in report.json["estimates"] if is_everybody(one, report)}
    assert Number(n, 0).is_in(numbers(told, language))
    if sample["frame"] == "customers":
        assert FRAMES["customers"][language] in told
    assert FRAMES[sample["design"]][language] in told
    assert re.search(EXCLUDED[language], told)
    dates = FIELDED.get(report.study["study"])
    where = " ".join(one for row in page.tables("who_answered")[0].rows for one in row)
    unknown = {"en": "not stated", "id": "tidak disebutkan"}[language]
    assert (dates[language] if dates else unknown) in where


def is_everybody(one: dict[str, Any], report: Report) -> bool:
    """Whether a record counts the respondents of the wave that is reported on."""
    waves = list(report.study.get("waves", ["all"]))
    is_whole = (one["metric"], one["of"]) == ("respondents", "sample")
    return is_whole and one["wave"] == waves[-1] and not any(key[:3] == "by_" for key in one)


# -- 5. no funnel on a customer list --------------------------------------------------------------


def test_a_list_of_customers_shows_no_funnel(report: Report) -> None:
    """Those who never became customers are not in it: what it reaches is its own making."""
    steps = {"reach", "conversion", "skipped"}
    metrics = {one["metric"] for one in report.json["estimates"]}
    is_market = report.study["sample"]["frame"] == "market"
    assert bool(metrics & steps) == is_market
    for language, heads in (("en", ("Reach", "Conversion")), ("id", ("Jangkauan", "Kelanjutan"))):
        page = report.pages[language]
        shown = [one for table in page.tables("journey") for one in table.heads]
        assert any(one.startswith(heads) for one in shown) == is_market
        if "stages" in report.study and not is_market:
            assert re.match("Reach|Jangkauan", page.leads("journey")[0])
            assert re.search(r"not (?:shown|measured)|tidak (?:di|ter)", page.leads("journey")[0])


# -- 6. no cause ----------------------------------------------------------------------------------

CAUSE = {
    "en": r"caus(?:es?|ed|ing)|driv(?:es?|en|ers?|ing)|impact\w*|effects?|leads? to|led to|boost\w*"
    r"|because of|due to|prov(?:es?|en)|significant\w*|has not changed|validated|results? in"
    r"|thanks to|marginally|almost (?:clear|significant)",
    "id": r"menyebabkan|disebabkan|penyebab\w*|meningkatkan|berdampak|dampak\w*|me(?:m|ng)pengaruhi"
    r"|memengaruhi|dipengaruhi|berpengaruh|pengaruh\w*|mendorong|pendorong|akibat\w*|mengakibatkan"
    r"|berkat|terbukti|membuktikan|signifikan|tidak berubah|tervalidasi|cenderung|hampir jelas",
}
DENIED = {"en": "not (?:a )?cause", "id": "bukan sebab"}


def test_no_section_speaks_of_causes(page: Page) -> None:
    """Only what the report says counts: statements that people rated stand in quotes."""
    found, said = [], 0
    for section, text in page.prose(notes=True):
        said += 1
        plain = re.sub(f"{IN_QUOTES}|{DENIED[page.language]}", "", text)
        found += [(section, one) for one in re.findall(rf"\b(?:{CAUSE[page.language]})\b", plain)]
    assert said > 20
    assert found == []


def test_links_end_by_saying_that_they_are_no_causes(page: Page) -> None:
    for section in set(page.sections) & {"links", "priorities"}:
        if page.tables(section):
            assert re.search(DENIED[page.language], " ".join(page.said(section)))


# -- 7. the smallest group ------------------------------------------------------------------------


def test_what_is_left_of_a_whole_is_never_a_handful(page: Page, report: Report) -> None:
    """Whole less what is shown, over every table that parts a whole: nobody, or ten and more."""
    tried = 0
    for whole, shown, n_hidden in page.parted():
        tried += 1
        left = whole - sum(shown)
        assert left >= 0
        if n_hidden:
            assert n_hidden > 1
            assert left >= 10
    assert bool(tried) == bool(report.study.get("segments"))


def test_the_smallest_group_of_an_airport_is_hidden_and_not_derivable(
    real_report: Callable[[str], Any], shared_data: Path
) -> None:
    """A handful answered in Japanese: no number of theirs, and none that the others give away."""
    told = Report(real_report("sfo").folder, STUDIES / "sfo")
    read = pd.read_csv(shared_data / "sfo" / "sfo_2017.csv.gz")
    counts = read["LANG"].value_counts()
    assert counts.min() < 10
    for language, named in (("en", "Japanese"), ("id", "Jepang")):
        page = told.pages[language]
        (table,) = [
            one for one in page.tables("who_answered") if any(named in row[0] for row in one.rows)
        ]
        rows = {row[0]: row[1:] for row in table.rows}
        hidden = [head for head, cells in rows.items() if any("**" in one for one in cells)]
        assert any(named in head for head in hidden)
        assert len(hidden) > 1
        shown = [
            int(re.sub(r"\D", "", cells[-1]))
            for head, cells in rows.items()
            if head not in hidden and re.search("uesti|uesion", head) and cells[-1]
        ]
        assert counts.sum() - sum(shown) >= 10


# -- 8. old figures -------------------------------------------------------------------------------


def test_figures_of_the_wave_before_are_those_of_its_own_answers(
    english: Page, answers: pd.DataFrame
) -> None:
    """What is restated when a published figure has moved is told by `test_change`."""
    old = answers[answers["wave"] == BEFORE]
    weight = old["weight"].astype(float)

    def mean(values: pd.Series, has: pd.Series) -> float:
        return float(np.average(values[has].astype(float), weights=weight[has]))

    given = {name: answered(old, column) for name, column in OUTCOMES.items()}
    liking = old["out_recommend"].where(given["Net Promoter Score (NPS)"]).astype(float)
    score = (liking >= 9).astype(float) - (liking <= 6).astype(float)
    content = old["out_satisfaction"].where(given["Customer satisfaction (CSAT)"]).astype(float) > 3
    expected = {
        "Net Promoter Score (NPS)": Number(
            round(100 * mean(score, given["Net Promoter Score (NPS)"])), 0
        ),
        "Customer satisfaction (CSAT)": Number(
            round(100 * mean(content, given["Customer satisfaction (CSAT)"])), 0
        ),
        "Ease of doing business (CES)": Number(
            round(mean(old["out_effort"], given["Ease of doing business (CES)"]), 2), 2
        ),
    }
    table = english.table("change", "Change", "H2 2025")
    for name, number in expected.items():
        at = table.heads.index("H2 2025")
        assert numbers(table.row(name)[at], "en") == [number]


# -- 9. shuffled labels ---------------------------------------------------------------------------


def test_shuffled_labels_give_no_clear_group(tmp_path: Path, answers: pd.DataFrame) -> None:
    """Five segments, sixteen groups, nothing behind them: one Holm correction over all of them."""
    rng = np.random.default_rng(20260101)
    mixed = answers[answers["wave"] == NOW].copy()
    for column in ("region", "age", "pro_acquisition_channel", "pro_device", "birth_half"):
        mixed[column] = rng.permutation(mixed[column])
    for name in ("study.yaml", "coding.csv"):
        shutil.copy(DEMO / name, tmp_path)
    mixed.to_csv(tmp_path / "answers.csv", index=False)
    found = cx.groups.findings(cx.load(tmp_path))
    told = [one.variant for one in found if one.key == "F15"]
    assert told == ["none_clear"]


# -- 10. is it good? ------------------------------------------------------------------------------

TARGETS = {
    "en": ("Target", "clearly above", "clearly below", "not yet clear"),
    "id": ("Target", "jelas di atas", "jelas di bawah", "belum bisa dipastikan"),
}
NONE_SET = {"en": "No target set", "id": "Tanpa target"}


def test_is_it_good_is_asked_of_a_target_that_the_study_set(page: Page, report: Report) -> None:
    """Each target beside its number, and the verdict that range and target give by themselves."""
    table = page.tables("scorecard")[0]
    head, above, below, open_ = TARGETS[page.language]
    targets = report.study.get("targets", {})
    assert (head in table.heads) == bool(targets)
    if not targets:
        assert page.answers()[0].verdict.endswith(NONE_SET[page.language])
        return
    at, checked = table.heads.index(head), 0
    for row in table.rows:
        if "**" in row[2]:
            continue
        if not re.search(r"\d", row[at]):
            assert row[at].strip() == {"id": "tanpa target", "en": "no target"}[page.language]
            continue
        low, high = table.range_of(row, 2)
        target = table.signed(row[at])[0]
        expected = above if low > target else below if high < target else open_
        assert row[at].endswith(expected), row
        checked += 1
    assert checked >= len(targets)


# -- 11. both languages ---------------------------------------------------------------------------


def test_both_languages_say_the_same(report: Report) -> None:
    """The same sections, figures and tables in one order, and in each place the same numbers."""
    indonesian, english = report.pages["id"], report.pages["en"]
    assert list(indonesian.sections) == list(english.sections)
    assert indonesian.anchors == english.anchors
    for key in english.sections:
        ours, theirs = (list(page.said(key)) for page in (indonesian, english))
        assert len(ours) == len(theirs), key
        if key != "methods":
            for a, b in zip(ours, theirs, strict=True):
                assert stated(a, "id") == stated(b, "en"), (a, b)
        for one, other in zip(indonesian.tables(key), english.tables(key), strict=True):
            assert len(one.rows) == len(other.rows), one.caption
            for ours_, theirs_ in zip(one.rows, other.rows, strict=True):
                for a, b in zip(ours_[1:], theirs_[1:], strict=True):
                    assert stated(a, "id") == stated(b, "en"), (one.caption, a, b)
                    assert re.findall(r"[▲▼·✓*†]", a) == re.findall(r"[▲▼·✓*†]", b)


def stated(text: str, language: str) -> list[tuple[float, int]]:
    """The numbers of a text, in an order of their own; waves and days have their own words."""
    text = re.sub(r"H[12] |Sem\. I+ |Semester I+ |(?:first|second) half of ", "", text)
    text = text.replace("Apache-2.0", "")  # the name of a licence
    text = re.sub(rf"{IN_QUOTES}|\d+ (?:am|pm)\b|pukul \d+(?: sampai \d+)?", "", text)
    return sorted((one.size, one.digits) for one in numbers(text, language))


# -- 12. methods ----------------------------------------------------------------------------------

# How a record says that it was computed, and what a reader finds of it among the methods.
METHODS = {
    "adjusted_wald_net": "Net of two shares|Selisih dua bagian",
    "adjusted_wald_nps": "NPS: adjusted Wald|NPS: Wald yang disesuaikan",
    "adjusted_wald_nps_difference": "Difference of two NPS|Selisih dua NPS",
    "adjusted_wald_shares": "Agresti-Caffo",
    "bootstrap": "Bootstrap",
    "by_definition": "Reach|Jangkauan",
    "ce_fdh_bootstrap": "CE-FDH",
    "ce_fdh_permutation": "CE-FDH",
    "claimed": "quoted from the source articles|dikutip dari artikel sumber",
    "cohen_kappa_linearised": "Cohen",
    "counted": "The base|Basis",
    "dirichlet_posterior": "Dirichlet",
    "feldt_woodruff_salih": "Feldt",
    "fisher_z": "Fisher",
    "given": "Inputs stated by the study|Masukan yang disebut oleh studi",
    "johnson_bootstrap": "Johnson",
    "kaplan_meier": "Kaplan-Meier",
    "linearised_glm": "generalised linear|linear umum",
    "linearised_fisher_z": "Correlations of scores|Korelasi skor",
    "linearised_t": "Taylor",
    "linearised_t_difference": "Difference of two means|Selisih dua rata-rata",
    "lmg_best_two_items_bootstrap": "best two statements|dua pernyataan terbaik",
    "lmg_bootstrap": "LMG",
    "lmg_disattenuated_bootstrap": "measured equally well|diukur sama teliti",
    "loevinger_bootstrap": "Loevinger",
    "maximum_likelihood": "log odds come from|log-odds berasal",
    "measured": "Inputs measured in this survey|Masukan yang diukur dalam survei",
    "ml": "maximum likelihood|kemungkinan maksimum",
    "ml_design_scaled": "design-based covariance|galat baku dan χ² disesuaikan",
    "ml_design_scaled_logit": "CR and AVE|CR dan AVE",
    "ml_logit": "CR and AVE|CR dan AVE",
    "of_comments": "Other measures of a model|Ukuran lain dari model",
    "ols_t": "Slope|Kemiringan",
    "noncentral_t": "Smallest difference by formula|Selisih terkecil menurut rumus",
    "normal_two_shares": "Smallest difference by formula|Selisih terkecil menurut rumus",
    "one_at_a_time": "one input at a time|satu masukan demi satu",
    "one_impression_linearised": "one-factor model|model satu faktor",
    "paired_t": "paired t|t berpasangan",
    "penalty_reward_bootstrap": "penalty-reward",
    "recentred_bootstrap": "R²: bootstrap",
    "sandwich_logit": "sandwich",
    "simulated_sums": "all inputs are drawn together|semua masukan ditarik bersama",
    "simulation": "Smallest difference found|Selisih terkecil yang ditemukan",
    "size_only": "with weights|dengan bobot|[Ww]eight|[Bb]obot",
    "slopes_bootstrap": "Share of the link by slopes|Porsi kaitan menurut kemiringan",
    "smallest_visible_difference": "[Ss]mallest difference that can be|Selisih terkecil yang bisa",
    "standardised_linearised": "direct standardisation|standardisasi langsung",
    "target": "Targets|Target",
    "wald_f": "Wald F|Wald \\(F\\)",
    "wilson": "Wilson",
    "wilson_design": "Wilson",
    "wilson_double_sampling": "double sampling|pengambilan sampel ganda",
}


def test_the_methods_name_every_way_in_which_a_number_was_computed(
    page: Page, report: Report
) -> None:
    told = " ".join(page.said("methods"))
    used = {
        one["method"]
        for shelf in ("estimates", "comparisons", "fits")
        for one in report.json[shelf]
        if one["method"]
    }
    assert used - set(METHODS) == set()
    for method in used:
        assert re.search(METHODS[method], told), method


TERMS = {
    "en": ["Sample", "Response scales", "Bases", "Missing answers", "Small bases", "Privacy",
           "Ranges", "Comparisons", "How sure we are", "Versions", "Digests", "How to cite"],
    "id": ["Sampel", "Skala jawaban", "Basis", "Jawaban yang tidak ada", "Basis kecil",
           "Kerahasiaan", "Rentang", "Perbandingan", "Seberapa yakin", "Versi", "Sidik data",
           "Cara mengutip"],
}  # fmt: skip


def test_the_methods_say_of_whom_how_and_with_what(page: Page, report: Report) -> None:
    terms = page.terms("methods")
    assert [one for one in TERMS[page.language] if one not in terms] == []
    told = " ".join(page.said("methods"))
    for digest in report.json["manifest"]["inputs"].values():
        assert digest in page.text
    for scale in report.study.get("scales", {}).values():
        for end in ("low", "high"):
            if end in scale:
                assert scale[end][page.language] in told
    assert "cxkit verify" in page.text
    assert "cxkit run" in page.text


def test_every_table_stands_on_words_that_the_reader_can_look_up(page: Page) -> None:
    """Marks in cells are explained on the page: letters, stars, daggers, triangles."""
    for key in page.sections:
        for table in page.tables(key):
            below = table.said_below
            cells = " ".join(" ".join(row[1:]) for row in table.rows)
            if re.search(r"\d\*(?!\*)", cells):
                assert "*" in below, table.caption
            if "†" in cells:
                assert "†" in below, table.caption
