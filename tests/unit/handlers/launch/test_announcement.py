"""What the announcement says, how it is cut, and that an alert's words stay words."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.launch.announcement import SIZE_LIMIT, announcement, size
from handlers.launch.create_work_item import WorkItem
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.oncall.table import OnCall, Person

WORK_ITEM = WorkItem(id=131, url="https://dev.azure.example/edit/131?a=1&b=2", rev=1)
ADA = Person(name="Ada", email="ada@contoso.example", role="primary", object_id="e-1")
BO = Person(name="Bo", email="bo@contoso.example")


def incident(**event) -> Incident:
    return Incident(
        key="k", event=Event(**{"title": "Down", **event}), received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    )


def texts(card, kind):
    return [part["text"] for part in card["body"] if part["type"] == kind]


def runs(card):
    return [run["text"] for part in card["body"] if part["type"] == "RichTextBlock" for run in part["inlines"]]


def facts(card):
    return {
        fact["title"]: fact["value"] for part in card["body"] if part["type"] == "FactSet" for fact in part["facts"]
    }


def test_every_form_carries_the_marker_and_the_work_item():
    """Card, HTML and text each lead to the work item and are found by the incident's id."""
    made = announcement(incident(), WORK_ITEM, OnCall(people=(ADA,)))
    assert made.marker == incident().id
    for form in (made.text, made.html, json.dumps(made.card)):
        assert incident().id in form
        assert "edit/131" in form
    assert 'href="https://dev.azure.example/edit/131?a=1&amp;b=2"' in made.html


def test_the_card_tells_what_is_known_and_leaves_out_what_is_not():
    """Times in UTC, the source of detection and the severity; no empty lines."""
    full = incident(
        severity=2,
        service="checkout",
        detection_source="customer-report",
        occurred_at="2026-03-02T10:00:00+01:00",
        first_known_at="2026-03-02T09:03:00Z",
        impact="No one can pay",
        description="Since the release",
    )
    card = announcement(full, WORK_ITEM, None).card
    assert facts(card) == {
        "Incident": full.id,
        "Severity": "2 (high)",
        "Service": "checkout",
        "Detected by": "customer report",
        "Occurred": "2026-03-02 09:00 UTC",
        "First known": "2026-03-02 09:03 UTC",
        "Received": "2026-03-02 09:05 UTC",
    }
    assert runs(card) == ["Down", "No one can pay", "Since the release"]
    assert "Service" not in facts(announcement(incident(), WORK_ITEM, None).card)


def test_known_people_are_mentioned_and_others_named():
    """Only a person with an Entra id becomes a mention; in HTML it is numbered as in the list of mentions."""
    made = announcement(incident(), WORK_ITEM, OnCall(people=(BO, ADA)))
    assert [(mention.name, mention.object_id) for mention in made.mentions] == [("Ada", "e-1")]
    assert 'On call: Bo, <at id="0">Ada</at> (primary).' in made.html
    assert "On call: Bo, <at>Ada</at> (primary)." in texts(made.card, "TextBlock")
    assert [entity["mentioned"]["id"] for entity in made.card["msteams"]["entities"]] == ["e-1"]


def test_without_mentions_the_names_stay():
    """The form for a team that refuses mentions has none in any place."""
    made = announcement(incident(), WORK_ITEM, OnCall(people=(ADA,)), mentioning=False)
    assert made.mentions == ()
    assert made.card["msteams"]["entities"] == []
    assert "<at" not in made.html + json.dumps(made.card)
    assert "On call: Ada (primary)." in made.text


@pytest.mark.parametrize(
    ("on_call", "words"),
    [
        (None, "could not be looked up"),
        (OnCall(note="NOBODY IS ON CALL for it."), "NOBODY IS ON CALL for it."),
        (OnCall(), "NOBODY IS ON CALL"),
    ],
)
def test_nobody_on_call_is_loud_in_every_form(on_call, words):
    """That nobody was found is said in text, HTML and, in the colour of alarm, on the card."""
    made = announcement(incident(), WORK_ITEM, on_call)
    assert words in made.text
    assert words in made.html
    (loud,) = [part for part in made.card["body"] if words in part.get("text", "")]
    assert loud["color"] == "Attention"


def test_a_note_about_the_table_is_passed_on():
    """What the look-up remarked stands beside the names."""
    made = announcement(incident(), WORK_ITEM, OnCall(people=(ADA,), note="These are the people of 'default'."))
    assert "On call: Ada (primary). These are the people of 'default'." in made.text


@pytest.mark.parametrize(("severity", "urgent"), [(1, True), (2, True), (3, False), (5, False)])
def test_only_severe_incidents_are_urgent(severity, urgent):
    """Critical and high incidents are marked as urgent."""
    assert announcement(incident(severity=severity), WORK_ITEM, None).urgent is urgent


def test_an_alerts_words_are_words_everywhere():
    """No form lets an alert make a link, a mention or markup."""
    hostile = "[pay](https://evil.example) <at>Ada</at> <b onclick=x> & 'it'"
    made = announcement(
        incident(title=hostile, impact=hostile, description=hostile, service=hostile, source=hostile),
        WORK_ITEM,
        OnCall(people=(ADA.model_copy(update={"name": hostile}),), note=hostile),
    )
    markdown = " ".join([*texts(made.card, "TextBlock"), *facts(made.card).values()])
    assert "](" not in markdown
    assert "<at>Ada" not in json.dumps(made.card) + made.text + made.subject
    assert "<b onclick" not in made.html
    assert made.html.count("<a ") == 1
    assert "& '" not in made.html


def test_runbooks_are_linked_whole_or_counted():
    """Links that fit are whole, brackets in them safe; the rest is counted and stands in the work item."""
    long = [{"href": f"https://wiki.example/{n}/{'x' * 1_900}", "text": f"Runbook {n}"} for n in range(10)]
    short = {"href": "https://wiki.example/a_(b)", "text": "Run [this](https://evil.example)"}
    (line,) = [
        text
        for text in texts(announcement(incident(links=[short, *long]), WORK_ITEM, None).card, "TextBlock")
        if text.startswith("Links")
    ]
    assert "[Run (this)(https://evil.example)](https://wiki.example/a_%28b%29)" in line
    assert line.endswith("and 6 more in the work item")
    assert f"](https://wiki.example/3/{'x' * 1_900})" in line


def test_many_people_are_counted():
    """Twenty are named, the rest is a number."""
    crowd = tuple(Person(name=f"P{n}", email=f"p{n}@contoso.example") for n in range(30))
    assert "P19, 10 more." in announcement(incident(), WORK_ITEM, OnCall(people=crowd)).text


@settings(max_examples=40)
@given(
    title=st.text(min_size=1, max_size=500).filter(lambda text: any(c.isalnum() for c in text)),
    filling=st.sampled_from(["\N{FIRE}", "\\", '"', "é", "<", "x", "&"]),
    amounts=st.tuples(*[st.integers(0, 32_000)] * 2),
    people=st.integers(0, 40),
    note=st.integers(0, 2_000),
)
def test_every_incident_fits_into_a_message(title, filling, amounts, people, note):
    """However long the alert, the message stays within what Teams takes, and keeps the work item's address."""
    impact, description = (filling * amount for amount in amounts)
    crowd = tuple(
        Person(name=filling * 200, email=f"p{n}@contoso.example", object_id=f"e-{n}", role=filling * 200)
        for n in range(people)
    )
    event = Event(title=title, impact=impact, description=description, service=filling * 256, source=filling * 256)
    made = announcement(
        Incident(key="k", event=event, received_at=datetime(2026, 3, 2, tzinfo=UTC)),
        WORK_ITEM,
        OnCall(people=crowd, note=filling * note),
    )
    assert size(made) <= SIZE_LIMIT
    assert WORK_ITEM.url in made.text
