"""The page about files of schedules, with the one about the catalogue, names every field."""

import re
from pathlib import Path

import pytest

from worker.oncall.reading.given_definitions import GivenDefinitions, GivenPerson, GivenService
from worker.oncall.reading.given_policy import GivenHours, GivenLevel, GivenPolicy
from worker.oncall.reading.given_schedule import (
    GivenAbsence,
    GivenChange,
    GivenHalf,
    GivenLayer,
    GivenOverride,
    GivenSchedule,
)

DOCS = Path(__file__).parents[3] / "docs"
NAMED = {
    *re.findall(r"`(\w+)(?:: true)?`", (DOCS / "schedule-files.md").read_text()),
    *re.findall(r"^    (\w+):", (DOCS / "catalogue.md").read_text(), re.MULTILINE),
}
SHAPES = (
    *(GivenDefinitions, GivenPerson, GivenService, GivenPolicy, GivenLevel, GivenHours),
    *(GivenSchedule, GivenLayer, GivenChange, GivenOverride, GivenHalf, GivenAbsence),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_field_is_on_a_page(shape):
    """A field that is added to what people write is added to its documentation."""
    assert {field.alias or name for name, field in shape.model_fields.items()} <= NAMED
