"""Who may do what to an incident."""

from datetime import UTC, datetime

import pytest

from worker.domain.response.act import Act
from worker.domain.response.actor import Actor, ActorKind, Right, Source
from worker.domain.response.permission import Asking, Standing, may, standing
from worker.domain.response.response import PersonRef, Response, RoleSpan

AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
ADA, BEN, CLEO, DAN = (
    PersonRef(person=name, name=name.title(), object_id=f"oid-{name}") for name in ("ada", "ben", "cleo", "dan")
)
COMMAND = RoleSpan(role="incident-commander", person=BEN, since=AT, given_by=Actor(kind=ActorKind.OPERATOR))
PAST = RoleSpan(role="scribe", person=DAN, since=AT, until=AT, given_by=Actor(kind=ActorKind.OPERATOR))
GIVEN = {
    "note": {"text": "x"},
    "severity": {"severity": 2},
    "impact": {"impact": {"text": "x"}},
    "decline": {"text": "x"},
    "merge": {"into": "inc-4h7k2m9xqz"},
    "page": {"target": "x"},
    "time": {"time": "occurred_at"},
    "update": {"text": "x"},
}
MEMBERS = {"note", "update", "acknowledge", "take", "reopen"}
RESPONDERS = {
    *MEMBERS,
    "severity",
    "impact",
    "time",
    "page",
    "escalate",
    "mitigate",
    "relapse",
    "resolve",
    "decline",
    "merge",
}
LEADS = {*RESPONDERS, "unacknowledge", "close"}


def response(**others):
    known = {"owner": ADA, "roles": (COMMAND, PAST), "told": (CLEO,)}
    return Response(incident_id="inc-4h7k2m9xqz", since=AT, severity=2, **{**known, **others})


def asking(person="eve", *, is_on_roster=False, right=Right.MEMBER, kind=ActorKind.PERSON, source=Source.HTTP):
    actor = Actor(kind=kind, id=f"oid-{person}", name="Ada", right=right)
    return Asking(actor, source, PersonRef(person=f"oid-{person}", name="Ada"), is_on_roster)


def an_act(kind, **given):
    known = {"act": kind, "id": "1", "actor": {"kind": "person"}}
    return Act.model_validate({**known, **GIVEN.get(kind, {}), **given})


def allowed(who, **others):
    return {kind for kind in LEADS if may(who, an_act(kind), response(**others)) is None}


@pytest.mark.parametrize(
    ("who", "able"),
    [
        (asking(), MEMBERS),
        (asking(right=Right.READER), set()),
        (asking(is_on_roster=True), RESPONDERS),
        (asking(is_on_roster=True, right=Right.READER), set()),
        (asking(is_on_roster=None), MEMBERS),
        (asking("ada"), LEADS),
        (asking("BEN"), LEADS),
        (asking("cleo"), LEADS),
        (asking("dan"), RESPONDERS),
        (asking(right=Right.ADMIN), LEADS),
        (asking(kind=ActorKind.SENDER, right=Right.LEAD), LEADS),
        (asking(kind=ActorKind.SENDER, right=Right.READER), set()),
        (asking(kind=ActorKind.OPERATOR, source=Source.CLI), LEADS),
        (asking(source=Source.QUEUE), LEADS),
    ],
)
def test_everybody_may_do_what_they_are_to_the_incident(who, able):
    """A name alone, which people choose, makes nobody the owner."""
    assert allowed(who) == able


def test_members_may_be_kept_from_taking_it():
    """Where a setting says so, only people on the roster acknowledge."""
    for kind in ("acknowledge", "take"):
        assert may(asking(), an_act(kind), response(), members_acknowledge=False)
        assert may(asking(is_on_roster=True), an_act(kind), response(), members_acknowledge=False) is None


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({"role": "incident-commander"}, Standing.MEMBER),
        ({"role": "scribe", "answer": "accept"}, Standing.MEMBER),
        ({"role": "scribe", "person": "ivy"}, Standing.RESPONDER),
        ({"role": "incident-commander", "person": "ivy"}, Standing.LEAD),
        ({"role": "commander", "person": "ivy"}, Standing.LEAD),
    ],
)
def test_command_is_handed_on_by_who_leads(given, needed):
    """To take a role is help."""
    for who in (asking(), asking(is_on_roster=True), asking("ada")):
        assert (may(who, an_act("role", **given), response()) is None) is (standing(who, response()) >= needed)


def test_a_restricted_incident_is_for_its_members():
    """Whoever is on the roster is none; whoever had a role is."""
    for person, is_let_in in {"eve": False, "ada": True, "dan": True, "cleo": True}.items():
        refused = may(asking(person, is_on_roster=True), an_act("note"), response(restricted=True))
        assert (refused is None) is is_let_in
    assert may(asking(right=Right.ADMIN), an_act("note"), response(restricted=True)) is None


def test_a_refusal_says_for_whom_it_is_and_what_is_unknown():
    """So that somebody can be found who may."""
    assert (
        may(asking(), an_act("resolve"), response())
        == "Ada may not resolve here: that is for people on the roster or in a schedule."
    )
    assert "cannot be read just now" in may(asking(is_on_roster=None), an_act("resolve"), response())
