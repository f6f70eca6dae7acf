"""What was said is kept, against a real table store."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.incidents.review.channel_line import TEXT_LIMIT, VERSIONS_KEPT, ChannelLine, Version
from worker.storage.stores import open_stores

AT = datetime(2026, 3, 2, 10, 4, tzinfo=UTC)
INCIDENT = "inc-4h7k2m9xqz"


@pytest.fixture
async def messages(settings):
    async with open_stores(settings, owner="one") as stores:
        await stores.table.prepare()
        yield stores.messages


def a_line(number, **more):
    return ChannelLine(id=str(number), root=str(number), at=AT + timedelta(minutes=number), **more)


async def test_messages_are_read_as_they_were_kept(messages):
    """With the link by which later changes are told; more than a transaction holds."""
    lines = [a_line(number, text=f"Words {number} \N{PUSHPIN}") for number in range(45)]
    await messages.keep(INCIDENT, lines, "https://graph.example/delta?token=1")
    kept = await messages.read(INCIDENT)
    assert list(kept.lines.values()) == sorted(lines, key=lambda line: line.id)
    assert kept.link == "https://graph.example/delta?token=1"


async def test_the_longest_messages_fit_into_a_row(messages):
    """With all that stood in them before, together with others as long."""
    long = "\N{PUSHPIN}" * TEXT_LIMIT
    versions = tuple(Version(text=long, until=AT) for _ in range(VERSIONS_KEPT))
    lines = [a_line(number, text=long, versions=versions) for number in range(20)]
    await messages.keep(INCIDENT, lines, "")
    assert len((await messages.read(INCIDENT)).lines) == 20


async def test_what_is_kept_again_takes_the_place_of_what_was(messages):
    """Of that message alone; nothing is known of another incident."""
    await messages.keep(INCIDENT, [a_line(1, text="a"), a_line(2, text="b")], "first")
    await messages.keep(INCIDENT, [a_line(1, text="c")], "second")
    kept = await messages.read(INCIDENT)
    assert ([line.text for line in kept.lines.values()], kept.link) == (["c", "b"], "second")
    assert (await messages.read("inc-0000000000")).lines == {}
