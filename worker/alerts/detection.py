"""Which format a payload is of, by the marks that its senders never leave out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

DATADOG_SCHEMA = "datadog-incident-launch/1"
NATIVE_TITLES = ("title", "short_description", "summary", "subject")

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    format_name: str
    words: str
    is_in: Callable[[Payload], bool]


def _is_group(payload: Payload) -> bool:
    return isinstance(payload.get("alerts"), list)


def _has_version(payload: Payload, version: str) -> bool:
    return str(payload.get("version")) == version


# The first that is there counts: Grafana's groups are Alertmanager's with more in them, and many payloads have a title.
MARKS = (
    Mark("cloudevents", "specversion", lambda payload: "specversion" in payload),
    Mark("azure-monitor", "schemaId", lambda payload: "schemaId" in payload),
    Mark(
        "pagerduty",
        "two of event_action, routing_key and payload",
        lambda payload: len(payload.keys() & {"event_action", "routing_key", "payload"}) > 1,
    ),
    Mark("datadog", f"schema {DATADOG_SCHEMA}", lambda payload: payload.get("schema") == DATADOG_SCHEMA),
    Mark(
        "grafana",
        "alerts with version 1 or orgId",
        lambda payload: _is_group(payload) and (_has_version(payload, "1") or "orgId" in payload),
    ),
    Mark(
        "alertmanager",
        "alerts with version 4 or receiver",
        lambda payload: _is_group(payload) and (_has_version(payload, "4") or "receiver" in payload),
    ),
    Mark("native", " or ".join(NATIVE_TITLES), lambda payload: any(payload.get(name) for name in NATIVE_TITLES)),
)
LOOKED_FOR = "Looked for " + ", ".join(f"{mark.words} ({mark.format_name})" for mark in MARKS) + "."


def detect(payload: object) -> str | None:
    """The name of the format; None for one that bears none of the marks in LOOKED_FOR."""
    if isinstance(payload, list):  # only CloudEvents come in batches without a wrapping
        return "cloudevents" if any(isinstance(part, dict) and "specversion" in part for part in payload) else None
    if not isinstance(payload, dict):
        return None
    return next((mark.format_name for mark in MARKS if mark.is_in(payload)), None)
