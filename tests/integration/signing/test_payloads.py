"""The SDK's payloads, byte for byte: a fixed key, fixed ids and a fixed instant always give the same texts.

The expected texts stand in `payloads.json`, one a call. The key beside them was made for this file and signs nothing
else.
"""

import base64
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from integration.signing.juspay_side import public_pem_of

from paystate.adapters.signing.keyring import KeyRing, KeyState, parse_key
from paystate.adapters.signing.rsa import RsaSigner
from paystate.core.checkouts.checkout import CheckoutOpened
from paystate.core.checkouts.sdk_payloads import (
    Account,
    Action,
    Extras,
    InBrowser,
    initiate,
    prefetch,
    process,
    resume_payment,
    resume_payment_with,
    update_order,
)
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.facts import Customer, Decision, Opened
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT

HERE = Path(__file__).parent
EXPECTED: dict[str, str] = json.loads((HERE / "payloads.json").read_text("utf-8"))
KEY = parse_key("key_0a1b2c", (HERE / "only_for_tests.pem").read_bytes(), KeyState.ACTIVE)
SIGNER = RsaSigner(KeyRing([KEY]))

NOW = datetime(2026, 3, 1, 9, 0, 0, 123_456, tzinfo=UTC)
ACCOUNT = Account(
    merchant_id="teashop",
    client_id="teashop_web",
    environment="sandbox",
    return_url="https://pay.example.com/return/teashop",
)
ASHA = Customer(
    customer_id="c-17", email="asha@example.com", phone="9000000000", first_name="Ashā", last_name='Rao "AR" / Ltd'
)
OPENED = CheckoutOpened(
    merchant_id="teashop",
    checkout_id="chk_1",
    customer_id=ASHA.customer_id,
    email=ASHA.email,
    phone=ASHA.phone,
    first_name=ASHA.first_name,
    last_name=ASHA.last_name,
)
EXTRAS = Extras(
    members={
        "udf1": "gift",
        "udf10": "a&b=c",
        "metadata.JUSPAY:gateway_reference_id": "north",
        "options.create_mandate": "OPTIONAL",
        "mandate.max_amount": "500.00",
    },
    payment_filter={"allowDefaultOptions": False, "options": [{"paymentMethodType": "UPI", "enable": True}]},
    offer_details={"offer_applied": "true", "offer_code": "TEA10", "amount": "90.00"},
    language="hindi",
)


def order_of(customer: Customer, amount: Money, description: str = "") -> Order:
    opened = Opened(
        merchant_id="teashop",
        order_id="tea-1",
        amount=amount,
        customer=customer,
        description=description,
        window_s=DEFAULT.fulfilment_window_s,
    )
    decided = decide(None, OpenOrder(opened), DEFAULT, NOW)
    assert isinstance(decided, Decision)
    return decided.after


TEA = order_of(ASHA, Money(10_000, "INR"), "Assam, 500 g - café blend")
GUEST = order_of(Customer(), Money(199, "JPY"))


def request_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def made() -> dict[str, str]:
    return {
        "prefetch": prefetch(ACCOUNT),
        "initiate, signed": initiate(ACCOUNT, OPENED, request_id=request_id(1), now=NOW, sign=SIGNER.sign),
        "initiate, session": initiate(ACCOUNT, OPENED, request_id=request_id(2), now=NOW, sign=None),
        "initiate, in a browser": initiate(
            ACCOUNT,
            OPENED,
            request_id=request_id(11),
            now=NOW,
            sign=SIGNER.sign,
            browser=InBrowser("iframe", "HyperSDKDiv"),
        ),
        "process": process(ACCOUNT, TEA, request_id=request_id(3), now=NOW, sign=SIGNER.sign),
        "process, a guest's": process(ACCOUNT, GUEST, request_id=request_id(4), now=NOW, sign=SIGNER.sign),
        "process, quick and with extras": process(
            ACCOUNT, TEA, request_id=request_id(5), now=NOW, sign=SIGNER.sign, action=Action.QUICK_PAY, extras=EXTRAS
        ),
        "process, payment management": process(
            ACCOUNT, TEA, request_id=request_id(6), now=NOW, sign=SIGNER.sign, action=Action.PAYMENT_MANAGEMENT
        ),
        "update order": update_order(
            ACCOUNT,
            TEA,
            request_id=request_id(7),
            now=NOW,
            sign=SIGNER.sign,
            extras=Extras(members={"udf2": "window seat"}),
        ),
        "resume payment": resume_payment("txn-ref-1", goes_on=True, request_id=request_id(8)),
        "resume payment, given up": resume_payment("txn-ref-1", goes_on=False, request_id=request_id(9)),
        "resume payment, details anew": resume_payment_with(
            ACCOUNT, TEA, "txn-ref-1", request_id=request_id(10), now=NOW, sign=SIGNER.sign
        ),
    }


SIGNED = sorted(name for name, text in EXPECTED.items() if "signature" in json.loads(text)["payload"])


@pytest.mark.parametrize("name", made())
def test_a_payload_is_this_text_to_the_last_byte(name: str) -> None:
    assert EXPECTED[name] == made()[name]


def test_every_expected_text_is_made() -> None:
    assert EXPECTED.keys() == made().keys()
    assert 8 == len(SIGNED)


def openssl_says(text: bytes, signature: bytes, folder: Path) -> bytes:
    (folder / "public.pem").write_bytes(public_pem_of(KEY.private_key))
    (folder / "signature").write_bytes(signature)
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature"],
        cwd=folder,
        input=text,
        capture_output=True,
        check=False,
    )
    return done.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command to verify with")
@pytest.mark.parametrize("name", SIGNED)
def test_openssl_verifies_the_text_as_it_is_sent_and_no_other(name: str, tmp_path: Path) -> None:
    payload = json.loads(EXPECTED[name])["payload"]
    text = payload.get("signaturePayload", payload.get("orderDetails")).encode()
    signature = base64.b64decode(payload["signature"], validate=True)
    assert b"Verified OK\n" == openssl_says(text, signature, tmp_path)
    for altered in (text[:-2] + bytes([text[-2] ^ 1]) + text[-1:], text.replace(b'":"', b'": "', 1), text + b"\n"):
        assert b"Verification failure\n" == openssl_says(altered, signature, tmp_path)
