"""How a person is reached: e-mail addresses, telephone numbers, names of accounts.

Telephone numbers are looked for as Indonesians write them, as others write theirs with a country
code, and as digits after a word that names them; prices, dates, times and order numbers stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cxkit.answers.privacy.plain import Found, Plain, digits_of, is_ordered, within

__all__ = ["accounts", "emails", "phones"]

# -- e-mail --------------------------------------------------------------------------------------

_PROVIDER = (
    r"(?:gmail|googlemail|yahoo|ymail|rocketmail|hotmail|outlook|live|msn|icloud|me|proton|"
    r"protonmail|aol|gmx|zoho|yandex)"
)
_WELL_KNOWN = r"(?:gmail|yahoo|ymail|rocketmail|hotmail|outlook|icloud)"
_OPEN, _SHUT = r"[\[({<\"'\u201c\u3010]", r"[\])}>\"'\u201d\u3011]"
_ENDING = r"(?:com|net|org|id|co|io|info|biz|edu|gov|me|my|sg|au|uk|de|nl|jp|us)"
_AT_SHUT_IN = rf"\s*{_OPEN}\s*(?:at|a|et|@|ad)\s*{_SHUT}\s*"
_WORD_AT = rf"(?:{_AT_SHUT_IN}|\s+[\-_#*/|]*(?:at|et)[\-_#*/|]*\s+)"
_WORD_DOT = rf"(?:\s*{_OPEN}\s*(?:dot|titik|\.|d)\s*{_SHUT}\s*|\s+(?:dot|titik)\s+)"
_DOT = rf"(?:\.|{_WORD_DOT})"
_BEGINS = r"(?<![\w.+%\-])(?<!\w')"
_NAME = r"(?:[\w.+%\-][\w.+%'\-]*)?[\w+]"
_LOCAL = rf"{_BEGINS}{_NAME}"
_SPELLED_LOCAL = rf"{_BEGINS}(?:\w+\s+(?:dot|titik)\s+)*{_NAME}"
_HOST = rf"[\w\-]+(?:{_DOT}[\w\-]+)*"
_EMAILS = tuple(
    re.compile(one)
    for one in (
        # nama@contoh.co.id, also with blanks beside the sign, or the sign as web pages write it
        rf"{_LOCAL}@[^\W_](?:[\w\-]*[^\W_])?(?:\.[^\W_](?:[\w\-]*[^\W_])?)+",
        rf"{_LOCAL}\s+@\s*[^\W_][\w\-]*(?:\.[\w\-]+)*\.{_ENDING}\b",
        rf"{_LOCAL}@\s+[^\W_][\w\-]*(?:\.[\w\-]+)*\.{_ENDING}\b",
        rf"{_LOCAL}\s*@\s*{_PROVIDER}\s*[.,]\s*(?:co\s*[.,]\s*)?{_ENDING}\b",
        rf"{_LOCAL}\s*@\s*[\w\-]+\s*\.\s*(?:com|net|org|(?:co|ac|go|or|web)\s*\.\s*id)\b",
        r"(?<![\w.+\-])[\w.+\-]+(?:&#0*64;|&commat;|%40)[\w\-]+(?:\.[\w\-]+)+",
        # nama@gmail, as people write who think that the rest goes without saying
        rf"{_LOCAL}@{_WELL_KNOWN}\b(?!\.\w)",
        rf"(?<![\w.])\w*[\d._][\w.]*\s+(?:at|di)\s+{_WELL_KNOWN}\b",
        # nama [at] contoh [dot] com, nama(at)contoh.com, nama at contoh dot com
        rf"{_SPELLED_LOCAL}{_AT_SHUT_IN}{_HOST}{_DOT}[a-z]{{2,}}",
        rf"{_SPELLED_LOCAL}{_WORD_AT}{_HOST}{_WORD_DOT}{_ENDING}(?:{_DOT}{_ENDING})?\b",
        rf"{_SPELLED_LOCAL}{_WORD_AT}{_PROVIDER}\.(?:co\.)?{_ENDING}\b",
        rf"(?<![\w.])[\w+\-]*[\d._][\w.+\-]*{_WORD_AT}[\w\-]+(?:\.[\w\-]+)*\.{_ENDING}\b",
        rf"(?:e-?mail|surel)\w*(?:\s+(?:saya|aku|my|me|is|adalah|ke|ini)|\s*[:=])*\s+"
        rf"(?P<address>{_LOCAL}{_WORD_AT}[\w\-]+(?:\.[\w\-]+)*\.{_ENDING})\b",
        rf"{_SPELLED_LOCAL}\s*@\s*{_HOST}{_WORD_DOT}{_ENDING}(?:{_DOT}{_ENDING})?\b",
        rf"(?<!\w)[\w.+]+?[_\-]at[_\-][a-z\d\-_]+?[_\-]dot[_\-]{_ENDING}\b",
        rf"(?<!\w)[\w.+]+?at{_WELL_KNOWN}dot{_ENDING}(?!\w)",
        # n a m a @ g m a i l . c o m
        r"(?<!\w)(?:[\w.+\-] ){2,}@(?: [\w.\-]){4,}(?!\w)",
        # "nama lengkap"@contoh.com, nama#gmail.com
        r'"[^"\n@]{1,60}"@[^\W_][\w\-]*(?:\.[\w\-]+)+',
        rf"{_LOCAL}\s?#\s?{_WELL_KNOWN}\.(?:co\.)?{_ENDING}\b",
    )
)
_SIGN = re.compile(
    rf"[\w+\"]\s*{_OPEN}?\s*@|#\s?{_WELL_KNOWN}|&#0*64;|&commat;|%40|{_AT_SHUT_IN}|[_\-]at[_\-]|at{_WELL_KNOWN}dot|"
    rf"\sdi\s+{_WELL_KNOWN}|\s[\-_#*/|]*[ae]t[\-_#*/|]*\s.*(?:\.|\bdot\b|\btitik\b|{_WELL_KNOWN})",
    re.DOTALL,
)
"""Without a sign for "at" there is no address."""


def emails(text: Plain) -> Iterator[Found]:
    """E-mail addresses, also those written to escape a machine: `nama [at] gmail [dot] com`."""
    if not _SIGN.search(text.text):
        return
    for pattern in _EMAILS:
        for match in text.matches(pattern):
            group = "address" if "address" in match.groupdict() else 0
            yield "email", *text.span(*match.span(group))


# -- telephone -----------------------------------------------------------------------------------

_S = r"[ \t.,\-()_/~*|\u2022\u00b7'\u2019]{0,3}"
"""What may stand between two digits of a telephone number."""

_FREE = (
    r"(?:(?<![\w#])|(?<=wa)|(?<=hp)|(?<=tel)|(?<=telp)|(?<=tlp)|(?<=no)|(?<=nomor)|(?<=phone))"
    r"(?<!\d[.,/])(?<!\d-)"
)
"""What a number begins after: no digit or letter (but `hp0812`), no number that it continues."""

_MOBILE = re.compile(
    rf"{_FREE}[+(]{{0,2}}(?:(?:00{_S})?6{_S}2{_S}0?|0){_S}8{_S}[1-9](?:{_S}\d){{6,11}}(?!\d)"
)
_PREFIX_APART = re.compile(
    rf"{_FREE}(?:\+?62[ .\-]?|0)8[1-9]\d{{1,2}}(?:\]|[ \t.\-]*\r?\n)[ \t\-]*"
    r"\d{3,4}[ .\-]?\d{3,5}(?!\d)"
)
"""A mobile number whose prefix stands in square brackets or on a line of its own."""
_LANDLINE = re.compile(rf"{_FREE}\(?0[1-79]\d{{0,3}}(?:{_S}\d){{5,9}}(?!\d)")
_ABROAD = re.compile(rf"(?<![\w])\(?(?:\+{_S}|00)[1-9](?:{_S}\d){{6,14}}(?!\d)")
_COUNTRY = re.compile(rf"{_FREE}\(?6{_S}2{_S}[2-79](?:{_S}\d){{6,10}}(?!\d)")
_NORTH_AMERICA = re.compile(
    r"(?<![\w+.\-/])(?:1[ .\-])?(?:\([2-9]\d{2}\)[ .\-]?|[2-9]\d{2}[.\-])"
    r"[2-9]\d{2}[ .\-]\d{4}(?![\d\-])"
)
_BARE = re.compile(rf"{_FREE}8[1-9]\d([ .\-])\d{{4}}\1\d{{3,5}}(?!\d)(?![.,\-]\d)")
_UNLED = re.compile(rf"{_FREE}8[1-9]\d{{9,10}}(?!\d)(?![.,\-]\d)(?!\s*(?:rp|rupiah|idr|ribu|rb)\b)")
"""A mobile number without the nought that it begins with."""

_NAMED_AFTER = re.compile(
    rf"{_FREE}(?P<number>\(?8{_S}[1-9](?:{_S}\d){{7,10}})[\s(,:\-]*(?:wa|whats?\s?app|hp|telp)(?!\w)"
)
_CALLED = (
    r"(?<![^\W_])(?:wa|w\.a|whats?\s?app|watsap|hp|h\.p|handphone|ponsel|telp|telpon|telepon|tlp|"
    r"tlpn|tel|phone|mobile|cell|call|hubungi|kontak|contact|sms|text|fax|faks|hotline|viber|signal|"
    r"nomor (?:saya|aku|gue|gw|hp|wa)|nomorku|my number)"
    r"(?:nya|ku)?\b"
)
_FILLER = (
    r"(?:[\s:=.,\-()/]|\b(?:no|nomor|nomer|number|num|saya|aku|gue|gw|ku|me|us|my|is|at|on|ke|di|"
    r"aja|ya|adalah|aktif|baru|genggam|seluler|the)\b){0,12}"
)
_NAMED_MOBILE = re.compile(
    rf"{_CALLED}{_FILLER}(?P<number>\(?(?:62|0)?{_S}8{_S}[1-9](?:{_S}\d){{6,10}})(?!\d)"
)
_NAMED = re.compile(rf"{_CALLED}{_FILLER}(?P<number>\(?\d(?:{_S}\d){{6,13}})(?!\d)")
_DIGIT_WORD = (
    r"(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan|"
    r"zero|oh|one|two|three|four|five|six|seven|eight|nine)"
)
_SPELLED = re.compile(rf"(?<!\w)(?:{_DIGIT_WORD}[\s,.\-]*){{8,}}(?<![\s,.\-])(?!\w)")
_HALF_SPELLED = re.compile(
    r"(?<![^\W_])(?:nol|kosong|zero|oh|0|\+?62)[\s,.\-]*(?:delapan|lapan|eight|8)"
    rf"(?:[\s,.\-]*(?:{_DIGIT_WORD}(?![^\W\d_])|\d)){{7,12}}(?!\w)"
)
"""A mobile number partly in words: `kosong lapan satu dua 3456 7890`."""
_EXTENSION = re.compile(r"[ ,.]*(?:ext|ekst|extension|pesawat)[.: ]*\d{1,5}(?!\d)")

_DATED = re.compile(r"\(?\d{1,2}([/.\-])\d{1,2}\1(?:19|20)?\d{2}(?!\d)(?![.\-]\d)")
_TIMES = re.compile(r"(?:\d{1,2}[.:]\d{2}(?!\d)[ \-~/,]*)+$")
_AMOUNT = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+(?:[.,]\d{1,2})?$")
_REGIONS = ("ID", "MY", "SG", "GB", "AU")


def phones(text: Plain) -> Iterator[Found]:
    """Telephone numbers in Indonesian and international forms, in digits and in words."""
    for found in _phones(text):
        start, end = found
        more = _EXTENSION.match(text.text, end)
        yield "phone", *text.span(start, more.end() if more else end)


def _phones(text: Plain) -> Iterator[tuple[int, int]]:
    if any(char.isdigit() for char in text.text):
        tests = (
            (_MOBILE, _is_mobile),
            (_PREFIX_APART, _is_mobile),
            (_ABROAD, _is_abroad),
            (_COUNTRY, _is_abroad),
            (_NORTH_AMERICA, _is_north_american),
            (_BARE, _is_subscriber),
        )
        for pattern, is_meant in tests:
            for match in text.matches(pattern):
                if span := within(match, is_meant):
                    yield span
        yield from _apart_from_orders(text, _LANDLINE, _is_landline)
        yield from _apart_from_orders(text, _UNLED, _is_unled)
        yield from _named(text)
    for pattern in (_SPELLED, _HALF_SPELLED):
        for match in text.matches(pattern):
            if any(map(str.isalpha, match.group())):
                yield match.span()


def _apart_from_orders(
    text: Plain, pattern: re.Pattern[str], is_meant: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Numbers that could be an order's too, where no word names them so."""
    for match in text.matches(pattern):
        before = text.text[max(0, match.start() - 60) : match.start()]
        is_money = re.search(r"(?:rp|idr|\$)[. ]*$", before)
        if not (is_ordered(before) or is_money) and (span := within(match, is_meant)):
            yield span


def _named(text: Plain) -> Iterator[tuple[int, int]]:
    """Numbers beside the word for a telephone."""
    named = (
        (_NAMED_MOBILE, _is_subscriber),
        (_NAMED_AFTER, _is_subscriber),
        (_NAMED, _is_some_number),
    )
    for pattern, is_meant in named:
        for match in text.matches(pattern):
            if span := within(match, is_meant, "number"):
                yield span


def _is_no_number(written: str) -> bool:
    """Whether digits are a date, opening hours, or an amount of money."""
    return bool(_DATED.match(written) or _TIMES.match(written) or _AMOUNT.match(written))


def _is_mobile(written: str) -> bool:
    digits = digits_of(written)
    number = digits.removeprefix("00").removeprefix("62") if not digits.startswith("08") else digits
    number = number.removeprefix("0")
    is_decimal = bool(re.fullmatch(r"0[.,]8\d*", written))
    return 9 <= len(number) <= 13 and not is_decimal and not _is_no_number(written)


def _is_unled(written: str) -> bool:
    return _is_valid("+62" + written, None) and not written.endswith("000")


def _is_subscriber(written: str) -> bool:
    number = re.sub(r"^(?:62|0)", "", digits_of(written))
    return number[:1] == "8" and 9 <= len(number) <= 12 and not _is_no_number(written)


def _is_some_number(written: str) -> bool:
    digits = digits_of(written)
    is_round = digits.endswith("000")
    return 7 <= len(digits) <= 14 and not is_round and not _is_no_number(written)


def _is_abroad(written: str) -> bool:
    digits = digits_of(written).removeprefix("00")
    if _is_no_number(written):
        return False
    is_indonesian = bool(re.match(r"6208?|628", digits)) and 11 <= len(digits) <= 15
    return is_indonesian or _is_valid("+" + digits, None)


def _is_landline(written: str) -> bool:
    digits = digits_of(written)
    if not 9 <= len(digits) <= 12 or _is_no_number(written) or "," in written:
        return False
    is_apart = bool(re.match(r"\(?0\d{1,4}[) \-.]", written))
    regions = _REGIONS if is_apart else _REGIONS[:1]
    return any(_is_valid(digits, region) for region in regions)


def _is_north_american(written: str) -> bool:
    digits = digits_of(written)
    return len(digits) in (10, 11) and _is_valid("+1" + digits[-10:], None)


def _is_valid(number: str, region: str | None) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


# -- names of accounts ---------------------------------------------------------------------------

_NETWORK = r"(?:ig|instagram|insta|twitter|tiktok|telegram|tele|facebook|fb|discord|threads)"
_OWN = r"(?:\s*(?:saya|aku|gue|gw|ku|nya|me|my|is|adalah|id|akun|account|handle|username))*"
_OWN_ACCOUNT = re.compile(
    rf"(?<!\w)(?:{_NETWORK}|akun(?:nya|ku)?|user\s?name|handle|id line|line id|"
    r"(?:dm|follow) (?:me|saya|aku))"
    rf"{_OWN}\s*[:=\-(]*\s*(?P<name>@\s?[\w.]{{2,29}}\w)"
)
_NAMED_ACCOUNT = re.compile(
    rf"(?<!\w)(?:{_NETWORK}|username|id line|line id){_OWN}\s*"
    r"(?:[:=]\s*(?P<name>[^\W_][\w.]{2,29}(?<!\.))|\s(?P<other>[a-z][a-z.]*[_\d][\w.]{1,28}(?<!\.)))"
)


def accounts(text: Plain) -> Iterator[Found]:
    """Names of accounts that are told as a person's own: `IG saya @budi_s`.

    A bare `@toko` is left: it addresses somebody, mostly a company.
    """
    for pattern in (_OWN_ACCOUNT, _NAMED_ACCOUNT):
        for match in text.matches(pattern):
            groups = {key: value for key, value in match.groupdict().items() if value}
            yield "account", *text.span(*match.span(next(iter(groups), 0)))
