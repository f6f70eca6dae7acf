"""Each format is one object in one file, complete, and shown by an example."""

import pkgutil

import pytest
from alert_examples import NAMES, example, fields_of, findings
from mutations import altered, paths

from worker.alerts import formats
from worker.alerts.detection import detect
from worker.alerts.format import Format, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import Event

OTHER_SHAPES = (None, 5, "x", [], {}, [5], "application/json")
MINIMA = [(name, path) for name, each in FORMATS.items() for path in paths(each.minimum) if isinstance(path[-1], str)]


def is_an_alert(payload, format_name):
    try:
        return any(isinstance(finding, Event) for finding in findings(payload, format_name))
    except NotThisFormat:
        return False


def test_every_file_of_the_folder_is_a_format():
    """The name in the address is that of the file, and none that stands in the folder is forgotten."""
    files = {module.name.replace("_", "-") for module in pkgutil.iter_modules(formats.__path__)}
    assert files == set(FORMATS)
    assert all(isinstance(each, Format) and each.name == name for name, each in FORMATS.items())


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_has_an_example(format_name):
    """At least one payload of its own shows an alert of it, and is damaged by the tests of all."""
    payloads = [example(name) for name in NAMES]
    assert any(detect(payload) == format_name and is_an_alert(payload, format_name) for payload in payloads)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_minimum_is_an_alert(format_name):
    """Nothing beside it is needed for an event."""
    assert fields_of(FORMATS[format_name].minimum)
    assert is_an_alert(FORMATS[format_name].minimum, format_name)


@pytest.mark.parametrize(("format_name", "path"), MINIMA)
def test_a_minimum_has_no_field_that_cannot_cost_the_alert(format_name, path):
    """Each of its fields can make the alert one that is not read, so that what only enriches is never spared a test."""
    damaged = (altered(FORMATS[format_name].minimum, *path, value=value) for value in OTHER_SHAPES)
    assert not all(is_an_alert(payload, format_name) for payload in damaged)
