"""Comments of a work item beside its updates: each is told once, whether an update has its words or counts it."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.clients.boards.changes import _of_comments
from worker.clients.boards.comments import Comment
from worker.clients.boards.item_change import Update
from worker.clients.boards.items import Identity

AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
AMARA, BRUNO, US = (Identity(name, f"{name}@contoso.example") for name in ("amara", "bruno", "tocsin"))


def update(words, by=AMARA):
    return Update(2, 2, AT, by, {"System.History": (None, words)} if words else {}, (), ())


def comment(by=AMARA, after=timedelta(), **edited):
    return Comment(1, "<p>Found it</p>", by, AT + after, **edited)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (comment(after=timedelta(seconds=2)), []),
        (comment(after=timedelta(minutes=1)), ["Found it"]),
        (comment(BRUNO), ["Found it"]),
        (comment(changed_by=AMARA, changed_at=AT + timedelta(hours=1), version=2), ["Found it"]),
        (comment(changed_by=AMARA, changed_at=AT, version=1), []),
    ],
)
def test_what_an_update_says_is_not_told_again(said, told):
    """Another's comment of the same moment is, and so is a later wording."""
    assert [change.text for change in _of_comments([said], [update("<p>Found it</p>")], US)] == told


def test_a_comment_that_updates_only_count_is_told():
    """With whom it is by, and whether that is us."""
    changes = list(_of_comments([comment(), comment(US)], [update(None)], US))
    assert [(change.by.name, change.at, change.ours) for change in changes] == [
        ("amara", AT, False),
        ("tocsin", AT, True),
    ]
