"""Traces of a machine or a visit: internet addresses, devices, places, links and their tokens."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import unquote

from cxkit.answers.privacy.plain import Found, Plain

__all__ = ["addresses", "links", "secrets"]

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_DOT = r"(?:\.|\s?[\[(]\s?(?:\.|dot|titik)\s?[\])]\s?)"
_IPV4 = re.compile(
    rf"(?:(?<![\w.])|(?<=ip))(?:{_OCTET}{_DOT}){{3}}{_OCTET}(?:(?::|/)\d{{1,5}})?(?![\d.]*\d)"
)
_IPV6 = re.compile(
    r"(?<![\w.])(?<!\d:)\[?(?=(?:[0-9a-f]*:){2})[0-9a-f:]{3,39}(?:(?:\d{1,3}\.){3}\d{1,3})?(?:%\w+)?"
)
_VERSIONED = re.compile(
    r"(?<![^\W_])(?:v|versi|version|ver|build|firmware|update|os|android|ios|rp|idr)[. ]*$"
)
_HARDWARE = re.compile(
    r"(?<![\w\-])(?<!\d:)(?:[0-9a-f]{2}([:\-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:\-])|"
    r"(?<![\w.])(?=[\d.]*[a-f])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![\w.])"
)
_DEVICE = re.compile(r"(?<![\w\-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w\-])")
_PLACE = re.compile(r"(?<![\w.])-?\d{1,2}\.\d{4,}\s*[,;/ ]\s*-?\d{1,3}\.\d{4,}(?![\w])")


def addresses(text: Plain) -> Iterator[Found]:
    """Internet addresses (IPv4, IPv6), hardware and device numbers, coordinates of a place."""
    for match in text.matches(_IPV4):
        before = text.text[max(0, match.start() - 12) : match.start()]
        if not _VERSIONED.search(before) and match.group() != "0.0.0.0":
            yield "ip", *text.span(*match.span())
    for match in text.matches(_IPV6):
        if _is_ipv6(match.group()):
            yield "ip", *text.span(*match.span())
    for kind, pattern in (("device", _HARDWARE), ("device", _DEVICE), ("place", _PLACE)):
        for match in text.matches(pattern):
            if kind == "place" or re.search(r"\d", match.group()):
                yield kind, *text.span(*match.span())


def _is_ipv6(written: str) -> bool:
    try:
        ipaddress.IPv6Address(written.lstrip("["))
    except ValueError:
        return False
    return len(re.findall(r"[0-9a-f]+", written)) > 1


# -- links ---------------------------------------------------------------------------------------

_LINK = re.compile(
    r"(?:(?<![^\W_])(?:https?|hxxps?|ftp)://|(?<![\w.@])www\.|"
    r"(?<![\w@.\-])(?=(?:[a-z0-9\-]+\.)+[a-z]{2,10}[/?]))[^\s<>\"\u201c\u201d]+"
)
_PARTS = re.compile(
    r"(?:(?P<scheme>\w+)://)?(?:(?P<user>[^/?#@]*)@)?(?P<host>[^/?#]*)(?P<rest>.*)", re.S
)
_OF_PERSONS = re.compile(
    r"(?:^|\.)(?:wa\.me|whatsapp\.com|t\.me|telegram\.me|instagram\.com|facebook\.com|fb\.com|fb\.me|"
    r"twitter\.com|x\.com|tiktok\.com|linkedin\.com|linktr\.ee|line\.me|signal\.me|m\.me|threads\.net|"
    r"maps\.app\.goo\.gl|maps\.google\.com|discord\.gg|bit\.ly|goo\.gl|tinyurl\.com|s\.id|ow\.ly|"
    r"is\.gd)(?::\d+)?$"
)
"""Hosts of which a link leads to one person, or to what the one who shortened it chose."""

_TAIL = re.compile(r"[^\w/=&%\-]+$")
_SHORTENED = re.compile(r"(?:^|\.)(?:t\.co|youtu\.be)$")
"""Hosts that shorten every link or film that is shown on them: it tells of nobody."""
_PRIVATE = re.compile(
    r"(?i:/(?:invite|reset|verify|verif|token|confirm|magic|auth|session|activate|aktivasi|"
    r"unsubscribe|undangan|share|s|u|user|users|profile|profil|akun|account|track|order|orders|"
    r"pesanan|invoice)/)[^/]*(?:\d|[a-z][A-Z])"
)
_TOKEN, _MIXED = 12, 8
"""A word of so many characters is a token: letters and digits; both cases and digits."""


def links(text: Plain) -> Iterator[Found]:
    """What a link tells beyond its host, where it holds a query, a user, a profile or a token."""
    for match in text.matches(_LINK):
        start, written = match.start(), _TAIL.sub("", match.group())
        parts = _PARTS.fullmatch(written)
        if parts is None or "." not in parts["host"]:
            continue
        if parts["user"]:
            yield "link", *text.span(start + parts.start("user"), start + parts.end("user"))
        rest = parts["rest"].lstrip("/?#")
        is_kept = not rest or not (_OF_PERSONS.search(parts["host"]) or _tells(parts, text, start))
        if not is_kept:
            yield (
                "link",
                *text.span(start + parts.end("rest") - len(rest), start + parts.end("rest")),
            )


def _tells(parts: re.Match[str], text: Plain, start: int) -> bool:
    """Whether what follows the host of a link is more than the place of a public page."""
    if re.search(r"[?#].*=|[?].", parts["rest"]) or "@" in unquote(parts["rest"]):
        return True
    if _SHORTENED.search(parts["host"]):
        return False
    first, last = text.span(start + parts.start("rest"), start + parts.end("rest"))
    written = text.written[first:last]
    if _PRIVATE.search(written) or _DEVICE.search(written.lower().replace("/", " ")):
        return True
    return any(map(_is_token, re.split(r"[/.#;,\-_]+", written)))


def _is_token(word: str) -> bool:
    """Whether no person would choose such a word: a long number, letters and digits mixed."""
    has_digits = any(map(str.isdigit, word))
    if word.isdigit():
        return len(word) >= _MIXED
    is_mixed = has_digits and any(map(str.islower, word)) and any(map(str.isupper, word))
    return (has_digits and len(word) >= _TOKEN) or (is_mixed and len(word) >= _MIXED)


_SECRET = re.compile(
    r"(?<!\w)eyj[\w\-]{8,}\.[\w\-]{4,}(?:\.[\w\-]*)?|"
    r"(?<![^\W_])(?:otp|pin|password|passwd|pwd|kata sandi|sandi|token|session ?id|api[_ ]?key)\s*"
    r"(?:(?:saya|nya|ku|my|is|adalah)\s*)*[:=]\s*(?P<secret>[^\s,;]*[^\s,;.!?)\]}\"'])|"
    r"(?<![^\W_])(?:otp|pin)\s*(?:(?:saya|nya|ku|my|is|adalah|atm)\s*)*(?P<digits>\d{4,8})(?![\w.,]*\d)"
)


def secrets(text: Plain) -> Iterator[Found]:
    """Passwords, PINs, one-time codes and tokens that are told beside their word."""
    for match in text.matches(_SECRET):
        groups = [key for key, value in match.groupdict().items() if value]
        yield "secret", *text.span(*match.span(groups[0] if groups else 0))
