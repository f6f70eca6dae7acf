"""One process of the model, from its start to its death."""

import asyncio
from dataclasses import dataclass, field

from virtual_time import WorkerLoop

from worker.domain.settlement import Settlement


@dataclass
class Worker:
    """The next process of the same name is another object.

    `tokens`: of the leases it has asked for. `learned_at`: the turn in which it read that another one has the lease.
    """

    name: str
    number: int
    life: int
    loop: WorkerLoop
    alive: bool = True
    paused_until: float = -1.0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    settlement: Settlement | None = None
    tokens: set[str] = field(default_factory=set)
    learned_at: int | None = None

    @property
    def owner(self) -> str:
        return f"{self.name}.{self.life}"
