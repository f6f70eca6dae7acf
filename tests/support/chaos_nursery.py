"""A process that has imported everything and forks workers or intakes, each its own: a start takes milliseconds."""

# ruff: noqa: T201 (whoever started it reads what it prints)

import gc
import json
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module

from worker.__main__ import main as tocsin

# What a worker would import after its start, for as long as it takes.
_IMPORTED_LATE = (
    "worker.app",
    "aiohttp",
    "anyio",
    "azure.core.pipeline.transport._aiohttp",
    "azure.core.rest._aiohttp",
    "h2.connection",
    "httpcore",
    "msgraph.generated.teams.item.team_item_request_builder",
    "msgraph.generated.users.users_request_builder",
)
_MODELS = ("channel", "Channel"), ("chat_message", "ChatMessage"), ("user", "User")
_IMPORTED_LATE_BY_INTAKES = ("worker.app", "worker.intake", "worker.reporting", "aiohttp", "anyio")


def main() -> None:
    _import_everything(sys.argv[1])
    # What the children never change stays shared between them.
    gc.freeze()
    children: set[int] = set()
    print("ready", flush=True)
    # Ends when whoever started it does, however that ended.
    for line in sys.stdin:
        print(_obey(json.loads(line), children), flush=True)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _import_everything(command: str) -> None:
    for name in _IMPORTED_LATE if command == "work" else _IMPORTED_LATE_BY_INTAKES:
        import_module(name)
    # Each imports some hundred more when it is first used.
    for module, model in _MODELS if command == "work" else ():
        getattr(import_module(f"msgraph.generated.models.{module}"), model)().get_field_deserializers()


def _obey(order: dict, children: set[int]) -> str:
    if "reap" in order:
        os.waitpid(order["reap"], 0)
        children.discard(order["reap"])
        return "reaped"
    pid = _born(order["settings"], order["log"])
    children.add(pid)
    return str(pid)


def _born(settings: dict[str, str], log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _live(settings, log)
    finally:
        # Nothing of the parent's is the child's to clean up.
        os._exit(1)


def _live(settings: dict[str, str], log: str) -> None:
    os.environ.update(settings)
    words = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for kept, number in ((nothing, 0), (words, 1), (words, 2)):
        os.dup2(kept, number)
    sys.argv = ["tocsin", *sys.argv[1:]]
    try:
        tocsin()
    finally:
        sys.stdout.flush()


if __name__ == "__main__":
    main()
