"""The theme of a page: the kit's own, a study's, what is refused in one, and where it goes."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lxml import html
from test_sections import CUSTOMERS, HEAD, NPS, lay

import cxkit as cx
from cxkit.answers import check
from cxkit.answers.cache import CACHE
from cxkit.errors import StudyError
from cxkit.library.theme import MARKS, SCHEMES, WORDS, contrast, kit_colours, kit_theme, legible
from cxkit.report import figures, page
from cxkit.report.finding import FINDING_MIME
from cxkit.report.theme import read_theme, theme_of
from cxkit.study import read_study

ROOT = Path(__file__).resolve().parents[1]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"{more}>{inside}</svg>'
STUDY = CUSTOMERS + NPS + "theme: look.yaml\n"
ANSWERS = {"q": [10] * 40 + [7] * 20 + [3] * 20}


def png() -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        told = kind + data
        return struct.pack(">I", len(data)) + told + struct.pack(">I", zlib.crc32(told))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def refused(text: str, folder: Path) -> StudyError:
    """The error that a theme file meets."""
    file = folder / "look.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as slip:
        read_theme(file)
    return slip.value


def executed(*shown: Any) -> Any:
    nb = nbformat.v4.new_notebook()
    for one in shown:
        data = {FINDING_MIME: one.to_dict()}
        output = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
        nb.cells.append(nbformat.v4.new_code_cell("", outputs=[output]))
    return nb


# -- the kit's own ---------------------------------------------------------------------------------


def test_contrast_is_that_of_wcag() -> None:
    """The ratios that WebAIM's checker prints for these pairs, cut to two decimals."""
    known = {("#000000", "#ffffff"): 21.0, ("#777777", "#ffffff"): 4.47,
             ("#767676", "#ffffff"): 4.54, ("#ff0000", "#ffffff"): 3.99}  # fmt: skip
    for (one, other), ratio in known.items():
        assert int(contrast(one, other) * 100) / 100 == ratio
        assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_and_marks_of_the_kit_can_be_told_from_their_surface(scheme: str) -> None:
    colours = kit_colours(scheme)
    for pairs, least in ((WORDS, 4.5), (MARKS, 3.0)):
        low = {pair for pair in pairs if contrast(*(colours[role] for role in pair)) < least}
        assert low == set()


def test_both_schemes_have_the_same_roles() -> None:
    assert list(kit_theme()["light"]) == list(kit_theme()["dark"])


def test_a_colour_is_written_in_one_place() -> None:
    """No style sheet, template or module names a colour of the theme again."""
    files = [*(ROOT / "templates" / "report").iterdir(), ROOT / "cxkit" / "display.py"]
    files += (ROOT / "cxkit/report/figures" / f"{name}.py" for name in ("drawing", "inline"))
    for file in files:
        assert re.findall(r"(?<![&\w])#[0-9a-fA-F]{6}\b", file.read_text("utf-8")) in (
            [],
            ["#000000"],  # what matplotlib writes for ink
        ), file.name


def test_figures_are_drawn_in_the_light_colours_of_the_kit() -> None:
    light = kit_colours("light")
    assert dict(figures.ROLES) == {role: light[role] for role in figures.ROLES}
    assert set(light) - set(figures.ROLES) == {"on-low", "on-high"}


def test_every_role_that_a_rule_uses_is_in_the_theme() -> None:
    rules = "".join(file.read_text("utf-8") for file in (ROOT / "templates/report").glob("*.css"))
    sizes = set(re.findall(r"--([\w-]+):", rules))
    used = set(re.findall(r"var\(--([\w-]+)", rules))
    assert used - sizes - set(kit_colours("light")) == {"serif", "sans", "light-paper"}


def test_the_colour_that_is_proposed_is_the_first_that_can_be_read() -> None:
    for colour, on in (("#999999", "#ffffff"), ("#666666", "#10171d"), ("#d55e00", "#f3f5f6")):
        proposed = legible(colour, on, 4.5)
        assert contrast(proposed, on) >= 4.5
        assert contrast(colour, on) < 4.5
        assert contrast(proposed, on) < 4.8


# -- a study's own ---------------------------------------------------------------------------------


def test_what_a_theme_leaves_out_is_the_kits(tmp_path: Path) -> None:
    file = tmp_path / "look.yaml"
    file.write_text('light: {good: "#056"}\ntype: {sans: Open Sans}\n', encoding="utf-8")
    own, kit = read_theme(file), read_theme()
    changed = {role for role in kit.light if own.light[role] != kit.light[role]}
    assert changed == {"good", "l5"}  # the end of a scale is called after its verdict
    assert own.light["good"] == own.light["l5"] == "#005566"
    assert (own.dark, own.serif) == (kit.dark, kit.serif)
    assert own.sans == '"Open Sans", sans-serif'


def test_the_kits_own_file_is_a_theme_that_changes_nothing() -> None:
    assert read_theme(ROOT / "cxkit" / "library" / "theme.yaml") == read_theme()


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        ('light: {inc: "#000"}', "unknown role 'inc'", "did you mean 'ink'?"),
        ("light:\n  ink: #15202b", "'ink' is empty", 'ink: "#..."'),
        ("light: {ink: 15202b}", "'ink' is '15202b', which is no colour", '"#15202b"'),
        ('light: {ink: "red"}', "'ink' is 'red', which is no colour", None),
        ('light: {ink: "#15202b;} body{display:none"}', "which is no colour", None),
        ("dark: {l1: l5, l5: l1}", "name each other in a circle", None),
        ('type: {serif: "Georgia; } body { x"}', "is no name of a font", None),
        ("type: {sans: ['</style><script>']}", "is no name of a font", None),
        ("fonts: {sans: Arial}", "unknown key 'fonts'", None),
        ('light: {s2: "#8fc0df", s3: "#c3dcec"}', "does not stand out more", None),
    ],
)
def test_a_slip_is_told_with_what_to_try(
    text: str, told: str, hint: str | None, tmp_path: Path
) -> None:
    slip = refused(text, tmp_path)
    assert told in slip.message
    assert str(slip.where).startswith("look.yaml:")
    assert hint is None or slip.hint == hint


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ('light: {soft: "#999999"}', ("#999999", "#fcefe6")),
        ('light: {paper: "#7f7f7f"}', None),
        ('dark: {good-ink: "#0173b2"}', ("#0173b2", "#2a2018")),
        ('light: {s4: "#9fc7e0", s5: "#88b8d8"}', None),
        ('light: {good: "#7fc4ee"}', ("#7fc4ee", "#ffffff")),
    ],
)
def test_words_that_cannot_be_read_are_refused_with_the_ratio(
    text: str, pair: tuple[str, str] | None, tmp_path: Path
) -> None:
    slip = refused(text, tmp_path)
    told = slip.problems[0]
    assert {one.code for one in slip.problems} <= {"theme_contrast", "theme_ramp"}
    ratio = float(re.findall(r"contrast of ([\d.]+) to 1", told.message)[0])
    least = float(re.findall(r"at least ([\d.]+) to 1", str(told.expected))[0])
    assert ratio < least
    if pair:
        assert ratio == int(contrast(*pair) * 100) / 100
    ((role, proposed),) = re.findall(r'^([\w-]+): "(#\w+)"$', str(told.hint))
    colours = dict(re.findall(r"([\w-]+) \((#\w+)\)", told.message))
    (other,) = (colour for name, colour in colours.items() if name != role)
    assert contrast(proposed, other) >= least


def test_all_slips_are_told_at_once(tmp_path: Path) -> None:
    slip = refused('light: {inc: "#000", ink: blue}\ntype: {serif: "{"}\n', tmp_path)
    assert len(slip.problems) == 3


# -- the logo --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "inside", "why"),
    [
        ("", "<script>alert(1)</script>", "it holds <script>"),
        ("", "<foreignObject/>", "it holds <foreignObject>"),
        ("", '<p xmlns="http://www.w3.org/1999/xhtml">x</p>', "it holds <p>"),
        (' onload="x()"', "", "it runs a script (onload)"),
        ("", '<image href="https://example.org/x.png"/>', "refers to something outside"),
        ("", '<use href="other.svg#a"/>', "refers to something outside"),
        ("", '<rect fill="url(https://example.org/x)"/>', "refers to something outside"),
        ("", "<style>@import 'x.css';</style>", "its style refers to something outside"),
        ("", "<a href='javascript:x'/>", "it holds <a>"),
    ],
)
def test_a_logo_that_does_more_than_draw_is_refused(
    more: str, inside: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "logo.svg").write_text(SVG.format(more=more, inside=inside), encoding="utf-8")
    slip = refused("logo: {file: logo.svg, alt: Toko}", tmp_path)
    assert why in slip.message


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"GIF89a", "it is neither"),
        (b"<!DOCTYPE svg><svg/>", "document type"),
        (b"<html/>", "it is neither"),
        (b"\x89PNG\r\n\x1a\n", "cut off"),
        (png() + b"\0" * 50_000, "every page carries it along"),
    ],
)
def test_a_file_that_is_no_logo_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(content)
    assert why in refused("logo: {file: logo.svg, alt: Toko}", tmp_path).message


def test_a_logo_is_a_file_with_words(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png())
    slip = refused("logo: {file: lego.png, alt: Toko}", tmp_path)
    assert "there is no file 'lego.png'" in slip.message
    assert slip.hint == "did you mean 'logo.png'?"
    assert "'logo.alt' is missing" in refused("logo: {file: logo.png}", tmp_path).message


# -- on the page -----------------------------------------------------------------------------------


def themed(folder: Path, look: str) -> Any:
    """A survey of a study with a theme."""
    folder.mkdir(exist_ok=True)
    (folder / "logo.png").write_bytes(png())
    (folder / "look.yaml").write_text(look, encoding="utf-8")
    return lay(folder, STUDY, ANSWERS)


LOOK = """
light: {good: "#005566"}
type: {serif: Georgia}
logo: {file: logo.png, alt: {id: Logo Toko, en: Toko logo}}
"""


@pytest.mark.parametrize(("language", "alt"), [("id", "Logo Toko"), ("en", "Toko logo")])
def test_a_page_wears_the_theme_of_its_study(tmp_path: Path, language: str, alt: str) -> None:
    """From the executed notebook alone: the study need not be there."""
    nb = executed(cx.scorecard.findings(themed(tmp_path, LOOK)))
    for file in tmp_path.iterdir():
        if file.is_file():
            file.unlink()
    text = page.render(nb, language)
    made = html.document_fromstring(text)
    css = made.findtext(".//style")
    assert "--good: #005566;" in css
    assert "--serif: Georgia, serif;" in css
    assert "--ink: #15202b;" in css
    (logo,) = made.xpath('//header//img[@class="logo"]')
    assert logo.get("alt") == alt
    assert base64.b64decode(logo.get("src").removeprefix("data:image/png;base64,")) == png()
    (policy,) = made.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    assert "default-src 'none'" in policy
    assert "img-src data:" in policy


def test_a_page_without_a_theme_is_in_the_kits_colours(tmp_path: Path) -> None:
    survey = lay(tmp_path, CUSTOMERS + NPS, ANSWERS)
    assert "theme" not in survey.context()
    made = html.document_fromstring(page.render(executed(cx.scorecard.findings(survey)), "en"))
    assert read_theme().css in made.findtext(".//style")
    assert not made.xpath("//img")


def test_a_notebook_from_anywhere_cannot_bring_rules_along(tmp_path: Path) -> None:
    """The context of a finding is data: nothing of it can end its rule."""
    bad = "red;} body {display: none"
    told = {"light": {"ink": bad, "x;}": "#000"}, "serif": [bad, "Georgia"], "sans": "abc"}
    theme = theme_of({"theme": told})
    assert theme.light == read_theme().light
    assert theme.serif == "Georgia, serif"
    assert "body" not in theme.css


def test_a_changed_theme_makes_pages_anew_and_answers_not(tmp_path: Path) -> None:
    before = themed(tmp_path, LOOK)
    kept = sorted((tmp_path / CACHE).iterdir())
    stamps = [file.stat().st_mtime_ns for file in kept]
    after = themed(tmp_path, LOOK.replace("#005566", "#006655"))
    assert before.context()["inputs"]["study"] != after.context()["inputs"]["study"]
    assert sorted((tmp_path / CACHE).iterdir()) == kept
    assert [file.stat().st_mtime_ns for file in kept] == stamps


def test_a_check_tells_the_slips_of_a_theme(tmp_path: Path) -> None:
    themed(tmp_path, LOOK)
    (tmp_path / "look.yaml").write_text('light: {ink: "#999"}\nx: 1\n', encoding="utf-8")
    told = [one for one in check(tmp_path) if "look.yaml" in str(one.file)]
    assert [one.code for one in told] == ["unknown_key"]
    (tmp_path / "look.yaml").write_text('light: {ink: "#999"}\n', encoding="utf-8")
    told = [one for one in check(tmp_path) if "look.yaml" in str(one.file)]
    assert {one.code for one in told} == {"theme_contrast"}
    (tmp_path / "look.yaml").unlink()
    (told,) = check(tmp_path).errors
    lines = (tmp_path / "study.yaml").read_text(encoding="utf-8").splitlines()
    assert (told.code, lines[told.line - 1]) == ("missing_file", "theme: look.yaml")


def test_a_study_says_words_of_its_logo_in_its_languages(tmp_path: Path) -> None:
    (tmp_path / "look.yaml").write_text("logo: {file: logo.png, alt: {id: Toko}}", encoding="utf-8")
    (tmp_path / "logo.png").write_bytes(png())
    (tmp_path / "study.yaml").write_text(HEAD + STUDY, encoding="utf-8")
    with pytest.raises(StudyError, match="a text has no 'en'"):
        read_study(tmp_path)
