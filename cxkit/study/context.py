"""What wording must know of a study: labels, scales, bases and choices, as plain JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cxkit import library
from cxkit.study.asked import asked_of_library
from cxkit.study.parts import Framework, Outcome

if TYPE_CHECKING:
    from cxkit.study.shape import Study

__all__ = ["context_of"]


def context_of(study: Study) -> dict[str, Any]:
    """All that wording needs to word a finding of this study, as plain JSON values."""
    plain = study.model_dump(mode="json", by_alias=True)
    kept = (
        "title", "brand", "site", "place", "period", "ahead", "simulated", "preset",
        "min_base", "warn_base", "ci_level", "targets", "matters", "seed", "actions",
    )  # fmt: skip
    context = {key: plain[key] for key in kept}
    return context | {
        "key": study.study,
        "languages": list(study.languages),
        "sample": plain["sample"] | {"population": study.known_population},
        "waves": {
            key: {part: told for part, told in one.items() if part != "instrument"}
            for key, one in plain["waves"].items()
        },
        "min_n": study.privacy.min_n,
        "comments": list(study.comments),
        "asked": list(asked_of_library(study)),
        "drawn": {
            "weight": study.weight,
            "strata": study.strata,
            "cluster": study.cluster,
        }
        | ({"weighting": study.weighting.told()} if study.weighting else {}),
        "frameworks": [one.key for one in study.frameworks_read],
        "framework": _levels_context(study),
        "journey": _framework_context(study.journey) if study.journey else {},
        "reached": list(study.reached_stages),
        "segments": {
            key: {"vocabulary": one.vocabulary, "values": list(one.values)}
            for key, one in study.segments.items()
        },
        "items": {key: _item_context(study, key) for key in study.statements},
        "outcomes": {key: _outcome_context(one) for key, one in study.headlines.items()},
        **_further_context(study),
        "stages": {
            key: {"scale": stage.scale, "is_rated": stage.rating is not None}
            for key, stage in study.stages.items()
        },
        "scales": {key: _scale_context(study.known_scales[key]) for key in _scales_used(study)},
        "own_scales": sorted(study.scales),
        "labels": dict(_labels(study)),
        "own_frameworks": {
            one.key: {
                "provenance": [dict(said) for said in one.provenance],
                "inconsistencies": [dict(said) for said in one.inconsistencies],
            }
            for one in study.own_frameworks
        },
        **({"theme": study.own_theme} if study.own_theme else {}),
        **({"value": plain["value"]} if plain["value"] else {}),
        **study.coding.told(study.folder),
    }


def _further_context(study: Study) -> dict[str, Any]:
    """What is asked beyond the statements of the levels and the headlines, where it is."""
    own = set(study.statements)
    asked = library.asked_on_a_scale()
    about_gaps = {key for key, one in asked.items() if one["battery"] == "expectation"}
    told = {
        "further_items": {k: _item_context(study, k) for k in study.item_keys if k not in own},
        "further_outcomes": {
            key: _outcome_context(one)
            for key, one in study.outcomes.items()
            if key not in study.headlines
        },
        "gaps": [key for key in study.item_keys if key in about_gaps],
        "parts": {part: _part_context(study, one) for part, one in study.parts.items()},
        "channels": list(study.channel_keys),
        "rival": study.rival.brand if study.rival else None,
    }
    return {key: one for key, one in told.items() if one}


def _part_context(study: Study, framework: Framework) -> dict[str, Any]:
    return {
        "key": framework.key,
        "parts": list(framework.level_keys),
        "asked": {
            one.key: [item for item in one.items if item in study.items] for one in framework.levels
        },
    }


def _levels_context(study: Study) -> dict[str, Any]:
    """The framework of levels; the base it is scored on only where the study declares that."""
    if study.framework is None:
        return {}
    told = _framework_context(study.framework)
    is_declared = told["scored_on"] in study.base_keys
    return told | {"scored_on": told["scored_on"] if is_declared else None}


def _scales_used(study: Study) -> list[str]:
    """The scales of what the study asks, whatever its waves asked otherwise."""
    shelves = (study.items, study.outcomes, study.stages)
    used = {one.scale for shelf in shelves for one in shelf.values()}
    return sorted(key for key in used if key in study.known_scales)


def _item_context(study: Study, key: str) -> dict[str, Any]:
    level = study.framework.level_of(key) if study.framework else None
    asked = study.asked_by_framework(key)
    return {
        "scale": study.items[key].scale,
        "base": study.items[key].base,
        "level": level,
        "keyed": asked.keyed if asked else "positive",
    }


def _labels(study: Study) -> Iterator[tuple[str, dict[str, str]]]:
    for framework in study.frameworks_read:
        yield from _framework_labels(framework)
    parts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("item", study.items),
        ("outcome", study.outcomes),
        ("segment", study.segments),
        ("wave", study.waves),
    )
    for kind, shelf in parts:
        for key, one in shelf.items():
            if one.label:
                yield f"{kind}:{key}", dict(one.label)
    for key, label in (study.channels.labels if study.channels else {}).items():
        yield f"channel:{key}", dict(label)
    for key, segment in study.segments.items():
        for value, label in segment.values.items():
            yield f"group:{key}={value}", dict(label)
    for key, label in study.coding.labels(study.folder).items():
        yield f"theme:{key}", label
    for key, scenario in study.value.scenarios.items() if study.value else ():
        yield f"scenario:{key}", dict(scenario.label)
    for key in sorted(study.scales):
        scale = study.known_scales[key]
        for code, label in _answer_labels(scale).items():
            yield f"answer:{key}={code:g}", label


def _outcome_context(one: Outcome) -> dict[str, Any]:
    kept = ("metric", "scale", "base", "definition")
    return {name: getattr(one, name) for name in kept}


def _framework_context(framework: Framework) -> dict[str, Any]:
    kept = {"key", "kind", "shape", "scored_on", "title", "section", "question", "unit", "units"}
    return framework.model_dump(mode="json", include=kept) | {
        "levels": list(framework.level_keys),
        "stages": list(framework.stage_keys),
    }


def _framework_labels(framework: Framework) -> Iterator[tuple[str, dict[str, str]]]:
    for kind, parts in (("level", framework.levels), ("stage", framework.stages)):
        for part in parts:
            for prefix, text in (("", part.label), ("short:", part.short), ("gloss:", part.gloss)):
                if text:
                    yield f"{prefix}{kind}:{part.key}", dict(text)
    for key, item in framework.items.items():
        for prefix, text in (("", item.text), ("short:", item.short)):
            if text:
                yield f"{prefix}item:{key}", dict(text)


def _scale_context(scale: library.Scale) -> dict[str, Any]:
    return {
        "points": list(scale.points),
        "low": dict(scale.low),
        "high": dict(scale.high),
        "direction": scale.direction,
        "family": scale.family,
    }


def _answer_labels(scale: library.Scale) -> dict[float, dict[str, str]]:
    if scale.labels:
        return {
            code: {language: words[at] for language, words in scale.labels.items()}
            for at, code in enumerate(scale.points)
        }
    return {scale.points[0]: dict(scale.low), scale.points[-1]: dict(scale.high)}
