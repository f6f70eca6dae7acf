"""The table of contents of a launch."""

from datetime import timedelta

from handlers.launch.playbook import STEPS, playbook
from handlers.paging.ways import Ways
from worker.clients.posting.fallback import FallbackChannels
from worker.domain.paging_ways import read_paging_ways
from worker.domain.teams_fallback import Fallback
from worker.engine.step import check_playbook


def test_the_launch_has_its_steps_in_order():
    """They fit together; those that most incidents have nothing to do for are shown only once they have begun."""
    steps = playbook(
        boards=None,
        teams=None,
        poster=None,
        on_call=None,
        ways=Ways(None, None, None, {}, default=read_paging_ways("mention")),
        places=FallbackChannels(None, Fallback()),
        last_resort=(),
        patience=timedelta(seconds=5),
    )
    check_playbook(steps)
    assert tuple(type(step) for step in steps) == STEPS
    assert [step.name for step in steps if not step.contingent] == [
        "route",
        "create-work-item",
        "create-channel",
        "find-on-call",
        "assign",
        "link-channel",
        "announce",
    ]
