"""For which services the people of a schedule answer: whose open incidents they hand over."""

from dataclasses import dataclass

from worker.oncall.definitions import Definitions
from worker.oncall.rows import DEFAULT_SERVICE


@dataclass(frozen=True, slots=True)
class Answering:
    """`services` as their records name them, `names` all that they are called, in lower case.

    `except_for`: all other services count too, but for these; None: no others do.
    """

    services: tuple[str, ...]
    names: frozenset[str]
    except_for: frozenset[str] | None = None

    def covers(self, service: str) -> bool:
        name = service.casefold()
        return name in self.names or (self.except_for is not None and name not in self.except_for)


def answering(definitions: Definitions, schedule: str) -> Answering:
    """The services that list the schedule, or list none and are named as it is.

    The schedules of `default` answer for whatever has none.
    """
    asked = schedule.casefold()
    services, names, elsewhere = list[str](), set[str](), {name.casefold() for name in definitions.schedules}
    for name, record in definitions.services.items():
        called = {word.casefold() for word in (name, *record.words)}
        if asked in {each.casefold() for each in record.schedules or (name,)}:
            services.append(name)
            names |= called
        elif record.schedules:
            elsewhere |= called
    if asked not in {name.casefold() for name in definitions.services}:
        names.add(asked)
    is_default = DEFAULT_SERVICE in names
    return Answering(
        tuple(services) or (schedule,), frozenset(names), frozenset(elsewhere - names) if is_default else None
    )
