"""Two people swap what each of them has; what neither has is refused."""

import pytest
from acting import at, standing

from worker.domain.errors import Rejected
from worker.oncall.acts.swapping import Given, shift_at, swap

FIRST = ("2026-01-05T09:00", "2026-01-12T09:00")  # Ada's
SECOND = ("2026-01-12T09:00", "2026-01-19T09:00")  # Ben's


def swapped(mine, theirs, **more):
    given = standing(**more)
    spans = [Given(person, at(start), at(end)) for person, (start, end) in (mine, theirs)]
    return swap(given, given.schedules["checkout"], *spans, reason="fair", name=str.upper)


def test_each_has_the_time_of_the_other():
    """And both halves belong together."""
    act = swapped(("ada", FIRST), ("ben", SECOND))
    schedule = act.after.schedules["checkout"]
    assert [schedule.at(at(span[0])).people for span in (FIRST, SECOND)] == [("ben",), ("ada",)]
    assert len({each.swap for each in act.overrides}) == 1
    assert {each.reason for each in act.overrides} == {"fair"}


@pytest.mark.parametrize(
    ("mine", "theirs", "why"),
    [
        (("ada", SECOND), ("ben", SECOND), "ADA is not on call for checkout, .*; it is BEN"),
        (("ada", FIRST), ("ben", FIRST), "BEN is not on call"),
        (("ada", FIRST), ("eve", SECOND), "EVE is not on call"),
        (("ada", FIRST), ("ada", FIRST), "cannot swap with themselves"),
        (("ada", FIRST[::-1]), ("ben", SECOND), "ends no later than it begins"),
    ],
)
def test_a_swap_that_changes_nothing_is_refused(mine, theirs, why):
    """Before it is made, with who has it."""
    with pytest.raises(Rejected, match=why):
        swapped(mine, theirs)


def test_times_that_overlap_are_refused():
    """Whose a minute of both would be, nobody could say."""
    with pytest.raises(Rejected, match="overlap"):
        swapped(("ada", FIRST), ("ben", FIRST), depth=2)


def test_who_has_only_a_part_is_told():
    """The swap counts for that part."""
    longer = (FIRST[0], "2026-01-12T12:00")
    later = ("2026-01-12T12:00", SECOND[1])
    assert "ADA is not on call all the time" in swapped(("ada", longer), ("ben", later)).notes[0]


def test_one_time_means_the_whole_shift():
    """Be it a minute before its end."""
    schedule = standing().schedules["checkout"]
    given = shift_at(schedule, "ada", at("2026-01-12T08:59"), str.upper)
    assert (given.start, given.end) == tuple(map(at, FIRST))
    with pytest.raises(Rejected, match=r"BEN is not on call for checkout at .*; it is ADA"):
        shift_at(schedule, "ben", at("2026-01-12T08:59"), str.upper)
