"""Whether what is received is worth its cost, and fits: scores, words, what was not asked."""

from __future__ import annotations

import numpy as np
import pytest
from planted import plant

from cxkit import library
from cxkit.report.sections import cost_and_fit, loyalty
from cxkit.report.shown import Shown
from cxkit.wording import Words

NAN = np.nan
STUDY = """\
sample: {frame: customers, design: probability}
scale: agreement_5
items: {val_money: paid, val_mind: worry, per_known: known}
bases: {buyers: {column: bought}}
"""


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """Of 40: 30 answer 4 and 10 answer 2 on the price; 35 answer 5 on the worry, 5 do not."""
    columns = {
        "item:val_money": np.repeat([4.0, 2.0], [30, 10]),
        "item:val_mind": np.repeat([5.0, NAN], [35, 5]),
        "item:per_known": np.full(40, 3.0),
        "base:buyers": np.full(40, True),
    }
    return plant(tmp_path_factory.mktemp("cost"), columns, STUDY)


def test_a_statement_is_scored_among_those_who_answered(survey):
    """30 times 75 and 10 times 25 make 62.5; who did not answer leaves the base."""
    scores = {one.of: (one.estimate, one.n) for one in cost_and_fit.worth(survey)}
    assert scores == {"item:val_money": (62.5, 40), "item:val_mind": (100.0, 35)}
    assert [one.of for one in cost_and_fit.fit(survey)] == ["item:per_known"]


@pytest.mark.parametrize(
    ("language", "part", "who"),
    [("id", "Biaya uang", "Pembeli"), ("en", "Monetary cost", "Buyers")],
)
def test_each_statement_stands_with_the_part_of_the_cost_it_speaks_of(survey, language, part, who):
    """Word for word, with the score, the base, and whom it was asked of."""
    found = loyalty.findings(survey)
    (one,) = [one for one in found if one.key == "value_for_cost"]
    table = Shown(one.to_dict(), Words(language, found.context)).table()
    first = table["rows"][0]
    assert "Toko" in first["head"]
    assert first["small"] == f"{part} · {who}"
    score, base = first["cells"]
    assert score["text"] == {"id": "62,5", "en": "62.5"}[language]
    assert base["text"] == "40"


def test_a_battery_that_was_not_asked_is_named(survey, tmp_path):
    """One without the other: the section tells the one and names the other."""
    bare = STUDY.replace("val_money: paid, val_mind: worry, ", "")
    columns = {"item:per_known": np.full(40, 3.0), "base:buyers": np.full(40, True)}
    found = loyalty.findings(plant(tmp_path, columns, bare))
    words = Words("en", found.context)
    assert [one.key for one in found] == ["personal_fit", "F32"]
    assert "value for cost" in Shown(found[1].to_dict(), words).sentence
    told = loyalty.findings(survey)
    missing = Shown(told[-1].to_dict(), Words("en", told.context)).sentence
    assert "value for cost" not in missing
    assert "personal fit" not in missing


def test_every_part_of_a_cost_and_every_touchpoint_has_its_questions():
    """Three parts of a cost; four touchpoints of a purchase, asked by questions that exist."""
    assert {one["question"] for one in library.costs().values()} == set(cost_and_fit.WORTH)
    assert list(library.touchpoints()) == ["search", "enquiry", "transaction", "review"]
    for key, one in library.touchpoints().items():
        assert set(one["label"]) == {"id", "en"}, key
        assert all(library.question(question) for question in one["questions"]), key
