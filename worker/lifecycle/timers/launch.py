"""A minute after the people were looked up: where the launch has told none of them, each is told in person."""

from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import known_escalation, tell_of_level
from worker.lifecycle.response.log import Log
from worker.oncall.escalation.because import listed

_WHY = "the launch has told nobody of it for a minute"


def tell_for_launch(log: Log, known: Circumstances) -> None:
    escalation = known_escalation(log)
    is_awaited = log.response.state is ResponseState.OPEN and known.launch.told_at is None
    if escalation is None or escalation.launched is None or not is_awaited:
        return
    told = escalation.launched
    names = listed(known.people.ref(key).name for key in told.people)
    log.enter(
        "page",
        f"Told in person, because {_WHY}: {names}",
        data={"round": told.place.round, "people": list(told.people), "because": _WHY},
        tells=tell_of_level(known, told, _WHY),
    )
