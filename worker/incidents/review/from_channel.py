"""What was said in the channel: each message by its own time, an answer with what it answers."""

from collections.abc import Iterator, Sequence

from worker.incidents.review.channel_line import ChannelLine
from worker.incidents.review.timeline_event import TimelineEvent, TimelineLink, TimelineSource

_SELECTORS = str.maketrans("", "", "\ufe0e\ufe0f")


def channel_events(lines: Sequence[ChannelLine], pins: frozenset[str]) -> Iterator[TimelineEvent]:
    """Cards of programs are left out, since what they say stands on the axis itself, unless people answered or marked
    them.
    """
    answered = {line.root for line in lines if line.is_reply}
    for number, line in enumerate(sorted(lines, key=lambda each: (each.at, each.id)), start=1):
        pinned = _is_pinned(line, pins)
        if line.by_program and not line.text and not (pinned or line.id in answered):
            continue
        yield _event(number, line, key=pinned)


def _event(number: int, line: ChannelLine, *, key: bool) -> TimelineEvent:
    kind = "reply" if line.is_reply else "message"
    opened = (TimelineLink(text="in Teams", url=line.url),) if line.url else ()
    return TimelineEvent(
        at=line.at,
        recorded_at=line.at,
        source=TimelineSource.CHANNEL,
        seq=number,
        kind="event" if line.event else kind,
        actor=line.author,
        text=_text(line),
        data=_data(line),
        thread=line.root if line.is_reply else "",
        links=(*line.files, *opened),
        key=key,
    )


def _text(line: ChannelLine) -> str:
    before = line.versions[-1].text if line.versions else ""
    if line.deleted_at is not None:
        return f"deleted at {line.deleted_at:%H:%M}" + (f"; it said: {before}" if before else "")
    text = line.event or line.text or ("a card" if line.by_program else "")
    if line.edited_at is None:
        return text
    return f"{text} (edited at {line.edited_at:%H:%M}" + (f"; before: {before})" if before else ")")


def _data(line: ChannelLine) -> dict[str, object]:
    """What is usual is left out."""
    known: dict[str, object] = {"id": line.id}
    if line.edited_at is not None:
        known["edited_at"] = line.edited_at.isoformat()
    if line.deleted_at is not None:
        known["deleted_at"] = line.deleted_at.isoformat()
    if line.versions:
        known["versions"] = [version.model_dump(mode="json") for version in line.versions]
    if line.reactions:
        known["reactions"] = [reaction.model_dump(mode="json") for reaction in line.reactions]
    return known


def _is_pinned(line: ChannelLine, pins: frozenset[str]) -> bool:
    wanted = {pin.translate(_SELECTORS).casefold() for pin in pins}
    return any(reaction.kind.translate(_SELECTORS).casefold() in wanted for reaction in line.reactions)
