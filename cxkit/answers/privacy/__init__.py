"""Privacy of respondents: what identifies a person is masked in their words, told of columns.

`identifiers` finds where a text holds an e-mail address, a telephone number, a number of an
identity card, `masked` puts a mark in its place, and `direct_identifiers` says which columns of
an export hold personal data. `told_of_nobody` masks what problems quote of cells.
"""

from __future__ import annotations

from cxkit.answers.privacy.columns import direct_identifiers, read_as
from cxkit.answers.privacy.masking import MARKS, identifiers, masked, masked_column
from cxkit.answers.privacy.telling import told_of_nobody

__all__ = [
    "MARKS",
    "direct_identifiers",
    "identifiers",
    "masked",
    "masked_column",
    "read_as",
    "told_of_nobody",
]
