"""Which format a payload is of, by what only that format has."""

from collections.abc import Mapping


def detect(payload: object) -> str | None:
    if not isinstance(payload, Mapping):
        return None
    marks = {"schemaId": "azure-monitor", "event_action": "pagerduty", "specversion": "cloudevents", "title": "native"}
    return next((name for mark, name in marks.items() if mark in payload), None)
