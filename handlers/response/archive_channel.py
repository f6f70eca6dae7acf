"""The channel of an incident that ended is archived, and opened again where it did not end after all."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from handlers.launch.create_channel import CreateChannel
from worker.clients.teams.archiving import Archiving, Progress
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Permanent, Transient
from worker.domain.incident import Incident
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import CLOCK, Source
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.domain.response.state import ENDED
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Playbook, Step

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
            return (ArchiveChannel(archive, is_said, entry),)
        if UNARCHIVE in entry.does and response.state not in ENDED:
            return (OpenChannel(archive, entry),)
        return ()

    return Lane(
        name="archive",
        order=LaneOrder.IN_ORDER,
        concerns=lambda entry: bool({ARCHIVE, UNARCHIVE} & set(entry.does)),
        playbook=playbook,
        follow=say_what_came_of_it,
    )


class Changed(BaseModel, frozen=True):
    """`was`: it stood so before, or there is no channel. `refused`: why it does not stand so."""

    name: str = ""
    was: bool = False
    refused: str = ""


class _Change(Step[Changed]):
    wants = (CreateChannel,)
    result = Changed
    archived: bool

    def __init__(self, archive: Archiving, entry: Entry) -> None:
        self._archive = archive
        self._entry = entry

    async def find(self, incident: Incident, done: Done) -> Changed | None:
        """What an earlier attempt asked for may have come about since."""
        del incident
        if (channel := done.wanted(CreateChannel)) is None:
            return None
        stands = await self._archive.is_archived(channel) is self.archived
        return Changed(name=channel.name, was=self.stood) if stands else None

    @property
    def stood(self) -> bool:
        """Whether it has stood so all the time, as far as that is known."""
        return False

    async def run(self, incident: Incident, done: Done) -> Changed:
        if (channel := done.wanted(CreateChannel)) is None:
            return Changed(was=True)
        await self.wait_for_words(incident)
        try:
            if await self._archive.is_archived(channel) is self.archived:
                return Changed(name=channel.name, was=True)
            change = self._archive.archive if self.archived else self._archive.unarchive
            progress = await change(channel)
        except Permanent as error:
            return Changed(name=channel.name, refused=str(error))
        if progress is Progress.UNDER_WAY:
            return self._not_yet(channel.name)
        return Changed(name=channel.name)

    async def wait_for_words(self, incident: Incident) -> None:
        """Raises Transient while something is still to be said there."""

    def _not_yet(self, name: str) -> Changed:
        """Raises Transient: it is looked at again, the more seldom the longer it takes."""
        waited = datetime.now(UTC) - self._entry.recorded_at
        if waited > _GIVEN_UP_AFTER:
            return Changed(name=name, refused=f"Teams accepted it a day ago for {name}, and it has not come about.")
        raise Transient(f"Teams has not ended yet what it accepted for {name}.", retry_after=_wait(waited))


class ArchiveChannel(_Change):
    archived = True

    def __init__(self, archive: Archiving, is_said: IsSaid, entry: Entry) -> None:
        super().__init__(archive, entry)
        self.name = f"archive-{entry.seq}"
        self._is_said = is_said

    def describe(self, result: Changed) -> str:
        return result.refused or f"{result.name} is archived"

    async def wait_for_words(self, incident: Incident) -> None:
        if not await self._is_said(incident, self._entry):
            raise Transient("Something is still to be said in the channel before it is archived.", retry_after=_SOON)


class OpenChannel(_Change):
    archived = False

    def __init__(self, archive: Archiving, entry: Entry) -> None:
        super().__init__(archive, entry)
        self.name = f"unarchive-{entry.seq}"

    @property
    def stood(self) -> bool:
        return self._entry.data.get("archived") is False

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
    return f"The channel is open again. {entry.text}", {"unarchived": True, "say": True}


def _wait(waited: timedelta) -> timedelta:
    return min(max(waited / _PATIENCE, _SOON), _LATER)
