"""The cross table of a segment: its groups beside the total, and letters for what is clear.

A `Crosstab` is the comparisons of the groups that also carries the numbers they compare, and
shows itself as researchers read it: a row a measure, a column a group, letters in the cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit import display
from cxkit.records import RECORDS_MIME, Comparison, Comparisons, Estimate, Estimates
from cxkit.wording import Quantity, Words

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MOST_LETTERED",
    "Crosstab",
    "blocks",
    "column_letters",
    "column_of",
    "columns",
    "letters",
]

MOST_LETTERED = 6
"""Up to so many columns are told apart by letters; more are held against the rest each."""

Measure = tuple[str, str]
"""What a row measures: metric and of."""


class Crosstab(Comparisons):
    """The groups of a segment compared, with their numbers, a total, and letters.

    Iterating, `.frame` and `.where()` give the comparisons, as any `Comparisons` do.

    Attributes
    ----------
    estimates : Estimates
        Row by row: the total (no group), then each group in the study's order, on the same
        items as the comparisons.
    against : {"pairs", "rest", "none"}
        What each column was tested against: every other column, all other respondents, or
        nothing, because a respondent can be in several columns.
    items : mapping of str to tuple of str
        The items of each level that had to be narrowed to what all groups were asked.

    Examples
    --------
    >>> import cxkit as cx
    >>> found = cx.compare(cx.load("demo", wave="2026H1"), "nps", by="age")
    >>> found.letters.loc["outcome:recommend", "a45_64"]
    'A'
    >>> found.estimates[0].by, found.estimates[1].by
    ({}, {'age': 'a18_29'})
    """

    def __init__(
        self,
        records: Iterable[Comparison],
        *,
        context: Mapping[str, Any] | None = None,
        is_published: bool = False,
        estimates: Iterable[Estimate] = (),
        against: str = "pairs",
        correction: str = "holm",
        items: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(records, context=context, is_published=is_published)
        self.estimates = Estimates(estimates, context=self.context, is_published=is_published)
        self.against = against
        self.correction = correction
        self.items = {of: tuple(keys) for of, keys in (items or {}).items()}

    # -- what it holds -------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[str, ...]:
        """The groups as comparisons name them (`region=west`), in the study's order."""
        return columns(self.estimates)

    @property
    def letters(self) -> pd.DataFrame:
        """The letters in the cells: a row each `of`, a column each group.

        A letter says that the value is clearly higher than the column with that letter;
        columns are lettered A, B, C in the study's order. Empty where nothing is clear, and
        everywhere in tables without letters.
        """
        import pandas as pd

        heads = self.columns
        found = letters(self, heads)
        rows = measures(self.estimates)
        return pd.DataFrame(
            [[found.get((*one, head), "") for head in heads] for one in rows],
            index=pd.Index([of for _, of in rows], name="of"),
            columns=[head.partition("=")[2] for head in heads],
            dtype=object,
        )

    @property
    def options(self) -> dict[str, Any]:
        """What a table of the page has to know beside the records, as plain JSON values."""
        return {
            "against": self.against,
            "correction": self.correction,
            "items": {of: list(keys) for of, keys in sorted(self.items.items())},
            "segment": next((key for one in self.estimates for key in one.by), None),
        }

    # -- the table as a whole --------------------------------------------------------------------

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Crosstab:
        """The same table as a reader may see it: small groups blanked, with their letters."""
        shown = super().published(min_base=min_base, warn_base=warn_base, min_n=min_n)
        numbers = self.estimates.published(min_base=min_base, warn_base=warn_base, min_n=min_n)
        return self._with(shown, numbers, is_published=True)

    def _suppressed(self, rules: tuple[float, float, int]) -> set[tuple[object, ...]]:
        """The groups that the table of estimates hides for privacy."""
        min_base, warn_base, min_n = rules
        numbers = self.estimates.published(min_base=min_base, warn_base=warn_base, min_n=min_n)
        return {
            (one.metric, one.of, one.wave, column_of(one))
            for one in numbers
            if one.by and "hidden_privacy" in one.flags
        }

    def __add__(self, other: Any) -> Any:
        """The rows of both, where they are rows of one table; else their comparisons."""
        is_alike = isinstance(other, Crosstab) and (
            (self.columns, self.against, self.correction)
            == (other.columns, other.against, other.correction)
        )
        both = self.is_published and other.is_published
        rows = (*self, *other)
        if not is_alike:
            return Comparisons(rows, context=self.context, is_published=both)
        numbers, items = (*self.estimates, *other.estimates), self.items | other.items
        return self._with(rows, numbers, is_published=both, items=items)

    def _of(self, records: Iterable[Any]) -> Comparisons:
        """Some of its comparisons, which are no table any more."""
        return Comparisons(records, context=self.context, is_published=self.is_published)

    def _with(
        self,
        records: Iterable[Comparison],
        estimates: Iterable[Estimate],
        *,
        is_published: bool,
        items: Mapping[str, Sequence[str]] | None = None,
    ) -> Crosstab:
        return Crosstab(
            records,
            context=self.context,
            is_published=is_published,
            estimates=estimates,
            against=self.against,
            correction=self.correction,
            items=self.items if items is None else items,
        )

    # -- showing itself --------------------------------------------------------------------------

    def __repr__(self) -> str:
        heads, rows = self._texts()
        widths = [max(map(len, texts)) for texts in zip(heads, *rows, strict=True)]
        lines = [
            "  ".join(
                text.ljust(width) if not i else text.rjust(width)
                for i, (text, width) in enumerate(zip(texts, widths, strict=True))
            ).rstrip()
            for texts in (heads, *rows)
        ]
        return "\n".join([f"Crosstab({len(self)} comparisons)", *lines])

    def _as_table(self) -> str:
        said = notes(self, self.options, Words("en", self.context))
        return display.table(*self._texts()) + "".join(map(display.note, said))

    def _repr_mimebundle_(self, **ignored: object) -> dict[str, Any]:
        shown = self if self.is_published else self.published()
        bundle = super()._repr_mimebundle_(**ignored)
        beside = {"estimates": shown.estimates.to_rows(), "options": shown.options}
        return bundle | {RECORDS_MIME: bundle[RECORDS_MIME] | beside}

    def _texts(self) -> tuple[list[str], list[list[str]]]:
        """Heads and rows for the eye, in the keys of the study."""
        words = Words("en", self.context)
        names = column_letters(self.columns) if self.against == "pairs" else {}
        said = letters(self, self.columns) if names else _signs(self)
        heads = ["", "total"]
        heads += [f"{names.get(one, '')} {one}".strip() for one in self.columns]
        rows = []
        for block in blocks(self.estimates):
            for measure in block:
                found = of_measure(self.estimates, measure)
                texts = [
                    _text(one, said.get((*measure, column_of(one)), ""), words) for one in found
                ]
                rows.append([f"{measure[1]} {measure[0]}", *texts])
            rows.append(["n", *(words.count(one.n) for one in found)])
        return heads, rows


# -- rows and columns ----------------------------------------------------------------------------


def columns(estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """The groups of a table of estimates, as comparisons name them, in order."""
    return tuple(dict.fromkeys(column_of(one) for one in estimates if one.by))


def measures(estimates: Iterable[Estimate]) -> tuple[Measure, ...]:
    """The rows of a table of estimates: metric and of, in order."""
    return tuple(dict.fromkeys((one.metric, one.of) for one in estimates))


def of_measure(estimates: Iterable[Estimate], measure: Measure) -> list[Estimate]:
    """One row of a table of estimates."""
    return [one for one in estimates if (one.metric, one.of) == measure]


def blocks(estimates: Iterable[Estimate]) -> list[list[Measure]]:
    """The rows of a table in order, those that follow each other on the same bases together."""
    rows = tuple(estimates)
    found: list[list[Measure]] = []
    last: object = None
    for measure in measures(rows):
        base = [_base(one) for one in of_measure(rows, measure)]
        if base == last:
            found[-1].append(measure)
        else:
            found.append([measure])
        last = base
    return found


def _base(one: Estimate) -> tuple[float, float] | None:
    """What a number rests on; nothing where privacy hides it."""
    return None if math.isnan(one.n) else (one.n, round(one.n_eff, 6))


def column_letters(heads: Sequence[str]) -> dict[str, str]:
    """The letter of each column, A for the first; none where there are too many to tell apart."""
    if len(heads) > MOST_LETTERED:
        return {}
    return {head: chr(ord("A") + place) for place, head in enumerate(heads)}


def letters(
    comparisons: Iterable[Comparison], heads: Sequence[str]
) -> dict[tuple[str, str, str], str]:
    """The letters of each cell, by metric, of and column: `B C` is clearly higher than B and C.

    This is how market-research tables use letters; in the tables of SPSS with subscripts in APA
    style, columns that share a letter do *not* differ.
    """
    names = column_letters(heads)
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in comparisons:
        if one.is_clear and one.a in names and one.b in names:
            high, low = (one.a, one.b) if one.difference > 0 else (one.b, one.a)
            found.setdefault((one.metric, one.of, high), []).append(names[low])
    return {cell: " ".join(sorted(lower)) for cell, lower in found.items()}


def _signs(comparisons: Iterable[Comparison]) -> dict[tuple[str, str, str], str]:
    """For columns held against the rest: clearly higher or lower."""
    return {
        (one.metric, one.of, one.a): "▲" if one.difference > 0 else "▼"
        for one in comparisons
        if one.is_clear and "!=" in one.b
    }


def column_of(one: Estimate) -> str:
    """The column of a number, as comparisons name it; no name for the total."""
    return "&".join(f"{segment}={group}" for segment, group in one.by.items())


def _text(one: Estimate, said: str, words: Words) -> str:
    if one.is_hidden:
        return "**"
    if math.isnan(one.estimate):
        return words.ui("not_comparable" if "not_comparable" in one.flags else "no_answers")
    low_base = "*" if "low_base" in one.flags else ""
    return " ".join(filter(None, (words.number(one.estimate, one.unit) + low_base, said)))


# -- notes ---------------------------------------------------------------------------------------


def notes(comparisons: Iterable[Comparison], options: Mapping[str, Any], words: Words) -> list[str]:
    """What has to be said below a cross table, of its letters, tests and items."""
    return list(_notes(list(comparisons), options, words))


def _notes(
    comparisons: Sequence[Comparison], options: Mapping[str, Any], words: Words
) -> Iterator[str]:
    against, correction = options["against"], options["correction"]
    tested = [one for one in comparisons if one.correction != "none" and one.verdict != "hidden"]
    if against == "none":
        yield words.note("note_overlap")
    if tested and (against == "rest" or _n_sides(comparisons) <= MOST_LETTERED):
        named = words.locale["methods"]["corrections"][correction]
        key = "note_marks" if against == "rest" else "note_letters"
        yield words.note(key, correction=named)
    if len(tested) > 1:
        keys = {"bh": "note_exploratory", "holm": "note_multiple"}
        key = keys[correction]
        if correction == "holm" and against == "rest":
            key = "note_multiple_marks"
        yield words.note(key, k=Quantity(len(tested), "count", words))
    for of, items in options["items"].items():
        listed = words.join(f"\u201c{words.name(f'item:{one}').rstrip('.')}\u201d" for one in items)
        yield words.note("note_same_items_groups", level=words.name(of), items=listed)


def _n_sides(comparisons: Iterable[Comparison]) -> int:
    return len({side for one in comparisons for side in (one.a, one.b)})
