"""What an incident needs, each system to be taken away from one worker alone, and the ways in which one is away."""

import re
from typing import Literal

from chaos_gate import CUT, Answer, Exchange

from worker.sandbox.boards.remote_system import BOARDS
from worker.sandbox.teams.remote_systems import BOT, GRAPH

System = Literal["Boards", "Graph create", "Graph read", "bot", "people", "incidents"]
How = Literal["503", "refused", "hanging"]

SYSTEMS: tuple[System, ...] = ("Boards", "Graph create", "Graph read", "bot", "people", "incidents")
HOWS: tuple[How, ...] = ("503", "refused", "hanging")

# These have addresses of their own, so that a connection is refused as such; what shares its address with another
# system is cut off once it is known for which of them the request is.
OF_THEIR_OWN: tuple[System, ...] = ("Boards", "bot")
_SPOKEN = {"Boards": BOARDS, "Graph create": GRAPH, "Graph read": GRAPH, "bot": BOT}
_TABLES_BUSY = b'{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","value":"The server is busy."}}}'
_COMMIT = "commit"


def of_boards(method: str, path: str, body: bytes) -> frozenset[str]:
    return frozenset({"Boards"})


def of_graph(method: str, path: str, body: bytes) -> frozenset[str]:
    if method == "GET":
        return frozenset({"Graph read"})
    return frozenset({"Graph create"} if re.search(r"/channels(\?|$)", path) else ())


def of_bot(method: str, path: str, body: bytes) -> frozenset[str]:
    return frozenset({"bot"})


def of_tables(method: str, path: str, body: bytes) -> frozenset[str]:
    if "oncall" in path or "schedules" in path:
        return frozenset({"people"})
    return frozenset({"incidents", _COMMIT} if "/$batch" in path else {"incidents"})


def commits(exchange: Exchange) -> bool:
    """Whether the request is one of the transactions by which a launch goes on."""
    return _COMMIT in exchange.labels


async def misbehave(exchange: Exchange, system: System, how: How) -> Answer:
    """What a request to a system comes to that is away in this way."""
    exchange.told = f"({how})"
    if how == "hanging":
        await exchange.until_hung_up()
    return _busy(system) if how == "503" else CUT


def _busy(system: System) -> Answer:
    if system not in _SPOKEN:
        return Answer(503, _TABLES_BUSY, {"Content-Type": "application/json"})
    body, kind = _SPOKEN[system].fault_answer(503)
    return Answer(503, body.encode(), {"Content-Type": kind})
