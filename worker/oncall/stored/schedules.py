"""The rows of one schedule's partition: itself, its layers, their lists of people, its overrides and absences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from worker.domain.text import quoted
from worker.domain.validation import faults
from worker.oncall.cells import read_order
from worker.oncall.reading.build import Spelling, schedule, spelt_override
from worker.oncall.reading.given_schedule import (
    GivenAbsence,
    GivenChange,
    GivenLayer,
    GivenOverride,
    GivenSchedule,
)
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.stored.columns import Findings, json_or_text, read
from worker.oncall.stored.row import StoredRow
from worker.oncall.stored.things import read_absence

FIRST_LIST = "0000"
_LAYER = ("priority", "time_zone", "starts", "ends", "every", "depth", "windows")
_OVERRIDE = ("person", "replaces", "from", "to", "reason")
_KINDS = {"cover": Kind.COVER, "replace": Kind.REPLACE, "swap": Kind.REPLACE, "add": Kind.ADD}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Sorted:
    """A partition's rows by what they are; people and changes by their layer."""

    itself: StoredRow | None = None
    layers: dict[str, StoredRow] = field(default_factory=dict)
    people: dict[str, StoredRow] = field(default_factory=dict)
    changes: dict[str, list[StoredRow]] = field(default_factory=dict)
    overrides: list[StoredRow] = field(default_factory=list)
    absences: list[StoredRow] = field(default_factory=list)


def read_schedule(
    name: str, rows: Iterable[StoredRow], spelling: Spelling, absences: tuple[Absence, ...], found: Findings
) -> Schedule | None:
    """`absences` are those of all schedules. None where the row `schedule` is missing, or names no zone."""
    its = _sorted(rows, found)
    if its.itself is None:
        some = next(iter([*its.layers.values(), *its.people.values(), *its.overrides, *its.absences]), None)
        if some:
            found.of(some, f"the schedule {name!r} has no row `schedule` with its time_zone, so nobody is named by it")
        return None
    own = [away for row in its.absences if (away := read_absence(row, _rest(row.key), found))]
    given = _given(its, its.itself, own, found)
    if given is None:
        return None
    made = schedule(name, given, spelling, absences)
    overrides = tuple(spelt_override(each, spelling) for each in _overrides(its.overrides, found))
    changed_by = its.itself.named("changed_by").get("changed_by", "")
    return replace(made, overrides=overrides, version=its.itself.version, changed_by=changed_by)


def _sorted(rows: Iterable[StoredRow], found: Findings) -> _Sorted:
    its = _Sorted()
    for row in rows:
        kind, _, rest = row.key.partition(":")
        layer, _, since = rest.partition(":")
        match kind.casefold():
            case "schedule" if not rest:
                its.itself = row
            case "layer" if rest:
                its.layers[rest] = row
            case "people" if since == FIRST_LIST:
                its.people[layer] = row
            case "people" if since:
                its.changes.setdefault(layer, []).append(row)
            case "override" if rest:
                its.overrides.append(row)
            case "absence" if rest:
                its.absences.append(row)
            case _:
                found.of(row, "is no row of a schedule; their keys are schedule, layer:…, people:…, override:…")
    return its


def _given(its: _Sorted, row: StoredRow, absences: Sequence[GivenAbsence], found: Findings) -> GivenSchedule | None:
    in_order = sorted(its.layers.items(), key=lambda item: (read_order(item[1].named("place").get("place", "")), item))
    layers = [layer for name, each in in_order if (layer := _layer(name, each, its, found))]
    for name in its.people.keys() | its.changes.keys():
        if name not in its.layers:
            orphan = its.people.get(name) or its.changes[name][0]
            found.of(orphan, f"there is no row layer:{quoted(name)} beside it")
    given = {**row.named("time_zone", "description"), "layers": layers, "absences": list(absences)}
    return read(GivenSchedule, row, given, found, needed=["time_zone", "layers", "absences"])


def _layer(name: str, row: StoredRow, its: _Sorted, found: Findings) -> GivenLayer | None:
    given: dict[str, Any] = dict(row.named(*_LAYER))
    given |= {"name": name, "people": _first_list(row, its.people.get(name), found)}
    given["changes"] = [change for each in its.changes.get(name, ()) if (change := _change(each, found))]
    return read(GivenLayer, row, given, found, needed=GivenLayer.model_fields)


def _first_list(layer: StoredRow, row: StoredRow | None, found: Findings) -> Any:
    """Nobody where it cannot be read: the lists of later changes count all the same."""
    if row is None:
        found.of(
            layer, f"there is no row people:{quoted(_rest(layer.key))}:{FIRST_LIST} beside it, so it begins with nobody"
        )
        return []
    try:
        return GivenLayer(people=_people(row)).people
    except ValidationError as error:
        found.of(row, faults(error))
    except ValueError as error:
        found.of(row, f"people: {error}")
    return []


def _people(row: StoredRow) -> Any:
    """A blank list is a list of nobody, a list that is not there is none. Raises ValueError."""
    if not row.holds("people"):
        raise ValueError("is required")
    return json_or_text(row.named("people").get("people", ""))


def _change(row: StoredRow, found: Findings) -> GivenChange | None:
    """The key says from when on where the column does not."""
    _, _, since = _rest(row.key).partition(":")
    try:
        columns: dict[str, Any] = {"from": since, **row.named("from", "first"), "people": _people(row)}
        if "first" in columns:
            columns["first"] = json_or_text(columns["first"])
    except ValueError as error:
        found.of(row, f"people: {error}")
        return None
    return read(GivenChange, row, columns, found, needed=["from", "people", "first"])


def _overrides(rows: Iterable[StoredRow], found: Findings) -> list[Override]:
    """In the order of their creation, as far as it is known; else when the store took them."""
    dated = sorted(rows, key=lambda row: (_created(row), row.key))
    return [override for row in dated if (override := _override(row, found))]


def _created(row: StoredRow) -> datetime:
    return _instant(row.named("created_at").get("created_at", "")) or _instant(row.written) or _LONG_AGO


def _instant(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _override(row: StoredRow, found: Findings) -> Override | None:
    columns = row.named("kind", "swap", "created_by", "created_at")
    start, _, _ = _rest(row.key).rpartition(":")
    given: dict[str, Any] = {"from": start, **row.named(*_OVERRIDE)}
    written = columns.get("kind", "replace" if "replaces" in given else "cover").strip().casefold()
    kind = _KINDS.get(written)
    if kind is None:
        found.of(row, "kind: must be cover, replace or add")
        return None
    if (kind is Kind.REPLACE) != ("replaces" in given):
        found.of(row, f"replaces: {'is required of' if kind is Kind.REPLACE else 'must be blank with'} kind {written}")
        return None
    given["add"] = kind is Kind.ADD
    model = read(GivenOverride, row, given, found, needed=["person", "replaces", "from", "to", "add"])
    if model is None:
        return None
    (made,) = model.overrides("")
    return replace(
        made,
        swap=columns.get("swap", ""),
        created_by=columns.get("created_by", ""),
        created_at=columns.get("created_at", "") or row.written,
        key=row.key,
    )


def _rest(key: str) -> str:
    """Behind the word that says what the row is."""
    return key.partition(":")[2]
