"""What a step is, how it reads the results of others, and the check that a playbook fits together."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from worker.domain.errors import Misconfigured
from worker.domain.incident import Incident
from worker.engine.pages import Pages

Result = TypeVar("Result", bound=BaseModel)


class Entry(Generic[Result]):
    """One line of the playbook: a Step, or a Fan of many parts.

    `name` is stored; renaming it makes incidents in flight take the step again. `needs` are the entries whose results
    it reads. `wants` are those it waits for and can do without: one that failed, or is not in the playbook since its
    system is not configured. `patience`: how long it waits for what it wants, counted from when everything it needs is
    there; None is for as long as that may still come. `contingent`: most incidents have nothing for it to do, so it is
    shown once it has begun. `result` is the frozen model its checkpoint holds.
    """

    name: str
    needs: ClassVar[tuple["type[Entry[Any]]", ...]] = ()
    wants: ClassVar[tuple["type[Entry[Any]]", ...]] = ()
    contingent: ClassVar[bool] = False
    patience: timedelta | None = None
    result: type[Result]

    def describe(self, result: Result) -> str:
        """What it made, in a few words for people; where it can be looked at is the result's `url`, if it has one."""
        return _name_of(result)

    def has_enough(self, done: "Done") -> bool:
        """Whether it waits no longer for whatever else it wants; looked at whenever a step is done."""
        del done
        return False

    def without_effect(self, incident: Incident, done: "Done") -> Result | None:
        """What it comes to where there is nothing to do; then nothing is begun and nothing stored. None: there is."""
        del incident, done
        return None


class Done(Mapping[type[Entry[Any]], Any]):
    """The results so far, read by the class of the step that made them: `done[CreateWorkItem]` is a WorkItem.

    A step that is being taken sees what others come to meanwhile. `may_come` tells whether a step that is not done may
    yet be, in this attempt; `pages` who was told, by steps whose other parts may still be on their way.
    """

    def __init__(
        self,
        results: Mapping[type[Entry[Any]], BaseModel] | None = None,
        pages: Pages | None = None,
        may_come: Callable[[type[Entry[Any]]], bool] = lambda _: False,
    ) -> None:
        self._results: Mapping[type[Entry[Any]], Any] = {} if results is None else results
        self.pages = Pages() if pages is None else pages
        self.may_come = may_come

    def __getitem__(self, step: type[Entry[Result]]) -> Result:
        result: Result = self._results[step]
        return result

    def wanted(self, step: type[Entry[Result]]) -> Result | None:
        """The result of a step that was wanted, not needed; None when it failed or is not in the playbook."""
        return self._results.get(step)

    def __iter__(self) -> Iterator[type[Entry[Any]]]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)


class Step(Entry[Result], ABC):
    """One effect on the outside world, or one look-up."""

    @abstractmethod
    async def find(self, incident: Incident, done: Done) -> Result | None:
        """Look for this step's own trace, left by an attempt whose end nobody saw; None when there is none."""

    @abstractmethod
    async def run(self, incident: Incident, done: Done) -> Result:
        """Make the effect once; raises a TocsinError that says whether it may have been applied."""


class Lookup(Step[Result]):
    """A step without effect: there is nothing of its own to find."""

    async def find(self, incident: Incident, done: Done) -> Result | None:
        del incident, done
        return None


class Opening(Lookup[Result]):
    """A look-up that is stored in the transaction that opens an incident, and never made again.

    Its result is there before any step is taken, or never: for an incident that was opened without it, or for which it
    failed. So nobody waits for it, and whoever asks for it gets the same answer in every attempt.
    """


class Part(ABC, Generic[Result]):
    """One sub-step of a Fan, with a checkpoint of its own under the name `<step>:<label>`.

    `label` is stored; it must be the same for the same thing in every attempt, of [a-z0-9-] and at most 64 long.
    """

    label: str
    result: type[Result]

    def describe(self, result: Result) -> str:
        """As Entry.describe."""
        return _name_of(result)

    def without_effect(self, incident: Incident, done: Done) -> Result | None:
        """As Entry.without_effect."""
        del incident, done
        return None

    @abstractmethod
    async def find(self, incident: Incident, done: Done) -> Result | None:
        """As Step.find."""

    @abstractmethod
    async def run(self, incident: Incident, done: Done) -> Result:
        """As Step.run."""


class KeyedPart(Part[Result], ABC):
    """A part whose system knows a repeated request by a key of ours: what may have been done is simply sent again.

    `window`: for how long it does.
    """

    window: timedelta

    async def find(self, incident: Incident, done: Done) -> Result | None:
        del incident, done
        return None

    async def run(self, incident: Incident, done: Done) -> Result:
        return await self.send(incident, done, datetime.now(UTC))

    @abstractmethod
    async def send(self, incident: Incident, done: Done, first_sent: datetime) -> Result:
        """Make the effect, the same in every attempt; `first_sent` is when the first of those in doubt began."""


class Fan(Entry[Result], ABC):
    """A step with one effect for each of several things; each is checkpointed by itself and fails by itself."""

    @abstractmethod
    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Any]]:
        """The parts, from checkpointed results alone, so that every attempt gets the same ones."""

    @abstractmethod
    def gather(self, made: Sequence[Any]) -> Result:
        """The step's result from its parts' results, in the order of the parts."""


def _name_of(result: BaseModel) -> str:
    named = (getattr(result, field, None) for field in ("name", "title", "id"))
    return next((str(value) for value in named if value), "")


Playbook = Sequence[Step[Any] | Fan[Any]]


def check_playbook(playbook: Playbook) -> None:
    """Raise Misconfigured unless names are unique and every step only waits for steps that stand before it.

    A step that is wanted may be missing altogether; one that is needed may not.
    """
    before: set[type[Entry[Any]]] = set()
    names: set[str] = set()
    configured = {type(step) for step in playbook}
    for step in playbook:
        if step.name in names:
            raise Misconfigured(f"Two steps of the playbook are called {step.name!r}; give one of them another name.")
        for other in (*step.needs, *(wanted for wanted in step.wants if wanted in configured)):
            if other not in before:
                raise Misconfigured(
                    f"The step {step.name!r} waits for {other.name!r}, which does not stand before it in the playbook."
                )
        before.add(type(step))
        names.add(step.name)
