"""Times, lists and commands as findings say them."""

import pytest

from worker.oncall.findings.wording import Times, lasting, meant, override_command
from worker.oncall.schedule.moments import moment_at, read_moment
from worker.oncall.schedule.wall_clock import clock_of
from worker.oncall.wording import layer_told, listed

BERLIN = clock_of("Europe/Berlin")


def instant(text):
    return read_moment(text).instant(BERLIN)


@pytest.mark.parametrize(
    ("at", "told", "written"),
    [
        ("2027-05-08T07:00Z", "Sat 8 May 09:00", "2027-05-08T09:00"),
        ("2028-01-01T08:00Z", "Sat 1 Jan 2028 09:00", "2028-01-01T09:00"),
        ("2027-10-31T00:30Z", "Sun 31 Oct 02:30 CEST", "2027-10-31T02:30"),
        ("2027-10-31T01:30Z", "Sun 31 Oct 02:30 CET", "2027-10-31T01:30Z"),
    ],
)
def test_a_time_is_told_and_typed_so_that_it_is_one_instant(at, told, written):
    """By the schedule's clock; in UTC where the clock shows that time a second time."""
    assert Times(BERLIN, instant("2027-05-03T08:00Z")).at(instant(at)) == told
    assert str(moment_at(instant(at), BERLIN)) == written
    assert instant(written) == instant(at)


def test_a_name_is_quoted_for_the_shell():
    """As it can be pasted."""
    span = (instant("2027-05-08T09:00"), instant("2027-05-10T09:00"))
    assert override_command("check out", BERLIN, span) == (
        "`tocsin roster override 'check out' --person NAME --from 2027-05-08T09:00 --to 2027-05-10T09:00`"
    )


def test_lists_are_short():
    """The first four of many, and how many more."""
    assert listed([]) == ""
    assert listed(["ada"]) == "ada"
    assert listed(["ada", "ben", "cem"]) == "ada, ben and cem"
    assert listed(list("abcdefg")) == "a, b, c, d and 3 more"


def test_lengths_are_told_in_two_units():
    """Days and hours, hours and minutes."""
    assert [lasting(minutes) for minutes in (30, 90, 1440, 3000)] == ["30 min", "1 h 30 min", "1 d", "2 d 2 h"]


def test_the_name_that_is_meant_is_offered():
    """Whatever its case; nothing where none is like it."""
    assert meant("Chekout", ["checkout", "search"]) == " (do you mean checkout?)"
    assert meant("billing", ["checkout", "search"]) == ""


def test_a_layer_without_a_name_is_told_by_its_place():
    """Once."""
    assert [layer_told(name) for name in ("week", "layer 2", "layer of nights")] == [
        "layer week",
        "layer 2",
        "layer layer of nights",
    ]
