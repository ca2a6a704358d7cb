"""Whatever a platform calls things, beyond its dialect they go by the words of the kit."""

from __future__ import annotations

from pathlib import Path

import pytest
from mapped_exports import PLATFORMS as EXPORTS

from cxkit.answers.exports import read_export
from cxkit.answers.mapping import matching
from cxkit.answers.platforms import DIALECTS, PLATFORMS, dialect
from cxkit.answers.platforms.layout import KINDS, ROLES
from cxkit.answers.privacy import columns as privacy
from cxkit.answers.rows import READ_ALONG
from cxkit.library import REASONS


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("source", EXPORTS)
def test_what_an_export_says_of_its_columns_is_in_the_words_of_the_kit(
    source: str, language: str, tmp_path: Path
) -> None:
    """A kind, a role or a reason that only one platform knows would be passed over in silence."""
    export = read_export(EXPORTS[source](tmp_path, language).file)
    assert export.platform in PLATFORMS
    for name, one in export.columns.items():
        assert one.kind in KINDS, name
        assert one.role in ROLES, name
        assert set(one.reasons.values()) <= set(REASONS), name
        assert bool(one.role) <= (one.kind == "meta"), name
        assert bool(one.separator) == (one.kind == "joined"), name


def test_every_role_is_known_to_whoever_reads_columns() -> None:
    """A role is a column of the study, left out with a reason, or personal: one of the three."""
    own, left_out = set(matching._ROLE_KEYS), set(matching._OTHER_ROLES)
    personal = set(privacy._ROLES)
    assert own | left_out | personal == set(ROLES) - {""}
    assert len(own) + len(left_out) + len(personal) == len(own | left_out | personal)
    assert set(READ_ALONG) <= set(ROLES)


def test_every_dialect_is_a_platform_with_a_name_and_endings() -> None:
    """What `platform:` may say, and what a dialect is called where it is told."""
    assert set(DIALECTS) < set(PLATFORMS)
    labels = [dialect(one).LABEL for one in DIALECTS]
    assert len(set(labels)) == len(DIALECTS)
    assert all(end.startswith(".") for one in DIALECTS for end in dialect(one).STRUCTURES)
