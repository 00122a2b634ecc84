"""A shopper with the shop's app, played against the sandbox: `python shopper.py`, while shop and sandbox run.

It does what your app does with Juspay's SDK: passes payloads on unchanged, and each event back. Then it plays your
staff.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any

SHOP = os.environ.get("SHOP_URL", "http://127.0.0.1:8000")
SANDBOX = os.environ.get("SANDBOX_URL", "http://127.0.0.1:9000")


def call(url: str, body: Any = None, method: str = "POST", **headers: str) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    sent = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, sent, method=method)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        return {"refused": refused.code}


def wait_for(url: str, within_s: float = 30) -> None:
    """Both programs may have been started a moment ago."""
    ends = time.monotonic() + within_s
    while True:
        try:
            call(url, method="GET")
            return
        except urllib.error.URLError as silent:
            if time.monotonic() > ends:
                sys.exit(f"{url} does not answer: {silent.reason}. Is it started, and what does it say?")
            time.sleep(0.1)
        except ValueError:  # it answers, in something else than JSON
            return


def sdk(step: str, payload: Any, instance: str = "") -> Any:
    return call(f"{SANDBOX}/_sdk/{step}", payload, **({"x_sdk_instance": instance} if instance else {}))


def main() -> None:
    for program in (SANDBOX, SHOP):
        wait_for(program)
    sale = call(f"{SHOP}/buy/assam", x_customer="asha")
    order, checkout = f"{SHOP}/orders/{sale['order_id']}", f"{SHOP}/checkouts/{sale['checkout_id']}"

    def passed_on(played: Any) -> None:
        for event in played["events"]:
            call(f"{checkout}/events", event)

    def ship() -> Any:
        while "refused" in (told := call(f"{order}/ship")) and time.monotonic() < ends:
            time.sleep(0.1)
        return told.get("shipped_now")

    begun = sdk("initiate", sale["initiate_payload"])
    passed_on(begun)
    print("before payment:", call(f"{order}/ship"))
    passed_on(sdk("process", call(f"{checkout}/process/{sale['order_id']}"), begun["instance"]))
    passed_on(sdk("act", {"instance": begun["instance"], "action": "pay", "method": {"upi": "success@upi"}}))
    ends = time.monotonic() + 60
    while (ended := call(f"{checkout}/result", method="GET")["result"]) != "paid" and time.monotonic() < ends:
        time.sleep(0.1)
    print("the screen says:", ended)
    print("shipped:", [ship() for _ in range(2)])
    refunds = [call(f"{order}/refund/100.00?key=return-4711") for _ in range(2)]
    print("refunds:", len({refund["refund_id"] for refund in refunds}), refunds[0]["amount"])
    print("too much:", call(f"{order}/refund/900.00?key=return-4712"))


if __name__ == "__main__":
    main()
