"""After a change of schedules: the workers tell whose shifts it moved, where the settings want that."""

import os
from datetime import UTC, datetime

from worker.app.connections import open_history
from worker.cli.on_call_source import say
from worker.domain.audit import operator
from worker.domain.errors import TocsinError
from worker.lifecycle.shift_moves import leave_word_of_moves
from worker.oncall.definitions import Definitions
from worker.settings import ME, Settings


async def tell_of_moves(settings: Settings, before: Definitions, after: Definitions) -> None:
    """Whoever made the change is not told of it. The change stands, whether word of it can be left or not."""
    if settings.shift_messages is None:
        return
    by = os.environ.get(ME) or operator()
    try:
        async with open_history(settings) as stores:
            count = await leave_word_of_moves(stores.notices, before, after, datetime.now(UTC), by=by)
    except TocsinError as error:
        say(f"It is done, but those whose shifts moved are not told of it: {error}")
        return
    if count:
        say(f"{count} {'person is' if count == 1 else 'people are'} told of it by the workers.")
