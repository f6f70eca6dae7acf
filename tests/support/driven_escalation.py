"""An escalation as a response lives through it: by its own decisions, on a clock that goes from timer to timer."""

from datetime import timedelta

from escalations import parts

from worker.domain.event import Event as Alert
from worker.domain.incident import Incident
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import CLOCK, Source
from worker.domain.response.response import fold
from worker.domain.response.timer import Due, TimerKind
from worker.domain.states import LaunchState
from worker.lifecycle.response.circumstances import Circumstances, Launched
from worker.lifecycle.response.deciding import decide, fire, opened
from worker.lifecycle.response.escalating import escalation_of, pass_on
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.people_book import PeopleBook
from worker.lifecycle.response.policy_clock import wall_time
from worker.lifecycle.response.rules import ResponseRules
from worker.oncall.definitions import Definitions
from worker.oncall.escalation.opening import opening_of
from worker.oncall.on_call import Roster
from worker.oncall.schedule.wall_clock import instant_at

# What is lost by rounding is far less.
_INTO = timedelta(seconds=1)
BOOK = PeopleBook(Definitions(), Roster(rows=(), unreadable=()))


class Driven:
    """`into`: how much of its minute had passed at the opening."""

    def __init__(self, given, *, minute_seconds=60.0, into=timedelta(seconds=20)):
        self.directory, self.told_of, self.events, self.until = parts(given)
        at = instant_at(self.told_of.opened_at) + into
        alert = Alert(title="Search is slow", key="search", severity=self.told_of.severity)
        self.incident = Incident(key="search", event=alert, received_at=at)
        self.rules = ResponseRules(minute_seconds=minute_seconds)
        self.launch = Launched(LaunchState.LAUNCHED, told_at=at)
        self.before = opened(self.incident, at, minute_seconds)
        self.response, self.now, self.entries = self.before, at, []

    def known(self):
        return Circumstances(self.now, self.incident, self.launch, self.directory, BOOK, self.rules)

    def begin(self, data=None):
        if data is None:
            opening = opening_of(self.directory, self.told_of.severity, self.told_of.opened_at)
            data = {"opening": opening.model_dump(mode="json")}
        self._take(decide(self.response, Act(act=ActKind.BEGIN, id="begin", actor=CLOCK, data=data), self.known()))

    def hear(self, event):
        """As an act passes it on."""
        if event.policy is not None:
            self.directory = self.directory.with_policy(event.policy)
        log = Log(self.response, now=self.now, at=self.now, actor=CLOCK, source=Source.QUEUE)
        more = {"severity": event.severity, "role": event.role, "people": event.people}
        pass_on(log, self.known(), event.type, by=event.by, **more)
        log.enter("heard", event.type)
        self.response = log.response
        self.entries += log.entries

    def fire(self, kind=TimerKind.ESCALATION, *, late=timedelta()):
        timer = self.response.timers[kind]
        self.now = max(self.now, timer.due_at) + late
        self._take(fire(self.response, Due(kind=kind, epoch=timer.epoch, due_at=timer.due_at), self.known()))

    def due_at(self, kind=TimerKind.ESCALATION):
        timer = self.response.timers.get(kind)
        return timer.due_at if timer is not None else None

    def wall(self, minute):
        return wall_time(self.response.clock, instant_at(minute) + _INTO)

    def live(self):
        """All of it: what happens in the minute of a deadline comes first."""
        self.begin()
        for event in self.events:
            self.pass_time(self.wall(event.at))
            self.now = max(self.now, self.wall(event.at))
            self.hear(event)
        self.pass_time(self.wall(self.until + 1))
        return self

    def pass_time(self, end):
        while (due_at := self.due_at()) is not None and due_at < end:
            self.fire()

    def document(self):
        """In the form of a rehearsal's."""
        end = escalation_of(self.response).state
        policy = end.policy.name if end.policy else None
        told = [_told(entry) for entry in self.entries if entry.kind in {"level-told", "level-skipped"}]
        ending = {"status": end.status.value, "owner": end.owner, "severity": end.severity, "policy": policy}
        return {"told": told, "end": ending}

    def kinds(self):
        return [entry.kind for entry in self.entries]

    def is_fold(self):
        return fold(self.before, self.entries) == self.response

    def _take(self, decision):
        self.response = decision.response
        self.entries += decision.entries


def told_in(entries):
    """What an incident's entries say of who was told, in the form of the vectors."""
    return [_told(entry) for entry in entries if entry.kind in {"level-told", "level-skipped"}]


def _told(entry):
    at = entry.data["policy_time"].removesuffix(":00Z").removesuffix(":00+00:00") + "Z"
    if entry.data["level"] == "last-resort":
        return {"at": at, "level": "last-resort", "people": entry.data["people"]}
    told = {"at": at, "round": entry.data["round"], "level": entry.data["level"], "people": entry.data["people"]}
    return {**told, "skipped": True} if entry.kind == "level-skipped" else told
