"""What is read of a message again keeps what stood in it before."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from known_incidents import at

from worker.incidents.review.channel_line import VERSIONS_KEPT, ChannelLine, Version, merged


def seen(text, minutes=0, **more):
    return ChannelLine(id="1", root="1", at=at(0), text=text, **more)


def test_an_edit_keeps_the_former_words():
    """With when they were changed."""
    after = seen("Db.").seen_again(seen("Cache.", edited_at=at(2)))
    assert (after.text, after.versions) == ("Cache.", (Version(text="Db.", until=at(2)),))


def test_a_deletion_keeps_the_words_and_the_files_names():
    """Teams tells neither any more."""
    after = seen("Db.").seen_again(seen("", deleted_at=at(3)))
    assert (after.text, after.versions) == ("", (Version(text="Db.", until=at(3)),))


def test_reading_the_same_again_changes_nothing():
    """However often it is read, before and after it was deleted."""
    once = seen("Db.").seen_again(seen("Cache.", edited_at=at(2)))
    assert once.seen_again(seen("Cache.", edited_at=at(2))) == once
    gone = once.seen_again(seen("", deleted_at=at(3)))
    assert gone.seen_again(seen("", deleted_at=at(3))) == gone


@given(st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=30))
def test_the_newest_versions_are_kept(texts):
    """As many as are kept of any, each unlike the one before it, none empty."""
    known = seen(texts[0])
    for number, text in enumerate(texts[1:], start=1):
        known = known.seen_again(seen(text, edited_at=at(number)))
    versions = [version.text for version in known.versions]
    assert len(versions) <= VERSIONS_KEPT
    assert all(versions)
    assert all(first != second for first, second in pairwise(versions))
    assert known.text == texts[-1]


def test_what_was_not_read_again_stays():
    """A page of messages may not have been had."""
    first = ChannelLine(id="1", root="1", at=at(0), text="First.")
    second = ChannelLine(id="2", root="1", at=at(1), text="Second.")
    edited = first.model_copy(update={"text": "Edited.", "edited_at": at(5)})
    found = merged({"1": first, "2": second}, (edited,))
    assert [(each.text, len(each.versions)) for each in found] == [("Edited.", 1), ("Second.", 0)]
