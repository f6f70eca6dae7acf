"""The review over HTTP, through the app."""

import hashlib

import pytest
from doorstep import Doorstep
from reviewed import the_sources

from worker.domain.errors import Unreachable
from worker.incidents.review.review import Review

ID = "inc-4h7k2m9xqz"
REVIEW = f"/v1/incidents/{ID}/review"
KEYS = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("desk", "other", "stranger")}
SENDERS = {"other": {"may-read": "all"}}


def a_door(*, restricted=False, fails=None, **settings):
    sources = the_sources()

    async def find(_incident_id):
        if fails is not None:
            raise fails
        return sources

    door = Doorstep(find_review=find, **settings)
    known = sources.known.history
    told = {"sender": "desk", "restricted": restricted}
    door.histories[ID] = known.model_copy(update={"event": known.event.model_copy(update=told)})
    return door


async def test_it_is_a_document_for_people_or_programs():
    """Never a page: what people wrote stands in it."""
    door = a_door()
    read, parsed = await door.http.get(REVIEW), await door.http.get(f"{REVIEW}?format=json")
    assert read.text.startswith("# Checkout is down")
    assert read.headers["content-type"].startswith("text/markdown")
    assert read.headers["x-content-type-options"] == "nosniff"
    assert Review.model_validate_json(parsed.text).incident.incident_id == ID


@pytest.mark.parametrize(
    ("sender", "restricted", "status"),
    [("desk", False, 200), ("other", False, 200), ("stranger", False, 404), ("other", True, 404), ("desk", True, 200)],
)
async def test_only_whoever_may_see_the_incident_reads_it(sender, restricted, status):
    """To all others it is as if it were not there."""
    door = a_door(restricted=restricted, intake_keys=KEYS, intake_senders=SENDERS)
    answer = await door.http.get(REVIEW, headers={"Authorization": f"Bearer {sender}"})
    assert answer.status_code == status
    assert ("hunter2" in answer.text) is (status == 200)


async def test_without_a_key_nobody_reads_it():
    """Whatever the incident."""
    assert (await a_door(intake_keys=KEYS).http.get(REVIEW)).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/incidents/inc-0000000000/review", 404), (f"{REVIEW}?format=pdf", 422)]
)
async def test_what_is_not_there_is_refused(path, status):
    """An incident that nobody began; a form that nobody writes."""
    assert (await a_door().http.get(path)).status_code == status


async def test_a_parameter_that_cannot_be_read_is_named():
    """In the form of every other refusal."""
    answer = await a_door().http.get(f"{REVIEW}?format=pdf")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in answer.json()["errors"]] == ["format"]


async def test_while_the_store_is_away_whoever_asks_is_told_to_ask_again():
    """With when."""
    answer = await a_door(fails=Unreachable("The table is away.")).http.get(REVIEW)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
