"""What a sender may see and end of what another one told."""

import pytest

from worker.domain.event import Event
from worker.domain.sender_scope import NOTHING_MORE, TRUSTED, Sender, SenderScope, is_sender_name

READS, ENDS = SenderScope(reads_all=True), SenderScope(ends_all=True)
CHECKOUT = SenderScope(services=("Checkout", "shop-*"))


@pytest.mark.parametrize(
    ("sender", "teller", "service", "sees", "ends"),
    [
        (Sender("a"), "a", "checkout", True, True),
        (Sender("a"), "b", "checkout", False, False),
        (Sender("a"), "A", "checkout", False, False),
        (Sender("a"), "", "checkout", False, False),
        (Sender("a", READS), "b", "checkout", True, False),
        (Sender("a", ENDS), "b", "checkout", False, True),
        (Sender("a", READS), "", "", True, False),
        (Sender("a", CHECKOUT), "b", "CHECKOUT", True, True),
        (Sender("a", CHECKOUT), "b", "shop-web", True, True),
        (Sender("a", CHECKOUT), "b", "shop", False, False),
        (Sender("a", CHECKOUT), "b", "", False, False),
        (Sender("a", SenderScope(services=("*",))), "b", "", False, False),
        (Sender("a", CHECKOUT), "", "checkout", True, True),
        (TRUSTED, "a", "checkout", True, True),
        (TRUSTED, "", "", True, True),
        (Sender("loopback"), "a", "checkout", True, True),
        (Sender("a"), "loopback", "checkout", False, False),
    ],
)
def test_each_sees_and_ends_its_own_and_what_it_was_given(sender, teller, service, sees, ends):
    """Its own, its services' in any case of letters, and all where it is said; the queue's words do everything."""
    assert (sender.may_see(teller, service), sender.may_end(teller, service)) == (sees, ends)


def test_everybody_ends_what_was_told_before_it_was_noted_by_whom():
    """An upgrade keeps no incident open for ever."""
    assert Sender("a").may_end(None, "checkout")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("prometheus", True),
        ("Ärzte 1", True),
        ("", False),
        ("loopback", False),
        ("a ", False),
        ("\u200b", False),
        ("a\u202eb", False),
    ],
)
def test_a_name_is_what_stays_as_it_is(name, is_one):
    """Else one could become another's, or nobody's, who may do everything."""
    assert is_sender_name(name) == is_one
    assert not is_one or Event(title="x", sender=name).sender == name


def test_an_event_bears_the_scope_only_where_there_is_one():
    """Most events are no longer for it."""
    assert Sender("a").stamp == {"sender": "a", "sender_scope": None}
    event = Event(title="x").model_copy(update=Sender("a", CHECKOUT).stamp)
    assert event.told_by == Sender("a", CHECKOUT)
    assert Event(title="x", sender="a").told_by == Sender("a", NOTHING_MORE)
