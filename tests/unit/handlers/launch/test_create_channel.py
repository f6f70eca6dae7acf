"""The names and the mark of an incident's channel."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.launch.create_channel import description, is_ours, marker, names, slug
from worker.clients.teams.client import DESCRIPTION_LIMIT, NAME_LIMIT, Channel, Listed
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.sandbox.teams.channels import name_fault


def incident(title: str) -> Incident:
    return Incident(key="k", event=Event(title=title), received_at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Checkout is down", "checkout-is-down"),
        ("  --Zahlung fällt AUS!! ", "zahlung-fallt-aus"),
        ("Straße #1 & Co. (50%)", "strasse-1-co-50"),
        ("Платёж не проходит", ""),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_a_slug_is_what_any_system_bears(title, words):
    """Only small letters, digits and single hyphens are left of a title."""
    assert slug(title) == words


@given(st.text(min_size=1, max_size=600).filter(lambda text: any(c.isalnum() for c in text)))
def test_every_name_is_one_that_teams_takes(title):
    """Whatever the title, three different names begin with the incident's id and break no rule of Teams."""
    made = list(names(incident(title)))
    assert len(set(made)) == 3
    assert all(name.startswith(incident("x").id) and name_fault(name) is None for name in made)


def test_a_name_ends_at_a_word():
    """Half a word means nothing; only where the very first one is too long it is cut all the same."""
    first, second, _ = names(incident("Payments of all customers in Europe are refused by the gateway"))
    assert first.removeprefix(incident("x").id) == "-payments-of-all-customers-in-europe"
    assert second.removeprefix(incident("x").id) == "-2-payments-of-all-customers-in"
    whole = next(names(incident("x" * 200)))
    assert len(whole) == NAME_LIMIT
    assert next(names(incident("x" * 35))) == f"{incident('x').id}-{'x' * 35}"
    assert next(names(incident("Платёж не проходит"))) == incident("x").id


@given(st.text(min_size=1, max_size=200).filter(lambda text: any(c.isalnum() for c in text)))
def test_a_description_never_hides_its_mark(title):
    """No title can come after the mark, or forge it for another incident."""
    channel = Channel(id="19:1", name="n", url="https://teams.example", team_id="t")
    other = incident("x").model_copy(update={"key": "other"})
    mine = incident(f"{title} ({marker(other)})")
    assert is_ours(Listed(channel, description(mine)), mine)
    assert not is_ours(Listed(channel, description(mine)), other)


def test_the_names_are_the_same_for_every_attempt():
    """The names depend on the incident alone."""
    assert list(names(incident("Down"))) == list(names(incident("Down")))


def test_a_description_fits_and_is_recognised():
    """The mark survives the longest title, and another incident's is not ours."""
    mine = incident("x" * 500)
    other = mine.model_copy(update={"key": "other"})
    channel = Channel(id="19:1", name="n", url="https://teams.example", team_id="t")
    assert len(description(mine)) <= DESCRIPTION_LIMIT
    assert description(mine).endswith(f"({marker(mine)})")
    assert description(mine).startswith("The channel for this one incident: xxx")
    assert is_ours(Listed(channel, description(mine)), mine)
    assert not is_ours(Listed(channel, description(other)), mine)
    assert not is_ours(Listed(channel, ""), mine)
