"""Acts of people on incidents, for the commands that do them: the incident is found, the act sent, its outcome told."""

import asyncio
import json as json_format
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from worker.app.connections import open_history
from worker.cli.json_output import print_json
from worker.cli.moments import read_duration
from worker.cli.output_options import Json
from worker.cli.raising import SendAttempt
from worker.cli.which_incident import IsWord, Known, find_incident, which_incident
from worker.domain.audit import operator
from worker.domain.errors import Permanent, TocsinError, Transient, Unreachable
from worker.domain.event import Event
from worker.domain.response.act import REFUSED, Act, ActKind, Outcome
from worker.domain.response.act_event import act_event, look_of
from worker.domain.response.act_faults import act_faults
from worker.domain.response.actor import Actor, ActorKind, Source
from worker.domain.response.state import RUNNING, ResponseState
from worker.domain.text import clean
from worker.messaging.connection import queue_address
from worker.observability.log import configure
from worker.settings import ME, Settings
from worker.storage.response_store import ResponseStore
from worker.storage.stores import Stores

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID] [WORDS]...",
        help="The incident, by the beginning of its id (the only open one without it), and what is said of it.",
        show_default=False,
    ),
]
Me = Annotated[str, typer.Option("--me", envvar=ME, show_envvar=True, help="Who acts: a key of people, or an address.")]
_ON_ITS_WAY = "on-its-way"
_LOOK_EVERY = timedelta(milliseconds=100)
# A person waits for it: longer than the queue usually takes by far.
_SENT_WITHIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class IncidentActOptions:
    reason: str
    act_id: str
    me: str
    wait: timedelta
    as_json: bool

    @property
    def actor(self) -> Actor:
        return acting_person(self.me)


def acting_person(me: str) -> Actor:
    """Who acts here: the person that they say they are, else the operator as this machine knows them."""
    if me.strip():
        return Actor(kind=ActorKind.PERSON, id=me.strip(), name=me.strip())
    return Actor(kind=ActorKind.OPERATOR, id=operator(), name=operator())


def incident_act_options(
    *,
    reason: Annotated[str, typer.Option(help="Why, or what is said of it; the words behind the id are the same.")] = "",
    act_id: Annotated[
        str, typer.Option("--id", help="Of this act, for scripts: the same id is the same act.", show_default=False)
    ] = "",
    me: Me = "",
    wait: Annotated[str, typer.Option(metavar="DURATION", help="How long to wait for its outcome.")] = "2s",
    json: Json = False,
) -> IncidentActOptions:
    return IncidentActOptions(reason, act_id, me, read_duration(wait), json)


@dataclass(frozen=True, slots=True)
class Acting:
    """What a command does. `read` makes the act's fields of the words behind the id, of which `needed` are required.

    `is_word`: what is none of an id, though one may begin so. `states`: of which the only one is meant without an id.
    `names_others`: its first word may be a name that looks like an id.
    """

    kind: ActKind
    read: Callable[[Sequence[str]], Mapping[str, Any]]
    needed: int = 0
    is_word: IsWord = lambda _: False
    states: frozenset[ResponseState] = RUNNING
    names_others: bool = False


def act_with_reason(
    kind: ActKind,
    words: Sequence[str] | None,
    options: IncidentActOptions,
    *,
    needed: int = 0,
    states: frozenset[ResponseState] = RUNNING,
) -> None:
    """Of an act that says nothing but a reason, if that."""
    run_act(Acting(kind, text_of(options), needed=needed, states=states), words, options)


def text_of(options: IncidentActOptions) -> Callable[[Sequence[str]], Mapping[str, Any]]:
    return lambda rest: {"text": joined(options.reason, rest)}


def joined(reason: str, words: Sequence[str]) -> str:
    return " ".join(filter(None, (*words, reason)))


def run_act(acting: Acting, words: Sequence[str] | None, options: IncidentActOptions) -> None:
    """Exits with 1 where it is refused."""
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    known, act, outcome = asyncio.run(_run(settings, acting, words or (), options))
    _tell(known.incident_id, act, outcome, as_json=options.as_json)


async def _run(
    settings: Settings, acting: Acting, words: Sequence[str], options: IncidentActOptions
) -> tuple[Known, Act, Outcome | None]:
    async with open_history(settings) as stores:
        known, act = await _find(stores, acting, words, options)
        event = act_event(act, key=known.history.key, received_at=datetime.now(UTC))
        await send_act(settings, event)
        return known, act, await wait_for_outcome(stores.responses, known.incident_id, act.id, options.wait)


async def _find(stores: Stores, acting: Acting, words: Sequence[str], options: IncidentActOptions) -> tuple[Known, Act]:
    known, rest = await which_incident(
        stores,
        words,
        needed=acting.needed,
        is_word=acting.is_word,
        states=acting.states,
        names_others=acting.names_others,
    )
    given = dict(acting.read(rest))
    if given.get("into"):
        given["into"] = (await find_incident(stores, given["into"])).incident_id
    return known, _act(acting.kind, given, options)


def _act(kind: ActKind, given: Mapping[str, Any], options: IncidentActOptions) -> Act:
    own = {"act": kind, "id": f"cli:{options.act_id or secrets.token_hex(12)}", "source": Source.CLI}
    try:
        return Act.model_validate({**given, **own, "actor": options.actor})
    except ValidationError as error:
        told = "; ".join(f"{fault.field.replace('_', '-')} {fault.message}" for fault in act_faults(error))
        raise typer.BadParameter(told) from None


async def note_look(settings: Settings, incident_id: str, actor: Actor) -> None:
    """Record that somebody looks at a restricted incident, once an hour; others are nobody's secret.

    Raises TocsinError where that cannot be recorded: then nothing is shown.
    """
    async with open_history(settings) as stores:
        history = await stores.incidents.summary(incident_id)
    if history is None or not history.event.restricted:
        return
    now = datetime.now(UTC)
    look = look_of(actor, Source.CLI, now)
    await send_act(settings, act_event(look, key=history.key, received_at=now))


async def send_act(settings: Settings, event: Event, *, limit: timedelta = _SENT_WITHIN) -> None:
    """Return once the queue has it; raise a TocsinError with a sentence for people once the limit is over."""
    attempt = SendAttempt()
    sending = asyncio.create_task(attempt.publish(settings, event))
    await asyncio.wait({attempt.acknowledged}, timeout=limit.total_seconds())
    if attempt.succeeded:
        return
    sending.cancel()
    why = attempt.failure or f"No answer came within {limit.total_seconds():g} s."
    is_refused = isinstance(why, Permanent) or not attempt.sending
    known = (
        "Nothing was done." if is_refused else "It is NOT KNOWN whether the queue has it: do it again, it counts once."
    )
    kind = type(why) if isinstance(why, TocsinError) else Unreachable
    raise kind(f"The queue {settings.servicebus_queue!r} at {queue_address(settings)} did not take it. {why} {known}")


async def wait_for_outcome(
    responses: ResponseStore, incident_id: str, act_id: str, patience: timedelta
) -> Outcome | None:
    """What it came to; None where nobody has decided it in time, or where the table does not say so."""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            while True:
                if (outcome := await _look(responses, incident_id, act_id)) is not None:
                    return outcome
                await asyncio.sleep(_LOOK_EVERY.total_seconds())
    except TimeoutError:
        return None


async def _look(responses: ResponseStore, incident_id: str, act_id: str) -> Outcome | None:
    """It is in the queue: a table that is away for a moment undoes nothing."""
    try:
        return await responses.outcome(incident_id, act_id)
    except Transient:
        return None


def _tell(incident_id: str, act: Act, outcome: Outcome | None, *, as_json: bool) -> None:
    if as_json:
        told = outcome.model_dump(mode="json") if outcome else {"verdict": _ON_ITS_WAY, "sentence": _waiting(act)}
        document = {"incident_id": incident_id, "act": act.act, "id": act.id, **told}
        print_json(json_format.dumps(document, indent=2, ensure_ascii=False))
    elif outcome is None:
        typer.echo(f"{incident_id}: {_waiting(act)}")
    elif outcome.verdict == REFUSED:
        typer.echo(f"tocsin: {incident_id}: {clean(outcome.sentence)}", err=True)
    else:
        typer.echo(f"{incident_id}: {clean(outcome.sentence)}")
    if outcome is not None and outcome.verdict == REFUSED:
        raise typer.Exit(1)


def _waiting(act: Act) -> str:
    return f"The act is on its way ({act.id}); no worker has decided it yet. `tocsin incidents show` says when one has."
