"""The people's page in a real browser, where the machine has one: what is drawn, and what does not run."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from services import skip_or_fail

from worker.sandbox.boards import Boards
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams import Teams
from worker.sandbox.teams.bot import Bot
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
        async with asyncio.timeout(10):
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
    async with asyncio.timeout(30):
        while not (told.exists() and told.read_text()):
            await asyncio.sleep(0.02)
    return told.read_text().split()[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(tmp_path_factory):
    async with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox():
    """A sandbox with one work item and one announced channel, every text of which is hostile."""
    teams = Teams(DEFAULT_WORLD)
    server = await SandboxServer.start([Boards(DEFAULT_WORLD), teams, Bot(DEFAULT_WORLD, teams)])
    async with aiohttp.ClientSession(server.url) as http:
        await _launch(http)
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
            {"type": "FactSet", "facts": [{"title": "Severity", "value": "1"}]},
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
        assert answer.status == 201, await answer.text()


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


async def test_the_page_fits_a_narrow_window(tab, sandbox):
    """At 360 pixels nothing is wider than the window, on the board, in a work item and in a channel."""
    for place in ("#board", "#work-item-1", "#channels"):
        await tab.open(f"{sandbox}/{place}", width=360)
        await tab.until("document.querySelector('main .pane > header')")
        widest = "Math.max(...[...document.querySelectorAll('body *')].map((e) => e.getBoundingClientRect().right))"
        assert await tab.value(widest) <= 360


async def test_the_page_shows_what_is_new_while_it_is_watched(tab, sandbox):
    """A channel that is opened while the page is shown appears without a reload."""
    await tab.open(f"{sandbox}/#channels")
    await tab.until("document.querySelectorAll('.rooms li').length === 2")
    team = f"{sandbox}/graph/v1.0/teams/{DEFAULT_WORLD.team_id}"
    async with aiohttp.ClientSession() as http, http.post(f"{team}/channels", json={"displayName": "inc-2"}):
        pass

    await tab.until("[...document.querySelectorAll('.rooms a')].some((a) => a.textContent.startsWith('inc-2'))")
