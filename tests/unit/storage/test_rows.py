"""Rows of the table of incidents, and what is read out of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from azure.data.tables import TableEntity

from worker.domain.checkpoint import Checkpoint
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.states import StepState
from worker.storage.rows import checkpoint, history, incident_columns, playbook_columns, step_row

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)


def row(*playbook):
    incident = Incident(key="k", event=Event(title="Down"), received_at=NOW)
    lease = {"PartitionKey": incident.id, "state": "launching", "first_attempt_at": NOW, "attempt": 1}
    return lease | incident_columns(incident) | playbook_columns(playbook)


def done(name):
    return Checkpoint(name, StepState.DONE, 1, begun_at=NOW, ended_at=NOW, result="{}")


def shown(playbook, *names):
    return [(step.name, step.state.value) for step in history(row(*playbook), [done(name) for name in names]).steps]


def test_steps_stand_in_the_order_of_the_playbook_with_their_parts():
    """Wherever the stored rows come, one reads them as the playbook lists them; what has not begun is waiting."""
    assert shown(("item", "assign", "tell"), "tell", "assign:owner", "item") == [
        ("item", "done"),
        ("assign", "waiting"),
        ("assign:owner", "done"),
        ("tell", "done"),
    ]


def test_a_step_that_the_playbook_no_longer_has_is_shown_last():
    """What an older playbook did is not hidden."""
    assert shown(("item",), "page-somebody", "item") == [("item", "done"), ("page-somebody", "done")]


class Moment(datetime):
    """As the SDK's own times are: equal to a plain one, and yet of another type."""


def later(seconds):
    return Moment.fromtimestamp(NOW.timestamp() + seconds, UTC)


FULL = Checkpoint(
    "assign:owner",
    StepState.BEGUN,
    3,
    begun_at=later(0),
    ended_at=later(1),
    result='{"text": "' + "x" * 40_000 + '"}',
    made="a task",
    error="Lost.",
    permanent=True,
    in_doubt=True,
    allowance=timedelta(seconds=7),
    clear_at=later(2),
    parked=2,
)


def test_a_checkpoint_comes_out_of_its_row_as_it_went_in():
    """With all that it says, however long; and its times are plain ones, which serialise as such."""
    found = checkpoint(step_row(FULL))
    assert found == FULL
    assert {type(found.begun_at), type(found.ended_at), type(found.clear_at)} == {datetime}


def test_a_checkpoint_that_says_little_has_a_small_row():
    """What it does not say has no column, and is nothing again when it is read."""
    bare = Checkpoint("item", StepState.DONE, 1, begun_at=NOW, clear_at=NOW)
    assert set(step_row(bare)) == {
        *("RowKey", "state", "attempt", "begun_at", "in_doubt", "allowance_seconds", "clear_at"),
    }
    assert checkpoint(step_row(bare)) == bare


def test_what_a_request_was_allowed_is_counted_from_when_its_row_was_written():
    """By the store's clock, whose times may be cut to the second; a row says no more itself."""
    written = TableEntity(step_row(replace(FULL, clear_at=None)))
    written._metadata = {"timestamp": later(30)}
    assert checkpoint(written).clear_at == NOW + timedelta(seconds=30 + 1 + 7)
