"""Who may steer the sandbox: programs on this machine, and no page in a browser (ours)."""

from __future__ import annotations

import pytest
from integration.sandbox.playing import BASE, Player

STEP = b'{"advance_s": 30}'
JSON = {"content-type": "application/json"}


async def moved(player: Player, **headers: str) -> tuple[int, bool]:
    """What a try to move the clock is answered with, and whether the clock has moved."""
    before = player.clock.now()
    answer = await player.http.post("/_control/clock", content=STEP, headers={**JSON, **headers})
    assert answer.status_code == 200 or ["error", "code"] == list(answer.json())
    return answer.status_code, before != player.clock.now()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain; application/json"]
)
async def test_what_a_form_could_send_moves_nothing(player: Player, kind: str) -> None:
    assert (415, False) == await moved(player, **{"content-type": kind})


async def test_a_body_of_no_kind_moves_nothing(player: Player) -> None:
    before = player.clock.now()
    answer = await player.http.post("/_control/clock", content=STEP)
    assert (415, before) == (answer.status_code, player.clock.now())


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
async def test_json_is_taken(player: Player, kind: str) -> None:
    assert (200, True) == await moved(player, **{"content-type": kind})


@pytest.mark.parametrize(
    "host", ["shop.example.test", "shop.example.test:9000", "10.0.0.7:9000", "", "[::1", "1.2.3.4"]
)
async def test_a_host_that_is_not_of_this_machine_moves_nothing(player: Player, host: str) -> None:
    assert (403, False) == await moved(player, host=host)


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "127.0.0.2", "localhost:9000", "LOCALHOST", "[::1]:9000"])
async def test_an_address_of_this_machine_is_taken(player: Player, host: str) -> None:
    assert (200, True) == await moved(player, host=host)


@pytest.mark.parametrize(
    "origin", ["https://evil.example.test", "null", "http://127.0.0.1:3000", "https://127.0.0.1:9000"]
)
async def test_a_page_of_another_origin_moves_nothing(player: Player, origin: str) -> None:
    assert (403, False) == await moved(player, origin=origin)


async def test_a_page_of_the_sandboxs_own_is_taken(player: Player) -> None:
    assert (200, True) == await moved(player, origin=BASE)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_an_image_of_a_page_elsewhere_does_not_say_that_a_service_goes_by_the_clock(
    player: Player, site: str
) -> None:
    answer = await player.http.get("/_control/clock?shares=true", headers={"sec-fetch-site": site})
    assert (403, "other_origin") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_an_address_that_was_typed_is_read(player: Player, site: str) -> None:
    assert 200 == (await player.http.get("/_control/clock", headers={"sec-fetch-site": site})).status_code


async def test_a_name_that_points_here_reads_nothing(player: Player) -> None:
    answer = await player.http.get("/_control/ledger", headers={"host": "shop.example.test"})
    assert (403, "not_this_machine") == (answer.status_code, answer.json()["code"])


async def test_a_page_of_another_origin_disarms_nothing(player: Player) -> None:
    await player.arm("status_5xx")
    answer = await player.http.delete("/_control/faults", headers={"origin": "https://evil.example.test"})
    assert (403, ["status_5xx"]) == (answer.status_code, await player.armed())


async def test_a_call_without_a_body_needs_no_kind(player: Player) -> None:
    assert 200 == (await player.http.post("/_control/webhooks/deliver")).status_code


async def test_juspays_own_routes_take_any_host(player: Player) -> None:
    assert 401 == (await player.http.get("/orders/none", headers={"host": "juspay.example.test"})).status_code
