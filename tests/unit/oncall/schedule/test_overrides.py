"""What an override does to the list of people on call."""

import pytest

from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.overrides import Kind, Override, Place, apply


def override(kind, person, replaces=""):
    return Override(kind, person, Moment(0), Moment(1), replaces)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (override(Kind.COVER, "mia"), ["mia"]),
        (override(Kind.COVER, "jon"), ["jon"]),
        (override(Kind.ADD, "mia"), ["ines", "jon", "mia"]),
        (override(Kind.ADD, "ines"), ["ines", "jon"]),
        (override(Kind.REPLACE, "mia", "jon"), ["ines", "mia"]),
        (override(Kind.REPLACE, "ines", "jon"), ["ines"]),
        (override(Kind.REPLACE, "jon", "ines"), ["jon"]),
        (override(Kind.REPLACE, "mia", "nia"), ["ines", "jon"]),
    ],
)
def test_a_list_becomes(given, expected):
    places = apply(given, [Place("ines", layer=0), Place("jon", layer=1)])

    assert [place.person for place in places] == expected


def test_whoever_comes_by_an_override_bears_it():
    given = override(Kind.REPLACE, "mia", "ines")

    assert apply(given, [Place("ines", layer=0)])[0].override is given
