"""How old what is stored must be before it is deleted."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from worker.settings import Settings

# Workers remember for seconds how an incident stands.
_MARGIN = timedelta(minutes=1)
# What is stored apart of an event is written when that is received, by another clock.
_APART = timedelta(days=1)
# Who changed the roster, and what was thrown away: asked for long after the incidents of that day.
_AUDIT = timedelta(days=365)
# Told anew, a key that nobody remembers would be its first incident again, and find that one's channel and work item.
_SENDERS_KEY = timedelta(days=730)
# Whoever replays a launch that failed goes on where it stopped, as long as what was done is known.
_FAILED_TIMES = 2


@dataclass(frozen=True, slots=True)
class Ages:
    """Since anything was last heard of it: of incidents whose alerts have all `resolved`, of others that are launched
    (`idle`: past every grouping window), of those whose launch `failed`, of `audit` records that belong to no
    incident, of what is stored apart of events (`set_aside`), of which incidents a sender's key has had
    (`senders_key`), and of whatever else belongs to no incident (`left_over`).
    """

    resolved: timedelta
    idle: timedelta
    failed: timedelta
    audit: timedelta
    set_aside: timedelta
    senders_key: timedelta
    left_over: timedelta

    @classmethod
    def of(cls, settings: Settings, keep: timedelta) -> Self:
        """`keep`: of an incident that is over. No age is shorter than alerts may still find what they belong to."""
        rules = (rule.window_seconds for rule in settings.grouping_rules)
        windows = [timedelta(seconds=seconds) for seconds in rules if seconds is not None]
        windows += [settings.grouping_window_seconds, settings.grouping_idle_seconds]
        reopened = max(keep, settings.grouping_reopen_seconds + _MARGIN)
        past_every_window = max(reopened, max(windows) + _MARGIN)
        return cls(
            resolved=reopened,
            idle=past_every_window,
            failed=max(keep * _FAILED_TIMES, past_every_window),
            audit=max(keep, _AUDIT),
            set_aside=past_every_window + _APART,
            senders_key=max(past_every_window, _SENDERS_KEY),
            left_over=past_every_window,
        )

    @property
    def shortest(self) -> timedelta:
        """Of an incident."""
        return min(self.resolved, self.idle, self.failed)
