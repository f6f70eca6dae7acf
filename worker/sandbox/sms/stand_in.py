"""The stand-in for SMS: takes what is signed, sends nothing to anybody, and keeps what would have been sent."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from worker.sandbox.sms.remote_system import SMS, error
from worker.sandbox.sms.repeatability import NotRepeatable, Repeatability
from worker.sandbox.sms.signature import ACCESS_KEY, is_authorized
from worker.sandbox.world import Person, World

Json = dict[str, Any]

LONGEST_MESSAGE = 2048
MOST_RECIPIENTS = 100
_KEPT = 5_000
_LARGEST_BODY = 256 * 1024
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


class Refused(Exception):
    """The whole request is refused, with a status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Sms:
    """The stand-in named "sms": one resource with one number to send from, that of the world."""

    system = SMS

    def __init__(self, world: World, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.world = world
        self.clock = clock
        self.messages: list[Json] = []
        self._repeatability = Repeatability()

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.post(SMS.path + "/sms", self._answer)

    def settings(self, url: str) -> dict[str, str]:
        return {"sms_connection_string": f"endpoint={url};accesskey={ACCESS_KEY}", "sms_from": self.world.sms_from}

    def state(self) -> Json:
        return {"messages": self.messages, "repeatability": self._repeatability.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.messages = list(state["messages"])
        self._repeatability.restore(state["repeatability"])

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            return web.json_response({"value": await self._send(request)}, status=202)
        except Refused as refused:
            body, content_type = error(refused.status, str(refused))
            return web.Response(status=refused.status, text=body, headers={"Content-Type": content_type})

    async def _send(self, request: web.Request) -> list[Json]:
        if not await is_authorized(request, self.clock()):
            raise Refused(401, "The request is not signed with the resource's access key.")
        if not request.query.get("api-version"):
            raise Refused(400, "The api-version is missing.")
        wish = await _read_object(request)
        if wish.get("from") != self.world.sms_from:
            raise Refused(401, "The resource may not send from this number.")
        message = _message(wish)
        return [self._send_to(recipient, message, wish) for recipient in _recipients(wish)]

    def _send_to(self, recipient: Json, message: str, wish: Json) -> Json:
        to = str(recipient["to"])
        of = json.dumps([to, message])
        try:
            answered = self._repeatability.answer_of(recipient, of, self.clock())
        except NotRepeatable as refused:
            return _refusal(to, refused.status, str(refused)) | {"repeatabilityResult": "rejected"}
        if answered is None:
            answered = self._judged(to, message, wish)
            self._repeatability.keep(recipient, of, answered, self.clock())
        return answered

    def _judged(self, to: str, message: str, wish: Json) -> Json:
        person = next((each for each in self.world.people if each.phone == to), None)
        if not _E164.fullmatch(to):
            return _refusal(to, 400, "Invalid To phone number format.")
        # The real service may as well accept it, and say so in a delivery report alone.
        if person and person.opted_out_of_sms:
            return _refusal(to, 400, "The recipient has opted out of receiving messages from this number.")
        return self._keep(to, message, wish, person)

    def _keep(self, to: str, message: str, wish: Json, person: Person | None) -> Json:
        now = self.clock()
        message_id = f"Outgoing_{now:%Y%m%d%H%M%S}{uuid.uuid4()}"
        options = wish.get("smsSendOptions")
        kept = {
            "id": message_id,
            "to": to,
            "name": person and person.name,
            "from": wish["from"],
            "message": message,
            "tag": options.get("tag") if isinstance(options, dict) else None,
            "time": now.isoformat(timespec="milliseconds"),
        }
        self.messages = [*self.messages, kept][-_KEPT:]
        accepted = {"httpStatusCode": 202, "successful": True, "repeatabilityResult": "accepted"}
        return {"to": to, "messageId": message_id, **accepted}


def _refusal(to: str, status: int, message: str) -> Json:
    return {"to": to, "messageId": None, "httpStatusCode": status, "successful": False, "errorMessage": message}


def _message(wish: Json) -> str:
    message = wish.get("message")
    if not isinstance(message, str) or not message:
        raise Refused(400, "The message is missing.")
    if len(message) > LONGEST_MESSAGE:
        raise Refused(400, f"The message is longer than {LONGEST_MESSAGE} characters.")
    return message


def _recipients(wish: Json) -> list[Json]:
    recipients = wish.get("smsRecipients")
    if not isinstance(recipients, list) or not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise Refused(400, f"The smsRecipients must be a list of 1 to {MOST_RECIPIENTS}.")
    if not all(isinstance(each, dict) and isinstance(each.get("to"), str) for each in recipients):
        raise Refused(400, "Each of the smsRecipients needs the number that it is for.")
    return recipients


async def _read_object(request: web.Request) -> Json:
    raw = await request.read()
    if len(raw) > _LARGEST_BODY:
        raise Refused(413, f"The body is larger than {_LARGEST_BODY} bytes.")
    try:
        wish = json.loads(raw)
    except (ValueError, RecursionError):
        wish = None
    if not isinstance(wish, dict):
        raise Refused(400, "The body is not a JSON object.")
    return wish
