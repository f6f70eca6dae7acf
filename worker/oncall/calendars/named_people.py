"""Whom an old event means: by addresses and names in its texts, compared without regard to case."""

import re
from collections.abc import Iterable, Iterator

from worker.domain.mail_address import read_mail_address
from worker.domain.text import clean_line
from worker.oncall.calendars.old_events import Mention, OldEvent
from worker.oncall.definitions import PersonRecord

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,64}@[^\s<>()\[\],;:\"]{1,255}")
# What is invited that is no person.
_OF_CALENDARS = (".calendar.google.com",)
_TOGETHER = 50


class NamedPeople:
    """The people who are known, as they are found in texts; an address of nobody known is a person as well."""

    def __init__(self, people: Iterable[PersonRecord]) -> None:
        self._by_word: dict[str, str] = {}
        records = list(people)
        for record in records:
            self._by_word.setdefault(_name(record.name), record.key)
        for record in records:
            self._by_word[_name(record.key)] = record.key
        self._by_address = {record.email.casefold(): record.key for record in records}
        # The longer first: Ada Okafor is not another Ada.
        self._names = sorted(
            {_name(record.name): record.key for record in records}.items(), key=lambda each: -len(each[0])
        )
        self._keys = sorted(
            {_name(record.key): record.key for record in records}.items(), key=lambda each: -len(each[0])
        )
        self._known: dict[tuple[str, bool], tuple[str, ...]] = {}

    def of(self, event: OldEvent) -> tuple[str, ...]:
        """A name or address in the title says most, then who is invited, then a key, then whose event it is."""
        return (
            self._in_title(event.summary, by_key=False)
            or _once(self._mentioned(event.attendees, new=True))
            or self._in_title(event.summary, by_key=True)
            or _once(self._mentioned((event.organizer,) if event.organizer else (), new=False))
        )

    def _in_title(self, title: str, *, by_key: bool) -> tuple[str, ...]:
        if (title, by_key) not in self._known:
            self._known[title, by_key] = _once(self._read_title(title, by_key=by_key))
        return self._known[title, by_key]

    def _read_title(self, title: str, *, by_key: bool) -> Iterator[str]:
        text = clean_line(title).casefold()
        for found in () if by_key else _ADDRESS.finditer(text):
            if person := self._at(found[0], new=True):
                yield person
        text = _ADDRESS.sub("\n", text)
        places: list[tuple[int, str]] = []
        for name, key in self._keys if by_key else self._names:
            if name and name in text and (place := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)):
                places.append((place.start(), key))
                text = text[: place.start()] + "\n" * len(name) + text[place.end() :]
        yield from (key for _, key in sorted(places))

    def _mentioned(self, mentions: Iterable[Mention], *, new: bool) -> Iterator[str]:
        for mention in mentions:
            known = self._at(mention.address, new=False) or self._by_word.get(_name(mention.name))
            if person := known or (self._at(mention.address, new=True) if new else ""):
                yield person

    def _at(self, address: str, *, new: bool) -> str:
        """`new`: as it stands there, if nobody known has it."""
        folded = address.strip().strip(".").casefold()
        if not folded or folded.endswith(_OF_CALENDARS):
            return ""
        if folded in self._by_address:
            return self._by_address[folded]
        try:
            return read_mail_address(folded) if new else ""
        except ValueError:
            return ""


def _name(text: str) -> str:
    """`Okafor, Ada` is how directories write Ada Okafor."""
    words = clean_line(text).casefold()
    last, comma, first = words.partition(", ")
    return f"{first} {last}" if comma and "," not in first else words


def _once(people: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(people))[:_TOGETHER]
