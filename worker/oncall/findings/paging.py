"""Ways to reach a person that cannot be read, or that lead nowhere."""

from collections.abc import Callable, Iterator

from worker.domain.paging_ways import SMS, read_paging_ways
from worker.domain.phone_number import read_phone_number
from worker.oncall.definitions import PersonRecord
from worker.oncall.findings.finding import Finding, fault, note
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN, sentence

PHONE = "unreadable-phone"
WAYS = "unreadable-paging"
NO_PHONE = "sms-without-phone"
_NO_SMS = "No SMS reaches this person; the other ways do."


def find_unreadable_ways(survey: Survey) -> Iterator[Finding]:
    for person in survey.definitions.people.values():
        yield from _of(person)


def _of(person: PersonRecord) -> Iterator[Finding]:
    thing, who = f"person:{person.key}", f"of {person.name}"
    if person.phone and (problem := _fault(read_phone_number, person.phone)):
        yield fault(
            PHONE, thing, sentence(f"The phone {who} {problem}"), why=_NO_SMS, remedy=f"Correct their phone: {PLAN}"
        )
    if person.paging and (problem := _fault(read_paging_ways, person.paging)):
        yield fault(
            WAYS,
            thing,
            sentence(f"The paging {who} cannot be read: {problem}"),
            why="This person is told by the ways of TOCSIN_PAGING instead.",
            remedy=f"Correct their paging: {PLAN}",
        )
    elif SMS in person.paging.casefold() and not person.phone:
        yield note(
            NO_PHONE,
            thing,
            f"The paging {who} names {SMS}, and there is no phone.",
            why=_NO_SMS,
            remedy=f"Fill in their phone, such as +49 30 1234567: {PLAN}",
        )


def _fault(read: Callable[[str], object], text: str) -> str:
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return ""
