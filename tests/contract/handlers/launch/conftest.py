"""What the tests of the steps on the work item share: the items that are kept, and the results of other steps."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.launch.create_channel import Channel, CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.engine.step import Done
from worker.oncall.on_call import OnCall, Person
from worker.sandbox.world import DEFAULT_WORLD


@pytest.fixture
def incident() -> Incident:
    event = Event(title="Checkout is down", severity=1, service="checkout", impact="No one in EU can pay")
    return Incident(key="the-key", event=event, received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))


@pytest.fixture
def items(stand_in):
    """The work items there are, as the stand-in keeps them."""

    def kept() -> list[dict[str, Any]]:
        return [item for item in stand_in.state()["work_items"] if not item["deleted"]]

    return kept


def on_call(*names: str, note: str = "") -> OnCall:
    """The people by their first names; `nobody` is known to no directory."""
    known = {person.name.split()[0].lower(): person for person in DEFAULT_WORLD.people}
    people = (
        Person(name=known[name].name if name in known else name, email=f"{name}@contoso.example", order=place)
        for place, name in enumerate(names)
    )
    return OnCall(people=tuple(people), service="checkout", note=note)


@pytest.fixture
def channel() -> Channel:
    url = "https://teams.microsoft.com/l/channel/19%3Aabc%40thread.tacv2/inc?groupId=1&tenantId=2"
    return Channel(id="19:abc@thread.tacv2", name="inc-0000000000-checkout <down>", url=url, team_id="1")


@pytest.fixture
def launched(boards, incident, channel):
    """The results so far: a work item, the channel, and these people on call, if they could be looked up."""

    async def begun(*names: str, note: str = "", looked_up: bool = True) -> Done:
        item = await CreateWorkItem(boards).run(incident, Done())
        found = {FindOnCall: on_call(*names, note=note)} if looked_up else {}
        return Done({CreateWorkItem: item, CreateChannel: channel, **found})

    return begun
