"""Time zones by their IANA names alone, and what is offered where somebody writes another."""

import subprocess
import sys

import pytest

from worker.oncall.schedule.zones import read_zone


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Australia/Lord_Howe", "Pacific/Apia"]
)
def test_a_name_of_the_database_is_taken(name):
    assert read_zone(name).name == name


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Eastern Standard Time", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("Europe/Berln", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("EST", "America/New_York"),
        ("CET", "Europe/Berlin"),
        ("GMT", "UTC"),
        ("Z", "UTC"),
    ],
)
def test_another_name_is_refused_and_the_right_one_offered(written, offered):
    with pytest.raises(ValueError, match=f"do you mean {offered}"):
        read_zone(written)


@pytest.mark.parametrize(
    "written", ["CET+1", "+01:00", "UTC+2", "Etc/GMT-3", "", "../etc/passwd", "x" * 5000, "EST5EDT", "a\x00b"]
)
def test_abbreviations_and_offsets_are_refused(written):
    with pytest.raises(ValueError, match="is no IANA name of a time zone"):
        read_zone(written)


def test_a_right_name_is_read_without_what_offers_others():
    """`who --file` is typed by people who wait for it: the names of Windows come with a large library."""
    program = (
        "import sys\n"
        "from worker.oncall.schedule.zones import read_zone\n"
        "print(read_zone('Australia/Lord_Howe').name, 'icalendar' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["Australia/Lord_Howe", "False"]
