"""No outcome depends on how fast a server on loopback answers: the clients of the tests say how long they wait."""

import ast
from pathlib import Path

TESTS = next(folder for folder in Path(__file__).parents if folder.name == "tests")
# Left to themselves they give up after seconds that a busy machine needs, or never.
CLIENTS = {"httpx.AsyncClient", "httpx.Client", "urllib.request.urlopen", "socket.create_connection"}


def without_a_time_out(path):
    """The lines that make a client for a socket; an app that is called in this process has no time to keep."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in CLIENTS:
            continue
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if "timeout" not in given and "transport" not in given:
            yield node.lineno


def test_every_client_of_a_test_says_how_long_it_waits():
    """What httpx would wait by itself, five seconds, has refused what was right on a busy machine."""
    found = {str(path.relative_to(TESTS)): list(without_a_time_out(path)) for path in TESTS.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_client_that_does_not_say_it_is_found(tmp_path):
    """The look itself sees what it is for."""
    (tmp_path / "hasty.py").write_text("import httpx\n\nhttpx.AsyncClient(base_url='x')\nhttpx.Client(timeout=60)\n")
    assert list(without_a_time_out(tmp_path / "hasty.py")) == [3]
