"""Looking at the sandbox's own pages, and sending the forms on them, as a browser on this machine does."""

from __future__ import annotations

import httpx
from integration.sandbox.playing import BASE, Player


async def looked_at(player: Player, path: str) -> httpx.Response:
    """A page, which is there."""
    answer = await player.http.get(path)
    assert 200 == answer.status_code, answer.text
    return answer


async def sent(player: Player, path: str, **fields: str) -> httpx.Response:
    """What a form is answered with."""
    return await player.http.post(f"/_home/{path}", data=fields, headers={"origin": BASE})
