"""What people are told of their shifts, by each way."""

import json
from datetime import UTC, datetime

import pytest
from cards_read import facts, runs, shown, small_print, texts

from handlers.marks import SHIFT, mark
from handlers.notices.wording import ShiftWording
from handlers.paging.way import Recipient
from worker.clients.pager.webhook import BODY_LIMIT
from worker.clients.posting.poster import MESSAGE_LIMIT
from worker.domain.event import Severity
from worker.domain.shift_notice import ShiftNotice, notice_event
from worker.engine.step import Done
from worker.oncall.notices.message import HandedOver, ShiftMessage, ShiftRecipient
from worker.oncall.notices.notice import NoticeKind

MONDAY, NEXT = datetime(2027, 3, 22, 7, tzinfo=UTC), datetime(2027, 3, 29, 7, tzinfo=UTC)
NOTICE = ShiftNotice(key="0030000000:handover:checkout:", event=notice_event("x"), received_at=MONDAY)
BEN = ShiftRecipient(name="Ben", address="ben@contoso.example", comes=True, time_zone="Europe/Berlin", until=NEXT)
ADA = ShiftRecipient(name="Ada", address="ada@contoso.example", comes=False, time_zone="America/New_York")
DOWN = HandedOver(
    incident_id="inc-4h7k2m9xqz",
    title="Checkout is down",
    severity=Severity.HIGH,
    service="checkout",
    has_it="Ada",
    url="https://teams.example/channel",
)


def wording(told=BEN, **message):
    given = {"kind": NoticeKind.HANDOVER, "schedule": "checkout", "instant": MONDAY, "services": ("shop",)}
    given |= {"going": ("Ada",), "coming": ("Ben",), "on_call": ("Ben",), **message}
    return ShiftWording(ShiftMessage.model_validate(given), told)


def sms(**message):
    return wording(**message).in_sms(NOTICE, recipient()).splitlines()


def recipient(told=BEN):
    return Recipient(name=told.name, address=told.address, why="", topic=SHIFT)


def card(**message):
    return wording(**message).on_card(NOTICE, recipient(), Done()).card


def test_whoever_comes_hears_from_when_to_when_in_their_own_time():
    """Before it begins, and at the handover."""
    span = "from Mon 22 Mar 08:00 to Mon 29 Mar 09:00 (Europe/Berlin)"
    assert sms(kind=NoticeKind.BEFORE, going=()) == [f"You are on call for 'checkout' {span}."]
    assert sms() == [
        f"You are on call for 'checkout' now, {span}.",
        "You take over from Ada.",
        "Open incidents: none.",
    ]


def test_whoever_goes_hears_to_whom():
    """And since when, in their own time."""
    assert sms(told=ADA) == [
        "You are no longer on call for 'checkout' since Mon 22 Mar 03:00 (America/New_York).",
        "You hand over to Ben.",
        "Open incidents: none.",
    ]


@pytest.mark.parametrize(
    ("told", "others", "said"),
    [
        (ADA, {"coming": (), "on_call": ()}, ["You hand over to nobody.", "NOBODY is on call now."]),
        (ADA, {"coming": (), "on_call": ("Cem",)}, ["You hand over to nobody.", "On call now: Cem."]),
        (BEN, {"going": ()}, ["You take over from nobody."]),
        (BEN, {"on_call": ("Cem", "Ben")}, ["You take over from Ada.", "On call now: Cem, Ben."]),
        (BEN, {"going": tuple("abcdefg")}, ["You take over from a, b, c, d, e and 2 more."]),
    ],
)
def test_both_sides_are_named_and_who_stays(told, others, said):
    """Loudly where nobody is left."""
    assert sms(told=told, **others)[1:-1] == said


def test_whose_shifts_a_change_moves_reads_which():
    """And who made it."""
    moves = ("Ben gives Tue 30 Mar 18:00-22:00 of checkout to Eve.",)
    told = {"kind": NoticeKind.MOVED, "moves": moves, "by": "eve@contoso.example"}
    assert sms(**told) == ["Shifts of yours were moved by eve@contoso.example.", *moves]
    assert texts(card(**told))[0] == moves[0]
    assert sms(**told | {"by": ""})[0] == "Shifts of yours moved."
    assert wording(**told).in_webhook(NOTICE, recipient(), Done())["moves"] == list(moves)


def test_a_shift_that_pauses_or_has_no_end_says_so():
    """A zone that nobody knows is UTC."""
    endless = BEN.model_copy(update={"until": None, "time_zone": "Mars/Olympus"})
    paused = BEN.model_copy(update={"pauses": True})
    assert wording(told=endless).what == "You are on call for 'checkout' now, from Mon 22 Mar 07:00 (UTC) on."
    assert wording(told=paused).what.endswith("(Europe/Berlin), and again after a pause.")


def test_open_incidents_are_handed_over_by_name():
    """With who has them, their id, and a link on the card; how many there are besides."""
    line = "HIGH: Checkout is down (checkout), Ada has it, inc-4h7k2m9xqz"
    told = {"incidents": (DOWN,) * 5, "more": 2}
    assert sms(**told)[2:] == ["Open incidents: 7.", *[line] * 3, "and 4 more"]
    shown_card = card(**told, more_at_least=True)
    assert runs(shown_card)[1:] == [line] * 5
    linked = shown_card["body"][-4]["inlines"][0]["selectAction"]
    assert linked == {"type": "Action.OpenUrl", "url": "https://teams.example/channel"}
    assert "Open incidents: more than 7." in texts(shown_card)
    assert "and more than 2 more" in texts(shown_card)
    assert facts(shown_card) == {"Services": "shop"}
    assert sms(incidents=None)[-1] == "Open incidents: they could not be looked up."


def test_a_card_is_found_again_by_its_mark():
    """In the small print, one for each message."""
    message = wording().on_card(NOTICE, recipient(), Done())
    assert small_print(message.card) == message.marker == mark(NOTICE, SHIFT)
    assert message.summary == wording().what
    assert not message.urgent


def test_a_webhook_is_told_everything_in_fields():
    """Under a type of its own, so that nobody takes it for a page."""
    body = wording(incidents=(DOWN,), more=1).in_webhook(NOTICE, recipient(), Done())
    assert body == {
        "type": "shift.handover",
        "id": NOTICE.id,
        "schedule": "checkout",
        "services": ["shop"],
        "at": "2027-03-22T07:00:00+00:00",
        "until": "2027-03-29T07:00:00+00:00",
        "person": {"name": "Ben", "address": "ben@contoso.example"},
        "reason": "You are on call for 'checkout' now, from Mon 22 Mar 08:00 to Mon 29 Mar 09:00 (Europe/Berlin). "
        "You take over from Ada. Open incidents: 2.",
        "going": ["Ada"],
        "coming": ["Ben"],
        "on_call": ["Ben"],
        "incidents": [DOWN.model_dump(mode="json")],
        "more_incidents": 1,
        "moves": [],
    }


def test_hostile_words_make_no_mention_and_no_link_and_fit():
    """Neither a title nor a name, however long."""
    hostile = "<at>all</at> [x](https://evil.example) " * 4
    down = DOWN.model_copy(
        update={"title": hostile[:150], "has_it": hostile[:150], "url": "https://x.example/" + "y" * 500}
    )
    told = {"schedule": hostile, "going": (hostile,) * 9, "on_call": (hostile,) * 9, "services": (hostile,) * 99}
    message = wording(**told, incidents=(down,) * 20).on_card(NOTICE, recipient(), Done())
    assert "<at>" not in shown(message.card) + message.summary
    assert not any("](" in text for text in texts(message.card))
    assert len(json.dumps(message.card)) < MESSAGE_LIMIT
    body = wording(**told, incidents=(down,) * 20).in_webhook(NOTICE, recipient(), Done())
    assert len(json.dumps(body)) < BODY_LIMIT
