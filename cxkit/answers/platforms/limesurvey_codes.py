"""Question codes of LimeSurvey: what it makes of a study's names of columns.

Codes take letters and digits only, a letter first, at most 20 of them. The code follows from the
name alone, so a questionnaire is written with it, and a reader of its export finds the study's
column again.
"""

from __future__ import annotations

import hashlib
import re

__all__ = ["LONGEST", "code_of", "column_code"]

LONGEST = 20
"""How many letters and digits a question code may have."""
_KEPT = 15


def code_of(column: str) -> str:
    """The question code of a study's column: its letters and digits.

    One that is too long keeps its first 15 and gets 5 of its digest, so that no two of them meet.

    >>> code_of("ful_1"), code_of("pro_interaction_channel")
    ('ful1', 'prointeractionc3b5f6')
    """
    plain = re.sub(r"[^A-Za-z0-9]", "", column)
    plain = plain if plain[:1].isalpha() else f"q{plain}"
    if len(plain) <= LONGEST:
        return plain
    return plain[:_KEPT] + hashlib.sha256(column.encode()).hexdigest()[: LONGEST - _KEPT]


def column_code(name: str) -> str:
    """How LimeSurvey heads a study's column: its code, or those of a question and its option.

    >>> column_code("pro_mode"), column_code("ways[chat_bot]")
    ('promode', 'ways[chatbot]')
    """
    question, bracket, option = name.partition("[")
    if not bracket or not option.endswith("]"):
        return code_of(name)
    return f"{code_of(question)}[{re.sub(r'[^A-Za-z0-9]', '', option)}]"
