"""What is wrong with an on-call table, before a night shows it."""

import shlex
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

from worker.doctor.finding import CheckResult, note, well, wrong
from worker.domain.paging_ways import SMS, read_paging_ways
from worker.domain.phone_number import read_phone_number
from worker.oncall.on_call import Roster
from worker.oncall.rows import DEFAULT_SERVICE, Row, printed_keys

AREA = "on-call"
_IMPORT = "tocsin roster import people.csv --yes"


def lint(roster: Roster, scheduled: Collection[str] = ()) -> list[CheckResult]:
    """`scheduled`: the services that schedules answer for, in small letters; whether they always do, others say."""
    rows = roster.rows
    found = [*_unreadable(roster), *_uncovered(roster, scheduled), *_duplicates(rows), *_names(rows), *_paging(rows)]
    if not rows and scheduled:
        return found
    services = len({_service(row) for row in roster.rows})
    people = len({row.email.casefold() for row in roster.rows if row.oncall})
    if not found:
        return [
            well(AREA, f"{people} on call for {services} service{'s' if services > 1 else ''}, each with somebody.")
        ]
    return found


def _service(row: Row) -> str:
    return (row.service or DEFAULT_SERVICE).casefold()


def _unreadable(roster: Roster) -> Iterator[CheckResult]:
    for row in roster.unreadable:
        yield wrong(
            AREA,
            f"The row {row.sentence}.",
            why="It is left out: whoever it names is not called.",
            remedy=f"Correct it in the table; oncall is yes or no, email one address. Or take it out: "
            f"{removal_command(printed_keys(row.keys))}",
        )


def _uncovered(roster: Roster, scheduled: Collection[str]) -> Iterator[CheckResult]:
    if not roster.on_call("").people and DEFAULT_SERVICE not in scheduled:
        yield wrong(
            AREA,
            f"Nobody is on call for the service {DEFAULT_SERVICE!r}.",
            why="An incident without a service, or of one that the table does not name, calls nobody.",
            remedy=f"Add a row with the service {DEFAULT_SERVICE}: {_IMPORT}",
        )
    for service in sorted({_service(row) for row in roster.rows} - {DEFAULT_SERVICE, *scheduled}):
        on_call = roster.on_call(service)
        if not on_call.people and DEFAULT_SERVICE not in scheduled:
            yield wrong(
                AREA,
                f"Nobody is on call for {service!r}, and nobody by default.",
                why="Its incidents call nobody.",
                remedy=f"Set oncall to yes for one of its people: {_IMPORT}",
            )
        elif on_call.from_default or not on_call.people:
            yield note(
                AREA,
                f"Nobody is on call for {service!r} itself.",
                why=f"The people of {DEFAULT_SERVICE!r} are called instead.",
                remedy=f"If they should not be, set oncall to yes for one of its people: {_IMPORT}",
            )


def _duplicates(rows: Sequence[Row]) -> Iterator[CheckResult]:
    by_person: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_person[_service(row), row.email.casefold()].append(row)
    for (service, email), same in by_person.items():
        if len(same) == 1:
            continue
        contradict = len({row.oncall for row in same}) > 1
        keys = ", ".join(printed_keys(row.keys) for row in same if row.keys)
        tell = wrong if contradict else note
        yield tell(
            AREA,
            f"{email} stands {len(same)} times for {service!r}{', on call and not' if contradict else ''} ({keys}).",
            why="One row that says yes calls the person, whatever the others say."
            if contradict
            else "Only one counts.",
            remedy=f"Take out by its keys each row that is not meant: {_remove_one_of(same)}",
        )


def _remove_one_of(rows: Sequence[Row]) -> str:
    return removal_command(printed_keys(rows[-1].to_keys()))


def removal_command(who: str) -> str:
    """As it is typed; `who` is an address, or keys as they are printed."""
    return f"tocsin roster remove {shlex.quote(who)} --yes"


def _names(rows: Sequence[Row]) -> Iterator[CheckResult]:
    addresses: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        addresses[row.name.casefold()].add(row.email.casefold())
    for email in sorted({row.email for row in rows if row.name == row.email}):
        yield note(AREA, f"{email} has no name.", why="People read names.", remedy="Fill the column name.")
    for name, several in sorted(addresses.items()):
        if len(several) > 1:
            yield note(
                AREA,
                f"{name!r} has {len(several)} addresses: {', '.join(sorted(several))}.",
                why="If that is one person, one of the addresses may be out of use.",
                remedy="Keep the one that Boards and Teams know.",
            )


def _paging(rows: Sequence[Row]) -> Iterator[CheckResult]:
    for row in rows:
        who = f"of {row.email} for {_service(row)!r}"
        if row.phone and (fault := _fault(read_phone_number, row.phone)):
            yield wrong(
                AREA,
                f"The phone {who} {fault}.",
                why="No SMS reaches this person; the other ways do.",
                remedy=f"Correct the column phone: {_IMPORT}",
            )
        if row.paging and (fault := _fault(read_paging_ways, row.paging)):
            yield wrong(
                AREA,
                f"The paging {who} cannot be read: {fault}.",
                why="This person is told by the ways of TOCSIN_PAGING instead.",
                remedy=f"Correct the column paging: {_IMPORT}",
            )
        elif SMS in row.paging.casefold() and not row.phone:
            yield note(
                AREA,
                f"The paging {who} names {SMS}, and there is no phone.",
                why="No SMS reaches this person; the other ways do.",
                remedy=f"Fill the column phone, such as +49 30 1234567: {_IMPORT}",
            )


def _fault(read: Callable[[str], object], text: str) -> str | None:
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return None
