"""What was asked, of whom, under which framework: a study file, read and cross-checked.

`read_study` gives a frozen `Study` or one StudyError with every slip, each with its line.
`examine` gives what can be read along with the slips; `study_schema` is the file's JSON Schema.
"""

from __future__ import annotations

from cxkit.study.instrument import PARTS, Instrument, instrument
from cxkit.study.parts import BASES, DERIVED_BASES, METRICS, MIN_SHARE, REASONS, Framework
from cxkit.study.reading import examine, read_study
from cxkit.study.shape import Study, study_schema

__all__ = [
    "BASES",
    "DERIVED_BASES",
    "METRICS",
    "MIN_SHARE",
    "PARTS",
    "REASONS",
    "Framework",
    "Instrument",
    "Study",
    "examine",
    "instrument",
    "read_study",
    "study_schema",
]
