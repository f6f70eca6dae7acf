"""The remote systems as they are looked at when a worker starts."""

from dataclasses import fields
from types import NoneType
from typing import get_args, get_type_hints

import pytest
from structlog.testing import capture_logs

from worker.app.clients import Clients
from worker.domain.errors import Forbidden

CHECKED = [each.name for each in fields(Clients) if each.name != "on_call"]


class Client:
    def __init__(self, failure=None):
        self.failure = failure
        self.looked_at = False

    async def check(self):
        self.looked_at = True
        if self.failure:
            raise self.failure


@pytest.mark.parametrize("name", CHECKED)
def test_every_client_can_be_looked_at(name):
    """Each has a check to be asked at the start, so that none is missed there at night."""
    hint = get_type_hints(Clients)[name]
    assert all(callable(getattr(kind, "check", None)) for kind in get_args(hint) or (hint,) if kind is not NoneType)


@pytest.mark.parametrize("failing", CHECKED)
async def test_every_system_is_looked_at_at_the_start_and_its_trouble_is_said(failing):
    """A system that refuses is named aloud, and keeps none of the others from being looked at."""
    clients = {name: Client(Forbidden("The key has ended.") if name == failing else None) for name in CHECKED}
    with capture_logs() as logged:
        await Clients(**clients, on_call=None).check()
    assert all(client.looked_at for client in clients.values())
    assert logged == [
        {"event": "worker.check_failed", "log_level": "error", "system": failing, "error": "The key has ended."}
    ]


async def test_a_system_that_is_not_configured_has_nothing_to_look_at():
    """Whoever does not use a system is told nothing of it."""
    with capture_logs() as logged:
        await Clients(**dict.fromkeys(CHECKED), on_call=None).check()
    assert logged == []
