"""The people of the sandbox, as whoever plays it has them talk in a channel, and what an administrator decides."""

from __future__ import annotations

import html
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from worker.sandbox.harness.faults import FAULTS, Faults
from worker.sandbox.teams.callers import Caller
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.content import content_after, content_of
from worker.sandbox.teams.grants import PLAYED, Grants
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.reactions import reaction_of
from worker.sandbox.teams.refusals import Refused, bad_request, not_found
from worker.sandbox.teams.team import Team
from worker.sandbox.world import Person

Json = dict[str, Any]
Act = Callable[[Json], Json]

ROOT = "/sandbox/teams"
_LARGEST_BODY = 256 * 1024
_LONGEST_REACTION = 64


@dataclass(frozen=True)
class _Place:
    team: Team
    channel: Channel


class PeopleRoutes:
    """`settle` does what Graph has accepted and is due, as before every request."""

    def __init__(self, teams: Sequence[Team], settle: Callable[[Faults], None]) -> None:
        self._teams = teams
        self._settle = settle
        self._acts: dict[str, Act] = {
            "say": self.say,
            "edit": self.edit,
            "delete": self.delete,
            "react": self.react,
            "unreact": self.take_back,
            "grants": self.grant,
            "archive-team": self.archive_team,
        }

    def routes(self) -> Iterable[web.RouteDef]:
        return (web.post(ROOT + "/{act}", self._answer),)

    async def _answer(self, request: web.Request) -> web.Response:
        self._settle(request.app[FAULTS])
        act = self._acts.get(request.match_info["act"])
        if act is None:
            return _refusal(Refused(404, "", f"There is no such act; there are {', '.join(self._acts)}."))
        try:
            return web.json_response(act(await _read(request)), headers={"Cache-Control": "no-store"})
        except Refused as refused:
            return _refusal(refused)

    def say(self, wish: Json) -> Json:
        """A message of a person, or with `reply_to` a reply to one."""
        place, person = self._place(wish), self._person(wish)
        content = content_of(self._chat_message(wish), place.team.members.names())
        reply_to = _optional(wish, "reply_to")
        return place.team.post(place.channel, content, _sender(person), reply_to=reply_to).to_json()

    def edit(self, wish: Json) -> Json:
        place = self._place(wish)
        message = _message(place, wish)
        sent = {"attachments": [], "mentions": [], "reactions": [], **self._chat_message(wish)}
        content = content_after(message.content, sent, place.team.members.names())
        return place.team.edit(place.channel, message, content).to_json()

    def delete(self, wish: Json) -> Json:
        place = self._place(wish)
        return place.team.delete(place.channel, _message(place, wish)).to_json()

    def react(self, wish: Json) -> Json:
        place = self._place(wish)
        return place.team.react(place.channel, _message(place, wish), self._reaction(wish, place)).to_json()

    def take_back(self, wish: Json) -> Json:
        place = self._place(wish)
        return place.team.take_back(place.channel, _message(place, wish), self._reaction(wish, place)).to_json()

    def grant(self, wish: Json) -> Json:
        """Give the application permissions, or take them away: their names, with true or false."""
        if Grants.unknown(wish) or not all(isinstance(given, bool) for given in wish.values()):
            raise bad_request(f"Each of {', '.join(PLAYED)} may be true or false.")
        self._teams[0].grants.change(wish)
        return self._teams[0].grants.state()

    def archive_team(self, wish: Json) -> Json:
        """Archive a team as its owner may, or with `archived` false open it again."""
        team = self._team(wish)
        team.archived = wish.get("archived") is not False
        return team.to_json()

    def _chat_message(self, wish: Json) -> Json:
        """A chatMessage: the text or the markup, after those who are mentioned and before the files."""
        people = [self._known(address) for address in _texts(wish, "mentions")]
        files = [_file(sent) for sent in _objects(wish, "files")]
        names = "".join(f'<at id="{number}">{html.escape(each.name)}</at> ' for number, each in enumerate(people))
        markers = "".join(f'<attachment id="{each["id"]}"></attachment>' for each in files)
        words = _optional(wish, "html") or html.escape(_text(wish, "text"), quote=False).replace("\n", "<br>")
        mentions = [
            {"id": number, "mentionText": each.name, "mentioned": {"user": {"id": each.entra_id}}}
            for number, each in enumerate(people)
        ]
        content = names + words + markers
        return {"body": {"contentType": "html", "content": content}, "mentions": mentions, "attachments": files}

    def _reaction(self, wish: Json, place: _Place) -> Json:
        kind = _text(wish, "reaction")
        if len(kind) > _LONGEST_REACTION:
            raise bad_request(f"The reaction is longer than {_LONGEST_REACTION} characters.")
        return reaction_of(kind, self._person(wish).entra_id, place.team.clock())

    def _team(self, wish: Json) -> Team:
        wanted = _optional(wish, "team")
        found = next((team for team in self._teams if wanted in (None, team.id, team.name)), None)
        if found is None:
            raise not_found(f"There is no team {wanted!r}; there are {', '.join(team.name for team in self._teams)}.")
        return found

    def _place(self, wish: Json) -> _Place:
        wanted = _text(wish, "channel")
        teams = [self._team(wish)] if "team" in wish else self._teams
        for team in teams:
            for channel in team.channels:
                if not channel.deleted and wanted.casefold() in (channel.id.casefold(), channel.name.casefold()):
                    return _Place(team, channel)
        raise not_found(f"There is no channel of the id or name {wanted[:100]!r}.")

    def _person(self, wish: Json) -> Person:
        return self._known(_text(wish, "person"))

    def _known(self, address: str) -> Person:
        person = self._teams[0].world.person(address)
        if person is None:
            raise not_found(f"There is nobody of the address {address[:100]!r}.")
        return person


def _message(place: _Place, wish: Json) -> Message:
    message = place.team.messages.get(place.channel.id, _text(wish, "message"))
    if message.deleted:
        raise not_found(f"Message '{message.id}' was deleted.")
    return message


def _sender(person: Person) -> Json:
    return Caller(person.entra_id, person.name, delegated=True).as_identity_set()


def _file(sent: Json) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "contentType": "reference",
        "contentUrl": _text(sent, "url"),
        "name": _text(sent, "name"),
    }


def _text(wish: Json, name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request(f"The field '{name}' is needed, as a text.")
    return value


def _optional(wish: Json, name: str) -> str | None:
    return _text(wish, name) if wish.get(name) is not None else None


def _texts(wish: Json, name: str) -> list[str]:
    value = wish.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise bad_request(f"The field '{name}' is a list of texts.")
    return value


def _objects(wish: Json, name: str) -> list[Json]:
    value = wish.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise bad_request(f"The field '{name}' is a list of objects.")
    return value


async def _read(request: web.Request) -> Json:
    raw = await request.read()
    try:
        wish = json.loads(raw) if len(raw) <= _LARGEST_BODY else None
    except (ValueError, RecursionError):
        wish = None
    if not isinstance(wish, dict):
        raise bad_request("A JSON object is expected.")
    return wish


def _refusal(refused: Refused) -> web.Response:
    return web.json_response({"error": {"message": refused.message}}, status=refused.status)
