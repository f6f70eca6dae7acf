"""The first signal asks, a second one does what is said of it, and nothing is left behind."""

import asyncio
import os
import signal

import pytest

from worker.app.signals import end_on_next_signal, on_signals

BOTH = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture(autouse=True)
def _handled_as_before():
    before = {number: signal.getsignal(number) for number in BOTH}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Heard:
    """What was called, in order."""

    def __init__(self):
        self.calls = []
        self._more = asyncio.Event()

    def first(self):
        self._note("first")

    def second(self, number):
        self._note(number)

    def _note(self, call):
        self.calls.append(call)
        self._more.set()

    async def after(self, number):
        """Everything heard once this signal has been."""
        self._more.clear()
        os.kill(os.getpid(), number)
        await asyncio.wait_for(self._more.wait(), 20)
        return self.calls


def is_pythons_own(number):
    return signal.getsignal(number) is (signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.mark.parametrize("number", BOTH)
async def test_the_first_signal_asks_and_later_ones_are_told_apart(number):
    """Whoever has a second answer hears of each signal after the first, and which it was."""
    heard = Heard()
    with on_signals(heard.first, heard.second):
        assert await heard.after(number) == ["first"]
        assert await heard.after(signal.SIGTERM) == ["first", signal.SIGTERM]
        assert await heard.after(signal.SIGINT) == ["first", signal.SIGTERM, signal.SIGINT]


@pytest.mark.parametrize("number", BOTH)
async def test_without_a_second_answer_the_next_signal_finds_pythons_own(number):
    """A process that does not stop when asked is ended by asking again, with either signal."""
    heard = Heard()
    with on_signals(heard.first):
        assert not any(map(is_pythons_own, BOTH))
        assert await heard.after(number) == ["first"]
        assert all(map(is_pythons_own, BOTH))


@pytest.mark.parametrize("asked", [False, True])
async def test_after_the_block_signals_are_handled_as_python_does(asked):
    """Whether or not one came."""
    heard = Heard()
    with on_signals(heard.first, heard.second):
        if asked:
            await heard.after(signal.SIGTERM)
    assert all(map(is_pythons_own, BOTH))


@pytest.mark.parametrize("number", BOTH)
async def test_the_end_waits_for_no_event_loop(number):
    """It comes while the loop stands still, as in a call that hangs, and after the block in which it was asked for."""
    ended = []
    heard = Heard()
    with on_signals(lambda: (end_on_next_signal(lambda: ended.append("end")), heard.first())):
        await heard.after(signal.SIGTERM)
    os.kill(os.getpid(), number)
    assert ended == ["end"]
