"""Whose open incidents a schedule's people hand over."""

import pytest

from worker.oncall.notices.answering import answering
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions

LAYERS = {"time_zone": "UTC", "layers": []}
DEFINITIONS = build(
    GivenDefinitions.model_validate(
        {
            "schedules": dict.fromkeys(("checkout", "Payments", "backup", "search", "everybody"), LAYERS),
            "services": {
                "checkout": {"schedules": ["checkout", "backup"], "words": ["Kasse"]},
                "ledger": {"schedules": ["backup"]},
                "search": {"description": "lists no schedule"},
                "default": {"schedules": ["everybody"]},
            },
        }
    )
)


@pytest.mark.parametrize(
    ("schedule", "services", "covered", "others"),
    [
        ("checkout", ("checkout",), ["Checkout", "kasse"], ["ledger", "", "unheard of"]),
        ("backup", ("checkout", "ledger"), ["checkout", "KASSE", "ledger", "backup"], ["search"]),
        ("Payments", ("Payments",), ["payments"], ["checkout", ""]),
        ("search", ("search",), ["Search"], ["checkout"]),
        (
            "everybody",
            ("default",),
            ["default", "", "unheard of", "everybody"],
            ["checkout", "kasse", "search", "payments"],
        ),
    ],
)
def test_a_schedule_answers_for_the_services_that_list_it(schedule, services, covered, others):
    """Or are named as it is and list none; that of `default` for whatever nobody else does."""
    found = answering(DEFINITIONS, schedule)
    assert found.services == services
    assert [name for name in (*covered, *others) if found.covers(name)] == covered
