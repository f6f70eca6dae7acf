"""Ways to reach a person that cannot be read are told."""

import pytest
from surveys import survey

from worker.oncall.findings.paging import find_unreadable_ways


@pytest.mark.parametrize(
    ("columns", "kinds"),
    [
        ({"phone": "+49 30 1234567", "paging": "1-2=mention+sms, 3-5=mention"}, []),
        ({}, []),
        ({"phone": "extension 12"}, ["unreadable-phone"]),
        ({"paging": "shouting"}, ["unreadable-paging"]),
        ({"paging": "1-5=sms"}, ["sms-without-phone"]),
        ({"phone": "999", "paging": "1-9=sms"}, ["unreadable-phone", "unreadable-paging"]),
    ],
)
def test_each_way_is_read(columns, kinds):
    """A number, ways by severity, and an SMS that has a number to go to; no number is shown."""
    found = list(find_unreadable_ways(survey(people={"ines": {"email": "ines@x.example", **columns}})))
    assert [finding.kind for finding in found] == kinds
    assert not [finding.what for finding in found if columns.get("phone", "none") in finding.what]
