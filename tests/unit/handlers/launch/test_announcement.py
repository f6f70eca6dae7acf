"""What the announcement says, how it is cut, and that an alert's words stay words."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cards_read import buttons, facts, parts, runs, shown, small_print, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.launch.announcement import SIZE_LIMIT, Known, announcement, size
from handlers.launch.create_work_item import WorkItem
from handlers.launch.people_on_call import people_mark
from handlers.launch.route import Routed
from handlers.launch.work_item_description import description, title
from handlers.marks import ANNOUNCEMENT, ELSEWHERE, mark
from worker.alerts.formats.native import event_of
from worker.clients.posting.poster import MESSAGE_LIMIT
from worker.clients.teams.client import Channel
from worker.domain.event import Event, Severity
from worker.domain.incident import Incident
from worker.domain.response.actor import CLOCK
from worker.domain.response.response import (
    Impact,
    PersonRef,
    Promise,
    Response,
    RoleOffer,
    RoleSpan,
    TimeValue,
    UpdateSent,
)
from worker.oncall.on_call import OnCall, Person

EXAMPLES = Path(__file__).with_name("examples")
WORK_ITEM = WorkItem(id=131, url="https://dev.azure.example/edit/131?a=1&b=2", rev=1)
CHANNEL = Channel(id="19:x", name="inc-1", url="https://teams.example/channel/1?a=1&b=2", team_id="t")
ADA = Person(name="Ada", email="ada@contoso.example", role="primary", object_id="e-1")
BO = Person(name="Bo", email="bo@contoso.example")
FOUND = Known(WORK_ITEM, OnCall(people=(ADA,)))
HOSTILE = "[pay](https://evil.example) <at>Ada</at> <b onclick=x> & 'it' **now** {{DATE(x)}} ${title}"


def incident(**event) -> Incident:
    return Incident(
        key="k", event=Event(**{"title": "Down", **event}), received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    )


def card_of(known=FOUND, **event):
    return announcement(incident(**event), known).card


def position(card, kind):
    return next(place for place, part in enumerate(card["body"]) if part["type"] == kind)


def test_the_card_tells_what_is_known_and_leaves_out_what_is_not():
    """The severity, what is affected, and the source of detection; no empty lines."""
    full = incident(
        severity=2,
        service="checkout",
        detection_source="customer-report",
        source="support-desk",
        impact="No one can pay",
        description="Since the release",
        resources=["vm-1", "vm-2"],
    )
    card = announcement(full, FOUND).card
    told = facts(card)
    assert told.pop("Received")
    assert told == {
        "Severity": "2 (high)",
        "Affected": "vm-1, vm-2",
        "Service": "checkout",
        "Detected by": "customer report",
        "Source": "support-desk",
    }
    assert runs(card) == ["Down", "No one can pay", "Since the release"]
    assert set(facts(card_of())) == {"Severity", "Received"}
    assert "" not in [*facts(card_of()).values(), *texts(card_of()), *runs(card_of())]


def test_words_of_every_script_reach_the_card_and_the_work_item_whole():
    """With the joiners that shape them, and without the mark that turns the reading direction."""
    event = event_of(json.loads((EXAMPLES / "joiners.json").read_text(encoding="utf-8")))
    found = incident(**event.model_dump())
    for text in (shown(announcement(found, FOUND).card), title(found) + description(found)):
        for whole in (
            "\u062e\u062f\u0645\u0629",
            "\U0001f469\u200d\U0001f4bb",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0915\u094d\u200d\u0937",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ):
            assert whole in text
        assert "\u200f" not in text


def test_words_that_look_like_markup_are_shown_as_they_are_and_make_no_link():
    """Neither on the card nor on the work item."""
    event = event_of(json.loads((EXAMPLES / "markdown.json").read_text(encoding="utf-8")))
    found = incident(**event.model_dump())
    card = announcement(found, FOUND).card
    assert runs(card) == [event.title, event.impact, event.description]
    assert not any("e.vil" in text for text in (*texts(card), *facts(card).values()))
    assert "e.vil" not in json.dumps([part for part in card["body"] if part["type"] == "ActionSet"])
    assert "<a " not in description(found).partition("<details>")[0]
    assert "&lt;b&gt;log" in description(incident(description=event.title))


def test_times_are_the_readers_own_with_utc_beside():
    """A client that knows the reader's time zone writes the moment anew; UTC is for talking with others."""
    card = card_of(
        occurred_at="2026-03-02T10:00:00+01:00",
        first_known_at="2026-03-02T09:03:00Z",
        received_at="2026-03-02T09:04:30Z",
    )
    assert facts(card)["Occurred"] == (
        "{{DATE(2026-03-02T09:00:00Z,SHORT)}} {{TIME(2026-03-02T09:00:00Z)}} (2026-03-02 09:00 UTC)"
    )
    assert facts(card)["First known"].endswith("(2026-03-02 09:03 UTC)")
    assert facts(card)["Received"].startswith("{{DATE(2026-03-02T09:04:30Z,SHORT)}}")
    assert "2026-03-02 09:05 UTC" in facts(card_of())["Received"]


def test_what_is_affected_stands_on_the_card():
    """Ten of the resources by name, and how many more there are."""
    many = [f"vm-{number}" for number in range(1, 24)]
    assert facts(card_of(resources=many))["Affected"] == f"{', '.join(many[:10])} and 13 more"
    assert facts(card_of(resources=["[a](https://evil.example)"]))["Affected"] == "(a)(https://evil.example)"


def test_a_severity_that_is_only_assumed_is_told_as_that():
    """With the sender's word, which makes no link, and what can be done."""
    assert facts(card_of(unread_severity="[spicy](https://evil.example)"))["Severity"] == (
        "3 (medium), assumed: nobody here knows “(spicy)(https://evil.example)”, which TOCSIN_SEVERITIES can explain"
    )


def test_everything_is_said_once():
    """Title, people, impact, address and id: whoever reads at night reads no line twice."""
    card = announcement(incident(title="Checkout is down", impact="No one can pay"), FOUND).card
    for words in ("Checkout is down", "No one can pay", "Ada", WORK_ITEM.url):
        assert (shown(card) + json.dumps(buttons(card))).count(words) == 1, words
    assert shown(card).count(incident().id) == 1


def test_the_button_comes_before_the_details():
    """What leads on is seen without scrolling: after title, impact and people, before facts and description."""
    card = card_of(impact="No one can pay", description="Since the release", resources=["vm-1"])
    assert position(card, "ActionSet") < position(card, "FactSet")
    assert card["body"].index(parts(card, "RichTextBlock")[-1]) > position(card, "FactSet")
    assert buttons(card) == {"Open work item 131": WORK_ITEM.url}


@pytest.mark.parametrize("kind", [ANNOUNCEMENT, ELSEWHERE])
def test_marks_stand_in_the_small_print_alone(kind):
    """It is the last line, and small; nothing for machines stands anywhere else."""
    made = announcement(incident(), FOUND, kind=kind)
    last = made.card["body"][-1]
    marks = [mark(incident(), kind), people_mark(FOUND.on_call)]
    assert made.marker == marks[0]
    assert (last["size"], last["isSubtle"]) == ("Small", True)
    assert last["text"] == " · ".join([incident().id, *marks])
    rest = json.dumps({**made.card, "body": made.card["body"][:-1]}) + made.summary
    assert not any(each in rest for each in marks)


def test_without_people_looked_up_there_is_no_mark_of_them():
    """What tells whether a card shows the people is there only when it does."""
    assert "people:" not in json.dumps(card_of(Known()))


def test_the_marks_of_two_kinds_are_not_each_others():
    """What stands elsewhere is never taken for the announcement of the channel, nor for another incident's."""
    here, elsewhere = announcement(incident(), FOUND), announcement(incident(), FOUND, kind=ELSEWHERE)
    assert here.marker not in json.dumps(elsewhere.card)
    assert elsewhere.marker not in json.dumps(here.card)


def test_a_card_without_a_work_item_says_that_it_comes():
    """No button leads nowhere, and the reader knows that the address will stand there."""
    card = card_of(Known(on_call=FOUND.on_call))
    assert buttons(card) == {}
    assert any("There is no work item yet" in text for text in texts(card))
    assert any("authoritative" in text for text in texts(card_of()))


def test_what_stands_elsewhere_leads_to_the_channel():
    """Before all: that is where people talk."""
    card = announcement(incident(), Known(WORK_ITEM, channel=CHANNEL), kind=ELSEWHERE).card
    assert list(buttons(card).items()) == [
        ("Open the incident's channel", CHANNEL.url),
        ("Open work item 131", WORK_ITEM.url),
    ]


def test_a_raised_severity_is_told_with_the_one_before():
    """The colour, the urgency and the words of the notification follow it; it is never told as fallen."""
    raised = announcement(incident(severity=3), Known(WORK_ITEM, severity=Severity.CRITICAL))
    assert facts(raised.card)["Severity"] == "1 (critical), raised from 3"
    assert raised.urgent
    assert raised.summary == "CRITICAL: Down"
    assert raised.card["body"][0]["inlines"][0]["color"] == "Attention"
    same = announcement(incident(severity=3), Known(WORK_ITEM, severity=Severity.MEDIUM))
    assert facts(same.card)["Severity"] == "3 (medium)"


def test_the_notification_is_a_line_of_its_own():
    """Severity and title in words, without markup, at the length that Teams takes."""
    assert announcement(incident(severity=1), FOUND).summary == "CRITICAL: Down"
    assert len(announcement(incident(title="x" * 500), FOUND).summary) == 255


def test_known_people_are_mentioned_and_others_named():
    """Only a person with an Entra id becomes a mention."""
    made = announcement(incident(), Known(WORK_ITEM, OnCall(people=(BO, ADA))))
    assert [(mention.name, mention.id) for mention in made.mentions] == [("Ada", "e-1")]
    assert "On call: Bo, <at>Ada</at> (primary)." in texts(made.card)
    assert made.card["msteams"]["entities"] == [
        {"type": "mention", "text": "<at>Ada</at>", "mentioned": {"id": "e-1", "name": "Ada"}}
    ]


def test_a_shift_stands_beside_the_name():
    bo = BO.model_copy(update={"shift": "week 48 of [checkout](https://evil.example), until Mon 09:00"})
    made = announcement(incident(), Known(WORK_ITEM, OnCall(people=(bo,))))
    assert "On call: Bo (week 48 of (checkout)(https://evil.example), until Mon 09:00)." in texts(made.card)


def test_without_mentions_the_names_stay():
    """The form for a team that refuses mentions has none in any place."""
    made = announcement(incident(), Known(WORK_ITEM, OnCall(people=(ADA,)), mentioning=False))
    assert made.mentions == ()
    assert made.card["msteams"]["entities"] == []
    assert "<at" not in json.dumps(made.card)
    assert "On call: Ada (primary)." in texts(made.card)


@pytest.mark.parametrize(
    ("on_call", "words"),
    [
        (None, "could not be looked up yet"),
        (OnCall(note="NOBODY IS ON CALL for it."), "NOBODY IS ON CALL for it."),
        (OnCall(), "NOBODY IS ON CALL"),
    ],
)
def test_nobody_on_call_is_loud(on_call, words):
    """That nobody was found is said in the colour of alarm."""
    (loud,) = [part for part in parts(card_of(Known(WORK_ITEM, on_call)), "TextBlock") if words in part["text"]]
    assert (loud["color"], loud["weight"]) == ("Attention", "Bolder")


def test_a_note_about_the_table_is_passed_on():
    """What the look-up remarked stands beside the names, calmly."""
    card = card_of(Known(WORK_ITEM, OnCall(people=(ADA,), note="These are the people of 'default'.")))
    (line,) = [part for part in parts(card, "TextBlock") if "On call" in part["text"]]
    assert line["text"] == "On call: <at>Ada</at> (primary). These are the people of 'default'."
    assert "color" not in line


@pytest.mark.parametrize(("severity", "urgent"), [(1, True), (2, True), (3, False), (5, False)])
def test_only_severe_incidents_are_urgent(severity, urgent):
    """Critical and high incidents are marked as urgent."""
    assert announcement(incident(severity=severity), FOUND).urgent is urgent


def test_an_alerts_words_are_words_everywhere():
    """No place lets an alert make a link, a mention or markup; what has no such words has them as they came."""
    made = announcement(
        incident(
            title=HOSTILE,
            impact=HOSTILE,
            description=HOSTILE,
            service=HOSTILE,
            source=HOSTILE,
            resources=[HOSTILE],
            links=[{"href": "https://wiki.example/1", "text": HOSTILE}],
        ),
        Known(
            WORK_ITEM,
            OnCall(people=(ADA.model_copy(update={"name": HOSTILE, "role": HOSTILE}), ADA), note=HOSTILE),
        ),
    )
    markdown = " ".join([*texts(made.card), *facts(made.card).values()])
    assert markdown.count("](") == 1  # our own link
    assert "](https://wiki.example/1)" in markdown
    assert "<b" not in markdown
    everywhere = json.dumps(made.card["body"], ensure_ascii=False)
    assert everywhere.count("<at>") == 2  # the two people's own
    assert everywhere.count("<at>Ada</at>") == 1
    assert "<at>" not in made.summary + made.card["fallbackText"]
    assert "<b onclick=x> & 'it' **now**" in runs(made.card)[0]


def test_runbooks_are_linked_whole_or_counted():
    """Links that fit are whole, brackets in them safe; the rest is counted and stands in the work item."""
    long = [{"href": f"https://wiki.example/{n}/{'x' * 1_900}", "text": f"Runbook {n}"} for n in range(10)]
    short = {"href": "https://wiki.example/a_(b)", "text": "Run [this](https://evil.example)"}
    (line,) = [text for text in texts(card_of(links=[short, *long])) if text.startswith("Links")]
    assert "[Run (this)(https://evil.example)](https://wiki.example/a_%28b%29)" in line
    assert line.endswith("and 6 more in the work item")
    assert f"](https://wiki.example/3/{'x' * 1_900})" in line


def test_many_people_are_counted():
    """Twenty are named, the rest is a number."""
    crowd = tuple(Person(name=f"P{n}", email=f"p{n}@contoso.example") for n in range(30))
    assert any("P19, 10 more." in text for text in texts(card_of(Known(WORK_ITEM, OnCall(people=crowd)))))


@settings(max_examples=40)
@given(
    title=st.text(min_size=1, max_size=500).filter(lambda text: any(c.isalnum() for c in text)),
    filling=st.sampled_from(["\N{FIRE}", "\\", '"', "é", "<", "x", "&"]),
    amounts=st.tuples(*[st.integers(0, 32_000)] * 2, st.integers(0, 2_000)),
    people=st.integers(0, 40),
    resources=st.integers(0, 50),
)
def test_every_incident_fits_into_a_message(title, filling, amounts, people, resources):
    """However long the alert, the message stays within what Teams takes, and keeps address, marks and severity."""
    impact, description, note = (filling * amount for amount in amounts)
    crowd = tuple(
        Person(name=filling * 200, email=f"p{n}@contoso.example", object_id=f"e-{n}", role=filling * 200)
        for n in range(people)
    )
    event = Event(
        title=title,
        impact=impact,
        description=description,
        service=filling * 256,
        source=filling * 256,
        resources=[filling * 256] * resources,
        links=[{"href": f"https://wiki.example/{'x' * 2_000}", "text": filling * 256}] * 50,
    )
    on_call = OnCall(people=crowd, note=note)
    alert = Incident(key="k", event=event, received_at=datetime(2026, 3, 2, tzinfo=UTC))
    runbook = f"https://wiki.example/{'x' * 1_979}"
    route = Routed(service=filling * 256, owner=filling * 256, runbook=runbook, language="de")
    known = Known(WORK_ITEM, on_call, CHANNEL, route=route)
    for response in (a_full_response(filling), None):
        made = announcement(alert, replace(known, response=response))
        assert size(made) <= SIZE_LIMIT < MESSAGE_LIMIT
    assert {WORK_ITEM.url, runbook} <= set(buttons(made.card).values())
    assert facts(made.card)["Severity"] == "3 (medium)"
    assert small_print(made.card) == f"{alert.id} · {made.marker} · {people_mark(on_call)}"


@settings(max_examples=60)
@given(
    words=st.text(alphabet="[]()<>/at!`*_#{}$|\\ \N{FIRE}aT\n", min_size=1, max_size=60),
    more=st.text(alphabet="[]()<>/at &;", max_size=40),
)
def test_no_words_of_an_alert_make_a_link_or_a_mention(words, more):
    """Whatever stands in it, in any field: no place that reads Markdown has a link, and no place a mention's tag."""
    event = Event(title=f"a{words}", impact=words, description=more, service=more, source=words, resources=[words])
    made = announcement(Incident(key="k", event=event, received_at=datetime(2026, 3, 2, tzinfo=UTC)), Known(WORK_ITEM))
    markdown = [*texts(made.card), *facts(made.card).values()]
    assert not any("[" in text or "<" in text for text in markdown)
    everywhere = [*markdown, *runs(made.card), made.summary, made.card["fallbackText"]]
    assert not any("<at" in text.lower() or "</at" in text.lower() for text in everywhere)


def a_full_response(filling):
    """Of which everything is known, in as many words as there may be."""
    at = datetime(2026, 3, 2, 10, 4, tzinfo=UTC)
    named = [PersonRef(person=f"p{number}", name=filling * 256) for number in range(50)]
    return Response(
        incident_id="inc-0123456789",
        since=at,
        severity=1,
        seq=999_999_999,
        state="open",
        owner=named[0],
        impact=Impact(text=filling * 8_000, services=[filling * 256] * 50, regions=[filling * 256] * 50, started_at=at),
        roles=[
            RoleSpan(role=f"role-{ref.person}", person=ref, since=at, given_by=CLOCK, topic=filling) for ref in named
        ],
        offers=[RoleOffer(role="scribe", person=ref, offered_at=at, by=CLOCK) for ref in named],
        times={"closed_at": TimeValue(value=at, source="person", recorded_at=at)},
        promise=Promise(due_at=at, made_at=at),
        last_update=UpdateSent(at=at, by="p1", phase="fixing", text=filling * 8_000),
        told=named,
        merged_from=[f"inc-{number:010}" for number in range(500)],
        escalation={"state": {"severity": 1}},
        reopened=3,
    )


def test_the_response_is_told_without_its_words_making_markup():
    """Names and impacts are people's: they make no link and no mention, wherever they stand."""
    hostile = "[x](http://x) <at>all</at>"
    response = a_full_response("a").model_copy(
        update={
            "owner": PersonRef(person="p", name=hostile),
            "impact": Impact(text=hostile, services=(hostile,)),
            "last_update": UpdateSent(at=datetime(2026, 3, 2, tzinfo=UTC), by="p", text=hostile),
        }
    )
    alert = Incident(key="k", event=Event(title="Down"), received_at=datetime(2026, 3, 2, tzinfo=UTC))
    card = announcement(alert, Known(response=response)).card
    assert "<at>all" not in shown(card)
    assert all("[x](" not in text for text in [*texts(card), *facts(card).values()])
    assert hostile.replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}") in runs(card)


def test_an_escalation_of_another_version_is_left_out():
    """What cannot be read of it is no reason to show nothing."""
    alert = Incident(key="k", event=Event(title="Down"), received_at=datetime(2026, 3, 2, tzinfo=UTC))
    known = {"incident_id": alert.id, "since": alert.received_at, "severity": 2}
    read = Response(**known, escalation={"state": {"severity": 2, "place": {"round": 1, "level": 2}}})
    unread = Response(**known, escalation={"state": {"level": "two"}})
    assert facts(announcement(alert, Known(response=read)).card)["Escalation"] == "level 2"
    assert "Escalation" not in facts(announcement(alert, Known(response=unread)).card)


SECRET = {
    "title": "Payroll leaked",
    "impact": "Payroll of all",
    "description": "Payroll in a bucket",
    "resources": ["payroll-db"],
    "labels": {"data": "payroll"},
    "raw": {"payroll": 1},
}


@pytest.mark.parametrize("kind", [ANNOUNCEMENT, ELSEWHERE])
def test_a_restricted_incident_says_nothing_where_others_read_it(kind):
    """Neither what was alerted nor what people say of it; how bad it is, and which one, is there."""
    found = incident(**SECRET, restricted=True)
    impact = Impact(text="Payroll of everybody")
    response = Response(
        incident_id=found.id,
        since=found.received_at,
        severity=1,
        restricted=True,
        title="Payroll leaked",
        impact=impact,
    )
    made = announcement(found, replace(FOUND, response=response), kind=kind)
    whole = json.dumps([made.summary, dict(made.card)]).casefold()
    assert "payroll" not in whole
    assert found.id in whole


def test_a_restricted_incident_says_nothing_on_its_work_item():
    """Whoever may read the project reads that."""
    found = incident(**SECRET, restricted=True)
    assert "payroll" not in (title(found) + description(found)).casefold()
    assert found.id in title(found)
