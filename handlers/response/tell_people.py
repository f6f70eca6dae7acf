"""Tell whom an entry names: by the ways of a page, or quietly."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.paging.chat import Chat
from handlers.paging.paging_step import PagingStep
from handlers.paging.unreached import Unreached
from handlers.paging.way import Recipient, ToOne
from handlers.paging.ways import Ways, callable_number
from handlers.response.call_in_channel import Called, CallInChannel
from handlers.response.following import outcome
from handlers.response.tell_wording import TellWording
from worker.clients.posting.poster import Poster
from worker.domain.checkpoint import Checkpoint
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.domain.page import Page, Paged
from worker.domain.paging_ways import CHAT, MENTION
from worker.domain.response.act import Act
from worker.domain.response.entry import Entry, Tell, TellKind
from worker.domain.response.response import Response
from worker.domain.response.state import RUNNING
from worker.domain.states import StepState
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Part

_NOT_NEEDED = "not needed any more"


def tells(ways: Ways, poster: Poster) -> Lane:
    return Lane(
        name="tells",
        order=LaneOrder.EACH,
        concerns=lambda entry: bool(entry.tells),
        playbook=lambda entry, response: (TellPeople(ways, poster, entry, response),),
        follow=say_untold,
    )


def mentioned_by(ways: Ways, entry: Entry) -> Collection[str]:
    """Whom it calls by a mention, among other ways."""
    severity = Severity(entry.severity or Severity.CRITICAL)
    pages = (tell for tell in entry.tells if tell.kind is TellKind.PAGE and not tell.by)
    return {tell.person for tell in pages if MENTION in ways.by(tell.paging, severity)}


class TellPeople(PagingStep):
    """A part for each person and way; none of them waits for another, nor for what else the incident is given."""

    wants = (CreateWorkItem, CreateChannel, Announce, AnnounceElsewhere)

    def __init__(self, ways: Ways, poster: Poster, entry: Entry, response: Response) -> None:
        self.name = _name(entry)
        self._ways = ways
        self._poster = poster
        self._entry = entry
        self._response = response

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Page]]:
        del done
        parts = (part for tell in self._entry.tells for part in self._to(incident, tell))
        # Whoever is named twice by an entry is told once.
        return list({part.label: part for part in parts}.values())

    def _to(self, incident: Incident, tell: Tell) -> Iterable[ToOne]:
        told = _Told(tell, self._entry, self._response)
        if told.comes_too_late:
            return [_NotNeeded(told.recipient, self._response)]
        if not told.is_page and not any((tell.email, tell.object_id, tell.phone, tell.by)):
            return []  # an account of some machine: nobody is behind it
        return list(self._by_ways(incident, told)) or [Unreached(told.recipient)]

    def _by_ways(self, incident: Incident, told: "_Told") -> Iterator[ToOne]:
        tell = told.tell
        wording = told.wording(self._ways.acknowledge(incident, told.recipient.address) if told.is_page else "")
        if not told.is_page:
            yield from self._ways.without_channel(incident, told.recipient, tell.paging, wording)
            return
        chosen = [tell.by] if tell.by else self._ways.by(tell.paging, told.severity)
        for by in chosen:
            if by == MENTION:
                yield self._mention(incident, told, wording, chats=CHAT not in chosen)
            elif (part := self._ways.to(incident, told.recipient, by, wording)) is not None:
                yield part

    def _mention(self, incident: Incident, told: "_Told", wording: TellWording, *, chats: bool) -> ToOne:
        """`chats`: they have no chat besides."""
        chat = self._ways.to(incident, told.recipient, CHAT, wording) if chats else None
        address = told.tell.email if self._poster.mentions_by_address else ""
        called = Called(told.tell.object_id or address, self._response, chat if isinstance(chat, Chat) else None)
        return CallInChannel(told.recipient, self._poster, called)


@dataclass(frozen=True, slots=True)
class _Told:
    tell: Tell
    entry: Entry
    response: Response

    @property
    def is_page(self) -> bool:
        return self.tell.kind is TellKind.PAGE

    @property
    def severity(self) -> Severity:
        return Severity(self.entry.severity or self.response.severity)

    @property
    def comes_too_late(self) -> bool:
        """Nobody is woken for what was over before they could be told."""
        return self.is_page and not self.response.is_running and self.entry.state in RUNNING

    @property
    def recipient(self) -> Recipient:
        tell = self.tell
        return Recipient(
            name=tell.name,
            address=tell.email or tell.person,
            why=tell.why,
            level=0 if tell.level is None else tell.level,
            object_id=tell.object_id,
            phone=callable_number(tell.phone),
            topic=f"tell-{self.entry.seq}",
        )

    def wording(self, acknowledge: str) -> TellWording:
        return TellWording(self.severity, self.response, is_page=self.is_page, acknowledge=acknowledge)


class _NotNeeded(ToOne):
    def __init__(self, recipient: Recipient, response: Response) -> None:
        super().__init__(recipient, "no way")
        self._state = response.state

    async def find(self, incident: Incident, done: Done) -> Page | None:
        return await self.run(incident, done)

    async def run(self, incident: Incident, done: Done) -> Page:
        del incident, done
        return self.recipient.page(self.by, f"{_NOT_NEEDED}: it is {self._state}", told=False)


def _name(entry: Entry) -> str:
    return f"tell-{entry.seq}"


def pages_of(entry: Entry, made: Mapping[str, Checkpoint]) -> Sequence[Page]:
    """Whom the entry told, and whom it could not, by the checkpoints of its lane."""
    done = {name: each.result for name, each in made.items() if each.state is StepState.DONE and each.result}
    if gathered := done.get(_name(entry)):
        return Paged.model_validate_json(gathered).pages
    return [Page.model_validate_json(result) for name, result in done.items() if name.startswith(f"{_name(entry)}:")]


def say_untold(entry: Entry, made: Mapping[str, Checkpoint]) -> Iterator[Act]:
    """Where nobody of a level could be told, whoever decides what comes next is told so."""
    paged = [tell for tell in entry.tells if tell.kind is TellKind.PAGE and tell.level is not None]
    pages = pages_of(entry, made)
    if not paged or any(page.told or page.answer.startswith(_NOT_NEEDED) for page in pages):
        return
    answers = "; ".join(f"{page.name} by {page.by}: {page.answer}" for page in pages)
    untold = {"seq": entry.seq, "round": paged[0].round, "level": paged[0].level}
    yield outcome(f"tells:{entry.seq}", f"Nobody of this level could be told: {answers}", untold=untold)
