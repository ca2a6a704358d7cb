"""Nobody can be found by subtraction: in a table, in several on one page, rows and columns.

An attacker knows every number that a page, its JSON and its executed notebook publish, and that
parts add up to their wholes. The tests solve that system, and change what is hidden to see
whether anything that is published moves.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxkit as cx
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report import page
from cxkit.suppression import suppressed, suppressed_cells, told_apart

LIMIT = 10
NAN = math.nan
Row = dict[str, Any]

# -- the rule --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([400, 150, 120], []),
        ([400, 150, 9, 120], [2, 3]),
        ([400, 9, 4, 120], [1, 2]),
        ([400, 150, 1, 2], [1, 2, 3]),
        ([400, 5, 4], [0, 1, 2]),
        ([400, 0, 9, 120], [2, 3]),
        ([9, 0], [0]),
        ([9], [0]),
        ([3, 3, 3], [0, 1, 2]),
        ([], []),
    ],
)
def test_the_groups_not_shown_are_two_and_ten_people_together(counts, hidden) -> None:
    """Else what is left of the whole is a group of one, or a group too small itself."""
    assert sorted(suppressed(counts, [range(len(counts))], LIMIT)) == hidden


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([3, 4, 12], [0, 1, 2]),  # three and four are seven
        ([3, 8, 12], [0, 1]),
        ([8, 3, 12], [0, 1]),
        ([20, 4, 12], []),
        ([3, 0, 0], [0]),
    ],
)
def test_a_part_that_is_no_secret_is_hidden_beside_others_only(counts, hidden) -> None:
    assert sorted(suppressed(counts, [range(3)], LIMIT, public=[1])) == hidden


def people(*left_out: range, n: int = 100) -> list[np.ndarray]:
    """Everybody, and everybody but some."""
    return [~np.isin(np.arange(n), list(some)) for some in (range(0), *left_out)]


@pytest.mark.parametrize(
    ("left_out", "hidden"),
    [
        ([range(12)], []),
        ([range(9)], [1]),
        ([range(0)], []),  # the same people
        ([range(12), range(12)], []),
        ([range(12), range(14)], [2]),
        ([range(20), range(15, 55)], []),  # only sums over people of both are left
        ([range(20), range(15, 45), range(45)], [3]),  # A + B less (A or B) are five
        ([range(20), range(40, 62)], []),  # bases of 80 and 78, and 42 people make the difference
    ],
)
def test_no_few_people_are_left_of_populations_beside_each_other(left_out, hidden) -> None:
    assert sorted(told_apart(people(*left_out), LIMIT)) == hidden


@pytest.mark.parametrize("seed", range(5))
def test_no_difference_of_shown_populations_is_of_a_few(seed) -> None:
    """Every sum and difference of three, one by one over people."""
    rng = np.random.default_rng(seed)
    masks = [np.ones(60, dtype=bool), *(rng.random((7, 60)) > rng.random((7, 1)) * 0.5)]
    hidden = told_apart(masks, LIMIT)
    assert hidden
    shown = [mask for place, mask in enumerate(masks) if place not in hidden]
    for three in itertools.combinations(shown, min(3, len(shown))):
        for signs in itertools.product((-1, 0, 1), repeat=len(three)):
            left = sum(sign * mask.astype(int) for sign, mask in zip(signs, three, strict=True))
            assert not 0 < np.count_nonzero(left) < LIMIT


def test_a_bridge_between_two_blocks_is_no_secret_unless_more_is_hidden() -> None:
    """Rows and columns with two or more gaps each, and one gap is told by all of them together.

    Gaps at 11 12 21 22, at 33 34 43 44, and at 23: the first two rows less the first two
    columns are what stands at 23.
    """
    sizes = {(r, c): 50.0 for r in range(4) for c in range(4)}
    blocks = [*itertools.product((0, 1), (0, 1)), *itertools.product((2, 3), (2, 3))]
    sizes |= dict.fromkeys(blocks, 6.0) | {(1, 2): 7.0}
    cells = [{"row": str(r), "column": str(c)} for r, c in sizes]
    hidden = suppressed_cells(cells, list(sizes.values()), LIMIT)
    assert list(sizes).index((1, 2)) in hidden
    assert not _told(cells, list(sizes.values()), hidden)


@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=4))
@settings(max_examples=60)
def test_no_small_cell_of_a_crossed_table_follows_from_its_margins(table) -> None:
    sizes = [float(n) for row in table for n in row]
    cells = [
        {"row": str(r), "column": str(c)} for r, row in enumerate(table) for c in range(len(row))
    ]
    hidden = suppressed_cells(cells, sizes, LIMIT)
    assert {i for i, n in enumerate(sizes) if 0 < n < LIMIT} <= hidden
    shown = {i for i, n in enumerate(sizes) if n and i not in hidden}
    for i in _told(cells, sizes, hidden):
        row_and_column = [
            {j for j, other in enumerate(cells) if other[key] == cells[i][key]} & shown
            for key in ("row", "column")
        ]
        assert not any(row_and_column), "more could have been hidden"


def _told(cells: Sequence[Mapping[str, str]], sizes: Sequence[float], hidden: Iterable[int]):
    """The small cells that every row's and every column's sum determine."""
    unseen = sorted(hidden)
    if not unseen:
        return []
    lines = [
        [float(cells[i][key] == value) for i in unseen]
        for key in ("row", "column")
        for value in sorted({one[key] for one in cells})
    ]
    told = _determined(np.array(lines).reshape(-1, len(unseen)))
    return [unseen[place] for place in told if sizes[unseen[place]] < LIMIT]


def _determined(system: np.ndarray) -> list[int]:
    """The unknowns that have one value only in every solution: no other by rank (not by SVD)."""
    rank = np.linalg.matrix_rank(system) if system.size else 0
    found = []
    for place in range(system.shape[1]):
        unit = np.zeros(system.shape[1])
        unit[place] = 1.0
        if rank and np.linalg.matrix_rank(np.vstack([system, unit])) == rank:
            found.append(place)
    return found


# -- in records ------------------------------------------------------------------------------------


def numbers(sizes: Mapping[Any, int], of: str = "level:trust", **more: Any) -> list[Estimate]:
    """An estimate of each group: `{("west", "young"): 12}` by region and age."""
    keys = ("region", "age")
    return [
        Estimate(
            "score_100",
            of,
            70.0,
            65.0,
            75.0,
            n=n,
            n_eff=float(n),
            unit="score_100",
            by=dict(zip(keys, group if isinstance(group, tuple) else (group,), strict=False)),
            **more,
        )
        for group, n in sizes.items()
    ]


def test_what_privacy_hides_has_no_base_anywhere() -> None:
    shown = Estimates(numbers({"java": 400, "bali": 9, "papua": 120})).published()
    assert [one.is_hidden for one in shown] == [False, True, True]
    bundle = shown._repr_mimebundle_()
    told = json.dumps(bundle, default=str)
    assert not re.search(r"\b(9|9\.0|120|120\.0)\b", re.sub(r"0\.95|\d+px", "", told))
    assert [row.get("n") for row in shown.to_rows()] == [400, None, None]
    read = Estimates.from_rows(shown.to_rows(), is_published=True)
    assert [math.isnan(one.n) for one in read] == [False, True, True]


def test_a_group_of_the_page_that_is_private_is_so_where_it_would_not_be() -> None:
    """Fewer answered this question, so by itself another group would be hidden beside Bali."""
    study = {"private": [["w", "region", "bali", None], ["w", "region", "papua", None]]}
    rows = numbers({"java": 400, "bali": 9, "papua": 12, "flores": 11}, wave="w")
    alone = [one.by["region"] for one in Estimates(rows).published(min_base=0) if one.is_hidden]
    together = Estimates(rows, context=study).published(min_base=0)
    assert alone == ["bali", "flores"]
    assert [one.by["region"] for one in together if one.is_hidden] == ["bali", "papua"]


def test_the_rest_of_a_private_group_is_private() -> None:
    """The total less the rest is the group."""
    study = {"private": [[None, "region", "bali", None], [None, "region", "papua", None]]}
    rows = [
        dataclasses.replace(one, by={"region!": one.by["region"]})
        for one in numbers({"java": 130, "bali": 521, "papua": 410})
    ]
    shown = Estimates(rows, context=study).published()
    assert [one.is_hidden for one in shown] == [False, True, True]


def test_a_pooled_number_does_not_give_a_small_wave_away() -> None:
    rows = [*numbers({"java": 105}), *numbers({"java": 5}, wave="a"),
            *numbers({"java": 40}, wave="b"), *numbers({"java": 60}, wave="c")]  # fmt: skip
    shown = Estimates(rows).published()
    assert [one.is_hidden for one in shown] == [False, True, True, False]
    apart = Estimates(rows[1:]).published()
    assert [one.is_hidden for one in apart] == [True, False, False]


def test_a_margin_in_another_table_does_not_open_a_cell() -> None:
    """Bali is 12 and young; with its cells the regions would tell Papua, which has 5."""
    sizes = {("java", "young"): 60, ("java", "old"): 50, ("bali", "young"): 12,
             ("bali", "old"): 0, ("papua", "young"): 3, ("papua", "old"): 2,
             ("flores", "young"): 30, ("flores", "old"): 30}  # fmt: skip
    shown = Estimates(numbers(sizes)).published(min_base=0)
    assert shown.only(by_region="bali", by_age="young").is_hidden


def test_a_hidden_comparison_tells_neither_side() -> None:
    small = Comparison("nps", "outcome:recommend", "region=bali", "region!=bali", 3.0,
                       n_a=9, n_b=491, n_eff_a=9.0, n_eff_b=491.0)  # fmt: skip
    (shown,) = Comparisons([small]).published().to_rows()
    assert [shown[key] for key in ("n_a", "n_b", "n_eff_a", "n_eff_b")] == [None] * 4


# -- on a page -------------------------------------------------------------------------------------

STUDY = """\
cxkit: 1
study: rahasia
title: {id: Rahasia, en: Secret}
brand: Toko
period: {id: enam bulan, en: six months}
languages: [id, en]
sample: {frame: customers, design: opt_in}
frameworks: [pyramid]
scale: agreement_5
respondent: id
wave: w
bases: {buyers: {column: bought, is: yes}}
items: {ful_1: f1, ful_2: f2, tru_1: t1, tru_2: t2, res_1: r1, res_2: r2}
outcomes: {recommend: {column: q, metric: nps}}
comments: {reason: c}
answers: {path: answers.csv}
segments: {region: {}, age: {}}
min_base: 1
"""
SECTIONS = (
    "scorecard", "pyramid", "change", "who_answered", "items", "level_by_stage", "groups",
    "measurement",
)  # fmt: skip


def lay(folder: Path, rows: Sequence[Row], study: str = STUDY) -> cx.Survey:
    """A study of these answers, loaded as a user's would be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return cx.load(folder)


def respondents(
    sizes: Mapping[tuple[str, ...], int], wave: str = "2025H2", alike: Iterable[Any] = ()
) -> list[Row]:
    """So many people of each region (and age); those of the groups `alike` answer the same."""
    rows, rng = [], np.random.default_rng(7)
    same = set(alike)
    for (region, age), n in sizes.items():
        for k in range(n):
            likes = rng.integers(1, 6, 6) if not {region, age, (region, age)} & same else [3] * 6
            score = int(rng.integers(0, 11)) if likes is not None else 0
            score = 7 if {region, age, (region, age)} & same else score
            rows.append(
                {
                    "id": f"ID-{wave}-{region}-{age}-{k:03d}",
                    "w": wave,
                    "bought": "yes",
                    "region": region,
                    "age": age,
                    "q": score,
                    "c": "",
                    **dict(zip(("f1", "f2", "t1", "t2", "r1", "r2"), likes, strict=True)),
                }
            )
    return rows


def notebook(survey: cx.Survey, *more: Any) -> Any:
    """A notebook as it lies beside a page: a section a cell, with what the cell shows."""
    found = [getattr(cx, section).findings(survey) for section in SECTIONS]
    cells = []
    for one in (*found, *more):
        output = v4.new_output("execute_result", data=one._repr_mimebundle_())
        cells.append(v4.new_code_cell("", id=f"c{len(cells)}", outputs=[output]))
    return v4.new_notebook(cells=cells)


def published(nb: Any) -> dict[str, str]:
    """All that leaves the house, as texts."""
    return {
        "id": page.render(nb, "id"),
        "en": page.render(nb, "en"),
        "json": json.dumps(page.report_json(nb), sort_keys=True),
        "notebook": json.dumps(nb, sort_keys=True),
    }


def equations(nb: Any) -> Iterator[tuple[Mapping[str, str], float]]:
    """Every count that the report's JSON tells: of whom, and how many (`!` for all others)."""
    told = page.report_json(nb)
    whole = {}
    for one in told["estimates"]:
        by = {key[3:]: value for key, value in one.items() if key.startswith("by_")}
        if not by and one["n"] is not None:
            whole[one["wave"]] = one["n"]
    for one in told["estimates"]:
        by = {key[3:]: value for key, value in one.items() if key.startswith("by_")}
        if not set(by) <= {"region", "age", "region!", "age!"} or one["wave"] != "2025H2":
            continue
        if one["metric"] == "share" and by and one["estimate"] is not None:
            yield by, one["estimate"] * one["n"]  # the share of a group is its count, unweighted
        elif one["n"]:
            yield by, one["n"]
    for one in told["comparisons"]:
        for side, n in ((one["a"], one["n_a"]), (one["b"], one["n_b"])):
            parts = re.findall(r"(region|age)(!?)=([^&]+)", side)
            if parts and n and one["wave"] in (None, "2025H2"):
                yield {key + sign: value for key, sign, value in parts}, n
    assert whole


def recovered(nb: Any, sizes: Mapping[tuple[str, str], int]) -> list[str]:
    """The groups of fewer than ten that the published counts determine, alone or together."""
    cells = list(sizes)

    def members(by: Mapping[str, str]) -> np.ndarray:
        inside = np.ones(len(cells))
        for key, value in by.items():
            at = {"region": 0, "age": 1}[key.rstrip("!")]
            inside *= [(cell[at] == value) != key.endswith("!") for cell in cells]
        return inside

    rows = [members(by) for by, _ in equations(nb)]
    truth = np.array([float(sizes[cell]) for cell in cells])
    for (by, n), row in zip(equations(nb), rows, strict=True):
        assert row @ truth == pytest.approx(n), (by, n)
    system = np.unique(np.array(rows), axis=0)
    rank = np.linalg.matrix_rank(system)
    targets = [
        {"region": region} | ({"age": age} if age else {})
        for region in sorted({region for region, _ in cells})
        for age in ("", *sorted({age for _, age in cells}))
    ] + [{"age": age} for age in sorted({age for _, age in cells})]
    found = []
    for size in (1, 2):
        for several in itertools.combinations(targets, size):
            group = np.clip(sum(members(by) for by in several), 0, 1)
            if not 0 < group @ truth < LIMIT:
                continue
            if np.linalg.matrix_rank(np.vstack([system, group])) == rank:
                found.append(" or ".join(map(str, several)))
    return found


ONE = {("java", "young"): 60, ("java", "old"): 50, ("sumatra", "young"): 40,
       ("sumatra", "old"): 45}  # fmt: skip
PLANTS = {
    "one small group": {("bali", "young"): 3, ("bali", "old"): 4},
    "one of nine beside one of twelve": {("bali", "old"): 9, ("papua", "old"): 12},
    "one and two": {("bali", "old"): 1, ("papua", "young"): 2},
    "nine groups of one to nine": {(f"g{n}", "old"): n for n in range(1, 10)},
    "one small age": {("java", "baby"): 2, ("sumatra", "baby"): 5},
    "small in both": {("bali", "baby"): 4, ("papua", "young"): 12, ("java", "mid"): 11},
}


@pytest.mark.parametrize("plant", PLANTS)
def test_no_hidden_count_can_be_recovered_from_a_page(plant: str, tmp_path: Path) -> None:
    """Every total, every group, both sides of every comparison, every share, in one system."""
    sizes = ONE | PLANTS[plant]
    survey = lay(tmp_path, respondents(sizes) + respondents(ONE, "2025H1"))
    crossed = cx.estimate(survey.latest, "nps", by=["region", "age"])
    nb = notebook(survey, cx.estimate(survey.latest, "nps", by="region"), crossed)
    assert recovered(nb, sizes) == []


def test_the_attack_finds_what_is_not_hidden(tmp_path: Path) -> None:
    """Without complementary suppression the same system gives the small group away."""
    sizes = ONE | PLANTS["one small group"]
    survey = lay(tmp_path, respondents(sizes))
    nb = notebook(survey)
    told = cx.estimate(survey.latest, "nps", by="region")
    study = {**told.context, "private": []}
    small = (one for one in told if one.by["region"] != "bali")
    bare = Estimates(small, context=study).published(min_n=0)
    nb.cells += notebook(survey, bare).cells[-1:]
    assert "{'region': 'bali'}" in recovered(nb, sizes)


SAME = ("bali", "papua")


@pytest.mark.parametrize(
    ("before", "after"),
    [((5, 12), (8, 9)), ((1, 9), (9, 1)), ((4, 8), (7, 5)), ((2, 40), (3, 39))],
)
def test_nothing_that_is_published_moves_with_what_is_hidden(
    before: tuple[int, int], after: tuple[int, int], tmp_path: Path
) -> None:
    """Two groups whose people answer alike trade members: no text may differ, but digests."""
    texts = []
    for name, (bali, papua) in (("before", before), ("after", after)):
        sizes = ONE | {("bali", "young"): bali, ("papua", "young"): papua}
        rows = respondents(sizes, alike=SAME) + respondents(ONE, "2025H1")
        survey = lay(tmp_path / name, rows)
        crossed = cx.estimate(survey.latest, "nps", by=["region", "age"])
        texts.append(published(notebook(survey, crossed)))
    for kind in texts[0]:
        first, second = (
            re.sub(r"[0-9a-f]{12,64}|Survey of.*?weights", "", one[kind]) for one in texts
        )
        assert first == second, kind


@pytest.mark.parametrize("n", [1, 8])
def test_a_whole_sample_under_the_limit_is_counted_nowhere(n: int, tmp_path: Path) -> None:
    """Of so few people nothing is said, not even how many they are."""
    texts = [
        published(notebook(lay(tmp_path / str(k), respondents({("java", "young"): k}))))
        for k in (n, n % 9 + 1)
    ]
    for kind in texts[0]:
        first, second = (re.sub(r"[0-9a-f]{12,64}", "", one[kind]) for one in texts)
        assert first == second, kind
    assert "fewer than 10 respondents" in texts[0]["en"]
    assert "kurang dari 10 responden" in texts[0]["id"]


def test_a_small_wave_is_not_counted_on_the_page_of_the_next(tmp_path: Path) -> None:
    texts = []
    for k in (4, 7):
        rows = respondents(ONE) + respondents({("java", "young"): k}, "2025H1", alike=["java"])
        texts.append(published(notebook(lay(tmp_path / str(k), rows))))
    for kind in texts[0]:
        first, second = (re.sub(r"[0-9a-f]{12,64}", "", one[kind]) for one in texts)
        assert first == second, kind
