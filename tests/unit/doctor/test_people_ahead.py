"""Whom schedules call in the next fortnight is whom the other systems must know."""

from surveys import scheduled, survey, weekly

from worker.doctor.people_ahead import people_ahead
from worker.oncall.on_call import Roster
from worker.oncall.rows import Row


def test_those_of_the_next_fortnight_the_soonest_first():
    """By record or by address, each once; later ones and names that are nobody's are left out."""
    override = {"from": "2027-05-04", "to": "2027-05-05", "person": "zoe"}
    layer = weekly("jon", "ines", "lia", starts="2027-05-02T09:00")
    schedules = scheduled(
        layer, weekly("new@y.example", name="too"), weekly("JON@x.example", name="again"), overrides=[override]
    )
    people = people_ahead(survey(schedules=schedules))
    assert [person.email for person in people] == ["jon@x.example", "new@y.example", "ines@x.example", "lia@x.example"]
    assert [person.name for person in people] == ["Jon", "new@y.example", "Ines", "Lia"]
    assert [person.email for person in people_ahead(survey(schedules=scheduled(weekly("ines", "jon", "kai"))))] == [
        "ines@x.example",
        "jon@x.example",
        "kai@x.example",
    ]


def test_a_row_of_the_simple_table_knows_more():
    """The name that Boards have for somebody may stand there alone."""
    row = Row(name="I", email="INES@x.example", service="", oncall=False, boards_identity="ines@boards.example")
    [person] = people_ahead(
        survey(schedules=scheduled(weekly("ines")), seen={"roster": Roster(rows=(row,), unreadable=())})
    )
    assert (person.name, person.boards_identity) == ("Ines", "ines@boards.example")


def test_they_are_bounded():
    """Fifty, the first of them."""
    layers = [weekly(f"p{number}@x.example", name=str(number)) for number in range(50)]
    assert (
        len(people_ahead(survey(schedules=scheduled(*layers) | {"b": scheduled(*[weekly("ines")])["checkout"]}))) == 50
    )
