"""What the model's incident lives through: acts and timers of the simplest kind, and the lanes of what follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from model_fates import CALL, REMOTE_READ, REMOTE_WRITE
from model_world import Client, Made, Room, World, WorldStep

from worker.domain.response.act import ALREADY, DONE, Act, ActKind, Outcome
from worker.domain.response.actor import CLOCK, Actor, ActorKind, Source
from worker.domain.response.entry import Entry, Say, Tell
from worker.domain.response.response import PersonRef, Response
from worker.domain.response.state import ResponseState
from worker.domain.response.timer import TimerKind
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Playbook, Step
from worker.resilience import send_deadline

LEVELS = 3
BETWEEN_LEVELS = timedelta(seconds=60)


@dataclass
class ResponseWorld(World):
    """`shown`: each state that a request showed on the card, in the order in which they landed."""

    shown: list[int] = field(default_factory=list)

    def show(self, seq: int) -> Made:
        self.shown.append(seq)
        return Made(number=seq)


class ResponseClient(Client):
    """A worker's way to it."""

    async def show(self, seq: int) -> Made:
        async def send() -> object:
            send_deadline.check(CALL)
            return await self._through(REMOTE_WRITE, f"show {seq}", lambda: self._world.show(seq))

        return await self._carried_out("show", send, writes=True)

    async def shown(self) -> Made | None:
        async def send() -> object:
            return await self._through(REMOTE_READ, "shown", lambda: None)

        return await self._carried_out("look at the card", send, writes=False)


# What is decided.


def begin(log, act, known):
    if log.response.escalation is not None:
        return Outcome(verdict=ALREADY, sentence="Begun.")
    log.set(escalation={"level": 1})
    log.set_timer(TimerKind.ESCALATION, known.now + BETWEEN_LEVELS)
    log.enter("opened", "Opened.", says=[Say(text="opened")])
    return Outcome(verdict=DONE, sentence="Begun.")


def acknowledge(log, act, known):
    if log.response.state is not ResponseState.OPEN:
        return Outcome(verdict=ALREADY, sentence="Somebody has it.")
    log.stop_timer(TimerKind.ESCALATION)
    owner = PersonRef(person=act.actor.id, name=act.actor.id)
    log.enter("acknowledged", "Taken.", state=ResponseState.ACKNOWLEDGED, owner=owner, says=[Say(text="taken")])
    return Outcome(verdict=DONE, sentence="Taken.")


def note(log, act, known):
    """By its meaning alone a note is never the same as another one."""
    log.enter("note", act.text, comments=[act.text])
    return Outcome(verdict=DONE, sentence="Noted.")


def reopen(log, act, known):
    """Every time anew, which sets a timer of a later epoch."""
    log.set_timer(TimerKind.ESCALATION, known.now + BETWEEN_LEVELS)
    log.enter("reopened", "Open.", state=ResponseState.OPEN, owner=None)
    return Outcome(verdict=DONE, sentence="Open.")


def outcome(log, act, known):
    log.enter("outcome", "Told.", data={"of": act.data["of"]})
    return Outcome(verdict=DONE, sentence="Noted.")


def escalate(log, known):
    level = log.response.escalation["level"] + 1
    if level < LEVELS:
        log.set_timer(TimerKind.ESCALATION, known.now + BETWEEN_LEVELS)
    told = Tell(person=f"level-{level}", name=f"Level {level}", why="Nobody answered.", level=level)
    log.enter("level-told", f"Level {level}.", data={"level": level}, tells=[told], escalation={"level": level})


ACTS = {
    ActKind.BEGIN: begin,
    ActKind.ACKNOWLEDGE: acknowledge,
    ActKind.NOTE: note,
    ActKind.REOPEN: reopen,
    ActKind.OUTCOME: outcome,
}
TIMERS = {TimerKind.ESCALATION: escalate}

BEGIN = Act(act=ActKind.BEGIN, id="begin", actor=CLOCK, source=Source.LAUNCH)


def by(person: str) -> Actor:
    return Actor(kind=ActorKind.PERSON, id=person)


# What follows.


class _OfEntry(WorldStep):
    def __init__(self, client: ResponseClient, what: str, seq: int) -> None:
        super().__init__(client)
        self.name = f"{what}-{seq}"


class TellPeople(_OfEntry):
    pass


class SayIt(_OfEntry):
    needs = (Room,)


class Show(Step[Made]):
    name = "show"
    needs = (Room,)
    result = Made

    def __init__(self, client: ResponseClient, seq: int) -> None:
        self.client = client
        self.seq = seq

    async def find(self, incident, done):
        return await self.client.shown()

    async def run(self, incident, done):
        return await self.client.show(self.seq)


def _told(entry: Entry, _made: object) -> list[Act]:
    return [Act(act=ActKind.OUTCOME, id=f"told-{entry.seq}", actor=CLOCK, data={"of": entry.seq})]


def lanes(client: ResponseClient) -> Sequence[Lane]:
    def tell(entry: Entry, _response: Response) -> Playbook:
        return [TellPeople(client, "tell", entry.seq)]

    def say(entry: Entry, _response: Response) -> Playbook:
        return [SayIt(client, "say", entry.seq)]

    def show(_entry: Entry, response: Response) -> Playbook:
        return [Show(client, response.seq)]

    return (
        Lane("tells", LaneOrder.EACH, lambda entry: bool(entry.tells), tell, _told),
        Lane("words", LaneOrder.IN_ORDER, lambda entry: bool(entry.says or entry.comments), say),
        Lane("card", LaneOrder.NEWEST, lambda entry: entry.kind != "outcome", show),
    )
