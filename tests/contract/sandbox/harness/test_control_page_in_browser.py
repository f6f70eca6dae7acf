"""The people's page in a real browser, where the machine has one: what is drawn, and what does not run."""

import asyncio
import base64
import hmac
import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from patience import LIMIT
from services import skip_or_fail

from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.stand_ins import stand_ins
from worker.sandbox.world import DEFAULT_WORLD

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    # It refuses to start as root and on hardened kernels otherwise; all it opens is our own loopback page.
    "--no-sandbox",
)
MOMENT = "2026-03-02T12:05:00Z"
HOSTILE = (
    "<script>window.ran=1</script><img src=x onerror='window.ran=1'><svg onload='window.ran=1'></svg>"
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe><a href='javascript:window.ran=1'>leads nowhere</a>"
    "<form><button formaction='javascript:window.ran=1'>go</button></form><b style='position:fixed'>bold</b>"
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True, scope="module")
def program():
    if BROWSER is None:
        skip_or_fail("There is no Chromium on this machine.")


class Tab:
    """One page of the browser, asked through its debugging protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def ask(self, method, **parameters):
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": parameters})
        async for message in self._socket:
            answer = json.loads(message.data)
            if answer.get("id") == self._asked:
                return answer["result"]
        raise ConnectionError("The browser closed the tab.")

    async def open(self, address, *, width=1200):
        await self.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        await self.ask("Page.navigate", url="about:blank")
        await self.ask("Page.navigate", url=address)

    async def value(self, expression):
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def until(self, expression):
        """Wait until the page says so."""
        async with asyncio.timeout(LIMIT):
            while not await self.value(f"Boolean({expression})"):
                await asyncio.sleep(0.02)


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Tab]:
    process = await asyncio.create_subprocess_exec(
        BROWSER, *FLAGS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.DEVNULL
    )
    try:
        port = await _port(profile)
        async with aiohttp.ClientSession() as http:
            async with http.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
                address = (await answer.json())["webSocketDebuggerUrl"]
            async with http.ws_connect(address, max_msg_size=0) as socket:
                yield Tab(socket)
    finally:
        process.terminate()
        await process.wait()


async def _port(profile: Path) -> str:
    told = profile / "DevToolsActivePort"
    async with asyncio.timeout(LIMIT):
        while not (told.exists() and told.read_text()):
            await asyncio.sleep(0.02)
    return told.read_text().split()[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(tmp_path_factory):
    async with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox():
    """A sandbox with one work item, one announced channel and one person told, every text of which is hostile."""
    server = await SandboxServer.start(stand_ins(DEFAULT_WORLD))
    async with aiohttp.ClientSession(server.url) as http:
        await _launch(http)
        await _tell(http, server.settings()["paging_webhook_secrets"].partition("whsec_")[2])
    yield server.url
    await server.close()


async def _launch(http):
    team = f"/graph/v1.0/teams/{DEFAULT_WORLD.team_id}"
    async with http.post(f"{team}/channels", json={"displayName": "inc-1", "description": HOSTILE}) as answer:
        channel = await answer.json()
    patch = [
        {"op": "add", "path": "/fields/System.Title", "value": f"[inc-1] {HOSTILE}"[:255]},
        {"op": "add", "path": "/fields/System.Description", "value": f"<p>Kept</p>{HOSTILE}"},
        {"op": "add", "path": "/fields/System.History", "value": HOSTILE},
        {"op": "add", "path": "/relations/-", "value": {"rel": "Hyperlink", "url": channel["webUrl"]}},
    ]
    address = f"/boards/{DEFAULT_WORLD.project}/_apis/wit/workItems/$Issue?api-version=7.1"
    headers = {"Content-Type": "application/json-patch+json"}
    async with http.post(address, data=json.dumps(patch), headers=headers) as answer:
        assert answer.status == 200, await answer.text()
    card = {
        "type": "AdaptiveCard",
        "body": [
            {"type": "TextBlock", "text": f"{HOSTILE} [here](javascript:window.ran=1)"},
            {
                "type": "FactSet",
                "facts": [{"title": "Received", "value": f"{{{{DATE({MOMENT},SHORT)}}}} {{{{TIME({MOMENT})}}}}"}],
            },
        ],
        "actions": [
            {"type": "Action.OpenUrl", "title": "Run", "url": "javascript:window.ran=1"},
            {"type": "Action.OpenUrl", "title": "Open", "url": "https://contoso.example/"},
        ],
    }
    await _announce(http, channel["id"], card)


async def _announce(http, channel, card):
    conversation = {
        "isGroup": True,
        "bot": {"id": f"28:{DEFAULT_WORLD.bot_app_id}"},
        "channelData": {"channel": {"id": channel}},
        "activity": {
            "type": "message",
            "text": HOSTILE,
            "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
        },
    }
    async with http.post("/bot/v3/conversations", json=conversation) as answer:
        assert answer.status == 202, await answer.text()


async def _tell(http, secret):
    """Amara, by a chat, an SMS and a pager."""
    amara = DEFAULT_WORLD.people[0]
    chat = {"bot": {"id": f"28:{DEFAULT_WORLD.bot_app_id}"}, "members": [{"id": amara.entra_id}], "isGroup": False}
    activity = {"type": "message", "text": HOSTILE}
    async with http.post("/bot/v3/conversations", json=chat | {"activity": activity}) as answer:
        assert answer.status == 201, await answer.text()
    wish = {"from": DEFAULT_WORLD.sms_from, "smsRecipients": [{"to": amara.phone}], "message": HOSTILE}
    headers = {"Authorization": "Bearer a-token"}
    async with http.post("/sms/sms?api-version=1", json=wish, headers=headers) as answer:
        assert answer.status == 202, await answer.text()
    body, stamp = json.dumps({"summary": HOSTILE}), str(int(time.time()))
    signature = base64.b64encode(hmac.digest(base64.b64decode(secret), f"inc-1.{stamp}.{body}".encode(), "sha256"))
    headers = {"webhook-id": "inc-1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature.decode()}"}
    async with http.post("/pager/pager", data=body, headers=headers) as answer:
        assert answer.status == 202, await answer.text()


@pytest.mark.parametrize("policy", ["with its policy", "without its policy"])
async def test_hostile_content_does_not_run(tab, sandbox, policy):
    """Work item and announcement are drawn; nothing in them runs, even where no policy forbids it."""
    await tab.ask("Page.setBypassCSP", enabled=policy == "without its policy")
    await tab.open(f"{sandbox}/#work-item-1")
    await tab.until("document.querySelector('.item .prose') && document.querySelector('.message .ac')")
    await tab.value("document.querySelectorAll('main a:not([target])').forEach((link) => link.click())")

    assert await tab.value("typeof window.ran") == "undefined"
    assert await tab.value("document.querySelectorAll('main :is(script, img, svg, iframe, form, button)').length") == 0
    assert await tab.value("document.querySelectorAll('main [href^=\"javascript\" i]').length") == 0


async def test_a_work_item_brings_its_channel_along(tab, sandbox):
    """The deep link of a work item shows it beside the channel that it links to."""
    await tab.open(f"{sandbox}/#work-item-1")
    await tab.until("document.querySelector('.item')")

    assert await tab.value("document.querySelector('.item .prose p').textContent") == "Kept"
    assert await tab.value("document.querySelector('.room h3').textContent.trim()") == "inc-1"
    assert await tab.value("[...document.querySelectorAll('.button')].map((b) => b.textContent).join()") == "Open"


async def test_moments_of_a_card_are_in_the_readers_own_time(tab, sandbox):
    """As a client of Teams draws them."""
    await tab.open(f"{sandbox}/#work-item-1")
    await tab.until("document.querySelector('.message .ac .factset')")

    shown = await tab.value("document.querySelector('.factset dd').textContent")
    hours = await tab.value(f"new Date('{MOMENT}').toLocaleTimeString([], {{ hour: '2-digit', minute: '2-digit' }})")
    assert "{{" not in shown
    assert "2026" in shown
    assert shown.endswith(hours)


@pytest.mark.parametrize(
    ("place", "room"),
    [
        (f"chat-{DEFAULT_WORLD.people[0].entra_id}", DEFAULT_WORLD.people[0].name),
        ("sms", "SMS"),
        ("pager", "Webhook calls"),
    ],
)
async def test_what_a_person_was_told_is_shown_beside_the_channels(tab, sandbox, place, room):
    """A chat, an SMS and a call to a pager have a room each, with their words as text and their times."""
    await tab.open(f"{sandbox}/#channel-{place}")
    await tab.until("document.querySelector('.message')")

    assert await tab.value("document.querySelector('.room h3').textContent.trim()") == room
    assert await tab.value("document.querySelectorAll('.message time[datetime]').length") == 1
    assert "onerror" in await tab.value("document.querySelector('.message .prose').textContent")
    assert await tab.value("document.querySelectorAll('main :is(script, img, svg, iframe, form, button)').length") == 0
    assert await tab.value("typeof window.ran") == "undefined"


async def test_a_conversation_shows_reactions_and_what_teams_itself_says(tab, sandbox):
    """Who said what in which thread, how it was taken, and a rename as a line of nobody's."""
    of = {"channel": "inc-talk", "person": DEFAULT_WORLD.people[0].email}
    async with aiohttp.ClientSession(sandbox) as http:
        team = f"/graph/v1.0/teams/{DEFAULT_WORLD.other_team_id}"
        async with http.post(f"{team}/channels", json={"displayName": "inc-talk"}) as answer:
            channel = (await answer.json())["id"]
        async with http.post("/sandbox/teams/say", json={**of, "html": HOSTILE}) as answer:
            root = (await answer.json())["id"]
        await http.post("/sandbox/teams/say", json={**of, "text": "an answer", "reply_to": root})
        await http.post("/sandbox/teams/react", json={**of, "message": root, "reaction": "<img src=x>"})
        await http.patch(f"{team}/channels/{channel}", json={"displayName": "inc-renamed"})
    await tab.open(f"{sandbox}/#channel-{channel}")
    await tab.until("document.querySelector('.replies .message')")

    assert await tab.value("document.querySelector('.replies .prose').textContent") == "an answer"
    assert await tab.value("document.querySelector('.bubble .small .chip').textContent") == "<img src=x>"
    assert "channel renamed to inc-renamed" in await tab.value(
        "[...document.querySelectorAll('.began')].at(-1).textContent"
    )
    assert await tab.value("document.querySelectorAll('main :is(script, img, svg, iframe, form, button)').length") == 0
    assert await tab.value("typeof window.ran") == "undefined"


async def test_the_other_team_is_shown_below_the_first(tab, sandbox):
    """Its channels stand under its name."""
    await tab.open(f"{sandbox}/#channels")
    await tab.until("document.querySelector('.rooms h3')")

    assert await tab.value("document.querySelector('.rooms h3').textContent") == DEFAULT_WORLD.other_team
    assert await tab.value("document.querySelector('.rooms h3 + ul a').textContent") == "GeneralNo messages"


def button(system, name):
    return f"document.querySelector('#faults [data-key=\"fault-{system}: {name}\"]')"


async def test_systems_are_taken_away_and_given_back_by_hand(tab, sandbox):
    """A button takes a system away, another way of failing takes its place, and one button gives all of them back."""
    await tab.open(f"{sandbox}/#board")
    await tab.until(button("Boards", "Answers 503"))
    async with aiohttp.ClientSession(sandbox) as http:

        async def faults():
            async with http.get("/sandbox/faults") as answer:
                listed = (await answer.json())["faults"]
            return [(fault["system"], fault["behaviour"], fault["times_left"]) for fault in listed]

        for system, name in (("Boards", "Answers 503"), ("SMS", "Hangs"), ("SMS", "Refuses")):
            await tab.value(f"{button(system, name)}.click()")
            await tab.until(f"{button(system, name)}.getAttribute('aria-pressed') === 'true'")
        assert await faults() == [("boards", "status", None), ("sms", "refuse", None)]

        await tab.value(f"{button('SMS', 'Refuses')}.click()")
        await tab.until(f"{button('SMS', 'Refuses')}.getAttribute('aria-pressed') === 'false'")
        assert await faults() == [("boards", "status", None)]

        await tab.value("document.querySelector('#faults > div > button').click()")
        await tab.until("!document.querySelector('#faults').hasAttribute('data-faults')")
        assert await faults() == []


async def test_the_page_fits_a_narrow_window(tab, sandbox):
    """At 360 pixels nothing is wider than the window: on the board, in a work item, a channel, and with the faults."""
    for place in ("#board", "#work-item-1", "#channels", "#channel-pager"):
        await tab.open(f"{sandbox}/{place}", width=360)
        await tab.until("document.querySelector('main .pane > header') && document.querySelector('#faults button')")
        await tab.value("document.querySelector('#faults').open = true")
        widest = "Math.max(...[...document.querySelectorAll('body *')].map((e) => e.getBoundingClientRect().right))"
        assert await tab.value(widest) <= 360


async def test_the_page_shows_what_is_new_while_it_is_watched(tab, sandbox):
    """A channel that is opened while the page is shown appears without a reload."""
    await tab.open(f"{sandbox}/#channels")
    await tab.until("document.querySelectorAll('nav.rooms > ul:first-child li').length === 2")
    team = f"{sandbox}/graph/v1.0/teams/{DEFAULT_WORLD.team_id}"
    async with aiohttp.ClientSession() as http, http.post(f"{team}/channels", json={"displayName": "inc-2"}):
        pass

    await tab.until("[...document.querySelectorAll('.rooms a')].some((a) => a.textContent.startsWith('inc-2'))")
