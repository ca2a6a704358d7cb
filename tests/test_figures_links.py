"""Figures of links and priorities: marks stand where the records say, and labels beside them."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_figures import LEVELS, LONG, NOW, En, Id, drawn_words, hidden, outside, overlaps

from cxkit.records import Estimate, Estimates
from cxkit.report import figures
from cxkit.report.figures.drawing import NARROW, WIDE, Drawing, Drawn
from cxkit.report.figures.labels import Spot, place
from cxkit.report.figures.lettering import ELLIPSIS
from cxkit.wording import Words

SCORES = dict(zip(LEVELS, (83.5, 77.8, 66.6, 74.9, 62.5), strict=True))
SHARES = dict(zip(LEVELS, (0.09, 0.21, 0.42, 0.085, 0.195), strict=True))
FIRST = dict(zip(LEVELS, (0.0, 0.004, 0.985, 0.0, 0.011), strict=True))
QUADRANTS = ("try_first", "keep", "watch", "enough")
CHANCES = {
    "fulfilment": (0, 0, 0.001, 0.999),
    "trust": (0, 0.6, 0, 0.4),
    "responsive_service": (0.985, 0.015, 0, 0),
    "online_experience": (0, 0, 0.195, 0.805),
    "emotional_connection": (0.41, 0, 0.59, 0),
}
LINE, EVEN = 73.0, 0.2
BASE = {"n": 678, "n_eff": 578.0, "wave": NOW}


def links_of(shares: Mapping[str, float] = SHARES) -> Estimates:
    """The share of each level, eight points of a hundred either side, and its chance of first."""
    rows = []
    for key, value in shares.items():
        ends = (max(value - 0.08, 0), value + 0.08)
        rows.append(Estimate("link_share", f"level:{key}", value, *ends, unit="share", **BASE))
        rows.append(Estimate("chance_first", f"level:{key}", FIRST[key], unit="share", **BASE))
    return Estimates(rows, is_published=True)


def places_of(
    scores: Mapping[str, float] = SCORES, shares: Mapping[str, float] = SHARES
) -> Estimates:
    """Score, share and chances of each level; scores two points either side."""
    rows = [one for one in links_of(shares) if one.metric == "link_share"]
    for key, value in scores.items():
        of, ends = f"level:{key}", (value - 2, value + 2)
        rows.append(Estimate("score_100", of, value, *ends, unit="score_100", **BASE))
        rows += [
            Estimate("chance_quadrant", of, chance, unit="share", by={"quadrant": quadrant}, **BASE)
            for quadrant, chance in zip(QUADRANTS, CHANCES[key], strict=True)
        ]
    return Estimates(rows, is_published=True)


def bars(words: Words = Id, *, narrow: bool = False, **options: Any) -> Drawing:
    return figures.links(links_of(), words=words, narrow=narrow, order=LEVELS, **options)


def chart(
    records: Estimates | None = None, words: Words = Id, *, narrow: bool = False, **options: Any
) -> Drawing:
    known = {"order": LEVELS, "line": LINE, "even": EVEN, **options}
    records = places_of() if records is None else records
    return figures.priority_map(records, words=words, narrow=narrow, **known)


def marks(drawing: Drawing) -> list[Drawn]:
    """What a cross takes: both intervals and the dot."""
    kinds = ("share.", "score.", "dot.")
    return [one for one in drawing.drawn if one.name.startswith(kinds)]


def on_marks(drawing: Drawing) -> list[tuple[str, str]]:
    """Words inside the field that stand on a cross."""
    written = [one for one in drawing.drawn if one.kind == "words"]
    return [
        (word.text, mark.name)
        for word in written
        for mark in marks(drawing)
        if min(word.right, mark.right) - max(word.left, mark.left) > 0
        and min(word.bottom, mark.bottom) - max(word.top, mark.top) > 0
    ]


class TestLinks:
    """Bars from zero, with the interval and the chance of ranking first."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_bar_starts_at_zero_and_ends_at_the_share(self, narrow: bool) -> None:
        """A share of a fifth stands where the line of 20 % stands."""
        drawing = bars(narrow=narrow)
        zero, fifth = drawing.find("grid.0").middle, drawing.find("grid.20").middle
        for key, value in SHARES.items():
            at = zero + (fifth - zero) * value / 0.2
            stem = drawing.find(f"stem.{key}")
            assert (stem.left, stem.right) == (pytest.approx(zero), pytest.approx(at))
            assert drawing.find(f"tick.{key}").middle == pytest.approx(at)
            interval = drawing.find(f"range.{key}")
            low, high = max(value - 0.08, 0), value + 0.08
            assert interval.left == pytest.approx(zero + (fifth - zero) * low / 0.2)
            assert interval.right == pytest.approx(zero + (fifth - zero) * high / 0.2)

    @pytest.mark.parametrize("narrow", [False, True])
    def test_apex_stands_on_top(self, narrow: bool) -> None:
        """A level is found in the same place as in the pyramid."""
        tops = [bars(narrow=narrow).find(f"label.{key}").top for key in LEVELS]
        assert tops == sorted(tops, reverse=True)

    def test_no_link_is_good_or_bad(self) -> None:
        """A strong link is a fact, not a verdict: nothing turns blue or vermilion."""
        roles = {one.role for one in bars(leader="responsive_service").drawn}
        assert not roles & {"good", "bad", "good-ink", "bad-ink", "tint"}

    @pytest.mark.parametrize("narrow", [False, True])
    def test_only_the_named_leader_is_bold(self, narrow: bool) -> None:
        """Without a leader no level stands out; with one, its name and number do."""
        bold = re.compile(r"<text[^>]*font-weight:600[^>]*>([^<]+)<")
        assert bold.findall(figures.svg(bars(narrow=narrow), "x")) == []
        led = figures.svg(bars(narrow=narrow, leader="responsive_service"), "x")
        assert bold.findall(led)[:2] == ["Layanan yang tanggap", "42%"]

    @pytest.mark.parametrize("narrow", [False, True])
    def test_a_chance_is_never_certain(self, narrow: bool) -> None:
        """Nought of 2,000 resamples is less than one of a hundred, not never."""
        words = drawn_words(bars(narrow=narrow))
        assert sum("<1%" in text for text in words) == 3
        ranked = [text for text in words if "99%" in text or "1%" in text]
        assert len(ranked) >= 5
        assert not any(re.search(r"(?<!\d)(0|100)%", text.removeprefix("0%")) for text in ranked)

    @pytest.mark.parametrize("narrow", [False, True])
    def test_a_hidden_level_has_no_number(self, narrow: bool) -> None:
        """Hatched and marked, its base still there; nothing of its share or its chance."""
        records = [hidden(one) if one.of == "level:trust" else one for one in links_of()]
        drawing = figures.links(records, words=Id, narrow=narrow, order=LEVELS)
        assert drawing.find("none.trust").role == "wash"
        assert drawing.find("share.trust").text == "**"
        assert "n\u00a0=\u00a024" in drawn_words(drawing)
        assert "21%" not in " ".join(drawn_words(drawing))
        assert not any(one.name == "tick.trust" for one in drawing.drawn)

    def test_a_level_without_record_is_not_measured(self) -> None:
        """Not measured is hatching and words, never a bar of no length."""
        drawing = figures.links(
            [one for one in links_of() if one.of != "level:trust"], words=En, order=LEVELS
        )
        assert drawing.find("reason.trust").text == "not measured"

    def test_a_share_without_a_range_is_drawn_as_a_tick(self) -> None:
        bare = [dataclasses.replace(one, ci_low=math.nan, ci_high=math.nan) for one in links_of()]
        drawing = figures.links(bare, words=En, order=LEVELS)
        assert drawing.find("tick.trust")
        assert not any(one.kind == "pill" and one.name for one in drawing.drawn)


class TestPriorityMap:
    """Crosses between two dashed lines; only what is sure takes a colour."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_cross_stands_at_score_and_share(self, narrow: bool) -> None:
        """Shares stand in proportion from zero, scores in proportion from the dashed line."""
        drawing = chart(narrow=narrow)
        zero, even = drawing.find("field").left, drawing.find("even").left
        line = drawing.find("line").top
        point = drawing.find("dot.fulfilment")
        unit = ((point.top + point.bottom) / 2 - line) / (SCORES["fulfilment"] - LINE)
        assert unit < 0
        for key in LEVELS:
            dot = drawing.find(f"dot.{key}")
            assert dot.middle == pytest.approx(zero + (even - zero) * SHARES[key] / EVEN)
            middle = (dot.top + dot.bottom) / 2
            assert middle == pytest.approx(line + unit * (SCORES[key] - LINE))
            wing, stem = drawing.find(f"share.{key}"), drawing.find(f"score.{key}")
            ends = [max(SHARES[key] - 0.08, 0), SHARES[key] + 0.08]
            expected = [zero + (even - zero) * end / EVEN for end in ends]
            assert [wing.left, wing.right] == pytest.approx(expected)
            assert stem.top - stem.bottom == pytest.approx(4 * unit)

    @pytest.mark.parametrize("narrow", [False, True])
    def test_only_the_quadrant_to_try_first_is_tinted(self, narrow: bool) -> None:
        """It begins at both dashed lines and ends at the corner of low scores and strong links."""
        drawing = chart(narrow=narrow)
        tint, field = drawing.find("tint"), drawing.find("field")
        even, line = drawing.find("even").left, drawing.find("line").top
        assert (tint.left, tint.top, tint.right, tint.bottom) == pytest.approx(
            (even, line, field.right, field.bottom)
        )

    def test_a_level_is_coloured_only_where_it_is_sure(self) -> None:
        """Those that `first` names; the others are slate even inside the tint."""
        plain = chart(first=[])
        assert {one.role for one in marks(plain)} == {"data"}
        drawing = chart(first=["responsive_service"])
        coloured = {one.name for one in marks(drawing) if one.role == "bad"}
        assert coloured == {f"{part}.responsive_service" for part in ("share", "score", "dot")}

    def test_a_point_on_a_border_looks_undecided(self) -> None:
        """The second quadrant is told from one chance in five on; 80.5 % is cut, not rounded up."""
        drawing = chart()
        assert drawing.find("chance.trust").text == "60% pertahankan, 40% sudah memadai"
        assert drawing.find("chance.emotional_connection").text == (
            "59% pantau, 41% coba lebih dulu"
        )
        assert drawing.find("chance.online_experience").text == "80% sudah memadai"
        assert drawing.find("chance.fulfilment").text == ">99% sudah memadai"

    @pytest.mark.parametrize("words", [Id, En], ids=["id", "en"])
    @pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
    def test_every_quadrant_is_named_in_its_corner(self, words: Words, narrow: bool) -> None:
        drawing = chart(words=words, narrow=narrow)
        middle = drawing.find("even").left, drawing.find("line").top
        for key, is_right, is_low in (
            ("try_first", True, True),
            ("keep", True, False),
            ("watch", False, True),
            ("enough", False, False),
        ):
            corner = drawing.find(f"corner.{key}")
            assert corner.text.lower() == words.name(f"quadrant:{key}")
            assert (corner.left > middle[0], corner.top > middle[1]) == (is_right, is_low)

    def test_the_cut_axis_says_that_it_is_cut(self) -> None:
        """No zero is shown for scores, so the part shown stands in words."""
        assert re.search(r"hanya \d+ sampai \d+ dari skala 0-100", chart().find("axis.y").text)
        whole = places_of({key: 100.0 * k for k, key in enumerate(LEVELS[:2])}, SHARES)
        told = chart(whole, line=50.0).find("axis.y").text
        assert told == Id.ui("fig_priority_y")

    def test_the_cut_axis_says_the_same_on_every_screen(self) -> None:
        """Scores that lie apart, so that the ends are not those of the least span."""
        apart = places_of(dict(zip(LEVELS, (58.7, 75.5, 80.1, 69.5, 75.7), strict=True)), SHARES)
        wide, narrow = (chart(apart, narrow=one).find("axis.y").text for one in (False, True))
        assert wide == narrow

    @given(
        st.lists(st.floats(5, 95), min_size=5, max_size=5),
        st.lists(st.floats(0, 0.6), min_size=5, max_size=5),
        st.booleans(),
    )
    def test_no_label_touches_another_or_a_cross(
        self, scores: Sequence[float], shares: Sequence[float], narrow: bool
    ) -> None:
        """Whatever the numbers: labels beside their crosses, or numbers and a list below."""
        given_scores = dict(zip(LEVELS, scores, strict=True))
        records = places_of(given_scores, dict(zip(LEVELS, shares, strict=True)))
        drawing = chart(records, narrow=narrow)
        assert overlaps(drawing) == []
        assert outside(drawing) == []
        inside = [pair for pair in on_marks(drawing) if not pair[0].isdigit()]
        assert [text for text, _ in inside if not _is_corner(drawing, text)] == []

    def test_levels_in_one_place_are_told_below_the_field(self) -> None:
        """Five crosses on each other: a number each, and the list in the order of the page."""
        heap = places_of(dict.fromkeys(LEVELS, 70.0), dict.fromkeys(LEVELS, 0.2))
        drawing = chart(heap)
        assert [drawing.find(f"key.{key}").text for key in reversed(LEVELS)] == list("12345")
        bottom = drawing.find("field").bottom
        tops = [drawing.find(f"label.{key}").top for key in reversed(LEVELS)]
        assert min(tops) > bottom
        assert tops == sorted(tops)
        assert overlaps(drawing) == []

    def test_a_hidden_level_is_not_on_the_map(self) -> None:
        records = [hidden(one) if one.of == "level:trust" else one for one in places_of()]
        drawing = chart(Estimates(records, is_published=True))
        assert not any(one.name.endswith(".trust") for one in drawing.drawn)
        assert "60%" not in " ".join(drawn_words(drawing))

    def test_without_a_line_there_is_no_tint(self) -> None:
        drawing = figures.priority_map(places_of(), words=Id, order=LEVELS)
        assert not {"tint"} & {one.role for one in drawing.drawn}


def _is_corner(drawing: Drawing, text: str) -> bool:
    """Whether words are the name of a quadrant, which stands where it stands."""
    return any(one.text == text for one in drawing.drawn if one.name.startswith("corner."))


@pytest.mark.parametrize("words", [Id, En], ids=["id", "en"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_words_never_stand_on_words(words: Words, narrow: bool) -> None:
    """In both languages and widths no words overlap, stand on a cross or pass the edge."""
    drawn = [
        bars(words, narrow=narrow, leader="responsive_service"),
        chart(words=words, narrow=narrow, first=["responsive_service"]),
    ]
    for drawing in drawn:
        assert not overlaps(drawing)
        assert not outside(drawing)
        assert drawing.width == (NARROW if narrow else WIDE)
    assert not on_marks(drawn[1])


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("label", [LONG, "panjang" * 30], ids=["prose", "word"])
def test_long_names_break_or_end(label: str, narrow: bool) -> None:
    """Two hundred characters end in an ellipsis and touch nothing."""
    keys = [f"level:{key}" for key in LEVELS]
    labels = {key: {"id": label} for key in [*keys, *(f"short:{key}" for key in keys)]}
    words = Words("id", {"labels": labels})
    for drawing in (bars(words, narrow=narrow), chart(words=words, narrow=narrow)):
        assert not overlaps(drawing)
        assert not outside(drawing)
        assert any(text.endswith(ELLIPSIS) for text in drawn_words(drawing))


class TestLabels:
    """Where labels can stand."""

    FIELD = (0.0, 0.0, 100.0, 100.0)

    def test_the_cheapest_arrangement_that_fits_is_taken(self) -> None:
        """Both would like the same spot; the one with the cheaper second choice gives way."""
        wanted = Spot((10, 10, 30, 20), "start", 0.0)
        dear, cheap = Spot((10, 40, 30, 50), "start", 5.0), Spot((60, 10, 80, 20), "start", 1.0)
        assert place([[wanted, dear], [wanted, cheap]], [], self.FIELD) == [wanted, cheap]

    def test_nothing_is_placed_on_what_is_taken_or_outside(self) -> None:
        on_mark, out = Spot((10, 10, 30, 20), "start", 0.0), Spot((90, 90, 110, 99), "start", 0.0)
        assert place([[on_mark, out]], [(25, 0, 28, 100)], self.FIELD) is None

    def test_two_labels_in_one_place_do_not_fit(self) -> None:
        one = Spot((10, 10, 30, 20), "start", 0.0)
        assert place([[one], [one]], [], self.FIELD) is None


class TestAlt:
    """The sentences that stand for the drawings."""

    def test_links_name_both_ends_with_their_ranges(self) -> None:
        assert figures.alt("links", links_of(), words=En, order=LEVELS) == (
            "Bars of the share of the link for 5 levels with 95% ranges. Largest Responsive service"
            " 42% (34% to 50%), smallest Online experience 9% (1% to 17%). Base 678."
        )

    def test_the_map_says_what_was_agreed(self) -> None:
        assert figures.alt("priority_map", places_of(), words=Id, order=LEVELS) == (
            "Peta kaitan terhadap skor untuk 5 tingkat. Kaitan terkuat Layanan yang tanggap (42%);"
            " skor terendah Ikatan emosional (62,5). Basis 678."
        )

    @pytest.mark.parametrize("kind", ["links", "priority_map"])
    def test_hidden_numbers_stay_hidden(self, kind: str) -> None:
        records = [hidden(one) for one in places_of()]
        assert figures.alt(kind, records, words=En) == En.alt("nothing", {})
