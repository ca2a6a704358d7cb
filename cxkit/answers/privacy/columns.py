"""Columns of an export that identify a person: by their role, their words or their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cxkit.answers.platforms import Question
from cxkit.answers.privacy.masking import identifiers
from cxkit.errors import Problem, counted, listed

__all__ = ["direct_identifiers", "personal_kind", "read_as"]

_ROLES = {
    "ip": "internet addresses",
    "latitude": "places on the map",
    "longitude": "places on the map",
    "email": "e-mail addresses",
    "first_name": "names",
    "last_name": "names",
    "name": "names",
    "phone": "telephone numbers",
    "token": "invitation tokens",
    "reference": "keys to another file",
}
"""What the platform's own columns hold, by their role."""

_VALUES = {
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "nik": "identity numbers",
    "npwp": "identity numbers",
    "passport": "identity numbers",
    "card": "card numbers",
    "bank": "bank accounts",
    "ip": "internet addresses",
    "device": "device numbers",
    "place": "places on the map",
    "account": "names of accounts",
}
"""What values are, by the kind of identifier that fills them."""

_NAMED = tuple(
    (kind, re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])"))
    for kind, words in (
        ("internet addresses", r"ip|ip ?address|alamat ip"),
        ("e-mail addresses", r"e ?mail|surel|alamat e ?mail"),
        (
            "telephone numbers",
            r"(?:no|nomor|nomer)? ?(?:hp|telepon|telpon|telp|tlp|handphone|ponsel|whatsapp|wa)|"
            r"(?:mobile|cell)? ?phone(?: number)?|mobile number|telephone|msisdn",
        ),
        (
            "identity numbers",
            r"nik|e ?ktp|ktp|npwp|no kk|nomor induk(?: kependudukan)?|nomor identitas|no identitas|"
            r"passport(?: number)?|paspor|national id|ssn|social security number|nim|nip",
        ),
        (
            "dates of birth",
            r"(?:tanggal|tgl) lahir|date of birth|birth ?date|birthday|dob|ttl",
        ),
        (
            "names",
            r"nama (?:lengkap|depan|belakang|panggilan|anda|responden|pelanggan|konsumen)|"
            r"(?:full|first|last|sur|given|family|recipient ?first|recipient ?last|your|customer|"
            r"respondent) ?name|siapa nama",
        ),
        (
            "addresses",
            r"alamat(?! situs| web)(?: rumah| lengkap| tinggal| anda)?|(?:home|street|postal) "
            r"address|your address|street",
        ),
        (
            "places on the map",
            r"lat|latitude|lon|lng|longitude|gps|geolocation|koordinat|titik lokasi",
        ),
        (
            "device numbers",
            r"device ?id|imei|mac address|user ?agent|cookie(?: id)?|advertising id|subscriberid",
        ),
        (
            "names of accounts",
            r"username|user name|(?:akun|account|id) (?:instagram|facebook|line|twitter|tiktok)|"
            r"(?:instagram|line|twitter|tiktok|facebook) (?:id|account|username|handle)",
        ),
        ("bank accounts", r"(?:no|nomor) ?rek(?:ening)?|rekening|bank account|account number|iban"),
        ("invitation tokens", r"token|invite code|kode undangan|session ?id"),
    )
)
"""What the words of a column promise, in either language; the first that fits."""

_ALONE = re.compile(r"nama|name|names|nama kamu|nama saya")
"""Words that mean a person's name only where they stand alone: not `nama toko`."""

_SHAPED = frozenset(_VALUES[kind] for kind in ("email", "phone", "nik", "card", "ip"))
"""Kinds that values show by their own form: where they do not, the words meant something else."""

_CERTAIN = frozenset({"e-mail addresses", "identity numbers", "card numbers"})
"""Kinds that a value cannot have the form of by chance."""

_MOST = 200
"""So many different values of a column are looked at."""


def direct_identifiers(
    names: Sequence[str],
    questions: Mapping[str, Question],
    samples: Mapping[str, Iterable[str]],
    *,
    mapped: Mapping[str, Sequence[str]] | None = None,
    file: str | None = None,
) -> list[Problem]:
    """What `check` tells of the personal data in an export.

    Parameters
    ----------
    names : sequence of str
        Every column of the export.
    questions : mapping of str to Question
        What the platform says of each, as far as it is known.
    samples : mapping of str to texts
        Values of the columns that were read; blanks are passed over. A column without any is
        judged by its role and its words.
    mapped : mapping of str to sequence of str, optional
        The keys of the study that read a column (`read_as`).
    file : str, optional
        The export, as messages name it.

    Returns
    -------
    list of Problem
        A warning for each key of the study that rests on personal data, with what to do; an
        error where e-mail addresses, identity or card numbers would be named as groups on a
        page; one note that lists the columns that the study does not read. No value of a column
        is ever among the examples.

    Notes
    -----
    Weights, waves, strata and clusters never reach a page and are not told. The values of
    `comments` are masked. A column of coded answers is no personal data, whatever its words.

    Examples
    --------
    >>> found = direct_identifiers(["Nama Lengkap", "Q1"], {}, {})
    >>> found[0].severity, found[0].examples
    ('note', ('Nama Lengkap',))
    """
    keys = mapped or {}
    kinds = {
        name: personal_kind(name, questions.get(name), samples.get(name, ())) for name in names
    }
    found = [
        problem
        for name, (kind, by_value) in kinds.items()
        if kind
        for key in keys.get(name, ())
        if (problem := _mapped(key, name, kind, file, is_certain=by_value and kind in _CERTAIN))
    ]
    unread = {name: kind for name, (kind, _) in kinds.items() if kind and name not in keys}
    return found + ([_unread(unread, file)] if unread else [])


def read_as(study: Any) -> dict[str, tuple[str, ...]]:
    """The keys of a study by the column that they read: `{"Q1": ("segments.region",)}`.

    Only those of which pages or files could tell: the respondent, segments, comments; every
    other column that the study reads has none.
    """
    found: dict[str, list[str]] = {column: [] for column in study.columns}
    named = {"respondent": study.respondent}
    named |= {f"segments.{key}": one.column or key for key, one in study.segments.items()}
    named |= {f"comments.{key}": column for key, column in study.comments.items()}
    for key, column in named.items():
        if column is not None:
            found.setdefault(column, []).append(key)
    return {column: tuple(keys) for column, keys in found.items()}


def personal_kind(
    name: str, question: Question | None, sample: Iterable[str] = ()
) -> tuple[str, bool]:
    """What personal data a column holds, in words, and whether its values say so themselves.

    `("", False)` for none.

    >>> personal_kind("Q7", None, ["0812-3456-7890", "+62 857 2727 2786", "081377744845"])
    ('telephone numbers', True)
    >>> personal_kind("nama_toko", None)
    ('', False)
    """
    values = list(_different(sample))
    shown = _shown(values)
    if shown:
        return shown, True
    if question is not None and question.role in _ROLES:
        return _ROLES[question.role], False
    is_coded = question is not None and (question.labels or question.kind in ("single", "several"))
    meant = "" if is_coded else _meant(name, question)
    if values and (meant in _SHAPED or _is_coded(values)):
        return "", False
    return meant, False


def _meant(name: str, question: Question | None) -> str:
    """What the name or the wording of a column promises."""
    wordings = (
        [question.wording, *(" ".join(one) for one in question.translations.values())]
        if (question is not None)
        else []
    )
    for said in map(_plain, (name, *wordings)):
        if _ALONE.fullmatch(said):
            return "names"
        for kind, words in _NAMED:
            found = words.search(said)
            if found and len(found.group().split()) * 4 >= len(said.split()):
                return kind
    return ""


def _plain(words: str) -> str:
    """Words of a header in lower case and parted by single blanks: `RecipientEmail`, `no_hp`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.findall(r"[^\W_]+", apart.lower()))


def _different(sample: Iterable[str]) -> Iterator[str]:
    """The first different values that are not blank."""
    seen: set[str] = set()
    for one in sample:
        text = str(one).strip() if isinstance(one, str) else ""
        if text and text not in seen:
            seen.add(text)
            yield text
            if len(seen) == _MOST:
                return


def _is_coded(values: Sequence[str]) -> bool:
    """Whether values are answers to tick rather than a person's own: few and short, or numbers."""
    return all(len(one) <= 2 for one in values) or {one.lower() for one in values} <= _TICKED


_TICKED = frozenset({"yes", "no", "ya", "tidak", "true", "false", "checked", "selected", "n/a"})


def _shown(values: Sequence[str]) -> str:
    """What most of the values are, wholly and by their own form."""
    kinds = [_whole(one) for one in values]
    for kind in dict.fromkeys(filter(None, kinds)):
        if 2 * kinds.count(kind) >= len(values):
            return kind
    return ""


def _whole(value: str) -> str:
    """The kind of identifier that fills a value from end to end."""
    found = identifiers(value)
    if len(found) != 1:
        return ""
    kind, start, end = found[0]
    rest = value[:start] + value[end:]
    return "" if any(map(str.isalnum, rest)) else _VALUES.get(kind, "")


# -- what is told --------------------------------------------------------------------------------


def _mapped(
    key: str, column: str, kind: str, file: str | None, *, is_certain: bool
) -> Problem | None:
    part, _, named = key.partition(".")
    message, hint = {
        "respondent": (
            f"respondents are known by their {kind}",
            "give each a number of your own in its place, and keep the list apart; "
            "no page shows it, but whoever has the answers has it too",
        ),
        "segments": (
            f"the groups of '{named}' are {kind}, and pages name the groups",
            "leave the segment out, or group the column first (a region, an age band)",
        ),
        "comments": (
            f"the comment '{named}' holds {kind} rather than comments",
            "leave it out: what is found of them is masked, and names of people are not",
        ),
    }.get(part, ("", ""))
    if not message:
        return None
    severity = "error" if part == "segments" and is_certain else "warning"
    return Problem(f"personal_{_SINGULAR[part]}", message, severity, file, column=column, hint=hint)


_SINGULAR = {"respondent": "respondent", "segments": "segment", "comments": "comment"}


def _unread(kinds: Mapping[str, str], file: str | None) -> Problem:
    told = listed(f"{name} ({kind})" for name, kind in kinds.items())
    return Problem(
        "personal_data",
        f"the export holds {counted(len(kinds), 'column')} of personal data "
        f"that the study does not read: {told}",
        "note",
        file,
        n=len(kinds),
        examples=tuple(kinds)[:5],
        hint="take them out of the export before it is shared; cxkit leaves them unread",
    )
