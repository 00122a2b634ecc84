"""What the sandbox, the client and the service do as Juspay does, row by row. Data only; see `fidelity.py`."""

from __future__ import annotations

from functools import partial
from typing import Final

from paystate.entrypoints.sandbox.marks import Behaviour, Gap

_SANDBOX: Final = "integration/sandbox"
_JUSPAY: Final = "integration/juspay"
_API: Final = "integration/api"
_SIGNING: Final = "integration/signing"
_WORKER: Final = "integration/worker/test_worker.py"
_AUTH: Final = f"{_SANDBOX}/test_auth.py"
_ATTEMPTS: Final = f"{_SANDBOX}/test_attempts.py"
_CALLS: Final = f"{_SANDBOX}/test_call_faults.py"
_ORDERS: Final = f"{_SANDBOX}/test_orders.py"
_PAGE: Final = f"{_SANDBOX}/test_page.py"
_REFUNDS: Final = f"{_SANDBOX}/test_refunds.py"
_RETURN: Final = f"{_SANDBOX}/test_return_url.py"
_SDK: Final = f"{_SANDBOX}/test_sdk.py"
_HOOKS: Final = f"{_SANDBOX}/test_webhooks.py"
_WORLD: Final = f"{_SANDBOX}/test_world_faults.py"
_CLIENT: Final = f"{_JUSPAY}/test_client.py"
_LIMITS: Final = f"{_JUSPAY}/test_limits.py"
_WIRE: Final = f"{_JUSPAY}/test_wire.py"
_VERIFY: Final = f"{_SIGNING}/test_return_url.py"
_RSA: Final = f"{_SIGNING}/test_rsa.py"
_RECEIVE: Final = f"{_API}/test_webhooks.py"
_TXNS: Final = f"{_SANDBOX}/test_txns.py"
_CAPTURES: Final = f"{_SANDBOX}/test_captures.py"
_MANDATES: Final = f"{_SANDBOX}/test_mandates.py"
_LEGACY: Final = f"{_SANDBOX}/test_legacy.py"
_WAYS: Final = f"{_SANDBOX}/test_ways_to_pay.py"
_SPLITS: Final = f"{_SANDBOX}/test_splits.py"
_SWITCHES: Final = f"{_SANDBOX}/test_switches.py"
_SHAPES: Final = f"{_SANDBOX}/test_recorded_shapes.py"
_BY_TXN: Final = f"{_SANDBOX}/test_refund_routes.py"
_SIGNED_ORDERS: Final = f"{_SANDBOX}/test_signed_orders.py"
_SEALED: Final = f"{_SANDBOX}/test_sealed.py"
_CUSTOMERS: Final = f"{_SANDBOX}/test_customers.py"
_SEALING: Final = f"{_JUSPAY}/test_sealed.py"
_WAITING: Final = f"{_JUSPAY}/test_waiting.py"
_UPDATES: Final = f"{_SANDBOX}/test_sdk_updates.py"
_NOTICES: Final = f"{_JUSPAY}/test_notices.py"
_CLIENT_SHAPES: Final = f"{_SANDBOX}/test_client_shapes.py"
_RANKING: Final = f"{_SANDBOX}/test_ranking.py"
_PAYLOADS: Final = "unit/test_payloads.py"
_OURS: Final = "conformance/test_our_calls.py"
_JWT: Final = f"{_SANDBOX}/test_jwt.py"
_NODE: Final = "conformance/test_node_client_jwt.py"
_JOSE: Final = f"{_SIGNING}/test_jose.py"
_EVIDENCE: Final = "unit/test_evidence.py"
_PROTOCOL: Final = "unit/test_refund_protocol.py"
_MONEY: Final = "unit/test_money_at_juspay.py"
_READ: Final = f"{_JUSPAY}/test_orders_read.py"
_HINTS: Final = f"{_JUSPAY}/test_webhooks_read.py"
_AUTO: Final = f"{_SANDBOX}/test_auto_refunds.py"
_TOLD: Final = f"{_SANDBOX}/test_money_told.py"
_PUBLISHED: Final = f"{_SANDBOX}/test_published_money.py"
_LEGS: Final = f"{_SANDBOX}/test_legs.py"
_CONTENTS: Final = f"{_SANDBOX}/test_event_contents.py"
_MONEY_FAULTS: Final = f"{_SANDBOX}/test_money_faults.py"

CLIENT: Final = "client"
BOTH: Final = "sandbox, client"
SERVICE: Final = "service"

_row = Behaviour
_decided = partial(Behaviour, decides=True)

STEPS: Final = (
    _decided(
        "0", "Step 8 is return and result: the app or the browser comes back, the service asks Juspay, and the"
        " merchant's own screen tells what was proved.", "inferred", ("flow32", "handle-cordova", "story40"), SERVICE,
        shown_by=f"{_API}/test_results.py::test_what_juspay_proved_is_shown_as_proved",
    ),
)  # fmt: skip

SPEAKING: Final = (
    _decided(
        "A.1", "No address is built in: the client's `base_url` is configuration, and paths are the same everywhere.",
        "ours", at=CLIENT, shown_by=f"{_LIMITS}::test_origins",
    ),
    _row(
        "A.2", "The API key is the user name of HTTP Basic, with an empty password.", "documented",
        ("intro", "prereq"), BOTH, shown_by=f"{_CLIENT}::test_method_path_and_headers",
    ),
    _row(
        "A.2", "The key is taken without the colon too, as the Node client sends it.", "recorded", ("node-sdk",),
        shown_by=f"{_AUTH}::test_both_recorded_forms_of_the_key_are_taken",
    ),
    _decided(
        "A.2", "The key is taken with the colon and without it; anything else is 401 with the documented body.", "ours",
        shown_by=f"{_AUTH}::test_anything_else_is_denied",
    ),
    _decided(
        "A.2", "The client sends the key with the colon.", "documented", ("prereq",), CLIENT,
        shown_by=f"{_CLIENT}::test_method_path_and_headers",
    ),
    _row(
        "A.2", "A client auth token lives 15 minutes.", "documented", ("intro", "getcust-cap"),
        switch="client_token_life_s", shown_by=f"{_SDK}::test_the_client_auth_token_lives_15_minutes",
    ),
    _row(
        "A.2", "`POST /txns` takes card data without a key; the merchant is named instead.", "documented", ("intro",),
        shown_by=f"{_TXNS}::test_card_data_needs_no_key_but_a_merchant",
    ),
    _row(
        "A.2", "A call of an app brings its client auth token as a field.", "inferred", ("intro",),
        shown_by=f"{_AUTH}::test_a_client_auth_token_asks_for_the_status",
    ),
    _row(
        "A.3", "`x-merchantid` names the merchant, with its case.", "documented", ("session-sea", "os-sea"), BOTH,
        shown_by=f"{_AUTH}::test_the_key_must_be_the_named_merchants",
    ),
    _row(
        "A.3", "`x-merchant-id` is taken for the same.", "recorded", ("mcp",),
        shown_by=f"{_AUTH}::test_both_spellings_of_the_merchant_header_are_taken",
    ),
    _decided(
        "A.3", "A merchant id that is not the key's is 401.", "secondary", ("skills",),
        shown_by=f"{_AUTH}::test_the_key_must_be_the_named_merchants",
    ),
    _row(
        "A.3", "Older clients name no merchant: on their routes, and with a `version` before 2018, the key alone does.",
        "recorded", ("python-sdk",), switch="merchant_id_required",
        shown_by=f"{_LEGACY}::test_an_old_version_need_not_name_the_merchant_on_any_route",
    ),
    _row(
        "A.3", "So do Juspay's samples of capture, release and mandates.", "recorded",
        ("capture-request", "mandate-list"), switch="merchant_id_required",
        shown_by=f"{_CLIENT_SHAPES}::test_samples_of_held_money_and_mandates_name_no_merchant",
    ),
    _row(
        "A.3", "`x-routing-id` is noted in the ledger with every call.", "ours",
        shown_by=f"{_AUTH}::test_the_routing_id_is_recorded",
    ),
    _decided(
        "A.3", "A call without `x-routing-id` is taken, because Juspay's own clients do not send it.", "inferred",
        ("node-sdk", "php-sdk"), switch="routing_id_required",
        shown_by=f"{_AUTH}::test_a_missing_routing_id_is_refused_only_where_the_switch_says_so",
    ),
    _decided(
        "A.3", "The client sends `x-merchantid`, `x-routing-id` and `version` with every call; the version is"
        " 2023-06-30 unless set otherwise.", "ours", at=CLIENT, shown_by=f"{_CLIENT}::test_method_path_and_headers",
    ),
    _row(
        "A.3", "The client sends JSON to `/session`, forms to orders, customers and refunds.", "documented",
        ("session-sea", "refund-ppe"), CLIENT, shown_by=f"{_CLIENT}::test_bodies",
    ),
    _row(
        "A.3", "Answers may have members that nobody documented; the client passes them over.", "documented",
        ("os-global",), CLIENT, shown_by=f"{_WIRE}::test_odd_values_where_nothing_hangs_on_them_are_passed_over",
    ),
    _row(
        "A.3", "A form in parts is read, as an older PHP client sends it.", "recorded", ("php-sdk",),
        shown_by=f"{_CLIENT_SHAPES}::test_an_order_comes_in_parts",
    ),
    _row(
        "A.3", "Answers name the exchange in `x-request-id` and `x-response-id`, and the merchant in"
        " `x-jp-merchant-id`.", "recorded", ("net-sdk",),
        shown_by=f"{_CLIENT_SHAPES}::test_headers_name_the_exchange_and_the_merchant",
    ),
    _row(
        "A.3", "A merchant id that comes twice is one if both are the same, as the .NET client sends it.", "recorded",
        ("net-sdk",), shown_by=f"{_CLIENT_SHAPES}::test_a_merchant_may_be_named_twice_but_not_two",
    ),
    _row(
        "A.4", "Bodies in chunks, without a length, are read.", "recorded", ("node-sdk",),
        shown_by=f"{_ORDERS}::test_a_chunked_body_is_read",
    ),
    _decided(
        "A.4", "429 and 5xx are answered when told to, and never by themselves.", "ours",
        shown_by=f"{_CALLS}::test_rate_limited_answers_429_and_has_no_effect",
    ),
    _decided(
        "A.4", "The client repeats reads only, within one time-out for all tries.", "ours", at=CLIENT,
        shown_by=f"{_CLIENT}::test_a_read_is_repeated_once_and_its_second_answer_counts",
    ),
    _row(
        "A.4", "A read waits as long as `Retry-After` says, if that fits into its time; a write never.", "ours",
        at=CLIENT, shown_by=f"{_WAITING}::test_a_read_waits_as_long_as_juspay_asks",
    ),
    _row(
        "A.4", "One order's status is asked for 30 times a minute and 120 times an hour at most.", "ours", at=CLIENT,
        shown_by=f"{_WAITING}::test_thirty_calls_fit_into_a_minute_and_a_hundred_and_twenty_into_an_hour",
    ),
)  # fmt: skip

SEALED: Final = (
    _row(
        "A.5", "A body is signed with the merchant's key, then encrypted to Juspay's.", "documented",
        ("jwe-guide", "jwt-guide"), BOTH, shown_by=f"{_JWT}::test_a_sealed_body_is_opened",
    ),
    _row(
        "A.5", "An answer goes to the merchant's key that signed, signed with Juspay's key.", "documented",
        ("jwt-guide",),
        shown_by=f"{_JWT}::test_the_answer_goes_to_the_key_that_signed_and_is_signed_with_the_key_that_opened",
    ),
    _row(
        "A.5", "On calls the two are objects of three and of five members, under Juspay's own names.", "documented",
        ("push-prov", "php-sdk"), BOTH, shown_by=f"{_JWT}::test_a_sealed_body_is_opened",
    ),
    _row(
        "A.5", "A call may hold the compact form as `JWT`, as a sample of order status has it.", "recorded",
        ("jwt-compact",), shown_by=f"{_JWT}::test_a_sealed_body_may_be_compact_as_in_a_webhook",
    ),
    _row(
        "A.5", "A compact signature inside is taken too.", "inferred", ("node-sdk",),
        shown_by=f"{_JWT}::test_a_compact_signature_inside_is_taken_too",
    ),
    _row(
        "A.5", "`RS256` and a `kid` sign.", "recorded", ("php-sdk", "node-sdk"), BOTH,
        shown_by=f"{_JOSE}::test_what_we_seal_is_read_by_another_program",
    ),
    _row(
        "A.5", "`RSA-OAEP-256`, `A256GCM` and a `kid` encrypt.", "documented", ("jwt-webhook",), BOTH,
        shown_by=f"{_JOSE}::test_what_we_seal_is_read_by_another_program",
    ),
    _row(
        "A.5", "There is no `Authorization` header: key id and `x-merchantid` say who calls.", "recorded",
        ("node-sdk",), BOTH,
        shown_by=f"{_SEALING}::test_a_sealed_call_is_a_post_to_a_route_of_its_own_without_the_key",
    ),
    _row(
        "A.5", "Errors come in plain.", "recorded", ("php-sdk", "net-sdk"), BOTH,
        shown_by=f"{_SEALED}::test_an_error_is_answered_in_plain",
    ),
    _decided(
        "A.5", "Requests under `RSA-OAEP` are opened too, as the Node client sends them; answers are always under"
        " `RSA-OAEP-256`.", "recorded", ("node-sdk",), shown_by=f"{_NODE}::test_a_session_is_opened",
    ),
    _decided(
        "A.5", "The client knows `RSA-OAEP-256` alone, both ways.", "ours", at=CLIENT,
        shown_by=f"{_SIGNING}/test_jose_attacks.py::test_a_forged_encryption_is_refused",
    ),
    _decided(
        "A.5", "Sealed order status is answered to GET and to POST.", "recorded", ("jwt-status", "php-sdk"),
        shown_by=f"{_NODE}::test_the_status_of_an_order_is_read",
    ),
    _row(
        "A.5", "A good answer that came in plain is no answer.", "ours", at=CLIENT,
        shown_by=f"{_SEALING}::test_a_good_answer_that_came_plain_is_unusable",
    ),
    _row(
        "A.5", "An answer is signed under the key id to which the call was encrypted.", "ours",
        shown_by=f"{_JWT}::test_the_answer_is_signed_under_the_id_that_the_call_gave_us",
    ),
    _row(
        "A.5", "Both sides may have two keys alive, so that keys change without a refused call.", "ours", at=BOTH,
        shown_by="conformance/test_our_client.py::test_no_call_is_refused_while_both_sides_change_their_keys",
    ),
)  # fmt: skip

ORDERS: Final = (
    _row(
        "B.1", "An order id has fewer than 21 letters and digits.", "documented", ("session-br", "pp-v5"), BOTH,
        shown_by=f"{_ORDERS}::test_a_wrong_order_id_is_invalid_input",
    ),
    _row(
        "B.1", "How long it may be can be set, as one page wants fewer than 18 and some samples have more.",
        "documented", ("cred-create", "session-br"), switch="order_id_length_max",
        shown_by=f"{_SWITCHES}::test_how_long_an_order_id_may_be_can_be_set",
    ),
    _row(
        "B.1", "`-` and `_` in an order id are taken, as in samples.", "recorded", ("session-br", "session-mandate"),
        shown_by=f"{_SHAPES}::test_order_ids_of_the_samples_are_taken",
    ),
    _row(
        "B.1", "Order ids are compared without regard to case.", "documented", ("order-id-format",), BOTH,
        shown_by=f"{_ORDERS}::test_status_is_found_without_regard_to_case_on_both_routes",
    ),
    _row(
        "B.1", "An amount is text or a number with two decimals at most.", "documented", ("session-br",),
        shown_by=f"{_ORDERS}::test_a_wrong_amount_is_invalid_input",
    ),
    _row(
        "B.1", "An amount of zero is refused.", "inferred", ("session-br",),
        shown_by=f"{_ORDERS}::test_a_wrong_amount_is_invalid_input",
    ),
    _row(
        "B.1", "`payment_page_client_id` must be there and right, and `action` right where it is there.", "documented",
        ("session-br",),
        shown_by=f"{_ORDERS}::test_a_session_names_what_is_wrong",
    ),
    _row(
        "B.1", "The action `quickPay` is taken.", "recorded", ("pp-sample",),
        shown_by=f"{_SHAPES}::test_the_actions_of_the_samples_are_taken",
    ),
    _row(
        "B.1", "`return_url` must be a full address.", "documented", ("session-br",),
        shown_by=f"{_ORDERS}::test_a_session_names_what_is_wrong",
    ),
    _row(
        "B.1", "Without one, the dashboard's address stands in.", "documented", ("session-br", "resp-web"),
        shown_by=f"{_PAGE}::test_the_dashboards_return_url_stands_in",
    ),
    _row(
        "B.1", "`metadata.txns.auto_capture` `false` only holds the money.", "recorded", ("auth-session",),
        shown_by=f"{_CAPTURES}::test_a_session_may_ask_that_success_only_holds_the_money",
    ),
    _row(
        "B.1", "`options.create_mandate` and its terms ask for a mandate.", "documented", ("tpv",), BOTH,
        shown_by=f"{_MANDATES}::test_an_order_without_the_wish_never_has_one",
    ),
    _row(
        "B.1", "It is made with the order's first attempt.", "inferred", ("tpv",),
        shown_by=f"{_MANDATES}::test_a_mandate_is_made_with_the_first_attempt",
    ),
    _decided(
        "B.1", "JSON and forms are taken on every call, as the content type says.", "inferred", ("session-curl",),
        shown_by=f"{_ORDERS}::test_a_session_may_be_asked_for_by_form",
    ),
    _row(
        "B.2", "A session answers with `id`, `payment_links`, `order_expiry` and `sdk_payload` in camel case.",
        "recorded", ("session-sample", "session-mandate"), BOTH, shown_by=f"{_SHAPES}::test_a_session",
    ),
    _row(
        "B.2", "`id` is `ordeh_` and 32 hex digits.", "recorded", ("session-sample",),
        shown_by=f"{_ORDERS}::test_a_session_answers_with_links_and_sdk_payload",
    ),
    _row(
        "B.2", "The payment link leads to `/payment-page/order/` and that id.", "recorded",
        ("session-sample", "os-auth"), shown_by=f"{_PAGE}::test_every_form_of_the_link_opens_the_page",
    ),
    _row(
        "B.2", "An order lives 7 days.", "recorded", ("session-mandate",), switch="order_life_s",
        shown_by=f"{_ATTEMPTS}::test_an_expired_order_takes_no_attempt",
    ),
    _row(
        "B.2", "The payload's amount is text with at least one decimal.", "recorded", ("session-mandate",),
        shown_by=f"{_ORDERS}::test_a_session_answers_with_links_and_sdk_payload",
    ),
    _row(
        "B.2", "The payload reaches the SDK unchanged, byte for byte.", "documented", ("open-rn",), "client, service",
        shown_by=f"{_WIRE}::test_the_sdk_payload_is_passed_on_byte_for_byte",
    ),
    _decided(
        "B.2", "The same session again is the same order with a new token.", "secondary", ("skills",),
        shown_by=f"{_ORDERS}::test_the_same_session_again_is_the_same_order_with_a_new_token",
    ),
    _decided(
        "B.2", "A session with another amount changes a new order.", "inferred",
        shown_by=f"{_ORDERS}::test_another_amount_while_new_is_an_update",
    ),
    _decided(
        "B.2", "A session for an order with a charged attempt is refused with 400.", "inferred",
        shown_by=f"{_ORDERS}::test_a_session_for_a_paid_order_is_refused",
    ),
    _row(
        "B.3", "`POST /orders` needs `order_id` and `amount`; the currency is INR unless named.", "documented",
        ("createorder", "co-req"), BOTH, shown_by=f"{_ORDERS}::test_an_order_is_created_with_the_recorded_fields",
    ),
    _row(
        "B.3", "Its answer has the sample's members, with links for web, mobile and iframe.", "recorded", ("co-resp",),
        shown_by=f"{_SHAPES}::test_an_order_without_a_payment",
    ),
    _row(
        "B.3", "With `options.get_client_auth_token` a client token comes too.", "recorded", ("co-req", "co-resp"),
        shown_by=f"{_ORDERS}::test_an_order_is_created_with_the_recorded_fields",
    ),
    _row(
        "B.3", "`POST /orders` with a known id changes that order.", "inferred", ("php-sdk",),
        shown_by=f"{_LEGACY}::test_the_old_route_changes_the_order_of_that_id",
    ),
    _row(
        "B.3", "Older clients make and change orders, ask for them, list them and refund them under `/order/`.",
        "recorded", ("php-sdk", "python-sdk"), shown_by="conformance/test_python_client.py::test_orders_are_listed",
    ),
    _row(
        "B.3", "A new order is `NEW` on that route too, unless told to say `CREATED`.", "inferred", ("python-sdk",),
        switch="legacy_created_status", shown_by=f"{_LEGACY}::test_a_new_order_is_created_where_the_switch_says_so",
    ),
    _row(
        "B.3", "To make and pay in one call under a known id is 400, `DUPLICATE_ORDER_ID`, number 40.", "documented",
        ("mandate-err",), shown_by=f"{_TXNS}::test_making_an_order_of_an_id_in_use_is_a_duplicate",
    ),
    _row(
        "B.4", "An update changes amount, addresses and `udf` fields, and nothing else.", "documented",
        ("update-order",), shown_by=f"{_ORDERS}::test_only_amount_addresses_and_udfs_can_be_updated",
    ),
    _row(
        "B.4", "A charged order is not updated: `INVALID_ACTION`.", "documented", ("errcodes",),
        shown_by=f"{_ORDERS}::test_a_paid_order_cannot_be_updated",
    ),
    _row(
        "B.5", "A customer needs `object_reference_id` and `mobile_number`.", "documented", ("createcust",),
        shown_by=f"{_ORDERS}::test_a_customer_needs_a_reference_and_a_number",
    ),
    _row(
        "B.5", "An empty field of a customer is 400 in words of its own, `Invalid Request`.", "documented",
        ("create-customer", "update-customer"),
        shown_by=f"{_CUSTOMERS}::test_an_empty_field_is_told_in_words_of_its_own",
    ),
    _row(
        "B.5", "A second customer of one reference is 400, `unique`.", "documented", ("create-customer",),
        shown_by=f"{_CUSTOMERS}::test_a_reference_in_use_is_refused",
    ),
    _row(
        "B.5", "`POST /v2/customers/{id}` gets or makes one, and changes it with `update`.", "secondary", ("skills",),
        shown_by=f"{_CUSTOMERS}::test_a_known_one_is_changed_only_where_asked_for",
    ),
    _row(
        "B.5", "A customer is found by Juspay's id or the merchant's.", "documented", ("getcust",), BOTH,
        shown_by=f"{_ORDERS}::test_a_customer_is_found_by_either_id",
    ),
    _row(
        "B.5", "A customer comes with a client token when asked.", "documented", ("getcust",),
        shown_by=f"{_ORDERS}::test_a_customer_comes_with_a_client_auth_token_when_asked",
    ),
    _row(
        "B.5", "A customer can be changed.", "documented", ("update-customer", "node-sdk"),
        shown_by=f"{_ORDERS}::test_a_customer_can_be_updated",
    ),
    _row(
        "B.5", "An unknown customer is 404, `object_not_found`.", "documented", ("getcust",), BOTH,
        shown_by=f"{_ORDERS}::test_an_unknown_customer_is_404",
    ),
)  # fmt: skip

SIGNED: Final = (
    _row(
        "C.1", "Signatures are RSA, SHA-256, PKCS#1 v1.5, in standard base64.", "documented", ("sig-ppe", "rn-sign"),
        "sandbox, service", shown_by=f"{_RSA}::test_another_program_verifies_it",
    ),
    _decided(
        "C.1", "The service writes signatures in base64, without line breaks.", "documented", ("sig-ppe", "rn-sign"),
        SERVICE, shown_by=f"{_RSA}::test_another_program_verifies_it",
    ),
    _row(
        "C.1", "`merchantKeyId` names the uploaded public key.", "documented", ("pp-v5", "prereq-ppe"),
        shown_by=f"{_SANDBOX}/test_control.py::test_a_key_can_be_uploaded",
    ),
    _decided(
        "C.1", "White space in a signature is removed before it is decoded.", "ours",
        shown_by=f"{_SDK}::test_white_space_in_a_signature_is_ignored",
    ),
    _decided(
        "C.1", "Signatures in hex are refused, unless told otherwise.", "inferred", ("pp-v4", "pp-v5", "sig-ppe"),
        switch="hex_signatures", shown_by=f"{_SDK}::test_hex_signatures_are_taken_where_the_switch_is_on",
    ),
    _row(
        "C.2", "The signature is checked over the text exactly as it came.", "documented", ("sig-plugin",),
        shown_by=f"{_SDK}::test_every_changed_byte_of_the_signed_text_is_refused",
    ),
    _row(
        "C.2", "`signaturePayload` must name `merchant_id` and `customer_id`.", "documented", ("payload32",),
        shown_by=f"{_SHAPES}::test_a_signed_initiate_names_merchant_and_customer",
    ),
    _row(
        "C.2", "It may leave out mobile number and e-mail address, as the official sample does.", "recorded",
        ("rn-home",), shown_by=f"{_SDK}::test_a_signed_initiate_is_taken",
    ),
    _row(
        "C.2", "The time is text, in milliseconds.", "recorded", ("rn-home",), "sandbox, service",
        shown_by=f"{_SDK}::test_a_signed_timestamp_is_in_milliseconds",
    ),
    _row(
        "C.3", "`orderDetails` must name `order_id`, `merchant_id`, `amount` and `customer_id` as text.",
        "documented", ("open-ppe",),
        shown_by=f"{_SHAPES}::test_signed_details_name_order_merchant_amount_and_customer",
    ),
    _row(
        "C.3", "Signed details of an order that Juspay has not seen make it.", "inferred", ("open-ppe",),
        shown_by=f"{_SDK}::test_a_signed_process_makes_the_order",
    ),
    _decided(
        "C.3", "The service writes `customer_phone`, times as text of 13 digits, and in the initiate payload number"
        " and address when known.", "ours", at=SERVICE,
        shown_by="unit/test_canonical.py::test_the_initiate_payload_is_this_text",
    ),
    _decided(
        "C.3", "The service writes all outer copies beside the signed text.", "inferred", ("pp-v5",), SERVICE,
        shown_by=f"{_PAYLOADS}::test_a_process_has_a_copy_of_what_is_signed",
    ),
    _row(
        "C.3", "`metadata.txns.auto_capture` `false` in `orderDetails` asks for a hold, as in a session.", "inferred",
        ("pp-web", "auth-session"), SERVICE,
        shown_by="unit/test_canonical.py::test_an_order_that_is_captured_by_hand_asks_for_a_hold_in_the_signed_text",
    ),
    _row(
        "C.3", "Signed details may ask that success only holds the money.", "inferred", ("pp-web", "auth-session"),
        shown_by=f"{_CAPTURES}::test_signed_order_details_may_ask_for_it_too",
    ),
    _row(
        "C.3", "A guest's `customer_id` is an empty text.", "documented", ("open-ppe",), SERVICE,
        shown_by=f"{_PAYLOADS}::test_a_process_of_a_guest_says_that_there_is_no_customer",
    ),
    _decided(
        "C.3", "Outer copies may be missing; those that are there must equal the signed values.", "inferred",
        ("rn-utils", "pp-v5"),
        shown_by=f"{_SDK}::test_a_tampered_process_payload_is_refused_and_makes_nothing",
    ),
    _decided(
        "C.4", "A signed payload is good for 15 minutes either side of the sandbox's clock.", "inferred",
        ("tpap-expiry",), switch="signature_window_s",
        shown_by=f"{_SDK}::test_a_signed_timestamp_may_be_15_minutes_off",
    ),
    _row(
        "C.5", "`POST /v2/orders` makes an order from a signed text, without a key.", "secondary", ("skills",),
        shown_by=f"{_SIGNED_ORDERS}::test_a_signed_order_needs_no_key",
    ),
    _row(
        "C.5", "Bytes that are signed and then sent are the same bytes.", "documented", ("sig-plugin",), SERVICE,
        shown_by=f"{_RSA}::test_a_signature_verifies_over_exactly_the_text_s_bytes",
    ),
)  # fmt: skip

SDK: Final = (
    _row(
        "D.1", "A call is an envelope of `requestId`, `service` and `payload`; the service is `in.juspay.hyperpay`.",
        "documented", ("payload32",), shown_by=f"{_SDK}::test_a_broken_envelope_is_400",
    ),
    _row(
        "D.1", "An event has `error`, `errorCode` and `errorMessage`, the last two empty on success.", "documented",
        ("initp20", "upi-sdk-err"), shown_by=f"{_SDK}::test_initiate_makes_an_instance_and_says_so",
    ),
    _row(
        "D.1", "The SDK is played over HTTP under `/_sdk/`, and so is what the shopper does.", "ours",
        shown_by=f"{_SDK}::test_initiate_makes_an_instance_and_says_so",
    ),
    _row(
        "D.2", "preFetch is fine at any time and gives no event.", "documented", ("prefetch32",),
        shown_by=f"{_SDK}::test_prefetch_is_legal_at_any_time_and_silent",
    ),
    _row(
        "D.2", "The service's prefetch payload names assets, service and client id.", "documented", ("prefetch32",),
        SERVICE, shown_by=f"{_PAYLOADS}::test_a_prefetch_names_the_assets_and_the_client_and_has_no_id",
    ),
    _row(
        "D.3", "In signature mode the initiate payload holds the very text that was signed.", "recorded",
        ("rn-utils", "sig-plugin"), SERVICE,
        shown_by=f"{_PAYLOADS}::test_a_signed_initiate_holds_the_very_text_that_was_signed",
    ),
    _row(
        "D.3", "initiate gives one `initiate_result` with `success`.", "documented", ("initp20",),
        shown_by=f"{_SDK}::test_initiate_makes_an_instance_and_says_so",
    ),
    _row(
        "D.3", "On failure the word is `failure`.", "inferred", ("initp20",),
        shown_by=f"{_SDK}::test_a_wrong_initiate_is_an_error",
    ),
    _row(
        "D.3", "An instance is initiated once.", "inferred", ("initiate40",),
        shown_by=f"{_SDK}::test_initiate_is_once_per_instance",
    ),
    _row(
        "D.3", "`integrationType` `redirection` is understood.", "documented", ("initiate-web",),
        shown_by=f"{_PAGE}::test_in_redirection_mode_there_is_no_process_result",
    ),
    _row(
        "D.4", "In session mode process wants the session's payload unchanged.", "documented", ("open-rn",),
        shown_by=f"{_SDK}::test_the_session_payload_must_come_unchanged",
    ),
    _decided(
        "D.4", "process before a good initiate ends with `process_result`, `JP_001`, `api_failure`.", "inferred",
        ("open-ppe",), shown_by=f"{_SDK}::test_process_before_initiate_is_an_api_failure",
    ),
    _row(
        "D.4", "The service signs `updateOrder` anew.", "documented", ("upd-events",), SERVICE,
        shown_by=f"{_PAYLOADS}::test_an_update_tells_the_details_anew_under_a_signature_of_their_own",
    ),
    _row(
        "D.4", "It answers `paymentAttempt` with `resumePayment`, true or false.", "documented", ("upd-events",),
        SERVICE, shown_by=f"{_PAYLOADS}::test_a_payment_that_waits_goes_on_or_is_given_up",
    ),
    _row(
        "D.4", "`updateOrder` with a good signature changes the open page's order.", "documented", ("upd-events",),
        shown_by=f"{_UPDATES}::test_the_shopper_then_pays_the_new_amount",
    ),
    _row(
        "D.4", "One that does not hold ends the call with `api_failure`.", "inferred", ("upd-events",),
        shown_by=f"{_UPDATES}::test_an_update_that_does_not_hold_ends_the_call_and_changes_nothing",
    ),
    _row(
        "D.4", "Where the feature is on, `paymentAttempt` tells a payment and waits for `resumePayment`.",
        "documented", ("upd-events",), switch="payment_attempt_event",
        shown_by=f"{_UPDATES}::test_the_app_is_told_of_a_payment_before_it_starts",
    ),
    _row(
        "D.4", "`resumePayment` with `false` gives the payment up and leaves the page.", "documented", ("upd-events",),
        shown_by=f"{_UPDATES}::test_given_up_it_leaves_the_page_without_an_attempt",
    ),
    _row(
        "D.5", "Unknown events are noted and move nothing.", "recorded", ("rn-sdk",), SERVICE,
        shown_by="unit/test_checkout.py::test_any_other_event_moves_nothing",
    ),
    _row(
        "D.5", "process gives `show_loader`, then `hide_loader`, then opens the page.", "documented", ("initiate40",),
        shown_by=f"{_SDK}::test_process_shows_and_hides_the_loader_and_opens_the_page",
    ),
    _row(
        "D.6", "The page closes with `process_result` and the attempt's status in lower case.", "documented",
        ("sdkresp32",), shown_by=f"{_SDK}::test_paying_ends_in_a_process_result",
    ),
    _row(
        "D.6", "A success names the instrument.", "documented", ("sdkresp32",),
        shown_by=f"{_SDK}::test_a_success_names_the_instrument",
    ),
    _row(
        "D.6", "Leaving before a payment is `backpressed`.", "documented", ("sdkresp32",),
        shown_by=f"{_SDK}::test_going_back_before_paying_is_backpressed",
    ),
    _row(
        "D.6", "Leaving at the bank is `user_aborted`.", "documented", ("sdkresp32",),
        shown_by=f"{_SDK}::test_leaving_at_the_bank_is_user_aborted",
    ),
    _row(
        "D.6", "Held money is told as `authorized`, without an error.", "inferred",
        shown_by=f"{_SHAPES}::test_held_money_is_told_to_the_app_as_authorized",
    ),
    _row(
        "D.6", "What the app passes on of it asks for a look, and moves no money.", "documented",
        ("handle-rn", "sdkresp32"), SERVICE, shown_by=f"{_API}/test_checkouts.py::test_the_whole_way_of_an_app",
    ),
    _row(
        "D.7", "`JP_001`, `JP_002`, `JP_003` and `JP_006` stand for what Juspay's table says.", "documented",
        ("sdkerr",), shown_by=f"{_SDK}::test_a_member_of_the_wrong_type_is_jp_003",
    ),
    _row(
        "D.7", "A payment that the bank refused has `JP_001`.", "inferred", ("sdkerr",),
        shown_by=f"{_SDK}::test_paying_ends_in_a_process_result",
    ),
    _row(
        "D.8", "`isInitialised` is true from a good initiate to terminate.", "recorded", ("rn-sdk",),
        shown_by=f"{_SDK}::test_an_instance_is_initialised_from_initiate_to_terminate",
    ),
    _row(
        "D.8", "terminate ends the instance; only a new one works afterwards.", "inferred", ("flow32", "rn-sdk"),
        shown_by=f"{_SDK}::test_nothing_works_after_terminate",
    ),
    _decided(
        "D.9", "A second process before the first one's result is refused.", "inferred",
        shown_by=f"{_SDK}::test_a_second_process_before_the_result_is_an_api_failure",
    ),
    _decided(
        "D.9", "After `process_result` the same instance may process again.", "inferred", ("initiate40",),
        shown_by=f"{_SDK}::test_process_is_legal_again_after_the_result",
    ),
    _row(
        "D.9", "In redirection mode there is no `process_result`.", "documented", ("handle-flutter",),
        shown_by=f"{_PAGE}::test_in_redirection_mode_there_is_no_process_result",
    ),
)  # fmt: skip

RETURN: Final = (
    _row(
        "E", "The shopper comes back with `order_id`, `status`, `status_id` and the merchant's own parameters.",
        "documented", ("txnstatus-hc", "hmac-sample"),
        shown_by=f"{_PAGE}::test_the_banks_answer_brings_the_shopper_back_signed",
    ),
    _row(
        "E", "It is sent by POST where the merchant has that enabled.", "documented", ("txnstatus-hc",),
        shown_by=f"{_PAGE}::test_the_shopper_is_sent_back_by_a_form_where_the_merchant_wants_it",
    ),
    _row(
        "E", "The signature is the documented one and reproduces the published vector.", "recorded",
        ("statusver", "hmac-sample"), "sandbox, service",
        shown_by=f"{_RETURN}::test_the_signature_is_the_published_one",
    ),
    _row(
        "E", "Reserved characters are encoded as Juspay's Java sample does.", "recorded", ("hmac-sample",),
        "sandbox, service",
        shown_by=f"{_RETURN}::test_reserved_characters_are_encoded_as_in_juspays_java_sample",
    ),
    _row(
        "E", "The sequence of parameters does not matter.", "documented", ("statusver", "resp-web"),
        "sandbox, service", shown_by=f"{_RETURN}::test_the_sequence_of_parameters_does_not_matter",
    ),
    _row(
        "E", "Without a response key nothing is signed.", "documented", ("statusver",),
        shown_by=f"{_RETURN}::test_without_a_response_key_nothing_is_signed",
    ),
    _row(
        "E", "A parameter of the merchant's with one of these names gives way.", "ours",
        shown_by=f"{_RETURN}::test_a_parameter_with_one_of_our_names_gives_way",
    ),
    _row(
        "E", "A signature encoded once or twice is taken.", "documented", ("resp-web", "txnstatus-hc"), SERVICE,
        shown_by=f"{_VERIFY}::test_a_url_whose_signature_is_encoded_once_or_twice",
    ),
    _row(
        "E", "A space may be `+` or `%20`, throughout and not mixed.", "ours", at=SERVICE,
        shown_by=f"{_VERIFY}::test_both_whole_forms_are_taken",
    ),
    _row(
        "E", "The joined text without its own encoding is refused, though kits make it so.", "documented",
        ("statusver",), SERVICE, shown_by=f"{_VERIFY}::test_other_ways_of_making_the_string_are_refused",
    ),
    _decided(
        "E", "A return without a signature is refused.", "ours", at=SERVICE,
        shown_by=f"{_VERIFY}::test_a_missing_signature_is_refused",
    ),
    _row(
        "E", "`paystate explain-signature` tells at which step two signatures part, and shows no key or digest.",
        "ours", at=SERVICE, shown_by=f"{_SIGNING}/test_explained_return.py::"
        "test_each_mistake_in_the_text_is_found_at_its_step",
    ),
    _row(
        "E", "A parameter that comes twice is refused.", "ours", at=SERVICE,
        shown_by=f"{_VERIFY}::test_a_parameter_that_comes_twice_is_refused_whatever_it_says",
    ),
    _row(
        "E", "A return by POST is taken too.", "documented", ("txnstatus-hc",), SERVICE,
        shown_by=f"{_API}/test_returns.py::test_a_form_does_as_well",
    ),
    _row(
        "E", "The status in the address proves nothing.", "documented", ("handle-rn",), SERVICE,
        shown_by=f"{_API}/test_returns.py::test_a_return_asks_for_a_look_and_proves_nothing",
    ),
)  # fmt: skip

STATUS: Final = (
    _row(
        "F.1", "An order answers with the samples' members, for cards and for UPI.", "recorded",
        ("os-card", "os-upi", "os-auth"), shown_by=f"{_SHAPES}::test_an_order_paid_by_card",
    ),
    _row(
        "F.1", "Payment links stand in every order.", "recorded", ("os-card", "wh-order-created"),
        shown_by=f"{_SHAPES}::test_an_order_without_a_payment",
    ),
    _row(
        "F.1", "`options.add_full_gateway_response` adds the gateway's own words.", "documented", ("os-payv3",), BOTH,
        shown_by=f"{_SWITCHES}::test_the_gateways_own_words_are_shown_where_asked_for",
    ),
    _row(
        "F.1", "What those words look like.", "inferred", ("os-payv3",),
        shown_by=f"{_SWITCHES}::test_the_gateways_own_words_are_shown_where_asked_for",
    ),
    _row(
        "F.1", "Amounts are JSON numbers without idle zeros.", "recorded", ("os-card", "os-auth"),
        shown_by=f"{_ORDERS}::test_amounts_are_json_numbers_without_idle_zeros",
    ),
    _row(
        "F.1", "Amounts are read as decimals, digit by digit, never as binary floats.", "ours", at=CLIENT,
        shown_by=f"{_WIRE}::test_an_amount_is_exactly_what_is_written",
    ),
    _row(
        "F.1", "A failed payment tells the bank's reason and Juspay's.", "recorded", ("os-card",),
        shown_by=f"{_ORDERS}::test_a_failed_payment_shows_why",
    ),
    _row(
        "F.1", "What Juspay gave back by itself stands among the refunds.", "inferred",
        switch="auto_refunds_listed", shown_by=f"{_WORLD}::test_auto_refund_need_not_be_listed",
    ),
    _decided(
        "F.1", "A `PENDING` refund counts in `amount_refunded`, and `refunded` means in full.", "recorded",
        ("refund-resp", "os-payv3"),
        shown_by=f"{_REFUNDS}::test_a_refund_is_pending_and_counted_at_once",
    ),
    _decided(
        "F.1", "So does one in `MANUAL_REVIEW`; a failed one stops counting.", "inferred",
        shown_by=f"{_REFUNDS}::test_a_failed_refund_frees_its_money_but_not_its_id",
    ),
    _row(
        "F.2", "Statuses have the documented words and numbers.", "documented", ("txnstatus", "txncodes20", "appendix"),
        BOTH, shown_by="unit/test_catalogue.py::test_an_order_status_has_its_class_and_number",
    ),
    _row(
        "F.2", "`TO_BE_CHARGED` is charged once somebody starts it.", "secondary", ("skills",),
        shown_by=f"{_SWITCHES}::test_what_is_to_be_charged_is_charged_once_somebody_starts_it",
    ),
    _decided(
        "F.2", "The word decides; its number is only told.", "ours", at=SERVICE,
        shown_by="unit/test_catalogue.py::test_a_word_is_compared_exactly",
    ),
    _decided(
        "F.2", "An unknown word is neither success nor failure: Juspay is asked again.", "inferred", at=SERVICE,
        shown_by="unit/test_catalogue.py::test_any_other_word_is_unknown",
    ),
    _row(
        "F.3", "After each hint the status is asked for, and id, amount and currency are compared.", "documented",
        ("handle-rn",), SERVICE, shown_by=f"{_EVIDENCE}::test_a_mismatching_answer_moves_nothing",
    ),
    _decided(
        "F.3", "The status is asked for after 0, 2, 5, 10, 20, 30 seconds, then each minute for 15 minutes, then more"
        " slowly.", "ours", at=SERVICE, shown_by="unit/test_schedule.py::test_then_come_the_contracts_steps",
    ),
    _decided(
        "F.3", "An answer belongs to the version of the order at asking time.", "ours", at=SERVICE,
        shown_by=f"{_EVIDENCE}::test_an_older_answer_that_comes_late_changes_nothing_soft",
    ),
    _decided(
        "F.4", "An unknown order is 400 with `NOT_FOUND`.", "documented", ("os-errors", "upi-codes"),
        switch="unknown_order_status",
        shown_by=f"{_ORDERS}::test_an_unknown_order_is_not_found_with_the_status_the_switch_says",
    ),
    _decided(
        "F.4", "The client takes 400 and 404 with any of the three words for no such order.", "ours", at=CLIENT,
        shown_by=f"{_CLIENT}::test_an_unknown_order_is_an_answer",
    ),
)  # fmt: skip

TRANSACTIONS: Final = (
    _row(
        "G.1", "Each choice of payment is a transaction, named merchant, order and count.", "documented",
        ("ordertxn",), shown_by=f"{_ATTEMPTS}::test_each_payment_choice_is_an_attempt_of_its_own",
    ),
    _row(
        "G.1", "An order can be bounded to one of them.", "documented", ("ordertxn",), switch="attempts_max",
        shown_by=f"{_SWITCHES}::test_an_order_may_be_bounded_to_one_attempt",
    ),
    _row(
        "G.1", "An order has at most 25 of them.", "documented", ("ordertxn",),
        shown_by=f"{_ATTEMPTS}::test_there_are_at_most_25_attempts",
    ),
    _row(
        "G.1", "A paid order takes no further attempt from the page.", "inferred",
        shown_by=f"{_ATTEMPTS}::test_a_paid_order_takes_no_further_attempt",
    ),
    _row(
        "G.1", "Two attempts under way can both be charged.", "documented", ("autorefund",),
        shown_by=f"{_ATTEMPTS}::test_two_attempts_can_both_be_charged",
    ),
    _row(
        "G.1", "Of several attempts a charged one gives the order its status, then a pending one.", "documented",
        ("os-global",),
        shown_by=f"{_RANKING}::test_a_charged_attempt_outranks_a_pending_one_whichever_is_newer",
    ),
    _decided(
        "G.1", "Which of several attempts gives the order its status: a ranking from `NEW` and failures to `CHARGED`.",
        "inferred", ("os-global",),
        shown_by=f"{_RANKING}::test_the_ranking_is_the_decided_one",
    ),
    _row(
        "G.1", "Among attempts, `COD_INITIATED` and `TO_BE_CHARGED` rank with the payments under way.", "ours",
        shown_by=f"{_ATTEMPTS}::test_a_known_value_wins_over_the_amount",
    ),
    _row(
        "G.1", "A failure that is newer leaves a pending order pending.", "inferred", ("os-global",),
        shown_by=f"{_ATTEMPTS}::test_a_newer_failure_leaves_a_pending_order_pending",
    ),
    _row(
        "G.1", "A second charge goes back by itself where that is on.", "documented", ("autorefund",),
        switch="auto_refund",
        shown_by=f"{_ATTEMPTS}::test_a_second_charge_is_given_back_where_the_switch_is_on",
    ),
    _row(
        "G.1", "So does a success that comes more than 10 minutes late.", "documented", ("autorefund",),
        switch="late_success_limit_s",
        shown_by=f"{_ATTEMPTS}::test_a_success_that_comes_too_late_is_given_back_where_the_switch_is_on",
    ),
    _row(
        "G.1", "Neither where a mandate was made.", "documented", ("autorefund",), switch="auto_refund",
        shown_by=f"{_RANKING}::test_what_made_a_mandate_is_not_given_back_by_itself",
    ),
    _row(
        "G.1", "Those 10 minutes count from the attempt's beginning.", "inferred", ("autorefund",),
        shown_by=f"{_ATTEMPTS}::test_a_success_that_comes_too_late_is_given_back_where_the_switch_is_on",
    ),
    _row(
        "G.2", "`STARTED`: no gateway was found. `VBV_SUCCESSFUL`: authenticated, not yet authorised.", "documented",
        ("appendix", "txncodes20"), shown_by=f"{_ATTEMPTS}::test_the_rarer_statuses_can_be_reached",
    ),
    _row(
        "G.2", "An attempt begins at the bank: `PENDING_VBV`.", "documented", ("txnstatus",),
        shown_by=f"{_PAGE}::test_paying_leads_to_the_bank_and_pends_there",
    ),
    _row(
        "G.2", "Declining at the bank is `AUTHENTICATION_FAILED`.", "documented", ("txnstatus",),
        shown_by=f"{_SDK}::test_declining_at_the_bank_is_a_failed_authentication",
    ),
    _row(
        "G.2", "While the bank takes its time a UPI payment stays `PENDING_VBV`, any other is `AUTHORIZING`.",
        "inferred", ("appendix",), shown_by=f"{_ATTEMPTS}::test_the_clock_settles_what_is_pending",
    ),
    _row(
        "G.2", "After a failure the order can be paid again, or the failed attempt succeed late.", "documented",
        ("ordertxn", "autorefund"), shown_by=f"{_WORLD}::test_late_success_charges_the_newest_failed_attempt",
    ),
    _row(
        "G.2", "Cash on delivery is `COD_INITIATED`.", "documented", ("txncodes20",),
        shown_by=f"{_ATTEMPTS}::test_a_known_value_wins_over_the_amount",
    ),
    _row(
        "G.2", "A partial capture leaves the order `PARTIAL_CHARGED`.", "documented",
        ("capture",), shown_by=f"{_CAPTURES}::test_a_part_is_captured_under_a_key",
    ),
    _row(
        "G.2", "A capture ends in `CHARGED`, `CAPTURE_FAILED`, `CAPTURE_INITIATED`, or stays `AUTHORIZED` when it timed"
        " out.", "documented", ("capture", "capture-global"),
        shown_by=f"{_CAPTURES}::test_a_capture_ends_as_its_amount_says",
    ),
    _row(
        "G.2", "A void ends in `VOIDED`, `VOID_FAILED`, `VOID_INITIATED`, or stays `AUTHORIZED` when it timed out.",
        "documented", ("void",), shown_by=f"{_CAPTURES}::test_a_release_ends_as_its_amount_says",
    ),
    _row(
        "G.2", "`CAPTURE_INITIATED` and `VOID_INITIATED` end later, either way.", "inferred", ("capture", "void"),
        shown_by=f"{_CAPTURES}::test_a_capture_that_waits_can_be_settled_by_hand",
    ),
    _row(
        "G.2", "After a failed capture the money is still held, and may be captured.", "inferred", ("txncodes20",),
        shown_by=f"{_CAPTURES}::test_after_a_failure_the_hold_may_be_ended_again",
    ),
    _row(
        "G.2", "A refund leaves the order `CHARGED`.", "recorded", ("os-card",),
        shown_by=f"{_REFUNDS}::test_a_refund_that_succeeded_tells_when",
    ),
    _row(
        "G.2", "A proved charge stands: an older answer that knows less changes nothing.", "ours", at=SERVICE,
        shown_by=f"{_EVIDENCE}::test_money_once_proved_is_never_unproved",
    ),
)  # fmt: skip

REFUNDS: Final = (
    _row(
        "H.1", "A refund needs a `unique_request_id` of fewer than 21 characters, without special ones.", "documented",
        ("refund-ppe", "refund-ref"), BOTH,
        shown_by=f"{_REFUNDS}::test_a_refund_id_has_up_to_twenty_plain_characters",
    ),
    _row(
        "H.1", "`-` and `_` are not among those: a sample has them.", "recorded", ("txn-refund",),
        shown_by=f"{_REFUNDS}::test_a_refund_id_may_look_as_in_juspays_samples",
    ),
    _decided(
        "H.1", "A refund without an amount gives back all that is left.", "documented",
        ("refund-ppe", "refund-br", "refund-v2"),
        switch="refund_amount_required",
        shown_by=f"{_REFUNDS}::test_an_absent_amount_gives_back_all_that_is_left",
    ),
    _decided(
        "H.1", "The client always names the amount.", "ours", at="`JuspayClient.refund`",
        shown_by=f"{_WIRE}::test_a_refund_always_says_how_much_with_the_currency_s_decimals",
    ),
    _row(
        "H.1", "Only charged money is given back.", "documented", ("refund-ref", "refund-v2"),
        shown_by=f"{_REFUNDS}::test_a_refund_of_an_unpaid_order_is_refused",
    ),
    _row(
        "H.1", "The answer is 200 and the whole order.", "documented", ("refund-ref",), BOTH,
        shown_by=f"{_REFUNDS}::test_a_refund_is_pending_and_counted_at_once",
    ),
    _row(
        "H.1", "`txn_id` says of which attempt.", "secondary", ("skills",),
        shown_by=f"{_BY_TXN}::test_the_order_route_may_name_the_attempt",
    ),
    _row(
        "H.2", "`POST /refunds` names an attempt, and answers with the refund alone.", "documented",
        ("refund-inst", "txn-refund"), BOTH,
        shown_by=f"{_BY_TXN}::test_a_refund_by_attempt_answers_with_the_refund_alone",
    ),
    _row(
        "H.2", "It may name the order instead, as HDFC's kit does.", "recorded", ("mcp",),
        shown_by=f"{_BY_TXN}::test_a_refund_by_order_answers_so_too",
    ),
    _row(
        "H.2", "An account without instant refunds gets 400.", "secondary", ("skills",), switch="instant_refunds",
        shown_by=f"{_BY_TXN}::test_instant_refunds_are_refused_where_the_account_has_none",
    ),
    _row(
        "H.2", "All routes draw on the same money and the same ids.", "inferred",
        shown_by=f"{_BY_TXN}::test_an_id_that_one_route_has_used_is_used_for_all",
    ),
    _row(
        "H.3", "A refund has the documented members; `sent_to_gateway` is false at first.", "documented",
        ("refund-ref",), shown_by=f"{_SHAPES}::test_a_refund_in_its_order",
    ),
    _row(
        "H.3", "Its `id` is null until the gateway has one.", "recorded", ("refund-resp", "txn-refund"),
        shown_by=f"{_REFUNDS}::test_a_refund_is_pending_and_counted_at_once",
    ),
    _row(
        "H.3", "A refund that succeeded has `pg_processed_at`.", "recorded", ("os-card",),
        shown_by=f"{_REFUNDS}::test_a_refund_that_succeeded_tells_when",
    ),
    _row(
        "H.3", "A refund made on the dashboard stands in the same list.", "inferred", ("refund-ref",),
        shown_by=f"{_WORLD}::test_external_refund_gives_all_that_is_left",
    ),
    _row(
        "H.4", "`PENDING` is first; then `SUCCESS`, `FAILURE` or `MANUAL_REVIEW`.", "documented",
        ("refund-ref", "refund-v32"), BOTH,
        shown_by=f"{_REFUNDS}::test_a_refund_ends_by_the_clock_as_its_amount_says",
    ),
    _row(
        "H.4", "One that is pending for 10 days goes to manual review.", "documented", ("refund-v32",),
        switch="refund_review_after_s",
        shown_by=f"{_SWITCHES}::test_a_refund_that_stays_pending_goes_to_manual_review_after_the_days_of_the_switch",
    ),
    _row(
        "H.4", "Half a minute passes before a refund ends.", "ours", switch="refund_settles_after_s",
        shown_by=f"{_REFUNDS}::test_a_refund_ends_by_the_clock_as_its_amount_says",
    ),
    _row(
        "H.4", "A failed refund gives its money free, not its id.", "documented", ("refund-inst",),
        "sandbox, service", shown_by=f"{_REFUNDS}::test_a_failed_refund_frees_its_money_but_not_its_id",
    ),
    _row(
        "H.4", "`MANUAL_REVIEW` may still end either way; `SUCCESS` and `FAILURE` stay.", "inferred", ("refund-v32",),
        shown_by=f"{_REFUNDS}::test_control_settles_a_refund_and_a_final_one_stays",
    ),
    _row(
        "H.5", "The same id again is `duplicate.call`, even after it ended.", "documented", ("refund-v2",),
        shown_by=f"{_REFUNDS}::test_the_same_id_again_is_a_duplicate_even_after_it_ended",
    ),
    _row(
        "H.5", "The same amount within 5 seconds is `duplicate.call` too.", "documented", ("refund-ref",),
        shown_by=f"{_REFUNDS}::test_the_same_amount_is_held_back_for_five_seconds",
    ),
    _row(
        "H.5", "Then `status_id` is the text `\"-1\"`.", "documented", ("refund-ref",),
        shown_by=f"{_REFUNDS}::test_the_five_second_refusal_has_its_status_id_as_text",
    ),
    _row(
        "H.5", "More than is left is `invalid.amount.exceeded`.", "documented", ("refund-v2",),
        shown_by=f"{_REFUNDS}::test_more_than_is_left_is_refused",
    ),
    _row(
        "H.5", "An amount that is none is `invalid amount`.", "documented", ("refund-v2",),
        shown_by=f"{_REFUNDS}::test_a_wrong_refund_amount_is_refused",
    ),
    _row(
        "H.5", "Without an id the code is `Mandatory fields are missing`.", "documented", ("refund-v2",),
        shown_by=f"{_REFUNDS}::test_a_refund_without_id_lacks_a_mandatory_field",
    ),
    _row(
        "H.5", "An unpaid order is `invalid.order.not_successful`.", "documented", ("refund-v2", "php-sdk"),
        shown_by=f"{_REFUNDS}::test_a_refund_of_an_unpaid_order_is_refused",
    ),
    _row(
        "H.5", "An unknown order is `NOT_FOUND`, 400.", "documented", ("refund-v2",),
        shown_by=f"{_REFUNDS}::test_a_refund_of_an_unknown_order_is_not_found",
    ),
    _row(
        "H.5", "The twenty-sixth refund is `request.exceeded`.", "secondary", ("skills",),
        shown_by=f"{_REFUNDS}::test_a_twenty_sixth_refund_is_refused",
    ),
    _row(
        "H.5", "The sequence in which these are checked.", "inferred",
        shown_by=f"{_REFUNDS}::test_nothing_left_and_no_amount_is_refused",
    ),
    _decided(
        "H.5", "After an unknown outcome the order is asked for; the same id goes out again only when the list lacks"
        " it, and a new id never because of a time-out.", "inferred", ("refund-inst",), SERVICE,
        shown_by=f"{_PROTOCOL}::test_after_an_unknown_outcome_only_a_look_may_follow",
    ),
    _row(
        "H.5", "`duplicate.call` alone proves nothing.", "inferred", ("refund-v2", "refund-ref"), SERVICE,
        shown_by=f"{_PROTOCOL}::test_other_refusals_prove_nothing",
    ),
    _row(
        "H.5", "Equal amounts on one order are sent 5 seconds apart.", "ours", at=SERVICE,
        shown_by=f"{_PROTOCOL}::test_equal_amounts_on_one_order_are_spaced",
    ),
)  # fmt: skip

WEBHOOKS: Final = (
    _row(
        "I.1", "A webhook is a POST of JSON with Basic credentials and the merchant's own headers.", "documented",
        ("wh", "wh-dash"), shown_by=f"{_HOOKS}::test_an_event_comes_with_its_envelope_and_credentials",
    ),
    _row(
        "I.1", "Anything but 200 is sent again.", "documented", ("wh-credit",),
        shown_by=f"{_HOOKS}::test_only_200_is_success",
    ),
    _decided(
        "I.1", "A webhook that is answered with another number of the 200s was not taken either.", "ours",
        shown_by=f"{_HOOKS}::test_only_200_is_success",
    ),
    _decided(
        "I.1", "The merchant has 10 seconds to answer a webhook.", "ours", switch="webhook_timeout_s",
        shown_by=f"{_HOOKS}::test_a_merchant_that_takes_too_long_was_not_reached",
    ),
    _decided(
        "I.1", "A failed webhook is tried 16 times more over a day, by the timetable of Juspay's UPI product, and then"
        " given up.", "inferred", ("wh-retry",),
        switch="webhook_retry_delays_s",
        shown_by=f"{_HOOKS}::test_a_failed_event_is_tried_16_times_more_over_a_day_and_then_given_up",
    ),
    _decided(
        "I.1", "That day can be made shorter, by a factor or by the sandbox's clock.", "ours",
        switch="webhook_time_compression",
        shown_by=f"{_SWITCHES}::test_webhooks_are_sent_again_faster_where_the_switch_says_so",
    ),
    _decided(
        "I.1", "A webhook can be dropped, repeated, delayed and reordered when told to.", "ours",
        shown_by=f"{_SANDBOX}/test_webhook_faults.py::test_webhook_reorder_sends_the_event_after_the_next_one",
    ),
    _decided(
        "I.1", "A webhook that was given up can be sent again by hand.", "ours",
        shown_by=f"{_HOOKS}::test_an_undelivered_event_can_be_sent_again_by_hand",
    ),
    _row(
        "I.2", "The envelope is `id`, `date_created`, `event_name`, `content.order`.", "documented",
        ("wh-events", "wh-auth"), BOTH,
        shown_by=f"{_HOOKS}::test_an_event_comes_with_its_envelope_and_credentials",
    ),
    _row(
        "I.2", "An order in an unpaid order's webhook has `order_expiry`.", "recorded", ("wh-order-created",),
        shown_by=f"{_SHAPES}::test_a_webhook",
    ),
    _row(
        "I.2", "Events of mandates look otherwise.", "documented", ("wh-events-br",),
        shown_by=f"{_MANDATES}::test_its_events_have_a_structure_of_their_own",
    ),
    _row(
        "I.2", "How they look.", "inferred", ("wh-events-br",),
        shown_by=f"{_MANDATES}::test_its_events_have_a_structure_of_their_own",
    ),
    _row(
        "I.2", "A notification stands in `content.notification`.", "recorded", ("wh-notif",), CLIENT,
        shown_by=f"{_NOTICES}::test_a_notification_says_of_which_mandate_it_is",
    ),
    _row(
        "I.3", "Each known name gives a notice of its kind; an unknown one keeps its name and its order.", "recorded",
        ("wh-names",), CLIENT, shown_by=f"{_NOTICES}::test_each_event_gives_a_notice_of_its_kind",
    ),
    _row(
        "I.4", "A repeat is known by the event's id, or by the body's digest where there is none.", "ours", at=CLIENT,
        shown_by=f"{_NOTICES}::test_without_a_usable_id_the_body_is_the_key",
    ),
    _row(
        "I.2", "The order in it is as it was when the event was announced.", "recorded", ("wh-auth",),
        shown_by=f"{_HOOKS}::test_the_body_is_the_order_as_it_was_when_announced",
    ),
    _decided(
        "I.3", "The eleven events that pages and samples name are sent, and some that a client of Juspay's knows.",
        "documented", ("wh-ppe", "wh-tpap", "wh-auth"),
        shown_by=f"{_HOOKS}::test_a_hold_and_a_second_charge_have_their_events",
    ),
    _row(
        "I.3", "`TXN_CHARGED` and `TXN_FAILED` go to those who subscribe to them by name.", "recorded", ("wh-names",),
        shown_by=f"{_HOOKS}::test_what_an_attempt_came_to_is_told_to_those_who_subscribed",
    ),
    _decided(
        "I.3", "Events that the merchant did not enable are not sent.", "documented", ("wh32", "wh-dash"),
        shown_by=f"{_HOOKS}::test_events_the_merchant_does_not_want_are_not_sent",
    ),
    _decided(
        "I.3", "Webhooks of unknown names are answered 200 and kept.", "ours", at=SERVICE,
        shown_by=f"{_RECEIVE}::test_what_cannot_be_understood_is_kept",
    ),
    _row(
        "I.3", "An order has failed only while no other attempt of it is alive.", "inferred", ("wh-ppe",),
        shown_by=f"{_HOOKS}::test_a_payments_events_come_in_order",
    ),
    _row(
        "I.5", "An encrypted webhook is `{\"JWT\": ...}`, a compact JWE to the merchant's key.", "documented",
        ("jwt-webhook",), BOTH, shown_by=f"{_SEALED}::test_a_webhook_is_encrypted_for_a_merchant_who_wants_it",
    ),
    _row(
        "I.5", "A merchant may change to encrypted webhooks and back.", "documented", ("jwt-webhook",),
        shown_by=f"{_SEALED}::test_a_merchant_may_change_to_plain_webhooks_and_back",
    ),
    _decided(
        "I.5", "Inside an encrypted webhook is a compact signature, or the object of three members when told so.",
        "inferred",
        ("jwt-webhook",), switch="jwt_webhook_object",
        shown_by=f"{_SEALED}::test_what_a_webhook_holds_may_be_the_object",
    ),
    _row(
        "I.5", "While Juspay changes over, plain and encrypted ones are taken.", "documented", ("jwt-webhook",),
        SERVICE, shown_by=f"{_RECEIVE}::test_while_juspay_changes_over_both_are_taken",
    ),
    _row(
        "I.5", "A webhook that nobody here can open is 401, and kept by nobody.", "ours", at=SERVICE,
        shown_by=f"{_RECEIVE}::test_row_67_a_forged_token_gets_401_and_leaves_nothing",
    ),
    _decided(
        "I.5", "The service takes either inside.", "ours", at=SERVICE,
        shown_by=f"{_JOSE}::test_the_signed_part_of_a_webhook_may_have_either_form",
    ),
    _row(
        "I.4", "Who sends a webhook is checked first: 401 otherwise, and nothing is kept.", "documented", ("wh",),
        SERVICE, shown_by=f"{_RECEIVE}::test_row_52_a_stranger_gets_401_and_leaves_nothing",
    ),
    _row(
        "I.4", "The custom header counts too, where one is set.", "documented", ("wh-dash",), SERVICE,
        shown_by=f"{_RECEIVE}::test_row_53_the_custom_header_counts",
    ),
    _row(
        "I.4", "A webhook is stored before it is answered 200.", "secondary", ("skills",), SERVICE,
        shown_by=f"{_RECEIVE}::test_a_webhook_is_stored_before_it_is_answered",
    ),
    _row(
        "I.4", "The same one many times is one.", "documented", ("wh-ppe",), SERVICE,
        shown_by=f"{_RECEIVE}::test_row_60_the_same_webhook_many_times_is_one",
    ),
    _row(
        "I.4", "Its body is followed by a look, and believed in nothing.", "documented", ("handle-rn",), SERVICE,
        shown_by=f"{_WORKER}::test_a_forged_success_is_followed_by_one_look_and_believed_in_nothing",
    ),
)  # fmt: skip

ERRORS: Final = (
    _row(
        "J.1", "`status_id` may be a number or text.", "documented", ("refund-ref",), CLIENT,
        shown_by=f"{_WIRE}::test_the_status_number_may_be_text",
    ),
    _row(
        "J.1", "The client finds the code of an error wherever a page or a client puts it.", "documented",
        ("err-cards", "getcust", "refund-v2"), CLIENT, shown_by=f"{_WIRE}::test_the_code_of_an_error",
    ),
    _row(
        "J.2", "A wrong or missing key is 401, `access_denied`.", "documented", ("getcust",),
        shown_by=f"{_AUTH}::test_anything_else_is_denied",
    ),
    _row(
        "J.2", "A wrong field is 400 with `INVALID_INPUT`, each field with its reason.", "documented", ("err-cards",),
        shown_by=f"{_ORDERS}::test_a_wrong_amount_is_invalid_input",
    ),
    _row(
        "J.2", "An unknown order comes with `RESOURCE_NOT_FOUND`.", "documented", ("os-errors",), BOTH,
        shown_by=f"{_ORDERS}::test_an_unknown_order_is_not_found_with_the_status_the_switch_says",
    ),
    _row(
        "J.2", "An address that is not on the list is 403, `BAD_ORIGIN`, when told to.", "documented", ("getcust",),
        shown_by=f"{_CALLS}::test_address_not_listed_is_forbidden_and_has_no_effect",
    ),
    _row(
        "J.2", "A capture or void in the wrong state is 400, `Invalid`, and names the state.", "documented",
        ("capture-global", "void-global"),
        shown_by=f"{_CAPTURES}::test_what_is_no_longer_held_cannot_be_ended_again",
    ),
    _row(
        "J.2", "A session without client id, with another's, or to manage no customer has a code of its own.",
        "secondary", ("skills",), shown_by=f"{_ORDERS}::test_a_session_names_what_is_wrong",
    ),
    _row(
        "J.2", "Juspay's Node client maps the sandbox's errors as it maps Juspay's.", "recorded", ("node-sdk",),
        shown_by="conformance/test_node_client.py::test_a_wrong_key_is_an_authentication_error",
    ),
    _row(
        "J.2", "So does its Python client.", "recorded", ("python-sdk",),
        shown_by="conformance/test_python_client.py::test_a_wrong_key_is_an_authentication_error",
    ),
    _row(
        "J.2", "The client takes a 4xx with Juspay's body, and a 429, for a no, and anything else for no answer.",
        "inferred", ("node-sdk", "php-sdk"), CLIENT,
        shown_by=f"{_CLIENT}::test_a_refusal_that_is_not_the_gateway_s_is_an_unknown_outcome",
    ),
)  # fmt: skip

RESOURCES: Final = (
    _row(
        "K", "An amount below 500 succeeds, from 500 fails, from 700 is pending and then succeeds.", "documented",
        ("test-hdfc",), shown_by=f"{_ATTEMPTS}::test_the_amount_decides",
    ),
    _decided(
        "K", "A UPI id or card with a meaning wins over the amount.", "ours",
        shown_by=f"{_ATTEMPTS}::test_a_known_value_wins_over_the_amount",
    ),
    _decided(
        "K", "Values of our own make what Juspay has none for: late success, a pending that fails, a stuck payment.",
        "ours", shown_by=f"{_ATTEMPTS}::test_the_clock_settles_what_is_pending",
    ),
    _row(
        "K", "A UPI collect request of `POST /txns` is answered by the shopper's app after two seconds, as its UPI id "
        "or the amount says.", "ours", shown_by=f"{_TXNS}::test_a_collect_request_is_answered_by_the_shoppers_app",
    ),
    _row(
        "K", "What is pending is settled after a minute of the sandbox's clock.", "ours",
        switch="pending_settles_after_s", shown_by=f"{_ATTEMPTS}::test_the_clock_settles_what_is_pending",
    ),
    _decided(
        "K", "A refund, a capture, a release end as the last two digits of the amount say.", "ours",
        shown_by=f"{_REFUNDS}::test_a_refund_ends_by_the_clock_as_its_amount_says",
    ),
)  # fmt: skip

OTHERS: Final = (
    _row(
        "L", "A held payment is captured or released by the client as by anybody.", "documented", ("capture", "void"),
        BOTH, shown_by=f"{_OURS}::test_money_that_is_held_is_captured",
    ),
    _row(
        "L", "A capture names `txn_uuid`, not `txn_id`, and answers with the order.", "documented", ("capture",), BOTH,
        shown_by=f"{_CAPTURES}::test_the_attempt_is_named_by_its_uuid_and_not_by_its_id",
    ),
    _row(
        "L", "A part wants `amount` and `idempotence_key`.", "documented", ("capture",), BOTH,
        switch="partial_captures", shown_by=f"{_CAPTURES}::test_a_part_is_captured_under_a_key",
    ),
    _row(
        "L", "The same key again captures nothing more, and answers with the order.", "inferred", ("capture",),
        shown_by=f"{_CAPTURES}::test_the_same_key_again_captures_nothing_more",
    ),
    _row(
        "L", "Only held money is released.", "documented", ("void", "void-global"),
        shown_by=f"{_CAPTURES}::test_a_failed_attempt_holds_nothing_to_release",
    ),
    _row(
        "L", "`POST /txns` starts an attempt, and answers with where the shopper authenticates.", "documented",
        ("mandate-registration", "create-and-pay"), shown_by=f"{_TXNS}::test_an_attempt_starts_at_the_banks_page",
    ),
    _row(
        "L", "It makes the order too where its fields come with the prefix `order.`.", "documented",
        ("create-and-pay",), shown_by=f"{_TXNS}::test_an_order_is_made_and_paid_in_one_call",
    ),
    _row(
        "L", "A UPI app is opened with `sdk_params`, without a UPI id, as Juspay's MCP server asks for it.", "recorded",
        ("mcp",), shown_by=f"{_CLIENT_SHAPES}::test_an_upi_app_is_opened_with_what_the_attempt_says",
    ),
    _row(
        "L", "With a `mandate_id` it takes the money without the shopper.", "documented",
        ("mandate-exec", "mandate-err"), BOTH,
        shown_by=f"{_MANDATES}::test_an_execution_takes_a_magic_amount_without_the_shopper",
    ),
    _row(
        "L", "An execution of 10, 20, 30 or 40 succeeds, any other fails.", "documented", ("test-hdfc",),
        shown_by=f"{_MANDATES}::test_an_execution_of_another_amount_fails",
    ),
    _row(
        "L", "A mandate that is not active is `JP_852`.", "documented", ("mandate-exec",),
        shown_by=f"{_MANDATES}::test_a_mandate_that_is_not_active_is_not_executed",
    ),
    _row(
        "L", "An execution that waits for its date takes nothing once the mandate has ended.", "inferred",
        ("mandate-exec",),
        shown_by=f"{_MANDATES}::test_an_execution_that_waits_takes_nothing_once_the_mandate_is_revoked",
    ),
    _row(
        "L", "An execution needs the API key, which `POST /txns` does not otherwise.", "inferred",
        ("intro", "mandate-exec"), shown_by=f"{_MANDATES}::test_a_mandate_is_not_executed_without_the_api_key",
    ),
    _row(
        "L", "A customer's mandates are listed, as a sample and an older .NET client ask.", "recorded",
        ("mandate-list", "net-sdk"),
        shown_by=f"{_MANDATES}::test_a_customers_mandates_are_listed_by_either_id",
    ),
    _row(
        "L", "`command=revoke` answers `REVOKED` and the mandate's id.", "documented", ("mandate-revoke",), BOTH,
        shown_by=f"{_MANDATES}::test_a_revoked_mandate_is_not_executed",
    ),
    _row(
        "L", "Any other command is `bad_request`.", "recorded", ("mandate-command",),
        shown_by=f"{_MANDATES}::test_another_command_changes_nothing",
    ),
    _row(
        "L", "A mandate is `CREATED`, `ACTIVE`, `PAUSED`, `REVOKED`, `EXPIRED` or `FAILURE`.", "documented",
        ("appendix",), shown_by=f"{_WORLD}::test_mandate_failed_happens_before_it_is_active",
    ),
    _row(
        "L", "It becomes active when the order's payment succeeds.", "inferred", ("wh-tpap",),
        shown_by=f"{_MANDATES}::test_a_mandate_is_made_with_the_first_attempt",
    ),
    _row(
        "L", "The order list is bounded by `created.gt`, `.lt`, `.ge`, `.le`, and tells the total.", "recorded",
        ("python-sdk",), BOTH, shown_by=f"{_LEGACY}::test_the_list_is_bounded_by_creation",
    ),
    _row(
        "L", "The newest order comes first in it.", "inferred", ("python-sdk",),
        shown_by=f"{_LEGACY}::test_orders_are_listed_newest_first",
    ),
    _row(
        "L", "Fulfilment takes Juspay's words and changes nothing.", "documented", ("fulfil", "mcp"), BOTH,
        shown_by=f"{_SANDBOX}/test_fulfilment.py::test_a_fulfilment_is_noted",
    ),
    _row(
        "L", "Cards are kept, listed and forgotten without their numbers.", "recorded", ("python-sdk",),
        shown_by=f"{_WAYS}::test_a_card_is_kept_and_listed_without_its_number",
    ),
    _row(
        "L", "Cards are listed at `/cards` too, and their first digits tell the brand, as Juspay's MCP server"
        " asks.", "recorded", ("mcp",), shown_by=f"{_CLIENT_SHAPES}::test_cards_are_listed_at_the_top",
    ),
    _row(
        "L", "Wallets are made, linked by a one-time password, refreshed and delinked.", "recorded", ("python-sdk",),
        shown_by=f"{_WAYS}::test_an_otp_links_it",
    ),
    _row(
        "L", "A UPI id is checked by its form alone.", "inferred", ("verify-vpa",),
        shown_by=f"{_WAYS}::test_a_vpa_is_checked_by_its_form",
    ),
    _row(
        "L", "There are no offers.", "ours", shown_by=f"{_WAYS}::test_there_are_no_offers",
    ),
    _row(
        "L", "Shares of vendors stand in `split_settlement_response`, and refunds take of them.", "recorded",
        ("split",), BOTH, shown_by=f"{_SPLITS}::test_shares_stand_in_the_order",
    ),
    _row(
        "L", "A refund of a vendor without a share is refused.", "inferred", ("split",),
        shown_by=f"{_SPLITS}::test_a_refund_that_names_no_share_is_refused_and_not_made",
    ),
    _row(
        "L", "A refund takes no more of a share than is left, and one that fails takes nothing.", "inferred",
        ("split",), shown_by=f"{_SPLITS}::test_no_more_is_taken_of_a_share_than_is_left",
    ),
    _row(
        "L", "The client makes each of these calls and reads its answer.", "documented", ("capture", "mandate-revoke"),
        BOTH, shown_by=f"{_OURS}::test_a_mandate_is_given_used_and_ended",
    ),
)  # fmt: skip

RULES: Final = (
    _row(
        "M1", "No outcome is shown before the status was asked for.", "documented", ("handle-rn",), SERVICE,
        shown_by=f"{_API}/test_results.py::test_a_failure_is_not_shown_while_a_look_is_asked_for",
    ),
    _row(
        "M2", "Another amount, currency, order or merchant in an answer proves nothing.", "documented",
        ("os-global", "os-v32"), SERVICE, shown_by=f"{_EVIDENCE}::test_a_mismatching_answer_keeps_the_goods_back",
    ),
    _row(
        "M3", "Only `CHARGED`, in full, is paid.", "documented", ("oldresp", "txnstatus"), SERVICE,
        shown_by=f"{_EVIDENCE}::test_only_a_charged_order_is_paid_and_captured_in_full",
    ),
    _row(
        "M7", "Webhooks are answered 200 once they are stored, and not before.", "documented", ("wh-credit",),
        SERVICE, shown_by=f"{_RECEIVE}::test_row_69_what_is_not_stored_is_not_answered_200",
    ),
    _row(
        "M8", "The same webhook many times is looked into once.", "documented", ("wh-ppe",), SERVICE,
        shown_by=f"{_WORKER}::test_one_webhook_many_times_is_looked_into_once",
    ),
    _row(
        "M10", "Keys and credentials stand in no error, log line or `repr`.", "documented", ("intro", "sig-ppe"),
        "client, service", shown_by=f"{_CLIENT}::test_no_error_and_no_log_line_holds_a_secret",
    ),
    _row(
        "M20", "A failed refund takes a new id; an unknown outcome keeps its own.", "documented", ("refund-inst",),
        SERVICE, shown_by=f"{_PROTOCOL}::test_one_that_is_not_listed_is_sent_again_under_its_own_id",
    ),
)  # fmt: skip

# What the service makes of the bodies that Juspay has published.
PUBLISHED: Final = (
    _row(
        "O.1", "What the shopper paid is read beside the price; an offer is a discount and no mismatch.", "recorded",
        ("demo-repo",), SERVICE, shown_by=f"{_MONEY}::test_an_offer_is_a_discount_and_no_mismatch",
    ),
    _decided(
        "O.1", "Of a partial capture only what is told as captured counts; where nothing is told, it is 0 and a person"
        " looks.", "recorded", ("demo-repo",), SERVICE,
        shown_by=f"{_MONEY}::test_where_nothing_is_told_nothing_is_guessed",
    ),
    _decided(
        "O.1", "No refund goes beyond what Juspay itself names as eligible.", "recorded", ("demo-repo",), SERVICE,
        shown_by=f"{_MONEY}::test_juspay_s_own_figure_bounds_what_may_be_refunded",
    ),
    _decided(
        "O.2", "Of a refund that Juspay makes by itself only `SUCCESS` is back.", "recorded", ("demo-repo",), SERVICE,
        shown_by=f"{_MONEY}::test_of_an_automatic_refund_only_success_is_back",
    ),
    _decided(
        "O.2", "Where it is hidden who began a refund, an id that begins with `AR` says that Juspay did.", "inferred",
        ("demo-repo",), CLIENT,
        shown_by=f"{_READ}::test_where_it_is_hidden_who_began_a_refund_its_id_tells",
    ),
    _decided(
        "O.2", "An automatic refund beside a standing charge is of another payment.", "inferred", ("autorefund",),
        SERVICE, shown_by=f"{_MONEY}::test_another_payment_that_juspay_gave_back_leaves_this_one_alone",
    ),
    _row(
        "O.3", "A split payment is read from its legs, its refunds too.", "documented", ("loylty", "demo-repo"),
        SERVICE, shown_by=f"{_MONEY}::test_refunds_are_read_from_the_legs",
    ),
    _decided(
        "O.3", "A leg that hides what it took is taken to have taken its own `txn_amount`, never `net_amount`.",
        "inferred", ("demo-repo",), CLIENT,
        shown_by=f"{_READ}::test_a_leg_that_hides_what_was_paid_tells_it_in_its_detail",
    ),
    _decided(
        "O.3", "An answer to a refund call may be a refund alone, and opens no mismatch of the order.", "recorded",
        ("demo-repo",), SERVICE,
        shown_by=f"{_MONEY}::test_a_refund_call_that_answers_a_refund_moves_it_and_puts_nothing_in_doubt",
    ),
    _decided(
        "O.4", "A payment that only a webhook names is a reason for a person, and never money.", "inferred",
        ("demo-repo",), SERVICE,
        shown_by="unit/test_webhook_claims.py::test_a_payment_that_only_a_webhook_names_is_a_reason_and_no_money",
    ),
    _decided(
        "O.5", "`PARTIAL_CHARGED` is 37 and `TO_BE_CHARGED` 40, and neither number decides anything.", "recorded",
        ("demo-repo",), SERVICE, shown_by="unit/test_catalogue.py::test_an_order_status_has_its_class_and_number",
    ),
    _decided(
        "O.6", "An event names its order in an order, a transaction or a mandate, and may name no merchant.",
        "recorded", ("demo-repo",), SERVICE,
        shown_by=f"{_HINTS}::test_a_transaction_alone_names_its_order_and_no_merchant",
    ),
    _decided(
        "O.7", "Where an empty list or text stands for an object, the rest of the body counts.", "recorded",
        ("demo-repo",), CLIENT, shown_by=f"{_READ}::test_where_an_object_should_be_anything_may_stand",
    ),
    _row(
        "O.7", "One of several payments is refunded by its transaction.", "recorded", ("txn-refund", "demo-repo"),
        SERVICE, shown_by="unit/test_waiting_refunds.py::test_a_second_charge_is_refunded_by_its_transaction",
    ),
)  # fmt: skip

# What the sandbox plays of them.
PLAYED: Final = (
    _row(
        "O.1", "`effective_amount` and `txn_amount` are what the shopper pays: the price less an offer, plus a"
        " surcharge and its tax.", "recorded", ("demo-repo",),
        shown_by=f"{_TOLD}::test_a_surcharge_and_its_tax_are_put_on",
    ),
    _row(
        "O.1", "With an offer, `net_amount` is the price still.", "inferred", ("demo-repo",),
        shown_by=f"{_TOLD}::test_an_offer_takes_off",
    ),
    _row(
        "O.1", "A paid order tells what Juspay will still refund: less each part, be it only pending, and 0 once all is"
        " back.", "recorded", ("demo-repo",),
        shown_by=f"{_PUBLISHED}::test_a_part_that_is_only_pending_is_taken_off_at_once",
    ),
    _row(
        "O.1", "That leaves a surcharge out: with the price back it is 0, and `refunded` is true.", "recorded",
        ("surcharge-refund", "demo-repo"), switch="surcharge_refunded",
        shown_by=f"{_PUBLISHED}::test_with_the_price_back_the_order_reads_refunded_though_the_surcharge_is_not",
    ),
    _row(
        "O.1", "Where the dashboard says so, a refund may take the surcharge too.", "documented", ("surcharge-refund",),
        switch="surcharge_refunded",
        shown_by=f"{_TOLD}::test_where_the_dashboard_says_so_the_surcharge_can_be_refunded_and_no_more",
    ),
    _row(
        "O.1", "With a cashback it is less than what was paid; how much is told by hand.", "recorded", ("demo-repo",),
        shown_by=f"{_PUBLISHED}::test_a_cashback_makes_less_eligible_than_was_paid",
    ),
    _row(
        "O.1", "With instalments whose interest another party bears it is more.", "recorded", ("demo-repo",),
        shown_by=f"{_PUBLISHED}::test_another_party_s_share_makes_more_eligible_than_was_paid",
    ),
    _row(
        "O.1", "After a second charge it is of both.", "inferred", ("demo-repo",),
        shown_by=f"{_PUBLISHED}::test_after_a_second_charge_both_are_eligible",
    ),
    _row(
        "O.1", "An order that reads `AUTO_REFUNDED` names none.", "recorded", ("demo-repo",),
        shown_by=f"{_PUBLISHED}::test_an_order_that_juspay_gives_back_names_no_eligible_sum",
    ),
    _row(
        "O.1", "Newer bodies name it in the transaction.", "recorded", ("demo-repo",),
        switch="eligible_in_transaction", shown_by=f"{_PUBLISHED}::test_newer_bodies_name_it_in_the_transaction",
    ),
    _row(
        "O.1", "Where Juspay names another sum than was captured, it takes no refund beyond the smaller.", "inferred",
        ("demo-repo",), shown_by=f"{_TOLD}::test_juspay_may_name_another_sum_and_keeps_to_the_smaller",
    ),
    _row(
        "O.1", "In `PARTIAL_CHARGED`, `effective_amount` is the whole, and `captured_amount`, `refundable_amount` and"
        " `txn_sub_details` tell the part.", "recorded", ("demo-repo",),
        shown_by=f"{_TOLD}::test_a_partial_capture_is_told_beside_the_whole",
    ),
    _row(
        "O.1", "What is left of a hold is captured in further parts.", "recorded", ("demo-repo",),
        switch="several_captures",
        shown_by=f"{_TOLD}::test_the_rest_is_captured_later_where_the_gateway_takes_several",
    ),
    _row(
        "O.1", "What is left of a hold is released as `PARTIAL_VOID`.", "recorded", ("demo-repo",),
        shown_by=f"{_MONEY_FAULTS}::test_partial_void_releases_the_rest",
    ),
    _row(
        "O.2", "Order and transaction read `AUTO_REFUNDED` from the moment the refund is begun, however it stands.",
        "recorded", ("demo-repo",),
        shown_by=f"{_AUTO}::test_order_and_transaction_read_auto_refunded_however_the_refund_stands",
    ),
    _row(
        "O.2", "Its events tell that it is begun, done or failed, each around an order that reads `AUTO_REFUNDED`.",
        "recorded", ("demo-repo", "wh-ar"),
        shown_by=f"{_AUTO}::test_the_events_of_an_automatic_refund_hold_an_order_that_reads_auto_refunded",
    ),
    _row(
        "O.2", "One that failed leaves nothing refunded; a further try is a further entry under the same id.",
        "recorded", ("demo-repo",), shown_by=f"{_AUTO}::test_a_failed_one_is_tried_again_under_its_id",
    ),
    _row(
        "O.2", "What Juspay could not give back, the merchant may refund.", "inferred", ("demo-repo",),
        shown_by=f"{_AUTO}::test_what_juspay_could_not_give_back_the_merchant_can",
    ),
    _row(
        "O.2", "It is of all that was paid, a surcharge included.", "recorded", ("demo-repo",),
        shown_by=f"{_AUTO}::test_what_goes_back_is_what_was_paid_the_surcharge_included",
    ),
    _row(
        "O.2", "`initiated_by` of it is `AUTO_REFUNDED`, in one body `AUTOREFUND_WORKFLOW`.", "recorded",
        ("demo-repo",), switch="auto_refund_initiator",
        shown_by=f"{_PUBLISHED}::test_who_began_it_is_told_in_one_of_two_words",
    ),
    _row(
        "O.2", "A refund on the dashboard names its user.", "recorded", ("demo-repo",),
        shown_by=f"{_AUTO}::test_a_refund_on_the_dashboard_names_somebody_else",
    ),
    _row(
        "O.2", "An order whose other payment went back stays `CHARGED` and lists that refund.", "inferred",
        ("autorefund",), shown_by=f"{_AUTO}::test_a_second_charge_that_is_given_back_leaves_the_order_charged",
    ),
    _row(
        "O.2", "That refund counts in the order's `amount_refunded`.", "inferred",
        shown_by=f"{_AUTO}::test_what_juspay_gave_back_of_another_payment_counts_in_the_sum",
    ),
    _row(
        "O.3", "An order in legs names no transaction; `txn_list` has the legs, and its own refunds stay empty.",
        "documented", ("loylty", "demo-repo"),
        shown_by=f"{_LEGS}::test_an_order_in_legs_names_no_transaction_of_its_own",
    ),
    _row(
        "O.3", "It is `PARTIAL_CHARGED` while a leg waits, and `AUTO_REFUNDED` where one failed and another went back.",
        "recorded", ("demo-repo",), shown_by=f"{_LEGS}::test_the_order_follows_its_legs",
    ),
    _row(
        "O.3", "A leg whose automatic refund waits for a person tells 0 refunded.", "recorded", ("demo-repo",),
        shown_by=f"{_PUBLISHED}::test_a_leg_goes_back_while_another_failed",
    ),
    _row(
        "O.3", "A leg's failure may be spelt `Failure`; the order's word is the usual one then.", "recorded",
        ("demo-repo",), shown_by=f"{_PUBLISHED}::test_a_leg_s_failure_may_be_spelt_otherwise",
    ),
    _row(
        "O.3", "A refund of it answers with a refund in parts, `X` and `X-1`.", "recorded", ("demo-repo",),
        shown_by=f"{_LEGS}::test_a_refund_of_the_order_answers_with_a_refund_in_parts",
    ),
    _row(
        "O.3", "The legs then list those parts; that the first leg is emptied first is inferred.", "inferred",
        ("demo-repo",), shown_by=f"{_LEGS}::test_the_legs_then_list_the_parts_and_the_order_none",
    ),
    _row(
        "O.3", "A leg that fails sends the others back.", "documented", ("loylty",),
        shown_by=f"{_LEGS}::test_a_leg_that_fails_sends_the_others_back",
    ),
    _row(
        "O.4", "After a second charge, order status names the newer transaction alone.", "inferred", ("demo-repo",),
        shown_by=f"{_AUTO}::test_a_second_charge_without_a_refund_names_the_newer_transaction_only",
    ),
    _row(
        "O.4", "`conflicted` is true of a success that came late or twice; that it stands in `txn_detail` is inferred.",
        "recorded", ("demo-repo", "autorefund"), switch="conflicts_told",
        shown_by=f"{_PUBLISHED}::test_a_conflict_is_told_where_newer_bodies_tell_it",
    ),
    _row(
        "O.5", "`PARTIAL_CHARGED` is played with 37, `TO_BE_CHARGED` with 40, unless told otherwise.", "recorded",
        ("demo-repo",), switch="partial_charged_status_id",
        shown_by=f"{_SWITCHES}::test_the_ids_that_no_page_tells_can_be_set",
    ),
    _row(
        "O.6", "`TXN_CHARGED` and `TXN_FAILED` hold a transaction: no order, no merchant.", "recorded", ("demo-repo",),
        shown_by=f"{_CONTENTS}::test_a_charge_is_told_as_a_transaction_that_names_no_merchant",
    ),
    _row(
        "O.6", "Events and lists of mandates write `status`, and the events their amount as text.", "recorded",
        ("demo-repo",), shown_by=f"{_CONTENTS}::test_a_mandate_is_told_by_its_status_and_names_no_merchant",
    ),
    _row(
        "O.6", "Word to the shopper before a debit names a mandate, and no order.", "recorded",
        ("wh-notif", "demo-repo"), shown_by=f"{_MONEY_FAULTS}::test_shopper_told_names_a_mandate_and_no_order",
    ),
    _row(
        "O.6", "What a chargeback's event holds: the claim, beside its order.", "ours",
        shown_by=f"{_MONEY_FAULTS}::test_chargeback_stands_beside_its_order",
    ),
    _row(
        "O.6", "Webhooks say `FILTERED` for the customer, card, `upi`, `udf5` to `udf10`, `txn_flow_type` and"
        " `effective_amount`; answers hide nothing.", "recorded", ("demo-repo", "wh-qr"),
        switch="personal_data_filtered",
        shown_by=f"{_CONTENTS}::test_an_order_in_an_event_hides_more_than_mail_and_phone",
    ),
    _row(
        "O.6", "So they do of what may be refunded, unless it is 0.", "recorded", ("demo-repo",),
        shown_by=f"{_PUBLISHED}::test_a_webhook_hides_it_unless_it_is_nothing",
    ),
    _row(
        "O.6", "`REFUND_INITIATED` tells of a refund that is begun, to merchants that want it.", "recorded",
        ("wh-names", "demo-repo"),
        shown_by=f"{_CONTENTS}::test_a_refund_that_is_begun_is_told_to_those_who_want_it",
    ),
    _row(
        "O.6", "An order's id of digits may come as a number.", "recorded", ("demo-repo",),
        shown_by=f"{_SANDBOX}/test_webhook_faults.py::test_webhook_odd_shapes_names_the_order_by_a_number",
    ),
    _row(
        "O.7", "Texts may stand for numbers, empty lists and texts for objects, null among the refunds.", "recorded",
        ("demo-repo",), shown_by=f"{_CALLS}::test_odd_shapes_write_text_for_numbers_and_nothing_for_objects",
    ),
    _row(
        "O.7", "Sessions, orders and refunds may leave out the merchant's id: the key names it.", "recorded",
        ("demo-repo",), switch="merchant_id_required",
        shown_by=f"{_AUTH}::test_the_key_alone_names_the_merchant_unless_the_switch_says_otherwise",
    ),
    _row(
        "O.7", "A UPI app is asked for by `payment_method=UPI` with `txn_type=UPI_PAY` too.", "recorded",
        ("demo-repo",), shown_by=f"{_TXNS}::test_an_intent_may_be_named_by_its_type",
    ),
    _row(
        "O.7", "`payment_method_type=EMI` pays by card, and the order reads `CARD`.", "recorded", ("demo-repo",),
        shown_by=f"{_TXNS}::test_instalments_are_paid_by_card",
    ),
    _row(
        "O.7", "A refund of an order without money is refused with \"Cannot process unsuccessful order.\"", "recorded",
        ("net-sdk",), shown_by=f"{_REFUNDS}::test_an_unsuccessful_order_is_refused_in_juspay_s_words",
    ),
    _row(
        "O.7", "An iframe gives `process_result` within a payload of its own.", "recorded", ("demo-repo",),
        switch="nested_results", shown_by=f"{_SDK}::test_an_iframe_gives_a_result_within_a_result",
    ),
    _row(
        "O.7", "A session without `action` is for the payment page.", "recorded", ("node-sdk", "demo-repo"),
        shown_by=f"{_ORDERS}::test_a_session_that_names_no_action_is_for_the_payment_page",
    ),
    _row(
        "O.7", "The amount is changed on the dashboard, before anybody paid.", "documented", ("upd-events",),
        shown_by=f"{_MONEY_FAULTS}::test_amount_changed_on_the_dashboard_before_anybody_paid",
    ),
    _row(
        "O.7", "A second charge, or one leg, is refunded by `POST /refunds` with its `txn_id`.", "recorded",
        ("txn-refund", "demo-repo"), shown_by=f"{_AUTO}::test_a_second_charge_is_refunded_by_its_transaction",
    ),
)  # fmt: skip

BEHAVIOURS: Final = (
    *STEPS,
    *SPEAKING,
    *SEALED,
    *ORDERS,
    *SIGNED,
    *SDK,
    *RETURN,
    *STATUS,
    *TRANSACTIONS,
    *REFUNDS,
    *WEBHOOKS,
    *ERRORS,
    *RESOURCES,
    *OTHERS,
    *RULES,
    *PUBLISHED,
    *PLAYED,
)

GAPS: Final = (
    Gap("A.3", "The `version` header is taken and shapes no answer.", ("os-global",)),
    Gap("A.3", "`x-customerid` and `x-resellerid` are taken and not looked at.", ("php-sdk", "hdfc-docs")),
    Gap("A.5", "A route of its own for mandate execution in JWT mode.", ("jwe-guide",)),
    Gap("B.1", "A session without customer id, e-mail or phone is taken.", ("session-br",)),
    Gap("B.1", "The characters of e-mail addresses and `udf` fields are not checked.", ("session-br", "createorder")),
    Gap("B.1", "`payment_filter` and bank-account checks change nothing.", ("lock", "tpv")),
    Gap("O.7", "A session for `paymentManagement` that names no order is refused.", ("demo-repo",)),
    Gap("O.7", "Instalments are taken and not told: `emi_details` stays empty.", ("demo-repo",)),
    Gap("O.3", "The refund of one leg is of that leg; one sample names the whole order's sum.", ("demo-repo",)),
    Gap("B.5", "A customer's reference may have fewer than 8 characters.", ("node-sdk",)),
    Gap(
        "D.3", "`environment`, `hyperSDKDiv` and the switch for click-stream events change nothing.", ("initiate-web",)
    ),
    Gap("D.5", "`log_stream` and `session_expired`.", ("sdkresp32", "tpap-expiry")),
    Gap("D.6", "`otherInfo` in a result.", ("ec-card",)),
    Gap("D.7", "`JP_004`, `JP_005`, `JP_007` and `JP_012`: there is no phone to be offline.", ("sdkerr",)),
    Gap("D.8", "`isNull`, `onBackPressed` and the helpers of a platform.", ("rn-sdk", "lifecycle")),
    Gap("F.1", "`rewards_breakup`.", ("loylty",)),
    Gap("O.3", "No shopper pays in legs on the page: the control API does.", ("loylty",)),
    Gap("I.1", "Secondary addresses, and a list of source addresses.", ("wh-dash", "wh-res")),
    Gap("I.3", "A version for all events; every event has today's form.", ("wh32",)),
    Gap("I.3", "A chargeback changes no order, and takes no money.", ("wh-agoda",)),
    Gap("L", "A paused mandate is not resumed, and no notice precedes a debit by itself.", ("appendix",)),
    Gap("L", "Offers that a shopper chooses: the control API sets what an offer takes off.", ("mcp",)),
    Gap("K", "One-time passwords, and the numbers for standing instructions and bank accounts.", ("test-hdfc",)),
)
