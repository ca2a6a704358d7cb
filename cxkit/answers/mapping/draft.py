"""The draft of a study file: what is sure stands, what is not stands behind a comment sign.

Its parts come in the order of the template. A line ends with its confidence and its reason;
CONFIRM stands where only the researcher can say the value, and `check` refuses it until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from cxkit import library
from cxkit.answers.dates import days
from cxkit.answers.interviews import FINISHED
from cxkit.answers.mapping.answered import Answered
from cxkit.answers.mapping.known_names import in_seconds, segment_label, vocabulary_label
from cxkit.answers.mapping.lines import commented, flow, line, one_line, quoted
from cxkit.answers.mapping.matching import Column, Guess, Matches, Verdict
from cxkit.answers.mapping.places import Place, place_of
from cxkit.answers.mapping.scales import scale_seen
from cxkit.answers.mapping.slots import in_both, site_in, span_in
from cxkit.answers.mapping.ticked import options_told
from cxkit.answers.mapping.yes_no import answers_told, choices_told, yes_told
from cxkit.errors import brief, counted, listed
from cxkit.study.parts import DERIVED_BASES
from cxkit.study.to_confirm import CONFIRM

__all__ = ["Source", "StudyDraft"]

_OF_THE_PLATFORM = ("started", "ended", "recorded", "finished")
_LEVELS = ("pyramid", "types", "determinants")
_STATEMENTS = "agreement"
_NOT_READ = {
    "out_spend": "to be read under value: {currency: IDR, observed: {spend: COLUMN}}",
    "pro_interaction_channel": "of which no option is told: a column for each is needed",
}
"""Why a question that is sure stands in no line of a draft."""
_NEVER_GUESSED = (
    "# The scale that respondents saw; points, end labels and direction are never guessed."
)


@dataclass(frozen=True)
class Source:
    """Where the answers come from, as the study file is to say it."""

    key: str
    path: str
    platform: str
    says: str
    n_rows: int
    structure: str = ""
    sheet: str = ""


@dataclass
class _Found:
    """Where the parts of a study file are among the columns: key -> column and guess."""

    placed: dict[str, dict[str, tuple[Column, Guess]]] = field(default_factory=dict)

    def of(self, section: str) -> dict[str, tuple[Column, Guess]]:
        """What was found for a section."""
        return self.placed.get(section, {})

    def sure(self, section: str) -> dict[str, Column]:
        """What is sure of a section."""
        return {key: one for key, (one, guess) in self.of(section).items() if guess.is_sure}


class StudyDraft:
    """A study file drafted from the verdicts on an export's columns."""

    def __init__(self, matches: Matches, source: Source) -> None:
        self.matches, self.source = matches, source
        self.brand = matches.brand.name
        self.answered = Answered()
        self.used: set[str] = set()
        self.doubted: set[str] = set()

    # -- the parts

    @cached_property
    def levels(self) -> str:
        """The pyramid, else the framework whose items most columns are; others stand beside it."""
        sure = [one.guess.key for one in self._guessed if one.guess and one.guess.is_sure]
        counts = {
            name: sum(key in library.framework(name)["items"] for key in sure) for name in _LEVELS
        }
        return _LEVELS[0] if counts[_LEVELS[0]] else max(counts, key=lambda name: counts[name])

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each question of the kit belongs in this study file."""
        return {key: place_of(key, one, self.levels) for key, one in self.matches.questions.items()}

    @property
    def _guessed(self) -> list[Verdict]:
        return [one for one in self.matches.verdicts.values() if one.guess]

    @cached_property
    def found(self) -> _Found:
        """The columns by the part of the study file they belong to."""
        placed: dict[str, dict[str, tuple[Column, Guess]]] = {}
        for verdict in self._guessed:
            guess = verdict.guess
            assert guess is not None
            place = self.places.get(guess.key)
            column = self.matches.columns[verdict.column]
            for section, key in place.at if place else [_section(guess.key)]:
                placed.setdefault(section, {})[key or verdict.column] = (column, guess)
        return _Found(placed)

    @cached_property
    def text(self) -> str:
        """The study file."""
        parts = [
            self._who(),
            self._answers(),
            self._waves(),
            self._segments(),
            self._bases(),
            self._stages(),
            self._items(),
            self._outcomes(),
            self._channels(),
            self._comments(),
            self._quality(),
        ]
        scales = [*self.answered.scale_lines(), *self.answered.text_lines()]
        body = [*parts[:6], scales, *parts[6:], self._end(), self._rest()]
        blocks = ["\n".join(block) for block in ([*self._head()], *body) if block]
        return "\n\n".join(blocks) + "\n"

    @cached_property
    def statuses(self) -> dict[str, Verdict]:
        """The verdicts, with `recognised` for questions of the kit that no key here can hold."""
        _ = self.text  # whose lines tell which columns are used
        return dict(self._statuses())

    def _statuses(self) -> Iterator[tuple[str, Verdict]]:
        placed = {
            column.name
            for section, found in self.found.placed.items()
            for column, _ in found.values()
            if section not in ("recognised", "channels", *_OF_THE_PLATFORM)
        }
        for name, one in self.matches.verdicts.items():
            if one.guess and one.guess.key in _OF_THE_PLATFORM and name not in self.used:
                why = f"{one.guess.key}, of the interview"
                yield name, replace(one, status="left_out", why=why)
            elif one.guess and name not in placed | self.used:
                yield name, replace(one, status="recognised")
            elif name in self.doubted:
                yield name, replace(one, status="proposed")
            else:
                yield name, one

    def _head(self) -> Iterator[str]:
        source, n = self.source, len(self.matches.columns)
        yield "# Drafted by `cxkit map`. Look at every line before you use it."
        said = f" ({source.says})" if source.says else ""
        yield one_line(
            f"# From {source.path}: {source.platform}{said}, {source.n_rows} rows, {n} columns.",
            160,
        )
        yield "# The number behind a line is how sure the mapping is (0-100), then why."
        yield "# What is unsure stands behind a comment sign: take the sign away where it is right."
        yield f"# Put your own value in place of every {CONFIRM}; `cxkit check` names those left."
        if not any(
            self.found.of(section) for section in ("items", "outcomes", "reached", "rating")
        ):
            yield "# No question of the kit was recognised: the last part of this file says what"
            yield "# each column holds; name yours under items, outcomes or stages."

    def _who(self) -> list[str]:
        lines, brand = self.matches.lines, self.matches.brand
        name = self.brand or CONFIRM
        n_told = counted(brand.n, "question")
        said = f"read from {n_told}; confirm" if brand.n and self.brand else ""
        if brand.others and not self.brand:
            said = "the questions name " + " and ".join(f"'{one}'" for one in brand.others[:4])
        titles = {"id": f"Pengalaman pelanggan {name}", "en": f"Customer experience of {name}"}
        told = [
            "cxkit: 1",
            line(f"study: {self.source.key}", "key: names the files of reports"),
            f"title: {flow(titles) if self.brand else CONFIRM}",
            line(
                f"brand: {quoted(name)}", said or ("" if self.brand else "as your reports print it")
            ),
        ]
        if site := site_in(lines, self.brand):
            told.append(line(f"site: {flow(site)}", "as the questions call it; confirm"))
        period = in_both(span_in(lines, "period"), "period")
        told.append(
            line(f"period: {flow(period)}", "as the questions say it; confirm")
            if period
            else line(f"period: {CONFIRM}", "what the questions spoke of: {id: ..., en: ...}")
        )
        if ahead := in_both(span_in(lines, "ahead"), "ahead"):
            told.append(line(f"ahead: {flow(ahead)}", "as the questions say it; confirm"))
        told += ["languages: [id, en]"]
        told += [
            "# Whom the answers stand for: market, visitors or customers. Reach and conversion are"
        ]
        told += [
            "# printed for the first two only; customers claims least. design: probability, opt_in,"
        ]
        told += ["# census or unknown. Confirm both."]
        told += ["sample: {frame: customers, design: unknown, population: unknown}"]
        told.append(f"frameworks: {flow(self._frameworks())}")
        if preset := self._preset():
            told.append(line(f"preset: {preset}", "the words of its fulfilment pair; confirm"))
        return told

    def _frameworks(self) -> Iterator[str]:
        """The framework of levels, the journey, and those beside whose statements are asked."""
        yield self.levels
        if self.found.of("reached") or self.found.of("rating"):
            yield "journey"
        items = self.found.sure("items").keys()
        for name in _LEVELS:
            if name != self.levels and items & library.framework(name)["items"].keys():
                yield name

    def _preset(self) -> str:
        """The preset whose fulfilment pair the export's own words resemble most; "" if none."""
        return self.matches.preset({key: one.name for key, one in self.found.sure("items").items()})

    def _answers(self) -> list[str]:
        source = self.source
        given = {"path": source.path, "platform": source.platform}
        given |= {"structure": source.structure} if source.structure else {}
        given |= {"sheet": source.sheet} if source.sheet else {}
        return [f"answers: {flow(given)}", *self._plain_keys(("respondent",))]

    def _plain_keys(self, keys: Sequence[str]) -> list[str]:
        """Keys of the study file that name a column: `weight: WGT`."""
        lines = []
        for key in keys:
            for column, guess in self.found.of(key).values():
                told = line(f"{key}: {quoted(column.name)}", _why(guess))
                lines += [told] if guess.is_sure else commented([told])
        return lines

    def _waves(self) -> list[str]:
        lines = self._plain_keys(("wave",))
        if lines:
            lines.append("# Say the days of each wave under waves, as the kit's template shows.")
        lines += self._date()
        lines += self._plain_keys(("weight", "strata", "cluster"))
        return lines

    def _date(self) -> list[str]:
        """The day of answering: the end of the interview where the platform tells several."""
        for role in ("date", "ended", "recorded", "started"):
            for column, guess in self.found.of(role).values():
                if not column.facts.is_days:
                    continue
                order = _order_of_days(column)
                value = quoted(column.name)
                value = f"{{column: {value}, order: {order}}}" if order else value
                note = f"{_why(guess)}; order: dmy or mdy" if order == CONFIRM else _why(guess)
                self._use(column)
                told = line(f"date: {value}", note)
                return [told] if guess.is_sure else commented([told])
        return []

    def _segments(self) -> list[str]:
        found = self.found.of("segments")
        entries = []
        for key, (column, guess) in found.items():
            vocabulary = key if key in library.vocabularies() else ""
            name = vocabulary_label(key) if vocabulary else segment_label(key)
            lines = [f"  {key}:", line(f"    column: {quoted(column.name)}", _why(guess))]
            lines += [f"    label: {flow(name)}"] if name else []
            if vocabulary:
                lines.append(f"    vocabulary: {vocabulary}")
                asked = self.matches.questions[guess.key]
                told = choices_told(column, asked["choices"], self.brand)
                self.answered.put(column.name, told, is_sure=guess.is_sure)
            entries.append((lines, guess))
        return _section_of("segments", entries)

    def _bases(self) -> list[str]:
        entries = []
        for key, (column, guess) in self.found.of("bases").items():
            word, texts = yes_told(column)
            self.answered.put(column.name, texts, is_sure=guess.is_sure)
            value = f"{{column: {quoted(column.name)}, is: {word}}}"
            note = _why(guess) + ("; which answer means yes?" if word == CONFIRM else "")
            entries.append(([line(f"  {key}: {value}", note)], guess))
        said = ["# Who may answer what: the screening questions."]
        lines = _section_of("bases", entries)
        return said + lines if lines else []

    def _stages(self) -> list[str]:
        """Each stage with who reached it and how it was rated."""
        reached, rated = self.found.of("reached"), self.found.of("rating")
        sure = [column for column, guess in rated.values() if guess.is_sure]
        ratings = sure or [column for column, _ in rated.values()]
        is_sure = bool(sure)
        scale = (
            self.answered.scale(ratings, "satisfaction", is_sure=is_sure) if ratings else ("", "")
        )
        entries = []
        for stage in library.framework("journey")["stages"]:
            key = stage["key"]
            parts = []
            for question in (
                *stage.get("reached", ()),
                *([stage["rating"]] if stage.get("rating") else []),
            ):
                for section, shelf in (("reached", reached), ("rating", rated)):
                    if question in shelf:
                        parts.append((section, *shelf[question]))
            if parts:
                entries.append(self._stage(key, parts, scale))
        return _section_of("stages", entries)

    def _stage(
        self,
        key: str,
        parts: Sequence[tuple[str, Column, Guess]],
        scale: tuple[str, str],
    ) -> tuple[list[str], Guess]:
        any_sure = [guess for _, _, guess in parts if guess.is_sure]
        lines = [f"  {key}:"]
        reached = [(column, guess) for section, column, guess in parts if section == "reached"]
        told = []
        for column, guess in reached:
            word, texts = yes_told(column)
            self.answered.put(column.name, texts, is_sure=guess.is_sure)
            value = quoted(column.name)
            if word != "yes":
                value = f"{{column: {value}, is: {word}}}"
            one = [line(f"      - {value}", _why(guess))]
            told += one if guess.is_sure or not any_sure else commented(one, 6)
        if told:
            is_open = any_sure and not any(guess.is_sure for _, guess in reached)
            head = ["    reached:"]
            lines += commented(head, 4) + told if is_open else head + told
        for section, column, guess in parts:
            if section == "rating":
                one = [line(f"    rating: {quoted(column.name)}", _why(guess))]
                one += [line(f"    scale: {scale[0]}", scale[1])] if scale[0] else []
                lines += one if guess.is_sure or not any_sure else commented(one, 4)
        return lines, max((guess for _, _, guess in parts), key=lambda guess: guess.confidence)

    def _items(self) -> list[str]:
        found = self.found.of("items")
        if not found:
            return []
        groups = self._asked_together(found)
        key, entries, told = "", [], []
        for at, (family, items) in enumerate(groups):
            guesses = [found[item] for item in items]
            sure = [column for column, guess in guesses if guess.is_sure]
            columns = sure or [column for column, _ in guesses]
            own, why = self.answered.scale(columns, family, is_sure=bool(sure))
            if at == 0 and family == _STATEMENTS:
                key = own
                scale = [*commented(_answered_otherwise(columns)), line(f"scale: {own}", why)]
                told = [_NEVER_GUESSED, *(scale if sure else commented(scale))]
            for item in items:
                is_main = family == _STATEMENTS and own == key
                lines = _item_lines(item, *found[item], "" if is_main else own, why)
                entries.append((lines, found[item][1]))
        return told + _section_of("items", entries)

    def _asked_together(self, found: Iterable[str]) -> list[tuple[str, list[str]]]:
        """Items by what they are answered on and asked with, those of the levels first."""
        levels = library.framework(self.levels)["items"]
        order = [*levels, *(key for key in self.matches.questions if key not in levels)]
        together: dict[tuple[str, str], list[str]] = {}
        for item in sorted(found, key=order.index):
            asked = self.matches.questions[item]
            of = "" if item in levels else asked["battery"]
            together.setdefault((asked["scale"].partition("_")[0], of), []).append(item)
        groups = [(family, items) for (family, _), items in together.items()]
        return sorted(groups, key=lambda one: one[0] != _STATEMENTS)

    def _outcomes(self) -> list[str]:
        entries = []
        known, further = library.outcomes(), library.asked_on_a_scale()
        for key, (column, guess) in self.found.of("outcomes").items():
            if further[guess.key]["group"] != "overall":
                entries.append(self._reported(key, column, guess))
                continue
            metric = known[key]["metric"]
            lines = [f"  {key}:", line(f"    column: {quoted(column.name)}", _why(guess))]
            lines.append(f"    metric: {metric}")
            lines += self._outcome_scale(column, known[key]["scale"], guess)
            if metric in ("csat", "ces"):
                rule = "top_2_box" if metric == "csat" else "mean"
                lines.append(line(f"    definition: {rule}", "or top_1_box, mean: yours to choose"))
            if base := self._base_of(guess.key):
                lines.append(f"    base: {base}")
            entries.append((lines, guess))
        return _section_of("outcomes", entries)

    def _reported(self, key: str, column: Column, guess: Guess) -> tuple[list[str], Guess]:
        """What people intend or say that they did: its battery says how it is measured."""
        asked = self.matches.questions[guess.key]
        if "answers" not in asked:
            lines = [f"  {key}:", line(f"    column: {quoted(column.name)}", _why(guess))]
            return lines + self._outcome_scale(column, asked["scale"], guess), guess
        texts, unknown = answers_told(column, asked["answers"], asked["choices"], self.brand)
        if unknown:
            guess = guess.doubted(f"which answer is {listed([*map(repr, unknown)], 3)}?")
            self.doubted.add(column.name)
        opened = dict.fromkeys(unknown, " or ".join(asked["choices"]))
        self.answered.put(column.name, texts, opened, is_sure=guess.is_sure)
        return [line(f"  {key}: {quoted(column.name)}", _why(guess))], guess

    def _channels(self) -> list[str]:
        """The channels of which several may be used: the column of each, by its option."""
        found = self.found.of("channels")
        if not found:
            return []
        question = next(iter(found.values()))[1].key
        choices = self.matches.questions[question]["choices"]
        told = options_told(found.values(), choices, self.brand)
        entries = []
        for value, (name, column, guess) in told.items():
            self._use(column)
            entries.append(([line(f"    {value}: {quoted(name)}", _why(guess))], guess))
        lines = _section_of("  columns", entries)
        base = self._base_of(question)
        joined = {one.name: quoted(one.name) for _, one, _ in told.values() if one.asked.separator}
        of = f"what was ticked in {', '.join(joined.values())}" if joined else ""
        head = [line("channels:", of), *([f"  base: {base}"] if base else [])] if lines else []
        is_sure = any(guess.is_sure for _, guess in entries)
        return head + lines if is_sure else commented(head) + lines

    def _outcome_scale(self, column: Column, usual: str, guess: Guess) -> list[str]:
        if usual == "recommend_0_10":
            placed = scale_seen([column], "likelihood").placed
            self.answered.put(usual, placed, is_sure=guess.is_sure)
            return []
        name, why = self.answered.scale([column], usual.partition("_")[0], is_sure=guess.is_sure)
        return [line(f"    scale: {name}", why)]

    def _base_of(self, question: str) -> str:
        """The base of an outcome, where the screening questions that tell it are sure."""
        declared = self.found.sure("bases")
        base = self.matches.questions[question].get("base")
        options = base.get("any", ()) if isinstance(base, Mapping) else (base,)
        for one in reversed(options):
            if one in declared or any(part in declared for part in DERIVED_BASES.get(one, ())):
                return str(one)
        return ""

    def _comments(self) -> list[str]:
        entries = [
            ([line(f"  {key}: {quoted(column.name)}", _why(guess))], guess)
            for key, (column, guess) in self.found.of("comments").items()
        ]
        return _section_of("comments", entries)

    def _quality(self) -> list[str]:
        entries = [self._duration(), *map(self._finished, self.found.of("finished").values())]
        return _section_of("quality", [one for one in entries if one])

    def _duration(self) -> tuple[list[str], Guess] | None:
        """A column of seconds or minutes, else the start and the end of the interview."""
        for column, guess in self.found.of("duration").values():
            unit = "seconds" if in_seconds(column.name) or column.asked.role else CONFIRM
            note = _why(guess) + ("; seconds or minutes" if unit == CONFIRM else "")
            value = f"{{column: {quoted(column.name)}, unit: {unit}}}"
            return [line(f"  duration: {value}", note)], guess
        started, ended = self.found.of("started"), self.found.of("ended")
        if not started or not ended:
            return None
        (start, guess), (end, _) = next(iter(started.values())), next(iter(ended.values()))
        self._use(start, end)
        value = flow({"start": start.name, "end": end.name})
        return [line(f"  duration: {value}", _why(guess))], guess

    def _finished(self, found: tuple[Column, Guess]) -> tuple[list[str], Guess] | None:
        """The column that tells whether an interview was finished, where it says so in a word."""
        column, guess = found
        words = [one for one in column.facts.counts if one.casefold() in FINISHED]
        if not words:
            return None
        self._use(column)
        value = f"{{column: {quoted(column.name)}, is: {flow(words)}}}"
        return [line(f"  finished: {value}", _why(guess))], guess

    def _use(self, *columns: Column) -> None:
        """Columns of the platform that a line reads."""
        self.used |= {one.name for one in columns}

    # -- the end

    def _end(self) -> list[str]:
        return [
            "# Before you look at the results, say your targets, and under matters the smallest",
            "# difference that matters, each in the unit of its metric.",
            "min_base: 30",
            "warn_base: 100",
            "ci_level: 0.95",
            "seed: 20260101",
            "reports: [{notebook: report}]",
        ]

    def _rest(self) -> list[str]:
        """Every column that no line above reads, with what it is."""
        titles = {
            "recognised": "Questions of the kit that no line above can read:",
            "left_out": "Left out:",
            "unknown": "Not recognised:",
        }
        told: list[str] = []
        statuses = dict(self._statuses())
        for status, title in titles.items():
            rows = [one for one in statuses.values() if one.status == status]
            told += [f"# {title}"] if rows else []
            for one in rows:
                said = one.why
                if status == "recognised" and one.guess:
                    why = _NOT_READ.get(one.guess.key, one.guess.said)
                    said = f"{one.guess.key}, {why}"
                asked = self.matches.columns[one.column].asked.wording
                text = f" {quoted(brief(asked, 90))}" if asked and asked != one.column else ""
                told.append(f"#   {quoted(one.column)}  {text} ({one_line(said, 120)})")
        return told


def _item_lines(item: str, column: Column, guess: Guess, scale: str, why: str) -> list[str]:
    """An item in a line, or with a scale that is not that of the statements."""
    if not scale:
        return [line(f"  {item}: {quoted(column.name)}", _why(guess))]
    named = line(f"    column: {quoted(column.name)}", _why(guess))
    return [f"  {item}:", named, line(f"    scale: {scale}", why)]


def _answered_otherwise(columns: Sequence[Column]) -> list[str]:
    """That items were not all answered on one scale, as far as their answers show it."""
    kinds: dict[str, list[str]] = {}
    for one in columns:
        facts = one.facts
        if facts.n and not one.asked.labels:
            kind = f"numbers up to {facts.high:g}" if facts.is_numbers else "texts"
            kinds.setdefault(kind, []).append(brief(one.name, 40))
    if len(kinds) < 2:
        return []
    told = [f"{kind} ({listed(names, 3)})" for kind, names in kinds.items()]
    said = f"Not all are answered alike, and may not have one scale: {'; '.join(told)}."
    return [one_line(said, 200)]


def _section(key: str) -> tuple[str, str]:
    """The part of the study file for a key that is no question of the kit."""
    keys = ("respondent", "wave", "date", "weight", "strata", "cluster", "duration", "finished")
    if key in keys or key in ("started", "ended", "recorded"):
        return key, key
    return "segments", key


def _section_of(name: str, entries: Iterable[tuple[list[str], Guess]]) -> list[str]:
    """A part of the file: entries that are not sure, or all of it, behind comment signs."""
    known = list(entries)
    if not known:
        return []
    if not any(guess.is_sure for _, guess in known):
        return commented([f"{name}:", *(one for lines, _ in known for one in lines)])
    told = [f"{name}:"]
    for lines, guess in known:
        told += lines if guess.is_sure else commented(lines, 2)
    return told


def _why(guess: Guess) -> str:
    return guess.said if guess.is_sure else f"{guess.said}; confirm"


def _order_of_days(column: Column) -> str:
    """`dmy` or `mdy` where the column proves it, CONFIRM where it leaves it open, else ""."""
    _, slips = days(column.cells, column=column.name)
    codes = {slip.code for slip in slips}
    if "date_order" in codes:
        hint = next(slip.hint or "" for slip in slips if slip.code == "date_order")
        return "dmy" if "dmy" in hint else "mdy"
    return CONFIRM if "date_ambiguous" in codes else ""
