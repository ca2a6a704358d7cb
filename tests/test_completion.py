"""Tab and Shift-Tab in a notebook: the study's own words, and what each function says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import cxkit as cx
from cxkit.lab import completion
from cxkit.lab.completion import matches, place_at

SETUP = """\
import cxkit as cx
survey = cx.load("demo")
latest = survey.where(wave="2026H1")
sections = cx.sections(latest)
"""


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    survey = cx.load("demo")
    return {"cx": cx, "survey": survey, "estimate": cx.estimate, "other": {"a": 1}, "text": "x"}


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    """A kernel as JupyterLab starts one, with a survey in hand."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
    try:
        reply = client.execute(SETUP, reply=True, timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def completed(kernel: Any, code: str) -> list[str]:
    """What JupyterLab offers behind a piece of code, each put in its place."""
    told = kernel.complete(code, len(code), reply=True, timeout=30)["content"]
    assert told["cursor_end"] == len(code)
    return [code[: told["cursor_start"]] + one for one in told["matches"]]


# -- where the cursor stands -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "function", "keyword", "fragment", "quote"),
    [
        ("survey.where(", "survey.where", None, "", ""),
        ("survey.where(region='ja", "survey.where", "region", "ja", "'"),
        ('f(a, b=[1, "x)", """', "f", "b", "", '"""'),
        ("f('it\\'s (', x, of=\"level:", "f", "of", "level:", '"'),
        ("f(g(1, 2), h", "f", None, "h", ""),
        ("f(x,  # a ( in words\n  by='", "f", "by", "", "'"),
        ("f(a == ", "f", None, "", ""),
        ("x = 'open\nf(", "f", None, "", ""),
    ],
)
def test_the_call_around_the_cursor_is_found(
    text: str, function: str, keyword: str | None, fragment: str, quote: str
) -> None:
    place = place_at(text)
    assert place is not None
    found = (place.function, place.keyword, place.fragment, place.quote)
    assert found == (function, keyword, fragment, quote)


@pytest.mark.parametrize(
    "text", ["", "survey", "f(1)", "'f('", "# f(", "(1, ", "f({'a': ", "f(a[", "))"]
)
def test_there_may_be_no_call(text: str) -> None:
    assert place_at(text) is None


# -- which words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("survey.where(", {"region=", "wave=", "buyers="}),
        ('survey.where(region="', {"java", "sumatra"}),
        ('survey.where(region=["java", "', {"sumatra"}),
        ('survey.where(wave="', {"2025H1", "2026H1"}),
        ('survey.latest.where(channel="', {"email"}),
        ('cx.estimate(survey, "', {"nps", "score_100", "top_2_box"}),
        ('estimate(survey, metric="', {"nps"}),
        ('cx.estimate(survey.where(region="java"), "nps", of="', {"levels", "level:trust"}),
        ('cx.compare(survey.latest, "nps", by="', {"region", "wave"}),
        ('survey.groups("', {"region"}),
        ('survey.values("', {"item:ful_1", "reached:decide"}),
    ],
)
def test_a_call_is_offered_the_words_of_the_study(
    text: str, among: set[str], names: dict[str, Any]
) -> None:
    assert among <= set(matches(text, names)[0])


def test_outside_of_a_text_words_come_with_their_quotation_marks(names: dict[str, Any]) -> None:
    assert '"java"' in matches("survey.where(region=", names)[0]


def test_what_is_asked_for_already_is_not_offered_again(names: dict[str, Any]) -> None:
    words, _ = matches('survey.where(region="java", ', names)
    assert "region=" not in words
    assert "channel=" in words


@pytest.mark.parametrize(
    "text",
    ["text.where(", "other.where(", "gone.where(", "len(survey, ", "cx.load(", "survey.n(",
     'cx.estimate(gone, "', 'cx.estimate(text, "', 'survey.where("', 'survey.where(buyers="'],
)  # fmt: skip
def test_nothing_is_offered_where_nothing_is_known(text: str, names: dict[str, Any]) -> None:
    assert matches(text, names) == ([], "")


# -- in a kernel -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("survey.where(", "survey.where(region="),
        ("survey.where(re", "survey.where(region="),
        ('survey.where(region="', 'survey.where(region="java'),
        ('survey.where(\n    region="su', 'survey.where(\n    region="sumatra'),
        ('cx.estimate(survey, "', 'cx.estimate(survey, "nps'),
        ('cx.estimate(latest, "mean", of="level:t', 'cx.estimate(latest, "mean", of="level:trust'),
        ('cx.compare(survey, "nps", by="re', 'cx.compare(survey, "nps", by="region'),
        ("cx.est", "cx.estimate"),
        ("cx.pyr", "cx.pyramid"),
        ("survey.expl", "survey.explore"),
        ("sections.pyr", "sections.pyramid"),
        ("cx.figures.fore", "cx.figures.forest"),
    ],
)  # fmt: skip
def test_tab_in_a_kernel_knows_the_study(kernel: Any, code: str, offered: str) -> None:
    assert offered in completed(kernel, code)


@pytest.mark.slow
def test_in_a_text_tab_offers_nothing_but_the_studys_words(kernel: Any) -> None:
    """No file of the folder, no magic."""
    groups = [f'survey.where(region="{one}' for one in cx.load("demo").groups("region")]
    assert sorted(completed(kernel, 'survey.where(region="')) == sorted(groups)


@pytest.mark.slow
def test_the_face_offers_its_names_and_no_tools_of_its_own(kernel: Any) -> None:
    offered = {one.removeprefix("cx.") for one in completed(kernel, "cx.")}
    assert set(cx.__all__) <= offered
    assert not {"Any", "annotations", "import_module", "sys"} & offered


@pytest.mark.slow
def test_shift_tab_shows_what_every_name_takes_and_means(kernel: Any) -> None:
    """Names of the face too, which are loaded when they are used."""
    for name in (
        "cx.estimate",
        "cx.load",
        "cx.run",
        "cx.explore",
        "survey.where",
        "survey.explore",
    ):
        code = f"{name}("
        told = kernel.inspect(code, len(name), reply=True, timeout=30)["content"]
        text = re.sub(r"\x1b\[[0-9;]*m", "", told["data"]["text/plain"])
        assert told["found"], name
        assert "Signature:" in text, name
        assert "Parameters" in text, name


@pytest.mark.slow
def test_to_import_twice_registers_once(kernel: Any) -> None:
    code = (
        "import importlib; importlib.reload(cx)\n"
        "own = [one for one in get_ipython().Completer.custom_matchers"
        " if one.matcher_identifier == 'cxkit']\n"
        "assert len(own) == 1"
    )
    assert kernel.execute(code, reply=True, timeout=30)["content"]["status"] == "ok"


def test_outside_of_ipython_nothing_is_registered_or_loaded() -> None:
    code = "import sys, cxkit; print({'IPython', 'cxkit.lab.completion'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_name_that_a_text_would_read_otherwise_is_not_put_into_one() -> None:
    assert not completion._fits("back\\new", '"')
    assert not completion._fits('East "Java"', '"')
    assert completion._fits('East "Java"', "'")
