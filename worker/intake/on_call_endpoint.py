"""Who is on call for a service, for programs that show or ask it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import Query
from starlette.responses import Response

from worker.domain.errors import TocsinError
from worker.domain.on_call_answer import OnCallAnswer
from worker.domain.text import SHORT_LIMIT, clean_line
from worker.domain.validation import Fault
from worker.intake.incidents import RETRY_AFTER, retry_after, unprocessable
from worker.web.problem import Problem

# Of a service, at a time as it was written, None for now. Raises ValueError of a time that is none, and TocsinError
# where nothing is known.
AskOnCall = Callable[[str, str | None], Awaitable[OnCallAnswer]]

OfService = Annotated[str, Query(description="In any case of letters; without it, who is called by default.")]
AtTime = Annotated[
    str | None,
    Query(description="Such as 2026-03-02T09:00, by the schedule's clock, or 2026-03-02T08:00Z; else now."),
]

log = structlog.get_logger()


class OnCallEndpoint:
    """Nobody on call is an answer, with a loud note."""

    def __init__(self, ask: AskOnCall) -> None:
        self._ask = ask

    async def show_on_call(self, service: OfService = "", at: AtTime = None) -> Response:
        try:
            answer = await self._ask(clean_line(service)[:SHORT_LIMIT], at)
        except ValueError as error:
            raise unprocessable("The time cannot be read.", [Fault("at", str(error))]) from None
        except TocsinError as error:
            log.warning("intake.unavailable", error=type(error).__name__, reason=str(error))
            detail = "Who is on call cannot be read just now; ask again."
            headers = retry_after(error.retry_after or RETRY_AFTER)
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers) from None
        return Response(answer.model_dump_json(by_alias=True), media_type="application/json")
