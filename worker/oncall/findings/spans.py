"""Spans of time, half-open, as pairs of minutes: in order and apart from each other."""

from collections.abc import Iterable, Sequence

from worker.oncall.schedule.wall_clock import Minute

Span = tuple[Minute, Minute]


def joined(spans: Iterable[Span]) -> list[Span]:
    """Those that touch or overlap are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def common(first: Sequence[Span], second: Sequence[Span]) -> list[Span]:
    """What lies in both."""
    found: list[Span] = []
    here = there = 0
    while here < len(first) and there < len(second):
        start, end = max(first[here][0], second[there][0]), min(first[here][1], second[there][1])
        if start < end:
            found.append((start, end))
        if first[here][1] < second[there][1]:
            here += 1
        else:
            there += 1
    return found


def length(spans: Iterable[Span]) -> int:
    """In minutes."""
    return sum(end - start for start, end in spans)


def without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What of the spans lies in none of the others."""
    found: list[Span] = []
    for begins, end in spans:
        start = begins
        for taken, free in others:
            if taken < end and free > start:
                if taken > start:
                    found.append((start, taken))
                start = free
        if start < end:
            found.append((start, end))
    return found
