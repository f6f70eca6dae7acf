"""What the tests of the lanes share: entries, how a response stands, and what the launch has come to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from handlers.launch.announce import Announce, known, post_announcement
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.marks import ANNOUNCEMENT
from worker.domain.response.actor import CLOCK, Source
from worker.domain.response.entry import Entry, Tell
from worker.domain.response.response import PersonRef, Response
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AT = datetime(2026, 3, 2, 10, 4, tzinfo=UTC)


def entry_of(kind, seq, says_so, **more):
    given = {"source": Source.CLOCK, "state": "open", "severity": 1, **more}
    return Entry(seq=seq, at=AT, recorded_at=datetime.now(UTC), kind=kind, actor=CLOCK, text=says_so, **given)


def tell_of(number, **more):
    person = DEFAULT_WORLD.people[number]
    given = {"email": person.email, "object_id": person.entra_id, "phone": person.phone, **more}
    return Tell(person=person.email, name=person.name, **{"why": "You are level 2 for this.", **given})


def ref_of(number):
    person = DEFAULT_WORLD.people[number]
    return PersonRef(person=person.email, name=person.name, email=person.email, object_id=person.entra_id)


@pytest.fixture
def response_of(incident):
    def made(state="open", *, seq=7, **more):
        return Response(incident_id=incident.id, seq=seq, state=state, since=AT, **{"severity": 1, **more})

    return made


@dataclass
class Standing:
    """How the incident stands, as the store would tell it; `on_read` happens when it is asked for."""

    now: Response | None = None
    done: Done = field(default_factory=Done)
    on_read: list = field(default_factory=list)

    async def response(self, incident_id):
        if self.on_read:
            self.on_read.pop(0)()
        return self.now

    async def launched(self, incident_id):
        return self.done


@pytest.fixture
def standing():
    return Standing()


@pytest.fixture
async def announced(poster, incident, own_channel, standing):
    """The results of a launch that has announced it in a channel of its own."""
    begun = Done({CreateChannel: own_channel})
    made = await post_announcement(poster, own_channel, incident, ANNOUNCEMENT, known(begun, poster))
    standing.done = Done({CreateChannel: own_channel, Announce: made})
    return standing.done


@pytest.fixture
async def item(boards, incident, standing):
    """The work item of a launch."""
    made = await CreateWorkItem(boards).run(incident, Done())
    standing.done = Done({**standing.done, CreateWorkItem: made})
    return made
