"""Every example of every format becomes exactly the events that are written down beside it."""

import json

import pytest
from alert_examples import FOLDER, NAMES, example, findings

from worker.alerts.detection import detect
from worker.alerts.format import Ignored

GOLDEN = FOLDER.parent / "golden"


def written(finding):
    if isinstance(finding, Ignored):
        return {"ignored": finding.reason}
    return finding.model_dump(mode="json", exclude={"raw"}, exclude_defaults=True)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_what_is_written_down(name):
    """The format is recognised, and nothing of the events has changed unseen."""
    payload = example(name)
    found = {"format": detect(payload), "findings": [written(finding) for finding in findings(payload)]}
    assert found == json.loads((GOLDEN / f"{name}.json").read_text())


def test_nothing_is_written_down_for_what_is_not_there():
    """Each golden file has its example."""
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == NAMES
