"""Posting in a signed-in person's name, through Graph: the route for teams without a bot."""

import base64
import binascii
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.chat_message import ChatMessage
from msgraph.generated.models.chat_message_attachment import ChatMessageAttachment
from msgraph.generated.models.chat_message_importance import ChatMessageImportance
from msgraph.generated.models.chat_message_mention import ChatMessageMention
from msgraph.generated.models.chat_message_mentioned_identity_set import ChatMessageMentionedIdentitySet
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.item_body import ItemBody

from worker.clients.answers import text_of
from worker.clients.breakers import Breakers
from worker.clients.entra import fetch_token
from worker.clients.outcomes import LOOK_FIRST, Answers, Interpretation
from worker.clients.posting.poster import (
    ADAPTIVE_CARD,
    Announcement,
    Posted,
    attachment_id,
    first_posted,
    posted,
    replies_of,
)
from worker.clients.posting.sign_in import signed_in_user
from worker.clients.teams.client import ARCHIVED, Channel, Message, Teams, teams_of
from worker.clients.teams.graph import GRAPH, FixedToken, Graph, graph_identity, graph_scope, open_graph
from worker.clients.teams.limits import TeamLimits
from worker.domain.errors import Forbidden, Gone, Misconfigured, Rejected, Unknown
from worker.settings import Settings

# Either lets a person change and delete what they posted.
_CHANGING = {"ChannelMessage.ReadWrite", "Group.ReadWrite.All"}
# What the sandbox takes for a person's token.
_STAND_IN_TOKEN = "sandbox-delegated-user"  # noqa: S105  # a word for stand-ins; it opens nothing
_APP_ONLY = (
    "Graph takes channel messages from a signed-in person only, never from an application on its own, and no "
    "permission or new token changes that. Set TOCSIN_POSTING=bot, or sign a person in for TOCSIN_POSTING=delegated."
)

# Graph gives 401 for a route that can never work; read as an expired token it would be renewed for ever.
POST_MESSAGE: Answers = {
    **ARCHIVED,
    "application-only context": Interpretation(Misconfigured, _APP_ONLY),
    # Graph reads the mentions before it posts; any other 400 has been seen with the message posted all the same.
    "mention": Interpretation(Rejected, "Somebody mentioned is not in the team; nothing was posted."),
    400: Interpretation(Unknown, LOOK_FIRST),
    401: Interpretation(Forbidden, "The person's sign-in is no longer accepted: sign in again, then replay."),
    403: Interpretation(
        Forbidden, "The person needs to be in the team, with consent to ChannelMessage.Send; then replay."
    ),
    404: Interpretation(Gone, "There is no such channel to see: it was deleted, or is only just being made."),
}
DELETE_MESSAGE: Answers = {
    **ARCHIVED,
    401: Interpretation(Forbidden, "The person's sign-in is no longer accepted: sign in again."),
    403: Interpretation(Forbidden, "The person needs consent to ChannelMessage.ReadWrite to delete what they posted."),
    404: Interpretation(Gone, "There is no such message any more: somebody deleted it, or its channel."),
}

UPDATE_MESSAGE: Answers = {
    **DELETE_MESSAGE,
    403: Interpretation(
        Forbidden,
        "A person changes only what they posted, with consent to ChannelMessage.ReadWrite: sign in again by "
        "`tocsin sign-in`, with the account that posted.",
    ),
}


class DelegatedPoster:
    """Posts and reads back with one person's token. `credential` is None for a stand-in."""

    mentions_by_address = False

    def __init__(self, graph: Graph, teams: Teams, *, credential: AsyncTokenCredential | None, scope: str) -> None:
        self._graph = graph
        self._teams = teams
        self._credential = credential
        self._scope = scope

    async def post(self, channel: Channel, announcement: Announcement) -> Posted:
        trying = f"post the announcement into the channel {channel.name!r} in the signed-in person's name"
        return await self._post(channel, trying, self._messages(channel), announcement)

    async def reply(self, channel: Channel, message_id: str, announcement: Announcement) -> Posted:
        trying = f"answer the message {message_id} of the channel {channel.name!r} in the signed-in person's name"
        thread = self._messages(channel).by_chat_message_id(message_id)
        return await self._post(channel, trying, thread.replies, announcement)

    async def _post(self, channel: Channel, trying: str, place: Any, announcement: Announcement) -> Posted:
        turn = self._teams.limits_of(channel.team_id).post_of_a_person(channel.id)
        request = partial(place.to_post_request_information, _chat_message(announcement))
        made = await self._graph.write(trying, request, POST_MESSAGE, turn)
        if not (message_id := text_of(made, "id")):
            raise Unknown(f"Tried to {trying}; {GRAPH} answered without the message's id. {LOOK_FIRST}")
        return Posted(id=message_id, url=text_of(made, "webUrl") or channel.url)

    async def update(self, channel: Channel, message_id: str, announcement: Announcement, *, thread: str = "") -> None:
        trying = f"update the message {message_id} of the channel {channel.name!r} in the signed-in person's name"
        message = _chat_message(announcement)
        # Graph takes no new markup without the reactions, if only as none; people set theirs by another call.
        message.reactions = []
        request = partial(self._message(channel, message_id, thread).to_patch_request_information, message)
        turn = self._teams.limits_of(channel.team_id).in_channel(channel.id)
        await self._graph.write(trying, request, UPDATE_MESSAGE, turn, repeatable=True)

    async def find(self, channel: Channel, marker: str) -> Posted | None:
        own = await self.all_of(channel, marker)
        return posted(own[0], channel) if own else None

    async def all_of(self, channel: Channel, marker: str) -> list[Message]:
        return _own(await self._teams.messages(channel.id, team_id=channel.team_id), marker)

    async def find_reply(self, channel: Channel, message_id: str, marker: str) -> Posted | None:
        own = await self.all_replies_of(channel, message_id, marker)
        return posted(own[0], channel) if own else None

    async def all_replies_of(self, channel: Channel, message_id: str, marker: str) -> list[Message]:
        return _own(await replies_of(self._teams, channel, message_id), marker)

    async def delete(self, channel: Channel, message_id: str, *, thread: str = "") -> bool:
        trying = f"delete the message {message_id} of the channel {channel.name!r} in the signed-in person's name"
        message = self._message(channel, message_id, thread)
        turn = self._teams.limits_of(channel.team_id).in_channel(channel.id)
        try:
            await self._graph.write(trying, message.soft_delete.to_post_request_information, DELETE_MESSAGE, turn)
        except Gone:
            return False
        return True

    def _messages(self, channel: Channel) -> Any:
        return self._graph.sdk.teams.by_team_id(channel.team_id).channels.by_channel_id(channel.id).messages

    def _message(self, channel: Channel, message_id: str, thread: str) -> Any:
        messages = self._messages(channel)
        if not thread:
            return messages.by_chat_message_id(message_id)
        return messages.by_chat_message_id(thread).replies.by_chat_message_id1(message_id)

    async def includes(self, channel: Channel, address: str) -> bool:
        # Graph refuses a message that mentions somebody else.
        del channel, address
        return True

    async def check(self) -> None:
        if (granted := await self._read_granted_scopes()) is not None and not granted:
            raise Misconfigured(f"The token for posting has no person behind it. {_APP_ONLY}")

    async def check_place(self, channel: Channel) -> None:
        await self._teams.at(channel.team_id).check_messages(channel.id)

    async def check_updates(self) -> None:
        if (granted := await self._read_granted_scopes()) and not granted & _CHANGING:
            raise Forbidden(
                "The person who signed in for posting has not consented to ChannelMessage.ReadWrite, so messages are "
                "posted and never changed."
            )

    async def _read_granted_scopes(self) -> frozenset[str] | None:
        if self._credential is None:
            return None
        whose = "the signed-in person"
        token = await fetch_token(self._credential, self._scope, whose=whose, time_out=self._graph.time_out)
        return _scopes(token.token)


def _own(messages: Iterable[Message], marker: str) -> list[Message]:
    own = attachment_id(marker)
    return first_posted(message for message in messages if own in message.attachment_ids)


def _scopes(token: str) -> frozenset[str] | None:
    """By the `scp` claim, which only a person's token has; None for one that cannot be read: Graph judges it then."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return None
    return frozenset(str(claims.get("scp") or "").split()) if isinstance(claims, dict) else None


def _chat_message(announcement: Announcement) -> ChatMessage:
    card = attachment_id(announcement.marker)
    return ChatMessage(
        summary=announcement.summary,
        importance=ChatMessageImportance.High if announcement.urgent else ChatMessageImportance.Normal,
        body=ItemBody(
            content_type=BodyType.Html,
            content=f'<attachment id="{card}"></attachment>',
        ),
        mentions=[_mention(n, mention.name, mention.id) for n, mention in enumerate(announcement.mentions)],
        attachments=[
            ChatMessageAttachment(id=card, content_type=ADAPTIVE_CARD, content=json.dumps(dict(announcement.card)))
        ],
    )


def _mention(number: int, name: str, object_id: str) -> ChatMessageMention:
    # Graph wants the kind of the user said, and the SDK has no field for it.
    person = Identity(id=object_id, display_name=name, additional_data={"userIdentityType": "aadUser"})
    return ChatMessageMention(id=number, mention_text=name, mentioned=ChatMessageMentionedIdentitySet(user=person))


@asynccontextmanager
async def open_delegated_poster(
    settings: Settings, *, breakers: Breakers | None = None, limits: TeamLimits | None = None
) -> AsyncIterator[DelegatedPoster]:
    settings.require("teams_team_id")
    url, time_out = settings.graph_url, settings.call_timeout_seconds
    async with AsyncExitStack() as stack:
        credential: Any = None
        identity: Any = FixedToken(_STAND_IN_TOKEN)
        if settings.credential != "anonymous":
            credential = await stack.enter_async_context(signed_in_user(settings))
            identity = graph_identity(url, credential)
        opening = open_graph(url, identity=identity, time_out=time_out, breakers=breakers or Breakers())
        graph = await stack.enter_async_context(opening)
        teams = teams_of(settings, graph, limits)
        yield DelegatedPoster(graph, teams, credential=credential, scope=graph_scope(url))
