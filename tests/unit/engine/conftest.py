"""A table in memory, and all who write to it."""

import pytest
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now
from patience import PATIENCE

from worker.storage.stores import Stores


@pytest.fixture
def table():
    table = MemoryTable(utc_now)
    table.create()
    return table


@pytest.fixture
def stores(table):
    return Stores.of(MemoryTableClient(table, straight), owner="one", lease_duration=PATIENCE)
