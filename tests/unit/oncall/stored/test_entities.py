"""Definitions as rows, and what they mean when they are read again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.errors import Rejected
from worker.oncall.definitions import Definitions
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import minute_of
from worker.oncall.stored.entities import check_size
from worker.oncall.stored.keys import Kind, Thing
from worker.oncall.stored.plan import Stamp, plan
from worker.oncall.stored.reading import read_definitions
from worker.oncall.stored.row import row_of

READ_AT = datetime(2026, 6, 8, 9, tzinfo=UTC)
EMPTY = read_definitions((), READ_AT)
STAMP = Stamp("lea", READ_AT)

KEYS = st.sampled_from(
    ["ada", "ben", "cem+night@contoso.example", "Zoë O'Neill", "x#y/z?@contoso.example", "a + b", "[c]"]
)
ENTRIES = st.one_of(st.none(), KEYS, st.lists(KEYS, min_size=1, max_size=3, unique=True))
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
TIMES = st.integers(0, 2 * 365 * 1440).map(
    lambda minutes: datetime.fromisoformat("2026-01-01") + timedelta(minutes=minutes)
)
WRITTEN = TIMES.map(lambda each: each.isoformat(timespec="minutes"))
INSTANTS = WRITTEN.map(lambda each: f"{each}Z")
WINDOWS = st.sampled_from(
    [["mon-fri 18:00-08:00"], ["sat,sun 00:00-24:00", "wed 12:00-13:00"], ["fri 17:00 - mon 08:00"]]
)


def spans(times):
    return (
        st.lists(times, min_size=2, max_size=2, unique=True)
        .map(sorted)
        .map(lambda both: {"from": both[0], "to": both[1]})
    )


CHANGES = st.fixed_dictionaries({"from": st.one_of(WRITTEN, INSTANTS), "people": st.lists(ENTRIES, max_size=4)})
LAYERS = st.fixed_dictionaries(
    {
        "people": st.lists(ENTRIES, max_size=4),
        "starts": WRITTEN,
        "every": st.sampled_from(["1 week", "12 hours", "3 days", "2 months"]),
    },
    optional={
        "depth": st.integers(1, 3),
        "priority": st.integers(-2, 2),
        "time_zone": ZONES,
        "ends": INSTANTS,
        "windows": WINDOWS,
        "changes": st.lists(CHANGES, max_size=3, unique_by=lambda change: change["from"]),
    },
)
OVERRIDES = st.builds(
    lambda span, person, kind: {**span, "person": person, **kind},
    spans(INSTANTS),
    KEYS,
    st.sampled_from([{}, {"add": True}, {"replaces": "ada"}]),
)
SWAPS = st.builds(
    lambda mine, theirs: {"swap": [{"person": "ada", **mine}, {"person": "ben", **theirs}]},
    spans(INSTANTS),
    spans(INSTANTS),
)
ABSENCES = st.builds(lambda span, person: {**span, "person": person}, spans(INSTANTS), KEYS)
SCHEDULES = st.fixed_dictionaries(
    {"time_zone": ZONES, "layers": st.lists(LAYERS, max_size=3)},
    optional={
        "overrides": st.lists(st.one_of(OVERRIDES, SWAPS), max_size=3),
        "absences": st.lists(ABSENCES, max_size=2),
        "description": st.just("Say; it"),
    },
)
SERVICES = st.fixed_dictionaries(
    {"schedules": st.lists(st.sampled_from(["a", "b"]), max_size=2)},
    optional={
        "words": st.lists(st.sampled_from(["shop; cart", "[shop]", "till"]), max_size=2),
        "language": st.just("pt-BR"),
    },
)
POLICIES = st.fixed_dictionaries(
    {
        "levels": st.just(
            [{"notify": ["schedule:a#2", "person:ada"], "wait": "2 h"}, {"notify": ["webhook:sms"], "wait": "5 min"}]
        )
    },
    optional={
        "severities": st.just([1, 2]),
        "repeat": st.integers(0, 9),
        "last_resort": st.just(["person:ada"]),
        "ack_timeout": st.just("1 d"),
        "hours": st.just({"time_zone": "Europe/Berlin", "windows": ["mon-fri 09:00-17:00", "sat 10:00-12:00"]}),
    },
)
GIVEN = st.fixed_dictionaries(
    {
        "people": st.just({"ada": {"email": "ada@contoso.example", "phone": "0049 30 1", "paging": "sms"}}),
        "schedules": st.dictionaries(st.sampled_from(["checkout", "Checkout night"]), SCHEDULES, max_size=2),
        "services": st.dictionaries(st.sampled_from(["checkout", "till"]), SERVICES),
        "policies": st.dictionaries(st.sampled_from(["urgent", "calm"]), POLICIES),
        "absences": st.lists(ABSENCES, max_size=2),
    }
)


def written(definitions):
    return [row_of(entity) for writing in plan(definitions, EMPTY, (), STAMP) for _, entity, *_ in writing.operations]


@given(GIVEN, st.lists(TIMES, min_size=1, max_size=8))
def test_definitions_come_back_from_their_rows_as_they_were(given_, instants):
    """Records as they were, layers as they were, and the same people at every instant."""
    definitions = build(GivenDefinitions.model_validate(given_))
    read = read_definitions(written(definitions), READ_AT)
    assert read.broken == ()
    again = read.definitions
    assert (again.people, again.services, again.policies) == (
        definitions.people,
        definitions.services,
        definitions.policies,
    )
    assert again.schedules.keys() == definitions.schedules.keys()
    for name, schedule in definitions.schedules.items():
        assert again.schedules[name].description == schedule.description
        for instant in map(minute_of, instants):
            assert again.schedules[name].at(instant).people == schedule.at(instant).people


@given(GIVEN)
def test_what_stands_there_already_is_not_written_again(given_):
    """The same import twice changes nothing, its overrides and absences included."""
    definitions = build(GivenDefinitions.model_validate(given_))
    seen = read_definitions(written(definitions), READ_AT)
    assert plan(definitions, seen, (), STAMP) == []
    assert plan(seen.definitions, seen, (), STAMP) == []


def test_absences_of_one_schedule_stay_its_own():
    """They count there and nowhere else, stored or not."""
    away = {"person": "ada", "from": "2026-06-08T00:00Z"}
    layer = {"people": ["ada"], "starts": "2026-01-01", "every": "1 week"}
    schedule = {"time_zone": "UTC", "layers": [layer]}
    given_ = {"schedules": {"a": {**schedule, "absences": [away]}, "b": schedule}}
    definitions = build(GivenDefinitions.model_validate(given_))
    again = read_definitions(written(definitions), READ_AT).definitions
    found = {
        name: (len(again.own_absences(name)), each.at(minute_of(READ_AT)).people)
        for name, each in again.schedules.items()
    }
    assert found == {"a": (1, ()), "b": (0, ("ada",))}


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"people": "ada; " * 7_000}, "people of the row people:week:0000 has 35000 characters"),
        ({"people": "\N{GRINNING FACE}" * 16_385}, "has 32770 characters"),
        ({f"c{number}": "x" * 32_000 for number in range(17)}, "larger than the megabyte"),
    ],
)
def test_what_the_store_would_not_take_is_refused_before_it_is_written(columns, told):
    """The sentence names the cell, and how much it may hold."""
    with pytest.raises(Rejected, match=told):
        check_size({"PartitionKey": "schedule:checkout", "RowKey": "people:week:0000", **columns}, "checkout")


def test_a_person_of_the_longest_list_is_refused_with_the_schedule_named():
    """A list of five hundred addresses of the longest does not fit into a cell."""
    people = [f"{'x' * 60}.{number}@{'y' * 50}.example" for number in range(500)]
    layer = {"name": "week", "people": people, "starts": "2026-01-01", "every": "1 day"}
    given_ = {"schedules": {"checkout": {"time_zone": "UTC", "layers": [layer]}}}
    with pytest.raises(Rejected, match="the schedule 'checkout': people of the row people:week:0000"):
        plan(build(GivenDefinitions.model_validate(given_)), EMPTY, (), STAMP)


def test_things_are_written_in_an_order_in_which_nothing_dangles():
    """People, schedules, policies, services; and taken out the other way round."""
    given_ = {
        "people": {"ada": {"email": "ada@contoso.example"}},
        "services": {"checkout": {"schedules": ["checkout"], "policies": ["urgent"]}},
        "policies": {"urgent": {"levels": [{"notify": ["schedule:checkout"], "wait": "5 min"}]}},
        "schedules": {"checkout": {"time_zone": "UTC"}},
    }
    definitions = build(GivenDefinitions.model_validate(given_))
    order = ["person:ada", "schedule:checkout", "policy:urgent", "service:checkout"]
    assert [writing.partition for writing in plan(definitions, EMPTY, (), STAMP)] == order
    seen = read_definitions(written(definitions), READ_AT)
    things = [
        Thing(kind, name)
        for kind, name in (
            (Kind.PERSON, "ada"),
            (Kind.POLICY, "urgent"),
            (Kind.SCHEDULE, "checkout"),
            (Kind.SERVICE, "checkout"),
        )
    ]
    removed = ["service:checkout", "policy:urgent", "schedule:checkout", "person:ada"]
    assert [writing.partition for writing in plan(Definitions(), seen, things, STAMP)] == removed
