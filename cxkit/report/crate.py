"""A verified page as a Process Run RO-Crate: the files, and in JSON-LD what made them from what.

Profile 0.6 on RO-Crate 1.3. The same verification gives the same bytes: a crate holds no clock
time and no path. Respondents' answers are named by their digests and never copied.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cxkit import places
from cxkit.errors import StudyError, counted
from cxkit.files import PART, ensure_writable, owner
from cxkit.report import provenance
from cxkit.report.verify import Verification

__all__ = ["METADATA", "crate"]

METADATA = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.3"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.6"
_FORMATS = {
    ".html": ("text/html", "the page"),
    ".json": ("application/json", "the report as data"),
    ".ipynb": ("application/x-ipynb+json", "the notebook as it was executed"),
}
_KEPT = {
    "answers": "the answers of respondents",
    "everybody": "what the group was given of everybody: how many were drawn, rules of quality",
    "instrument": "the questions that were asked",
    "study": "what the study file says",
}
_PYTHON = "https://docs.python.org/release/"
_CODE_OF_KIT = ("code:cxkit", "code:templates")

Entity = dict[str, Any]


def crate(verification: Verification, folder: str | os.PathLike[str] | None = None) -> Path:
    """Write the page of a verification, and what lies beside it of the same report, as a crate.

    Parameters
    ----------
    verification : Verification
        What `verify` gave. A page that differs makes a crate that says so.
    folder : path, optional
        Where the crate's folder goes, `<page>.crate`; beside the page by default. A crate that is
        there is replaced.

    Returns
    -------
    Path
        The folder of the crate.

    Raises
    ------
    StudyError
        If no date is known, if nothing can be written there, or if something else lies there.

    Examples
    --------
    >>> crate(verify("reports/toko_contoh-report.en.html"))        # doctest: +SKIP
    PosixPath('reports/toko_contoh-report.en.crate')
    """
    page = verification.page.file
    parent = page.parent if folder is None else places.root() / Path(folder)
    target = parent / f"{page.stem}.crate"
    if target.exists() and not (target / METADATA).is_file():
        raise StudyError(
            f"'{target.name}' is there already and is no crate",
            where=str(target),
            expected="a crate of an earlier call, or nothing",
            hint="move it away, or name another folder: --crate DIR",
        )
    files = {page.name: verification.page.content, **_beside(verification)}
    described = provenance.dump(_metadata(verification, files))
    if verification.notebook is not None:
        files[_notebook_file(verification)] = verification.notebook
    ensure_writable(parent, "name another folder: --crate DIR")
    _write(target, {**files, METADATA: described.encode()})
    return target


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """The whole folder or none: made beside its place, then moved there."""
    made = target.with_name(f".{target.name}.{owner()}{PART}")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        for name, content in files.items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _beside(verification: Verification) -> dict[str, bytes]:
    """The JSON and the executed notebook beside the page, where they are of the same report."""
    page = verification.page
    stem = page.file.name.removesuffix(".html").removesuffix(f".{page.language}")
    found = {}
    for suffix in (".json", ".ipynb"):
        file = page.file.with_name(stem + suffix)
        if file.is_file() and _key_in(file) == page.manifest["key"]:
            found[file.name] = file.read_bytes()
    return found


def _key_in(file: Path) -> str | None:
    """The key of the report that a report JSON, or an executed notebook, says it is of."""
    try:
        told = json.loads(file.read_bytes())
        made = told["metadata"]["cxkit"] if file.suffix == ".ipynb" else told
        return str(made["manifest"]["key"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


# -- the metadata ------------------------------------------------------------------------------


def _metadata(verification: Verification, files: Mapping[str, bytes]) -> Entity:
    inputs = list(_inputs(verification))
    parameters = list(_parameters(verification))
    software = list(_software(verification))
    results = [_file(name, content, verification) for name, content in sorted(files.items())]
    notebooks = list(_notebook(verification))
    tools = [*software[:1], *notebooks]
    action = _action(verification, tools, [*inputs, *parameters], results)
    root = _root(verification, [*results, *notebooks], action)
    told = [*_frame(), _licence(), root, action, *software, *notebooks]
    told += [*inputs, *parameters, *results]
    return {"@context": f"{_SPECIFICATION}/context", "@graph": told}


def _frame() -> Iterator[Entity]:
    """What every crate of ours says of itself."""
    yield {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _SPECIFICATION},
    }
    yield {
        "@id": _PROFILE,
        "@type": ["CreativeWork", "Profile"],
        "name": "Process Run Crate",
        "version": _PROFILE.rpartition("/")[2],
    }


def _licence() -> Entity:
    return {
        "@id": "#licence",
        "@type": "CreativeWork",
        "name": "No licence is stated",
        "description": "The study states no licence. Ask those who published the report.",
    }


def _root(verification: Verification, files: list[Entity], action: Entity) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Report {verification.page.file.name}",
        "description": f"A report of the study {verification.study}, made by cxkit. "
        + _status(verification)
        + " The date is that of SOURCE_DATE_EPOCH, or the last day of fieldwork.",
        "datePublished": _date(verification),
        "license": {"@id": "#licence"},
        "conformsTo": {"@id": _PROFILE},
        "hasPart": _links(files),
        "mainEntity": {"@id": quote(verification.page.file.name)},
        "mentions": _links([action]),
    }


def _date(verification: Verification) -> str:
    """A crate has to have a date; the clock would make every crate of one page another."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date().isoformat()
    if verification.fielded is not None:
        return verification.fielded[1]
    raise StudyError(
        "a crate needs a date, and the study says of none when it was fielded",
        where=verification.page.file.name,
        expected="waves with from and to in study.yaml, or the variable SOURCE_DATE_EPOCH",
        hint="SOURCE_DATE_EPOCH=$(date +%s) cxkit verify PAGE --crate",
    )


def _action(
    verification: Verification, tools: list[Entity], objects: list[Entity], results: list[Entity]
) -> Entity:
    """The run.

    It has no endTime, which the profile recommends: no clock enters a report, so that
    the same inputs give the same bytes; and no agent, whom a page does not know.
    """
    page = verification.page
    return {
        "@id": f"#run-{page.manifest['key'][:12]}",
        "@type": "CreateAction",
        "name": f"Run of the notebook {page.made['notebook']} on the study {verification.study}",
        "description": f"{page.command}. {_status(verification)}",
        "instrument": _links(tools),
        "object": _links(objects),
        "result": _links(results),
    }


def _status(verification: Verification) -> str:
    """What came of verifying the page: the crate claims no more."""
    if verification.identical:
        return "Verified: the same notebook, run again, gave this page byte by byte."
    causes = ", ".join(dict.fromkeys(one.cause for one in verification.causes))
    n = sum(one.kind == "number" for one in verification.changes)
    told = counted(n, "printed number")
    return f"NOT verified: run again, the page differs in {told} (cause: {causes})."


def _software(verification: Verification) -> Iterator[Entity]:
    """The kit, then what it was run with."""
    manifest = verification.page.manifest
    versions = {**manifest["versions"]}
    version, machine = versions.pop("cxkit", ""), versions.pop("machine", None)
    packages = [_package(name, one) for name, one in sorted(versions.items())]
    code = {name: one for name, one in manifest["inputs"].items() if name in _CODE_OF_KIT}
    yield {
        "@id": "#cxkit",
        "@type": "SoftwareApplication",
        "name": "cxkit",
        "description": "From survey answers to a customer-experience report that can be checked.",
        "version": version,
        # an application has to have a web page; what made a page stands in its last section
        "url": f"{quote(verification.page.file.name)}#methods",
        "softwareRequirements": _links(packages),
        **({"identifier": _one_or_all([_digest(one) for one in code.values()])} if code else {}),
        **({"processorRequirements": machine} if machine else {}),
    }
    yield from packages


def _notebook(verification: Verification) -> Iterator[Entity]:
    """The notebook that was run, without outputs, where it is still the same."""
    if verification.notebook is None:
        return
    manifest = verification.page.manifest
    language = _package("python", str(manifest["versions"].get("python", "")))
    digest = manifest["inputs"]["code:notebook"]
    yield {
        **_file(_notebook_file(verification), verification.notebook, verification),
        "@type": ["File", "SoftwareSourceCode"],
        "description": "The notebook that was run, without outputs.",
        "identifier": _digest(digest),
        "version": digest[:12],
        "programmingLanguage": _links([language]),
    }


def _notebook_file(verification: Verification) -> str:
    return f"notebooks/{verification.page.made['notebook']}.ipynb"


def _package(name: str, version: str) -> Entity:
    """A package by its package URL, which names it and no place to fetch it from."""
    if name == "python":
        url, kind = f"{_PYTHON}{quote(version)}/", ["ComputerLanguage", "SoftwareApplication"]
        return {"@id": url, "@type": kind, "name": name, "url": url, "version": version}
    url = f"pkg:pypi/{quote(name)}@{quote(version)}"
    told = {"name": name, "url": url, "version": version}
    return {"@id": url, "@type": "SoftwareApplication", **told}


def _inputs(verification: Verification) -> Iterator[Entity]:
    """What the report rests on, by its digest. No file of it is in the crate."""
    for name, digest in sorted(verification.page.manifest["inputs"].items()):
        kind, _, of = name.partition(":")
        if kind == "code":
            continue
        told = _KEPT.get(kind, name) + (f" of wave {of}" if of else "")
        is_of_study = kind in ("study", "instrument")
        why = "it is the study's" if is_of_study else "respondents' answers are not passed on"
        yield {
            "@id": f"#{quote(name.replace(':', '-'))}",
            "@type": "CreativeWork",
            "name": name,
            "description": f"{told[0].upper()}{told[1:]}. Not in this crate: {why}. The digest is "
            "of its canonical form; cxkit verify computes it again from the study.",
            "identifier": _digest(digest),
        }


def _digest(value: str) -> str:
    """A SHA-256 of something that is no file as it stands: a name, not the property sha256."""
    return f"cxkit:sha256:{value}"


def _parameters(verification: Verification) -> Iterator[Entity]:
    for key, value in sorted(verification.page.made["parameters"].items()):
        yield {
            "@id": f"#parameter-{quote(str(key))}",
            "@type": "PropertyValue",
            "name": str(key),
            "value": "none" if value is None else value,
        }


def _file(name: str, content: bytes, verification: Verification) -> Entity:
    format_, told = _FORMATS.get(Path(name).suffix, ("application/octet-stream", "a file"))
    is_page = name == verification.page.file.name
    return {
        "@id": quote(name),
        "@type": "File",
        "name": name,
        "description": f"{told[0].upper()}{told[1:]}.",
        "encodingFormat": format_,
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        **({"inLanguage": verification.page.language} if is_page else {}),
    }


def _links(entities: list[Entity]) -> Any:
    return _one_or_all([{"@id": one["@id"]} for one in entities])


def _one_or_all(several: list[Any]) -> Any:
    """A single value stands for itself."""
    return several[0] if len(several) == 1 else several
