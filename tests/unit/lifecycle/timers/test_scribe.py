"""A severity 1 that nobody writes down."""

from responses import Life


def test_the_channel_is_asked_once_after_a_quarter_of_an_hour():
    """Unless somebody writes it down by then."""
    life = Life(1)
    life.act("acknowledge")
    assert life.due("scribe") == 15
    life.fire("scribe")
    assert "There is no scribe" in life.said()
    assert life.due("scribe") is None
    written = Life(1)
    written.act("acknowledge")
    written.act("role", role="scribe")
    assert written.due("scribe") is None
