"""The people on call as an announcement calls them, and the word that says which of them a card shows."""

import pytest

from handlers.launch.people_on_call import PeopleCalled, mention_id, people_mark
from worker.oncall.on_call import OnCall, Person

ADA = Person(name="Ada", email="ada@contoso.example", role="primary", object_id="e-1", in_directory=True)
BO = Person(name="Bo", email="bo@contoso.example")
GONE = Person(name="Gone", email="gone@contoso.example", in_directory=False)


def called(on_call, *, most=20, mentioning=True, by_address=False):
    return PeopleCalled.of(on_call, most=most, note=600, mentioning=mentioning, by_address=by_address)


@pytest.mark.parametrize(
    ("person", "by_id", "by_address"),
    [(ADA, "e-1", "e-1"), (BO, "", BO.email), (GONE, "", "")],
    ids=["known", "not asked", "unknown"],
)
def test_a_person_is_called_by_id_else_by_address(person, by_id, by_address):
    """By address only where the route can, and never somebody of whom the directory says that there is nobody."""
    assert mention_id(person, by_address=False) == by_id
    assert mention_id(person, by_address=True) == by_address


def test_those_called_stand_in_tags_and_others_as_names():
    """With their roles; whoever is not mentioned is named all the same."""
    people = called(OnCall(people=(ADA, BO, GONE)), by_address=True)
    assert people.in_markdown() == "On call: <at>Ada</at> (primary), <at>Bo</at>, Gone."
    assert [entity["mentioned"]["id"] for entity in people.card_entities()] == ["e-1", BO.email]


def test_only_those_named_are_called():
    """Who stands beyond the room is counted, and in no list of mentions."""
    crowd = tuple(Person(name=f"P{n}", email=f"p{n}@contoso.example", object_id=f"e-{n}") for n in range(5))
    people = called(OnCall(people=crowd), most=2)
    assert people.in_markdown() == "On call: <at>P0</at>, <at>P1</at>, 3 more."
    assert len(people.card_entities()) == 2


def test_a_hostile_name_is_the_same_harmless_one_in_tag_and_list():
    """Else Teams would not find the person that the tag means."""
    hostile = ADA.model_copy(update={"name": "<at>x</at> [y](z)"})
    people = called(OnCall(people=(hostile,)))
    (entity,) = people.card_entities()
    assert entity["text"] in people.in_markdown()
    assert entity["text"].count("<at>") == 1
    assert "[" not in people.in_markdown()


def test_the_mark_tells_people_and_note_apart_and_is_stable():
    """It changes with whom a card shows, in their order, and is nothing while nobody was found."""
    found = OnCall(people=(ADA, BO))
    assert people_mark(found) == people_mark(OnCall(people=(ADA, BO), service="checkout"))
    others = (OnCall(people=(BO, ADA)), OnCall(people=(ADA,)), OnCall(), OnCall(people=(ADA, BO), note="Mend it."))
    assert len({people_mark(each) for each in (found, *others)}) == 5
    assert people_mark(None) == ""
