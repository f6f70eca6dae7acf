"""The people on call as an announcement calls them; that there are none is loud."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Self

from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.poster import Mention
from worker.oncall.table import OnCall, Person

_NAME_LIMIT = 64
_ROLE_LIMIT = 32
_LOOKUP_FAILED = "Who is on call could not be looked up. Call somebody yourself; the work item says what failed."
_NOBODY = "NOBODY IS ON CALL."


@dataclass(frozen=True, slots=True)
class PeopleCalled:
    """`mentions` are some of the `named`, by e-mail, in the order in which a message numbers them."""

    named: tuple[Person, ...]
    unnamed: int
    note: str
    mentions: dict[str, Mention]

    @classmethod
    def of(cls, on_call: OnCall | None, *, most: int, note: int, mentioning: bool) -> Self:
        """None stands for a look-up that failed."""
        if on_call is None:
            return cls((), 0, _LOOKUP_FAILED, {})
        named = tuple(_shortened(person) for person in on_call.people[:most])
        known = {person.email: Mention(harmless(person.name), person.object_id) for person in named if person.object_id}
        words = cut(on_call.note, note) or ("" if named else _NOBODY)
        return cls(named, len(on_call.people) - len(named), words, known if mentioning else {})

    def in_text(self) -> str:
        return self._told(lambda person: unmentioned(person.name), unmentioned)

    def in_html(self) -> str:
        numbers = {email: number for number, email in enumerate(self.mentions)}

        def written(person: Person) -> str:
            name, number = escape(harmless(person.name)), numbers.get(person.email)
            return name if number is None else f'<at id="{number}">{name}</at>'

        return self._told(written, escape)

    def in_markdown(self) -> str:
        def written(person: Person) -> str:
            name = harmless(person.name)
            return f"<at>{name}</at>" if person.email in self.mentions else name

        return self._told(written, harmless)

    def card_entities(self) -> list[dict[str, Any]]:
        """What tells a card whom the names between `<at>` and `</at>` mean."""
        return [
            {
                "type": "mention",
                "text": f"<at>{mention.name}</at>",
                "mentioned": {"id": mention.object_id, "name": mention.name},
            }
            for mention in self.mentions.values()
        ]

    def _told(self, written: Callable[[Person], str], safe: Callable[[str], str]) -> str:
        people = [written(person) + (f" ({safe(person.role)})" if person.role else "") for person in self.named]
        if self.unnamed:
            people.append(f"{self.unnamed} more")
        told = f"On call: {', '.join(people)}." if people else ""
        return f"{told} {safe(self.note)}".strip()


def _shortened(person: Person) -> Person:
    return person.model_copy(update={"name": cut(person.name, _NAME_LIMIT), "role": cut(person.role, _ROLE_LIMIT)})
