"""How long this worker has been waiting for something."""

from datetime import timedelta
from types import SimpleNamespace

from worker.lifecycle.response import first_seen
from worker.lifecycle.response.first_seen import FirstSeen


def test_each_name_is_waited_for_from_when_it_was_asked_for_first(monkeypatch):
    """Whatever else is asked for meanwhile."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(first_seen, "time", SimpleNamespace(monotonic=lambda: clock.now))
    seen = FirstSeen()
    assert seen.since("a") == timedelta()
    clock.now += 5
    assert (seen.since("b"), seen.since("a")) == (timedelta(), timedelta(seconds=5))


def test_what_is_remembered_has_an_end(monkeypatch):
    """The oldest is forgotten first."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(first_seen, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(first_seen, "_MOST", 2)
    seen = FirstSeen()
    for name in "abc":
        seen.since(name)
        clock.now += 1
    assert [seen.since(name) for name in "cb"] == [timedelta(seconds=1), timedelta(seconds=2)]
    assert seen.since("a") == timedelta()
