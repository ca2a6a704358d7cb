"""A verified page as an RO-Crate: what the profile demands, and nothing that should stay here."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest
from quick_study import WAVES
from test_verify import PAGE, lay, run

from cxkit.__main__ import main
from cxkit.errors import StudyError
from cxkit.report import provenance
from cxkit.report.changes import Change
from cxkit.report.crate import METADATA, crate
from cxkit.report.verify import Cause, Verification, verify

pytestmark = pytest.mark.slow

CRATE = "kedai-quick.en.crate"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study with its report of a wave."""
    study = lay(tmp_path_factory.mktemp("crate") / "kedai")
    run(study, "-p", "wave=2026H1", "-l", "en")
    return study


@pytest.fixture(scope="module")
def verified(made: Path) -> Verification:
    found = verify(made / "reports" / PAGE)
    assert found.identical, str(found)
    return found


@pytest.fixture
def folder(verified: Verification, tmp_path: Path) -> Path:
    """The crate of the verified page."""
    return crate(verified, tmp_path)


def graph(folder: Path) -> dict[str, dict[str, Any]]:
    """The entities by their id: each is there once."""
    entities = json.loads((folder / METADATA).read_text(encoding="utf-8"))["@graph"]
    found = {one["@id"]: one for one in entities}
    assert len(found) == len(entities)
    return found


def links(value: Any) -> list[str]:
    """The ids that a property points at."""
    several = value if isinstance(value, list) else [value]
    return [one["@id"] for one in several]


def pointers(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if set(part) == {"@id"}:
            yield part["@id"]
        for inner in part.values():
            yield from pointers(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from pointers(inner)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# -- what the profile demands ----------------------------------------------------------------------


def test_the_descriptor_and_the_root_are_as_ro_crate_demands(folder: Path) -> None:
    """RO-Crate 1.3: the root has a name, a description, a date, a licence and its profile."""
    told = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    assert told["@context"] == "https://w3id.org/ro/crate/1.3/context"
    entities = graph(folder)
    descriptor, root = entities[METADATA], entities["./"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.3"}
    assert root["@type"] == "Dataset"
    assert root["name"]
    assert root["description"]
    assert root["datePublished"] == "2026-03-20"
    assert entities[root["license"]["@id"]]["name"]
    profile = entities[root["conformsTo"]["@id"]]
    assert profile["@id"] == "https://w3id.org/ro/wfrun/process/0.6"
    assert {"CreativeWork", "Profile"} <= set(profile["@type"])


def test_the_run_is_as_the_profile_demands(folder: Path) -> None:
    """Process Run Crate 0.6: an action with the tool that was executed, its results, its inputs."""
    entities = graph(folder)
    (action,) = [one for one in entities.values() if one["@type"] == "CreateAction"]
    assert links(entities["./"]["mentions"]) == [action["@id"]]
    tools = [entities[key] for key in links(action["instrument"])]
    assert [one["@type"] for one in tools] == [
        "SoftwareApplication",
        ["File", "SoftwareSourceCode"],
    ]
    assert [one["name"] for one in tools] == ["cxkit", "notebooks/quick.ipynb"]
    assert all(one["version"] and one["name"] for one in tools)
    assert action["name"]
    assert "cxkit run STUDY --notebook quick -p wave=2026H1" in action["description"]
    assert "Verified" in action["description"]
    assert set(links(action["result"])) == {PAGE, "kedai-quick.json", "kedai-quick.ipynb"}
    assert "endTime" not in action


def test_applications_have_a_name_a_version_and_a_web_page(folder: Path) -> None:
    entities = graph(folder)
    packages = [entities[key] for key in links(entities["#cxkit"]["softwareRequirements"])]
    versions = {one["name"]: one["version"] for one in packages}
    installed = provenance.versions()
    assert versions == {key: installed[key] for key in installed if key not in ("cxkit", "machine")}
    for one in [entities["#cxkit"], *packages]:
        assert one["url"]
        assert "SoftwareApplication" in one["@type"]


def test_every_entity_that_is_pointed_at_is_there(folder: Path) -> None:
    entities = graph(folder)
    assert set(pointers(list(entities.values()))) <= {*entities, "https://w3id.org/ro/crate/1.3"}


def test_every_file_is_told_with_its_size_and_digest(folder: Path) -> None:
    entities, files = graph(folder), contents(folder)
    told = links(entities["./"]["hasPart"])
    assert {unquote(key) for key in told} == set(files) - {METADATA}
    for key in told:
        content = files[unquote(key)]
        assert entities[key]["contentSize"] == str(len(content))
        assert entities[key]["sha256"] == hashlib.sha256(content).hexdigest()
        assert entities[key]["encodingFormat"]
    assert entities[PAGE]["inLanguage"] == "en"


# -- what the report rests on ----------------------------------------------------------------------


def test_answers_are_named_by_their_digest_and_not_copied(
    folder: Path, made: Path, verified: Verification
) -> None:
    entities = graph(folder)
    (action,) = [one for one in entities.values() if one["@type"] == "CreateAction"]
    objects = [entities[key] for key in links(action["object"])]
    stated = verified.page.manifest["inputs"]
    inputs = {one["name"]: one for one in objects if one["@type"] == "CreativeWork"}
    assert set(inputs) == {key for key in stated if not key.startswith("code:")}
    assert {f"answers:{wave}" for wave in WAVES[:3]} < set(inputs)
    for name, one in inputs.items():
        assert one["identifier"] == f"cxkit:sha256:{stated[name]}"
        assert "Not in this crate" in one["description"]
        assert "sha256" not in one
    parameters = [one for one in objects if one["@type"] == "PropertyValue"]
    assert [(one["name"], one["value"]) for one in parameters] == [("wave", "2026H1")]
    respondent = (made / "answers.csv").read_text(encoding="utf-8").splitlines()[1]
    assert not any(respondent.encode() in content for content in contents(folder).values())


def test_the_notebook_is_there_without_outputs_and_values(folder: Path, made: Path) -> None:
    nb = nbformat.read(folder / "notebooks" / "quick.ipynb", as_version=4)
    source = nbformat.read(made / "notebooks" / "quick.ipynb", as_version=4)
    assert [one.source for one in nb.cells] == [one.source for one in source.cells]
    assert not any(one.outputs for one in nb.cells)


def test_nothing_of_this_machine_enters_a_crate(folder: Path, made: Path) -> None:
    for name, content in contents(folder).items():
        for place in (str(made), tempfile.gettempdir() + "/", str(Path.home()) + "/"):
            assert place.encode() not in content, name


def test_the_same_verification_gives_the_same_bytes(
    folder: Path, verified: Verification, tmp_path: Path
) -> None:
    assert contents(crate(verified, tmp_path / "again")) == contents(folder)
    assert contents(crate(verified, tmp_path)) == contents(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", CRATE]


def test_the_date_may_be_given(
    verified: Verification, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert graph(crate(verified, tmp_path))["./"]["datePublished"] == "2026-01-01"


# -- what a crate does not claim -------------------------------------------------------------------


def test_a_page_that_differs_makes_a_crate_that_says_so(
    verified: Verification, tmp_path: Path
) -> None:
    causes = (Cause("versions", "pandas", "2.9.9", "3.0"), Cause("data", "answers", "0", "1"))
    changes = (Change("number", ("1 Nps",), "1", "2"), Change("words", ("1 Nps",), "a", "b"))
    differs = replace(verified, identical=False, causes=causes, changes=changes)
    told = (crate(differs, tmp_path) / METADATA).read_text(encoding="utf-8")
    assert "NOT verified: run again, the page differs in 1 printed number" in told
    assert "(cause: versions, data)" in told
    assert "Verified:" not in told


def test_files_of_another_run_are_left_out(
    verified: Verification, made: Path, tmp_path: Path
) -> None:
    """Beside the page lie the JSON of another run, and a notebook that is none."""
    page = Path(shutil.copy(made / "reports" / PAGE, tmp_path))
    told = json.loads((made / "reports" / "kedai-quick.json").read_text(encoding="utf-8"))
    told["manifest"]["key"] = "0" * 64
    (tmp_path / "kedai-quick.json").write_text(json.dumps(told), encoding="utf-8")
    (tmp_path / "kedai-quick.ipynb").write_text("{", encoding="utf-8")
    moved = replace(verified, page=replace(verified.page, file=page))
    assert set(contents(crate(moved))) == {PAGE, METADATA, "notebooks/quick.ipynb"}


def test_a_notebook_that_is_no_longer_the_same_is_no_instrument(
    verified: Verification, tmp_path: Path
) -> None:
    entities = graph(crate(replace(verified, notebook=None), tmp_path))
    (action,) = [one for one in entities.values() if one["@type"] == "CreateAction"]
    assert links(action["instrument"]) == ["#cxkit"]


def test_a_name_with_spaces_is_a_name_of_an_entity(verified: Verification, tmp_path: Path) -> None:
    page = replace(verified.page, file=tmp_path / "from the mail #1.html")
    moved = replace(verified, page=page)
    folder = crate(moved)
    assert folder.name == "from the mail #1.crate"
    assert "from%20the%20mail%20%231.html" in graph(folder)
    assert (folder / "from the mail #1.html").is_file()


# -- what is refused -------------------------------------------------------------------------------


def test_what_lies_there_and_is_no_crate_is_not_touched(
    verified: Verification, tmp_path: Path
) -> None:
    (tmp_path / CRATE).mkdir()
    (tmp_path / CRATE / "mine.txt").write_text("mine")
    with pytest.raises(StudyError, match="is no crate") as caught:
        crate(verified, tmp_path)
    assert "--crate" in str(caught.value.hint)
    assert contents(tmp_path) == {f"{CRATE}/mine.txt": b"mine"}


def test_a_report_without_a_date_is_refused(
    verified: Verification, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with pytest.raises(StudyError, match="needs a date") as caught:
        crate(replace(verified, fielded=None), tmp_path)
    assert "SOURCE_DATE_EPOCH" in str(caught.value.hint)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_crate_beside_the_page(
    verified: Verification,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = Path(shutil.copy(verified.page.file, tmp_path))
    moved = replace(verified, page=replace(verified.page, file=page))
    monkeypatch.setattr("cxkit.report.verify.verify", lambda *_, **__: moved)
    for options, place in (((), tmp_path), ((str(tmp_path / "there"),), tmp_path / "there")):
        assert main(["verify", str(page), "--json", "-q", "--crate", *options]) == 0
        assert json.loads(capsys.readouterr().out)["crate"] == str(place / CRATE)
        assert (place / CRATE / METADATA).is_file()
