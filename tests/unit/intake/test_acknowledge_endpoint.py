"""The page by which a person who was paged says "I have it"."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from doorstep import Doorstep
from structlog.testing import capture_logs

from worker.domain.acknowledge_link import make
from worker.domain.errors import Forbidden, Unreachable
from worker.domain.event import Event
from worker.domain.states import LaunchState
from worker.incidents.history import Acknowledged, History

ID = "inc-4h7k2m9xqz"
AMARA, JONAS = "amara.okafor@contoso.example", "jonas.weber@contoso.example"
SECRET = "a secret of the house"
AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
FORM = {"content_type": "application/x-www-form-urlencoded"}


def token(person=AMARA, *, secret=SECRET, until=timedelta(hours=1), incident_id=ID):
    return make(secret, incident_id, person, datetime.now(UTC) + until)


def history(**others):
    event = Event(title="<b>Checkout</b> is down", severity=1, service="checkout")
    known = {"key": "k", "state": LaunchState.LAUNCHED, "received_at": AT, "first_attempt_at": AT, **others}
    return History(incident_id=ID, event=event, **known)


@pytest.fixture
def door():
    door = Doorstep(intake_url="https://tocsin.example", link_secret=SECRET, intake_keys={"desk": "0" * 64})
    door.histories[ID] = history()
    return door


async def opened(door, given):
    return await door.http.get("/v1/acknowledge", params={"token": given})


async def pressed(door, given):
    return await door.post(f"token={given}", "/v1/acknowledge", **FORM)


def words(answer):
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.text, flags=re.DOTALL))


async def test_opening_the_link_asks_and_records_nothing(door):
    """Whoever previews a link in a chat opens it as well."""
    answer = await opened(door, token())
    assert answer.status_code == 200
    assert door.records == {}
    assert "<b>Checkout</b> is down" in words(answer)
    assert "<b>" not in answer.text
    assert "severity 1 (critical)" in words(answer).casefold()
    assert f"You are {AMARA}." in words(answer)
    assert answer.text.count("<button>") == 1


async def test_the_button_records_who_has_it_once(door):
    """A second press says when it was, and another person may say so as well."""
    given = re.search(r'name="token" value="([^"]+)"', (await opened(door, token())).text)[1]
    first, second = await pressed(door, given), await pressed(door, given)
    await pressed(door, token(JONAS))
    mine, his = door.records.values()
    assert (mine.action, mine.who, his.who) == ("acknowledge", AMARA, JONAS)
    assert f"Recorded at {mine.at:%H:%M} UTC: {AMARA} has it." in words(first)
    assert f"Already, at {mine.at:%H:%M} UTC: {AMARA} has it." in words(second)
    assert first.status_code == second.status_code == 200


async def test_whoever_has_it_already_is_not_asked_again(door):
    """Opened later, the link says when it was."""
    door.histories[ID] = history(acknowledged=[Acknowledged(by=AMARA, at=AT), Acknowledged(by=JONAS, at=AT)])
    answer = await opened(door, token())
    assert "Already, at 09:05 UTC" in words(answer)
    assert "<button>" not in answer.text


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ("", 400, "missing"),
        ("x" * 2000, 400, "missing"),
        (token(secret="a secret of another"), 404, "not made here"),
        (token(until=-timedelta(hours=1)), 410, "expired"),
        (token(incident_id="inc-0000000000"), 404, "not kept any more"),
    ],
    ids=["empty", "too long", "forged", "expired", "of no incident"],
)
@pytest.mark.parametrize("act", [opened, pressed])
async def test_a_link_that_does_not_hold_says_why(door, act, given, status, said):
    """As a page for a person, whichever way it is asked, and nothing is recorded."""
    answer = await act(door, given)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert said in words(answer)
    assert door.records == {}


@pytest.mark.parametrize(("body", "status"), [("token=" + "x" * 5000, 413), (b"\xff\xfe", 400), ("&" * 100, 400)])
async def test_a_body_of_another_form_is_refused(door, body, status):
    """Bounded, and read whatever it is."""
    answer = await door.post(body, "/v1/acknowledge", **FORM)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("outage", [Unreachable("The store is down."), Forbidden("The grant is gone.")])
@pytest.mark.parametrize("act", [opened, pressed])
async def test_while_the_store_is_down_it_can_be_pressed_again(door, act, outage):
    """Nobody believes to have said what nobody has heard."""
    door.outage = outage
    answer = await act(door, token())
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "nothing was recorded. Press again" in words(answer)
    assert "<button>" in answer.text
    assert "grant" not in answer.text


async def test_no_answer_is_kept_framed_or_referred_from(door):
    """The address is as good as a signature, and the page takes nothing from elsewhere."""
    for answer in (await opened(door, token()), await pressed(door, token()), await opened(door, "")):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert all(part in policy for part in ("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"))
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_what_proves_nothing_is_logged_without_the_token(door):
    """As any request whose sender proved nothing; and from one address in numbers it loses its connection."""
    wrong = token(secret="a secret of another")
    with capture_logs() as logged:
        answers = [await opened(door, wrong) for _ in range(21)]
    assert {line["event"] for line in logged} == {"intake.unauthenticated"}
    assert len(logged) == 5
    assert wrong not in str(logged)
    assert "connection" not in answers[0].headers
    assert answers[-1].headers["connection"] == "close"


@pytest.mark.parametrize("given", [{"link_secret": SECRET}, {"intake_url": "https://tocsin.example"}])
async def test_without_its_settings_there_is_no_such_page(given):
    """Neither address nor secret alone makes links."""
    door = Doorstep(**given)
    assert (await opened(door, token())).status_code == 404
    assert (await pressed(door, token())).status_code == 404


async def test_the_incident_says_over_http_who_has_it(door):
    """For programs, beside its steps."""
    door = Doorstep()
    door.histories[ID] = history(acknowledged=[Acknowledged(by=AMARA, at=AT)])
    answer = await door.http.get(f"/v1/incidents/{ID}")
    assert answer.json()["acknowledged"] == [{"by": AMARA, "at": "2026-03-02T09:05:00Z"}]
