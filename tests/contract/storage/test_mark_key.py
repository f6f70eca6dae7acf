"""The key of the marks, against a real table store."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from worker.domain.errors import Transient
from worker.storage.stores import open_stores


async def test_all_workers_have_one_key(settings):
    """Whoever comes first makes it, many at once make one, and it stays; none is guessed."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_stores(settings, owner=str(number))) for number in range(5)]
        await opened[0].table.prepare()
        keys = await asyncio.gather(*(stores.mark_key.read_or_create() for stores in opened))
        assert len({*keys, await opened[0].mark_key.read_or_create()}) == 1
        assert len(keys[0]) == 32


async def test_a_store_that_is_away_is_said_so(settings):
    """It is no refusal: what bears a mark is looked at again."""
    away = settings.model_copy(update={"tables_connection_string": _of_nobody(settings)})
    async with open_stores(away, owner="one") as stores:
        with pytest.raises(Transient):
            await stores.mark_key.read_or_create()


def _of_nobody(settings):
    told = settings.tables_connection_string.get_secret_value()
    return type(settings.tables_connection_string)(
        ";".join(
            part if not part.startswith("TableEndpoint") else "TableEndpoint=http://127.0.0.1:9/x"
            for part in told.split(";")
        )
    )
