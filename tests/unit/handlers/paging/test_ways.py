"""Which ways lead to a person: by their row, by severity, and as far as they are configured."""

import pytest

from handlers.paging.chat import Chat
from handlers.paging.sms import ShortMessage
from handlers.paging.way import Recipient
from handlers.paging.ways import Ways, on_call_recipient
from handlers.paging.webhook import Webhook
from worker.domain.event import Severity
from worker.domain.last_resort import read_last_resort
from worker.domain.page import LAST_RESORT
from worker.domain.paging_ways import read_paging_ways
from worker.oncall.definitions import Level, NotifyTarget, Policy
from worker.oncall.escalation.directory import Directory
from worker.oncall.escalation.opening import opening_of
from worker.oncall.on_call import OnCall, Person


class Named:
    """A client of which nothing but the name matters here."""

    def __init__(self, name):
        self.name = name


PAGER = Named("pager")
AMARA = Person(name="Amara", email="amara@contoso.example", phone="+1 (500) 555-0101", role="primary", object_id="e-1")
TO_AMARA = Recipient(name="Amara", address=AMARA.email, why="", phone="+15005550101")


def ways(default="1-2=mention+sms, 3-5=mention", **others):
    given = {"chats": Named("chats"), "sms": Named("sms"), "webhooks": {"pager": PAGER}, **others}
    return Ways(teams=Named("teams"), default=read_paging_ways(default), **given)


@pytest.mark.parametrize(
    ("paging", "severity", "chosen"),
    [
        ("", Severity.CRITICAL, ("mention", "sms")),
        ("", Severity.MEDIUM, ("mention",)),
        ("chat", Severity.LOW, ("chat",)),
        ("1=sms+webhook:pager", Severity.CRITICAL, ("sms", "webhook:pager")),
        ("1=sms+webhook:pager", Severity.HIGH, ("mention",)),
        ("by pigeon", Severity.CRITICAL, ("mention", "sms")),
    ],
)
def test_the_row_says_it_else_the_setting(paging, severity, chosen):
    """For this severity; a row that nobody can read is as good as one that says nothing."""
    person = AMARA.model_copy(update={"paging": paging})
    assert tuple(ways().chosen(person, severity)) == chosen


@pytest.mark.parametrize(("by", "kind"), [("chat", Chat), ("sms", ShortMessage), ("webhook:pager", Webhook)])
def test_each_way_leads_to_the_person(incident, by, kind):
    """Under its own name, which stands in the incident."""
    part = ways().to(incident, TO_AMARA, by)
    assert type(part) is kind
    assert (part.by, part.recipient) == (by, TO_AMARA)


@pytest.mark.parametrize(
    ("by", "lacking"),
    [
        ("chat", {"chats": None}),
        ("sms", {"sms": None}),
        ("webhook:other", {}),
        ("webhook:pager", {"webhooks": {}}),
        ("mention", {}),
    ],
)
def test_what_is_not_configured_leads_nowhere(incident, by, lacking):
    """A mention neither: that is the announcement's own."""
    assert ways(**lacking).to(incident, TO_AMARA, by) is None


@pytest.mark.parametrize("name", ["mention", "chat", "sms"])
def test_a_webhook_is_called_by_its_whole_name_alone(incident, name):
    """One that bears the name of another way is never taken for that."""
    chosen = ways(chats=None, sms=None, webhooks={name: Named(name)})
    assert chosen.to(incident, TO_AMARA, name) is None
    assert type(chosen.to(incident, TO_AMARA, f"webhook:{name}")) is Webhook


def test_no_sms_goes_to_whoever_has_no_number(incident):
    """That a row has none is no refusal of anybody's."""
    assert ways().to(incident, Recipient(name="Bo", address="bo@contoso.example", why=""), "sms") is None


def test_a_person_on_call_is_told_why():
    """The service, the role, and whether they only stand in."""
    recipient = on_call_recipient(AMARA, OnCall(people=(AMARA,), service="checkout"))
    assert recipient.why == "You are on call for 'checkout' (primary)."
    assert (recipient.phone, recipient.object_id, recipient.level) == ("+15005550101", "e-1", 1)
    plain = AMARA.model_copy(update={"role": "", "phone": "tomorrow"})
    stands_in = on_call_recipient(plain, OnCall(people=(plain,), service="checkout", from_default=True))
    assert stands_in.why == "You are on call for 'checkout', by default."
    assert stands_in.phone == ""
    assert on_call_recipient(plain, OnCall(people=(plain,))).why == "You are on call."


@pytest.mark.parametrize(
    ("levels", "level", "why"),
    [
        (
            (),
            LAST_RESORT,
            "You are called for 'checkout' as the last resort, because no level of its policy names anybody.",
        ),
        (
            (NotifyTarget("role", "scribe"), NotifyTarget("person", "amara")),
            2,
            "You are on call for 'checkout' (primary).",
        ),
    ],
)
def test_whoever_an_opening_names_is_told_as_what(levels, level, why):
    """The level is the one that names them; the last resort in the place of all levels is called that."""
    policy = Policy("all", tuple(Level((each,), 5) for each in levels), last_resort=(NotifyTarget("person", "amara"),))
    opening = opening_of(Directory((policy,), {}), severity=2, instant=0)
    recipient = on_call_recipient(AMARA, OnCall(people=(AMARA,), service="checkout", opening=opening))
    assert (recipient.level, recipient.why, recipient.is_for_want_of_others) == (level, why, False)


def test_the_last_resort_is_reached_by_what_its_entries_say(incident):
    """A number is shown in part, wherever it is named; an entry whose way is missing leads nowhere."""
    targets = read_last_resort("lea@contoso.example, +1 500 555 0106, webhook:pager, webhook:other")
    chat, sms, webhook = ways().to_each(incident, targets, why="Nobody could be told.")
    assert [part.by for part in (chat, sms, webhook)] == ["chat", "sms", "webhook:pager"]
    assert {part.recipient.level for part in (chat, sms, webhook)} == {LAST_RESORT}
    assert (sms.recipient.address, sms.recipient.name, sms.recipient.phone) == (*("+1500…06",) * 2, "+15005550106")
    assert "5550106" not in sms.label
    assert webhook.recipient.phone == ""
