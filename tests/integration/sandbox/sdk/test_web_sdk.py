"""The web SDK's script, run in Node on as much of a page as it needs, against a sandbox that runs (contract D)."""

from __future__ import annotations

import asyncio
import json
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from integration.sandbox.playing import (
    HEADERS,
    INITIATE,
    KEY,
    SESSION,
    START,
    Player,
    bakery,
    signed_initiate,
    signed_process,
)
from patience import HANGS_S

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, create_app, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOPS = Path(__file__).with_name("web_sdk.mjs")
FAILED = ["process_result", "api_failure", True, "JP_001"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen() -> dict[str, Any]:
    """What each shop saw: all of them in one run, since Node takes longer to start than to play one."""
    if shutil.which("node") is None:
        pytest.skip("Node is not here")
    signed_update = signed_process(amount="64.00")
    given = {
        "headers": {**HEADERS, "Authorization": f"Basic {b64encode(f'{KEY}:'.encode()).decode()}"},
        "session": SESSION,
        "initiate": INITIATE,
        "signedInitiate": signed_initiate(),
        "signedProcess": signed_process(),
        "signedUpdate": {name: signed_update[name] for name in ("orderDetails", "signature")},
    }
    plain = create_app(SandboxConfig((bakery(),), payment_attempt_event=False), SandboxClock(START, frozen=True))
    asking = create_app(SandboxConfig((bakery(),), payment_attempt_event=True), SandboxClock(START, frozen=True))
    async with running(plain, port=0) as one, running(asking, port=0) as other:
        pipe = asyncio.subprocess.PIPE
        node = await asyncio.create_subprocess_exec(
            "node", str(SHOPS), one, other, json.dumps(given), stdout=pipe, stderr=pipe
        )
        told, complaints = await asyncio.wait_for(node.communicate(), HANGS_S)
    assert b"" == complaints, complaints.decode()
    shops: dict[str, Any] = json.loads(told)
    return shops


async def test_a_shopper_pays_in_a_frame_which_the_result_closes(seen: dict[str, Any]) -> None:
    shop = seen["paysInAFrame"]
    assert ["initiate_result", "success", False, ""] == shop["initiated"]
    assert ["initiate_result", "show_loader", "hide_loader", "process_result"] == shop["names"]
    assert (1, ["process_result", "charged", False, ""], 0) == (shop["open"], shop["result"], shop["left"])
    assert (200, []) == (shop["inPlace"], shop["went"])  # nothing is loaded that the shop would be asked for


async def test_an_instance_is_initialised_from_its_result_to_terminate(seen: dict[str, Any]) -> None:
    assert [False, True, False] == seen["paysInAFrame"]["ready"]


async def test_back_is_taken_while_the_page_is_open(seen: dict[str, Any]) -> None:
    shop = seen["goesBack"]
    assert [False, True, True] == shop["taken"]
    assert ["process_result", "backpressed", True, "JP_002"] == shop["before"]
    assert (["process_result", "user_aborted", True, "JP_002"], 0) == (shop["after"], shop["left"])


async def test_a_call_out_of_order_is_answered_and_does_not_disturb_an_open_page(seen: dict[str, Any]) -> None:
    shop = seen["calledOutOfOrder"]
    assert [FAILED, FAILED, FAILED] == [shop[name] for name in ("early", "second", "late")]
    assert ["initiate_result", "failure", True, "JP_001"] == shop["twice"]
    assert (1, 0) == (shop["stillOpen"], shop["left"])
    assert ["process was called before a good initiate"] == shop["errors"]  # nobody could be told otherwise


async def test_by_redirection_the_browser_goes_there_and_no_result_comes(seen: dict[str, Any]) -> None:
    shop = seen["goesThereAndComesBackByTheReturnUrl"]
    assert (0, 0) == (shop["frames"], shop["results"])
    assert shop["back"].startswith("https://bakery.example.test/back?order_id=web-4&status=CHARGED")


async def test_signed_payloads_open_the_page_and_a_signed_update_changes_its_price(seen: dict[str, Any]) -> None:
    shop = seen["signs"]
    assert (["initiate_result", "success", False, ""], "₹64.00") == (shop["initiated"], shop["price"])
    assert (FAILED, 0) == (shop["forged"], shop["left"])


async def test_where_the_shop_is_asked_the_page_waits_for_its_word(seen: dict[str, Any]) -> None:
    going_on, given_up = seen["asksTheShopFirst"]["seen"]
    assert ["UPI", "app", True, "One moment, please"] == going_on[:4] == given_up[:4]
    assert ["process_result", "charged", False, ""] == going_on[4]
    assert ["process_result", "backpressed", True, "JP_002"] == given_up[4]


async def test_what_the_sandbox_cannot_answer_is_an_event_too(seen: dict[str, Any]) -> None:
    shop = seen["meetsTrouble"]
    assert ["initiate_result", "failure", True, "JP_005"] == shop["gone"]
    assert ["initiate_result", "failure", True, "JP_003"] == shop["broken"]
    assert FAILED == shop["none"]


async def test_a_fault_of_the_shops_own_callback_is_written_down(seen: dict[str, Any]) -> None:
    assert ["Error: the shop's own fault"] == seen["meetsTrouble"]["careless"]


# --- over HTTP


async def test_pages_of_every_origin_may_load_the_script_and_call(player: Player) -> None:
    origin = {"origin": "https://bakery.example.test"}
    loaded = await player.http.get("/hyper-sdk-web/HyperServices.js", headers=origin)
    asked = await player.http.options("/_sdk/process", headers={**origin, "access-control-request-method": "POST"})
    called = await player.http.get("/_sdk/isInitialised?instance=app", headers=origin)
    assert {"*"} == {one.headers["access-control-allow-origin"] for one in (loaded, asked, called)}
    assert ("text/javascript; charset=utf-8", "content-type, x-sdk-instance") == (
        loaded.headers["content-type"],
        asked.headers["access-control-allow-headers"],
    )


@pytest.mark.parametrize("path", ["/_control/clock", "/session"])
async def test_pages_of_other_origins_may_call_nothing_else(player: Player, path: str) -> None:
    answer = await player.http.options(path, headers={"origin": "https://bakery.example.test"})
    assert "access-control-allow-origin" not in answer.headers
