"""Tables of how well the levels are measured: published records in, worded cells out.

Built like those of `cxkit.report.tables`, which a finding names in the same way; coefficients
and indices of fit are fits, and stand in `options["fits"]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxkit.analysis.conventions import GOOD_FIT
from cxkit.records import Comparisons, Estimates, Fit, Fits
from cxkit.report.tables import (
    SIGNS,
    Cell,
    Row,
    base_cell,
    cell,
    column,
    fit_cell,
    p_text,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = ["distinctness", "fit_facts", "invariance", "measurement", "statements"]

_ENDS = (0.4, 1.0)
"""The ends of the drawn scale, unless a coefficient lies below it: then it begins at zero."""

COEFFICIENTS = ("cronbach_alpha", "spearman_brown")
"""The coefficients of consistency: of three statements or more, and of two."""

_TICK = "✓"


def measurement(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each level: consistency drawn and in numbers, the model's coefficients, ends of the scale."""
    fits: Fits = options["fits"]
    own = {of: _of(fits, of) for of, _ in options["levels"]}
    line, ends = options["line"], _ends(fits)
    has_model = any(one.name == "cr" for one in fits)
    has_htmt = any(one.name in ("htmt", "htmt2") for one in fits)
    columns = [
        column(words.heading(words.unit), align="left"),
        _scale_column(line, ends, words),
        column(words.ui("consistency"), words.ui("interval")),
        column(words.ui("n")),
    ]
    if has_model:
        columns += [column(words.short("metric:cr")), column(words.short("metric:ave"))]
    if has_htmt:
        columns.append(column(words.ui("largest_htmt")))
    columns += [column(words.short(f"metric:{metric}")) for metric in ("floor", "ceiling")]
    columns.append(column(words.ui("verdict"), align="left"))
    rows = []
    for of, named in own.items():
        coefficient = next((named[one] for one in COEFFICIENTS if one in named), None)
        cells = [
            cell(rail=_rail(coefficient, line, ends)),
            fit_cell(coefficient, words),
            base_cell(coefficient, words) | {"small": ""},
        ]
        if has_model:
            cells += [fit_cell(named.get(one), words, with_range=False) for one in ("cr", "ave")]
        if has_htmt:
            cells.append(_largest_htmt(fits, of, words))
        for metric in ("floor", "ceiling"):
            found = [one for one in estimates if one.metric == metric and one.of == of]
            cells.append(value_cell(found[0] if found else None, words, with_range=False))
        cells.append(_verdict(coefficient, line, words))
        rows.append(row(words.name(of), cells, small=_made_of(of, coefficient, options, words)))
    return table(columns, rows, stick=True)


def statements(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each statement under its level: loading, correlation with the rest, what is left without."""
    fits: Fits = options["fits"]
    asked = [name for name in _OF_STATEMENTS if any(one.name == name for one in fits)]
    columns = [column(words.ui("statement"), align="left")]
    for name in asked:
        ranged = any(one.name == name and one.ci_low == one.ci_low for one in fits)
        sub = words.ui("interval") if ranged else ""
        columns.append(column(words.name(f"metric:{name}"), sub))
    rows = []
    for of, items in options["levels"]:
        rows.append(row(words.name(of), [cell() for _ in asked], "level"))
        for item in items:
            own = _of(fits, item)
            cells = [_of_statement(own.get(name), words) for name in asked]
            rows.append(row(words.name(item), cells, "item"))
    return table(columns, rows, stick=True)


_OF_STATEMENTS = ("loading", "item_rest_r", "alpha_if_dropped")


def distinctness(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each pair of levels: their ratio of correlations, the model's correlation, the verdict."""
    fits: Fits = options["fits"]
    htmt = [name for name in ("htmt", "htmt2") if any(one.name == name for one in fits)]
    has_model = any(one.name == "latent_correlation" for one in fits)
    columns = [column(words.ui("pair"), align="left")]
    columns += [column(words.name(f"metric:{name}"), words.ui("interval")) for name in htmt]
    if has_model:
        columns.append(column(words.name("metric:latent_correlation")))
    columns.append(column(words.ui("verdict"), align="left"))
    rows = []
    for pair in dict.fromkeys(one.of for one in fits if "|" in one.of):
        own = _of(fits, pair)
        cells = [fit_cell(own.get(name), words) for name in htmt]
        if has_model:
            cells.append(fit_cell(own.get("latent_correlation"), words, with_range=False))
        first = next((own[name] for name in htmt if name in own), None)
        is_told = first is not None and first.value == first.value
        told = cell(words.name(f"distinctness:{first.verdict}")) if first and is_told else cell()
        rows.append(row(words.join(map(words.name, pair.split("|"))), [*cells, told]))
    return table(columns, rows, stick=True)


def invariance(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What is held equal between groups, step by step, and whether that still fits.

    Steps of a model that does not fit by itself are not judged.
    """
    fits: Fits = options["fits"]
    is_poor = any(one.verdict == "poor" for one in fits)
    columns = [column(words.ui(key), align="left") for key in ("held_equal", "verdict")]
    columns += [column(words.short(f"metric:{name}")) for name in _OF_STEPS]
    rows = []
    for step in options["steps"]:
        own = _of(fits, step)
        verdict = own["chi2"].verdict
        if is_poor and verdict in ("holds", "does_not_hold"):
            verdict = "undecided"
        cells = [cell(words.name(f"invariance:{verdict}"))]
        cells += [_of_step(own.get(name), words) for name in _OF_STEPS]
        rows.append(row(words.name(f"invariance_step:{step}"), cells))
    return table(columns, rows, stick=True)


_OF_STEPS = ("cfi", "delta_cfi", "rmsea", "delta_rmsea", "srmr", "chi2_difference")


def _of_step(one: Fit | None, words: Words) -> Cell:
    """A number of one step; the difference of chi-squares with its p."""
    is_test = one is not None and one.name == "chi2_difference"
    made = fit_cell(one, words, with_range=False, digits=1 if is_test else 3)
    return made if one is None or not is_test else made | {"small": p_text(one, words)}


def fit_facts(fits: Iterable[Fit], words: Words) -> list[dict[str, str]]:
    """The indices of fit of one model, each with its reference value, for a strip."""
    own = {one.name: one for one in fits}
    facts = []
    if "chi2" in own:
        chi2 = own["chi2"]
        label = words.short("metric:chi2")
        if "df" in own:
            label = f"{label} ({words.count(own['df'].value)})"
        told = words.number(chi2.value, "scale", digits=1)
        facts.append(_fact(label, told, p_text(chi2, words)))
    if "cfi" in own and "tli" in own:
        label = ", ".join(words.short(f"metric:{name}") for name in ("cfi", "tli"))
        # two numbers with decimal commas need another sign between them
        told = "; ".join(words.fine(own[name].value, "scale") for name in ("cfi", "tli"))
        small = f"{words.short('metric:cfi')}: {_reference('cfi', words, 'at_least')}"
        facts.append(_fact(label, told, small))
    for name in ("rmsea", "srmr"):
        if name in own:
            one = own[name]
            small = _reference(name, words, "at_most")
            if one.ci_low == one.ci_low:
                ends = (words.fine(end, "scale") for end in (one.ci_low, one.ci_high))
                level = words.level(one.ci_level)
                small = (
                    words.ui("range_at", level=level, lo=next(ends), hi=next(ends)) + "; " + small
                )
            facts.append(
                _fact(words.short(f"metric:{name}"), words.fine(one.value, "scale"), small)
            )
    return facts


# -- cells ---------------------------------------------------------------------------------------


def _of_statement(one: Fit | None, words: Words) -> Cell:
    """A statement's number; one that runs against its level is marked, none where it is alone."""
    if one is not None and one.verdict == "single_item":
        return cell()
    made = fit_cell(one, words)
    if one is None or one.verdict != "negative":
        return made
    return made | {"tone": "bad", "sign": SIGNS["bad"], "word": words.name("quality:negative")}


def _of(fits: Iterable[Fit], of: str) -> dict[str, Fit]:
    """The fits of one thing by their name."""
    return {one.name: one for one in fits if one.of == of}


def _made_of(of: str, one: Fit | None, options: Mapping[str, Any], words: Words) -> str:
    """How many statements a level rests on, and which coefficient goes with so many."""
    count = words.plural("statements", len(dict(options["levels"])[of]))
    if one is None or one.verdict == "single_item":
        return count
    return f"{count}, {words.name(f'metric:{one.name}')}"


def _verdict(one: Fit | None, line: float, words: Words) -> Cell:
    if one is None or one.is_hidden:
        return cell()
    if one.verdict == "good":
        return cell(words.name("quality:good"), sign=_TICK)
    if one.verdict == "weak":
        told = words.ui("below", value=words.number(line, "scale"))
        return cell(told, sign=SIGNS["bad"], tone="bad")
    if one.verdict == "undecided":
        return cell(words.name("quality:undecided"), sign=SIGNS["flat"])
    return cell(words.name(f"quality:{one.verdict}"))


def _largest_htmt(fits: Fits, of: str, words: Words) -> Cell:
    """The level that this one is hardest to tell apart from."""
    named = next(name for name in ("htmt", "htmt2") if any(one.name == name for one in fits))
    pairs = [one for one in fits if one.name == named and of in one.of.split("|")]
    known = [one for one in pairs if one.value == one.value]
    if not known:
        return fit_cell(pairs[0], words) if pairs else cell()
    largest = max(known, key=lambda one: one.value)
    (other,) = (one for one in largest.of.split("|") if one != of)
    return {**fit_cell(largest, words, with_range=False), "small": words.short(other)}


# -- the drawn scale -----------------------------------------------------------------------------


def _ends(fits: Iterable[Fit]) -> tuple[float, float]:
    lows = [one.ci_low for one in fits if one.name in COEFFICIENTS and one.ci_low == one.ci_low]
    return _ENDS if not lows or min(lows) >= _ENDS[0] else (0.0, 1.0)


def _scale_column(line: float, ends: Sequence[float], words: Words) -> dict[str, Any]:
    """The head of the drawn scale: its ends, and the line between them."""
    told = (words.number(end, "scale", digits=1) for end in (ends[0], line, ends[1]))
    scale = dict(zip(("left", "middle", "right"), told, strict=True))
    drawn = column(words.ui("consistency_drawn"), align="mark")
    return {**drawn, "scale": {**scale, "zero": _place(line, ends)}}


def _rail(one: Fit | None, line: float, ends: Sequence[float]) -> Any:
    """Where a coefficient and its interval lie on the drawn scale, with the line across it."""
    if one is None or one.is_hidden or one.ci_low != one.ci_low:
        return None
    return {
        "low": _place(one.ci_low, ends),
        "high": _place(one.ci_high, ends),
        "at": _place(one.value, ends),
        "zero": _place(line, ends),
        "left": "",
        "middle": "",
        "right": "",
        "previous": None,
        "tone": "bad" if one.verdict == "weak" else "flat",
    }


def _place(value: float, ends: Sequence[float]) -> float:
    low, high = ends
    return round(100 * (min(max(value, low), high) - low) / (high - low), 2)


# -- indices of fit ------------------------------------------------------------------------------


def _fact(label: str, value: str, small: str) -> dict[str, str]:
    return {"label": label, "value": value, "small": small}


def _reference(name: str, words: Words, side: str) -> str:
    return words.ui(f"reference_{side}", value=words.number(GOOD_FIT[name], "scale"))
