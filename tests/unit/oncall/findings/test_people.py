"""Names that are nobody's, and people without an address, are told with where they stand."""

from dataclasses import replace

from surveys import scheduled, survey, weekly

from worker.oncall.definitions import PersonRecord
from worker.oncall.findings.people import ABSENCE, NO_ADDRESS, UNKNOWN, find_unreachable_people

LEVEL = {"notify": ["person:zoe"], "wait": "5 min"}


def found(**given):
    return [(finding.kind, finding.thing) for finding in find_unreachable_people(survey(**given))]


def test_a_name_that_is_nobodys_is_told_wherever_it_stands():
    """In a list, in one to come, in an override, in a policy; with the places."""
    change = {"from": "2027-06-01", "people": ["ines", "zoe"]}
    override = {"from": "2027-05-04", "to": "2027-05-05", "person": "zoe", "replaces": "ines"}
    schedules = scheduled(weekly("ines", "zoe", changes=[change]), overrides=[override])
    [finding] = find_unreachable_people(survey(schedules=schedules, policies={"urgent": {"levels": [LEVEL]}}))
    assert (finding.kind, finding.thing) == (UNKNOWN, "person:zoe")
    assert "zoe (checkout, layer week; checkout, an override; policy urgent)" in finding.what
    assert found(schedules=scheduled(weekly("ines", changes=[change]))) == [(UNKNOWN, "person:zoe")]
    assert found(policies={"p": {"levels": [LEVEL | {"notify": ["person:ines"]}], "last_resort": ["person:zoe"]}}) == [
        (UNKNOWN, "person:zoe")
    ]


def test_what_is_over_names_nobody_any_more():
    """An old list, an override that is past, a layer that has ended."""
    change = {"from": "2027-05-03T09:30", "people": ["ines"]}
    override = {"from": "2027-04-04", "to": "2027-04-05", "person": "zoe"}
    layers = [weekly("zoe", changes=[change]), weekly("zoe", name="old", ends="2027-05-03T09:30")]
    assert found(schedules=scheduled(*layers, overrides=[override])) == []


def test_an_address_and_a_record_are_somebody():
    """In whatever case."""
    assert found(schedules=scheduled(weekly("Ines", "JON@x.example", "new@y.example"))) == []


def test_an_absence_of_nobody_is_told():
    """A slip in its name would leave somebody on call who is away; one of a person who is known is fine."""
    absences = [{"person": person, "from": "2027-05-04"} for person in ("ina", "lia")]
    assert found(schedules=scheduled(weekly("ines")), absences=absences) == [(ABSENCE, "person:ina")]
    assert found(schedules=scheduled(weekly("ines"), absences=absences)) == [(ABSENCE, "person:ina")]


def test_a_record_without_an_address_is_told():
    """With what the person misses by it."""
    seen = survey(schedules=scheduled(weekly("ines")))
    people = {**seen.definitions.people, "ines": PersonRecord("ines", "Ines", "", object_id="an-id")}
    [finding] = find_unreachable_people(replace(seen, definitions=replace(seen.definitions, people=people)))
    assert (finding.kind, finding.thing) == (NO_ADDRESS, "person:ines")
    assert "a work item" in finding.why


def test_an_address_of_several_is_told():
    """Whatever its case: one person who counts as two."""
    people = {"ines": {"email": "ines@x.example"}, "ic": {"email": "INES@x.example"}, "jon": {"email": "jon@x.example"}}
    assert found(people=people) == [("address-of-several", "person:ines")]
