"""Whom the settings name, where definitions name nobody."""

import pytest
from brief_definitions import definitions
from escalations import level

from worker.domain.last_resort import read_last_resort
from worker.oncall.definitions import Definitions
from worker.oncall.escalation.falling_back import directory_with, person_of_settings, way_of_settings
from worker.oncall.on_call import OnCall, Person

TARGETS = read_last_resort("lea@contoso.example, 00000000-0000-4000-8000-000000000001, +49 30 1234567, webhook:pager")
KEYS = ["chat:lea@contoso.example", "chat:00000000-0000-4000-8000-000000000001", "sms:+4930…67", "webhook:pager"]
ADA = Person(name="Ada", email="ada@contoso.example", key="ada")
GUS = Person(name="Gus", email="gus@contoso.example")


def told(targets):
    return [str(target) for target in targets]


def test_a_policy_without_a_last_resort_has_the_settings():
    """One that names somebody keeps its own."""
    given = {"own": {"levels": [level("5 min", "person:ada")], "last_resort": ["person:uma"]}}
    given["none"] = {"levels": [level("5 min", "person:ada")]}
    directory = directory_with(definitions(policies=given), "checkout", OnCall(), TARGETS)
    own, none, _ = directory.policies
    assert told(own.last_resort) == ["person:uma"]
    assert told(none.last_resort) == KEYS


def test_behind_the_policies_stands_the_list():
    """Its people are told, and ten minutes later the last resort, once."""
    directory = directory_with(Definitions(), "checkout", OnCall(people=(ADA, GUS)), TARGETS)
    policy = directory.policy_for(1)
    [only] = policy.levels
    assert (told(only.notify), only.wait, policy.repeat) == (["person:ada", "person:gus@contoso.example"], 10, 0)
    assert told(policy.last_resort) == KEYS
    assert directory.people(policy.last_resort, 0, {}) == tuple(KEYS)


@pytest.mark.parametrize(
    ("key", "way", "reached"),
    [
        (KEYS[0], "chat", {"email": "lea@contoso.example"}),
        (KEYS[1], "chat", {"object_id": "00000000-0000-4000-8000-000000000001"}),
        (KEYS[2], "sms", {"phone": "+49301234567"}),
        (KEYS[3], "webhook:pager", {}),
        ("webhook:another", "webhook:another", {}),
    ],
)
def test_each_is_reached_by_the_one_way_that_is_known(key, way, reached):
    """A webhook needs no setting of its own to be named by a policy."""
    assert way_of_settings(key, TARGETS) == way
    person = person_of_settings(key, TARGETS)
    empty = {"email": "", "object_id": None, "phone": ""}
    assert person.model_dump(include=set(empty)) == empty | reached
    assert person.paging == f"1-5={way}"


def test_whoever_is_a_person_is_none_of_them():
    """The definitions say how to reach them."""
    assert person_of_settings("ada", TARGETS) is None
    assert way_of_settings("ada", TARGETS) == ""
