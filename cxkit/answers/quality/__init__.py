"""Response quality: what speaks for a careless, hasty or repeated answer. Flags, never deletions.

`response_quality` measures the respondents of a plain frame, `flags_of` those of a study.
"""

from cxkit.answers.quality.flags import RULES, Flags, flags_of
from cxkit.answers.quality.indices import response_quality

__all__ = ["RULES", "Flags", "flags_of", "response_quality"]
