"""Headers as exports have them, each with the question of the kit that it is, or none.

Wanted pairs are the library's texts in both languages and all presets, with a brand filled in and
edited as researchers edit by hand. Decoys are questions of other instruments, of other subjects,
other brands, turned round, or about the survey itself; and every question of the kit while the
library is made to forget it, so that only its neighbours could be taken for it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from cxkit import library
from cxkit.answers.mapping.likeness import Wordings

BRAND = "Toko Melati"
OTHER = "Warung Sejuk"
FILLED = {
    "id": {"site": "situs atau aplikasi", "place": "gerai", "period": "6 bulan terakhir",
           "ahead": "6 bulan ke depan"},
    "en": {"site": "website or app", "place": "shop", "period": "the last 6 months",
           "ahead": "the next 6 months"},
}  # fmt: skip

INSTEAD = {
    "id": (("Anda", "Bapak/Ibu"), ("Pernahkah", "Apakah pernah"), ("bisa", "dapat"),
           ("Seberapa besar kemungkinan", "Seberapa besarkah kemungkinan"),
           ("Secara keseluruhan", "Secara umum"), ("Apakah", "Apa"),
           ("sungguh-sungguh", "benar-benar"),
           ("petugas", "staf")),
    "en": (("{brand}'s", "the {brand}"), ("have you", "did you"), ("genuinely", "truly"),
           ("How likely are you to", "How likely is it that you would"), ("Overall, how", "How"),
           ("I can ", "I am able to "), ("staff", "employees"), ("I feel that", "I feel")),
}  # fmt: skip
"""Words that researchers put in place of the kit's."""


def filled(text: str, language: str, brand: str = BRAND) -> str:
    return text.format(brand=brand, minutes=6, **FILLED[language])


def texts() -> Iterator[tuple[str, str, str]]:
    """Every wording of every question: (key, language, text with its slots)."""
    for name in library.batteries():
        for preset in (None, *library.presets()):
            for key, asked in library.battery(name, preset=preset)["questions"].items():
                for language, text in asked["text"].items():
                    yield key, language, text


def unique_texts() -> list[tuple[str, str, str]]:
    return list(dict.fromkeys(texts()))


# -- what hands do to a header ---------------------------------------------------------------------


def numbered(text: str, rng: random.Random) -> str:
    return f"{rng.choice(['Q', '', 'P'])}{rng.randint(1, 40)}. {text}"


def hinted(text: str, rng: random.Random) -> str:
    hint = rng.choice(
        [
            "(1-5)",
            "(pilih satu jawaban)",
            "(wajib diisi)",
            "(1 = lowest, 5 = highest)",
            "*",
            "(0-10)",
        ]
    )
    return f"{text} {hint}"


def bare(text: str, rng: random.Random) -> str:
    return text.rstrip(".?").lower()


def shouted(text: str, rng: random.Random) -> str:
    return text.upper()


def spaced(text: str, rng: random.Random) -> str:
    return "  " + text.replace(" ", "  ", 2).replace("'", "\N{RIGHT SINGLE QUOTATION MARK}") + " "


def marked_up(text: str, rng: random.Random) -> str:
    return f"<p><b>{text}</b>&nbsp;</p>"


def mistyped(text: str, rng: random.Random) -> str:
    """One slip in one long word: a letter left out, doubled, or two turned round."""
    words = text.split(" ")
    long = [at for at, word in enumerate(words) if len(word) >= 8 and word.isalpha()]
    if not long:
        return text
    at = rng.choice(long)
    word, place = words[at], rng.randint(2, len(words[at]) - 3)
    slip = rng.choice(["left out", "doubled", "turned"])
    if slip == "left out":
        word = word[:place] + word[place + 1 :]
    elif slip == "doubled":
        word = word[:place] + word[place] + word[place:]
    else:
        word = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return " ".join([*words[:at], word, *words[at + 1 :]])


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "numbered": numbered, "hinted": hinted, "bare": bare, "shouted": shouted, "spaced": spaced,
    "marked_up": marked_up, "mistyped": mistyped,
}  # fmt: skip


def reworded(text: str, language: str) -> str:
    """A text with one of its words put otherwise; itself where none is."""
    for old, new in INSTEAD[language]:
        if old in text and old != new:
            return text.replace(old, new, 1)
    return text


def asked_with_stem(key: str, text: str, language: str) -> str:
    """The header of a question that says nothing without what comes before it."""
    stem = library.in_every_language("frame_texts", "int_dis")[language]
    return f"{filled(stem, language)} [{text}]" if key.startswith("dis_") else text


def wanted(seed: int = 7) -> Iterator[tuple[str, str, str]]:
    """(how it was edited, key, header) for every wording and every edit."""
    rng = random.Random(seed)
    for key, language, text in unique_texts():
        whole = filled(text, language)
        yield "as it is", key, asked_with_stem(key, whole, language)
        for name, edit in EDITS.items():
            yield name, key, edit(asked_with_stem(key, whole, language), rng)
        changed = filled(reworded(text, language), language)
        if changed != whole:
            yield "reworded", key, asked_with_stem(key, changed, language)


# -- what must not be taken for a question of the kit ----------------------------------------------

DECOYS = f"""
How likely are you to visit {BRAND} again?
How likely are you to visit {BRAND} again in the next 6 months?
How likely are you to visit the {BRAND} website again in the next 6 months?
Seberapa besar kemungkinan Anda mengunjungi {BRAND} lagi dalam 6 bulan ke depan?
Seberapa besar kemungkinan Anda berkunjung lagi ke gerai {BRAND}?
How satisfied are you with this survey?
Overall, how satisfied are you with this survey?
Overall, how satisfied are you with this questionnaire about {BRAND}?
Seberapa puas Anda dengan survei ini?
Secara keseluruhan, seberapa puas Anda dengan survei ini?
Secara keseluruhan, seberapa puas Anda dengan survei {BRAND} ini?
How easy was it to complete this survey?
Seberapa mudah bagi Anda mengisi survei ini?
Seberapa besar kemungkinan Anda merekomendasikan survei ini kepada keluarga atau teman?
How likely are you to recommend this survey to family, friends or colleagues?
How likely are you to recommend {OTHER} to family, friends or colleagues?
Seberapa besar kemungkinan Anda merekomendasikan {OTHER} kepada keluarga, teman, atau rekan kerja?
Saya yakin {OTHER} melindungi data pribadi saya.
I am confident that {OTHER} protects my personal data.
{OTHER} is responsive to its customers' needs.
{OTHER} tanggap terhadap kebutuhan pelanggannya.
Secara keseluruhan, seberapa puas Anda dengan {OTHER}?
Overall, how satisfied are you with {OTHER}?
Saya tidak yakin {BRAND} melindungi data pribadi saya.
I am not confident that {BRAND} protects my personal data.
I am worried that {BRAND} does not protect my personal data.
Saya yakin {BRAND} tidak melindungi data pribadi saya.
{BRAND} tidak tanggap terhadap kebutuhan pelanggannya.
{BRAND} is not responsive to its customers' needs.
{BRAND} is unresponsive to its customers' needs.
I often feel lost on the {BRAND} website.
I cannot find my way around the {BRAND} website without feeling lost.
Saya sering merasa tersesat saat menjelajahi situs {BRAND}.
Saya tidak bisa menjelajahi situs {BRAND} tanpa merasa tersesat.
Saya bisa menjelajahi situs {BRAND} tetapi merasa tersesat.
How unlikely are you to recommend {BRAND} to family, friends or colleagues?
How dissatisfied are you with {BRAND} overall?
Secara keseluruhan, seberapa tidak puas Anda dengan {BRAND}?
Bertransaksi dengan {BRAND} terasa tidak aman bagi saya.
Making a transaction with {BRAND} feels unsafe to me.
My orders from {BRAND} never arrive by the promised time.
Pesanan saya dari {BRAND} tidak tiba sesuai waktu yang dijanjikan.
Saya merasa tidak dipedulikan oleh {BRAND}.
In the last 6 months, have you not bought from {BRAND}?
Pernahkah Anda membeli dari toko lain?
Dalam 6 bulan terakhir, pernahkah Anda membeli dari {OTHER}?
In the last 6 months, have you bought from {OTHER}?
How satisfied are you with the parking at {BRAND}?
Seberapa puas Anda dengan tempat parkir {BRAND}?
Overall, how satisfied are you with the prices at {BRAND}?
Secara keseluruhan, seberapa puas Anda dengan harga di {BRAND}?
How satisfied are you with your job?
Seberapa puas Anda dengan pekerjaan Anda?
How likely are you to recommend this company as a place to work?
Seberapa besar kemungkinan Anda merekomendasikan perusahaan ini sebagai tempat bekerja?
How likely are you to apply for a job at {BRAND} in the next 6 months?
How likely are you to recommend the {BRAND} credit card to family, friends or colleagues?
I would recommend {BRAND} to my employer.
{BRAND} made it easy for me to handle my issue.
Overall quality of {BRAND}
Image of {BRAND}: it can be trusted in what it says and does
Is {BRAND} stable and firmly established?
How often could things go wrong at {BRAND}?
Do you think {BRAND} is concerned with its customers?
Given the quality of the products, how would you rate the prices you pay?
I think that I would like to use this system frequently.
I found the system unnecessarily complex.
I thought the system was easy to use.
Using {BRAND} improves my performance.
My interaction with {BRAND} is clear and understandable.
{BRAND} gives me individual attention.
When {BRAND} promises to do something by a certain time, it does so.
The employees of {BRAND} are consistently courteous.
{BRAND} has up-to-date equipment.
The {BRAND} website loads its pages fast.
The {BRAND} website does not crash.
I feel an emotional bond with {BRAND}.
I am proud to be a customer of {BRAND}.
Saya merasa bangga menjadi pelanggan {BRAND}.
Saya percaya {BRAND} jujur kepada pelanggannya.
Pegawai {BRAND} selalu ramah dan sopan.
Situs {BRAND} cepat dibuka.
Harga produk {BRAND} terjangkau.
{BRAND} memiliki tempat parkir yang luas.
{BRAND} memberikan perhatian pribadi kepada saya.
Seberapa sering Anda membeli dari {BRAND}?
How often do you buy from {BRAND}?
Di mana Anda membeli produk {BRAND}?
Berapa kali Anda membuka situs {BRAND} dalam 6 bulan terakhir?
How important is it that {BRAND} protects my personal data?
Seberapa penting bagi Anda bahwa {BRAND} melindungi data pribadi Anda?
Apa alasan utama Anda membeli dari {BRAND}?
What is the main reason you buy from {BRAND}?
What is the main reason for your visit today?
Apa yang Anda sukai dari {BRAND}?
What do you like about {BRAND}?
Jika {BRAND} hanya bisa mempertahankan satu hal, apa yang sebaiknya dipertahankan?
If {BRAND} could keep just one thing, what should it be?
When did you last visit {BRAND}?
Kapan terakhir kali Anda mengunjungi {BRAND}?
Which device did you use to fill in this survey?
Perangkat apa yang Anda pakai untuk mengisi survei ini?
How did you first hear of this survey?
Dari mana Anda mengetahui survei ini?
Saya yakin {BRAND} melindungi data perusahaan saya.
I am confident that {BRAND} protects the environment.
I feel genuinely bored by {BRAND}.
{BRAND} understands what its shareholders want.
The goods I send to {BRAND} match their order.
My complaints to {BRAND} are completed by the promised time.
Petugas {BRAND} terampil dalam menjual kepada saya.
{BRAND} staff are skilled at selling to me.
Saya akan tetap memilih {BRAND} meskipun ada pilihan lain yang lebih dekat.
I would still choose {BRAND} even if another option were closer.
In the last 6 months, have you had a problem with {OTHER}?
In the last 6 months, have you talked about {OTHER} to other people?
How many stars would you give the driver of {BRAND}?
Berapa bintang yang Anda berikan untuk kurir {BRAND}?
How interested are you in working for {BRAND}?
Seberapa tertarik Anda bekerja di {BRAND}?
Umur saya
Saya mudah tersinggung.
Am indifferent to the feelings of others.
Make people feel at ease.
Inflight wifi service
Leg room service
Cleanliness
Seat comfort
Apakah Anda bersedia dihubungi kembali?
May we contact you again about this survey?
Apakah Anda bekerja di perusahaan riset pasar?
In the last 6 months, have you taken part in a survey?
""".strip().splitlines()


def forgotten() -> Iterator[tuple[str, str, Wordings]]:
    """(key, header, a library without that question): only neighbours could be taken for it."""
    whole = Wordings()
    for key in dict.fromkeys(key for key, _, _ in unique_texts()):
        without = Wordings([one for one in whole.every if one.key != key])
        for one_key, language, text in unique_texts():
            if one_key == key:
                yield key, filled(text, language), without
