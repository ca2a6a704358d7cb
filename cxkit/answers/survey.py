"""The Survey: answers, study and weights in one immutable object, ready in the hand."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from cxkit import display
from cxkit.answers.cache import part_of, prepared
from cxkit.answers.coded_comments import CodedFile, read_coded
from cxkit.answers.everybody import (
    EVERYBODY,
    RESPONSES,
    Everybody,
    Part,
    Private,
    is_used,
    rules_for_a_part,
    units_of,
)
from cxkit.answers.group_text import read_group
from cxkit.answers.inputs import inputs_of, study_inputs, told_until
from cxkit.answers.kept_private import KeptPrivate
from cxkit.answers.private_groups import PrivateGroups
from cxkit.answers.problems import Problems, check
from cxkit.errors import Problem, StudyError, SurveyError, nearest
from cxkit.places import is_demo
from cxkit.study import Study, examine
from cxkit.suppression import suppressed_cells
from cxkit.weights import Drawn, effective_base

__all__ = ["Survey", "load"]


def load(
    study: Study | str | os.PathLike[str],
    *,
    wave: str | None = None,
    group: str | None = None,
    min_base: int | None = None,
) -> Survey:
    """A study's answers: read, checked, weighted.

    Parameters
    ----------
    study : Study, or path
        The study, its folder, its study.yaml, or the word `demo`.
    wave : str, optional
        The wave in hand; waves before it stay within reach as `.previous`. All if none.
    group : str, optional
        Those of a group, or of groups of several segments: `"region=java&channel=email"`. The
        survey says what `where(region="java", channel="email")` says, and holds nobody else's
        answers, nor later ones.
    min_base : int, optional
        Numbers on fewer effective answers are hidden; the study's value if none.

    Returns
    -------
    Survey
        All respondents, or those of the wave and the group asked for.

    Raises
    ------
    StudyError
        If the study file needs mending: every problem of the file and of the answers.
    SurveyError
        If the answers need mending (every problem), or the study has no such wave or group.

    Examples
    --------
    >>> load("demo").study.key
    'toko_contoh'
    """
    if not isinstance(study, Study):
        read, slips = examine(study)
        if read is None or any(one.severity == "error" for one in slips):
            raise StudyError.of(check(study).errors)
        study = read
    if min_base is not None:
        study = study.with_min_base(min_base)
    wanted = read_group(group) if group is not None else {}
    made = part_of(study, wanted, wave) if wanted else prepared(study)
    survey = Survey.of(
        study, made.frame, warnings=made.warnings, inputs=made.inputs, everybody=made.everybody,
        part=made.part, shared={"file": made.file},
    )  # fmt: skip
    survey = survey.where(**wanted) if wanted else survey
    return survey if wave is None else survey.where(wave=wave)


class Survey:
    """Answers, study and weights in one immutable object.

    All rows are always there, sorted by wave and respondent; `mask` says which are in hand.
    `where` gives a new Survey and never changes this one. The survey of one group that `load`
    gives holds the rows of that group alone, and knows of the others how many were drawn.

    Attributes
    ----------
    study : Study
        What was asked, of whom: as the (last) wave in hand asked it.
    mask : numpy.ndarray of bool, shape (n_rows,)
        The rows in hand.
    waves : tuple of str
        The waves in hand, sorted.
    filters : mapping
        What `where` was asked for, without the wave.
    warnings : tuple of Problem
        What `check` noticed in the answers.
    inputs : mapping of str
        The SHA-256 of each wave's answers, as they were read.
    """

    __slots__ = (
        "_chosen", "_everybody", "_frame", "_is_split", "_kept", "_part", "_shared", "_told",
        "_whole", "filters", "inputs", "mask", "study", "warnings",
    )  # fmt: skip

    _chosen: tuple[str, ...] | None
    _everybody: Everybody | None
    _frame: pd.DataFrame
    _is_split: bool
    _kept: np.ndarray
    _part: Part | None
    _shared: dict[str, Any]  # what is made of the frame once, for every choice from it
    _told: dict[Hashable, Any]
    _whole: pd.DataFrame | None
    study: Study
    mask: np.ndarray
    filters: Mapping[str, Any]
    warnings: tuple[Problem, ...]
    inputs: Mapping[str, str]

    def __init__(
        self,
        study: Study,
        frame: pd.DataFrame,
        *,
        warnings: Iterable[Problem] = (),
        inputs: Mapping[str, str] | None = None,
        filters: Mapping[str, Any] | None = None,
        kept: np.ndarray | None = None,
        waves: tuple[str, ...] | None = None,
        whole: pd.DataFrame | None = None,
        everybody: Everybody | None = None,
        part: Part | None = None,
        shared: dict[str, Any] | None = None,
        is_split: bool = True,
    ) -> None:
        kept = np.ones(len(frame), dtype=bool) if kept is None else kept
        mask = kept.copy() if waves is None else kept & frame["wave"].isin(waves).to_numpy(bool)
        mask.setflags(write=False)
        put = object.__setattr__
        put(self, "_frame", frame)
        put(self, "_kept", kept)
        put(self, "_chosen", waves)
        put(self, "mask", mask)
        put(self, "filters", dict(filters or {}))
        put(self, "warnings", tuple(warnings))
        put(self, "inputs", dict(inputs or {}))
        put(self, "_told", {})
        put(self, "_whole", whole)
        put(self, "_everybody", everybody)
        put(self, "_part", part)
        put(self, "_shared", {} if shared is None else shared)
        put(self, "_is_split", is_split)
        last = waves[-1] if waves else max(self.all_waves, default="")
        put(self, "study", study.of_wave(last))

    @classmethod
    def of(cls, study: Study, frame: pd.DataFrame, **told: Any) -> Survey:
        """The survey of a canonical frame: those whom a decision excludes stay outside of it."""
        if "excluded" not in frame.columns:
            return cls(study, frame, **told)
        kept = frame[is_used(frame)].reset_index(drop=True)
        own = kept.drop(columns=["excluded", "weight_all"], errors="ignore")
        return cls(study, own, whole=frame, **told)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Survey does not change: where() gives a new one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Survey does not change: where() gives a new one")

    # -- the answers

    @property
    def frame(self) -> pd.DataFrame:
        """All rows in canonical columns; changing it leaves the Survey as it is."""
        return self._frame.copy(deep=False)

    @property
    def n(self) -> int:
        """How many respondents are in hand."""
        return int(self.mask.sum())

    def values(self, of: str) -> np.ndarray:
        """The answers to `item:KEY`, `outcome:KEY`, `rating:STAGE`, `reached:STAGE`, `base:KEY`.

        Returns
        -------
        numpy.ndarray of float, shape (n_rows,)
            Codes as answered, NaN where missing, for all rows (use `mask` for those in hand).
            Waves that asked on another scale than the last one in hand have none.
        """
        if of not in self._frame.columns or of.startswith(("why:", "segment:", "comment:")):
            kinds = (
                "item:", "outcome:", "rating:", "reached:", "base:", "channel:", "rival:",
                "value:",
            )  # fmt: skip
            known = [name for name in self._frame.columns if name.startswith(kinds)]
            raise SurveyError(
                f"the survey has no answers called '{of}'",
                where=self.study.shown(),
                expected="one of " + ", ".join(known),
                hint=nearest(of, known),
            )
        values = self._frame[of].to_numpy(dtype=float, copy=True)
        if others := self._on_another_scale(of):
            values[self._frame["wave"].isin(others).to_numpy(bool)] = np.nan
        return values

    def _on_another_scale(self, of: str) -> list[str]:
        """The waves that asked a question on another scale than the last wave in hand."""
        kind, _, key = of.removeprefix("rival:").partition(":")
        if kind not in ("item", "outcome", "rating"):
            return []
        if not any(key in one.instrument.scales for one in self.study.waves.values()):
            return []
        own = self.study.scale(of)
        asked = {wave: self.study.of_wave(wave).scale(of) for wave in self.all_waves}
        return [
            wave
            for wave, one in asked.items()
            if (one.points, one.direction) != (own.points, own.direction)
        ]

    def missing(self, of: str) -> dict[str, int]:
        """Why answers are missing among those in hand: reason -> how many, sorted by reason."""
        self.values(of)
        why = self._frame.get(f"why:{of}")
        if why is None:
            return {}
        counts = why[self.mask].value_counts()
        return {str(key): int(counts[key]) for key in sorted(counts.index) if key}

    def groups(self, segment: str) -> tuple[str, ...]:
        """The groups of a segment among those in hand: in the study's order, then as text."""
        self._known("segment", segment, self.study.segment_keys)
        found = set(self._frame.loc[self.mask, f"segment:{segment}"].dropna().unique())
        ordered = [value for value in self.study.segment_order(segment) if value in found]
        return tuple(dict.fromkeys([*ordered, *sorted(found)]))

    # -- the sample

    @property
    def weight(self) -> np.ndarray:
        """The weight of every row: mean 1 within each wave."""
        return self._frame["weight"].to_numpy(dtype=float, copy=True)

    @property
    def has_weight(self) -> bool:
        """Whether respondents weigh differently."""
        return self.study.is_weighted

    @property
    def strata(self) -> np.ndarray | None:
        """The stratum of every row, None where the study declares none."""
        return self._words("strata")

    @property
    def cluster(self) -> np.ndarray | None:
        """The cluster of every row, None where the study declares none."""
        return self._words("cluster")

    def _words(self, column: str) -> np.ndarray | None:
        if column not in self._frame.columns:
            return None
        return self._frame[column].to_numpy(dtype=object, copy=True)

    @property
    def unit(self) -> np.ndarray | None:
        """The sampling unit of every row, the same in every wave; None where each row is one."""
        return units_of(self.study, self._frame)

    @property
    def everybody(self) -> Drawn | None:
        """How many were drawn in all, where the survey holds a part of them; else None."""
        return self._part.drawn if self._part else None

    # -- waves

    @property
    def all_waves(self) -> tuple[str, ...]:
        """Every wave of the answers, sorted."""
        if self._part is not None:
            return self._part.everybody.waves
        return self.once("all_waves", lambda: tuple(sorted(self._frame["wave"].unique())))

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves of those in hand, sorted."""
        in_hand = self._frame["wave"]
        return self.once("waves", lambda: tuple(sorted(in_hand[self.mask].unique())))

    @property
    def wave(self) -> str | None:
        """The wave that was chosen, None if no single one was."""
        return self._chosen[0] if self._chosen and len(self._chosen) == 1 else None

    @property
    def latest(self) -> Survey:
        """The last wave in hand."""
        if self.wave is not None or not self.waves:
            return self
        return self.once("latest", lambda: self._with(self._kept, (self.waves[-1],)))

    @property
    def previous(self) -> Survey | None:
        """The same choice in the wave before the (last) one in hand, None if there is none."""
        now = self.latest.wave
        earlier = [wave for wave in self.all_waves if now is not None and wave < now]
        if not earlier:
            return None
        return self.once("previous", lambda: self._with(self._kept, (earlier[-1],)))

    def so_far(self) -> Survey:
        """The (last) wave in hand together with all waves before it."""
        now = self.latest.wave
        waves = tuple(w for w in self.all_waves if now and w <= now)
        return self.once("so_far", lambda: self._with(self._kept, waves))

    def with_previous(self) -> Survey:
        """The (last) wave in hand together with the one before it, where there is one."""
        now, before = self.latest, self.previous
        if before is None:
            return now
        waves = (*before.waves, *now.waves)
        return self.once("with_previous", lambda: self._with(self._kept, waves))

    # -- choosing

    def where(self, **conditions: Any) -> Survey:
        """Those who meet all conditions: a wave, groups of segments, members of bases.

        Parameters
        ----------
        **conditions
            `wave="2026H1"`, `region="west"` or `region=["west", "east"]` for a segment,
            `furthest_stage="decide"` where the study says who reached its stages,
            `buyers=True` (or False) for a base.

        Returns
        -------
        Survey
            With those respondents in hand; it may hold nobody.

        Raises
        ------
        SurveyError
            If a segment, base, group or wave is unknown; it names the nearest.
        """
        kept, chosen = self._kept, self._chosen
        filters = dict(self.filters)
        for key, value in conditions.items():
            if key == "wave":
                wanted = tuple(sorted(map(str, _several(value))))
                for wave in wanted:
                    self._known("wave", wave, self.all_waves)
                chosen = tuple(wave for wave in wanted if chosen is None or wave in chosen)
            else:
                kept = kept & self._meet(key, value)
                filters[key] = value
        return self._with(kept, chosen, filters)

    def _meet(self, key: str, value: Any) -> np.ndarray:
        if f"base:{key}" in self._frame.columns:
            if not isinstance(value, bool | np.bool_):
                raise SurveyError(
                    f"the base '{key}' is asked for with '{value}'",
                    where=self.study.shown(),
                    expected="True or False",
                    hint=f"where({key}=True)",
                )
            return self._frame[f"base:{key}"].to_numpy(dtype=bool) == bool(value)
        known = [*self.study.segment_keys, *self.study.base_keys, "wave"]
        self._known("segment or base", key, known)
        column = self._frame[f"segment:{key}"]
        found = self._part.everybody.groups.get(key, ()) if self._part else set(column.dropna())
        groups = [*self.study.segment_order(key), *sorted(found)]
        wanted = [str(one) for one in _several(value)]
        for group in wanted:
            self._known(f"group of '{key}'", group, dict.fromkeys(groups))
        return column.isin(wanted).to_numpy(dtype=bool)

    def _known(self, kind: str, word: str, known: Iterable[str]) -> None:
        words = list(known)
        if word not in words:
            raise SurveyError(
                f"the survey knows no {kind} '{word}'",
                where=self.study.shown(),
                expected="one of " + ", ".join(words) if words else f"a study with a {kind}",
                hint=nearest(word, words),
            )

    def _with(
        self,
        kept: np.ndarray,
        waves: tuple[str, ...] | None,
        filters: Mapping[str, Any] | None = None,
        is_split: bool | None = None,
    ) -> Survey:
        return Survey(
            self.study,
            self._frame,
            warnings=self.warnings,
            inputs=self.inputs,
            filters=self.filters if filters is None else filters,
            kept=kept,
            waves=waves,
            whole=self._whole,
            everybody=self._everybody,
            part=self._part,
            shared=self._shared,
            is_split=self._is_split if is_split is None else is_split,
        )

    def as_whole(self) -> Survey:
        """The same choice, of which only the whole is told: a table by groups shows nothing.

        What is private of a whole is known soon; holding each of its groups against those of all
        other choices takes long where it is made of groups of several segments.
        """
        return self._with(self._kept, self._chosen, is_split=False)

    def among(self, mask: np.ndarray) -> Survey:
        """The same choice with these rows in hand alone, and no wave beside it."""
        return self._alone(self._frame, mask, self._part)

    def counted_once(self) -> Survey:
        """The same choice with everybody counting once, whatever their weights."""
        part = self._part and self._part.counted_once()
        return self._alone(self._frame.assign(weight=1.0), self.mask, part)

    def reweighted(self, weight: np.ndarray) -> Survey:
        """The same choice, and the waves beside it, with another weight for every row."""
        return Survey(
            self.study,
            self._frame.assign(weight=weight),
            inputs=self.inputs,
            filters=self.filters,
            kept=self._kept,
            waves=self._chosen,
            everybody=self._everybody,
            part=self._part,
            shared=self._of_all(),
        )

    def _alone(self, frame: pd.DataFrame, mask: np.ndarray, part: Part | None) -> Survey:
        return Survey(
            self.study,
            frame,
            inputs=self.inputs,
            filters=self.filters,
            kept=mask,
            waves=None if self.wave is None else (self.wave,),
            everybody=self._everybody,
            part=part,
            shared=self._of_all(),
        )

    # -- looking around

    def explore(self, *, language: str | None = None) -> Any:
        """Look around in JupyterLab: choose a wave and groups, see levels, journey and links.

        Parameters
        ----------
        language : str, optional
            The language to begin in; the study's first by default.

        Returns
        -------
        Explorer
            Shows itself as the last expression of a cell. Numbers are published ones, with their
            base: what a report of the same choice would hide is hidden here.

        Raises
        ------
        StudyError
            If ipywidgets is not installed, or there are no words for the language.

        Examples
        --------
        >>> import cxkit as cx
        >>> cx.load("demo").explore()                              # doctest: +SKIP
        """
        import cxkit

        return cxkit.explore(self, language=language)

    # -- who is left out

    @property
    def with_excluded(self) -> Survey | None:
        """The same choice with everybody in whom a decision excludes, and with weights of all.

        The survey itself where nobody is excluded; None where everybody together cannot be
        weighted to what is known of the population in a wave in hand. Other such waves are not
        within its reach.
        """
        return self.once("with_excluded", self._with_excluded)

    def _with_excluded(self) -> Survey | None:
        if self._whole is None:
            return self
        if "weight_all" not in self._whole.columns:
            return None
        is_known = self._whole["weight_all"].notna()
        if self._part is not None:
            known = set(self._part.everybody.drawn[EVERYBODY].rows)
        else:
            known = set(self._whole["wave"][is_known])
        if not known.issuperset(self._chosen or self.all_waves):
            return None
        own = self._whole[is_known].reset_index(drop=True)
        own = own.assign(weight=own["weight_all"]).drop(columns="weight_all")
        return self._of_everybody(own, EVERYBODY)

    @property
    def responses(self) -> Survey:
        """The same choice with everybody in whom a decision excludes: to be counted, not weighed.

        Those excluded weigh nothing.
        """
        whole = self._whole
        if whole is None:
            return self
        return self.once("responses", lambda: self._of_everybody(whole, RESPONSES))

    def _of_everybody(self, frame: pd.DataFrame, view: str) -> Survey:
        """The same choice from a frame that holds those whom decisions exclude, too."""
        everybody = Survey(
            self.study,
            frame,
            warnings=self.warnings,
            inputs=self.inputs,
            everybody=self._everybody,
            part=self._part and dataclasses.replace(self._part, view=view),
            shared=self._of_all(),
        )
        chosen = {} if self._chosen is None else {"wave": list(self._chosen)}
        return everybody.where(**self.filters, **chosen)

    @property
    def exclusions(self) -> pd.DataFrame:
        """The decisions on respondents: `respondent wave rule decision why`, a row each.

        Of a part of everybody those on its own respondents, up to the (last) wave in hand.
        """
        return self.once("exclusions", self._exclusions).copy()

    def _exclusions(self) -> pd.DataFrame:
        from cxkit.answers.exclusions import decisions_as_table, read_exclusions

        if self._everybody is not None:
            told = decisions_as_table(self._everybody.decisions)
        else:
            told = read_exclusions(self.study).table
        if not self.filters:
            return told
        everybody, last = self.responses, self._last
        so_far = everybody._kept & (everybody._frame["wave"] <= last).to_numpy(bool)
        is_own = told["respondent"].isin(everybody._frame["respondent"][so_far])
        return told[is_own & (told["wave"] <= last)].reset_index(drop=True)

    @property
    def coded_comments(self) -> CodedFile:
        """The comments that people coded, where the study names a file: of everybody.

        Up to the (last) wave in hand: what is coded of a later one moves no finished wave.

        Raises
        ------
        StudyError
            If it is no table of coded comments: every problem of its form.
        """
        return self.once("coded comments", lambda: read_coded(self.study).until(self._last))

    @property
    def flag_rules(self) -> pd.DataFrame:
        """How each rule of response quality was held against everybody, a row a wave and rule.

        `wave rule threshold unit median n n_assessed n_flagged why_not`, as in
        `cxkit.answers.quality.Flags.rules`. Of a part of everybody how many are flagged in all is
        missing, and how many could be assessed where no limit is made from them.
        """
        return self.once("flag_rules", self._flag_rules).copy()

    def _flag_rules(self) -> pd.DataFrame:
        made = self._rules_of_everybody()
        return rules_for_a_part(made) if self.filters else made

    def _rules_of_everybody(self) -> pd.DataFrame:
        if self._everybody is not None:
            return self._everybody.flag_rules
        from cxkit.answers.interviews import bot_scores_of
        from cxkit.answers.quality import flags_of

        frame = self._frame if self._whole is None else self._whole
        return flags_of(self.study, frame, bot_scores=bot_scores_of(self.study, frame)).rules

    # -- showing itself

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What never changes in this Survey, made when it is first asked for and then kept."""
        if name not in self._told:
            self._told[name] = make()
        return self._told[name]

    def context(self) -> dict[str, Any]:
        """What it takes to word a finding about those in hand, as plain JSON values.

        The study's own context, and who is in hand: the waves (`wave` where it is one, with the
        one before it), base and effective base, filters, fieldwork, digests of the inputs.
        Waves after those in hand are not spoken of, so that a finished wave never moves.
        """
        return dict(self.once("context", self._context))

    def _context(self) -> dict[str, Any]:
        wave = self.waves[0] if len(self.waves) == 1 else self.wave
        before = self.previous if wave is not None else None
        context = told_until(self.study, self._last)
        fielded = [context["waves"].get(one, {}) for one in self.waves]
        starts, ends = ([one.get(end) for one in fielded] for end in ("from", "to"))
        is_dated = bool(fielded) and all((*starts, *ends))
        return context | {
            "wave": wave,
            "in_hand": list(self.waves),
            "previous": before.wave if before is not None else None,
            **self._size(),
            "has_weight": self.has_weight,
            "filters": [
                [key, str(one)] for key, value in self.filters.items() for one in _several(value)
            ],
            "fielded": [min(starts), max(ends)] if is_dated else self._answered(),
            "drawn": context["drawn"] | {"population": self._drawn_from()},
            "inputs": self._inputs(context),
            "is_demo": is_demo(self.study.file),
        }

    def _size(self) -> dict[str, Any]:
        """Base and effective base of those in hand, and the groups too small to be shown."""
        private = list(self._private())
        told: dict[str, Any] = {"private": private} if private else {}
        if 0 < self.n < self.study.privacy.min_n or [None] * 4 in private:
            return told | {"n": None, "n_eff": None}
        n_eff = effective_base(self.weight[self.mask]) if self.n else 0.0
        return told | {"n": self.n, "n_eff": n_eff}

    @property
    def _last(self) -> str | None:
        """The last wave in hand, or that was asked for; None where neither is there."""
        return (self.waves or self._chosen or (None,))[-1]

    def _private(self) -> Iterator[list[Any]]:
        """Wave (None for all in hand), segment, group and measure that no table may show.

        Without a segment it is the wave itself that is not shown: its group is private beside
        the others (`cxkit.answers.private_groups`). Without a measure it is all of them.
        """
        beside = self._beside()
        in_hand = [(None, *one) for at, *one in beside if at in self.waves]
        told = dict.fromkeys([*beside, *in_hand])
        own = [one for one in self._within() if tuple(one) not in told]
        yield from map(list, sorted(told, key=lambda one: [str(word or "") for word in one]))
        yield from own

    def _beside(self) -> tuple[Private, ...]:
        """What is not told of a group because of other groups, in the waves so far."""
        if self._part is not None:
            told = self._part.private
            return tuple(one for one in told if self._last is None or one[0] <= self._last)
        groups = _groups_asked(self.filters, self.study.segment_keys)
        if not groups:
            return ()
        waves = [one for one in self.all_waves if self._last is None or one <= self._last]
        private = self._private_groups()
        of_one = private.beside if self._is_split else private.as_whole
        return tuple(dict.fromkeys(one for own in groups for one in of_one(own, waves)))

    def _private_groups(self) -> KeptPrivate:
        """The private groups of everybody."""
        if "private groups" not in self._shared:
            self._shared["private groups"] = KeptPrivate(
                self._shared.get("file"), lambda: PrivateGroups.of_frame(self.study, self._frame)
            )
        found: KeptPrivate = self._shared["private groups"]
        return found

    def _of_all(self) -> dict[str, Any]:
        """What holds for every view of the respondents, whatever rows and weights it has."""
        return {"private groups": self._private_groups()}

    def _within(self) -> Iterator[list[Any]]:
        """The groups of those in hand that are private by themselves."""
        in_wave = self._frame["wave"].to_numpy(dtype=object)
        last = self._last or ""
        rows: dict[str | None, np.ndarray] = {None: self.mask}
        rows |= {wave: self._kept & (in_wave == wave) for wave in self.all_waves if wave <= last}
        segments = [name for name in map(str, self._frame) if name.startswith("segment:")]
        for wave, chosen in rows.items():
            for column in segments:
                segment = column.partition(":")[2]
                codes, names = self._codes(column)
                sizes = np.bincount(codes[chosen & (codes >= 0)], minlength=len(names))
                found = np.flatnonzero(sizes)
                groups = [{segment: names[place]} for place in found]
                counts = sizes[found].astype(float).tolist()
                hidden = suppressed_cells(groups, counts, self.study.privacy.min_n)
                for i in sorted(hidden) if self._is_split else range(len(groups)):
                    yield [wave, *next(iter(groups[i].items())), None]

    def _codes(self, column: str) -> tuple[np.ndarray, list[str]]:
        """The groups of a column as codes, -1 for unknown, and their names: once for the frame."""
        if column not in self._shared:
            codes, names = pd.factorize(self._frame[column], sort=True)
            self._shared[column] = codes, [str(name) for name in names]
        found: tuple[np.ndarray, list[str]] = self._shared[column]
        return found

    def _answered(self) -> list[str] | None:
        """The first and the last day of answering among those in hand, where the answers say."""
        if "date" not in self._frame.columns:
            return None
        days = self._frame.loc[self.mask, "date"].dropna()
        return [str(days.min()), str(days.max())] if len(days) else None

    def _drawn_from(self) -> int | None:
        """How many the (last) wave in hand was drawn from, where its ranges allow for it."""
        last = self.waves[-1] if self.waves else ""
        if self._part is not None:
            in_wave = self._part.drawn.of([last]).n_rows
        else:
            in_wave = int((self._frame["wave"] == last).sum())
        known = self.study.population_for(in_wave)
        return sum(known.values()) if isinstance(known, dict) else known

    def _inputs(self, context: dict[str, Any]) -> dict[str, str]:
        """The digests of all that the numbers of those in hand, and of waves before, rest on."""
        told = {f"answers:{wave}": self.inputs.get(wave, "") for wave in self.all_waves}
        if self._part is not None:
            told |= {f"everybody:{wave}": self._part.digest(wave) for wave in self.all_waves}
        return inputs_of(study_inputs(self.study, self._last, context), told, self._last)

    def _title(self) -> str:
        return next(iter(self.study.title.values()))

    def _bases(self) -> list[tuple[str, int, float]]:
        """Wave, base and effective base of those in hand."""
        wave = self._frame["wave"].to_numpy(dtype=object)
        rows = []
        for key in self.waves:
            members = self.mask & (wave == key)
            rows.append((key, int(members.sum()), effective_base(self.weight[members])))
        return rows

    def _facts(self) -> list[tuple[str, str]]:
        study = self.study
        warnings = Problems(self.warnings).warnings
        is_all = self.wave is None and not self.filters
        n_warnings = len(warnings) if is_all else 0  # they are of everybody, in all waves
        facts = [
            ("chosen", ", ".join(f"{key}={value}" for key, value in self.filters.items())),
            ("weights", _weights_said(study)),
            ("frameworks", ", ".join(study.frameworks) or "none"),
            ("to look at", f"{n_warnings} warnings (.warnings)" if n_warnings else ""),
        ]
        return [(name, text) for name, text in facts if text]

    def __repr__(self) -> str:
        bases = ", ".join(f"{key}: {n} (effective {n_eff:.0f})" for key, n, n_eff in self._bases())
        facts = "".join(f"\n  {name:<11}{text}" for name, text in self._facts())
        return f"Survey of {self._title()}\n  {'base':<11}{bases or 'nobody'}{facts}"

    def _repr_html_(self) -> str:
        found = self._bases() or [("nobody", 0, 0.0)]
        bases = [(key, n, f"{n_eff:.0f}") for key, n, n_eff in found]
        facts = dict(self._facts())
        warned = facts.pop("to look at", "")
        return display.box(
            display.table(("wave", "base", "effective base"), bases, caption=self._title()),
            display.note(" · ".join(f"{name}: {text}" for name, text in facts.items())),
            display.fold(warned, Problems(self.warnings).as_html()) if warned else "",
        )


def _weights_said(study: Study) -> str:
    if study.weighting is not None:
        return "made from known shares of " + ", ".join(study.weighting.variables)
    return f"column {study.weight}" if study.weight else "none"


def _groups_asked(filters: Mapping[str, Any], segments: Iterable[str]) -> list[dict[str, str]]:
    """The groups that were asked for, one of each segment; several together are told by parts.

    What several groups have together is a sum over them: it is told where each of them is, and so
    no choice, and no row of choices, tells more than the reports of single groups do.
    """
    asked = {key: _several(filters[key]) for key in segments if key in filters}
    if not asked:
        return []
    return [
        dict(zip(asked, map(str, groups), strict=True))
        for groups in itertools.product(*asked.values())
    ]


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else (value,)
