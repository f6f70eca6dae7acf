"""Whether what is to be deleted for its age is deleted."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult, note, well
from worker.settings import Settings
from worker.storage.stores import open_stores
from worker.storage.turns import RETENTION_DONE

_AREA = "retention"
# The workers' turn comes once a day, and a long run may take hours of it.
_LATE = timedelta(days=2)


async def check_retention(settings: Settings) -> AsyncIterator[CheckResult]:
    """Nothing to say where nothing is to be deleted. Raises Transient, Forbidden, Misconfigured."""
    if not settings.keep_days or not is_set(settings, "tables_connection_string|tables_endpoint"):
        return
    async with open_stores(settings, owner="doctor") as stores:
        last = await stores.turns.last(RETENTION_DONE)
    if last is not None and datetime.now(UTC) - last[0] <= _LATE:
        at, facts = last
        yield well(_AREA, f"Old incidents are deleted: at {at:%Y-%m-%d %H:%M} UTC {facts['rows']:,} rows were.")
        return
    ended = f"since {last[0]:%Y-%m-%d %H:%M} UTC" if last is not None else "yet"
    yield note(
        _AREA,
        f"TOCSIN_KEEP_DAYS is set, and no run that deletes has ended {ended}.",
        why="What is older stays, and the tables grow.",
        remedy="Look for retention.interrupted and retention.crashed in the log of the workers; one that has begun "
        "within the last hour has not come to its turn. `tocsin retention` says what there is to delete.",
    )
