"""What still needs a thing is found, and what is over needs nothing."""

import pytest
from acting import PEOPLE, at
from brief_definitions import definitions, week

from worker.oncall.acts.references import references_to
from worker.oncall.stored.keys import Kind, Thing

NOW = at("2026-03-01T12:00")


def standing():
    later = {"from": "2026-04-06T09:00", "people": ["lea"]}
    earlier = {"from": "2026-02-02T09:00", "people": ["ben"]}
    past = {"from": "2026-01-05T10:00", "to": "2026-01-05T12:00", "person": "eve"}
    coming = {"from": "2026-05-05T10:00", "to": "2026-05-05T12:00", "person": "gus", "replaces": "hal"}
    checkout = {**week("ada", changes=[later, earlier]), "overrides": [past, coming]}
    people = {key: {"email": f"{key}@x.example"} for key in (*PEOPLE, "lea", "gus", "hal", "ivy", "jo")}
    levels = [{"notify": ["schedule:checkout#1", "person:ivy"], "wait": "5 min"}]
    return definitions(
        people=people,
        schedules={"checkout": checkout, "old": week("jo", ends="2026-02-02T09:00")},
        services={"shop": {"schedules": ["Checkout"], "policies": ["calm"]}},
        policies={"calm": {"levels": levels, "last_resort": ["person:lea"]}},
    )


@pytest.mark.parametrize(
    ("kind", "name", "needed"),
    [
        (Kind.PERSON, "ada", []),
        (Kind.PERSON, "ben", ["the layer week of checkout"]),
        (Kind.PERSON, "lea", ["the layer week of checkout", "the policy calm"]),
        (Kind.PERSON, "eve", []),
        (Kind.PERSON, "gus", ["an override of checkout"]),
        (Kind.PERSON, "hal", ["an override of checkout"]),
        (Kind.PERSON, "ivy", ["the policy calm"]),
        (Kind.PERSON, "jo", []),
        (Kind.SCHEDULE, "checkout", ["the service shop", "the policy calm"]),
        (Kind.SCHEDULE, "old", []),
        (Kind.POLICY, "calm", ["the service shop"]),
        (Kind.SERVICE, "shop", []),
    ],
)
def test_a_thing_is_needed_by_what_counts_from_now_on(kind, name, needed):
    """Lists and overrides that are over may name whom they like."""
    assert references_to(Thing(kind, name), standing(), NOW) == needed
