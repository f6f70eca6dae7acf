"""A launch is looked at until it has ended."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.errors import Forbidden, Unreachable
from worker.domain.event import Event
from worker.domain.states import LaunchState
from worker.incidents.follow import follow
from worker.incidents.history import History

START = datetime(2026, 3, 2, tzinfo=UTC)


def launch(state):
    return History(
        incident_id="inc-0000000000",
        key="k",
        state=state,
        event=Event(title="x"),
        received_at=START,
        first_attempt_at=START,
    )


LAUNCHING, LAUNCHED, FAILED = map(launch, (LaunchState.LAUNCHING, LaunchState.LAUNCHED, LaunchState.FAILED))


def store(*answers):
    left = iter(answers)

    async def look():
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


@pytest.mark.parametrize("end", [LAUNCHED, FAILED])
async def test_following_ends_with_the_launch(end):
    """Everything that is seen is shown, up to the state in which the launch ended."""
    shown = []
    assert await follow(store(None, LAUNCHING, end), shown.append, every=timedelta()) is end
    assert shown == [LAUNCHING, end]


async def test_a_store_that_is_away_for_a_while_is_waited_for():
    """Somebody who watches an incident is not sent away by one lost connection."""
    look = store(LAUNCHING, Unreachable("The store did not answer."), LAUNCHED)
    assert await follow(look, lambda _: None, every=timedelta()) is LAUNCHED


@pytest.mark.parametrize("answers", [[Unreachable("No answer.")], [LAUNCHING, Forbidden("No grant.")]])
async def test_what_waiting_does_not_mend_is_said(answers):
    """A store that was never reached, or that refuses, ends the watching with its sentence."""
    with pytest.raises(type(answers[-1])):
        await follow(store(*answers), lambda _: None, every=timedelta())
