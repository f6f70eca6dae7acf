"""Acts as people and programs read them."""

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from worker.domain.text import clean_line
from worker.oncall.acts.act import Act
from worker.oncall.acts.leaving import opened_gaps
from worker.oncall.acts.made import Made
from worker.oncall.acts.words import UNDO
from worker.oncall.gaps import Gap
from worker.oncall.planning.moves import Move
from worker.oncall.planning.words import span_words
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import NEVER
from worker.oncall.why import Naming
from worker.oncall.written_answer import written
from worker.oncall.written_shifts import absence_document, closing_command, gaps_document


def act_lines(act: Act, name: Naming) -> Iterator[str]:
    """What is done, whose shifts that moves, and the gaps it opens."""
    yield clean_line(act.sentence)
    yield from move_lines(act.moves)
    for gap in opened_gaps(act, name):
        span = span_words(gap.start, gap.end, gap.schedule.clock)
        told = f"nobody is on call for {gap.schedule.name}, {span}: {'; '.join(gap.reasons)}"
        yield f"  {clean_line(told)}"
        yield f"    to close it: {clean_line(closing_command(gap))}"


def move_lines(moves: Iterable[Move]) -> Iterator[str]:
    return (f"  {clean_line(sentence)}" for move in moves for sentence in move.sentences)


def act_document(act: Act, name: Naming) -> dict[str, Any]:
    schedule = act.after.schedules.get(act.schedule)
    return {
        "what": act.sentence,
        "from": written(act.start),
        "to": written(act.end),
        "schedule": act.schedule or None,
        "overrides": [_override(each, schedule) for each in act.overrides] if schedule else [],
        "absence": _absence(act.absence),
        "moves": moves_document(act.moves),
        "gaps": _gaps(list(opened_gaps(act, name))),
        "notes": list(act.notes),
    }


def moves_document(moves: Iterable[Move]) -> list[dict[str, Any]]:
    """`before` and `after` are all who are on call then, primary first."""
    return [
        {
            "schedule": move.schedule,
            "from": written(move.start),
            "to": written(move.end),
            "before": list(move.before),
            "after": list(move.after),
            "sentences": list(move.sentences),
        }
        for move in moves
    ]


def made_line(made: Made) -> str:
    by = f", by {made.by}" if made.by else ""
    reason = f" ({made.reason})" if made.reason else ""
    return clean_line(f"{shlex.quote(made.id)}: {made.sentence}{by}{reason}")


def made_document(made: Made) -> dict[str, Any]:
    return {
        "id": made.id,
        "kind": made.kind,
        "schedule": made.schedule or None,
        "what": made.sentence,
        "from": written(made.start),
        "to": written(made.end) if made.end < NEVER else None,
        "by": made.by or None,
        "reason": made.reason,
        "undo": shlex.join(made.id if word == "{id}" else word for word in UNDO),
    }


def undo_command(act: Act, row: str) -> str | None:
    """As it can be typed; `row` is the id of what was made."""
    return shlex.join(row if word == "{id}" else word for word in act.undo) or None


def _override(override: Override, schedule: Schedule) -> dict[str, Any]:
    return {
        "kind": override.kind.value,
        "person": override.person,
        "replaces": override.replaces or None,
        "from": written(override.start.instant(schedule.clock)),
        "to": written(override.end.instant(schedule.clock)),
        "reason": override.reason,
    }


def _absence(absence: Absence | None) -> dict[str, Any] | None:
    document = absence_document(absence)
    return {"person": absence.person, **document} if absence and document else None


def _gaps(found: list[Gap]) -> list[dict[str, Any]]:
    gaps: list[dict[str, Any]] = gaps_document(found, 0, 0)["gaps"]
    return gaps
