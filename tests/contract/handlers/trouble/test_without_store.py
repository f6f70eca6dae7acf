"""What is told of an incident whose table is away."""

from datetime import UTC, datetime

import pytest

from handlers.trouble.without_store import SayWithoutStore
from worker.domain.errors import Unreachable
from worker.domain.last_resort import read_last_resort
from worker.sandbox.world import DEFAULT_WORLD

AMARA = DEFAULT_WORLD.people[0]
AWAY = Unreachable("Tried to read the table of incidents; nobody answered.")


async def test_each_of_several_workers_may_say_it_and_it_is_heard_once(incident, open_ways, phones, chat_of):
    """By SMS and webhook, whose other side knows a page again; not by a chat, which could not be looked up."""
    recent = incident.model_copy(update={"received_at": datetime.now(UTC)})
    say = SayWithoutStore(open_ways(), read_last_resort(f"{AMARA.email}, {AMARA.phone}, webhook:pager"))
    for _ in range(2):
        await say(recent, AWAY)
    (call,), (sms,) = phones.pager.calls, phones.sms.messages
    assert "the table of incidents cannot be reached" in call["body"]["reason"]
    assert AWAY.args[0] in sms["message"]
    assert chat_of(0) == []


async def test_a_way_that_fails_is_raised_once_the_others_are_gone(incident, open_ways, phones):
    """Whoever calls logs it."""
    phones.disturb(system="pager", behaviour="status", status=503, times=None)
    say = SayWithoutStore(open_ways(), read_last_resort(f"webhook:pager, {AMARA.phone}"))
    with pytest.raises(Exception, match="503"):
        await say(incident.model_copy(update={"received_at": datetime.now(UTC)}), AWAY)
    assert len(phones.sms.messages) == 1
