"""The review over HTTP, through the app."""

import hashlib

import pytest
from doorstep import Doorstep
from entra import AUDIENCE, TENANT, Entra
from known_incidents import at
from reviewed import BERLIN, the_sources

from worker.domain.errors import Unreachable
from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import Review, review_of

ID = "inc-4h7k2m9xqz"
REVIEW = f"/v1/incidents/{ID}/review"
KEYS = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("desk", "other", "stranger")}
SENDERS = {"other": {"may-read": "all"}}


def a_door(*, restricted=False, fails=None, kept=None, **settings):
    sources = the_sources()

    async def find(_incident_id):
        if fails is not None:
            raise fails
        return sources

    async def find_kept(_incident_id):
        return kept

    door = Doorstep(find_review=find, find_kept=find_kept, **settings)
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


async def test_the_one_of_the_close_is_read_as_it_was_kept():
    """Whatever is known by now; where none is kept, that is said."""
    kept = review_of(the_sources(), at(99)), BERLIN
    door = a_door(kept=kept)
    read, parsed = await door.http.get(f"{REVIEW}?final=true"), await door.http.get(f"{REVIEW}?final=true&format=json")
    assert Review.model_validate_json(parsed.text) == kept[0]
    assert read.text == markdown_of(*kept)
    refused = await a_door().http.get(f"{REVIEW}?final=true")
    assert (refused.status_code, "when it is closed" in refused.text) == (404, True)


async def test_a_persons_look_at_a_restricted_one_is_recorded_before_they_read():
    """Reading the review is a look as well; of others nobody counts them."""
    tenant = Entra()
    await tenant.open()
    person = {"scp": "access_as_user", "oid": TENANT, "name": "Ada", "appid": TENANT, "roles": ["Tocsin.Admin"]}
    signed_in = {"Authorization": f"Bearer {tenant.token(**person)}"}
    settings = {"tenant_id": TENANT, "intake_entra_audience": AUDIENCE, "intake_entra_authority": tenant.address}
    for restricted, looks in ((False, []), (True, ["look"])):
        door = a_door(restricted=restricted, intake_entra_admin_role="Tocsin.Admin", **settings)
        assert (await door.http.get(REVIEW, headers=signed_in)).status_code == 200
        assert [event.act.act for event in door.published] == looks
    await tenant.close()


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
