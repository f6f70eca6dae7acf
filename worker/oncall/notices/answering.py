"""For which services the people of a schedule answer: whose open incidents they hand over."""

from dataclasses import dataclass

from worker.oncall.definitions import Definitions
from worker.oncall.rows import DEFAULT_SERVICE


@dataclass(frozen=True, slots=True)
class Answering:
    """`names` are in lower case; `except_for`: of all others, too, but for these. None: of no others."""

    names: frozenset[str]
    except_for: frozenset[str] | None = None

    def covers(self, service: str) -> bool:
        name = service.casefold()
        return name in self.names or (self.except_for is not None and name not in self.except_for)


def answering(definitions: Definitions, schedule: str) -> Answering:
    """The schedules of the service `default` answer for whatever has none of its own."""
    own, elsewhere, for_default = set[str](), set[str](), False
    for name, service in definitions.services.items():
        names = {word.casefold() for word in (name, *service.words)}
        if schedule in service.schedules:
            own |= names
            for_default |= name.casefold() == DEFAULT_SERVICE
        elif service.schedules:
            elsewhere |= names
    return Answering(frozenset(own), frozenset(elsewhere) if for_default else None)
