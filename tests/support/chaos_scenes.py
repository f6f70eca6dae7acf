"""Launches that do not go the usual way: what disturbs each, which moments come up, and what it leaves besides."""

from dataclasses import dataclass

from chaos_cells import Cell
from chaos_troubles import Fault, Trouble


@dataclass(frozen=True)
class Scene:
    """`parts` have a checkpoint as they begin and as they are done, `writes` a request, by the names of moments."""

    parts: tuple[str, ...]
    writes: tuple[str, ...]
    besides: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    dead_letters: tuple[str, ...] = ()
    disturbed: tuple[Fault, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    severity: int = 3
    age: float = 0.0

    @property
    def transactions(self) -> tuple[str, ...]:
        return tuple(f"{what} {part}" for part in self.parts for what in ("begun", "done"))

    def cell(self, *troubles: Trouble, workers: int = 1) -> Cell:
        return Cell(
            (*self.disturbed, *troubles),
            workers=workers,
            settings=self.settings,
            severity=self.severity,
            age=self.age,
            besides=self.besides,
            without=self.without,
            dead_letters=self.dead_letters,
        )


def _down(call: str, *, until: str) -> tuple[Fault, ...]:
    return (Fault(call, "503 before applying", until=until),)


# A breaker that opens is not waited for.
_PROBED = ("TOCSIN_PROBE_SECONDS", "1")
_ON_CALL = ("amara", "bruno", "dario")
_ADDRESSES = tuple(f"{name}@contoso.example" for name in _ON_CALL)

BY_EVERY_WAY = Scene(
    parts=("page:amara-sms", "page:bruno-webhook-pager", "page:amara-chat", "complete-chats:amara-chat"),
    writes=("page:amara-sms", "page:bruno-webhook-pager", "page:amara-chat", "complete-chats"),
    besides=(
        "SMS to Amara Okafor",
        *(f"chat message to {address}" for address in _ADDRESSES),
        *(f"webhook call: {address}" for address in _ADDRESSES),
    ),
    # People are written to before there is a channel to show them.
    disturbed=(Fault("create-channel", "a slow request"),),
    settings=(("TOCSIN_PAGING", "1=mention+sms+chat+webhook:pager"),),
    severity=1,
)
WITHOUT_WORK_ITEM_AT_FIRST = Scene(
    parts=("show-work-item",),
    writes=("update announcement",),
    disturbed=_down("create-work-item", until="announce"),
    settings=(_PROBED,),
)
# Nobody else can be told as long as nobody is known.
WITHOUT_PEOPLE_AT_FIRST = Scene(
    parts=("show-people", "mention:amara"),
    writes=("update announcement", "mention:amara"),
    besides=(*(f"call of {name}" for name in _ON_CALL), "webhook call: last resort"),
    disturbed=_down("read roster", until="announce"),
    settings=(_PROBED,),
)
WITHOUT_CHANNEL_AT_FIRST = Scene(
    parts=("announce-elsewhere", "point-to-channel"),
    writes=("announce-elsewhere", "point-to-channel"),
    besides=("announcement elsewhere",),
    disturbed=_down("create-channel", until="announce-elsewhere"),
    settings=(_PROBED,),
)
WITHOUT_ANY_PLACE_AT_FIRST = Scene(
    parts=("page-last-resort:pager-webhook-pager",),
    writes=("page-last-resort",),
    besides=("webhook call: last resort",),
    disturbed=_down("create-channel", until="page-last-resort"),
    settings=(_PROBED, ("TOCSIN_TEAMS_FALLBACK", "")),
)
LONG_IN_TROUBLE = Scene(
    parts=("report-trouble", "report-to-last-resort:pager-webhook-pager-trouble", "report-over"),
    writes=("report-trouble", "report-to-last-resort", "report-over"),
    besides=("trouble report: over", "webhook call: trouble"),
    disturbed=_down("create-work-item", until="report-trouble"),
    settings=(_PROBED,),
    age=120.0,
)
GIVEN_UP_AFTER_LONG = Scene(
    parts=("report-given-up",),
    writes=("report-given-up",),
    besides=("trouble report: given-up", "webhook call: trouble"),
    without=(
        "work item",
        "link to the channel",
        "history line",
        "assignment to amara@contoso.example",
        "task of bruno@contoso.example",
    ),
    dead_letters=("Forbidden:create-work-item",),
    disturbed=(
        *_down("create-work-item", until="report-trouble"),
        Fault("create-work-item", "403 before applying", lasts=True),
    ),
    settings=(_PROBED,),
    age=120.0,
)

SCENES = (
    BY_EVERY_WAY,
    WITHOUT_WORK_ITEM_AT_FIRST,
    WITHOUT_PEOPLE_AT_FIRST,
    WITHOUT_CHANNEL_AT_FIRST,
    WITHOUT_ANY_PLACE_AT_FIRST,
    LONG_IN_TROUBLE,
    GIVEN_UP_AFTER_LONG,
)
