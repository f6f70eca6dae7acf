"""Tell the channel what happened, who is on it and where the work is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from handlers.launch.announcement import announcement
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from worker.clients.posting.poster import Posted, Poster
from worker.clients.teams.client import Channel
from worker.domain.errors import Gone, Rejected, Transient
from worker.domain.incident import Incident
from worker.engine.step import Done, Step

__all__ = ["Announce", "Posted"]

# Teams goes on making a channel for a while after it has answered; until then the channel is not there for all.
_STILL_BEING_MADE = timedelta(minutes=2)
_SOON = timedelta(seconds=3)


def _now() -> datetime:
    return datetime.now(UTC)


class Announce(Step[Posted]):
    """Tell the channel what happened, who is on it and where the work is."""

    name = "announce"
    needs = (CreateWorkItem, CreateChannel)
    wants = (FindOnCall,)
    result = Posted

    def describe(self, result: Posted) -> str:
        del result
        return "posted in the channel"

    def __init__(self, poster: Poster, *, now: Callable[[], datetime] = _now) -> None:
        self._poster = poster
        self._now = now

    async def find(self, incident: Incident, done: Done) -> Posted | None:
        return await self._poster.find(done[CreateChannel], incident.id)

    async def run(self, incident: Incident, done: Done) -> Posted:
        channel = done[CreateChannel]
        try:
            return await self._post(incident, done)
        except Gone as error:
            if self._is_young(channel):
                raise Transient(
                    f"{error} The channel is only just made; it is tried again.", retry_after=_SOON
                ) from error
            raise

    async def _post(self, incident: Incident, done: Done) -> Posted:
        channel, work_item, on_call = done[CreateChannel], done[CreateWorkItem], done.wanted(FindOnCall)
        message = announcement(incident, work_item, on_call)
        try:
            return await self._poster.post(channel, message)
        except Rejected:
            # Teams refuses a whole message for one mention of a person who is not in the team.
            if not message.mentions:
                raise
        return await self._poster.post(channel, announcement(incident, work_item, on_call, mentioning=False))

    def _is_young(self, channel: Channel) -> bool:
        return channel.created_at is not None and self._now() - channel.created_at < _STILL_BEING_MADE
