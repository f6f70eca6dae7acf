"""The incident that a command is about: by its id or a unique beginning of it, or the only one that it can be."""

import asyncio
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import typer

from worker.cli.consoles import stderr_console
from worker.cli.drawing.response_table import print_choice
from worker.cli.joining import can_ask
from worker.domain.errors import Gone, Rejected
from worker.domain.incident import INCIDENT_ID
from worker.domain.response.response import Response
from worker.domain.response.state import RUNNING, ResponseState
from worker.domain.states import LaunchState
from worker.domain.text import quoted
from worker.incidents.filter import IncidentFilter
from worker.incidents.history import History
from worker.storage.stores import Stores

_PREFIX = "inc-"
_BEGINNING = re.compile(r"(inc-)?[0-9a-hjkmnp-tv-z]{1,10}")
# Letters and digits in one word, as nobody writes them who does not mean an id.
_LIKE_ID = re.compile(r"(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-hjkmnp-tv-z]{4,10}")
_NO_SUCH = (
    "No incident's id begins with {0!r}. If it is none, put the whole text in quotation marks, or name the incident "
    "before it; `tocsin incidents list` lists what there is."
)
_NAMED = 5
_BEGINNINGS = 50
# What nobody has ended in so long is named by its id.
_LATELY = timedelta(days=30)
_LOOKED_AT = 200
_AT_ONCE = 16
# An incident whose response has not begun is as good as open, unless it is older than this.
_BEGINS_WITHIN = timedelta(days=1)

IsWord = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as far as a command that acts needs it; no response where none has begun."""

    history: History
    response: Response | None

    @property
    def incident_id(self) -> str:
        return self.history.incident_id

    @property
    def state(self) -> ResponseState:
        return self.response.state if self.response is not None else ResponseState.OPEN

    def is_in(self, states: Collection[ResponseState]) -> bool:
        if self.response is not None:
            return self.response.state in states
        is_new = datetime.now(UTC) - self.history.received_at < _BEGINS_WITHIN
        return ResponseState.OPEN in states and is_new and self.history.state is not LaunchState.FAILED


async def which_incident(
    stores: Stores,
    words: Sequence[str],
    *,
    needed: int = 0,
    is_word: IsWord = lambda _: False,
    states: Collection[ResponseState] = RUNNING,
    names_others: bool = False,
) -> tuple[Known, Sequence[str]]:
    """The incident, and the words that are left. Where none is named it is the only one in one of these states.

    The first word names it if it begins with `inc-`, or if an incident begins so; not if it is one of the `needed`
    words that say what to do, or `is_word`. What can only be meant as an id is one, unless it `names_others`.
    Raises BadParameter, Gone, Rejected, and as the store does; exits with 2 where several come into question and
    nobody can be asked.
    """
    first = words[0].lower() if words else ""
    if words and not first.strip():
        raise typer.BadParameter("the first word is empty; leave it out to mean the only open incident")
    if first.startswith(_PREFIX):
        return await find_incident(stores, first), words[1:]
    is_meant_as_id = bool(_LIKE_ID.fullmatch(first)) and not names_others
    if (is_meant_as_id or len(words) > needed) and _BEGINNING.fullmatch(first) and not is_word(first):
        if found := await _beginning(stores, _PREFIX + first):
            return _one_of(found, first), words[1:]
        if is_meant_as_id:
            raise Gone(_NO_SUCH.format(first))
    return await _only_one(stores, states), words


async def find_incident(stores: Stores, text: str) -> Known:
    """By its id or a unique beginning of it. Raises Gone, Rejected, and as the store does."""
    asked = text.strip().lower()
    whole = asked if asked.startswith(_PREFIX) else _PREFIX + asked
    if INCIDENT_ID.fullmatch(whole):
        found = [known] if (known := await _read(stores, whole)) else []
    else:
        found = await _beginning(stores, whole) if _BEGINNING.fullmatch(asked) else []
    if not found:
        raise Gone(f"There is no incident {quoted(asked)!r}. `tocsin incidents list` lists what there is.")
    return _one_of(found, text)


async def _beginning(stores: Stores, beginning: str) -> list[Known]:
    return await _read_all(stores, await stores.listing.beginning(beginning, _BEGINNINGS))


def _one_of(found: Sequence[Known], text: str) -> Known:
    """Of several the only one at which people are at work."""
    running = [each for each in found if each.is_in(RUNNING)]
    for few in (found, running):
        if len(few) == 1:
            return few[0]
    ids = [each.incident_id for each in running or found]
    named = ", ".join(ids[:_NAMED]) + (" and others" if len(ids) > _NAMED else "")
    raise Rejected(f"{len(ids)} incidents begin with {quoted(text)!r}: {named}. Write more of its id.")


async def _only_one(stores: Stores, states: Collection[ResponseState]) -> Known:
    since = datetime.now(UTC) - _LATELY
    listed = await stores.listing.newest(_LOOKED_AT, IncidentFilter(since=since))
    every = await _with_responses(stores, listed)
    found = [each for each in every if each.is_in(states)] or [each for each in every if each.is_in(RUNNING)]
    if not found:
        raise Gone("No incident is open. Name one by its id; `tocsin incidents list` lists what there is.")
    return found[0] if len(found) == 1 else _ask(found)


def _ask(found: Sequence[Known]) -> Known:
    """On a terminal; elsewhere the list is told, and that one has to be named."""
    print_choice(stderr_console(), [(each.history, each.state) for each in found])
    if not can_ask():
        typer.echo(
            "tocsin: several incidents come into question: name one by its id, or the beginning of it.", err=True
        )
        raise typer.Exit(2)
    numbers = {str(number): each for number, each in enumerate(found, start=1)}
    while True:
        answer = typer.prompt(f"Which one (1-{len(found)}), or abort (a)?", err=True).strip().lower()
        if answer in numbers:
            return numbers[answer]
        if answer in {"a", "abort"}:
            typer.echo("Nothing was done.", err=True)
            raise typer.Exit(1)


async def _read(stores: Stores, incident_id: str) -> Known | None:
    history, stored = await asyncio.gather(stores.incidents.summary(incident_id), stores.responses.read(incident_id))
    return Known(history, stored.response if stored else None) if history is not None else None


async def _read_all(stores: Stores, ids: Sequence[str]) -> list[Known]:
    found = await asyncio.gather(*(_read(stores, each) for each in ids))
    return [each for each in found if each is not None]


async def _with_responses(stores: Stores, listed: Sequence[History]) -> list[Known]:
    responses = await read_responses(stores, [each.incident_id for each in listed])
    return [Known(history, responses.get(history.incident_id)) for history in listed]


async def read_responses(stores: Stores, ids: Sequence[str]) -> dict[str, Response]:
    """How those stand whose response has begun."""
    one_of_few = asyncio.Semaphore(_AT_ONCE)

    async def read(incident_id: str) -> Response | None:
        async with one_of_few:
            stored = await stores.responses.read(incident_id)
        return stored.response if stored is not None else None

    found = await asyncio.gather(*(read(each) for each in ids))
    return {incident_id: response for incident_id, response in zip(ids, found, strict=True) if response is not None}
