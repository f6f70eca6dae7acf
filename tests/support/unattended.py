"""What the tests of outages, storms and stops share: a burst of incidents, and when all of it is launched."""

import asyncio

from chaos_oracle import is_timer
from house import eventually, one_of_each

BRUNO = "bruno@contoso.example"


async def raise_burst(intake, count, *, titled="Number"):
    """The ids of so many incidents, all raised at once."""

    async def one(number):
        answer = await intake.post("/v1/incidents", json={"title": f"{titled} {number}", "service": "checkout"})
        assert answer.status_code == 202, answer.text
        return answer.json()["incident_id"]

    return await asyncio.gather(*(one(number) for number in range(count)))


async def all_launched(house, incident_ids, *, limit=90.0):
    """Until each is there once and its message is done with; nothing may be in the dead letters.

    What their responses send themselves goes on.
    """

    async def missing():
        world = await house.world()
        queue = world.queues["incidents"]
        assert queue["dead_letters"] == [], queue["dead_letters"]
        whole = one_of_each(BRUNO)
        effects = {incident: world.effects(incident) for incident in incident_ids}
        return {incident: seen for incident, seen in effects.items() if seen != whole} or [
            message for message in queue["messages"] if not is_timer(message)
        ]

    async def done():
        return not await missing()

    try:
        await eventually(done, limit=limit, every=0.2)
    except AssertionError:
        raise AssertionError(f"Not within {limit:.0f} s; still missing: {await missing()}") from None


async def queue_of(house):
    return (await house.world()).queues["incidents"]
