"""The bounds of one call to Azure DevOps, beyond those of its SDK."""

import threading
from datetime import timedelta

import pytest
from msrest.authentication import Authentication
from patience import LIMIT

from worker.clients.boards.connection import Connection
from worker.clients.boards.errors import Call, Kind
from worker.domain.errors import Unknown
from worker.resilience.circuit_breaker import Breaker


@pytest.fixture
async def connection():
    connection = Connection(
        "http://127.0.0.1:9",
        authentication=Authentication(),
        time_out=timedelta(seconds=0.1),
        threads=1,
        breaker=Breaker("boards"),
    )
    yield connection
    await connection.close()


async def test_a_server_that_drips_is_not_waited_for(connection):
    """The SDK's time-out is for each read; whoever sends a byte now and then would hold a launch for ever."""
    let_go = threading.Event()
    with pytest.raises(Unknown, match="create a work item"):
        await connection.call(Call(Kind.CREATE, "create a work item"), lambda _: let_go.wait(LIMIT / 4))
    assert not let_go.is_set()
    let_go.set()
