"""Figures: published records in, a drawing out; and the drawing as SVG for a page."""

from __future__ import annotations

from cxkit.report.figures.alt import alt, alt_slots
from cxkit.report.figures.call import of_finding
from cxkit.report.figures.curve import curve
from cxkit.report.figures.drawing import ROLES, Drawing
from cxkit.report.figures.files import png, standalone
from cxkit.report.figures.forest import forest
from cxkit.report.figures.heat_map import heat_map
from cxkit.report.figures.inline import svg
from cxkit.report.figures.journey import journey
from cxkit.report.figures.journey_map import journey_map
from cxkit.report.figures.likert import likert
from cxkit.report.figures.links import links
from cxkit.report.figures.priority_map import priority_map
from cxkit.report.figures.pyramid import pyramid
from cxkit.report.figures.tornado import tornado
from cxkit.report.figures.trend import trend

__all__ = [
    "OPTIONS",
    "ROLES",
    "Drawing",
    "alt",
    "alt_slots",
    "curve",
    "forest",
    "heat_map",
    "journey",
    "journey_map",
    "likert",
    "links",
    "of_finding",
    "png",
    "priority_map",
    "pyramid",
    "standalone",
    "svg",
    "tornado",
    "trend",
]

OPTIONS = {
    "pyramid": ("shape", "order", "part"),
    "likert": ("bands", "order", "agreement"),
    "journey": ("order", "leak", "common"),
    "journey_map": ("order", "joined", "quotes", "steps"),
    "forest": ("better", "sides"),
    "heat_map": ("rows", "columns", "by", "lowest", "part"),
    "links": ("order", "leader"),
    "priority_map": ("order", "first", "line", "even"),
    "curve": ("fits", "choices", "reference", "is_signed", "name", "key"),
    "tornado": ("name",),
    "trend": ("measures", "waves", "breaks", "events", "published", "targets"),
}
"""What may be asked of each figure, beside records, words and width."""
