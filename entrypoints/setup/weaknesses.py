"""What an installation can run with and should not: found by the doctor, with the fix, and never a reason not to start.

A secret that others can read or guess, or one secret or key with two uses, so that whoever has the one has the other.
"""

from __future__ import annotations

import stat
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from paystate.adapters.signing.keyring import KeyState, load_key
from paystate.adapters.signing.secret_files import closing_fix, open_to
from paystate.core.timestamps import stamp
from paystate.core.urls import is_local, is_loopback
from paystate.entrypoints.setup.credentials import sha256
from paystate.entrypoints.setup.database_checks import has_tls, is_on_this_machine
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import MerchantSettings, Mode, Secret, Settings
from paystate.entrypoints.setup.settings_checks import secrets_of

SECRET_CHARACTERS_MIN: Final = 12
SECRET_DISTINCT_MIN: Final = 6
"""Ours: fewer can be guessed over the network."""

_EXPIRES_SOON: Final = timedelta(days=7)
_STRONG: Final = "make one with `openssl rand -base64 24`, and set it on both sides"


def weaknesses(settings: Settings, now: datetime) -> Iterator[ConfigProblem]:
    """Every weakness at the instant `now` of settings whose secrets and keys are all in their places.

    Raises:
        KeyInvalid, FileUnusable, KeyError, ValueError: Something is not in its place after all.
    """
    named = [
        (merchant_id, name, secret)
        for merchant_id, merchant in settings.merchants.items()
        for name, secret, _ in secrets_of(merchant)
    ]
    for merchant_id, name, secret in named:
        yield from _of_a_secret(settings, f"merchants.{merchant_id}.{name}", name, secret)
    yield from _shared_secrets(settings, named)
    yield from _shared_keys(settings)
    for merchant_id, merchant in settings.merchants.items():
        yield from _of_the_backend_s_keys(f"merchants.{merchant_id}.backend_keys", merchant, now)
        yield from _of_subscribers(f"merchants.{merchant_id}.", merchant)
    yield from _of_postgres(settings) if settings.is_on_postgres else _of_the_file(settings.database_path)


def _of_the_backend_s_keys(place: str, merchant: MerchantSettings, now: datetime) -> Iterator[ConfigProblem]:
    good = [key for key in merchant.api_keys if key.api_key().is_good(lambda: now)]
    fix = "`paystate keys new --api-key-only` makes a key; put it into your backend and its line here"
    if merchant.api_keys and not good:
        yield ConfigProblem(place, "has no key that is good: your backend is answered 401", fix)
    for key in good:
        if key.expires is not None and key.expires - now < _EXPIRES_SOON:
            yield ConfigProblem(place, f"{key.id} expires {stamp(key.expires)}", fix)


def _of_subscribers(place: str, merchant: MerchantSettings) -> Iterator[ConfigProblem]:
    if merchant.environment != "production":
        return
    for i, endpoint in enumerate(merchant.endpoints):
        if endpoint.url.startswith("http:") and not is_local(endpoint.url):
            fix = "give it a certificate and an https address: events hold what your customers bought"
            yield ConfigProblem(f"{place}endpoints[{i}].url", "is told over a network without TLS", fix)
    for i, stream in enumerate(merchant.streams):
        if any(url.startswith("nats:") and not _is_here(url) for url in stream.servers):
            fix = "give the servers certificates and tls:// addresses: events hold what your customers bought"
            yield ConfigProblem(f"{place}streams[{i}].servers", "are told over a network without TLS", fix)


def _is_here(server: str) -> bool:
    return is_loopback(urlsplit(server).hostname or "")


def _of_a_secret(settings: Settings, place: str, name: str, secret: Secret) -> Iterator[ConfigProblem]:
    if secret.file is not None:
        path = settings.file(secret.file)
        if shared := open_to(found := path.stat()):
            yield ConfigProblem(place, f"names a file that is open to {shared}", closing_fix(path, found))
    value = settings.secret(secret)
    # A header of one's own may be a mark that is no secret; it counts beside the password only.
    is_short = len(value) < SECRET_CHARACTERS_MIN or len(set(value)) < SECRET_DISTINCT_MIN
    if is_short and not name.startswith("webhook_headers."):
        message = (
            f"can be guessed: less than {SECRET_CHARACTERS_MIN} characters, or {SECRET_DISTINCT_MIN} different ones"
        )
        yield ConfigProblem(place, message, _STRONG)


def _shared_secrets(settings: Settings, named: list[tuple[str, str, Secret]]) -> Iterator[ConfigProblem]:
    first: dict[str, tuple[str, str]] = {}
    for merchant_id, name, secret in named:
        place = f"merchants.{merchant_id}.{name}"
        before, known_as = first.setdefault(sha256(settings.secret(secret)), (place, name))
        is_one_account = name == known_as == "api_key"  # Juspay may give one key to several merchants of a company
        if before != place and not is_one_account:
            yield ConfigProblem(place, f"is the same secret as {before}", _STRONG)


def _shared_keys(settings: Settings) -> Iterator[ConfigProblem]:
    users: dict[int, list[str]] = defaultdict(list)
    for merchant_id, merchant in settings.merchants.items():
        signing = merchant.signing_keys if merchant.mode is Mode.SIGNATURE else ()
        for use, keys in (("signing_keys", signing), ("jwt.keys", merchant.jwt.keys if merchant.jwt else ())):
            for modulus in {load_key(key.key_id, settings.file(key.file), KeyState.ACTIVE).modulus for key in keys}:
                users[modulus].append(f"merchants.{merchant_id}.{use}")
    for first, *others in users.values():
        for place in others:
            fix = "make a pair for each use and merchant with `paystate keys new`, and upload its public half"
            yield ConfigProblem(place, f"has the same RSA key as {first}", fix)


def _of_the_file(path: Path) -> Iterator[ConfigProblem]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IRWXO:
        fix = f"run `chmod o= {path}*`: it holds your customers' addresses and phone numbers"
        yield ConfigProblem("database", f"is open to everybody on this machine (mode {mode:o})", fix)


def _of_postgres(settings: Settings) -> Iterator[ConfigProblem]:
    if settings.postgres.password is not None:
        yield from _of_a_secret(settings, "postgres.password", "password", settings.postgres.password)
    if not has_tls(settings) and not is_on_this_machine(settings):
        fix = "leave `postgres.tls` out, and name the server's authority in `postgres.ca_file`"
        yield ConfigProblem("postgres.tls", "is off, and the server is not on this machine", fix)
