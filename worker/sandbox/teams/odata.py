"""The few OData query options that Graph takes for channels and messages; all others are refused as Graph does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from worker.sandbox.teams.refusals import bad_request

Json = dict[str, Any]

_EQUALS = re.compile(r"\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*")
_LONGEST_FILTER = 1024
_LONGEST_NUMBER = 9


def only(query: Mapping[str, str], allowed: set[str]) -> None:
    """Refuse every `$option` that this resource does not take; other parameters are ignored, as Graph ignores them."""
    for option in query:
        if option.startswith("$") and option not in allowed:
            raise bad_request(
                f"Query option '{option[1:40]}' is not allowed. "
                "To allow it, set the 'AllowedQueryOptions' property on EnableQueryAttribute."
            )


def equality(expression: str, properties: set[str]) -> Callable[[Json], bool]:
    """The predicate of `property eq 'value'`, the one filter there is for channels; names compare without case."""
    match = _EQUALS.fullmatch(expression) if len(expression) <= _LONGEST_FILTER else None
    if match is None or match[1] not in properties:
        raise bad_request(f"Invalid filter clause: '{expression[:100]}' is not supported for this resource.")
    name, wanted = match[1], match[2].replace("''", "'").casefold()
    return lambda entity: str(entity.get(name) or "").casefold() == wanted


def selected(entity: Json, select: str | None) -> Json:
    if not select:
        return entity
    names = [name.strip() for name in select.split(",")]
    for name in names:
        if name not in entity:
            raise bad_request(f"Could not find a property named '{name[:64]}' on this type.")
    kept = {key: value for key, value in entity.items() if key.startswith("@")}
    return kept | {name: entity[name] for name in names}


def top(query: Mapping[str, str], *, default: int, most: int) -> int:
    number = _whole(query.get("$top", str(default)))
    if not number:
        raise bad_request(f"Invalid value '{query['$top'][:40]}' for $top query option.")
    if number > most:
        raise bad_request(f"The limit of '{most}' for Top query has been exceeded.")
    return number


def skipped(query: Mapping[str, str]) -> int:
    number = _whole(query.get("$skiptoken", "0"))
    if number is None:
        raise bad_request("The skip token is not one of ours.")
    return number


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else None
