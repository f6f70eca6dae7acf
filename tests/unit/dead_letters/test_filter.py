"""Which dead letters are meant."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.dead_letters.browse import Letter
from worker.dead_letters.filter import Filter

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def letter(sequence=7, reason="Rejected:create-work-item", **facts):
    return Letter(
        sequence_number=sequence,
        message_id="m",
        reason=reason,
        description="",
        enqueued_at=facts.pop("enqueued_at", NOW),
        delivery_count=0,
        size=0,
        **facts,
    )


@pytest.mark.parametrize(
    ("reason", "cause", "step"),
    [
        ("Rejected:create-work-item", "Rejected", "create-work-item"),
        ("Forbidden:assign:bruno-1a2b", "Forbidden", "assign:bruno-1a2b"),
        ("MaxDeliveryCountExceeded", "MaxDeliveryCountExceeded", None),
        ("Their own: reason", "Their own: reason", None),
        ("Error:Something Else", "Error:Something Else", None),
        ("", "", None),
    ],
)
def test_only_our_own_reasons_name_a_step(reason, cause, step):
    """What other programs write after a colon belongs to their reason."""
    assert (letter(reason=reason).cause, letter(reason=reason).step) == (cause, step)


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (Filter(), True),
        (Filter(sequences=frozenset({6, 7})), True),
        (Filter(sequences=frozenset({6})), False),
        (Filter(incidents=frozenset({"inc-1"})), True),
        (Filter(incidents=frozenset({"inc-2"})), False),
        (Filter(reasons=frozenset({"rejected"})), True),
        (Filter(reasons=frozenset({"rejected:create-work-item"})), True),
        (Filter(reasons=frozenset({"reject"})), False),
        (Filter(steps=frozenset({"create-work-item"})), True),
        (Filter(steps=frozenset({"announce"})), False),
        (Filter(since=NOW, until=NOW), True),
        (Filter(since=NOW + timedelta(seconds=1)), False),
        (Filter(until=NOW - timedelta(seconds=1)), False),
        (Filter(sequences=frozenset({7}), steps=frozenset({"announce"})), False),
    ],
)
def test_all_of_a_filter_has_to_fit(wanted, matches):
    """Within one option any value is enough; what is not given lets all pass."""
    assert wanted.matches(letter(incident_id="inc-1")) is matches
