"""The single values of definitions, as YAML, TOML, JSON and table cells write them."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from worker.domain.mail_address import read_mail_address
from worker.domain.text import clean, clean_line, quoted
from worker.oncall.schedule.layer import Entry
from worker.oncall.schedule.moments import Moment, read_moment
from worker.oncall.schedule.turns import Every, read_every
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock
from worker.oncall.schedule.windows import Windows, read_windows
from worker.oncall.schedule.zones import read_zone

# What YAML's plainest reading leaves of a null, and what people write for it.
NOTHING = frozenset({"", "-", "~", "null", "none"})
_NAME_LIMIT = 100
_LINE_LIMIT = 500
_ENTRIES = 500
_TOGETHER = 50
# Names stand in keys of rows, in targets such as `schedule:NAME#2`, and in lists separated by semicolons.
_NOT_IN_NAMES = re.compile(r"[/\\#?%;:\x00-\x1f\x7f-\x9f]")
_WITH_PLUS = re.compile(r"\s+\+\s+")
_DURATION = re.compile(r"(\d{1,6})\s*(m|min|mins|minute|minutes|h|hour|hours|d|day|days)", re.ASCII | re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": DAY}
_LONGEST_WAIT = 400 * DAY


class Given(BaseModel):
    """What people write of one thing; a field that is left empty, or null, is as one that is not there."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_fields(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        return {
            name: value
            for name, value in given.items()
            if not (value is None or (name in optional and isinstance(value, str) and not value.strip()))
        }


def as_text(value: object) -> object:
    """Dates and numbers as they were meant; what is no single value stays for the type to refuse."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes" if not value.second else "auto")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _or_none(value: object) -> object:
    return None if isinstance(value, str) and value.strip().casefold() in NOTHING else value


def read_name(text: str) -> str:
    """Raises ValueError."""
    name = clean_line(text)
    if not name:
        raise ValueError("a name is missing")
    if len(name) > _NAME_LIMIT:
        raise ValueError(f"a name has at most {_NAME_LIMIT} characters")
    if found := _NOT_IN_NAMES.search(name):
        raise ValueError(f"{quoted(name)!r} holds {found[0]!r}, which a name may not")
    return name


def read_person_name(text: str) -> str:
    """A key of people, or an address; raises ValueError."""
    name = clean_line(text)
    return read_mail_address(name) if "@" in name else read_name(name)


def read_entry(value: object) -> Entry:
    """`ada`, `ben + cem`, a list of several, or nothing; raises ValueError."""
    if value is None:
        return ()
    if isinstance(value, str):
        names = [] if value.strip().casefold() in NOTHING else _WITH_PLUS.split(value.strip())
    elif isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        names = list(value)
    else:
        raise ValueError("an entry is a person, a list of people, or null for nobody")
    if len(names) > _TOGETHER:
        raise ValueError(f"more than {_TOGETHER} people have one turn")
    return tuple(dict.fromkeys(read_person_name(name) for name in names))


def entries_of(value: object) -> list[object]:
    """A list of entries, or the same in one line, `ada; ben + cem; -`; raises ValueError."""
    if isinstance(value, str):
        value = value.split(";") if value.strip() else []
    if not isinstance(value, list | tuple):
        raise ValueError("people are a list, one entry for each turn")
    if len(value) > _ENTRIES:
        raise ValueError(f"more than {_ENTRIES} turns in one list")
    return list(value)


def several(value: object) -> object:
    """A list, or its entries in one line with semicolons."""
    if isinstance(value, str):
        return [each.strip() for each in value.split(";") if each.strip()]
    return value


def _window(text: str) -> str:
    """Each is read alone first, so that the one at fault is named."""
    read_windows([text])
    return text


# Faults of what is validated within a validator keep their place.
_TEXTS = TypeAdapter(Annotated[list[Annotated[str, AfterValidator(_window)]], BeforeValidator(several)])


def _windows(value: object) -> Windows:
    return value if isinstance(value, Windows) else read_windows(_TEXTS.validate_python(value))


def read_whole_number(value: object) -> object:
    """Leaves the type to say what is wrong; but true and false, which count as 1 and 0 elsewhere, are none here."""
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number")
    return value


def read_duration(text: str) -> Minute:
    """`5 min`, `2 h`, `1 d`, in minutes; raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{quoted(text)!r} is no time to wait; write 5 min, 2 h or 1 d")
    minutes = int(found[1]) * _MINUTES[found[2][0].lower()]
    if not 1 <= minutes <= _LONGEST_WAIT:
        raise ValueError(f"{quoted(text)!r} is no time to wait: from 1 min to {_LONGEST_WAIT // DAY} d")
    return minutes


def text_of(value: object) -> str:
    """Raises ValueError where it is no single value."""
    text = as_text(value)
    if not isinstance(text, str):
        raise ValueError("must be a text")
    return text


def read_instant(value: object) -> Moment:
    return value if isinstance(value, Moment) else read_moment(text_of(value))


Text = Annotated[str, BeforeValidator(as_text), AfterValidator(clean), StringConstraints(max_length=2000)]
Line = Annotated[str, BeforeValidator(as_text), AfterValidator(clean_line), StringConstraints(max_length=_LINE_LIMIT)]
Name = Annotated[str, BeforeValidator(as_text), AfterValidator(read_name)]
PersonName = Annotated[str, BeforeValidator(as_text), AfterValidator(read_person_name)]
Address = Annotated[str, BeforeValidator(as_text), AfterValidator(read_mail_address)]
OneEntry = Annotated[Entry, BeforeValidator(read_entry)]
People = Annotated[tuple[OneEntry, ...], BeforeValidator(entries_of)]
WholeNumber = Annotated[int, BeforeValidator(read_whole_number)]
Zone = Annotated[ZoneClock, BeforeValidator(lambda value: read_zone(text_of(value)))]
When = Annotated[Moment, BeforeValidator(read_instant)]
MaybeWhen = Annotated[
    Moment | None, BeforeValidator(lambda value: None if _or_none(value) is None else read_instant(value))
]
Turn = Annotated[
    Every | None, BeforeValidator(lambda value: None if _or_none(value) is None else read_every(text_of(value)))
]
MaybeWindows = Annotated[Windows | None, BeforeValidator(lambda value: _windows(value) if value else None)]
SomeWindows = Annotated[Windows, BeforeValidator(_windows)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(several)]
Names = Annotated[tuple[Name, ...], BeforeValidator(several)]
Duration = Annotated[int, BeforeValidator(lambda value: read_duration(text_of(value)))]
