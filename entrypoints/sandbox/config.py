"""What a sandbox is set to: its merchants, as on Juspay's dashboard, and its switches. It has no state.

Each switch is for a point that Juspay's public pages leave open or contradict each other on; its default is the
decision of the gateway contract.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, cast

from paystate.entrypoints.sandbox.jwt import JwtKeys

RETRY_DELAYS_S: Final = (60,) + (300,) * 2 + (600,) * 5 + (3600,) * 5 + (21_600,) * 3
"""16 retries, each counted from the attempt before it (documented for another Juspay product, contract I.1)."""

EVENTS: Final = (
    "ORDER_SUCCEEDED",
    "ORDER_FAILED",
    "ORDER_REFUNDED",
    "ORDER_REFUND_FAILED",
    "TXN_CREATED",
    "REFUND_INITIATED",
    "REFUND_MANUAL_REVIEW_NEEDED",
    "AUTO_REFUND_INITIATED",
    "AUTO_REFUND_SUCCEEDED",
    "AUTO_REFUND_FAILED",
    "ORDER_CREATED",
    "ORDER_AUTHORIZED",
    "ORDER_VOID_FAILED",
    "ORDER_PARTIAL_CHARGED",
    "ORDER_VOIDED",
    "ORDER_CAPTURE_FAILED",
    "MANDATE_CREATED",
    "MANDATE_ACTIVATED",
    "MANDATE_REVOKED",
    "MANDATE_PAUSED",
    "MANDATE_FAILED",
    "MANDATE_EXPIRED",
    "TXN_CHARGED",
    "TXN_FAILED",
    "NOTIFICATION_SUCCEEDED",
    "NOTIFICATION_FAILED",
    "CHARGEBACK_RECEIVED",
    "CHARGEBACK_EVIDENCE_REQUIRED",
    "CHARGEBACK_UNDER_REVIEW",
    "CHARGEBACK_RESOLVED_IN_MERCHANT_FAVOUR",
    "CHARGEBACK_RESOLVED_IN_CUSTOMER_FAVOUR",
    "CHARGEBACK_ALREADY_REFUNDED",
    "CHARGEBACK_CANCELED",
    "CHARGEBACK_EXPIRED",
)
"""The event names a merchant may subscribe to here (documented, those without a sample secondary, contract I.3)."""

ORDER_ID_LENGTH_MAX: Final = 31
"""The longest order id in Juspay's samples (recorded, contract O.7)."""

USUAL_EVENTS: Final = frozenset(EVENTS) - {"TXN_CHARGED", "TXN_FAILED", "REFUND_INITIATED"}
"""Those that a merchant gets who chose none: without the ones that repeat what is known without them (ours)."""


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where a merchant's webhooks go, and with what credentials."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    events: frozenset[str] = USUAL_EVENTS
    jwt_key_id: str = ""
    """Encrypt webhooks to this key of the merchant's `jwt_keys`; empty: send them in plain (contract I.5)."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """One merchant account.

    `response_key` None turns the signed return URL off. `public_keys` maps merchantKeyId to an RSA public key in
    PEM, and `jwt_keys` does so for the key ids of JWT mode, the newest last. `return_url` is the dashboard's redirect
    URL, used where an order names none. `returns_by_post` has the shopper sent back by a form, not by a link
    (contract E).
    """

    merchant_id: str
    client_id: str
    api_key: str = field(repr=False)
    response_key: str | None = field(default=None, repr=False)
    public_keys: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    jwt_keys: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    webhook: WebhookTarget | None = None
    return_url: str = ""
    returns_by_post: bool = False
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Everything that is fixed for the life of one sandbox. Times are in seconds."""

    merchants: tuple[Merchant, ...]
    base_url: str | None = None
    """Written into payment links; absent: the address the sandbox is bound to."""

    unknown_order_status: int = 400
    """HTTP status of an order-status call for an unknown order; 404 is the other reading (contract F.4)."""

    routing_id_required: bool = False
    """Refuse S2S calls without `x-routing-id`; Juspay's own clients leave it out (contract A.3)."""

    refund_amount_required: bool = False
    """The older rule: a refund without `amount` is an error, not a refund of all that is left (contract H.1)."""

    auto_refund: bool = False
    """Give back a second charge of one order, and a success that comes too late (contract G.1)."""

    surcharge_refunded: bool = False
    """Let refunds take the surcharge too; off, as on a new dashboard, only the price may go back (contract O.1)."""

    eligible_in_transaction: bool = False
    """Tell what may be refunded as `txn_detail.remaining_refundable_amount`, as newer bodies do (contract O.1)."""

    auto_refund_initiator: str = "AUTO_REFUNDED"
    """`initiated_by` of what Juspay gives back by itself; one published body has AUTOREFUND_WORKFLOW (O.2)."""

    conflicts_told: bool = False
    """Say `conflicted` of transactions: true of a success that came late or twice, as newer bodies do (O.4)."""

    auto_refunds_listed: bool = True
    """List in `refunds` what went back with its attempt; one of Juspay's samples does, another does not (I.3, F.1)."""

    jwt_keys: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """The sandbox's own private keys for JWT mode, PEM by key id, the newest last; absent: one is made (A.5)."""

    jwt_one_key_id: bool = False
    """Sign encrypted webhooks under the merchant's key id, for both sides may have one: no page says (A.5, I.5)."""

    jwt_webhook_object: bool = False
    """What an encrypted webhook holds is the three-member object, not a compact JWS: no page says which (I.5)."""

    merchant_id_required: bool = False
    """Refuse calls that name no merchant, as a strict account does; else the API key says who calls (A.3, O.7)."""

    order_id_length_max: int = 20
    """How long an order id may be, 31 at most; some pages say 17, some samples have up to 31 (contract B.1, O.7)."""

    payment_attempt_event: bool = False
    """The SDK tells each payment beforehand and waits for `resumePayment`, an optional feature (contract D.4)."""

    nested_results: bool = False
    """Give `process_result` as an iframe does, its payload within another payload (contract O.7)."""

    attempts_max: int = 25
    """How many attempts an order may have; Juspay can bound it to one (contract G.1)."""

    personal_data_filtered: bool = True
    """Webhooks say FILTERED in place of what tells who the shopper is, and more (contract O.6)."""

    refund_review_after_s: int = 10 * 86_400
    """When a refund that is still pending goes to manual review (contract H.4)."""

    instant_refunds: bool = True
    """Make refunds of type INSTANT; off: they are refused, as for accounts without the feature (contract H.2)."""

    partial_captures: bool = True
    """Take a capture of less than what is held; one of Juspay's gateways alone can (contract L)."""

    several_captures: bool = False
    """Take further captures of what an earlier one left; one of Juspay's gateways alone does (contract O.1)."""

    legacy_created_status: bool = True
    """Answer `POST /order/create` of a new order with CREATED, as the tests of older clients expect; off: NEW (O.7)."""

    partial_charged_status_id: int = 37
    """`status_id` of PARTIAL_CHARGED; older samples have 21 (contract O.5)."""

    to_be_charged_status_id: int = 40
    """`status_id` of TO_BE_CHARGED, which samples alone tell (contract O.5)."""

    hex_signatures: bool = False
    """Also take signatures in lower-case hex, as older pages say (contract C.1)."""

    signature_window_s: int = 900
    """How far a signed payload's time may be from the sandbox's, either side (contract C.4)."""

    client_token_life_s: int = 900
    """How long a client auth token is good (contract A.2)."""

    order_life_s: int = 7 * 86_400
    """How long an order may be paid (contract B.2)."""

    pending_settles_after_s: int = 60
    """When what is pending goes on by itself (contract K)."""

    refund_settles_after_s: int = 30
    """When a refund ends by itself; Juspay keeps one for up to 15 minutes first (contract H.3)."""

    late_success_limit_s: int = 600
    """How late a success still counts where `auto_refund` is on (contract G.1)."""

    webhook_timeout_s: float = 10.0
    """How long a merchant may take to answer a webhook (contract I.1)."""

    webhook_retry_delays_s: tuple[int, ...] = RETRY_DELAYS_S
    """When a webhook that was not answered 200 is sent again, each counted from the try before (contract I.1)."""

    webhook_time_compression: float = 1.0
    """How many times faster than in the plan webhooks are sent again (contract I.1)."""

    deliver_in_background: bool = True
    """Deliver webhooks while the server runs; off: only `POST /_control/webhooks/deliver` does."""

    offers_clock: bool = False
    """Ask the service to take its time from here; until one does, the clock cannot be moved."""

    def __post_init__(self) -> None:
        """Raise ValueError for a bound that Juspay does not have."""
        if self.order_id_length_max > ORDER_ID_LENGTH_MAX:
            raise ValueError(f"order_id_length_max: {ORDER_ID_LENGTH_MAX} at most")

    def merchant(self, merchant_id: str) -> Merchant | None:
        """Return the merchant of that id; ids are case sensitive (documented, contract A.3)."""
        return next((one for one in self.merchants if one.merchant_id == merchant_id), None)


def demo_merchant(public_key_pem: str) -> Merchant:
    """Return a merchant whose ids and secrets are plainly made up, with `public_key_pem` for payloads and JWT mode."""
    return Merchant(
        merchant_id="teashop",
        client_id="teashop",
        api_key="DEMO0000NOT0A0REAL0KEY0000000000",
        response_key="DEMO-RESPONSE-KEY-NOT-REAL",
        public_keys={"demo-key-1": public_key_pem},
        jwt_keys={"key_0000000000000000000000000000demo": public_key_pem},
        display_name="The Tea Shop (demo)",
    )


class FileInvalid(Exception):
    """The file that a sandbox is set by cannot be used; the message says why."""


def config_from_file(path: Path) -> SandboxConfig:
    """Read a sandbox's TOML file: merchants, switches, and a table `jwt_keys` of our own private keys by key id.

    Raises:
        FileInvalid: The file cannot be read, or says what cannot be.
    """
    try:
        own = _pem_files(tomllib.loads(path.read_text("utf-8")).get("jwt_keys", {}), path.parent)
        config = SandboxConfig(merchants_from_file(path), jwt_keys=own, **switches_from_file(path))
        JwtKeys(config.jwt_keys, {one.merchant_id: one.jwt_keys for one in config.merchants})
    except (OSError, ValueError, TypeError, AttributeError) as exc:  # the last two: a table where text is wanted
        raise FileInvalid(f"{path}: {exc}") from exc
    return config


def merchants_from_file(path: Path) -> tuple[Merchant, ...]:
    """Read merchants from a TOML file of `[merchants.<id>]` tables.

    Keys: `client_id`, `api_key`, `response_key`, `return_url`, `display_name`, a table `public_keys` of
    merchantKeyId = path to a PEM file (relative to `path`), one `jwt_keys` like it for JWT mode, and a table `webhook`
    of `url`, `username`, `password`, `headers`, `jwt_key_id`.

    Raises:
        ValueError: No merchant, or one without `api_key`.
    """
    tables = tomllib.loads(path.read_text("utf-8")).get("merchants", {})
    if not tables:
        raise ValueError("no [merchants.<id>] table")
    return tuple(_merchant(name, table, path.parent) for name, table in tables.items())


def switches_from_file(path: Path) -> dict[str, Any]:
    """Read the `[switches]` table of such a file: fields of `SandboxConfig`, none if there is no table.

    Raises:
        ValueError: There is no such switch, or its value is of another type than its default.
    """
    table: Mapping[str, Any] = tomllib.loads(path.read_text("utf-8")).get("switches", {})
    for name, value in table.items():
        if problem := _misfit(name, value):
            raise ValueError(f"switches.{name}: {problem}")
    return {
        name: tuple(cast("list[int]", value)) if isinstance(value, list) else value for name, value in table.items()
    }


_NO_SWITCHES: Final = frozenset({"merchants", "jwt_keys", "offers_clock"})


def _misfit(name: str, value: object) -> str | None:
    """Return what is wrong with a switch, in a few words."""
    known = {one.name: one for one in fields(SandboxConfig) if one.name not in _NO_SWITCHES}
    if name not in known:
        return f"there is no such switch; there are {', '.join(known)}"
    match known[name].default:
        case bool():
            return None if isinstance(value, bool) else "true or false"
        case int():
            return None if _is_whole(value) else "a whole number, 0 or more"
        case float():
            return None if isinstance(value, int | float) and value > 0 else "a number above 0"
        case tuple():
            listed = cast("list[object]", value) if isinstance(value, list) else [None]
            return None if all(_is_whole(one) for one in listed) else "a list of whole numbers, 0 or more"
        case _:
            return None if isinstance(value, str) else "text"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _pem_files(table: Mapping[str, str], folder: Path) -> dict[str, str]:
    return {key_id: (folder / file).read_text("utf-8") for key_id, file in table.items()}


def _merchant(name: str, table: Mapping[str, Any], folder: Path) -> Merchant:
    if "api_key" not in table:
        raise ValueError(f"merchants.{name}: api_key is missing")
    hook, jwt_keys = table.get("webhook"), _pem_files(table.get("jwt_keys", {}), folder)
    if hook and hook.get("jwt_key_id", "") not in {"", *jwt_keys}:
        raise ValueError(f"merchants.{name}.webhook: jwt_key_id is not one of the merchant's jwt_keys")
    return Merchant(
        merchant_id=name,
        client_id=table.get("client_id", name),
        api_key=table["api_key"],
        response_key=table.get("response_key"),
        public_keys=_pem_files(table.get("public_keys", {}), folder),
        jwt_keys=jwt_keys,
        webhook=WebhookTarget(**hook) if hook else None,
        return_url=table.get("return_url", ""),
        returns_by_post=table.get("returns_by_post", False),
        display_name=table.get("display_name", ""),
    )
