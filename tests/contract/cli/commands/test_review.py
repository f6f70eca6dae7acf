"""`tocsin review` as a person runs it, against a table store: Teams and Azure Boards are not there."""

import json
import zipfile
from datetime import UTC, datetime

import pytest

from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.response.response import Response
from worker.domain.response.state import ResponseState
from worker.incidents.review.review import Review
from worker.storage.stores import open_stores

MADE_AT = ("--generated-at", "2027-05-05 10:00Z")


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="a worker") as stores:
        await stores.table.prepare()
        yield stores


@pytest.fixture
async def opened(stores):
    async def made(key, state="open", **event):
        now = datetime.now(UTC)
        incident = Incident(key=key, event=Event(title=f"{key} is down", key=key, **event), received_at=now)
        await stores.incidents.lease(incident, [])
        await stores.listing.add(incident)
        known = {"incident_id": incident.id, "since": now, "severity": 2, "title": incident.event.title}
        await stores.responses.append(None, Response(state=ResponseState(state), **known), [])
        return incident.id

    return made


@pytest.mark.parametrize("state", ["open", "resolved"])
async def test_the_only_one_that_is_not_over_is_meant_without_an_id(tocsin, opened, state):
    """A beginning of its id suffices as well; what could not be read is said beside it."""
    await opened("old", "closed")
    mine = await opened("mine", state)
    for arguments in ((), (mine[:8],), (mine[4:9].upper(),)):
        told = await tocsin("review", *arguments)
        assert told.stdout.startswith("# mine is down")
        assert "no channel" in told.stderr


async def test_the_same_is_made_twice_byte_by_byte(tocsin, opened, tmp_path):
    """In each form, as if made at that time."""
    incident = await opened("mine")
    for form in ("md", "json", "zip"):
        files = [tmp_path / f"{number}.{form}" for number in range(2)]
        for file in files:
            await tocsin("review", incident, "--format", form, "--output", str(file), *MADE_AT)
        first, second = (file.read_bytes() for file in files)
        assert first == second
    assert zipfile.ZipFile(files[0]).namelist() == [f"{incident}{end}" for end in (".md", ".json", "-messages.json")]


async def test_the_one_of_the_close_is_told_as_it_was_kept(tocsin, opened, stores):
    """Where none is kept that is said, and it is no success."""
    incident = await opened("mine", "closed")
    refused = await tocsin("review", incident, "--final", code=1)
    assert "that is done when it is closed" in str(refused.exception)
    kept = json.loads((await tocsin("review", incident, "--format", "json", *MADE_AT)).stdout)
    kept["incident"]["title"] = "As it was"
    await stores.reviews.keep(incident, 9, json.dumps(kept))
    told = (await tocsin("review", incident, "--final", "--format", "json")).stdout
    assert Review.model_validate_json(told) == Review.model_validate(kept)
    assert (await tocsin("review", incident, "--final")).stdout.startswith("# As it was")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("inc-zzzzzzzzzz",), 1, "There is no incident"),
        (("no id at all",), 1, "There is no incident"),
        (("--format", "pdf"), 2, "pdf"),
        (("--final", "--format", "zip"), 2, "--final"),
        (("--since", "yesterdayish"), 2, "--since"),
        (("--output", "nowhere/at/all.md"), 1, "cannot be written"),
    ],
)
async def test_what_cannot_be_is_refused_in_a_sentence(tocsin, opened, arguments, code, said):
    """Wrong use is 2, and all else that stops it is 1."""
    await opened("mine")
    told = await tocsin("review", *arguments, code=code)
    assert said in f"{told.stderr}{told.exception}"


async def test_nobody_reads_of_a_restricted_one_what_cannot_be_recorded(tocsin, opened):
    """Each look at it is an entry, and here is no queue to take one."""
    incident = await opened("secret", restricted=True)
    told = await tocsin("review", incident, code=1)
    assert "secret is down" not in told.output
