"""What of a restricted incident is shown where others than its members read, such as a standard channel of the team."""

from typing import Any

from worker.domain.event import RESTRICTED_TITLE
from worker.domain.incident import Incident
from worker.domain.response.response import Response
from worker.domain.response.restriction import where_to_read


def for_everybody(incident: Incident) -> Incident:
    """Without what anybody wrote of it, where it is restricted."""
    event = incident.event
    if not event.restricted:
        return incident
    hidden: dict[str, Any] = {
        "title": RESTRICTED_TITLE,
        "description": where_to_read(incident.id),
        "impact": "",
        "links": (),
        "labels": {},
        "resources": (),
        "raw": None,
    }
    return incident.model_copy(update={"event": event.model_copy(update=hidden)})


def response_for_everybody(response: Response) -> Response:
    """As `for_everybody`; who has it, who leads and how it stands is no secret."""
    if not response.restricted:
        return response
    hidden: dict[str, Any] = {
        "title": RESTRICTED_TITLE,
        "impact": None,
        "phase": "",
        "last_update": None,
        "declined_because": "",
        "roles": tuple(span.model_copy(update={"topic": ""}) for span in response.roles),
    }
    return response.model_copy(update=hidden)
