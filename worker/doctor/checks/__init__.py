"""What `tocsin doctor` looks at: a file for each, and the table of them all. None of them changes anything."""

from collections.abc import AsyncIterator, Callable, Mapping

from worker.doctor.checks.boards import check_boards
from worker.doctor.checks.catalogue import check_catalogue
from worker.doctor.checks.credentials import check_credentials
from worker.doctor.checks.formats import check_formats
from worker.doctor.checks.on_call import check_on_call
from worker.doctor.checks.pagers import check_pagers
from worker.doctor.checks.posting import check_posting
from worker.doctor.checks.retention import check_retention
from worker.doctor.checks.service_bus import check_queue
from worker.doctor.checks.settings import check_settings
from worker.doctor.checks.sms import check_sms
from worker.doctor.checks.tables import check_tables
from worker.doctor.checks.teams import check_teams
from worker.doctor.checks.time_zones import check_time_zones
from worker.doctor.finding import CheckResult
from worker.settings import Settings

RunCheck = Callable[[Settings], AsyncIterator[CheckResult]]

CHECKS: Mapping[str, RunCheck] = {
    "settings": check_settings,
    "formats": check_formats,
    "credentials": check_credentials,
    "queue": check_queue,
    "tables": check_tables,
    "retention": check_retention,
    "time zones": check_time_zones,
    "on-call": check_on_call,
    "boards": check_boards,
    "teams": check_teams,
    "catalogue": check_catalogue,
    "posting": check_posting,
    "sms": check_sms,
    "pagers": check_pagers,
}
