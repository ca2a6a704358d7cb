"""Do the names of a study file agree with each other and with the library? All slips at once."""

from __future__ import annotations

import itertools
import math
import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cxkit import library, places
from cxkit.errors import Problem, nearest
from cxkit.library.files import names_in
from cxkit.study import coding_entry, preparing, sources, value_entry
from cxkit.study.file import Marked, key_path, unknown
from cxkit.study.parts import BASES, PLATFORMS, REASONS
from cxkit.study.shape import Study
from cxkit.study.wave_order import sorted_wrongly

__all__ = ["CrossCheck"]

_DEFINITION = re.compile(r"top_([1-9])_box|mean|share_positive")
_DEFINITIONS = "one of top_2_box (or another number), mean, share_positive"
_NEEDS_DEFINITION = ("csat", "ces")
_OUTCOME_BATTERIES = ("outcomes", "problems")
_TAKEN = {"wave": "waves", "mix": "a make-up that is held equal"}
"""Words that the sides of comparisons begin with (`wave=2026H1`, `mix=2025H2`)."""
_LIMITS_OF = {
    **dict.fromkeys(
        ("csat", "ces", "top_2_box", "bottom_2_box", "share", "reach", "conversion"), (0.0, 1.0)
    ),
    "nps": (-100.0, 100.0),
    "score_100": (0.0, 100.0),
}
"""Between which values a metric can lie in its own unit; others lie on a scale of the study."""


class CrossCheck:
    """The names of one study, followed to where they lead.

    `left_out` are the key paths that are wrong already: what names them is not told again.
    """

    def __init__(self, study: Study, marked: Marked, left_out: Iterable[str]) -> None:
        self.study, self.marked = study, marked
        self.left_out = tuple(left_out)

    def problems(self) -> list[Problem]:
        """Everything that does not agree, in the order of the study file."""
        found = [
            *self._languages(),
            *self._kinds_of_framework(),
            *self._presets(),
            *self._waves(),
            *self._answers(),
            *self._instruments(),
            *self._published(),
            *self._units(),
            *self._weights(),
            *self._population(),
            *self._segments(),
            *self._items(),
            *self._bases(),
            *self._stages(),
            *self._columns(),
            *self._outcomes(),
            *self._channels(),
            *self._rival(),
            *self._text_answers(),
            *self._actions(),
            *self._batteries(),
            *self._reports(),
            *self._value(),
            *self._coding(),
            *self._limits(),
        ]
        return sorted(found, key=lambda one: (one.file != self.marked.shown, one.line or 0))

    # -- telling

    def _slip(
        self,
        code: str,
        path: Sequence[object],
        message: str,
        expected: str,
        hint: str | None = None,
    ) -> Problem:
        return self.marked.problem(code, path, message, expected=expected, hint=hint)

    def _named(
        self, path: Sequence[object], kind: str, word: str | None, known: Iterable[str], shelf: str
    ) -> Iterator[Problem]:
        """A problem if `word` is not known, unless its entry on `shelf` is wrong already."""
        words = list(known)
        if word is not None and word not in words and not self._is_left_out(shelf, word):
            yield unknown(self.marked, path, kind, word, words)

    def _is_left_out(self, *places: str) -> bool:
        path = key_path(places)
        return any(one == path or one.startswith((f"{path}.", f"{path}[")) for one in self.left_out)

    # -- one matter each

    def _languages(self) -> Iterator[Problem]:
        for at, language in enumerate(self.study.languages):
            yield from self._named(
                ("languages", at), "language", language, library.languages(), "languages"
            )
        if self.study.timezone and zoneinfo.available_timezones():
            yield from self._named(
                ("timezone",), "time zone", self.study.timezone,
                _near(self.study.timezone, zoneinfo.available_timezones()), "timezone",
            )  # fmt: skip

    def _kinds_of_framework(self) -> Iterator[Problem]:
        kinds: dict[str, str] = {}
        for framework in self.study.frameworks_read:
            part = framework.part if framework.kind == "levels" else None
            kind = f"{part}s" if part else framework.kind
            if kind in kinds:
                yield self._slip(
                    "two_frameworks",
                    ("frameworks",),
                    f"'{framework.key}' and '{kinds[kind]}' are both frameworks of {kind}",
                    f"at most one framework of {kind}",
                )
            kinds[kind] = framework.key

    def _presets(self) -> Iterator[Problem]:
        known = library.presets()
        yield from self._named(("preset",), "preset", self.study.preset, known, "preset")

    def _waves(self) -> Iterator[Problem]:
        study = self.study
        for key, wave in study.waves.items():
            if wave.start and wave.end and wave.end < wave.start:
                yield self._slip(
                    "wave_dates",
                    ("waves", key),
                    f"wave '{key}' ends ({wave.end}) before it starts ({wave.start})",
                    "a 'to' that is not before its 'from'",
                )
        dated = [(key, wave.start) for key, wave in sorted(study.waves.items()) if wave.start]
        for (earlier, start), (later, next_start) in itertools.pairwise(dated):
            if next_start < start:
                yield self._slip(
                    "wave_order",
                    ("waves", later),
                    f"wave '{later}' starts before wave '{earlier}', which sorts before it",
                    "keys that sort as their dates do",
                    "name waves like 2026H1 or 2026-11",
                )
        files = [key for key in study.answers if key]
        yield from self._undated_waves(files)
        yield from self._overlapping_waves(files)

    def _answers(self) -> Iterator[Problem]:
        """The files of answers: the waves, keys and sheets that they name."""
        study = self.study
        files = [key for key in study.answers if key]
        if files and study.wave:
            yield self._slip(
                "wave_twice",
                ("wave",),
                "the wave is given twice: by a column and by a file a wave",
                "a wave column in one file, or a file for each wave",
                "remove 'wave'",
            )
        for key in files if study.waves else ():
            yield from self._named(("answers", key), "wave", key, study.waves, "waves")
        for name, answers in study.answers.items():
            path = ("answers", *([name] if name else []))
            for key in answers.columns:
                if study.column_of(key) is None:
                    known = (*study.items, *study.outcomes, *study.columns)
                    yield from self._named((*path, "columns", key), "key", key, known, "items")
            yield from self._named(
                (*path, "platform"), "platform", answers.platform, PLATFORMS, "platforms"
            )
            for code, key, message, expected, hint in sources.slips(answers):
                yield self._slip(code, (*path, key), message, expected, hint)

    def _undated_waves(self, files: Sequence[str]) -> Iterator[Problem]:
        """Waves without dates are put in order as text: their keys must sort as time does."""
        study = self.study
        undated = [key for key, wave in study.waves.items() if wave.start is None]
        pair = sorted_wrongly(study.waves if undated else [] if study.waves else files)
        if pair:
            yield self._slip(
                "wave_order",
                ("waves" if study.waves else "answers", pair[0]),
                f"wave '{pair[0]}' comes before '{pair[1]}' in time, and after it as text",
                "keys that sort as time does",
                "name waves like 2026H1, 2026Q1 or 2026-09",
            )

    def _overlapping_waves(self, files: Sequence[str]) -> Iterator[Problem]:
        """Where the day tells the wave, no day may lie in two of them."""
        study = self.study
        if study.date is None or study.wave is not None or files:
            return
        dated = [(key, one) for key, one in sorted(study.waves.items()) if one.start and one.end]
        for (earlier, one), (later, other) in itertools.pairwise(dated):
            if one.end and other.start and other.start <= one.end:
                yield self._slip(
                    "wave_overlap",
                    ("waves", later),
                    f"wave '{later}' starts on {other.start} and wave '{earlier}' ends on "
                    f"{one.end}: the day of answering cannot tell them apart",
                    "waves that do not share a day, or a column 'wave'",
                )

    def _instruments(self) -> Iterator[Problem]:
        """What a wave says it asked otherwise must be something that the study asks."""
        study = self.study
        asked = (*study.items, *study.outcomes, *study.stages)
        scales = (*study.scales, *library.scales())
        for wave, one in study.waves.items():
            path = ("waves", wave, "instrument")
            told = one.instrument
            for part, keys in (("wording", told.wording), ("scales", told.scales)):
                for key in keys:
                    yield from self._named((*path, part, key), "question", key, asked, "items")
            for key, scale in told.scales.items():
                yield from self._nps_scale((*path, "scales", key), key, scale)
            for key, scale in told.scales.items():
                yield from self._named((*path, "scales", key), "scale", scale, scales, "scales")
            if told.preset:
                presets = library.presets()
                yield from self._named((*path, "preset"), "preset", told.preset, presets, "preset")

    def _published(self) -> Iterator[Problem]:
        """A figure published earlier is one of the study's outcomes, of which there is one."""
        metrics = [str(one.metric) for one in self.study.outcomes.values()]
        for wave, one in self.study.waves.items():
            for metric in one.published:
                if metrics.count(metric) != 1:
                    n_such = metrics.count(metric)
                    yield self._slip(
                        "published_metric",
                        ("waves", wave, "published", metric),
                        f"wave '{wave}' published '{metric}', of which the study has {n_such}",
                        "a metric that exactly one outcome has",
                    )
            if one.restated and not one.published:
                yield self._slip(
                    "restated_nothing",
                    ("waves", wave, "restated"),
                    f"wave '{wave}' says why it is restated, and not what was published",
                    "published: {nps: 41}, as the earlier report gave it",
                )

    def _units(self) -> Iterator[Problem]:
        """Figures that the study gives of a metric lie where the metric can."""
        study = self.study
        given: list[tuple[tuple[str, ...], Mapping[Any, float]]] = [
            (("waves", key, "published"), one.published) for key, one in study.waves.items()
        ]
        given += [(("targets",), study.targets), (("matters",), study.matters)]
        for path, figures in given:
            for metric, figure in figures.items():
                yield from self._unit((*path, metric), metric, figure)

    def _unit(self, path: tuple[str, ...], metric: str, figure: float) -> Iterator[Problem]:
        low, high = self._limits_of(metric)
        name = key_path(path)
        if not low <= figure <= high:
            is_percent = high == 1 and 1 < figure <= 100
            yield self._slip(
                "out_of_unit",
                path,
                f"'{name}' is {figure:g}, and {metric} lies within {low:g} to {high:g}",
                f"a number from {low:g} to {high:g}",
                f"write {figure / 100:g} for {figure:g} %" if is_percent else None,
            )
        elif metric == "nps" and 0 < abs(figure) < 1 and path[0] != "matters":
            yield self.marked.problem(
                "written_as_a_share",
                path,
                f"'{name}' is {figure:g}: was an NPS written as a share?",
                severity="warning",
                expected="points from -100 to 100",
                hint=f"write {100 * figure:g} if that is meant",
            )

    def _limits_of(self, metric: str) -> tuple[float, float]:
        """The limits of a metric; none where an outcome of it is a mean on its scale."""
        outcomes = self.study.outcomes.values()
        if any(one.metric == metric and one.definition == "mean" for one in outcomes):
            return -math.inf, math.inf
        return _LIMITS_OF.get(metric, (-math.inf, math.inf))

    def _population(self) -> Iterator[Problem]:
        if isinstance(self.study.population, dict) and self.study.strata is None:
            yield self._slip(
                "population_by_stratum",
                ("population",),
                "the population is given by stratum, and the study names no strata",
                "one number, or a column of strata",
                "add strata: COLUMN",
            )

    def _weights(self) -> Iterator[Problem]:
        """What prepares the answers: weighting, quality."""
        weighting = self.study.weighting
        for key in weighting.waves if weighting and self.study.waves else ():
            place = ("weighting", "waves", key)
            yield from self._named(place, "wave", key, self.study.waves, "waves")
        for code, path, message, expected, hint in preparing.slips(self.study):
            yield self._slip(code, path, message, expected, hint)

    def _value(self) -> Iterator[Problem]:
        """What it is worth: its inputs, their sources, and the scenarios."""
        for code, path, message, expected, hint in value_entry.slips(self.study):
            yield self._slip(code, path, message, expected, hint)

    def _coding(self) -> Iterator[Problem]:
        """How comments are coded: the codebook and the files that it names."""
        for path, message, expected, hint in coding_entry.slips(self.study):
            yield self._slip("bad_coding", path, message, expected, hint)

    def _segments(self) -> Iterator[Problem]:
        for at, key in enumerate(self.study.mix):
            segments = self.study.segments
            yield from self._named(("mix", at), "segment", key, segments, "segments")
        known = library.vocabularies()
        for key, segment in self.study.segments.items():
            if key in _TAKEN or key in self.study.base_keys:
                yield self._slip(
                    "segment_key",
                    ("segments", key),
                    f"the segment '{key}' is called like {_TAKEN.get(key, 'a base')}",
                    "a key of its own",
                )
            path = ("segments", key, "vocabulary")
            yield from self._named(path, "vocabulary", segment.vocabulary, known, "vocabularies")

    def _items(self) -> Iterator[Problem]:
        study = self.study
        asked = [key for one in study.frameworks_read for key in one.item_keys]
        if asked and not set(study.items) <= set(asked):
            asked = list(dict.fromkeys((*asked, *library.further_items())))
            yield from self._unscored()
        stages = [key for one in study.frameworks_read for key in one.stage_keys]
        read_by: dict[str, str] = {}
        for key, item in study.items.items():
            path = ("items", key)
            if asked and not self._is_left_out("frameworks"):
                yield from self._named(path, "item", key, asked, "items")
            yield from self._scale(path, f"item '{key}'", item.scale)
            if item.base not in (*BASES, *study.bases):
                known = dict.fromkeys((*study.bases, *BASES))
                yield from self._named((*path, "base"), "base", item.base, known, "bases")
            for stage in item.stage if not self._is_left_out("frameworks") else ():
                yield from self._named((*path, "stage"), "stage", stage, stages, "stages")
            for stage in item.reached if self.marked.has((*path, "reached")) else ():
                yield from self._named((*path, "reached"), "stage", stage, study.stages, "stages")
            if item.column in read_by:
                yield self._slip(
                    "column_twice",
                    path,
                    f"items '{read_by[item.column]}' and '{key}' read the same column "
                    f"'{item.column}'",
                    "a column of its own for every item",
                )
            read_by.setdefault(item.column, key)
        if not (study.items or study.outcomes or study.stages):
            yield self._slip(
                "nothing_measured",
                (),
                "the study names no items, no outcomes and no stages",
                "at least one of items, outcomes, stages",
            )

    def _unscored(self) -> Iterator[Problem]:
        """Items of a framework of the library that the study does not name: never reported."""
        own = self.study.frameworks_read
        named = {key for one in own for key in one.item_keys}
        parts = {one.part for one in own}
        for name in names_in("frameworks") if not self._is_left_out("frameworks") else ():
            framework = library.framework(name)
            if framework["part"] in parts:
                continue
            lost = [key for key in self.study.items if key in framework.get("items", ())]
            lost = [key for key in lost if key not in named]
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            for key in lost[:1]:
                yield self._slip(
                    "framework_of_item",
                    ("items", key),
                    f"item '{key}'{more} belong{'s' if not more else ''} to the framework "
                    f"'{name}', which the study does not name",
                    f"frameworks: [{', '.join((*self.study.frameworks, name))}]",
                    "name it, or nothing would be said of what was answered",
                )

    def _scale(self, path: Sequence[object], owner: str, name: str | None) -> Iterator[Problem]:
        if name is None:
            if not self._is_left_out("scale"):
                yield self._slip(
                    "no_scale",
                    path,
                    f"{owner} has no response scale",
                    "a scale (it is never guessed from the answers)",
                    "add scale: agreement_5, or the scale that respondents saw",
                )
            return
        known = [*self.study.scales, *library.scales(), *library.answer_scales()]
        at = (*path, "scale") if self.marked.has((*path, "scale")) else ("scale",)
        yield from self._named(at, "scale", name, known, "scales")

    def _bases(self) -> Iterator[Problem]:
        study = self.study
        for key, base in study.bases.items():
            path = ("bases", key)
            if (base.column is None) == (not base.any):
                yield self._slip(
                    "base_shape",
                    path,
                    f"base '{key}' is neither a condition nor any of other bases",
                    "{column: scr_bought, is: yes} or {any: [visitors, buyers]}",
                )
            for part in base.any:
                yield from self._named((*path, "any"), "base", part, study.base_keys, "bases")
            if key in self._parts_of(key, ()):
                yield self._slip(
                    "base_circle",
                    path,
                    f"base '{key}' is made of itself",
                    "bases that lead to conditions",
                )

    def _parts_of(self, key: str, seen: tuple[str, ...]) -> set[str]:
        parts: set[str] = set()
        for part in self.study.base_parts(key) if key in self.study.base_keys else ():
            parts.add(part)
            if part not in seen:
                parts |= self._parts_of(part, (*seen, part))
        return parts

    def _stages(self) -> Iterator[Problem]:
        study = self.study
        known = study.journey.stage_keys if study.journey else ()
        for key, stage in study.stages.items():
            path = ("stages", key)
            if study.journey is None and not self._is_left_out("frameworks"):
                yield self._slip(
                    "no_journey",
                    path,
                    f"stage '{key}' belongs to no framework",
                    "a framework of stages in 'frameworks'",
                    "add journey to frameworks",
                )
            elif study.journey is not None:
                yield from self._named(path, "stage", key, known, "stages")
            if stage.rating:
                yield from self._scale(path, f"the rating of stage '{key}'", stage.scale)
            if not stage.rating and not stage.reached:
                yield self._slip(
                    "empty_stage",
                    path,
                    f"stage '{key}' says neither who reached it nor how it was rated",
                    "reached, rating, or both",
                )
        yield from self._rating_scales()

    def _rating_scales(self) -> Iterator[Problem]:
        """The ratings of all stages stand on one scale, or a hand-off compares unlike things."""
        study = self.study
        rated = {
            key: scale
            for key, stage in study.stages.items()
            if stage.rating and (scale := study.known_scales.get(stage.scale or ""))
        }
        first = next(iter(rated), None)
        for key, scale in rated.items():
            main = rated[first or key]
            if not _is_same(scale, main):
                yield self._slip(
                    "stage_scales",
                    ("stages", key),
                    f"stage '{key}' is rated on the scale '{scale.key}', "
                    f"and stage '{first}' on '{main.key}'",
                    "one scale for the ratings of all stages, so that hand-offs can be compared",
                    "leave out the rating that was asked on another scale",
                )

    def _columns(self) -> Iterator[Problem]:
        """No column is read on two scales."""
        study = self.study
        items, outcomes, stages = study.items, study.outcomes, study.stages
        read = [(("items", key), one.column, one.scale) for key, one in items.items()]
        read += [(("outcomes", key), one.column, one.scale) for key, one in outcomes.items()]
        read += [(("stages", key), str(one.rating), one.scale) for key, one in stages.items()]
        seen: dict[str, tuple[tuple[str, str], library.Scale]] = {}
        for path, column, name in read:
            scale = study.known_scales.get(name or "")
            if scale is None or (path[0] == "stages" and not stages[path[1]].rating):
                continue
            other, before = seen.setdefault(column, (path, scale))
            if not _is_same(scale, before):
                yield self._slip(
                    "two_scales",
                    path,
                    f"column '{column}' is read on two scales: "
                    f"{key_path(other)} on '{before.key}', {key_path(path)} on '{scale.key}'",
                    "one scale for a column",
                    "name the scale that respondents saw in both places",
                )

    def _outcomes(self) -> Iterator[Problem]:
        study = self.study
        for key, outcome in study.outcomes.items():
            path = ("outcomes", key)
            if outcome.metric is None:
                yield self._slip(
                    "no_metric",
                    path,
                    f"outcome '{key}' has no metric",
                    "one of nps, csat, ces, mean, score_100, top_2_box, share",
                    nearest(key, _outcomes_of_the_kit()),
                )
            yield from self._scale(path, f"outcome '{key}'", outcome.scale)
            yield from self._definition(key)
            if outcome.base not in (*BASES, *study.bases):
                bases = dict.fromkeys((*study.bases, *BASES))
                yield from self._named((*path, "base"), "base", outcome.base, bases, "bases")
            yield from self._nps_scale((*path, "scale"), key, outcome.scale)

    def _channels(self) -> Iterator[Problem]:
        asked, known = self.study.channels, library.vocabularies()
        if asked is None:
            return
        path = ("channels", "vocabulary")
        yield from self._named(path, "vocabulary", asked.vocabulary, known, "channels")
        if asked.column is None and not asked.columns:
            yield self._slip(
                "channels_shape",
                ("channels",),
                "'channels' names neither a question nor columns",
                "{column: Q12, vocabulary: interaction_channel} or {columns: {website: Q12_1}}",
            )
        elif asked.column is not None and not (asked.vocabulary or asked.labels):
            yield self._slip(
                "channels_shape",
                ("channels",),
                "'channels' does not say which answers its question offers",
                "a vocabulary, or labels for each answer",
                "add vocabulary: interaction_channel",
            )
        if asked.base not in (*BASES, *self.study.bases):
            bases = dict.fromkeys((*self.study.bases, *BASES))
            yield from self._named(("channels", "base"), "base", asked.base, bases, "channels")

    def _rival(self) -> Iterator[Problem]:
        """What is asked of another brand is asked of the study's own as well."""
        rival = self.study.rival
        shelves = (("items", self.study.items), ("outcomes", self.study.outcomes))
        for name, own in shelves if rival else ():
            for key in getattr(rival, name):
                yield from self._named(("rival", name, key), name[:-1], key, own, name)
        if rival and not (rival.items or rival.outcomes):
            yield self._slip(
                "rival_shape", ("rival",), "'rival' names no question", "items, outcomes or both"
            )
        if rival and rival.brand.strip().casefold() == self.study.brand.strip().casefold():
            yield self._slip(
                "rival_brand",
                ("rival", "brand"),
                f"the rival '{rival.brand}' is the brand of the study itself",
                "another brand, rated by the same people",
            )

    def _nps_scale(self, path: Sequence[object], key: str, name: str | None) -> Iterator[Problem]:
        outcome = self.study.outcomes.get(key)
        scale = self.study.known_scales.get(name or "")
        if outcome and outcome.metric == "nps" and scale and not _fits_nps(scale.points):
            yield self._slip(
                "nps_scale",
                path,
                f"outcome '{key}' is an NPS, and scale '{name}' is not from 0 to 10",
                "a scale of whole numbers from 0 or 1 to 10, such as recommend_0_10",
            )

    def _definition(self, key: str) -> Iterator[Problem]:
        outcome = self.study.outcomes[key]
        path = ("outcomes", key)
        if outcome.definition is None:
            if outcome.metric in _NEEDS_DEFINITION:
                yield self._slip(
                    "no_definition",
                    path,
                    f"outcome '{key}' ({outcome.metric}) has no definition",
                    _DEFINITIONS,
                    "say how it is computed: definition: top_2_box",
                )
            return
        rule = _DEFINITION.fullmatch(outcome.definition)
        scale = self.study.known_scales.get(outcome.scale or "")
        n_best = int(rule[1]) if rule and rule[1] else 0
        if rule is None or (scale and n_best >= len(scale.points)):
            yield self._slip(
                "unknown_definition",
                (*path, "definition"),
                f"outcome '{key}' has an unknown definition '{outcome.definition}'",
                _DEFINITIONS,
                nearest(outcome.definition, ["top_2_box", "mean", "share_positive"]),
            )

    def _text_answers(self) -> Iterator[Problem]:
        study = self.study
        scale_of = dict(study.scaled_columns) | {name: name for name in study.known_scales}
        known = dict.fromkeys((*scale_of, *study.word_columns))
        for owner, texts in study.text_answers.items():
            path = ("text_answers", owner)
            yield from self._named(path, "column or scale", owner, known, "scales")
            scale = study.known_scales.get(scale_of.get(owner) or "")
            for text, code in texts.items():
                if scale is None or code in (*REASONS, *scale.values):
                    continue
                if not _is_code_of(code, scale.points):
                    own = ", ".join(scale.values) or "a code of the scale"
                    yield self._slip(
                        "text_off_scale",
                        (*path, text),
                        f"the text answer '{text}' leads to '{code}', which is not on the scale",
                        f"{own}, or one of " + ", ".join(REASONS),
                    )

    def _actions(self) -> Iterator[Problem]:
        levels = self.study.framework.level_keys if self.study.framework else ()
        stages = self.study.journey.stage_keys if self.study.journey else ()
        for at, action in enumerate(self.study.actions):
            path = ("actions", at)
            yield from self._named((*path, "level"), "level", action.level, levels, "frameworks")
            yield from self._named((*path, "stage"), "stage", action.stage, stages, "frameworks")
            if self.study.waves:
                known = self.study.waves
                yield from self._named((*path, "wave"), "wave", action.wave, known, "waves")
            end = self.study.waves[action.wave].end if action.wave in self.study.waves else None
            if end is not None and action.date <= end:
                yield self._slip(
                    "action_dates",
                    (*path, "date"),
                    f"the action is planned in the light of wave '{action.wave}' and dated "
                    f"{action.date}, before that wave ended ({end})",
                    "a date after the wave that it names",
                    "leave wave out: what was done before a wave is a mark on the trend",
                )

    def _batteries(self) -> Iterator[Problem]:
        """The batteries that the study's questionnaire adds: NAME, or NAME.GROUP for a group."""
        for at, chosen in enumerate(self.study.batteries):
            name, _, group = chosen.partition(".")
            own = self.study.folder / f"{name}.yaml"
            known = library.batteries()
            if name not in known and not own.is_file():
                yield from self._named(("batteries", at), "battery", name, known, "batteries")
            elif group:
                groups = library.battery(name, self.study.folder)["groups"]
                what = f"group of '{name}'"
                yield from self._named(("batteries", at), what, group, groups, "batteries")

    def _reports(self) -> Iterator[Problem]:
        for at, report in enumerate(self.study.reports):
            for segment in report.by:
                known = [*self.study.segment_keys, "wave"]
                yield from self._named(("reports", at, "by"), "segment", segment, known, "segments")
            yield from self._notebook(("reports", at, "notebook"), report.notebook)

    def _notebook(self, path: Sequence[object], name: str) -> Iterator[Problem]:
        """A notebook is the study's own or the kit's; one that is called by its file lies there."""
        shelves = (self.study.folder / "notebooks", places.shared("notebooks"))
        known = sorted({file.stem for shelf in shelves for file in shelf.glob("*.ipynb")})
        is_there = (
            (self.study.folder / name).is_file() if name.endswith(".ipynb") else name in known
        )
        if not is_there:
            yield self._slip(
                "unknown_notebook",
                path,
                f"there is no notebook '{name}'",
                "one of " + ", ".join(known) + ", or the path of an .ipynb file from the study",
                nearest(name, known),
            )

    def _limits(self) -> Iterator[Problem]:
        if self.study.warn_base < self.study.min_base:
            yield self._slip(
                "warn_base",
                ("warn_base",),
                f"warn_base ({self.study.warn_base}) is below min_base ({self.study.min_base})",
                "a warn_base of at least min_base",
            )


def _outcomes_of_the_kit() -> list[str]:
    """The questions of the library that a study names under `outcomes`: they need a column only."""
    asked = library.asked_on_a_scale().items()
    return [key.removeprefix("out_") for key, one in asked if one["battery"] in _OUTCOME_BATTERIES]


def _near(word: str, known: set[str]) -> list[str]:
    """`word` if it is known, else only the few that resemble it (hundreds would tell nothing)."""
    if word in known:
        return [word]
    import difflib

    return difflib.get_close_matches(word, sorted(known), n=3, cutoff=0.5)


def _is_same(one: library.Scale, other: library.Scale) -> bool:
    return (one.points, one.direction) == (other.points, other.direction)


def _fits_nps(points: Sequence[float]) -> bool:
    return tuple(points) in (tuple(range(11)), tuple(range(1, 11)))


def _is_code_of(text: str, points: Sequence[Any]) -> bool:
    try:
        return float(text) in points
    except ValueError:
        return False
