"""Who is told of a shift by which way, and what becomes of those whom none leads to."""

from datetime import UTC, datetime

import pytest

from handlers.notices.compose import ComposeShiftMessage
from handlers.notices.tell import TellShift
from handlers.paging.ways import Ways
from worker.domain.paging_ways import read_paging_ways
from worker.domain.shift_notice import ShiftNotice, notice_event
from worker.engine.step import Done
from worker.oncall.notices.message import ShiftMessage, ShiftRecipient, nothing_to_tell
from worker.oncall.notices.notice import NoticeKind

NOON = datetime(2027, 3, 22, 12, tzinfo=UTC)
NOTICE = ShiftNotice(key="0030000000:before:checkout:ada", event=notice_event("x"), received_at=NOON)


class Named:
    """A client of which nothing but the name matters here."""

    def __init__(self, name):
        self.name = name


def ways(default="1-2=mention+sms, 3-5=mention", **others):
    given = {"chats": Named("chats"), "sms": Named("sms"), "webhooks": {"pager": Named("pager")}, **others}
    return Ways(teams=Named("teams"), default=read_paging_ways(default), **given)


def parts(*recipients, configured=None):
    message = ShiftMessage(kind=NoticeKind.BEFORE, schedule="checkout", instant=NOON, recipients=recipients)
    return TellShift(configured or ways()).parts(NOTICE, Done({ComposeShiftMessage: message}))


def told(name="Ada", **others):
    given = {"address": f"{name.lower()}@contoso.example", "comes": True, "time_zone": "UTC", **others}
    return ShiftRecipient(name=name, phone=given.pop("phone", "+1 500 555 0101"), **given)


@pytest.mark.parametrize(
    ("paging", "by"),
    [
        ("", ["chat"]),
        ("nonsense", ["chat"]),
        ("mention", ["chat"]),
        ("mention+chat", ["chat"]),
        ("1-2=sms, 3-5=mention", ["chat"]),
        ("1-2=mention, 3-5=sms+webhook:pager", ["sms", "webhook:pager"]),
        ("webhook:pager", ["webhook:pager"]),
        ("1=sms, 2-5=webhook:gone", ["sms"]),
    ],
)
def test_a_person_is_told_as_quietly_as_they_are_ever_told(paging, by):
    """By the ways of the mildest severity that lead anywhere; for a mention, which needs a channel, a chat stands."""
    assert [part.by for part in parts(told(paging=paging))] == by


def test_without_a_bot_an_sms_is_what_leads_to_a_person():
    """Of the ways that a worse severity would take."""
    assert [part.by for part in parts(told(), configured=ways(chats=None))] == ["sms"]


def test_whom_no_way_leads_to_is_named():
    """Nothing is begun for them, and the answer says what is missing."""
    (part,) = parts(told(phone=""), configured=ways(chats=None))
    page = part.without_effect(NOTICE, Done())
    assert (page.name, page.told) == ("Ada", False)
    assert "no way that is set up" in page.answer


def test_two_records_of_one_address_are_one_person():
    """Who is told once."""
    assert len(parts(told(), told(), told("Ben"))) == 2


async def test_a_shift_that_is_none_any_more_is_told_to_nobody():
    """And what was composed of it before is told all the same."""
    composing = ComposeShiftMessage(None)
    message = composing.without_effect(NOTICE, Done())
    assert message == await composing.run(NOTICE, Done()) == nothing_to_tell(NOTICE.key)
    assert TellShift(ways()).without_effect(NOTICE, Done({ComposeShiftMessage: message})).pages == ()
