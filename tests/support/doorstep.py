"""The front door, spoken to through its app."""

import json
from datetime import timedelta

import httpx

from worker.domain.incident import incident_id
from worker.intake.app import create_intake
from worker.intake.review_endpoint import no_review
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.settings import Settings


class Doorstep:
    """The app, a queue that is a list unless a test publishes in its own way, and a history that is a table."""

    def __init__(self, spool=None, responses=None, find_review=None, find_kept=no_review, **overrides):
        self.published = []
        self.publishing = None
        self.histories = {}
        self.stories = {}
        self.records = {}
        self.calendars = {}
        self.open = []
        self.looking = None
        self.opened = ...
        self.on_call = None
        self.outage = None
        self.unready = None
        self.responses = responses
        self.settings = Settings(_env_file=None, **overrides)
        throttle = UnauthenticatedThrottle(delay=timedelta())
        self.app = create_intake(
            self.settings,
            self.publish,
            self.history,
            lambda: self.unready,
            throttle=throttle,
            find_alert=self.story,
            record_once=self.record_once,
            find_open=self.newest,
            find_opened=self.opens,
            ask_on_call=self.ask_on_call,
            find_calendar=self.calendar,
            spool=spool,
            responses=responses,
            find_review=find_review,
            find_kept=find_kept,
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost")

    async def publish(self, encoded):
        if self.outage:
            raise self.outage
        if self.publishing:
            return await self.publishing(encoded.event)
        return self.published.append(encoded.event)

    async def history(self, asked):
        if self.outage:
            raise self.outage
        return self.histories.get(asked)

    async def story(self, asked):
        if self.outage:
            raise self.outage
        return self.stories.get(asked)

    async def calendar(self, token):
        if self.outage:
            raise self.outage
        return self.calendars.get(token)

    async def opens(self, event):
        if isinstance(self.opened, Exception):
            raise self.opened
        return incident_id(event.key) if self.opened is ... else self.opened

    async def ask_on_call(self, service, at):
        if self.outage:
            raise self.outage
        return self.on_call(service, at)

    async def record_once(self, incident_id, record):
        if self.outage:
            raise self.outage
        return self.records.setdefault((incident_id, record.action, record.who), record)

    async def newest(self, service, limit, seen_by):
        if self.looking:
            return await self.looking()
        if self.outage:
            raise self.outage
        told_by = {incident: history.event.sender for incident, history in self.histories.items()}
        return [
            each
            for each in self.open
            if service in (None, each.service) and seen_by.may_see(told_by.get(each.incident_id, ""), each.service)
        ][:limit]

    async def post(self, content, path="/v1/incidents", **headers):
        body = content if isinstance(content, str | bytes) else json.dumps(content)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(path, content=body, headers=named)


def refusal(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return problem


def fields(problem):
    return [error["field"] for error in problem["errors"]]
