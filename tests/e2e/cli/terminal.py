"""A merchant's settings as somebody new writes them, and `paystate` called as at a terminal."""

from __future__ import annotations

from pathlib import Path

from beginnings import copied_pair
from click.testing import CliRunner, Result

from paystate.entrypoints.cli.main import main

CANARY = "canary-7f3a-do-not-print"
SECRETS = ("TEA_JUSPAY_KEY", "TEA_RESPONSE_KEY", "TEA_WEBHOOK_PASSWORD")
SETTINGS = """
public_url = "http://127.0.0.1:8000"
[merchants.teashop]
client_id = "teashop"
base_url = "http://127.0.0.1:1"
api_key = { env = "TEA_JUSPAY_KEY" }
response_keys = [{ env = "TEA_RESPONSE_KEY" }]
signing_keys = [{ key_id = "k-1", file = "keys/signing.pem" }]
webhook_logins = [{ user = "teashop", password = { env = "TEA_WEBHOOK_PASSWORD" } }]
backend_keys = ["abcdefgh:0000000000000000000000000000000000000000000000000000000000000000"]
"""


def paystate(*args: str) -> Result:
    """A command, run to its end in the folder of the test."""
    return CliRunner().invoke(main, list(args))


def set_up(folder: Path, settings: str = SETTINGS) -> None:
    """Write the settings, and the keys that they name where `paystate keys new` would."""
    (folder / "paystate.toml").write_text(settings, "utf-8")
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    copied_pair(keys / "signing.pem", keys / "signing.public.pem")
