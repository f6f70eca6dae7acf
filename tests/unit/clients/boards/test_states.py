"""Which states mean that nothing is left to do, whatever a process calls them."""

from worker.clients.boards.states import States

CMMI = States((("Proposed", "Proposed"), ("Resolved", "Resolved"), ("Geschlossen", "Completed"), ("Weg", "Removed")))


def test_the_completed_state_is_the_one_to_close_with():
    """The category decides, in whatever language the name is; resolved is not closed."""
    assert CMMI.closed == "Geschlossen"


def test_a_type_without_an_end_has_none():
    """Where no state is completed there is nothing to close with."""
    assert States((("Open", "Proposed"), ("Weg", "Removed"))).closed is None


def test_removed_is_over_as_well():
    """What people removed needs no closing, and an unknown state is not over."""
    assert [CMMI.is_over(name) for name in ("Geschlossen", "Weg", "Resolved", "Elsewhere")] == [
        True,
        True,
        False,
        False,
    ]
