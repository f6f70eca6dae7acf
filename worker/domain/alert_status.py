"""What became of an alert."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from worker.domain.event import EventType


class Disposition(StrEnum):
    OPENED = "opened"  # an incident of its own
    JOINED = "joined"  # an incident that was open
    RECORDED = "recorded"  # and nothing else: it ends what is not open


class AlertStatus(BaseModel, frozen=True):
    """The shape of `GET /v1/alerts/{tracking_id}`, to which fields may be added.

    And of `GET /v1/incidents/{incident_id}` for an incident that was not opened, since its sender floods; its
    `tracking_id` is the id that was asked for.
    """

    tracking_id: str
    type: EventType
    disposition: Disposition
    incident_id: str | None = Field(
        description="Whose launch can be followed at /v1/incidents/{incident_id}; null where it belongs to none."
    )
    because: str = Field(examples=["joined inc-4h7k2m9xqz because its fingerprint is the same"])
    received_at: datetime
    sender: str = Field(default="", description="Who told it over HTTP; empty where it came by the queue alone.")
    service: str = ""
