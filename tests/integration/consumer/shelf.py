"""The service's side of a pull, without the service: announcements on a shelf, pulled as over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
from attrs import define, field

KEY = "pst_test_key"


def event(number: int, kind: str = "order.paid") -> dict[str, Any]:
    return {
        "id": f"ann_{number}",
        "type": kind,
        "timestamp": f"2031-05-06T07:08:{number:02}Z",
        "data": {"order_id": f"A{number}"},
    }


@define
class Shelf:
    """Announcements 1, 2, 3 and so on; the cursor behind number 3 is `a3`, and begins with the database's own letter.

    Attributes:
        damaged: Those without data.
        letter: Another one after a backup was restored.
        fault: What is answered in place of a page.
        meanwhile: What happens while the next page is on its way.
        asked: The query of each call.
    """

    events: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    damaged: set[str] = field(factory=set[str])
    letter: str = "a"
    fault: httpx.Response | Exception | None = None
    meanwhile: Callable[[], object] | None = None
    asked: list[dict[str, str]] = field(factory=list[dict[str, str]])

    @classmethod
    def of(cls, count: int) -> Shelf:
        return cls([event(number) for number in range(1, count + 1)])

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert ("/v1/announcements", f"Bearer {KEY}") == (request.url.path, request.headers["authorization"])
        self.asked.append(dict(request.url.params))
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        if isinstance(self.fault, Exception):
            raise self.fault
        if self.fault:
            return self.fault
        after = request.url.params.get("after", "")
        if after and after[0] != self.letter:
            return httpx.Response(409, json={"code": "cursor_unknown"})
        first = int(after[1:]) if after else 0
        told = list(enumerate(self.events, 1))[first : first + int(request.url.params["limit"])]
        page = {
            "announcements": [one for _, one in told if one["id"] not in self.damaged],
            "unreadable": [
                {"id": one["id"], "type": one["type"], "timestamp": one["timestamp"], "order_id": "A", "about": ""}
                for _, one in told
                if one["id"] in self.damaged
            ],
            "cursors": {one["id"]: f"{self.letter}{number}" for number, one in told},
            "next": f"{self.letter}{told[-1][0]}" if told else after,
        }
        return httpx.Response(200, content=json.dumps(page))
