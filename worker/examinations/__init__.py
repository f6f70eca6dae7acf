"""What `tocsin doctor` looks at: a file for each, and the table of them all. None of them changes anything."""

from collections.abc import AsyncIterator, Callable, Mapping

from worker.examinations.boards import examine_boards
from worker.examinations.credentials import examine_credentials
from worker.examinations.on_call import examine_on_call
from worker.examinations.posting import examine_posting
from worker.examinations.queue_of_incidents import examine_queue
from worker.examinations.tables import examine_tables
from worker.examinations.teams import examine_teams
from worker.examinations.variables import examine_settings
from worker.finding import Finding
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
