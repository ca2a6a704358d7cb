"""What stands after `--scheduler`, and what the workers of a scheduler must see of this machine."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from cxkit.errors import StudyError
from cxkit.files import sha256_of

__all__ = ["EXPECTED", "Local", "SameFiles", "read_scheduler", "same_files"]

EXPECTED = "tcp://host:port, a scheduler file (*.json), or local:N for N processes of this machine"
_ADDRESS = re.compile(r"((?:tcp|tls|ws|wss)://)?(\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+):(\d{1,5})")
_LARGEST_PORT = 65535


@dataclass(frozen=True)
class Local:
    """A Dask cluster of `n` processes on this machine."""

    n: int


def read_scheduler(text: str) -> Local | str | Path:
    """What `--scheduler` asks for: a cluster here, an address, or a scheduler file.

    Raises
    ------
    StudyError
        If it is none of the three.

    Examples
    --------
    >>> read_scheduler("local:4"), read_scheduler("node7:8786")
    (Local(n=4), 'tcp://node7:8786')
    """
    if text.startswith("local:"):
        n = text.removeprefix("local:")
        if n.isascii() and n.isdigit() and int(n) > 0:
            return Local(int(n))
        raise _no_scheduler(text, "name how many processes: local:2")
    if text.endswith(".json"):
        return Path(text)
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[3]) <= _LARGEST_PORT:
        raise _no_scheduler(text, "'dask scheduler' prints its address as it starts")
    return text if found[1] else f"tcp://{text}"


def _no_scheduler(text: str, hint: str) -> StudyError:
    return StudyError(
        f"'{text}' is no scheduler", where="--scheduler", expected=EXPECTED, hint=hint
    )


@dataclass(frozen=True)
class SameFiles:
    """A check that a machine finds the very files, whose digests are known, in the same place."""

    digests: tuple[tuple[str, str], ...]

    def __call__(self) -> None:
        """StudyError for the first file that is not there, or that is another."""
        for name, digest in self.digests:
            try:
                found = sha256_of(Path(name))
            except OSError as slip:
                raise self._slip(f"'{name}' cannot be read: {slip.strerror}", name) from slip
            if found != digest:
                raise self._slip(f"'{name}' is another file there", name)

    @staticmethod
    def _slip(what: str, name: str) -> StudyError:
        return StudyError(
            what,
            where=os.path.dirname(name),
            expected="the folders of study and reports at the same place on every machine",
            hint="put them on a disk that all machines share",
        )


def same_files(*paths: Path) -> SameFiles:
    """A check for `workers`: that each worker finds these files as they are here.

    >>> same_files(Path(__file__))()
    """
    return SameFiles(tuple((str(path.resolve()), sha256_of(path)) for path in paths))
