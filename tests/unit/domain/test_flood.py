"""The incident of a flood: its key, whose message launches it, and what people read."""

import pytest
from grouping_run import NOON, an_alert

from worker.domain.flood import begins_flood, flood_key, flood_of
from worker.domain.incident import incident_id
from worker.domain.sender_rate import read_rate


def test_the_first_of_a_flood_is_known_by_its_key():
    """For ever, and no other is taken for it."""
    first, second = an_alert("f"), an_alert("g")
    key = flood_key(first, NOON)
    assert (begins_flood(first, key), begins_flood(second, key)) == (True, False)
    assert begins_flood(first, first.key) is False


def test_two_floods_of_a_sender_are_two_incidents():
    """By when they began and by what began them."""
    keys = {flood_key(each, NOON) for each in (an_alert("f"), an_alert("g"), an_alert("f", sender="another"))}
    assert len({incident_id(key) for key in keys}) == 3


def test_a_senders_name_is_not_written_into_a_key():
    """It may be of any length and characters."""
    assert "probe" not in flood_key(an_alert(source="probe / #?"), NOON)


@pytest.mark.parametrize(
    ("severity", "title"),
    [(3, "Flood of alerts from prometheus"), (2, "Flood of severe alerts from prometheus")],
)
def test_people_read_who_floods_and_what_to_do(severity, title):
    """The title names the sender; the description its rate, the first of its alerts and where to look."""
    first = an_alert("disk", sender="prometheus", severity=severity)
    flood = flood_of(first, flood_key(first, NOON), read_rate("30/5m"))
    assert (flood.event.title, flood.event.severity, flood.event.service) == (title, severity, "checkout")
    assert "30 in 5 minutes" in flood.event.description
    assert "'disk is down'" in flood.event.description
    assert "TOCSIN_GROUPING_RULES" in flood.event.description


def test_the_flood_is_the_same_however_often_its_message_comes():
    """A launch that died is gone on with."""
    first = an_alert()
    key = flood_key(first, NOON)
    assert flood_of(first, key, None) == flood_of(first, key, None)


def test_what_a_restricted_incident_says_is_not_said_by_the_flood():
    """The flood is read by everybody."""
    first = an_alert("payroll", sender="prometheus", restricted=True)
    flood = flood_of(first, flood_key(first, NOON), read_rate("30/5m"))
    assert "payroll" not in flood.event.description
