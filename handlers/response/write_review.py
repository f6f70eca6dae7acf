"""The review: its draft is offered in the channel once the incident is resolved, and kept whole once it is closed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel

from handlers import cards
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.route import routed
from handlers.marks import REVIEW, mark
from handlers.response.waiting import await_launch
from worker.clients.boards.client import Boards
from worker.clients.posting.poster import Announcement, Poster
from worker.domain.errors import Permanent
from worker.domain.incident import Incident
from worker.domain.response.entry import Entry
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Lookup, Playbook, Step

DRAFT, FINAL = "review-draft", "review-final"


class ReviewDesk(Protocol):
    """Whoever makes reviews: a step knows nothing of the store that they are made of."""

    def address(self, incident: Incident) -> str:
        """Where people read it; empty where nothing serves it."""

    async def bundle(self, incident_id: str, made_at: datetime) -> bytes:
        """The same review as one file; empty where nothing is known of the incident any more."""

    async def keep(self, incident_id: str, seq: int, made_at: datetime) -> str:
        """Make it, keep it as that of the entry, and return its digest; what cannot be read stands in it as a gap."""


def reviews(boards: Boards, poster: Poster, desk: ReviewDesk) -> Lane:
    def playbook(entry: Entry, _response: object) -> Playbook:
        steps: tuple[Any, ...] = (OfferDraft(poster, desk, entry),) if DRAFT in entry.does else ()
        final: tuple[Any, ...] = (
            (KeepReview(desk, entry), AttachReview(boards, desk, entry)) if FINAL in entry.does else ()
        )
        return (*steps, *final)

    return Lane(
        name="review",
        order=LaneOrder.IN_ORDER,
        concerns=lambda entry: bool({DRAFT, FINAL} & set(entry.does)),
        playbook=playbook,
    )


class Offered(BaseModel, frozen=True):
    """The message that tells where the draft is; `refused`: why there is none."""

    id: str = ""
    url: str = ""
    refused: str = ""


class OfferDraft(Step[Offered]):
    """One message with a link: the document itself is longer than a message can be."""

    wants = (CreateChannel,)
    result = Offered

    def __init__(self, poster: Poster, desk: ReviewDesk, entry: Entry) -> None:
        self.name = f"review-draft-{entry.seq}"
        self._poster = poster
        self._desk = desk
        self._entry = entry

    def describe(self, result: Offered) -> str:
        return result.refused or "the draft is offered in the channel"

    async def find(self, incident: Incident, done: Done) -> Offered | None:
        if (channel := done.wanted(CreateChannel)) is None:
            return None
        found = await self._poster.find(channel, self._mark(incident))
        return Offered(id=found.id, url=found.url) if found is not None else None

    async def run(self, incident: Incident, done: Done) -> Offered:
        if (channel := done.wanted(CreateChannel)) is None:
            await_launch(incident, self._entry)
            return Offered(refused="the incident has no channel")
        try:
            posted = await self._poster.post(channel, self._message(incident, done))
        except Permanent as error:
            # Archived, or gone; the review itself can be read all the same.
            return Offered(refused=str(error))
        return Offered(id=posted.id, url=posted.url)

    def _mark(self, incident: Incident) -> str:
        return mark(incident, f"{REVIEW}-{self._entry.seq}")

    def _message(self, incident: Incident, done: Done) -> Announcement:
        words = "The draft of the review is there: alerts, calls, messages and changes on one axis of time."
        return Announcement(
            marker=self._mark(incident),
            summary="The draft of the review is there.",
            card=cards.card(self._body(incident, words), fallback=words, language=routed(done).language),
        )

    def _body(self, incident: Incident, words: str) -> Iterator[dict[str, Any]]:
        yield cards.markdown(words)
        yield from cards.buttons([("Read the draft", self._desk.address(incident))])
        yield cards.markdown(f"In a terminal: tocsin review {incident.id}")
        yield cards.small_print(self._mark(incident))


class Kept(BaseModel, frozen=True):
    """`digest` of the review as it is kept."""

    digest: str


class KeepReview(Lookup[Kept]):
    """Before the channel is archived; kept twice it is kept once."""

    result = Kept

    def __init__(self, desk: ReviewDesk, entry: Entry) -> None:
        self.name = f"review-final-{entry.seq}"
        self._desk = desk
        self._entry = entry

    def describe(self, result: Kept) -> str:
        return f"the review is kept ({result.digest[:8]})"

    async def run(self, incident: Incident, done: Done) -> Kept:
        del done
        return Kept(digest=await self._desk.keep(incident.id, self._entry.seq, self._entry.recorded_at))


class Attached(BaseModel, frozen=True):
    """The file on the work item; `refused`: why there is none."""

    name: str = ""
    refused: str = ""


class AttachReview(Lookup[Attached]):
    """A file of one name is attached once, however often it is tried."""

    wants = (CreateWorkItem,)
    result = Attached

    def __init__(self, boards: Boards, desk: ReviewDesk, entry: Entry) -> None:
        self.name = f"review-attach-{entry.seq}"
        self._boards = boards
        self._desk = desk
        self._entry = entry

    def describe(self, result: Attached) -> str:
        return result.refused or f"{result.name} is attached to the work item"

    async def run(self, incident: Incident, done: Done) -> Attached:
        if (item := done.wanted(CreateWorkItem)) is None:
            await_launch(incident, self._entry)
            return Attached(refused="the incident has no work item")
        if incident.event.restricted:
            return Attached(refused="The incident is restricted, and the work item is not: the review is kept apart.")
        content = await self._desk.bundle(incident.id, self._entry.recorded_at)
        name = f"review-{incident.id}-{self._entry.seq}.zip"
        try:
            attachments = item.place.boards(self._boards).attachments
            await attachments.attach(item.id, name, content, comment="The review as it stood when it was closed.")
        except Permanent as error:
            # It is kept in the table as well.
            return Attached(refused=str(error))
        return Attached(name=name)
