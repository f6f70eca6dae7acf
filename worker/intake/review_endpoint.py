"""The review of an incident over HTTP, made of what is stored: neither Teams nor Azure Boards is asked for it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import Review, review_of
from worker.incidents.review.sources import ReviewSources
from worker.intake.incidents import IncidentEndpoints
from worker.web.problem import Problem

FindReview = Callable[[str], Awaitable[ReviewSources | None]]
# As it was kept at the last close, with the zone of the incident's service.
FindKept = Callable[[str], Awaitable[tuple[Review, tzinfo] | None]]


async def no_review(incident_id: str) -> None:
    """Where none are kept."""
    del incident_id


class ReviewForm(StrEnum):
    MD = "md"
    JSON = "json"


IsFinal = Annotated[bool, Query(alias="final", description="As it was kept when the incident was last closed.")]
AskedForm = Annotated[ReviewForm, Query(alias="format", description="`md` for people, `json` for programs.")]


class ReviewEndpoint:
    def __init__(self, incidents: IncidentEndpoints, find: FindReview, find_kept: FindKept) -> None:
        self._incidents = incidents
        self._find = find
        self._find_kept = find_kept

    async def show_review(
        self, request: Request, incident_id: str, form: AskedForm = ReviewForm.MD, *, is_final: IsFinal = False
    ) -> Response:
        """For whoever may see the incident."""
        find = self._kept if is_final else self._make
        made, zone = await self._incidents.find_shown(request, incident_id, find)
        if form is ReviewForm.JSON:
            return Response(made.to_json(), media_type="application/json")
        # Never as a page: people's words stand in it.
        headers = {"Content-Disposition": f'inline; filename="{incident_id}.md"', "X-Content-Type-Options": "nosniff"}
        return Response(markdown_of(made, zone), media_type="text/markdown", headers=headers)

    async def _make(self, incident_id: str) -> tuple[Review, tzinfo] | None:
        sources = await self._find(incident_id)
        return (review_of(sources, datetime.now(UTC)), sources.zone) if sources is not None else None

    async def _kept(self, incident_id: str) -> tuple[Review, tzinfo]:
        kept = await self._find_kept(incident_id)
        if kept is None:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                f"No review of {incident_id} is kept: that is done when it is closed. Leave out `final`.",
            )
        return kept
