"""Keep one comment on the work item that says what all alerts of the incident come to."""

from collections.abc import Iterator
from html import escape

from handlers.launch.create_work_item import CreateWorkItem
from handlers.summary.raise_severity import RaiseSeverity
from handlers.summary.wording import marked, marker, reasons, sentences
from worker.clients.boards.client import Boards
from worker.domain.digest import Digest, PublishedSummary
from worker.domain.incident import Incident
from worker.engine.step import Done, Step


class CommentSummary(Step[PublishedSummary]):
    """Keep one comment on the work item that says what all alerts of the incident come to."""

    name = "comment-summary"
    needs = (CreateWorkItem,)
    # The same work item: never two changes at once.
    wants = (RaiseSeverity,)
    result = PublishedSummary

    def describe(self, result: PublishedSummary) -> str:
        del result
        return "noted on the work item"

    def __init__(self, boards: Boards, digest: Digest, before: PublishedSummary | None) -> None:
        self._boards = boards
        self._digest = digest
        self._before = before

    async def find(self, incident: Incident, done: Done) -> PublishedSummary | None:
        item = done[CreateWorkItem]
        note = await self._boards.at(item.project).comments.find(item.id, marker(incident))
        if note is None or marked(incident, self._digest) not in note.text:
            return None
        return self._told(note.id)

    async def run(self, incident: Incident, done: Done) -> PublishedSummary:
        known = int(self._before.id) if self._before else None
        html = "".join(_lines(incident, self._digest))
        item = done[CreateWorkItem]
        comments = self._boards.at(item.project).comments
        return self._told(await comments.upsert(item.id, marker(incident), html, known=known))

    def _told(self, comment: int) -> PublishedSummary:
        return PublishedSummary(mark=self._digest.mark, id=str(comment))


def _lines(incident: Incident, digest: Digest) -> Iterator[str]:
    restricted = incident.event.restricted
    yield f"<p>{'<br>'.join(escape(sentence) for sentence in sentences(digest, restricted=restricted))}</p>"
    if (why := list(reasons(digest))) and not restricted:
        yield f"<ul>{''.join(f'<li>{escape(reason)}</li>' for reason in why)}</ul>"
    yield f"<p>{escape(marked(incident, digest))}</p>"
