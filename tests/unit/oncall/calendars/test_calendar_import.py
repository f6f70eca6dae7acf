"""An old tool's calendar, from its bytes to a schedule that says at every instant what the calendar said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rotas import events_of, minute, rota

from worker.domain.errors import Rejected
from worker.oncall.calendars.calendar_import import import_calendar, read_calendar_file
from worker.oncall.calendars.document import write_calendar
from worker.oncall.calendars.published import as_new
from worker.oncall.calendars.shown_shifts import name_in, shown_shifts
from worker.oncall.definitions import PersonRecord
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import DAY, WEEK, clock_of, minute_of

NOW = minute("2026-06-01T12:00Z")
PEOPLE = [
    PersonRecord("ines", "Ines Sousa", "Ines.Sousa@contoso.example", time_zone="Europe/Berlin"),
    PersonRecord("jon", "Jon Weber", "jon@contoso.example", time_zone="Europe/Berlin"),
    PersonRecord("kai", "Kai Li", "kai@contoso.example"),
]
MARCH = datetime(2026, 3, 2, 8, tzinfo=UTC)


def calendar(*events, head=()):
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *head, *lines, "END:VCALENDAR", ""]).encode()


def lasting(who, start, end, *more):
    return [f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}", f"SUMMARY:{who}", *more]


def imported(*events, head=(), **options):
    """The schedule that comes out, and the report."""
    result = import_calendar(calendar(*events, head=head), "old", PEOPLE, NOW, **options)
    return built(result.given), "\n".join(result.report)


def built(given):
    people = {each.key: {"name": each.name, "email": each.email} for each in PEOPLE}
    return build(GivenDefinitions.model_validate({**given, "people": people})).schedules["old"]


def at(schedule, *times):
    return [schedule.at(minute(time)).people for time in times]


@pytest.mark.parametrize(
    ("lines", "person"),
    [
        (["SUMMARY:On Call - INES SOUSA - Checkout"], "ines"),
        (["SUMMARY:ines.sousa@CONTOSO.example (Checkout primary)"], "ines"),
        (["SUMMARY:Checkout", "ATTENDEE;CN=Somebody:MAILTO:INES.SOUSA@contoso.example"], "ines"),
        (["SUMMARY:Checkout", 'ATTENDEE;CN="Sousa, Ines":mailto:another@contoso.example'], "ines"),
        (["SUMMARY:[L2] ines"], "ines"),
        (["SUMMARY:Checkout", "ORGANIZER:mailto:ines.sousa@contoso.example"], "ines"),
        (["SUMMARY:Checkout", "ATTENDEE:mailto:New.Person@contoso.example"], "new.person@contoso.example"),
        (
            [
                "SUMMARY:Ines Sousa",
                "ATTENDEE:mailto:jon@contoso.example",
                "ORGANIZER:mailto:kai@contoso.example",
                "BEGIN:VALARM",
                "ATTENDEE:mailto:kai@contoso.example",
                "SUMMARY:Kai Li",
                "END:VALARM",
            ],
            "ines",
        ),
        (
            [
                "SUMMARY:Checkout",
                "ATTENDEE;PARTSTAT=DECLINED:mailto:jon@contoso.example",
                "ATTENDEE;CUTYPE=ROOM:mailto:room@contoso.example",
                "ATTENDEE:mailto:team@group.calendar.google.com",
                "ATTENDEE:mailto:ines.sousa@contoso.example",
            ],
            "ines",
        ),
    ],
)
def test_a_person_is_found_wherever_the_old_tool_names_them(lines, person):
    """In the title, among those invited or as the organizer, without regard to case."""
    schedule, _ = imported(["DTSTART:20260601T080000Z", "DTEND:20260602T080000Z", *lines])
    before, there, last, after = "2026-06-01T07:59Z", "2026-06-01T08:00Z", "2026-06-02T07:59Z", "2026-06-02T08:00Z"
    assert at(schedule, before, there, last, after) == [(), (person,), (person,), ()]


@pytest.mark.parametrize("title", ["Inessa Sousa", "team meeting", "", "jonathan", "ORGANIZER\\, nobody"])
def test_an_event_that_names_nobody_is_left_out_and_said(title):
    """Not even where a part of a word is somebody's name."""
    day = timedelta(days=1)
    schedule, report = imported(lasting(title, MARCH, MARCH + day), lasting("ines", MARCH + day, MARCH + 2 * day))
    assert at(schedule, "2026-03-02T12:00Z") == [()]
    assert "names nobody who is known" in report
    assert title.replace("\\", "")[:5] in report


def test_nothing_but_strangers_is_refused_with_what_was_found():
    """Nothing is made of it, and the report is in the refusal."""
    with pytest.raises(Rejected, match="'team meeting', 2 events: names nobody"):
        imported(*[lasting("team meeting", MARCH, MARCH + timedelta(days=1))] * 2)


TIMES = [
    (["DTSTART;TZID=Europe/Berlin:20260601T090000", "DTEND;TZID=Europe/Berlin:20260601T170000"], "07:00", "15:00", ""),
    (["DTSTART;TZID=W. Europe Standard Time:20260601T090000", "DURATION:PT8H"], "07:00", "15:00", ""),
    (["DTSTART;TZID=/example.org/2026_1/Europe/Berlin:20260601T090000", "DURATION:PT8H"], "07:00", "15:00", ""),
    (["DTSTART;TZID=Europe/Berlin:20260601T090000", "DTEND:20260601T150000Z"], "07:00", "15:00", ""),
    (["DTSTART:20260601T090000", "DURATION:PT8H"], "07:00", "15:00", "Times without a zone"),
    (["DTSTART;TZID=Our Own Time:20260601T090000", "DURATION:PT8H"], "07:00", "15:00", "'Our Own Time' is not known"),
    (["DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260602"], "2026-05-31T22:00", "22:00", "All-day events"),
    (["DTSTART;VALUE=DATE:20260601"], "2026-05-31T22:00", "22:00", "midnight to midnight in Europe/Berlin"),
]


@pytest.mark.parametrize(("lines", "start", "end", "said"), TIMES)
def test_times_are_read_in_the_zone_that_is_meant(lines, start, end, said):
    """Floating times and days go by the calendar's own zone, and that is said."""
    schedule, report = imported([*lines, "SUMMARY:ines"], head=["X-WR-TIMEZONE:Europe/Berlin"])
    (override,) = schedule.overrides
    bounds = [minute(f"{text}Z" if "T" in text else f"2026-06-01T{text}Z") for text in (start, end)]
    assert [override.start.minute, override.end.minute] == bounds
    assert said in report
    assert schedule.clock.name == "Europe/Berlin"


@pytest.mark.parametrize(
    ("head", "chosen", "zone"),
    [
        ((), None, "America/New_York"),
        (["X-WR-TIMEZONE:Asia/Tokyo"], None, "Asia/Tokyo"),
        (["X-WR-TIMEZONE:Asia/Tokyo"], clock_of("UTC"), "UTC"),
    ],
)
def test_the_schedule_has_the_zone_of_its_calendar(head, chosen, zone):
    """Its own, else the one that most of its times name; unless another is chosen."""
    event = ["DTSTART;TZID=Eastern Standard Time:20260601T090000", "DURATION:PT8H", "SUMMARY:ines"]
    assert imported(event, head=head, clock=chosen)[0].clock.name == zone


def weekly(*people, weeks=12, start=MARCH, zone=UTC):
    """Events of a week each, by the wall clock of a zone."""
    wall = start.astimezone(zone).replace(tzinfo=None)
    for number in range(weeks):
        begins, ends = ((wall + timedelta(weeks=number + more)).replace(tzinfo=zone) for more in (0, 1))
        yield lasting(people[number % len(people)], begins.astimezone(UTC), ends.astimezone(UTC))


def test_shifts_that_follow_a_rotation_become_a_layer():
    """It goes on after the last event, as the old tool would have."""
    schedule, report = imported(*weekly("ines", "jon", "kai"), head=["X-WR-TIMEZONE:UTC"])
    (layer,) = schedule.layers
    assert (str(layer.every), layer.people, schedule.overrides) == ("1 week", (("ines",), ("jon",), ("kai",)), ())
    assert at(schedule, "2026-03-02T07:59Z", "2026-03-02T08:00Z", "2027-03-01T08:00Z") == [(), ("ines",), ("jon",)]
    assert "goes on after that" in report


def test_a_calendar_in_utc_may_follow_the_clock_of_its_people():
    """Handovers at nine in Berlin are at eight and at seven in UTC: the rotation is found all the same."""
    schedule, _ = imported(*weekly("ines", "jon", zone=clock_of("Europe/Berlin").zone))
    assert (schedule.clock.name, len(schedule.layers), schedule.overrides) == ("Europe/Berlin", 1, ())


def test_what_differs_from_the_rotation_becomes_overrides():
    """A week that somebody took, and a day in another, are as the calendar had them."""
    events = list(weekly("ines", "jon", "kai"))
    events[4][-1] = "SUMMARY:kai"
    start = MARCH + timedelta(weeks=6)
    day = timedelta(days=1)
    events[6:7] = [
        lasting("ines", start, start + day),
        lasting("jon", start + day, start + 2 * day),
        lasting("ines", start + 2 * day, start + 7 * day),
    ]
    schedule, _ = imported(*events, head=["X-WR-TIMEZONE:UTC"])
    assert len(schedule.layers) == 1
    assert [(each.person, each.start.minute) for each in schedule.overrides] == [
        ("kai", minute_of(MARCH) + 4 * WEEK),
        ("jon", minute_of(MARCH) + 6 * WEEK + DAY),
    ]


def test_what_differs_for_longer_than_a_turn_is_one_override():
    """Two weeks in a row of the same person, where two others had the turns."""
    events = list(weekly("ines", "jon", "kai", weeks=18))
    events[7][-1] = events[8][-1] = "SUMMARY:ines"
    schedule, _ = imported(*events, head=["X-WR-TIMEZONE:UTC"])
    (override,) = schedule.overrides
    assert (override.person, override.end.minute - override.start.minute) == ("ines", 2 * WEEK)


def test_days_go_by_the_zone_that_is_said_whatever_clock_the_turns_follow():
    """No calendar's zone is known: days are UTC's, and the rotation may be that of the people's clock."""
    day = ["DTSTART;VALUE=DATE:20260520", "SUMMARY:kai"]
    schedule, report = imported(*weekly("ines", "jon", zone=clock_of("Europe/Berlin").zone), day)
    assert schedule.clock.name == "Europe/Berlin"
    assert "midnight to midnight in UTC" in report
    assert at(schedule, "2026-05-19T23:59Z", "2026-05-20T00:00Z") == [("jon",), ("jon", "kai")]


@pytest.mark.parametrize("weeks", [range(0, 12, 3), [0, 1, 2], [0, 2, 3, 4, 5, 6]])
def test_shifts_with_gaps_or_without_a_round_become_overrides(weeks):
    """Of a person's own calendar nobody knows who comes between; and once round is no rotation yet."""
    events = list(weekly("ines", "jon", "kai"))
    schedule, report = imported(*(events[week] for week in weeks), head=["X-WR-TIMEZONE:UTC"])
    assert schedule.layers == ()
    assert "no rotation was found" in report
    assert len(schedule.overrides) == len(weeks)


def test_several_at_once_stand_in_order():
    """The secondary behind the primary, whatever the order of events; a higher priority hides a lower one."""
    hour = timedelta(hours=1)
    schedule, _ = imported(
        lasting("kai secondary", MARCH, MARCH + 4 * hour),
        lasting("ines", MARCH + hour, MARCH + 3 * hour),
        lasting("[L1] jon", MARCH + 2 * hour, MARCH + 5 * hour),
    )
    assert at(schedule, *(f"2026-03-02T{hour:02}:00Z" for hour in (8, 9, 10, 12, 13))) == [
        ("kai",),
        ("ines", "kai"),
        ("jon",),
        ("jon",),
        (),
    ]


BERLIN = ["DTSTART;TZID=Europe/Berlin:20260323T090000", "DTEND;TZID=Europe/Berlin:20260324T090000", "SUMMARY:ines"]
RULES = [
    ("FREQ=WEEKLY;COUNT=3", (), ["2026-03-23T08", "2026-03-30T07", "2026-04-06T07"]),
    ("FREQ=WEEKLY;UNTIL=20260330T070000Z", (), ["2026-03-23T08", "2026-03-30T07"]),
    ("FREQ=WEEKLY;UNTIL=20260330T090000", (), ["2026-03-23T08", "2026-03-30T07"]),
    ("FREQ=WEEKLY;UNTIL=20260330", (), ["2026-03-23T08", "2026-03-30T07"]),
    ("FREQ=WEEKLY;UNTIL=20260330T065900Z", (), ["2026-03-23T08"]),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU;COUNT=3", (), ["2026-03-23T08", "2026-03-25T08", "2026-04-06T07"]),
    ("FREQ=DAILY;BYDAY=MO,SA;COUNT=3", (), ["2026-03-23T08", "2026-03-28T08", "2026-03-30T07"]),
    ("FREQ=MONTHLY;COUNT=2", (), ["2026-03-23T08", "2026-04-23T07"]),
    (
        "FREQ=DAILY;INTERVAL=2;COUNT=3",
        ["EXDATE;TZID=Europe/Berlin:20260325T090000"],
        ["2026-03-23T08", "2026-03-27T08"],
    ),
    ("FREQ=DAILY;INTERVAL=2;COUNT=3", ["EXDATE:20260325T080000Z,20260327T080000Z"], ["2026-03-23T08"]),
    ("FREQ=DAILY;INTERVAL=2;COUNT=3", ["EXDATE;VALUE=DATE:20260325"], ["2026-03-23T08", "2026-03-27T08"]),
]


@pytest.mark.parametrize(("rule", "more", "starts"), RULES)
def test_what_comes_again_does_so_by_the_wall_clock(rule, more, starts):
    """Over a change of the clock too, less what was taken out; the last one of a series is one of it."""
    schedule, _ = imported([*BERLIN, f"RRULE:{rule}", *more])
    assert [override.start.minute for override in schedule.overrides] == [minute(f"{start}:00Z") for start in starts]
    lengths = {override.end.minute - override.start.minute for override in schedule.overrides}
    assert lengths <= {DAY, DAY - 60}


def test_an_occurrence_that_was_moved_or_cancelled_is_not_where_it_was():
    """It stands where it was moved to, with whoever has it there."""
    moved = [
        "RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000",
        "DTSTART;TZID=Europe/Berlin:20260331T090000",
        "DURATION:P1D",
        "SUMMARY:jon",
        "UID:a",
    ]
    gone = ["RECURRENCE-ID:20260406T070000Z", "DTSTART:20260406T070000Z", "STATUS:CANCELLED", "SUMMARY:ines", "UID:a"]
    schedule, _ = imported([*BERLIN, "RRULE:FREQ=WEEKLY;COUNT=4", "UID:a"], moved, gone)
    found = [(override.person, f"{override.start}") for override in schedule.overrides]
    assert found == [("ines", "2026-03-23T08:00Z"), ("jon", "2026-03-31T07:00Z"), ("ines", "2026-04-13T07:00Z")]


def test_series_without_an_end_become_a_rotation():
    """As a shared calendar has them: a series for each person, week after week."""
    series = [
        [
            f"DTSTART;TZID=Europe/Berlin:202603{day:02}T090000",
            f"DTEND;TZID=Europe/Berlin:202603{day + 7:02}T090000",
            "RRULE:FREQ=WEEKLY;INTERVAL=3",
            f"SUMMARY:{who}",
        ]
        for day, who in ((2, "ines"), (9, "jon"), (16, "kai"))
    ]
    schedule, _ = imported(*series)
    (layer,) = schedule.layers
    assert (layer.people, str(layer.starts), schedule.overrides) == (
        (("ines",), ("jon",), ("kai",)),
        "2026-03-02T09:00",
        (),
    )


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY",
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=HOURLY;INTERVAL=24;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;UNTIL=20269999",
        "FREQ=DAILY;UNTIL=x",
        "nonsense",
    ],
)
def test_a_rule_that_is_not_understood_is_said(rule):
    """The first occurrence is certain, and taken; none is calculated for ever."""
    schedule, report = imported([*BERLIN, f"RRULE:{rule}"])
    assert [str(override.start) for override in schedule.overrides] == ["2026-03-23T08:00Z"]
    assert "event 1, ines: " in report
    assert "only its first occurrence is taken" in report


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["DTSTART:20269999T080000Z"], "event 2 is left out: one of its times is none of the calendar"),
        (["DTSTART:yesterday"], "event 2 is left out: one of its times cannot be read"),
        (["DTSTART:99990101T000000Z"], "event 2 is left out: one of its times lies outside"),
        (["DURATION:P1D"], "event 2 is left out: it has no DTSTART"),
        (["DTSTART:20260601T080000Z", "DTEND:20260601T080000Z"], "it ends no later than it begins"),
        (["DTSTART:20260601T080000Z"], "it ends no later than it begins"),
        (["DTSTART:20260601T080000Z", "DURATION:P99999999999D"], "event 2 is left out: its DURATION"),
        (
            ["DTSTART:20260601T080000Z", "DURATION:P1D", "RDATE:20260701T080000Z", "RRULE:FREQ=DAILY;COUNT=1"],
            "dates beside",
        ),
        (["DTSTART;=:20260601T080000Z", "DURATION:P1D"], "event 2 is left out: one of its lines cannot be read"),
    ],
)
def test_an_event_at_fault_is_said_and_hides_no_other(lines, said):
    """With its place in the file."""
    schedule, report = imported(BERLIN, [*lines, "SUMMARY:jon"])
    assert said in report
    assert "ines" in {override.person for override in schedule.overrides}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no calendar"),
        (b"\x00\xff" * 50, "is no calendar"),
        (b"name,email\r\nines,a@b.example", "is no calendar"),
        (b"PK\x03\x04 xml", "an Excel workbook"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "has no events"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 5001, "more than 5000 events"),
        (b"BEGIN:VCALENDAR\r\n" + b" " * 2_200_000, "is larger than 2048 KB"),
        (calendar(*[BERLIN] * 51), "More than 50 events of the calendar are at the same time"),
        (calendar(*[[*BERLIN, "RRULE:FREQ=HOURLY"]] * 2), "more than 20000 shifts"),
    ],
)
def test_what_is_no_calendar_of_a_rota_is_refused_in_no_time(content, said):
    """In a sentence that says what it is."""
    with pytest.raises(Rejected) as refused:
        import_calendar(content, "old", PEOPLE, NOW)
    assert said in str(refused.value)


def test_a_zone_that_the_file_defines_itself_is_not_calculated():
    """Rules that come again each second for decades cost nothing."""
    zone = ["BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000"]
    zone += ["TZOFFSETTO:+0500", "RRULE:FREQ=SECONDLY", "END:STANDARD", "END:VTIMEZONE"]
    schedule, _ = imported(BERLIN, head=zone)
    assert str(schedule.overrides[0].start) == "2026-03-23T08:00Z"


HOURS = st.integers(0, 200)


@given(st.lists(st.tuples(st.sampled_from(["ines", "jon", "kai", "[L1] ines"]), HOURS, st.integers(1, 48)), min_size=1))
@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
def test_the_schedule_says_at_every_hour_what_the_calendar_said(shifts):
    """Whatever overlaps, touches or leaves gaps; a rotation goes on after it, and changes nothing before."""
    hour = timedelta(hours=1)
    events = [lasting(who, MARCH + start * hour, MARCH + (start + length) * hour) for who, start, length in shifts]
    schedule, _ = imported(*events, head=["X-WR-TIMEZONE:UTC"])
    last = max(start + length for _, start, length in shifts)
    for now in range(last if schedule.layers else last + 2):
        there = [who for who, start, length in shifts if start <= now < start + length]
        high = [who.removeprefix("[L1] ") for who in there if who.startswith("[")]
        assert schedule.at(minute_of(MARCH) + 60 * now).people == tuple(dict.fromkeys(high or there)), now


LINES = st.sampled_from(
    [b"BEGIN:VEVENT", b"END:VEVENT", b"SUMMARY:ines", b"DTSTART:20260601T080000Z", b"DURATION:P1D", b"RRULE:FREQ=DAILY"]
)


@given(st.lists(LINES | st.binary(max_size=40), max_size=40), st.sampled_from([b"\r\n", b"\n", b"\r\n "]))
@settings(max_examples=100, deadline=None)
def test_whatever_stands_in_the_file_it_is_read_or_refused(lines, end):
    """No content is a fault of ours."""
    try:
        result = import_calendar(end.join([b"BEGIN:VCALENDAR", *lines]), "old", PEOPLE, NOW)
    except Rejected:
        return
    assert built(result.given).overrides or built(result.given).layers


def test_our_own_calendars_come_back_as_the_rotation_they_were():
    """Exported for everybody, and imported, the schedule names the same people."""
    layer = {"name": "week", "starts": "2026-01-05T09:00", "every": "1 week", "people": ["ines", "jon", "kai"]}
    before = rota(layer)
    content = write_calendar(as_new(shown_shifts(before, NOW), NOW), "x", name_in(before))
    assert len(events_of(content)) > 20
    result = import_calendar(content, "old", PEOPLE, NOW, clock_of("Europe/Berlin"))
    after = built(result.given)
    assert len(after.layers) == 1
    for day in range(-13, 400):
        assert after.at(NOW + day * DAY).people == before.schedules["checkout"].at(NOW + day * DAY).people


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    """With its name."""
    with pytest.raises(Rejected, match=r"nothing-there\.ics cannot be read"):
        read_calendar_file(tmp_path / "nothing-there.ics")
    (tmp_path / "old.ics").write_bytes(calendar(BERLIN))
    assert read_calendar_file(tmp_path / "old.ics") == calendar(BERLIN)
