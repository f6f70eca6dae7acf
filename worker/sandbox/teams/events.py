"""What Teams itself says in a channel: a rename, people added and removed; nobody's message, with its details."""

from __future__ import annotations

from typing import Any

from worker.sandbox.teams.channels import Channel
from worker.sandbox.world import Person

Json = dict[str, Any]


def channel_renamed(channel: Channel, name: str, by: Json) -> Json:
    return _event("channelRenamed", by) | {"channelId": channel.id, "channelDisplayName": name}


def members_added(people: list[Person], by: Json) -> Json:
    shown = "0001-01-01T00:00:00Z"
    return _event("membersAdded", by) | {"visibleHistoryStartDateTime": shown, "members": _members(people)}


def members_removed(people: list[Person], by: Json) -> Json:
    return _event("membersDeleted", by) | {"members": _members(people)}


def _event(kind: str, by: Json) -> Json:
    return {"@odata.type": f"#microsoft.graph.{kind}EventMessageDetail", "initiator": by}


def _members(people: list[Person]) -> list[Json]:
    # Graph mostly leaves the names to whoever asks for the people by their ids.
    return [{"id": person.entra_id, "displayName": None, "userIdentityType": "aadUser"} for person in people]
