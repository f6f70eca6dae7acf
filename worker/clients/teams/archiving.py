"""Archiving a channel and opening it again: Graph accepts it, does it a while later, and sometimes never says so."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.teams.item.channels.item.archive.archive_post_request_body import ArchivePostRequestBody
from msgraph.generated.teams.item.channels.item.channel_item_request_builder import ChannelItemRequestBuilder
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_exponential

from worker.clients.answers import object_of, text_of
from worker.clients.outcomes import Answers, Interpretation
from worker.clients.teams.client import LIST_CHANNELS, Channel, Teams
from worker.clients.teams.graph import GRAPH
from worker.clients.teams.pages import asking
from worker.domain.errors import Forbidden, Gone, Rejected, TocsinError, Transient
from worker.domain.text import quoted

# Whoever sweeps looks again; nobody keeps a message for what may take minutes, or hang.
PATIENCE = timedelta(seconds=10)

# In whichever form Graph writes the address: /operations/1 or /operations('1').
_OPERATION = re.compile(r"/operations(?:/|\(')([0-9A-Za-z-]{1,64})")

_ENDED = ("succeeded", "failed")

_GONE = Interpretation(Gone, "There is no such channel: somebody deleted it.")
READ_CHANNEL: Answers = {403: LIST_CHANNELS[403], 404: _GONE}
READ_OPERATION: Answers = {}
CHANGE_CHANNEL: Answers = {
    "team has to be active": Interpretation(
        Rejected, "The team is archived: its owner restores it first; nothing was changed."
    ),
    403: Interpretation(
        Forbidden,
        "Grant the application ChannelSettings.ReadWrite.All and let an administrator consent; without it channels "
        "stay as they are.",
    ),
    404: _GONE,
}


class Progress(StrEnum):
    DONE = "done"
    UNDER_WAY = "under way"
    """Accepted, and not seen to end: to be looked at again."""


class Archiving:
    """`patience` is how long an end is waited for."""

    def __init__(self, teams: Teams, *, patience: timedelta = PATIENCE) -> None:
        self._teams = teams
        self._patience = patience

    async def archive(self, channel: Channel) -> Progress:
        """A channel that is archived already is done; raises Forbidden without the permission, Gone, and Rejected."""
        return await self._change(channel, archived=True)

    async def unarchive(self, channel: Channel) -> Progress:
        """A channel that is open already is done; raises as `archive`."""
        return await self._change(channel, archived=False)

    async def begin(self, channel: Channel, *, archived: bool) -> str | None:
        """Ask for it; by which the end is waited for, None where it stands so already. Raises as `archive`."""
        place = self._place(channel)
        request: Callable[[], RequestInformation] = place.unarchive.to_post_request_information
        if archived:
            request = partial(place.archive.to_post_request_information, ArchivePostRequestBody())
        turn = self._teams.limits_of(channel.team_id).in_channel(channel.id)
        try:
            location = await self._teams.graph.start(_trying(channel, archived=archived), request, CHANGE_CHANNEL, turn)
        except Rejected:
            # To archive what is archived is an error, in words that nobody has written down. Nobody looks before: in
            # a channel each request has to wait for its turn, and what is sent too late is not sent at all.
            if await self.is_archived(channel) is archived:
                return None
            raise
        match = _OPERATION.search(location)
        return match[1] if match else ""

    async def wait(self, channel: Channel, operation: str, *, archived: bool) -> Progress:
        """How far it is, once it has ended or the patience has. Raises Transient where Graph says that it failed."""

        async def look() -> Progress:
            try:
                return await self._look(channel, operation, archived=archived)
            except _Failed:
                raise
            except TocsinError:
                # It was accepted, whatever becomes of a look.
                return Progress.UNDER_WAY

        looks = AsyncRetrying(
            retry=retry_if_result(lambda seen: seen is Progress.UNDER_WAY),
            wait=wait_exponential(multiplier=0.25, max=4),
            stop=stop_after_delay(self._patience),
            retry_error_callback=lambda _: Progress.UNDER_WAY,
        )
        seen: Progress = await looks(look)
        return seen

    async def has_ended(self, channel: Channel, operation: str) -> bool:
        """Whether Graph says so; not where it says nothing of it any more, or never said how it calls it."""
        shown = await self._read_operation(channel, operation) if operation else None
        return text_of(shown, "status") in _ENDED

    async def is_archived(self, channel: Channel) -> bool:
        """Raises Gone where the channel was deleted."""
        place = self._place(channel)
        query = ChannelItemRequestBuilder.ChannelItemRequestBuilderGetQueryParameters(select=["id", "isArchived"])
        request = partial(place.to_get_request_information, asking(query))
        turn = self._teams.limits_of(channel.team_id).in_channel(channel.id)
        trying = f"look whether the channel {channel.name!r} is archived"
        shown = await self._teams.graph.read(trying, request, READ_CHANNEL, turn)
        if not text_of(shown, "id"):
            raise Transient(f"Tried to {trying}; {GRAPH} answered without the channel.")
        return shown.get("isArchived") is True

    async def check(self, primary: Channel) -> None:
        """Raise what an archiving would be refused for.

        A team's first channel is never archived, so that it is asked to be opened again does nothing.
        """
        trying = f"open the channel {primary.name!r} again, which is open"
        turn = self._teams.limits_of(primary.team_id).in_channel(primary.id)
        request = self._place(primary).unarchive.to_post_request_information
        with suppress(Rejected):
            await self._teams.graph.start(trying, request, CHANGE_CHANNEL, turn)

    async def _change(self, channel: Channel, *, archived: bool) -> Progress:
        if await self.is_archived(channel) is archived:
            return Progress.DONE
        operation = await self.begin(channel, archived=archived)
        return Progress.DONE if operation is None else await self.wait(channel, operation, archived=archived)

    async def _look(self, channel: Channel, operation: str, *, archived: bool) -> Progress:
        shown = await self._read_operation(channel, operation) if operation else None
        status = text_of(shown, "status")
        if status == "succeeded":
            return Progress.DONE
        if status not in ("notStarted", "inProgress") and await self.is_archived(channel) is archived:
            return Progress.DONE
        if status == "failed":
            why, trying = quoted(text_of(object_of(shown, "error"), "message")), _trying(channel, archived=archived)
            raise _Failed(f"Tried to {trying}; {GRAPH} accepted it, and it failed ({why}). Nothing was changed.")
        return Progress.UNDER_WAY

    async def _read_operation(self, channel: Channel, operation: str) -> Any:
        """None where it cannot be read: then the channel itself tells."""
        team = self._teams.graph.sdk.teams.by_team_id(channel.team_id)
        request = team.operations.by_teams_async_operation_id(operation).to_get_request_information
        turn = self._teams.limits_of(channel.team_id).any_request()
        try:
            trying = f"look how far the operation {operation} is"
            return await self._teams.graph.read(trying, request, READ_OPERATION, turn)
        except (Forbidden, Gone):
            return None

    def _place(self, channel: Channel) -> Any:
        return self._teams.graph.sdk.teams.by_team_id(channel.team_id).channels.by_channel_id(channel.id)


def _trying(channel: Channel, *, archived: bool) -> str:
    return f"archive the channel {channel.name!r}" if archived else f"open the channel {channel.name!r} again"


class _Failed(Transient):
    """What Graph accepted has failed, which another attempt may mend."""
