"""The cells: what is killed, spoilt and paused at which moment; all of them, and the part that every test run walks."""

from collections.abc import Iterator, Sequence

import pytest
from chaos_cells import Cell
from chaos_moments import BEGUN, DONE, FINDS, READS, WRITES
from chaos_scenes import BY_EVERY_WAY, LONG_IN_TROUBLE, SCENES, WITHOUT_CHANNEL_AT_FIRST, WITHOUT_PEOPLE_AT_FIRST, Scene
from chaos_troubles import COPY, SETTLEMENT, Disposition, Fault, Kill, Pause, Phase

Moment = tuple[Phase, Disposition]

_STORE_MOMENTS: tuple[Moment, ...] = (
    ("before", "dropped"),
    ("before", "let through"),
    ("after", "let through"),
    ("answered", "let through"),
)
_REMOTE_MOMENTS: tuple[Moment, ...] = (*_STORE_MOMENTS[:2], ("before", "late"), *_STORE_MOMENTS[2:])
_READ_MOMENTS: tuple[Moment, ...] = (("before", "dropped"), ("answered", "let through"))
_HELD: tuple[Moment, ...] = (*_STORE_MOMENTS[:2], ("after", "let through"))

_TRANSACTIONS = (
    *(f"begun {step}" for step in BEGUN),
    *(f"done {step}" for step in DONE),
    "list among newest",
    "close launched",
)
# A second worker dies while it looks after what the first one left.
_RECOVERIES = (
    ("create-work-item", "take over"),
    ("create-work-item", "read rows"),
    ("create-work-item", "find create-work-item"),
    ("create-channel", "find create-channel"),
    ("announce", "find announce"),
    ("assign:owner", "read work item"),
    ("assign:bruno", "read work item"),
    ("link-channel", "read work item"),
    ("link-channel", "close launched"),
)
_TWICE = ("create-work-item", "announce", "assign:bruno")

_OF_THE_CHANNEL = ("channel", "link to the channel", "history line", "announcement")
_SAID_ELSEWHERE = ("announcement elsewhere", "webhook call: trouble")
_REQUESTS = [(scene, write) for scene in SCENES for write in scene.writes]
# The last attempt's change of a report is not tried again: there is none after it.
_SPOILT_REQUESTS = [(scene, write) for scene, write in _REQUESTS if write not in {"report-given-up", "report-over"}]

# Where each write is looked for.
_FOUND_BY = {
    "create-work-item": "find create-work-item",
    "create-channel": "find create-channel",
    "assign:owner": "read work item",
    "assign:bruno": "read work item",
    "assign:dario": "read work item",
    "link-channel": "read work item",
    "announce": "find announce",
}
_FAULTS_OF_ALL = (
    "time-out before applying",
    "time-out after applying",
    "reset before applying",
    "reset after applying",
    "429 with Retry-After",
    "500 after applying",
    "502 after applying",
    "408 after applying",
)
_NO_ID = "202 without an id"
_FAULTS_OF_SCENES = (*_FAULTS_OF_ALL, "503 before applying")
_DELEGATED = (("TOCSIN_POSTING", "delegated"),)
# A call may take longer than the lease lives, and its answer does.
_PATIENT = (("TOCSIN_CALL_TIMEOUT_SECONDS", "6"),)

# Refusals that have been seen with the effect there all the same; chaos_contracts names those that are trusted.
_REFUSED_THOUGH_APPLIED = (
    Cell((Fault("announce", "400 after applying"),), settings=_DELEGATED),
    *(Cell((Fault(write, "409 after applying"),)) for write in ("create-channel", "announce")),
    WITHOUT_CHANNEL_AT_FIRST.cell(Fault("announce-elsewhere", "409 after applying")),
)
# Taken, and no id told: it is there once all the same, and what comes later is put into it.
_TAKEN_WITHOUT_ID = (
    Cell((Fault("announce", _NO_ID),)),
    WITHOUT_CHANNEL_AT_FIRST.cell(Fault("announce-elsewhere", _NO_ID)),
    WITHOUT_PEOPLE_AT_FIRST.cell(Fault("mention:amara", _NO_ID)),
    BY_EVERY_WAY.cell(Fault("page:amara-chat", _NO_ID)),
    LONG_IN_TROUBLE.cell(Fault("report-trouble", _NO_ID)),
)
# Three tries of one attempt lose their answers, and those of the next are refused: it is still the same SMS.
_REPEATED_AFTER_A_REFUSAL = (
    BY_EVERY_WAY.cell(
        Fault("page:amara-sms", "reset after applying", times=3),
        Fault("page:amara-sms", "429 with Retry-After", times=3),
    ),
)


def kills() -> list[Cell]:
    return [
        *_killed_at(_TRANSACTIONS, _STORE_MOMENTS),
        *_killed_at(WRITES, _REMOTE_MOMENTS),
        *_killed_at(READS, _READ_MOMENTS),
        *_killed_at((SETTLEMENT,), _STORE_MOMENTS),
        *_killed_at_dead_lettering(),
        *_killed_at_scheduling(),
        *_killed_in_recovery(),
        *(cell for scene in SCENES for cell in _killed_in_scene(scene)),
    ]


def kills_each_time() -> list[Cell]:
    """Each checkpoint and each request meets one kind of moment, each kind of moment many; the settlement meets all.

    In the scenes so does each request, and every sixth checkpoint.
    """
    return [
        *_diagonal(_TRANSACTIONS, _STORE_MOMENTS),
        *_diagonal(WRITES, _REMOTE_MOMENTS),
        *_diagonal(READS, _READ_MOMENTS),
        *_killed_at((SETTLEMENT,), _STORE_MOMENTS),
        *list(_killed_at_dead_lettering())[:2],
        *list(_killed_in_recovery())[::5],
        *_killed_in_each_scene(),
    ]


def faults() -> list[Cell]:
    return [
        *_spoilt(WRITES, _FAULTS_OF_ALL, ()),
        *_spoilt(("announce",), _FAULTS_OF_ALL, _DELEGATED),
        *_spoilt(WRITES, ("an answer later than the lease",), _PATIENT),
        *_REFUSED_THOUGH_APPLIED,
        *_TAKEN_WITHOUT_ID,
        *_REPEATED_AFTER_A_REFUSAL,
        *_looked_for_in_vain(),
        *_spoilt_reads(),
        *_spoilt_store(),
        *_spoilt_scenes(),
    ]


def faults_each_time() -> list[Cell]:
    """Strides that share no factor with the rows: each call and each fault comes, with one worker or with two."""
    return [
        *list(_spoilt(WRITES, _FAULTS_OF_ALL, ()))[::7],
        *list(_spoilt(WRITES, ("an answer later than the lease",), _PATIENT))[::5],
        *_REFUSED_THOUGH_APPLIED,
        *_TAKEN_WITHOUT_ID,
        *_REPEATED_AFTER_A_REFUSAL,
        *list(_looked_for_in_vain())[::5],
        *list(_spoilt_reads())[::5],
        *list(_spoilt_store())[::7],
        *_spoilt_in_each_scene(),
    ]


def pauses() -> list[Cell]:
    places = [(name, _HELD[-1]) for name in _TRANSACTIONS] + [(write, each) for write in WRITES for each in _HELD]
    usual = [Cell((Pause(at, *moment),)) for at, moment in places]
    return usual + [scene.cell(Pause(at, *each)) for scene in SCENES for at in scene.writes for each in _HELD]


def pauses_each_time() -> list[Cell]:
    places = [(name, _HELD[-1]) for name in _TRANSACTIONS[::3]]
    places += [(write, _HELD[number % len(_HELD)]) for number, write in enumerate(WRITES)]
    usual = [Cell((Pause(at, *moment),)) for at, moment in places]
    in_scenes = [scene.cell(Pause(at, *_HELD[number % 3])) for number, (scene, at) in enumerate(_REQUESTS[::4])]
    return usual + in_scenes


def _diagonal(places: Sequence[str], moments: Sequence[Moment]) -> Iterator[Cell]:
    for number, place in enumerate(places):
        yield Cell((Kill(place, *moments[number % len(moments)]),))


def _killed_at(places: Sequence[str], moments: Sequence[Moment]) -> Iterator[Cell]:
    for place in places:
        for moment in moments:
            yield Cell((Kill(place, *moment),))


def _killed_in_scene(scene: Scene) -> Iterator[Cell]:
    for places, moments in ((scene.transactions, _STORE_MOMENTS), (scene.writes, _REMOTE_MOMENTS)):
        for place in places:
            for moment in moments:
                yield scene.cell(Kill(place, *moment))


def _killed_in_each_scene() -> Iterator[Cell]:
    checkpoints = [(scene, place) for scene in SCENES for place in scene.transactions][::6]
    for places, moments in ((checkpoints, _STORE_MOMENTS), (_REQUESTS, _REMOTE_MOMENTS)):
        for number, (scene, place) in enumerate(places):
            yield scene.cell(Kill(place, *moments[number % len(moments)]))


def _killed_at_dead_lettering() -> Iterator[Cell]:
    """A launch without its channel is given up; where the broker never heard of it, the next attempt succeeds."""
    yield Cell(
        (Fault("create-channel", "403 before applying"), Kill(SETTLEMENT, "before", "dropped")),
        besides=(*_SAID_ELSEWHERE, "trouble report: over"),
    )
    refused = Fault("create-channel", "403 before applying", lasts=True)
    for moment in _STORE_MOMENTS[1:]:
        yield Cell(
            (refused, Kill(SETTLEMENT, *moment)),
            dead_letters=("Forbidden:create-channel",),
            without=_OF_THE_CHANNEL,
            besides=(*_SAID_ELSEWHERE, "trouble report: given-up"),
        )


def _killed_at_scheduling() -> Iterator[Cell]:
    """The message goes back for longer than a slot waits: a scheduled copy is sent, then the original completed."""
    put_off = Fault("create-work-item", "429 with a long Retry-After")
    for moment in _STORE_MOMENTS:
        yield Cell((put_off, Kill(COPY, *moment)), limit=240.0)


def _killed_in_recovery() -> Iterator[Cell]:
    for first, then in _RECOVERIES:
        for moment in _STORE_MOMENTS:
            yield Cell((Kill(first, "after"), Kill(then, *moment)))
    for write in _TWICE:
        yield Cell((Kill(write, "before", "dropped"), Kill(write, "after")))
        yield Cell((Kill(write, "before", "dropped"), Kill(write, "before", "late")))


def _spoilt(places: Sequence[str], hows: Sequence[str], settings: tuple[tuple[str, str], ...]) -> Iterator[Cell]:
    for place in places:
        for how in hows:
            for workers in (1, 2):
                yield Cell((Fault(place, how),), workers=workers, settings=settings)


def _looked_for_in_vain() -> Iterator[Cell]:
    """The effect is there, its answer was lost, and the look-up does not show it yet, or fails."""
    for write, found_by in _FOUND_BY.items():
        for workers in (1, 2):
            lost = Fault(write, "reset after applying")
            yield Cell((lost,), workers=workers, lagging=True)
            yield Cell((lost, Fault(found_by, "503 before applying", times=4)), workers=workers)
            yield Cell((lost, Fault(found_by, "time-out before applying")), workers=workers)


def _spoilt_reads() -> Iterator[Cell]:
    for read in READS:
        for how in ("time-out before applying", "reset before applying", "429 with Retry-After", "503 before applying"):
            yield Cell((Fault(read, how),))


def _spoilt_scenes() -> Iterator[Cell]:
    for scene, write in _SPOILT_REQUESTS:
        for how in _FAULTS_OF_SCENES:
            for workers in (1, 2):
                yield scene.cell(Fault(write, how), workers=workers)


def _spoilt_in_each_scene() -> Iterator[Cell]:
    """Every second request meets one of what loses its answer, by turns with one worker and with two."""
    losing = ("time-out after applying", "reset after applying", "503 before applying", "500 after applying")
    for number, (scene, write) in enumerate(_SPOILT_REQUESTS[1::2]):
        yield scene.cell(Fault(write, losing[number % len(losing)]), workers=1 + number % 2)


def _spoilt_store() -> Iterator[Cell]:
    hows = ("reset before applying", "reset after applying", "503 before applying", "500 after applying")
    for transaction in ("open", "begun announce", "done create-work-item", "list among newest", "close launched"):
        for how in hows:
            for workers in (1, 2):
                yield Cell((Fault(transaction, how),), workers=workers)
    for how in hows:
        yield Cell((Kill("create-work-item", "after"), Fault("take over", how)))


assert set(_FOUND_BY.values()) <= {*FINDS, *READS}


def parameters(cells: Sequence[Cell], each_time: Sequence[Cell]) -> list:
    """As pytest takes them: what is not run each time is marked."""
    chosen = set(each_time)
    assert chosen <= set(cells), "The part must come of the whole."
    marks = {True: (), False: (pytest.mark.soak,)}
    return [pytest.param(cell, id=str(cell), marks=marks[cell in chosen]) for cell in dict.fromkeys(cells)]
