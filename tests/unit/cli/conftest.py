"""Commands run as if nobody had set anything, and leave the logs of the tests as they were."""

import os

import pytest
from kept_logging import kept_logging


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch, tmp_path):
    """Neither variables nor a .env file."""
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _logs_as_before():
    with kept_logging():
        yield
