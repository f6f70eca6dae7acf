"""Alerts as monitoring systems send them, and what is read of them."""

import json
from pathlib import Path

from mutations import altered, paths

from worker.alerts.detection import detect
from worker.alerts.format import Ignored
from worker.alerts.formats import FORMATS
from worker.domain.event import Event

FOLDER = Path(__file__).parents[1] / "unit/alerts/examples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def example(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def varied(name, *path, value):
    return altered(example(name), *path, value=value)


def fields_of(payload):
    """The names of all fields of a payload, at whatever depth."""
    return {step for path in paths(payload) for step in path if isinstance(step, str)}


def findings(payload, name=None):
    return FORMATS[name or detect(payload)].read(payload)


def event_of(payload, name=None) -> Event:
    [event] = findings(payload, name)
    assert isinstance(event, Event)
    return event


def ignored_of(payload, name=None) -> Ignored:
    [ignored] = findings(payload, name)
    assert isinstance(ignored, Ignored)
    return ignored
