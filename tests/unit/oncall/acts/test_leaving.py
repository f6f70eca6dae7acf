"""Who is away leaves shifts behind, and the gaps that this opens are told."""

import pytest
from acting import BERLIN, at, standing
from brief_definitions import definitions, week

from worker.domain.errors import Rejected
from worker.oncall.acts.leaving import clock_of_absence, leave, opened_gaps
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.wall_clock import NEVER

NOW = at("2026-01-01T12:00")


def left(start, end=None, *, person="ada", given=None):
    absence = Absence(person, at(start), at(end) if end else NEVER)
    return leave(given or standing(), absence, NOW, str.upper)


def test_what_falls_out_is_a_gap():
    """Nobody's turn moves."""
    act = left("2026-01-10T00:00", "2026-01-14T00:00")
    (gap,) = opened_gaps(act, str.upper)
    assert (gap.start, gap.end) == (at("2026-01-10T00:00"), at("2026-01-12T09:00"))
    assert [move.lost for move in act.moves] == [("ada",)]


def test_what_a_lower_layer_takes_is_no_gap():
    """It moves, and is told."""
    layers = [
        {"name": "people", "starts": "2026-01-01T00:00", "people": ["ada"], "priority": 1},
        {"name": "rest", "starts": "2026-01-01T00:00", "people": ["ben"]},
    ]
    given = definitions(schedules={"checkout": {"time_zone": "UTC", "layers": layers}})
    act = left("2026-01-10T00:00", "2026-01-14T00:00", given=given)
    assert [move.gained for move in act.moves] == [("ben",)]
    assert list(opened_gaps(act, str.upper)) == []


def test_who_leaves_for_good_is_told_eight_weeks():
    """Each of their turns in that time."""
    assert len(left("2026-01-05T00:00").moves) == 4


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("2026-01-10T00:00", "2026-01-10T00:00", "ends no later than it begins"),
        ("2026-02-02T00:00", "2026-02-03T00:00", "ADA is away, .* already"),
    ],
)
def test_an_absence_without_effect_is_refused(start, end, why):
    """Within another one of the same person, or without a length."""
    known = [{"person": "ada", "from": "2026-02-01T00:00Z", "to": "2026-02-08T00:00Z"}]
    with pytest.raises(Rejected, match=why):
        left(start, end, given=definitions(schedules={"checkout": week("ada")}, absences=known))


def test_who_has_no_shift_then_may_be_away_all_the_same():
    """Holidays are known before the rota is."""
    assert "No shift falls out" in left("2026-01-12T09:00", "2026-01-19T09:00").notes[0]


def test_times_are_of_the_persons_clock_else_of_the_schedule_that_names_them():
    """UTC of whom nothing is known."""
    given = standing()
    zones = [clock_of_absence(given, person).name for person in ("ada", "ben", "eve", "zoe@x.example")]
    assert zones == [BERLIN.name, BERLIN.name, "UTC", "UTC"]
