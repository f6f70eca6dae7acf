"""The words by which incidents are listed."""

from worker.cli.listed_state import ListedState
from worker.domain.response.state import ResponseState
from worker.domain.states import LaunchState


def test_each_state_of_launch_and_response_is_a_word_of_one_of_them():
    """So that nobody has to say which is meant."""
    assert not set(LaunchState) & set(ResponseState)
    assert set(ListedState) == {*LaunchState, *ResponseState, "running"}
