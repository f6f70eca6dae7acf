"""The lazy heap against a model that sorts."""

from hypothesis import given
from hypothesis import strategies as st

from worker.sandbox.service_bus.lazy_heap import SLACK, LazyHeap

KEYS = st.integers(0, 9)
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers(0, 20)),
        st.tuples(st.just("discard"), KEYS, st.just(0)),
        st.tuples(st.just("pop"), st.just(0), st.integers(0, 20)),
    ),
    max_size=400,
)


@given(OPERATIONS)
def test_a_lazy_heap_behaves_like_a_sorted_dictionary(operations):
    """Whatever is set, moved, removed and taken, the first is the smallest, and nothing stale comes back."""
    heap, model = LazyHeap[int, int](), {}
    for operation, key, priority in operations:
        if operation == "set":
            heap.set(key, priority)
            model[key] = priority
        elif operation == "discard":
            heap.discard(key)
            model.pop(key, None)
        else:
            due = sorted((each, key) for key, each in model.items() if each <= priority)
            assert heap.pop_until(priority) == [key for _, key in due]
            model = {key: each for key, each in model.items() if each > priority}
        assert heap.first() == min(((each, key) for key, each in model.items()), default=None)
        assert len(heap) == len(model)


def test_a_key_that_moves_for_ever_does_not_fill_the_memory():
    """What was left behind is swept out, though nothing is ever taken."""
    heap = LazyHeap[int, int]()
    for priority in range(10_000):
        heap.set(1, -priority)
    assert len(heap._heap) <= 2 + SLACK
    assert heap.first() == (-9_999, 1)
