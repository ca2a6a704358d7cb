"""A page as the template receives it: invented words and numbers, every kind of block."""

# ruff: noqa: E501 -- a sentence stays on one line, so that both languages can be compared

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from cxkit.report.theme import read_theme

TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "report"
SIGNS = {"good": "▲", "bad": "▼", "flat": "·"}


def environment() -> Environment:
    """Jinja as the page needs it: everything escaped, nothing undefined."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(page: dict[str, Any]) -> str:
    """The HTML of a page dict."""
    return environment().get_template("page.html.j2").render(page=page)


def stylesheet() -> Markup:
    """The theme and the page's own stylesheet, trusted as they are ours."""
    return Markup(read_theme().css + (TEMPLATES / "report.css").read_text("utf-8"))


def cell(text: str = "", **more: Any) -> dict[str, Any]:
    """A table cell with every key of the contract."""
    empty = {"small": "", "slot": "", "tone": "", "state": "", "rail": None, "hide": False}
    return {"text": text, **empty, **more}


def row(head: str, *cells: dict[str, Any] | str, kind: str = "", **more: Any) -> dict[str, Any]:
    """A table row; a bare string is a plain cell."""
    return {
        "kind": kind,
        "head": head,
        "cells": [c if isinstance(c, dict) else cell(c) for c in cells],
        **more,
    }


def column(label: str, sub: str = "", align: str = "right", **more: Any) -> dict[str, Any]:
    """A table column; the first of a table names the rows."""
    return {"label": label, "sub": sub, "align": align, **more}


def rail(low: float, at: float, high: float, tone: str = "flat", **more: Any) -> dict[str, Any]:
    """A straight scale in percent of its length."""
    ends = {"left": "0", "right": "100", "middle": "", "zero": None, "previous": None}
    return {"low": low, "at": at, "high": high, "tone": tone, **ends, **more}


LEVELS = (
    # key, names, glosses, estimate, low, high, before, change, tone
    (
        "emotional_connection",
        ("Ikatan emosional", "Emotional connection"),
        ("peduli dan memahami saya", "cares about me, understands me"),
        62.5,
        60.9,
        64.1,
        56.9,
        5.6,
        "good",
    ),
    (
        "online_experience",
        ("Pengalaman online", "Online experience"),
        ("mudah mencari, cepat ketemu", "easy to search, quick to find"),
        74.9,
        73.6,
        76.2,
        70.8,
        4.1,
        "good",
    ),
    (
        "responsive_service",
        ("Layanan yang tanggap", "Responsive service"),
        ("sigap menjawab, mau mendengar", "answers soon, listens"),
        58.3,
        56.9,
        59.7,
        64.2,
        -5.9,
        "bad",
    ),
    (
        "trust",
        ("Kepercayaan", "Trust"),
        ("data dan transaksi terasa aman", "data and payments feel safe"),
        77.8,
        76.4,
        79.3,
        77.4,
        0.4,
        "flat",
    ),
    (
        "fulfilment",
        ("Pemenuhan janji", "Fulfilment"),
        ("sesuai pesanan, tepat waktu", "as ordered, on time"),
        83.5,
        82.0,
        84.9,
        81.7,
        1.7,
        "flat",
    ),
)

ITEMS = {
    "emotional_connection": (
        ("Peduli kepada saya", "Cares about me"),
        ("Memahami kebutuhan", "Understands my needs"),
    ),
    "online_experience": (
        ("Pencarian mudah", "Easy to search"),
        ("Mudah menemukan jalan", "Easy to find my way"),
        ("Informasi segera ada", "Information at once"),
    ),
    "responsive_service": (("Sigap menjawab", "Answers soon"), ("Mau mendengar", "Listens")),
    "trust": (("Data pribadi aman", "Personal data safe"), ("Transaksi aman", "Payments safe")),
    "fulfilment": (("Sesuai dengan pesanan", "As ordered"), ("Tepat waktu", "On time")),
}


class _Language:
    """Picks the language, and writes numbers as it does."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.is_indonesian = language == "id"

    def say(self, indonesian: str, english: str) -> str:
        return (indonesian if self.is_indonesian else english).replace("n = ", "n\u00a0=\u00a0")

    def number(self, value: float, digits: int = 1) -> str:
        text = f"{value:,.{digits}f}".replace("-", "−")
        return text.translate(str.maketrans(",.", ".,")) if self.is_indonesian else text

    def signed(self, value: float, digits: int = 1) -> str:
        return ("+" if value > 0 else "") + self.number(value, digits)

    def span(self, low: float, high: float, digits: int = 1) -> str:
        to = self.say("sampai", "to")
        return f"{self.number(low, digits)} {to} {self.number(high, digits)}"


def page(language: str = "id") -> dict[str, Any]:
    """The whole page in one language."""
    words = _Language(language)
    say = words.say
    sections = [
        _summary(words),
        _who_answered(words),
        _pyramid(words),
        _journey(words),
        _groups(words),
        _measurement(words),
        _methods(words),
    ]
    for number, section in enumerate(sections, start=1):
        section["number"] = number
    return {
        "lang": language,
        "title": say("Pengalaman pelanggan Toko Contoh, Semester I 2026",
                     "Customer experience of Toko Contoh, first half of 2026"),
        "description": say("NPS Toko Contoh 32, di bawah target 40.", "NPS for Toko Contoh is 32, below the target of 40."),
        "css": stylesheet(),
        "logo": None,
        "ui": {
            "skip": say("Langsung ke isi laporan", "Skip to the report"),
            "contents": say("Daftar isi", "Contents"),
            "numbers_behind": say("Angka di balik gambar", "Numbers behind the figure"),
        },
        "flag": say("Data simulasi, bukan responden sungguhan", "Simulated data, not real respondents"),
        "kind": say("Laporan pengalaman pelanggan", "Customer experience report"),
        "h1": say("Pengalaman pelanggan Toko Contoh", "Customer experience of Toko Contoh"),
        "deck": say("NPS masih di bawah target. Layanan yang tanggap menjadi tingkat terlemah, dan penilaian paling turun setelah orang memutuskan.",
                    "NPS is still below target. Responsive service is the weakest level, and ratings drop most after people decide."),
        "facts": [
            {"label": say("Merek", "Brand"), "value": "Toko Contoh", "small": say("situs atau aplikasi", "website or app")},
            {"label": say("Gelombang", "Wave"), "value": say("Semester I 2026", "First half of 2026"),
             "small": say("dibandingkan dengan Semester II 2025", "compared with second half of 2025")},
            {"label": say("Segmen", "Segment"), "value": say("Semua responden", "All respondents"), "small": say("tanpa saringan", "no filter")},
            {"label": say("Basis", "Base"), "value": say("1.204 responden", "1,204 respondents"),
             "small": say("basis efektif 1.041", "effective base 1,041")},
            {"label": say("Pengumpulan data", "Fieldwork"), "value": say("2 sampai 20 Maret 2026", "2 to 20 March 2026"), "small": say("panel online", "online panel")},
        ],
        "contents": [{"id": s["id"], "number": s["number"], "name": s["name"]} for s in sections],
        "sections": sections,
        "foot": [
            say("Masukan yang sama memberi laporan yang sama, byte demi byte.", "The same input gives the same report, byte for byte."),
            say("Net Promoter, Net Promoter Score, dan NPS adalah merek dagang pemiliknya masing-masing.",
                "Net Promoter, Net Promoter Score and NPS are trademarks of their respective owners."),
        ],
    }  # fmt: skip


def _section(
    key: str, name: str, question: str, lead: list[str], blocks: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": key,
        "number": 0,
        "name": name,
        "question": question,
        "lead": lead,
        "blocks": blocks,
    }


def _finding(key: str, tone: str, **parts: Any) -> dict[str, Any]:
    empty = {"big": "", "unit": "", "rail": None, "proof": None, "is_empty": False}
    return {"id": f"finding-{key}", "tone": tone, "sign": SIGNS[tone], **empty, **parts}


def _proof(words: _Language, href: str, number: int, name: str) -> dict[str, str]:
    return {
        "href": href,
        "text": words.say(f"Bukti: Gambar {number}, {name}", f"Proof: Figure {number}, {name}"),
    }


def _summary(words: _Language) -> dict[str, Any]:
    say = words.say
    nps_ends = {"left": "−100", "right": "+100", "middle": "0", "zero": 50}
    items = [
        _finding("f04", "bad", big="32", unit=say("poin NPS", "NPS points"),
                 rail=rail(63.5, 66, 68.5, "bad", **nps_ends),
                 verdict=say("Jelas di bawah target", "Clearly below target"),
                 sentence=say("NPS Toko Contoh pada Semester I 2026 adalah 32 (rentang 95%: 27 sampai 37; n = 1.184). Angka ini jelas di bawah target 40.",
                              "NPS for Toko Contoh in the first half of 2026 is 32 (95% range 27 to 37; n = 1,184). This is clearly below the target of 40."),
                 evidence=say("Basis: semua responden, n = 1.184; basis efektif 1.024.", "Base: all respondents, n = 1,184; effective base 1,024."),
                 proof={"href": "#who_answered", "text": say("Bukti: Siapa yang menjawab", "Proof: Who answered")}),
        _finding("f06", "bad", big=words.number(58.3), unit=say("poin dari 100", "points of 100"),
                 rail=rail(56.9, 58.3, 59.7, "bad"),
                 verdict=say("Jelas terlemah", "Clearly the weakest"),
                 sentence=say("Tingkat yang paling lemah adalah Layanan yang tanggap, dengan skor 58,3 (56,9 sampai 59,7), 4,1 poin di bawah tingkat terlemah berikutnya, Ikatan emosional.",
                              "The weakest level is Responsive service, scoring 58.3 (56.9 to 59.7), 4.1 points below the next weakest, Emotional connection."),
                 evidence=say("Selisih 4,1 (2,6 sampai 5,6) pada orang yang sama. Basis: pembeli, n = 679; basis efektif 579.",
                              "Difference 4.1 (2.6 to 5.6) in the same people. Base: buyers, n = 679; effective base 579."),
                 proof=_proof(words, "#figure-pyramid", 1, say("piramida", "pyramid"))),
        _finding("f12", "bad", big="−" + words.number(6.2), unit=say("poin", "points"),
                 rail=rail(12, 19, 26, "bad", left="−10", right="+10", middle="0", zero=50),
                 verdict=say("Penurunan yang jelas", "Clear drop"),
                 sentence=say("Penilaian paling turun pada peralihan dari Memutuskan ke Menilai: 6,2 poin lebih rendah (4,8 sampai 7,6; n = 702 yang menjalani keduanya).",
                              "Ratings drop most at the hand-off from Decide to Evaluate: 6.2 points lower (4.8 to 7.6; n = 702 who went through both)."),
                 evidence=say("Hanya responden yang menjalani kedua tahap, n = 702; basis efektif 611.",
                              "Only respondents who went through both stages, n = 702; effective base 611."),
                 proof=_proof(words, "#figure-journey", 2, say("perjalanan pelanggan", "customer journey"))),
        _finding("f17", "flat", big="61%", unit=say("peluang menempati urutan pertama", "chance of ranking first"),
                 rail=rail(61, 61, 61, left="0%", right="100%"),
                 verdict=say("Tidak bisa dibedakan", "Cannot be told apart"),
                 sentence=say("Belum jelas tingkat mana yang paling erat berkaitan dengan kesediaan merekomendasikan: Layanan yang tanggap dan Ikatan emosional tidak bisa dibedakan. Ini kaitan, bukan sebab.",
                              "It is not clear which level goes most closely with willingness to recommend: Responsive service and Emotional connection cannot be told apart. This is association, not cause."),
                 evidence=say("Peluang menempati urutan pertama: Layanan yang tanggap 61%, Ikatan emosional 37%. Basis: pembeli, n = 678; basis efektif 578.",
                              "Chance of ranking first: Responsive service 61%, Emotional connection 37%. Base: buyers, n = 678; effective base 578.")),
        _finding("f20", "flat", is_empty=True,
                 verdict=say("Tidak diukur", "Not measured"),
                 sentence=say("Perubahan antargelombang tidak diukur: studi ini baru memuat satu gelombang survei yang bisa dibandingkan.",
                              "Change between waves was not measured: this study holds only one wave that can be compared."),
                 evidence=say("Gelombang berikutnya mengisi bagian ini.", "The next wave fills this place.")),
    ]  # fmt: skip
    box = {
        "type": "box", "tone": "",
        "title": say("Yang belum bisa dijawab laporan ini", "What this report cannot answer"),
        "paragraphs": [
            say("Penilaian tahap Mengenal tidak diukur: tidak ada pertanyaan tentang hal ini dalam survei. Hasil untuk Maluku dan Papua tidak ditampilkan: basis efektif 20, di bawah batas 30. Harapan tidak diukur, sehingga jarak antara harapan dan kenyataan tidak bisa dihitung.",
                "The rating of the Aware stage was not measured: the survey holds no question about it. Results for Maluku and Papua are not shown: effective base 20, below the limit of 30. Expectations were not measured, so the gap between expectation and reality cannot be computed."),
        ],
    }  # fmt: skip
    return _section("summary", say("Ringkasan", "Summary"),
                    say("Apa lima hal yang perlu diketahui?", "What are the five things to know?"), [],
                    [{"type": "findings", "items": items}, box])  # fmt: skip


def _who_answered(words: _Language) -> dict[str, Any]:
    say, count = words.say, lambda n: words.number(n, 0)
    whole = {"type": "strip", "facts": [
        {"label": say("Diundang", "Invited"), "value": count(3420), "small": say("panel dan pelanggan terdaftar", "panel and registered customers"), "share": 100},
        {"label": say("Mulai", "Started"), "value": count(1618), "small": say("47% dari yang diundang", "47% of those invited"), "share": 47.3},
        {"label": say("Selesai", "Completed"), "value": count(1291), "small": say("80% dari yang mulai", "80% of those who started"), "share": 37.75},
        {"label": say("Dipakai", "Kept"), "value": count(1204), "small": say("93% dari yang selesai", "93% of those who completed"), "share": 35.2},
    ]}  # fmt: skip
    facts = {"type": "strip", "facts": [
        {"label": say("Efisiensi pembobotan", "Weighting efficiency"), "value": words.number(86.4) + "%", "small": say("wilayah, usia, kelamin; bobot 0,34 sampai 2,90", "region, age, sex; weights 0.34 to 2.90"), "share": None},
        {"label": say("Dikeluarkan", "Set aside"), "value": "87", "small": say("terlalu cepat 41, ganda 29, di luar populasi 17", "too fast 41, duplicate 29, out of scope 17"), "share": None},
        {"label": say("Ditandai, tetap dipakai", "Flagged, kept"), "value": "63", "small": say("jawaban seragam (5%)", "straight-line answers (5%)"), "share": None},
        {"label": say("NPS dengan yang dikeluarkan", "NPS with those set aside"), "value": "31", "small": say("tanpa mereka: 32", "without them: 32"), "share": None},
    ]}  # fmt: skip
    return _section("who_answered", say("Siapa yang menjawab", "Who answered"),
                    say("Siapa yang menjawab, dan mewakili siapa?", "Who answered, and whom do they stand for?"),
                    [say("Laporan ini memuat jawaban 1.204 responden yang disurvei pada 2 sampai 20 Maret 2026. Setelah pembobotan, ketelitiannya setara dengan 1.041 responden.",
                         "This report rests on the answers of 1,204 respondents surveyed 2 to 20 March 2026. After weighting, their precision equals that of 1,041 respondents.")],
                    [whole, facts,
                     {"type": "note", "text": say("Rentang 95% menganggap sampel diambil secara acak. Sampel ini: sukarela. Hasil dibobot menurut wilayah, usia, dan kelamin.",
                                                  "The 95% ranges assume a random sample. This sample: opt-in. Results are weighted by region, age and sex.")}])  # fmt: skip


def _level_rows(words: _Language) -> list[dict[str, Any]]:
    rows = []
    for key, names, _, estimate, low, high, before, change, tone in LEVELS:
        measured = rail(low, estimate, high, tone, previous=before)
        rows.append(
            _score_row(
                words, words.say(*names), estimate, low, high, change, tone, measured, "level"
            )
        )
        for place, item in enumerate(ITEMS[key]):
            at = estimate + (1.4, -1.4, 0.2)[place]
            measured = rail(at - 1.7, at, at + 1.7, tone, previous=at - change)
            rows.append(
                _score_row(
                    words, words.say(*item), at, at - 1.7, at + 1.7, change, tone, measured, "item"
                )
            )
    return rows


def _score_row(
    words: _Language, head: str, estimate: float, low: float, high: float,
    change: float, tone: str, measured: dict[str, Any], kind: str,
) -> dict[str, Any]:  # fmt: skip
    said = {"good": words.say("naik", "up"), "bad": words.say("turun", "down"),
            "flat": words.say("belum jelas", "not clear")}  # fmt: skip
    return row(
        head,
        cell(rail=measured),
        cell(words.number(estimate), small=words.span(low, high)),
        cell("71%", hide=True),
        cell("679"),
        cell(words.signed(change), tone=tone, sign=SIGNS[tone], word=said[tone]),
        kind=kind,
    )


def _pyramid(words: _Language) -> dict[str, Any]:
    say = words.say
    behind = {
        "caption": say("Angka di balik Gambar 1", "Numbers behind Figure 1"), "id": "behind-pyramid", "stick": False,
        "columns": [column(say("Tingkat", "Level")), column(say("Skor", "Score")), column(say("Rentang 95%", "95% range")),
                    column("n"), column(say("Basis efektif", "Effective base"))],
        "rows": [row(say(*names), words.number(e), words.span(lo, hi), "679", "579") for _, names, _, e, lo, hi, *_ in LEVELS],
    }  # fmt: skip
    figure = {
        "type": "figure", "id": "figure-pyramid", "number": say("Gambar 1", "Figure 1"),
        "title": say("Layanan yang tanggap jelas paling lemah dan turun 5,9 poin", "Responsive service is clearly the weakest and has fallen by 5.9 points"),
        "sub": say("Skor tiap tingkat piramida, 0 (terburuk) sampai 100 (terbaik)", "Score of each pyramid level, 0 (worst) to 100 (best)"),
        "alt": say("Piramida lima tingkat dengan skor 0-100. Tertinggi Pemenuhan janji 83,5 (82,0 sampai 84,9), terendah Layanan yang tanggap 58,3 (56,9 sampai 59,7). Basis 679.",
                   "Five-level pyramid with scores from 0 to 100. Highest Fulfilment 83.5 (82.0 to 84.9), lowest Responsive service 58.3 (56.9 to 59.7). Base 679."),
        "wide": _drawing(words, 784), "narrow": _drawing(words, 343),
        "notes": [say("Basis: pembeli, n = 679; basis efektif 579. Selisih dihitung sebelum pembulatan. Warna hanya bila perubahan sejak Semester II 2025 jelas.",
                      "Base: buyers, n = 679; effective base 579. Differences are computed before rounding. Colour only where the change since the second half of 2025 is clear.")],
        "table": behind,
    }  # fmt: skip
    box = {"type": "box", "tone": "", "title": say("Apakah ini sungguh piramida? Belum bisa dipastikan", "Is it really a pyramid? These data cannot tell"),
           "paragraphs": [say("Data ini belum bisa memastikan apakah kelima tingkat tersusun seperti piramida; satu kesan umum tentang Toko Contoh bisa menghasilkan pola yang sama.",
                              "These data cannot tell whether the five levels stack like a pyramid; one overall impression of Toko Contoh could produce the same pattern.")]}  # fmt: skip
    table = {
        "type": "table", "id": "table-levels", "number": say("Tabel 1", "Table 1"),
        "title": say("Lima tingkat dan sebelas pernyataan", "Five levels and eleven statements"),
        "sub": say("Skor 0-100, dengan gelombang lalu sebagai lingkaran kosong", "Score 0-100, with the last wave as a hollow circle"),
        "notes": [say("Skor 0-100: 0 = jawaban terburuk, 100 = jawaban terbaik pada skala. Ini bukan persen.",
                      "Score 0-100: 0 = worst answer on the scale, 100 = best. It is not a percentage.")],
        "table": {
            "caption": say("Lima tingkat dan sebelas pernyataan", "Five levels and eleven statements"), "id": "levels", "stick": False,
            "columns": [column(say("Tingkat dan pernyataan", "Level and statement")),
                        column(say("Skor, digambar", "Score, drawn"), align="mark", scale={"left": "0", "middle": "50", "right": "100", "zero": 50}),
                        column(say("Skor", "Score"), say("rentang 95%", "95% range")),
                        column(say("Dua teratas", "Top-2 box")), column("n"),
                        column(say("Sejak", "Since"), say("Sem. II 2025", "2nd half 2025"))],
            "rows": [row(say("Basis: pembeli", "Base: buyers"), cell(), "679", "679", "679", "640", kind="base", small=say("basis efektif 579", "effective base 579")), *_level_rows(words)],
        },
    }  # fmt: skip
    return _section("pyramid", say("Piramida pengalaman online", "The online experience pyramid"),
                    say("Tingkat mana yang kuat dan mana yang lemah?", "Which level is strong and which is weak?"),
                    [say("Tingkat yang paling lemah adalah Layanan yang tanggap, dengan skor 58,3 (56,9 sampai 59,7), 4,1 poin di bawah tingkat terlemah berikutnya, Ikatan emosional.",
                         "The weakest level is Responsive service, scoring 58.3 (56.9 to 59.7), 4.1 points below the next weakest, Emotional connection.")],
                    [figure, box, table])  # fmt: skip


def _journey(words: _Language) -> dict[str, Any]:
    say = words.say
    stages = [
        say("Mengenal", "Aware"),
        say("Menimbang", "Consider"),
        say("Memutuskan", "Decide"),
        say("Menilai", "Evaluate"),
        say("Mendukung", "Advocate"),
    ]
    unmeasured = cell(say("tidak diukur", "not measured"), state="none")
    scores = (
        (None, 62.0, 63.1, 66.0, 71.2),
        (None, 68.6, 72.9, 75.1, 81.4),
        (None, 51.2, 58.0, 61.3, 66.7),
        (None, 74.6, 78.9, 80.3, 84.1),
        (None, None, 79.5, 83.7, 88.0),
    )
    rows = []
    for (_, names, *_), values in zip(LEVELS, scores, strict=True):
        cells = [
            unmeasured
            if v is None
            else cell(words.number(v), small=words.span(v - 1.6, v + 1.6), state=_shade(v))
            for v in values
        ]
        rows.append(row(say(*names), *cells))
    heat = {
        "type": "table", "id": "table-stage", "number": say("Tabel 2", "Table 2"), "title": say("Skor terendah ada pada Layanan yang tanggap di setiap tahap", "Responsive service scores lowest at every stage"),
        "sub": say("Skor 0-100 menurut tahap terjauh responden", "Score 0-100 by the respondents' furthest stage"),
        "notes": [say("Setiap kolom berisi orang yang berbeda.", "Each column holds different people.")],
        "table": {"caption": "", "id": "stage", "stick": True, "heat": True, "columns": [column(say("Tingkat", "Level")), *[column(s) for s in stages]], "rows": rows},
    }  # fmt: skip
    figure = {
        "type": "figure", "id": "figure-journey", "number": say("Gambar 2", "Figure 2"), "title": say("Penilaian paling turun setelah orang memutuskan", "Ratings drop most after people decide"), "sub": "",
        "alt": say("Garis penilaian pada 5 tahap. Tertinggi Memutuskan 74,6, terendah Merekomendasikan 65,0; Mengenal tidak diukur. Basis 529 sampai 1.204.",
                   "Line of ratings over 5 stages. Highest Decide 74.6, lowest Advocate 65.0; Aware not measured. Bases 529 to 1,204."),
        "wide": _drawing(words, 784), "narrow": _drawing(words, 343), "notes": [], "table": None,
    }  # fmt: skip
    return _section("journey", say("Perjalanan pelanggan", "The customer journey"),
                    say("Di mana kita kehilangan orang, dan di mana pengalaman menurun?", "Where do we lose people, and where does the experience drop?"),
                    [say("Penilaian paling turun pada peralihan dari Memutuskan ke Menilai.", "Ratings drop most at the hand-off from Decide to Evaluate.")],
                    [figure, heat])  # fmt: skip


def _shade(score: float) -> str:
    return f"s{1 + sum(score >= edge for edge in (60, 68, 75, 82))}"


def _groups(words: _Language) -> dict[str, Any]:
    say = words.say
    hidden = cell("**", state="none", word=say("tidak ditampilkan", "not shown"))
    regions = [("", say("Semua", "All")), ("A", say("Jawa", "Java")), ("B", "Sumatra"), ("C", "Kalimantan"),
               ("D", "Sulawesi"), ("E", say("Bali dan Nusra", "Bali and Nusra")), ("F", say("Maluku dan Papua", "Maluku and Papua"))]  # fmt: skip
    rows = [row(say("Basis semua, n", "Base all, n"), *[cell(n, small=e) for n, e in zip(
        (words.number(1204, 0), "656", "231", "104", "118", "71", "24"), (words.number(1041, 0), "567", "202", "88", "102", "62", "20"), strict=True)],
        kind="base", small=say("basis efektif", "effective base"))]  # fmt: skip
    for _, names, _, estimate, *_ in LEVELS:
        rows.append(row(say(*names), words.number(estimate), cell(words.number(estimate + 1.9), slot="CD"), words.number(estimate + 0.2),
                        cell(words.number(estimate - 6.3), slot="*"), words.number(estimate - 5.9), cell(words.number(estimate - 2), slot="*"), hidden))  # fmt: skip
    rows.append(
        row(
            "NPS",
            "+32",
            "+36",
            "+30",
            cell("+29", slot="*"),
            "+40",
            cell("+38", slot="*"),
            hidden,
            kind="level",
        )
    )
    table = {
        "type": "table", "id": "table-region", "number": say("Tabel 3", "Table 3"), "title": say("Jawa jelas di atas Kalimantan dan Sulawesi", "Java is clearly above Kalimantan and Sulawesi"),
        "sub": say("Skor 0-100 menurut wilayah tinggal", "Score 0-100 by region of residence"),
        "notes": [say("Huruf di dalam sel berarti nilainya jelas lebih tinggi daripada kolom berhuruf itu (tingkat kepercayaan 95%, koreksi Holm).",
                      "A letter in a cell means that its value is clearly higher than the column with that letter (95% confidence, Holm correction)."),
                  say("* Basis efektif di bawah 100: baca sebagai petunjuk. ** Basis efektif di bawah 30: hasil tidak ditampilkan.",
                      "* Effective base below 100: read as indicative. ** Effective base below 30: result not shown.")],
        "table": {"caption": "", "id": "region", "stick": True, "columns": [column(say("Ukuran", "Measure")), *[column(name, letter=letter) for letter, name in regions]], "rows": rows},
    }  # fmt: skip
    return _section(
        "groups",
        say("Perbedaan antarkelompok", "Differences between groups"),
        say("Siapa yang mengalaminya berbeda?", "Who lives it differently?"),
        [],
        [table],
    )


def _measurement(words: _Language) -> dict[str, Any]:
    say = words.say
    return _section("measurement", say("Mutu pengukuran", "Quality of measurement"), say("Seberapa jauh angka ini bisa dipercaya?", "How far can these numbers be trusted?"), [], [
        {"type": "strip", "facts": [{"label": label, "value": value, "small": small} for label, value, small in (
            ("χ² (34)", words.number(72.0), "p < " + words.number(0.001, 3)), ("CFI", words.number(0.981, 3), "TLI " + words.number(0.969, 3)),
            ("RMSEA", words.number(0.042, 3), words.span(0.029, 0.056, 3)), ("SRMR", words.number(0.030, 3), ""))]},
        {"type": "box", "tone": "fail", "title": say("Gagal: kesetaraan antarwilayah tidak bisa diuji", "Failed: equivalence across regions could not be tested"),
         "paragraphs": [say("Model enam kelompok tidak konvergen. Angkanya tidak dilaporkan.", "The six-group model did not converge. No figure is reported."),
                        say("Yang bisa dicoba: gabungkan wilayah timur menjadi satu kelompok.", "What to try: merge the eastern regions into one group.")]},
    ])  # fmt: skip


def _methods(words: _Language) -> dict[str, Any]:
    say = words.say
    wording = {
        "type": "table", "id": "table-wording", "number": "", "title": "", "sub": "", "notes": [],
        "table": {"caption": say("Kata-kata dua pernyataan pertama dalam kedua bahasa", "Wording of the first two statements in both languages"), "id": "wording", "stick": True,
                  "columns": [column(say("Kunci", "Key")), column("Bahasa Indonesia", align="left"), column("English", align="left")],
                  "rows": [row(Markup("<code>ful_1</code>"), cell("Yang saya terima dari Toko Contoh sesuai dengan yang saya pesan.", lang="id"), cell("What I received from Toko Contoh was what I ordered.", lang="en")),
                           row(Markup("<code>ful_2</code>"), cell("Pesanan saya dari Toko Contoh datang tepat waktu.", lang="id"), cell("My order from Toko Contoh arrived on time.", lang="en"))]},
    }  # fmt: skip
    code = Markup(
        '<pre><span class="kn">import</span> cxkit <span class="k">as</span> cx\nsurvey = cx.load(<span class="s2">"demo"</span>)  <span class="c1"># read, checked, weighted</span></pre>'
    )
    return _section("methods", say("Cara laporan ini dibuat", "How this report was made"), say("Bagaimana laporan ini dibuat?", "How was this report made?"),
                    [say("Setiap angka berasal dari satu tabel taksiran. Perintah ini menghitung ulang laporan, lalu menyebut setiap angka yang berubah.",
                         "Every number comes from one table of estimates. This command computes the report again and names every number that changed.")], [
        {"type": "command", "text": f"cxkit verify toko_contoh-report.{words.language}.html --study demo"},
        {"type": "definitions", "rows": [
            {"term": say("Instrumen", "Instrument"), "paragraphs": [say("Kelima tingkat disusun dari skala yang telah terbit; susunan dan kata-kata di sini adalah versi kerja yang belum diuji secara terpisah.",
                                                                     "The five levels are built from a published scale; the selection and wording here are a working version that has not been tested separately.")]},
            {"term": say("Rentang 95%", "95% ranges"), "paragraphs": [say("Rata-rata dan NPS: linearisasi Taylor berbobot.", "Means and NPS: weighted Taylor linearisation."), say("Persentase: Wilson dengan basis efektif.", "Percentages: Wilson with the effective base.")]},
            {"term": say("Sidik data", "Data digest"), "paragraphs": [Markup("<code>sha256 9f2c71ab04de5c38e1a79f2c71ab04de5c38e1a79f2c71ab04de5c38e1a79f2c</code>")]},
        ]},
        {"type": "prose", "html": Markup("<p>{}</p><ul><li>{}</li><li>{}</li></ul>").format(say("Catatan peneliti:", "Researcher's note:"), say("satu", "one"), say("dua", "two"))},
        {"type": "image", "src": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==", "alt": say("Gambar uji", "Test picture")},
        {"type": "appendix", "id": "appendix-wording", "title": say("Kata-kata pernyataan", "Wording of the statements"), "blocks": [wording]},
        {"type": "appendix", "id": "appendix-parameters", "title": say("Parameter laporan", "Report parameters"), "blocks": [{"type": "command", "text": "study: demo\nwave: 2026H1\nmin_base: 30"}]},
        {"type": "appendix", "id": "appendix-code", "title": say("Kode", "Code"), "blocks": [{"type": "code", "html": code}]},
    ])  # fmt: skip


def _drawing(words: _Language, width: int) -> Markup:
    """A stand-in for a drawing: levels as stem, interval and tick on a line from 0 to 100."""
    is_wide = width > 400
    left, length, step = (196, 404, 66) if is_wide else (48, 180, 62)
    parts = []
    for place, (_, names, gloss, estimate, low, high, before, change, tone) in enumerate(LEVELS):
        top = 22 + place * step
        x, x0, x1, was = (left + length * v / 100 for v in (estimate, low, high, before))
        half = 78 if is_wide else 20
        upper, lower = half * place / 5, half * (place + 1) / 5 - 2
        colour = {"good": "good", "bad": "bad", "flat": "data"}[tone]
        ink = {"good": "good-ink", "bad": "bad-ink", "flat": "soft"}[tone]
        parts.append(
            f'<path fill="var(--band)" d="M{half - upper:.1f} {top}H{half + upper:.1f}L{half + lower:.1f} {top + step - 4}H{half - lower:.1f}Z"/>'
            f'<text font-size="13" font-weight="650" x="{left}" y="{top + 20}">{escape(words.say(*names))}'
            + (
                f'<tspan dx="8" font-weight="400" font-size="12" fill="var(--soft)">{escape(words.say(*gloss))}</tspan>'
                if is_wide
                else ""
            )
            + f'</text><path stroke="var(--band)" stroke-width="6" d="M{left} {top + 41}H{x:.1f}"/>'
            f'<path stroke="var(--soft)" d="M{was:.1f} {top + 41}H{x:.1f}"/>'
            f'<circle cx="{was:.1f}" cy="{top + 41}" r="4.2" fill="var(--paper)" stroke="var(--data)" stroke-width="1.5"/>'
            f'<path stroke="var(--{colour})" stroke-width="10" opacity=".4" d="M{x0:.1f} {top + 41}H{x1:.1f}"/>'
            f'<path stroke="var(--{colour})" stroke-width="3" d="M{x:.1f} {top + 33}v16"/>'
            f'<text font-size="20" font-weight="650" text-anchor="end" x="{682 if is_wide else width}" y="{top + 26}">{words.number(estimate)}</text>'
            f'<text font-size="12" text-anchor="end" fill="var(--soft)" x="{682 if is_wide else width}" y="{top + 43}">{words.span(low, high)}</text>'
            f'<text font-size="13" font-weight="650" text-anchor="end" fill="var(--{ink})" x="{width}" y="{top + (26 if is_wide else 58)}">{SIGNS[tone]} {words.signed(change)}</text>'
        )
    height = 22 + 5 * step
    for value in (0, 25, 50, 75, 100):
        at = left + length * value / 100
        parts.insert(
            0,
            f'<path stroke="var(--line)" d="M{at} 22V{height}"/><text font-size="12" text-anchor="middle" fill="var(--soft)" x="{at}" y="{height + 16}">{value}</text>',
        )
    return Markup(f'<svg viewBox="0 0 {width} {height + 24}">{"".join(parts)}</svg>')


HOSTILE = "<script>alert('x')</script>\"'&"


def hostile(value: Any) -> Any:
    """The same page with every string from data replaced by one that wants out of its place."""
    kept = {
        "id",
        "href",
        "src",
        "lang",
        "type",
        "css",
        "tone",
        "state",
        "kind",
        "align",
        "wide",
        "narrow",
        "html",
        "slot",
    }
    if isinstance(value, dict):
        return {k: v if k in kept and isinstance(v, str) else hostile(v) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v) for v in value]
    if isinstance(value, str) and value and not isinstance(value, Markup):
        return HOSTILE
    return value
