"""What settings say of how alerts are read: words, labels that name the service, and own formats."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.alerts.house_format import HouseFormat
from worker.alerts.severities import UNCHANGED, Severities
from worker.domain.measured_labels import SERVICE_LABELS


@dataclass(frozen=True, slots=True)
class Reading:
    severities: Severities = UNCHANGED
    service_labels: Sequence[str] = SERVICE_LABELS
    house: tuple[HouseFormat, ...] = ()


# As where no setting says otherwise.
AS_USUAL = Reading()
