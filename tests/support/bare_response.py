"""A response that knows no people and brings about nothing, for tests of what stands beside it."""

from datetime import timedelta

from worker.domain.states import LaunchState
from worker.engine.executor import Timing
from worker.engine.launcher import store_breaker
from worker.lifecycle.response.circumstances import Circumstances, Launched
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.response.effects_limit import EffectsLimit
from worker.lifecycle.response.lane_run import LaneRun
from worker.lifecycle.response.people_book import PeopleBook
from worker.lifecycle.response.recording import Recorder
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.messaging.mark import Marks
from worker.oncall.definitions import Definitions
from worker.oncall.escalation.directory import directory_of
from worker.oncall.on_call import Roster

TIMING = Timing(allowance=timedelta(minutes=2), lookup_lag=timedelta(seconds=1))
NOBODY = PeopleBook(Definitions(), Roster(rows=(), unreadable=()))


async def nobody(incident, now, *, needed, other=None):
    """Circumstances in which nobody is known."""
    del needed, other
    launched = Launched(LaunchState.LAUNCHED)
    return Circumstances(now, incident, launched, directory_of(NOBODY.definitions, None), NOBODY)


def bare_response(stores, publish, *, tables=None, lanes=(), launch=(), circumstances=nobody, effects=8):
    """Over these stores; `publish` takes the timers."""
    timers = TimerScheduler(publish, Marks(stores.mark_key.read_or_create))
    return ResponseDelivery(
        incidents=stores.incidents,
        oversize=stores.oversize,
        recorder=Recorder(stores.responses, timers, circumstances, 60.0),
        lanes=lanes,
        run=LaneRun(stores.lanes, stores.responses, launch, TIMING),
        tables=tables or store_breaker(),
        limit=EffectsLimit(effects),
    )
