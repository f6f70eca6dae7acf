"""The marks of workers that share one key, for tests that need no store of it."""

from worker.messaging.mark import Marks

KEY = b"a key that the workers of a test share"


async def _read_key():
    return KEY


MARKS = Marks(_read_key)
