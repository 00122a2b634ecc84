"""The switches: each can be set in the file, and each changes what it says (contract, the decisions)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from integration.sandbox.playing import KEY, SESSION, bakery, player_of
from integration.sandbox.receiving import Receiver, deliver, receiving

from paystate.core.ids import ORDER_ID_MAX
from paystate.core.policy import Policy
from paystate.entrypoints.sandbox import SandboxConfig
from paystate.entrypoints.sandbox.config import ORDER_ID_LENGTH_MAX, switches_from_file
from paystate.entrypoints.sandbox.gateway.endings import MAGIC_AMOUNTS
from paystate.entrypoints.sandbox.gateway.methods import MAGIC_VPAS


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def written(switches: str) -> Path:
        path = tmp_path / "sandbox.toml"
        path.write_text(f"[merchants.bakery]\napi_key = '{KEY}'\n{switches}", "utf-8")
        return path

    return written


def test_switches_are_read_from_the_file(file: Callable[[str], Path]) -> None:
    switches = switches_from_file(
        file(
            "[switches]\nunknown_order_status = 404\nauto_refund = true\nwebhook_retry_delays_s = [1, 2]\n"
            "webhook_time_compression = 60\nbase_url = 'https://juspay.test'"
        )
    )
    config = SandboxConfig((bakery(),), **switches)
    assert (404, True, (1, 2), 60, "https://juspay.test") == (
        config.unknown_order_status,
        config.auto_refund,
        config.webhook_retry_delays_s,
        config.webhook_time_compression,
        config.base_url,
    )


def test_a_file_without_switches_has_none(file: Callable[[str], Path]) -> None:
    assert {} == switches_from_file(file(""))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("auto_refunds = true", "there is no such switch"),
        ("merchants = 1", "there is no such switch"),
        ("auto_refund = 1", "true or false"),
        ("unknown_order_status = true", "a whole number"),
        ("unknown_order_status = '404'", "a whole number"),
        ("order_life_s = -1", "a whole number"),
        ("webhook_time_compression = 0", "a number above 0"),
        ("webhook_retry_delays_s = ['soon']", "a list of whole numbers"),
        ("webhook_retry_delays_s = 5", "a list of whole numbers"),
        ("base_url = 5", "text"),
    ],
)
def test_a_wrong_switch_is_named(file: Callable[[str], Path], line: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"switches.{line.split()[0]}: .*{message}"):
        switches_from_file(file(f"[switches]\n{line}"))


async def test_the_ids_that_no_page_tells_can_be_set() -> None:
    player = player_of(SandboxConfig((bakery(),), partial_charged_status_id=121, to_be_charged_status_id=122))
    uuid = await player.held()
    await player.post(f"/v2/txns/{uuid}/capture", {"amount": "40", "idempotence_key": "k1"})
    await player.page_open(order_id="bun-2")
    await player.act("pay", method={"upi": "tobecharged@upi"})
    statuses = [await player.status(), await player.status("bun-2")]
    assert [("PARTIAL_CHARGED", 121), ("TO_BE_CHARGED", 122)] == [(one["status"], one["status_id"]) for one in statuses]


async def test_what_is_to_be_charged_is_charged_once_somebody_starts_it() -> None:
    player = player_of(SandboxConfig((bakery(),)))
    await player.page_open()
    await player.act("pay", method={"upi": "tobecharged@upi"})
    player.clock.advance(86_400)
    assert "TO_BE_CHARGED" == (await player.status())["status"]
    await player.control(f"/_control/orders/{SESSION['order_id']}/settle", {"outcome": "SUCCESS"})
    assert "CHARGED" == (await player.status())["status"]


async def test_webhooks_are_sent_again_faster_where_the_switch_says_so() -> None:
    receiver = Receiver(answer=lambda: 503)
    async with receiving(receiver, webhook_time_compression=60.0) as player:
        await player.session()
        for _ in range(3):
            await deliver(player)
            player.clock.advance(1)
    # At once, and a second later in place of a minute; the next would be at 5 seconds more.
    assert 2 == len(receiver.raw)


async def test_the_gateways_own_words_are_shown_where_asked_for() -> None:
    player = player_of(SandboxConfig((bakery(),)))
    await player.paid()
    plain, full = [
        (await player.get(f"/orders/{SESSION['order_id']}{query}")).json()["payment_gateway_response"]
        for query in ("", "?options.add_full_gateway_response=true")
    ]
    assert ("gateway_response" in plain, full["gateway_response"]["status"]) == (False, "SUCCESS")


async def test_an_order_may_be_bounded_to_one_attempt() -> None:
    player = player_of(SandboxConfig((bakery(),), attempts_max=1))
    await player.page_open()
    await player.act("pay", method={"upi": "failure@upi"})
    answer = await player.post(
        "/txns", {"order_id": SESSION["order_id"], "payment_method_type": "UPI", "upi_vpa": "success@upi"}
    )
    assert (400, "AUTHORIZATION_FAILED") == (answer.status_code, (await player.status())["status"])


async def test_a_refund_that_stays_pending_goes_to_manual_review_after_the_days_of_the_switch() -> None:
    player = player_of(SandboxConfig((bakery(),), refund_review_after_s=864_000))
    await player.paid()
    await player.refund("r1", "10.93")
    words: list[str] = []
    for _ in range(2):
        player.clock.advance(432_000)
        words.append((await player.status())["refunds"][0]["status"])
    assert ["PENDING", "MANUAL_REVIEW"] == words


@pytest.mark.parametrize(("filtered", "expected"), [(True, "FILTERED"), (False, "dev@example.test")])
async def test_webhooks_tell_who_the_shopper_is_unless_the_switch_says_no(filtered: bool, expected: str) -> None:
    receiver = Receiver()
    async with receiving(receiver, personal_data_filtered=filtered) as player:
        await player.paid()
        await deliver(player)
        told = await player.status()
    assert {expected} == {body["content"]["order"]["customer_email"] for body in receiver.bodies}
    assert filtered == ("success@upi" not in str(receiver.bodies))
    assert "dev@example.test" == told["customer_email"]


@pytest.mark.parametrize(("longest", "status"), [(20, 400), (24, 200), (31, 200)])
async def test_how_long_an_order_id_may_be_can_be_set(longest: int, status: int) -> None:
    player = player_of(SandboxConfig((bakery(),), order_id_length_max=longest))
    answer = await player.post("/orders", {"order_id": "234823498237423894273498", "amount": "1.00"})
    assert status == answer.status_code


def test_no_order_id_may_be_longer_than_juspay_takes_one() -> None:
    with pytest.raises(ValueError, match="order_id_length_max: 31 at most"):
        SandboxConfig((bakery(),), order_id_length_max=32)


def test_the_core_takes_order_ids_as_long_as_the_sandbox_does() -> None:
    assert (ORDER_ID_MAX, Policy().order_id_max) == (ORDER_ID_LENGTH_MAX, SandboxConfig(()).order_id_length_max)


def test_the_guide_shows_a_file_whose_switches_are_taken(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/play-with-the-sandbox.md").read_text("utf-8")
    path = tmp_path / "sandbox.toml"
    path.write_text(guide.split("```toml\n")[1].split("```")[0], "utf-8")
    assert {"unknown_order_status": 404} == switches_from_file(path)


def test_the_guide_names_every_magic_value() -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/play-with-the-sandbox.md").read_text("utf-8")
    assert all(f"`{one.value}`" in guide for one in MAGIC_VPAS)
    assert all(f".{one.digits}" in guide for one in MAGIC_AMOUNTS)
