"""The table of contents of a launch."""

from handlers.launch import STEPS, playbook
from worker.engine.step import check_playbook


def test_the_launch_has_its_six_steps_in_order():
    """The steps are those of the plan, and fit together."""
    steps = playbook(boards=None, teams=None, poster=None, on_call=None)
    check_playbook(steps)
    assert [step.name for step in steps] == [
        "create-work-item",
        "create-channel",
        "find-on-call",
        "assign",
        "link-channel",
        "announce",
    ]
    assert tuple(type(step) for step in steps) == STEPS
