"""Put an act into the queue, and wait a moment for what it comes to."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import TocsinError
from worker.domain.response.act import Act, Outcome
from worker.domain.response.act_event import act_event
from worker.domain.sender_scope import Sender
from worker.incidents.history import History
from worker.intake.responses import NoResponses, Responses

# Whether the queue has it, else the spool; raises what kept it from both.
PublishAct = Callable[[EncodedEvent, str], Awaitable[bool]]

# Longer than an act takes that nothing holds up; a person waits for the answer.
PATIENCE = timedelta(seconds=2)
_LOOK_EVERY = timedelta(milliseconds=50)

log = structlog.get_logger()


class Acting:
    def __init__(self, publish: PublishAct, responses: Responses, *, patience: timedelta = PATIENCE) -> None:
        self._publish = publish
        self._responses = responses
        self._patience = patience

    async def act(self, history: History, act: Act, by: Sender) -> tuple[bool, Outcome | None]:
        """Whether the queue has it, and what it came to: None where nobody has decided it in time."""
        event = act_event(act, key=history.key, received_at=datetime.now(UTC), sender=by)
        queued = await self._publish(EncodedEvent.of(event), by.name)
        log.info("intake.acted", incident_id=history.incident_id, act=act.act, queued=queued, sender=by.name)
        return queued, await self._outcome(history.incident_id, act.id) if queued else None

    async def _outcome(self, incident_id: str, act_id: str) -> Outcome | None:
        """None as well where the store does not say it, or nothing keeps it: the queue has the act."""
        if isinstance(self._responses, NoResponses):
            return None
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                while True:
                    if (outcome := await self._responses.outcome(incident_id, act_id)) is not None:
                        return outcome
                    await asyncio.sleep(_LOOK_EVERY.total_seconds())
        except TimeoutError:
            return None
        except TocsinError as error:
            log.info("intake.outcome_unknown", incident_id=incident_id, error=type(error).__name__)
            return None
