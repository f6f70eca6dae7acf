"""An act on an incident over HTTP: who acts is who sends it; published, and its outcome told if it comes in time."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Header, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import JSONResponse

from worker.domain.response.act import INTERNAL_ACTS, REFUSED, Act, Outcome
from worker.domain.response.act_faults import act_faults
from worker.domain.response.actor import Actor, ActorKind, Right, Source
from worker.domain.validation import Fault
from worker.incidents.history import History
from worker.intake.acting import PATIENCE, Acting
from worker.intake.incidents import SPOOLED, IncidentEndpoints, unprocessable
from worker.intake.payload import read_json
from worker.intake.responses import Responses
from worker.web.problem import Problem

IdOfAct = Annotated[str | None, Header(alias="Idempotency-Key", description="The act's id, if its body names none.")]

ON_ITS_WAY = "on-its-way"
_ID = re.compile(r"[\x21-\x7e]{1,200}")
_OURS = {
    "actor": "is known by how it was sent, and not written",
    "source": "is known by how it was sent, and not written",
    "data": "is of workers alone",
}


class ActOutcome(BaseModel, frozen=True):
    """The shape of the answer to an act, to which fields may be added."""

    incident_id: str = Field(examples=["inc-4h7k2m9xqz"])
    act: str = Field(examples=["acknowledge"])
    id: str = Field(description="As its sender gave it.")
    verdict: str = Field(description="done; already, as it meant what stands; on-its-way, while nobody has decided it.")
    sentence: str = Field(examples=["Ada Okafor has it."])
    state: str = Field(default="", description="Of the response, behind the act.")
    possible: tuple[str, ...] = Field(default=(), description="What can be done in this state.")
    seq: int = Field(default=0, description="Of the act's last entry; 0 where it left none.")
    status_url: str


class ActEndpoint:
    def __init__(self, incidents: IncidentEndpoints, responses: Responses, *, patience: timedelta = PATIENCE) -> None:
        self._incidents = incidents
        self._acting = Acting(incidents.publish, responses, patience=patience)

    async def act(self, request: Request, incident_id: str, idempotency_key: IdOfAct = None) -> JSONResponse:
        history = await self._incidents.find_to_act(request, incident_id)
        given = await read_json(request)
        act, own_id = _read(given, self._actor(request), request.state.sender, idempotency_key)
        queued, outcome = await self._acting.act(history, act, self._incidents.known(request))
        return _answer(history, act, own_id, outcome, queued=queued)

    def _actor(self, request: Request) -> Actor:
        person: Actor | None = request.state.person
        sender: str = request.state.sender
        return person or Actor(kind=ActorKind.SENDER, id=sender, name=sender, right=Right.LEAD)


def _read(given: object, actor: Actor, sender: str, idempotency_key: str | None) -> tuple[Act, str]:
    """The act, by an id that no other sender's is, and the id that its sender gave. Raises Problem."""
    detail = "The body is no act."
    if not isinstance(given, dict):
        raise unprocessable(detail, [Fault("body", "must be a JSON object")])
    faults = [Fault(name, sentence) for name, sentence in _OURS.items() if name in given]
    if given.get("act") in list(INTERNAL_ACTS):
        faults.append(Fault("act", f"{given['act']} is of workers alone"))
    if faults:
        raise unprocessable(detail, faults)
    own_id = given.get("id") or (idempotency_key or "").strip()
    if not own_id:
        known = "is required, in the body or as the header Idempotency-Key: the same id is the same act"
        raise unprocessable(detail, [Fault("id", known)])
    written = {
        **{name: value for name, value in given.items() if value is not None},
        "id": own_id,
        "actor": actor,
        "source": Source.HTTP,
    }
    try:
        act = Act.model_validate(written)
    except ValidationError as error:
        raise unprocessable(detail, act_faults(error)) from None
    return act.model_copy(update={"id": _apart(sender, act.id)}), act.id


def _apart(sender: str, own_id: str) -> str:
    """Two senders that both count from one do not meet, nor does one of them meet what workers do."""
    whole = f"{sender}:{own_id}"
    return whole if _ID.fullmatch(whole) else f"http:{hashlib.sha256(whole.encode()).hexdigest()}"


def _answer(history: History, act: Act, own_id: str, outcome: Outcome | None, *, queued: bool) -> JSONResponse:
    status_url = f"/v1/incidents/{history.incident_id}"
    about = {"incident_id": history.incident_id, "act": act.act.value, "id": own_id, "status_url": status_url}
    if outcome is None:
        sentence = "The act is on its way: nobody has decided it yet."
        on_its_way = ActOutcome(**about, verdict=ON_ITS_WAY, sentence=sentence)
        headers = {"Location": status_url} | ({} if queued else {SPOOLED: "1"})
        return JSONResponse(on_its_way.model_dump(mode="json"), HTTPStatus.ACCEPTED, headers=headers)
    if outcome.verdict == REFUSED:
        raise _refusal(history, about, outcome)
    known = outcome.model_dump(include={"verdict", "sentence", "state", "possible", "seq"})
    return JSONResponse(ActOutcome(**about, **known).model_dump(mode="json"))


def _refusal(history: History, about: Mapping[str, str], outcome: Outcome) -> Problem:
    """Of a restricted incident strangers learn nothing, not even that it is there."""
    if outcome.forbidden and history.event.restricted:
        return Problem(HTTPStatus.NOT_FOUND, f"No worker has begun {history.incident_id}.")
    more = {**about, "verdict": outcome.verdict, "state": outcome.state, "possible": list(outcome.possible)}
    status = HTTPStatus.FORBIDDEN if outcome.forbidden else HTTPStatus.CONFLICT
    return Problem(status, outcome.sentence, more=more)
