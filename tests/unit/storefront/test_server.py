"""Opening the shop."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from paystate.adapters.clock import SystemClock
from paystate.entrypoints.engine import Settings
from paystate.entrypoints.storefront import Place, PortTaken, running


async def test_a_port_that_another_program_has_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        place = Place(
            settings=Settings(merchants={}, public_url="http://127.0.0.1"),
            merchant_id="teashop",
            juspay_url="http://x",
            file=tmp_path / "shop",
            port=port,
        )
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1 is taken"):
            async with running(place, SystemClock()):
                pass
