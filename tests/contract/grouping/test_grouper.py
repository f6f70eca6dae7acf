"""Which incident an alert belongs to, against a real table store."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from grouping_run import a_resolve, an_alert

from worker.domain.alert_identity import identity, tracking_id
from worker.domain.alert_status import Disposition
from worker.domain.alert_summary import summarised
from worker.domain.errors import Held
from worker.domain.event import EventType
from worker.domain.grouping_rules import GroupingRule, GroupingRules
from worker.domain.incident import generation_key, incident_id
from worker.domain.lease import Closing
from worker.domain.states import LaunchState
from worker.grouping.alert_store import open_alert_store
from worker.grouping.grouper import Grouper, Placement, Windows
from worker.storage.stores import open_stores

LONG = timedelta(hours=1)
# Shorter than any time, also by a clock that counts whole seconds.
OVER = timedelta(seconds=-5)


KEY = "disk-db1"


def by_key(received=0, **facts):
    """A telling of a key, `received` minutes after noon."""
    return an_alert(
        **{"fingerprint": "", "key": KEY, "title": "disk full", "occurred_at": None, **facts, "received": received}
    )


def ended(received=1):
    return by_key(received, type=EventType.RESOLVE, title="over")


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="one") as stores:
        await stores.table.prepare()
        yield stores


@pytest.fixture
async def alert_store(settings, stores):
    async with open_alert_store(settings) as alert_store:
        yield alert_store


@pytest.fixture
def place(alert_store):
    """Places an alert as a worker does that remembers nothing."""

    async def placed(incident, *, reopen=LONG, idle=LONG, window=LONG, rules=()):
        return await Grouper(alert_store, GroupingRules(rules, window), Windows(reopen, idle)).place(incident)

    return placed


@pytest.fixture
def count(alert_store):
    """Stores what the alerts of an incident come to, as the reminder does."""

    async def counted(incident):
        alerts = await alert_store.alerts(incident)
        summary = summarised(alerts.records)
        assert await alert_store.store_count(incident, summary, alerts.counted)
        return summary

    return counted


async def kept(alert_store, incident):
    return sorted(each.title for each in (await alert_store.alerts(incident)).records)


async def test_the_first_alert_opens_an_incident_of_its_own(alert_store, place):
    """It is kept there, and says why."""
    alert = an_alert()
    placed = await place(alert)
    assert (placed.disposition, placed.key) == (Disposition.OPENED, alert.key)
    assert await kept(alert_store, alert.id) == ["f is down"]
    assert not await alert_store.has_more(alert.id)


async def test_an_equal_fingerprint_joins_whatever_its_words(alert_store, place):
    """Alerts of one fault are one incident's, also where they agree in no field."""
    first, second = an_alert(), an_alert(at=1, title="still down", service="search")
    await place(first)
    placed = await place(second)
    assert (placed.disposition, placed.key) == (Disposition.JOINED, first.key)
    assert placed.because == f"joined {first.id} because its fingerprint is the same"
    assert await alert_store.has_more(first.id)


async def test_an_alert_of_the_same_group_joins(place):
    """By default those agree in source and service."""
    first, second = an_alert("f"), an_alert("g")
    await place(first)
    placed = await place(second)
    assert (placed.disposition, placed.key) == (Disposition.JOINED, first.key)
    assert "source 'probe' and service 'checkout'" in placed.because


PROMETHEUS = {"source": "alertmanager", "detection_source": "monitoring"}
AZURE = {"source": "azure-monitor", "detection_source": "monitoring", "service": "Checkout"}
APART = (GroupingRule(group_by=("source", "service")),)


async def test_one_outage_that_two_sources_tell_is_one_incident(place, count):
    """The second says why it is there; the worse of the two decides how bad it is, and both have to end."""
    first, second = an_alert("f", **PROMETHEUS, severity=3), an_alert("g", **AZURE, severity=1)
    await place(first)
    placed = await place(second)
    assert (placed.disposition, placed.key) == (Disposition.JOINED, first.key)
    why = "it is the same service, Checkout, told by another source (the default rule)"
    assert placed.because == f"joined {first.id} because {why}"
    assert (await count(first.id)).severity == 1
    await place(a_resolve("f", **PROMETHEUS))
    assert (await count(first.id)).resolved_at is None
    await place(a_resolve("g", **AZURE))
    assert (await count(first.id)).resolved_at is not None


async def test_the_same_source_is_not_called_another(place):
    """Another alert of the source that opened it says what it agrees in."""
    await place(an_alert("f", **PROMETHEUS))
    assert "it agrees with it in service 'checkout'" in (await place(an_alert("g", **PROMETHEUS))).because


@pytest.mark.parametrize(
    ("second", "rules"),
    [
        ({**AZURE, "service": ""}, ()),
        ({**AZURE, "service": "search"}, ()),
        ({**AZURE, "detection_source": "employee"}, ()),
        (AZURE, APART),
    ],
)
async def test_what_two_sources_tell_of_different_things_stays_apart(place, second, rules):
    """Without a service, of another one, told by a person, or where a rule of one's own says so."""
    await place(an_alert("f", **PROMETHEUS), rules=rules)
    assert (await place(an_alert("g", **second), rules=rules)).disposition is Disposition.OPENED


async def test_two_sources_at_once_open_one_incident(alert_store, place):
    """Whoever is quicker opens it, and both alerts are kept there; many times over, since it is a race."""
    for number in range(10):
        facts = {"service": f"service-{number}"}
        alerts = [an_alert(f"f{number}", **PROMETHEUS | facts), an_alert(f"g{number}", **AZURE | facts)]
        placed = await asyncio.gather(*map(place, alerts))
        assert sorted(each.disposition for each in placed) == [Disposition.JOINED, Disposition.OPENED]
        [incident] = {each.incident_id for each in placed}
        assert await kept(alert_store, incident) == [f"f{number} is down", f"g{number} is down"]


@pytest.mark.parametrize("facts", [{"service": "search"}, {"source": "other"}, {"service": ""}])
async def test_another_group_opens_another_incident(place, facts):
    """Where the group differs, or is not given, an incident is opened."""
    await place(an_alert("f"))
    assert (await place(an_alert("g", **facts))).disposition is Disposition.OPENED


async def test_a_rule_of_ones_own_decides(place):
    """Grouped by a label, alerts of different services are one incident's; grouped by nothing, none are."""
    by_region = (GroupingRule(group_by=("labels.region",)),)
    first, second = an_alert("f", labels={"region": "eu"}), an_alert("g", service="search", labels={"region": "eu"})
    await place(first, rules=by_region)
    assert (await place(second, rules=by_region)).key == first.key
    assert (await place(an_alert("h"), rules=(GroupingRule(),))).disposition is Disposition.OPENED


async def test_a_group_takes_alerts_for_its_window_only(place):
    """After that the next alert opens another, which is the group's from then on."""
    first, second, third = an_alert("f"), an_alert("g"), an_alert("h")
    await place(first)
    assert (await place(second, window=OVER)).disposition is Disposition.OPENED
    assert (await place(third)).key == second.key


async def test_an_incident_that_is_idle_takes_no_more(place):
    """Some senders never say that something has ended: then equal fingerprints open another incident."""
    first, second = an_alert(), an_alert(at=1)
    await place(first)
    assert (await place(second, idle=OVER, window=OVER)).key == second.key


async def test_a_firing_within_the_reopening_window_reopens(place, count):
    """All had resolved, and yet it is the same incident."""
    first, again = an_alert(), an_alert(at=5, received=5)
    await place(first)
    await place(a_resolve())
    assert (await count(first.id)).resolved_at is not None
    assert (await place(again)).key == first.key
    assert (await count(first.id)).resolved_at is None


async def test_a_firing_after_the_reopening_window_opens_another(place, count):
    """A resolved incident does not go on taking alerts, of its fingerprint or of its group."""
    first = an_alert()
    await place(first)
    await place(a_resolve())
    await count(first.id)
    for again in (an_alert(at=5, received=5), an_alert("g", at=5)):
        placed = await place(again, reopen=OVER)
        assert placed.key != first.key


async def test_a_resolve_without_an_open_incident_is_recorded(alert_store, place):
    """It launches nothing, and whoever asks is told so."""
    resolve = a_resolve()
    placed = await place(resolve)
    assert (placed.disposition, placed.key) == (Disposition.RECORDED, None)
    status = await alert_store.status(tracking_id(resolve.event))
    assert (status.disposition, status.incident_id) == (Disposition.RECORDED, None)
    assert status.because == "recorded, since no incident with its fingerprint is open"


async def test_a_resolve_long_after_the_end_is_recorded(place, count):
    """Some senders tell of an end over and over."""
    first = an_alert()
    await place(first)
    await place(a_resolve())
    await count(first.id)
    assert (await place(a_resolve(title="again"), reopen=-LONG)).disposition is Disposition.RECORDED


async def test_a_resolve_that_overtook_is_seen_where_its_firing_opens(alert_store, place, count):
    """The incident is told as resolved from the first."""
    alert = an_alert()
    await place(a_resolve())
    assert (await place(alert)).disposition is Disposition.OPENED
    assert await alert_store.has_more(alert.id)
    assert (await count(alert.id)).resolved_at is not None


async def test_of_two_resolves_the_one_that_reaches_further_stays(place, count):
    """Whichever of them comes last, the later firing has ended."""
    for fingerprint, ends in (("f", (0, 5)), ("g", (5, 0))):
        alert = an_alert(fingerprint, at=5, received=5, service="")
        for at in ends:
            await place(a_resolve(fingerprint, at=at, received=at + 1))
        await place(alert)
        assert (await count(alert.id)).firing == 0


@pytest.mark.parametrize("moment", ["resolved_at", "occurred_at"])
async def test_an_end_that_is_dated_centuries_ahead_ends_nothing_later(alert_store, place, count, moment):
    """What fires after it goes on, and the ends that come then are noted as ever, also where they overtake."""
    far = datetime(9999, 1, 1, tzinfo=UTC)
    await place(a_resolve(received=1, **{moment: far}))
    first = an_alert(at=20, received=20, service="")
    await place(first)
    assert (await count(first.id)).firing == 1
    await alert_store.close(first.id)
    await place(a_resolve(received=31, at=30, service=""))
    second = an_alert(at=30, received=30, service="", title="still down")
    await place(second)
    assert (await count(second.id)).firing == 0


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_an_end_reaches_what_replicas_told_with_other_beginnings(place, count, order):
    """Two of a pair see one fault half a minute apart, and its end comes with the earlier one, in whatever order."""
    ended = datetime(2026, 3, 2, 12, 25, tzinfo=UTC)
    told = [an_alert(at=6, received=7), an_alert(at=5, received=8), a_resolve(at=5, received=26, resolved_at=ended)]
    placed = [await place(told[number]) for number in order]
    opened = next(each for each in placed if each.disposition is Disposition.OPENED)
    summary = await count(opened.incident_id)
    assert (summary.firing, summary.resolved_at) == (0, ended)
    await place(an_alert(at=26, received=27))
    assert (await count(opened.incident_id)).firing == 1


async def test_what_is_no_longer_reported_joins_and_ends_nothing(alert_store, place, count):
    """Its reason is kept; and where nothing of it is open, it is only recorded."""
    gone = {"type": EventType.NO_LONGER_REPORTED, "state_reason": "MissingSeries"}
    assert (await place(an_alert(**gone))).disposition is Disposition.RECORDED
    first = an_alert()
    await place(first)
    assert (await place(an_alert(received=9, **gone))).key == first.key
    summary = await count(first.id)
    assert (summary.firing, summary.unreported, summary.unreported_because) == (1, 1, ("MissingSeries",))
    assert (await place(an_alert(at=3, received=10))).disposition is Disposition.JOINED


async def test_what_was_left_out_of_a_call_is_kept(place, count):
    """Also where its alerts join an incident that another call opened."""
    first = an_alert("f")
    await place(first)
    await place(an_alert("g", left_out=40))
    assert (await count(first.id)).left_out == 40


async def test_an_end_of_long_ago_ends_nothing_new(alert_store, place):
    """What fires anew is told without it."""
    await place(a_resolve())
    alert = an_alert(at=60, received=60)
    await place(alert)
    assert not await alert_store.has_more(alert.id)


async def test_an_end_reaches_what_was_left_idle_too(place, count):
    """The fault of a former incident has ended as well, where nobody had said so before."""
    first, second = an_alert(), an_alert(at=1)
    await place(first)
    await place(second, idle=OVER, window=OVER)
    placed = await place(a_resolve(at=1))
    assert (placed.key, placed.also) == (second.key, (first.key,))
    assert (await count(first.id)).firing == 0


async def test_only_when_all_have_resolved_is_the_incident_resolved(place, count):
    """One recovered alert closes no group."""
    first = an_alert("f")
    await place(first)
    await place(an_alert("g"))
    await place(a_resolve("f"))
    assert (await count(first.id)).resolved_at is None
    await place(a_resolve("g"))
    assert (await count(first.id)).resolved_at is not None


async def test_an_alert_that_comes_again_is_counted_once(alert_store, place):
    """Whether it opened the incident or joined it, it stays where it was, and is the same to its worker."""
    first, second = an_alert("f"), an_alert("g")
    before = [await place(alert) for alert in (first, second)]
    assert [await place(alert) for alert in (first, second)] == [
        before[0],
        Placement(Disposition.JOINED, first.key, f"joined {first.id} because its fingerprint is the same"),
    ]
    assert len((await alert_store.alerts(first.id)).records) == 2


async def test_a_late_duplicate_stays_where_it_was(alert_store, place, count):
    """Also when its fingerprint has another incident by then."""
    first, second, later = an_alert(), an_alert(at=1), an_alert(at=60, received=60)
    for alert in (first, second, a_resolve(at=1)):
        await place(alert)
    await count(first.id)
    assert (await place(later, reopen=OVER)).key == later.key
    assert [(await place(alert)).key for alert in (first, second)] == [first.key] * 2
    assert len((await alert_store.alerts(later.id)).records) == 1


async def test_who_died_as_it_opened_is_to_launch_however_late(alert_store, place):
    """Others have joined on the strength of its decision, and by now there is a newer incident."""
    dead, second, third = an_alert("f"), an_alert("g"), an_alert("h")
    group = GroupingRules((), LONG).grouping(dead.event).key
    assert await alert_store.point_group(group, dead.key, "probe", None)
    assert (await place(second)).key == dead.key
    assert (await place(third, window=OVER)).disposition is Disposition.OPENED
    placed = await place(dead)
    assert (placed.disposition, placed.key) == (Disposition.OPENED, dead.key)


async def test_the_same_firing_in_other_words_is_told(alert_store, place):
    """It has the same beginning, so it is the same incident's; and it is counted beside the first."""
    first, again = an_alert(), an_alert(title="f is down still")
    await place(first)
    assert (await place(again)).key == first.key
    assert await alert_store.has_more(first.id)


async def test_what_its_sender_named_by_a_key_needs_no_fingerprint(alert_store, place):
    """The end of such an incident is kept with it, once."""
    await place(by_key())
    for _ in range(2):
        placed = await place(ended())
        assert (placed.disposition, placed.key) == (Disposition.JOINED, KEY)
    assert await kept(alert_store, incident_id(KEY)) == ["disk full", "over"]


async def test_a_second_telling_of_a_key_is_counted_and_raises_the_severity(alert_store, place, count):
    """It joins the incident that is open, whatever its service, and says why."""
    await place(by_key(severity=4))
    placed = await place(by_key(1, title="database down", severity=1, service="other"))
    assert (placed.disposition, placed.key) == (Disposition.JOINED, KEY)
    assert placed.because == f"joined {incident_id(KEY)} because its sender named it by its key"
    summary = await count(incident_id(KEY))
    assert (summary.alerts, summary.severity, summary.worst) == (2, 1, "database down")


async def test_the_same_bytes_after_the_end_fire_again(alert_store, place, count):
    """They are no copy of the message before; and their end, in the bytes of the first end, ends them."""
    for told in (by_key(), ended(1)):
        await place(told)
    assert (await count(incident_id(KEY))).firing == 0
    assert (await place(by_key(2))).key == KEY
    assert (await count(incident_id(KEY))).firing == 1
    await place(ended(3))
    summary = await count(incident_id(KEY))
    assert (summary.alerts, summary.firing) == (2, 0)


async def test_a_key_opens_another_incident_after_the_reopening_window(alert_store, place, count):
    """Each has an id of its own, the first that of the key; copies of all that was told stay where it was."""
    told = [by_key(), ended(1), by_key(20), by_key(21, title="again")]
    placed = [await place(each, reopen=OVER) for each in told[:1]]
    await place(told[1])
    await count(incident_id(KEY))
    placed += [await place(each, reopen=OVER) for each in told[2:]]
    assert [each.disposition for each in placed] == [Disposition.OPENED, Disposition.OPENED, Disposition.JOINED]
    assert placed[0].key == KEY
    assert placed[1].key == placed[2].key == generation_key(told[2].event)
    for late, first in zip((told[0], told[2], told[3]), placed, strict=True):
        assert (await place(late, reopen=OVER)).key == first.key
    assert (await place(ended(22))).key == placed[1].key
    assert (await count(placed[1].incident_id)).firing == 0
    statuses = [await alert_store.status(tracking_id(each.event)) for each in told]
    first, second = incident_id(KEY), placed[1].incident_id
    assert [each.incident_id for each in statuses] == [first, first, second, second]


async def test_an_idle_key_opens_another_incident(place):
    """As an idle fingerprint does."""
    await place(by_key())
    assert (await place(by_key(20), idle=OVER)).disposition is Disposition.OPENED


async def test_a_closed_incident_of_a_key_takes_no_more(alert_store, place):
    """Its launch was discarded: what its sender tells next is launched."""
    await place(by_key())
    await alert_store.close(incident_id(KEY))
    assert (await place(by_key(1))).disposition is Disposition.OPENED


async def test_whoever_died_as_it_opened_by_a_key_launches_however_late(alert_store, place, count):
    """Others have joined, all have resolved, and a later incident of the key is open by now."""
    dead, later = by_key(), by_key(30)
    opener = generation_key(dead.event)
    assert await alert_store.point_identity(identity(dead.event), KEY, None, opener=opener)
    for told in (by_key(1), ended(2)):
        await place(told)
    await count(incident_id(KEY))
    assert (await place(later, reopen=OVER)).disposition is Disposition.OPENED
    placed = await place(dead, reopen=OVER)
    assert (placed.disposition, placed.key) == (Disposition.OPENED, KEY)
    assert (await place(by_key(31))).key == generation_key(later.event)


async def test_the_first_incident_of_a_key_is_known_after_many(alert_store, place):
    """A late copy of what opened it is not taken for another firing."""
    told = [by_key(number) for number in range(9)]
    for each in told:
        await place(each, idle=OVER)
    assert (await place(told[0], idle=OVER)).key == KEY
    assert (await place(by_key(9))).key == generation_key(told[8].event)


async def test_an_end_by_key_before_what_it_ends_is_seen_where_that_opens(alert_store, place, count):
    """It is recorded, and known to the incident from the first."""
    assert (await place(ended(1))).disposition is Disposition.RECORDED
    assert (await place(by_key())).key == KEY
    assert (await count(incident_id(KEY))).firing == 0
    status = await alert_store.status(tracking_id(ended(1).event))
    assert (status.incident_id, status.because) == (incident_id(KEY), "it came before what it ends")


async def test_a_repeated_call_is_one_telling(alert_store, place):
    """Under one Idempotency-Key it is the same, whenever it is received and whatever has ended meanwhile."""
    first, again = by_key(call="7"), by_key(40, call="7")
    assert [(await place(each, idle=OVER)).key for each in (first, again)] == [KEY] * 2
    assert await kept(alert_store, incident_id(KEY)) == ["disk full"]


@pytest.mark.parametrize("state", [LaunchState.LAUNCHING, LaunchState.LAUNCHED, LaunchState.FAILED])
async def test_what_an_earlier_release_launched_by_a_key_is_found(alert_store, stores, place, state):
    """It has no pointer; what is still in flight is launched on, and what comes after it is counted beside it."""
    before, after = by_key(), by_key(5)
    lease = await stores.incidents.lease(before, [])
    await stores.incidents.commit(lease, [], Closing(state, failure="x"))
    is_launched = state is LaunchState.LAUNCHED
    placed = await place(after)
    assert placed.key == KEY
    assert placed.disposition is (Disposition.JOINED if is_launched else Disposition.OPENED)
    assert (await place(by_key(9, type=EventType.ACKNOWLEDGE))).key == KEY
    assert (await place(before)).disposition is (Disposition.OPENED if is_launched else Disposition.JOINED)
    for told in (after, by_key(9, type=EventType.ACKNOWLEDGE)):
        assert (await alert_store.status(tracking_id(told.event))).incident_id == incident_id(KEY)


@pytest.mark.parametrize("kind", [EventType.ACKNOWLEDGE, EventType.RESOLVE, EventType.NO_LONGER_REPORTED])
async def test_what_tells_of_an_earlier_releases_incident_leaves_a_trace(alert_store, stores, place, kind):
    """By its own key as well, which is nobody's name."""
    for key in (KEY, "random:1"):
        opened, told = by_key(key=key), by_key(1, key=key, type=kind)
        lease = await stores.incidents.lease(opened, [])
        await stores.incidents.commit(lease, [], Closing(LaunchState.LAUNCHED))
        assert (await place(told)).key == key
        assert (await alert_store.status(tracking_id(told.event))).incident_id == opened.id


async def test_only_a_fresh_key_surely_opens_its_incident(alert_store, place):
    """What may join, or open a later one, is known once it is kept."""
    first, second = by_key(), by_key(1)
    assert await alert_store.opened_surely(first.event) == incident_id(KEY)
    await place(ended(0))
    assert await alert_store.opened_surely(first.event) == incident_id(KEY)
    await place(first)
    assert await alert_store.opened_surely(first.event) == incident_id(KEY)
    assert await alert_store.opened_surely(second.event) is None
    await place(second, idle=OVER)
    assert await alert_store.opened_surely(second.event) == incident_id(generation_key(second.event))


async def test_an_acknowledgement_is_kept_with_the_incident(place, count):
    """It is no end."""
    first = an_alert()
    await place(first)
    await place(an_alert(type=EventType.ACKNOWLEDGE, received=2))
    summary = await count(first.id)
    assert summary.acknowledged_at is not None
    assert (summary.alerts, summary.firing) == (1, 1)


async def test_an_incident_that_was_closed_takes_no_more(alert_store, place, count):
    """Nor does it when somebody counts after that; what has its fingerprint opens another."""
    first, second = an_alert(), an_alert(at=1)
    await place(first)
    await alert_store.close(first.id)
    await count(first.id)
    placed = await place(second)
    assert (placed.disposition, placed.key) == (Disposition.OPENED, second.key)


async def test_everybody_can_ask_what_became_of_an_alert(alert_store, place):
    """By its tracking id: the incident, and why; nothing before a worker has seen it."""
    first, second = an_alert("f"), an_alert("g")
    assert await alert_store.status(tracking_id(first.event)) is None
    for alert in (first, second):
        await place(alert)
    stories = [await alert_store.status(tracking_id(alert.event)) for alert in (first, second)]
    assert [(status.disposition, status.incident_id) for status in stories] == [
        (Disposition.OPENED, first.id),
        (Disposition.JOINED, first.id),
    ]
    assert stories[1].because.startswith(f"joined {first.id} because it agrees with it in source")


async def test_an_incident_is_shown_with_what_its_alerts_came_to(settings, alert_store, place, count):
    """As last counted, beside its launch; without any where there is nothing but the first, or no such incident."""
    first = an_alert("f", severity=3)
    await place(first)
    async with open_stores(settings, owner="one") as store:
        await store.incidents.lease(first, [])
        assert (await alert_store.with_alerts(await store.incidents.history(first.id))).alerts is None
        await place(an_alert("g", severity=1))
        summary = await count(first.id)
        for known in (await store.incidents.history(first.id), await store.incidents.record(first.id)):
            assert (await alert_store.with_alerts(known)).alerts == summary
        assert await alert_store.with_alerts(await store.incidents.history("inc-0000000000")) is None


@pytest.mark.parametrize("faults", [1, 5])
async def test_a_storm_is_one_incident(settings, alert_store, faults):
    """Eight workers take forty alerts at once: one incident is opened, all of them are kept, and each says why."""
    alerts = [an_alert(f"f{number % faults}", at=number) for number in range(40)]
    async with AsyncExitStack() as stack:
        workers = [
            Grouper(
                await stack.enter_async_context(open_alert_store(settings)),
                GroupingRules((), LONG),
                Windows(LONG, LONG),
            )
            for _ in range(8)
        ]

        async def retry_transient(number, alert):
            while True:
                try:
                    return await workers[number % 8].place(alert)
                except Held:
                    await asyncio.sleep(0.05)

        placed = await asyncio.gather(*(retry_transient(*each) for each in enumerate(alerts)))
    assert len({each.key for each in placed}) == 1
    [opened] = [alert for alert, each in zip(alerts, placed, strict=True) if each.disposition is Disposition.OPENED]
    told = (await alert_store.alerts(opened.id)).records
    assert len(told) == 40
    assert [each.opened for each in told].count(True) == 1
    assert summarised(told).faults == faults
