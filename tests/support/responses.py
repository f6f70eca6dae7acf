"""Responses as tests live through them: who is there, what they do, and how it stands then."""

from datetime import UTC, datetime, timedelta

from brief_definitions import definitions, week

from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import CLOCK, Actor, ActorKind
from worker.domain.response.state import ResponseState
from worker.domain.response.timer import Due, TimerKind
from worker.domain.states import LaunchState
from worker.lifecycle.response.circumstances import Circumstances, Launched, Other
from worker.lifecycle.response.deciding import decide, fire, opened
from worker.lifecycle.response.people_book import PeopleBook
from worker.lifecycle.response.rules import ResponseRules
from worker.oncall.escalation.directory import directory_of
from worker.oncall.on_call import Roster

# A Wednesday.
START = datetime(2027, 5, 5, 10, 0, tzinfo=UTC)
PEOPLE = {
    key: {"name": name, "email": f"{key}@contoso.example"}
    for key, name in {"ada": "Ada", "ben": "Ben", "ivy": "Ivy", "max": "Max", "lea": "Lea"}.items()
}
URGENT = {
    "levels": [{"notify": ["person:ada"], "wait": "5 min"}, {"notify": ["person:ben"], "wait": "5 min"}],
    "last_resort": ["person:lea"],
    "ack_timeout": "30 min",
}
KNOWN = definitions(
    people=PEOPLE,
    services={"checkout": {"policies": ["urgent"]}, "search": {"schedules": ["search"]}},
    schedules={"search": week("max")},
    policies={"urgent": URGENT},
)
# In which the two roles of severe incidents have schedules of their own.
LED = definitions(
    people=PEOPLE,
    services={"checkout": {"policies": ["urgent"]}},
    schedules={"incident-commander": week("ivy"), "communications": week("max")},
    policies={"urgent": URGENT},
)
ADA, BEN, IVY, MAX = (Actor(kind=ActorKind.PERSON, id=key) for key in ("ada", "ben", "ivy", "max"))
MONITOR = Actor(kind=ActorKind.ALERT, name="Grafana")
PROGRAM = Actor(kind=ActorKind.SENDER, id="deploy-bot")


class Life:
    """One incident's response, decided act by act; `entries` are all of them, `outcome` is of the newest act."""

    def __init__(self, severity=3, known=KNOWN, rules=None, *, begun=True, other=None, key="k-1", **event):
        self.incident = Incident(
            key=key,
            event=Event(title="Checkout is down", severity=severity, service="checkout", **event),
            received_at=START,
        )
        self.known, self.rules, self.other = known, rules or ResponseRules(), other
        self.now = START
        self.response = self.before = opened(self.incident, START, self.rules.minute_seconds)
        self.entries, self.newest, self.outcome = [], [], None
        self._acts = 0
        if begun:
            self.act(ActKind.BEGIN, CLOCK, data={"people": ["ada", "ben"]})

    @property
    def circumstances(self):
        people = PeopleBook(self.known, Roster(rows=(), unreadable=()))
        directory = directory_of(self.known, "checkout")
        launched = Launched(LaunchState.LAUNCHED, START)
        return Circumstances(self.now, self.incident, launched, directory, people, self.rules, self.other)

    def act(self, kind, actor=ADA, **given):
        self._acts += 1
        act = Act(act=kind, actor=actor, id=given.pop("id", f"act-{self._acts}"), **given)
        decision = decide(self.response, act, self.circumstances)
        self.take(decision)
        self.outcome = decision.outcome
        return self.outcome

    def later(self, minutes):
        """Let time pass without anything that falls due."""
        self.now += timedelta(minutes=minutes)
        return self

    def due(self, kind):
        """When the timer of that kind comes, in minutes from the start; None where it is not awaited."""
        timer = self.response.timers.get(TimerKind(kind))
        return (timer.due_at - START) / timedelta(minutes=1) if timer and timer.due_at else None

    def fire(self, kind):
        """Let the timer of that kind come when it is due; what it left."""
        timer = self.response.timers[TimerKind(kind)]
        self.now = max(self.now, timer.due_at)
        decision = fire(self.response, Due(kind=kind, epoch=timer.epoch, due_at=timer.due_at), self.circumstances)
        self.take(decision)
        return self.newest

    def take(self, decision):
        """What was decided is so from now on."""
        self.response, self.newest = decision.response, list(decision.entries)
        self.entries += self.newest

    def said(self):
        """All that the newest act or timer says in the channel."""
        return "\n".join(say.text for entry in self.newest for say in entry.says)

    def told(self, kind=None):
        """Who is told because of the newest act or timer, in order."""
        tells = [tell for entry in self.newest for tell in entry.tells]
        return [tell.person for tell in tells if kind is None or tell.kind == kind]


def another(state=None, **changes):
    """An incident into which others may be merged."""
    incident = Incident(key="k-2", event=Event(title="Payments are down"), received_at=START)
    response = (
        opened(incident, START, 60.0).model_copy(update={"state": ResponseState(state), **changes}) if state else None
    )
    return Other(incident, response)
