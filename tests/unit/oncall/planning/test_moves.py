"""Whose shifts move is said before it is done: who gives what to whom, by the schedule's clock."""

from datetime import datetime

from hypothesis import given, settings
from written_schedules import schedules

from worker.oncall.planning.moves import whose_shifts_move
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import DAY, minute_of

START = minute_of(datetime.fromisoformat("2026-12-02T10:30Z"))
WEEK = {"name": "week", "starts": "2026-03-02T09:00", "every": "1 week", "people": ["ada", "ben", "cem"]}
PEOPLE = {"ben": {"name": "Ben Adler", "email": "ben@contoso.com"}}


def read(*layers, zone="Europe/Berlin", **fields):
    schedule = {"time_zone": zone, "layers": list(layers), **fields}
    return build(GivenDefinitions.model_validate({"people": PEOPLE, "schedules": {"checkout": schedule}}))


def sentences(before, after, weeks=3):
    return [each for move in whose_shifts_move(before, after, START, weeks) for each in move.sentences]


def test_a_shift_goes_from_one_to_another():
    change = {"from": "2026-12-07T09:00", "people": ["ada", "dee", "cem"]}
    assert sentences(read(WEEK), read({**WEEK, "changes": [change]})) == [
        "Ben Adler gives Mon 7 Dec 09:00 \N{EN DASH} Mon 14 Dec 09:00 of checkout to cem",
        "cem gives Mon 14 Dec 09:00 \N{EN DASH} Mon 21 Dec 09:00 of checkout to ada",
        "ada gives Mon 21 Dec 09:00 \N{EN DASH} Wed 23 Dec 11:30 of checkout to dee",
    ]


def test_shifts_are_lost_and_gained_and_change_places():
    """Nobody, somebody more, and the same people in another order."""
    span = {"from": "2026-12-04T09:00", "to": "2026-12-05T09:00"}
    nobody = read({**WEEK, "ends": "2026-12-22T09:00"})
    assert sentences(read(WEEK), nobody) == [
        "ada no longer has Tue 22 Dec 09:00 \N{EN DASH} Wed 23 Dec 11:30 of checkout; nobody is on call then"
    ]
    more = read(WEEK, overrides=[{**span, "person": "gus", "add": True}])
    assert sentences(read(WEEK), more) == ["gus gets Fri 4 Dec 09:00 \N{EN DASH} Sat 5 Dec 09:00 of checkout"]
    assert sentences(read({"people": ["ada", "ben"]}), read({"people": ["ben", "ada"]}), 1) == [
        "Ben Adler is first instead of second, Wed 2 Dec 11:30 \N{EN DASH} Wed 9 Dec 11:30 of checkout",
        "ada is second instead of first, Wed 2 Dec 11:30 \N{EN DASH} Wed 9 Dec 11:30 of checkout",
    ]


def test_a_schedule_that_only_one_of_both_has_names_nobody_in_the_other():
    nothing = build(GivenDefinitions())
    assert sentences(nothing, read({"people": ["ada"]}), 1) == [
        "ada gets Wed 2 Dec 11:30 \N{EN DASH} Wed 9 Dec 11:30 of checkout"
    ]
    [move] = whose_shifts_move(read({"people": ["ada"]}), nothing, START, 1)
    assert (move.lost, move.gained, move.after) == (("ada",), (), ())


@given(before=schedules(), after=schedules())
@settings(max_examples=15)
def test_moves_are_all_the_time_at_which_the_answers_differ(before, after):
    """No minute is left out, and none is told in vain."""
    old = build(GivenDefinitions.model_validate({"schedules": {"x": before}}))
    new = build(GivenDefinitions.model_validate({"schedules": {"x": after}}))
    start = minute_of(datetime.fromisoformat("2027-03-20T10:30Z"))
    moves = whose_shifts_move(old, new, start, 2)
    for instant in range(start, start + 14 * DAY, 239):
        differs = old.schedules["x"].at(instant).people != new.schedules["x"].at(instant).people
        assert differs == any(move.start <= instant < move.end for move in moves)
    assert all(move.sentences for move in moves)
