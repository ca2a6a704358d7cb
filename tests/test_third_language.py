"""A third language is one locale file: put into a copy of the kit, and everything speaks it.

The language is made mechanically from the English locale: each letter of each text becomes one of
another script, so that a word in Latin letters is one that no locale file holds, or a name.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from batch_records import CONTEXT, mixed
from lxml import html
from openpyxl import load_workbook
from ruamel.yaml import YAML
from thin_studies import executed, executed_on

from cxkit import library
from cxkit.analysis.comments.tone import tone_model
from cxkit.errors import StudyError
from cxkit.library import files
from cxkit.library.locale_file import gaps

CODE = "eo"
PROJECT = Path(__file__).resolve().parents[1]
PAGES = ("demo", "only_outcome", "twelve_respondents")
"""Executed on the demo, and on studies that have little to say."""
FORMATS = {"markdown": "md", "xlsform": "xlsx", "limesurvey": "lss", "qualtrics": "txt"}
SLOT = re.compile(r"(\{[^}]*\})")
WORD = re.compile(r"[\w'’.-]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]+")
NAMES = ("Toko", "Contoh", "Lain", "Kedai", "Rekaan", "cxkit", "Python", "SHA", "IDR")
OWNERS = ("Layanan", "pelanggan", "Logistik", "Produk", "digital")
"""Who answers for a step, as the demo's study file says it: names, the same in every language."""


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
    shutil.copy(PROJECT / "data" / "demo" / "coding.csv", folder / "study")
    written(study, folder / "study" / "study.yaml")
    records = mixed()
    asked = {"code": CODE, "notebooks": PAGES, "formats": FORMATS,
             "records": with_own_words(records), "context": with_own_words(CONTEXT)}  # fmt: skip
    (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder), "CXKIT_ROOT": str(folder)}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder


def names_in(*shelves: Any) -> set[str]:
    """The words of names and keys that data bring along."""
    return {word for one in shelves for word in WORD.findall(json.dumps(one, ensure_ascii=False))}


def babel_words() -> set[str]:
    """What Babel calls months and languages."""
    babel = Locale.parse(CODE)
    languages = [babel.languages[one] for one in ("id", "en")]
    return names_in(list(babel.months["format"]["wide"].values()), languages)


def sources() -> set[str]:
    """Whom the source articles quote, and what the model of tone was made from and under."""
    claimed = [one.get("source", "") for one in library.claims().values()]
    return names_in(claimed, list(tone_model().card["about"].values()))


def words_of_respondents(node: Any) -> Iterator[str]:
    """What people wrote, wherever a finding quotes it; nobody translates that."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "quotes":
                quoted = value.values() if isinstance(value, Mapping) else value
                yield from (one["text"] for one in quoted)
            else:
                yield from words_of_respondents(value)
    elif isinstance(node, list):
        for one in node:
            yield from words_of_respondents(one)


def latin(texts: Iterable[str], known: Iterable[str] = ()) -> set[str]:
    """Words in Latin letters that are no names; keys, files and digests are no words."""
    told = {word.strip(".-") for text in texts for word in WORD.findall(text)}
    found = {word for word in told if LATIN.fullmatch(word)}
    known = {one.strip(".-").casefold() for one in (*known, *babel_words(), *NAMES)}
    return {word for word in found if word.casefold() not in known}


def texts_of(file: Path) -> list[str]:
    """What a page says to a reader: commands, keys and what is marked as English left out."""
    page = html.parse(file).getroot()
    assert page.get("lang") == CODE
    left_out = "ancestor::style or ancestor::pre or ancestor::code or ancestor-or-self::*[@lang]"
    told = page.xpath(f"//body//text()[not({left_out.replace('-or-self', '')}[not(self::html)])]")
    told += page.xpath("//title/text() | //@aria-label | //meta[@name='description']/@content")
    return [str(one) for one in told]


@pytest.mark.parametrize(("name", "least"), list(zip(PAGES, (40_000, 5_000, 10_000), strict=True)))
def test_a_page_holds_no_word_that_is_not_in_the_locale(
    folder: Path, name: str, least: int
) -> None:
    texts = texts_of(folder / f"{name}.html")
    assert len(" ".join(texts)) > least
    quoted = names_in(
        list(words_of_respondents(json.loads((folder / f"{name}.ipynb").read_text())))
    )
    assert bool(quoted) == (name == "demo")
    assert latin(texts, (*OWNERS, "weight", *sources(), *quoted)) == set()


def test_numbers_and_dates_are_the_language_s_own(folder: Path) -> None:
    """A comma for decimals, a blank for thousands: by its code alone."""
    told = " ".join(texts_of(folder / "demo.html"))
    assert re.search(r"\d\u00a0\d{3}\b", told)
    assert re.search(r"\b\d,\d\b", told)
    assert "marto 2026" in told.casefold()


def test_the_list_of_reports_holds_no_other_word(folder: Path) -> None:
    texts = texts_of(folder / "index.html")
    assert len(" ".join(texts)) > 2_000
    assert latin(texts, names_in(mixed())) == set()


@pytest.mark.parametrize("name", FORMATS)
def test_a_questionnaire_asks_in_the_language(folder: Path, name: str) -> None:
    """Its questions and answers; how a platform calls its columns is the platform's own."""
    content = (folder / f"questionnaire.{FORMATS[name]}").read_bytes()
    if name == "xlsform":
        sheets = load_workbook(io.BytesIO(content))
        told = [str(cell.value) for sheet in ("survey", "choices") for row in sheets[sheet]
                for cell in row if cell.value]  # fmt: skip
        content = " ".join(told).encode()
    told = content.decode("utf-8")
    for text in ("Very satisfied", "Extremely likely", "Very easy"):
        assert turned(text) in told
    for language in ("id", "en"):
        for item in library.locale(language)["items"].values():
            assert SLOT.split(item)[-1] not in told or len(SLOT.split(item)[-1]) < 15


def test_the_questionnaire_for_review_holds_no_other_word(folder: Path) -> None:
    """Beside keys of choices and names of columns, at the ends of its tables."""
    told = (folder / "questionnaire.md").read_text(encoding="utf-8")
    assert len(told) > 10_000
    columns = re.compile(r"(?m)^\| [a-z0-9_\\]+ \||\| [a-z0-9_\\]+ \|$|`[^`]*`")
    assert latin(columns.sub("", told).splitlines()) == set()


# -- a file that is not whole ----------------------------------------------------------------------


def faults(words: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a locale, by place."""
    found = gaps(words, library.locale("id"), Path(f"{CODE}.yaml"))
    return {str(one.column): one.message for one in found}


def changed(**put: Any) -> dict[str, Any]:
    """The language with some texts of its shelf `ui` put otherwise; None takes one away."""
    words = third()
    ui = {**words["ui"], **put}
    return {**words, "ui": {key: text for key, text in ui.items() if text is not None}}


def test_a_language_that_is_whole_has_no_faults() -> None:
    assert faults(third()) == {}
    assert list(gaps(library.locale("en"), library.locale("id"), Path("en.yaml"))) == []


@pytest.mark.parametrize(
    ("put", "place", "said"),
    [
        ({"to": None}, "ui.to", "'ui.to' is missing"),
        ({"to": ""}, "ui.to", "'ui.to' is missing"),
        ({"n_is": "n"}, "ui.n_is", "'ui.n_is' lacks the slot {n}"),
        ({"to": "{b}"}, "ui.to", "'ui.to' has a slot {b} that nothing fills"),
        ({"n_is": "{n"}, "ui.n_is", "'ui.n_is' has braces that are no slot: "
         "expected '}' before end of string"),
        ({"n_is": "{n:people}"}, "ui.n_is", "'ui.n_is' counts 'people', which is not under plural"),
        ({"to": ["a"]}, "ui.to", "'ui.to' is no text"),
    ],
)  # fmt: skip
def test_what_a_language_lacks_is_named(put: dict[str, Any], place: str, said: str) -> None:
    assert faults(changed(**put)) == {place: said}


def test_a_shelf_that_is_missing_is_named_once() -> None:
    words = {key: shelf for key, shelf in third().items() if key != "findings"}
    assert faults(words) == {"findings": "'findings' is missing"}
    assert faults({**third(), "glosses": "x"}) == {"glosses": "'glosses' holds no keys"}


def test_a_scale_needs_a_label_for_each_point() -> None:
    words = third()
    scales = {**words["scales"], "agreement_5": {"labels": ["a", "b"]}}
    assert faults({**words, "scales": scales}) == {
        "scales.agreement_5.labels": "'scales.agreement_5.labels' is no list of 5"
    }


def test_forms_of_a_plural_are_the_language_s_own_but_for_one() -> None:
    words = third()
    plural = {**words["plural"], "answers": {"one": "{n}"}, "steps": {"few": "{n}", "other": "{n}"}}
    assert faults({**words, "plural": plural}) == {
        "plural.answers": "'plural.answers' has no form 'other'"
    }


def test_a_language_is_called_by_its_code() -> None:
    assert faults({**third(), "language": "en"}) == {"language": "the locale calls itself 'en'"}
    unknown = gaps({**third(), "language": "xx_no"}, library.locale("id"), Path("xx_no.yaml"))
    assert [one.message for one in unknown] == ["no language has the code 'xx_no'"]


def test_a_misspelt_key_is_named_with_the_nearest() -> None:
    words = changed(to=None, too="x")
    (told,) = gaps(words, library.locale("id"), Path(f"{CODE}.yaml"))
    assert told.hint == "did you mean 'too'?"


def test_a_locale_that_is_not_whole_is_refused_with_all_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kit reads it first, at once and by name."""
    shutil.copytree(PROJECT / "cxkit" / "library" / "locales", tmp_path / "locales")
    written(changed(to=None, n_is="n"), tmp_path / "locales" / f"{CODE}.yaml")
    monkeypatch.setattr(files, "LIBRARY", tmp_path)
    files.languages.cache_clear()
    files.locale.cache_clear()
    try:
        with pytest.raises(StudyError) as slip:
            files.locale(CODE)
    finally:
        monkeypatch.undo()
        files.languages.cache_clear()
        files.locale.cache_clear()
    assert {one.column for one in slip.value.problems} == {"ui.to", "ui.n_is"}
    assert all(f"locales/{CODE}.yaml" in str(one.file) for one in slip.value.problems)
