"""Whom and what a person means by a name: never a guess; who is like it is offered."""

from collections.abc import Iterator
from difflib import get_close_matches

from worker.domain.text import clean_line, quoted
from worker.oncall.asking import person_asked, schedules_asked
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import Roster
from worker.oncall.reading.fields import read_person_name
from worker.oncall.schedule.schedule import Schedule

_LONGEST = 100


def person_named(definitions: Definitions, roster: Roster, text: str) -> str:
    """By key, address or full name, in one spelling; an address may be of nobody known. Raises ValueError."""
    name = clean_line(text)
    called = sorted({person for full, person in _full_names(definitions, roster) if full == name.casefold()})
    try:
        return person_asked(definitions, read_person_name(name))
    except ValueError as error:
        if len(called) == 1:
            return called[0]
        if called:
            raise ValueError(f"{quoted(name)!r} is the name of several: {' and '.join(called)}") from None
        raise ValueError(_with_names(str(error), name, definitions, roster)) from None


def schedule_named(definitions: Definitions, text: str) -> Schedule:
    """By its own name, or that of a service that has no other. Raises ValueError."""
    found = schedules_asked(definitions, clean_line(text))
    if len(found) > 1:
        names = ", ".join(schedule.name for schedule in found)
        raise ValueError(f"the service {quoted(text)!r} has several schedules; name one of them: {names}")
    return found[0]


def is_known(definitions: Definitions, roster: Roster, person: str) -> bool:
    """Whether anything but this very act names the person."""
    if person in definitions.people or any(row.email.casefold() == person.casefold() for row in roster.rows):
        return True
    return any(
        person in entry
        for schedule in definitions.schedules.values()
        for layer in schedule.layers
        for people in (layer.people, *(change.people for change in layer.changes))
        for entry in people
    )


def _full_names(definitions: Definitions, roster: Roster) -> Iterator[tuple[str, str]]:
    """In small letters, with the person."""
    addresses = {record.email.casefold(): record.key for record in definitions.people.values()}
    for record in definitions.people.values():
        yield clean_line(record.name).casefold(), record.key
    for row in roster.rows:
        yield clean_line(row.name).casefold(), addresses.get(row.email.casefold(), row.email)


def _with_names(said: str, name: str, definitions: Definitions, roster: Roster) -> str:
    """Who is almost called so in full is offered before those whose keys are like it."""
    full = dict(_full_names(definitions, roster))
    close = get_close_matches(name.casefold()[:_LONGEST], full, n=1)
    return f"nobody is called {quoted(name)!r}; do you mean {quoted(full[close[0]])}?" if close else said
