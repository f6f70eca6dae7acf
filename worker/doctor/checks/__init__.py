"""What `tocsin doctor` looks at: a file for each, and the table of them all. None of them changes anything."""

from collections.abc import AsyncIterator, Callable, Mapping

from worker.doctor.checks.boards import examine_boards
from worker.doctor.checks.credentials import examine_credentials
from worker.doctor.checks.on_call import examine_on_call
from worker.doctor.checks.posting import examine_posting
from worker.doctor.checks.service_bus import examine_queue
from worker.doctor.checks.settings import examine_settings
from worker.doctor.checks.tables import examine_tables
from worker.doctor.checks.teams import examine_teams
from worker.doctor.finding import Finding
from worker.settings import Settings

Examine = Callable[[Settings], AsyncIterator[Finding]]

EXAMINATIONS: Mapping[str, Examine] = {
    "settings": examine_settings,
    "credentials": examine_credentials,
    "queue": examine_queue,
    "tables": examine_tables,
    "on-call": examine_on_call,
    "boards": examine_boards,
    "teams": examine_teams,
    "posting": examine_posting,
}
