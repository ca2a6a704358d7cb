"""Prints the JSON Schema of a study file: `python -m cxkit.study > .../study.schema.json`."""

from __future__ import annotations

import json

from cxkit.study.shape import study_schema

print(json.dumps(study_schema(), indent=2, sort_keys=True))
