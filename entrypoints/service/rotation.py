"""Reloads changed settings while everything runs, so that keys and passwords rotate without a pause.

Only the merchants may change so, as a whole; none may be removed. A mistake in the file changes nothing.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from paystate.core.errors import PaystateError
from paystate.entrypoints.setup.logs import Logger, place_of
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.runtime import Merchants, Runtime
from paystate.entrypoints.setup.settings import Settings

SIGNAL: Final = getattr(signal, "SIGHUP", None)
"""None on Windows, which has none: restart there."""

_log: Final = Logger("paystate.rotation")


class Rotation:
    """Watches for the word that the settings have changed."""

    def __init__(self, runtime: Runtime, settings: Settings, reread: Callable[[], Settings]) -> None:
        """Begin with `settings`, which `runtime` runs on; `reread` reads and checks the file anew."""
        self._runtime = runtime
        self._settings = settings
        self._reread = reread
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """The settings have changed; told twice in a row, they are read once."""
        self._changed.set()

    async def run(self) -> None:
        """Take over each change, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self.take_over()

    async def take_over(self) -> bool:
        """Read the settings and put their merchants in the place of the present ones; False where they are not good.

        What has begun ends with the keys it began with.
        """
        try:
            # In a thread: to check an RSA key takes as long as a hundred webhooks.
            settings, current = await asyncio.to_thread(self._read)
        except Exception as fault:  # noqa: BLE001
            # Whatever it is (a secret's file may go while it is read), the next word must be heard.
            _log.error("settings not reloaded", problems=_told(fault))
            return False
        self._settings, self._runtime.current = settings, current
        _log.info("settings reloaded", merchants=sorted(current.merchants))
        return True

    def _read(self) -> tuple[Settings, Merchants]:
        settings = self._reread()
        before, after = (msgspec.structs.asdict(one) for one in (self._settings, settings))
        if fixed := [name for name in before if name != "merchants" and before[name] != after[name]]:
            fix = "restart to change that; only the merchants' settings change while everything runs"
            raise ConfigError(*(ConfigProblem(name, "was changed", fix) for name in fixed))
        if gone := self._settings.merchants.keys() - settings.merchants.keys():
            # A table that lost its name by mistake must not leave a shop's payments unseen.
            fix = "put it back, or restart to take it away"
            raise ConfigError(*(ConfigProblem(f"merchants.{name}", "is gone", fix) for name in sorted(gone)))
        return settings, self._runtime.merchants_from(settings)


def _told(fault: Exception) -> list[str]:
    if isinstance(fault, ConfigError):
        return [f"{one.setting} {one.message}" for one in fault.problems]
    if isinstance(fault, PaystateError):  # a key that cannot be used; the message names it and holds nothing of it
        return [str(fault)]
    return [place_of(fault)]


@asynccontextmanager
async def rotating(rotation: Rotation) -> AsyncGenerator[None]:
    """Listen for SIGHUP beside whatever runs inside; it ends nothing afterwards either, while the rest is closed."""
    task = asyncio.create_task(rotation.run())
    if SIGNAL is not None:
        asyncio.get_running_loop().add_signal_handler(SIGNAL, rotation.tell)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
