"""What the tests of the steps need to import them."""

from datetime import UTC, datetime

import pytest

from worker.domain.event import Event
from worker.domain.incident import Incident


def pytest_configure(config: pytest.Config) -> None:
    """Let the Graph SDK be imported: it deprecates its own generated classes where it defines them."""
    for module in ("msgraph", "kiota_abstractions"):
        config.addinivalue_line("filterwarnings", f"ignore::DeprecationWarning:{module}")


@pytest.fixture
def incident() -> Incident:
    event = Event(title="Checkout is down", severity=1, service="checkout")
    return Incident(key="the-key", event=event, received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))
