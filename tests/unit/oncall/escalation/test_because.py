"""Why a level is told, in words for whoever is told."""

import pytest
from escalations import case, happening, level, moment, rehearsed

from worker.oncall.escalation.because import because, listed, place_words, role_in_walk, spoken
from worker.oncall.escalation.state import LAST_RESORT, Place

NAMES = {"ada": "Ada Okafor", "zed": "Zed"}
POLICY = {
    "severities": [2, 3],
    "levels": [level("5 min", "person:ada"), level("5 min", "person:ben")],
    "ack_timeout": "1 h",
    "last_resort": "person:uma",
}
OFFICE = {"time_zone": "UTC", "windows": ["mon-fri 09:00-17:00"]}
NOBODY = {**POLICY, "levels": [level("5 min", "role:commander")]}
WORSE = {"urgent": {**POLICY, "severities": [1]}, "all": POLICY}


@pytest.mark.parametrize(
    ("policies", "events", "opened_at", "why"),
    [
        ({"all": POLICY}, ["10:30 resolve"], "10:00", "ben has not answered for 5 minutes"),
        ({"all": NOBODY}, [], "10:00", "no level names anybody"),
        (
            {"all": NOBODY},
            [happening("10:02 role zed", role="commander"), "10:04 resolve"],
            "10:00",
            "a level names somebody again",
        ),
        ({"all": POLICY}, ["10:02 escalate zed", "10:03 resolve"], "10:00", "Zed escalated it"),
        ({"all": POLICY}, ["10:02 escalate", "10:03 resolve"], "10:00", "it was escalated by hand"),
        ({"all": POLICY}, ["10:02 acknowledge ada"], "10:00", "Ada Okafor has given no sign of life for 1 hour"),
        (
            {"all": POLICY},
            ["10:02 acknowledge ada", "10:03 unacknowledge ada", "10:04 close"],
            "10:00",
            "Ada Okafor handed it back",
        ),
        ({"all": POLICY}, ["10:02 mitigate", "10:03 relapse zed", "10:04 close"], "10:00", "Zed said that it is back"),
        ({"all": POLICY}, ["10:02 close", "10:03 reopen zed", "10:04 close"], "10:00", "Zed reopened it"),
        (WORSE, [happening("10:02 severity zed", severity=1), "10:03 close"], "10:00", "Zed made it severity 1"),
        (WORSE, [happening("10:02 severity", severity=1), "10:03 close"], "10:00", "it is severity 1 now"),
        ({"all": {**POLICY, "severities": [1]}}, [], "10:00", "no policy covers severity 2"),
        (
            {"all": {**POLICY, "hours": OFFICE}},
            [],
            "08:00",
            "it was opened; it was held until the policy's hours began",
        ),
    ],
)
def test_it_is_said_what_the_last_one_told_is_told_for(policies, events, opened_at, why):
    """By name where somebody did it, or did not."""
    until = "09:00" if opened_at == "08:00" else "11:04"
    found = rehearsed(case(policies, events, opened_at=moment(opened_at), until=until))
    assert because(found.told[-1], lambda person: NAMES.get(person, person)) == why


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], ""),
        (["Ada"], "Ada"),
        (["Ada", "Ben"], "Ada and Ben"),
        (["Ada", "Ben", "Cem"], "Ada, Ben and Cem"),
        ("abcde", "a, b, c and 2 more"),
    ],
)
def test_many_are_cut_short(words, sentence):
    """Three by name."""
    assert listed(words) == sentence


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 minute"), (5, "5 minutes"), (60, "1 hour"), (90, "90 minutes"), (2880, "2 days")]
)
def test_a_wait_is_said_in_the_unit_that_it_was_written_in(minutes, words):
    """As far as one can tell."""
    assert spoken(minutes) == words


def test_a_place_is_said_in_words():
    """The first round goes without saying."""
    assert [place_words(place) for place in (Place(1, 2), Place(2, 1), LAST_RESORT)] == [
        "level 2",
        "round 2, level 1",
        "last resort",
    ]
    assert [role_in_walk(place) for place in (Place(1, 2), Place(2, 1), LAST_RESORT)] == [
        "level 2",
        "level 1, in round 2,",
        "the last resort",
    ]
