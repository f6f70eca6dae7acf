"""A broker whose process dies without a word."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from worker.sandbox.service_bus.broker import Broker, Counts
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.store import Store

KILLED = 9

# It ends at its last line as a killed process does: no handler runs, no file is closed.
LIFE = """
import os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from worker.sandbox.service_bus.broker import Broker, Incoming
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.store import Store

class Receiver:
    held = []
    def credit(self): return 2 - len(self.held)
    def deliver(self, delivery): self.held.append(delivery)

now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
broker = Broker([QueueSettings("incidents")], clock=lambda: now, store=Store.open(Path(sys.argv[1])))
receiver = Receiver()
broker.subscribe("incidents", receiver)
broker.send("incidents", [Incoming(content) for content in (b"completed", b"dead", b"locked", b"ready")])
broker.send("incidents", [Incoming(b"scheduled", scheduled_for=now + timedelta(hours=1))])
broker.flush()
broker.complete("incidents", receiver.held[0].lock_token)
broker.dead_letter("incidents", receiver.held[1].lock_token, "Undecodable", "It is no event.")
receiver.held.clear()
broker.dispatch("incidents")
broker.flush()
broker.send("incidents", [Incoming(b"never acknowledged")])
os._exit(9)
"""


def test_a_killed_broker_has_lost_nothing_that_it_acknowledged(tmp_path):
    """The next one has every message in its place, and only what was never flushed is missing."""
    path = tmp_path / "service-bus.sqlite"
    life = subprocess.run([sys.executable, "-c", LIFE, path], check=False, capture_output=True, text=True)
    assert life.returncode == KILLED, life.stderr
    store = Store.open(path)
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + timedelta(seconds=1)
    broker = Broker([QueueSettings("incidents")], clock=lambda: now, store=store)
    seen = [message.content for message in broker.peek("incidents", 0, 10)]
    dead = [message.content for message in broker.peek("incidents/$deadletterqueue", 0, 10)]
    assert (seen, dead) == ([b"locked", b"ready", b"scheduled"], [b"dead"])
    assert broker.counts("incidents") == Counts(active=2, dead_lettered=1, scheduled=1)
    store.close()
