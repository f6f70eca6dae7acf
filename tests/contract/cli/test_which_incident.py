"""Which incident a command is about, by what stands in the table."""

import re
from datetime import UTC, datetime

import pytest
import typer

from worker.cli.which_incident import find_incident, which_incident
from worker.domain.errors import Gone, Rejected
from worker.domain.event import Event
from worker.domain.incident import Incident, incident_id
from worker.domain.response.response import Response
from worker.domain.response.state import ResponseState
from worker.storage.stores import open_stores


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="a worker") as stores:
        await stores.table.prepare()
        yield stores


async def opened(stores, key, state=ResponseState.OPEN):
    now = datetime.now(UTC)
    incident = Incident(key=key, event=Event(title=f"{key} is down", key=key), received_at=now)
    await stores.incidents.lease(incident, [])
    await stores.listing.add(incident)
    await stores.responses.append(None, Response(incident_id=incident.id, since=now, severity=2, state=state), [])
    return incident.id


async def test_the_only_open_one_is_meant_without_an_id(stores):
    """Words that begin no incident's id are words."""
    await opened(stores, "over", ResponseState.RESOLVED)
    mine = await opened(stores, "mine")
    known, words = await which_incident(stores, ["we", "are", "back"])
    assert (known.incident_id, words) == (mine, ["we", "are", "back"])


async def test_a_beginning_names_it_unless_it_is_a_word_that_is_needed(stores):
    """With or without `inc-`, in any case of letters; one that has ended as well."""
    over, mine = await opened(stores, "over", ResponseState.CLOSED), await opened(stores, "mine")
    for beginning in (over, over[:7], over[4:8].upper()):
        known, words = await which_incident(stores, [beginning, "x"])
        assert (known.incident_id, list(words)) == (over, ["x"])
    for options in ({"needed": 1, "names_others": True}, {"is_word": lambda _: True}):
        known, words = await which_incident(stores, [over[4:8]], **options)
        assert (known.incident_id, words) == (mine, [over[4:8]])


def without(ids):
    """The beginning of an id, of letters and digits, that is none of these."""
    return next(each for each in ("4h7k", "5j8m") if not any(known[4:].startswith(each) for known in ids))


@pytest.mark.parametrize("needed", [0, 1])
async def test_what_can_only_be_an_id_never_means_another_incident(stores, needed):
    """A slip of the finger ends no incident that somebody else works on; a text in quotation marks is a text."""
    mine = await opened(stores, "mine")
    wrong = without([mine])
    for words in ([wrong], [wrong, "the disk was replaced"]):
        with pytest.raises(Gone, match=wrong):
            await which_incident(stores, words, needed=needed)
    for word in (f"{wrong} is the build", "503", "p99", "fixed"):
        known, words = await which_incident(stores, [word], needed=needed)
        assert (known.incident_id, words) == (mine, [word])


async def test_an_id_without_words_names_its_incident(stores):
    """And is never what is said of another one: whoever reads the words says what is missing."""
    await opened(stores, "mine")
    keys = (f"over {number}" for number in range(100))
    key = next(each for each in keys if re.match(r"inc-([0-9]+[a-z]|[a-z]+[0-9])", incident_id(each)[:8]))
    over = await opened(stores, key, ResponseState.RESOLVED)
    known, words = await which_incident(stores, [over[4:8]], needed=1)
    assert (known.incident_id, list(words)) == (over, [])


@pytest.mark.parametrize("empty", ["", "  "])
async def test_an_empty_id_means_no_incident(stores, empty):
    """As a script has it whose variable is not set."""
    await opened(stores, "mine")
    with pytest.raises(typer.BadParameter, match="empty"):
        await which_incident(stores, [empty])


async def test_of_several_one_has_to_be_named(stores):
    """Where nobody can be asked, that is wrong use."""
    await opened(stores, "one")
    await opened(stores, "two")
    with pytest.raises(typer.Exit) as ended:
        await which_incident(stores, [])
    assert ended.value.exit_code == 2


async def test_a_beginning_of_several_is_refused_unless_one_alone_is_running(stores):
    """More of the id is asked for."""
    beginnings = {}
    for number in range(40):
        beginnings.setdefault(incident_id(str(number))[:5], []).append(str(number))
    same, (first, second, *_) = next(each for each in beginnings.items() if len(each[1]) > 1)
    running = await opened(stores, first)
    over = await opened(stores, second, ResponseState.CLOSED)
    assert (await find_incident(stores, same)).incident_id == running
    third = await opened(stores, "third")
    assert (await find_incident(stores, third)).incident_id == third
    await stores.responses.append(
        await stores.responses.read(running),
        Response(incident_id=running, since=datetime.now(UTC), severity=2, state=ResponseState.CLOSED),
        [],
    )
    with pytest.raises(Rejected, match=over):
        await find_incident(stores, same)


async def test_an_id_that_nobody_began_is_nobodys(stores):
    """Nor is it taken for words."""
    await opened(stores, "mine")
    for given in ("inc-0000000000", "inc-zzzz", "inc-what?"):
        with pytest.raises(Gone):
            await which_incident(stores, [given])
