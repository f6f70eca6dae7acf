"""Who is meant by a name, an address or an id, and how whoever is to be told is reached."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from worker.domain.last_resort import Target
from worker.domain.response.actor import Actor, ActorKind
from worker.domain.response.entry import Tell, TellKind
from worker.domain.response.response import PersonRef
from worker.oncall.definitions import Definitions
from worker.oncall.escalation.falling_back import person_of_settings, way_of_settings
from worker.oncall.on_call import Person, Roster
from worker.oncall.people import People


@dataclass(frozen=True)
class PeopleBook:
    """`last_resort`: whom the settings name, who need not be people of the definitions.

    `is_readable`: False where nobody could say who the people are.
    """

    definitions: Definitions
    roster: Roster
    last_resort: tuple[Target, ...] = ()
    is_readable: bool = True

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

    def named(self, text: str) -> PersonRef | None:
        """Whoever is meant by what somebody wrote; an address that nobody knows is a person all the same."""
        wanted = text.strip().removeprefix("@").casefold()
        key = self._spellings.get(wanted)
        if key is None:
            return PersonRef(person=wanted, name=text.strip(), email=wanted) if "@" in wanted else None
        return self.ref(key)

    def ref(self, key: str) -> PersonRef:
        """Of what the definitions call a person, or an address."""
        person = self._find(key)
        if person is None:
            return PersonRef(person=key, name=key)
        return PersonRef(
            person=person.key or key, name=person.name, email=person.email, object_id=person.object_id or None
        )

    def of(self, actor: Actor) -> PersonRef:
        """Whoever acts, as the definitions call them; a stranger is known by what they bring."""
        # Never by their name, which people choose. A machine's user at its host looks like an address, and is none.
        is_account = actor.kind is ActorKind.OPERATOR and not self.is_known(actor)
        if actor.id and not is_account and (found := self.named(actor.id)) is not None:
            return found
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
