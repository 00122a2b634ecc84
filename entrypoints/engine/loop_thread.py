"""An event loop in a thread of its own, for callers who are not async.

It knows nothing of payments. Threads may share it; a process that was forked off may not.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from paystate.core.errors import WrongPlace

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for threads that wait for them."""

    def __init__(self) -> None:
        """Start the thread, which never keeps a program from ending."""
        self._pid = os.getpid()
        self._lock = threading.RLock()  # a signal's handler may stop what it interrupts
        self._is_stopping = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="paystate", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for what `work` returns, or raise what it raises; interrupted, it cancels the work.

        Raises:
            WrongPlace: It cannot work here, and `work` has not begun; or it was stopped meanwhile.
        """
        waiting = self._begun(work)
        try:
            return waiting.result()
        except CancelledError:
            raise WrongPlace("Paystate was closed while this call waited; its outcome is not known") from None
        except BaseException:
            waiting.cancel()
            raise

    def _begun(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Hand `work` to the loop. Under the lock: the loop takes it before it stops, or never gets it."""
        try:
            if self._pid != os.getpid():  # before the lock, which a thread of the other process may have held
                raise WrongPlace(
                    "Paystate was opened before this process was forked; open it in each process, after the fork"
                )
            with self._lock:
                if wrong := self._wrong_here():
                    raise WrongPlace(wrong)
                return asyncio.run_coroutine_threadsafe(work, self._loop)
        except WrongPlace:
            work.close()
            raise

    def stop(self) -> None:
        """End what still waits, the loop and the thread; harmless when begun already, and in a forked process."""
        if self._pid != os.getpid():
            return
        with self._lock:
            is_first, self._is_stopping = not self._is_stopping, True
        if not is_first:
            return
        try:
            asyncio.run_coroutine_threadsafe(_ended(), self._loop).result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _wrong_here(self) -> str:
        if self._is_stopping:
            return "Paystate is closed"
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return ""
        return "this is async code, which a blocking call would stop; use Paystate.open and await its methods"


async def _ended() -> None:
    """What a thread still waits for is cancelled, or it would wait for ever."""
    waiting = asyncio.all_tasks() - {asyncio.current_task()}
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
