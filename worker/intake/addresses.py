"""The address of each format, and the sentence for whoever sent an alert to that of another one."""

from collections.abc import Mapping

from worker.alerts.detection import detect
from worker.alerts.format import Format
from worker.alerts.formats import FORMATS

# Where their senders are told to send, beside the address that bears the name of the format.
_OF_THEIR_OWN = {
    "cloudevents": "/v1/events",
    "native": "/v1/incidents",
    "opsgenie": "/v2/alerts",
    "pagerduty": "/v2/enqueue",
}


def address_of(format_name: str) -> str:
    return _OF_THEIR_OWN.get(format_name, f"/v1/alerts/{format_name}")


def looks_like(content: object, sent_as: str, formats: Mapping[str, Format] = FORMATS) -> str:
    """Empty where the payload bears the mark of no other format."""
    found = detect(content, formats)
    if found is None or found == sent_as:
        return ""
    return f" It looks like one of the format {found}, whose address is {address_of(found)}."
