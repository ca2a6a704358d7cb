"""How a study codes its open comments: the codebook, what people coded, and a model for the rest.

Hands out `Coding`, the part of a study file under `coding:`, `slips`: what in it disagrees, and
the words of a file of coded comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator

from cxkit.errors import nearest
from cxkit.files import sha256_of
from cxkit.library.files import load_yaml, names_in
from cxkit.study.parts import Part, keyed

if TYPE_CHECKING:
    from cxkit.study.shape import Study

__all__ = ["CODEBOOK", "NO_THEME", "PARTS", "Coding", "slips", "themes_in"]

CODEBOOK = "cx"
"""The codebook of the library that is used where a study names none."""

NO_THEME = "none"
"""What is written for a comment without any theme; an empty cell is not coded yet."""

PARTS = ("fit", "check")
"""What a coded comment is for: a model may learn from it, or is judged by it."""

_MADE_BY = {
    "coded": "`cxkit comments draft` lays one down, for you to code",
    "model": "`cxkit comments train` makes one of the comments that were coded",
}
"""What makes the files that a study may name."""

_NAME = AfterValidator(keyed(r"[A-Za-z0-9][A-Za-z0-9_-]*", "a name, without folder and .yaml"))


class Coding(Part):
    """How open comments are coded.

    `codebook` names a codebook of the library, or a file NAME.yaml beside the study; `coded` is
    the file of comments that people coded (`cxkit comments draft` lays it down), `model` a file
    that `cxkit comments train` made of it, which codes the rest in the place of the codebook.
    """

    codebook: Annotated[str, _NAME] = CODEBOOK
    coded: str | None = None
    model: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names, from the study's folder."""
        return tuple(one for one in (self.coded, self.model) if one is not None)

    def beside(self, folder: Path) -> tuple[str, ...]:
        """The codebook's file where it lies beside the study, and not in the library."""
        name = f"{self.codebook}.yaml"
        is_named = "codebook" in self.model_fields_set
        return (name,) if is_named and (folder / name).is_file() else ()

    def told(self, folder: Path) -> dict[str, dict[str, str]]:
        """What reports of every wave rest on: the digests of codebook and model, if there are any.

        What people coded belongs to the wave of the comment (`cxkit.answers.coded_comments`).
        """
        files = (*([self.model] if self.model is not None else []), *self.beside(folder))
        found = {name: sha256_of(folder / name) for name in files if (folder / name).is_file()}
        return {"coding": found} if found else {}

    def labels(self, folder: Path) -> dict[str, dict[str, str]]:
        """What a codebook beside the study calls its themes, by theme."""
        themes: dict[str, Any] = {}
        for name in self.beside(folder):
            themes = load_yaml(folder / name).get("themes") or {}
        return {
            str(key): {str(code): str(text) for code, text in told["label"].items()}
            for key, told in themes.items()
            if isinstance(told, dict) and isinstance(told.get("label"), dict)
        }


def slips(study: Study) -> Iterator[tuple[tuple[str, ...], str, str, str | None]]:
    """What does not agree: key path, what is wrong, what was expected, the nearest name."""
    coding = study.coding
    if coding.model_fields_set and not study.comments:
        said = "there are no comments to code"
        yield ("coding",), said, "comments: {reason: COLUMN}", None
    beside = study.folder / f"{coding.codebook}.yaml"
    known = names_in("codebooks")
    if coding.codebook not in known and not beside.is_file():
        yield (
            ("coding", "codebook"),
            f"there is no codebook '{coding.codebook}'",
            f"one of {', '.join(known)}, or a file {coding.codebook}.yaml beside the study",
            nearest(coding.codebook, known),
        )
    for key in ("coded", "model"):
        name = getattr(coding, key)
        if name is not None and not (study.folder / name).is_file():
            others = [one.name for one in study.folder.glob("*") if one.is_file()]
            yield (
                ("coding", key),
                f"there is no file '{name}'",
                "a file beside the study",
                nearest(name, others) or _MADE_BY[key],
            )


def themes_in(cell: str) -> list[str]:
    """The themes that somebody wrote into a cell, `none` among them.

    >>> themes_in("delivery; staff,")
    ['delivery', 'staff']
    """
    return [one.strip() for one in cell.replace(",", ";").split(";") if one.strip()]
