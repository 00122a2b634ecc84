"""What of the settings reaches the running service."""

from pathlib import Path

import msgspec
from e2e.shop import MERCHANT, shop

from paystate.entrypoints.service.server import config
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings import RateSettings
from paystate.entrypoints.setup.settings_checks import load


async def test_the_description_is_served_beside_a_sandbox_alone(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        settings = load(at.settings)
        real = msgspec.structs.replace(settings.merchants[MERCHANT], base_url="https://sandbox.juspay.in")
        async with bootstrap.opened_runtime(settings) as one:
            assert one.serves_docs
        async with bootstrap.opened_runtime(msgspec.structs.replace(settings, merchants={MERCHANT: real})) as one:
            assert not one.serves_docs


async def test_rates_names_and_proxies_are_those_of_the_settings(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        settings = msgspec.structs.replace(
            load(at.settings), rates=RateSettings(per_key=7, per_address=3), trusted_proxies=2, hosts=("paystate",)
        )
        async with bootstrap.opened_runtime(settings) as one:
            assert (7, 3) == (one.limits.keys.per_second, one.limits.addresses.per_second)
            assert (2, ("127.0.0.1", "paystate")) == (one.trusted_proxies, one.hosts)
            assert config(one).waiting._behind_proxies
