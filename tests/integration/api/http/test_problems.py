"""Problems: one table, one shape, one last resort."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import structlog
from integration.api.world import CUSTOMER, ORDER, World, world

from paystate.entrypoints.interface.problem_kinds import KINDS

ROOT = Path(__file__).resolve().parents[4]


def constants(tree: ast.AST) -> set[str]:
    return {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def codes_of_core() -> set[str]:
    """Every code in the core's sources: of refusals and of refused values."""
    found: set[str] = set()
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and [n.id for n in node.targets if isinstance(n, ast.Name)] == ["code"]:
                found |= {code for code in constants(node.value) if code}
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            names = [k.value for k in node.keywords if k.arg == "code"]
            names += node.args[:1] if node.func.id == "ValueInvalid" else []
            names += node.args[-1:] if node.func.id == "_checked" else []
            if node.func.id in ("Refused", "ValueInvalid", "_checked"):
                found |= constants(ast.Tuple(names))
    return found


def test_every_code_of_the_core_has_a_row() -> None:
    codes = codes_of_core()
    assert {"order_exists", "invalid_amount", "checkout_expired", "rate_limited"} <= codes
    assert set() == codes - set(KINDS)


def test_every_title_is_a_sentence() -> None:
    assert [] == [kind.title for kind in KINDS.values() if not kind.title[0].isupper()]


def test_statuses_stand_in_one_file() -> None:
    literal = re.compile(r"4[0-3]\d|50\d")
    files = {*(ROOT / "entrypoints/service/api").glob("*.py"), *(ROOT / "entrypoints/interface").rglob("*.py")}
    # The second only sorts log levels, the third shows values.
    allowed = {"problem_kinds.py", "response_headers.py", "examples.py"}
    assert allowed <= {path.name for path in files}
    found = {
        path.name
        for path in files
        if path.name not in allowed
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and literal.fullmatch(str(node.value))
    }
    assert set() == found


class Unexpected(Exception):
    pass


@pytest.mark.parametrize("path", ["/v1/orders/lamp-1", "/return/shop"])
async def test_a_surprise_is_a_500_that_tells_nothing(path: str) -> None:
    async with world(raises=False) as shop:
        secret = f"{shop.key} dev@example.test"

        class Broken:
            def verify(self, _: Any) -> Any:
                raise Unexpected(secret)

        def explode(*_: Any, **__: Any) -> Any:
            raise Unexpected(secret)

        shop.store.load = explode  # type: ignore[method-assign]
        object.__setattr__(shop.runtime.merchants["shop"], "verifier", Broken())
        with structlog.testing.capture_logs() as logs:
            answer = await shop.get(path)
        assert 500 == answer.status_code
        assert secret not in answer.text
        assert secret not in str(logs)
        (line,) = logs
        assert ("internal_error", "error") == (line["code"], line["log_level"])
        assert line["fault"].startswith("Unexpected at test_problems.py:")
        assert answer.headers["x-request-id"] == line["request_id"]
        if path.startswith("/v1"):
            assert answer.json() == {
                "type": "urn:paystate:problem:internal_error",
                "title": "Something went wrong here",
                "status": 500,
                "code": "internal_error",
                "request_id": line["request_id"],
                "help": "https://pay.example.test/docs/errors#internal_error",
            }


async def test_every_answer_carries_the_same_headers(shop: World) -> None:
    ids: set[str] = set()
    for method, path in (("GET", "/healthz"), ("GET", "/nowhere"), ("PUT", "/healthz"), ("GET", "/v1/orders")):
        answer = await shop.call(method, path, token="")
        assert ("no-store", "nosniff") == (answer.headers["cache-control"], answer.headers["x-content-type-options"])
        ids.add(answer.headers["x-request-id"])
    assert 4 == len(ids)
    problem = await shop.get("/nowhere")
    assert problem.json()["request_id"] == problem.headers["x-request-id"]


async def test_logs_hold_a_few_fields_and_nobody_s_data(shop: World) -> None:
    with structlog.testing.capture_logs() as logs:
        await shop.opened()
        opened = await shop.ready()
        path = f"/v1/checkouts/{opened['checkout_id']}"
        await shop.post(f"{path}/process", {"order_id": "lamp-1"}, token=opened["token"])
        await shop.get(f"/v1/orders/lamp-1?email={CUSTOMER['email']}")
        await shop.get("/v1/orders/lamp-9")
        await shop.post("/v1/orders", {**ORDER, "amount": CUSTOMER["email"]})
        await shop.hook(b'{"email":"dev@example.test"}')
        await shop.get("/return/shop?order_id=dev@example.test")
    known = {"event", "log_level", "request_id", "route", "status", "code", "ms", "verdict"}
    assert known >= {name for line in logs for name in line}
    for secret in (shop.key, opened["token"], *CUSTOMER.values(), opened["checkout_id"], "lamp-1"):
        assert secret not in str([{**line, "request_id": ""} for line in logs])


async def test_readiness_is_the_store_s(shop: World) -> None:
    ready = await shop.get("/readyz", token="")
    assert (200, "ready") == (ready.status_code, ready.json()["status"])
    shop.store.is_gone = True
    assert 503 == (await shop.get("/readyz", token="")).status_code
