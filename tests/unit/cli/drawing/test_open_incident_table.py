"""What is open already, as somebody reads it who is about to raise it again."""

import io
from datetime import UTC, datetime, timedelta

from rich.console import Console

from worker.cli.drawing.open_incident_table import print_open_incidents
from worker.incidents.open_incident import OpenIncident

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADDRESS = "https://teams.example/" + "c" * 90


def an_incident(**facts):
    known = {"incident_id": "inc-4h7k2m9xqz", "title": "Checkout is down", "severity": 1, "service": "checkout"}
    known |= {"has_it": "Amara Okafor", "url": ADDRESS, "status_url": "/v1/incidents/inc-4h7k2m9xqz"}
    return OpenIncident(**{**known, "received_at": NOON - timedelta(minutes=12), **facts})


def drawn(*found):
    said = io.StringIO()
    print_open_incidents(Console(file=said, width=60), found, NOON)
    return said.getvalue().splitlines()


def test_each_is_shown_with_all_that_is_needed_to_choose():
    """Its number, id and title, how bad and old it is, who has it, and an address that can be followed."""
    assert drawn(an_incident()) == [
        "1 open already for checkout:",
        "  1  inc-4h7k2m9xqz  Checkout is down",
        "     severity 1, 12 min old, with Amara Okafor",
        f"     {ADDRESS}",
    ]


def test_what_is_not_known_yet_is_not_invented():
    """Nobody has it, and it is nowhere to be seen; what stands in a title moves no cursor."""
    assert drawn(an_incident(has_it="", url=None, title="\x1b[2JDown [bold]"))[1:] == [
        "  1  inc-4h7k2m9xqz  [2JDown [bold]",
        "     severity 1, 12 min old, with nobody yet",
    ]
