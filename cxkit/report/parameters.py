"""A notebook's typed parameters cell as its interface: read with `ast`, refused when unknown."""

from __future__ import annotations

import ast
import io
import math
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cxkit.errors import StudyError, nearest

__all__ = ["Parameter", "read_parameters", "typed"]

_TYPES = {"str": str, "int": int, "float": float, "bool": bool}
_WORDS = {"true": True, "yes": True, "false": False, "no": False}
_EXPECTED = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell: its name, type, default and comment."""

    name: str
    type: str
    optional: bool
    default: Any
    help: str

    def value(self, text: str, notebook: str) -> Any:
        """The value that `text` stands for, or a StudyError that says what was expected."""
        if self.optional and text.lower() in ("none", "null", ""):
            return None
        try:
            value = _WORDS[text.lower()] if self.type == "bool" else _TYPES[self.type](text)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(text)
            return value
        except (KeyError, ValueError):
            raise StudyError(
                f"parameter '{self.name}' cannot be '{text}'",
                where=f"{notebook}: {self.name}",
                expected=_EXPECTED[self.type] + (", or none" if self.optional else ""),
                hint=self.help or None,
            ) from None


def read_parameters(cells: Iterable[Mapping[str, Any]]) -> dict[str, Parameter]:
    """The parameters that a notebook declares, in the order of its cell tagged `parameters`.

    Each line reads `name: type = default  # help`, the type one of str, int, float, bool, or
    one of these `| None`.
    """
    for cell in cells:
        if "parameters" in cell.get("metadata", {}).get("tags", ()):
            try:
                return _read(str(cell["source"]))
            except (SyntaxError, ValueError, tokenize.TokenError) as slip:
                raise StudyError(
                    "the parameters cell cannot be read",
                    where=str(slip).splitlines()[0],
                    expected="lines of the form  name: type = value  # what it is for",
                ) from None
    return {}


def typed(
    given: Mapping[str, object], declared: Mapping[str, Parameter], notebook: str
) -> dict[str, Any]:
    """Values, or texts from a command line, as a notebook expects them; unknown are refused."""
    for name in given:
        if name not in declared:
            known = ", ".join(declared) or "none: the notebook has no parameters cell"
            raise StudyError(
                f"notebook '{notebook}' has no parameter '{name}'",
                where=f"{notebook}: parameters",
                expected=f"one of {known}",
                hint=nearest(name, declared),
            )
    return {name: declared[name].value(str(value), notebook) for name, value in given.items()}


def _read(source: str) -> dict[str, Parameter]:
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            types = [part.strip() for part in ast.unparse(node.annotation).split("|")]
            found[node.target.id] = Parameter(
                node.target.id,
                next((one for one in types if one in _TYPES), "str"),
                "None" in types,
                ast.literal_eval(node.value),
                comments.get(node.end_lineno or node.lineno, ""),
            )
    return found
