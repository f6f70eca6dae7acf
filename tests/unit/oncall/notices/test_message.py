"""What is settled of a message before anybody is told."""

from datetime import UTC, datetime

from worker.oncall.notices.due import beginnings, handovers
from worker.oncall.notices.message import message_of, nothing_to_tell
from worker.oncall.notices.notice import NoticeKind
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import minute_of

ADA = {"name": "Ada Okafor", "email": "ada@contoso.example", "phone": "+1 500 555 0101", "paging": "chat+sms"}


def time(day, hour):
    return datetime(2027, 3, day, hour, tzinfo=UTC)


def definitions(**layer):
    week = {"name": "week", "starts": "2027-03-01T08:00", "every": "1 week", **layer}
    given = {
        "people": {"ada": {**ADA, "time_zone": "America/New_York", "object_id": "e-1"}},
        "schedules": {"checkout": {"time_zone": "UTC", "layers": [week]}},
        "services": {"shop": {"schedules": ["checkout"]}},
    }
    return build(GivenDefinitions.model_validate(given))


def of_the_22nd(known, each):
    (notice,) = each(known.schedules["checkout"], minute_of(time(22, 0)), minute_of(time(23, 0)))
    return message_of(known, notice)


def test_a_handover_names_both_sides_and_how_they_are_reached():
    """By their record, or by their address where there is none; a time zone of their own, or the schedule's."""
    message = of_the_22nd(definitions(people=["ada", "ben@contoso.example", "cem"]), handovers)
    cem, ada = message.recipients
    assert (message.going, message.coming, message.on_call) == (("cem",), ("Ada Okafor",), ("Ada Okafor",))
    assert (message.kind, message.instant, message.services) == (NoticeKind.HANDOVER, time(22, 8), ("shop",))
    assert (cem.name, cem.comes, cem.time_zone, cem.until) == ("cem", False, "UTC", None)
    assert (ada.address, ada.comes, ada.time_zone, ada.object_id) == (ADA["email"], True, "America/New_York", "e-1")
    assert (ada.phone, ada.paging) == (ADA["phone"], ADA["paging"])
    assert (ada.until, ada.pauses) == (time(29, 8), False)


def test_whoever_is_named_by_an_address_is_reached_by_it():
    """A list may hold addresses."""
    message = of_the_22nd(definitions(people=["ben@contoso.example", "ada"]), handovers)
    assert {each.address for each in message.recipients} == {ADA["email"], "ben@contoso.example"}


def test_a_shift_of_office_hours_pauses_at_their_end():
    """It ends there only on its last day."""
    known = definitions(people=["ada", "ben"], windows=["mon,fri 08:00-17:00"], starts="2027-03-22T08:00")
    (ada,) = of_the_22nd(known, beginnings).recipients
    assert (ada.until, ada.pauses) == (time(22, 17), True)
    (once,) = of_the_22nd(
        definitions(people=["ada", "ben"], windows=["mon 08:00-17:00"], starts="2027-03-22T08:00"), beginnings
    ).recipients
    assert (once.until, once.pauses) == (time(22, 17), False)


def test_a_shift_without_an_end_has_none():
    """A layer without turns goes on for ever."""
    known = definitions(people=["ada"], every=None, starts="2027-03-22T08:00")
    (ada,) = of_the_22nd(known, beginnings).recipients
    assert (ada.until, ada.pauses) == (None, False)


def test_of_a_shift_that_is_none_any_more_nobody_is_told():
    """What remains of it is its key."""
    known = definitions(people=["ada", "ben", "cem"])
    (notice,) = beginnings(known.schedules["checkout"], minute_of(time(22, 0)), minute_of(time(23, 0)))
    message = nothing_to_tell(notice.key)
    assert (message.kind, message.instant, message.recipients) == (NoticeKind.BEFORE, time(22, 8), ())
