"""The canonical frame of a study, read once and kept beside it.

The cache `STUDY/.cxkit/DIGEST.parquet` is keyed by everything the frame depends on; it is made
again when anything changed, when it is damaged, and not at all where nothing may be written.
Whether it is there is known without pandas, which a command that starts a kernel can spare.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cxkit import library
from cxkit import study as study_room
from cxkit.errors import Problem, SurveyError
from cxkit.places import is_clone, is_demo
from cxkit.study import Study, read_study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Prepared", "ensure_prepared", "prepare", "prepared"]

_FOLDER = ".cxkit"
_STUDY, _DIGEST = b"cxkit.study", b"cxkit.digest"
_WARNINGS, _WAVES = b"cxkit.warnings", b"cxkit.waves"


_OF_PAGES = {"min_base", "warn_base"}
"""What a study says that changes pages and no answers."""


@dataclass(frozen=True)
class Prepared:
    """The canonical frame, what was noticed on the way, and the digest of each wave's rows."""

    frame: pd.DataFrame
    warnings: tuple[Problem, ...]
    inputs: dict[str, str]


def prepare(study: Study | str | os.PathLike[str]) -> pd.DataFrame:
    """The answers of a study as the canonical frame, one respondent a row.

    Parameters
    ----------
    study : Study, or path
        The study, its folder, its study.yaml, or the word `demo`.

    Returns
    -------
    pandas.DataFrame
        `respondent wave weight` (mean 1 within each wave), `date strata cluster` if declared,
        and `item: outcome: rating: reached: base: segment: comment:` columns, with a `why:` column
        for each item, outcome and rating. Sorted by wave, then respondent.

    Raises
    ------
    StudyError, SurveyError
        With every problem of the study file, or of the answers.
    """
    return prepared(study if isinstance(study, Study) else read_study(study)).frame


def ensure_prepared(study: Study) -> None:
    """Read and check the answers unless the cache shows that this was done; else SurveyError."""
    file = _file(study, _digest(study, _inputs(study)))
    if file is None or not file.is_file():
        prepared(study)


def prepared(study: Study) -> Prepared:
    """The canonical frame from the cache, or made and cached; SurveyError with every problem."""
    digest = _digest(study, _inputs(study))
    kept = _kept(study, digest)
    if kept is not None:
        return kept
    from cxkit.answers.canonical import canonical

    made = canonical(study)
    if made.frame is None:
        raise SurveyError.of(one for one in made.problems if one.severity == "error")
    fresh = Prepared(made.frame, made.problems, _by_wave(made.frame))
    _keep(study, digest, fresh)
    return fresh


# -- what the frame depends on -----------------------------------------------------------------


def _inputs(study: Study) -> dict[str, str]:
    """The SHA-256 of each input file, by its name from the study's folder."""
    return {name: _sha256(file) for name, file in study.input_files.items() if file.is_file()}


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _digest(study: Study, inputs: dict[str, str]) -> str:
    says = study.model_dump_json(by_alias=True, exclude=_OF_PAGES)
    depends_on = [_code(), says, *sorted(inputs.items())]
    return hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _code() -> str:
    """One digest of the version, the library and the code that reads a study and its answers."""
    digest = hashlib.sha256()
    rooms = [Path(str(room.__file__)).parent for room in (library, study_room)]
    rooms.append(Path(__file__).parent)
    files = [file for room in rooms for file in sorted(room.rglob("*"))]
    for file in (rooms[0].with_name("__init__.py"), *files):
        if file.suffix in (".py", ".yaml"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _by_wave(frame: pd.DataFrame) -> dict[str, str]:
    """The SHA-256 of each wave's rows: a wave that is added later changes none of them."""
    import pandas as pd

    digests = {}
    for key, rows in frame.groupby("wave"):
        told = sorted(name for name in rows if _is_told(rows, name))
        values = pd.util.hash_pandas_object(rows[told], index=False).to_numpy()
        digests[str(key)] = hashlib.sha256(json.dumps(told).encode() + values.tobytes()).hexdigest()
    return digests


def _is_told(rows: pd.DataFrame, column: str) -> bool:
    """Whether a wave says anything here.

    Not in a question that only another wave asked, nor of exclusions where nobody is left out.
    """
    if column in ("excluded", "weight_all"):
        return bool((rows["excluded"] != "").any())
    return bool(rows[column.removeprefix("why:")].notna().any())


# -- the cache ---------------------------------------------------------------------------------


def _file(study: Study, digest: str) -> Path | None:
    if not study.is_of_files or (is_demo(study.file) and not is_clone()):
        return None
    return study.folder / _FOLDER / f"{digest}.parquet"


def _kept(study: Study, digest: str) -> Prepared | None:
    file = _file(study, digest)
    if file is None or not file.is_file():
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(file, page_checksum_verification=True)
        notes = table.schema.metadata or {}
        if notes.get(_DIGEST, b"").decode() != digest:
            return None
        warnings = tuple(_problem(one) for one in json.loads(notes[_WARNINGS]))
        return Prepared(table.to_pandas(), warnings, json.loads(notes[_WAVES]))
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _keep(study: Study, digest: str, fresh: Prepared) -> None:
    file = _file(study, digest)
    if file is None:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(fresh.frame, preserve_index=False)
    notes = {
        _STUDY: study.file.name.encode(),
        _DIGEST: digest.encode(),
        _WARNINGS: json.dumps([one.to_dict() for one in fresh.warnings]).encode(),
        _WAVES: json.dumps(fresh.inputs).encode(),
    }
    table = table.replace_schema_metadata((table.schema.metadata or {}) | notes)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(exist_ok=True)
        pq.write_table(table, part, write_page_checksum=True)
        os.replace(part, file)
        _forget(study, file)
    except OSError:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)


def _forget(study: Study, newest: Path) -> None:
    """Remove the older caches of the same study file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for old in newest.parent.glob("*.parquet"):
        if old == newest:
            continue
        try:
            notes = pq.read_schema(old).metadata or {}
            is_ours = notes.get(_STUDY, b"").decode() == study.file.name
        except (OSError, pa.ArrowException):
            is_ours = True
        if is_ours:
            old.unlink(missing_ok=True)


def _problem(plain: dict) -> Problem:
    words = dict(plain)
    words["hint"] = words.pop("try")
    words["examples"] = tuple(words["examples"])
    return Problem(**words)
