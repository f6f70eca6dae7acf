"""Who answers for a service, and in which order it is looked for."""

from datetime import UTC, datetime

import pytest
from brief_definitions import definitions, week

from worker.oncall.answers import who_answers
from worker.oncall.on_call import OnCall, Person, Roster, UnreadableRow
from worker.oncall.rows import Row
from worker.oncall.schedule.wall_clock import minute_of

NOW = minute_of(datetime(2026, 6, 10, 12, tzinfo=UTC))  # a Wednesday
PEOPLE = {
    name: {"name": name.capitalize(), "email": f"{name}@contoso.example"}
    for name in ("ada", "ben", "cem", "dee", "eve")
}


def schedule(*people, **columns):
    return week(*people, **columns) if people else {"time_zone": "Europe/Berlin"}


def rows(*named):
    """Of `service/person`."""
    made = (each.split("/") for each in named)
    return tuple(
        Row(name=person.capitalize(), email=f"{person}@contoso.example", service=service, oncall=True)
        for service, person in made
    )


def answer(service="checkout", *, simple=(), people=PEOPLE, **given):
    found = definitions(people=people, **given)
    return who_answers(found, Roster(rows=rows(*simple), unreadable=()), service, NOW)


def names(found):
    return [person.name for person in found.people]


SCHEDULES = {"a": schedule("ada"), "b": schedule("ben"), "empty": schedule(), "d": schedule("dee")}
ORDER = {
    "its schedules, one after the other": ({"schedules": ["a", "empty", "b"]}, ["checkout/cem"], ["Ada", "Ben"], False),
    "each person once": ({"schedules": ["a", "b", "a"]}, [], ["Ada", "Ben"], False),
    "its rows, where no schedule names anybody": ({"schedules": ["empty"]}, ["checkout/cem"], ["Cem"], False),
    "the schedules of default": ({"schedules": ["empty"]}, ["default/cem"], ["Dee"], True),
    "its rows, where it has no schedules": ({}, ["Checkout/cem", "default/eve"], ["Cem"], False),
}


@pytest.mark.parametrize("what", ORDER)
def test_the_first_that_names_somebody_answers(what):
    """Schedules of the service, its rows, then the schedules of `default`."""
    service, simple, expected, from_default = ORDER[what]
    services = {"checkout": service, "default": {"schedules": ["d"]}}
    found = answer(simple=simple, schedules=SCHEDULES, services=services)
    assert (names(found), found.from_default) == (expected, from_default)
    assert bool(found.note) == from_default


def test_the_rows_of_default_are_the_last_to_be_asked():
    """Where neither the service nor the schedules of `default` name anybody."""
    found = answer(simple=["default/cem"], schedules=SCHEDULES, services={"default": {"schedules": ["empty"]}})
    assert (names(found), found.from_default) == (["Cem"], True)
    assert "these are the people of 'default'" in found.note


def test_nobody_is_loud():
    """With whatever keeps a schedule from naming somebody."""
    found = answer(schedules=SCHEDULES, services={"checkout": {"schedules": ["empty", "gone"]}})
    assert found.people == ()
    assert found.note.startswith("NOBODY IS ON CALL for the service 'checkout'")
    assert "there is no schedule 'gone'" in found.note


@pytest.mark.parametrize("asked", ["checkout", "CheckOut"])
@pytest.mark.parametrize("services", [{}, {"CHECKOUT": {"description": "The till."}}])
def test_a_schedule_named_as_the_service_answers_for_it(asked, services):
    """Whoever imported one line expects it, in any case."""
    found = answer(asked, schedules={"Checkout": schedule("ada")}, services=services)
    assert names(found) == ["Ada"]
    assert found.people[0].schedule == "Checkout"


@pytest.mark.parametrize("asked", ["", "default"])
def test_an_incident_without_a_service_is_answered_by_default(asked):
    """By its schedules, as for a service that nobody knows."""
    found = answer(asked, schedules={"d": schedule("dee")}, services={"default": {"schedules": ["d"]}})
    assert names(found) == ["Dee"]
    assert found.from_default == (not asked)


def test_a_person_comes_with_all_that_is_known_of_them():
    """The record first, then what their row of the on-call table knows; with why, until when and by which schedule."""
    simple = Row(name="A.", email="ADA@contoso.example", oncall=False, phone="0049 30 1", object_id="e-1")
    found = who_answers(
        definitions(people=PEOPLE, schedules={"checkout": schedule("ada", "ben")}),
        Roster(rows=(simple,), unreadable=()),
        "checkout",
        NOW,
    )
    assert found.people == (
        Person(
            name="Ada",
            key="ada",
            email="ada@contoso.example",
            phone="0049 30 1",
            object_id="e-1",
            why="layer week, Ada's turn since Mon 8 Jun 09:00",
            until=datetime(2026, 6, 15, 7, tzinfo=UTC),
            schedule="checkout",
            shift="week 24 of checkout, until Mon 09:00",
        ),
    )


def test_a_person_without_a_record_is_found_by_the_address():
    """Under their name in the on-call table, else under the address itself."""
    found = answer(
        people={}, simple=["search/ada"], schedules={"checkout": schedule(["ada@contoso.example", "x@y.example"])}
    )
    assert names(found) == ["Ada", "x@y.example"]


def test_a_name_that_nobody_has_is_said_and_the_next_answers():
    """The schedule names somebody who cannot be reached: that is as good as nobody."""
    found = answer(people={}, simple=["checkout/cem"], schedules={"checkout": schedule("ada")})
    assert names(found) == ["Cem"]
    assert "'ada', whom the schedule 'checkout' names, has no row" in found.note


def test_a_row_says_that_it_is_one():
    """Its people have no shift that ends."""
    (person,) = answer(simple=["checkout/cem"]).people
    assert (person.why, person.until, person.schedule) == ("row of the on-call table", None, "")


def test_what_was_stored_before_people_had_reasons_is_read():
    """The result of a launch from before has neither why nor until."""
    before = '{"people": [{"name": "Ada", "email": "ada@contoso.example"}], "service": "checkout"}'
    (person,) = OnCall.model_validate_json(before).people
    assert (person.why, person.until, person.schedule) == ("", None, "")
    (again,) = OnCall.model_validate_json(
        answer(schedules={"checkout": schedule("ada", "ben")}).model_dump_json()
    ).people
    assert again.until is not None


def test_rows_that_cannot_be_read_hide_nobody():
    """They are others' to tell."""
    roster = Roster(rows=rows("checkout/cem"), unreadable=(UnreadableRow(keys=("p", "r"), fault="email: is missing"),))
    assert names(who_answers(definitions(), roster, "checkout", NOW)) == ["Cem"]


@pytest.mark.parametrize("asked", ["till", "The  TILL", "CHECKOUT"])
def test_a_word_of_a_service_means_it(asked):
    """As it does for a launch: alerts name a service by what they call it."""
    services = {"checkout": {"schedules": ["a"], "words": ["till", "the till"]}}
    found = answer(asked, schedules=SCHEDULES, services=services)
    assert (names(found), found.from_default, found.service) == (["Ada"], False, asked)


@pytest.mark.parametrize("asked", ["default", "Default"])
def test_default_asked_by_name_answers_for_itself(asked):
    """Nobody stands in for anybody then."""
    found = answer(asked, schedules={"d": schedule("dee")}, services={"default": {"schedules": ["d"]}})
    assert (names(found), found.from_default, found.note) == (["Dee"], False, "")
