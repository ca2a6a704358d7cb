"""From a study file to a Study: shaped, completed from the library, and cross-checked."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cxkit import library
from cxkit.errors import Problem, StudyError, nearest
from cxkit.library.files import names_in
from cxkit.places import find_study
from cxkit.study.crosscheck import CrossCheck
from cxkit.study.file import Marked, key_path, problems_of, read_yaml, unknown
from cxkit.study.parts import Base, Framework, Outcome, OwnScale
from cxkit.study.shape import Study
from cxkit.study.to_confirm import open_questions, without_open

__all__ = ["examine", "read_study"]

_OUTCOME_METRIC = {"recommend": "nps", "satisfaction": "csat", "effort": "ces"}
_METRIC_SCALE = {"nps": "recommend_0_10"}
_RATING_FAMILY = "satisfaction"
_OF_STATEMENTS = "agreement"
_SHELVES = frozenset(
    {"bases", "comments", "items", "matters", "outcomes", "scales", "segments", "stages"}
    | {"targets", "text_answers", "waves"}
)


def read_study(path: str | os.PathLike[str]) -> Study:
    """The study at `path` (a folder, a study.yaml, or `demo`), checked against what is known.

    Raises
    ------
    StudyError
        With every slip of the study file at once, each with its line (`problems`).
    """
    study, problems = examine(path)
    slips = [one for one in problems if one.severity == "error"]
    if slips or study is None:
        raise StudyError.of(slips)
    return study


def examine(path: str | os.PathLike[str]) -> tuple[Study | None, list[Problem]]:
    """What can be read of a study, and everything that needs mending in its file.

    Where only some keys are wrong, the study is given without them, so that its answers can be
    checked in the same breath; it is None when the file says too little.
    """
    file = find_study(path)
    try:
        marked = read_yaml(file, _shown(path, file))
    except StudyError as error:
        return None, list(error.problems)
    opened = open_questions(marked)
    study, problems, left_out = _shape(marked)
    if study is None:
        return None, without_open(problems, opened)
    frameworks, own_files, slips = _frameworks(study, file, marked)
    crosswalks, faults_of_crosswalks = _own_crosswalks(file)
    further = frozenset(key for key, one in study.outcomes.items() if _is_further(key, one))
    study = _completed(study, frameworks)
    scales, more_slips = _scales(study, marked)
    study.furnish(frameworks, scales, further)
    study.settle(file, marked.shown, own_files + crosswalks)
    theme, faults = _theme(study, marked)
    study.wear(theme)
    found = [*problems, *slips, *more_slips, *faults, *faults_of_crosswalks]
    left_out |= {one.column for one in [*found, *opened] if one.column}
    found += CrossCheck(study, marked, left_out).problems()
    return study, without_open(found, opened)


# -- the file and its shape --------------------------------------------------------------------


def _shown(path: str | os.PathLike[str], file: Path) -> str:
    """The study file's name as it was typed; for an absolute path, folder and file only."""
    if str(path) == "demo":
        return f"demo/{file.name}"
    typed = Path(path)
    if typed.is_absolute() or str(typed) == ".":
        return f"{file.parent.name}/{file.name}"
    return str(typed if typed.name == file.name else typed / file.name)


def _shape(marked: Marked) -> tuple[Study | None, list[Problem], set[str]]:
    """The study without its ill-formed parts, the slips, and the paths that were left out."""
    named = marked.value.get("languages")
    listed = named if isinstance(named, list) else []
    languages = tuple(one for one in listed if one in library.languages())
    raw: Any = marked.value
    problems: list[Problem] = []
    left_out: set[str] = set()
    for _ in range(3):
        try:
            study = Study.model_validate(raw, context={"languages": languages})
            return study, problems, left_out
        except ValidationError as error:
            problems = problems or problems_of(error, marked, Study)
            for one in error.errors(include_url=False):
                place = tuple(part for part in one["loc"] if part not in ("", "[key]"))
                left_out.add(key_path(place))
                raw = _without(raw, place)
    return None, problems, left_out


def _without(raw: Any, place: tuple[Any, ...]) -> Any:
    """A copy of `raw` without the key, or the entry of a shelf, that `place` lies in."""
    if not place:
        return raw
    head, *rest = place
    inner = raw.get(head)
    if rest and head in _SHELVES and isinstance(inner, dict):
        return raw | {head: {key: one for key, one in inner.items() if key != rest[0]}}
    return {key: one for key, one in raw.items() if key != head}


# -- what the library adds ---------------------------------------------------------------------


def _frameworks(
    study: Study, file: Path, marked: Marked
) -> tuple[tuple[Framework, ...], tuple[Path, ...], list[Problem]]:
    """The study's frameworks: a file beside the study wins over the library's."""
    found: list[Framework] = []
    own_files: list[Path] = []
    problems: list[Problem] = []
    for at, name in enumerate(study.frameworks):
        own = file.parent / f"{name}.yaml"
        try:
            if own.is_file():
                own_files.append(own)
                found.append(_own_framework(own, study, marked.shown))
            elif name in names_in("frameworks"):
                found.append(Framework.model_validate(library.framework(name)))
            else:
                known = names_in("frameworks")
                problems.append(unknown(marked, ("frameworks", at), "framework", name, known))
        except StudyError as error:
            problems += error.problems
    return tuple(found), tuple(own_files), problems


def _own_crosswalks(file: Path) -> tuple[tuple[Path, ...], list[Problem]]:
    """The crosswalks that lie beside the study and win over the library's, read once to be sure."""
    found = [file.parent / f"{name}.yaml" for name in names_in("crosswalks")]
    own = tuple(one for one in found if one.is_file())
    problems: list[Problem] = []
    for one in own:
        try:
            library.crosswalk(one.stem, file.parent)
        except StudyError as error:
            problems += error.problems
    return own, problems


def _own_framework(file: Path, study: Study, study_shown: str) -> Framework:
    marked = read_yaml(file, str(Path(study_shown).with_name(file.name)))
    try:
        raw = library.framework(file.stem, file.parent)
        return Framework.model_validate(raw, context={"languages": study.languages})
    except ValidationError as error:
        raise StudyError.of(problems_of(error, marked, Framework)) from None
    except StudyError as error:
        slips = error.problems or (_one_problem(error, ""),)
        raise StudyError.of([_placed(one, marked) for one in slips]) from None


def _theme(study: Study, marked: Marked) -> tuple[dict[str, Any], list[Problem]]:
    """What the study's own theme changes of the kit's, and every slip of its file."""
    if study.theme is None:
        return {}, []
    file = study.folder / study.theme
    if not file.is_file():
        beside = [one.name for one in study.folder.glob("*.yaml") if one != study.file]
        slip = marked.problem(
            "missing_file",
            ("theme",),
            f"there is no theme '{study.theme}'",
            expected="a YAML file, by its path from the study's folder",
            hint=nearest(Path(study.theme).name, beside),
        )
        return {}, [slip]
    from cxkit.study.theme_file import examine_theme  # a study without a theme needs none of it

    return examine_theme(file, study.shown(study.theme), study.languages)


def _one_problem(error: StudyError, place: str) -> Problem:
    """An error of the library as a problem of the file that led to it."""
    return Problem(
        "bad_value", error.message, column=place or None, expected=error.expected, hint=error.hint
    )


def _placed(problem: Problem, marked: Marked) -> Problem:
    """A problem that names its keys, with the file as its user knows it and the line."""
    line = marked.line((problem.column or "").split("."))
    return dataclasses.replace(problem, file=marked.shown, line=line)


def _scales(study: Study, marked: Marked) -> tuple[dict[str, library.Scale], list[Problem]]:
    """Every scale that the study uses: its own, else the library's."""
    scales: dict[str, library.Scale] = {}
    problems: list[Problem] = []
    for key, own in study.scales.items():
        slips = list(_scale_slips(key, own, study, marked))
        problems += slips
        try:
            if not slips:
                scales[key] = _own_scale(key, own)
        except StudyError as error:
            problems.append(_placed(_one_problem(error, f"scales.{key}"), marked))
    used = {study.scale_key, *_METRIC_SCALE.values()}
    used |= {item.scale for item in study.items.values()}
    used |= {outcome.scale for outcome in study.outcomes.values()}
    used |= {stage.scale for stage in study.stages.values()}
    used |= {name for wave in study.waves.values() for name in wave.instrument.scales.values()}
    for name in (one for one in library.scales() if one in used):
        scales.setdefault(name, library.scale(name))
    for name in (one for one in library.answer_scales() if one in used):
        scales.setdefault(name, library.answer_scale(name))
    return scales, problems


def _scale_slips(key: str, own: OwnScale, study: Study, marked: Marked) -> Iterator[Problem]:
    place = ("scales", key)
    points = own.codes
    if list(points) != sorted(set(points)) or len(points) < 2:
        yield marked.problem(
            "scale_points",
            (*place, "points"),
            f"the points of scale '{key}' do not rise",
            expected="two or more codes, rising, each once",
        )
    if not own.labels and not (own.low and own.high):
        yield marked.problem(
            "scale_without_end_labels",
            place,
            f"scale '{key}' has no labels for its ends",
            expected="low and high, or labels with a text for every point, in "
            + ", ".join(study.languages),
            hint="copy the words that respondents saw",
        )
    for code in own.missing:
        if not _is_number(code) or float(code) in points:
            yield marked.problem(
                "scale_missing",
                (*place, "missing", code),
                f"the exit code '{code}' of scale '{key}' is a point or a text",
                expected="a number that is no point of the scale",
                hint="a text goes to text_answers",
            )
    for language in study.languages:
        n_labels = len((own.labels or {}).get(language, ()))
        if own.labels and n_labels != len(points):
            yield marked.problem(
                "scale_labels",
                (*place, "labels", language),
                f"scale '{key}' has {len(points)} points and {n_labels} labels in '{language}'",
                expected=f"{len(points)} labels, for the codes from low to high",
            )


def _own_scale(key: str, own: OwnScale) -> library.Scale:
    given = own.model_dump(exclude_none=True) | {"points": own.codes}
    return library.own_scale(key, given)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _of_family(study: Study, family: str) -> str:
    """The scale of a family with as many points as the study's own, where the library has that.

    A name that is no family is a scale.
    """
    main = study.scale_key
    if main in study.scales:
        n_points = len(study.scales[main].codes)
    else:
        n_points = len(library.scale(main).points) if main in library.scales() else 5
    named = (family, f"{family}_{n_points}", f"{family}_5")
    return next((one for one in named if one in library.scales()), family)


def _completed(study: Study, frameworks: tuple[Framework, ...]) -> Study:
    """The study with the scales, bases and metrics that its keys and frameworks imply."""
    asked = {key: item for one in frameworks for key, item in one.items.items()}
    items = {}
    for key, one in study.items.items():
        told = {} if key in asked else _of_library(study, key)
        base = asked[key].base if key in asked else told.get("base")
        update = {
            "scale": one.scale or told.get("scale") or study.scale_key,
            "base": one.base or base,
            "reached": one.reached or told.get("reached", ()),
        }
        items[key] = one.model_copy(update=update)
    outcomes = {key: _completed_outcome(study, key) for key in study.outcomes}
    rating_scale = _of_family(study, _RATING_FAMILY)
    stages = {
        key: one.model_copy(update={"scale": one.scale or rating_scale}) if one.rating else one
        for key, one in study.stages.items()
    }
    segments = {
        key: (one.model_copy(update={"column": one.column or key}))
        for key, one in study.segments.items()
    }
    update = {"items": items, "outcomes": outcomes, "stages": stages, "segments": segments}
    return _with_bases(study.model_copy(update=update))


def _of_library(study: Study, *keys: str) -> dict[str, Any]:
    """What the library's batteries say of the first question that they know; nothing of others.

    Statements are agreed with on the study's own scale, and on none where it names none.
    """
    known = library.asked_on_a_scale()
    told = next((known[key] for key in keys if key in known), None)
    if told is None:
        return {}
    is_statement = told["scale"] == _OF_STATEMENTS
    return told | {"scale": study.scale_key if is_statement else _of_family(study, told["scale"])}


def _completed_outcome(study: Study, key: str) -> Outcome:
    """An outcome with what it is measured by, from its key or from the question of that name.

    The scale of an outcome that names its own metric is never assumed, but for answers that are
    a list and so have no points to choose.
    """
    one = study.outcomes[key]
    metric = one.metric or _OUTCOME_METRIC.get(key)
    scale = one.scale or _METRIC_SCALE.get(metric or "")
    definition, base = one.definition, one.base
    if scale is None or metric is None:
        told = _of_library(study, f"out_{key}", key)
        is_list = told.get("scale") in library.answer_scales()
        if is_list or metric is None:
            scale, base = scale or told.get("scale"), base or told.get("base")
        if is_list and metric in (None, "share"):
            metric, definition = "share", definition or "top_1_box"
        elif told and metric is None:
            metric = library.outcome_metric(key.removeprefix("out_"))
    update = {"metric": metric, "scale": scale, "definition": definition, "base": base}
    return one.model_copy(update=update)


def _is_further(key: str, asked: Outcome) -> bool:
    """Whether an outcome is measured as its battery says, and is not one of the overall ones."""
    if asked.metric or key in _OUTCOME_METRIC:
        return False
    told = library.asked_on_a_scale().get(f"out_{key}") or library.asked_on_a_scale().get(key)
    return told is not None and told["group"] != "overall"


def _with_bases(study: Study) -> Study:
    """The study with the bases of its further questions, as its own answers tell them."""
    named = [one.base for one in study.items.values()]
    named += [one.base for one in study.outcomes.values()]
    wanted = {one for one in named if one} - set(study.base_keys)
    sets = library.bases_set() if wanted else {}
    found: dict[str, Base] = {}
    for base in sorted(wanted & set(sets)):
        question, stage = sets[base]
        outcome = study.outcomes.get(question)
        ways = study.stages[stage].reached if stage in study.stages else ()
        if outcome is not None:
            found[base] = Base(column=outcome.column)
        elif len(ways) == 1:
            found[base] = Base.model_validate({"column": ways[0].column, "is": ways[0].words})
        elif otherwise := library.questionnaire()["bases"].get(base, {}).get("otherwise"):
            found |= {base: Base(any=(otherwise,))} if otherwise in study.base_keys else {}
    return study.model_copy(update={"bases": study.bases | found}) if found else study
