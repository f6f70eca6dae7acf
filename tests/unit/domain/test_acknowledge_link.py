"""The token by which somebody says that they have it: theirs alone, and for a while."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.acknowledge_link import TOKEN_LIMIT, Acknowledging, address, make, read
from worker.domain.errors import Gone, Rejected, Undecodable

SECRET = "a secret of the house"
NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
ID = "inc-4h7k2m9xqz"


def token(person="amara.okafor@contoso.example", *, secret=SECRET, until=timedelta(hours=1)):
    return make(secret, ID, person, NOW + until)


@given(st.text(max_size=300))
def test_whoever_it_was_made_for_is_read_again(person):
    """Any name, cut to its bound, in characters that a query holds as they are."""
    person = person.encode(errors="ignore").decode()
    made = token(person)
    assert read(SECRET, made, NOW) == Acknowledging(ID, person[:256])
    assert re.fullmatch(r"[\w-]+\.[\w-]+", made, re.ASCII)


def test_it_is_short_enough_for_an_sms():
    """And the longest name still makes a token that is read."""
    assert len(address("https://tocsin.example", token())) < 160
    assert len(token("é" * 300)) <= TOKEN_LIMIT


def test_it_expires():
    """Whoever finds it the next day has found nothing."""
    with pytest.raises(Gone, match="expired"):
        read(SECRET, token(until=timedelta()), NOW)


def test_another_secret_made_another_link():
    """It is only read where it was made."""
    with pytest.raises(Rejected, match="not made here"):
        read("a secret of another", token(), NOW)


@given(st.integers(0, 10_000), st.integers(1, 127))
def test_a_token_with_another_letter_is_none(place, change):
    """Not one bit of who, what and until when can be changed."""
    letters = bytearray(token(), "ascii")
    letters[place % len(letters)] ^= change
    with pytest.raises((Undecodable, Rejected)):
        read(SECRET, letters.decode("ascii"), NOW)


@pytest.mark.parametrize("text", ["", ".", "x", "é.é", "a" * (TOKEN_LIMIT + 1), "a.!", "====.===="])
def test_what_is_no_token_is_refused(text):
    """Whatever comes from outside."""
    with pytest.raises((Undecodable, Rejected)):
        read(SECRET, text, NOW)


def test_the_link_leads_to_the_intake():
    """With or without its last slash."""
    assert address("https://tocsin.example/", "t") == "https://tocsin.example/v1/acknowledge?token=t"
