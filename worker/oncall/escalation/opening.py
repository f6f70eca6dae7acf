"""How an escalation begins: worked out once, by whoever looks up whom to call, and handed on with what it came to."""

from pydantic import BaseModel

from worker.oncall.escalation.directory import Directory
from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.state import Escalation, Status
from worker.oncall.escalation.transitions import open_escalation
from worker.oncall.schedule.wall_clock import Minute


class Opening(BaseModel, frozen=True):
    """`at` in the policy's time. `told`: the levels passed over, and the one that is told."""

    at: Minute
    state: Escalation
    told: tuple[Notification, ...] = ()

    @property
    def level_1(self) -> Notification | None:
        """The first level that names somebody, or the last resort in its place; None where nobody may be told yet."""
        return next((each for each in self.told if not each.is_skipped), None)

    @property
    def is_last_resort(self) -> bool:
        return self.level_1 is not None and self.level_1.place.is_last_resort

    @property
    def is_held(self) -> bool:
        """The policy's hours have not begun, so nobody is to be told."""
        return self.level_1 is None and self.state.due is not None and self.state.status is Status.TRIGGERED


def opening_of(directory: Directory, severity: int, instant: Minute) -> Opening:
    state, told = open_escalation(severity, {}, instant, directory)
    return Opening(at=instant, state=state, told=told)
