"""The events of an old tool's .ics file, as far as an import asks: when, how often, and the texts that may name people.

Zones go by their names. What a file says itself of a zone's changes of the clock is not read: it may be anything.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from icalendar import vDuration
from icalendar.parser import Contentline, Contentlines

from worker.domain.errors import Rejected
from worker.domain.text import clean_line, shortened
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock, clock_of, minute_of
from worker.oncall.schedule.zones import zone_meant
from worker.oncall.spreadsheet import decode

BYTES_LIMIT = 2 * 1024 * 1024
_MOST = 5000
_LINE_LIMIT = 4000
_TEXT_LIMIT = 300
_TOGETHER = 50
_TIME = re.compile(r"(\d{8})(?:T(\d{4})(?:\d{2})?(Z)?)?", re.ASCII | re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}", re.ASCII)
_OF_EVENTS = re.compile(
    "UID|SUMMARY|STATUS|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|ATTENDEE|ORGANIZER", re.ASCII
)
_NO_PERSON = frozenset({"ROOM", "RESOURCE", "GROUP"})
_FIRST, _LAST = minute_of(datetime(1970, 1, 2)), minute_of(datetime(2199, 1, 1))  # noqa: DTZ001 (the wall clock's)


@dataclass(frozen=True, slots=True)
class Written:
    """A time as the file says it; `clock` None is whatever clock the calendar goes by."""

    wall: Minute
    clock: ZoneClock | None
    is_day: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """An address, a name, or both."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class OldEvent:
    """`number` is its place in the file, from 1; `until` is exclusive.

    `rule` is what stands behind RRULE, `replaces` the occurrence that this one stands for.
    """

    number: int
    uid: str
    summary: str
    start: Written
    until: Written
    attendees: tuple[Mention, ...] = ()
    organizer: Mention | None = None
    rule: str = ""
    has_more_dates: bool = False
    exceptions: tuple[Written, ...] = ()
    replaces: Written | None = None
    replaces_following: bool = False
    is_cancelled: bool = False


@dataclass(slots=True)
class OldCalendar:
    """`zone` is the calendar's own, or the one that most of its times name; `faults` are sentences."""

    events: list[OldEvent] = field(default_factory=list)
    zone: ZoneClock | None = None
    faults: list[str] = field(default_factory=list)
    unknown_zones: Counter[str] = field(default_factory=Counter)


_Properties = dict[str, list[Contentline]]


def read_old_calendar(content: bytes) -> OldCalendar:
    """Raises Rejected for what is no calendar at all, or larger than any."""
    if len(content) > BYTES_LIMIT:
        raise Rejected(f"The calendar is larger than {BYTES_LIMIT // 1024} KB; export a shorter time.")
    calendar, zones = OldCalendar(), Counter[str]()
    own_zone, events = _split(_text(content))
    for number, properties in enumerate(events, start=1):
        try:
            event = _event(number, properties, calendar.unknown_zones)
        except ValueError as error:
            calendar.faults.append(f"event {number} is left out: {error}.")
            continue
        calendar.events.append(event)
        if event.start.clock is not None:
            zones[event.start.clock.name] += 1
    named = [name for name, _ in zones.most_common() if name != "UTC"]
    calendar.zone = zone_of(own_zone) or (clock_of(named[0]) if named else None)
    return calendar


def zone_of(name: str) -> ZoneClock | None:
    """Also where a program puts a path of its own before the name: /example.org/20260101_1/Europe/Berlin."""
    parts = shortened(name, _TEXT_LIMIT).strip().strip('"').split("/")
    for count in (len(parts), 3, 2, 1):
        if count <= len(parts) and (found := zone_meant("/".join(parts[-count:]))):
            return found
    return None


def _text(content: bytes) -> str:
    try:
        text = decode(content)
    except Rejected as error:
        raise Rejected(f"The calendar {error}") from None
    if "BEGIN:VCALENDAR" not in text.upper():
        raise Rejected("The file is no calendar: nothing in it says BEGIN:VCALENDAR. Export it as .ics (iCalendar).")
    return text


def _split(text: str) -> tuple[str, list[_Properties]]:
    """The calendar's own zone, and each event's properties."""
    zone, within = "", [""]
    events: list[_Properties] = []
    for line in _lines(text):
        name = found[0].upper() if (found := _NAME.match(line)) else ""
        if name == "BEGIN":
            within.append(line.partition(":")[2].strip().upper())
            if within[-1] == "VEVENT":
                events.append({})
                if len(events) > _MOST:
                    raise Rejected(f"The calendar has more than {_MOST} events; export a shorter time.")
        elif name == "END":
            within = within[:-1] or [""]
        elif within[-1] == "VEVENT" and _OF_EVENTS.fullmatch(name) and len(line) <= _LINE_LIMIT:
            events[-1].setdefault(name, []).append(line)
        elif within[-1] == "VCALENDAR" and name == "X-WR-TIMEZONE":
            zone = line.partition(":")[2]
    return zone, events


def _lines(text: str) -> Iterable[Contentline]:
    """Unfolded; the library says nothing of its types."""
    lines: Iterable[Contentline] = Contentlines.from_ical(text)  # type: ignore[no-untyped-call]
    return lines


def _event(number: int, given: _Properties, unknown: Counter[str]) -> OldEvent:
    """Raises ValueError."""
    if "DTSTART" not in given:
        raise ValueError("it has no DTSTART, so nobody knows when it begins")
    start = _one_time(given["DTSTART"][0], unknown)
    replaces = given.get("RECURRENCE-ID", [None])[0]
    return OldEvent(
        number=number,
        uid=_value(given, "UID"),
        summary=_value(given, "SUMMARY"),
        start=start,
        until=_until(start, given, unknown),
        attendees=tuple(_mentions(given.get("ATTENDEE", ()))),
        organizer=next(_mentions(given.get("ORGANIZER", ())), None),
        rule=_raw(given, "RRULE"),
        has_more_dates="RDATE" in given or len(given.get("RRULE", ())) > 1,
        exceptions=tuple(time for each in given.get("EXDATE", ()) for time in _times(each, unknown)),
        replaces=_one_time(replaces, unknown) if replaces is not None else None,
        replaces_following=replaces is not None and "THISANDFUTURE" in replaces.upper(),
        is_cancelled=_value(given, "STATUS").upper() == "CANCELLED",
    )


def _until(start: Written, given: _Properties, unknown: Counter[str]) -> Written:
    if "DTEND" in given:
        return _one_time(given["DTEND"][0], unknown)
    length = DAY if start.is_day else 0
    if written := _raw(given, "DURATION"):
        try:
            duration: timedelta = vDuration.from_ical(written)  # type: ignore[no-untyped-call]
            length = duration // timedelta(minutes=1)
        except (ValueError, OverflowError):
            raise ValueError("its DURATION cannot be read") from None
    if not 0 <= length <= _LAST - _FIRST:
        raise ValueError("its DURATION cannot be read")
    return Written(start.wall + length, start.clock, start.is_day)


def _one_time(line: Contentline, unknown: Counter[str]) -> Written:
    times = list(_times(line, unknown))
    if len(times) != 1:
        raise ValueError("one of its times cannot be read")
    return times[0]


def _times(line: Contentline, unknown: Counter[str]) -> Iterator[Written]:
    """Raises ValueError."""
    _, parameters, value = _parts(line)
    zone = parameters.get("TZID", "")
    clock = zone_of(zone) if zone else None
    if zone and clock is None:
        unknown[shortened(clean_line(zone), _TEXT_LIMIT)] += 1
    for text in value.split(","):
        found = _TIME.fullmatch(text.strip())
        if found is None:
            raise ValueError("one of its times cannot be read")
        day, time, is_utc = found.groups()
        wall = _wall(day, time or "0000")
        if not _FIRST <= wall <= _LAST:
            raise ValueError("one of its times lies outside the years 1970 to 2198")
        yield Written(wall, clock_of("UTC") if is_utc else clock if time else None, is_day=time is None)


def _wall(day: str, time: str) -> Minute:
    """Raises ValueError."""
    try:
        return minute_of(datetime.strptime(f"{day}{time}", "%Y%m%d%H%M"))  # noqa: DTZ007 (a wall clock's)
    except ValueError:
        raise ValueError("one of its times is none of the calendar") from None


def _mentions(lines: Iterable[Contentline]) -> Iterator[Mention]:
    for line in list(lines)[:_TOGETHER]:
        try:
            _, parameters, value = _parts(line)
        except ValueError:
            continue
        is_person = parameters.get("CUTYPE", "").upper() not in _NO_PERSON
        if is_person and parameters.get("PARTSTAT", "").upper() != "DECLINED":
            address = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
            yield Mention(address if "@" in address else "", clean_line(parameters.get("CN", "")))


def _value(given: _Properties, name: str) -> str:
    return shortened(clean_line(_raw(given, name)), _TEXT_LIMIT)


def _raw(given: _Properties, name: str) -> str:
    if name not in given:
        return ""
    return _parts(given[name][0])[2].strip()


def _parts(line: Contentline) -> tuple[str, Mapping[str, str], str]:
    """Raises ValueError."""
    try:
        name, parameters, value = line.parts()
    except ValueError:
        raise ValueError("one of its lines cannot be read") from None
    texts = {str(key).upper(): each if isinstance(each, str) else ",".join(each) for key, each in parameters.items()}
    return str(name), texts, str(value)
