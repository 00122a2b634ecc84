"""The published description: complete, and true as far as it can be checked here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest
from attrs import evolve
from integration.api.http.test_credentials import BY_KEY, TABLE, filled, prepared, the_key, with_keys
from integration.api.world import World, world
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import OpenAPI
from litestar.testing import AsyncTestClient

from paystate.entrypoints.interface.problem_kinds import KINDS
from paystate.entrypoints.interface.views import announcement_models, order_models
from paystate.entrypoints.service.api.app import create_app
from paystate.entrypoints.service.api.problems import ProblemBody
from paystate.entrypoints.setup.credentials import ALL_SCOPES, Scope

WEBHOOK = ("POST", "/webhooks/juspay/{merchant_id}")


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world(docs=True) as running:
        yield running


@pytest.fixture
async def document(shop: World) -> dict[str, Any]:
    answer = await shop.get("/docs/openapi.json", token="")
    assert 200 == answer.status_code
    return dict(answer.json())


async def test_the_description_is_made_when_somebody_asks_for_it_and_not_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes longer than the rest of a start, and most processes are never asked."""
    made: list[OpenAPIConfig] = []
    make = OpenAPIConfig.to_openapi_schema

    def counted(config: OpenAPIConfig) -> OpenAPI:
        made.append(config)
        return make(config)

    monkeypatch.setattr(OpenAPIConfig, "to_openapi_schema", counted)
    async with world(docs=True) as started:
        assert 200 == (await started.get("/healthz", token="")).status_code
        assert 404 == (await started.get("/v1/orders/none")).status_code
        assert [] == made
        for _ in range(2):
            assert 200 == (await started.get("/docs/openapi.json", token="")).status_code
        assert 1 == len(made)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


async def test_it_describes_every_route(document: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _ in operations(document)} == {*TABLE, WEBHOOK}


async def test_every_operation_says_who_may_and_shows_examples(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        assert operation["security"], where
        for status, response in operation["responses"].items():
            assert response["description"], where
            for media_type, content in response["content"].items():
                assert content["examples"], where
                is_problem = int(status) >= 400 and not (path.startswith("/return/") and media_type == "text/html")
                assert is_problem == (media_type == "application/problem+json"), where
        if method == "POST" and "requestBody" in operation:
            for content in operation["requestBody"]["content"].values():
                assert content["examples"], where
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert set(re.findall(r"\{(\w+)\}", path)) == in_path, where


async def test_security_is_the_table_s(document: dict[str, Any]) -> None:
    schemes = set(document["components"]["securitySchemes"])
    for method, path, operation in operations(document):
        named = {name for choice in operation["security"] for name in choice}
        assert named <= schemes
        expected = TABLE[method, path][1] if (method, path) != WEBHOOK else {"none": 401}
        assert bool(expected) == bool(named), path
        assert bool(expected) == ("401" in operation["responses"]), path


async def test_an_operation_says_the_very_scope_that_its_guard_asks_for(shop: World, document: dict[str, Any]) -> None:
    names = await prepared(shop)
    key, opened = the_key(shop), []
    for method, path, operation in operations(document):
        if (said := operation.get("x-required-scope")) is None:
            continue
        opened.append((method, path))
        for scopes, is_open in ((ALL_SCOPES - {Scope(said)}, False), (frozenset({Scope(said)}), True)):
            with_keys(shop, evolve(key, scopes=scopes))
            body = TABLE[method, path][0]
            answer = await shop.call(method, filled(path, names), body, idempotency_key="k-1")
            assert is_open is (answer.status_code != 403), (method, path, said)
    assert set(BY_KEY) == set(opened)


async def test_a_scope_is_said_to_tools_and_to_people(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        scope = operation.get("x-required-scope")
        roles = [choice["api_key"] for choice in operation["security"] if "api_key" in choice]
        assert ([[scope]] if scope else []) == roles, (method, path)
        assert scope is None or f"the scope `{scope}`" in operation["description"]


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(re.findall(r"#/components/schemas/\w+", str(document))) <= known


async def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


async def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    by_name = {
        model.__name__: model for model in (*order_models.PUBLISHED, *announcement_models.PUBLISHED, ProblemBody)
    }
    checked = 0
    for _, _, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (c for body in bodies for c in body.get("content", {}).values()):
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            for example in content["examples"].values():
                if name:
                    msgspec.json.decode(msgspec.json.encode(example["value"]), type=by_name[name])
                    checked += 1
    assert checked > 100


async def test_every_code_is_described_somewhere(document: dict[str, Any]) -> None:
    described = {
        name
        for _, _, operation in operations(document)
        for response in operation["responses"].values()
        for content in response["content"].values()
        for name in content["examples"]
    }
    unreachable = {
        "bad_request",
        "method_not_allowed",
        "refund_not_sendable",
        "hold_not_sendable",
        "invalid_merchant_id",
        "customer_still_owed",  # only the terminal forgets
    }
    assert set(KINDS) - unreachable <= described


@pytest.mark.parametrize("step", ["events", "process", "resume", "terminate", "result"])
async def test_an_app_s_routes_say_that_there_may_be_nothing(document: dict[str, Any], step: str) -> None:
    (operation,) = document["paths"][f"/v1/checkouts/{{checkout_id}}/{step}"].values()
    assert "404" in operation["responses"]


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_return_says_that_it_refuses_with_a_page(document: dict[str, Any], method: str) -> None:
    responses = document["paths"]["/return/{merchant_id}"][method]["responses"]
    pages = {status for status, response in responses.items() if "text/html" in response["content"]}
    assert {"200", "303", "400", "404", "421", "429", "500", "503"} <= pages


async def test_what_is_not_there_is_a_problem_there_too(shop: World) -> None:
    answer = await shop.get("/docs/nowhere", token="")
    assert (404, "not_found") == (answer.status_code, answer.json()["code"])


async def test_it_is_not_served_beside_a_real_juspay(shop: World) -> None:
    app = create_app(evolve(shop.runtime, serves_docs=False))
    async with AsyncTestClient(app) as http:
        for path in ("/docs", "/docs/openapi.json", "/schema", "/schema/openapi.json"):
            answer = await http.get(path)
            assert (404, "not_found") == (answer.status_code, answer.json()["code"])
