"""Incidents with a life, built entry by entry as workers write them, for what is made of them later."""

from datetime import UTC, datetime, timedelta

from worker.domain.event import Event
from worker.domain.response.actor import CLOCK, Actor, ActorKind, Source
from worker.domain.response.response import PersonRef, Response, TimeValue
from worker.domain.response.state import ResponseState
from worker.domain.states import LaunchState, StepState
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.history import History, StepHistory, Told
from worker.lifecycle.response.log import Log

NOON = datetime(2026, 6, 12, 10, 0, tzinfo=UTC)
ADA = Actor(kind=ActorKind.PERSON, id="ada", name="Ada Okafor")
BEN = Actor(kind=ActorKind.PERSON, id="ben", name="Ben Ito")
ALERT = Actor(kind=ActorKind.ALERT, name="grafana")


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def ref(actor):
    return PersonRef(person=actor.id, name=actor.name, email=f"{actor.id}@contoso.example")


def told(person, minutes, *, by="chat", level=1, reached=True, why="on call for checkout"):
    name = {"ada": ADA.name, "ben": BEN.name}.get(person, person)
    return Told(person=person, name=name, by=by, told=reached, answer="sent", why=why, level=level, at=at(minutes))


class Life:
    """One incident as it goes on; minutes count from when it was received."""

    def __init__(self, incident_id="inc-4h7k2m9xqz", *, launched=0.5, first_told=0.25, **event):
        given = {"title": "Checkout is down", "service": "checkout", "severity": 1, "detection_source": "monitoring"}
        self.event = Event.model_validate(given | event)
        self.history = History(
            incident_id=incident_id,
            key="k",
            state=LaunchState.LAUNCHED,
            event=self.event,
            received_at=NOON,
            first_attempt_at=NOON,
            launched_at=at(launched) if launched is not None else None,
            told_at=at(first_told) if first_told is not None else None,
        )
        self.response = Response(
            incident_id=incident_id, since=NOON, severity=self.event.severity.value, title=self.event.title
        )
        self.entries = []
        self.paged = []
        self.enter("opened", 0, "The incident is open.", actor=CLOCK, state=ResponseState.OPEN)

    def enter(self, kind, minutes, text, *, actor=ADA, recorded=None, data=None, **sets):
        log = Log(
            self.response,
            now=at(recorded if recorded is not None else minutes),
            at=at(minutes),
            actor=actor,
            source=Source.CLOCK if actor is CLOCK else Source.CLI,
        )
        if "state" in sets:
            log.set(since=at(minutes), by=actor.id)
        log.enter(kind, text, data=data, **sets)
        self.entries += log.entries
        self.response = log.response
        return self

    def step(self, name, minutes, *, seconds=1.0, state=StepState.DONE, **more):
        begun = at(minutes) - timedelta(seconds=seconds)
        step = StepHistory(name=name, state=state, attempt=1, begun_at=begun, ended_at=at(minutes), **more)
        self.history = self.history.model_copy(update={"steps": (*self.history.steps, step)})
        return self

    def told(self, *pages):
        self.paged += pages
        return self

    def level(self, number, minutes, *people):
        data = {"level": number, "round": 0, "people": list(people), "because": "the policy urgent names them"}
        return self.enter("level-told", minutes, f"Level {number}: {', '.join(people)}", actor=CLOCK, data=data)

    def acknowledged(self, minutes, actor=ADA):
        return self._turn(
            "acknowledged", minutes, actor, ResponseState.ACKNOWLEDGED, "acknowledged_at", owner=ref(actor)
        )

    def mitigated(self, minutes, actor=ADA):
        return self._turn("mitigated", minutes, actor, ResponseState.MITIGATED, "mitigated_at")

    def resolved(self, minutes, actor=ADA, recorded=None):
        return self._turn("resolved", minutes, actor, ResponseState.RESOLVED, "resolved_at", recorded=recorded)

    def closed(self, minutes, actor=ADA):
        return self._turn("closed", minutes, actor, ResponseState.CLOSED, "closed_at")

    def reopened(self, minutes, actor=ADA):
        times = {
            name: time for name, time in self.response.times.items() if name not in {"mitigated_at", "resolved_at"}
        }
        more = {"times": times, "reopened": self.response.reopened + 1}
        return self.enter("reopened", minutes, "It is open again.", actor=actor, state=ResponseState.OPEN, **more)

    def timed(self, name, minutes, actor=ADA):
        times = {**self.response.times, name: _value(minutes, actor)}
        return self.enter("time", minutes, f"{name} is corrected.", actor=actor, times=times)

    def known(self):
        return KnownIncident(self.history, self.response, tuple(self.entries), tuple(self.paged))

    def _turn(self, kind, minutes, actor, state, name, *, recorded=None, **sets):
        times = dict(self.response.times)
        if name != "acknowledged_at" or name not in times:
            times[name] = _value(minutes, actor, recorded)
        text = f"{actor.name} says that it is {state.value}."
        return self.enter(kind, minutes, text, actor=actor, recorded=recorded, state=state, times=times, **sets)


def _value(minutes, actor, recorded=None):
    recorded_at = at(recorded if recorded is not None else minutes)
    return TimeValue(value=at(minutes), source="person", recorded_at=recorded_at, by=actor.id)
