"""What a change of the schedules moves for each person, in sentences for them."""

from collections.abc import Iterator
from dataclasses import replace

from worker.oncall.definitions import Definitions
from worker.oncall.notices.message import ShiftMessage, recipient_of
from worker.oncall.notices.notice import NoticeKind
from worker.oncall.planning.moves import Move, whose_shifts_move
from worker.oncall.schedule.wall_clock import Minute, instant_at

_SENTENCES = 10


def moved(before: Definitions, after: Definitions, now: Minute, *, by: str) -> Iterator[tuple[str, ShiftMessage]]:
    """Each person from whom a shift is taken, or to whom one is given, in the next eight weeks; but not who did it.

    `by` is their key or address, or empty.
    """
    known = replace(after, people={**before.people, **after.people})
    schedules = {**before.schedules, **after.schedules}
    theirs: dict[str, list[Move]] = {}
    for move in whose_shifts_move(before, after, now):
        for person in (*move.lost, *move.gained):
            theirs.setdefault(person, []).append(move)
    for person, moves in theirs.items():
        told = recipient_of(known, person, schedules[moves[0].schedule])
        if by and by.casefold() in {person.casefold(), told.address.casefold()}:
            continue
        sentences = [sentence for move in moves for sentence in move.sentences if told.name in sentence]
        more = [f"And {len(sentences) - _SENTENCES} more"] if len(sentences) > _SENTENCES else []
        yield (
            person,
            ShiftMessage(
                kind=NoticeKind.MOVED,
                schedule=", ".join(dict.fromkeys(move.schedule for move in moves)),
                instant=instant_at(now),
                recipients=(told,),
                moves=tuple(f"{sentence}." for sentence in (*sentences[:_SENTENCES], *more)),
                by=by,
            ),
        )
