"""Who is on call, found by walking minute by minute with a wall clock in hand: slow, and by the rule alone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _wall(text):
    return datetime.fromisoformat(text)


def _length(every):
    count, unit = every.split()
    return relativedelta(**{f"{unit.rstrip('s')}s": int(count)})


def _hours(text):
    """`mon-fri 18:00-08:00` as days, opening and closing."""
    days, hours = text.split(" ")
    first, last = (days.split("-") * 2)[:2]
    start, end = (DAYS.index(first), DAYS.index(last))
    chosen = {(start + n) % 7 for n in range((end - start) % 7 + 1)}
    opens, closes = (timedelta(hours=int(each[:2]), minutes=int(each[3:])) for each in hours.split("-"))
    return chosen, opens, closes if closes > opens else closes + timedelta(days=1)


@dataclass
class LayerWalk:
    """Walked by `minute`, in order, from before the layer starts."""

    given: dict
    zone: ZoneInfo
    reading: datetime = datetime.min  # noqa: DTZ901 (a wall clock's)
    turns: int = -1
    turn_of: int = 0
    people: list = field(default_factory=list)
    changed: int = 0

    def __post_init__(self):
        self.people = list(self.given["people"])
        self.starts = _wall(self.given["starts"])
        self.windows = [_hours(each) for each in self.given.get("windows", ())]
        self.changes = sorted(self.given.get("changes", ()), key=lambda change: change["from"])

    def minute(self, instant):
        """Whom the layer names in that minute."""
        self.reading = max(self.reading, instant.astimezone(self.zone).replace(tzinfo=None))
        while self._next_turn() <= self.reading:
            self.turns += 1
            self.turn_of += 1 if self.turns else 0
        while self.changed < len(self.changes) and _wall(self.changes[self.changed]["from"]) <= self.reading:
            self._change(self.changes[self.changed])
            self.changed += 1
        if self.reading < self.starts or not self.people or not self._is_open():
            return []
        entry = self.people[self.turn_of % len(self.people)]
        return [] if entry is None else [entry]

    def _next_turn(self):
        turn = self.turns + 1
        count, unit = self.given["every"].split()
        if unit.startswith("window"):
            return self._openings(int(count) * turn + 1)[-1]
        return self.starts + turn * _length(self.given["every"]) if turn else self.starts

    def _openings(self, count):
        found, day = [], self.starts.replace(hour=0, minute=0)
        while len(found) < count:
            for days, opens, _ in self.windows:
                if day.weekday() in days and day + opens >= self.starts:
                    found.append(day + opens)
            day += timedelta(days=1)
        return found

    def _is_open(self):
        if not self.windows:
            return True
        midnight = self.reading.replace(hour=0, minute=0)
        return any(
            day.weekday() in days and day + opens <= self.reading < day + closes
            for days, opens, closes in self.windows
            for day in (midnight, midnight - timedelta(days=1))
        )

    def _change(self, change):
        old, new = self.people, list(change["people"])
        order = [old[(self.turn_of + n) % len(old)] for n in range(len(old))]
        wanted = [change["first"]] if change.get("first") else order
        self.people, self.turn_of = new, next((new.index(entry) for entry in wanted if entry in new), 0)


def minutes(start, days):
    """Each minute, in UTC, of so many days."""
    first = start.astimezone(UTC)
    return (first + timedelta(minutes=number) for number in range(days * 1440))
