"""Juspay, as the official clients meet it: a sandbox behind TLS."""

from __future__ import annotations

from dataclasses import dataclass

from integration.sandbox.playing import Player

JWT_KEY_ID = "key_26b1a82e16cf4c6e850325c3d9836800"
"""The merchant's, for JWT mode."""


@dataclass(frozen=True)
class Juspay:
    """A sandbox: `url` is what a client calls, `player` steers the same sandbox from within."""

    url: str
    player: Player
