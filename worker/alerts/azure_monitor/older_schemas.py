"""The schemas that Azure Monitor sends where the common alert schema is not switched on, by their names."""

from collections.abc import Mapping
from typing import Any

from worker.alerts.azure_monitor.payload import squeezed
from worker.domain.text import clean_line

SCHEMA = "azureMonitorCommonAlertSchema"
_SWITCH = "switch the common alert schema on in the action group"
_OF = {
    "azuremonitormetricalert": "metric alerts",
    "nearrealtimemetricalert": "metric alerts",
    "microsoftinsightsactivitylogs": "activity log alerts",
    "microsoftinsightslogalert": "log alerts",
    "azuremonitorlogalert": "log alerts",
    "aipbudgetnotification": "budget alerts",
}
_CLASSIC_STATUSES = {"activated", "deactivated", "resolved"}
_LONGEST_NAME = 80


def unnamed_schema(payload: Mapping[str, Any]) -> str:
    """What the payload is, where it is of an older schema and does not say its name; else nothing."""
    if "schemaId" in payload:
        return ""
    within = payload.get("data")
    return _shape(payload) or (_shape(within) if isinstance(within, dict) else "")


def refusal(payload: Mapping[str, Any]) -> str:
    """Why a payload of another schema is not read, and what to do; nothing of one that is read."""
    schema = payload.get("schemaId")
    if schema == SCHEMA:
        return ""
    if not isinstance(schema, str) or not schema.strip():
        sent = unnamed_schema(payload)
        return f"must be {SCHEMA}{f', and {sent} was sent' if sent else ''}: {_SWITCH}"
    name = clean_line(schema)[:_LONGEST_NAME]
    known = _OF.get(squeezed(name))
    which = f", the older schema of {known}," if known else ""
    return f"is {name}{which} and {SCHEMA} is read: {_SWITCH}"


def _shape(payload: Mapping[str, Any]) -> str:
    if isinstance(payload.get("AlertRuleName"), str) and "SearchQuery" in payload:
        return "the older schema of log alerts"
    status, context = payload.get("status"), payload.get("context")
    if not isinstance(status, str) or status.lower() not in _CLASSIC_STATUSES or not isinstance(context, dict):
        return ""
    if isinstance(context.get("activityLog"), dict):
        return "the older schema of activity log alerts"
    return "the schema of classic metric alerts" if {"condition", "conditionType"} & context.keys() else ""
