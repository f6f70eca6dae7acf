"""Azure Boards as the sandbox plays it: its name, its times, and what its gateway says with a status."""

from http import HTTPStatus

from worker.sandbox.harness.behaviour import Behaviour
from worker.sandbox.harness.fault_answers import FaultAnswer, html_answer, json_answer, phrase
from worker.sandbox.harness.latency import Typical
from worker.sandbox.harness.remote_system import RemoteSystem

SIGN_IN_PAGE = "<!DOCTYPE html><html><head><title>Sign In</title></head><body>Sign in to continue.</body></html>"
GATEWAY_PAGE = "<!DOCTYPE html><html><head><title>{0} {1}</title></head><body><h1>{0} {1}</h1></body></html>"

MESSAGES = {
    401: ("TF400813: The user is not authorized to access this resource.", "UnauthorizedRequestException"),
    403: ("TF401027: You need the permission to perform this action.", "AccessCheckException"),
    409: (
        (
            "TF26071: This work item has been changed by someone else since you opened it. "
            "You will need to refresh it and then make your changes again."
        ),
        "WorkItemRevisionMismatchException",
    ),
    429: (
        "TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource.",
        "RequestBlockedException",
    ),
}


def fault_answer(status: int, message: str = "") -> FaultAnswer:
    if status == HTTPStatus.NON_AUTHORITATIVE_INFORMATION:
        return html_answer(SIGN_IN_PAGE)
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT):
        return html_answer(GATEWAY_PAGE.format(status, phrase(status)))
    words, type_key = MESSAGES.get(status, (phrase(status), "VssServiceException"))
    error = {
        "$id": "1",
        "innerException": None,
        "message": message or words,
        "typeName": f"Microsoft.VisualStudio.Services.Common.{type_key}, Microsoft.VisualStudio.Services.Common",
        "typeKey": type_key,
        "errorCode": 0,
        "eventId": 3000,
    }
    return json_answer(error)


BOARDS = RemoteSystem(
    name="boards",
    typical=(
        Typical("OPTIONS", r"/_apis$", 60, "a static table, answered at the front door"),
        Typical("POST", r"/wiql", 150, "a query planned and run by the database"),
        Typical("POST", r"/workitems/\$", 350, "rules, a write and its links in one transaction"),
        Typical("PATCH", r"", 250, "as a create, without new rows for the item itself"),
        Typical("POST", r"", 250, "a comment is a new revision"),
        Typical("GET", r"", 90, "one row with its links, by its key"),
    ),
    fault_answer=fault_answer,
    standing=frozenset({Behaviour.LAG}),
)
