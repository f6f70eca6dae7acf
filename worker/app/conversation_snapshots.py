"""Read what has changed in an incident's channel, and keep it: so a later edit or deletion loses nothing."""

from collections.abc import Iterable

from worker.clients.teams.channel_message import ChannelMessage
from worker.clients.teams.client import Channel
from worker.clients.teams.conversation import Conversation, Conversations
from worker.domain.text import shortened
from worker.incidents.review.channel_line import FILES_KEPT, REACTIONS_KEPT, TEXT_LIMIT, ChannelLine, Reaction, merged
from worker.incidents.review.timeline_event import TimelineLink
from worker.storage.channel_messages import ChannelMessageStore


class ConversationSnapshots:
    def __init__(self, conversations: Conversations, messages: ChannelMessageStore) -> None:
        self._conversations = conversations
        self._messages = messages

    async def __call__(self, incident_id: str, channel: Channel) -> int:
        """Keep what is new there; how many messages were told. Raises what keeps it from being read or kept."""
        kept = await self._messages.read(incident_id)
        told = await self._conversations.changes(channel, kept.link)
        seen = lines_of(told, incident_id)
        changed = [line for line in merged(kept.lines, seen) if kept.lines.get(line.id) != line]
        await self._messages.keep(incident_id, changed, told.link)
        return len(seen)


def lines_of(conversation: Conversation, incident_id: str) -> tuple[ChannelLine, ...]:
    """Our own cards without their words: what they say stands on the axis by itself."""
    mark = f":{incident_id.removeprefix('inc-')}"
    return tuple(_line(message, mark) for message in conversation.messages)


def _line(message: ChannelMessage, mark: str) -> ChannelLine:
    is_ours = message.by_application and mark in message.text
    return ChannelLine(
        id=message.id,
        root=message.root,
        at=message.created_at,
        author=message.author,
        by_program=message.by_application,
        text="" if is_ours or message.event else shortened(message.text, TEXT_LIMIT),
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        event=shortened(message.text, TEXT_LIMIT) if message.event else "",
        url=message.url,
        files=tuple(_files(message))[:FILES_KEPT],
        reactions=tuple(
            Reaction(kind=each.kind, person=each.person or each.person_id, at=each.at) for each in message.reactions
        )[:REACTIONS_KEPT],
    )


def _files(message: ChannelMessage) -> Iterable[TimelineLink]:
    return (TimelineLink(text=each.name, url=each.url) for each in message.attachments if each.url)
