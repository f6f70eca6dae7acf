"""Whoever wants to undo something finds its id, and who made it."""

from datetime import UTC, datetime

import pytest
from acting import at

from worker.oncall.acts.made import made_by_people
from worker.oncall.acts.written import made_document, made_line
from worker.oncall.stored.reading import read_definitions
from worker.oncall.stored.row import StoredRow

LIMITS = {"from": "2026-01-06T08:00Z", "to": "2026-01-07T08:00Z"}
LATER = {"from": "2026-01-08T08:00Z", "to": "2026-01-09T08:00Z"}
ROWS = (
    StoredRow("schedule:checkout", "schedule", {"time_zone": "Europe/Berlin"}),
    StoredRow(
        "schedule:checkout",
        "override:2026-01-06T08:00Z:a1",
        {"person": "eve", "reason": "Concert", "created_by": "lea@host", **LIMITS},
    ),
    StoredRow(
        "schedule:checkout",
        "override:2026-01-08T08:00Z:b1",
        {"kind": "replace", "person": "eve", "replaces": "ada", "swap": "pair", **LATER},
    ),
    StoredRow(
        "schedule:checkout",
        "override:2026-01-06T08:00Z:b2",
        {"kind": "replace", "person": "ada", "replaces": "eve", "swap": "pair", **LIMITS},
    ),
    StoredRow("absence", "ada@x.example:2026-01-09T08:00Z", {"person": "ada"}),
)


@pytest.fixture
def definitions():
    return read_definitions(ROWS, datetime.now(UTC)).definitions


@pytest.mark.parametrize(
    ("now", "ids"),
    [
        ("2026-01-01T09:00", ["a1", "pair", "ada@x.example:2026-01-09T08:00Z"]),
        ("2026-01-07T09:00", ["pair", "ada@x.example:2026-01-09T08:00Z"]),
        ("2026-01-09T09:00", ["ada@x.example:2026-01-09T08:00Z"]),
    ],
)
def test_what_is_not_over_is_listed(definitions, now, ids):
    """In the order of its beginning; a swap once, until its last half is over."""
    assert [each.id for each in made_by_people(definitions, at(now), str.upper)] == ids


def test_people_and_programs_read_who_made_it_and_what_undoes_it(definitions):
    """Whoever has left has no end."""
    first, *_, last = made_by_people(definitions, at("2026-01-01T09:00"), str.upper)
    assert made_line(first) == (
        "a1: EVE covers checkout, Tue 6 Jan 09:00 \N{EN DASH} Wed 7 Jan 09:00 (Europe/Berlin), by lea@host (Concert)"
    )
    assert made_document(first)["undo"] == "tocsin roster remove a1"
    assert (made_document(last)["kind"], made_document(last)["to"]) == ("absence", None)
