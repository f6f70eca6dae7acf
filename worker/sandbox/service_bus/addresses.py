"""What the address of a link names: an entity, its management, or the place for tokens."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import unquote, urlsplit

from worker.sandbox.service_bus.conditions import NOT_FOUND, Refusal

_MANAGEMENT = "/$management"
_LONGEST = 300


class Kind(Enum):
    ENTITY = auto()
    MANAGEMENT = auto()
    TOKENS = auto()


@dataclass(frozen=True, slots=True)
class Address:
    """The entity is in lower case: Service Bus compares without regard to case."""

    entity: str
    kind: Kind


def read_address(text: Any) -> Address:
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
        raise Refusal(NOT_FOUND, f"The link's address must be the name of a queue of at most {_LONGEST} characters.")
    path = path_of(text)
    if path == "$cbs":
        return Address("", Kind.TOKENS)
    if path.endswith(_MANAGEMENT):
        return Address(path.removesuffix(_MANAGEMENT), Kind.MANAGEMENT)
    return Address(path, Kind.ENTITY)


def path_of(text: str) -> str:
    """Senders and receivers give whole URLs, management and tokens a bare path."""
    try:
        path = urlsplit(text).path if "://" in text else text
    except ValueError:
        return ""
    return unquote(path).strip("/").lower()
