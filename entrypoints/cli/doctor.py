"""The doctor: says what is wrong with an installation and how to fix it. Never prints a secret.

Its checks go beyond the settings' form: keys, database, what is weak, and (when asked) Juspay itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from paystate.adapters.signing.keyring import KeyInvalid
from paystate.core.errors import GatewayRejected, PortError
from paystate.entrypoints.cli.announcements.unheard import unheard
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import Settings, SettingsInvalid, read
from paystate.entrypoints.setup.settings_checks import check
from paystate.entrypoints.setup.weaknesses import weaknesses

UNKNOWN_ORDER = "paystate-doctor"
_FIX_API_KEY = "check the key and the merchant id"
_FIX_JWT = "check the key ids, the merchant id, and that Juspay has our public key"


async def examine(path: Path, *, online: bool) -> AsyncIterator[ConfigProblem]:
    """Every problem found; none means that the service can start (and, when online, that Juspay takes our key)."""
    try:
        settings = read(path)
    except SettingsInvalid as invalid:
        for problem in invalid.problems:
            yield problem
        return
    found = [*check(settings), *_database(settings)]
    found += _keys(settings) if not found else []
    weak = list(weaknesses(settings, bootstrap.clock(settings, None).now())) if not found else []
    for problem in (*found, *weak):
        yield problem
    if not found:
        async for problem in unheard(settings):
            yield problem
    if online and not found:
        async for problem in _upstream(settings):
            yield problem


def _keys(settings: Settings) -> Iterator[ConfigProblem]:
    for merchant_id, merchant in settings.merchants.items():
        for name, load in (("signing_keys", bootstrap.signer), ("jwt", bootstrap.envelope)):
            try:
                load(settings, merchant)
            except KeyInvalid as wrong:
                yield ConfigProblem(f"merchants.{merchant_id}.{name}", str(wrong), wrong.fix)


def _database(settings: Settings) -> Iterator[ConfigProblem]:
    from paystate.adapters.storage.sqlite.migration import is_current  # loads SQLAlchemy

    path = settings.database_path
    try:
        if not path.exists() or not is_current(path):
            yield ConfigProblem("database", f"{path.name} is not at this version's schema", "run `paystate migrate`")
    except (PortError, OSError) as wrong:
        message = str(wrong) if isinstance(wrong, PortError) else f"cannot be opened: {type(wrong).__name__}"
        yield ConfigProblem("database", message, "check that the file is Paystate's, and that this user may write it")


async def _upstream(settings: Settings) -> AsyncIterator[ConfigProblem]:
    async with bootstrap.installed(settings) as runtime:
        for merchant_id, merchant in runtime.merchants.items():
            name = f"merchants.{merchant_id}"
            try:
                await merchant.gateway.order_status(UNKNOWN_ORDER, routing_id=UNKNOWN_ORDER)
            except GatewayRejected as no:
                jwt = settings.merchants[merchant_id].jwt
                which, fix = ("jwt", _FIX_JWT) if jwt and jwt.calls else ("api_key", _FIX_API_KEY)
                yield ConfigProblem(f"{name}.{which}", f"Juspay says {no.code}", fix)
            except PortError as failed:
                message = f"Juspay does not answer: {type(failed).__name__}"
                yield ConfigProblem(
                    f"{name}.base_url", message, "check the address, and that this machine can reach it"
                )
