"""The composition root: the only place that constructs adapters.

Settings become a running installation here, and are closed at its end.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from attrs import define, field

from paystate.adapters.clock import HttpClock, RandomIds, SettableClock, SystemClock
from paystate.adapters.delivery.broker_credentials import read_credentials
from paystate.adapters.delivery.endpoint import WebhookEndpoint
from paystate.adapters.delivery.resolving import system_resolver
from paystate.adapters.juspay import JuspayClient, JuspayConfig, JuspayGateway, connection_pool
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.adapters.signing.keyring import KeyRing, KeyState, load_juspay_key, load_key
from paystate.adapters.signing.return_url import ReturnUrlVerifier
from paystate.adapters.signing.rsa import RsaSigner
from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.announcements.subscription import kinds_wanted
from paystate.core.checkouts.sdk_payloads import Account
from paystate.core.ports.console import PasswordHasher
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.ports.notifier import Subscriber
from paystate.core.ports.runtime import Clock
from paystate.core.ports.signing import Signer
from paystate.core.ports.store import Store
from paystate.core.urls import checked_origin
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.setup.credentials import Credentials, sha256
from paystate.entrypoints.setup.database_checks import check_database, has_tls
from paystate.entrypoints.setup.own_keys import own_keys
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.rates import Limits, Rates
from paystate.entrypoints.setup.runtime import Merchants, Runtime
from paystate.entrypoints.setup.settings import (
    EndpointSettings,
    MerchantSettings,
    Mode,
    SealedWebhooks,
    Settings,
    SigningKey,
    StreamSettings,
)

if TYPE_CHECKING:
    from paystate.adapters.delivery.broker import Broker, BrokerConfig
    from paystate.adapters.storage.postgres.store import PostgresStore

_SANDBOX_CLOCK: Final = "/_control/clock"
_SHARING: Final = "shares=true"
"""Tells a sandbox that a service goes by its clock."""


@asynccontextmanager
async def opened_runtime(settings: Settings, *, clock: Clock | None = None) -> AsyncGenerator[Runtime]:
    """Open everything the settings name, and close it again.

    Raises:
        KeyInvalid: A key cannot be used.
        StorageUnavailable: The database is not there or not at this version's schema.
    """
    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(opened_store(settings))
        pools = _Pools(opened, _trust(settings))
        runtime = Runtime(
            ports=ports_on(store, clock or SystemClock()),
            current=merchants_from(settings, pools.of, pools.to, pools.broker),
            merchants_from=lambda changed: merchants_from(changed, pools.of, pools.to, pools.broker),
            read_webhook=read_webhook,
            public_url=settings.public_url.rstrip("/"),
            serves_docs=settings.upstream_is_loopback,
            limits=Limits.at(Rates(per_key=settings.rates.per_key, per_address=settings.rates.per_address)),
            trusted_proxies=settings.trusted_proxies,
            hosts=(settings.host, *settings.hosts),
        )
        opened.push_async_callback(runtime.finish_notes)  # before the storage is closed
        yield runtime


@define
class _Pools:
    """The connections: each merchant has a pool to Juspay, each of its endpoints one, and each of its streams a broker.

    So calls which hang take up no other's. They keep it when settings are taken over; it is closed with the
    installation.
    """

    _opened: AsyncExitStack
    _trust: ssl.SSLContext | None
    _kept: dict[tuple[str, ...], httpx.AsyncHTTPTransport] = field(
        factory=dict[tuple[str, ...], httpx.AsyncHTTPTransport], init=False
    )

    _brokers: dict[tuple[str, BrokerConfig], Broker] = field(factory=dict[Any, Any], init=False)

    def of(self, merchant_id: str) -> httpx.AsyncBaseTransport:
        """The merchant's pool to Juspay."""
        return self._pool((merchant_id,), self._trust)

    def to(self, merchant_id: str, url: str) -> httpx.AsyncBaseTransport:
        """The pool to an endpoint of the merchant's; trusts the public authorities."""
        return self._pool((merchant_id, url), None)

    def broker(self, merchant_id: str, config: BrokerConfig) -> Broker:
        """The connection to a broker of the merchant's; another one where its servers or credentials have changed."""
        from paystate.adapters.delivery.broker import Broker  # The client of NATS is an extra of its own.

        if (merchant_id, config) not in self._brokers:
            broker = Broker(config, system_resolver())
            self._opened.push_async_callback(broker.close)
            self._brokers[merchant_id, config] = broker
        return self._brokers[merchant_id, config]

    def _pool(self, name: tuple[str, ...], trust: ssl.SSLContext | None) -> httpx.AsyncBaseTransport:
        if name not in self._kept:
            pool = connection_pool(ssl_context=trust)
            self._opened.push_async_callback(pool.aclose)
            self._kept[name] = pool
        return self._kept[name]


def _trust(settings: Settings) -> ssl.SSLContext | None:
    """Whom to trust at Juspay's side: the one that the settings name, and without one the public authorities."""
    if settings.ca_file is None:
        return None
    return ssl.create_default_context(cafile=str(settings.file(settings.ca_file)))


def merchants_from(
    settings: Settings,
    pool_of: Callable[[str], httpx.AsyncBaseTransport],
    pool_to: Callable[[str, str], httpx.AsyncBaseTransport],
    broker_of: Callable[[str, BrokerConfig], Broker],
) -> Merchants:
    """The merchants, ready to be served.

    Args:
        pool_of: The connections of a merchant, by id.
        pool_to: Those to an endpoint, by the merchant's id and the URL.
        broker_of: That of a stream, by the merchant's id and where the broker is.

    Raises:
        KeyInvalid: A key cannot be used.
    """
    envelopes = {merchant_id: envelope(settings, merchant) for merchant_id, merchant in settings.merchants.items()}
    merchants = {
        merchant_id: Merchant(
            account=Account(
                merchant_id=merchant_id,
                client_id=merchant.client_id,
                environment=merchant.environment,
                return_url=f"{settings.public_url.rstrip('/')}/return/{merchant_id}",
            ),
            policy=merchant.policy.policy(),
            gateway=_gateway(settings, merchant_id, merchant, pool_of(merchant_id), envelopes[merchant_id]),
            signer=signer(settings, merchant),
            verifier=ReturnUrlVerifier([settings.secret(key) for key in merchant.response_keys]),
            subscribers=(
                *(_subscriber(settings, one, pool_to(merchant_id, one.url)) for one in merchant.endpoints),
                *(
                    _stream(merchant_id, one, broker_of(merchant_id, _broker(settings, one)))
                    for one in merchant.streams
                ),
            ),
            time_zone=merchant.zone,
            settlement_formats=merchant.settlement_formats,
        )
        for merchant_id, merchant in settings.merchants.items()
    }
    return Merchants(
        merchants=merchants,
        credentials={name: _access(settings, one, envelopes[name]) for name, one in settings.merchants.items()},
        own_keys={name: [*own_keys(settings, one)] for name, one in settings.merchants.items()},
    )


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncGenerator[Store]:
    """The database alone, for commands that need nothing else."""
    async with _store(settings) as store:
        yield store


def _store(settings: Settings) -> SqliteStore | PostgresStore:
    if not settings.is_on_postgres:
        return SqliteStore(settings.database_path)
    from paystate.adapters.storage.postgres.store import PostgresStore  # its driver comes with an extra

    return PostgresStore(postgres_config(settings))


def postgres_config(settings: Settings) -> PostgresConfig:
    """The database on PostgreSQL that the settings name.

    Raises:
        ConfigError: The address or the password will not do.
    """
    if problems := tuple(check_database(settings)):
        raise ConfigError(*problems)
    chosen = settings.postgres
    try:
        password = None if chosen.password is None else settings.secret(chosen.password)
        ca_file = None if chosen.ca_file is None else str(settings.file(chosen.ca_file))
        tls = ssl.create_default_context(cafile=ca_file) if has_tls(settings) else None
    except (KeyError, OSError, FileUnusable, ValueError):
        fix = "see that the file or the variable is there; `paystate doctor` says more"
        raise ConfigError(
            ConfigProblem("postgres", "names a password or a certificate that is not there", fix)
        ) from None
    return PostgresConfig(
        address=settings.database,
        password=password,
        tls=tls,
        connections_max=chosen.connections_max,
        timeout_s=chosen.timeout_s,
        prepared_max=chosen.prepared_max,
    )


def migrate(settings: Settings) -> None:
    """Make the database, or bring it to this version's schema.

    Raises:
        ConfigError: As with `postgres_config`.
        StorageUnavailable, RecordUnreadable: It is not changed.
    """
    if settings.is_on_postgres:
        from paystate.adapters.storage.postgres import migration as on_postgres  # loads SQLAlchemy, as the other does

        on_postgres.migrate(postgres_config(settings))
    else:
        from paystate.adapters.storage.sqlite import migration as on_sqlite

        on_sqlite.migrate(settings.database_path)


def is_migrated(settings: Settings) -> bool:
    """Whether the database is there and at this version's schema; raises as `migrate` does."""
    if settings.is_on_postgres:
        from paystate.adapters.storage.postgres import migration as on_postgres  # loads SQLAlchemy, as the other does

        return on_postgres.is_current(postgres_config(settings))
    from paystate.adapters.storage.sqlite import migration as on_sqlite

    return settings.database_path.exists() and on_sqlite.is_current(settings.database_path)


def compact(settings: Settings) -> None:
    """Leave nothing in a database file of what was deleted; a server sees to that itself.

    Raises:
        StorageUnavailable: It could not be done whole.
    """
    if not settings.is_on_postgres:
        from paystate.adapters.storage.sqlite.compacting import compact as on_sqlite

        on_sqlite(settings.database_path)


def not_durable(settings: Settings) -> tuple[str, ...]:
    """With what settings the database could lose what was committed; a file is opened with its own each time."""
    if not settings.is_on_postgres:
        return ()
    from paystate.adapters.storage.postgres.migration import not_durable as on_postgres

    return on_postgres(postgres_config(settings))


def password_hasher() -> PasswordHasher:
    """What keeps the passwords of the console's people."""
    from paystate.adapters.passwords import Argon2Hasher  # only the console needs its library

    return Argon2Hasher()


def ports_on(store: Store, clock: Clock) -> Ports:
    """The installation's ports on a store that is open."""
    return Ports(store=store, clock=clock, ids=RandomIds())


def signer(settings: Settings, merchant: MerchantSettings) -> Signer | None:
    """The merchant's signer; None in session mode, where Juspay makes the payloads.

    Raises:
        KeyInvalid: A key cannot be used; the message names its id and never its content.
    """
    if merchant.mode is Mode.SESSION:
        return None
    return RsaSigner(_ring(settings, merchant.signing_keys))


def envelope(settings: Settings, merchant: MerchantSettings) -> JwtEnvelope | None:
    """What seals and opens the merchant's bodies; None where JWT mode is not used.

    Raises:
        KeyInvalid: As with `signer`.
    """
    if merchant.jwt is None:
        return None
    theirs = [load_juspay_key(key.key_id, settings.file(key.file)) for key in merchant.jwt.juspay_keys]
    return JwtEnvelope(_ring(settings, merchant.jwt.keys), theirs)


def _ring(settings: Settings, keys: Iterable[SigningKey]) -> KeyRing:
    return KeyRing(load_key(key.key_id, settings.file(key.file), KeyState(key.state)) for key in keys)


def service_clock(settings: Settings, url: str | None) -> Clock:
    """The clock of a service or worker: as `clock`, and a sandbox is told by each question that it is gone by.

    Raises:
        ConfigError: As `clock`.
    """
    return _clock(settings, url, _SHARING)


def clock(settings: Settings, url: str | None) -> Clock:
    """The system's clock, or a sandbox's: one whose address is given, or that was started for these settings.

    Raises:
        ConfigError: A borrowed clock beside a Juspay that is not on this machine, or an address that tells no time.
    """
    return _clock(settings, url, "")


def _clock(settings: Settings, url: str | None, query: str) -> Clock:
    if url is None:
        return _offered_clock(settings, query) or SystemClock()
    if not settings.upstream_is_loopback:
        fix = "leave it out: only a sandbox on this machine may tell the time"
        raise ConfigError(ConfigProblem("--clock-url", "Juspay's real servers keep real time", fix))
    try:
        borrowed = HttpClock(url if urlsplit(url).path.strip("/") else _clock_of(url, query))
        borrowed.read()
    except (OSError, HTTPException, ValueError):
        fix = "start the sandbox first, and give its address, such as http://127.0.0.1:9000"
        raise ConfigError(ConfigProblem("--clock-url", "tells no time", fix)) from None
    return borrowed


def _offered_clock(settings: Settings, query: str) -> Clock | None:
    """The clock of the sandbox that is every merchant's Juspay, if it was started `--for` a service."""
    sandboxes = {merchant.base_url for merchant in settings.merchants.values()}
    if len(sandboxes) != 1 or not settings.upstream_is_loopback:
        return None
    try:
        offered = HttpClock(_clock_of(sandboxes.pop(), query))
        return offered if offered.is_offered() else None
    except (OSError, HTTPException, ValueError):
        return None


def _clock_of(sandbox_url: str, query: str) -> str:
    return urlunsplit(urlsplit(sandbox_url)._replace(path=_SANDBOX_CLOCK, query=query))


def demo_clock(start: datetime) -> SettableClock:
    """A clock that stands at `start` until it is moved or told to tick."""
    return SettableClock(start)


def _gateway(
    settings: Settings,
    merchant_id: str,
    merchant: MerchantSettings,
    pool: httpx.AsyncBaseTransport,
    sealing: JwtEnvelope | None,
) -> PaymentGateway:
    config = JuspayConfig(
        base_url=merchant.base_url,
        merchant_id=merchant_id,
        client_id=merchant.client_id,
        api_key=settings.secret(merchant.api_key),
        version=merchant.version,
        allowed_origins=(merchant.base_url, *merchant.payment_page_origins),
        waits_out_429=False,  # the merchant's pace waits, for all processes together
        read_retries=0,  # the order's schedule repeats a look, and its budget counts each call
    )
    seals_calls = merchant.jwt is not None and merchant.jwt.calls
    return JuspayGateway(JuspayClient(config, pool, envelope=sealing if seals_calls else None))


def _subscriber(settings: Settings, endpoint: EndpointSettings, pool: httpx.AsyncBaseTransport) -> Subscriber:
    return Subscriber(
        name=endpoint.name,
        kinds=kinds_wanted(endpoint.events),
        notifier=WebhookEndpoint(
            url=endpoint.url,
            secrets=[settings.secret(secret) for secret in endpoint.secrets],
            timeout_s=endpoint.timeout_s,
            allow_private=endpoint.allow_private,
            transport=pool,
            resolve=system_resolver(),
        ),
        timeout_s=endpoint.timeout_s,
    )


def _stream(merchant_id: str, stream: StreamSettings, broker: Broker) -> Subscriber:
    from paystate.adapters.delivery.jetstream import JetStreamEndpoint

    return Subscriber(
        name=stream.name,
        kinds=kinds_wanted(stream.events),
        notifier=JetStreamEndpoint(
            broker=broker,
            merchant_id=merchant_id,
            stream=stream.stream,
            subject=stream.subject,
            timeout_s=stream.timeout_s,
        ),
        timeout_s=stream.timeout_s,
    )


def _broker(settings: Settings, stream: StreamSettings) -> BrokerConfig:
    from paystate.adapters.delivery.broker import BrokerConfig

    login, credentials = stream.login, stream.credentials
    return BrokerConfig(
        servers=stream.servers,
        allow_private=stream.allow_private,
        ca_file=settings.file(stream.ca_file) if stream.ca_file else None,
        credentials=read_credentials(read_file(settings.file(credentials)).decode()) if credentials else None,
        login=(login.user, settings.secret(login.password)) if login else None,
    )


def _access(settings: Settings, merchant: MerchantSettings, opening: JwtEnvelope | None) -> Credentials:
    webhooks = merchant.jwt.webhooks if merchant.jwt else SealedWebhooks.OFF
    return Credentials(
        environment=merchant.environment,
        api_keys=tuple(key.api_key() for key in merchant.api_keys),
        webhook_logins=tuple(
            sha256(f"{login.user}:{settings.secret(login.password)}") for login in merchant.webhook_logins
        ),
        webhook_users=frozenset(login.user for login in merchant.webhook_logins),
        webhook_headers={name.lower(): settings.secret(value) for name, value in merchant.webhook_headers.items()},
        return_hosts=merchant.return_hosts,
        app_origins=frozenset(checked_origin(origin) for origin in merchant.app_origins),
        open_webhook=opening.open_webhook if opening and webhooks is not SealedWebhooks.OFF else None,
        takes_plain_webhooks=webhooks is not SealedWebhooks.REQUIRED,
    )
