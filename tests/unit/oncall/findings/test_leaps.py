"""Times to come that do not exist, or come twice, are told with the instant that is taken."""

from surveys import scheduled, survey, weekly

from worker.oncall.findings.leaps import find_leaps


def told(*layers, at="2027-03-01T08:00Z", **more):
    return [finding.what for finding in find_leaps(survey(at, schedules=scheduled(*layers, **more)))]


def test_each_place_at_which_a_time_stands_is_looked_at():
    """The beginning and end of a layer, its changes, and overrides, each by its own clock."""
    change = {"from": "2027-10-31T02:15", "people": ["jon"]}
    layers = [weekly("ines", starts="2027-03-28T02:30", ends="2027-10-31T02:30", changes=[change])]
    override = {"from": "2027-03-28T02:45", "to": "2027-03-28T12:00", "person": "kai"}
    begins, ends, changes, overridden = told(*layers, overrides=[override])
    assert begins == (
        "The layer week of checkout: 2027-03-28 02:30 does not exist in Europe/Berlin, where the clock is set forward: "
        "03:00 CEST is taken."
    )
    assert "2027-10-31 02:30 comes twice" in ends
    assert "2027-10-31 02:15 comes twice" in changes
    assert overridden.startswith("An override for kai of checkout: 2027-03-28 02:45 does not exist")


def test_what_is_over_or_exists_once_is_not_told():
    """In a zone that leaps elsewhere, with an offset, or last year."""
    assert told(weekly("ines", starts="2027-03-28T02:30", time_zone="America/New_York")) == []
    assert told(weekly("ines", starts="2027-03-28T00:30Z")) == []
    assert told(weekly("ines", starts="2027-03-28T02:30"), at="2027-05-01T00:00Z") == []
