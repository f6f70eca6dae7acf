"""Leave word for the workers that a change has moved people's shifts: whoever makes it need not reach anybody."""

import uuid
from datetime import datetime

from worker.domain.checkpoint import Checkpoint
from worker.domain.shift_notice import ShiftNotice, notice_event
from worker.domain.states import StepState
from worker.oncall.definitions import Definitions
from worker.oncall.notices.message import COMPOSED
from worker.oncall.notices.moved import moved
from worker.oncall.notices.notice import key_of_move
from worker.oncall.schedule.wall_clock import minute_of
from worker.storage.shift_notices import ShiftNotices


async def leave_word_of_moves(
    notices: ShiftNotices, before: Definitions, after: Definitions, now: datetime, *, by: str
) -> int:
    """To how many people; for a change that was made just now. Raises Transient, Forbidden."""
    change, count = uuid.uuid4().hex, 0
    for person, message in moved(before, after, minute_of(now), by=by):
        key = key_of_move(minute_of(now), change, person)
        notice = ShiftNotice(key=key, event=notice_event(f"moved: {message.schedule}"), received_at=now)
        said = Checkpoint(
            COMPOSED,
            StepState.DONE,
            attempt=1,
            begun_at=now,
            ended_at=now,
            result=message.model_dump_json(),
            made=f"to {', '.join(each.name for each in message.recipients)}",
        )
        await notices.leave(notice, said)
        count += 1
    return count
