"""Microsoft's client for Node.js, which asks for more than the one for Python: an id, deferring, properties."""

import json
import re

from node_client import act

QUEUE = "incidents"


async def test_messages_are_settled_in_every_way(server):
    """A message without an id is completed; one is deferred, abandoned and dead-lettered, each with properties."""
    told = json.loads(await act("settle", server.connection_string, QUEUE))

    deferred, abandoned = {"by": "deferring", "times": 1}, {"by": "abandoning", "times": 1}
    dead = {"kept": True, "DeadLetterReason": "Tried", "DeadLetterErrorDescription": "Twice."}
    assert all(re.fullmatch("[0-9a-f]{32}", given) for given in told["ids"])
    assert told["peeked"] == [
        {"body": "deferred", "state": "deferred", "deliveryCount": 0, "applicationProperties": deferred}
    ]
    assert told["again"] == {
        "body": "deferred",
        "state": "deferred",
        "deliveryCount": 1,
        "applicationProperties": abandoned,
    }
    assert told["last"]["applicationProperties"] == abandoned | dead
    assert (server.broker.counts(QUEUE).active, server.broker.counts(QUEUE).dead_lettered) == (0, 0)


async def test_a_session_is_refused_at_once(server):
    """For the next one the client says why; for a named one it has words of its own."""
    of_any, of_one = json.loads(await act("sessions", server.connection_string, QUEUE))

    assert "This queue has no sessions" in of_any
    assert "session 'one'" in of_one
