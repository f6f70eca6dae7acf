"""Payloads that are nearly right: any one value replaced by any other."""

import copy

from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)


def paths(payload, *, before=()):
    """The way to every value within."""
    named = payload.items() if isinstance(payload, dict) else enumerate(payload) if isinstance(payload, list) else ()
    for name, value in named:
        yield (*before, name)
        yield from paths(value, before=(*before, name))


def altered(payload, *path, value):
    changed = copy.deepcopy(payload)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


@st.composite
def mutations(draw, payloads):
    """One of the payloads, one value of it replaced, and the way to that value."""
    payload = draw(st.sampled_from(payloads))
    path = draw(st.sampled_from(list(paths(payload))))
    return altered(payload, *path, value=draw(JSON)), path
