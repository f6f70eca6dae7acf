"""A launch as people see it, drawn from its history alone."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from worker.cli.drawing.launch_table import addresses, changes, drawing, launch_view, print_addresses
from worker.cli.drawing.wall_clock import LOCAL, WallClock
from worker.domain.event import Event
from worker.domain.incident import incident_id
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import History, StepHistory
from worker.incidents.step_rows import rows
from worker.oncall.rows import NOBODY

START = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
NAMES = ("create-work-item", "create-channel", "find-on-call", "assign", "link-channel", "announce")
ITEM = {"id": 7, "url": "https://boards.example/7", "rev": 1}
CHANNEL = {"id": "19:x", "name": "inc-1-checkout", "url": "https://teams.example/x"}


def at(seconds):
    return START + timedelta(seconds=seconds)


def step(name, state=StepState.DONE, begun=0.0, ended=None, **more):
    return StepHistory(
        name=name, state=state, attempt=1, begun_at=at(begun), **more | {"ended_at": ended and at(ended)}
    )


def launch(*steps, state=LaunchState.LAUNCHING, title="Checkout is down", **more):
    return History(
        incident_id=incident_id("k"),
        key="k",
        state=state,
        event=Event(title=title),
        received_at=START,
        first_attempt_at=START,
        steps=(*steps, *in_waiting(steps)),
        **more,
    )


def in_waiting(steps):
    """The steps of the playbook that nothing is stored of yet, as the history gives them."""
    begun = {step.name for step in steps}
    return [StepHistory(name=name, state=StepState.WAITING) for name in NAMES if name not in begun]


def drawn(history, *, width=80, now=START):
    console = Console(width=width, file=io.StringIO(), markup=False, highlight=False)
    console.print(drawing(history, now))
    return console.file.getvalue()


def shown(history, now=START):
    return {row.name: row for row in rows(history, now)}


ITEM_DONE = step("create-work-item", ended=0.35, result=ITEM, made="work item 7")
CHANNEL_DONE = step("create-channel", ended=0.9, result=CHANNEL, made=CHANNEL["name"])
OWNER = {"name": "Ada", "email": "ada@x.example", "outcome": "assigned", "holder": "Ada", "task_id": None}


def test_steps_stand_in_the_order_of_the_history():
    """What has not begun is shown as waiting."""
    given = rows(launch(ITEM_DONE, CHANNEL_DONE), START)
    assert [row.name for row in given] == list(NAMES)
    assert [row.state for row in given] == [StepState.DONE] * 2 + [StepState.WAITING] * 4


def test_parts_stand_beneath_their_step():
    """Each person of a fan has a row of their own, under the step that they are part of."""
    given = rows(launch(step("assign:owner", ended=1, result=OWNER)), START)
    labels = [row.label for row in given]
    assert labels[labels.index("assign") + 1] == "  owner"


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((StepState.DONE, StepState.BEGUN), StepState.BEGUN),
        ((StepState.FAILED, StepState.BEGUN), StepState.BEGUN),
        ((StepState.FAILED, StepState.DONE), StepState.WAITING),
        ((StepState.DONE, StepState.DONE), StepState.BEGUN),
    ],
)
def test_a_step_of_parts_is_as_far_as_they_are(states, state):
    """It runs while one of them runs, and waits for another try when none does and one failed."""
    parts = [
        step(f"assign:{number}", one, ended=None if one is StepState.BEGUN else 1) for number, one in enumerate(states)
    ]
    assert shown(launch(*parts))["assign"].state is state


def test_a_step_of_parts_takes_from_the_first_to_the_last():
    """Its time is that of its parts, though its own row is written only when all are done."""
    history = launch(
        step("assign:owner", begun=1, ended=3), step("assign", begun=3, ended=3, result={"people": [OWNER]})
    )
    assert shown(history)["assign"].took == timedelta(seconds=2)


def test_a_running_step_takes_until_now():
    """What has begun is timed by the clock, and never below nothing when clocks differ."""
    running = launch(step("create-channel", StepState.BEGUN, begun=1))
    assert shown(running, at(3.5))["create-channel"].took == timedelta(seconds=2.5)
    assert shown(running, START)["create-channel"].took == timedelta()


def test_the_drawing_fits_eighty_columns_whatever_stands_in_it():
    """Long names, markup and control characters are cut, folded or taken out."""
    hostile = "x" * 300 + "[red]\x1b[2J\u202e"
    history = launch(
        step("create-channel", ended=1, result=CHANNEL, made=hostile),
        step("assign:" + "y" * 60, StepState.FAILED, ended=1, error=hostile),
        title=hostile,
        failure=hostile,
        state=LaunchState.FAILED,
    )
    lines = drawn(history).splitlines()
    assert max(map(len, lines)) <= 80
    assert not set("\x1b\u202e") & set("".join(lines))
    assert "[red]" in drawn(history, width=500)


def test_that_nobody_is_on_call_is_loud():
    """A look-up that found nobody is not an empty cell."""
    history = launch(step("find-on-call", ended=1, result={"people": [], "note": "…"}, made=NOBODY))
    assert "NOBODY IS ON CALL" in drawn(history)


def test_an_error_is_told_once_as_its_sentence():
    """The sentence in the dead letter and that of the step are the same, and shown as one."""
    error = "Boards refused to create the work item: there is no type Isue. Check the setting."
    history = launch(
        step("create-work-item", StepState.FAILED, ended=1, error=f"Rejected: {error}"),
        state=LaunchState.FAILED,
        failure=f"Rejected:create-work-item. create-work-item: {error}",
    )
    told = drawn(history, width=300)
    assert told.count("there is no type Isue") == 1
    assert "In the dead letters: Rejected:create-work-item\n" in told
    assert changes(None, history)[-1] == "+1.00 s  failed, and is in the dead letters: Rejected:create-work-item"


TRIED = step("create-channel", StepState.FAILED, ended=1, error="Unreachable: Graph did not answer. Wait.")
WAITS = launch(TRIED, failure="create-channel: Graph did not answer. Wait.", next_try_at=at(17))


def test_a_step_that_is_tried_again_waits_and_says_when():
    """While the launch goes on, what failed is no end: the row tells the next try, and the clock goes on."""
    row = shown(WAITS)["create-channel"]
    assert (row.state, row.retries, row.error) == (StepState.WAITING, True, "Unreachable: Graph did not answer. Wait.")
    told = drawn(WAITS, now=at(5.5))
    assert "create-channel          · waiting    1  1.00 s  next try in 12 s" in told
    assert "launching for 5.50 s" in told
    assert "failed" not in told
    assert "next try is due" in drawn(WAITS, now=at(17))


def test_a_next_try_that_is_far_away_is_told_by_the_clock():
    """Beyond a minute a person looks at the clock, in the zone that was asked for."""
    console = Console(width=80, file=io.StringIO())
    console.print(drawing(WAITS, at(-60), WallClock(utc=True)))
    assert "next try at 09:05:17 UTC" in console.file.getvalue()


def test_a_step_whose_launch_is_tried_at_this_moment_says_so():
    """An attempt at work tells no time: the step is taken again by it, or by the next."""
    assert "to be tried again" in drawn(launch(TRIED))


def test_a_failure_that_no_attempt_mends_is_shown_as_failed():
    """Another step's next try does not help it; nor is there one when the launch was given up."""
    refused = step("create-channel", StepState.FAILED, ended=1, error="Forbidden: No.", permanent=True)
    assert shown(launch(refused, next_try_at=at(17)))["create-channel"].state is StepState.FAILED
    given_up = launch(TRIED, state=LaunchState.FAILED, failure="Unreachable:create-channel. Given up after 4 h 0 min.")
    assert shown(given_up)["create-channel"].state is StepState.FAILED


def test_the_sentence_of_a_step_that_is_tried_again_is_told_once():
    """Watched on a terminal or line by line, the attempt does not repeat what its step has said."""
    assert drawn(WAITS, width=300).count("Graph did not answer") == 1
    lines = changes(None, WAITS)
    assert lines[-2:] == [
        "+1.00 s  create-channel waits for its next try  Unreachable: Graph did not answer. Wait.",
        f"+1.00 s  will be tried again at {LOCAL.time_of_day(at(17))}",
    ]


def test_a_part_that_is_tried_again_tells_its_sentence_once():
    """An attempt names the step, the checkpoint its part."""
    part = step("assign:owner", StepState.FAILED, ended=1, error="Throttled: Boards is busy.")
    history = launch(part, failure="assign: Boards is busy.", next_try_at=at(17))
    assert drawn(history, width=300).count("Boards is busy") == 1


def test_each_next_try_is_told_though_its_reason_is_the_same():
    """A line for each attempt that came to nothing, and none for what is known when it is given up."""
    later = WAITS.model_copy(update={"next_try_at": at(40)})
    assert changes(WAITS, later) == [f"+1.00 s  will be tried again at {LOCAL.time_of_day(at(40))}"]
    given_up = WAITS.model_copy(
        update={
            "state": LaunchState.FAILED,
            "next_try_at": None,
            "failure": "Unreachable:create-channel. Given up after 4 h. create-channel: Graph did not answer. Wait.",
        }
    )
    assert changes(WAITS, given_up) == [
        "+1.00 s  failed, and is in the dead letters: Unreachable:create-channel. Given up after 4 h"
    ]


@pytest.mark.parametrize("result", [{"name": "of another version"}, {"people": "of another version", "id": 1}, {}])
def test_results_of_another_version_are_shown_as_far_as_possible(result):
    """A row that an older or newer worker wrote in another form breaks no table."""
    history = launch(*(step(name, ended=1, result=result) for name in (*NAMES, "assign:owner")))
    assert "✓ done" in drawn(history)


def test_only_web_addresses_are_offered():
    """What stands in a row and is no http address is not made a link."""
    history = launch(step("create-work-item", ended=1, result=ITEM | {"url": "javascript:alert(1)"}), CHANNEL_DONE)
    assert addresses(history) == [("create-channel", CHANNEL["url"])]


def test_each_address_is_told_once():
    """The channel's address belongs to the step that made it, though later steps store it too."""
    linked = step("link-channel", ended=2, result={"work_item_id": 7, "url": CHANNEL["url"]})
    history = launch(ITEM_DONE, CHANNEL_DONE, linked)
    assert addresses(history) == [("create-work-item", ITEM["url"]), ("create-channel", CHANNEL["url"])]
    assert not [line for line in changes(None, history) if "link-channel" in line and "https://" in line]


def test_addresses_are_never_wrapped():
    """An address longer than the window stays on one line, to be copied."""
    console = Console(width=40, file=io.StringIO())
    long = ITEM | {"url": "https://boards.example/" + "x" * 200}
    print_addresses(console, launch(step("create-work-item", ended=1, result=long)))
    assert console.file.getvalue().splitlines() == [f"create-work-item        {long['url']}"]


def test_a_change_is_a_line():
    """Each change is told once, with its time since the incident was received, in the order it happened."""
    first = launch(step("create-channel", StepState.BEGUN, begun=0.1))
    second = launch(step("create-channel", begun=0.1, ended=0.9, result=CHANNEL, made=CHANNEL["name"]), ITEM_DONE)
    assert changes(None, first) == [f"{first.incident_id}  Checkout is down", "+0.10 s  create-channel begun"]
    assert changes(first, second) == [
        "+0.35 s  create-work-item done  work item 7  https://boards.example/7",
        "+0.90 s  create-channel done  inc-1-checkout  https://teams.example/x",
    ]
    assert changes(second, second) == []


def test_an_attempt_after_the_first_is_numbered():
    """A step that is taken again says so."""
    before = launch(step("create-channel", StepState.FAILED, ended=1, error="No."))
    again = StepHistory(name="create-channel", state=StepState.BEGUN, attempt=2, begun_at=at(5))
    assert changes(before, launch(again)) == ["+5.00 s  create-channel begun (attempt 2)"]


@pytest.mark.parametrize(
    ("history", "line"),
    [
        (launch(ITEM_DONE, state=LaunchState.LAUNCHED, launched_at=at(2)), "+2.00 s  launched"),
        (
            launch(ITEM_DONE, state=LaunchState.FAILED, failure="Gone:x. It is gone."),
            "+0.35 s  failed, and is in the dead letters: Gone:x. It is gone.",
        ),
        (
            launch(ITEM_DONE, failure="Graph did not answer.", next_try_at=at(17)),
            f"+0.35 s  will be tried again at {LOCAL.time_of_day(at(17))}: Graph did not answer.",
        ),
    ],
)
def test_the_end_of_an_attempt_is_a_line(history, line):
    """Launched, failed or to be tried again: the last line says which, and why."""
    assert changes(None, history)[-1] == line
    assert changes(launch(ITEM_DONE), history) == [line]


def test_elsewhere_than_on_a_terminal_a_launch_is_lines():
    """A log or a pipe gets each change once, unwrapped and without escapes."""
    console = Console(width=40, file=io.StringIO(), force_terminal=False)
    history = launch(ITEM_DONE)
    with launch_view(console) as show:
        show(history)
        show(history)
    assert console.file.getvalue().splitlines() == changes(None, history)


def test_on_a_terminal_a_launch_is_redrawn():
    """The last drawing stays, whole even in a window that is lower than it."""
    console = Console(width=80, height=5, file=io.StringIO(), force_terminal=True, color_system=None)
    with launch_view(console) as show:
        show(launch(step("create-channel", StepState.BEGUN)))
        show(launch(CHANNEL_DONE, ITEM_DONE, state=LaunchState.LAUNCHED, launched_at=at(2)))
    assert "launched in 2.00 s" in console.file.getvalue()
    assert "announce                · waiting" in console.file.getvalue()
