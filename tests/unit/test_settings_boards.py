"""The settings about Azure Boards: which states work items are given."""

import pytest

from worker.domain.errors import Misconfigured
from worker.settings import Settings


def test_states_are_read_from_one_line(monkeypatch):
    """As an environment has it; what is not set wishes nothing."""
    assert Settings.read(_env_file=None).wished_boards_states == {}
    monkeypatch.setenv("TOCSIN_BOARDS_STATES", "acknowledged=Doing, closed=Done")
    monkeypatch.setenv("TOCSIN_BOARDS_RESOLVED_STATE", "Fixed")
    assert Settings.read(_env_file=None).wished_boards_states == {
        "resolved": "Fixed",
        "acknowledged": "Doing",
        "closed": "Done",
    }


def test_resolved_is_one_state():
    """Named by both settings it is the same one, in whatever case, or the start ends with a sentence about both."""
    same = {"boards_states": "resolved=done", "boards_resolved_state": "Done"}
    assert Settings.read(_env_file=None, **same).wished_boards_states == {"resolved": "done"}
    with pytest.raises(Misconfigured, match=r"TOCSIN_BOARDS_STATES: says resolved=Fixed, and TOCSIN_BOARDS_RESOLVED"):
        Settings.read(_env_file=None, boards_states="resolved=Fixed", boards_resolved_state="Done")


def test_what_is_not_understood_is_named_with_its_setting():
    """Not only what is wrong, but where."""
    with pytest.raises(Misconfigured, match=r"TOCSIN_BOARDS_STATES: 'acked' is no state of the response"):
        Settings.read(_env_file=None, boards_states="acked=Doing")
