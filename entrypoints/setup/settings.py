"""What the settings may say: one TOML file, which `settings_file` reads.

What is wrong with them is found by `settings_checks`. Secrets are in files or environment variables; the TOML file only
says where.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from paystate.adapters.signing.secret_files import read_file
from paystate.core.policy import DEFAULT, CheckoutMode, Policy
from paystate.core.settlement.reading import ReportFormat
from paystate.core.urls import is_local
from paystate.entrypoints.setup.credentials import ApiKey, Scope
from paystate.entrypoints.setup.rates import Rates
from paystate.entrypoints.setup.tables.console import ConsoleSettings
from paystate.entrypoints.setup.tables.watching import MetricsSettings, TracingSettings


class Mode(StrEnum):
    """How the SDK gets its payloads."""

    SIGNATURE = "signature"
    """We sign the payloads."""
    SESSION = "session"
    """Juspay makes the process payload in answer to a session request of ours."""


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret stands: in the file `file` or in the environment variable `env`; the whole of it, stripped."""

    file: str | None = None
    env: str | None = None


class SigningKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An RSA key that payloads are signed with.

    Attributes:
        key_id: Juspay's `merchantKeyId` for its public half.
        file: PEM of the private half, PKCS#8, readable by its owner alone.
    """

    key_id: str
    file: str
    state: Literal["next", "active", "retiring", "revoked"] = "active"


class JuspayKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key of Juspay's for JWT mode.

    Attributes:
        key_id: The id that the dashboard shows; where it shows one for both sides, the same as ours.
        file: PEM, as it was downloaded.
    """

    key_id: str
    file: str


class SealedWebhooks(StrEnum):
    """What is done with webhooks in JWT mode."""

    OFF = "off"
    """Only plain ones are taken."""
    ALLOWED = "allowed"
    """Both are taken, as they both come while Juspay changes over."""
    REQUIRED = "required"
    """Plain ones are refused."""


class JwtSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """JWT mode: bodies signed and encrypted, both ways.

    Attributes:
        keys: Ours, to sign with and to be encrypted to; exactly one is active.
        juspay_keys: Juspay's, the newest first: that one we encrypt to, all of them may sign.
        calls: Whether sessions, order status and refunds go that way.
    """

    keys: tuple[SigningKey, ...]
    juspay_keys: tuple[JuspayKey, ...]
    calls: bool = False
    webhooks: SealedWebhooks = SealedWebhooks.OFF


class WebhookLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Basic credentials that Juspay sends with a webhook."""

    user: str
    password: Secret


class BackendKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An API key of the merchant's backend, as `paystate keys new` prints it.

    Attributes:
        id: The key's public part.
        digest: SHA-256 of its secret part, in hex.
        expires: From when on it opens nothing.
        revoked: When `paystate keys revoke` took it away; it opens nothing.
        note: Whose it is, for people.
    """

    id: str
    digest: str
    scopes: tuple[Scope, ...]
    expires: Annotated[datetime, Meta(tz=True)] | None = None
    revoked: Annotated[datetime, Meta(tz=True)] | None = None
    note: str = ""

    def api_key(self) -> ApiKey:
        """The key as callers are compared with it."""
        return ApiKey(self.id, self.digest, frozenset(self.scopes), self.expires, is_revoked=self.revoked is not None)


class PolicySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a merchant may choose of the core's policy, under the same names; times in seconds."""

    checkout_mode: CheckoutMode = DEFAULT.checkout_mode
    checkout_ttl_s: int = DEFAULT.checkout_ttl_s
    fulfilment_window_s: int = DEFAULT.fulfilment_window_s
    looks_end_s: int = DEFAULT.looks_end_s
    hold_window_s: int = DEFAULT.hold_window_s
    hold_warning_s: int = DEFAULT.hold_warning_s
    looks_per_minute: int = DEFAULT.looks_per_minute
    looks_per_hour: int = DEFAULT.looks_per_hour
    refund_tries_max: int = DEFAULT.refund_tries_max
    discount_max_percent: int = DEFAULT.discount_max_percent
    disputes_max: int = DEFAULT.disputes_max
    webhooks_max: int = DEFAULT.webhooks_max
    quarantine_bytes_max: int = DEFAULT.quarantine_bytes_max
    quarantine_webhooks_max: int = DEFAULT.quarantine_webhooks_max
    quarantine_kept_s: int = DEFAULT.quarantine_kept_s
    webhook_bodies_kept_s: int = DEFAULT.webhook_bodies_kept_s
    announcements_kept_s: int = DEFAULT.announcements_kept_s
    refund_when_cancelled: bool = DEFAULT.refund_when_cancelled
    refund_slow_s: int = DEFAULT.refund_slow_s
    twice_paid_window_s: int = DEFAULT.twice_paid_window_s
    order_id_max: int = DEFAULT.order_id_max
    calls_per_second: int = DEFAULT.calls_per_second
    calls_burst: int = DEFAULT.calls_burst

    def policy(self) -> Policy:
        """The policy that the core takes."""
        return Policy(**msgspec.structs.asdict(self))


class EndpointSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A webhook endpoint of the merchant's own, which is told of announcements.

    Attributes:
        name: What its deliveries are kept under. An endpoint with another name is another one.
        events: Kinds, or patterns such as `refund.*`.
        secrets: `whsec_` and base64; the newest first, two at most, both of which sign.
        timeout_s: For one try.
        allow_private: It may be on this machine or in a private network, and there without TLS.
    """

    name: str
    url: str
    secrets: tuple[Secret, ...]
    events: tuple[str, ...] = ("*",)
    timeout_s: Annotated[int, Meta(ge=1, le=25)] = 15
    allow_private: bool = False


class BrokerLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user of the merchant's NATS."""

    user: str
    password: Secret


class StreamSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stream of the merchant's NATS JetStream, which is told of announcements.

    Attributes:
        name: What its deliveries are kept under, as an endpoint's.
        servers: `tls://host:port` of one cluster's; five at most.
        stream: Its name at the broker. It has to be there, and to take the subjects.
        subject: With `{merchant}` and `{kind}`, such as `teashop` and `order.paid`.
        events: Kinds, or patterns such as `refund.*`.
        credentials: A file of a NATS user's, as `nsc` writes it.
        login: A user and a password in its place.
        ca_file: PEM of the authority of the servers' certificates; left out, the public ones.
        timeout_s: For one try.
        allow_private: It may be on this machine or in a private network, and there without TLS (`nats://`).
    """

    name: str
    servers: tuple[str, ...]
    stream: str
    subject: str = "paystate.{merchant}.{kind}"
    events: tuple[str, ...] = ("*",)
    credentials: str | None = None
    login: BrokerLogin | None = None
    ca_file: str | None = None
    timeout_s: Annotated[int, Meta(ge=1, le=25)] = 5
    allow_private: bool = False


class MerchantSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One merchant's account at Juspay.

    Attributes:
        base_url: Juspay's server, such as `https://sandbox.juspay.in`; plain http only on this machine.
        api_key: Juspay's API key.
        payment_page_origins: Where Juspay's payment page lives, if not at `base_url`; a session that links
            elsewhere is not handed out.
        response_keys: Keys of signed return URLs; the newest first, three at most.
        webhook_logins: Several while the password is being changed.
        backend_keys: `key id:SHA-256` of each API key that the merchant's own backend may use.
        return_hosts: Hosts to which a shopper may be sent in the end, with a port where it is not the usual one.
        app_origins: Origins of pages, such as `https://shop.example.com`, that may call the app's routes from a
            browser; none by itself, and the page is served from our own origin then, or calls through its backend.
        endpoints: Who is told of announcements by webhooks.
        streams: Who is told of them by NATS JetStream.
        jwt: Left out, everything is plain.
        settlement_formats: How settlement reports are written, each under a name of the merchant's.
        time_zone: Where the merchant's days begin and end, by its name in the IANA database: `Asia/Kolkata`.
    """

    client_id: str
    base_url: str
    api_key: Secret
    payment_page_origins: tuple[str, ...] = ()
    environment: Literal["sandbox", "production"] = "sandbox"
    mode: Mode = Mode.SIGNATURE
    version: str = "2023-06-30"
    response_keys: tuple[Secret, ...] = ()
    signing_keys: tuple[SigningKey, ...] = ()
    webhook_logins: tuple[WebhookLogin, ...] = ()
    webhook_headers: dict[str, Secret] = {}
    backend_keys: tuple[str | BackendKey, ...] = ()
    return_hosts: tuple[str, ...] = ()
    app_origins: tuple[str, ...] = ()
    endpoints: tuple[EndpointSettings, ...] = ()
    streams: tuple[StreamSettings, ...] = ()
    jwt: JwtSettings | None = None
    settlement_formats: dict[str, ReportFormat] = {}
    time_zone: str = "UTC"
    policy: PolicySettings = PolicySettings()

    @property
    def zone(self) -> tzinfo:
        """The time zone; raises KeyError, OSError or ValueError where there is none of that name."""
        return ZoneInfo(self.time_zone)

    @property
    def subscribers(self) -> tuple[EndpointSettings | StreamSettings, ...]:
        """Everybody who is told of announcements; their names are unique."""
        return (*self.endpoints, *self.streams)

    @property
    def api_keys(self) -> tuple[BackendKey, ...]:
        """The backend's keys. The short form, `key id:digest`, may do everything and never expires."""
        return tuple(one if isinstance(one, BackendKey) else _in_full(one) for one in self.backend_keys)


def _in_full(entry: str) -> BackendKey:
    key_id, _, digest = entry.partition(":")
    return BackendKey(id=key_id, digest=digest, scopes=tuple(Scope))


class RateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Requests a second that one caller may make in the long run; ten seconds' worth may come at once.

    Attributes:
        per_key: Of one API key.
        per_address: Of one address without an API key.
    """

    per_key: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = Rates().per_key
    per_address: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = Rates().per_address


class PostgresSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How PostgreSQL is used, where `database` is an address of one.

    Attributes:
        password: None where the server asks for none.
        tls: Whether the connection is encrypted, and the server has to prove who it is. Without it: yes, unless the
            server is on this machine.
        ca_file: PEM of the certificate authority that the server's certificate is from; without it, the public ones.
        connections_max: So many connections each process opens at most: the service, and each worker beside it.
        timeout_s: How long to wait for a connection, for a lock, and for a statement.
        prepared_max: How many statements each connection keeps prepared. It saves a third of the time, and does not go
            together with a pooler that hands out connections by the transaction, unless that knows of them.
    """

    password: Secret | None = None
    tls: bool | None = None
    ca_file: str | None = None
    connections_max: Annotated[int, Meta(ge=2, le=1000)] = 10
    timeout_s: Annotated[int, Meta(ge=1, le=60)] = 5
    prepared_max: Annotated[int, Meta(ge=0, le=1000)] = 0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything one installation is set to.

    Attributes:
        public_url: Where the outside world reaches this service.
        database: The SQLite file, relative to the settings file; or `postgresql://user@host/name`, without a password.
        postgres: How PostgreSQL is used, where that is one.
        worker: Whether `paystate serve` runs a worker of its own.
        ca_file: PEM of the one certificate authority to trust at Juspay's side: that of a sandbox with TLS. Without
            it, the public ones.
        hosts: Names by which proxies and backends address this service, beside the host of `public_url` and this
            machine's own names and addresses.
        trusted_proxies: How many proxies stand in front, each appending whom it saw to `X-Forwarded-For`. With 0 that
            header is not looked at.
        metrics: Where metrics are scraped, if they are.
        tracing: Where traces go, if there are any.
        console: The pages for support; without it there are none.
        folder: The settings file's folder; relative paths count from here.
    """

    merchants: dict[str, MerchantSettings]
    public_url: str
    database: str = "paystate.sqlite3"
    host: str = "127.0.0.1"
    port: int = 8000
    worker: bool = True
    ca_file: str | None = None
    hosts: tuple[str, ...] = ()
    trusted_proxies: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0
    rates: RateSettings = RateSettings()
    postgres: PostgresSettings = PostgresSettings()
    metrics: MetricsSettings | None = None
    tracing: TracingSettings | None = None
    console: ConsoleSettings | None = None
    folder: str = "."

    @property
    def is_on_postgres(self) -> bool:
        """Whether `database` is an address, and no file."""
        return "://" in self.database

    @property
    def database_path(self) -> Path:
        """The database file, where it is one."""
        return Path(self.folder, self.database)

    def file(self, name: str) -> Path:
        """A file that the settings name."""
        return Path(self.folder, name)

    def secret(self, secret: Secret, environ: Mapping[str, str] = os.environ) -> str:
        """The value of a secret.

        Raises:
            KeyError, FileUnusable, ValueError: It is not there or no text; `check` finds that before anything starts.
        """
        if secret.env is not None:
            return environ[secret.env].strip()
        return read_file(self.file(secret.file or "")).decode("utf-8").strip()

    @property
    def upstream_is_loopback(self) -> bool:
        """Whether every merchant's Juspay is a sandbox on this machine."""
        return all(is_local(one.base_url) for one in self.merchants.values())
