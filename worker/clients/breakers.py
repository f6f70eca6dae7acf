"""The circuit breakers of a process: one for each remote system, whichever of its clients calls."""

from datetime import timedelta

from worker.clients.system import System
from worker.resilience.circuit_breaker import PAUSE, Breaker


class Breakers:
    def __init__(self, pause: timedelta = PAUSE) -> None:
        self._pause = pause
        self._made: dict[System, Breaker] = {}

    def of(self, system: System) -> Breaker:
        """The same one for the same system: what one client learns of it holds for the others."""
        if system not in self._made:
            self._made[system] = Breaker(system.name, spoken=system.spoken, pause=self._pause)
        return self._made[system]
