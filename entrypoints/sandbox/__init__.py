"""Juspay on a laptop: a Litestar app that plays Juspay towards a merchant's service, offline.

It imports nothing from `paystate.core` or `paystate.adapters`, so it is an independent witness: compare a service's
claims with this app's ledger. Every behaviour is marked documented, recorded (seen in a public sample), secondary,
inferred or ours. Sections named below and in this package are those of the gateway contract.

Start one
---------
    from paystate.entrypoints.sandbox import Merchant, SandboxClock, SandboxConfig, WebhookTarget, create_app, running

    app = create_app(SandboxConfig(merchants=(merchant,)), SandboxClock())   # any object with now() and advance()
    async with running(app, port=0) as base_url: ...       # http://127.0.0.1:<free port>, in the current event loop
    async with running(app, tls=local_certificate(folder)) as base_url: ...             # https://127.0.0.1:<port>

`Merchant(merchant_id, client_id, api_key, response_key=None, public_keys={key_id: pem}, jwt_keys={key_id: pem},
webhook=None, return_url="", returns_by_post=False, display_name="")`; `WebhookTarget(url, username="", password="",
headers={}, events=USUAL_EVENTS, jwt_key_id="")`, whose `jwt_key_id` has webhooks encrypted (section I.5); the switches
of `SandboxConfig` are described in `config.py`. `SandboxClock(start=None, frozen=False)`. `demo_merchant(public_pem)`
and `generate_key_pair() -> (private_pem, public_pem)` make a merchant for trying out; `server.run(...)` is the CLI's.
`app.state.sandbox` is the `Sandbox` behind the app (world, ledger, outbox, faults), for tests in the same process.

Juspay's own routes (sections A, B, F, H, L)
--------------------------------------------
`routes.serve.ROUTES` has them all, each with its name, mark and a sentence; `docs/reference/fidelity.md` lists them.
HTTP Basic with the API key (`key:` or `key`) and `x-merchantid` or `x-merchant-id` say who calls; the calls of older
clients need no such header. A client auth token (`client_auth_token=tkn_...`) asks for order status, customer and kept
ways to pay; `POST /txns` takes card data in a merchant's name alone. A session or order with
`metadata.txns.auto_capture=false` is AUTHORIZED when paid: `POST /v2/txns/{txn_uuid}/capture | void` ends that. One
with `options.create_mandate` gets a mandate with its first attempt, active once paid. Page: `GET
/payment-page/order/{juspay_id}` (also `/orders/{juspay_id}/payment-page`, `/merchant/pay/{juspay_id}`,
`/merchant/ipay/{juspay_id}`), and beside it `/bank-says`, a panel for testers. Every answer's `Date` is the sandbox
clock's time.

JWT mode (section A.5): `POST /v4/session`, `POST|GET /v4/order-status`, `POST /v4/orders/{order_id}/refunds`, `POST
/v4/txns`, with the same acts, faults and ledger names as their plain twins; no API key, `x-merchantid` (or else the API
key of the merchant), errors plain.

The SDK over HTTP (ours; sections C and D)
------------------------------------------
A browser's page loads `GET /hyper-sdk-web/HyperServices.js`, which makes the calls below. Pages of every origin may.

`POST /_sdk/preFetch | initiate | process | terminate` takes the envelope `{requestId, service, payload}` unchanged.
Which SDK instance is meant: header `x-sdk-instance` (or a top-level key `instance`); `initiate` without one makes a
new instance. Answer, 200 unless the envelope itself is broken (400 `{"error": text}`):

    {"instance": "sdk_...", "events": [{requestId, service, event, payload, error, errorCode, errorMessage}, ...]}

- preFetch: no events. initiate: one `initiate_result`. terminate: no events.
- process: `updateOrder` and `resumePayment` act on the page that is open; with the switch `payment_attempt_event` a
  payment first gives the event `paymentAttempt` and waits to be resumed.
- process, else: `[show_loader, hide_loader]` and also `"page_url": "http://..."`, the page is open; or one
  `process_result` with `error` true (`JP_001`, `api_failure`) and `"page_url": null`: not initiated, still processing,
  terminated, bad signature, token too old, payload changed. Signature mode makes the order if Juspay has none of that
  id (inferred).

`POST /_sdk/act` `{"instance", "action", ...}` is the shopper, on a page that `process` opened. Answer
`{"instance", "events", "page": "choose" | "bank" | "closed", "txn_id": text or null}`; 409 `{"error"}` if not now.

- `{"action": "pay", "method": {"upi": "success@upi"} | {"card": "4242424242424242"} | {"nb": "NB_AXIS"} |
  {"wallet": "PAYTM"} | {"intent": true} | {"cod": true}, "bank": "approve" | "decline" | "wait"}`: `bank` is optional,
  "approve" if absent. "wait" stops at the bank page, the order is PENDING_VBV. Otherwise one `process_result`: charged,
  authorization_failed, authentication_failed, pending_vbv, authorizing, authorized, juspay_declined, cod_initiated.
- at the bank page: `{"action": "approve"}`, `{"action": "decline"}`, or `{"action": "abort"}` -> `user_aborted`.
- `{"action": "back"}` -> `backpressed` before a payment was started, `user_aborted` after.
- `{"action": "close_app"}`: the app dies; no event ever comes and the instance is gone.

`GET /_sdk/isInitialised?instance=...` -> `{"instance", "events": [], "isInitialised": true | false}`.

`GET /_sdk/events?instance=...` hands over, once, events that came about elsewhere: the shopper finished on the hosted
page. (None in redirection mode, `integrationType: "redirection"`: there only the return URL brings the shopper back.)

Outcomes: amount < 500 is charged, 500 to 699.99 refused, from 700 pending and charged `pending_settles_after_s` later
(documented bands); `success@upi`, `failure@upi` and documented test cards win over them, and so do UPI addresses of
ours such as `pending@upi`: `gateway.methods.MAGIC_VPAS`. The last two digits of the amount say how a refund, a capture
or a release ends (ours): `gateway.endings.MAGIC_AMOUNTS`; a refund that no row names succeeds `refund_settles_after_s`
later.

Control (ours)
--------------
Bodies and answers are JSON; amounts are strings with two decimals. Bodies and queries are read strictly: a member that
is unknown, missing or not what it may be is 422 with `{"error": text, "code", "member", "allowed": [what it may be]}`.
What is not there is 404, what cannot happen now 400, each with `{"error", "code"}`. Only programs on this machine may
steer: the `Host` is a loopback address, a body is sent as `application/json` (else 415), and no page of another origin
is listened to (403).

- `GET /_control/clock?shares=true` -> `{"now": iso}`; `shares` says that the caller goes by it now. `POST
  /_control/clock` `{"advance_s": n}` or `{"set": iso}`, from 2000 to 2100: whatever became due settles, and its
  webhooks are queued. Both may go back too, as a machine's clock that is set back: what is due stays due at its
  instant, and nothing happens twice.
- `GET /_control/ledger?order_id=&merchant_id=&kind=call|effect|sdk|webhook` -> `{"entries": [{seq, at, kind, ...}]}`.
  A call:
  `{verb, route, name, order_id, unique_request_id, merchant_id, routing_id, status, answered, had_effect, faults}`,
  `answered` if all of the answer was sent. An effect: `{effect: order_created | order_updated | txn_started |
  txn_charged | txn_partly_charged | txn_failed | txn_pending | txn_authorized | txn_capture_failed | txn_voided |
  txn_void_failed | txn_capture_initiated | txn_void_initiated | txn_partly_voided | txn_auto_refunded | txn_cod |
  refund_created | refund_settled | refund_renamed | mandate_created | mandate_active | ... | fulfilment_told |
  customer_created | customer_updated, order_id, merchant_id, amount, status, txn_id or unique_request_id and
  initiated_by, or mandate_id}`. An SDK call or a shopper's act: `{what, instance, order_id, events: [names]}`. A
  webhook attempt: `{event_id, event_name, order_id, merchant_id, attempt, planned_at, status, delivered, problem}`.
- `GET /_control/orders` -> `{"orders": [truth]}`, `GET /_control/orders/{order_id}` -> truth: `{merchant_id, order_id,
  juspay_id, amount, payable, eligible, currency, status, charged, captured, charges, refunded, refunds_pending,
  attempts: [{txn_id, txn_uuid, status, amount, method}], refunds: [{unique_request_id, amount, status, created,
  initiated_by: API | dashboard | juspay}]}`. `payable` is what the shopper pays, `eligible` what Juspay will still
  refund. `captured` is everything ever taken, also what went back with its attempt; `refunded` is everything given
  back, whoever did it.
- `POST /_control/orders` `{"merchant_id", "order_id", "amount", "currency": "INR", "paid": false, "fields": {}}` ->
  truth: an order that somebody else made at Juspay, such as the merchant's old backend; `fields` are the session's.
- `POST /_control/orders/{order_id}/money` `{"discount", "surcharge", "tax", "eligible"}`, any of them: what the next
  attempt costs the shopper beside the price, and what Juspay would refund if that is not what was captured -> truth.
- `POST /_control/orders/{order_id}/legs` `{"legs": [{"amount", "status": "CHARGED", "method": {"upi": "success@upi"},
  "refund": "SUCCESS"}, ...]}` pays the order in parts; `refund` is how the refund of an AUTO_REFUNDED leg stands ->
  truth.
- `POST /_control/orders/{order_id}/settle` `{"outcome": "SUCCESS" | "FAILURE", "txn_id": optional}` settles a pending
  attempt, capture or release now (the newest), or makes the late success of a failed one that is named -> truth.
- `POST /_control/orders/{order_id}/refunds/{unique_request_id}` `{"status": "SUCCESS" | "FAILURE" | "MANUAL_REVIEW"}`
  -> truth.
- `POST /_control/orders/{order_id}/resend` `{"event_id": optional}` queues its webhooks once more -> `{"queued": n}`;
  `.../forge` `{"event_name", "status", "wrong_password"}` one that is not true -> `{"event_id"}`.
- `GET /_control/webhooks` -> `{"deliveries": [{event_id, event_name, merchant_id, order_id, state: waiting | held |
  delivered | undelivered, attempts, due_at, body, tries: [{at, status, answer, problem}]}]}`; `POST
  /_control/webhooks/deliver` delivers all that is due and waits -> `{"attempts": n, "waiting": n, "undelivered": n}`.
- `GET /_control/faults` -> `{"kinds": [{name, message, mark, seam, routes, params}], "armed": [...]}`; `POST
  /_control/faults` `{"name", "order_id", "merchant_id", "route", "calls": how many times (1), "params": {}}`, all but
  the name optional -> `{"id", "name", "merchant_id", "order_id", "route", "calls", "params", "waits_for_order": if it
  is not there yet}`; `DELETE /_control/faults[/{id}]` -> 204.
- `POST /_control/merchants/{merchant_id}/webhook` `{"url", "username", "password", "headers", "events", "jwt_key_id"}`
  sets where webhooks go from now on -> `{"merchant_id", "url"}`; `POST /_control/merchants/{merchant_id}/keys`
  `{"key_id", "public_key": pem}` uploads a key -> `{"merchant_id", "key_ids"}`.
- JWT mode: `GET /_control/jwt` -> `{"keys": [{"key_id", "public_key"}], "merchants": {merchant_id: [key_id]}}`, the
  newest last; `POST /_control/jwt/keys` makes the sandbox a new pair, the older ones stay live; `DELETE
  /_control/jwt/keys/{key_id}`. `POST /_control/merchants/{merchant_id}/jwt-keys` `{"public_key", "key_id": optional}`
  -> `{"key_id", "key_ids"}`; `DELETE /_control/merchants/{merchant_id}/jwt-keys/{key_id}`.

Pages (ours)
------------
`GET /` and the pages below `/_home` show all of this to people. A form on them posts to `/_home` and the path of a call
above, with the same members, and the same act reads it; `DELETE` is a form's `.../delete`. Its `Origin` has to be the
sandbox's own.

Faults
------
The table is `faults.catalogue.FAULTS`; `paystate sandbox faults` and `GET /_control/faults` list it with what may be
set. A fault waits for its next `calls` occasions. `order_id` narrows it to one order, `route` to one call
(`arming.CALLS`) or, for webhooks, to one event. If it could do nothing, such as change an answer about an order that is
not there, it goes on waiting.

- `request`, before a call's effect: the first one that is armed acts.
- `answer`, after it: all that are armed act, the oldest first; so do those of webhooks.
- `webhook`, when an event is queued.
- `world`, to the order itself, which has to be named: once, `after_s` after it is armed. At 0 it happens at once, or is
  refused (400) if the order is not in a state for it; later it then silently does not happen. `hold` waits for the
  order's next success, and may be armed before there is an order.
"""

from __future__ import annotations

from paystate.entrypoints.sandbox.app import create_app
from paystate.entrypoints.sandbox.certificates import LocalCertificate, local_certificate
from paystate.entrypoints.sandbox.clock import Clock, SandboxClock
from paystate.entrypoints.sandbox.config import EVENTS, Merchant, SandboxConfig, WebhookTarget, demo_merchant
from paystate.entrypoints.sandbox.server import running
from paystate.entrypoints.sandbox.signatures import generate_key_pair

__all__ = [
    "EVENTS",
    "Clock",
    "LocalCertificate",
    "Merchant",
    "SandboxClock",
    "SandboxConfig",
    "WebhookTarget",
    "create_app",
    "demo_merchant",
    "generate_key_pair",
    "local_certificate",
    "running",
]
