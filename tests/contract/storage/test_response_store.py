"""How responses stand and what happened, against a real table store: all of a decision, or nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.response.act import Outcome
from worker.domain.response.actor import Actor, ActorKind, Source
from worker.domain.response.entry import Say
from worker.domain.response.response import PersonRef, RoleSpan, fold
from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.deciding import opened
from worker.lifecycle.response.log import Log
from worker.storage.response_store import MovedOn
from worker.storage.stores import open_stores

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=NOW)
ADA = Actor(kind=ActorKind.PERSON, id="ada", name="Ada")
DONE = Outcome(verdict="done", sentence="Done.")
OPENED = opened(INCIDENT, NOW, 60.0)
# As many characters as an act may have, each of them two UTF-16 units.
WIDE = "🔥" * 8_000


@pytest.fixture
async def responses(settings):
    async with open_stores(settings, owner="one") as stores:
        await stores.table.prepare()
        yield stores.responses


def log_of(stored, *, act_id=""):
    response = stored.response if stored else OPENED
    return Log(response, now=NOW, at=NOW, actor=ADA, source=Source.CLI, act_id=act_id)


async def append(responses, stored, *texts, act_id="", sets=None, **more):
    log = log_of(stored, act_id=act_id)
    for text in texts:
        log.enter("note", text, **more, **(sets or {}))
    outcomes = [(act_id, DONE)] if act_id else []
    return await responses.append(stored, log.response, log.entries, outcomes)


async def test_what_was_appended_is_read_again(responses):
    """The state, its entries in their order, and what the act came to; of another act nothing."""
    assert await responses.read(INCIDENT.id) is None
    written = await append(responses, None, "first", "second", act_id="a1")
    assert await responses.read(INCIDENT.id) == written
    entries = await responses.entries(INCIDENT.id)
    assert [(entry.seq, entry.text) for entry in entries] == [(1, "first"), (2, "second")]
    assert await responses.entries(INCIDENT.id, after=1) == entries[1:]
    assert fold(OPENED, entries) == written.response
    assert await responses.outcome(INCIDENT.id, "a1") == DONE
    assert await responses.outcome(INCIDENT.id, "A1") is None


async def test_of_two_who_decided_at_once_the_second_writes_nothing(responses):
    """Neither where nothing stood before, nor later, and not even an outcome without an entry."""
    first = await append(responses, None, "first")
    with pytest.raises(MovedOn):
        await append(responses, None, "also first", act_id="late")
    await append(responses, first, "second")
    for texts in (("also second",), ()):
        with pytest.raises(MovedOn):
            await append(responses, first, *texts, act_id="late")
    assert [entry.text for entry in await responses.entries(INCIDENT.id)] == ["first", "second"]
    assert await responses.outcome(INCIDENT.id, "late") is None


async def test_an_act_is_decided_once_whatever_stands(responses):
    """Somebody who decides it a second time by the newest state is refused as well."""
    first = await append(responses, None, "first", act_id="a1")
    with pytest.raises(MovedOn):
        await append(responses, first, "again", act_id="a1")


async def test_a_decision_of_hundreds_of_entries_is_one_transaction(responses):
    """More of them than a transaction has rows; each is found behind any other."""
    texts = [f"{number}" for number in range(1, 302)]
    written = await append(responses, None, *texts, act_id="a1")
    written = await append(responses, written, "302")
    for after in (0, 1, 2, 3, 4, 150, 300, 301, 302):
        found = await responses.entries(INCIDENT.id, after=after)
        assert [entry.seq for entry in found] == list(range(after + 1, 303))


async def test_the_longest_texts_fit(responses):
    """Said, commented and recorded, each in characters of four bytes."""
    written = await append(responses, None, WIDE, says=[Say(text=WIDE)], comments=[WIDE])
    (entry,) = await responses.entries(INCIDENT.id)
    assert (entry.text, entry.says[0].text, entry.comments) == (WIDE, WIDE, (WIDE,))
    assert await responses.read(INCIDENT.id) == written


async def test_a_state_of_many_people_and_roles_fits(responses):
    """Of roles that ended the row has the newest; those that last are all there."""
    people = [PersonRef(person=f"p{n}", name="N" * 250, email="e" * 250) for n in range(300)]
    spans = [RoleSpan(role="sme", person=people[n % 300], since=NOW, given_by=ADA) for n in range(600)]
    ended = [span.model_copy(update={"until": NOW + timedelta(minutes=n)}) for n, span in enumerate(spans)]
    written = await append(responses, None, "many", sets={"told": people, "roles": [spans[0], *ended, spans[1]]})
    kept = (await responses.read(INCIDENT.id)).response
    assert kept == written.response
    assert kept.roles[0] == spans[0]
    assert kept.roles[-1] == spans[1]
    assert kept.roles[-2] == ended[-1]
    assert 100 < len(kept.roles) < 300
    assert fold(OPENED, await responses.entries(INCIDENT.id)) == kept


@pytest.mark.parametrize("act_id", ["a/b\\c#d?e", "%2F", "'", "x" * 200, "a:b", "~"])
async def test_an_act_may_have_an_id_of_any_characters(responses, act_id):
    """Also those that no row key may have."""
    await append(responses, None, "first", act_id=act_id)
    assert await responses.outcome(INCIDENT.id, act_id) == DONE


async def test_what_falls_due_is_found(responses):
    """Of every incident with a timer before that moment, and of no other."""
    log = log_of(None)
    log.set_timer(TimerKind.ESCALATION, NOW + timedelta(minutes=5))
    log.set_timer(TimerKind.UPDATE, NOW + timedelta(minutes=2))
    log.enter("opened", "Open.")
    written = await responses.append(None, log.response, log.entries)
    assert await responses.due(NOW + timedelta(minutes=2), 10) == []
    assert await responses.due(NOW + timedelta(minutes=2, seconds=1), 10) == [written.response]
    log = log_of(written)
    log.stop_timers()
    log.enter("closed", "Closed.")
    await responses.append(written, log.response, log.entries)
    assert await responses.due(NOW + timedelta(days=1), 10) == []
