"""People, services and policies: what a file says of one, over what is stored of it."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from worker.domain.phone_number import masked
from worker.oncall.definitions import PersonRecord, ServiceRecord

_Record = TypeVar("_Record", PersonRecord, ServiceRecord)
_WORDS = 200


def merged(stored: _Record | None, given: _Record) -> _Record:
    """What the file leaves out, or leaves empty, stays as it is stored."""
    if stored is None:
        return given
    told = {field.name: value for field in fields(given) if (value := getattr(given, field.name))}
    if isinstance(given, PersonRecord):
        # Without a name in the file a person is called by their key.
        told["key"] = stored.key
        if told.get("name") == given.key:
            told["name"] = stored.name
    return replace(stored, **told)


def sentence_of(kind: str, name: str, stored: Any, new: Any) -> str:
    """Empty where nothing changes."""
    if stored is None:
        return f"add     {kind} {name}"
    changed = list(_changed(stored, new))
    return f"change  {kind} {name}: {', '.join(changed)}" if changed else ""


def _changed(stored: Any, new: Any) -> Iterator[str]:
    for field in fields(new):
        before, after = getattr(stored, field.name), getattr(new, field.name)
        if before != after:
            shown = _number if field.name == "phone" else _words
            yield f"{field.name.replace('_', ' ')} {shown(before)} -> {shown(after)}"


def _number(number: str) -> str:
    """In part: sentences are kept and sent on."""
    return masked(number) if number else "nothing"


def _words(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = "; ".join(map(_part, value))
    return " ".join(_part(value).split())[:_WORDS] if value not in (None, "") else "nothing"


def _part(value: Any) -> str:
    if hasattr(value, "notify"):
        return f"{' + '.join(map(str, value.notify))} for {value.wait} min"
    if hasattr(value, "windows"):
        return f"{value.time_zone} {value.windows}"
    return str(value)
