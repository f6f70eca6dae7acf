"""Roles as spans of time: given, taken, offered, accepted, declined."""

import pytest
from responses import ADA, BEN, IVY, MAX, Life

from worker.domain.response.entry import TellKind


def led():
    """A severity 2 that Ada has and leads."""
    life = Life(2)
    life.act("acknowledge")
    life.later(4)
    return life


def holders(life, role):
    return [ref.person for ref in life.response.has(role)]


@pytest.mark.parametrize("written", ["commander", "Incident Commander", "ic", "incident_commander"])
def test_a_role_is_known_by_what_people_call_it(written):
    """All of these are one role."""
    life = led()
    life.act("role", BEN, role=written)
    assert holders(life, "incident-commander") == ["ben"]


def test_whoever_is_given_a_role_is_told_with_the_duty():
    """They are called, mentioned, let into the team, and a sign of life is awaited of them."""
    life = led()
    assert life.act("role", role="scribe", person="ivy").verdict == "done"
    entry = life.newest[0]
    assert life.told(TellKind.PAGE) == ["ivy"]
    assert "write down decisions" in entry.tells[0].why
    assert [tell.person for tell in entry.joins] == ["ivy"]
    assert [tell.person for tell in entry.says[0].mentions] == ["ivy"]
    assert life.due("role") == 9


def test_any_sign_of_life_confirms_a_role():
    """A note by whoever was given it: nobody is asked any more."""
    life = led()
    life.act("role", role="scribe", person="ivy")
    life.later(2).act("note", IVY, text="Here")
    assert life.newest[-1].kind == "role-accepted"
    assert life.due("role") is None


def test_command_is_handed_over_only_once_it_is_accepted():
    """Until then the former has it; the note says how it stands; the escalation's role follows."""
    life = led()
    life.act("role", role="commander", person="ivy")
    assert holders(life, "incident-commander") == ["ada"]
    offered = life.newest[0]
    note = offered.data["note"]
    assert f"tocsin role {life.response.incident_id} incident-commander --accept" in offered.tells[0].why
    assert note not in offered.says[0].text
    assert "severity 2 (high)" in note
    assert "incident commander: Ada" in note
    assert "Next update by 10:20 UTC" in note
    life.later(3).act("role", IVY, role="commander", answer="accept")
    assert life.outcome.sentence == "Ivy has command since 10:07 UTC."
    assert holders(life, "incident-commander") == ["ivy"]
    assert life.told() == ["ada"]
    assert life.response.offers == ()
    assert life.response.escalation["state"]["roles"]["incident-commander"] == ["ivy"]
    spans = [(span.person.person, span.until) for span in life.response.roles if span.role == "incident-commander"]
    assert spans == [("ada", life.now), ("ivy", None)]


def test_an_offer_that_is_declined_leaves_command_where_it_was():
    """Whoever offered it is told."""
    life = led()
    life.act("role", role="commander", person="ivy")
    life.act("role", IVY, role="commander", answer="decline")
    assert (holders(life, "incident-commander"), life.told()) == (["ada"], ["ada"])
    assert life.act("role", IVY, role="commander", answer="accept").verdict == "refused"


def test_command_that_nobody_has_is_given_at_once():
    """There is nobody from whom it would be handed over."""
    life = Life(2)
    life.act("role", role="commander", person="ivy")
    assert holders(life, "incident-commander") == ["ivy"]


def test_whoever_takes_command_has_it_at_once():
    """At night nobody waits for a former commander who sleeps; that one is told."""
    life = led()
    life.act("role", BEN, role="commander")
    assert (holders(life, "incident-commander"), life.told()) == (["ben"], ["ada"])


def test_there_are_as_many_experts_as_topics():
    """A second one ends nobody's role."""
    life = led()
    life.act("role", role="sme", person="ivy", topic="search")
    life.act("role", role="sme", person="max", topic="dns")
    assert holders(life, "sme") == ["ivy", "max"]
    life.act("role", MAX, role="sme", answer="decline")
    assert holders(life, "sme") == ["ivy"]
    assert life.newest[0].kind == "role-ended"


def test_another_one_of_a_single_role_ends_the_former():
    """The former is told, and never taken out of the channel."""
    life = led()
    life.act("role", IVY, role="scribe")
    life.later(1).act("role", role="scribe", person="max")
    assert holders(life, "scribe") == ["max"]
    assert life.told() == ["max", "ivy"]


@pytest.mark.parametrize(
    ("given", "verdict", "words"),
    [
        ({"role": "commander"}, "done", "Ada has command"),
        ({"role": "scribe", "person": "nobody we know"}, "refused", "nobody is called"),
        ({"role": "scribe", "answer": "accept"}, "refused", "Nobody has offered"),
        ({"role": "scribe", "answer": "decline"}, "refused", "is not scribe"),
        ({"role": "primary"}, "already", "Ada has been primary responder since 10:00 UTC"),
        ({"role": "scribe", "person": "new@contoso.example"}, "done", "new@contoso.example is scribe"),
        ({"role": "liaison"}, "done", "Ada is liaison"),
    ],
)
def test_the_answer_says_who_has_it(given, verdict, words):
    """A name that nobody bears is refused, an address is a person, and a role of one's own is one."""
    outcome = led().act("role", ADA, **given)
    assert outcome.verdict == verdict
    assert words in outcome.sentence


def test_the_first_two_on_call_have_the_first_hands_on_it():
    """From the beginning, by the list of the launch."""
    life = Life()
    assert (holders(life, "primary"), holders(life, "secondary")) == (["ada"], ["ben"])
    assert life.due("role") is None
