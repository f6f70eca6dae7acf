"""What happens to an incident in a cell: how it comes to stand there, one act or timer then, and what that leaves."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.domain.response.actor import Actor, ActorKind

Given = Mapping[str, Any]

AMARA = Actor(kind=ActorKind.PERSON, id="amara@contoso.example", name="Amara Okafor")
BRUNO = Actor(kind=ActorKind.PERSON, id="bruno@contoso.example", name="Bruno Costa")
SERVICE = "ledger"
DEFINITIONS = {
    "people": {
        "amara": {"name": "Amara Okafor", "email": "amara@contoso.example", "phone": "+15005550101"},
        "bruno": {"name": "Bruno Costa", "email": "bruno@contoso.example", "phone": "+15005550102"},
    },
    "services": {SERVICE: {"policies": ["ledger"]}},
    "policies": {
        "ledger": {
            "levels": [
                {"notify": ["person:amara"], "wait": "40 min"},
                {"notify": ["person:bruno"], "wait": "20 h"},
            ],
            "repeat": 0,
            "ack_timeout": "45 min",
        }
    },
}
_EVERY_WAY = (("TOCSIN_PAGING", "1-5=mention+sms+chat+webhook:pager"),)
_SECONDS = (("TOCSIN_MINUTE_SECONDS", "1"),)
_DAILY = (("TOCSIN_ARCHIVE_AFTER_DAYS", "0.0005"),)


@dataclass(frozen=True)
class LivedScene:
    """`before`: the acts that come first. `act`: the one that counts; None where a timer does.

    `ends`: an entry of that kind is recorded by it. `leaves`: what is there afterwards and was not before, by its
    beginning.
    `lanes`: those that have something to do. `store`, `writes`, `reads`: its moments, in their order.
    """

    name: str
    ends: str
    act: Given | None = None
    before: tuple[Given, ...] = ()
    leaves: Counter = field(default_factory=Counter)
    lanes: tuple[str, ...] = ()
    store: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    severity: int = 3

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def merges(self) -> bool:
        return self.act is not None and self.act["act"] == "merge"


_ACKNOWLEDGE = {"act": "acknowledge"}
_COMMAND = {"act": "role", "role": "incident-commander"}
_OFFER = {"act": "role", "role": "incident-commander", "person": "bruno"}
_RESOLVE = {"act": "resolve", "text": "Fixed."}
_CLOSE = {"act": "close", "text": "Done."}
# What every entry is followed by, in whichever lane.
_SHOWN = ("card", "work-item")
_SHOWING = ("card: begun show-card", "card: done through", "work-item: begun show-on-item", "work-item: done through")
_SHOWS = ("update card", "patch item")
_SAYING = ("channel: begun say:0", "channel: done through")
_COMMENTING = ("comments: begun comment:0", "comments: done through")
_KEEPING = ("snapshot: begun keep-messages", "snapshot: done through")
_TELLING = ("tells: begun tell", "tells: done tell", "tells: done through")
_JOINING = ("members: begun join", "members: done through")


def _once(*effects: str) -> Counter:
    return Counter(effects)


SCENES = (
    LivedScene(
        name="acknowledge",
        act=_ACKNOWLEDGE,
        ends="acknowledged",
        lanes=(*_SHOWN, "channel", "members", "snapshot"),
        store=(*_SHOWING, *_SAYING, *_JOINING, *_KEEPING),
        writes=(*_SHOWS, "say"),
        reads=("read work item", "read changes"),
        leaves=_once(
            "message: Amara Okafor has it. Next update by …. (Ledger is down)",
            "comment: Acknowledged since …: Amara Okafor has it. Amara Okafor has it.",
            "state: To Do to Doing",
        ),
    ),
    LivedScene(
        name="update",
        before=(_ACKNOWLEDGE,),
        act={"act": "update", "text": "We look at the database.", "next_in_minutes": 600},
        ends="update",
        lanes=(*_SHOWN, "channel", "comments"),
        store=(*_SHOWING, *_SAYING, *_COMMENTING),
        writes=(*_SHOWS, "say", "comment"),
        leaves=_once(
            "message: We look at the database. Next update by …. (Ledger is down)",
            "comment: We look at the database.",
        ),
    ),
    LivedScene(
        name="page",
        act={"act": "page", "target": "bruno"},
        ends="page",
        severity=2,
        settings=_EVERY_WAY,
        lanes=(*_SHOWN, "channel", "members", "tells"),
        store=(*_SHOWING, *_SAYING, *_JOINING, *_TELLING),
        writes=(*_SHOWS, "say", "mention", "chat", "sms", "webhook"),
        reads=("open chat", "read member"),
        leaves=_once(
            "message: Amara Okafor has called Bruno Costa (bruno). (Ledger is down)",
            "message: Bruno Costa: Amara Okafor calls you for this.",
            "chat with bruno@contoso.example: HIGH: Ledger is down (ledger)",
            "SMS to Bruno Costa: Amara Okafor calls you for this.",
            "webhook call: bruno@contoso.example, 0",
        ),
    ),
    LivedScene(
        name="offer",
        before=(_COMMAND,),
        act=_OFFER,
        ends="role-offered",
        lanes=(*_SHOWN, "channel", "members", "tells"),
        store=(*_SHOWING, *_SAYING, *_JOINING, *_TELLING),
        writes=(*_SHOWS, "say", "mention"),
        leaves=_once("message: Bruno Costa: Amara Okafor offers you", "message: Amara Okafor offers Bruno Costa"),
    ),
    LivedScene(
        name="accept",
        before=(_COMMAND, _OFFER),
        act={"act": "role", "role": "incident-commander", "answer": "accept", "actor": BRUNO},
        ends="role-accepted",
        lanes=(*_SHOWN, "channel", "members", "tells"),
        store=(*_SHOWING, *_SAYING, *_JOINING, *_TELLING),
        writes=(*_SHOWS, "say", "chat"),
        leaves=_once(
            "message: Bruno Costa has command since …. (Ledger is down)",
            "chat with amara@contoso.example: Bruno Costa has command since …. MEDIUM: Ledger is down (ledger)",
        ),
    ),
    LivedScene(
        name="resolve",
        before=(_ACKNOWLEDGE,),
        act=_RESOLVE,
        ends="resolved",
        lanes=(*_SHOWN, "channel", "comments", "snapshot", "review"),
        store=(*_SHOWING, *_SAYING, *_COMMENTING, *_KEEPING, "review: begun review-draft", "review: done through"),
        writes=(*_SHOWS, "say", "comment", "offer draft"),
        leaves=_once(
            "message: The draft of the review is there.",
            "message: Amara Okafor: it is resolved. Fixed.",
            "comment: Amara Okafor: it is resolved. Fixed.",
            "state: Doing to Done",
        ),
    ),
    LivedScene(
        name="close",
        before=(_ACKNOWLEDGE, _RESOLVE),
        act=_CLOSE,
        ends="closed",
        lanes=(*_SHOWN, "channel", "comments", "snapshot", "review"),
        store=(*_SHOWING, *_SAYING, *_COMMENTING, *_KEEPING, "review: begun review-attach", "review: done through"),
        writes=(*_SHOWS, "say", "comment", "attach", "link review"),
        reads=("read item updates", "find comment", "find message"),
        leaves=_once(
            "message: Amara Okafor has closed it. Done.",
            "comment: Amara Okafor has closed it. Done.",
            "link: AttachedFile",
        ),
    ),
    LivedScene(
        name="merge",
        act={"act": "merge"},
        ends="merged",
        lanes=(*_SHOWN, "channel", "comments", "snapshot"),
        store=("record merged-from", *_SHOWING, *_SAYING, *_COMMENTING, *_KEEPING),
        writes=(*_SHOWS, "say", "comment"),
        leaves=_once(
            "message: Amara Okafor has merged it into … (Ledger is down).",
            "comment: Amara Okafor has merged it into … (Ledger is down).",
            "state: To Do to Done",
            "link: System.LinkTypes.Duplicate-Reverse",
            "there: message: … (Ledger is down) was merged into this one. (Ledger is down)",
            "there: comment: … (Ledger is down) was merged into this one.",
            "there: link: System.LinkTypes.Duplicate-Forward",
        ),
    ),
    LivedScene(
        name="next level",
        ends="level-told",
        severity=2,
        settings=(*_EVERY_WAY, *_SECONDS),
        lanes=(*_SHOWN, "tells"),
        store=(*_SHOWING, *_TELLING),
        writes=(*_SHOWS, "mention", "chat", "sms", "webhook"),
        leaves=_once(
            "message: Bruno Costa: You are level 2 for this",
            "chat with bruno@contoso.example: HIGH: Ledger is down (ledger)",
            "SMS to Bruno Costa: You are level 2 for this",
            "webhook call: bruno@contoso.example, 2",
        ),
    ),
    LivedScene(
        name="time to answer",
        before=(_ACKNOWLEDGE, {"act": "update", "every_minutes": 0}),
        ends="timed-out",
        settings=_SECONDS,
        lanes=(*_SHOWN, "channel", "tells"),
        store=(*_SHOWING, *_SAYING, *_TELLING),
        writes=(*_SHOWS, "say", "mention"),
        leaves=_once(
            "message: Amara Okafor has it: without a sign of life",
            "message: Amara Okafor: You are level 1 for this, because Amara Okafor has given no sign of life",
            "comment: Open since …: nobody has it yet. Amara Okafor has given no sign of life",
            "state: Doing to To Do",
        ),
    ),
    LivedScene(
        name="reminder",
        before=(_ACKNOWLEDGE, {"act": "update", "text": "We look.", "next_in_minutes": 11}),
        ends="reminder",
        settings=(("TOCSIN_MINUTE_SECONDS", "6"),),
        lanes=(*_SHOWN, "channel"),
        store=(*_SHOWING, *_SAYING),
        writes=(*_SHOWS, "say"),
        leaves=_once("message: An update is due by …. Amara Okafor: write it, or say that nothing is new."),
    ),
    LivedScene(
        name="archive",
        before=(_ACKNOWLEDGE, _RESOLVE, _CLOSE),
        ends="archived",
        settings=_DAILY,
        lanes=("archive", "work-item"),
        store=("archive: begun archive", "archive: done through"),
        writes=("archive",),
        reads=("read channel", "read operation"),
        leaves=_once("operation: archiveChannel", "channel: archived"),
    ),
    LivedScene(
        name="reopen",
        before=(_ACKNOWLEDGE, _RESOLVE, _CLOSE),
        act={"act": "reopen", "text": "It is back."},
        ends="reopened",
        lanes=(*_SHOWN, "channel", "comments", "snapshot", "tells", "archive"),
        store=(*_SHOWING, *_SAYING, *_COMMENTING, *_KEEPING, *_TELLING),
        writes=(*_SHOWS, "say", "comment", "mention"),
        leaves=_once(
            "message: Amara Okafor: You are level 1 for this, because Amara Okafor reopened it.",
            "message: Amara Okafor has reopened it. It is back. (Ledger is down)",
            "comment: Amara Okafor has reopened it. It is back.",
            "state: Done to To Do",
        ),
    ),
)
SCENE = {scene.name: scene for scene in SCENES}
# What one incident can live through one after the other, in this order; every other scene has one of its own.
LIVES = (("acknowledge", "update", "resolve", "close", "reopen"), ("offer", "accept"))
