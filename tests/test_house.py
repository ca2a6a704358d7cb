"""The house keeps its shape: arrows point down, importing is light, files are fit to share."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "cxkit"

GROUND = {
    "errors", "files", "places", "display", "study", "records", "suppression", "weights", "wording",
    "library",
}  # fmt: skip
WINGS = {"answers", "analysis", "report"}
FRONT_DOOR = {"cli", "__main__", "__init__", "lab"}
MAY_IMPORT = {
    "errors": set(),
    "ground": GROUND,
    "answers": GROUND | {"answers", "__init__"},
    "analysis": GROUND | {"analysis"},
    "report": GROUND | WINGS | {"__init__"},
    "front door": GROUND | WINGS | FRONT_DOOR,
}
PLOTTING = {"matplotlib", "plotly", "seaborn"}
MAKE_TARGETS = {"report", "test", "lab", "notebooks", "lint", "bench", "help"}

NOT_OURS = {".git", ".venv", "__pycache__", "build", "dist", "reports", ".cxkit"}
NOT_OURS |= {".hypothesis", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
ONE_MIB = 2**20


@dataclass(frozen=True)
class Import:
    """One imported module: by which file and line, and whether when the file is loaded."""

    importer: str
    target: str
    line: int
    at_load: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def own_files() -> list[Path]:
    """Files of the clone that are not built, cached or a user's own."""
    users = PROJECT / "data" / "studies"
    return sorted(
        path
        for path in PROJECT.rglob("*")
        if path.is_file()
        and not NOT_OURS & set(path.relative_to(PROJECT).parts)
        and users not in path.parents
    )


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room(module: str) -> str:
    """The room of a module: `answers` of `cxkit.answers.check`, `__init__` of `cxkit`."""
    return module.split(".")[1] if "." in module else "__init__"


def floor(module: str) -> str:
    """Whose rules a module keeps."""
    name = room(module)
    if name == "errors" or name in WINGS:
        return name
    return "front door" if name in FRONT_DOOR else "ground"


def imports(module: str) -> Iterator[Import]:
    """What a module imports when it runs; names imported for a type checker only are left out."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    yield from _imports_in(tree, module, at_load=True)


def _imports_in(node: ast.AST, module: str, *, at_load: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module, alias.name, child.lineno, at_load)
        elif isinstance(child, ast.ImportFrom):
            for target in _targets(child, module):
                yield Import(module, target, child.lineno, at_load)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports_in(child, module, at_load=at_load and not inside)


def _targets(node: ast.ImportFrom, module: str) -> Iterator[str]:
    base = node.module or ""
    if node.level:
        is_package = MODULES[module].name == "__init__.py"
        up = node.level - is_package
        parents = module.split(".")[: -up or None]
        base = ".".join([*parents, *([node.module] if node.module else [])])
    for alias in node.names:
        # `from cxkit import places` names a module, `from cxkit.places import root` a thing in it
        inner = f"{base}.{alias.name}"
        yield inner if inner in MODULES else base


def of_cxkit(target: str) -> bool:
    return target.partition(".")[0] == "cxkit"


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    """A room imports its own floor and the floors below, never beside or above."""
    own_room = room(module)
    allowed = MAY_IMPORT[floor(module)]
    wrong = [
        str(one)
        for one in imports(module)
        if of_cxkit(one.target) and room(one.target) not in allowed | {own_room}
    ]
    assert not wrong


@pytest.mark.parametrize("module", [name for name in MODULES if floor(name) == "analysis"])
def test_analysis_knows_no_pictures(module):
    wrong = [str(one) for one in imports(module) if one.target.partition(".")[0] in PLOTTING]
    assert not wrong


def test_every_room_is_drawn_in_the_house():
    """A new room at the top of the package is placed on a floor on purpose, not by accident."""
    rooms = {room(module) for module in MODULES}
    assert rooms <= GROUND | WINGS | FRONT_DOOR


def test_no_module_imports_itself_in_a_circle():
    graph = {
        module: {
            one.target
            for one in imports(module)
            if one.at_load and one.target in MODULES and one.target != module
        }
        for module in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


@pytest.mark.parametrize(
    "module", ["cxkit", "cxkit.errors", "cxkit.places", "cxkit.study", "cxkit.wording"]
)
def test_importing_is_light(module):
    """The face and the ground floor load no library of numbers or pictures until they are used."""
    heavy = ["numpy", "pandas", "matplotlib", "scipy", "seaborn", "statsmodels"]
    code = f"import sys, {module}; print(*sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) != "__main__"])
def test_every_except_names_its_type(module):
    """Only the front door may keep everything, to turn our own slip into exit code 70.

    Elsewhere an `except BaseException` may tidy up if it ends in a bare `raise`.
    """
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    caught = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    blind = [node.lineno for node in caught if _takes_all(node.type) and not _passes_on(node)]
    assert not blind


def _takes_all(kind: ast.expr | None) -> bool:
    names = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    everything = {"Exception", "BaseException"}
    return any(one is None or (isinstance(one, ast.Name) and one.id in everything) for one in names)


def _passes_on(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_public_names_are_the_committed_ones():
    """A name joins or leaves the face of the package on purpose: in the list beside this file."""
    import cxkit

    listed = (PROJECT / "tests" / "public_names.txt").read_text(encoding="utf-8").split()
    assert sorted(cxkit.__all__) == listed


def test_one_version_is_told_everywhere():
    import cxkit

    citation = (PROJECT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {cxkit.__version__}\n" in citation
    assert f"\n## [{cxkit.__version__}]" in changes
    assert "Numbers that change" in changes


def test_every_public_name_is_there_and_says_what_it_is():
    import cxkit

    missing = [name for name in cxkit.__all__ if not hasattr(cxkit, name)]
    silent = [
        name
        for name in cxkit.__all__
        if name not in missing
        and not name.startswith("__")
        and not (getattr(cxkit, name).__doc__ or "").strip()
    ]
    assert (missing, silent) == ([], [])


@pytest.mark.parametrize(
    "path",
    sorted((PACKAGE / "library").rglob("*.yaml")),
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_library_files_parse(path):
    """YAML 1.2, each key once, a mapping at the top."""
    from ruamel.yaml import YAML

    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    assert content


def test_make_help_lists_every_target():
    if shutil.which("make") is None:
        pytest.skip("no make on the PATH")
    done = subprocess.run(
        ["make", "-s", "help"], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    listed = {line.split()[1]: line.split()[2:] for line in done.stdout.splitlines()}
    assert set(listed) >= MAKE_TARGETS
    assert all(listed.values()), "each target says what it does"


def test_no_file_is_large():
    large = [path for path in own_files() if path.stat().st_size > ONE_MIB]
    assert not large


# The hosts are written in pieces, so that this file does not hold what it looks for.
PACKAGE_INDEX = re.compile("py" + r"pi\.org|python" + r"hosted|registry\.npm" + "js")
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~$})*-])/(?:root|home|work|Users|mnt)/(?=[\w.])"  # a path from the root
    r"|\b[A-Z]:\\+Users\\"
    r"|file://" + "/"
)


@pytest.mark.parametrize("found", [PACKAGE_INDEX, MACHINE_PATH], ids=["host", "path"])
def test_files_name_no_machine_and_no_package_index(found):
    """Files are the same for everybody: no path of a machine, no host of a package index."""
    wrong = [
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for path in own_files()
        if (match := found.search(path.read_bytes().decode("utf-8", errors="ignore")))
    ]
    assert not wrong


def test_the_search_for_machine_paths_finds_them_and_nothing_else():
    home, drive = "/home" + "/ana/x.csv", "C:" + "\\Users\\ana"
    for path in (home, f'"{home}"', drive, "file://" + "/tmp/z"):
        assert MACHINE_PATH.search(path), path
    for fine in ("/usr/bin/chromium", "https://example.org/home/x", "a/work/b"):
        assert not MACHINE_PATH.search(fine), fine
