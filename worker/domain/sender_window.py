"""How many incidents a sender asked for lately, and what was decided of the last ones: its own, or one of a flood.

Pure. What is gathered in a flood counts as well, so that the flood goes on until the sender is quieter again.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from worker.domain.flood import begins_flood, flood_key, telling_id
from worker.domain.incident import Incident
from worker.domain.sender_rate import SenderRate

# Copies of one message that are handled at the same moment are decided in the same way.
_REMEMBERED = 50
# So many times its rate a sender is counted at most: a storm is over for it two of its periods after the last.
_MOST = 2


@dataclass(frozen=True, slots=True)
class SenderWindow:
    """`opened` since `began_at`, and in the period before. `flood` is the key of the last one, `flooded_at` when last.

    `decided`: by telling_id, the key of its flood, or nothing for an incident of its own.
    """

    began_at: datetime
    opened: int = 0
    before: int = 0
    flood: str = ""
    flooded_at: datetime | None = None
    decided: dict[str, str] = field(default_factory=dict)

    def decide(self, incident: Incident, now: datetime, rate: SenderRate) -> "SenderWindow":
        """With what is decided of the incident in it; the same window where that was decided before."""
        telling = telling_id(incident)
        if telling in self.decided:
            return self
        if begins_flood(incident, self.flood):
            # However many came meanwhile: nobody else launches it.
            return replace(self, decided={**self.decided, telling: self.flood})
        window = self._moved_to(now, rate.per)
        floods = window.expected(now, rate.per) >= rate.count
        goes_on = window.flooded_at is not None and now - window.flooded_at <= rate.per
        flood = (window.flood if goes_on else flood_key(incident, now)) if floods else ""
        return replace(
            window,
            opened=min(window.opened + 1, _MOST * rate.count),
            flood=flood or window.flood,
            flooded_at=now if floods else window.flooded_at,
            decided=dict([*window.decided.items(), (telling, flood)][-_REMEMBERED:]),
        )

    def expected(self, now: datetime, period: timedelta) -> float:
        """Within the last period, if those of the one before were evenly spread."""
        share = min(max((now - self.began_at) / period, 0), 1)
        return self.before * (1 - share) + self.opened

    def _moved_to(self, now: datetime, period: timedelta) -> "SenderWindow":
        periods = (now - self.began_at) // period
        if periods < 1:
            return self
        if periods == 1:
            return replace(self, began_at=self.began_at + period, before=self.opened, opened=0)
        return replace(self, began_at=now, before=0, opened=0)
