"""A person or a schedule is whoever was named, or a sentence that offers who may be meant."""

import pytest
from acting import ROSTER, standing
from brief_definitions import definitions, week

from worker.oncall.acts.named import is_known, person_named, schedule_named


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("ada", "ada"),
        (" ADA ", "ada"),
        ("Ada@X.example", "ada"),
        ("ada okafor", "ada"),
        ("Gus Moe", "gus@x.example"),
        ("gus@x.example", "gus@x.example"),
        ("zoe@x.example", "zoe@x.example"),
    ],
)
def test_a_person_is_named_by_key_address_or_full_name(text, person):
    """Whoever has a record is spelt by its key."""
    assert person_named(standing(), ROSTER, text) == person


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("adda", "do you mean ada"),
        ("Ada Okafur", "do you mean ada"),
        ("Gus Mo", "do you mean gus@x.example"),
        ("zoe@", "is not an e-mail address"),
        ("", "a name is missing"),
        ("a/b", "holds '/'"),
    ],
)
def test_whom_nobody_knows_is_never_guessed(text, told):
    """Who is like it is offered."""
    with pytest.raises(ValueError, match=told):
        person_named(standing(), ROSTER, text)


def test_a_name_of_two_people_is_none():
    """Both are offered."""
    people = {key: {"name": "Kim Lee", "email": f"{key}@x.example"} for key in ("k1", "k2")}
    with pytest.raises(ValueError, match="the name of several: k1 and k2"):
        person_named(definitions(people=people), ROSTER, "kim lee")


@pytest.mark.parametrize(
    ("person", "known"), [("ada", True), ("gus@x.example", True), ("lea@x.example", True), ("zoe@x.example", False)]
)
def test_an_address_is_known_where_anything_else_names_it(person, known):
    """A record, a row, or a layer."""
    given = definitions(people={"ada": {"email": "ada@x.example"}}, schedules={"a": week("ada", "lea@x.example")})
    assert is_known(given, ROSTER, person) is known


def test_a_service_stands_for_its_only_schedule():
    """One that has several is no schedule; they are named."""
    services = {"shop": {"schedules": ["a"]}, "both": {"schedules": ["a", "b"]}}
    given = definitions(schedules={"a": week("ada"), "b": week("ben")}, services=services)
    assert schedule_named(given, "Shop").name == schedule_named(given, "A").name == "a"
    with pytest.raises(ValueError, match="several schedules; name one of them: a, b"):
        schedule_named(given, "both")
    with pytest.raises(ValueError, match="no schedule 'c'"):
        schedule_named(given, "c")
