"""When each row was answered, and of which wave it is: told by a file, a column, or the day."""

from __future__ import annotations

from functools import partial

from cxkit.answers.dates import days
from cxkit.answers.rows import Rows
from cxkit.answers.teller import Teller
from cxkit.answers.texts import Texts
from cxkit.errors import brief, quoted
from cxkit.study import Study
from cxkit.study.wave_order import sorted_wrongly

__all__ = ["ALL", "days_of", "waves_of"]

ALL = "all"
"""The wave of a study that speaks of none."""


def days_of(study: Study, rows: Rows, teller: Teller) -> Texts | None:
    """The day of answering, as 2026-03-02, "" where not told; None without such a column."""
    if study.date is None or study.date.column not in rows.cells:
        return None
    column = study.date.column
    order, timezone = study.date.order, study.timezone
    date, slips = days(rows.cells[column], column=column, order=order, timezone=timezone)
    teller.slips(column, slips)
    return date


def waves_of(study: Study, rows: Rows, days: Texts | None, teller: Teller) -> Texts:
    """The wave of each row."""
    fielded = _fielded(study)
    if rows.wave is not None:
        wave = rows.wave
        _tell_outside(study, wave, days, teller)
    elif study.wave is not None and study.wave in rows.cells:
        wave = _by_column(study, study.wave, rows, teller)
        _tell_outside(study, wave, days, teller)
    elif days is not None and fielded and len(fielded) == len(study.waves):
        wave = _by_day(study, rows, days, teller)
    else:
        wave = Texts.all(_only(study, teller), rows.n)
    is_told = study.wave or study.date or rows.wave is not None
    for key in study.waves if is_told else ():
        if key not in wave.found():
            message = f"nobody answered in wave '{key}'"
            hint = "remove the wave until it has answers, or correct the answers"
            teller.of_study("unused_wave", f"waves.{key}", message, hint)
    return wave


def _fielded(study: Study) -> dict[str, tuple[str, str]]:
    """The first and the last day of each wave that has both."""
    return {
        key: (wave.start.isoformat(), wave.end.isoformat())
        for key, wave in study.waves.items()
        if wave.start and wave.end
    }


def _only(study: Study, teller: Teller) -> str:
    """The wave of all rows, where nothing tells waves apart."""
    if len(study.waves) == 1:
        return next(iter(study.waves))
    if study.waves and study.wave is None:
        teller.of_study(
            "unused_wave",
            "waves",
            f"the study declares {len(study.waves)} waves and no wave column",
            "add 'wave', the column that holds them, or 'date' and the dates of all waves",
        )
    return ALL


def _by_column(study: Study, column: str, rows: Rows, teller: Teller) -> Texts:
    mapped = study.text_answers.get(column, {})
    wave = rows.cells[column].put(lambda text: mapped.get(text, text))
    teller.where(
        "missing_wave",
        column,
        wave == "",
        "some rows do not say which wave they belong to",
        expected="a wave in every row",
    )
    for key in sorted(set(wave.found()) - set(study.waves) - {""}) if study.waves else ():
        teller.where(
            "unknown_wave",
            column,
            wave == key,
            f"the answers hold a wave '{brief(key)}' that the study does not declare",
            expected="one of " + ", ".join(study.waves),
            hint="add it to 'waves', or correct the answers",
        )
    pair = None if study.waves else sorted_wrongly(set(wave.found()) - {""})
    if pair:
        earlier, later = map(brief, pair)
        teller.where(
            "wave_order",
            column,
            wave == pair[0],
            f"wave '{earlier}' comes before '{later}' in time, and after it as text",
            expected="waves that sort as time does, such as 2026H1, 2026Q1 or 2026-09",
            hint=f"name them anew: text_answers: {{{brief(column)}: {{{earlier}: KEY}}}}",
        )
    return wave


def _by_day(study: Study, rows: Rows, days: Texts, teller: Teller) -> Texts:
    column = study.date.column if study.date else ""
    fielded = _fielded(study)

    def wave_of(day: str) -> str:
        return next((key for key, (start, end) in fielded.items() if start <= day <= end), "")

    wave = days.put(wave_of)
    spans = [f"{key} from {start} to {end}" for key, (start, end) in fielded.items()]
    expected = "a day in one of the waves: " + ", ".join(spans[:6])
    teller.where(
        "missing_wave",
        column,
        rows.cells[column] == "",
        "some rows have no day of answering, and so no wave",
        expected=expected,
    )
    outside = sorted(set(days[wave == ""].found()) - {""})
    teller.where(
        "outside_waves",
        column,
        (wave == "") & (days != ""),
        f"some rows were answered on days of no wave: {quoted(outside)}",
        expected=expected,
        hint="correct the dates of the waves, or leave these rows out",
    )
    return wave


def _tell_outside(study: Study, wave: Texts, days: Texts | None, teller: Teller) -> None:
    """Rows of a wave that were answered before or after it."""
    if days is None:
        return
    for key, (start, end) in _fielded(study).items():
        is_outside = days.each(partial(_is_outside, start, end), bool)
        outside = (wave == key) & is_outside
        teller.where(
            "outside_wave",
            study.date.column if study.date else "",
            outside,
            f"some rows of wave '{key}' were answered before {start} or after {end}",
            severity="warning",
            expected=f"days from {start} to {end}",
        )


def _is_outside(start: str, end: str, day: str) -> bool:
    return day != "" and not start <= day <= end
