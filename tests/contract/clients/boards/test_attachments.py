"""Files that the Boards client attaches to a work item, against the stand-in through the real SDK."""

import httpx
import pytest
from patience import LIMIT

from worker.clients.boards.attachments import attached
from worker.clients.boards.items import set_field
from worker.domain.errors import Gone, Unknown
from worker.sandbox.boards import Boards as BoardsStandIn
from worker.sandbox.world import DEFAULT_WORLD

TITLE = (set_field("System.Title", "Checkout is down"),)
NAME = "review inc-4h7k.md"
CONTENT = "# Übersicht\n\x00".encode() * 1_000


@pytest.fixture
async def item(boards):
    return await boards.create(TITLE)


async def read(url):
    async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
        return (await http.get(url)).content


async def test_a_file_is_attached_and_read_back(boards, item):
    """Byte for byte, under its name, with what is noted on it."""
    made = await boards.attachments.attach(item.id, NAME, CONTENT, comment="The review")
    assert made.name == NAME
    assert await read(made.url) == CONTENT
    assert attached(await boards.get(item.id), NAME) == made


async def test_a_file_is_attached_once(boards, item, sent):
    """Done again it is found by its name, and nothing is sent; another name is another file."""
    made = await boards.attachments.attach(item.id, NAME, CONTENT)
    before = len(sent("POST"))
    assert await boards.attachments.attach(item.id, NAME, b"else") == made
    assert len(sent("POST")) == before
    await boards.attachments.attach(item.id, "final.md", b"")
    assert [each.name for each in (await boards.get(item.id)).relations] == [NAME, "final.md"]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_an_answer_that_is_lost_leaves_one_file_on_the_item(boards, item, sandbox, method):
    """It may have been done, and tried again it is there once."""
    path = "/attachments" if method == "POST" else "/workitems/"
    sandbox.faults.add({"system": "boards", "method": method, "path": f"(?i){path}", "behaviour": "drop-after"})
    with pytest.raises(Unknown):
        await boards.attachments.attach(item.id, NAME, CONTENT)
    await boards.attachments.attach(item.id, NAME, CONTENT)
    assert [each.name for each in (await boards.get(item.id)).relations] == [NAME]


async def test_files_survive_a_restart(boards, item, stand_in):
    """What was attached is read after the stand-in took its state in again."""
    await boards.attachments.attach(item.id, NAME, CONTENT)
    restarted = BoardsStandIn(DEFAULT_WORLD)
    restarted.restore(stand_in.state())
    assert restarted.state() == stand_in.state()


async def test_an_item_that_was_deleted_gets_none(boards):
    """And nothing is uploaded for it."""
    with pytest.raises(Gone):
        await boards.attachments.attach(99, NAME, CONTENT)
