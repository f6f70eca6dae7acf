"""What settings say of how alerts are read: what words mean, and which labels name the service."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.alerts.severities import UNCHANGED, Severities
from worker.domain.measured_labels import SERVICE_LABELS


@dataclass(frozen=True, slots=True)
class Reading:
    severities: Severities = UNCHANGED
    service_labels: Sequence[str] = SERVICE_LABELS


# As where no setting says otherwise.
AS_USUAL = Reading()
