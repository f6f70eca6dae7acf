"""Whom an override concerns is told by the workers, if the settings say so; not who made it."""

import pytest

from worker.storage.stores import open_stores

OVERRIDE = ("roster", "override", "checkout", "--person", "eve", "--from", "now", "--to", "2h")


async def notices(settings):
    async with open_stores(settings, owner="test") as stores:
        await stores.table.prepare()
        return await stores.notices.since("")


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"TOCSIN_SHIFT_MESSAGES": "on", "TOCSIN_ME": "ben"}, 1),
        ({"TOCSIN_SHIFT_MESSAGES": "on", "TOCSIN_ME": "EVE"}, 0),
        ({"TOCSIN_SHIFT_MESSAGES": "on", "TOCSIN_ME": "eve@x.example"}, 0),
        ({"TOCSIN_SHIFT_MESSAGES": "off"}, 0),
    ],
)
@pytest.mark.usefixtures("rota")
async def test_word_is_left_for_whoever_gets_a_shift_by_somebody_else(tocsin, settings, monkeypatch, environment, told):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    done = await tocsin(*OVERRIDE)

    assert len(await notices(settings)) == told
    assert ("1 person is told of it by the workers." in done.stderr) == bool(told)


@pytest.mark.usefixtures("rota")
async def test_a_dry_run_tells_nobody(tocsin, settings, monkeypatch):
    monkeypatch.setenv("TOCSIN_SHIFT_MESSAGES", "on")

    await tocsin(*OVERRIDE, "--dry-run")

    assert await notices(settings) == []


@pytest.mark.usefixtures("rota")
async def test_undoing_it_tells_who_loses_it(tocsin, settings, monkeypatch):
    done = await tocsin(*OVERRIDE)
    (undo,) = [line.removeprefix("To undo it: tocsin ") for line in done.stdout.splitlines() if "To undo it" in line]
    monkeypatch.setenv("TOCSIN_SHIFT_MESSAGES", "on")

    await tocsin(*undo.split())

    (known,) = await notices(settings)
    assert known.notice.event.title
