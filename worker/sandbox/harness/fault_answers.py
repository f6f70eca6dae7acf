"""What each system's own gateway says with a status, when a fault does not bring words of its own."""

import json
from http import HTTPStatus

SIGN_IN_PAGE = "<!DOCTYPE html><html><head><title>Sign In</title></head><body>Sign in to continue.</body></html>"
GATEWAY_PAGE = "<!DOCTYPE html><html><head><title>{0} {1}</title></head><body><h1>{0} {1}</h1></body></html>"

BOARDS_MESSAGES = {
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
GRAPH_CODES = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


def default_body(system: str, status: int) -> tuple[str, str]:
    """Give the body and its content type."""
    if system == "boards":
        return _boards(status)
    code = GRAPH_CODES.get(status, "UnknownError")
    inner = {"innerError": {"date": "2026-01-01T00:00:00", "request-id": "0", "client-request-id": "0"}}
    error = {"code": code, "message": _phrase(status)} | (inner if system == "graph" else {})
    return json.dumps({"error": error}), "application/json; charset=utf-8"


def _boards(status: int) -> tuple[str, str]:
    if status == HTTPStatus.NON_AUTHORITATIVE_INFORMATION:
        return SIGN_IN_PAGE, "text/html; charset=utf-8"
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT):
        return GATEWAY_PAGE.format(status, _phrase(status)), "text/html; charset=utf-8"
    message, type_key = BOARDS_MESSAGES.get(status, (_phrase(status), "VssServiceException"))
    error = {
        "$id": "1",
        "innerException": None,
        "message": message,
        "typeName": f"Microsoft.VisualStudio.Services.Common.{type_key}, Microsoft.VisualStudio.Services.Common",
        "typeKey": type_key,
        "errorCode": 0,
        "eventId": 3000,
    }
    return json.dumps(error), "application/json; charset=utf-8"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown Status"
