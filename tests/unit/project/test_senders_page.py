"""The README and the page about senders name the address of each format."""

import re
from pathlib import Path

import pytest

from worker.alerts.formats import FORMATS
from worker.intake.addresses import address_of

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text().partition("## Connect\n")[2].partition("\n## ")[0]
SENDERS = (ROOT / "docs/senders.md").read_text()
ADDRESSES = {name: address_of(name) for name in FORMATS}


@pytest.mark.parametrize("page", [README, SENDERS], ids=["readme", "senders"])
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_the_address_of_every_format_is_named(address, page):
    """Nobody has to read the code to find where a system sends its alerts."""
    assert address in page


def test_no_address_of_a_format_is_invented():
    """Each name in an address of the pages is that of a format that is read."""
    named = set(re.findall(r"/v1/alerts/([a-z][a-z-]*)", README + SENDERS))
    assert named
    assert named <= set(FORMATS)
