"""The refusal of a request of which a parameter of the address cannot be read, in the form that all refusals have."""

from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from worker.domain.validation import faults_of
from worker.web.problem import Problem, answer_problem

_DETAIL = "A parameter of the address cannot be read; /docs shows what there is."


async def answer_unread(request: Request, error: Exception) -> JSONResponse:
    """What FastAPI itself reads, before any code of ours does."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    # The first part of each path says that it is one of the query.
    faults = faults_of(error.errors(), behind=1)
    return await answer_problem(request, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, _DETAIL, faults=faults))
