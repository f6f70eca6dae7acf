"""`tocsin` as a child of the sandbox: ends when the parent does, however the parent ends."""

import os
import runpy
import signal
import sys
import threading


def _end_with_parent() -> None:
    # Our parent holds the other end of this pipe for as long as it lives; the kernel closes it even after SIGKILL.
    # Unbuffered: a lock on the buffer, held at exit by this thread, would crash the interpreter.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    runpy.run_module("worker", run_name="__main__", alter_sys=True)
