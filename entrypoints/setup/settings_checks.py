"""What is wrong with the settings, found before anything starts and without touching the network.

A problem names the setting and how to fix it, never a secret's value.
"""

from __future__ import annotations

import os
import re
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.errors import ValueInvalid
from paystate.core.ids import ORDER_ID_MAX, checked_merchant_id
from paystate.core.policy import DAY_S, HOUR_S
from paystate.core.ports.signing import LIVE_KEYS_MAX
from paystate.core.retention import MIB
from paystate.core.text import is_one_line, is_printable_ascii, is_visible_ascii, unseen_in
from paystate.core.urls import checked_origin, checked_url, is_host, is_local
from paystate.entrypoints.setup.credentials import Scope
from paystate.entrypoints.setup.database_checks import CA_BYTES_MAX, check_database
from paystate.entrypoints.setup.endpoint_checks import (
    HOW_TO_MAKE_ONE,
    check_stream_files,
    check_subscribers,
    is_webhook_secret,
)
from paystate.entrypoints.setup.problems import ConfigProblem, SettingsInvalid
from paystate.entrypoints.setup.settings import (
    BackendKey,
    JwtSettings,
    MerchantSettings,
    Mode,
    PolicySettings,
    SealedWebhooks,
    Secret,
    Settings,
)
from paystate.entrypoints.setup.settings_file import read
from paystate.entrypoints.setup.tables.console import check_console
from paystate.entrypoints.setup.tables.settlement_formats import check_formats
from paystate.entrypoints.setup.tables.watching import check_metrics, check_tracing

_DIGEST: Final = re.compile(r"[a-z0-9]{8}:[0-9a-f]{64}", re.ASCII)
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_MARKS_OF_TESTS: Final = ("sandbox", "uat")
_PRODUCTION_HOSTS: Final = frozenset(
    "api.juspay.in api.juspay.io payments.juspay.in api-ns1.juspay.in"
    " smartgateway.hdfcbank.com smartgateway.hdfc.bank.in".split()
)
"""How the hosts of Juspay's and HDFC's test servers are named, and which are production.
Source: gateway contract, A.1."""
APP_ORIGINS_MAX: Final = 50
_POLICY_RANGES: Final = {
    "checkout_ttl_s": (1, 366 * DAY_S),
    "fulfilment_window_s": (1, 366 * DAY_S),
    "looks_end_s": (7 * DAY_S, 366 * DAY_S),
    "hold_window_s": (60, 366 * DAY_S),
    "hold_warning_s": (0, 366 * DAY_S),
    "looks_per_minute": (10, 60),
    "looks_per_hour": (10, 3600),
    "refund_tries_max": (1, 50),
    "discount_max_percent": (0, 100),
    "disputes_max": (10, 1000),
    "webhooks_max": (10, 999),
    "quarantine_bytes_max": (MIB, 1024 * 1024 * MIB),
    "quarantine_webhooks_max": (100, 1_000_000),
    "quarantine_kept_s": (DAY_S, 3660 * DAY_S),
    "webhook_bodies_kept_s": (DAY_S, 3660 * DAY_S),
    "announcements_kept_s": (7 * DAY_S, 3660 * DAY_S),
    "refund_slow_s": (HOUR_S, 60 * DAY_S),
    "twice_paid_window_s": (0, DAY_S),
    "order_id_max": (1, ORDER_ID_MAX),
    "calls_per_second": (1, 1000),
    "calls_burst": (1, 5000),
}
"""Least and most of what may be chosen; a look a minute has to be left beside those that hints keep, and a timeline
shows 1,000 webhooks, with the one that counts the rest. Nothing is kept for 0 seconds: whoever looks into a fault needs
a day, and the quarantine has room for the largest webhook."""


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsInvalid: With every problem found, not just the first.
    """
    settings = read(path, environ)
    if problems := tuple(check(settings, environ)):
        raise SettingsInvalid(*problems)
    return settings


def check(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[ConfigProblem]:
    """Everything that is wrong, found without touching the network."""
    if not _is_taken(checked_url, settings.public_url) or any(sign in settings.public_url for sign in "?#"):
        fix = "give the https address at which Juspay and shoppers reach us; only this machine may do without TLS"
        yield ConfigProblem("public_url", "is not a plain https address", fix)
    if not is_host(settings.host):
        yield ConfigProblem("host", "is not a host", "give 127.0.0.1, or the address of this machine to listen at")
    if not 0 <= settings.port <= 65535:
        yield ConfigProblem("port", "is not a port", "give 1 to 65535")
    yield from _check_ca_file(settings)
    yield from check_database(settings)
    if settings.console is not None:
        yield from check_console(settings.console, settings.public_url)
    if settings.postgres.password is not None:
        yield from _check_secret(settings, "postgres.password", settings.postgres.password, is_one_line, environ)
    if settings.metrics is not None:
        yield from check_metrics(settings.metrics, settings.port)
    if settings.tracing is not None:
        yield from check_tracing(settings.tracing)
    if not settings.merchants:
        yield ConfigProblem("merchants", "is empty", "add a [merchants.<id>] table")
    digests = [digest for one in settings.merchants.values() for digest in {key.digest for key in one.api_keys}]
    if len(set(digests)) != len(digests):
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
        ssl.create_default_context(cadata=read_file(settings.file(settings.ca_file), bytes_max=CA_BYTES_MAX).decode())
    except (FileUnusable, OSError, ValueError):
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
        if not is_visible_ascii(getattr(merchant, name)):
            yield ConfigProblem(name, "is empty, or not plain visible ASCII", "copy it from Juspay's dashboard")
    yield from _check_time_zone(merchant)
    yield from _check_policy(merchant.policy)
    yield from _check_upstream(merchant)
    yield from _check_keys(merchant)
    yield from _check_jwt(merchant.jwt)
    yield from check_subscribers(merchant.endpoints, merchant.streams)
    yield from check_stream_files(settings, merchant.streams)
    yield from check_formats(merchant.settlement_formats)
    for name, secret, form in secrets_of(merchant):
        yield from _check_secret(settings, name, secret, form, environ)


def _check_time_zone(merchant: MerchantSettings) -> Iterator[ConfigProblem]:
    try:
        _ = merchant.zone
    except (KeyError, OSError, ValueError):
        fix = 'give a name of the IANA database, such as "Asia/Kolkata"; a machine without it needs the package tzdata'
        yield ConfigProblem("time_zone", "is no time zone that this machine knows", fix)


def check_policies(settings: Settings) -> Iterator[ConfigProblem]:
    """What is wrong with the merchants' policies alone, for a command that acts on them and needs no secret."""
    for merchant_id, merchant in settings.merchants.items():
        for problem in _check_policy(merchant.policy):
            yield ConfigProblem(f"merchants.{merchant_id}.{problem.setting}", problem.message, problem.fix)


def _check_policy(policy: PolicySettings) -> Iterator[ConfigProblem]:
    for name, (least, most) in _POLICY_RANGES.items():
        if not least <= getattr(policy, name) <= most:
            yield ConfigProblem(f"policy.{name}", "is out of range", f"give {least} to {most}")


def _check_upstream(merchant: MerchantSettings) -> Iterator[ConfigProblem]:
    pages = (("payment_page_origins", origin) for origin in merchant.payment_page_origins)
    for name, origin in (("base_url", merchant.base_url), *pages):
        if not _is_taken(checked_origin, origin):
            fix = "give https://host[:port] and nothing after it; only this machine may be reached over plain http"
            yield ConfigProblem(name, "is not an https origin", fix)
    host = _host(merchant.base_url)
    is_for_tests = is_local(merchant.base_url) or any(mark in host for mark in _MARKS_OF_TESTS)
    if merchant.environment == "production" and is_for_tests:
        yield ConfigProblem("environment", "is production, yet base_url is a sandbox", "make the two agree")
    if merchant.environment == "sandbox" and host in _PRODUCTION_HOSTS:
        yield ConfigProblem("environment", "is sandbox, yet base_url is production", "make the two agree")


def _host(url: str) -> str:
    """The host of an address; `""` where something is wrong with it, which is told by itself."""
    return (checked_url(url).hostname or "") if _is_taken(checked_url, url) else ""


def _is_taken(check: Callable[[str], object], url: str) -> bool:
    try:
        check(url)
    except ValueError:
        return False
    return True


def _check_keys(merchant: MerchantSettings) -> Iterator[ConfigProblem]:
    active = sum(key.state == "active" for key in merchant.signing_keys)
    if merchant.mode is Mode.SIGNATURE and active != 1:
        yield ConfigProblem(
            "signing_keys", f"{active} keys are active", "signature mode signs with exactly one active key"
        )
    if not merchant.response_keys:
        fix = "give Juspay's response key (Dashboard > Settings > General); without it every return is refused"
        yield ConfigProblem("response_keys", "is empty", fix)
    if len(merchant.response_keys) > LIVE_KEYS_MAX:
        yield ConfigProblem("response_keys", "has more than three", "drop the oldest")
    if not merchant.webhook_logins:
        yield ConfigProblem("webhook_logins", "is empty", "give the user name and password set for webhooks at Juspay")
    if any(":" in login.user or not is_one_line(login.user) for login in merchant.webhook_logins):
        yield ConfigProblem(
            "webhook_logins",
            "has a user name that Basic authentication cannot send",
            "leave out colons and line breaks",
        )
    for name in merchant.webhook_headers:
        if not _HEADER_NAME.fullmatch(name):
            yield ConfigProblem("webhook_headers", f"{name!r} is not a header name", "copy it from Juspay's dashboard")
    yield from _check_backend_keys(merchant.api_keys)
    if not all(_is_taken(checked_origin, f"https://{host}") and "/" not in host for host in merchant.return_hosts):
        yield ConfigProblem(
            "return_hosts", "has an entry that is not a host", "give `shop.example.com`, without https://"
        )
    if not all(_is_taken(checked_origin, origin) for origin in merchant.app_origins):
        fix = "give `https://shop.example.com`, and nothing after the host or its port; `*` and `null` are not taken"
        yield ConfigProblem("app_origins", "has an entry that is not an https origin", fix)
    if len(merchant.app_origins) > APP_ORIGINS_MAX:
        yield ConfigProblem("app_origins", f"has more than {APP_ORIGINS_MAX}", "drop those that are not used")


def _check_backend_keys(keys: Sequence[BackendKey]) -> Iterator[ConfigProblem]:
    if any(not _DIGEST.fullmatch(f"{key.id}:{key.digest}") for key in keys):
        message = "has an entry that is not a key's id and digest"
        yield ConfigProblem("backend_keys", message, "`paystate keys new` prints one")
    if twice := [key_id for key_id, count in Counter(key.id for key in keys).items() if count > 1]:
        yield ConfigProblem("backend_keys", f"has {twice[0]} twice", "leave the older entry out")
    if any(not key.scopes for key in keys):
        fix = f"give one or more of {', '.join(Scope)}, or take the key out with `paystate keys revoke`"
        yield ConfigProblem("backend_keys", "has a key without scopes", fix)


def _check_jwt(jwt: JwtSettings | None) -> Iterator[ConfigProblem]:
    if jwt is None:
        return
    active = sum(key.state == "active" for key in jwt.keys)
    if active != 1:
        yield ConfigProblem("jwt.keys", f"{active} keys are active", "JWT mode signs with exactly one active key")
    for name, keys in (("keys", [key for key in jwt.keys if key.state != "revoked"]), ("juspay_keys", jwt.juspay_keys)):
        if len(keys) > LIVE_KEYS_MAX:
            yield ConfigProblem(f"jwt.{name}", "has more than three in use", "drop the oldest")
    if not jwt.juspay_keys:
        yield ConfigProblem(
            "jwt.juspay_keys", "is empty", "download Juspay's public key (Dashboard > Security > JWT Keys)"
        )
    if not jwt.calls and jwt.webhooks is SealedWebhooks.OFF:
        yield ConfigProblem("jwt", "is set but not used", "set `calls = true`, or `webhooks`, or leave the table out")


def secrets_of(merchant: MerchantSettings) -> Iterator[tuple[str, Secret, Callable[[str], object]]]:
    """Each secret with its name, and what tells whether a text has its form."""
    yield "api_key", merchant.api_key, is_visible_ascii
    for i, key in enumerate(merchant.response_keys):
        yield f"response_keys[{i}]", key, is_one_line
    for i, login in enumerate(merchant.webhook_logins):
        yield f"webhook_logins[{i}].password", login.password, is_one_line
    for name, secret in merchant.webhook_headers.items():
        yield f"webhook_headers.{name}", secret, is_printable_ascii
    for i, endpoint in enumerate(merchant.endpoints):
        for n, secret in enumerate(endpoint.secrets):
            yield f"endpoints[{i}].secrets[{n}]", secret, is_webhook_secret
    for i, stream in enumerate(merchant.streams):
        if stream.login is not None:
            yield f"streams[{i}].login.password", stream.login.password, is_one_line


def _check_secret(
    settings: Settings, name: str, secret: Secret, has_form: Callable[[str], object], environ: Mapping[str, str]
) -> Iterator[ConfigProblem]:
    if (secret.file is None) == (secret.env is None):
        yield ConfigProblem(name, "must name exactly one place", "give either `file` or `env`")
        return
    try:
        value = settings.secret(secret, environ)
    except KeyError:  # the name is not repeated: it may be the secret itself, put where its place is asked for
        yield ConfigProblem(name, "names an environment variable that is not set", "set it")
    except FileUnusable as unusable:
        yield ConfigProblem(name, f"names a file that {unusable}", unusable.fix)
    except UnicodeDecodeError:
        yield ConfigProblem(name, "names a file that is not UTF-8 text", "save it as UTF-8, with only the secret in it")
    else:
        if not value:
            yield ConfigProblem(name, "is empty", "put the secret there")
        elif not is_one_line(value):
            yield ConfigProblem(name, "is not one line of characters that can be sent", "put only the secret there")
        elif unseen := unseen_in(value):
            fix = "delete it: it came with a copied text, and nobody sees it"
            yield ConfigProblem(name, f"holds the hidden character {unseen}", fix)
        elif not has_form(value):
            is_ours = has_form is is_webhook_secret
            message = "is no secret for signing" if is_ours else "has characters that cannot be sent"
            fix = HOW_TO_MAKE_ONE if is_ours else "put only the secret there, in plain ASCII"
            yield ConfigProblem(name, message, fix)
