"""Times as a real system takes them: drawn around what is typical for each call, and the same for the same seed."""

from datetime import timedelta

from worker.sandbox.boards.remote_system import BOARDS
from worker.sandbox.harness.latency import NONE, SPREAD, Typical, realistic


def test_the_same_seed_gives_the_same_times():
    """Two realistic sandboxes delay the same calls equally, and around what is typical."""
    one, other = realistic(seed=7), realistic(seed=7)
    call = (BOARDS.typical, "POST", "/boards/Incidents/_apis/wit/workItems/$Issue")
    times = [one.of(*call) for _ in range(20)]
    typical = timedelta(milliseconds=350)
    assert times == [other.of(*call) for _ in range(20)]
    assert len(set(times)) > 1
    assert all(typical * (1 - SPREAD) <= time <= typical * (1 + SPREAD) for time in times)


def test_the_first_row_that_fits_counts():
    """A row fits by its method and path, in any spelling; an empty one of either fits every call."""
    table = (Typical("POST", "/notes$", 100, "a test"), Typical("", "", 1, "a test"))
    slow, *quick = (
        realistic().of(table, *call) for call in (("POST", "/x/Notes"), ("GET", "/x/notes"), ("POST", "/x/notes/1"))
    )
    assert slow > timedelta(milliseconds=50)
    assert all(timedelta() < time < timedelta(milliseconds=50) for time in quick)


def test_without_latency_every_call_is_answered_at_once():
    """Whatever is typical, and whatever no row fits, takes no time."""
    assert NONE.of((Typical("", "", 900, "a test"),), "POST", "/x") == timedelta()
    assert realistic().of((), "POST", "/x") == timedelta()
