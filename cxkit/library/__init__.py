"""The library: what the kit knows about customer experience, as files, and their lazy loader.

Frameworks, response scales, questionnaires, what the sources claim, and every word in both
languages are data. A new one is a new file: here, or beside a study, where it wins over the
library's.
"""

from __future__ import annotations

from cxkit.library.answer_lists import (
    ambiguous_labels,
    label_abbreviations,
    label_places,
    reasons,
    vocabularies,
    vocabulary,
)
from cxkit.library.files import (
    Text,
    in_every_language,
    languages,
    load_yaml,
    locale,
)
from cxkit.library.framework_file import framework
from cxkit.library.knowledge import (
    about,
    claims,
    costs,
    crosswalk,
    goals,
    hypotheses,
    inconsistencies,
    outcome_metric,
    outcomes,
    touchpoints,
)
from cxkit.library.questions import (
    asked_on_a_scale,
    bases_set,
    batteries,
    battery,
    further_items,
    preset,
    presets,
    question,
    questionnaire,
)
from cxkit.library.response_scale import (
    REASONS,
    Reason,
    Scale,
    answer_scale,
    answer_scales,
    own_scale,
    scale,
    scales,
)

__all__ = [
    "REASONS",
    "Reason",
    "Scale",
    "Text",
    "about",
    "ambiguous_labels",
    "answer_scale",
    "answer_scales",
    "asked_on_a_scale",
    "bases_set",
    "batteries",
    "battery",
    "claims",
    "costs",
    "crosswalk",
    "framework",
    "further_items",
    "goals",
    "hypotheses",
    "in_every_language",
    "inconsistencies",
    "label_abbreviations",
    "label_places",
    "languages",
    "load_yaml",
    "locale",
    "outcome_metric",
    "outcomes",
    "own_scale",
    "preset",
    "presets",
    "question",
    "questionnaire",
    "reasons",
    "scale",
    "scales",
    "touchpoints",
    "vocabularies",
    "vocabulary",
]
