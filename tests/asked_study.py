"""A study that has not been fielded yet, laid down for the tests of its questionnaire."""

from __future__ import annotations

from pathlib import Path

from small_study import swapped

from cxkit.study import Study, read_study

STUDY = """\
cxkit: 1
study: kopi
title: {id: Pengalaman pelanggan Kopi Kita, en: Customer experience of Kopi Kita}
brand: Kopi Kita
period: {id: 6 bulan terakhir, en: the last 6 months}
languages: [id, en]
sample: {frame: market, design: opt_in}
frameworks: [pyramid, journey]
preset: neutral
answers: {path: answers.csv}
scale: agreement_5
outcomes: {recommend: {column: out_recommend}}
"""
AHEAD = "ahead: {id: 6 bulan ke depan, en: the next 6 months}\n"


def laid_down(folder: Path, more: str = "", **swap: str) -> Study:
    """The study in `folder`, with lines added, and those of some keys swapped."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(swapped(STUDY, **swap) + more, encoding="utf-8")
    return read_study(folder)
