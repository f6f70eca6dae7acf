"""What the ways have in common: labels, and how a refusal is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.paging.way import Recipient, ToOne
from worker.domain.errors import Rejected
from worker.domain.page import LAST_RESORT, Page
from worker.engine.pages import Pages
from worker.engine.step import Done

AMARA = Recipient(name="Amara Okafor", address="amara@contoso.example", why="You are on call.")
TOLD = Page(person="x", name="X", by="chat", told=True, answer="written to", why="")


@given(
    name=st.text(max_size=80),
    address=st.text(min_size=1, max_size=80),
    by=st.sampled_from(["", "chat", "sms", f"webhook:{'n' * 32}"]),
    topic=st.sampled_from(["", "trouble"]),
)
def test_a_label_is_one_that_the_store_takes(name, address, by, topic):
    """Of small letters, digits and hyphens, at most 64, and the same in every attempt."""
    recipient = Recipient(name=name, address=address, why="", topic=topic)
    assert re.fullmatch(r"[a-z0-9-]{1,64}", recipient.label(by))
    assert recipient.label(by) == Recipient(name=name, address=address, why="another", topic=topic).label(by)


def test_a_label_is_one_persons_by_one_way_of_one_matter():
    """Two people of one name, two ways, two webhooks whose names begin alike, and a report: each is its own."""
    namesake = Recipient(name="Amara Okafor", address="amara.2@contoso.example", why="")
    numbered = Recipient(name="+1500…01", address="+1500…01", why="", phone="+15005550101")
    other = Recipient(name="+1500…01", address="+1500…01", why="", phone="+15005559901")
    reported = Recipient(name="Amara Okafor", address="amara@contoso.example", why="", topic="trouble")
    ways = ("chat", "sms", "webhook:pager-of-the-house-one", "webhook:pager-of-the-house-two")
    labels = [each.label(by) for each in (AMARA, namesake, numbered, other, reported) for by in ways]
    assert len(set(labels)) == len(labels)
    assert AMARA.label().startswith("amara-okafor-")


def test_what_a_way_refuses_is_an_answer_on_one_line():
    """Bounded, and without what could not be shown."""
    page = ToOne.refused(_part(), Rejected("No.\nNever \u202e" + "x" * 1_000))
    assert (page.told, page.by, page.person) == (False, "chat", AMARA.address)
    assert page.answer.startswith("No. Never x")
    assert len(page.answer) == 500


@pytest.mark.parametrize(
    ("told", "level", "is_for_want_of_others", "needed"),
    [
        (True, LAST_RESORT, True, False),
        (False, LAST_RESORT, True, True),
        (True, LAST_RESORT, False, True),
        (True, 1, False, True),
    ],
)
def test_whoever_stands_in_is_spared_once_anybody_was_told(told, level, is_for_want_of_others, needed):
    """Whoever is on call, to hear of trouble, or the last resort of a policy, is told all the same."""
    pages = Pages()
    if told:
        pages.note(TOLD)
    lea = {"name": "Lea", "address": "lea@contoso.example", "why": "", "level": level}
    recipient = Recipient(**lea, is_for_want_of_others=is_for_want_of_others)
    page = ToOne.without_effect(_part(recipient), None, Done(pages=pages))
    assert (page is None) is needed
    if not needed:
        assert (page.told, page.answer) == (False, "not needed: somebody was told")


def test_a_part_says_who_was_told_and_else_why_not():
    """In the answer's own words."""
    missed = TOLD.model_copy(update={"told": False, "answer": "The number is wrong."})
    assert _part().describe(TOLD) == "told X"
    assert _part().describe(missed) == "X not told: The number is wrong."


class _Part(ToOne):
    async def find(self, incident, done):
        raise NotImplementedError

    async def run(self, incident, done):
        raise NotImplementedError


def _part(recipient=AMARA):
    return _Part(recipient, "chat")
