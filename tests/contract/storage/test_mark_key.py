"""The key of the marks, against a real table store."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr

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
    nowhere = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;TableEndpoint=http://127.0.0.1:9/a;"
    away = settings.model_copy(update={"tables_connection_string": SecretStr(nowhere)})
    async with open_stores(away, owner="one") as stores:
        with pytest.raises(Transient):
            await stores.mark_key.read_or_create()
