"""What an examination found: well, worth knowing, or wrong; and if not well, why it matters and what mends it."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, computed_field

from worker.domain.errors import TocsinError


class Verdict(StrEnum):
    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


class Finding(BaseModel, frozen=True):
    area: str
    verdict: Verdict
    what: str
    why: str = ""
    mend: str = ""


class Diagnosis(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added."""

    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def well(self) -> bool:
        return not any(finding.verdict is Verdict.WRONG for finding in self.findings)


def well(area: str, what: str) -> Finding:
    return Finding(area=area, verdict=Verdict.WELL, what=what)


def note(area: str, what: str, *, why: str, mend: str) -> Finding:
    return Finding(area=area, verdict=Verdict.NOTE, what=what, why=why, mend=mend)


def wrong(area: str, what: str, *, why: str, mend: str) -> Finding:
    return Finding(area=area, verdict=Verdict.WRONG, what=what, why=why, mend=mend)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to be tried: what is said if it succeeds, and if not why it matters and what mends each failure."""

    area: str
    well: str
    why: str
    mend: str
    mends: Mapping[type[TocsinError], str] = field(default_factory=dict)
    verdict: Verdict = Verdict.WRONG

    async def of(self, trying: Awaitable[object]) -> Finding:
        try:
            await trying
        except TocsinError as error:
            return self.failed(error)
        return well(self.area, self.well)

    def failed(self, error: TocsinError) -> Finding:
        mend = next((mend for kind, mend in self.mends.items() if isinstance(error, kind)), self.mend)
        return Finding(area=self.area, verdict=self.verdict, what=str(error), why=self.why, mend=mend)
