"""Who answers for a service, until when, and who comes next, over all that may name somebody."""

from datetime import datetime

import pytest

from worker.oncall.answers import who_answers, who_comes_next
from worker.oncall.on_call import Roster
from worker.oncall.people import People
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.rows import Row
from worker.oncall.schedule.wall_clock import instant_at, minute_of

MONDAY = minute_of(datetime.fromisoformat("2027-11-29T00:00Z"))
HOUR = 60
PEOPLE = {name: {"name": name.title(), "email": f"{name}@contoso.example"} for name in ("ada", "ben", "cem", "dee")}
NIGHTS = {"starts": "2027-11-29T20:00", "every": "1 day", "people": ["ada", "ben"], "windows": ["20:00-08:00"]}
WEEKDAYS = {"starts": "2027-11-29T00:00", "every": "1 window", "people": ["cem"], "windows": ["mon-fri 10:00-18:00"]}
PAIR = {"starts": "2027-11-29T09:00", "every": "1 day", "people": ["ada", "ben", "cem"], "depth": 2}


def schedule(*layers):
    return {"time_zone": "UTC", "layers": list(layers)}


def definitions(**schedules):
    """Of services that have a schedule of their own name."""
    return build(GivenDefinitions(people=PEOPLE, schedules=schedules))


def roster(*services):
    rows = [Row(name=f"{each} row", email=f"row@{each}.example", service=each, oncall=True) for each in services]
    return Roster(rows=tuple(rows), unreadable=())


def emails(people):
    return [person.email.partition("@")[0] for person in people]


def at(hours):
    return MONDAY + hours * HOUR


KNOWN = {
    "a schedule alone": (definitions(checkout=schedule(PAIR)), roster()),
    "a schedule with gaps": (definitions(checkout=schedule(NIGHTS)), roster()),
    "a schedule before rows": (definitions(checkout=schedule(NIGHTS)), roster("checkout")),
    "a schedule before one by default": (
        definitions(checkout=schedule(NIGHTS), default=schedule(WEEKDAYS)),
        roster(),
    ),
    "all of them": (definitions(checkout=schedule(WEEKDAYS), default=schedule(NIGHTS)), roster("default")),
    "a schedule by default alone": (definitions(default=schedule(NIGHTS, WEEKDAYS)), roster("search")),
    "rows alone": (definitions(), roster("checkout", "default")),
    "nobody": (definitions(), roster()),
}


@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_the_end_and_the_next_are_what_asking_again_says(known):
    """Hour by hour for a week: whoever is next is not there before, and whoever is there stays until their end."""
    week = range(7 * 24)
    asked = {hours: emails(who_answers(*known, "checkout", at(hours)).people) for hours in range(14 * 24)}
    for hours in week:
        now = who_answers(*known, "checkout", at(hours))
        following = who_comes_next(*known, "checkout", at(hours))
        later = [(each, asked[each]) for each in range(hours, 14 * 24)]
        changes = next(((each, people) for each, people in later if people and people != asked[hours]), None)
        assert changes == (following and ((following.start - MONDAY) // HOUR, emails(following.people))), instant_at(
            at(hours)
        )
        for place, person in enumerate(now.people):
            (name,) = emails([person])
            gone = next((each for each, people in later if people[place : place + 1] != [name]), None)
            assert person.until == (None if gone is None else instant_at(at(gone)))


def test_a_gap_before_those_who_come_next_is_passed_over():
    """The one who is on call again after it is next as well."""
    layer = {"people": ["ada"], "starts": "2027-11-29T00:00", "windows": ["20:00-08:00"]}
    known = (definitions(checkout=schedule(layer)), roster())
    assert who_comes_next(*known, "checkout", at(3)) is None
    following = who_comes_next(*known, "checkout", at(9))
    assert following is not None
    assert (emails(following.people), following.start) == (["ada"], at(20))


def test_whoever_answers_instead_does_so_until_the_own_schedule_names_somebody():
    """Rows have no end of their own, and a longer shift of `default` is cut short as well."""
    weekly = {"starts": "2027-11-29T00:00", "every": "1 week", "people": ["dee"]}
    known = (definitions(checkout=schedule(NIGHTS), default=schedule(weekly)), roster())
    (person,) = who_answers(*known, "checkout", at(9)).people
    assert (person.email, person.until) == ("dee@contoso.example", instant_at(at(20)))
    assert person.shift.endswith("until Mon 20:00")
    (row,) = who_answers(known[0], roster("checkout"), "checkout", at(9)).people
    assert row.until == instant_at(at(20))


def test_people_without_an_address_count_for_questions_alone():
    """A launch calls somebody else, and says whom it does not; a question of a file names them."""
    known = (definitions(checkout=schedule({"people": ["zoe"]})), roster("default"))
    answer = who_answers(*known, "checkout", at(0))
    assert emails(answer.people) == ["row"]
    assert "'zoe'" in answer.note
    (named,) = who_answers(*known, "checkout", at(0), People(*known, by_name=True)).people
    assert (named.key, named.name, named.email) == ("zoe", "zoe", "")


def test_whoever_is_always_on_call_has_no_end_and_nobody_after_them():
    """No end is seen for as far as anybody looks ahead."""
    known = (definitions(checkout=schedule({"people": ["ada"], "starts": "2027-11-29T00:00"})), roster())
    (person,) = who_answers(*known, "checkout", at(0)).people
    assert person.until is None
    assert who_comes_next(*known, "checkout", at(0)) is None
