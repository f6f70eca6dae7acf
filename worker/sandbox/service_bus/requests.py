"""Requests and their answers, which travel as messages over a pair of links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.sandbox.service_bus.addresses import Address, Kind
from worker.sandbox.service_bus.codec import Described, Int, ULong, encode
from worker.sandbox.service_bus.conditions import NOT_ALLOWED, NOT_IMPLEMENTED, REFUSALS, Refusal, refusal_of
from worker.sandbox.service_bus.grants import Grants
from worker.sandbox.service_bus.links import Link
from worker.sandbox.service_bus.management import UPDATE_DISPOSITION, manage
from worker.sandbox.service_bus.namespace import Namespace
from worker.sandbox.service_bus.responses import find_responses
from worker.sandbox.service_bus.sections import (
    APPLICATION_PROPERTIES,
    PROPERTIES,
    VALUE,
    Sections,
    split,
)

_MESSAGE_ID, _REPLY_TO, _CORRELATION_ID = 0, 4, 5
_ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    description: str
    body: Any = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests of one session; `links` are that session's, among them those for the answers."""

    namespace: Namespace
    grants: Grants
    links: Mapping[int, Link]

    def answer(self, address: Address, content: bytes, message_format: int) -> None:
        """Take one request; what is wrong with it is told in the answer, if there is a link for one."""
        if message_format:
            raise Refusal(NOT_IMPLEMENTED, "Requests come one by one, not in batches.")
        sections = split(content)
        properties = sections.fields(PROPERTIES, _CORRELATION_ID + 1)
        link = find_responses(self.links.values(), address, properties[_REPLY_TO])
        if link is None:
            raise Refusal(NOT_ALLOWED, "There is no link to answer this request: attach a receiver first.")
        response = self._respond(address, sections)
        if response is not None:
            link.put(_encoded(address, response, properties[_MESSAGE_ID]))

    def _respond(self, address: Address, sections: Sections) -> Response | None:
        try:
            properties = sections.mapping(APPLICATION_PROPERTIES)
            if address.kind is Kind.TOKENS:
                return self._put_token(properties, sections)
            return self._manage(address.entity, properties, sections)
        except REFUSALS as exception:
            refusal = refusal_of(exception)
            return Response(refusal.status, str(refusal), condition=refusal.condition)

    def _put_token(self, properties: dict[Any, Any], sections: Sections) -> Response:
        if properties.get("operation") != "put-token":
            raise Refusal(NOT_IMPLEMENTED, "The only operation on $cbs is put-token.", status=501)
        self.grants.add(sections.value_body(), properties.get("name"))
        return Response(_ACCEPTED, "Accepted")

    def _manage(self, entity: str, properties: dict[Any, Any], sections: Sections) -> Response | None:
        operation = properties.get("operation")
        status, body = manage(self.namespace.broker, entity, operation, sections.value_body())
        if operation == UPDATE_DISPOSITION and self.namespace.faults.take_mute():
            return None
        return Response(status, "OK" if body is not None else "No content", body)


def _encoded(address: Address, response: Response, message_id: Any) -> bytes:
    """The id goes back in the very type it came in: a UUID answered as text leaves the SDK waiting for ever."""
    cbs = address.kind is Kind.TOKENS
    properties: dict[str, Any] = {
        "status-code" if cbs else "statusCode": Int(response.status),
        "status-description" if cbs else "statusDescription": response.description,
    }
    if response.condition:
        properties["error-condition" if cbs else "errorCondition"] = response.condition
    parts = (
        (PROPERTIES, [None] * _CORRELATION_ID + [message_id]),
        (APPLICATION_PROPERTIES, properties),
        (VALUE, response.body),
    )
    return b"".join(encode(Described(ULong(code), value)) for code, value in parts)
