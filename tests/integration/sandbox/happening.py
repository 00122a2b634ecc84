"""Letting things happen to the one order of a test, and the words in which tests of its money look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.playing import SESSION, Player, bakery, player_of
from integration.sandbox.receiving import Receiver, deliver

from paystate.entrypoints.sandbox import EVENTS, SandboxConfig, WebhookTarget

ORDER = SESSION["order_id"]
MANDATE = {"options.create_mandate": "REQUIRED", "mandate.max_amount": "250.00", "customer_id": "c-77"}


async def happen(player: Player, name: str, **params: Any) -> dict[str, Any]:
    """Let a fault happen at once; return what order status answers then."""
    await player.arm(name, order_id=ORDER, params=params)
    return await player.status()


async def refusal(player: Player, path: str, body: Mapping[str, Any]) -> str:
    """Why the control API refuses."""
    answer = await player.http.post(path, json=dict(body))
    assert answer.status_code in {400, 422}, answer.text
    return answer.json()["error"]


async def cannot(player: Player, name: str, **params: Any) -> str:
    """Why a fault cannot happen now."""
    return await refusal(player, "/_control/faults", {"name": name, "order_id": ORDER, "params": params})


async def told(player: Player, receiver: Receiver) -> list[dict[str, Any]]:
    """Deliver what is due; return the bodies of all events so far."""
    await deliver(player)
    return receiver.bodies


def some(body: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    """Those members of a body, None where it has none."""
    return tuple(body.get(name) for name in names)


def player_for(receiver: Receiver, **config: Any) -> Player:
    """A sandbox whose merchant wants every event there is."""
    hook = WebhookTarget(receiver.url, "bakery", "hook-pass", events=frozenset(EVENTS))
    return player_of(SandboxConfig((bakery(webhook=hook),), **config))


async def content(player: Player, receiver: Receiver, name: str) -> dict[str, Any]:
    """Deliver what is due, and return the content of the last event of that name."""
    await deliver(player)
    return [one["content"] for one in receiver.bodies if one["event_name"] == name][-1]


async def paid_by(player: Player, method: dict[str, str], **session: Any) -> None:
    await player.page_open(**session)
    await player.act("pay", method=method)
