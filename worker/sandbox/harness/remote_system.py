"""What a stand-in says of the system it plays, and nobody else says: the harness reads all it needs to know here."""

from dataclasses import dataclass

from worker.sandbox.harness.behaviour import Behaviour
from worker.sandbox.harness.fault_answers import Gateway
from worker.sandbox.harness.latency import Typical


@dataclass(frozen=True, kw_only=True)
class RemoteSystem:
    name: str
    """As faults, the log of requests and the worker's metrics say it."""
    typical: tuple[Typical, ...]
    """How long the real one takes; the first row that fits a call counts."""
    fault_answer: Gateway
    """For a fault that does not bring words of its own, and for calls that the stand-in does not know."""
    standing: frozenset[Behaviour] = frozenset()
    """The lasting faults that this stand-in knows."""

    @property
    def path(self) -> str:
        """All its addresses begin with it."""
        return f"/{self.name}"
