"""A third language is one locale file: put into a copy of the kit, and everything speaks it.

The language is made mechanically from the English locale: each letter of each text becomes one of
another script, so that a word in Latin letters is one that no locale file holds, or a name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from batch_records import CONTEXT, mixed
from lxml import html
from ruamel.yaml import YAML
from thin_studies import executed, executed_on

from cxkit import library
from cxkit.errors import StudyError
from cxkit.library.locale_file import gaps

CODE = "eo"
PROJECT = Path(__file__).resolve().parents[1]
PAGES = ("demo", "only_outcome", "twelve_respondents")
"""Executed on the demo, and on studies that have little to say."""
FORMATS = {"markdown": "md", "xlsform": "xlsx", "limesurvey": "lss", "qualtrics": "txt"}
SLOT = re.compile(r"(\{[^}]*\})")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’]+")
MONTHS = {"januaro", "februaro", "marto", "septembro", "decembro"}  # Babel's words for dates
NAMES = {"Toko", "Contoh", "Jakarta", "Asia"}
# Names of things that each language calls the same: programs, files, keys, units of the web.
KEYS = {"SHA", "Python", "cxkit"}


# -- the language ----------------------------------------------------------------------------------


def turned(text: str) -> str:
    """A text in letters of another script; slots, figures and signs stay."""
    parts = SLOT.split(text)
    return "".join(part if part.startswith("{") else _letters(part) for part in parts)


def _letters(text: str) -> str:
    return "".join(
        chr(ord(one) - ord("a") + 0x430) if "a" <= one <= "z"
        else chr(ord(one) - ord("A") + 0x410) if "A" <= one <= "Z"
        else one
        for one in text
    )  # fmt: skip


def spoken(node: Any) -> Any:
    """A locale in the other script, all its keys as they are."""
    if isinstance(node, Mapping):
        return {key: spoken(value) for key, value in node.items()}
    if isinstance(node, list):
        return [spoken(one) for one in node]
    return turned(node) if isinstance(node, str) else node


def with_own_words(node: Any) -> Any:
    """A study's own texts, told in the other language too."""
    if isinstance(node, dict):
        if {"id", "en"} <= set(node) and isinstance(node["en"], str):
            return {**node, CODE: turned(node["en"])}
        return {key: with_own_words(value) for key, value in node.items()}
    return [with_own_words(one) for one in node] if isinstance(node, list) else node


def third() -> dict[str, Any]:
    return {**spoken(library.locale("en")), "language": CODE, "name": turned("Third")}


def written(words: Mapping[str, Any], file: Path) -> Path:
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump(dict(words), out)
    return file


# -- what the kit makes of it ----------------------------------------------------------------------

SCRIPT = """
import json, sys
from pathlib import Path
import nbformat
from cxkit import library
from cxkit.__main__ import main
from cxkit.answers import questionnaire
from cxkit.report import page
from cxkit.report.index import index

made = json.loads(Path("asked.json").read_text(encoding="utf-8"))
assert library.languages() == ("id", "en", made["code"]), library.languages()
for name in made["notebooks"]:
    nb = nbformat.reads(Path(f"{name}.ipynb").read_text(encoding="utf-8"), as_version=4)
    Path(f"{name}.html").write_text(page.render(nb, made["code"]), encoding="utf-8")
listed = index(made["records"], made["code"], made["context"])
Path("index.html").write_text(listed, encoding="utf-8")
for name, ending in made["formats"].items():
    questionnaire.write("study", name, f"questionnaire.{ending}")
sys.exit(main(["check", "study"]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the kit with one file more, and what it makes of the demo in that language."""
    folder = tmp_path_factory.mktemp("third")
    shutil.copytree(PROJECT / "cxkit", folder / "cxkit")  # compiled files too: they still hold
    for name in ("notebooks", "templates", "data", "pyproject.toml"):
        (folder / name).symlink_to(PROJECT / name)
    written(third(), folder / "cxkit" / "library" / "locales" / f"{CODE}.yaml")
    for name in PAGES:
        nb = executed_on("demo") if name == "demo" else executed(name)
        (folder / f"{name}.ipynb").write_text(json.dumps(with_own_words(nb)), encoding="utf-8")
    (folder / "study").mkdir()
    study = YAML(typ="safe").load((PROJECT / "data" / "demo" / "study.yaml").read_text("utf-8"))
    study = with_own_words(study) | {"languages": [CODE]}
    study["answers"]["path"] = str(PROJECT / "data" / "demo" / "answers.csv")
    written(study, folder / "study" / "study.yaml")
    records = mixed()
    asked = {"code": CODE, "records": with_own_words(records), "formats": FORMATS, "notebooks": PAGES,
             "context": with_own_words(CONTEXT)}  # fmt: skip
    (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder), "CXKIT_ROOT": str(folder)}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder


def latin(texts: list[str], known: set[str] = frozenset()) -> set[str]:
    """Words in Latin letters that are neither names nor keys."""
    found = {word for text in texts for word in LATIN.findall(text)}
    return found - MONTHS - NAMES - KEYS - known


def texts_of(file: Path) -> list[str]:
    """What a page says to a reader: commands, keys and what is marked as English left out."""
    page = html.parse(file).getroot()
    assert page.get("lang") == CODE
    told = page.xpath(
        "//text()[not(ancestor::style or ancestor::pre or ancestor::code or ancestor::*[@lang='en'])]"
    )
    return [str(one) for one in [*told, *page.xpath("//@aria-label | //meta/@content[../@name='description']")]]


@pytest.mark.parametrize(("name", "least"), zip(PAGES, (40_000, 5_000, 10_000), strict=True))
def test_a_page_holds_no_word_that_is_not_in_the_locale(
    folder: Path, name: str, least: int
) -> None:
    texts = texts_of(folder / f"{name}.html")
    assert len(" ".join(texts)) > least
    assert latin(texts) == set()
