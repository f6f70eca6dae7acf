"""The azure-devops client, hardened: no hidden retry, one time-out for the call, no late write, honest refusals."""

import json
import logging
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from msrest.authentication import Authentication
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Timeout

# isort: split
from worker.clients.boards import cache
from worker.domain.clock import doubt

# isort: split
from azure.devops.v7_1.work_item_tracking import WorkItemTrackingClient
from azure.devops.v7_1.work_item_tracking.models import (
    CommentCreate,
    CommentUpdate,
    JsonPatchOperation,
    TeamContext,
    Wiql,
)

from worker.domain.text import clean_line
from worker.observability import telemetry
from worker.resilience import send_deadline

# The SDK's own names are had from here, so that nobody imports it before its cache was looked to.
__all__ = [
    "Answer",
    "CommentCreate",
    "CommentUpdate",
    "HardenedClient",
    "JsonPatchOperation",
    "Refusal",
    "TeamContext",
    "Transport",
    "Wiql",
    "hardened_client",
    "is_write",
]

_WRITING = {"POST", "PATCH", "PUT", "DELETE"}

# The SDK asks by POST what it only wants to know; neither changes anything.
_READING_POSTS = ("/_apis/wit/wiql", "validateOnly=true")

# A name with several addresses is tried address by address, each with this share: the request still leaves in time.
_CONNECT_SHARE = 5

_MESSAGE_LIMIT = 600
_ERROR_BODY_LIMIT = 64 * 1024
_CHUNK = 8 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back when it was not what we asked for."""

    status: int
    type_key: str = ""
    code: int = 0
    message: str = ""
    activity: str = ""
    retry_after: timedelta | None = None
    clock: str = ""

    @classmethod
    def of(cls, response: requests.Response) -> "Answer":
        body = _error_body(response)
        return cls(
            status=response.status_code,
            type_key=str(body.get("typeKey") or ""),
            code=body["errorCode"] if isinstance(body.get("errorCode"), int) else 0,
            message=clean_line(str(body.get("message") or ""))[:_MESSAGE_LIMIT].rstrip("."),
            activity=clean_line(response.headers.get("ActivityId", ""))[:64],
            retry_after=_retry_after(response.headers),
            clock=doubt(response.headers),
        )

    def __str__(self) -> str:
        kind = f" {self.type_key}" if self.type_key else ""
        code = f" ({self.code})" if self.code else ""
        activity = f" [ActivityId {self.activity}]" if self.activity else ""
        return f"{self.status}{kind}{code}{': ' + self.message if self.message else ''}{activity}"


class Refusal(Exception):
    """Raised instead of the SDK's own exceptions, which lose the status and headers; boards.errors judges it."""

    def __init__(self, answer: Answer, *, writing: bool) -> None:
        super().__init__(str(answer))
        self.answer = answer
        self.writing = writing


class HardenedClient(WorkItemTrackingClient):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's client with everything that could send twice, late or unseen taken out."""

    def __init__(self, url: str, authentication: Authentication, transport: "Transport") -> None:
        super().__init__(url, authentication)
        self._transport = transport
        # Plain http is a stand-in nearby: neither a proxy nor an entry in ~/.netrc may come between.
        self.config.proxies.use_env_settings = url.startswith("https:")
        self.config.session_configuration_callback = self._prepare_session

    def _prepare_session(self, session: requests.Session, _all: Any, _local: Any, **options: Any) -> dict[str, Any]:
        # Sessions are one per thread and come with adapters that retry; ours is shared, and closed in one place.
        if session.adapters.get("https://") is not self._transport:
            session.mount("https://", self._transport)
            session.mount("http://", self._transport)
        return {**options, "timeout": self._transport.time_out}

    def _send_request(self, request: Any, *arguments: Any, **options: Any) -> requests.Response:
        response: requests.Response = super()._send_request(request, *arguments, **options)
        # A bad PAT is answered 203 with a page to sign in, which the SDK takes for success.
        if response.status_code == requests.codes.non_authoritative_info:
            self._handle_error(request, response)
        return response

    def _handle_error(self, _request: Any, response: requests.Response) -> None:
        raise Refusal(Answer.of(response), writing=is_write(response.request))


# The time-out of the write that this thread is about to send; None for what changes nothing.
_leaving: ContextVar[timedelta | None] = ContextVar("leaving", default=None)


class _InTime(HTTPConnection):
    """Looks at the send deadline with the connection standing: a worker may be paused while it connects, too."""

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if time_out := _leaving.get():
            send_deadline.check(time_out)
        super().send(data)


class _EncryptedInTime(_InTime, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _InTime


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _EncryptedInTime


_POOLS = {"http": _Pool, "https": _EncryptedPool}


class Transport(HTTPAdapter):
    """The lowest layer that is ours: asks for the deadline just before a write leaves, and listens for throttling."""

    def __init__(self, time_out: timedelta, *, connections: int) -> None:
        super().__init__(pool_connections=2, pool_maxsize=connections, max_retries=0)
        seconds = time_out.total_seconds()
        self.time_out = Timeout(total=seconds, connect=seconds / _CONNECT_SHARE)
        self._whole = time_out
        self._slow_until = 0.0

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        leaving = _leaving.set(self._whole if is_write(request) else None)
        try:
            response = super().send(request, *arguments, **options)
        finally:
            _leaving.reset(leaving)
        telemetry.answered(request.method or "", urlsplit(request.url or "").hostname or "", response.status_code)
        # A redirect leads to a page to sign in, and is itself the answer. Taken out here, since msrest cannot be told:
        # with redirects switched off it breaks on a POST's.
        response.headers.pop("Location", None)
        if pause := _retry_after(response.headers):
            self._slow_until = time.monotonic() + pause.total_seconds()
        return response

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def asked_patience(self) -> timedelta:
        """How long Azure DevOps still wants us to wait; it says so on successful answers too, before it refuses any."""
        return timedelta(seconds=max(0.0, self._slow_until - time.monotonic()))


def hardened_client(url: str, authentication: Authentication, transport: Transport) -> HardenedClient:
    cache.forget()
    for name in ("azure.devops", "msrest"):
        # At DEBUG they write bodies, and with them what customers said, into the log; at INFO every request.
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    return HardenedClient(url, authentication, transport)


def is_write(request: requests.Request | requests.PreparedRequest | None) -> bool:
    """Whether this very request, once it has left, may have changed something."""
    if request is None:
        return True
    reading = any(mark in (request.url or "") for mark in _READING_POSTS)
    return request.method in _WRITING and not reading


def _error_body(response: requests.Response) -> Mapping[str, Any]:
    try:
        body = json.loads(_beginning(response))
    except (ValueError, requests.RequestException):
        return {}
    return body if isinstance(body, dict) else {}


def _beginning(response: requests.Response) -> bytes:
    read = bytearray()
    with response:
        for chunk in response.iter_content(_CHUNK):
            read += chunk
            if len(read) >= _ERROR_BODY_LIMIT:
                break
    return bytes(read)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return timedelta(seconds=seconds) if 0 < seconds <= timedelta(days=1).total_seconds() else None
