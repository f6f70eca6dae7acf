"""What a response makes of an escalation: the same as a rehearsal, by its own timers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from driven_escalation import Driven
from escalations import case, level
from own_escalations import OWN, VECTORS

from worker.domain.last_resort import read_last_resort
from worker.domain.response.actor import CLOCK, Source
from worker.domain.response.timer import TimerKind
from worker.domain.states import LaunchState
from worker.lifecycle.response.circumstances import Launched
from worker.lifecycle.response.escalating import escalation_of, tell_instead
from worker.lifecycle.response.log import Log
from worker.oncall.definitions import NotifyTarget
from worker.oncall.escalation.opening import opening_of

TWO = {"all": {"levels": [level("5 min", "person:ada"), level("10 min", "person:ben")], "last_resort": ["person:uma"]}}
TIMED = {"all": {**TWO["all"], "ack_timeout": "30 min"}}
SECOND = timedelta(seconds=1)


def named(vector):
    return vector["name"]


@pytest.mark.parametrize("seconds", [60.0, 1.0, 0.05])
@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_who_is_told_when_is_as_the_vectors_say(vector, seconds):
    """Whatever a minute is: each level in its order at its minute, and how it stands at the end."""
    driven = Driven(vector, minute_seconds=seconds).live()
    assert driven.document() == {"told": vector["expect"], "end": vector["end"]}
    assert driven.is_fold()


def test_level_1_is_told_by_the_launch_alone():
    """The entry names them without telling them; the next level is told by its entry, each person with the reason."""
    driven = Driven(case(TWO)).live()
    first, second, last = [entry for entry in driven.entries if entry.kind == "level-told"]
    assert first.tells == ()
    assert [(tell.person, tell.level, tell.why) for tell in second.tells] == [
        ("ben", 2, "You are level 2 for this, because ada has not answered for 5 minutes.")
    ]
    assert [tell.person for tell in last.tells] == ["uma"]
    assert [say.text for say in last.says] == [
        "Nobody has answered. The last resort is told: uma. Nobody else is called."
    ]


def test_a_wait_counts_from_when_the_level_was_told():
    """A worker that comes back after a day tells one level, and its wait begins then."""
    driven = Driven(case(TWO))
    driven.begin()
    driven.fire(late=timedelta(days=1))
    assert driven.kinds().count("level-told") == 2
    assert driven.due_at() == driven.now + timedelta(minutes=10)


def test_a_wait_is_as_long_as_it_says():
    """To the second, though policies count whole minutes."""
    driven = Driven(case(TWO), into=timedelta(seconds=47))
    driven.begin()
    assert driven.due_at() == driven.now + timedelta(minutes=5)


def test_what_began_late_is_waited_for_from_then_on():
    """The people are the ones that were looked up before, and their time is whole."""
    driven = Driven(case(TWO))
    driven.now += timedelta(minutes=7)
    driven.begin()
    assert driven.due_at() == driven.now + timedelta(minutes=5)


def test_hours_begin_on_the_minute():
    """Not so many seconds later as had passed of the minute when the incident was opened."""
    hours = {"time_zone": "UTC", "windows": ["mon-fri 11:00-17:00"]}
    driven = Driven(case({"calm": {**TWO["all"], "hours": hours}}), into=timedelta(seconds=47))
    driven.begin()
    assert f"{driven.due_at():%H:%M:%S}" == "11:00:00"
    assert driven.due_at(TimerKind.LAUNCH) is None
    driven.fire()
    told = driven.entries[-1]
    assert [tell.person for tell in told.tells] == ["ada"]
    assert "held until the policy's hours began" in told.tells[0].why


@pytest.mark.parametrize("told", [True, False])
def test_level_1_is_told_in_person_where_the_launch_tells_nobody(told):
    """A minute after they were looked up, and only then."""
    driven = Driven(case(TWO))
    driven.launch = Launched(LaunchState.LAUNCHING, told_at=driven.now if told else None)
    begun_at = driven.now
    driven.begin()
    driven.fire(TimerKind.LAUNCH)
    assert driven.now == begun_at + timedelta(minutes=1)
    tells = [tell for entry in driven.entries for tell in entry.tells]
    assert [tell.person for tell in tells] == ([] if told else ["ada"])
    assert driven.is_fold()


def test_who_has_it_is_reminded_when_a_third_of_the_time_is_left():
    """By a message that takes the place of the one before, and with whoever has it named in it."""
    driven = acknowledged(TIMED)
    assert driven.due_at(TimerKind.ANSWER) == driven.now + timedelta(minutes=20)
    driven.response = driven.response.model_copy(update={"owner": driven.known().people.ref("ben")})
    driven.fire(TimerKind.ANSWER)
    [say] = driven.entries[-1].says
    assert "within 10 minutes" in say.text
    assert [tell.person for tell in say.mentions] == ["ben"]
    assert say.topic


def test_a_time_that_ran_out_opens_the_incident_again():
    """As an entry of the clock, before the level that is told; whoever had it stands behind the others."""
    driven = acknowledged(TIMED)
    driven.fire()
    *_, timed_out, told = driven.entries
    assert (timed_out.kind, timed_out.actor, driven.response.state.value) == ("timed-out", CLOCK, "open")
    assert driven.response.owner is None
    assert [tell.person for tell in told.tells] == ["ada", "ben"]
    assert driven.due_at(TimerKind.ANSWER) is None


def test_a_level_that_could_not_be_told_is_followed_at_once():
    """And whoever is told then hears why."""
    driven = Driven(case(TWO))
    driven.begin()
    instead(driven, seq=driven.response.seq)
    [tell] = driven.entries[-1].tells
    assert (tell.person, tell.level) == ("ben", 2)
    assert "ada could not be told" in tell.why
    assert driven.due_at() == driven.now + timedelta(minutes=10)


def test_nobody_behind_the_last_resort_is_loud():
    """In the channel, on the work item, and for whoever watches the log."""
    driven = Driven(case(TWO)).live()
    instead(driven, seq=driven.response.seq)
    assert driven.entries[-1].data["nobody-told"]
    assert driven.entries[-1].says[0].urgent
    assert driven.entries[-1].comments


def test_what_could_not_be_told_long_ago_changes_nothing():
    """Another level has been told since."""
    driven = Driven(case(TWO))
    driven.begin()
    old = driven.response.seq
    driven.fire()
    entries = len(driven.entries)
    instead(driven, seq=old)
    assert len(driven.entries) == entries


def test_a_launch_that_could_tell_nobody_of_level_1_is_followed_by_the_next_at_once():
    """Once: what comes later, or of people who are told by a message of their own, is known."""
    driven = Driven(case(TWO))
    driven.begin()
    instead(driven, launch=True)
    assert [(tell.person, tell.why) for tell in driven.entries[-1].tells] == [
        ("ben", "You are level 2 for this, because ada could not be told.")
    ]
    assert driven.due_at() == driven.now + timedelta(minutes=10)
    assert driven.due_at(TimerKind.LAUNCH) is None
    entries = len(driven.entries)
    instead(driven, launch=True)
    assert len(driven.entries) == entries
    assert driven.is_fold()


def test_a_launch_whose_timer_has_come_is_heard_no_more():
    """Its people are written to by an entry, and what that comes to counts."""
    driven = Driven(case(TWO))
    driven.begin()
    driven.launch = Launched(LaunchState.LAUNCHING)
    driven.fire(TimerKind.LAUNCH)
    entries = len(driven.entries)
    instead(driven, launch=True)
    assert len(driven.entries) == entries


@pytest.mark.parametrize(("named", "told"), [("uma@x.example", []), ("lea@x.example", ["chat:uma@x.example"])])
def test_whom_the_settings_name_is_told_by_the_launch_itself(named, told):
    """So nobody is told twice at once; a last resort that the policy names otherwise is told by the entry."""
    driven = Driven(case({"all": {"levels": [level("5 min", "person:ada")]}}))
    [policy] = driven.directory.policies
    resort = (NotifyTarget("chat", "uma@x.example"),)
    driven.directory = driven.directory.with_policy(replace(policy, last_resort=resort))
    driven.rules = replace(driven.rules, last_resort=read_last_resort(named))
    opening = opening_of(driven.directory, driven.told_of.severity, driven.told_of.opened_at)
    driven.begin({"opening": opening.model_dump(mode="json")})
    instead(driven, launch=True)
    assert driven.entries[-1].data["people"] == ["chat:uma@x.example"]
    assert [tell.person for tell in driven.entries[-1].tells] == told


def test_an_empty_last_resort_is_an_entry():
    """Without people, and heard."""
    [nobody] = [vector for vector in OWN if vector["name"] == "nobody-at-all"]
    driven = Driven(nobody).live()
    loud = [entry for entry in driven.entries if entry.data.get("nobody-told")]
    assert len(loud) == 1
    assert loud[0].says[0].urgent


def test_definitions_that_are_mended_are_noticed_where_nobody_was_named():
    """Although no shift begins: it is looked again within minutes."""
    driven = Driven(case({"all": {"levels": [level("5 min", "role:incident-commander")]}}))
    driven.begin()
    assert driven.due_at() == driven.now + timedelta(minutes=5)
    [policy] = Driven(case(TWO)).directory.policies
    driven.directory = driven.directory.with_policy(policy)
    driven.fire()
    assert [tell.person for tell in driven.entries[-1].tells] == ["ada"]


def acknowledged(policies):
    driven = Driven(case(policies, ["10:07 acknowledge ben"]))
    driven.begin()
    driven.fire()
    driven.now += 2 * SECOND
    driven.hear(driven.events[0])
    assert escalation_of(driven.response).state.owner == "ben"
    return driven


def instead(driven, **untold):
    log = Log(driven.response, now=driven.now, at=driven.now, actor=CLOCK, source=Source.CLOCK)
    tell_instead(log, driven.known(), untold)
    log.write_what_is_left("outcome")
    driven.response = log.response
    driven.entries += log.entries
