"""The shifts that a calendar shows: whole, stable, and within bounds."""

import pytest
from rotas import WEEKLY, minute, rota, shown_at

from worker.oncall.calendars.shown_shifts import people_in, shown_shifts
from worker.oncall.schedule.wall_clock import DAY, WEEK


def test_two_weeks_back_to_half_a_year_ahead_are_shown_with_whole_shifts():
    """What reaches over the ends is not cut there: it begins and ends when it does."""
    now = minute("2026-11-30T12:00Z")
    shifts = shown_at(rota(), "2026-11-30T12:00Z").shifts
    assert [shift.start for shift in shifts] == sorted(shift.start for shift in shifts)
    assert shifts[0].end > now - 14 * DAY
    assert shifts[-1].start < now + 180 * DAY
    assert {shift.person for shift in shifts} == {"ines"}
    assert shifts[0].start == minute("2026-11-30T08:00Z")
    everybody = shown_shifts(rota(), now).shifts
    assert everybody[0].start < now - 14 * DAY < everybody[0].end
    assert everybody[-1].start < now + 180 * DAY < everybody[-1].end
    assert all(shift.end - shift.start in (WEEK, WEEK - 60, WEEK + 60) for shift in everybody)


def test_what_names_a_shift_does_not_move_with_the_time_of_asking():
    """Asked from minute to minute over some weeks, a shift begins and ends at the same instants."""
    definitions = rota(overrides=[{"from": "2026-12-02T18:00", "to": "2026-12-03T08:00", "person": "jon"}])
    known = {}
    for later in range(0, 30 * DAY, 601):
        for shift in shown_shifts(definitions, minute("2026-11-30T12:00Z") + later, "ines").shifts:
            assert known.setdefault(shift.began, shift) == shift
    assert len(known) > 5


@pytest.mark.parametrize(
    ("layer", "began"),
    [({"people": ["ines"]}, None), ({"people": ["ines"], "starts": "2026-10-01T09:00"}, "2026-10-01T07:00Z")],
)
def test_a_shift_without_an_end_is_cut_where_a_month_begins(layer, began):
    """So that it changes once a month, and not with each time of asking."""
    (shift,) = shown_at(rota(layer), "2026-11-30T12:00Z").shifts
    assert shift.began == (began and minute(began))
    assert shift.start == minute(began or "2026-11-01T00:00Z")
    assert shift.end == minute("2027-06-01T00:00Z")


def test_an_end_beyond_what_is_shown_is_found():
    """A year of one person begins and ends when it does."""
    layer = {"starts": "2026-03-02T09:00", "every": "12 months", "people": ["jon", "ines"]}
    (shift,) = shown_at(rota(layer), "2027-02-01T12:00Z").shifts
    assert (shift.start, shift.end) == (minute("2027-03-02T08:00Z"), minute("2028-03-02T08:00Z"))


def test_ranks_schedules_and_reasons_are_told():
    """Of each: which place in which schedule, why, and by the schedule's own clock."""
    cover = {"from": "2026-12-15T00:00", "to": "2026-12-16T00:00", "person": "ines", "reason": "a dentist"}
    other = {"time_zone": "America/New_York", "layers": [WEEKLY], "overrides": [cover]}
    shifts = shown_at(rota({**WEEKLY, "depth": 2}, shop=other), "2026-11-30T12:00Z").shifts
    assert {(shift.schedule, shift.rank) for shift in shifts} == {("checkout", 0), ("checkout", 1), ("shop", 0)}
    why = {shift.why for shift in shifts if shift.start == minute("2026-12-15T05:00Z")}
    times = "Tue 15 Dec 2026 00:00 EST to Wed 16 Dec 2026 00:00 EST (America/New_York)"
    assert why == {f"Override by Ines Sousa until Wed 00:00 (a dentist).\n{times}"}
    behind = next(shift.why for shift in shifts if shift.rank == 1)
    assert behind.startswith("Layer week, behind kai (next turn).\n")


def test_more_than_anybody_reads_is_cut_where_it_is_said():
    """The earliest are shown, and until when all of them are."""
    hourly = {**WEEKLY, "every": "1 hour", "people": ["ines", "jon"]}
    shown = shown_shifts(rota(hourly), minute("2026-11-30T12:00Z"), "ines", most=100)
    assert len(shown.shifts) == 100
    assert shown.until == shown.shifts[-1].start + 120


def test_all_whom_a_schedule_may_name_are_known():
    """By lists, changes and overrides."""
    changed = {**WEEKLY, "changes": [{"from": "2027-03-01T09:00", "people": ["lia"]}]}
    override = {"from": "2026-12-15T00:00", "to": "2026-12-16T00:00", "person": "max"}
    assert people_in(rota(changed, overrides=[override])) == {"ines", "jon", "kai", "lia", "max"}
