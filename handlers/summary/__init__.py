"""What tells people of an incident's alerts, each in one place that changes; the table of them."""

from collections.abc import Mapping

from handlers.newest import ReadResponse, no_response
from handlers.summary.comment_summary import CommentSummary
from handlers.summary.post_summary import PostSummary
from handlers.summary.raise_severity import RaiseSeverity
from handlers.summary.show_severity import ShowSeverity
from worker.clients.boards.client import Boards
from worker.clients.posting.poster import Poster
from worker.domain.digest import Digest, PublishedSummary
from worker.engine.step import Playbook

SUMMARY_STEPS = (RaiseSeverity, CommentSummary, PostSummary, ShowSeverity)


def summary_playbook(
    digest: Digest,
    before: Mapping[str, PublishedSummary],
    *,
    boards: Boards,
    poster: Poster,
    read: ReadResponse = no_response,
) -> Playbook:
    """The steps that tell this digest, in the place of what they told `before`, by their names."""
    return (
        RaiseSeverity(boards, digest, before.get(RaiseSeverity.name)),
        CommentSummary(boards, digest, before.get(CommentSummary.name)),
        PostSummary(poster, digest, before.get(PostSummary.name)),
        ShowSeverity(poster, digest, before.get(ShowSeverity.name), read),
    )
