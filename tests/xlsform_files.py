"""An invented XLSForm, and the exports that KoboToolbox and ODK Central make of it.

Headings are written out, as the platforms write them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ID, EN = "label::Bahasa Indonesia (id)", "label :: English (en)"

SURVEY = (
    ("type", "name", ID, EN, "hint::English (en)", "relevant", "kobo--score-choices"),
    ("start", "start", "", "", "", "", ""),
    ("end", "end", "", "", "", "", ""),
    ("today", "today", "", "", "", "", ""),
    ("deviceid", "deviceid", "", "", "", "", ""),
    ("username", "username", "", "", "", "", ""),
    ("select_one region", "region", "Wilayah?", "Region?", "Where you live", "", ""),
    ("begin_group", "use", "Pemakaian", "Use", "", "", ""),
    ("select_multiple channel or_other", "channels", "Lewat mana?", "Through what?", "", "", ""),
    ("integer", "n visits", "", "", "", "", ""),
    ("", "", "", "", "", "", ""),
    ("begin group", "rating", "Nilai", "Rating", "", "", ""),
    ("select one from agree", "easy", "Mudah", "<b>Easy</b>", "", "", ""),
    ("select one using agree", "fast", "Cepat", "Fast", "", "${region} = 'west'", ""),
    ("end group", "", "", "", "", "", ""),
    ("end_group", "", "", "", "", "", ""),
    ("begin_score", "shops", "Toko", "Shops", "", "", "agree"),
    ("score__row", "near", "Dekat", "Near", "", "", ""),
    ("end_score", "", "", "", "", "", ""),
    ("geopoint", "place", "Di mana?", "Where?", "", "", ""),
    ("text", "why", "Mengapa?", "Why?", "", "", ""),
    ("calculate", "sum", "", "", "", "", ""),
    ("note", "thanks", "Terima kasih", "Thanks", "", "", ""),
    ("rank channel", "best", "Urutkan", "Rank", "", "", ""),
    ("begin repeat", "visit", "Kunjungan", "Visit", "", "", ""),
    ("date", "day", "Kapan?", "When?", "", "", ""),
    ("end repeat", "", "", "", "", "", ""),
)
CHOICES = (
    ("list name", "name", ID, EN),
    ("region", "west", "Barat", "West"),
    ("region", "east", "Timur", "East"),
    ("", "", "", ""),
    ("channel", "app", "Aplikasi", "App"),
    ("channel", "web", "Situs", "Web"),
    ("agree", "1", "Tidak", "No"),
    ("agree", "2", "Ya", "Yes"),
    ("agree", "9", "Tidak tahu", "Don’t know"),
)
SETTINGS = (
    ("form_title", "form_id", "default_language"),
    ("Sebuah toko", "shop", "Bahasa Indonesia (id)"),
)

NAMES = (
    "start", "end", "today", "deviceid", "username", "region", "use/channels", "use/channels/app",
    "use/channels/web", "use/channels/other", "use/channels_other", "use/n_visits",
    "use/rating/easy", "use/rating/fast", "shops/near", "place", "_place_latitude",
    "_place_longitude", "_place_altitude", "_place_precision", "why", "sum", "best",
)  # fmt: skip
"""The headings of KoboToolbox's export of XML names, but for the server's own."""

LABELS = (
    "start", "end", "today", "deviceid", "username", "Region?", "Use/Through what?",
    "Use/Through what?/App", "Use/Through what?/Web", "Use/Through what?/Other",
    "use/channels_other", "Use/n_visits", "Use/Rating/Easy", "Use/Rating/Fast", "Shops/Near",
    "Where?", "_Where?_latitude", "_Where?_longitude", "_Where?_altitude", "_Where?_precision",
    "Why?", "sum", "Rank",
)  # fmt: skip
"""The headings of its export of English labels."""

KOBO = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
    "_submitted_by", "__version__", "_tags", "_index",
)  # fmt: skip
KOBO_ROW = (
    "301", "0f-1", "2026-03-02T10:05:00", "", "", "submitted_via_web", "sari", "v1", "", "1",
)  # fmt: skip
ROW = (
    "2026-03-02T10:00:00.000+07:00", "2026-03-02T10:04:00.000+07:00", "2026-03-02", "ee.x:1",
    "sari", "west", "app web", "1", "1", "0", "", "3", "2", "9", "1", "-6.2 106.8 0 5", "-6.2",
    "106.8", "0", "5", "cepat", "4", "web app",
)  # fmt: skip

ODK = (
    "SubmissionDate", "start", "end", "region", "use-channels", "use-channels/app",
    "use-channels/web", "use-n_visits", "use-rating-easy", "place-Latitude", "place-Longitude",
    "place-Altitude", "place-Accuracy", "why", "meta-instanceID", "KEY", "SubmitterID",
    "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
    "DeviceID", "Edits", "FormVersion",
)  # fmt: skip
"""The headings of ODK Central, groups parted by '-'."""


def lay_form(file: Path, **sheets: Sequence[Sequence[str]]) -> Path:
    """The invented form, or one of other sheets, as a workbook."""
    from openpyxl import Workbook

    held = sheets or {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}
    book = Workbook()
    book.remove(book.active)
    for name, rows in held.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell.replace("n visits", "n_visits") or None for cell in row])
    book.save(file)
    return file
