"""What a file holds, whatever its name says: told by its first bytes."""

from __future__ import annotations

from pathlib import Path

__all__ = ["content_of", "what_to_try", "words_for"]

_FIRST = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"SQLite format 3", "database"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<head", b"<body")

_WORDS = {
    "text": "text (CSV)",
    "html": "a web page (HTML)",
    "xml": "XML",
    "json": "JSON",
    "parquet": "Parquet",
    "workbook": "a workbook (.xlsx)",
    "zip": "a ZIP archive",
    "protected": "a workbook behind a password",
    "ole": "an old workbook (.xls)",
    "binary": "a binary workbook (.xlsb)",
    "opendocument": "an OpenDocument workbook (.ods)",
    "spss": "an SPSS file (.sav)",
    "gzip": "a packed file (.gz)",
    "pdf": "a PDF",
    "database": "a database",
}
_ENDING = {
    "text": "its name ends in .csv",
    "parquet": "its name ends in .parquet",
    "workbook": "its name ends in .xlsx",
    "spss": "its name ends in .sav",
    "gzip": "its name ends in .csv.gz",
}
_HEAD = 4096


def content_of(file: Path) -> str:
    """One word for what a file holds: `text`, `workbook`, `protected`, `spss`, `parquet`, ...

    An empty file is `empty`; whatever is not known by its first bytes is `text`.
    """
    with file.open("rb") as source:
        head = source.read(_HEAD)
        if not head:
            return "empty"
        kind = next((kind for mark, kind in _FIRST if head.startswith(mark)), "")
        if kind == "zip":
            return _zipped(head + source.read())
        if kind == "ole":
            rest = head + source.read()
            return "protected" if _wide("EncryptionInfo") in rest else "ole"
    return kind or _markup(head)


def _zipped(raw: bytes) -> str:
    if b"xl/workbook.bin" in raw:
        return "binary"
    if b"application/vnd.oasis.opendocument" in raw:
        return "opendocument"
    return "workbook" if b"xl/work" in raw else "zip"


def _markup(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if any(start.startswith(mark) for mark in _MARKUP):
        return "html"
    if start.startswith(b"<?xml"):
        return "html" if b"<html" in start else "xml"
    if start.startswith((b"{", b"[{")):
        return "json"
    return "text"


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def words_for(content: str) -> str:
    """A content as people call it."""
    return _WORDS.get(content, "nothing")


def what_to_try(content: str) -> str:
    """What to do with a file whose name says something else than what it holds."""
    if content == "protected":
        return "open it with its password, save a copy without one, and name that"
    if content in _ENDING:
        return f"rename it so that {_ENDING[content]}, and name that in answers.path"
    if content in ("html", "xml", "ole", "binary", "opendocument"):
        return "open it in a spreadsheet, and save it as CSV (UTF-8) or .xlsx"
    if content == "zip":
        return "unpack it, and name the file in it"
    return "export the answers again as CSV (UTF-8)"
