"""How long the incidents of a killed worker waited for another one, read from the workers' own logs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chaos_processes import Worker

# With these a worker lets go of a message it had.
_LET_GO = {"message.settled", "message.lock_lost"}
# With these another one shows that it has it.
_TAKEN_UP = {"incident.leased", "incident.already_launched"}


@dataclass(frozen=True)
class Death:
    """A worker that was killed, and when, by the clock that the workers log by."""

    worker: Worker
    at: datetime


@dataclass(frozen=True)
class Recovery:
    taken_up: timedelta
    launched: timedelta


def recoveries(deaths: Iterable[Death], workers: Iterable[Worker]) -> Iterator[Recovery]:
    """One for each incident that a killed worker had in hand, unless that worker had launched it already."""
    taken, launched = _moments(workers)
    for death in deaths:
        for incident in _in_hand(death.worker):
            again = [moment for moment in taken.get(incident, []) if moment > death.at]
            ended = [moment for moment in launched.get(incident, []) if moment > death.at]
            if again and ended:
                yield Recovery(min(again) - death.at, min(ended) - death.at)


def _moments(workers: Iterable[Worker]) -> tuple[dict[str, list[datetime]], dict[str, list[datetime]]]:
    taken: dict[str, list[datetime]] = {}
    launched: dict[str, list[datetime]] = {}
    for worker in workers:
        for event in worker.events():
            moment = datetime.fromisoformat(event["timestamp"])
            if event["event"] in _TAKEN_UP:
                taken.setdefault(event["incident"], []).append(moment)
            if event["event"] == "incident.launched":
                launched.setdefault(event["incident"], []).append(moment)
    return taken, launched


def _in_hand(worker: Worker) -> set[str]:
    held: dict[str, str] = {}
    for event in worker.events():
        if event["event"] == "incident.leased":
            held[event["message"]] = event["incident"]
        elif event["event"] in _LET_GO:
            held.pop(event.get("message", ""), None)
    return set(held.values())
