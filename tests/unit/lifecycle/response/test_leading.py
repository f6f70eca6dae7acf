"""From when until when people have roles, where the incident ends, comes back, or is nobody's any more."""

import pytest
from responses import ADA, BEN, IVY, LED, MAX, Life, another

from handlers.response_facts import people_facts

ENDS = {
    "close": lambda life: (life.act("resolve"), life.later(1).act("close")),
    "decline": lambda life: life.act("decline", text="A test"),
    "merge": lambda life: life.act("merge", into=life.other.incident.id),
}


def held(life):
    """By role, who has it now."""
    return {span.role: span.person.person for span in life.response.roles if span.until is None}


def led():
    """Ada is primary responder and has it, so she leads; Max was made scribe."""
    life = Life(other=another())
    life.later(1).act("acknowledge")
    life.act("role", role="scribe", person="max")
    return life


@pytest.mark.parametrize("end", ENDS)
def test_a_role_ends_with_the_incident(end):
    """The review says until when; the card still says who had it."""
    life = led()
    before = held(life)
    life.act("role", role="incident-commander", person="ivy")
    life.later(5)
    ENDS[end](life)
    assert held(life) == {}
    assert life.response.offers == ()
    assert {span.until for span in life.response.roles} == {life.now}
    shown = dict(people_facts(life.response))
    assert before == {"primary": "ada", "secondary": "ben", "incident-commander": "ada", "scribe": "max"}
    assert shown["Scribe"].startswith("Max")


@pytest.mark.parametrize("end", ["decline", "merge"])
def test_whoever_was_called_for_a_role_learns_that_nothing_is_needed_of_them(end):
    """As those do who were told by a level; whoever ends it knows."""
    life = led()
    life.act("role", role="incident-commander", person="ivy")
    ENDS[end](life)
    assert sorted(life.told()) == ["ben", "ivy", "max"]


def test_what_is_reopened_gives_roles_back():
    """Those that a person gave; who is on call, and who leads, is looked up anew."""
    life = led()
    ENDS["close"](life)
    life.later(60).act("reopen", BEN)
    assert held(life) == {"scribe": "max", "primary": "ada"}
    life.later(1).act("acknowledge", BEN)
    assert held(life)["incident-commander"] == "ben"


def test_whoever_led_by_a_schedule_is_looked_up_anew():
    """The escalation does not name them either, until they lead again."""
    life = Life(1, known=LED)
    life.act("acknowledge")
    ENDS["close"](life)
    life.act("reopen", BEN)
    assert life.response.escalation["state"]["roles"]["incident-commander"] == []
    life.act("acknowledge", BEN)
    assert held(life)["incident-commander"] == "ivy"


def test_what_was_given_back_is_given_back_once():
    """Who had it at the first end has it no more once another one does."""
    life = led()
    ENDS["close"](life)
    life.act("reopen", BEN)
    life.later(1).act("role", IVY, role="scribe")
    ENDS["close"](life)
    life.act("reopen", BEN)
    assert held(life)["scribe"] == "ivy"


def test_only_resolved_nobody_has_lost_a_role():
    """People finish what they do; who leads by having it has it no more once nobody has it."""
    life = led()
    life.act("resolve")
    assert held(life)["incident-commander"] == "ada"
    life.later(5).act("reopen", BEN)
    assert held(life) == {"scribe": "max", "primary": "ada", "secondary": "ben"}


WAYS = {
    "ack_timeout": lambda life: life.fire("escalation"),
    "unacknowledge": lambda life: life.act("unacknowledge"),
}


@pytest.mark.parametrize("way", WAYS)
def test_command_by_having_it_goes_with_the_owner(way):
    """Whoever gives no sign of life leads nothing; the next one who has it does."""
    life = Life()
    life.act("acknowledge")
    WAYS[way](life)
    assert (life.response.owner, life.response.owner_since) == (None, None)
    assert "incident-commander" not in held(life)
    assert life.response.escalation["state"]["roles"]["incident-commander"] == []
    life.later(1).act("acknowledge", BEN)
    assert held(life)["incident-commander"] == "ben"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("known", "person"), [(None, "max"), (LED, "ivy")], ids=["by a person", "by its schedule"])
def test_command_that_was_given_stays(way, known, person):
    """It is no matter of whose the incident is."""
    life = Life(1, known=known) if known else Life(1)
    life.act("acknowledge", ADA)
    if not known:
        life.act("role", MAX, role="incident-commander")
    WAYS[way](life)
    assert held(life)["incident-commander"] == person
