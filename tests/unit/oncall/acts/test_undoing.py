"""What somebody made is found by its id, however they write it, and what it undoes is known before."""

from datetime import UTC, datetime

import pytest
from acting import at

from worker.domain.errors import Rejected
from worker.oncall.acts.undoing import Undoer
from worker.oncall.acts.written import undo_command
from worker.oncall.stored.keys import Kind, Thing
from worker.oncall.stored.reading import read_definitions
from worker.oncall.stored.row import StoredRow

NOW = at("2026-01-01T12:00")
DAY, NEXT = "2026-01-06T08:00Z", "2026-01-07T08:00Z"


def override(key, **columns):
    limits = {"from": DAY, "to": NEXT}
    return StoredRow("schedule:checkout", f"override:{DAY}:{key}", {"person": "eve", **limits, **columns})


ROWS = (
    StoredRow("schedule:checkout", "schedule", {"time_zone": "Europe/Berlin"}),
    StoredRow("schedule:checkout", "layer:week", {"starts": "2026-01-05T09:00", "every": "1 week"}),
    StoredRow("schedule:checkout", "people:week:0000", {"people": "ada; ben"}),
    StoredRow("person:eve", "person", {"email": "eve@x.example"}),
    StoredRow("absence", f"ada@x.example:{DAY}", {"to": NEXT, "person": "ada"}),
    override("a1", reason="it's Eve's turn"),
    override("b1", swap="pair", kind="replace", replaces="ada"),
    override(
        "b2", swap="pair", kind="replace", replaces="eve", person="ada", **{"from": NEXT, "to": "2026-01-08T08:00Z"}
    ),
    override("twice"),
    StoredRow("schedule:search", "schedule", {"time_zone": "UTC"}),
    StoredRow("schedule:search", "override:2026-02-06T08:00Z:twice", {"person": "eve", "to": "2026-02-07T08:00Z"}),
    StoredRow("nowhere", "x", {}),
)


@pytest.fixture
def undoer():
    return Undoer(read_definitions(ROWS, datetime.now(UTC)), NOW, str.upper)


@pytest.mark.parametrize("word", ["a1", f"override:{DAY}:a1"])
def test_an_override_is_found_by_its_id_or_key(undoer, word):
    """What undoes it can be typed again, with whatever stands in its reason."""
    found = undoer.find(word)
    assert (found.is_small, found.keys) == (True, (("schedule:checkout", f"override:{DAY}:a1"),))
    assert undo_command(found.act, "") == (
        f"tocsin roster override checkout --person eve --from {DAY} --to {NEXT} --reason 'it'\"'\"'s Eve'\"'\"'s turn'"
    )


@pytest.mark.parametrize("word", ["pair", "b1", "b2"])
def test_a_swap_is_found_by_either_half(undoer, word):
    """And goes whole."""
    found = undoer.find(word)
    assert [key.rpartition(":")[2] for _, key in found.keys] == ["b1", "b2"]
    assert undo_command(found.act, "") == (f"tocsin roster swap checkout ada {DAY}/{NEXT} eve {NEXT}/2026-01-08T08:00Z")


def test_an_absence_is_found_by_its_key_in_any_case(undoer):
    """Its person is on call again; in that time somebody covers."""
    found = undoer.find(f"Ada@x.example:{DAY}")
    assert found.keys == (("absence", f"ada@x.example:{DAY}"),)
    assert found.act.after.absences == ()


def test_an_id_of_two_is_none(undoer):
    """Both keys are offered."""
    with pytest.raises(Rejected, match="is more than one, and nothing was changed"):
        undoer.find("twice")


def test_a_thing_goes_with_all_its_rows(undoer):
    """In whatever case it is written; it needs to be said twice."""
    found = undoer.find("Schedule:Search")
    assert (found.thing, found.is_small) == (Thing(Kind.SCHEDULE, "search"), False)
    assert len(found.keys) == 2
    assert "search" not in found.act.after.schedules


def test_what_is_needed_does_not_go(undoer):
    """What needs it is named."""
    with pytest.raises(Rejected, match=r"person 'eve' is still needed, .*: by an override of checkout"):
        undoer.find("person:eve")
    with pytest.raises(Rejected, match="no policy 'calm'"):
        undoer.find("policy:calm")


def test_a_row_is_found_by_its_keys(undoer):
    """Of a table of which nobody knows what it is."""
    assert undoer.find("nowhere/x").keys == (("nowhere", "x"),)


@pytest.mark.parametrize("word", ["ada@x.example", "checkout/ada@x.example", "", "swap-0", "nobody:1"])
def test_what_stands_nowhere_is_left_to_the_other_table(undoer, word):
    """Addresses, and keys of its rows."""
    assert undoer.find(word) is None
