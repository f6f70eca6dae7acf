"""The channel of an incident that ended is archived, and opened again where it did not end after all."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import BaseModel

from handlers.launch.create_channel import CreateChannel
from worker.clients.teams.archiving import Archiving, Progress
from worker.clients.teams.client import Channel
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Permanent, Transient
from worker.domain.incident import Incident
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import CLOCK, Source
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.domain.response.state import ENDED
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Lookup, Playbook, Step
from worker.engine.step import Entry as StepEntry

ARCHIVE, UNARCHIVE = "archive", "unarchive"
# Whether all that is to stand in the channel up to that entry does: nobody can write there afterwards.
IsSaid = Callable[[Incident, Entry], Awaitable[bool]]

_SOON, _LATER = timedelta(seconds=5), timedelta(minutes=10)
_PATIENCE = 10
# Operations were seen that never end; what was accepted for so long is told, and not waited for any more.
_GIVEN_UP_AFTER = timedelta(days=1)


def archiving(archive: Archiving, is_said: IsSaid) -> Lane:
    def playbook(entry: Entry, response: Response) -> Playbook:
        """By how it stands now: what was reopened meanwhile stays open, what ended meanwhile stays archived."""
        if ARCHIVE in entry.does and response.state in ENDED:
            return AskToArchive(archive, is_said, entry), ArchiveChannel(archive, entry)
        if UNARCHIVE in entry.does and response.state not in ENDED:
            seq = entry.data.get("archived_by")
            before = (AskedBefore(seq),) if isinstance(seq, int) and seq else ()
            return *before, AskToOpen(archive, entry), OpenChannel(archive, entry)
        return ()

    return Lane(
        name="archive",
        order=LaneOrder.IN_ORDER,
        concerns=lambda entry: bool({ARCHIVE, UNARCHIVE} & set(entry.does)),
        playbook=playbook,
        follow=say_what_came_of_it,
    )


class Asked(BaseModel, frozen=True):
    """What Graph accepted, by the name that it gave it, if any.

    `was`: the channel stood so before, or there is none. `refused`: why it was not accepted.
    """

    operation: str = ""
    was: bool = False
    refused: str = ""


class Changed(BaseModel, frozen=True):
    """`was`: it stood so before, or there is no channel. `refused`: why it does not stand so."""

    name: str = ""
    was: bool = False
    refused: str = ""


class _Ask(Step[Asked]):
    """Asked for once: how Graph calls it is kept, and its end is what the next step waits for."""

    wants: ClassVar[tuple[type[StepEntry[Any]], ...]] = (CreateChannel,)
    result = Asked
    archived: bool

    def __init__(self, archive: Archiving, entry: Entry) -> None:
        self._archive = archive
        self._entry = entry

    def describe(self, result: Asked) -> str:
        return result.refused or "asked for"

    async def find(self, incident: Incident, done: Done) -> Asked | None:
        """What an earlier attempt asked for may have come about since."""
        del incident
        if (channel := done.wanted(CreateChannel)) is None:
            return None
        return Asked() if await self._archive.is_archived(channel) is self.archived else None

    async def run(self, incident: Incident, done: Done) -> Asked:
        if (channel := done.wanted(CreateChannel)) is None:
            return Asked(was=True)
        try:
            await self.wait_until_possible(incident, channel, done)
            operation = await self._archive.begin(channel, archived=self.archived)
        except Permanent as error:
            return Asked(refused=str(error))
        return Asked(was=True) if operation is None else Asked(operation=operation)

    async def wait_until_possible(self, incident: Incident, channel: Channel, done: Done) -> None:
        """Raises Transient while it cannot be asked for yet."""


class AskToArchive(_Ask):
    archived = True

    def __init__(self, archive: Archiving, is_said: IsSaid, entry: Entry) -> None:
        super().__init__(archive, entry)
        self.name = _name_of_asking(entry.seq)
        self._is_said = is_said

    async def wait_until_possible(self, incident: Incident, channel: Channel, done: Done) -> None:
        del channel, done
        # What cannot be said within a day never will be.
        if _waited(self._entry) < _GIVEN_UP_AFTER and not await self._is_said(incident, self._entry):
            raise Transient(
                "Something is still to be said in the channel before it is archived.",
                retry_after=_wait(_waited(self._entry)),
            )


class AskedBefore(Lookup[Asked]):
    """How Graph calls the archiving that an earlier entry asked for; it is never asked for here."""

    result = Asked

    def __init__(self, seq: int) -> None:
        self.name = _name_of_asking(seq)

    async def run(self, incident: Incident, done: Done) -> Asked:
        del incident, done
        return Asked()


class AskToOpen(_Ask):
    """What was asked for when it ended may come about after it was reopened: until it has, nothing is over."""

    wants = (CreateChannel, AskedBefore)
    archived = False

    def __init__(self, archive: Archiving, entry: Entry) -> None:
        super().__init__(archive, entry)
        self.name = f"{UNARCHIVE}-ask-{entry.seq}"

    async def find(self, incident: Incident, done: Done) -> Asked | None:
        channel = done.wanted(CreateChannel)
        if channel is None or await self._may_still_be_archived(channel, done):
            return None
        return await super().find(incident, done)

    async def wait_until_possible(self, incident: Incident, channel: Channel, done: Done) -> None:
        del incident
        waited = _waited(self._entry)
        if waited < _GIVEN_UP_AFTER and await self._may_still_be_archived(channel, done):
            raise Transient(
                f"Teams has not ended yet to archive {channel.name}, so it cannot be opened again.",
                retry_after=_wait(waited),
            )

    async def _may_still_be_archived(self, channel: Channel, done: Done) -> bool:
        asked = done.wanted(AskedBefore)
        if asked is None or asked.was or asked.refused or await self._archive.is_archived(channel):
            return False
        return not await self._archive.has_ended(channel, asked.operation)


class _Change(Step[Changed]):
    result = Changed
    archived: bool
    asking: type[_Ask]

    def __init__(self, archive: Archiving, entry: Entry) -> None:
        self._archive = archive
        self._entry = entry

    async def find(self, incident: Incident, done: Done) -> Changed | None:
        del incident
        if (channel := done.wanted(CreateChannel)) is None:
            return None
        stands = await self._archive.is_archived(channel) is self.archived
        return Changed(name=channel.name, was=done[self.asking].was) if stands else None

    async def run(self, incident: Incident, done: Done) -> Changed:
        del incident
        channel, asked = done.wanted(CreateChannel), done[self.asking]
        if channel is None or asked.was or asked.refused:
            return Changed(name=channel.name if channel else "", was=asked.was, refused=asked.refused)
        try:
            progress = await self._end(channel, asked.operation)
        except Permanent as error:
            return Changed(name=channel.name, refused=str(error))
        return Changed(name=channel.name) if progress is Progress.DONE else self._not_yet(channel.name)

    async def _end(self, channel: Channel, operation: str) -> Progress:
        try:
            return await self._archive.wait(channel, operation, archived=self.archived)
        except Transient:
            # What has failed in the end has changed nothing, and never will.
            change = self._archive.archive if self.archived else self._archive.unarchive
            return await change(channel)

    def _not_yet(self, name: str) -> Changed:
        """Raises Transient: it is looked at again, the more seldom the longer it takes."""
        waited = _waited(self._entry)
        if waited > _GIVEN_UP_AFTER:
            return Changed(name=name, refused=f"Teams accepted it a day ago for {name}, and it has not come about.")
        raise Transient(f"Teams has not ended yet what it accepted for {name}.", retry_after=_wait(waited))


class ArchiveChannel(_Change):
    needs = (AskToArchive,)
    wants = (CreateChannel,)
    archived = True
    asking = AskToArchive

    def __init__(self, archive: Archiving, entry: Entry) -> None:
        super().__init__(archive, entry)
        self.name = f"{ARCHIVE}-{entry.seq}"

    def describe(self, result: Changed) -> str:
        return result.refused or f"{result.name} is archived"


class OpenChannel(_Change):
    needs = (AskToOpen,)
    wants = (CreateChannel,)
    archived = False
    asking = AskToOpen

    def __init__(self, archive: Archiving, entry: Entry) -> None:
        super().__init__(archive, entry)
        self.name = f"{UNARCHIVE}-{entry.seq}"

    def describe(self, result: Changed) -> str:
        return result.refused or f"{result.name} is open again"


def say_what_came_of_it(entry: Entry, made: Mapping[str, Checkpoint]) -> Iterator[Act]:
    """A channel that stays as it is, by what people can do about it; one that is open again, in the channel itself."""
    for name, words in ((f"{ARCHIVE}-{entry.seq}", _of_archive), (f"{UNARCHIVE}-{entry.seq}", _of_opening)):
        checkpoint = made.get(name)
        if checkpoint is None:
            continue
        known = checkpoint.result
        changed = Changed.model_validate_json(known) if known else Changed(refused=checkpoint.error or "")
        if (told := words(entry, changed)) is not None:
            text, data = told
            outcome = f"outcome:{name}"
            yield Act(act=ActKind.OUTCOME, id=outcome, actor=CLOCK, source=Source.CLOCK, text=text, data=data)


def _of_archive(entry: Entry, changed: Changed) -> tuple[str, dict[str, bool]] | None:
    del entry
    return (f"The channel stays open. {changed.refused}", {"archived": False}) if changed.refused else None


def _of_opening(entry: Entry, changed: Changed) -> tuple[str, dict[str, bool]] | None:
    if changed.refused:
        stays = "The channel stays archived, so nobody can write there; people are called all the same."
        return f"{stays} {changed.refused}", {"unarchived": False, "comment": True}
    if changed.was:
        return None
    # What was said while it was still archived nobody could post.
    said = entry.says[0].text if entry.says else ""
    return f"The channel is open again. {said}".strip(), {"unarchived": True, "say": True}


def _name_of_asking(seq: int) -> str:
    return f"{ARCHIVE}-ask-{seq}"


def _waited(entry: Entry) -> timedelta:
    return datetime.now(UTC) - entry.recorded_at


def _wait(waited: timedelta) -> timedelta:
    return min(max(waited / _PATIENCE, _SOON), _LATER)
