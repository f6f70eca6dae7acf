"""The entries of one decision as they are made, and how the incident stands behind each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from worker.domain.response.actor import Actor, ActorKind, Source
from worker.domain.response.entry import Entry, Onward, Say, Tell
from worker.domain.response.response import Response, newest_spans
from worker.domain.response.restriction import where_to_read
from worker.domain.response.timer import Timer, TimerKind

_JSON: TypeAdapter[Any] = TypeAdapter(Any)


class Log:
    """Belongs to one decision alone: nothing of it counts before it is stored, whole.

    `actor`, `source`, `act_id`: of the act that is decided. `now` by the broker's clock, `at` when it happened.
    """

    def __init__(
        self, response: Response, *, now: datetime, at: datetime, actor: Actor, source: Source, act_id: str = ""
    ) -> None:
        self.before = response
        self.response = response
        self.now = now
        self.at = at
        self.actor = actor
        self.source = source
        self.entries: list[Entry] = []
        self._act_id = act_id
        self._waiting: dict[str, Any] = {}

    def set(self, **fields: Any) -> None:
        """Change the state by the next entry that is made, and for whoever looks from now on."""
        changed = {name: _JSON.dump_python(value, mode="json") for name, value in fields.items()}
        if "roles" in changed:
            changed["roles"] = newest_spans(changed["roles"])
        self._waiting |= changed
        known = self.response.model_dump(mode="json")
        self.response = Response.model_validate({**known, **changed})

    def enter(
        self,
        kind: str,
        text: str,
        *,
        data: Mapping[str, Any] | None = None,
        tells: Sequence[Tell] = (),
        says: Sequence[Say] = (),
        comments: Sequence[str] = (),
        joins: Sequence[Tell] = (),
        does: Sequence[str] = (),
        onward: Sequence[Onward] = (),
        **sets: Any,
    ) -> Entry:
        """Add an entry that sets these fields of the state, and those that were set before it."""
        self.set(**sets)
        entry = Entry(
            seq=self.response.seq + 1,
            at=self.at,
            recorded_at=self.now,
            kind=kind,
            actor=self.actor,
            source=self.source,
            text=text,
            data=_JSON.dump_python(dict(data or {}), mode="json"),
            act_id=self._act_id,
            sets=self._waiting,
            tells=tuple(tells),
            says=tuple(self._say_openly(kind, say) for say in says),
            comments=tuple(self._openly(kind, comment) for comment in comments),
            joins=tuple(joins),
            does=tuple(does),
            onward=tuple(onward),
            severity=self.response.severity,
            state=self.response.state.value,
        )
        self._waiting = {}
        self.entries.append(entry)
        self.response = self.response.model_copy(update={"seq": entry.seq})
        return entry

    def _say_openly(self, kind: str, say: Say) -> Say:
        return say.model_copy(update={"text": self._openly(kind, say.text)})

    def _openly(self, kind: str, text: str) -> str:
        """Where the whole team reads: of a restricted incident that somebody did something, without their words."""
        if not self.response.restricted or self.actor.kind is ActorKind.CLOCK:
            return text
        return f"{self.actor.spoken}: {kind.replace('-', ' ')}. {where_to_read(self.response.incident_id)}"

    def set_timer(self, kind: TimerKind, due_at: datetime, *, about: str = "") -> None:
        """Let it come then, in the place of one of this kind that is awaited."""
        self._set_timer(kind, Timer(epoch=self._epoch(kind) + 1, due_at=due_at, about=about))

    def stop_timer(self, kind: TimerKind) -> None:
        timer = self.response.timers.get(kind)
        if timer is not None and timer.due_at is not None:
            self._set_timer(kind, Timer(epoch=timer.epoch + 1))

    def stop_timers(self, *, but: frozenset[TimerKind] = frozenset()) -> None:
        for kind in self.response.timers.keys() - but:
            self.stop_timer(kind)

    def _epoch(self, kind: TimerKind) -> int:
        timer = self.response.timers.get(kind)
        return timer.epoch if timer is not None else 0

    def _set_timer(self, kind: TimerKind, timer: Timer) -> None:
        self.set(timers={**self.response.timers, kind: timer})

    def write_what_is_left(self, kind: str) -> None:
        """Nothing of the state is changed without an entry: the last one takes what came behind it, else a new one."""
        if not self._waiting:
            return
        if not self.entries:
            self.enter(kind, "")
            return
        last = self.entries.pop()
        how = {"severity": self.response.severity, "state": self.response.state.value}
        self.entries.append(last.model_copy(update={**how, "sets": {**last.sets, **self._waiting}}))
        self._waiting = {}
