"""One breaker for each remote system, shared by all of its clients."""

from datetime import timedelta

import pytest

from worker.clients.breakers import Breakers
from worker.clients.system import System
from worker.domain.errors import Unreachable
from worker.resilience.circuit_breaker import State

MAIL, PAGER = System("mail", "the mail server"), System("pager", "the pager")


def fail(breaker):
    with pytest.raises(Unreachable) as caught, breaker.guard():
        raise Unreachable("Nobody answered.")
    return caught.value


def test_what_one_client_learns_of_a_system_holds_for_the_others():
    """Whoever asks for a system's breaker gets the same one, and another system has another."""
    breakers = Breakers()
    while breakers.of(MAIL).state is State.CLOSED:
        fail(breakers.of(MAIL))
    assert breakers.of(MAIL).state is State.OPEN
    assert breakers.of(PAGER).state is State.CLOSED


def test_a_breaker_bears_the_names_and_the_pause():
    """Metrics get the system's name, the sentence what people call it, and the probe comes as often as was set."""
    breaker = Breakers(timedelta(seconds=7)).of(MAIL)
    while breaker.state is State.CLOSED:
        fail(breaker)
    assert breaker.system == "mail"
    assert "the mail server is tried again every 7 s" in str(fail(breaker))
