"""The largest of many differences is mostly luck: what the kit does about it (METHODS 22.7)."""

from __future__ import annotations

import numpy as np
import pytest
from waved import MEAN, lay

from cxkit.analysis import compare
from cxkit.report.sections import groups, summary

N_GROUPS, EACH = 60, 40
TRUTH = 4.0
"""Points on 0-100 by which half of the groups lie above the other half."""


@pytest.fixture
def survey(tmp_path, rng):
    """Sixty groups of forty, half of them four points above the rest on a five-point question."""
    group = np.repeat(np.arange(N_GROUPS), EACH)
    mean = 3.4 + np.where(group % 2, TRUTH / 25, 0.0)
    answers = np.clip(np.floor(mean + rng.normal(0, 1.1, len(group)) + 0.5), 1, 5).astype(int)
    study = MEAN + "segments: {shop: {column: shop}}\n"
    columns = {"w": ["2026H1"] * len(group), "q": answers, "shop": [f"s{one:02d}" for one in group]}
    return lay(tmp_path / "many", study, columns)


def test_the_largest_of_sixty_is_several_times_the_truth_and_its_interval_says_so(survey):
    """Alone, the largest would read as three times what is there; corrected, it holds the truth."""
    found = compare(survey, "score_100", of="outcome:score", by="shop", against="rest")
    largest = max(found, key=lambda one: abs(one.difference))
    assert abs(largest.difference) > 2.5 * TRUTH
    truths = [TRUTH / 2 if int(one.a.removeprefix("shop=s")) % 2 else -TRUTH / 2 for one in found]
    held = [one.ci_low <= true <= one.ci_high for one, true in zip(found, truths, strict=True)]
    assert len(held) == N_GROUPS
    assert all(held)


def test_no_slot_of_the_summary_is_chosen_by_size(survey):
    """The five questions are fixed: no group reaches the summary, however far off it lies."""
    said = summary.findings(survey)
    assert not {one.key for one in said} & {"F15", "F16"}
    told = [one for one in groups.findings(survey) if one.key == "F15"]
    assert all(one.variant == "none_clear" for one in told)
