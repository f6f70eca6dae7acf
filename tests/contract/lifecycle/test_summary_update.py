"""What people are told of an incident's alerts, against all the stand-ins: one note and one message that change."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from grouping_run import NOON
from launched_house import launched

from handlers.summary import SUMMARY_STEPS, summary_playbook
from worker.clients.boards.items import set_field
from worker.domain.alert_record import AlertRecord
from worker.domain.errors import Held
from worker.domain.event import EventType, Severity
from worker.domain.incident import Incident
from worker.domain.lease import AlreadyLaunched
from worker.domain.report import Report
from worker.domain.settlement import Complete, RetryLater
from worker.engine.executor import Timing
from worker.grouping.alert_store import open_alert_store
from worker.lifecycle.summary_update import SummaryUpdate
from worker.storage.stores import open_stores

MAKE_NOTE = {"system": "boards", "method": "POST", "path": "/comments$"}
CHANGE_NOTE = {"system": "boards", "method": "PATCH", "path": r"/comments/\d+$"}
CHANGE_ITEM = {"system": "boards", "method": "PATCH", "path": r"/workItems/\d+\?"}
POST = {
    "bot": {"system": "bot", "method": "POST", "path": "/v3/conversations$"},
    "delegated": {"system": "graph", "method": "POST", "path": "/messages$"},
}
UPDATE = {
    "bot": {"system": "bot", "method": "PUT", "path": "/activities/"},
    "delegated": {"system": "graph", "method": "PATCH", "path": r"/messages/\d+$"},
}
LOST = ({"behaviour": "drop-before"}, {"behaviour": "drop-after"}, {"behaviour": "apply-then-status", "status": 500})


@pytest.fixture
def posting():
    return "bot"


@pytest.fixture
def severity():
    return 1


@pytest.fixture
async def house(settings, posting, severity):
    async with launched(settings, posting, severity) as house:
        yield house


@pytest.fixture
async def told(settings, house):
    async with open_alert_store(settings) as alert_store:
        yield ReminderScheduler(house, alert_store)


class ReminderScheduler:
    """The incident of the house with alerts that were kept with it, and what people see of them."""

    def __init__(self, house, alert_store):
        self.house, self.alert_store = house, alert_store
        self.id = house.incident.id
        self._kept = 0

    async def keep(self, kind=EventType.TRIGGER, *, identity="f", severity=2, **others):
        self._kept += 1
        facts = {
            "title": f"alert {self._kept}",
            "received_at": self.house.incident.received_at + timedelta(minutes=self._kept),
            **others,
        }
        alert = AlertRecord(f"{self._kept:032x}", kind, identity, Severity(severity), because="it is the same", **facts)
        assert await self.alert_store.keep(self.id, alert)

    async def resolve(self, identity="f"):
        await self.keep(EventType.RESOLVE, identity=identity)

    def summary_update(self, *, store=None, resolved_state=None, give_up_after=timedelta(hours=1)):
        house = self.house
        return SummaryUpdate(
            store=store or house.stores.incidents,
            alert_store=self.alert_store,
            launch=house.playbook,
            summary_steps=SUMMARY_STEPS,
            playbook_of=partial(summary_playbook, boards=house.boards, poster=house.poster),
            timing=Timing(allowance=timedelta(hours=1), lookup_lag=timedelta(seconds=1)),
            reopen=timedelta(minutes=10),
            give_up_after=give_up_after,
            resolved_state=resolved_state,
        )

    async def tell(self, *, due=timedelta(), **how):
        reminder = Incident(
            key=self.house.incident.key, event=self.house.incident.event, received_at=datetime.now(UTC) - due
        )
        return await self.summary_update(**how).publish(reminder, asyncio.Event())

    async def tell_until_told(self, **how):
        """As the message of the reminder does, delivered as often as it takes."""
        while isinstance(await self.tell(**how), RetryLater):
            await self.let_doubts_pass()

    async def let_doubts_pass(self):
        """As if it were so late that nothing of an earlier attempt can still be on its way."""
        for row in await self.rows():
            if row["RowKey"].startswith("step:"):
                await self.house.stores.incidents._table.upsert_entity({**row, "clear_at": NOON})

    async def let_the_lease_pass(self):
        """As if it were so late that the lease of one that died has ended."""
        for row in await self.rows():
            if row["RowKey"] == "lease":
                await self.house.stores.incidents._table.upsert_entity({**row, "lease_seconds": 0.0})

    async def rows(self):
        table = self.house.stores.incidents._table
        found = table.query_entities("PartitionKey eq @pk", parameters={"pk": self.id})
        return [row async for row in found]

    async def writes_of_launch_steps(self):
        """When the rows of the launch were last written."""
        names = {f"step:{step.name}" for step in self.house.playbook}
        return {row["RowKey"]: row.metadata["timestamp"] for row in await self.rows() if row["RowKey"] in names}

    @property
    def item(self):
        [item] = self.house.items()
        return item

    @property
    def notes(self):
        return [comment["text"] for comment in self.item["comments"] if "alerts:" in comment["text"]]

    @property
    def risen(self):
        return [comment["text"] for comment in self.item["comments"] if "Severity raised" in comment["text"]]

    @property
    def messages(self):
        channels = self.house.team.state()["channels"]
        messages = [message for channel in channels for message in channel["messages"]]
        return [str(message) for message in messages if "alerts:" in str(message)]

    def disturb(self, where, fault):
        self.house.server.faults.add({**where, **fault})

    async def amend(self, *patch):
        """As a person in front of the board."""
        async with self.house.human() as boards:
            await boards.amend(self.item["id"], lambda item: patch)


@pytest.mark.parametrize("posting", ["bot", "delegated"])
async def test_many_alerts_are_one_note_and_one_message_that_change(told):
    """The first telling makes them, the second says the newest in their place."""
    for count in (2, 3):
        await told.keep(resources=(f"host-{count}",))
        assert await told.tell() == Complete()
        for [words] in (told.notes, told.messages):
            assert f"{count} alerts of 2 faults" in words
            assert f"host-{count}" in words


HOSTILE = "<at>Ada</at> [here](https://evil.example) <script>alert(1)</script>"


@pytest.mark.parametrize("posting", ["bot", "delegated"])
async def test_a_report_reaches_the_work_item_and_the_channel_harmlessly(told, posting):
    """Its title, description, impact and who sent it: as words that neither mention, link nor run."""
    del posting
    facts = {"description": f"since noon {HOSTILE}", "impact": f"EU cannot pay {HOSTILE}", "by": f"ada@desk {HOSTILE}"}
    report = Report(title=f"Checkout is slow {HOSTILE}", at=NOON, **facts)
    await told.keep(EventType.REPORT, identity="", report=report)
    assert await told.tell() == Complete()
    for [words] in (told.notes, told.messages):
        for each in ("Checkout is slow", "since noon", "EU cannot pay", "ada@desk"):
            assert each in words
    assert "<script" not in told.notes[0]
    posted = [each for channel in told.house.team.state()["channels"] for each in channel["messages"]]
    [message] = [each for each in posted if "alerts:" in str(each)]
    assert "<at>" not in str(message)
    [card] = [json.loads(each["content"]) for each in message["attachments"]]
    assert "(here)" in str(card["body"])
    assert "[here]" not in str(card["body"])
    assert message["mentions"] == []


async def test_nothing_but_what_opened_it_is_not_told(told):
    """A launch of one alert has said everything."""
    assert await told.tell() == Complete()
    assert (told.notes, told.messages) == ([], [])


@pytest.mark.parametrize(("posting", "fault"), [*(("bot", fault) for fault in LOST), ("delegated", LOST[1])])
@pytest.mark.parametrize("where", ["make", "change"])
async def test_a_lost_answer_leaves_one_note_and_one_message(told, posting, where, fault):
    """Whether it was applied or not, all that is there says the newest."""
    await told.keep()
    if where == "change":
        await told.tell()
        await told.keep()
    requests = {"make": (MAKE_NOTE, POST[posting]), "change": (CHANGE_NOTE, UPDATE[posting])}
    for request in requests[where]:
        told.disturb(request, fault)
    assert isinstance(await told.tell(), RetryLater)
    await told.keep()
    await told.let_doubts_pass()
    await told.tell_until_told()
    count = 3 if where == "make" else 4
    for [words] in (told.notes, told.messages):
        assert f"{count} alerts of 2 faults" in words


async def test_a_death_between_begin_and_end_leaves_one_of_each(told):
    """A worker that died as it told is followed by one that looks for what it made."""
    await told.keep()
    told.disturb(MAKE_NOTE, {"behaviour": "hang"})
    told.disturb(POST["bot"], {"behaviour": "hang"})
    dying = asyncio.create_task(told.tell())
    begun = {"step:comment-summary", "step:post-summary"}
    while not begun <= {row["RowKey"] for row in await told.rows()}:
        await asyncio.sleep(0.02)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    told.house.server.faults.clear()
    await told.let_doubts_pass()
    with pytest.raises(Held):
        await told.tell()
    await told.let_the_lease_pass()
    await told.tell_until_told()
    assert (len(told.notes), len(told.messages)) == (1, 1)


class TestSeverity:
    """The work item is as urgent as the worst of the incident's alerts has been."""

    @pytest.fixture
    def severity(self):
        return 4

    @staticmethod
    def priority(told):
        return told.item["fields"]["Microsoft.VSTS.Common.Priority"]

    async def test_it_rises_once_and_never_falls(self, told):
        """One line in the history says so; what is less bad, or as bad, changes nothing."""
        for severity in (2, 5, 2):
            await told.keep(severity=severity)
            await told.tell()
        assert self.priority(told) == 2
        [line] = told.risen
        assert "Severity raised to 2 (high), that of &#x27;" in line
        assert "Severity raised to 2 (high)" in told.messages[0]

    @pytest.mark.parametrize("fault", LOST[:2], ids=lambda fault: fault["behaviour"])
    async def test_a_lost_answer_raises_it_once(self, told, fault):
        """Deciding again is finding."""
        await told.keep(severity=2)
        told.disturb(CHANGE_ITEM, fault)
        await told.tell_until_told()
        assert (self.priority(told), len(told.risen)) == (2, 1)

    async def test_what_a_person_set_stands_until_it_rises_again(self, told):
        """Also where an attempt failed meanwhile."""
        await told.keep(severity=2)
        await told.tell()
        await told.amend(set_field("Microsoft.VSTS.Common.Priority", 3))
        await told.keep(severity=2)
        told.disturb(MAKE_NOTE, LOST[1])
        await told.tell()
        assert self.priority(told) == 3
        await told.keep(severity=1)
        await told.let_doubts_pass()
        await told.tell_until_told()
        assert self.priority(told) == 1

    async def test_who_finds_it_worse_is_not_overruled(self, told):
        """A rise lowers nothing that a person has set."""
        await told.amend(set_field("Microsoft.VSTS.Common.Priority", 1))
        await told.keep(severity=2)
        await told.tell()
        assert (self.priority(told), told.risen) == (1, [])


async def test_when_all_have_resolved_both_places_say_so(told):
    """And when it fires again, they say that."""
    await told.keep()
    await told.resolve()
    await told.tell()
    for [words] in (told.notes, told.messages):
        assert "1 of 2 faults still fire" in words
    await told.resolve(told_identity := AlertRecord.of(told.house.incident, because="").identity)
    await told.tell()
    for [words] in (told.notes, told.messages):
        assert "All have resolved, the last at" in words
        assert "within 10 minutes belongs to this incident" in words
    await told.keep(identity=told_identity)
    await told.tell()
    for [words] in (told.notes, told.messages):
        assert "1 of 2 faults still fire" in words


class TestResolvedState:
    """The state that the work item is given when all alerts have resolved, where that is wished."""

    @pytest.fixture
    async def resolved(self, told):
        await told.amend(set_field("System.State", "Doing"))
        await told.resolve(AlertRecord.of(told.house.incident, because="").identity)
        return told

    @staticmethod
    def state(told):
        return told.item["fields"]["System.State"]

    async def test_it_is_set_and_taken_back(self, resolved):
        """What fires again finds the item in the state in which it was left."""
        await resolved.tell(resolved_state="Done")
        assert self.state(resolved) == "Done"
        await resolved.keep()
        await resolved.tell(resolved_state="Done")
        assert self.state(resolved) == "Doing"

    async def test_it_stays_alone_without_the_setting(self, resolved):
        """It is only noted."""
        await resolved.tell()
        assert self.state(resolved) == "Doing"

    @pytest.mark.parametrize("fault", LOST[:2], ids=lambda fault: fault["behaviour"])
    async def test_a_lost_answer_loses_no_state(self, resolved, fault):
        """The state before is known although the answer was not."""
        resolved.disturb(CHANGE_ITEM, fault)
        await resolved.tell_until_told(resolved_state="Done")
        assert self.state(resolved) == "Done"
        await resolved.keep()
        await resolved.tell_until_told(resolved_state="Done")
        assert self.state(resolved) == "Doing"

    async def test_what_it_was_before_outlives_an_attempt_that_failed(self, resolved):
        """A refusal at the second telling forgets nothing of the first."""
        await resolved.tell(resolved_state="Done")
        await resolved.keep()
        resolved.disturb(CHANGE_ITEM, {"behaviour": "drop-before", "times": 2})
        assert isinstance(await resolved.tell(resolved_state="Done"), RetryLater)
        await resolved.let_doubts_pass()
        await resolved.tell_until_told(resolved_state="Done")
        assert self.state(resolved) == "Doing"

    async def test_who_opens_it_again_is_not_overruled(self, resolved):
        """A person's change stands while the alerts stay resolved, and when they fire again."""
        await resolved.tell(resolved_state="Done")
        await resolved.amend(set_field("System.State", "To Do"))
        await resolved.keep(EventType.ACKNOWLEDGE)
        await resolved.tell(resolved_state="Done")
        assert self.state(resolved) == "To Do"
        await resolved.keep()
        await resolved.tell(resolved_state="Done")
        assert self.state(resolved) == "To Do"


async def test_a_message_that_a_person_deleted_is_told_anew(told):
    """What there is to tell is told, in one message."""
    await told.keep()
    await told.tell()
    channel = await told.house.channel()
    [message] = await told.house.poster.all_of(channel, "alerts:")
    assert await told.house.poster.delete(channel, message.id)
    await told.keep()
    await told.tell()
    [there] = await told.house.poster.all_of(channel, "alerts:")
    assert "3 alerts" in there.content


async def test_two_at_once_are_one_after_the_other(told, settings):
    """The second one is held by the lease of the first, and tells nothing beside it."""
    await told.keep()
    async with open_stores(settings, owner="two") as second:
        lease = await second.incidents.lease_launched(told.id)
        assert lease is not None
        with pytest.raises(Held) as held:
            await told.tell()
        assert held.value.retry_after > timedelta()
        assert told.notes == []


async def test_the_launch_is_not_run_again(told):
    """None of its steps is written, its announcement stands alone, and a replay still finds it launched."""
    before = await told.writes_of_launch_steps()
    await told.keep()
    await told.tell()
    assert await told.writes_of_launch_steps() == before
    assert len(await told.house.poster.all_of(await told.house.channel(), told.id)) == 1
    assert await told.house.stores.incidents.lease(told.house.incident, []) == AlreadyLaunched()
    assert await told.house.launch() == Complete()


async def test_a_sweep_leaves_what_was_told_alone(told):
    """The message that changes is no second announcement."""
    await told.keep()
    await told.tell()
    swept = await told.house.sweep()
    assert (swept.incidents, swept.findings) == (1, ())
    assert (len(told.notes), len(told.messages)) == (1, 1)


async def test_what_is_told_already_costs_no_request(told):
    """A second reminder of the same says nothing to anybody."""
    await told.keep()
    await told.tell()
    before = len(told.house.server.requests.listing())
    await told.tell()
    assert len(told.house.server.requests.listing()) == before


async def test_what_never_succeeds_is_given_up_one_day(told):
    """A reminder is worth less than a launch: the next alert tells it all anew."""
    await told.keep()
    told.disturb(MAKE_NOTE, {"behaviour": "drop-before", "times": 2})
    assert isinstance(await told.tell(), RetryLater)
    await told.let_doubts_pass()
    assert await told.tell(due=timedelta(hours=2)) == Complete()
    assert told.notes == []


async def test_reminders_that_have_waited_for_each_other_are_done_with_at_once(told):
    """In a storm one of them tells for all: an alert that another has told already is not counted again."""
    await told.keep()
    assert await told.tell() == Complete()
    await told.keep()
    assert await told.tell(due=timedelta(minutes=5)) == Complete()
    assert "2 alerts" in told.notes[0]
    assert await told.tell(due=-timedelta(minutes=5)) == Complete()
    assert "3 alerts" in told.notes[0]


async def test_what_could_not_be_told_is_not_taken_for_told(told):
    """A reminder whose telling failed leaves the next one its work."""
    await told.keep()
    told.disturb(MAKE_NOTE, {"behaviour": "status", "status": 403, "times": 1})
    await told.tell()
    assert told.notes == []
    assert await told.tell(due=timedelta(minutes=5)) == Complete()
    assert "2 alerts" in told.notes[0]
