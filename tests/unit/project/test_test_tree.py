"""The tests stand as the code does: whoever knows a module's place knows that of its tests, and the other way round."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests"
OF_THE_PROJECT = {Path("unit/project"), Path("unit/deploy")}  # they hold files that are no modules

# Tests of no single module, by folder and name: which way through several they walk.
WAYS = {
    "unit/alerts": {
        "any_payload": "Whatever JSON comes, through detection and every format.",
        "golden": "Each example, through detection and its format, to the events that are written down.",
    },
    "unit/cli": {
        "completion": "What is typed, through the entry point and every command, to what the shell offers.",
    },
    "unit/handlers": {
        "descriptions": "What every step of every playbook says it made.",
    },
    "unit/oncall/schedule": {
        "vectors": "The public schedules with their answers, from what is written to who is on call.",
    },
    "unit/oncall/escalation": {
        "vectors": "The public escalations with their answers, from what is written to who is told.",
    },
    "unit/engine": {
        "interleavings": "Workers and requests in any order, from the launcher to the store.",
        "mutation_control": "The same explorations, with each rule of the engine and the store taken away.",
        "state_machine": "Messages, workers and time moved at will, from the launcher to the store.",
    },
    "unit/lifecycle/response": {
        "handing_on": "What one incident is to tell another, from the first one's entry to the other's.",
        "interleavings": "Acts, timers and workers in any order, from the delivery to the store.",
        "mutation_control": "The same explorations, with each rule of the response taken away.",
    },
    "contract/cli": {
        "on_call_page": "Every command of docs/on-call.md, from what is typed to what the terminal shows.",
    },
    "contract/messaging": {
        "events_of_a_message": "A message of any sender: decoded, split, and its parts launched.",
    },
    "contract/sandbox/boards": {
        "faults": "A call of the SDK, through the harness's faults, to the stand-in.",
        "node_client": "Microsoft's client for Node.js, from its first question to a query of its own.",
        "hostile_requests": "Any patch and any query: read, then carried out on the work items.",
    },
    "contract/sandbox/service_bus": {
        "disturbances": "Broken bytes and broken rules, through frames, connection, session and links.",
        "node_client": "Microsoft's client for Node.js, from what it sends to how it settles.",
        "refusals": "What is refused: links, tokens, requests and messages.",
        "sdk_connections": "The SDK's connections, lost and found again, through the whole stand-in.",
        "sdk_messages": "The SDK's messages, from their sending to their settlement, through the whole stand-in.",
        "sdk_needs": "What the SDK insists on: from an answer of the subscription to an error of the SDK.",
        "settlements": "A settlement, by link or by request, to what becomes of the message.",
        "strict_peer": "Another client's messages, through the whole stand-in.",
    },
}


def is_module(path):
    """A package whose `__init__` says nothing promises nothing."""
    return path.is_file() and len(ast.parse(path.read_text()).body) > 1


def bears_a_name_of_ours(test):
    """unit/a/test_b.py is a/b.py's or the package a/b's; unit/a/test_b_more.py holds some of what a/b.py promises."""
    _, *folders = test.parent.parts
    home = {"handlers": ROOT, "support": TESTS}.get("".join(folders[:1]), ROOT / "worker").joinpath(*folders)
    words = test.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:number]) for number in range(1, len(words) + 1)]
    return is_module(home / names[-1] / "__init__.py") or any(is_module(home / f"{name}.py") for name in names)


def test_every_test_file_bears_the_name_and_place_of_a_module_or_says_its_way():
    """No test has to be searched for: it is beside its module's name, or its way is in the table."""
    found = [path.relative_to(TESTS) for tier in ("unit", "contract") for path in (TESTS / tier).rglob("test_*.py")]
    assert found
    astray = [path for path in found if path.parent not in OF_THE_PROJECT and not bears_a_name_of_ours(path)]
    ways = {Path(folder, f"test_{name}.py") for folder, names in WAYS.items() for name in names}
    assert set(astray) == ways
