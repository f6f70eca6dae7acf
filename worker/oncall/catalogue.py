"""Which service of the catalogue an event is about: by the name that it gives, else by a word of its title; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from worker.domain.event import Event
from worker.oncall.definitions import Definitions, ServiceRecord

_NAMED = 5


class DefinitionsReader(Protocol):
    """Whoever has the definitions: the tables, or a file."""

    async def definitions(self) -> Definitions:
        """As they are now, or were when they could last be read; raises a Transient where nothing is known of them."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The service that is meant; `note` says why it is none where several could be."""

    service: ServiceRecord | None = None
    note: str = ""


def service_meant(definitions: Definitions, event: Event) -> Meant:
    """Names and words are compared without regard to case and spacing; a name goes before a word."""
    if _plain(event.service):
        return service_named(definitions, event.service)
    return _one_of(*_in_title(definitions.services.values(), _plain(event.title)))


def service_named(definitions: Definitions, text: str) -> Meant:
    """By its name, else by one of its words."""
    if exact := definitions.services.get(text):
        return Meant(exact)
    named, services = _plain(text), definitions.services.values()
    alike = [each for each in services if _plain(each.name) == named]
    by_word = [each for each in services if named in _words(each)]
    return _one_of(alike or by_word, f"are called {text!r}")


def _in_title(services: Iterable[ServiceRecord], title: str) -> tuple[list[ServiceRecord], str]:
    """Those of the longest word that stands in it, and what they have in common."""
    found = [(word, each) for each in services for word in _words(each) if _stands_in(word, title)]
    longest = max((len(word) for word, _ in found), default=0)
    meant = {each.name: each for word, each in found if len(word) == longest}
    words = sorted({word for word, _ in found if len(word) == longest})
    return list(meant.values()), f"have a word of the title ({', '.join(map(repr, words))})"


def _one_of(meant: list[ServiceRecord], alike: str) -> Meant:
    if len(meant) > 1:
        names = ", ".join(repr(each.name) for each in meant[:_NAMED])
        return Meant(note=f"Several services of the catalogue {alike}: {names}. None of them was taken.")
    return Meant(meant[0]) if meant else Meant()


def _words(service: ServiceRecord) -> Iterator[str]:
    return (plain for word in service.words if (plain := _plain(word)))


def _stands_in(word: str, title: str) -> bool:
    """As a whole word: what is before and behind it is no letter, digit or underscore."""
    start = title.find(word)
    while start >= 0:
        end = start + len(word)
        if not (_is_of_word(title[start - 1 : start]) or _is_of_word(title[end : end + 1])):
            return True
        start = title.find(word, start + 1)
    return False


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
