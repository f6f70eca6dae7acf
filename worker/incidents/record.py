"""One incident with everything that is stored about it, as `tocsin incidents show` tells it."""

from worker.domain.audit import AuditRecord
from worker.incidents.history import Attempt, History


class IncidentRecord(History, frozen=True):
    """The shape of `--json`, to which fields may be added.

    `tries` are the attempts that came to an end, the last hundred of them; `audit` is what people did.
    """

    tries: tuple[Attempt, ...] = ()
    audit: tuple[AuditRecord, ...] = ()
