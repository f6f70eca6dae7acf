"""The intake without keys, and the web pages that a browser on its machine has open."""

import hashlib

import pytest
from doorstep import Doorstep, refusal

EVENT = {"title": "x"}
PAGERDUTY = {
    "routing_key": "x",
    "event_action": "trigger",
    "payload": {"summary": "x", "source": "y", "severity": "info"},
}
LOCAL = ["localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1", "127.0.0.1:8080", "127.8.8.8", "[::1]", "[::1]:8080"]
FOREIGN = [
    *(
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example/localhost",
    ),
    *(
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "[fe80::1]:80",
        "::1",
        "localhost:evil",
        "localhost@evil.example",
        "2130706433",
        "",
    ),
]


@pytest.mark.parametrize("host", LOCAL)
async def test_programs_on_this_machine_may_send(host):
    """By whatever name of loopback they call."""
    assert (await Doorstep().post(EVENT, host=host)).status_code == 202


@pytest.mark.parametrize("host", FOREIGN)
async def test_another_name_for_this_machine_is_a_web_page(host):
    """A page whose name was made to lead here neither sends nor reads."""
    door = Doorstep()
    assert "Host" in refusal(await door.post(EVENT, host=host), 403)["detail"]
    for path in ("/v1/incidents", "/v1/incidents/inc-4h7k2m9xqz", "/v1/alerts/x", "/metrics"):
        assert (await door.http.get(path, headers={"host": host})).status_code == 403
    assert (await door.post(PAGERDUTY, "/v2/enqueue", host=host)).status_code == 403
    assert door.published == []


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "nonsense"])
async def test_a_page_from_elsewhere_is_refused(site):
    """What the browser says of where a request comes from is believed, also without an origin."""
    door = Doorstep()
    refusal(await door.post(EVENT, sec_fetch_site=site), 403)
    assert (await door.http.get("/v1/incidents", headers={"sec-fetch-site": site})).status_code == 403
    assert door.published == []


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_an_address_that_a_person_typed_is_answered(site):
    """What is open may be looked at in a browser."""
    assert (await Doorstep().http.get("/v1/incidents", headers={"sec-fetch-site": site})).status_code == 200


async def test_with_keys_any_name_will_do():
    """A key is what no page knows."""
    door = Doorstep(intake_keys={"desk": hashlib.sha256(b"key").hexdigest()})
    headers = {"host": "tocsin.example", "sec_fetch_site": "cross-site", "authorization": "Bearer key"}
    assert (await door.post(EVENT, **headers)).status_code == 202
