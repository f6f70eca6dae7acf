"""Who is meant by a name, an address or an id, and how whoever is to be told is reached."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from worker.domain.last_resort import Target
from worker.domain.response.actor import Actor, ActorKind
from worker.domain.response.entry import Tell, TellKind
from worker.domain.response.response import PersonRef, Response
from worker.oncall.definitions import Definitions
from worker.oncall.escalation.falling_back import person_of_settings, way_of_settings
from worker.oncall.on_call import Person, Roster
from worker.oncall.people import People


@dataclass(frozen=True)
class PeopleBook:
    """`last_resort`: whom the settings name, who need not be people of the definitions.

    `is_readable`: False where nobody could say who the people are. `met`: whom an incident knows already, for then.
    """

    definitions: Definitions
    roster: Roster
    last_resort: tuple[Target, ...] = ()
    is_readable: bool = True
    met: tuple[PersonRef, ...] = ()

    def knowing(self, response: Response) -> "PeopleBook":
        """The same; where nobody can say who the people are, with those whom the incident knows."""
        if self.is_readable:
            return self
        spans, offers = (span.person for span in response.roles), (offer.person for offer in response.offers)
        owner = [response.owner] if response.owner else []
        return replace(self, met=(*response.told, *spans, *offers, *owner, *response.members))

    @cached_property
    def _people(self) -> People:
        return People(self.definitions, self.roster)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """By address, Entra object id and full name, without regard to case, what the definitions call a person."""
        found: dict[str, str] = {}
        for row in self.roster.rows:
            for spelling in (row.email, row.object_id or "", row.name):
                found.setdefault(spelling.casefold(), row.email.casefold())
        for record in self.definitions.people.values():
            known = self._people.find(record.key)
            object_id = known.object_id if known else record.object_id
            found |= {each.casefold(): record.key for each in (record.name, record.email, object_id or "") if each}
            found[record.key.casefold()] = record.key
        found.pop("", None)
        return found

    @cached_property
    def _met(self) -> dict[str, PersonRef]:
        spellings = ((each, ref) for ref in self.met for each in (ref.person, ref.email, ref.object_id or ""))
        return {spelling.casefold(): ref for spelling, ref in spellings if spelling}

    def named(self, text: str) -> PersonRef | None:
        """Whoever is meant by what somebody wrote; an address that nobody knows is a person all the same."""
        wanted = text.strip().removeprefix("@").casefold()
        key = self._spellings.get(wanted)
        if key is None and (met := self._met.get(wanted)) is not None:
            return met
        if key is None:
            return PersonRef(person=wanted, name=text.strip(), email=wanted) if "@" in wanted else None
        return self.ref(key)

    def ref(self, key: str) -> PersonRef:
        """Of what the definitions call a person, or an address."""
        person = self._find(key)
        if person is None:
            return self._met.get(key.casefold()) or PersonRef(person=key, name=key)
        return PersonRef(
            person=person.key or key, name=person.name, email=person.email, object_id=person.object_id or None
        )

    def of(self, actor: Actor) -> PersonRef:
        """Whoever acts, as the definitions call them; a stranger is known by what they bring."""
        # Never by their name, which people choose. A machine's user at its host looks like an address, and is none.
        is_account = actor.kind is ActorKind.OPERATOR and not self.is_known(actor)
        if actor.id and not is_account and (found := self.named(actor.id)) is not None:
            is_stranger = found.name == actor.id.strip()
            return found.model_copy(update={"name": actor.spoken}) if is_stranger else found
        return PersonRef(person=actor.id or actor.name, name=actor.spoken)

    def is_known(self, actor: Actor) -> bool:
        """Whether the definitions or the on-call table know who that is."""
        return bool(actor.id) and actor.id.casefold() in self._spellings

    def tell(self, key: str, why: str, *, kind: TellKind = TellKind.PAGE, **more: Any) -> Tell:
        """How that person is reached now; `more` as in Tell."""
        person = self._find(key) or Person(name=key, email="", key=key)
        return Tell(
            person=person.key or key,
            name=person.name,
            kind=kind,
            why=why,
            email=person.email,
            object_id=person.object_id or None,
            phone=person.phone,
            paging=person.paging,
            by=self._one_way(key),
            **more,
        )

    def _find(self, key: str) -> Person | None:
        return self._people.find(key) or person_of_settings(key, self.last_resort)

    def _one_way(self, key: str) -> str:
        """Empty for a person, who has ways of their own."""
        if self._people.find(key) is not None:
            return ""
        return way_of_settings(key, self.last_resort)
