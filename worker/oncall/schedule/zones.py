"""Time zones by their IANA names, and the right name where somebody wrote another."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfoNotFoundError, available_timezones

from worker.domain.text import quoted
from worker.oncall.schedule.wall_clock import ZoneClock, clock_of

# Names that the database keeps for old systems: an abbreviation or an offset says nothing of changes of the clock.
_LEGACY = re.compile(
    r"(Etc/|SystemV/|posix|right|posixrules|Factory|localtime|[A-Z]{3}\d?([A-Z]{3})?$|GMT|Greenwich|Zulu)"
)
_MEANT = {
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "met": "Europe/Berlin",
    "eet": "Europe/Helsinki",
    "wet": "Europe/Lisbon",
    "bst": "Europe/London",
    "est": "America/New_York",
    "edt": "America/New_York",
    "est5edt": "America/New_York",
    "cst": "America/Chicago",
    "cst6cdt": "America/Chicago",
    "mst": "America/Denver",
    "mst7mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pst8pdt": "America/Los_Angeles",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "aest": "Australia/Sydney",
    "gmt": "UTC",
    "z": "UTC",
    "zulu": "UTC",
    "utc": "UTC",
    "etc/utc": "UTC",
    "etc/gmt": "UTC",
}
_LONGEST = 64


def read_zone(text: str) -> ZoneClock:
    """Raises ValueError, which offers the name that is meant."""
    name = text.strip()
    if name == "UTC" or (len(name) <= _LONGEST and (name in _packaged() or name in _names())):
        try:
            return clock_of(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{quoted(text)!r} is not in this machine's time zone data") from None
    offered = _offered(name)
    offer = f"; do you mean {' or '.join(offered)}?" if offered else ""
    raise ValueError(f"{quoted(text)!r} is no IANA name of a time zone, such as Europe/Berlin or UTC{offer}")


@cache
def _packaged() -> frozenset[str]:
    """The names of the package tzdata, without a look at every file of the machine's own, which takes long."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return frozenset(name for name in listed if not _LEGACY.match(name))


@cache
def _names() -> frozenset[str]:
    """Those with a slash, and a few countries that have none; no abbreviation and no offset."""
    return frozenset(name for name in available_timezones() if not _LEGACY.match(name))


@cache
def _by_lower_case() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(_names())}


def zone_meant(text: str) -> ZoneClock | None:
    """As read_zone, for what other programs wrote: names of Windows and abbreviations as well. None for all else."""
    name = text.strip()
    zone = name if name == "UTC" or name in _names() else _meant(name)
    return clock_of(zone) if zone else None


def _meant(name: str) -> str | None:
    if len(name) > _LONGEST:
        return None
    word = " ".join(name.split()).casefold()
    return _MEANT.get(word) or _windows().get(word) or _by_lower_case().get(word.replace(" ", "_"))


@cache
def _windows() -> dict[str, str]:
    # It brings the whole library with it, a third of what a question of a file takes, and is for wrong names alone.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415

    return {each.casefold(): zone for each, zone in WINDOWS_TO_OLSON.items()}


def _offered(name: str) -> Sequence[str]:
    if len(name) > _LONGEST:
        return ()
    if exact := _meant(name):
        return (exact,)
    windows = _windows()
    word = " ".join(name.split()).casefold()
    places = {zone.rpartition("/")[2].casefold(): zone for zone in _names()}
    if by_place := places.get(word.replace(" ", "_")):
        return (by_place,)
    close = get_close_matches(word.replace(" ", "_"), [*_by_lower_case(), *places, *windows], n=2, cutoff=0.75)
    known = _by_lower_case() | places | windows
    return tuple(dict.fromkeys(known[each] for each in close))
