"""Who is on call, as values: a person, the answer for a service, and the rows that it is read off."""

from datetime import datetime

from pydantic import BaseModel

from worker.oncall.escalation.opening import Opening
from worker.oncall.rows import DEFAULT_SERVICE, Row, in_order, printed_keys


class Person(BaseModel, frozen=True):
    """Someone on call: `object_id` is the Entra id, for mentions; `boards_identity` overrides the e-mail in Boards.

    `key` is what definitions call them. `in_directory`: whether Entra ID knows the address, None while it could not be
    asked. `phone` and `paging` are as they were typed, for `read_phone_number` and `read_paging_ways`. `why` says in
    people's words what put them there, `until` when they are on call no more (in UTC; None where no end is known),
    `schedule` by which schedule, `shift` the same in the few words that stand beside a name.
    """

    name: str
    email: str
    key: str = ""
    role: str = ""
    order: int = 0
    object_id: str | None = None
    in_directory: bool | None = None
    boards_identity: str | None = None
    phone: str = ""
    paging: str = ""
    why: str = ""
    until: datetime | None = None
    schedule: str = ""
    shift: str = ""

    @property
    def identity(self) -> str:
        """What tells them from others; whoever has no address is told apart by their key."""
        return (self.email or self.key).casefold()


class OnCall(BaseModel, frozen=True):
    """Who is on call for a service; `note` is a sentence for people, loud when nobody was found.

    `opening`: how the escalation of the incident begins that they are called for; its first level are these people.
    """

    people: tuple[Person, ...] = ()
    service: str = ""
    from_default: bool = False
    note: str = ""
    opening: Opening | None = None

    @property
    def is_held(self) -> bool:
        """Nobody is called before the hours of the policy begin."""
        return self.opening is not None and self.opening.is_held


class UnreadableRow(BaseModel, frozen=True):
    """A row that names nobody for certain, by its keys, what is wrong with it, and for which service it would be."""

    keys: tuple[str, str]
    fault: str
    service: str = DEFAULT_SERVICE

    @property
    def sentence(self) -> str:
        return f"{printed_keys(self.keys)}: {self.fault}"


class Roster(BaseModel, frozen=True):
    """All rows that could be read, and those that could not."""

    rows: tuple[Row, ...]
    unreadable: tuple[UnreadableRow, ...]

    def on_call(self, service: str) -> OnCall:
        """The service's own people, else the default ones; nobody is an answer too, with a loud note."""
        own = self._people(service) if service else ()
        people = own or self._people(DEFAULT_SERVICE)
        from_default = bool(people) and not own
        note = note_of(service, own, people)
        return OnCall(people=people, service=service, from_default=from_default, note=note)

    def unreadable_for(self, on_call: OnCall) -> tuple[UnreadableRow, ...]:
        """The rows that may name somebody who is missing there; what is wrong elsewhere is for others to mend."""
        own = (on_call.service or DEFAULT_SERVICE).casefold()
        asked = {own} if on_call.people and not on_call.from_default else {own, DEFAULT_SERVICE}
        return tuple(row for row in self.unreadable if row.service.casefold() in asked)

    def _people(self, service: str) -> tuple[Person, ...]:
        return tuple(person_of(row) for row in in_order(row for row in self.rows if row.serves(service)))


def note_of(service: str, own: tuple[Person, ...], people: tuple[Person, ...]) -> str:
    named = f"the service {service!r}" if service else "an incident without a service"
    if not people:
        return (
            f"NOBODY IS ON CALL for {named}, and nobody by default. Call somebody yourself, "
            f"then add a row (name, email, service, oncall) to the on-call table."
        )
    return "" if own else f"Nobody is on call for {named} itself; these are the people of {DEFAULT_SERVICE!r}."


def person_of(row: Row) -> Person:
    return Person(**row.model_dump(include=set(Person.model_fields)))
