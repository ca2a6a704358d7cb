"""What a study says its relations are worth: observed outcomes, inputs with sources, scenarios.

Hands out `Value`, the part of a study file under `value:`, and `slips`, what in it does not agree.
Every input names where it comes from: a figure of somebody's, a measure of the survey, a stated
intention with its calibration, or, in a scenario only, a claim of the source articles.
"""

# pydantic gives every study its own copy of a default:
# ruff: noqa: RUF012

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from cxkit import library
from cxkit.errors import nearest
from cxkit.study.parts import Column, Condition, Key, Part, Text, keyed, or_none, short_for

if TYPE_CHECKING:
    from cxkit.study.shape import Study

__all__ = [
    "INTENTIONS",
    "MONTHS",
    "SHARES",
    "Calibration",
    "Input",
    "InputKey",
    "Observed",
    "Range",
    "Scenario",
    "Value",
    "slips",
]

InputKey = Literal[
    "customers", "retention", "churn", "spend", "margin", "discount", "acquire_cost",
    "keep_cost", "replaced", "warned", "deterred", "serve_cost", "problem",
]  # fmt: skip
INPUTS: tuple[str, ...] = get_args(InputKey)

SHARES = ("retention", "churn", "margin", "replaced", "deterred", "problem")
"""Inputs that are shares, from 0 to 1."""

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""How many months a period has."""

INTENTIONS = ("stay", "leave", "loyal_price", "repurchase", "cross_sell", "recommend")
"""Outcomes in which people say what they will do: no probability without a calibration."""

_METRICS_OF_SHARES = ("share", "top_2_box")
_NEEDED = ("customers", "spend", "margin", "discount")


class Range(Part):
    """A figure with its source, and between which ends it is believed to lie."""

    value: float
    low: float | None = None
    high: float | None = None
    source: Text | None = None


class Calibration(Part):
    """Of those who say they will, and of the others, which share does."""

    intend: Range
    others: Range
    source: Text


class Input(Part):
    """One number that the sums start from, in exactly one way.

    `value` (with `low`, `high`) and its `source`; `measured`: `retained`, `spend`, or an outcome of
    the study such as `outcome:inc_happened`; `stated`: an outcome in which people say what they
    will do, with the `calibration` that turns it into a share; `claim`: a figure that the source
    articles quote, `times` another input (in a scenario only).
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    source: Text | None = None
    measured: str | None = None
    stated: Key | None = None
    calibration: Calibration | None = None
    claim: Key | None = None
    times: InputKey | None = None

    @property
    def kind(self) -> str:
        """Where it comes from: `given`, `measured`, `stated` or `claimed`."""
        if self.measured is not None:
            return "measured"
        if self.stated is not None:
            return "stated"
        return "given" if self.claim is None else "claimed"


class Observed(Part):
    """What was seen afterwards, and what was paid: columns of the answers.

    `retained` says who was still a customer when they were last looked at, `months` how long each
    was followed until then or until they left; without it everybody was followed for `after`
    months. `spend` is what each paid over `spend_months`, in the currency of `value`.
    """

    retained: Annotated[
        Condition | None,
        BeforeValidator(short_for("column"), json_schema_input_type=str | float | Condition | None),
    ] = None
    months: Column | None = None
    after: Annotated[int, Field(gt=0)] = 12
    spend: Column | None = None
    spend_months: Annotated[float, Field(gt=0)] = 12
    base: Key = "buyers"


class Scenario(Part):
    """The same sums with other inputs: some `set` anew, others with so much `plus`."""

    label: Text
    inputs: dict[InputKey, Input] = Field({}, alias="set")
    plus: dict[InputKey, float] = {}


class Value(Part):
    """What a relation is worth: scenarios with stated inputs, never a forecast.

    Amounts are in `currency` (three letters, as IDR), rates and amounts a `period`; a value over
    time counts `horizon` periods.
    """

    currency: Annotated[str, AfterValidator(keyed(r"[A-Z]{3}", "three capitals, as IDR"))]
    period: Literal["month", "quarter", "half_year", "year"] = "year"
    horizon: Annotated[int, Field(gt=0, le=100)] = 5
    observed: Annotated[
        Observed, BeforeValidator(or_none, json_schema_input_type=Observed | None)
    ] = Observed()
    inputs: dict[InputKey, Input] = {}
    scenarios: dict[Key, Scenario] = {}

    @property
    def months(self) -> int:
        """How many months a period has."""
        return MONTHS[self.period]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the answers that it names."""
        seen = self.observed
        named = (seen.retained.column if seen.retained else None, seen.months, seen.spend)
        return tuple(one for one in named if one is not None)


def _is_told(source: Text | None) -> bool:
    """Whether a source says something, in every language that it is given in."""
    return bool(source) and all(text.strip() for text in (source or {}).values())


# -- what does not agree ---------------------------------------------------------------------------

Slip = tuple[str, tuple[str, ...], str, str, str | None]
"""Code, path of keys, message, what was expected, what to try."""


def slips(study: Study) -> Iterator[Slip]:
    """What does not agree under `value:` of a study."""
    value = study.value
    if value is None:
        return
    if value.observed.base not in study.base_keys and value.columns:
        yield (
            "unknown_base",
            ("value", "observed", "base"),
            f"'value' was observed of an unknown base '{value.observed.base}'",
            "one of " + ", ".join(study.base_keys) if study.base_keys else "a base of the study",
            nearest(value.observed.base, study.base_keys),
        )
    if value.observed.months and value.observed.retained is None:
        yield (
            "value_observed",
            ("value", "observed", "months"),
            "'months' says how long people were followed, and not who was still there",
            "retained: {column: ..., is: yes} beside it",
            None,
        )
    if not value.inputs and not value.scenarios:
        return
    yield from _lacking(value)
    for key, one in value.inputs.items():
        yield from _input(study, value, ("value", "inputs", key), key, one, is_scenario=False)
    for name, scenario in value.scenarios.items():
        path = ("value", "scenarios", name)
        yield from _scenario(study, value, path, scenario)


def _lacking(value: Value) -> Iterator[Slip]:
    lacking = [key for key in _NEEDED if key not in value.inputs]
    if lacking:
        yield (
            "value_input",
            ("value", "inputs"),
            "'value' does not say " + ", ".join(lacking),
            f"{lacking[0]}: {{value: ..., source: ...}}",
            None,
        )
    if ("retention" in value.inputs) == ("churn" in value.inputs):
        yield (
            "value_input",
            ("value", "inputs"),
            "'value' says how many stay and how many leave"
            if "churn" in value.inputs
            else "'value' says neither how many stay nor how many leave",
            "one of retention, churn",
            None,
        )


def _scenario(
    study: Study, value: Value, path: tuple[str, ...], scenario: Scenario
) -> Iterator[Slip]:
    if not scenario.inputs and not scenario.plus:
        message = f"the scenario '{path[-1]}' changes nothing"
        yield "value_scenario", path, message, "set: {retention: ...}, or plus: {...}", None
    if {"retention", "churn"} <= {*scenario.inputs, *scenario.plus}:
        message = f"the scenario '{path[-1]}' changes both retention and churn"
        yield "value_scenario", path, message, "one of them", None
    for key, one in scenario.inputs.items():
        yield from _input(study, value, (*path, "set", key), key, one, is_scenario=True)
    for key in scenario.plus:
        if key not in value.inputs and {key, *value.inputs} & {"retention", "churn"} != {
            "retention",
            "churn",
        }:
            yield (
                "value_scenario",
                (*path, "plus", key),
                f"the scenario '{path[-1]}' adds to '{key}', which is no input",
                "one of " + ", ".join(value.inputs),
                nearest(key, value.inputs),
            )
    for key, by in scenario.plus.items():
        yield from _shift(value, (*path, "plus", key), key, by)


def _shift(value: Value, path: tuple[str, ...], key: InputKey, by: float) -> Iterator[Slip]:
    """A figure that is given cannot be shifted to where it cannot lie: it would be cut there."""
    own = value.inputs.get(key)
    if own is None or own.value is None:
        return
    then, most = own.value + by, 1.0 if key in SHARES else float("inf")
    if 0 <= then <= most and (key != "customers" or then > 0):
        return
    scenario = path[-3]
    yield (
        "value_shift",
        path,
        f"the scenario '{scenario}' takes '{key}' from {own.value:g} to {then:g}",
        "a share from 0 to 1 after the shift" if key in SHARES else "0 or more after the shift",
        f"set: {{{key}: {{value: ..., source: ...}}}} where it is to be another figure",
    )


def _input(
    study: Study, value: Value, path: tuple[str, ...], key: str, one: Input, *, is_scenario: bool
) -> Iterator[Slip]:
    ways = [
        way for way in ("value", "measured", "stated", "claim") if getattr(one, way) is not None
    ]
    if len(ways) != 1:
        yield (
            "value_input",
            path,
            f"the input '{key}' is told in {len(ways) or 'no'} ways"
            + (f": {', '.join(ways)}" if ways else ""),
            "exactly one of value, measured, stated, claim",
            None,
        )
    elif one.kind == "given":
        yield from _figure(
            path, key, Range(value=float(one.value or 0), low=one.low, high=one.high)
        )
        if not _is_told(one.source):
            yield (
                "value_source",
                path,
                f"the input '{key}' does not say where its figure comes from",
                "source: who says so, and of when",
                None,
            )
    elif one.kind == "measured":
        yield from _measured(study, value, path, key, str(one.measured))
    elif one.kind == "stated":
        yield from _stated(study, path, key, one)
    else:
        yield from _claimed(value, path, key, one, is_scenario=is_scenario)


def _figure(path: tuple[str, ...], key: str, one: Range) -> Iterator[Slip]:
    """Whether a figure and its ends can be what they are of."""
    ends = [end for end in (one.low, one.value, one.high) if end is not None]
    if ends != sorted(ends):
        told = " to ".join(f"{end:g}" for end in ends)
        yield (
            "value_range",
            path,
            f"the range of '{key}' runs from {told}",
            "low <= value <= high",
            None,
        )
    if (one.low is None) != (one.high is None):
        message = f"the range of '{key}' has one end only"
        yield "value_range", path, message, "both low and high, or neither", None
    most = 1.0 if key in SHARES else float("inf")
    if key == "customers" and any(end != round(end) for end in ends):
        part = next(end for end in ends if end != round(end))
        yield (
            "value_limits",
            path,
            f"the input 'customers' is {part:g}, and people are counted whole",
            "a whole number, without a point or comma between thousands",
            None,
        )
    if min(ends) < 0 or max(ends) > most or (key == "customers" and min(ends) <= 0):
        yield ("value_limits", path, *_limits(key, ends))


def _limits(key: str, ends: list[float]) -> tuple[str, str, str | None]:
    """What a figure outside of its limits would mean, in words."""
    told = f"the input '{key}' is {min(ends) if min(ends) < 0 else max(ends):g}"
    if key == "margin" and min(ends) < 0:
        return (
            f"{told}: every sale loses money, so that nobody who leaves costs anything",
            "a share of the revenue from 0 to 1",
            "look at the price and the cost of a sale first",
        )
    if key == "discount":
        return f"{told}: later money would be worth more than money now", "0 or more, as 0.1", None
    if key == "customers":
        return f"{told}, and there is nobody to count", "how many there are", None
    if key in SHARES:
        is_percent = 1 < max(ends) <= 100
        hint = f"write {max(ends) / 100:g} for {max(ends):g} %" if is_percent else None
        return f"{told}, and it is a share", "a number from 0 to 1", hint
    return f"{told}, below nothing", "0 or more", None


def _measured(
    study: Study, value: Value, path: tuple[str, ...], key: str, of: str
) -> Iterator[Slip]:
    seen = value.observed
    own = {"retained": ("retention", seen.retained), "spend": ("spend", seen.spend)}
    known = [name for name, (_, column) in own.items() if column is not None]
    known += [
        f"outcome:{key}"
        for key, asked in study.outcomes.items()
        if asked.metric in _METRICS_OF_SHARES and key not in INTENTIONS
    ]
    outcome = of.removeprefix("outcome:")
    if outcome in INTENTIONS:
        yield (
            "value_intention",
            path,
            f"'{of}' is what people say they will do, and '{key}' is what is done",
            "an outcome that was observed",
            f"stated: {outcome}, with a calibration: {{intend: ..., others: ..., source: ...}}",
        )
    elif of not in known and of not in [f"outcome:{one}" for one in study.outcomes]:
        expected = "one of " + ", ".join(known)
        if of in own or not known:
            seen_in = f"{of if of in own else 'retained'}: COLUMN"
            expected = f"a column that holds it, named under value.observed: {{{seen_in}}}"
        yield (
            "value_measured",
            path,
            f"nothing called '{of}' was measured",
            expected,
            nearest(of, known),
        )
    elif of in own and own[of][0] != key:
        yield (
            "value_measured",
            path,
            f"'{of}' tells '{own[of][0]}' and not '{key}'",
            f"{own[of][0]}: {{measured: {of}}}",
            None,
        )
    elif of == "retained" and seen.after != value.months:
        yield (
            "value_period",
            path,
            f"who is still there was observed after {seen.after} months, and a period has "
            f"{value.months}",
            f"after: {value.months}, or the period that has {seen.after} months",
            None,
        )
    elif of.startswith("outcome:") and study.outcomes[outcome].metric not in _METRICS_OF_SHARES:
        yield (
            "value_measured",
            path,
            f"'{of}' is told as {study.outcomes[outcome].metric}, which is no share",
            "an outcome whose metric is " + " or ".join(_METRICS_OF_SHARES),
            None,
        )
    elif of.startswith("outcome:") and key not in SHARES:
        yield "value_measured", path, f"'{of}' is a share and '{key}' is none", "a figure", None


def _stated(study: Study, path: tuple[str, ...], key: str, one: Input) -> Iterator[Slip]:
    known = [outcome for outcome in study.outcomes if outcome in INTENTIONS]
    if one.stated not in known:
        message = f"the study asks no intention called '{one.stated}'"
        expected = "one of " + ", ".join(known) if known else "an outcome such as stay"
        yield "value_stated", path, message, expected, nearest(str(one.stated), known)
    if key not in ("retention", "churn"):
        message = f"an intention cannot tell '{key}'"
        yield "value_stated", path, message, "retention or churn", None
    if one.calibration is None:
        yield (
            "value_calibration",
            path,
            f"'{one.stated}' is what people say they will do: it is no probability",
            "calibration: {intend: {value: ...}, others: {value: ...}, source: ...}",
            "say which share of those who say so did so elsewhere, or leave the input to a figure",
        )
        return
    for name in ("intend", "others"):
        yield from _figure(
            (*path, "calibration", name), "retention", getattr(one.calibration, name)
        )


def _claimed(
    value: Value, path: tuple[str, ...], key: str, one: Input, *, is_scenario: bool
) -> Iterator[Slip]:
    claims = {name: told for name, told in library.claims().items() if "figure" in told}
    if not is_scenario:
        yield (
            "value_claim",
            path,
            f"the input '{key}' rests on a claim that nobody has checked",
            "a figure with its source; a claim stands in a scenario",
            f"move it to a scenario, under set: {{{key}: {{claim: {one.claim}}}}}",
        )
    if one.claim not in claims:
        expected = "one of " + ", ".join(claims)
        yield (
            "value_claim",
            path,
            f"no claim is called '{one.claim}'",
            expected,
            nearest(str(one.claim), claims),
        )
        return
    if one.times == key or (one.times and one.times not in value.inputs):
        others = [name for name in value.inputs if name != key]
        message = f"the claim is taken times '{one.times}', which is no other input"
        yield (
            "value_claim",
            path,
            message,
            "one of " + ", ".join(others),
            nearest(one.times, others),
        )
    is_times = claims[one.claim].get("unit") == "times"
    if is_times and one.times is None:
        message = f"the claim '{one.claim}' is so many times something"
        yield "value_claim", path, message, "times: keep_cost, or another input", None
    if not is_times and key not in SHARES:
        message = f"the claim '{one.claim}' is a share, and '{key}' is none"
        yield "value_claim", path, message, "one of " + ", ".join(SHARES), None
