"""The page about `--json` names every field that a program can rely on."""

import re
from pathlib import Path

import pytest

from worker.cli.commands.list_formats import ListedFormat
from worker.doctor.finding import CheckResult, Diagnosis
from worker.domain.alert_summary import AlertSummary
from worker.domain.audit import AuditRecord
from worker.domain.on_call_answer import OnCallAnswer, PersonNext, PersonOnCall
from worker.domain.report import Report
from worker.grouping.explanation import Explanation
from worker.grouping.trial import GivenField, Pairing, Trial, TriedAlert
from worker.incidents.history import Attempt, StepHistory
from worker.incidents.listing import ListedIncident, MissingStep
from worker.incidents.record import IncidentRecord
from worker.retention.report import RetentionReport

PAGE = (Path(__file__).parents[3] / "docs" / "json.md").read_text()
SHAPES = (
    *(ListedIncident, MissingStep, IncidentRecord, StepHistory, Attempt),
    *(AuditRecord, AlertSummary, Report, Diagnosis, CheckResult, Explanation),
    *(OnCallAnswer, PersonOnCall, PersonNext),
    *(RetentionReport, ListedFormat, Trial, TriedAlert, GivenField, Pairing),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_field_is_on_the_page(shape):
    """A field that is added to a shape is added to its documentation."""
    named = set(re.findall(r"`(\w+)`", PAGE))
    written = {field.alias or name for name, field in shape.model_fields.items() if not field.exclude}
    assert {*written, *shape.model_computed_fields} <= named
