"""How dead letters look: within eighty columns, and whatever an alert may hold."""

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from worker.cli.drawing.dead_letter_tables import Clock, letters_table, print_groups, print_page, print_summary
from worker.dead_letters.browse import Letter
from worker.dead_letters.details import ExportedLetter, LetterPage
from worker.dead_letters.groups import grouped
from worker.dead_letters.outcome import ItemOutcome, ItemResult, Summary
from worker.domain.audit import AuditRecord
from worker.domain.event import Event
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import History, StepHistory

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UTC_CLOCK = Clock(utc=True)
HOSTILE = "\x1b[31m[bold]Checkout\x07 is down\u202e " * 20


def letter(sequence=7, reason="Rejected:create-work-item", **facts):
    told = {"description": "create-work-item: " + HOSTILE, "title": HOSTILE, "incident_id": "inc-0123456789"}
    return Letter(
        sequence_number=sequence,
        message_id="m",
        reason=reason,
        enqueued_at=NOW,
        delivery_count=0,
        size=0,
        **(told | facts),
    )


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=80, markup=False, highlight=False, emoji=False)


def shown(console):
    """What was printed; no line is wider than the terminal, and nothing but text came through."""
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    return text


def page(**facts):
    exported = ExportedLetter(
        **letter().model_dump(exclude={"step", "cause"}),
        headers={"content_type": "application/json"},
        properties={"team": HOSTILE, "DeadLetterReason": "told already"},
        body=facts.pop("body", json.dumps({"title": HOSTILE})),
    )
    replay = ItemOutcome(sequence_number=7, result=ItemResult.DONE, incident_id="inc-0123456789", new_message_id="m:r7")
    return LetterPage(**{"letter": exported, "replay": replay} | facts)


def history():
    states = {"create-work-item": StepState.FAILED, "create-channel": StepState.DONE, "announce": StepState.WAITING}
    steps = tuple(StepHistory(name=name, state=state) for name, state in states.items())
    part = StepHistory(name="assign:ada", state=StepState.BEGUN)
    return History(
        incident_id="inc-0123456789",
        key="k",
        state=LaunchState.FAILED,
        event=Event(title="x"),
        received_at=NOW,
        first_attempt_at=NOW,
        steps=(*steps, StepHistory(name="assign", state=StepState.BEGUN), part),
    )


def test_the_list_fits_a_terminal(console):
    """Number, reason and incident stand whole; a title gives way."""
    letters = [
        letter(sequence=number, reason=reason)
        for number, reason in [(1, "TTLExpiredException"), (72057594037927937, "")]
    ]
    console.print(letters_table([*letters, letter(title=None, incident_id=None)], UTC_CLOCK, width=80))
    text = shown(console)
    assert all(
        words in text
        for words in ("TTLExpiredException", "72057594037927937", "inc-0123456789", "none given", "no event")
    )
    assert "sent UTC" in text


def test_groups_tell_the_largest_first_with_an_example(console):
    """Each with its count, step, times and a sentence to go by."""
    groups = grouped([letter(1, "TTLExpiredException", description=""), letter(2), letter(9)])
    assert [(group.cause, group.count, group.example.sequence_number) for group in groups] == [
        ("Rejected", 2, 9),
        ("TTLExpiredException", 1, 1),
    ]
    print_groups(console, groups, UTC_CLOCK)
    text = shown(console)
    assert "2  Rejected at create-work-item, sent 03-02 09:00 UTC" in text
    assert "Nobody gave a reason in words." in text


def test_a_page_tells_what_a_replay_would_do_with_each_step(console):
    """Done steps are skipped, begun ones are looked for, and parts of a step are not told by themselves."""
    record = AuditRecord(
        action="replay", who="ops@host", at=NOW, details={"sequence_number": 7, "edits": {"severity": "1"}}
    )
    whole = page(history=history(), audit=[record])
    assert {step.name: step.will for step in whole.steps} == {
        "create-work-item": "run again",
        "create-channel": "be skipped: it is done",
        "announce": "run",
        "assign": "be looked for, then run",
    }
    print_page(console, whole, UTC_CLOCK)
    text = shown(console)
    assert "of 4 steps 1 are done and are skipped" in " ".join(text.split())
    assert "replay of 7 with severity=1 by ops@host" in text
    assert "told already" not in text


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "from the start"),
        ({"trouble": "The table store did not answer."}, "is not known"),
        (
            {"replay": ItemOutcome(sequence_number=7, result=ItemResult.SKIPPED, sentence="Already launched.")},
            "Already launched.",
        ),
        ({"replay": ItemOutcome(sequence_number=7, result=ItemResult.DONE)}, "no event"),
    ],
)
def test_a_page_says_what_is_not_known(console, facts, words):
    """Without a history, and without a store, the rest is shown all the same."""
    print_page(console, page(**facts), UTC_CLOCK)
    assert words in shown(console)


@pytest.mark.parametrize("body", ["[" * 100_000, "x" * 100_000, "\n".join("y" * 500), "{}"], ids=len)
def test_a_body_of_any_kind_is_shown_within_bounds(console, body):
    """As far as it is useful; the whole is for --json."""
    print_page(console, page(body=body), UTC_CLOCK)
    assert len(shown(console).splitlines()) < 100


def test_a_summary_adds_up_and_tells_each_sentence_once(console):
    """Counts for all results, and for each reason how many it concerns."""
    outcomes = [ItemOutcome(sequence_number=number, result=ItemResult.DONE) for number in range(3)]
    outcomes += [
        ItemOutcome(sequence_number=number, result=ItemResult.SKIPPED, sentence="Already launched.")
        for number in (7, 8)
    ]
    outcomes += [ItemOutcome(sequence_number=9, result=ItemResult.FAILED, sentence=HOSTILE)]
    summary = Summary(action="replay", dry_run=False, outcomes=outcomes)
    assert sum(summary.counts.values()) == summary.selected == 6
    assert not summary.is_whole
    print_summary(console, summary)
    text = shown(console)
    assert "Of 6 dead letters 3 replayed, 2 skipped, 0 gone, 1 failed, 0 left." in text
    assert "skipped 7 and 1 more: Already launched." in text


def test_a_dry_run_speaks_of_what_would_be(console):
    """And one that means nothing says so."""
    outcome = ItemOutcome(sequence_number=1, result=ItemResult.DONE)
    print_summary(console, Summary(action="discard", dry_run=True, outcomes=[outcome]))
    print_summary(console, Summary(action="discard", dry_run=True, outcomes=[]))
    assert shown(console).splitlines() == [
        "Of 1 dead letter 1 would be discarded.",
        "No dead letter is meant by this.",
    ]


def test_the_shape_for_programs_stays():
    """Names that scripts read; more may come, none goes."""
    assert set(letter().model_dump()) >= {
        "sequence_number", "message_id", "reason", "description", "enqueued_at", "delivery_count", "size",
        "incident_id", "title", "severity", "service", "fault", "step", "cause",
    }  # fmt: skip
    assert set(Summary(action="replay", dry_run=True, outcomes=[]).model_dump()) >= {
        "action", "dry_run", "outcomes", "selected", "counts",
    }  # fmt: skip
    assert set(ItemOutcome(sequence_number=1, result=ItemResult.DONE).model_dump()) >= {
        "sequence_number", "result", "incident_id", "new_message_id", "sentence",
    }  # fmt: skip
    assert set(page().model_dump()) >= {"letter", "replay", "history", "audit", "trouble", "steps", "outlook"}
    assert set(page().letter.model_dump()) >= {"headers", "properties", "body", "body_base64"}
