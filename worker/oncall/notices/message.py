"""What one notice says, to whom: all that its steps need, so that a retry says the same after a change of shift."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from worker.domain.event import Severity
from worker.oncall.definitions import Definitions, PersonRecord
from worker.oncall.notices.answering import answering
from worker.oncall.notices.due import has_it_again
from worker.oncall.notices.notice import Notice, NoticeKind, read_key
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import until
from worker.oncall.schedule.wall_clock import Minute, instant_at

# The step by which a message is settled, and whose checkpoint is left behind for one that no schedule tells.
COMPOSED = "compose-shift-message"


class ShiftRecipient(BaseModel, frozen=True):
    """One person to be told. `phone` and `paging` are as they were typed.

    `until`: when they are on call no more, at first where the shift `pauses` then; None for whoever goes, and where no
    end can be seen.
    """

    name: str
    address: str
    comes: bool
    time_zone: str
    object_id: str = ""
    phone: str = ""
    paging: str = ""
    until: datetime | None = None
    pauses: bool = False


class HandedOver(BaseModel, frozen=True):
    """An open incident, as whoever takes it over is told of it."""

    incident_id: str
    title: str
    severity: Severity
    service: str = ""
    has_it: str = ""
    url: str = ""


class ShiftMessage(BaseModel, frozen=True):
    """Without recipients there is nothing to tell. `on_call` are all who are from then on, the first is primary.

    `incidents` is None where they could not be looked up; `more` is how many are open besides those that are named,
    `more_at_least` where not all of them were counted. `moves` are sentences about what a change `by` somebody moved.
    """

    kind: NoticeKind
    schedule: str
    instant: datetime
    services: tuple[str, ...] = ()
    going: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
    on_call: tuple[str, ...] = ()
    recipients: tuple[ShiftRecipient, ...] = ()
    incidents: tuple[HandedOver, ...] | None = ()
    more: int = 0
    more_at_least: bool = False
    moves: tuple[str, ...] = ()
    by: str = ""


def nothing_to_tell(key: str) -> ShiftMessage:
    """Of a notice with this key that no schedule knows any more."""
    instant, kind = read_key(key)
    return ShiftMessage(kind=kind, schedule="", instant=instant_at(instant))


def message_of(definitions: Definitions, notice: Notice) -> ShiftMessage:
    """Without the incidents, which no definition knows."""
    schedule = definitions.schedules[notice.schedule]
    on_call = schedule.at(notice.instant).people
    return ShiftMessage(
        kind=notice.kind,
        schedule=notice.schedule,
        instant=instant_at(notice.instant),
        services=answering(definitions, notice.schedule).services,
        going=_names(definitions, notice.going),
        coming=_names(definitions, notice.coming),
        on_call=_names(definitions, on_call),
        recipients=tuple(_recipients(definitions, schedule, notice)),
    )


def _recipients(definitions: Definitions, schedule: Schedule, notice: Notice) -> Iterator[ShiftRecipient]:
    for person in notice.going:
        yield recipient_of(definitions, person, schedule)
    for person in notice.coming:
        end = until(schedule, person, notice.instant)
        told = recipient_of(definitions, person, schedule)
        ends = {"until": instant_at(end), "pauses": _pauses(schedule, person, end)} if end is not None else {}
        yield told.model_copy(update={"comes": True, **ends})


def recipient_of(definitions: Definitions, person: str, schedule: Schedule) -> ShiftRecipient:
    """As whoever goes is told."""
    record = _record(definitions, person)
    return ShiftRecipient(
        name=record.name or person,
        address=record.email,
        comes=False,
        time_zone=record.time_zone or schedule.clock.name,
        object_id=record.object_id,
        phone=record.phone,
        paging=record.paging,
    )


def _record(definitions: Definitions, person: str) -> PersonRecord:
    """Whoever has none is named by an address."""
    return definitions.people.get(person) or PersonRecord(key=person, name=person, email=person)


def _names(definitions: Definitions, people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_record(definitions, person).name or person for person in people)


def _pauses(schedule: Schedule, person: str, end: Minute) -> bool:
    leaving = next(place for place in schedule.at(end - 1).places if place.person == person)
    return has_it_again(schedule, leaving, end)
