"""What it costs in memory to ask who is on call, and where a year has gaps, as ratios to a yardstick of the same run.

Run with `make bench BENCH=on_call`. 200 services name two each of 50 schedules; each schedule has 5 layers (a week, two
halves of the day, office hours, a weekend) and its part of a year of 500 overrides; with EACH=1 it has 500 itself. The
yardstick is a number of conversions of an instant to a clock of a zone by the standard library.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from worker.oncall.answers import who_answers
from worker.oncall.on_call import Roster
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.shifts import gaps
from worker.oncall.schedule.wall_clock import DAY, minute_of

SERVICES, SCHEDULES = 200, 50
OVERRIDES = int(os.environ.get("OVERRIDES", "500"))
EACH = os.environ.get("EACH") == "1"
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
START = datetime(2027, 1, 1, tzinfo=UTC)
YEAR = 365
ASKED = 20
CONVERSIONS = 100_000


def main():
    definitions, nobody = build(GivenDefinitions(**definitions_of())), Roster(rows=(), unreadable=())
    yardstick = timed(convert)
    instants = [minute_of(START) + number * YEAR * DAY // ASKED for number in range(ASKED)]
    who_answers(definitions, nobody, "service-0", instants[0])
    asked = timed(
        lambda: [who_answers(definitions, nobody, name, at) for at in instants for name in definitions.services]
    )
    first, last = minute_of(START), minute_of(START) + YEAR * DAY
    found = []
    walked = timed(lambda: found.extend(gaps(each, first, last) for each in definitions.schedules.values()))
    each = asked / (ASKED * SERVICES)
    print(f"yardstick   {yardstick:8.3f} s for {CONVERSIONS} conversions to a zone's clock")
    print(f"who         {each * 1000:8.3f} ms a service, {each / yardstick * CONVERSIONS:.0f} conversions")
    print(f"gaps        {walked:8.3f} s for a year of {SCHEDULES} schedules, {walked / yardstick:.1f} yardsticks")
    print(f"            {sum(map(len, found))} gaps found")


def timed(act):
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def convert():
    zone = ZoneInfo("Europe/Berlin")
    for number in range(CONVERSIONS):
        (START + timedelta(minutes=5 * number)).astimezone(zone)


def definitions_of():
    people = {f"p{number}": {"email": f"p{number}@contoso.example"} for number in range(100)}
    schedules = {f"schedule-{number}": schedule_of(number) for number in range(SCHEDULES)}
    services = {
        f"service-{number}": {"schedules": [f"schedule-{number % SCHEDULES}", f"schedule-{(number + 7) % SCHEDULES}"]}
        for number in range(SERVICES)
    }
    return {"people": people, "schedules": schedules, "services": services}


def schedule_of(number):
    crew = [f"p{(number * 3 + place) % 100}" for place in range(6)]
    layers = [
        {
            "name": "week",
            "starts": "2026-01-05T09:00",
            "every": "1 week",
            "people": crew,
            "windows": ["mon-sat 20:00-24:00"],
        },
        {"name": "early", "starts": "2026-01-05T06:00", "every": "1 day", "people": crew, "windows": ["06:00-13:00"]},
        {
            "name": "late",
            "starts": "2026-01-05T06:00",
            "every": "1 day",
            "people": crew[::-1],
            "windows": ["13:00-20:30"],
        },
        {
            "name": "office",
            "starts": "2026-01-05T09:00",
            "every": "1 window",
            "people": crew,
            "windows": ["mon-fri 09:00-17:00"],
        },
        {
            "name": "weekend",
            "starts": "2026-01-09T17:00",
            "every": "2 weeks",
            "people": crew,
            "windows": ["fri 17:00 - mon 08:00"],
        },
    ]
    layers = [{**layer, "priority": place % 3} for place, layer in enumerate(layers)]
    count = OVERRIDES if EACH else OVERRIDES // SCHEDULES
    overrides = [override_of(place * YEAR * 24 // count) for place in range(count)]
    return {"time_zone": ZONES[number % len(ZONES)], "layers": layers, "overrides": overrides}


def override_of(hours):
    start = START + timedelta(hours=hours)
    return {"person": "p7", "from": f"{start:%Y-%m-%dT%H:%MZ}", "to": f"{start + timedelta(hours=9):%Y-%m-%dT%H:%MZ}"}


if __name__ == "__main__":
    main()
