"""Where `tocsin` processes are born: forked from one that has imported everything, since each import takes seconds."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
_SCRIPT = Path(__file__).with_name("nursery_process.py")
_LOOK_EVERY = 0.02


@dataclass
class Born:
    """One process; until its end was seen, its number belongs to nobody else."""

    pid: int
    nursery: "Nursery"
    _code: int | None = field(default=None, init=False)

    @property
    def returncode(self) -> int | None:
        if self._code is None:
            self._code = self.nursery.ended(self.pid)
        return self._code

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    async def wait(self) -> int:
        while (code := self.returncode) is None:
            await asyncio.sleep(_LOOK_EVERY)
        return code


class Nursery:
    """Answers at once, so that it serves event loops of any scope."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process
        assert self._answer() == "ready"

    def start(self, *arguments: str, environment: dict[str, str], folder: Path, out: Path, err: Path) -> Born:
        """`tocsin` with these arguments and this environment; what it says is added to the files."""
        order = {"arguments": arguments, "environment": environment}
        paths = {"folder": str(folder), "out": str(out), "err": str(err)}
        return Born(int(self._order(**order, **paths)), self)

    def ended(self, pid: int) -> int | None:
        return json.loads(self._order(ended=pid))

    def _order(self, **order) -> str:
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        answer = self._process.stdout.readline()
        assert answer, "The nursery of the processes has died; its words are in the standard error of this run."
        return answer.strip()


@contextmanager
def open_nursery():
    """Whatever was born in it ends with it."""
    process = subprocess.Popen(
        [sys.executable, str(_SCRIPT)],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Nursery(process)
