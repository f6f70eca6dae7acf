"""Keep one message in the channel that says what all alerts of the incident come to."""

from collections.abc import Iterator
from typing import Any

from handlers import cards
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.launch.route import routed
from handlers.sanitizing import cut, harmless, unmentioned
from handlers.summary.wording import marked, marker, risen, sentences
from worker.clients.posting.poster import Announcement, Poster
from worker.domain.digest import Digest, PublishedSummary
from worker.domain.errors import Gone
from worker.domain.incident import Incident
from worker.engine.step import Done, Step

_SENTENCE_LIMIT = 2_000
_SUMMARY_LIMIT = 255


class PostSummary(Step[PublishedSummary]):
    """Keep one message in the channel that says what all alerts of the incident come to."""

    name = "post-summary"
    needs = (CreateChannel,)
    wants = (CreateWorkItem,)
    result = PublishedSummary

    def describe(self, result: PublishedSummary) -> str:
        del result
        return "posted in the channel"

    def __init__(self, poster: Poster, digest: Digest, before: PublishedSummary | None) -> None:
        self._poster = poster
        self._digest = digest
        self._before = before

    async def find(self, incident: Incident, done: Done) -> PublishedSummary | None:
        for message in await self._poster.all_of(done[CreateChannel], marker(incident)):
            if marked(incident, self._digest) in message.content:
                return PublishedSummary(mark=self._digest.mark, id=message.id, url=message.url)
        return None

    async def run(self, incident: Incident, done: Done) -> PublishedSummary:
        channel = done[CreateChannel]
        message = _message(incident, done, self._digest)
        if (known := await self._earlier(incident, done)) is not None:
            try:
                await self._poster.update(channel, known.id, message)
            except Gone:
                # Somebody took it away; what there is to tell is told anew.
                pass
            else:
                return known.model_copy(update={"mark": self._digest.mark})
        posted = await self._poster.post(channel, message)
        return PublishedSummary(mark=self._digest.mark, id=posted.id, url=posted.url)

    async def _earlier(self, incident: Incident, done: Done) -> PublishedSummary | None:
        """The note as it is known, looked up where Teams told no id of it."""
        if self._before is not None and self._before.id:
            return self._before
        found = await self._poster.find(done[CreateChannel], marker(incident))
        return PublishedSummary(mark="", id=found.id, url=found.url) if found else None


def _message(incident: Incident, done: Done, digest: Digest) -> Announcement:
    # The incident's own id is what its announcement is found by.
    said = [
        cut(sentence.replace(incident.id, "this incident"), _SENTENCE_LIMIT) for sentence in _said(incident, digest)
    ]
    return Announcement(
        marker=marker(incident),
        summary=cut(unmentioned(said[0]), _SUMMARY_LIMIT),
        card=cards.card(
            _body(said, done.wanted(CreateWorkItem), marked(incident, digest)),
            fallback=said[0],
            language=routed(done).language,
        ),
    )


def _said(incident: Incident, digest: Digest) -> Iterator[str]:
    restricted = incident.event.restricted
    yield from sentences(digest, restricted=restricted)
    if digest.summary.severity < incident.event.severity:
        yield risen(digest.summary.severity, "" if restricted else digest.summary.worst)


def _body(said: list[str], work_item: WorkItem | None, mark: str) -> Iterator[dict[str, Any]]:
    yield from (cards.markdown(harmless(sentence)) for sentence in said)
    if work_item:
        yield from cards.buttons([(f"Open work item {work_item.id}", work_item.url)])
    yield cards.small_print(mark)
