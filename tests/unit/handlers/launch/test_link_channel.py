"""What the line on the work item says of people and channel, whatever stands in their names."""

import pytest

from handlers.launch.assign import Assigned, Assignment
from handlers.launch.create_channel import Channel
from handlers.launch.link_channel import _lines
from worker.oncall.on_call import OnCall, Person

HOSTILE = '<img src=x> & "'
SAFE = "&lt;img src=x&gt; &amp; &quot;"
CHANNEL = Channel(id="19:a", name="inc-1", url="https://teams.example/l/19", team_id="1")


def somebody(**facts):
    return Assignment(name="Ada", email="ada@contoso.example", **facts)


def on_call(*names, note=""):
    people = tuple(Person(name=name, email="ada@contoso.example") for name in names)
    return OnCall(people=people, service="checkout", note=note)


HOSTILES = {
    "the channel's name": (CHANNEL.model_copy(update={"name": HOSTILE}), on_call(), None),
    "the channel's address": (CHANNEL.model_copy(update={"url": f"https://teams.example/{HOSTILE}"}), on_call(), None),
    "a note": (CHANNEL, on_call(note=HOSTILE), None),
    "a shift": (CHANNEL, OnCall(people=(Person(name="Ada", email="a@x", shift=HOSTILE),)), Assigned()),
    "who could not be assigned": (CHANNEL, on_call(HOSTILE), None),
    "who has it": (CHANNEL, on_call("Ada"), Assigned(people=(somebody(outcome="assigned", holder=HOSTILE),))),
    "who was passed over": (
        CHANNEL,
        on_call("Ada"),
        Assigned(people=(Assignment(name=HOSTILE, email="a@x", outcome="kept", holder="Edda"),)),
    ),
    "who has a task": (
        CHANNEL,
        on_call("Ada"),
        Assigned(people=(Assignment(name=HOSTILE, email="a@x", outcome="task", task_id=2),)),
    ),
    "who is unknown": (
        CHANNEL,
        on_call("Ada"),
        Assigned(people=(Assignment(name=HOSTILE, email="a@x", outcome="unknown-identity"),)),
    ),
    "an address that is unknown": (
        CHANNEL,
        on_call("Ada"),
        Assigned(people=(Assignment(name="Ada", email=HOSTILE, outcome="unknown-identity"),)),
    ),
}


@pytest.mark.parametrize("told", HOSTILES.values(), ids=HOSTILES)
def test_nobodys_words_reach_boards_as_html(told):
    """Rosters and names are typed by people, and a channel's name has the sender's service in it."""
    text = "<br>".join(_lines(*told))
    assert HOSTILE not in text
    assert "<img" not in text
    assert SAFE in text


def test_without_anybody_on_call_nothing_is_said_of_assignments():
    """But that somebody must take it; a note of the roster stands beside it."""
    lines = list(_lines(CHANNEL, on_call(note="No rows."), None))
    assert lines[1:] == ["<b>Nobody is on call. Somebody must take this work item by hand.</b>", "No rows."]


def test_a_roster_that_could_not_be_read_is_all_that_is_said():
    """Nobody knows more."""
    lines = list(_lines(CHANNEL, None, Assigned(people=(somebody(outcome="assigned", holder="Ada"),))))
    assert len(lines) == 2
    assert "could not be looked up" in lines[1]


def test_who_has_it_and_who_has_a_task_are_told_apart():
    """Each line says what became of whom."""
    people = (
        somebody(outcome="assigned", holder="Ada"),
        Assignment(name="Bruno", email="b@x", outcome="task", task_id=2),
        Assignment(name="Chiyo", email="c@x", outcome="task", task_id=3),
    )
    lines = list(_lines(CHANNEL, on_call("Ada", "Bruno", "Chiyo"), Assigned(people=people)))
    assert lines[1:] == ["Assigned to Ada", "Also on call, with a task each: Bruno, Chiyo"]


def test_the_shift_of_each_person_is_told():
    ben = Person(name="Ben", email="b@x", shift="week 48 of checkout, until Mon 09:00")
    told = list(_lines(CHANNEL, OnCall(people=(ben, Person(name="Cem", email="c@x"))), Assigned()))
    assert told[-1] == "By the schedules: Ben (week 48 of checkout, until Mon 09:00)"
