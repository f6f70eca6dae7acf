"""A message of the incident's channel as the review knows it, with what stood in it before it was changed."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from worker.incidents.review.timeline_event import TimelineLink

# What is kept of each; the rest can be read in the channel.
TEXT_LIMIT = 4_000
VERSIONS_KEPT = 10
FILES_KEPT = 20
REACTIONS_KEPT = 50


class Version(BaseModel, frozen=True):
    """What stood in a message until somebody changed or deleted it. `until`: when that was, as far as is known."""

    text: str
    until: datetime


class Reaction(BaseModel, frozen=True):
    """`kind` is the character, or Teams' word for it."""

    kind: str
    person: str
    at: datetime


class ChannelLine(BaseModel, frozen=True):
    """`root` is the id of the message that it answers, its own for one that answers none.

    `text` is plain, empty of a card and of what was deleted. `by_program`: no person wrote it. `event`: what Teams
    itself says, such as that somebody came in.
    """

    id: str
    root: str
    at: datetime
    author: str = ""
    by_program: bool = False
    text: str = ""
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    event: str = ""
    url: str = ""
    files: tuple[TimelineLink, ...] = Field(default=(), max_length=FILES_KEPT)
    reactions: tuple[Reaction, ...] = Field(default=(), max_length=REACTIONS_KEPT)
    versions: tuple[Version, ...] = ()

    @property
    def is_reply(self) -> bool:
        return self.root != self.id

    def seen_again(self, now_seen: Self) -> Self:
        """As it is seen now, with what stood in it before: an edit loses the former text, a deletion the whole."""
        versions = self.versions
        changed = self.text != now_seen.text or (now_seen.deleted_at is not None and self.deleted_at is None)
        if changed and self.text and (not versions or versions[-1].text != self.text):
            until = now_seen.deleted_at or now_seen.edited_at or now_seen.at
            versions = (*versions, Version(text=self.text, until=until))[-VERSIONS_KEPT:]
        files = now_seen.files or (self.files if now_seen.deleted_at is not None else ())
        return now_seen.model_copy(update={"versions": versions, "files": files})


def merged(stored: dict[str, ChannelLine], seen: tuple[ChannelLine, ...]) -> list[ChannelLine]:
    """Both together, by id; what was stored alone stays, since it may not have been read."""
    known = dict(stored)
    for line in seen:
        known[line.id] = known[line.id].seen_again(line) if line.id in known else line
    return sorted(known.values(), key=lambda line: (line.at, line.id))
