"""Who holds which incidents of one identity, and whose ends reach them."""

from dataclasses import replace

import pytest
from grouping_run import a_resolve, an_alert

from worker.domain.alert_record import AlertRecord
from worker.domain.incident import incident_id
from worker.domain.sender_scope import Sender, SenderScope
from worker.grouping.alert_store import is_of_senders_key, pointed_to
from worker.grouping.holding_columns import holding_columns, read_holdings
from worker.grouping.holdings import NOTHING_TOLD, Holding, Holdings

A, B, QUEUE = Sender("a"), Sender("b"), Sender("")
ENDS_ALL = Sender("c", SenderScope(ends_all=True))
OF_CHECKOUT = Sender("d", SenderScope(services=("checkout",)))


def told(incident, sender):
    event = incident.event.model_copy(update=sender.stamp)
    return AlertRecord.of(incident.model_copy(update={"event": event}), because="")


def firing(sender, **facts):
    return told(an_alert(**facts), sender)


def end(sender, **facts):
    return told(a_resolve(**facts), sender)


def holding(*told_by):
    """So many senders have told a firing, one after the other, each with an incident of its name."""
    holdings = NOTHING_TOLD
    for sender in told_by:
        holdings = holdings.pointing(firing(sender), f"of {sender.name}")
    return holdings


def test_who_tells_it_first_holds_it_under_its_own_name():
    """Whoever else says the same has incidents of its own, and each goes on with those."""
    holdings = holding(A, B)
    assert holdings.first.keys == ("of a",)
    assert [holdings.of(sender).keys for sender in (A, B)] == [("of a",), ("of b",)]
    again = holdings.pointing(firing(B), "b's next").pointing(firing(A), "a's next")
    assert [again.of(sender).keys for sender in (A, B)] == [("a's next", "of a"), ("b's next", "of b")]
    assert again.keys == ("a's next", "of a", "b's next", "of b")


@pytest.mark.parametrize(
    ("first", "second", "joins"),
    [(A, B, False), (A, A, True), (A, OF_CHECKOUT, True), (A, QUEUE, True), (QUEUE, A, False), (A, ENDS_ALL, False)],
)
def test_a_firing_belongs_to_what_its_sender_may_join(first, second, joins):
    """To its own, to that of its services, and to all where it came by the queue alone."""
    assert (holding(first).of(second).keys == (f"of {first.name}",)) == joins


def test_what_was_told_before_it_was_noted_by_whom_is_the_next_ones():
    """An incident that was open at an upgrade goes on taking alerts."""
    holdings = Holdings(Holding(keys=("old",)))
    assert holdings.of(A).keys == ("old",)
    claimed = holdings.pointing(firing(A), "new")
    assert (claimed.first.sender, claimed.first.keys) == ("a", ("new", "old"))
    assert claimed.of(B).keys == ()


def test_an_end_takes_no_name():
    """Whoever tells the end of what nobody has told yet keeps no firing of another from its own name."""
    holdings = NOTHING_TOLD.noting(end(B))
    assert holdings.pointing(firing(A), "of a").first.sender == "a"


@pytest.mark.parametrize(
    ("sender", "ended"),
    [
        (A, {"of a"}),
        (B, {"of b"}),
        (Sender("stranger"), set()),
        (ENDS_ALL, {"of a", "of b"}),
        (OF_CHECKOUT, {"of a", "of b"}),
        (QUEUE, {"of a", "of b"}),
    ],
)
def test_each_ends_its_own_and_what_it_was_given(sender, ended):
    """An end that came after the firings, and one that came before them, alike."""
    holdings = holding(A, B)
    assert set(holdings.endable(sender)) == ended
    assert holdings.is_told_by_others(sender) == (ended != {"of a", "of b"})
    early = NOTHING_TOLD.noting(end(sender))
    assert {f"of {each.name}" for each in (A, B) if early.ends_of(firing(each))} == ended


def test_of_each_sender_the_end_that_reaches_furthest_is_noted():
    """One of another sender never takes its place, however far it reaches."""
    late, early, of_another = end(A, received=9), end(A, received=5), end(B, received=60)
    for order in ((late, early, of_another), (of_another, early, late)):
        holdings = NOTHING_TOLD
        for each in order:
            holdings = holdings.noting(each) or holdings
        assert set(holdings.ended) == {late, of_another}


def test_what_is_told_is_read_from_its_columns_as_it_was():
    """With all senders, in their order, and their ends."""
    holdings = holding(A, B, ENDS_ALL).noting(end(B)).noting(end(OF_CHECKOUT, received=3))
    assert read_holdings(holding_columns(holdings)) == holdings
    assert read_holdings(holding_columns(NOTHING_TOLD)) == NOTHING_TOLD


def test_a_row_leads_to_the_incidents_of_all_senders():
    """So it is not deleted as long as one of them is there."""
    row = holding_columns(holding(A, B))
    assert pointed_to(row) == (incident_id("of a"), incident_id("of b"))
    assert not is_of_senders_key(row)
    assert is_of_senders_key(holding_columns(holding(A).pointing(firing(B), "k", "telling")))


def test_the_row_of_an_earlier_release_is_read():
    """It knows one end, and nobody."""
    one = replace(end(A), sender=None)
    row = holding_columns(Holdings(Holding(keys=("old",)), ended=(one,)))
    row["ended"] = row.pop("ended_0")
    assert read_holdings(row) == Holdings(Holding(keys=("old",)), ended=(one,))


def test_no_number_of_senders_makes_the_row_too_large():
    """The oldest go; the first stays."""
    holdings = holding(*(Sender(f"s{number}") for number in range(60)))
    assert len(holdings.others) == 50
    assert (holdings.first.sender, holdings.others[-1].sender) == ("s0", "s59")
