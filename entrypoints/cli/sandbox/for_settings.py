"""What a sandbox is set to, so that it is the Juspay of a service's own settings.

The sandbox itself knows nothing of them: it is an independent witness, and is only told what a merchant would type into
Juspay's dashboard.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.urls import is_local
from paystate.entrypoints.sandbox.config import ORDER_ID_LENGTH_MAX, Merchant, SandboxConfig, WebhookTarget
from paystate.entrypoints.sandbox.server import LOOPBACK, own_jwt_key
from paystate.entrypoints.sandbox.signatures import public_half
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import JwtSettings, MerchantSettings, SealedWebhooks, Settings, SigningKey

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened at
_LISTENED_AT = frozenset({LOOPBACK, "localhost"})
_USUAL = f"http://{LOOPBACK}:9000"
_PORTS = {"http": 80, "https": 443}


@frozen
class Played:
    """A sandbox for a service.

    Attributes:
        port: Where the service's `base_url` is.
        has_tls: Whether that is https.
    """

    config: SandboxConfig = field(repr=False)
    port: int
    has_tls: bool


def played(settings: Settings) -> Played:
    """Return the sandbox that all merchants of the settings have as their Juspay, with its clock offered to them.

    Over TLS no clock is offered: a service reads one over http alone.

    Raises:
        ConfigError: They have a Juspay elsewhere or several, or a key cannot be used.
    """
    parts = urlsplit(_base_url(settings))
    merchants = tuple(_merchant(settings, name, one) for name, one in settings.merchants.items())
    length_max = max(one.policy.order_id_max for one in settings.merchants.values())
    config = SandboxConfig(
        merchants,
        jwt_keys=dict(_own_keys(settings)),
        order_id_length_max=min(length_max, ORDER_ID_LENGTH_MAX),
        offers_clock=parts.scheme == "http",
    )
    return Played(config, parts.port or _PORTS[parts.scheme], parts.scheme == "https")


def _base_url(settings: Settings) -> str:
    base_urls = {one.base_url.rstrip("/") for one in settings.merchants.values()}
    for name, one in settings.merchants.items():
        if not is_local(one.base_url):
            fix = f"set it to {_USUAL} to try the service with the sandbox"
            raise ConfigError(ConfigProblem(f"merchants.{name}.base_url", "is not on this machine", fix))
        if urlsplit(one.base_url).hostname not in _LISTENED_AT:
            fix = f"set it to {_USUAL}"
            raise ConfigError(
                ConfigProblem(f"merchants.{name}.base_url", f"the sandbox listens at {LOOPBACK} alone", fix)
            )
    if len(base_urls) > 1:
        fix = "give all merchants the same, or start a sandbox for each with --merchants"
        raise ConfigError(ConfigProblem("base_url", f"has several values: {', '.join(sorted(base_urls))}", fix))
    return base_urls.pop()


def _merchant(settings: Settings, name: str, one: MerchantSettings) -> Merchant:
    return Merchant(
        merchant_id=name,
        client_id=one.client_id,
        api_key=settings.secret(one.api_key),
        response_key=settings.secret(one.response_keys[0]) if one.response_keys else None,
        public_keys=_public_halves(settings, f"merchants.{name}.signing_keys", one.signing_keys),
        jwt_keys=_public_halves(settings, f"merchants.{name}.jwt.keys", one.jwt.keys) if one.jwt else {},
        webhook=_webhook(settings, name, one),
    )


def _webhook(settings: Settings, name: str, one: MerchantSettings) -> WebhookTarget | None:
    """Return where the service takes the merchant's webhooks; None where it takes none."""
    if not one.webhook_logins:
        return None
    login = one.webhook_logins[0]
    return WebhookTarget(
        url=f"{_service_url(settings)}/webhooks/juspay/{name}",
        username=login.user,
        password=settings.secret(login.password),
        headers={header: settings.secret(value) for header, value in one.webhook_headers.items()},
        jwt_key_id=_sealed_to(one.jwt),
    )


def _service_url(settings: Settings) -> str:
    """Return where the service is reached from this machine: its public address may be a proxy's, far away."""
    if is_local(settings.public_url):
        return settings.public_url.rstrip("/")
    host = LOOPBACK if settings.host in _EVERYWHERE else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _sealed_to(jwt: JwtSettings | None) -> str:
    if jwt is None or jwt.webhooks is SealedWebhooks.OFF:
        return ""
    return next(key.key_id for key in jwt.keys if key.state == "active")


def _public_halves(settings: Settings, setting: str, keys: tuple[SigningKey, ...]) -> dict[str, str]:
    used = [key for key in keys if key.state != "revoked"]
    return {key.key_id: _public_half(settings.file(key.file), f"{setting}[{key.key_id}]") for key in used}


def _public_half(file: Path, setting: str) -> str:
    try:
        return public_half(read_file(file).decode())
    except FileUnusable as unusable:
        raise ConfigError(ConfigProblem(setting, str(unusable), unusable.fix)) from None
    except (ValueError, TypeError):
        fix = "`paystate doctor` says more; `paystate keys new` makes one"
        raise ConfigError(ConfigProblem(setting, "is no private key", fix)) from None


def _own_keys(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the sandbox's own key for JWT mode, under each id by which the settings know its public half."""
    for name, one in settings.merchants.items():
        for theirs in one.jwt.juspay_keys[:1] if one.jwt else ():
            private, file = own_jwt_key(), settings.file(theirs.file)
            if problem := _misfit(file, public_half(private)):
                fix = f"openssl pkey -in sandbox-jwt.key -pubout -out {file}"
                raise ConfigError(ConfigProblem(f"merchants.{name}.jwt.juspay_keys[{theirs.key_id}]", problem, fix))
            yield theirs.key_id, private


def _misfit(file: Path, public: str) -> str:
    """Return what is wrong with a file that is to hold this public key; empty where nothing is."""
    try:
        return (
            "" if read_file(file).decode("utf-8", "replace").split() == public.split() else "is not this sandbox's key"
        )
    except FileUnusable as unusable:
        return str(unusable)
