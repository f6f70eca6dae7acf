"""Whom a page calls, by person, role, schedule or service."""

import pytest
from responses import LED, Life

from worker.domain.response.entry import TellKind


@pytest.mark.parametrize(
    ("target", "people"),
    [
        ("person:ben", ["ben"]),
        ("Ben", ["ben"]),
        ("ben@contoso.example", ["ben"]),
        ("new@contoso.example", ["new@contoso.example"]),
        ("role:primary", ["ada"]),
        ("schedule:Search", ["max"]),
        ("schedule:search#1", ["max"]),
        ("service:search", ["max"]),
        ("search", ["max"]),
        ("service:checkout", ["ada"]),
    ],
)
def test_whoever_is_meant_is_called(target, people):
    """With a mention, and into the team; they are among those who learn later who has it."""
    life = Life()
    life.act("acknowledge")
    assert life.act("page", target=target, text="Look at the index").verdict == "done"
    assert life.told(TellKind.PAGE) == people
    assert "Look at the index" in life.newest[0].tells[0].why
    assert set(people) <= {ref.person for ref in life.response.told}


def test_a_role_that_nobody_has_calls_whoever_is_on_call_for_it():
    """By the schedule of that name."""
    life = Life(known=LED)
    life.act("page", target="role:commander")
    assert life.told() == ["ivy"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("person:zoe", "People: ada, ben, ivy, max, lea."),
        ("role:scribe", "Roles: primary, secondary."),
        ("schedule:nights", "Schedules: search."),
        ("schedule:search#2", "nobody on call"),
        ("schedule:search#x", "nobody on call"),
        ("service:mail", "Services: checkout, search."),
        ("moon", "names nobody who can be called"),
        ("person:", "Nobody is called ''"),
    ],
)
def test_whoever_is_not_found_is_refused_with_what_there_is(target, words):
    """Nobody is called, and nothing is recorded."""
    life = Life()
    outcome = life.act("page", target=target)
    assert outcome.verdict == "refused"
    assert words in outcome.sentence
    assert life.newest == []
