"""By a mention in the channel: in the announcement, or in a message of its own where that was quicker."""

from collections.abc import Iterator, Sequence
from typing import Any

from handlers import cards
from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.people_on_call import mention_id
from handlers.marks import CALL, mark
from handlers.paging.paging_step import PagingStep
from handlers.paging.way import Recipient, ToOne
from handlers.paging.ways import Ways, on_call_recipient
from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.poster import Announcement, Mention, Poster
from worker.domain.errors import Permanent, TocsinError
from worker.domain.incident import Incident
from worker.domain.page import Page, Paged
from worker.domain.paging_ways import MENTION
from worker.engine.step import Done, Part

_SUMMARY_LIMIT = 255
_NOT_IN_TEAM = "not in the team, so Teams does not tell of the mention"


class MentionPeople(PagingStep):
    """See to it that each person is mentioned where the incident is announced."""

    name = "mention"
    needs = (AnnounceElsewhere, FindOnCall)

    def __init__(self, poster: Poster, ways: Ways) -> None:
        self._poster = poster
        self._ways = ways

    def without_effect(self, incident: Incident, done: Done) -> Paged | None:
        return None if self.parts(incident, done) else Paged()

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Page]]:
        on_call = done[FindOnCall]
        return [
            InChannel(
                on_call_recipient(person, on_call),
                self._poster,
                mention_id(person, by_address=self._poster.mentions_by_address),
            )
            for person in on_call.people
            if MENTION in self._ways.chosen(person, incident.event.severity)
        ]


class InChannel(ToOne):
    """`person_id` is what Teams knows the person by; empty where it knows nobody of that address."""

    def __init__(self, recipient: Recipient, poster: Poster, person_id: str) -> None:
        super().__init__(recipient, MENTION)
        self.label = recipient.label()
        self._poster = poster
        self._id = person_id

    async def find(self, incident: Incident, done: Done) -> Page | None:
        placed: Placed = done[AnnounceElsewhere]
        if not self._id or self._is_mentioned(placed):
            return await self.run(incident, done)  # which posts nothing
        found = await self._poster.find(placed.channel, self._marker(incident))
        return await self._page(placed) if found else None

    async def run(self, incident: Incident, done: Done) -> Page:
        placed: Placed = done[AnnounceElsewhere]
        if not self._id:
            return self.recipient.page(self.by, "Teams knows nobody of this address", told=False)
        try:
            if not self._is_mentioned(placed):
                await self._poster.post(placed.channel, self._call(incident))
        except Permanent as error:
            return self.refused(error)
        return await self._page(placed)

    def _is_mentioned(self, placed: Placed) -> bool:
        return self._id in placed.mentioned

    async def _page(self, placed: Placed) -> Page:
        try:
            included = await self._poster.includes(placed.channel, self._id)
        except TocsinError:
            # Teams took the mention, and nobody can tell more.
            included = True
        where = f"mentioned in {placed.channel.name}"
        return self.recipient.page(self.by, where if included else _NOT_IN_TEAM, told=included)

    def _marker(self, incident: Incident) -> str:
        return f"{mark(incident, CALL)}/{self.label}"

    def _call(self, incident: Incident) -> Announcement:
        name = harmless(self.recipient.name)
        mention = Mention(name, self._id)
        body = _body(f"<at>{name}</at> {harmless(self.recipient.why)}", self._marker(incident))
        return Announcement(
            marker=self._marker(incident),
            summary=cut(unmentioned(f"{name}: {self.recipient.why}"), _SUMMARY_LIMIT),
            card=cards.card(body, fallback=self.recipient.why, entities=[cards.entity(name, mention.id)]),
            mentions=(mention,),
            urgent=True,
        )


def _body(words: str, marker: str) -> Iterator[dict[str, Any]]:
    yield cards.markdown(words)
    yield cards.small_print(marker)
