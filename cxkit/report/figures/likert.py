"""Likert: answers to each item as bars that part at one line, the neutral answer standing apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.library import Scale
from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import NARROW, QUIET, TEXT, WIDE, Drawing, Style
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import (
    HIDDEN,
    base,
    find,
    is_hidden,
    is_shown,
    latest_wave,
    levels_shape,
    no_number,
    ordered_keys,
    star,
)

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["asks_agreement", "known_scale", "likert"]

_LEFT, _NEUTRAL, _RIGHT = ("l2", "l1"), "l3", ("l4", "l5")
"""Bands from the line outwards: strong answers outside."""


@dataclass(frozen=True)
class _Row:
    """One item: its words, its shares by band, and its printed totals."""

    key: str
    label: list[str]
    shares: dict[str, Estimate]
    agree: Estimate | None
    disagree: Estimate | None

    @property
    def any(self) -> Estimate | None:
        """One record that says how large the base is, and whether the row may be shown."""
        return next(iter(self.shares.values()), self.agree or self.disagree)

    def sum(self, bands: Iterable[str]) -> float:
        """How far bars of these bands reach."""
        return sum(
            self.shares[band].estimate
            for band in bands
            if band in self.shares and is_shown(self.shares[band])
        )


@dataclass(frozen=True)
class _Plan:
    """Where the columns stand, and how many drawing units a share of 1 takes."""

    width: float
    label: float
    line: float
    neutral: float | None
    unit: float
    thickness: float
    label_above: bool


@of_records
def likert(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    bands: Sequence[Mapping[str, Any]] | None = None,
    order: Sequence[Mapping[str, Any]] | None = None,
    agreement: bool | None = None,
) -> Drawing:
    """The answers to each item: disagreement left of one line, agreement right, neutral apart.

    Parameters
    ----------
    estimates : Estimates
        Published: metric `share` of `item:*` by `{"answer": band}`, and the printed totals,
        metrics `top_box_half` and `bottom_box_half` of `item:*`. The latest wave is drawn.
    comparisons : Comparisons, optional
        Not drawn; taken so that all figures are called alike.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    bands : sequence of {"key", "label"}, optional
        Any of `l1` to `l5` with their printed labels (one text, or one a language), worst
        first; `l3` is the neutral answer. Those of the scale that most items have if not given.
    order : sequence of {"level", "items"}, optional
        Which items stand under which level, from the bottom of the figure to its top: base
        level first; `level` may be None. Items stand in the order of the questionnaire. As the
        study's framework has them if not given.
    agreement : bool, optional
        The sides are called disagree and agree; else lower and upper half of the scale. As the
        scale asks if not given.

    Returns
    -------
    Drawing
    """
    wave = latest_wave(estimates := list(estimates))
    estimates = [one for one in estimates if one.wave == wave]
    keys = ordered_keys(estimates, "item", None)
    scale = known_scale(keys, words)
    bands = _bands_of(scale, words) if bands is None else bands
    agreement = asks_agreement(scale, words) if agreement is None else agreement
    groups = list(reversed(order or _under_levels(keys, words)))
    room = NARROW - 4 if narrow else 214
    rows = {item: _row(item, estimates, room, words) for group in groups for item in group["items"]}
    plan = _plan(narrow, list(rows.values()), bands, words)

    drawing = Drawing(plan.width)
    entries = [(band["key"], words.text(band["label"])) for band in bands]
    y = drawing.legend_of(entries, 0, 12, plan.width) + 26 if entries else 12.0
    sides = ("fig_disagree", "fig_agree") if agreement else ("lower_half", "upper_half")
    middle = words.ui("fig_neutral" if agreement else "midpoint")
    _heads(drawing, plan, y, words.ui(sides[0]), words.ui(sides[1]), middle)
    top = y = y + 10
    for group in groups:
        y = _draw_group(drawing, plan, group, rows, y, words)
    if not narrow:
        drawing.line([(plan.line, top), (plan.line, y)], "soft", name="line")
        if plan.neutral is not None:
            drawing.line([(plan.neutral, top), (plan.neutral, y)], name="line.neutral")
    return drawing.finish(y + 4)


def known_scale(keys: Sequence[str], words: Words) -> str | None:
    """The scale that most of these items have, if the study of the words knows them."""
    asked = words.context.get("items", {})
    scales = Counter(asked[key]["scale"] for key in keys if key in asked)
    return scales.most_common(1)[0][0] if scales else None


def asks_agreement(scale: str | None, words: Words) -> bool:
    """Whether a scale asks who agrees; so does one that nobody knows."""
    return scale is None or words.context["scales"][scale].get("family") == "agreement"


def _bands_of(scale: str | None, words: Words) -> list[dict[str, str]]:
    """The answers of a scale in words, worst first."""
    if scale is None:
        return []
    told = words.context["scales"][scale]
    parts = (told["points"], told["low"], told["high"], told["direction"])
    return [
        {"key": band, "label": words.answers(scale, codes)} for band, codes in Scale(*parts).bands()
    ]


def _under_levels(keys: Sequence[str], words: Words) -> list[dict[str, Any]]:
    """The items under the levels of the study, from the bottom of the figure to its top."""
    asked = words.context.get("items", {})
    levels = list(words.context.get("framework", {}).get("levels", ()))
    upwards = levels if levels_shape(words) == "pyramid" else levels[::-1]
    groups: dict[str | None, list[str]] = {level: [] for level in upwards}
    for key in keys:
        groups.setdefault(asked.get(key, {}).get("level"), []).append(key)
    return [{"level": level, "items": items} for level, items in groups.items() if items]


def _row(key: str, estimates: Sequence[Estimate], room: float, words: Words) -> _Row:
    of = f"item:{key}"
    shares = {one.by["answer"]: one for one in estimates if one.of == of and one.metric == "share"}
    return _Row(
        key=key,
        label=wrap(words.short(of), room, TEXT, lines=3),
        shares=shares,
        agree=find(estimates, of=of, metric="top_box_half"),
        disagree=find(estimates, of=of, metric="bottom_box_half"),
    )


_EMPTY_SIDES = (0.2, 0.6)


def _plan(
    narrow: bool, rows: Sequence[_Row], bands: Sequence[Mapping[str, Any]], words: Words
) -> _Plan:
    """Share out the width: one unit for all bars, so that they can be compared by eye."""
    left = max((row.sum(_LEFT) for row in rows), default=0)
    right = max((row.sum(_RIGHT) for row in rows), default=0)
    if not left + right:  # nothing may be shown: the hatching takes the room of the bars
        left, right = _EMPTY_SIDES
    has_neutral = any(band["key"] == _NEUTRAL for band in bands) or any(
        _NEUTRAL in row.shares for row in rows
    )
    neutral = max((row.sum([_NEUTRAL]) for row in rows), default=0) if has_neutral else 0
    neutral = max(neutral, 0.12) if has_neutral else 0
    widest = max((text_width(line, TEXT) for row in rows for line in row.label), default=0)
    slot = 8 if any(row.any is not None and star(row.any) for row in rows) else 0
    number = 5 + text_width(words.number(1.0, "share"), QUIET, is_bold=True) + slot
    width, label, gap = (NARROW, 0, 12) if narrow else (WIDE, widest + 24, 22)
    taken = label + 2 * number + (gap + number if has_neutral else 0)
    span = max(left + right + neutral, 0.5)
    unit = min((width - taken) / span, 420)
    line = label + number + left * unit
    return _Plan(
        width=width,
        label=label,
        line=line,
        neutral=line + right * unit + number + gap if has_neutral else None,
        unit=unit,
        thickness=16 if narrow else 19,
        label_above=narrow,
    )


def _heads(
    drawing: Drawing, plan: _Plan, y: float, disagree: str, agree: str, neutral: str
) -> None:
    quiet: Style = {"role": "soft", "size": QUIET}
    end = plan.neutral if plan.neutral is not None else plan.width
    room = max(plan.line - 8, 20)
    left = f"\u2190 {disagree}"
    if text_width(left, QUIET) > room:
        both = wrap(f"\u2190 {disagree}  |  {agree} \u2192", end - 12, QUIET, lines=1)
        drawing.words(0, y, both[0], name="head.both", **quiet)
    else:
        drawing.words(plan.line - 8, y, left, anchor="end", name="head.left", **quiet)
        right = wrap(f"{agree} \u2192", max(end - plan.line - 16, 20), QUIET, lines=1)
        drawing.words(plan.line + 8, y, right[0], name="head.right", **quiet)
    if plan.neutral is not None:
        words = wrap(neutral, plan.width - plan.neutral, QUIET, lines=1)
        drawing.words(plan.neutral, y, words[0], name="head.neutral", **quiet)


def _draw_group(
    drawing: Drawing,
    plan: _Plan,
    group: Mapping[str, Any],
    rows: Mapping[str, _Row],
    y: float,
    words: Words,
) -> float:
    """One level with its items from `y` down; where the next level begins."""
    if group.get("level"):
        name = words.name(f"level:{group['level']}")
        room = plan.width if plan.label_above else max(plan.label - 8, 200)
        lines = wrap(name, room, TEXT, is_bold=True)
        style: Style = {"bold": True, "halo": "paper", "name": f"level.{group['level']}"}
        y = drawing.stack(0, y + 18, lines, **style) - (12 if plan.label_above else 8)
    for item in group["items"]:
        y = _draw_row(drawing, plan, rows[item], y, bool(group.get("level")), words)
    return y + 8


def _draw_row(
    drawing: Drawing, plan: _Plan, row: _Row, y: float, is_indented: bool, words: Words
) -> float:
    name = f"label.{row.key}"
    if plan.label_above:
        style: Style = {"role": "soft", "halo": "paper", "name": name}
        top = drawing.stack(0, y + 17, row.label, **style) - 10
        end = top + plan.thickness + 7
        drawing.line([(plan.line, top - 3), (plan.line, top + plan.thickness + 3)], "soft")
    else:
        height = max(plan.thickness, 15 * len(row.label) + 4)
        top = y + 3.5 + (height - plan.thickness) / 2
        first = top + plan.thickness / 2 + 4.5 - 7.5 * (len(row.label) - 1)
        drawing.stack(12 if is_indented else 0, first, row.label, leading=15, name=name)
        end = y + height + 7
    bottom = top + plan.thickness
    if row.any is None or not is_shown(row.any):
        _draw_absence(drawing, plan, row, top, bottom, words)
        return end
    _draw_side(drawing, plan, row, (top, bottom), _LEFT, row.disagree, words)
    _draw_side(drawing, plan, row, (top, bottom), _RIGHT, row.agree, words)
    middle = row.shares.get(_NEUTRAL)
    if plan.neutral is not None and middle is not None and is_shown(middle):
        x = plan.neutral + middle.estimate * plan.unit
        drawing.bar(plan.neutral, top, x, bottom, _NEUTRAL, name=f"{_NEUTRAL}.{row.key}")
        text = words.number(middle.estimate, "share") + star(middle)
        drawing.words(x + 5, (top + bottom) / 2 + 4.5, text, role="soft", size=QUIET)
    return end


def _draw_side(
    drawing: Drawing,
    plan: _Plan,
    row: _Row,
    span: tuple[float, float],
    bands: Sequence[str],
    total: Estimate | None,
    words: Words,
) -> None:
    """One side of the line: its bars from the line outwards, and the printed total."""
    sign = 1 if bands is _RIGHT else -1
    top, bottom = span
    x = plan.line
    for band in bands:
        share = row.shares.get(band)
        if share is None or not is_shown(share) or not share.estimate:
            continue
        end = x + sign * share.estimate * plan.unit
        drawing.bar(min(x, end), top, max(x, end), bottom, band, name=f"{band}.{row.key}")
        x = end
    if total is None or not is_shown(total):
        return
    drawing.words(
        x + sign * 6,
        (top + bottom) / 2 + 4.5,
        words.number(total.estimate, "share") + star(total),
        size=QUIET,
        bold=sign > 0,
        anchor="start" if sign > 0 else "end",
        name=f"total.{'agree' if sign > 0 else 'disagree'}.{row.key}",
    )


def _draw_absence(
    drawing: Drawing, plan: _Plan, row: _Row, top: float, bottom: float, words: Words
) -> None:
    end = plan.neutral - 14 if plan.neutral is not None else plan.width
    y = (top + bottom) / 2 + 4.5
    record = row.any
    if record is None or not is_hidden(record):
        no_number(drawing, (plan.line, top, end, bottom), words, record, row.key)
        return
    text = base(record.n, words)
    end -= text_width(text, QUIET) + text_width(HIDDEN, TEXT) + 14
    no_number(drawing, (plan.line, top, end, bottom), words, record, row.key)
    drawing.words(end + 6, y, HIDDEN, role="soft", name=f"hidden.{row.key}")
    x = end + 12 + text_width(HIDDEN, TEXT)
    drawing.words(x, y, text, role="soft", size=QUIET, name=f"base.{row.key}")
