"""What of an incident, or of an alert, is shown to a sender: what it may not see is as if it were not there."""

from worker.domain.alert_status import AlertStatus
from worker.domain.response.actor import Actor, Right, Source
from worker.domain.response.permission import Asking, is_member
from worker.domain.response.response import PersonRef, Response
from worker.domain.sender_scope import Sender
from worker.incidents.history import History


def seen_incident(history: History | None, by: Sender) -> History | None:
    if history is None or not by.may_see(history.event.sender, history.event.service):
        return None
    return history


def seen_alert(status: AlertStatus | None, by: Sender) -> AlertStatus | None:
    return status if status is not None and by.may_see(status.sender, status.service) else None


def is_let_in(person: Actor, response: Response | None) -> bool:
    """Whether that person is a member of a restricted incident, or an admin."""
    ref = PersonRef(person=person.id, name=person.name, object_id=person.id)
    who = Asking(actor=person, source=Source.HTTP, person=ref)
    return person.right is Right.ADMIN or (response is not None and is_member(who, response))


def shown_incident(history: History, to: Sender) -> str:
    """In JSON. What a monitoring system wrote, word for word, is for whoever sent it and for operators."""
    hidden = {"sender_scope"} if to.is_told_by(history.event.sender) else {"sender_scope", "raw"}
    return history.model_dump_json(exclude={"event": hidden}, by_alias=True)
