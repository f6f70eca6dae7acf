"""The review of an incident over HTTP, made of what is stored: neither Teams nor Azure Boards is asked for it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import review_of
from worker.incidents.review.sources import ReviewSources
from worker.intake.incidents import IncidentEndpoints

FindReview = Callable[[str], Awaitable[ReviewSources | None]]


class ReviewForm(StrEnum):
    MD = "md"
    JSON = "json"


AskedForm = Annotated[ReviewForm, Query(alias="format", description="`md` for people, `json` for programs.")]


class ReviewEndpoint:
    def __init__(self, incidents: IncidentEndpoints, find: FindReview) -> None:
        self._incidents = incidents
        self._find = find

    async def show_review(self, request: Request, incident_id: str, form: AskedForm = ReviewForm.MD) -> Response:
        """For whoever may see the incident."""
        sources = await self._incidents.find_shown(request, incident_id, self._find)
        made = review_of(sources, datetime.now(UTC))
        if form is ReviewForm.JSON:
            return Response(made.to_json(), media_type="application/json")
        # Never as a page: people's words stand in it.
        headers = {"Content-Disposition": f'inline; filename="{incident_id}.md"', "X-Content-Type-Options": "nosniff"}
        return Response(markdown_of(made, sources.zone), media_type="text/markdown", headers=headers)
