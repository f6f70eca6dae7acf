"""A team of the sandbox: its channels, its members and their messages, with the clock that dates them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from worker.sandbox.teams.channels import GENERAL, Channel, Channels
from worker.sandbox.teams.content import Content
from worker.sandbox.teams.members import Members
from worker.sandbox.teams.messages import Message, Messages
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.world import World

Json = dict[str, Any]
Clock = Callable[[], datetime]


class Team:
    def __init__(self, world: World, clock: Clock, team_id: str, name: str) -> None:
        self.id = team_id
        self.name = name
        self.world = world
        self.clock = clock
        self.members = Members(world, team_id)
        self.messages = Messages()
        self.channels = Channels([_general(team_id, name, clock())])

    @property
    def primary_channel(self) -> Channel:
        """The one that was made with the team and cannot be deleted; bots know the team by its id."""
        return next(iter(self.channels))

    def post(self, channel: Channel, content: Content, sender: Json, *, reply_to: str | None = None) -> Message:
        """Take a message whoever sends it: the way in for Graph and for the bot alike."""
        _refuse_archived(channel)
        return self.messages.post(channel.id, content, sender, self.clock(), reply_to=reply_to)

    def edit(self, channel: Channel, message: Message, content: Content) -> Message:
        """As `post`; that the message is the caller's own has been seen to."""
        _refuse_archived(channel)
        return self.messages.edit(message, content, self.clock())

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "displayName": self.name,
            "description": "Where incidents are worked on.",
            "tenantId": self.world.tenant_id,
            "isArchived": False,
            "visibility": "private",
        }

    def state(self) -> Json:
        """Deleted channels are in it too: their names are still taken."""
        return {
            "team": self.to_json(),
            "members": [self.members.to_json(person) for person in self.members.people()],
            "channels": [
                channel.to_json() | {"messages": [m.to_json() for m in self.messages.of_channel(channel.id)]}
                for channel in self.channels
            ],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.members.ids = [member["userId"] for member in state["members"]]
        self.channels = Channels(map(Channel.from_json, state["channels"]))
        self.messages = Messages(_stored_messages(state["channels"]))


def _refuse_archived(channel: Channel) -> None:
    if channel.archived:
        raise Refused(403, "Forbidden", f"The channel '{channel.name}' is archived and takes no messages.")


def _stored_messages(channels: list[Json]) -> list[Message]:
    messages = [Message.from_json(stored, channel["id"]) for channel in channels for stored in channel["messages"]]
    return sorted(messages, key=lambda message: int(message.id))


def _general(team_id: str, name: str, now: datetime) -> Channel:
    # One id for one team, so that a sandbox without kept state is the same on every start.
    return Channel(f"19:{team_id.replace('-', '')}@thread.tacv2", GENERAL, None, now, name)
