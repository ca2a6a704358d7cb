"""A new study in a real JupyterLab: it opens, runs and reads well, in both themes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-test"
FIRST = "00_start_here.ipynb"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
THEME_SETTINGS = "lab/api/settings/@jupyterlab/apputils-extension:themes"
PATIENCE = 60_000
PROJECT = Path(__file__).resolve().parent.parent
EXPORTERS = "nbconvert.exporters"
# Each piece of text in a box with its contrast to what lies under it (WCAG 2, relative luminance).
CONTRASTS = """() => {
    const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = rgb => rgb.map(c => linear(c / 255))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const parts = text => {
        const [r, g, b, a = 1] = text.match(/[0-9.]+/g).map(Number);
        return {rgb: [r, g, b], a};
    };
    const under = one => {
        const {rgb, a} = parts(getComputedStyle(one).backgroundColor);
        return a === 1 ? rgb : under(one.parentElement);
    };
    const says = one => [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    const found = [];
    for (const one of document.querySelectorAll('.cxkit *')) {
        if (!says(one) || one.closest('style')) continue;
        const drawn = one.closest('svg');
        const paper = under(drawn ? drawn.parentElement : one);
        const {rgb, a} = parts(getComputedStyle(one)[drawn ? 'fill' : 'color']);
        const ink = luminance(rgb.map((c, i) => a * c + (1 - a) * paper[i]));
        const [low, high] = [ink, luminance(paper)].sort((x, y) => x - y);
        found.push([one.textContent, (high + 0.05) / (low + 0.05)]);
    }
    return found;
}"""

# The words of the control that has the focus.
WHERE = """() => {
    const one = document.activeElement;
    return (one.closest('label') ?? one).innerText.trim().replaceAll('\\u00a0', ' ');
}"""


@dataclass
class Server:
    """JupyterLab as `cxkit lab` started it."""

    url: str
    study: Path

    def put(self, path: str, value: object) -> None:
        """Change a setting, as the user's own."""
        headers = {"Authorization": f"token {TOKEN}"}
        body = json.dumps({"raw": json.dumps(value)}).encode()
        request = urllib.request.Request(
            f"{self.url}{path}", data=body, headers=headers, method="PUT"
        )
        urllib.request.urlopen(request, timeout=20).close()


@dataclass
class Opened:
    """A notebook that is open in a theme, and what went wrong meanwhile."""

    page: Any
    theme: str
    complaints: list[str] = field(default_factory=list)
    asked_elsewhere: list[str] = field(default_factory=list)

    def app(self, script: str) -> Any:
        """The value of a script about the open notebook."""
        return self.page.evaluate(f"() => {{ const app = window.jupyterapp; return {script}; }}")

    def notebook(self) -> Any:
        """The notebook as JupyterLab would save it."""
        return self.app("app.shell.currentWidget.content.model.toJSON()")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`cxkit lab` on a new study, on a free port, with no settings but the kit's."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    home = tmp_path_factory.mktemp("jupyterlab")
    command = [sys.executable, "-m", "cxkit"]
    alone = {key: value for key, value in os.environ.items() if key != "CXKIT_ROOT"}
    subprocess.run([*command, "new", "mine"], cwd=home, env=alone, check=True, capture_output=True)
    own = {
        f"{name}_DIR": str(home / name.lower())
        for name in (
            "JUPYTER_CONFIG",
            "JUPYTER_DATA",
            "JUPYTER_RUNTIME",
            "JUPYTERLAB_SETTINGS",
            "JUPYTERLAB_WORKSPACES",
            "IPYTHON",
        )
    }
    own |= _with_exporters(home / "exporters", alone)
    options = ["--no-browser", "--port=0", "--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    options += ["--LabApp.expose_app_in_browser=True", "--allow-root"]
    log = home / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [*command, "lab", "mine", "--", *options],
            cwd=home,
            env=alone | own,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Server(_url(process, home / "jupyter_runtime", log), home / "mine")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _with_exporters(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Where the clone is not installed, its exporters as an installation would register them."""
    named = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [f"{name} = {home}" for name, home in named["entry-points"][EXPORTERS].items()]
    about = folder / "cxkit_exporters-0.dist-info"
    about.mkdir(parents=True)
    text = "Metadata-Version: 2.1\nName: cxkit-exporters\nVersion: 0\n"
    (about / "METADATA").write_text(text, encoding="utf-8")
    text = "\n".join([f"[{EXPORTERS}]", *lines]) + "\n"
    (about / "entry_points.txt").write_text(text, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(folder), environment.get("PYTHONPATH")]))
    return {"PYTHONPATH": path}


def _url(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Where the server listens, as soon as it does: it says where a moment before."""
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline and process.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, OSError):  # just being written, not yet listening
                told = json.loads(file.read_text(encoding="utf-8"))
                socket.create_connection(("127.0.0.1", told["port"]), timeout=20).close()
                return str(told["url"])
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}", pytrace=False)


@pytest.fixture(scope="module", params=THEMES)
def opened(request: pytest.FixtureRequest, server: Server, chromium: Any) -> Iterator[Opened]:
    """What opens by itself, in a theme, with all its cells run."""
    server.put(THEME_SETTINGS, {"theme": THEMES[request.param]})
    context = chromium.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    result = Opened(context.new_page(), request.param)
    page = result.page
    page.on("pageerror", lambda error: result.complaints.append(str(error)))
    page.on(
        "console",
        lambda said: said.type == "error" and result.complaints.append(said.text),
    )
    page.on(
        "request",
        lambda sent: (
            sent.url.startswith((server.url, "data:", "blob:"))
            or result.asked_elsewhere.append(sent.url)
        ),
    )
    page.goto(f"{server.url}?token={TOKEN}")
    status = "currentWidget?.sessionContext?.session?.kernel?.status"
    page.wait_for_function(f"window.jupyterapp?.shell?.{status} === 'idle'")
    is_done = result.app("app.commands.execute('notebook:run-all-cells')")
    result.complaints += [] if is_done else ["not all cells ran"]
    page.wait_for_function(f"window.jupyterapp.shell.{status} === 'idle'")
    yield result
    context.close()


def test_the_first_notebook_is_open_and_runs_to_its_end(opened: Opened, server: Server) -> None:
    assert opened.app("app.shell.currentWidget.context.path") == f"notebooks/{FIRST}"
    nb = opened.notebook()
    code = [cell for cell in nb["cells"] if cell["cell_type"] == "code"]
    wrong = [
        one
        for cell in code
        for one in cell["outputs"]
        if one["output_type"] in ("error", "stream") or "text/html" not in one["data"]
    ]
    assert wrong == []
    assert all(cell["execution_count"] for cell in code)
    assert sum(bool(cell["outputs"]) for cell in code) >= 3


def test_its_numbers_are_the_studys_and_not_the_demos(opened: Opened) -> None:
    text = json.dumps(opened.notebook()["cells"])
    assert "YOUR BRAND" in text
    assert "Toko Contoh" not in text


def test_nothing_complains_and_nothing_asks_to_be_read_first(opened: Opened) -> None:
    """No message of an error in the console, and no dialog between the researcher and the study."""
    assert opened.complaints == []
    assert opened.page.locator(".jp-Dialog").count() == 0
    assert opened.page.locator(".jp-toast-message, .Toastify__toast").count() == 0


def test_nothing_is_asked_of_the_network(opened: Opened) -> None:
    assert opened.asked_elsewhere == []


def test_what_cells_show_lies_on_the_paper_of_the_notebook(opened: Opened) -> None:
    notebook, box = opened.page.evaluate(
        "['.jp-Notebook', '.jp-Notebook .cxkit'].map(one =>"
        " getComputedStyle(document.querySelector(one)).backgroundColor)"
    )
    assert box == notebook
    is_dark = sum(map(int, re.findall(r"\d+", box)[:3])) < 3 * 40
    assert is_dark == (opened.theme == "dark")


def test_every_word_that_cells_show_stands_off_from_its_paper(opened: Opened) -> None:
    """In tables, sentences, notes and drawings: 4.5 to 1, the contrast of WCAG AA."""
    contrasts = opened.page.evaluate(CONTRASTS)
    assert len(contrasts) > 200
    assert [one for one in contrasts if one[1] < 4.5] == []


def test_what_cells_show_is_built_for_all_readers(opened: Opened) -> None:
    """Names of tables and pictures, by axe; JupyterLab's own frame is not ours."""
    from axe_playwright_python.sync_playwright import Axe

    tags = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    results = Axe().run(opened.page, context=".cxkit", options={"runOnly": tags})
    assert {"role-img-alt", "td-headers-attr"} <= {one["id"] for one in results.response["passes"]}
    assert results.violations_count == 0, results.generate_report()


# -- the explorer ----------------------------------------------------------------------------------


def explorer(opened: Opened) -> Any:
    """The explorer of the notebook, with what is seen of it."""
    found = opened.page.locator(".cxkit-explorer")
    found.locator("svg").first.wait_for()
    return found


def base(opened: Opened) -> str:
    """The line that keeps base and effective base in sight."""
    return str(explorer(opened).locator("[role=status]").first.inner_text())


def changed(opened: Opened, before: str) -> str:
    """The same line, as soon as it says something else and nothing is being computed."""
    line = ".cxkit-explorer [role=status]"
    opened.page.wait_for_function(
        "([line, before]) => { const now = document.querySelector(line)?.innerText;"
        " return now && now !== before && now.includes('basis efektif'); }",
        arg=[line, before],
    )
    return base(opened)


def test_a_group_that_is_chosen_changes_figure_and_base(opened: Opened) -> None:
    """And everybody is back when it is chosen no more."""
    found = explorer(opened)
    line, drawn = base(opened), found.locator("svg").first.inner_html()
    assert re.search(r"Semua responden · [\d.]+ responden, basis efektif [\d.]+", line)
    found.get_by_label("Langsung").check()
    now = changed(opened, line)
    assert "Langsung" in now
    assert found.locator("svg").first.inner_html() != drawn
    found.get_by_label("Langsung").uncheck()
    assert changed(opened, now) == line
    assert found.locator("svg").first.inner_html() == drawn


def test_the_explorer_is_reached_and_moved_by_keyboard(opened: Opened) -> None:
    """With Tab and Space: no control is passed over, and no key edits the notebook."""
    found, keyboard = explorer(opened), opened.page.keyboard
    line, n_cells = base(opened), len(opened.notebook()["cells"])
    found.locator("input").first.focus()
    reached = []
    for _ in range(found.locator("input,button").count()):
        reached.append(opened.page.evaluate(WHERE))
        keyboard.press("Tab")
    assert reached[:5] == ["Tingkat", "Perjalanan", "Kaitan", "Semester II 2025", "Semester I 2026"]
    assert {"Langsung", "Tablet", "English", "Jadikan laporan"} <= set(reached)
    assert len(set(reached)) == len(reached)
    found.get_by_label("Semester II 2025").focus()
    keyboard.press("Space")
    now = changed(opened, line)
    assert "Semester II 2025" in now
    keyboard.press("Tab")
    keyboard.press("Space")
    assert changed(opened, now) == line
    found.get_by_label("Perjalanan").focus()
    keyboard.press("Space")
    found.locator("[role=img][aria-label^='Penilaian']").wait_for()
    found.get_by_label("Tingkat").focus()
    keyboard.press("Space")
    found.locator("[role=img][aria-label^='Piramida']").wait_for()
    assert len(opened.notebook()["cells"]) == n_cells


def test_words_of_the_explorer_change_with_its_language(opened: Opened) -> None:
    found = explorer(opened)
    found.get_by_label("English").check()
    found.get_by_text("Channel of arrival").wait_for()
    found.get_by_text("All respondents").first.wait_for()
    found.get_by_label("Bahasa Indonesia").check()
    found.get_by_text("Saluran kedatangan").wait_for()
    found.get_by_text("Semua responden").first.wait_for()


def test_the_explorer_is_built_for_all_readers(opened: Opened) -> None:
    from axe_playwright_python.sync_playwright import Axe

    explorer(opened)
    tags = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    results = Axe().run(opened.page, context=".cxkit-explorer", options={"runOnly": tags})
    assert "label" in {one["id"] for one in results.response["passes"]}
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("opened", ["light"], indirect=True)
def test_a_choice_becomes_a_report_of_the_study(opened: Opened, server: Server) -> None:
    """The list grows by a line, the command is told, and comments stay."""
    file = server.study / "study.yaml"
    before = file.read_text(encoding="utf-8")
    found = explorer(opened)
    found.get_by_role("button", name="Jadikan laporan").click()
    found.get_by_text(f"cxkit batch {server.study}").wait_for()
    after = file.read_text(encoding="utf-8")
    entry = ', {notebook: report, parameters: {wave: "2026H1"}}'
    assert after == before.replace("{notebook: report}]", f"{{notebook: report}}{entry}]")


@pytest.mark.parametrize("opened", ["light"], indirect=True)
@pytest.mark.parametrize(("name", "language"), [("English", "en"), ("Bahasa_Indonesia", "id")])
def test_the_file_menu_exports_the_page(opened: Opened, name: str, language: str) -> None:
    """What was executed in JupyterLab, as a page, under the name of its notebook."""
    page = opened.page
    opened.app("app.commands.execute('docmanager:save')")
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.locator(".lm-Menu-item", has_text="Save and Export Notebook As").hover()
    with page.expect_download() as started:
        page.locator(".lm-Menu-item", has_text=f"CX_report_{name}").click()
    assert started.value.suggested_filename == FIRST.replace("ipynb", "html")
    text = Path(started.value.path()).read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in text
    assert "YOUR BRAND" in text
    assert "<figure" in text
    assert opened.complaints == []


def test_nothing_complained_meanwhile(opened: Opened) -> None:
    assert opened.complaints == []
    assert opened.asked_elsewhere == []


# -- elsewhere -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", THEMES)
def test_outside_jupyterlab_a_box_brings_its_own_paper(chromium: Any, scheme: str) -> None:
    """A page of nbconvert, or another notebook: words stand off from what lies under them."""
    from cxkit import display

    page = chromium.new_context(color_scheme=scheme).new_page()
    page.set_content(f"<body>{display.box(display.note('words'))}</body>")
    paper, ink = page.evaluate(
        """() => ['.cxkit', '.cxkit .note'].map((one, i) => getComputedStyle(
                document.querySelector(one))[i ? 'color' : 'backgroundColor'])"""
    )
    paper, ink = (sum(map(int, re.findall(r"\d+", one)[:3])) for one in (paper, ink))
    assert abs(paper - ink) > 300
    assert (paper < ink) == (scheme == "dark")
    page.context.close()


def test_in_a_dark_vs_code_a_box_is_dark_whatever_the_system_says(chromium: Any) -> None:
    from cxkit import display

    page = chromium.new_context(color_scheme="light").new_page()
    page.set_content(f"<body class='vscode-dark'>{display.box('words')}</body>")
    ink = page.evaluate("getComputedStyle(document.querySelector('.cxkit')).color")
    assert sum(map(int, re.findall(r"\d+", ink)[:3])) > 600
    page.context.close()
