"""Every act in every state, and what holds behind any row of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responses import ADA, BEN, IVY, MONITOR, START, Life, another

from worker.domain.response.act import INTERNAL_ACTS, ActKind
from worker.domain.response.response import fold
from worker.domain.response.roles import role_named
from worker.domain.response.state import ENDED, ResponseState
from worker.domain.response.timer import TimerKind

GIVEN = {
    ActKind.UPDATE: {"text": "We look"},
    ActKind.NOTE: {"text": "Restarted it"},
    ActKind.SEVERITY: {"severity": 1},
    ActKind.IMPACT: {"impact": {"text": "Nobody can pay"}},
    ActKind.ROLE: {"role": "scribe"},
    ActKind.DECLINE: {"text": "A test"},
    ActKind.MERGE: {"into": another().incident.id},
    ActKind.PAGE: {"target": "person:ben"},
    ActKind.TIME: {"time": "occurred_at", "value": START},
}
WAYS = {
    "open": (),
    "acknowledged": ("acknowledge",),
    "mitigated": ("mitigate",),
    "resolved": ("resolve",),
    "closed": ("resolve", "close"),
    "declined": ("decline",),
    "merged": ("merge",),
}
STAYS = "impact note look time"
THERE = f"update severity role page {STAYS}"
# What each state allows, and where that leads; what stands alone stays in its state.
ALLOWED = {
    "open": f"acknowledge>acknowledged take>acknowledged mitigate>mitigated resolve>resolved decline>declined "
    f"merge>merged escalate {THERE}",
    "acknowledged": f"take unacknowledge>open mitigate>mitigated resolve>resolved decline>declined merge>merged "
    f"escalate {THERE}",
    "mitigated": f"take relapse>acknowledged resolve>resolved decline>declined merge>merged escalate {THERE}",
    "resolved": f"close>closed reopen>open {THERE}",
    "closed": f"reopen>open {STAYS}",
    "declined": STAYS,
    "merged": STAYS,
}
# What is so already.
SO = {
    "open": "reopen unacknowledge",
    "acknowledged": "acknowledge relapse",
    "mitigated": "acknowledge mitigate",
    "resolved": "resolve",
    "closed": "close resolve",
    "declined": "decline",
    "merged": "merge",
}
PEOPLES = [kind for kind in ActKind if kind not in INTERNAL_ACTS]


def in_state(state, **more):
    life = Life(2, other=another(), restricted=True, **more)
    for kind in WAYS[state]:
        life.later(1).act(kind, **GIVEN.get(ActKind(kind), {}))
    assert life.response.state == state
    return life


@pytest.mark.parametrize("kind", PEOPLES)
@pytest.mark.parametrize("state", WAYS)
def test_an_act_leads_where_the_table_says_or_says_what_is_possible(state, kind):
    """Legal, it is done and leaves an entry; else it leaves none, and the answer says how it stands."""
    life = in_state(state)
    before = life.response
    allowed = dict((*each.split(">"), state)[:2] for each in ALLOWED[state].split())
    outcome = life.later(7).act(kind, BEN, **GIVEN.get(kind, {}))
    if kind in allowed:
        assert (outcome.verdict, outcome.state) == ("done", allowed[kind]), outcome.sentence
        assert life.newest[-1].seq == outcome.seq
        possible_now = {each.split(">")[0] for each in ALLOWED[outcome.state].split()}
        assert possible_now - {*outcome.possible} <= {"take", "look"}
        return
    assert life.newest == []
    assert life.response == before
    assert outcome.verdict == ("already" if kind in SO[state].split() else "refused"), outcome.sentence
    assert " 10:0" in outcome.sentence  # since when
    if outcome.verdict == "refused":
        assert {*outcome.possible} <= {*allowed}
        assert {*allowed} - {*outcome.possible} <= {"take", "look"}
        assert all(each in outcome.sentence for each in outcome.possible)


@pytest.mark.parametrize("state", WAYS)
def test_nothing_falls_due_of_what_is_over(state):
    """Of a resolved one the review is awaited, of an ended one the archiving, and nothing else."""
    life = in_state(state)
    awaited = {kind for kind, timer in life.response.timers.items() if timer.due_at is not None}
    if life.response.state in ENDED:
        assert awaited == {TimerKind.ARCHIVE}
    elif state == "resolved":
        assert awaited == {TimerKind.REVIEW}
    else:
        assert awaited.isdisjoint({TimerKind.ARCHIVE, TimerKind.REVIEW})


@pytest.mark.parametrize("kind", ["mitigate", "resolve", "decline", "merge", "acknowledge", "take"])
def test_what_is_meant_twice_happens_once(kind):
    """The second one is told how it stands, in words, and leaves nothing."""
    life = Life(other=another())
    given = GIVEN.get(ActKind(kind), {})
    assert life.act(kind, ADA, **given).verdict == "done"
    entries = len(life.entries)
    assert life.later(4).act(kind, ADA, **given).verdict == "already"
    assert "since 10:00 UTC" in life.outcome.sentence or "at 10:00 UTC" in life.outcome.sentence
    assert len(life.entries) == entries


def test_of_two_at_once_the_later_is_told_who_has_it():
    """The first one owns it, whoever comes second learns of it."""
    life = Life()
    life.later(4).act("acknowledge", ADA)
    life.later(2).act("acknowledge", BEN)
    assert life.outcome.sentence == "Ada has had it since 10:04 UTC."


def test_a_refusal_of_another_day_names_the_day():
    """What was closed weeks ago is not taken for today's."""
    life = in_state("closed")
    life.later(60 * 24 * 20).act("resolve")
    life.act("mitigate")
    assert "since 10:02 UTC on 5 May, by Ada" in life.outcome.sentence


@pytest.mark.parametrize(
    ("kind", "is_sign"),
    [
        ("note", True),
        ("update", True),
        ("impact", True),
        ("role", True),
        ("severity", True),
        ("time", True),
        ("page", False),
        ("look", False),
    ],
)
def test_whoever_acts_gives_a_sign_of_life(kind, is_sign):
    """Each sets the time anew after which it is open again; who asks for others, or looks, does not."""
    life = Life(2, restricted=True)
    life.act("acknowledge")
    life.later(9).act(kind, BEN, **GIVEN.get(ActKind(kind), {}))
    assert life.due("escalation") == (39 if is_sign else 30)


def test_alerts_and_the_clock_give_no_sign_of_life():
    """A severity that alerts raise, and a reminder that comes, leave the time where it was."""
    life = Life(2)
    life.act("acknowledge")
    life.later(9).act("alerts", MONITOR, data={"firing": 3, "severity": 1})
    assert life.response.severity == 1
    life.fire("impact")
    assert life.due("escalation") == 30


def acts():
    """What anybody may do, with what they may give."""
    more = {
        ActKind.ROLE: st.fixed_dictionaries(
            {"role": st.sampled_from(["commander", "sme", "scribe", "communications"])},
            optional={
                "person": st.sampled_from(["ivy", "Max", "nobody"]),
                "answer": st.sampled_from(["accept", "decline"]),
                "topic": st.sampled_from(["search", "dns"]),
            },
        ),
        ActKind.SEVERITY: st.fixed_dictionaries(
            {"severity": st.integers(1, 5)}, optional={"text": st.just("So it is")}
        ),
        ActKind.UPDATE: st.one_of(
            st.just({"text": "News", "next_in_minutes": 20}),
            st.just({"nothing_new": True}),
            st.just({"every_minutes": 15}),
        ),
        ActKind.ALERTS: st.fixed_dictionaries(
            {
                "data": st.fixed_dictionaries(
                    {"firing": st.integers(0, 3), "resolved": st.integers(0, 3), "severity": st.integers(1, 5)}
                )
            }
        ),
    }
    kinds = st.sampled_from([*PEOPLES, ActKind.ALERTS])
    return kinds.flatmap(
        lambda kind: st.tuples(
            st.just(kind), more.get(kind, st.just(GIVEN.get(kind, {}))), st.sampled_from([ADA, BEN, IVY])
        )
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(acts(), st.integers(1, 50), st.sampled_from(list(TimerKind))), max_size=12))
def test_whatever_happens_the_state_is_the_fold_of_its_entries(happened):
    """And nothing is awaited of what is over, no entry is without words, nobody has one role twice at once."""
    life = Life(1, other=another())
    opened = life.before
    for each in happened:
        if isinstance(each, tuple):
            kind, given, actor = each
            life.act(kind, MONITOR if kind in INTERNAL_ACTS else actor, **given)
        elif isinstance(each, int):
            life.later(each)
        elif life.due(each) is not None:
            life.fire(each)
    assert fold(opened, life.entries) == life.response
    assert [entry.seq for entry in life.entries] == list(range(1, life.response.seq + 1))
    assert all(entry.text or entry.kind == "changed" for entry in life.entries)
    awaited = {kind for kind, timer in life.response.timers.items() if timer.due_at is not None}
    assert life.response.state not in ENDED or awaited <= {TimerKind.ARCHIVE}
    assert life.response.state is not ResponseState.RESOLVED or awaited <= {TimerKind.REVIEW}
    assert (life.response.owner is None) == (life.response.state is ResponseState.OPEN) or not life.response.is_running
    for key in {span.role for span in life.response.roles if role_named(span.role).is_single}:
        spans = sorted((span for span in life.response.roles if span.role == key), key=lambda span: span.since)
        ends = [span.until for span in spans]
        assert all(end is not None and end <= after.since for end, after in zip(ends, spans[1:], strict=False))
