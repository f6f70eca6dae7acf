"""What Azure's SDK sends, carried by the HTTP client of all our writes: its deadline, its bounds, its errors."""

from typing import Any

import httpx
from azure.core.pipeline.transport import AsyncHttpResponse, AsyncHttpTransport, HttpRequest


class HttpxTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Whoever opened the client closes it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, request: HttpRequest, **_: Any) -> AsyncHttpResponse:
        body = str(request.data) if request.data else None
        answer = await self._http.request(request.method, request.url, headers=dict(request.headers), content=body)
        return _Answer(request, answer)

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


class _Answer(AsyncHttpResponse):
    def __init__(self, request: HttpRequest, answer: httpx.Response) -> None:
        super().__init__(request, answer)
        self.status_code = answer.status_code
        self.headers = answer.headers
        self.reason = answer.reason_phrase
        self.content_type = answer.headers.get("Content-Type", "")

    def body(self) -> bytes:
        content: bytes = self.internal_response.content
        return content
