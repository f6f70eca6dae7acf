"""The vectors of escalations as incidents of one installation, each with a service and policies of its own."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from escalations import parts
from house import eventually
from patience import LIMIT

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.domain.event import EventType as MessageType
from worker.domain.incident import incident_id
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import Actor, ActorKind, Source
from worker.lifecycle.response.escalating import escalation_of
from worker.lifecycle.response.policy_clock import policy_time, wall_time
from worker.messaging.connection import open_queue
from worker.oncall.escalation.event import Event as Happened
from worker.oncall.escalation.event import EventType
from worker.oncall.escalation.transitions import open_escalation, step
from worker.oncall.schedule.wall_clock import instant_at, minute_of
from worker.settings import Settings
from worker.storage.stores import open_stores

# What people do stands for what a vector says of it.
_ACTS = {"activity": ActKind.NOTE}
_INTO = timedelta(seconds=1)
_SOON = timedelta(hours=1)
TOLD = frozenset({"level-told", "level-skipped"})


@dataclass
class Lived:
    """One vector; `name` tells its things from those of the others."""

    vector: dict
    name: str
    key: str = field(init=False)

    def __post_init__(self):
        self.key = f"escalation-{self.name}"

    @property
    def id(self):
        return incident_id(self.key)

    def definitions(self):
        schedules = {f"{self.name}-{name}": each for name, each in self.vector["schedules"].items()}
        policies = {f"{self.name}-{name}": self._policy(each) for name, each in self.vector["policies"].items()}
        return {"schedules": schedules, "policies": policies, "services": {self.name: {"policies": [*policies]}}}

    def people(self):
        layers = [layer for each in self.vector["schedules"].values() for layer in each["layers"]]
        named = {person for layer in layers for entry in layer["people"] if entry for person in _each(entry)}
        told = {person for each in self.vector["expect"] for person in each["people"]}
        return named | told | {each["by"] for each in self.vector["events"] if each.get("by")}

    def raised(self):
        incident = self.vector["incident"]
        return Event(
            title=f"Escalation {self.name}",
            key=self.key,
            service=self.name,
            severity=incident["severity"],
            received_at=_instant(incident["opened_at"]),
        )

    def acts(self):
        """Each with the time of the policy at which it is done."""
        for number, given in enumerate(self.vector["events"]):
            kind = _ACTS.get(given["type"]) or ActKind(given["type"])
            actor = Actor(kind=ActorKind.PERSON, id=given.get("by") or "kai")
            more = {name: given[name] for name in ("severity", "role", "person") if name in given}
            more |= {"text": "It goes on."} if kind in {ActKind.NOTE, ActKind.DECLINE} else {}
            act = Act(act=kind, id=f"{self.name}-{number}", actor=actor, **more)
            event = Event(type=MessageType.ACT, title="What somebody does", key=self.key, act=act)
            yield _instant(given["at"]), EncodedEvent.of(event, message_id=f"{self.name}-{number}")

    def act_keys(self):
        """As entries and outcomes name them."""
        return [encoded.event.act.key for _, encoded in self.acts()]

    def _policy(self, policy):
        told = json.dumps(policy).replace('"schedule:', f'"schedule:{self.name}-')
        return json.loads(told)


class Installation:
    """A house whose workers live through the vectors."""

    def __init__(self, house, vectors):
        self.house = house
        self.lived = [Lived(vector, f"v{number}-{vector['name']}") for number, vector in enumerate(vectors)]

    def settings(self):
        variables = {name.removeprefix("TOCSIN_").lower(): value for name, value in self.house.env.items()}
        return Settings(_env_file=None, **variables)

    async def define(self):
        merged = {"people": {}, "schedules": {}, "policies": {}, "services": {}}
        for each in self.lived:
            for kind, things in each.definitions().items():
                merged[kind] |= things
            merged["people"] |= {key: _person(key) for key in each.people()}
        file = self.house.directory / "definitions.json"
        file.write_text(json.dumps(merged))
        program = await self.house.start("roster", "import", str(file), "--yes")

        async def is_over():
            return program.process.returncode is not None

        await eventually(is_over)
        assert program.process.returncode == 0, program.log

    async def raise_all(self):
        async with open_queue(self.settings()) as queue:
            for each in self.lived:
                await queue.sender.publish(EncodedEvent.of(each.raised()))

    async def act_all(self, stores):
        """Each act is put into the queue for the moment at which its vector has it."""
        async with open_queue(self.settings()) as queue:
            await asyncio.gather(*(_act(queue, stores, each) for each in self.lived))


async def _act(queue, stores, lived):
    begun = await eventually(lambda: response_of(stores, lived), limit=2 * LIMIT)
    for at, encoded in lived.acts():
        await queue.sender.publish(encoded, at=wall_time(begun.clock, at + _INTO))


def stores_of(installation):
    return open_stores(installation.settings(), owner="test")


async def response_of(stores, lived):
    """None until its escalation has begun."""
    stored = await stores.responses.read(lived.id)
    return stored.response if stored is not None and stored.response.escalation else None


async def ended(stores, lived):
    """How it stands once everybody has acted and nothing falls due any more; else None."""
    outcomes = await asyncio.gather(*(stores.responses.outcome(lived.id, key) for key in lived.act_keys()))
    response = await response_of(stores, lived)
    if response is None or None in outcomes:
        return None
    state = escalation_of(response).state
    if state.due is not None and state.due <= minute_of(_instant(lived.vector["until"]) + _SOON):
        return None
    return response, await stores.responses.entries(lived.id), state


def as_it_went(lived, response, entries):
    """Whom the rules tell where people act, and timers come, when they did; and how it stands then.

    A busy machine hears of both some minutes late. A timer that came too early would tell nobody here.
    """
    given = {name: lived.vector[name] for name in ("schedules", "policies", "incident", "events", "until")}
    directory, incident, events, _ = parts(given)
    acts = dict(zip(lived.act_keys(), events, strict=True))
    state, found = open_escalation(incident.severity, {}, incident.opened_at, directory)
    told, timers = [*found], set()
    for entry in entries:
        at = minute_of(policy_time(response.clock, entry.recorded_at))
        if entry.act_id in acts:
            event = replace(acts.pop(entry.act_id), at=at)
        elif entry.kind in TOLD and entry.source is Source.CLOCK and entry.recorded_at not in timers:
            timers.add(entry.recorded_at)
            event = Happened(at, EventType.TIMER)
        else:
            continue
        state, found = step(state, event, directory)
        told += found
    return [_line(each) for each in told], state


def lines(entries):
    """What entries say of whom they told, as `as_it_went` does."""
    told = [entry.data for entry in entries if entry.kind in TOLD]
    return [(each["policy_time"], each["round"], each["level"], tuple(each["people"])) for each in told]


def _line(told):
    level = "last-resort" if told.place.is_last_resort else told.place.level
    return f"{instant_at(told.at):%Y-%m-%dT%H:%M:%SZ}", told.place.round, level, told.people


async def is_paged(house, lived, told):
    """Whether each person was paged as often as a level named them; the pager keeps what it was sent."""
    state = (await house.http.get("/sandbox/state")).json()
    bodies = [call["body"] for call in state["pager"]["calls"]]
    # Whoever is called for a role is called at no level.
    ours = [each for each in bodies if each["incident"]["id"] == lived.id and each["type"] == "incident.page"]
    paged = Counter(each["person"]["name"] for each in ours if each["level"])
    return paged == Counter(person.title() for each in told for person in each["people"])


def _person(key):
    return {"name": key.title(), "email": f"{key}@contoso.example", "paging": "1-5=webhook:pager"}


def _each(entry):
    return [entry] if isinstance(entry, str) else entry


def _instant(text):
    return datetime.fromisoformat(text)
