"""Handovers in the middle of work, or of the night, are told."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.handovers import AT_NIGHT, IN_WINDOW, find_handovers

DAILY = {"every": "1 day"}
OFFICE = {"windows": ["mon-fri 09:00-17:00"]}


def found(*layers, **more):
    return [
        (finding.kind, finding.what)
        for finding in find_handovers(survey(days=14, schedules=scheduled(*layers, **more)))
    ]


def test_a_handover_inside_a_window_is_told():
    """With the first one, and how many more there are."""
    [(kind, what)] = found(weekly("ines", "jon", starts="2027-05-05T12:00", **OFFICE))
    assert kind == IN_WINDOW
    assert what == ("The layer week of checkout hands over while its window is open: Wed 12 May 12:00 (Europe/Berlin).")


@pytest.mark.parametrize(
    "layer",
    [
        weekly("ines", "jon", **OFFICE),
        weekly("ines", "jon", starts="2027-05-04T17:00", **OFFICE),
        weekly("ines", "jon", starts="2027-05-02T12:00", **OFFICE),
        weekly("ines", "jon"),
        weekly("ines", "jon", windows=["00:00-24:00"]),
        weekly("ines", "jon", windows=["mon-fri 00:00-24:00"]),
        weekly("ines", "jon", windows=["sat-mon 00:00-24:00"], starts="2027-05-02T09:00"),
        weekly("ines", "jon", every="1 window", windows=["09:00-13:00", "13:00-17:00"]),
        weekly("ines", "ines", starts="2027-05-05T12:00", **OFFICE),
        weekly("ines", "jon", **OFFICE, every="1 window"),
        weekly("ines", "jon", starts="2027-05-02T23:00", **OFFICE),
        weekly("ines", "jon", starts="2027-05-05T07:00"),
    ],
    ids=[
        "as it opens",
        "as it closes",
        "on a Sunday",
        "no windows",
        "always open",
        "open for days",
        "open for days over the end of the week",
        "between two windows",
        "to oneself",
        "counted by windows",
        "at night while it is closed",
        "at seven",
    ],
)
def test_a_handover_that_disturbs_nobody_is_not(layer):
    """Nobody is at work, or nothing changes hands."""
    assert found(layer) == []


@pytest.mark.parametrize("starts", ["2027-05-05T22:00", "2027-05-05T00:00", "2027-05-05T06:59"])
def test_a_handover_at_night_is_told(starts):
    """From ten to seven."""
    assert [kind for kind, _ in found(weekly("ines", "jon", starts=starts))] == [AT_NIGHT]


def test_a_layer_with_its_own_zone_is_asked_by_it():
    """09:00 in Tokyo is nobody's night there; 03:00 there is."""
    assert found(weekly("ines", "jon", starts="2027-05-05T09:00", time_zone="Asia/Tokyo")) == []
    [(_, what)] = found(weekly("ines", "jon", starts="2027-05-05T03:00", time_zone="Asia/Tokyo"))
    assert what.endswith("Wed 12 May 03:00 (Asia/Tokyo).")


def test_a_handover_that_nobody_sees_is_not_told():
    """A higher layer names somebody then."""
    assert (
        found(
            weekly("ines", "jon", starts="2027-05-05T03:00"),
            weekly("kai", name="above", priority=1, starts="2027-01-01"),
        )
        == []
    )
