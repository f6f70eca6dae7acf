"""What lets people into a calendar."""

import pytest

from worker.oncall.calendars.tokens import address, hash_of, make_token


def test_a_token_is_nothing_that_anybody_guesses():
    """256 bits each, of characters that an address holds as they are."""
    tokens = {make_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert len({hash_of(token) for token in tokens}) == 100
    assert not any(token in hash_of(token) for token in tokens)


@pytest.mark.parametrize(
    "token", ["", "a", "a" * 42, "a" * 44, "é" * 43, "a" * 42 + "\n", "a" * 42 + "/", "a" * 100_000]
)
def test_what_can_be_no_token_is_none(token):
    """No look is made for it."""
    assert hash_of(token) == ""


def test_the_address_stands_below_the_intake():
    """Whether its address ends with a slash or not."""
    assert address("https://tocsin.example/", "t") == address("https://tocsin.example", "t")
    assert address("https://tocsin.example", "t") == "https://tocsin.example/v1/on-call/calendars/t.ics"
