"""Invented records of a batch: reports that are done, failed or left out, as their files say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

WAVES = ("2025H1", "2025H2", "2026H1")
CONTEXT: dict[str, Any] = {
    "key": "toko",
    "title": {"id": "Pengalaman pelanggan Toko", "en": "Customer experience of Toko"},
    "brand": "Toko",
    "languages": ["id", "en"],
    "simulated": True,
    "segments": {"region": {"vocabulary": None}, "channel": {"vocabulary": "acquisition_channel"}},
    "labels": {
        "segment:region": {"id": "Wilayah", "en": "Region"},
        "group:region=java": {"id": "Jawa", "en": "Java"},
    },
    "outcomes": {
        "satisfaction": {"metric": "csat", "definition": "top_2_box"},
        "recommend": {"metric": "nps", "definition": None},
    },
}


def estimate(value: float | None, wave: str = "2026H1", n: float | None = 400, **more: Any) -> Any:
    """One NPS with an interval of ten points to each side; None is hidden for its base."""
    is_shown = value is not None
    return {
        "metric": "nps",
        "of": "outcome:recommend",
        "wave": wave,
        "estimate": value,
        "ci_low": value - 10 if is_shown else None,
        "ci_high": value + 10 if is_shown else None,
        "ci_level": 0.95,
        "n": n,
        "n_eff": n,
        "unit": "points",
        "method": "adjusted_wald_nps",
        "flags": [] if is_shown else ["hidden_base"],
        **more,
    }


def comparison(difference: float | None, verdict: str, **more: Any) -> dict[str, Any]:
    """The change since the wave before, with an interval of five points to each side."""
    is_shown = difference is not None
    return {
        "metric": "nps",
        "of": "outcome:recommend",
        "a": "wave=2026H1",
        "b": "wave=2025H2",
        "difference": difference,
        "ci_low": difference - 5 if is_shown else None,
        "ci_high": difference + 5 if is_shown else None,
        "p": 0.5,
        "p_adjusted": 0.5,
        "n_a": 400,
        "n_b": 400,
        "unit": "points",
        "verdict": verdict,
        "flags": [] if is_shown else ["hidden_base"],
        **more,
    }


def record(stem: str, group: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A record of a report that is done, without a headline."""
    return {
        "schema": "cxkit.record/1",
        "stem": stem,
        "notebook": "report",
        "parameters": {},
        "group": dict(group),
        "wave": None,
        "languages": ["id", "en"],
        "key": "0" * 64,
        "files": {},
        "status": "done",
        "headline": None,
        "by_wave": [],
        "change": None,
        "n": 480,
        "n_eff": 450.5,
        "labels": {},
        **more,
    }


def nps(name: str, *values: float | None, **more: Any) -> dict[str, Any]:
    """A report on a region with these NPS in the waves, the last of them reported."""
    rows = [
        estimate(value, wave) for wave, value in zip(WAVES[-len(values) :], values, strict=True)
    ]
    return record(f"toko-{name}", {"region": name}, headline=rows[-1], by_wave=rows) | more


def failed(name: str, **reason: str) -> dict[str, Any]:
    """A report on a region that failed."""
    return record(f"toko-{name}", {"region": name}, status="failed", reason=reason, n=None)


def left_out(name: str, why: str) -> dict[str, Any]:
    """A report on a region that is not made; its numbers, if it has any, are nobody's business."""
    return record(f"toko-{name}", {"region": name}, status="left_out", reason=why)


def many(n: int) -> list[dict[str, Any]]:
    """As many reports as asked for, of every kind in the same proportions."""
    return [_one(k) for k in range(n)]


def _one(k: int) -> dict[str, Any]:
    name = f"Kota {k}"
    kind = k % 20
    if kind == 3:
        return failed(name, what="cell 3 of notebook 'report' failed", where="report.ipynb")
    if kind == 7:
        return left_out(name, "privacy")
    value = float((k * 37) % 90 - 30)
    change = comparison(value / 4, "clear" if kind % 2 else "no_evidence")
    made = nps(name, value + 3, None if kind == 5 else value - 2, value, change=change)
    return made | {"n": 100 + k}


def mixed() -> list[dict[str, Any]]:
    """A small batch with something of everything."""
    hostile = '"><script>alert(1)</script>'
    return [
        record("toko-report", {}, headline=estimate(20.0), by_wave=[estimate(20.0)]),
        nps("java", 40.0, 30.0, 12.0, change=comparison(-18.0, "clear")),
        nps("bali", 10.0, 20.0, 45.0, change=comparison(25.0, "clear")),
        nps("riau", 20.0, None, 22.0, change=comparison(None, "hidden")),
        nps("aceh", 20.0, 21.0, None, change=comparison(None, "hidden")),
        nps(hostile, 21.0, 22.0, 23.0, change=comparison(1.0, "no_evidence")),
        nps("مدينة 12", 5.0, 6.0, 7.0, change=comparison(1.0, "stable")),
        nps("Nama panjang " * 25, 30.0),
        nps("😀 pasar", 30.0, 31.0, 32.0, languages=["en"]),
        record(
            "toko-level",
            {"region": "java"},
            notebook="30_pyramid",
            headline=estimate(61.0, metric="score_100", of="level:trust", unit="score_100"),
        ),
        record("toko-none", {"region": "bali"}, notebook="10_data_quality"),
        failed("papua", what="cell 7 failed", where="report.ipynb, cell 7", **{"try": "look"}),
        failed("maluku", what="cell 7 failed", where="report.ipynb, cell 7", **{"try": "look"}),
        failed("banten", what="the notebook took longer than 60 seconds"),
        left_out("jambi", "nobody"),
        left_out("lampung", "privacy"),
    ]


def names_of(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The regions of some records."""
    return [one["group"]["region"] for one in records]
