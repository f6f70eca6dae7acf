"""Let the escalation of an incident hear of what happened, and record whom it tells."""

from collections.abc import Iterable
from datetime import timedelta

from pydantic import BaseModel, Field, TypeAdapter

from worker.domain.page import LAST_RESORT
from worker.domain.response.entry import Tell
from worker.domain.response.response import PersonRef
from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.policy_clock import minute_now, wall_time_of
from worker.oncall.escalation.because import because, place_words
from worker.oncall.escalation.event import Event, EventType
from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.state import Escalation
from worker.oncall.escalation.transitions import open_escalation, step

_ESCALATION: TypeAdapter[Escalation] = TypeAdapter(Escalation)


class KnownEscalation(BaseModel, frozen=True):
    """`rest`: how much of its minute had passed when what is due was set, in the policy's time."""

    state: Escalation
    rest: timedelta = Field(default=timedelta())


def known_escalation(log: Log) -> KnownEscalation | None:
    given = log.response.escalation
    return KnownEscalation.model_validate(given) if given is not None else None


def begin_escalation(log: Log, known: Circumstances, *, level_1_is_told: bool) -> None:
    """Open it; where the launch tells level 1, that is recorded and nobody is told by it a second time."""
    minute, rest = minute_now(log.response.clock, known.now)
    state, told = open_escalation(log.response.severity, _roles(log), minute, known.directory)
    _record(log, known, state, told, rest, told_already=level_1_is_told)


def pass_on(
    log: Log,
    known: Circumstances,
    happened: EventType,
    *,
    by: str = "",
    severity: int = 0,
    role: str = "",
    people: Iterable[str] = (),
) -> None:
    """What people do is of now, whenever they say they did it: a deadline that has passed has passed."""
    before = known_escalation(log)
    if before is None:
        return
    minute, rest = minute_now(log.response.clock, known.now)
    event = Event(minute, happened, by=by, severity=severity, role=role, people=tuple(people))
    state, told = step(before.state, event, known.directory)
    kept = before.rest if state.due == before.state.due else rest
    _record(log, known, state, told, kept)


def _record(
    log: Log,
    known: Circumstances,
    state: Escalation,
    told: Iterable[Notification],
    rest: timedelta,
    *,
    told_already: bool = False,
) -> None:
    """The newest state, its timer, and an entry for each level that was told or passed over."""
    log.set(escalation=KnownEscalation(state=state, rest=rest).model_dump(mode="json"))
    if state.due is None:
        log.stop_timer(TimerKind.ESCALATION)
    else:
        log.set_timer(TimerKind.ESCALATION, wall_time_of(log.response.clock, state.due, rest))
    for each in told:
        _enter(log, known, each, told_already=told_already)


def _enter(log: Log, known: Circumstances, told: Notification, *, told_already: bool) -> None:
    why = because(told, lambda key: known.people.ref(key).name)
    place = {"round": told.place.round, "level": _level(told)}
    data = {**place, "people": list(told.people), "because": why}
    if told.is_skipped:
        log.enter("level-skipped", f"{place_words(told.place)} names nobody: {'; '.join(told.vacancies)}", data=data)
        return
    tells = [] if told_already else [_tell(known, key, told, why) for key in told.people]
    names = ", ".join(known.people.ref(key).name for key in told.people) or "nobody"
    log.enter(
        "level-told",
        f"{place_words(told.place)}: {names}, because {why}",
        data=data,
        tells=tells,
        told=_with(log.response.told, [known.people.ref(key) for key in told.people]),
    )


def _tell(known: Circumstances, key: str, told: Notification, why: str) -> Tell:
    sentence = f"You are {place_words(told.place)} for this, because {why}."
    return known.people.tell(key, sentence, level=_level(told), round=told.place.round)


def _level(told: Notification) -> int | str:
    return LAST_RESORT if told.place.is_last_resort else told.place.level


def _roles(log: Log) -> dict[str, tuple[str, ...]]:
    roles = {span.role for span in log.response.roles if span.until is None}
    return {role: tuple(ref.person for ref in log.response.has(role)) for role in roles}


def _with(told: Iterable[PersonRef], more: Iterable[PersonRef]) -> list[PersonRef]:
    return list({ref.person: ref for ref in (*told, *more)}.values())
