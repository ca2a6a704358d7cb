"""The canonical frame of a study, read once and kept beside it.

The cache `STUDY/.cxkit/DIGEST.parquet` is keyed by everything the frame depends on; it is made
again when anything changed, when it is damaged, and not at all where nothing may be written.
Whether it is there is known without pandas, which a command that starts a kernel can spare.
Where `CXKIT_SNAPSHOT` names such a file of the study, it is read as it is.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cxkit import library
from cxkit import study as study_room
from cxkit.answers.kept_private import SUFFIX as PRIVATE
from cxkit.errors import Problem, SurveyError
from cxkit.files import PART, left_behind, owner, sha256_of
from cxkit.places import is_clone, is_demo
from cxkit.study import Study, read_study

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from cxkit.answers.everybody import Everybody, Part

__all__ = [
    "CACHE", "DIGEST", "SNAPSHOT", "Prepared", "digests_by_wave", "part_of", "prepare",
    "prepared", "ready", "snapshot",
]  # fmt: skip

SNAPSHOT = "CXKIT_SNAPSHOT"
"""The environment variable that names the file to read instead of preparing a study."""

CACHE = ".cxkit"
"""The folder beside a study file that holds its prepared answers."""

_STUDY, _FILE, _SAYS, _DIGEST = b"cxkit.study", b"cxkit.file", b"cxkit.says", b"cxkit.digest"
_WARNINGS, _WAVES, _EVERYBODY = b"cxkit.warnings", b"cxkit.waves", b"cxkit.everybody"
DIGEST = "digest:"
"""The column of the file that holds the digest of each row."""

_ROWS_AT_ONCE = 65_536


_OF_PAGES = {"min_base", "warn_base", "theme"}
"""What a study says that changes pages and no answers."""


@dataclass(frozen=True)
class Prepared:
    """The canonical frame of everybody, or of a part of them, and what goes with it.

    Attributes
    ----------
    frame : DataFrame
        The canonical columns.
    warnings : tuple of Problem
        What was noticed on the way.
    inputs : dict of str
        The digest of each wave's rows.
    everybody : Everybody
        What is known of all.
    digests : numpy.ndarray of uint64, shape (n_rows,)
        The digest of each row.
    file : Path or None
        The file in which all of it is kept.
    part : Part or None
        That the frame is of a part, and what that is handed of the others.
    """

    frame: pd.DataFrame
    warnings: tuple[Problem, ...]
    inputs: dict[str, str]
    everybody: Everybody
    digests: np.ndarray = field(repr=False)
    file: Path | None = None
    part: Part | None = None


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


def ready(study: Study, folder: Path) -> Path:
    """The file of prepared answers that a kernel reads: made now unless one is there.

    The study's cache, without reading it, else a `snapshot` in `folder`; SurveyError with every
    problem of the answers.
    """
    known = _snapshot_of(study) or _file(study, _digest(study, _inputs(study)))
    if known is not None and known.is_file():
        return known.absolute()
    return snapshot(study, prepared(study), folder)


def prepared(study: Study) -> Prepared:
    """The canonical frame from its file, or made and kept; SurveyError with every problem."""
    return _read_or_made(study, _whole, lambda made: made)


def part_of(study: Study, group: Mapping[str, str], wave: str | None = None) -> Prepared:
    """What is prepared of one group, up to a wave: its rows alone, as far as the file allows.

    Where sampling units of the group lie in other groups in other waves, their rows there are
    among them without answers (see `cxkit.answers.slices`).
    """
    from cxkit.answers import slices

    def read(file: Path) -> Prepared:
        return slices.read_part(study, slices.Kept(file, *_noted(file)), group, wave)

    return _read_or_made(study, read, lambda made: slices.read_part(study, made, group, wave))


def _read_or_made(
    study: Study, read: Callable[[Path], Prepared], chosen: Callable[[Prepared], Prepared]
) -> Prepared:
    """What `read` finds in the file of a study, else what is `chosen` of answers made anew."""
    file = _snapshot_of(study)
    if file is not None and (kept := _kept(file, read)) is not None:
        return kept
    digest = _digest(study, _inputs(study))
    file = _file(study, digest)
    kept = None if file is None else _kept(file, read, digest)
    return chosen(_fresh(study, digest)) if kept is None else kept


def snapshot(study: Study, made: Prepared, folder: Path) -> Path:
    """The file that kernels read instead of preparing a study again (`CXKIT_SNAPSHOT`).

    Returns
    -------
    Path
        The study's cache where there is one, else a file of its own in `folder` that nobody else
        may read (mode 0600): the answers of respondents are in it.
    """
    if made.file is not None and _is_of(made.file, study):
        return made.file.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{study.key}.parquet"
    part = folder / f"{owner()}-{file.name}{PART}"
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _write(study, "", made, part)
        os.replace(part, file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return file.absolute()


def _fresh(study: Study, digest: str) -> Prepared:
    """The answers read and checked, and kept where they may be."""
    from cxkit.answers.canonical import canonical
    from cxkit.answers.everybody import Everybody, row_digests
    from cxkit.answers.exclusions import read_exclusions

    made = canonical(study)
    if made.frame is None or made.rules is None:
        raise SurveyError.of(one for one in made.problems if one.severity == "error")
    decisions = read_exclusions(study).table
    everybody = Everybody.of_frame(study, made.frame, made.rules, decisions)
    digests = row_digests(made.frame, everybody.decisions)
    inputs = digests_by_wave(made.frame["wave"], digests)
    fresh = Prepared(made.frame, made.problems, inputs, everybody, digests)
    file = _keep(study, digest, fresh)
    return dataclasses.replace(fresh, file=file)


def digests_by_wave(wave: pd.Series, digests: np.ndarray) -> dict[str, str]:
    """The digest of each wave's rows: a wave that is added later changes none of them."""
    import numpy as np

    from cxkit.answers.everybody import digest_of_rows

    own = wave.to_numpy(dtype=object)
    return {str(key): digest_of_rows(digests[own == key]) for key in np.unique(own)}


# -- what the frame depends on -----------------------------------------------------------------


def _inputs(study: Study) -> dict[str, str]:
    """The SHA-256 of each input file, by its name from the study's folder."""
    return {name: sha256_of(file) for name, file in study.input_files.items() if file.is_file()}


def _digest(study: Study, inputs: dict[str, str]) -> str:
    depends_on = [_code(), _model(study), *sorted(inputs.items())]
    return hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()[:32]


def _model(study: Study) -> str:
    return study.model_dump_json(by_alias=True, exclude=_OF_PAGES)


def _says(study: Study) -> bytes:
    """The digest of what a study says and of the code that reads it."""
    told = json.dumps([_code(), _model(study)])
    return hashlib.sha256(told.encode()).hexdigest().encode()


def _place(study: Study) -> bytes:
    """The digest of where a study file lies."""
    return hashlib.sha256(os.fsencode(study.file.resolve())).hexdigest().encode()


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


# -- the file ----------------------------------------------------------------------------------


def _file(study: Study, digest: str) -> Path | None:
    if not study.is_of_files or (is_demo(study.file) and not is_clone()):
        return None
    return study.folder / CACHE / f"{digest}.parquet"


def _snapshot_of(study: Study) -> Path | None:
    """The file that the environment names, if it was made of this study as it is."""
    named = os.environ.get(SNAPSHOT)
    file = Path(named) if named else None
    return file if file is not None and _is_of(file, study) else None


def _is_of(file: Path, study: Study) -> bool:
    if not file.is_file():
        return False
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        notes = pq.read_schema(file).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    return (notes.get(_FILE), notes.get(_SAYS)) == (_place(study), _says(study))


def _kept(
    file: Path, read: Callable[[Path], Prepared], digest: str | None = None
) -> Prepared | None:
    """What a file holds; None where it is not there, damaged, or of something else."""
    if not file.is_file():
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        notes = pq.read_schema(file).metadata or {}
        if digest is not None and notes.get(_DIGEST, b"").decode() != digest:
            return None
        return read(file)
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _whole(file: Path) -> Prepared:
    """Everything that a file holds."""
    import pyarrow.parquet as pq

    table = pq.read_table(file, page_checksum_verification=True)
    warnings, everybody = _noted(file)
    digests = table.column(DIGEST).to_numpy()
    frame = table.drop_columns([DIGEST]).to_pandas()
    inputs = json.loads((table.schema.metadata or {})[_WAVES])
    return Prepared(frame, warnings, inputs, everybody, digests, file)


def _noted(file: Path) -> tuple[tuple[Problem, ...], Everybody]:
    """The warnings and what is known of everybody, from the notes of a file."""
    import pyarrow.parquet as pq

    from cxkit.answers.everybody import Everybody

    notes = pq.read_schema(file).metadata or {}
    warnings = tuple(_problem(one) for one in json.loads(notes[_WARNINGS]))
    return warnings, Everybody.from_plain(json.loads(notes[_EVERYBODY]))


def _keep(study: Study, digest: str, fresh: Prepared) -> Path | None:
    """Write the file of a study beside it; None where it has none, or nothing can be written."""
    file = _file(study, digest)
    if file is None:
        return None
    part = file.with_name(f"{owner()}-{file.name}{PART}")
    try:
        file.parent.mkdir(exist_ok=True)
        mode = _readers(study)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode))
        _write(study, digest, fresh, part)
        os.replace(part, file)
        _forget(study, file)
    except OSError:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)
        return None
    return file


def _readers(study: Study) -> int:
    """The mode that lets nobody read the answers as prepared who cannot read them as they came."""
    mode = 0o666
    for file in study.input_files.values():
        if file.is_file():
            mode &= file.stat().st_mode
    return mode | 0o600


def _write(study: Study, digest: str, made: Prepared, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(made.frame, preserve_index=False)
    table = table.append_column(DIGEST, pa.array(made.digests, pa.uint64()))
    notes = {
        _STUDY: study.file.name.encode(),
        _FILE: _place(study),
        _SAYS: _says(study),
        _DIGEST: digest.encode(),
        _WARNINGS: json.dumps([one.to_dict() for one in made.warnings]).encode(),
        _WAVES: json.dumps(made.inputs).encode(),
        _EVERYBODY: json.dumps(made.everybody.plain()).encode(),
    }
    table = table.replace_schema_metadata((table.schema.metadata or {}) | notes)
    pq.write_table(table, file, write_page_checksum=True, row_group_size=_ROWS_AT_ONCE)


def _forget(study: Study, newest: Path) -> None:
    """Remove the older caches of the same study file, and what a process left that is gone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for part in left_behind(newest.parent):
        part.unlink(missing_ok=True)
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
            for private in newest.parent.glob(f"{old.stem}-*{PRIVATE}"):
                private.unlink(missing_ok=True)


def _problem(plain: dict) -> Problem:
    words = dict(plain)
    words["hint"] = words.pop("try")
    words["examples"] = tuple(words["examples"])
    return Problem(**words)
