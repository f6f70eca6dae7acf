"""What the tests of the Boards client share: incidents, and what the stand-in was sent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.domain.event import Event
from worker.domain.incident import Incident


@pytest.fixture
def incident_of():
    def made(key: str, title: str = "Checkout is down") -> Incident:
        return Incident(key=key, event=Event(title=title), received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))

    return made


@pytest.fixture
def incident(incident_of) -> Incident:
    return incident_of("the-key")


@pytest.fixture
def sent(sandbox):
    """The requests of one method that the server received, those cut off included."""

    def received(method: str) -> list[dict[str, Any]]:
        return [each for each in sandbox.requests.listing() if each["method"] == method]

    return received
