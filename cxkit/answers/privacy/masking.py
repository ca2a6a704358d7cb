"""Masks over what identifies a person in their own words, before these reach any page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

from cxkit.answers.privacy.contacts import accounts, emails, phones
from cxkit.answers.privacy.issued import banks, cards, identity, numbers
from cxkit.answers.privacy.machines import addresses, links, secrets
from cxkit.answers.privacy.plain import Found, Plain
from cxkit.answers.texts import Texts

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["MARKS", "identifiers", "masked", "masked_column"]

MARKS = {
    "email": "[email]",
    "phone": "[telepon/phone]",
    "nik": "[NIK/ID]",
    "npwp": "[NPWP]",
    "passport": "[paspor/passport]",
    "card": "[kartu/card]",
    "bank": "[rekening/account]",
    "number": "[nomor/number]",
    "account": "[akun/account]",
    "ip": "[IP]",
    "device": "[perangkat/device]",
    "place": "[lokasi/location]",
    "link": "[...]",
    "secret": "[rahasia/secret]",
}
"""What stands in the place of each kind of identifier.

Comments are masked while answers are prepared, once for the pages of all languages; so a mark
says the same in Indonesian and in English, or is one word of both.
"""

_FINDERS: tuple[Callable[[Plain], Iterator[Found]], ...] = (
    links, emails, cards, identity, addresses, banks, numbers, phones, accounts, secrets,
)  # fmt: skip
"""In the order of trust: of two that claim the same digits, the one named first has them."""

_IN_DIGITS = (identity, cards, banks, numbers)
"""Those that find nothing in a text without three digits."""


def identifiers(text: str) -> list[Found]:
    """What in a text identifies a person directly: kind, start and end of each, in order.

    Parameters
    ----------
    text : str
        What a respondent wrote, in Indonesian, English or any other language.

    Returns
    -------
    list of (str, int, int)
        The kind (a key of `MARKS`) and the half-open stretch `text[start:end]`; stretches do not
        overlap. Empty where nothing was found.

    Notes
    -----
    Found are e-mail addresses (also `nama [at] gmail [dot] com`), telephone numbers (as written
    in Indonesia and, with a country code or a telling form, elsewhere; in digits of any script,
    spaced, or spelled out), numbers of identity cards (NIK: 16 digits with a place and a date of
    birth), tax payers (NPWP), passports, payment cards (issuer, length, Luhn's check digit), bank
    accounts beside their word or bank, any other number of 15 to 19 digits that no order or
    parcel is named by, internet addresses, devices, coordinates, names of accounts that are told
    as a person's own, and of a link what follows its host, where it holds a query, a user, a
    profile or a token, or where the link is a short one. Prices, dates, opening hours, order and
    parcel numbers, versions, and accounts that a comment addresses (`@toko`) stay.

    **Names of people are not found**, nor are postal addresses: no rule tells *Mawar* the person
    from *mawar* the flower, and a mask over one and not the other would promise too much. What is
    to be published verbatim has to be read by a person first.

    Telephone numbers are checked with `phonenumbers` (the rules of Google's libphonenumber),
    identity and card numbers with `python-stdnum`.

    Examples
    --------
    >>> identifiers("Hubungi 0812-3456-7890 atau budi@contoh.co.id")
    [('phone', 8, 22), ('email', 28, 45)]
    >>> identifiers("Harga Rp 1.250.000, buka jam 08.00-17.00")
    []
    """
    taken: list[Found] = []
    plain = Plain(text, MARKS.values())
    is_worded = sum(map(str.isdigit, plain.text)) < 3
    for finder in _FINDERS:
        if is_worded and finder in _IN_DIGITS:
            continue
        for one in finder(plain):
            taken = _with(taken, one)
    return sorted(taken, key=lambda one: one[1:])


def _with(taken: list[Found], one: Found) -> list[Found]:
    """What was found before and this; of two of one kind that overlap, both as one stretch."""
    kind, start, end = one
    over = [other for other in taken if other[1] < end and start < other[2]]
    if not over:
        return [*taken, one]
    if any(other[0] != kind for other in over):
        return taken
    first = min(start, *(other[1] for other in over))
    last = max(end, *(other[2] for other in over))
    return [*(other for other in taken if other not in over), (kind, first, last)]


def masked(text: str) -> str:
    """A text with a mark in the place of whatever identifies a person directly.

    Parameters
    ----------
    text : str
        What a respondent wrote.

    Returns
    -------
    str
        The text, every stretch that `identifiers` finds replaced by its mark of `MARKS`. Masking
        twice is masking once. Names of people stay: see `identifiers`.

    Examples
    --------
    >>> masked("WA saya 0812 3456 7890 ya, harganya Rp 150.000")
    'WA saya [telepon/phone] ya, harganya Rp 150.000'
    >>> masked("https://toko.example/reset?token=abc123")
    'https://toko.example/[...]'
    """
    parts, last = [], 0
    for kind, start, end in identifiers(text):
        parts += [text[last:start], MARKS[kind]]
        last = end
    return "".join([*parts, text[last:]])


_Column = TypeVar("_Column", "pd.Series", "np.ndarray")


@overload
def masked_column(texts: Texts) -> Texts: ...
@overload
def masked_column(texts: _Column) -> _Column: ...
@overload
def masked_column(texts: Sequence[str]) -> list[str]: ...


def masked_column(texts: Any) -> Any:
    """A column of texts, each of them masked, in the kind of column that was given.

    Parameters
    ----------
    texts : Texts, pandas.Series, numpy.ndarray or sequence of str, shape (n_respondents,)
        What respondents wrote; whatever is not a text (missing) stays as it is.

    Returns
    -------
    The same kind of column
        Each different text is masked once.

    Examples
    --------
    >>> masked_column(["a@b.co", "baik"])
    ['[email]', 'baik']
    """
    if isinstance(texts, Texts):
        return texts.put(masked)
    mask = lru_cache(maxsize=None)(masked)
    done = [mask(one) if isinstance(one, str) else one for one in _each(texts)]
    if isinstance(texts, list | tuple):
        return done
    made = texts.copy()
    made[:] = done
    return made


def _each(texts: Any) -> Iterable[Any]:
    return texts.tolist() if hasattr(texts, "tolist") else texts
