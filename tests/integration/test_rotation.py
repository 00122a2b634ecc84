"""Whatever is wrong with changed settings, the service goes on as it was, and hears the next word."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import cast

import msgspec
import pytest
from attrs import define
from patience import HANGS_S
from structlog.testing import capture_logs

from paystate.adapters.signing.keyring import KeyInvalid
from paystate.entrypoints.service.rotation import SIGNAL, Rotation, rotating
from paystate.entrypoints.setup.runtime import Merchants, Runtime
from paystate.entrypoints.setup.settings import MerchantSettings, Secret, Settings

SECRET = "canary-5d1c-do-not-print"
SETTINGS = Settings(merchants={}, public_url="https://pay.example.test")
BEFORE, AFTER = Merchants(merchants={}, credentials={}), Merchants(merchants={}, credentials={})


@define
class Running:
    """What rotation touches of an installation."""

    current: Merchants
    makes: Callable[[Settings], Merchants]

    def merchants_from(self, settings: Settings) -> Merchants:
        return self.makes(settings)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(HANGS_S):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0)


def raising(fault: Exception) -> Callable[..., Merchants]:
    def make(*_: object) -> Merchants:
        raise fault

    return make


FAULTS = [
    KeyInvalid("key-1", "the file cannot be read (FileNotFoundError)"),
    FileNotFoundError(SECRET),
    UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
    KeyError(SECRET),
    ValueError(SECRET),
    RecursionError(SECRET),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_after_any_fault_the_next_change_is_taken_over(fault: Exception) -> None:
    at = Running(BEFORE, raising(fault))
    rotation = Rotation(cast("Runtime", at), SETTINGS, lambda: SETTINGS)
    task = asyncio.create_task(rotation.run())
    with capture_logs() as logged:
        rotation.tell()
        await until(lambda: logged or task.done())
        assert at.current is BEFORE
        at.makes = lambda _: AFTER
        rotation.tell()
        await until(lambda: at.current is AFTER or task.done())
    task.cancel()
    assert at.current is AFTER
    assert ["settings not reloaded", "settings reloaded"] == [entry["event"] for entry in logged]
    assert SECRET not in str(logged)


async def test_a_file_that_cannot_be_read_for_any_reason_changes_nothing() -> None:
    for fault in FAULTS:
        at = Running(BEFORE, lambda _: AFTER)
        rotation = Rotation(cast("Runtime", at), SETTINGS, cast("Callable[[], Settings]", raising(fault)))
        assert not await rotation.take_over()
        assert at.current is BEFORE


async def test_words_that_come_while_the_settings_are_read_are_heard_once_more() -> None:
    reads: list[Settings] = []
    at = Running(BEFORE, lambda _: AFTER)

    def reread() -> Settings:
        if not reads:
            loop.call_soon_threadsafe(rotation.tell)
            loop.call_soon_threadsafe(rotation.tell)
        reads.append(SETTINGS)
        return msgspec.structs.replace(SETTINGS)

    loop, rotation = asyncio.get_running_loop(), Rotation(cast("Runtime", at), SETTINGS, reread)
    task = asyncio.create_task(rotation.run())
    rotation.tell()
    rotation.tell()
    with capture_logs() as logged:
        await until(lambda: len(logged) == 2)
    task.cancel()
    assert 2 == len(reads)


async def test_what_was_taken_over_is_what_the_next_change_is_compared_with() -> None:
    shop = MerchantSettings(client_id="c", base_url="https://juspay.test", api_key=Secret(env="KEY"))
    with_shop = msgspec.structs.replace(SETTINGS, merchants={"teashop": shop})
    words = iter([with_shop, SETTINGS])
    rotation = Rotation(cast("Runtime", Running(BEFORE, lambda _: AFTER)), SETTINGS, lambda: next(words))
    with capture_logs() as logged:
        assert [True, False] == [await rotation.take_over(), await rotation.take_over()]
    assert ["merchants.teashop is gone"] == logged[-1]["problems"]


@pytest.mark.skipif(SIGNAL is None, reason="SIGHUP is POSIX")
async def test_a_word_that_comes_while_the_rest_is_closed_ends_nothing() -> None:
    async with rotating(Rotation(cast("Runtime", Running(BEFORE, lambda _: AFTER)), SETTINGS, lambda: SETTINGS)):
        pass
    assert SIGNAL is not None
    assert signal.SIG_DFL is not signal.getsignal(SIGNAL)
    asyncio.get_running_loop().remove_signal_handler(SIGNAL)
