"""Which refusals the clients take for "not applied": an effect behind one of them is outside of the promise."""

from collections.abc import Iterator

from worker.clients.boards.errors import ANSWERS as BOARDS
from worker.clients.boards.errors import Kind
from worker.clients.boards.sdk import Answer
from worker.clients.outcomes import Refusal
from worker.clients.posting.chats import OPEN_CHAT
from worker.clients.posting.connector import POST_ACTIVITY
from worker.clients.posting.delegated import POST_MESSAGE
from worker.clients.teams.client import CREATE_CHANNEL
from worker.domain.errors import Unknown

STATUSES = (400, 401, 403, 404, 405, 408, 409, 412, 413, 423, 429)

# Changes of a message, SMS and webhooks are not among them: each may be sent again, and comes to the same.
_CALLS = {
    "Graph, channels": CREATE_CHANNEL,
    "Graph, messages": POST_MESSAGE,
    "Bot Connector": POST_ACTIVITY,
    "Bot Connector, chats": OPEN_CHAT,
}

_ALL = ("Boards", *_CALLS)

# An effect behind one of these would be made a second time, or be missed: by whom it is given, and why it is trusted.
EXCLUDED: dict[int, tuple[tuple[str, ...], str]] = {
    400: (
        ("Boards", "Graph, channels", "Bot Connector", "Bot Connector, chats"),
        "the request is checked as a whole before anything is stored",
    ),
    401: (_ALL, "refused at the door"),
    403: (_ALL, "refused at the door"),
    404: (_ALL, "there was nothing to change, and nowhere to make anything"),
    405: (_ALL, "no such request is known there"),
    409: (("Boards",), "the guard on the revision did its work, and the whole patch was refused"),
    412: (("Boards",), "as 409"),
    413: (_ALL, "refused by its length"),
    423: (_ALL, "what is locked is not changed"),
    429: (_ALL, "refused at the door"),
}


def taken_for_not_applied() -> Iterator[tuple[str, int]]:
    for status in STATUSES:
        row = next(row for row in BOARDS if row.fits(Answer(status)))
        if any(row.errors[kind] is not Unknown for kind in (Kind.CREATE, Kind.UPDATE)):
            yield "Boards", status
        for call, answers in _CALLS.items():
            if Refusal(status).meaning(answers).error is not Unknown:
                yield call, status
