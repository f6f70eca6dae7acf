"""Azure Communication Services as the sandbox plays them: their name, their times, and their words for a status."""

from worker.sandbox.harness.fault_answers import FaultAnswer, json_answer, phrase
from worker.sandbox.harness.latency import Typical
from worker.sandbox.harness.remote_system import RemoteSystem

CODES = {
    400: "InvalidParameter",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    412: "PreconditionFailed",
    413: "RequestEntityTooLarge",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}


def fault_answer(status: int, message: str = "") -> FaultAnswer:
    return error(status, message or phrase(status))


def error(status: int, message: str) -> FaultAnswer:
    return json_answer({"error": {"code": CODES.get(status, "UnknownError"), "message": message}})


SMS = RemoteSystem(
    name="sms",
    typical=(
        Typical("POST", r"/sms$", 400, "checked and queued behind a gateway; the network comes after the answer"),
    ),
    fault_answer=fault_answer,
)
