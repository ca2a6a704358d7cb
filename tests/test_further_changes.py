"""What else two waves asked: as either report tells it, and what of it has clearly changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxkit as cx
from cxkit.analysis import loyalty
from cxkit.analysis.further_changes import further_changes
from cxkit.report.sections import change
from cxkit.report.shown import Shown
from cxkit.wording import Words

STUDY = """\
cxkit: 1
study: kedai
title: {id: Kedai, en: Shop}
brand: Kedai
period: {id: bulan lalu, en: last month}
languages: [id, en]
sample: {frame: customers, design: opt_in}
frameworks: [pyramid, types]
preset: retail
answers: {path: answers.csv}
respondent: id
wave: wave
weight: weight
waves: {w1: {label: {id: Satu, en: One}}, w2: {label: {id: Dua, en: Two}}}
scale: agreement_5
items: {ful_1: ful_1, typ_product_1: typ_product}
bases: {buyers: {column: bought, is: yes}, aware: {column: aware, is: yes}}
outcomes:
  recommend: nps
  stay: stay
  leave: leave
  wom_warned: warned
  wom_recommended: recommended
  inc_happened: problem
"""


def answers(n: int = 600, **now: float) -> pd.DataFrame:
    """Two waves of `n` people alike, but for the shares that `now` gives the second one."""
    rng = np.random.default_rng(12)
    waves = []
    for wave in ("w1", "w2"):
        share = {"stay": 0.6, "leave": 0.2, "warned": 0.2, "problem": 0.3, "recommended": 0.4}
        share |= now if wave == "w2" else {}
        made: dict[str, Any] = {"id": [f"{wave}{i}" for i in range(n)], "wave": wave}
        made |= {"weight": rng.uniform(0.5, 1.5, n).round(3), "bought": "yes", "aware": "yes"}
        made |= {key: rng.integers(2, 6, n) for key in ("ful_1", "typ_product")}
        made["nps"] = rng.integers(5, 11, n)
        for key in ("stay", "leave"):
            made[key] = np.where(rng.random(n) < share[key], 5, 2)
        for key in ("warned", "problem", "recommended"):
            made[key] = np.where(rng.random(n) < share[key], "yes", "no")
        waves.append(pd.DataFrame(made))
    return pd.concat(waves, ignore_index=True)


def survey(folder: Path, table: pd.DataFrame, study: str = STUDY) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    table.to_csv(folder / "answers.csv", index=False)
    return cx.load(folder)


def further(survey: Any) -> Any:
    return next((one for one in change.findings(survey) if one.key == "further"), None)


def spoken(survey: Any, language: str = "en") -> str:
    one = further(survey)
    return str(Shown(one.to_dict(), Words(language, one.context)).sentence)


def test_what_is_compared_is_what_the_report_of_each_wave_says(tmp_path: Path) -> None:
    """A difference is that of the two numbers; each is the one that the wave's report prints."""
    held = survey(tmp_path, answers(stay=0.4))
    numbers, rows = further_changes(held)
    assert {one.of for one in rows} == {
        "outcome:stay", "outcome:leave", "outcome:wom_warned", "outcome:inc_happened",
        "type:product",
    }  # fmt: skip
    for one in rows:
        now, before = (numbers.only(metric=one.metric, of=one.of, wave=w) for w in ("w2", "w1"))
        assert one.difference == pytest.approx(now.estimate - before.estimate)
        assert (one.n_a, one.n_b) == (now.n, before.n)
    (asked,) = loyalty.word_of_mouth(held.where(wave="w1")).where(of="outcome:wom_warned")
    assert numbers.only(of="outcome:wom_warned", wave="w1").estimate == asked.estimate


def test_a_difference_is_tested_as_in_a_table_of_its_own(tmp_path: Path) -> None:
    """Unweighted and alone in its family: Agresti-Caffo by hand."""
    table = answers(problem=0.4).assign(weight=1)
    study = STUDY.replace("  wom_warned: warned\n", "")
    (one,) = further_changes(survey(tmp_path, table, study))[1].where(of="outcome:inc_happened")
    p = [(table.loc[table["wave"] == wave, "problem"] == "yes").mean() for wave in ("w2", "w1")]
    x = [(p_of * 600 + 1) / 602 for p_of in p]
    se = np.sqrt(sum(q * (1 - q) / 602 for q in x))
    low, high = x[0] - x[1] - 1.959964 * se, x[0] - x[1] + 1.959964 * se
    assert (one.ci_low, one.ci_high) == pytest.approx((low, high), abs=1e-4)


def test_a_planted_change_is_named_and_no_other(tmp_path: Path) -> None:
    held = survey(tmp_path, answers(stay=0.4, problem=0.45))
    assert spoken(held).split(" Of the further")[0].endswith("higher than in One: had a problem.")
    assert spoken(held).endswith(
        "these are clearly lower than in One: intention to remain a customer."
    )
    said = spoken(held, "id")
    assert said.startswith(
        "Dari ukuran lain yang ditanyakan pada kedua gelombang, yang jelas lebih"
    )


def test_where_nothing_changed_that_is_said(tmp_path: Path) -> None:
    held = survey(tmp_path, answers())
    assert spoken(held) == (
        "Both waves asked 5 measures more; none of them has clearly changed since One."
    )
    assert spoken(held, "id").startswith("Kedua gelombang juga menanyakan 5 ukuran lain;")


def test_the_table_prints_both_waves_in_the_order_of_its_columns(tmp_path: Path) -> None:
    table = answers()
    table.loc[table.index[:100], "problem"] = ""
    one = further(survey(tmp_path, table))
    made = Shown(one.to_dict(), Words("en", one.context)).table()
    assert [column["label"] for column in made["columns"][1:3]] == ["One", "Two"]
    (row,) = [row for row in made["rows"] if "problem" in row["head"]]
    assert row["cells"][-1]["text"].replace("\u00a0", " ") == "n = 500 and 600"
    assert all(cell["tone"] == "" for row in made["rows"] for cell in row["cells"])


def test_what_only_one_wave_asked_is_in_no_change(tmp_path: Path) -> None:
    table = answers()
    table[["stay", "problem"]] = table[["stay", "problem"]].where(table["wave"] == "w2")
    _, rows = further_changes(survey(tmp_path, table))
    assert {one.of for one in rows} == {"outcome:leave", "outcome:wom_warned", "type:product"}


def test_nothing_is_said_of_a_first_wave_or_where_nothing_else_was_asked(tmp_path: Path) -> None:
    table = answers()
    assert further(survey(tmp_path / "first", table[table["wave"] == "w1"])) is None
    bare = STUDY.replace("[pyramid, types]", "[pyramid]").replace(
        ", typ_product_1: typ_product", ""
    )
    bare = bare[: bare.index("  stay:")]
    assert further(survey(tmp_path / "bare", table, bare)) is None


def test_a_study_of_word_of_mouth_alone_has_its_changes_too(tmp_path: Path) -> None:
    study = STUDY.replace("frameworks: [pyramid, types]\n", "").replace("preset: retail\n", "")
    study = study.replace("items: {ful_1: ful_1, typ_product_1: typ_product}\n", "")
    held = survey(tmp_path, answers(warned=0.4), study.replace("  recommend: nps\n", ""))
    assert "higher than in One: advised someone not to use" in spoken(held)


def test_few_in_either_wave_are_in_no_change(tmp_path: Path) -> None:
    """Six people in the first wave answered about problems: no number, no base, no difference."""
    table = answers()
    first = table.index[table["wave"] == "w1"]
    table.loc[first[6:], "problem"] = ""
    held = survey(tmp_path, table)
    numbers, rows = further_changes(held)
    assert "outcome:inc_happened" not in {one.of for one in [*numbers, *rows]}
