"""Keep what was said in the channel at each change of state: an edit or a deletion later loses nothing."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel

from handlers.launch.create_channel import CreateChannel
from worker.clients.teams.client import Channel
from worker.domain.incident import Incident
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Lookup

# How many messages were new, or changed, in that channel of that incident; they are kept once it returns.
KeepMessages = Callable[[str, Channel], Awaitable[int]]

SNAPSHOT = "snapshot"


def snapshots(keep: KeepMessages) -> Lane:
    return Lane(
        name="snapshot",
        order=LaneOrder.NEWEST,
        concerns=lambda entry: SNAPSHOT in entry.does,
        playbook=lambda _entry, _response: (KeepChannel(keep),),
    )


class KeptMessages(BaseModel, frozen=True):
    """How many were new, or had changed."""

    messages: int = 0


class KeepChannel(Lookup[KeptMessages]):
    """Kept twice it is kept once."""

    name = "keep-messages"
    wants = (CreateChannel,)
    result = KeptMessages

    def __init__(self, keep: KeepMessages) -> None:
        self._keep = keep

    def describe(self, result: KeptMessages) -> str:
        return f"{result.messages} messages"

    async def run(self, incident: Incident, done: Done) -> KeptMessages:
        channel = done.wanted(CreateChannel)
        return KeptMessages(messages=await self._keep(incident.id, channel)) if channel is not None else KeptMessages()
