"""The pages that routes, faults, events, switches and magic values rest on. Data only.

What each of them is stands where it is defined. Every one needs its row here: a test finds those without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from paystate.entrypoints.sandbox.fidelity import Basis

ROUTE_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /session": ("session-br", "session-sea", "session-sample"),
    "POST /orders": ("createorder", "co-req", "co-resp"),
    "POST /orders/{id}": ("update-order", "upd-resp"),
    "GET /orders/{id}": ("os-global", "os-payv3", "os-card"),
    "GET /order/status": ("php-sdk", "python-sdk"),
    "POST /order/status": ("php-sdk",),
    "POST /orders/{id}/refunds": ("refund-ppe", "refund-ref", "refund-v2"),
    "POST /customers": ("createcust", "create-customer"),
    "GET /customers/{id}": ("getcust", "cust32"),
    "POST /customers/{id}": ("update-customer", "node-sdk"),
    "POST /v2/orders": ("skills",),
    "POST /refunds": ("refund-inst", "txn-refund", "mcp"),
    "POST /v2/txns/{id}/capture": ("capture", "capture-global", "cap-sample"),
    "POST /v2/txns/{id}/void": ("void", "void-global"),
    "POST /txns": ("intro", "create-and-pay", "mandate-exec"),
    "POST /mandates/{id}": ("mandate-revoke",),
    "POST /orders/{id}/fulfillment": ("fulfil", "mcp"),
    "GET /customers": ("python-sdk",),
    "POST /v2/customers/{id}": ("skills",),
    "POST /card/add": ("python-sdk", "mcp"),
    "GET /card/list": ("python-sdk",),
    "POST /card/delete": ("python-sdk", "mcp"),
    "GET /customers/{id}/cards": ("mcp",),
    "GET /customers/{id}/payment_methods": ("mcp",),
    "GET /customers/{id}/wallets": ("python-sdk", "mcp"),
    "POST /customers/{id}/wallets": ("python-sdk",),
    "GET /customers/{id}/wallets/refresh-balances": ("python-sdk",),
    "GET /orders/{id}/wallets": ("python-sdk",),
    "GET /wallets/{id}": ("python-sdk",),
    "POST /wallets/{id}": ("python-sdk",),
    "GET /merchants/{id}/paymentmethods": ("python-sdk",),
    "POST /v2/upi/verify-vpa": ("verify-vpa", "mcp"),
    "POST /v1/offers/list": ("mcp",),
    "POST /order/create": ("php-sdk", "python-sdk"),
    "GET /order/list": ("php-sdk", "python-sdk"),
    "POST /order/refund": ("php-sdk", "python-sdk"),
    "POST /v4/session": ("jwe-guide", "jwt-session"),
    "POST /v4/txns": ("node-sdk", "jwe-guide"),
    "POST /v4/order-status": ("jwe-guide", "php-sdk", "node-sdk"),
    "GET /v4/order-status": ("jwe-guide", "jwt-status"),
    "POST /v4/orders/{id}/refunds": ("jwe-guide", "jwt-refund"),
}
"""By verb and path, as the ledger writes them."""

_OURS: Final = Basis("-", "ours")

FAULTS: Final[Mapping[str, Basis]] = {
    "refused": _OURS,
    "status_5xx": Basis("J.2", "documented", ("tpap-cred",)),
    "rate_limited": Basis("A.4", "secondary", ("ratelimit",)),
    "timeout_before_effect": _OURS,
    "redirect": _OURS,
    "not_found": Basis("F.4", "inferred", ("upi-codes",)),
    "duplicate_call_busy": Basis("H.5", "documented", ("refund-ref",)),
    "notification_failed": Basis("L", "documented", ("mandate-err",)),
    "status_5xx_after_effect": Basis("J.2", "inferred", ("tpap-cred",)),
    "timeout_after_effect": _OURS,
    "slow_drip": _OURS,
    "cut_body": _OURS,
    "not_json": _OURS,
    "duplicate_call_done": Basis("H.5", "documented", ("refund-v2",)),
    "stale_answer": Basis("F.3", "inferred", ("skills",)),
    "other_order": _OURS,
    "wrong_amount": _OURS,
    "wrong_currency": _OURS,
    "wrong_order_id": _OURS,
    "wrong_merchant": _OURS,
    "unknown_status": Basis("F.2", "inferred", ("decision",)),
    "unknown_fields": Basis("A.3", "documented", ("os-global",)),
    "webhook_drop": Basis("I.1", "inferred", ("wh",)),
    "webhook_duplicate": Basis("I.1", "documented", ("wh-ppe",)),
    "webhook_delay": Basis("I.1", "secondary", ("skills",)),
    "webhook_reorder": Basis("I.1", "secondary", ("skills",)),
    "webhook_corrupt": _OURS,
    "webhook_forge": _OURS,
    "webhook_changed_body": _OURS,
    "webhook_wrong_password": _OURS,
    "webhook_other_merchant": _OURS,
    "webhook_unknown_order": _OURS,
    "webhook_unknown_event": Basis("I.3", "secondary", ("skills",)),
    "webhook_unknown_fields": Basis("A.3", "documented", ("os-global",)),
    "late_success": Basis("G.1", "documented", ("autorefund",)),
    "second_charge": Basis("G.1", "documented", ("autorefund",)),
    "auto_refund": Basis("G.1", "documented", ("autorefund",)),
    "auto_refund_failed": Basis("I.3", "documented", ("wh-tpap",)),
    "hold": Basis("G.2", "documented", ("preauth-br",)),
    "partial_charge": Basis("G.2", "documented", ("capture",)),
    "capture": Basis("G.2", "documented", ("capture",)),
    "capture_failed": Basis("G.2", "documented", ("capture",)),
    "void": Basis("G.2", "documented", ("void",)),
    "void_failed": Basis("G.2", "documented", ("void",)),
    "refund_success": Basis("H.4", "documented", ("refund-ref",)),
    "refund_failure": Basis("H.4", "documented", ("refund-inst",)),
    "refund_manual_review": Basis("H.4", "documented", ("refund-v32",)),
    "refund_pending": Basis("H.4", "documented", ("refund-ref",)),
    "external_refund": Basis("H.3", "inferred", ("refund-ref",)),
}
"""By the fault's name; its mark must be the fault's own."""

EVENTS: Final[Mapping[str, Basis]] = {
    "ORDER_SUCCEEDED": Basis("I.3", "documented", ("wh-ppe",)),
    "ORDER_FAILED": Basis("I.3", "documented", ("wh-ppe",)),
    "ORDER_REFUNDED": Basis("I.3", "documented", ("wh-ppe",)),
    "ORDER_REFUND_FAILED": Basis("I.3", "documented", ("wh-ppe",)),
    "TXN_CREATED": Basis("I.3", "documented", ("wh-ppe",)),
    "REFUND_MANUAL_REVIEW_NEEDED": Basis("I.3", "documented", ("wh-ppe",)),
    "AUTO_REFUND_SUCCEEDED": Basis("I.3", "documented", ("wh-tpap", "wh-ar")),
    "AUTO_REFUND_FAILED": Basis("I.3", "documented", ("wh-tpap",)),
    "ORDER_CREATED": Basis("I.3", "recorded", ("wh-order-created",)),
    "ORDER_AUTHORIZED": Basis("I.3", "recorded", ("wh-auth",)),
    "ORDER_VOID_FAILED": Basis("I.3", "recorded", ("wh-void-sample",)),
    "ORDER_PARTIAL_CHARGED": Basis("I.3", "secondary", ("skills",)),
    "ORDER_VOIDED": Basis("I.3", "secondary", ("skills",)),
    "ORDER_CAPTURE_FAILED": Basis("I.3", "secondary", ("skills",)),
    "MANDATE_CREATED": Basis("I.3", "documented", ("wh-tpap",)),
    "MANDATE_ACTIVATED": Basis("I.3", "documented", ("wh-tpap",)),
    "MANDATE_REVOKED": Basis("I.3", "documented", ("wh-tpap",)),
}
"""By name, for each that a merchant may subscribe to."""

SWITCHES: Final[Mapping[str, Basis]] = {
    "unknown_order_status": Basis("F.4", "documented", ("os-errors", "upi-codes", "skills")),
    "routing_id_required": Basis("A.3", "inferred", ("session-sea", "node-sdk")),
    "merchant_id_required": Basis("A.3", "inferred", ("os-sea", "python-sdk")),
    "instant_refunds": Basis("H.2", "secondary", ("skills",)),
    "partial_captures": Basis("L", "documented", ("capture", "capture-global")),
    "legacy_created_status": Basis("B.3", "inferred"),
    "partial_charged_status_id": Basis("F.2", "inferred"),
    "to_be_charged_status_id": Basis("F.2", "inferred"),
    "webhook_time_compression": Basis("I.1", "ours"),
    "refund_amount_required": Basis("H.1", "documented", ("refund-v2", "refund-ppe")),
    "auto_refund": Basis("G.1", "documented", ("autorefund",)),
    "auto_refunds_listed": Basis("F.1", "inferred", ("wh-ar",)),
    "jwt_webhook_object": Basis("I.5", "inferred", ("jwt-webhook",)),
    "hex_signatures": Basis("C.1", "documented", ("pp-v4", "pp-v5")),
    "signature_window_s": Basis("C.4", "inferred", ("tpap-expiry",)),
    "client_token_life_s": Basis("B.2", "documented", ("intro", "getcust-cap")),
    "order_life_s": Basis("B.2", "recorded", ("session-mandate",)),
    "pending_settles_after_s": Basis("K", "ours"),
    "refund_settles_after_s": Basis("H.4", "ours"),
    "late_success_limit_s": Basis("G.1", "documented", ("autorefund",)),
    "webhook_timeout_s": Basis("I.1", "ours"),
    "webhook_retry_delays_s": Basis("I.1", "inferred", ("wh-retry",)),
}
"""By field of `SandboxConfig`. What sets the sandbox up and claims nothing about Juspay stands in `SETTINGS`."""

SETTINGS: Final = frozenset({"merchants", "base_url", "deliver_in_background", "jwt_keys"})

MAGIC_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "success@upi": ("test-hdfc",),
    "failure@upi": ("test-hdfc",),
    "4242424242424242": ("test", "test-global"),
    "4111111111111111": ("test", "test-global"),
    "5299920210000277": ("test", "test-global"),
    "5299920000000149": ("test", "test-global"),
    "4012000000001097": ("test-hdfc",),
    "5204730541000464": ("test-hdfc",),
}
"""By value, for those that are not ours."""

CLIENT_METHODS: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /session": ("create_session",),
    "POST /orders": ("create_order",),
    "POST /orders/{id}": ("update_order",),
    "GET /orders/{id}": ("order_status", "get_order"),
    "POST /orders/{id}/refunds": ("refund",),
    "POST /orders/{id}/fulfillment": ("fulfil_order",),
    "POST /refunds": ("refund_txn",),
    "POST /v2/txns/{id}/capture": ("capture",),
    "POST /v2/txns/{id}/void": ("void",),
    "POST /txns": ("execute_mandate",),
    "POST /mandates/{id}": ("revoke_mandate",),
    "GET /order/list": ("list_orders",),
    "POST /customers": ("create_customer",),
    "GET /customers/{id}": ("get_customer",),
    "POST /customers/{id}": ("update_customer",),
    "GET /customers/{id}/payment_methods": ("payment_methods",),
    "POST /v4/session": ("create_session",),
    "POST /v4/order-status": ("order_status",),
    "POST /v4/orders/{id}/refunds": ("refund",),
}
"""The methods of `JuspayClient` that make the call, by verb and path; the sealed ones with an envelope."""
