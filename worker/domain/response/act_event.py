"""An act as the message that carries it: the incident's key, and a title that people can read among dead letters."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from worker.domain.event import Event, EventType
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import Actor, Source
from worker.domain.sender_scope import TRUSTED, Sender

_IN_WORDS: Mapping[ActKind, str] = {
    ActKind.ACKNOWLEDGE: "acknowledges",
    ActKind.TAKE: "takes over",
    ActKind.UNACKNOWLEDGE: "gives back",
    ActKind.UPDATE: "gives an update",
    ActKind.NOTE: "notes",
    ActKind.SEVERITY: "sets the severity",
    ActKind.IMPACT: "states the impact",
    ActKind.ROLE: "gives, takes or answers a role",
    ActKind.MITIGATE: "says that the harm has stopped",
    ActKind.RELAPSE: "says that the harm is back",
    ActKind.RESOLVE: "resolves",
    ActKind.REOPEN: "reopens",
    ActKind.DECLINE: "declines",
    ActKind.MERGE: "merges",
    ActKind.CLOSE: "closes",
    ActKind.ESCALATE: "escalates",
    ActKind.PAGE: "pages",
    ActKind.TIME: "corrects a time",
    ActKind.LOOK: "looks",
}


def act_event(act: Act, *, key: str, received_at: datetime, sender: Sender = TRUSTED) -> Event:
    """`key`: of the incident; `sender`: who proved to send it, where somebody had to."""
    return Event.model_validate(
        {
            "type": EventType.ACT,
            "title": title_of(act),
            "key": key,
            "act": act,
            "received_at": received_at,
            "source": f"tocsin {act.source}",
            **sender.stamp,
        }
    )


def look_of(actor: Actor, source: Source, now: datetime) -> Act:
    """That somebody looks at a restricted incident: within an hour it is the same act."""
    who = hashlib.sha256(actor.id.encode()).hexdigest()[:16]
    return Act(act=ActKind.LOOK, id=f"look:{who}:{now:%Y-%m-%dT%H}", actor=actor, source=source)


def title_of(act: Act) -> str:
    """Who does what, without what they say: that may be of a restricted incident."""
    return f"{act.actor.spoken} {_IN_WORDS.get(act.act, act.act)}"
