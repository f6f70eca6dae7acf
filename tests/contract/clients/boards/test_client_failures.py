"""What the Boards client says of a call that failed: not applied, unknown, or hopeless; and how often it sent it."""

import asyncio
import time
from datetime import timedelta

import pytest

from worker.clients.boards.items import set_field
from worker.domain.errors import Forbidden, Misconfigured, Throttled, Transient, Unknown, Unreachable
from worker.resilience import send_deadline
from worker.resilience.send_deadline import SendDeadline, sending_before

PATCH = (set_field("System.Title", "x"),)
CREATE = {"system": "boards", "method": "POST", "path": r"/\$Issue$"}


@pytest.mark.parametrize(
    "fault",
    [
        {"behaviour": "status", "status": 500},
        {"behaviour": "status", "status": 503, "headers": {"Retry-After": "1"}},
        {"behaviour": "status", "status": 408},
        {"behaviour": "status", "status": 200, "headers": {"Content-Type": "text/html"}, "body": "<p>A proxy.</p>"},
        {"behaviour": "status", "status": 200, "body": "{}"},
        {"behaviour": "apply-then-status", "status": 502},
        {"behaviour": "drop-before"},
        {"behaviour": "drop-after"},
        {"behaviour": "refuse"},
    ],
    ids=lambda fault: f"{fault['behaviour']}-{fault.get('status', '')}{fault.get('body', '')[:2]}",
)
async def test_a_write_that_may_have_been_applied_is_sent_once(boards, sandbox, sent, fault):
    """Whatever leaves the outcome open is Unknown, and never sent again behind our back."""
    sandbox.faults.add({**CREATE, **fault})
    with pytest.raises(Unknown, match="create a work item of type 'Issue'"):
        await boards.create(PATCH)
    assert len(sent("POST")) == 1


async def test_a_write_that_outlasts_its_time_out_is_unknown(connect, sandbox):
    """An answer that never comes leaves the outcome open."""
    async with connect(time_out=timedelta(seconds=0.5)) as boards:
        await boards.types.field_map()
        sandbox.faults.add({**CREATE, "behaviour": "hang"})
        with pytest.raises(Unknown, match="timed out"):
            await boards.create(PATCH)


async def test_a_read_is_tried_again(boards, sandbox, sent):
    """Two stumbles of a read go unnoticed."""
    made = await boards.create(PATCH)
    sandbox.faults.add({"system": "boards", "method": "GET", "behaviour": "status", "status": 503})
    sandbox.faults.add({"system": "boards", "method": "GET", "behaviour": "drop-after"})
    assert (await boards.get(made.id)).id == made.id
    assert len(sent("GET")) == 3


async def test_a_read_that_keeps_failing_was_not_applied(boards, sandbox, sent):
    """A read changes nothing, so its failure is never Unknown; three tries are enough."""
    sandbox.faults.add({"system": "boards", "method": "GET", "behaviour": "status", "status": 500, "times": None})
    with pytest.raises(Unreachable):
        await boards.get(1)
    assert len(sent("GET")) == 3


@pytest.mark.parametrize("body", ["null", "[]", '{"value": [{}]}', "<html>"])
async def test_an_answer_in_another_form_is_no_answer(boards, sandbox, incident, body):
    """Above all it is never taken for `nothing found`, which would be answered with a second work item."""
    fault = {"status": 200, "body": body, "headers": {"Content-Type": "application/json"}, "times": None}
    sandbox.faults.add({"system": "boards", "path": "/_apis/wit/", "behaviour": "status", **fault})
    reads = (boards.find(incident), boards.types.field_map(), boards.get(1))
    *read, made = await asyncio.gather(*reads, boards.create(PATCH), return_exceptions=True)
    assert [type(error) for error in read] == [Unreachable] * 3
    assert isinstance(made, Unknown)


async def test_a_throttled_write_is_tried_again_soon(boards, sandbox, sent, stand_in):
    """Being refused at the door for a moment costs a moment, and makes one item."""
    sandbox.faults.add({**CREATE, "behaviour": "status", "status": 429, "headers": {"X-RateLimit-Remaining": "0"}})
    await boards.create(PATCH)
    assert [each["status"] for each in sent("POST")] == [429, 200]
    assert len(stand_in.state()["work_items"]) == 1


async def test_a_new_item_that_collides_is_tried_again(boards, sandbox, sent):
    """A task whose parent changes at the same moment is refused once, and made on the second try."""
    sandbox.faults.add({**CREATE, "behaviour": "status", "status": 409})
    await boards.create(PATCH)
    assert [each["status"] for each in sent("POST")] == [409, 200]


async def test_long_patience_is_handed_on(boards, sandbox, sent):
    """Who is told to come back in minutes gives the slot to others."""
    sandbox.faults.add({**CREATE, "behaviour": "status", "status": 429, "headers": {"Retry-After": "120"}})
    with pytest.raises(Throttled) as refused:
        await boards.create(PATCH)
    assert refused.value.retry_after == timedelta(seconds=120)
    assert len(sent("POST")) == 1


async def test_a_warning_on_a_good_answer_is_heard(boards, sandbox):
    """Azure DevOps asks for patience on successful answers before it refuses any."""
    headers, body = {"Retry-After": "100"}, '{"id": 7, "rev": 1, "fields": {}}'
    fault = {"behaviour": "status", "status": 200, "headers": headers, "body": body}
    sandbox.faults.add({**CREATE, **fault})
    assert (await boards.create(PATCH)).id == 7
    assert boards._connection._transport.asked_patience() > timedelta(seconds=50)


@pytest.mark.parametrize("status", [203, 302, 401])
async def test_a_page_to_sign_in_is_a_matter_of_credentials(boards, sandbox, status):
    """The three disguises of a bad PAT are one failure, and the sentence says what to renew."""
    fault = {"status": status, "headers": {"Content-Type": "text/html", "Location": "/sign-in"}, "body": "<html>"}
    sandbox.faults.add({**CREATE, "behaviour": "status", **fault})
    with pytest.raises(Forbidden, match="TOCSIN_BOARDS_PAT"):
        await boards.create(PATCH)


async def test_an_answer_without_links_still_has_a_page(boards, sandbox):
    """The page for people is where the organisation keeps it, if the answer does not say so itself."""
    body = '{"id": 7, "rev": 1, "fields": {}, "url": "https://api.example/7"}'
    sandbox.faults.add({**CREATE, "behaviour": "status", "status": 200, "body": body})
    assert (await boards.create(PATCH)).page == f"{sandbox.url}/boards/Incidents/_workitems/edit/7"


async def test_nobody_at_home_is_unreachable(boards, sandbox):
    """A connection that never stood has applied nothing, be it a write."""
    await boards.create(PATCH)
    await sandbox.close()
    with pytest.raises(Unreachable, match="refused"):
        await boards.create(PATCH)


async def test_an_address_without_an_organisation_is_a_wrong_setting(connect, sandbox, sent):
    """An address whose API has no work items is named as what it is."""
    body = '{"count": 0, "value": []}'
    fault = {"behaviour": "status", "status": 200, "body": body, "headers": {"Content-Type": "application/json"}}
    async with connect() as boards:
        # The SDK remembers addresses for the life of the process; this one must be new to it.
        boards._connection._sdk.normalized_url = f"{sandbox.url}/boards/x/..".lower()
        sandbox.faults.add({"system": "boards", "method": "OPTIONS", "times": None, **fault})
        with pytest.raises(Misconfigured, match="TOCSIN_BOARDS_URL"):
            await boards.create(PATCH)
    assert sent("POST") == []


async def test_a_failure_before_the_write_is_not_unknown(sandbox, connect, sent):
    """The SDK's own question for addresses fails: nothing was written, and nothing is in doubt."""
    async with connect() as boards:
        boards._connection._sdk.normalized_url = f"{sandbox.url}/boards/y/..".lower()
        sandbox.faults.add({"system": "boards", "method": "OPTIONS", "behaviour": "status", "status": 500, "times": 3})
        with pytest.raises(Unreachable):
            await boards.create(PATCH)
    assert sent("POST") == []


async def test_no_write_leaves_after_its_deadline(boards, sent):
    """A worker that stood still sends nothing, also from the SDK's own threads; it may still read."""
    made = await boards.create(PATCH)
    late = SendDeadline(time.monotonic() + 1)
    with sending_before(late):
        assert (await boards.get(made.id)).id == made.id
        for write in (boards.create(PATCH), boards.amend(made.id, lambda _: PATCH)):
            with pytest.raises(Transient, match="stood still"):
                await write
    assert (len(sent("POST")), len(sent("PATCH"))) == (1, 0)


async def test_closing_does_not_wait_for_a_call_that_hangs(connect, sandbox, sent):
    """A shutdown is not held up by Azure DevOps; what became of the call is looked for later."""
    boards = connect()
    sandbox.faults.add({"system": "boards", "method": "GET", "behaviour": "hang"})
    hanging = asyncio.create_task(boards.get(1))
    async with asyncio.timeout(30):
        while not sent("GET"):
            await asyncio.sleep(0.01)
    await boards.close()
    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_a_write_in_time_leaves(boards):
    """A deadline far enough away holds nothing back."""
    with sending_before(SendDeadline.after(time.monotonic(), timedelta(minutes=1))):
        send_deadline.check(timedelta(seconds=10))
        assert (await boards.create(PATCH)).id
