"""Names that refer to nothing: a schedule or a policy that stands nowhere, a person whom nobody can reach.

What a file says is walked as it stands there, so that a thing at fault is asked for its references as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from worker.oncall.definitions import Definitions, NotifyTarget, PersonRecord
from worker.oncall.files.document import Fault, Path
from worker.oncall.reading.build import spelling_of
from worker.oncall.reading.fields import entries_of, read_entry, several
from worker.oncall.reading.given_policy import read_target

_Placed = tuple[Path, Any]


def unknown_references(value: Mapping[str, Any], known: Definitions) -> Iterator[Fault]:
    """`value` is the whole of a file; what it refers to stands in it or is known already."""
    schedules = _Names("schedule", known.schedules, _fields(value, "schedules"))
    policies = _Names("policy", known.policies, _fields(value, "policies"))
    people = _People(known.people.values(), _fields(value, "people"))
    yield from people.shared_addresses()
    for path, name in _of_services(value, "schedules"):
        yield from schedules.fault(path, name)
    for path, name in _of_services(value, "policies"):
        yield from policies.fault(path, name)
    for path, target in _targets(value):
        if target.kind == "schedule":
            yield from schedules.fault(path, target.name)
        elif target.kind == "person":
            yield from people.fault(path, target.name)
    for path, person in _persons(value):
        yield from people.fault(path, person)


class _Names:
    def __init__(self, what: str, known: Iterable[str], given: Iterable[str]) -> None:
        self._what = what
        self._names = {" ".join(name.split()) for name in (*known, *given)}

    def fault(self, path: Path, name: object) -> Iterator[Fault]:
        word = " ".join(name.split()) if isinstance(name, str) else ""
        if word and word not in self._names:
            yield Fault(path, f"there is no {self._what} {word[:100]}{_offer(word, self._names)}")


class _People:
    def __init__(self, known: Iterable[PersonRecord], given: Mapping[str, Any]) -> None:
        addresses = {person.key: person.email for person in known}
        addresses |= {key: str(_fields({key: person}, key).get("email", "")) for key, person in given.items()}
        self._given = given
        self._addresses = addresses
        self._spelling = spelling_of([PersonRecord(key, key, email) for key, email in addresses.items()])

    def fault(self, path: Path, person: object) -> Iterator[Fault]:
        if isinstance(person, str) and "@" not in person and self._spelling(person) not in self._addresses:
            offer = _offer(person, self._addresses)
            yield Fault(path, f"{person[:100]} is neither in people nor an e-mail address{offer}")

    def shared_addresses(self) -> Iterator[Fault]:
        """Whoever is named by an address is one person."""
        first: dict[str, str] = {}
        for key, email in self._addresses.items():
            other = first.setdefault(email.strip().casefold(), key)
            if other != key and email and key in self._given:
                yield Fault(("people", key, "email"), f"is the address of {other} already")


def _of_services(value: Mapping[str, Any], field: str) -> Iterator[_Placed]:
    for name, service in _fields(value, "services").items():
        yield from _items(("services", name, field), several(_fields({name: service}, name).get(field)))


def _targets(value: Mapping[str, Any]) -> Iterator[tuple[Path, NotifyTarget]]:
    for path, text in _written_targets(value):
        try:
            yield path, read_target(text)
        except ValueError:
            continue


def _written_targets(value: Mapping[str, Any]) -> Iterator[_Placed]:
    for name, policy in _fields(value, "policies").items():
        fields = _fields({name: policy}, name)
        for path, level in _items(("policies", name, "levels"), fields.get("levels")):
            if isinstance(level, Mapping):
                yield from _items((*path, "notify"), several(level.get("notify")))
        yield from _items(("policies", name, "last_resort"), several(fields.get("last_resort")))


def _persons(value: Mapping[str, Any]) -> Iterator[_Placed]:
    for name, schedule in _fields(value, "schedules").items():
        fields, path = _fields({name: schedule}, name), ("schedules", name)
        for here, layer in _each(fields, path, "layers"):
            yield from _in_turn(here, layer)
            for there, change in _each(layer, here, "changes"):
                yield from _in_turn(there, change)
        for here, override in _each(fields, path, "overrides"):
            yield from (((*here, field), override.get(field)) for field in ("person", "replaces"))
            yield from (((*there, "person"), half.get("person")) for there, half in _each(override, here, "swap"))
        yield from (((*here, "person"), absence.get("person")) for here, absence in _each(fields, path, "absences"))
    yield from (((*here, "person"), absence.get("person")) for here, absence in _each(value, (), "absences"))


def _in_turn(path: Path, layer: Mapping[str, Any]) -> Iterator[_Placed]:
    for here, entry in _items((*path, "people"), _or_nothing(entries_of, layer.get("people"))):
        yield from ((here, person) for person in _or_nothing(read_entry, entry) or ())


def _or_nothing(read: Callable[[Any], Any], value: object) -> Any:
    """What cannot be read is a fault that is told already."""
    try:
        return read(value)
    except ValueError:
        return None


def _fields(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _each(value: Mapping[str, Any], path: Path, name: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    return ((here, each) for here, each in _items((*path, name), value.get(name)) if isinstance(each, Mapping))


def _items(path: Path, value: object) -> Iterator[_Placed]:
    if isinstance(value, list):
        yield from (((*path, number), each) for number, each in enumerate(value))


def _offer(name: str, known: Iterable[str]) -> str:
    by_word = {each.casefold(): each for each in known}
    close = get_close_matches(name[:100].casefold(), by_word, n=1)
    return f"; do you mean {by_word[close[0]]}?" if close else ""
