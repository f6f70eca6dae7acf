"""A process that has imported everything and forks `tocsin`: each start takes milliseconds, each child is its own."""

# ruff: noqa: T201 (whoever started it reads what it prints)

import gc
import json
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module

from msgraph.generated.models.channel import Channel
from msgraph.generated.models.chat_message import ChatMessage
from msgraph.generated.models.user import User

from worker.__main__ import main as tocsin

# What a command would import after its start, for as long as it takes.
_IMPORTED_LATE = (
    "worker.app.worker",
    "worker.sandbox.running.run",
    "aiohttp",
    "anyio",
    "azure.core.pipeline.transport._aiohttp",
    "azure.core.rest._aiohttp",
    "h2.connection",
    "httpcore",
    "msgraph.generated.teams.item.team_item_request_builder",
    "msgraph.generated.users.users_request_builder",
)


def main() -> None:
    _import_everything()
    # What the children never change stays shared between them.
    gc.freeze()
    children: set[int] = set()
    print("ready", flush=True)
    # Ends when whoever started it does, however that ended.
    for line in sys.stdin:
        order = json.loads(line)
        if "ended" in order:
            print(json.dumps(_ended(order["ended"], children)), flush=True)
        elif child := os.fork():
            children.add(child)
            print(child, flush=True)
        else:
            _become(order)
            tocsin()  # and the interpreter ends as that of any program
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _import_everything() -> None:
    for name in _IMPORTED_LATE:
        import_module(name)
    # Each imports some hundred more when it is first used.
    for model in (Channel, ChatMessage, User):
        model().get_field_deserializers()


def _ended(pid: int, children: set[int]) -> int | None:
    """Its exit code, as `subprocess` tells it, after which its number may be another's; None while it lives."""
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return None
    children.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _become(order: dict) -> None:
    """A program of its own by everything that it could look at."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    out, err = (os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for path in (order["out"], order["err"]))
    for kept, number in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(kept, number)
        os.close(kept)
    sys.argv = ["tocsin", *order["arguments"]]


if __name__ == "__main__":
    main()
