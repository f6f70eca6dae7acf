"""Whatever the order in which workers place alerts, and whoever dies meanwhile, every alert is kept in one incident."""

import itertools
from datetime import timedelta

import pytest
from exploration import by_chance, everything, written
from grouping_run import IDLE, REOPEN, WINDOW, Broken, GroupingRun, a_resolve, an_alert

from worker.domain.event import EventType
from worker.domain.sender_rate import SenderRate
from worker.domain.sender_scope import SenderScope

RATE = SenderRate(1, timedelta(minutes=10))
ENDS_ALL = SenderScope(ends_all=True)
PROMETHEUS = {"source": "alertmanager", "detection_source": "monitoring"}
AZURE = {"source": "azure-monitor", "detection_source": "monitoring"}


def told_by_key(received=0, **facts):
    return an_alert(key="disk-db1", occurred_at=None, received=received, **facts)


def ended_by_key(received=1, **facts):
    return told_by_key(received, type=EventType.RESOLVE, title="over", **facts)


# At the same moment: each of them has been read by its worker when the first store operation is answered.
TOGETHER = {
    "one-alert-twice": (an_alert(), an_alert()),
    "one-fingerprint": (an_alert(), an_alert(at=1)),
    "one-fingerprint-alone": (an_alert(service=""), an_alert(at=1, service="")),
    "one-group": (an_alert("f"), an_alert("g")),
    "two-sources": (an_alert("f", **PROMETHEUS), an_alert("g", **AZURE)),
    "other-groups": (an_alert(), an_alert(at=1, service="search")),
    "an-end-overtakes": (a_resolve(), an_alert()),
    "an-end-overtakes-alone": (a_resolve(service=""), an_alert(service="")),
    "an-end-in-a-group": (an_alert("f"), an_alert("g"), a_resolve("g")),
    "one-key-twice": (told_by_key(), told_by_key()),
    "one-key": (told_by_key(), told_by_key(1), told_by_key(2, title="database down", severity=1)),
    "an-end-by-key-overtakes": (ended_by_key(), told_by_key()),
    "an-end-of-other-groups": (an_alert(), an_alert(at=1, service="search"), a_resolve(at=1)),
    "two-senders": (an_alert(sender="a", service=""), an_alert(sender="b", service="")),
    "anothers-end-overtakes": (a_resolve(sender="b"), an_alert(sender="a")),
    "an-end-of-everything-overtakes": (a_resolve(sender="b", sender_scope=ENDS_ALL), an_alert(sender="a")),
    "one-key-of-two": (told_by_key(sender="a"), told_by_key(sender="b")),
    "anothers-end-by-key-overtakes": (ended_by_key(sender="b"), told_by_key(sender="a")),
    "an-end-of-every-key-overtakes": (ended_by_key(sender="b", sender_scope=ENDS_ALL), told_by_key(sender="a")),
    "the-ends-of-two": (
        a_resolve(sender="b", **PROMETHEUS),
        an_alert(sender="a", **PROMETHEUS),
        an_alert(sender="b", **PROMETHEUS),
    ),
}
ONE_INCIDENT = ("one-alert-twice", "one-fingerprint", "one-fingerprint-alone", "one-group", "two-sources")
ONE_INCIDENT += ("an-end-in-a-group", "the-ends-of-two", "one-key-twice", "one-key", "an-end-by-key-overtakes")


def played(incidents, chooser, **options):
    run = GroupingRun(incidents, chooser, **options)
    try:
        run.play()
    except Broken as broken:
        pytest.fail(f"{broken} By the choices {written(chooser.choices)}:\n" + "\n".join(run.story))
    return run


A_LITTLE = timedelta(minutes=1)
LONG = (REOPEN + A_LITTLE, WINDOW + A_LITTLE, IDLE + A_LITTLE)
# While time passes between any two operations; but nothing comes twice at the same moment.
OVER_TIME = {
    name: TOGETHER[name] for name in ("one-fingerprint", "one-group", "two-sources", "other-groups", "an-end-overtakes")
}
OVER_TIME["a-key-fires-again"] = (told_by_key(), ended_by_key(), told_by_key(90))
OVER_TIME["a-key-again-and-again"] = (told_by_key(), told_by_key(90), told_by_key(180))
OVER_TIME["an-end-between"] = (an_alert(), a_resolve(), an_alert(at=90, received=90))


@pytest.mark.parametrize("name", TOGETHER)
def test_no_order_and_no_death_keeps_an_alert_twice_or_not_at_all(name):
    """With each change of whose turn it is, and each death before and after an operation, the same holds."""
    for chooser in itertools.chain(everything(1), by_chance(range(60), 4)):
        run = played(TOGETHER[name], chooser)
        if name in ONE_INCIDENT:
            assert len(run.kept()) == 1, run.story


@pytest.mark.parametrize("name", OVER_TIME)
def test_no_time_that_passes_keeps_an_alert_twice_or_not_at_all(name):
    """Windows may end between any two operations, with or without a death before that."""
    for chooser in itertools.chain(everything(1), by_chance(range(60), 4)):
        played(OVER_TIME[name], chooser, passing=LONG)


def raised(number):
    return an_alert("", title=f"Number {number}", key=f"random:{number}")


# Of one sender that may open one incident in ten minutes.
FLOOD = {
    "of-other-groups": (an_alert("f"), an_alert("g", service="search"), an_alert("h", service="mail")),
    "with-one-twice": (an_alert("f"), an_alert("g", service="search"), an_alert("g", service="search")),
    "with-an-end": (an_alert("f"), an_alert("g", service="search"), a_resolve("g", service="search")),
    "of-what-is-alone": (raised(1), raised(2), raised(3)),
    "of-keys": (an_alert("f"), told_by_key(service="search"), told_by_key(service="search", received=1)),
    "of-one-alone-twice": (raised(1), raised(2), raised(2)),
}


@pytest.mark.parametrize("name", FLOOD)
def test_a_flood_keeps_each_alert_once_and_somebody_launches_it(name):
    """Whoever dies after any operation: one incident is the first alert's, and all others are one incident as well."""
    for chooser in itertools.chain(everything(1), by_chance(range(60), 4)):
        run = played(FLOOD[name], chooser, rate=RATE)
        placed = {each.placed.key for each in run.deliveries if each.incident.event.type is EventType.TRIGGER}
        assert len(placed) == 2, run.story


@pytest.mark.parametrize("name", FLOOD)
def test_a_flood_that_time_passes_in_keeps_each_alert_once(name):
    """The sender may be quieter again between any two operations."""
    for chooser in itertools.chain(everything(1), by_chance(range(60), 4)):
        played(FLOOD[name], chooser, rate=RATE, passing=(RATE.per, 3 * RATE.per))
