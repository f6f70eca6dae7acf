"""Commands run as if nobody had set anything, and leave the logs of the tests as they were."""

import logging
import os

import pytest
import structlog


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch, tmp_path):
    """Neither variables nor a .env file."""
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _logs_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
