"""What stands at the head of a work item, which whoever may read the project reads."""

from datetime import UTC, datetime

import pytest

from handlers.response.item_block import LeftBehind, with_block
from worker.domain.response.response import Impact, Response, UpdateSent

NOON = datetime(2026, 6, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize("restricted", [False, True])
def test_what_people_say_of_a_restricted_incident_is_not_there(restricted):
    """How it stands is."""
    response = Response(
        incident_id="inc-4h7k2m9xqz",
        since=NOON,
        severity=1,
        title="Payroll leaked",
        impact=Impact(text="Payroll of all"),
        last_update=UpdateSent(at=NOON, by="ada", text="The payroll is offline"),
        restricted=restricted,
    )
    block = with_block("", response, LeftBehind(seq=1, severity=1, state="To Do", owner=""))
    assert ("payroll" in block.casefold()) is not restricted
    assert "Open since" in block
