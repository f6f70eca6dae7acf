"""What a person may act on in a test: two who take turns by the week, and people who are known otherwise."""

from brief_definitions import definitions, week

from worker.oncall.on_call import Roster
from worker.oncall.rows import read_row
from worker.oncall.schedule.moments import read_moment
from worker.oncall.schedule.wall_clock import clock_of

BERLIN = clock_of("Europe/Berlin")
PEOPLE = {
    "ada": {"name": "Ada Okafor", "email": "ada@x.example", "time_zone": "Europe/Berlin"},
    "ben": {"name": "Ben Ito", "email": "ben@x.example"},
    "eve": {"name": "Eve Ortiz", "email": "eve@x.example"},
}
ROSTER = Roster(
    rows=(read_row({"name": "Gus Moe", "email": "gus@x.example", "oncall": "yes"}),),
    unreadable=(),
)


def standing(**more):
    """Ada has the weeks that begin on 5 and 19 January 2026, Ben those between; each from Monday at 09:00."""
    return definitions(people=PEOPLE, schedules={"checkout": week("ada", "ben", **more)})


def at(text):
    return read_moment(text).instant(BERLIN)
