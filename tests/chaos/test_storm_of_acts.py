"""Many who act on one incident at once: each act is decided once, and nothing of it is lost or doubled."""

import asyncio
import sys
import time
from collections import Counter

import pytest
import pytest_asyncio
from followed import check_record, wrongs
from house import House, eventually
from lives import is_quiet, launch, open_sender

from worker.domain.incident import incident_id
from worker.domain.response.act import ActKind

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

SENDERS = 8
SETTINGS = {"slots": 8, "call_timeout_seconds": 10}
KINDS = (
    {"act": ActKind.UPDATE},
    {"act": ActKind.NOTE, "is_action": True},
    {"act": ActKind.PAGE, "target": "bruno@contoso.example"},
    {"act": ActKind.NOTE},
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    async with House(tmp_path_factory.mktemp("storm-of-acts"), nursery=nursery, **SETTINGS) as running:
        yield running


@pytest.mark.parametrize("acts", [24, pytest.param(200, marks=pytest.mark.soak)])
async def test_of_eight_who_act_at_once_each_act_counts_once(house, acts):
    """By queue and by HTTP: of eight who acknowledge one has it, and whatever else they do is there once."""
    workers = [await house.work(), await house.work()]
    async with open_sender(house) as sender:
        key = f"storm-{acts}"
        await launch(house, sender, key, limit=60)
        took = await seconds_of(house, all_at_once(house, sender, key, acts))
        # For whoever runs it to know: shown with -s.
        sys.stdout.write(f"{acts} acts at once: {took:.1f} s\n")
        await check_record(sender, key)
        assert not await wrongs(house, sender, key)
        assert [entry.kind for entry in await sender.entries(key)].count("acknowledged") == 1
    for worker in workers:
        assert await worker.stop() == 0


async def seconds_of(house, acting):
    """Until the last effect is there."""
    began = time.monotonic()
    await acting
    await eventually(lambda: is_quiet(house), limit=180)
    return time.monotonic() - began


def acts_of(acts, number):
    """Those of one of the senders: it acknowledges, and goes on by whatever there is to do."""
    yield {"act": ActKind.ACKNOWLEDGE}
    for turn in range(1, acts // SENDERS):
        kind = KINDS[(turn + number) % len(KINDS)]
        yield kind | {"text": f"Number {turn} of sender {number}."}


async def all_at_once(house, sender, key, acts):
    """Every second one waits for an answer each time; the others leave all they have in the queue."""
    intake = await house.intake()
    by_queue = [by_the_queue(sender, key, number, acts) for number in range(0, SENDERS, 2)]
    by_http = [over_http(intake, key, number, acts) for number in range(1, SENDERS, 2)]
    verdicts = sum(await asyncio.gather(*by_queue, *by_http), Counter())
    assert verdicts == {"done": acts - SENDERS + 1, "already": SENDERS - 1}


async def by_the_queue(sender, key, number, acts):
    given = list(acts_of(acts, number))
    sent = [await sender.send(key, f"{number}-{turn}", each) for turn, each in enumerate(given)]
    return Counter([(await sender.outcome(key, act)).verdict for act in sent])


async def over_http(intake, key, number, acts):
    verdicts = Counter()
    for turn, given in enumerate(acts_of(acts, number)):
        verdicts[await verdict(intake, key, given | {"id": f"{number}-{turn}"})] += 1
    return verdicts


async def verdict(intake, key, body):
    """What it came to; where nobody has decided it yet, it is sent again, as it was."""

    async def decided():
        answer = await intake.post(f"/v1/incidents/{incident_id(key)}/acts", json=body)
        assert answer.status_code in {200, 202}, answer.text
        return answer.json()["verdict"] if answer.status_code == 200 else None

    return await eventually(decided, limit=120)
