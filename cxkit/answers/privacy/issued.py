"""Numbers that stand for one person: identity cards, tax, passports, payment cards, accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxkit.answers.privacy.plain import Found, Plain, digits_of, is_ordered, within

__all__ = ["banks", "cards", "identity", "numbers"]

_LONG = re.compile(r"(?<![^\W_])(?<!\d[.,\-/])(?=(?P<number>\d(?:[ .\-_/]{0,3}\d){12,19}(?!\d)))")
"""A long number; it may begin inside another, because two numbers may stand side by side."""

_SAID = r"[\s:.=#\-]*(?:(?:no|nomor|number|saya|is|nya|ku|my|ending|in)[\s:.=#\-]*)*"
"""What may stand between the word for a number and its digits: `KTP saya no.`."""

_IDENTITY = re.compile(
    r"(?<![^\W_])(?:e-?ktp|ktp|nik|no\.? ?kk|kartu keluarga|kk|nomor induk kependudukan|"
    rf"national id){_SAID}(?P<number>\d(?:[ .\-]{{0,3}}\d){{13,17}})(?!\d)"
)
_TAX = re.compile(r"(?<![\d.])\d{2}[. ]\d{3}[. ]\d{3}[. ]\d[\- ]\d{3}[. ]\d{3}(?!\d)")
_NAMED_TAX = re.compile(
    rf"(?<![^\W_])npwp(?: (?:perusahaan|pribadi|kami))?{_SAID}"
    r"(?P<number>\d(?:[ .\-]{0,2}\d){14,15})(?!\d)"
)
_PASSPORT = re.compile(
    rf"(?<![^\W_])(?:passport|paspor|pasport){_SAID}"
    r"(?P<number>[a-z]{1,2}[ \-]?\d{6,8}|\d{8,9})(?!\w)"
)
_INSURED = re.compile(
    rf"(?<![^\W_])(?:bpjs|sim(?: [abcd])?|imei|no\.? ?ktm){_SAID}"
    r"(?P<number>\d(?:[ .\-]{0,2}\d){10,15})(?!\d)"
)


_PROVINCE = re.compile(r"1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7]")


def identity(text: Plain) -> Iterator[Found]:
    """Numbers of identity cards (NIK), of tax payers (NPWP), of passports; other long ones."""
    for pattern, kind in (
        (_IDENTITY, "nik"),
        (_NAMED_TAX, "npwp"),
        (_PASSPORT, "passport"),
        (_INSURED, "nik"),
    ):
        for match in text.matches(pattern):
            yield kind, *text.span(*match.span("number"))
    for match in text.matches(_TAX):
        yield "npwp", *text.span(*match.span())
    for match in text.matches(_LONG):
        if span := within(match, _is_nik, "number"):
            yield "nik", *text.span(*span)


_COUNTED = re.compile(r"(?<![^\W_])(?:rp|idr|usd|\$)[. ]*$")
_FORMS = frozenset({(15,), (16,), (17,), (18,), (19,), (4, 4, 4, 4), (6, 6, 4), (2, 2, 2, 6, 4)})
"""How a number of 15 to 19 digits is written that stands for one person: in one run, in fours, or
in the parts of an identity number."""


def numbers(text: Plain) -> Iterator[Found]:
    """Long numbers that are none of the known kinds: mistyped, or given by another issuer.

    A number beside the word for an order, a parcel or a product stays.
    """
    for match in text.matches(_LONG):
        before = text.text[max(0, match.start() - 60) : match.start()]
        if not (is_ordered(before) or _COUNTED.search(before)) and (
            span := within(match, _is_long, "number")
        ):
            yield "number", *text.span(*span)


def _is_long(written: str) -> bool:
    if written.startswith("0062"):
        return False
    return tuple(map(len, re.findall(r"\d+", written))) in _FORMS and _is_one(written)


def _is_one(written: str) -> bool:
    """Whether the same sign stands between all groups of digits, as within one number."""
    return len(set(re.findall(r"\D+", written))) <= 1


def _is_nik(written: str) -> bool:
    """Sixteen digits with a province and a date of birth (40 more in the day of women)."""
    from stdnum.exceptions import ValidationError
    from stdnum.id import nik

    digits = digits_of(written)
    if len(digits) != 16 or not _PROVINCE.match(digits) or not _is_one(written):
        return False
    try:
        nik.get_birth_date(digits)
    except ValidationError:
        return False
    return int(digits[6:8]) <= 71 and digits[12:] != "0000"


# -- payment -------------------------------------------------------------------------------------

_NAMED_CARD = re.compile(
    r"(?<![^\W_])(?:kartu(?: kredit| debit| atm)?|credit card|debit card|card|visa|master ?card|"
    rf"amex|gpn|jcb){_SAID}"
    r"(?P<number>\d(?:[ .\-]{0,3}\d){11,18})(?!\d)"
)
_SECRET = re.compile(r"(?<![^\W_])(?:cvv2?|cvc2?|cvn)[\s:.=\-]*(?P<number>\d{3,4})(?!\d)")
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"30[0-5]|3[689]"), (14, 16)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),
    (re.compile(r"62"), (16, 17, 18, 19)),
    (re.compile(r"1946|50|5[6-9]|6[0137]"), (16, 19)),
)


def cards(text: Plain) -> Iterator[Found]:
    """Numbers of payment cards: an issuer's beginning, its length, and Luhn's check digit."""
    for pattern in (_NAMED_CARD, _SECRET):
        for match in text.matches(pattern):
            yield "card", *text.span(*match.span("number"))
    for match in text.matches(_LONG):
        if span := within(match, _is_card, "number"):
            yield "card", *text.span(*span)


def _is_card(written: str) -> bool:
    from stdnum import luhn

    digits = digits_of(written)
    issued = any(start.match(digits) and len(digits) in sizes for start, sizes in _ISSUERS)
    return issued and _is_one(written) and bool(luhn.is_valid(digits))


_BANK = (
    r"(?:bca|bri|bni|btn|bsi|mandiri|cimb(?: niaga)?|permata|danamon|ocbc|maybank|panin|mega|jago|"
    r"seabank|jenius|btpn|muamalat|bjb|bank(?: [a-z]{2,12})?)"
)
_ACCOUNT_WORD = r"(?:no\.? ?rek|rek|rekening|norek|account|acct|acc|a/c|va|virtual account|iban)"
_NUMBER = r"(?P<number>\d(?:[ .\-]{0,2}\d){7,17})(?!\d)(?!\s*(?:rb|ribu|jt|juta|rupiah|hari|k\b))"
_BETWEEN = (
    r"(?:[\s:.=#\-(),]|\b(?:no|nomor|nomer|number|saya|is|nya|ku|my|ke|di|an|a\.n|atas nama|"
    rf"{_BANK}|{_ACCOUNT_WORD})\b){{0,12}}"
)
_NAMED_BANK = re.compile(
    rf"(?<![^\W_])(?:{_ACCOUNT_WORD}|{_BANK})(?:nya|ku)?(?![^\W_]){_BETWEEN}{_NUMBER}"
)
_BANK_AFTER = re.compile(
    rf"(?<![^\W_])(?<!\d[.,\-/])(?P<number>\d(?:[ .\-]?\d){{8,17}})(?!\d)"
    rf"[\s(,\-]*(?:(?:ke|di|pada|via|in|at|my|the|of)\s+)?(?:{_ACCOUNT_WORD}|{_BANK})(?![^\W_])"
)
_IBAN = re.compile(r"(?<![^\W_])(?=(?P<number>[a-z]{2}\d{2}(?: ?[a-z0-9]){11,30}))")
_AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})+$")


def banks(text: Plain) -> Iterator[Found]:
    """Numbers of bank accounts beside the word for one or the name of a bank, in either order."""
    for pattern in (_NAMED_BANK, _BANK_AFTER):
        for match in text.matches(pattern):
            written, before = match["number"], text.text[: match.start("number")]
            is_money = _AMOUNT.match(written) or re.search(r"(?:rp|idr|\$)[. ]*$", before)
            if not is_money and not digits_of(written).endswith("0000"):
                yield "bank", *text.span(*match.span("number"))
    for match in text.matches(_IBAN):
        if span := within(match, _is_iban, "number"):
            yield "bank", *text.span(*span)


def _is_iban(written: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(written))
