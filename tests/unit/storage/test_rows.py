"""Rows of the table of incidents, and what is read out of them."""

from datetime import UTC, datetime

from worker.domain.checkpoint import Checkpoint
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.states import StepState
from worker.storage.rows import history, incident_columns, playbook_columns

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
