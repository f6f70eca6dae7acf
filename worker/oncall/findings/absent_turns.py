"""Turns of people who are away then, or who have left: unless somebody has taken them, they are not there."""

from collections.abc import Iterator, Sequence

from worker.oncall.findings.finding import Finding, note
from worker.oncall.findings.spans import Span, common, joined
from worker.oncall.findings.survey import Survey, Walk
from worker.oncall.findings.wording import PLAN, override_command
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.layer import Layer
from worker.oncall.schedule.wall_clock import NEVER
from worker.oncall.wording import layer_told

TURN = "turn-of-absent-person"
LEFT = "person-has-left"


def find_absent_turns(survey: Survey) -> Iterator[Finding]:
    for walk in survey.walks.values():
        missed = _missed(walk)
        for absence in dict.fromkeys(walk.schedule.absences.all):
            if absence.end <= survey.start or absence.start >= survey.end:
                continue
            if absence.end >= NEVER and (still := _standing_in(walk, absence)):
                yield _left(survey, walk, absence, still)
            for layer, spans in missed.get(absence.person, {}).items():
                if turns := common(spans, [(absence.start, absence.end)]):
                    yield _turn(survey, walk, absence, layer, turns)


def _missed(walk: Walk) -> dict[str, dict[str, list[Span]]]:
    """By person and layer: when they would be on call by their turn, were they there, and are not.

    What an override gave to somebody else is not missed.
    """
    found: dict[str, dict[str, list[Span]]] = {}
    away = {absence.person for absence in walk.schedule.absences.all}
    for stretch in walk.all_there if away else ():
        for place in stretch.places:
            if place.override is None and place.person in away:
                layer = walk.schedule.layers[place.layer].name
                found.setdefault(place.person, {}).setdefault(layer, []).append((stretch.start, stretch.until))
    return {person: {layer: joined(spans) for layer, spans in layers.items()} for person, layers in found.items()}


def _standing_in(walk: Walk, absence: Absence) -> list[Layer]:
    """Those whose list, once the person has left, still names them."""
    instant = max(absence.start, walk.start)
    layers = (layer for layer in walk.schedule.layers if instant < layer.last_instant)
    return [layer for layer in layers if any(absence.person in entry for entry in layer.people_at(instant))]


def _turn(survey: Survey, walk: Walk, absence: Absence, layer: str, turns: Sequence[Span]) -> Finding:
    clock, name = walk.schedule.clock, walk.schedule.name
    because = f" ({absence.reason})" if absence.reason else ""
    gone = _gone(walk, absence) if absence.end >= NEVER else f"is away until {walk.times.at(absence.end)}"
    return note(
        TURN,
        f"layer:{name}/{layer}",
        f"{survey.name(absence.person)} {gone}{because}, and has turns of {name}, {layer_told(layer)}: "
        f"{walk.times.spans(turns)}.",
        why="The turn is given to nobody else: whoever shares it, a lower layer, or nobody is on call.",
        remedy=f"Have somebody take it: {override_command(name, clock, turns[0])}",
    )


def _gone(walk: Walk, absence: Absence) -> str:
    return f"{'has left' if absence.start <= walk.start else 'leaves'} ({walk.times.at(absence.start)})"


def _left(survey: Survey, walk: Walk, absence: Absence, layers: Sequence[Layer]) -> Finding:
    person, name = survey.name(absence.person), walk.schedule.name
    return note(
        LEFT,
        f"person:{absence.person}",
        f"{person} {_gone(walk, absence)}, and still stands in {name}, "
        f"{', '.join(layer_told(layer.name) for layer in layers)}.",
        why="Each of their turns is empty, and stays so.",
        remedy=f"Take {person} out of the list of people of the file: {PLAN}",
    )
