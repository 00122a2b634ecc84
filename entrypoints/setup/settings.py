"""The settings: one TOML file, a few environment variables, checked before anything starts.

A problem names the setting and how to fix it, never a secret's value. Secrets are in files or environment variables;
the TOML file only says where.
"""

from __future__ import annotations

import os
import re
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from paystate.core.errors import ValueInvalid
from paystate.core.ids import checked_merchant_id
from paystate.core.policy import DAY_S, DEFAULT, CheckoutMode, Policy
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_DIGEST: Final = re.compile(r"[a-z0-9]{8}:[0-9a-f]{64}", re.ASCII)
_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)
"""What may stand in a header."""
_ONE_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]+")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_HEADER_VALUE: Final = re.compile(r"[ -~]+", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*|[0-9a-f.]*:[0-9a-f:.]*", re.ASCII | re.IGNORECASE)
"""A name, or an address of IPv4 or IPv6."""
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_POLICY_RANGES: Final = {
    "checkout_ttl_s": (1, 366 * DAY_S),
    "fulfilment_window_s": (1, 366 * DAY_S),
    "looks_end_s": (7 * DAY_S, 366 * DAY_S),
    "hold_window_s": (60, 366 * DAY_S),
    "hold_warning_s": (0, 366 * DAY_S),
    "looks_per_minute": (DEFAULT.looks_kept_for_hints + 1, 60),
    "looks_per_hour": (10, 3600),
    "refund_tries_max": (1, 50),
    "discount_max_percent": (0, 100),
    "disputes_max": (10, 1000),
    "webhooks_max": (10, 999),
    "calls_per_second": (1, 1000),
    "calls_burst": (1, 5000),
}
"""Least and most of what may be chosen; a look a minute has to be left beside those that hints keep, and a timeline
shows 1,000 webhooks, with the one that counts the rest."""
JWT_KEYS_MAX: Final = 3
"""In use on each side: two for a rotation and one to spare."""
_NOWHERE: Final = urlsplit("")
_OVERRIDES: Final = {
    "PAYSTATE_DATABASE": "database",
    "PAYSTATE_PUBLIC_URL": "public_url",
    "PAYSTATE_HOST": "host",
    "PAYSTATE_PORT": "port",
}


class SettingsInvalid(ConfigError):
    """The settings cannot be started with."""


class Mode(StrEnum):
    """How the SDK gets its payloads."""

    SIGNATURE = "signature"
    """We sign the payloads."""
    SESSION = "session"
    """Juspay makes the process payload in answer to a session request of ours."""


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret stands: in the file `file` (the whole of it, stripped), or in the environment variable `env`."""

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
    refund_when_cancelled: bool = DEFAULT.refund_when_cancelled
    calls_per_second: int = DEFAULT.calls_per_second
    calls_burst: int = DEFAULT.calls_burst

    def policy(self) -> Policy:
        """The policy that the core takes."""
        return Policy(**msgspec.structs.asdict(self))


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
        return_hosts: Hosts to which a shopper may be sent in the end.
        jwt: Left out, everything is plain.
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
    backend_keys: tuple[str, ...] = ()
    return_hosts: tuple[str, ...] = ()
    jwt: JwtSettings | None = None
    policy: PolicySettings = PolicySettings()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything one installation is set to.

    Attributes:
        public_url: Where the outside world reaches this service.
        database: The SQLite file, relative to the settings file.
        worker: Whether `paystate serve` runs a worker of its own.
        ca_file: PEM of the one certificate authority to trust at Juspay's side: that of a sandbox with TLS. Without
            it, the public ones.
        folder: The settings file's folder; relative paths count from here.
    """

    merchants: dict[str, MerchantSettings]
    public_url: str
    database: str = "paystate.sqlite3"
    host: str = "127.0.0.1"
    port: int = 8000
    worker: bool = True
    ca_file: str | None = None
    folder: str = "."

    @property
    def database_path(self) -> Path:
        """The database file."""
        return Path(self.folder, self.database)

    def file(self, name: str) -> Path:
        """A file that the settings name."""
        return Path(self.folder, name)

    def secret(self, secret: Secret, environ: Mapping[str, str] = os.environ) -> str:
        """The value of a secret.

        Raises:
            KeyError, OSError: It is not there; `check` finds that before anything starts.
        """
        if secret.env is not None:
            return environ[secret.env]
        return self.file(secret.file or "").read_text("utf-8").strip()

    @property
    def upstream_is_loopback(self) -> bool:
        """Whether every merchant's Juspay is a sandbox on this machine."""
        return all(is_loopback(one.base_url) for one in self.merchants.values())


def is_loopback(url: str) -> bool:
    """Whether a URL points to this machine."""
    return _parts(url).hostname in LOOPBACK


def _parts(url: str) -> SplitResult:
    """A URL taken apart; empty parts if it is not a URL."""
    try:
        parts = urlsplit(url)
        is_one = _VISIBLE.fullmatch(url) and _HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        return _NOWHERE
    return parts if is_one else _NOWHERE


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsInvalid: With every problem found, not just the first.
    """
    settings = read(path, environ)
    if problems := tuple(check(settings, environ)):
        raise SettingsInvalid(*problems)
    return settings


def read(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings without looking at what they point to; raises `SettingsInvalid` for a wrong form."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert({**table, **_overrides(environ), "folder": str(path.parent)}, Settings)
    except FileNotFoundError:
        fix = "write one (docs/how-to/put-paystate-in-your-backend.md shows it whole), or name it with --settings"
        raise SettingsInvalid(ConfigProblem(str(path), "does not exist", fix)) from None
    except (OSError, UnicodeDecodeError) as failed:
        fix = "make it a UTF-8 file that this user may read"
        raise SettingsInvalid(ConfigProblem(str(path), f"cannot be read: {type(failed).__name__}", fix)) from failed
    except msgspec.ValidationError as wrong:
        raise SettingsInvalid(
            ConfigProblem(str(path), str(wrong), "see the settings reference in docs/how-to")
        ) from wrong
    except (ValueError, RecursionError) as wrong:  # some faults of the form come from below the parser
        raise SettingsInvalid(ConfigProblem(str(path), f"is not TOML: {wrong}", "correct that line")) from wrong


def _overrides(environ: Mapping[str, str]) -> dict[str, str | int]:
    given = {name: environ[variable] for variable, name in _OVERRIDES.items() if variable in environ}
    return {name: int(text) if name == "port" and _PORT.fullmatch(text) else text for name, text in given.items()}


def check(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[ConfigProblem]:
    """Everything that is wrong, found without touching the network."""
    if not _is_safe(settings.public_url):
        fix = "give the https address at which Juspay and shoppers reach us; only this machine may do without TLS"
        yield ConfigProblem("public_url", "is not a plain https address", fix)
    if not _HOST.fullmatch(settings.host):
        yield ConfigProblem("host", "is not a host", "give 127.0.0.1, or the address of this machine to listen at")
    if not 0 <= settings.port <= 65535:
        yield ConfigProblem("port", "is not a port", "give 1 to 65535")
    yield from _check_ca_file(settings)
    if not settings.merchants:
        yield ConfigProblem("merchants", "is empty", "add a [merchants.<id>] table")
    backend_keys = [entry for merchant in settings.merchants.values() for entry in set(merchant.backend_keys)]
    if len(set(backend_keys)) != len(backend_keys):
        fix = "`paystate keys new` makes one for each: a key tells whose backend calls"
        yield ConfigProblem("merchants", "share one of the backend_keys", fix)
    for merchant_id, merchant in settings.merchants.items():
        for problem in _check_merchant(settings, merchant_id, merchant, environ):
            yield ConfigProblem(f"merchants.{merchant_id}.{problem.setting}", problem.message, problem.fix)


def _check_ca_file(settings: Settings) -> Iterator[ConfigProblem]:
    if settings.ca_file is None:
        return
    if any(merchant.environment == "production" for merchant in settings.merchants.values()):
        yield ConfigProblem(
            "ca_file", "is set beside a production account", "leave it out: Juspay's own is a public one"
        )
    try:
        ssl.create_default_context(cafile=str(settings.file(settings.ca_file)))
    except (OSError, ValueError):
        yield ConfigProblem(
            "ca_file", "is not a certificate file", "name the ca.pem that `paystate sandbox --tls` made"
        )


def _check_merchant(
    settings: Settings, merchant_id: str, merchant: MerchantSettings, environ: Mapping[str, str]
) -> Iterator[ConfigProblem]:
    try:
        checked_merchant_id(merchant_id)
    except ValueInvalid:
        yield ConfigProblem("id", "is not a merchant id", "use 1 to 64 of A-Z a-z 0-9 _ -")
    for name in ("client_id", "version"):
        if not _VISIBLE.fullmatch(getattr(merchant, name)):
            yield ConfigProblem(name, "is empty, or not plain visible ASCII", "copy it from Juspay's dashboard")
    for name, (least, most) in _POLICY_RANGES.items():
        if not least <= getattr(merchant.policy, name) <= most:
            yield ConfigProblem(f"policy.{name}", "is out of range", f"give {least} to {most}")
    yield from _check_upstream(merchant)
    yield from _check_keys(merchant)
    yield from _check_jwt(merchant.jwt)
    for name, secret, form in _secrets(merchant):
        yield from _check_secret(settings, name, secret, form, environ)


def _check_upstream(merchant: MerchantSettings) -> Iterator[ConfigProblem]:
    url = _parts(merchant.base_url)
    for name, origin in (
        ("base_url", merchant.base_url),
        *(("payment_page_origins", o) for o in merchant.payment_page_origins),
    ):
        if not _is_origin(origin):
            fix = "give https://host[:port] and nothing after it; only this machine may be reached over plain http"
            yield ConfigProblem(name, "is not an https origin", fix)
    if merchant.environment == "production" and (is_loopback(merchant.base_url) or "sandbox" in (url.hostname or "")):
        yield ConfigProblem("environment", "is production, yet base_url is a sandbox", "make the two agree")
    if merchant.environment == "sandbox" and (url.hostname or "") in ("api.juspay.in", "api.juspay.io"):
        yield ConfigProblem("environment", "is sandbox, yet base_url is production", "make the two agree")


def _is_safe(url: str) -> bool:
    """Whether it is an address with nothing hidden in it, over TLS unless it is this machine's."""
    is_tls = _parts(url).scheme == "https" or (_parts(url).scheme == "http" and is_loopback(url))
    return is_tls and not any(sign in url for sign in "?#@\\")


def _is_origin(url: str) -> bool:
    return _is_safe(url) and _parts(url).path in ("", "/")


def _check_keys(merchant: MerchantSettings) -> Iterator[ConfigProblem]:
    active = sum(key.state == "active" for key in merchant.signing_keys)
    if merchant.mode is Mode.SIGNATURE and active != 1:
        yield ConfigProblem(
            "signing_keys", f"{active} keys are active", "signature mode signs with exactly one active key"
        )
    if not merchant.response_keys:
        fix = "give Juspay's response key (Dashboard > Settings > General); without it every return is refused"
        yield ConfigProblem("response_keys", "is empty", fix)
    if len(merchant.response_keys) > 3:
        yield ConfigProblem("response_keys", "has more than three", "drop the oldest")
    if not merchant.webhook_logins:
        yield ConfigProblem("webhook_logins", "is empty", "give the user name and password set for webhooks at Juspay")
    if any(":" in login.user or not _ONE_LINE.fullmatch(login.user) for login in merchant.webhook_logins):
        yield ConfigProblem(
            "webhook_logins",
            "has a user name that Basic authentication cannot send",
            "leave out colons and line breaks",
        )
    for name in merchant.webhook_headers:
        if not _HEADER_NAME.fullmatch(name):
            yield ConfigProblem("webhook_headers", f"{name!r} is not a header name", "copy it from Juspay's dashboard")
    if not merchant.backend_keys:
        yield ConfigProblem("backend_keys", "is empty", "`paystate keys new` makes one")
    if any(not _DIGEST.fullmatch(entry) for entry in merchant.backend_keys):
        yield ConfigProblem(
            "backend_keys", "has an entry that is not `key id:digest`", "`paystate keys new` prints one"
        )
    if not all(_is_safe(f"https://{host}") and "/" not in host for host in merchant.return_hosts):
        yield ConfigProblem(
            "return_hosts", "has an entry that is not a host", "give `shop.example.com`, without https://"
        )


def _check_jwt(jwt: JwtSettings | None) -> Iterator[ConfigProblem]:
    if jwt is None:
        return
    active = sum(key.state == "active" for key in jwt.keys)
    if active != 1:
        yield ConfigProblem("jwt.keys", f"{active} keys are active", "JWT mode signs with exactly one active key")
    for name, keys in (("keys", [key for key in jwt.keys if key.state != "revoked"]), ("juspay_keys", jwt.juspay_keys)):
        if len(keys) > JWT_KEYS_MAX:
            yield ConfigProblem(f"jwt.{name}", "has more than three in use", "drop the oldest")
    if not jwt.juspay_keys:
        yield ConfigProblem(
            "jwt.juspay_keys", "is empty", "download Juspay's public key (Dashboard > Security > JWT Keys)"
        )
    if not jwt.calls and jwt.webhooks is SealedWebhooks.OFF:
        yield ConfigProblem("jwt", "is set but not used", "set `calls = true`, or `webhooks`, or leave the table out")


def _secrets(merchant: MerchantSettings) -> Iterator[tuple[str, Secret, re.Pattern[str]]]:
    """Each secret with its name and its form."""
    yield "api_key", merchant.api_key, _VISIBLE
    for i, key in enumerate(merchant.response_keys):
        yield f"response_keys[{i}]", key, _ONE_LINE
    for i, login in enumerate(merchant.webhook_logins):
        yield f"webhook_logins[{i}].password", login.password, _ONE_LINE
    for name, secret in merchant.webhook_headers.items():
        yield f"webhook_headers.{name}", secret, _HEADER_VALUE


def _check_secret(
    settings: Settings, name: str, secret: Secret, form: re.Pattern[str], environ: Mapping[str, str]
) -> Iterator[ConfigProblem]:
    if (secret.file is None) == (secret.env is None):
        yield ConfigProblem(name, "must name exactly one place", "give either `file` or `env`")
        return
    try:
        value = settings.secret(secret, environ)
    except KeyError:  # the name is not repeated: it may be the secret itself, put where its place is asked for
        yield ConfigProblem(name, "names an environment variable that is not set", "set it")
    except (OSError, ValueError):
        yield ConfigProblem(name, "names a file that cannot be read", "create it, readable by this user alone")
    else:
        if not value:
            yield ConfigProblem(name, "is empty", "put the secret there")
        elif not form.fullmatch(value):
            yield ConfigProblem(name, "is not one line of characters that can be sent", "put only the secret there")
