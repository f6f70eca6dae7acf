"""A state machine over messages, workers and time, which shrinks what it finds to the moves that matter."""

from datetime import timedelta

import pytest
from exploration import Prescribed
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from model_fates import LEASE
from model_oracle import Violation
from model_run import Run
from rules_off import RULES_OFF
from scenarios import SCENARIOS
from virtual_time import engine_under, replaced


class Launches(RuleBasedStateMachine):
    """One incident; every move is one that the queue, the platform or the network can make."""

    def __init__(self) -> None:
        super().__init__()
        self.run = Run(SCENARIOS["two-workers"], Prescribed({}))

    @initialize(name=st.sampled_from(sorted(set(SCENARIOS) - {"one-worker"})))
    def enqueue(self, name):
        """The message is there, and the first worker has received it."""
        self.run = Run(SCENARIOS[name], Prescribed({}))
        self.under = engine_under(self.run.running)
        self.under.__enter__()
        self.run.start(0)

    @precondition(lambda self: len(self.run.workers) == 1)
    @rule()
    def deliver_twice(self):
        self.run.start(1)

    @precondition(lambda self: self.run.undecided)
    @rule(which=st.integers(0, 9), fate=st.integers(0, 20))
    def decide(self, which, fate):
        """Some request, not always the oldest, meets its fate."""
        request = self.run.undecided[which % len(self.run.undecided)]
        self.run.decide(request, request.kind.fates[fate % len(request.kind.fates)])

    @precondition(lambda self: self.run.undecided)
    @rule(steps=st.integers(1, 12))
    def go_on(self, steps):
        """For a while everything is ordinary."""
        for _ in range(steps):
            if self.run.all_settled:
                break
            self.run.step()

    @rule(which=st.integers(0, 1))
    def kill(self, which):
        self.run.kill(self.run.workers[which % len(self.run.workers)])

    @rule(which=st.integers(0, 1), seconds=st.sampled_from([1, 29, 30, 31, 134, 136, 300]))
    def pause(self, which, seconds):
        self.run.pause(self.run.workers[which % len(self.run.workers)], timedelta(seconds=seconds))

    @precondition(lambda self: not self.run.undecided)
    @rule()
    def pass_time(self):
        """To whatever comes next: a timer, a restart, a late request that lands."""
        self.run.pass_time()

    @rule()
    def expire(self):
        """Nobody gets to run until the lease has ended."""
        for worker in self.run.workers.values():
            self.run.pause(worker, LEASE)
        until = self.run.time.seconds + LEASE.total_seconds()
        while self.run.time.seconds < until and self.run.pass_time():
            pass

    @precondition(lambda self: self.run.later)
    @rule()
    def land(self):
        """Everything that is on its way arrives, and everything new becomes visible."""
        while self.run.later and not self.run.undecided:
            self.run.pass_time()

    @precondition(lambda self: self.run.all_settled)
    @rule()
    def replay(self):
        """A launched incident is replayed: nothing is written, in the world or in its rows."""
        made = list(self.run.world.made)
        self.run.deliver_again()
        while not self.run.all_settled:
            self.run.step()
        self.run.let_everything_land()
        assert self.run.world.made == made

    def teardown(self):
        if not hasattr(self, "under"):
            return
        try:
            while not self.run.all_settled:
                self.run.step()
            self.run.let_everything_land()
            self.run.check()
        finally:
            self.run.dispose()
            self.under.__exit__(None, None, None)


def test_the_machine_finds_what_a_missing_rule_leads_to():
    """Without quarantine it comes to a world in which something stands twice."""
    quarantine = next(off for off in RULES_OFF if off.rule == "quarantine")
    # It ends with the first violation; how soon that comes is another on each Python.
    unshrunk = settings(TestLaunches.settings, max_examples=1_000, phases=[Phase.generate], print_blob=False)
    with replaced(quarantine.changes), pytest.raises(Violation, match=quarantine.harm):
        run_state_machine_as_test(Launches, settings=unshrunk)


TestLaunches = Launches.TestCase
TestLaunches.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
