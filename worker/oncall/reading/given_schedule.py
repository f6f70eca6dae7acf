"""A schedule as people write it: layers, changes, overrides, absences, each with its faults named by field."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from worker.oncall.reading.fields import (
    STRICT,
    Line,
    MaybeWhen,
    MaybeWindows,
    Name,
    OneEntry,
    People,
    PersonName,
    Text,
    Turn,
    When,
    Zone,
)
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.layer import Change, Layer
from worker.oncall.schedule.overrides import Kind, Override
from worker.oncall.schedule.wall_clock import NEVER, ZoneClock

_DEEPEST = 20
_Layers = Annotated[list["GivenLayer"], Field(max_length=50)]
_Overrides = Annotated[list["GivenOverride"], Field(max_length=10_000)]


class GivenChange(BaseModel):
    """Another list of people from then on."""

    model_config = STRICT

    begins: When = Field(alias="from")
    people: People
    first: OneEntry = ()

    @model_validator(mode="after")
    def _first_is_in_the_list(self) -> Self:
        if self.first and frozenset(self.first) not in map(frozenset, self.people):
            raise ValueError(f"first: {' + '.join(self.first)} is not in the list of people")
        return self

    def change(self) -> Change:
        return Change(self.begins, self.people, self.first or None)


class GivenLayer(BaseModel):
    """One rotation; without a name it has its place in the list as one."""

    model_config = STRICT

    name: Name | None = None
    priority: int = Field(default=0, ge=-1000, le=1000)
    time_zone: Zone | None = None
    starts: MaybeWhen = None
    ends: MaybeWhen = None
    every: Turn = None
    people: People
    depth: int = Field(default=1, ge=1, le=_DEEPEST)
    windows: MaybeWindows = None
    changes: Annotated[list[GivenChange], Field(max_length=2000)] = []

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.every and self.starts is None:
            raise ValueError("starts is missing: from when on the turns are counted")
        if self.every and self.every.unit == "window":
            if self.windows is None:
                raise ValueError(f"every: {self.every} counts windows, and the layer has none")
            if self.windows.overlap:
                raise ValueError(f"windows: they overlap, so {self.every} says not which one counts")
        return self

    def layer(self, place: int, clock: ZoneClock) -> Layer:
        """`place` is its place in the list, from 0; `clock` the schedule's."""
        return Layer(
            name=self.name or f"layer {place + 1}",
            clock=self.time_zone or clock,
            people=self.people,
            starts=self.starts,
            ends=self.ends,
            every=self.every,
            depth=self.depth,
            priority=self.priority,
            windows=self.windows,
            changes=tuple(change.change() for change in self.changes),
            has_own_zone=self.time_zone is not None,
        )


class GivenHalf(BaseModel):
    """One half of a swap: the shift that a person gives to the other."""

    model_config = STRICT

    person: PersonName
    start: When = Field(alias="from")
    end: When = Field(alias="to")


class GivenOverride(BaseModel):
    """A cover, a replacement (`replaces`), an addition (`add`), or a `swap` of two."""

    model_config = STRICT

    person: PersonName | None = None
    start: MaybeWhen = Field(default=None, alias="from")
    end: MaybeWhen = Field(default=None, alias="to")
    replaces: PersonName | None = None
    add: bool = False
    swap: Annotated[list[GivenHalf], Field(min_length=2, max_length=2)] | None = None
    reason: Line = ""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.swap is not None:
            if self.person or self.start or self.end or self.replaces or self.add:
                raise ValueError("swap: nothing else stands beside it but a reason")
            if self.swap[0].person == self.swap[1].person:
                raise ValueError("swap: it takes two people")
            for half in self.swap:
                _check_order(half.start, half.end)
            return self
        missing = [
            name for name, value in (("person", self.person), ("from", self.start), ("to", self.end)) if not value
        ]
        if missing:
            raise ValueError(f"{' and '.join(missing)} is missing")
        if self.add and self.replaces:
            raise ValueError("add: whoever replaces somebody is not added")
        if self.start and self.end:
            _check_order(self.start, self.end)
        return self

    def overrides(self, name: str) -> list[Override]:
        """One, or the two halves of a swap, which share `name`."""
        if self.swap is not None:
            first, second = self.swap
            return [
                Override(Kind.REPLACE, mine.person, its.start, its.end, its.person, swap=name, reason=self.reason)
                for mine, its in ((second, first), (first, second))
            ]
        assert self.person is not None  # noqa: S101 (the model's own check)
        assert self.start is not None  # noqa: S101
        assert self.end is not None  # noqa: S101
        kind = Kind.ADD if self.add else Kind.REPLACE if self.replaces else Kind.COVER
        return [Override(kind, self.person, self.start, self.end, self.replaces or "", reason=self.reason)]


class GivenAbsence(BaseModel):
    """Without an end the person has left."""

    model_config = STRICT

    person: PersonName
    start: When = Field(alias="from")
    end: MaybeWhen = Field(default=None, alias="to")
    reason: Line = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end:
            _check_order(self.start, self.end)
        return self

    def absence(self, clock: ZoneClock) -> Absence:
        """Times without an offset are that clock's."""
        end = self.end.instant(clock) if self.end else NEVER
        return Absence(self.person, self.start.instant(clock), end, self.reason)


class GivenSchedule(BaseModel):
    """Who is on call over time, for one purpose."""

    model_config = STRICT

    time_zone: Zone
    description: Text = ""
    layers: _Layers = []
    overrides: _Overrides = []
    absences: Annotated[list[GivenAbsence], Field(max_length=10_000)] = []

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [layer.name or f"layer {place + 1}" for place, layer in enumerate(self.layers)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"layers: {', '.join(twice)} stands there twice; each needs a name of its own")
        return self


def _check_order(start: When, end: When) -> None:
    """Of the same kind; what is written in two ways is compared where the zone is known."""
    if start.is_instant == end.is_instant and end.minute <= start.minute:
        raise ValueError("to: it ends before it begins")
