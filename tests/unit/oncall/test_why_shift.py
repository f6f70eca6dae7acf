"""What stands beside a name: which shift of which schedule it is, and until when."""

from datetime import datetime

import pytest

from worker.oncall.answers import who_answers
from worker.oncall.on_call import Roster
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import minute_of

PEOPLE = {name: {"name": name.title(), "email": f"{name}@contoso.example"} for name in ("ada", "ben", "eva")}
WEEKLY = {"name": "all", "starts": "2027-11-22T09:00", "every": "1 week", "people": ["ada", "ben"], "depth": 2}
DAILY = {"name": "days", "starts": "2027-11-22T09:00", "every": "1 day", "people": ["ada", "ben"]}
COVER = {"person": "eva", "from": "2027-12-01T18:00", "to": "2027-12-02T08:00"}


@pytest.mark.parametrize(
    ("layer", "overrides", "shown"),
    [
        (WEEKLY, [], ["week 48 of checkout, until Mon 09:00", "behind in checkout, until Mon 09:00"]),
        (DAILY, [], ["checkout, until Thu 09:00"]),
        ({"people": ["ada"]}, [], ["checkout"]),
        (WEEKLY, [COVER], ["cover of checkout, until Thu 08:00"]),
        (DAILY, [{**COVER, "replaces": "ben"}], ["for Ben in checkout, until Thu 08:00"]),
    ],
)
def test_a_shift_is_told_in_few_words(layer, overrides, shown):
    schedule = {"time_zone": "Europe/Berlin", "layers": [layer], "overrides": overrides}
    definitions = build(GivenDefinitions(people=PEOPLE, schedules={"checkout": schedule}))
    instant = minute_of(datetime.fromisoformat("2027-12-01T19:00Z" if overrides else "2027-12-01T12:00Z"))

    answer = who_answers(definitions, Roster(rows=(), unreadable=()), "checkout", instant)

    assert [person.shift for person in answer.people] == shown
