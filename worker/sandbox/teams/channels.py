"""A team's channels: which names may be taken, which are, and for how long a deleted one keeps its own."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from worker.sandbox.teams.refusals import Refused, bad_request, not_found
from worker.sandbox.teams.timestamps import parsed, stamp

NAME_KEPT_AFTER_DELETION = timedelta(days=30)
MOST_CHANNELS = 1000  # a team's quota; deleted channels count until their name is free again
LONGEST_NAME = 50
LONGEST_DESCRIPTION = 1024
GENERAL = "General"

_FORBIDDEN = re.compile(r"""[~#%&*{}+/\\:<>?|'",\x00-\x1f\x80-\x9f]|\.\.""")
_RESERVED = {"forms", "con", "conin$", "conout$", "prn", "aux", "nul", "desktop.ini"} | {
    f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10)
}


@dataclass(frozen=True)
class Channel:
    id: str
    name: str
    description: str | None
    created: datetime
    created_by: str
    archived: bool = False
    deleted: datetime | None = None

    def holds_name(self, now: datetime) -> bool:
        return self.deleted is None or now < self.deleted + NAME_KEPT_AFTER_DELETION

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "displayName": self.name,
            "description": self.description,
            "createdDateTime": stamp(self.created),
            "createdBy": self.created_by,
            "isArchived": self.archived,
            "deletedDateTime": self.deleted and stamp(self.deleted),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Channel:
        deleted = stored["deletedDateTime"]
        return cls(
            id=stored["id"],
            name=stored["displayName"],
            description=stored["description"],
            created=parsed(stored["createdDateTime"]),
            created_by=stored["createdBy"],
            archived=stored["isArchived"],
            deleted=parsed(deleted) if deleted else None,
        )


class Channels:
    """The channels of one team, the deleted ones included; every rule about names is kept here."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._by_id = {channel.id: channel for channel in channels}
        self._times_taken = 0

    def __iter__(self) -> Iterator[Channel]:
        return iter(tuple(self._by_id.values()))

    def get(self, channel_id: str) -> Channel:
        channel = self._by_id.get(channel_id)
        if channel is None or channel.deleted:
            raise not_found(f"Channel '{channel_id[:100]}' does not exist in this team.")
        return channel

    def create(self, name: str, description: str | None, *, by: str, now: datetime) -> Channel:
        self._check_name(name, now)
        _check_description(description)
        if sum(channel.holds_name(now) for channel in self._by_id.values()) >= MOST_CHANNELS:
            raise Refused(403, "Forbidden", "This team has exceeded the Max allowed channels")
        channel = Channel(new_channel_id(), name, description, now, by)
        self._by_id[channel.id] = channel
        return channel

    def change(self, channel: Channel, *, name: str | None, description: str | None, now: datetime) -> Channel:
        if name is not None and name.casefold() != channel.name.casefold():
            self._check_name(name, now)
        _check_description(description)
        return self._keep(
            replace(
                channel,
                name=channel.name if name is None else name,
                description=channel.description if description is None else description,
            )
        )

    def archive(self, channel: Channel, *, archived: bool) -> Channel:
        self._refuse_general(channel, "archived")
        return self._keep(replace(channel, archived=archived))

    def check_archiving(self, channel: Channel, *, archived: bool) -> None:
        """Refuse what cannot be archived, or opened again."""
        self._refuse_general(channel, "archived")
        if channel.archived == archived:
            raise bad_request(f"Channel already archived: {channel.id}" if archived else _not_archived(channel))

    def delete(self, channel: Channel, now: datetime) -> Channel:
        self._refuse_general(channel, "deleted")
        return self._keep(replace(channel, deleted=now))

    def _keep(self, channel: Channel) -> Channel:
        self._by_id[channel.id] = channel
        return channel

    def _refuse_general(self, channel: Channel, verb: str) -> None:
        if channel.name == GENERAL:
            raise bad_request(f"The channel {GENERAL} cannot be {verb}.")

    def _check_name(self, name: str, now: datetime) -> None:
        fault = name_fault(name)
        if fault:
            raise bad_request(f"The channel name is not allowed: {fault}.", "InvalidChannelName")
        taken = {c.name.casefold() for c in self._by_id.values() if c.holds_name(now)}
        if name.casefold() in taken:
            self._times_taken += 1
            raise _name_taken(nested=self._times_taken % 2 == 0)


def _not_archived(channel: Channel) -> str:
    return f"Channel is not archived: {channel.id}"


def _name_taken(*, nested: bool) -> Refused:
    """Both shapes have been seen from the real service; a client that knows only one of them will be found out."""
    if nested:
        message = "Channel name already existed, please use other name"
        return Refused(400, "BadRequest", message, {"code": "NameAlreadyExists", "message": message})
    return Refused(400, "NameAlreadyExists", "Channel name already existed, please use other name.")


def name_fault(name: str) -> str | None:
    """What is wrong with a channel name, as the end of a sentence; None for a good one."""
    if not name.strip():
        return "it is empty"
    if len(name) > LONGEST_NAME:
        return f"it is longer than {LONGEST_NAME} characters"
    if _FORBIDDEN.search(name):
        return "it holds a character that channel names may not hold"
    if name.startswith(("_", ".")) or name.endswith("."):
        return "it begins with '_' or '.', or ends with '.'"
    if name.casefold() in _RESERVED or "_vti_" in name.casefold():
        return "it is a reserved word"
    return None


def _check_description(description: str | None) -> None:
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        raise bad_request(f"The channel description is longer than {LONGEST_DESCRIPTION} characters.")


def new_channel_id() -> str:
    return f"19:{uuid.uuid4().hex}@thread.tacv2"
