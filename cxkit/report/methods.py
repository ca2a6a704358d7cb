"""The last section of every page: how the report was made, written by the program."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from cxkit import library
from cxkit.analysis.conventions import GOOD_FIT, LEADS_FROM
from cxkit.records import RECORDS_MIME, wide_limit
from cxkit.report import appendices, provenance
from cxkit.report.finding import FINDING_MIME
from cxkit.wording import Quantity, Words

__all__ = ["methods_blocks"]

Block = dict[str, Any]


def methods_blocks(nb: Any, words: Words) -> tuple[list[str], list[Block]]:
    """The lead and the blocks of the methods section of an executed notebook."""
    made = nb.metadata.get("cxkit", {})
    lead = [words.fill(words.locale["once"]["sampling"]), _text(words, "lead")]
    blocks: list[Block] = []
    if made:
        commands = {"verify": _check(words.context), "command": _command(words.context, made)}
        for key, command in commands.items():
            blocks.append({"type": "command", "text": command})
            blocks.append({"type": "note", "text": _text(words, key)})
    rows = [one for one in _definitions(nb, words) if one["paragraphs"]]
    blocks.append({"type": "definitions", "rows": rows})
    return lead, [*blocks, *appendices.appendices(words, made)]


def _command(context: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """The command that makes the report again, as a shell takes it."""
    parts = ["cxkit", "run", "demo" if context.get("is_demo") else "STUDY"]
    parts += ["--notebook", str(made["notebook"])]
    for key, value in made["parameters"].items():
        parts += ["-p", f"{key}={value}"]
    return shlex.join(parts)


def _check(context: Mapping[str, Any]) -> str:
    """The command that holds the page against what its study gives."""
    return "cxkit verify PAGE.html" + ("" if context.get("is_demo") else " --study STUDY")


def _text(words: Words, key: str, **slots: object) -> str:
    return words.fill(words.locale["methods"]["text"][key], **slots)


def _records(nb: Any) -> Iterator[Mapping[str, Any]]:
    for one in nb.cells:
        for output in one.get("outputs", ()):
            data = output.get("data", {})
            for finding in data.get(FINDING_MIME, {}).get("findings", ()):
                for rows in finding["records"].values():
                    yield from rows
            yield from data.get(RECORDS_MIME, {}).get("rows", ())
            yield from data.get(RECORDS_MIME, {}).get("estimates", ())


def _definitions(nb: Any, words: Words) -> Iterator[Block]:
    """Each part of the method as a term and what was done, only what this report used."""
    terms = words.locale["methods"]["terms"]
    records = list(_records(nb))
    used = {str(one.get("method") or "").split(" ")[0] for one in records}
    metrics = {str(one.get("metric")) for one in records}
    compared = [one for one in records if "a" in one]
    parts = {
        "sample": _sample(words),
        "weighting": _weighting(words),
        "instrument": _instrument(words),
        "scale": _scales(words),
        "scores": _scores(words) if "score_100" in metrics else [],
        "outcomes": _outcomes(words, metrics),
        "bases": [_text(words, "bases"), *_screening(words)],
        "missing": [_text(words, "missing")],
        "low_base": [
            _text(words, "low_base"),
            _text(
                words,
                "wide",
                limit=words.count(wide_limit("score_100")),
                limit_nps=words.count(wide_limit("points")),
            ),
        ],
        "privacy": [
            _text(words, "privacy"),
            *([_text(words, "masked")] if words.context.get("comments") else []),
        ],
        "intervals": [
            _text(words, "ci"),
            *_assumed(words),
            *(
                words.fill(sentence)
                for method, sentence in words.locale["methods"]["intervals"].items()
                if method in used and method != "none"
            ),
        ],
        "comparisons": _comparisons(words, compared),
        "verdicts": [
            words.fill(sentence)
            for verdict, sentence in words.locale["methods"]["verdicts"].items()
            if any(one.get("verdict") == verdict for one in compared)
        ],
        "stages": _stages(words, metrics),
        "measurement": _measurement(words, {str(one.get("name")) for one in records}),
        "links": _links(words, metrics, used),
        "sources": appendices.said_by_frameworks("provenance", words),
        "trademark": [words.note("note_trademark")] if "nps" in metrics else [],
        "versions": [_versions(nb, words)],
        "digests": _digests(words),
        "cite": [_cite(words)],
    }
    for key, paragraphs in parts.items():
        yield {"term": words.fill(terms[key]), "paragraphs": paragraphs}


def _sample(words: Words) -> list[str]:
    sample = words.context.get("sample", {})
    population = sample.get("population")
    known = isinstance(population, (int, float))
    frame, design = sample.get("frame"), sample.get("design")
    said = [
        _text(
            words,
            "sample",
            frame=words.name(f"frame:{_or_undisclosed(frame)}"),
            design=words.name(f"design:{_or_undisclosed(design)}"),
            population=words.count(population) if known else words.ui("unknown"),
        )
    ]
    if sample.get("mode"):
        said.append(_text(words, "mode", mode=words.text(sample["mode"])))
    return said


def _assumed(words: Words) -> list[str]:
    """What the ranges take for granted, where the sample was not drawn at random."""
    design = words.context.get("sample", {}).get("design")
    if design == "probability":
        return []
    return [words.note("note_sample", design=words.name(f"design:{_or_undisclosed(design)}"))]


def _or_undisclosed(stated: object) -> object:
    return "not_disclosed" if stated in (None, "unknown") else stated


def _weighting(words: Words) -> list[str]:
    context = words.context
    if not context.get("has_weight"):
        return [_text(words, "unweighted"), *_design(words)]
    n, n_eff = context.get("n"), context.get("n_eff") or 0
    efficiency = words.number(n_eff / n, "share") if n else words.ui("not_shown")
    said = [_text(words, "weighted", efficiency=efficiency)]
    if column := context.get("drawn", {}).get("weight"):
        said.append(_text(words, "weight_column", column=column))
    if made := context.get("drawn", {}).get("weighting"):
        said += _made_weights(made, words)
    return [*said, *_design(words)]


def _made_weights(made: Mapping[str, Any], words: Words) -> list[str]:
    """How the kit made the weights: from which known shares, from where, within which limits."""
    by = words.join(words.name(f"segment:{key}") for key in made["by"])
    said = [_text(words, f"weights_{made['how']}", by=by)]
    if made["start"]:
        said.append(_text(words, "weights_start", column=made["start"]))
    limits = {key: _times(made[key], words) for key in ("low", "high") if made[key]}
    if limits:
        said.append(_text(words, "weights_between_" + "_".join(limits), **limits))
    return said


def _times(multiple: float, words: Words) -> str:
    return words.number(multiple, "ratio", digits=0 if float(multiple).is_integer() else 2)


def _screening(words: Words) -> list[str]:
    """That not everybody was asked everything, where the study says who was."""
    asked = [*words.context.get("items", {}).values(), *words.context.get("outcomes", {}).values()]
    return [_text(words, "screening")] if any(one.get("base") for one in asked) else []


def _design(words: Words) -> list[str]:
    """What the ranges allow for beside weights: strata, clusters, a known population."""
    drawn = words.context.get("drawn", {})
    parts = [
        _text(words, part, column=drawn[part]) for part in ("strata", "cluster") if drawn.get(part)
    ]
    if (size := drawn.get("population")) is not None:
        parts.append(_text(words, "population", population=words.count(size)))
    return [_text(words, "design", parts=words.join(parts))] if parts else []


def _instrument(words: Words) -> list[str]:
    context = words.context
    framework = context.get("framework")
    if not framework:
        return []
    said = [
        _text(
            words,
            "instrument",
            framework=words.text(framework.get("title")) or words.name("what:pyramid"),
            k=len(context.get("items", {})),
        )
    ]
    turned = [key for key, one in context["items"].items() if one.get("keyed") == "negative"]
    if turned:
        items = words.join(words.name(f"item:{key}").rstrip(".") for key in turned)
        said.append(_text(words, "keyed_negative", items=items))
    if framework.get("key") == "pyramid":
        said += [words.note("note_instrument"), words.note("note_order_hypothesis")]
        said += [_text(words, "nature", list=_natures(words)), _text(words, "keyed")]
        if context.get("preset"):
            preset = words.name(f"preset:{context['preset']}")
            level = words.name("level:fulfilment")
            said.append(_text(words, "preset", preset=preset, level=level))
    return said


def _natures(words: Words) -> str:
    """Which levels are rational, which emotional, by this kit."""
    levels = library.framework("pyramid")["levels"]
    natures = dict.fromkeys(one["nature"] for one in levels)
    return "; ".join(
        f"{words.name(f'nature:{nature}')}: "
        + words.join(words.name(f"level:{one['key']}") for one in levels if one["nature"] == nature)
        for nature in natures
    )


def _scales(words: Words) -> list[str]:
    context, said = words.context, []
    shelves = ("items", "outcomes", "stages")
    used = {one["scale"] for shelf in shelves for one in context.get(shelf, {}).values()}
    for key, scale in sorted(context.get("scales", {}).items()):
        if key not in used:
            continue
        points = [words.number(point, "count") for point in scale["points"]]
        low, high = words.text(scale["low"]), words.text(scale["high"])
        labels = f"{points[0]} = {low}, {points[-1]} = {high}"
        said.append(_text(words, "scale", scale=_scale_name(key, words), points=labels))
    return [*said, _text(words, "scale_source")] if said else []


def _scale_name(key: str, words: Words) -> str:
    """A scale of the library by its name, one of the study's own by its ends."""
    if key in words.locale["names"]["scale"]:
        return words.name(f"scale:{key}")
    points = words.context["scales"][key]["points"]
    return words.range(min(points), max(points), "count")


def _scores(words: Words) -> list[str]:
    said = [words.note("note_score_100"), _text(words, "score_100"), _text(words, "level_score")]
    framework = words.context.get("framework") or {}
    if framework.get("scored_on"):
        said.append(_text(words, "scored_on", who=words.name(f"base:{framework['scored_on']}")))
    said += [_text(words, "weakest"), _text(words, "same_items")]
    return said


def _outcomes(words: Words, metrics: set[str]) -> list[str]:
    said = []
    for outcome in words.context.get("outcomes", {}).values():
        metric = outcome["metric"]
        if metric == "nps" and "nps" in metrics:
            lowest = min(words.context["scales"][outcome["scale"]]["points"])
            said.append(_text(words, "nps", low=words.count(lowest)))
        elif metric in metrics and metric in ("csat", "ces"):
            said.append(
                _text(
                    words,
                    metric,
                    definition=words.name(f"definition:{outcome['definition']}"),
                    scale=_scale_name(outcome["scale"], words),
                )
            )
    targets, matters = words.context.get("targets"), words.context.get("matters")
    if targets:
        said.append(_text(words, "targets", list=_settings(targets, words)))
    if matters:
        said.append(_text(words, "matters", list=_sizes(matters, words)))
    else:
        said.append(_text(words, "no_matters"))
    return said


def _settings(settings: Mapping[str, float], words: Words) -> str:
    """Numbers that the study sets, each in the unit of its metric."""
    said = []
    for metric, value in sorted(settings.items()):
        unit = _unit(metric, words.context)
        said.append(f"{words.short(f'metric:{metric}')} {words.number(value, unit)}")
    return words.join(said)


def _unit(metric: str, context: Mapping[str, Any]) -> str:
    """The unit of a metric as this study defines it."""
    fixed = {"nps": "points", "score_100": "score_100", "mean": "scale", "handoff": "score_100"}
    outcomes = context.get("outcomes", {}).values()
    definitions = {one["definition"] for one in outcomes if one["metric"] == metric}
    return fixed.get(metric, "scale" if definitions == {"mean"} else "share")


def _sizes(sizes: Mapping[str, float], words: Words) -> str:
    """Differences in their own unit: points, or percentage points."""
    said = []
    for metric, value in sorted(sizes.items()):
        size = Quantity(value, _unit(metric, words.context), words)
        worded = str(size) if size.unit == "scale" else size.counted("points")
        said.append(f"{words.short(f'metric:{metric}')} {worded}")
    return words.join(said)


def _comparisons(words: Words, compared: list[Mapping[str, Any]]) -> list[str]:
    said = [words.note("note_rounding")] if compared else []
    if any(one.get("correction") == "holm" for one in compared):
        said.append(_text(words, "holm"))
    if any(one.get("correction") == "bh" for one in compared):
        said.append(_text(words, "bh"))
    said += [_text(words, key) for key, is_used in _of_groups(words, compared) if is_used]
    previous = words.context.get("previous")
    if previous and any(str(one["a"]).startswith("wave=") for one in compared):
        said.append(_text(words, "change", prev_wave=words.wave(previous)))
    return said


def _of_groups(words: Words, compared: list[Mapping[str, Any]]) -> Iterator[tuple[str, bool]]:
    """What there is to say of how groups were compared, and whether this report did."""
    declared = words.context.get("segments", {})
    sides = {str(one["a"]).partition("=")[0] for one in compared}
    visible = [one for one in compared if one.get("metric") == "mde"]
    yield "groups", bool(sides & set(declared))
    yield "groups_told", bool(sides & set(declared)) and any("!=" in one["b"] for one in compared)
    yield "visible", bool(visible)


def _stages(words: Words, metrics: set[str]) -> list[str]:
    if not words.context.get("journey"):
        return []
    is_of_kit = words.context["journey"].get("key") == "journey"
    said = [words.note("note_stages")] if is_of_kit else []
    said.append(_text(words, "handoff"))
    if "reach" in metrics:
        said += [_text(words, "reach"), _text(words, "conversion")]
    return said


def _links(words: Words, metrics: set[str], used: set[str]) -> list[str]:
    """How shares of a link are made, what else is told of it, and how sure it must be."""
    said = []
    if "link_share" in metrics:
        sure = words.count(100 * LEADS_FROM)
        said = [_text(words, "links"), _text(words, "links_first", p=sure)]
    parts = {
        "links_equal": "link_share_equal_reliability" in metrics,
        "links_slopes": "slope" in metrics,
        "links_priorities": "chance_quadrant" in metrics,
        "links_asymmetry": "penalty" in metrics,
        "links_necessity": "ce_fdh_permutation" in used,
    }
    return said + [_text(words, key) for key, is_used in parts.items() if is_used]


def _measurement(words: Words, named: set[str]) -> list[str]:
    """How coefficients of measurement were computed, those that this report has."""
    texts = {
        "cronbach_alpha": "cronbach_alpha",
        "spearman_brown": "spearman_brown",
        "chi2": "joint_model",
        "htmt": "htmt",
        "delta_cfi": "invariance",
    }
    used = [text for one, text in texts.items() if one in named]
    if not used:
        return []
    lines = {name: words.number(line, "scale") for name, line in GOOD_FIT.items()}
    return [_text(words, text, **lines) for text in used]


def _versions(nb: Any, words: Words) -> str:
    stated = nb.metadata.get("cxkit", {}).get("manifest", {}).get("versions")
    versions = stated or provenance.versions()
    return _text(words, "versions", version=versions["cxkit"], python=versions["python"])


def _digests(words: Words) -> list[str]:
    return [
        _text(words, "digest", name=_digested(name, words), digest=digest)
        for name, digest in sorted(words.context.get("inputs", {}).items())
    ]


def _digested(name: str, words: Words) -> str:
    """What a digest is of, in words: `study`, `instrument`, `answers:2026H1`."""
    kind, _, of_wave = name.partition(":")
    said = _text(words, f"{kind}_digest")
    return f"{said}, {words.wave(of_wave)}" if of_wave and of_wave != "all" else said


def _cite(words: Words) -> str:
    context = words.context
    title = words.study_title()
    inputs = sorted(context.get("inputs", {}).items())
    answers = [digest for name, digest in inputs if name.startswith("answers:")]
    slots = {
        "title": title,
        "version": provenance.versions()["cxkit"],
        "digest": answers[-1][:12] if answers else words.ui("unknown"),
    }
    wave = context.get("wave")
    if wave and wave != "all":
        return _text(words, "cite", wave=words.wave(wave), **slots)
    return _text(words, "cite_no_wave", **slots)
