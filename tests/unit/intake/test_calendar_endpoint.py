"""A person's calendar at its address: for whoever has the token, and for nobody else."""

import pytest
from doorstep import Doorstep, refusal
from structlog.testing import capture_logs

from worker.domain.errors import Forbidden, Misconfigured, Unreachable

TOKEN = "k3" * 21 + "k"
PATH = f"/v1/on-call/calendars/{TOKEN}.ics"
CONTENT = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def door():
    door = Doorstep(intake_keys={"desk": "0" * 64})
    door.calendars[TOKEN] = CONTENT
    return door


async def test_the_token_is_all_that_is_asked_for(door):
    """No key of a sender; and what is answered is a calendar that nobody on the way keeps."""
    answer = await door.http.get(PATH)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_a_head_says_the_same_without_the_calendar(door):
    """As programs ask before they subscribe."""
    whole, head = await door.http.get(PATH), await door.http.head(PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert {name: head.headers[name] for name in ("etag", "content-type", "content-length")} == {
        name: whole.headers[name] for name in ("etag", "content-type", "content-length")
    }


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*", '"a" ,W/{}'])
async def test_what_is_known_already_is_not_sent_again(door, form):
    """Until it changes: then it is another one, and sent."""
    tag = (await door.http.get(PATH)).headers["etag"]
    condition = {"If-None-Match": form.format(tag)}
    for method in ("GET", "HEAD"):
        answer = await door.http.request(method, PATH, headers=condition)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    door.calendars[TOKEN] = CONTENT * 2
    changed = await door.http.get(PATH, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.content) == (200, CONTENT * 2)
    assert changed.headers["etag"] != tag


@pytest.mark.parametrize("condition", ["", '""', '"other"', "W/", ",", "x" * 8000])
async def test_another_condition_gets_the_calendar(door, condition):
    """Whatever stands in it."""
    assert (await door.http.get(PATH, headers={"If-None-Match": condition})).content == CONTENT


@pytest.mark.parametrize(
    "token", ["none", "k" * 43, TOKEN[:-1], TOKEN.upper(), f"{TOKEN}%00", "a" * 5000, "..%2F", "%ff"]
)
async def test_what_is_nobodys_is_answered_alike(door, token):
    """A token that never was and one that was revoked are not told apart."""
    answer = await door.http.get(f"/v1/on-call/calendars/{token}.ics")
    problem = refusal(answer, 404)
    assert problem["detail"].startswith(("There is no calendar at this address", "There is nothing at this address"))


async def test_guesses_are_slowed_as_all_that_proves_nothing():
    """Who guesses often loses the connection each time, and is no longer logged line by line."""
    door = Doorstep(intake_keys={"desk": "0" * 64})
    with capture_logs() as lines:
        answers = [await door.http.get(PATH) for _ in range(25)]
    assert answers[0].headers.get("connection") != "close"
    assert answers[-1].headers["connection"] == "close"
    assert len([line for line in lines if line["event"] == "intake.unauthenticated"]) == 5


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 200),
        ("GET", PATH.replace("k3k3", "k3K3"), 404),
        ("POST", PATH, 405),
        ("GET", PATH.removesuffix(".ics"), 404),
        ("GET", f"{PATH}/", 404),
        ("GET", f"/V1/On-Call//Calendars//{TOKEN}", 404),
        ("GET", f"/v1/on%2Dcall/calendars/{TOKEN}/x", 404),
        ("GET", f"//v1/on-call/calendars/{TOKEN}.ics", 404),
    ],
)
async def test_no_token_is_ever_logged(door, method, path, status):
    """Not even where somebody mistyped the rest of the address."""
    with capture_logs() as lines:
        answer = await door.http.request(method, path)
    assert answer.status_code == status
    assert "k3k3k3" not in str(lines)
    assert "k3k3k3" not in answer.text


@pytest.mark.parametrize(
    "outage",
    [Unreachable("no connection stood"), Forbidden("the table refuses us"), Misconfigured("there is no table")],
)
async def test_what_cannot_be_read_is_no_empty_calendar(door, outage):
    """A program that gets none keeps the one it has."""
    door.outage = outage
    with capture_logs() as lines:
        answer = await door.http.get(PATH)
    refusal(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert "table" not in answer.text
    assert "k3k3k3" not in str(lines)


async def test_a_fault_of_ours_tells_no_token_either(door):
    """Its traceback names the address without what stands behind it."""
    door.outage = RuntimeError("a fault")
    with capture_logs() as lines:
        answer = await door.http.get(PATH)
    assert answer.status_code == 503
    assert [line["path"] for line in lines if line["event"] == "intake.failed"] == ["/v1/on-call/calendars/…"]
