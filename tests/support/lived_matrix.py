"""The response's cells: what is killed, spoilt and paused at which moment of which act or timer."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chaos_troubles import SETTLEMENT, TIMER, Disposition, Fault, Kill, Pause, Phase
from lived_cells import LivedCell
from lived_scenes import LIVES, SCENES, LivedScene

Moment = tuple[Phase, Disposition]

_STORE_MOMENTS: tuple[Moment, ...] = (
    ("before", "dropped"),
    ("before", "let through"),
    ("after", "let through"),
    ("answered", "let through"),
)
_REMOTE_MOMENTS: tuple[Moment, ...] = (*_STORE_MOMENTS[:2], ("before", "late"), *_STORE_MOMENTS[2:])
_READ_MOMENTS: tuple[Moment, ...] = (("before", "dropped"), ("answered", "let through"))
_HELD: tuple[Moment, ...] = (*_STORE_MOMENTS[:2], ("after", "let through"))
_FAULTS = (
    "time-out before applying",
    "time-out after applying",
    "reset before applying",
    "reset after applying",
    "429 with Retry-After",
    "503 before applying",
    "500 after applying",
    "a slow request",
)
_STORE_FAULTS = ("reset before applying", "reset after applying", "503 before applying", "500 after applying")
# Their acts set what falls due later.
_SETTING_TIMERS = ("acknowledge", "update", "resolve", "close", "reopen")
_EACH_TIME = ("acknowledge", "page", "merge", "close")


def _record(scene: LivedScene) -> str:
    return f"record {scene.ends}"


def quiet() -> list[LivedCell]:
    return [LivedCell(scene) for scene in SCENES]


def together() -> list[LivedCell]:
    """Two workers, each with a message of the same act, or after the same timer."""
    return [LivedCell(scene, workers=2) for scene in SCENES]


def kills() -> list[LivedCell]:
    return [cell for scene in SCENES for cell in _killed(scene)]


def faults() -> list[LivedCell]:
    return [cell for scene in SCENES for cell in _spoilt(scene)]


def pauses() -> list[LivedCell]:
    return [
        LivedCell(scene, (Pause(at, *moment),))
        for scene in SCENES
        for at in (_record(scene), *scene.writes)
        for moment in _HELD
    ]


def all_cells() -> list[LivedCell]:
    return list(dict.fromkeys([*quiet(), *together(), *kills(), *faults(), *pauses()]))


def each_moment_once() -> list[LivedCell]:
    """Each moment of each scene meets one kind of death, one kind of fault and one kind of pause."""
    return [*quiet(), *together(), *_diagonal(kills()), *_diagonal(faults()), *_diagonal(pauses())]


def each_time() -> list[LivedCell]:
    """Of some acts one each, by turns with each kind of trouble: what waits for no timer."""
    chosen = [_diagonal(kills()), _diagonal(pauses()), _diagonal(faults())]
    found = []
    for number, name in enumerate(_EACH_TIME):
        of_scene = [cell for cell in chosen[number % 3] if cell.scene.name == name]
        found.append(of_scene[(3 * number + 1) % len(of_scene)])
    return found


def lives_of(cells: Sequence[LivedCell]) -> list[list[LivedCell]]:
    """What one incident can live through, as long as there are as many workers."""
    lives: dict[tuple[object, int, int], list[LivedCell]] = {}
    places = {name: (number, place) for number, life in enumerate(LIVES) for place, name in enumerate(life)}
    of_scene: Counter = Counter()
    for cell in sorted(cells, key=lambda cell: places.get(cell.scene.name, (len(LIVES), 0))):
        of_scene[cell.scene, cell.alive] += 1
        life = places.get(cell.scene.name, (cell.scene.name, 0))[0]
        lives.setdefault((life, cell.alive, of_scene[cell.scene, cell.alive]), []).append(cell)
    return list(lives.values())


def _killed(scene: LivedScene) -> Iterator[LivedCell]:
    timers = (TIMER,) if scene.name in _SETTING_TIMERS else ()
    for places, moments in (
        ((_record(scene), *scene.store, SETTLEMENT, *timers), _STORE_MOMENTS),
        (scene.writes, _REMOTE_MOMENTS),
        (scene.reads, _READ_MOMENTS),
    ):
        for place in places:
            for moment in moments:
                yield LivedCell(scene, (Kill(place, *moment),))


def _spoilt(scene: LivedScene) -> Iterator[LivedCell]:
    for places, hows in (((*scene.writes, *scene.reads), _FAULTS), ((_record(scene), *scene.store), _STORE_FAULTS)):
        for place in places:
            for how in hows:
                for workers in (1, 2):
                    yield LivedCell(scene, (Fault(place, how),), workers=workers)


def _diagonal(cells: Sequence[LivedCell]) -> list[LivedCell]:
    """Of each place one cell, and of each next place the next kind of trouble."""
    places: dict[tuple[str, str], list[LivedCell]] = {}
    for cell in cells:
        places.setdefault((cell.scene.name, cell.troubles[0].at), []).append(cell)
    return [of_place[number % len(of_place)] for number, of_place in enumerate(places.values())]
