"""The table of incidents, and what its clock says about ours."""

from collections.abc import AsyncIterator
from datetime import timedelta

from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult, Probe, Verdict, well
from worker.domain.errors import Forbidden, Misconfigured, TocsinError
from worker.settings import Settings
from worker.storage.stores import open_stores

_AREA = "tables"
_ROLE = (
    "az role assignment create --assignee <identity> --scope <the account's id> --role 'Storage Table Data Contributor'"
)
# The header counts whole seconds, and an answer takes its time.
_TOLERATED = timedelta(seconds=5)
# Azure refuses signatures and tokens of another time from five minutes on.
_REFUSED_FROM = timedelta(minutes=5)


def _check(settings: Settings) -> Probe:
    return Probe(
        _AREA,
        f"The table {settings.tables_incidents!r} can be read and written.",
        why="Without it no launch is begun, since nobody would know how far it is.",
        remedy="Check the connection string or TOCSIN_TABLES_ENDPOINT, and that this machine may reach the account.",
        remedies={
            Forbidden: f"{_ROLE}; or check the key in the connection string.",
            Misconfigured: "Start a worker, which creates the table; or: az storage table create --name "
            f"{settings.tables_incidents} --account-name <account>; or set TOCSIN_TABLES_INCIDENTS.",
        },
    )


async def check_tables(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, "tables_connection_string|tables_endpoint"):
        return
    check = _check(settings)
    async with open_stores(settings, owner="doctor") as stores:
        try:
            ahead = await stores.table.check()
        except TocsinError as error:
            yield check.failed(error)
            return
    yield well(_AREA, check.well)
    yield clock(ahead)


def clock(ahead: timedelta) -> CheckResult:
    """The store's lead over this machine."""
    wide = abs(ahead)
    if wide <= _TOLERATED:
        return well(_AREA, "This machine's clock agrees with the store's.")
    which = "behind" if ahead > timedelta() else "ahead of"
    return CheckResult(
        area=_AREA,
        verdict=Verdict.WRONG if wide >= _REFUSED_FROM else Verdict.NOTE,
        what=f"This machine's clock is {wide.total_seconds():.0f} s {which} the store's.",
        why="Times are told wrongly; from five minutes on, signatures and tokens are refused. Leases do not go by it.",
        remedy="Synchronise the clock: timedatectl set-ntp true, or the host's own time service.",
    )
