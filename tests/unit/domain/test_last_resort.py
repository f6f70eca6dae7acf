"""Whom to tell when nobody else could be told, as a setting says it."""

import pytest

from worker.domain.last_resort import Target, read_last_resort

OBJECT_ID = "e0000000-0000-4000-8000-00000000000a"


def test_each_entry_says_its_way():
    """An address or an object id is written to, a number gets an SMS, a webhook is called by its name."""
    text = f"Lea@Contoso.example, {OBJECT_ID.upper()}, +49 (0)30 123-4567, Webhook:Pager"
    assert read_last_resort(text) == (
        Target("chat", "lea@contoso.example"),
        Target("chat", OBJECT_ID),
        Target("sms", "+49301234567"),
        Target("webhook:pager", "pager"),
    )


def test_each_counts_once_and_none_is_none():
    """However often and in whatever spelling it stands there."""
    assert read_last_resort("lea@contoso.example,, LEA@contoso.example ,") == (Target("chat", "lea@contoso.example"),)
    assert read_last_resort(" ") == ()


@pytest.mark.parametrize("entry", ["030 1234567", "Lea", "webhook:a_b", f"webhook:{'x' * 33}"])
def test_what_reaches_nobody_is_said_by_its_place(entry):
    """Without repeating it, since it may be a number."""
    with pytest.raises(ValueError, match=r"entry 2 is no way to reach anybody: write a person's address") as caught:
        read_last_resort(f"lea@contoso.example, {entry}")
    assert entry not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("a b@contoso.example", "a space stands in it"),
        ("a@b@contoso.example", "it has more than one @"),
        ("<lea@contoso.example>", "< may not stand before the @"),
    ],
)
def test_an_address_that_is_none_is_told_why(entry, why):
    """As everywhere where one is taken."""
    with pytest.raises(ValueError, match=r"^entry 1 is no way to reach anybody") as caught:
        read_last_resort(entry)
    assert f"(it is not an e-mail address: {why})" in str(caught.value)


@pytest.mark.parametrize(
    "entry", ["s.o'neil@contoso.example", "lena_x.example#ext#@contoso.example", "ren\u00e9e@stra\u00dfe.example"]
)
def test_every_address_of_a_directory_is_taken(entry):
    """In small letters, and in no others than it has."""
    assert read_last_resort(entry) == (Target("chat", entry),)
