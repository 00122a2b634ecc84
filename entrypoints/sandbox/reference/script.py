"""One call of each route, in an order in which all of them succeed: what the reference shows is played, not written.

A value in braces is what an earlier answer gave. A route that needs something to be there before has a step for it,
which is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Door = Literal["merchant", "sealed", "sdk", "control"]


@dataclass(frozen=True, slots=True)
class Step:
    """One call.

    Attributes:
        path: The row's own.
        names: What stands for the names in the path.
        fields: The body; of a GET the query.
        keeps: Names under which members of the answer are kept, by their place in it.
        is_shown: Whether it is the route's example.
    """

    door: Door
    verb: str
    path: str
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    keeps: Mapping[str, str] = field(default_factory=dict[str, str])
    is_shown: bool = True


def _call(verb: str, path: str, named: str = "", keeps: Mapping[str, str] | None = None, /, **fields: Any) -> Step:
    return Step("merchant", verb, path, {"path_id": named, "merchant_id": "teashop"}, fields, keeps or {})


def _sealed(verb: str, path: str, named: str = "", /, **fields: Any) -> Step:
    return Step("sealed", verb, path, {"path_id": named}, fields)


def _before(path: str, keeps: Mapping[str, str] | None = None, /, **fields: Any) -> Step:
    return Step("merchant", "POST", path, {}, fields, keeps or {}, is_shown=False)


def _sdk(verb: str, path: str, keeps: Mapping[str, str] | None = None, /, **fields: Any) -> Step:
    return Step("sdk", verb, path, {}, fields, keeps or {})


def _control(verb: str, path: str, names: Mapping[str, str] | None = None, /, **fields: Any) -> Step:
    return Step("control", verb, path, names or {}, fields, {"fault": "id", "jwt_key": "key_id"})


_SESSION: Final = {
    "customer_id": "asha",
    "customer_email": "asha@example.test",
    "customer_phone": "9000012345",
    "payment_page_client_id": "teashop",
    "action": "paymentPage",
    "return_url": "https://shop.example.test/thanks",
}
_CARD: Final = {
    "merchant_id": "teashop",
    "payment_method_type": "CARD",
    "payment_method": "VISA",
    "card_number": "4242424242424242",
    "card_exp_month": "08",
    "card_exp_year": "2040",
    "name_on_card": "ASHA RAO",
    "card_security_code": "123",
    "auth_type": "NO_THREE_DS",
    "redirect_after_payment": "true",
    "format": "json",
}
_HELD: Final = {**_SESSION, "metadata.txns.auto_capture": "false"}
_ORDER: Final = "/orders/{order_id:str}"

STEPS: Final = (
    _call("POST", "/customers", object_reference_id="asha", mobile_number="9000012345", first_name="Asha"),
    _call("GET", "/customers"),
    _call("POST", "/v2/customers/{path_id:str}", "asha", update="true", last_name="Rao"),
    _call("GET", "/customers/{path_id:str}", "asha"),
    _call("POST", "/customers/{path_id:str}", "asha", email_address="asha@example.test"),
    _call("POST", "/session", order_id="tea-1", amount="349.50", **_SESSION),
    _call("POST", "/orders", order_id="tea-2", amount="199.00", customer_id="asha"),
    _call("POST", "/orders/{path_id:str}", "tea-2", amount="209.00"),
    _call("POST", "/v2/orders", signature_payload="{signed}", signature="{signature}", merchant_key_id="demo-key-1"),
    _call("POST", "/paymentLink/notify", order_id="tea-2", send_sms="true"),
    _call("POST", "/txns", order_id="tea-1", **_CARD),
    _call("GET", "/orders/{path_id:str}", "tea-1", {"attempt": "txn_uuid"}),
    _sealed("POST", "/v4/session", order_id="tea-sealed", amount="149.00", **_SESSION),
    _sealed("POST", "/v4/txns", order_id="tea-sealed", **_CARD),
    _sealed("POST", "/v4/order-status", order_id="tea-sealed"),
    _sealed("GET", "/v4/order-status", order_id="tea-sealed"),
    _sealed("POST", "/v4/orders/{path_id:str}/refunds", "tea-sealed", unique_request_id="return-6", amount="49.00"),
    _call("POST", "/orders/{path_id:str}/refunds", "tea-1", unique_request_id="return-1", amount="100.00"),
    _call("POST", "/refunds", order_id="tea-1", unique_request_id="return-2", amount="20.00"),
    _call(
        "POST", "/orders/{path_id:str}/fulfillment", "tea-1", fulfillment_status="SUCCESS",
        fulfillment_command="NO_ACTION", fulfillment_id="parcel-1",
    ),
    _before("/session", order_id="tea-3", amount="90.00", **_HELD),
    _before("/txns", order_id="tea-3", **_CARD),
    Step("merchant", "GET", "/order/status", {}, {"order_id": "tea-3"}, {"held": "txn_uuid"}, is_shown=False),
    _call("POST", "/v2/txns/{path_id:str}/capture", "{held}", amount="60.00", idempotence_key="capture-1"),
    _before("/session", order_id="tea-4", amount="80.00", **_HELD),
    _before("/txns", order_id="tea-4", **_CARD),
    Step("merchant", "GET", "/order/status", {}, {"order_id": "tea-4"}, {"held": "txn_uuid"}, is_shown=False),
    _call("POST", "/v2/txns/{path_id:str}/void", "{held}"),
    _before(
        "/session", order_id="tea-5", amount="60.00",
        **{**_SESSION, "options.create_mandate": "REQUIRED", "mandate.max_amount": "250.00"},
    ),
    _before("/txns", order_id="tea-5", **_CARD),
    _call("GET", "/customers/{path_id:str}/mandates", "asha", {"mandate": "list.0.mandate_id"}),
    _call(
        "POST", "/mandates/{path_id:str}", "{mandate}", command="pre_debit_notify", object_reference_id="notice1",
        source_info='{"amount": "60.00", "txn_date": "1796000000"}', description="Tea for December",
    ),
    _call("GET", "/notifications/{path_id:str}", "notice1"),
    _call(
        "POST", "/card/add", "", {"card": "card_token"}, customer_id="asha", card_number="4242424242424242",
        card_exp_year="2040", card_exp_month="08", name_on_card="ASHA RAO", nickname="mine",
    ),
    _call("GET", "/card/list", customer_id="asha"),
    _call("GET", "/cards", customer_id="asha"),
    _call("POST", "/card/update", card_token="{card}", nickname="old one"),  # noqa: S106 - filled in from an answer
    _call("GET", "/cardbins/{path_id:str}", "424242"),
    _call("GET", "/v2/bins/eligibility"),
    _call("GET", "/customers/{path_id:str}/cards", "asha"),
    _call("POST", "/customers/{path_id:str}/wallets", "asha", {"wallet": "id"}, gateway="PAYTM"),
    _call("POST", "/wallets/{path_id:str}", "{wallet}", command="link", otp="123456"),
    _call("GET", "/wallets/{path_id:str}", "{wallet}", command="refresh"),
    _call("GET", "/customers/{path_id:str}/wallets", "asha"),
    _call("GET", "/customers/{path_id:str}/wallets/refresh-balances", "asha"),
    _call("GET", "/orders/{path_id:str}/wallets", "tea-1"),
    _call("GET", "/customers/{path_id:str}/payment_methods", "asha"),
    _call("POST", "/customers/{path_id:str}/payment_methods", "asha", payment_method=["CARD", "UPI"]),
    _call("POST", "/card/delete", card_token="{card}"),  # noqa: S106 - filled in from an answer
    _call("GET", "/merchants/{path_id:str}/paymentmethods", "teashop"),
    _call("POST", "/v2/upi/verify-vpa", vpa="success@upi"),
    _call(
        "POST", "/v1/offers/list", order={"amount": "349.50"},
        payment_method_info=[{"payment_method_reference": "by card", "payment_method_type": "CARD"}],
    ),
    _call("POST", "/v2/emi/plans", order_amount="5000.00"),
    _call("POST", "/order/create", order_id="tea-6", amount="120.00", customer_id="asha"),
    _call("POST", "/order/update", order_id="tea-6", amount="130.00"),
    _call("GET", "/order/status", order_id="tea-6"),
    _call("POST", "/order/status", order_id="tea-6"),
    _call("GET", "/order/list", count="1"),
    _call("GET", "/orders", count="1"),
    _call("POST", "/order/refund", order_id="tea-1", unique_request_id="return-3", amount="10.00"),
    _call("POST", "/merchants/{merchant_id:str}/order/{path_id:str}/cancel", "tea-6"),
    _before("/session", {"payload": "sdk_payload"}, order_id="tea-7", amount="349.50", **_SESSION),
    _sdk("POST", "/preFetch", service="in.juspay.hyperpay", payload={"clientId": "teashop"}),
    _sdk(
        "POST", "/initiate", {"instance": "instance"}, requestId="r-1", service="in.juspay.hyperpay",
        payload={"action": "initiate", "merchantId": "teashop", "clientId": "teashop", "environment": "sandbox"},
    ),
    _sdk("GET", "/isInitialised", instance="{instance}"),
    _sdk("POST", "/process", instance="{instance}", requestId="r-2", service="in.juspay.hyperpay", payload="{payload}"),
    _sdk("POST", "/act", instance="{instance}", action="pay", method={"upi": "success@upi"}),
    _sdk("GET", "/events", instance="{instance}"),
    _sdk(
        "POST", "/terminate", instance="{instance}", requestId="r-3", service="in.juspay.hyperpay",
        payload={"action": "terminate"},
    ),
    _control("GET", "/clock"),
    _control("POST", "/webhooks/deliver"),
    _control(
        "POST", "/merchants/{merchant_id:str}/webhook", {"merchant_id": "teashop"},
        url="http://127.0.0.1:8000/webhooks/juspay/teashop", username="juspay", password="not-a-real-password",  # noqa: S106
    ),
    _control("POST", "/orders", merchant_id="teashop", order_id="tea-8", amount="349.50", paid=True),
    _control("GET", "/orders"),
    _control("GET", _ORDER, {"order_id": "tea-1"}),
    _control("POST", f"{_ORDER}/money", {"order_id": "tea-2"}, surcharge="7.50", tax="1.35"),
    _before("/session", order_id="tea-9", amount="100.00", **_SESSION),
    _control(
        "POST", f"{_ORDER}/legs", {"order_id": "tea-9"},
        legs=[{"amount": "70.00", "method": {"card": "4242424242424242"}}, {"amount": "30.00"}],
    ),
    _before("/session", order_id="tea-10", amount="800.00", **_SESSION),
    _before("/txns", order_id="tea-10", merchant_id="teashop", payment_method_type="NB", payment_method="NB_AXIS"),
    _control("POST", f"{_ORDER}/settle", {"order_id": "tea-10"}, outcome="SUCCESS"),
    _control(
        "POST", f"{_ORDER}/refunds/{{refund_id:str}}", {"order_id": "tea-1", "refund_id": "return-1"}, status="FAILURE"
    ),
    _control("POST", f"{_ORDER}/resend", {"order_id": "tea-10"}),
    _control("POST", f"{_ORDER}/forge", {"order_id": "tea-2"}, event_name="ORDER_SUCCEEDED", status="CHARGED"),
    _control("GET", "/webhooks"),
    _control("POST", "/faults", name="status_5xx", order_id="tea-2", route="order_status", params={"status": 503}),
    _control("GET", "/faults"),
    _control("DELETE", "/faults/{fault_id:int}", {"fault_id": "{fault}"}),
    _control("DELETE", "/faults"),
    _control("POST", "/clock", advance_s=3600),
    _control("GET", "/ledger", order_id="tea-8", kind="effect"),
    _control(
        "POST", "/merchants/{merchant_id:str}/keys", {"merchant_id": "teashop"}, key_id="demo-key-2", public_key="{pem}"
    ),
    _control("GET", "/jwt"),
    _control("POST", "/jwt/keys"),
    _control("DELETE", "/jwt/keys/{key_id:str}", {"key_id": "{jwt_key}"}),
    _control("POST", "/merchants/{merchant_id:str}/jwt-keys", {"merchant_id": "teashop"}, public_key="{pem}"),
    _control(
        "DELETE", "/merchants/{merchant_id:str}/jwt-keys/{key_id:str}",
        {"merchant_id": "teashop", "key_id": "{jwt_key}"},
    ),
)  # fmt: skip
