"""The per-team throttles of Graph, in force only when a fault asks for them."""

from datetime import timedelta

import pytest


@pytest.fixture
async def throttled(served):
    await served.http.post("/sandbox/faults", json={"system": "graph", "behaviour": "throttle"})
    return served


async def create(served, name):
    return await served.http.post(f"{served.team_path}/channels", json={"displayName": name})


async def test_nothing_is_throttled_unless_told(served):
    """Without the fault a burst of channels goes through."""
    assert [(await create(served, f"inc-{n}")).status_code for n in range(6)] == [201] * 6


async def test_one_channel_a_second_in_one_team(throttled):
    """The second channel within a second is a 429 that says when to come again, and then it is taken."""
    assert (await create(throttled, "inc-1")).status_code == 201

    refused = await create(throttled, "inc-2")
    throttled.clock.move(timedelta(seconds=int(refused.headers["Retry-After"])))

    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert (await create(throttled, "inc-2")).status_code == 201


async def test_four_requests_a_second_in_one_team(throttled):
    """Reading counts as well: the fifth request within a second is refused."""
    statuses = [(await throttled.http.get(throttled.team_path)).status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 200, 429]


async def test_one_request_a_second_on_one_channel(throttled):
    """A channel takes one request a second, other channels are not concerned."""
    one = await throttled.channel("inc-1")
    throttled.clock.move(timedelta(seconds=1))
    two = await throttled.channel("inc-2")
    throttled.clock.move(timedelta(seconds=1))

    first = await throttled.say(one, body={"content": "x"})
    again = await throttled.say(one, body={"content": "x"})
    other = await throttled.say(two, body={"content": "x"})

    assert [first.status_code, again.status_code, other.status_code] == [201, 429, 201]


async def test_four_members_a_minute_in_one_team(throttled):
    """The fifth member within a minute is refused, long after the second has passed."""
    body = {"user@odata.bind": f"{throttled.server.url}/users/{throttled.world.people[0].entra_id}"}
    statuses = []
    for _ in range(5):
        answer = await throttled.http.post(f"{throttled.team_path}/members", json=body)
        statuses.append(answer.status_code)
        throttled.clock.move(timedelta(seconds=2))

    assert statuses == [201, 201, 201, 201, 429]
    assert int(answer.headers["Retry-After"]) == 52


async def test_a_refused_call_costs_nothing(throttled):
    """Calls that were refused do not push the next allowed moment further away."""
    await create(throttled, "inc-1")
    for _ in range(5):
        await create(throttled, "inc-2")
    throttled.clock.move(timedelta(seconds=1))

    assert (await create(throttled, "inc-2")).status_code == 201
