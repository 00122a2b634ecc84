"""The doctor: says what is wrong with an installation and how to fix it. Never prints a secret.

Its checks go beyond the settings' form: keys, database, what is weak, and (when asked) what runs and what it reaches.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from paystate.adapters.signing.keyring import KeyInvalid
from paystate.core.describe.wording import no_worker
from paystate.core.errors import PortError
from paystate.core.heartbeats import workers_at
from paystate.entrypoints.cli.announcements.missed_deliveries import missed_deliveries
from paystate.entrypoints.cli.checks.online import online_problems
from paystate.entrypoints.cli.common import database_fix, database_name
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem, SettingsInvalid
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import check
from paystate.entrypoints.setup.settings_file import read
from paystate.entrypoints.setup.weaknesses import weaknesses


async def examine(path: Path, *, online: bool, clock_url: str | None = None) -> AsyncIterator[ConfigProblem]:
    """Every problem found; none means that the service can start, and when online that it runs and reaches Juspay."""
    try:
        settings = read(path)
    except SettingsInvalid as invalid:
        for problem in invalid.problems:
            yield problem
        return
    found = [*check(settings)]
    found += _database(settings) if not any(one.setting.startswith(("database", "postgres")) for one in found) else []
    found += _keys(settings) if not found else []
    weak = list(weaknesses(settings, bootstrap.clock(settings, None).now())) if not found else []
    for problem in (*found, *weak):
        yield problem
    if not found:
        async for problem in missed_deliveries(settings):
            yield problem
    if online and not found:
        async for problem in online_problems(settings, bootstrap.clock(settings, clock_url)):
            yield problem


async def notes(path: Path, *, online: bool) -> tuple[str, ...]:
    """What may be as it should be, and is said all the same; for settings and a database that are in order.

    Args:
        online: Whether the worker was looked for among the problems.
    """
    settings = read(path)
    if online:
        return (*_without_a_key(settings), *_watched(settings))
    async with bootstrap.opened_store(settings) as store:
        workers = workers_at(await store.heartbeats(), bootstrap.clock(settings, None).now())
    # An upgrade stops the workers, too.
    lack = (f"{no_worker(workers)} Start one, unless you have stopped it yourself.",) if workers.none_since else ()
    return (*lack, *_without_a_key(settings), *_watched(settings))


def _without_a_key(settings: Settings) -> Iterator[str]:
    for merchant_id, merchant in settings.merchants.items():
        if not merchant.api_keys:
            yield (
                f"{merchant_id} has no key of a backend, so nobody may call the API for it. A program that embeds "
                "Paystate needs none; `paystate keys new --api-key-only` makes one."
            )


def _watched(settings: Settings) -> Iterator[str]:
    if metrics := settings.metrics:
        host = f"[{metrics.host}]" if ":" in metrics.host else metrics.host
        yield f"Metrics of `paystate serve` are at http://{host}:{metrics.port}/metrics."
        if metrics.worker_port:
            yield f"Metrics of `paystate worker` are at http://{host}:{metrics.worker_port}/metrics."
    if tracing := settings.tracing:
        yield f"{tracing.share:.0%} of all traces are exported to {tracing.endpoint}."


def _keys(settings: Settings) -> Iterator[ConfigProblem]:
    for merchant_id, merchant in settings.merchants.items():
        for name, load in (("signing_keys", bootstrap.signer), ("jwt", bootstrap.envelope)):
            try:
                load(settings, merchant)
            except KeyInvalid as wrong:
                yield ConfigProblem(f"merchants.{merchant_id}.{name}", str(wrong), wrong.fix)


def _database(settings: Settings) -> Iterator[ConfigProblem]:
    try:
        if not bootstrap.is_migrated(settings):
            name = database_name(settings)
            yield ConfigProblem("database", f"{name} is not at this version's schema", "run `paystate migrate`")
        for weak in bootstrap.not_durable(settings):
            fix = "turn it on in the server's postgresql.conf: without it, money that was paid may be forgotten"
            yield ConfigProblem("database", f"could lose what was committed: {weak}", fix)
    except ConfigError as mistake:
        yield from mistake.problems
    except (PortError, OSError) as wrong:
        message = str(wrong) if isinstance(wrong, PortError) else f"cannot be opened: {type(wrong).__name__}"
        yield ConfigProblem("database", message, database_fix(settings))
