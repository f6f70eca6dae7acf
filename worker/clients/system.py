"""A remote system, by the two names it goes by: each is defined once, where its client is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    name: str
    """As metrics, traces, log events and the sandbox say it."""
    spoken: str
    """As sentences for people say it."""

    def __str__(self) -> str:
        return self.spoken
