"""Tokens of Entra ID for the secure webhooks of Azure Monitor: right, wrong in every way, and when Entra is away."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from entra import AUDIENCE, AZURE_MONITOR, TENANT
from patience import LIMIT, PATIENCE

from worker.domain.errors import Unreachable
from worker.domain.event import Event
from worker.domain.states import LaunchState
from worker.incidents.history import History
from worker.intake.authentication import entra_keys
from worker.intake.authentication.entra_keys import EntraKeys

OTHER = "00000000-0000-0000-0000-000000000000"
HOUR = 3_600
PERSON = "0b5d3f5e-6a0a-4c37-9a55-2f1f0d5b7a11"
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _entra_may_take_its_time(monkeypatch):
    """A busy machine is no outage of Entra; the test of one that never answers has a short time of its own."""
    monkeypatch.setattr(entra_keys, "TIME_OUT", PATIENCE)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


GOOD = {
    "version 1": lambda entra: entra.token(),
    "version 1 for the id alone": lambda entra: entra.token(aud=AUDIENCE),
    "version 2": lambda entra: entra.token_of_version_2(),
    "among other roles": lambda entra: entra.token(roles=["Reader", "ActionGroupsSecureWebhook"]),
    "from a clock that is a little ahead": lambda entra: entra.token(nbf=int(time.time()) + 60),
    "ended a moment ago": lambda entra: entra.token(exp=int(time.time()) - 60),
}
WRONG = {
    "another audience": lambda entra: entra.token(aud=f"api://{OTHER}"),
    "an audience that begins like ours": lambda entra: entra.token(aud=f"api://{AUDIENCE}/more"),
    "no audience": lambda entra: entra.token(aud=None),
    "another tenant": lambda entra: entra.token(iss=f"https://sts.windows.net/{OTHER}/"),
    "another issuer": lambda entra: entra.token(iss="https://evil.example/"),
    "no issuer": lambda entra: entra.token(iss=None),
    "another role": lambda entra: entra.token(roles=["Reader"]),
    "no role": lambda entra: entra.token(roles=None),
    "a role that holds ours": lambda entra: entra.token(roles="NotActionGroupsSecureWebhook"),
    "another app": lambda entra: entra.token(appid=OTHER),
    "another app of version 2": lambda entra: entra.token_of_version_2(azp=OTHER),
    "no app": lambda entra: entra.token(appid=None),
    "an app in a list": lambda entra: entra.token(appid=[AZURE_MONITOR]),
    "expired": lambda entra: entra.token(exp=int(time.time()) - HOUR),
    "without an end": lambda entra: entra.token(exp=None),
    "not begun": lambda entra: entra.token(nbf=int(time.time()) + HOUR),
    "an unknown key": lambda entra: entra.token(key_id="second"),
    "a known name of another key": lambda entra: entra.token(key_id="first", signed_by="second"),
    "no key's name": lambda entra: entra.token(key_id=None, signed_by="first"),
    "unsigned": lambda entra: entra.unsigned_token(),
    "signed with the public key": lambda entra: entra.confused_token(),
    "cut short": lambda entra: entra.token()[:-5],
    "another content": lambda entra: entra.token().replace(".", ".e", 1),
    "no token": lambda _: "a.b.c",
    "only dots": lambda _: "..",
    "bytes that are no text": lambda _: b"\xff.\xfe.\x80".decode("latin-1"),
}


@pytest.mark.parametrize("token", GOOD.values(), ids=GOOD)
async def test_a_right_token_opens(entra_door, entra, token):
    """In either version that the app's manifest may ask for."""
    assert (await entra_door.post(bearer(token(entra)))).status_code == 202


@pytest.mark.parametrize(
    ("claims", "right"),
    [
        ({}, "member"),
        ({"roles": ["Tocsin.Admin"]}, "admin"),
        ({"acct": 1, "roles": ["Tocsin.Admin"]}, "reader"),
        ({"idp": f"https://sts.windows.net/{OTHER}/"}, "reader"),
        ({"tid": OTHER}, None),
        ({"oid": None}, None),
        ({"oid": "ada"}, None),
    ],
)
async def test_a_person_acts_as_who_signed_in(entra_door, entra, claims, right):
    """By the object id, whatever they call themselves; guests see only, and others' tenants nothing."""
    event = Event(title="x", key="k")
    known = {"key": "k", "state": LaunchState.LAUNCHED, "received_at": NOW, "first_attempt_at": NOW}
    entra_door.histories["inc-4h7k2m9xqz"] = History(incident_id="inc-4h7k2m9xqz", event=event, **known)
    person = {"scp": "access_as_user", "oid": PERSON.upper(), "name": "Ada", "appid": OTHER, "roles": None}
    token = entra.token(**{**person, **claims})
    body = '{"act": "take", "id": "1"}'
    answer = await entra_door.post(bearer(token), body, "/v1/incidents/inc-4h7k2m9xqz/acts")
    if right is None:
        assert (answer.status_code, entra_door.published) == (401, [])
    else:
        (event,) = entra_door.published
        assert (event.act.actor.kind, event.act.actor.id, event.act.actor.right) == ("person", PERSON, right)
        assert event.sender == f"person:{PERSON}"


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG)
async def test_any_other_token_is_401(entra_door, entra, token):
    """Nothing is published, and the log says which claim did not hold, never the token."""
    given = token(entra).encode("latin-1")
    with structlog.testing.capture_logs() as lines:
        answer = await entra_door.post([("Authorization", b"Bearer " + given)])
    assert answer.status_code == 401
    assert entra_door.published == []
    assert [line["event"] for line in lines] == ["intake.unauthenticated"]
    assert "token" in lines[0]["reason"]
    assert given.decode("latin-1") not in str(lines)


async def test_the_header_twice_is_refused(entra_door, entra):
    """Two tokens are two claims, even if both hold."""
    token = f"Bearer {entra.token()}"
    assert (await entra_door.post([("Authorization", token), ("Authorization", token)])).status_code == 401


async def test_keys_open_beside_tokens(entra_door, entra):
    """Other senders need no tokens, and nobody asks Entra about their keys."""
    assert (await entra_door.post(bearer("new key of desk"))).status_code == 202
    assert entra.asked == 0


async def test_apps_of_ones_own_may_be_allowed(threshold, entra):
    """Another app may send where the settings name it, and Azure Monitor then no longer may."""
    door = threshold(
        tenant_id=TENANT.upper(),
        intake_entra_audience=f"api://{AUDIENCE}",
        intake_entra_authority=entra.address,
        intake_entra_apps=OTHER,
        intake_entra_role="Alerts.Send",
    )
    other = entra.token(appid=OTHER, roles=["Alerts.Send"])
    assert [(await door.post(bearer(token))).status_code for token in (other, entra.token())] == [202, 401]


async def test_the_keys_are_asked_for_once(entra_door, entra):
    """Many at once wait for one answer, and those after them for none."""
    answers = await asyncio.gather(*(entra_door.post(bearer(entra.token())) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert (await entra_door.post(bearer(entra.token()))).status_code == 202
    assert entra.asked == 1


async def test_unknown_keys_do_not_become_questions(entra_door, entra):
    """Whoever makes up names of keys makes us ask once in a while, not each time."""
    for number in range(10):
        token = entra.token(key_id=f"made up {number}", signed_by="second")
        assert (await entra_door.post(bearer(token))).status_code == 401
    assert entra.asked == 1


async def test_a_new_key_is_found_without_a_gap(entra):
    """While keys change, tokens of the old one and the new one hold; the old one ends when it is no longer told."""
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys", asked_every=timedelta())
    assert await keys.find("first")
    entra.key_ids = ["first", "second"]
    assert await keys.find("second")
    assert await keys.find("first")
    entra.key_ids = ["second"]
    assert await keys.find("third") is None
    assert await keys.find("first") is None


async def test_a_key_that_was_taken_back_is_forgotten_in_time(entra, monkeypatch):
    """After a day the keys are asked for again, although the one at hand is known."""
    monkeypatch.setattr(entra_keys, "KEPT_FOR", timedelta())
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys", asked_every=timedelta())
    assert await keys.find("first")
    entra.key_ids = ["second"]
    assert await keys.find("first") is None


async def test_an_old_key_holds_while_entra_is_away(entra, monkeypatch):
    """An outage of Entra is no reason to refuse those whose keys are known."""
    monkeypatch.setattr(entra_keys, "KEPT_FOR", timedelta())
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys", asked_every=timedelta())
    assert await keys.find("first")
    entra.down = True
    assert await keys.find("first")
    with pytest.raises(Unreachable):
        await keys.find("second")


async def test_without_entra_and_without_keys_the_sender_is_asked_to_come_again(entra_door, entra):
    """A token that cannot be judged is 503 with a time, and opens as soon as Entra answers."""
    entra.down = True
    answer = await entra_door.post(bearer(entra.token()))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert entra_door.published == []


async def test_a_key_that_comes_up_while_entra_is_away_is_in_doubt(entra_door, entra):
    """It may be new: its sender is asked to come again, also a moment after Entra was asked; others notice nothing."""
    assert (await entra_door.post(bearer(entra.token()))).status_code == 202
    entra.down = True
    for key_id in ("second", "made up", "third"):
        answer = await entra_door.post(bearer(entra.token(key_id=key_id)))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await entra_door.post(bearer(entra.token()))).status_code == 202
    assert entra.asked == 2


async def test_names_that_are_made_up_do_not_hide_a_new_key_for_long(entra):
    """A moment after a stranger had us ask in vain, the next unknown key is asked for."""
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys", asked_every=timedelta(milliseconds=50))
    assert await keys.find("made up") is None
    entra.key_ids = ["first", "second"]
    async with asyncio.timeout(LIMIT):
        while await keys.find("second") is None:
            await asyncio.sleep(0.01)


async def test_few_wait_for_entra_at_once(entra, monkeypatch):
    """Whoever makes up names while Entra is slow holds no more than these; the next is asked to come again at once."""
    monkeypatch.setattr(entra_keys, "WAITING", 2)
    entra.may_answer.clear()
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys")
    waiting = [asyncio.create_task(keys.find("first")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unreachable):
        await keys.find("first")
    entra.may_answer.set()
    assert all(await asyncio.gather(*waiting))


async def test_an_old_key_waits_for_no_question_of_anothers(entra, monkeypatch):
    """While one asks anew what Entra tells, senders whose key is at hand are served."""
    monkeypatch.setattr(entra_keys, "KEPT_FOR", timedelta())
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys")
    assert await keys.find("first")
    entra.may_answer.clear()
    asking = asyncio.create_task(keys.find("first"))
    await asyncio.sleep(0)
    assert await keys.find("first")
    assert not asking.done()
    entra.may_answer.set()
    assert await asking


async def test_an_outage_of_entra_does_not_become_a_flood(entra, monkeypatch):
    """While Entra is away it is asked once in a while."""
    monkeypatch.setattr(entra_keys, "TRIED_AGAIN_AFTER", PATIENCE)
    entra.down = True
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys")
    for _ in range(5):
        with pytest.raises(Unreachable):
            await keys.find("first")
    assert entra.asked == 1


async def test_entra_that_never_answers_is_an_outage(entra, monkeypatch):
    """The sender is answered before it gives up itself, and asked to come again."""
    monkeypatch.setattr(entra_keys, "TIME_OUT", timedelta(milliseconds=1))
    entra.may_answer.clear()
    with pytest.raises(Unreachable):
        await EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys").find("first")
    entra.may_answer.set()


async def test_entra_is_asked_again_after_an_outage(entra, monkeypatch):
    """What was in doubt is known with the next answer."""
    monkeypatch.setattr(entra_keys, "TRIED_AGAIN_AFTER", timedelta())
    entra.down = True
    keys = EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys")
    with pytest.raises(Unreachable):
        await keys.find("first")
    entra.down = False
    assert await keys.find("first")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/keys", "http://nowhere.invalid/keys", "nonsense"])
async def test_an_authority_that_nobody_answers_at_is_unreachable(address):
    """A wrong address is an outage, and never a fault of ours or an open door."""
    with pytest.raises(Unreachable):
        await EntraKeys(address).find("first")


@pytest.mark.parametrize("listed", [[], ["x"], "keys", None, [{"kty": "oct", "k": "AAAA", "kid": "first"}]])
async def test_an_answer_that_lists_no_keys_is_an_outage(entra, monkeypatch, listed):
    """Whatever else is told instead of keys lets nobody in."""
    monkeypatch.setattr(entra, "_listed", lambda _: listed)
    with pytest.raises(Unreachable):
        await EntraKeys(f"{entra.address}/{TENANT}/discovery/v2.0/keys").find("first")
