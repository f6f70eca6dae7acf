"""Those who prove nothing wait a moment, within bounds, and keep nobody else waiting."""

import asyncio
from datetime import timedelta

import pytest
import structlog

from worker.intake import unauthenticated
from worker.intake.unauthenticated import (
    ADDRESSES,
    DELAYED_AT_ONCE,
    DELAYED_OF_ONE_ADDRESS,
    LINES,
    LINES_OF_ONE_ADDRESS,
    UnauthenticatedThrottle,
)

FOR_EVER = timedelta(hours=1)


async def fail(crowd, address="192.0.2.1"):
    return await crowd.delay(address, reason="the key is not known", method="POST", path="/v1/incidents")


async def waiting(tasks):
    """How many of them wait when all that could end have ended."""
    for _ in range(3):
        await asyncio.sleep(0)
    return sum(not task.done() for task in tasks)


@pytest.fixture
async def fails():
    """Begin a failure from this address; whoever still waits at the end is let go."""
    begun = []

    def begin(crowd, address="192.0.2.1"):
        begun.append(asyncio.create_task(fail(crowd, address)))
        return begun[-1]

    yield begin
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


async def test_a_failure_is_slow():
    """Whoever is refused learns it a moment later."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await fail(UnauthenticatedThrottle(delay=timedelta(milliseconds=50)))
    assert loop.time() - begun >= 0.049


async def test_one_address_delays_a_bounded_number(fails):
    """Beyond it its failures are answered at once, and another address still has places."""
    crowd = UnauthenticatedThrottle(delay=FOR_EVER)
    of_one = [fails(crowd) for _ in range(DELAYED_OF_ONE_ADDRESS + 5)]
    assert await waiting(of_one) == DELAYED_OF_ONE_ADDRESS
    assert await waiting([fails(crowd, "192.0.2.2")]) == 1


async def test_all_together_delay_a_bounded_number(fails):
    """However many addresses they come from."""
    crowd = UnauthenticatedThrottle(delay=FOR_EVER)
    assert await waiting([fails(crowd, f"192.0.2.{number}") for number in range(250)]) == DELAYED_AT_ONCE


async def test_a_place_is_free_again_when_its_caller_hangs_up(fails):
    """A delayed answer that nobody waits for any more holds nothing."""
    crowd = UnauthenticatedThrottle(delay=FOR_EVER)
    first = [fails(crowd) for _ in range(DELAYED_OF_ONE_ADDRESS)]
    await waiting(first)
    first[0].cancel()
    assert await waiting([first[0], fails(crowd)]) == 1


async def test_the_lines_of_one_address_are_bounded():
    """A flood is a few lines, and the next line says how many there were besides."""
    crowd = UnauthenticatedThrottle(delay=timedelta())
    with structlog.testing.capture_logs() as lines:
        for _ in range(50):
            await fail(crowd)
        await fail(crowd, "192.0.2.2")
    assert len(lines) == LINES_OF_ONE_ADDRESS + 1
    assert lines[-1]["suppressed"] == 50 - LINES_OF_ONE_ADDRESS


async def test_the_lines_of_all_addresses_are_bounded():
    """A flood from many addresses does not fill the log either."""
    crowd = UnauthenticatedThrottle(delay=timedelta())
    with structlog.testing.capture_logs() as lines:
        for number in range(LINES + 50):
            await fail(crowd, f"198.51.100.{number}")
    assert len(lines) == LINES


async def test_who_fails_often_loses_the_connection():
    """A moment's mistake keeps it; a guesser pays for a new one each time."""
    crowd = UnauthenticatedThrottle(delay=timedelta())
    stays = [await fail(crowd) for _ in range(30)]
    assert (stays[0], stays[-1]) == (True, False)
    assert await fail(crowd, "192.0.2.2")


async def test_counts_end_with_their_turn(monkeypatch):
    """Who was loud a minute ago is heard again."""
    monkeypatch.setattr(unauthenticated, "TURN", timedelta())
    crowd = UnauthenticatedThrottle(delay=timedelta())
    assert all([await fail(crowd) for _ in range(30)])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("", "", True),
    ],
)
async def test_a_network_of_ipv6_is_one_address(fails, one, other, same):
    """Whoever has a network of addresses has one allowance; an IPv4 address is itself in either spelling."""
    crowd = UnauthenticatedThrottle(delay=FOR_EVER)
    await waiting([fails(crowd, one) for _ in range(DELAYED_OF_ONE_ADDRESS)])
    assert await waiting([fails(crowd, other)]) == (0 if same else 1)


async def test_what_is_remembered_is_bounded():
    """A flood from ever new addresses takes no more memory than this."""
    crowd = UnauthenticatedThrottle(delay=timedelta())
    for number in range(ADDRESSES + 50):
        crowd._failures[crowd._origin(f"10.0.{number // 256}.{number % 256}")] = 1
    assert len(crowd._failures) <= ADDRESSES + 1


async def test_the_next_turn_logs_again(monkeypatch):
    """Strangers who filled one turn's lines do not silence the next one's."""
    crowd = UnauthenticatedThrottle(delay=timedelta())
    with structlog.testing.capture_logs() as lines:
        for number in range(LINES + 1):
            await fail(crowd, f"198.51.100.{number}")
        later = unauthenticated.time.monotonic() + unauthenticated.TURN.total_seconds()
        monkeypatch.setattr(unauthenticated.time, "monotonic", lambda: later)
        await fail(crowd, "192.0.2.2")
    assert len(lines) == LINES + 1
    assert (lines[-1]["client"], lines[-1]["suppressed"]) == ("192.0.2.2", 1)
