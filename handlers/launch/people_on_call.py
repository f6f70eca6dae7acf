"""The people on call as an announcement calls them; that there are none is loud."""

import hashlib
from dataclasses import dataclass
from typing import Any, Self

from handlers import cards
from handlers.sanitizing import cut, harmless
from worker.clients.posting.poster import Mention
from worker.oncall.on_call import OnCall, Person

_NAME_LIMIT = 64
_ROLE_LIMIT = 32
_SHIFT_LIMIT = 96
_NOT_FOUND_YET = "Who is on call could not be looked up yet; it is still being tried. Call somebody yourself."
_NOBODY = "NOBODY IS ON CALL."


@dataclass(frozen=True, slots=True)
class PeopleCalled:
    """`mentions` are some of the `named`, by e-mail, in the order in which a message numbers them."""

    named: tuple[Person, ...]
    unnamed: int
    note: str
    mentions: dict[str, Mention]

    @classmethod
    def of(cls, on_call: OnCall | None, *, most: int, note: int, mentioning: bool, by_address: bool) -> Self:
        """None stands for people who are not found yet."""
        if on_call is None:
            return cls((), 0, _NOT_FOUND_YET, {})
        named = tuple(_shortened(person) for person in on_call.people[:most])
        ids = {person.email: mention_id(person, by_address=by_address) for person in named if mentioning}
        mentions = {
            person.email: Mention(harmless(person.name), found) for person in named if (found := ids.get(person.email))
        }
        words = cut(on_call.note, note) or ("" if named else _NOBODY)
        return cls(named, len(on_call.people) - len(named), words, mentions)

    def in_markdown(self) -> str:
        people = [self._written(person) for person in self.named]
        if self.unnamed:
            people.append(f"{self.unnamed} more")
        told = f"On call: {', '.join(people)}." if people else ""
        return f"{told} {harmless(self.note)}".strip()

    def card_entities(self) -> list[dict[str, Any]]:
        """What tells a card whom the names between `<at>` and `</at>` mean."""
        return [cards.entity(mention.name, mention.id) for mention in self.mentions.values()]

    def _written(self, person: Person) -> str:
        name = harmless(person.name)
        called = f"<at>{name}</at>" if person.email in self.mentions else name
        beside = ", ".join(filter(None, (person.role, person.shift)))
        return called + (f" ({harmless(beside)})" if beside else "")


def mention_id(person: Person, *, by_address: bool) -> str:
    """What a mention names the person by; nothing where Teams knows nobody of this address."""
    return person.object_id or (person.email if by_address and person.in_directory is not False else "")


def people_mark(on_call: OnCall | None) -> str:
    """Which people a card shows, in a word; nothing while they are not found."""
    if on_call is None:
        return ""
    shown = "\n".join((*(person.email for person in on_call.people), on_call.note))
    return f"people:{hashlib.sha256(shown.encode()).hexdigest()[:8]}"


def _shortened(person: Person) -> Person:
    limits = {"name": _NAME_LIMIT, "role": _ROLE_LIMIT, "shift": _SHIFT_LIMIT}
    return person.model_copy(update={field: cut(getattr(person, field), limit) for field, limit in limits.items()})
