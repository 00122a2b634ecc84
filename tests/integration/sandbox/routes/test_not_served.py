"""What no route of the sandbox takes is told in Juspay's shape (contract J.1)."""

from __future__ import annotations

import pytest
from integration.sandbox.playing import KEY, Player


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("POST", "/v9/payouts", 404),
        ("DELETE", "/orders/bun-7Kq2", 405),
        ("PUT", "/session", 405),
    ],
)
async def test_a_route_that_is_not_served_is_refused_in_juspays_shape(
    player: Player, verb: str, path: str, status: int
) -> None:
    answer = await player.http.request(verb, path, auth=(KEY, ""))
    body = answer.json()
    assert (status, "error", "invalid_request", "INVALID_ACTION") == (
        answer.status_code,
        body["status"],
        body["error_code"],
        body["error_info"]["code"],
    )
    assert body["error_message"]


async def test_a_body_that_is_too_large_is_refused_in_juspays_shape(player: Player) -> None:
    answer = await player.http.post("/session", content=b" " * (256 * 1024 + 1), auth=(KEY, ""))
    assert (413, "invalid_request") == (answer.status_code, answer.json()["error_code"])


@pytest.mark.parametrize("path", ["/_control/nowhere", "/_sdk/nowhere"])
async def test_what_is_ours_and_not_there_is_told_in_our_shape(player: Player, path: str) -> None:
    answer = await player.http.get(path)
    assert (404, ["error"]) == (answer.status_code, list(answer.json()))
