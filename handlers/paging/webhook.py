"""By a webhook, for whatever pager a house has."""

from datetime import datetime, timedelta

from handlers.paging.way import KeyedToOne, Recipient, Wording
from worker.clients.pager.webhook import PagerWebhook
from worker.domain.errors import Permanent
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.paging_ways import WEBHOOK
from worker.engine.step import Done


class Webhook(KeyedToOne):
    # Its key is that of the incident and the person, without any time.
    window = timedelta.max

    def __init__(self, recipient: Recipient, webhook: PagerWebhook, wording: Wording) -> None:
        super().__init__(recipient, WEBHOOK + webhook.name)
        self._webhook = webhook
        self._wording = wording

    async def send(self, incident: Incident, done: Done, first_sent: datetime) -> Page:
        del first_sent
        body = self._wording.in_webhook(incident, self.recipient, done)
        try:
            answer = await self._webhook.page(body, key=f"{incident.id}:{self.label}")
        except Permanent as error:
            return self.refused(error)
        return self.recipient.page(self.by, answer, told=True)
