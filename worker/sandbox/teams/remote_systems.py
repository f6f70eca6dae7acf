"""Microsoft Graph and the Bot Connector as the sandbox plays them: their names, times, and words for a status."""

from worker.sandbox.harness.behaviour import Behaviour
from worker.sandbox.harness.fault_answers import FaultAnswer, json_answer, phrase
from worker.sandbox.harness.latency import Typical
from worker.sandbox.harness.remote_system import RemoteSystem

CODES = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


def graph_answer(status: int, message: str = "") -> FaultAnswer:
    inner = {"date": "2026-01-01T00:00:00", "request-id": "0", "client-request-id": "0"}
    return json_answer({"error": {**_error(status, message), "innerError": inner}})


def bot_answer(status: int, message: str = "") -> FaultAnswer:
    return json_answer({"error": _error(status, message)})


def _error(status: int, message: str) -> dict[str, str]:
    return {"code": CODES.get(status, "UnknownError"), "message": message or phrase(status)}


GRAPH = RemoteSystem(
    name="graph",
    typical=(
        Typical("POST", r"/channels$", 900, "a conversation thread is provisioned before the answer"),
        Typical("POST", r"/messages", 300, "one write to the chat service, behind the Graph gateway"),
        Typical("POST", r"", 500, "members and archives cross two services"),
        Typical("GET", r"", 150, "one read behind the Graph gateway"),
        Typical("", r"", 300, "a small write behind the Graph gateway"),
    ),
    fault_answer=graph_answer,
    standing=frozenset({Behaviour.LAG, Behaviour.THROTTLE, Behaviour.STALL, Behaviour.FAIL_LATER}),
)
BOT = RemoteSystem(
    name="bot",
    typical=(Typical("", r"", 350, "the connector's gateway, then the chat service"),),
    fault_answer=bot_answer,
)
