"""Tell each person of their shift, by the ways of their own."""

from collections.abc import Iterator, Sequence

from handlers.marks import SHIFT
from handlers.notices.compose import ComposeShiftMessage
from handlers.notices.wording import ShiftWording
from handlers.paging.paging_step import PagingStep
from handlers.paging.unreached import Unreached
from handlers.paging.way import Recipient, ToOne
from handlers.paging.ways import Ways, callable_number
from worker.domain.incident import Incident
from worker.domain.page import Page, Paged
from worker.engine.step import Done, Part
from worker.oncall.notices.message import ShiftMessage, ShiftRecipient


class TellShift(PagingStep):
    """As quietly as a person is ever told of an incident; none of them waits for another."""

    name = "tell-shift"
    needs = (ComposeShiftMessage,)

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    def without_effect(self, incident: Incident, done: Done) -> Paged | None:
        return None if self.parts(incident, done) else Paged()

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Page]]:
        message = done[ComposeShiftMessage]
        parts = (part for told in message.recipients for part in self._to(incident, message, told))
        # Two records of one address are one person.
        return list({part.label: part for part in parts}.values())

    def _to(self, incident: Incident, message: ShiftMessage, told: ShiftRecipient) -> Iterator[ToOne]:
        wording = ShiftWording(message, told)
        recipient = Recipient(
            name=told.name,
            address=told.address,
            why=wording.what,
            object_id=told.object_id or None,
            phone=callable_number(told.phone),
            topic=SHIFT,
        )
        yield from self._ways.without_channel(incident, recipient, told.paging, wording) or [Unreached(recipient)]
