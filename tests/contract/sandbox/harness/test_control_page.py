"""The people's page as it is served: self-contained, and with no way for foreign content to run."""

import re

import pytest


@pytest.fixture
async def page(served):
    answer = await served.http.get("/")
    assert answer.status_code == 200
    return answer


async def test_the_page_is_one_file_and_asks_no_other_host(page):
    """No script, style, image or font comes from elsewhere: a sandbox without internet shows the same."""
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]*)", page.text)

    assert all(address.startswith("data:image/svg+xml,") for address in loaded)
    assert not re.search(r"@import|url\(", page.text)


async def test_only_its_own_script_and_style_may_act(page):
    """The policy knows one nonce, new for each answer, and the page's script and style carry it."""
    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)[1]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<(?:script|style)[^>]*>", page.text) == [
        f'<style nonce="{nonce}">',
        f'<script nonce="{nonce}">',
    ]


async def test_a_nonce_is_used_once(served, page):
    """A second answer has another nonce than the first."""
    again = await served.http.get("/")

    assert again.headers["Content-Security-Policy"] != page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "door",
    [
        r"(?:inner|outer)HTML\s*\+?=",
        r"insertAdjacentHTML",
        r"document\.write",
        r"\beval\(|new Function",
        r"\bsrcdoc\b",
        r"<[^>]+\sstyle=",
        r"<[^>]+\son[a-z]+=",
        r"createContextualFragment|setHTMLUnsafe",
    ],
)
async def test_the_page_has_no_door_through_which_text_becomes_markup(page, door):
    """What the state says is inserted as text; the ways around that are not in the file at all."""
    assert re.findall(door, page.text) == []


async def test_nothing_of_the_state_is_in_the_page_itself(served, page):
    """A hostile channel name cannot be in the served file: the page holds no state."""
    await served.http.post(f"{served.team_path}/channels", json={"displayName": "inc-hostile", "description": "<i>"})

    assert "inc-hostile" not in (await served.http.get("/")).text
