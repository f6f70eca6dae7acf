"""Times are read in every form in which monitoring systems write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.timestamps import moment

SECOND = datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-02T09:15:04Z", SECOND),
        ("2026-03-02T09:15:04", SECOND),
        ("2026-03-02 09:15:04", SECOND),
        (" 2026-03-02T10:15:04+01:00 ", SECOND),
        ("2026-03-02T09:15:04.000+0000", SECOND),
        ("2026-03-02T09:15:04.1234567Z", SECOND.replace(microsecond=123456)),
        ("2026-03-02T09:15:04.123456789Z", SECOND.replace(microsecond=123456)),
        (1772442904, SECOND),
        ("1772442904", SECOND),
        (1772442904.5, SECOND.replace(microsecond=500000)),
        (1772442904000, SECOND),
        ("1772442904000", SECOND),
        (1772442904000000, SECOND),
        (1772442904000000000, SECOND),
        ("1772442904000000000", SECOND),
    ],
)
def test_a_time_is_read(written, read):
    """In any unit of a second since 1970, as number or text, with any fraction and zone; UTC where there is none."""
    assert moment(written) == read


@pytest.mark.parametrize(
    "written",
    [None, "", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00", "yesterday", 0, True, {}, [], 10**300, float("inf")],
)
def test_what_is_no_time_is_none(written):
    """Go's year 1 and whatever cannot be read are as if nothing had been written."""
    assert moment(written) is None


@given(written=st.text(max_size=40) | st.integers() | st.floats() | st.datetimes().map(str))
def test_nothing_brings_the_clock_down(written):
    """Any text and any number is a time in UTC or none."""
    read = moment(written)
    assert read is None or read.utcoffset().total_seconds() == 0
