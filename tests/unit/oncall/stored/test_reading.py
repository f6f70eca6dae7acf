"""The rows of the table of schedules, as people type them, to what they mean."""

from datetime import UTC, datetime

import pytest

from worker.oncall.schedule.wall_clock import minute_of
from worker.oncall.stored.reading import read_definitions
from worker.oncall.stored.row import StoredRow, row_of

READ_AT = datetime(2026, 6, 8, 9, tzinfo=UTC)
WEDNESDAY = minute_of(datetime(2026, 6, 10, 12, tzinfo=UTC))

SCHEDULE = {
    ("schedule:checkout", "schedule"): {"time_zone": "Europe/Berlin", "version": "3", "changed_by": "lea"},
    ("schedule:checkout", "layer:week"): {"place": "0", "starts": "2026-03-02T09:00", "every": "1 week"},
    ("schedule:checkout", "people:week:0000"): {"people": "-; ada; ben + cem"},
    ("schedule:checkout", "people:week:2026-06-03T10:00Z"): {"people": "dee; eve", "first": "dee"},
    ("schedule:checkout", "layer:night"): {"place": "1", "windows": "20:00-08:00"},
    ("schedule:checkout", "people:night:0000"): {"people": "gus"},
    ("schedule:checkout", "override:2026-06-10T10:00Z:1"): {
        "kind": "add",
        "person": "eve",
        "from": "2026-06-10T10:00:00+00:00",
        "to": "2026-06-11T10:00:00+00:00",
        "created_at": "2026-06-01T08:00:00+00:00",
    },
    ("person:dee", "person"): {"name": "Dee", "email": "dee@contoso.example"},
    ("service:checkout", "service"): {"schedules": "checkout", "policies": "urgent; calm"},
    ("policy:urgent", "policy"): {"levels": '[{"notify": ["schedule:checkout#1"], "wait": "5 min"}]'},
    ("absence", "ben@contoso.example:2026-06-10T10:00Z"): {"to": "2026-06-11T10:00:00+00:00"},
}


def stored(rows):
    return read_definitions([StoredRow(*keys, columns) for keys, columns in rows.items()], READ_AT)


def with_row(keys, **columns):
    """The rows with that one changed, or taken out where it has no columns."""
    changed = {**SCHEDULE, keys: {**SCHEDULE.get(keys, {}), **columns}}
    return {each: columns for each, columns in changed.items() if columns}


def people(read, instant=WEDNESDAY):
    return read.definitions.schedules["checkout"].at(instant).people


def test_all_rows_together_are_the_definitions():
    """People, services, policies, absences and a schedule with layers, a change and an override."""
    read = stored(SCHEDULE)
    assert read.broken == ()
    definitions = read.definitions
    assert definitions.people["dee"].email == "dee@contoso.example"
    assert definitions.services["checkout"].policies == ("urgent", "calm")
    assert definitions.policies["urgent"].levels[0].wait == 5
    assert [(each.person, each.key) for each in definitions.absences] == [
        ("ben@contoso.example", "ben@contoso.example:2026-06-10T10:00Z")
    ]
    schedule = definitions.schedules["checkout"]
    assert (schedule.version, schedule.changed_by) == (3, "lea")
    assert [layer.name for layer in schedule.layers] == ["week", "night"]
    assert people(read) == ("eve",)  # the turn of the week went on from dee, and whoever is added is there already


WEEK, CHANGE = ("schedule:checkout", "layer:week"), ("schedule:checkout", "people:week:2026-06-03T10:00Z")
OVERRIDE = ("schedule:checkout", "override:2026-06-10T10:00Z:1")
BROKEN = {
    "the zone": (("schedule:checkout", "schedule"), {"time_zone": "CET+1"}, "time_zone: ", None),
    "a layer": (WEEK, {"every": "a fortnight"}, "every: ", ("eve",)),
    "the first list": (("schedule:checkout", "people:week:0000"), {"people": "a; b/c"}, "people", ("eve",)),
    "a change": (CHANGE, {"first": "zoe"}, "first: ", ("ben", "cem", "eve")),
    "an override": (OVERRIDE, {"kind": "cove"}, "kind: ", ("eve",)),
    "an override's end": (OVERRIDE, {"to": "soon"}, "to: ", ("eve",)),
    "a replacement of nobody": (OVERRIDE, {"kind": "replace"}, "replaces: ", ("eve",)),
    "a person": (("person:dee", "person"), {"email": "dee at contoso"}, "email: ", ("eve",)),
    "a policy": (("policy:urgent", "policy"), {"levels": '[{"notify": ['}, "levels: ", ("eve",)),
    "a service": (("service:checkout", "service"), {"runbook": "ftp:there"}, "runbook: ", ("eve",)),
    "an absence": (("absence", "ben@contoso.example:2026-06-10T10:00Z"), {"to": "never"}, "to: ", ("eve",)),
    "a key of a schedule": (("schedule:checkout", "rotation:1"), {"people": "ada"}, "no row of a schedule", ("eve",)),
    "a key of a person": (("person:dee", "human"), {"email": "d@x.example"}, "no row of a person", ("eve",)),
    "an unknown partition": (("rotas", "1"), {"people": "ada"}, "no partition that is known", ("eve",)),
    "a name": (("service:a;b", "service"), {"schedules": "checkout"}, "holds ';'", ("eve",)),
    "people of no layer": (("schedule:checkout", "people:day:0000"), {"people": "ada"}, "no row layer:day", ("eve",)),
    "a schedule without itself": (("schedule:search", "layer:day"), {"place": "0"}, "no row `schedule`", ("eve",)),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_row_hides_only_itself_and_is_found(what):
    """It is named by its keys with what is wrong; all that stands beside it counts."""
    keys, columns, fault, expected = BROKEN[what]
    read = stored(with_row(keys, **columns))
    (broken,) = read.broken
    assert broken.keys == keys
    assert fault in broken.sentence
    if expected is None:
        assert read.definitions.schedules == {}
        assert read.definitions.services
    else:
        assert people(read) == expected


@pytest.mark.parametrize(
    ("keys", "column", "kept"),
    [
        (("service:checkout", "service"), "runbook", lambda read: read.services["checkout"].schedules == ("checkout",)),
        (("person:dee", "person"), "time_zone", lambda read: read.people["dee"].email == "dee@contoso.example"),
    ],
)
def test_what_is_wrong_in_a_column_nothing_depends_on_hides_that_column(keys, column, kept):
    """A service with a wrong link has its schedules all the same."""
    read = stored(with_row(keys, **{column: "x y"}))
    assert len(read.broken) == 1
    assert kept(read.definitions)


SPELLINGS = {
    "case and separators": {"Time Zone": "Europe/Berlin"},
    "camels": {"timeZone": "Europe/Berlin"},
    "spaces around": {" TIME_ZONE ": " Europe/Berlin "},
    "ours beside theirs": {"TimeZone": "Mars/Olympus", "time_zone": "Europe/Berlin"},
    "blank beside theirs": {"TimeZone": "Europe/Berlin", "time_zone": " "},
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_columns_are_found_in_any_spelling(spelling):
    """As people type them in Storage Explorer."""
    rows = {**SCHEDULE, ("schedule:checkout", "schedule"): SPELLINGS[spelling]}
    read = stored(rows)
    assert (read.broken, read.definitions.schedules["checkout"].clock.name) == ((), "Europe/Berlin")


def test_overrides_apply_in_the_order_of_their_creation_whatever_their_keys():
    """The later one wins, be its key the smaller; one without a time of creation has the store's."""
    begun = {"kind": "cover", "from": "2026-06-10T10:00:00Z", "to": "2026-06-11T10:00:00Z"}
    partition = "schedule:checkout"
    rows = [
        *(StoredRow(*keys, columns) for keys, columns in SCHEDULE.items()),
        StoredRow(partition, "override:a:1", {**begun, "person": "last"}, written="2026-06-09T12:00:00+00:00"),
        StoredRow(partition, "override:a:2", {**begun, "person": "first", "created_at": "2026-06-02T08:00:00Z"}),
    ]
    assert people(read_definitions(rows, READ_AT)) == ("last",)


def test_a_list_of_nobody_is_not_a_list_that_is_missing():
    """A blank cell names nobody from then on; a column that is not there is a fault."""
    change = ("schedule:checkout", "people:week:2026-06-03T10:00Z")
    blank = stored({**SCHEDULE, change: {"people": ""}})
    assert (blank.broken, people(blank)) == ((), ("eve",))
    missing = stored({**SCHEDULE, change: {"first": "ada"}})
    assert [broken.fault for broken in missing.broken] == ["people: is required"]


@pytest.mark.parametrize("value", [True, 2, 2.0, "2", datetime(2026, 6, 10, 10, tzinfo=UTC)])
def test_any_type_of_cell_is_read_as_it_would_be_typed(value):
    """A number as text, a time as text, and what no column of ours holds not at all."""
    row = row_of({"PartitionKey": "p", "RowKey": "r", "depth": value, "picture": b"\x00", "nothing": None})
    assert set(row.columns) == {"depth"}
    assert row.columns["depth"] in {"true", "2", "2.0", "2026-06-10T10:00:00+00:00"}


def test_hours_of_a_policy_are_one_line_or_json():
    """Both say the same."""
    line, as_json = (
        "Europe/Berlin; mon-fri 09:00-17:00",
        '{"time_zone": "Europe/Berlin", "windows": ["mon-fri 09:00-17:00"]}',
    )
    read = [
        stored(with_row(("policy:urgent", "policy"), hours=hours)).definitions.policies["urgent"].hours
        for hours in (line, as_json)
    ]
    assert read[0] == read[1]
    assert read[0] is not None
