"""Azure's side of an SMS: its REST contract, on a real socket, answering as a test tells it."""

import base64
import hashlib
import hmac
import json
from contextlib import asynccontextmanager

from aiohttp import web

KEY = base64.b64encode(b"the key of the resource").decode()
SENDER, PERSON = "+15005550100", "+15005550199"


def accepted(**others):
    return {"to": PERSON, "messageId": "m-1", "httpStatusCode": 202, "successful": True, **others}


def refused(status, message="", **others):
    return {"to": PERSON, "httpStatusCode": status, "successful": False, "errorMessage": message, **others}


class Azure:
    """Answers as it is told, one answer for each request, and accepts when there is none left."""

    def __init__(self):
        self.requests = []
        self.answers = []
        self.port = None

    def will(self, item=None, *, status=202, body=None, headers=None, lose=False):
        self.answers.append((status, body if item is None else {"value": [item]}, headers or {}, lose))

    @property
    def bodies(self):
        return [json.loads(body) for body in self.requests]

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}/sms"

    async def answer(self, request):
        body = await request.read()
        if not is_signed(request, body):
            return web.json_response({"error": {"code": "Denied", "message": "The signature is wrong."}}, status=401)
        if not (recipients := json.loads(body)["smsRecipients"]):
            return web.json_response({"error": {"code": "BadRequest", "message": "No recipients."}}, status=400)
        assert len(recipients) == 1
        self.requests.append(body)
        status, told, headers, lose = self.answers.pop(0) if self.answers else (202, {"value": [accepted()]}, {}, False)
        if lose:
            request.transport.abort()
        return web.json_response(told, status=status, headers=headers)


def is_signed(request, body):
    """As Azure documents it: of the method, the path, the date, the host and the sum of the body."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    said = f"{request.method}\n{request.path_qs}\n{request.headers.get('x-ms-date')};{request.host};{digest}"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), said.encode(), "sha256")).decode()
    return request.headers.get("Authorization", "").endswith(f"&Signature={signature}")


@asynccontextmanager
async def azure_sms():
    azure = Azure()
    app = web.Application()
    app.router.add_post("/sms/sms", azure.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        azure.port = runner.addresses[0][1]
        yield azure
    finally:
        await runner.cleanup()
