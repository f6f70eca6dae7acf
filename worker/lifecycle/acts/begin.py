"""The response begins: the launch has looked up who is to be called, and calls them."""

from collections.abc import Iterable

from worker.domain.event import DetectionSource
from worker.domain.response.act import Act, Outcome
from worker.domain.response.response import Impact, TimeValue
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import already, done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import begin_escalation
from worker.lifecycle.response.leading import give_first_roles
from worker.lifecycle.response.log import Log


def begin(log: Log, act: Act, known: Circumstances) -> Outcome:
    """`data.people`: who is on call, in their order, as the definitions call them."""
    if log.response.escalation is not None or log.response.is_record:
        return already("The response has begun.")
    event = known.incident.event
    if event.closed:
        return _record(log, known)
    if log.response.severity == 1 and log.response.severe_since is None:
        log.set(severe_since=known.incident.received_at)
    if event.impact and log.response.impact is None:
        log.set(impact=Impact(text=event.impact, stated_at=known.incident.received_at))
    log.set(times={**_times(log, known), **log.response.times})
    log.enter("opened", f"It is open: {event.title}" if not event.restricted else "It is open.")
    given = act.data.get("people", ())
    people = map(str, given) if isinstance(given, Iterable) and not isinstance(given, str) else ()
    give_first_roles(log, known, people)
    begin_escalation(log, known, act.data)
    return done("The response has begun.")


def _record(log: Log, known: Circumstances) -> Outcome:
    """What was over before anybody told of it: nobody is called, and nothing falls due."""
    event = known.incident.event
    closed = TimeValue(value=log.now, source="clock", recorded_at=log.now)
    ended = {"resolved_at": closed.model_copy(update={"value": event.resolved_at, "source": "person"})}
    times = _times(log, known)
    if event.first_known_at is None:
        del times["first_known_at"]  # long before it was recorded
    log.set(times={**times, **(ended if event.resolved_at else {}), "closed_at": closed})
    if event.impact:
        log.set(impact=Impact(text=event.impact, stated_at=known.incident.received_at))
    log.set(is_record=True, state=ResponseState.CLOSED, since=log.at)
    log.enter("closed", "It was over when it was recorded: nobody is called.")
    return done("It is recorded.")


def _times(log: Log, known: Circumstances) -> dict[str, TimeValue]:
    """When it was first known is when it was received, until a person says better."""
    event, received = known.incident.event, known.incident.received_at
    clock = TimeValue(value=received, source="clock", recorded_at=log.now)
    said = {"occurred_at": event.occurred_at, "first_known_at": event.first_known_at}
    source = "alert" if event.detection_source is DetectionSource.MONITORING else "person"
    given = {name: clock.model_copy(update={"value": value, "source": source}) for name, value in said.items() if value}
    return {"received_at": clock, "first_known_at": clock, **given}
