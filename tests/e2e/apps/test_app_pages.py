"""The app pages: their JavaScript pays in a real run, and their calls are those of Juspay's own packages."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from attrs import frozen
from patience import HANGS_S

from paystate.entrypoints.demo.run import START
from paystate.entrypoints.demo.stack import TRUSTS_NOBODY, Stack, running_stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

APPS = Path(__file__).resolve().parents[3] / "docs" / "apps"
DRIVER = Path(__file__).with_name("driver.mjs")
NAMED = re.compile(r"^```js\n// (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```(?:js|kotlin|swift|dart)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@frozen
class Sdk:
    """The names of one of Juspay's packages, as that package spells them.

    Attributes:
        source: The package, its version, and the file in which the names stand.
        handle: What the page calls the SDK's object and its class.
        methods: What may be called on it.
    """

    source: str
    handle: str
    methods: frozenset[str]


def names(*words: str) -> frozenset[str]:
    return frozenset(word for line in words for word in line.split())


SDKS = {
    "web": Sdk(
        "juspay/juspay-sdk-integration-demo at 35238c3, payment-page-web-iframe/src/index.html",
        r"sdk",
        names("initiate process isInitialised terminate"),
    ),
    "android": Sdk(
        "npm hyper-sdk-react 5.0.35, android/src/main/java/in/juspay/hypersdkreact/HyperSdkReactModule.java",
        r"sdk|HyperServices",
        names("preFetch initiate process terminate onBackPressed isInitialised onActivityResult"),
    ),
    "ios": Sdk(
        "npm hyper-sdk-capacitor 4.0.11, ios/Plugin/HyperServicesPlugin.swift",
        r"sdk|HyperServices",
        names("preFetch initiate process terminate isInitialised baseViewController shouldUseViewController"),
    ),
    "flutter": Sdk(
        "pub hypersdkflutter 4.0.15, lib/hypersdkflutter.dart",
        r"hyperSDK|HyperSDK",
        names("preFetch initiate process terminate onBackPress isInitialised openPaymentPage hyperSdkView dispose"),
    ),
    "react-native": Sdk(
        "npm hyper-sdk-react 5.0.35, src/index.tsx",
        r"HyperSdkReact",
        names(
            "HyperEvent preFetch createHyperServices createHyperServicesWithTenantId initiate process",
            "processWithActivity terminate onBackPressed isNull isInitialised updateBaseViewController openPaymentPage",
        ),
    ),
    "cordova": Sdk(
        "Cordova hyper-sdk-plugin 2.0.12, www/hypersdk.js; isInitialised and terminate: its example/www/js/index.js",
        r"sdk|HyperSDKPlugin",
        names("preFetch initiate process onBackPress isInitialised terminate"),
    ),
}
EVENTS = names("initiate_result process_result show_loader hide_loader")
"""Source: npm hyper-sdk-react 5.0.35, README.md, step 4; `paymentAttempt` is Juspay's updateOrder page (D.5)."""


def code(platform: str) -> str:
    return "\n".join(CODE.findall((APPS / f"{platform}.md").read_text("utf-8")))


def called(platform: str) -> set[str]:
    """What the page's code asks of the SDK."""
    text = re.sub(r"^\s*(?:import|from)\b.*$", "", code(platform), flags=re.MULTILINE)
    return set(re.findall(rf"\b(?:{SDKS[platform].handle})\s*\??\.\s*(\w+)", text))


@pytest.mark.parametrize("platform", SDKS)
async def test_each_call_of_a_page_is_one_of_juspay_s_own_package(platform: str) -> None:
    assert set() == called(platform) - SDKS[platform].methods


@pytest.mark.parametrize("platform", SDKS)
async def test_each_page_starts_opens_and_ends_the_sdk(platform: str) -> None:
    assert set() == {"initiate", "process", "terminate"} - called(platform)


@pytest.mark.parametrize("platform", SDKS)
async def test_each_page_knows_the_sdk_s_events_by_their_names(platform: str) -> None:
    quoted = set(re.findall(r"""["'](\w+_(?:result|loader))["']""", code(platform)))
    assert EVENTS == quoted


@pytest.mark.parametrize("platform", SDKS)
async def test_no_page_decides_by_what_the_sdk_says_of_the_payment(platform: str) -> None:
    words = names("charged authorization_failed pending_vbv backpressed user_aborted")
    assert set() == words & set(re.findall(r"\w+", code(platform)))


async def test_a_call_that_no_package_has_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    sdk = SDKS["web"]
    monkeypatch.setitem(SDKS, "web", Sdk(sdk.source, sdk.handle, sdk.methods - {"process"}))
    assert {"process"} == called("web") - SDKS["web"].methods


# --- the JavaScript, run


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with running_stack(tmp_path_factory.mktemp("apps"), START) as running:
        yield running


async def handed_out(stack: Stack, order_id: str) -> dict[str, Any]:
    """What the merchant's backend does, and what it gives its app."""
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    async with httpx.AsyncClient(
        trust_env=False, verify=TRUSTS_NOBODY, base_url=stack.service_url, headers=headers
    ) as http:
        customer = {"customer_id": "asha"}
        order = {"order_id": order_id, "amount": "349.50", "currency": "INR", "customer": customer}
        assert 201 == (await http.post("/v1/orders", json=order)).status_code
        opened = (await http.post("/v1/checkouts", json={"customer": customer})).json()
    return {"order_id": order_id, **{name: opened[name] for name in ("checkout_id", "token", "initiate_payload")}}


async def read(stack: Stack, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    async with httpx.AsyncClient(
        trust_env=False, verify=TRUSTS_NOBODY, base_url=stack.service_url, headers=headers
    ) as http:
        answer: dict[str, Any] = (await http.get(path)).json()
    return answer


def written(platform: str, folder: Path) -> None:
    """The page's files as a reader would save them, and modules with which its imports end in the driver."""
    for name, text in NAMED.findall((APPS / f"{platform}.md").read_text("utf-8")):
        (folder / name).write_text(text, "utf-8")
    shutil.copy(APPS / "checkout.js", folder)
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    for module, text in (
        ("react-native", "export const { NativeEventEmitter, NativeModules } = globalThis.reactNative;"),
        ("hyper-sdk-react", "export default globalThis.hyperSdkReact;"),
    ):
        place = folder / "node_modules" / module
        place.mkdir(parents=True)
        (place / "index.js").write_text(text, "utf-8")
        (place / "package.json").write_text('{"type": "module", "main": "index.js"}', "utf-8")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not here")
@pytest.mark.parametrize("platform", ["web", "react-native", "cordova"])
async def test_the_page_pays_and_shows_what_is_proved(stack: Stack, tmp_path: Path, platform: str) -> None:
    order_id = f"app-{platform}"
    given = await handed_out(stack, order_id)
    await asyncio.to_thread(written, platform, tmp_path)
    line = (DRIVER, platform, tmp_path, stack.service_url, stack.sandbox_url, json.dumps(given))
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec("node", *map(str, line), stdout=pipe, stderr=pipe)
    told, complaints = await asyncio.wait_for(running.communicate(), HANGS_S)
    assert b"" == complaints, complaints.decode()
    shown = json.loads(told)
    prefetched = [] if platform == "web" else ["preFetch"]
    assert ("paid", [*prefetched, "initiate", "process", "act", "terminate"]) == (shown["result"], shown["calls"])
    assert (await read(stack, f"/v1/orders/{order_id}"))["may_fulfil"]
    assert "TERMINATED" == (await read(stack, f"/v1/checkouts/{given['checkout_id']}"))["state"]
