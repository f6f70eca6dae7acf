"""Where an accepted event goes: into the queue, or into the spool while the queue does not acknowledge."""

import time
from collections.abc import Awaitable, Callable

import structlog

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Rejected, TocsinError, Unknown
from worker.intake.acknowledgement import Acknowledgement
from worker.intake.spool import Spool

log = structlog.get_logger()


class Publisher:
    """Without a spool, what the queue does not acknowledge is refused: whoever sent it sends it again.

    An event may come to be in both, when the queue had it and could not say so: both have the same message id.
    `why_down` is the reason why the queue would not take the next event, as far as that is known beforehand.
    """

    def __init__(
        self,
        publish: Callable[[EncodedEvent], Awaitable[None]],
        why_down: Callable[[], str | None],
        spool: Spool | None = None,
        acknowledgement: Acknowledgement | None = None,
    ) -> None:
        self._acknowledgement = acknowledgement or Acknowledgement(publish)
        self._why_down = why_down
        self._spool = spool
        self._silent_since: float | None = None

    async def publish(self, encoded: EncodedEvent) -> bool:
        """True once the queue has it, False once the spool has it; raises what kept it from both."""
        if self._spool is None:
            await self._acknowledgement.publish_within(encoded)
            return True
        if not self._is_down(self._spool) and await self._try_queue(encoded):
            return True
        await self._spool.put(encoded)
        return False

    def why_not_ready(self) -> str | None:
        """While the spool and its disk have room, an event is accepted whatever the queue does."""
        reason = self._why_down()
        if reason is None or self._spool is None:
            return reason
        no_room = self._spool.why_no_room
        return no_room and f"{reason} {no_room}"

    def spooled(self) -> dict[str, str]:
        """What is in the spool and what is wrong with it, in words, while there is something."""
        if self._spool is None:
            return {}
        told = {
            "spooled": self._spool.fill_level if self._spool.fill.events else None,
            "spool_warning": self._spool.warning or self._spool.why_no_room,
        }
        return {name: words for name, words in told.items() if words}

    async def _try_queue(self, encoded: EncodedEvent) -> bool:
        try:
            await self._acknowledgement.publish_within(encoded)
        except Rejected:
            # Kept, it would be refused again and again.
            raise
        except TocsinError as error:
            if isinstance(error, Unknown):
                self._silent_since = time.monotonic()
            log.warning("intake.not_queued", error=type(error).__name__, reason=str(error))
            return False
        self._silent_since = None
        return True

    def _is_down(self, spool: Spool) -> bool:
        """A queue that hangs makes each sender wait for its whole time-out: the spool finds out when that ends."""
        is_waiting = spool.fill.events > 0
        is_silent = self._silent_since is not None and spool.delivered_at < self._silent_since
        return (is_waiting and is_silent) or self._why_down() is not None
