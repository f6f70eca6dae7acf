"""Fields that each kind of alert has of its own, as lines that a person reads at night."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC
from typing import Any

from worker.alerts.azure_monitor.payload import is_nothing, squeezed
from worker.alerts.azure_monitor.resource_names import is_identifier, resource_name
from worker.alerts.timestamps import moment
from worker.domain.markup import plain
from worker.domain.text import cut

_BEFORE_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_.-]+")
_DURATION = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?")
_UNITS = ("day", "hour", "minute", "second")
_LINES, _VALUES = 30, 10
_VALUE_LIMIT = 400
_NAME_LIMIT = 80
# JSON within JSON that is longer is no list of names.
_NESTED_LIMIT = 20_000
# What no person reads: identifiers, queries for machines, the points of a chart, and who asked with which token.
_UNREAD = re.compile(r"(?:^id|Id|ID|_id|[Cc]hart|Request|LinksTable|TableRows|API|[Cc]laims|hierarchy|[Vv]ersion)$")


def spelled(name: str) -> str:
    """`DetectedFailureRate` as `Detected failure rate`."""
    name = name[:_NAME_LIMIT]
    words = [word if word.isupper() else word.lower() for word in _BEFORE_WORD.split(name) if word]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def duration(written: str) -> str:
    """`PT1H30M` as `1 hour 30 minutes`; what is none stays as it is."""
    found = _DURATION.fullmatch(written.strip())
    parts = (
        [(int(number), unit) for number, unit in zip(found.groups(), _UNITS, strict=True) if number] if found else []
    )
    return " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts) or written


def minute(written: str) -> str:
    found = moment(written)
    return f"{found.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if found else ""


def nested(value: object) -> object:
    """What stands as JSON in a string; else the value as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"} and len(value) <= _NESTED_LIMIT:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def lines(details: Mapping[str, Any], *, without: Collection[str] = ()) -> Iterator[str]:
    """`Affected users: 512` of each that says something; `without`: names in lower case that are told elsewhere."""
    told = 0
    for name, value in details.items():
        if told == _LINES or squeezed(name) in without or _UNREAD.search(name):
            continue
        if spoken := said(value):
            told += 1
            yield f"{spelled(name)}: {spoken}"


def said(value: object) -> str:
    """A value as words, lists as their first few; nothing of what is none, or is for machines alone."""
    value = nested(value)
    if isinstance(value, Mapping):
        parts = [f"{spelled(str(name))} {spoken}" for name, each in value.items() if (spoken := _word(each))]
        return cut(_VALUE_LIMIT)(", ".join(parts[:_VALUES]))
    if not isinstance(value, list):
        return _word(value)
    words = [word for each in value[: 2 * _VALUES] if (word := _row(each))]
    more = len(value) - _VALUES
    return cut(_VALUE_LIMIT)("; ".join(words[:_VALUES]) + (f" and {more} more" if more > 0 and words else ""))


def _row(value: object) -> str:
    """`sql-shop, count 12` of an item with a name and its figures."""
    if not isinstance(value, Mapping):
        return _word(value)
    name = name_of(value)
    figures = (
        f"{spelled(str(key)).lower()} {word}" for key, each in value.items() if (word := _word(each)) not in {name, ""}
    )
    return ", ".join(filter(None, (name, *figures)))


def name_of(value: Mapping[str, Any]) -> str:
    """The first of its values that is a word."""
    return next((word for each in value.values() if isinstance(each, str) and (word := _word(each))), "")


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float):
        return ""
    text = str(value)
    if is_nothing(text) or is_identifier(text) or text.lstrip()[:1] in {"[", "{"}:
        return ""
    if text.startswith("/subscriptions/"):
        return resource_name(text)
    return cut(_VALUE_LIMIT)(" ".join(plain(text).split()))
