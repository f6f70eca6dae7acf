"""Messages stand by their own time, with what was changed and what people marked."""

import pytest
from known_incidents import at

from worker.incidents.review.channel_line import ChannelLine, Reaction, Version
from worker.incidents.review.from_channel import channel_events
from worker.incidents.review.sources import PIN

PINS = frozenset({PIN})


def line(name, minutes, root="", **more):
    return ChannelLine(id=name, root=root or name, at=at(minutes), author="Ada", **{"text": "Words."} | more)


def pinned(kind):
    return line("1", 0, reactions=(Reaction(kind=kind, person="Ben", at=at(1)),))


@pytest.mark.parametrize(
    ("kind", "pins", "is_key"),
    [
        (PIN, PINS, True),
        (PIN + "\ufe0f", PINS, True),
        ("like", PINS, False),
        ("Like", frozenset({"like"}), True),
        (PIN, frozenset(), False),
    ],
)
def test_a_message_that_somebody_marked_is_a_key_moment(kind, pins, is_key):
    """By whichever reaction the settings name; clients add a selector of its form."""
    (event,) = channel_events([pinned(kind)], pins)
    assert event.key is is_key


def test_replies_name_their_thread_and_stand_by_their_own_time():
    """An answer that came an hour later stands an hour later."""
    events = list(channel_events([line("2", 60, root="1"), line("1", 0), line("3", 30)], PINS))
    assert [(event.data["id"], event.thread) for event in events] == [("1", ""), ("3", ""), ("2", "1")]


def test_what_was_deleted_is_said_with_what_it_said():
    """As far as it was kept in time."""
    kept = line("1", 0, text="", deleted_at=at(5), versions=(Version(text="Rolled back.", until=at(5)),))
    lost = line("2", 0, text="", deleted_at=at(5))
    assert [event.text for event in channel_events([kept, lost], PINS)] == [
        "deleted at 10:05; it said: Rolled back.",
        "deleted at 10:05",
    ]


def test_an_edit_is_marked():
    """The newest words, and those before them."""
    versions = (Version(text="Db.", until=at(2)),)
    (event,) = channel_events([line("1", 0, text="Cache.", edited_at=at(2), versions=versions)], PINS)
    assert event.text == "Cache. (edited at 10:02; before: Db.)"


def test_cards_of_programs_stand_on_the_axis_only_where_people_answered_or_marked_them():
    """What they say is on the axis by itself."""
    card = line("1", 0, text="", by_program=True)
    assert list(channel_events([card], PINS)) == []
    assert [event.text for event in channel_events([card, line("2", 1, root="1")], PINS)] == ["a card", "Words."]
    assert len(list(channel_events([line("3", 0, text="Deployed 7.", by_program=True)], PINS))) == 1
