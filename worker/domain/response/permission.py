"""Who may do what to an incident: one function for all doors."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import Actor, ActorKind, Right, Source
from worker.domain.response.response import PersonRef, Response
from worker.domain.response.roles import COMMANDER, role_named


class Standing(IntEnum):
    """What somebody is to an incident, each with all that the ones before it may do."""

    READER = 0
    MEMBER = 1
    RESPONDER = 2
    LEAD = 3
    ADMIN = 4


_NEEDED: Mapping[ActKind, Standing] = {
    ActKind.LOOK: Standing.READER,
    ActKind.NOTE: Standing.MEMBER,
    ActKind.UPDATE: Standing.MEMBER,
    ActKind.ACKNOWLEDGE: Standing.MEMBER,
    ActKind.TAKE: Standing.MEMBER,
    ActKind.REOPEN: Standing.MEMBER,
    ActKind.UNACKNOWLEDGE: Standing.LEAD,
    ActKind.CLOSE: Standing.LEAD,
}
_HELP = frozenset({ActKind.ACKNOWLEDGE, ActKind.TAKE})
_WORDS: Mapping[Standing, str] = {
    Standing.READER: "whoever may see it",
    Standing.MEMBER: "members of the team",
    Standing.RESPONDER: "people on the roster or in a schedule",
    Standing.LEAD: "its owner, its commander and those who were called for it",
    Standing.ADMIN: "admins",
}
_OF_RIGHT: Mapping[Right, Standing] = {
    Right.READER: Standing.READER,
    Right.MEMBER: Standing.MEMBER,
    Right.LEAD: Standing.LEAD,
    Right.ADMIN: Standing.ADMIN,
}
# Whoever reaches the queue itself, or a command line that does, was given that right by the operator.
_OF_OPERATORS = frozenset({Source.CLI, Source.QUEUE})
# A person answers for themselves here, whoever offers it.
_PEOPLE = frozenset({ActorKind.PERSON, ActorKind.OPERATOR})


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants to act. `person`: as the definitions know them. `is_on_roster`: None where nobody can say it."""

    actor: Actor
    source: Source
    person: PersonRef
    is_on_roster: bool | None = None

    @property
    def is_one_of_ours(self) -> bool:
        """A worker, the clock, alerts, or an operator: nobody who had to be let in."""
        return self.source in _OF_OPERATORS or self.actor.kind not in {*_PEOPLE, ActorKind.SENDER}

    def is_one_of(self, *people: PersonRef | None) -> bool:
        mine = _spellings(self.person) | {self.actor.id.casefold()} - {""}
        return any(mine & _spellings(person) for person in people if person is not None)


def may(who: Asking, act: Act, response: Response, *, members_acknowledge: bool = True) -> str | None:
    """None where they may; else the sentence that says why not, and who may."""
    if who.is_one_of_ours or who.actor.right is Right.ADMIN:
        return None
    if response.restricted and not is_member(who, response):
        return "The incident is restricted: only its members see it, and act on it."
    needed = _needed(act, members_acknowledge=members_acknowledge)
    if standing(who, response) >= needed:
        return None
    unknown = " Who is on the roster cannot be read just now; try again." if who.is_on_roster is None else ""
    return f"{who.person.name or who.actor.spoken} may not {act.act} here: that is for {_WORDS[needed]}.{unknown}"


def standing(who: Asking, response: Response) -> Standing:
    """What somebody is to that incident."""
    given = _OF_RIGHT[who.actor.right]
    if who.is_one_of_ours:
        return Standing.ADMIN
    if given is not Standing.MEMBER or who.actor.kind is ActorKind.SENDER:
        return given
    if who.is_one_of(response.owner, *response.has(COMMANDER), *response.told):
        return Standing.LEAD
    return Standing.RESPONDER if who.is_on_roster or is_member(who, response) else Standing.MEMBER


def is_member(who: Asking, response: Response) -> bool:
    """Of a restricted incident: those told, with a role or an offer of one, its owner, and those who were let in."""
    holders = (span.person for span in response.roles)
    offered = (offer.person for offer in response.offers)
    return who.is_one_of(response.owner, *response.told, *response.members, *holders, *offered)


def _needed(act: Act, *, members_acknowledge: bool) -> Standing:
    if act.act is ActKind.ROLE:
        return _needed_for_role(act, members_acknowledge=members_acknowledge)
    if act.act in _HELP and not members_acknowledge:
        return Standing.RESPONDER
    return _NEEDED.get(act.act, Standing.RESPONDER)


def _needed_for_role(act: Act, *, members_acknowledge: bool) -> Standing:
    """To take one oneself is help, as an acknowledgement is; to hand command to another is for who leads."""
    if act.answer is not None:
        return Standing.MEMBER
    if not act.person:
        return Standing.MEMBER if members_acknowledge else Standing.RESPONDER
    return Standing.LEAD if role_named(act.role or "").key == COMMANDER else Standing.RESPONDER


def _spellings(person: PersonRef) -> set[str]:
    """Never by their name, which people choose."""
    return {each.casefold() for each in (person.person, person.email, person.object_id or "") if each}
