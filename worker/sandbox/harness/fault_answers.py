"""What the answers that faults give instead of a stand-in are made of; whose words they are, each
stand-in says.
"""

import json
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol


class FaultAnswer(NamedTuple):
    body: str
    content_type: str


class Gateway(Protocol):
    """What a system says with a status; a message of ours, where given, in place of its own words."""

    def __call__(self, status: int, message: str = "") -> FaultAnswer: ...


def json_answer(body: Any) -> FaultAnswer:
    return FaultAnswer(json.dumps(body), "application/json; charset=utf-8")


def html_answer(page: str) -> FaultAnswer:
    return FaultAnswer(page, "text/html; charset=utf-8")


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown Status"
