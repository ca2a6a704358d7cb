"""The parts of a study file: its words, and each group of keys, with shorthand widened."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from cxkit import library

__all__ = [
    "BASES",
    "DEPTHS",
    "DERIVED_BASES",
    "METRICS",
    "PLATFORMS",
    "REASONS",
    "Action",
    "AnswerFile",
    "AskedOtherwise",
    "Base",
    "Cells",
    "Channels",
    "Column",
    "Condition",
    "DateColumn",
    "Disclosure",
    "Duration",
    "Finished",
    "Framework",
    "FrameworkItem",
    "Item",
    "Key",
    "Keys",
    "Metric",
    "Outcome",
    "OwnScale",
    "Part",
    "Privacy",
    "Quality",
    "ReportRun",
    "Rival",
    "Sample",
    "Segment",
    "Stage",
    "Targets",
    "Text",
    "Trim",
    "Wave",
    "WaveKey",
    "Weighting",
    "Word",
    "Words",
    "keyed",
    "or_none",
    "short_for",
]

Metric = Literal[
    "nps", "csat", "ces", "score_100", "mean", "top_2_box", "bottom_2_box", "net", "share",
    "reach", "conversion", "handoff",
]  # fmt: skip
METRICS: tuple[str, ...] = get_args(Metric)
"""Metrics that `targets` and `matters` may speak of, each in its own unit."""

REASONS = (*library.REASONS, "not_reached")
"""Why an answer may be missing: what respondents or a file say, and what a stage tells."""

PLATFORMS = (
    "plain", "qualtrics", "surveymonkey", "limesurvey", "xlsform", "google_forms", "spss", "sql",
    "duckdb",
)  # fmt: skip
"""Where answers may come from, as `platform` says it."""

DERIVED_BASES = {"experienced": ("visitors", "buyers", "contacted", "served")}
"""Bases that follow from others when the study does not declare them."""

BASES = (
    "aware", "visitors", "buyers", "contacted", "served", "chatbot_users", "attendees",
    "experienced", "users", "multi_channel", "talked", "recommended", "posted", "had_problem",
    "reported",
)  # fmt: skip
"""The bases that the kit's questionnaire speaks of; a study may declare others."""


# -- words of the file -------------------------------------------------------------------------


def _slip(message: str, expected: str, hint: str | None = None) -> PydanticCustomError:
    return PydanticCustomError(
        "bad_value", "{message}", {"message": message, "expected": expected, "hint": hint}
    )


def _as_text(value: Any, info: ValidationInfo) -> Any:
    """One string stands for all languages of the study; else every language has its own."""
    languages = (info.context or {}).get("languages", ())
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return {language: str(value) for language in languages or ("en",)}
    if isinstance(value, dict):
        for language in languages:
            if language not in value:
                raise _slip(
                    f"a text has no '{language}'",
                    "one text, or a text for each of " + ", ".join(languages),
                )
        return {key: str(text) if _is_number(text) else text for key, text in value.items()}
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_word(value: Any) -> Any:
    return str(value) if _is_number(value) or isinstance(value, dt.date) else value


def _as_list(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


def or_none(value: Any) -> Any:
    """An empty entry is a group without keys."""
    return {} if value is None else value


def short_for(key: str) -> Callable[[Any], Any]:
    """A lone word stands for a group of keys with only `key`."""

    def widen(value: Any) -> Any:
        return {key: value} if isinstance(value, str) or _is_number(value) else or_none(value)

    return widen


def keyed(pattern: str, expected: str) -> Callable[[str], str]:
    """A check that a key follows `pattern`, which `expected` says in words."""
    rule = re.compile(pattern)

    def check(value: str) -> str:
        if not rule.fullmatch(value):
            raise _slip(f"the key '{value}' cannot be used", expected)
        return value

    return check


Text = Annotated[
    dict[str, str], BeforeValidator(_as_text, json_schema_input_type=str | dict[str, str])
]
Key = Annotated[
    str, AfterValidator(keyed(r"[A-Za-z][A-Za-z0-9_]*", "letters, digits and _, a letter first"))
]
WaveKey = Annotated[
    str, AfterValidator(keyed(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "letters, digits, - and _"))
]
Word = Annotated[str, BeforeValidator(_as_word, json_schema_input_type=str | float)]
Column = Annotated[Word, Field(min_length=1)]
Words = Annotated[
    tuple[Word, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | float | list[str | float]),
]
Keys = Annotated[tuple[Key, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]


class Part(BaseModel):
    """What all parts share: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sample(Part):
    """Whom the answers stand for (DOMAIN 11)."""

    frame: Literal["market", "visitors", "customers"]
    design: Literal["probability", "opt_in", "census", "unknown"]
    population: Annotated[int, Field(gt=0)] | Literal["unknown"] = "unknown"
    mode: Text | None = None
    invited: Annotated[int, Field(gt=0)] | dict[Word, Annotated[int, Field(gt=0)]] | None = None


class AnswerFile(Part):
    """One source of answers; `columns` names its own column of an item or other key.

    `platform` is recognised from the file if not given, `structure` is the questionnaire file
    that belongs to the export, `sheet` the sheet of a workbook. A key whose column is empty was
    not asked in this source. Answers in a database have no path: `url_from` names the environment
    variable that holds its URL (which never stands in a study file), `table` or `query` the rows.
    """

    path: str = ""
    platform: str | None = None
    structure: str | None = None
    sheet: Word | None = None
    url_from: str | None = None
    table: str | None = None
    query: str | None = None
    columns: dict[str, Column | None] = {}

    @property
    def files(self) -> tuple[str, ...]:
        """The paths that the source is made of."""
        return tuple(one for one in (self.path, self.structure) if one)


class DateColumn(Part):
    """Where the day of answering stands, and in which order its parts are written."""

    column: Column
    order: Literal["ymd", "dmy", "mdy"] | None = None


class AskedOtherwise(Part):
    """What one wave asked in other words, on other scales or in another order than the study.

    `wording` and `scales` go by the key of an item, an outcome or (for its rating) a stage.
    """

    wording: dict[Key, Text] = {}
    scales: dict[Key, Key] = {}
    preset: str | None = None
    order: Text | None = None
    intro: Text | None = None
    period: Text | None = None

    def of(self, key: str, known: Iterable[str]) -> dict[str, Any]:
        """What this wave asked otherwise of one question, as far as its entry has such keys.

        The label of a statement is its wording; that of an outcome is a name, and stays.
        """
        wording = self.wording.get(key) if "stage" in known else None
        told = {"label": wording, "scale": self.scales.get(key)}
        return {name: value for name, value in told.items() if value and name in known}


class Wave(Part):
    """When and how a wave was fielded, what it asked otherwise, and what was published of it.

    `restated` says why a figure published earlier has another value today.
    """

    start: dt.date | None = Field(None, alias="from")
    end: dt.date | None = Field(None, alias="to")
    label: Text | None = None
    mode: Text | None = None
    source: Text | None = None
    season: Text | None = None
    language: Text | None = None
    note: Text | None = None
    instrument: Annotated[
        AskedOtherwise,
        BeforeValidator(or_none, json_schema_input_type=AskedOtherwise | None),
    ] = AskedOtherwise()
    published: dict[Metric, float] = {}
    restated: Text | None = None


class OwnScale(Part):
    """A response scale of the study's own: points, labels and direction are never guessed."""

    points: Annotated[int, Field(ge=2, le=101)] | tuple[float, ...]
    direction: Literal["up", "down"]
    low: Text | None = None
    high: Text | None = None
    labels: dict[str, tuple[Word, ...]] | None = None
    missing: dict[str, library.Reason] = {}
    family: str | None = None

    @property
    def codes(self) -> tuple[float, ...]:
        """The codes of the points: 1 to `points`, or those listed."""
        if isinstance(self.points, int):
            return tuple(float(code) for code in range(1, self.points + 1))
        return self.points


class Condition(Part):
    """Who is meant: those whose answer in `column` is one of the words `is`."""

    column: Column
    words: Words = Field(("yes",), alias="is")


class Base(Part):
    """Who may answer: one condition, or `any` of other bases."""

    column: Column | None = None
    words: Words = Field(("yes",), alias="is")
    any: Keys = ()

    @property
    def condition(self) -> Condition | None:
        """The condition, None for a base made of others."""
        if self.column is None:
            return None
        return Condition.model_validate({"column": self.column, "is": self.words})


class Item(Part):
    """Where the answers to an item are, on which scale, and who may answer it.

    `reached` are the stages that a respondent must all have reached to be asked.
    """

    column: Column
    scale: Key | None = None
    base: Key | None = None
    reached: Keys = ()
    label: Text | None = None
    stage: Keys = ()


class Outcome(Part):
    """An outcome: what the experience should lead to, and how it is measured."""

    column: Column
    metric: Literal["nps", "csat", "ces", "mean", "score_100", "top_2_box", "share"] | None = None
    scale: Key | None = None
    definition: str | None = None
    base: Key | None = None
    label: Text | None = None


_SHORT_CONDITION = short_for("column")


def _as_conditions(value: Any) -> Any:
    return [_SHORT_CONDITION(one) for one in _as_list(value)]


class Stage(Part):
    """Who reached a stage (any of the conditions) and how it was rated."""

    reached: Annotated[
        tuple[Condition, ...],
        BeforeValidator(
            _as_conditions, json_schema_input_type=str | Condition | list[str | Condition]
        ),
    ] = ()
    rating: Column | None = None
    scale: Key | None = None


class Segment(Part):
    """A variable that splits respondents into groups."""

    column: Column | None = None
    label: Text | None = None
    vocabulary: str | None = None
    values: dict[str, Text] = {}


class Channels(Part):
    """The ways in which respondents deal with the brand; a person may use several.

    One question of which several answers may be ticked (`column`), or a column for each channel.
    """

    column: Column | None = None
    vocabulary: str | None = None
    columns: dict[Key, Column] = {}
    labels: dict[Key, Text] = {}
    base: Key | None = None
    words: Words = Field(("yes",), alias="is")


class Rival(Part):
    """Another brand that the same people rated: its columns of items and outcomes of the study."""

    brand: Word
    items: dict[Key, Column] = {}
    outcomes: dict[Key, Column] = {}


Share = Annotated[float, Field(ge=0, le=1)]


class Cells(Part):
    """Known shares of the cells that some variables make together: one level of keys for each."""

    by: Keys
    shares: dict[Word, Any]


class Trim(Part):
    """The smallest and the largest weight that is allowed, as multiples of the mean weight."""

    low: Annotated[float, Field(ge=0, lt=1)] = 0.0
    high: Annotated[float, Field(gt=1)] | None = None


class Targets(Part):
    """Known shares of the population: of each variable alone (`rake`), or of cells of several."""

    rake: dict[Column, dict[Word, Share]] | None = None
    cells: Cells | None = None

    @property
    def by(self) -> tuple[str, ...]:
        """The segments and columns whose shares are known."""
        return (*(self.rake or ()), *(self.cells.by if self.cells else ()))


class Weighting(Targets):
    """Weights to be made from known shares, in each wave by itself.

    `start` is a column of weights to begin with, `trim` cuts what is too small or too large, and
    `waves` holds the shares of waves that have others.
    """

    start: Column | None = None
    trim: Trim | None = None
    waves: dict[WaveKey, Targets] = {}

    def of(self, wave: str) -> Targets:
        """The known shares that hold for a wave."""
        return self.waves.get(wave, self)

    def told(self) -> dict[str, Any]:
        """How weights are made, as plain values for the page."""
        trim = self.trim or Trim()
        how = "cells" if self.cells else "rake"
        told = {"how": how, "by": list(self.variables), "start": self.start}
        return told | {"low": trim.low or None, "high": trim.high}

    @property
    def variables(self) -> tuple[str, ...]:
        """The segments and columns whose shares are known in any wave, in their order."""
        named = [name for one in (self, *self.waves.values()) for name in one.by]
        return tuple(dict.fromkeys(named))


class Duration(Part):
    """How long an interview took: a column of seconds or minutes, or its start and its end."""

    column: Column | None = None
    unit: Literal["seconds", "minutes"] = "seconds"
    start: Column | None = None
    end: Column | None = None


def _duration(value: Any) -> Any:
    return None if value is None else short_for("column")(value)


class BotScore(Part):
    """A score of the platform's for how human a respondent is; those below (or above) it."""

    below: float | None = None
    above: float | None = None


class Finished(Part):
    """How the answers tell whether an interview was finished: `column` holds one of `is`."""

    column: Column
    words: Words = Field(("yes",), alias="is")


class Quality(Part):
    """What response quality is judged by; what the platform tells need not be said here.

    `speed` is the share of the wave's median duration under which an interview is called fast,
    `straight` the share of identical answers, and `p` the chance under which a pattern of answers
    is called odd (Mahalanobis).
    """

    duration: Annotated[
        Duration | None,
        BeforeValidator(_duration, json_schema_input_type=str | Duration | None),
    ] = None
    bot_scores: dict[Column, BotScore] = {}
    finished: Finished | None = None
    speed: Annotated[float, Field(gt=0, lt=1)] = 1 / 3
    straight: Annotated[float, Field(gt=0, le=1)] = 1.0
    p: Annotated[float, Field(gt=0, lt=0.5)] = 0.001

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that response quality is judged by."""
        time = self.duration
        named = [time.column, time.start, time.end] if time else []
        named += [self.finished.column] if self.finished else []
        return tuple(one for one in (*named, *self.bot_scores) if one is not None)


class Disclosure(Part):
    """What a reader must know of how the answers were collected (AAPOR); all of it may be unsaid.

    Dates, sizes, weights and wording follow from the study itself.
    """

    sponsor: Text | None = None
    conducted_by: Text | None = None
    contact: Text | None = None
    population: Text | None = None
    recruitment: Text | None = None
    source: Text | None = None
    incentive: Text | None = None
    mode: Text | None = None
    quality: Text | None = None
    limits: Text | None = None


class Action(Part):
    """Something the company did, a mark on the trend; or will do, a step of the section on those.

    `wave` is the wave in whose light a step is planned; without it, the last that ended before
    its date.
    """

    date: dt.date
    owner: Text | None = None
    wave: WaveKey | None = None
    level: Key | None = None
    stage: Key | None = None
    what: Text


class Privacy(Part):
    """What may be shown of few people."""

    min_n: Annotated[int, Field(ge=1)] = 10


MIN_SHARE = 0.5
"""A level is scored for those who answered so much of what applies to them (METHODS 19)."""

Depth = Literal["full", "brief", "board"]
DEPTHS: tuple[str, ...] = get_args(Depth)
"""How deep a report may go."""


Form = Literal["tables", "data", "figures", "pptx", "pdf"]
"""What may stand beside a page."""


class ReportRun(Part):
    """One report to make: a notebook, and the segments (or `wave`) that it is made for each of.

    Without `depth`, reports of groups are brief and others full. `parameters` are values for the
    notebook's own, such as `wave: 2026H1` or `group: region=java` for a single wave or group.
    """

    notebook: str = "report"
    by: Keys = ()
    depth: Depth | None = None
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)
    beside: tuple[Form, ...] = ()


class Level(Part):
    """One level of a framework and the items that measure it."""

    key: Key
    label: Text | None = None
    short: Text | None = None
    gloss: Text | None = None
    nature: str | None = None
    items: tuple[Key, ...] = ()


class FrameworkStage(Part):
    """One stage of a framework; the questions of the core questionnaire that measure it."""

    key: Key
    label: Text | None = None
    short: Text | None = None
    gloss: Text | None = None
    reached: Keys = ()
    rating: Key | None = None


class FrameworkItem(Part):
    """What a framework asks: whom, in which direction, in which words."""

    base: Key | None = None
    keyed: Literal["positive", "negative"] = "positive"
    text: Text | None = None
    short: Text | None = None
    stage: Keys = ()


class Framework(Part):
    """Levels with their items, or stages: from the library, or a file beside the study."""

    key: Key
    version: int = 1
    kind: Literal["levels", "stages"]
    part: Key | None = None
    shape: Literal["pyramid", "list"] = "list"
    scored_on: Key | None = None
    title: Text | None = None
    section: Text | None = None
    question: Text | None = None
    unit: Text | None = None
    units: Text | None = None
    levels: tuple[Level, ...] = ()
    stages: tuple[FrameworkStage, ...] = ()
    items: dict[Key, FrameworkItem] = {}
    order_readings: dict[Key, tuple[Key, ...]] = {}
    default_order: Key | None = None
    coverage: dict[Key, Keys] = {}
    coverage_origin: str | None = None
    source_names: dict[Key, Text] = {}
    named_as: dict[Key, Keys] = {}
    discrepancy: Text | None = None
    provenance: tuple[Text, ...] = ()
    inconsistencies: tuple[Text, ...] = ()

    @property
    def level_keys(self) -> tuple[str, ...]:
        """The levels from base to apex."""
        return tuple(level.key for level in self.levels)

    @property
    def stage_keys(self) -> tuple[str, ...]:
        """The stages in the customer's order."""
        return tuple(stage.key for stage in self.stages)

    @property
    def item_keys(self) -> tuple[str, ...]:
        """The items in the order of their levels."""
        in_levels = [item for level in self.levels for item in level.items]
        return tuple(dict.fromkeys([*in_levels, *self.items]))

    def level_of(self, item: str) -> str | None:
        """The level that an item measures."""
        return next((level.key for level in self.levels if item in level.items), None)
