"""Microsoft's client for Node.js, which asks where everything is before it asks for anything."""

import json

from node_client import act

from worker.sandbox.world import DEFAULT_WORLD


async def test_work_items_are_made_found_and_read(organisation):
    """By numbers for what is expanded, by lists in a query, and by their ids as a field."""
    told = json.loads(await act("track", organisation.url, DEFAULT_WORLD.project))

    one, other = told["ids"]
    assert told["user"] == DEFAULT_WORLD.service.name
    assert told["related"] == ["https://example.com/"]
    assert told["plain"] is None
    assert told["named"] == [
        {"System.Id": one, "System.Title": "Checkout is down"},
        {"System.Id": other, "System.Title": "Search is slow"},
    ]
    assert told["omitted"] == [one, None]
    assert told["found"] == [one]
    assert told["comments"] == ["Seen."]
    assert "a «(» is expected" in told["refused"].lower()
