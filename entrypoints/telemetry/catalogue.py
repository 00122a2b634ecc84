"""Every metric: its name, its type, its labels and what it means. The reference page is made from these rows.

A label takes few values, and all of them come from the settings, from our own words or from our own routes. No id, no
path, and no text that a caller sent is one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen


class MetricType(StrEnum):
    """As Prometheus names them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@frozen
class Metric:
    """One metric.

    Attributes:
        name: As it is scraped; the unit comes last, and of a counter `_total`.
        buckets: Of a histogram: the upper ends, in the unit of its name.
    """

    name: str
    type: MetricType
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()


def _gauge(name: str, labels: str, meaning: str) -> Metric:
    return Metric(f"paystate_{name}", MetricType.GAUGE, tuple(labels.split()), meaning)


def _counter(name: str, labels: str, meaning: str) -> Metric:
    return Metric(f"paystate_{name}_total", MetricType.COUNTER, tuple(labels.split()), meaning)


def _seconds(name: str, labels: str, meaning: str, buckets: tuple[float, ...]) -> Metric:
    return Metric(f"paystate_{name}_seconds", MetricType.HISTOGRAM, tuple(labels.split()), meaning, buckets)


_SHORT: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
_LONG: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)

OPEN_ORDER_AGE: Final = _gauge(
    "oldest_open_order_age_seconds",
    "merchant status",
    "Age of the oldest order in a status in which money may still come or go: NEW, PENDING, UNKNOWN, AUTHORIZED.",
)
DUE_ORDERS: Final = _gauge(
    "due_orders", "merchant", "Orders that a worker should turn to now; missing where 10,000 of others are due longer."
)
DUE_AGE: Final = _gauge(
    "oldest_due_order_age_seconds", "merchant", "For how long the longest due order has been due; 0 where none is."
)
INBOX_WAITING: Final = _gauge("inbox_waiting", "merchant", "Webhooks that are stored and not settled.")
INBOX_AGE: Final = _gauge(
    "inbox_oldest_age_seconds", "merchant", "Age of the oldest webhook that is not settled; 0 where there is none."
)
INBOX_QUARANTINED: Final = _gauge("inbox_quarantined", "merchant", "Webhooks that could not be followed.")
DELIVERIES_WAITING: Final = _gauge(
    "deliveries_waiting", "merchant subscriber", "Announcements that are not delivered to a subscriber yet."
)
DELIVERY_AGE: Final = _gauge(
    "oldest_delivery_age_seconds",
    "merchant subscriber",
    "Age of the oldest announcement that is not delivered; 0 where there is none.",
)
DELIVERIES_DEAD: Final = _gauge("deliveries_dead", "merchant subscriber", "Deliveries that were given up.")
PAUSED: Final = _gauge(
    "subscriber_paused", "merchant subscriber", "1 for a subscriber that said that it wants nothing any more."
)
OPEN_REFUNDS: Final = _gauge(
    "open_refunds",
    "merchant state",
    "Refunds whose end is not known, by state. Counted in the 100 orders of which one has waited longest.",
)
REFUND_ORDERS: Final = _gauge(
    "orders_with_open_refunds", "merchant", "Orders that have a refund whose end is not known."
)
REFUND_AGE: Final = _gauge(
    "oldest_open_refund_age_seconds",
    "merchant",
    "For how long the oldest refund has waited whose end is not known; 0 where there is none.",
)
UNDER_REVIEW: Final = _gauge("orders_under_review", "merchant", "Orders that a person must look at.")
OPEN_REASONS: Final = _gauge(
    "open_reasons",
    "merchant reason",
    "Open review reasons by kind; `mismatch` is another price, currency or order in Juspay's answer. Counted in the 100"
    " newest orders under review.",
)
WORKERS: Final = _gauge("workers", "", "Workers that work, in all processes.")
HEARTBEAT_AGE: Final = _gauge(
    "worker_heartbeat_age_seconds", "", "Since the newest heartbeat of any worker; missing where none ever was."
)
STORAGE_UP: Final = _gauge(
    "storage_up", "", "1 where the database could be read for this scrape. With 0, all figures out of it are missing."
)
CONNECTIONS: Final = _gauge(
    "database_connections", "state", "This process's connections to PostgreSQL, `used` and `idle`."
)
CONNECTIONS_MAX: Final = _gauge("database_connections_max", "", "How many connections this process may have.")
INFO: Final = _gauge("info", "version", "1, with the version that runs.")

REQUESTS: Final = _counter(
    "http_requests",
    "method route status",
    "Requests that were answered. `route` is a template, or `none` where no route took it. Status 499: the caller"
    " left.",
)
REQUEST_SECONDS: Final = _seconds("http_request_duration", "route", "How long an answer took.", _SHORT)
SIGNATURE_FAILURES: Final = _counter(
    "signature_failures",
    "merchant source code",
    "Webhooks whose login or seal was wrong, and returns whose signature was; `code` says which. `merchant` is `none`"
    " where the address names nobody.",
)
WEBHOOKS_STORED: Final = _counter("webhooks_stored", "merchant", "Webhooks that were stored and answered 200.")
WEBHOOKS_SETTLED: Final = _counter(
    "webhooks_settled",
    "merchant verdict",
    "Webhooks that a worker has settled; `looked` made their order due. One that two workers took at once counts"
    " twice.",
)
WEBHOOK_SETTLED: Final = _seconds("webhook_settled", "", "From a webhook's arrival to its order being due.", _LONG)
WEBHOOK_DECIDED: Final = _seconds(
    "webhook_decided",
    "",
    "From a webhook's arrival to the decision on Juspay's answer about its order; of those for which one process did"
    " both.",
    _LONG,
)
CALLS: Final = _counter(
    "juspay_calls",
    "merchant call outcome",
    "Calls to Juspay; a look is `order_status`. Outcomes: `answered`, `refused`, `rate_limited`, `no_answer`,"
    " `not_sent`, `broken`.",
)
CALL_SECONDS: Final = _seconds("juspay_call_duration", "call", "How long a call to Juspay took.", _SHORT)
REFUNDS: Final = _counter(
    "refunds", "merchant state", "Refunds that have come into a state, by decisions of this process."
)

STORED: Final = (
    *(OPEN_ORDER_AGE, DUE_ORDERS, DUE_AGE, INBOX_WAITING, INBOX_AGE, INBOX_QUARANTINED),
    *(DELIVERIES_WAITING, DELIVERY_AGE, DELIVERIES_DEAD, PAUSED),
    *(OPEN_REFUNDS, REFUND_ORDERS, REFUND_AGE, UNDER_REVIEW, OPEN_REASONS),
    *(WORKERS, HEARTBEAT_AGE, STORAGE_UP, CONNECTIONS, CONNECTIONS_MAX),
)
"""Read from the database at a scrape; every process tells the same, but for its own connections."""
COUNTED: Final = (
    *(REQUESTS, REQUEST_SECONDS, SIGNATURE_FAILURES),
    *(WEBHOOKS_STORED, WEBHOOKS_SETTLED, WEBHOOK_SETTLED, WEBHOOK_DECIDED),
    *(CALLS, CALL_SECONDS, REFUNDS, INFO),
)
"""Counted in a process, since it started."""
