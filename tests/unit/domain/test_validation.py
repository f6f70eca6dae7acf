"""What is wrong with a value, told by its field."""

import pytest
from pydantic import ValidationError

from worker.domain.event import Event
from worker.domain.validation import field_faults


def test_faults_are_bounded_and_without_values():
    """A hostile body is answered with ten short faults at most, and none repeats what it sent."""
    labels = {f"{'k' * 5_000}{number}": {"secret": "hunter2"} for number in range(50)}
    with pytest.raises(ValidationError) as refusal:
        Event.model_validate({"title": "x", "labels": labels})
    faults = field_faults(refusal.value)
    assert len(faults) == 10
    assert all(len(fault.field) <= 256 for fault in faults)
    assert "hunter2" not in str(faults)
