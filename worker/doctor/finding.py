"""What a check found: well, worth knowing, or wrong; and if not well, why it matters and what remedies it."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, computed_field

from worker.domain.errors import TocsinError


class Verdict(StrEnum):
    WELL = "well"
    NOTE = "note"
    PLANTED = "planted"  # wrong, in a sandbox and on purpose
    WRONG = "wrong"


class CheckResult(BaseModel, frozen=True):
    """`about`: the address of the person whom it is about, if it is about one.

    `kind` and `thing` are set where a schedule, service, policy or person is at fault: a stable name, and which one.
    """

    area: str
    verdict: Verdict
    what: str
    why: str = ""
    remedy: str = ""
    about: str = ""
    kind: str = ""
    thing: str = ""


class Diagnosis(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added."""

    results: tuple[CheckResult, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def well(self) -> bool:
        return not any(result.verdict is Verdict.WRONG for result in self.results)


def well(area: str, what: str) -> CheckResult:
    return CheckResult(area=area, verdict=Verdict.WELL, what=what)


def note(area: str, what: str, *, why: str, remedy: str) -> CheckResult:
    return CheckResult(area=area, verdict=Verdict.NOTE, what=what, why=why, remedy=remedy)


def wrong(area: str, what: str, *, why: str, remedy: str, about: str = "") -> CheckResult:
    return CheckResult(area=area, verdict=Verdict.WRONG, what=what, why=why, remedy=remedy, about=about)


def planted(result: CheckResult) -> CheckResult:
    """The same of a person whom a sandbox does not know on purpose."""
    remedy = "Nothing: the sandbox has this person on call on purpose, to show what a launch makes of it."
    return result.model_copy(update={"verdict": Verdict.PLANTED, "remedy": remedy})


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to be tried: what is said if it succeeds, and if not why it matters and what remedies each failure."""

    area: str
    well: str
    why: str
    remedy: str
    remedies: Mapping[type[TocsinError], str] = field(default_factory=dict)
    verdict: Verdict = Verdict.WRONG

    async def run(self, trying: Awaitable[object]) -> CheckResult:
        try:
            await trying
        except TocsinError as error:
            return self.failed(error)
        return well(self.area, self.well)

    def failed(self, error: TocsinError) -> CheckResult:
        remedy = next((remedy for kind, remedy in self.remedies.items() if isinstance(error, kind)), self.remedy)
        return CheckResult(area=self.area, verdict=self.verdict, what=str(error), why=self.why, remedy=remedy)
