"""The settings: one TOML file and a few environment variables.

What is wrong with them is found by `settings_checks`. Secrets are in files or environment variables; the TOML file only
says where.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from paystate.core.policy import DEFAULT, CheckoutMode, Policy
from paystate.core.urls import is_local
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem

_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
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
    order_id_max: int = DEFAULT.order_id_max
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
        return all(is_local(one.base_url) for one in self.merchants.values())


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
