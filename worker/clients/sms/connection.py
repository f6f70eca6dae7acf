"""Where Azure Communication Services are and how we prove who we are: a connection string's key, or Entra ID."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from azure.communication.sms._generated.aio import AzureCommunicationSMSService
from azure.communication.sms._shared.auth_policy_utils import get_authentication_policy
from azure.core.credentials_async import AsyncTokenCredential

from worker.clients.sms.transport import HttpxTransport
from worker.domain.errors import Misconfigured
from worker.settings import Settings, sms_connection


@dataclass(frozen=True, slots=True)
class Connection:
    endpoint: str
    proof: AsyncTokenCredential | str | None
    """A token's source, or the access key; a stand-in may ask for none."""

    @classmethod
    def of(cls, settings: Settings, credential: AsyncTokenCredential | None) -> "Connection | None":
        """None when no SMS are configured; a connection string goes before an endpoint."""
        if settings.sms_connection_string is not None:
            return cls(*sms_connection(settings.sms_connection_string.get_secret_value()))
        endpoint = settings.sms_endpoint
        if endpoint is None:
            return None
        if credential is not None and endpoint.startswith("http:"):
            raise Misconfigured(
                f"TOCSIN_SMS_ENDPOINT={endpoint} is plain http, over which no token is sent. Use the https address, or "
                "TOCSIN_SMS_CONNECTION_STRING for a stand-in."
            )
        return cls(endpoint, credential)

    def service(self, transport: HttpxTransport) -> AzureCommunicationSMSService:
        """The client under the SDK's `SmsClient`, which draws a new repeatability id for every request by itself."""
        # The SDK signs the name of the host as it is given it, and with a path it would not be the one of the request.
        origin = urlsplit(self.endpoint)._replace(path="").geturl()
        policy = self.proof and get_authentication_policy(origin, self.proof, decode_url=True, is_async=True)
        # The tries are ours, and so are the addresses.
        alone = {"retry_total": 0, "permit_redirects": False}
        return AzureCommunicationSMSService(
            self.endpoint, authentication_policy=policy or None, transport=transport, **alone
        )
