"""What somebody changed on a work item, made of an update as the service and its older versions write it."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from worker.clients.boards.item_change import ChangeKind, Update

BEFORE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
AMARA = SimpleNamespace(display_name="Amara Okafor", unique_name="amara@contoso.example")


def update(fields=(), *, added=(), removed=(), revised=NEVER, by=AMARA):
    """As the SDK reads one, from fields with their old and new values."""
    return Update.of(
        SimpleNamespace(
            id=3,
            rev=2,
            revised_by=by,
            revised_date=revised,
            fields={name: SimpleNamespace(old_value=old, new_value=new) for name, old, new in fields},
            relations=SimpleNamespace(added=list(added), removed=list(removed)),
        ),
        not_before=BEFORE,
    )


def link(url, **attributes):
    return SimpleNamespace(rel="Hyperlink", url=url, attributes=attributes)


def only(changed):
    (change,) = changed.changes(ours=False)
    return change


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("System.State", ChangeKind.STATE),
        ("System.Title", ChangeKind.TITLE),
        ("System.AreaPath", ChangeKind.FIELD),
        ("Custom.RootCause", ChangeKind.FIELD),
    ],
)
def test_a_field_has_its_old_and_new_value(name, kind):
    """Each with whom it was changed by, and the revision that it made."""
    change = only(update([(name, "one", "two")]))
    assert (change.kind, change.field, change.old, change.new, change.revision) == (kind, name, "one", "two", 2)
    assert (change.by.name, change.by.unique_name) == ("Amara Okafor", "amara@contoso.example")


def test_a_state_has_its_reason():
    """What the service says beside it is no change of its own."""
    change = only(update([("System.State", "New", "Active"), ("System.Reason", None, "Approved")]))
    assert (change.new, change.text) == ("Active", "Approved")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (None, {"displayName": "Bruno Costa", "uniqueName": "bruno@contoso.example"}, ("", "Bruno Costa")),
        ("Amara Okafor <amara@contoso.example>", None, ("Amara Okafor <amara@contoso.example>", "")),
        ({"uniqueName": "a@b.example"}, {"displayName": ""}, ("a@b.example", "")),
    ],
)
def test_an_assignee_is_told_by_name(old, new, told):
    """As an object or as text; nobody is nothing."""
    change = only(update([("System.AssignedTo", old, new)]))
    assert (change.kind, change.old, change.new) == (ChangeKind.ASSIGNEE, *told)


def test_a_comment_is_text():
    """Its markup goes, its links stay, and nothing runs in it."""
    html = "<div>Rolled <b>back</b><script>alert(1)</script> &amp; <a href='https://x.example/1'>seen</a></div>"
    change = only(update([("System.History", "", html), ("System.CommentCount", 1, 2)]))
    assert (change.kind, change.text) == (ChangeKind.COMMENT, "Rolled back & seen (https://x.example/1)")
    assert len(only(update([("System.History", None, "x" * 20_000)])).text) == 8_000


def test_long_values_are_cut_and_markup_is_read():
    """A description that somebody rewrote is told in its beginning; one that reads the same is no change."""
    change = only(update([("System.Description", "<p>short</p>", f"<p>{'long ' * 1_000}</p>")]))
    assert change.old == "short"
    assert len(change.new) <= 1_000
    assert list(update([("System.Description", "<p>same</p>", "<div>same</div>")]).changes(ours=False)) == []


def test_what_the_service_derives_is_no_change():
    """Counters, stamps and columns of boards follow of themselves."""
    names = ["System.Rev", "System.Watermark", "System.ChangedBy", "System.BoardColumn", "WEF_1A_Kanban.Column"]
    names += ["Microsoft.VSTS.Common.ClosedDate", "Microsoft.VSTS.Common.StackRank", "System.IterationLevel2"]
    assert list(update([(name, 1, 2) for name in names]).changes(ours=False)) == []


def test_links_are_told_with_their_addresses():
    """Added and taken away, with what is noted on them."""
    changed = update(added=[link("https://x.example", comment="Runbook")], removed=[link("https://y.example")])
    one, two = changed.changes(ours=False)
    assert (one.kind, one.field, one.old, one.new, one.text) == (
        ChangeKind.LINK,
        "Hyperlink",
        "",
        "https://x.example",
        "Runbook",
    )
    assert (two.old, two.new) == ("https://y.example", "")


@pytest.mark.parametrize(
    ("fields", "revised", "at"),
    [
        ([("System.ChangedDate", None, "2026-03-02T09:06:00.92Z")], NEVER, datetime(2026, 3, 2, 9, 6, 0, 920_000, UTC)),
        ([("System.ChangedDate", None, "2026-03-02T10:06:00+01:00")], BEFORE, datetime(2026, 3, 2, 9, 6, tzinfo=UTC)),
        ([], datetime(2026, 3, 2, 9, 7, tzinfo=UTC), datetime(2026, 3, 2, 9, 7, tzinfo=UTC)),
        ([], NEVER, BEFORE),
        ([("System.ChangedDate", None, "soon")], NEVER, BEFORE),
        ([], None, BEFORE),
    ],
)
def test_an_update_was_when_its_revision_was_made(fields, revised, at):
    """Not when it was followed by another, nor in the year 9999; without a time it was not before the one before it."""
    assert update(fields, revised=revised).at == at


def test_somebody_without_a_display_name_is_told_by_name():
    """As a server of one's own has it."""
    by = SimpleNamespace(display_name=None, unique_name=None, name="Administrator <CORP\\Administrator>")
    assert only(update([("System.Title", "a", "b")], by=by)).by.name == "Administrator <CORP\\Administrator>"


def test_an_update_of_nobody_is_somebody_unknown():
    """Nothing breaks where the service does not say who it was."""
    assert only(update([("System.Title", "a", "b")], by=None)).by.name == ""
