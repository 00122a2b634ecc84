"""The published description put to the proof by schemathesis: nothing that it does not tell, and never a 5xx.

It makes requests out of the description: examples, the edges of every schema, random ones, and chains of calls. A short
run is a part of all tests; HYPOTHESIS_PROFILE=nightly looks much further.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from e2e.protocol.raw import raw_server
from integration.api.world import LOGIN, World, basic

from paystate.entrypoints.setup.rates import Limits, Rates

IS_NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
PROGRAM = Path(sys.executable).parent / "st"


async def written(folder: Path, shop: World) -> Path:
    """What schemathesis needs to get behind the guards: who may call what, and names of things that are there."""
    await shop.charged()
    opened = await shop.ready()
    (told,) = await shop.store.outbox("shop")
    path = folder / "schemathesis.toml"
    path.write_text(f"""\
headers = {{ Authorization = "Bearer {shop.key}" }}

[parameters]
order_id = "lamp-1"
checkout_id = "{opened["checkout_id"]}"
merchant_id = "shop"
event_id = "{told.event_id}"

[[operations]]
include-path-regex = "^/v1/checkouts/.*/(events|process|resume|terminate|result)$"
headers = {{ Authorization = "Bearer {opened["token"]}" }}

[[operations]]
include-path-regex = "^/webhooks/"
headers = {{ Authorization = "{basic(*LOGIN)}", X-Shop = "ours" }}
""")
    return path


async def at_once(seconds: float) -> None:
    """What a call waits for does not come here."""


@pytest.mark.long
async def test_nothing_is_answered_that_is_not_described(tmp_path: Path) -> None:
    phases = "examples,coverage,fuzzing,stateful" if IS_NIGHTLY else "examples,fuzzing,stateful"
    async with raw_server(docs=True, raises=False) as server:
        server.shop.runtime.limits = Limits.at(Rates(per_key=1_000_000, per_address=1_000_000))
        server.shop.runtime.sleep = at_once
        settings = await written(tmp_path, server.shop)
        running = await asyncio.create_subprocess_exec(
            *(PROGRAM, "--config-file", settings, "run", f"http://127.0.0.1:{server.port}/docs/openapi.json"),
            *("--phases", phases, "--max-examples", "300" if IS_NIGHTLY else "3", "--checks", ",".join(CHECKS)),
            *(["--generation-database", "none"] if IS_NIGHTLY else ["--generation-deterministic"]),
            "--no-color",
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await running.communicate()
    assert 0 == running.returncode, told.decode()
