"""Every environment variable, read once, frozen, validated at start, all faults named together."""

import base64
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from worker.alerts.house_format import HouseFormat
from worker.alerts.reading import Reading
from worker.alerts.severities import UNCHANGED, Severities
from worker.domain.boards_states import read_boards_states
from worker.domain.errors import Misconfigured
from worker.domain.grouping_rules import GroupingRule, read_rules
from worker.domain.last_resort import Target, read_last_resort
from worker.domain.masking import masked
from worker.domain.measured_labels import SERVICE_LABELS
from worker.domain.paging_ways import PagingWays, read_paging_ways
from worker.domain.response.state import ResponseState
from worker.domain.sender_rate import SenderRate, read_rate
from worker.domain.sender_rules import SenderRules, read_sender_rules, sender_name
from worker.domain.sender_scope import is_sender_name
from worker.domain.teams_fallback import Fallback, read_fallback
from worker.domain.update_cadence import Cadence, read_cadence
from worker.domain.validation import WEB_ADDRESS, Matching, faults

PREFIX = "TOCSIN_"
# Who types: the commands read it themselves, of the environment alone, since some of them need no setting.
ME = "TOCSIN_ME"
_SHA256 = re.compile(r"[0-9a-f]{64}")
# As Prometheus and Grafana have them, those of OpenTelemetry included.
_LABEL = re.compile(r"[A-Za-z_][\w.:/ -]{0,199}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Shorter ones can be guessed at home by whoever sees one signed request.
_SECRET_LENGTH = 16
_Secret = TypeVar("_Secret")
_WEBHOOK = re.compile(r"[a-z0-9-]{1,32}")
_WEBHOOK_NAME = "the name has up to 32 of a-z, 0-9 and -"
_ENCODED = "whsec_"
# A number, a short code or a name, as Azure takes them for the sender of an SMS.
_SMS_SENDER = re.compile(r"\+[1-9][0-9]{1,14}|[A-Za-z0-9 ]{1,11}")
_LARGEST_FILE = 1_000_000
# The queue keeps a message for two weeks (deploy/): a late copy would launch anew what is not known any more.
_KEEP_AT_LEAST = timedelta(days=15)
_LONGEST_KEPT = timedelta(days=36_525)
_NO_EXPORT = "none"
_LONGEST_NOTICE_HOURS = 336
_AUTHORITY = re.compile(r"://([^\s/;,?#]*)")
_HIGHEST_PORT = 65_535
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def _to_seconds(value: object) -> object:
    return timedelta(seconds=float(value)) if isinstance(value, int | float | str) else value


def _to_days(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        return timedelta()
    try:
        return timedelta(days=float(value)) if isinstance(value, int | float | str) else value
    except (ValueError, OverflowError):
        raise ValueError("must be a number of days") from None


def _to_days_or_never(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else _to_days(value)


def _to_words(value: object) -> object:
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def _without_trailing_slash(url: str) -> str:
    return url.rstrip("/")


def _to_fallback(value: object) -> object:
    return read_fallback(value) if isinstance(value, str) else value


def _to_last_resort(value: object) -> object:
    return read_last_resort(value) if isinstance(value, str) else value


def _to_boards_states(value: object) -> object:
    return read_boards_states(value) if isinstance(value, str) else value


def _to_cadence(value: object) -> object:
    return read_cadence(value) if isinstance(value, str) else value


def _to_paging_ways(value: object) -> object:
    return read_paging_ways(value) if isinstance(value, str) else value


def _port(number: int) -> int:
    if not 0 <= number <= _HIGHEST_PORT:
        raise ValueError(f"there is no port {number}; ports are 1 to {_HIGHEST_PORT}, and 0 takes a free one")
    return number


def _to_rate(value: object) -> object:
    return (read_rate(value) if value.strip() else None) if isinstance(value, str) else value


def _to_shift_messages(value: object) -> object:
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word in {"", "off"}:
        return None
    found = re.fullmatch(r"(\d{1,3})\s*h", "48h" if word == "on" else word, re.ASCII)
    if found is None or int(found[1]) > _LONGEST_NOTICE_HOURS:
        raise ValueError(
            f"must be off, on, or how long before its beginning a shift is announced, as 24h, at most "
            f"{_LONGEST_NOTICE_HOURS}h; 0h for handovers alone"
        )
    return timedelta(hours=int(found[1]))


def _empty_is_unset(value: object) -> object:
    return value or None


Seconds = Annotated[timedelta, BeforeValidator(_to_seconds), Field(ge=timedelta(seconds=1))]
SecondsOrNever = Annotated[timedelta, BeforeValidator(_to_seconds), Field(ge=timedelta())]
HttpUrl = Annotated[str, Matching(r"^https?://[^\s]+$", WEB_ADDRESS), AfterValidator(_without_trailing_slash)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Settings(BaseSettings):
    """Read with `Settings.read()`; every field is the variable TOCSIN_<NAME>."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    servicebus_connection_string: SecretStr | None = None
    servicebus_namespace: str | None = None
    servicebus_queue: Name = "incidents"

    tables_connection_string: SecretStr | None = None
    tables_endpoint: HttpUrl | None = None
    tables_incidents: Name = "incidents"
    tables_oncall: Name = "oncall"
    tables_schedules: Name = "schedules"
    # Apart, since the intake writes it: whoever gets into that must not change who is on call.
    tables_calendars: Name = "calendars"
    # A directory that outlives a worker: what both tables of people held last, for when they do not answer.
    on_call_copy: Annotated[Path | None, BeforeValidator(_empty_is_unset)] = None

    boards_url: HttpUrl | None = None
    boards_project: Name = "Incidents"
    boards_work_item_type: Name = "Issue"
    boards_key_field: Name | None = None
    boards_pat: SecretStr | None = None
    # Which state a work item is given for one of the response's; the others are found by their categories.
    boards_states: Annotated[tuple[tuple[ResponseState, str], ...], NoDecode, BeforeValidator(_to_boards_states)] = ()

    graph_url: HttpUrl = "https://graph.microsoft.com/v1.0"
    teams_team_id: Name | None = None
    posting: Literal["bot", "delegated"] = "bot"
    bot_service_url: HttpUrl | None = None
    bot_app_id: Name | None = None
    tenant_id: Name | None = None
    delegated_token_cache: str | None = None
    # The app registration that the person signs in to, where it is another one than the bot's.
    delegated_client_id: Name | None = None

    sms_connection_string: Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)] = None
    sms_endpoint: Annotated[HttpUrl | None, BeforeValidator(_empty_is_unset)] = None
    sms_from: Annotated[Name | None, BeforeValidator(_empty_is_unset)] = None

    # An address may hold a token. The same name may stand twice among the secrets alone.
    paging_webhooks: Annotated[tuple[tuple[str, SecretStr], ...], NoDecode] = ()
    paging_webhook_secrets: Annotated[tuple[tuple[str, SecretStr], ...], NoDecode] = ()

    # So long an announcement waits, from when its channel stands, for the people and the work item that it names; and
    # three times as long, from when the launch begins, for the channel itself.
    announce_patience_seconds: Seconds = timedelta(seconds=5)
    # Where an incident is announced while its own channel cannot be had.
    teams_fallback: Annotated[Fallback, NoDecode, BeforeValidator(_to_fallback)] = read_fallback("first-channel, chats")
    # Where updates in plain words are posted besides; the first channel that it names is meant.
    teams_stakeholders: Annotated[Fallback, NoDecode, BeforeValidator(_to_fallback)] = Fallback()
    # Whom to tell when nobody else could be told.
    last_resort: Annotated[tuple[Target, ...], NoDecode, BeforeValidator(_to_last_resort)] = ()

    credential: Literal["default", "anonymous"] = "default"

    slots: Annotated[int, Field(ge=1, le=64)] = 4
    # So many more slots stand by, a connection each while needed: half of them, at most two, read on while all slots
    # launch, and the others are for messages that wait up to a minute; without any, waits become scheduled copies.
    waiting: Annotated[int, Field(ge=0, le=64)] = 4
    # A worker that has not heard from the queue for so long ends, to be started anew.
    watchdog_seconds: Seconds = timedelta(minutes=5)
    # What Graph documents for one application in one team; it takes more from some tenants and less from busy ones.
    teams_requests_per_second: Annotated[int, Field(ge=1)] = 4
    teams_channels_per_second: Annotated[int, Field(ge=1)] = 1
    # How often a system that is down is tried again.
    probe_seconds: Seconds = timedelta(seconds=15)
    lease_seconds: Seconds = timedelta(seconds=30)
    # Azure DevOps delays a throttled answer by up to 30 s; a shorter time-out would turn patience into doubt.
    call_timeout_seconds: Seconds = timedelta(seconds=75)
    lookup_lag_seconds: Seconds = timedelta(seconds=30)
    give_up_after_seconds: Seconds = timedelta(hours=4)
    on_undecided: Literal["repeat", "park"] = "repeat"
    # Alerts of one group are one incident's for so long after its last alert; equal fingerprints until it has resolved,
    # and for a bounded time after that; but none for ever, since some senders never say that something has ended.
    grouping_window_seconds: Seconds = timedelta(minutes=30)
    grouping_reopen_seconds: Seconds = timedelta(minutes=10)
    grouping_idle_seconds: Seconds = timedelta(hours=24)
    # A storm is told as often, in one note that is changed.
    grouping_tell_seconds: Seconds = timedelta(seconds=15)
    # JSON, or the path of a file with it.
    grouping_rules: Annotated[tuple[GroupingRule, ...], NoDecode] = ()
    # New incidents of one sender in a time, those of severity 1 and 2 counted apart; what is beyond is one incident.
    # A team takes 600 channels in ten minutes, and people take note of far fewer. Empty: no bound.
    sender_rate: Annotated[InstanceOf[SenderRate] | None, NoDecode, BeforeValidator(_to_rate)] = read_rate("100/10m")
    # The state that a work item is given when all its alerts have resolved; without one it is only noted.
    boards_resolved_state: Name | None = None
    # By which ways people are told whose row of the roster does not say it.
    paging: Annotated[PagingWays, NoDecode, BeforeValidator(_to_paging_ways)] = read_paging_ways(
        "1-2=mention+sms, 3-5=mention"
    )
    # In how many minutes an update is promised, by severity: the first one, the next ones, and those once mitigated.
    update_cadence: Annotated[Mapping[int, InstanceOf[Cadence]], NoDecode, BeforeValidator(_to_cadence)] = read_cadence(
        ""
    )
    # How long a minute of a policy, and of every other wait of a response, is; smaller values are for tests.
    minute_seconds: Annotated[float, Field(gt=0, le=60)] = 60.0
    # A message of the channel with one of these reactions is a key moment of the review.
    key_reactions: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_to_words)] = ("\N{PUSHPIN}",)
    # So long after it was closed an incident's channel is archived, where the application may; empty: never.
    archive_after_days: Annotated[timedelta | None, BeforeValidator(_to_days_or_never)] = timedelta(days=7)
    # Whether members of the team who are on no roster may acknowledge an incident, and take it over.
    members_acknowledge: bool = True
    # Whether what a monitoring system says of its alerts acknowledges and resolves the incident, or is only told.
    alerts_acknowledge: bool = False
    alerts_resolve: bool = False
    # So long before its beginning a shift is announced to whoever has it, and handovers when they are; None: neither.
    shift_messages: Annotated[timedelta | None, BeforeValidator(_to_shift_messages)] = None
    # None of the workers sweeps when this is 0; a person can at any time.
    sweep_every_seconds: SecondsOrNever = timedelta(minutes=5)
    # Nothing is ever deleted without the first; what is deleted is exported first, to a directory that outlives the
    # workers, unless that is declined in so many words.
    keep_days: Annotated[timedelta, BeforeValidator(_to_days)] = timedelta()
    keep_export: Annotated[str | None, BeforeValidator(_empty_is_unset)] = None

    # Formats of a house's own: a file of maps, or a directory of such files.
    formats: Annotated[tuple[InstanceOf[HouseFormat], ...], NoDecode] = ()
    # What a monitoring system's word for how bad it is means here; it may name one of these formats.
    severities: Annotated[Severities, NoDecode] = UNCHANGED
    # The first of these labels that is given names the service, unless it names who measured.
    service_labels: Annotated[tuple[str, ...], NoDecode] = SERVICE_LABELS

    # The same name may stand in both several times: while one secret follows another, both hold.
    intake_keys: Annotated[tuple[tuple[str, str], ...], NoDecode] = ()
    intake_signing_secrets: Annotated[tuple[tuple[str, SecretStr], ...], NoDecode] = ()
    # The app that tokens of Entra ID must be made for; none are taken without it.
    intake_entra_audience: Name | None = None
    intake_entra_role: Name = "ActionGroupsSecureWebhook"
    # The one that the action groups of every tenant send with.
    intake_entra_apps: Annotated[tuple[str, ...], NoDecode] = ("461e8683-5575-4561-ac7f-899cc907d62a",)
    # The app role that makes a person an admin of incidents.
    intake_entra_admin_role: Name = "Tocsin.Admin"
    intake_entra_authority: HttpUrl = "https://login.microsoftonline.com"
    # What each of these senders may do beyond what it told itself; YAML or JSON, or the path of a file with it.
    intake_senders: Annotated[tuple[InstanceOf[SenderRules], ...], NoDecode] = ()
    # Where people reach the intake, and what the links that lead there are signed with: without both there are none.
    intake_url: Annotated[HttpUrl | None, BeforeValidator(_empty_is_unset)] = None
    link_secret: Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)] = None
    # A directory of one intake's own; without one, an event that the queue does not acknowledge is refused.
    intake_spool: Annotated[Path | None, BeforeValidator(_empty_is_unset)] = None
    # An alert has some kilobytes: ten thousand of them, as many as a bad night brings.
    intake_spool_bytes: Annotated[int, Field(ge=1_000_000)] = 64_000_000
    # Addresses of people whom stand-ins do not know on purpose, written by the sandbox.
    sandbox_planted: Annotated[tuple[str, ...], NoDecode] = ()
    log: Literal["json", "console"] = "json"

    health_host: Name = "127.0.0.1"
    # Off unless asked for: two workers on one machine would want the same one.
    health_port: Annotated[int, AfterValidator(_port)] | None = None
    # The names that every OpenTelemetry program knows; its SDK reads the rest of them itself.
    otlp_endpoint: Annotated[HttpUrl | None, BeforeValidator(_empty_is_unset)] = Field(
        default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    otlp_headers: SecretStr | None = Field(default=None, validation_alias="OTEL_EXPORTER_OTLP_HEADERS")

    @classmethod
    def read(cls, **overrides: Any) -> "Settings":
        """The settings of this process; raises Misconfigured with a sentence that names every fault."""
        try:
            return cls(**overrides)
        except ValidationError as error:
            raise Misconfigured(_all_faults(error)) from None

    @field_validator("grouping_rules", mode="before")
    @classmethod
    def _read_rules(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        text = value.strip()
        try:
            return read_rules(text if not text or text.startswith("[") else Path(text).read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"the file of rules cannot be read ({error.strerror})") from None
        except ValidationError as error:
            raise ValueError(f"the rules cannot be read: {faults(error)}") from None

    @field_validator("formats", mode="before")
    @classmethod
    def _read_formats(cls, value: object) -> object:
        if not isinstance(value, str | Path):
            return value
        if not str(value).strip():
            return ()
        # Only who has maps needs what reads them.
        from worker.alerts.mapping.map_files import read_formats  # noqa: PLC0415

        return read_formats(Path(value))

    @field_validator("intake_senders", mode="before")
    @classmethod
    def _read_senders(cls, value: object) -> object:
        if isinstance(value, str | Path):
            text = str(value).strip()
            value = _document(text if text.startswith("{") or "\n" in text else _file_of_senders(text)) if text else {}
        return value if isinstance(value, tuple) else read_sender_rules(value)

    @field_validator("severities", mode="before")
    @classmethod
    def _read_severities(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        return Severities.read(value, [house.format.name for house in info.data.get("formats", ())])

    @field_validator(
        "intake_keys", "intake_signing_secrets", "paging_webhooks", "paging_webhook_secrets", mode="before"
    )
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return tuple(value.items()) if isinstance(value, dict) else value
        pairs = (entry.partition("=") for entry in value.split(",") if entry.strip())
        return tuple((name.strip(), secret.strip()) for name, _, secret in pairs)

    @field_validator("intake_entra_apps", "sandbox_planted", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        return tuple(value.replace(",", " ").lower().split()) if isinstance(value, str) else value

    @field_validator("service_labels", mode="before")
    @classmethod
    def _split_labels(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("service_labels")
    @classmethod
    def _are_labels(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [name for name in names if not _LABEL.fullmatch(name)]:
            raise ValueError(f"must be names of labels with commas between, as service,app; not so: {wrong[0]!r}")
        return tuple(dict.fromkeys(names)) or SERVICE_LABELS

    @field_validator("intake_keys")
    @classmethod
    def _hashed(cls, keys: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        wanted = "name=SHA-256 of the key in 64 lower-case hexadecimal digits"
        _check_each(wanted, keys, _SHA256.fullmatch, is_sender_name)
        return keys

    @field_validator("intake_signing_secrets")
    @classmethod
    def _long_enough(cls, secrets: tuple[tuple[str, SecretStr], ...]) -> tuple[tuple[str, SecretStr], ...]:
        wanted = f"name=secret of at least {_SECRET_LENGTH} characters, none of them a comma"
        _check_each(wanted, secrets, lambda secret: len(secret.get_secret_value()) >= _SECRET_LENGTH, is_sender_name)
        return secrets

    @field_validator("intake_entra_apps")
    @classmethod
    def _ids(cls, apps: tuple[str, ...]) -> tuple[str, ...]:
        if not apps or not all(_GUID.fullmatch(app) for app in apps):
            raise ValueError("must be the ids of applications, as 461e8683-5575-4561-ac7f-899cc907d62a")
        return apps

    @model_validator(mode="after")
    def _entra_can_be_asked(self) -> "Settings":
        if self.intake_entra_audience and not _GUID.fullmatch((self.tenant_id or "").lower()):
            raise ValueError(
                f"{PREFIX}TENANT_ID: must be the id of the directory, since tokens name it so and "
                f"{PREFIX}INTAKE_ENTRA_AUDIENCE is set"
            )
        # Whoever can answer in its place could let anybody in.
        if self.intake_entra_authority.startswith("http:") and not is_loopback(self.intake_entra_authority):
            raise ValueError(f"{PREFIX}INTAKE_ENTRA_AUTHORITY: must be https, but for a stand-in on this machine")
        return self

    @model_validator(mode="after")
    def _senders_are_known(self) -> "Settings":
        known = {name for name, _ in (*self.intake_keys, *self.intake_signing_secrets)}
        if self.intake_entra_audience:
            known |= {sender_name(f"entra:{app}") for app in self.intake_entra_apps}
        unknown = sorted({rules.name for rules in self.intake_senders} - known)
        # A worker reads the same setting, and knows nobody's key.
        if known and unknown:
            raise ValueError(
                f"{PREFIX}INTAKE_SENDERS: no key, secret or app is known of {', '.join(unknown)}; known are: "
                f"{', '.join(sorted(known))}"
            )
        return self

    @field_validator("paging_webhooks")
    @classmethod
    def _reach_pagers(cls, webhooks: tuple[tuple[str, SecretStr], ...]) -> tuple[tuple[str, SecretStr], ...]:
        wanted = f"name=https://…, without a comma, and {_WEBHOOK_NAME}"
        _check_each(wanted, webhooks, lambda url: _is_web_address(url.get_secret_value()), _WEBHOOK.fullmatch)
        if twice := _twice(name for name, _ in webhooks):
            raise ValueError(f"each name stands once; not so: {', '.join(twice)}")
        return webhooks

    @field_validator("paging_webhook_secrets")
    @classmethod
    def _sign_pages(cls, secrets: tuple[tuple[str, SecretStr], ...]) -> tuple[tuple[str, SecretStr], ...]:
        wanted = (
            f"name=secret, as whsec_ and base64 or as text, of at least {_SECRET_LENGTH} characters, none of them a "
            f"comma, and {_WEBHOOK_NAME}"
        )
        _check_each(wanted, secrets, lambda secret: _is_webhook_secret(secret.get_secret_value()), _WEBHOOK.fullmatch)
        return secrets

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> "Settings":
        webhooks, signed = ({name for name, _ in each} for each in (self.paging_webhooks, self.paging_webhook_secrets))
        if unsigned := sorted(webhooks - signed):
            raise ValueError(f"{PREFIX}PAGING_WEBHOOK_SECRETS: a secret is missing for {', '.join(unsigned)}")
        if idle := sorted(signed - webhooks):
            raise ValueError(f"{PREFIX}PAGING_WEBHOOKS: there is a secret and no address for {', '.join(idle)}")
        return self

    @field_validator("keep_days")
    @classmethod
    def _outlives_messages(cls, keep: timedelta) -> timedelta:
        if keep and not _KEEP_AT_LEAST <= keep <= _LONGEST_KEPT:
            raise ValueError(
                f"must be from {_KEEP_AT_LEAST.days} to {_LONGEST_KEPT.days}, since a message may wait for two weeks "
                "in the queue and would launch anew what is deleted; or 0, so that nothing is ever deleted"
            )
        return keep

    @model_validator(mode="after")
    def _exports_what_it_deletes(self) -> "Settings":
        if self.keep_days and not self.keep_export:
            raise ValueError(
                f"{PREFIX}KEEP_EXPORT: must be a directory that outlives the workers, since {PREFIX}KEEP_DAYS is set "
                f"and what is deleted is exported first; or {_NO_EXPORT}, to keep no export"
            )
        return self

    @property
    def export_directory(self) -> Path | None:
        return None if self.keep_export in {None, _NO_EXPORT} else Path(self.keep_export or "")

    @field_validator("sms_connection_string")
    @classmethod
    def _reaches_sms(cls, connection: SecretStr | None) -> SecretStr | None:
        if connection is not None:
            sms_connection(connection.get_secret_value())
        return connection

    @field_validator("link_secret")
    @classmethod
    def _cannot_be_guessed(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < _SECRET_LENGTH:
            raise ValueError(f"must have at least {_SECRET_LENGTH} characters")
        return secret

    @field_validator("sms_from")
    @classmethod
    def _sends_sms(cls, sender: str | None) -> str | None:
        if sender is not None and not _SMS_SENDER.fullmatch(sender):
            raise ValueError("must be a number as +15005550100, a short code, or a name of up to 11 letters and digits")
        return sender

    @model_validator(mode="after")
    def _sms_have_a_sender(self) -> "Settings":
        given = [name for name in ("sms_connection_string", "sms_endpoint") if getattr(self, name)]
        if given and not self.sms_from:
            raise ValueError(
                f"{PREFIX}SMS_FROM: must be the number or name that SMS are sent from, since "
                f"{PREFIX}{given[0].upper()} is set"
            )
        return self

    @model_validator(mode="after")
    def _resolved_is_one_state(self) -> "Settings":
        wished, also = dict(self.boards_states).get(ResponseState.RESOLVED), self.boards_resolved_state
        if wished and also and wished.casefold() != also.casefold():
            raise ValueError(
                f"{PREFIX}BOARDS_STATES: says resolved={wished}, and {PREFIX}BOARDS_RESOLVED_STATE says {also}; "
                "let both name the same state, or leave one out"
            )
        return self

    @property
    def wished_boards_states(self) -> dict[ResponseState, str]:
        """States of work items by those of the response."""
        resolved = {ResponseState.RESOLVED: self.boards_resolved_state} if self.boards_resolved_state else {}
        return resolved | dict(self.boards_states)

    @model_validator(mode="after")
    def _secrets_are_encrypted(self) -> "Settings":
        in_the_clear = [f"{PREFIX}{where}" for where, url in self._addresses_with_secrets() if _is_in_the_clear(url)]
        if in_the_clear and self.credential != "anonymous":
            raise ValueError(f"{', '.join(in_the_clear)}: must be https, but for a stand-in")
        return self

    def _addresses_with_secrets(self) -> Iterator[tuple[str, str]]:
        """What is sent there, or the address itself, would be of use to whoever reads along."""
        if self.sms_connection_string is not None:
            yield "SMS_CONNECTION_STRING", sms_connection(self.sms_connection_string.get_secret_value())[0]
        yield "SMS_ENDPOINT", self.sms_endpoint or ""
        yield "INTAKE_URL", self.intake_url or ""
        for name, url in self.paging_webhooks:
            yield f"PAGING_WEBHOOKS ({name})", url.get_secret_value()

    @model_validator(mode="after")
    def _anonymous_stays_at_home(self) -> "Settings":
        if self.credential == "anonymous" and (remote := self._https_addresses()):
            raise ValueError(
                f"{PREFIX}CREDENTIAL=anonymous is for plain-http stand-ins only, and {', '.join(remote)} is https"
            )
        return self

    def _https_addresses(self) -> list[str]:
        named = ("boards_url", "graph_url", "bot_service_url", "sms_endpoint", "tables_endpoint")
        addresses = [(name.upper(), getattr(self, name) or "") for name in named]
        addresses += [each for each in self._addresses_with_secrets() if each[0] not in {"SMS_ENDPOINT", "INTAKE_URL"}]
        return [PREFIX + where for where, address in addresses if address.startswith("https:")]

    @field_validator("*", mode="after")
    @classmethod
    def _ports_exist(cls, value: object) -> object:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and (wrong := next(_port_faults(text), None)):
            raise ValueError(wrong)
        return value

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, masked(value) if isinstance(value, str) else value

    @property
    def reading(self) -> Reading:
        return Reading(self.severities, self.service_labels, self.formats)

    @property
    def asks_who_sends(self) -> bool:
        return bool(self.intake_keys or self.intake_signing_secrets or self.intake_entra_audience)

    def sender_rules(self, name: str) -> SenderRules:
        """Those of a sender of whom nothing is said: it may see and end what it told itself."""
        return next((rules for rules in self.intake_senders if rules.name == name), SenderRules(name))

    def rate_of(self, sender: str) -> SenderRate | None:
        """At which it may open incidents; None without a bound."""
        return self.sender_rules(sender).rate or self.sender_rate

    def require(self, *names: str) -> None:
        """Raise Misconfigured naming every one of these that is not set; `a|b` means one of the two."""
        missing = [name for name in names if not any(getattr(self, option) for option in name.split("|"))]
        if missing:
            wanted = ", ".join(" or ".join(PREFIX + option.upper() for option in name.split("|")) for name in missing)
            raise Misconfigured(f"Not set: {wanted}. Set them in the environment or in a .env file.")

    @classmethod
    def unknown_names(cls) -> list[str]:
        """The variables that look like ours and mean nothing, as one mistyped at night does."""
        known = {ME, *((PREFIX + name).upper() for name in cls.model_fields)}
        given = {*os.environ, *dotenv_values(str(cls.model_config.get("env_file") or ""))}
        return sorted(name for name in given if name.upper().startswith(PREFIX) and name.upper() not in known)

    @cached_property
    def step_allowance(self) -> timedelta:
        """How long after it began a step may still have a request on its way.

        A write leaves only while its whole time-out still fits: a step has the lease's duration to come to its write.
        """
        return self.call_timeout_seconds + self.lease_seconds


def _check_each(
    wanted: str,
    pairs: Sequence[tuple[str, _Secret]],
    is_well: Callable[[_Secret], object],
    is_name: Callable[[str], object] = bool,
) -> None:
    # By place: what stands for a name may be a key that somebody pasted without one.
    wrong = [str(place) for place, (name, secret) in enumerate(pairs, 1) if not is_name(name) or not is_well(secret)]
    if wrong:
        raise ValueError(f"each entry is {wanted}; not so: entry {', '.join(wrong)}")


def _file_of_senders(path: str) -> str:
    """Raises ValueError."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ValueError(f"the file of senders cannot be read ({error.strerror})") from None
    if len(text) > _LARGEST_FILE:
        raise ValueError(f"the file of senders is longer than {_LARGEST_FILE:,} characters")
    return text


def _document(text: str) -> object:
    """What JSON or YAML says; raises ValueError."""
    # Only who has such a text needs what reads it.
    from worker.alerts.mapping.yaml_document import Unreadable, read_documents  # noqa: PLC0415

    try:
        documents = read_documents(text)
    except Unreadable as error:
        raise ValueError(f"line {error.line}: {error.message}") from None
    if len(documents) != 1:
        raise ValueError("must be one document of YAML or JSON")
    return documents[0].value


def sms_connection(text: str) -> tuple[str, str]:
    """The endpoint and the access key of a connection string; raises ValueError, without the key."""
    given = {
        name.strip().lower(): value.strip() for name, _, value in (each.partition("=") for each in text.split(";"))
    }
    endpoint, key = given.get("endpoint", "").rstrip("/"), given.get("accesskey", "")
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", endpoint) or not _is_base64(key):
        raise ValueError("must be endpoint=https://…;accesskey=…, as the portal shows it under Keys")
    return endpoint, key


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def webhook_secret(text: str) -> bytes:
    """What `whsec_` and base64 stand for, or the text itself; raises ValueError for base64 that is none."""
    if text.startswith(_ENCODED):
        return base64.b64decode(text.removeprefix(_ENCODED), validate=True)
    return text.encode()


def _is_webhook_secret(text: str) -> bool:
    try:
        return len(webhook_secret(text)) >= _SECRET_LENGTH
    except ValueError:
        return False


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return known and parts.scheme in {"http", "https"} and parts.username is None and not re.search(r"[^!-~]", url)


def _port_faults(text: str) -> Iterator[str]:
    """What is wrong with the ports of the addresses in a text, which may be a connection string or a list."""
    for authority in _AUTHORITY.findall(text):
        host_and_port = authority.rpartition("@")[2]
        _, colon, port = host_and_port.rpartition("]")[2].rpartition(":")
        if not colon:
            continue
        if not port.isascii() or not port.isdecimal():
            # What stands there may be a part of a password.
            yield "the port in the address is no number"
        elif not 0 < int(port[:9]) <= _HIGHEST_PORT:
            yield f"there is no port {port[:9]}; ports are 1 to {_HIGHEST_PORT}"


def _is_in_the_clear(url: str) -> bool:
    return url.startswith("http:") and not is_loopback(url)


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK


def _all_faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "Wrong settings: " + "; ".join(_fault(fault["loc"], fault["msg"]) for fault in faults) + "."


def _fault(location: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    if not location:
        return text
    name = str(location[0])
    return f"{name}: {text}" if name.isupper() else f"{PREFIX}{name.upper()}: {text}"
