"""Where no sender has a key, only programs on this machine may send, and no web page that a browser here has open."""

import ipaddress
import re
from http import HTTPStatus

from starlette.requests import Request

from worker.web.problem import Problem

_HOST = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[^:\[\]]{1,253})(?::[0-9]{0,5})?")
# What the browser says of a page: of this very address, or that a person typed the address.
_NOT_FROM_ELSEWHERE = {"none", "same-origin"}


def check_local(request: Request) -> None:
    """Raises Problem for what a web page sends, also by a name of its own that leads here."""
    headers = request.headers
    if "origin" in headers or not _NOT_FROM_ELSEWHERE.issuperset(headers.getlist("sec-fetch-site")):
        raise Problem(HTTPStatus.FORBIDDEN, "Web pages may not send here as long as no sender has a key.")
    if not all(_is_loopback(host) for host in headers.getlist("host")):
        detail = "As long as no sender has a key, the header Host must be localhost or a loopback address."
        raise Problem(HTTPStatus.FORBIDDEN, detail)


def _is_loopback(host: str) -> bool:
    if not (match := _HOST.fullmatch(host.strip())):
        return False
    name = match[1].strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.removesuffix(".") == "localhost"
