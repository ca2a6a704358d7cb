"""The shape of a study file: the frozen Study that its parts make.

Names are cross-checked in `crosscheck`. `Study.context` is all that wording needs to know.
"""

# pydantic gives every study its own copy of a default:
# ruff: noqa: RUF012

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr

from cxkit import library
from cxkit.errors import StudyError, nearest
from cxkit.study.coding_entry import Coding
from cxkit.study.context import context_of
from cxkit.study.parts import (
    DERIVED_BASES,
    Action,
    AnswerFile,
    Base,
    Channels,
    Column,
    DateColumn,
    Disclosure,
    Framework,
    FrameworkItem,
    Item,
    Key,
    Keys,
    Metric,
    Outcome,
    OwnScale,
    Part,
    Privacy,
    Quality,
    ReportRun,
    Rival,
    Sample,
    Segment,
    Stage,
    Text,
    Wave,
    WaveKey,
    Weighting,
    Word,
    Words,
    keyed,
    or_none,
    short_for,
)
from cxkit.study.value_entry import Value

__all__ = ["FURTHEST_STAGE", "MULTI_CHANNEL", "Study", "study_schema"]

FURTHEST_STAGE = "furthest_stage"
"""The segment that follows from who reached which stage, unless a study declares one so called."""

MULTI_CHANNEL = "multi_channel"
"""The base of those who used two or more channels, unless a study declares one so called."""


# -- the study -----------------------------------------------------------------------------------


def _as_answer_files(value: Any) -> Any:
    """One source stands for all waves; a mapping of sources has one for each wave."""
    is_one = isinstance(value, dict) and {"path", "url_from"} & set(value)
    return {"": value} if is_one else value


def _as_channels(value: Any) -> Any:
    return None if value is None else short_for("column")(value)


def _as_date_column(value: Any) -> Any:
    return None if value is None else short_for("column")(value)


class Study(Part):
    """A study as its file says, resolved: scales, bases, metrics and frameworks are at hand."""

    cxkit: Literal[1]
    study: Annotated[
        str, AfterValidator(keyed(r"[a-z0-9][a-z0-9_-]*", "small letters, digits, - and _"))
    ]
    title: Text
    brand: Word
    site: Text | None = None
    place: Text | None = None
    period: Text
    ahead: Text | None = None
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    timezone: str | None = None
    sample: Sample
    frameworks: Keys = ()
    preset: str | None = None
    answers: Annotated[
        dict[str, AnswerFile],
        BeforeValidator(
            _as_answer_files, json_schema_input_type=AnswerFile | dict[str, AnswerFile]
        ),
        Field(min_length=1),
    ]
    respondent: Column | None = None
    wave: Column | None = None
    date: Annotated[
        DateColumn | None,
        BeforeValidator(_as_date_column, json_schema_input_type=str | float | DateColumn | None),
    ] = None
    waves: dict[
        WaveKey,
        Annotated[Wave, BeforeValidator(or_none, json_schema_input_type=Wave | None)],
    ] = {}
    weight: Column | None = None
    weighting: Weighting | None = None
    strata: Column | None = None
    cluster: Column | None = None
    population: Annotated[int, Field(gt=0)] | dict[Word, Annotated[int, Field(gt=0)]] | None = None
    mix: Keys = ()
    order: Text | None = None
    intro: Text | None = None
    segments: dict[
        Key,
        Annotated[
            Segment,
            BeforeValidator(
                short_for("column"), json_schema_input_type=str | float | Segment | None
            ),
        ],
    ] = {}
    scale_key: Key | None = Field(None, alias="scale")
    scales: dict[Key, OwnScale] = {}
    text_answers: dict[str, dict[str, Word]] = {}
    items: dict[
        Key,
        Annotated[
            Item,
            BeforeValidator(short_for("column"), json_schema_input_type=str | float | Item),
        ],
    ] = {}
    bases: dict[
        Key,
        Annotated[
            Base,
            BeforeValidator(short_for("column"), json_schema_input_type=str | float | Base),
        ],
    ] = {}
    stages: dict[Key, Stage] = {}
    outcomes: dict[
        Key,
        Annotated[
            Outcome,
            BeforeValidator(short_for("column"), json_schema_input_type=str | float | Outcome),
        ],
    ] = {}
    channels: Annotated[
        Channels | None,
        BeforeValidator(_as_channels, json_schema_input_type=str | float | Channels | None),
    ] = None
    rival: Rival | None = None
    comments: dict[Key, Column] = {}
    coding: Annotated[Coding, BeforeValidator(or_none, json_schema_input_type=Coding | None)] = (
        Coding()
    )
    batteries: Words = ()
    targets: dict[Metric, float] = {}
    matters: dict[Metric, Annotated[float, Field(gt=0)]] = {}
    actions: tuple[Action, ...] = ()
    exclusions: str | None = None
    quality: Annotated[Quality, BeforeValidator(or_none, json_schema_input_type=Quality | None)] = (
        Quality()
    )
    disclosure: Annotated[
        Disclosure, BeforeValidator(or_none, json_schema_input_type=Disclosure | None)
    ] = Disclosure()
    min_base: Annotated[int, Field(ge=1)] = 30
    warn_base: Annotated[int, Field(ge=1)] = 100
    ci_level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    privacy: Privacy = Privacy()
    seed: Annotated[int, Field(ge=0)] = 20260101
    simulated: bool = False
    reports: tuple[ReportRun, ...] = (ReportRun(),)
    theme: str | None = None
    value: Value | None = None

    _file: Path = PrivateAttr(default=Path("study.yaml"))
    _shown: str = PrivateAttr(default="study.yaml")
    _frameworks: tuple[Framework, ...] = PrivateAttr(default=())
    _own_files: tuple[Path, ...] = PrivateAttr(default=())
    _theme: dict[str, Any] = PrivateAttr(default_factory=dict)
    _scales: dict[str, library.Scale] = PrivateAttr(default_factory=dict)
    _further: frozenset[str] = PrivateAttr(default=frozenset())
    _own: Study | None = PrivateAttr(default=None)

    def furnish(
        self,
        frameworks: tuple[Framework, ...],
        scales: dict[str, library.Scale],
        further: frozenset[str] = frozenset(),
    ) -> None:
        """Put what the library adds at hand (once, while reading)."""
        self._frameworks, self._scales, self._further = frameworks, scales, further

    def settle(self, file: Path, shown: str, own_files: tuple[Path, ...]) -> None:
        """Say where the study lies, and how its user calls that (once, while reading)."""
        self._file, self._shown, self._own_files = file, shown, own_files

    def wear(self, theme: dict[str, Any]) -> None:
        """Say what the study's theme changes of the kit's own (once, while reading)."""
        self._theme = theme

    # -- where it is

    @property
    def file(self) -> Path:
        """The study file."""
        return self._file

    @property
    def folder(self) -> Path:
        """The folder of the study file: the answers' paths start here."""
        return self._file.parent

    @property
    def key(self) -> str:
        """The study's key: it names files."""
        return self.study

    def shown(self, name: str = "") -> str:
        """A file of the study as its user knows it (never a machine's path)."""
        if not name:
            return self._shown
        relative = Path(name).name if Path(name).is_absolute() else name
        return str(Path(self._shown).parent / relative)

    @property
    def input_files(self) -> dict[str, Path]:
        """The files that the study is made of, by their name from the study's folder."""
        own = {path.name: path for path in (self._file, *self._own_files)}
        named = [one for answers in self.answers.values() for one in answers.files]
        named += [self.exclusions] if self.exclusions else []
        for one in (*named, *self.coding.files, *self.coding.beside(self.folder)):
            path = Path(one)
            inside = not path.is_absolute() and ".." not in path.parts
            for file in _files(self.folder / one):
                name = file.relative_to(self.folder).as_posix() if inside else file.name
                own[name] = file
        return dict(sorted(own.items()))

    @property
    def is_of_files(self) -> bool:
        """Whether all answers lie in files, which tell by their bytes whether they changed."""
        return all(one.url_from is None for one in self.answers.values())

    # -- what was asked

    @property
    def frameworks_read(self) -> tuple[Framework, ...]:
        """The study's frameworks, in its order."""
        return self._frameworks

    @property
    def known_scales(self) -> dict[str, library.Scale]:
        """The response scales that the study uses, by name."""
        return dict(self._scales)

    @property
    def word_columns(self) -> tuple[str, ...]:
        """The columns that hold words and not codes of a scale."""
        conditions = [base.condition for base in self.bases.values() if base.condition]
        conditions += [one for stage in self.stages.values() for one in stage.reached]
        if self.value is not None and self.value.observed.retained is not None:
            conditions.append(self.value.observed.retained)
        columns = [one.column for one in conditions]
        columns += [one.column or key for key, one in self.segments.items()]
        columns += self.channel_columns.values()
        return tuple(dict.fromkeys([*columns, *([self.wave] if self.wave else [])]))

    @property
    def scaled_columns(self) -> list[tuple[str, str | None]]:
        """Every column that is read on a scale, with the name of the scale."""
        read = [(one.column, one.scale) for one in self.items.values()]
        read += [(one.column, one.scale) for one in self.outcomes.values()]
        read += [(one.rating, one.scale) for one in self.stages.values() if one.rating]
        if self.rival is not None:
            pairs = ((self.items, self.rival.items), (self.outcomes, self.rival.outcomes))
            read += [
                (column, own[key].scale)
                for own, shelf in pairs
                for key, column in shelf.items()
                if key in own
            ]
        return read

    @property
    def framework(self) -> Framework | None:
        """The framework of levels, None if the study has none."""
        return next((one for one in self._frameworks if one.kind == "levels"), None)

    @property
    def journey(self) -> Framework | None:
        """The framework of stages, None if the study has none."""
        return next((one for one in self._frameworks if one.kind == "stages"), None)

    @property
    def item_keys(self) -> tuple[str, ...]:
        """The study's items in the framework's order, others after them."""
        frameworks = [one for one in self._frameworks if one.kind == "levels"]
        ordered = [key for one in frameworks for key in one.item_keys if key in self.items]
        return tuple(dict.fromkeys([*ordered, *self.items]))

    def asked_by_framework(self, item: str) -> FrameworkItem | None:
        """How a framework of the study asks an item, None where none does."""
        asking = (one.items[item] for one in self._frameworks if item in one.items)
        return next(asking, None)

    @property
    def statements(self) -> tuple[str, ...]:
        """The items of the framework of levels; all items where there is no such framework."""
        if self.framework is None:
            return self.item_keys
        own = set(self.framework.item_keys)
        return tuple(key for key in self.item_keys if key in own)

    @property
    def headlines(self) -> dict[str, Outcome]:
        """The outcomes that a report leads with; further questions are told in their sections.

        A further question is one that the study measures by its battery alone (word of mouth,
        intentions, problems): a metric of its own makes it a headline.
        """
        return {key: one for key, one in self.outcomes.items() if key not in self._further}

    @property
    def parts(self) -> dict[str, Framework]:
        """The frameworks of levels beside the first, by what they call a part (`type`)."""
        beside = (one for one in self._frameworks if one.kind == "levels")
        found = {one.part: one for one in beside if one.part and one.part != "level"}
        return {part: one for part, one in found.items() if part}

    @property
    def channel_keys(self) -> tuple[str, ...]:
        """The channels that a respondent may use several of, in the study's order."""
        return tuple(self.channel_columns)

    @property
    def channel_columns(self) -> dict[str, str]:
        """The column of each channel: its own, or the option of the question."""
        asked = self.channels
        if asked is None:
            return {}
        if asked.column is None:
            return dict(asked.columns)
        listed = asked.vocabulary in library.vocabularies()
        known = library.vocabulary(str(asked.vocabulary)) if listed else asked.labels
        return {key: asked.columns.get(key, f"{asked.column}/{key}") for key in known}

    @property
    def stage_keys(self) -> tuple[str, ...]:
        """The study's stages in the framework's order."""
        known = self.journey.stage_keys if self.journey else ()
        return tuple(key for key in known if key in self.stages)

    @property
    def base_keys(self) -> tuple[str, ...]:
        """The bases that can be told from the answers: declared, or derived from those."""
        derived = (
            key
            for key, parts in DERIVED_BASES.items()
            if key not in self.bases and any(part in self.bases for part in parts)
        )
        several = (MULTI_CHANNEL,) if self.has_multi_channel else ()
        return (*self.bases, *derived, *several)

    @property
    def has_multi_channel(self) -> bool:
        """Whether the base `multi_channel` follows from the channels that respondents used."""
        return self.channels is not None and MULTI_CHANNEL not in self.bases

    @property
    def reached_stages(self) -> tuple[str, ...]:
        """The stages of which the study says who reached them, in the framework's order."""
        return tuple(key for key in self.stage_keys if self.stages[key].reached)

    @property
    def segment_keys(self) -> tuple[str, ...]:
        """The segments that can be told from the answers: declared, or derived from the stages."""
        return (*self.segments, *([FURTHEST_STAGE] if self.has_furthest_stage else []))

    @property
    def has_furthest_stage(self) -> bool:
        """Whether the segment `furthest_stage` follows from who reached which stage."""
        return len(self.reached_stages) > 1 and FURTHEST_STAGE not in self.segments

    def segment_order(self, key: str) -> tuple[str, ...]:
        """The groups of a segment as far as the study or its vocabulary names them, in order."""
        if key == FURTHEST_STAGE and key not in self.segments:
            return self.reached_stages
        segment = self.segments[key]
        named = list(segment.values)
        if segment.vocabulary in library.vocabularies():
            named += [*library.vocabulary(str(segment.vocabulary)), "other", "unknown"]
        return tuple(dict.fromkeys(named))

    def of_wave(self, wave: str | None) -> Study:
        """The study as that wave asked it: its own wording, scales, preset, period."""
        own = self._own or self
        otherwise = own.waves[wave].instrument if wave in own.waves else None
        if otherwise is None or not otherwise.model_fields_set:
            return own
        shelves: tuple[tuple[str, dict[str, Any]], ...] = (
            ("items", own.items), ("outcomes", own.outcomes), ("stages", own.stages)
        )  # fmt: skip
        told: dict[str, Any] = {
            name: {
                key: one.model_copy(update=otherwise.of(key, type(one).model_fields))
                for key, one in shelf.items()
            }
            for name, shelf in shelves
        }
        put = ("preset", "order", "intro", "period")
        told |= {name: getattr(otherwise, name) for name in put if getattr(otherwise, name)}
        made = own.model_copy(update=told)
        made._own = own
        return made

    def is_asked(self, column: str, wave: str) -> bool:
        """Whether a wave has a column (False where its file of answers says it has none)."""
        file = self.answers.get(wave)
        if file is None:
            return True
        named = {self.column_of(key) or key: other for key, other in file.columns.items()}
        return named.get(column, column) is not None

    def with_min_base(self, min_base: int) -> Study:
        """The same study, hiding numbers on fewer effective answers than `min_base`."""
        warn_base = max(self.warn_base, min_base)
        own = self._own or self
        return own.model_copy(update={"min_base": min_base, "warn_base": warn_base})

    @property
    def is_weighted(self) -> bool:
        """Whether respondents weigh differently: by a column, or by weights that the kit makes."""
        return self.weight is not None or self.weighting is not None

    def column_of(self, key: str) -> str | None:
        """The column that a key of the study reads: an item, an outcome, a segment, `weight`..."""
        if key in ("respondent", "wave", "weight", "strata", "cluster"):
            return getattr(self, key)
        if key == "date" and self.date:
            return self.date.column
        if key in self.comments:
            return self.comments[key]
        if key in self.items:
            return self.items[key].column
        if key in self.outcomes:
            return self.outcomes[key].column
        if key in self.segments:
            return self.segments[key].column
        return key if key in self.columns else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the study names, in its order."""
        named = [self.respondent, self.wave, self.weight, self.strata, self.cluster]
        named += [self.date.column] if self.date else []
        named += [item.column for item in self.items.values()]
        named += [outcome.column for outcome in self.outcomes.values()]
        named += [stage.rating for stage in self.stages.values()]
        named += [*self.rival.items.values(), *self.rival.outcomes.values()] if self.rival else []
        named += [*self.word_columns, *self.comments.values()]
        named += [*self._columns_of_weighting(), *self.quality.columns]
        named += self.value.columns if self.value is not None else ()
        return tuple(dict.fromkeys(one for one in named if one is not None))

    def _columns_of_weighting(self) -> tuple[str, ...]:
        """The columns that weights are made from, beside those of the segments."""
        if self.weighting is None:
            return ()
        own = (one for one in self.weighting.variables if one not in self.segments)
        return (*own, *([self.weighting.start] if self.weighting.start else []))

    def base_parts(self, key: str) -> tuple[str, ...]:
        """The bases that `key` is any of; () for a base with a condition of its own."""
        if key in self.bases:
            return self.bases[key].any
        return tuple(part for part in DERIVED_BASES.get(key, ()) if part in self.bases)

    def scale(self, of: str) -> library.Scale:
        """The response scale of `item:KEY`, `outcome:KEY` or `rating:STAGE`."""
        measured = {f"item:{key}": item.scale for key, item in self.items.items()}
        measured |= {f"outcome:{key}": outcome.scale for key, outcome in self.outcomes.items()}
        measured |= {f"rating:{key}": one.scale for key, one in self.stages.items() if one.rating}
        if self.rival is not None:
            asked = ("item", self.rival.items), ("outcome", self.rival.outcomes)
            own = [f"{kind}:{key}" for kind, shelf in asked for key in shelf]
            measured |= {f"rival:{of}": measured[of] for of in own if of in measured}
        try:
            return self._scales[measured[of] or ""]
        except KeyError:
            raise StudyError(
                f"nothing called '{of}' has a response scale",
                where=self._shown,
                expected="one of " + ", ".join(measured),
                hint=nearest(of, measured),
            ) from None

    def population_for(self, n: int) -> int | dict[str, int] | None:
        """How many a wave of `n` rows was drawn from, where its variance is to allow for it.

        A `population` of the study always counts, one number or one a stratum; the population
        that the sample is said to stand for does from the point where more than 5 % of it
        answered (METHODS 9, 22.10).
        """
        if self.population is not None:
            return self.population
        known = self.sample.population
        is_large = isinstance(known, int) and self.cluster is None and n > 0.05 * known
        return known if isinstance(known, int) and is_large else None

    @property
    def known_population(self) -> int | None:
        """How many people the sample stands for, None when unknown."""
        if isinstance(self.population, dict):
            return sum(self.population.values())
        if self.population is not None:
            return self.population
        return self.sample.population if isinstance(self.sample.population, int) else None

    # -- what wording needs

    def context(self) -> dict[str, Any]:
        """All that wording needs to word a finding of this study, as plain JSON values."""
        return context_of(self)

    @property
    def own_frameworks(self) -> tuple[Framework, ...]:
        """The frameworks that stand in files beside the study."""
        own = {path.stem for path in self._own_files}
        return tuple(one for one in self._frameworks if one.key in own)

    @property
    def own_theme(self) -> dict[str, Any]:
        """What the study's theme changes of the kit's."""
        return self._theme


def _files(path: Path) -> list[Path]:
    """The file of a path, or those of a pattern, whose names tell their order."""
    is_pattern = any(mark in path.name for mark in "*?[") and not path.is_file()
    return sorted(path.parent.glob(path.name)) if is_pattern else [path]


def study_schema() -> dict[str, Any]:
    """The JSON Schema of a study file, for editors; `library/schemas` holds a copy of it."""
    schema = Study.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
