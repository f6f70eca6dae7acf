"""What a setting says of each sender: a name, and beneath it its services, what it may do, and at which rate."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.domain.sender_rate import SenderRate, read_rate
from worker.domain.sender_scope import NOTHING_MORE, SenderScope
from worker.domain.text import SHORT_LIMIT, quoted

_SERVICES, _MAY_READ, _MAY_END, _MAY_ACT, _RATE = "services", "may-read", "may-end", "may-act", "rate"
_FIELDS = (_SERVICES, _MAY_READ, _MAY_END, _MAY_ACT, _RATE)
_ALL = {"all": True, "own": False}
_ACTS = ("none", "own", "all")
# They travel with what the sender tells.
_SERVICES_LIMIT = 50
_OF_ENTRA = "entra:"


@dataclass(frozen=True, slots=True)
class SenderRules:
    """`rate`: of new incidents; None where nothing is said of it."""

    name: str
    scope: SenderScope = NOTHING_MORE
    rate: SenderRate | None = None


@dataclass(slots=True)
class _Entry:
    """One sender's, as it is read; the faults name the field."""

    name: str
    given: Mapping[str, Any]
    faults: list[str] = field(default_factory=list)

    def read(self) -> SenderRules:
        for unknown in (name for name in self.given if name not in _FIELDS):
            self._fault(unknown, f"is no field; there are: {', '.join(_FIELDS)}")
        acts = self._acts()
        scope = SenderScope(
            services=self._services(),
            reads_all=self._is_all(_MAY_READ),
            ends_all=self._is_all(_MAY_END),
            acts_own=acts == "own",
            acts_all=acts == "all",
        )
        return SenderRules(self.name, scope, self._rate())

    def _services(self) -> tuple[str, ...]:
        given = self.given.get(_SERVICES, ())
        listed = [given] if isinstance(given, str) else given
        if not isinstance(listed, list | tuple) or not all(isinstance(each, str) and each.strip() for each in listed):
            self._fault(_SERVICES, "must be names of services, or patterns such as checkout-*")
            return ()
        if len(listed) > _SERVICES_LIMIT or any(len(each) > SHORT_LIMIT for each in listed):
            self._fault(_SERVICES, f"has at most {_SERVICES_LIMIT} entries of up to {SHORT_LIMIT} characters")
            return ()
        return tuple(each.strip() for each in listed)

    def _is_all(self, name: str) -> bool:
        word = str(self.given.get(name, "own"))
        if word not in _ALL:
            self._fault(name, f"must be all or own; not so: {quoted(word)!r}")
        return _ALL.get(word, False)

    def _acts(self) -> str:
        word = str(self.given.get(_MAY_ACT, "none"))
        if word not in _ACTS:
            self._fault(_MAY_ACT, f"must be all, own or none; not so: {quoted(word)!r}")
        return word

    def _rate(self) -> SenderRate | None:
        if _RATE not in self.given:
            return None
        try:
            return read_rate(str(self.given[_RATE]))
        except ValueError as error:
            self._fault(_RATE, str(error))
            return None

    def _fault(self, name: str, message: str) -> None:
        self.faults.append(f"{self.name}.{quoted(name)}: {message}")


def read_sender_rules(given: object) -> tuple[SenderRules, ...]:
    """Of a mapping from names to fields; raises ValueError with a sentence that names every fault."""
    if not isinstance(given, Mapping):
        raise ValueError("must be the names of senders, and beneath each its fields, as {desk: {may-read: all}}")
    entries = list(_entries(given))
    rules = tuple(entry.read() for entry in entries)
    faults = [fault for entry in entries for fault in entry.faults]
    if faults := [*faults, *_twice(entry.name for entry in entries)]:
        raise ValueError("; ".join(faults))
    return rules


def _twice(names: Iterable[str]) -> Iterator[str]:
    return (f"{name}: stands there more than once" for name, count in Counter(names).items() if count > 1)


def _entries(given: Mapping[Any, Any]) -> Iterator[_Entry]:
    for name, fields in given.items():
        known = sender_name(str(name))
        if isinstance(fields, Mapping):
            yield _Entry(known, {str(each): value for each, value in fields.items()})
        else:
            faults = [f"{known}: must have its fields beneath it; there are: {', '.join(_FIELDS)}"]
            yield _Entry(known, {}, faults)


def sender_name(name: str) -> str:
    """The ids of applications are written in lower case, however a portal shows them."""
    return name.lower() if name.lower().startswith(_OF_ENTRA) else name
