"""A process that has imported everything and forks workers: each start takes milliseconds, each worker is its own."""

import gc
import json
import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    _import_everything()
    # What the children never change stays shared between them.
    gc.freeze()
    children: set[int] = set()
    print("ready", flush=True)
    # Ends when whoever started it does, however that ended.
    for line in sys.stdin:
        order = json.loads(line)
        if "reap" in order:
            os.waitpid(order["reap"], 0)
            children.discard(order["reap"])
            print("reaped", flush=True)
        else:
            pid = _born(order["settings"], order["log"])
            children.add(pid)
            print(pid, flush=True)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _import_everything() -> None:
    from msgraph.generated.models.channel import Channel
    from msgraph.generated.models.chat_message import ChatMessage
    from msgraph.generated.models.user import User

    import worker.__main__
    import worker.app  # noqa: F401 (for the children)

    for model in (Channel, ChatMessage, User):
        model().get_field_deserializers()


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
    from worker.__main__ import main as tocsin

    os.environ.update(settings)
    words = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for kept, number in ((nothing, 0), (words, 1), (words, 2)):
        os.dup2(kept, number)
    sys.argv = ["tocsin", "work"]
    try:
        tocsin()
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)


if __name__ == "__main__":
    main()
