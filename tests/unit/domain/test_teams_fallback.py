"""Where an incident is announced while its own channel cannot be had, as a setting says it."""

import pytest

from worker.domain.teams_fallback import Fallback, read_fallback

TEAM = "11111111-2222-3333-4444-555555555555"
CHANNEL = "19:AbC_dEf-1@thread.tacv2"


@pytest.mark.parametrize(
    ("text", "channels", "chats"),
    [
        ("first-channel, chats", ("first-channel",), True),
        ("chats", (), True),
        ("", (), False),
        (f"{TEAM.upper()} First-Channel,{CHANNEL}", (TEAM, "first-channel", CHANNEL), False),
        ("first-channel, first-channel, chats, chats", ("first-channel",), True),
    ],
)
def test_the_places_are_read_in_their_order(text, channels, chats):
    """Each once, in any spelling but for a channel's id, which is told by case."""
    assert read_fallback(text) == Fallback(channels, chats=chats)


@pytest.mark.parametrize("text", ["second-channel", "General", TEAM[:-1], "19:a/b@thread.tacv2", "19:x", "x" * 500])
def test_what_is_no_place_is_said_with_what_there_is(text):
    """Cut, so that a mistake is no flood."""
    with pytest.raises(ValueError, match="is no place: write first-channel, chats, the id of a team") as caught:
        read_fallback(f"chats, {text}")
    assert text[:40].casefold() in str(caught.value).casefold()
    assert len(str(caught.value)) < 400
