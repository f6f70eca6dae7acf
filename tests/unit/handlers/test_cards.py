"""The parts that cards are made of."""

from datetime import UTC, datetime, timedelta, timezone

from handlers import cards


def test_a_moment_is_rendered_by_the_client_and_told_in_utc():
    """Whatever zone it came in; without one there is nothing to say."""
    at = datetime(2026, 7, 2, 1, 30, 15, 999, tzinfo=timezone(timedelta(hours=2)))
    assert cards.moment(at) == (
        "{{DATE(2026-07-01T23:30:15Z,SHORT)}} {{TIME(2026-07-01T23:30:15Z)}} (2026-07-01 23:30 UTC)"
    )
    assert cards.moment(datetime(2026, 7, 1, tzinfo=UTC)).endswith("(2026-07-01 00:00 UTC)")
    assert cards.moment(None) == ""


def test_the_fallback_is_short_and_calls_nobody():
    """It stands where no card is drawn, so no tag of it is one."""
    made = cards.card([], fallback="<at>Ada</at> " + "x" * 200)
    assert len(made["fallbackText"]) == 100
    assert "<at>" not in made["fallbackText"]


def test_what_is_empty_is_left_out():
    """No empty lines, no set of no facts, no button without an address."""
    assert list(cards.plain("")) == []
    assert list(cards.facts([("Service", ""), ("Source", "")])) == []
    assert list(cards.buttons([("Open", "")])) == []
    (only,) = cards.facts([("Service", ""), ("Source", "desk")])
    assert only["facts"] == [{"title": "Source", "value": "desk"}]
    assert cards.small_print("inc-1", "", "mark")["text"] == "inc-1 · mark"


def test_a_listing_names_the_first_and_counts_the_rest():
    """In groups of three, as other numbers; harmless and cut where the names are long."""
    assert cards.listing(["a", "b"], most=2, limit=10) == "a, b"
    assert cards.listing(["x"] * 1_002, most=2, limit=10) == "x, x and 1,000 more"
    assert cards.listing(["[a](b)", "x" * 50], most=5, limit=10) == "(a)(b), x…"
    assert cards.listing([], most=5, limit=10) == ""
