"""From an unknown export to the draft of a study file: `draft_study`.

Columns are matched to the kit's questions by their names, their texts and what they hold; every
column is accounted for; what is unsure is left for the researcher to confirm.
"""

from __future__ import annotations

from cxkit.answers.mapping.study_file import Mapped, draft_study

__all__ = ["Mapped", "draft_study"]
