"""A team of the sandbox: its channels, its members and their messages, with the clock that dates them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from worker.sandbox.teams.channels import GENERAL, Channel, Channels
from worker.sandbox.teams.content import Content
from worker.sandbox.teams.grants import Grants
from worker.sandbox.teams.members import Members
from worker.sandbox.teams.messages import Message, Messages
from worker.sandbox.teams.operations import ARCHIVE, Operation, Operations
from worker.sandbox.teams.refusals import Refused, bad_request
from worker.sandbox.world import World

Json = dict[str, Any]
Clock = Callable[[], datetime]

OPERATION_LASTS = timedelta(seconds=1)


class Team:
    def __init__(
        self,
        world: World,
        clock: Clock,
        team_id: str,
        name: str,
        *,
        grants: Grants | None = None,
        operation_lasts: timedelta = OPERATION_LASTS,
    ) -> None:
        self.id = team_id
        self.name = name
        self.world = world
        self.clock = clock
        self.archived = False
        self.grants = grants or Grants()
        self.operations = Operations(operation_lasts)
        self.members = Members(world, team_id)
        self.messages = Messages()
        self.channels = Channels([_general(team_id, name, clock())])

    @property
    def primary_channel(self) -> Channel:
        """The one that was made with the team and cannot be deleted; bots know the team by its id."""
        return next(iter(self.channels))

    def post(self, channel: Channel, content: Content, sender: Json, *, reply_to: str | None = None) -> Message:
        """Take a message whoever sends it: the way in for Graph, for the bot and for people alike."""
        self._refuse_archived(channel)
        return self.messages.post(channel.id, content, sender, self.clock(), reply_to=reply_to)

    def edit(self, channel: Channel, message: Message, content: Content) -> Message:
        """As `post`; that the message is the caller's own has been seen to."""
        self._refuse_archived(channel)
        return self.messages.edit(message, content, self.clock())

    def delete(self, channel: Channel, message: Message) -> Message:
        self._refuse_archived(channel)
        return self.messages.delete(message, self.clock())

    def react(self, channel: Channel, message: Message, reaction: Json) -> Message:
        self._refuse_archived(channel)
        return self.messages.react(message, reaction, self.clock())

    def take_back(self, channel: Channel, message: Message, reaction: Json) -> Message:
        """A reaction that is taken back."""
        self._refuse_archived(channel)
        return self.messages.take_back(message, reaction, self.clock())

    def begin_archiving(self, channel: Channel, kind: str) -> Operation:
        """Accept to archive the channel or to open it again; it is done when its time has come."""
        if self.archived:
            raise bad_request(
                f"Team has to be active, for channel to be archived or unarchived: {channel.id}", "Unknown"
            )
        self.channels.check_archiving(channel, archived=kind == ARCHIVE)
        return self.operations.begin(kind, channel.id, self.clock())

    def settle(self, *, stalled: bool, failing: bool) -> None:
        """Do what was accepted and is due. `stalled`: nothing ends; `failing`: what ends has failed."""
        now = self.clock()
        for operation in self.operations.due(now, stalled=stalled):
            error = "Could not update the channel." if failing else None
            try:
                channel = self.channels.get(operation.target)
            except Refused as refused:
                error = refused.message
            if not error:
                self.channels.archive(channel, archived=operation.kind == ARCHIVE)
            self.operations.end(operation, now, error=error)

    def _refuse_archived(self, channel: Channel) -> None:
        if self.archived:
            raise Refused(403, "Forbidden", f"The team '{self.name}' is archived and takes no messages.")
        if channel.archived:
            raise Refused(403, "Forbidden", f"The channel '{channel.name}' is archived and takes no messages.")

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "displayName": self.name,
            "description": "Where incidents are worked on.",
            "tenantId": self.world.tenant_id,
            "isArchived": self.archived,
            "visibility": "private",
        }

    def state(self) -> Json:
        """Deleted channels are in it too: their names are still taken."""
        return {
            "team": self.to_json(),
            "members": [self.members.to_json(person) for person in self.members.people()],
            "channels": [
                channel.to_json() | {"messages": [m.to_state() for m in self.messages.of_channel(channel.id)]}
                for channel in self.channels
            ],
            "operations": [operation.to_json() for operation in self.operations],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.archived = bool(state["team"]["isArchived"])
        self.members.restore(state["members"])
        self.channels = Channels(map(Channel.from_json, state["channels"]))
        self.messages = Messages(_stored_messages(state["channels"]))
        self.operations = Operations(self.operations.lasts, map(Operation.from_json, state["operations"]))


def _stored_messages(channels: list[Json]) -> list[Message]:
    messages = [Message.from_json(stored, channel["id"]) for channel in channels for stored in channel["messages"]]
    return sorted(messages, key=lambda message: int(message.id))


def _general(team_id: str, name: str, now: datetime) -> Channel:
    # One id for one team, so that a sandbox without kept state is the same on every start.
    return Channel(f"19:{team_id.replace('-', '')}@thread.tacv2", GENERAL, None, now, name)
